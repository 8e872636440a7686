"""Data: the sample is what it says, files of all kinds load, bad ones are refused."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }} import data, sample
from {{ cookiecutter.package_name }}.config import Config, Dataset
from {{ cookiecutter.package_name }}.download import fetch
from {{ cookiecutter.package_name }}.errors import DataError
from {{ cookiecutter.package_name }}.paths import Paths
from {{ cookiecutter.package_name }}.settings import TableSource
from {{ cookiecutter.package_name }}.tables import read_table

ROWS = 200


@pytest.fixture
def table() -> pd.DataFrame:
    """A file's worth of customers, as text."""
    rng = np.random.default_rng(0)
    columns = {
        "id": [f"c{number}" for number in range(ROWS)],
        "age": rng.integers(18, 90, ROWS).astype(str),
        "plan": rng.choice(["basic", "pro"], ROWS),
        "left": np.resize(["yes", "no", "no"], ROWS),
    }
    return pd.DataFrame(columns).astype(object)


def validate(table: pd.DataFrame, **roles: Any) -> tuple[pd.DataFrame, data.DatasetInfo]:
    source = Dataset(**{"path": "mine.csv", "target": "left", "positive": "yes", **roles})
    return data.validate(table, source, "mine", "0" * 64)


def refusal(table: pd.DataFrame, **roles: Any) -> str:
    with pytest.raises(DataError) as error:
        validate(table, **roles)
    assert "data set 'mine'" in str(error.value)
    return str(error.value)


def read(file: Path, **options: Any) -> pd.DataFrame:
    return read_table(file, TableSource(path=file, **options))


# The sample


def test_sample_depends_on_its_seed_alone():
    pd.testing.assert_frame_equal(sample.make_sample(1), sample.make_sample(1))
    assert not sample.make_sample(1).equals(sample.make_sample(2))


def test_sample_looks_like_the_real_thing():
    table = sample.make_sample(1)
    assert len(table) == 7_000
    assert table[sample.ID].is_unique
    assert 0.2 < table[sample.TARGET].eq(sample.POSITIVE).mean() < 0.3
    missing = table.columns[table.isna().any()]
    assert set(missing) == {"support_calls", "payment", "total_charges"}
    assert table["total_charges"].isna().equals(table["tenure_months"].eq(0))


def test_sample_churns_as_its_truth_says():
    table = sample.make_sample(1)
    left = table[sample.TARGET].eq(sample.POSITIVE)
    risk = left.groupby(pd.qcut(sample.churn_log_odds(table.dropna()), 5), observed=True).mean()
    assert risk.is_monotonic_increasing
    for column in sample.NOISE_COLUMNS:
        assert np.ptp(left.groupby(table[column]).mean()) < 0.06
    assert np.ptp(left.groupby(table["contract"]).mean()) > 0.2


# Reading files


@pytest.mark.parametrize(
    ("writing", "reading"),
    [
        ({}, {}),
        ({"sep": ";"}, {"separator": ";"}),
        ({"sep": "\t", "encoding": "utf-16"}, {"separator": "\t", "encoding": "utf-16"}),
        ({"encoding": "utf-8-sig", "lineterminator": "\r\n"}, {}),
        ({"encoding": "latin-1"}, {"encoding": "latin-1"}),
        ({"na_rep": "?"}, {"na_values": ["?"]}),
    ],
)
def test_text_file_is_read_as_described(
    table: pd.DataFrame, tmp_path: Path, writing: dict[str, Any], reading: dict[str, Any]
):
    table = table.rename(columns={"plan": "Tarif für Köln"})
    table.loc[3, "age"] = np.nan
    table.to_csv(tmp_path / "mine.csv", index=False, **writing)
    found = read(tmp_path / "mine.csv", **reading)
    pd.testing.assert_frame_equal(found, table)


def test_file_without_header_gets_numbered_columns(table: pd.DataFrame, tmp_path: Path):
    table.to_csv(tmp_path / "mine.csv", index=False, header=False)
    found = read(tmp_path / "mine.csv", header=False)
    assert list(found) == ["column_0", "column_1", "column_2", "column_3"]
    assert len(found) == ROWS


