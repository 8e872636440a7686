"""The generated blocks of the README: results put into words."""

from pathlib import Path
from typing import Any

from .config import Config
from .hypotheses import counted
from .kit.documents import amount, code, interval, pictures, table, update
from .kit.files import Paths, read_json
from .kit.intervals import DRAWS
from .money import difference, in_unit
from .roles import LABEL, readable
from .scores import CHOSEN_BY, NAMES

Report = dict[str, Any]
NEAR_ONE = 0.99  # of R² or ROC-AUC: so good that something may give the answer away


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring ``README.md`` up to date with ``reports/``; with ``check`` only say if it is not."""
    receipt, explained, metrics, figures = (
        read_json(paths.reports / f"{name}.json", stage)
        for name, stage in (
            ("data", "data"),
            ("explain", "explain"),
            ("metrics", "evaluate"),
            ("figures", "evaluate"),
        )
    )
    shown = pictures(figures)
    blocks = {
        "headline": together(headline(explained, metrics), shown.get("headline")),
        "data": bullets(receipt, explained, metrics),
        "results": together(results(metrics), shown.get("result")),
        "money": worth(explained, metrics),
        "explanation": together(tests(explained), shown.get("explanation")),
        "cleaning": together(cleaning(receipt), shown.get("data")),
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    return update({paths.root / "README.md": blocks}, check)


def together(*parts: str | None) -> str:
    """Paragraphs, those that there are."""
    return "\n\n".join(part for part in parts if part)


def headline(explained: Report, metrics: Report) -> str:
    """The finding, with a mark where the data is made up."""
    mark = " (Synthetic sample: a made-up shop.)" if metrics["dataset"]["synthetic"] else ""
    return f"**{explained['headline']}.**{mark}"


def bullets(receipt: Report, explained: Report, metrics: Report) -> str:
    """Data, models and worth in a line each."""
    left_out = "".join(f", {part['rows']:,} not ({part['reason']})" for part in receipt["dropped"])
    found = sum(finding["count"] for finding in receipt["findings"])
    lines = [
        f"- **Data:** {origin(metrics)}: {receipt['rows_kept']:,} of {receipt['rows_read']:,} rows "
        f"kept{left_out}; {count(found, 'place')} mended or worth a look.",
        f"- **Model:** {_best(metrics)}",
        f"- **Worth:** {_worth_line(explained)}",
    ]
    return "\n".join(lines)


def origin(metrics: Report) -> str:
    """Where the rows come from."""
    dataset = metrics["dataset"]
    licence = f" ({dataset['licence']})" if dataset["licence"] else ""
    return "a synthetic sample" if dataset["synthetic"] else code(dataset["name"]) + licence


def _best(metrics: Report) -> str:
    tasks = metrics["foundations"]["tasks"]
    if not tasks:
        return "none; " + "; ".join(metrics["foundations"]["skipped"]) + "."
    parts = []
    for task in _ordered(tasks):
        label = next(model["label"] for model in task["models"] if model["selected"])
        score = task["test"].get(task["metric"])
        shown = f"{NAMES[task['metric']]} {rounded(score)}" if score else "no score"
        parts.append(f"{label} for {code(task['target'])}, {shown} on rows kept aside")
    return "; ".join(parts) + "."


def _worth_line(explained: Report) -> str:
    business = explained["business"]
    if explained["finding"] is None:
        return "nothing holds yet that could be priced."
    if business is None:
        return "in its own unit so far; `prices` in `config.yaml` turn it into money."
    return f"about {_one(business)} a row, if the group itself makes the difference."


def _one(business: Report) -> str:
    width = (business["high"] - business["low"]) * business["one"] / business["value"]
    return f"{amount(business['one'], width)} {business['currency']}"


def results(metrics: Report) -> str:
    """One table of all models, by the metric that chose, and the test of the chosen ones."""
    detail = metrics["foundations"]
    tasks = _ordered(detail["tasks"])
    skipped = "\n\n".join(f"{reason[0].upper()}{reason[1:]}." for reason in detail["skipped"])
    if not tasks:
        return skipped
    header = ["Model", *(f"{code(task['target'])}: {NAMES[task['metric']]}" for task in tasks)]
    rows = [
        [" / ".join(dict.fromkeys(model["label"] for model in rung)), *map(_cell, rung)]
        for rung in zip(*(_with_metric(task) for task in tasks), strict=True)
    ]
    words = "\n\n".join(_tested(task) for task in tasks)
    note = (
        "On unseen rows, in cross-validation; bold: chosen, *italic*: not certainly"
        f" worse than the chosen one, compared in pairs. Intervals: bootstrap, {DRAWS:,} draws."
    )
    if detail["date"]:
        note += (
            " Rows are parted at random: the scores are for rows among these, not for later ones."
        )
    return together(table(header, rows), note, words, skipped)


def _ordered(tasks: dict[str, Report]) -> list[Report]:
    return [tasks[name] for name in CHOSEN_BY if name in tasks]


def _with_metric(task: Report) -> list[Report]:
    return [{**model, "metric": task["metric"]} for model in task["models"]]


def _cell(model: Report) -> str:
    score, gap = model["metrics"][model["metric"]]["value"], model["difference"]
    text = "not defined" if score is None else f"{round(score, 3) + 0.0:.3f}"  # no "-0.000"
    if model["selected"]:
        return f"**{text}**"
    certain = gap["high"] is not None and gap["high"] < 0
    return text if certain else f"*{text}*"


def _tested(task: Report) -> str:
    """The chosen model on rows kept aside; against the dummy; and whether it is too good."""
    if not task["test"]:
        return f"Too few rows kept aside have a {code(task['target'])} to test its model on."
    scores = ", ".join(f"{NAMES[key]} {_score(key, value)}" for key, value in task["test"].items())
    dummy = next(model for model in task["models"] if model["name"] == "dummy")
    gap = dummy["difference"]
    sought = f" ({code(task['sought'])})" if task["sought"] else ""
    text = (
        f"{code(task['target'])}{sought}, {task['test_rows']:,} rows kept aside, used for no "
        f"choice: {scores}."
    )
    if gap is None or gap["high"] is None or gap["high"] >= 0:
        text += " On the folds no model is certainly better than the dummy: this may be chance."
    if any(score["low"] == score["high"] for score in task["test"].values()):
        text += " An interval without a width says that every draw scored alike, not that it holds."
    if (task["test"][task["metric"]]["value"] or 0) > NEAR_ONE:
        text += " So near to 1, a column may give the answer away."
    return text


def _score(key: str, value: Report) -> str:
    if key == "mse" and value["value"] is not None:
        return f"{readable(value['value'])} (typical error {readable(value['value'] ** 0.5)})"
    return rounded(value)


def rounded(score: Report) -> str:
    """A score and its interval in two digits, none of them "-0.00"."""
    ends = {key: None if end is None else round(end, 2) + 0.0 for key, end in score.items()}
    return interval(ends, ".2f")


def worth(explained: Report, metrics: Report) -> str:
    """What the finding is worth, under which price, and what it does not say."""
    business, found = explained["business"], explained["finding"]
    if found is None:
        return f"{explained['headline']}. So there is nothing to price."
    caution = (
        "A comparison shows a difference, not its cause: turning rows of one group into the other "
        "earns this only if the group itself makes the difference."
    )
    if business is None:
        return (
            f"{difference(found)}. Name what it is worth under `prices` in `config.yaml`, for "
            f"{code(metrics['dataset']['name'])}, and it becomes money. {caution}"
        )
    width = business["high"] - business["low"]
    ends = [amount(business[key], width) for key in ("low", "value", "high")]
    header = [f"{business['currency']} per {business['per']}", "low", "about", "high"]
    name = f"{code(business['better'])} instead of {code(business['worse'])}"
    return "\n\n".join(
        [
            f"{difference(found)}. The price is an assumption from `config.yaml`: "
            f"{business['assumption']}.",
            table(header, [[name, *ends]]),
            f"{caution} Then up to about {_one(business)} may be spent on each.",
        ]
    )


def tests(explained: Report) -> str:
    """Every question that was tested, and what came out."""
    asked, skipped = explained["tests"], explained["skipped"]
    lines = "\n".join(f"- Not tested: {reason}." for reason in skipped)
    if not asked:
        return lines
    held = sum(result["holds"] for result in asked)
    intro = (
        f"Of {count(len(asked), 'difference')} between groups, {held} can be told from chance at "
        f"a level of {explained['alpha']:g} after Holm's correction and by their intervals."
    )
    rows = [
        [
            _asked(result),
            _gap(result),
            written_p(result["p_holm"]),
            _test(result),
        ]
        for result in asked
    ]
    header = ["Question", "Largest difference, 95% interval", "p, corrected", "Test"]
    note = (
        f"Intervals allow for {count(len(asked), 'question')} and for picking the two groups "
        "furthest apart: with 95% they hold all at once."
    )
    if any(result["together"] is None for result in asked):
        note += (
            " Where the test names no column, rows are taken for independent: none that names "
            "things or days shows that they are not."
        )
    return together(intro, table(header, rows), note, unnamed(asked), lines)


def unnamed(asked: list[Report]) -> str:
    """Columns whose rows are alike, though nobody has named them."""
    found = {
        result["together"]["by"]: _asked(result)
        for result in asked
        if result["together"] and result["together"]["found"]
    }
    return "\n".join(
        f"- Rows of one {code(by)} are alike, so for {question} they were compared together, though"
        " `config.yaml` does not ask for it. Name it as `unit` (or `date`), and models are tested "
        "on others than they learn from; or list it under `drop`."
        for by, question in found.items()
    )


def _asked(result: Report) -> str:
    """Whether what differs by what: of a class, how often the value that is counted."""
    of = f": {code(result['difference']['of'])}" if result["kind"] == "class" else ""
    return f"{code(result['outcome'])}{of} by {code(result['group'])}"


def _gap(result: Report) -> str:
    gap, unit = result["difference"], " points" if result["kind"] == "class" else ""
    value, low, high = in_unit(result)
    text = f"{code(gap['most'])} less {code(gap['least'])}: {value} ({low} to {high}){unit}"
    return f"**{text}**" if result["holds"] else f"{text}, may be none"


def _test(result: Report) -> str:
    together = result["together"]
    by = f", {counted(together['by'], together['count'])}" if together else ""
    return result["test"] + by


def written_p(p: float) -> str:
    """A p-value as one reads it."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def cleaning(receipt: Report) -> str:
    """What cleaning found and did, and which columns are not used."""
    findings = sorted(receipt["findings"], key=lambda found: -found["count"])
    rows = [
        [
            code(found["column"]) if found["column"] else f"rows of {code(found['table'])}",
            found["kind"] + _example(found["examples"]),
            f"{found['count']:,}",
            found["action"],
        ]
        for found in findings
    ]
    header = ["Where", "Problem, such as", "Rows", "What was done"]
    text = table(header, rows) if rows else "Nothing was found to be wrong or missing."
    unused = [
        f"{code(column['name'])} {column['reason']}"
        for column in receipt["columns"]
        if column["kind"] == "left out"
    ]
    labels = ", ".join(
        code(column["name"]) for column in receipt["columns"] if column["reason"] == LABEL
    )
    return together(
        text,
        f"Columns not used: {'; '.join(unused)}." if unused else None,
        f"Not drawn as measures: {labels} ({LABEL}). If they only name something, list them under "
        "`categories`."
        if labels
        else None,
    )


def _example(examples: list[str]) -> str:
    """The first example that can be seen: a space at an end is shown as a sign of its own."""
    known = sorted(
        (each for each in examples if each.strip()), key=lambda each: each != each.strip()
    )
    if not known:
        return ""
    start, end = (len(known[0]) - len(part) for part in (known[0].lstrip(), known[0].rstrip()))
    return f" ({code('␣' * start + known[0].strip() + '␣' * end)})"


def count(number: int, thing: str) -> str:
    """A number of things, in the singular where it is one."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
