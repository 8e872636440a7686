"""The BERT rung, for real: a small checkpoint is built, fine-tuned, exported and served."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
import onnxruntime
import pytest
import yaml
from conftest import SETTINGS
from sklearn.metrics import roc_auc_score

from sentiment import cli, readme, sample
from sentiment.bert import train as bert
from sentiment.bert.serving import BertScorer
from sentiment.config import Bert, Config, load_config
from sentiment.features import words
from sentiment.kit import ProjectError
from sentiment.kit.files import Paths, read_json
from sentiment.predictor import Predictor
from sentiment.train import ODD_TEXTS

CONFIG = load_config(SETTINGS)
TINY = Bert(checkpoint="tiny", epochs=6, batch=32, learning_rate=0.003, max_tokens=48, patience=2)
needs_torch = pytest.mark.skipif(
    any(bert.find_spec(name) is None for name in bert.PACKAGES),
    reason="torch and transformers, an extra, are not installed",
)


@pytest.fixture(scope="module")
def reviews() -> tuple[list[str], np.ndarray]:
    """Some reviews of the sample, and whether they are positive."""
    table = sample.make_sample(3).sample(1_800, random_state=0)
    texts = table[sample.TEXT].tolist()
    return texts, (table[sample.RATING] >= sample.RATING_THRESHOLD).to_numpy(int)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, reviews: tuple[list[str], np.ndarray]) -> Path:
    """A folder with a checkpoint ``tiny``: configuration, tokenizer and untrained weights."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from torch import manual_seed, set_num_threads
    from transformers import (
        DistilBertConfig,
        DistilBertForSequenceClassification,
        PreTrainedTokenizerFast,
    )

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    found = Counter(re.findall(r"\w+", " ".join(reviews[0]).lower()))
    letters = [start + letter for start in ("", "##") for letter in ascii_lowercase]
    common = sorted(word for word, count in found.items() if count >= 10 and word not in letters)
    names = [*special, *letters, *".,!?'", *common]
    numbered = {name: place for place, name in enumerate(names)}
    pieces = Tokenizer(models.WordPiece(numbered, unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer()
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]"
    )
    shape = {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2, "dropout": 0.0}
    set_num_threads(1)  # on a network as small as this, threads only wait for each other
    manual_seed(0)
    config = DistilBertConfig(
        vocab_size=pieces.get_vocab_size(), max_position_embeddings=64, **shape
    )
    folder = tmp_path_factory.mktemp("bert")
    DistilBertForSequenceClassification(config).save_pretrained(folder / "tiny")
    tokenizer.save_pretrained(folder / "tiny")
    return folder


def with_bert(**changes: object) -> Config:
    """The tests' settings with BERT among the models."""
    changed = TINY.model_copy(update=changes)
    return CONFIG.model_copy(update={"models": ("bert",), "bert": changed})


@pytest.fixture(scope="module")
def fitted(root: Path, reviews: tuple[list[str], np.ndarray]) -> bert.Fitted:
    texts, y = reviews
    return bert.fit(texts[:1_500], y[:1_500], with_bert(), root)


@pytest.fixture(scope="module")
def scorer(fitted: bert.Fitted) -> BertScorer:
    return BertScorer(onnxruntime.InferenceSession(bert.to_onnx(fitted)))


# Training


@needs_torch
def test_it_learns_and_beats_the_dummy(fitted: bert.Fitted, reviews: tuple[list[str], np.ndarray]):
    texts, y = reviews[0][1_500:], reviews[1][1_500:]
    probability = fitted.probability(texts)
    dummy = max(y.mean(), 1 - y.mean())
    assert roc_auc_score(y, probability) > 0.75
    assert ((probability >= 0.5) == y).mean() > dummy + 0.05