def test_separator_at_the_end_of_lines_shifts_no_column(table: pd.DataFrame, tmp_path: Path):
    header, *lines = table.to_csv(index=False).splitlines()
    text = "\n".join([header, *(line + "," for line in lines)])
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    pd.testing.assert_frame_equal(read(tmp_path / "mine.csv")[list(table)], table)


def test_parquet_file_keeps_its_types(table: pd.DataFrame, tmp_path: Path):
    table = table.assign(
        age=table["age"].astype("Int64").mask(table.index == 3),
        plan=table["plan"].astype("category"),
        left=table["left"] == "yes",
        since=pd.Timestamp("2024-01-01") + pd.to_timedelta(range(ROWS), unit="D"),
    )
    table.to_parquet(tmp_path / "mine.parquet")
    checked, info = validate(read(tmp_path / "mine.parquet"), positive=True, id="id")
    assert info.numeric == ["age"]
    assert info.categorical == ["plan"]
    assert "is a date" in info.left_out["since"]
    assert checked["age"].isna().sum() == 1
    assert checked["left"].equals(table["left"].astype("int8"))


def test_columns_without_a_name_get_one(table: pd.DataFrame, tmp_path: Path):
    table.rename(columns={"age": "", "plan": " plan "}).to_parquet(tmp_path / "mine.parquet")
    assert list(read(tmp_path / "mine.parquet")) == ["id", "column_1", "plan", "left"]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"id,left,left \n1,yes,no\n", {}, "two columns called 'left'"),
        (b"id,left\n1,yes,3\n2,no,4\n", {}, "cannot be read as a table"),
        ("id,left\n1,yes\n2,n\u00f6\n".encode("latin-1"), {}, "is not utf-8-sig text"),
        (b"id,left\n1,yes\n2,no,3,4\n", {}, "Expected 2 fields in line 3, saw 4"),
        (b"id,left\n", {}, "has no rows"),
        (b"", {}, "cannot be read as a table"),
        (b"id,left\n1,yes\n", {"encoding": "martian"}, "unknown encoding: martian"),
        (b"id,left\n1,yes\n", {"format": "parquet"}, "Check `format`"),
    ],
)
def test_unreadable_file_is_refused(
    tmp_path: Path, content: bytes, options: dict[str, Any], words: str
):
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=words) as error:
        read(file, **options)
    assert str(file) in str(error.value)


# Finding out what columns are


def test_columns_become_numbers_and_categories(table: pd.DataFrame):
    checked, info = validate(table.assign(notes=table["id"]), id="id")
    assert (info.numeric, info.categorical) == (["age"], ["plan"])
    assert info.left_out == {"notes": "has a different value in most rows, like a name"}
    assert checked["age"].tolist() == table["age"].astype(float).tolist()
    assert checked["left"].sum() == (table["left"] == "yes").sum()
    assert info.rows == ROWS
    assert not info.synthetic


def test_blanks_are_missing(table: pd.DataFrame, tmp_path: Path):
    # As in IBM's file, where customers of less than a month have a blank total.
    table.loc[3, "age"] = " "
    table.loc[4, "plan"] = "  "
    table.to_csv(tmp_path / "mine.csv", index=False)
    checked, info = validate(read(tmp_path / "mine.csv"), id="id")
    assert info.numeric == ["age"]
    assert checked["age"].isna().tolist() == [row == 3 for row in range(ROWS)]
    assert checked["plan"][4] == data.MISSING


def test_dropped_and_constant_columns_are_left_out(table: pd.DataFrame):
    _, info = validate(table.assign(country="DE"), id="id", drop=["plan"])
    assert info.features == ["age"]
    assert set(info.left_out) == {"plan", "country"}


