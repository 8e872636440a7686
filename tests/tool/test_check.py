"""`portfolio check`: what it says of a finished project, and of each fault."""

import io
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path

import pytest
from builder import VERSION, build, commit
from click.testing import CliRunner
from support import DOMAINS, PROMPTS, ROOT, TEMPLATE_PARTS, files

from portfolio import check, cli, git, template
from portfolio.checks import readme, results, secrets
from portfolio.contract import SECTIONS

Change = Callable[[Path], object]
URL = "https://ada.example"
KEY = "ghp" + "_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"


def answer(code: int, stderr: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], code, "", stderr)


@pytest.fixture(autouse=True)
def fresh_blocks(monkeypatch) -> None:
    """The project's own command says that its blocks are fresh: nothing is installed here."""
    monkeypatch.setattr(results, "run", lambda *_: answer(0))


@pytest.fixture(scope="session")
def complete(tmp_path_factory) -> Path:
    """A project in which nothing is left to do, committed."""
    folder = tmp_path_factory.mktemp("finished wörk")
    root = build(folder, "tabular", title="Who leaves?", live_url=URL)
    commit(root)
    return root


@pytest.fixture
def finished(complete: Path, tmp_path: Path) -> Path:
    """A copy of it for one test alone."""
    return shutil.copytree(complete, tmp_path / "customer-churn")


def found(root: Path) -> dict[str, check.Item]:
    return {one.name: one for one in check.inspect(root).items}


def statuses(root: Path) -> dict[str, str]:
    return {name: one.status for name, one in found(root).items()}


def run(*args: str | Path):
    return CliRunner().invoke(cli.cli, ["check", *map(str, args)])


def edit(name: str, old: str, new: str) -> Change:
    def change(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new), encoding="utf-8", newline="\n")

    return change


def add(text: str) -> Change:
    """One more line in README."""

    def change(root: Path) -> None:
        with (root / "README.md").open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"\n{text}\n")

    return change


def put(name: str, content: bytes, then: str | None = None) -> Change:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        if then:
            commit(root)

    return change


def cells(*counts: int | None, text: str = "7043", kind: str = "stream") -> Change:
    """A notebook with cells run in this order, with an output of a kind each."""
    output = {"output_type": kind, "name": "stdout", "text": [text]}
    made = [
        {
            "cell_type": "code",
            "source": ["1 + 1"],
            "execution_count": count,
            "outputs": [output] if text else [],
        }
        for count in counts
    ]
    return put("notebooks/01_explore.ipynb", json.dumps({"cells": made}).encode())


def report(name: str, *keys: str, value: object) -> Change:
    """Another value in a report."""

    def change(root: Path) -> None:
        file = root / name
        content = inner = json.loads(file.read_text(encoding="utf-8"))
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        file.write_text(json.dumps(content), encoding="utf-8")

    return change


def test_nothing_is_left_to_do(finished):
    before = {name: file.read_bytes() for name, file in files(finished).items()}
    done = run(finished)
    assert done.exit_code == 0, done.output
    assert "Ready to be shown: " in done.output
    assert ", 0 todo, 0 unknown, 0 fail." in done.output
    content = json.loads(run(finished, "--json").output)
    assert content["ready"]
    assert {one["status"] for one in content["projects"][0]["items"]} == {"pass"}
    assert run(finished, "--markdown").output.startswith("|  | Part | Found | To mend |\n")
    assert {name: file.read_bytes() for name, file in files(finished).items()} == before
    assert git.ask(finished, "status", "--porcelain") == ""


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_domain_can_be_finished_and_has_parts_of_its_own(tmp_path, domain):
    root = build(tmp_path, domain, title="Mine", live_url=URL)
    commit(root)
    assert set(statuses(root).values()) == {"pass"}
    assert ("live" in statuses(root)) == ("model" in statuses(root)) == (domain != "foundations")


def test_a_new_project_has_much_to_do_and_nothing_that_fails(tmp_path):
    root = build(tmp_path, "tabular", ran=False, written=False)
    commit(root)
    status = statuses(root)
    todo = {name for name, one in status.items() if one == "todo"}
    assert todo == {"results", "words", "title", "live", "notebooks"}
    assert set(status.values()) == {"todo", "pass"}
    assert "blocks" not in status, "there is nothing to compare with"
    assert run(root).exit_code == 0


