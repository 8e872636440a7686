"""Money: every figure against arithmetic done by hand."""

from pathlib import Path

import numpy as np
import pytest

from sentiment import business, evaluate
from sentiment.aspects import revenue_at_risk
from sentiment.business import Policy
from sentiment.checks import POSITIVE, TEXT
from sentiment.config import Prices, load_config
from sentiment.data import read_processed
from sentiment.files import read_json
from sentiment.paths import Paths
from sentiment.predictor import Predictor

from .test_artifacts import accept_data

# An unhappy customer whose review is read brings 0.5 x 100 - 20 = 30, a happy one costs 20.
PRICES = Prices(currency="EUR", customer_value=100, win_back=0.5, reading_cost=20)
UNHAPPY = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
RISK = np.array([0.9, 0.5, 0.6, 0.2, 0.1])


def priced(**changes: float) -> Prices:
    return PRICES.model_copy(update=changes)


@pytest.mark.parametrize(
    ("prices", "read", "naive"),
    [
        (PRICES, 3, "read nothing"),  # both unhappy and one other: 40; everything: 0
        (priced(customer_value=200), 3, "read everything"),  # 140; everything: 100
        (priced(reading_cost=0), 5, "read everything"),
        (priced(reading_cost=60), 0, "read nothing"),
        (priced(win_back=0), 0, "read nothing"),
        (priced(customer_value=0), 0, "read nothing"),
    ],
)
def test_policy_earns_most_and_knows_the_better_naive_one(prices: Prices, read: int, naive: str):
    policy = business.choose_policy(UNHAPPY, RISK, prices)
    assert np.sum(policy.threshold <= RISK) == read
    assert policy.naive == naive


def test_perfect_model_saves_what_arithmetic_says():
    y = np.repeat([1.0, 0.0], [30, 70])
    policy = business.choose_policy(y, y, PRICES)
    saved = business.savings(y, y, policy, PRICES, seed=0)
    assert saved["read nothing"].value == pytest.approx(0.3 * 30)
    assert saved["read everything"].value == pytest.approx(0.7 * 20)
    # Thirty reviews at random hold nine unhappy customers: 9 x 30 - 21 x 20 = -150.
    assert saved["read at random"].value == pytest.approx((30 * 30 + 150) / 100)
    for estimate in saved.values():
        assert estimate.low < estimate.value < estimate.high
    assert business.saving((y, y), (y, y), PRICES) == pytest.approx(9_000)


def test_saving_is_counted_against_each_policy_without_a_model():
    saved = business.savings(UNHAPPY, RISK, Policy(0.55, "read nothing"), PRICES, seed=0)
    assert saved["read nothing"].value == pytest.approx((30 - 20) / 5)
    assert saved["read everything"].value == pytest.approx((10 - 0) / 5)
    assert saved["read at random"].value == pytest.approx((10 - 2 / 5 * 0) / 5)


def test_reading_at_random_is_what_shuffled_risks_earn():
    rng = np.random.default_rng(0)
    unhappy = (rng.random(4_000) < 0.5).astype(float)
    policy = Policy(0.7, "read nothing")
    saved = business.savings(unhappy, rng.random(4_000), policy, PRICES, seed=0)
    assert saved["read at random"].low < 0 < saved["read at random"].high


def test_reached_is_the_share_of_unhappy_customers():
    found = business.reached(UNHAPPY, RISK, Policy(0.55, "read nothing"), seed=0)
    assert found["reached"].value == 0.5
    assert found["read"].value == pytest.approx(2 / 5)
    assert business.reached(UNHAPPY, RISK, Policy(0.0, ""), seed=0)["reached"].low == 1


def test_saving_is_against_the_better_naive_policy():
    # With a value of 200 everything brings 2 x 80 - 3 x 20 = 100, the model 2 x 80 - 20 = 140.
    rich = priced(customer_value=200)
    outcomes = (UNHAPPY, RISK)
    assert business.saving(outcomes, outcomes, rich) == pytest.approx(1_000 * 40 / 5)


def test_policy_comes_from_validation_and_saving_from_test():
    flipped = 1 - UNHAPPY
    # Reads three: the one unhappy among them brings 30, the two others cost 20 each.
    found = business.saving((UNHAPPY, RISK), (flipped, RISK), PRICES)
    assert found == pytest.approx(-1_000 * 10 / 5)


def test_sensitivity_is_sorted_and_priced_anew():
    y = np.repeat([1.0, 0.0], [30, 70])
    rows = business.sensitivity((y, y), (y, y), PRICES)
    # 300 of 1,000 are unhappy, each worth a reading of 0.5 x 100 - 20.
    assert rows[-1]["price"] == "reading_cost"
    for row in rows[:-1]:
        assert row["if_lower"] == pytest.approx(300 * (35 - 20))
        assert row["if_higher"] == pytest.approx(300 * (65 - 20))
    assert rows[-1]["if_higher"] == pytest.approx(300 * (50 - 26))
    # At a cost of 14 reading everything pays too, and wastes 14 on each of the other 700.
    assert rows[-1]["if_lower"] == pytest.approx(700 * 14)


