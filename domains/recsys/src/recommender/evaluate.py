"""Score the chosen model on the test slice, run the A/B test on it, publish the model."""

from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import ab_test, figures, money
from .config import Config
from .data import DatasetInfo, Split, Task, read_processed
from .kit.files import Paths, write_json
from .kit.intervals import Estimate
from .kit.store import SCHEMA, about, publish, read_candidate, results
from .ladder import Model, recommend, rung
from .linear import NO_ITEM, IntArray, dense, from_bytes
from .models import fixed_list
from .money import MODEL, RANDOM, RULE, Rates
from .predictor import Predictor
from .ranking import accuracy, character, coverage, is_in, item_slices, means, user_slices
from .sample import truth

PACKAGES = ["implicit", "numpy", "pandas", "scikit-learn", "scipy"]
SKILLS = ["recommender systems", "matrix factorisation", "A/B testing", "API", "business ROI"]
STEEPER, FLAT = 2.0, 0.0  # attention that falls twice as fast down the list, and not at all

Lists = dict[str, IntArray]
Report = dict[str, Any]
Leads = dict[str, Estimate]


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model, and write metrics and figures."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    content, metadata = exported(config, paths)
    task, k, seed = data.task("test"), training["k"], config.seed
    lists = make_lists(task, info, dense(from_bytes(content)[0]), k)
    test, detail = score(task, lists, seed)
    visits = [click_rates(info, task, lists, steepness) for steepness in (1.0, STEEPER, FLAT)]
    today, ours = (float(visits[0][name].mean()) for name in (RULE, MODEL))
    plan = ab_test.plan(today, **config.ab_test.model_dump())
    result = ab_test.run(plan, ours, plan.users_per_group, seed)
    once, peeking = ab_test.false_alarms(today, plan.users_per_group, plan.alpha, seed)
    experiment = {"plan": asdict(plan), "result": asdict(result), "false_alarms": once}
    experiment |= {"peeking": peeking, "simulations": ab_test.SIMULATIONS}
    names = {RANDOM: "items by lot", RULE: info.rule, MODEL: training["label"]}
    impact = money.summarise(visits, result, names, config.prices, seed)
    detail |= {
        "k": k,
        "left_out": training["left_out"],
        "data": asdict(info),
        "verdict": impact["verdict"],
        "business": impact["detail"],
        "experiment": experiment,
        "gap": gap(data, training, seed),
        "export": {"bytes": len(content), "weights_per_item": training["weights_per_item"]},
    }
    metrics = summarise(info, training, test, impact["summary"], detail)
    metrics |= {"project": metadata["project"]}
    return [
        publish(paths, content, metadata | results(metrics), PACKAGES),
        write_json(paths.reports / "metrics.json", metrics),
        write_json(paths.reports / "figures.json", figures.draw(paths.figures, metrics)),
    ]


def exported(config: Config, paths: Paths) -> tuple[bytes, Report]:
    """The candidate as it would be published: model and metadata."""
    info, training = read_processed(paths)[1], read_candidate(paths)
    metadata = about(config, paths, info.summary) | {"signature": {"k": training["k"]}}
    metadata |= {"file": "model.npz", "model": training["label"], "threshold": None}
    return (paths.candidate / "model.npz").read_bytes(), metadata


def difference(first: Predictor, second: Predictor, config: Config, paths: Paths) -> Leads:
    """How much better ``second`` lists what the users of the test slice like later, in pairs, told
    the same likes."""
    data, found = read_processed(paths)[0], []
    for model in (first, second):
        lists, task = listed(model, data, config.k), data.task("test")
        found.append(accuracy(lists, task.relevant)[f"ndcg_at_{config.k}"][task.users])
    return means({f"nDCG@{config.k}": found[1] - found[0]}, config.seed)


def listed(model: Predictor, data: Split, k: int) -> IntArray:
    """(users, k) what a published model lists for users of the test slice, told earlier likes."""
    task, items = data.task("test"), data.items["id"].to_numpy()
    codes, lists = {item: n for n, item in enumerate(items)}, np.full((len(data.users), k), NO_ITEM)
    for user in np.flatnonzero(task.users):
        likes, seen = (items[part[user].indices] for part in (task.likes, task.seen))
        liked = [item for item in likes if item in model.items]
        shown = model.recommend(liked=liked, k=k, exclude=list(seen))["items"]
        known = [codes[row["item"]] for row in shown if row["item"] in codes]
        lists[user, : len(known)] = known
    return lists


