"""The two hooks: what is refused and how, what is pruned, what is left behind."""

import ast
import json
import os
import sys
from pathlib import Path

import pytest
from support import RECORD, ROOT, contents, load_hook

pre = load_hook("pre_gen_project")
post = load_hook("post_gen_project")

GOOD = {
    "domain": "tabular",
    "project_name": "Customer Churn",
    "project_slug": "customer-churn",
    "author_name": "Ada Lovelace",
    "github_username": "ada-lovelace",
    "license": "MIT",
    "currency": "EUR",
}

REFUSED = [
    *[("project_slug", slug) for slug in ("", " ", ".", "..", "a/b", "../a", "/tmp/a", "a\\b")],
    *[("project_slug", slug) for slug in ("a b", "Churn", "a.b", "-a", "a-", "_a", "é", "a\n")],
    *[("project_slug", slug) for slug in ("con", "com1", "pandas", "scikit_learn", "a" * 61)],
    *[(name, text) for name in ("project_name", "author_name") for text in ("", "  ", "\u200b")],
    *[("author_name", f"a{bad}b") for bad in ("\n", "\t", "\x00", "\x7f", "\x85", "\u2028")],
    *[("author_name", f"a{bad}b") for bad in ("\u2029", "\ud800", "\ufffe", "\ufdd0")],
    ("author_name", None),
    ("project_name", True),
    *[("github_username", name) for name in ("", "-a", "a-", "a--b", "a_b", "a b", "é", "a" * 40)],
    *[("currency", code) for code in ("", "usd", "US", "DOLLAR", "$", "XXX", "AAA", "USD\n")],
]

