"""The website: it says what projects say, nothing else gets in, and nothing good is lost."""

import json
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import builder
import pytest
import yaml
from click.testing import CliRunner
from reader import Reader
from support import ROOT

from portfolio import profile, workspace
from portfolio.cli import cli
from portfolio.contract import load
from portfolio.site import pages
from portfolio.workspace import Workspace

BASE = "https://ada-example.github.io/"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def six(tmp_path_factory) -> Path:
    """A folder with a project of each domain."""
    folder = tmp_path_factory.mktemp("six")
    for domain in builder.PACKAGES:
        builder.build(folder, domain)
    return folder


@pytest.fixture
def here(six, tmp_path) -> Workspace:
    """A workspace with a copy of them."""
    shutil.copytree(six, tmp_path, dirs_exist_ok=True)
    names = sorted(folder.name for folder in six.iterdir())
    workspace.save(
        Workspace(
            tmp_path,
            name="Ada Example",
            github_username="ada-example",
            about="Says how sure a number is.",
            contacts={"email": "ada@example.org"},
            projects=tuple(names),
        )
    )
    return workspace.read(tmp_path)


def built(here: Workspace, url: str | None = None) -> Path:
    """The site's folder, just built."""
    pages.build(here, here.root / "site", url)
    return here.root / "site"


def portfolio(here: Workspace, monkeypatch, *arguments: str) -> tuple[int, str]:
    """Run a command in the workspace: its exit code, and what it said."""
    monkeypatch.chdir(here.root)
    done = CliRunner().invoke(cli, ["site", *arguments])
    return done.exit_code, done.output


def html(site: Path) -> dict[str, Reader]:
    """All pages, by their path in the site."""
    return {
        file.relative_to(site).as_posix(): Reader(file) for file in sorted(site.rglob("*.html"))
    }


def test_every_project_is_shown_with_what_it_found(here):
    site = built(here)
    shown = html(site)
    assert set(shown) == {
        "index.html",
        "404.html",
        "about/index.html",
        *(f"projects/{name}/index.html" for name in here.projects),
    }
    home = shown["index.html"]
    assert "Says how sure a number is." in home.text
    assert "mailto:ada@example.org" in home.all("a", "href")
    assert len(home.all("img", "src")) == len(here.projects)
    for name in here.projects:
        project, page = load(here.root / name), shown[f"projects/{name}/index.html"]
        headline, metric = project.results.business.headline, project.results.primary_metric
        for part in (headline.rstrip("."), f"{metric.value:.3f} ({metric.low:.3f} to"):
            assert part in page.text
            assert part in home.text
        for part in ("Who decides what by it.", "The contract counts most.", builder.WORDS):
            assert part in page.text
        for part in ("How it works", *project.results.skills):
            assert part in page.text
        assert ("Model card" in page.text) == project.served
        assert "Run it" not in page.text
        github = f"https://github.com/ada-example/{name}"
        assert {github, f"{github}/blob/HEAD/notebooks/01_explore.ipynb"} <= set(
            page.all("a", "href")
        )


def test_every_page_is_found_shared_and_needs_nothing_from_elsewhere(here):
    site = built(here)
    for path, page in html(site).items():
        address = urljoin(BASE, path.removesuffix("index.html"))
        assert "default-src 'none'" in " ".join(page.all("meta", "content"))
        assert not [src for src in page.all("img", "src") if urlsplit(src).scheme]
        for tag, attrs in page.tags:
            assert tag not in ("style", "iframe", "form")
            assert not [name for name in attrs if name.startswith("on") or name == "style"]
            assert tag != "script" or attrs == {"type": "application/ld+json"}
            if tag == "img":
                assert {"width", "height", "alt", "srcset", "sizes"} <= set(attrs)
        if path == "404.html":
            continue
        links = {attrs["rel"]: attrs["href"] for tag, attrs in page.tags if tag == "link"}
        assert links["canonical"] == address
        said = {attrs.get("property"): attrs.get("content") for tag, attrs in page.tags}
        assert said["og:url"] == address
        picture = site / said["og:image"].removeprefix(BASE)
        assert picture.is_file()
        kind = "CreativeWork" if path.startswith("projects") else "Person"
        data = json.loads(page.data)
        assert (data["@type"], data["url"]) == (kind, address if kind != "Person" else BASE)
    places = ElementTree.parse(site / "sitemap.xml").getroot()
    listed = {place[0].text for place in places}
    assert listed == {
        urljoin(BASE, path.removesuffix("index.html")) for path in html(site) if path != "404.html"
    }
    feed = ElementTree.parse(site / "feed.xml").getroot()
    assert len(feed.findall("{*}entry")) == 5, "one for each published model"
    assert "AE" in (site / "favicon.svg").read_text("utf-8")
    assert f"Sitemap: {BASE}sitemap.xml" in (site / "robots.txt").read_text("utf-8")


