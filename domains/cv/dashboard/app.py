"""The dashboard: all that it knows of the data comes from the published model and reports."""

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from page import BLUE, GREY, ORANGE, Tab, draw, plain, slider

from imaging.config import NOTICE, Prices, load_config
from imaging.gradcam import overlay
from imaging.kit import DataError
from imaging.kit.documents import amount, span
from imaging.kit.files import Paths, read_json
from imaging.money import CASES, Cases, break_even, compare, count, in_words
from imaging.predictor import Predictor

PATHS = Paths(Path(__file__).resolve().parents[1])  # whatever folder the app is started from
STEPS = np.linspace(0, 1, 201)


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
    positive = " or ".join(predictor.signature["positive"])
    with right:
        first, second, third = st.columns(3)
        first.metric(f"Probability of {plain(positive)}", f"{answer['probability']:.1%}")
        second.metric("Decision", answer["decision"])
        currency = predictor.metadata["prices"]["currency"]
        third.metric(f"Value of referring, {currency}", f"{answer['expected_value']:,.2f}")
        for found in predictor.warnings(image)[0]:
            st.warning(
                f"The model only guesses: the {found['column']} of this image is "
                f"{found['value']:.3g}, that of all training images {found['expected']}."
            )
        st.image(overlay(image[0], evidence, predictor.signature["strong"], opacity), width=400)
        st.caption(
            "The image as the model sees it. The redder a place, the more it speaks for a positive "
            "case; full red is what the strongest place of a typical positive case has."
        )


def chosen_image() -> bytes | None:
    """The bytes of the uploaded file, or else of the chosen example, if there are any."""
    upload = st.file_uploader("An image, PNG or JPEG", type=["png", "jpg", "jpeg"])
    folder, file = PATHS.reports / "examples", PATHS.reports / "explain.json"
    rows = read_json(file, "explain")["examples"] if file.exists() else []
    found = [row for row in rows if (folder / row["file"]).is_file()]
    chosen = found and st.selectbox("Or a test image", found, format_func=in_short)
    if upload is not None:
        return upload.getvalue()
    return (folder / chosen["file"]).read_bytes() if chosen else None


def in_short(example: dict[str, Any]) -> str:
    """An example by its class and what the published model made of it."""
    return f"{example['class']}: {example['outcome']} ({example['id']})"


def prices(predictor: Predictor) -> None:
    """Move the prices: the threshold, the errors and the saving follow."""
    test = read_cases(PATHS.reports / "predictions.csv")
    published, share = Prices(**predictor.metadata["prices"]), predictor.signature["positive_share"]
    left, right = st.columns([1, 3], gap="large")
    with left:
        missed = slider(f"Cost of a missed case, {published.currency}", published.missed_case)
        alarm = slider(f"Cost of a false alarm, {published.currency}", published.false_alarm)
        moved = {"missed_case": missed, "false_alarm": alarm}
        start = round(published.prevalence or test.share, 3)
        practice = st.slider("Positive cases in practice", 0.001, 0.999, start, 0.001, "%.3f")
        if practice != start:  # untouched, it leaves the published figure alone
            moved["prevalence"] = practice
    now = published.model_copy(update=moved)
    rows = compare(share, test, now, load_config(PATHS.root / "config.yaml").seed)
    with right:
        places = st.columns(len(rows) + 1)
        places[0].metric(f"Missed of {CASES:,} cases", in_words(rows[-1]["missed"]["value"]))
        places[1].metric("False alarms", in_words(rows[-1]["alarms"]["value"]))
        for place, row in zip(places[2:], rows, strict=False):
            saved, label = row["saved"], f"Saved against {row['name']}, {now.currency}"
            value = amount(saved["value"], saved["high"] - saved["low"])
            place.metric(plain(label), value, help=f"With its 95% interval: {span(saved)}")
        st.altair_chart(errors_chart(test, now, break_even(now, share)))
        st.caption(f"Counted per {CASES:,} cases on {len(test.y):,} test images.")


def read_cases(file: Path) -> Cases:
    """Outcomes, probabilities and rules of the test cases.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        table = pd.read_csv(file, index_col="part").loc[["test"]].astype(float)
        y, probability = table.pop("y"), table.pop("probability")
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{file} cannot be read: {error}. Restore it from git, or run `evaluate`."
        ) from error
    rules = {str(name): table[name].to_numpy() for name in table}
    return Cases(y.to_numpy(), probability.to_numpy(), rules)


def errors_chart(test: Cases, now: Prices, threshold: float) -> alt.LayerChart:
    """Missed cases and false alarms at each threshold; dashed: where a referral begins to pay."""
    found = [count(test.y, (test.probability >= step).astype(float), now) for step in STEPS]
    table = pd.DataFrame(found)[["missed", "alarms"]].assign(threshold=STEPS)
    long = table.melt("threshold", var_name="error", value_name="cases")
    chosen = min(threshold, 1)
    below = "\u2190 everybody | refer from this probability on | nobody \u2192"
    x = alt.X("threshold", title=below).axis(format="%").scale(domain=[0, 1])
    colour = alt.Color("error", title=None).scale(range=[ORANGE, BLUE], domain=["missed", "alarms"])
    y = alt.Y("cases", title=f"of {CASES:,} cases")
    title = f"A referral pays above {chosen:.1%}" if threshold < 1 else "No referral pays"
    lines = alt.Chart(long, title=title).mark_line(strokeWidth=3).encode(x=x, y=y, color=colour)
    mark = alt.Chart(pd.DataFrame({"threshold": [chosen]})).encode(x="threshold")
    return (lines + mark.mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2)).properties(
        height=400
    )


def models(predictor: Predictor) -> None:
    """The ladder on validation images, and how the chosen model does on each kind of image."""
    metrics = read_json(PATHS.reports / "metrics.json", "evaluate")
    ladder = [
        {"model": row["label"], "chosen": row["selected"], "parameters": row["parameters"]}
        | {f"ROC-AUC {key}": row["metrics"]["roc_auc"][key] for key in ("value", "low", "high")}
        for row in metrics["models"]
    ]
    st.markdown("**ROC-AUC on validation images, with its 95% interval**")
    st.dataframe(pd.DataFrame(ladder), hide_index=True)
    slices = [
        {"kind": row["kind"], "group": row["name"], "images": row["rows"]}
        | {f"right {key}": row["accuracy"][key] for key in ("value", "low", "high")}
        for row in metrics["cv"]["slices"]
    ]
    st.markdown("**Share of right decisions on kinds of test images**")
    st.dataframe(pd.DataFrame(slices), hide_index=True)


def noticed(tab: Tab) -> Tab:
    """The tab under the line that no page goes without."""

    def with_notice(predictor: Any) -> None:
        st.caption(f"**{NOTICE}**")
        tab(predictor)

    return with_notice


TABS: dict[str, Tab] = {"An image": one_image, "Prices": prices, "Models": models}
draw(lambda: Predictor.load(PATHS.models), {name: noticed(tab) for name, tab in TABS.items()})
