"""Each app answers whatever is asked: never with a fault of its own, and refusals say why."""

import json
import socket
from collections.abc import Iterator

import pytest
from fuzz import Fuzz, explains_itself
from installed import free_port, running
from support import SERVED

pytestmark = pytest.mark.only(*SERVED)

MEGABYTE = 1_000_000
JSON = "Content-Type: application/json"
FORM = "Content-Type: multipart/form-data; boundary=b"
NUMBERS = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 5_000, "0x1", "1e-400")
DEEP = 20_000
LAST = b"0\r\n\r\n"  # the piece that ends a body sent in pieces


@pytest.fixture(scope="module")
def server(project, tmp_path_factory) -> Iterator[int]:
    """The port of the project's own server, which has done nothing wrong when the tests end."""
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    serve = [project.program(project.command), "--config", project.root / "config.yaml", "serve"]
    with running([*serve, "--port", port], folder, f"http://127.0.0.1:{port}/health"):
        yield port
        log = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
        # Where HTTP itself is broken the server hangs up, perhaps before the application answers.
        assert log.count("Traceback") == log.count("LocalProtocolError: can't handle event type")


def test_two_hundred_requests(server):
    check_requests(server, 200)


@pytest.mark.slow
def test_ten_thousand_requests(server):
    check_requests(server, 10_000)


def check_requests(port: int, wanted: int) -> None:
    fuzz = Fuzz(f"http://127.0.0.1:{port}")
    fuzz.run(wanted)
    print(*sorted(fuzz.answers.items()), sep="\n")
    assert fuzz.answers.total() >= wanted
    statuses = {status for _, _, status in fuzz.answers}
    assert {200, 422} <= statuses <= {200, 404, 413, 415, 422}
    asked = {operation for operation, _, _ in fuzz.answers}
    assert asked == {operation for operation, _, status in fuzz.answers if status == 200}


def bombs() -> dict[str, bytes]:
    """Requests that no well-meant client makes, as the bytes that go over the line."""
    bodies = {f"number {text[:9]}": f'{{"instances": [{{"a": {text}}}]}}' for text in NUMBERS}
    bodies |= {
        "deep list": "[" * DEEP + "]" * DEEP,
        "deep object": '{"a":' * DEEP + "1" + "}" * DEEP,
        "deep instances": '{"instances": ' + "[" * DEEP + "]" * DEEP + "}",
        "not closed": "[" * DEEP,
        "lone surrogate": '{"instances": [{"text": "\\ud800", "unique_id": "\\udfff"}]}',
        "surrogate key": '{"\\ud800": 1, "instances": [{"\\udfff": 1}]}',
        "null byte": '{"instances": [{"text": "\\u0000"}]}',
        "twice the same key": '{"instances": [], "instances": 1, "instances": {}}',
        "empty": "",
        "null": "null",
        "text": '"instances"',
        "many": '{"instances": [' + ",".join(["{}"] * 5_000) + "]}",
    }
    raw = {name: post(body.encode()) for name, body in bodies.items()}
    raw |= {
        "not UTF-8": post(b'{"instances": "\xff\xfe\xe9"}'),
        "UTF-16": post('{"instances": []}'.encode("utf-16")),
        "byte order mark": post(b'\xef\xbb\xbf{"instances": []}'),
        "said to be compressed": post(b"\x1f\x8b\x08\0\0", JSON, "Content-Encoding: gzip"),
        "other character set": post(b"{}", "Content-Type: application/json; charset=klingon"),
        "no type": post(b"{}", ""),
        "wrong type": post(b"{}", "Content-Type: text/plain"),
        "nonsense type": post(b"{}", "Content-Type: ;;;=\xe9,,"),
        "form without parts": post(b"--b--\r\n", FORM),
        "form that is none": post(b"what?", FORM),
        "form without boundary": post(b"what?", "Content-Type: multipart/form-data"),
        "form cut short": post(b'--b\r\nContent-Disposition: form-data; name="files"; fil', FORM),
        "too large": post(b" " * 21 * MEGABYTE),
        "too large in pieces": chunked(b" " * MEGABYTE, 21),
        "odd piece": start("Transfer-Encoding: chunked") + b"zz\r\n",
        "two lengths": start("Content-Length: 1", "Content-Length: 2") + b"{}",
        "negative length": start("Content-Length: -1"),
        "length and pieces": start("Content-Length: 3", "Transfer-Encoding: chunked")
        + b"0\r\n\r\n",
        "less than promised": start("Content-Length: 1000") + b"{}",
        "more than promised": start("Content-Length: 2") + b"{}" + b"x" * 1_000,
        "many headers": start(*(f"X-{number}: 1" for number in range(10_000))),
        "long header": start("X: " + "x" * MEGABYTE),
        "not HTTP": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" * 50 + b"\r\n\r\n",
        "other version": b"POST /predict HTTP/9.9\r\n\r\n",
    }
    paths = [
        "/" + "x" * 100_000,
        "/%00",
        "/%ff%fe",
        "/../../etc/passwd",
        "/predict/",
        "/\xe9",
        "//",
    ]
    paths += ["/items/" + "%2e%2e%2f" * 100 + "/similar", "/items/%00/similar?k=1e9", "/health?x=%"]
    raw |= {f"path {path[:20]}": line("GET", path) for path in paths}
    methods = ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "GET", "BREW")
    return raw | {f"method {method}": line(method, "/predict") for method in methods}


def line(method: str, path: str, *headers: str) -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *filter(None, headers)]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def start(*headers: str) -> bytes:
    return line("POST", "/predict", JSON, *headers)


def post(body: bytes, *headers: str) -> bytes:
    return line("POST", "/predict", f"Content-Length: {len(body)}", *(headers or (JSON,))) + body


def chunked(piece: bytes, times: int) -> bytes:
    head = start("Transfer-Encoding: chunked")
    return (
        head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for _ in range(times)) + b"0\r\n\r\n"
    )


BOMBS = bombs()


def test_bombs(server):
    """All in one test, as it takes longer to start a server than to bear them."""
    for name, content in BOMBS.items():
        answer = exchange(server, content)
        try:
            check_answer(answer)
            # An API that takes images says 415 to JSON, before it reads how much there is.
            refused = b" 413 " in answer or b" 415 " in answer
            assert refused or not name.startswith("too large")
        except Exception as error:
            raise AssertionError(f"{name}: {answer[:2_000]!r}") from error
        assert exchange(server, line("GET", "/health")).startswith(b"HTTP/1.1 200 "), name


def exchange(port: int, content: bytes) -> bytes:
    """Send bytes, hang up, and return all that comes back; a server may hang up first."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        answer = b""
        try:
            line.sendall(content)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough: what it says stands in what comes back
        try:
            while received := line.recv(65_536):
                answer += received
        except ConnectionResetError:
            pass
        return answer


def check_answer(answer: bytes) -> None:
    """A refusal that explains itself, or nothing where the line was cut or HTTP itself broken."""
    if not answer:
        return
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status < 500
    if status in (400, 404, 405) and b"application/json" not in head:
        return  # by the HTTP library, to what is no HTTP
    if status != 200 and b"\r\nallow:" not in head.lower() and body:
        explains_itself(status, json.loads(body) and body)
