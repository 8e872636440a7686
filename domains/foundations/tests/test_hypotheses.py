"""Tests: effects as worked out by hand, errors as rare as promised, the sample's truth found."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import report, two_groups
from scipy import stats

from analysis import hypotheses, readme, sample
from analysis.config import Dataset
from analysis.hypotheses import compare_groups
from analysis.roles import Info, validate

RUNS, ALPHA = 200, 0.05


def test_the_sample_has_just_the_differences_that_were_planted(project: Path):
    tests = report(project, "explain")["tests"]
    held = {(result["group"], result["outcome"]) for result in tests if result["holds"]}
    assert held == sample.TRUE_EFFECTS
    by = {result["group"]: result["together"]["by"] for result in tests}
    assert (by["customer_type"], by["date_weekend"]) == ("customer_id", "date")


def test_effects_are_those_worked_out_by_hand():
    one, other = np.array([3.0, 4.0, 8.0]), np.array([1.0, 2.0, 3.0])
    # Means 5 and 2; variances 7 and 1; so the pooled one is 4. Between 13.5, within 16.
    assert hypotheses.cohens_d(one, other) == pytest.approx(3 / 2)
    assert hypotheses.eta_squared([one, other]) == pytest.approx(13.5 / 29.5)


@pytest.mark.parametrize(
    ("parts", "name", "why"),
    [
        ([np.random.default_rng(i).normal(size=20) for i in (0, 1)], "Welch's t-test", "normal"),
        ([np.arange(90.0), np.arange(70.0)], "Welch's t-test", "large enough"),
        ([np.exp(np.arange(12.0)), np.exp(np.arange(15.0))], "Mann-Whitney", "too small"),
        ([np.arange(90.0)] * 3, "Welch's ANOVA", "large enough"),
        ([np.ones(40), np.arange(40.0)], "Mann-Whitney", "the same value"),
    ],
)
def test_the_data_decide_which_test_counts(parts: list[np.ndarray], name: str, why: str):
    verdict = hypotheses.compare_numbers(parts)
    assert verdict.test == name
    assert why in verdict.why


def test_few_expected_counts_make_the_exact_test_count():
    few, many = pd.DataFrame([[3, 1], [1, 4]]), pd.DataFrame([[30, 20], [25, 40]])
    assert hypotheses.compare_counts(few, 1, None).test == "Fisher's exact test"
    assert hypotheses.compare_counts(many, 1, None).test == "chi-square"


@pytest.mark.parametrize("kind", ["normal", "skewed", "several"])
def test_where_nothing_is_there_alpha_of_the_tests_find_something(kind: str):
    rng = np.random.default_rng(7)
    sizes = {"normal": (30, 50), "skewed": (15, 20), "several": (40, 50, 60)}[kind]
    draw = rng.lognormal if kind == "skewed" else rng.normal
    p = [hypotheses.compare_numbers([draw(size=n) for n in sizes]).p for _ in range(RUNS)]
    low, high = stats.binom.ppf([0.0005, 0.9995], RUNS, ALPHA)
    assert low <= sum(value < ALPHA for value in p) <= high


def alike(customers: int, rows: int, seed: int, class_: bool) -> tuple[pd.DataFrame, Info]:
    """Customers of two kinds that do not differ; rows of one customer are much alike."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), rows)
    table = pd.DataFrame({"who": [f"c{at}" for at in who], "g": np.where(who % 2, "a", "b")})
    table["n"] = rng.normal(size=customers)[who] * 2 + rng.normal(size=len(who))
    if class_:
        table["n"] = np.where(table["n"] > 1, "yes", "no")
    target = {"classification_target" if class_ else "regression_target": "n"}
    return validate(table, Dataset(path="x", unit="who", group="g", **target), "mine", "0")


