"""The page around the dashboard's tabs, run without a browser."""

import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from {{ cookiecutter.__package }} import artifacts
from {{ cookiecutter.__package }}.errors import DataError

from .conftest import ROOT


def open_page(project: Path) -> AppTest:
    """Run the page once; whatever goes wrong in it fails the test."""
    page = AppTest.from_file(str(project / "dashboard" / "app.py"), default_timeout=60).run()
    assert not page.exception
    return page


def errors(page: AppTest) -> list[str]:
    """What the page complains of, as people read it."""
    return [unescaped(error.value) for error in page.error]


def unescaped(text: str) -> str:
    """Text without the signs that keep Markdown away."""
    return re.sub(r"\\(.)", r"\1", text)


def test_the_synthetic_sample_says_so(project: Path) -> None:
    assert "made up" in open_page(project).warning[0].value


def test_a_tampered_model_gives_a_message(own_project: Path) -> None:
    current = (own_project / "models" / "current.txt").read_text(encoding="utf-8").strip()
    for model in (own_project / "models" / current).glob("model.*"):
        model.write_bytes(model.read_bytes() + b"!")
    page = open_page(own_project)
    assert "is not the one that was published" in errors(page)[0]
    assert not page.tabs


def test_a_missing_model_gives_a_message(own_project: Path) -> None:
    shutil.rmtree(own_project / "models")
    page = open_page(own_project)
    assert "no model in" in errors(page)[0]
    assert not page.tabs


@pytest.mark.parametrize("content", [b"{", b"[1]", b"[[1, 2, 3]]", b"\xff"])
def test_a_damaged_report_is_named_with_the_stage_that_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "dashboard"))
    from page import read_report

    file = tmp_path / "metrics.json"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"metrics\.json cannot be read: .* `evaluate` stage"):
        read_report(file, "evaluate")


def test_a_title_is_shown_as_it_is_written(own_project: Path) -> None:
    title = "5 $ *off* [x](y) :smile: <b>_z_</b>"
    models = own_project / "models"
    version = artifacts.load_current(models)
    artifacts.publish(models, version.model, {**version.metadata, "title": title}, ())
    shown = open_page(own_project).title[0].value
    assert unescaped(shown) == title
    assert not re.search(r"(?<!\\)[$*\[:<_]", shown), "Markdown reads it as more than text"
