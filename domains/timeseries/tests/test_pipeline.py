"""The whole: commands, what they leave, what they say when something is wrong, the documents."""

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner, Result

from demand import cli, readme
from demand.cli import STAGES, main
from demand.config import load_config
from demand.kit.files import Paths, read_json
from demand.predictor import Predictor
from demand.sample import DAYS, make_sample, truth


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])


def committed(root: Path) -> dict[str, str]:
    """The checksum of every file that the pipeline writes and git keeps."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not {"data", "candidate"} & set(path.relative_to(root).parts)
    }


def test_second_run_changes_nothing_that_is_committed(own_project: Path):
    before = committed(own_project)
    for stage in [*STAGES, "report"]:
        result = run(own_project, stage)
        assert result.exit_code == 0, result.output
    assert committed(own_project) == before


def test_all_runs_every_stage_and_then_the_documents(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
):
    ran: list[object] = []
    monkeypatch.setattr(cli, "run_stages", lambda *arguments: ran.append(arguments))
    monkeypatch.setattr(readme, "write_documents", lambda *arguments: ran.append("report") or [])
    (fresh_project / "notebooks").mkdir()
    (fresh_project / "notebooks" / "01_explore.ipynb").touch()
    done = SimpleNamespace(returncode=0, stderr="", stdout="{}")
    monkeypatch.setattr(
        "demand.kit.stages.subprocess.run", lambda *a, **k: ran.append("notebooks") or done
    )
    result = run(fresh_project, "all", "--dataset", "mine")
    assert result.exit_code == 0, result.output
    assert ran == [(list(STAGES), fresh_project / "config.yaml", "mine"), "report", "notebooks"]


@pytest.mark.parametrize(
    ("lost", "command", "remedy"),
    [
        ("data/processed", "train", "run the `data` command first"),
        ("models/candidate", "evaluate", "run the `train` command first"),
        ("models/current.txt", "explain", "Publish one with `all`"),
        ("reports/metrics.json", "report", "run the `evaluate` command first"),
        ("config.yaml", "data", "No such file"),
    ],
)
def test_missing_input_is_named_with_the_way_to_get_it(
    own_project: Path, lost: str, command: str, remedy: str
):
    path = own_project / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    result = run(own_project, command)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert remedy in result.stderr


def test_model_is_not_tested_on_data_that_it_may_have_seen(own_project: Path):
    file = own_project / "config.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump(content | {"seed": content["seed"] + 1}), encoding="utf-8")
    assert run(own_project, "data").exit_code == 0  # another sample
    before = (own_project / "models" / "current.txt").read_bytes()
    result = run(own_project, "evaluate")
    assert result.exit_code == 2
    assert "may have learned what it would be tested on" in result.stderr
    assert (own_project / "models" / "current.txt").read_bytes() == before


def test_one_message_and_exit_2_where_a_setting_is_wrong(own_project: Path):
    file = own_project / "config.yaml"
    text = file.read_text(encoding="utf-8").replace("holding_cost", "holdin_cost")
    file.write_text(text, encoding="utf-8")
    result = run(own_project, "data")
    assert result.exit_code == 2
    assert "prices.holdin_cost: unknown key; did you mean `holding_cost`?" in result.stderr


# What it leaves


def test_reports_keep_their_contract(project: Path):
    reports = project / "reports"
    metrics = read_json(reports / "metrics.json", "evaluate")
    assert metrics["schema"] == 2
    assert (metrics["domain"], metrics["package"]) == ("timeseries", "demand")
    assert set(metrics["dataset"]) == {"name", "synthetic", "rows", "sha256", "licence"}
    assert {"value", "low", "high"} <= set(metrics["primary_metric"])
    assert [entry["selected"] for entry in metrics["models"]].count(True) == 1
    for entry in metrics["models"]:
        assert (entry["difference"] is None) == entry["selected"]
    assert {"headline", "assumption", "value", "low", "high", "currency", "per"} == set(
        metrics["business"]
    )
    figures = read_json(reports / "figures.json", "evaluate")
    assert [entry["role"] for entry in figures].count("headline") == 1
    for entry in figures:
        assert (project / entry["file"]).is_file()
        assert entry["title"] and entry["alt"]
    titles = [entry["title"] for entry in figures]
    level = metrics["timeseries"]["business"]["service_level"]
    assert f"Of 15 service levels, {level:.1%} cost least in validation\n" in titles[2] + "\n"
    assert "156 seasons" in titles[3]
    explained = read_json(reports / "explain.json", "explain")
    current = (project / "models" / "current.txt").read_text(encoding="utf-8").strip()
    assert explained["model_version"] == current


@pytest.mark.parametrize("name", ["README.md", "MODEL_CARD.md"])
def test_documents_are_filled_and_fresh(project: Path, name: str):
    text = (project / name).read_text(encoding="utf-8")
    assert "Not filled yet" not in text
    assert "ynthetic sample" in text, "numbers of made-up data say so"
    config = load_config(project / "config.yaml")
    assert readme.write_documents(config, Paths(project), check=True) == []


def test_difference_is_said_to_be_chance_where_it_may_be():
    found = {"value": 0.1, "low": 0.05, "high": 0.2}
    assert readme.behind(found) == "0.100 (0.050 to 0.200)"
    assert readme.behind(found | {"low": -0.05}) == "0.100, may be chance"


def test_readme_says_whose_drivers_they_are_and_how_hard_the_last_window_was(project: Path):
    reports = project / "reports"
    metrics, explained = (read_json(reports / f"{n}.json", "all") for n in ("metrics", "explain"))
    seen = [metrics["models"][place]["metrics"]["mase"]["value"] for place in (-1, 0)]
    assert "in validation they were {:.3f} and {:.3f}".format(*seen) in readme.results(metrics)
    roles = {"lightgbm": "the published", "average": "one part of", "ets": "not the published"}
    for metrics["timeseries"]["selected"], role in roles.items():
        assert f"Forecasts by LightGBM ({role}" in readme.made_of(metrics, explained)


# In production


def leave_log(root: Path, said: list[dict[str, Any]], time: datetime) -> None:
    """Leave the log of a server that was asked one thing at a time."""
    start = {"time": time.isoformat(), "version": Predictor.load(root / "models").version}
    lines = [json.dumps(start | {"request": "r", "row": 0, "prediction": each}) for each in said]
    (root / "logs").mkdir(exist_ok=True)
    (root / "logs" / "predictions.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_rehearsal_raises_an_alarm(own_project: Path):
    result = run(own_project, "monitor", "--simulate")
    assert result.exit_code == 1, result.output
    text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert "**Alarm: 1 of 2 columns have moved, steps furthest" in text
    for name in ("moved_1", "moved_2"):
        assert f"](figures/{name}.png)" in text
        assert (own_project / "reports" / "figures" / f"{name}.png").is_file()


def test_same_questions_raise_no_alarm_and_late_ones_do(own_project: Path):
    predictor, now = Predictor.load(own_project / "models"), datetime.now(UTC)
    some = predictor.catalogue.ids[::2]
    said = [ask(name) for ask in (predictor.forecast, predictor.order) for name in some]
    leave_log(own_project, said, now)
    result = run(own_project, "monitor")
    assert result.exit_code == 0, result.output
    leave_log(own_project, said, now + timedelta(days=15))
    result = run(own_project, "monitor")
    assert result.exit_code == 1
    assert "1 of 2 columns have moved, age furthest" in result.stderr


def test_demand_as_foretold_raises_no_alarm_and_other_demand_does(own_project: Path):
    seed = load_config(own_project / "config.yaml").seed
    table, rng, file = make_sample(seed), np.random.default_rng(0), own_project / "sold.csv"
    predictor = Predictor.load(own_project / "models")
    leave_log(own_project, [predictor.forecast(predictor.catalogue.ids[0])], datetime.now(UTC))
    ahead, mean = table["demand"].isna(), truth(seed).mean[:, DAYS:].ravel()
    for factor, code, words in ((1, 0, "**No alarm.**"), (2, 1, "1 - MASE is lower")):
        table.loc[ahead, "demand"] = rng.poisson(factor * mean)
        table.to_csv(file, index=False)
        result = run(own_project, "monitor", "--outcomes", str(file))
        assert result.exit_code == code, result.output
        assert words in (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")


def test_file_without_later_demand_is_refused(own_project: Path):
    file = own_project / "sold.csv"
    make_sample(load_config(own_project / "config.yaml").seed).to_csv(file, index=False)
    predictor = Predictor.load(own_project / "models")
    leave_log(own_project, [predictor.forecast(predictor.catalogue.ids[0])], datetime.now(UTC))
    result = run(own_project, "monitor", "--outcomes", str(file))
    assert result.exit_code == 2
    assert "as it is by now, with dates after 2024-06-30" in result.stderr
