"""How often do the 95 % intervals that a project reports hold the true value?

Each project has a made-up world whose truth is known. Its own data stage runs here on samples of
that world, and its own functions score one fixed model on each. The model is trained once, on a
further sample: an interval says how much other cases would move the figures of the model there is.
The truth is the same figure over all samples together. What differs from sample to sample:

- churn, sentiment, imaging: all customers, reviews or patients; the test part is scored;
- demand: habits of all series, prices, promotions and luck (intervals over products); or, of one
  series whose habits stay, the rest alone (intervals over windows). The forecast is an average of
  the past, taken anew at each origin, and the truth the mean over all samples;
- recommender: the readers; the books, when they come out, the model and the rule's list stay. In
  the A/B test, who clicks, each with the true chance;
- mini-analysis: all orders and customers; the truth is that of two million orders without dirt.

A share is good within the binomial noise of 95 % (99 % of it). Where a model decides, the money
that its probabilities promise is compared with what came of it over all samples. Runs in a
generated project's environment:

    uv run --project PROJECT python benchmarks/intervals.py PROJECT
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from measure import report
from scipy.stats import binom

MANY, FEW = 1_000, 200  # samples of a world that takes less than a second, and of others
QUICK = ("churn",)
TRAINED = 0  # the seed of the sample that a model learns from; those after it are scored
PREVALENCE = 0.1  # in imaging's practice, where it is not that of the sample
ONE_SERIES, WINDOWS = "market/bread", 12  # as many windows as the real data set has
ORDERS = 2_000_000
OFF = 0.05  # share of the money that came by which the promised money may differ

Spans = dict[str, dict[str, float]]  # of each figure: value, low, high
Found = tuple[list[Spans], dict[str, float]]  # in each sample; and the truth


class World:
    """What a project makes of samples of its made-up world, in ``folder``."""

    def __init__(self, project: Path, folder: Path) -> None:
        """Read the project's settings, but for the data set."""
        self.package = next(project.glob("src/*/sample.py")).parent.name
        self.config = self.chapter("config").load_config(project / "config.yaml", "sample")
        self.seeds = range(TRAINED + 1, TRAINED + 1 + (MANY if self.package in QUICK else FEW))
        self.paths = self.chapter("kit.files").Paths(folder)

    def chapter(self, name: str) -> Any:
        """A module of the project."""
        return import_module(f"{self.package}.{name}")

    def __call__(self, seed: int) -> tuple[Any, ...]:
        """The sample's parts and what is known of them, as later stages read them."""
        data = self.chapter("data")
        data.run(self.config.model_copy(update={"seed": seed}), self.paths)
        return data.read_processed(self.paths)

    def train(self, model: str, file: str) -> tuple[Path, Any, Any]:
        """Train this model alone by the project's own stage; return its file and its data."""
        data, info = self(TRAINED)
        self.chapter("train").run(self.config.model_copy(update={"models": (model,)}), self.paths)
        return self.paths.candidate / file, data, info

    def score(self, cases: list[dict[str, Any]], figures: Callable[..., Spans]) -> Found:
        """Score each sample's cases, arrays by name, alone; and all as one, which is the truth."""
        found = [figures(seed, **sample) for seed, sample in enumerate(cases)]
        every = {name: np.concatenate([sample[name] for sample in cases]) for name in cases[0]}
        with patch.object(self.chapter("kit.intervals"), "DRAWS", 1):
            return found, {name: span["value"] for name, span in figures(0, **every).items()}

    def decide(
        self, cases: Callable[[int], dict[str, Any]], compare: Callable[..., Any], stakes: Any
    ) -> Found:
        """Score decisions on ``cases``, by ``compare`` in money, and what they promise of it."""
        kit, samples = self.chapter("kit.decisions"), [cases(seed) for seed in self.seeds]
        y, p = (np.concatenate([case[name] for case in samples]) for name in ("y", "probability"))
        acted = kit.expected_value(p, stakes) > 0
        promised, came = (kit.expected_value(each[acted], stakes).sum() for each in (p, y))
        text, met = f"{promised / came:.3f} of what came", abs(promised / came - 1) <= OFF
        report(f"{self.package}, money that probabilities promise", text, met, f"1 +- {OFF}")

        def figures(seed: int, y: Any, probability: Any, **rules: Any) -> Spans:
            score = partial(kit.weighted_scores, y, probability, kit.break_even(stakes))
            scores = self.chapter("kit.intervals").intervals(score, len(y), seed)
            found = {"ROC-AUC": asdict(scores["roc_auc"]), "sensitivity": asdict(scores["recall"])}
            saved = compare(seed, y, probability, rules)
            return found | {f"saving against {name}": span for name, span in saved.items()}

        return self.score(samples, figures)


