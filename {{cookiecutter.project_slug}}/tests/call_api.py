"""Call a running server with its own example: `uv run python -m tests.call_api ADDRESS`."""

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
    document = call(f"{address}/openapi.json")
    body = example(document, "/predict")
    answer = call(f"{address}/predict", body)
    expect(answer.get("model_version") == health["model_version"], "/predict", answer)
    expect(len(answer["predictions"]) == len(body["instances"]), "/predict", answer)


def call(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET ``url``, or POST ``body`` to it, and return the JSON object it answers with."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise WrongAnswerError(f"{url} answered {error.code}: {text}") from error
    except (OSError, ValueError) as error:
        raise WrongAnswerError(f"{url} gave no JSON object: {error}") from error


def expect(condition: bool, path: str, answer: dict[str, Any]) -> None:
    """Refuse an answer that does not meet ``condition``."""
    if not condition:
        raise WrongAnswerError(f"{path} answered what it should not: {answer}")


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
