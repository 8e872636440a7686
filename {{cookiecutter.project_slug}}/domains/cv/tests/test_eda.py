"""What the first notebook shows: by hand where that is possible, and on awkward images."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from imaging import eda
from imaging.data import Part, Split
from imaging.explain_figures import draw_image, mark_finding

# A vertical edge: dark to the left, bright to the right.
EDGE = np.array([[0.0, 0, 1, 1]] * 4)
STAIRS = np.arange(16.0).reshape(4, 4)


def part(*rows: tuple[str, int, float]) -> Part:
    """Cases of a class, label and brightness, each with a plain image of that brightness."""
    cases = pd.DataFrame(rows, columns=["class", "y", "brightness"])
    images = np.array([np.full((8, 8, 1), 255 * row[2]) for row in rows], np.uint8)
    return Part(images, cases)


TRAIN = part(("well", 0, 0.2), ("well", 0, 0.4), ("ill", 1, 0.4), ("worse", 1, 0.8))


@pytest.fixture
def page():
    """An empty figure, closed after the test."""
    figure = plt.figure()
    yield figure
    plt.close(figure)


def test_overview_counts_every_class_in_every_part() -> None:
    shown = eda.overview(Split(TRAIN, part(("well", 0, 0.1)), part(("ill", 1, 0.1))))
    assert list(shown.index) == ["ill", "well", "worse", "positive cases"]
    assert shown["train"].tolist() == [1, 2, 1, "50.0%"]
    assert shown["validation"].tolist() == [0, 1, 0, "0.0%"]
    assert shown["test"].tolist() == [1, 0, 0, "100.0%"]


def test_images_are_picked_from_every_class() -> None:
    found = eda.picked(TRAIN, 2, seed=0)
    assert {name: sorted(places) for name, places in found.items()} == {
        "ill": [2],
        "well": [0, 1],
        "worse": [3],
    }


def test_grey_is_the_mean_of_the_channels() -> None:
    image = np.array([[[[0, 255, 255]]]], np.uint8)
    assert eda.grey(image).tolist() == [[[pytest.approx(2 / 3)]]]


def test_separation_is_the_roc_auc_of_a_number() -> None:
    y = np.array([0, 0, 1, 1])
    assert eda.separation(np.array([1.0, 2, 3, 4]), y) == 1
    assert eda.separation(np.array([4.0, 3, 2, 1]), y) == 0
    # Of four pairs one is won, two are ties, one is lost.
    assert eda.separation(np.array([1.0, 2, 1, 2]), y) == 0.5
    assert eda.separation(np.array([1.0, 2, 2, 3]), y) == pytest.approx(3.5 / 4)


def test_shrunk_images_keep_their_place_and_lose_detail() -> None:
    image = np.zeros((4, 4, 1), np.uint8)
    image[0, 0] = 200
    small = eda.shrunk(image, 2)
    assert small.shape == image.shape
    assert small[:2, :2].ravel().tolist() == [50] * 4
    assert not small[2:].any() and not small[:, 2:].any()
    assert (eda.shrunk(image, 4) == image).all()
    assert eda.shrunk(np.zeros((4, 4, 3), np.uint8), 2).shape == (4, 4, 3)


def test_convolution_by_hand() -> None:
    kernel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    # Without padding 4 + 1 - 3 = 2 places a side; at each the edge gives 1 + 2 + 1.
    assert eda.convolved(EDGE, kernel).tolist() == [[4, 4], [4, 4]]
    padded = eda.convolved(EDGE, kernel, padding=1)
    assert padded.shape == EDGE.shape
    # In the first line a third of the kernel's weight lies on zeros: 2 + 1 are left.
    assert padded[0].tolist() == [0, 3, 3, -3]
    assert eda.convolved(STAIRS, np.array([[1.0]])).tolist() == STAIRS.tolist()
    assert eda.convolved(STAIRS, np.array([[0.0, 1], [0, 0]]))[0].tolist() == [1, 2, 3]


def test_pooling_by_hand() -> None:
    assert eda.pooled(STAIRS).tolist() == [[5, 7], [13, 15]]
    assert eda.pooled(STAIRS, how="mean").tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert eda.pooled(STAIRS, size=3).tolist() == [[10]]


def test_counts_are_written_beside_their_bars(page) -> None:
    axes = page.subplots()
    eda.draw_counts(axes, TRAIN.cases)
    assert [text.get_text() for text in axes.texts] == ["2", "1", "1"]
    colours = {bar.get_facecolor() for bar in axes.containers[0]}
    assert len(colours) == 2


def test_grids_have_a_line_for_each_name(page) -> None:
    eda.draw_grid(page, {"a": TRAIN.images[:3], "b|[[[": TRAIN.images[:1]})
    assert len(page.axes) == 6
    assert [len(axes.images) for axes in page.axes] == [1, 1, 1, 1, 0, 0]
    assert not any(axes.axison for axes in page.axes)
    assert page.axes[3].get_title(loc="left") == "b|[[["


def test_brightness_of_both_kinds_adds_up_to_one(page) -> None:
    axes = page.subplots()
    eda.draw_brightness(axes, TRAIN)
    assert axes.get_legend_handles_labels()[1] == ["negative", "positive"]
    for container in axes.containers:
        assert sum(bar.get_height() for bar in container) == pytest.approx(1)


def test_one_kind_alone_and_plain_values_can_be_drawn(page) -> None:
    left, middle, right = page.subplots(1, 3)
    eda.draw_brightness(left, part(("well", 0, 0.5)))
    eda.draw_values(middle, np.zeros((3, 3)), "nothing", centred=True)
    eda.draw_histogram(right, np.zeros(5), "pixels")
    assert middle.images[0].get_clim() == (-1, 1)


def test_images_are_drawn_as_they_are(page) -> None:
    left, right = page.subplots(1, 2)
    draw_image(left, np.full((4, 4, 1), 7, np.uint8), "grey")
    draw_image(right, np.full((4, 4, 3), 7, np.uint8))
    assert left.images[0].get_clim() == (0, 255)
    assert left.get_title() == "grey" or left.get_title(loc="left") == "grey"
    assert right.images[0].get_array().shape == (4, 4, 3)


def test_only_a_known_finding_is_ringed(page) -> None:
    axes = page.subplots()
    mark_finding(axes, pd.Series({"class": "well"}))
    mark_finding(axes, pd.Series({"diameter": 0.0, "row": np.nan, "column": np.nan}))
    assert not axes.patches
    mark_finding(axes, pd.Series({"diameter": 6.0, "row": 10.0, "column": 20.0}))
    assert axes.patches[0].center == (20, 10)
    assert axes.patches[0].radius > 3
