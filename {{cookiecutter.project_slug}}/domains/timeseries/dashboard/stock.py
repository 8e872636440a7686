"""The order: a service level to play with, and what it means for quantity and cost."""

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, ORANGE, price_slider, read_report

from demand.inventory import best_service_level
from demand.predictor import Predictor

GREEN = "#16a34a"
TINY = 1e-9  # the sliders reach down to 0, and both at once would leave no best level
LEVELS = np.linspace(0.5, 0.99, 50)
NAMES = {"model": "the chosen model", "seasonal_naive": "seasonal naive"}


def play(predictor: Predictor, name: str, report: Path) -> None:
    """Move service level, stock and prices: quantity and expected cost follow.

    ``report`` is where the ``evaluate`` stage left what the policy did on the untouched window.
    """
    left, right = st.columns([1, 2], gap="large")
    with left:
        holding, stockout = price_sliders(predictor.metadata["prices"])
        best = best_service_level(max(holding, TINY), stockout)
        top = float(LEVELS[-1])
        start = round(float(np.clip(best, LEVELS[0], top)), 2)
        level = st.slider("Service level", float(LEVELS[0]), top, start, 0.01, "%.2f")
        on_hand = st.number_input("In stock, units", 0.0, value=0.0)
        on_order = st.number_input("On order, units", 0.0, value=0.0)
    stock = {"unique_id": name, "on_hand": on_hand, "on_order": on_order}
    order = predictor.order(service_level=level, **stock)
    with right:
        currency = predictor.metadata["prices"]["currency"]
        first, second, third = st.columns(3)
        first.metric("Order now, units", f"{round(order['quantity'], 2):,.10g}")
        second.metric("Fills up to, units", f"{round(order['order_up_to'], 2):,.10g}")
        third.metric(f"Expected cost, {currency}", f"{cost(order, holding, stockout):,.2f}")
        lead_time = predictor.metadata["inventory"]["lead_time"]
        st.caption(
            f"An order now arrives in {lead_time} period(s), so that what is in stock and on order "
            f"must last for {lead_time + 1}. At these prices a service level of {best:.3f} costs "
            f"least. Expected after that: {order['expected_leftover']:,.3g} units left, each held "
            f"for a period, and {order['expected_short']:,.3g} short."
        )
        orders = [predictor.order(service_level=float(each), **stock) for each in LEVELS]
        costs = [cost(each, holding, stockout) for each in orders]
        st.altair_chart(cost_chart(costs, level, best, f"expected cost, {currency}"))
        metrics = read_report(report, "evaluate")
        if metrics is not None:
            st.markdown("**The same policy on the untouched window, all series together:**")
            st.altair_chart(reported_chart(metrics["timeseries"]["business"]))


def price_sliders(published: dict[str, Any]) -> tuple[float, float]:
    """Sliders that start at the prices with which the model was published."""
    currency = published["currency"]
    holding = price_slider(f"Holding a unit, {currency} a period", published["holding_cost"])
    return holding, price_slider(f"Being short of one, {currency}", published["stockout_cost"])


def cost(order: dict[str, Any], holding: float, stockout: float) -> float:
    """Money expected from what is left over and what is short."""
    return holding * order["expected_leftover"] + stockout * order["expected_short"]


def cost_chart(costs: list[float], level: float, best: float, title: str) -> alt.LayerChart:
    """Expected cost by service level; the chosen level and the best are marked."""
    table = pd.DataFrame({"level": LEVELS, "cost": costs})
    heading = "Cost of this order by service level; orange: chosen, green: best"
    x = alt.X("level", title="service level").axis(format="%").scale(zero=False)
    line = alt.Chart(table, title=heading).mark_line(color=BLUE, strokeWidth=3)
    marks = [
        alt.Chart(pd.DataFrame({"level": [place]}))
        .mark_rule(color=colour, strokeDash=[6, 4], strokeWidth=2)
        .encode(x="level")
        for place, colour in ((min(best, LEVELS[-1]), GREEN), (level, ORANGE))
    ]
    drawn = line.encode(x=x, y=alt.Y("cost", title=title).scale(zero=False))
    return alt.layer(drawn, *marks).properties(height=240)


def reported_chart(detail: dict[str, Any]) -> alt.Chart:
    """Cost a month by service level, of the chosen model and of seasonal naive."""
    table = pd.DataFrame(detail["curve"]).rename(columns=NAMES)
    long = table.melt("service_level", var_name="forecast", value_name="cost")
    y = alt.Y("cost", title=f"cost a month, {detail['prices']['currency']}").axis(format=",.0f")
    colour = alt.Color("forecast", title=None).scale(
        domain=list(NAMES.values()), range=[BLUE, ORANGE]
    )
    x = alt.X("service_level", title="service level").axis(format="%").scale(zero=False)
    return (
        alt.Chart(long).mark_line(point=True).encode(x=x, y=y, color=colour).properties(height=220)
    )
