"""Facts about the models of a project, as they were compared on the same rows."""

from collections.abc import Sequence

from portfolio.contract import Model, Results, Score
from portfolio.facts.words import (
    ends,
    figure,
    interval,
    label,
    listed,
    named,
    number,
    rows,
    score,
    sign,
    spread,
)

Found = dict[str, str | None]
SHOWN = 10  # models that one sentence names
SETTINGS = 5  # settings that one sentence names
FEWEST = 20  # rows of a slice that is worth a sentence


def ladder(results: Results) -> Found:
    """The metric, the chosen model, and its lead over the others."""
    metric, chosen = results.primary_metric, results.selected
    if not metric:
        return {}
    found = {
        "metric": label(metric.name),
        "better": "higher is better" if metric.higher_is_better else "lower is better",
        "score": interval(results.test.get(metric.name)),
        "model_count": str(len(results.models)) if len(results.models) > 1 else None,
    }
    names = (one.label.partition(": ")[0] for one in results.models)  # without what explains it
    scores = (interval_of(one, metric.name) for one in results.models)
    steps = list(zip(names, scores, strict=True))
    if len(steps) > 1 and all(value for _, value in steps):
        found["ladder"] = ", ".join(f"{name} {value}" for name, value in steps)
    if chosen:
        place = results.models.index(chosen)
        before, after = results.models[:place], results.models[place + 1 :]
        inside = chosen.metrics.get(metric.name)
        found |= {
            "model": named(chosen.label),
            "validation": inside and interval(inside),
            "first": named(results.models[0].label),
            "settings": _settings(chosen),
            "before": _leads(results, before),
            "before_verdict": _verdict(results, before),
            "after": _leads(results, after),
            "after_verdict": _verdict(results, after),
            **_closest(results, chosen),
        }
    return found


def interval_of(model: Model, metric: str) -> str | None:
    """A model's score, without its interval: a row of them is long enough."""
    return figure(score(model.metrics.get(metric)) and model.metrics[metric].value)


def ahead(results: Results, model: Model) -> Score | None:
    """By how much the chosen model is better than another one; below zero it is worse."""
    gap = score(model.difference)
    if gap is None:
        return None
    way = -1 if results.primary_metric.higher_is_better else 1
    if sign(gap) is None:
        return Score(way * gap.value)
    return Score(way * gap.value, *sorted((way * gap.low, way * gap.high)))


def worst_slice(slices: object, things: str) -> str | None:
    """The slice of test rows, `things`, in which the chosen model is least accurate."""
    found = [
        (score(row.get("accuracy")), row)
        for row in rows(slices)
        if (number(row.get("rows")) or 0) >= FEWEST and score(row.get("accuracy"))
    ]
    if not found:
        return None
    accuracy, row = min(found, key=lambda pair: pair[0].value)
    chance = "; that it is lower than the rest may be chance" if row.get("worse") is False else ""
    where = f"on {row['rows']:,} {things}{chance}"
    return f"{named(row.get('name'))}, accuracy {interval(accuracy)} {where}"


def _closest(results: Results, chosen: Model) -> Found:
    """The chosen model against the best of the others; what ten times the rows would tell."""
    others = _gaps(results, [one for one in results.models if one is not chosen])
    if not others:
        return {}
    other, gap = min(others, key=lambda pair: pair[1].value)
    place = "ahead of the next" if gap.value >= 0 else "behind the best of the others"
    name, side = named(chosen.label), sign(gap)
    name = name[0].upper() + name[1:]
    if side is None:
        return {"lead": f"{name} is {figure(abs(gap.value))} {place}, {other}"}
    value, low, high = ends(gap, parts=20, places=9)
    chance = ", so it may be chance" if side == 0 else ""
    span = f"95 % interval of the difference {low} to {high}{chance}"
    width = gap.high - gap.low
    now, then = (f"{one:.2g}" for one in (width, width / 10**0.5))
    return {
        "lead": f"{name} is {value.removeprefix('-')} {place}, {other} ({span})",
        "tenfold": f"the difference to {other} is {now} wide and would be about {then}",
    }


def _gaps(results: Results, models: Sequence[Model]) -> list[tuple[str, Score]]:
    """The names of some models, and the lead over each where it is known."""
    return [(named(one.label), gap) for one in models if (gap := ahead(results, one))]


def _leads(results: Results, models: Sequence[Model]) -> str | None:
    """By how much the chosen model leads each of some, with intervals."""
    gaps = _gaps(results, models)
    if not gaps:
        return None
    text = ", ".join(f"{name} {spread(gap)}" for name, gap in gaps[:SHOWN])
    if len(gaps) > SHOWN:
        text += f" and {len(gaps) - SHOWN} more"
    if any(gap.low is not None for _, gap in gaps):
        text += "; in brackets 95 % intervals"
    if any(min(gap.value, gap.low or 0) < 0 for _, gap in gaps):
        text += "; below zero it is behind"
    return text


def _verdict(results: Results, models: Sequence[Model]) -> str | None:
    """What the intervals of these leads say, and no more."""
    sides = [(name, sign(gap)) for name, gap in _gaps(results, models)]
    if not sides or any(side is None for _, side in sides):
        return None
    tied = [name for name, side in sides if side == 0]
    better = [name for name, side in sides if side == -1]
    said = []
    if tied:
        held = "interval holds" if len(tied) == 1 else "intervals hold"
        said.append(f"Of {listed(tied)} the {held} zero: these rows cannot tell which is better.")
    if better:
        said.append(f"{listed(better)} did better, by more than chance among these rows explains.")
    if not said:
        lie = "The interval lies" if len(sides) == 1 else "All of these intervals lie"
        said.append(f"{lie} above zero: the lead is more than chance among these rows explains.")
    return " ".join(said)


def _settings(model: Model) -> str | None:
    """What validation chose, as `C 10, penalty l2`."""
    shown = [
        f"{named(name)} {value:.3g}"
        if isinstance(value, float)
        else f"{named(name)} {named(value)}"
        for name, value in list(model.settings.items())[:SETTINGS]
    ]
    return ", ".join(shown) or None
