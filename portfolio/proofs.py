"""What projects and the workspace prove of the syllabus: each only work that was done."""

import re
from collections.abc import Callable, Sequence

from portfolio import git, private, prose
from portfolio.contract import SECTIONS, Project
from portfolio.errors import UserError
from portfolio.files import read_text
from portfolio.syllabus import Week
from portfolio.workspace import Workspace

LOCAL = re.compile(r"https?://(localhost|127\.|0\.0\.0\.0|\[::1?\])")
# Trees, alone and together, by words of their names.
TREES = re.compile(r"tree|forest|boost|xgb|lightgbm|lgbm")


def holds(proof: str, week: Week, projects: Sequence[Project], here: Workspace) -> bool:
    """Whether a proof holds in a week: by one of its projects; in a week of all, by every one; or
    by the workspace, where the proof is about that.

    What has a damaged file proves nothing by it.
    """
    own = [project for project in projects if project.domain in week.domains]
    if proof in WORKSPACE_PROOFS:
        try:
            return WORKSPACE_PROOFS[proof](here, week, own)
        except UserError:
            return False
    every = all if week.project == "all" else any
    return bool(own) and every(_holds(proof, project) for project in own)


def _holds(proof: str, project: Project) -> bool:
    try:
        return PROOFS[proof](project)
    except UserError:
        return False


def ran(project: Project) -> bool:
    """It has results."""
    return project.results is not None


def real(project: Project) -> bool:
    """Its results are about data that it did not make itself."""
    return ran(project) and not project.results.dataset.synthetic


def live(project: Project) -> bool:
    """It names an address on the web where it is served."""
    url = project.config.live_url or ""
    return url.startswith(("http://", "https://")) and not LOCAL.match(url)


def _has(project: Project, pattern: str) -> bool:
    return any(project.root.glob(pattern))


def _named(project: Project, *parts: str) -> bool:
    """Whether each of the parts is in the name of some model of the results."""
    names = [model.name.lower() for model in project.results.models] if ran(project) else []
    return all(any(part in name for name in names) for part in parts)


def _transformer(project: Project) -> bool:
    """Whether a transformer, fine-tuned or as it is, stands beside another model."""
    return (_named(project, "bert") or _named(project, "embeddings")) and _compared(project) >= 2


def _compared(project: Project) -> int:
    """How many models were compared, without the dummy."""
    models = project.results.models if ran(project) else ()
    return sum("dummy" not in model.name.lower() for model in models)


def _gain(project: Project) -> bool:
    """Whether the selected model differs from another, no dummy, by more than chance."""
    models = project.results.models if ran(project) else ()
    gaps = [model.difference for model in models if "dummy" not in model.name.lower()]
    known = [gap for gap in gaps if gap and None not in (gap.low, gap.high)]
    return any(not gap.low <= 0 <= gap.high for gap in known)


def _mapped(project: Project) -> bool:
    """Whether images were drawn to explain what the model sees in them."""
    examples = project.explanation.content.get("examples") if project.explanation else None
    return any(isinstance(one, dict) and one.get("file") for one in examples or [])


def _executed(project: Project) -> bool:
    """Whether there are notebooks, and each shows an output."""
    files = list(project.root.glob("notebooks/*.ipynb"))
    return bool(files) and all('"output_type"' in read_text(file) for file in files)


def _shown(project: Project) -> bool:
    parts = _has(project, "notebooks/*.ipynb") and _has(project, "api/*.py")
    return parts and ran(project) and git.on_github(project.root)


def _operated(project: Project) -> bool:
    parts = _has(project, "Dockerfile") and _has(project, ".github/workflows/*")
    return parts and project.metadata is not None and git.on_github(project.root)


def _served(project: Project) -> bool:
    parts = _has(project, "api/*.py") and _has(project, "Dockerfile")
    return parts and project.metadata is not None


PROOFS: dict[str, Callable[[Project], bool]] = {
    "ran": ran,
    "real": real,
    "live": live,
    "cleaned": lambda one: real(one) and one.receipt is not None,
    "pictures": lambda one: len(one.figures) >= 5,
    "explained": lambda one: one.readme.is_written("In my own words"),
    "decisions": lambda one: one.readme.is_written("Decisions"),
    "learned": lambda one: one.readme.is_written("What I learned"),
    "written": lambda one: all(one.readme.is_written(section) for section in SECTIONS),
    "notebook": lambda one: _executed(one) and git.on_github(one.root),
    "notebooks": _executed,
    "ladder": lambda one: _compared(one) >= 3,
    "modelled": lambda one: real(one) and _compared(one) >= 1,
    "gain": lambda one: (
        real(one)
        and _gain(one)
        and any(TREES.search(model.name.lower()) for model in one.results.models)
    ),
    "improved": lambda one: real(one) and _gain(one) and git.on_github(one.root),
    "transformer": _transformer,
    "maps": _mapped,
    "worth": lambda one: ran(one) and one.results.business is not None,
    "arima": lambda one: _named(one, "arima") or _named(one, "prophet"),
    "neural_forecast": lambda one: _named(one, "prophet", "lstm"),
    "shown": _shown,
    "demo": _served,
    "end_to_end": lambda one: _served(one) and real(one) and one.receipt is not None,
    "operated": _operated,
}


def _profiled(here: Workspace, week: Week, projects: Sequence[Project]) -> bool:
    """The profile page was pushed, and its table has every project."""
    page = here.root / "README.md"
    table = prose.blocks(read_text(page)).get("projects", "") if page.is_file() else ""
    names = [git.repository(one.root) or f"/{one.name}" for one in projects]
    listed = bool(names) and all(f"{name})" in table for name in names)
    return listed and git.on_github(here.root)


def _drafted(here: Workspace, week: Week, projects: Sequence[Project]) -> bool:
    """The week's posts are drafted."""
    return any((here.private / "posts").glob(f"week-{week.week:02}-*.md"))


def _hosted(here: Workspace, week: Week, projects: Sequence[Project]) -> bool:
    """The contacts name a website."""
    site = here.contacts.get("website", "")
    return site.startswith(("http://", "https://")) and not LOCAL.match(site)


def _practised(language: str, least: int) -> Callable[..., bool]:
    """So many questions were answered right before their solution was seen."""

    def proof(here: Workspace, week: Week, projects: Sequence[Project]) -> bool:
        files = (here.private / "practice").glob("*/progress.json")
        known = [row for file in files for row in _rows(private.recall(file).get(language))]
        return sum(row.get("passed") is True and not row.get("solution") for row in known) >= least

    return proof


def _interviewed(here: Workspace, week: Week, projects: Sequence[Project]) -> bool:
    """Twenty questions, four rounds of them, were answered."""
    cards = private.recall(here.private / "questions" / "answers.json").get("questions")
    return len(_rows(cards)) >= 20


def _rows(content: object) -> list[dict]:
    values = content.values() if isinstance(content, dict) else ()
    return [row for row in values if isinstance(row, dict)]


WORKSPACE_PROOFS: dict[str, Callable[[Workspace, Week, Sequence[Project]], bool]] = {
    "profile": _profiled,
    "drafted": _drafted,
    "told": lambda here, week, own: any(map(real, own)) and _drafted(here, week, own),
    "website": _hosted,
    "sql": _practised("sql", 10),
    "python": _practised("python", 5),
    "interviewed": _interviewed,
    "resume": lambda here, week, own: any(here.private.glob("bullets*.md")),
}