def churn(world: World) -> Found:
    """Whom to contact, by logistic regression."""
    import joblib
    from churn.data import follows_rule
    from churn.money import MODEL, Customers, compare

    file, _, info = world.train("logistic_regression", "pipeline.joblib")
    model, prices = joblib.load(file), world.config.prices

    def cases(seed: int) -> dict[str, Any]:
        part = world(seed)[0].test
        y, found = part[info.target].to_numpy(float), model.predict_proba(part[info.features])
        return {"y": y, "probability": found[:, 1]} | follows_rule(part, info)

    def saved(seed: int, y: Any, probability: Any, rules: Any) -> Spans:
        rows = compare(Customers(y, probability, rules), prices, seed)
        return {row["name"]: row["saved_per_year"] for row in rows if row["name"] != MODEL}

    return world.decide(cases, saved, prices.stakes)


def sentiment(world: World) -> Found:
    """Which reviews to read, by logistic regression; ``y`` is 1 for an unhappy customer."""
    from sentiment.aspects import mentions
    from sentiment.money import MODEL, Reviews, compare
    from sentiment.predictor import Predictor

    file, *_ = world.train("logistic_regression", "model.onnx")
    predictor = Predictor(file.read_bytes(), {"model": "logistic_regression"})
    prices, words = world.config.prices, {"rule": world.config.rule}

    def cases(seed: int) -> dict[str, Any]:
        part = world(seed)[0].test
        good = predictor.predict_proba([{"text": text} for text in part["text"]])
        rule = np.array([float(bool(mentions(text, words))) for text in part["text"]])
        return {"y": 1 - part["positive"].to_numpy(float), "probability": 1 - good, "rule": rule}

    def saved(seed: int, y: Any, probability: Any, rules: Any) -> Spans:
        rows = compare(Reviews(y, probability, **rules), prices, seed)
        return {row["name"]: row["saved"] for row in rows if row["name"] != MODEL}

    return world.decide(cases, saved, prices.stakes)


def imaging(world: World) -> Found:
    """Whom to refer, by the network; money also for a practice with fewer ill than the sample."""
    from imaging.evaluate import priced
    from imaging.kit.files import read_json
    from imaging.money import MODEL, Cases, compare, stakes
    from imaging.predictor import Predictor

    file, data, info = world.train("resnet", "model.onnx")
    predictor = Predictor(file.read_bytes(), read_json(file.with_name("training.json"), "train"))
    share, usual = data.validation.y.mean(), world.config.prices
    rare = usual.model_copy(update={"prevalence": PREVALENCE})

    def cases(seed: int) -> dict[str, Any]:
        part = world(seed)[0].test
        test = priced(part, info, predictor.predict_proba(part.images))
        return {"y": test.y, "probability": test.probability} | test.rules

    def saved(seed: int, y: Any, probability: Any, rules: Any) -> Spans:
        test, found = Cases(y, probability, rules), {}
        for prices, practice in ((usual, ""), (rare, f", {PREVALENCE:.0%} ill")):
            for row in compare(share, test, prices, seed):
                found[row["name"] + practice] = row["saved"]
        return {name: span for name, span in found.items() if not name.startswith(MODEL)}

    return world.decide(cases, saved, stakes(usual, share))


def demand(world: World) -> Found:
    """What to order, by the mean of four seasons."""
    from demand.backtest import actual, forecast, mase, mean, origins, window
    from demand.conformal import blind
    from demand.evaluate import TEST, VALIDATION, Backtest, trial
    from demand.models import RUNGS
    from demand.money import MODEL, NAIVE, summarise
    from demand.train import scores

    rungs, sample = {MODEL: RUNGS[1], NAIVE: RUNGS[0]}, world.chapter("sample")
    plans, truth = sample.plans, sample.truth

    def figures(panel: Any, info: Any) -> Spans:
        starts = origins(panel.series["ds"], info.horizon, info.windows)
        windows = [window(panel.series, start, info.horizon) for start in starts]
        means = {
            role: np.stack([forecast(r.name, r.forecast, part, info, 0) for part in windows])
            for role, r in rungs.items()
        }
        lead_time, over = world.config.inventory.lead_time, partial(mean, groups=info.groups)
        seen = Backtest(windows, actual(windows, info), means, lead_time)
        parts = (trial(info, seen, part) for part in (VALIDATION, TEST))
        known, found = seen.happened.part(VALIDATION), {r: means[r][VALIDATION] for r in rungs}
        ahead = mase(known, found[MODEL]) - mase(known, found[NAIVE])
        widths = blind(known, found[MODEL], lead_time)
        return {
            "saving": summarise(*parts, rungs[MODEL].name, world.config.prices, over)["summary"],
            "MASE difference": asdict(mean(ahead, info.groups)),
            "coverage": scores(known, found[MODEL], widths, info.groups)["coverage_95"],
        }

    def same_habits(seed: int) -> Any:
        with patch.object(sample, "plans", lambda _: plans(seed)):
            return truth(TRAINED)

    found = [figures(*world(seed)) for seed in world.seeds]
    with patch.object(sample, "truth", same_habits):
        for seed, spans in zip(world.seeds, found, strict=True):
            panel, info = world(seed)
            one = panel.series[panel.series["unique_id"] == ONE_SERIES]
            single = replace(info, series=1, groups=[ONE_SERIES], windows=WINDOWS)
            alone = figures(replace(panel, series=one), single)
            spans |= {f"{name}, one series": span for name, span in alone.items()}
    return found, {name: float(np.mean([s[name]["value"] for s in found])) for name in found[0]}


