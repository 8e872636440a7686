"""Every configured group against every outcome: tests, effects, correction, and the money."""

from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from .bootstrap import Array, Estimate, intervals
from .config import Config
from .data import read_processed
from .effects import (
    cliffs_delta,
    cohens_d,
    cramers_v,
    eta_squared,
    indicators,
    mean_difference,
)
from .files import write_json
from .hypotheses import (
    Verdict,
    compare_counts,
    compare_numbers,
    detectable,
    holm,
    parts_of,
    rows_needed,
)
from .markdown import code
from .paths import Paths
from .roles import DatasetInfo
from .so_what import so_what
from .summaries import rarer_class, written_p

MIN_ROWS = 10  # a group with fewer says too little to be compared
Result = dict[str, Any]


def statistics(config: Config, paths: Paths) -> list[Path]:
    """Test all groups and write ``reports/statistics.json``."""
    table, info = read_processed(paths)
    results, skipped = compare_groups(table, info, config.alpha, config.seed)
    content = {
        "dataset": info.summary,
        "alpha": config.alpha,
        "tests": results,
        "skipped": skipped,
        "rows_for_small_effect": rows_needed(0.2, config.alpha),
        "so_what": so_what(results, config.prices, info.rows_are, info.synthetic),
    }
    return [write_json(paths.reports / "statistics.json", content)]


def compare_groups(
    table: pd.DataFrame, info: DatasetInfo, alpha: float, seed: int
) -> tuple[list[Result], list[str]]:
    """Test each group against each outcome and correct for their number; say what was skipped."""
    if not info.groups:
        return [], ["No groups were compared: no `group` is configured for this data set."]
    numbers = [info.regression_target] if info.regression_target else []
    if not numbers and not info.classification_target:
        numbers = [name for name in info.numeric if name not in info.groups]
    outcomes = [*numbers, *filter(None, [info.classification_target])]
    asked, skipped = {}, []
    pairs = [pair for pair in product(info.groups, outcomes) if pair[0] != pair[1]]
    for group, outcome in pairs:
        known = _large_groups(table[[group, outcome]].dropna(), group)
        if known[group].nunique() > 1 and known[outcome].nunique() > 1:
            asked[group, outcome] = known
        else:
            skipped.append(
                f"{code(outcome)} by {code(group)} was not tested: fewer than two groups of at "
                f"least {MIN_ROWS} rows, or always the same outcome."
            )
    # The first step of Holm's correction: what is found at this level is found for certain.
    level = alpha / max(1, len(asked))
    results = []
    for (group, outcome), known in tqdm(asked.items(), desc="testing", delay=2, leave=False):
        compare = number_by_group if outcome in numbers else classes_by_group
        results.append(compare(known, group, outcome, level, seed))
    return corrected(results, alpha), skipped


def _large_groups(known: pd.DataFrame, group: str) -> pd.DataFrame:
    sizes = known[group].map(known[group].value_counts())
    return known[sizes >= MIN_ROWS]


def number_by_group(
    known: pd.DataFrame, group: str, number: str, level: float, seed: int
) -> Result:
    """Does a number differ between groups, by how much, and what would be found at ``level``?"""
    parts = parts_of(known, group, number)
    means = {name: float(part.mean()) for name, part in parts.items()}
    low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    values, member = known[number].to_numpy(float), indicators(known[group])
    pair = member[:, [list(parts).index(low), list(parts).index(high)]]

    def sizes(weights: Array) -> dict[str, Array]:
        return {
            "difference": mean_difference(weights, values, pair),
            "Cohen's d": cohens_d(weights, values, pair),
            "Cliff's delta": cliffs_delta(weights, values, pair),
            "eta squared": eta_squared(weights, values, member),
        }

    effects = intervals(sizes, len(values), seed)
    groups = [
        {"name": name, "rows": len(part), "value": means[name], "median": float(np.median(part))}
        for name, part in parts.items()
    ]
    return {
        **_verdict(group, number, compare_numbers(list(parts.values()))),
        **_effects(effects, {"low": low, "high": high}),
        "kind": "number",
        "groups": groups,
        "detectable": detectable([len(part) for part in parts.values()], 0, level),
        "strength": float(np.sqrt(effects["eta squared"].value)),
    }


def classes_by_group(
    known: pd.DataFrame, group: str, classes: str, level: float, seed: int
) -> Result:
    """Do the shares of classes differ between groups, by how much?"""
    counts = pd.crosstab(known[group], known[classes])
    rare = rarer_class(known[classes])
    share = counts[rare] / counts.sum(axis=1)
    member, is_class = indicators(known[group]), indicators(known[classes])
    values = is_class[:, list(counts).index(rare)]
    pair = member[:, [share.argmin(), share.argmax()]]

    def sizes(weights: Array) -> dict[str, Array]:
        return {
            "difference": mean_difference(weights, values, pair),
            "Cramér's V": cramers_v(weights, member, is_class),
        }

    effects = intervals(sizes, len(known), seed)
    rows = counts.sum(axis=1)
    groups = [
        {"name": str(name), "rows": int(rows[name]), "value": float(share[name])}
        for name in counts.index
    ]
    ends = {"low": str(share.idxmin()), "high": str(share.idxmax()), "of": rare}
    return {
        **_verdict(group, classes, compare_counts(counts.to_numpy())),
        **_effects(effects, ends),
        "kind": "class",
        "groups": groups,
        "detectable": detectable(rows.tolist(), counts.shape[1], level),
        "strength": effects["Cramér's V"].value,
    }


def _verdict(group: str, outcome: str, verdict: Verdict) -> Result:
    return {
        "group": group,
        "outcome": outcome,
        "tests": [asdict(test) for test in verdict.tests],
        "counts": verdict.counts.name,
        "p": verdict.counts.p,
        "why": verdict.why,
        "checks": list(verdict.checks),
    }


def _effects(effects: dict[str, Estimate], ends: dict[str, str]) -> Result:
    gap = effects["difference"]
    others = {name: asdict(effect) for name, effect in effects.items() if effect is not gap}
    difference = {**ends, "value": gap.value, "from": gap.low, "to": gap.high}
    return {"difference": difference, "effects": others}


def corrected(results: list[Result], alpha: float) -> list[Result]:
    """Add to each result its corrected p-value, whether it holds, and what it means."""
    if not results:
        return []
    significant, p = holm([result["p"] for result in results], alpha)
    return [
        {
            **result,
            "p_holm": float(q),
            "significant": bool(holds),
            "sentence": _words(result, float(q), bool(holds)),
        }
        for result, q, holds in zip(results, p, significant, strict=True)
    ]


def _words(result: Result, p: float, holds: bool) -> str:
    gap, outcome, group = result["difference"], code(result["outcome"]), code(result["group"])
    corrected_p = f"{written_p(p)} after correction"
    if not holds:
        effect, size = result["detectable"]
        return (
            f"No difference in {outcome} by {group} can be shown ({corrected_p}); one of {effect} "
            f"{size:.2f} or more would have been found four times out of five."
        )
    high, low = code(gap["high"]), code(gap["low"])
    if result["kind"] == "class":
        points = [f"{100 * gap[end]:.1f}" for end in ("value", "from", "to")]
        sizes = "{} percentage points [{}, {}]".format(*points)
        what = (
            f"{code(gap['of'])} in {outcome} is more frequent for {high} than for {low} by {sizes}"
        )
    else:
        sizes = f"{gap['value']:,.4g} [{gap['from']:,.4g}, {gap['to']:,.4g}]"
        what = f"{outcome} is higher for {high} than for {low} by {sizes} on average"
    return f"By {group}, {what} ({corrected_p})."
