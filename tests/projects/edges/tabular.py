"""Odd customers and odd models; runs in a copy of the churn project, beside its tests."""

import ast
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from churn import data, evaluate, explain, models, readme, sample, train
from churn.config import MISSING, Dataset, load_config
from churn.kit import DataError
from churn.kit.files import Paths, read_json
from churn.predictor import Predictor, typical_value
from matplotlib.figure import Figure
from scipy.stats.contingency import association

ROOT = Path(__file__).resolve().parents[1]
ROLES = Dataset(path="mine.csv", target="left", positive="yes")


def validated(columns: dict) -> tuple[pd.DataFrame, data.DatasetInfo]:
    """A table as the data stage checks it."""
    return data.validate(pd.DataFrame(columns), ROLES, "mine", "0" * 64)


@pytest.fixture(scope="module")
def large() -> Predictor:
    """A model of large amounts of money, and of a plan that few have."""
    rng = np.random.default_rng(0)
    amount = rng.uniform(1_000, 130_554.51, 400).round(2)
    amount[0] = 130_554.43
    plan = rng.choice(["Basic", "Pro"], 400, p=[0.6, 0.4]).astype(object)
    plan[:3] = "Gold"
    left = np.where(rng.uniform(size=400) < amount / 2e5, "yes", "no")
    table, info = validated({"amount": amount, "plan": plan, "left": left})
    pipeline = models.logistic_regression().pipeline(info)
    pipeline.fit(table[info.features], table["left"])
    signature = evaluate.rounded(evaluate.signature(table, info))
    return Predictor(evaluate.to_onnx(pipeline, info), {"signature": signature})


# What the model does not know


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("basic", "Basic"),
        ("PRO", "Pro"),
        ("Gold", "Pro"),  # in training, but too rare to learn from
        ("", "Basic"),
        ("\U0001f642" * 900, "Basic"),
    ],
)
def test_the_nearest_category_is_named(large: Predictor, value: str, nearest: str) -> None:
    """By its letters, however they are written; where none fits, the most frequent."""
    (found,) = large.warnings([{"amount": 2_000.0, "plan": value}])[0]
    assert found == {"column": "plan", "value": value, "expected": nearest}


@pytest.mark.parametrize("plan", [None, "(missing)", "Pro"])
@pytest.mark.parametrize("amount", [None, float("nan"), 130_554.43, 1_000.5 * 2])
def test_what_training_had_and_what_is_not_known_is_fine(large, plan, amount) -> None:
    """The range is published with six digits: its own ends must not lie beyond it."""
    assert large.warnings([{"amount": amount, "plan": plan}]) == [[]]


def test_many_unknown_values_do_not_hold_up_the_server(large: Predictor) -> None:
    """Each is another one, so that nothing is worked out once for all."""
    rows = [{"amount": -float(n), "plan": f"plan {n}" * 20} for n in range(5_000)]
    assert all(len(found) == 2 for found in large.warnings(rows))


def test_a_version_from_before_ranges_is_served_and_knows_its_categories(large: Predictor) -> None:
    """It says nothing of numbers, as its signature has no range."""
    signature = [
        {key: value for key, value in column.items() if key != "range"} for column in large.columns
    ]
    older = Predictor(large.model, large.metadata | {"signature": signature})
    odd = [{"amount": -500.0, "plan": "basic"}]
    assert [found["column"] for found in older.warnings(odd)[0]] == ["plan"]
    assert older.predict_proba(odd) == large.predict_proba(odd)


def test_a_typical_number_is_the_median() -> None:
    """Where the form of the dashboard starts, and what reasons are measured from."""
    columns = {"a": np.arange(201.0)[::-1] ** 2, "left": np.resize(["yes", "no", "no"], 201)}
    table, info = validated(columns)
    (number,) = evaluate.signature(table, info)
    assert typical_value(number) == pytest.approx(100**2)
    assert number["range"] == [0, 200**2]


