"""What a run made, logged to MLflow: each rung as a run, the published version as champion."""

import hashlib
import os
import re
from typing import Any

os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_LOGGING_LEVEL": "CRITICAL"}
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")  # with more, a lost server is minutes

import mlflow
from sqlalchemy.exc import SQLAlchemyError

from . import ProjectError
from .files import Paths, read_json
from .settings import ServedSettings
from .store import load_current, results

NO_PARAMETERS = {"datasets", "engine", "limits", "live_url", "monitoring", "storage", "tracking"}


def log(config: ServedSettings, paths: Paths) -> None:
    """Log how the served version was chosen, unless that is known, and make it the champion."""
    own = f"sqlite:///{(paths.root / 'mlflow.db').as_posix()}"
    is_own = os.environ.setdefault("MLFLOW_TRACKING_URI", own) == own
    metadata = load_current(paths.models)[1]
    name, version = metadata["project"], metadata["version"]
    try:
        if not mlflow.get_experiment_by_name(name):
            artifacts = (paths.root / "mlartifacts").as_uri() if is_own else None
            mlflow.create_experiment(name, artifacts)
        mlflow.set_experiment(name)
        run = _log_ladder(config, paths, metadata)
        client, same = mlflow.MlflowClient(), f"name = '{name}'"
        if not client.search_registered_models(same):
            client.create_registered_model(name)
        known = client.search_model_versions(f"{same} and tag.version = '{version}'")
        made = known[0] if known else client.create_model_version(name, *run, {"version": version})
        client.set_registered_model_alias(name, "champion", made.version)
    except (mlflow.MlflowException, SQLAlchemyError) as error:
        why = re.sub(r"//[^@\s]*@", "//***@", str(error).partition("\n")[0])  # a password
        remedy = "Mend mlflow.db, or what MLFLOW_TRACKING_URI names, and run `evaluate` again"
        raise ProjectError(f"MLflow: {why}. The model is published. {remedy}.") from error


def _log_ladder(config: ServedSettings, paths: Paths, about: dict[str, Any]) -> tuple[str, Any]:
    """Where the served version lies, and the id of the run that made it, where one is known."""
    file, model = paths.reports / "metrics.json", paths.models / about["version"]
    metrics = read_json(file, "evaluate")
    if not results(metrics).items() <= about.items():  # they are about another version
        return model.as_uri(), None
    digest = hashlib.sha256(model.name.encode() + file.read_bytes()).hexdigest()
    whole = f"tags.results = '{digest}' and tags.selected = 'True' and status = 'FINISHED'"
    found = mlflow.search_runs(filter_string=whole, output_format="list")
    tags = {"version": model.name, "results": digest, "dataset": about["dataset"]["name"]}
    tags["mlflow.source.git.commit"] = about["commit"] or ""
    # The chosen rung comes last, so that its run says that the ladder was logged to its end.
    for rung in [] if found else sorted(metrics["models"], key=lambda rung: rung["selected"]):
        tags["selected"] = str(rung["selected"])
        with mlflow.start_run(run_name=rung["label"], tags=tags) as run:
            mlflow.log_params(config.model_dump(exclude=NO_PARAMETERS) | rung.get("settings", {}))
            mlflow.log_metrics(_numbers(rung["metrics"]))
            if rung["selected"]:
                test = {f"test.{name}": score for name, score in metrics["test"].items()}
                mlflow.log_metrics(_numbers(test | {"business": metrics["business"]}))
                mlflow.log_artifacts(str(model), "model")
                mlflow.log_artifact(str(paths.reports / "data.json"))
                mlflow.log_artifacts(str(paths.figures), "figures")
        found = [run]
    return f"{found[0].info.artifact_uri}/model", found[0].info.run_id


def _numbers(scores: dict[str, Any]) -> dict[str, float]:
    """Estimates as `roc_auc`, `roc_auc.low`, `roc_auc.high`; without what is not defined."""
    flat = {f"{name}.{part}": n for name, score in scores.items() for part, n in score.items()}
    return {k.removesuffix(".value"): n for k, n in flat.items() if isinstance(n, int | float)}
