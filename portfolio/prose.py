"""Reading Markdown: what the author wrote, what a document shows, and where it points."""

import re

BLOCK = re.compile(r"<!-- ([a-z][\w-]*) -->[ \t]*\r?\n?(.*?)<!-- /\1 -->", re.DOTALL)
FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1[`~]* *$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
HEADING = re.compile(r"^(#{1,6}) +(.+?)[ #]*$", re.MULTILINE)
TARGET = r"(<[^>\n]+>|[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)"
TITLE = r"""(?:\s+(?:"[^"]*"|'[^']*'|\([^)]*\)))?\s*\)"""
PICTURE = re.compile(rf"!\[(.*?)\]\({TARGET}{TITLE}")
TAG = re.compile(r"""<(?:img|a)\b(?:"[^"]*"|'[^']*'|[^'">])*>""", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(alt|src|href)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
LINK = re.compile(rf"(?<!\\)\]\({TARGET}{TITLE}|(<https?://[^>\s]+>)")
LETTERS = 30  # fewer are no answer, in any script


def blocks(text: str) -> dict[str, str]:
    """What stands between each pair of markers, `<!-- name -->` and `<!-- /name -->`."""
    return {name: body.strip() for name, body in BLOCK.findall(text)}


def replace_block(text: str, name: str, body: str) -> str:
    """The text with other content between the markers of a block; unchanged without them."""
    pattern = re.compile(rf"(<!-- {name} -->[ \t]*\r?\n).*?(<!-- /{name} -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}{body.strip()}\n{match[2]}", text, count=1)


def own_words(text: str) -> str:
    """What the author wrote: the text without generated blocks, code and comments."""
    text = text.replace("\r\n", "\n")
    for part in (BLOCK, FENCE, COMMENT):
        text = part.sub("", text)
    return text


def sections(text: str) -> dict[str, str]:
    """The author's words under each heading, with those under its deeper headings."""
    parts = HEADING.split(own_words(text))
    found = list(zip(parts[1::3], parts[2::3], parts[3::3], strict=True))
    answer = {}
    for number, (level, name, body) in enumerate(found, start=1):
        whole = body
        for deeper, _, more in found[number:]:
            if len(deeper) <= len(level):
                break
            whole += more
        answer[name] = whole.strip()
    return answer


def is_written(body: str) -> bool:
    """Whether a section holds something to read."""
    return len(re.findall(r"\w", body)) >= LETTERS


def pictures(text: str) -> list[tuple[str, str]]:
    """Each picture's description and address."""
    text = _without_code(text)
    tags = [tag for tag in _tags(text) if "src" in tag]
    shown = [(alt, target.strip("<>")) for alt, target in PICTURE.findall(text)]
    return shown + [(tag.get("alt", ""), tag["src"]) for tag in tags]


def links(text: str) -> list[str]:
    """Where the text points, pictures included; places on the page itself do not count."""
    text = _without_code(text)
    found = ["".join(either).strip("<>") for either in LINK.findall(text)]
    found += [tag[name] for tag in _tags(text) for name in ("src", "href") if name in tag]
    return [link for link in dict.fromkeys(re.split("[#?]", link)[0] for link in found) if link]


def _tags(text: str) -> list[dict[str, str]]:
    """What the HTML tags of pictures and links say, by the attribute's name."""
    found = [ATTRIBUTE.findall(tag) for tag in TAG.findall(text)]
    return [{name.lower(): value.strip("\"'") for name, value in tag} for tag in found]


def _without_code(text: str) -> str:
    """The text as a reader sees it: no code, and nothing that is commented out."""
    return COMMENT.sub("", CODE.sub("code", FENCE.sub("", text.replace("\r\n", "\n"))))
