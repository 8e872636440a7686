"""The A/B test to play with: what effect, users and prices mean for power and money."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, slider

from recommender.ab_test import NORMAL, Plan, in_words, normal_cdf, run, sample_size, spreads
from recommender.config import Prices
from recommender.money import VERDICTS, in_full, revenue


def play(report: dict[str, Any], published: Prices) -> None:
    """Move effect, users and prices: sample size, power and revenue follow; then try it.

    ``report`` is what the ``evaluate`` stage found.
    """
    plan, lift = Plan(**report["experiment"]["plan"]), report["experiment"]["result"]["lift"]
    left, right = st.columns([1, 2], gap="large")
    with left:
        effect, users = design_sliders(plan)
        visits = slider("Visits a month", float(published.visits_per_month))
        click = slider(f"Revenue per click, {published.currency}", published.revenue_per_click)
    prices = published.model_copy(update={"visits_per_month": visits, "revenue_per_click": click})
    treatment = min(plan.baseline * (1 + effect), 1.0)
    needed = sample_size(plan.baseline, treatment, plan.alpha, plan.power)
    power = achieved_power(plan.baseline, treatment, np.array([users]), plan.alpha)[0]
    with right:
        first, second, third = st.columns(3)
        first.metric("Users needed per group", f"{needed:,}")
        second.metric("Power with the chosen users", f"{power:.0%}")
        gained = revenue(treatment - plan.baseline, prices)
        third.metric(f"Worth a month, {prices.currency}", in_full(gained, ".3g"))
        st.caption(
            f"What is shown today gets clicks from {plan.baseline:.1%} of visits. \u201cNeeded"
            f"\u201d is for a power of {plan.power:.0%} at alpha = {plan.alpha:g}. The reported "
            f"test found {VERDICTS[report['verdict']]}: {lift['value']:+.1%} "
            f"({lift['low']:+.1%} to {lift['high']:+.1%})."
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


def achieved_power(control: float, treatment: float, users: np.ndarray, alpha: float) -> np.ndarray:
    """``sample_size`` the other way round: the power with so many ``users`` per group."""
    under_null, under_effect = spreads(control, treatment)
    shift = abs(treatment - control) * np.sqrt(users)
    return normal_cdf((shift - NORMAL.inv_cdf(1 - alpha / 2) * under_null) / under_effect)


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
    result = run(plan, treatment, users, seed=runs)
    verdict = "a significant" if result.significant else "no significant"
    st.markdown(
        f"**Run {runs}: {verdict} difference** ({in_words(result.p_value)}). Control "
        f"{result.control.value:.1%}, treatment {result.treatment.value:.1%}, lift "
        f"{result.lift.value:+.1%} ({result.lift.low:+.1%} to {result.lift.high:+.1%})."
    )
