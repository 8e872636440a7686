"""Data: the sample is what it says, files of all kinds load, bad ones are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sentiment import data, sample
from sentiment.config import Config, Dataset, load_config
from sentiment.data import DatasetInfo
from sentiment.errors import ConfigError, DataError, ProjectError
from sentiment.formats import TableSource
from sentiment.paths import Paths
from sentiment.tables import read_table
from sentiment.text import tokens
from sentiment.values import mark_missing

ROWS = 200
ROLES = {"path": "mine.csv", "text": "review", "label": "opinion", "positive": "good"}


@pytest.fixture
def table() -> pd.DataFrame:
    """A file's worth of reviews, as text."""
    columns = {
        "review": [f"review number {number}, it's \u201cfine\u201d" for number in range(ROWS)],
        "opinion": np.resize(["good", "bad", "good"], ROWS),
        "item": np.resize(["lamp", "desk"], ROWS),
        "day": np.resize(["2024-01-31", "2024-02-01T10:00:00"], ROWS),
    }
    return pd.DataFrame(columns).astype(object)


def validate(table: pd.DataFrame, **roles: Any) -> tuple[pd.DataFrame, DatasetInfo]:
    return data.validate(table, Dataset(**ROLES | roles), "mine", "0" * 64)


def refusal(table: pd.DataFrame, **roles: Any) -> str:
    with pytest.raises(DataError) as error:
        validate(table, **roles)
    assert "data set 'mine'" in str(error.value)
    return str(error.value)


def read(file: Path, **options: Any) -> pd.DataFrame:
    source = TableSource(path=file, **options)
    return mark_missing(read_table(file, source), source.na_values)


# The sample


def test_sample_depends_on_its_seed_alone():
    pd.testing.assert_frame_equal(sample.make_sample(1), sample.make_sample(1))
    assert not sample.make_sample(1).equals(sample.make_sample(2))


def test_sample_is_what_its_truth_says():
    truth = sample.make_reviews(1)
    due = truth["score"] > 0
    given = truth[sample.RATING] >= sample.RATING_THRESHOLD
    assert (due != given).equals(truth["noisy"])
    assert truth["noisy"].mean() == pytest.approx(sample.LABEL_NOISE, abs=0.015)
    assert 0.55 < due.mean() < 0.75
    only_praise = truth["disliked"].map(len) == 0
    assert due[only_praise].mean() > 0.98
    assert sample.make_sample(1)[sample.TEXT].equals(truth[sample.TEXT])


def test_sample_has_what_makes_reviews_hard():
    text = sample.make_sample(1)[sample.TEXT]
    for pattern in (r"\bis not\b", r"\bisn't\b", ", but ", "extremely", "[😀😍😡😞]", "!"):
        assert 0.02 < text.str.contains(pattern).mean() < 0.6, pattern
    right = {"excellent", "terrible", "wonderful", "disappointing"}
    wrong = {token for one in text for token in tokens(one) if sorted(token) in map(sorted, right)}
    assert wrong > right  # misspellings of the same letters


def test_sample_tells_of_the_bad_batch():
    truth = sample.make_reviews(1)
    product, aspect, since = sample.BAD_BATCH
    blamed = truth["disliked"].map(lambda names: aspect in names)
    mentioned = blamed | truth["liked"].map(lambda names: aspect in names)
    late = truth[sample.DATE] >= since
    share = blamed[mentioned].groupby([truth[sample.PRODUCT] == product, late]).mean()
    assert share[True, True] > 0.7 > 0.5 > share[True, False]
    assert share[False, True] == pytest.approx(share[False, False], abs=0.1)


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
    expected, _ = validate(table, **roles)
    file, options = write_as(table, tmp_path, kind)
    found, info = validate(read(file, **options), **roles)
    pd.testing.assert_frame_equal(found, expected)
    assert found.columns.tolist() == ["text", "positive", "product", "date"]
    assert (info.rows, info.synthetic, info.rule) == (ROWS, False, "`opinion` is `good`")
    assert found["date"][1] == pd.Timestamp("2024-02-01 10:00")


def test_file_without_header_and_with_loose_quotes(tmp_path: Path):
    # As in the Amazon file: a quotation mark that is never closed is part of the text.
    lines = [f'"Number {row} is fine.  \t{row % 2}\n' for row in range(ROWS)]
    (tmp_path / "mine.txt").write_text("".join(lines), encoding="utf-8")
    options = {"separator": "\t", "header": False, "quotes": False}
    raw = read(tmp_path / "mine.txt", **options)
    found, info = validate(raw, text="column_0", label="column_1", positive=[1])
    assert len(found) == ROWS
    assert found["text"][3] == '"Number 3 is fine.'
    assert found["positive"].tolist() == [row % 2 for row in range(ROWS)]
    assert info.rule == "`column_1` is `1`"


