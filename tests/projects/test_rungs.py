"""Optional rungs with their libraries, long trainings, and dependencies on other systems."""

import json
import sys
import tomllib

import pytest
from installed import Project, retried

pytestmark = pytest.mark.services

# Pure Python without a wheel, which builds anywhere without a compiler.
SOURCE_ONLY = ("jstyleson",)
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_dependencies_resolve_to_wheels(bake, tmp_path, monkeypatch, domain, platform, python):
    project = Project(bake(domain=domain))
    monkeypatch.setenv("MACOSX_DEPLOYMENT_TARGET", "14.0")  # what torch is built for
    table = tomllib.loads((project.root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [word for group in table["dependency-groups"] for word in ("--group", group)]
    target = ["--python-platform", platform, "--python-version", python, "--only-binary", ":all:"]
    target += [word for name in SOURCE_ONLY for word in ("--no-binary", name)]
    # PyTorch's own index may be a folder with one wheel here: any index will do.
    target += ["--no-sources", "--index-strategy", "unsafe-best-match"]
    output = tmp_path / "requirements.txt"
    compile_all = ["pip", "compile", "--quiet", "pyproject.toml", *groups, *target]
    retried(project, *compile_all, "--output-file", output)
    assert "numpy==" in output.read_text(encoding="utf-8")
    assert "pytest==" in output.read_text(encoding="utf-8")


@pytest.mark.only("cv")
def test_chest_films(clone):
    """The data that imaging starts with, in their official split."""
    clone.run("imaging", "all")
    metrics = json.loads((clone.root / "reports" / "metrics.json").read_text(encoding="utf-8"))
    assert not metrics["dataset"]["synthetic"]
    assert metrics["primary_metric"]["value"] > 0.97
    assert "synthetic" not in (clone.root / "README.md").read_text(encoding="utf-8")


EXTRAS = {"nlp": "bert", "cv": "transfer", "timeseries": "lstm", "recsys": "neural"}


@pytest.mark.only(*EXTRAS)
def test_own_tests_of_the_optional_rung(clone, domain):
    """With its library the tests that were skipped before run."""
    extra = EXTRAS[domain]
    try:
        retried(clone, "sync", "--quiet", "--python", sys.executable, "--extra", extra)
        options = ["-q", "-rs", "-p", "no:cacheprovider", "-k", extra]
        done = clone.run("pytest", *options, "tests/", check=False)
        assert done.returncode == 0, done.stdout
        assert " passed" in done.stdout
    finally:
        retried(clone, "sync", "--quiet", "--python", sys.executable)
