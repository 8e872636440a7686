"""The portfolio check: what it says of a fresh project, a finished one, and each fault between."""

import io
import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from {{ cookiecutter.__package }}.blocks import DOCUMENTS
from {{ cookiecutter.__package }}.cli import main
from {{ cookiecutter.__package }}.config import load_config
from {{ cookiecutter.__package }}.documents import documents
from {{ cookiecutter.__package }}.paths import Paths
from {{ cookiecutter.__package }}.pipeline import STAGES
from {{ cookiecutter.__package }}.portfolio.check import inspect
from {{ cookiecutter.__package }}.portfolio.flow import FLOW
from {{ cookiecutter.__package }}.portfolio.items import QUESTIONS, SECTIONS, Item
from {{ cookiecutter.__package }}.portfolio.repository import DATA, SECRET, progress
from {{ cookiecutter.__package }}.portfolio.roadmap import PARTS
from {{ cookiecutter.__package }}.report import report

from .conftest import tree

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
HINT = "*Write here what you think.*"
WORDS = "We asked twelve people, and threw away what none of them used."
BLOCKS = ("headline", "architecture")
PACKAGE = report.__module__.split(".")[0]


def readme(words: str, live: str) -> str:
    """A README with the author's words in every place for them."""
    start = f"<!-- [[[cog from {PACKAGE}.report import show; show("
    blocks = [f'{start}"{name}") ]]] -->\n<!-- [[[end]]] -->' for name in BLOCKS]
    sections = [f"## {heading}\n\n{words}" for heading in (*SECTIONS, *QUESTIONS)]
    badge = "[![CI](https://github.com/ada/churn/badge.svg)](https://github.com/ada/churn/actions)"
    return "\n\n".join(["# Title", badge, *blocks, f"**Live:** {live}", *sections]) + "\n"


def write_readme(root: Path, words: str = WORDS, live: str = "<https://ada.example>") -> None:
    """Put a README of that kind in place, with fresh blocks."""
    (root / "README.md").write_text(readme(words, live), encoding="utf-8", newline="\n")
    refresh(root)


def refresh(root: Path) -> None:
    report(load_config(root / "config.yaml"), Paths(root))


def write_notebook(root: Path, order: list[int | None], *kinds: str) -> None:
    """Put one notebook in place of all, with cells run in that order and outputs of these kinds."""
    shutil.rmtree(root / "notebooks", ignore_errors=True)
    cells = [
        {
            "cell_type": "code",
            "source": ["1 + 1"],
            "execution_count": number,
            "outputs": [{"output_type": kind} for kind in kinds],
        }
        for number in order
    ]
    file = root / "notebooks" / "01.ipynb"
    file.parent.mkdir()
    file.write_text(json.dumps({"cells": cells}), encoding="utf-8")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def git(root: Path, *arguments: str) -> None:
    settings = ("user.name=Ada", "user.email=ada@example.org", "commit.gpgsign=false")
    given = [part for setting in settings for part in ("-c", setting)]
    subprocess.run(["git", *given, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--no-verify", "-m", "A commit")


@pytest.fixture(scope="session")
def complete(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project about real data, all in the author's words, committed: nothing is left to do."""
    root = shutil.copytree(project, tmp_path_factory.mktemp("complete") / "project")
    for file in [file for file in root.iterdir() if file.name.lower().endswith(DATA)]:
        file.unlink()  # your data beside config.yaml: copied, and in your repository not in git
    (root / "data" / "README.md").write_text("What the columns mean.\n", encoding="utf-8")
    (root / "api").mkdir(exist_ok=True)  # where there is something to serve, it can be live
    file = root / "reports" / "metrics.json"
    metrics = json.loads(file.read_text(encoding="utf-8"))
    metrics["dataset"] |= {"name": "mine", "synthetic": False}
    file.write_text(json.dumps(metrics), encoding="utf-8")
    for file in (root / "LICENSE", root / "pyproject.toml", *documents(Paths(root))):
        text = file.read_text(encoding="utf-8")
        text = text.replace("Your Name", "Ada").replace("your-username", "ada")
        text = re.sub(r"\]\(.*?\)", "]", text)  # your links may lead to what is not copied
        file.write_text(text, encoding="utf-8", newline="\n")
    write_notebook(root, [1, 2])
    write_readme(root)
    commit(root)
    return root


@pytest.fixture
def finished(complete: Path, tmp_path: Path) -> Path:
    """A copy of it for one test alone."""
    return shutil.copytree(complete, tmp_path / "project")


def found(root: Path) -> dict[str, Item]:
    return {item.name: item for item in inspect(load_config(root / "config.yaml"), Paths(root))}


def statuses(root: Path) -> dict[str, str]:
    return {name: item.status for name, item in found(root).items()}


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), "check", *arguments])


