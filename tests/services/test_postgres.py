"""A data set from a real PostgreSQL: whole, in little memory, its password never shown."""

import os
import subprocess
import sys

import pytest
from kit import DataError, dates, download, tables
from kit.settings import Query, TableSource
from support import KIT

sqlalchemy = pytest.importorskip("sqlalchemy")
pytest.importorskip("psycopg")

ROWS = 25_000


@pytest.fixture(scope="module")
def shop(postgres) -> str:
    with sqlalchemy.create_engine(postgres).begin() as connection:
        make = f"""
            create table customers as
            select n as id, case when n % 7 = 0 then null else n * 1.5 end as spent,
                   'Zoë "' || n || '"' as name, n % 2 = 0 as churned,
                   timestamptz '2024-01-31 10:00+00' as since, jsonb_build_array(n, 'x') as tags,
                   12345678901234567890.123456789 as exact
            from generate_series(1, {ROWS}) as n
        """
        connection.execute(sqlalchemy.text(make))
    return postgres


CHILD = """
import resource, sys
from pathlib import Path
import psycopg, sqlalchemy
from kit import download
from kit.settings import Query

most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = most()
download.extract(Query(url_env="SHOP_URL", query=sys.argv[1]), Path(sys.argv[2]))
print((most() - before) / 1024)
"""


def test_every_row_comes_as_it_is(shop, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_URL", shop)
    query = Query(url_env="SHOP_URL", query="select * from customers order by id")
    file = download.extract(query, tmp_path)
    table = tables.mark_missing(tables.read_table(file, TableSource(sql=query)))
    assert len(table) == ROWS
    first, seventh = table.iloc[0], table.iloc[6]
    assert [first["id"], first["spent"], first["churned"]] == ["1", "1.5", "False"]
    assert first["name"] == 'Zoë "1"'
    assert first["tags"] == '[1, "x"]'
    assert first["exact"] == "12345678901234567890.123456789"
    assert seventh["spent"] is None
    assert dates.to_dates(table["since"].head(5), None, "here").dt.year.tolist() == [2024] * 5


def test_a_large_result_takes_little_memory(shop, tmp_path):
    """200 MB of rows pass in less than a quarter of that."""
    query = "select n, repeat('x', 1000) as text from generate_series(1, 200000) as n"
    done = subprocess.run(
        [sys.executable, "-c", CHILD, query, tmp_path],
        env=os.environ | {"SHOP_URL": shop, "PYTHONPATH": str(KIT.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert next(tmp_path.iterdir()).stat().st_size > 200e6
    assert float(done.stdout) < 50, "megabytes"


@pytest.mark.parametrize(
    ("change", "query", "said"),
    [
        (("tops3cret", "wr0ngword"), "select 1", "password"),
        (("@127.0.0.1", "@127.0.0.1"), "select * from nobody", "nobody"),
        (("/postgres", "/nothing"), "select 1", "nothing"),
    ],
)
def test_a_refusal_is_said_without_the_password(shop, monkeypatch, tmp_path, change, query, said):
    address = shop.rpartition(change[0])
    address = address[0] + change[1] + address[2]
    monkeypatch.setenv("SHOP_URL", address)
    with pytest.raises(DataError, match=said) as caught:
        download.extract(Query(url_env="SHOP_URL", query=query), tmp_path)
    for secret in ("tops3cret", "wr0ngword"):
        assert secret not in str(caught.value.message)
    assert not list(tmp_path.iterdir())
