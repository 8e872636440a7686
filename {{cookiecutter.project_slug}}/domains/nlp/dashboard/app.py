"""The dashboard: all that it knows of the data comes from the published model and reports."""

from dataclasses import astuple
from html import escape
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, draw, read_report
from prices import price_sliders, profit_chart, read_outcomes
from scoring import MAX_ROWS, likely_text, read_reviews, score

from sentiment.business import REVIEWS, choose_policy, savings
from sentiment.config import Prices, load_config
from sentiment.files import read_json
from sentiment.paths import Paths
from sentiment.policy import profit_curve
from sentiment.predictor import Predictor
from sentiment.trends import by_aspect, by_month, mentioning
from sentiment.wording import threshold

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
PERCENT = st.column_config.NumberColumn(format="percent")
MONEY = st.column_config.NumberColumn(format="%.2f")
AXIS = "\u2190 everything | read from this risk of a bad review on | nothing \u2192"
EXAMPLE = "Great screen and a wonderful sound, but the battery is not reliable."
EVERY = "(all products)"


def one_review(predictor: Predictor) -> None:
    """A field for one review, and its words coloured by what they say."""
    limit = predictor.metadata["limits"]["characters"]
    text = st.text_area("A review", EXAMPLE, max_chars=limit, height=110)
    [answer] = predictor.predict([{"text": text}])
    words = predictor.coloured(text)
    currency = predictor.metadata["prices"]["currency"]
    first, second, third = st.columns(3)
    first.metric("Probability of positive", f"{answer['probability']:.1%}", border=True)
    second.metric("Decision", answer["decision"], border=True)
    third.metric(
        f"Value of reading it, {currency}", f"{answer['expected_value']:,.2f}", border=True
    )
    st.html(coloured(text, words))
    st.caption(
        "Blue words speak for a good review, orange ones against; the stronger, the darker. "
        f"At published prices: {threshold(predictor.metadata['threshold']).lower()}."
    )
    if words:
        st.altair_chart(words_chart(words))


def coloured(text: str, words: list[dict[str, Any]]) -> str:
    """HTML of a review with a coloured ground behind each word."""
    strongest = max((abs(word["contribution"]) for word in words), default=0) or 1
    html, done = "", 0
    for word in words:
        colour = BLUE if word["contribution"] > 0 else ORANGE
        strength = round(200 * abs(word["contribution"]) / strongest)
        title = f"{word['contribution']:+.2f} log-odds"
        html += escape(text[done : word["start"]])
        html += f'<span title="{title}" style="background:{colour}{strength:02x}">'
        html += f"{escape(word['word'])}</span>"
        done = word["end"]
    return f'<p style="font-size:1.25rem;line-height:2">{html}{escape(text[done:])}</p>'


def words_chart(words: list[dict[str, Any]]) -> alt.Chart:
    """The strongest words: what speaks for a good review points right, what speaks against left."""
    table = pd.DataFrame(words).assign(word=lambda found: found["word"].str.lower())
    table = table.groupby("word", as_index=False)["contribution"].sum()
    table = table.loc[table["contribution"].abs().nlargest(10).index]
    x = alt.X("contribution", title="\u2190 against | effect on log-odds | for \u2192")
    y = alt.Y("word", title=None, sort=None).axis(labelLimit=220, labelOverlap=False)
    colour = alt.condition(alt.datum.contribution > 0, alt.value(BLUE), alt.value(ORANGE))
    chart = alt.Chart(table, title="Strongest words").mark_bar()
    return chart.encode(x=x, y=y, color=colour).properties(height=alt.Step(26))


def score_file(predictor: Predictor) -> None:
    """Score an uploaded file, offer the result, and show what its reviews speak of."""
    st.markdown(
        f"A CSV, TSV or JSON Lines file in UTF-8 with one review per row, or a text file with one "
        f"per line; at most {MAX_ROWS:,}."
    )
    upload = st.file_uploader("Reviews", type=["csv", "tsv", "jsonl", "ndjson", "txt"])
    if upload is None:
        return
    table = read_reviews(upload.name, upload.getvalue())
    columns = list(table.columns)
    text = st.selectbox("Column of the reviews", columns, columns.index(likely_text(table)))
    result = score(table, text, predictor)
    probability, _, decision, value = result.columns[-4:]
    worth = result.loc[result[decision] == "read", value]
    st.markdown(
        f"**Read {len(worth):,} of {len(result):,} reviews.** Expected value: "
        f"{worth.sum():,.0f} {predictor.metadata['prices']['currency']}."
    )
    shown = result[[text, *result.columns[-4:], *[c for c in result.columns[:-4] if c != text]]]
    shown.index += 1  # rows are counted from 1, as in error messages
    st.dataframe(shown, column_config={probability: PERCENT, value: MONEY})
    st.download_button("Result as CSV", result.to_csv(index=False), "scored.csv")
    said, lexicon = (result[probability] >= 0.5).astype(int), predictor.metadata["aspects"]
    rates = by_aspect(result[text].astype(str), said, lexicon)
    if len(rates):
        st.altair_chart(rates_chart(rates, "By aspect, as the model reads it"))


