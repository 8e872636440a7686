"""Which drafts belong to which week, read from the files beside this one."""

from functools import cache
from pathlib import Path

import yaml

from portfolio.contract import PACKAGES, SafeLoader

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> dict:
    """A file of texts."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=SafeLoader)


def domains(track: int, week: int) -> list[str]:
    """The domains that have drafts in a week."""
    found = read("common")["weeks"][track][week]
    return [domain for domain in PACKAGES if domain in found or "all" in found]


def weeks(track: int, domain: str) -> list[int]:
    """The weeks that a domain has drafts for; first its own, then those of all projects."""
    plan = read("common")["weeks"][track]
    own = [week for week, found in plan.items() if domain in found]
    return own + [week for week, found in plan.items() if "all" in found]


def draft_set(track: int, week: int, domain: str) -> dict | None:
    """The texts of a week for a domain; None where the week is about other domains."""
    found = read("common")["weeks"][track][week]
    if domain in found:
        return read(domain)["sets"][found[domain]]
    return read("common")["sets"][found["all"]] if "all" in found else None
