"""Plots in a notebook: each with its sentence, and one to point at."""

import json
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from .figures import PLOTS, mark, reasons_to_skip
from .roles import DatasetInfo, focus, main_category
from .summaries import closest, some_rows


def show(name: str, table: pd.DataFrame, info: DatasetInfo) -> str:
    """Draw a plot in a notebook and return what it shows, or why there is none."""
    if reason := reasons_to_skip(info).get(name):
        return f"This plot is left out: {reason}."
    drawing = plt.figure(layout="constrained")
    sentence = PLOTS[name](drawing, table, info)
    mark(drawing, info)
    return sentence


def figure(table: pd.DataFrame, info: DatasetInfo) -> Any:
    """A Plotly figure to point at: the main number against the one closest to it."""
    import plotly.express as px

    name, group = focus(table, info), main_category(info)
    related = closest(table, info.numeric, name)
    nearest = None if related.empty else related.index[0]
    rows = some_rows(table, [name])
    hover = [info.id] if info.id else None
    return px.scatter(
        rows, x=nearest, y=name, color=group, hover_data=hover, opacity=0.6, template="plotly_white"
    )


def as_output(drawing: Any) -> dict[str, Any]:
    """A Plotly figure as a notebook keeps it, without the five megabytes of code that draw it.

    JupyterLab (with Plotly installed beside it) and VS Code bring that code along and need no
    network; a web page fetches it.
    """
    page = drawing.to_html(full_html=False, include_plotlyjs="cdn", div_id="interactive")
    return {"application/vnd.plotly.v1+json": json.loads(drawing.to_json()), "text/html": page}