@pytest.mark.parametrize("known", [2, 19])
def test_a_number_known_of_few_is_left_out(known: int) -> None:
    """Of so few, all may be tested: then training has no typical one, and the API cannot start."""
    rare = np.full(200, np.nan)
    rare[:known] = np.arange(known) * 2.5
    columns = {"rare": rare, "a": np.random.default_rng(0).normal(size=200)}
    table, info = validated(columns | {"left": np.resize(["yes", "no"], 200)})
    assert info.left_out == {"rare": "is known of fewer than 20 customers"}
    assert info.features == list(table)[:-1] == ["a"]


def test_a_number_known_of_enough_stays() -> None:
    """The median of training customers takes the place of the others."""
    rare = np.full(200, np.nan)
    rare[:20] = np.arange(20) * 2.5
    _, info = validated({"rare": rare, "left": np.resize(["yes", "no"], 200)})
    assert info.features == ["rare"]


# Customers without an id


def test_customers_who_look_alike_are_not_taken_for_one() -> None:
    """Kept together as if each kind were one customer, whole kinds would lack in the test."""
    rng = np.random.default_rng(0)
    columns = {name: rng.choice(["u", "v"], 900) for name in "ab"}
    table, info = validated(columns | {"left": rng.choice(["yes", "no"], 900)})
    test = data.split(table, info, 0.2, seed=3).test
    assert len(test.value_counts(["a", "b", "left"])) == 8, "some of each kind are tested"


@pytest.mark.parametrize("leavers", [30, 300])
def test_few_leavers_among_many_are_refused_before_training(monkeypatch, tmp_path, leavers) -> None:
    """A share of the customers tunes: enough must have left among these, not among all."""
    config = load_config(ROOT / "tests" / "config.yaml").model_copy(update={"dataset": "mine"})
    values = np.random.default_rng(0).normal(size=200_000)
    table = pd.DataFrame({"a": values, "left": "no"})
    table.loc[: leavers - 1, "left"] = "yes"
    monkeypatch.setattr(data, "load", lambda *_: (table, ROLES, "0" * 64))
    if leavers == 300:
        data.run(config, Paths(tmp_path))
    else:
        with pytest.raises(DataError, match="30 customers of the rarer outcome are too few"):
            data.run(config, Paths(tmp_path))


# What is shown


