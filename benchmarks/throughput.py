"""`POST /predict` of the real API against an endpoint of the same types that computes nothing.

Each server, and the client that loads them in turn, is a process of its own. Runs in the
environment of a generated project that has run `all`:

    uv run --project PROJECT python benchmarks/throughput.py PROJECT
"""

import json
import multiprocessing
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import uvicorn
from churn.data import read_processed
from churn.kit.files import Paths
from churn.predictor import Predictor
from measure import in_turn, report, resident_kb

HOST = "127.0.0.1"
ROUNDS = 11
CONNECTIONS = 4  # kept open
REQUESTS = 200  # in one round, on each connection
TARGET = 0.6
ANSWER = {"probability": 0.25, "decision": "contact", "expected_value": 12.5}


def free_port() -> socket.socket:
    """Listen on a free port, so that a request sent before the server's start waits for it."""
    # asyncio sends an answer's parts at once only on a socket that says it is TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((HOST, 0))
    listener.listen()
    return listener


def serve(project: Path, listener: socket.socket, computes: bool) -> None:
    """Run one of the two servers."""
    sys.path.insert(0, str(project))
    import api.main

    if not computes:
        api.main.rows = lambda body: [{}]
        Predictor.predict = lambda self, instances: [ANSWER]
        Predictor.warnings = lambda self, instances: [[]]
    app = api.main.create_app(Paths(project).models)
    # As `serve` runs it, less the line that it would print for every request.
    uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning")).run([listener])


def ask(port: int, body: str) -> None:
    """Send one connection's requests, each after the answer to the one before."""
    connection = HTTPConnection(HOST, port)
    for _ in range(REQUESTS):
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {answer.decode()}")
    connection.close()


def requests_per_second(port: int, body: str) -> float:
    """Load one server over all connections at once."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(ask, [port] * CONNECTIONS, [body] * CONNECTIONS))
    return CONNECTIONS * REQUESTS / (time.perf_counter() - start)


def two_servers(
    project: Path,
    serve: Callable[[Path, socket.socket, bool], None],
    measure: Callable[[int, str], float],
    rounds: int,
) -> tuple[float, float, list[int]]:
    """Start a server with True and one with False, and ``measure(port, body)`` them in turn.

    Returned are the medians and each server's memory in kB, as Linux says it.
    """
    data, info = read_processed(Paths(project))
    customer = data.test[info.features].dropna().iloc[0].to_dict()
    body = json.dumps({"instances": [customer]})
    spawn = multiprocessing.get_context("spawn")
    listeners = [free_port() for _ in range(2)]
    servers = [
        spawn.Process(target=serve, args=(project, listener, real), daemon=True)
        for listener, real in zip(listeners, (True, False), strict=True)
    ]
    for server in servers:
        server.start()
    with ProcessPoolExecutor(1, mp_context=spawn) as client:

        def ask(listener: socket.socket) -> float:
            return client.submit(measure, listener.getsockname()[1], body).result()

        first, second = in_turn(*[partial(ask, listener) for listener in listeners], rounds)
    memory = [resident_kb(server.pid) for server in servers]
    for server in servers:
        server.terminate()
    return first, second, memory


def main(project: Path) -> None:
    """Load both servers in turn."""
    real, constant, _ = two_servers(project, serve, requests_per_second, ROUNDS)
    ratio = real / constant
    report("throughput", f"{ratio:.2f} of the constant answer's", ratio >= TARGET, f">= {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
