"""The dashboard: all that it knows of the data comes from the published model and reports."""

from html import escape
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, draw, for_excel, plain, slider

from sentiment.aspects import blame
from sentiment.config import Prices, load_config
from sentiment.kit import DataError
from sentiment.kit.decisions import break_even, profit_curve
from sentiment.kit.documents import amount
from sentiment.kit.files import Paths
from sentiment.kit.settings import TableSource
from sentiment.kit.tables import read_table, require_columns
from sentiment.money import MODEL, REVIEWS, Reviews, compare
from sentiment.predictor import Predictor

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
MAX_ROWS = 20_000
EXAMPLE = "Great screen and a wonderful sound, but the battery is not reliable."
NO_SEPARATOR = "\x1f"  # where there is one column, commas belong to the reviews


def one_review(predictor: Predictor) -> None:
    """A field for one review, and its words coloured by what they say."""
    limit = predictor.metadata["limits"]["characters"]
    text = st.text_area("A review", EXAMPLE, max_chars=limit, height=110)
    [answer] = predictor.predict([{"text": text}])
    words = predictor.coloured(text)
    currency = predictor.metadata["prices"]["currency"]
    first, second, third = st.columns(3)
    first.metric("Probability of a good review", f"{answer['probability']:.1%}")
    second.metric("Decision", answer["decision"])
    third.metric(f"Value of reading it, {currency}", f"{answer['expected_value']:,.2f}")
    st.html(coloured(text, words))
    st.caption("Blue words speak for a good review, orange ones against; the stronger, the darker.")
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
    """Score an uploaded file, offer the result, and show what its unhappy reviews blame."""
    st.markdown(
        "A CSV, TSV, Excel or JSON Lines file with one review per row, or a text file with one "
        f"per line; at most {MAX_ROWS:,}."
    )
    upload = st.file_uploader("Reviews", type=["csv", "tsv", "xlsx", "jsonl", "ndjson", "txt"])
    if upload is None:
        return
    table = read_reviews(upload.name, upload.getvalue())
    columns = list(table.columns)
    text = st.selectbox("Column of the reviews", columns, columns.index(likely_text(table)))
    result = score(table, text, predictor)
    probability, label, decision, value = result.columns[-4:]
    worth = result.loc[result[decision] == "read", value]
    st.markdown(
        f"**Read {len(worth):,} of {len(result):,} reviews.** Expected value: "
        f"{worth.sum():,.0f} {predictor.metadata['prices']['currency']}."
    )
    shown = result[[text, *result.columns[-4:], *[c for c in result.columns[:-4] if c != text]]]
    shown.index += 1  # rows are counted from 1, as in error messages
    formats = {
        probability: st.column_config.NumberColumn(format="percent"),
        value: st.column_config.NumberColumn(format="%.2f"),
    }
    st.dataframe(shown, column_config=formats)
    st.download_button("Result as CSV", for_excel(result), "scored.csv")
    blamed = what_is_blamed(result.loc[result[label] == "negative", text].tolist(), predictor)
    if len(blamed):
        st.altair_chart(blame_chart(blamed))


def read_reviews(name: str, content: bytes) -> pd.DataFrame:
    """Read a CSV, TSV, Excel or JSON Lines file as text; of a text file every line is a review.

    Raises:
        DataError: it is no table, has no rows, or more than ``MAX_ROWS``.
    """
    header = content.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    file = Path(name)
    separator = "\t" if file.suffix.lower() == ".tsv" else max(",;\t|", key=header.count)
    source = TableSource(path=file, separator=separator)
    if file.suffix.lower() == ".txt":
        source = TableSource(path=file, separator=NO_SEPARATOR, header=False, quotes=False)
    elif separator not in header:
        source = TableSource(path=file, separator=NO_SEPARATOR)
    table = read_table(file, source, content or b"\n")
    if len(table) > MAX_ROWS:
        raise DataError(f"expected at most {MAX_ROWS:,} reviews, found {len(table):,}")
    return table if source.header else table.rename(columns={"column_0": "text"})


def likely_text(table: pd.DataFrame) -> str:
    """The column that looks most like reviews: the one with the longest values."""
    lengths = table.astype(str).map(len).mean()
    return str(lengths.idxmax())


