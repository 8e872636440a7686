"""The cold start of the Lambda handler, from import to first answer, and its memory.

Beside it stands importing FastAPI and making an empty application; each start is a new process.
Runs in the environment of a generated project that has run `all`, with Mangum besides:

    uv run --project PROJECT --with mangum python benchmarks/lambda_start.py PROJECT
"""

import base64
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from measure import in_turn, report, resident_kb

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "{{cookiecutter.project_slug}}" / "clouds" / "aws-lambda" / "deploy"
sys.path.append(str(ROOT / "tests" / "projects"))

ROUNDS = 11
PREDICTIONS = 100
MOST_TIMES, MOST_MB = 2.5, 150


def event(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Any:
    """A request as an HTTP API of API Gateway hands it to Lambda."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": kind},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "203.0.113.7"}},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def prediction(project: Path) -> str:
    """The event that asks for one prediction, as the API's description has it."""
    sys.path[:0] = [str(project), str(RECIPE)]
    calling = importlib.import_module("calling")
    described = importlib.import_module("handler").handler(event("GET", "/openapi.json"), None)
    body, kind, _ = calling.example(json.loads(described["body"]))
    return json.dumps(event("POST", "/predict", body, kind))


def empty() -> None:
    """Print the seconds to an application that does nothing."""
    start = time.perf_counter()
    importlib.import_module("fastapi").FastAPI()
    print(time.perf_counter() - start)


def handler(project: Path) -> None:
    """Print the seconds to the first answer, and the megabytes resident after more of them."""
    sys.path[:0] = [str(project), str(RECIPE)]
    asked = json.load(sys.stdin)
    start = time.perf_counter()
    handler = importlib.import_module("handler").handler
    answers = [handler(asked, None)]
    seconds = time.perf_counter() - start
    answers += [handler(asked, None) for _ in range(PREDICTIONS - 1)]
    if any(answer["statusCode"] != 200 for answer in answers):
        raise RuntimeError(answers[0])
    print(seconds, resident_kb(os.getpid()) * 1024 / 1e6)


def main(project: Path) -> None:
    """Start both in turn."""
    asked, memory = prediction(project), []

    def started(what: str) -> float:
        command = [sys.executable, __file__, str(project), what]
        done = subprocess.run(command, input=asked, check=True, stdout=subprocess.PIPE, text=True)
        seconds, *resident = map(float, done.stdout.split())
        memory.extend(resident)
        return seconds

    cold, bare = in_turn(lambda: started("handler"), lambda: started("empty"), ROUNDS)
    name, ratio = f"lambda {project.name}", cold / bare
    text = f"{cold:.2f} s, {ratio:.2f}x importing FastAPI with an empty app"
    report(f"{name}, first answer", text, ratio <= MOST_TIMES, f"<= {MOST_TIMES}x")
    resident = median(memory)
    report(f"{name}, resident", f"{resident:.0f} MB", resident < MOST_MB, f"< {MOST_MB} MB")


if __name__ == "__main__":
    if sys.argv[2:] == ["empty"]:
        empty()
    elif sys.argv[2:] == ["handler"]:
        handler(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]).resolve())
