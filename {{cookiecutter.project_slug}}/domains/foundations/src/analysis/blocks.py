"""The generated blocks of the README: text made of numbers from ``reports/``."""

from typing import Any

from . import markdown
from .markdown import code, dataset_name, interval, origin, table
from .summaries import display_name, written_p

DOCUMENTS = ("README.md",)
REPORTS = ("metrics.json",)
Report = dict[str, Any]

METRICS = {
    "mse": "MSE (lower is better)",
    "r2": "R²",
    "roc_auc": "ROC-AUC",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "accuracy": "Accuracy",
}


def headline(metrics: Report) -> str:
    """The finding, a picture, and a badge where the data is synthetic."""
    names = {plot["name"]: plot for plot in metrics["foundations"]["plots"]["plots"]}
    first = next((names[n] for n in ("categories", "distribution") if n in names), None)
    picture = _picture(first) if first else ""
    return markdown.headline(metrics, _so_what(metrics)["headline"], picture)


def quality(metrics: Report) -> str:
    """What cleaning found and did, and what it changed."""
    detail = metrics["foundations"]["quality"]
    findings = [
        [
            code(found["table"]),
            code(found["column"]) if found["column"] else "whole rows",
            found["kind"] + _examples(found["examples"]),
            f"{found['count']:,}",
            found["action"],
        ]
        for found in sorted(detail["findings"], key=lambda found: -found["count"])
    ]
    changes = [
        [code(table), what, f"{before:,}", f"{detail['after'][table][what]:,}"]
        for table, counts in detail["before"].items()
        for what, before in counts.items()
    ]
    problems = "No problem was found." if not findings else ""
    header = ["Table", "Column", "Problem", "Rows", "What was done"]
    return "\n\n".join(
        [
            origin(metrics),
            problems or table(header, findings),
            table(["Table", "Count of", "Before", "After"], changes),
        ]
    )


def plots(metrics: Report) -> str:
    """Every plot with what it shows."""
    shown = metrics["foundations"]["plots"]["plots"]
    return "\n\n".join(
        [origin(metrics), *(f"{plot['sentence']}\n\n{_picture(plot)}" for plot in shown)]
    )


def tests(metrics: Report) -> str:
    """Each test in plain words, then the numbers behind them."""
    detail = metrics["foundations"]["statistics"]
    results = detail["tests"]
    if not results:
        return "\n".join(detail["skipped"])
    rows = [
        [
            f"{code(result['outcome'])} by {code(result['group'])}",
            result["counts"],
            written_p(result["p_holm"]),
            _effect(result),
            result["why"],
        ]
        for result in results
    ]
    held = sum(result["significant"] for result in results)
    header = ["Question", "Test", "p, corrected", "Effect", "Why this test"]
    return "\n\n".join(
        [
            f"{origin(metrics)} {held} of {len(results)} differences hold at a level of "
            f"{detail['alpha']:g} after Holm's correction for {len(results)} tests "
            "(brackets: 95% interval).",
            "\n".join(f"- {result['sentence']}" for result in results),
            table(header, rows),
            f"To find a small difference (Cohen's d 0.2) four times out of five, each of two "
            f"groups needs {detail['rows_for_small_effect']:,} rows.",
        ]
    )


def questions(metrics: Report) -> str:
    """The questions that were asked in SQL and in pandas."""
    asked = metrics["foundations"]["plots"]["questions"]
    lines = [f"{number}. {item['question']}" for number, item in enumerate(asked, start=1)]
    agree = sum(item["agree"] for item in asked)
    return "\n".join([*lines, "", f"SQL and pandas agree on {agree} of {len(asked)} answers."])


def models(metrics: Report) -> str:
    """Each task's models on validation folds, and the chosen one on the test set."""
    tasks = metrics["foundations"]["tasks"]
    if not tasks:
        return "No model was fitted: no target is configured, or too few rows have one."
    return "\n\n".join(
        [origin(metrics), *(_task(name, task, metrics["models"]) for name, task in tasks.items())]
    )


def _task(name: str, task: Report, ladder: list[Report]) -> str:
    keys = [key for key in METRICS if key in task["test"]]
    rows = [
        [
            f"**{display_name(model['name'], model['task'])}** (chosen)"
            if model["selected"]
            else display_name(model["name"], model["task"]),
            *[interval(model["metrics"][key]) for key in keys],
        ]
        for model in ladder
        if model["task"] == name
    ]
    test = ", ".join(f"{METRICS[key]} {interval(task['test'][key])}" for key in keys)
    what = f"{name.capitalize()} of {code(task['target'])}"
    if task["classes"] == 2:
        what += f", looking for {code(task['rare'])}"
    near = task["test"]["r2" if name == "regression" else "roc_auc"]["value"] > 0.99
    warning = (
        " A score so near to 1 often means that a column gives the answer away." if near else ""
    )
    return "\n\n".join(
        [
            f"**{what}**, {task['rows']['train']:,} rows in cross-validation (brackets: 95% "
            "interval):",
            table(["Model", *[METRICS[key] for key in keys]], rows),
            f"On {task['rows']['test']:,} rows kept aside, looked at once: {test}.{warning}",
            f"{task['learning']['sentence']}",
            f"![Learning curve of the chosen model](reports/figures/learning_{name}.png)",
        ]
    )


def so_what(metrics: Report) -> str:
    """The strongest finding in money, or that there is none."""
    answer = _so_what(metrics)
    lines = [f"{answer['headline']}."]
    if answer["value"] is not None:
        unit = "one unit of" if answer["price_of"] == "unit" else "one such row in"
        lines.append(
            f"The price (from `config.yaml`): {unit} {code(answer['outcome'])} is worth "
            f"{answer['price']:,g} {answer['currency']}. {answer['caution']}"
        )
    return "\n\n".join(lines)


def provenance(metrics: Report) -> str:
    """Which data all numbers on the page come from, and what was not done with it."""
    dataset, detail = metrics["dataset"], metrics["foundations"]
    left_out = "; ".join(f"{code(name)} {why}" for name, why in detail["left_out"].items())
    lines = [
        f"- Data set: {dataset_name(metrics)}",
        f"- Rows after cleaning: {dataset['rows']:,}",
        f"- Not used in plots and models: {left_out or 'none'}",
        *(f"- Skipped: {sentence}" for sentence in detail["skipped"]),
        f"- Source sha256: `{dataset['sha256']}`",
    ]
    return "\n".join(lines)


def _so_what(metrics: Report) -> Report:
    return dict(metrics["foundations"]["statistics"]["so_what"])


def _effect(result: Report) -> str:
    """The effect size that fits the question; the others are in ``reports/statistics.json``."""
    several = "eta squared" if len(result["groups"]) > 2 else "Cohen's d"
    name = "Cramér's V" if result["kind"] == "class" else several
    return f"{name} {interval(result['effects'][name])}"


def _examples(values: list[str]) -> str:
    shown = ", ".join(code(f'"{value}"') for value in values)
    return f" ({shown})" if shown else ""


def _picture(plot: Report) -> str:
    return f"![{plot['alt']}](reports/figures/{plot['name']}.png)"
