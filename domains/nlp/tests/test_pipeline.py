"""The whole: what a run leaves, what a second one changes, and what the documents say of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from sentiment import data, evaluate, explain, sample
from sentiment.cli import STAGES, main, run_stages
from sentiment.config import load_config
from sentiment.kit import ModelError
from sentiment.kit.files import Paths, read_json
from sentiment.predictor import Predictor


def tree(root: Path) -> dict[str, bytes]:
    """The bytes of all that git would see of a run."""
    files = [file for name in ("models", "reports") for file in (root / name).rglob("*.*")]
    files += [root / "README.md", root / "MODEL_CARD.md"]
    kept = [file for file in files if file.is_file() and "candidate" not in file.parts]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in kept}


def invoke(root: Path, *arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])
    return answer.exit_code, answer.output


def test_a_second_run_changes_nothing(own_project: Path):
    before = tree(own_project)
    run_stages(list(STAGES), own_project / "config.yaml")
    assert invoke(own_project, "report")[0] == 0
    assert tree(own_project) == before


def test_the_contract_is_kept(project: Path):
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    assert (metrics["schema"], metrics["domain"], metrics["package"]) == (2, "nlp", "sentiment")
    assert metrics["dataset"].keys() == {"name", "synthetic", "rows", "sha256", "licence"}
    assert metrics["dataset"]["synthetic"] is True
    business = {"headline", "assumption", "value", "low", "high", "currency", "per"}
    assert metrics["business"].keys() == business
    assert [model["difference"] is None for model in metrics["models"]] == [
        model["selected"] for model in metrics["models"]
    ]
    figures = read_json(project / "reports" / "figures.json", "evaluate")
    assert [entry["role"] for entry in figures].count("headline") == 1
    assert len(figures) == 6
    for entry in figures:
        assert (project / entry["file"]).stat().st_size > 5_000
        assert entry["title"] and entry["alt"]
    version = (project / "models" / "current.txt").read_text(encoding="utf-8").strip()
    assert read_json(project / "reports" / "explain.json", "explain")["model_version"] == version


def test_the_documents_say_what_the_reports_say(project: Path):
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    readme = (project / "README.md").read_text(encoding="utf-8")
    card = (project / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"**{metrics['business']['headline']}.** (Synthetic sample" in readme
    for model in metrics["models"]:
        assert f"| {model['metrics']['roc_auc']['value']:.3f} |" in readme
    for policy in metrics["nlp"]["business"]["policies"]:
        assert f"| {policy['read']:.0%} | {policy['reached']:.0%} |" in readme
    assert "(synthetic sample)" in card
    assert "Not filled yet" not in readme + card
    for figure in read_json(project / "reports" / "figures.json", "evaluate"):
        assert figure["file"] in readme


def test_a_stale_document_is_reported_and_mended(own_project: Path):
    readme = own_project / "README.md"
    fresh = readme.read_text(encoding="utf-8")
    assert invoke(own_project, "report", "--check") == (0, "")
    readme.write_text(fresh.replace("| **", "| *"), encoding="utf-8")
    code, said = invoke(own_project, "report", "--check")
    assert (code, "README.md" in said) == (1, True)
    assert invoke(own_project, "report")[0] == 0
    assert readme.read_text(encoding="utf-8") == fresh


def test_what_its_author_writes_is_left_alone(own_project: Path):
    readme = own_project / "README.md"
    text = readme.read_text(encoding="utf-8").replace(
        "## What I learned\n", "## What I learned\n\nA lot.\n"
    )
    readme.write_text(text, encoding="utf-8")
    assert invoke(own_project, "report")[0] == 0
    assert readme.read_text(encoding="utf-8") == text


def test_stages_out_of_order_say_which_comes_first(fresh_project: Path):
    for stage in ("train", "evaluate", "explain", "report"):
        code, said = invoke(fresh_project, stage)
        assert (code, "first" in said) == (2, True), said


def test_a_model_is_tested_on_no_data_but_its_own(own_project: Path):
    config, paths = load_config(own_project / "config.yaml"), Paths(own_project)
    data.run(config, paths)
    explain.run(config, paths)  # the same data again: nothing is out of date
    data.run(config.model_copy(update={"seed": 9}), paths)
    for stage in (evaluate, explain):
        with pytest.raises(ModelError, match="trained on other data"):
            stage.run(config, paths)


def test_wrong_settings_are_named(fresh_project: Path):
    file = fresh_project / "config.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new, said in (
        ("win_back: 0.2", "win_back: 2", "prices.win_back"),
        ("win_back", "winback", "did you mean `win_back`"),
        ("[not, awful, terrible, useless]", "['...']", "rule"),
        ("models: [naive_bayes,", "models: [naive, ", "models"),
    ):
        file.write_text(text.replace(old, new), encoding="utf-8")
        code, message = invoke(fresh_project, "data")
        assert (code, said in message) == (2, True), message


def test_a_rehearsal_raises_the_alarm(own_project: Path):
    code, said = invoke(own_project, "monitor", "--simulate")
    assert (code, "columns have moved, words furthest" in said) == (1, True), said
    text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert "A rehearsal" in text
    for name in ("figures/moved_1.png", "figures/moved_2.png"):
        assert f"]({name})" in text and (own_project / "reports" / name).is_file()


def test_only_outcomes_against_what_was_said_of_the_same_reviews_alarm(own_project: Path):
    test = data.read_processed(Paths(own_project))[0].test
    predictor = Predictor.load(own_project / "models")
    asked = [{"text": text} for text in test["text"]]
    line = {"time": datetime.now(UTC).isoformat(), "version": predictor.version, "request": "r"}
    both = zip(asked, predictor.predict(asked), strict=True)
    lines = [line | {"row": n, "inputs": x, "prediction": p} for n, (x, p) in enumerate(both)]
    (own_project / "logs").mkdir(exist_ok=True)
    log = own_project / "logs" / "predictions.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    table = pd.DataFrame({"request": "r", "row": range(len(asked))})
    for stars, expected in (((1, 5), 0), ((5, 1), 1)):
        came = test["positive"].map(dict(enumerate(stars))).to_numpy()
        table.assign(**{sample.RATING: came}).to_csv(own_project / "came.csv")
        code, said = invoke(own_project, "monitor", "--outcomes", str(own_project / "came.csv"))
        assert (code, "ROC-AUC is lower" in said) == (expected, expected == 1), said
    metrics = read_json(own_project / "reports" / "metrics.json", "evaluate")
    ours = metrics["nlp"]["business"]["policies"][-1]
    text = (own_project / "reports" / "monitoring.md").read_text(encoding="utf-8")
    assert f"| money a case | {ours['per_1000_reviews']['value'] / 1000:.3f} (" in text
