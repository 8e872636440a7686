"""Web addresses in the pages; they are called only when that is asked for."""

import json
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
    if project.config.live_url:
        yield _served(project, f"{project.config.live_url.rstrip('/')}/health")


def _served(project: Project, address: str) -> Item:
    """Which version the live server has; a page without a server behind it says none."""
    nothing = item("served", [], f"{address}: no server of a model is there", "")
    try:
        # A server that sleeps takes a minute to wake up.
        with urllib.request.urlopen(_request(address), timeout=90) as answer:
            said = json.loads(answer.read())
        version, commit = said["model_version"], said.get("commit")
    except urllib.error.HTTPError as error:
        wrong = [f"{address} says {error.code}"]
        return item("served", wrong, "", "deploy/README.md") if error.code == 503 else nothing
    except (OSError, HTTPException):
        return item("served", [f"{address} does not answer"], "", "deploy/README.md")
    except (ValueError, KeyError, TypeError, AttributeError):
        return nothing
    wrong = [f"it serves version {version}, here it is {project.version}"]
    good = f"it serves version {version}" + (f", made at commit {commit[:12]}" if commit else "")
    return item("served", wrong if version != project.version else [], good, "deploy it again")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(_request(address), timeout=20):
            return True
    except urllib.error.HTTPError as error:
        return error.code not in GONE  # other refusals may be meant for programs alone
    except (OSError, ValueError, HTTPException):
        return False


def _request(address: str) -> urllib.request.Request:
    return urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
