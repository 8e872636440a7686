"""What watching costs the API: counts, times and a log of predictions, against the same without.

Each server, and the client that asks them in turn, is a process of its own. Runs in the
environment of a generated project that has run `all`:

    uv run --project PROJECT python benchmarks/watch.py PROJECT
"""

import json
import multiprocessing
import socket
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import uvicorn
from churn.data import read_processed
from churn.kit.files import Paths
from measure import in_turn, report
from throughput import HOST, free_port

ROUNDS = 21
REQUESTS = 300  # in one round, one after the other
MOST_MS, MOST_MB = 0.1, 15


def serve(project: Path, listener: socket.socket, watched: bool) -> None:
    """Run one of the two servers."""
    sys.path.insert(0, str(project))
    import api.main

    if not watched:
        silent = SimpleNamespace(add=lambda predictions, inputs: predictions)
        api.main.watch = lambda app, metadata, folder: silent
    app = api.main.create_app(Paths(project).models)
    uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning")).run([listener])


def median_ms(port: int, body: str) -> float:
    """The median time to an answer, on one connection that stays open."""
    connection, times = HTTPConnection(HOST, port), []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        times.append(1_000 * (time.perf_counter() - start))
        if response.status != 200:
            raise RuntimeError(response.status)
    connection.close()
    return median(times)


def resident_mb(process: multiprocessing.Process) -> float:
    """What a server holds in memory, as Linux says it."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1e3


def main(project: Path) -> None:
    """Start both servers and ask them in turn."""
    data, info = read_processed(Paths(project))
    customer = data.test[info.features].dropna().iloc[0].to_dict()
    body = json.dumps({"instances": [customer]})
    spawn = multiprocessing.get_context("spawn")
    listeners = [free_port() for _ in range(2)]
    servers = [
        spawn.Process(target=serve, args=(project, listener, watched), daemon=True)
        for listener, watched in zip(listeners, (True, False), strict=True)
    ]
    for server in servers:
        server.start()
    with ProcessPoolExecutor(1, mp_context=spawn) as client:

        def ask(listener: socket.socket) -> float:
            return client.submit(median_ms, listener.getsockname()[1], body).result()

        watched, bare = in_turn(*[partial(ask, listener) for listener in listeners], ROUNDS)
    more_mb = resident_mb(servers[0]) - resident_mb(servers[1])
    for server in servers:
        server.terminate()
    text = f"{watched:.2f} ms against {bare:.2f}, {watched / bare:.2f}x"
    report("watched answer", text, watched - bare <= MOST_MS, f"at most {MOST_MS} ms more")
    report("memory of watching", f"{more_mb:.1f} MB", more_mb <= MOST_MB, f"at most {MOST_MB} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
