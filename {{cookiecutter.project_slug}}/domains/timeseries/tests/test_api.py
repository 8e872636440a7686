"""The API: answers what was published, and refuses what it does not know."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from demand import artifacts, export
from demand.config import load_config
from demand.data import read_processed
from demand.errors import DataError
from demand.export import Catalogue
from demand.paths import Paths
from demand.predictor import Predictor

from . import call_api
from .conftest import SETTINGS
from api.main import create_app

JSON = {"Content-Type": "application/json"}
PATHS = ("/predict", "/explain", "/order")

Instance = dict[str, Any]

# Two series, three steps; quantiles are forecast + scale * offset.
CATALOGUE = Catalogue(
    ids=["a/b", "café"],
    dates=["2024-07-01", "2024-07-02", "2024-07-03"],
    history_dates=["2024-06-29", "2024-06-30"],
    features=["level", "price", "holiday"],
    models=["ets", "lightgbm"],
    classes=["smooth", "lumpy"],
    forecasts=np.array([[10, 20, 30], [1, 2, 3]]),
    scale=np.array([2, 1]),
    levels=np.array([0.025, 0.1, 0.5, 0.9, 0.975]),
    offsets=np.array([[-2, -1, 0, 1, 2], [-4, -2, 0, 2, 4], [-6, -3, 0, 3, 6]]),
    total_offsets=np.array([-4, -2, 0, 2, 4]),
    history=np.array([[9, 11], [np.nan, 1]]),
    values=np.array([[[np.nan, 3, 1], [np.nan, 3, 0], [np.nan, 2, 0]]] * 2),
    contributions=np.array(
        [[[12, 3, -5], [25, -5, 0], [15, 15, 0]], [[1, 0, 0], [2, 0, 0], [1, 2, 0]]]
    ),
)
PRICES = {"currency": "EUR", "holding_cost": 1.0, "stockout_cost": 9.0}  # best level: 0.9


def publish(folder: Path, **changed: Any) -> Path:
    """Publish the catalogue above, with lead time 1 and whole units unless ``changed``."""
    metadata = {
        "title": "Shop",
        "file": "model.npz",
        "dataset": {},
        "limits": load_config(SETTINGS).limits.model_dump(),
        "prices": PRICES,
        "inventory": {"lead_time": 1},
        "whole": True,
    }
    artifacts.publish(folder, export.to_bytes(CATALOGUE), metadata | changed, packages=())
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def client(models: Path) -> TestClient:
    return TestClient(create_app(models), raise_server_exceptions=False)


def predict(client: TestClient, *instances: Instance) -> list[dict[str, Any]]:
    answer = client.post("/predict", json={"instances": instances})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def order(client: TestClient, **instance: Any) -> dict[str, Any]:
    answer = client.post("/order", json={"instances": [instance]})
    assert answer.status_code == 200, answer.text
    return answer.json()["orders"][0]


# Right questions


def test_series_are_listed(client: TestClient, models: Path):
    assert client.get("/series").json() == {
        "model_version": Predictor.load(models).version,
        "dates": CATALOGUE.dates,
        "series": [
            {"unique_id": "a/b", "class": "smooth", "model": "ets"},
            {"unique_id": "café", "class": "lumpy", "model": "lightgbm"},
        ],
    }


def test_forecast_has_its_intervals(client: TestClient):
    (found,) = predict(client, {"unique_id": "a/b", "horizon": 2})
    expected = {
        "2024-07-01": [10, 8, 12, 6, 14],
        "2024-07-02": [20, 16, 24, 12, 28],
    }
    assert found["unique_id"] == "a/b"
    columns = ("yhat", "low_80", "high_80", "low_95", "high_95")
    assert {s["ds"]: [s[name] for name in columns] for s in found["forecasts"]} == expected


def test_no_interval_reaches_below_zero(client: TestClient):
    (found,) = predict(client, {"unique_id": "café"})
    assert [step["low_95"] for step in found["forecasts"]] == [0, 0, 0]
    assert [step["high_95"] for step in found["forecasts"]] == [3, 6, 9]


def test_without_a_horizon_all_steps_are_forecast(client: TestClient):
    found = predict(client, {"unique_id": "a/b"}, {"unique_id": "a/b", "horizon": None})
    assert found[0] == found[1]
    assert [step["ds"] for step in found[0]["forecasts"]] == CATALOGUE.dates


def test_answers_come_in_the_order_sent(client: TestClient):
    names = ["café", "a/b", "a/b", "café"]
    found = predict(client, *({"unique_id": name} for name in names))
    assert [answer["unique_id"] for answer in found] == names


def test_reasons_come_strongest_first(client: TestClient):
    body = {"instances": [{"unique_id": "a/b", "horizon": 2}]}
    (found,) = client.post("/explain", json=body).json()["explanations"]
    assert [(r["ds"], r["feature"], r["value"], r["contribution"]) for r in found] == [
        ("2024-07-01", "level", None, 12),
        ("2024-07-01", "holiday", 1, -5),
        ("2024-07-01", "price", 3, 3),
        ("2024-07-02", "level", None, 25),
        ("2024-07-02", "price", 3, -5),
        ("2024-07-02", "holiday", 0, 0),
    ]


def test_published_reasons_sum_to_the_forecast(project: Path):
    predictor = Predictor.load(project / "models")
    instances = [{"unique_id": name} for name in predictor.catalogue.ids]
    answers = zip(predictor.predict(instances), predictor.explain(instances), strict=True)
    for found, reasons in answers:
        for step in found["forecasts"]:
            added = [reason["contribution"] for reason in reasons if reason["ds"] == step["ds"]]
            assert sum(added) == pytest.approx(step["yhat"], rel=1e-3, abs=1e-3)


# Orders: 10 + 20 = 30 of a/b are expected until the order after the next one; the scale is 2.


@pytest.mark.parametrize(
    ("asked", "level", "target", "quantity"),
    [
        ({}, 0.9, 34, 34),
        ({"service_level": 0.5}, 0.5, 30, 30),
        ({"service_level": 0.7}, 0.7, 32, 32),
        ({"service_level": 0.9375}, 0.9375, 36, 36),
        ({"service_level": 0.95}, 0.95, 37, 37),  # 36.67 in whole units
        ({"service_level": 0.999}, 0.975, 38, 38),  # the last published level
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


def test_parts_of_units_are_ordered_where_demand_has_them(tmp_path: Path):
    client = TestClient(create_app(publish(tmp_path, whole=False)))
    found = order(client, unique_id="a/b", service_level=0.95, on_hand=0.5)
    assert found["quantity"] == pytest.approx(36.6667 - 0.5, abs=1e-3)


def test_longer_lead_time_needs_more(tmp_path: Path):
    client = TestClient(create_app(publish(tmp_path, inventory={"lead_time": 2})))
    assert order(client, unique_id="a/b", service_level=0.5)["order_up_to"] == 60


def test_expected_cost_is_least_at_the_best_level(client: TestClient):
    levels = (0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
    costs = [order(client, unique_id="a/b", service_level=p)["expected_cost"] for p in levels]
    assert levels[int(np.argmin(costs))] == 0.9


def test_expected_cost_is_that_of_its_parts(client: TestClient):
    found = order(client, unique_id="a/b", on_hand=50)
    # Far more than can be sold, by the published quantiles: 30 are expected, on average.
    assert found["expected_leftover"] == pytest.approx(20, abs=0.01)
    assert found["expected_short"] == 0
    found = order(client, unique_id="a/b", service_level=0.8)
    expected = 1 * found["expected_leftover"] + 9 * found["expected_short"]
    assert found["expected_cost"] == pytest.approx(expected)


def test_orders_say_currency_and_lead_time(client: TestClient):
    answer = client.post("/order", json={"instances": [{"unique_id": "a/b"}]}).json()
    assert (answer["currency"], answer["lead_time"]) == ("EUR", 1)


def test_documented_example_of_an_order_is_valid(client: TestClient):
    body = call_api.example(client.get("/openapi.json").json(), "/order")
    assert client.post("/order", json=body).status_code == 200


# Wrong questions


def refuse(client: TestClient, path: str, wrong: Instance, place: list[str]) -> None:
    """The second of two instances is refused, and its field named."""
    body = json.dumps({"instances": [{"unique_id": "a/b"}, wrong]})
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [
        ["body", "instances", 1, *place]
    ]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({}, ["unique_id"]),
        ({"unique_id": None}, ["unique_id"]),
        ({"unique_id": 3}, ["unique_id"]),
        ({"unique_id": "x" * 1_001}, ["unique_id"]),
        ({"unique_id": "\ud800"}, ["unique_id"]),
        ({"unique_id": "cafe"}, ["unique_id"]),
        ({"unique_id": "a/b", "price": 3}, ["price"]),
    ],
)
def test_wrong_series_is_422_and_named(
    client: TestClient, path: str, wrong: Instance, place: list[str]
):
    refuse(client, path, wrong, place)


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


def test_every_unknown_series_is_named(client: TestClient):
    instances = [{"unique_id": name} for name in ("x", "a/b", "y")]
    answer = client.post("/predict", json={"instances": instances})
    assert [problem["msg"] for problem in answer.json()["detail"]] == [
        "no series 'x' in the published forecasts",
        "no series 'y' in the published forecasts",
    ]


def test_code_that_asks_for_an_unknown_series_is_told(models: Path):
    predictor = Predictor.load(models)
    for ask in (predictor.forecast, predictor.order):
        with pytest.raises(DataError, match="no series 'z'"):
            ask("z")


# The published file


def test_what_was_published_is_read_back():
    found = export.from_bytes(export.to_bytes(CATALOGUE))
    assert (found.ids, found.dates) == (CATALOGUE.ids, CATALOGUE.dates)
    assert (found.contributions == CATALOGUE.contributions).all()
    assert np.isnan(found.history[1, 0])
    assert export.to_bytes(CATALOGUE) == export.to_bytes(found)


def test_published_file_holds_no_pickle(models: Path):
    version = (models / "current.txt").read_text(encoding="utf-8").strip()
    with np.load(models / version / "model.npz", allow_pickle=False) as archive:
        assert {archive[name].dtype.kind for name in archive} <= set("biuf")


def test_published_history_is_that_of_the_data(project: Path):
    panel, info = read_processed(Paths(project))
    catalogue = Predictor.load(project / "models").catalogue
    assert catalogue.history_dates[-1] == info.end
    for row, name in enumerate(catalogue.ids):
        y = panel.series.loc[panel.series["unique_id"] == name, "y"].to_numpy()
        kept = catalogue.history[row][np.isfinite(catalogue.history[row])]
        assert kept == pytest.approx(y[-len(kept) :])
