"""Merging Markdown pages that a project writes into: generated blocks and the author's sections.

By lines alone every filled block and every written section would part from the template's. So
these are taken out before lines are merged, and put back where the new page has a place for them.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio.prose import BLOCK, COMMENT, FENCE, HEADING, LETTERS

# Blocks of the first edition: between the two comments stands what a run has written.
COG = re.compile(r"(<!-- \[\[\[cog.*?\]\]\] -->)(.*?)(<!-- \[\[\[end\]\]\] -->)", re.DOTALL)
HINT = re.compile(r"\*(?:Write here|Not filled yet)[^*]*\*")


@dataclass(frozen=True)
class Place:
    """A section of a page: its heading and the span of what stands below, deeper headings too."""

    name: str
    level: int
    start: int
    end: int

    def body(self, text: str) -> str:
        """What stands in the section."""
        return text[self.start : self.end]


def merge(mine: str, old: str, new: str) -> tuple[str, int]:
    """Merge the author's page with two versions of the template's.

    Returns:
        The page, and how many places it has where lines part.
    """
    filled = blocks(mine)
    mine = emptied(mine, old)
    written = _written(mine, old)
    for name in written:
        mine = _replaced(mine, name, _body(old, name))
    text, conflicts = lines(mine, old, new)
    # Those without a place first: they go below the last one that is still open.
    for name, body in sorted(written.items(), key=lambda one: _body(text, one[0]) is not None):
        text = _put_back(text, name, body, same=_body(old, name) == _body(new, name))
    return _refilled(text, filled), conflicts


def lines(mine: str, old: str, new: str) -> tuple[str, int]:
    """Merge three texts by line; where both sides part, both stand between conflict marks.

    Returns:
        The text, and how many such places it has.
    """
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("mine", "old", "new")]
        for file, text in zip(files, (mine, old, new), strict=True):
            file.write_bytes(text.encode())
        labels = ("-L", "yours", "-L", "template before", "-L", "template now")
        command = ["git", "merge-file", "-p", *labels, *map(str, files)]
        done = subprocess.run(command, capture_output=True)
    if done.returncode > 127:
        raise OSError(f"git merge-file: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(), done.returncode


def blocks(text: str) -> dict[str, str]:
    """What stands in each generated block of either edition, by its first comment."""
    found = {f"<!-- {name} -->": body for name, body in BLOCK.findall(text)}
    return found | {start: body for start, body, _ in COG.findall(text)}


def emptied(text: str, like: str) -> str:
    """The text with the content that its generated blocks have in another one."""
    return _refilled(text, blocks(like))


def _refilled(text: str, content: dict[str, str]) -> str:
    def second(found: re.Match[str]) -> str:
        start = f"<!-- {found[1]} -->"
        if start not in content:
            return found[0]
        return f"{start}\n{content[start]}<!-- /{found[1]} -->"

    def first(found: re.Match[str]) -> str:
        return f"{found[1]}{content.get(found[1], found[2])}{found[3]}"

    return COG.sub(first, BLOCK.sub(second, text))


def places(text: str) -> list[Place]:
    """All sections of a page; what looks like a heading in code, comments and blocks is none."""
    hidden = text
    for part in (COG, BLOCK, FENCE, COMMENT):
        hidden = part.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), hidden)
    heads = list(HEADING.finditer(hidden))
    found = []
    for number, head in enumerate(heads):
        level = len(head[1])
        after = (one.start() for one in heads[number + 1 :] if len(one[1]) <= level)
        found.append(Place(head[2], level, head.end(), next(after, len(text))))
    return found


def _written(mine: str, old: str) -> dict[str, str]:
    """What the author has written in the sections that the template leaves to him."""
    bodies, end = {}, 0
    for place in places(old):
        inside = place.start < end
        if inside or place.level == 1 or not _is_open(place.body(old)):
            continue
        end = place.end
        body = _body(mine, place.name)
        if body is not None and body.strip() != place.body(old).strip():
            bodies[place.name] = body
    return bodies


def _is_open(body: str) -> bool:
    """Whether a section of the template asks its author to write it."""
    rest = COG.sub("", BLOCK.sub("", body))
    asked = HINT.search(rest) or COMMENT.search(rest) or not body.strip()
    return bool(asked) and len(re.findall(r"\w", _own(body))) < LETTERS


def _own(body: str) -> str:
    """A section without blocks, comments, hints and headings."""
    for part in (COG, BLOCK, COMMENT, HINT, HEADING):
        body = part.sub("", body)
    return body


def _put_back(text: str, name: str, body: str, same: bool) -> str:
    """The page with the author's section: in its place, or at the end where it has none now."""
    if same:
        return _replaced(text, name, body)
    body = _cleaned(body)
    if not body:
        return text
    if _body(text, name) is not None:
        return _replaced(text, name, f"\n\n{body}\n\n")
    own = [one for one in places(text) if one.level > 1 and _is_open(one.body(text))]
    level, end = (own[-1].level, own[-1].end) if own else (2, len(text))
    section = f"{'#' * level} {name}\n\n{body}\n\n"
    return f"{text[:end].rstrip()}\n\n{section}{text[end:]}".rstrip() + "\n"


def _cleaned(body: str) -> str:
    """The author's words, without blocks, hints, and headings with nothing below."""
    body = HINT.sub("", COG.sub("", BLOCK.sub("", body)))
    for place in reversed(places(body)):
        if not place.body(body).strip():
            head = body.rfind("\n", 0, place.start) + 1
            body = body[:head] + body[place.end :]
    return re.sub(r"\n{3,}", "\n\n", body).strip()


def _replaced(text: str, name: str, body: str) -> str:
    for place in places(text):
        if place.name == name:
            return text[: place.start] + body + text[place.end :]
    return text


def _body(text: str, name: str) -> str | None:
    return next((place.body(text) for place in places(text) if place.name == name), None)
