"""Figures in words. Each function answers None where a figure that it needs is absent."""

import math
from collections.abc import Iterable, Mapping

from portfolio.contract import Score

LABELS = {
    "roc_auc": "ROC-AUC",
    "r2": "R²",
    "mse": "MSE",
    "mase": "MASE",
    "wmape": "wMAPE",
    "f1": "F1",
    "brier": "Brier score",
    "ndcg": "nDCG",
    "ndcg_at_10": "nDCG@10",
    "map_at_10": "MAP@10",
}
LENGTH = 32  # letters of a name from the data: enough to know it by


def dig(content: object, path: str) -> object:
    """What stands at `a.b.c` of a report; None where there is no such place."""
    for key in path.split("."):
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def number(value: object) -> float | None:
    """A finite number, or None."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and math.isfinite(value) else None


def score(value: object) -> Score | None:
    """An estimate of a report, a bare number or a `Score`, as a `Score`."""
    if isinstance(value, Score):
        return value if number(value.value) is not None else None
    content = value if isinstance(value, Mapping) else {"value": value}
    middle, low, high = (number(content.get(key)) for key in ("value", "low", "high"))
    return None if middle is None else Score(middle, low, high)


def label(metric: str) -> str:
    """A metric's name for people."""
    return LABELS.get(metric, metric.replace("_", " "))


def say(text: str, *parts: str | None) -> str | None:
    """The text with the parts in its braces; None where one of them is absent."""
    return None if None in parts else text.format(*parts)


def figure(value: object, digits: int = 3) -> str | None:
    """A number with a fixed count of decimals, and none where it is large."""
    found = number(value)
    return None if found is None else f"{found:,.{0 if abs(found) >= 1000 else digits}f}"


def count(value: object) -> str | None:
    """A whole number with commas."""
    found = number(value)
    return None if found is None else f"{found:,.0f}"


def percent(value: object, digits: int = 0) -> str | None:
    """A share in percent."""
    found = number(value)
    return None if found is None else f"{100 * found:.{digits}f} %"


def interval(value: object, digits: int = 3) -> str | None:
    """A figure with its interval in brackets, where it has one."""
    found = score(value)
    if found is None:
        return None
    text = figure(found.value, digits)
    if found.low is None or found.high is None:
        return text
    return f"{text} ({figure(found.low, digits)} to {figure(found.high, digits)})"


def shares(value: object) -> str | None:
    """A share with its interval, in percent."""
    found = score(value)
    if found is None:
        return None
    text = percent(found.value)
    if found.low is None or found.high is None:
        return text
    return f"{text} ({percent(found.low)} to {percent(found.high)})"


def amount(value: object) -> str | None:
    """An amount of money to three digits, cents where it is small."""
    found = number(value)
    if found is None:
        return None
    if abs(found) < 100:
        return f"{found:,.2f}".rstrip("0").rstrip(".")
    places = 2 - math.floor(math.log10(abs(found)))
    return f"{round(found, min(places, 0)):,.0f}"


def money(value: object, currency: object) -> str | None:
    """An amount with its currency, and its interval where it has one."""
    found = score(value)
    if found is None or not currency:
        return None
    text = f"{amount(found.value)} {currency}"
    if found.low is None or found.high is None:
        return text
    return f"{text} ({amount(found.low)} to {amount(found.high)})"


def per(period: str) -> str:
    """`a year`, `per 1,000 reviews`."""
    return f"a {period}" if period in ("year", "month", "week", "day") else f"per {period}"


def named(name: object) -> str:
    """A name from the data on one line, shortened."""
    text = " ".join(str(name).replace("{", "(").replace("}", ")").split())
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"


def listed(names: Iterable[object]) -> str | None:
    """Names in a row, with "and" before the last; None where there is none."""
    texts = [named(name) for name in names]
    if len(texts) > 1:
        return f"{', '.join(texts[:-1])} and {texts[-1]}"
    return texts[0] if texts else None


def plural(value: int, one: str, more: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{value:,} {one if value == 1 else more}"