def test_all_links_inside_are_alive(here):
    (here.root / "posts").mkdir()
    (here.root / "posts" / "2025-04-01-first.md").write_text("# First\n\nWhat I learned.\n")
    site = built(here)
    for path, page in html(site).items():
        ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
        files = [*page.all("img", "src"), *page.all("link", "href")]
        files += [one.split()[0] for many in page.all("img", "srcset") for one in many.split(", ")]
        for href in [*page.all("a", "href"), *files]:
            if urlsplit(href).scheme:
                continue
            if href.startswith("#"):
                assert href[1:] in ids
                continue
            target = site / urlsplit(urljoin(f"/{path}", href)).path.lstrip("/")
            assert target.is_file() or (target / "index.html").is_file(), (path, href)


def test_nothing_that_projects_say_becomes_a_tag(here):
    folder = here.root / here.projects[1]
    for name in ("README.md", "MODEL_CARD.md"):
        file = folder / name
        text = file.read_text("utf-8").replace("The contract counts most.", HOSTILE)
        links = (
            "[a](javascript:alert(1)) [b](data:text/html,x) [c](file:///etc/passwd) [d](//x.org)"
        )
        pictures = "![e](https://example.org/e.png) ![f](../other/f.png) ![g](/etc/hosts)"
        text = text.replace(builder.WORDS, f"{builder.WORDS}\n\n{links}\n\n{pictures}\n\n{HOSTILE}")
        file.write_text(f"{text}\n\n{HOSTILE}\n", encoding="utf-8")
    metrics = folder / "reports" / "metrics.json"
    content = json.loads(metrics.read_text("utf-8"))
    content["business"]["headline"] = content["dataset"]["name"] = f"</script>{HOSTILE}"
    content["skills"] = [HOSTILE]
    metrics.write_text(json.dumps(content), encoding="utf-8")
    figures = folder / "reports" / "figures.json"
    figures.write_text(figures.read_text("utf-8").replace("What headline is", '\\"><b>'), "utf-8")
    site = built(replace(here, about=HOSTILE, name=f"Ada {HOSTILE}", tools=(HOSTILE,)))
    assert "alert(1)" in html(site)[f"projects/{folder.name}/index.html"].text
    for page in html(site).values():
        scripts = [attrs for tag, attrs in page.tags if tag == "script"]
        assert all(attrs == {"type": "application/ld+json"} for attrs in scripts)
        assert not [tag for tag, _ in page.tags if tag == "b"]
        assert not [attrs for _, attrs in page.tags if "onerror" in attrs]
        for href in [*page.all("a", "href"), *page.all("img", "src")]:
            assert urlsplit(href).scheme in ("", "https", "mailto"), href
            assert not href.startswith("//")
        json.loads(page.data or "{}")
    ElementTree.parse(site / "feed.xml")
    ElementTree.parse(site / "favicon.svg")


def test_nothing_private_is_in_it(here):
    secret = "vErYpRiVaTe"
    private = here.private / "posts" / "week-01.md"
    private.parent.mkdir(parents=True)
    private.write_text(f"# {secret}\n", encoding="utf-8")
    builder.picture(here.private / f"{secret}.png")
    folder = here.root / here.projects[1]
    readme = (folder / "README.md").read_text("utf-8")
    leads = f"![x](../private/{secret}.png) [x](../private/posts/week-01.md)"
    (folder / "README.md").write_text(readme.replace("Who decides", f"{leads} Who"), "utf-8")
    figures = (folder / "reports" / "figures.json").read_text("utf-8")
    figures = figures.replace("reports/figures/headline.png", f"../private/{secret}.png")
    (folder / "reports" / "figures.json").write_text(figures, encoding="utf-8")
    (here.root / "about.md").write_text("![x](private/" + secret + ".png) ![x](" + secret + ")")
    (here.root / "posts").mkdir()
    (here.root / "posts" / "2025-04-01-first.md").symlink_to(private)
    hidden = builder.build(here.private, "nlp", slug=secret)
    here = replace(here, projects=(*here.projects, f"private/{hidden.name}"))
    site = built(here)
    for file in site.rglob("*"):
        assert secret not in file.name
        assert file.is_dir() or secret.encode() not in file.read_bytes()
    assert "a picture" in " ".join(pages.build(here, site, None))
    (folder / "MODEL_CARD.md").unlink()
    (folder / "MODEL_CARD.md").symlink_to(private)
    assert "leads out of the project" in " ".join(pages.build(here, site, None))
    assert not (site / "projects" / folder.name).exists()


