"""What the tests throw at the APIs, and what every answer must be."""

import json
import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from random import Random
from typing import Any
from urllib.request import urlopen

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers
from schemathesis.checks import negative_data_rejection
from schemathesis.config import SchemathesisConfig

POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
# What is wrong is refused with one of these; 413 comes first where there is too much of it.
REFUSED = [404, 413, 415, 422]
# What no description can say: which values, series and items are known, what is a picture. And
# JSON Schema counts 14.0 as an integer, which the apps do not.
UNKNOWN = {"unknown", "unknown_series", "unknown_item", "image"}
NOT_WHOLE = {"int_type"}
CONFIG = {
    "checks": {
        "negative_data_rejection": {"expected-statuses": REFUSED},
        "positive_data_acceptance": {"enabled": False},  # see `accepted` below
    }
}
ONLY_WRONG = [negative_data_rejection]  # takes what `make_sensible` changes for wrong
UNLIMITED = settings(
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Fuzz:
    """Requests sent to one server, and how often each kind of them was answered how."""

    address: str
    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def run(self, requests: int) -> None:
        """Send at least so many requests, made from the server's own description."""
        config = SchemathesisConfig.from_dict(CONFIG)
        schema = schemathesis.openapi.from_url(f"{self.address}/openapi.json", config=config)
        operations = [found.ok() for found in schema.get_all_operations()]
        # There is only one way to ask the others.
        asked = [one for one in operations if one.body or one.path_parameters]
        times = ceil(requests / len(asked) / 2)
        known = known_values(self.address)
        for operation in operations:
            self.ask(operation, POSITIVE, times if operation in asked else 1, known)
            if operation in asked:
                self.ask(operation, NEGATIVE, times, known)

    def ask(self, operation: Any, mode: Any, times: int, known: dict[str, list[Any]]) -> None:
        """Ask one thing in many ways; half of the good questions are about what is known."""

        @settings(UNLIMITED, max_examples=times)
        @given(case=operation.as_strategy(generation_mode=mode), seed=integers(0, 2**32))
        def ask(case: schemathesis.Case, seed: int) -> None:
            sensible = mode is POSITIVE and seed % 2 == 0
            if sensible:
                make_sensible(case, known, Random(seed))
            answer = case.call()
            self.answers[operation.label, mode.value, answer.status_code] += 1
            case.validate_response(answer, excluded_checks=ONLY_WRONG if mode is POSITIVE else [])
            if answer.status_code != 200:
                explains_itself(answer.status_code, answer.content)
            if mode is POSITIVE:
                assert accepted(answer.status_code, answer.content, sensible), (
                    case.as_curl_command()
                )

        ask()


def known_values(address: str) -> dict[str, list[Any]]:
    """Series and items that a server knows, from the examples in its description."""
    with urlopen(f"{address}/openapi.json", timeout=30) as answer:
        description = json.load(answer)
    found = examples(description)
    return {
        "unique_id": [one["unique_id"] for one in found if "unique_id" in one],
        "item": [item for one in found for item in one.get("liked", ())],
    }


def examples(node: Any) -> list[dict[str, Any]]:
    """The example instances anywhere in a description."""
    if isinstance(node, list):
        return [found for part in node for found in examples(part)]
    if not isinstance(node, dict):
        return []
    own = node.get("example", [])
    return [*(own if isinstance(own, list) else [own]), *examples(list(node.values()))]


def make_sensible(case: schemathesis.Case, known: dict[str, list[Any]], draw: Random) -> None:
    """Ask about what the server knows, so that it has work to do; forgive it what it does not."""
    case.query = {name: value for name, value in (case.query or {}).items() if name != "strict"}
    if "item" in case.path_parameters:
        case.path_parameters = {"item": draw.choice(known["item"])}
    if case.media_type == "multipart/form-data":
        several = "files" in case.body
        case.body = {"files": [png(draw), png(draw)]} if several else {"file": png(draw)}
    elif isinstance(case.body, dict):
        instances = [dict(instance) for instance in case.body["instances"]]
        for instance in instances:
            if "unique_id" in instance:
                instance["unique_id"] = draw.choice(known["unique_id"])
            if instance.get("liked"):
                instance["liked"] = draw.sample(known["item"], 2)
        case.body = {**case.body, "instances": instances}


def accepted(status: int, content: bytes, sensible: bool) -> bool:
    """Whether what the description allows was answered, but for too much and the unknown."""
    if status == 422:
        kinds = {problem["type"] for problem in json.loads(content)["detail"]}
        return kinds <= (NOT_WHOLE if sensible else NOT_WHOLE | UNKNOWN)
    return status in ((200, 413) if sensible else (200, 404, 413, 415))


def explains_itself(status: int, content: bytes) -> None:
    """A refusal says what was wrong; wrong values are named with their place."""
    detail = json.loads(content)["detail"]
    assert detail
    if status == 422:
        assert all(problem["loc"] and problem["msg"] for problem in detail), detail
    else:
        assert isinstance(detail, str)


def png(draw: Random) -> bytes:
    """A grey picture of noise."""
    rows = b"".join(b"\0" + draw.randbytes(24) for _ in range(24))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 24, 24, 8, 0, 0, 0, 0))]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )
