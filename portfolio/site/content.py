"""What the pages say: read from projects and workspace, with notes on what is not there."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from markupsafe import Markup

from portfolio import profile, resume
from portfolio.contract import SECTIONS, Figure, Project
from portfolio.errors import UserError
from portfolio.facts import facts
from portfolio.facts.sharing import prices_are_own
from portfolio.facts.words import interval, label, plural
from portfolio.facts.worth import plain
from portfolio.files import read_text
from portfolio.filling import fill
from portfolio.pages import places
from portfolio.proofs import live
from portfolio.prose import BLOCK, blocks
from portfolio.site import demos, images, markdown
from portfolio.site.demos import Offer
from portfolio.workspace import Workspace

LEFT_OUT = ("Run it", "In production")  # for those who run it, not for those who read
BADGE = re.compile(r"^\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)[ \t]*$", re.MULTILINE)
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})-")
# How wide a picture is shown: alone in the text, and beside a project in the table.
COLUMN, THUMBNAIL = "(max-width: 760px) 94vw, 720px", "(max-width: 800px) 94vw, 370px"


@dataclass
class Assets:
    """The folder with the site's pictures, `root` as a page sees the site, and what was noticed."""

    folder: Path
    notes: list[str] = field(default_factory=list)

    def picture(
        self, source: Path, alt: str, root: str, *, eager: bool = False, sizes: str = COLUMN
    ) -> Markup:
        """A picture as HTML; nothing where it cannot be read, which is noted."""
        try:
            made = images.publish(source, self.folder)
        except UserError as error:
            self.notes.append(error.message)
            return Markup()
        files = {width: f"{root}assets/{name}" for width, name in made.sizes.items()}
        sources = ", ".join(f"{name} {width}w" for width, name in files.items())
        when = 'fetchpriority="high"' if eager else 'loading="lazy"'
        return Markup(
            f'<img src="{files[min(files, key=lambda width: abs(width - 960))]}" '
            f'srcset="{sources}" sizes="{sizes}" '
            f'width="{made.width}" height="{made.height}" alt="{escape(alt)}" {when}>'
        )


@dataclass(frozen=True)
class Section:
    """A part of a page below a heading."""

    heading: str
    html: Markup

    @property
    def id(self) -> str:
        """Where links lead."""
        return markdown.slug(self.heading)


@dataclass(frozen=True)
class Step:
    """A box of the drawing: what happens, with what, and where its code is."""

    name: str
    says: str
    address: str


@dataclass(frozen=True)
class Page:
    """A project's page. What the project does not have is empty."""

    row: profile.Row
    name: str
    title: str
    decision: Markup
    summary: str
    headline: str
    synthetic: bool
    picture: Markup
    caption: str
    drawn: Path | None
    thumbnail: Markup
    metric: str
    data: Markup
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    model_card: Markup
    notebooks: tuple[tuple[str, str], ...]
    card: str
    created: str | None
    offer: Offer | None

    @property
    def path(self) -> str:
        """Its folder in the site."""
        return f"projects/{quote(self.name)}/"

    @property
    def key_skills(self) -> list[str]:
        """What it shows that its author can do, beside the domain."""
        skills = (skill.strip() for skill in self.row.skills.split(","))
        return [skill for skill in skills if skill not in ("", self.row.domain)]


@dataclass(frozen=True)
class Post:
    """A post that the author publishes: a file `posts/YYYY-MM-DD-name.md` of the workspace."""

    name: str
    title: str
    day: date
    html: Markup


def project_page(
    here: Workspace, project: Project, row: profile.Row, assets: Assets, first: bool
) -> Page:
    """All that a project's page shows, with a note on each thing that it lacks.

    `first`: it is the first of the table, whose picture is seen at once.

    Raises:
        UserError: a report of the project is damaged.
    """
    _refuse_leading_out(project.root)
    readme, root = project.readme.text.replace("\r\n", "\n"), "../../"
    missing = _missing(project)
    prose = _reader(project, row.address, assets, root)
    decision, data = _opening(readme)
    figure = project.headline_figure
    drawn = figure and _picture(project, figure)
    shown = figure and f"{figure.title}. {figure.alt}"
    metadata = project.metadata
    offer = demos.made(project, here.root, assets.notes)
    if missing:
        assets.notes.append(f"{project.name}: shown without {', '.join(missing)}.")
    return Page(
        row=row,
        name=project.name,
        title=project.title,
        decision=prose(decision, "the decision"),
        summary=_sentence(decision) or row.domain,
        headline=_headline(project),
        synthetic=bool(project.results and project.results.dataset.synthetic),
        picture=assets.picture(drawn, shown, root, eager=True) if drawn else Markup(),
        caption=figure.title if figure else "",
        drawn=drawn,
        thumbnail=(
            assets.picture(drawn, shown, "", eager=first, sizes=THUMBNAIL) if drawn else Markup()
        ),
        metric=_metric(project),
        data=prose(data, "the data"),
        sections=tuple(_sections(project, readme, prose)),
        steps=tuple(_steps(project, row.address)),
        model_card=_model_card(project, prose),
        notebooks=tuple(_notebooks(project, row.address)),
        card=card([drawn] if drawn else [], assets),
        created=_time(metadata.created) if metadata else None,
        offer=offer,
    )


