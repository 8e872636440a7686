"""Odd ids, odd files and odd wishes; runs in a copy of the recommender, beside its own tests."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS
from recommender import data, readme, sample
from recommender.config import load_config
from recommender.kit import DataError
from recommender.kit.files import Paths, read_json
from recommender.ladder import rung, unfit
from recommender.predictor import Predictor
from test_data import BY_USER, ITEMS, named, names, prepare, refusal, rows, table

__all__ = ["names", "table"]  # fixtures of the project's tests
DAY = 86_400
ODD_IDS = ["0", "007", "a/b", "%2F", "<b>", "'; --", "é", "e\u0301", "🙂", "a b", "x" * 500, ".."]


def stage(folder: Path, **entry: Any) -> data.Split:
    """Run the data stage on a file that lies there, as ``entry`` describes it."""
    config = load_config(SETTINGS)
    mine = {"user": "who", "item": "what", **entry}
    content = config.model_dump() | {"dataset": "mine", "datasets": {"mine": mine}}
    data.run(type(config)(**content), Paths(folder))
    return data.read_processed(Paths(folder))[0]


def test_other_separator_encoding_and_no_header(table: pd.DataFrame, tmp_path: Path):
    table = table.replace({"who": {"u03": "Zoë"}})
    table.to_csv(tmp_path / "mine.txt", sep="\t", header=False, index=False, encoding="cp1252")
    how = {"path": "mine.txt", "separator": "\t", "header": False, "encoding": "cp1252"}
    roles = {"user": "column_0", "item": "column_1", "rating": "column_2", "timestamp": "column_3"}
    split = stage(tmp_path, **how, **roles)
    assert named(split) == set(zip(table["who"], table["what"], strict=True))


def test_ids_may_be_numbers(table: pd.DataFrame, tmp_path: Path):
    table["who"] = table["who"].str[1:].astype(float)
    table.to_parquet(tmp_path / "mine.parquet")
    split = stage(tmp_path, path="mine.parquet", timestamp="when")
    assert {"0", "1", "39"} <= set(split.users["id"])


def test_ids_are_kept_apart_letter_by_letter(table: pd.DataFrame, tmp_path: Path):
    """What looks alike is not the same; what a path or a page would read is an id as well."""
    ids = dict(zip(sorted(set(table["what"])), ODD_IDS, strict=False))
    table["what"] = table["what"].replace(ids)
    split, _ = prepare(tmp_path, table)
    kept = set(split.items["id"])
    assert len(kept) == ITEMS
    assert set(ODD_IDS) <= kept


def test_last_of_repeats_counts(table: pd.DataFrame, tmp_path: Path):
    again = table.loc[[3]].assign(stars="1", when=str(sample.START - DAY))
    table.loc[3, "stars"] = "5"
    split, info = prepare(tmp_path, pd.concat([table, again]), split=BY_USER)
    assert info.rows == len(table)
    found = rows(split).query("user == 0")
    place = split.items["id"].tolist().index(table.loc[3, "what"])
    assert found.set_index("item").loc[place, "rating"] == 5  # the later one, not the lower line


def test_licence_is_shown(table: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    prepare(tmp_path, table, roles={"licence": "research only"})
    assert "licence of mine: research only" in capsys.readouterr().out


def test_date_that_is_not_as_described_is_named(table: pd.DataFrame, tmp_path: Path):
    table["when"] = pd.to_datetime(table["when"].astype(int), unit="s").dt.strftime("%d/%m/%Y")
    table.loc[7, "when"] = "2024-01-31"
    message = refusal(tmp_path, table, roles={"date_format": "%d/%m/%Y"})
    assert "column 'when', row 8: expected a date written as '31/01/2024'" in message


def test_single_item_is_refused(table: pd.DataFrame, tmp_path: Path):
    assert "has 1 item(s): expected at least 2" in refusal(tmp_path, table.assign(what="i00"))


def test_single_user_is_refused(table: pd.DataFrame, tmp_path: Path):
    assert "has 1 users: expected at least 20" in refusal(tmp_path, table.assign(who="me"))


@pytest.mark.parametrize("stars", ["5", "1"])
def test_everybody_of_one_mind(table: pd.DataFrame, tmp_path: Path, stars: str):
    """All the same rating: every row is a like, or none is, which cannot be learned from."""
    roles = {"positive_rating": 4}
    if stars == "5":
        split, info = prepare(tmp_path, table.assign(stars=stars), roles=roles)
        assert info.likes == info.rows == len(rows(split))
    else:
        message = refusal(tmp_path, table.assign(stars=stars), roles=roles)
        assert "has likes of fewer than 20 users" in message
        assert "lower `positive_rating`" in message


def test_words_may_be_numbers_that_are_not_known(
    table: pd.DataFrame, names: pd.DataFrame, tmp_path: Path
):
    years = pd.array([None, *range(1990, 1990 + ITEMS - 1)], dtype="Int64")
    names.assign(year=years).to_parquet(tmp_path / "names.parquet")
    items = {"path": "names.parquet", "id": "code", "title": "name", "text": ["year"]}
    split, _ = prepare(tmp_path, table, roles={"items": items})
    assert split.items["text"].tolist()[:2] == ["", "1990"]


def test_titles_that_are_ids_are_no_text(table: pd.DataFrame, tmp_path: Path):
    split, _ = prepare(tmp_path, table)
    assert set(split.texts()) == {""}


def test_bad_data_never_replaces_good(table: pd.DataFrame, tmp_path: Path):
    good, info = prepare(tmp_path, table)
    with pytest.raises(DataError):
        prepare(tmp_path, table.assign(stars="x"))
    kept, kept_info = data.read_processed(Paths(tmp_path))
    assert kept_info == info
    pd.testing.assert_frame_equal(kept.train, good.train)


def test_split_by_user_depends_on_its_seed_alone(table: pd.DataFrame, tmp_path: Path):
    first, same, other = (
        prepare(tmp_path, table, split=BY_USER, seed=seed)[0].test for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, same)
    assert not first.reset_index().equals(other.reset_index())


# The ladder


def test_content_without_words_is_left_out(tmp_path: Path, table: pd.DataFrame):
    config, (_, info) = load_config(SETTINGS), prepare(tmp_path, table)
    for texts in (["", ""], ["1", "2"]):
        assert "items have no words" in str(unfit(rung("content"), texts, info, config))
    assert unfit(rung("content"), ["a cake", ""], info, config) is None
    assert unfit(rung("ease"), ["", ""], info, config) is None


# The published model


# What is said


def metrics_of(project: Path) -> dict[str, Any]:
    """What the last run has found."""
    return read_json(project / "reports" / "metrics.json", "evaluate")


def test_a_metric_has_one_name_on_all_pages(project: Path):
    """The model card had "ndcg at 10" for README's nDCG@10."""
    k = metrics_of(project)["recsys"]["k"]
    card, page = ((project / f).read_text(encoding="utf-8") for f in ("MODEL_CARD.md", "README.md"))
    assert f"| nDCG@{k} |" in card
    assert f"| MAP@{k} |" in card
    assert f"nDCG@{k}, validation" in page
    assert "| from the most liked tenth |" in card
    assert f"at {k} |" not in card


