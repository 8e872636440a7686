"""Each generated project really runs: installed, tested, served, its notebooks executed."""

import json
import random
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from projects import (
    REAL_DATA,
    Project,
    documents,
    free_port,
    install,
    retried,
    running,
    scripts,
    write_words,
)
from support import DOMAINS, SERVED

pytestmark = pytest.mark.project

# Pure Python without a wheel, which builds anywhere without a compiler.
SOURCE_ONLY = ("jstyleson",)
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
# What makes a checkpoint where one is needed.
TINY = {"bert": "tiny_bert.py", "transfer": "tiny_resnet.py"}
MAX_SERVING_MB = 180
MAX_RESIDENT_MB = 150

each = pytest.mark.parametrize("project", DOMAINS, indirect=True)
each_served = pytest.mark.parametrize("project", SERVED, indirect=True)
tabular = pytest.mark.parametrize("project", ["tabular"], indirect=True)
foundations = pytest.mark.parametrize("project", ["foundations"], indirect=True)
recsys = pytest.mark.parametrize("project", ["recsys"], indirect=True)
nlp = pytest.mark.parametrize("project", ["nlp"], indirect=True)
cv = pytest.mark.parametrize("project", ["cv"], indirect=True)
timeseries = pytest.mark.parametrize("project", ["timeseries"], indirect=True)

# Who models are compared with: the first of every ladder.
BASELINES = {
    "tabular": "dummy",
    "foundations": "dummy",
    "nlp": "dummy",
    "cv": "dummy",
    "timeseries": "seasonal_naive",
    "recsys": "popularity",
}


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_fresh_clone_passes_its_own_checks_and_tests(bake, tmp_path, domain):
    clone = install(bake(domain=domain), tmp_path / "clone")
    clone.run("ruff", "check", ".")
    clone.run("ruff", "format", "--check", ".")
    clone.run("mypy")
    clone.run("cog", "--check", *documents(clone))
    if domain in SERVED and sys.platform != "win32":
        clone.run("hadolint", "Dockerfile")
    tests = clone.run("pytest", "-q", "-p", "no:cacheprovider")
    assert " passed" in tests.stdout
    clone.git("add", "uv.lock")
    assert clone.git("status", "--porcelain") == "A  uv.lock\n"


@each
def test_what_a_run_leaves(project):
    tracked = project.git("ls-files").splitlines()
    assert not [name for name in tracked if name.startswith("data/") and name != "data/README.md"]
    assert not [name for name in tracked if name.startswith("models/candidate")]
    assert "reports/metrics.json" in tracked
    sizes = [(project.root / name).stat().st_size for name in tracked]
    assert max(sizes) < 10_000_000


@each_served
def test_a_run_publishes_a_model(project):
    version = (project.root / "models" / "current.txt").read_text(encoding="utf-8").strip()
    names = project.git("ls-files", f"models/{version}").splitlines()
    assert sorted(Path(name).stem for name in names) == ["metadata", "model"]


@each
def test_a_second_run_changes_nothing(project):
    project.run(project.command, "all")
    assert project.git("status", "--porcelain") == ""


@each
def test_documents_hold_the_results(project):
    project.run("cog", "--check", *documents(project))
    metrics = read_metrics(project.root)
    for document in documents(project):
        text = (project.root / document).read_text(encoding="utf-8")
        assert "Not filled yet" not in text
        assert "synthetic" in text
        if metrics["primary_metric"]:
            assert f"{metrics['primary_metric']['value']:.3f}" in text
    assert metrics["business"]["headline"].endswith("(synthetic sample)")
    readme = (project.root / "README.md").read_text("utf-8")
    assert metrics["business"]["headline"] in readme
    decisions = readme.partition("## Decisions")[2].partition("]]] -->")[2].partition("\n## ")[0]
    hints = re.findall(r"^- \*\*(.+?)\*\* (.+)$", decisions, re.MULTILINE)
    assert [asked for asked, _ in hints] == re.findall(r"^### (.*)$", decisions, re.MULTILINE)
    assert all(re.search(r"\d", said) for _, said in hints[:4])


@each
def test_documents_show_only_pictures_that_exist(project):
    for document in documents(project):
        text = (project.root / document).read_text(encoding="utf-8")
        for link in text.split("](")[1:]:
            target = link.split(")")[0]
            if not target.startswith(("http", "#")):
                assert (project.root / target).exists(), f"{document}: {target}"


