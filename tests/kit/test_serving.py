"""A server under watch: counted, logged, and never stopped by a full disk."""

import json
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from kit import serving
from prometheus_client import REGISTRY

METADATA = {"version": "abc", "monitoring": {"log_inputs": False, "log_mb": 1}}


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def app_with(folder: Path, metadata=METADATA) -> FastAPI:
    app = FastAPI()
    log = serving.watch(app, metadata, folder)

    @app.post("/predict/{shop}")
    def predict(shop: str) -> dict:
        predictions = [{"decision": "contact", "p": 0.25}, {"p": 0.5}]
        log.add(predictions, [{"age": 3}, {"age": None}])
        return {"predictions": predictions}

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("on purpose")

    return app


def test_requests_are_counted_by_route_and_status(tmp_path):
    client = TestClient(app_with(tmp_path / "logs"), raise_server_exceptions=False)
    seen = [
        dict(route="/predict/{shop}", status="200"),
        dict(route="none", status="404"),
        dict(route="/broken", status="500"),
    ]
    before = [value("api_requests_total", **labels) for labels in seen]
    for shop in ("a", "b"):
        client.post(f"/predict/{shop}")
    client.get("/anything"), client.get("/broken")
    after = [value("api_requests_total", **labels) for labels in seen]
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1, 1]
    page = client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    assert "api_request_seconds_bucket" in page.text


def test_each_prediction_is_logged_under_the_id_of_its_answer(tmp_path):
    counted = value("api_predictions_total", decision="contact", version="abc")
    answer = TestClient(app_with(tmp_path / "logs")).post("/predict/a")
    file = tmp_path / "logs" / "predictions.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["prediction"] for line in lines] == answer.json()["predictions"]
    assert {line["request"] for line in lines} == {answer.headers["x-request-id"]}
    assert all("inputs" not in line for line in lines)
    assert value("api_predictions_total", decision="contact", version="abc") == counted + 1


def test_inputs_are_logged_only_where_that_was_asked_for(tmp_path):
    asked = METADATA | {"monitoring": {"log_inputs": True, "log_mb": 1}}
    TestClient(app_with(tmp_path / "logs", asked)).post("/predict/a")
    file = tmp_path / "logs" / "predictions.jsonl"
    first = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    assert first["inputs"] == {"age": 3}


def test_a_full_log_is_turned_over(tmp_path):
    small = METADATA | {"monitoring": {"log_inputs": False, "log_mb": 0.001}}
    client = TestClient(app_with(tmp_path / "logs", small))
    for _ in range(60):
        client.post("/predict/a")
    files = sorted(file.name for file in (tmp_path / "logs").iterdir())
    assert len(files) == 5 + 1
    assert all(file.stat().st_size <= 1_000 for file in (tmp_path / "logs").iterdir())


def test_where_nothing_can_be_logged_requests_are_answered(tmp_path):
    (tmp_path / "logs").write_text("a file where the folder would be", encoding="utf-8")
    lost = value("api_predictions_unlogged_total")
    assert TestClient(app_with(tmp_path / "logs")).post("/predict/a").status_code == 200
    assert value("api_predictions_unlogged_total") == lost + 2
