"""The dashboard, run without a browser on a project with every stage behind it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from streamlit.testing.v1 import AppTest

from churn import artifacts
from churn.config import load_config
from churn.data import prepare
from churn.errors import DataError
from churn.paths import Paths
from churn.policy import NEVER
from churn.predictor import MISSING, Predictor

from .test_page import errors, open_page
from dashboard.scoring import MAX_ROWS, read_csv, score, to_instances


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


@pytest.fixture
def customers(project: Path) -> pd.DataFrame:
    """The test customers, blank where a value is not known."""
    table = pd.read_parquet(project / "data" / "processed" / "test.parquet")
    return table.replace(MISSING, None).reset_index(drop=True)


def upload(page: AppTest, content: bytes) -> AppTest:
    """Give the page a file to score."""
    page.file_uploader[0].set_value(("customers.csv", content, "text/csv")).run()
    assert not page.exception
    return page


def saved(page: AppTest) -> Any:
    """What the model saves in a year."""
    return page.tabs[2].metric[0]


def slider(page: AppTest, label: str) -> Any:
    """The slider whose label starts like that."""
    return next(slider for slider in page.slider if slider.label.startswith(label))


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    assert [tab.label for tab in page.tabs] == [
        "What if",
        "Score a file",
        "Money",
        "Riskiest customers",
    ]
    assert not page.error and not page.info
    what_if, score_file, money, riskiest = page.tabs
    assert what_if.metric and score_file.file_uploader and money.slider and riskiest.dataframe
    assert len(what_if.get("vega_lite_chart")) == len(money.get("vega_lite_chart")) == 1


def test_the_synthetic_sample_says_so(project: Path) -> None:
    assert "made up" in open_page(project).warning[0].value


def test_the_form_asks_for_every_column(project: Path, predictor: Predictor) -> None:
    form = open_page(project).tabs[0]
    labels = [field.label.replace("\\", "") for field in [*form.number_input, *form.selectbox]]
    assert sorted(labels) == sorted(column["name"] for column in predictor.columns)


def test_what_if_answers_as_the_model_does(project: Path, predictor: Predictor) -> None:
    page = open_page(project)
    form = page.tabs[0]
    customer = {}
    for field in [*form.number_input, *form.selectbox]:
        name = field.label.replace("\\", "")
        customer[name] = 2.0 if field.type == "number_input" else field.options[1]
        field.set_value(customer[name])
    page.button[0].click().run()
    expected = predictor.predict([customer])[0]
    shown = [metric.value for metric in page.tabs[0].metric]
    assert shown == [
        f"{expected['probability']:.1%}",
        expected["decision"],
        f"{expected['expected_value']:,.2f}",
    ]


@pytest.mark.parametrize(
    ("threshold", "rule"),
    [(0.25, "contacting from a churn probability of 0.250 on"), (NEVER, "contacting nobody")],
)
def test_the_rule_is_said_in_words(own_project: Path, threshold: float, rule: str) -> None:
    models = own_project / "models"
    version = artifacts.load_current(models)
    artifacts.publish(models, version.model, {**version.metadata, "threshold": threshold}, ())
    page = open_page(own_project)
    assert f"At published prices: {rule}." in [caption.value for caption in page.caption]


def test_what_is_left_empty_is_not_known(project: Path, predictor: Predictor) -> None:
    page = open_page(project)
    form = page.tabs[0]
    for field in form.number_input:
        field.set_value(None)
    for field in form.selectbox:
        field.set_value(MISSING)
    page.button[0].click().run()
    unknown = {column["name"]: None for column in predictor.columns}
    expected = predictor.predict([unknown])[0]["probability"]
    assert page.tabs[0].metric[0].value == f"{expected:.1%}"


def test_money_starts_at_the_reported_saving(project: Path) -> None:
    metrics = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    page = open_page(project)
    shown = float(saved(page).value.replace(",", ""))
    # Probabilities are reported with six digits, and money is shown without cents.
    assert shown == pytest.approx(metrics["business"]["value"], rel=1e-4, abs=1)


@pytest.mark.parametrize(
    ("label", "value"),
    [("Value", 800.0), ("Cost", 10.0), ("Share", 0.9), ("Customers per year", 20000.0)],
)
def test_moving_a_price_moves_the_saving(project: Path, label: str, value: float) -> None:
    page = open_page(project)
    before = saved(page).value
    slider(page, label).set_value(value).run()
    assert not page.exception
    assert saved(page).value != before


def test_prices_at_which_no_offer_pays_save_nothing(project: Path) -> None:
    page = open_page(project)
    slider(page, "Value").set_value(0.0).run()
    assert not page.exception
    assert saved(page).label == "Saved against \u201ccontact nobody\u201d"
    assert saved(page).value == "0"


def test_an_uploaded_file_is_scored(
    project: Path, predictor: Predictor, customers: pd.DataFrame
) -> None:
    page = upload(open_page(project), customers.to_csv(index=False, sep=";").encode())
    shown = page.tabs[1].dataframe[0].value
    assert len(shown) == len(customers)
    assert shown["probability"].is_monotonic_decreasing
    expected = predictor.predict_proba(to_instances(customers, predictor.columns))
    # The first column tells the row of the file, counted from 1.
    assert shown["probability"].to_numpy() == pytest.approx(expected[shown.index - 1], abs=1e-5)


def test_a_missing_column_is_named(project: Path, customers: pd.DataFrame) -> None:
    renamed = customers.rename(columns={"contract": "Contract"})
    page = upload(open_page(project), renamed.to_csv(index=False).encode())
    assert "has no column 'contract'; did you mean 'Contract'?" in errors(page)[0]
    assert not page.tabs[1].dataframe


def test_a_wrong_number_is_named_with_its_row(project: Path, customers: pd.DataFrame) -> None:
    text = customers.astype({"monthly_charges": object})
    text.loc[6, "monthly_charges"] = "12,50"
    page = upload(open_page(project), text.to_csv(index=False).encode())
    assert "column 'monthly_charges', row 7: expected a number, found '12,50'" in errors(page)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as a CSV table"),
        (b"contract,gender\n", "at least one"),
        (b"contract\n" + b"monthly\n" * (MAX_ROWS + 1), "at most 50,000 rows"),
        ("contract\nmonthly \u20ac\n".encode("cp1252"), "not UTF-8"),
        (b"contract,gender\na,b\nc,d,e,f\n", "cannot be read as a CSV table"),
        (b"contract,contract \na,b\n", "different column names"),
    ],
)
def test_files_that_are_no_table_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_csv(content, ["contract", "gender"])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    names = ["a", "b, c; d"]
    file = pd.DataFrame([["1", "x|y"], [None, "z"]], columns=names)
    content = "\ufeff" + file.to_csv(index=False, sep=separator)
    assert read_csv(content.encode(), names).equals(file)


def test_the_result_keeps_the_file(predictor: Predictor, customers: pd.DataFrame) -> None:
    new = ["probability", "decision", "expected_value"]
    once = score(customers, predictor)
    assert list(once.columns) == [*customers.columns, *new]
    twice = score(once, predictor)
    assert list(twice.columns) == [*once.columns, *(f"{name} (model)" for name in new)]
    again = score(twice, predictor)
    assert list(again.columns) == list(twice.columns)


def test_riskiest_customers_come_first(
    project: Path, predictor: Predictor, customers: pd.DataFrame
) -> None:
    page = open_page(project)
    slider(page, "How many").set_value(7).run()
    shown = page.tabs[3].dataframe[0].value
    assert len(shown) == 7
    probability = predictor.predict_proba(to_instances(customers, predictor.columns))
    assert shown["probability"].tolist() == sorted(probability, reverse=True)[:7]
    assert set(shown["customer"]) <= set(customers["customer_id"])
    assert shown["main reason"].str.contains(": ").all()


def test_customers_that_the_model_may_have_learned_from_are_not_shown(own_project: Path) -> None:
    file = own_project / "config.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump(content | {"seed": content["seed"] + 1}), encoding="utf-8")
    prepare(load_config(file), Paths(own_project))
    page = open_page(own_project)
    assert not page.tabs[3].dataframe
    assert "`all` if the settings have changed" in page.info[0].value


def test_a_damaged_explanation_is_named(own_project: Path) -> None:
    (own_project / "reports" / "explain.json").write_bytes(b"{")
    assert "explain.json cannot be read" in errors(open_page(own_project))[0]


def test_only_what_is_committed_is_needed(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")
    page = open_page(own_project)
    assert "`data` stage" in page.info[0].value
    assert not page.error
    shutil.rmtree(own_project / "reports")
    assert "`evaluate` stage" in open_page(own_project).info[0].value
