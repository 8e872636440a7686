"""Each generated project really runs: installed, tested, served, its notebooks executed."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from projects import REAL_DATA, Project, free_port, install, retried, running, scripts

pytestmark = pytest.mark.project

GROUPS = ("train", "dashboard", "notebook", "dev")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
MAX_SERVING_MB = 180
MAX_RESIDENT_MB = 150


@pytest.fixture(scope="module")
def project(bake, tmp_path_factory) -> Project:
    """The churn project on which `all` has run on the sample, committed."""
    folder = tmp_path_factory.mktemp("project with späces") / "customer-churn"
    churn = install(bake(domain="tabular"), folder, "churn")
    churn.run("churn", "all")
    churn.git("add", "-A")
    churn.git("commit", "-q", "-m", "Add results")
    return churn


def test_a_fresh_clone_passes_its_own_checks_and_tests(bake, tmp_path):
    churn = install(bake(domain="tabular"), tmp_path / "clone", "churn")
    churn.run("ruff", "check", ".")
    churn.run("ruff", "format", "--check", ".")
    churn.run("mypy")
    churn.run("cog", "--check", "README.md", "MODEL_CARD.md")
    if sys.platform != "win32":
        churn.run("hadolint", "Dockerfile")
    tests = churn.run("pytest", "-q", "-p", "no:cacheprovider")
    assert " passed" in tests.stdout
    churn.git("add", "uv.lock")
    assert churn.git("status", "--porcelain") == "A  uv.lock\n"


def test_what_a_run_leaves(project):
    tracked = project.git("ls-files").splitlines()
    assert not [name for name in tracked if name.startswith("data/") and name != "data/README.md"]
    assert not [name for name in tracked if "candidate" in name]
    current = (project.root / "models" / "current.txt").read_text(encoding="utf-8").strip()
    assert f"models/{current}/model.onnx" in tracked
    sizes = [(project.root / name).stat().st_size for name in tracked]
    assert max(sizes) < 10_000_000


def test_a_second_run_changes_nothing(project):
    project.run("churn", "all")
    assert project.git("status", "--porcelain") == ""


def test_documents_hold_the_results(project):
    project.run("cog", "--check", "README.md", "MODEL_CARD.md")
    metrics = json.loads((project.root / "reports" / "metrics.json").read_text(encoding="utf-8"))
    for document in ("README.md", "MODEL_CARD.md"):
        text = (project.root / document).read_text(encoding="utf-8")
        assert "Not filled yet" not in text
        assert f"{metrics['primary_metric']['value']:.3f}" in text
        assert "synthetic" in text
    assert metrics["business"]["headline"].endswith("(synthetic sample)")
    assert metrics["business"]["headline"] in (project.root / "README.md").read_text("utf-8")


def test_documents_show_only_pictures_that_exist(project):
    for document in ("README.md", "MODEL_CARD.md"):
        text = (project.root / document).read_text(encoding="utf-8")
        for link in text.split("](")[1:]:
            target = link.split(")")[0]
            if not target.startswith(("http", "#")):
                assert (project.root / target).exists(), f"{document}: {target}"


def test_metrics_have_the_fields_that_a_portfolio_site_reads(project):
    metrics = json.loads((project.root / "reports" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["project"] == "customer-churn"
    assert set(metrics["dataset"]) == {"name", "synthetic", "rows", "sha256"}
    primary = metrics["primary_metric"]
    assert set(primary) == {"name", "value", "low", "high", "higher_is_better"}
    assert primary["low"] <= primary["value"] <= primary["high"]
    business = {"headline", "value", "low", "high", "currency", "per"}
    assert set(metrics["business"]) == business
    assert [m["name"] for m in metrics["models"]][0] == "dummy"
    assert sum(m["selected"] for m in metrics["models"]) == 1


def test_api_answers(project):
    port = free_port()
    serve = [project.program("churn"), "serve", "--port", port]
    with running(serve, project.root, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


def test_dashboard_opens(project):
    port = free_port()
    command = [project.program("streamlit"), "run", "dashboard/app.py"]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    with running([*command, *options], project.root, f"http://127.0.0.1:{port}/_stcore/health"):
        pass


def test_notebooks_run(project, tmp_path):
    copy = Project(tmp_path / "copy", "churn")
    shutil.copytree(project.root, copy.root, ignore=shutil.ignore_patterns(".venv"))
    notebooks = sorted((copy.root / "notebooks").glob("*.ipynb"))
    options = ["--to", "notebook", "--execute", "--inplace"]
    options.append("--ExecutePreprocessor.record_timing=False")
    for notebook in notebooks:
        project.run("jupyter", "nbconvert", *options, notebook)
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert any("image/png" in output.get("data", {}) for output in outputs)
        assert not [output for output in outputs if output.get("name") == "stderr"], outputs
        assert str(tmp_path) not in notebook.read_text(encoding="utf-8")


def test_image_without_docker(project, tmp_path):
    """Do by hand what the Dockerfile says: install, copy, start, call."""
    steps = (project.root / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = {line.split()[0] for line in steps if line and line[0] not in "# "}
    assert words <= {"FROM", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert "RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir ." in steps
    app, venv = tmp_path / "app", tmp_path / "venv"
    for name in ("pyproject.toml", "LICENSE", "src", "api", "models"):
        assert [step for step in steps if step.startswith("COPY") and f"{name} " in step], name
        copy_into(project.root / name, app)
    project.uv("venv", "--quiet", "--python", sys.executable, venv)
    retried(project, "pip", "install", "--quiet", "--python", venv, app)
    shutil.rmtree(app / "src")
    megabytes = sum(f.stat().st_size for f in venv.rglob("*") if f.is_file()) / 1e6
    assert megabytes < MAX_SERVING_MB
    command = json.loads(next(step for step in steps if step.startswith("CMD")).removeprefix("CMD"))
    program = scripts(venv) / Path(command[0]).name
    port = free_port()
    serve = [program, *command[1:-1], "127.0.0.1", "--port", port]
    with running(serve, app, f"http://127.0.0.1:{port}/health") as server:
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")
        status = Path(f"/proc/{server.pid}/status")
        if status.exists():
            resident = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
            assert int(resident.split()[1]) / 1e3 < MAX_RESIDENT_MB


def test_roadmap_data(project, tmp_path):
    """The real file, by configuration alone, with the checksum that config.yaml names."""
    file = REAL_DATA / "telco-churn.csv"
    if not file.exists():
        pytest.skip("../shared/data/telco-churn.csv is not here")
    copy = configured(project, tmp_path / "telco", lambda datasets: use_file(datasets, file))
    project.run("churn", "--config", copy / "config.yaml", "all", "--dataset", "telco")
    metrics = json.loads((copy / "reports" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["dataset"]["rows"] == 7043
    assert not metrics["dataset"]["synthetic"]
    assert metrics["primary_metric"]["low"] > 0.8
    assert "synthetic" not in metrics["business"]["headline"]
    chosen = next(model for model in metrics["models"] if model["selected"])
    assert chosen["metrics"]["roc_auc"]["value"] > 0.845


def test_another_data_set_by_configuration_alone(project, tmp_path):
    """Columns called like nothing in the code, another separator, another encoding."""
    copy = configured(project, tmp_path / "odd", add_odd_data)
    project.run("python", Path(__file__).with_name("odd_data.py"), copy / "odd.csv")
    project.run("churn", "--config", copy / "config.yaml", "all", "--dataset", "odd")
    port = free_port()
    serve = [project.program("churn"), "--config", copy / "config.yaml", "serve"]
    with running([*serve, "--port", port], copy, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_dependencies_resolve_to_wheels(bake, tmp_path, platform, python):
    project = Project(bake(domain="tabular"), "churn")
    groups = [word for group in GROUPS for word in ("--group", group)]
    target = ["--python-platform", platform, "--python-version", python, "--only-binary", ":all:"]
    output = tmp_path / "requirements.txt"
    compile_all = ["pip", "compile", "--quiet", "pyproject.toml", *groups, *target]
    retried(project, *compile_all, "--output-file", output)
    assert "streamlit==" in output.read_text(encoding="utf-8")


def copy_into(source: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, folder / source.name)
    else:
        shutil.copy(source, folder)


def configured(project: Project, folder: Path, change) -> Path:
    """A second root for the project's code: its files, without results, and other settings."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "MODEL_CARD.md", "api"):
        copy_into(project.root / name, folder)
    config = yaml.safe_load((project.root / "config.yaml").read_text(encoding="utf-8"))
    change(config["datasets"])
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


def use_file(datasets: dict, file: Path) -> None:
    datasets["telco"]["path"] = str(file)
    del datasets["telco"]["url"]


def add_odd_data(datasets: dict) -> None:
    datasets["odd"] = {
        "path": "odd.csv",
        "separator": ";",
        "encoding": "latin-1",
        "target": "left us?",
        "positive": True,
        "na_values": ["?"],
    }
