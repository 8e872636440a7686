"""The dashboard: all that it knows of the data comes from the published model and reports."""

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, draw, for_excel, plain, slider

from churn.config import MISSING, Prices, load_config
from churn.kit import DataError
from churn.kit.decisions import break_even, profit_curve
from churn.kit.documents import span
from churn.kit.files import Paths
from churn.kit.settings import MAX_NUMBER, TableSource
from churn.kit.tables import mark_missing, read_table, require_columns, to_numbers
from churn.money import Customers, compare, in_words, read_customers
from churn.predictor import Instance, Predictor, typical_value

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
MAX_ROWS = 50_000


def what_if(predictor: Predictor) -> None:
    """A form for one customer, and the model's answer beside it."""
    left, right = st.columns([5, 6], gap="large")
    with left, st.form("customer"):
        st.markdown("One customer, at first a typical one. Leave empty what is not known.")
        grid = st.columns(2)
        customer = {}
        for place, column in enumerate(predictor.columns):
            with grid[place % 2]:
                customer[column["name"]] = field(column, f"{predictor.version} {column['name']}")
        st.form_submit_button("Predict", type="primary")
    answer = predictor.predict([customer])[0]
    with right:
        first, second, third = st.columns([4, 5, 4])
        first.metric("Probability of leaving", f"{answer['probability']:.1%}")
        second.metric("Decision", answer["decision"])
        unit = predictor.metadata["prices"]["currency"]
        worth = round(answer["expected_value"], 2) + 0.0  # no "-0.00"
        third.metric(f"Value of an offer, {unit}", f"{worth:,.2f}")
        st.altair_chart(reasons_chart(predictor.explain([customer])[0][:8]))
        warn(predictor.warnings([customer]))


def field(column: dict[str, Any], key: str) -> float | str | None:
    """A field that starts with the median, or the most frequent category, of its column."""
    label, typical = plain(column["name"]), column["typical"]
    # As state, not as `value`: a number field with a value of its own cannot be left empty.
    st.session_state.setdefault(key, typical_value(column))
    if column["type"] == "category":
        options = list(dict.fromkeys([*typical, MISSING]))
        return st.selectbox(label, options, key=key, format_func=known)
    step = 1.0 if all(value.is_integer() for value in typical) else None
    return st.number_input(label, -MAX_NUMBER, MAX_NUMBER, None, step, "%g", key=key)


def reasons_chart(reasons: list[dict[str, Any]]) -> alt.Chart:
    """What raises the risk of this customer points right, what lowers it left."""
    effects = {f"{r['feature']}: {known(r['value'])}": r["contribution"] for r in reasons}
    table = pd.DataFrame({"reason": effects.keys(), "effect": effects.values()})
    x = alt.X("effect", title="← lowers | effect on log-odds | raises →").axis(tickCount=5)
    y = alt.Y("reason", title=None, sort=list(effects)).axis(labelLimit=220, labelOverlap=False)
    colour = alt.condition(alt.datum.effect > 0, alt.value(ORANGE), alt.value(BLUE))
    chart = alt.Chart(table, title="Strongest reasons, compared with typical customers")
    return chart.mark_bar().encode(x=x, y=y, color=colour).properties(height=alt.Step(32))


def known(value: float | str | None) -> str:
    """A value as text, and one that is not known too."""
    if value in (None, MISSING):
        return "(not known)"
    return value if isinstance(value, str) else f"{value:,.12g}"


def score_file(predictor: Predictor) -> None:
    """Score an uploaded file and offer the result, riskiest customers first."""
    names = [column["name"] for column in predictor.columns]
    st.markdown(
        f"A CSV or Excel file, at most {MAX_ROWS:,} rows, with a header that names these columns, "
        f"in any order and among others: {', '.join(plain(name) for name in names)}."
    )
    if (upload := st.file_uploader("Customers", type=["csv", "tsv", "txt", "xlsx"])) is None:
        return
    table = read_file(upload.name, upload.getvalue())
    instances = to_instances(table, predictor.columns)
    result = score(table, predictor.predict(instances))
    probability, decision, value = result.columns[-3:]
    worth = result.loc[result[decision] == "contact", value]
    st.markdown(
        f"**Contact {len(worth):,} of {len(result):,} customers.** Expected value: "
        f"{worth.sum():,.2f} {predictor.metadata['prices']['currency']}."
    )
    shown = result[[probability, decision, value, *result.columns[:-3]]]
    shown.index += 1  # rows are counted from 1, as in error messages
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(shown, column_config={probability: percent})
    st.download_button("Result as CSV", for_excel(result), "scored.csv")
    warn(predictor.warnings(instances))


