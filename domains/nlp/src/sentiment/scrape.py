"""Collecting reviews from product pages with schema.org markup, where the site allows it.

Run it as ``python -m sentiment.scrape ADDRESS…``; the table is of all pages that were kept.
"""

import hashlib
import html
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import click
import extruct
import lxml.html
import pandas as pd
import requests
from lxml.etree import LxmlError
from protego import Protego
from urllib3.exceptions import HTTPError
from w3lib.encoding import html_to_unicode

from .config import Scrape, load_config
from .kit import DataError
from .kit.files import Paths, read_json, replacing, write_json

COLUMNS = ("text", "rating", "product", "date", "page")
MAX_BYTES, MAX_REDIRECTS, MAX_DELAY, CHUNK = 10_000_000, 5, 600, 65_536
HTML = ("text/html", "application/xhtml+xml")
SCALE = {"bestRating": 5, "worstRating": 1}  # what schema.org takes where a page does not say
# "4", "4,5", "4 / 5", "4 out of 5 stars"
NUMBER = re.compile(r"(-?\d+(?:[.,]\d+)?)(?:\s*(?:/|out of)\s*(\d+))?(?:\s*stars?)?")

log = logging.getLogger(__name__)
Node = dict[str, Any]
Wait = Callable[[float], None]  # takes seconds


class PageError(Exception):
    """A page that cannot be read; the others can."""


class Browser:
    """Fetches pages one at a time: says who it is, asks robots.txt first, and waits in between."""

    def __init__(self, agent: str, rules: Scrape, wait: Wait) -> None:
        self._agent, self._rules, self._wait = agent, rules, wait
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"{agent} (+{rules.contact})"
        self._robots: dict[str, Protego | None] = {}
        self._asked = False

    def fetch(self, url: str) -> tuple[str, str]:
        """Where ``url`` leads in at most ``MAX_REDIRECTS`` redirects, and the HTML there.

        A PageError says that robots.txt forbids it, or it cannot be had, and why.
        """
        for _ in range(MAX_REDIRECTS + 1):
            robots = self._robots_of(url)
            if robots is None or not robots.can_fetch(url, self._agent):
                raise PageError("robots.txt forbids it, or cannot be read")
            delay = float(robots.crawl_delay(self._agent) or 0)
            if delay > MAX_DELAY:
                raise PageError(f"robots.txt asks for {delay:g} seconds between two pages")
            answer, body = self._get(url, delay)
            kind = answer.headers.get("content-type", "text/html")
            if answer.is_redirect:
                url = urljoin(url, answer.headers["location"])
            elif not answer.ok:
                raise PageError(f"it answered {answer.status_code} {answer.reason}")
            elif kind.split(";")[0].strip().lower() not in HTML:
                raise PageError(f"expected HTML, found {kind}")
            else:
                return url, str(html_to_unicode(kind, body)[1])
        raise PageError(f"more than {MAX_REDIRECTS} redirects")

    def _robots_of(self, url: str) -> Protego | None:
        """The site's rules; None forbids everything, as RFC 9309 asks where a server fails."""
        site = urljoin(url, "/robots.txt")
        if site not in self._robots:
            self._robots[site] = None
            answer, body = self._get(site, 0)
            if answer.status_code < 500:  # one that is not there forbids nothing
                rules = body.decode("utf-8", errors="replace") if answer.ok else ""
                self._robots[site] = Protego.parse(rules)
        return self._robots[site]

    def _get(self, url: str, delay: float) -> tuple[requests.Response, bytes]:
        if self._asked:
            self._wait(max(delay, self._rules.delay_seconds))
        self._asked, limit, body = True, self._rules.timeout_seconds, b""
        follow = url.endswith("/robots.txt")  # its rules hold for the address that was asked
        end = time.monotonic() + limit  # of it all: a server may send a byte now and then for ever
        try:
            with self._session.get(url, timeout=limit, stream=True, allow_redirects=follow) as page:
                while piece := page.raw.read1(CHUNK, decode_content=True):
                    body += piece
                    if len(body) > MAX_BYTES or time.monotonic() > end:
                        raise PageError("it is too large, or too slow")
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise PageError(f"no answer: {error}") from error
        return page, body


def scrape(
    addresses: list[str], folder: Path, rules: Scrape, agent: str, wait: Wait = time.sleep
) -> list[Path]:
    """Read the pages at ``addresses`` and those that follow them; write ``reviews.csv``.

    Pages that ``folder`` holds are not asked for again; one that fails is skipped with a warning,
    and retried when the command runs again. ``agent`` is the name that robots.txt may use.

    A DataError says that an address is none, or there is no review on any page.
    """
    for address in addresses:
        if not re.fullmatch(r"https?://[\w.-]+(:\d+)?([/?#]\S*)?", address):
            raise DataError(f"{address!r} is no address: expected https://… of a product page")
    browser, pages = Browser(agent, rules, wait), folder / "pages"
    queue, seen = [urldefrag(address).url for address in addresses], set[str]()
    while queue and len(seen) < rules.max_pages:
        url = queue.pop(0)
        if url in seen:
            continue
        seen.add(url)
        try:
            page = _read_page(url, pages, browser)
        except PageError as error:
            log.warning("%s is skipped: %s", url, error)
            continue
        if page["next"] and urlsplit(page["next"]).netloc == urlsplit(page["url"]).netloc:
            queue.insert(0, page["next"])
    if queue:
        log.warning("stopped after %d pages: raise `max_pages` for more", rules.max_pages)
    return [_write_table(pages, folder / "reviews.csv")]


