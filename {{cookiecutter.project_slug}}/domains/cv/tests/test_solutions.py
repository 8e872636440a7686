"""Queries and exercises of ``docs``, held against this project's own numbers and library."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from imaging.files import read_json
from imaging.paths import Paths

from .practice import SOLUTIONS, answers


def test_sql_and_python_find_the_confusion_matrix(own_project: Path):
    paths = Paths(own_project)
    detail = read_json(paths.reports / "metrics.json")["cv"]
    cells = detail["confusion"]
    found = answers(paths)
    assert found[3].iloc[0].to_dict() == cells
    assert {row["kind"]: row["test"] for _, row in found[0].iterrows()} == {
        kind: parts["test"] for kind, parts in detail["counts"].items()
    }
    assert found[6].empty  # no patient is in two parts
    test = pd.read_csv(paths.reports / "predictions.csv").query("part == 'test'")
    sensitivity, specificity = SOLUTIONS["rates"](
        test["y"].tolist(), test["probability"].tolist(), detail["business"]["threshold"]
    )
    ill = cells["true_positive"] + cells["false_negative"]
    healthy = cells["true_negative"] + cells["false_positive"]
    assert sensitivity == pytest.approx(cells["true_positive"] / ill)
    assert specificity == pytest.approx(cells["true_negative"] / healthy)


def test_convolution_is_that_of_the_library():
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(5, 7)), rng.normal(size=(3, 3))
    tensors = [torch.tensor(array)[None, None] for array in (image, kernel)]
    expected = torch.nn.functional.conv2d(*tensors, padding=1)[0, 0].numpy()
    assert np.allclose(SOLUTIONS["convolve"](image.tolist(), kernel.tolist()), expected)


def test_no_patient_is_on_both_sides():
    rng = np.random.default_rng(0)
    patients = [f"p{number}" for number in rng.integers(30, size=100)]
    parts = SOLUTIONS["split_by_patient"](patients, 0.2)
    sides = {part: {p for p, q in zip(patients, parts, strict=True) if q == part} for part in parts}
    assert not sides["train"] & sides["test"]
    assert 20 <= parts.count("test") < 40
