"""Which image is trained on, validated on or tested on: nobody is on both sides."""

import math

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import train_test_split

from .config import Config
from .errors import DataError
from .sources import PARTS

MIN_VALIDATION = 20  # of each kind; official validation parts of fewer cannot choose anything


def assign(
    cases: pd.DataFrame, pixels: list[str], config: Config
) -> tuple[pd.Series, str, dict[str, int]]:
    """Return each case's part (None where left out), how it came, and counts left out by reason.

    A source's own test part is kept whole, so that scores compare with those of others; training
    images whose patient or pixels are also in a later part are left out instead. ``pixels`` has a
    name for each image's content: the same for the same.
    """
    groups = linked(cases["patient"], pixels)
    if cases["part"].isna().all():
        return draw(cases["y"], groups, config.split.test_size, config, PARTS), "drawn", {}
    parts = cases["part"].copy()
    left_out = _leave_out(parts, groups, 2)
    counts = cases.loc[parts == "validation", "y"].value_counts().reindex([0, 1], fill_value=0)
    if counts.min() >= MIN_VALIDATION:
        return parts, "official", left_out | _leave_out(parts, groups, 1)
    rest, share = parts.isin(PARTS[:2]), config.split.validation_size
    parts[rest] = draw(cases.loc[rest, "y"], groups[rest], share, config, PARTS[:2])
    return parts, "official test", left_out


def _leave_out(parts: pd.Series, groups: pd.Series, place: int) -> dict[str, int]:
    """Take what is also in the part at ``place`` out of earlier ones; return how many, and why."""
    straddles = parts.isin(PARTS[:place]) & groups.isin(groups[parts == PARTS[place]])
    parts[straddles] = None
    return {f"also in the {PARTS[place]} part": int(straddles.sum())} if straddles.any() else {}


def linked(patients: pd.Series, pixels: list[str]) -> pd.Series:
    """A number for each case, the same for those that share a patient or all pixels."""
    n = len(patients)
    things = [f"pixels {name}" for name in pixels]
    if patients.notna().all():
        things += [f"patient {name}" for name in patients]
    # Cases and what they may share are nodes: one edge a case, however many share the same.
    case, thing = np.resize(np.arange(n), len(things)), np.unique(things, return_inverse=True)[1]
    size = n + thing.max() + 1
    graph = csr_matrix((np.ones(len(things)), (case, n + thing)), (size, size))
    return pd.Series(connected_components(graph)[1][:n], index=patients.index)


def draw(
    y: pd.Series, groups: pd.Series, last: float, config: Config, parts: tuple[str, ...]
) -> pd.Series:
    """Draw ``parts`` from whole groups, stratified by whether a group holds a positive case.

    ``last`` is the last part's share; with three parts, ``split.validation_size`` is the second's.
    """
    ill = y.groupby(groups).max()
    rest, chosen = _cut(ill, last, config.seed)
    names = pd.Series(parts[0], index=ill.index)
    names[chosen.index] = parts[-1]
    if len(parts) == 3:
        _, second = _cut(rest, config.split.validation_size / (1 - last), config.seed)
        names[second.index] = parts[1]
    return groups.map(names)


def _cut(ill: pd.Series, share: float, seed: int) -> tuple[pd.Series, pd.Series]:
    size = math.ceil(share * len(ill))
    if size >= len(ill):
        raise DataError(
            f"only {len(ill)} patient(s), or different images where patients are not known, are "
            "left to divide, and none may be on two sides. Correct `patient`, or add images."
        )
    # Too few of one kind to stratify are refused later, with the part that lacks them.
    stratify = ill if min(ill.value_counts().min(), size, len(ill) - size) >= 2 else None
    kept, cut = train_test_split(ill, test_size=share, stratify=stratify, random_state=seed)
    return kept, cut