@needs_torch
def test_the_best_epoch_is_kept_and_training_stops_early(
    root: Path, reviews: tuple[list[str], np.ndarray]
):
    texts, y = reviews[0][:120], reviews[1][:120]
    config = with_bert(learning_rate=0.02, epochs=60, patience=2)
    fitted = bert.fit(texts, y, config, root)
    assert len(fitted.losses) < 60
    assert len(fitted.losses) - 1 - int(np.argmin(fitted.losses)) == 2
    _, held = bert.train_test_split(
        np.arange(120), test_size=bert.HELD_OUT, stratify=y, random_state=config.seed
    )
    p = fitted.probability([texts[row] for row in held])
    loss = -np.log(np.where(y[held] == 1, p, 1 - p)).mean()
    assert loss == pytest.approx(min(fitted.losses), rel=1e-3)


@needs_torch
def test_every_review_is_scored_by_a_model_that_did_not_see_it(
    root: Path, reviews: tuple[list[str], np.ndarray], monkeypatch: pytest.MonkeyPatch
):
    texts, y = reviews[0][:60], reviews[1][:60]
    seen: list[set[str]] = []
    fit = bert.fit

    def watched(part: list[str], *rest: object) -> bert.Fitted:
        seen.append(set(part))
        return fit(part, *rest)

    monkeypatch.setattr(bert, "fit", watched)
    found = bert.out_of_fold(texts, y, with_bert(epochs=1), root)
    assert ((found > 0) & (found < 1)).all()
    parts = [rest for _, rest in bert.folds(CONFIG).split(texts, y)]
    assert len(seen) == len(parts)
    for known, rest in zip(seen, parts, strict=True):
        assert known == set(texts) - {texts[row] for row in rest}


# Serving


@needs_torch
def test_export_is_the_same_model(
    fitted: bert.Fitted, scorer: BertScorer, reviews: tuple[list[str], np.ndarray]
):
    texts = [*reviews[0][1_500:], *ODD_TEXTS]
    assert scorer.probability(texts) == pytest.approx(fitted.probability(texts), abs=1e-5)
    alone = [scorer.probability([text])[0] for text in ODD_TEXTS]
    assert alone == pytest.approx(fitted.probability(ODD_TEXTS), abs=1e-5)
    for text in ODD_TEXTS:
        found, added = scorer.contributions(text)
        assert found == words(text)
        assert added.shape == (len(found),) and np.isfinite(added).all()


@needs_torch
def test_serving_does_not_import_torch(fitted: bert.Fitted, tmp_path: Path):
    file = tmp_path / "model.onnx"
    file.write_bytes(bert.to_onnx(fitted))
    code = (
        "import onnxruntime, sys; from sentiment.bert.serving import BertScorer;"
        f"s = BertScorer(onnxruntime.InferenceSession({str(file)!r}));"
        "print(s.probability(['great']).shape, {'torch', 'transformers'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "(1,) set()", answer.stderr


@needs_torch
def test_the_whole_pipeline_runs_with_it(root: Path, fresh_project: Path, settings: dict[str, Any]):
    shutil.copytree(root / "tiny", fresh_project / "tiny")
    settings["models"] = ["bert"]
    settings["bert"] |= TINY.model_dump() | {"epochs": 3}
    file = fresh_project / "config.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    cli.run_stages(list(cli.STAGES), file)
    paths = Paths(fresh_project)
    readme.write_documents(load_config(file), paths, check=False)
    predictor = Predictor.load(paths.models)
    assert predictor.metadata["model"] == "bert"
    assert len(predictor.coloured("The sound is great!")) == 5
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    dummy, chosen = (model["metrics"]["roc_auc"] for model in metrics["models"])
    assert chosen["low"] > dummy["high"]
    assert "lose without each word" in (fresh_project / "README.md").read_text(encoding="utf-8")


# What is missing


def test_what_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(bert, "find_spec", lambda name: name)
    with pytest.raises(ProjectError, match=r"no config\.json.*hf download"):
        bert.require(with_bert(checkpoint="./nowhere"), tmp_path)
    monkeypatch.setattr(bert, "find_spec", lambda name: None)
    with pytest.raises(ProjectError, match="uv sync --extra bert"):
        bert.require(with_bert(), tmp_path)
