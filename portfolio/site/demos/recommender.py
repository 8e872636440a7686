"""The demo of a recommender: titles that somebody likes, what the model recommends, and why.

Who liked what stays out of it: the demo holds the model's weights and the titles alone.
"""

from dataclasses import dataclass

from portfolio.contract import Project, parse
from portfolio.errors import UserError
from portfolio.site.demos import arrays
from portfolio.site.demos.parts import Parts, Published, Recorded

SAYS = "Choose titles that you like and see what the model recommends, and because of which ones."
FACTORS = ("bias", "inputs", "outputs")
WEIGHTS = ("bias", "starts", "columns", "values")
NAMES = ("items", "titles")
FIRST = 2  # titles that are chosen at first: those that most people like


@dataclass(frozen=True)
class Signature:
    """`k`: how many items are recommended unless somebody says so."""

    k: int


def parts(project: Project, published: Published, model: bytes) -> Parts:
    """What the demo of a recommender needs.

    Raises:
        UserError: the model is not one that the demo knows.
    """
    shown = f"{project.name}/models/{published.version}/{published.file}"
    found = arrays.read(model, {*FACTORS, *WEIGHTS, *NAMES}, shown)
    try:
        items, titles = (parse(tuple[str, ...], found[name].text(), shown, name) for name in NAMES)
    except (KeyError, ValueError) as error:
        raise UserError(f"{shown}: no names of items ({error}).") from error
    kept = WEIGHTS if "values" in found else FACTORS
    if missing := [name for name in kept if name not in found]:
        raise UserError(f"{shown}: no {' and no '.join(missing)}.")
    if not len(items) == len(titles) == found["bias"].shape[0]:
        raise UserError(f"{shown}: not as many titles as items.")
    k = parse(Signature, published.signature, shown, "signature").k
    data = {"items": items, "titles": titles, "k": k, "first": FIRST}
    packed = arrays.pack({name: found[name] for name in kept})
    return Parts("recommender", SAYS, packed, "bin", data, _recorded(project))


def _recorded(project: Project) -> Recorded | None:
    """What was recommended to users whom `explain` wrote about; None where it has not run."""
    content = project.explanation.content if project.explanation else {}
    examples, rows = content.get("examples"), []
    for one in examples if isinstance(examples, list) else []:
        if isinstance(one, dict) and isinstance(one.get("because"), list):
            because = ", ".join(map(str, one["because"])) or "(popular)"
            rows.append((str(one.get("title")), because))
    header = ("Recommended", "Because they liked")
    caption = "Recorded: the first recommendation to each of a few people"
    return Recorded(caption, header, tuple(rows)) if rows else None
