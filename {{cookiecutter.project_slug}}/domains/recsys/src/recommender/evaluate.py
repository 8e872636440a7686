"""Score the test slice once, run the A/B test on it, publish the model."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import ab_test, artifacts, business, figures
from .bootstrap import Array
from .candidate import open_candidate
from .config import Config
from .data import DatasetInfo, Split, read_processed
from .export import Catalogue, compact, to_bytes, uncompacted
from .files import write_json
from .linear import LinearRecommender
from .models import recommend
from .neighbours import popularity
from .paths import Paths, Project, read_project
from .ranking import NO_ITEM, Lists, accuracy, character, coverage, is_in, summarise
from .sample import truth
from .slices import item_slices, user_slices
from .train import Slice, as_slice
from .wording import label

PACKAGES = ("implicit", "numpy", "pandas", "scikit-learn", "scipy")
TEXT_LENGTH = 300  # characters of each item's description that are published
CONTROL, TREATMENT = "control", "treatment"


def evaluate(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    project = read_project(paths)
    candidate, training = read_candidate(paths)
    catalogue = make_catalogue(data)
    model, per_row = compact(candidate, catalogue)
    task = as_slice(data, pd.concat([data.train, data.validation]), data.test)
    baseline = popularity(task.likes, [], {}, config.seed)
    lists = {
        name: recommend(scorer, task.likes, task.seen, training["k"])
        for name, scorer in ((CONTROL, baseline), (TREATMENT, uncompacted(model)))
    }
    content = to_bytes(model, catalogue)
    metrics = report(config, project, info, training, task, lists)
    metrics["recsys"]["export"] = {
        "bytes": len(content),
        "weights_per_item": per_row,
        "ndcg_of_all_weights": None if per_row is None else _ndcg(candidate, task, training["k"]),
    }
    metadata = {
        "project": project.name,
        "title": project.title,
        "file": "model.npz",
        "dataset": info.summary,
        "model": training["selected"],
        "settings": training["settings"],
        "k": training["k"],
        "metrics": {name: score["value"] for name, score in metrics["test"].items()},
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
    }
    folder = artifacts.publish(paths.models, content, metadata, PACKAGES)
    file = write_json(paths.reports / "metrics.json", metrics)
    return [folder, file, *figures.draw_evaluation(paths.figures, metrics)]


def read_candidate(paths: Paths) -> tuple[LinearRecommender, dict[str, Any]]:
    """The trained model, and how it was chosen.

    Raises:
        ModelError: the train stage has not run, or not on the present data.
    """
    with (
        open_candidate(paths) as training,
        np.load(paths.candidate / "model.npz", allow_pickle=False) as arrays,
    ):
        model = LinearRecommender(**arrays)
    return model, training


def make_catalogue(data: Split) -> Catalogue:
    """Names and histories; these hold the test slice too, so that no known item is recommended."""
    table = pd.concat([data.train, data.validation, data.test]).sort_values(["user", "item"])
    counts = np.bincount(table["user"], minlength=len(data.users))
    return Catalogue(
        items=data.items["id"].tolist(),
        titles=data.items["title"].tolist(),
        texts=(data.items["title"] + " " + data.items["text"]).str[:TEXT_LENGTH].tolist(),
        users=data.users["id"].tolist(),
        starts=np.concatenate([[0], counts.cumsum()]),
        seen=table["item"].to_numpy(),
        liked=table["like"].to_numpy() == 1,
    )


def report(
    config: Config,
    project: Project,
    info: DatasetInfo,
    training: dict[str, Any],
    task: Slice,
    lists: dict[str, Lists],
) -> dict[str, Any]:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    vectors = {g: accuracy(x, task.relevant) | character(x, task.likes) for g, x in lists.items()}
    scores = {}
    for group, found in vectors.items():
        means = summarise(found, task.users, config.seed)
        scores[group] = {name: asdict(value) for name, value in means.items()}
    primary = f"ndcg_at_{training['k']}"
    rates = click_rates(info, task, lists)
    outcome, impact = experiment(config, rates, label(training["selected"]))
    summary, mark = impact["summary"], " (synthetic sample)" if info.synthetic else ""
    best = {"name": primary, "higher_is_better": True, **scores[TREATMENT][primary]}
    return {
        "project": project.name,
        "domain": "recsys",
        "dataset": info.summary,
        "primary_metric": best,
        "models": training["models"],
        "test": scores[TREATMENT],
        "business": {**summary, "headline": summary["headline"] + mark},
        "recsys": {
            **{key: training[key] for key in ("k", "lead", "ratings", "left_out")},
            "business": impact["detail"],
            "experiment": outcome,
            "popularity": scores[CONTROL],
            "coverage": {g: coverage(found[task.users], info.items) for g, found in lists.items()},
            "cold_users": user_slices(task, vectors, primary),
            "cold_items": item_slices(task, lists),
            "data": asdict(info),
        },
    }


def click_rates(info: DatasetInfo, task: Slice, lists: dict[str, Lists]) -> dict[str, Array]:
    """For both groups, the chance that the visit of each test user ends in a click.

    On the sample it follows from the truth, elsewhere from a click model.
    """
    users = np.flatnonzero(task.users)
    if not info.synthetic:
        held_out = np.diff(task.relevant.indptr)[users]
        return {
            name: ab_test.click_model(is_in(found, task.relevant)[users] > 0, held_out)
            for name, found in lists.items()
        }
    world = truth(info.seed)
    rates = {}
    for name, found in lists.items():
        shown = found[users]
        each = np.repeat(users, shown.shape[1])
        chance = world.click_probability(each, shown.ravel()).reshape(shown.shape)
        rates[name] = ab_test.visit_rate(np.where(shown == NO_ITEM, 0, chance))
    return rates


def experiment(
    config: Config, rates: dict[str, Array], model: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan the A/B test, let visitors click, judge it; and what it says in money."""
    settings, seed = config.ab_test, config.seed
    expected = {name: float(rate.mean()) for name, rate in rates.items()}
    plan = ab_test.plan(expected[CONTROL], settings.min_effect, settings.alpha, settings.power)
    users = plan.users_per_group
    control, treatment = ab_test.simulate(rates[CONTROL], rates[TREATMENT], users, seed)
    result = ab_test.compare(int(control[0]), int(treatment[0]), users, settings.alpha)
    outcome = {
        "visitors": len(rates[CONTROL]),
        "expected": expected,
        "alpha": settings.alpha,
        "simulations": ab_test.SIMULATIONS,
        "false_alarms": ab_test.simulate_null(expected[CONTROL], users, settings.alpha, seed),
        "peeking": ab_test.peeking(expected[CONTROL], users, settings.alpha, seed),
    }
    return outcome, business.summarise(plan, result, rates, model, config.prices, seed)


def _ndcg(model: LinearRecommender, task: Slice, k: int) -> float:
    lists = recommend(model, task.likes, task.seen, k)
    return float(np.nanmean(accuracy(lists, task.relevant)[f"ndcg_at_{k}"]))
