"""The whole: every stage on awkward tables, reports that agree, documents that stay up to date."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import report, run_all, write_mine
from test_data import odd_table

from analysis import readme
from analysis.cli import main

ROLES = ["headline", "data", "result", "explanation"]


def test_reports_of_the_sample_hold_what_others_read(project: Path):
    metrics, figures = report(project, "metrics"), report(project, "figures")
    assert (metrics["schema"], metrics["domain"], metrics["package"]) == (
        2,
        "foundations",
        "analysis",
    )
    assert metrics["dataset"]["synthetic"]
    assert metrics["primary_metric"]["name"] == "r2"
    assert metrics["models"] == metrics["foundations"]["tasks"]["regression"]["models"]
    assert metrics["test"] == metrics["foundations"]["tasks"]["regression"]["test"]
    assert [figure["role"] for figure in figures].count("headline") == 1
    assert {figure["role"] for figure in figures} == set(ROLES)
    assert all((project / figure["file"]).is_file() for figure in figures)
    drawn = {file.name for file in (project / "reports" / "figures").iterdir()}
    assert drawn == {Path(figure["file"]).name for figure in figures}


def test_readme_says_what_the_reports_say(project: Path):
    text = (project / "README.md").read_text(encoding="utf-8")
    metrics, explained = report(project, "metrics"), report(project, "explain")
    assert "Not filled yet" not in text
    for task in metrics["foundations"]["tasks"].values():
        chosen = next(model for model in task["models"] if model["selected"])
        assert f"**{chosen['metrics'][task['metric']]['value']:.3f}**" in text
    held = sum(result["holds"] for result in explained["tests"])
    assert f"Of {len(explained['tests'])} differences between groups, {held} can be told" in text
    assert text.count("rows kept aside, used for no choice: ") == 2
    words = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).split()
    assert len(words) <= 1_100


def test_an_interval_without_a_width_is_not_left_alone(project: Path):
    metrics = report(project, "metrics")
    assert "without a width" not in readme.results(metrics)
    score = metrics["foundations"]["tasks"]["classification"]["test"]["accuracy"]
    score |= dict.fromkeys(score, 1.0)
    assert "without a width says that every draw scored alike" in readme.results(metrics)


def test_report_check_tells_a_stale_readme(own: Path):
    command = ["--config", str(own / "config.yaml"), "report", "--check"]
    assert CliRunner().invoke(main, command).exit_code == 0
    file = own / "README.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("of 3,024 rows", "of 4,024 rows"), encoding="utf-8")
    assert CliRunner().invoke(main, command).exit_code == 1


def test_odd_table_runs_and_says_what_it_leaves_out(fresh: Path):
    write_mine(fresh, odd_table(), group="select")
    run_all(fresh, "mine")
    text = (fresh / "README.md").read_text(encoding="utf-8")
    for words in (
        "No regression: no target",
        "No classification",
        "No difference between groups can be told from chance (",
    ):
        assert words in text
    assert report(fresh, "metrics")["business"] is None
    assert report(fresh, "metrics")["primary_metric"] is None


def test_table_with_one_category_and_no_role_runs(fresh: Path):
    write_mine(fresh, pd.DataFrame({"colour": np.resize(["red", "blue", "green"], 60)}))
    other = fresh / "reports" / "figures" / "models.png"  # of another data set
    other.parent.mkdir(parents=True, exist_ok=True)
    other.touch()
    run_all(fresh, "mine")
    (figure,) = report(fresh, "figures")
    assert not other.exists()
    assert figure["role"] == "headline"
    assert "Nothing was tested yet" in report(fresh, "explain")["headline"]
    assert "no `group` is configured" in (fresh / "README.md").read_text(encoding="utf-8")


def test_class_alone_is_what_all_pictures_are_about(fresh: Path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"n": rng.normal(size=200), "m": rng.normal(size=200)})
    table["c"] = np.where(table["m"] + rng.normal(size=200) > 1, "yes", "no")
    table["g"] = np.where(table["m"] > 0, "up", "down")
    write_mine(fresh, table, classification_target="c", group="g")
    run_all(fresh, "mine")
    explained = report(fresh, "explain")
    assert all("c" in figure["alt"].split() for figure in explained["figures"])
    assert explained["finding"]["outcome"] == "c"
    assert explained["related"][0]["feature"] == "m"
    assert re.match(r"Share of yes in c by g: .+% for up,", explained["figures"][0]["title"])
    assert explained["business"] is None  # no price is taken from another data set


def test_table_with_few_rows_a_group_of_one_kind_and_an_empty_column_runs(fresh: Path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"place": ["Zürich"] * 30 + ["Genf"] * 30, "empty": [None] * 60})
    table["degrees"] = rng.normal(10, 5, 60).round(1) * 1e6
    table["class"] = ["a"] * 30 + rng.choice(["a", "b", "c"], 30).tolist()
    roles = {"regression_target": "degrees", "classification_target": "class", "group": "place"}
    write_mine(fresh, table, **roles)
    run_all(fresh, "mine")
    columns = {column["name"]: column for column in report(fresh, "data")["columns"]}
    assert columns["empty"]["reason"] == "has fewer than two different values"
    assert "e+" not in (fresh / "README.md").read_text(encoding="utf-8")


def test_stages_refuse_what_is_about_other_data(own: Path):
    write_mine(own, odd_table(), group="select")
    config = ["--config", str(own / "config.yaml")]
    assert CliRunner().invoke(main, [*config, "data", "--dataset", "mine"]).exit_code == 0
    result = CliRunner().invoke(main, [*config, "evaluate"])
    assert result.exit_code == 2
    assert "trained on other data" in result.output
    CliRunner().invoke(main, [*config, "train"])
    result = CliRunner().invoke(main, [*config, "evaluate"])
    assert result.exit_code == 2
    assert "run the `explain` stage first" in result.output


@pytest.mark.parametrize("command", [["train"], ["report"], ["evaluate"]])
def test_a_stage_that_comes_too_early_says_what_to_run(fresh: Path, command: list[str]):
    result = CliRunner().invoke(main, ["--config", str(fresh / "config.yaml"), *command])
    assert result.exit_code == 2
    assert "run the `" in result.output
