"""The pipeline: what users type, what it leaves, and what they read when something is wrong."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from conftest import ROOT, tree

from imaging import data, evaluate, explain, sample
from imaging.cli import STAGES, main
from imaging.config import load_config
from imaging.images import light
from imaging.kit import ProjectError
from imaging.kit.files import Paths, read_json, write_json
from imaging.kit.store import require_whole
from imaging.predictor import Predictor


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])


def refused(root: Path, settings: dict[str, Any]) -> str:
    (root / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ProjectError) as error:
        load_config(root / "config.yaml")
    return str(error.value)


def test_shipped_settings_load_and_start_on_real_data():
    config = load_config(ROOT / "config.yaml")
    assert config.dataset in config.datasets
    assert (ROOT / str(config.datasets[config.dataset].path)).is_file()


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"pth": "x"}, "unknown key; did you mean `path`?"),
        ({"size": 8}, "greater than or equal to 16"),
        ({"channels": 2}, "Input should be 1 or 3"),
        ({"patient": "("}, "expected a regular expression"),
        ({"patient": "person"}, "expected one group in brackets"),
        ({"layout": "npz"}, "expected `classes`, in the order of their numbers"),
        ({"classes": ["a", "a"]}, "expected different `classes`"),
        ({"classes": ["well", "sick"]}, "expected `positive` to be some, not all"),
        ({"rule": {"name": "bright", "brighter_than": 2}}, "less than or equal to 1"),
    ],
)
def test_wrong_settings_of_a_data_set_are_named(
    tmp_path: Path, settings: dict[str, Any], roles: dict[str, Any], words: str
):
    settings["datasets"]["mine"] |= roles
    message = refused(tmp_path, settings)
    assert "datasets.mine" in message
    assert words in message


def test_split_must_leave_something_to_train_on(tmp_path: Path, settings: dict[str, Any]):
    settings["split"] = {"test_size": 0.6, "validation_size": 0.4}
    assert "leave cases to train on" in refused(tmp_path, settings)


def test_stages_run_one_by_one_and_change_nothing(own_project: Path):
    before = tree(own_project)
    for command in [stage for stage in STAGES if stage != "train"] + ["report"]:
        result = run(own_project, command)
        assert result.exit_code == 0, result.output
    assert tree(own_project) == before
    assert run(own_project, "report", "--check").exit_code == 0


def test_what_the_stages_leave_is_what_others_rely_on(project: Path):
    paths = Paths(project)
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    assert (metrics["schema"], metrics["domain"], metrics["package"]) == (2, "cv", "imaging")
    assert metrics["dataset"]["synthetic"] is True
    assert sum(model["selected"] for model in metrics["models"]) == 1
    for model in metrics["models"]:
        assert (model["difference"] is None) == model["selected"]
    receipt = read_json(paths.reports / "data.json", "data")
    assert receipt["rows_read"] == receipt["rows_kept"] == metrics["dataset"]["rows"]
    assert {value["class"] for value in receipt["target"].values()} == {"negative", "positive"}
    listed = read_json(paths.reports / "figures.json", "evaluate")
    assert all((project / figure["file"]).is_file() for figure in listed)
    assert [figure["role"] for figure in listed].count("headline") == 1
    assert read_json(paths.reports / "explain.json", "explain")["schema"] == 2


def test_documents_are_filled_and_say_that_numbers_are_made_up(project: Path):
    for name in ("README.md", "MODEL_CARD.md"):
        text = (project / name).read_text(encoding="utf-8")
        assert "Not filled yet" not in text
        assert "(synthetic sample)" in text
        assert "Not a medical device" in text
    headline = read_json(Paths(project).reports / "metrics.json", "evaluate")["business"][
        "headline"
    ]
    assert headline in (project / "README.md").read_text(encoding="utf-8")


def test_a_changed_number_is_stale(own_project: Path):
    file = own_project / "README.md"
    file.write_text(file.read_text(encoding="utf-8").replace("ROC-AUC 0", "ROC-AUC 1"), "utf-8")
    result = run(own_project, "report", "--check")
    assert result.exit_code == 1
    assert "README.md" in result.stderr


def test_images_leave_data_only_where_they_may(own_project: Path, monkeypatch: pytest.MonkeyPatch):
    private = sample.ROLES.model_copy(update={"share_images": False})
    monkeypatch.setattr(sample, "ROLES", private)
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    data.run(config, paths)
    training = paths.candidate / "training.json"
    found = read_json(training, "train") | {"data": require_whole(paths.processed)}
    write_json(training, found)
    evaluate.run(config, paths)
    explain.run(config, paths)
    assert not (paths.reports / "examples").exists()
    assert not (paths.figures / "gallery.png").exists()
    assert read_json(paths.reports / "explain.json", "explain")["examples"] == []
    listed = read_json(paths.reports / "figures.json", "evaluate")
    assert [figure["role"] for figure in listed].count("headline") == 1
    assert run(own_project, "report").exit_code == 0
    assert "Images are not shown" in (own_project / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [stage for stage in STAGES if stage != "data"])
def test_a_stage_before_its_turn_says_what_to_run(own_project: Path, command: str):
    shutil.rmtree(Paths(own_project).processed)
    result = run(own_project, command)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert "run the `data` command first" in result.stderr


def test_unknown_data_set_is_refused(fresh_project: Path):
    result = run(fresh_project, "all", "--dataset", "nope")
    assert result.exit_code == 2
    assert "'nope' is none of: sample, mine" in result.stderr
    assert not (fresh_project / "data").exists()


def test_a_rehearsal_raises_the_alarm(own_project: Path):
    result = run(own_project, "monitor", "--simulate")
    assert (result.exit_code, "columns have moved" in result.stderr) == (1, True), result.output
    text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert "A rehearsal" in text
    for name in ("figures/moved_1.png", "figures/moved_2.png"):
        assert f"]({name})" in text and (own_project / "reports" / name).is_file()


def test_only_outcomes_against_what_was_said_of_the_same_images_alarm(own_project: Path):
    test = data.read_processed(Paths(own_project))[0].test
    predictor = Predictor.load(own_project / "models")
    line = {"time": datetime.now(UTC).isoformat(), "version": predictor.version, "request": "r"}
    both = zip(map(light, test.images), predictor.predict(test.images), strict=True)
    lines = [line | {"row": n, "inputs": x, "prediction": p} for n, (x, p) in enumerate(both)]
    (own_project / "logs").mkdir(exist_ok=True)
    log = own_project / "logs" / "predictions.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    table = pd.DataFrame({"request": "r", "row": range(len(lines))})
    for classes, code in ((sample.CLASSES, 0), (sample.CLASSES[::-1], 1)):
        came = np.array(classes)[test.y.astype(int)]
        table.assign(**{"class": came}).to_csv(own_project / "came.csv")
        result = run(own_project, "monitor", "--outcomes", str(own_project / "came.csv"))
        assert (result.exit_code, "ROC-AUC is lower" in result.stderr) == (code, code == 1)