def test_every_value_of_a_number_has_a_colour_of_its_own() -> None:
    """Nearly all have one or two products; three and four must not look like two."""
    products = np.repeat([1.0, 2, 3, 4], [250, 240, 7, 3])
    customers = pd.DataFrame({"products": products, "plan": "basic"})
    values = pd.DataFrame({"products": products / 4, "plan": 0.1})
    axes = Figure().subplots()
    explain.swarm(axes, values, customers, "log-odds")
    coloured = [dots.get_array() for dots in axes.collections if dots.get_array() is not None]
    assert len(coloured) == 1, "a category has no order"
    assert sorted(set(coloured[0])) == [0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(("gap", "named"), [(0.0, "tenure or income"), (0.5, "income")])
def test_the_feature_that_moves_most_is_named_alone_only_where_that_is_sure(
    gap: float, named: str
) -> None:
    """With other customers the first two could be the other way round."""
    rng = np.random.default_rng(0)
    effects = {"tenure": rng.normal(size=500), "income": rng.normal(size=500) * 1.02}
    effects["income"] += np.sign(effects["income"]) * gap
    values = pd.DataFrame(effects | {"age": np.full(500, 0.01)})
    axes = Figure().subplots()
    explain.swarm(axes, values, values, "log-odds")
    assert axes.get_title() == f"What moves the prediction most: {named}"


def test_the_api_names_the_model_as_all_pages_do(project: Path) -> None:
    """It said "xgboost" where README and model card say XGBoost."""
    card = (project / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"- Model: {Predictor.load(project / 'models').metadata['model']}" in card


def cell(notebook: str, marker: str, **names: Any) -> tuple[Any, dict[str, Any]]:
    """Run the cell of a notebook that holds ``marker``; return its last value and all names."""
    cells = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
    (code,) = (c.source for c in cells if c.cell_type == "code" and marker in c.source)
    names |= {"np": np, "pd": pd, "plt": plt, "sns": sns, "association": association}
    *lines, last = ast.parse(code).body
    exec(compile(ast.Module(lines, []), notebook, "exec"), names)
    value = isinstance(last, ast.Expr) and eval(ast.unparse(last), names)
    plt.close("all")
    return value, names


def test_many_groups_alone_are_no_association() -> None:
    """A place of 200 that means nothing stood above a feature that means something."""
    rng = np.random.default_rng(0)
    left = pd.Series(rng.integers(0, 2, 1_000))
    train = pd.DataFrame({"town": rng.integers(0, 200, 1_000).astype(str), "amount": 0.0})
    train["amount"] = np.float32(1_234.35) * (1 + left * (rng.uniform(size=1_000) < 0.3))
    train["spread"] = rng.uniform(1e4, 9e4, 1_000).astype(np.float32)
    info = SimpleNamespace(numeric=["amount", "spread"], features=["town", "amount", "spread"])
    _, names = cell("01_explore", "strength = ", train=train, left=left, info=info)
    assert names["strength"].index[0] == "amount"
    assert names["strength"]["town"] < 0.2
    parts = names["grouped"]("spread").cat.categories
    assert all(str(part).startswith("up to ") and len(str(part)) < 17 for part in parts)


def test_a_reason_that_is_not_known_is_called_missing(large: Predictor) -> None:
    """The table of the riskiest customer said "nan"."""
    customer = {"amount": float("nan"), "plan": "Pro"}
    loaded = SimpleNamespace(load=lambda _: large)
    large.metadata["prices"] = dict(
        currency="EUR",
        customer_value=500,
        offer_cost=60,
        offer_acceptance=0.4,
        customers_per_year=1,
    )
    shown, _ = cell(
        "02_model_and_money",
        "reasons = ",
        Predictor=loaded,
        MISSING=MISSING,
        paths=SimpleNamespace(models=None),
        info=SimpleNamespace(features=["amount", "plan"]),
        data=SimpleNamespace(test=pd.DataFrame([customer])),
        test=SimpleNamespace(probability=np.array([0.5])),
    )
    assert set(shown["value"]) == {MISSING, "Pro"}


def test_shuffling_many_features_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 300 columns it takes half of the time of `explain`."""
    watched = []
    monkeypatch.setattr(explain, "tqdm", lambda rows, **_: watched.extend(rows) or rows)
    rng = np.random.default_rng(0)
    columns = {f"x{n}": rng.normal(size=100) for n in range(3)}
    table, info = validated(columns | {"left": np.resize(["yes", "no"], 100)})
    pipeline = models.logistic_regression().pipeline(info)
    pipeline.fit(table[info.features], table["left"])
    explain.loss_if_shuffled(pipeline, table, info, seed=0)
    assert watched == info.features


def test_notebooks_show_numbers_with_the_digits_that_the_file_has() -> None:
    """42.3 is stored as the nearest number of 32 bits, and was shown as 42.299999."""
    parts, info = data.read_processed(Paths(ROOT))
    notebook = nbformat.read(ROOT / "notebooks" / "01_explore.ipynb", as_version=4)
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", []) if "data" in out]
    first = next(out.data["text/html"] for out in outputs if "text/html" in out.data)
    for name in info.numeric:
        assert f"<td>{parts.train[name].astype(str).iloc[0]}</td>" in first


# More customers than models are tuned on


@pytest.mark.parametrize("most", [600, 40_000])
def test_many_customers_are_tuned_on_a_share_and_all_are_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], most: int
) -> None:
    """Both classes have the same share of it, and its size is said; of few nothing is said."""
    monkeypatch.setattr(train, "TO_TUNE", most)
    config, paths = load_config(ROOT / "tests" / "config.yaml"), Paths(tmp_path)
    config = config.model_copy(update={"models": ("logistic_regression",)})
    for name in ("pyproject.toml", "README.md", "MODEL_CARD.md"):
        shutil.copy(ROOT / name, tmp_path)
    for stage in (data, train, evaluate, explain):
        stage.run(config, paths)
    readme.write_documents(config, paths, check=False)
    parts, info = data.read_processed(paths)
    y = pd.read_parquet(paths.candidate / "validation.parquet")["y"]
    told, detail = capsys.readouterr().out, read_json(paths.reports / "metrics.json", "")["tabular"]
    page, card = (
        Path(tmp_path / name).read_text("utf-8") for name in ("README.md", "MODEL_CARD.md")
    )
    assert y.mean() == pytest.approx(parts.train[info.target].mean(), abs=1 / 600)
    assert y.eq(parts.train.loc[y.index, info.target]).all()
    if most == 600:
        assert (len(y), detail["tuned_rows"]) == (600, 600)
        assert f"tuning on 600 of {len(parts.train):,} customers, drawn by class: about 0." in told
        assert "in pairs on the same 600 customers" in page
        assert f"{len(parts.train):,} to train (600 of them to tune and compare), " in card
    else:
        assert len(y) == len(parts.train)
        assert "tuned_rows" not in detail
        assert "tuning on" not in told
        assert f"in pairs on the same {len(parts.train):,} customers" in page
        assert f"{len(parts.train):,} to train, " in card
    fitted = joblib.load(paths.candidate / "pipeline.joblib").named_steps["features"]
    scaler = fitted.named_transformers_["numeric"].named_steps["standardscaler"]
    assert scaler.n_samples_seen_ == len(parts.train)


def test_a_share_is_the_same_again_and_of_few_all_in_their_order() -> None:
    """So that a second run changes nothing that is committed."""
    columns = {"a": np.arange(500.0) ** 2, "left": np.resize(["yes", "no", "no", "no"], 500)}
    table, info = validated(columns)
    assert data.at_most(500, table, info, seed=1) is table
    one, two = (data.at_most(499, table, info, seed=1) for _ in range(2))
    assert one.equals(two)
    assert one.index.is_unique
    assert data.at_most(200, table, info, seed=1)["left"].sum() == 50


def test_a_file_is_scored_in_parts_as_the_documents_say(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in docs/own-data.md, with smaller parts; its own columns stay as they are."""
    monkeypatch.chdir(own_project)
    table = sample.make_sample(9).head(200).assign(decision="00501")
    table.loc[:99, "region"] = None
    table.to_csv("customers.csv", index=False)
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/own-data.md").read_text("utf-8"), re.S
    )
    exec(code.replace("50_000", "70"), {})
    found = pd.read_csv("scored.csv", dtype={"decision": str})
    model = Predictor.load(Path("models"))
    asked = table[[column["name"] for column in model.columns]].astype(object)
    answers = pd.DataFrame(model.predict(asked.where(asked.notna(), None).to_dict("records")))
    assert np.abs(found["probability"] - answers["probability"]).max() < 1e-5
    assert found["decision (model)"].tolist() == answers["decision"].tolist()
    assert set(found["decision"]) == {"00501"}
    assert found["customer_id"].tolist() == table["customer_id"].tolist()


def test_a_wrong_value_is_named_by_its_row_of_all_also_where_rows_are_left_out() -> None:
    """Rows before it whose outcome is neither are none of the customers, but rows of the file."""
    rows = {"left": ["joined", "yes", "no"] * 40, "spend": [str(n) for n in range(120)]}
    rows["spend"][100] = "much"
    roles = ROLES.model_copy(update={"ignore": ("joined",), "negative": ("no",)})
    with pytest.raises(DataError, match=r"column 'spend', row 101: expected a number"):
        data.validate(pd.DataFrame(rows), roles, "mine", "0" * 64)
