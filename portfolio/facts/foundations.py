"""Facts of a mini-analysis: what was mended, which differences hold, first models."""

from portfolio.contract import Project, Score
from portfolio.facts.words import count, dig, interval, label, named, percent, say, score, spread

HOLDS = "holds after Holm's correction"


def facts(project: Project) -> dict[str, str | None]:
    """What the receipt, the tests and `foundations` of the results hold."""
    content = project.explanation.content if project.explanation else {}
    tests = [one for one in content.get("tests") or [] if isinstance(one, dict)]
    finding = content.get("finding") or {}
    difference = _difference(finding)
    holding = sum(bool(one.get("holds")) for one in tests)
    return {
        **_cleaning(project),
        "tested": count(len(tests)) if tests else None,
        "held": count(holding) if tests else None,
        "alpha": percent(content.get("alpha")),
        "difference": say(
            "{}; it {}", difference, HOLDS if finding.get("holds") else "may be chance"
        ),
        "finding": difference if finding.get("holds") else None,
        "test": finding.get("test"),
        "why": finding["why"].replace("`", "") if finding.get("why") else None,
        "nothing": _nothing(tests),
        "scores": _scores(dig(project.results.detail, "tasks")),
    }


def _cleaning(project: Project) -> dict[str, str | None]:
    findings = [one for one in project.receipt.findings if one.count] if project.receipt else []
    if not findings:
        return {"problems": None, "main_problem": None}
    most = max(findings, key=lambda one: one.count)
    where = f" in {named(most.column)}" if most.column else ""
    said = f"{most.kind}{where}, {most.count:,} times: {most.action}"
    return {"problems": count(len(findings)), "main_problem": said}


def _difference(test: dict) -> str | None:
    gap = score(test.get("difference"))
    parts = [dig(test, "difference.most"), dig(test, "difference.least")]
    if not gap or None in parts or not test.get("outcome"):
        return None
    most, least = map(named, parts)
    of, by = named(test["outcome"]), named(test.get("group"))
    if kind := dig(test, "difference.of"):  # of a class, a share
        ends = (None if end is None else 100 * end for end in (gap.low, gap.high))
        points = f"by {spread(Score(100 * gap.value, *ends))} percentage points"
        what = f"{of} is {named(kind)} more often for {most} than for {least}, {points}"
    else:
        what = f"{of} is higher for {most} than for {least}, by {spread(gap)}"
    return f"by {by}, {what}"


def _nothing(tests: list[dict]) -> str | None:
    """A comparison in which no difference was found; that is not that there is none."""
    found = [one for one in tests if one.get("holds") is False and one.get("outcome")]
    if not found:
        return None
    one = found[-1]
    return f"no difference of {named(one['outcome'])} by {named(one.get('group'))} was found"


def _scores(tasks: object) -> str | None:
    parts = []
    for task in (tasks if isinstance(tasks, dict) else {}).values():
        metric = dig(task, "metric")
        value = interval(dig(task, f"test.{metric}"))
        if metric and value and dig(task, "target"):
            parts.append(f"{label(metric)} {value} for {named(task['target'])}")
    return ", ".join(parts) or None
