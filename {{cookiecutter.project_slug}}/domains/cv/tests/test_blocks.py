"""Words and figures of the reports: true, and drawn, whatever was configured and found."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from imaging import blocks, explain, explain_figures, figures, wording
from imaging.config import load_config
from imaging.errors import ModelError
from imaging.files import read_json
from imaging.paths import Paths
from imaging.predictor import Predictor
from imaging.wording import ALARM, CAUGHT, CLEARED, MISSED

Report = dict[str, Any]
BLOCKS = (
    "headline",
    "results",
    "slices",
    "tried",
    "business",
    "maps",
    "provenance",
    "model_details",
    "model_performance",
)


@pytest.fixture
def metrics(project: Path) -> Report:
    """What the evaluate stage found."""
    return read_json(project / "reports" / "metrics.json")


@pytest.fixture
def explanation(project: Path) -> Report:
    """What the explain stage found."""
    return read_json(project / "reports" / "explain.json")


@pytest.fixture
def outcomes(project: Path) -> tuple[Any, Any]:
    """Label and probability of the test images."""
    table = pd.read_csv(project / "reports" / "predictions.csv")
    rows = table[table["part"] == "test"]
    return rows["y"].to_numpy(float), rows["probability"].to_numpy()


def as_it_is(metrics: Report, explanation: Report) -> None:
    """Nothing is changed."""


def nobody_referred(metrics: Report, explanation: Report) -> None:
    """No referral pays: false alarms cost much, missed cases nothing."""
    impact = metrics["cv"]["business"]
    impact |= {"threshold": 1.01, "naive": "refer nobody", "break_even_probability": 1.0}
    impact["prices"] |= {"missed_case": 0.0}
    for row in impact["sensitivity"]:
        row |= {"if_lower": 0.0, "if_higher": 0.0}
    metrics["business"] |= {"value": 0.0, "low": 0.0, "high": 0.0}


def everybody_referred(metrics: Report, explanation: Report) -> None:
    """Every referral pays, and no error costs anything."""
    impact = metrics["cv"]["business"]
    impact |= {"threshold": 0.0, "break_even_probability": None}
    impact["prices"] |= {"missed_case": 0.0, "false_alarm": 0.0}


def private(metrics: Report, explanation: Report) -> None:
    """Images of patients, which must not be shown."""
    metrics["cv"]["share_images"] = False
    metrics["dataset"] |= {"synthetic": False, "name": "ward|7 [[["}
    explanation |= {"pointing_game": None, "examples": []}


def several_classes(metrics: Report, explanation: Report) -> None:
    """Two positive classes with awkward names, in colour, divided by the source."""
    detail = metrics["cv"]
    detail |= {"positive": ["a|b", "[[[c"], "channels": 3, "split": "official", "patients": 12}
    parts = {"train": 1, "validation": 0, "test": 1}
    detail["counts"] = {"a|b": parts, "[[[c": parts, "well": parts}
    detail["left_out"] = {"with the same pixels as another one": 3}
    detail["business"]["prevalence"] |= {"practice": 0.002, "given": True}
    detail["slices"] = {"class": [{**detail["slices"]["class"][0], "name": "a|b"}]}


def no_network(metrics: Report, explanation: Report) -> None:
    """Only the logistic regression was asked for, and the best model cannot be published."""
    metrics["models"] = [
        model | {"selected": model["name"] == "logistic_regression", "curve": []}
        for model in metrics["models"]
        if model["name"] != "resnet"
    ]
    metrics["cv"]["passed_over"] = {"name": "transfer", "reason": "it takes 45 MB"}


def flawless(metrics: Report, explanation: Report) -> None:
    """Nothing was missed, and nobody referred without need."""
    metrics["cv"]["confusion"] |= {"false_negative": 0, "false_positive": 0}
    explanation["examples"] = [
        row for row in explanation["examples"] if row["outcome"] in (CAUGHT, CLEARED)
    ]


VARIANTS = (
    as_it_is,
    nobody_referred,
    everybody_referred,
    private,
    several_classes,
    no_network,
    flawless,
)


@pytest.fixture(params=VARIANTS, ids=lambda change: change.__name__)
def changed(request, metrics: Report, explanation: Report) -> tuple[Report, Report]:
    """Both reports as another configuration would leave them."""
    request.param(metrics, explanation)
    return metrics, explanation


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_can_be_said(changed: tuple[Report, Report], name: str) -> None:
    text = getattr(blocks, name)(*changed)
    assert text
    for wrong in ("None", "nan", "{", "[[[", "1.01 on"):
        assert wrong not in text
    for paragraph in text.split("\n\n"):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in paragraph.split("\n")}
        assert not paragraph.startswith("|") or len(widths) == 1, "a table's lines are as wide"


def test_every_figure_can_be_drawn(
    changed: tuple[Report, Report], outcomes: tuple[Any, Any], tmp_path: Path
) -> None:
    for file in figures.draw_evaluation(tmp_path, changed[0], outcomes):
        assert file.stat().st_size > 5_000


def test_every_picture_of_a_document_is_there(
    project: Path, metrics: Report, explanation: Report
) -> None:
    text = "".join(getattr(blocks, name)(metrics, explanation) for name in BLOCKS)
    named = {part.split(")")[0] for part in text.split("](")[1:] if part.startswith("reports/")}
    assert all((project / name).is_file() for name in named)
    assert len(named) == len(list((project / "reports" / "figures").iterdir())) >= 10


def test_private_images_are_neither_shown_nor_named(metrics: Report, explanation: Report) -> None:
    assert "gallery" in blocks.headline(metrics, explanation)
    private(metrics, explanation)
    text = "".join(getattr(blocks, name)(metrics, explanation) for name in BLOCKS)
    assert "gallery" not in text
    assert "`share_images: true`" in blocks.maps(metrics, explanation)


def test_what_was_planted_is_measured_on_the_sample_only(
    metrics: Report, explanation: Report
) -> None:
    text = blocks.maps(metrics, explanation)
    assert "planted opacity" in text and "marker in a corner" in text
    explanation["pointing_game"] |= {"marked": 0, "on_marker": None}
    assert "marker" not in blocks.maps(metrics, explanation)
    private(metrics, explanation)
    metrics["cv"]["share_images"] = True
    assert "planted" not in blocks.maps(metrics, explanation)


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (1.01, "no case"),
        (1.0, "cases from a probability of 1 on"),
        (0.0, "every case"),
        (0.03846, "cases from a probability of 0.0385 on"),
    ],
)
def test_the_rule_is_said_in_words(threshold: float, expected: str) -> None:
    assert wording.threshold(threshold).startswith(expected)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (None, "At these prices neither error costs anything."),
        (1.0, "At these prices no referral pays for itself."),
        (0.07407, "A referral pays for itself from a probability of 0.0741 on."),
        (0.0, "A referral pays for itself from a probability of 0 on."),
    ],
)
def test_break_even_is_said_in_words(point: float | None, expected: str) -> None:
    assert wording.break_even({"break_even_probability": point}) == expected


def test_every_outcome_has_its_name() -> None:
    names = {
        (True, "refer"): CAUGHT,
        (True, "do not refer"): MISSED,
        (False, "refer"): ALARM,
        (False, "do not refer"): CLEARED,
    }
    assert {key: wording.outcome(*key) for key in names} == names


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [((0.8, 0.9), (0.5, 0.7), "are apart"), ((0.65, 0.9), (0.5, 0.7), "overlap")],
)
def test_a_lead_that_may_be_chance_is_not_praised(
    ours: tuple[float, float], theirs: tuple[float, float], expected: str
) -> None:
    models = [
        {
            "name": name,
            "selected": name == "resnet",
            "metrics": {"roc_auc": {"value": sum(ends) / 2, "low": ends[0], "high": ends[1]}},
        }
        for name, ends in (("dummy", (0.5, 0.5)), ("logistic_regression", theirs), ("resnet", ours))
    ]
    text = wording.lead({"models": models})
    assert text.startswith("The intervals of ResNet and of logistic regression, the best of the")
    assert expected in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"split": "drawn", "patients": 7}, "drawn at random, with about the same share"),
        ({"split": "official", "patients": None}, "patients are not known, so one may be on both"),
        ({"split": "official test", "patients": 7}, "all images of each of 7 patients stay on one"),
    ],
)
def test_the_split_is_said_in_words(
    metrics: Report, explanation: Report, changes: Report, expected: str
) -> None:
    metrics["cv"] |= changes
    assert expected in blocks.provenance(metrics, explanation)


def test_numbers_are_those_of_the_reports(metrics: Report, explanation: Report) -> None:
    detail = metrics["cv"]
    detail["confusion"] = {
        "true_positive": 41,
        "false_negative": 2,
        "false_positive": 13,
        "true_negative": 44,
    }
    text = blocks.results(metrics, explanation)
    assert "Test cases of `opacity`: 41 referred, 2 missed. Others: 13 referred" in text
    assert "13 referred without need, 44 not referred." in text
    (row,) = (line for line in text.split("\n") if line.startswith("| Sensitivity"))
    assert f"{metrics['test']['sensitivity']['value']:.3f}" in row
    ladder = [line for line in text.split("\n") if "(chosen)" in line]
    assert len(ladder) == 1 and ladder[0].startswith("| **")
    detail["business"]["policies"]["refer nobody"]["missed"] = {"value": 395.5, "low": 1, "high": 2}
    assert "| refer nobody | 395.5 [1.0, 2.0] |" in blocks.business(metrics, explanation)
    rows = blocks.slices(metrics, explanation).split("\n")
    (row,) = (line for line in rows if line.startswith("| class | `opacity` |"))
    assert row.endswith("|  |"), "one class alone has no ROC-AUC"
    detail |= {"left_out": {"also in the test part": 1_234}, "positive_rate": 0.4321}
    text = blocks.provenance(metrics, explanation)
    assert "Left out: 1,234 (also in the test part)" in text
    assert "43.2% of the test images" in text
    assert "licence" not in text
    detail["licence"] = "My hospital | CC0"
    assert "licence: `My hospital | CC0`" in blocks.provenance(metrics, explanation)
    assert "My hospital" in blocks.maps(metrics, explanation)
    game = {"cases": 9, "marked": 4, "by_chance": 0.1}
    game |= {"on_finding": {"value": 0.9, "low": 0.8, "high": 1.0}}
    game |= {"on_marker": {"value": 0.25, "low": 0.0, "high": 0.5}}
    text = wording.pointing(game)
    assert "Of 9 test images with a planted opacity the map's maximum lies on it in 90.0%" in text
    assert "it lies on the marker in 1." in text


@pytest.mark.parametrize(
    ("changes", "warned"),
    [({}, True), ({"false_negative": 1}, False), ({"true_negative": 0}, False)],
)
def test_none_missed_is_no_promise(metrics: Report, changes: Report, warned: bool) -> None:
    metrics["cv"]["confusion"] = {
        "true_positive": 60,
        "false_negative": 0,
        "false_positive": 5,
        "true_negative": 30,
    } | changes
    assert wording.confusion(metrics).endswith("up to 5.0% may be (rule of three).") == warned


def test_augmentation_is_told_of_networks_only(metrics: Report, explanation: Report) -> None:
    assert "varied at random" in blocks.tried(metrics, explanation)
    no_network(metrics, explanation)
    assert "varied at random" not in blocks.tried(metrics, explanation)
    assert "transfer learning was passed over: it takes 45 MB." in blocks.results(
        metrics, explanation
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "none"),
        ({"learning_rate": 0.00300001, "epochs": 16}, "learning rate 0.003, epochs 16"),
        ({"checkpoint": "a|b", "frozen": True}, "checkpoint `a|b`, frozen yes"),
    ],
)
def test_settings_fit_a_line(settings: Report, expected: str) -> None:
    assert wording.settings({"settings": settings}) == expected


def test_a_given_prevalence_is_said(metrics: Report, explanation: Report) -> None:
    assert "share of positive cases among these" in blocks.business(metrics, explanation)
    several_classes(metrics, explanation)
    assert "in which 0.20% of the cases are positive" in blocks.business(metrics, explanation)


# The figures


def heading(draw: Callable[..., None], *values: Any) -> str:
    """The title that ``draw`` gives its axes."""
    axes = plt.figure().subplots()
    draw(axes, *values)
    plt.close(axes.figure)
    return axes.get_title(loc="left") + axes.get_title()


def test_titles_say_what_is_seen(
    metrics: Report, explanation: Report, outcomes: tuple[Any, Any]
) -> None:
    impact, summary = metrics["cv"]["business"], metrics["business"]
    impact["policies"]["chosen threshold"]["missed"]["value"] = 1.25
    impact["policies"]["chosen threshold"]["alarms"]["value"] = 1000.0
    expected = "1.2 missed, 1,000.0 false alarms per 1,000 cases"
    assert heading(figures.tradeoff, impact, "") == expected
    strongest = impact["sensitivity"][0]["price"].replace("_", " ").capitalize()
    assert heading(figures.sensitivity, impact, summary, "!") == f"{strongest} matters most!"
    worst = {"name": "x", "rows": 3, "accuracy": 0.1, "low": 0.0, "high": 0.2}
    found = {"kind": [worst, worst | {"name": "y", "accuracy": 0.2}]}
    assert heading(figures.slices, found, "") == "Least accurate: kind: x"
    alike = {"kind": [worst, worst | {"name": "y"}]}
    assert heading(figures.slices, alike, "") == "No slice is less accurate than another"
    tied = {"kind": [worst, worst | {"name": "y"}, worst | {"name": "z", "accuracy": 0.2}]}
    assert heading(figures.slices, tied, "") == "Least accurate: kind: x"
    impact["per_1000_cases"]["refer nobody"]["value"] = 1234.0
    assert heading(figures.profit, impact, "").startswith("Gain on test cases: 1,234 USD per")
    scores = metrics["test"] | {"sensitivity": {"value": 0.9}, "specificity": {"value": 0.8}}
    text = heading(figures.roc, outcomes, scores, "")
    assert "90% of positive\ncases are referred, and 20% of negative ones" in text
    nobody_referred(metrics, explanation)
    assert heading(figures.sensitivity, impact, summary, "") == "No price matters"


def test_cells_stand_where_their_labels_are() -> None:
    axes = plt.figure().subplots()
    cells = {"true_negative": 44, "false_positive": 13, "false_negative": 2, "true_positive": 41}
    figures.confusion(axes, cells, "")
    places = {text.get_position(): text.get_text() for text in axes.texts}
    assert places == {(0, 0): "44", (1, 0): "13", (0, 1): "2", (1, 1): "41"}
    plt.close(axes.figure)


def test_curves_mark_the_epoch_that_was_kept(metrics: Report) -> None:
    page = plt.figure()
    figures.curves(page, metrics["models"], "")
    (network,) = (model for model in metrics["models"] if model["curve"])
    for axes in page.axes:
        marks = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert [line.get_xdata()[0] for line in marks] == [network["kept_epoch"]]
        assert len(axes.lines[0].get_xdata()) == len(network["curve"])
    plt.close(page)


# The examples


def cases() -> pd.DataFrame:
    """Five cases found, two missed, one false alarm, two rightly cleared."""
    outcome = [CAUGHT] * 5 + [MISSED] * 2 + [ALARM] + [CLEARED] * 2
    probability = [0.9, 0.6, 0.99, 0.7, 0.8, 0.01, 0.3, 0.95, 0.2, 0.05]
    table = pd.DataFrame({"outcome": outcome, "probability": probability})
    return table.assign(**{"class": "x", "decision": "refer", "id": "a"})


def test_examples_are_the_surest_and_the_middle_one() -> None:
    shown = explain.examples(cases())
    assert shown["file"].tolist() == [
        "caught_1.png",
        "caught_2.png",
        "missed_1.png",
        "missed_2.png",
        "alarm_1.png",
        "cleared_1.png",
        "cleared_2.png",
    ]
    assert shown["probability"].tolist() == [0.99, 0.8, 0.01, 0.3, 0.95, 0.05, 0.2]


def test_gallery_gets_the_images_and_maps_of_its_rows(
    own_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[Any, ...]] = []
    monkeypatch.setattr(explain, "draw_explanation", lambda *given: drawn.append(given))
    paths = Paths(own_project)
    explain.explain(load_config(own_project / "config.yaml"), paths)
    ((_, shown, images, maps, *_),) = drawn
    probability, expected = Predictor.load(paths.models).maps(images)
    assert np.allclose(maps, expected, atol=1e-3)
    assert np.allclose(shown["probability"], probability, atol=1e-5)


@pytest.mark.parametrize(("channels", "missed"), [(1, True), (3, False)])
def test_gallery_shows_each_image_beside_its_map(
    channels: int, missed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[plt.Figure] = []
    monkeypatch.setattr(plt, "close", drawn.append)
    table = cases()
    shown = explain.examples(table if missed else table[table["outcome"] != MISSED])
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (len(shown), 16, 16, channels)).astype(np.uint8)
    maps = rng.normal(size=(len(shown), 4, 4))
    path = explain_figures.draw_explanation(tmp_path / "x.png", shown, images, maps, 1.0, "")
    monkeypatch.undo()
    assert path.stat().st_size > 5_000
    (page,) = drawn
    assert sum(bool(axes.images) for axes in page.axes) == 2 * len(shown)
    titles = [axes.get_title(loc="left") for axes in page.axes if axes.images]
    assert titles[:4] == [f"x:\n{CAUGHT}", "99.0%", f"x:\n{CAUGHT}", "80.0%"]
    assert ("no case was missed" in page.get_suptitle()) == (not missed)
    plt.close(page)


def test_ring_is_around_the_opacity() -> None:
    axes = plt.figure().subplots()
    case = {"diameter": 8.0, "row": 3.0, "column": 20.0}
    explain_figures.mark_finding(axes, pd.Series(case))
    (ring,) = axes.patches
    assert ring.get_center() == (20, 3)
    plt.close(axes.figure)


def test_another_model_or_other_data_is_not_explained(own_project: Path) -> None:
    config, paths = load_config(own_project / "config.yaml"), Paths(own_project)
    info = paths.processed / "dataset.json"
    changed = read_json(info) | {"sha256": "0" * 64}
    model = paths.candidate / "model.onnx"
    for file, content, stage in (
        (info, json.dumps(changed).encode(), "`train` stage again"),
        (model, model.read_bytes() + b"!", "`evaluate` stage first"),
    ):
        before = file.read_bytes()
        file.write_bytes(content)
        with pytest.raises(ModelError, match=stage):
            explain.explain(config, paths)
        file.write_bytes(before)


def test_private_images_stay_where_they_are(own_project: Path) -> None:
    reports = own_project / "reports"
    assert list((reports / "examples").iterdir())
    settings = own_project / "data" / "processed" / "dataset.json"
    text = settings.read_text(encoding="utf-8")
    assert '"share_images": true' in text
    settings.write_text(
        text.replace('"share_images": true', '"share_images": false'), encoding="utf-8"
    )
    config = load_config(own_project / "config.yaml")
    assert explain.explain(config, Paths(own_project)) == [reports / "explain.json"]
    assert read_json(reports / "explain.json")["examples"] == []
    assert not (reports / "examples").exists()
    assert not (reports / "figures" / "gallery.png").exists()
