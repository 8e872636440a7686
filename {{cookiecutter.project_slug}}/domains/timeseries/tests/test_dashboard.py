"""The dashboard's tabs, run without a browser on a project with every stage behind it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from demand import artifacts
from demand.checks import stamp
from demand.export import from_bytes, to_bytes
from demand.inventory import best_service_level
from demand.predictor import Predictor
from demand.wording import label

from .test_page import open_page, unescaped

FORECAST, LOOK_BACK, DECOMPOSITION, ORDER, MODELS = range(5)


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published forecasts."""
    return Predictor.load(project / "models")


def field(page: AppTest, tab: int, kind: str, label: str) -> Any:
    """The field of that kind on a tab whose label starts like that."""
    fields = page.tabs[tab].get(kind)
    return next(field for field in fields if unescaped(field.label).startswith(label))


def change(page: AppTest, tab: int, kind: str, label: str, value: Any) -> AppTest:
    """Set a field and run the page again."""
    field(page, tab, kind, label).set_value(value).run()
    assert not page.exception
    return page


def charts(page: AppTest, tab: int) -> list[str]:
    """What the charts of a tab are drawn from."""
    return [chart.proto.spec for chart in page.tabs[tab].get("vega_lite_chart")]


def order(page: AppTest) -> list[float]:
    """Units to order, what they fill up to, and the expected cost."""
    return [float(metric.value.replace(",", "")) for metric in page.tabs[ORDER].metric]


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    names = ["Forecast", "Actual against forecast", "Decomposition", "Order", "Models"]
    assert [tab.label for tab in page.tabs] == names
    assert not page.error and not page.info
    assert [len(charts(page, tab)) for tab in range(5)] == [2, 1, 1, 2, 0]
    assert [len(tab.dataframe) for tab in page.tabs] == [1, 0, 0, 0, 1]


@pytest.mark.parametrize("tab", [FORECAST, LOOK_BACK, DECOMPOSITION, ORDER])
def test_a_series_chosen_on_one_tab_is_chosen_on_all(
    project: Path, predictor: Predictor, tab: int
) -> None:
    name = predictor.catalogue.ids[7]
    page = change(open_page(project), tab, "selectbox", "Series", name)
    for other in (FORECAST, LOOK_BACK, DECOMPOSITION, ORDER):
        assert field(page, other, "selectbox", "Series").value == name


def test_forecasts_are_those_of_the_model(project: Path, predictor: Predictor) -> None:
    name = predictor.catalogue.ids[7]
    page = change(open_page(project), FORECAST, "selectbox", "Series", name)
    shown = page.tabs[FORECAST].dataframe[0].value
    expected = pd.DataFrame(predictor.predict([{"unique_id": name}])[0]["forecasts"])
    pd.testing.assert_frame_equal(shown, expected.round(2))


def test_reasons_follow_the_date(project: Path, predictor: Predictor) -> None:
    page = open_page(project)
    before = charts(page, FORECAST)[1]
    page = change(page, FORECAST, "selectbox", "Why", predictor.catalogue.dates[3])
    assert charts(page, FORECAST)[1] != before


def test_the_past_is_told_as_it_was(project: Path, predictor: Predictor) -> None:
    name = predictor.catalogue.ids[7]
    page = change(open_page(project), LOOK_BACK, "selectbox", "Series", name)
    table = pd.read_csv(project / "reports" / "forecasts.csv")
    table = table[table["unique_id"] == name]
    assert len(table) == predictor.horizon
    inside = (table["y"] >= table["low_95"]) & (table["y"] <= table["high_95"])
    error = (table["y"] - table["yhat"]).abs().mean()
    assert page.tabs[LOOK_BACK].caption[0].value == (
        f"Mean absolute error {error:,.3g} units; {inside.sum()} of {len(table)} values lie in "
        "their 95% interval."
    )


def test_a_series_that_is_too_short_is_not_taken_apart(own_project: Path) -> None:
    models = own_project / "models"
    version = artifacts.load_current(models)
    catalogue = from_bytes(version.model)
    catalogue.history[0, :-5] = np.nan
    artifacts.publish(models, to_bytes(catalogue), version.metadata, ())
    page = open_page(own_project)
    assert page.tabs[DECOMPOSITION].info[0].value == "This series is too short to be taken apart."


def test_the_order_starts_at_the_best_level(project: Path, predictor: Predictor) -> None:
    page, name = open_page(project), predictor.catalogue.ids[0]
    level = field(page, ORDER, "slider", "Service level").value
    assert level == pytest.approx(predictor.best_service_level, abs=0.005)
    expected = predictor.order(name, level)
    parts = [expected[key] for key in ("quantity", "order_up_to", "expected_cost")]
    assert order(page) == pytest.approx(parts, abs=0.01)


def test_a_higher_service_level_needs_more(project: Path) -> None:
    page = open_page(project)
    before = order(page)
    low = order(change(page, ORDER, "slider", "Service level", 0.5))
    assert low[0] < before[0]
    assert low[2] > before[2], "away from the best level, an order is expected to cost more"


def test_what_is_there_need_not_be_ordered(project: Path) -> None:
    page = open_page(project)
    quantity, target, _ = order(page)
    page = change(page, ORDER, "number_input", "In stock", 2.0)
    page = change(page, ORDER, "number_input", "On order", 3.0)
    assert order(page)[:2] == [quantity - 5, target]


def test_prices_move_the_best_level(project: Path, predictor: Predictor) -> None:
    prices = predictor.metadata["prices"]
    page = change(open_page(project), ORDER, "slider", "Being short", prices["stockout_cost"] * 0.1)
    best = best_service_level(prices["holding_cost"], prices["stockout_cost"] * 0.1)
    assert field(page, ORDER, "slider", "Service level").value == pytest.approx(best, abs=0.006)
    assert f"a service level of {best:.3f} costs" in page.tabs[ORDER].caption[0].value


def test_prices_of_nothing_cost_nothing(project: Path) -> None:
    page = change(open_page(project), ORDER, "slider", "Being short", 0.0)
    page = change(page, ORDER, "slider", "Holding", 0.0)
    assert order(page)[2] == 0


def test_all_models_are_compared(project: Path) -> None:
    reported = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    table = open_page(project).tabs[MODELS].dataframe[0].value
    models = reported["models"]
    assert len(table) == len(models)
    assert [name.endswith("(chosen)") for name in table["model"]] == [
        model["selected"] for model in models
    ]
    shown = [name.removesuffix(" (chosen)") for name in table["model"]]
    assert shown == [label(model["name"]) for model in models]
    mase = [model["metrics"]["mase"]["value"] for model in models]
    assert table["MASE"].tolist() == pytest.approx(mase, abs=1e-3)


def test_only_what_is_committed_is_needed(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")
    page = open_page(own_project)
    assert not page.info and not page.error
    shutil.rmtree(own_project / "reports")
    page = open_page(own_project)
    assert ["`evaluate` stage" in info.value for info in page.info] == [True] * 3
    assert len(charts(page, FORECAST)) == 2


def test_hours_are_shown_with_midnights_among_them(own_project: Path, predictor: Predictor) -> None:
    catalogue = predictor.catalogue
    hours = pd.date_range("2024-01-01", periods=len(catalogue.history_dates), freq="h")
    texts = [stamp(hour) for hour in hours]
    changed = replace(catalogue, history_dates=texts, dates=texts[-len(catalogue.dates) :])
    artifacts.publish(own_project / "models", to_bytes(changed), predictor.metadata, ())
    page = open_page(own_project)
    assert not page.exception
    assert len(charts(page, FORECAST)) == 2
