"""Reading the website's pages."""

from html.parser import HTMLParser
from pathlib import Path


class Reader(HTMLParser):
    """The elements of a page: tag and attributes, and the text between."""

    def __init__(self, file: Path) -> None:
        """Read the file."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.data = ""
        self.inside = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element."""
        self.inside = tag
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Keep the text; what a script element holds by itself."""
        if self.inside == "script":
            self.data += data
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        """Forget where we are."""
        self.inside = ""

    def all(self, name: str, attribute: str) -> list[str]:
        """An attribute of all elements of a name."""
        return [attrs[attribute] for tag, attrs in self.tags if tag == name and attribute in attrs]
