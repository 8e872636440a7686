"""Where joblib's work runs: processes of their own for Dask, Ray and Spark on this machine."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from engines import Table, cluster, length, meet, need, process, survive, until
from joblib import Parallel, delayed
from kit import ProjectError
from support import KIT, ROOT

if not find_spec("distributed"):
    pytest.skip("no Dask: install the group `services`", allow_module_level=True)
from kit.engine import engine

HERE = {"PYTHONPATH": f"{KIT.parent}{os.pathsep}{ROOT / 'tests'}"}


@pytest.fixture(autouse=True)
def workers_find_the_kit(monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", HERE["PYTHONPATH"])
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    with cluster(sys.executable, tmp_path_factory.mktemp("dask"), **HERE) as found:
        yield found


def in_parallel(function, *arguments) -> list:
    return Parallel(n_jobs=-1)(delayed(function)(*each) for each in zip(*arguments, strict=True))


def test_two_workers_are_at_work_at_the_same_time(address, tmp_path):
    with engine(address):
        assert len({os.getpid(), *in_parallel(meet, [tmp_path] * 2, [0, 1])}) == 3
    assert in_parallel(pow, [2, 3], [2, 2]) == [4, 9]  # here again


@pytest.mark.parametrize("name", ["dask", "ray", "spark"])
def test_each_engine_on_this_machine(name, tmp_path):
    if name == "spark" and not shutil.which("java"):
        pytest.skip("no Java: install Debian's `openjdk-17-jre-headless`")
    need({"dask": "distributed", "spark": "joblibspark"}.get(name, name))
    with engine(name):
        assert os.getpid() not in in_parallel(process, range(3))
        assert in_parallel(pow, range(9), [2] * 9) == [n * n for n in range(9)]


def test_large_data_do_not_go_with_every_task(address, tmp_path):
    table = Table(tmp_path / "log")
    with engine(address):
        assert in_parallel(length, [table] * 40, range(40)) == [200_000 + n for n in range(40)]
    # Once on each worker; Dask may drop a copy that is idle, and fetch it again.
    assert len((tmp_path / "log").read_text().split()) <= 8


def test_a_worker_that_is_killed_costs_time_and_not_the_run(tmp_path):
    """Its tasks and the data that it held are the others' then."""
    first, table = tmp_path / "first", Table(tmp_path / "log")

    def kill() -> None:
        until(lambda: first.exists() and first.read_text(), "no task began")
        os.kill(int(first.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    with cluster(sys.executable, tmp_path, **HERE) as address, engine(address):
        killer.start()
        found = in_parallel(survive, [table] * 20, [tmp_path] * 20, range(20))
        killer.join()
        assert found == [200_000 + n for n in range(20)]


def test_a_task_that_kills_its_workers_ends_the_run_with_a_message():
    with pytest.raises(ProjectError, match=r"(?s)engine 'dask'.*died"), engine("dask"):
        in_parallel(os._exit, [1, 1])


def test_an_error_of_a_task_is_its_own(address):
    with pytest.raises(ZeroDivisionError), engine(address):
        in_parallel(divmod, [1], [0])


def test_an_address_where_nobody_answers_is_refused_at_once(tmp_path):
    begun = time.monotonic()
    with (
        pytest.raises(ProjectError, match="Timed out.*`uv sync --extra dask`"),
        engine("tcp://127.0.0.1:9"),
    ):
        pass
    assert time.monotonic() - begun < 30


def test_a_scheduler_without_workers_is_refused(tmp_path):
    with (
        cluster(sys.executable, tmp_path, workers=0) as address,
        pytest.raises(ProjectError, match="workers"),
        engine(address),
    ):
        pass


def test_a_single_worker_is_used(tmp_path):
    with cluster(sys.executable, tmp_path, workers=1, **HERE) as address, engine(address):
        assert os.getpid() not in in_parallel(process, range(3))


def test_workers_of_several_threads_are_refused(tmp_path):
    with (
        cluster(sys.executable, tmp_path, threads=2, **HERE) as address,
        pytest.raises(ProjectError, match="`--nthreads 1`"),
        engine(address),
    ):
        pass


def test_workers_without_the_project_are_refused(tmp_path):
    with (
        cluster(sys.executable, tmp_path, PYTHONPATH="") as address,
        pytest.raises(ProjectError, match="No module named 'kit'.*code"),
        engine(address),
    ):
        pass


@pytest.mark.parametrize("name", ["dask", "ray", "spark"])
def test_an_engine_that_is_not_installed_names_what_it_needs(name, monkeypatch):
    for module in ("dask", "ray", "ray.util.joblib", "joblibspark"):
        monkeypatch.setitem(sys.modules, module, None)
    words = {"dask": "uv sync --extra dask", "ray": "--with ray", "spark": "--with joblibspark"}
    with pytest.raises(ProjectError, match=words[name]), engine(name):
        pass
