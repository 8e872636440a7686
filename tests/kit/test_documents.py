"""Generated blocks: fresh, and never a word of the author's touched."""

from pathlib import Path

import pytest
from kit import ProjectError, documents

BLOCK = "<!-- money -->\nstale\n<!-- /money -->\n"
PROSE = """# My title 🚀 \n
\tMy own words: *ü*, 100 %, $5, {braces}, \\1, 👩‍🔬.  \n
<!-- mine: [not a block] {rows}
-->
```python
x = "{rows}"  # <!-- mine -->
```\n"""


def test_prose_around_blocks_is_untouched():
    text = documents.fill(PROSE + BLOCK + PROSE, {"money": "\\1 fresh\n"}, "README.md")
    assert text == PROSE + "<!-- money -->\n\\1 fresh\n<!-- /money -->\n" + PROSE


def test_windows_line_ends_become_those_of_the_repository(tmp_path: Path):
    file = tmp_path / "README.md"
    file.write_bytes((PROSE + BLOCK).replace("\n", "\r\n").encode())
    documents.update({file: {"money": "a\nb"}}, check=False)
    assert file.read_bytes().decode() == (PROSE + BLOCK).replace("stale", "a\nb")


@pytest.mark.parametrize(
    "text",
    [
        "no block\n",
        "<!-- money -->\nno end\n",
        "<!-- /money -->\n",
        BLOCK + BLOCK,
        "<!-- money -->\n<!-- data -->\n<!-- /data -->\n<!-- /money -->\n",
    ],
)
def test_broken_markers_are_refused(text: str):
    with pytest.raises(ProjectError, match=r"README.md: expected one block"):
        documents.fill(text, {"money": "fresh"}, "README.md")


def test_one_bad_document_changes_none(tmp_path: Path):
    good, bad = tmp_path / "README.md", tmp_path / "MODEL_CARD.md"
    good.write_bytes(BLOCK.encode())
    bad.write_bytes(b"no block\n")
    blocks = {good: {"money": "fresh"}, bad: {"money": "fresh"}}
    with pytest.raises(ProjectError, match=r"MODEL_CARD.md"):
        documents.update(blocks, check=False)
    assert good.read_bytes() == BLOCK.encode()


def test_check_writes_nothing_and_ends_with_one(tmp_path: Path):
    file = tmp_path / "README.md"
    file.write_bytes(BLOCK.encode())
    with pytest.raises(ProjectError, match=r"README.md and reports/ part") as error:
        documents.update({file: {"money": "fresh"}}, check=True)
    assert error.value.exit_code == 1
    assert file.read_bytes() == BLOCK.encode()
    assert documents.update({file: {"money": "fresh"}}, check=False) == [file]
    assert documents.update({file: {"money": "fresh"}}, check=True) == []


def test_unreadable_document_is_refused(tmp_path: Path):
    (tmp_path / "README.md").write_bytes(b"\xff\xfe")
    with pytest.raises(ProjectError, match="as UTF-8 text"):
        documents.update({tmp_path / "README.md": {}}, check=False)


def test_names_from_data_cannot_end_a_block():
    fresh = documents.code("<!-- /money -->")
    text = documents.fill(BLOCK, {"money": fresh}, "README.md")
    assert documents.fill(text, {"money": fresh}, "README.md") == text


def test_any_text_fits_into_a_table():
    assert documents.code("a_b* |") == "`a_b* |`"
    assert documents.code("a`b") == "`` a`b ``"
    assert documents.table(["x"], [["1|2"]]) == "| x |\n| --- |\n| 1\\|2 |"


def test_what_is_not_defined_has_no_interval():
    assert documents.interval({"value": None, "low": None, "high": None}) == "not defined"
    assert documents.interval({"value": 0.5, "low": 0.4, "high": 0.61}) == "0.500 (0.400 to 0.610)"


@pytest.mark.parametrize(
    ("value", "width", "shown"),
    [
        (153_482.2, 71_000, "150,000"),
        (0.0231, 0.005, "0.02"),
        (-1_234.5, 100, "-1,230"),
        (12.0, 0.0, "12"),
    ],
)
def test_money_is_rounded_to_what_its_interval_deserves(value: float, width: float, shown: str):
    assert documents.amount(value, width) == shown


def test_pictures_of_one_role_stand_side_by_side():
    entries = [{"role": role, "alt": "Saved", "file": f"{role}.png"} for role in "aab"]
    shown = documents.pictures(entries)
    assert shown["b"] == "![Saved](b.png)"
    assert shown["a"].startswith("| ![Saved](a.png) | ![Saved](a.png) |\n")


def test_the_receipt_is_told_in_a_line():
    receipt = {
        "lines": 1_205,
        "rows_read": 1_200,
        "rows_kept": 1_180,
        "dropped": [{"reason": "a total", "rows": 20}],
        "columns": [{"kind": "number"}, {"kind": "left out"}, {"kind": "number"}],
        "target": {
            "Y|es": {"class": "left", "rows": 180},
            "No": {"class": "stayed", "rows": 1_000},
        },
    }
    assert documents.told(receipt) == (
        "Read: 1,205 lines, 1,200 rows, 1,180 kept, 20 not (a total); 2 number, 1 left out; "
        "`Y|es` is left (180), `No` is stayed (1,000)."
    )
    bare = {"rows_read": 9, "rows_kept": 9, "dropped": [], "columns": [], "target": None}
    assert documents.told(bare) == "Read: 9 rows, 9 kept."
