"""What a run made, logged to MLflow's store in a file: once, whole, with the champion on top."""

import shutil
import sqlite3
from importlib.util import find_spec
from pathlib import Path

import pytest
from kit import ProjectError, store
from kit.files import Paths, write_json, write_text
from kit.settings import Limits, ServedSettings

if not find_spec("mlflow"):
    pytest.skip("no MLflow: install the group `services`", allow_module_level=True)
from kit import tracking
from kit.tracking import mlflow

NAME = "customer-churn"
DATASET = {"name": "shop", "rows": 90}
MONEY = {"headline": "Saves money.", "value": 9.5, "low": 7.0, "high": 12.0, "currency": "EUR"}


class Config(ServedSettings):
    """Settings as projects have them."""

    split: dict[str, float] = {"test_size": 0.2}  # noqa: RUF012
    limits: Limits = Limits(model_mb=10, batch=10, body_mb=1)


CONFIG = Config(seed=7, dataset="shop", datasets={"shop": {}}, tracking="mlflow")


def estimate(value: float | None) -> dict:
    return {"value": value, "low": None if value is None else value - 0.1, "high": None}


def rung(name: str, auc: float, selected: bool = False, **settings: float) -> dict:
    scores = {"roc_auc": estimate(auc), "brier": estimate(None)}
    entry = {"name": name, "label": name.title(), "metrics": scores, "selected": selected}
    return entry | ({"settings": settings} if settings else {})


def publish(root: Path, model: bytes, *ladder: dict) -> str:
    """What `evaluate` leaves: a published version and the reports about it; its name."""
    paths = Paths(root)
    score = estimate(len(model) / 10)
    metrics = {"models": ladder, "test": {"roc_auc": score}, "primary_metric": {"name": "auc"}}
    metrics |= {"business": MONEY}
    about = {"file": "model.bin", "limits": {"model_mb": 10, "versions": 3}, "dataset": DATASET}
    folder = store.publish(paths, model, about | {"project": NAME} | store.results(metrics), [])
    write_json(paths.reports / "metrics.json", metrics)
    write_json(paths.reports / "data.json", {"rows_read": 90})
    write_json(paths.reports / "figures.json", [{"file": "reports/figures/profit.png"}])
    write_text(paths.figures / "profit.png", "picture")
    return folder.name


LADDER = (rung("dummy", 0.5), rung("forest", 0.8, True, depth=3), rung("linear", 0.7, C=0.1))


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """A store without anything in it: to make one takes MLflow seconds."""
    file = tmp_path_factory.mktemp("empty") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def root(empty, tmp_path, monkeypatch) -> Path:
    """A project whose folder has a name that addresses must escape."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "wörld & 100 %"
    root.mkdir()
    shutil.copy(empty, root)
    return root


def log(root: Path) -> None:
    tracking.log(CONFIG, Paths(root))


def runs() -> dict:
    """By name, the latest of each."""
    found = mlflow.search_runs(experiment_names=[NAME], output_format="list")
    return {run.info.run_name: run for run in reversed(found)}


def champion():
    return mlflow.MlflowClient().get_model_version_by_alias(NAME, "champion")


def test_every_rung_is_a_run_and_the_published_version_the_champion(root):
    version = publish(root, b"model", *LADDER)
    log(root)
    found = runs()
    assert set(found) == {"Dummy", "Forest", "Linear"}
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    assert found["Linear"].data.params["C"] == "0.1"
    assert found["Dummy"].data.params == {
        "seed": "7",
        "dataset": "shop",
        "split": "{'test_size': 0.2}",
    }
    assert found["Dummy"].data.metrics == {"roc_auc": 0.5, "roc_auc.low": 0.4}
    chosen = found["Forest"]
    assert chosen.data.metrics.items() >= {"test.roc_auc": 0.5, "business": 9.5}.items()
    tags = {"version": version, "dataset": "shop", "selected": "True"}
    assert chosen.data.tags.items() >= tags.items()
    assert champion().run_id == chosen.info.run_id
    assert champion().tags == {"version": version}
    files = sorted(path.name for path in (root / "mlartifacts").rglob("*") if path.is_file())
    assert files == ["data.json", "metadata.json", "model.bin", "profit.png"]
    got = mlflow.artifacts.download_artifacts(
        f"models:/{NAME}@champion", dst_path=str(root / "got")
    )
    assert (Path(got) / "model.bin").read_bytes() == b"model"
    assert {path.name for path in root.parent.iterdir()} == {root.name}, "no ./mlruns"


def test_the_same_is_logged_once_and_other_results_again(root):
    publish(root, b"model", *LADDER)
    log(root)
    first = champion()
    log(root)
    assert count(root, "runs") == 3
    # One more rung, which loses: the same version of other results.
    publish(root, b"model", *LADDER, rung("tree", 0.6))
    log(root)
    assert count(root, "runs") == 7
    assert champion() == first
    publish(root, b"better", *LADDER)
    log(root)
    assert (count(root, "runs"), count(root, "model_versions"), int(champion().version)) == (
        10,
        2,
        2,
    )


def count(root: Path, table: str) -> int:
    with sqlite3.connect(root / "mlflow.db") as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def test_a_ladder_that_broke_off_is_logged_again(root, monkeypatch):
    publish(root, b"model", *LADDER)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as world:
        world.setattr(mlflow, "log_artifacts", full)
        with pytest.raises(OSError, match="No space"):
            log(root)
    assert runs()["Forest"].info.status == "FAILED"
    log(root)
    assert runs()["Forest"].info.status == "FINISHED"
    assert champion().run_id == runs()["Forest"].info.run_id


def test_rolling_back_moves_the_champion(root):
    first = publish(root, b"first", *LADDER)
    log(root)
    second = publish(root, b"second", rung("dummy", 0.5), rung("forest", 0.9, True))
    log(root)
    assert champion().tags["version"] == second
    store.roll_back(root / "models", first)
    log(root)
    assert (champion().tags["version"], count(root, "runs")) == (first, 5)


def test_a_version_from_before_there_was_a_store_is_registered_from_its_folder(root):
    first = publish(root, b"first", *LADDER)
    publish(root, b"second", rung("dummy", 0.5), rung("forest", 0.9, True))
    log(root)
    store.roll_back(root / "models", first)
    log(root)
    assert (champion().tags["version"], count(root, "runs")) == (first, 2)
    assert champion().source == (root / "models" / first).as_uri()


def test_another_store_is_taken_where_one_is_named(root, monkeypatch, tmp_path):
    team = shutil.copy(root / "mlflow.db", tmp_path / "team.db")
    (root / "mlflow.db").unlink()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{team}")
    publish(root, b"model", *LADDER)
    log(root)
    assert set(runs()) == {"Dummy", "Forest", "Linear"}
    assert not (root / "mlflow.db").exists()


def test_what_mlflow_refuses_is_one_message_that_says_what_to_do(root):
    publish(root, b"model", *LADDER)
    log(root)
    mlflow.MlflowClient().delete_experiment(mlflow.get_experiment_by_name(NAME).experiment_id)
    publish(root, b"another", *LADDER)
    with pytest.raises(ProjectError, match=r"(?s)MLflow: .*deleted.*run `evaluate` again"):
        log(root)
    assert store.load_current(root / "models")[0] == b"another"


def test_telemetry_is_off(root):
    from mlflow.telemetry import get_telemetry_client

    assert get_telemetry_client() is None
