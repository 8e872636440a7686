"""The dashboard, run without a browser on a project with every stage behind it."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import png
from streamlit.testing.v1 import AppTest

from imaging.kit.files import read_json
from imaging.predictor import Predictor


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


@pytest.fixture
def business(project: Path) -> dict[str, Any]:
    """What the evaluate stage reported of money."""
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    return metrics["cv"]["business"]


def open_page(project: Path) -> AppTest:
    """Run the page once; whatever goes wrong in it fails the test."""
    page = AppTest.from_file(str(project / "dashboard" / "app.py"), default_timeout=120).run()
    assert not page.exception
    return page


def errors(page: AppTest) -> list[str]:
    """What the page complains of, without the signs that keep Markdown away."""
    return [re.sub(r"\\(.)", r"\1", error.value) for error in page.error]


def slider(page: AppTest, label: str) -> Any:
    return next(slider for slider in page.slider if slider.label.startswith(label))


def metric(page: AppTest, tab: int, label: str) -> str:
    """The value shown under a label that starts like that."""
    return next(each.value for each in page.tabs[tab].metric if each.label.startswith(label))


def upload(page: AppTest, content: bytes) -> AppTest:
    page.file_uploader[0].set_value(("image.png", content, "image/png")).run()
    assert not page.exception
    return page


def test_every_tab_has_its_content_and_the_notice(project: Path):
    page = open_page(project)
    assert [tab.label for tab in page.tabs] == ["An image", "Prices", "Models"]
    assert not page.error and not page.info
    assert "made up" in page.warning[0].value
    image, prices, models = page.tabs
    assert image.file_uploader and image.metric and image.get("image")
    assert prices.slider and len(prices.get("vega_lite_chart")) == 1
    assert len(models.dataframe) == 2
    for tab in page.tabs:
        assert "Not a medical device" in tab.caption[0].value


def test_examples_are_answered_as_the_model_does(project: Path, predictor: Predictor):
    page = open_page(project)
    examples = read_json(project / "reports" / "explain.json", "explain")["examples"]
    for row, option in zip(examples, page.selectbox[0].options, strict=True):
        assert row["class"] in option and row["outcome"] in option
        page.selectbox[0].select(option).run()
        content = (project / "reports" / "examples" / row["file"]).read_bytes()
        [expected] = predictor.predict(predictor.read(content)[np.newaxis])
        assert metric(page, 0, "Probability of") == f"{expected['probability']:.1%}"
        assert metric(page, 0, "Decision") == expected["decision"] == row["decision"]
        assert metric(page, 0, "Value of") == f"{expected['expected_value']:,.2f}"


def test_an_uploaded_image_goes_before_the_example(project: Path, predictor: Predictor):
    page = upload(open_page(project), png(50))
    [expected] = predictor.predict(predictor.read(png(50))[np.newaxis])
    assert metric(page, 0, "Probability of") == f"{expected['probability']:.1%}"


def test_the_slider_changes_the_map_and_nothing_else(project: Path):
    page, found = open_page(project), []
    for opacity in (0.5, 0.0, 0.5):
        slider(page, "Opacity").set_value(opacity).run()
        (shown,) = page.tabs[0].get("image")
        # The address of an image is made of its content.
        found.append((shown.proto.imgs[0].url, metric(page, 0, "Probability of")))
    assert found[0] == found[2]
    assert found[0][0] != found[1][0] and found[0][1] == found[1][1]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a,b\n1,2\n", "not a PNG or JPEG"), (png(64)[:60], "damaged"), (b"", "empty")],
)
def test_what_is_no_image_gives_a_message(project: Path, content: bytes, message: str):
    page = upload(open_page(project), content)
    assert message in errors(page)[0]
    assert not page.tabs[0].metric
    assert page.tabs[1].metric, "other tabs stay"


def test_prices_start_at_what_was_reported(project: Path, business: dict[str, Any]):
    page = open_page(project)
    ours = business["policies"][-1]
    for label, key in (("Missed of", "missed"), ("False alarms", "alarms")):
        assert float(metric(page, 1, label)) == pytest.approx(ours[key]["value"], abs=0.6)
    shown = [each.label for each in page.tabs[1].metric if each.label.startswith("Saved")]
    assert len(shown) == len(business["policies"]) - 1


def test_a_dearer_miss_is_missed_less_often(project: Path):
    page, found = open_page(project), []
    for cost in (100.0, 2_000.0, 20_000.0):
        slider(page, "Cost of a missed").set_value(cost).run()
        assert not page.exception
        found.append([float(metric(page, 1, label)) for label in ("Missed of", "False alarms")])
    missed, alarms = zip(*found, strict=True)
    assert missed[0] > missed[-1] and list(missed) == sorted(missed, reverse=True)
    assert alarms[0] < alarms[-1] and list(alarms) == sorted(alarms)


def test_models_and_slices_are_those_of_the_report(project: Path):
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    ladder, slices = (table.value for table in open_page(project).tabs[2].dataframe)
    assert list(ladder["model"]) == [model["label"] for model in metrics["models"]]
    assert ladder["chosen"].sum() == 1
    assert list(slices["group"]) == [row["name"] for row in metrics["cv"]["slices"]]


def test_only_what_is_committed_is_needed(own_project: Path):
    shutil.rmtree(own_project / "data")
    assert not open_page(own_project).error
    shutil.rmtree(own_project / "reports")
    page = open_page(own_project)
    assert page.info[0].value == "Drop an image to the left."
    assert len(errors(page)) == 2
    assert all("evaluate" in message for message in errors(page))
    assert upload(page, png()).tabs[0].metric


def test_a_missing_or_tampered_model_gives_a_message(own_project: Path):
    for model in (own_project / "models").glob("*/model.onnx"):
        model.write_bytes(model.read_bytes() + b"!")
    page = open_page(own_project)
    assert "is not the one that was published" in errors(page)[0]
    assert not page.tabs
    shutil.rmtree(own_project / "models")
    assert "no model in" in errors(open_page(own_project))[0]
