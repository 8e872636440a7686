"""Call a running server and see whether it answers: `uv run python -m tests.call_api ADDRESS`."""

import json
import sys
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_SECONDS = 30


class WrongAnswerError(Exception):
    """The server answered, but not what it should have."""


def check(address: str) -> None:
    """Call health, model and prediction.

    Raises:
        WrongAnswerError: an answer is an error, or does not fit the others.
    """
    address = address.rstrip("/")
    health = call(f"{address}/health")
    expect(health.get("status") == "ok", "/health", health)
    model = call(f"{address}/model")
    expect(model.get("version") == health["model_version"], "/model", model)
    answer, sent = predict(address)
    expect(answer.get("model_version") == health["model_version"], "/predict", answer)
    expect(len(answer["predictions"]) == sent, "/predict", answer)


def call(url: str, body: bytes | None = None) -> dict[str, Any]:
    """GET ``url``, or POST ``body`` to it, and return the JSON object it answers with."""
    try:
        return dict(json.loads(send(url, body)))
    except ValueError as error:
        raise WrongAnswerError(f"{url} gave no JSON object: {error}") from error


def send(url: str, body: bytes | None = None) -> bytes:
    """GET ``url``, or POST ``body`` to it, and return the bytes it answers with."""
    request = urllib.request.Request(url, body, {"Content-Type": CONTENT_TYPE})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise WrongAnswerError(f"{url} answered {error.code}: {text}") from error
    except OSError as error:
        raise WrongAnswerError(f"{url} gave no answer: {error}") from error


def expect(condition: bool, path: str, answer: dict[str, Any]) -> None:
    """Refuse an answer that does not meet ``condition``."""
    if not condition:
        raise WrongAnswerError(f"{path} answered what it should not: {answer}")


BOUNDARY = "a-line-that-is-in-no-image"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
PNG = b"\x89PNG\r\n\x1a\n"  # what every PNG file starts with
# A grey image of 8 x 8 pixels, brighter to the right.
IMAGE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000008000000080800000000e164e157000000144944415478da63"
    "6050f1c899b0e5c61f06ca18003f441f8180393c150000000049454e44ae426082"
)


def predict(address: str) -> tuple[dict[str, Any], int]:
    """Send an image twice, and ask for its map: the answer, and how many images were sent."""
    picture = send(f"{address}/explain", form("file"))
    expect(picture.startswith(PNG), "/explain", {"starts with": picture[:20]})
    return call(f"{address}/predict", form("files", "files")), 2


def form(*fields: str) -> bytes:
    """The body of a request that uploads ``IMAGE`` in each of these fields (RFC 7578)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; '
        f'filename="image.png"\r\nContent-Type: image/png\r\n\r\n'.encode()
        + IMAGE
        + b"\r\n"
        for field in fields
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    except WrongAnswerError as error:
        sys.exit(f"Error: {error}")
    print("Every answer is right.")
