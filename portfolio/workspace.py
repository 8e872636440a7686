"""The workspace: the folder with `portfolio.yaml`, in which a learner's projects come together."""

import datetime
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from portfolio.contract import SafeLoader
from portfolio.errors import UserError
from portfolio.files import read_text, write_text

FILE = "portfolio.yaml"
TRACKS = (24, 12)
TONES = ("learning-in-public", "upskilling")
ADDRESS = re.compile(r"[a-z][a-z+]*://|git@|gh:", re.IGNORECASE)
TOOLS = (
    "Python",
    "NumPy",
    "pandas",
    "SQL",
    "scikit-learn",
    "FastAPI",
    "Streamlit",
    "Docker",
    "Git",
)
# What stands above each key of a new file.
COMMENTS = {
    "name": "Your name, as it is to stand on pages, licences and posts.",
    "github_username": "Your name on GitHub.",
    "contacts": "Where people reach you, shown on the profile page: `email: …`, `website: https://…`",
    "about": "One sentence about you, for the website.",
    "currency": "Three-letter code of the currency that new projects count in.",
    "track": "Weeks of the syllabus: 24, or 12 for the fast track. Both ask for 18 hours a week.",
    "first_day": "The first day of week 1.",
    "tone": "How drafts speak: `learning-in-public` or `upskilling` (which never mentions a job).",
    "hashtags": "For drafts of posts, without the #; as many are added as there is room for.",
    "tools": "What the profile names.",
    "template": "Address of the template that new projects come from; null if it has none.",
    "projects": "Your projects: folders, seen from here, or addresses.",
}


class WorkspaceError(UserError):
    """There is no workspace, or its file says something that cannot be."""


@dataclass(frozen=True)
class Workspace:
    """What `portfolio.yaml` says, checked. `projects` are folders, seen from root, or addresses."""

    root: Path
    name: str
    github_username: str
    about: str = ""
    currency: str = "USD"
    track: int = 24
    first_day: datetime.date = field(default_factory=datetime.date.today)
    tone: str = "learning-in-public"
    contacts: dict[str, str] = field(default_factory=dict)
    hashtags: tuple[str, ...] = ("DataScience", "MachineLearning", "Python")
    tools: tuple[str, ...] = TOOLS
    template: str | None = None
    projects: tuple[str, ...] = ()

    @property
    def private(self) -> Path:
        """The folder for what is nobody else's: git ignores it."""
        return self.root / "private"

    def folder(self, entry: str) -> Path:
        """Where a project of the list lies: what is not here itself, in its clone if there is one.

        Raises:
            WorkspaceError: the address was not fetched yet.
        """
        clone = self.clone(self.address(entry))
        if not ADDRESS.match(entry):
            folder = self.root / entry
            return clone if not folder.exists() and (clone / ".git").is_dir() else folder
        if not (clone / ".git").is_dir():
            raise WorkspaceError(f"{entry}: an address that is not here yet: portfolio fetch")
        return clone

    def address(self, entry: str) -> str:
        """The address of a project of the list: of a folder, where it would be on GitHub."""
        if ADDRESS.match(entry):
            return entry
        return f"https://github.com/{self.github_username}/{Path(entry).name}"

    def clone(self, address: str) -> Path:
        """The place for a clone: it ends as the address does, OWNER/NAME."""
        parts = re.split(r"[/:\\]", address.strip("/").removesuffix(".git"))
        return self.private.joinpath("clones", *(one for one in parts[-2:] if one.strip(".")))

    def folders(self) -> Iterator[Path]:
        """The projects that are here, in the order of the file."""
        listed = (
            one for one in self.projects if not ADDRESS.match(one) or self.clone(one).is_dir()
        )
        return map(self.folder, listed)

    def addresses(self) -> Iterator[str]:
        """The projects that are addresses, and those whose folders are not on this machine."""
        away = (one for one in self.projects if not (self.root / one).exists())
        return map(self.address, away)

    def week(self, today: datetime.date) -> int:
        """The number of today's week: below 1 before the first day, above `track` at the end."""
        return (today - self.first_day).days // 7 + 1

    def days(self, week: int) -> tuple[datetime.date, datetime.date]:
        """The first and the last day of a week."""
        first = self.first_day + datetime.timedelta(weeks=week - 1)
        return first, first + datetime.timedelta(days=6)


