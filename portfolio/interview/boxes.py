"""What comes back when: Leitner's boxes, kept in a file.

A question lies in one of five boxes and is due again 1, 2, 4, 8 or 16 days after it was answered.
A good answer moves it up by one box, to the third at least; a so-so one down by one, to the second
at least; a weak one back into the first. Drawn are those that are due, lowest box first, then new
ones, with topics in turn, then those that are due soonest.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from portfolio.contract import Json
from portfolio.errors import UserError
from portfolio.interview.questions import Question
from portfolio.private import recall, remember

DAYS = (1, 2, 4, 8, 16)  # from an answer until the question is due again, by its box
GRADES = ("good", "so-so", "weak")


@dataclass(frozen=True)
class Card:
    """What is remembered of a question: its box from 1 on, when it is due, how long it took."""

    box: int
    due: datetime.date
    seconds: float


def graded(card: Card | None, grade: str, seconds: float, today: datetime.date) -> Card:
    """The card after an answer; a new question (None) counts as one of the first box."""
    box = card.box if card else 1
    moved = {"good": max(min(box + 1, len(DAYS)), 3), "so-so": max(box - 1, 2), "weak": 1}[grade]
    return Card(moved, today + datetime.timedelta(days=DAYS[moved - 1]), seconds)


@dataclass(frozen=True)
class Deck:
    """The file of cards. What in it cannot be read as a card is left as it is, and counts as new
    until it is answered again.
    """

    file: Path
    content: Json

    def card(self, question: Question) -> Card | None:
        """What is remembered of a question; None if that is nothing."""
        entry = self._cards.get(question.key)
        if not isinstance(entry, dict):
            return None
        box, due, seconds = (entry.get(name) for name in ("box", "due", "seconds"))
        try:
            card = Card(int(box), datetime.date.fromisoformat(due), float(seconds))
        except (TypeError, ValueError, OverflowError):
            return None
        return card if 1 <= card.box <= len(DAYS) else None

    def put(self, question: Question, card: Card) -> None:
        """Remember a card at once, so that whatever comes next cannot lose it."""
        fresh = {"box": card.box, "due": str(card.due), "seconds": round(card.seconds, 1)}
        self.content["questions"] = self._cards | {question.key: fresh}
        remember(self.file, self.content)

    @property
    def _cards(self) -> Json:
        cards = self.content.get("questions")
        return cards if isinstance(cards, dict) else {}


def open_deck(file: Path) -> tuple[Deck, Path | None]:
    """Read the file of cards; one that is damaged is put aside.

    Returns:
        The cards, and where the damaged file lies now, if it was one.
    """
    try:
        content = recall(file)
        if isinstance(content.get("questions", {}), dict):
            return Deck(file, content), None
    except UserError:  # no JSON, or no text at all
        pass
    aside = file.with_stem(f"{file.stem}-damaged")
    number = 1
    while aside.exists():
        number += 1
        aside = file.with_stem(f"{file.stem}-damaged-{number}")
    file.rename(aside)
    return Deck(file, {}), aside


def draw(
    asked: Sequence[Question], deck: Deck, today: datetime.date, count: int, random: Random
) -> list[Question]:
    """So many questions, those that are due first; the rest is chance."""
    due, fresh, later = [], [], []
    seen: Counter[str] = Counter()
    for question in random.sample(asked, len(asked)):
        card = deck.card(question)
        if card is None:
            fresh.append((seen[question.topic], question))
            seen[question.topic] += 1
        elif card.due <= today:
            due.append((card.box, question))
        else:
            later.append((card.due, question))
    ordered = (sorted(part, key=lambda pair: pair[0]) for part in (due, fresh, later))
    return [question for part in ordered for _, question in part][:count]
