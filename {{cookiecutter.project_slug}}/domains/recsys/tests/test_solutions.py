"""Queries and exercises of ``docs``, held against this project's own numbers and functions."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.files import read_json
from recommender.paths import Paths
from recommender.ranking import accuracy

from .practice import SOLUTIONS, answers


def test_sql_counts_what_the_report_counts(own_project: Path):
    paths = Paths(own_project)
    data = read_json(paths.reports / "metrics.json")["recsys"]["data"]
    found = answers(paths)
    counted = found[0].iloc[0]
    assert [counted["users"], counted["items"]] == [data["users"], data["items"]]
    assert counted["interactions"] == sum(data["slices"].values())
    assert found[2]["likes"].sum() == data["likes"]
    assert found[2]["share"].is_monotonic_decreasing
    assert found[6].empty  # nobody meets an item twice


def test_sql_and_python_agree_on_what_else_was_liked(own_project: Path):
    paths = Paths(own_project)
    joined = answers(paths)[4]
    with closing(sqlite3.connect(paths.root / "data" / "practice.db")) as connection:
        rows = connection.execute("SELECT user, item FROM interactions WHERE liked = 1").fetchall()
        titles = dict(connection.execute("SELECT item, title FROM items").fetchall())
    likes: dict[int, set[int]] = {}
    for user, item in rows:
        likes.setdefault(user, set()).add(item)
    counts = [sum(item in liked for liked in likes.values()) for item in range(len(titles))]
    favourite = int(np.argmax(counts))
    expected = SOLUTIONS["also_liked"](likes, favourite, 5)
    assert joined["together"].tolist() == [count for _, count in expected]
    assert joined["title"].tolist() == [titles[item] for item, _ in expected]


def test_ndcg_and_cosine_are_the_projects():
    liked = {3, 9, 5, 40}
    relevant = csr_matrix(([1.0] * 4, ([0] * 4, sorted(liked))), shape=(1, 50))
    recommended = [7, 3, 9, 1, 40]
    theirs = accuracy(np.array([recommended]), relevant)["ndcg_at_5"][0]
    assert SOLUTIONS["ndcg"](recommended, liked, 5) == pytest.approx(theirs)
    assert SOLUTIONS["cosine"]({1, 2}, {1, 2}) == pytest.approx(1)
    assert SOLUTIONS["cosine"]({1}, set()) == 0
