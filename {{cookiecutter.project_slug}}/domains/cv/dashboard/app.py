"""The dashboard: all that it knows of the data comes from the published model and reports."""

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
import weighing
from page import BLUE, GREY, Tab, draw, plain, read_report
from prices import read_outcomes

from imaging.config import load_config
from imaging.files import read_json
from imaging.gradcam import overlay
from imaging.paths import Paths
from imaging.predictor import Predictor
from imaging.wording import LADDER, METRICS, NOTICE, label, threshold

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
SIDE = 400  # pixels of the image with its map


def one_image(predictor: Predictor) -> None:
    """Drop an image or pick an example: its probability, and where the evidence was."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        content = chosen_image()
        opacity = st.slider("Opacity of the map", 0.0, 1.0, 0.5, 0.05)
    if content is None:
        right.info("Drop an image to the left.")
        return
    image = predictor.read(content)[np.newaxis]
    probability, [evidence] = predictor.maps(image)
    [answer] = predictor.decide(probability)
    currency = predictor.metadata["prices"]["currency"]
    positive = " or ".join(predictor.signature["positive"])
    with right:
        first, second, third = st.columns(3)
        first.metric(f"Probability of {plain(positive)}", f"{answer['probability']:.1%}")
        second.metric("Decision", answer["decision"])
        third.metric(f"Value of referring, {currency}", f"{answer['expected_value']:,.2f}")
        strong = predictor.signature["strong"]
        st.image(overlay(image[0], evidence, strong, opacity, SIDE), output_format="PNG")
        st.caption(
            "The image as the model sees it. The redder a place, the more it speaks for a positive "
            "case; full red is what the strongest place of a typical positive case has. "
            f"At published prices the model refers {threshold(predictor.metadata['threshold'])}."
        )


def chosen_image() -> bytes | None:
    """The bytes of the uploaded file, or else of the chosen example, if there are any."""
    upload = st.file_uploader("An image, PNG or JPEG", type=["png", "jpg", "jpeg"])
    folder, file = PATHS.reports / "examples", PATHS.reports / "explain.json"
    rows = read_json(file)["examples"] if file.exists() else []
    found = [row for row in rows if (folder / row["file"]).is_file()]
    chosen = found and st.selectbox("Or a test image", found, format_func=in_words)
    if upload is not None:
        return upload.getvalue()
    return (folder / chosen["file"]).read_bytes() if chosen else None


def in_words(example: dict[str, Any]) -> str:
    """An example by its class and what the published model made of it."""
    return f"{example['class']}: {example['outcome']} ({example['id']})"


def weigh(predictor: Predictor) -> None:
    """Move the threshold: missed cases against false alarms."""
    if (outcomes := read_outcomes(PATHS.reports)) is not None:
        weighing.threshold(predictor, outcomes[1])


def count_money(predictor: Predictor) -> None:
    """Move the prices: threshold and saving follow."""
    if (outcomes := read_outcomes(PATHS.reports)) is not None:
        weighing.money(predictor, *outcomes, load_config(PATHS.root / "config.yaml").seed)


def models(predictor: Predictor) -> None:
    """The ladder on validation images, and how the chosen model does on each kind of image."""
    metrics = read_report(PATHS.reports / "metrics.json", "evaluate")
    if metrics is None:
        return
    rows = [
        {"model": label(row["name"]), "chosen": row["selected"], "parameters": row["parameters"]}
        | {METRICS[name]: row["metrics"][name]["value"] for name in LADDER}
        | {end: row["metrics"]["roc_auc"][end] for end in ("low", "high")}
        for row in metrics["models"]
    ]
    base = alt.Chart(pd.DataFrame(rows), title="ROC-AUC on validation images, 95% intervals")
    y, colour = alt.Y("model", title=None, sort=None), alt.Color("chosen", legend=None)
    scale = colour.scale(domain=[True, False], range=[BLUE, GREY])
    x = alt.X(METRICS["roc_auc"], title="ROC-AUC").scale(zero=False)
    dots = base.mark_circle(size=120, opacity=1).encode(x, y, scale)
    bars = base.mark_rule(strokeWidth=3).encode(alt.X("low"), y, scale, x2="high")
    st.altair_chart((bars + dots).properties(height=alt.Step(34)))
    st.dataframe(pd.DataFrame(rows).drop(columns=["low", "high"]), hide_index=True)
    st.markdown("**The chosen model on kinds of test images, at its operating threshold:**")
    slices = [
        {"slice": f"{kind.replace('_', ' ')}: {row['name']}", "images": row["rows"]}
        | {METRICS[name]: row[name] for name in ("sensitivity", "specificity", "accuracy")}
        for kind, group in metrics["cv"]["slices"].items()
        for row in group
    ]
    st.dataframe(pd.DataFrame(slices), hide_index=True)


def noticed(tab: Tab) -> Tab:
    """The tab under the line that no page goes without."""

    def with_notice(predictor: Predictor) -> None:
        st.caption(f"**{NOTICE}**")
        tab(predictor)

    return with_notice


TABS = {
    "An image": one_image,
    "Missed against alarms": weigh,
    "Money": count_money,
    "Models": models,
}
draw(PATHS, {name: noticed(tab) for name, tab in TABS.items()})
