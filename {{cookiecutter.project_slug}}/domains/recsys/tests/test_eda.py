"""The first notebook's summaries and plots, by hand on small tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recommender import eda

DAY = 86_400


@pytest.fixture
def axes():
    """Empty axes, closed after the test."""
    figure, empty = plt.subplots()
    yield empty
    plt.close(figure)


def test_counts_include_those_without_any() -> None:
    assert eda.counts(pd.Series([0, 2, 2]), 4).tolist() == [1, 0, 2, 0]


def test_share_of_the_top_by_hand() -> None:
    sizes = np.array([1.0, 1, 6, 2])
    assert eda.share_of_top(sizes, 0.25) == pytest.approx(0.6)
    assert eda.share_of_top(sizes, 0.5) == pytest.approx(0.8)
    assert eda.share_of_top(sizes, 0.01) == pytest.approx(0.6), "at least one counts"


def test_gini_by_hand() -> None:
    assert eda.gini(np.full(5, 3.0)) == pytest.approx(0)
    assert eda.gini(np.array([0.0, 0, 0, 8])) == pytest.approx(0.75)
    # The mean absolute difference of 1 and 3 over all four pairs is 1; half of it by the mean, 2.
    assert eda.gini(np.array([3.0, 1])) == pytest.approx(0.25)


def test_groups_by_count_hold_everybody_once() -> None:
    sizes = np.array([0.0, 1, 2, 4, 5, 999, 1_000, 5_000])
    groups = eda.by_count(sizes)
    assert groups.to_dict() == {
        "0": 1,
        "1": 1,
        "2 to 4": 2,
        "5 to 9": 1,
        "500 to 999": 1,
        "1,000 or more": 2,
    }


def test_months_without_anything_are_zero() -> None:
    months = eda.by_month(pd.Series([0, DAY, 70 * DAY]))
    assert [str(month) for month in months.index] == ["1970-01", "1970-02", "1970-03"]
    assert months.tolist() == [2, 0, 1]


def test_the_corner_holds_the_most_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eda, "MAP", 2)
    users, items = pd.Series([7, 7, 7, 3, 3, 5]), pd.Series([1, 2, 4, 2, 4, 4])
    rows, columns = eda.corner(users, items)
    # User 7 is first and 3 second; item 4 is first and 2 second.
    assert sorted(zip(rows, columns, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_dot_for_each_interaction(axes) -> None:
    eda.draw_table(axes, pd.Series([7, 7, 3]), pd.Series([1, 2, 2]))
    (dots,) = axes.lines
    assert sorted(dots.get_xydata().tolist()) == [[0, 0], [0, 1], [1, 0]]
    assert axes.yaxis_inverted()


def test_the_tail_falls_and_shades_its_head(axes) -> None:
    eda.draw_tail(axes, np.array([1.0, 0, 30, *[2] * 17]))
    (line,) = axes.lines
    assert line.get_xdata().tolist() == list(range(1, 20)), "log axes have no place for 0"
    assert line.get_ydata().tolist() == [30, *[2] * 17, 1]
    assert axes.patches[0].get_width() == 1, "the first two of twenty"
    assert axes.get_xaxis().get_major_formatter()(100) == "100"


def test_bars_are_written_beside(axes) -> None:
    eda.draw_bars(axes, pd.Series({"first": 1_500, "second": 2}), "users")
    assert [text.get_text() for text in axes.texts] == ["1,500", "2"]
    assert axes.yaxis_inverted()


def test_months_are_drawn_in_order(axes) -> None:
    eda.draw_months(axes, eda.by_month(pd.Series([0, DAY, 70 * DAY])), "interactions")
    assert axes.lines[0].get_ydata().tolist() == [2, 0, 1]
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize(("least", "likes"), [(4.0, [False, True]), (None, [True, True])])
def test_ratings_that_are_likes_are_blue(axes, least: float | None, likes: list[bool]) -> None:
    eda.draw_ratings(axes, pd.Series([3.5, 4.0, 4.0, 4.0]), least)
    bars = axes.patches
    assert [bar.get_height() for bar in bars] == [0.25, 0.75]
    blue = plt.matplotlib.colors.to_rgba(eda.BLUE)
    assert [bar.get_facecolor() == blue for bar in bars] == likes
    assert bars[0].get_width() < 0.5, "half stars do not overlap"


def test_one_rating_alone_can_be_drawn(axes) -> None:
    eda.draw_ratings(axes, pd.Series([5.0, 5.0]), None)
    assert axes.patches[0].get_height() == 1


def test_overview_counts_all_slices(project) -> None:
    from recommender.data import read_processed
    from recommender.paths import Paths

    data, info = read_processed(Paths(project))
    shown = eda.overview(info)
    rows = len(data.train) + len(data.validation) + len(data.test)
    assert shown["interactions"] == f"{rows:,}"
    assert shown["share of all pairs"] == f"{rows / len(data.users) / len(data.items):.3%}"
