"""From a review to the words and word parts that models count; the server does it the same way.

Everything is done here, in Python, and none of it inside the exported model: what a word is and
what lower case is must not depend on where the model runs.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

# Chinese and Japanese put no blanks between words: each of their characters counts as one.
ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# Accents and vowel signs, which many scripts write above, below or behind a letter.
MARKS = "".join(
    sign for sign in map(chr, range(0x300, 0x1E000)) if unicodedata.category(sign)[0] == "M"
)
LETTER = f"[^\\W_{ALONE}]"
APOSTROPHE = "(?:['\u2019]|&(?:#0?39|#8217|apos|rsquo);)"
WORD = re.compile(
    # Nothing of markup, links and names of users is a word.
    r"</?[a-zA-Z][^<>]*>|&(?:#\w+|[A-Za-z][a-z]+);|(?:https?://|www\.)\S+|(?<![\w.])@\w+"
    r"|([:;=]-?[()D](?!\w)"  # :) ;-( =D
    f"|[{ALONE}]"
    # don't; that no mark is ASCII is said because looking them all up takes time
    f"|{LETTER}+(?:{APOSTROPHE}+{LETTER}+|(?![\x00-\x7f])[{MARKS}]+{LETTER}*)*"
    "|[!?\uff01\uff1f]"
    "|[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])"  # one emoji
)
# What turns the words after it round, in English.
NEGATION = re.compile(
    "not|no|never|nor|neither|nothing|nobody|without|hardly|barely|cannot|cant|dont|wont|didnt|"
    "doesnt|isnt|wasnt|[a-z]+n't"
)
PART_SIZE = 4  # letters in a part of a word
LONGEST = 60  # letters; a longer word is an address or noise, and its parts tell nothing
JOINED = "_"  # stands between the words of a pair, and in no word
PART = "#"  # begins the name of a part of a word, and no word
NO_WORDS = "##"  # what a text without any word counts as; it is in no vocabulary


class Word(NamedTuple):
    """A word as models see it, and where it stands: ``text[start:end]``."""

    token: str
    start: int
    end: int


class Feature(NamedTuple):
    """Something that models count, and the places of the words that it is made of."""

    name: str
    words: tuple[int, ...]


def words(text: str) -> list[Word]:
    """The words, numbers, emoji, exclamation and question marks of ``text``, in order."""
    return [Word(_token(found[1]), *found.span()) for found in WORD.finditer(text) if found[1]]


def tokens(text: str) -> list[str]:
    """The same without their places: lower case, with one kind of apostrophe."""
    return [_token(found) for found in WORD.findall(text) if found]


def features(found: list[str]) -> list[Feature]:
    """Every word, every pair of neighbours, and every part of a word, with where they come from.

    Parts of four letters, with ``<`` and ``>`` at a word's ends, recognise a misspelt word and
    the same word with another ending.

    Args:
        found: the tokens of a review.
    """
    places: dict[str, list[int]] = {}
    for place, token in enumerate(found):
        places.setdefault(token, []).append(place)
    for place, pair in enumerate(_pairs(found)):
        places.setdefault(pair, []).extend([place, place + 1])
    for place, token in enumerate(found):
        for part in _parts(token):
            places.setdefault(part, []).append(place)
    return [Feature(name, tuple(where)) for name, where in places.items()]


def names(text: str) -> list[str]:
    """The names of a review's features: what a model takes for it.

    Each stands there once: that a word is there tells more than how often (Pang et al. 2002).
    """
    found = tokens(text)
    parts = [part for token in dict.fromkeys(found) for part in _parts(token)]
    return list(dict.fromkeys(found + _pairs(found) + parts))


def document(text: str) -> str:
    """The same with blanks between them, as training takes it."""
    return " ".join(names(text)) or NO_WORDS


def is_negated(text: str) -> bool:
    """Whether a word such as "not" or "never" is in ``text``."""
    return any(NEGATION.fullmatch(token) for token in tokens(text))


def _token(found: str) -> str:
    text = found.lower().replace("\u2019", "'")
    return unicodedata.normalize("NFC", re.sub(APOSTROPHE, "'", text) if "&" in text else text)


def _pairs(found: list[str]) -> list[str]:
    return [left + JOINED + right for left, right in pairwise(found)]


@lru_cache(maxsize=4096)  # the same words come again and again
def _parts(token: str) -> tuple[str, ...]:
    if len(token) > LONGEST:
        return ()
    whole = f"<{token}>"
    starts = range(len(whole) - PART_SIZE + 1)
    return tuple(PART + whole[start : start + PART_SIZE] for start in starts)