def score(table: pd.DataFrame, text: str, predictor: Predictor) -> pd.DataFrame:
    """Return ``table``, riskiest first, with what the model says as four more columns.

    Raises:
        DataError: there is no such column, or a review is longer than the model's limit.
    """
    require_columns(table, [text], "the file")
    reviews = table[text].map(lambda value: value if isinstance(value, str) else "")
    limit = predictor.metadata["limits"]["characters"]
    long = reviews.str.len() > limit
    if long.any():
        row = int(long.to_numpy().argmax()) + 1
        raise DataError(
            f"column {text!r}, row {row}: expected at most {limit:,} characters, found "
            f"{len(reviews.iloc[row - 1]):,}. Shorten the review, or raise `characters` under "
            "`limits` and publish the model again."
        )
    found = pd.DataFrame(predictor.predict([{"text": review} for review in reviews]))
    # A file may have such a column already, from an earlier scoring for example: it stays.
    taken = {name: f"{name} (model)" for name in found if name in table}
    found = found.rename(columns=taken).set_index(table.index)
    kept = table.drop(columns=list(found), errors="ignore")
    return kept.join(found).iloc[found.iloc[:, 0].argsort(kind="stable")]


def what_is_blamed(texts: list[str], predictor: Predictor) -> pd.DataFrame:
    """How many of these unhappy reviews blame each aspect, and what their customers are worth."""
    found = blame(texts, predictor.metadata["aspects"], predictor)
    counts = pd.DataFrame(
        [{"aspect": name, "reviews": int((values == 1).sum())} for name, values in found.items()],
        columns=["aspect", "reviews"],
    )
    counts["at risk"] = counts["reviews"] * predictor.metadata["prices"]["customer_value"]
    return counts[counts["reviews"] > 0].sort_values("reviews", ascending=False)


def blame_chart(blamed: pd.DataFrame) -> alt.Chart:
    """Aspects by the reviews that blame them."""
    title = "What the negative reviews blame, clause by clause, as the model reads them"
    y = alt.Y("aspect", title=None, sort=None)
    chart = alt.Chart(blamed, title=title).mark_bar(color=ORANGE)
    x = alt.X("reviews", title="negative reviews that blame it")
    return chart.encode(x=x, y=y, tooltip=["reviews", "at risk"]).properties(height=alt.Step(26))


def prices(predictor: Predictor) -> None:
    """Move the prices: threshold, profit curve and saving follow."""
    test = read_outcomes(PATHS.reports / "predictions.csv")
    published = Prices(**predictor.metadata["prices"])
    currency = published.currency
    left, right = st.columns([1, 3], gap="large")
    with left:
        value = slider(f"Value of a customer who stays, {currency}", published.customer_value)
        cost = slider(f"Cost of reading a review, {currency}", published.reading_cost)
        share = slider("Share of the unhappy who stay if answered", published.win_back, 1.0)
    moved = {"customer_value": value, "reading_cost": cost, "win_back": share}
    now = published.model_copy(update=moved)
    policies = compare(test, now, load_config(PATHS.root / "config.yaml").seed)
    with right:
        places = st.columns(len(policies) - 1)
        for place, policy in zip(places, policies, strict=False):
            if policy["name"] == MODEL:
                continue
            saved = policy["saved"]
            width = saved["high"] - saved["low"]
            value, low, high = (amount(saved[key], width) for key in ("value", "low", "high"))
            label = f"More than {policy['name']}, {currency} per {REVIEWS:,} reviews"
            chance = saved["low"] <= 0 <= saved["high"]
            place.metric(plain(label), value)
            place.caption(f"95% interval: {low} to {high}" + ", may be chance" * chance)
        st.altair_chart(profit_chart(test, now))


def read_outcomes(file: Path) -> Reviews:
    """Outcomes, risks and the rule's choice of the test reviews.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        table = pd.read_csv(file, index_col="part").loc[["test"]].astype(float)
        y, probability, rule = (table[name].to_numpy() for name in ("y", "probability", "rule"))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{file} cannot be read: {error}. Restore it from git, or run `evaluate`."
        ) from error
    return Reviews(1 - y, 1 - probability, rule)


def profit_chart(test: Reviews, now: Prices) -> alt.LayerChart:
    """Gain at each threshold; dashed: where reading begins to pay."""
    thresholds, gains = profit_curve(test.unhappy, test.risk, now.stakes)
    chosen = min(break_even(now.stakes), 1)
    table = pd.DataFrame({"threshold": thresholds.clip(max=1), "gain": gains * REVIEWS})
    below = "\u2190 everything | read from this risk of an unhappy customer on | nothing \u2192"
    x = alt.X("threshold", title=below).axis(format="%").scale(domain=[0, 1])
    y = alt.Y("gain", title=f"{now.currency} per {REVIEWS:,} reviews").axis(format=",.0f")
    title = f"Reading pays above a risk of {chosen:.1%}" if chosen < 1 else "Reading never pays"
    line = alt.Chart(table, title=title).mark_line(color=BLUE, strokeWidth=3).encode(x=x, y=y)
    mark = alt.Chart(pd.DataFrame({"threshold": [chosen]})).encode(x="threshold")
    rule = mark.mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2)
    return (line + rule).properties(height=400)


draw(
    lambda: Predictor.load(PATHS.models),
    {"Type a review": one_review, "Score a file": score_file, "Prices": prices},
)
