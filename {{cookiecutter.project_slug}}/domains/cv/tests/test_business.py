"""Money: every figure against arithmetic done by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imaging import business, evaluate
from imaging.business import Policy
from imaging.config import Prices, load_config
from imaging.data import read_processed
from imaging.files import read_json
from imaging.paths import Paths
from imaging.policy import ALWAYS, NEVER
from imaging.predictor import Predictor

from .test_artifacts import accept_data

# Referring a positive case brings 30, any other costs 20.
PRICES = Prices(currency="EUR", missed_case=30, false_alarm=20)
Y = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
P = np.array([0.9, 0.5, 0.6, 0.2, 0.1])
MANY = np.repeat([1.0, 0.0], [30, 70])  # as if a model knew every outcome


def priced(**changes: float) -> Prices:
    return PRICES.model_copy(update=changes)


def test_expected_value_is_zero_at_break_even():
    p = np.array([0.0, 0.4, 1.0])
    assert business.expected_value(p, PRICES, 0.4) == pytest.approx([-20, 0, 30])
    assert business.break_even(PRICES, 0.4) == pytest.approx(0.4)


@pytest.mark.parametrize("prevalence", [0.02, 0.5, 0.9])
def test_break_even_is_on_the_scale_of_the_models_probabilities(prevalence: float):
    prices = priced(prevalence=prevalence)
    p = business.break_even(prices, 0.3)
    assert p is not None
    assert business.expected_value(np.array([p]), prices, 0.3) == pytest.approx([0])


def test_expected_value_moves_with_the_share_of_positive_cases():
    # Of 1,000 cases 300 are positive, and p = 0.5 means as many of one kind as of the other among
    # those that look alike. With 30 in 1,000 they are a tenth as many, the others 97 for every 70.
    found = business.expected_value(np.array([0.0, 0.5, 1.0]), priced(prevalence=0.03), 0.3)
    p = 0.1 / (0.1 + 97 / 70)
    assert found == pytest.approx([-20, 30 * p - 20 * (1 - p), 30])
    usual = business.expected_value(P, PRICES, 0.3)
    assert business.expected_value(P, priced(prevalence=0.3), 0.3) == pytest.approx(usual)


def test_gain_curve_goes_from_everybody_to_nobody():
    thresholds, gains = business.gain_curve(Y, P, PRICES)
    assert [thresholds[0], thresholds[-1]] == [ALWAYS, NEVER]
    assert gains[0] == pytest.approx(1_000 * (2 * 30 - 3 * 20) / 5)
    assert gains[-1] == 0
    by_hand = [(0.9, 30), (0.6, 30 - 20), (0.5, 2 * 30 - 20), (0.2, 2 * 30 - 2 * 20)]
    for threshold, total in by_hand:
        assert gains[thresholds <= threshold][-1] == pytest.approx(1_000 * total / 5)


def test_gain_counts_cases_as_often_as_in_practice():
    _, gains = business.gain_curve(Y, P, priced(prevalence=0.1))
    assert gains[0] == pytest.approx(1_000 * (0.1 * 30 - 0.9 * 20))


@pytest.mark.parametrize(
    ("prices", "referred", "naive"),
    [
        (PRICES, 3, "refer nobody"),  # both positive and one other: 40; everybody: 0
        (priced(missed_case=80), 3, "refer everybody"),  # 140; everybody: 100
        (priced(false_alarm=0), 5, "refer everybody"),  # nobody is worth leaving out
        (priced(false_alarm=100), 1, "refer nobody"),
        (priced(missed_case=0), 0, "refer nobody"),
        (priced(prevalence=0.9), 3, "refer everybody"),  # 0.9 x 30 - 0.1 x 20 / 3; 0.9 x 30 - 2
        (priced(prevalence=0.1), 1, "refer nobody"),  # 0.1 x 15 against 0.1 x 30 - 0.9 x 20 / 3
    ],
)
def test_policy_costs_least_and_knows_the_better_naive_one(
    prices: Prices, referred: int, naive: str
):
    policy = business.choose_policy(Y, P, prices)
    assert np.sum(policy.threshold <= P) == referred
    assert policy.naive == naive


def test_threshold_is_the_one_nearest_to_break_even_among_equals():
    p = np.where(MANY == 1, 0.9, 0.2)  # whatever lies between separates them without a mistake
    assert business.choose_policy(MANY, p, PRICES).threshold == pytest.approx(0.4)
    assert business.choose_policy(MANY, p, priced(false_alarm=3)).threshold > 0.2
    rare = priced(prevalence=0.05)
    assert business.choose_policy(MANY, p, rare).threshold == pytest.approx(
        business.break_even(rare, 0.3)
    )


def test_missed_cases_and_alarms_per_1000():
    found = business.counts(Y, P, 0.55, PRICES)
    by_hand = {"missed": 200, "alarms": 200, "cost": 200 * 30 + 200 * 20, "referred": 400}
    assert found == pytest.approx(by_hand)
    rare = business.counts(Y, P, 0.55, priced(prevalence=0.1))
    assert rare == pytest.approx(
        {"missed": 50, "alarms": 300, "cost": 50 * 30 + 300 * 20, "referred": 50 + 300}
    )


def test_errors_of_every_policy_are_priced():
    result = business.summarise(Policy(0.55, "refer nobody"), (Y, P), (Y, P), PRICES, seed=0)
    values = {
        name: [row[key]["value"] for key in ("missed", "alarms", "cost")]
        for name, row in result["detail"]["policies"].items()
    }
    assert values["chosen threshold"] == pytest.approx([200, 200, 200 * 30 + 200 * 20])
    assert values["threshold 0.5"] == pytest.approx([0, 200, 200 * 20])
    assert values["refer everybody"] == pytest.approx([0, 600, 600 * 20])
    assert values["refer nobody"] == pytest.approx([400, 0, 400 * 30])


def test_perfect_model_saves_what_arithmetic_says():
    policy = business.choose_policy(MANY, MANY, PRICES)
    saved = business.savings(MANY, MANY, policy, PRICES, seed=0)
    assert saved["refer nobody"].value == pytest.approx(300 * 30)
    assert saved["refer everybody"].value == pytest.approx(700 * 20)
    assert saved["threshold 0.5"].value == 0
    for name in ("refer nobody", "refer everybody"):
        assert saved[name].low < saved[name].value < saved[name].high
    assert business.mean_saving((MANY, MANY), (MANY, MANY), PRICES) == pytest.approx(9_000)


def test_saving_is_against_the_better_naive_policy():
    # With a price of 80 everybody brings 2 x 80 - 3 x 20 = 100, the model 2 x 80 - 20 = 140.
    rich = priced(missed_case=80)
    assert business.mean_saving((Y, P), (Y, P), rich) == pytest.approx(1_000 * 40 / 5)


def test_policy_comes_from_validation_and_saving_from_test():
    # Refers three: the one positive among them brings 30, the two others cost 20 each.
    assert business.mean_saving((Y, P), (1 - Y, P), PRICES) == pytest.approx(-1_000 * 10 / 5)


def test_sensitivity_is_sorted_and_priced_anew():
    rows = business.sensitivity((MANY, MANY), (MANY, MANY), PRICES)
    assert [row["price"] for row in rows] == ["missed_case", "false_alarm"]
    # 300 of 1,000 are positive; referring nobody is the better naive policy up to a price of 46.
    assert rows[0]["if_lower"] == pytest.approx(300 * 21)
    assert rows[0]["if_higher"] == pytest.approx(300 * 39)
    assert rows[1]["if_lower"] == rows[1]["if_higher"] == pytest.approx(300 * 30)
    with_share = business.sensitivity((MANY, MANY), (MANY, MANY), priced(prevalence=0.2))
    assert {row["price"] for row in with_share} == {"missed_case", "false_alarm", "prevalence"}
    often = priced(prevalence=0.995)  # cannot be much higher, and must not become lower
    moved = business.sensitivity((MANY, MANY), (MANY, MANY), often)
    higher = next(row["if_higher"] for row in moved if row["price"] == "prevalence")
    assert higher == pytest.approx(business.mean_saving((MANY, MANY), (MANY, MANY), often))


def test_prevalence_moves_no_higher_than_a_share_can():
    prices = priced(prevalence=0.9)
    rows = {row["price"]: row for row in business.sensitivity((Y, P), (Y, P), prices)}
    expected = business.mean_saving((Y, P), (Y, P), priced(prevalence=0.99))
    assert rows["prevalence"]["if_higher"] == pytest.approx(expected)


def test_a_case_at_the_threshold_is_referred():
    policy = Policy(0.5, "refer nobody")
    assert not business.saved(Y, P, policy, PRICES)["threshold 0.5"].any()


def test_break_even_is_said_for_probabilities_as_validation_calibrated_them():
    prices, validation = priced(prevalence=0.1), (MANY, MANY)
    policy = business.choose_policy(*validation, prices)
    detail = business.summarise(policy, validation, (1 - MANY, MANY), prices, seed=0)["detail"]
    assert detail["break_even_probability"] == business.break_even(prices, 0.3)


def test_a_model_that_tells_no_case_from_another_decides_nothing():
    same, prices = np.full(5, 0.5), priced(missed_case=1_000)
    policy = business.choose_policy(Y, same, prices)
    headline = business.summarise(policy, (Y, same), (Y, same), prices, 0)["summary"]["headline"]
    assert "the rule \u201crefer everybody\u201d, so the model decides nothing" in headline


def test_summary_agrees_with_its_own_parts():
    policy = business.choose_policy(MANY, MANY, PRICES)
    result = business.summarise(policy, (MANY, MANY), (MANY, MANY), PRICES, seed=0)
    summary, detail = result["summary"], result["detail"]
    assert (summary["currency"], summary["per"]) == ("EUR", "1,000 cases")
    assert summary["value"] == pytest.approx(9_000)
    assert (
        "saves 9,000 EUR per 1,000 cases against the rule \u201crefer nobody\u201d ("
        in summary["headline"]
    )
    assert summary["headline"].endswith("; of 1,000 cases, 0.0 are missed")
    assert detail["break_even_probability"] == pytest.approx(0.4)
    assert detail["policies"]["chosen threshold"]["referred"]["value"] == pytest.approx(300)
    assert detail["per_1000_cases"]["refer everybody"]["value"] == pytest.approx(14_000)
    assert max(point["per_1000_cases"] for point in detail["profit_curve"]) == pytest.approx(9_000)
    first, last = detail["profit_curve"][0], detail["profit_curve"][-1]
    assert [first["missed"], first["alarms"]] == pytest.approx([0, 700])
    assert [last["missed"], last["alarms"]] == pytest.approx([300, 0])


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        (priced(missed_case=0), "the rule \u201crefer nobody\u201d, so the model decides nothing"),
        (priced(missed_case=0, false_alarm=0), "At these prices neither error costs anything"),
        (PRICES, "the difference may be chance"),
    ],
)
def test_headline_does_not_promise_what_is_not_there(prices: Prices, words: str):
    policy = business.choose_policy(Y, P, prices)
    result = business.summarise(policy, (Y, P), (1 - Y, P), prices, seed=0)
    assert words in result["summary"]["headline"]


def test_headline_calls_what_is_equal_no_chance():
    policy = business.choose_policy(MANY, MANY, PRICES)
    result = business.summarise(policy, (MANY, MANY), (MANY, 0 * MANY), PRICES, seed=0)
    words = "Referring 0% of cases costs as much as the rule \u201crefer nobody\u201d; "
    assert result["summary"]["headline"].startswith(words)


def test_headline_says_when_the_model_costs_money():
    policy = business.choose_policy(MANY, MANY, PRICES)
    result = business.summarise(policy, (MANY, MANY), (1 - MANY, MANY), PRICES, seed=0)
    headline, saving = result["summary"]["headline"], result["summary"]
    assert "costs 6,000 EUR per 1,000 cases against" in headline
    assert f"(95% interval {-saving['high']:,.0f} to {-saving['low']:,.0f})" in headline
    assert saving["high"] < 0


def test_outcomes_of_the_test_set_do_not_move_the_threshold(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(evaluate.figures, "draw_evaluation", lambda *arguments: [])
    paths = Paths(own_project)
    before = Predictor.load(paths.models).metadata
    cases = pd.read_parquet(paths.processed / "cases.parquet")
    cases["y"] = cases["y"].where(cases["part"] != "test", 1 - cases["y"])
    cases.to_parquet(paths.processed / "cases.parquet")
    accept_data(paths)
    evaluate.evaluate(load_config(own_project / "config.yaml"), paths)
    after = Predictor.load(paths.models).metadata
    assert after["metrics"] != before["metrics"]
    assert after["threshold"] == before["threshold"]


def test_reported_money_is_that_of_the_published_model(project: Path):
    paths = Paths(project)
    data, _ = read_processed(paths)
    predictor = Predictor.load(paths.models)
    referred = predictor.predict_proba(data.test.images) >= predictor.metadata["threshold"]
    gain = referred * np.where(data.test.y == 1, 5_000, -400)
    reported = read_json(paths.reports / "metrics.json")["cv"]["business"]
    saved = reported["per_1000_cases"]["refer nobody"]["value"]
    assert saved == pytest.approx(gain.mean() * 1_000, rel=1e-5)