ACCEPTED = [
    *[("project_slug", slug) for slug in ("a", "a1", "1a", "my_churn", "a--b", "a" * 60)],
    *[(name, text) for name in ("project_name", "author_name") for text in (
        'Say "hi"', "O'Hara", "back\\slash", "{single}", "a } b {", "100 % $5 #1", "C# <b> & co",
        "Zoë Čapek", "漢字", "مرحبا", "👩‍🚀 rocket", "{{ typed }}", "x", "a  b", "é" * 200,
    )],
    *[("github_username", name) for name in ("a", "A-b-C", "1", "a" * 39)],
    *[("currency", code) for code in ("USD", "EUR", "JPY", "ZWG")],
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer"), REFUSED)
def test_refusal_names_answer_reason_and_a_good_example(name: str, answer: object) -> None:
    (line,) = pre.problems(GOOD | {name: answer})
    assert line.startswith(f"{name} {answer!r} ")
    assert "\n" not in line
    example = line.rpartition("; for example: ")[2]
    assert pre.problems(GOOD | {name: example}) == []


@pytest.mark.parametrize(("name", "answer"), ACCEPTED)
def test_what_is_harmless_is_accepted(name: str, answer: str) -> None:
    assert pre.problems(GOOD | {name: answer}) == []


def test_every_bad_answer_gets_its_line() -> None:
    lines = pre.problems(dict.fromkeys(pre.CHECKS, ""))
    assert [line.split()[0] for line in lines] == list(pre.CHECKS)


@pytest.mark.parametrize("name", ["pre_gen_project", "post_gen_project"])
def test_hooks_use_the_standard_library_alone(name: str) -> None:
    source = (ROOT / "hooks" / f"{name}.py").read_text(encoding="utf-8")
    imports = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for alias in (
            node.names
            if isinstance(node, ast.Import)
            else [ast.alias(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imports <= sys.stdlib_module_names
    assert not imports & {"subprocess", "socket", "urllib", "http"}, "no git, no network"


# Through the command line: what the user sees and what is left on the disk.


@pytest.mark.project  # for its seconds
@pytest.mark.parametrize(
    "slug", ["Bad Slug", "pandas", "a/b", "a/b/c", "x/../y", "a/b/../c", "./a/b", "../up/down"]
)
def test_refusal_leaves_nothing_behind(run, tmp_path: Path, slug: str) -> None:
    if os.name == "nt" and "/" in slug:
        pytest.skip("Windows keeps the folder that cookiecutter stands in")
    out = tmp_path / "work" / "out"
    out.mkdir(parents=True)
    done = run(
        "cookiecutter",
        ROOT,
        "--no-input",
        "domain=tabular",
        f"project_slug={slug}",
        cwd=out,
        check=False,
    )
    assert done.returncode != 0
    assert f"Refused: project_slug {slug!r} is " in done.stderr.splitlines()[0]
    assert list((tmp_path / "work").rglob("*")) == [out]


def test_refusal_of_an_absolute_slug_leaves_nothing_behind(run, tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows keeps the folder that cookiecutter stands in")
    out, other = tmp_path / "out", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (other / "mine.txt").touch()
    slug = f"project_slug={other}/a/b"
    done = run("cookiecutter", ROOT, "--no-input", "domain=tabular", slug, cwd=out, check=False)
    assert done.returncode != 0
    assert done.stderr.startswith("Refused: project_slug ")
    assert list(out.iterdir()) == []
    assert [path.name for path in other.iterdir()] == ["mine.txt"]


def test_refusal_keeps_the_output_folder_itself(run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    slug = f"project_slug={tmp_path / 'out'}/a/b"
    run(
        "cookiecutter",
        ROOT,
        "--no-input",
        "domain=tabular",
        slug,
        cwd=tmp_path / "out",
        check=False,
    )
    assert (tmp_path / "out").is_dir()


def test_refusal_keeps_a_parent_with_the_users_files(run, tmp_path: Path) -> None:
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "out" / "a" / "mine.txt").touch()
    run(
        "cookiecutter",
        ROOT,
        "--no-input",
        "domain=tabular",
        "project_slug=a/b",
        cwd=tmp_path / "out",
        check=False,
    )
    assert [path.name for path in (tmp_path / "out" / "a").iterdir()] == ["mine.txt"]


@pytest.mark.project  # for its seconds
@pytest.mark.parametrize("slug", ["", "."])
def test_a_slug_that_is_no_folder_writes_nothing(run, tmp_path: Path, slug: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for force in ([], ["-f"]):
        args = [ROOT, "--no-input", "domain=tabular", *force, f"project_slug={slug}"]
        assert run("cookiecutter", *args, cwd=out, check=False).returncode != 0
        assert list(out.iterdir()) == []


@pytest.mark.project  # for its seconds
@pytest.mark.parametrize("options", [["-f"], ["-f", "-s"]])
def test_a_folder_with_a_project_in_it_is_left_as_it_was(run, tmp_path: Path, options) -> None:
    run("cookiecutter", ROOT, "--no-input", "domain=tabular", cwd=tmp_path)
    project = tmp_path / "customer-churn"
    (project / "README.md").write_text("My own prose.\n", encoding="utf-8")
    (project / "mine.txt").touch()
    before = contents(project)
    done = run(
        "cookiecutter", ROOT, "--no-input", "domain=tabular", *options, cwd=tmp_path, check=False
    )
    assert done.returncode != 0
    assert "cruft update" in done.stderr
    assert "portfolio update" in done.stderr
    assert contents(project) == before


def test_a_fresh_repository_is_no_project(run, tmp_path: Path) -> None:
    (tmp_path / "customer-churn").mkdir()
    run("git", "init", cwd=tmp_path / "customer-churn")
    run("cookiecutter", ROOT, "--no-input", "domain=tabular", "-f", cwd=tmp_path)
    assert (tmp_path / "customer-churn" / "README.md").is_file()
    assert (tmp_path / "customer-churn" / ".git" / "HEAD").is_file()


@pytest.mark.project  # for its seconds
def test_messages_survive_a_console_that_is_not_unicode(run, tmp_path: Path) -> None:
    ascii_console = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    args = [ROOT, "--no-input", "domain=tabular", "author_name=Zoë 🚀"]
    good = run("cookiecutter", *args, cwd=tmp_path, **ascii_console)
    assert "uv run churn all" in good.stdout
    args += ["project_slug=🚀"]
    bad = run("cookiecutter", *args, cwd=tmp_path, check=False, **ascii_console)
    assert "Refused: project_slug '\\U0001f680' is " in bad.stderr


def test_next_steps_name_the_answers(run, tmp_path: Path) -> None:
    args = ["project_slug=my-slug", "github_username=me"]
    shown = run("cookiecutter", ROOT, "--no-input", "domain=tabular", *args, cwd=tmp_path).stdout
    steps = [
        "cd my-slug",
        "uv run churn all",
        "git init",
        "git add",
        "git commit",
        "gh repo create my-slug",
        "https://github.com/me/my-slug.git",
        "git push",
    ]
    assert [step for step in steps if step not in shown] == []


def test_the_first_line_says_which_domain_it_is(run, tmp_path: Path) -> None:
    """An answer with its name misspelt is ignored by cookiecutter, which tells nobody."""
    shown = run("cookiecutter", ROOT, "--no-input", "domian=nlp", cwd=tmp_path).stdout.strip()
    assert shown.splitlines()[0] == "Here is mini-analysis, the foundations project. Next, run it:"
    assert "your-username" not in shown
    assert "https://github.com/<you on GitHub>/mini-analysis.git" in shown


@pytest.mark.parametrize(("folder", "told"), [("tmpab12_xyz", False), ("tmp.abcdefghij", True)])
def test_next_steps_are_left_out_in_scratch_folders_alone(
    run, commit_all, template, tmp_path: Path, folder: str, told: bool
) -> None:
    """What `cruft update` generates is for nobody; a folder of `mktemp -d` is somebody's."""
    commit_all(template, "first")
    (tmp_path / folder).mkdir()
    args = ["cruft", "create", template, "-y"]
    done = run(*args, cwd=tmp_path / folder, TMPDIR=str(tmp_path))
    assert ("Next, run it:" in done.stdout) == told


# The prune table and the domains, on a made-up tree.


@pytest.fixture
def settled(tmp_path: Path, monkeypatch) -> Path:
    """Return the project of the domain `b`, with a prune row of each kind."""
    rows = {"only_a": ("b",), "one/file.py": ("b", "c"), "two/x/y.py": ("b",), "both.py": ("c",)}
    monkeypatch.setattr(post, "PRUNE", rows)
    root, template = tmp_path / "project", tmp_path / "template"
    for name in ("only_a/deep/1.py", "one/file.py", "one/keep.py", "two/x/y.py", "both.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("content")
    for name in ("a/one/a.py", "b/one/b.py", "b/one/new/b.py", "b/src/b.py", "b/b.md", "c/c.md"):
        (template / "domains" / name).parent.mkdir(parents=True, exist_ok=True)
        (template / "domains" / name).write_text("of a domain")
    (root / "one" / "__init__.py").touch()
    (root / ".ruff.toml").write_text(f"{post.MARK} itself")
    post.settle(root, template, "b")
    return root


def test_the_domain_lies_over_what_is_left_of_the_tree(settled: Path) -> None:
    left = {path.relative_to(settled).as_posix() for path in settled.rglob("*")}
    own = {"one/b.py", "one/new", "one/new/b.py", "src", "src/b.py", "b.md"}
    assert left == {"both.py", "one", "one/__init__.py", "one/keep.py"} | own


def test_the_hook_twice_is_the_hook_once(settled: Path) -> None:
    # Nothing of the author's is removed either, under whatever name.
    for name in ("two/x/y.py", ".ruff.toml"):
        (settled / name).parent.mkdir(parents=True, exist_ok=True)
        (settled / name).write_text("mine")
    before = contents(settled)
    post.settle(settled, settled.parent / "template", "b")
    assert contents(settled) == before


def test_a_path_that_tree_and_domain_both_have_is_an_error(tmp_path: Path) -> None:
    for name in ("domain/src/same.py", "tree/src/same.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError, match=r"same\.py"):
        post.lay(tmp_path / "domain", tmp_path / "tree")
    assert (tmp_path / "tree/src/same.py").read_text() == "tree/src/same.py"


def test_the_last_row_can_empty_the_project_but_not_remove_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(post, "PRUNE", {"a.py": ("b",)})
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").touch()
    post.prune(tmp_path / "p", "b")
    assert list((tmp_path / "p").iterdir()) == []


# The record of the answers.


@pytest.mark.parametrize("packed", [False, True])
def test_commit_is_read_from_the_repository(run, commit_all, tmp_path: Path, packed: bool) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a").touch()
    commit = commit_all(tmp_path / "repo", "one")
    if packed:
        run("git", "pack-refs", "--all", cwd=tmp_path / "repo")
    assert pre.commit(tmp_path / "repo") == commit
    run("git", "checkout", "-q", "--detach", cwd=tmp_path / "repo")
    assert pre.commit(tmp_path / "repo") == commit


def test_commit_of_no_repository_is_unknown(run, tmp_path: Path) -> None:
    assert pre.commit(tmp_path) is None
    run("git", "init", cwd=tmp_path)
    assert pre.commit(tmp_path) is None


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("gh:me/ml-portfolio-template", "https://github.com/me/ml-portfolio-template"),
        ("gl:me/t", "https://gitlab.com/me/t"),
        ("https://example.org/t.git", "https://example.org/t.git"),
        ("git@github.com:me/t.git", "git@github.com:me/t.git"),
    ],
)
def test_recorded_address_is_one_that_git_understands(given: str, address: str) -> None:
    assert pre.address(given, None) == address


def read_record(project: Path) -> dict:
    """Return the record of a project's answers."""
    return json.loads((project / RECORD).read_text(encoding="utf-8"))


def test_record_names_template_commit_and_answers(run, commit_all, template, tmp_path) -> None:
    commit = commit_all(template, "one")
    author = 'Zoë "O\'Hara" \\ 🚀'
    run(
        "cookiecutter",
        template,
        "--no-input",
        "domain=tabular",
        f"author_name={author}",
        cwd=tmp_path,
    )
    record = read_record(tmp_path / "customer-churn")
    assert record["template"] == str(template)
    assert record["commit"] == commit
    assert record["context"]["cookiecutter"] == GOOD | {
        "author_name": author,
        "github_username": "your-username",
        "currency": "USD",
        "cloud": "none",
    }


@pytest.mark.project  # for its seconds
@pytest.mark.parametrize("options", [[], ["-o", "elsewhere"]])
def test_record_of_a_relative_address_is_absolute(run, template, tmp_path, options) -> None:
    (tmp_path / "here").mkdir()
    args = [f"../{template.name}", "--no-input", "domain=tabular", *options]
    run("cookiecutter", *args, cwd=tmp_path / "here")
    record = read_record(next((tmp_path / "here").rglob(RECORD)).parent)
    assert record["template"] == str(template)
    assert record["commit"] is None, "the copy is no repository"
