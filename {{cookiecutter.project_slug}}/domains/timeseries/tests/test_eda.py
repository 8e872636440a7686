"""The first notebook's summaries and plots, by hand on small tables."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from demand import eda
from demand.data import DatasetInfo, Panel, read_processed
from demand.paths import Paths

DAYS = pd.Series(pd.date_range("2024-01-06", periods=10))  # from a Saturday on


@pytest.fixture
def axes():
    """Empty axes, closed after the test."""
    figure, empty = plt.subplots()
    yield empty
    plt.close(figure)


@pytest.fixture
def found(project) -> tuple[Panel, DatasetInfo]:
    """The processed data of the small project."""
    return read_processed(Paths(project))


def test_nothing_of_the_untouched_window_is_shown(found) -> None:
    panel, info = found
    past = eda.before_test(panel, info).series
    left = panel.series.groupby("unique_id").size() - past.groupby("unique_id").size()
    assert set(left) == {info.horizon}
    assert past["ds"].max() < panel.series["ds"].max()


def test_overview_counts_all(found) -> None:
    panel, info = found
    shown = eda.overview(info)
    assert shown["values"] == f"{len(panel.series):,}"
    assert shown["series"] == f"{panel.series['unique_id'].nunique():,}"
    assert shown["last date"] == f"{panel.series['ds'].max():%Y-%m-%d}"


def test_kinds_of_demand_by_hand() -> None:
    steady, rare = [4.0, 6, 5, 5, 4, 6], [0.0, 0, 3, 0, 0, 3]
    history = pd.DataFrame({"unique_id": ["a"] * 6 + ["b"] * 6, "y": steady + rare})
    table = eda.kinds(history)
    assert table.index.tolist() == ["smooth", "intermittent"]
    assert table["series"].tolist() == [1, 1]
    assert table["units a step"].tolist() == [5, 1]
    assert table["steps without demand"].tolist() == [0, pytest.approx(4 / 6)]


def test_weekdays_are_named_and_in_order(found) -> None:
    places = eda.places(DAYS, found[1])
    assert list(places[:3]) == ["Sat", "Sun", "Mon"]
    assert list(places.cat.categories) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def test_other_seasons_are_counted(found) -> None:
    info = replace(found[1], season_length=4)
    both = pd.concat([DAYS, DAYS], ignore_index=True)
    assert eda.places(both, info).tolist() == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2] * 2


def test_profiles_are_in_units_of_each_series(found) -> None:
    history = pd.DataFrame(
        {
            "unique_id": ["a"] * 4 + ["b"] * 4 + ["c"] * 4,
            "y": [1.0, 3] * 2 + [10.0, 30] * 2 + [0] * 4,
        }
    )
    groups = pd.Series(["low", "high"] * 6).astype(pd.CategoricalDtype(["low", "high"]))
    table = eda.profiles(history, groups)
    assert table.index.tolist() == ["a", "b"], "a series without demand has no profile"
    assert table.columns.tolist() == ["low", "high"]
    assert table.to_numpy().tolist() == [[0.5, 1.5], [0.5, 1.5]]


def test_differences_by_hand() -> None:
    values = np.array([1.0, 2, 4, 7, 11, 16])
    assert eda.differenced(values, 0, 0, 3).tolist() == values.tolist()
    assert eda.differenced(values, 1, 0, 3).tolist() == [1, 2, 3, 4, 5]
    assert eda.differenced(values, 0, 1, 3).tolist() == [6, 9, 12]
    assert eda.differenced(values, 1, 1, 3).tolist() == [3, 3]


def test_profiles_are_drawn_as_boxes(axes) -> None:
    eda.draw_profiles(axes, pd.DataFrame({"Mon": [0.5, 0.7], "Tue": [1.5, 1.3]}))
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Mon", "Tue"]
    medians = [line.get_ydata()[0] for line in axes.lines if line.get_color() == eda.ORANGE]
    assert medians == pytest.approx([0.6, 1.4])


def test_a_single_series_is_a_line_and_long_seasons_have_few_names(axes) -> None:
    eda.draw_profiles(axes, pd.DataFrame([range(52)], columns=range(1, 53)))
    assert axes.lines[-1].get_ydata().tolist() == list(range(52))
    names = [text.get_text() for text in axes.get_xticklabels()]
    assert names[:3] == ["1", "5", "9"]
    assert axes.get_xticks()[:3].tolist() == [1, 5, 9]


def test_a_group_that_a_series_lacks_does_not_empty_its_box(axes) -> None:
    eda.draw_profiles(axes, pd.DataFrame({"Mon": [0.5, np.nan, 0.7], "Tue": [1.5, 1.3, 1.1]}))
    medians = [line.get_ydata()[0] for line in axes.lines if line.get_color() == eda.ORANGE]
    assert medians == pytest.approx([0.6, 1.3])


def test_a_differenced_line_ends_where_the_series_does(axes) -> None:
    eda.draw_line(axes, DAYS, np.arange(8.0), "units")
    line, smooth = axes.lines
    assert line.get_xdata()[[0, -1]].tolist() == DAYS.to_numpy()[[2, -1]].tolist()
    assert smooth.get_ydata()[1:-1].tolist() == [1, 2, 3, 4, 5, 6], "the mean of three"


def test_correlations_show_the_season() -> None:
    figure, pair = plt.subplots(1, 2)
    eda.draw_correlations(pair, np.tile([0.0, 0, 0, 0, 0, 0, 9], 30), 7)
    bars = pair[0].collections[-1].get_segments()
    heights = {round(bar[1][0]): bar[1][1] for bar in bars}
    assert len(heights) == 21
    assert heights[7] > 0.9 and heights[14] > 0.9 and abs(heights[3]) < 0.3
    assert pair[0].patches[0].get_height() == pytest.approx(2 * 1.96 / np.sqrt(210))
    plt.close(figure)


def test_partial_correlations_stay_within_their_bounds() -> None:
    figure, pair = plt.subplots(1, 2)
    values = np.diff(np.random.default_rng(2).normal(size=149))
    eda.draw_correlations(pair, values, 52)
    heights = [bar[1][1] for bar in pair[1].collections[-1].get_segments()]
    assert len(heights) == eda.MOST_LAGS
    assert max(np.abs(heights)) < 1
    assert heights[0] == pytest.approx(-0.5, abs=0.15), "what differencing noise leaves"
    plt.close(figure)


def test_few_values_have_few_lags(axes) -> None:
    figure, pair = plt.subplots(1, 2)
    eda.draw_correlations(pair, np.array([1.0, 3, 2, 5, 4, 7, 6, 9]), 52)
    assert len(pair[0].collections[-1].get_segments()) == 3
    plt.close(figure)
