"""Scraping, against a server on this machine: good pages, bad pages, and pages we may not read."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from sentiment import cli
from sentiment.config import Scrape
from sentiment.kit import DataError
from sentiment.scrape import COLUMNS, main, read_reviews, scrape

AGENT = "review-sentiment"
MICRODATA = """<html><body itemscope itemtype="https://schema.org/Product">
<h1 itemprop="name">Kettle</h1>
<div itemprop="review" itemscope itemtype="https://schema.org/Review">
 <p itemprop="reviewBody">Boils quickly.</p><meta itemprop="datePublished" content="2024-02-30">
 <div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">
  <meta itemprop="ratingValue" content="8"><meta itemprop="bestRating" content="10">
  <meta itemprop="worstRating" content="0"></div></div></body></html>"""
BROKEN = '<script type="application/ld+json">{"@type": "Review", </script>'


class Site(ThreadingHTTPServer):
    """Answers from ``pages``: path -> (status, headers, body)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.requests: list[tuple[str, str]] = []

    def put(self, path: str, body: str, status: int = 200, **headers: str) -> None:
        named = {"Content-Type": "text/html; charset=utf-8"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, named, body.encode())

    def asked(self) -> list[str]:
        return [path for path, _ in self.requests]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers["User-Agent"]))
        unknown = (404, {"Content-Type": "text/html"}, b"")
        status, headers, body = self.server.pages.get(self.path, unknown)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def lamp(text: str, rating: object, more: str = "") -> str:
    """A page about a lamp with one review in JSON-LD, and whatever ``more`` adds to its head."""
    review = {
        "@type": "Review",
        "reviewBody": text,
        "datePublished": "2024-03-01T10:00:00+02:00",
        "author": {"@type": "Person", "name": "Jo Bloggs"},
        "reviewRating": {"@type": "Rating", "ratingValue": str(rating), "bestRating": "5"},
    }
    kind = {"@context": "https://schema.org", "@type": "Product", "name": "Lamp"}
    content = json.dumps(kind | {"review": [review]}, ensure_ascii=False)
    script = f'<script type="application/ld+json">{content}</script>'
    return f"<html><head><title>Lamp</title>{script}{more}</head><body></body></html>"


def in_json(content: object, kind: str = "application/ld+json") -> str:
    """A page with ``content`` as JSON-LD."""
    return f'<html><script type="{kind}">{json.dumps(content)}</script></html>'


def rules(**changes: object) -> Scrape:
    known = {"contact": "me@example.org", "delay_seconds": 2, "timeout_seconds": 5, "max_pages": 50}
    return Scrape(**{**known, **changes})


def collect(site: Site, folder: Path, *paths: str, **changes: object) -> pd.DataFrame:
    waits: list[float] = []
    addresses = [site.url(path) for path in paths]
    [file] = scrape(addresses, folder, rules(**changes), AGENT, waits.append)
    table = pd.read_csv(file)
    assert list(table.columns) == list(COLUMNS)
    table.attrs["waits"] = waits
    return table


# Well-formed pages


def test_json_ld_becomes_a_row(site: Site, tmp_path: Path):
    site.put("/lamp", lamp("Très bright &amp; warm.", 4))
    [row] = collect(site, tmp_path, "/lamp").to_dict("records")
    assert row == {
        "text": "Très bright & warm.",
        "rating": 4.0,
        "product": "Lamp",
        "date": "2024-03-01",
        "page": site.url("/lamp"),
    }
    kept = [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()]
    assert len(kept) == 2 and not any("Bloggs" in text for text in kept), "authors are not kept"


def test_a_review_in_both_kinds_of_markup_counts_once(site: Site, tmp_path: Path):
    both = lamp("Boils quickly.", 4.2).replace("Lamp", "Kettle")
    page = both.replace("<body></body></html>", MICRODATA.removeprefix("<html>"))
    assert len(read_reviews(page, "http://x.example/")["reviews"]) == 2
    site.put("/kettle", page)
    [row] = collect(site, tmp_path, "/kettle").to_dict("records")
    assert (row["text"], row["product"], row["rating"]) == ("Boils quickly.", "Kettle", 4.2)


