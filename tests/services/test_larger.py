"""A share of a table that is larger than memory, drawn by DuckDB through the way to databases."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from support import KIT

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("duckdb_engine")
if not sys.platform.startswith("linux"):
    pytest.skip("reads how much memory was taken from /proc", allow_module_level=True)

ROWS = 20_000_000
SHARE = 2  # customers in a hundred
CHILD = """
import re, sys
from pathlib import Path
import duckdb_engine, sqlalchemy
from kit import download
from kit.settings import Query

print(download.extract(Query(url_env="FILES", query=sys.argv[1]), Path(sys.argv[2])))
# Not `ru_maxrss`: a process that was forked begins with what its parent had.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_same_customers_are_drawn_in_bounded_memory(tmp_path, suffix):
    """Of each class as many: the columns alone would take more than the memory that is given."""
    big, rows = tmp_path / f"big.{suffix}", ROWS if suffix == "parquet" else ROWS // 4
    make = "select range as id, hash(range) as code, range % 5 = 0 as churned"
    duckdb.sql(f"copy ({make} from range({rows})) to '{big.as_posix()}'")
    query = f"select * from '{big.as_posix()}' where hash(id) % 100 < {SHARE}"
    drawn = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, query, tmp_path / "downloads"],
            env=os.environ | {"FILES": "duckdb:///:memory:", "PYTHONPATH": str(KIT.parent)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        file, megabytes = done.stdout.splitlines()
        drawn.append(pd.read_csv(file).sort_values("id", ignore_index=True))
        assert float(megabytes) < 400
    assert drawn[0].equals(drawn[1])
    assert len(drawn[0]) == pytest.approx(rows * SHARE / 100, rel=0.02)
    assert drawn[0]["churned"].mean() == pytest.approx(0.2, abs=0.01)