def _refuse_leading_out(root: Path) -> None:
    """Refuse a project whose documents or pictures are links to files of others.

    Raises:
        UserError: one of them is.
    """
    kinds = ("*.md", "*.yaml", "reports/*.json", "reports/**/*.png", "models/**/*.json")
    for file in (file for kind in kinds for file in root.glob(kind)):
        if not file.resolve().is_relative_to(root.resolve()):
            raise UserError(f"{file} is a link that leads out of the project.")


def bullets(project: Project) -> list[tuple[str, str]]:
    """What its results prove, as a résumé says it, each with what it stands on that others may
    not accept."""
    known, own, found = facts(project), prices_are_own(project), []
    short = {resume.SYNTHETIC: "synthetic data", resume.EXAMPLES: "example prices"}
    for text in resume.read()["bullets"][project.domain]:
        if bullet := fill(text, known):
            marks = [short[warning] for warning in resume.warnings(text, known, own)]
            found.append((bullet, ", ".join(marks)))
    return found


def words(here: Workspace, name: str, assets: Assets, root: str) -> Markup:
    """A Markdown file of the workspace; nothing where there is none."""
    file = here.root / name
    if not file.is_file() or is_private(here, file):
        return Markup()
    return _own(here, file, read_text(file), assets, root)


def posts(here: Workspace, assets: Assets) -> list[Post]:
    """What lies in the workspace's `posts/`, the newest first; a name without a day is noted."""
    found = []
    for file in sorted((here.root / "posts").glob("*.md"), reverse=True):
        if is_private(here, file):
            assets.notes.append(f"{file}: left out; it is a link into {here.private.name}/.")
            continue
        try:
            day = date.fromisoformat(DAY.match(file.name)[1])
        except (TypeError, ValueError):
            assets.notes.append(f"{file}: left out; its name should begin like 2026-01-31-.")
            continue
        title, _, body = read_text(file).strip().partition("\n")
        html = _own(here, file, body, assets, "../", prefix=f"{file.stem}-")
        found.append(Post(file.stem, title.lstrip("# ").strip() or file.stem, day, html))
    return found


def is_private(here: Workspace, place: Path) -> bool:
    """Whether a place is, or leads, into what is nobody else's; clones there are of the web's."""
    whole, private = place.resolve(), here.private.resolve()
    return whole.is_relative_to(private) and not whole.is_relative_to(private / "clones")


def _own(
    here: Workspace, file: Path, text: str, assets: Assets, root: str, prefix: str = ""
) -> Markup:
    """A text of the workspace: links lead to the web, pictures lie beside it and not in private."""

    def picture(address: str, alt: str) -> Markup:
        found = _inside(file.parent, address)
        shown = found and not is_private(here, found)
        return assets.picture(found, alt, root) if shown else Markup(escape(alt))

    def link(href: str) -> str | None:
        return href if markdown.allowed(href) else None

    made = markdown.render(text, link, picture, within=file.stem, lower=1, prefix=prefix)
    return Markup(made)


def _reader(project: Project, address: str, assets: Assets, root: str) -> Callable[..., Markup]:
    """What turns the project's Markdown to HTML: paths lead to its repository on GitHub."""

    def link(href: str) -> str | None:
        if markdown.allowed(href):
            return href
        path = _path(href)
        if markdown.has_scheme(href) or path is None or not (project.root / path).exists():
            return None
        kind = "tree" if (project.root / path).is_dir() else "blob"
        return f"{address}/{kind}/HEAD/{quote(path)}"

    def picture(source: str, alt: str) -> Markup:
        file = _inside(project.root, source)
        return assets.picture(file, alt, root) if file else Markup(escape(alt))

    def prose(text: str, within: str, lower: int = 0, prefix: str = "") -> Markup:
        made = markdown.render(text, link, picture, within=within, lower=lower, prefix=prefix)
        return Markup(made)

    return prose


def _path(href: str) -> str | None:
    """A relative address as a path inside the project; None for one that leads out of it."""
    path = PurePosixPath(unquote(re.split("[#?]", href)[0]))
    inside = path.parts and not path.is_absolute() and ".." not in path.parts
    return path.as_posix() if inside else None


def _inside(folder: Path, address: str) -> Path | None:
    """The file of a relative address, where it lies below the folder, links followed."""
    path = None if markdown.has_scheme(address) else _path(address)
    file = path and (folder / path).resolve()
    return file if file and file.is_file() and file.is_relative_to(folder.resolve()) else None


def _picture(project: Project, figure: Figure) -> Path | None:
    """The file of a figure, where it lies in the project."""
    return _inside(project.root, figure.file) or _inside(project.root / "reports", figure.file)


