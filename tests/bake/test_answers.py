"""Any answers at all: refused with a reason, or a project in which every file parses.

Examples are derived from the tests themselves, the same at each run, without a deadline.
"""

import json
import tomllib
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.generate import generate_context
from cookiecutter.main import cookiecutter
from cookiecutter.prompt import prompt_for_config
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support import RECORD, ROOT, contents, load_hook, parse_errors

pytestmark = pytest.mark.project  # for its seconds: left out of the fast tier

pre = load_hook("pre_gen_project")

NASTY = "\"'\\{}[]()<>&#|`*_~$%@!:;,=+-/?^. \n\t\x00\u2028éßñ漢字مرحبا🚀👩\u200d\u202e"
free_text = st.one_of(
    st.text(alphabet=NASTY, max_size=12),
    st.text(max_size=20),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20),
)
seen_text = st.text(
    st.sampled_from([letter for letter in NASTY if letter.isprintable()])
    | st.characters(categories=("L", "N", "P", "S")),
    min_size=1,
    max_size=20,
).filter(str.strip)
names = st.one_of(
    st.text(alphabet="abz019_-./\\ A\n", max_size=25),
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,24}", fullmatch=True),
    st.sampled_from(["pandas", "scikit_learn", "nul", "com1"]),
    st.text(max_size=10),
)
good_slugs = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?", fullmatch=True)
good_users = st.from_regex(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,2}", fullmatch=True)

any_answers = st.fixed_dictionaries(
    {
        "project_name": free_text,
        "project_slug": names,
        "author_name": free_text,
        "github_username": names | free_text,
        "currency": st.sampled_from(sorted(pre.CURRENCIES)) | free_text,
    }
)
# Answers that get through, but for a library's name now and then.
good_answers = st.fixed_dictionaries(
    {
        "project_name": seen_text,
        "project_slug": good_slugs,
        "author_name": seen_text,
        "license": st.sampled_from(["MIT", "BSD-3-Clause", "Apache-2.0"]),
        "currency": st.sampled_from(sorted(pre.CURRENCIES)),
    },
    optional={"github_username": good_users},
)


def refusals(answers: dict[str, str]) -> list[str]:
    """Return the lines that refuse the given answers; the others keep their defaults."""
    lines = pre.problems(answers)
    return [line for line in lines if line.split()[0] in answers]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(any_answers)
def test_answers_are_refused_with_a_reason_or_safe(answers: dict[str, str]) -> None:
    refused = {line.split()[0]: line for line in pre.problems(answers)}
    for name, line in refused.items():
        assert len(line.splitlines()) == 1
        assert line.startswith(f"{name} {answers[name]!r} ")

    slug = answers["project_slug"]
    if "project_slug" not in refused:
        assert Path(slug).name == slug == slug.lower()
        assert slug.isascii()
        assert slug.strip(".- ") == slug
    for name in {"project_name", "author_name"} - refused.keys():
        assert answers[name].strip()
        # Nothing that ends a line or that TOML, YAML and JSON cannot hold.
        assert len(answers[name].splitlines()) == 1
        assert min(answers[name]) >= " "
        answers[name].encode("utf-8")


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seen_text)
@example("Étude: clients & churn")
def test_slug_made_from_a_name_is_good_or_reserved(name: str) -> None:
    assume(not any(mark in name for mark in ("{{", "{%", "{#")))
    context = generate_context(
        str(ROOT / "cookiecutter.json"), extra_context={"project_name": name}
    )
    slug = prompt_for_config(context, no_input=True)["project_slug"]
    reason = pre.check_slug(slug)
    assert reason is None or "is the name of" in reason


def visible_texts(markdown: str) -> list[str]:
    """Return what a reader sees of each line of text in a Markdown file, headings first."""
    tokens = MarkdownIt().parse(markdown)
    plain = {"text", "softbreak"}
    lines = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline":
            seen = "".join(child.content for child in token.children if child.type in plain)
            lines.insert(0 if before.tag == "h1" else len(lines), seen)
    return lines


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> dict[str, bytes]:
    """The Python source of a project of which nothing was asked."""
    return sources(generate(tmp_path_factory.mktemp("plain"), {}))


