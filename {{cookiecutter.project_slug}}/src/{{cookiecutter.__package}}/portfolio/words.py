"""How facts that every project has are put into words."""

from typing import Any

from ..markdown import amount, code, interval, origin

Report = dict[str, Any]
LENGTH = 24  # letters of a name: enough to know it by, and few enough for a post


def common(metrics: Report) -> dict[str, str]:
    """What is known of every project. ``synthetic`` is empty where the data is real."""
    return {
        "synthetic": "yes" if metrics["dataset"]["synthetic"] else "",
        "origin": origin(metrics),
        "dataset": code(metrics["dataset"]["name"]),
        "rows": f"{metrics['dataset']['rows']:,}",
        "headline": metrics["business"]["headline"].removesuffix(" (synthetic sample)"),
    }


def named(name: object) -> str:
    """A name from the data, shortened, as code."""
    text = " ".join(str(name).split())
    return code(text if len(text) <= LENGTH else text[: LENGTH - 1] + "\u2026")


def listed(names: list[str]) -> str:
    """Names in a row, with "and" before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ladder(models: list[Report], metric: str, labels: list[str]) -> str:
    """One metric of every model, in the order of the ladder."""
    values = [model["metrics"][metric]["value"] for model in models]
    shown = ["none" if value is None else f"{value:.3f}" for value in values]
    return ", ".join(f"{name} {value}" for name, value in zip(labels, shown, strict=True))


def lead(models: list[Report], metric: str, labels: list[str], higher: bool = True) -> str:
    """How the chosen model's interval lies to that of the best of the others."""
    named = list(zip(models, labels, strict=True))
    ours, our_name = next(each for each in named if each[0]["selected"])
    others = [each for each in named if not each[0]["selected"]]
    sign = 1 if higher else -1
    theirs, their_name = max(others, key=lambda each: sign * each[0]["metrics"][metric]["value"])
    a, b = ours["metrics"][metric], theirs["metrics"][metric]
    apart = a["low"] > b["high"] or a["high"] < b["low"]
    verdict = "the intervals are apart" if apart else "the intervals overlap"
    return f"{our_name} {interval(a)}, next {their_name} {interval(b)}: {verdict}"


def money(estimate: Report, currency: str) -> str:
    """An amount with its interval, where it has one."""
    text = f"{amount(estimate['value'])} {currency}"
    if estimate["low"] is None:
        return f"{text} (no interval)"
    return f"{text} [{amount(estimate['low'])}, {amount(estimate['high'])}]"


def moved(rows: list[Report], currency: str) -> str:
    """What the saving is when the price that matters most is lower or higher."""
    price, swing = rows[0]["price"].replace("_", " "), rows[0]["swing"]
    ends = [f"{amount(rows[0][end])} {currency}" for end in ("if_lower", "if_higher")]
    by = "at the ends of its interval" if swing is None else f"up to {swing:.0%} lower or higher"
    return f"with the {price} {by}, it is {ends[0]} or {ends[1]}"
