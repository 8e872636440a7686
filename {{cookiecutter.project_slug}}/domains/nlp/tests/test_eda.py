"""What the notebooks compute, and what documents say of results at the edges."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sentiment import (
    blocks,
    eda,
    embeddings,
    explain_figures,
    figures,
    sample,
    trends,
    wording,
)
from sentiment.charts import draw_all
from sentiment.config import load_config

from .conftest import SETTINGS

CONFIG = load_config(SETTINGS)


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    """The sample, as the pipeline would leave it."""
    table = sample.make_sample(3)
    positive = (table[sample.RATING] >= sample.RATING_THRESHOLD).astype(int)
    return pd.DataFrame({"text": table[sample.TEXT], "positive": positive, "date": table["date"]})


# Counting


def test_lengths_are_in_words():
    assert eda.lengths(pd.Series(["one two", "", "don't stop!"])).tolist() == [2, 0, 3]


def test_frequent_counts_reviews_not_occurrences():
    texts = pd.Series(["good good phone", "good box", "the the"])
    assert eda.frequent(texts, 1)["good"] == 2
    assert eda.frequent(texts, 2).to_dict() == {
        "good good": 1,
        "good phone": 1,
        "good box": 1,
        "the the": 1,
    }
    assert "the the" not in eda.frequent(texts, 2, eda.STOP_WORDS)


def test_negations_are_no_stop_words():
    assert "the" in eda.STOP_WORDS
    assert not {"not", "no", "never", "cannot"} & eda.STOP_WORDS


def test_planted_words_are_telling_and_filler_is_not(reviews: pd.DataFrame):
    found = eda.telling(reviews["text"], reviews["positive"])
    assert (found.reindex(sample.POSITIVE_WORDS) > 2).all()
    assert (found.reindex(sample.NEGATIVE_WORDS) < -2).all()
    assert found.reindex(sample.FILLER_WORDS).abs().median() < 2


def test_telling_words_of_shuffled_labels_are_few(reviews: pd.DataFrame):
    rng = np.random.default_rng(0)
    shuffled = pd.Series(rng.permutation(reviews["positive"]), index=reviews.index)
    assert (eda.telling(reviews["text"], shuffled).abs() > 1.96).mean() < 0.15


def test_no_word_often_enough_is_no_error():
    assert eda.telling(pd.Series(["a b", "c d"]), pd.Series([1, 0])).empty


# Groups


def test_rates_have_wilsons_interval():
    rates = trends.positive_rates(pd.Series(["a"] * 10 + ["b"]), pd.Series([1] * 8 + [0] * 2 + [1]))
    # By hand, for 8 of 10: (0.8 + 0.19208) / 1.38416 -+ 1.96 * sqrt(0.016 + 0.009604) / 1.38416
    assert rates.loc["a", ["rate", "low", "high"]].tolist() == pytest.approx(
        [0.8, 0.4901625, 0.9433178], abs=1e-4
    )
    assert rates.loc["b", "high"] <= 1


def test_months_are_in_order_and_undated_reviews_left_out(reviews: pd.DataFrame):
    dates = reviews["date"].sample(frac=1, random_state=0)
    months = trends.by_month(dates.where(dates.index > 100), reviews["positive"].loc[dates.index])
    assert months.index.is_monotonic_increasing
    assert months["reviews"].sum() == (dates.index > 100).sum()


def test_aspects_count_every_review_that_mentions_them():
    texts = pd.Series(["The battery and the screen", "A screen", "Nothing"], index=[5, 7, 9])
    found = trends.by_aspect(texts, pd.Series([1, 0, 1], index=[5, 7, 9]), CONFIG.aspects)
    assert found["reviews"].to_dict() == {"battery": 1, "screen": 2}
    assert found["rate"].to_dict() == {"battery": 1.0, "screen": 0.5}
    table = pd.DataFrame({"text": texts})
    assert trends.mentioning(table, "screen", CONFIG.aspects).index.tolist() == [5, 7]
    assert trends.by_aspect(texts, pd.Series([1, 0, 1], index=[5, 7, 9]), {}).empty


# Word vectors


def test_words_with_the_same_neighbours_are_near(reviews: pd.DataFrame):
    vectors = embeddings.train_vectors(reviews["text"], 30, seed=0)
    assert np.linalg.norm(vectors.values, axis=1) == pytest.approx(1)
    words = {*sample.POSITIVE_WORDS, *sample.NEGATIVE_WORDS}
    near = vectors.nearest("awful", 5).index
    assert len(words & set(near)) >= 4
    again = embeddings.train_vectors(reviews["text"], 30, seed=0)
    assert np.array_equal(vectors.values, again.values)


def test_too_few_words_have_no_vectors():
    found = embeddings.train_vectors(pd.Series(["great", "bad"] * 9), 5, seed=0)
    assert found.words == []
    assert found.of_texts(pd.Series(["great"])).shape == (1, 5)


def test_a_text_is_the_mean_of_its_words():
    vectors = embeddings.Vectors(["a", "b"], np.array([[1.0, 0.0], [0.0, 1.0]]))
    found = vectors.of_texts(pd.Series(["A b", "b", "unknown", ""]))
    assert found.tolist() == [[0.5, 0.5], [0, 1], [0, 0], [0, 0]]


def test_vectors_are_read_from_a_file(tmp_path: Path):
    file = tmp_path / "glove.txt"
    file.write_text("good 3 4\nbad 1 0\nother 1 1\n", encoding="utf-8")
    vectors = embeddings.read_vectors(file, {"good", "bad", "missing"})
    assert vectors.words == ["good", "bad"]
    assert vectors.values.tolist() == [[0.6, 0.8], [1, 0]]


def test_a_decoder_does_not_look_ahead():
    values = np.random.default_rng(0).normal(size=(5, 8))
    both, before = (embeddings.attention(values, causal) for causal in (False, True))
    assert both.sum(axis=1) == pytest.approx(1) and before.sum(axis=1) == pytest.approx(1)
    assert (both > 0).all()
    assert np.triu(before, 1).max() == 0 and before[0, 0] == 1


# Cleaning


def test_each_step_of_cleaning_does_what_it_says():
    ablation = pytest.importorskip("sentiment.ablation", exc_type=ImportError)
    text = "The batteries were not good"
    assert ablation.lemmas(text)[1] == "battery"
    assert ablation.without_stop_words(text) == ["batteries", "not", "good"]
    assert ablation.without_negations(text) == ["batteries", "good"]
    assert "not good" in ablation.with_pairs(text)


def test_every_step_is_scored_on_the_same_folds(reviews: pd.DataFrame):
    ablation = pytest.importorskip("sentiment.ablation", exc_type=ImportError)
    part = reviews.head(1_000)
    found = ablation.ablation(part["text"], part["positive"], CONFIG)
    assert [row["name"] for row in found] == list(ablation.STEPS)
    scores = {row["name"]: row["metrics"]["roc_auc"]["value"] for row in found}
    assert min(scores.values()) > 0.6
    assert scores["words and pairs"] > scores["without stop words and negations"]


# Documents at the edges


@pytest.fixture
def reports(project: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the pipeline found, to change."""
    found = (json.loads((project / "reports" / name).read_text("utf-8")) for name in blocks.REPORTS)
    metrics, explanation = (deepcopy(report) for report in found)
    return metrics, explanation


