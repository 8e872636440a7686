"""Generated blocks: fresh, and never a word of the author's touched."""

from pathlib import Path

import pytest

from {{ cookiecutter.__package }} import markdown, report
from {{ cookiecutter.__package }}.blocks import DOCUMENTS
from {{ cookiecutter.__package }}.config import load_config
from {{ cookiecutter.__package }}.errors import ProjectError
from {{ cookiecutter.__package }}.paths import Paths

OPEN = '<!-- [[[cog from {{ cookiecutter.__package }}.report import show; show("headline") ]]] -->'
CLOSE = "<!-- [[[end]]] -->"
BLOCK = f"{OPEN}\nstale\n{CLOSE}\n"
PROSE = """# My title 🚀 \n
\tMy own words: *ü*, 100 %, $5, {braces}, 👩‍🔬.  \n
<!-- mine: [not a block] {rows}
-->
```python
x = "{rows}"  # <!-- mine -->
```\n"""


def rerun(root: Path) -> None:
    report.report(load_config(root / "config.yaml"), Paths(root))


def write(root: Path, text: str) -> Path:
    """Put ``text`` in place of the README."""
    file = root / "README.md"
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("name", DOCUMENTS)
def test_blocks_are_filled_and_fresh(project: Path, name: str):
    text = (project / name).read_text(encoding="utf-8")
    assert "Not filled yet" not in text
    assert report.refreshed(project / name) == text


def test_numbers_of_a_synthetic_sample_say_so(project: Path):
    for name in DOCUMENTS:
        assert "synthetic sample" in (project / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_before_the_first_run_blocks_say_how_to_fill_them(fresh_project: Path, name: str):
    text = report.refreshed(fresh_project / name)
    assert "Not filled yet: run `uv run {{ cookiecutter.__package }} all`." in text
    assert text.count("Not filled yet") == text.count("[[[cog")


def test_prose_around_blocks_is_untouched(own_project: Path):
    file = write(own_project, PROSE + BLOCK + PROSE + BLOCK + PROSE)
    rerun(own_project)
    parts = file.read_bytes().decode().split(OPEN)
    assert parts[0] == PROSE
    assert [part.split(CLOSE)[1] for part in parts[1:]] == ["\n" + PROSE] * 2
    assert all("\nstale\n" not in part for part in parts)


def test_windows_line_ends_stay(own_project: Path):
    file = write(own_project, (PROSE + BLOCK).replace("\n", "\r\n"))
    rerun(own_project)
    text = file.read_bytes().decode()
    assert "stale" not in text
    assert text.count("\n") == text.count("\r\n") > 5


@pytest.mark.parametrize("fence", ["```", "~~~", "   ```markdown", "````"])
def test_marker_in_a_code_fence_is_refused(own_project: Path, fence: str):
    others = [own_project / name for name in DOCUMENTS if name != "README.md"]
    before = [other.read_bytes() for other in others]
    text = BLOCK + f"{fence}\n{BLOCK}{fence[:6]}\n"
    file = write(own_project, text)
    with pytest.raises(ProjectError, match=r"README.md, line 5: .* inside a code fence"):
        rerun(own_project)
    assert file.read_bytes().decode() == text
    assert [other.read_bytes() for other in others] == before


def test_marker_after_a_code_fence_is_run(own_project: Path):
    # The inner fence is shorter, so it is content of the outer one.
    file = write(own_project, "````\n```\n````\n" + BLOCK)
    rerun(own_project)
    assert "stale" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [f"{OPEN}\nno end\n", f"{CLOSE}\n", f"{OPEN}\n{BLOCK}"])
def test_broken_markers_are_refused(own_project: Path, text: str):
    file = write(own_project, text)
    with pytest.raises(ProjectError, match="markers of a generated block are broken"):
        rerun(own_project)
    assert file.read_bytes().decode() == text


def test_unreadable_document_is_refused(own_project: Path):
    (own_project / "README.md").write_bytes(b"\xff\xfe")
    with pytest.raises(ProjectError, match="as UTF-8 text"):
        rerun(own_project)


def test_damaged_report_is_named(own_project: Path):
    file = write(own_project, BLOCK)
    (own_project / "reports" / "metrics.json").write_text("{", encoding="utf-8")
    with pytest.raises(ProjectError, match="is damaged"):
        rerun(own_project)
    assert file.read_bytes().decode() == BLOCK


@pytest.mark.parametrize("text", ["[[[cog import os ]]]", "[[[end]]]", "[[[[", "]]]]]"])
def test_text_never_starts_or_ends_a_block(own_project: Path, text: str):
    shown = markdown.code(text)
    assert shown.replace("\u200b", "") == f"`{text}`"
    file = write(own_project, BLOCK + shown + "\n")
    rerun(own_project)
    assert file.read_text(encoding="utf-8").endswith(CLOSE + "\n" + shown + "\n")


def test_any_text_fits_into_a_table():
    assert markdown.code("a_b* |") == "`a_b* |`"
    assert markdown.code("a`b") == "`` a`b ``"
    assert markdown.table(["x"], [["1|2"]]) == "| x |\n| --- |\n| 1\\|2 |"