def test_summary_agrees_with_its_own_parts():
    y = np.repeat([1.0, 0.0], [30, 70])
    policy = business.choose_policy(y, y, PRICES)
    result = business.summarise(policy, (y, y), (y, y), PRICES, seed=0)
    summary, detail = result["summary"], result["detail"]
    assert (summary["currency"], summary["per"]) == ("EUR", "1,000 reviews")
    assert summary["value"] == pytest.approx(9_000)
    assert "Reading the 30% of reviews" in summary["headline"]
    assert "reaches 100% of unhappy customers" in summary["headline"]
    assert "brings 9,000 EUR more per 1,000 reviews than" in summary["headline"]
    assert detail["break_even_risk"] == pytest.approx(0.4)
    assert detail["read"] == pytest.approx(0.3)
    assert detail["per_1000_reviews"]["read everything"]["value"] == pytest.approx(14_000)
    assert max(point["per_1000_reviews"] for point in detail["profit_curve"]) == 9_000


@pytest.mark.parametrize(
    ("unhappy", "words"),
    [
        ([1.0] * 30 + [0.0] * 70, "brings 9,000 EUR more per 1,000 reviews than"),
        ([0.0] * 30 + [1.0] * 70, "brings 6,000 EUR less per 1,000 reviews than"),
        ([1.0, 0.0, 0.0] * 33 + [1.0], "may be chance (95% interval -"),
    ],
)
def test_headline_claims_no_more_than_its_interval(unhappy: list[float], words: str):
    y = np.repeat([1.0, 0.0], [30, 70])
    policy, test = business.choose_policy(y, y, PRICES), (np.array(unhappy), y)
    headline = business.summarise(policy, (y, y), test, PRICES, seed=0)["summary"]["headline"]
    assert words in headline


@pytest.mark.parametrize(("good", "rule"), [(1, "read everything"), (0, "read nothing")])
def test_a_model_that_tells_nothing_decides_nothing(good: int, rule: str):
    y, risk = np.resize([1.0, 0.0, good], 90), np.full(90, 0.5)
    policy = business.choose_policy(y, risk, PRICES)
    result = business.summarise(policy, (y, risk), (y, risk), PRICES, seed=0)
    assert f"than the rule \u201c{rule}\u201d, so the model" in result["summary"]["headline"]
    assert result["summary"]["value"] == 0


@pytest.mark.parametrize("changes", [{"win_back": 0}, {"reading_cost": 51}])
def test_hopeless_prices_say_so(changes: dict[str, float]):
    hopeless = priced(**changes)
    policy = business.choose_policy(UNHAPPY, RISK, hopeless)
    outcomes = (UNHAPPY, RISK)
    result = business.summarise(policy, outcomes, outcomes, hopeless, seed=0)
    assert "no review is worth reading" in result["summary"]["headline"]
    assert result["summary"]["value"] == 0
    assert result["detail"]["break_even_risk"] is None


def test_aspects_are_ranked_by_revenue_at_risk():
    nan = np.nan
    blamed = {
        "price": np.array([1.0, 0, 1, nan, nan]),  # blamed by one unhappy customer, row 0
        "screen": np.array([1.0, 1, nan, nan, 0]),  # by both
        "sound": np.array([nan] * 5),
    }
    rows = revenue_at_risk(UNHAPPY, blamed, customer_value=100, seed=0)
    assert [row["aspect"] for row in rows] == ["screen", "price"]
    assert [(r["reviews"], r["unhappy"], r["blamed"]) for r in rows] == [(3, 2, 2), (3, 2, 1)]
    assert rows[0]["revenue_at_risk"]["value"] == pytest.approx(1_000 * 2 / 5 * 100)
    assert rows[1]["revenue_at_risk"]["value"] == pytest.approx(1_000 * 1 / 5 * 100)
    assert revenue_at_risk(UNHAPPY, {}, 100, seed=0) == []


def test_outcomes_of_the_test_set_do_not_move_the_threshold(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(evaluate.figures, "draw_evaluation", lambda *arguments: [])
    paths = Paths(own_project)
    before = Predictor.load(paths.models).metadata
    data, _ = read_processed(paths)
    data.test.assign(**{POSITIVE: 1 - data.test[POSITIVE]}).to_parquet(
        paths.processed / "test.parquet"
    )
    accept_data(paths)
    evaluate.evaluate(load_config(own_project / "config.yaml"), paths)
    after = Predictor.load(paths.models).metadata
    assert after["metrics"] != before["metrics"]
    assert after["threshold"] == before["threshold"]


def test_reported_money_is_that_of_the_published_model(project: Path):
    paths = Paths(project)
    data, _ = read_processed(paths)
    predictor = Predictor.load(paths.models)
    predictions = predictor.predict([{"text": text} for text in data.test[TEXT]])
    read = np.array([one["decision"] == "read" for one in predictions])
    gain = read * ((1 - data.test[POSITIVE]) * 0.2 * 100 - 5)
    reported = read_json(paths.reports / "metrics.json")["nlp"]["business"]
    value = reported["per_1000_reviews"]["read nothing"]["value"]
    assert value == pytest.approx(1_000 * gain.mean(), rel=1e-5)
    assert reported["read"] == pytest.approx(read.mean(), rel=1e-5)
    for one in predictions:
        expected = (1 - one["probability"]) * 0.2 * 100 - 5
        assert one["expected_value"] == pytest.approx(expected)