def warn(warnings: list[list[dict[str, Any]]]) -> None:
    """Count the values that the model does not know, the most frequent first."""
    if found := [one for several in warnings for one in several]:
        st.warning(f"Values that the model does not know, so that it guesses: {len(found):,}")
        table = pd.DataFrame(found).assign(value=[known(one["value"]) for one in found])
        st.dataframe(table.value_counts().reset_index(name="rows"))


def read_file(name: str, content: bytes) -> pd.DataFrame:
    """Read a file as text, its separator the one that its header has most of; or a DataError."""
    header = content.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    file, separator = Path(name), max(",;\t|", key=header.count)
    table = read_table(file, TableSource(path=file, separator=separator), content or b"\n")
    if len(table) > MAX_ROWS:
        raise DataError(f"expected at most {MAX_ROWS:,} rows, found {len(table):,}")
    return mark_missing(table)


def score(table: pd.DataFrame, answers: list[dict[str, Any]]) -> pd.DataFrame:
    """Return ``table``, riskiest first, with what the model says as three more columns."""
    predictions = pd.DataFrame(answers)
    riskiest_first = (-predictions["probability"]).argsort(kind="stable")
    # A file may have such a column already, from an earlier scoring for example: it stays.
    taken = {name: f"{name} (model)" for name in predictions if name in table}
    predictions = predictions.rename(columns=taken).set_index(table.index)
    kept = table.drop(columns=list(predictions), errors="ignore")
    return kept.join(predictions).iloc[riskiest_first]


def to_instances(table: pd.DataFrame, columns: list[dict[str, Any]]) -> list[Instance]:
    """Return the rows as the predictor takes them; a DataError names a missing or wrong value."""
    names = [column["name"] for column in columns]
    require_columns(table, names, "the file")
    features = table[names].astype(object)
    for column in columns:
        if column["type"] == "number":
            features[column["name"]] = to_numbers(table[column["name"]], "the file").astype(object)
    return features.where(features.notna(), None).to_dict("records")


def prices(predictor: Predictor) -> None:
    """Move the prices: threshold, profit curve and saving follow."""
    test = read_customers(PATHS.reports / "predictions.csv")
    published = Prices(**predictor.metadata["prices"])
    currency = published.currency
    left, right = st.columns([1, 3], gap="large")
    with left:
        value = slider(f"Value of a customer who stays, {currency}", published.customer_value)
        cost = slider(f"Cost of an offer, {currency}", published.offer_cost)
        share = slider("Share of the leaving who accept it", published.offer_acceptance, 1.0)
    moved = {"customer_value": value, "offer_cost": cost, "offer_acceptance": share}
    now = published.model_copy(update=moved)
    *others, _ = compare(test, now, load_config(PATHS.root / "config.yaml").seed)  # last: ours
    with right:
        for place, policy in zip(st.columns(len(others)), others, strict=True):
            amount, _, interval = span(policy["saved_per_year"]).partition(" ")
            label = f"Saved a year against {in_words(policy['name'])}, {currency}"
            place.metric(plain(label), amount, help=f"95% interval: {interval}")
        st.altair_chart(profit_chart(test, now))


def profit_chart(test: Customers, now: Prices) -> alt.LayerChart:
    """Profit a year at each threshold; dashed: above it an offer pays."""
    thresholds, gains = profit_curve(test.y, test.probability, now.stakes)
    pays, profit = min(break_even(now.stakes), 1), gains * now.customers_per_year
    table = pd.DataFrame({"threshold": thresholds.clip(max=1), "profit": profit})
    below = "← everybody | contact from this probability of leaving on | nobody →"
    x = alt.X("threshold", title=below).axis(format="%").scale(domain=[0, 1])
    y = alt.Y("profit", title=f"{now.currency} a year").axis(format=",.6~f")
    title = f"An offer pays above {pays:.1%}" if pays < 1 else "No offer pays"
    line = alt.Chart(table, title=title).mark_line(color=BLUE, strokeWidth=3).encode(x=x, y=y)
    mark = alt.Chart(pd.DataFrame({"threshold": [pays]})).encode(x="threshold")
    return (line + mark.mark_rule(color=GREY, strokeDash=[6, 4])).properties(height=400)


TABS = {"What if": what_if, "Score a file": score_file, "Prices": prices}
draw(lambda: Predictor.load(PATHS.models), TABS)