def over_time(predictor: Predictor) -> None:
    """The share of positive reviews by month and by aspect, of one product or of all."""
    file = PATHS.processed / "dataset.json"
    info = read_json(file) if file.exists() else {}
    if info.get("sha256") != predictor.metadata["dataset"]["sha256"]:
        st.info("The reviews behind this model are not here: run the `data` stage.")
        return
    parts = [pd.read_parquet(PATHS.processed / f"{part}.parquet") for part in ("train", "test")]
    table = pd.concat(parts)
    if "product" in table:
        chosen = st.selectbox("Product", [EVERY, *table["product"].value_counts().index[:50]])
        table = table if chosen == EVERY else table[table["product"] == chosen]
    lexicon = predictor.metadata["aspects"]
    named = st.selectbox("Aspect", ["(any)", *lexicon])
    if "date" in table and table["date"].notna().any():
        shown = table if named == "(any)" else mentioning(table, named, lexicon)
        months = by_month(shown["date"], shown["positive"])
        st.altair_chart(months_chart(months))
    else:
        st.info("These reviews have no dates: name a column as `date` for this data set.")
    rates = by_aspect(table["text"], table["positive"], lexicon)
    if len(rates):
        st.altair_chart(rates_chart(rates, "By aspect"))
    st.caption("By the labels of all reviews, not by predictions. Bars: 95% intervals.")


def months_chart(months: pd.DataFrame) -> alt.LayerChart:
    """The share of positive reviews in each month with its interval."""
    base = alt.Chart(months.rename_axis("month").reset_index(), title="By month")
    x = alt.X("month:T", title=None)
    y = alt.Y("rate", title="share of positive reviews").axis(format="%").scale(domain=[0, 1])
    band = base.mark_area(opacity=0.2, color=BLUE).encode(x, alt.Y("low"), alt.Y2("high"))
    line = base.mark_line(color=BLUE, point=True).encode(x, y, tooltip=["reviews", "rate"])
    return (band + line).properties(height=260)


def rates_chart(rates: pd.DataFrame, title: str) -> alt.LayerChart:
    """The share of positive reviews in each group with its interval."""
    base = alt.Chart(rates.rename_axis("group").reset_index(), title=title)
    y = alt.Y("group", title=None, sort="x")
    x = alt.X("rate", title="share of positive reviews").axis(format="%").scale(domain=[0, 1])
    dots = base.mark_circle(color=BLUE, size=90, opacity=1).encode(x, y, tooltip=["reviews"])
    bars = base.mark_rule(color=GREY, strokeWidth=3).encode(alt.X("low"), y, x2="high")
    return (bars + dots).properties(height=alt.Step(26))


def money(predictor: Predictor) -> None:
    """Move the prices: threshold, profit curve and saving follow."""
    if (outcomes := read_outcomes(PATHS.reports)) is None:
        return
    # Unhappy and risk are the other sides of positive and its probability.
    validation, test = (1 - part for part in outcomes)
    published = Prices(**predictor.metadata["prices"])
    labels = {
        "customer_value": f"Value of a customer who stays, {published.currency}",
        "win_back": "Share of the unhappy who stay if answered",
        "reading_cost": f"Cost of reading a review, {published.currency}",
    }
    left, right = st.columns([1, 3], gap="large")
    with left:
        prices = price_sliders(published, labels, share="win_back")
    policy = choose_policy(*validation, prices)
    saved = savings(*test, policy, prices, load_config(PATHS.root / "config.yaml").seed)
    thresholds, gains = profit_curve(*test, prices)
    read = test[1] >= policy.threshold
    unit = f"{prices.currency} per {REVIEWS:,} reviews"
    value, low, high = (f"{part * REVIEWS:,.0f}" for part in astuple(saved[policy.naive]))
    with right:
        first, second, third = st.columns(3)
        first.metric(f"Saved against \u201c{policy.naive}\u201d", value)
        second.metric("Reviews read", f"{read.mean():.0%}")
        third.metric("Unhappy customers reached", f"{test[0][read].sum() / test[0].sum():.0%}")
        st.caption(
            f"In {unit}; 95% interval of the saving: {low} to {high}. The threshold is chosen on "
            f"{len(validation[0]):,} validation reviews, the money counted on {len(test[0]):,} "
            "test reviews that the model never saw."
        )
        titles = ("Gain at each threshold on the test reviews", AXIS, f"gain, {unit}")
        st.altair_chart(profit_chart(thresholds, gains * REVIEWS, policy.threshold, titles))


def models(predictor: Predictor) -> None:
    """The ladder on validation folds, and the words that weigh most."""
    metrics = read_report(PATHS.reports / "metrics.json", "evaluate")
    if metrics is None:
        return
    rows = [
        {"model": row["name"], "chosen": row["selected"]}
        | {name: row["metrics"][name]["value"] for name in ("roc_auc", "accuracy", "f1", "brier")}
        | {end: row["metrics"]["roc_auc"][end] for end in ("low", "high")}
        for row in metrics["models"]
    ]
    base = alt.Chart(pd.DataFrame(rows), title="ROC-AUC on validation folds, 95% intervals")
    y, colour = alt.Y("model", title=None, sort=None), alt.Color("chosen", legend=None)
    scale = colour.scale(domain=[True, False], range=[BLUE, GREY])
    x = alt.X("roc_auc", title="ROC-AUC").scale(zero=False)
    dots = base.mark_circle(size=120, opacity=1).encode(x, y, scale)
    bars = base.mark_rule(strokeWidth=3).encode(alt.X("low"), y, scale, x2="high")
    st.altair_chart((bars + dots).properties(height=alt.Step(34)))
    st.dataframe(pd.DataFrame(rows).drop(columns=["low", "high"]), hide_index=True)
    explanation = read_report(PATHS.reports / "explain.json", "explain")
    if explanation is not None:
        kinds = {"speaks for": "positive_words", "speaks against": "negative_words"}
        for place, (name, kind) in zip(st.columns(2), kinds.items(), strict=True):
            table = pd.DataFrame(explanation[kind], columns=["word", "contribution", "reviews"])
            place.dataframe(table.rename(columns={"word": name}), hide_index=True)


draw(
    PATHS,
    {
        "Type a review": one_review,
        "Score a file": score_file,
        "Over time and by aspect": over_time,
        "Money": money,
        "Models": models,
    },
)
