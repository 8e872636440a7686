"""The figures of the explanation."""

import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shap

from .bootstrap import Array
from .charts import BLUE, figure, save, short

SHOWN = 12


def as_explanation(values: Array, data: pd.DataFrame, base: float) -> shap.Explanation:
    """SHAP values (rows, features) and the customers' data in the form that shap's plots take."""
    return shap.Explanation(
        values=values,
        base_values=np.full(len(values), base),
        data=_colours(data),
        display_data=data.map(_escaped).to_numpy(),
        feature_names=[_escaped(short(name)) for name in data],
    )


def draw_explanation(
    folder: Path,
    explanation: shap.Explanation,
    importance: list[dict[str, Any]],
    unit: str,
    note: str,
) -> list[Path]:
    """Draw all customers, one customer, and permutation importance."""
    effect = f"effect on the {unit} of churn"
    riskiest = int(np.argmax(explanation.values.sum(axis=1)))
    strongest = _escaped(short(importance[0]["feature"]))
    return [
        beeswarm(
            folder / "shap_beeswarm.png", explanation, f"{strongest} moves churn most{note}", effect
        ),
        bar(
            folder / "shap_bar.png",
            explanation,
            f"{strongest} is the strongest driver{note}",
            effect,
        ),
        waterfall(folder / "shap_waterfall.png", explanation[riskiest], note, effect),
        permutation(folder / "permutation.png", importance, note),
    ]


def beeswarm(path: Path, explanation: shap.Explanation, title: str, effect: str) -> Path:
    """One dot per customer and feature, coloured by the feature's value."""
    with warnings.catch_warnings():
        # Categories have no number to colour by, which shap says once for each of them.
        warnings.simplefilter("ignore", RuntimeWarning)
        np.random.seed(0)  # shap scatters the dots by the global generator
        shap.plots.beeswarm(explanation, max_display=SHOWN, show=False, plot_size=(8, 5))
    axes = plt.gca()
    axes.set_xlabel(f"SHAP value: {effect} (grey: a category)")
    axes.set_title(title, loc="left", weight="bold")
    return _finish(path)


def bar(path: Path, explanation: shap.Explanation, title: str, effect: str) -> Path:
    """Mean absolute effect of each feature."""
    plt.figure(figsize=(8, 5))
    shap.plots.bar(explanation, max_display=SHOWN, show=False)
    axes = plt.gca()
    axes.set_xlabel(f"mean absolute SHAP value ({effect})")
    axes.set_title(title, loc="left", weight="bold")
    return _finish(path)


def waterfall(path: Path, one: shap.Explanation, note: str, effect: str) -> Path:
    """How one customer's features add up to the prediction."""
    one.data = one.display_data
    plt.figure(figsize=(8, 5))
    shap.plots.waterfall(one, max_display=SHOWN, show=False)
    plt.gcf().suptitle(f"Why the riskiest customer is at risk: {effect}{note}", weight="bold")
    return _finish(path)


def permutation(path: Path, importance: list[dict[str, Any]], note: str) -> Path:
    """ROC-AUC lost when a feature's values are shuffled, with its spread."""
    rows = sorted(importance, key=lambda row: row["permutation"])[-SHOWN:]
    with figure(path) as drawing:
        axes = drawing.subplots()
        axes.barh(
            [short(row["feature"]) for row in rows],
            [row["permutation"] for row in rows],
            xerr=[row["permutation_std"] for row in rows],
            color=BLUE,
        )
        axes.set_xlabel("ROC-AUC lost when the feature is shuffled (± standard deviation)")
        axes.set_title(f"Without {short(rows[-1]['feature'])} the model loses most{note}")
    return path


def _escaped(value: object) -> Any:
    """Text in which shap's figures show a dollar instead of starting mathematics."""
    return value.replace("$", r"\$") if isinstance(value, str) else value


def _colours(data: pd.DataFrame) -> Array:
    """Numbers colour the dots; categories have no order, so they stay grey."""
    grey = np.full(len(data), np.nan)
    return np.column_stack([data[c] if data[c].dtype.kind == "f" else grey for c in data])


def _finish(path: Path) -> Path:
    drawing = plt.gcf()
    drawing.tight_layout()
    save(drawing, path)
    plt.close(drawing)
    return path
