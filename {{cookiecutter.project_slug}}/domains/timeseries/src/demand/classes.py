"""What kind of demand a series has: smooth, erratic, intermittent or lumpy."""

import numpy as np
import pandas as pd

INTERVAL = 1.32  # steps from one demand to the next, on average
VARIATION = 0.49  # squared coefficient of variation of the demands
CLASSES = ("smooth", "erratic", "intermittent", "lumpy")


def classify(history: pd.DataFrame) -> pd.Series:
    """The class of each series by its id, by the cut-offs of Syntetos, Boylan & Croston (2005).

    A series without any demand is intermittent.
    """
    sold = history[history["y"] > 0].groupby("unique_id")["y"]
    steps = history.groupby("unique_id", sort=False).size()
    interval = (steps / sold.size()).reindex(steps.index).fillna(np.inf)
    variation = (sold.std(ddof=0) / sold.mean()).reindex(steps.index).fillna(0) ** 2
    place = (interval >= INTERVAL) * 2 + (variation >= VARIATION)
    return place.map(dict(enumerate(CLASSES)))
