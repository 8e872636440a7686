"""The dashboard: all that it knows of the data comes from the published model and reports."""

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, draw, read_report
from stock import play

from demand.decompose import decompose
from demand.paths import Paths
from demand.predictor import Predictor
from demand.wording import ACCURACY, label

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
SEASONS_SHOWN = 10  # of the past, before the forecast


def pick(predictor: Predictor, tab: str) -> str:
    """The series to look at: choosing one on any tab chooses it for all."""
    ids = predictor.catalogue.ids
    last = st.session_state.get("series", ids[0])
    current = last if predictor.knows(last) else ids[0]
    chosen = st.selectbox("Series", ids, ids.index(current), key=f"{tab} {current}")
    if chosen != current:
        st.session_state["series"] = chosen
        st.rerun()
    return str(chosen)


def forecast(predictor: Predictor) -> None:
    """What is to come, after what was; and what one step's forecast is made of."""
    name = pick(predictor, "forecast")
    instance = {"unique_id": name}
    ahead = pd.DataFrame(predictor.predict([instance])[0]["forecasts"])
    shown = SEASONS_SHOWN * predictor.metadata["season_length"]
    st.altair_chart(forecast_chart(past(predictor, name).tail(shown), ahead))
    left, right = st.columns([1, 1], gap="large")
    left.dataframe(ahead.round(2), hide_index=True)
    with right:
        reasons = pd.DataFrame(predictor.explain([instance])[0])
        chosen = st.selectbox("Why this much on", predictor.catalogue.dates)
        st.altair_chart(reasons_chart(reasons[reasons["ds"] == chosen]))


def look_back(predictor: Predictor) -> None:
    """The untouched window: what was forecast before it, and what came."""
    name, file = pick(predictor, "look back"), PATHS.reports / "forecasts.csv"
    if not file.exists():
        st.info("There are no results to show: run the `evaluate` stage.")
        return
    table = pd.read_csv(file, dtype={"unique_id": str})
    table = table[table["unique_id"] == name]
    st.markdown("The last window of the data: no model saw it before this forecast was made.")
    st.altair_chart(forecast_chart(table[["ds", "y"]], table))
    inside = table["y"].between(table["low_95"], table["high_95"])
    st.caption(
        f"Mean absolute error {np.mean(np.abs(table['y'] - table['yhat'])):,.3g} units; "
        f"{inside.sum()} of {len(table)} values lie in their 95% interval."
    )


def decomposition(predictor: Predictor) -> None:
    """Trend, season and rest of the recent past, by STL."""
    table = past(predictor, pick(predictor, "decomposition"))
    parts = decompose(table["y"].to_numpy(), predictor.metadata["season_length"])
    if parts is None:
        st.info("This series is too short to be taken apart.")
        return
    first, second = st.columns(2)
    first.metric("Strength of the trend", f"{parts.trend_strength:.2f}")
    second.metric("Strength of the season", f"{parts.season_strength:.2f}")
    st.caption("0: none; 1: all variation that the other does not explain (Wang et al. 2006).")
    panels = {
        "demand": table["y"],
        "trend": parts.trend,
        "season": parts.season,
        "rest": parts.rest,
    }
    charts = [part_chart(table["ds"], values, label) for label, values in panels.items()]
    st.altair_chart(alt.vconcat(*charts))


def order(predictor: Predictor) -> None:
    """How much to order, to play with."""
    play(predictor, pick(predictor, "order"), PATHS.reports / "metrics.json")


def models(predictor: Predictor) -> None:
    """All models on the validation windows."""
    metrics = read_report(PATHS.reports / "metrics.json", "evaluate")
    if metrics is None:
        return
    rows = []
    for model in metrics["models"]:
        name = label(model["name"]) + (" (chosen)" if model["selected"] else "")
        scores = {label(key): model["metrics"][key]["value"] for key in ACCURACY}
        rows.append({"model": name, **scores})
    st.markdown(
        "On the validation windows, by which the model was chosen. Lower is better; of the bias, "
        "nearer to 0:"
    )
    st.dataframe(pd.DataFrame(rows).round(3), hide_index=True)


def past(predictor: Predictor, name: str) -> pd.DataFrame:
    """``ds`` and ``y`` of the published history of one series."""
    catalogue = predictor.catalogue
    values = catalogue.history[catalogue.ids.index(name)].astype(float)
    return pd.DataFrame({"ds": catalogue.history_dates, "y": values}).dropna()


def moments(dates: pd.Series) -> pd.Series:
    """Dates as published: with a time of day only where it is not midnight."""
    return pd.to_datetime(dates, format="ISO8601")


def forecast_chart(actual: pd.DataFrame, ahead: pd.DataFrame) -> alt.LayerChart:
    """Demand as a grey line, the forecast as a blue one over its intervals."""
    actual, ahead = (table.assign(ds=moments(table["ds"])) for table in (actual, ahead))
    x = alt.X("ds:T", title=None)
    bands = [
        alt.Chart(ahead)
        .mark_area(color=BLUE, opacity=opacity)
        .encode(x=x, y=alt.Y(f"low_{level}:Q", title="units"), y2=f"high_{level}:Q")
        for level, opacity in ((95, 0.15), (80, 0.25))
    ]
    tips = ["ds:T", *(column for column in ahead if column != "ds" and column != "unique_id")]
    line = alt.Chart(ahead).mark_line(color=BLUE, point=True).encode(x=x, y="yhat", tooltip=tips)
    known = alt.Chart(actual, title="Grey: demand. Blue: forecast, with 80% and 95% intervals")
    return alt.layer(
        known.mark_line(color=GREY, point={"size": 12, "color": GREY}).encode(x=x, y="y"),
        *bands,
        line,
    ).properties(height=320)


def reasons_chart(reasons: pd.DataFrame) -> alt.Chart:
    """What each input adds to one forecast, strongest first."""
    values = reasons["value"].map(lambda value: "" if pd.isna(value) else f" = {value:.4g}")
    table = reasons.assign(input=reasons["feature"] + values)
    colour = alt.condition(alt.datum.contribution > 0, alt.value(BLUE), alt.value(ORANGE))
    x = alt.X("contribution", title="units added to the forecast").axis(tickCount=5)
    y = alt.Y("input", sort=None, title=None).axis(labelLimit=260)
    return alt.Chart(table).mark_bar().encode(x=x, y=y, color=colour)


def part_chart(dates: pd.Series, values: Any, label: str) -> alt.Chart:
    """One part of a series over time."""
    table = pd.DataFrame({"ds": moments(dates), label: np.asarray(values)})
    y = alt.Y(label).scale(zero=False)
    chart = alt.Chart(table).mark_line(color=BLUE, strokeWidth=1.5)
    return chart.encode(x=alt.X("ds:T", title=None), y=y).properties(height=90, width=900)


draw(
    PATHS,
    {
        "Forecast": forecast,
        "Actual against forecast": look_back,
        "Decomposition": decomposition,
        "Order": order,
        "Models": models,
    },
)
