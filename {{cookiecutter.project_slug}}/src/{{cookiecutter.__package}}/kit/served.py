"""The log that a server leaves, or a rehearsal: has the world moved, does the model still pay?"""

import heapq
import json
import random
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fastapi import FastAPI
from fastapi.testclient import TestClient
from matplotlib.axes import Axes
from scipy.stats import chi2_contingency, ks_2samp
from scipy.stats.contingency import expected_freq

from . import CheckError, DataError
from .charts import Picture, draw, short
from .documents import code, interval, table
from .files import Paths, read_json, rounded, write_json, write_text
from .intervals import Array, Estimate
from .settings import TableSource
from .store import current_version
from .tables import mark_missing, read_table, require_columns, to_numbers

ROWS = 20_000  # of the log, drawn at random
CHANCE = 0.05  # of reports without any change that raise an alarm, at most
LEAST = 0.1  # a smaller distance raises none, however sure: among many rows each change is
FEWEST = 5  # cases expected of a category (Cochran 1954); rarer ones count as one
NEW, RARE = "(new)", "(rare)"
HOW = f"Alarm: {LEAST} or more, by chance in {CHANCE:.0%} of reports at most (of independent rows)."
Json = dict[str, Any]
Columns = dict[str, pd.Series]  # numbers, NaN where missing, or categories as text
Kept = dict[str, tuple[Estimate, Estimate]]  # figures, better the higher: as promised, as it came


@dataclass(frozen=True)
class Log:
    """What a version has predicted since a time, in universal time as ISO 8601 writes it."""

    folder: Path
    version: str
    since: str
    seed: int

    def read(self, asked: Collection[tuple[str, int]] | None = None) -> list[Json]:
        """At most ``ROWS`` predictions, of those ``asked`` for, by lot; a DataError without any."""
        chance = random.Random(self.seed)
        lines = heapq.nsmallest(ROWS, self._wanted(asked), key=lambda _: chance.random())
        if not lines:
            why = f"{self.folder} has no such prediction of {self.version} since {self.since[:16]}"
            raise DataError(f"{why}: start `serve`, look back with --days, or try --simulate")
        return lines

    def _wanted(self, asked: Collection[tuple[str, int]] | None) -> Iterator[Json]:
        for file in sorted(self.folder.glob("predictions.jsonl*")):
            with file.open(encoding="utf-8", errors="replace") as content:
                for text in content:
                    with suppress(ValueError, KeyError, TypeError):  # a full disk cut it off
                        line = dict(json.loads(text))
                        ours = line["version"] == self.version and line["time"] >= self.since
                        if ours and (asked is None or (line["request"], line["row"]) in asked):
                            yield line

    def outcomes(
        self, file: Path, column: str, meaning: Callable[[pd.Series, str], pd.Series]
    ) -> tuple[list[Json], Array]:
        """Predictions whose outcome a CSV file knows, and these, as numbers by ``meaning``. It has
        ``request``, the id in an answer's header, and ``row`` there, from 0, if of several."""
        known = read_table(file, TableSource(path=file))
        require_columns(known, ["request", column], str(file))
        rows = to_numbers(known.get("row", pd.Series("0", known.index)), str(file)).astype("Int64")
        values = meaning(mark_missing(known[[column]])[column], str(file))
        came = pd.Series([*values], [known["request"], rows]).dropna().to_dict()
        lines = self.read(came)
        return lines, np.array([came[line["request"], line["row"]] for line in lines], dtype=float)


def rehearse(create: Callable[[Path], FastAPI], models: Path, asked: list[Json], at: Path) -> Path:
    """Ask the API of a copy of the models, which logs inputs as well; return its log's folder."""
    copy = at / "models"
    shutil.copytree(models, copy, ignore=shutil.ignore_patterns("candidate"))
    metadata = copy / current_version(models) / "metadata.json"
    write_json(metadata, read_json(metadata, "all") | {"monitoring": {"log_inputs": True}})
    with TestClient(create(copy)) as client:
        for request in asked:
            client.post("/predict", **request).raise_for_status()
    return at / "logs"


def answers(predictions: list[Json], *names: str) -> Columns:
    """What predictions say under these names."""
    return {f"answer: {name}": pd.Series([each[name] for each in predictions]) for name in names}


def compare(before: Columns, now: Columns) -> pd.DataFrame:
    """By name, each column that both have: its distance, and whether it is an alarm; far first."""
    both = {name: _apart(before[name], now[name]) for name in before if name in now}
    table = pd.DataFrame.from_dict(both, orient="index", columns=["distance", "p"])
    # Bonferroni: the chance of a false alarm does not grow with the number of columns.
    table["alarm"] = (table["distance"] >= LEAST) & (table["p"] < CHANCE / len(both))
    return table.sort_values("distance", ascending=False, kind="stable")


