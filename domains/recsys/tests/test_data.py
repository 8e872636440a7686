"""Data: the sample is what it says, files of all kinds load, bad ones are refused."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import SETTINGS
from scipy.stats import spearmanr

from recommender import data, sample
from recommender.config import Config, load_config
from recommender.kit import DataError, ProjectError
from recommender.kit.files import Paths, read_json

USERS, ITEMS, EACH = 40, 30, 12
DAY = 86_400
ROLES = {"user": "who", "item": "what", "rating": "stars", "timestamp": "when"}


@pytest.fixture
def table() -> pd.DataFrame:
    """A file's worth of interactions: each user meets each of some items once."""
    rng = np.random.default_rng(0)
    columns = {
        "who": np.repeat([f"u{number:02d}" for number in range(USERS)], EACH),
        "what": np.concatenate(
            [
                rng.permutation([f"i{item:02d}" for item in range(ITEMS)])[:EACH]
                for _ in range(USERS)
            ]
        ),
        "stars": rng.integers(1, 6, USERS * EACH).astype(str),
        "when": (sample.START + rng.permutation(USERS * EACH) * DAY).astype(str),
    }
    return pd.DataFrame(columns).astype(object)


@pytest.fixture
def names() -> pd.DataFrame:
    """The table of its items."""
    ids = [f"i{number:02d}" for number in range(ITEMS)]
    return pd.DataFrame(
        {
            "code": ids,
            "name": [f"Item {item}" for item in ids],
            "kind": np.resize(["Action|Comedy", "Drama", ""], ITEMS),
            "year": np.resize(["1999", "2005"], ITEMS),
        }
    )


def prepare(
    folder: Path, table: pd.DataFrame, **changes: Any
) -> tuple[data.Split, data.DatasetInfo]:
    """Run the data stage on ``table``, described as roles say."""
    entry = {"path": "mine.csv", **ROLES, **changes.pop("roles", {})}
    table.to_csv(folder / "mine.csv", index=False)
    config = load_config(SETTINGS).model_dump() | changes
    config |= {"dataset": "mine", "datasets": {"mine": {k: v for k, v in entry.items() if v}}}
    data.run(Config(**config), Paths(folder))
    return data.read_processed(Paths(folder))


def refusal(folder: Path, table: pd.DataFrame, **changes: Any) -> str:
    with pytest.raises(DataError) as error:
        prepare(folder, table, **changes)
    assert "data set 'mine'" in str(error.value)
    return str(error.value)


def rows(split: data.Split) -> pd.DataFrame:
    return pd.concat([split.train, split.validation, split.test])


def named(split: data.Split) -> set[tuple[str, str]]:
    """Every interaction, by the ids that the codes stand for."""
    table = rows(split)
    users, items = split.users["id"].to_numpy(), split.items["id"].to_numpy()
    return set(zip(users[table["user"]], items[table["item"]], strict=True))


BY_USER = {"by": "user", "test_size": 0.25, "validation_size": 0.25}
BY_TIME = {"by": "time", "test_size": 0.25, "validation_size": 0.25}


# The sample


def test_sample_depends_on_its_seed_alone():
    for first, same in zip(sample.make_sample(1), sample.make_sample(1), strict=True):
        pd.testing.assert_frame_equal(first, same)
    assert not sample.make_sample(1)[0].equals(sample.make_sample(2)[0])


def test_sample_looks_like_the_real_thing():
    table, items = sample.make_sample(1)
    assert table["user"].nunique() == sample.USERS
    assert len(items) == sample.ITEMS
    assert 35_000 < len(table) < 45_000
    assert not table.duplicated(["user", "item"]).any()
    assert items["title"].is_unique
    assert set(table["rating"]) == {1, 2, 3, 4, 5}
    assert table["timestamp"].max() - table["timestamp"].min() > 360 * DAY
    counts = table["item"].value_counts()
    assert counts.head(60).sum() > 0.25 * len(table)  # a long tail: a tenth gets over a quarter
    assert (table["user"].value_counts() <= 3).sum() == sample.COLD_USERS


