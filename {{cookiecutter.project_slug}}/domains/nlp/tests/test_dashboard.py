"""The dashboard, run without a browser on a project with every stage behind it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from sentiment import artifacts
from sentiment.business import REVIEWS
from sentiment.config import Prices
from sentiment.errors import DataError
from sentiment.policy import profit_curve
from sentiment.predictor import Predictor
from sentiment.text import words
from sentiment.trends import by_aspect, by_month, mentioning

from .test_page import errors, open_page
from dashboard.scoring import MAX_ROWS, likely_text, read_reviews, score

TABS = ["Type a review", "Score a file", "Over time and by aspect", "Money", "Models"]


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


@pytest.fixture
def reviews(project: Path) -> pd.DataFrame:
    """The test reviews, as a file might hold them."""
    table = pd.read_parquet(project / "data" / "processed" / "test.parquet")
    return table.rename(columns={"text": "What they said"}).reset_index(drop=True)


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    """Give the page a file to score."""
    page.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not page.exception
    return page


def drawn(tab: Any, place: int = 0) -> pd.DataFrame:
    """The data of a chart of ``tab``."""
    [content, *_] = tab.get("vega_lite_chart")[place].proto.datasets
    return pa.ipc.open_stream(content.data.data).read_pandas()


def slider(page: AppTest, label: str) -> Any:
    """The slider whose label starts like that."""
    return next(slider for slider in page.slider if slider.label.startswith(label))


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    assert [tab.label for tab in page.tabs] == TABS
    assert not page.error and not page.info
    review, file, time, money, models = page.tabs
    assert review.metric and file.file_uploader and time.selectbox
    assert money.slider and models.dataframe
    charts = [len(tab.get("vega_lite_chart")) for tab in page.tabs]
    assert charts == [1, 0, 2, 1, 1]


# Type a review


def test_a_typed_review_is_answered_as_the_model_does(project: Path, predictor: Predictor) -> None:
    page = open_page(project)
    text = "The delivery was terrible."
    page.text_area[0].set_value(text).run()
    [expected] = predictor.predict([{"text": text}])
    assert [metric.value for metric in page.tabs[0].metric] == [
        f"{expected['probability']:.1%}",
        expected["decision"],
        f"{expected['expected_value']:,.2f}",
    ]


@pytest.mark.parametrize(
    "text", ["", "???", "<script>alert(1)</script> & great", "a < b\n\n**bold** $x$ 👍", "[x](y)"]
)
def test_words_are_coloured_and_nothing_of_a_review_is_run(project: Path, text: str) -> None:
    page = open_page(project)
    page.text_area[0].set_value(text).run()
    assert not page.exception
    [shown] = [html for html in page.tabs[0].get("html") if "line-height" in html.proto.body]
    body = shown.proto.body
    assert body.count("<span") == len(words(text))
    assert "<script" not in body
    plain = re.sub(r"<[^>]*>", "", body)
    assert plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_colours_tell_for_from_against(project: Path) -> None:
    page = open_page(project)
    page.text_area[0].set_value("great terrible").run()
    body = next(h.proto.body for h in page.tabs[0].get("html") if "line-height" in h.proto.body)
    colours = re.findall(r"background:(#\w{6})\w\w\">(\w+)<", body)
    assert colours == [("#2563eb", "great"), ("#ea580c", "terrible")]


# Score a file


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "txt"])
def test_an_uploaded_file_is_scored(
    project: Path, predictor: Predictor, reviews: pd.DataFrame, kind: str
) -> None:
    text = reviews["What they said"].str.replace("\n", " ")
    table = pd.DataFrame({"id": range(len(text)), "What they said": text})
    content = {
        "csv": table.to_csv(index=False, sep=";"),
        "tsv": table.to_csv(index=False, sep="\t"),
        "jsonl": table.to_json(orient="records", lines=True),
        "txt": "\n".join(text),
    }[kind]
    page = upload(open_page(project), f"reviews.{kind}", content.encode())
    shown = page.tabs[1].dataframe[0].value
    assert len(shown) == len(text)
    assert shown["probability"].is_monotonic_increasing, "the riskiest come first"
    expected = predictor.predict_proba([{"text": one} for one in text])
    # The first column tells the row of the file, counted from 1.
    assert shown["probability"].to_numpy() == pytest.approx(expected[shown.index - 1], abs=1e-5)


def test_what_to_read_of_a_file_is_counted(
    project: Path, predictor: Predictor, reviews: pd.DataFrame
) -> None:
    page = upload(open_page(project), "reviews.csv", reviews.to_csv(index=False).encode())
    scored = score(reviews, "What they said", predictor)
    read = scored[scored["decision"] == "read"]
    shown = next(text.value for text in page.tabs[1].markdown if "Read " in text.value)
    assert f"Read {len(read):,} of {len(reviews):,} reviews" in shown
    assert f"Expected value: {read['expected_value'].sum():,.0f}" in shown
    said = (scored["probability"] >= 0.5).astype(int)
    lexicon = predictor.metadata["aspects"]
    expected = by_aspect(scored["What they said"], said, lexicon)
    assert drawn(page.tabs[1])["rate"].tolist() == pytest.approx(expected["rate"].tolist())


def test_as_many_reviews_as_allowed_are_read() -> None:
    assert len(read_reviews("a.txt", b"good\n" * MAX_ROWS)) == MAX_ROWS


def test_the_longest_column_is_taken_and_can_be_changed(
    project: Path, reviews: pd.DataFrame
) -> None:
    assert likely_text(reviews) == "What they said"
    table = reviews[["product", "What they said"]]
    page = upload(open_page(project), "reviews.csv", table.to_csv(index=False).encode())
    field = next(box for box in page.tabs[1].selectbox if box.label.startswith("Column"))
    field.set_value("product").run()
    assert not page.exception
    assert page.tabs[1].dataframe[0].value.columns[0] == "product"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "cannot be read as a table"),
        ("a.csv", b"text,stars\n", "at least one"),
        ("a.txt", b" \n\n", "at least one"),
        ("a.txt", b"good\n" * (MAX_ROWS + 1), "at most 20,000"),
        ("a.csv", "text\ngood \u20ac\n".encode("cp1252"), "not UTF-8"),
        ("a.csv", b"text,stars\na,b\nc,d,e,f\n", "cannot be read as a table"),
        ("a.csv", b"text,stars\ngood, but dear,5\n", "cannot be read as a table"),
        ("a.csv", b"text, text\na,b\n", "expected different column names"),
        ("a.jsonl", b"{broken", "line 1 is not JSON"),
        ("a.jsonl", b'[{"text": "good"}]', "line 1 is no JSON object"),
    ],
)
def test_files_that_are_no_table_are_refused(name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_reviews(name, content)


def test_a_wrong_file_gives_a_message(project: Path) -> None:
    page = upload(open_page(project), "reviews.csv", b"")
    assert "cannot be read as a table" in errors(page)[0]


def test_a_review_that_is_too_long_is_named(predictor: Predictor) -> None:
    limit = predictor.metadata["limits"]["characters"]
    table = pd.DataFrame({"text": ["fine", "x" * (limit + 1)]})
    with pytest.raises(DataError, match=r"column 'text', row 2: expected at most 2,000 char"):
        score(table, "text", predictor)


def test_commas_belong_to_the_reviews_where_there_is_one_column() -> None:
    table = read_reviews("a.csv", b'text\ngood, but dear\n"bad, and\nlate"\n')
    assert table["text"].tolist() == ["good, but dear", "bad, and\nlate"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    file = pd.DataFrame({"id": ["1", "2"], "text": ["good, but; dear", "bad"], "x": ["", "y"]})
    content = "\ufeff" + file.to_csv(index=False, sep=separator)
    assert read_reviews("a.csv", content.encode()).equals(file)


def test_values_that_are_no_text_count_as_empty(predictor: Predictor) -> None:
    table = pd.DataFrame({"text": ["great", None, 3, ["x"]]}, dtype=object)
    assert len(score(table, "text", predictor)) == 4


def test_the_result_keeps_the_file(predictor: Predictor, reviews: pd.DataFrame) -> None:
    new = ["probability", "label", "decision", "expected_value"]
    once = score(reviews.head(20), "What they said", predictor)
    assert list(once.columns) == [*reviews.columns, *new]
    twice = score(once, "What they said", predictor)
    assert list(twice.columns) == [*once.columns, *(f"{name} (model)" for name in new)]
    again = score(twice, "What they said", predictor)
    assert list(again.columns) == list(twice.columns)


# Over time and by aspect


def test_every_product_and_aspect_can_be_chosen(project: Path) -> None:
    page = open_page(project)
    count = len(page.tabs[2].selectbox)
    assert count == 2
    for place in range(count):
        for option in page.tabs[2].selectbox[place].options[1:3]:
            page.tabs[2].selectbox[place].set_value(option).run()
            assert not page.exception and not page.error


def test_reviews_without_dates_and_products_are_fine(own_project: Path) -> None:
    for part in ("train", "test"):
        file = own_project / "data" / "processed" / f"{part}.parquet"
        pd.read_parquet(file)[["text", "positive"]].to_parquet(file)
    page = open_page(own_project)
    assert "no dates" in page.info[0].value
    assert len(page.tabs[2].get("vega_lite_chart")) == 1


def test_months_and_aspects_are_those_of_the_reviews(project: Path, predictor: Predictor) -> None:
    processed = project / "data" / "processed"
    files = (processed / f"{part}.parquet" for part in ("train", "test"))
    table = pd.concat(map(pd.read_parquet, files))
    lexicon, page = predictor.metadata["aspects"], open_page(project)
    aspects = by_aspect(table["text"], table["positive"], lexicon)
    assert drawn(page.tabs[2], 1)["rate"].tolist() == pytest.approx(aspects["rate"].tolist())
    page.tabs[2].selectbox[1].set_value("battery").run()
    part = mentioning(table, "battery", lexicon)
    months = by_month(part["date"], part["positive"])
    assert drawn(page.tabs[2])["rate"].tolist() == pytest.approx(months["rate"].tolist())


# Money


def test_the_curve_is_that_of_the_test_reviews(project: Path, predictor: Predictor) -> None:
    rows = 1 - pd.read_csv(project / "reports" / "predictions.csv", index_col="part")
    prices = Prices(**predictor.metadata["prices"])
    thresholds, gains = profit_curve(*rows.loc["test"].to_numpy().T, prices)
    shown = drawn(open_page(project).tabs[3])
    assert shown["threshold"].tolist() == pytest.approx(thresholds.clip(max=1).tolist())
    assert shown["profit"].tolist() == pytest.approx((gains * REVIEWS).tolist())


def test_money_starts_at_the_reported_saving(project: Path) -> None:
    metrics = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    page = open_page(project)
    saved, read, reached = page.tabs[3].metric
    # Probabilities are reported with six digits, and money is shown without cents.
    shown = float(saved.value.replace(",", ""))
    assert shown == pytest.approx(metrics["business"]["value"], rel=1e-3, abs=1)
    detail = metrics["nlp"]["business"]
    assert read.value == f"{detail['read']:.0%}"
    assert reached.value == f"{detail['reached']['value']:.0%}"


@pytest.mark.parametrize(("label", "value"), [("Value", 390.0), ("Cost", 1.0), ("Share", 0.9)])
def test_moving_a_price_moves_the_saving(project: Path, label: str, value: float) -> None:
    page = open_page(project)
    before = page.tabs[3].metric[0].value
    slider(page, label).set_value(value).run()
    assert not page.exception
    assert page.tabs[3].metric[0].value != before


def test_prices_at_which_reading_never_pays_save_nothing(project: Path) -> None:
    page = open_page(project)
    slider(page, "Value").set_value(0.0).run()
    assert not page.exception
    saved = page.tabs[3].metric[0]
    assert saved.label == "Saved against \u201cread nothing\u201d"
    assert saved.value == "0"


# Models, and what is missing


def test_the_ladder_is_shown(project: Path) -> None:
    metrics = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    shown = open_page(project).tabs[4].dataframe[0].value
    assert shown["model"].tolist() == [model["name"] for model in metrics["models"]]
    assert shown["chosen"].sum() == 1
    explanation = json.loads((project / "reports" / "explain.json").read_text(encoding="utf-8"))
    good, bad = (frame.value for frame in open_page(project).tabs[4].dataframe[1:])
    assert good["speaks for"].tolist() == [row["word"] for row in explanation["positive_words"]]
    assert bad["speaks against"].tolist() == [row["word"] for row in explanation["negative_words"]]


def test_only_what_is_committed_is_needed(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")
    page = open_page(own_project)
    assert "`data` stage" in page.info[0].value
    assert not page.error
    shutil.rmtree(own_project / "reports")
    assert "`evaluate` stage" in open_page(own_project).info[1].value


def test_a_model_without_aspects_is_fine(own_project: Path) -> None:
    models = own_project / "models"
    version = artifacts.load_current(models)
    artifacts.publish(models, version.model, {**version.metadata, "aspects": {}}, ())
    page = open_page(own_project)
    assert not page.error