def test_the_author_s_words_posts_and_bullets(here, monkeypatch):
    (here.root / "about.md").write_text("I like *short* intervals.\n", encoding="utf-8")
    (here.root / "posts").mkdir()
    for name, text in {
        "2025-04-01-first.md": "# First\n\nWhat I learned.",
        "2025-05-01-second.md": "# Second\n\nMore.",
        "no-day.md": "# Third",
        "2025-13-01-no-day.md": "# Fourth",
    }.items():
        (here.root / "posts" / name).write_text(text, encoding="utf-8")
    code, said = portfolio(here, monkeypatch, "build")
    assert code == 0
    assert "no-day.md: left out" in said
    assert "2025-13-01-no-day.md: left out" in said
    shown = html(here.root / "site")
    assert "I like short intervals." in shown["about/index.html"].text
    assert builder.TITLES["tabular"] in shown["about/index.html"].text
    posts = shown["posts/index.html"].text
    assert posts.index("Second") < posts.index("What I learned.")
    assert "Third" not in posts
    feed = (here.root / "site" / "feed.xml").read_text("utf-8")
    assert feed.index("Second") < feed.index("First") < feed.index(builder.TITLES["tabular"])


def test_what_a_project_lacks_is_left_out_and_said(here, monkeypatch):
    bare = builder.build(here.root, "tabular", slug="bare", written=False, synthetic=True)
    (bare / "reports" / "figures" / "headline.png").write_bytes(b"no picture")
    begun = builder.build(here.root, "nlp", slug="begun", ran=False)
    broken = builder.build(here.root, "cv", slug="broken")
    (broken / "reports" / "data.json").write_text("{", encoding="utf-8")
    (broken / "reports" / "explain.json").write_text("{", encoding="utf-8")
    second = builder.build(here.root / "elsewhere", "tabular")
    more = (bare.name, begun.name, broken.name, f"elsewhere/{second.name}", "nowhere")
    more = replace(here, projects=(*here.projects, *more))
    workspace.save(more)
    code, said = portfolio(more, monkeypatch, "build")
    assert code == 0
    assert "bare: shown without a live link, “In my own words”" in said
    assert "headline.png: no picture that can be read" in said
    assert "Left out: broken/reports/explain.json: no JSON" in said
    assert "elsewhere/customer-churn: another is called so, too" in said
    assert "nowhere" in said
    shown = html(here.root / "site")
    page = shown["projects/bare/index.html"]
    assert "In my own words" not in page.text
    assert "synthetic data" in page.text
    assert "projects/begun/index.html" not in shown
    assert "projects/broken/index.html" not in shown


def test_the_final_table_is_one_markdown_file_too(here):
    site, projects = built(here), [load(here.root / name) for name in here.projects]
    assert profile.table(here, projects) in (site / "portfolio.md").read_text("utf-8")


def test_a_check_fails_when_a_page_and_its_project_part(here, monkeypatch):
    assert portfolio(here, monkeypatch, "build")[0] == 0
    assert portfolio(here, monkeypatch, "build", "--check") == (
        0,
        "site/ says what the projects say.\n",
    )
    metrics = here.root / here.projects[1] / "reports" / "metrics.json"
    metrics.write_text(metrics.read_text("utf-8").replace("150,000", "160,000"), "utf-8")
    before = {file: file.read_bytes() for file in (here.root / "site").rglob("*") if file.is_file()}
    code, said = portfolio(here, monkeypatch, "build", "--check")
    assert code == 1
    page = f"site/projects/{here.projects[1]}/index.html: not what the projects say now"
    assert page in said
    assert before == {
        file: file.read_bytes() for file in (here.root / "site").rglob("*") if file.is_file()
    }
    assert portfolio(here, monkeypatch, "build")[0] == 0
    assert portfolio(here, monkeypatch, "build", "--check")[0] == 0
    (here.root / "site" / "index.html").unlink()
    (here.root / "site" / "old.html").write_text("old")
    said = portfolio(here, monkeypatch, "build", "--check")[1]
    assert "site/index.html: missing" in said
    assert "site/old.html: no longer part of the site" in said