def summarise(
    info: DatasetInfo, training: Report, test: Report, business: Report, detail: Report
) -> Report:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    primary = f"ndcg_at_{training['k']}"
    return {
        **{"schema": SCHEMA, "domain": "recsys", "package": __package__, "skills": SKILLS},
        "dataset": info.summary,
        "primary_metric": {"name": primary, "higher_is_better": True, **test[primary]},
        "models": training["models"],
        "test": test,
        "business": business,
        "recsys": detail,
    }


def make_lists(task: Task, info: DatasetInfo, model: Model, k: int) -> Lists:
    """What each user is shown: by lot, by today's rule, by the model."""
    rng, rule = np.random.default_rng(info.seed), fixed_list(task.likes, info.rule_items)
    by_lot: Any = SimpleNamespace(score_all=lambda likes: rng.random(likes.shape, np.float32))
    shown = {RANDOM: by_lot, RULE: rule, MODEL: model}
    return {name: recommend(scorer, task, k) for name, scorer in shown.items()}


def score(task: Task, lists: Lists, seed: int) -> tuple[Report, Report]:
    """The model's metrics on the test slice; and the rule's, their difference, and slices."""
    users, lists = task.users, {name: lists[name] for name in (MODEL, RULE)}
    primary, items = f"ndcg_at_{lists[MODEL].shape[1]}", task.likes.shape[1]
    vectors = {n: accuracy(x, task.relevant) | character(x, task.likes) for n, x in lists.items()}
    by_user = {name: found[primary] for name, found in vectors.items()}
    vectors["lead"] = {primary: by_user[MODEL] - by_user[RULE]}
    found: Report = {}
    for name, each in vectors.items():
        over_users = means({key: vector[users] for key, vector in each.items()}, seed)
        found[name] = {key: asdict(value) for key, value in over_users.items()}
    return found[MODEL], {
        "rule": found[RULE],
        "lead": found["lead"][primary],
        "coverage": {name: coverage(shown[users], items) for name, shown in lists.items()},
        "users": user_slices(task, by_user),
        "items": item_slices(task, lists),
    }


def click_rates(info: DatasetInfo, task: Task, lists: Lists, steepness: float) -> Rates:
    """For each kind of list, the chance that each test user's visit ends in a click: (users,); on
    the sample by its truth, elsewhere by a click model."""
    users, world = np.flatnonzero(task.users), truth(info.seed) if info.synthetic else None
    held_out, rates = np.diff(task.relevant.indptr)[users], {}
    for name, found in lists.items():
        shown, seen = found[users], ab_test.position_bias(found.shape[1], steepness)
        if world is None:
            hits = is_in(found, task.relevant)[users]
            rates[name] = ab_test.click_model(hits, held_out, seen)
        else:
            each = np.repeat(users, shown.shape[1])
            chance = world.click_probability(each, shown.ravel()).reshape(shown.shape)
            rates[name] = ab_test.visit_rate(np.where(shown == NO_ITEM, 0, chance), seen)
    return rates


def gap(data: Split, training: Report, seed: int) -> dict[str, float]:
    """Why the test score is not that of validation: nDCG with the training slice's likes alone.

    ``validation``: as chosen. ``hidden_left_out``: without items that the user meets only in the
    test slice, which count as misses. ``same_model``: that model on the test slice.
    """
    k, task = training["k"], data.task("validation")
    model = rung(training["selected"]).fit(task.likes, data.texts(), training["settings"], seed)
    later = data.matrix(data.train, data.test, liked=False)
    between = data.matrix(data.train, data.validation, liked=False)
    return {
        "validation": ndcg(model, task, k),
        "hidden_left_out": ndcg(model, replace(task, seen=later), k),
        "same_model": ndcg(model, Task(task.likes, between, data.matrix(data.test)), k),
    }


def ndcg(model: Model, task: Task, k: int) -> float:
    """The mean nDCG over the users who count."""
    return float(np.nanmean(accuracy(recommend(model, task, k), task.relevant)[f"ndcg_at_{k}"]))
