"""Odd texts, odd files and odd pages; runs in a copy of the sentiment project, beside its tests."""

import json
import re
import threading
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from matplotlib.axes import Axes
from matplotlib.text import Text
from sentiment import data, evaluate, explain, figures, readme
from sentiment.config import Config, load_config
from sentiment.kit import DataError, ProjectError, charts
from sentiment.kit.charts import plt
from sentiment.kit.files import Paths
from sentiment.predictor import Predictor
from sentiment.scrape import PageError, main, read_reviews, scrape
from test_dashboard import app
from test_data import ROLES, ROWS, prepared, read, refusal, table, validate
from test_scrape import AGENT, BROKEN, Site, collect, in_json, lamp, rules, site

__all__ = ["app", "prepared", "site", "table"]  # fixtures of the project's tests
ROOT = Path(__file__).resolve().parents[1]
DEEP = f'<script type="application/ld+json">{"[" * 900}{"]" * 900}</script>'
ODD_TEXTS = [
    "",
    " ",
    "\u0000",
    "\n\t",
    "!!!",
    "🙂",
    "é",
    "e\u0301",
    "\ud83d",
    "ا" * 50,
    "a" * 20_000,
]


# Files


def write_as(table: pd.DataFrame, folder: Path, kind: str) -> tuple[Path, dict[str, Any]]:
    file = folder / f"mine.{kind}"
    if kind == "parquet":
        table.to_parquet(file)
    elif kind == "jsonl":
        table.to_json(file, orient="records", lines=True, force_ascii=False)
    else:
        table.to_csv(file, index=False, sep="\t" if kind == "tsv" else ",")
    return file, {"separator": "\t"} if kind == "tsv" else {}


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_any_kind_of_file_gives_the_same_reviews(table: pd.DataFrame, tmp_path: Path, kind: str):
    roles = {"product": "item", "date": "day"}
    expected = validate(table, **roles)
    file, options = write_as(table, tmp_path, kind)
    found = validate(read(file, **options), **roles)
    pd.testing.assert_frame_equal(found, expected)
    assert found.columns.tolist() == ["text", "positive", "product", "date"]
    assert found["date"][1] == pd.Timestamp("2024-02-01 10:00")


def test_file_without_header_and_with_loose_quotes(tmp_path: Path):
    lines = [f'"Number {row} is fine.  \t{row % 2}\n' for row in range(ROWS)]
    (tmp_path / "mine.txt").write_text("".join(lines), encoding="utf-8")
    options = {"separator": "\t", "header": False, "quotes": False}
    raw = read(tmp_path / "mine.txt", **options)
    found = validate(raw, text="column_0", label="column_1", positive=[1])
    assert len(found) == ROWS
    assert found["text"][3] == '"Number 3 is fine.'
    assert found["positive"].tolist() == [row % 2 for row in range(ROWS)]


def test_json_lines_may_hold_numbers_and_gaps(tmp_path: Path):
    rows = [{"review": f"number {row}", "stars": row % 5 + 1} for row in range(ROWS)]
    text = "\n\n".join(json.dumps(row) for row in rows) + "\n"
    (tmp_path / "mine.jsonl").write_text(text, encoding="utf-8")
    raw = read(tmp_path / "mine.jsonl")
    found = validate(raw, label="stars", positive=None, rating_threshold=4)
    assert found["positive"].tolist() == [int(row % 5 + 1 >= 4) for row in range(ROWS)]


@pytest.mark.parametrize("review", [{"title": "Fine", "body": "Good."}, ["Fine", "Good."]])
def test_reviews_in_several_parts_are_refused(tmp_path: Path, review: object):
    rows = [{"review": f"Number {row}", "opinion": "good"} for row in range(3)]
    lines = [json.dumps(row) for row in [*rows, {"review": review, "opinion": "bad"}]]
    (tmp_path / "mine.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="column 'review', row 4: expected text, found '"):
        validate(read(tmp_path / "mine.jsonl"))


def test_several_values_may_be_positive(table: pd.DataFrame):
    table["opinion"] = np.resize(["great", "fine", "bad", "awful"], ROWS)
    found = validate(table, positive=["great", "fine"], negative=["bad", "awful"])
    assert found["positive"].mean() == 0.5


def test_dates_may_be_written_another_way(table: pd.DataFrame):
    table["day"] = "31/01/2024"
    checked = validate(table, date="day", date_format="%d/%m/%Y")
    assert (checked["date"] == pd.Timestamp("2024-01-31")).all()
    table["day"] = np.resize(["2024-01-31T23:00:00-02:00", None], ROWS)
    checked = validate(table, date="day")
    assert checked["date"][0] == pd.Timestamp("2024-02-01 01:00")
    assert checked["date"].isna().sum() == ROWS / 2


def test_empty_texts_are_left_out_and_counted(table: pd.DataFrame):
    """Emptiness has many forms; one emoji is a word."""
    for row, text in enumerate(["", " ", "\n\t", "...", "--", "\u200b", None, "🙂"]):
        table.loc[row, "review"] = text
    checked, dropped = data.check_reviews(table, data.Dataset(**ROLES), "mine")
    assert dropped["without a word"] == 7
    assert checked["text"][7] == "🙂"


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"positive": None}, "expected either positive"),
        ({"rating_threshold": 4}, "expected either positive"),
        ({"positive": []}, "positive is empty"),
        ({"label": "review"}, "must be different columns"),
    ],
)
def test_roles_that_do_not_fit_are_refused(
    settings: dict[str, Any], tmp_path: Path, roles: dict[str, Any], words: str
):
    settings["datasets"]["mine"] |= roles
    (tmp_path / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ProjectError, match=words):
        load_config(tmp_path / "config.yaml")