@pytest.mark.parametrize("name", ["a b", "class", "é", "a.b", "0", "model_config"])
def test_columns_may_be_called_anything(table: pd.DataFrame, name: str):
    checked, info = validate(table.rename(columns={"age": name}), id="id")
    assert info.numeric == [name]
    assert name in checked


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["yes", "no"], "yes"),
        (["Yes", "No"], True),  # YAML reads an unquoted Yes as true
        (["No", "Yes"], False),
        ([" YES", "no"], "Yes"),
        ([True, False], True),
        ([1, 0], True),
        ([1, 0], 1),
        ([0, 1], 0),
        (["1.0", "0.0"], "1"),
        ([1.0, 0.0], "1"),
        (["gone", "stayed"], "gone"),
    ],
)
def test_target_may_be_spelled_in_many_ways(
    table: pd.DataFrame, labels: list[Any], positive: str | bool
):
    expected = (np.arange(ROWS) % 2 == 0).astype("int8").tolist()
    table["left"] = pd.Series(np.resize(np.array(labels), ROWS))
    checked, _ = validate(table, positive=positive)
    assert checked["left"].tolist() == expected


# Refusing bad data


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("age", 7, "forty", "column 'age', row 8: expected a number, found 'forty'"),
        ("age", 7, "inf", "column 'age', row 8: expected a number, found 'inf'"),
        ("age", 7, "1e20", "column 'age', row 8: expected"),
        ("id", 7, "c3", "column 'id', row 4: expected field_uniqueness, found 'c3'"),
        ("left", 7, None, "column 'left', row 8: the target is missing"),
    ],
)
def test_bad_value_is_named_with_column_and_row(
    table: pd.DataFrame, column: str, row: int, value: str | None, words: str
):
    table.loc[row, column] = value
    assert words in refusal(table, id="id")


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"target": "lef"}, "no column 'lef'; did you mean 'left'?"),
        ({"id": "idd"}, "no column 'idd'; did you mean 'id'?"),
        ({"drop": ["plann"]}, "no column 'plann'; did you mean 'plan'?"),
        ({"ratios": {"r": ["age", "agee"]}}, "no column 'agee'; did you mean 'age'?"),
        ({"positive": "gone"}, "no row has the positive value 'gone'; found 'yes', 'no'"),
        ({"drop": ["age", "plan", "id"]}, "has no usable feature column"),
    ],
)
def test_wrong_role_is_named(table: pd.DataFrame, roles: dict[str, Any], words: str):
    assert words in refusal(table, **roles)


def test_wrong_separator_is_suspected(table: pd.DataFrame, tmp_path: Path):
    table.to_csv(tmp_path / "mine.csv", index=False, sep=";")
    message = refusal(read(tmp_path / "mine.csv"))
    assert "the only column is 'id;age;plan;left': is `separator` right?" in message


@pytest.mark.parametrize(("rows", "stayed"), [(slice(0, None, 3), 0), (slice(0, 30), 20)])
def test_too_few_of_a_class_are_refused(table: pd.DataFrame, rows: slice, stayed: int):
    message = refusal(table[rows])
    assert f"and {stayed} stayed; expected at least 20 of each" in message


def test_bad_data_never_replaces_good(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any]
):
    config, paths = Config(**settings | {"dataset": "mine"}), Paths(tmp_path)
    table.to_csv(tmp_path / "mine.csv", index=False)
    data.prepare(config, paths)
    good = data.read_processed(paths)
    table.replace({"left": {"yes": "no"}}).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError):
        data.prepare(config, paths)
    assert data.read_processed(paths)[1] == good[1]
    pd.testing.assert_frame_equal(data.read_processed(paths)[0].train, good[0].train)


@pytest.mark.parametrize("split", [{"test_size": 0.9}, {"test_size": 0.004}, {"folds": 20}])
def test_too_few_customers_for_the_split_are_refused(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any], split: dict[str, Any]
):
    settings["split"] |= split
    table[:90].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError, match="`split`"):
        data.prepare(Config(**settings | {"dataset": "mine"}), Paths(tmp_path))


# Splitting


