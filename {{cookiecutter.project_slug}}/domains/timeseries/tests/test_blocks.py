"""Words and figures of the reports: true, and drawn, whatever was configured and found."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from demand import blocks, figures, wording
from demand.files import read_json

Report = dict[str, Any]
BLOCKS = (
    "headline",
    "results",
    "intervals",
    "business",
    "structure",
    "provenance",
    "model_details",
    "model_performance",
)
NOTHING = {"value": None, "low": None, "high": None}


@pytest.fixture
def metrics(project: Path) -> Report:
    """What the evaluate stage found."""
    return read_json(project / "reports" / "metrics.json")


@pytest.fixture
def explanation(project: Path) -> Report:
    """What the explain stage found."""
    return read_json(project / "reports" / "explain.json")


@pytest.fixture
def table(project: Path) -> pd.DataFrame:
    """The untouched window."""
    return pd.read_csv(project / "reports" / "forecasts.csv", dtype={"unique_id": str})


def without_intervals(node: Any) -> Any:
    """The same with every interval unknown."""
    if isinstance(node, dict):
        kept = {key: without_intervals(value) for key, value in node.items()}
        return kept | ({"low": None, "high": None} if {"value", "low", "high"} <= set(kept) else {})
    return [without_intervals(each) for each in node] if isinstance(node, list) else node


def as_it_is(metrics: Report, explanation: Report) -> None:
    """Nothing is changed."""


def one_series(metrics: Report, explanation: Report) -> None:
    """A single series has no intervals, and differences are taken over time."""
    metrics.update(without_intervals(metrics))
    detail = metrics["timeseries"]
    detail["data"]["series"] = detail["business"]["series"] = 1
    detail["series_models"] = {detail["selected"]: 1}
    detail["choice"] |= {"over": "blocks", "count": 1, "block": 1}
    explanation["tested"] = 1


def baseline_published(metrics: Report, explanation: Report) -> None:
    """Seasonal naive was clearly better than the average."""
    detail = metrics["timeseries"]
    detail["selected"] = "seasonal_naive"
    detail["choice"] |= {"lead": {"value": 0.0, "low": 0.0, "high": 0.0}}
    detail["series_models"] = {"seasonal_naive": detail["data"]["series"]}
    for model in metrics["models"]:
        model["selected"] = model["name"] == "seasonal_naive"
    metrics["test"] = detail["baseline"]
    detail["by_step"]["model"] = detail["by_step"]["seasonal_naive"]


def per_series(metrics: Report, explanation: Report) -> None:
    """Each series has the model that did best on it."""
    detail = metrics["timeseries"]
    detail |= {"selected": "per_series", "selection": "per_series"}
    detail["series_models"] = {"lightgbm": 1, "moving_average": detail["data"]["series"] - 1}


def little_known(metrics: Report, explanation: Report) -> None:
    """No known columns, filled gaps, a step without a name, scores that do not exist."""
    data = metrics["timeseries"]["data"]
    data |= {"known": [], "freq": "30min", "season_length": 1, "filled": 3, "fill": "zero"}
    metrics["timeseries"]["business"] |= {"lead_time": 0, "share_of_possible": None, "periods": 1}
    for name in ("bias", "wmape", "owa"):
        metrics["test"][name] = NOTHING
    metrics["timeseries"]["by_step"]["model"]["mase"][0] = None
    metrics["timeseries"]["by_class"] = [{"class": "lumpy", "series": 2}]
    explanation |= {"importance": [], "weekly_truth": None, "verdicts": {"not tested": 1}}
    unknown = dict.fromkeys(("adf_p", "kpss_p", "trend_strength", "season_strength"))
    first = explanation["series"][0]
    explanation["series"] = [first | unknown | {"verdict": "not tested"}]


def weather(metrics: Report, explanation: Report) -> None:
    """A column that is known only afterwards, and a source that ends with the data."""
    data = metrics["timeseries"]["data"]
    data |= {"known": ["temp"], "perfect_forecast": ["temp"], "planned": False}


VARIANTS = (as_it_is, one_series, baseline_published, per_series, little_known, weather)
Variant = Callable[[Report, Report], None]


@pytest.fixture(params=VARIANTS, ids=lambda change: change.__name__)
def changed(request, metrics: Report, explanation: Report) -> tuple[Report, Report]:
    """Both reports as another configuration would leave them."""
    request.param(metrics, explanation)
    return metrics, explanation


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_can_be_said(changed: tuple[Report, Report], name: str) -> None:
    text = getattr(blocks, name)(*changed)
    assert text
    for wrong in ("None", "nan", "{", " 1 days", " 1 steps", "min "):
        assert wrong not in text


def test_every_figure_can_be_drawn(
    changed: tuple[Report, Report], table: pd.DataFrame, tmp_path: Path
) -> None:
    for file in figures.draw_evaluation(tmp_path, changed[0], table):
        assert file.stat().st_size > 5_000


def test_every_picture_of_a_document_is_there(
    project: Path, metrics: Report, explanation: Report
) -> None:
    text = "".join(getattr(blocks, name)(metrics, explanation) for name in BLOCKS)
    named = {part.split(")")[0] for part in text.split("](")[1:] if part.startswith("reports/")}
    assert len(named) >= 7
    assert all((project / name).is_file() for name in named)
    assert len(named) == len(list((project / "reports" / "figures").iterdir()))


def test_a_model_that_is_not_clearly_better_is_not_praised(
    metrics: Report, explanation: Report
) -> None:
    assert "Saved a month" in blocks.business(metrics, explanation)
    assert "may be chance" not in wording.choice(metrics)
    metrics["timeseries"]["choice"]["lead"] = {"value": 0.01, "low": -0.1, "high": 0.08}
    text = wording.choice(metrics)
    assert "it lies 0.010 [-0.100, 0.080] below seasonal naive" in text
    assert text.endswith(": that may be chance.")
    metrics["timeseries"]["choice"]["lead"] = {"value": -0.1, "low": -0.2, "high": -0.01}
    assert wording.choice(metrics).endswith("over 50 series).")
    baseline_published(metrics, explanation)
    assert wording.choice(metrics).endswith("The choice fell on seasonal naive.")
    scores = wording.comparison(metrics, ("mase",))
    assert scores.splitlines()[0] == "| On the untouched window | seasonal naive |"
    assert "Saved a month" not in blocks.business(metrics, explanation)
    assert "Forecasts by: seasonal naive" in blocks.model_details(metrics, explanation)


def test_the_rule_fits_the_selection(metrics: Report, explanation: Report) -> None:
    assert wording.choice(metrics).startswith("The average of the models is taken, unless")
    alone = copy.deepcopy(metrics)
    alone["models"] = alone["models"][:2]
    assert wording.choice(alone).startswith("The choice fell on ")
    per_series(metrics, explanation)
    assert wording.choice(metrics).startswith("For each series the model of the lowest MASE")


def test_a_single_series_says_why_it_has_no_intervals(metrics: Report, explanation: Report) -> None:
    one_series(metrics, explanation)
    text = blocks.results(metrics, explanation)
    assert "too few series for scores to have an interval" in text
    assert "[" not in wording.comparison(metrics, wording.ACCURACY + wording.SPREAD)
    assert "(too few for an interval, over 1 blocks of 1 day)" in wording.choice(metrics)


def test_a_perfect_forecast_is_named(metrics: Report, explanation: Report) -> None:
    weather(metrics, explanation)
    text = blocks.provenance(metrics, explanation)
    assert "their usual values are assumed" in text
    assert "All results assume a perfect forecast of `temp`" in text


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (None, "mase", "none"),
        (0.9471, "coverage_95", "94.7%"),
        (-0.0441, "bias", "-4.4%"),
        (0.69625, "mase", "0.696"),
        (12345.6, "", "12,346"),
    ],
)
def test_numbers_suit_their_metric(value: float | None, name: str, expected: str) -> None:
    assert wording.number(value, name) == expected


@pytest.mark.parametrize(
    ("freq", "count", "expected"),
    [("D", 14, "14 days"), ("D", 1, "1 day"), ("W-MON", 8, "8 weeks"), ("30min", 2, "2 steps")],
)
def test_steps_have_names(freq: str, count: int, expected: str) -> None:
    assert wording.steps({"freq": freq}, count) == expected


def drawn(draw: Callable[..., None], *values: Any) -> plt.Axes:
    """The axes on which ``draw`` drew."""
    axes = plt.figure().subplots()
    draw(axes, *values)
    return axes


def test_the_title_of_the_ladder_names_who_was_lower(metrics: Report, explanation: Report) -> None:
    best = min(metrics["models"], key=lambda model: model["metrics"]["mase"]["value"])
    for model in metrics["models"]:
        model["selected"] = model is best
    metrics["timeseries"]["selected"] = best["name"]
    axes = drawn(figures.ladder, metrics, "")
    assert axes.get_title(loc="left") or axes.get_title()
    heading = axes.get_title(loc="left") + axes.get_title()
    assert heading == f"{wording.title(best['name'])} has the lowest error"
    if best["name"] != "seasonal_naive":
        baseline_published(metrics, explanation)
        axes = drawn(figures.ladder, metrics, "")
        heading = axes.get_title(loc="left") + axes.get_title()
        assert heading.endswith(f"is published; lowest error: {wording.label(best['name'])}")
    plt.close("all")


def test_the_steps_count_where_the_model_was_closer(metrics: Report) -> None:
    steps = metrics["timeseries"]["by_step"]
    steps["seasonal_naive"]["mase"] = [1.0] * 7
    steps["model"]["mase"] = [0.9, 1.1, 0.9, 0.9, None, 1.0, 0.5]
    axes = drawn(figures.steps, metrics, "")
    heading = axes.get_title(loc="left") + axes.get_title()
    assert heading == "Closer than seasonal naive in 4 of 7 steps"
    assert axes.get_xlabel() == "days ahead"
    plt.close("all")


def test_the_share_inside_is_that_of_all_series(metrics: Report, table: pd.DataFrame) -> None:
    page = plt.figure()
    table["y"] = table["low_95"] - 1
    table.loc[: len(table) // 4 - 1, "y"] = table["yhat"]
    figures.forecasts(page, metrics, table, "")
    share = (len(table) // 4) / len(table)
    assert page.get_suptitle() == f"{share:.1%} of the values came inside the 95% intervals"
    assert len(page.axes) == figures.SHOWN
    plt.close("all")
