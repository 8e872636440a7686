"""Where answers lie in the workspace's private folder, and what is remembered of them."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portfolio import private
from portfolio.contract import Json
from portfolio.files import read_text, write_text
from portfolio.practice.questions import Task

COMMENTS = {"sql": "-- ", "python": "# "}
SUFFIXES = {"sql": "sql", "python": "py"}
WIDTH = 96
WRAP = {"break_long_words": False, "break_on_hyphens": False}


@dataclass(frozen=True)
class Desk:
    """The folder of a project's practice, and the language: `sql` or `python`."""

    folder: Path
    language: str

    @property
    def database(self) -> Path:
        """The project's rows."""
        return self.folder / f"{self.folder.name}.duckdb"

    def file(self, task: Task) -> Path:
        """Where the answer to a task is written."""
        slug = task.title.lower().replace(" ", "-")
        return self.folder / self.language / f"{task.number:02}-{slug}.{SUFFIXES[self.language]}"

    def prepare(self, task: Task, notes: Sequence[str], start: str) -> Path:
        """Write the file for an answer, if there is none: the task and notes as comments."""
        file = self.file(task)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            empty = COMMENTS[self.language].rstrip()
            head = f"\n{empty}\n".join(map(self._comment, (task.words, *notes)))
            write_text(file, f"{head}\n\n{start}\n")
        return file

    def answer(self, task: Task, start: str) -> str:
        """What has been written into the file; empty where that is nothing yet."""
        file = self.file(task)
        text = read_text(file) if file.is_file() else ""
        return "" if self._bare(text) == self._bare(start) else text

    def state(self, task: Task) -> Json:
        """What is remembered of a task: `attempts`, `passed`, `solution` (whether it was shown)."""
        known = self._recall().get(self.language, {}).get(task.title, {})
        return {"attempts": 0, "passed": False, "solution": False} | known

    def note(self, task: Task, **changes: object) -> None:
        """Remember something of a task."""
        known = self._recall()
        language = known.get(self.language, {})
        language[task.title] = self.state(task) | changes
        private.remember(self._progress, known | {self.language: language})

    @property
    def _progress(self) -> Path:
        return self.folder / "progress.json"

    def _recall(self) -> Json:
        return private.recall(self._progress)

    def _comment(self, text: str) -> str:
        mark = COMMENTS[self.language]
        return "\n".join(
            textwrap.fill(line, WIDTH, initial_indent=mark, subsequent_indent=mark, **WRAP)
            for line in text.splitlines()
        )

    def _bare(self, text: str) -> list[str]:
        """A text without comments of whole lines, and without empty lines."""
        mark = COMMENTS[self.language].strip()
        lines = [line.strip() for line in text.splitlines()]
        return [line for line in lines if line and not line.startswith(mark)]
