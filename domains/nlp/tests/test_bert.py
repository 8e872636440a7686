"""The transformer rungs, for real: a small checkpoint is built, learned on, exported, served."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
import pytest
import yaml
from conftest import SETTINGS
from fastapi.testclient import TestClient
from joblib import parallel_config
from sklearn.metrics import roc_auc_score

from sentiment import cli, readme, sample
from sentiment.bert import train as bert
from sentiment.config import Bert, Config, load_config
from sentiment.features import words
from sentiment.kit import ModelError, ProjectError
from sentiment.kit.files import Paths, read_json
from sentiment.models import folds
from sentiment.predictor import Predictor
from sentiment.train import ODD_TEXTS
from sentiment.transfer import RUNGS, checkpoint, export

from api.main import create_app

CONFIG = load_config(SETTINGS)
TINY = Bert(checkpoint="tiny", epochs=6, batch=16, learning_rate=0.001, max_tokens=48, patience=2)
needs_torch = pytest.mark.skipif(
    any(checkpoint.find_spec(name) is None for name in checkpoint.PACKAGES),
    reason="torch and transformers, an extra, are not installed",
)


@pytest.fixture(scope="module")
def reviews() -> tuple[list[str], np.ndarray]:
    """Some reviews of the sample, and whether they are positive."""
    table = sample.make_sample(3).sample(900, random_state=0)
    texts = table[sample.TEXT].tolist()
    return texts, (table[sample.RATING] >= sample.RATING_THRESHOLD).to_numpy(int)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, reviews: tuple[list[str], np.ndarray]) -> Path:
    """A folder with a checkpoint ``tiny``: configuration, tokenizer and untrained weights."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from torch import manual_seed, set_num_threads
    from transformers import (
        DistilBertConfig,
        DistilBertModel,
        PreTrainedTokenizerFast,
    )

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    found = Counter(re.findall(r"\w+", " ".join(reviews[0]).lower()))
    letters = [start + letter for start in ("", "##") for letter in ascii_lowercase]
    common = sorted(word for word, count in found.items() if count >= 5 and word not in letters)
    names = [*special, *letters, *".,!?'", *common]
    numbered = {name: place for place, name in enumerate(names)}
    pieces = Tokenizer(models.WordPiece(numbered, unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer()
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]"
    )
    shape = {"dim": 64, "hidden_dim": 64, "n_layers": 1, "n_heads": 2, "dropout": 0.0}
    set_num_threads(1)  # on a network as small as this, threads only wait for each other
    manual_seed(0)
    config = DistilBertConfig(
        vocab_size=pieces.get_vocab_size(), max_position_embeddings=64, **shape
    )
    folder = tmp_path_factory.mktemp("bert")
    DistilBertModel(config).save_pretrained(folder / "tiny")
    tokenizer.save_pretrained(folder / "tiny")
    return folder


def with_bert(**changes: object) -> Config:
    """The tests' settings with both transformers among the models."""
    changed = TINY.model_copy(update=changes)
    return CONFIG.model_copy(update={"models": RUNGS, "bert": changed})


def task_of(texts: list[str], y: np.ndarray, config: Config, root: Path) -> bert.Task:
    known = checkpoint.require(config, root)
    assert known is not None
    encoder = export.to_onnx(*checkpoint.load(known, config), texts)
    return bert.Task(config, known, texts, y, export.scorer(encoder).outputs(texts))


@pytest.fixture(scope="module")
def task(root: Path, reviews: tuple[list[str], np.ndarray]) -> bert.Task:
    return task_of(reviews[0], reviews[1], with_bert(), root)


@pytest.fixture(scope="module")
def fitted(task: bert.Task) -> Any:
    return bert.fit(task, np.arange(600), "test")[0]


# Training


@needs_torch
def test_fine_tuning_learns_more_than_a_layer_on_a_transformer_that_knows_nothing(
    task: bert.Task, fitted: Any
):
    texts, y = task.texts[600:], task.y[600:]
    frozen = bert.LogisticRegression().fit(task.vectors[:600], task.y[:600])
    before = roc_auc_score(y, frozen.decision_function(task.vectors[600:]))
    after = roc_auc_score(y, export.scorer(fitted).probability(texts))
    assert after > max(0.65, before)


