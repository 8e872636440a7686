"""Made-up sales of ten products in five shops, whose causes we know.

The truth is written down here, so that tests can check what models and explanations find.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .config import Dataset
from .kit.intervals import Array

Flags = NDArray[np.bool_]

SHOPS = ("airport", "campus", "harbour", "market", "station")
PRODUCTS: tuple[str, ...] = ("apples", "batteries", "bread", "candles", "coffee")
PRODUCTS += ("ice_cream", "lamps", "milk", "soup", "umbrellas")
# What a shop sells of each on a plain day, and its price.
SOLD = np.array([40, 1.2, 90, 0.5, 120, 35, 0.3, 70, 25, 0.8])
PRICE = np.array([2.5, 6, 3, 8, 3.5, 4, 30, 1.5, 4.5, 15])
SLOW = ("batteries", "candles", "lamps", "umbrellas")  # on most days nobody buys one
START, DAYS, AHEAD = pd.Timestamp("2021-07-01"), 1096, 14  # to 30 June 2024, and what is planned
HOLIDAYS = ("01-01", "04-23", "05-01", "08-15", "10-03", "11-01", "12-25", "12-26")
STOCK_OUTS = 12  # series that ran out of stock once
SHIFTED = "campus/coffee"  # the series whose level changes for good …
SHIFT_DAY, SHIFT = 850, 1.7  # … on this day, by this factor
CALENDAR = pd.date_range(START, periods=DAYS + AHEAD)
CLOSED = np.isin(CALENDAR.strftime("%m-%d"), HOLIDAYS)
ROLES = Dataset.model_validate(
    {"path": "src/demand/sample.py", "unique_id": ("shop", "product"), "ds": "date", "y": "demand"}
    | {"freq": "D", "horizon": AHEAD, "windows": 4, "known_future": ("price", "promotion")}
    | {"season_length": 7, "holidays": "holiday", "together": "product"}  # one price in all shops
    | {"rule": {"name": "last week's sales again and a fifth on top", "extra": 0.2}}
)


@dataclass(frozen=True)
class Truth:
    """What really drives each series, in the order of their ids; days count from ``START``.

    ``growth`` is the share a year; ``weekly`` (series, 7) a factor of each weekday, Monday first,
    with mean 1; ``yearly`` the swing of that season as a share of the level; ``uplift`` the factor
    of a promotion besides its price; ``elasticity`` the power of the price; ``holiday`` a factor;
    ``stocked`` (series, days) False where the shop had run out; ``mean`` what would be asked for.
    """

    ids: list[str]
    growth: Array
    weekly: Array
    yearly: Array
    uplift: Array
    elasticity: Array
    holiday: Array
    stocked: Flags
    mean: Array


def truth(seed: int) -> Truth:
    """The truth behind ``make_sample(seed)``."""
    rng = np.random.default_rng(seed)
    ids = [f"{shop}/{product}" for shop in SHOPS for product in PRODUCTS]
    count = len(ids)
    week = np.array([0.85, 0.85, 0.9, 1.0, 1.2, 1.3, 0.9])
    weekly = week ** rng.uniform(0.6, 1.8, (count, 1)) * rng.uniform(0.9, 1.1, (count, 7))
    size = np.repeat(rng.uniform(0.5, 1.5, len(SHOPS)), len(PRODUCTS))
    causes = {
        "growth": rng.uniform(-0.08, 0.2, count),
        "weekly": weekly / weekly.mean(axis=1, keepdims=True),
        "yearly": np.tile(rng.uniform(-0.4, 0.4, len(PRODUCTS)), len(SHOPS)),
        "uplift": rng.uniform(1.15, 1.6, count),
        "elasticity": rng.uniform(-2.0, -1.0, count),
        "holiday": rng.uniform(0.4, 0.8, count),
    }
    level = size * np.tile(SOLD, len(SHOPS))
    mean = level[:, np.newaxis] * _factors(causes, *plans(seed))
    mean[ids.index(SHIFTED), SHIFT_DAY:] *= SHIFT
    return Truth(ids=ids, **causes, stocked=_stocked(rng, count), mean=mean)


def plans(seed: int) -> tuple[Array, Flags]:
    """Price and promotion of each product and day, (products, days); all shops do the same.
    Promotions last five days and cut the price by a fifth; prices rise a little every year."""
    rng = np.random.default_rng([seed, 2])
    days = len(CALENDAR)
    promotion = np.zeros((len(PRODUCTS), days), dtype=bool)
    for row in promotion:
        starts = np.cumsum(rng.integers(20, 60, days // 20))
        row[[day for start in starts for day in range(start, start + 5) if day < days]] = True
    rises = 1 + rng.uniform(0, 0.08, (len(PRODUCTS), 4)).cumsum(axis=1)
    regular = PRICE[:, np.newaxis] * rises[:, np.arange(days) // 365]
    return (regular * np.where(promotion, 0.8, 1.0)).round(2), promotion


def make_sample(seed: int) -> pd.DataFrame:
    """Return 50 series of 1,096 days and what is planned for 14 more; same seed, same table. The
    columns: ``shop``, ``product``, ``date``, ``demand`` (missing in the days ahead), ``price``,
    ``promotion`` and ``holiday`` (0 or 1)."""
    world, rng = truth(seed), np.random.default_rng([seed, 1])
    price, promotion = plans(seed)
    # Luck that lasts the day makes demand vary more than by chance alone.
    luck = rng.gamma(50, 1 / 50, world.mean.shape)
    demand = np.where(world.stocked, rng.poisson(world.mean * luck), 0).astype(float)
    demand[:, DAYS:] = np.nan
    pairs = [SHOPS, PRODUCTS, CALENDAR]
    index = pd.MultiIndex.from_product(pairs, names=["shop", "product", "date"])
    return index.to_frame(index=False).assign(
        demand=demand.ravel(),
        price=np.tile(price, (len(SHOPS), 1)).ravel(),
        promotion=np.tile(promotion, (len(SHOPS), 1)).ravel().astype(int),
        holiday=np.tile(CLOSED, len(world.ids)).astype(int),
    )


def _factors(causes: dict[str, Array], price: Array, promotion: Flags) -> Array:
    """(series, days) what all causes together multiply the level by."""
    day = np.arange(DAYS + AHEAD)
    relative = np.tile(price / price[:, :1], (len(SHOPS), 1))
    promoted = np.tile(promotion, (len(SHOPS), 1))
    column = {name: values[:, np.newaxis] for name, values in causes.items() if values.ndim == 1}
    return (
        (1 + column["growth"] * day / 365.25)
        * causes["weekly"][:, CALENDAR.dayofweek]
        * (1 + column["yearly"] * np.cos(2 * np.pi * (day - 20) / 365.25))
        * np.where(promoted, column["uplift"], 1)
        * relative ** column["elasticity"]
        * np.where(CLOSED, column["holiday"], 1)
    )


def _stocked(rng: np.random.Generator, count: int) -> Flags:
    """(series, days) False for a few days of some series, none near the end."""
    stocked = np.ones((count, DAYS + AHEAD), dtype=bool)
    for row in rng.permutation(count)[:STOCK_OUTS]:
        start = rng.integers(100, DAYS - 200)
        stocked[row, start : start + rng.integers(3, 8)] = False
    return stocked
