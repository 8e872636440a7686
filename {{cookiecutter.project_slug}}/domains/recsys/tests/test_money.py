"""Money: every figure against arithmetic done by hand, and headlines that claim no more."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import ab_test, evaluate, money, sample
from recommender.ab_test import Result
from recommender.config import Prices, load_config
from recommender.data import read_processed
from recommender.kit.files import Paths, read_json
from recommender.kit.intervals import Estimate
from recommender.ladder import recommend
from recommender.linear import dense
from recommender.models import fixed_list
from recommender.predictor import Predictor

PRICES = Prices(currency="EUR", visits_per_month=10_000, revenue_per_click=0.5)


@pytest.fixture
def metrics(project: Path) -> dict[str, Any]:
    return read_json(project / "reports" / "metrics.json", "evaluate")


def outcome(control: int, treatment: int, users: int = 1_000) -> Result:
    return ab_test.compare(control, treatment, users, alpha=0.05)


def test_revenue_is_clicks_times_visits_times_price():
    assert money.revenue(0.25, PRICES) == 0.25 * 10_000 * 0.5
    found = money.in_money(Estimate(0.06, -0.01, 0.13), PRICES)
    assert (found.value, found.low, found.high) == pytest.approx((300, -50, 650))


def test_lists_are_compared_in_pairs_over_users():
    rule, more = np.resize([0.1, 0.5], 400), np.resize([0.2, 0.6], 400)
    found = money.compare_lists({"rule": rule, "model": more}, seed=0)
    clicks, extra = found["model"]
    assert (clicks.value, extra.value) == pytest.approx((0.4, 0.1))
    # A standard error of 0.2 / 20 for the clicks; what users have in common cancels out.
    assert clicks.high - clicks.low == pytest.approx(2 * 1.96 * 0.2 / 20, rel=0.1)
    assert (extra.low, extra.high) == pytest.approx((0.1, 0.1))
    assert found["rule"][1] == Estimate(0, 0, 0)


# One verdict


@pytest.mark.parametrize(
    ("clicks", "extra", "verdict"),
    [
        ((200, 260), Estimate(0.06, 0.02, 0.1), "more"),
        ((260, 200), Estimate(-0.06, -0.1, -0.02), "fewer"),
        ((200, 260), Estimate(0.06, -0.01, 0.1), "chance"),  # other users might not agree
        ((200, 210), Estimate(0.01, 0.005, 0.02), "chance"),  # the test finds nothing
        ((260, 200), Estimate(0.06, 0.02, 0.1), "chance"),  # they contradict each other
        ((200, 260), Estimate(0, 0, 0), "chance"),
    ],
)
def test_verdict_needs_the_test_and_the_users(
    clicks: tuple[int, int], extra: Estimate, verdict: str
):
    assert money.verdict(outcome(*clicks), extra) == verdict


def headline(verdict: str, value: float, low: float, high: float) -> str:
    return money.headline(verdict, Estimate(value, low, high), "EASE", "the bestsellers", PRICES)


def test_headline_says_assumption_difference_and_interval():
    start = "If users click as simulated and a click is worth 0.5 EUR, lists by EASE earn about "
    assert headline("more", 301.4, 248, 352) == (
        start + "300 EUR a month more than the bestsellers (250 to 350)"
    )
    assert headline("fewer", -301.4, -352, -248) == (
        start + "300 EUR a month less than the bestsellers (250 to 350)"
    )


def test_headline_claims_nothing_that_may_be_chance():
    found = headline("chance", 10.2, -48, 70)
    assert "more" not in found and "less" not in found
    assert found.endswith("the difference may be chance (-50 to 70 EUR a month)")


def test_figure_headline_and_document_give_the_same_verdict(project: Path, metrics: dict[str, Any]):
    verdict = metrics["recsys"]["verdict"]
    assert verdict == "more"
    assert "a month more than" in metrics["business"]["headline"]
    figures = read_json(project / "reports" / "figures.json", "evaluate")
    first = next(figure for figure in figures if figure["role"] == "headline")
    assert "more clicks" in first["title"]
    assert "It finds more clicks" in (project / "README.md").read_text(encoding="utf-8")


def test_sensitivity_starts_from_one_gain_and_groups_what_is_a_product():
    found = money.sensitivity(Estimate(0.06, 0.05, 0.07), [0.02, 0.09], PRICES)
    assert found["prices"] == pytest.approx((0.7 * 300, 1.3 * 300))
    assert found["effect"] == pytest.approx((250, 350))
    assert found["attention"] == pytest.approx((100, 450))


# What the pipeline reports


def test_reported_money_is_that_of_the_simulated_clicks(project: Path, metrics: dict[str, Any]):
    config = load_config(project / "config.yaml")
    lists, found = (metrics["recsys"][name] for name in ("business", "experiment"))
    rates = {name: row["clicks"]["value"] for name, row in lists["lists"].items()}
    extra = rates["model"] - rates["rule"]
    assert metrics["business"]["value"] == pytest.approx(extra * 100_000 * 0.2, rel=1e-4)
    gain = lists["lists"]["model"]["gain"]
    assert gain == {key: metrics["business"][key] for key in ("value", "low", "high")}
    assert rates["random"] < rates["rule"] < rates["model"]
    result, users = found["result"], found["plan"]["users_per_group"]
    clicks = (round(result[group]["value"] * users) for group in ("control", "treatment"))
    again = ab_test.compare(*clicks, users, config.ab_test.alpha)
    assert again.p_value == pytest.approx(result["p_value"], abs=1e-6)
    for group, name in (("control", "rule"), ("treatment", "model")):
        assert result[group]["low"] - 0.01 < rates[name] < result[group]["high"] + 0.01
    assert Predictor.load(project / "models").metadata["prices"] == config.prices.model_dump()


def test_clicks_are_drawn_by_the_truth_of_the_sample(project: Path, metrics: dict[str, Any]):
    data, info = read_processed(Paths(project))
    world, task = sample.truth(info.seed), data.task("test")
    users = np.flatnonzero(task.users)
    model = dense(Predictor.load(project / "models").model)
    for name, scorer in (("rule", fixed_list(task.likes, [])), ("model", model)):
        missed = np.ones(len(users))
        for rank, items in enumerate(recommend(scorer, task, 10)[users].T, start=1):
            missed *= 1 - world.click_probability(users, items) / np.log2(rank + 1)
        reported = metrics["recsys"]["business"]["lists"][name]["clicks"]["value"]
        assert reported == pytest.approx(1 - missed.mean(), rel=1e-3)


def test_real_data_goes_by_the_click_model(project: Path):
    data, info = read_processed(Paths(project))
    task = data.task("test")
    real = type(info)(**{**vars(info), "synthetic": False})
    lists = {"model": recommend(fixed_list(task.likes, []), task, 10)}
    found = evaluate.click_rates(real, task, lists, steepness=1.0)["model"]
    user = int(np.flatnonzero(task.users)[found.argmax()])
    liked = set(task.relevant[user].indices)
    places = [place for place, item in enumerate(lists["model"][user], 1) if item in liked]
    assert found.max() == pytest.approx(sum(1 / np.log2(p + 1) for p in places) / len(liked))


def test_gap_between_validation_and_test_is_told_apart(metrics: dict[str, Any]):
    gap, chosen = metrics["recsys"]["gap"], next(m for m in metrics["models"] if m["selected"])
    reported = chosen["metrics"]["ndcg_at_10"]["value"]
    assert gap["validation"] == pytest.approx(reported, rel=1e-4)
    # Leaving out what counts as a miss can only help.
    assert gap["hidden_left_out"] >= gap["validation"]
    assert metrics["test"]["ndcg_at_10"]["value"] > gap["validation"]
