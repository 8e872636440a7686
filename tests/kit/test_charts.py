"""Charts: the same file on every run, whatever the numbers and names."""

from pathlib import Path

import pytest
from kit import charts


def draw(path: Path, scale: float, label: str) -> bytes:
    names = ["dummy", label]
    models = [
        {
            "label": name,
            "selected": place == 1,
            "metrics": {"m": {"value": scale, "low": scale * 0.9, "high": scale * 1.1}},
        }
        for place, name in enumerate(names)
    ]
    pictures = {path.stem: ("result", "a [b]", lambda axes: charts.ladder(axes, models, "m"))}
    (entry,) = charts.draw(path.parent, pictures, synthetic=True)
    assert (entry["file"], entry["alt"]) == (f"reports/figures/{path.name}", "a (b)")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("scale", "label"), [(0.8, "forest"), (1e-8, "a$b_{"), (4.57e12, "x" * 200), (0.0, "日本")]
)
def test_same_content_is_the_same_file(tmp_path: Path, scale: float, label: str):
    assert draw(tmp_path / "1.png", scale, label) == draw(tmp_path / "2.png", scale, label)


def test_long_titles_are_written_in_lines(tmp_path: Path):
    seen = []

    def picture(axes):
        seen.append(axes)
        axes.set_title("word " * 40)

    (entry,) = charts.draw(tmp_path, {"a": ("result", "", picture)}, synthetic=False)
    lines = seen[0].figure.get_suptitle().split("\n")
    assert len(lines) > 1
    assert max(map(len, lines)) <= 70
    assert entry["title"] == "word " * 40


def test_long_names_are_cut():
    assert charts.short("x" * 200, 24) == "x" * 23 + "…"
    assert charts.short(" a\n b ") == "a b"
