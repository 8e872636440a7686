"""Why the model predicts what it predicts, and which features are no better than noise."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import shap
from matplotlib.axes import Axes
from scipy.stats import ttest_1samp, ttest_rel
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from .config import Config
from .data import DatasetInfo, Split, at_most, read_processed
from .evaluate import check_parity
from .kit import ModelError, charts
from .kit.files import Paths, read_json, write_json
from .kit.intervals import Array
from .kit.store import SCHEMA, read_candidate
from .models import source_columns
from .predictor import Predictor

ROWS = 500  # test customers explained: enough for a picture
TO_SHUFFLE = 20_000  # test customers at most: more would take long and tell no more
COPIES = 10  # how often a feature is shuffled anew


def run(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model on test customers; a ModelError where it is not the candidate."""
    data, info = read_processed(paths)
    read_candidate(paths)  # refuses one that was trained on other data
    pipeline = joblib.load(paths.candidate / "pipeline.joblib")
    predictor = Predictor.load(paths.models)
    test = data.test.sample(min(ROWS, len(data.test)), random_state=config.seed)
    try:
        check_parity(pipeline, predictor, test[info.features])
    except ModelError as error:
        why = "the candidate is not the published model: run `evaluate` first"
        raise ModelError(why) from error
    values = shap_values(pipeline, Split(data.train, test), info.features, config.seed)
    # A forest averages probabilities, all others add up log-odds.
    forest = isinstance(uncalibrated(pipeline), RandomForestClassifier)
    unit = "probability" if forest else "log-odds"
    many = at_most(TO_SHUFFLE, data.test, info, config.seed)
    lost = loss_if_shuffled(pipeline, many, info, config.seed)
    # At 5 % one feature of twenty that are noise would pass: divide by how many (Bonferroni).
    sure = ttest_1samp(lost, 0, alternative="greater").pvalue < 0.05 / len(info.features)
    table = pd.DataFrame({"value": values.abs().mean(), "loss_if_shuffled": lost.mean()})
    ranked = table.assign(driver=sure).rename_axis("feature").reset_index()
    ranked = ranked.sort_values(["value", "feature"], ascending=False)
    result = {
        "schema": SCHEMA,
        "model_version": predictor.version,
        "rows": len(test),
        "unit": unit,
        "importance": ranked.to_dict("records"),
    }
    alt = f"SHAP values of the strongest features for {len(test):,} test customers"
    picture: charts.Picture = ("explanation", alt, lambda axes: swarm(axes, values, test, unit))
    drawn = charts.draw(paths.figures, {"shap": picture}, info.synthetic)
    file = paths.reports / "figures.json"
    others = [entry for entry in read_json(file, "evaluate") if entry["role"] != "explanation"]
    return [write_json(file, others + drawn), write_json(paths.reports / "explain.json", result)]


def shap_values(pipeline: Pipeline, data: Split, features: list[str], seed: int) -> pd.DataFrame:
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
    if explanation.values.ndim == 3:  # a forest explains both classes; we want churn
        explanation = explanation[:, :, 1]
    values = pd.DataFrame(explanation.values, columns=source_columns(encoder))
    return values.T.groupby(level=0).sum().T[features]


def uncalibrated(pipeline: Pipeline) -> BaseEstimator:
    """The fitted classifier without the sigmoid that may stand behind it."""
    classifier = pipeline.named_steps["classifier"]
    calibrated = isinstance(classifier, CalibratedClassifierCV)
    return classifier.calibrated_classifiers_[0].estimator if calibrated else classifier


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
    for name in tqdm(info.features, desc="shuffling features", delay=2, leave=False):
        # A feature and the columns that were made from it are shuffled alike.
        copies = [np.where(sources == name, encoded[order], encoded) for order in orders]
        lost[name] = np.mean([losses(copy) for copy in copies], axis=0) - as_it_is
    return pd.DataFrame(lost)


def swarm(axes: Axes, values: pd.DataFrame, customers: pd.DataFrame, unit: str) -> None:
    """SHAP values of the ten strongest features: a dot is a customer, its colour a number."""
    strongest, rng = values.abs().mean().nlargest(10).index[::-1], np.random.default_rng(0)
    # By rank: a far value would leave all others one colour. A category has no order, so none.
    ranks = customers.select_dtypes("number").rank(method="dense", pct=True)
    for place, name in enumerate(strongest):
        effects = values[name].to_numpy()
        counts, ends = np.histogram(effects, 60)
        crowd = counts[np.digitize(effects, ends[1:-1])] / counts.max()  # wide where many are
        heights = place + 0.4 * crowd * rng.uniform(-1, 1, len(effects))
        axes.scatter(effects, heights, 6, charts.GREY)
        if name in ranks:
            axes.scatter(effects, heights, 6, ranks[name], cmap="plasma", vmin=0, vmax=1)
    axes.axvline(0, color="black", lw=1)
    axes.set_yticks(range(len(strongest)), [charts.short(name) for name in strongest])
    first, *second = (values[name].abs() for name in strongest[:-3:-1])
    # They were picked by these very customers: others may swap them.
    unsure = [each.name for each in second if not ttest_rel(first, each).pvalue < 0.05]
    most = " or ".join(charts.short(name) for name in [first.name, *unsure])
    axes.set_title(f"What moves the prediction most: {most}")
    axes.set_xlabel(f"effect on the {unit} of churn (yellow: high, blue: low, grey: a category)")