def test_a_share_that_is_rounded_is_not_said_to_be_all(project: Path):
    """0.99985 of what is shown came from the most liked tenth, and 100% was said."""
    metrics = metrics_of(project)
    metrics["test"]["popularity_share"]["value"] = 0.99985
    metrics["recsys"]["rule"]["popularity_share"]["value"] = 1.0
    assert "99.9% and 100% of what they show" in readme.new_users(metrics)


def test_one_of_a_kind_is_said_in_the_singular(project: Path):
    """A single item, setting, or other model was "1 items", "1 settings", "1 others"."""
    metrics = metrics_of(project)
    metrics["models"] = [metrics["models"][0], readme.selected(metrics)]
    metrics["recsys"]["k"] = 1
    for model in metrics["models"]:
        model["tried"] = 1
    said = readme.bullets(metrics) + readme.results(metrics)
    assert not re.search(r"\b1 (others|items|settings)", said), said


@pytest.fixture(scope="module")
def predictor(project: Path) -> Predictor:
    """The model of the project's own tests."""
    return Predictor.load(project / "models")


def test_naming_a_like_twice_changes_no_score(predictor: Predictor):
    once, twice = list(predictor.items)[:2], [*list(predictor.items)[:2], list(predictor.items)[0]]
    assert predictor.recommend(liked=once) == predictor.recommend(liked=twice)


def test_answers_come_in_the_order_sent(predictor: Predictor):
    instances = [{"liked": [item]} for item in list(predictor.items)[:30]]
    alone = [predictor.recommend(**instance) for instance in instances]
    assert predictor.predict(instances) == alone
    assert len({str(answer) for answer in alone}) > 1


def test_who_has_met_everything_is_recommended_nothing(predictor: Predictor):
    assert predictor.recommend(liked=list(predictor.items))["items"] == []
    assert predictor.recommend(liked=[], exclude=list(predictor.items))["items"] == []


@pytest.mark.parametrize("user", ["", " ", "stranger", "🙂", "x" * 10_000, "\u0000"])
def test_strangers_get_what_is_popular(predictor: Predictor, user: str):
    found = predictor.recommend(user=user)
    assert found["basis"] == "popular"
    assert found["items"] == predictor.recommend(liked=[])["items"]
    assert np.isfinite([item["score"] for item in found["items"]]).all()