def test_split_is_complete_disjoint_and_stratified(table: pd.DataFrame):
    checked, _ = validate(table, id="id")
    parts = data.split(checked, "left", 0.2, seed=1)
    assert len(parts.test) == 0.2 * ROWS
    pd.testing.assert_frame_equal(pd.concat([parts.train, parts.test]).sort_index(), checked)
    rates = [part["left"].mean() for part in (parts.train, parts.test)]
    assert rates[0] == pytest.approx(rates[1], abs=1 / len(parts.test))


def test_split_depends_on_its_seed_alone(table: pd.DataFrame):
    checked, _ = validate(table)
    first, same, other = (data.split(checked, "left", 0.2, seed).test for seed in (1, 1, 2))
    assert first.index.equals(same.index)
    assert not first.index.equals(other.index)


# Downloading

CONTENT = b"id,left\n1,yes\n2,no\n"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; what is called ``cut`` ends before it is complete."""

    def log_message(self, format: str, *args: object) -> None:
        self.server.requests.append(self.path)

    def copyfile(self, source: Any, outputfile: Any) -> None:
        outputfile.write(source.read(5 if "cut" in self.path else -1))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A web server on this machine for the files in ``tmp_path/web``."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    web = tmp_path / "web"
    web.mkdir()
    for name in ("mine.csv", "cut.csv"):
        (web / name).write_bytes(CONTENT)
    with zipfile.ZipFile(web / "mine.zip", "w") as archive:
        archive.writestr("folder/mine.csv", CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=web)) as server:
        server.requests = []
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def download(server: ThreadingHTTPServer, root: Path, name: str, **options: Any) -> Path:
    url = f"http://127.0.0.1:{server.server_port}/{name}"
    return fetch(TableSource(url=url, **options), Paths(root))


def left_behind(root: Path) -> list[Path]:
    return [path for path in (root / "data").rglob("*") if path.is_file()]


@pytest.mark.parametrize("algorithm", ["sha256", "md5", None])
def test_download_is_checked_and_reused(
    server: ThreadingHTTPServer, tmp_path: Path, algorithm: str | None
):
    checksum = {algorithm: hashlib.new(algorithm, CONTENT).hexdigest()} if algorithm else {}
    first = download(server, tmp_path, "mine.csv", **checksum)
    second = download(server, tmp_path, "mine.csv", **checksum)
    assert first.read_bytes() == CONTENT
    assert first == second
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("mine.csv", {"sha256": "0" * 64}, "did not deliver the file"),
        ("mine.csv", {"md5": "0" * 32}, "did not deliver the file"),
        ("cut.csv", {}, "cannot download"),
        ("absent.csv", {}, "cannot download"),
    ],
)
def test_failed_download_leaves_nothing(
    server: ThreadingHTTPServer, tmp_path: Path, name: str, options: dict[str, str], words: str
):
    with pytest.raises(DataError, match=words) as error:
        download(server, tmp_path, name, **options)
    assert f"/{name}" in str(error.value)
    assert left_behind(tmp_path) == []


def test_member_of_an_archive_is_unpacked(server: ThreadingHTTPServer, tmp_path: Path):
    file = download(server, tmp_path, "mine.zip", member="folder/mine.csv")
    assert file.read_bytes() == CONTENT


def test_wrong_member_is_named_with_the_right_ones(server: ThreadingHTTPServer, tmp_path: Path):
    with pytest.raises(DataError, match=r"no member 'my.csv'; it has: folder/mine.csv"):
        download(server, tmp_path, "mine.zip", member="my.csv")
    with pytest.raises(DataError, match="is not a zip archive"):
        download(server, tmp_path, "mine.csv", member="my.csv")


def test_local_file_is_found_and_checked(tmp_path: Path):
    (tmp_path / "mine.csv").write_bytes(CONTENT)
    paths, checksum = Paths(tmp_path), hashlib.sha256(CONTENT).hexdigest()
    assert fetch(TableSource(path="mine.csv", sha256=checksum), paths) == tmp_path / "mine.csv"
    with pytest.raises(DataError, match="does not have the checksum"):
        fetch(TableSource(path="mine.csv", sha256="0" * 64), paths)
    with pytest.raises(DataError, match=r"start at the folder of config\.yaml"):
        fetch(TableSource(path="absent.csv"), paths)
