"""The dashboard: all that it knows of the data comes from the published model and reports."""

import json
from collections import Counter
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from experiment import play
from page import BLUE, ORANGE, draw

from recommender.config import Prices
from recommender.kit.files import Paths, read_json
from recommender.linear import Catalogue
from recommender.predictor import Instance, Predictor

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
REASONS = 3  # named beside each recommendation
KNOWN, NEW = "Somebody known", "Somebody new"
BASIS = {
    "history": "By what this person liked before. Nothing that they have met is recommended.",
    "liked": "By the chosen titles.",
    "popular": "No like is known, so these are the most popular items not met yet.",
}


def recommendations(predictor: Predictor) -> None:
    """Somebody on the left; on the right what the model recommends to them, and why."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        instance = person(predictor)
    answer = predictor.predict([instance])[0]
    reasons = pd.DataFrame(predictor.explain([instance])[0])
    with right:
        st.markdown(BASIS[answer["basis"]])
        if not answer["items"]:
            st.info("There is no item left to recommend.")
            return
        items = pd.DataFrame(answer["items"])
        speaking = reasons[reasons["value"].notna() & (reasons["contribution"] > 0)]
        titles = speaking.groupby("item")["feature"].apply(lambda names: ", ".join(names[:REASONS]))
        table = {
            "recommended": items["title"],
            "because they liked": items["item"].map(titles).fillna("(popular)"),
            "score": items["score"],
        }
        st.dataframe(table, hide_index=True)
        names = dict(zip(items["item"], items["title"], strict=True))
        chosen = st.selectbox("Why this one?", names, format_func=lambda item: names[item])
        shown = reasons[reasons["item"] == chosen]
        st.altair_chart(bars(shown, "feature", "contribution", "added to the score"))


def person(predictor: Predictor) -> Instance:
    """Whom to recommend to, and how many items."""
    catalogue, longest = predictor.catalogue, predictor.metadata["limits"]["k_max"]
    known = st.radio("For whom?", [KNOWN, NEW], horizontal=True) == KNOWN
    place = st.container()
    k = st.number_input("How many items?", 1, longest, predictor.metadata["signature"]["k"])
    if not known:
        names = labels(catalogue)
        chosen = place.multiselect("Titles they like", names)
        return {"liked": [names[name] for name in chosen], "k": k}
    typical = np.argsort(np.diff(catalogue.first), kind="stable")[len(catalogue.users) // 2]
    user = place.selectbox("Person", catalogue.users, index=int(typical))
    liked = [catalogue.titles[code] for code in predictor.likes(user)]
    st.dataframe({f"likes ({len(liked):,})": liked}, hide_index=True)
    return {"user": user, "k": k}


def labels(catalogue: Catalogue) -> dict[str, str]:
    """What to call each item in a list to choose from; one title may stand for several."""
    times = Counter(catalogue.titles)
    return {
        title if times[title] == 1 else f"{title} ({item})": item
        for title, item in zip(catalogue.titles, catalogue.items, strict=True)
    }


def similar(predictor: Predictor) -> None:
    """The items for which a like of one item speaks most."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        names = labels(predictor.catalogue)
        item = names[st.selectbox("Whoever likes", names)]
        st.markdown("may also like what is on the right.")
    found = pd.DataFrame(predictor.similar(item))
    with right:
        st.altair_chart(bars(found, "title", "score", "what a like adds to the score"))


def bars(table: pd.DataFrame, names: str, sizes: str, title: str) -> alt.Chart:
    """A bar for each row, in the order given; what lowers a score points left."""
    shown = table[[names, sizes]].reset_index(drop=True)
    # By place, because two items may have the same title.
    y = alt.Y("place:O", title=None).axis(
        labelExpr=f"{json.dumps(shown[names].tolist())}[datum.value]", labelLimit=260
    )
    x = alt.X(sizes, title=title).axis(tickCount=5)
    colour = alt.condition(alt.datum[sizes] > 0, alt.value(BLUE), alt.value(ORANGE))
    chart = alt.Chart(shown.assign(place=shown.index)).mark_bar()
    return chart.encode(x=x, y=y, color=colour).properties(height=alt.Step(30))


def experiment(predictor: Predictor) -> None:
    """The A/B test, to play with."""
    metrics = read_json(PATHS.reports / "metrics.json", "evaluate")
    play(metrics["recsys"], Prices(**predictor.metadata["prices"]))


draw(
    lambda: Predictor.load(PATHS.models),
    {"Recommendations": recommendations, "Similar items": similar, "A/B test": experiment},
)
