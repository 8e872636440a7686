"""The API: answers what was published, and refuses what it does not know."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SETTINGS
from fastapi.testclient import TestClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from demand import money
from demand.config import Prices, load_config
from demand.kit import ModelError
from demand.kit.files import Paths, rounded
from demand.kit.store import publish
from demand.predictor import Catalogue, Predictor

from api.main import create_app

JSON = {"Content-Type": "application/json"}
ROUTES = ("/predict", "/explain", "/order")

Instance = dict[str, Any]

# Two series, three steps; quantiles are forecast + scale * offset.
CATALOGUE = Catalogue(
    ids=["a/b", "café"],
    dates=["2024-07-01", "2024-07-02", "2024-07-03"],
    history_dates=["2024-06-29", "2024-06-30"],
    features=["level", "price", "holiday"],
    forecasts=np.array([[10.0, 20, 30], [1, 2, 3]]),
    scale=np.array([2.0, 1]),
    levels=np.array([0.025, 0.1, 0.5, 0.9, 0.975]),
    offsets=np.array([[-2.0, -1, 0, 1, 2], [-4, -2, 0, 2, 4], [-6, -3, 0, 3, 6]]),
    total_offsets=np.array([-4.0, -2, 0, 2, 4]),
    history=np.array([[9, 11], [np.nan, 1]]),
    values=np.array([[[np.nan, 3, 1], [np.nan, 3, 0], [np.nan, 2, 0]]] * 2),
    contributions=np.array(
        [[[12.0, 3, -5], [25, -5, 0], [15, 15, 0]], [[1, 0, 0], [2, 0, 0], [1, 2, 0]]]
    ),
)
# Held rises and short falls with the level; at these prices 0.9 costs least: 80 + 9 * 1.
HELD = [5.0, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 100, 120, 150, 200]
SHORT = [90.0, 80, 70, 60, 50, 40, 30, 20, 10, 5, 1, 0.9, 0.8, 0.7, 0.6]
PRICES = {"currency": "EUR", "holding_cost": 1.0, "stockout_cost": 9.0}


def published(root: Path, **changed: Any) -> Path:
    """Publish the catalogue above, with lead time 1 and whole units unless ``changed``."""
    metadata: dict[str, Any] = {
        "title": "Shop",
        "file": "model.npz",
        "dataset": {},
        "limits": load_config(SETTINGS).limits.model_dump(),
        "prices": PRICES,
        "curve": {"held": HELD, "short": SHORT},
        "signature": {"lead_time": 1, "whole": True} | changed,
    }
    publish(Paths(root), CATALOGUE.to_bytes(), metadata, [])
    return root / "models"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def client(models: Path) -> TestClient:
    return TestClient(create_app(models), raise_server_exceptions=False)


def ask(client: TestClient, path: str, *instances: Instance) -> dict[str, Any]:
    answer = client.post(path, json={"instances": instances})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def order(client: TestClient, **instance: Any) -> dict[str, Any]:
    return dict(ask(client, "/order", instance)["orders"][0])


# Right questions


def test_health_model_and_series(client: TestClient, models: Path):
    version = Predictor.load(models).version
    assert client.get("/health").json()["model_version"] == version
    assert {"prices", "sha256", "curve"} <= client.get("/model").json().keys()
    expected = {"model_version": version, "dates": CATALOGUE.dates, "series": CATALOGUE.ids}
    assert client.get("/series").json() == expected


def test_forecast_has_its_intervals(client: TestClient):
    (found,) = ask(client, "/predict", {"unique_id": "a/b", "horizon": 2})["predictions"]
    expected = {"2024-07-01": [10, 8, 12, 6, 14], "2024-07-02": [20, 16, 24, 12, 28]}
    columns = ("yhat", "low_80", "high_80", "low_95", "high_95")
    for step in found["forecasts"]:
        assert [step[name] for name in columns] == pytest.approx(expected[step["ds"]], abs=1e-5)


def test_no_interval_reaches_below_zero_and_without_a_horizon_all_steps_are_forecast(
    client: TestClient,
):
    (found,) = ask(client, "/predict", {"unique_id": "café"})["predictions"]
    assert [step["ds"] for step in found["forecasts"]] == CATALOGUE.dates
    assert [step["low_95"] for step in found["forecasts"]] == [0, 0, 0]
    assert [step["high_95"] for step in found["forecasts"]] == pytest.approx([3, 6, 9])


def test_reasons_come_strongest_first(client: TestClient):
    (found,) = ask(client, "/explain", {"unique_id": "a/b", "horizon": 2})["explanations"]
    assert [(r["ds"], r["feature"], r["value"], r["contribution"]) for r in found] == [
        ("2024-07-01", "level", None, 12),
        ("2024-07-01", "holiday", 1, -5),
        ("2024-07-01", "price", 3, 3),
        ("2024-07-02", "level", None, 25),
        ("2024-07-02", "price", 3, -5),
        ("2024-07-02", "holiday", 0, 0),
    ]


def test_answers_have_six_digits_and_whole_orders_all_of_theirs(models: Path):
    predictor = Predictor.load(models)
    for values in (predictor.catalogue.forecasts, predictor.catalogue.contributions):
        values *= 1e7 / 3
    assert predictor.order("café", 0.9)["order_up_to"] == 10_000_002
    predictor.metadata["signature"]["whole"], asked = False, [{"unique_id": "café"}]
    order = predictor.order("café", 0.57, on_hand=1 / 3)
    answers = [predictor.predict(asked), predictor.explain(asked), order]
    assert answers == rounded(answers)


# Orders: 10 + 20 = 30 of a/b are expected until the order after the next one; the scale is 2.


@pytest.mark.parametrize(
    ("asked", "level", "target", "quantity"),
    [
        ({}, 0.9, 34, 34),
        ({"service_level": 0.5}, 0.5, 30, 30),
        ({"service_level": 0.7}, 0.7, 32, 32),
        ({"service_level": 0.95}, 0.95, 37, 37),  # 36.67 in whole units
        ({"service_level": 0.999}, 0.99, 38, 38),  # the last level that was simulated
        ({"service_level": 0.5, "on_hand": 12, "on_order": 3}, 0.5, 30, 15),
        ({"service_level": 0.5, "on_hand": 12.5}, 0.5, 30, 18),
        ({"service_level": 0.5, "on_hand": 31}, 0.5, 30, 0),
    ],
)
def test_order_fills_up_to_the_quantile(
    client: TestClient, asked: Instance, level: float, target: float, quantity: float
):
    found = order(client, unique_id="a/b", **asked)
    assert found["service_level"] == pytest.approx(level)
    assert (found["order_up_to"], found["quantity"]) == (target, quantity)


def test_lead_time_and_parts_of_units(tmp_path: Path):
    client = TestClient(create_app(published(tmp_path, whole=False, lead_time=2)))
    found = order(client, unique_id="a/b", service_level=0.95, on_hand=0.5)
    assert found["quantity"] == pytest.approx(60 + 2 * 10 / 3 - 0.5, abs=1e-3)
    answer = ask(client, "/order", {"unique_id": "a/b"})
    assert (answer["currency"], answer["lead_time"]) == ("EUR", 2)


def test_cost_is_that_of_the_simulation_between_its_levels(client: TestClient):
    assert order(client, unique_id="a/b")["cost_per_month"] == 80 + 9 * 1
    between = order(client, unique_id="a/b", service_level=0.55)["cost_per_month"]
    assert between == pytest.approx((25 + 9 * 50 + 30 + 9 * 40) / 2)


def test_no_order_is_advised_that_costs_more_than_another_by_the_same_figures(models: Path):
    predictor, rng = Predictor.load(models), np.random.default_rng(0)
    for _ in range(50):
        holding, stockout = 10 ** rng.uniform(-3, 3, 2)
        now = Prices(currency="EUR", holding_cost=holding, stockout_cost=stockout)
        predictor.prices = now
        advised = predictor.order("a/b")
        others = [predictor.order("a/b", level) for level in rng.uniform(0.01, 0.99, 30)]
        assert advised["service_level"] in money.SERVICE_LEVELS
        assert all(advised["cost_per_month"] <= other["cost_per_month"] for other in others)


# Wrong questions


def refuse(client: TestClient, path: str, wrong: Instance, place: list[str]) -> None:
    """The second of two instances is refused, and its field named."""
    body = json.dumps({"instances": [{"unique_id": "a/b"}, wrong]})
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert [p["loc"] for p in answer.json()["detail"]] == [["body", "instances", 1, *place]]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("name", [None, 3, "x" * 1_001, "\ud800", "cafe"])
def test_wrong_series_is_422_and_named(client: TestClient, path: str, name: object):
    refuse(client, path, {"unique_id": name}, ["unique_id"])
    refuse(client, path, {"unique_id": "a/b", "price": 3}, ["price"])


@pytest.mark.parametrize("horizon", [0, 4, -1, 2.5, True, "2", 10**400])
def test_wrong_horizon_is_422_and_named(client: TestClient, horizon: object):
    for path in ("/predict", "/explain"):
        refuse(client, path, {"unique_id": "a/b", "horizon": horizon}, ["horizon"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("service_level", value) for value in (0, 1, 95, -0.1, "0.9", True)),
        *(("on_hand", value) for value in (-1, "3", None, 1e300, True, float("nan"))),
        *(("on_order", value) for value in (-0.5, [], 1e300, float("inf"))),
    ],
)
def test_wrong_stock_is_422_and_named(client: TestClient, field: str, value: object):
    refuse(client, "/order", {"unique_id": "a/b", field: value}, [field])


def test_too_much_is_refused(client: TestClient):
    limits = load_config(SETTINGS).limits
    body = {"instances": [{"unique_id": "a/b"}] * (limits.batch + 1)}
    assert client.post("/predict", json=body).status_code == 422
    large = b" " * int(limits.body_mb * 1e6 + 1)
    for content in (large, iter([large[:60_000], large[60_000:]])):
        answer = client.post("/predict", content=content, headers=JSON)
        assert answer.status_code == 413
        assert f"at most {limits.body_mb:g} MB" in answer.json()["detail"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"instances": []}', b"\xff\xfe"])
def test_broken_body_is_refused_without_a_traceback(client: TestClient, path: str, body: bytes):
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert client.post(path, content=b"a=1", headers={"content-type": "x"}).status_code == 415


# What cannot be served, and what serving needs


def test_missing_or_tampered_model_stops_the_start(tmp_path: Path):
    folder = published(tmp_path)
    for model in folder.glob("*/model.npz"):
        model.write_bytes(model.read_bytes() + b"!")
    with pytest.raises(ModelError, match="is not the one that was published"):
        create_app(folder)
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match="no model in"):
        create_app(folder)


SERVE = """
import json, sys
from pathlib import Path

