"""The page around the dashboard's tabs, and what every tab may use."""

import re
from collections.abc import Callable
from math import floor, log10
from typing import Any

import click
import pandas as pd
import streamlit as st

BLUE, ORANGE, GREY = "#2563eb", "#ea580c", "#6b7280"

Tab = Callable[[Any], None]  # takes the predictor


def draw(load: Callable[[], Any], tabs: dict[str, Tab]) -> None:
    """Draw the page with its tabs around the model that ``load`` gives, or say what is wrong."""
    try:
        predictor = load()
    except click.ClickException as error:
        st.error(plain(error.message))
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
def show(tab: Tab, predictor: Any) -> None:
    """Draw one tab, and only that one when something on it moves; errors become messages."""
    try:
        tab(predictor)
    except click.ClickException as error:
        st.error(plain(error.message))


def slider(label: str, start: float, top: float | None = None) -> float:
    """A slider from 0 to ``top``, or to four times the published price at which it starts."""
    top = top or 4 * start or 100.0
    return st.slider(label, 0.0, top, start, 10.0 ** floor(log10(top / 100)), "%g")


def plain(text: object) -> str:
    """Text as it is, where Streamlit would read Markdown or formulas."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))


def for_excel(table: pd.DataFrame) -> bytes:
    """A CSV file that Excel opens with its accents, and in which no cell begins a formula."""
    formula = re.compile(r"[=@\t\r]|[+-](?![\d.,]+$)")

    def safe(cell: Any) -> Any:
        return f"'{cell}" if isinstance(cell, str) and formula.match(cell) else cell

    return table.rename(columns=safe).map(safe).to_csv(index=False).encode("utf-8-sig")
