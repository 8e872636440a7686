"""Odd tables in the mini-analysis; runs in a copy of its project, beside its own tests."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
import yaml
from analysis import data, hypotheses, readme
from analysis.config import Dataset, load_config
from analysis.figures import few_ticks
from analysis.kit.charts import plt
from analysis.kit.files import Paths
from analysis.kit.intervals import Estimate
from analysis.roles import validate
from analysis.scores import at_the_ends
from conftest import ROOT, report, run_all, write_mine
from scipy import stats

__all__ = []  # nothing is taken from here
matplotlib.use("Agg")
rng = np.random.default_rng(0)


def test_few_clusters_of_many_sizes_find_no_more_than_promised():
    found = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(45), np.maximum(2, rng.geometric(0.05, 45)))
        few = np.where(rng.permutation(45) < 5, "few", "others")[who]  # 5 of 45 clusters
        table = pd.DataFrame({"who": [f"c{at}" for at in who], "g": few})
        table["n"] = rng.normal(size=45)[who] + 1.5 * rng.normal(size=len(who))
        roles = Dataset(path="x", unit="who", group="g", regression_target="n")
        found += (
            hypotheses.number_by_group(*validate(table, roles, "mine", "0"), "g", "n")["p"] < 0.05
        )
    assert found <= stats.binom.ppf(0.999, 150, 0.07)


def test_shares_of_few_clusters_find_no_more_than_promised():
    found = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(10), 20)
        table = pd.DataFrame({"who": [f"c{at}" for at in who], "g": np.where(who < 5, "a", "b")})
        alike = rng.normal(size=10)[who] + 1.5 * rng.normal(size=200)
        table["c"] = np.where(alike > 1, "yes", "no")
        roles = Dataset(path="x", unit="who", group="g", classification_target="c")
        found += (
            hypotheses.class_by_group(*validate(table, roles, "mine", "0"), "g", "c")["p"] < 0.05
        )
    assert found <= stats.binom.ppf(0.999, 60, 0.05)


def one_category() -> tuple[pd.DataFrame, dict[str, Any]]:
    return pd.DataFrame({"colour": rng.choice(["red", "blue"], 60)}), {}


def one_category_and_a_number() -> tuple[pd.DataFrame, dict[str, Any]]:
    table, _ = one_category()
    return table.assign(price=rng.normal(81_970, 9_000, 60).round(2)), {"group": "colour"}


def category_alone_is_compared() -> tuple[pd.DataFrame, dict[str, Any]]:
    table, _ = one_category_and_a_number()
    return table, {"group": "colour", "regression_target": "price"}


def small_groups() -> tuple[pd.DataFrame, dict[str, Any]]:
    regions = ["north"] * 80 + ["south"] * 70 + ["east"] * 6 + ["west"] * 2
    table = pd.DataFrame({"region": regions, "y": rng.normal(size=158), "x": rng.normal(size=158)})
    return table, {"group": "region", "regression_target": "y"}


def only_small_groups() -> tuple[pd.DataFrame, dict[str, Any]]:
    months = pd.date_range("2022-01-01", periods=33, freq="MS")
    table = pd.DataFrame({"month": months.strftime("%b %Y"), "calendar": months.month_name()})
    table["sales"] = 1e6 - 3e5 * np.cos(2 * np.pi * months.month / 12) + rng.normal(size=33)
    return table, {"date": "month", "group": "calendar", "regression_target": "sales"}


def a_group_always_of_one_kind() -> tuple[pd.DataFrame, dict[str, Any]]:
    table = pd.DataFrame({"products": ["four"] * 60 + ["one"] * 1_000, "left": "yes"})
    table.loc[136:, "left"] = "no"
    table["balance"] = rng.normal(76_485, 9_000, len(table)).round(2)
    return table, {"classification_target": "left", "group": "products"}


TABLES = [
    one_category,
    one_category_and_a_number,
    category_alone_is_compared,
    small_groups,
    only_small_groups,
    a_group_always_of_one_kind,
]


def settle(root: Path, table: pd.DataFrame, roles: dict[str, Any]) -> None:
    """Run all stages on ``table``, and let the notebooks find it."""
    write_mine(root, table, **roles)
    run_all(root, "mine")
    file = root / "config.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump(settings | {"dataset": "mine"}), encoding="utf-8")


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_all_stages_and_notebooks_run(fresh: Path, monkeypatch, capsys, make: Any):
    table, roles = make()
    settle(fresh, table, roles)
    readme = (fresh / "README.md").read_text(encoding="utf-8")
    assert "nan" not in readme.split()
    monkeypatch.chdir(fresh)
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        capsys.readouterr()
        play(notebook)
        said = capsys.readouterr().out
        assert not any(f"e+0{digit}" in said for digit in range(10)), "8.197e+04"
        if make is small_groups and notebook.name.startswith("02"):
            assert "not drawn as groups of region: east west" in said


def bikes() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Days of two years: those of a month are alike, and the rarer class is called 0."""
    days = pd.date_range("2021-01-01", periods=730)
    level = np.repeat(np.random.default_rng(1).normal(3_000, 900, 25), 31)[:730]
    table = pd.DataFrame({"day": days, "rented": level + np.random.default_rng(2).normal(size=730)})
    table["season"] = (days.month - 1) // 3 + 1
    table["open"] = (days.dayofweek < 5).astype(int)
    table["rain"] = np.random.default_rng(3).uniform(size=730)
    roles = {"date": "day", "group": "season", "regression_target": "rented"}
    return table, roles | {"classification_target": "open"}


