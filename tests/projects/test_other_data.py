"""Other data by configuration alone: each project on tables, texts and images of another kind."""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import calling
import pytest
import yaml
from installed import Project, free_port, running
from odd_data import ODD, Settings, pages
from support import DOMAIN_FILES, SERVED

pytestmark = pytest.mark.services  # for their minutes
served = pytest.mark.only(*SERVED)
FILES = ("pyproject.toml", "README.md", "MODEL_CARD.md", "api", "dashboard")
# Runs the page once, without a browser, and fails where something goes wrong in it.
OPEN_PAGE = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=120).run()
assert not page.exception and not page.error, [*page.exception, *page.error]
"""


def configured(project: Project, root: Path, datasets: Settings, **changes: Any) -> Path:
    """A second folder for the project's code, with these data sets and its tests' settings."""
    root.mkdir(exist_ok=True)
    for name in FILES:
        source = project.root / name
        if source.exists():
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    settings = yaml.safe_load((project.root / "tests" / "config.yaml").read_text("utf-8"))
    settings |= {"datasets": datasets, **changes}
    (root / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return root


def run(project: Project, root: Path, *args: str) -> None:
    project.run(project.command, "--config", root / "config.yaml", *args)


def report(root: Path, name: str = "metrics") -> dict[str, Any]:
    """What a run has reported."""
    return json.loads((root / "reports" / f"{name}.json").read_text(encoding="utf-8"))


def check_results(project: Project, root: Path, name: str) -> None:
    """The reports are about this data set and account for its rows, and the documents say so."""
    metrics, receipt = report(root), report(root, "data")
    assert (metrics["dataset"]["name"], metrics["dataset"]["synthetic"]) == (name, False)
    assert metrics["dataset"]["rows"] == receipt["rows_kept"]
    left_out = sum(row["rows"] for row in receipt["dropped"])
    assert receipt["rows_read"] == receipt["rows_kept"] + left_out
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert "Not filled yet" not in readme
    assert "ynthetic" not in readme
    assert not metrics["business"] or metrics["business"]["headline"] in readme
    run(project, root, "report", "--check")


@pytest.fixture(scope="module")
def odd(domain: str, project: Project, tmp_path_factory) -> Path:
    """A folder in which the project has run on the odd data of its domain."""
    name, write, changes = ODD[domain]
    root = tmp_path_factory.mktemp("other data") / "ödd"
    root.mkdir()
    configured(project, root, {name: write(root)}, **changes)
    run(project, root, "all", "--dataset", name)
    return root


def test_results_are_of_the_odd_data(project, odd, domain):
    check_results(project, odd, ODD[domain][0])


@served
def test_model_of_odd_data_is_served(project, odd):
    port = free_port()
    serve = [project.program(project.command), "--config", odd / "config.yaml", "serve"]
    with running([*serve, "--port", port], odd, f"http://127.0.0.1:{port}/health"):
        calling.check(f"http://127.0.0.1:{port}")


@served
def test_dashboard_of_odd_data_opens(project, odd):
    project.run("python", "-c", OPEN_PAGE, odd / "dashboard" / "app.py")


@pytest.mark.slow
def test_notebooks_run_on_odd_data(project, odd):
    """As the last step of `all` does; with every picture, and without a warning."""
    shutil.copytree(project.root / "notebooks", odd / "notebooks")
    run(project, odd, "all", "--dataset", report(odd)["dataset"]["name"])
    for notebook in (odd / "notebooks").glob("*.ipynb"):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert not [output for output in outputs if output.get("name") == "stderr"], notebook.name


@pytest.mark.only("tabular")
def test_columns_of_the_odd_table(odd):
    """Named like nothing in the code; what is no feature is left out, with the reason."""
    features = report(odd)["tabular"]["features"]
    assert set(features["numeric"]) == {"a b", "a_b", "x0", "a.b", "[0]"}
    assert set(features["categorical"]) == {"class", "model_config", "é|~"}
    assert set(report(odd)["tabular"]["left_out"]) == {"seen", "constant", "surname"}


@pytest.mark.only("recsys")
def test_likes_of_people_with_spaces(odd):
    """Items that the table of things lacks are kept, and known by their id."""
    found = report(odd)["recsys"]["data"]
    assert (found["users"], found["items"], found["positive_rating"]) == (200, 60, None)
    assert found["likes"] == found["rows"]


@pytest.mark.only("nlp")
def test_stars_in_two_languages(odd):
    assert report(odd, "data")["dropped"] == [
        {"reason": "the same words and label as an earlier row", "rows": 20}
    ]
    assert report(odd)["dataset"]["rows"] == 400
    assert {row["aspect"] for row in report(odd)["nlp"]["aspects"]} == {"Größe", "parcel"}


@pytest.mark.only("timeseries")
def test_weeks_of_series_with_two_names(odd):
    found = report(odd)["timeseries"]["data"]
    assert (found["series"], found["freq"], found["filled"]) == (12, "W-MON", 1)


@pytest.mark.only("cv")
def test_photographs_of_patients(odd):
    found = report(odd)["cv"]["data"]
    assert (found["rows"], found["patients"], found["channels"]) == (144, 72, 3)
    assert found["split"] == "official test"
    assert not found["share_images"]
    assert not [entry for entry in report(odd, "figures") if entry["role"] == "explanation"]


@pytest.mark.only("foundations")
def test_sheets_with_numbers_written_three_ways(odd):
    """Repeated rows go, prices are numbers, a second table without a match is counted."""
    receipt = report(odd, "data")
    assert (receipt["rows_read"], receipt["rows_kept"]) == (403, 400)
    kinds = {column["name"]: column["kind"] for column in receipt["columns"]}
    assert (kinds["Umsatz"], kinds["seit"], kinds["m²"]) == ("number", "date", "number")


def test_edges(project, domain, tmp_path):
    """Odd ids, texts, images, dates and files, in a copy of the project beside its own tests."""
    run_beside(project, tmp_path / "edges", f"{domain}.py")


@pytest.mark.only("foundations", "nlp", "recsys", "tabular", "timeseries")
def test_door(project, tmp_path):
    """The same table however it is packed, encoded, headed and written, by configuration alone."""
    run_beside(project, tmp_path / "door", "door.py")


def run_beside(project: Project, copy: Path, name: str) -> None:
    """Run tests of the folder `edges` in a copy of the project, beside its own."""
    shutil.copytree(project.root, copy, ignore=shutil.ignore_patterns(".venv", ".git"))
    file = copy / "tests" / f"test_{name}"
    shutil.copy(Path(__file__).parent / "edges" / name, file)
    there = ["--rootdir", copy, "-c", copy / "pyproject.toml", file]
    assert " passed" in project.run("pytest", "-q", *there).stdout


@pytest.mark.slow
@pytest.mark.only("foundations")
@pytest.mark.parametrize(
    ("name", "domain_of_file", "file", "roles"),
    [
        (
            "telco",
            "tabular",
            "telco.csv.gz",
            {"id": "customerID", "classification_target": "Churn", "group": ["Contract", "gender"]},
        ),
        (
            "bikes",
            "timeseries",
            "bikes.csv.gz",
            {"id": "instant", "regression_target": "cnt", "date": "dteday", "group": ["season"]},
        ),
    ],
)
def test_real_tables_in_the_mini_analysis(
    project, domain, tmp_path, name, domain_of_file, file, roles
):
    """One to classify, one to predict over time."""
    packed = (DOMAIN_FILES / domain_of_file / "data" / file).read_bytes()
    root = configured(project, tmp_path / name, {name: {"path": f"{name}.csv", **roles}})
    (root / f"{name}.csv").write_bytes(gzip.decompress(packed))
    run(project, root, "all", "--dataset", name)
    check_results(project, root, name)
    tests = {row["group"]: row["holds"] for row in report(root, "explain")["tests"]}
    assert tests == ({"Contract": True, "gender": False} if name == "telco" else {"season": True})
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert all(reason[1:] in readme for reason in report(root)["foundations"]["skipped"])


@pytest.mark.slow
@pytest.mark.only("nlp")
def test_scraped_pages_become_a_data_set(project, tmp_path):
    """From pages on a server of our own to a trained model."""
    site, root = tmp_path / "site", tmp_path / "scraped"
    pages(site)
    shipped = yaml.safe_load((project.root / "config.yaml").read_text(encoding="utf-8"))
    configured(project, root, {"scraped": shipped["datasets"]["scraped"]})
    port = free_port()
    serve = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with running(serve, site, f"http://127.0.0.1:{port}/page-1.html"):
        address = f"http://127.0.0.1:{port}/page-1.html"
        project.run("python", "-m", "sentiment.scrape", "--config", root / "config.yaml", address)
    run(project, root, "all", "--dataset", "scraped")
    check_results(project, root, "scraped")
    assert report(root)["dataset"]["rows"] == 120
