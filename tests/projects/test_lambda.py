"""The handler that AWS Lambda calls: it answers API Gateway's events as the server does."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import calling
import pytest
from hostile import NAMESPACE, READ_ONLY, World, finished, may_mount
from installed import Project, free_port, retried, running
from support import CLOUD_FILES

pytestmark = [pytest.mark.services, pytest.mark.only("tabular", "cv")]

RECIPE = CLOUD_FILES / "aws-lambda" / "deploy"
TEXT = ("application/json", "text/")  # any other body comes as base64
CALL = """
import json, sys
from handler import handler
print(json.dumps([handler(event, None) for event in json.load(open(sys.argv[1]))]))
"""


@dataclass(frozen=True)
class Request:
    """What a client sends."""

    method: str
    address: str
    body: bytes = b""
    kind: str = "application/json"

    def event(self) -> dict:
        """As an HTTP API hands it to Lambda, in its payload format 2.0."""
        path, _, query = self.address.partition("?")
        host = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
        as_text = self.kind.startswith(TEXT)
        body = self.body.decode() if as_text else base64.b64encode(self.body).decode()
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {
                "accept": "*/*",
                "content-length": str(len(self.body)),
                "content-type": self.kind,
                "host": host,
                "user-agent": "curl/8.5.0",
                "x-amzn-trace-id": "Root=1-692c0000-000000000000000000000000",
                "x-forwarded-for": "203.0.113.7",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": host,
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                    "method": self.method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "curl/8.5.0",
                },
                "requestId": "UxYz0hQJliAEJ8A=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "30/Nov/2026:08:00:00 +0000",
                "timeEpoch": 1796025600000,
            },
            "isBase64Encoded": not as_text,
        }
        if query:
            event["queryStringParameters"] = dict(pair.split("=") for pair in query.split("&"))
        return event | ({"body": body} if self.body else {})


Answer = tuple[int, str, bytes]  # status, type, body


def by_lambda(returned: dict) -> Answer:
    """What API Gateway makes of what a handler returned."""
    body = returned["body"]
    content = base64.b64decode(body) if returned["isBase64Encoded"] else body.encode()
    return returned["statusCode"], returned["headers"]["content-type"], content


def by_server(port: int, request: Request) -> Answer:
    """What the project's own server answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(
        request.method, request.address, request.body, {"Content-Type": request.kind}
    )
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, str(answer.getheader("content-type")), content


@pytest.fixture(scope="module")
def task(project, tmp_path_factory) -> Path:
    """What /var/task holds in the image, with what its Dockerfile installs besides the project."""
    folder = tmp_path_factory.mktemp("task")
    for name in ("api", "models"):
        shutil.copytree(project.root / name, folder / name)
    shutil.copy(RECIPE / "handler.py", folder)
    (adapter,) = re.findall('"(mangum.*)"', (RECIPE / "Dockerfile").read_text("utf-8"))
    python = project.program("python")
    retried(project, "pip", "install", "-q", "--python", python, "--target", folder, adapter)
    return folder


def lambda_answers(project: Project, task: Path, requests: list[Request]) -> list[Answer]:
    """Call the handler in a new process, on a disk that cannot be written, as Lambda's is."""
    events = task.parent / "events.json"
    events.write_text(json.dumps([request.event() for request in requests]), "utf-8")
    call = [project.program("python"), "-c", CALL, events]
    command = [*NAMESPACE, READ_ONLY, "sh", task, *call] if may_mount() else call
    done = finished(World(task, project, {}, 0).start([str(word) for word in command]))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return [by_lambda(returned) for returned in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def port(project) -> Iterator[int]:
    """The project's own server."""
    port = free_port()
    serve = [project.program(project.command), "serve", "--port", port]
    with running(serve, project.root, f"http://127.0.0.1:{port}/health"):
        yield port


def requests(project: Project, port: int) -> dict[Request, int]:
    """Requests of every kind, and the status that each gets."""
    version = (project.root / "models" / "current.txt").read_text("utf-8").strip()
    metadata = json.loads((project.root / "models" / version / "metadata.json").read_text("utf-8"))
    body, kind, _ = calling.example(calling.ask(f"http://127.0.0.1:{port}/openapi.json"))
    more = b" " * int(metadata["limits"]["body_mb"] * 1e6)
    image = calling.form("files")
    too_large = body + more if body.startswith(b"{") else image.replace(calling.IMAGE, more)
    found = {
        Request("GET", "/health"): 200,
        Request("GET", "/model"): 200,
        Request("GET", "/openapi.json"): 200,
        Request("GET", "/nowhere"): 404,
        Request("GET", "/predict"): 405,
        Request("POST", "/predict", body, kind): 200,
        Request("POST", "/predict", too_large, kind): 413,
        Request("POST", "/predict", b"...", "application/octet-stream"): 415,
        Request("POST", "/predict", b'{"instances": [', kind): 422,
        Request("POST", "/predict", b"", kind): 422,
    }
    if kind == "application/json":
        return found | {
            Request("POST", "/explain", body): 200,
            Request("POST", "/predict", b'{"instances": [{"tenure": "long"}]}'): 422,
        }
    no_image = image.replace(calling.IMAGE, b"text")
    return found | {
        Request("POST", "/explain?opacity=0.25", calling.form("file"), kind): 200,
        Request("POST", "/explain?opacity=9", calling.form("file"), kind): 422,
        Request("POST", "/predict", no_image, kind): 415,
    }


def test_lambda_answers_as_the_server_does(project, task, port):
    expected = requests(project, port)
    answers = lambda_answers(project, task, list(expected))
    for (request, status), answer in zip(expected.items(), answers, strict=True):
        assert answer[0] == status, (request.method, request.address, answer)
        assert answer == by_server(port, request), (request.method, request.address)


def test_lambda_says_what_to_do_before_a_first_version(project, task, tmp_path):
    bare = shutil.copytree(task, tmp_path / "task", ignore=shutil.ignore_patterns("models"))
    call = [str(project.program("python")), "-c", "import handler"]
    done = finished(World(bare, project, {}, 0).start(call))
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "Publish one with `all`, or correct the address." in last
