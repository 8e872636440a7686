"""Money: every figure against arithmetic done by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from churn import business, evaluate, figures
from churn.business import Policy
from churn.config import Prices, load_config
from churn.data import read_processed
from churn.files import read_json
from churn.paths import Paths
from churn.predictor import Predictor

from .test_artifacts import accept_data

# A leaver who is contacted brings 0.5 x 100 - 20 = 30, a loyal customer costs 20.
PRICES = Prices(
    currency="EUR",
    customer_value=100,
    offer_cost=20,
    offer_acceptance=0.5,
    customers_per_year=1_000,
)
Y = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
P = np.array([0.9, 0.5, 0.6, 0.2, 0.1])


def priced(**changes: float) -> Prices:
    return PRICES.model_copy(update=changes)


@pytest.mark.parametrize(
    ("prices", "contacted", "naive"),
    [
        (PRICES, 3, "contact nobody"),  # both leavers and one other: 40; everybody: 0
        (priced(customer_value=200), 3, "contact everybody"),  # 140; everybody: 100
        (priced(offer_cost=0), 5, "contact everybody"),
        (priced(offer_cost=60), 0, "contact nobody"),
        (priced(offer_acceptance=0), 0, "contact nobody"),
        (priced(customer_value=0), 0, "contact nobody"),
    ],
)
def test_policy_earns_most_and_knows_the_better_naive_one(
    prices: Prices, contacted: int, naive: str
):
    policy = business.choose_policy(Y, P, prices)
    assert np.sum(policy.threshold <= P) == contacted
    assert policy.naive == naive


def test_perfect_model_saves_what_arithmetic_says():
    y = np.repeat([1.0, 0.0], [30, 70])
    policy = business.choose_policy(y, y, PRICES)
    saved = business.savings(y, y, policy, PRICES, seed=0)
    assert saved["contact nobody"].value == pytest.approx(0.3 * 30)
    assert saved["contact everybody"].value == pytest.approx(0.7 * 20)
    for estimate in saved.values():
        assert estimate.low < estimate.value < estimate.high
    assert business.yearly_saving((y, y), (y, y), PRICES) == pytest.approx(9_000)


def test_saving_is_counted_against_each_naive_policy():
    saved = business.savings(Y, P, Policy(0.55, "contact nobody"), PRICES, seed=0)
    assert saved["contact nobody"].value == pytest.approx((30 - 20) / 5)
    assert saved["contact everybody"].value == pytest.approx((10 - 0) / 5)


def test_yearly_saving_is_against_the_better_naive_policy():
    # With a value of 200 everybody brings 2 x 80 - 3 x 20 = 100, the model 2 x 80 - 20 = 140.
    rich = priced(customer_value=200)
    assert business.yearly_saving((Y, P), (Y, P), rich) == pytest.approx(1_000 * 40 / 5)


def test_policy_comes_from_validation_and_saving_from_test():
    flipped = 1 - Y
    # Contacts three: the one leaver among them brings 30, the two others cost 20 each.
    assert business.yearly_saving((Y, P), (flipped, P), PRICES) == pytest.approx(-1_000 * 10 / 5)


def test_sensitivity_is_sorted_and_priced_anew():
    y = np.repeat([1.0, 0.0], [30, 70])
    rows = business.sensitivity((y, y), (y, y), PRICES)
    # 300 of 1,000 leave, each worth an offer of 0.5 x 100 - 20.
    assert rows[-1]["price"] == "offer_cost"
    for row in rows[:-1]:
        assert row["if_lower"] == pytest.approx(300 * (35 - 20))
        assert row["if_higher"] == pytest.approx(300 * (65 - 20))
    assert rows[-1]["if_higher"] == pytest.approx(300 * (50 - 26))
    # At a cost of 14 contacting everybody pays too, and wastes 14 on each of the other 700.
    assert rows[-1]["if_lower"] == pytest.approx(700 * 14)


def test_summary_agrees_with_its_own_parts():
    y = np.repeat([1.0, 0.0], [30, 70])
    policy = business.choose_policy(y, y, PRICES)
    result = business.summarise(policy, (y, y), (y, y), PRICES, seed=0)
    summary, detail = result["summary"], result["detail"]
    assert (summary["currency"], summary["per"]) == ("EUR", "year")
    assert summary["value"] == pytest.approx(9_000)
    assert "saves 9,000 EUR a year" in summary["headline"]
    assert detail["break_even_probability"] == pytest.approx(0.4)
    assert detail["contacted"] == pytest.approx(0.3)
    per_1000 = detail["per_1000_customers"]["contact everybody"]
    assert per_1000["value"] == pytest.approx(14_000)
    assert max(point["per_1000_customers"] for point in detail["profit_curve"]) == 9_000


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ([1.0] * 30 + [0.0] * 70, "saves 9,000 EUR a year against"),
        ([0.0] * 30 + [1.0] * 70, "costs 6,000 EUR a year against"),
        ([1.0, 0.0, 0.0] * 33 + [1.0], "may be chance (95% interval -"),
    ],
)
def test_headline_claims_no_more_than_its_interval(left: list[float], words: str):
    y = np.repeat([1.0, 0.0], [30, 70])
    policy, test = business.choose_policy(y, y, PRICES), (np.array(left), y)
    headline = business.summarise(policy, (y, y), test, PRICES, seed=0)["summary"]["headline"]
    assert words in headline


@pytest.mark.parametrize(("more", "rule"), [(1, "contact everybody"), (0, "contact nobody")])
def test_a_model_that_tells_nothing_decides_nothing(more: int, rule: str):
    y, probability = np.resize([1.0, 0.0, more], 90), np.full(90, 0.5)
    policy = business.choose_policy(y, probability, PRICES)
    result = business.summarise(policy, (y, probability), (y, probability), PRICES, seed=0)
    assert f"than the rule \u201c{rule}\u201d, so the model" in result["summary"]["headline"]
    assert result["summary"]["value"] == 0


@pytest.mark.parametrize("changes", [{"offer_acceptance": 0}, {"offer_cost": 51}])
def test_hopeless_prices_say_so(changes: dict[str, float]):
    hopeless = priced(**changes)
    policy = business.choose_policy(Y, P, hopeless)
    result = business.summarise(policy, (Y, P), (Y, P), hopeless, seed=0)
    assert "no offer pays for itself" in result["summary"]["headline"]
    assert result["summary"]["value"] == 0
    assert result["detail"]["break_even_probability"] is None


def test_outcomes_of_the_test_set_do_not_move_the_threshold(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(evaluate.figures, "draw_evaluation", lambda *arguments: [])
    paths = Paths(own_project)
    before = Predictor.load(paths.models).metadata
    data, info = read_processed(paths)
    data.test.assign(**{info.target: 1 - data.test[info.target]}).to_parquet(
        paths.processed / "test.parquet"
    )
    accept_data(paths)
    evaluate.evaluate(load_config(own_project / "config.yaml"), paths)
    after = Predictor.load(paths.models).metadata
    assert after["metrics"] != before["metrics"]
    assert after["threshold"] == before["threshold"]


def test_reported_money_is_that_of_the_published_model(project: Path):
    paths = Paths(project)
    config = load_config(project / "config.yaml")
    data, info = read_processed(paths)
    predictor = Predictor.load(paths.models)
    y = data.test[info.target].to_numpy(float)
    p = predictor.predict_proba(data.test[info.features].to_dict("records"))
    contacted = pd.Series(p >= predictor.metadata["threshold"])
    gain = contacted * (y * 0.4 * 500 - 40)
    reported = read_json(paths.reports / "metrics.json")
    per_year = reported["tabular"]["business"]["per_year"]["contact nobody"]["value"]
    assert per_year == pytest.approx(gain.mean() * config.prices.customers_per_year, rel=1e-5)


@pytest.mark.parametrize(
    ("recall", "precision", "title"),
    [
        (0.0, None, "We contact nobody"),
        (0.0, np.nan, "We contact nobody"),
        (0.0, 0.0, "We reach 0% of leavers; 0% of contacts hit"),
        (0.4, 0.5, "We reach 40% of leavers; 50% of contacts hit"),
    ],
)
def test_figure_says_where_nobody_is_contacted(recall: float, precision: float | None, title: str):
    axes = Figure().subplots()
    scores: dict[str, Any] = {"recall": {"value": recall}, "precision": {"value": precision}}
    figures.precision_recall(axes, (np.array([1.0, 0.0]), np.array([0.9, 0.1])), scores, "")
    assert title in (axes.get_title(), axes.get_title(loc="left"))