def find(start: Path | None = None) -> Workspace:
    """The workspace that a folder (the current one) lies in.

    Raises:
        WorkspaceError: there is none there or above, or its file is wrong.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return read(folder)
    raise WorkspaceError(
        f"There is no {FILE} in {here} or above it. Go to your workspace, or make one: "
        "portfolio init FOLDER"
    )


def read(root: Path) -> Workspace:
    """Read a workspace's file.

    Raises:
        WorkspaceError: the file is no YAML, has an unknown key, lacks one, or a value is wrong.
    """
    return _parse(read_text(root / FILE), root)


def save(workspace: Workspace) -> None:
    """Write the workspace's file: new with comments, or only the values that have changed.

    Raises:
        WorkspaceError: a value is wrong; nothing is written.
    """
    file = workspace.root / FILE
    wanted = _parse(_whole(workspace), workspace.root)
    if not file.is_file():
        write_text(file, _whole(wanted))
        return
    text = read_text(file)
    before = _parse(text, workspace.root)
    for key in COMMENTS:
        if getattr(before, key) != getattr(wanted, key):
            text = _changed(text, key, getattr(before, key), getattr(wanted, key))
    if text != read_text(file):
        # An odd file may be beyond changing one value at a time: then it is written anew.
        try:
            same = _parse(text, workspace.root) == wanted
        except WorkspaceError:
            same = False
        write_text(file, text if same else _whole(wanted))


def add_project(workspace: Workspace, project: Path | str) -> Workspace:
    """Add a folder or an address to the list, and save; what is listed is not added again."""
    entry = str(project)
    if isinstance(project, Path):
        here, there = workspace.root.resolve(), project.resolve()
        inside = there.is_relative_to(here)
        entry = (there.relative_to(here) if inside else there).as_posix()
    if entry in workspace.projects:
        return workspace
    more = replace(workspace, projects=(*workspace.projects, entry))
    save(more)
    return more


def check(key: str, value: object) -> object:
    """One value of the file as the workspace holds it. Text is fine for what is a list or a date.

    Raises:
        WorkspaceError: it is not what the key takes.
    """
    try:
        return CHECKS[key](value)
    except (ValueError, TypeError) as error:
        raise WorkspaceError(f"{key}: {error}; it is {value!r}.") from None


def _parse(text: str, root: Path) -> Workspace:
    file = root / FILE
    try:
        content = yaml.load(text, Loader=SafeLoader)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: 2025-02-30
        raise WorkspaceError(f"{file}: no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise WorkspaceError(f"{file}: should hold keys and values, as `name: …`.")
    for key in content:
        if key not in COMMENTS:
            near = difflib.get_close_matches(str(key), COMMENTS, 1, 0)[0]
            raise WorkspaceError(f"{file}: unknown key `{key}`; did you mean `{near}`?")
    needed = ("name", "github_username", "first_day")
    missing = [key for key in needed if content.get(key) is None]
    if missing:
        raise WorkspaceError(f"{file}: `{missing[0]}` is missing. {COMMENTS[missing[0]]}")
    given = {key: value for key, value in content.items() if value is not None}
    try:
        return Workspace(root, **{key: check(key, value) for key, value in given.items()})
    except WorkspaceError as error:
        raise WorkspaceError(f"{file}: {error.message}") from None


def _whole(workspace: Workspace) -> str:
    parts = ["# The workspace of a portfolio. Commands read it; change what you like.\n"]
    for key, comment in COMMENTS.items():
        parts.append(f"\n# {comment}\n{key}:{_value(key, getattr(workspace, key))}\n")
    return "".join(parts)


def _value(key: str, value: object) -> str:
    """A value as it stands behind the colon of its key."""
    if key == "projects" and value:
        return "".join(f"\n  - {_flow(one)}" for one in value)
    if key == "contacts" and value:
        return "".join(f"\n  {_flow(name)}: {_flow(one)}" for name, one in value.items())
    return " " + _flow(list(value) if isinstance(value, tuple) else value)


def _flow(value: object) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("...\n").strip()


def _changed(text: str, key: str, before: object, after: object) -> str:
    """The text of the file with another value at a key, and all else as it was."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = {name.value: value for name, value in node.value}
    if key not in pairs:
        return f"{text.rstrip()}\n\n# {COMMENTS[key]}\n{key}:{_value(key, after)}\n"
    value = pairs[key]
    grown = isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value
    if grown and after[: len(before)] == before:
        # New entries go below the last one, whatever comment stands behind that.
        line = text.find("\n", value.value[-1].end_mark.index)
        end = len(text) if line < 0 else line
        indent = " " * value.start_mark.column
        more = "".join(f"\n{indent}- {_flow(one)}" for one in after[len(before) :])
        return text[:end] + more + text[end:]
    start, end = value.start_mark.index, _end(value)
    block = isinstance(value, yaml.CollectionNode) and not value.flow_style
    if block:  # it starts on a line of its own, behind the line of its key
        start = text.rindex(f"{key}:", 0, start) + len(key) + 1
    return f"{text[:start].rstrip(' ')}{_value(key, after)}{text[end:]}"


def _end(node: yaml.Node) -> int:
    """Where a value ends; a block's own mark lies behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.index


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\n" in value.strip():
        raise ValueError("should be text on one line")
    return value.strip()


def _line(value: object) -> str:
    return _text(value) if value != "" else ""


def _username(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9])*", value):
        raise ValueError("should be a name on GitHub: letters, digits and single hyphens")
    if len(value) > 39:
        raise ValueError("should be a name on GitHub: at most 39 characters")
    return value


def _currency(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("should be three capital letters, like EUR")
    return value


def _track(value: object) -> int:
    number = int(value) if isinstance(value, str) and value.isdigit() else value
    if isinstance(number, bool) or number not in TRACKS:
        raise ValueError("should be 24 or 12")
    return number


def _day(value: object) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("should be a day, like 2025-03-31") from None


def _tone(value: object) -> str:
    if value not in TONES:
        raise ValueError(f"should be one of: {', '.join(TONES)}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise ValueError("should be a list, like [one, two]")
    return tuple(_text(one) for one in listed)


def _hashtags(value: object) -> tuple[str, ...]:
    tags = tuple(tag.removeprefix("#") for tag in _texts(value))
    wrong = [tag for tag in tags if not re.fullmatch(r"\w+", tag)]
    if wrong:
        raise ValueError(f"should be words of letters, digits and _; {wrong[0]!r} is none")
    return tags


def _contacts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("should be names and values, like email: me@example.org")
    return {_text(name): _text(one) for name, one in value.items()}


CHECKS = {
    "name": _text,
    "github_username": _username,
    "contacts": _contacts,
    "about": _line,
    "currency": _currency,
    "track": _track,
    "first_day": _day,
    "tone": _tone,
    "hashtags": _hashtags,
    "tools": _texts,
    "template": _text,
    "projects": _texts,
}
