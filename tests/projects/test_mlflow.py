"""Each project logs its runs to MLflow; the full MLflow and its web page find them there."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from calling import ask
from hostile import World, other_prices, whole_world
from installed import environment, free_port, retried, running
from support import SERVED

pytestmark = [
    pytest.mark.services,
    pytest.mark.only(*SERVED),
    pytest.mark.slow_in("nlp", "cv", "recsys"),
]

VERSION = "from importlib.metadata import version; print(version('mlflow-skinny'))"
# What the full MLflow, in an environment of its own, finds in a project's store.
READ = """
import json, mlflow, sys
client = mlflow.MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])
champion = client.get_model_version_by_alias(sys.argv[2], "champion")
runs = client.search_runs([experiment.experiment_id])
print(json.dumps({
    "runs": {run.info.run_name: [run.data.metrics, run.data.params] for run in runs},
    "count": len(runs),
    "champion": [champion.tags["version"], client.get_run(champion.run_id).info.run_name],
    "files": [file.path for file in client.list_artifacts(champion.run_id, "model")],
    "pictures": len(client.list_artifacts(champion.run_id, "figures")),
}))
"""


@pytest.fixture(scope="module")
def tracked(project, tmp_path_factory) -> Iterator[World]:
    """The project after `all`, with tracking on and evaluated again."""
    world = whole_world(project, tmp_path_factory.mktemp("tracked") / "wörld")
    world.change(lambda config: config.update(tracking="mlflow"))
    world.refuses("evaluate", words="run `uv sync --extra mlflow`")
    try:
        retried(project, "sync", "--quiet", "--python", sys.executable, "--extra", "mlflow")
        assert "Warning" not in world.run("evaluate").stderr
        yield world
    finally:
        retried(project, "sync", "--quiet", "--python", sys.executable)


@pytest.fixture(scope="module")
def full(tracked) -> list[str]:
    """What runs the full MLflow, in the version that the project logs with."""
    version = tracked.project.run("python", "-c", VERSION).stdout.strip()
    command = [sys.executable, "-m", "uv", "run", "--no-project", "--python", sys.executable]
    return [*command, "--with", f"mlflow=={version}"]


def found(world: World, full: list[str]) -> dict[str, Any]:
    command = [*full, "python", "-c", READ, f"sqlite:///{world.root / 'mlflow.db'}", name(world)]
    done = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def name(world: World) -> str:
    return json.loads((world.version / "metadata.json").read_text("utf-8"))["project"]


def ladder(world: World) -> list[dict[str, Any]]:
    return json.loads((world.root / "reports" / "metrics.json").read_text("utf-8"))["models"]


def test_the_full_mlflow_finds_every_rung_and_the_champion(tracked, full):
    seen, (chosen,) = found(tracked, full), [r for r in ladder(tracked) if r["selected"]]
    assert seen["count"] == len(ladder(tracked))
    for rung in ladder(tracked):
        metrics, params = seen["runs"][rung["label"]]
        for metric, score in rung["metrics"].items():
            assert metrics.get(metric) == score["value"]
        assert params.keys() >= {"seed", "prices", *rung.get("settings", {})}
    assert seen["runs"][chosen["label"]][0].keys() >= {"business", "business.low"}
    assert seen["champion"] == [tracked.version.name, chosen["label"]]
    assert "model/metadata.json" in seen["files"]
    assert len(seen["files"]) == len(list(tracked.version.iterdir()))
    assert seen["pictures"] >= 3
    assert "mlflow.db" not in tracked.git("status", "--porcelain")
    assert "mlartifacts" not in tracked.git("status", "--porcelain")


CHAMPION = """
select value from registered_model_aliases join model_version_tags using (name, version)
where alias = 'champion' and key = 'version'
"""


def state(world: World) -> tuple[int, str]:
    """How many runs the store has, and which version is champion."""
    with closing(sqlite3.connect(world.root / "mlflow.db")) as store:
        count, champion = (
            store.execute(asked).fetchone()[0] for asked in ("select count(*) from runs", CHAMPION)
        )
    return count, champion


def test_again_adds_nothing_other_prices_do_and_rolling_back_moves_the_champion(tracked, tmp_path):
    world, first, rungs = (
        tracked.copy(tmp_path / "wörld"),
        tracked.version.name,
        len(ladder(tracked)),
    )
    world.run("evaluate")
    assert state(world) == (rungs, first)
    other_prices(world)
    world.run("evaluate")
    assert world.version.name != first
    assert state(world) == (2 * rungs, world.version.name)
    world.run("rollback", first)
    assert state(world) == (2 * rungs, first)


@pytest.mark.only("tabular")
def test_its_web_page_shows_them_and_a_server_takes_them(tracked, full, tmp_path, monkeypatch):
    # It would start processes for jobs, which outlive it.
    monkeypatch.setenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
    port = free_port()
    url, api = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/api/2.0/mlflow"
    server = [*full, "mlflow", "server", "--backend-store-uri=sqlite:///mlflow.db", "--workers=1"]
    server += ["--host=127.0.0.1", f"--port={port}", f"--artifacts-destination={tmp_path / 'up'}"]
    with running(server, tracked.root, f"{url}/health"):
        with urlopen(url, timeout=60) as page:
            assert b"<title>MLflow</title>" in page.read()
        assert labels(api, name(tracked)) == {rung["label"] for rung in ladder(tracked)}
        asked = {"name": name(tracked), "alias": "champion"}
        champion = ask(f"{api}/registered-models/alias?{urlencode(asked)}")["model_version"]
        assert champion["tags"] == [{"key": "version", "value": tracked.version.name}]
        part = {"path": "model/metadata.json", "run_uuid": champion["run_id"]}
        assert ask(f"{url}/get-artifact?{urlencode(part)}")["version"] == tracked.version.name
        # Another project of the same team logs to this server.
        world = tracked.copy(tmp_path / "wörld")
        file = world.root / "pyproject.toml"
        text = file.read_text("utf-8").replace(f'name = "{name(tracked)}"', 'name = "other"')
        file.write_text(text, "utf-8")
        world.run("evaluate", env={"MLFLOW_TRACKING_URI": url})
        assert labels(api, "other") == labels(api, name(tracked))
        assert [path.name for path in (tmp_path / "up").rglob("model.onnx")] == ["model.onnx"]
        asked = {"name": "other", "alias": "champion"}
        taken = ask(f"{api}/registered-models/alias?{urlencode(asked)}")["model_version"]
        assert taken["source"].startswith("mlflow-artifacts:/")


def labels(api: str, project: str) -> set[str]:
    """The names of a project's runs, as the server's API lists them."""
    asked = urlencode({"experiment_name": project})
    experiment = ask(f"{api}/experiments/get-by-name?{asked}")["experiment"]["experiment_id"]
    body = json.dumps({"experiment_ids": [experiment]}).encode()
    return {run["info"]["run_name"] for run in ask(f"{api}/runs/search", body)["runs"]}
