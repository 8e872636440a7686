"""Exploration: SQL answers what pandas answers, and every plot says what it shows."""

import json
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from analysis import data, figures, interactive, sql
from analysis.paths import Paths
from analysis.summaries import gap_companions, readable


@pytest.mark.parametrize("dated", [True, False])
def test_sql_answers_what_pandas_answers(project: Path, dated: bool):
    table, info = data.read_processed(Paths(project))
    if not dated:
        info = replace(info, date=None)
    asked, unasked = sql.questions(table, info)
    assert len(asked) == 5
    assert unasked == []
    for question in asked:
        answer = sql.ask(question.sql, table)
        assert len(answer) > 0
        assert sql.same(answer, question.pandas(table)), question.words


@pytest.mark.parametrize("date", [None, "when"])
@pytest.mark.parametrize("group", ["rows", "value", "month", "average", "place", "count", "total"])
def test_columns_may_be_called_like_anything_in_the_sql(project: Path, group: str, date: str):
    rng = np.random.default_rng(3)
    table = pd.DataFrame({group: rng.choice(["x", "y"], 90), "number": rng.normal(size=90)})
    table["share"] = table["number"].round(1)
    table["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(90), "D")
    _, info = data.read_processed(Paths(project))
    roles = {"regression_target": "number", "classification_target": None, "groups": [group]}
    info = replace(info, numeric=["number", "share"], categorical=[group], date=date, **roles)
    for number in ("number", "share"):
        asked, _ = sql.questions(table, replace(info, regression_target=number))
        for question in asked:
            assert sql.same(sql.ask(question.sql, table), question.pandas(table)), question.sql


def test_answers_that_differ_are_noticed():
    first = pd.DataFrame({"n": [1.0, 2.0], "s": ["a", "b"]})
    assert sql.same(first, first.copy())
    assert not sql.same(first, first.assign(n=[1.0, 2.1]))
    assert not sql.same(first, first.assign(s=["a", "c"]))
    assert not sql.same(first, first[:1])


def test_interactive_figure_shows_the_main_number(project: Path):
    table, info = data.read_processed(Paths(project))
    assert interactive.figure(table, info).layout.yaxis.title.text == "amount"


def test_every_plot_of_the_sample_is_drawn_and_says_what_it_shows(project: Path):
    report = json.loads((project / "reports" / "plots.json").read_text(encoding="utf-8"))
    assert [plot["name"] for plot in report["plots"]] == list(figures.PLOTS)
    for plot in report["plots"]:
        assert (project / "reports" / "figures" / f"{plot['name']}.png").stat().st_size > 5_000
        assert any(letter.isdigit() for letter in plot["sentence"]), "a sentence with a number"
    assert report["skipped"] == []


def test_companions_of_a_gap_are_found_and_none_invented():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"x": rng.normal(size=600), "y": rng.normal(size=600), "c": rng.choice(["a", "b"], 600)}
    )
    planted = table.assign(x=table["x"].mask((table["y"] > 1) & (rng.random(600) < 0.5)))
    found = gap_companions(planted, "x", list(table), seed=1)
    assert found.index[0] == "y"
    assert found["p"].iloc[0] <= 0.01
    false = 0
    for seed in range(60):
        gaps = np.random.default_rng(100 + seed).random(600) < 0.05
        random = table.assign(x=table["x"].mask(gaps))
        false += gap_companions(random, "x", list(table), seed, draws=99)["p"].min() <= 0.05
    assert false <= 9  # 3 expected; more than 9 of 60 has a chance below 1 in 1,000


def test_large_numbers_are_written_in_full():
    written = [readable(value) for value in (0.12, 12.3456, 12345.6, -2e6)]
    assert written == ["0.12", "12.35", "12,346", "-2,000,000"]


def test_plots_in_notebooks_say_what_they_are_or_why_not(project: Path):
    table, info = data.read_processed(Paths(project))
    assert "amount" in interactive.show("distribution", table, info)
    assert "(synthetic sample)" in plt.gcf().axes[0].get_title()
    plt.close("all")
    assert "left out" in interactive.show("timeline", table, replace(info, date=None))
    assert not plt.get_fignums()


def test_an_interactive_plot_is_stored_without_the_code_that_draws_it(project: Path):
    table, info = data.read_processed(Paths(project))
    output = interactive.as_output(interactive.figure(table, info))
    assert set(output) == {"application/vnd.plotly.v1+json", "text/html"}
    assert len(output["text/html"]) < 200_000
    assert output == interactive.as_output(interactive.figure(table, info))