def test_codes_of_the_data_are_those_of_the_truth(tmp_path: Path):
    config = load_config(SETTINGS)
    data.run(config, Paths(tmp_path))
    split, info = data.read_processed(Paths(tmp_path))
    assert info.synthetic
    assert split.users["id"].tolist() == [f"u{code:04d}" for code in range(sample.USERS)]
    assert split.items["id"].tolist() == [f"b{code:03d}" for code in range(sample.ITEMS)]
    world, table = sample.truth(config.seed), rows(split)
    clicks = world.click_probability(table["user"].to_numpy(), table["item"].to_numpy())
    assert spearmanr(clicks, table["rating"]).statistic > 0.4
    # With codes of another order, clicks would say nothing about ratings.
    shuffled = np.random.default_rng(0).permutation(table["item"].to_numpy())
    other = world.click_probability(table["user"].to_numpy(), shuffled)
    assert abs(spearmanr(other, table["rating"]).statistic) < 0.2


def test_books_are_described_in_the_words_of_their_tastes():
    world, (_, items) = sample.truth(1), sample.make_sample(1)
    main = world.item_tastes.argmax(axis=1)
    vocabularies = [set(words.split()) for words in sample.TASTES.values()]
    own = [
        sum(word in vocabularies[taste] for word in text.split())
        for taste, text in zip(main, items["text"], strict=True)
    ]
    assert np.mean(own) > 0.6 * 14


def test_readers_pick_what_they_would_click():
    table, _ = sample.make_sample(1)
    users = table["user"].str[1:].astype(int).to_numpy()
    items = table["item"].str[1:].astype(int).to_numpy()
    world, rng = sample.truth(1), np.random.default_rng(0)
    chosen = world.click_probability(users, items).mean()
    by_chance = world.click_probability(users, rng.integers(sample.ITEMS, size=len(users))).mean()
    assert chosen > 2 * by_chance


# Files of other shapes, by configuration alone


def test_roles_say_what_the_columns_are(table: pd.DataFrame, tmp_path: Path):
    split, info = prepare(tmp_path, table, roles={"positive_rating": 4})
    assert named(split) == set(zip(table["who"], table["what"], strict=True))
    assert (info.rows, info.users, info.items) == (USERS * EACH, USERS, ITEMS)
    assert info.likes == (table["stars"].astype(int) >= 4).sum()
    assert rows(split)["like"].tolist() == (rows(split)["rating"] >= 4).astype(int).tolist()
    assert split.items["title"].equals(split.items["id"])
    file = (tmp_path / "mine.csv").read_bytes()
    assert info.sha256 == hashlib.sha256(file).hexdigest()


def test_implicit_feedback_without_times(table: pd.DataFrame, tmp_path: Path):
    roles = {"rating": None, "timestamp": None}
    split, info = prepare(tmp_path, table[["who", "what"]], roles=roles, split=BY_USER)
    assert set(split.train.columns) == {"user", "item", "like"}
    assert info.likes == info.rows
    assert "rating" not in split.train and "timestamp" not in split.train


def test_without_times_there_is_no_split_by_time(table: pd.DataFrame, tmp_path: Path):
    message = refusal(tmp_path, table, roles={"timestamp": None}, split=BY_TIME)
    assert "names no `timestamp` column" in message
    assert "`split_by: user`" in message


@pytest.mark.parametrize(
    "written", ["seconds", "milliseconds", "date", "number", "moment", "day first"]
)
def test_times_may_be_written_in_many_ways(table: pd.DataFrame, tmp_path: Path, written: str):
    seconds = table["when"].astype(int)
    dates = pd.to_datetime(seconds, unit="s")
    table["when"] = {
        "seconds": seconds,
        "milliseconds": seconds * 1000,
        "date": dates.dt.strftime("%Y-%m-%d"),
        "number": dates.dt.strftime("%Y%m%d"),
        "moment": dates.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "day first": dates.dt.strftime("%d.%m.%y %H:%M"),
    }[written]
    roles = {"date_format": "%d.%m.%y %H:%M" if written == "day first" else None}
    split, _ = prepare(tmp_path, table, roles=roles)
    assert sorted(rows(split)["timestamp"]) == sorted(seconds)