def generate(home: Path, answers: dict[str, str]) -> Path:
    """Generate a project in process, in `home`/out, without the user's own configuration."""
    # Under --no-input cookiecutter itself evaluates double braces, before any hook.
    if any(mark in text for text in answers.values() for mark in ("{{", "{%", "{#")):
        reject()
    config = {"replay_dir": str(home / "replay"), "cookiecutters_dir": str(home / "cloned")}
    (home / "out").mkdir()
    made = cookiecutter(
        str(ROOT),
        no_input=True,
        extra_context=answers,
        output_dir=str(home / "out"),
        default_config=config,
    )
    return Path(made)


@settings(max_examples=6, derandomize=True, deadline=None)
@given(good_answers)
@example(
    {
        "project_slug": "a",
        "project_name": '"It\'s" {50 %} \\ off',
        "author_name": 'Zoë \\"O\'Hara" 👩\u200d🚀 } {',
    }
)
@example(
    {
        "project_slug": "a",
        "project_name": "# *Not* `code` <b>",
        "author_name": "مرحبا \u202eabc {x} \\",
    }
)
@example(
    {
        "project_slug": "a",
        "project_name": "[a](b) &amp; ~~c~~ $d$ _e_ | f",
        "author_name": "- 1. : ' # & * ! % @",
    }
)
def test_baked_answers_parse_and_arrive_intact(tmp_path_factory, plain, answers) -> None:
    check_baked(tmp_path_factory.mktemp("answers"), answers, plain)


@pytest.mark.slow
@settings(max_examples=1_000, derandomize=True, deadline=None)
@given(good_answers)
def test_many_more_baked_answers(tmp_path_factory, plain, answers) -> None:
    check_baked(tmp_path_factory.mktemp("answers"), answers, plain)


def check_baked(folder: Path, answers: dict[str, str], plain: dict[str, bytes]) -> None:
    """Bake answers that are not refused; all must parse, and free text arrive unchanged."""
    assume(not refusals(answers))
    project = generate(folder, answers)

    assert parse_errors(project) == {}
    name, author = answers["project_name"], answers["author_name"]
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert table["authors"][0]["name"] == author
    record = json.loads((project / RECORD).read_text(encoding="utf-8"))
    assert record["context"]["cookiecutter"].items() >= answers.items()
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert visible_texts(readme)[0] == name.strip()
    assert sources(project) == plain, "free text stays out of Python source"


def sources(project: Path) -> dict[str, bytes]:
    """The bytes of every Python file."""
    return {name: text for name, text in contents(project).items() if name.endswith(".py")}


@settings(max_examples=10, derandomize=True, deadline=None)
@given(st.fixed_dictionaries({"author_name": free_text, "github_username": names}))
def test_refused_answers_leave_nothing(tmp_path_factory, answers) -> None:
    assume(refusals(answers))
    home = tmp_path_factory.mktemp("refused")
    with pytest.raises(FailedHookException):
        generate(home, answers)
    assert list((home / "out").iterdir()) == []


def test_typed_answers_may_hold_double_braces(run, tmp_path: Path) -> None:
    """What is typed at a prompt is not evaluated; a replay file brings it in unevaluated too."""
    run(
        "cookiecutter", ROOT, "--no-input", "domain=tabular", "-o", tmp_path / "first", cwd=tmp_path
    )
    (replay,) = (tmp_path / "home" / "replay").glob("*.json")
    answers = json.loads(replay.read_text(encoding="utf-8"))
    typed = "{{ 7 * 7 }} {% raw %} {# no #}"
    answers["cookiecutter"] |= {"author_name": typed, "project_name": typed}
    replay.write_text(json.dumps(answers), encoding="utf-8")
    run("cookiecutter", ROOT, "--replay-file", replay, "-o", tmp_path / "second", cwd=tmp_path)
    project = tmp_path / "second" / "customer-churn"
    assert parse_errors(project) == {}
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert table["authors"][0]["name"] == typed
    assert visible_texts((project / "README.md").read_text(encoding="utf-8"))[0] == typed
