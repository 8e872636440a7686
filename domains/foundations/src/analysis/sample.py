"""A made-up shop whose messy tables hold problems and effects that we know.

The truth is written down here, so that tests can check that cleaning and statistics find it.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from .config import Dataset, Join

ORDERS, CUSTOMERS = 3_000, 800
ON = "customer_id"
ROLES = Dataset.model_construct(
    path="src/analysis/sample.py",
    rows_are="orders",
    regression_target="amount",
    classification_target="returned",
    date="date",
    group=("customer_type", "date_weekend", "channel", "wrapping"),
    id="order_id",
    unit=ON,
    join=Join.model_construct(on=ON),
)

# What is true in this world: these two make orders larger, store makes fewer come back, and
# wrapping changes nothing.
RETURNING_SPENDS, WEEKEND_SPENDS, STORE_LOG_ODDS = 1.35, 1.2, -1.0
TRUE_EFFECTS = {("customer_type", "amount"), ("date_weekend", "amount"), ("channel", "returned")}

# Every planted problem: (table, column, kind) -> how many rows have it.
PLANTED = {
    ("orders", None, "duplicate"): 24,
    ("orders", "amount", "missing"): 45,
    ("orders", "delivery_days", "missing"): 30,
    ("orders", "amount", "number as text"): 60,
    ("orders", "amount", "outlier"): 12,
    ("orders", "quantity", "outlier"): 8,
    ("orders", "date", "date format"): 90,
    ("orders", "channel", "spelling"): 50,
    ("orders", "product", "spelling"): 35,
    ("orders", "customer_id", "orphan"): 15,
    ("customers", None, "duplicate"): 6,
    ("customers", "age", "missing"): 20,
    ("customers", "region", "spelling"): 18,
}
SPELLINGS = {
    "channel": {"web": ["Web", "WEB", " web"], "app": ["App", "app "], "store": ["STORE", "Store"]},
    "product": {
        "e-book": ["ebook", "E-Book", "e book"],
        "home & garden": ["Home & Garden", "home  & garden"],
        "toys": ["Toys", "TOYS "],
        "furniture": ["Furniture", " furniture"],
    },
    "region": {name: [name.upper(), f"{name} "] for name in ("north", "south", "east", "west")},
}
TYPICAL_AMOUNT = {"e-book": 60.0, "toys": 120.0, "home & garden": 260.0, "furniture": 600.0}


def make_sample(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return orders and customers as text, with the problems of ``PLANTED``."""
    rng = np.random.default_rng(seed)
    orders, customers = clean_tables(rng)
    return _spoil_orders(rng, orders.astype(str)), _spoil_customers(rng, customers.astype(str))


