"""The figures of the explanation."""

import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shap

from .charts import BLUE, figure, save
from .metrics import Array

SHOWN = 12


def draw_explanation(
    folder: Path,
    values: Array,
    data: pd.DataFrame,
    base: float,
    importance: list[dict[str, Any]],
    note: str,
) -> list[Path]:
    """Draw SHAP values (rows, features), one customer, and permutation importance."""
    explanation = shap.Explanation(
        values=values,
        base_values=np.full(len(values), base),
        data=_colours(data),
        display_data=data.to_numpy(),
        feature_names=list(data.columns),
    )
    riskiest = int(np.argmax(values.sum(axis=1)))
    strongest = importance[0]["feature"]
    return [
        beeswarm(folder / "shap_beeswarm.png", explanation, strongest, note),
        bar(folder / "shap_bar.png", explanation, strongest, note),
        waterfall(folder / "shap_waterfall.png", explanation, data, riskiest, note),
        permutation(folder / "permutation.png", importance, note),
    ]


def beeswarm(path: Path, explanation: shap.Explanation, strongest: str, note: str) -> Path:
    """One dot per customer and feature, coloured by the feature's value."""
    with warnings.catch_warnings():
        # Categories have no number to colour by, which shap says once for each of them.
        warnings.simplefilter("ignore", RuntimeWarning)
        shap.plots.beeswarm(explanation, max_display=SHOWN, show=False, plot_size=(8, 5))
    axes = plt.gca()
    axes.set_xlabel("SHAP value: effect on the log-odds of churn (grey: a category)")
    axes.set_title(f"{strongest} moves churn most{note}", loc="left", weight="bold")
    return _finish(path)


def bar(path: Path, explanation: shap.Explanation, strongest: str, note: str) -> Path:
    """Mean absolute effect of each feature."""
    plt.figure(figsize=(8, 5))
    shap.plots.bar(explanation, max_display=SHOWN, show=False)
    axes = plt.gca()
    axes.set_xlabel("mean absolute SHAP value (log-odds of churn)")
    axes.set_title(f"{strongest} is the strongest driver{note}", loc="left", weight="bold")
    return _finish(path)


def waterfall(
    path: Path, explanation: shap.Explanation, data: pd.DataFrame, row: int, note: str
) -> Path:
    """How one customer's features add up to the prediction."""
    one = explanation[row]
    one.data = data.iloc[row].to_numpy()
    plt.figure(figsize=(8, 5))
    shap.plots.waterfall(one, max_display=SHOWN, show=False)
    plt.gcf().suptitle(
        f"Why the riskiest customer is at risk (log-odds of churn){note}", weight="bold"
    )
    return _finish(path)


def permutation(path: Path, importance: list[dict[str, Any]], note: str) -> Path:
    """ROC-AUC lost when a feature's values are shuffled, with its spread."""
    rows = sorted(importance, key=lambda row: row["permutation"])[-SHOWN:]
    with figure(path) as drawing:
        axes = drawing.subplots()
        axes.barh(
            [row["feature"] for row in rows],
            [row["permutation"] for row in rows],
            xerr=[row["permutation_std"] for row in rows],
            color=BLUE,
        )
        axes.set_xlabel("ROC-AUC lost when the feature is shuffled (± standard deviation)")
        axes.set_title(f"Without {rows[-1]['feature']} the model loses most{note}")
    return path


def _colours(data: pd.DataFrame) -> Array:
    """Numbers colour the dots; categories have no order, so they stay grey."""
    return data.apply(lambda c: c if c.dtype.kind == "f" else np.nan).to_numpy(dtype=float)


def _finish(path: Path) -> Path:
    drawing = plt.gcf()
    drawing.tight_layout()
    save(drawing, path)
    plt.close(drawing)
    return path