def test_too_few_of_a_class_are_refused(table: pd.DataFrame):
    message = refusal(table[:50])
    assert "33 different reviews are positive and 17 negative; expected at least 20" in message


@pytest.mark.parametrize("split", [{"test_size": 0.9}, {"test_size": 0.004}, {"folds": 20}])
def test_too_few_reviews_for_the_split_are_refused(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any], split: dict[str, Any]
):
    settings["split"] |= split
    table[:80].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError, match="`split`"):
        data.run(Config(**settings | {"dataset": "mine"}), Paths(tmp_path))


def test_commas_and_quotes_belong_to_the_reviews_where_there_is_one_column(app: Any):
    table = app.read_reviews("a.csv", b'text\ngood, but dear\n"bad, and\nlate"\n')
    assert table["text"].tolist() == ["good, but dear", "bad, and\nlate"]
    table = app.read_reviews("a.txt", b'"Good", he said\nso, so\n')
    assert table["text"].tolist() == ['"Good", he said', "so, so"]


def test_tabs_separate_a_tsv_whatever_else_is_in_its_header(app: Any):
    table = app.read_reviews("a.TSV", b"said, in words, by whom\tid\ngood, but dear\t1\n")
    assert table.to_numpy().tolist() == [["good, but dear", "1"]]


# The published model


def test_odd_texts_get_a_probability_and_reasons_that_add_up(project: Path):
    predictor = Predictor.load(project / "models")
    texts = [text for text in ODD_TEXTS if text != "\ud83d"]  # JSON's halves of letters are refused
    found = predictor.predict([{"text": text} for text in texts])
    assert all(0 <= answer["probability"] <= 1 for answer in found)
    assert all(answer["probability"] == found[0]["probability"] for answer in found[:4])
    assert len(predictor.explain([{"text": text} for text in texts])) == len(texts)


# Pictures


@pytest.mark.parametrize("scale", [1e-6, 1e10])
def test_pictures_stay_whole_with_odd_prices_and_names(
    own_project: Path, monkeypatch: pytest.MonkeyPatch, scale: float
):
    file, drawn = own_project / "config.yaml", []
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name in ("customer_value", "reading_cost"):
        settings["prices"][name] *= scale
    names = ["battery " * 9, "屏幕👍" * 5, "w" * 90, "é"]
    settings["aspects"] = dict(zip(names, settings["aspects"].values(), strict=True))
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def check(path: Path) -> None:
        figure = plt.gcf()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a font has not every letter
            figure.canvas.draw()
        for axes in figure.axes if figure.axes[0].axison else []:
            shown = [text for text in axes.get_xticklabels() if inside(axes, text)]
            boxes = [text.get_window_extent() for text in shown if not text.get_rotation()]
            assert all(one.x1 < other.x0 for one, other in pairwise(boxes)), path.name
            for text in (*shown, *axes.get_yticklabels()):
                assert not re.search(r"\de[+-]?\d", text.get_text()), text
                assert text.get_window_extent().x0 > -1, text
                assert text.get_window_extent().x1 < figure.bbox.x1 + 30, text
        drawn.append(path.stem)
        plt.close()

    monkeypatch.setattr(charts, "save", check)
    for stage in (evaluate, explain):
        stage.run(load_config(file), Paths(own_project))
    assert drawn == ["reviews", "ladder", "slices", "money", "aspects", "words"]


def inside(axes: Axes, text: Text) -> bool:
    """Whether a label of the horizontal axis belongs to a place that is shown."""
    low, high = axes.get_xlim()
    return low <= text.get_position()[0] <= high


