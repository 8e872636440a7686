"""How ready this repository is to be shown. Nothing here writes a file."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from http.client import HTTPException

from .. import markdown
from ..config import Config
from ..documents import documents
from ..files import read_text
from ..paths import Paths
from .items import Item, in_documents, in_model, in_notebooks, in_readme, in_results, item
from .prose import links
from .repository import in_git, in_private, in_repository, progress

CHECKS = (in_results, in_model, in_readme, in_documents, in_notebooks, in_repository, in_git)
GONE = (404, 410)


def inspect(config: Config, paths: Paths, web: bool = False) -> list[Item]:
    """Check everything; addresses in the web are called only if ``web`` asks for it."""
    checks = [*CHECKS, in_web] if web else CHECKS
    found = [one for check in checks for one in check(paths)]
    return [*found, *in_private(config, paths)]


def in_web(paths: Paths) -> Iterator[Item]:
    """The web addresses in the documents answer."""
    texts = [read_text(file) for file in documents(paths)]
    local = ("http://127.", "http://localhost")
    found = sorted({link for text in texts for link in links(text) if "://" in link})
    asked = [address for address in found if not address.startswith(local)]
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


def as_text(found: list[Item], paths: Paths) -> str:
    """The answer for people at a command line."""
    lines = []
    for one in found:
        lines.append(f"{one.status}  {one.name:<9}  {one.reason}")
        lines += [f"{'':17}to mend: {one.remedy}"] if one.remedy else []
    return "\n".join([*lines, "", verdict(found), progress(paths)])


def as_markdown(found: list[Item], paths: Paths) -> str:
    """The answer for a page on GitHub."""
    rows = [[one.status, one.name, one.reason, one.remedy] for one in found]
    table = markdown.table(["", "Part", "Found", "To mend"], rows)
    return "\n\n".join([table, verdict(found), progress(paths)])


def as_json(found: list[Item], paths: Paths) -> str:
    """The answer for programs."""
    content = {"items": [asdict(one) for one in found], "progress": progress(paths)}
    return json.dumps(content | {"ready": all(one.status == "pass" for one in found)}, indent=2)


def verdict(found: list[Item]) -> str:
    """One line that sums up."""
    counts = Counter(one.status for one in found)
    ready = "Ready to be shown" if counts["pass"] == len(found) else "Not ready to be shown"
    return f"{ready}: {counts['pass']} pass, {counts['warn']} warn, {counts['fail']} fail."
