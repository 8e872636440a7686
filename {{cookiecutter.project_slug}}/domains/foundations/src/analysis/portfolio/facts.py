"""What the reports of this project say, by name: for posts and for the sheet of questions."""

from ..markdown import interval
from ..summaries import display_name
from .words import Report, common, named

METRICS = {"regression": ("R²", "r2"), "classification": ("ROC-AUC", "roc_auc")}
PLOTS = ("distribution", "outliers", "skew", "correlations", "pairs", "timeline", "categories")
SHIPPED = ("bikes",)  # data sets that every such project has


def facts(metrics: Report) -> dict[str, str]:
    """Facts as Markdown; each is true whatever the data and the settings are."""
    detail = metrics["foundations"]
    statistics, asked = detail["statistics"], detail["plots"]["questions"]
    return {
        **common(metrics | {"business": {"headline": statistics["so_what"]["headline"]}}),
        **_quality(detail["quality"]),
        **_plots(detail["plots"]["plots"]),
        **_tests(statistics),
        **_models(detail["tasks"]),
        "caution": statistics["so_what"]["caution"],
        "left_out": str(len(detail["left_out"])),
        "skipped": " ".join(detail["skipped"]) or "Nothing had to be skipped.",
        "agree": f"{sum(item['agree'] for item in asked)} of {len(asked)}",
        "question": asked[0]["question"] if asked else "How many rows are there?",
    }


def _quality(detail: Report) -> dict[str, str]:
    findings = sorted(detail["findings"], key=lambda found: -found["count"])
    worst = "nothing had to be mended"
    if findings:
        first = findings[0]
        where = named(first["column"]) if first["column"] else "whole rows"
        worst = f"{first['kind']} in {where}, {first['count']:,} times: {first['action']}"
    sums = {
        (when, what): sum(counts[what] for counts in detail[when].values())
        for when in ("before", "after")
        for what in ("rows", "repeated rows", "spellings of categories")
    }
    return {
        "problems": str(len(findings)),
        "worst": worst,
        "rows_before": f"{sums['before', 'rows']:,}",
        "repeated": f"{sums['before', 'repeated rows']:,}",
        "spellings": f"{sums['before', 'spellings of categories']:,}",
        "spellings_left": f"{sums['after', 'spellings of categories']:,}",
    }


def _plots(plots: list[Report]) -> dict[str, str]:
    """Each plot's sentence, file and description, also of those that this table does not have."""
    known = {plot["name"]: plot for plot in plots}
    found = {}
    for name in PLOTS:
        plot = known.get(name)
        found[f"plot_{name}"] = plot["sentence"] if plot else f"This table has no plot of {name}."
        found[f"picture_{name}"] = name if plot else ""
        found[f"alt_{name}"] = f"{plot['alt']}." if plot else ""
    return found


def _tests(detail: Report) -> dict[str, str]:
    results = detail["tests"]
    held = [result["sentence"] for result in results if result["significant"]]
    others = [result["sentence"] for result in results if not result["significant"]]
    first = max(results, key=lambda result: result["strength"], default=None)
    return {
        "tested": str(len(results)),
        "held": str(len(held)),
        "alpha": f"{detail['alpha']:g}",
        "difference": held[0] if held else "No difference between groups holds.",
        "no_difference": others[0] if others else "No test came out without a difference.",
        "why": first["why"] if first else "nothing was tested",
        "test": first["counts"] if first else "none",
        "small_effect": f"{detail['rows_for_small_effect']:,}",
    }


def _models(tasks: Report) -> dict[str, str]:
    scores, curves = [], []
    for name, task in tasks.items():
        metric, key = METRICS[name]
        model = display_name(task["selected"], name)
        score = interval(task["test"][key])
        scores.append(f"{named(task['target'])} by {model}, {metric} {score}")
        curves.append(f"{named(task['target'])}: {task['learning']['sentence']}")
    picture = f"learning_{next(iter(tasks))}" if tasks else ""
    return {
        "scores": "; ".join(scores) or "no model was fitted",
        "curves": " ".join(curves) or "No model was fitted.",
        "curve": curves[0] if curves else "No model was fitted.",
        "curve_picture": picture,
        "curve_alt": "Learning curve of the chosen model." if picture else "",
    }
