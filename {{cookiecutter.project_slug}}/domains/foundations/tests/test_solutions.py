"""Queries and exercises of ``docs``, held against this project's own numbers and library."""

from pathlib import Path

import pytest
from scipy.stats import ttest_ind

from analysis.data import read_processed
from analysis.files import read_json
from analysis.paths import Paths

from .practice import SOLUTIONS, answers


def test_sql_and_pandas_agree(own_project: Path):
    paths = Paths(own_project)
    table, _ = read_processed(paths)
    found = answers(paths)
    roles = dict(found[0][["role", "column_name"]].to_numpy().tolist())
    missing = dict(found[1].to_numpy().tolist())
    assert missing == {role: int(table[name].isna().sum()) for role, name in roles.items()}
    groups = table.dropna(subset=[roles["category"]]).groupby(roles["category"])[roles["number"]]
    assert found[2]["median"].tolist() == pytest.approx(groups.median().tolist(), abs=1e-3)
    assert found[2]["mean"].tolist() == pytest.approx(groups.mean().tolist(), abs=1e-3)
    assert found[4]["so_far"].iloc[-1] == pytest.approx(table[roles["number"]].sum(), rel=1e-6)


def test_correction_is_that_of_the_report(project: Path):
    metrics = read_json(project / "reports" / "metrics.json")
    results = metrics["foundations"]["statistics"]["tests"]
    assert len(results) > 1
    corrected = SOLUTIONS["holm"]([result["p"] for result in results])
    assert corrected == pytest.approx([result["p_holm"] for result in results], rel=1e-4)


def test_welch_is_that_of_the_library(project: Path):
    table, info = read_processed(Paths(project))
    values = table[info.regression_target].dropna().tolist()
    one, other = values[:40], values[40:100]
    expected = ttest_ind(one, other, equal_var=False).statistic
    assert SOLUTIONS["welch_t"](one, other) == pytest.approx(expected)