def test_json_lines_may_hold_numbers_and_gaps(tmp_path: Path):
    rows = [{"review": f"number {row}", "stars": row % 5 + 1} for row in range(ROWS)]
    text = "\n\n".join(json.dumps(row) for row in rows) + "\n"
    (tmp_path / "mine.jsonl").write_text(text, encoding="utf-8")
    raw = read(tmp_path / "mine.jsonl")
    found, _ = validate(raw, label="stars", positive=None, rating_threshold=4)
    assert found["positive"].tolist() == [int(row % 5 + 1 >= 4) for row in range(ROWS)]


@pytest.mark.parametrize("review", [{"title": "Fine", "body": "Good."}, ["Fine", "Good."]])
def test_reviews_in_several_parts_are_refused(tmp_path: Path, review: object):
    rows = [{"review": f"Number {row}", "opinion": "good"} for row in range(3)]
    lines = [json.dumps(row) for row in [*rows, {"review": review, "opinion": "bad"}]]
    (tmp_path / "mine.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="column 'review', row 4: expected text, found '"):
        validate(read(tmp_path / "mine.jsonl"))


# Labels, dates, duplicates


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["good", "bad"], "good"),
        (["Yes", "No"], True),  # YAML reads an unquoted Yes as true
        (["No", "Yes"], False),
        ([" GOOD", "bad"], ["Good"]),
        ([True, False], True),
        ([1, 0], 1),
        (["1.0", "0.0"], "1"),
        ([1.0, 0.0], ["1"]),
        (["fine", "bad"], ["fine"]),
    ],
)
def test_label_may_be_spelled_in_many_ways(table: pd.DataFrame, labels: list[Any], positive: Any):
    table["opinion"] = pd.Series(np.resize(np.array(labels), ROWS))
    checked, _ = validate(table, positive=positive)
    assert checked["positive"].tolist() == [1 - row % 2 for row in range(ROWS)]


def test_several_values_may_be_positive(table: pd.DataFrame):
    table["opinion"] = np.resize(["great", "fine", "bad", "awful"], ROWS)
    checked, info = validate(table, positive=["great", "fine"])
    assert checked["positive"].mean() == 0.5
    assert info.rule == "`opinion` is `great` or `fine`"


@pytest.mark.parametrize(("threshold", "share"), [(4, 0.4), (3.5, 0.4), (5, 0.2)])
def test_ratings_become_labels_by_threshold(table: pd.DataFrame, threshold: float, share: float):
    table["opinion"] = np.resize(["1", "2", "3", "4", "5"], ROWS)
    checked, info = validate(table, positive=None, rating_threshold=threshold)
    assert checked["positive"].mean() == pytest.approx(share)
    assert info.rule == f"`opinion` is {threshold:g} or more"


def test_dates_may_be_written_another_way(table: pd.DataFrame):
    table["day"] = "31/01/2024"
    checked, _ = validate(table, date="day", date_format="%d/%m/%Y")
    assert (checked["date"] == pd.Timestamp("2024-01-31")).all()
    table["day"] = np.resize(["2024-01-31T23:00:00-02:00", None], ROWS)
    checked, _ = validate(table, date="day")
    assert checked["date"][0] == pd.Timestamp("2024-02-01 01:00")
    assert checked["date"].isna().sum() == ROWS / 2


def test_reviews_with_the_same_words_are_kept_once(table: pd.DataFrame):
    table.loc[4, "review"] = "Great phone!"
    table.loc[9, "review"] = "great PHONE..."
    table.loc[10, "review"] = "  great phone "
    table.loc[11, "review"] = " -- "
    table.loc[12, "review"] = None
    checked, info = validate(table)
    assert (info.duplicates, info.empty, info.rows) == (2, 2, ROWS - 4)
    assert info.contradictory == 1  # row 10 is bad, rows 4 and 9 are good
    assert checked["text"][4] == "Great phone!"
    assert checked.index.intersection([9, 10, 11, 12]).empty


def test_duplicates_never_straddle_the_split(table: pd.DataFrame):
    copies = pd.concat([table, table.assign(review=table["review"].str.upper() + "...")])
    checked, _ = validate(copies)
    parts = data.split(checked, 0.3, seed=0)
    sides = [{" ".join(tokens(text)) for text in part["text"]} for part in vars(parts).values()]
    assert not sides[0] & sides[1]
    assert len(sides[0]) + len(sides[1]) == ROWS