def test_items_have_titles_and_texts(table: pd.DataFrame, names: pd.DataFrame, tmp_path: Path):
    names.loc[1, "name"] = ""
    names.sample(frac=1, random_state=0).to_csv(tmp_path / "names.csv", index=False, sep=";")
    items = {"path": "names.csv", "separator": ";", "id": "code", "title": "name"}
    split, info = prepare(tmp_path, table, roles={"items": items | {"text": ["kind", "year"]}})
    assert info.items == ITEMS  # those that nobody has met yet as well
    assert split.items["id"].is_monotonic_increasing
    assert split.items.loc[0].tolist() == ["i00", "Item i00", "Action Comedy 1999"]
    assert split.items.loc[1, "title"] == "i01"
    assert split.items.loc[2, "text"].strip() == "1999"


def test_unknown_items_are_kept_if_asked(table: pd.DataFrame, names: pd.DataFrame, tmp_path: Path):
    described = pd.concat([names.iloc[2:], names.iloc[[5]]])  # one of them twice, in the same words
    described.to_csv(tmp_path / "names.csv", index=False)
    items = {
        "path": "names.csv",
        "id": "code",
        "title": "name",
        "text": ["kind"],
        "unknown": "keep",
    }
    split, info = prepare(tmp_path, table, roles={"items": items})
    assert info.items == ITEMS
    assert split.items["id"].is_monotonic_increasing
    assert split.items.loc[1].tolist() == ["i01", "i01", ""]
    assert split.items.loc[2, "title"] == "Item i02"
    assert named(split) == set(zip(table["who"], table["what"], strict=True))


# Refusing bad data


@pytest.mark.parametrize("settings", [BY_TIME, BY_USER])
def test_repeats_are_never_in_two_slices(
    settings: dict[str, Any], table: pd.DataFrame, tmp_path: Path
):
    again = table.iloc[::3]
    again = again.assign(when=(again["when"].astype(int) + len(table) // 3 * DAY).astype(str))
    split, info = prepare(tmp_path, pd.concat([table, again]), split=settings)
    assert info.rows == len(table)
    found = read_json(tmp_path / "reports" / "data.json", "data")
    reason = "the same user and item again"
    assert found["dropped"] == [{"reason": reason, "rows": len(again)}]
    assert found["rows_read"] == found["rows_kept"] + len(again)
    assert not rows(split).duplicated(["user", "item"]).any()


def test_split_by_time_what_was_met_before_is_not_to_be_guessed(
    table: pd.DataFrame, tmp_path: Path
):
    """The first meeting decides where the pair is, and what is said later is not known yet."""
    table.loc[3, ["stars", "when"]] = ["5", str(sample.START - DAY)]
    again = table.loc[[3]].assign(stars="1", when=str(table["when"].astype(int).max() + DAY))
    split, _ = prepare(tmp_path, pd.concat([table, again]))
    item = split.items["id"].tolist().index(table.loc[3, "what"])
    met = split.train[(split.train["user"] == 0) & (split.train["item"] == item)]
    assert met["rating"].tolist() == [5]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("stars", "many", "column 'stars', row 8: expected a number, found 'many'"),
        ("stars", "6", "column 'stars', row 8: expected a rating from 1 to 5, found '6'"),
        ("when", "soon", "column 'when', row 8: expected a date such as 2024-01-31, or"),
        ("who", None, "column 'who', row 8: expected an id, found nothing"),
        ("what", "i99", "column 'what', row 8: expected an item of the `items` table, found 'i99'"),
    ],
)
def test_bad_value_is_named_with_column_and_row(
    table: pd.DataFrame,
    names: pd.DataFrame,
    tmp_path: Path,
    column: str,
    value: str | None,
    words: str,
):
    names.to_csv(tmp_path / "names.csv", index=False)
    items = {"path": "names.csv", "id": "code", "title": "name"}
    table.loc[7, column] = value
    message = refusal(tmp_path, table, roles={"rating_range": [1, 5], "items": items})
    assert words in message
    assert "(1 such row(s))" in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda when: 2000 + when % 20, "row 1: expected a date such as 2024-01-31, or seconds"),
        (lambda when: when.where(when.index != 7, when * 1000), "row 8: expected seconds, as most"),
    ],
)
def test_numbers_that_are_no_seconds_are_no_dates_in_1970(table, tmp_path: Path, change, words):
    table["when"] = change(table["when"].astype(int)).astype(str)
    assert words in refusal(tmp_path, table)