NAMES = ["headline", "results", "slices", "tried", "business", "aspects", "words", "provenance"]
NAMES += ["model_details", "model_performance"]


def test_every_block_of_the_documents_exists(project: Path):
    for document in blocks.DOCUMENTS:
        text = (project / document).read_text(encoding="utf-8")
        assert "Not filled yet" not in text
    assert all(callable(getattr(blocks, name)) for name in NAMES)


def edge(metrics: dict[str, Any], explanation: dict[str, Any]) -> None:
    """A result at all edges at once: one model of two, nothing read, no slice, no word."""
    metrics["models"] = metrics["models"][-2:]
    metrics["models"][0]["selected"], metrics["models"][1]["selected"] = True, False
    metrics["models"][0]["settings"] = {"checkpoint": "a/b", "epochs": 3}
    detail = metrics["nlp"]
    detail["slices"] = {"length": [], "negation": [], "aspect": []}
    detail["aspects"] = []
    detail["business"]["threshold"], detail["business"]["break_even_risk"] = 1.01, None
    detail["business"]["read"] = detail["business"]["reached"]["value"] = 0.0
    for row in detail["business"]["sensitivity"]:
        row["if_lower"] = row["if_higher"] = metrics["business"]["value"]
    explanation["examples"] = []
    explanation["positive_words"] = explanation["negative_words"] = []