def recommender(world: World) -> Found:
    """What readers like and click, by EASE."""
    from recommender import ab_test
    from recommender.evaluate import click_rates
    from recommender.ladder import recommend
    from recommender.linear import dense, from_bytes
    from recommender.models import fixed_list
    from recommender.money import MODEL, RULE, compare
    from recommender.ranking import accuracy, means

    file, data, info = world.train("ease", "model.npz")
    rule = fixed_list(data.task("test").likes, info.rule_items)
    models, k = {RULE: rule, MODEL: dense(from_bytes(file.read_bytes())[0])}, world.config.k
    settings, truth = world.config.ab_test.model_dump(), world.chapter("sample").truth
    books, released = truth(TRAINED), world.chapter("sample")._released
    dates = released(np.random.default_rng(TRAINED))

    def same_books(seed: int) -> Any:
        return replace(truth(seed), item_tastes=books.item_tastes, fame=books.fame)

    def cases(seed: int) -> dict[str, Any]:
        data, info = world(seed)
        task = data.task("test")
        lists = {name: recommend(model, task, k) for name, model in models.items()}
        scores = {n: accuracy(each, task.relevant) for n, each in lists.items()}
        hits = {f"{n} hits": found[f"ndcg_at_{k}"][task.users] for n, found in scores.items()}
        return hits | click_rates(info, task, lists, 1.0)

    def figures(seed: int, **case: Any) -> Spans:
        hits, rates = ({n: case[f"{n}{end}"] for n in models} for end in (" hits", ""))
        vectors = {"nDCG": hits[MODEL], "nDCG difference": hits[MODEL] - hits[RULE]}
        found = {name: asdict(span) for name, span in means(vectors, seed).items()}
        shown = compare(rates, world.config.prices, seed)[MODEL]
        return found | {"CTR": shown["clicks"], "gain": shown["gain"]}

    sample, evaluate = world.chapter("sample"), world.chapter("evaluate")
    with (
        patch.object(sample, "truth", same_books),
        patch.object(evaluate, "truth", same_books),
        patch.object(sample, "_released", lambda rng: (released(rng), dates)[1]),
    ):
        samples = [cases(seed) for seed in world.seeds]
    found, true = world.score(samples, figures)
    old, new = (float(np.concatenate([case[n] for case in samples]).mean()) for n in models)
    rates = {"control": old, "treatment": new, "difference": new - old, "lift": new / old - 1}
    users, rng = ab_test.plan(old, **settings).users_per_group, np.random.default_rng(TRAINED)
    for spans in found:
        result = ab_test.compare(
            *rng.binomial(users, [old, new]).tolist(), users, settings["alpha"]
        )
        spans |= {f"A/B test, {name}": asdict(getattr(result, name)) for name in rates}
    return found, true | {f"A/B test, {name}": rate for name, rate in rates.items()}


def analysis(world: World) -> Found:
    """Each difference of two groups less the true one, so that the truth is 0."""
    from analysis.hypotheses import compare_groups
    from analysis.roles import as_number

    sample, found = world.chapter("sample"), []
    with patch.object(sample, "ORDERS", ORDERS):
        orders, customers = sample.clean_tables(np.random.default_rng(TRAINED))
    orders = orders.merge(customers, on=sample.ON)
    orders["date_weekend"] = np.where(orders["date"].dt.dayofweek >= 5, "yes", "no")
    for seed in world.seeds:
        train, test, info = world(seed)
        spans, rows = {}, pd.concat([train, test]).sort_index()
        for result in compare_groups(rows, info, world.config.alpha)[0]:
            (group, outcome), gap = (result["group"], result["outcome"]), result["difference"]
            true = as_number(orders[outcome]).groupby(orders[group]).mean()
            off = true[gap["most"]] - true[gap["least"]]
            spans[f"{outcome} by {group}"] = {end: gap[end] - off for end in ("low", "high")}
        found.append(spans)
    return found, dict.fromkeys(found[0], 0.0)


def main(project: Path) -> None:
    """Print a row of each figure: how many intervals hold the truth, and how many should."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(project, Path(folder))
        found, truth = globals()[world.package](world)
    count = len(found)
    least, most = (end / count for end in binom.interval(0.99, count, 0.95))
    print(f"| Domain | Figure | Held of {count:,} | {least:.1%} to {most:.1%} |\n|" + 4 * " --- |")
    for name, true in truth.items():
        held = np.mean([spans[name]["low"] <= true <= spans[name]["high"] for spans in found])
        verdict = "too narrow" if held < least else "too wide" if held > most else "holds"
        print(f"| {world.package} | {name} | {held:.1%} | {verdict} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