FAULTS: dict[str, tuple[Change, str, str, str]] = {
    "synthetic": (
        report("reports/metrics.json", "dataset", "synthetic", value=True),
        "results",
        "todo",
        "the synthetic sample",
    ),
    "section not written": (
        edit(
            "README.md", f"## {SECTIONS[1]}\n\nThese are", f"## {SECTIONS[1]}\n\n## More\n\nThese"
        ),
        "words",
        "todo",
        f"“{SECTIONS[1]}” is not written",
    ),
    "hint": (add("*Write here what you think.*"), "template", "todo", "README.md still says"),
    "hint in the card": (
        lambda root: put("MODEL_CARD.md", b"# Card\n\n*Not filled yet: run it.*\n")(root),
        "template",
        "todo",
        "MODEL_CARD.md still says",
    ),
    "default title": (
        edit("README.md", "# Who leaves?", "# Customer Churn"),
        "title",
        "todo",
        "is the template's title",
    ),
    "long": (add("word " * 1200), "length", "todo", "1,314 words"),
    "no picture at once": (
        edit("README.md", "Who decides what by it.", "Who decides. " * 90 + "\n\n" + "word " * 30),
        "screen",
        "todo",
        "no picture in the first 200 words",
    ),
    "a badge alone": (
        edit("README.md", "(reports/figures/headline.png)", "(https://x.org/badge.svg)"),
        "screen",
        "todo",
        "no picture",
    ),
    "no live link": (
        edit("config.yaml", f"live_url: {URL}", "live_url: http://127.0.0.1:8000"),
        "live",
        "todo",
        "no live link",
    ),
    "picture without words": (add("![](LICENSE)"), "pictures", "fail", "`LICENSE` has no"),
    "image without words": (add('<img src="LICENSE" width="9">'), "pictures", "fail", "`LICENSE`"),
    "heavy picture": (
        lambda root: (put("big.png", bytes(600_000))(root), add("![a](big.png)")(root)),
        "pictures",
        "fail",
        "`big.png` is above 500 kB",
    ),
    "dead link": (add("[a](docs/none.md#part)"), "links", "fail", "`docs/none.md`"),
    "dead link in docs": (
        put("docs/own-data.md", b"[a](../none.yaml)\n"),
        "links",
        "fail",
        "docs/own-data.md: `../none.yaml`",
    ),
    "no such name": (add(f"[a](%00{9000 * 'a'})"), "links", "fail", "does not exist"),
    "conflict": (
        put("README.md", b"# T\n\n<<<<<<< yours\nmine\n=======\nhis\n>>>>>>> template now\n"),
        "conflicts",
        "fail",
        "`README.md` has marks of a conflict",
    ),
    "left from a merge": (put("src/churn/data.py.rej", b"x"), "conflicts", "fail", ".rej` is left"),
    "notebook not run": (cells(None, None, text=""), "notebooks", "todo", "was not run"),
    "notebook without output": (cells(1, 2, text=""), "notebooks", "todo", "shows no output"),
    "notebook out of order": (cells(2, 1), "notebooks", "fail", "not run from top to bottom"),
    "error in a notebook": (cells(1, kind="error"), "notebooks", "fail", "shows an error"),
    "damaged notebook": (put("notebooks/02.ipynb", b"{"), "notebooks", "fail", "is damaged"),
    "notebook on other data": (
        cells(1, text="The data set `sample` is read"),
        "notebooks",
        "fail",
        "ran on sample, and the results are about telco",
    ),
    "notebook on the sample": (
        cells(1, text="SYNTHETIC SAMPLE: made up by this project"),
        "notebooks",
        "fail",
        "ran on the synthetic sample, and the results are about telco",
    ),
    "no licence": (lambda root: (root / "LICENSE").unlink(), "licence", "fail", "missing"),
    "default author": (
        edit("pyproject.toml", "[project]", "# Your Name\n[project]"),
        "names",
        "todo",
        "pyproject.toml says Your Name",
    ),
    "default user": (
        add("[a](https://github.com/your-username/x)"),
        "names",
        "todo",
        "README.md says your-username",
    ),
    "key": (put("notes.txt", f"token: {KEY}".encode()), "secrets", "fail", "`notes.txt`"),
    "key in a big notebook": (
        put("notes.ipynb", b'"image/png": "' + b"iVBORw" * 400_000 + b'"\n' + KEY.encode()),
        "secrets",
        "fail",
        "`notes.ipynb`",
    ),
    "file of keys": (put(".env", b"A=1"), "secrets", "fail", "`.env`"),
    "data": (put("data/mine.txt", b"1", "now"), "data", "fail", "`data/mine.txt`"),
    "table elsewhere": (put("OLD.CSV", b"1", "now"), "data", "fail", "`OLD.CSV`"),
    "big file": (
        put("big.bin", bytes(10_000_001), "now"),
        "sizes",
        "fail",
        "`big.bin` has 10 MB",
    ),
    "big model not yet in git": (
        put("models/0123456789ab/big.onnx", bytes(10_000_001)),
        "sizes",
        "fail",
        "has 10 MB and would come into git",
    ),
    "damaged report": (put("reports/figures.json", b"{"), "contract", "fail", "no JSON"),
    "no picture of a report": (
        lambda root: (root / "reports" / "figures" / "money.png").unlink(),
        "reports",
        "fail",
        "`reports/figures/money.png` does not exist",
    ),
    "two pictures for the first screen": (
        edit("reports/figures.json", '"role": "data"', '"role": "headline"'),
        "reports",
        "fail",
        "has 2 pictures for the first screen",
    ),
    "damaged results": (put("reports/metrics.json", b"{"), "contract", "fail", "no JSON"),
    "results of another model": (
        report("reports/metrics.json", "test", "roc_auc", "value", value=0.7),
        "model",
        "fail",
        "is not about the model",
    ),
    "explanation of another model": (
        report("reports/explain.json", "model_version", value="another"),
        "model",
        "fail",
        "is about another model",
    ),
    "changed model": (
        put("models/0123456789ab/model.onnx", b"changed"),
        "model",
        "fail",
        "`model.onnx` is not the file that was published",
    ),
    "wrong metric": (
        add("My ROC-AUC of 0.91 is the best."),
        "numbers",
        "todo",
        "“roc_auc 0.91” is no roc_auc of the results",
    ),
    "wrong share": (add("It has 91 % AUC."), "numbers", "todo", "“roc_auc 91 %”"),
    "wrong amount": (add("We save 230,000 EUR."), "numbers", "todo", "“230,000 EUR”"),
    "wrong rows": (add("It has 7,045 rows."), "numbers", "todo", "“7,045 rows”"),
}