# Pages


def test_a_broken_block_does_not_cost_the_others(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    site.put("/half", lamp("Still here.", 2, BROKEN))
    assert collect(site, tmp_path, "/half")["text"].tolist() == ["Still here."]
    assert "markup is broken" in caplog.text


@pytest.mark.parametrize(
    "address",
    ["lamp", "ftp://x.example/", "https://", "http://[::1", "https://me:secret@x.example/"],
)
def test_what_is_no_address_is_refused(tmp_path: Path, address: str):
    with pytest.raises(DataError, match="is no address"):
        scrape([address], tmp_path, rules(), AGENT)


def test_microdata_becomes_a_row_without_an_impossible_date(site: Site, tmp_path: Path):
    from test_scrape import MICRODATA

    site.put("/kettle", MICRODATA)
    [row] = collect(site, tmp_path, "/kettle").to_dict("records")
    assert (row["text"], row["product"], row["rating"]) == ("Boils quickly.", "Kettle", 4.2)
    assert pd.isna(row["date"]), "there is no 30 February"


def test_a_page_in_another_encoding_is_read(site: Site, tmp_path: Path):
    page = lamp("Très bien", 5).encode("cp1252")
    site.pages["/old"] = (200, {"Content-Type": "text/html; charset=windows-1252"}, page)
    assert collect(site, tmp_path, "/old")["text"].tolist() == ["Très bien"]


def test_a_page_of_nothing_but_brackets_says_so(site: Site, tmp_path: Path):
    site.put("/nothing", DEEP)
    with pytest.raises(DataError, match="no page had a review"):
        collect(site, tmp_path, "/nothing")


def test_an_empty_page_is_no_html():
    with pytest.raises(PageError, match="no HTML"):
        read_reviews("", "http://x.example/")


class Slow(Site):
    """Answers with one byte at a time: never silent for long, and never done."""

    gate = threading.Event()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.recv(65_536)
        request.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while not self.gate.wait(0.05):
            try:
                request.sendall(b"x")
            except OSError:
                return


def test_a_page_that_never_ends_is_given_up(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    site.put("/lamp", lamp("Bright.", 4))
    with Slow() as slow:
        threading.Thread(target=slow.serve_forever, args=[0.01], daemon=True).start()
        site.put("/door", "", 302, Location=slow.url("/drip"))
        assert len(collect(site, tmp_path, "/door", "/lamp", timeout_seconds=0.3)) == 1
        slow.gate.set()
        slow.shutdown()
    assert "/door is skipped" in caplog.text


def test_a_failed_run_leaves_the_table_as_it_was(site: Site, tmp_path: Path):
    (tmp_path / "reviews.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError):
        collect(site, tmp_path, "/gone")
    assert (tmp_path / "reviews.csv").read_text(encoding="utf-8") == "mine"


def test_another_site_is_not_entered(site: Site, tmp_path: Path):
    with Site() as other:
        threading.Thread(target=other.serve_forever, args=[0.01], daemon=True).start()
        more = f'<link rel="next" href="{other.url("/lamp")}">'
        site.put("/lamp", lamp("Bright.", 4, more))
        assert len(collect(site, tmp_path, "/lamp")) == 1
        assert other.requests == []
        other.shutdown()


def test_the_command_says_what_to_mend(site: Site, fresh_project: Path):
    config = ["--config", str(fresh_project / "config.yaml")]
    answer = CliRunner().invoke(main, [*config, site.url("/gone")])
    assert answer.exit_code == 2
    assert "no page had a review" in answer.output


@pytest.mark.parametrize("rating", ["4%", "NaN", "1e400", "-4", "five", {"a": 1}, [[]], True])
def test_ratings_that_are_none_are_left_out(rating: object):
    review = {"@type": "Review", "reviewBody": "Bright.", "reviewRating": {"ratingValue": rating}}
    assert read_reviews(in_json(review), "http://x.example/")["reviews"] == []


def test_dates_are_dates_and_halves_of_letters_do_no_harm():
    review = {"@type": "Review", "reviewBody": "Bright \ud83d", "reviewRating": 4}
    page = in_json(review | {"datePublished": "today"}, "Application/LD+JSON; charset=utf-8")
    [row] = read_reviews(page, "http://x.example:81/a")["reviews"]
    assert (row["text"], row["date"]) == ("Bright ?", "")
    assert row["page"] == "http://x.example:81/a"


def test_the_next_page_is_sought_from_where_a_redirect_leads(site: Site, tmp_path: Path):
    more = '<link rel="next" href="two">'
    site.put("/one", "", 302, Location="/folder/one")
    site.put("/folder/one", lamp("One.", 4, more))
    site.put("/folder/two", lamp("Two.", 4))
    assert set(collect(site, tmp_path, "/one")["text"]) == {"One.", "Two."}


@pytest.mark.parametrize("target", ["http://[bad", "http://127.0.0.1:99999/"])
def test_a_redirect_to_nowhere_skips_the_page(site: Site, tmp_path: Path, target: str):
    site.put("/bad", "", 302, Location=target)
    site.put("/lamp", lamp("Bright.", 4))
    assert collect(site, tmp_path, "/bad", "/lamp")["text"].tolist() == ["Bright."]


def test_a_site_that_asks_for_endless_pauses_is_not_read(site: Site, tmp_path: Path):
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 100000", Content_Type="text/plain")
    site.put("/lamp", lamp("Bright.", 4))
    with pytest.raises(DataError, match="no page had a review"):
        collect(site, tmp_path, "/lamp")
    assert site.asked() == ["/robots.txt"]


@pytest.mark.parametrize(("before", "said"), [(0.904, "holds"), (0.9034, "does not hold")])
def test_an_interval_holds_what_stands_in_it_as_it_is_shown(before, said):
    """(0.904 to 0.968) was said not to hold 0.904, since it began at 0.9042."""
    score = {"roc_auc": {"value": before}, "accuracy": {"value": 0.8}}
    model = {"label": "SVM", "tried": 4, "metrics": score, "difference": None, "selected": True}
    test = {"roc_auc": {"value": 0.938, "low": 0.9042, "high": 0.968}}
    page = readme.results({"models": [model], "test": test, "nlp": {"too_large": None}})
    assert f"is 0.938 (0.904 to 0.968), which {said} the {before:.3f} of" in page


def test_a_ranking_of_aspects_says_on_how_few_reviews_it_stands():
    risk = {"value": 400.0, "low": 200.0, "high": 900.0}
    row = {"aspect": "price", "blamed": 5, "unhappy": 7, "revenue_at_risk": risk, "leads": False}
    page = readme.blamed({"aspects": [row], "naming": 9, "test_rows": 200}, "EUR")
    assert "Of 200 test reviews 9 name an aspect" in page
    assert "may be chance" in page


class Mute:
    """A model that colours no word."""

    def coloured(self, text: str) -> list[Any]:
        return []


@pytest.mark.parametrize("missed", ["Junk.", "Much too long to be read. " * 40])
def test_the_picture_has_a_bad_review_where_only_a_dull_one_was_recognised(missed: str):
    """Beside reviews that tell more, it was left out: all three were good ones to the model."""
    texts = [f"{row} {'it is a fine phone that works and ' * 2}" for row in range(12)]
    rows = {"text": [*texts, missed], "y": [1] * 9 + [0] * 4, "probability": [0.9] * 12 + [0.1]}
    found = evaluate.examples(pd.DataFrame(rows), Mute())
    assert [(row["positive"], row["probability"]) for row in found[:3]] == [
        (1, 0.9),
        (0, 0.1),
        (0, 0.9),
    ]


@pytest.mark.parametrize(("others", "said"), [([], "Blamed: "), (["price"], "Blamed most: ")])
def test_one_aspect_alone_is_not_blamed_most(others: list[str], said: str):
    risk = {"value": 4.0, "low": 2.0, "high": 9.0}
    row = {"blamed": 9, "revenue_at_risk": risk, "leads": True}
    figure, axes = plt.subplots()
    names = ["battery", *others]
    found = [row | {"aspect": name} for name in names]
    figures.aspects(axes, found, {"per": "1,000 reviews", "currency": "EUR"})
    assert axes.get_title(loc="left") == said + "battery" or axes.get_title() == said + "battery"
    plt.close(figure)


def test_a_file_is_scored_in_parts_as_the_documents_say(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in docs/own-data.md, with smaller parts."""
    monkeypatch.chdir(own_project)
    texts = [f"{word}, said number {row}" for row in range(5) for word in ("Great", "Awful")]
    pd.DataFrame({"text": [*texts, None], "stars": 3}).to_csv("reviews.csv", index=False)
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/own-data.md").read_text("utf-8"), re.S
    )
    exec(code.replace("10_000", "4"), {})
    found, model = pd.read_csv("scored.csv"), Predictor.load(Path("models"))
    answers = pd.DataFrame(model.predict([{"text": text} for text in [*texts, ""]]))
    assert found["probability"].tolist() == answers["probability"].tolist()
    assert found["decision"].tolist() == answers["decision"].tolist()
    assert set(found["stars"]) == {3}