@pytest.mark.parametrize("name", NAMES)
def test_blocks_hold_at_the_edges(reports: tuple[dict[str, Any], dict[str, Any]], name: str):
    edge(*reports)
    text = getattr(blocks, name)(*reports)
    assert text
    assert "nan" not in text and "None" not in text


def test_slices_with_one_label_say_so(reports: tuple[dict[str, Any], dict[str, Any]]):
    metrics, explanation = reports
    metrics["nlp"]["slices"]["aspect"][0]["roc_auc"] = None
    assert "one label only" in blocks.slices(metrics, explanation)


def test_what_was_left_out_is_counted(reports: tuple[dict[str, Any], dict[str, Any]]):
    metrics, explanation = reports
    metrics["nlp"] |= {"empty": 3, "duplicates": 1_200, "contradictory": 2}
    text = blocks.provenance(metrics, explanation)
    assert "3 without words, 1,200 that say the same as another one; copies of 2 reviews" in text
    metrics["nlp"] |= {"empty": 0, "duplicates": 0, "contradictory": 0}
    assert "Left out: none" in blocks.provenance(metrics, explanation)


def test_lead_is_called_chance_unless_intervals_are_apart(
    reports: tuple[dict[str, Any], dict[str, Any]],
):
    metrics, _ = reports
    for model in metrics["models"]:
        low = 0.9 if model["selected"] else 0.5
        model["metrics"]["roc_auc"] |= {"value": low, "low": low - 0.01, "high": low + 0.01}
    assert wording.lead(metrics).endswith("are apart.")
    wording.selected(metrics)["metrics"]["roc_auc"]["low"] = 0.4
    assert wording.lead(metrics).endswith("could turn the order.")


def test_documents_say_the_numbers_of_the_reports(reports: tuple[dict[str, Any], dict[str, Any]]):
    metrics, explanation = reports
    detail = metrics["nlp"]
    detail["positive_rate"] = 0.61
    detail["business"] |= {"read": 0.27, "threshold": 0.345}
    detail["business"]["prices"]["win_back"] = 0.17
    explanation["positive_words"] = [{"word": "fine", "contribution": 0.5, "reviews": 9}]
    explanation["negative_words"] = [{"word": "late", "contribution": -0.5, "reviews": 9}]
    text = " ".join(getattr(blocks, name)(metrics, explanation) for name in NAMES)
    for said in (
        "61.0% of test reviews are positive",
        "17% of them stay",
        "Reading from a risk of 0.345 on",
        "27% of them are read",
        "For a good review: `fine` +0.50",
        "For a bad one: `late` -0.50",
    ):
        assert said in text


def test_tables_put_each_number_where_it_belongs():
    names = ("true_positive", "false_positive", "false_negative", "true_negative")
    cells = {name: dict.fromkeys(("value", "low", "high"), n) for n, name in enumerate(names, 1)}
    assert "| **negative** | 4 [4, 4] | 2 [2, 2] |" in wording.confusion(cells)
    assert "| **positive** | 3 [3, 3] | 1 [1, 1] |" in wording.confusion(cells)
    risk = {"value": 5.0, "low": 4.0, "high": 6.0}
    row = {"aspect": "price", "reviews": 9, "unhappy": 7, "blamed": 3, "revenue_at_risk": risk}
    assert "| `price` | 9 | 7 | 3 | 5" in wording.aspects([row], "EUR")
    said = {"text": "fine", "positive": 1, "probability": 0.2, "words": []}
    assert wording.example(said)[1:3] == ["positive", "20%"]


def test_the_surest_mistakes_are_shown(reports: tuple[dict[str, Any], dict[str, Any]]):
    metrics, explanation = reports
    said = [("wrong", 1, 0.1), ("right", 1, 0.9), ("amiss", 0, 0.8), ("fair", 0, 0.3)]
    keys = ("text", "positive", "probability")
    explanation["examples"] = [dict(zip(keys, row, strict=True)) | {"words": []} for row in said]
    text = blocks.slices(metrics, explanation)
    assert [word in text for word in ("`wrong`", "`right`", "`amiss`", "`fair`")] == [
        True,
        False,
        True,
        False,
    ]


