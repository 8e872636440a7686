"""Extracting from a database: whole, in parts, and without showing its password."""

import datetime
import sqlite3

import pandas as pd
import pytest
from kit import DataError, download, tables
from kit.settings import Query, TableSource

QUERY = Query(url_env="SHOP_URL", query="select * from customers order by id")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as connection:
        connection.execute("create table customers (id integer, name text, since text)")
        rows = [(n, None if n == 3 else f'a "quoted", {n}\nline', "2024-01-31") for n in range(25)]
        connection.executemany("insert into customers values (?, ?, ?)", rows)
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{file}")
    return tmp_path


def test_every_row_comes_as_it_is_in_parts(shop, monkeypatch):
    monkeypatch.setattr(download, "ROWS", 10)
    file = download.extract(QUERY, shop)
    table = tables.mark_missing(tables.read_table(file, TableSource(sql=QUERY)))
    assert table["id"].tolist() == [str(n) for n in range(25)]
    assert table["name"].iloc[2] == 'a "quoted", 2\nline'
    assert pd.isna(table["name"].iloc[3])
    assert table["since"].iloc[0] == "2024-01-31"


def test_dates_and_lists_are_written_so_that_they_can_be_read():
    assert download._plain([1, "ä"]) == '[1, "ä"]'
    assert download._plain(datetime.date(2024, 1, 31)) == datetime.date(2024, 1, 31)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "not set"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/shop", "SHOP_URL"),
        ("nonsense", "SHOP_URL"),
        ("other://me:secret@host/shop", "SHOP_URL"),
    ],
)
def test_what_cannot_be_asked_is_said_without_the_password(tmp_path, monkeypatch, address, said):
    monkeypatch.setenv("SHOP_URL", address)
    with pytest.raises(DataError, match=said) as caught:
        download.extract(QUERY, tmp_path)
    assert "secret" not in caught.value.message
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_wrong_query_leaves_what_was_fetched_before(shop):
    file = download.extract(QUERY, shop)
    before = file.read_bytes()
    wrong = QUERY.model_copy(update={"query": "select * from nobody"})
    with pytest.raises(DataError, match="no such table"):
        download.extract(wrong, shop)
    assert file.read_bytes() == before
    assert not list(shop.glob(".*"))