@pytest.mark.parametrize(("change", "name", "status", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_is_found_and_nothing_else(finished, change, name, status, reason):
    change(finished)
    done = run(finished, "--json")
    content = json.loads(done.output)
    items = {one["name"]: one for one in content["projects"][0]["items"]}
    assert not content["ready"]
    assert items[name]["status"] == status
    assert reason in items[name]["reason"]
    assert items[name]["remedy"] or name == "contract"
    assert done.exit_code == (status == "fail")
    if name not in ("contract", "conflicts"):  # with those, other parts are damaged too
        assert [one for one in items if items[one]["status"] != "pass"] == [name]


def test_numbers_that_agree_or_are_not_about_results_are_no_fault(finished):
    add(
        "ROC-AUC 0.85, or 85 % AUC; 0.8504 ROC-AUC; the AUC of the worst is 0.79. We keep about "
        "150,000 EUR (EUR 90,000 to 210k EUR) on 7,043 rows, 11 of which were left out: 7,032 rows "
        "remain. An offer costs 60 EUR. In 2025, 1,000 draws. Version 3.11. AUC: see section 2.4."
    )(finished)
    assert found(finished)["numbers"] == check.Item(
        "numbers", "pass", "your sentences agree with results"
    )


def test_a_section_of_the_templates_questions_alone_is_not_written(finished, tmp_path, monkeypatch):
    question = "What made you choose this problem, and who would use the answer to it?"
    page = tmp_path / "carried" / "templates" / "tabular" / "README.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"## In my own words\n\n<!-- {question}\nMore. -->\n", encoding="utf-8")
    monkeypatch.setattr(template, "folder", lambda: tmp_path / "carried")
    assert found(finished)["words"].status == "pass"
    text = (finished / "README.md").read_text(encoding="utf-8")
    words = readme.prose.sections(text)["In my own words"]
    text = text.replace(words, f"- *{question}*", 1)
    (finished / "README.md").write_text(text, encoding="utf-8")
    said = found(finished)["words"].reason
    assert said == "“In my own words” holds the template's questions alone"


def test_the_titles_are_those_that_the_template_proposes():
    for domain in DOMAINS:
        assert f"'{domain}': '{readme.TITLES[domain]}'" in PROMPTS["project_name"]


@pytest.mark.parametrize(
    ("answers", "status", "reason"),
    [
        ([answer(0)], "pass", "match `reports/`"),
        (
            [answer(1, "Error: README.md and reports/ part\n")],
            "fail",
            "README.md and reports/ part",
        ),
        ([answer(2, "error: no network\n")], "unknown", "did not run: error: no network"),
        ([answer(1, "Traceback (most recent call last):\nKeyError: 1\n")], "fail", "KeyError: 1"),
        ([None], "unknown", "uv, which runs the project, is not here"),
        ([answer(2, "Error: pandas is not installed"), answer(0)], "pass", "match `reports/`"),
    ],
)
def test_the_projects_own_command_says_whether_blocks_are_fresh(
    finished, monkeypatch, answers, status, reason
):
    given = iter(answers)
    monkeypatch.setattr(results, "run", lambda *_: next(given))
    item = found(finished)["blocks"]
    assert (item.status, reason in item.reason) == (status, True)
    assert next(given, "all were asked") == "all were asked"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for uv is a shell script")
def test_uv_is_asked_in_the_project_and_leaves_no_lock_file(finished, tmp_path, monkeypatch):
    monkeypatch.undo()
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\npwd; echo "$@" >&2; touch uv.lock\n', encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setenv("UV", str(uv))
    project = check.load(finished)
    done = results.run(project, "--no-default-groups")
    assert done.stderr.split() == "run --quiet --no-default-groups churn report --check".split()
    assert Path(done.stdout.strip()) == finished.resolve()
    assert not (finished / "uv.lock").exists()
    (finished / "uv.lock").touch()
    assert "--frozen" in results.run(project).stderr
    assert (finished / "uv.lock").exists()


KEYS = (
    ("AKI", "AQYLPMN5HFIQR7XYA"),
    ("sk", "-proj-", 60 * "a_"),
    ("sk", "-", 48 * "a"),
    ("sk", "-ant-api03-", 40 * "a"),
    ("glp", "at-", 20 * "a"),
    ("sk", "_live_", 24 * "a"),
    ("pyp", "i-", 60 * "a"),
    ("hf", "_", 34 * "a"),
    ("AIz", "a", 35 * "b"),
    ("xox", "b-123456789012-", 24 * "a"),
    ("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----\n\n", 60 * "a"),
    ("-----BEGIN RSA ", "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn"),
    ("postgres", "://ada:", "Kd93jfl2", "@db.host.io/x"),
)
NO_KEYS = (
    "https://a.example/sk-learn-how-to-build-pipelines-that-last",
    "AWS_KEY = 'AKIA" + "IOSFODNN7EXAMPLE'",
    "http://me:secret" + "@localhost:8000/",
    "http://me:secret" + "@shop.example/page",
    "postgres://ada:${PASSWORD}" + "@db.host.io/x",
    "password = 'hunter2'",
    "sha256: 16320c9c1ec72448db59aa0a26a0b95401046bef5d02fd3aeb906448e3055e91",
    "It begins with -----BEGIN RSA PRIVATE KEY-----, as a rule.",
)


@pytest.mark.parametrize("parts", KEYS)
def test_keys_of_known_kinds(parts):
    assert list(secrets.keys(f"token='{''.join(parts)}'\n".encode()))


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_is_no_key(text):
    assert list(secrets.keys(f"x = 1\n{text}\n".encode())) == []


def test_no_file_of_the_template_is_taken_for_a_secret():
    for part in TEMPLATE_PARTS:
        place = ROOT / part
        for file in files(place).values() if place.is_dir() else [place]:
            assert list(secrets.keys(file.read_bytes())) == [], file


def test_a_key_of_an_earlier_commit_is_found_on_every_branch(finished):
    put("notes é.txt", KEY.encode(), "now")(finished)
    (finished / "notes é.txt").unlink()
    commit(finished)
    item = found(finished)["secrets"]
    assert (item.status, item.reason) == ("fail", "`notes é.txt` of an earlier commit")
    assert "git filter-repo" in item.remedy
    subprocess.run(["git", "branch", "kept"], cwd=finished, check=True)
    subprocess.run(["git", "reset", "-q", "--hard", "HEAD~2"], cwd=finished, check=True)
    assert found(finished)["secrets"].status == "fail"
    put("revoked.txt", f"{KEY}  # pragma: allowlist secret\n".encode())(finished)
    assert found(finished)["secrets"].status == "pass"
    put("other.txt", f"{KEY[:-1]}x\n".encode())(finished)
    assert found(finished)["secrets"].reason == "`other.txt`"


def test_a_shallow_clone_says_that_it_does_not_know(finished, tmp_path):
    commit(finished, "Another")
    shallow = tmp_path / "shallow"
    command = ["git", "clone", "-q", "--depth", "1", finished.as_uri(), str(shallow)]
    subprocess.run(command, check=True)
    item = found(shallow)["history"]
    assert (item.status, "fetch-depth: 0" in item.remedy) == ("unknown", True)
    assert "unknown: git does not know" in run(shallow).output


def test_without_git_files_are_judged_all_the_same(finished):
    shutil.rmtree(finished / ".git")
    assert {name for name, one in statuses(finished).items() if one != "pass"} == {"git"}
    put("notes.txt", KEY.encode())(finished)
    put(".venv/big.bin", bytes(10_000_001))(finished)
    put("big.bin", bytes(10_000_001))(finished)
    assert found(finished)["secrets"].reason == "`notes.txt`"
    assert found(finished)["sizes"].reason == "`big.bin` has 10 MB and would come into git"


def test_what_is_no_fault(finished):
    put("data/README.md", b"# Data\n\n`telco.csv.gz` is IBM's, under Apache-2.0.\n")(finished)
    put("data/telco.csv.gz", b"x")(finished)
    put("data/.gitkeep", b"")(finished)
    put(".gitattributes", b"*.bin filter=lfs\n")(finished)
    put("big.bin", bytes(10_000_001))(finished)
    put("LICENSE", "By Zo\xeb\n".encode("latin-1"))(finished)
    put("notes.md", b"A heading\n=======\n\n<<<<<<< is how a conflict begins.\n")(finished)
    add(f"<img src='LICENSE' ALT=\"it's > nothing\"> ![a](data:image/png;base64,{900 * 'A'})")(
        finished
    )
    add("<!-- *Write here.* --> `![](none.png)` \\[a\\](none)\n\n```\n![](none.png)\n```")(finished)
    good = ["<LICENSE>", "/LICENSE", "LICENSE?raw=true#top", "../../actions", "mailto:a@b.org"]
    add(" ".join(f"[a]({target})" for target in good))(finished)
    cells(1, 2, text="The data set is small. Data set: telco, not the data set `sample`.")(finished)
    file = finished / "README.md"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert {name: one for name, one in statuses(finished).items() if one != "pass"} == {}
    commit(finished)
    assert {name: one for name, one in statuses(finished).items() if one != "pass"} == {}


def test_a_badge_of_another_repository_is_named(finished):
    add("[![CI](https://x.org/b.svg)](https://github.com/bob/churn/actions)")(finished)
    assert found(finished)["names"].status == "pass"
    remote = ["git", "remote", "add", "origin", "git@github.com:ada/churn.git"]
    subprocess.run(remote, cwd=finished, check=True)
    assert found(finished)["names"].reason == "a badge is that of bob/churn"


def test_web_addresses_are_called_only_if_asked_for(finished, monkeypatch):
    called = []

    def open_(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        called.append(request.full_url)
        if "gone" in request.full_url:
            raise urllib.error.HTTPError(request.full_url, 404, "Not Found", Message(), None)
        if "shy" in request.full_url:
            raise urllib.error.HTTPError(request.full_url, 403, "Forbidden", Message(), None)
        if "off" in request.full_url:
            raise urllib.error.URLError("no such host")
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", open_)
    add("[a](https://gone.example) <https://shy.example> <https://off.example>")(finished)
    add("http://127.0.0.1:8 <http://127.0.0.1:8000/docs>")(finished)
    assert run(finished).exit_code == 0
    assert called == []
    items = json.loads(run(finished, "--json", "--links").output)["projects"][0]["items"]
    (item,) = (one for one in items if one["name"] == "web")
    assert item["reason"] == "https://gone.example; https://off.example"
    assert {URL, "https://shy.example"} < set(called)
    assert not [address for address in called if "127.0.0.1" in address]


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (
            {"model_version": VERSION, "commit": "a" * 40},
            "pass",
            f"version {VERSION}, made at commit aaa",
        ),
        ({"model_version": VERSION, "commit": None}, "pass", f"it serves version {VERSION}"),
        ({"model_version": "f" * 12}, "todo", f"ffffffffffff, here it is {VERSION}"),
        (503, "todo", "/health says 503"),
        (404, "pass", "no server of a model"),
        ("<html>a dashboard</html>", "pass", "no server of a model"),
        (None, "todo", "does not answer"),
    ],
)
def test_what_is_live_is_asked_which_version_it_serves(
    finished, monkeypatch, answer, status, reason
):
    def open_(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        if not request.full_url.endswith("/health"):
            return io.BytesIO()
        if answer is None:
            raise TimeoutError
        if isinstance(answer, int):
            raise urllib.error.HTTPError(request.full_url, answer, "", Message(), None)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return io.BytesIO(text.encode())

    monkeypatch.setattr(urllib.request, "urlopen", open_)
    items = json.loads(run(finished, "--json", "--links").output)["projects"][0]["items"]
    (item,) = (one for one in items if one["name"] == "served")
    assert item["status"] == status
    assert reason in item["reason"]


def test_several_projects_are_judged_one_by_one(finished, tmp_path, monkeypatch):
    other = build(tmp_path, "nlp", title="Mine", live_url=URL)
    commit(other)
    put("notes.txt", KEY.encode())(other)
    done = run(finished, other)
    assert done.exit_code == 1
    first, second = done.output.split("review-sentiment\n")
    assert "Ready to be shown" in first
    assert "`notes.txt`" in second
    assert "## review-sentiment" in run(finished, other, "--markdown").output
    content = json.loads(run(finished, other, "--json").output)
    assert [one["ready"] for one in content["projects"]] == [True, False]
    monkeypatch.chdir(other / "src")
    assert "`notes.txt`" in run().output, "the project that the current folder lies in"


def test_a_cell_of_the_table_holds_any_reason(finished):
    add("[a](a|b)")(finished)
    (row,) = (line for line in run(finished, "--markdown").output.splitlines() if "a\\|b" in line)
    assert row.count(" | ") == 3


def test_what_is_no_project_is_refused_in_one_line(tmp_path):
    for name in (tmp_path, tmp_path / "none"):
        done = run(name)
        assert (done.exit_code, done.output.count("\n")) == (2, 1)
        assert "no project of this template" in done.output


def test_a_project_of_the_first_edition_is_told_to_update(tmp_path):
    root = build(tmp_path, "tabular")
    report("reports/metrics.json", "schema", value=1)(root)
    done = run(root)
    assert done.exit_code == 1
    assert f"portfolio update {root}" in done.output


def test_how_far_it_has_come(finished):
    assert "0 paragraph(s) of the README new" in run(finished).output
    add("One more paragraph.")(finished)
    put("src/churn/mine.py", b"MINE = 1\n")(finished)
    commit(finished)
    said = run(finished).output
    assert "1 paragraph(s) of the README new or changed, 1 file(s) changed" in said
