"""The notebooks' own functions: as the formulas say, and as chance would have it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression, LogisticRegression
from statsmodels.stats.power import TTestIndPower

from analysis import lessons
from analysis.models import preparation

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, 200)
Y = 5 + 1.5 * X + RNG.normal(0, 1, 200)
LINE = np.polyfit(X, Y, 1)[::-1]
SKEWED = RNG.lognormal(0, 1, 500)

# Mathematics


def test_loss_is_the_mean_squared_error_of_one_line_and_of_many():
    assert lessons.line_loss(X, Y, 4.0, 2.0) == pytest.approx(((Y - 4 - 2 * X) ** 2).mean())
    many = lessons.line_loss(X, Y, np.array([4.0, 0.0]), np.array([2.0, 1.0]))
    assert many == pytest.approx([((Y - 4 - 2 * X) ** 2).mean(), ((Y - X) ** 2).mean()])


def test_gradient_is_the_slope_of_the_loss():
    point, h = np.array([4.0, 2.0]), 1e-5
    rises = [
        lessons.line_loss(X, Y, *(point + step)) - lessons.line_loss(X, Y, *(point - step))
        for step in h * np.eye(2)
    ]
    assert lessons.line_gradient(X, Y, point) == pytest.approx(np.array(rises) / (2 * h), rel=1e-6)


def test_gradient_descent_finds_the_least_squares_line():
    path = lessons.descend(X, Y, np.zeros(2), 0.05, 2_000)
    assert path.shape == (2_001, 2)
    assert path[0] == pytest.approx([0, 0])
    assert path[-1] == pytest.approx(LINE, rel=1e-6)


def test_gradient_descent_arrives_only_below_the_critical_rate():
    design = np.column_stack([np.ones_like(X), X])
    steepness, _ = lessons.principal_axes(2 * design.T @ design / len(X))
    below, above = (
        lessons.descend(X, Y, np.zeros(2), factor * 2 / steepness[0], 500)[-1]
        for factor in (0.95, 1.05)
    )
    assert np.abs(below - LINE).max() < 0.1
    assert np.abs(above - LINE).max() > 1e6


def test_principal_axes_are_eigenvectors_with_the_largest_first():
    covariance = np.cov(RNG.normal(size=(3, 50)) * [[1], [5], [2]])
    variances, axes = lessons.principal_axes(covariance)
    assert list(variances) == sorted(variances, reverse=True)
    assert covariance @ axes == pytest.approx(axes * variances)
    assert all(axes[np.abs(axes[:, place]).argmax(), place] > 0 for place in range(3))


# Statistics


def test_intervals_of_a_mean_are_those_of_the_library():
    samples = RNG.normal(10, 2, (3, 25))
    low, high = lessons.t_intervals(samples)
    for place, sample in enumerate(samples):
        expected = stats.t.interval(0.95, 24, sample.mean(), stats.sem(sample))
        assert (low[place], high[place]) == pytest.approx(expected)
    drawn_low, drawn_high = lessons.bootstrap_intervals(samples, 0)
    assert drawn_low == pytest.approx(low, abs=0.3)
    assert drawn_high == pytest.approx(high, abs=0.3)
    assert np.all(drawn_high - drawn_low < high - low), "on few rows the bootstrap is too narrow"


def test_intervals_hold_a_normal_truth_as_promised_and_a_lopsided_one_less_often():
    runs = 2_000
    normal = lessons.coverage(RNG.normal(size=5_000), 20, runs, 0)
    lopsided = lessons.coverage(SKEWED, 10, runs, 0)
    error = 4 * np.sqrt(0.95 * 0.05 / runs)
    assert normal["t"] == pytest.approx(0.95, abs=error)
    assert lopsided["t"] < 0.95 - error
    assert lopsided["bootstrap"] < lopsided["t"]


def test_shuffled_differences_are_centred_and_spread_as_theory_says():
    found = lessons.shuffled_differences(SKEWED, 150, 4_000, 0)
    spread = SKEWED.std(ddof=1) * np.sqrt(1 / 150 + 1 / 350)
    assert found.std() == pytest.approx(spread, rel=0.05)
    assert found.mean() == pytest.approx(0, abs=4 * spread / np.sqrt(4_000))


def test_shuffled_differences_are_of_the_second_group_less_the_first():
    assert set(lessons.shuffled_differences(np.array([0.0, 3.0]), 1, 50, 0)) == {-3.0, 3.0}


def test_without_effect_p_values_are_flat_and_holm_keeps_false_alarms_rare():
    p = lessons.p_values_without_effect(RNG.normal(size=1_000), 30, 8_000, 0)
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 8_000))
    assert stats.kstest(p, "uniform").pvalue > 0.001
    plain, corrected = lessons.false_alarms(p.reshape(-1, 10), 0.05)
    error = 4 * np.sqrt(0.25 / 800)
    assert plain == pytest.approx(1 - 0.95**10, abs=error)
    assert corrected == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 800))


def test_false_alarms_are_counted_by_hand():
    p = np.array([[0.01, 0.9], [0.04, 0.9], [0.5, 0.6], [0.03, 0.04]])
    # Holm wants the smaller of two below 0.025.
    assert lessons.false_alarms(p, 0.05) == (0.75, 0.25)


def test_students_test_is_too_bold_where_the_small_group_spreads_more():
    found = lessons.spread_alarms((20, 80), 3, 0.05, 0)
    assert found["Student"] > 0.15
    assert found["Welch"] == pytest.approx(0.05, abs=0.015)
    timid = lessons.spread_alarms((80, 20), 3, 0.05, 0)
    assert timid["Student"] < 0.02


@pytest.mark.parametrize(("d", "rows"), [(0.5, 30), (0.8, 25), (0.2, 100)])
def test_simulated_power_is_that_of_the_formula(d: float, rows: int):
    expected = TTestIndPower().power(d, rows, 0.05)
    error = 4 * np.sqrt(expected * (1 - expected) / 2_000)
    assert lessons.simulated_power(d, rows, 0.05, 0) == pytest.approx(expected, abs=error)


def test_with_more_rows_the_effect_stays_and_its_interval_narrows():
    one, other = RNG.normal(0, 1, 800), RNG.normal(0.5, 1, 600)
    found = lessons.effect_by_rows(one, other, 0)
    assert found["rows"].iloc[-1] == 1_400
    assert found["rows"].is_monotonic_increasing
    width = found["high"] - found["low"]
    assert width.iloc[-1] < width.iloc[0] / 3
    pooled = np.sqrt((799 * one.var(ddof=1) + 599 * other.var(ddof=1)) / 1_398)
    assert found["value"].iloc[-1] == pytest.approx((other.mean() - one.mean()) / pooled)
    expected = stats.ttest_ind(one, other, equal_var=False).pvalue
    assert found["p"].iloc[-1] == pytest.approx(expected, rel=1e-6)


# Drawing


def test_a_qq_plot_of_the_right_distribution_lies_on_the_line():
    _, (right, wrong) = plt.subplots(1, 2)
    logs = np.log(SKEWED)
    lessons.draw_quantiles(right, SKEWED, stats.lognorm(logs.std(), scale=np.exp(logs.mean())))
    lessons.draw_quantiles(wrong, SKEWED, stats.norm(SKEWED.mean(), SKEWED.std()))
    expected, ordered = right.lines[0].get_data()
    assert np.corrcoef(np.log(expected), np.log(ordered))[0, 1] > 0.99
    assert np.corrcoef(*wrong.lines[0].get_data())[0, 1] < 0.95
    plt.close("all")


def test_the_gap_of_counts_is_the_largest_difference_of_shares():
    _, axes = plt.subplots()
    counts = np.array([0.0, 0, 0, 1])
    gap = lessons.draw_counts(axes, counts, stats.binom(1, 0.5), "coin")
    assert gap == pytest.approx(0.25)
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([0.75, 0.25])
    plt.close("all")


def test_the_best_setting_is_the_best_on_unseen_rows():
    _, axes = plt.subplots()
    learnt, unseen = np.array([[1.0], [0.9], [0.8]]), np.array([[0.5], [0.7], [0.6]])
    lessons.draw_scores(axes, [1, 3, 9], learnt, unseen)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[-1] == "best: 3"
    plt.close("all")


# Models


def small_table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"size": rng.normal(50, 10, 400), "kind": rng.choice(["a", "b"], 400)})
    table.loc[:3, "kind"] = "rare"
    return table


def test_what_changes_are_the_planted_effects():
    table = small_table()
    # Ten times as far for the value that is too rare to be compared.
    y = 2 * table["size"] + table["kind"].map({"a": 0, "b": 30, "rare": 300})
    model = preparation_and(LinearRegression()).fit(table, y)
    found = lessons.what_changes(model, table)
    assert list(found.index) == ["kind", "size"]
    assert found.loc["kind", "change"] == pytest.approx(30)
    assert (found.loc["kind", "from"], found.loc["kind", "to"]) == ("a", "b")
    assert found.loc["size", "change"] == pytest.approx(2 * table["size"].std(ddof=0))


def test_what_changes_are_log_odds_for_a_classifier():
    table = small_table()
    y = np.random.default_rng(2).random(400) < np.where(table["kind"] == "b", 0.8, 0.3)
    model = preparation_and(LogisticRegression(C=1e6)).fit(table, y)
    found = lessons.what_changes(model, table)
    assert found.index[0] == "kind"
    weight = model[-1].coef_[0][list(model[:-1].get_feature_names_out()).index("numbers__size")]
    assert found.loc["size", "change"] == pytest.approx(weight)


def preparation_and(model):
    from sklearn.pipeline import make_pipeline

    return make_pipeline(preparation(small_table()), model)