@needs_torch
def test_the_best_epoch_is_kept_and_training_stops_early(
    root: Path, reviews: tuple[list[str], np.ndarray]
):
    texts, y = reviews[0][:120], reviews[1][:120]
    config = with_bert(learning_rate=0.02, epochs=60, patience=2)
    model, scores = bert.fit(task_of(texts, y, config, root), np.arange(120), "test")
    assert len(scores) < 60
    last = max(place for place, score in enumerate(scores) if score == max(scores))
    assert len(scores) - 1 - int(np.argmax(scores)) == 2 or last > np.argmax(scores)
    _, held = bert.train_test_split(
        np.arange(120), test_size=bert.HELD_OUT, stratify=y, random_state=config.seed
    )
    probability = export.scorer(model).probability([texts[row] for row in held])
    assert roc_auc_score(y[held], probability) == pytest.approx(max(scores), abs=1e-6)


@needs_torch
def test_every_review_is_scored_by_a_model_that_did_not_see_it(
    root: Path, reviews: tuple[list[str], np.ndarray], monkeypatch: pytest.MonkeyPatch
):
    task = task_of(reviews[0][:60], reviews[1][:60], with_bert(epochs=1), root)
    seen: list[set[int]] = []
    fit = bert.fit

    def watched(task: bert.Task, rows: np.ndarray, title: str) -> object:
        seen.append(set(rows))
        return fit(task, rows, title)

    monkeypatch.setattr(bert, "fit", watched)
    before, after = bert.out_of_fold(task)
    assert np.isfinite(before).all()
    assert np.abs(before - after).max() < 1
    parts = [rest for _, rest in folds(CONFIG).split(task.texts, task.y)]
    assert seen == [set(range(60)) - set(rest) for rest in parts]


@needs_torch
def test_folds_may_be_learned_in_several_processes(
    root: Path, reviews: tuple[list[str], np.ndarray]
):
    task = task_of(reviews[0][:60], reviews[1][:60], with_bert(epochs=1), root)
    alone = bert.out_of_fold(task)
    with parallel_config("loky", n_jobs=2):
        assert np.abs(bert.out_of_fold(task) - alone).max() < 0.001


def test_batches_hold_reviews_of_like_length_in_a_random_order():
    texts = ["x" * length for length in np.random.default_rng(0).permutation(1_000)]
    parts = bert.batches(np.arange(1_000), texts, 10, np.random.default_rng(1))
    assert sorted(np.concatenate(parts)) == list(range(1_000))
    lengths = [np.array([len(texts[row]) for row in part]) for part in parts]
    assert np.mean([np.ptp(part) for part in lengths]) < 100  # in a random batch about 800
    assert abs(np.corrcoef([part.mean() for part in lengths], np.arange(len(parts)))[0, 1]) < 0.3


# Serving


@needs_torch
def test_an_export_that_differs_is_refused(task: bert.Task, monkeypatch: pytest.MonkeyPatch):
    encoder, tokenizer = checkpoint.load(task.checkpoint, task.config)
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(ModelError, match="other embeddings"):
        export.to_onnx(encoder, tokenizer, task.texts)


@needs_torch
def test_quantised_it_is_smaller_nearly_the_same_and_asks_of_each_review_alone(
    task: bert.Task, fitted: Any
):
    small = export.quantise(fitted)
    assert small.ByteSize() < fitted.ByteSize()
    assert {"MatMulInteger", "DynamicQuantizeLinear"} <= {node.op_type for node in small.graph.node}
    scorer, texts = export.scorer(small), [*ODD_TEXTS, *task.texts[600:]]
    served = scorer.probability(texts)
    assert np.abs(served - export.scorer(fitted).probability(texts)).mean() < 0.02
    assert [scorer.probability([text])[0] for text in texts[:40]] == served[:40].tolist()
    for text in ODD_TEXTS:
        found, added = scorer.contributions(text)
        assert found == words(text)
        assert added.shape == (len(found),)
        assert np.isfinite(added).all()


