"""Money: every figure against arithmetic done by hand, and no claim beyond its interval."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from churn import data, evaluate, figures, money, train
from churn.ablation import CHOSEN, compare
from churn.config import Prices, load_config
from churn.kit.decisions import NEVER, break_even, profit_curve
from churn.kit.files import Paths, read_json, rounded
from churn.kit.store import seal
from churn.money import EVERYBODY, MODEL, NOBODY, Customers
from churn.predictor import Predictor

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
RULE = {"gut feeling": np.array([1.0, 0.0, 1.0, 0.0, 0.0])}
FIVE = Customers(Y, P, RULE)


def priced(**changes: float) -> Prices:
    return PRICES.model_copy(update=changes)


def perfect() -> Customers:
    """A hundred customers of whom the model knows everything."""
    y = np.repeat([1.0, 0.0], [30, 70])
    return Customers(y, y, {})


def saved_against(cases: Customers, policy: str, prices: Prices) -> Any:
    rows = money.compare(cases, prices, seed=0)
    return next(row["saved_per_year"] for row in rows if row["name"] == policy)


# Who is contacted


@pytest.mark.parametrize(
    ("prices", "contacted"),
    [
        (PRICES, [0, 1, 2]),  # an offer pays from 0.4 on
        (priced(customer_value=100 / 3 * 4), [0, 1, 2]),  # from 0.3
        (priced(offer_cost=25), [0, 2]),  # above 0.5: where an offer is worth nothing, none is made
        (priced(offer_cost=0), [0, 1, 2, 3, 4]),
        (priced(offer_cost=60), []),
        (priced(offer_acceptance=0), []),
        (priced(customer_value=0), []),
    ],
)
def test_model_contacts_where_an_offer_pays(prices: Prices, contacted: list[int]):
    assert np.flatnonzero(FIVE.contacted(prices)[MODEL]).tolist() == contacted


def test_no_answer_advises_what_its_own_expected_value_forbids(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    predictor = Predictor.load(project / "models")
    parts, info = data.read_processed(Paths(project))
    rows = parts.test[info.features].head(200).to_dict("records")
    found, rng = predictor.predict_proba(rows), np.random.default_rng(0)
    for _ in range(100):
        prices = priced(
            customer_value=float(rng.uniform(0, 1_000)),
            offer_cost=float(rng.choice([0, rng.uniform(0, 300)])),
            offer_acceptance=float(rng.choice([0, 1, rng.uniform()])),
        )
        p = np.append(found, break_even(prices.stakes) * rng.uniform(1 - 1e-6, 1 + 1e-6, 50))
        asked = Predictor(predictor.model, predictor.metadata | {"prices": prices.model_dump()})
        monkeypatch.setattr(asked, "predict_proba", lambda rows, p=p: p)
        answers = asked.predict(rows)
        said = np.array([answer["probability"] for answer in answers])
        worth = said * prices.stakes.worth - prices.stakes.cost
        contacted = [answer["decision"] == "contact" for answer in answers]
        assert contacted == [answer["expected_value"] > 0 for answer in answers]
        assert contacted == (worth > 0).tolist()
        assert contacted == (Customers(0 * p, said, {}).contacted(prices)[MODEL] == 1).tolist()
        assert answers == rounded(answers), "no more digits than anybody needs"


# What it earns


def test_each_policy_earns_what_arithmetic_says():
    rows = {row["name"]: row for row in money.compare(FIVE, PRICES, seed=0)}
    assert list(rows) == [NOBODY, EVERYBODY, "gut feeling", MODEL]
    earned = {name: row["per_1000_customers"]["value"] for name, row in rows.items()}
    # Everybody: 2 x 30 - 3 x 20; the rule: 30 - 20; the model: 2 x 30 - 20.
    assert earned == pytest.approx({NOBODY: 0, EVERYBODY: 0, "gut feeling": 2_000, MODEL: 8_000})
    assert rows[MODEL]["contacted"] == pytest.approx(0.6)
    saved = rows["gut feeling"]["saved_per_year"]
    assert saved["value"] == pytest.approx(1_000 * (40 - 10) / 5)


def test_perfect_model_saves_what_arithmetic_says():
    assert saved_against(perfect(), NOBODY, PRICES)["value"] == pytest.approx(0.3 * 30 * 1_000)
    found = saved_against(perfect(), EVERYBODY, PRICES)
    assert found["value"] == pytest.approx(0.7 * 20 * 1_000)
    assert found["low"] < found["value"] < found["high"]


def test_savings_are_differences_in_pairs():
    # The rule contacts whom the model contacts: whatever the sample, the difference is nil.
    cases = Customers(Y, P, {"the same": (P >= 0.4).astype(float)})
    assert saved_against(cases, "the same", PRICES) == {"value": 0, "low": 0, "high": 0}


def test_reference_is_the_best_policy_without_a_model():
    assert money.best_without_model(FIVE, PRICES) == "gut feeling"
    assert money.best_without_model(FIVE, priced(customer_value=400)) == EVERYBODY
    assert money.best_without_model(FIVE, priced(offer_cost=60)) == NOBODY


def test_reference_comes_from_training_customers():
    unlucky = Customers(1 - Y, P, RULE)  # the rule earns nothing here
    result = money.summarise(FIVE, unlucky, PRICES, seed=0)
    assert result["detail"]["reference"] == "gut feeling"


def test_sensitivity_keeps_its_reference_and_groups_what_is_a_product():
    rows = money.sensitivity(perfect(), NOBODY, PRICES)
    assert [row["price"] for row in rows] == ["acceptance \u00d7 customer value", "offer cost"]
    # 300 of 1,000 leave; each is worth an offer of 50 - 20.
    assert rows[0]["if_lower"] == pytest.approx(300 * (35 - 20))
    assert rows[0]["if_higher"] == pytest.approx(300 * (65 - 20))
    # A cheaper offer can only save more: at 14 the reference would not have become another one.
    assert rows[1]["if_lower"] == pytest.approx(300 * (50 - 14))
    assert rows[1]["if_higher"] == pytest.approx(300 * (50 - 26))


def test_what_moves_the_saving_furthest_comes_first():
    cases = Customers(np.array([0.0, 1, 1, 0, 0]), np.array([0.8, 0.5, 0.1, 0.7, 0.7]), {})
    cost, product = money.sensitivity(cases, EVERYBODY, PRICES)
    # Both ends lie on one side of today's -6,000: the cost moves it by 3,600, the product by 3,000.
    assert (cost["if_lower"], cost["if_higher"]) == pytest.approx((-7_200, -9_600))
    assert (product["if_lower"], product["if_higher"]) == pytest.approx((-6_000, -9_000))


def test_variants_are_compared_each_at_its_own_best_threshold():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=400)
    y = (rng.uniform(size=400) < p).astype(float)
    # Balancing moves all probabilities up and ranks as before: nothing is gained or lost.
    same = {CHOSEN: p, "balanced": np.sqrt(p)}
    chosen, balanced = compare(y, same, PRICES, seed=0)
    assert chosen["difference"] is None
    assert balanced["difference"] == {"value": 0, "low": 0, "high": 0}
    assert balanced["brier"] > chosen["brier"]


# What is said of it


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ([1.0] * 30 + [0.0] * 70, "saves about 9,000 EUR a year ("),
        ([0.0] * 30 + [1.0] * 70, "costs about 6,000 EUR a year (4,400 to 7,800)"),
        ([1.0, 0.0, 0.0] * 33 + [1.0], "the difference may be chance ("),
    ],
)
def test_headline_claims_no_more_than_its_interval(left: list[float], words: str):
    y = perfect().y
    test = Customers(np.array(left), y, {})
    result = money.summarise(perfect(), test, PRICES, seed=0)["summary"]
    assert result["headline"].startswith("If 50% of those about to leave accept the offer, ")
    assert words in result["headline"]
    assert result["low"] <= result["value"] <= result["high"]


@pytest.mark.parametrize("changes", [{"offer_acceptance": 0}, {"offer_cost": 51}])
def test_hopeless_prices_say_so(changes: dict[str, float]):
    result = money.summarise(FIVE, FIVE, priced(**changes), seed=0)
    assert "no offer pays for itself at these prices" in result["summary"]["headline"]
    assert result["summary"]["value"] == 0
    assert result["detail"]["threshold"] == NEVER


@pytest.mark.parametrize(("probability", "whom"), [(0.9, "everybody"), (0.1, "nobody")])
def test_model_that_makes_no_choice_says_so(probability: float, whom: str):
    flat = Customers(Y, np.full(5, probability), {})
    headline = money.summarise(flat, flat, PRICES, seed=0)["summary"]["headline"]
    assert f"would contact {whom}: it makes no choice" in headline


# The whole way


def test_outcomes_of_the_test_set_move_no_choice(own_project: Path):
    paths = Paths(own_project)
    before = Predictor.load(paths.models).metadata
    reference = read_json(paths.reports / "metrics.json", "evaluate")["tabular"]["business"]
    parts, info = data.read_processed(paths)
    flipped = parts.test.assign(**{info.target: 1 - parts.test[info.target]})
    flipped.to_parquet(paths.processed / "test.parquet")
    seal(paths.processed)
    training = read_json(paths.candidate / "training.json", "train")
    training["data"] = train.fingerprint(paths.processed)
    train.write_json(paths.candidate / "training.json", training)
    evaluate.run(load_config(own_project / "config.yaml"), paths)
    after = Predictor.load(paths.models).metadata
    business = read_json(paths.reports / "metrics.json", "evaluate")["tabular"]["business"]
    assert after["metrics"] != before["metrics"]
    assert (after["threshold"], after["version"]) == (before["threshold"], before["version"])
    assert business["reference"] == reference["reference"]
    assert business["best_threshold"] == reference["best_threshold"]


def test_reported_money_is_that_of_the_published_model(project: Path):
    paths = Paths(project)
    config = load_config(project / "config.yaml")
    parts, info = data.read_processed(paths)
    predictor = Predictor.load(paths.models)
    y = parts.test[info.target].to_numpy(float)
    rows = parts.test[info.features].to_dict("records")
    contacted = np.array([answer["decision"] == "contact" for answer in predictor.predict(rows)])
    gain = contacted * (y * 0.4 * 500 - 40)
    policies = read_json(paths.reports / "metrics.json", "evaluate")["tabular"]["business"]
    nobody = policies["policies"][0]
    expected = gain.mean() * config.prices.customers_per_year
    assert nobody["saved_per_year"]["value"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("prices", [PRICES, priced(customer_value=1e-6), priced(offer_cost=1e12)])
def test_profit_is_drawn_at_any_price_and_claims_what_the_headline_does(prices: Prices):
    axes, result = Figure().subplots(), money.summarise(FIVE, FIVE, prices, seed=0)
    figures.profit(axes, result["detail"], FIVE)
    gains = profit_curve(Y, P, prices.stakes)[1]
    assert axes.lines[0].get_ydata().tolist() == pytest.approx((1_000 * gains[:-1]).tolist())
    for words in ("may be chance", "no offer pays for itself"):
        assert (words in axes.get_title().lower()) == (words in result["summary"]["headline"])
    assert "earn" not in axes.get_title()


def test_shares_at_the_edge_keep_a_width():
    found = evaluate.wilson(np.ones(60))
    assert found.value == found.high == 1
    assert found.low == pytest.approx(1 / (1 + 1.96**2 / 60), abs=1e-4)
