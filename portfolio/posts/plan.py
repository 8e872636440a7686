"""Which drafts belong to which week, read from the files beside this one."""

from pathlib import Path

from portfolio.contract import PACKAGES
from portfolio.filling import texts
from portfolio.syllabus import SERVED

FOLDER = Path(__file__).parent
COMMON = "common"  # the file of texts about all projects


def read(name: str) -> dict:
    """A file of texts."""
    return texts(FOLDER / f"{name}.yaml")


def domains(track: int, week: int) -> list[str]:
    """The domains that have drafts in a week."""
    return [domain for domain in PACKAGES if _place(track, week, domain)]


def weeks(track: int, domain: str) -> list[int]:
    """The weeks that a domain has drafts for; first its own, then those of all projects."""
    places = {week: _place(track, week, domain) for week in range(1, track + 1)}
    return sorted((week for week in places if places[week]), key=lambda w: places[w][0] == COMMON)


def draft_set(track: int, week: int, domain: str) -> dict | None:
    """The texts of a week for a domain; None where the week is about other domains."""
    place = _place(track, week, domain)
    return read(place[0])["sets"][place[1]] if place else None


def _place(track: int, week: int, domain: str) -> tuple[str, str] | None:
    """The file of a week's texts for a domain, and the name of the set in it."""
    found = read(COMMON)["weeks"][track][week]
    if domain in found:
        return domain, found[domain]
    groups = ("all", "served") if domain in SERVED else ("all",)
    return next(((COMMON, found[group]) for group in groups if group in found), None)
