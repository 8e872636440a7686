"""Writing the website: pages from templates, whole or not at all."""

import filecmp
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

import jinja2
from markupsafe import Markup

from portfolio import git, profile, roadmap
from portfolio.contract import Project
from portfolio.errors import UserError
from portfolio.files import write_text
from portfolio.site import content, demos, markdown
from portfolio.site.content import Assets, Page, Post
from portfolio.workspace import Workspace

HTML = Path(__file__).with_name("html")
MARK = ".portfolio-site"  # in a folder that this command has written
SUMMARY = "portfolio.md"


@dataclass(frozen=True)
class Entry:
    """What the feed tells of: `day` is a time as RFC 3339 has it."""

    title: str
    path: str
    day: str
    summary: str


def build(here: Workspace, folder: Path, url: str | None) -> list[str]:
    """Write the whole site into `folder`; return what projects and workspace lack.

    Raises:
        UserError: the folder holds something else, or no project can be shown.
    """
    if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
        raise UserError(f"{folder} holds files of others, so it stays as it is: move it away.")
    with TemporaryDirectory(dir=here.root, prefix=".site-") as place:
        made = Path(place, "site")
        made.mkdir()
        if (folder / MARK).is_file():  # pictures that are there are not made again
            shutil.copytree(folder / "assets", made / "assets", dirs_exist_ok=True)
        notes = write(here, made, url)
        if folder.exists():
            folder.replace(Path(place, "before"))
        made.replace(folder)
    return notes


def differences(here: Workspace, folder: Path, url: str | None) -> list[str]:
    """In which files the site differs from what it would be if it was built now."""
    with TemporaryDirectory() as place:
        fresh = Path(place)
        if (folder / "assets").is_dir():
            shutil.copytree(folder / "assets", fresh / "assets")
        write(here, fresh, url)
        names = sorted({file.relative_to(top) for top in (folder, fresh) for file in _files(top)})
        return [
            f"{folder.name}/{name.as_posix()}: {what}"
            for name in names
            if (what := _difference(folder / name, fresh / name))
        ]


def _difference(old: Path, new: Path) -> str:
    if not old.is_file():
        return "missing"
    if not new.is_file():
        return "no longer part of the site"
    return "" if filecmp.cmp(old, new, shallow=False) else "not what the projects say now"


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def write(here: Workspace, folder: Path, url: str | None) -> list[str]:
    """Write the site's files into an empty folder, or one with its pictures alone."""
    projects, problems = roadmap.known(here)
    (folder / "assets").mkdir(exist_ok=True)
    assets = Assets(folder / "assets", [f"Left out: {problem}" for problem in problems])
    projects, pages = list(_public(here, projects, assets)), []
    for row in profile.rows(here, projects):
        if row.project:
            try:
                pages.append(content.project_page(here, row.project, row, assets, not pages))
            except UserError as error:
                assets.notes.append(f"Left out: {error.message}")
    if not pages:
        raise UserError(
            "No project can be shown: run `all` in one, and list it in portfolio.yaml "
            "(`portfolio fetch` clones those that are addresses)."
        )
    _pages(here, folder, _base(here, url), pages, assets)
    write_text(folder / SUMMARY, f"# {here.name}: projects\n\n{profile.table(here, projects)}\n")
    write_text(folder / MARK, "Written by `portfolio site build`: change projects, not this.\n")
    write_text(folder / ".gitignore", "*\n")
    write_text(folder / ".nojekyll", "")
    _tidy(folder)
    return assets.notes


def _public(here: Workspace, projects: Sequence[Project], assets: Assets) -> Iterator[Project]:
    """Those that may be shown, one of each name, as that is its address."""
    seen: set[str] = set()
    for project in projects:
        if content.is_private(here, project.root):
            assets.notes.append(f"Left out: {project.root} is private.")
        elif project.name.casefold() in seen:
            assets.notes.append(f"Left out: {project.root}: another is called so, too.")
        else:
            seen.add(project.name.casefold())
            yield project