def test_nothing_has_run(fresh_project: Path):
    write_readme(fresh_project, HINT, "not yet")
    status = statuses(fresh_project)
    assert status["blocks"] == "pass"
    assert {status[name] for name in ("results", "words", "decisions")} == {"warn"}
    assert status.get("live", "warn") == "warn"
    assert found(fresh_project)["results"].reason == "nothing has run yet"
    result = run(fresh_project)
    assert result.exit_code == 0
    assert "Not ready to be shown" in result.output


def test_edited_in_the_authors_places(own_project: Path):
    write_readme(own_project)
    status = statuses(own_project)
    assert {status[name] for name in ("blocks", "words", "decisions")} == {"pass"}
    assert status.get("live", "pass") == "pass"
    edit(own_project / "README.md", f"## {SECTIONS[1]}\n\n{WORDS}", f"## {SECTIONS[1]}\n\nA lot.")
    edit(own_project / "README.md", f"## {QUESTIONS[2]}\n\n{WORDS}", f"## {QUESTIONS[2]}\n\n{HINT}")
    assert found(own_project)["words"].reason == f"“{SECTIONS[1]}” is empty"
    assert found(own_project)["decisions"].reason == f"“{QUESTIONS[2]}” is open"


def test_edited_inside_a_block(own_project: Path):
    write_readme(own_project)
    edit(own_project / "README.md", "flowchart LR", "flowchart TD")
    item = found(own_project)["blocks"]
    assert (item.status, item.reason) == ("fail", "README.md differs from `reports/`")
    assert item.remedy == f"uv run {PACKAGE} report"
    assert run(own_project).exit_code == 1


@needs_git
def test_stale(finished: Path):
    file = finished / "reports" / "metrics.json"
    text = file.read_text(encoding="utf-8")
    headline = json.loads(text)["business"]["headline"].removesuffix(" (synthetic sample)")
    said = json.dumps(headline)[1:-1]
    file.write_text(text.replace(said, f"{said}, it is said"), encoding="utf-8")
    assert [name for name, status in statuses(finished).items() if status != "pass"] == ["blocks"]
    assert run(finished).exit_code == 1
    refresh(finished)
    assert found(finished)["blocks"].status == "pass"


@needs_git
def test_complete(finished: Path):
    before = tree(finished)
    result = run(finished)
    assert result.exit_code == 0, result.output
    assert "Ready to be shown: " in result.output
    assert ", 0 warn, 0 fail." in result.output
    answer = json.loads(run(finished, "--json").output)
    assert answer["ready"]
    assert {item["status"] for item in answer["items"]} == {"pass"}
    assert run(finished, "--markdown").output.startswith("|  | Part | Found | To mend |\n")
    assert {name: text for name, text in tree(finished).items() if ".git/" not in name} == {
        name: text for name, text in before.items() if ".git/" not in name
    }


def add(text: str) -> Callable[[Path], None]:
    """A change of the README: one more line."""

    def change(root: Path) -> None:
        with (root / "README.md").open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"\n{text}\n")

    return change


def put(name: str, content: bytes) -> Callable[[Path], None]:
    """A change of the repository: one more file, in git."""

    def change(root: Path) -> None:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
        git(root, "add", "--force", name)

    return change


