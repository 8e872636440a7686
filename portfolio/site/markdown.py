"""Markdown of projects as safe HTML: no tag, script or address of theirs reaches a page.

Tags in a text are shown as text, and only links to http(s), mailto and known places remain.
"""

import re
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from portfolio.prose import COMMENT, FENCE

OPEN = ("http://", "https://", "mailto:")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
Places = Callable[[str], str | None]  # an address as it stands in a text to one on the page
Pictures = Callable[[str, str], str]  # the address of a picture and what it shows, to HTML


def render(
    text: str, link: Places, picture: Pictures, *, within: str, lower: int = 0, prefix: str = ""
) -> str:
    """The text as HTML.

    `link` and `picture` resolve what is no address of the web; `lower`: by how many levels
    headings go down; `prefix` of their ids, for texts that share a page; `within`: what part of
    the page it is, in words.
    """
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    parser.validateLink = lambda _: True  # each link is judged below
    tokens = parser.parse(without_comments(text))
    _headings(tokens, lower, prefix)
    known = {f"#{token.attrs['id']}" for token in tokens if "id" in token.attrs}

    def place(href: str) -> str | None:
        if href.startswith("#"):
            inside = f"#{prefix}{href[1:]}"
            return inside if inside in known else None
        return link(href)

    for token in tokens:
        if token.children:
            token.children = _links(token.children, place)
    return parser.renderer.render(
        _pairs(tokens), parser.options, {"picture": picture, "within": within, "heading": within}
    )


def without_comments(text: str) -> str:
    """The text without what is commented out, except in code."""
    text, kept = text.replace("\r\n", "\n"), []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    bare = COMMENT.sub("", FENCE.sub(keep, text.replace("\0", "")))
    return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], bare)


def allowed(href: str) -> bool:
    """Whether an address leads to the web or writes a mail."""
    return href.lower().startswith(OPEN)


def has_scheme(href: str) -> bool:
    """Whether an address is more than a path: it names a scheme, or another machine."""
    return bool(SCHEME.match(href.strip()))


def slug(heading: str) -> str:
    """The id of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


class _Renderer(RendererHTML):
    """HTML of the page's own for pictures and tables."""

    def image(self, tokens: list[Token], index: int, options: dict, env: dict) -> str:
        """A picture of the project, in several sizes."""
        token = tokens[index]
        shown = self.renderInlineAsText(token.children, options, env)
        return env["picture"](str(token.attrs["src"]), shown)

    def table_open(self, tokens: list[Token], index: int, options: dict, env: dict) -> str:
        """A table, which a narrow screen can move sideways, also by keyboard."""
        env["tables"] = env.get("tables", 0) + 1
        name = escape(f"Table {env['tables']} of {env['heading']}")
        return f'<section class="scroll" aria-label="{name}" tabindex="0"><table>\n'

    def table_close(self, tokens: list[Token], index: int, options: dict, env: dict) -> str:
        """The end of both."""
        return "</table></section>\n"

    def heading_open(self, tokens: list[Token], index: int, options: dict, env: dict) -> str:
        """A heading, after which the tables below it are named."""
        env["heading"], env["tables"] = f"{env['within']}, {_text(tokens[index + 1])}", 0
        return self.renderToken(tokens, index, options, env)


def _headings(tokens: list[Token], lower: int, prefix: str) -> None:
    """Move headings down, and give each an id of its own."""
    seen: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + lower, 6)}"
        if token.type == "heading_open":
            name = f"{prefix}{slug(_text(tokens[index + 1]))}" or "section"
            seen[name] = seen.get(name, -1) + 1
            token.attrs["id"] = f"{name}-{seen[name]}" if seen[name] else name


def _links(tokens: list[Token], place: Places) -> list[Token]:
    """The tokens of a line; of a link that leads nowhere its text remains."""
    kept, ends = [], []
    for token in tokens:
        if token.type == "link_open":
            href = place(str(token.attrs["href"]))
            ends.append(href is not None)
            if href is None:
                continue
            token.attrs = {"href": href}
        elif token.type == "link_close" and not ends.pop():
            continue
        kept.append(token)
    return kept


def _pairs(tokens: list[Token]) -> list[Token]:
    """The tokens, with a table that holds nothing but pictures as these beside each other."""
    kept, start = [], None
    for token in tokens:
        kept.append(token)
        if token.type == "table_open":
            start = len(kept) - 1
        elif token.type == "table_close" and start is not None:
            lines = [one for one in kept[start:] if one.type == "inline"]
            cells = [child for one in lines for child in one.children or []]
            drawn = [child for child in cells if child.type != "text" or child.content.strip()]
            if drawn and all(child.type == "image" for child in drawn):
                row = Token("inline", "", 0, children=drawn)
                around = (Token("div_open", "div", 1, {"class": "pair"}), row)
                kept[start:] = [*around, Token("div_close", "div", -1)]
            start = None
    return kept


def _text(inline: Token) -> str:
    """The words of a line, without marks."""
    return "".join(child.content for child in inline.children or [])
