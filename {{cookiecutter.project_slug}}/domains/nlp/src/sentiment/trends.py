"""How sentiment differs between groups of reviews: by month, by product, by aspect."""

import numpy as np
import pandas as pd

from .aspects import Lexicon, mentions

Z = 1.96  # 95% of a normal distribution lie within so many standard deviations


def positive_rates(groups: pd.Series, positive: pd.Series) -> pd.DataFrame:
    """Reviews and share of positive ones in each group, with Wilson's 95% interval (Wilson 1927).

    Args:
        groups: the group of each review. positive: 1 or 0 for each review.
    """
    rates = positive.groupby(groups, observed=True).agg(reviews="size", rate="mean")
    n, rate = rates["reviews"], rates["rate"]
    middle = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return rates.assign(low=(middle - half).clip(lower=0), high=(middle + half).clip(upper=1))


def by_month(dates: pd.Series, positive: pd.Series) -> pd.DataFrame:
    """The same for each month in which there were reviews, in order; undated ones are left out."""
    return positive_rates(dates.dt.to_period("M").dt.to_timestamp(), positive)


def by_aspect(texts: pd.Series, positive: pd.Series, lexicon: Lexicon) -> pd.DataFrame:
    """The same for the reviews that mention each aspect; one may mention several."""
    found = texts.map(lambda text: mentions(text, lexicon)).explode()
    return positive_rates(found, positive.loc[found.index].set_axis(found.index))


def mentioning(table: pd.DataFrame, aspect: str, lexicon: Lexicon) -> pd.DataFrame:
    """The reviews of ``table`` that mention ``aspect``."""
    return table[table["text"].map(lambda text: aspect in mentions(text, lexicon)).astype(bool)]
