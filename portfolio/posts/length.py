"""How long a text is, and what of it fits, as X counts."""

import re
import unicodedata
from collections.abc import Sequence

TWEET, POST = 280, 3_000  # the longest that X and LinkedIn take
LINK = re.compile(r"https?://[!-~]*[a-zA-Z0-9/_-]")  # ends before a full stop or other scripts
DOMAIN = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}\b")  # X makes a link of `a.py`, too
LINK_LENGTH = 23
# Ranges of letters that count once on X; all others count twice.
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def length(text: str) -> int:
    """How long a text is as X counts: every link as 23, emoji and many scripts twice."""
    bare = DOMAIN.sub(lambda found: found[0].ljust(LINK_LENGTH), LINK.sub("-" * LINK_LENGTH, text))
    letters = map(ord, unicodedata.normalize("NFC", bare))
    return sum(1 if any(a <= letter <= b for a, b in LIGHT) else 2 for letter in letters)


def compose(text: str, limit: int, mark: str, opener: str, hashtags: Sequence[str]) -> str:
    """A text within `limit`: mark and last link stay, the rest comes where there is room."""
    link = found[0] if (found := re.search(r"\s+https?://\S+$", text)) else ""
    whole = text = text.removesuffix(link)
    mark = link + mark
    while length(text + mark) > limit:
        whole = whole[:-1].rpartition(" ")[0]
        text = f"{whole}…"
    text += mark
    if opener and length(f"{opener}\n\n{text}") <= limit:
        text = f"{opener}\n\n{text}"
    for number, tag in enumerate(hashtags):
        longer = text + (" #" if number else "\n\n#") + tag
        if length(longer) > limit:
            break
        text = longer
    return text
