"""Money: every figure against arithmetic done by hand, and no claim beyond its interval."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sentiment import data, evaluate, figures, money
from sentiment.config import Prices, load_config
from sentiment.kit.charts import plt
from sentiment.kit.decisions import break_even
from sentiment.kit.files import Paths, read_json, rounded
from sentiment.kit.store import require_whole, seal
from sentiment.money import EVERYTHING, MODEL, NOTHING, RULE, Reviews
from sentiment.predictor import Predictor

# An unhappy customer whose review is read brings 0.5 x 100 - 20 = 30, a happy one costs 20.
PRICES = Prices(currency="EUR", customer_value=100, win_back=0.5, reading_cost=20)
UNHAPPY = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
RISK = np.array([0.9, 0.5, 0.6, 0.2, 0.1])
FIVE = Reviews(UNHAPPY, RISK, np.array([1.0, 0.0, 1.0, 0.0, 0.0]))


def priced(**changes: float) -> Prices:
    return PRICES.model_copy(update=changes)


def perfect() -> Reviews:
    """A hundred reviews of which the model knows everything, and the rule nothing."""
    y = np.repeat([1.0, 0.0], [30, 70])
    return Reviews(y, y, np.zeros(100))


def by_policy(cases: Reviews, prices: Prices) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in money.compare(cases, prices, seed=0)}


# What is read


@pytest.mark.parametrize(
    ("prices", "read"),
    [
        (PRICES, [0, 1, 2]),  # reading pays from 0.4 on
        (priced(customer_value=200), [0, 1, 2]),  # from 0.2 on it does not lose; above it pays
        (priced(customer_value=300), [0, 1, 2, 3]),
        (priced(reading_cost=0), [0, 1, 2, 3, 4]),
        (priced(reading_cost=60), []),
        (priced(win_back=0), []),
        (priced(customer_value=0), []),
    ],
)
def test_model_reads_where_it_pays(prices: Prices, read: list[int]):
    assert np.flatnonzero(FIVE.read(prices)[MODEL]).tolist() == read


def test_no_answer_advises_what_its_own_expected_value_forbids(project: Path):
    predictor = Predictor.load(project / "models")
    parts, _ = data.read_processed(Paths(project))
    rows = parts.test[["text"]].head(200).to_dict("records")
    rng, risk = np.random.default_rng(0), 1 - predictor.predict_proba(rows)
    # At the first of these prices, reading the first review is worth exactly nothing.
    tried = [priced(customer_value=1, win_back=1, reading_cost=risk[0])]
    for _ in range(30):
        value, cost = float(rng.uniform(0, 1_000)), float(rng.choice([0, rng.uniform(0, 300)]))
        share = float(rng.choice([0, 1, rng.uniform()]))
        tried.append(priced(customer_value=value, reading_cost=cost, win_back=share))
    for prices in tried:
        predictor.metadata = predictor.metadata | {"prices": prices.model_dump()}
        answers = predictor.predict(rows)
        assert answers == rounded(answers), "six digits"
        read = Reviews(risk, risk, risk).read(prices)[MODEL]
        for answer, chance, acted in zip(answers, risk, read, strict=True):
            assert (answer["decision"] == "read") == (answer["expected_value"] > 0) == bool(acted)
            worth = chance * prices.stakes.worth - prices.stakes.cost
            assert answer["expected_value"] == pytest.approx(worth, rel=1e-5)


# What it earns


def test_each_policy_earns_what_arithmetic_says():
    rows = by_policy(FIVE, PRICES)
    assert list(rows) == [NOTHING, EVERYTHING, RULE, MODEL]
    earned = {name: row["per_1000_reviews"]["value"] for name, row in rows.items()}
    # Everything: 2 x 30 - 3 x 20; the rule: 30 - 20; the model: 2 x 30 - 20.
    assert earned == pytest.approx({NOTHING: 0, EVERYTHING: 0, RULE: 2_000, MODEL: 8_000})
    assert rows[MODEL]["read"] == pytest.approx(0.6)
    assert {name: row["reached"] for name, row in rows.items()} == {
        NOTHING: 0,
        EVERYTHING: 1,
        RULE: 0.5,
        MODEL: 1,
    }
    assert rows[RULE]["saved"]["value"] == pytest.approx(6_000)


def test_perfect_model_saves_what_arithmetic_says():
    rows = by_policy(perfect(), PRICES)
    assert rows[NOTHING]["saved"]["value"] == pytest.approx(1_000 * 0.3 * 30)
    found = rows[EVERYTHING]["saved"]
    assert found["value"] == pytest.approx(1_000 * 0.7 * 20)
    assert found["low"] < found["value"] < found["high"]


def test_savings_are_differences_in_pairs():
    # The rule reads what the model reads: whatever the sample, the difference is nil.
    same = Reviews(UNHAPPY, RISK, (RISK > 0.4).astype(float))
    assert by_policy(same, PRICES)[RULE]["saved"] == {"value": 0, "low": 0, "high": 0}


def test_reference_is_the_best_policy_without_a_model():
    assert money.best_without_model(FIVE, PRICES) == RULE
    assert money.best_without_model(FIVE, priced(customer_value=400)) == EVERYTHING
    assert money.best_without_model(FIVE, priced(reading_cost=60)) == NOTHING


def test_sensitivity_keeps_its_reference_and_groups_what_enters_as_a_product():
    rows = {row["price"]: row for row in money.sensitivity(perfect(), EVERYTHING, PRICES)}
    value, cost = rows["customer value \u00d7 share who stay"], rows["cost of reading"]
    # Against reading everything, a perfect model saves the cost of 700 happy reviews.
    assert value["if_lower"] == value["if_higher"] == pytest.approx(700 * 20)
    assert cost["if_higher"] == pytest.approx(700 * 26)
    assert cost["if_lower"] == pytest.approx(700 * 14)
    assert next(iter(rows)) == "cost of reading"  # what moves it furthest comes first


def test_a_price_that_moves_the_saving_the_same_way_at_both_ends_is_not_thought_harmless():
    risk = np.array([0, 0.4, 0.8, 0.6, 0.3])
    cases = Reviews(np.array([1.0, 0, 0, 1, 0]), risk, np.zeros(5))
    cost, value = money.sensitivity(cases, NOTHING, PRICES)
    # From 2,000: reviews 2 to 5 are read at a cost of 14, the third and fourth at 20 and at 26.
    assert [cost[key] for key in ("if_lower", "if_higher", "range")] == [-1_200, -400, 3_200]
    assert value["range"] == 3_000


# What the headline may say


@pytest.mark.parametrize(
    ("unhappy", "words"),
    [
        ([1.0] * 30 + [0.0] * 70, "earns about 9,000 EUR per 1,000 reviews ("),
        ([0.0] * 30 + [1.0] * 70, "less than reading nothing"),
        ([1.0, 0.0, 0.0] * 33 + [1.0], "may be chance (-"),
    ],
)
def test_headline_claims_no_more_than_its_interval(unhappy: list[float], words: str):
    cases = Reviews(np.array(unhappy), perfect().risk, np.zeros(100))
    found, detail = money.summarise(perfect(), cases, PRICES, seed=0).values()
    assert words in found["headline"]
    assert ("may be chance" in found["headline"]) == (found["low"] <= 0 <= found["high"])
    assert found["headline"].startswith("If 50% of unhappy customers stay once somebody answers")
    axes = plt.figure().subplots()
    figures.money(axes, detail, found["per"])
    assert f", {axes.get_title().lower()};" in found["headline"].lower(), "one verdict"
    plt.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"win_back": 0}, "no review is worth reading"),
        ({"reading_cost": 50}, "no review is worth reading"),
        ({"reading_cost": 0}, "comes down to reading everything"),
        ({"reading_cost": 49}, "comes down to reading nothing"),
    ],
)
def test_a_model_that_makes_no_choice_says_so(changes: dict[str, float], words: str):
    cases = Reviews(UNHAPPY, RISK, np.zeros(5))
    prices = priced(**changes)
    found = money.summarise(cases, cases, prices, seed=0)
    assert words in found["summary"]["headline"]
    assert (found["detail"]["threshold"] >= 1) == ("worth" in words)


@pytest.mark.parametrize(("part", "words"), [(0, "0%"), (0.002, "1%"), (0.998, "99%"), (1, "100%")])
def test_nearly_all_is_not_called_all(part: float, words: str):
    assert money.share(part) == words


# What is at risk


def test_aspects_are_ranked_by_revenue_at_risk():
    nan = np.nan
    blamed = {
        "price": np.array([1.0, 0, 1, nan, nan]),  # blamed by one unhappy customer, row 0
        "screen": np.array([1.0, 1, nan, nan, 0]),  # by both
        "sound": np.array([nan] * 5),
    }
    rows = evaluate.revenue_at_risk(UNHAPPY == 1, blamed, PRICES)
    assert [row["aspect"] for row in rows] == ["screen", "price"]
    assert [(r["reviews"], r["unhappy"], r["blamed"]) for r in rows] == [(3, 2, 2), (3, 2, 1)]
    assert rows[0]["revenue_at_risk"]["value"] == pytest.approx(1_000 * 2 / 5 * 100)
    assert rows[1]["revenue_at_risk"]["value"] == pytest.approx(1_000 * 1 / 5 * 100)
    assert not any(row["leads"] for row in rows), "two against one may be chance"
    assert evaluate.revenue_at_risk(UNHAPPY == 1, {}, PRICES) == []
    many = {name: np.tile(values, 10) for name, values in blamed.items()}
    found = evaluate.revenue_at_risk(np.tile(UNHAPPY == 1, 10), many, PRICES)
    assert [row["leads"] for row in found] == [True, False]


def test_intervals_of_shares_have_a_width_where_all_is_right():
    found = evaluate.wilson(np.ones(60, bool))
    assert (found["value"], found["high"]) == (1, 1)
    assert found["low"] == pytest.approx(1 / (1 + 1.96**2 / 60), abs=1e-4)


# What the project reports


def test_outcomes_of_the_test_set_decide_nothing(own_project: Path):
    config, paths = load_config(own_project / "config.yaml"), Paths(own_project)
    before = Predictor.load(paths.models).metadata
    file = paths.processed / "test.parquet"
    table = pd.read_parquet(file)
    table.assign(positive=1 - table["positive"]).to_parquet(file)
    seal(paths.processed)
    training = read_json(paths.candidate / "training.json", "train")
    training["data"] = require_whole(paths.processed)
    evaluate.write_json(paths.candidate / "training.json", training)
    evaluate.run(config, paths)
    after = Predictor.load(paths.models).metadata
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    assert after["threshold"] == before["threshold"] == break_even(config.prices.stakes)
    assert metrics["test"]["accuracy"]["value"] < 0.5
    assert metrics["nlp"]["business"]["reference"] in (NOTHING, EVERYTHING, RULE)


def test_reported_money_is_that_of_the_published_model(project: Path):
    parts, _ = data.read_processed(Paths(project))
    predictor = Predictor.load(project / "models")
    answers = predictor.predict(parts.test[["text"]].to_dict("records"))
    read = np.array([answer["decision"] == "read" for answer in answers])
    gain = read * ((1 - parts.test["positive"].to_numpy()) * 0.2 * 100 - 5)
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    ours = metrics["nlp"]["business"]["policies"][-1]
    assert ours["per_1000_reviews"]["value"] == pytest.approx(1_000 * gain.mean(), rel=1e-5)
    assert ours["read"] == pytest.approx(read.mean(), rel=1e-5)
