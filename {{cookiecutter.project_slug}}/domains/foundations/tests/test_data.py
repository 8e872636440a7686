"""Data: what has no column is skipped and said, wrong roles are named, nothing is mixed up."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from analysis import data
from analysis.cli import main
from analysis.config import load_config
from analysis.errors import ConfigError, DataError
from analysis.paths import Paths
from analysis.pipeline import STAGES


def run_all(root: Path, dataset: str) -> None:
    """Run every stage of the project at ``root``."""
    config, paths = load_config(root / "config.yaml", dataset), Paths(root)
    for stage in STAGES:
        stage.run(config, paths)


def write_mine(root: Path, table: pd.DataFrame, **roles: Any) -> None:
    """Make ``table`` the data set ``mine`` of the project at ``root``."""
    table.to_csv(root / "mine.csv", index=False)
    file = root / "config.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["datasets"]["mine"] = {"path": "mine.csv", **roles}
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")


def odd_table(rows: int = 90) -> pd.DataFrame:
    """Awkward names, missing values, ties."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({'a "quoted" name': rng.integers(0, 5, rows).astype(float)})
    table["select"] = np.resize(["x|y", "`z`", None], rows)
    table["$ half"] = rng.normal(size=rows)
    table.loc[::7, "$ half"] = np.nan
    return table


def metrics_of(root: Path) -> dict[str, Any]:
    return json.loads((root / "reports" / "metrics.json").read_text(encoding="utf-8"))


def test_odd_table_runs_and_says_what_it_skips(fresh_project: Path):
    write_mine(fresh_project, odd_table(), group="select")
    run_all(fresh_project, "mine")
    detail = metrics_of(fresh_project)["foundations"]
    skipped = " ".join(detail["skipped"])
    for word in ("No plot `timeline`", "No regression", "No classification"):
        assert word in skipped
        assert word in (fresh_project / "README.md").read_text(encoding="utf-8")
    assert all(item["agree"] for item in detail["plots"]["questions"])
    assert "Nothing held up" in detail["statistics"]["so_what"]["headline"]
    assert metrics_of(fresh_project)["business"] is None


def test_table_without_numbers_or_roles_runs(fresh_project: Path):
    table = pd.DataFrame({"colour": np.resize(["red", "blue", "green"], 60)})
    write_mine(fresh_project, table)
    run_all(fresh_project, "mine")
    assert metrics_of(fresh_project)["foundations"]["plots"]["plots"] == []
    skipped = " ".join(metrics_of(fresh_project)["foundations"]["skipped"])
    assert "no `group` is configured" in skipped
    assert "No SQL questions" in skipped


def test_table_with_few_rows_and_empty_columns_runs(fresh_project: Path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"place": rng.choice(["Zürich", "Genf"], 60), "empty": [None] * 60})
    table["degrees"] = rng.normal(10, 5, 60).round(1)
    table["class"] = rng.choice(["a", "b", "c"], 60)
    roles = {"regression_target": "degrees", "classification_target": "class", "group": "place"}
    write_mine(fresh_project, table, **roles)
    run_all(fresh_project, "mine")
    report = metrics_of(fresh_project)["foundations"]
    assert report["left_out"]["empty"] == "has fewer than two different values"
    assert set(report["tasks"]) == {"regression", "classification"}
    rows = report["tasks"]["regression"]["learning"]["rows"]
    assert rows == sorted(rows)


def test_date_without_any_date_is_refused(fresh_project: Path):
    write_mine(fresh_project, pd.DataFrame({"when": [None] * 9, "n": range(9)}), date="when")
    with pytest.raises(DataError, match="column 'when': expected dates, found none"):
        data.prepare(load_config(fresh_project / "config.yaml", "mine"), Paths(fresh_project))


def test_reports_of_another_data_set_are_not_mixed(own_project: Path):
    write_mine(own_project, odd_table(), group="select")
    config = load_config(own_project / "config.yaml", "mine")
    data.prepare(config, Paths(own_project))
    result = CliRunner().invoke(main, ["--config", str(own_project / "config.yaml"), "train"])
    assert result.exit_code == 2
    assert "run the `explore` stage first" in result.stderr


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"regression_target": "halff"}, "no column 'halff'; did you mean"),
        ({"regression_target": "select"}, "expected different numbers to predict"),
        ({"classification_target": "$ half"}, "expected 2 to 20"),
        ({"date": "select"}, "row 1: expected a date"),
        ({"drop": ["nope"]}, "no column 'nope'"),
    ],
)
def test_wrong_role_is_named(fresh_project: Path, roles: dict[str, Any], words: str):
    write_mine(fresh_project, odd_table(), **roles)
    with pytest.raises(DataError, match=words):
        data.prepare(load_config(fresh_project / "config.yaml", "mine"), Paths(fresh_project))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("alpha", 2, "  alpha: "),
        ("datasets.mine.groop", "a", "did you mean `group`"),
        ("datasets.mine.join", {"path": "b.csv", "onn": "a"}, "did you mean `on`"),
        ("datasets.mine.group", ["a", "a"], "has more than one role"),
    ],
)
def test_wrong_setting_is_named(
    settings: dict[str, Any], tmp_path: Path, place: str, value: object, words: str
):
    *sections, key = place.split(".")
    node = settings
    for section in sections:
        node = node[section]
    node[key] = value
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "config.yaml")
    assert words in str(error.value)
