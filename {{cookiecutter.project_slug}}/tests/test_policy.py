"""Acting on a model: only on one that finds something, and figures that draw what was counted."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from {{ cookiecutter.__package }} import policy_figures as figures
from {{ cookiecutter.__package }}.bootstrap import Estimate
from {{ cookiecutter.__package }}.errors import ModelError
from {{ cookiecutter.__package }}.policy import ALWAYS, NEVER, require_better_than_chance

from .test_page import errors, open_page

POLICIES = ("act from the threshold on", "never act", "always act")
SUMMARY = {"value": 3.0, "currency": "EUR", "per": "year"}


@pytest.fixture
def axes() -> Axes:
    """Empty axes to draw on."""
    return Figure().subplots()


def title(axes: Axes) -> str:
    """The title, wherever the style puts it."""
    return axes.get_title() or axes.get_title(loc="left")


def line(axes: Axes, label: str) -> tuple[list[float], list[float]]:
    """Where the line of this label runs: x and y."""
    [found] = (line for line in axes.lines if line.get_label() == label)
    return list(found.get_xdata()), list(found.get_ydata())


@pytest.mark.parametrize("low", [0.4, 0.5])
def test_a_model_that_may_be_a_coin_is_refused(low: float):
    with pytest.raises(ModelError, match=r"ranks clouds better than chance .* Look up"):
        require_better_than_chance(Estimate(0.6, low, 0.7), "clouds", "Look up.")


def test_a_model_that_is_better_than_a_coin_is_not():
    require_better_than_chance(Estimate(0.6, 0.501, 0.7), "clouds", "Look up.")


def test_the_roc_curve_encloses_the_area_in_its_title(axes: Axes):
    test = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.1])
    figures.roc(axes, test, {"value": 0.75}, "\n(made up)", ("acted in vain", "acted rightly"))
    x, y = line(axes, "model")
    assert np.trapezoid(y, x) == 0.75
    assert title(axes) == "ROC curve: area 0.750\n(made up)"
    labels = axes.get_xlabel(), axes.get_ylabel()
    assert labels == ("false positive rate (acted in vain)", "true positive rate (acted rightly)")


def test_calibration_draws_what_happened_above_what_was_predicted(axes: Axes):
    curve = [{"predicted": 0.1, "observed": 0.2}, {"predicted": 0.8, "observed": 0.7}]
    figures.calibration(axes, curve, "", ("risk", "share", "rain"))
    assert line(axes, "model") == ([0.1, 0.8], [0.2, 0.7])
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "predicted risk (mean of group)",
        "observed share",
    )
    assert title(axes) == "Predicted and observed rain"


@pytest.mark.parametrize(("threshold", "drawn"), [(0.4, 0.4), (NEVER, 1.0)])
def test_the_gain_is_drawn_beside_that_of_acting_never_and_always(
    axes: Axes, threshold: float, drawn: float
):
    curve = {ALWAYS: -5.0, 0.4: 7.0, NEVER: 0.0}
    impact = {
        "prices": {"currency": "EUR"},
        "threshold": threshold,
        "profit_curve": [{"threshold": t, "per_1000_cases": gain} for t, gain in curve.items()],
        "per_1000_cases": {"never act": {"value": 1_234.0}, "always act": {"value": 12.0}},
    }
    figures.profit(axes, impact, "", "cases", POLICIES, "the risk of rain")
    assert line(axes, "act from the threshold on") == ([0.0, 0.4], [-5.0, 7.0])
    assert line(axes, "never act")[1] == [0, 0]
    assert line(axes, "always act")[1] == [-5.0, -5.0]
    assert line(axes, "chosen on validation")[0] == [drawn, drawn]
    assert title(axes) == "Gain on test cases: 1,234 EUR per 1,000"


def test_bars_run_from_the_saving_to_what_it_would_be(axes: Axes):
    rows = [
        {"price": "reading_cost", "swing": 0.3, "if_lower": 5.0, "if_higher": 2.0},
        {"price": "win_back", "swing": 0.3, "if_lower": 3.0, "if_higher": 4.0},
    ]
    figures.sensitivity(axes, {"sensitivity": rows}, SUMMARY, "")
    # All that are higher first, from the price at the bottom up.
    assert [bar.get_width() for bar in axes.patches] == [1.0, -1.0, 0.0, 2.0]
    assert {bar.get_x() for bar in axes.patches} == {3.0}
    assert [text.get_text() for text in axes.get_yticklabels()] == ["win back", "reading cost"]
    assert title(axes) == "Reading cost matters most"
    assert axes.get_xlabel() == "saving per year (EUR)"


def test_no_price_is_called_important_where_none_moves_the_saving(axes: Axes):
    row = {"price": "win_back", "swing": 0.3, "if_lower": 3.0, "if_higher": 3.0}
    figures.sensitivity(axes, {"sensitivity": [row, row]}, SUMMARY, "\n(made up)")
    assert title(axes) == "No price matters\n(made up)"


@pytest.mark.parametrize(
    "content",
    [b"", b"part,y\n", b"part,y,probability\ntest,1,0.5\n", b"part,y,probability\ntest,a,b\n"],
)
def test_damaged_predictions_are_named_on_the_page(own_project: Path, content: bytes):
    (own_project / "reports" / "predictions.csv").write_bytes(content)
    assert "predictions.csv cannot be read" in errors(open_page(own_project))[0]
