"""Score the chosen model on the test slice, run the A/B test on it, publish the model."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import ab_test, figures, money
from .config import Config
from .data import DatasetInfo, Split, Task, read_processed
from .kit.files import Paths, write_json
from .kit.intervals import Array
from .kit.store import SCHEMA, publish, read_candidate
from .ladder import Model, recommend, rung
from .linear import NO_ITEM, IntArray, dense, from_bytes
from .models import Shuffled, fixed_list
from .money import MODEL, RANDOM, RULE
from .ranking import accuracy, character, coverage, is_in, item_slices, summarise, user_slices
from .sample import truth

PACKAGES = ["implicit", "numpy", "pandas", "scikit-learn", "scipy"]
SKILLS = ["recommender systems", "matrix factorisation", "A/B testing", "API", "business ROI"]
STEEPER, FLAT = 2.0, 0.0  # attention that falls twice as fast down the list, and not at all

Lists = dict[str, IntArray]


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model, and write metrics and figures."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    content = (paths.candidate / "model.npz").read_bytes()
    task, k = data.task("test"), training["k"]
    lists = make_lists(task, info, dense(from_bytes(content)[0]), k)
    test, detail = score(task, lists, config.seed)
    business, experiment = worth(config, info, task, lists, training["label"])
    about, primary = paths.project(), f"ndcg_at_{k}"
    metrics = {
        "schema": SCHEMA,
        "project": about["name"],
        "domain": "recsys",
        "package": __package__,
        "dataset": info.summary,
        "primary_metric": {"name": primary, "higher_is_better": True, **test[primary]},
        "models": training["models"],
        "test": test,
        "business": business,
        "skills": SKILLS,
        "recsys": {
            **detail,
            **experiment,
            "k": k,
            "left_out": training["left_out"],
            "data": asdict(info),
            "gap": gap(data, training, config.seed),
            "export": {"bytes": len(content), "weights_per_item": training["weights_per_item"]},
        },
    }
    metadata = {
        "project": about["name"],
        "title": about["description"],
        "file": "model.npz",
        "dataset": info.summary,
        "model": training["label"],
        "signature": {"k": k},
        "threshold": None,
        "metrics": {name: found["value"] for name, found in test.items()},
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
    }
    return [
        publish(paths, content, metadata, PACKAGES),
        write_json(paths.reports / "metrics.json", metrics),
        write_json(paths.reports / "figures.json", figures.draw(paths.figures, metrics)),
    ]


def make_lists(task: Task, info: DatasetInfo, model: Model, k: int) -> Lists:
    """What each user is shown: by lot, by today's rule, by the model."""
    by_lot: Model = Shuffled(np.random.default_rng(info.seed))
    rule = fixed_list(task.likes, info.rule_items)
    shown = ((RANDOM, by_lot), (RULE, rule), (MODEL, model))
    return {name: recommend(scorer, task, k) for name, scorer in shown}


def score(task: Task, lists: Lists, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The model's metrics on the test slice; and the rule's, their difference, and slices."""
    users, lists = task.users, {name: lists[name] for name in (MODEL, RULE)}
    primary, items = f"ndcg_at_{lists[MODEL].shape[1]}", task.likes.shape[1]
    vectors = {n: accuracy(x, task.relevant) | character(x, task.likes) for n, x in lists.items()}
    by_user = {name: found[primary] for name, found in vectors.items()}
    vectors["lead"] = {primary: by_user[MODEL] - by_user[RULE]}
    found: dict[str, Any] = {}
    for name, each in vectors.items():
        means = summarise({key: vector[users] for key, vector in each.items()}, seed)
        found[name] = {key: asdict(value) for key, value in means.items()}
    return found[MODEL], {
        "rule": found[RULE],
        "lead": found["lead"][primary],
        "coverage": {name: coverage(shown[users], items) for name, shown in lists.items()},
        "users": user_slices(task, by_user),
        "items": item_slices(task, lists),
    }


def worth(
    config: Config, info: DatasetInfo, task: Task, lists: Lists, label: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The A/B test of model against rule and what it is worth: headline, and detail."""
    prices, seed = config.prices, config.seed
    rates, *others = (click_rates(info, task, lists, steep) for steep in (1.0, STEEPER, FLAT))
    attention = [float((each[MODEL] - each[RULE]).mean()) for each in others]
    clicks = money.compare_lists(rates, seed)
    extra, rule_rate = clicks[MODEL][1], float(rates[RULE].mean())
    plan = ab_test.plan(rule_rate, **config.ab_test.model_dump())
    # Visitors drawn with replacement click independently, so that their clicks are binomial.
    rng, users = np.random.default_rng(seed), plan.users_per_group
    control, treatment = (int(rng.binomial(users, rates[name].mean())) for name in (RULE, MODEL))
    result = ab_test.compare(control, treatment, users, plan.alpha)
    alone, peeking = ab_test.false_alarms(rule_rate, users, plan.alpha, seed)
    found = money.verdict(result, extra)
    return money.summarise(found, extra, label, info.rule, prices), {
        "verdict": found,
        "business": {
            "lists": {
                name: {
                    "clicks": asdict(each),
                    "revenue": asdict(money.in_money(each, prices)),
                    "gain": asdict(money.in_money(more, prices)),
                }
                for name, (each, more) in clicks.items()
            },
            "sensitivity": money.sensitivity(extra, attention, prices),
            "prices": prices.model_dump(),
        },
        "experiment": {
            "plan": asdict(plan),
            "result": asdict(result),
            "simulations": ab_test.SIMULATIONS,
            "false_alarms": alone,
            "peeking": peeking,
        },
    }


def click_rates(info: DatasetInfo, task: Task, lists: Lists, steepness: float) -> dict[str, Array]:
    """For each kind of list, the chance that the visit of each test user ends in a click: (users,).

    On the sample it follows from the truth, elsewhere from a click model.
    """
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


def gap(data: Split, training: dict[str, Any], seed: int) -> dict[str, float]:
    """Why the test score is not that of validation: nDCG with the training slice's likes alone.

    ``validation``: as it was chosen. ``hidden_left_out``: without items that the user meets in the
    test slice, which take places in the lists and count as misses. ``same_model``: that model on
    the test slice. The rest comes from the validation likes, which the final model knows.
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
