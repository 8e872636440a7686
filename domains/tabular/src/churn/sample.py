"""A made-up telecom whose customers leave for reasons that we know.

The truth is written down here, so that tests can check that model and explanation find it.
"""

import numpy as np
import pandas as pd

from .config import Dataset, Rule

ROWS = 7_000
TARGET, ID = "churned", "customer_id"
ROLES = Dataset.model_construct(
    path="src/churn/sample.py",
    target=TARGET,
    positive="yes",
    id=ID,
    ratios={"charge_per_month": ("total_charges", "tenure_months")},
    rule=Rule(
        name="monthly contract in the first year",
        contact='contract == "monthly" and tenure_months <= 12',
    ),
)

# What drives churn in this world, and what is pure chance.
TRUE_DRIVERS = ("tenure_months", "contract", "internet", "support_calls", "monthly_charges")
NOISE_COLUMNS = ("gender", "region", "signup_weekday", "loyalty_card")


def make_sample(seed: int) -> pd.DataFrame:
    """Return ``ROWS`` customers, about a quarter of whom churned; same seed, same table."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({ID: [f"C{number:05d}" for number in range(ROWS)]})
    table["gender"] = rng.choice(["female", "male"], ROWS)
    table["region"] = rng.choice(["north", "south", "east", "west"], ROWS)
    table["signup_weekday"] = rng.integers(1, 8, ROWS)
    table["loyalty_card"] = rng.choice(["yes", "no"], ROWS)
    table["contract"] = rng.choice(["monthly", "one year", "two years"], ROWS, p=[0.5, 0.25, 0.25])
    typical = table["contract"].map({"monthly": 18.0, "one year": 30.0, "two years": 45.0})
    table["tenure_months"] = np.clip(rng.gamma(1.6, typical / 1.6), 0, 72).astype(int)
    table["internet"] = rng.choice(["none", "dsl", "fiber"], ROWS, p=[0.2, 0.4, 0.4])
    streaming = rng.choice(["yes", "no"], ROWS)
    table["streaming"] = np.where(table["internet"] == "none", "no", streaming)
    table["payment"] = rng.choice(["card", "transfer", "invoice"], ROWS, p=[0.4, 0.3, 0.3])
    table["support_calls"] = rng.poisson(1.2 + 0.6 * (table["internet"] == "fiber"))
    price = table["internet"].map({"none": 20.0, "dsl": 45.0, "fiber": 75.0})
    price += 10 * table["streaming"].eq("yes") + rng.normal(0, 6, ROWS)
    table["monthly_charges"] = price.clip(lower=10).round(2)
    noise = rng.normal(1.0, 0.05, ROWS)
    table["total_charges"] = (table["tenure_months"] * table["monthly_charges"] * noise).round(2)
    churn_rate = 1 / (1 + np.exp(-churn_log_odds(table)))
    table[TARGET] = np.where(rng.random(ROWS) < churn_rate, "yes", "no")
    # New customers have paid nothing yet; some calls and payments were never recorded.
    table.loc[table["tenure_months"] == 0, "total_charges"] = np.nan
    table.loc[rng.random(ROWS) < 0.03, "support_calls"] = np.nan
    table.loc[rng.random(ROWS) < 0.02, "payment"] = None
    return table


def churn_log_odds(table: pd.DataFrame) -> pd.Series:
    """The truth: the log-odds with which each customer leaves."""
    early = np.exp(-table["tenure_months"] / 12)  # the risk is highest in the first year
    contract = table["contract"].map({"monthly": 1.1, "one year": -0.4, "two years": -1.4})
    fiber = table["internet"].eq("fiber")
    calls = table["support_calls"].clip(upper=6)
    # Support calls annoy fiber customers more: an interaction that a linear model cannot see.
    annoyance = calls * np.where(fiber, 0.6, 0.1)
    price = 0.35 * (table["monthly_charges"] - 60) / 25 + 0.3 * table["payment"].eq("invoice")
    return -2.9 + 2.2 * early + contract + annoyance + price
