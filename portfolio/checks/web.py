"""Web addresses in the pages; they are called only when that is asked for."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from portfolio import prose
from portfolio.checks.item import Item, item, pages
from portfolio.contract import Project

GONE = (404, 410)
LOCAL = ("http://127.", "http://localhost")


def answering(project: Project) -> Iterator[Item]:
    """The addresses in the pages, and that where it is live, answer."""
    found = {link for text in pages(project).values() for link in prose.links(text)}
    found |= {project.config.live_url or ""}
    asked = sorted(one for one in found if "://" in one and not one.startswith(LOCAL))
    with ThreadPoolExecutor(8) as pool:
        answers = zip(asked, pool.map(_answers, asked), strict=True)
    dead = [address for address, alive in answers if not alive]
    yield item("web", dead, f"{len(asked)} addresses answer", "the documents")


def _answers(address: str) -> bool:
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=20):
            return True
    except urllib.error.HTTPError as error:
        return error.code not in GONE  # other refusals may be meant for programs alone
    except (OSError, ValueError, HTTPException):
        return False