def test_days_of_a_spreadsheet_are_dates(table: pd.DataFrame, tmp_path: Path):
    days = (table["when"].astype(int) - sample.START) / DAY / 8
    table["when"] = (45_000 + days).astype(str)  # from 15 March 2023 on
    split, _ = prepare(tmp_path, table)
    assert pd.Timestamp(split.train["timestamp"].min(), unit="s") == pd.Timestamp("2023-03-15")


def test_zeros_in_front_make_no_other_item(table: pd.DataFrame, tmp_path: Path):
    table["what"] = table["what"].str.removeprefix("i").astype(int).astype(str) + ".0"
    split, _ = prepare(tmp_path, table)
    assert set(split.items["id"]) == {str(number) for number in range(ITEMS)}
    names = pd.DataFrame({"code": [f"{n:05}" for n in range(ITEMS)], "name": "a name"})
    names.to_csv(tmp_path / "names.csv", index=False)
    items = {"path": "names.csv", "id": "code", "title": "name", "unknown": "keep"}
    assert "'0' is in `items` with other zeros" in refusal(tmp_path, table, roles={"items": items})


def test_few_rows_without_a_rating_are_told_and_many_refused(table: pd.DataFrame, tmp_path: Path):
    table.loc[:9, "stars"] = "-"
    table.loc[10, "stars"] = None
    prepare(tmp_path, table)
    dropped = read_json(tmp_path / "reports" / "data.json", "data")["dropped"]
    assert {"reason": "without a rating", "rows": 11} in dropped
    table.loc[20, "stars"] = "x"
    assert "row 21: expected a number, found 'x'" in refusal(tmp_path, table)
    table.loc[: len(table) // 5, "stars"] = "-"
    assert "row 1: expected a rating, found '-'" in refusal(tmp_path, table)


def test_ratings_may_be_in_words(table: pd.DataFrame, tmp_path: Path):
    numbers = table["stars"].astype(float)
    table["stars"] = numbers.map("{:.1f} out of 5 stars".format)
    split, _ = prepare(tmp_path, table, roles={"rating_range": [1, 5]})
    assert sorted(rows(split)["rating"]) == sorted(numbers)


def test_item_that_is_there_twice_is_named(
    table: pd.DataFrame, names: pd.DataFrame, tmp_path: Path
):
    names.loc[4, "code"] = "i02"
    names.to_csv(tmp_path / "names.csv", index=False)
    items = {"path": "names.csv", "id": "code", "title": "name"}
    message = refusal(tmp_path, table, roles={"items": items})
    assert "`items`, column 'code', row 5: expected each item once, found 'i02'" in message


@pytest.mark.parametrize("role", ["user", "item", "rating", "timestamp"])
def test_wrong_role_is_named(table: pd.DataFrame, tmp_path: Path, role: str):
    message = refusal(tmp_path, table, roles={role: ROLES[role] + "x"})
    assert f"no column '{ROLES[role]}x'; did you mean '{ROLES[role]}'?" in message


def test_too_few_users_are_refused(table: pd.DataFrame, tmp_path: Path):
    few = table[table["who"] < "u15"]
    assert "has 15 users: expected at least 20" in refusal(tmp_path, few)
    message = refusal(tmp_path, table, split={**BY_USER, "test_size": 0.01})
    assert "the test slice has likes of fewer than 20 users" in message


def test_slices_of_two_runs_never_mix(table: pd.DataFrame, tmp_path: Path):
    prepare(tmp_path, table, split=BY_USER)
    kept = (tmp_path / "data" / "processed" / "test.parquet").read_bytes()
    prepare(tmp_path, table, split=BY_USER, seed=4)
    (tmp_path / "data" / "processed" / "test.parquet").write_bytes(kept)
    with pytest.raises(DataError, match="run the `data` command first"):
        data.read_processed(Paths(tmp_path))


def test_receipt_says_what_every_column_and_rating_was_taken_for(
    table: pd.DataFrame, tmp_path: Path
):
    prepare(tmp_path, table.assign(colour="red"), roles={"positive_rating": 4})
    found = read_json(tmp_path / "reports" / "data.json", "data")
    kinds = {column["name"]: column["kind"] for column in found["columns"]}
    assert kinds == {
        "who": "user",
        "what": "item",
        "stars": "rating",
        "when": "timestamp",
        "colour": "unused",
    }
    likes = int((table["stars"].astype(int) >= 4).sum())
    assert found["target"] == {
        "4 or more": {"class": "like", "rows": likes},
        "below 4": {"class": "no like", "rows": len(table) - likes},
    }


# What is shown today


def test_rule_names_items_of_the_catalogue(table: pd.DataFrame, tmp_path: Path):
    rule = {"name": "the editors' list", "items": ["i07", "i02"]}
    split, info = prepare(tmp_path, table, roles={"rule": rule})
    assert info.rule == "the editors' list"
    assert split.items["id"].iloc[info.rule_items].tolist() == ["i07", "i02"]
    message = refusal(tmp_path, table, roles={"rule": {"items": ["i07", "z"]}})
    assert "`rule`: no item 'z'" in message


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("split",), {**BY_USER, "test_size": 0.8}, "leave nothing to train on"),
        (("k",), 51, "k is 51, above limits.k_max, which is 50"),
        (("datasets", "mine", "positive_rating"), 4, "need `rating`, which they judge"),
        (("datasets", "mine", "rating_range"), [5, 1], "need `rating`, which they judge"),
        (("models",), ["popularity"], "models.0"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    settings: dict[str, Any], tmp_path: Path, place: tuple[str, ...], value: Any, words: str
):
    node = settings
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ProjectError, match=words):
        load_config(file)


