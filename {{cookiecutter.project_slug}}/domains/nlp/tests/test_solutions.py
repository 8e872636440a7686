"""Queries and exercises of ``docs``, held against this project's own numbers and library."""

import math
from collections import Counter
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

from sentiment.data import read_processed
from sentiment.files import read_json
from sentiment.paths import Paths
from sentiment.text import tokens

from .practice import SOLUTIONS, answers


def documents(project: Path) -> pd.DataFrame:
    """Training reviews as words, each review with at least one."""
    train = read_processed(Paths(project))[0].train
    train = train.assign(words=[tokens(text) for text in train["text"]])
    return train[train["words"].map(len) > 0]


def test_sql_finds_who_is_reached(own_project: Path):
    paths = Paths(own_project)
    business = read_json(paths.reports / "metrics.json")["nlp"]["business"]
    found = answers(paths)
    cells = found[4].iloc[0]
    reached = cells["bad_read"] / (cells["bad_read"] + cells["bad_unread"])
    assert reached == pytest.approx(business["reached"]["value"], abs=1e-5)
    read = (cells["bad_read"] + cells["good_read"]) / cells.sum()
    assert read == pytest.approx(business["read"], abs=1e-5)
    assert found[6].empty  # no text is in both parts


def test_weights_are_those_of_the_library(project: Path):
    words = documents(project)["words"].tolist()
    vectoriser = TfidfVectorizer(analyzer=lambda document: document)
    expected = vectoriser.fit_transform(words)
    names = vectoriser.get_feature_names_out()
    for number, row in enumerate(SOLUTIONS["tf_idf"](words)[:20]):
        line = expected[number]
        theirs = dict(zip(names[line.indices], line.data, strict=True))
        assert row == pytest.approx(theirs)


def test_log_odds_are_those_of_the_library(project: Path):
    train = documents(project)
    good, bad = (train.loc[train["positive"] == side, "words"].tolist() for side in (1, 0))
    found = SOLUTIONS["log_odds"](good, bad)
    names = sorted(found)
    counts = [Counter(chain.from_iterable(texts)) for texts in (bad, good)]
    rows = [[count[name] for name in names] for count in counts]
    model = MultinomialNB().fit(rows, [0, 1])
    expected = model.feature_log_prob_[1] - model.feature_log_prob_[0]
    assert [found[name] for name in names] == pytest.approx(expected.tolist())
    assert math.isfinite(max(found.values()))
