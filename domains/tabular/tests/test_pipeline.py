"""The whole: commands, what they leave, what they say when something is wrong, the documents."""

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result

from churn import cli, data, monitor, readme
from churn.cli import STAGES, main
from churn.config import load_config
from churn.kit.files import Paths, read_json
from churn.predictor import Predictor


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
    done = SimpleNamespace(returncode=0, stderr="", stdout="{}")
    (fresh_project / "notebooks").mkdir()
    (fresh_project / "notebooks" / "01_explore.ipynb").touch()
    monkeypatch.setattr(
        "churn.kit.stages.subprocess.run", lambda *a, **k: ran.append("notebooks") or done
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
    assert run(own_project, "data").exit_code == 0  # divides the same customers anew
    before = (own_project / "models" / "current.txt").read_bytes()
    result = run(own_project, "evaluate")
    assert result.exit_code == 2
    assert "may have learned what it would be tested on" in result.stderr
    assert (own_project / "models" / "current.txt").read_bytes() == before


def test_one_message_and_exit_2_where_a_setting_is_wrong(own_project: Path):
    file = own_project / "config.yaml"
    text = file.read_text(encoding="utf-8").replace("offer_cost", "ofer_cost")
    file.write_text(text, encoding="utf-8")
    result = run(own_project, "data")
    assert result.exit_code == 2
    assert "prices.ofer_cost: unknown key; did you mean `offer_cost`?" in result.stderr


# What is served since


def test_a_rehearsal_raises_the_alarm(own_project: Path):
    result = run(own_project, "monitor", "--simulate")
    assert (result.exit_code, "columns have moved" in result.stderr) == (1, True), result.output
    text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert "A rehearsal" in text
    for name in ("figures/moved_1.png", "figures/moved_2.png"):
        assert f"]({name})" in text and (own_project / "reports" / name).is_file()


def test_only_outcomes_against_what_was_said_of_the_same_customers_alarm(own_project: Path):
    parts, info = data.read_processed(Paths(own_project))
    asked, predictor = monitor.instances(parts.test, info), Predictor.load(own_project / "models")
    line = {"time": datetime.now(UTC).isoformat(), "version": predictor.version, "request": "r"}
    both = zip(asked, predictor.predict(asked), strict=True)
    lines = [line | {"row": n, "inputs": x, "prediction": p} for n, (x, p) in enumerate(both)]
    (own_project / "logs").mkdir(exist_ok=True)
    log = own_project / "logs" / "predictions.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    table = pd.DataFrame({"request": "r", "row": range(len(asked))})
    for values, code in ((("no", "yes"), 0), (("yes", "no"), 1)):
        came = parts.test[info.target].map(dict(enumerate(values)))
        table.assign(**{info.target: came.to_numpy()}).to_csv(own_project / "came.csv")
        result = run(own_project, "monitor", "--outcomes", str(own_project / "came.csv"))
        assert (result.exit_code, "ROC-AUC is lower" in result.stderr) == (code, code == 1)


# What it leaves


def test_reports_keep_their_contract(project: Path):
    reports = project / "reports"
    metrics = read_json(reports / "metrics.json", "evaluate")
    assert metrics["schema"] == 2
    assert (metrics["domain"], metrics["package"]) == ("tabular", "churn")
    assert set(metrics["dataset"]) == {"name", "synthetic", "rows", "sha256", "licence"}
    assert metrics["primary_metric"]["low"] < metrics["primary_metric"]["value"]
    assert {"headline", "assumption", "value", "low", "high", "currency", "per"} == set(
        metrics["business"]
    )
    figures = read_json(reports / "figures.json", "evaluate")
    assert [entry["role"] for entry in figures].count("headline") == 1
    for entry in figures:
        assert (project / entry["file"]).is_file()
        assert entry["title"] and entry["alt"]
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


def test_stale_documents_are_reported_and_left_alone(own_project: Path):
    file = own_project / "README.md"
    stale = file.read_text(encoding="utf-8").replace("If 40% of those", "If 99% of those")
    file.write_text(stale, encoding="utf-8")
    result = run(own_project, "report", "--check")
    assert result.exit_code == 1
    assert "README.md" in result.stderr
    assert file.read_text(encoding="utf-8") == stale
    assert run(own_project, "report").exit_code == 0
    assert run(own_project, "report", "--check").exit_code == 0


def test_words_of_the_author_stay(own_project: Path):
    file = own_project / "README.md"
    mine = "## In my own words\n\n\tMy *own* words: ü, 100 %, $5, {braces}, <!-- mine -->\n"
    text = file.read_text(encoding="utf-8").replace("## In my own words\n", mine)
    file.write_text(text.replace("If 40%", "stale"), encoding="utf-8")
    assert run(own_project, "report").exit_code == 0
    assert file.read_text(encoding="utf-8") == text


def test_difference_is_said_to_be_chance_where_it_may_be():
    found = {"value": -0.01, "low": -0.02, "high": -0.005}
    assert readme.behind(found) == "0.0100 (0.0050 to 0.0200)"
    assert readme.behind(found | {"high": 0.001}) == "0.0100, may be chance"


def test_variants_are_said_to_differ_only_where_they_surely_do():
    sure, chance = {"value": -2.0, "low": -3, "high": -1}, {"value": 2.0, "low": -1, "high": 5}
    rows = [{"name": "a", "difference": sure}, {"name": "b", "difference": chance}]
    assert "More than chance: a -2.0 (-3.0 to -1.0) EUR per customer." in readme.tried(rows, "EUR")
    assert "Each difference may be chance." in readme.tried(rows[1:], "EUR")
