"""What watching costs the API: counts, times and a log of predictions, against the same without.

Each server, and the client that asks them in turn, is a process of its own. Runs in the
environment of a generated project that has run `all`:

    uv run --project PROJECT python benchmarks/watch.py PROJECT
"""

import socket
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import uvicorn
from churn.kit.files import Paths
from measure import report
from throughput import HOST, two_servers

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


def main(project: Path) -> None:
    """Ask both servers in turn."""
    watched, bare, memory = two_servers(project, serve, median_ms, ROUNDS)
    more_mb = (memory[0] - memory[1]) / 1e3
    text = f"{watched:.2f} ms against {bare:.2f}, {watched / bare:.2f}x"
    report("watched answer", text, watched - bare <= MOST_MS, f"at most {MOST_MS} ms more")
    report("memory of watching", f"{more_mb:.1f} MB", more_mb <= MOST_MB, f"at most {MOST_MB} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
