"""Words: what counts as one, where it stands, and what models are given of it."""

import pytest

from sentiment import aspects
from sentiment.features import NO_WORDS, document, features, is_negated, tokens, words
from sentiment.train import ODD_TEXTS

LEXICON = {"battery": ["battery", "Charger"], "price": ["price"], "screen": ["screen"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't BUY it, ever!", ["don't", "buy", "it", "ever", "!"]),
        ("isn\u2019t rock'n'roll 'quoted'", ["isn't", "rock'n'roll", "quoted"]),
        ("Cafe\u0301 CAFÉ", ["café", "café"]),
        ("5* in 2024_x", ["5", "in", "2024", "x"]),
        ("so 👍😀 :) 10:30)", ["so", "👍", "😀", ":)", "10", "30"]),
        ("رائع جدا", ["رائع", "جدا"]),
        ("很好\uff0c用了5年\uff01", ["很", "好", "用", "了", "5", "年", "\uff01"]),
        ("बैटरी अच्छी नहीं है", ["बैटरी", "अच्छी", "नहीं", "है"]),
        ("\u2b50\u2b50 ❤\ufe0f", ["\u2b50", "\u2b50", "❤"]),
        ("no\u00a0break\u2028line\x00nul", ["no", "break", "line", "nul"]),
        ("", []),
        ("... -- _ #", []),
        ("Great<br /><br />Don&#39;t &quot;buy&quot;", ["great", "don't", "buy"]),
        ("See https://a.b/c?d=1 or www.a.b, @bob: 3 < 4, 5 > 4", ["see", "or", "3", "4", "5", "4"]),
    ],
)
def test_tokens(text: str, expected: list[str]):
    assert tokens(text) == expected


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_words_stand_where_they_say(text: str):
    found = words(text)
    assert [word.token for word in found] == tokens(text)
    for word in found:
        assert tokens(text[word.start : word.end]) == [word.token]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_features_are_those_of_the_document_and_cover_its_words(text: str):
    found = features(tokens(text))
    assert " ".join(feature.name for feature in found) == ("" if not found else document(text))
    assert len({feature.name for feature in found}) == len(found)
    covered = {place for feature in found for place in feature.words}
    assert covered == set(range(len(tokens(text))))


def test_features_of_a_short_review():
    found = {feature.name: feature.words for feature in features(["not", "bad", "not"])}
    assert found["not"] == (0, 2)
    assert found["not_bad"] == (0, 1)
    assert found["bad_not"] == (1, 2)
    assert found["#<not"] == (0, 2)
    assert found["#bad>"] == (1,)
    assert {name for name in found if name.startswith("#")} == {"#<not", "#not>", "#<bad", "#bad>"}


def test_text_without_words_has_a_document():
    assert document("") == document("... --") == NO_WORDS
    assert "  " not in document("a b")


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("It is not good", True),
        ("It ISN\u2019T good", True),
        ("never again", True),
        ("noted, nice knot", False),
        ("", False),
    ],
)
def test_negation(text: str, negated: bool):
    assert is_negated(text) == negated


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Battery Life is poor.", ["battery", "life span"]),
        ("Battery and life.", ["battery"]),
        ("batteryless", []),
        ("电池很差\uff0c屏幕好\u3002", ["battery", "screen"]),
        ("Ecra\u0303 mau", ["screen"]),  # an accent as a sign of its own
    ],
)
def test_aspects_may_have_names_of_several_words_and_scripts(text: str, found: list[str]):
    names = {"battery": ["battery", "电池"], "life span": ["battery life"]}
    assert aspects.mentions(text, names | {"screen": ["屏幕", "ecrã"]}) == found


def test_aspects_are_found_clause_by_clause():
    text = "Great screen, but the battery is poor. The charger too! I like it"
    assert aspects.by_aspect(text, LEXICON) == {
        "screen": "Great screen",
        "battery": "the battery is poor. The charger too",
    }
    assert aspects.by_aspect("great screen and bad battery", LEXICON) == {
        "screen": "great screen",
        "battery": "bad battery",
    }
    assert aspects.mentions("screens and prices", LEXICON) == []
    assert aspects.mentions("", LEXICON) == []
