"""Call a running API as its own description says, and see whether it answers."""

import json
import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urljoin

PNG = b"\x89PNG\r\n\x1a\n"  # what every PNG file starts with
# A grey image of 8 x 8 pixels, brighter to the right.
IMAGE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000008000000080800000000e164e157000000144944415478da63"
    "6050f1c899b0e5c61f06ca18003f441f8180393c150000000049454e44ae426082"
)
BOUNDARY = "a-line-that-is-in-no-image"


def check(address: str) -> None:
    """Call health, model, prediction and explanation; all name the same version."""
    version = ask(f"{address}/health")["model_version"]
    assert ask(f"{address}/model")["version"] == version
    description = ask(f"{address}/openapi.json")
    body, kind, cases = example(description)
    answer = ask(f"{address}/predict", body, kind)
    if kind == multipart():
        assert send(f"{address}/explain", form("file"), kind).startswith(PNG)
    elif "/explain" in description["paths"]:
        assert ask(f"{address}/explain", body)["model_version"] == version
    assert answer["model_version"] == version
    assert len(answer["predictions"]) == cases


def check_page(address: str) -> None:
    """The address leads to a page of documentation that asks nobody else for anything."""
    page = send(address, None, "text/html").decode()
    parts = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)""", page)
    assert [part for part in parts if part.endswith(".js")]
    for part in parts:
        assert send(urljoin(address, part), None, "text/html"), part


def example(description: dict[str, Any]) -> tuple[bytes, str, int]:
    """A request for predictions: its body, the body's type, and how many it asks for."""
    kinds = description["paths"]["/predict"]["post"]["requestBody"]["content"]
    if "multipart/form-data" in kinds:
        return form("files", "files"), multipart(), 2
    body = fill(kinds["application/json"]["schema"], description)
    return json.dumps(body).encode(), "application/json", len(body["instances"])


def ask(url: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
    """GET a URL, or POST a body to it, and return the JSON object it answers with."""
    return dict(json.loads(send(url, body, kind)))


def send(url: str, body: bytes | None, kind: str) -> bytes:
    """GET a URL, or POST a body to it, and return the bytes it answers with."""
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise AssertionError(f"{url} answered {error.code}: {text}") from error


def fill(schema: dict[str, Any], description: dict[str, Any]) -> Any:
    """An example of a schema: its own, or one of each of its parts."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return fill(description["components"]["schemas"][name], description)
    if "example" in schema:
        return schema["example"]
    if schema.get("type") == "array":
        return [fill(schema["items"], description)]
    return {name: fill(part, description) for name, part in schema["properties"].items()}


def multipart() -> str:
    """The content type of ``form``."""
    return f"multipart/form-data; boundary={BOUNDARY}"


def form(*fields: str) -> bytes:
    """The body of a request that uploads an image in each of these fields (RFC 7578)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; '
        f'filename="image.png"\r\nContent-Type: image/png\r\n\r\n'.encode()
        + IMAGE
        + b"\r\n"
        for field in fields
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