@pytest.mark.parametrize(
    ("changes", "rating"),
    [
        ({"reviewRating": {"ratingValue": 3}}, 3.0),
        ({"reviewRating": {"ratingValue": "4/10"}}, 2.333),
        ({"reviewRating": {"ratingValue": "4 out of 5"}}, 4.0),
        ({"reviewRating": [{"ratingValue": "3,5", "bestRating": ""}], "@type": "UserReview"}, 3.5),
        ({"reviewRating": "5", "@type": ["http://schema.org/Review"]}, 5.0),
        ({"reviewRating": {"ratingValue": 7}}, None),
        ({"reviewRating": {"ratingValue": 3, "bestRating": 1}}, None),
        ({"reviewRating": {"ratingValue": "about 4"}}, None),
        ({"reviewRating": None}, None),
        ({"reviewRating": 3, "reviewBody": " "}, None),
        ({"reviewRating": 3, "@type": "AggregateRating"}, None),
    ],
)
def test_ratings_are_read_as_they_are_found_in_the_wild(changes: dict[str, Any], rating: Any):
    review = {"@type": "Review", "reviewBody": "Bright.", **changes}
    found = read_reviews(in_json({"@graph": [review]}), "http://x.example/")["reviews"]
    assert [row["rating"] for row in found] == ([] if rating is None else [rating])


# Broken pages


@pytest.mark.parametrize("page", ["", BROKEN, "<html><p>No markup", "\x00\x01", "<!-- -->", "{}"])
def test_a_page_without_reviews_says_so(site: Site, tmp_path: Path, page: str):
    site.put("/nothing", page)
    with pytest.raises(DataError, match="no page had a review"):
        collect(site, tmp_path, "/nothing")
    assert not (tmp_path / "reviews.csv").exists()


@pytest.mark.parametrize(
    ("path", "message"),
    [("/fails", "500"), ("/gone", "404"), ("/picture", "image/png"), ("/loop", "redirects")],
)
def test_pages_that_fail_are_skipped_and_tried_again_next_time(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str, message: str
):
    site.put("/lamp", lamp("Bright.", 4))
    site.put("/fails", "no", status=500)
    site.put("/picture", "", Content_Type="image/png")
    site.put("/loop", "", status=302, Location="/loop")
    assert len(collect(site, tmp_path, path, "/lamp")) == 1
    assert message in caplog.text
    site.put(path, lamp("Mended.", 1))
    assert sorted(collect(site, tmp_path, path, "/lamp")["text"]) == ["Bright.", "Mended."]


# Pages that follow each other


@pytest.mark.parametrize("tag", ["link", "a"])
def test_pagination_is_followed_to_its_end(site: Site, tmp_path: Path, tag: str):
    for number in range(1, 5):
        # The last page leads back to the first.
        more = f'<{tag} rel="nofollow next" href="?page={number % 4 + 1}#top"></{tag}>'
        site.put(f"/p?page={number}", lamp(f"Text {number}.", 3, more))
    table = collect(site, tmp_path, "/p?page=1")
    assert sorted(table["text"]) == [f"Text {number}." for number in range(1, 5)]
    assert site.asked() == ["/robots.txt", *(f"/p?page={number}" for number in range(1, 5))]


def test_pages_already_saved_are_not_asked_for_again(site: Site, tmp_path: Path):
    more = '<link rel="next" href="/second">'
    site.put("/first", lamp("First.", 3, more))
    assert len(collect(site, tmp_path, "/first")) == 1
    site.put("/second", lamp("Second.", 3))
    site.requests.clear()
    assert len(collect(site, tmp_path, "/first")) == 2
    assert site.asked() == ["/robots.txt", "/second"]


