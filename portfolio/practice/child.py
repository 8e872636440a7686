"""Try a function on cases, in a process of its own (`python -I child.py`) that talks JSON.

It imports nothing of the tool: what a learner has written may do what it likes to this process.
"""

import contextlib
import io
import json
import math
import sys
import traceback

MOST_PRINTED = 2_000  # characters


class Printed(io.StringIO):
    """What an answer prints, as much of it as anybody reads."""

    def write(self, text: str) -> int:
        """Keep the beginning."""
        return super().write(text) if self.tell() < MOST_PRINTED else len(text)


def check(name: str, file: str, right: str, cases: list[str]) -> dict[str, str | None]:
    """The first case in which the function of a file differs from the right one; empty for none.

    Returns:
        `case`, and `expected` with `got`, or `error`.
    """
    known: dict = {}
    exec(right, known)
    try:
        with open(file, encoding="utf-8-sig") as stream:
            code = compile(stream.read(), file, "exec")
        own: dict = {"__name__": "answer"}
        exec(code, own)
    except BaseException as error:
        return {"case": None, "error": told(error, file)}
    if not callable(own.get(name)):
        return {"case": None, "error": f"there is no function {name} in the file"}
    for case in cases:
        # Each side gets arguments of its own, so that no answer changes those of the other.
        expected = eval(case, dict(known))
        try:
            got = eval(case, {name: own[name]})
            same = near(expected, got)
        except BaseException as error:
            return {"case": case, "error": told(error, file)}
        if not same:
            return {"case": case, "expected": shown(expected), "got": shown(got)}
    return {}


def near(expected: object, got: object) -> bool:
    """Whether two values are equal, numbers nearly; a list may stand for a tuple."""
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        return len(expected) == len(got) and all(map(near, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(near(expected[k], got[k]) for k in expected)
    return bool(expected == got)


def shown(value: object) -> str:
    """A value as Python writes it, at most a few lines of it."""
    text = repr(value)
    return text if len(text) <= 500 else f"{text[:500]} …"


def told(error: BaseException, file: str) -> str:
    """The last line of a traceback, with the line of the file that it comes from."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file
    ]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines = [error.lineno]
    where = f"line {lines[-1]}: " if lines else ""
    return where + traceback.format_exception_only(error)[-1].strip()


if __name__ == "__main__":
    asked, printed = json.load(sys.stdin), Printed()
    with contextlib.redirect_stdout(printed):
        reply = check(**asked)
    json.dump(reply | {"printed": printed.getvalue()[:MOST_PRINTED]}, sys.stdout)
