"""What was served against what was promised: has the world moved, does the model still pay?"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import chi2_contingency, ks_2samp
from scipy.stats.contingency import expected_freq

from . import CheckError
from .charts import GREY, ORANGE, Picture, draw, short
from .documents import code, interval, table
from .files import Paths, read_json, rounded, write_text
from .intervals import Estimate
from .served import Json, Log

CHANCE = 0.05  # of reports without any change that raise an alarm, at most
LEAST = 0.1  # a smaller distance raises none, however sure: among many rows each change is
FEWEST = 5  # cases expected of a category (Cochran 1954); rarer ones count as one
NEW, RARE = "(new)", "(rare)"
REHEARSED = " A rehearsal, on cases that were chosen to raise an alarm."
HOW = (
    f"An alarm is a distance of {LEAST} or more (0 is alike, 1 nothing in common; Kolmogorov and "
    "Smirnov's for numbers, total variation for categories) that chance explains in at most "
    f"{CHANCE:.0%} of reports, where rows do not depend on each other."
)

Columns = dict[str, pd.Series]  # numbers, NaN where missing, or categories as text
Kept = dict[str, tuple[Estimate, Estimate]]  # figures, better the higher: as promised, as it came


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
    """The distance, and the chance of one as large without a change."""
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
    note = "" if log.folder == paths.root / "logs" else REHEARSED
    unseen = f"{len(before) - len(changes)} columns are not logged."
    apart = {str(name): f"{distance:.2f}" for name, distance in changes["distance"].items()}
    rows = [[code(name), *_both(before[name], now[name]), far] for name, far in apart.items()]
    promises = [[name, *(interval(rounded(vars(x))) for x in both)] for name, both in kept.items()]
    pictures: dict[str, Picture] = {
        "drift": ("", "How far each column has moved", lambda axes: _bars(axes, changes)),
        "moved": ("", "The one furthest off", lambda axes: _moved(axes, most, before, now)),
    }
    parts = ["# Monitoring", f"**{verdict}.** {what}, {unseen}{note}"]
    draw(paths.figures, pictures, synthetic)
    parts += [table(["", "Before", "Now", "Distance"], rows), HOW]
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


def _bars(axes: Axes, changes: pd.DataFrame) -> None:
    shown = changes[14::-1]  # the furthest on top
    colours = [ORANGE if alarm else GREY for alarm in shown["alarm"]]
    axes.barh([short(name) for name in shown.index], shown["distance"], color=colours)
    axes.axvline(LEAST, color="black", lw=1, ls="--")
    axes.set_xlabel("distance between before and now")
    axes.set_title(f"{changes['alarm'].sum()} of {len(changes)} columns have moved")


def _moved(axes: Axes, name: str, *times: Columns) -> None:
    numbers = pd.api.types.is_numeric_dtype(times[0][name])
    for columns, label in zip(times, ("before", "now"), strict=True):
        known = columns[name].dropna()
        if not numbers:
            shares = known.value_counts(normalize=True)[:10]
            axes.plot(shares, [short(n) for n in shares.index], "o", label=label)
        elif len(known):
            axes.ecdf(known, label=label)
    axes.set_ylabel("share at or below" if numbers else "")
    axes.set_xlabel(name if numbers else "share")
    axes.set_title(f"Furthest apart: {short(name)}")
    axes.legend()