def _read_page(url: str, pages: Path, browser: Browser) -> Node:
    """Keep the reviews of a page, unless they are kept: its ``reviews``, ``url`` and ``next``."""
    file = pages / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
    if not file.exists():
        final, page = browser.fetch(url)
        write_json(file, {"url": final, **read_reviews(page, final)})
    return dict(read_json(file, "scrape"))


def read_reviews(page: str, url: str) -> dict[str, Any]:
    """The ``reviews`` on a page, as rows of ``COLUMNS``, and the address of the ``next`` page.

    Authors are left out on purpose, and so are reviews without text or rating.

    A PageError says that it is no HTML.
    """
    try:
        # As bytes: text with an XML declaration is refused.
        parser = lxml.html.HTMLParser(encoding="utf-8")
        tree = lxml.html.fromstring(page.encode("utf-8", "replace"), parser=parser)
        tree.make_links_absolute(url, handle_failures="discard")
        nodes = [pair for root in _markup(tree, url) for pair in _walk(root, "")]
    except (LxmlError, ValueError, RecursionError) as error:
        raise PageError(f"it is no HTML that can be read: {error}") from error
    product = next((name for _, name in nodes if name), "")
    rows = [_row(node, name or product, url) for node, name in nodes if _is_a(node, "Review")]
    links = tree.xpath("//link[@rel and @href] | //a[@rel and @href]")
    following = [link.get("href") for link in links if "next" in link.get("rel").lower().split()]
    after = urldefrag(following[0]).url if following else None
    return {"reviews": [row for row in rows if row], "next": after}


def _markup(tree: lxml.html.HtmlElement, url: str) -> Iterator[Any]:
    """The top-level items of the page; a broken block is skipped, the others count."""
    scripts = [
        node for node in tree.xpath("//script[@type]") if "ld+json" in node.get("type").lower()
    ]
    read = [partial(json.loads, node.text_content(), strict=False) for node in scripts]
    for block in [*read, partial(extruct.extract, tree, url, syntaxes=["microdata"], uniform=True)]:
        try:
            yield block()
        except Exception as error:  # parsers fail in many ways, and none should end the run
            log.warning("%s: some of its markup is broken: %s", url, error)


def _walk(node: Any, product: str) -> Iterator[tuple[Node, str]]:
    """Every item at or below ``node``, with the name of the product that it is about."""
    if isinstance(node, list):
        for part in node:
            yield from _walk(part, product)
    if not isinstance(node, dict):
        return
    about = node if _is_a(node, "Product") else node.get("itemReviewed")
    if isinstance(about, dict):
        product = _text(about.get("name")) or product
    yield node, product
    for part in node.values():
        yield from _walk(part, product)


def _is_a(node: Node, kind: str) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    # UserReview, CriticReview, IndividualProduct … are kinds of it; AggregateRating is not.
    return any(str(name).rsplit("/", 1)[-1].endswith(kind) for name in names)


def _row(review: Node, product: str, url: str) -> Node | None:
    body = _text(review.get("reviewBody") or review.get("description"))
    rating = _rating(review.get("reviewRating"))
    if not body or rating is None:
        return None
    written = _text(review.get("datePublished"))
    date = pd.to_datetime(written, errors="coerce", utc=True, format="ISO8601")
    # pandas takes "now" and "today" for dates, too.
    day = date.strftime("%Y-%m-%d") if written[:1].isdigit() and not pd.isna(date) else ""
    return dict(zip(COLUMNS, (body, rating, product, day, url), strict=True))


def _rating(node: Any) -> float | None:
    """Stars on a scale from 1 to 5, whatever scale the page uses."""
    node = node[0] if isinstance(node, list) and node else node
    given = node if isinstance(node, dict) else {"ratingValue": node}
    parts = SCALE | {key: value for key, value in given.items() if value not in ("", None)}
    names = ("ratingValue", *SCALE)
    found = [NUMBER.fullmatch(str(parts.get(name)).strip()) for name in names]
    if not all(found):
        return None
    value, best, worst = (float(match[1].replace(",", ".")) for match in found if match)
    best = float((found[0] and found[0][2]) or best)  # "4 out of 10"
    if not worst <= value <= best or best <= worst:
        return None
    return round(1 + 4 * (value - worst) / (best - worst), 3)


def _text(value: Any) -> str:
    """Plain text: markup in JSON-LD is often escaped a second time."""
    value = value[0] if isinstance(value, list) and value else value
    text = " ".join(html.unescape(value).split()) if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()  # halves of characters cannot be written


def _write_table(pages: Path, file: Path) -> Path:
    rows = [
        row for page in sorted(pages.glob("*.json")) for row in read_json(page, "scrape")["reviews"]
    ]
    if not rows:
        raise DataError(
            "no page had a review with text and rating in schema.org markup, or none could be "
            "read: see the warnings above, and choose other pages"
        )
    # A page may carry the same review in both kinds of markup.
    table = pd.DataFrame(rows, columns=list(COLUMNS)).drop_duplicates(["text", "rating", "product"])
    with replacing(file) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    return file


@click.command()
@click.argument("addresses", nargs=-1, required=True)
@click.option("--config", type=click.Path(path_type=Path), default=Path("config.yaml"))
def main(addresses: tuple[str, ...], config: Path) -> None:
    """Collect the reviews of product pages into data/scraped/reviews.csv."""
    rules, paths = load_config(config).scrape, Paths(config.resolve().parent)
    folder, agent = paths.root / "data" / "scraped", paths.project()["name"]
    for written in scrape(list(addresses), folder, rules, agent):
        click.echo(f"wrote {written.relative_to(paths.root).as_posix()}")


if __name__ == "__main__":
    main()
