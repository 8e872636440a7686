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


CONTENT_TYPE = "application/json"


def predict(address: str) -> tuple[dict[str, Any], int]:
    """Send the documentation's own example: the answer, and how many instances were sent."""
    body = example(call(f"{address}/openapi.json"), "/predict")
    return call(f"{address}/predict", json.dumps(body).encode()), len(body["instances"])


def example(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The body of a POST to ``path``, made of the examples in an OpenAPI document."""
    content = document["paths"][path]["post"]["requestBody"]["content"]
    return fill(content["application/json"]["schema"], document)


def fill(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """An example of ``schema``: its own, or one of each of its parts."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return fill(document["components"]["schemas"][name], document)
    if "example" in schema:
        return schema["example"]
    if schema.get("type") == "array":
        return [fill(schema["items"], document)]
    return {name: fill(part, document) for name, part in schema["properties"].items()}


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    except WrongAnswerError as error:
        sys.exit(f"Error: {error}")
    print("Every answer is right.")