def test_a_picture_that_changed_replaces_the_old_one(here):
    site = built(here)
    figure = here.root / here.projects[1] / "reports" / "figures" / "headline.png"
    before = {file.name for file in (site / "assets").iterdir()}
    figure.write_bytes((ROOT / "tests" / "tool" / "wide.png").read_bytes())
    built(here)
    after = {file.name for file in (site / "assets").iterdir()}
    fresh = [name for name in after - before if name.startswith("headline")]
    assert {re.search(r"-(\d+)\.webp", name)[1] for name in fresh} == {"480", "960", "1000"}
    assert pages.differences(here, site, None) == []


def test_others_files_and_the_last_site_are_kept(here, monkeypatch):
    site = here.root / "site"
    site.mkdir()
    (site / "mine.txt").write_text("mine")
    code, said = portfolio(here, monkeypatch, "build")
    assert code == 2
    assert "holds files of others" in said
    assert [file.name for file in site.iterdir()] == ["mine.txt"]
    (site / "mine.txt").unlink()
    built(here)
    home = (site / "index.html").read_bytes()

    def stop(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pages, "_tidy", stop)
    with pytest.raises(KeyboardInterrupt):
        built(replace(here, about="Another sentence."))
    assert (site / "index.html").read_bytes() == home
    assert not list(here.root.glob(".site-*"))


@pytest.mark.parametrize(
    ("remote", "website", "url", "base"),
    [
        (None, None, None, BASE),
        ("https://github.com/Ada-Example/portfolio.git", None, None, f"{BASE}portfolio/"),
        ("git@github.com:ada-example/ada-example.github.io.git", None, None, BASE),
        (None, "https://ada.example/", None, "https://ada.example/"),
        (None, "https://ada.example/", "http://other.example/x", "http://other.example/x/"),
    ],
)
def test_the_address_is_said_or_follows_from_the_repository(here, remote, website, url, base):
    if remote:
        for command in (("init", "-q"), ("remote", "add", "origin", remote)):
            subprocess.run(["git", *command], cwd=here.root, check=True)
    contacts = {"website": website} if website else {}
    site = built(replace(here, contacts=contacts), url)
    assert f'rel="canonical" href="{base}"' in (site / "index.html").read_text("utf-8")
    missing = Reader(site / "404.html")
    assert urlsplit(base).path in missing.all("a", "href")
    assert f"{urlsplit(base).path}favicon.svg" in missing.all("link", "href")


def test_what_cannot_be_built_is_one_message(here, monkeypatch):
    code, said = portfolio(here, monkeypatch, "build", "--url", "example.org")
    assert code == 2
    assert "should begin with https://" in said
    workspace.save(replace(here, projects=()))
    code, said = portfolio(here, monkeypatch, "build")
    assert code == 2
    assert "No project can be shown" in said
    assert not (here.root / "site").exists()


def test_the_workflow_publishes_it(here, monkeypatch):
    code, said = portfolio(here, monkeypatch, "workflow")
    assert code == 2
    assert "say it as `template`" in said
    workspace.save(replace(here, template="gh:ada/ml-portfolio-template"))
    code, said = portfolio(here, monkeypatch, "workflow")
    assert code == 0
    text = (here.root / ".github" / "workflows" / "site.yml").read_text("utf-8")
    steps = yaml.safe_load(text)["jobs"]["site"]["steps"]
    wanted = 'uv tool install "git+https://github.com/ada/ml-portfolio-template.git"'
    assert [step["run"] for step in steps if "run" in step] == [
        wanted,
        "portfolio fetch",
        "npm install --ignore-scripts --no-audit --no-fund",
        "portfolio site build",
    ]
    assert portfolio(here, monkeypatch, "workflow")[0] == 2, "it is there, and may be changed"


def test_it_is_shown_as_github_pages_would(here):
    command = [sys.executable, "-m", "portfolio", "site", "serve", "--port", "0"]
    env = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command, cwd=here.root, env=env, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        try:
            address = server.stdout.readline().split()[0]
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert "Ada Example" in answer.read().decode()
            with pytest.raises(urllib.error.HTTPError) as missing:
                urllib.request.urlopen(f"{address}nowhere/", timeout=30)
            assert missing.value.code == 404
            assert "There is no such page" in missing.value.read().decode()
        finally:
            server.kill()