def clean_tables(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shop as it really is: nothing missing, nothing misspelt."""
    customers = pd.DataFrame({ON: [f"C{number:04d}" for number in range(CUSTOMERS)]})
    customers["customer_type"] = rng.choice(["new", "returning"], CUSTOMERS, p=[0.45, 0.55])
    customers["region"] = rng.choice(list(SPELLINGS["region"]), CUSTOMERS)
    customers["age"] = rng.integers(18, 80, CUSTOMERS)
    orders = pd.DataFrame({"order_id": [f"O{number:05d}" for number in range(ORDERS)]})
    orders[ON] = rng.choice(customers[ON], ORDERS)
    days = pd.to_timedelta(rng.integers(0, 366, ORDERS), unit="D")
    orders["date"] = pd.Timestamp("2024-01-01") + days
    orders["channel"] = rng.choice(list(SPELLINGS["channel"]), ORDERS, p=[0.5, 0.3, 0.2])
    orders["product"] = rng.choice(list(TYPICAL_AMOUNT), ORDERS, p=[0.25, 0.3, 0.25, 0.2])
    orders["wrapping"] = rng.choice(["red", "green", "blue"], ORDERS)
    orders["quantity"] = 1 + rng.poisson(0.8, ORDERS).clip(max=4)
    orders["delivery_days"] = 1 + rng.poisson(2 + 1.5 * (orders["product"] == "furniture"))
    orders["amount"] = _amount(rng, orders, customers)
    # Late parcels come back, whatever is in them.
    in_store = orders["channel"] == "store"
    log_odds = -3.2 + 0.45 * orders["delivery_days"] + STORE_LOG_ODDS * in_store
    orders["returned"] = np.where(rng.random(ORDERS) < 1 / (1 + np.exp(-log_odds)), "yes", "no")
    return orders, customers


def _amount(rng: np.random.Generator, orders: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    types = orders[ON].map(customers.set_index(ON)["customer_type"])
    returning = np.where(types == "returning", RETURNING_SPENDS, 1.0)
    weekend = np.where(orders["date"].dt.dayofweek >= 5, WEEKEND_SPENDS, 1.0)
    typical = orders["product"].map(TYPICAL_AMOUNT) * orders["quantity"] ** 0.6
    return (typical * returning * weekend * rng.lognormal(0, 0.25, ORDERS)).round(2)


def _spoil_orders(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    # Typing errors are planted where the wrong number cannot be taken for a right one.
    amount = orders["amount"].astype(float)
    large = rng.permutation(orders.index[amount > amount.quantile(0.7)])
    typos, others = large[: PLANTED["orders", "amount", "outlier"]], rng.permutation(ORDERS)
    others = others[~np.isin(others, typos)]
    ends = np.cumsum([PLANTED["orders", "amount", kind] for kind in ("missing", "number as text")])
    blank, text, _ = np.split(others, ends)
    orders.loc[typos, "amount"] = (amount[typos] * 100).round(2).astype(str)
    orders.loc[blank, "amount"] = np.resize(["", "N/A", "-"], len(blank))
    money: Sequence[Callable[[float], str]] = ("$ {:,.2f}".format, "{:,.2f} USD".format)
    orders.loc[text, "amount"] = [money[i % 2](amount[row]) for i, row in enumerate(text)]
    many = rng.permutation(orders.index)[: PLANTED["orders", "quantity", "outlier"]]
    orders.loc[many, "quantity"] += "00"
    late = rng.permutation(ORDERS)[: PLANTED["orders", "delivery_days", "missing"]]
    orders.loc[late, "delivery_days"] = np.resize(["", "?"], len(late))
    orders["date"] = _spoil_dates(rng, pd.to_datetime(orders["date"]))
    for column in ("channel", "product"):
        _misspell(rng, orders, column, PLANTED["orders", column, "spelling"])
    lost = rng.permutation(ORDERS)[: PLANTED["orders", ON, "orphan"]]
    orders.loc[lost, ON] = [f"X{number:04d}" for number in range(len(lost))]
    return _repeat(rng, orders, PLANTED["orders", None, "duplicate"])


def _spoil_customers(rng: np.random.Generator, customers: pd.DataFrame) -> pd.DataFrame:
    unknown = rng.permutation(CUSTOMERS)[: PLANTED["customers", "age", "missing"]]
    customers.loc[unknown, "age"] = np.resize(["n/a", ""], len(unknown))
    _misspell(rng, customers, "region", PLANTED["customers", "region", "spelling"])
    return _repeat(rng, customers, PLANTED["customers", None, "duplicate"])


def _spoil_dates(rng: np.random.Generator, dates: pd.Series) -> pd.Series:
    """Mostly ISO; some as 5.3.2024 would be written, some as 25/03/2024, some in words."""
    text = dates.dt.strftime("%Y-%m-%d").copy()
    third = PLANTED["orders", "date", "date format"] // 3
    # Only a day above 12 says which of two numbers is the day.
    slash = rng.permutation(dates.index[dates.dt.day > 12])[:third]
    others = rng.permutation(dates.index[~dates.index.isin(slash)])
    for rows, pattern in (
        (slash, "%d/%m/%Y"),
        (others[:third], "%d.%m.%Y"),
        (others[third : 2 * third], "%d %B %Y"),
    ):
        text[rows] = dates[rows].dt.strftime(pattern)
    return text


def _misspell(rng: np.random.Generator, table: pd.DataFrame, column: str, count: int) -> None:
    rows = rng.permutation(table.index)[:count]
    table.loc[rows, column] = [rng.choice(SPELLINGS[column][table[column][row]]) for row in rows]


def _repeat(rng: np.random.Generator, table: pd.DataFrame, count: int) -> pd.DataFrame:
    copies = table.loc[rng.permutation(table.index)[:count]]
    mixed = rng.permutation(len(table) + count)
    return pd.concat([table, copies], ignore_index=True).loc[mixed].reset_index(drop=True)
