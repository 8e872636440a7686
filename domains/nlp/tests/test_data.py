"""Data: the sample is what it says, files of all kinds load, bad ones are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from sentiment import data, sample
from sentiment.config import Config, Dataset, load_config
from sentiment.features import tokens
from sentiment.kit import DataError
from sentiment.kit.files import Paths, read_json
from sentiment.kit.settings import TableSource
from sentiment.kit.tables import mark_missing, read_table

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


def validate(table: pd.DataFrame, **roles: Any) -> pd.DataFrame:
    return data.check_reviews(table, Dataset(**ROLES | roles), "data set 'mine'")[0]


def refusal(table: pd.DataFrame, **roles: Any) -> str:
    with pytest.raises(DataError) as error:
        validate(table, **roles)
    assert "data set 'mine'" in str(error.value)
    return str(error.value)


def read(file: Path, **options: Any) -> pd.DataFrame:
    source = TableSource(path=file, **options)
    return mark_missing(read_table(file, source), source.na_values)


# The sample


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


# Files


def test_the_embedded_sentences_are_all_read():
    config = load_config(ROOT / "config.yaml", "amazon")
    raw, dataset, _ = data.load(config, Paths(ROOT))
    assert (raw.shape, dataset.licence) == ((1_000, 2), "CC BY 4.0")
    assert raw["column_0"].str.contains('"').any(), "a quotation mark is a letter like any other"
    table, dropped = data.check_reviews(raw, dataset, "amazon")
    assert len(table) + sum(dropped.values()) == 1_000
    assert table["positive"].mean() == pytest.approx(0.5, abs=0.01)


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
    checked = validate(table, positive=positive)
    assert checked["positive"].tolist() == [1 - row % 2 for row in range(ROWS)]


@pytest.mark.parametrize(("threshold", "share"), [(4, 0.4), (3.5, 0.4), (5, 0.2)])
def test_ratings_become_labels_by_threshold(table: pd.DataFrame, threshold: float, share: float):
    table["opinion"] = np.resize(["1", "2", "3", "4", "5"], ROWS)
    roles = {"positive": None, "rating_threshold": threshold}
    assert validate(table, **roles)["positive"].mean() == pytest.approx(share)
    assert data.positive_where(Dataset(**ROLES | roles)) == f"opinion is {threshold:g} or more"


def test_a_third_label_is_asked_about(table: pd.DataFrame):
    table.loc[:9, "opinion"] = "so so"
    message = refusal(table)
    assert "'so so' (10 rows). Say which" in message
    assert "`ignore: […]`" in message
    neither, dropped = data.check_reviews(table, Dataset(**ROLES, ignore=["so so"]), "mine")
    assert (len(neither), dropped["its label is listed under `ignore`"]) == (ROWS - 10, 10)
    assert len(validate(table, negative=["so so", "bad"])) == ROWS
    table.loc[:9, "opinion"] = None
    assert len(validate(table, ignore=[None])) == ROWS - 10


def test_ratings_may_be_in_words(table: pd.DataFrame):
    table["opinion"] = np.resize(["5.0 out of 5 stars", "1,0 out of 5 stars", "3 stars"], ROWS)
    table.loc[2::3, "opinion"] = "3.0 out of 5 stars"
    roles = {"positive": None, "rating_threshold": 4, "ignore": [3]}
    assert validate(table, **roles)["positive"].mean() == pytest.approx(0.5, abs=0.01)


def test_reviews_with_the_same_words_are_kept_once(table: pd.DataFrame):
    table.loc[4, "review"] = "Great phone!"
    table.loc[9, "review"] = "great PHONE..."
    table.loc[10, "review"] = "  great phone "
    table.loc[11, "review"] = " -- "
    table.loc[12, "review"] = None
    checked, dropped = data.check_reviews(table, Dataset(**ROLES), "mine")
    assert list(dropped.values()) == [0, 2, 1, 1]  # row 9 repeats row 4, row 10 contradicts it
    assert len(checked) == ROWS - 4
    assert checked["text"][4] == "Great phone!"
    assert checked.index.intersection([9, 10, 11, 12]).empty


def test_duplicates_never_straddle_the_split(table: pd.DataFrame):
    copies = pd.concat([table, table.assign(review=table["review"].str.upper() + "...")])
    checked = validate(copies)
    parts = data.split(checked, 0.3, seed=0)
    sides = [{" ".join(tokens(text)) for text in part["text"]} for part in parts]
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
        ({"positive": "great"}, "no row has the positive value 'great'; found 'good' (133"),
        ({"positive": ["good", "fair"]}, "no row has the positive value 'fair'"),
        ({"positive": ["good", "bad"]}, "200 different reviews are positive and 0 negative; exp"),
    ],
)
def test_wrong_role_is_named(table: pd.DataFrame, roles: dict[str, Any], words: str):
    assert words in refusal(table, **roles)


@pytest.fixture
def prepared(table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any]) -> Config:
    """A configuration whose data set has been processed in ``tmp_path``."""
    config = Config(**settings | {"dataset": "mine"})
    table.to_csv(tmp_path / "mine.csv", index=False)
    data.run(config, Paths(tmp_path))
    return config


def test_bad_data_never_replaces_good(prepared: Config, table: pd.DataFrame, tmp_path: Path):
    good, info = data.read_processed(Paths(tmp_path))
    table.assign(opinion="bad").to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError):
        data.run(prepared, Paths(tmp_path))
    kept, kept_info = data.read_processed(Paths(tmp_path))
    assert kept_info == info
    pd.testing.assert_frame_equal(kept.train, good.train)


def test_files_of_two_runs_never_mix(
    prepared: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "write_json", stop)
    with pytest.raises(KeyboardInterrupt):
        data.run(prepared.model_copy(update={"seed": 4}), Paths(tmp_path))
    with pytest.raises(DataError, match="run the `data` command"):
        data.read_processed(Paths(tmp_path))


def test_the_receipt_accounts_for_every_row_and_column(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any]
):
    pd.concat([table, table.head(7)]).to_csv(tmp_path / "mine.csv", index=False)
    data.run(Config(**settings | {"dataset": "mine"}), Paths(tmp_path))
    receipt = read_json(tmp_path / "reports" / "data.json", "data")
    assert (receipt["rows_read"], receipt["rows_kept"]) == (ROWS + 7, ROWS)
    [dropped] = receipt["dropped"]
    assert (dropped["rows"], "same words" in dropped["reason"]) == (7, True)
    assert [column["kind"] for column in receipt["columns"]] == [
        "text",
        "label",
        "left out",
        "left out",
    ]
    assert sum(value["rows"] for value in receipt["target"].values()) == ROWS


# Splitting


def test_split_is_complete_disjoint_and_stratified(table: pd.DataFrame):
    checked = validate(table)
    for seed in range(5):
        parts = data.split(checked, 0.2, seed)
        pd.testing.assert_frame_equal(pd.concat([parts.train, parts.test]).sort_index(), checked)
        share = np.ceil(0.2 * checked["positive"].value_counts())  # of each class, rounded up
        assert parts.test["positive"].value_counts().to_dict() == share.to_dict()