@each
def test_metrics_have_the_fields_that_a_portfolio_site_reads(project):
    metrics = read_metrics(project.root)
    assert metrics["project"] == project.root.name
    assert set(metrics["dataset"]) == {"name", "synthetic", "rows", "sha256"}
    business = {"headline", "value", "low", "high", "currency", "per"}
    assert set(metrics["business"]) == business
    assert metrics["models"][0]["name"] == BASELINES[metrics["domain"]]
    assert all(model["metrics"] for model in metrics["models"])


@each_served
def test_metrics_have_one_model_and_one_score_to_show(project):
    metrics = read_metrics(project.root)
    primary = metrics["primary_metric"]
    assert set(primary) == {"name", "value", "low", "high", "higher_is_better"}
    assert primary["low"] <= primary["value"] <= primary["high"]
    assert sum(model["selected"] for model in metrics["models"]) == 1


@each_served
def test_api_answers(project):
    port = free_port()
    serve = [project.program(project.command), "serve", "--port", port]
    with running(serve, project.root, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@each_served
def test_dashboard_opens(project):
    port = free_port()
    command = [project.program("streamlit"), "run", "dashboard/app.py"]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    with running([*command, *options], project.root, f"http://127.0.0.1:{port}/_stcore/health"):
        pass


@each
def test_notebooks_run(project, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(project.root, copy, ignore=shutil.ignore_patterns(".venv"))
    notebooks = sorted((copy / "notebooks").glob("*.ipynb"))
    options = ["--to", "notebook", "--execute", "--inplace"]
    options.append("--ExecutePreprocessor.record_timing=False")
    for notebook in notebooks:
        project.run("jupyter", "nbconvert", *options, notebook)
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert any("image/png" in output.get("data", {}) for output in outputs)
        assert not [output for output in outputs if output.get("name") == "stderr"], outputs
        assert str(tmp_path) not in notebook.read_text(encoding="utf-8")


@each_served
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


@each
def test_check_tells_four_states_apart(project, bake, tmp_path):
    """Fresh, with the author's words, stale, complete: the README that users really have."""
    fresh = tmp_path / "fresh"
    shutil.copytree(bake(domain=read_metrics(project.root)["domain"]), fresh)
    commit_in(fresh)
    code, found = check(project, fresh)
    open_parts = {"results", "words", "decisions", "card", "notebooks", "names", "live"}
    assert code == 0
    assert {name for name, status in found.items() if status != "pass"} == open_parts & set(found)

    mine = tmp_path / "mine"
    shutil.copytree(project.root, mine, ignore=shutil.ignore_patterns(".venv", ".git"))
    write_words(mine)
    commit_in(mine)
    code, found = check(project, mine)
    assert code == 0
    assert {name for name, status in found.items() if status != "pass"} == {"results", "notebooks"}

    metrics = read_metrics(mine)
    metrics["dataset"] |= {"name": "mine", "synthetic": False}
    (mine / "reports" / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    code, found = check(project, mine)
    assert code == 1
    assert {name for name, status in found.items() if status != "pass"} == {"blocks", "notebooks"}

    for notebook in (mine / "notebooks").glob("*.ipynb"):
        number_cells(notebook)
    project.run(project.command, "--config", mine / "config.yaml", "report")
    code, found = check(project, mine)
    assert code == 0
    assert set(found.values()) == {"pass"}
    roadmap = (mine / "ROADMAP.md").read_text(encoding="utf-8")
    assert "- [ ] Every question under" not in roadmap


@each
def test_check_runs_where_ci_runs_it(project):
    """With the dependencies that the workflow names alone."""
    workflow = (project.root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    line = next(line for line in workflow.splitlines() if "check --markdown" in line)
    command = shlex.split(line.partition("uv run")[2].partition("|")[0])
    assert "Not ready to be shown" in retried(project, "run", "--isolated", *command).stdout


@tabular
def test_roadmap_data(project, tmp_path):
    """The real file, by configuration alone, with the checksum that config.yaml names."""
    file = real_data("telco-churn.csv")
    copy = configured(project, tmp_path / "telco", lambda config: use_file(config, file))
    project.run("churn", "--config", copy / "config.yaml", "all", "--dataset", "telco")
    metrics = read_metrics(copy)
    assert metrics["dataset"]["rows"] == 7043
    assert not metrics["dataset"]["synthetic"]
    assert metrics["primary_metric"]["low"] > 0.8
    assert "synthetic" not in metrics["business"]["headline"]
    chosen = next(model for model in metrics["models"] if model["selected"])
    assert chosen["metrics"]["roc_auc"]["value"] > 0.845


@tabular
def test_another_data_set_by_configuration_alone(project, tmp_path):
    """Columns called like nothing in the code, another separator, another encoding."""
    copy = configured(project, tmp_path / "odd", add_odd_data)
    project.run("python", Path(__file__).with_name("odd_data.py"), copy / "odd.csv")
    project.run("churn", "--config", copy / "config.yaml", "all", "--dataset", "odd")
    port = free_port()
    serve = [project.program("churn"), "--config", copy / "config.yaml", "serve"]
    with running([*serve, "--port", port], copy, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@foundations
def test_telco_and_bikes_in_the_first_weeks_analysis(project, tmp_path):
    """Real tables by configuration alone: one to classify, one to predict over time."""
    roles = {
        "telco": {"classification_target": "Churn", "group": ["Contract", "gender"]},
        "bikes": {"regression_target": "cnt", "date": "dteday", "group": ["season"]},
    }
    files = {"telco": "telco-churn.csv", "bikes": "bike-sharing-day.csv"}
    keys = {"telco": "customerID", "bikes": "instant"}

    def add(config: dict) -> None:
        config["datasets"] = {
            name: {"path": str(real_data(file)), "id": keys[name], **roles[name]}
            for name, file in files.items()
        }

    copy = configured(project, tmp_path / "real", add)
    rows, tasks = {"telco": 7043, "bikes": 731}, {"telco": "classification", "bikes": "regression"}
    for name in roles:
        project.run("analysis", "--config", copy / "config.yaml", "all", "--dataset", name)
        metrics = read_metrics(copy)
        assert metrics["dataset"]["rows"] == rows[name]
        assert {model["task"] for model in metrics["models"]} == {tasks[name]}
        assert all(item["agree"] for item in metrics["foundations"]["plots"]["questions"])
        readme = (copy / "README.md").read_text(encoding="utf-8")
        assert "Not filled yet" not in readme
        assert "synthetic sample" not in readme
        for sentence in metrics["foundations"]["skipped"]:
            assert sentence in readme
    telco = {"Contract": True, "gender": False}
    project.run("analysis", "--config", copy / "config.yaml", "all", "--dataset", "telco")
    results = read_metrics(copy)["foundations"]["statistics"]["tests"]
    assert {result["group"]: result["significant"] for result in results} == telco


@recsys
def test_films(project, tmp_path):
    """The real tables, by configuration alone: titles with quotes and commas, ratings in halves."""
    ratings, films = (real_data(f"movielens-small/{name}.csv") for name in ("ratings", "movies"))

    def use_files(config: dict) -> None:
        entry = config["datasets"]["movielens"]
        read_instead(entry, ratings)
        read_instead(entry["items"], films)

    copy = configured(project, tmp_path / "films", use_files)
    project.run("recommender", "--config", copy / "config.yaml", "all", "--dataset", "movielens")
    metrics = read_metrics(copy)
    assert metrics["dataset"]["rows"] > 99_000
    assert not metrics["dataset"]["synthetic"]
    scores = {model["name"]: model["metrics"]["ndcg_at_10"] for model in metrics["models"]}
    assert scores["ease"]["low"] > scores["popularity"]["high"]
    naive = metrics["recsys"]["popularity"]["ndcg_at_10"]
    assert metrics["test"]["ndcg_at_10"]["low"] > naive["high"]
    assert metrics["recsys"]["ratings"]["matrix_factorisation"]["rmse"] < 0.92
    readme = (copy / "README.md").read_text(encoding="utf-8")
    assert "synthetic sample" not in readme
    assert "(1995)`" in readme  # films by their titles


@recsys
def test_likes_of_another_kind_by_configuration_alone(project, tmp_path):
    """No header, a long separator, days first, items that the table lacks, people with spaces."""
    copy = configured(project, tmp_path / "likes", add_likes)
    write_likes(copy)
    project.run("recommender", "--config", copy / "config.yaml", "all", "--dataset", "likes")
    found = read_metrics(copy)["recsys"]["data"]
    assert (found["users"], found["items"], found["unknown_items"]) == (200, 60, 20)
    assert read_metrics(copy)["recsys"]["ratings"] is None
    port = free_port()
    serve = [project.program("recommender"), "--config", copy / "config.yaml", "serve"]
    with running([*serve, "--port", port], copy, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@nlp
def test_sentences(project, tmp_path):
    """The real file, by configuration alone: no header, tabs, quotation marks that never close."""
    file = real_data("amazon_cells_labelled.txt")

    def use_sentences(config: dict) -> None:
        read_instead(config["datasets"]["amazon"], file)

    copy = configured(project, tmp_path / "sentences", use_sentences)
    project.run("sentiment", "--config", copy / "config.yaml", "all", "--dataset", "amazon")
    metrics = read_metrics(copy)
    assert metrics["dataset"]["rows"] + metrics["nlp"]["duplicates"] == 1000
    assert not metrics["dataset"]["synthetic"]
    assert metrics["primary_metric"]["low"] > 0.8
    assert "synthetic sample" not in (copy / "README.md").read_text(encoding="utf-8")


@nlp
def test_reviews_of_another_kind_by_configuration_alone(project, tmp_path):
    """JSON Lines, stars, days first, two languages, line breaks, other aspects."""
    copy = configured(project, tmp_path / "stars", add_stars)
    write_stars(copy)
    project.run("sentiment", "--config", copy / "config.yaml", "all", "--dataset", "stars")
    metrics = read_metrics(copy)
    assert (metrics["dataset"]["rows"], metrics["nlp"]["duplicates"]) == (400, 20)
    assert {row["aspect"] for row in metrics["nlp"]["aspects"]} == {"Größe", "parcel"}
    port = free_port()
    serve = [project.program("sentiment"), "--config", copy / "config.yaml", "serve"]
    with running([*serve, "--port", port], copy, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@nlp
def test_scraped_reviews_become_a_data_set(project, tmp_path):
    """From pages on a server of our own to a trained model."""
    site, copy = tmp_path / "site", configured(project, tmp_path / "scraped", be_quick)
    write_pages(site)
    port = free_port()
    serve = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
    command = ["sentiment", "--config", copy / "config.yaml"]
    with running([str(part) for part in serve], site, f"http://127.0.0.1:{port}/page-1.html"):
        project.run(*command, "scrape", f"http://127.0.0.1:{port}/page-1.html")
    project.run(*command, "all", "--dataset", "scraped")
    assert read_metrics(copy)["dataset"]["rows"] == 120


@cv
def test_films_of_the_sample(project):
    """What was put in is found, and the maps point at it, not at what does not matter."""
    metrics = read_metrics(project.root)
    assert metrics["test"]["roc_auc"]["value"] > 0.98
    assert metrics["cv"]["export_difference"] < 1e-4
    assert metrics["business"]["low"] > 0
    explained = json.loads((project.root / "reports" / "explain.json").read_text(encoding="utf-8"))
    assert explained["pointing_game"]["on_finding"]["value"] >= 0.9
    assert explained["pointing_game"]["on_marker"]["value"] <= 0.02


@cv
def test_chest_films(project, tmp_path):
    """The real file in its official split, by configuration alone; trained for two epochs."""
    file = real_data("pneumoniamnist.npz")

    def use_films(config: dict) -> None:
        config["datasets"]["pneumonia"]["path"] = str(file)
        for key in ("url", "md5"):  # the rows of this copy are in another order
            del config["datasets"]["pneumonia"][key]
        config["training"]["epochs"] = 2

    copy = configured(project, tmp_path / "films", use_films)
    project.run("imaging", "--config", copy / "config.yaml", "all", "--dataset", "pneumonia")
    metrics = read_metrics(copy)
    assert metrics["dataset"]["rows"] + sum(metrics["cv"]["left_out"].values()) == 5_856
    assert (metrics["dataset"]["synthetic"], metrics["cv"]["split"]) == (False, "official")
    assert metrics["primary_metric"]["low"] > 0.9
    assert "synthetic sample" not in (copy / "README.md").read_text(encoding="utf-8")


@cv
def test_photographs_of_another_kind_by_configuration_alone(project, tmp_path):
    """Folders, colour, three classes of which two are looked for, patients, two types of file."""
    copy = configured(project, tmp_path / "photographs", add_photographs)
    project.run("python", Path(__file__).with_name("odd_images.py"), copy / "photographs")
    project.run("imaging", "--config", copy / "config.yaml", "all", "--dataset", "photographs")
    metrics = read_metrics(copy)
    assert (metrics["dataset"]["rows"], metrics["cv"]["patients"]) == (144, 72)
    assert not (copy / "reports" / "examples").exists()
    port = free_port()
    serve = [project.program("imaging"), "--config", copy / "config.yaml", "serve"]
    with running([*serve, "--port", port], copy, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@timeseries
def test_forecasts_of_the_sample(project):
    """What was put in is found: far less error than last week's, and intervals that hold."""
    metrics = read_metrics(project.root)
    naive = metrics["timeseries"]["baseline"]["mase"]["value"]
    assert metrics["test"]["mase"]["value"] < 0.85 * naive
    assert 0.92 < metrics["test"]["coverage_95"]["value"] < 0.98
    assert metrics["business"]["low"] > 0


@timeseries
def test_bicycles(project, tmp_path):
    """The real file, one series, by configuration alone."""
    file = real_data("bike-sharing-day.csv")

    def use_bikes(config: dict) -> None:
        read_instead(config["datasets"]["bikes"], file)

    copy = configured(project, tmp_path / "bicycles", use_bikes)
    project.run("demand", "--config", copy / "config.yaml", "all", "--dataset", "bikes")
    metrics = read_metrics(copy)
    assert (metrics["dataset"]["rows"], metrics["dataset"]["synthetic"]) == (731, False)
    assert metrics["primary_metric"]["low"] is None  # one series cannot be drawn again
    assert "synthetic sample" not in (copy / "README.md").read_text(encoding="utf-8")


@timeseries
def test_weekly_series_by_configuration_alone(project, tmp_path):
    """Weeks, days first, decimals, names in two columns, weeks that are missing."""
    copy = configured(project, tmp_path / "weeks", add_weeks)
    write_weeks(copy)
    project.run("demand", "--config", copy / "config.yaml", "all", "--dataset", "weeks")
    found = read_metrics(copy)["timeseries"]["data"]
    assert (found["series"], found["freq"], found["filled"]) == (12, "W-MON", 1)
    port = free_port()
    serve = [project.program("demand"), "--config", copy / "config.yaml", "serve"]
    with running([*serve, "--port", port], copy, f"http://127.0.0.1:{port}/health"):
        project.run("python", "-m", "tests.call_api", f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("project", "models", "extra"),
    [
        ("nlp", ["naive_bayes", "bert"], "bert"),
        ("cv", ["logistic_regression", "transfer"], "transfer"),
        ("timeseries", ["moving_average", "prophet"], "prophet"),
        ("timeseries", ["moving_average", "lstm"], "lstm"),
        ("recsys", ["content", "neural"], "neural"),
    ],
    indirect=["project"],
)
def test_optional_rung(project, tmp_path, models, extra):
    """Without its library the remedy; with it, one more model, and tests skipped before."""

    def list_models(config: dict) -> None:
        config["models"] = models
        if project.command == "demand":
            add_weeks(config)
            config["dataset"] = "weeks"
        if project.command == "sentiment":
            add_stars(config)
            config |= {"dataset": "stars", "split": {"test_size": 0.2, "folds": 2}}
            config["bert"] |= {"checkpoint": "tiny", "epochs": 2, "learning_rate": 0.005}
        if project.command == "imaging":
            add_photographs(config)
            config["dataset"] = "photographs"
            config["transfer"] |= {"checkpoint": "tiny", "size": 32}

    copy = configured(project, tmp_path / "extra", list_models)
    write_weeks(copy)
    write_stars(copy)
    if extra == "transfer":
        project.run("python", Path(__file__).with_name("odd_images.py"), copy / "photographs")
    command = [project.command, "--config", copy / "config.yaml", "all"]
    refused = project.run(*command, check=False)
    assert refused.returncode == 2
    assert f"uv sync --extra {extra}" in refused.stderr
    assert not (copy / "models").exists()
    try:
        retried(project, "sync", "--quiet", "--extra", extra)
        if extra in TINY:
            without = project.run(*command, check=False)
            assert without.returncode == 2
            assert "hf download" in without.stderr
            project.run("python", Path(__file__).with_name(TINY[extra]), copy / "tiny")
        project.run(*command)
        names = [model["name"] for model in read_metrics(copy)["models"]]
        assert names[1:3] == models
        skipped = ["-rs", "-k", extra]
        tests = project.run("pytest", "-q", "-p", "no:cacheprovider", *skipped, "tests/")
        assert "skipped" not in tests.stdout
    finally:
        retried(project, "sync", "--quiet")
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("domain", DOMAINS)
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


def read_metrics(root: Path) -> dict:
    """What a run has reported."""
    return json.loads((root / "reports" / "metrics.json").read_text(encoding="utf-8"))


def real_data(name: str) -> Path:
    """A real file, or the end of the test where it is not there."""
    if not (REAL_DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is not here")
    return REAL_DATA / name


def check(project: Project, folder: Path) -> tuple[int, dict[str, str]]:
    """The exit code of a folder's portfolio check, and the status of each part."""
    command = [project.command, "--config", folder / "config.yaml", "check", "--json"]
    done = project.run(*command, check=False)
    items = json.loads(done.stdout)["items"]
    return done.returncode, {item["name"]: item["status"] for item in items}


def commit_in(folder: Path) -> None:
    """Put a folder under git as it is."""
    copy = Project(folder)
    copy.git("init", "-q", "-b", "main")
    copy.git("add", "-A")
    copy.git("commit", "-q", "-m", "As it is")


def number_cells(notebook: Path) -> None:
    """Make a notebook look as if it had been run from top to bottom."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, start=1):
        cell["execution_count"] = number
    notebook.write_text(json.dumps(content), encoding="utf-8")


def copy_into(source: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, folder / source.name)
    else:
        shutil.copy(source, folder)


def configured(project: Project, folder: Path, change: Callable[[dict], None]) -> Path:
    """A second root for the project's code: its files, without results, and other settings."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "MODEL_CARD.md", "api"):
        if (project.root / name).exists():
            copy_into(project.root / name, folder)
    config = yaml.safe_load((project.root / "config.yaml").read_text(encoding="utf-8"))
    change(config)
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


def use_file(config: dict, file: Path) -> None:
    config["datasets"]["telco"]["path"] = str(file)
    del config["datasets"]["telco"]["url"]


def read_instead(source: dict, file: Path) -> None:
    """Read an unpacked file where config.yaml names an archive to download."""
    source["path"] = str(file)
    for key in ("url", "sha256", "member"):
        del source[key]


def add_odd_data(config: dict) -> None:
    config["datasets"]["odd"] = {
        "path": "odd.csv",
        "separator": ";",
        "encoding": "latin-1",
        "target": "left us?",
        "positive": True,
        "na_values": ["?"],
    }


def add_likes(config: dict) -> None:
    config["datasets"]["likes"] = {
        "path": "likes.dat",
        "separator": "::",
        "header": False,
        "encoding": "latin-1",
        "user": "column_0",
        "item": "column_1",
        "timestamp": "column_2",
        "date_format": "%d/%m/%Y %H:%M",
        "items": {
            "path": "things.csv",
            "separator": "\t",
            "id": "no.",
            "title": "Größe",
            "unknown": "keep",
        },
    }


def add_photographs(config: dict) -> None:
    config["datasets"]["photographs"] = {
        "path": "photographs",
        "layout": "folder",
        "size": 32,
        "channels": 3,
        "positive": ["früh", "spät"],
        "patient": r"Akte (.+) \(",
    }


def add_weeks(config: dict) -> None:
    config["datasets"]["weeks"] = {
        "path": "weeks.csv",
        "separator": ";",
        "unique_id": ["Ort", "what?"],
        "ds": "week of",
        "date_format": "%d.%m.%Y",
        "y": "sold, kg",
        "freq": "W",
        "horizon": 6,
        "known_future": ["price"],
        "fill": "forward",
    }


def add_stars(config: dict) -> None:
    config["datasets"]["stars"] = {
        "path": "stars.jsonl",
        "encoding": "utf-8",
        "text": "what they said",
        "label": "Sterne",
        "rating_threshold": 3.5,
        "product": "item",
        "date": "day",
        "date_format": "%d.%m.%Y",
    }
    config["aspects"] = {"Größe": ["größe", "size"], "parcel": ["parcel", "Paket"]}


def be_quick(config: dict) -> None:
    config["scrape"]["delay_seconds"] = 0


def write_stars(folder: Path) -> None:
    """Write 400 reviews in English and German, and 20 of them a second time."""
    draw, start, lines = random.Random(0), datetime(2024, 1, 1), []
    words = {True: ("good", "fine", "prima", "gut"), False: ("bad", "poor", "mies", "schlecht")}
    for row in range(400):
        good = draw.random() < 0.6
        thing = draw.choice(["Die Größe", "The size", "The parcel", "Das Paket"])
        said = f"{thing} {row} is/ist\n{draw.choice(words[good])}! 👍"
        stars = draw.choice([4, 5] if good == (draw.random() < 0.95) else [1, 2, 3])
        day = f"{start + timedelta(days=row):%d.%m.%Y}"
        line = {"what they said": said, "Sterne": stars, "day": day if row % 7 else None}
        lines.append(line | {"item": f"no. {row % 3}", "more": {"tags": ["a"]}})
    lines += [line | {"what they said": line["what they said"] + " ?!"} for line in lines[:20]]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "stars.jsonl").write_text(text, encoding="utf-8")


def write_pages(folder: Path) -> None:
    """Write twelve pages of ten reviews each, in schema.org's markup, each with the next one."""
    folder.mkdir()
    for page in range(12):
        reviews = [
            {
                "@type": "Review",
                "reviewBody": f"No. {page} {row} is {'great' if row % 2 else 'awful'}, they say.",
                "reviewRating": {"@type": "Rating", "ratingValue": 5 if row % 2 else 1},
            }
            for row in range(10)
        ]
        kind = {"@context": "https://schema.org", "@type": "Product", "name": "Lamp"}
        content = json.dumps(kind | {"review": reviews})
        following = f'<link rel="next" href="page-{page + 2}.html">' if page < 11 else ""
        html = f'<html><head>{following}<script type="application/ld+json">{content}</script>'
        (folder / f"page-{page + 1}.html").write_text(html + "</head></html>", encoding="utf-8")


def write_weeks(folder: Path) -> None:
    """Write four years of weeks of twelve series, in no order, one of them without a week."""
    draw, start = random.Random(0), datetime(2020, 1, 6)
    rows = []
    for place in range(12):
        for week in range(4 * 52):
            price = 2 if draw.random() < 0.2 else 3
            usual = (10 + place) * (1 + 0.4 * (week % 52 < 20)) * (1 + 0.5 * (price == 2))
            sold = usual + draw.gauss(0, 1)
            day = f"{start + timedelta(weeks=week):%d.%m.%Y}"
            if (place, week) != (3, 100):
                rows.append(f"Köln {place % 4};Äpfel {place // 4};{day};{price};{sold:.2f}")
    draw.shuffle(rows)
    lines = ["Ort;what?;week of;price;sold, kg", *rows]
    (folder / "weeks.csv").write_text("\n".join(lines), encoding="utf-8")


def write_likes(folder: Path) -> None:
    """Write 200 people's likes of 60 things, of which the table of things describes 40."""
    draw, start = random.Random(0), datetime(2024, 1, 1)
    with (folder / "likes.dat").open("w", encoding="latin-1") as file:
        for person in range(200):
            # Two kinds of people, who mostly like the even things or the odd ones.
            mine = [
                thing for thing in range(60) if draw.random() < (0.4, 0.05)[(thing + person) % 2]
            ]
            for thing in mine:
                time = start + timedelta(minutes=draw.randrange(500_000))
                file.write(f"Zoë no. {person}::{thing}::{time:%d/%m/%Y %H:%M}\n")
    rows = [f'{thing}\tThing "{thing}" | <b>' for thing in range(40)]
    (folder / "things.csv").write_text("\n".join(["no.\tGröße", *rows]), encoding="utf-8")
