"""README as a reader meets it: written by its author, short, with a picture at once."""

import re
from collections.abc import Iterator

from portfolio import prose, template
from portfolio.checks.item import Item, code, command, item, pages
from portfolio.contract import SECTIONS, Project
from portfolio.files import read_text
from portfolio.pages import HINT
from portfolio.proofs import live

MOST_WORDS = 1200
FIRST_SCREEN = 200  # words
# What cookiecutter.json proposes as title.
TITLES = {
    "foundations": "Mini-Analysis",
    "tabular": "Customer Churn",
    "nlp": "Review Sentiment",
    "cv": "Medical Imaging",
    "timeseries": "Demand Forecasting",
    "recsys": "Recommender",
}
TITLE = re.compile(r"^# +(.+?)[ #]*$", re.MULTILINE)


def words(project: Project) -> Iterator[Item]:
    """The author's sections are written, and nothing stands where the template left a place."""
    sections, asked = project.readme.sections, _questions()
    wrong = []
    for name in SECTIONS:
        body = sections.get(name, "")
        own = "\n".join(line for line in body.splitlines() if _plain(line) not in asked)
        if not prose.is_written(HINT.sub("", body)):
            wrong.append(f"“{name}” is not written")
        elif not prose.is_written(HINT.sub("", own)):
            wrong.append(f"“{name}” holds the template's questions alone")
    yield item("words", wrong, "your sections are written", "README.md, under that heading")
    left = {
        file.relative_to(project.root).as_posix(): HINT.search(prose.own_words(text))
        for file, text in pages(project).items()
    }
    wrong = [f"{name} still says {hint[0]!r}" for name, hint in left.items() if hint]
    yield item("template", wrong, "no hint of the template is left", "write it, or remove the line")


def title(project: Project) -> Iterator[Item]:
    """The title is the author's own."""
    found = TITLE.search(project.readme.text)
    proposed = TITLES[project.domain]
    wrong = [] if found else ["README.md has no title"]
    if found and found[1].strip().lower() == proposed.lower():
        wrong = [f"“{proposed}” is the template's title: every project of the kind has it"]
    yield item("title", wrong, "it is your own", "README.md: # What yours is about")


def screen(project: Project) -> Iterator[Item]:
    """It is short, and a picture of the results is on the first screen."""
    text = prose.COMMENT.sub("", project.readme.text)
    found = list(re.finditer(r"\S+", text))
    wrong = [f"{len(found):,} words"] if len(found) > MOST_WORDS else []
    remedy = f"at most {MOST_WORDS:,} words; the rest belongs into docs/"
    yield item("length", wrong, f"{len(found):,} words", remedy)
    if not project.results:
        return
    last = found[FIRST_SCREEN].start() if len(found) > FIRST_SCREEN else len(text)
    shown = [target for _, target in prose.pictures(text[:last]) if "://" not in target]
    wrong = [] if shown else [f"no picture in the first {FIRST_SCREEN} words"]
    yield item("screen", wrong, f"it begins with {code((shown or [''])[0])}", _remedy(project))


def online(project: Project) -> Iterator[Item]:
    """Somebody can try it without installing it."""
    if project.served:
        wrong = [] if live(project) else ["there is no live link"]
        good = f"it is at {project.config.live_url}"
        yield item("live", wrong, good, "config.yaml: live_url: https://…")


def _remedy(project: Project) -> str:
    return f"{command(project, 'report')} puts it into the block `headline`: keep that on top"


def _questions() -> set[str]:
    """The lines of all comments in the template's pages: its questions to the author."""
    files = (template.folder() / "templates").glob("**/*.md")
    comments = [found for file in files for found in prose.COMMENT.findall(read_text(file))]
    lines = (_plain(line) for comment in comments for line in comment.splitlines())
    return {line for line in lines if line}


def _plain(line: str) -> str:
    """A line's words alone, whatever marks stand around them."""
    return " ".join(re.findall(r"\w+", line.lower()))