@pytest.mark.parametrize("class_", [False, True])
def test_rows_of_one_customer_are_not_taken_for_independent(class_: bool):
    together, alone = 0, 0
    compare = hypotheses.class_by_group if class_ else hypotheses.number_by_group
    for seed in range(25):
        table, info = alike(20, 15, seed, class_)
        together += compare(table, info, "g", "n")["p"] < ALPHA
        unknown = table.drop(columns="who"), replace(info, unit=None)
        alone += compare(*unknown, "g", "n")["p"] < ALPHA
    assert together <= stats.binom.ppf(0.999, 25, 0.07)
    assert alone > 8  # what would have been found without


def test_clusters_of_one_size_are_compared_as_their_means_would_be():
    table, info = alike(20, 15, 0, class_=False)
    result = hypotheses.number_by_group(table, info, "g", "n")
    means = table.groupby(["g", "who"])["n"].mean()
    welch = stats.ttest_ind(means["b"], means["a"], equal_var=False)
    assert result["p"] == pytest.approx(welch.pvalue)
    low, high = welch.confidence_interval()
    sign = 1 if result["difference"]["most"] == "b" else -1
    ends = sorted([sign * low, sign * high])
    assert (result["difference"]["low"], result["difference"]["high"]) == pytest.approx(ends)


