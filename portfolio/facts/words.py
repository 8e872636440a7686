"""Figures in words. Each function answers None where a figure that it needs is absent."""

import math
import re
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
    "map": "MAP",
}
AT = re.compile(r"(ndcg|map|precision|recall)_at_(\d+)")  # measures of the top of a list
LENGTH = 32  # letters of a name from the data: enough to know it by
RULE = 60  # letters of what a rule is called, which is half a sentence


def dig(content: object, path: str) -> object:
    """What stands at `a.b.c` of a report; None where there is no such place."""
    for key in path.split("."):
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def rows(value: object) -> list:
    """What a report lists; nothing where it is no list."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """A finite number, or None."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and math.isfinite(value) else None


def score(value: object) -> Score | None:
    """An estimate of a report, a bare number or a `Score`, as a `Score`."""
    if isinstance(value, Score):
        value = vars(value)
    content = value if isinstance(value, Mapping) else {"value": value}
    middle, low, high = (number(content.get(key)) for key in ("value", "low", "high"))
    return None if middle is None else Score(middle, low, high)


def label(metric: str) -> str:
    """A metric's name for people."""
    if found := AT.fullmatch(metric):
        return f"{label(found[1])}@{found[2]}"
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
    """A figure with its interval in brackets, where it has one; one without width says nothing."""
    found = score(value)
    if found is None:
        return None
    text = figure(found.value, digits)
    if found.low is None or found.high is None or found.low == found.high:
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
    if found.low is None or found.high is None:
        return f"{amount(found.value)} {currency}"
    middle, low, high = ends(found, parts=5, places=2)
    return f"{middle} {currency} ({low} to {high})"


def spread(value: object) -> str | None:
    """A figure with its interval, both with as many digits as the interval deserves."""
    found = score(value)
    if found is None:
        return None
    if found.low is None or found.high is None:
        return amount(found.value) if abs(found.value) >= 1000 else f"{found.value:.3g}"
    middle, low, high = ends(found, parts=20, places=9)
    return f"{middle} ({low} to {high})"


def sign(found: Score) -> int | None:
    """On which side of zero an interval lies, 1 or -1; 0 where it holds zero; None without one."""
    if found.low is None or found.high is None:
        return None
    return 1 if found.low > 0 else -1 if found.high < 0 else 0


def ends(found: Score, parts: int, places: int) -> tuple[str, str, str]:
    """The value and both ends of its interval, rounded to a power of ten, with `places` at most.

    The interval is `parts` to ten times `parts` of that power wide.
    """
    width = abs(found.high - found.low)
    digits = 2 if found.value % 1 else 0
    if 0 < width < math.inf:
        digits = -math.floor(math.log10(width / parts))
    digits = max(min(digits, places), -15)
    middle, low, high = (_rounded(one, digits) for one in (found.value, found.low, found.high))
    return middle, low, high


def _rounded(value: float, digits: int) -> str:
    """Rounded, but not to zero: on which side of it an end of an interval lies is the finding."""
    if value and not round(value, digits):
        digits = -math.floor(math.log10(abs(value)))
        if digits > 9:
            return f"{value:.0e}"
    return f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}"


def per(period: str) -> str:
    """`a year`, `per 1,000 reviews`."""
    return f"a {period}" if period in ("year", "month", "week", "day") else f"per {period}"


def named(name: object, most: int = LENGTH) -> str:
    """A name from the data on one line, shortened."""
    text = " ".join(str(name).replace("{", "(").replace("}", ")").split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def listed(names: Iterable[object]) -> str | None:
    """Names in a row, with "and" before the last; None where there is none."""
    texts = [named(name) for name in names]
    if len(texts) > 1:
        return f"{', '.join(texts[:-1])} and {texts[-1]}"
    return texts[0] if texts else None


def plural(value: int, one: str, more: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{value:,} {one if value == 1 else more}"