def _apart(before: pd.Series, now: pd.Series) -> tuple[float, float]:
    """Kolmogorov and Smirnov's distance, or total variation, and the chance of it unchanged."""
    if pd.api.types.is_numeric_dtype(before):
        found = ks_2samp(before.fillna(-np.inf), now.fillna(-np.inf), method="asymp")
        return float(found.statistic), float(found.pvalue)
    known = before.value_counts()
    once, new = before.map(known) == 1, ~now.isin(known.index)
    if new.mean() > once.mean():  # more than one more row of before would bring (Good 1953)
        before, now = before.mask(once, NEW), now.mask(new, NEW)
    counts = pd.concat([part.value_counts() for part in (before, now)], axis=1).fillna(0)
    rare = expected_freq(counts).min(axis=1) < FEWEST
    pooled = counts.groupby(counts.index.where(~rare, RARE)).sum().to_numpy()  # (categories, 2)
    p = chi2_contingency(pooled).pvalue if len(pooled) > 1 else 1.0
    return float(np.abs(np.diff(pooled / pooled.sum(axis=0))).sum() / 2), float(p)


def report(paths: Paths, log: Log, before: Columns, now: Columns, kept: Kept) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is not as it was promised."""
    changes = compare(before, now)
    most, moved = str(changes.index[0]), changes["alarm"].sum()
    alarms = [f"{moved} of {len(changes)} columns have moved, {most} furthest"] if moved else []
    alarms += [f"{name} is lower" for name, (was, came) in kept.items() if came.high < was.low]
    verdict = f"Alarm: {'; '.join(alarms)}" if alarms else "No alarm"
    synthetic = read_json(paths.processed / "dataset.json", "data")["synthetic"]
    what = f"Version `{log.version}`{' (synthetic sample)' * synthetic} since {log.since[:16]}Z"
    note = "" if log.folder == paths.root / "logs" else " A rehearsal, on cases chosen for it."
    unseen = f"{len(before) - len(changes)} columns are not logged."
    far = changes["distance"].map("{:.2f}".format) + changes["alarm"].map({True: "!", False: ""})
    rows = [[code(n), *_both(before[n], now[n]), distance] for n, distance in far.items()]
    promises = [[name, *(interval(rounded(vars(x))) for x in both)] for name, both in kept.items()]
    pictures: dict[str, Picture] = {
        f"moved_{place}": ("", f"{name} before and now", partial(_moved, str(name), before, now))
        for place, name in enumerate(changes.index[:2], start=1)
    }
    parts = ["# Monitoring", f"**{verdict}.** {what}, {unseen}{note}"]
    draw(paths.figures, pictures, synthetic)
    parts += [table(["", "Before", "Now", "Distance (! alarm)"], rows), HOW]
    parts += [f"![{alt}](figures/{name}.png)" for name, (_, alt, _) in pictures.items()]
    parts += [table(["Outcomes", "Promised", "Came"], promises)] if kept else []
    write_text(paths.reports / "monitoring.md", "\n\n".join(parts) + "\n")
    if alarms:
        raise CheckError(f"{verdict}. See reports/monitoring.md.")


def _both(before: pd.Series, now: pd.Series) -> list[str]:
    """The mean of numbers, and what is missing; the share of the category that moved most."""
    if pd.api.types.is_numeric_dtype(before):
        return [f"{x.mean():.4g}, {x.isna().mean():.0%} missing" for x in (before, now)]
    shares = [part.value_counts(normalize=True) for part in (before, now)]
    most = shares[1].sub(shares[0], fill_value=0).abs().idxmax()
    return [f"{code(most)} {share.get(most, 0):.0%}" for share in shares]


def _moved(name: str, before: Columns, now: Columns, axes: Axes) -> None:
    """The distribution of numbers, or the shares of categories, before and now."""
    both = {"before": before[name], "now": now[name]}
    shares = pd.DataFrame({when: x.value_counts(normalize=True) for when, x in both.items()})
    if pd.api.types.is_numeric_dtype(before[name]):
        shares.sort_index().fillna(0).cumsum().plot(ax=axes, drawstyle="steps-post")
        axes.set(xlabel=name, ylabel="share at or below")
    else:
        shares.nlargest(10, "before")[::-1].rename(short).plot.barh(ax=axes)
        axes.set(xlabel="share", ylabel="")
    axes.set_title(f"{short(name)} before and now")
