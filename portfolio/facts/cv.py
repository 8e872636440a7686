"""Facts of a project that says which images a doctor should see."""

from portfolio.contract import Project
from portfolio.facts.ladder import worst_slice
from portfolio.facts.words import (
    count,
    dig,
    interval,
    listed,
    number,
    percent,
    rows,
    say,
    score,
    shares,
    spread,
)
from portfolio.facts.worth import against, policy

MODEL = "the model"
# What `split` of the data says, as half a sentence.
SPLITS = {
    "official": "The split into training, validation and test is the source's own",
    "official test": "The test images are the source's own, the validation images are drawn",
    "drawn": "Validation and test images are drawn by this project",
}


def facts(project: Project) -> dict[str, str | None]:
    """What `cv` of the results and the explanation hold."""
    detail, chosen = project.results.detail, project.results.selected
    business = dig(detail, "business")
    prices, policies = dig(business, "prices"), dig(business, "policies")
    return {
        "size": count(dig(detail, "data.size")),
        "classes": listed(rows(dig(detail, "data.classes"))),
        "positive": listed(rows(dig(detail, "data.positive"))),
        "split": SPLITS.get(str(dig(detail, "data.split"))),
        "patients": count(dig(detail, "data.patients")),
        "patients_unknown": _unknown(dig(detail, "data")),
        "duplicates": count(dig(detail, "data.duplicates")),
        "rate": percent(dig(detail, "test_share"), 1),
        "prevalence": percent(dig(business, "prevalence"), 1),
        "break_even": _break_even(prices),
        "best_threshold": interval(dig(business, "best_threshold")),
        "against": against(policies, "saved", dig(prices, "currency"), skip=(MODEL,)),
        "errors": _errors(policies),
        "not_never": _not_never(detail, project),
        "worst": worst_slice(dig(detail, "slices"), "images"),
        "pointing": _pointing(project),
        "parameters": count(chosen.parameters) if chosen else None,
        "calibration": dig(detail, "calibration.chosen"),
    }


def _errors(policies: object) -> str | None:
    """Missed cases and false alarms of the model in 1,000 cases."""
    ours = policy(policies, MODEL)
    return say(
        "of 1,000 cases {} are missed and {} are false alarms",
        spread(dig(ours, "missed")),
        spread(dig(ours, "alarms")),
    )


def _not_never(detail: object, project: Project) -> str | None:
    """Where no case was missed: how many may be all the same, by the rule of three."""
    sensitivity = score(project.results.test.get("sensitivity"))
    images, share = (number(dig(detail, key)) for key in ("images.test", "test_share"))
    if not sensitivity or sensitivity.value < 1 or not images or not share:
        return None
    cases = round(images * share)
    most = percent(min(3 / cases, 1), 1)
    return f"No miss in {cases:,} cases is not never: up to {most} may be (rule of three)"


def _unknown(data: object) -> str | None:
    """That nobody knows which images are of one patient; nothing where that is not said."""
    if not isinstance(data, dict) or data.get("patients", 0) is not None:
        return None
    return "Which images are of one patient is not known, so the split cannot be made by patient."


def _break_even(prices: object) -> str | None:
    missed, alarm = (number(dig(prices, key)) for key in ("missed_case", "false_alarm"))
    if None in (missed, alarm) or missed + alarm <= 0:
        return None
    return f"from a probability of {percent(alarm / (missed + alarm), 1)} on"


def _pointing(project: Project) -> str | None:
    """How often the brightest place of the map lies on the marked finding."""
    game = project.explanation.content.get("pointing_game") if project.explanation else None
    hit, chance = shares(dig(game, "on_finding")), percent(dig(game, "by_chance"))
    cases = count(dig(game, "cases"))
    if None in (hit, chance, cases):
        return None
    return f"In {hit} of {cases} cases the map points at the finding, by chance in {chance}"