def test_sentences_name_the_class_that_is_counted_and_what_is_compared(fresh: Path):
    """ "`open` by `season`: 3 points" was of the days that are not; "24 `month`" is no column."""
    table, roles = bikes()
    write_mine(fresh, table, **roles)
    run_all(fresh, "mine")
    text = (fresh / "README.md").read_text(encoding="utf-8")
    assert "| `open`: `0` by `season` |" in text
    assert "| `rented` by `season` |" in text
    assert "robust by cluster, 24 months |" in text
    assert "`open` (`0`), " in text
    assert "`month`" not in text


def test_the_picture_of_means_is_as_unsure_as_the_readme(fresh: Path, monkeypatch, capsys):
    """Its bars took days for independent, and were a fourth as wide as those of the headline."""
    table, roles = bikes()
    settle(fresh, table, roles)
    asked = next(r for r in report(fresh, "explain")["tests"] if r["outcome"] == "rented")
    drawn = []
    real = matplotlib.axes.Axes.hlines
    monkeypatch.setattr(
        matplotlib.axes.Axes,
        "hlines",
        lambda axes, *ends, **how: drawn.append(ends) or real(axes, *ends, **how),
    )
    monkeypatch.chdir(fresh)
    play(ROOT / "notebooks" / "04_statistics.ipynb")
    assert "where rows may be alike, 12 months compared: " in capsys.readouterr().out
    drawn.clear()
    play(ROOT / "notebooks" / "02_explore.ipynb")
    (_, low, high), expected = drawn[-1], sorted(group["low"] for group in asked["groups"])
    assert sorted(low) == pytest.approx(expected, rel=1e-5)
    assert sorted(high) == pytest.approx(sorted(g["high"] for g in asked["groups"]), rel=1e-5)


@pytest.mark.parametrize(
    ("examples", "shown"),
    [
        (["app ", " web", "Web"], " (`Web`)"),
        ([" app ", " web"], " (`␣app␣`)"),
        (["", "?"], " (`?`)"),
        (["", " "], ""),
    ],
)
def test_an_example_shows_what_is_wrong_with_it(examples: list[str], shown: str):
    """`app` for "app " looked as if it were well written."""
    found = {"column": "a", "table": "t", "kind": "spelling", "count": 2, "action": "given"}
    receipt = {"findings": [found | {"examples": examples}], "columns": []}
    assert f"| spelling{shown} |" in readme.cleaning(receipt)


