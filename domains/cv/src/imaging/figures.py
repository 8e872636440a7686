"""The pictures: what is missed, the ladder, calibration, slices, prices, and where it looks."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from sklearn.calibration import CalibrationDisplay

from . import money
from .config import Prices
from .gradcam import overlay
from .images import Images
from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture
from .kit.documents import amount
from .kit.intervals import Array
from .money import EVERYBODY, MODEL, NOBODY, Cases

Report = dict[str, Any]

GRID = np.linspace(0, 1, 201)
SYNTHETIC = "\n(synthetic sample)"  # ends the title of every figure of made-up data
PER_LINE = 4  # images in a line of the gallery, each beside its map


def draw(folder: Path, metrics: Report, test: Cases) -> list[Report]:
    """Draw all figures into ``folder``; return their entries in ``reports/figures.json``."""
    detail, business = metrics["cv"]["business"], metrics["business"]
    traded = "Missed cases against false alarms per 1,000, at every threshold and by each rule"
    climbed = "ROC-AUC of each model on validation images, with its 95% interval"
    met = "Predicted probability against the observed share of positive test images"
    moved = "Saving per 1,000 cases when a price is 30% lower or higher"
    pictures: dict[str, Picture] = {
        "tradeoff": ("headline", traded, lambda axes: tradeoff(axes, detail, test)),
        "ladder": ("result", climbed, lambda axes: ladder(axes, metrics["models"])),
        "calibration": ("result", met, lambda axes: calibration(axes, test)),
        "sensitivity": ("money", moved, lambda axes: sensitivity(axes, detail, business)),
    }
    return charts.draw(folder, pictures, metrics["dataset"]["synthetic"])


def tradeoff(axes: Axes, business: Report, test: Cases) -> None:
    """Missed cases against false alarms over all thresholds, with the policies compared."""
    prices, policies = Prices(**business["prices"]), business["policies"]
    counts = [money.count(test.y, test.probability >= step, prices) for step in GRID]
    axes.plot([c["alarms"] for c in counts], [c["missed"] for c in counts], color=BLUE, zorder=1)
    shapes = {NOBODY: (GREY, "^"), EVERYBODY: (GREY, "v"), MODEL: (GREEN, "o")}
    for row in policies:
        colour, shape = shapes.get(row["name"], (ORANGE, "s"))
        place = row["alarms"]["value"], row["missed"]["value"]
        cost = amount(row["cost"]["value"], row["cost"]["high"] - row["cost"]["low"])
        label = f"{charts.short(row['name'], 44)}: costs {cost}"
        axes.plot(*place, shape, color=colour, ms=11, label=label, clip_on=False, ls="none")
    axes.set_xlabel("false alarms per 1,000 cases")
    axes.set_ylabel("missed cases per 1,000 cases")
    axes.set_title(money.made(policies[-1]).capitalize())
    axes.legend(title=f"{prices.currency} per 1,000 cases")


def ladder(axes: Axes, models: list[Report]) -> None:
    """Validation ROC-AUC of every model with its interval."""
    charts.ladder(axes, models, "roc_auc")
    axes.set_xlabel("ROC-AUC on validation images (95% interval)")
    chosen = next(model["label"] for model in models if model["selected"])
    axes.set_title(f"Chosen: {chosen}")


def calibration(axes: Axes, test: Cases) -> None:
    """Predicted probability against what was observed, in ten equally large groups."""
    CalibrationDisplay.from_predictions(
        test.y, test.probability, n_bins=10, strategy="quantile", ax=axes, name="model"
    )
    axes.set_xlabel("predicted probability of a positive case (mean of group)")
    axes.set_ylabel("observed share of positive cases")
    axes.set_title(f"Predicted {test.probability.mean():.0%} positive, found {test.share:.0%}")


def sensitivity(axes: Axes, detail: Report, business: Report) -> None:
    """A tornado: the saving when each price is lower or higher."""
    charts.tornado(axes, detail["sensitivity"], business["value"])
    axes.set_xlabel(f"saving per {business['per']} ({business['currency']})")


def draw_gallery(
    path: Path, shown: pd.DataFrame, images: Images, maps: Array, strong: float, note: str
) -> Report:
    """Draw ``images`` (n, height, width, channels) beside their ``maps`` (n, h, w), with the full
    colour for evidence of ``strong``; return the entry for ``reports/figures.json``.

    ``shown`` has of each: outcome, class, probability and, on the sample, its opacity's place.
    """
    lines = -(-len(shown) // PER_LINE)
    with plt.style.context(charts.STYLE):
        page = plt.figure(figsize=(11, 1.75 * lines + 0.7))
        grid = page.subplots(lines, 2 * PER_LINE, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        places = zip(grid.reshape(-1, 2), shown.iterrows(), images, maps, strict=False)
        for (left, right), (_, case), image, evidence in places:
            draw_image(left, image, f"{charts.short(case['class'])}:\n{case['outcome']}", case)
            draw_image(right, overlay(image, evidence, strong), f"{case['probability']:.1%}")
        title = "Test images, and in red what spoke for a positive case"
        page.suptitle(title + note, x=0.02, ha="left", weight="bold", size=11)
        charts.save(path)
    alt = "Test images beside their class-activation maps, by what the decision came to"
    file = f"reports/figures/{path.name}"
    return {"file": file, "title": title, "alt": alt, "role": "headline"}


def draw_image(axes: Axes, image: Images, title: str = "", case: pd.Series | None = None) -> None:
    """One image, grey or in colour; a ring around the planted opacity, where one is known."""
    pixels = image[:, :, 0] if image.shape[2] == 1 else image
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    axes.set_title(title, fontsize=8, fontweight="normal")
    axes.set_axis_off()
    if case is not None and case.get("diameter", 0) > 0:
        ring = Circle((case["column"], case["row"]), case["diameter"] / 2 + 1.5)
        axes.add_patch(ring)
        ring.set(fill=False, edgecolor=ORANGE, linewidth=1.2)
