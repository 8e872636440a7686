"""The dashboard: all that it knows of the data comes from the published forecasts and reports."""

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, draw, plain, slider

from demand import money
from demand.config import Prices, step_name
from demand.kit import DataError
from demand.kit.files import Paths
from demand.predictor import Predictor

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
    shown = SEASONS_SHOWN * predictor.metadata["signature"]["season_length"]
    st.altair_chart(forecast_chart(past(predictor, name).tail(shown), ahead))
    if not predictor.metadata["planned"]:
        st.caption("What is known in advance ends with the data: after it, the usual is assumed.")
    left, right = st.columns([1, 1], gap="large")
    left.dataframe(ahead, hide_index=True)
    with right:
        reasons = pd.DataFrame(predictor.explain([instance])[0])
        chosen = st.selectbox("Why this much on", predictor.catalogue.dates)
        st.altair_chart(reasons_chart(reasons[reasons["ds"] == chosen]))


def look_back(predictor: Predictor) -> None:
    """The last window: what was forecast before it, and what came."""
    name = pick(predictor, "look back")
    table = read_forecasts(PATHS.reports / "forecasts.csv")
    table = table[table["unique_id"] == name]
    if table.empty:
        raise DataError("the reports are of other data: run the `evaluate` command")
    st.markdown("The last window of the data: no model saw it before this forecast was made.")
    st.altair_chart(forecast_chart(table[["ds", "y"]], table))
    inside = table["y"].between(table["low_95"], table["high_95"])
    st.caption(
        f"Mean absolute error {figure(np.mean(np.abs(table['y'] - table['yhat'])))} units; "
        f"{inside.sum()} of {len(table)} values lie in their 95% interval."
    )


def decomposition(predictor: Predictor) -> None:
    """Trend, season and rest of the recent past, by moving averages."""
    table = past(predictor, pick(predictor, "decomposition"))
    season = predictor.metadata["signature"]["season_length"]
    if len(table) < 3 * max(season, 2):
        st.info("This series is too short to be taken apart.")
        return
    smooth = table["y"].rolling(max(season, 2), center=True).mean()
    without = table["y"] - smooth
    pattern = without.groupby(np.arange(len(table)) % season).transform("mean")
    parts = {"demand": table["y"], "trend": smooth, "season": pattern, "rest": without - pattern}
    charts = [part_chart(table["ds"], values, label) for label, values in parts.items()]
    st.altair_chart(alt.vconcat(*charts))
    st.caption("Classical decomposition; README shows the series taken apart by STL.")


def order(predictor: Predictor) -> None:
    """Move service level, stock and prices: quantity and cost follow."""
    name, published = pick(predictor, "order"), predictor.prices
    currency, levels = published.currency, money.SERVICE_LEVELS
    signature = predictor.metadata["signature"]
    step, lead_time = step_name(signature["freq"]), signature["lead_time"]
    left, right = st.columns([1, 2], gap="large")
    with left:
        holding = slider(f"Holding a unit, {currency} a {step}", published.holding_cost)
        stockout = slider(f"Being short of one, {currency}", published.stockout_cost)
        now = Prices.model_construct(
            currency=currency, holding_cost=holding, stockout_cost=stockout
        )
        best = predictor.best_service_level(now)
        low, high = float(levels[0]), float(levels[-1])
        level = st.slider("Service level", low, high, best, 0.005, "%.3f")
        on_hand = st.number_input("In stock, units", 0.0, value=0.0)
        on_order = st.number_input("On order, units", 0.0, value=0.0)
    answer = predictor.order(name, level, on_hand, on_order)
    costs = predictor.costs(now)
    with right:
        first, second, third = st.columns(3)
        first.metric("Order now, units", f"{answer['quantity']:,.12g}")
        second.metric("Fills up to, units", f"{answer['order_up_to']:,.12g}")
        cost = figure(np.interp(level, levels, costs))
        third.metric(f"Cost a month, {currency}", cost, help="All series together")
        theory = f" (newsvendor theory: {money.level_in_theory(now):.3f})" if stockout else ""
        st.caption(
            f"An order now arrives in {lead_time} {step}{'' if lead_time == 1 else 's'}, so that "
            f"what is in stock and on order must last for {lead_time + 1}. At these prices, of the "
            f"levels simulated, {best:.3f} cost least in the validation windows{theory}."
        )
        st.altair_chart(cost_chart(costs, level, best, f"cost a month, {currency}"))


