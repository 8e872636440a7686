"""Write a churn-like table with awkward columns; run by the project tests."""

import sys

import numpy as np
import pandas as pd

ROWS = 1_200


def odd_table() -> pd.DataFrame:
    """Columns that clash with Python, pydantic and ONNX names, and values that need care."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "a b": rng.normal(size=ROWS).round(3),
            "a_b": rng.integers(0, 5, ROWS),
            "class": rng.choice(["x", "y<z", 'é, "q"'], ROWS),
            "model_config": rng.choice([True, False], ROWS),
            "x0": rng.normal(1e6, 1e5, ROWS).round(1),
            "é|~": rng.choice(["1", "2", "3x"], ROWS),
            "a.b": rng.normal(size=ROWS).round(2).astype(str),
            "[0]": rng.choice(["1", "0"], ROWS),
            "seen": pd.date_range("2020-01-01", periods=ROWS).astype(str),
            "constant": 1,
            "surname": [f"N{number}" for number in range(ROWS)],
        }
    )
    table.loc[rng.random(ROWS) < 0.3, "a.b"] = "?"
    log_odds = 1.5 * table["a b"] + table["class"].eq("x") - 1.5
    table["left us?"] = np.where(rng.random(ROWS) < 1 / (1 + np.exp(-log_odds)), "YES", "no")
    return table


if __name__ == "__main__":
    odd_table().to_csv(sys.argv[1], sep=";", index=False, encoding="latin-1")
