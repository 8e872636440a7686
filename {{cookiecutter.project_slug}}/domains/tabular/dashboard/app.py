"""The dashboard: all that it knows of the data comes from the published model and reports."""

from dataclasses import astuple
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from page import BLUE, ORANGE, draw, plain, read_report
from prices import price_sliders, profit_chart, read_outcomes
from scoring import MAX_ROWS, read_csv, score, to_instances

from churn.business import choose_policy, savings
from churn.candidate import fingerprint
from churn.config import MISSING, Prices, load_config
from churn.data import read_processed
from churn.paths import Paths
from churn.policy import profit_curve
from churn.predictor import Predictor, typical_value
from churn.settings import MAX_NUMBER
from churn.wording import threshold

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
PERCENT = st.column_config.NumberColumn(format="percent")
MONEY = st.column_config.NumberColumn(format="%.2f")
AXIS = "\u2190 everybody | contact from this probability of leaving on | nobody \u2192"


def what_if(predictor: Predictor) -> None:
    """A form for one customer, and the model's answer beside it."""
    left, right = st.columns([5, 6], gap="large")
    with left, st.form("customer"):
        st.markdown("One customer, at first a typical one. Leave empty what is not known.")
        grid = st.columns(2)
        customer = {}
        for place, column in enumerate(by_importance(predictor.columns)):
            with grid[place % 2]:
                customer[column["name"]] = field(column, f"{predictor.version} {column['name']}")
        st.form_submit_button("Predict", type="primary")
    answer = predictor.predict([customer])[0]
    reasons = predictor.explain([customer])[0][:8]
    currency = predictor.metadata["prices"]["currency"]
    with right:
        first, second, third = st.columns([4, 5, 4])
        first.metric("Probability of leaving", f"{answer['probability']:.1%}")
        second.metric("Decision", answer["decision"])
        third.metric(f"Value of contact, {currency}", f"{answer['expected_value']:,.2f}")
        st.caption(f"At published prices: {threshold(predictor.metadata['threshold']).lower()}.")
        st.altair_chart(reasons_chart({in_words(r): r["contribution"] for r in reasons}))