KEY = "ghp" + "_" + 36 * "a"
FAULTS = {
    "picture without words": (add("![](LICENSE)"), "pictures", "fail", "no description"),
    "tag without words": (add('<img src="LICENSE" width="9">'), "pictures", "fail", "`LICENSE`"),
    "tag in other letters": (add("<IMG SRC=LICENSE>"), "pictures", "fail", "`LICENSE`"),
    "picture of 2 MB": (
        lambda root: (put("big.png", bytes(2_000_000))(root), add("![a](big.png)")(root)),
        "pictures",
        "fail",
        "`big.png` is above 500 kB",
    ),
    "dead link": (add("[a](docs/none.md#part)"), "links", "fail", "`docs/none.md`"),
    "dead link in HTML": (add('<a href="docs/none.md">a</a>'), "links", "fail", "`docs/none.md`"),
    "no such name": (add(f"[a](%00{9000 * 'a'})"), "links", "fail", "does not exist"),
    "no picture in HTML": (add("<img alt='a > b' src='none.png'>"), "links", "fail", "none.png"),
    "no picture": (add("![a](reports/figures/none.png)"), "links", "fail", "none.png"),
    "hint left over": (add(f"## More\n\n{HINT}"), "words", "warn", "“More” is empty"),
    "hint beside an answer": (
        lambda root: edit(root / "README.md", f"{QUESTIONS[1]}\n", f"{QUESTIONS[1]}\n\n{HINT}"),
        "decisions",
        "warn",
        f"“{QUESTIONS[1]}” is open",
    ),
    "notebook not run": (
        lambda root: write_notebook(root, [None, None]),
        "notebooks",
        "warn",
        "01.ipynb was not run",
    ),
    "notebook out of order": (
        lambda root: write_notebook(root, [2, 1]),
        "notebooks",
        "fail",
        "not run from top to bottom",
    ),
    "error in a notebook": (
        lambda root: write_notebook(root, [1], "error"),
        "notebooks",
        "fail",
        "shows an error",
    ),
    "damaged notebook": (put("notebooks/02.ipynb", b"{"), "notebooks", "fail", "is damaged"),
    "no licence": (lambda root: (root / "LICENSE").unlink(), "licence", "fail", "missing"),
    "default name in the settings": (
        lambda root: edit(root / "pyproject.toml", "[project]", "# Your Name\n[project]"),
        "names",
        "warn",
        "pyproject.toml says Your Name",
    ),
    "default name": (add("By Your Name"), "names", "warn", "README.md says Your Name"),
    "badge of another": (
        lambda root: git(root, "remote", "add", "origin", "git@github.com:bob/churn.git"),
        "names",
        "warn",
        "a badge is that of ada/churn",
    ),
    "no live link": (
        lambda root: edit(root / "README.md", "<https://ada.example>", "http://127.0.0.1:8000"),
        "live",
        "warn",
        "there is no live link",
    ),
    "key": (put("notes.txt", f"token: {KEY}".encode()), "secrets", "fail", "`notes.txt`"),
    "key in a big notebook": (
        put("notes.ipynb", bytes(2_000_000) + KEY.encode()),
        "secrets",
        "fail",
        "`notes.ipynb`",
    ),
    "file of keys": (put(".env", b"A=1"), "secrets", "fail", "`.env`"),
    "data": (put("data/mine.txt", b"1"), "data", "fail", "`data/mine.txt`"),
    "table elsewhere": (put("OLD.CSV", b"1"), "data", "fail", "`OLD.CSV`"),
    "big file": (put("big.bin", bytes(10_000_001)), "sizes", "fail", "`big.bin`"),
    "damaged report": (
        lambda root: (root / "reports" / "metrics.json").write_bytes(b"{"),
        "results",
        "fail",
        "is damaged",
    ),
    "another model": (
        lambda root: [
            put("models/current.txt", b"mine\n")(root),
            put("models/mine/metadata.json", b'{"metrics": {}}')(root),
        ],
        "model",
        "fail",
        "is not about the model",
    ),
    "broken block": (
        add("<!-- [[[cog if ]]] -->\n<!-- [[[end]]] -->"),
        "blocks",
        "fail",
        "invalid syntax",
    ),
    "broken marker": (
        lambda root: edit(root / "README.md", "<!-- [[[end]]] -->", ""),
        "blocks",
        "fail",
        "markers of a generated block are broken",
    ),
}