# Refusing bad data


@pytest.mark.parametrize(
    ("column", "value", "roles", "words"),
    [
        ("opinion", None, {}, "column 'opinion', row 8: expected a label, found nothing"),
        ("review", 5, {}, "column 'review', row 8: expected text, found 5"),
        ("day", "soon", {"date": "day"}, "'day', row 8: expected a date written as '2024-01-31'"),
        (
            "day",
            "2024-01-31",
            {"date": "day", "date_format": "%d.%m.%Y"},
            "column 'day', row 1: expected a date written as '31.01.2024', found '2024-01-31'",
        ),
        (
            "opinion",
            "good",
            {"positive": None, "rating_threshold": 4},
            "column 'opinion', row 1: expected a number, found 'good'",
        ),
    ],
)
def test_bad_value_is_named_with_column_and_row(
    table: pd.DataFrame, column: str, value: Any, roles: dict[str, Any], words: str
):
    table.loc[7, column] = value
    assert words in refusal(table, **roles)


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"text": "reviews"}, "no column 'reviews'; did you mean 'review'?"),
        ({"label": "opinio"}, "no column 'opinio'; did you mean 'opinion'?"),
        ({"product": "itm"}, "no column 'itm'; did you mean 'item'?"),
        ({"date": "dya"}, "no column 'dya'; did you mean 'day'?"),
        ({"positive": "great"}, "no row has the positive value 'great'; found 'good', 'bad'"),
        ({"positive": ["good", "fair"]}, "no row has the positive value 'fair'"),
        ({"positive": ["good", "bad"]}, "200 different reviews are positive and 0 negative"),
    ],
)
def test_wrong_role_is_named(table: pd.DataFrame, roles: dict[str, Any], words: str):
    assert words in refusal(table, **roles)


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
    with pytest.raises(ConfigError, match=words):
        load_config(tmp_path / "config.yaml")


def test_too_few_of_a_class_are_refused(table: pd.DataFrame):
    message = refusal(table[:50])
    assert "33 different reviews are positive and 17 negative; expected at least 20" in message


@pytest.fixture
def prepared(table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any]) -> Config:
    """A configuration whose data set has been processed in ``tmp_path``."""
    config = Config(**settings | {"dataset": "mine"})
    table.to_csv(tmp_path / "mine.csv", index=False)
    data.prepare(config, Paths(tmp_path))
    return config


def test_bad_data_never_replaces_good(prepared: Config, table: pd.DataFrame, tmp_path: Path):
    good, info = data.read_processed(Paths(tmp_path))
    table.assign(opinion="bad").to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError):
        data.prepare(prepared, Paths(tmp_path))
    kept, kept_info = data.read_processed(Paths(tmp_path))
    assert kept_info == info
    pd.testing.assert_frame_equal(kept.train, good.train)


def test_interrupted_stage_leaves_the_data_before(
    prepared: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    good, _ = data.read_processed(Paths(tmp_path))
    monkeypatch.setattr(data, "write_json", fail)
    with pytest.raises(ProjectError, match="No space left"):
        data.prepare(prepared.model_copy(update={"seed": 4}), Paths(tmp_path))
    kept, _ = data.read_processed(Paths(tmp_path))
    pd.testing.assert_frame_equal(kept.train, good.train)


@pytest.mark.parametrize("split", [{"test_size": 0.9}, {"test_size": 0.004}, {"folds": 20}])
def test_too_few_reviews_for_the_split_are_refused(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any], split: dict[str, Any]
):
    settings["split"] |= split
    table[:80].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError, match="`split`"):
        data.prepare(Config(**settings | {"dataset": "mine"}), Paths(tmp_path))


# Splitting


def test_split_is_complete_disjoint_and_stratified(table: pd.DataFrame):
    checked, _ = validate(table)
    for seed in range(5):
        parts = data.split(checked, 0.2, seed)
        assert len(parts.test) == 0.2 * ROWS
        pd.testing.assert_frame_equal(pd.concat([parts.train, parts.test]).sort_index(), checked)
        assert parts.test["positive"].sum() == pytest.approx(0.2 * checked["positive"].sum(), abs=1)


def test_split_depends_on_its_seed_alone(table: pd.DataFrame):
    checked, _ = validate(table)
    first, same, other = (data.split(checked, 0.2, seed).test for seed in (1, 1, 2))
    assert first.index.equals(same.index)
    assert not first.index.equals(other.index)
