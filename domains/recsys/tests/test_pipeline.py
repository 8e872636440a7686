"""The whole: commands, what they leave, what they say when something is wrong, the documents."""

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from conftest import ROOT

from recommender import figures, readme
from recommender.cli import STAGES, main
from recommender.config import load_config
from recommender.data import read_processed
from recommender.kit.files import Paths, read_json
from recommender.monitor import visitors
from recommender.predictor import Predictor


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])


def committed(root: Path) -> dict[str, str]:
    """The checksum of every file that the pipeline writes and git keeps."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not {"data", "candidate"} & set(path.relative_to(root).parts)
    }


def test_shipped_settings_load():
    config = load_config(ROOT / "config.yaml")
    assert config.dataset in ["sample", *config.datasets]


def test_second_run_changes_nothing_that_is_committed(own_project: Path):
    before = committed(own_project)
    for stage in [*STAGES, "report"]:
        result = run(own_project, stage)
        assert result.exit_code == 0, result.output
    assert committed(own_project) == before


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
    assert run(own_project, "data").exit_code == 0  # makes another sample
    before = (own_project / "models" / "current.txt").read_bytes()
    result = run(own_project, "evaluate")
    assert result.exit_code == 2
    assert "may have learned what it would be tested on" in result.stderr
    assert (own_project / "models" / "current.txt").read_bytes() == before


def test_one_message_and_exit_2_where_a_setting_is_wrong(own_project: Path):
    file = own_project / "config.yaml"
    text = file.read_text(encoding="utf-8").replace("revenue_per_click", "revenue_per_clik")
    file.write_text(text, encoding="utf-8")
    result = run(own_project, "data")
    assert result.exit_code == 2
    assert (
        "prices.revenue_per_clik: unknown key; did you mean `revenue_per_click`?" in result.stderr
    )


# What it leaves


def test_reports_keep_their_contract(project: Path):
    reports = project / "reports"
    metrics = read_json(reports / "metrics.json", "evaluate")
    assert metrics["schema"] == 2
    assert (metrics["domain"], metrics["package"]) == ("recsys", "recommender")
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
    slices = read_json(project / "reports" / "metrics.json", "evaluate")["recsys"]["data"]["slices"]
    sizes = " / ".join(f"{slices[part]:,}" for part in ("train", "validation", "test"))
    assert name == "README.md" or f"{sizes} to train, validate, test" in text


def test_stale_documents_are_reported_and_left_alone(own_project: Path):
    file = own_project / "README.md"
    stale = file.read_text(encoding="utf-8").replace("If users click", "As users click")
    file.write_text(stale, encoding="utf-8")
    result = run(own_project, "report", "--check")
    assert result.exit_code == 1
    assert "README.md" in result.stderr
    assert file.read_text(encoding="utf-8") == stale
    assert run(own_project, "report").exit_code == 0
    assert run(own_project, "report", "--check").exit_code == 0


@pytest.mark.parametrize(
    ("difference", "words", "title"),
    [
        ((-0.01, -0.02, -0.005), "0.010 (0.005 to 0.020)", "Chosen: EASE"),
        ((-0.01, -0.02, 0.001), "0.010, may be chance", "; 1 of the 2 models may be as good"),
        ((0.01, 0.005, 0.02), "-0.010 (-0.020 to -0.005)", "; 1 of the 2 models may be as good"),
    ],
)
def test_other_model_is_behind_where_that_is_no_chance(
    project: Path, difference: tuple[float, ...], words: str, title: str
):
    found = dict(zip(("value", "low", "high"), difference, strict=True))
    assert readme.behind(found) == words
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    chosen, other = metrics["models"][0], metrics["models"][1]
    chosen |= {"label": "EASE", "selected": True}
    metrics["models"] = [chosen, other | {"selected": False, "difference": found}]
    figures.ladder(axes := plt.figure().subplots(), metrics)
    assert title in axes.get_title()


def test_better_model_that_cannot_be_published_is_named(project: Path):
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    best = next(model for model in metrics["models"] if model["name"] == "user_user")
    best["metrics"]["ndcg_at_10"]["value"] = 0.0
    assert "needs all histories" not in readme.results(metrics)
    best["metrics"]["ndcg_at_10"]["value"] = 0.99
    assert "user-user scores best, but needs all histories" in readme.results(metrics)


# Because you liked


def test_explanation_finds_the_tastes_of_the_sample(project: Path):
    tastes = read_json(project / "reports" / "explain.json", "explain")["tastes"]
    assert tastes["neighbours"] > 3 * tastes["chance"]


def test_candidate_that_was_not_published_is_not_explained(own_project: Path):
    file = own_project / "config.yaml"
    training = read_json(own_project / "models" / "candidate" / "training.json", "train")
    other = "als" if training["selected"] == "svd" else "svd"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump(content | {"models": [other]}), encoding="utf-8")
    assert run(own_project, "train").exit_code == 0
    result = run(own_project, "explain")
    assert result.exit_code == 2
    assert "run the `evaluate` stage first" in result.stderr


# In production


def leave_log(root: Path, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave the log of a server that was asked one thing at a time; return what it said."""
    predictor = Predictor.load(root / "models")
    said = predictor.predict(asked)
    start = {"time": datetime.now(UTC).isoformat(), "version": predictor.version, "row": 0}
    lines = [
        json.dumps(start | {"request": str(number), "inputs": given, "prediction": prediction})
        for number, (given, prediction) in enumerate(zip(asked, said, strict=True))
    ]
    (root / "logs").mkdir(exist_ok=True)
    (root / "logs" / "predictions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return said


def test_rehearsal_raises_an_alarm(own_project: Path):
    result = run(own_project, "monitor", "--simulate")
    assert result.exit_code == 1, result.output
    text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert "**Alarm: 2 of 2 columns have moved" in text
    for name in ("moved_1", "moved_2"):
        assert f"](figures/{name}.png)" in text
        assert (own_project / "reports" / "figures" / f"{name}.png").is_file()


def test_same_visitors_and_clicks_raise_no_alarm_and_fewer_clicks_do(own_project: Path):
    asked = visitors(read_processed(Paths(own_project))[0])[::2]
    said, file = leave_log(own_project, asked), own_project / "clicks.csv"
    lists = read_json(own_project / "reports" / "metrics.json", "evaluate")["recsys"]["business"]
    rate, rng = lists["lists"]["model"]["clicks"]["value"], np.random.default_rng(0)
    for share, code, words in ((1, 0, "**No alarm.**"), (0.5, 1, "clicks a visit is lower")):
        clicks = rng.random(len(said)) < share * rate
        items = [list_["items"][0]["item"] * bool(c) for c, list_ in zip(clicks, said, strict=True)]
        pd.DataFrame({"item": items}).to_csv(file, index_label="request")
        result = run(own_project, "monitor", "--outcomes", str(file))
        assert result.exit_code == code, result.output
        text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
        assert words in text and "columns have moved" not in text
