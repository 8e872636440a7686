"""The rows that are kept for the final test."""

import numpy as np
import pandas as pd
from kit.tables import keep_aside


def test_each_class_keeps_its_share_aside():
    keys, classes = pd.Series(range(1000)), pd.Series([1] * 101 + [0] * 899)
    aside = keep_aside(keys, classes, 0.2, seed=0)
    assert (aside[classes == 1].sum(), aside[classes == 0].sum()) == (21, 180)
    assert (aside & keep_aside(keys, classes, 0.2, seed=1)).sum() < 70, "another seed, other rows"


def test_rows_stay_on_their_side_when_others_come():
    """A model that was trained before would else be tested on what it has learned."""
    keys, classes = pd.Series(range(3000)), pd.Series([0, 0, 1] * 1000)
    before = keep_aside(keys[:2000], classes[:2000], 0.2, seed=0)
    after = keep_aside(keys.sample(frac=1, random_state=0), classes, 0.2, seed=0)
    assert (before & ~after[before.index]).sum() + (~before & after[before.index]).sum() < 30
    shuffled = keep_aside(keys.sample(frac=1, random_state=1), classes, 0.2, seed=0)
    assert shuffled.sort_index().equals(after.sort_index())


def test_equal_rows_are_on_the_same_side():
    table = pd.DataFrame(
        {"text": ["a", "b", "c", "d"] * 25, "number": [1.0, 2.0, np.nan, 4.0] * 25}
    )
    aside = keep_aside(table, pd.Series([0] * 100), 0.5, seed=0)
    assert (aside.groupby(table["text"]).nunique() == 1).all()
