"""The dashboard, run without a browser on a project with every stage behind it."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from imaging.files import read_json
from imaging.predictor import Predictor

from .conftest import png
from .test_page import errors, open_page


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


@pytest.fixture
def metrics(project: Path) -> dict[str, Any]:
    """What the evaluate stage reported."""
    return read_json(project / "reports" / "metrics.json")


def upload(page: AppTest, content: bytes, name: str = "image.png") -> AppTest:
    """Give the page an image."""
    page.file_uploader[0].set_value((name, content, "image/png")).run()
    assert not page.exception
    return page


def slider(page: AppTest, label: str) -> Any:
    """The slider whose label starts like that."""
    return next(slider for slider in page.slider if slider.label.startswith(label))


def metric(page: AppTest, tab: int, label: str) -> str:
    """The value shown under a label that starts like that."""
    return next(each.value for each in page.tabs[tab].metric if each.label.startswith(label))


def number(text: str) -> float:
    """A shown number."""
    return float(text.replace(",", ""))


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    names = ["An image", "Missed against alarms", "Money", "Models"]
    assert [tab.label for tab in page.tabs] == names
    assert not page.error and not page.info
    image, weigh, money, models = page.tabs
    assert image.file_uploader and image.metric and image.get("image")
    assert weigh.slider and money.slider and models.dataframe
    for tab in (weigh, money, models):
        assert len(tab.get("vega_lite_chart")) == 1


def test_no_tab_goes_without_the_notice(project: Path) -> None:
    for tab in open_page(project).tabs:
        assert "Not a medical device" in tab.caption[0].value


def test_the_first_example_is_answered_as_the_model_does(
    project: Path, predictor: Predictor
) -> None:
    page = open_page(project)
    (first, *_), folder = read_json(project / "reports" / "explain.json")["examples"], "examples"
    image = predictor.read((project / "reports" / folder / first["file"]).read_bytes())
    [expected] = predictor.predict(image[np.newaxis])
    assert expected["probability"] == pytest.approx(first["probability"], rel=1e-4)
    assert metric(page, 0, "Probability of") == f"{expected['probability']:.1%}"
    assert metric(page, 0, "Decision") == expected["decision"]
    assert number(metric(page, 0, "Value of")) == pytest.approx(expected["expected_value"], abs=0.1)


def test_every_example_can_be_chosen(project: Path) -> None:
    page = open_page(project)
    examples = read_json(project / "reports" / "explain.json")["examples"]
    shown = []
    for row, option in zip(examples, page.selectbox[0].options, strict=True):
        assert row["class"] in option and row["outcome"] in option
        page.selectbox[0].select(option).run()
        shown.append(metric(page, 0, "Probability of"))
    assert shown == [f"{row['probability']:.1%}" for row in examples]


def test_an_uploaded_image_goes_before_the_example(project: Path, predictor: Predictor) -> None:
    page = upload(open_page(project), png(50))
    [expected] = predictor.predict(predictor.read(png(50))[np.newaxis])
    assert metric(page, 0, "Probability of") == f"{expected['probability']:.1%}"


def test_the_slider_changes_the_map_and_nothing_else(project: Path) -> None:
    page = open_page(project)
    found = []
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
def test_what_is_no_image_gives_a_message(project: Path, content: bytes, message: str) -> None:
    page = upload(open_page(project), content)
    assert message in errors(page)[0]
    assert not page.tabs[0].metric
    assert page.tabs[1].metric, "other tabs stay"


def test_the_threshold_starts_where_it_was_published(
    project: Path, metrics: dict[str, Any]
) -> None:
    page = open_page(project)
    chosen = metrics["cv"]["business"]["policies"]["chosen threshold"]
    for label, key in (("Missed", "missed"), ("False alarms", "alarms"), ("Cost", "cost")):
        shown = number(metric(page, 1, label))
        assert shown == pytest.approx(chosen[key]["value"], rel=1e-3, abs=0.51)
    assert metric(page, 1, "Referred") == f"{chosen['referred']['value'] / 1_000:.0%}"


def test_the_threshold_trades_missed_cases_for_alarms(project: Path) -> None:
    page = open_page(project)
    found = []
    for threshold in (0.0, 0.5, 1.0):
        slider(page, "Refer from").set_value(threshold).run()
        assert not page.exception
        shown = (metric(page, 1, label) for label in ("Missed", "False alarms"))
        found.append(tuple(map(number, shown)))
    missed, alarms = zip(*found, strict=True)
    assert missed[0] == 0 < missed[2]
    assert alarms[0] > alarms[1] >= alarms[2]


def test_money_starts_at_the_reported_saving(project: Path, metrics: dict[str, Any]) -> None:
    shown = number(metric(open_page(project), 2, "Saved"))
    # Probabilities are reported with six digits, and money is shown without cents.
    assert shown == pytest.approx(metrics["business"]["value"], rel=1e-4, abs=1)


@pytest.mark.parametrize(
    ("label", "value"),
    [("Cost of a missed", 5.0), ("Cost of a false", 500.0), ("Positive cases", 0.05)],
)
def test_moving_a_price_moves_the_saving(project: Path, label: str, value: float) -> None:
    page = open_page(project)
    before = metric(page, 2, "Saved")
    slider(page, label).set_value(value).run()
    assert not page.exception
    assert metric(page, 2, "Saved") != before


def test_practice_starts_as_the_money_is_counted(project: Path, metrics: dict[str, Any]) -> None:
    page = open_page(project)
    share = metrics["cv"]["business"]["prevalence"]["practice"]
    assert slider(page, "Positive cases").value == pytest.approx(share, abs=0.0005)


def test_prices_at_which_no_referral_pays_save_nothing(project: Path) -> None:
    page = open_page(project)
    slider(page, "Cost of a missed").set_value(0.0).run()
    assert not page.exception
    assert page.tabs[2].metric[0].label == "Saved against \u201crefer nobody\u201d"
    assert metric(page, 2, "Saved") == "0"


def test_models_and_slices_are_those_of_the_report(project: Path, metrics: dict[str, Any]) -> None:
    ladder, slices = (table.value for table in open_page(project).tabs[3].dataframe)
    assert len(ladder) == len(metrics["models"])
    assert ladder["chosen"].sum() == 1
    assert len(slices) == sum(len(rows) for rows in metrics["cv"]["slices"].values())


def test_only_what_is_committed_is_needed(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")
    page = open_page(own_project)
    assert not page.error and not page.info
    shutil.rmtree(own_project / "reports")
    page = open_page(own_project)
    messages = [info.value for info in page.info]
    assert messages[0] == "Drop an image to the left."
    assert all("`evaluate` stage" in message for message in messages[1:]) and len(messages) == 4
    assert upload(page, png()).tabs[0].metric


def test_examples_that_are_gone_are_not_offered(own_project: Path) -> None:
    shutil.rmtree(own_project / "reports" / "examples")
    page = open_page(own_project)
    assert not page.selectbox
    assert upload(page, png(600)).tabs[0].metric
