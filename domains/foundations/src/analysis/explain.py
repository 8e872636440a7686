"""Look at the whole table: test every difference asked for, and draw what is in it."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from . import figures
from .config import Config
from .data import whole
from .figures import Plot
from .hypotheses import compare_groups
from .kit import charts
from .kit.charts import Picture, short
from .kit.files import Paths, write_json
from .kit.store import SCHEMA
from .money import summarise
from .roles import Info


def run(config: Config, paths: Paths) -> list[Path]:
    """Write ``reports/explain.json`` and the pictures of the table."""
    table, info = whole(paths)
    results, skipped = compare_groups(table, info, config.alpha)
    worth = summarise(results, config.prices.get(info.name), info)
    shown = plots(table, info, results, worth["finding"])
    pictures: dict[str, Picture] = {plot.name: (plot.role, plot.alt, plot.titled) for plot in shown}
    drawn = charts.draw(paths.figures, pictures, info.synthetic)
    content = {
        "schema": SCHEMA,
        "model_version": None,
        "dataset": info.summary,
        "alpha": config.alpha,
        **worth,
        "tests": results,
        "skipped": skipped,
        "related": [{"feature": k, "value": v} for k, v in figures.related(table, info).items()],
        "figures": drawn,
    }
    file = write_json(paths.reports / "explain.json", content)
    return [file, *(paths.root / one["file"] for one in drawn)]


def plots(
    table: pd.DataFrame, info: Info, results: list[dict[str, Any]], found: dict[str, Any] | None
) -> list[Plot]:
    """Every picture that the columns allow; the first is that of the headline."""
    outcome, chosen = short(info.outcome), []
    shown = found or min(results, key=lambda result: result["p"], default=None)
    if shown:
        title = figures.group_title(shown)
        alt = f"{shown['outcome']} of each {shown['group']}, with 95% intervals"
        draw = partial(figures.group_means, result=shown)
        chosen.append(Plot("finding", title, alt, "headline", draw))
    title = f"How often each value of {outcome} occurs"
    alt = f"Bars of how often values of {info.outcome} occur"
    draw = partial(figures.distribution, column=table[info.outcome])
    chosen.append(Plot("distribution", title, alt, "data" if shown else "headline", draw))
    if info.date:
        title, alt = f"{outcome} over time", f"A line of {info.outcome} over time"
        draw = partial(figures.timeline, table=table, info=info)
        chosen.append(Plot("timeline", title, alt, "data", draw))
    near = figures.related(table, info)
    if near.empty:
        return chosen
    title = "Which numbers rise and fall together"
    alt = f"Spearman's correlation of {info.outcome} and other numbers, each with each"
    draw = partial(figures.correlations, table=table, info=info)
    chosen.append(Plot("correlations", title, alt, "explanation", draw))
    name, title = str(near.index[0]), figures.related_title(table, info, near)
    draw = partial(figures.closest, table=table, info=info, name=name)
    chosen.append(Plot("closest", title, f"{info.outcome} against {name}", "explanation", draw))
    return chosen
