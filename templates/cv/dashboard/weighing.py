"""Missed cases against false alarms, by threshold and by price."""

from dataclasses import astuple

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, price_slider

from {{ cookiecutter.package_name }}.bootstrap import Array
from {{ cookiecutter.package_name }}.business import CASES, choose_policy, counts, gain_curve, savings
from {{ cookiecutter.package_name }}.config import Prices
from {{ cookiecutter.package_name }}.policy import Outcomes
from {{ cookiecutter.package_name }}.predictor import Predictor

STEPS = np.linspace(0, 1, 201)


def threshold(predictor: Predictor, test: Outcomes) -> None:
    """Move the threshold: missed cases and false alarms follow."""
    prices = Prices(**predictor.metadata["prices"])
    start = float(np.clip(predictor.metadata["threshold"], 0, 1))
    chosen = st.slider("Refer from this probability on", 0.0, 1.0, start, 0.001, "%.3f")
    found = counts(*test, chosen, prices)
    columns = st.columns(4)
    columns[0].metric(f"Missed of {CASES:,} cases", f"{found['missed']:,.1f}")
    columns[1].metric("False alarms", f"{found['alarms']:,.1f}")
    columns[2].metric("Referred", f"{found['referred'] / CASES:.0%}")
    columns[3].metric(f"Cost, {prices.currency}", f"{found['cost']:,.0f}")
    st.caption(f"Counted on {len(test[0]):,} test images that the model never saw.")
    st.altair_chart(errors_chart(test, prices, chosen))


def errors_chart(test: Outcomes, prices: Prices, chosen: float) -> alt.LayerChart:
    """Missed cases and false alarms at each threshold; dashed: the chosen one."""
    found = [counts(*test, step, prices) for step in STEPS]
    table = pd.DataFrame(found)[["missed", "alarms"]].assign(threshold=STEPS)
    long = table.melt("threshold", var_name="error", value_name="cases")
    title = "\u2190 refer everybody | refer from this probability on | refer nobody \u2192"
    x = alt.X("threshold", title=title).axis(format="%").scale(domain=[0, 1])
    y_axis = alt.Y("cases", title=f"of {CASES:,} cases")
    colour = alt.Color("error", title=None).scale(range=[BLUE, ORANGE], domain=list(table)[1::-1])
    lines = alt.Chart(long).mark_line(strokeWidth=3).encode(x=x, y=y_axis, color=colour)
    return (lines + rule(chosen)).properties(height=380)


def money(predictor: Predictor, validation: Outcomes, test: Outcomes, seed: int) -> None:
    """Move the prices: the threshold of least cost and the saving follow."""
    left, right = st.columns([1, 3], gap="large")
    with left:
        prices = price_sliders(Prices(**predictor.metadata["prices"]), float(test[0].mean()))
    policy = choose_policy(*validation, prices)
    saved = savings(*test, policy, prices, seed)
    found = counts(*test, policy.threshold, prices)
    value, low, high = (f"{part:,.0f}" for part in astuple(saved[policy.naive]))
    unit = f"{prices.currency} per {CASES:,} cases"
    with right:
        first, second, third = st.columns(3)
        first.metric(f"Saved against \u201c{policy.naive}\u201d", value)
        second.metric(f"Missed of {CASES:,} cases", f"{found['missed']:,.1f}")
        third.metric("False alarms", f"{found['alarms']:,.1f}")
        st.caption(
            f"In {unit}; 95% interval of the saving: {low} to {high}. The threshold is chosen on "
            f"{len(validation[0]):,} validation images, the money counted on {len(test[0]):,} test "
            "images that the model never saw."
        )
        st.altair_chart(gain_chart(*gain_curve(*test, prices), policy.threshold, unit))


def price_sliders(published: Prices, share: float) -> Prices:
    """Sliders that start at the prices with which the model was published.

    ``share`` is that of positive cases in the test: where none is set for practice, it counts.
    """
    labels = {
        "missed_case": f"Cost of a missed case, {published.currency}",
        "false_alarm": f"Cost of a false alarm, {published.currency}",
    }
    moved = {name: price_slider(text, getattr(published, name)) for name, text in labels.items()}
    start = round(published.prevalence or share, 3)
    practice = st.slider("Positive cases in practice", 0.001, 0.999, start, 0.001, "%.3f")
    if practice != start:
        moved["prevalence"] = practice
    return published.model_copy(update=moved)


def gain_chart(thresholds: Array, gains: Array, chosen: float, unit: str) -> alt.LayerChart:
    """Gain at each threshold; the ends are the two policies that need no model."""
    table = pd.DataFrame({"threshold": thresholds.clip(max=1), "gain": gains})
    title = "\u2190 everybody | refer from this probability on | nobody \u2192"
    x = alt.X("threshold", title=title).axis(format="%").scale(domain=[0, 1])
    y = alt.Y("gain", title=f"gain, {unit}").axis(format=",.0f")
    heading = f"Gain at each threshold on the test images; dashed: the chosen {min(chosen, 1):.1%}"
    line = alt.Chart(table, title=heading).mark_line(color=BLUE, strokeWidth=3).encode(x=x, y=y)
    ends = alt.Chart(table.iloc[[0, -1]]).encode(x="threshold", y="gain")
    dots = ends.mark_circle(color=GREY, size=120, opacity=1)
    return (line + dots + rule(chosen)).properties(height=380)


def rule(place: float) -> alt.Chart:
    """A dashed line at a threshold."""
    mark = alt.Chart(pd.DataFrame({"threshold": [min(place, 1)]})).encode(x="threshold")
    return mark.mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2)
