"""The dashboard, run without a browser on a project with every stage behind it."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from demand.data import stamp
from demand.kit.files import Paths
from demand.kit.store import load_current, publish
from demand.predictor import Catalogue, Predictor

FORECAST, LOOK_BACK, DECOMPOSITION, ORDER = range(4)


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published forecasts."""
    return Predictor.load(project / "models")


def open_page(project: Path) -> AppTest:
    """Run the page once; whatever goes wrong in it fails the test."""
    page = AppTest.from_file(str(project / "dashboard" / "app.py"), default_timeout=120).run()
    assert not page.exception
    return page


def unescaped(text: str) -> str:
    """Text without the signs that keep Markdown away."""
    return re.sub(r"\\(.)", r"\1", text)


def republish(project: Path, catalogue: Catalogue) -> None:
    """Publish other forecasts under the same description."""
    _, known = load_current(project / "models")
    metadata = {name: value for name, value in known.items() if name != "sha256"}
    publish(Paths(project), catalogue.to_bytes(), metadata, [])


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
    """Units to order, what they fill up to, and the cost a month."""
    return [float(metric.value.replace(",", "")) for metric in page.tabs[ORDER].metric]


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    names = ["Forecast", "Predicted against actual", "Decomposition", "Order"]
    assert [tab.label for tab in page.tabs] == names
    assert not page.error and not page.info
    assert "made up" in page.warning[0].value
    assert [len(charts(page, tab)) for tab in range(4)] == [2, 1, 1, 1]


@pytest.mark.parametrize("tab", range(4))
def test_a_series_chosen_on_one_tab_is_chosen_on_all(
    project: Path, predictor: Predictor, tab: int
) -> None:
    name = predictor.catalogue.ids[7]
    page = change(open_page(project), tab, "selectbox", "Series", name)
    for other in range(4):
        assert field(page, other, "selectbox", "Series").value == name


def test_forecasts_are_those_of_the_model(project: Path, predictor: Predictor) -> None:
    page, name = open_page(project), predictor.catalogue.ids[0]
    expected = pd.DataFrame(predictor.predict([{"unique_id": name}])[0]["forecasts"])
    pd.testing.assert_frame_equal(page.tabs[FORECAST].dataframe[0].value, expected)
    before = charts(page, FORECAST)[1]
    page = change(page, FORECAST, "selectbox", "Why", predictor.catalogue.dates[3])
    assert charts(page, FORECAST)[1] != before


def test_a_series_that_is_too_short_is_not_taken_apart(own_project: Path) -> None:
    catalogue = Catalogue.from_bytes(load_current(own_project / "models")[0])
    catalogue.history[0, :-5] = np.nan
    republish(own_project, catalogue)
    page = open_page(own_project)
    assert page.tabs[DECOMPOSITION].info[0].value == "This series is too short to be taken apart."


def test_the_order_starts_where_validation_cost_least(project: Path, predictor: Predictor) -> None:
    page = open_page(project)
    expected = predictor.order(predictor.catalogue.ids[0])
    level = field(page, ORDER, "slider", "Service level").value
    assert level == expected["service_level"] == predictor.metadata["threshold"]
    parts = [expected[key] for key in ("quantity", "order_up_to", "cost_per_month")]
    assert order(page) == pytest.approx(parts, abs=0.51)
    higher = order(change(page, ORDER, "slider", "Service level", 0.99))
    assert higher[0] > parts[0] and higher[2] > parts[2]
    page = change(page, ORDER, "number_input", "In stock", 2.0)
    assert order(page)[:2] == [higher[0] - 2, higher[1]]


def test_prices_move_the_cheapest_level(project: Path, predictor: Predictor) -> None:
    cheap = predictor.prices.stockout_cost * 0.1
    page = change(open_page(project), ORDER, "slider", "Being short", cheap)
    now = predictor.prices.model_copy(update={"stockout_cost": cheap})
    best = predictor.best_service_level(now)
    assert best < predictor.metadata["threshold"]
    assert field(page, ORDER, "slider", "Service level").value == best
    page = change(page, ORDER, "slider", "Being short", 0.0)
    assert order(change(page, ORDER, "slider", "Holding", 0.0))[2] == 0


def test_missing_or_damaged_files_give_a_message(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")  # it needs what is committed alone
    (own_project / "reports" / "forecasts.csv").write_bytes(b"\xff")
    page = open_page(own_project)
    assert "run evaluate" in unescaped(page.error[0].value).replace("`", "")
    assert len(charts(page, FORECAST)) == 2
    for model in (own_project / "models").glob("*/model.npz"):
        model.write_bytes(model.read_bytes() + b"!")
    page = open_page(own_project)
    assert "is not the one that was published" in unescaped(page.error[0].value)
    assert not page.tabs


def test_hours_are_shown_with_midnights_among_them(own_project: Path, predictor: Predictor) -> None:
    catalogue = predictor.catalogue
    hours = pd.date_range("2024-01-01", periods=len(catalogue.history_dates), freq="h")
    texts = [stamp(hour) for hour in hours]
    changed = replace(catalogue, history_dates=texts, dates=texts[-len(catalogue.dates) :])
    republish(own_project, changed)
    assert len(charts(open_page(own_project), FORECAST)) == 2
