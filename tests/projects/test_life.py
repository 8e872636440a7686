"""The life of each project: cloned, checked, run, read, served, put into an image."""

import json
import re
import shutil
import sys
from pathlib import Path

import calling
import pytest
from installed import free_port, resident_mb, retried, running, scripts
from sizes import ALLOWED, CEILINGS, measure
from support import RECORD, SERVED, TOOL_WORDS

from portfolio import contract

served = pytest.mark.only(*SERVED)
MAX_SERVING_MB = 180
MAX_RESIDENT_MB = 150


def test_a_fresh_clone_passes_its_own_checks_and_tests(clone):
    clone.run("ruff", "check", ".")
    clone.run("ruff", "format", "--check", ".")
    clone.run("mypy")
    if (clone.root / "Dockerfile").exists() and sys.platform != "win32":
        clone.run("hadolint", "Dockerfile")
    assert " passed" in clone.run("pytest", "-q", "-p", "no:cacheprovider").stdout
    assert set(clone.git("status", "--porcelain").splitlines()) <= {"?? uv.lock"}


def test_what_a_run_leaves(project):
    tracked = project.git("ls-files").splitlines()
    assert not [name for name in tracked if name.startswith(("data/processed", "models/candidate"))]
    assert "reports/metrics.json" in tracked
    assert max((project.root / name).stat().st_size for name in tracked) < 10_000_000
    lock = (project.root / "uv.lock").read_text(encoding="utf-8")
    assert str(project.root) not in lock


def test_the_contract_with_the_tool_holds(project, domain):
    found = contract.load(project.root)
    results, receipt = found.results, found.receipt
    assert (results.domain, results.package) == (domain, project.command)
    assert results.models[0].name in ("dummy", "seasonal_naive", "popularity")
    assert sum(model.selected for model in results.models) >= 1
    assert results.skills
    assert results.business.assumption
    assert receipt.rows_read == receipt.rows_kept + sum(row.rows for row in receipt.dropped)
    assert (project.root / receipt.source).is_file(), "a file of the project, or an address"
    assert sum(figure.role == "headline" for figure in found.figures) == 1
    assert all(figure.alt and found.picture(figure).is_file() for figure in found.figures)
    assert {"headline", "data", "results"} <= set(found.readme.blocks)
    if domain in SERVED:
        metric = results.primary_metric
        assert metric.low is None or metric.low <= metric.value <= metric.high
        assert all(m.difference for m in results.models if not m.selected)
        assert found.explanation.model_version == found.version
        assert found.metadata.version == found.version


def test_documents_hold_the_results(project):
    project.run(project.command, "report", "--check")
    metrics = json.loads((project.root / "reports" / "metrics.json").read_text(encoding="utf-8"))
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    assert metrics["business"]["headline"] in readme
    assert readme.count(metrics["business"]["headline"]) == 1, "said once"
    assert not metrics["dataset"]["synthetic"] or "ynthetic" in readme
    for name in ("README.md", "MODEL_CARD.md"):
        if (project.root / name).exists():
            check_links(project.root, name)


def check_links(root: Path, name: str) -> None:
    """Pictures and pages that a document names are there."""
    for target in re.findall(r"\]\(([^)#\s]+)\)", (root / name).read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (root / target).exists(), f"{name}: {target}"


def test_the_house_keeps_its_ceilings(project):
    found = measure(project.root)
    ceilings = CEILINGS["churn" if project.command == "churn" else "other"]
    above = {
        name: (value, ceiling)
        for name, value, ceiling, more in zip(found, found.values(), ceilings, ALLOWED, strict=True)
        if value > ceiling + more
    }
    assert not above


def test_a_run_writes_nothing_of_what_the_tool_does(project):
    """No weeks, posts or interviews: a project is about its subject."""
    ends = (".py", ".md", ".yaml", ".json", ".ipynb")
    found = {
        name: hit[0]
        for name in project.git("ls-files").splitlines()
        if name.endswith(ends) and name != RECORD
        if (hit := TOOL_WORDS.search((project.root / name).read_text(encoding="utf-8")))
    }
    assert found == {}


def test_notebooks_ran(project):
    pictures = 0
    for notebook in sorted((project.root / "notebooks").glob("*.ipynb")):
        text = notebook.read_text(encoding="utf-8")
        outputs = [out for cell in json.loads(text)["cells"] for out in cell.get("outputs", [])]
        assert outputs, notebook.name
        assert not [output for output in outputs if output.get("name") == "stderr"], outputs
        assert str(project.root.parent) not in text
        pictures += sum("image/png" in output.get("data", {}) for output in outputs)
    assert pictures >= 5


# For its minutes; in small, each project's own tests do the same.
@pytest.mark.services
@pytest.mark.slow_in("cv", "nlp", "timeseries", "foundations")
def test_a_second_run_changes_nothing(project, everything):
    project.run(project.command, *everything)
    assert project.git("status", "--porcelain") == ""


@served
def test_api_answers(project):
    port = free_port()
    serve = [project.program(project.command), "serve", "--port", port]
    with running(serve, project.root, f"http://127.0.0.1:{port}/health"):
        calling.check(f"http://127.0.0.1:{port}")
        calling.check_page(f"http://127.0.0.1:{port}")


@served
def test_port_comes_from_the_environment_too(project):
    port = free_port()
    serve = ["env", f"PORT={port}", project.program(project.command), "serve"]
    with running(serve, project.root, f"http://127.0.0.1:{port}/health"):
        pass


@served
def test_dashboard_opens(project):
    port = free_port()
    command = [project.program("streamlit"), "run", "dashboard/app.py"]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    with running([*command, *options], project.root, f"http://127.0.0.1:{port}/_stcore/health"):
        pass


@served
def test_image_without_docker(project, tmp_path):
    """Do by hand what the Dockerfile says: install, copy, start, call, in a bare environment."""
    steps = (project.root / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = {line.split()[0] for line in steps if line and line[0] not in "# "}
    assert words <= {
        "FROM",
        "ARG",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "EXPOSE",
        "HEALTHCHECK",
        "CMD",
    }
    app, venv = tmp_path / "app", tmp_path / "venv"
    app.mkdir()
    for name in ("pyproject.toml", "LICENSE", "src", "api", "models"):
        assert [step for step in steps if step.startswith("COPY") and f"{name} " in step], name
        source = project.root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, app / name)
    project.uv("venv", "--quiet", "--python", sys.executable, venv)
    retried(project, "pip", "install", "--quiet", "--python", venv, app)
    shutil.rmtree(app / "src")
    megabytes = sum(f.stat().st_size for f in venv.rglob("*") if f.is_file()) / 1e6
    assert megabytes < MAX_SERVING_MB
    port = free_port()
    serve = [scripts(venv) / project.command, "serve", "--watch", "--port", port]
    said = f'CMD ["/venv/bin/{project.command}", "serve", "--watch"]'
    assert said in steps
    with running(serve, app, f"http://127.0.0.1:{port}/health") as server:
        calling.check(f"http://127.0.0.1:{port}")
        assert resident_mb(server.pid) < MAX_RESIDENT_MB
