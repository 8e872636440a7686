"""The page around the tabs, and what all tabs use."""

import re
from collections.abc import Callable
from math import floor, log10
from pathlib import Path
from typing import Any

import streamlit as st

from {{ cookiecutter.__package }}.errors import DataError, ProjectError
from {{ cookiecutter.__package }}.files import read_json
from {{ cookiecutter.__package }}.paths import Paths
from {{ cookiecutter.__package }}.predictor import Predictor

BLUE, ORANGE, GREY = "#2563eb", "#ea580c", "#6b7280"

Tab = Callable[[Predictor], None]


def draw(paths: Paths, tabs: dict[str, Tab]) -> None:
    """Draw the page with its tabs, or say why there is nothing to draw."""
    try:
        predictor = Predictor.load(paths.models)
    except ProjectError as error:
        st.error(plain(error))
        st.stop()
    title, data = predictor.metadata["title"], predictor.metadata["dataset"]
    st.set_page_config(page_title=title, layout="wide")
    st.title(plain(title))
    if data["synthetic"]:
        st.warning("Synthetic sample: the data is made up, and so are all figures here.")
    st.caption(f"Model {predictor.version}, data set {plain(data['name'])}, {data['rows']:,} rows")
    for place, tab in zip(st.tabs(list(tabs)), tabs.values(), strict=True):
        with place:
            show(tab, predictor)


@st.fragment
def show(tab: Tab, predictor: Predictor) -> None:
    """Draw one tab, and only that one when something on it moves; errors become messages."""
    try:
        tab(predictor)
    except ProjectError as error:
        st.error(plain(error))


def read_report(file: Path, stage: str) -> dict[str, Any] | None:
    """What a stage reported; None, and a message on the page, where it has not run.

    Raises:
        DataError: the report is damaged.
    """
    if not file.exists():
        st.info(f"There are no results to show: run the `{stage}` stage.")
        return None
    try:
        return read_json(file)
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{file} cannot be read: {error}. Restore it from git, or write it anew with the "
            f"`{stage}` stage or the `all` command."
        ) from error


def price_slider(label: str, start: float, top: float | None = None) -> float:
    """A slider from 0 to ``top``, or to four times the published price at which it starts."""
    top = top or 4 * start or 100.0
    return st.slider(label, 0.0, top, start, 10.0 ** floor(log10(top / 100)), "%g")


def plain(text: object) -> str:
    """Text as it is, where Streamlit would read Markdown or formulas."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))
