"""The same table as people may write it; runs in a copy of any project, beside its own tests.

Each file is described by ``config.yaml`` alone and read by the command that a user types: what it
says must be what it says of the plain one, or a question that names the key to answer it with.
"""

import gzip
import importlib
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from conftest import SETTINGS

__all__ = []  # nothing is taken from here
ROWS = 300
PACKAGE = next(path.name for path in (SETTINGS.parents[1] / "src").iterdir())
main = importlib.import_module(f"{PACKAGE}.cli").main
rng = np.random.default_rng(0)
EXTRA = {"rule": {"name": "as before", "extra": 0.1}}
RUSSIAN = "\u041e\u0442\u043b\u0438\u0447\u043d\u043e"
NUMBER = {"churn": "charge", "demand": "sold", "recommender": "rating", "analysis": "price"}


def customers() -> pd.DataFrame:
    table = pd.DataFrame({"id": [f"C{number:04d}" for number in range(ROWS)]})
    table["charge"] = (rng.normal(60, 20, ROWS) * 50).round(2)
    table["plan"] = rng.choice(["na\u00efve", "don\u2019t know"], ROWS)
    likely = 1 / (1 + np.exp(-(table["charge"] - 3_000) / 700))
    return table.assign(left=np.where(rng.random(ROWS) < likely, "yes", "no"))


def reviews() -> pd.DataFrame:
    said = rng.choice(["it\u2019s great", "tr\u00e8s good"], ROWS)
    text = [f"{words} number {place}" for place, words in enumerate(said)]
    return pd.DataFrame({"text": text, "stars": np.where(np.arange(ROWS) % 2, 5, 1)})


def days() -> pd.DataFrame:
    dates = pd.date_range("2023-01-01", periods=ROWS).strftime("%Y-%m-%d")
    return pd.DataFrame(
        {"shop": "Caf\u00e9", "day": dates, "sold": rng.integers(1_000, 9_000, ROWS) / 4}
    )


def ratings() -> pd.DataFrame:
    users, items = np.divmod(np.arange(1_600), 40)
    table = pd.DataFrame({"user": users, "item": [f"caf\u00e9 {item}" for item in items]})
    return table.assign(rating=(rng.integers(2, 21, 1_600) / 4).round(2))


def houses() -> pd.DataFrame:
    table = pd.DataFrame({"price": rng.integers(4_000, 40_000, ROWS) / 4})
    return table.assign(
        kind=rng.choice(["caf\u00e9", "shop"], ROWS), area=rng.normal(100, 9, ROWS).round(1)
    )


TABLES: dict[str, tuple[Any, dict[str, Any]]] = {
    "churn": (customers, {"target": "left", "positive": "yes", "id": "id"}),
    "sentiment": (reviews, {"text": "text", "label": "stars", "rating_threshold": 4}),
    "demand": (
        days,
        {"ds": "day", "y": "sold", "unique_id": "shop", "freq": "D", "horizon": 7, "windows": 3}
        | EXTRA,
    ),
    "recommender": (
        ratings,
        {
            "user": "user",
            "item": "item",
            "rating": "rating",
            "positive_rating": 3,
            "split_by": "user",
            "rule": {"name": "as before"},
        },
    ),
    "analysis": (houses, {"rows_are": "houses", "regression_target": "price", "group": ["kind"]}),
}
make, ROLES = TABLES[PACKAGE]
TABLE = make()


