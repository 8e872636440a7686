"""Reviews of a made-up shop, put together from phrases whose meaning we know.

The truth is written down here, so that tests can check that model and explanation find it.
"""

import numpy as np
import pandas as pd

ROWS = 4_000
TEXT, RATING, PRODUCT, DATE = "review", "stars", "product", "date"
RATING_THRESHOLD = 4  # so many stars, or more, are a good review
LABEL_NOISE = 0.04  # share of customers who give the wrong number of stars

# What carries sentiment in this world, and what is filler.
POSITIVE_WORDS = ("great", "excellent", "reliable", "wonderful", "superb", "fantastic", "perfect")
NEGATIVE_WORDS = ("terrible", "awful", "useless", "poor", "horrible", "dreadful", "disappointing")
FILLER_WORDS = ("brother", "tuesday", "blue", "office", "birthday", "kitchen", "ordered", "box")

ASPECTS = {
    "battery": ("battery", "charger"),
    "screen": ("screen", "display"),
    "sound": ("sound", "speaker"),
    "delivery": ("delivery", "shipping"),
    "price": ("price", "cost"),
    "service": ("service", "support"),
    "quality": ("quality", "case"),
}
PRODUCTS = ("Aria headphones", "Bolt charger", "Lumen tablet", "Nova phone", "Pico camera")
# One product got a bad batch of batteries: sentiment over time and by aspect should show it.
BAD_BATCH = ("Nova phone", "battery", pd.Timestamp("2024-07-01"))

STRENGTH = {"": 1.0, "really": 1.3, "extremely": 1.6, "absolutely": 1.6, "fairly": 0.7}
FILLERS = (
    "I got it for my brother.",
    "It came on a Tuesday.",
    "Mine is the blue one.",
    "We use it at the office.",
    "It was a birthday present.",
    "It sits in the kitchen.",
    "I ordered two of them.",
    "The box was smaller than I thought.",
)
EMOJI = {True: ("😀", "😃", "😍", "😊"), False: ("😡", "😠", "😞", "😢")}


def make_sample(seed: int) -> pd.DataFrame:
    """Return ``ROWS`` reviews: text, stars, product and date; same seed, same table."""
    return make_reviews(seed)[[TEXT, RATING, PRODUCT, DATE]]


def make_reviews(seed: int) -> pd.DataFrame:
    """The sample with its truth.

    ``score``: how happy the customer is; above 0, at least four stars are due. ``noisy``: whether
    the stars say the opposite. ``liked`` and ``disliked``: the aspects praised and blamed.
    """
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 731, ROWS))
    dates = pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D")
    return pd.DataFrame([_review(rng, date) for date in dates])


def _review(rng: np.random.Generator, date: pd.Timestamp) -> dict[str, object]:
    product = str(rng.choice(PRODUCTS))
    names = [str(name) for name in rng.choice(list(ASPECTS), rng.integers(1, 4), replace=False)]
    moods = [_is_liked(rng, product, name, date) for name in names]
    opinions = [_opinion(rng, name, mood) for name, mood in zip(names, moods, strict=True)]
    body, score = _joined(opinions, moods)
    score += rng.normal(0, 0.25)
    text = [body, *rng.choice(FILLERS, 2, replace=False).tolist()]
    text = [text[place] for place in rng.permutation(len(text))]
    if rng.random() < 0.2:
        text.append(str(rng.choice(EMOJI[bool(score > 0)])))
    noisy = bool(rng.random() < LABEL_NOISE)
    return {
        TEXT: _misspelt(rng, " ".join(text)),
        RATING: _stars(-score if noisy else score),
        PRODUCT: product,
        DATE: date,
        "score": score,
        "noisy": noisy,
        "liked": tuple(name for name, mood in zip(names, moods, strict=True) if mood),
        "disliked": tuple(name for name, mood in zip(names, moods, strict=True) if not mood),
    }


def _is_liked(rng: np.random.Generator, product: str, aspect: str, date: pd.Timestamp) -> bool:
    in_batch = (product, aspect) == BAD_BATCH[:2] and date >= BAD_BATCH[2]
    return bool(rng.random() < (0.15 if in_batch else 0.5 if aspect == "delivery" else 0.68))


def _opinion(rng: np.random.Generator, aspect: str, liked: bool) -> tuple[str, float]:
    """A clause about ``aspect``, and how much it pleases (above 0) or annoys."""
    thing, how = str(rng.choice(ASPECTS[aspect])), str(rng.choice(list(STRENGTH)))
    # A quarter of opinions say the opposite word and turn it round.
    turned = bool(rng.random() < 0.25)
    word = str(rng.choice(POSITIVE_WORDS if liked != turned else NEGATIVE_WORDS))
    sign = 1 if liked else -1
    if turned:
        is_not = str(rng.choice(["is not", "isn't", "was never", "is hardly"]))
        return f"the {thing} {is_not} {word}", 0.8 * sign
    full = f"{how} {word}".strip()
    forms = (f"the {thing} is {full}", f"{full} {thing}", f"I find the {thing} {full}")
    return str(rng.choice(forms)), STRENGTH[how] * sign


def _joined(opinions: list[tuple[str, float]], moods: list[bool]) -> tuple[str, float]:
    """One sentence from the clauses; what follows "but" weighs more."""
    text, score = opinions[0]
    for place, (clause, value) in enumerate(opinions[1:], start=1):
        turns = moods[place] != moods[place - 1]
        text += f", but {clause}" if turns else f" and {clause}"
        score += value * (1.5 if turns else 1.0)
    return text[0].upper() + text[1:] + ("!" if abs(score) > 2 else "."), score


def _stars(score: float) -> int:
    return int(np.digitize(score, [-2.0, -0.8, 0.0, 1.5])) + 1


def _misspelt(rng: np.random.Generator, text: str) -> str:
    """Swap two letters in the middle of one long word in thirty."""
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) > 5 and rng.random() < 1 / 30:
            at = int(rng.integers(1, len(word) - 3))
            words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)