def test_figures_draw_what_they_say(reports: tuple[dict[str, Any], dict[str, Any]]):
    impact = reports[0]["nlp"]["business"]
    axes = Figure().subplots(1, 3)
    # The one bad review is the riskiest: reading a quarter finds it.
    figures.reach(axes[0], (np.array([1.0, 0, 1, 1]), np.array([0.9, 0.1, 0.8, 0.7])), impact, "")
    assert axes[0].lines[0].get_ydata().tolist() == [0, 1, 1, 1, 1]
    names = ("true_negative", "false_positive", "false_negative", "true_positive")
    cells = {name: dict.fromkeys(("value", "low", "high"), n) for n, name in enumerate(names, 1)}
    figures.confusion(axes[1], cells, "")
    assert [text.get_text()[0] for text in axes[1].texts] == ["1", "2", "3", "4"]
    scores = {"a": 0.9, "b": 0.7}
    rows = [
        {"name": name, "rows": 9, "accuracy": score, "low": score, "high": score}
        for name, score in scores.items()
    ]
    figures.slices(axes[2], {"length": rows, "negation": [], "aspect": []}, "")
    assert title(axes[2]) == "Least accurate: length: b"


def test_colours_say_for_and_against():
    words = [{"word": "fine", "start": 0, "end": 4, "contribution": 1.0}]
    words += [{"word": "late", "start": 5, "end": 9, "contribution": -1.0}]
    page = Figure()
    said = {"text": "fine late", "words": words, "positive": 1, "probability": 0.3}
    explain_figures.coloured_reviews(page, [said], "")
    [axes] = page.axes
    grounds = [text.get_bbox_patch() for text in axes.texts if text.get_bbox_patch()]
    good, bad = (ground.get_facecolor() for ground in grounds)
    assert good[2] > good[0] and bad[0] > bad[2]  # blue, and orange
    assert title(axes) == "30% positive, and it is positive"
    page = Figure()
    top = {"positive_words": [{"word": "fine", "contribution": 2.0, "reviews": 9}]}
    top |= {"negative_words": [{"word": "late", "contribution": -1.0, "reviews": 9}]}
    explain_figures.telling_words(page, top | {"unit": "log-odds"}, "")
    bars = {title(axes): axes.patches[0] for axes in page.axes}
    assert [bars[f"{side} words"].get_width() for side in ("positive", "negative")] == [2.0, 1.0]
    assert bars["positive words"].get_facecolor()[2] > bars["positive words"].get_facecolor()[0]


def title(axes: Axes) -> str:
    """The title, wherever the style puts it."""
    return axes.get_title() or axes.get_title(loc="left")


def test_titles_make_no_point_where_there_is_none(
    reports: tuple[dict[str, Any], dict[str, Any]],
):
    metrics = deepcopy(reports[0])
    detail = metrics["nlp"]
    for rows in detail["slices"].values():
        for row in rows:
            row["accuracy"] = 1.0
    for row in detail["aspects"]:
        row["revenue_at_risk"] = {"value": 0.0, "low": 0.0, "high": 0.0}
    axes = Figure().subplots(1, 2)
    figures.slices(axes[0], detail["slices"], "")
    figures.aspects(axes[1], detail["aspects"], "EUR", "")
    assert [title(part) for part in axes] == [
        "Equally accurate in every slice",
        "No aspect puts revenue at risk",
    ]


def test_figures_hold_at_the_edges(reports: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path):
    metrics, explanation = reports
    edge(metrics, explanation)
    test = (np.array([1.0, 0.0, 1.0, 0.0]), np.full(4, 0.5))
    drawn = figures.draw_evaluation(tmp_path, metrics, test)
    drawn += explain_figures.draw_explanation(tmp_path, explanation, "")
    assert all(file.stat().st_size > 1_000 for file in drawn)


@pytest.mark.parametrize("text", ["", "x" * 500, "word " * 300, "a\n\nb 👍 $x$ _y_"])
def test_any_review_can_be_drawn(tmp_path: Path, text: str):
    words = [
        {"start": found.start(), "end": found.end(), "word": found[0], "contribution": 0.0}
        for found in re.finditer(r"\w+", text)
    ]

    def plot(page: Figure) -> None:
        explain_figures.draw_words(page.subplots(), text[:100], words)

    [file] = draw_all(tmp_path, {"review": plot})
    assert file.stat().st_size > 1_000
