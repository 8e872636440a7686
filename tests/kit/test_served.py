"""The log of a server, read again: a fair share of it, and what came true of it."""

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from fastapi import Body, FastAPI
from kit import DataError, served, serving
from kit.store import current_version
from kit.tables import refuse_values

OLD, NEW = "2026-01-01T00:00:00.000+00:00", "2026-02-01T00:00:00.000+00:00"


def line(number: int, **changes) -> str:
    known = {"time": NEW, "version": "abc", "request": f"r{number}", "row": 0}
    return json.dumps(known | {"prediction": {"n": number}} | changes)


def log(folder: Path, *lines: str, file: str = "predictions.jsonl", seed: int = 0) -> served.Log:
    folder.mkdir(exist_ok=True)
    (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return served.Log(folder, "abc", "2026-01-15", seed)


def numbers(lines: list[dict]) -> list[int]:
    return [each["prediction"]["n"] for each in lines]


def test_only_this_version_and_time_count_and_a_torn_line_does_not(tmp_path):
    torn = line(9)[:-20]
    log(tmp_path / "logs", line(1), file="predictions.jsonl.1")
    here = log(
        tmp_path / "logs", line(2, version="x"), line(3, time=OLD), "", "[]", "7", line(4), torn
    )
    assert sorted(numbers(here.read())) == [1, 4]


def test_without_a_prediction_the_message_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"no such prediction of abc.*--simulate"):
        log(tmp_path / "logs", line(1, version="x")).read()


def test_a_large_log_is_drawn_from_fairly(tmp_path, monkeypatch):
    monkeypatch.setattr(served, "ROWS", 10)
    lines = [line(number) for number in range(40)]
    drawn = [numbers(log(tmp_path / "logs", *lines, seed=seed).read()) for seed in range(400)]
    assert all(len(set(each)) == 10 for each in drawn)
    kept = Counter(number for each in drawn for number in each)
    # Each of 40 is kept in a quarter of 400 draws, 100 times; five standard errors are 43.
    assert all(57 < kept[number] < 143 for number in range(40))
    assert drawn[0] == numbers(log(tmp_path / "logs", *lines, seed=0).read())


def is_yes(raw: pd.Series, where: str) -> pd.Series:
    refuse_values(raw, raw.isna(), where, "expected an outcome", "Fill it in.")
    return raw == "yes"


def test_outcomes_find_their_prediction(tmp_path):
    file = tmp_path / "outcomes.csv"
    here = log(tmp_path / "logs", *(line(n) for n in range(5)), line(5, request="r4", row=1))
    file.write_text("request,left\nr3,yes\nr1,no\nunknown,no\n", encoding="utf-8")
    lines, came = here.outcomes(file, "left", is_yes)
    assert dict(zip(numbers(lines), came, strict=True)) == {1: 0, 3: 1}
    file.write_text("request,row,left\nr4,1,yes\nr4,0,no\n", encoding="utf-8")
    lines, came = here.outcomes(file, "left", is_yes)
    assert dict(zip(numbers(lines), came, strict=True)) == {4: 0, 5: 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("request,churned\nr1,no\n", "no column 'left'"),
        ("request,row,left\nr1,first,no\n", "row 1: expected a number, found 'first'"),
        ("request,left\nelse,no\n", "no such prediction"),
        ("request,left\nr2,no\nr1, \n", "outcomes.csv, column 'left', row 2: expected an outcome"),
    ],
)
def test_wrong_outcomes_are_refused(tmp_path, text, words):
    file = tmp_path / "outcomes.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        log(tmp_path / "logs", line(1)).outcomes(file, "left", is_yes)


def test_a_rehearsal_asks_a_real_server_and_leaves_the_project_alone(tmp_path):
    models = tmp_path / "project" / "models"
    (models / "abc").mkdir(parents=True)
    (models / "candidate").mkdir()
    (models / "current.txt").write_text("abc\n", encoding="utf-8")
    metadata = {"version": "abc", "monitoring": {"log_inputs": False}}
    (models / "abc" / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")

    def create_app(folder: Path) -> FastAPI:
        app = FastAPI()
        content = (folder / current_version(folder) / "metadata.json").read_text("utf-8")
        kept = serving.watch(app, json.loads(content), folder.parent / "logs")

        @app.post("/predict")
        def predict(n: int = Body(embed=True)) -> list:
            return kept.add([{"n": n}], [{"given": n}])

        return app

    asked = [{"json": {"n": n}} for n in range(3)]
    logs = served.rehearse(create_app, models, asked, tmp_path / "copy")
    found = served.Log(logs, "abc", "2026", 0).read()
    assert sorted(each["inputs"]["given"] for each in found) == [0, 1, 2]
    assert sorted(path.name for path in models.parent.iterdir()) == ["models"]