def test_no_more_pages_than_allowed(site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    for number in range(10):
        more = f'<link rel="next" href="/{number + 1}">'
        site.put(f"/{number}", lamp(f"Text {number}.", 3, more))
    assert len(collect(site, tmp_path, "/0", max_pages=3)) == 3
    assert "max_pages" in caplog.text


# Manners


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", ["/open", "/open?reviews=all"]),
        ("User-agent: *\nDisallow: /*?reviews=", ["/open", "/private"]),
        (f"User-agent: {AGENT}\nDisallow: /\nAllow: /open$\n\nUser-agent: *\nAllow: /", ["/open"]),
        ("User-agent: other\nDisallow: /", ["/open", "/private", "/open?reviews=all"]),
        ("nonsense \x00 : :", ["/open", "/private", "/open?reviews=all"]),
    ],
)
def test_robots_txt_is_honoured(site: Site, tmp_path: Path, robots: str, allowed: list[str]):
    site.put("/robots.txt", robots, Content_Type="text/plain")
    paths = ["/open", "/private", "/open?reviews=all"]
    for path in paths:
        site.put(path, lamp(path, 4))
    assert sorted(collect(site, tmp_path, *paths)["text"]) == sorted(allowed)
    assert sorted(site.asked()) == sorted(["/robots.txt", *allowed])


def test_a_redirect_does_not_lead_round_robots_txt(site: Site, tmp_path: Path):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private", Content_Type="text/plain")
    site.put("/door", "", status=301, Location="/private")
    site.put("/private", lamp("Secret.", 4))
    with pytest.raises(DataError):
        collect(site, tmp_path, "/door")
    assert site.asked() == ["/robots.txt", "/door"]


def test_a_site_whose_robots_txt_fails_is_left_alone(site: Site, tmp_path: Path):
    site.put("/robots.txt", "", status=503)
    site.put("/lamp", lamp("Bright.", 4))
    with pytest.raises(DataError):
        collect(site, tmp_path, "/lamp")
    assert site.asked() == ["/robots.txt"]


def test_the_scraper_says_who_it_is(site: Site, tmp_path: Path):
    site.put("/lamp", lamp("Bright.", 4))
    collect(site, tmp_path, "/lamp")
    assert {agent for _, agent in site.requests} == {"review-sentiment (+me@example.org)"}


@pytest.mark.parametrize(("crawl_delay", "expected"), [("", 2.0), ("Crawl-delay: 7", 7.0)])
def test_there_is_a_wait_before_every_page(
    site: Site, tmp_path: Path, crawl_delay: str, expected: float
):
    site.put(
        "/robots.txt", f"User-agent: *\n{crawl_delay}\nDisallow: /x", Content_Type="text/plain"
    )
    for path in ("/a", "/b", "/c"):
        site.put(path, lamp(path, 4))
    assert collect(site, tmp_path, "/a", "/b", "/c").attrs["waits"] == [expected] * 3


# The command


def test_the_command_writes_a_table_that_the_pipeline_reads(
    site: Site, fresh_project: Path, settings: dict[str, Any]
):
    for number in range(60):
        rating, word = (5, "great") if number % 2 else (1, "awful")
        text = f"Number {number} is {word}."
        site.put(f"/{number}", lamp(text, rating))
    roles = {name: name for name in ("text", "product", "date")}
    scraped = {"path": "data/scraped/reviews.csv", "label": "rating", "rating_threshold": 4}
    settings["datasets"]["scraped"] = scraped | roles
    settings["scrape"]["max_pages"] = 100
    config = fresh_project / "config.yaml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    addresses = [site.url(f"/{number}") for number in range(60)]
    answer = CliRunner().invoke(main, ["--config", str(config), *addresses])
    assert answer.exit_code == 0, answer.output
    cli.run_stages(["data"], config, "scraped")
    assert len(pd.read_parquet(fresh_project / "data" / "processed" / "train.parquet")) == 48