def run(root: Path, content: bytes, **options: Any) -> tuple[int, str]:
    """Exit code and output of ``data`` on a file with this content."""
    (root / "mine.csv").write_bytes(content)
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    entry = {"path": "mine.csv", **ROLES, **options}
    settings |= {"dataset": "mine", "datasets": {"mine": entry}}
    if "prices" in settings and PACKAGE == "analysis":
        settings["prices"] = {}
    (root / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    done = CliRunner().invoke(main, ["--config", str(root / "config.yaml"), "data"])
    return done.exit_code, done.output


def told(root: Path, content: bytes, **options: Any) -> dict[str, Any]:
    """What the receipt says of a file that is read."""
    code, output = run(root, content, **options)
    assert code == 0, output
    return json.loads((root / "reports" / "data.json").read_text(encoding="utf-8"))


def written(table: pd.DataFrame = TABLE, encoding: str = "utf-8", **options: Any) -> bytes:
    return table.to_csv(index=False, **options).encode(encoding)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is said of the file as it should be."""
    receipt = told(tmp_path_factory.mktemp("plain"), written())
    assert (receipt["lines"], receipt["rows_read"], receipt["dropped"]) == (
        len(TABLE) + 1,
        len(TABLE),
        [],
    )
    return receipt


def alike(
    receipt: dict[str, Any], plain: dict[str, Any], dropped: dict[str, int] | None = None
) -> bool:
    """Whether the same was read, beside what is said to be no row."""
    assert {part["reason"]: part["rows"] for part in receipt["dropped"]} == (dropped or {})
    assert receipt["rows_read"] == len(TABLE) + sum((dropped or {}).values())
    return all(receipt[key] == plain[key] for key in ("rows_kept", "columns", "target"))


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("folder/table.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (gzip.compress(written()), {}),
        (lzma.compress(written()), {}),
        (zipped(written()), {}),
        (zipped(written()), {"member": "folder/table.csv"}),
        (written(encoding="utf-8-sig"), {}),
        (written(encoding="utf-16"), {}),
        (written(encoding="cp1252"), {}),
        (written(encoding="cp1252"), {"encoding": "latin-1"}),
        (written(lineterminator="\r\n"), {}),
        (written(sep=";"), {"separator": ";"}),
        (written(sep="\t"), {"separator": "\t"}),
    ],
)
def test_files_are_read_however_they_are_packed_and_encoded(plain, tmp_path, content, options):
    assert alike(told(tmp_path, content, **options), plain)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_is_a_table(plain, tmp_path, indent):
    receipt = told(tmp_path, TABLE.to_json(orient="records", indent=indent).encode())
    assert receipt["rows_kept"] == plain["rows_kept"]


@pytest.mark.parametrize(
    ("before", "after", "dropped"),
    [
        ("\n", "", {"above the header": 1}),
        ("Our table\n\n", "", {"above the header": 2}),
        ("", "HEADER", {"the header again": 1}),
        ("", "EMPTY", {"blank": 1}),
        ("", "Total", {"a total": 1}),
    ],
)
def test_what_is_no_row_is_told_and_left_out(plain, tmp_path, before, after, dropped):
    width = len(TABLE.columns) - 1
    rows = {"HEADER": ",".join(TABLE.columns), "EMPTY": "," * width, "Total": "Total" + "," * width}
    text = before + written().decode() + (rows[after] + "\n" if after else "")
    assert alike(told(tmp_path, text.encode()), plain, dropped)


@pytest.mark.skipif(PACKAGE not in NUMBER, reason="its rating is in the other tests")
@pytest.mark.parametrize(
    ("form", "options"),
    [
        (lambda n: f"{n:.2f}".replace(".", ","), {"separator": ";"}),
        (lambda n: f"{n:,.2f}".translate(str.maketrans(",.", ".,")), {"separator": ";"}),
        (lambda n: f"{n:,.2f}", {}),
        (lambda n: f"$ {n:,.2f}", {}),
        (lambda n: f"{n:.2f} kg", {}),
    ],
)
def test_numbers_are_read_however_they_are_written(plain, tmp_path, form, options):
    name = NUMBER[PACKAGE]
    table = TABLE.assign(**{name: TABLE[name].map(form)})
    separator = options.get("separator", ",")
    assert alike(told(tmp_path, written(table, sep=separator), **options), plain)


def test_rows_that_a_quotation_mark_swallows_are_asked_about(plain, tmp_path):
    lines = written(sep="\t").decode().split("\n")
    for place in (9, 99):
        lines[place] = '"' + lines[place]
    code, output = run(tmp_path, "\n".join(lines).encode(), separator="\t")
    assert (code, "`quotes: false`" in output) == (2, True), output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (written() + b"," * 9 + b"5\n", "cannot be read as a table"),
        (
            RUSSIAN.encode("cp1251") + written(),
            "Name its `encoding`",
        ),
        (written(encoding="utf-16-le"), "`encoding`"),
        (b"", "cannot be read as a table"),
        (gzip.compress(written())[:99], "cannot be read as a table"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_message(tmp_path, content, words):
    code, output = run(tmp_path, content)
    assert (code, output.count("Error: ")) == (2, 1), output
    assert words in output