def figure(value: float) -> str:
    """A number of three digits or, where it is larger, a whole one."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.3g}"


def past(predictor: Predictor, name: str) -> pd.DataFrame:
    """``ds`` and ``y`` of the published history of one series."""
    catalogue = predictor.catalogue
    values = catalogue.history[catalogue.ids.index(name)]
    return pd.DataFrame({"ds": catalogue.history_dates, "y": values}).dropna(ignore_index=True)


def read_forecasts(file: Path) -> pd.DataFrame:
    """The last window of all series.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        table = pd.read_csv(file, dtype={"unique_id": str, "ds": str})
        return table[["unique_id", "ds", "y", "yhat", "low_80", "high_80", "low_95", "high_95"]]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{file} cannot be read: {error}. Restore it from git, or run `evaluate`."
        ) from error


def moments(table: pd.DataFrame) -> pd.DataFrame:
    """With dates as published: with a time of day only where it is not midnight."""
    return table.assign(ds=pd.to_datetime(table["ds"], format="ISO8601"))


def forecast_chart(actual: pd.DataFrame, ahead: pd.DataFrame) -> alt.LayerChart:
    """Demand as a grey line, the forecast as a blue one over its intervals."""
    actual, ahead = moments(actual), moments(ahead)
    x = alt.X("ds:T", title=None)
    bands = [
        alt.Chart(ahead)
        .mark_area(color=BLUE, opacity=opacity)
        .encode(x=x, y=alt.Y(f"low_{level}:Q", title="units"), y2=f"high_{level}:Q")
        for level, opacity in ((95, 0.15), (80, 0.25))
    ]
    tips = ["ds:T", *(column for column in ahead if column not in ("ds", "unique_id"))]
    line = alt.Chart(ahead).mark_line(color=BLUE, point=True).encode(x=x, y="yhat", tooltip=tips)
    known = alt.Chart(actual, title="Grey: demand. Blue: forecast, with 80% and 95% intervals")
    dots = known.mark_line(color=GREY, point={"size": 12, "color": GREY}).encode(x=x, y="y")
    return alt.layer(dots, *bands, line).properties(height=320)


def reasons_chart(reasons: pd.DataFrame) -> alt.Chart:
    """What each input adds to one forecast, strongest first."""
    values = reasons["value"].map(lambda value: "" if pd.isna(value) else f" = {figure(value)}")
    table = reasons.assign(input=reasons["feature"] + values)
    colour = alt.condition(alt.datum.contribution > 0, alt.value(BLUE), alt.value(ORANGE))
    x = alt.X("contribution", title="units added to the forecast").axis(tickCount=5)
    y = alt.Y("input", sort=None, title=None).axis(labelLimit=260)
    return alt.Chart(table).mark_bar().encode(x=x, y=y, color=colour)


def part_chart(dates: pd.Series, values: Any, label: str) -> alt.Chart:
    """One part of a series over time."""
    table = moments(pd.DataFrame({"ds": dates, label: np.asarray(values)})).dropna()
    chart = alt.Chart(table).mark_line(color=BLUE, strokeWidth=1.5)
    y = alt.Y(label).scale(zero=False)
    return chart.encode(x=alt.X("ds:T", title=None), y=y).properties(height=90, width=900)


def cost_chart(costs: Any, level: float, best: float, title: str) -> alt.LayerChart:
    """Simulated cost by service level; the chosen level and the cheapest are marked."""
    table = pd.DataFrame({"level": money.SERVICE_LEVELS, "cost": costs})
    heading = "Simulated cost by service level; orange: chosen, grey: cheapest"
    x = alt.X("level", title="service level").axis(format="%")
    y = alt.Y("cost", title=plain(title)).axis(format=",.12~g")
    line = alt.Chart(table, title=heading).mark_line(color=BLUE, point=True).encode(x=x, y=y)
    marks = [
        alt.Chart(pd.DataFrame({"level": [place]}))
        .mark_rule(color=colour, strokeDash=[6, 4], strokeWidth=2)
        .encode(x="level")
        for place, colour in ((best, GREY), (level, ORANGE))
    ]
    return alt.layer(line, *marks).properties(height=300)


draw(
    lambda: Predictor.load(PATHS.models),
    {
        "Forecast": forecast,
        "Predicted against actual": look_back,
        "Decomposition": decomposition,
        "Order": order,
    },
)
