"""Money: every figure against arithmetic done by hand, and no claim beyond its interval."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.stats import beta

from imaging import evaluate, figures, money
from imaging.config import Prices, load_config
from imaging.data import read_processed
from imaging.kit.decisions import NEVER
from imaging.kit.files import Paths, read_json, write_json
from imaging.kit.store import require_whole, seal
from imaging.money import EVERYBODY, MODEL, NOBODY, Cases
from imaging.predictor import Predictor

# Referring a positive case brings 30, any other costs 20: a referral pays from 0.4 on.
PRICES = Prices(currency="EUR", missed_case=30, false_alarm=20)
Y = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
P = np.array([0.9, 0.5, 0.6, 0.2, 0.1])
RULE = {"gut feeling": np.array([1.0, 0.0, 1.0, 0.0, 0.0])}
FIVE = Cases(Y, P, RULE)


def priced(**changes: float) -> Prices:
    return PRICES.model_copy(update=changes)


def perfect() -> Cases:
    """A hundred cases of which the model knows everything."""
    y = np.repeat([1.0, 0.0], [30, 70])
    return Cases(y, y, {})


def compared(cases: Cases, prices: Prices) -> dict[str, dict[str, float]]:
    rows = money.compare(0.4, cases, prices, seed=0)
    return {
        row["name"]: {key: row[key]["value"] for key in ("missed", "alarms", "cost", "saved")}
        for row in rows
    }


# Whom to refer


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (PRICES, 0.4),
        (priced(missed_case=80), 0.2),
        (priced(false_alarm=0), 0.0),
        (priced(missed_case=0), 1.0),
        (priced(missed_case=0, false_alarm=0), NEVER),
    ],
)
def test_a_referral_pays_above_break_even(prices: Prices, expected: float):
    assert money.break_even(prices, 0.4) == pytest.approx(expected)


def test_expected_value_moves_with_the_share_of_positive_cases():
    # Of 1,000 cases 300 are positive, and p = 0.5 means as many of one kind as of the other among
    # those that look alike. With 30 in 1,000 they are a tenth as many, the others 97 for every 70.
    found = money.expected_value(np.array([0.5]), priced(prevalence=0.03), 0.3)
    p = 0.1 / (0.1 + 97 / 70)
    assert found == pytest.approx([30 * p - 20 * (1 - p)])
    usual = money.expected_value(P, PRICES, 0.3)
    assert money.expected_value(P, priced(prevalence=0.3), 0.3) == pytest.approx(usual)
    ends = money.expected_value(np.array([0.0, 0.4, 1.0]), PRICES, 0.3)
    assert ends == pytest.approx([-20, 0, 30])


def test_no_answer_advises_what_its_own_expected_value_forbids(project: Path):
    predictor = Predictor.load(project / "models")
    rng = np.random.default_rng(0)
    for _ in range(300):
        prices = Prices(
            currency="EUR",
            missed_case=10 ** rng.uniform(-2, 6),
            false_alarm=10 ** rng.uniform(-2, 6),
            prevalence=rng.uniform(0.001, 0.999),
        )
        share = rng.uniform(0.01, 0.99)
        break_even = min(money.break_even(prices, share), 1)
        predictor.metadata = predictor.metadata | {"prices": prices.model_dump()}
        predictor.signature = predictor.signature | {"positive_share": share}
        p = np.concatenate([rng.uniform(size=50), [0, break_even, 1]])
        answers = predictor.decide(p)
        pays = [answer["expected_value"] > 0 for answer in answers]
        assert [answer["decision"] == "refer" for answer in answers] == pays
        assert Cases(p, p, {}).referred(prices, share)[MODEL].tolist() == pays
        assert pays[:50] == (p[:50] > break_even).tolist()


def test_outcomes_of_the_test_set_do_not_move_the_threshold(own_project: Path):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    before = Predictor.load(paths.models).metadata
    cases = pd.read_parquet(paths.processed / "cases.parquet")
    cases["y"] = cases["y"].where(cases["part"] != "test", 1 - cases["y"])
    cases.to_parquet(paths.processed / "cases.parquet")
    seal(paths.processed)
    training = read_json(paths.candidate / "training.json", "train")
    changed = training | {"data": require_whole(paths.processed)}
    write_json(paths.candidate / "training.json", changed)
    evaluate.run(config, paths)
    after = Predictor.load(paths.models).metadata
    assert after["metrics"] != before["metrics"]
    assert after["threshold"] == before["threshold"]


def test_what_came_is_judged_alike_however_many_are_ill():
    y, p = np.array([1.0, 1, 0, 0, 0] * 40), np.tile([0.9, 0.3, 0.5, 0.2, 0.1], 40)
    more = np.concatenate([np.arange(200), np.flatnonzero(y == 0)])  # healthy ones twice as often
    for prices in (PRICES, priced(prevalence=0.1)):
        found = [money.judged(y[i], p[i], prices, 0.4, 0) for i in (np.arange(200), more)]
        for name in found[0]:
            assert found[0][name].value == pytest.approx(found[1][name].value)
    # Of the tenth that is ill it refers half, and nobody else.
    assert found[0]["money a case"].value == pytest.approx(0.1 / 2 * 30)


# What it is worth


def test_errors_of_every_policy_are_counted_and_priced():
    found = compared(FIVE, PRICES)
    assert found[NOBODY] == pytest.approx(
        {"missed": 400, "alarms": 0, "cost": 12_000, "saved": 8_000}
    )
    assert found[EVERYBODY] == pytest.approx(
        {"missed": 0, "alarms": 600, "cost": 12_000, "saved": 8_000}
    )
    assert found["gut feeling"] == pytest.approx(
        {"missed": 200, "alarms": 200, "cost": 200 * 30 + 200 * 20, "saved": 6_000}
    )
    assert found[MODEL] == pytest.approx({"missed": 0, "alarms": 200, "cost": 4_000, "saved": 0})


def test_cases_count_as_often_as_in_practice():
    found = compared(FIVE, priced(prevalence=0.1))
    by_hand = {"missed": 50, "alarms": 300, "cost": 50 * 30 + 300 * 20, "saved": 6_000}
    assert found["gut feeling"] == pytest.approx(by_hand)
    # Odds of 9 to 1 are 1.5 to 1 in practice, those of 1.5 to 1 no longer pay.
    assert found[MODEL] == pytest.approx({"missed": 50, "alarms": 0, "cost": 1_500, "saved": 0})


def test_the_reference_is_the_cheapest_policy_without_a_model():
    assert money.best_without_model(perfect(), PRICES) == NOBODY  # 9,000 against 14,000
    assert money.best_without_model(perfect(), priced(missed_case=80)) == EVERYBODY
    assert money.best_without_model(Cases(Y, P, {"all ill": Y}), PRICES) == "all ill"


def test_savings_are_differences_case_by_case():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400).astype(float)
    same = Cases(y, y, {"the same": y})
    rows = {row["name"]: row["saved"] for row in money.compare(0.5, same, PRICES, seed=0)}
    assert rows[NOBODY]["value"] == pytest.approx(1_000 * 30 * y.mean())
    assert rows["the same"]["value"] == 0 == rows[MODEL]["high"] - rows[MODEL]["low"]
    assert rows["the same"]["high"] < (rows[NOBODY]["high"] - rows[NOBODY]["low"]) / 5


def test_intervals_hold_what_is_true_where_misses_are_few_and_dear():
    rng, prices = np.random.default_rng(0), priced(missed_case=5_000, false_alarm=400)
    saved = 1_000 * (0.6 * 0.9 * 400 - 0.4 * 0.02 * 5_000)  # alarms spared, less cases missed
    held = []
    for seed in range(400):
        y = rng.uniform(size=300) < 0.4
        refers = rng.uniform(size=300) < np.where(y, 0.98, 0.1)
        cases = Cases(y.astype(float), np.where(refers, 0.9, 0.01), {})
        against = {row["name"]: row["saved"] for row in money.compare(0.4, cases, prices, seed)}
        held.append(against[EVERYBODY]["low"] <= saved <= against[EVERYBODY]["high"])
    assert np.mean(held) >= 0.93


@pytest.mark.parametrize(("missed", "prior"), [(1, 0.5), (0, 1)])
def test_intervals_of_rates_are_those_of_jeffreys_modified(missed: int, prior: float):
    y = np.repeat([1.0, 0.0], [40, 60])
    cases = Cases(y, np.where(np.arange(100) < missed, 0, y), {})
    found = money.compare(0.4, cases, priced(prevalence=0.1), seed=0)[-1]["missed"]
    low, high = 100 * beta.ppf([0.025, 0.975], missed + prior, 40.5 - missed)  # of 100 positive
    expected = [low if missed else 0, 2.5 * missed, high]
    assert [found[key] for key in ("low", "value", "high")] == pytest.approx(expected, rel=0.1)


def test_sensitivity_keeps_its_reference_and_comes_sorted():
    cases, dear = perfect(), priced(missed_case=50)
    rows = {row["price"]: row for row in money.sensitivity(0.3, cases, NOBODY, dear)}
    # At 35 nobody is cheaper than everybody, at 65 dearer: the reference stays all the same.
    found = [rows["cost of a missed case"][key] for key in ("if_lower", "if_higher")]
    assert found == pytest.approx([300 * 35, 300 * 65])
    alarm = rows["cost of a false alarm"]
    assert alarm["if_lower"] == alarm["if_higher"] == pytest.approx(300 * 50)
    share = rows["share of positive cases"]
    assert [share["if_lower"], share["if_higher"]] == pytest.approx([210 * 50, 390 * 50])
    assert list(rows)[-1] == "cost of a false alarm"


def test_a_price_that_moves_the_saving_to_one_side_counts_with_all_of_its_move():
    # Dearer misses refer the ten negative cases, cheaper ones leave thirteen positive ones.
    y = np.repeat([1.0, 0.0], [13, 10])
    rows = money.sensitivity(0.5, Cases(y, 0.35 + 0.12 * y, {}), EVERYBODY, PRICES)
    missed, alarm = (next(r for r in rows if r["price"].endswith(n)) for n in ("case", "alarm"))
    assert max(missed["if_lower"], missed["if_higher"]) < 1_000 * 10 * 20 / 23  # as it is
    assert rows.index(missed) < rows.index(alarm)


def test_a_share_moves_no_higher_than_a_share_can():
    often = money.sensitivity(0.3, perfect(), NOBODY, priced(prevalence=0.9))
    share = next(row for row in often if row["price"] == "share of positive cases")
    assert share["if_higher"] == pytest.approx(990 * 30)


def test_reported_money_is_that_of_the_published_model(project: Path):
    paths = Paths(project)
    data, info = read_processed(paths)
    predictor = Predictor.load(paths.models)
    answers = predictor.predict(data.test.images)
    referred = np.array([answer["decision"] == "refer" for answer in answers])
    assert info.rule is not None
    bright = data.test.images.mean(axis=(1, 2, 3)) / 255 >= info.rule["brighter_than"]
    ill, rows = data.test.y == 1, read_json(paths.reports / "metrics.json", "evaluate")
    reported = {row["name"]: row["cost"]["value"] for row in rows["cv"]["business"]["policies"]}
    for name, acted in {MODEL: referred, info.rule["name"]: bright}.items():
        cost = 5_000 * (ill & ~acted).mean() + 400 * (~ill & acted).mean()
        assert reported[name] == pytest.approx(1_000 * cost, rel=1e-4)


# What is claimed


def summarised(test: Cases, prices: Prices = PRICES) -> dict[str, Any]:
    return money.summarise(perfect(), test, prices, seed=0)["summary"]


def test_headline_states_assumption_interval_and_errors():
    summary = summarised(perfect())
    assert summary["value"] == pytest.approx(9_000)
    assert summary["per"] == "1,000 cases"
    assert summary["headline"].startswith(
        "If a missed case costs 30 EUR and a false alarm 20, referring the 30% of cases with the "
        "highest risk saves about 9,000 ("
    )
    assert "against referring nobody; of 1,000 cases 0 (0 to " in summary["headline"]


@pytest.mark.parametrize(
    ("test", "prices", "words"),
    [
        (Cases(1 - Y, P, {}), PRICES, "the difference may be chance"),
        (Cases(1 - perfect().y, perfect().y, {}), PRICES, "costs about 6,000 ("),
        (FIVE, priced(missed_case=0, false_alarm=0), "no referral pays for itself"),
        (FIVE, priced(false_alarm=0), "the model would refer everybody: it makes no choice"),
        (Cases(Y, P / 10, {}), PRICES, "the model would refer nobody: it makes no choice"),
    ],
)
def test_headline_does_not_promise_what_is_not_there(test: Cases, prices: Prices, words: str):
    assert words in summarised(test, prices)["headline"]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_figures_of_any_size_and_name_are_drawn(scale: float):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60).astype(float)
    long = Cases(y, rng.uniform(size=60), {"a rule with a very long name " * 2: 1 - y})
    prices = priced(missed_case=30 * scale, false_alarm=20 * scale)
    result = money.summarise(long, long, prices, seed=0)
    for draw in (
        lambda axes: figures.tradeoff(axes, result["detail"], long),
        lambda axes: figures.sensitivity(axes, result["detail"], result["summary"]),
        lambda axes: figures.calibration(axes, long),
    ):
        axes = Figure().subplots()
        draw(axes)
        assert axes.get_title() or axes.get_title(loc="left")
        axes.figure.canvas.draw()