@needs_torch
def test_serving_does_not_import_torch(fitted: Any, tmp_path: Path):
    file = tmp_path / "model.onnx"
    file.write_bytes(export.quantise(fitted).SerializeToString())
    code = (
        "import onnxruntime, sys; from sentiment.transfer.serving import BertScorer;"
        f"s = BertScorer(onnxruntime.InferenceSession({str(file)!r}));"
        "print(s.probability(['great']).shape, {'torch', 'transformers'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "(1,) set()", answer.stderr


@needs_torch
def test_the_whole_pipeline_runs_with_both(
    root: Path, fresh_project: Path, settings: dict[str, Any]
):
    shutil.copytree(root / "tiny", fresh_project / "secret" / "tiny")
    settings["models"] = list(RUNGS)
    settings["bert"] |= TINY.model_dump() | {"epochs": 3, "checkpoint": "secret/tiny"}
    file = fresh_project / "config.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    cli.run_stages(list(cli.STAGES), file)
    paths = Paths(fresh_project)
    readme.write_documents(load_config(file), paths, check=False)
    predictor = Predictor.load(paths.models)
    assert predictor.metadata["model"] in RUNGS
    assert len(predictor.coloured("The sound is great!")) == 5
    training = read_json(paths.candidate / "training.json", "train")
    assert all(len(training["quantised"][key]) == 2 for key in ("megabytes", "milliseconds"))
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    assert [model["name"] for model in metrics["models"]] == ["dummy", *RUNGS]
    dummy, *rungs = (model["metrics"]["roc_auc"] for model in metrics["models"])
    assert min(rung["low"] for rung in rungs) > dummy["high"]
    documents = [paths.root / "README.md", paths.root / "MODEL_CARD.md"]
    told = "".join(document.read_text(encoding="utf-8") for document in documents)
    assert "lose without each word" in told
    assert "Quantised to 8 bits" in told
    written = told + (paths.reports / "metrics.json").read_text(encoding="utf-8")
    assert "secret" not in written
    assert metrics["models"][1]["settings"]["checkpoint"] == "tiny"
    assert len(metrics["models"][1]["settings"]["sha256"]) == 64
    # Asked anew for each word, it is not kept busy for minutes by one request.
    client = TestClient(create_app(paths.models))
    answers = [
        client.post("/explain", json={"instances": [{"text": "fine " * 40}] * many})
        for many in (1, 60)
    ]
    assert [answer.status_code for answer in answers] == [200, 413]
    assert "12,000 letters" in answers[1].json()["detail"]


# What is missing, and what is too large


@needs_torch
def test_what_cannot_be_published_is_said_before_it_is_trained(
    root: Path, capsys: pytest.CaptureFixture[str]
):
    limits = CONFIG.limits.model_copy(update={"model_mb": 0.01})
    known = checkpoint.require(with_bert().model_copy(update={"limits": limits}), root)
    said = capsys.readouterr().out
    assert "embeddings and bert: about" in said
    assert "`limits.model_mb` allows, so only compared; 1 would publish them" in said
    assert known is not None
    assert known.megabytes > 0.01
    assert checkpoint.require(with_bert(), root) == known
    assert not capsys.readouterr().out


@needs_torch
def test_what_is_missing_is_named_with_its_remedy(tmp_path: Path, root: Path, monkeypatch: Any):
    with pytest.raises(ProjectError, match=r"'./nowhere' cannot be loaded.*hf download"):
        checkpoint.require(with_bert(checkpoint="./nowhere"), tmp_path)
    # Weights that go by the default's name are the default's.
    shutil.copytree(root / "tiny", tmp_path / checkpoint.DEFAULT)
    with pytest.raises(ProjectError, match="expected weights with the sha256 53aa"):
        checkpoint.require(with_bert(checkpoint=checkpoint.DEFAULT), tmp_path)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: None)
    with pytest.raises(ProjectError, match="uv sync --extra bert"):
        checkpoint.require(with_bert(), tmp_path)
    assert checkpoint.require(CONFIG, tmp_path) is None