def _opening(readme: str) -> tuple[str, str]:
    """What stands before the first section, without badges: above the headline, and below it."""
    found = places(readme)
    start = next((one.start for one in found if one.level == 1), 0)
    after = next((one.start for one in found if one.level > 1), None)
    end = len(readme) if after is None else readme.rindex("\n#", 0, after) + 1
    parts = re.split(r"<!-- /?headline -->", BADGE.sub("", readme[start:end]))
    above, below = parts[0], parts[-1] if len(parts) > 1 else ""
    return _without(above, "live"), _without(below, "live")


def _without(text: str, *names: str) -> str:
    """The text without these blocks, and others without their marks."""
    return BLOCK.sub(lambda found: "" if found[1] in names else found[2], text)


def _sections(project: Project, readme: str, prose: Callable[..., Markup]) -> Sequence[Section]:
    """The README's sections up to how it is run, without what nobody has written yet."""
    found = []
    for place in places(readme):
        if place.name in LEFT_OUT:
            break
        unwritten = place.name in SECTIONS and not project.readme.is_written(place.name)
        if place.level == 2 and not unwritten:
            html = prose(
                _without(place.body(readme)), place.name, prefix=f"{markdown.slug(place.name)}-"
            )
            if html.strip():
                found.append(Section(place.name, html))
    return found


def _sentence(text: str) -> str:
    """The first paragraph, without marks, for search engines."""
    for part in markdown.without_comments(text).split("\n\n"):
        line = " ".join(part.split())
        if line and not line.startswith((">", "#", "<", "|", "[!", "![", "- ")):
            return re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", line)
    return ""


def _headline(project: Project) -> str:
    """The finding; of a project without money, what its README's first screen says in bold."""
    results = project.results
    if results and results.business:
        return plain(results.business.headline)
    found = re.search(r"\*\*(.+?)\*\*", blocks(project.readme.text).get("headline", ""), re.DOTALL)
    return plain(" ".join(found[1].split())) if found else ""


def _metric(project: Project) -> str:
    """The metric of the chosen model, with its interval."""
    metric = project.results and project.results.primary_metric
    return f"{label(metric.name)} {interval(vars(metric))}" if metric else ""


def _steps(project: Project, address: str) -> list[Step]:
    """How data become an answer, each with the code that does it."""
    results, code = project.results, f"{address}/tree/HEAD/src/{project.package}"
    if not results:
        return []
    rows = f"{results.dataset.name}, {plural(results.dataset.rows, 'row', 'rows')}"
    found = [Step("Data", rows, code)]
    if results.models:
        found.append(
            Step("Train", plural(len(results.models), "model compared", "models compared"), code)
        )
    if metric := _metric(project):
        found.append(Step("Evaluate", metric, code))
    if project.explanation:
        found.append(Step("Explain", "what predictions rest on", code))
    if project.version:
        found.append(Step("Publish", f"version {project.version}", f"{address}/tree/HEAD/models"))
    for folder, name, says in (("api", "Serve", "an API"), ("dashboard", "Show", "a dashboard")):
        if (project.root / folder).is_dir():
            found.append(Step(name, says, f"{address}/tree/HEAD/{folder}"))
    if (project.root / ".github/workflows/monitor.yml").is_file():
        found.append(Step("Watch", "drift and outcomes", f"{address}/tree/HEAD/.github/workflows"))
    return found


def _model_card(project: Project, prose: Callable[..., Markup]) -> Markup:
    """The model card without its title."""
    file = project.root / "MODEL_CARD.md"
    if not file.is_file():
        return Markup()
    text = read_text(file).replace("\r\n", "\n")
    start = next((one.start for one in places(text) if one.level == 1), 0)
    return prose(_without(text[start:]), "the model card", lower=1, prefix="card-")


def _notebooks(project: Project, address: str) -> list[tuple[str, str]]:
    """The notebooks' names and addresses."""
    files = sorted(project.root.glob("notebooks/*.ipynb"))
    return [(file.stem, f"{address}/blob/HEAD/notebooks/{quote(file.name)}") for file in files]


def card(sources: list[Path], assets: Assets) -> str:
    """The picture for those who share the page; nothing without any, or where it is unreadable."""
    try:
        return images.card(sources, assets.folder) if sources else ""
    except UserError:  # noted where the picture itself is shown
        return ""


def _time(text: str | None) -> str | None:
    """A time as feeds want it; None where it is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).isoformat()


def _missing(project: Project) -> list[str]:
    """What a reader would miss on its page."""
    results = project.results
    parts = {
        "results": results,
        "a headline": _headline(project),
        "a picture": project.headline_figure and _picture(project, project.headline_figure),
        "its money": not project.served or (results and results.business),
        "a model card": not project.served or (project.root / "MODEL_CARD.md").is_file(),
        "a live link": not project.served or live(project),
    }
    parts |= {f"“{name}”": project.readme.is_written(name) for name in SECTIONS}
    return [name for name, there in parts.items() if not there]
