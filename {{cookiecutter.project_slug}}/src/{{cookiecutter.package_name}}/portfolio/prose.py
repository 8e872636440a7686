"""Reading Markdown: what the author wrote, what a document shows, and where it points."""

import re

BLOCK = re.compile(r"<!-- \[\[\[cog.*?\[\[\[end\]\]\] -->", re.DOTALL)
FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1[`~]* *$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
HEADING = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.MULTILINE)
PLACEHOLDER = re.compile(r"\*Write here[^*]*\*")
TARGET = r"(<[^>\n]+>|[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)"
PICTURE = re.compile(rf"!\[(.*?)\]\({TARGET}")
TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
LINK = re.compile(rf"\]\({TARGET}|(<https?://[^>\s]+>)")
LIVE = re.compile(r"^\*\*Live:\*\*.*?https?://(?!localhost|127\.|0\.0)\w", re.MULTILINE)
LETTERS = 30  # fewer are no answer, in any script


def own_words(text: str) -> str:
    """What the author wrote: the text without generated blocks, code and comments."""
    text = text.replace("\r\n", "\n")
    for part in (BLOCK, FENCE, COMMENT):
        text = part.sub("", text)
    return text


def sections(text: str) -> dict[str, str]:
    """The author's words under each heading, up to the next one."""
    parts = HEADING.split(own_words(text))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def is_written(body: str) -> bool:
    """Whether a section holds more than the line that asks for its content."""
    return len(re.findall(r"\w", PLACEHOLDER.sub("", body))) >= LETTERS


def pictures(text: str) -> list[tuple[str, str]]:
    """Each picture's description and address."""
    text = _without_code(text)
    tags = [dict(re.findall(r'\b(alt|src)="([^"]*)"', tag)) for tag in TAG.findall(text)]
    shown = [(alt, target.strip("<>")) for alt, target in PICTURE.findall(text)]
    return shown + [(tag.get("alt", ""), tag.get("src", "")) for tag in tags]


def links(text: str) -> list[str]:
    """Where the text points, pictures included; places on the page itself do not count."""
    found = ["".join(either).strip("<>") for either in LINK.findall(_without_code(text))]
    return [link for link in dict.fromkeys(re.split("[#?]", link)[0] for link in found) if link]


def _without_code(text: str) -> str:
    return CODE.sub("code", FENCE.sub("", text.replace("\r\n", "\n")))
