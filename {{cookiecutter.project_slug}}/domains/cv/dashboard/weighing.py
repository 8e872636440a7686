"""Missed cases against false alarms, by threshold and by price."""

from dataclasses import astuple

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE
from prices import dashed, price_sliders, profit_chart

from imaging.business import CASES, choose_policy, counts, gain_curve, savings
from imaging.config import Prices
from imaging.policy import Outcomes
from imaging.predictor import Predictor

STEPS = np.linspace(0, 1, 201)
AXIS = "\u2190 refer everybody | refer from this probability on | refer nobody \u2192"


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
    x = alt.X("threshold", title=AXIS).axis(format="%").scale(domain=[0, 1])
    y_axis = alt.Y("cases", title=f"of {CASES:,} cases")
    colour = alt.Color("error", title=None).scale(range=[BLUE, ORANGE], domain=list(table)[1::-1])
    lines = alt.Chart(long).mark_line(strokeWidth=3).encode(x=x, y=y_axis, color=colour)
    return (lines + dashed(chosen, GREY)).properties(height=380)


def money(predictor: Predictor, validation: Outcomes, test: Outcomes, seed: int) -> None:
    """Move the prices: the threshold of least cost and the saving follow."""
    published = Prices(**predictor.metadata["prices"])
    labels = {
        "missed_case": f"Cost of a missed case, {published.currency}",
        "false_alarm": f"Cost of a false alarm, {published.currency}",
    }
    left, right = st.columns([1, 3], gap="large")
    with left:
        moved = price_sliders(published, labels, share=None)
        prices = prevalence_slider(moved, float(test[0].mean()))
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
        titles = ("Gain at each threshold on the test images", AXIS, f"gain, {unit}")
        curve = gain_curve(*test, prices)
        st.altair_chart(profit_chart(*curve, policy.threshold, titles))


def prevalence_slider(published: Prices, share: float) -> Prices:
    """A slider of positive cases in practice; untouched, it leaves the published prices alone.

    ``share`` is that of positive cases in the test: where none is set for practice, it counts.
    """
    start = round(published.prevalence or share, 3)
    practice = st.slider("Positive cases in practice", 0.001, 0.999, start, 0.001, "%.3f")
    return published if practice == start else published.model_copy(update={"prevalence": practice})