def _pages(
    here: Workspace,
    folder: Path,
    base: str,
    pages: Sequence[Page],
    assets: Assets,
) -> None:
    style = (HTML / "style.css").read_text(encoding="utf-8")
    common = {
        "here": here,
        "base": base,
        "pages": pages,
        "contacts": _contacts(here),
        "posts": content.posts(here, assets),
        "about": content.words(here, "about.md", assets, "../"),
        "bullets": [(page, _bullets(page.row.project)) for page in pages],
        "style": f"style-{hashlib.sha256(style.encode()).hexdigest()[:12]}.css",
        "modules": demos.modules(),
        "card": content.card([page.drawn for page in pages if page.drawn], assets),
    }
    write_text(folder / "assets" / common["style"], style)
    write_text(folder / "favicon.svg", _favicon(here.name))
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HTML),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters["json"] = _json

    def page(file: str, name: str, root: str, **more: object) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        text = env.get_template(name).render(common | {"root": root, "page": None} | more)
        write_text(folder / file, text)

    person = _person(here, base, common["contacts"])
    page("index.html", "home.html", "", path="", data=person)
    page("about/index.html", "about.html", "../", path="about/", data=person)
    if common["posts"]:
        page("posts/index.html", "posts.html", "../", path="posts/", data=person)
    for one in pages:
        work = _work(one, base, person)
        file = f"projects/{one.name}/index.html"
        page(file, "project.html", "../../", path=one.path, page=one, data=work)
        for demo in one.offer.demos if one.offer else []:
            demo.write((folder / file).parent)
    if any(one.offer and one.offer.demos for one in pages):
        shutil.copytree(demos.JS, folder / common["modules"])
    # It is shown at any depth, so its links begin at the root of the address.
    page("404.html", "404.html", urlsplit(base).path, path="404.html", data=None)
    entries = _entries(pages, common["posts"])
    updated = max((entry.day for entry in entries), default=f"{here.first_day}T00:00:00+00:00")
    page("feed.xml", "feed.xml", "", entries=entries, updated=updated)
    for file in ("sitemap.xml", "robots.txt"):
        page(file, file, "")


def _entries(pages: Sequence[Page], posts: Sequence[Post]) -> list[Entry]:
    """What the feed tells, the newest first: models when they were published, and posts."""
    found = [
        Entry(page.title, page.path, page.created, page.headline or page.summary)
        for page in pages
        if page.created
    ]
    for post in posts:
        address = f"posts/#{quote(post.name)}"
        found.append(Entry(post.title, address, f"{post.day}T00:00:00+00:00", ""))
    return sorted(found, key=lambda entry: entry.day, reverse=True)


def _person(here: Workspace, base: str, contacts: Sequence[tuple[str, str, str]]) -> dict:
    """The author, as search engines read it (schema.org)."""
    same = [target for _, _, target in contacts if target.startswith("http") and target != base]
    known = {"@type": "Person", "name": here.name, "url": base, "sameAs": same}
    known |= {"description": here.about} if here.about else {}
    return {"@context": "https://schema.org", **known}


def _work(page: Page, base: str, person: dict) -> dict:
    """A project, as search engines read it (schema.org)."""
    author = {key: value for key, value in person.items() if key in ("@type", "name", "url")}
    found = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "name": page.title,
        "url": base + page.path,
        "author": author,
        "description": page.summary,
        "abstract": page.headline,
        "keywords": page.key_skills,
        "isBasedOn": page.row.address,
        "image": page.card and f"{base}assets/{page.card}",
        "dateModified": page.created,
    }
    return {key: value for key, value in found.items() if value}


def _tidy(folder: Path) -> None:
    """Remove pictures of an earlier site that no page shows any more."""
    text = "".join(
        file.read_text(encoding="utf-8")
        for file in _files(folder)
        if file.suffix in (".html", ".xml")
    )
    for file in (folder / "assets").iterdir():
        if file.name not in text:
            file.unlink()


def _base(here: Workspace, url: str | None) -> str:
    """The address of the site, which ends in a slash: as said, or on GitHub Pages."""
    asked = url or here.contacts.get("website")
    if asked:
        if not asked.startswith(("http://", "https://")) or not urlsplit(asked).hostname:
            raise UserError(f"{asked}: the site's address should begin with https://")
        return asked.rstrip("/") + "/"
    owner, _, name = (git.repository(here.root) or here.github_username).partition("/")
    home = f"https://{owner.lower()}.github.io/"
    return home if name.lower() in ("", f"{owner}.github.io".lower()) else f"{home}{quote(name)}/"


def _contacts(here: Workspace) -> list[tuple[str, str, str]]:
    """How people reach the author: the kind, what is shown, and the address, if it leads there."""
    found = []
    for name, value, target in profile.contacts(here):
        shown = value.removeprefix("mailto:").removeprefix("https://").rstrip("/")
        found.append((name, shown, target if markdown.allowed(target) else ""))
    return found


def _bullets(project: Project) -> list[tuple[str, str]]:
    """The résumé's bullets of a project; a project whose reports are damaged has none."""
    try:
        return content.bullets(project)
    except UserError:
        return []


def _favicon(name: str) -> str:
    """The author's initials in a square."""
    words = name.split()
    initials = "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()
    return jinja2.Template(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" '
        'rx="12" fill="#1f5f8b"/><text x="32" y="42" font-family="system-ui, sans-serif" '
        'font-size="28" font-weight="700" text-anchor="middle" fill="#fff">{{ initials }}</text>'
        "</svg>\n",
        autoescape=True,
    ).render(initials=initials)


def _json(value: object) -> Markup:
    """Data for a script element, which nothing in it can end."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))
