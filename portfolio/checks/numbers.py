"""Numbers in the author's own words that part from the results.

Only what is surely about a result is compared: a number beside the name of a metric, a large
amount in the project's currency, and a number of rows.
"""

import re
from collections.abc import Iterator

from portfolio import prose
from portfolio.checks.item import Item, item
from portfolio.contract import Project, Score

NUMBER = r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)(\s?%)?(?![\w]|[.,]\d)"
# Other words for a metric, besides its own name.
ALIASES = {"roc_auc": ("auc",), "pr_auc": ("average precision",), "r2": ("r²",)}
LEAST_AMOUNT = 1000  # smaller amounts may be anything
SCALES = {"": 1, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}


def prose_agrees(project: Project) -> Iterator[Item]:
    """What the author's sentences say of the results is what the results say."""
    if not project.results:
        return
    text = re.sub(r"\s+", " ", prose.own_words(project.readme.text))
    wrong = [*_metrics(project, text), *_money(project, text), *_rows(project, text)]
    remedy = "README.md: write what the results say, or whose number it is"
    yield item("numbers", list(dict.fromkeys(wrong)), "your sentences agree with results", remedy)


def _metrics(project: Project, text: str) -> Iterator[str]:
    for name, known in _scores(project).items():
        words = (name.replace("_", " "), *ALIASES.get(name, ()))
        metric = "|".join(r"[\s_-]*".join(map(re.escape, word.split())) for word in words)
        beside = rf"(?<!\w)(?:{metric})(?!\w)[^\d.;:!?|]{{0,25}}?{NUMBER}"
        before = rf"{NUMBER}\s(?:of\s|in\s)?(?:{metric})(?!\w)"
        for pattern in (beside, before):
            for found in re.finditer(pattern, text, re.IGNORECASE):
                number, percent = found[1], bool(found[2])
                if ("." in number or percent) and not _is_known(number, percent, known):
                    said = f"{number} %" if percent else number
                    yield f"“{name} {said}” is no {name} of the results"


def _scores(project: Project) -> dict[str, list[float]]:
    """The values of each metric, of all models, with the ends of their intervals."""
    results = project.results
    pairs = [(name, score) for model in results.models for name, score in model.metrics.items()]
    pairs += results.test.items()
    if metric := results.primary_metric:
        pairs.append((metric.name, Score(metric.value, metric.low, metric.high)))
        gaps = [model.difference for model in results.models if model.difference]
        pairs += [(metric.name, gap) for gap in gaps]
    found: dict[str, list[float]] = {}
    for name, score in pairs:
        values = (score.value, score.low, score.high)
        found.setdefault(name, []).extend(abs(value) for value in values if value is not None)
    return found


def _money(project: Project, text: str) -> Iterator[str]:
    business = project.results.business
    if not business:
        return
    values = [business.value, business.low, business.high]
    known = [abs(value) for value in values if value is not None]
    known += [*_all_numbers(project.config.prices), *_all_numbers(project.results.detail)]
    amount = r"(\d[\d,]*(?:\.\d+)?)\s?(k|thousand|m|million)?"
    currency = re.escape(business.currency)
    for pattern in (rf"{amount}\s{currency}\b", rf"\b{currency}\s{amount}(?!\w)"):
        for found in re.finditer(pattern, text, re.IGNORECASE):
            scale = SCALES[(found[2] or "").lower()]
            value = float(found[1].replace(",", "")) * scale
            step = scale * _step(found[1])
            if value >= LEAST_AMOUNT and not any(abs(value - one) <= step / 2 for one in known):
                yield f"“{found[0]}” is no amount of the results"


def _rows(project: Project, text: str) -> Iterator[str]:
    receipt = project.receipt
    known = {project.results.dataset.rows}
    if receipt:
        known |= {receipt.rows_read, receipt.rows_kept, receipt.lines}
        known |= {receipt.rows_read - receipt.rows_kept, *(one.rows for one in receipt.dropped)}
        known |= {target.rows for target in receipt.target.values()}
    for found in re.finditer(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d{4,}) rows\b", text):
        if int(found[1].replace(",", "")) not in known:
            yield f"“{found[0]}” is no number of rows of the data"


def _is_known(number: str, percent: bool, known: list[float]) -> bool:
    """Whether a value, rounded as the number is, may be what it says."""
    scale = 0.01 if percent else 1
    value = float(number.replace(",", "")) * scale
    decimals = len(number.partition(".")[2])
    half = scale * 10**-decimals / 2
    return any(abs(value - one) <= half * 1.001 for one in known)


def _step(number: str) -> float:
    """What the last digit of a number that is no zero stands for: 10,000 in 150,000."""
    whole, _, part = number.replace(",", "").partition(".")
    if part:
        return 10.0 ** -len(part)
    return 10.0 ** (len(whole) - len(whole.rstrip("0")))


def _all_numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _all_numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield abs(float(value))
