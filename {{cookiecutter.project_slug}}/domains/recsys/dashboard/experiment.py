"""The A/B test to play with: what effect, users and prices mean for power and money."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, price_slider

from recommender.ab_test import Plan, achieved_power, compare, sample_size, simulate
from recommender.business import revenue
from recommender.config import Prices


def play(detail: dict[str, Any], published: Prices) -> None:
    """Move effect, users and prices: sample size, power and revenue follow; then try it.

    ``detail`` is what the ``evaluate`` stage reported of plan and result.
    """
    plan, lift = Plan(**detail["plan"]), detail["result"]["lift"]
    left, right = st.columns([1, 2], gap="large")
    with left:
        effect, users = design_sliders(plan)
        prices = price_sliders(published)
    treatment = min(plan.baseline * (1 + effect), 1.0)
    needed = sample_size(plan.baseline, treatment, plan.alpha, plan.power)
    power = achieved_power(plan.baseline, treatment, np.array([users]), plan.alpha)[0]
    gained = revenue(treatment - plan.baseline, prices)
    with right:
        first, second, third = st.columns(3)
        first.metric("Users needed per group", f"{needed:,}")
        second.metric("Power with the chosen users", f"{power:.0%}")
        third.metric(f"Worth a month, {prices.currency}", f"{gained:,.0f}")
        st.caption(
            f"Popular items get clicks from {plan.baseline:.1%} of visits. \u201cNeeded\u201d is "
            f"for a power of {plan.power:.0%} at alpha = {plan.alpha:g}. In the reported test "
            f"the model got {lift['value']:+.0%} clicks ({1 - plan.alpha:.0%} interval "
            f"{lift['low']:+.0%} to {lift['high']:+.0%})."
        )
        st.altair_chart(power_chart(plan, treatment, users))
        run_once(plan, treatment, users)


def design_sliders(plan: Plan) -> tuple[float, int]:
    """The true effect (relative) and users per group; at first what was planned."""
    top = min(max(1.0, 2 * plan.min_effect), 1 / plan.baseline - 1)
    low = min(0.005, plan.min_effect)
    effect = st.slider("True effect: more clicks by", low, top, plan.min_effect, 0.005, "percent")
    planned = plan.users_per_group
    users = st.slider("Users per group", 1, 4 * planned, planned, max(1, planned // 100))
    return effect, users


def price_sliders(published: Prices) -> Prices:
    """Sliders that start at the prices with which the model was published."""
    texts = {
        "visits_per_month": "Visits a month",
        "revenue_per_click": f"Revenue per click, {published.currency}",
    }
    moved = {
        name: price_slider(text, float(getattr(published, name))) for name, text in texts.items()
    }
    return published.model_copy(update=moved)


def power_chart(plan: Plan, treatment: float, users: int) -> alt.LayerChart:
    """The chance to find the effect with so many users; the chosen number is marked."""
    sizes = np.linspace(1, 4 * plan.users_per_group, 200)
    power = achieved_power(plan.baseline, treatment, sizes, plan.alpha)
    table = pd.DataFrame({"users": sizes, "power": power})
    heading = "Chance that the test finds the effect; dashed: the chosen number of users"
    x = alt.X("users", title="users per group").axis(format=",.0f")
    y = alt.Y("power").axis(format="%").scale(domain=[0, 1])
    line = alt.Chart(table, title=heading).mark_line(color=BLUE, strokeWidth=3).encode(x=x, y=y)
    mark = alt.Chart(pd.DataFrame({"users": [users]})).encode(x="users")
    goal = alt.Chart(pd.DataFrame({"power": [plan.power]})).encode(y="power")
    chosen = mark.mark_rule(color=ORANGE, strokeDash=[6, 4], strokeWidth=2)
    return (line + chosen + goal.mark_rule(color=GREY)).properties(height=300)


def run_once(plan: Plan, treatment: float, users: int) -> None:
    """Let visitors click, and say what the test would conclude; each press draws others."""
    pressed = st.button("Run the test once", type="primary")
    runs = st.session_state["runs"] = st.session_state.get("runs", 0) + pressed
    if not pressed:
        return
    rates = np.array([plan.baseline]), np.array([treatment])
    clicks = (int(group[0]) for group in simulate(*rates, users, seed=runs))
    result = compare(*clicks, users, plan.alpha)
    verdict = "a significant" if result.significant else "no significant"
    st.markdown(
        f"**Run {runs}: {verdict} difference** (p = {result.p_value:.2g}). Control "
        f"{result.control.value:.1%}, treatment {result.treatment.value:.1%}, lift "
        f"{result.lift.value:+.1%} ({result.lift.low:+.1%} to {result.lift.high:+.1%})."
    )
