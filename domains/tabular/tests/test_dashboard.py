"""The dashboard, run without a browser on a project with every stage behind it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from churn.money import in_words
from churn.predictor import MISSING, Predictor


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


@pytest.fixture
def customers(project: Path) -> pd.DataFrame:
    """The test customers, blank where a value is not known."""
    table = pd.read_parquet(project / "data" / "processed" / "test.parquet")
    return table.replace(MISSING, None).reset_index(drop=True)


def open_page(project: Path) -> AppTest:
    """Run the page once; whatever goes wrong in it fails the test."""
    page = AppTest.from_file(str(project / "dashboard" / "app.py"), default_timeout=120).run()
    assert not page.exception
    return page


def upload(page: AppTest, content: bytes) -> AppTest:
    """Give the page a file to score."""
    page.file_uploader[0].set_value(("customers.csv", content, "text/csv")).run()
    assert not page.exception
    return page


def unescaped(text: str) -> str:
    """Text without the signs that keep Markdown away."""
    return re.sub(r"\\(.)", r"\1", text)


def errors(page: AppTest) -> list[str]:
    """What the page complains of, as people read it."""
    return [unescaped(error.value) for error in page.error]


def slider(page: AppTest, label: str) -> Any:
    """The slider whose label starts like that."""
    return next(slider for slider in page.slider if slider.label.startswith(label))


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    assert [tab.label for tab in page.tabs] == ["What if", "Score a file", "Prices"]
    assert not page.error
    assert "made up" in page.warning[0].value
    what_if, score_file, prices = page.tabs
    assert what_if.metric and score_file.file_uploader and prices.slider
    assert len(what_if.get("vega_lite_chart")) == len(prices.get("vega_lite_chart")) == 1


def test_what_if_answers_as_the_model_does(project: Path, predictor: Predictor) -> None:
    page = open_page(project)
    form = page.tabs[0]
    customer = {}
    for field in [*form.number_input, *form.selectbox]:
        name = unescaped(field.label)
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


def test_prices_start_at_the_reported_savings(project: Path) -> None:
    metrics = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    policies = metrics["tabular"]["business"]["policies"][:-1]
    shown = open_page(project).tabs[2].metric
    for metric, policy in zip(shown, policies, strict=True):
        assert in_words(policy["name"]) in unescaped(metric.label)
        saved = float(metric.value.replace(",", ""))
        width = policy["saved_per_year"]["high"] - policy["saved_per_year"]["low"]
        # Probabilities are reported with six digits, and money is rounded to its interval.
        assert saved == pytest.approx(policy["saved_per_year"]["value"], abs=width / 5)


@pytest.mark.parametrize(("label", "value"), [("Value", 800.0), ("Cost", 10.0), ("Share", 0.9)])
def test_moving_a_price_moves_the_saving(project: Path, label: str, value: float) -> None:
    page = open_page(project)
    before = page.tabs[2].metric[0].value
    slider(page, label).set_value(value).run()
    assert not page.exception
    assert page.tabs[2].metric[0].value != before


def test_an_uploaded_file_is_scored(
    project: Path, predictor: Predictor, customers: pd.DataFrame
) -> None:
    page = upload(open_page(project), b"\n" + customers.to_csv(index=False, sep=";").encode())
    shown = page.tabs[1].dataframe[0].value
    assert len(shown) == len(customers)
    assert shown["probability"].is_monotonic_decreasing
    # The first column tells the row of the file, counted from 1.
    features = [column["name"] for column in predictor.columns]
    known = customers[features].astype(object)
    rows = known.where(known.notna(), None).iloc[shown.index - 1].to_dict("records")
    expected = predictor.predict_proba(rows)
    assert shown["probability"].to_numpy() == pytest.approx(expected, abs=1e-5)
    kept = [name for name in customers if name in shown]
    assert kept == list(customers), "what the file held is still there"


def test_unknown_values_are_counted(project: Path, customers: pd.DataFrame) -> None:
    table = customers.replace({"contract": {"monthly": "Monthly"}})
    page = upload(open_page(project), table.to_csv(index=False).encode())
    counted = page.tabs[1].dataframe[1].value.set_index(["column", "value"])
    wrong = counted.loc["contract", "Monthly"]
    assert (wrong["expected"], wrong["rows"]) == ("monthly", (table["contract"] == "Monthly").sum())
    assert f": {counted['rows'].sum():,}" in page.tabs[1].warning[0].value


def test_the_download_opens_in_excel_and_begins_no_formula(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(project / "dashboard")
    from page import for_excel

    table = pd.DataFrame({"=name": ["=1+1", "Z\u00fcrich", "-2.5", "-2+3"], "value": [-1e-9] * 4})
    lines = for_excel(table).decode("utf-8").splitlines()
    assert lines[0] == "\ufeff'=name,value"
    assert [line.split(",")[0] for line in lines[1:]] == ["'=1+1", "Z\u00fcrich", "-2.5", "'-2+3"]
    assert lines[1].endswith(",-1e-09")


def test_a_wrong_number_is_named_with_its_row(project: Path, customers: pd.DataFrame) -> None:
    text = customers.astype({"monthly_charges": object})
    text.loc[6, "monthly_charges"] = "12.5 dollars"
    page = upload(open_page(project), text.to_csv(index=False).encode())
    assert "column 'monthly_charges', row 7: expected a number, found" in errors(page)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read as a table"),
        (b"contract,gender\n", "has no rows"),
        (b"contract\n" + b"monthly\n" * 50_001, "at most 50,000 rows"),
        (b"contract\nmonthly \x81\n", "0x81 in position 17"),
        (b"contract,gender\na,b\nc,d,e,f\n", "cannot be read as a table"),
        (b"contract,contract \na,b\n", "two columns called 'contract'"),
    ],
)
def test_files_that_are_no_table_are_refused(project: Path, content: bytes, words: str) -> None:
    assert words in errors(upload(open_page(project), content))[0]


def test_a_missing_or_tampered_model_gives_a_message(own_project: Path) -> None:
    models = own_project / "models"
    for model in models.glob("*/model.onnx"):
        model.write_bytes(model.read_bytes() + b"!")
    page = open_page(own_project)
    assert "is not the one that was published" in errors(page)[0]
    assert not page.tabs
    shutil.rmtree(models)
    assert "no model in" in errors(open_page(own_project))[0]


def test_only_what_is_committed_is_needed(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")
    assert not open_page(own_project).error
    (own_project / "reports" / "predictions.csv").write_bytes(b"part,y\n")
    assert "predictions.csv cannot be read" in errors(open_page(own_project))[0]
