"""Money: every figure against arithmetic done by hand, and headlines that claim no more."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from recommender import ab_test, evaluate, figures, money, readme, sample
from recommender.config import Prices, load_config
from recommender.data import read_processed
from recommender.kit.files import Paths, read_json
from recommender.ladder import recommend
from recommender.linear import dense
from recommender.models import fixed_list
from recommender.predictor import Predictor

PRICES = Prices(currency="EUR", visits_per_month=10_000, revenue_per_click=0.5)


@pytest.fixture
def metrics(project: Path) -> dict[str, Any]:
    return read_json(project / "reports" / "metrics.json", "evaluate")


def test_lists_are_compared_in_pairs_over_users_and_priced():
    rule, more = np.resize([0.1, 0.5], 400), np.resize([0.2, 0.6], 400)
    found = money.compare({"rule": rule, "model": more}, PRICES, seed=0)
    clicks, revenue, gain = (found["model"][name] for name in ("clicks", "revenue", "gain"))
    assert (clicks["value"], revenue["value"]) == pytest.approx((0.4, 0.4 * 10_000 * 0.5))
    # A standard error of 0.2 / 20 for the clicks; what users have in common cancels out.
    assert clicks["high"] - clicks["low"] == pytest.approx(2 * 1.96 * 0.2 / 20, rel=0.1)
    assert list(gain.values()) == pytest.approx([0.1 * 10_000 * 0.5] * 3)
    assert set(found["rule"]["gain"].values()) == {0}


# One verdict


def interval(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("clicks", "gain", "verdict"),
    [
        ((200, 260), interval(60, 20, 100), "more"),
        ((260, 200), interval(-60, -100, -20), "fewer"),
        ((200, 260), interval(60, -10, 100), "chance"),  # other users might not agree
        ((200, 210), interval(10, 5, 20), "chance"),  # the test finds nothing
        ((260, 200), interval(60, 20, 100), "chance"),  # they contradict each other
        ((200, 260), interval(0, 0, 0), "chance"),
    ],
)
def test_verdict_needs_the_test_and_the_users(
    clicks: tuple[int, int], gain: dict[str, float], verdict: str
):
    assert money.verdict(ab_test.compare(*clicks, users=1_000, alpha=0.05), gain) == verdict


def headline(verdict: str, *gain: float) -> str:
    names = {"model": "EASE", "rule": "the bestsellers"}
    return money.headline(verdict, interval(*gain), names, PRICES)


def test_headline_says_assumption_difference_and_interval():
    start = "If users click as simulated and a click is worth 0.5 EUR, lists by EASE earn about "
    end = "than the bestsellers (250 to 350)"
    assert headline("more", 301.4, 248, 352) == f"{start}300 EUR a month more {end}"
    assert headline("fewer", -301.4, -352, -248) == f"{start}300 EUR a month less {end}"


def test_headline_claims_nothing_that_may_be_chance():
    chance = "whether lists by EASE earn more than the bestsellers may be chance"
    assert headline("chance", 10.2, -48, 70).endswith(f", {chance} (-50 to 70 EUR a month)")


@pytest.mark.parametrize("verdict", money.VERDICTS)
def test_figure_and_page_give_the_headlines_verdict(metrics: dict[str, Any], verdict: str):
    assert metrics["recsys"]["verdict"] == "more"
    assert "a month more than" in metrics["business"]["headline"]
    metrics["recsys"]["verdict"] = verdict
    words = {"more": "more clicks", "fewer": "fewer clicks"}.get(verdict, "may be chance")
    figures.ab_test(axes := plt.figure().subplots(), metrics)
    assert axes.get_title().endswith(words)
    assert f"{words}: +" in readme.experiment(metrics)
    assert readme.bullets(metrics).endswith(f"{words}.")


@pytest.mark.parametrize("attention", [(0.02, 0.03), (0.05, 0.07)])
def test_sensitivity_has_one_gain_groups_a_product_and_ranks_by_range(attention: tuple[float, ...]):
    visits = [{"rule": np.zeros(2), "model": np.full(2, more)} for more in (0.06, *attention)]
    found = money.sensitivity(visits, PRICES)
    ends = {row["if"]: (row["if_lower"], row["if_higher"]) for row in found}
    assert ends[money.PRICES] == pytest.approx((0.7 * 300, 1.3 * 300))
    assert ends[money.ATTENTION] == pytest.approx(tuple(5_000 * more for more in attention))
    # From 300 to 100 is wider than 210 to 390, though both ends lie on the same side of 300.
    first = money.ATTENTION if attention == (0.02, 0.03) else money.PRICES
    assert found[0]["if"] == first


@pytest.mark.parametrize(
    ("value", "text"), [(0.2, "0.2"), (1e-6, "0.000001"), (2.5e12, "2,500,000,000,000"), (0, "0")]
)
def test_numbers_are_written_out(value: float, text: str):
    assert money.in_full(value) == text


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
