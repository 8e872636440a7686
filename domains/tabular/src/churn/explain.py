"""Why the model predicts what it predicts, and which features are no better than noise."""

import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import shap
from matplotlib.axes import Axes
from scipy.stats import ttest_1samp
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from .config import Config
from .data import DatasetInfo, Split, read_processed
from .evaluate import check_parity
from .features import source_columns
from .kit import ModelError, charts
from .kit.charts import Picture
from .kit.files import Paths, read_json, write_json
from .kit.intervals import Array
from .kit.store import SCHEMA, read_candidate
from .predictor import Predictor

ROWS = 500  # test customers explained: enough for a stable ranking
COPIES = 10  # how often a feature is shuffled anew


def run(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model on test customers: ``reports/explain.json`` and a figure.

    A ModelError says that the model was trained again, but not evaluated since.
    """
    data, info = read_processed(paths)
    read_candidate(paths)  # refuses one that was trained on other data
    pipeline = joblib.load(paths.candidate / "pipeline.joblib")
    predictor = Predictor.load(paths.models)
    test = data.test.sample(min(ROWS, len(data.test)), random_state=config.seed)
    try:
        check_parity(pipeline, predictor, test[info.features])
    except ModelError as error:
        message = "the candidate is not the published model: run `evaluate` first"
        raise ModelError(message) from error
    values = shap_values(pipeline, Split(data.train, test), info.features, config.seed)
    lost = loss_if_shuffled(pipeline, data.test, info, config.seed)
    # At 5 % one feature of twenty that are noise would pass: divide by how many (Bonferroni).
    sure = ttest_1samp(lost, 0, alternative="greater").pvalue < 0.05 / len(info.features)
    importance = lost.mean().rename_axis("feature").reset_index(name="loss_if_shuffled")
    importance = importance.assign(value=np.abs(values.values).mean(axis=0), driver=sure)
    ranked = importance.sort_values(["value", "feature"], ascending=False)
    result = {
        "schema": SCHEMA,
        "model_version": predictor.version,
        "rows": len(test),
        "unit": (divided := unit(pipeline)),
        "importance": ranked.to_dict("records"),
    }
    alt = f"SHAP values of the strongest features for {len(test):,} test customers"
    picture: Picture = ("explanation", alt, lambda axes: swarm(axes, values, divided))
    drawn = charts.draw(paths.figures, {"shap": picture}, info.synthetic)
    entries = read_json(paths.reports / "figures.json", "evaluate")
    others = [entry for entry in entries if entry["role"] != "explanation"]
    return [
        write_json(paths.reports / "explain.json", result),
        write_json(paths.reports / "figures.json", [*others, *drawn]),
    ]


def shap_values(
    pipeline: Pipeline, data: Split, features: list[str], seed: int
) -> shap.Explanation:
    """SHAP values (test customers, features) before calibration, which changes no ranking.

    The columns that one-hot encoding made from a category are added up again, which SHAP's
    additivity (Lundberg and Lee 2017) allows.
    """
    encoder, classifier = pipeline.named_steps["features"], uncalibrated(pipeline)
    encoded = encoder.transform(data.test[features])
    if isinstance(classifier, LogisticRegression):
        rows = min(200, len(data.train))
        background = encoder.transform(data.train[features].sample(rows, random_state=seed))
        explanation = shap.LinearExplainer(classifier, background)(encoded)
    else:
        explanation = shap.TreeExplainer(classifier)(encoded)
    raw, base = explanation.values, np.atleast_1d(explanation.base_values.mean(axis=0))
    if raw.ndim == 3:  # a forest explains both classes; we want churn
        raw = raw[:, :, 1]
    summed = pd.DataFrame(raw, columns=source_columns(encoder)).T.groupby(level=0).sum().T
    return shap.Explanation(
        values=summed[features].to_numpy(),
        base_values=np.full(len(raw), float(base[-1])),
        data=data.test[features].to_numpy(),
        feature_names=features,
    )


def uncalibrated(pipeline: Pipeline) -> BaseEstimator:
    """The fitted classifier without the sigmoid that may stand behind it."""
    classifier = pipeline.named_steps["classifier"]
    calibrated = isinstance(classifier, CalibratedClassifierCV)
    return classifier.calibrated_classifiers_[0].estimator if calibrated else classifier


def unit(pipeline: Pipeline) -> str:
    """What SHAP divides: a forest averages probabilities, all others add up log-odds."""
    forest = isinstance(uncalibrated(pipeline), RandomForestClassifier)
    return "probability" if forest else "log-odds"


def loss_if_shuffled(
    pipeline: Pipeline, test: pd.DataFrame, info: DatasetInfo, seed: int
) -> pd.DataFrame:
    """What each test customer adds to the Brier score when a feature is shuffled: (n, features).

    Where the mean is not surely above zero, a shuffled copy does as well, and the feature may be
    noise (permutation importance, Breiman 2001).
    """
    rng, y = np.random.default_rng(seed), test[info.target].to_numpy(float)
    encoder, classifier = pipeline.named_steps["features"], pipeline.named_steps["classifier"]
    encoded, sources = encoder.transform(test[info.features]), np.array(source_columns(encoder))

    def losses(table: Array) -> Array:
        return np.asarray((y - classifier.predict_proba(table)[:, 1]) ** 2)

    lost, as_it_is = {}, losses(encoded)
    orders = [rng.permutation(len(y)) for _ in range(COPIES)]
    for name in info.features:
        # A feature and the columns that were made from it are shuffled alike.
        copies = [np.where(sources == name, encoded[order], encoded) for order in orders]
        lost[name] = np.mean([losses(copy) for copy in copies], axis=0) - as_it_is
    return pd.DataFrame(lost)


def swarm(axes: Axes, values: shap.Explanation, unit: str) -> None:
    """SHAP values of the ten strongest features: a dot is a customer, its colour a number."""
    # A category has no order, so no colour.
    colours = pd.DataFrame(values.data).apply(pd.to_numeric, errors="coerce").to_numpy()
    names = [charts.short(name) for name in values.feature_names]
    shown = shap.Explanation(values.values, values.base_values, colours, feature_names=names)
    np.random.seed(0)  # shap scatters the dots by the global generator
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of categories, which have no colour
        shap.plots.beeswarm(shown, max_display=10, show=False, plot_size=(8, 5))
    strongest = names[int(np.abs(values.values).mean(axis=0).argmax())]
    axes.set_title(f"What moves the prediction most: {strongest}")
    axes.set_xlabel(f"SHAP value: effect on the {unit} of churn (grey: a category)", fontsize=11)
