"""Draw every plot that applies, ask the five questions, and record what they say."""

from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from .charts import figure
from .config import Config
from .data import read_processed
from .figures import PLOTS, mark, reasons_to_skip
from .files import write_json
from .paths import Paths
from .roles import DatasetInfo
from .sql import ask, questions, same


def explore(config: Config, paths: Paths) -> list[Path]:
    """Draw the plots and write ``reports/plots.json``: their sentences, and the SQL answers."""
    table, info = read_processed(paths)
    skip = reasons_to_skip(info)
    drawn, files = [], []
    for name, plot in tqdm(PLOTS.items(), desc="drawing", delay=2, leave=False):
        file = paths.figures / f"{name}.png"
        if name in skip:
            file.unlink(missing_ok=True)  # one of another data set would be misleading
            continue
        with figure(file) as drawing:
            sentence = plot(drawing, table, info)
            mark(drawing, info)
        drawn.append({"name": name, "alt": _first_line(plot.__doc__), "sentence": sentence})
        files.append(file)
    answers, unasked = _answers(table, info)
    skipped = [f"No plot `{name}`: {reason}." for name, reason in skip.items()]
    content = {
        "dataset": info.summary,
        "plots": drawn,
        "questions": answers,
        "skipped": skipped + unasked,
    }
    return [write_json(paths.reports / "plots.json", content), *files]


def _answers(table: pd.DataFrame, info: DatasetInfo) -> tuple[list[dict[str, Any]], list[str]]:
    asked, unasked = questions(table, info)
    answers = []
    for question in asked:
        agree = same(ask(question.sql, table), question.pandas(table))
        answers.append({"question": question.words, "sql": question.sql, "agree": agree})
    return answers, unasked


def _first_line(text: str | None) -> str:
    return (text or "").split("\n")[0].rstrip(".")
