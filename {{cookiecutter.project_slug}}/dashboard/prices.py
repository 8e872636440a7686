"""What the money tab is made of: outcomes to count with, prices to move, and the profit."""

from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, price_slider

from {{ cookiecutter.__package }}.bootstrap import Array
from {{ cookiecutter.__package }}.config import Prices
from {{ cookiecutter.__package }}.errors import DataError


def read_outcomes(reports: Path) -> tuple[Array, Array] | None:
    """Outcomes above probabilities of validation and of test rows, (2, rows) each.

    None, and a message on the page, where the stage that writes them has not run.

    Raises:
        DataError: the file is damaged.
    """
    file = reports / "predictions.csv"
    if not file.exists():
        st.info("There are no predictions to count with: run the `evaluate` stage.")
        return None
    try:
        rows = pd.read_csv(file, index_col="part")[["y", "probability"]].astype(float)
        return rows.loc[["validation"]].to_numpy().T, rows.loc[["test"]].to_numpy().T
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{file} cannot be read: {error}. Restore it from git, or write it anew with the "
            "`evaluate` stage."
        ) from error


def price_sliders(published: Prices, labels: dict[str, str], share: str | None) -> Prices:
    """Sliders that start at the prices of the published model; that of a ``share`` ends at 1."""
    moved = {
        name: price_slider(label, float(getattr(published, name)), 1.0 if name == share else None)
        for name, label in labels.items()
    }
    return published.model_copy(update=moved)


def profit_chart(
    thresholds: Array, profits: Array, chosen: float, titles: tuple[str, str, str]
) -> alt.LayerChart:
    """Profit at each threshold; the ends are the two policies that need no model.

    Args:
        titles: of the chart, of its thresholds and of its profits.
    """
    heading, below, beside = titles
    chosen = min(chosen, 1)
    table = pd.DataFrame({"threshold": thresholds.clip(max=1), "profit": profits})
    x = alt.X("threshold", title=below).axis(format="%").scale(domain=[0, 1])
    y = alt.Y("profit", title=beside).axis(format=",.0f")
    base = alt.Chart(table, title=f"{heading}; dashed: the chosen {chosen:.1%}")
    line = base.mark_line(color=BLUE, strokeWidth=3).encode(x=x, y=y)
    ends = alt.Chart(table.iloc[[0, -1]]).encode(x="threshold", y="profit")
    dots = ends.mark_circle(color=GREY, size=120, opacity=1)
    return (line + dots + dashed(chosen, ORANGE)).properties(height=400)


def dashed(threshold: float, colour: str) -> alt.Chart:
    """A dashed line at a threshold."""
    mark = alt.Chart(pd.DataFrame({"threshold": [min(threshold, 1)]})).encode(x="threshold")
    return mark.mark_rule(color=colour, strokeDash=[6, 4], strokeWidth=2)
