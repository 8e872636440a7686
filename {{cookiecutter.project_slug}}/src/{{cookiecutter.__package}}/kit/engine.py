"""Where joblib's work runs: on this machine, or on the workers of Dask, Ray or Spark."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.parallel import ParallelBackendBase

from . import ProjectError

NEEDS = {"dask": "`uv sync --extra dask`", "ray": "`uv run --with ray`"}
NEEDS["spark"] = "Java 17 and `uv run --with joblibspark --with pyspark`"
MODULES = {"ray": "ray.util.joblib", "spark": "joblibspark"}
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}


@contextmanager
def engine(name: str) -> Iterator[None]:
    """Let joblib's work run where ``name`` says; a ProjectError says why it cannot."""
    kind, begun = "dask" if "://" in name else name, name == "local"
    try:
        with ExitStack() as stack:
            if kind in MODULES:
                getattr(import_module(MODULES[kind]), f"register_{kind}")()
            if not begun:
                backend = Dask(name, stack) if kind == "dask" else kind
                stack.enter_context(parallel_config(backend, n_jobs=-1))
                Parallel()([delayed(import_module)(__package__)])  # the workers have our code
            begun = True
            yield
    except Exception as error:  # each library has kinds of its own
        if begun and not type(error).__module__.startswith(("distributed", "ray")):
            raise
        why = f"engine {name!r} cannot be used: {error or type(error).__name__}"
        raise ProjectError(f"{why}. It needs {NEEDS[kind]}; its machines, our code.") from error


class Dask(ParallelBackendBase):  # type: ignore[misc]
    """joblib's own would lose data with a worker, and wait for ever for what kills its workers."""

    supports_retrieve_callback = True

    def __init__(self, name: str, stack: ExitStack) -> None:
        super().__init__()
        from dask import config, distributed

        config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
        own = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
        how = own if name == "dask" else {"address": name, "timeout": 10}
        self.client = stack.enter_context(distributed.Client(**how))
        self.client.wait_for_workers(1, timeout=10)
        if max(self.client.nthreads().values()) > 1:  # random numbers of one would be the other's
            raise ProjectError("start its workers with `--nthreads 1`")

    def effective_n_jobs(self, n_jobs: int) -> int:
        return max(2, sum(self.client.nthreads().values()))  # with 1 joblib would not ask us

    def submit(self, batch: Any, callback: Any) -> Any:
        from cloudpickle import dumps, loads  # comes with Dask; pickle knows no closures

        ((task, args, options),) = batch.items
        sent = self.parallel.__dict__.setdefault("sent", {})  # with the loop; keeps ids in use
        for arg in args:  # a large one goes to the workers once, and not with every task
            if id(arg) not in sent and len(content := dumps(arg)) > 100_000:
                sent[id(arg)] = self.client.submit(loads, content, pure=False), arg
        far = [sent.get(id(arg), (arg,))[0] for arg in args]
        future = self.client.submit(partial(task, **options), *far, pure=False)
        future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, future: Any) -> Any:
        return [future.result()]
