"""A round of questions at the terminal: ask, take the time, show the answer, take the grade."""

import datetime
import shutil
import time
from collections import Counter
from collections.abc import Sequence

import click

from portfolio.interview.boxes import GRADES, Deck, graded
from portfolio.interview.questions import Question

QUIT = "q"
WIDTH = 100  # of a line of text, where the terminal is wider


def hold(asked: Sequence[Question], deck: Deck, today: datetime.date) -> None:
    """Ask one after the other. Each grade is kept at once; the end of input or Ctrl-C ends it."""
    done: list[tuple[str, float]] = []
    dues = []
    try:
        for number, question in enumerate(asked, start=1):
            about = question.about or question.topic
            click.echo(f"\nQuestion {number} of {len(asked)} ({about})\n")
            grade, seconds = _ask(question, deck)
            card = graded(deck.card(question), grade, seconds, today)
            deck.put(question, card)
            done.append((grade, seconds))
            dues.append(card.due)
    except (click.Abort, KeyboardInterrupt):
        click.echo()
    click.echo(f"\n{_summary(done, len(asked))}")
    if dues:
        click.echo(f"The first of them comes back on {min(dues)}.")


def _ask(question: Question, deck: Deck) -> tuple[str, float]:
    """The learner's own grade, and how many seconds the answer took.

    Raises:
        click.Abort: the learner, or the input, ends here.
    """
    click.echo(_wrapped(question.ask))
    start = time.monotonic()
    if _prompt("\nAnswer aloud, then press Enter.").strip().lower() == QUIT:
        raise click.Abort
    seconds = time.monotonic() - start
    before = deck.card(question)
    last = f" (the last time {_spoken(before.seconds)})" if before else ""
    click.echo(f"\nThat took {_spoken(seconds)}{last}.\n\n{_wrapped(question.answer)}")
    if question.material:
        quoted = "\n" in question.material
        click.echo(f"\n{question.material if quoted else _wrapped(question.material)}")
    while True:
        said = _prompt(f"\nHow was yours: {', '.join(GRADES)}? ({QUIT} ends)").strip().lower()
        if said == QUIT:
            raise click.Abort
        grade = next((one for one in GRADES if said and one.startswith(said)), None)
        if grade:
            return grade, seconds
        click.echo(f"Type one of {', '.join(GRADES)}, or its first letter.")


def _prompt(text: str) -> str:
    return click.prompt(text, default="", show_default=False, prompt_suffix=" ")


def _summary(done: Sequence[tuple[str, float]], total: int) -> str:
    if not done:
        return "Nothing was answered, so nothing has changed."
    found = Counter(grade for grade, _ in done)
    parts = ", ".join(f"{found[grade]} {grade}" for grade in GRADES if found[grade])
    mean = sum(seconds for _, seconds in done) / len(done)
    return f"{len(done)} of {total} answered: {parts}; {_spoken(mean)} on average."


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _wrapped(text: str) -> str:
    width = min(shutil.get_terminal_size().columns, WIDTH)
    return click.wrap_text(text, width, preserve_paragraphs=True)