refused, models = json.loads(sys.stdin.read())
sys.modules.update(dict.fromkeys(refused))  # importing one of these fails from here on

import demand.cli
from demand.predictor import Predictor
from api.main import create_app

create_app(Path(models))
predictor = Predictor.load(Path(models))
print(json.dumps(predictor.predict([{"unique_id": predictor.catalogue.ids[0]}])))
"""


def base_distributions() -> set[str]:
    """What `pip install .` brings: the project, its dependencies, and what these need."""
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(pyproject)["project"]
    found, waiting = {canonicalize_name(project["name"])}, project["dependencies"]
    while waiting:
        requirement = Requirement(waiting.pop())
        name, marker = canonicalize_name(requirement.name), requirement.marker
        if name not in found and (marker is None or marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += importlib.metadata.requires(name) or []
    return found


def test_server_needs_the_base_dependencies_alone(models: Path):
    base = base_distributions()
    refused = [
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if not base & {canonicalize_name(name) for name in distributions}
    ]
    assert {"matplotlib", "pandas", "pyarrow", "scipy", "statsforecast"} <= set(refused)
    answer = subprocess.run(
        [sys.executable, "-c", SERVE],
        input=json.dumps([refused, str(models)]),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == Predictor.load(models).predict([{"unique_id": "a/b"}])