def by_importance(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns that matter most first, as far as the `explain` stage has found out."""
    file = PATHS.reports / "explain.json"
    found = read_report(file, "explain") if file.exists() else None
    rank = {row["feature"]: place for place, row in enumerate(found["importance"] if found else [])}
    return sorted(columns, key=lambda column: rank.get(column["name"], len(rank)))


def field(column: dict[str, Any], key: str) -> float | str | None:
    """A field that starts with the median, or the most frequent category, of its column."""
    label, typical = plain(column["name"]), column["typical"]
    if column["type"] == "category":
        st.session_state.setdefault(key, typical_value(column))
        options = list(dict.fromkeys([*typical, MISSING]))
        return st.selectbox(label, options, key=key, format_func=known)
    # As state, not as `value`: a number field with a value of its own cannot be left empty.
    st.session_state.setdefault(key, typical_value(column))
    step = 1.0 if all(value.is_integer() for value in typical) else None
    return st.number_input(label, -MAX_NUMBER, MAX_NUMBER, None, step, "%g", key=key)


def reasons_chart(effects: dict[str, float]) -> alt.Chart:
    """What raises the risk of this customer points right, what lowers it left."""
    table = pd.DataFrame({"reason": effects.keys(), "effect": effects.values()})
    title = "\u2190 lowers | effect on log-odds | raises \u2192"
    x = alt.X("effect", title=title).axis(tickCount=5)
    y = alt.Y("reason", title=None, sort=list(effects)).axis(labelLimit=220, labelOverlap=False)
    colour = alt.condition(alt.datum.effect > 0, alt.value(ORANGE), alt.value(BLUE))
    chart = alt.Chart(table, title="Strongest reasons, compared with typical customers")
    return chart.mark_bar().encode(x=x, y=y, color=colour).properties(height=alt.Step(32))


def score_file(predictor: Predictor) -> None:
    """Score an uploaded file and offer the result."""
    names = [column["name"] for column in predictor.columns]
    st.markdown(
        f"A CSV file in UTF-8, at most {MAX_ROWS:,} rows, with a header that names these columns, "
        f"in any order and among others: {', '.join(plain(name) for name in names)}."
    )
    upload = st.file_uploader("Customers", type=["csv", "tsv", "txt"])
    if upload is None:
        return
    result = score(read_csv(upload.getvalue(), names), predictor)
    probability, decision, value = result.columns[-3:]
    worth = result.loc[result[decision] == "contact", value]
    st.markdown(
        f"**Contact {len(worth):,} of {len(result):,} customers.** Expected value: "
        f"{worth.sum():,.0f} {predictor.metadata['prices']['currency']}."
    )
    shown = result[[probability, decision, value, *result.columns[:-3]]]
    shown.index += 1  # rows are counted from 1, as in error messages
    st.dataframe(shown, column_config={probability: PERCENT, value: MONEY})
    st.download_button("Result as CSV", result.to_csv(index=False), "scored.csv")


def money(predictor: Predictor) -> None:
    """Move the prices: threshold, profit curve and saving follow."""
    if (outcomes := read_outcomes(PATHS.reports)) is None:
        return
    validation, test = outcomes
    published = Prices(**predictor.metadata["prices"])
    labels = {
        "customer_value": f"Value of a customer who stays, {published.currency}",
        "offer_cost": f"Cost of an offer, {published.currency}",
        "offer_acceptance": "Share of the leaving who accept it",
        "customers_per_year": "Customers per year",
    }
    left, right = st.columns([1, 3], gap="large")
    with left:
        prices = price_sliders(published, labels, share="offer_acceptance")
    policy = choose_policy(*validation, prices)
    saved = savings(*test, policy, prices, load_config(PATHS.root / "config.yaml").seed)
    thresholds, gains = profit_curve(*test, prices)
    year, unit = prices.customers_per_year, f"{prices.currency} per year"
    value, low, high = (f"{part * year:,.0f}" for part in astuple(saved[policy.naive]))
    with right:
        first, second, third = st.columns(3)
        first.metric(f"Saved against \u201c{policy.naive}\u201d", value)
        second.metric("Profit, contacting everybody", f"{gains[0] * year:,.0f}")
        third.metric("Profit, contacting nobody", f"{gains[-1] * year:,.0f}")
        st.caption(
            f"In {unit}; 95% interval of the saving: {low} to {high}. The threshold is chosen on "
            f"{len(validation[0]):,} validation customers, the money counted on {len(test[0]):,} "
            "test customers that the model never saw."
        )
        titles = ("Profit at each threshold on the test customers", AXIS, f"profit, {unit}")
        st.altair_chart(profit_chart(thresholds, gains * year, policy.threshold, titles))


def riskiest(predictor: Predictor) -> None:
    """The test customers who are most likely to leave, and what raises their risk most."""
    # Prepared with other settings, today's test customers may be those that it learned from.
    if predictor.metadata.get("data") != fingerprint(PATHS.processed):
        st.info(
            "The customers whom this model was tested on are not here: run the `data` stage, or "
            "`all` if the settings have changed since."
        )
        return
    data, info = read_processed(PATHS)
    rows = score(data.test, predictor).head(st.slider("How many test customers", 5, 100, 20))
    reasons = predictor.explain(to_instances(rows, predictor.columns))
    value = f"expected value, {predictor.metadata['prices']['currency']}"
    table = {
        "customer": rows[info.id] if info.id else rows.index,
        "probability": rows.iloc[:, -3],
        value: rows.iloc[:, -1],
        "main reason": [in_words(max(r, key=lambda x: x["contribution"])) for r in reasons],
    }
    formats = {"probability": PERCENT, value: MONEY}
    st.dataframe(table, column_config=formats, hide_index=True)


def in_words(reason: dict[str, Any]) -> str:
    """A reason as a person would name it: the feature and its value."""
    return f"{reason['feature']}: {known(reason['value'])}"


def known(value: float | str | None) -> str:
    """A value as text, and one that is not known too."""
    if value is None or value == MISSING:
        return "(not known)"
    return value if isinstance(value, str) else f"{value:g}"


draw(
    PATHS,
    {
        "What if": what_if,
        "Score a file": score_file,
        "Money": money,
        "Riskiest customers": riskiest,
    },
)
