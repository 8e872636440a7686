"""Money: every figure against arithmetic done by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from recommender import ab_test, business, evaluate, sample, slices
from recommender.ab_test import Plan
from recommender.bootstrap import Estimate
from recommender.config import Prices, Split, load_config
from recommender.data import prepare, read_processed
from recommender.errors import ModelError
from recommender.files import read_json
from recommender.models import recommend
from recommender.paths import Paths
from recommender.predictor import Predictor
from recommender.ranking import NO_ITEM
from recommender.train import Slice

from .test_artifacts import accept_data

GROUPS = ("control", "treatment")
PRICES = Prices(currency="EUR", visits_per_month=10_000, revenue_per_click=0.5)
PLAN = Plan(baseline=0.2, min_effect=0.05, alpha=0.05, power=0.8, users_per_group=1_000)
SPLIT_BY_USER = Split(by="user", test_size=0.2, validation_size=0.2)


def summarise(control: list[float], treatment: list[float]) -> dict[str, Any]:
    """What 100 users of each kind would bring."""
    rates = {"control": np.repeat(control, 100), "treatment": np.repeat(treatment, 100)}
    result = ab_test.compare(200, 260, PLAN.users_per_group, PLAN.alpha)
    return business.summarise(PLAN, result, rates, "ease", PRICES, seed=0)


def test_revenue_is_clicks_times_visits_times_price():
    assert business.revenue(0.25, PRICES) == 0.25 * 10_000 * 0.5


def test_gain_has_the_interval_of_the_clicks():
    found = business.gain(Estimate(0.06, -0.01, 0.13), PRICES)
    assert (found.value, found.low, found.high) == pytest.approx((300, -50, 650))


def test_interval_of_extra_clicks_is_over_users():
    control, treatment = np.full(400, 0.1), np.resize([0.1, 0.3], 400)
    found = business.extra_clicks(control, treatment, seed=0)
    assert found.value == pytest.approx(0.1)
    # The mean of 400 users who add 0 or 0.2: a standard error of 0.1 / 20.
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.1 / 20, rel=0.1)
    assert found == business.extra_clicks(control, treatment, seed=0)


@pytest.mark.parametrize("name", ["visits_per_month", "revenue_per_click"])
def test_one_price_moves_at_a_time(name: str):
    before, after = PRICES.model_dump(), business.moved(PRICES, name, 1.3).model_dump()
    assert after[name] == pytest.approx(1.3 * before[name])
    assert {key for key in before if before[key] != after[key]} == {name}


def test_sensitivity_sets_prices_against_what_the_test_leaves_open():
    rows = business.sensitivity(Estimate(0.06, 0.05, 0.07), PRICES)
    assert [row["price"] for row in rows[:2]] == ["visits_per_month", "revenue_per_click"]
    for row in rows[:2]:
        assert (row["if_lower"], row["if_higher"]) == pytest.approx((210, 390))
    assert rows[2] == {
        "price": "effect",
        "swing": None,
        "if_lower": pytest.approx(250),
        "if_higher": pytest.approx(350),
    }
    wide = business.sensitivity(Estimate(0.06, -0.1, 0.2), PRICES)
    assert wide[0]["price"] == "effect"


def test_summary_agrees_with_its_own_parts():
    found = summarise([0.2, 0.2], [0.2, 0.32])
    summary, detail = found["summary"], found["detail"]
    assert (summary["currency"], summary["per"]) == ("EUR", "month")
    assert summary["value"] == pytest.approx(300)
    assert 250 < summary["low"] < 270 < 330 < summary["high"] < 350
    assert summary["headline"] == (
        "With simulated clicks, recommendations by ease earn 300 EUR a month more than popular "
        f"items do (95% interval {summary['low']:,.0f} to {summary['high']:,.0f})"
    )
    assert detail["revenue_per_month"] == pytest.approx({"control": 1_000, "treatment": 1_300})
    assert detail["plan"]["users_per_group"] == detail["result"]["users_per_group"] == 1_000


def test_loss_is_called_one():
    found = summarise([0.2, 0.32], [0.2, 0.2])["summary"]
    ends = f"95% interval {-found['high']:,.0f} to {-found['low']:,.0f}"
    assert f"300 EUR a month less than popular items do ({ends})" in found["headline"]


def test_what_may_be_chance_is_not_called_a_gain():
    found = summarise([0.1, 0.3], [0.3, 0.11])["summary"]
    assert found["headline"].endswith("the difference may be chance")


def test_reported_money_is_that_of_the_simulated_clicks(project: Path):
    config = load_config(project / "config.yaml")
    reported = read_json(project / "reports" / "metrics.json")
    detail, rates = reported["recsys"]["business"], reported["recsys"]["experiment"]["expected"]
    clicks = rates["treatment"] - rates["control"]
    assert reported["business"]["value"] == pytest.approx(clicks * 100_000 * 0.2, rel=1e-4)
    result = detail["result"]
    again = ab_test.compare(
        *(round(result[group]["value"] * result["users_per_group"]) for group in GROUPS),
        result["users_per_group"],
        config.ab_test.alpha,
    )
    assert again.p_value == pytest.approx(result["p_value"], abs=1e-6)
    for group in GROUPS:  # what was drawn is near what it was drawn with
        assert result[group]["low"] - 0.01 < rates[group] < result[group]["high"] + 0.01
    assert Predictor.load(project / "models").metadata["prices"] == config.prices.model_dump()


def test_clicks_are_drawn_by_the_truth_of_the_sample(project: Path):
    paths = Paths(project)
    data, info = read_processed(paths)
    world = sample.truth(info.seed)
    model, training = evaluate.read_candidate(paths)
    known = pd.concat([data.train, data.validation])
    likes, seen = data.matrix(known), data.matrix(known, liked=False)
    users = np.unique(data.test.loc[data.test["like"] == 1, "user"])
    lists = recommend(model, likes, seen, training["k"])[users]
    missed = np.ones(len(users))
    for rank, items in enumerate(lists.T, start=1):
        missed *= 1 - world.click_probability(users, items) / np.log2(rank + 1)
    found = read_json(paths.reports / "metrics.json")["recsys"]["experiment"]
    assert found["visitors"] == len(users)
    assert found["expected"]["treatment"] == pytest.approx(1 - missed.mean(), rel=1e-3)
    assert found["expected"]["treatment"] > found["expected"]["control"]


@pytest.mark.parametrize("change", [{"seed": 4}, {"split": SPLIT_BY_USER}])
def test_model_of_other_data_is_refused(own_project: Path, change: dict[str, Any]):
    paths = Paths(own_project)
    config = load_config(own_project / "config.yaml").model_copy(update=change)
    prepare(config, paths)
    with pytest.raises(ModelError, match="run the `train` stage again"):
        evaluate.evaluate(config, paths)


def test_test_slice_does_not_change_the_model(own_project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evaluate.figures, "draw_evaluation", lambda *arguments: [])
    paths = Paths(own_project)
    before = Predictor.load(paths.models)
    data, _ = read_processed(paths)
    data.test.assign(like=1 - data.test["like"]).to_parquet(paths.processed / "test.parquet")
    accept_data(paths)
    evaluate.evaluate(load_config(own_project / "config.yaml"), paths)
    after = Predictor.load(paths.models)
    assert after.metadata["metrics"] != before.metadata["metrics"]
    likes = np.array([3, 100, 200])
    assert (after.model.scores(likes) == before.model.scores(likes)).all()


# Slices, by hand: four users, three items; item 0 has 10 known likes, item 1 one, item 2 none.


@pytest.fixture
def task() -> Slice:
    likes = np.zeros((12, 3))
    likes[:10, 0], likes[0, 1] = 1, 1
    relevant = np.zeros((12, 3))
    relevant[[0, 1, 10, 11], [2, 1, 0, 0]] = 1
    return Slice(csr_matrix(likes), csr_matrix(likes), csr_matrix(relevant))


def test_users_are_told_apart_by_their_known_likes(task: Slice):
    scores = {"primary": np.arange(12, dtype=float)}
    rows = slices.user_slices(task, {"control": scores, "treatment": scores}, "primary")
    assert rows == [
        {"likes": "0", "users": 2, "control": 10.5, "treatment": 10.5},
        {"likes": "1 to 5", "users": 2, "control": 0.5, "treatment": 0.5},
    ]


def test_items_are_told_apart_by_their_known_likes(task: Slice):
    lists = np.full((12, 2), NO_ITEM)
    lists[0], lists[10], lists[11] = [2, 1], [1, 0], [1, NO_ITEM]
    rows = slices.item_slices(task, {"treatment": lists})
    assert rows == [
        {"likes": "0", "items": 1, "held_out": 1, "treatment": 1.0},
        {"likes": "1 to 9", "items": 1, "held_out": 1, "treatment": 0.0},
        {"likes": "10 to 49", "items": 1, "held_out": 2, "treatment": 0.5},
    ]