@needs_git
@pytest.mark.parametrize(("change", "name", "status", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_is_found(
    finished: Path, change: Callable[[Path], None], name: str, status: str, reason: str
):
    change(finished)
    result = run(finished, "--json")
    answer = json.loads(result.output)
    item = {item["name"]: item for item in answer["items"]}[name]
    assert not answer["ready"]
    assert item["status"] == status
    assert reason in item["reason"]
    assert item["remedy"]
    assert result.exit_code == (status == "fail")


@needs_git
def test_sheet_in_git_is_found_where_the_tone_keeps_it_out(finished: Path):
    assert "private" not in found(finished)
    file = finished / "config.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump(content | {"portfolio": {"tone": "upskilling"}}))
    (sheet,) = (name for name in documents(Paths(finished)) if name.parent.name == "docs")
    item = found(finished)["private"]
    assert (item.status, item.reason) == ("fail", f"`docs/{sheet.name}` is in git")
    refresh(finished)
    assert not sheet.exists()
    assert found(finished)["private"] == item, "moving it takes it out of no commit"
    git(finished, "rm", "--cached", f"docs/{sheet.name}")
    assert found(finished)["private"].status == "pass"


KEYS = (
    ("sk", "-proj-", 60 * "a_"),
    ("sk", "-", 48 * "a"),
    ("ASI", "A", 16 * "A"),
    ("glp", "at-", 20 * "a"),
    ("sk", "_live_", 24 * "a"),
    ("pyp", "i-", 60 * "a"),
    ("hf", "_", 34 * "a"),
    ("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----"),
)


@pytest.mark.parametrize("parts", KEYS)
def test_keys_of_known_kinds(parts: tuple[str, ...]):
    assert SECRET.search(f"token='{''.join(parts)}'\n".encode())


def test_addresses_are_no_keys():
    assert not SECRET.search(b"https://a.example/sk-learn-how-to-build-pipelines-that-last")


@needs_git
def test_what_is_no_fault(finished: Path):
    for name in ("data/.gitkeep", "data/LEIA-ME.md", "ca.pem"):
        put(name, b"" if name.endswith("keep") else b"Words.\n")(finished)
    put(".gitattributes", b"*.bin filter=lfs\n")(finished)
    put("model.bin", b"version https://git-lfs.github.com/spec/v1\n")(finished)
    (finished / "model.bin").write_bytes(bytes(10_000_001))
    (finished / "LICENSE").write_bytes("By Zo\xeb\n".encode("latin-1"))
    git(finished, "remote", "add", "origin", "https://github.com/Ada/Churn")
    add("<img src='LICENSE' ALT=\"it's > nothing\">")(finished)
    add(f"![a](data:image/png;base64,{9000 * 'A'})")(finished)
    assert set(statuses(finished).values()) == {"pass"}


@needs_git
def test_words_below_deeper_headings_count(finished: Path):
    file = finished / "README.md"
    edit(file, f"## {SECTIONS[1]}\n\n{WORDS}", f"## {SECTIONS[1]}\n\n### Part\n\n{WORDS}")
    assert found(finished)["words"].status == "pass"
    edit(file, f"### Part\n\n{WORDS}", f"## Part\n\n{WORDS}")
    assert found(finished)["words"].reason == f"“{SECTIONS[1]}” is empty"


def test_empty_readme_is_not_ready(own_project: Path):
    (own_project / "README.md").write_bytes(b"")
    assert statuses(own_project)["words"] == "warn"
    assert run(own_project).exit_code == 0


def test_pipes_of_few_letters_are_no_fault(own_project: Path):
    write_readme(own_project)
    add(f"## Καλημέρα\n\n{HINT}")(own_project)
    shown = CliRunner(charset="cp1252").invoke(
        main, ["--config", str(own_project / "config.yaml"), "check"]
    )
    assert shown.exit_code == 0
    assert "“????????” is empty" in shown.output


@needs_git
def test_what_is_quoted_is_neither_a_picture_nor_a_link(finished: Path):
    add("## More\n\n<!-- *Write here.* --> `![](none.png)` and ``[a](none)``")(finished)
    add("```\n![](none.png) *Write here.*\n```")(finished)
    add("<!-- ![](none.png) [a](none) -->\nrows[i](x, y) and \\[a\\](none)")(finished)
    assert set(statuses(finished).values()) == {"pass"}
    file = finished / "README.md"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert set(statuses(finished).values()) == {"pass"}


@needs_git
def test_links_are_read_as_github_reads_them(finished: Path):
    (finished / "my (new) file.md").write_text("Mine.\n", encoding="utf-8")
    good = ["<my (new) file.md>", "my%20(new)%20file.md", "/LICENSE", "LICENSE?raw=true#top"]
    good += ["../../actions", "mailto:ada@example.org", "https://a.example/b_(c)", "#title"]
    good += ["//a.example/b", 'LICENSE "The (licence)"']
    add(" ".join(f"[a]({target})" for target in good))(finished)
    assert found(finished)["links"].status == "pass"
    add("[a](<your file.md>) [b](/docs/none.md 'title')")(finished)
    said = found(finished)["links"].reason
    assert said == (
        "README.md: `your file.md` does not exist; README.md: `/docs/none.md` does not exist"
    )


def test_missing_readme_is_one_line_with_the_place(fresh_project: Path):
    (fresh_project / "README.md").unlink()
    result = run(fresh_project)
    assert result.exit_code == 2
    assert "README.md" in result.stderr
    assert result.stderr.count("\n") == 1


def test_web_addresses_are_called_only_if_asked_for(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
):
    called = []

    def answer(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        called.append(request.full_url)
        if "gone" in request.full_url:
            raise urllib.error.HTTPError(request.full_url, 404, "Not Found", Message(), None)
        if "shy" in request.full_url:
            raise urllib.error.HTTPError(request.full_url, 403, "Forbidden", Message(), None)
        if "off" in request.full_url:
            raise urllib.error.URLError("no such host")
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    write_readme(own_project)
    add("[a](https://gone.example) <https://shy.example> <https://off.example> http://127.0.0.1:8")(
        own_project
    )
    assert run(own_project, "--json").exit_code == 0
    assert called == []
    items = json.loads(run(own_project, "--json", "--links").output)["items"]
    assert items[-1]["name"] == "web"
    assert items[-1]["reason"] == "https://gone.example; https://off.example"
    assert {"https://ada.example", "https://shy.example"} < set(called)
    assert not [address for address in called if "127.0.0.1" in address]


@needs_git
def test_how_far_it_has_come(finished: Path):
    assert "a data set of your own, 0 paragraph(s) of the README new" in progress(Paths(finished))
    add("One more paragraph.")(finished)
    with (finished / "config.yaml").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    said = progress(Paths(finished))
    assert "1 paragraph(s) of the README new" in said
    assert "1 file(s) changed besides documents and results, a live link" in said


@needs_git
def test_how_far_is_unknown_where_git_does_not_know(finished: Path, tmp_path: Path):
    git(finished, "commit", "-q", "--allow-empty", "-m", "Another")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", finished.as_uri(), str(shallow))
    assert "unknown" in progress(Paths(shallow))
    (finished / ".git").rename(tmp_path / "elsewhere")
    assert "unknown" in progress(Paths(finished))
    assert found(finished)["secrets"].status == "warn"


def test_every_box_of_the_diagram_exists(own_project: Path):
    write_readme(own_project)
    text = (own_project / "README.md").read_text(encoding="utf-8")
    diagram = text.split("```mermaid\n")[1].split("```")[0]
    boxes = dict(re.findall(r'^    (\w+)\[\(?"(.+?)"', diagram, re.MULTILINE))
    commands = [node for node, label in boxes.items() if label.startswith(f"{PACKAGE} ")]
    assert [stage.name for stage in STAGES] == commands[: len(STAGES)]
    assert commands == [*FLOW]
    for node, label in boxes.items():
        if node in commands:
            assert label.split()[1] in main.commands
        else:
            assert (own_project / label).exists(), label
    drawn = set(re.findall(r"\w+", " ".join(re.findall(r"^    .*-->.*$", diagram, re.MULTILINE))))
    assert drawn == set(boxes)


ROADMAP = """# Mine

- [ ] A run <!-- proof: file reports/metrics.json -->
- [ ] Written <!-- proof: words -->
- [ ] Tests pass <!-- proof: tests -->
- [ ] API <!-- proof: tests test_report -->
- [ ] Mine, proof or not
- [x] Done by hand <!-- proof: file none.txt -->
  * [ ] Deep <!-- proof: file config.yaml -->
"""


def remember(root: Path, files: list[str], failed: list[str]) -> None:
    """Write what pytest writes down after a run."""
    cache = root / ".pytest_cache" / "v" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "nodeids").write_text(json.dumps([f"tests/{name}::test_a" for name in files]))
    lost = {f"tests/{name}::test_a": True for name in failed}
    (cache / "lastfailed").write_text(json.dumps(lost))


def ticks(root: Path) -> str:
    refresh(root)
    text = (root / "ROADMAP.md").read_bytes().decode()
    return "".join(re.findall(r"\[(.)\]", text)).replace(" ", "-")


def test_report_ticks_what_is_proved_and_nothing_else(own_project: Path):
    write_readme(own_project, HINT)
    file = own_project / "ROADMAP.md"
    file.write_bytes(ROADMAP.replace("\n", "\r\n").encode())
    (own_project / "tests").mkdir()
    for name in ("test_report.py", "test_more.py"):
        (own_project / "tests" / name).touch()
    assert ticks(own_project) == "x----xx"
    remember(own_project, [], [])
    (own_project / ".pytest_cache" / "v" / "cache" / "nodeids").write_text("[")
    assert ticks(own_project) == "x----xx"
    remember(own_project, ["test_report.py", "test_more.py"], ["test_more.py"])
    assert ticks(own_project) == "x--x-xx"
    remember(own_project, ["test_report.py", "test_more.py"], [])
    write_readme(own_project)
    assert ticks(own_project) == "xxxx-xx"
    text = file.read_bytes().decode()
    assert re.sub(r"\[.\]", "[ ]", text) == re.sub(r"\[.\]", "[ ]", ROADMAP).replace("\n", "\r\n")
    write_readme(own_project, HINT)
    (own_project / "reports" / "metrics.json").unlink()
    assert ticks(own_project) == "xxxx-xx"


def test_unknown_proof_is_refused(own_project: Path):
    file = own_project / "ROADMAP.md"
    file.write_text("- [ ] A <!-- proof: magic -->\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["--config", str(own_project / "config.yaml"), "report"])
    assert result.exit_code == 2
    assert "unknown proof 'magic'; expected one of: file, tests, results" in result.stderr


def test_part_that_a_project_lacks_proves_nothing(own_project: Path):
    shutil.rmtree(own_project / "api", ignore_errors=True)
    file = own_project / "ROADMAP.md"
    file.write_text("- [ ] A <!-- proof: live -->\n", encoding="utf-8")
    assert ticks(own_project) == "-"


@needs_git
def test_proofs_are_parts_of_the_check(finished: Path):
    assert set(PARTS) < set(statuses(finished))


def test_documents_are_those_with_blocks(project: Path):
    sheets = [*(project / "docs").glob("*.md"), *(project / "private").glob("*.md")]
    assert documents(Paths(project)) == [*(project / name for name in DOCUMENTS), *sheets]