# Splitting


def test_nothing_in_a_slice_is_later_than_the_next(table: pd.DataFrame, tmp_path: Path):
    # Many at the same time, on both sides of where the slices meet.
    table["when"] = (table["when"].astype(int) // (100 * DAY) * 100 * DAY).astype(str)
    split, info = prepare(tmp_path, table, split=BY_TIME)
    train, validation, test = (
        part["timestamp"] for part in (split.train, split.validation, split.test)
    )
    assert train.max() < validation.min()
    assert validation.max() < test.min()
    assert sum(info.slices.values()) == info.rows == len(rows(split))


def test_split_by_user_divides_each_user(table: pd.DataFrame, tmp_path: Path):
    split, _ = prepare(tmp_path, table, split=BY_USER)
    sizes = [part.groupby("user").size() for part in (split.train, split.validation, split.test)]
    assert all(size.nunique() == 1 and len(size) == USERS for size in sizes)
    assert [size.iloc[0] for size in sizes] == [6, 3, 3]
    assert named(split) == set(zip(table["who"], table["what"], strict=True))


def test_matrix_holds_likes_or_everything_met(table: pd.DataFrame, tmp_path: Path):
    split, info = prepare(tmp_path, table, roles={"positive_rating": 4})
    likes, seen = (split.matrix(rows(split), liked=liked) for liked in (True, False))
    assert likes.shape == seen.shape == (info.users, info.items)
    assert (likes.sum(), seen.sum()) == (info.likes, info.rows)
    assert (seen - likes).min() == 0


def test_tasks_know_what_came_before_and_nothing_else(table: pd.DataFrame, tmp_path: Path):
    split, _ = prepare(tmp_path, table, split=BY_TIME, roles={"positive_rating": 4})
    for hidden, known in (("validation", [split.train]), ("test", [split.train, split.validation])):
        task = split.task(hidden)
        assert task.seen.sum() == sum(map(len, known))
        assert task.likes.sum() == sum(part["like"].sum() for part in known)
        assert task.relevant.sum() == getattr(split, hidden)["like"].sum()
        assert task.seen.multiply(task.relevant).sum() == 0
        assert task.users.sum() == np.unique(task.relevant.nonzero()[0]).size
