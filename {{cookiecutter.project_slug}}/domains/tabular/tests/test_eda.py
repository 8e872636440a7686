"""The first notebook's summaries: by hand where that is possible, and on awkward columns."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from churn import charts, eda
from churn.data import MISSING, DatasetInfo

LEFT = pd.Series([1, 1, 0, 0])


def numbers(*values: float) -> pd.Series:
    """A numeric column as the data stage writes it."""
    return pd.Series(values, dtype="float32", name="a number")


@pytest.fixture
def axes():
    """Empty axes, closed after the test."""
    figure, empty = plt.subplots()
    yield empty
    plt.close(figure)


def test_missing_knows_both_kinds() -> None:
    table = pd.DataFrame({"n": numbers(1, np.nan), "c": [MISSING, "a"]})
    assert eda.missing(table).to_numpy().tolist() == [[False, True], [True, False]]


def test_overview_describes_what_is_known() -> None:
    table = pd.DataFrame({"n": numbers(1, 1, 1, np.nan), "c": ["a", "a", "b", MISSING]})
    info = DatasetInfo("", False, 4, "", "t", "1", None, ["n"], ["c"], {}, {})
    shown = eda.overview(table, info)
    assert shown.loc["n"].tolist() == ["number", "25.0%", 1, "1 (most from 1 to 1)"]
    assert shown.loc["c"].tolist() == ["category", "25.0%", 2, "a (67%)"]


def test_numbers_are_grouped_into_ordered_ranges() -> None:
    groups = eda.grouped(numbers(*range(10), np.nan))
    names = ["0 to 1", "2 to 3", "4 to 5", "6 to 7", "8 to 9", MISSING]
    assert list(groups.cat.categories) == names
    assert groups.value_counts().reindex(names).tolist() == [2, 2, 2, 2, 2, 1]


def test_few_different_numbers_are_groups_of_their_own() -> None:
    groups = eda.grouped(numbers(10, 2, 2, 0.5))
    assert list(groups.cat.categories) == ["0.5", "2", "10"]


def test_ranges_that_read_the_same_are_one_group() -> None:
    groups = eda.grouped(numbers(*np.linspace(1.0e9, 1.00001e9, 50)))
    assert list(groups.cat.categories) == ["1e+09 to 1e+09"]
    assert groups.notna().all()


def test_rare_categories_share_a_group_and_missing_ones_have_their_own() -> None:
    column = pd.Series(["b"] * 3 + ["a"] * 2 + [f"rare {n}" for n in range(9)] + [MISSING])
    groups = eda.grouped(column)
    assert list(groups.cat.categories)[:2] == ["b", "a"]
    assert list(groups.cat.categories)[-2:] == [eda.OTHER, MISSING]
    assert len(groups.cat.categories) == eda.CATEGORIES + 2
    assert (groups == MISSING).sum() == 1
    assert groups.notna().all()


def test_churn_rates_have_wilson_intervals() -> None:
    left = pd.Series([1] * 8 + [0] * 2)
    rates = eda.churn_rates(pd.Series(["a"] * 10), left)
    assert rates.loc["a", "customers"] == 10
    assert rates.loc["a", "rate"] == pytest.approx(0.8)
    # Wilson's interval for 8 of 10, as in Newcombe (1998), method 3.
    assert rates.loc["a", "low"] == pytest.approx(0.4902, abs=1e-4)
    assert rates.loc["a", "high"] == pytest.approx(0.9433, abs=1e-4)


def test_cramers_v_by_hand() -> None:
    assert eda.cramers_v(pd.Series(list("aabb")), LEFT) == pytest.approx(1)
    assert eda.cramers_v(pd.Series(list("abab")), LEFT) == 0
    assert eda.cramers_v(pd.Series(list("aaaa")), LEFT) == 0
    # 30 of 40 against 10 of 40: phi squared is 0.25; without its bias 0.25 - 1/79, over 1 - 1/79.
    groups = pd.Series(["a"] * 40 + ["b"] * 40)
    left = pd.Series([1] * 30 + [0] * 10 + [1] * 10 + [0] * 30)
    assert eda.cramers_v(groups, left) == pytest.approx(((0.25 - 1 / 79) / (1 - 1 / 79)) ** 0.5)


def test_associations_rank_the_driver_above_noise() -> None:
    rng = np.random.default_rng(0)
    left = rng.integers(0, 2, 400)
    table = pd.DataFrame(
        {
            "noise": rng.normal(size=400).astype("float32"),
            "driver": (left + rng.normal(size=400)).astype("float32"),
            "letters": np.where(left, "a", rng.choice(["a", "b"], 400)),
            "t": left,
        }
    )
    info = DatasetInfo("", False, 400, "", "t", "1", None, ["noise", "driver"], ["letters"], {}, {})
    found = eda.associations(table, info)
    assert set(found.index[:2]) == {"driver", "letters"}
    assert found["noise"] < 0.1 < found["driver"]


def test_outliers_are_beyond_the_fences() -> None:
    # The quartiles of 1 to 9 are 3 and 7, so the fences are -3 and 13.
    values = numbers(*range(1, 10))
    assert not charts.outside_fences(values).any()
    # With one more value they are 3.25 and 7.75, and the upper fence is 14.5.
    assert not charts.outside_fences(numbers(*range(1, 10), 14)).any()
    assert charts.outside_fences(numbers(*range(1, 10), 15)).tolist() == [False] * 9 + [True]
    assert not charts.outside_fences(numbers(0, 0, 0, 0, 0, 0, 5)).any(), "no spread, no fences"
    assert not charts.outside_fences(numbers(1, 2, np.nan)).any()


def test_texts_fit_their_place() -> None:
    assert charts.short("a\n b") == "a b"
    assert charts.short("x" * 99) == "x" * (charts.NAME_LENGTH - 1) + "…"
    assert [eda.written(value) for value in (None, float("nan"), MISSING)] == ["not known"] * 3
    assert eda.written(1234.5678) == "1,235"
    assert eda.written("monthly") == "monthly"


def test_rates_are_drawn_in_order(axes) -> None:
    rates = eda.churn_rates(pd.Series(["a", "a", "b", "b"]), LEFT)
    eda.draw_rates(axes, rates, 0.5)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert axes.lines[1].get_xdata().tolist() == [1.0, 0.0]
    assert axes.get_xlabel()


def test_distributions_of_both_add_up_to_one(axes) -> None:
    column = numbers(*range(200), np.nan, 1e6)
    left = pd.Series([0, 1] * 101)
    eda.draw_distribution(axes, column, left)
    assert axes.get_legend_handles_labels()[1] == ["stayed", "left"]
    for container in axes.containers:
        assert sum(bar.get_height() for bar in container) == pytest.approx(1)
    assert axes.get_xlim()[1] < 1e6, "an outlier does not squeeze the rest"


def test_whole_numbers_get_a_bar_each(axes) -> None:
    eda.draw_distribution(axes, numbers(0, 1, 2, 2), LEFT)
    middles = [bar.get_x() + bar.get_width() / 2 for bar in axes.containers[0]]
    assert middles == [0, 1, 2]


def test_a_box_marks_the_values_that_count_as_outliers(axes) -> None:
    column = numbers(*range(1, 10), np.nan, 100)
    eda.draw_box(axes, column)
    (median,) = [line for line in axes.lines if line.get_color() == eda.ORANGE]
    assert median.get_ydata()[0] == column.median()
    (dots,) = [line for line in axes.lines if line.get_marker() == "."]
    assert list(dots.get_ydata()) == column[charts.outside_fences(column)].tolist() == [100]


def test_heat_maps_name_rows_columns_and_cells(axes) -> None:
    values = pd.DataFrame({"x": [0.0, 1.0], "y": [np.nan, 0.5]}, index=["top", "bottom"])
    eda.draw_heat_map(axes, values, values.map("{:.1f}".format), (0, 1), "rate")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["x", "y"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["top", "bottom"]
    colours = {text.get_text(): text.get_color() for text in axes.texts}
    assert colours == {"0.0": "black", "nan": "black", "1.0": "white", "0.5": "black"}


def test_shares_are_written_beside_their_bars(axes) -> None:
    eda.draw_shares(axes, pd.Series({"first": 0.5, "second": 0.25}), "share", "{:.0%}")
    assert [text.get_text() for text in axes.texts] == ["50%", "25%"]
    assert axes.yaxis_inverted()
