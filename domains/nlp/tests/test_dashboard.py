"""The dashboard, run without a browser on a project with every stage behind it."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sentiment import money
from sentiment.features import words
from sentiment.kit import DataError
from sentiment.kit.files import read_json
from sentiment.money import MODEL, NOTHING
from sentiment.predictor import Predictor

TABS = ["Type a review", "Score a file", "Prices"]


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


@pytest.fixture
def reviews(project: Path) -> pd.DataFrame:
    """The test reviews, as a file might hold them."""
    table = pd.read_parquet(project / "data" / "processed" / "test.parquet")
    return table.rename(columns={"text": "What they said"}).reset_index(drop=True)


@pytest.fixture
def app(project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The app's own functions."""
    monkeypatch.syspath_prepend(str(project / "dashboard"))
    for name in ("app", "page"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import app

    return app


def open_page(project: Path) -> AppTest:
    page = AppTest.from_file(str(project / "dashboard" / "app.py"), default_timeout=120).run()
    assert not page.exception
    return page


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    """Give the page a file to score."""
    page.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not page.exception
    return page


def test_every_tab_has_its_content(project: Path):
    page = open_page(project)
    assert [tab.label for tab in page.tabs] == TABS
    assert not page.error
    assert "made up" in page.warning[0].value
    review, file, prices = page.tabs
    assert review.metric and file.file_uploader and prices.slider
    charts = [len(tab.get("vega_lite_chart")) for tab in page.tabs]
    assert charts == [1, 0, 1]


# Type a review


def test_a_typed_review_is_answered_as_the_model_does(project: Path, predictor: Predictor):
    page, text = open_page(project), "The delivery was terrible."
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
def test_words_are_coloured_and_nothing_of_a_review_is_run(app: Any, predictor: Predictor, text):
    body = app.coloured(text, predictor.coloured(text))
    assert body.count("<span") == len(words(text))
    assert "<script" not in body
    plain = re.sub(r"<[^>]*>", "", body)
    assert plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


# Score a file


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "txt"])
def test_an_uploaded_file_is_scored(
    project: Path, predictor: Predictor, reviews: pd.DataFrame, kind: str
):
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
    expected = predictor.predict([{"text": one} for one in text])
    read = sum(answer["decision"] == "read" for answer in expected)
    # The first column tells the row of the file, counted from 1.
    found = [expected[row - 1]["probability"] for row in shown.index]
    assert shown["probability"].to_numpy() == pytest.approx(found, abs=1e-5)
    assert f"Read {read:,} of {len(text):,} reviews" in page.tabs[1].markdown[-1].value
    assert len(page.tabs[1].get("vega_lite_chart")) == 1


def test_what_is_blamed_is_counted_clause_by_clause(app: Any, predictor: Predictor):
    texts = ["Great screen, but the battery is terrible.", "Awful battery!", "A useless charger."]
    found = app.what_is_blamed(texts, predictor)
    assert found[["aspect", "reviews", "at risk"]].to_numpy().tolist() == [["battery", 3, 300.0]]
    assert len(app.what_is_blamed(["nothing to say"], predictor)) == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "cannot be read as a table"),
        ("a.csv", b"text,stars\n", "no rows"),
        ("a.txt", b" \n\n", "no rows|cannot be read"),
        ("a.txt", b"good\n" * 20_001, "at most 20,000"),
        ("a.csv", b"text\ngood \x81\n", "0x81 in position 10"),
        ("a.csv", b"text,stars\na,b\nc,d,e,f\n", "cannot be read as a table"),
        ("a.csv", b"text, text\na,b\n", "two columns called 'text'"),
        ("a.jsonl", b"{broken", "line 1 is no JSON object"),
    ],
)
def test_files_that_are_no_table_are_refused(app: Any, name: str, content: bytes, message: str):
    with pytest.raises(DataError, match=message):
        app.read_reviews(name, content)


# Prices, and what is missing


def test_prices_start_at_the_reported_savings_and_move_them(project: Path):
    report = read_json(project / "reports" / "metrics.json", "evaluate")["nlp"]["business"]
    page = open_page(project)
    shown = [metric.value for metric in page.tabs[2].metric]
    expected = []
    for policy in report["policies"]:
        if policy["name"] != MODEL:
            saved = policy["saved"]
            expected.append(money.amount(saved["value"], saved["high"] - saved["low"]))
    assert shown == expected
    page.slider[0].set_value(390.0).run()
    assert not page.exception
    assert [metric.value for metric in page.tabs[2].metric] != shown
    page.slider[0].set_value(0.0).run()
    assert not page.exception
    assert NOTHING in page.tabs[2].metric[0].label
    assert float(page.tabs[2].metric[0].value) == 0


def test_what_is_missing_is_named(own_project: Path):
    shutil.rmtree(own_project / "reports")
    assert "evaluate" in open_page(own_project).error[0].value
    shutil.rmtree(own_project / "models")
    page = AppTest.from_file(str(own_project / "dashboard" / "app.py"), default_timeout=120).run()
    assert "no model in" in page.error[0].value.replace("\\", "")
