"""What has moved is found, and what has not raises no alarm more often than promised."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kit import CheckError, served
from kit.files import Paths, write_json
from kit.intervals import Estimate
from kit.served import Log

LOG = Log(Path("logs"), "abc", "2026-01-01T00:00", 0)


def world(rng: np.random.Generator, rows: int) -> served.Columns:
    """Numbers with and without missing ones, few and many categories."""
    amount = pd.Series(rng.lognormal(3, 1, rows)).mask(rng.random(rows) < 0.1)
    plan = pd.Series(rng.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]))
    town = pd.Series(rng.zipf(1.5, rows).clip(max=500)).astype(str)
    return {"amount": amount, "calls": pd.Series(rng.poisson(1, rows)), "plan": plan, "town": town}


def project(root: Path, synthetic: bool = False) -> Paths:
    """A project whose data are prepared."""
    write_json(root / "data" / "processed" / "dataset.json", {"synthetic": synthetic})
    return Paths(root)


def alarms(before: served.Columns, now: served.Columns) -> set[str]:
    changes = served.compare(before, now)
    return set(changes.index[changes["alarm"]])


def test_without_a_change_alarms_are_as_rare_as_promised():
    rng = np.random.default_rng(0)
    before = world(rng, 2_000)
    # Few rows, so that a distance of LEAST is nothing special. 95 % are promised: of 120 reports
    # 6 may raise an alarm, and 13 is more than chance would give.
    assert sum(bool(alarms(before, world(rng, 60))) for _ in range(120)) < 13


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("amount", lambda column: column * 2),
        ("amount", lambda column: column.mask(np.arange(len(column)) % 3 == 0)),
        ("calls", lambda column: column + 1),
        ("plan", lambda column: column.replace("a", "new")),
        ("plan", lambda column: column.where(np.arange(len(column)) % 3 > 0, "c")),
    ],
)
def test_what_has_moved_is_found_and_nothing_else(name, change):
    rng = np.random.default_rng(1)
    before, now = world(rng, 2_000), world(rng, 500)
    assert alarms(before, now | {name: change(now[name])}) == {name}


def test_a_sure_change_that_is_small_is_none():
    rng = np.random.default_rng(2)
    before, now = world(rng, 20_000), world(rng, 20_000)
    assert alarms(before, now | {"amount": now["amount"] * 1.1}) == set()


def test_columns_of_nothing_or_of_one_value_raise_none():
    nothing = {"x": pd.Series([np.nan] * 9), "same": pd.Series(["a"] * 9)}
    assert alarms(nothing, nothing) == set()


def test_new_categories_are_an_alarm_where_they_were_rare():
    names, others = (pd.Series([str(n) for n in range(k, k + 90)]) for k in (0, 90))
    assert alarms({"name": names}, {"name": others}) == set()  # each row has one of its own
    towns = pd.Series([str(n % 9) for n in range(90)])
    assert alarms({"town": towns}, {"town": others}) == {"town"}


def test_the_same_rows_again_raise_none_where_many_categories_are_rare():
    rng = np.random.default_rng(6)
    items = pd.Series(rng.zipf(1.3, 600)).astype(str)
    again = items.sample(900, replace=True, random_state=0, ignore_index=True)
    assert alarms({"item": items}, {"item": again}) == set()


def test_the_report_says_what_has_moved_and_what_was_not_kept(tmp_path):
    rng = np.random.default_rng(3)
    before, now = world(rng, 1_000), world(rng, 400)
    promised = Estimate(0.8, 0.75, 0.85)
    kept = {"ROC-AUC": (promised, Estimate(0.6, 0.5, 0.7)), "money": (promised, promised)}
    paths = project(tmp_path)
    logged = {"amount": now["amount"], "calls": now["calls"] + 2, "plan": now["plan"]}
    with pytest.raises(CheckError, match="1 of 3 columns have moved, calls furthest") as refused:
        served.report(paths, LOG, before, logged, kept)
    assert refused.value.exit_code == 1
    text = (paths.reports / "monitoring.md").read_text(encoding="utf-8")
    assert "ROC-AUC is lower" in text
    assert "money is lower" not in text
    assert "1 columns are not logged. A rehearsal," in text
    for figure in ("moved_1", "moved_2"):
        assert f"](figures/{figure}.png)" in text
        assert (paths.figures / f"{figure}.png").stat().st_size > 5_000


def test_without_an_alarm_the_report_says_so(tmp_path):
    rng = np.random.default_rng(4)
    served.report(project(tmp_path, synthetic=True), LOG, world(rng, 1_000), world(rng, 400), {})
    text = (tmp_path / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert text.startswith("# Monitoring\n\n**No alarm.** Version `abc` (synthetic sample) since")
    assert "Promised" not in text


def test_a_column_that_is_gone_is_drawn_as_well(tmp_path):
    before, now = pd.Series(range(99), dtype=float), pd.Series([np.nan] * 99)
    with pytest.raises(CheckError, match="1 of 1 columns have moved"):
        served.report(project(tmp_path), LOG, {"x": before}, {"x": now}, {})
    assert "100% missing" in (tmp_path / "reports" / "monitoring.md").read_text(encoding="utf-8")
