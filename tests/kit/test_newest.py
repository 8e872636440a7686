"""A server takes each version that is published while it runs, the first one too."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from kit import ModelError, store
from support import TREE, load

newest = load(TREE / "api" / "newest.py")


def create_app(models: Path) -> FastAPI:
    version = store.current_version(models)
    if version in ("", "broken"):
        raise ModelError("run `all` first")
    app = FastAPI(version=version)
    app.get("/health")(lambda: {"version": version})
    return app


def serve(models: Path, version: str) -> None:
    (models / "current.txt").write_text(version + "\n", encoding="utf-8")


def test_a_new_version_is_taken_and_a_broken_one_is_not(tmp_path, caplog):
    serve(tmp_path, "one")
    app = newest.Newest(create_app, store.current_version, tmp_path)
    client = TestClient(app)
    assert client.get("/health").json() == {"version": "one"}
    serve(tmp_path, "two")
    app.take()
    assert client.get("/health").json() == {"version": "two"}
    serve(tmp_path, "broken")
    app.take()
    app.take()
    assert client.get("/health").json() == {"version": "two"}
    assert caplog.text.count("no new version is served: run `all` first") == 1
    serve(tmp_path, "three")
    app.take()
    assert client.get("/health").json() == {"version": "three"}


@pytest.mark.parametrize("path", ["/health", "/predict", "/"])
def test_before_a_first_version_the_answer_is_503_and_says_what_to_do(tmp_path, path):
    app = newest.Newest(create_app, store.current_version, tmp_path / "models")
    answer = TestClient(app).get(path)
    assert (answer.status_code, answer.json()) == (503, {"detail": "run `all` first"})
    (tmp_path / "models").mkdir()
    serve(tmp_path / "models", "one")
    app.take()
    assert TestClient(app).get("/health").status_code == 200


def test_a_storage_that_comes_back_is_asked_again(tmp_path):
    serve(tmp_path, "one")
    lost = True

    def reach(models: Path) -> FastAPI:
        if lost:
            raise TimeoutError("no answer")
        return create_app(models)

    app = newest.Newest(reach, store.current_version, tmp_path)
    assert TestClient(app).get("/health").json() == {"detail": "no answer"}
    lost = False
    app.take()
    assert TestClient(app).get("/health").json() == {"version": "one"}