def shop_weeks() -> pd.DataFrame:
    """45 shops of three kinds that do not differ, each in 40 weeks, whose sales are much alike."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"shop": np.repeat(np.arange(1, 46), 40)})
    table["kind"] = np.array(["a", "b", "c"])[table["shop"] % 3]
    weeks = pd.date_range("2024-01-01", periods=40, freq="W").strftime("%d-%m-%Y")
    table["week"] = np.resize(weeks, len(table))
    table["sales"] = rng.normal(size=45)[table["shop"] - 1] + rng.normal(size=len(table))
    return table


def test_rows_that_are_alike_are_compared_together_though_nobody_named_them():
    roles = Dataset(path="x", regression_target="sales", group="kind")
    (result,), _ = compare_groups(*validate(shop_weeks(), roles, "mine", "0"), ALPHA)
    assert result["together"] == {"by": "shop", "count": 45, "found": True}
    assert not result["holds"]
    text = readme.tests({"tests": [result], "skipped": [], "alpha": ALPHA})
    assert "Rows of one `shop` are alike, so for `sales` by `kind` they were compared" in text
    alone = shop_weeks().assign(sales=np.random.default_rng(0).normal(size=1_800))
    (result,), _ = compare_groups(*validate(alone, roles, "mine", "0"), ALPHA)
    assert result["together"] is None
    text = readme.tests({"tests": [result], "skipped": [], "alpha": ALPHA})
    assert "rows are taken for independent: none that names things or days" in text


def test_days_are_days_at_any_time_of_day():
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=60).repeat(20)
    table = pd.DataFrame({"at": days + pd.to_timedelta(rng.integers(0, 1_400, 1_200), "min")})
    table["weekend"] = np.where(days.dayofweek > 4, "yes", "no")
    table["sales"] = rng.normal(size=60).repeat(20) + rng.normal(size=1_200)
    roles = Dataset(path="x", regression_target="sales", date="at", group="weekend")
    (result,), _ = compare_groups(*validate(table, roles, "mine", "0"), ALPHA)
    assert result["together"] == {"by": "at", "count": 60, "found": False}


def test_neighbouring_months_that_are_alike_are_compared_by_year():
    months = pd.date_range("2022-01-01", periods=33, freq="MS")
    table = pd.DataFrame({"month": months, "half": np.where(months.month > 6, "late", "early")})
    noise = np.random.default_rng(0).normal(size=33)
    table["sales"] = 0.2 * noise - np.cos(2 * np.pi * months.month / 12)
    roles = Dataset(path="x", regression_target="sales", date="month", group="half")
    results, skipped = compare_groups(*validate(table, roles, "mine", "0"), ALPHA)
    assert not results
    assert "groups with fewer than 10 rows in 5 years" in skipped[0]


def test_groups_that_change_with_the_day_are_compared_by_day():
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=60).repeat(20)
    table = pd.DataFrame({"day": days, "holiday": np.where(days.dayofweek > 4, "yes", "no")})
    table["shop"] = np.resize([f"s{at}" for at in range(20)], len(table))
    table["sales"] = rng.normal(size=60).repeat(20) + 0.2 * rng.normal(size=len(table))
    roles = Dataset(path="x", regression_target="sales", date="day", unit="shop", group="holiday")
    (result,), _ = compare_groups(*validate(table, roles, "mine", "0"), ALPHA)
    assert result["together"] == {"by": "day", "count": 60, "found": False}


def test_neighbouring_days_that_are_alike_are_compared_by_month():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"day": pd.date_range("2022-01-01", periods=600)})
    table["n"] = np.cumsum(rng.normal(size=600))
    table["g"] = rng.choice(["a", "b"], 600)
    roles = Dataset(path="x", regression_target="n", date="day", group="g")
    (result,), _ = compare_groups(*validate(table, roles, "mine", "0"), ALPHA)
    assert result["together"]["by"] == "month"
    table["n"] = rng.normal(size=600)
    (result,), _ = compare_groups(*validate(table, roles, "mine", "0"), ALPHA)
    assert result["together"] is None


def test_interval_holds_at_the_edge():
    # Newcombe's interval by hand: how far each share may lie towards the other, by Wilson.
    table = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 1_000, "c": ["yes"] * 60 + ["no"] * 1_000})
    table.loc[60:135, "c"] = "yes"
    roles = Dataset(path="x", classification_target="c", group="g")
    (result,), _ = compare_groups(*validate(table, roles, "mine", "0"), ALPHA)
    z2 = stats.norm.ppf(0.975) ** 2
    p, n = 0.076, 1_000
    wilson = (p + z2 / (2 * n) + np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))) / (1 + z2 / n)
    low = (1 - p) - np.hypot(1 - 60 / (60 + z2), wilson - p)
    assert result["difference"]["value"] == pytest.approx(1 - p)
    assert result["difference"]["low"] == pytest.approx(low)


def test_intervals_allow_for_every_question_that_was_asked():
    # The headline picks the largest of four differences, so each interval is a fourth as often off.
    table, info = two_groups(1.0)
    results, _ = compare_groups(table, info, ALPHA)
    assert len(results) == 4
    parts = [table["n"][table["g"] == name] for name in ("b", "a")]
    by_hand = stats.ttest_ind(*parts, equal_var=False).confidence_interval(1 - 0.05 / 4)
    found = next(result for result in results if (result["group"], result["outcome"]) == ("g", "n"))
    assert (found["difference"]["low"], found["difference"]["high"]) == pytest.approx(by_hand)


def test_small_groups_are_left_out_with_a_sentence():
    table, info = two_groups(1.0, rows=60)
    table["g"] = ["a"] * 30 + ["b"] * 25 + ["rare"] * 5
    results, skipped = compare_groups(table, info, ALPHA)
    assert {group["name"] for group in results[0]["groups"]} == {"a", "b"}
    assert "`n` by `g`, groups with fewer than 10 rows: `rare` (5)" in skipped
    _, skipped = compare_groups(table.assign(g=["a"] * 55 + ["b"] * 5), info, ALPHA)
    assert any("fewer than two groups" in sentence for sentence in skipped)


def test_only_the_real_difference_holds_after_the_correction():
    results, _ = compare_groups(*two_groups(1.0), ALPHA)
    assert [(r["group"], r["outcome"]) for r in results if r["holds"]] == [("g", "n")]
    assert all(r["p_holm"] >= r["p"] for r in results)
    assert not any(r["holds"] for r in compare_groups(*two_groups(0.0), ALPHA)[0])


def test_the_class_to_predict_may_be_a_group():
    table, info = two_groups(1.0)
    results, _ = compare_groups(table, replace(info, groups=["c"]), ALPHA)
    assert [(result["group"], result["outcome"]) for result in results] == [("c", "n")]
