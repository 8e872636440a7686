"""The dashboard: all that it knows of the data comes from the published model and reports."""

import json
from collections import Counter
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from experiment import play
from page import BLUE, ORANGE, draw, read_report

from recommender.config import Prices
from recommender.export import Catalogue
from recommender.paths import Paths
from recommender.predictor import Instance, Predictor
from recommender.wording import CHARACTER, label, scores

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
REASONS = 3  # named beside each recommendation
KNOWN, NEW = "Somebody known", "Somebody new"
BASIS = {
    "history": "By what this person liked before. Nothing that they have met is recommended.",
    "liked": "By the chosen titles.",
    "popular": "No like is known, so these are the most popular items.",
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
        because = speaking.groupby("item")["feature"].apply(
            lambda titles: ", ".join(titles[:REASONS])
        )
        table = {
            "recommended": items["title"],
            "because they liked": items["item"].map(because).fillna("(popular)"),
            "score": items["score"],
        }
        st.dataframe(table, hide_index=True)
        names = dict(zip(items["item"], items["title"], strict=True))
        chosen = st.selectbox("Why this one?", names, format_func=lambda item: names[item])
        st.altair_chart(
            bars(
                reasons[reasons["item"] == chosen], "feature", "contribution", "added to the score"
            )
        )


def person(predictor: Predictor) -> Instance:
    """Whom to recommend to, and how many items."""
    catalogue, longest = predictor.catalogue, predictor.metadata["limits"]["k_max"]
    known = st.radio("For whom?", [KNOWN, NEW], horizontal=True) == KNOWN
    place = st.container()
    k = st.number_input("How many items?", 1, longest, predictor.metadata["k"])
    contains = st.text_input("Only with these words in title or description")
    if not known:
        names = labels(catalogue)
        chosen = place.multiselect("Titles they like", names)
        return {"liked": [names[name] for name in chosen], "k": k, "contains": contains}
    typical = np.argsort(np.diff(catalogue.starts), kind="stable")[len(catalogue.users) // 2]
    user = place.selectbox("Person", catalogue.users, index=int(typical))
    liked = [catalogue.titles[code] for code in predictor.likes(user)]
    st.dataframe({f"likes ({len(liked):,})": liked}, hide_index=True)
    return {"user": user, "k": k, "contains": contains}


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
    metrics = read_report(PATHS.reports / "metrics.json", "evaluate")
    if metrics is not None:
        play(metrics["recsys"]["business"], Prices(**predictor.metadata["prices"]))


def models(predictor: Predictor) -> None:
    """All models on the validation slice, and the published one on the test slice."""
    metrics = read_report(PATHS.reports / "metrics.json", "evaluate")
    if metrics is None:
        return
    name, chosen = metrics["primary_metric"]["name"], label(predictor.metadata["model"])
    table = pd.DataFrame(
        {
            "model": label(model["name"]) + (" (chosen)" if model["selected"] else ""),
            label(name): model["metrics"][name]["value"],
            "95% interval": "{low:.3f} to {high:.3f}".format(**model["metrics"][name]),
            "coverage": model["coverage"],
            **{label(key): model["metrics"][key]["value"] for key in CHARACTER},
        }
        for model in metrics["models"]
    )
    st.altair_chart(tradeoff_chart(table, label(name)))
    st.markdown("On the validation slice, by which the model was chosen:")
    st.dataframe(table.round(3), hide_index=True)
    st.markdown(f"The chosen model ({chosen}) saw the test slice once:")
    tested = pd.DataFrame(scores(metrics), columns=["on the test slice", chosen, "popularity"])
    st.dataframe(tested, hide_index=True)


def tradeoff_chart(table: pd.DataFrame, primary: str) -> alt.Chart:
    """Accuracy against the share of items that anybody is shown."""
    x = alt.X("coverage", title="coverage: share of items shown to anybody").axis(
        format="%", tickCount=8
    )
    chart = alt.Chart(table, title="Accuracy against coverage").mark_point(size=130, filled=True)
    return chart.encode(
        x=x,
        y=alt.Y(primary).scale(zero=False),
        # Models lie too close together to be named where they are.
        color=alt.Color("model", sort=None, title=None),
        shape=alt.Shape("model", sort=None, title=None),
        tooltip=["model", "coverage", primary],
    ).properties(height=300)


draw(
    PATHS,
    {
        "Recommendations": recommendations,
        "Similar items": similar,
        "A/B test": experiment,
        "Models": models,
    },
)
