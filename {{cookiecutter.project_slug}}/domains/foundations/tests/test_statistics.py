"""Statistics: effects as worked out by hand, errors as rare as promised, money from prices."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from analysis import effects, hypotheses
from analysis.bootstrap import intervals
from analysis.config import Dataset, Prices
from analysis.roles import DatasetInfo, validate
from analysis.so_what import so_what
from analysis.statistics import compare_groups

PRICES = Prices(currency="EUR", per_unit=2, per_case=-10)
RUNS = 300
ALPHA = 0.05

# Effects

VALUES = np.array([1.0, 2.0, 3.0, 3.0, 4.0, 8.0])
MEMBER = np.repeat(np.eye(2), 3, axis=0)
ONES = np.ones((1, 6))


def test_effects_of_numbers_are_those_worked_out_by_hand():
    # Means 2 and 5; variances 1 and 7; so the pooled one is 4.
    assert effects.mean_difference(ONES, VALUES, MEMBER) == pytest.approx([3])
    assert effects.cohens_d(ONES, VALUES, MEMBER) == pytest.approx([3 / 2])
    # Of nine pairs the second is larger in eight and equal in one.
    assert effects.cliffs_delta(ONES, VALUES, MEMBER) == pytest.approx([8 / 9])
    # Between groups 13.5, within 16.
    assert effects.eta_squared(ONES, VALUES, MEMBER) == pytest.approx([13.5 / 29.5])


def test_weights_count_rows_several_times():
    weights = np.array([[2.0, 0, 1, 3, 1, 1]])
    repeated = np.repeat(np.arange(6), weights[0].astype(int))
    for effect in (effects.cohens_d, effects.cliffs_delta, effects.eta_squared):
        ones = np.ones((1, len(repeated)))
        expected = effect(ones, VALUES[repeated], MEMBER[repeated])
        assert effect(weights, VALUES, MEMBER) == pytest.approx(expected)


def test_cramers_v_is_that_worked_out_by_hand():
    # Chi-square is 4 on 16 rows: phi2 = 1/4 less the bias of 1/15, over 2 less 1/15 less 1.
    counts = np.array([[[6.0, 2.0], [2.0, 6.0]]])
    assert effects.v_of_counts(counts) == pytest.approx([np.sqrt((1 / 4 - 1 / 15) / (14 / 15))])
    assert effects.v_of_counts(np.array([[[8.0, 0], [0, 8.0]]])) == pytest.approx([1])
    assert effects.v_of_counts(np.full((1, 2, 2), 4.0)) == pytest.approx([0])


def test_interval_holds_the_truth_nearly_as_often_as_promised():
    rng, held = np.random.default_rng(0), 0
    member = np.repeat(np.eye(2), 40, axis=0)
    for run in range(40):
        values = rng.normal(0, 1, 80) + member[:, 1]

        def gap(weights: np.ndarray, values: np.ndarray = values) -> dict[str, np.ndarray]:
            return {"gap": effects.mean_difference(weights, values, member)}

        found = intervals(gap, 80, run)["gap"]
        held += found.low <= 1 <= found.high
    assert held >= binom.ppf(0.001, 40, 0.93)


# Tests


def draw(kind: str, rng: np.random.Generator):
    """Groups that differ by chance only, tested."""
    if kind == "counts":
        return hypotheses.compare_counts(rng.multinomial(300, [1 / 6] * 6).reshape(2, 3))
    if kind == "few counts":
        return hypotheses.compare_counts(
            1 + rng.multinomial(16, [0.1, 0.4, 0.1, 0.4]).reshape(2, 2)
        )
    sizes = {"normal": (30, 50), "skewed": (15, 20), "several": (40, 50, 60)}[kind]
    draw_one = rng.lognormal if kind == "skewed" else rng.normal
    return hypotheses.compare_numbers([draw_one(size=size) for size in sizes])


@pytest.mark.parametrize("kind", ["normal", "skewed", "several", "counts"])
def test_where_nothing_is_there_alpha_of_the_tests_find_something(kind: str):
    rng = np.random.default_rng(7)
    found = sum(draw(kind, rng).counts.p < ALPHA for _ in range(RUNS))
    low, high = binom.ppf([0.0005, 0.9995], RUNS, ALPHA)
    assert low <= found <= high


def test_exact_test_finds_no_more_than_promised():
    rng = np.random.default_rng(7)
    found = sum(draw("few counts", rng).counts.p < ALPHA for _ in range(RUNS))
    assert found <= binom.ppf(0.9995, RUNS, ALPHA)


def test_holm_keeps_the_chance_of_any_false_finding_at_alpha():
    p = np.random.default_rng(3).random((RUNS, 8))
    wrong = sum(hypotheses.holm(row, ALPHA)[0].any() for row in p)
    assert wrong <= binom.ppf(0.9995, RUNS, ALPHA)
    assert hypotheses.holm([0.01, 0.04, 0.03], ALPHA)[1] == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.parametrize(
    ("parts", "name", "why"),
    [
        (
            [np.random.default_rng(i).normal(size=20) for i in (0, 1)],
            "Welch's t-test",
            "look normal",
        ),
        ([np.arange(90.0), np.arange(70.0)], "Welch's t-test", "Cochran"),
        ([np.exp(np.arange(12.0)), np.exp(np.arange(15.0))], "Mann-Whitney", "ranks count"),
        ([np.arange(90.0)] * 3, "Welch's ANOVA", "Cochran"),
    ],
)
def test_checks_say_which_test_counts(parts: list[np.ndarray], name: str, why: str):
    verdict = hypotheses.compare_numbers(parts)
    assert verdict.counts.name == name
    assert why in verdict.why


def test_few_expected_counts_make_the_exact_test_count():
    assert (
        hypotheses.compare_counts(np.array([[3, 1], [1, 4]])).counts.name == "Fisher's exact test"
    )
    assert hypotheses.compare_counts(np.array([[30, 20], [25, 40]])).counts.name == "chi-square"


def test_power_is_that_of_the_tables():
    # Cohen's table: 64 rows a group find d = 0.5 with power 0.80 at 0.05.
    assert hypotheses.rows_needed(0.5, 0.05) == 64
    assert hypotheses.detectable([64, 64], 0, 0.05)[1] == pytest.approx(0.5, abs=0.005)


# All groups of a table, and the money


def table_of(difference: float, rows: int = 400) -> tuple[pd.DataFrame, DatasetInfo]:
    rng = np.random.default_rng(11)
    table = pd.DataFrame({"g": rng.choice(["a", "b"], rows)})
    table["n"] = rng.normal(size=rows) + difference * (table["g"] == "b")
    table["c"] = rng.choice(["no", "yes"], rows, p=[0.7, 0.3])
    table["h"] = np.resize(["x", "y", "z"], rows)
    roles = {"regression_target": "n", "classification_target": "c", "group": ["g", "h"]}
    return validate(table, Dataset(path="x.csv", **roles), "mine", "0" * 64)


def test_only_the_real_difference_holds_and_is_priced():
    results, skipped = compare_groups(*table_of(1.0), ALPHA, 0)
    assert skipped == []
    assert [(r["group"], r["outcome"]) for r in results if r["significant"]] == [("g", "n")]
    answer = so_what(results, PRICES, "rows", synthetic=False)
    gap = results[0]["difference"]
    assert (answer["value"], answer["low"]) == (gap["value"] * 2000, gap["from"] * 2000)
    assert "`b` are worth" in answer["headline"]
    assert answer["low"] <= answer["value"] <= answer["high"]
    dearer = so_what(results, PRICES.model_copy(update={"per_unit": -4.0}), "rows", synthetic=True)
    assert dearer["value"] == 2 * answer["value"]
    assert "`a` are worth" in dearer["headline"]
    assert dearer["headline"].endswith("(synthetic sample)")


def test_nothing_is_priced_where_nothing_holds_up():
    results, _ = compare_groups(*table_of(0.0), ALPHA, 0)
    answer = so_what(results, PRICES, "rows", synthetic=False)
    assert answer["value"] is None
    assert answer["headline"].startswith("Nothing held up")
    assert so_what([], PRICES, "rows", synthetic=False)["headline"].startswith("Nothing was tested")


def test_the_class_to_predict_may_be_a_group():
    table, info = table_of(1.0)
    info = replace(info, groups=["c"])
    results, skipped = compare_groups(table, info, ALPHA, 0)
    assert [(result["group"], result["outcome"]) for result in results] == [("c", "n")]
    assert skipped == []
    roles = {"classification_target": "c", "group": ["c", "g"]}
    assert Dataset(path="x.csv", **roles).group == ("c", "g")


def test_a_difference_whose_interval_holds_zero_is_not_priced():
    results, _ = compare_groups(*table_of(1.0), ALPHA, 0)
    for result in results:
        result["difference"]["from"] = -0.1
    assert so_what(results, PRICES, "rows", synthetic=False)["value"] is None


def test_small_groups_are_skipped_with_a_sentence():
    table, info = table_of(1.0, rows=30)
    results, skipped = compare_groups(table.assign(g=["a"] * 25 + ["b"] * 5), info, ALPHA, 0)
    assert {result["group"] for result in results} == {"h"}
    assert all("by `g` was not tested: fewer than two groups" in sentence for sentence in skipped)
    assert len(skipped) == 2


def test_statistics_find_what_is_true_in_the_sample(project: Path):
    report = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    results = report["foundations"]["statistics"]["tests"]
    held = {(result["group"], result["outcome"]) for result in results if result["significant"]}
    assert held == {
        ("customer_type", "amount"),
        ("date_weekend", "amount"),
        ("channel", "returned"),
    }
    assert report["business"]["headline"].endswith("(synthetic sample)")
