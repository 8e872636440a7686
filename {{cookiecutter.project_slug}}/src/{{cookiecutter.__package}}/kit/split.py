"""Keeping rows aside for the final test, the same ones when others are added."""

import numpy as np
import pandas as pd


def keep_aside(keys: pd.DataFrame | pd.Series, y: pd.Series, share: float, seed: int) -> pd.Series:
    """Which rows are kept for the final test: of each class this share, by a hash of their keys.

    Rows that come later leave the others on their side: no older model has learned what it meets.
    """
    text, key = keys.astype(str), f"{seed:016d}"[-16:]  # pandas hashes numbers without the key
    ranked = pd.util.hash_pandas_object(text, index=False, hash_key=key).groupby(y)
    return ranked.rank(method="first") <= np.ceil(share * ranked.transform("size"))