def test_a_share_of_all_has_an_interval():
    """32 of 32 were "1.00 (1.00 to 1.00)": Wilson's interval ends at 0.89."""
    y, said = np.repeat(["a", "b"], [60, 40]), np.repeat(["a", "b", "a"], [60, 32, 8])
    values = {"precision": 1.0, "recall": 0.8, "accuracy": 0.92, "f1": 0.9}
    spans = {"precision": 0.0, "recall": 0.1, "accuracy": 0.05, "f1": 0.0}
    found = {name: Estimate(v, v - spans[name], v + spans[name]) for name, v in values.items()}
    ends = at_the_ends(found, y, said, "b", None)
    assert ends["precision"] == Estimate(1.0, pytest.approx(0.8928, abs=1e-4), 1.0)
    assert {name: ends[name] for name in ("recall", "accuracy", "f1")} == {
        name: found[name] for name in ("recall", "accuracy", "f1")
    }
    units = np.repeat(np.arange(10.0), 10)  # those 32 rows are of four units only
    assert at_the_ends(found, y, said, "b", units)["precision"].low == pytest.approx(0.51, abs=0.01)
    never = at_the_ends(found, y, np.full(100, "a"), "b", None)
    assert never["precision"] == found["precision"], "nothing was said, so there is no share"


def play(notebook: Path) -> None:
    """Run a notebook's cells here."""
    cells = yaml.safe_load(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [
        line for cell in cells if cell["cell_type"] == "code" for line in [*cell["source"], "\n"]
    ]
    code = "\n".join(line.rstrip("\n") for line in lines if not line.startswith("%"))
    exec(compile(code, notebook.name, "exec"), {"__name__": "notebook"})
    plt.close("all")


def test_no_relation_is_none_and_a_number_beside_an_axis_has_room(fresh: Path):
    table, roles = small_groups()
    write_mine(fresh, table, **roles)
    run_all(fresh, "mine")
    titles = [figure["title"] for figure in report(fresh, "figures")]
    assert "y against x: no relation can be shown" in titles
    _, row = plt.subplots(1, 3, figsize=(10, 3))
    for axes, largest in zip(row, (2_184_246, 0.00012345, 31.0), strict=True):
        axes.set_xlim(-largest, largest)
        few_ticks(axes.xaxis)
        axes.figure.canvas.draw()
        boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        ends = [(box.x0, box.x1) for box in boxes]
        assert all(one[1] < other[0] for one, other in zip(ends, ends[1:], strict=False))
    plt.close("all")


def test_dates_of_a_parquet_file_may_be_numbers(fresh: Path):
    days = pd.date_range("2024-01-01", periods=90)
    table = pd.DataFrame({"day": days.strftime("%Y%m%d").astype(int), "n": rng.normal(size=90)})
    write_mine(fresh, table, date="day")
    table.to_parquet(fresh / "mine.parquet")
    file = fresh / "config.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["datasets"]["mine"]["path"] = "mine.parquet"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    data.run(load_config(file, "mine"), Paths(fresh))
    whole, info = data.whole(Paths(fresh))
    assert whole["day"].tolist() == days.tolist()
    assert info.categorical == ["day_weekend"]


@pytest.mark.parametrize("form", ["%d-%m-%Y", "%d/%m/%y", "%d-%b-%Y", "%Y%m%d", "%d-%b-%y %H:%M"])
def test_a_date_without_its_role_is_no_category(fresh: Path, form: str):
    days = pd.date_range("2024-01-01", periods=60).strftime(form)
    table = pd.DataFrame({"day": np.resize(days, 240), "n": rng.normal(size=240)})
    write_mine(fresh, table)
    data.run(load_config(fresh / "config.yaml", "mine"), Paths(fresh))
    _, info = data.whole(Paths(fresh))
    assert info.left_out == {"day": "is a date without the role `date`"}
    assert (info.numeric, info.categorical) == (["n"], [])
