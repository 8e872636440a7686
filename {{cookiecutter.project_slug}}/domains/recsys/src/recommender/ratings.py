"""Predicting the rating itself, where there are ratings: how far off, on average.

Recommending is about order, not about stars; these two models are compared because much of the
literature is about them. They are not served.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .bootstrap import Array

SHRINKAGE = 5.0  # a bias from few ratings is pulled to 0, as if by so many average ones
FACTORS = 8
PENALTY = 12.0
ROUNDS = 10


def rating_errors(
    train: pd.DataFrame, test: pd.DataFrame, users: int, items: int, seed: int
) -> dict[str, dict[str, float]] | None:
    """RMSE and MAE, in stars, of the mean, of biases and of a matrix factorisation on ``test``.

    None where the data has no ratings.
    """
    if "rating" not in train:
        return None
    mean = float(train["rating"].mean())
    of_user, of_item = biases(train, users, items)
    base = mean + of_user[train["user"]] + of_item[train["item"]]
    user_factors, item_factors = factorise(train, train["rating"] - base, users, items, seed)
    biased = mean + of_user[test["user"]] + of_item[test["item"]]
    product = (user_factors[test["user"]] * item_factors[test["item"]]).sum(axis=1)
    predicted = {
        "mean": np.full(len(test), mean),
        "bias": biased,
        "matrix_factorisation": biased + product,
    }
    low, high = train["rating"].min(), train["rating"].max()
    errors = {
        name: np.clip(values, low, high) - test["rating"].to_numpy()
        for name, values in predicted.items()
    }
    return {
        name: {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.abs(error).mean())}
        for name, error in errors.items()
    }


def biases(table: pd.DataFrame, users: int, items: int) -> tuple[Array, Array]:
    """(users,) and (items,): how much above the mean each rates, and is rated beyond that.

    Koren (2008), "Factorization meets the neighborhood", with shrunk means for the two.
    """
    rest = table["rating"].to_numpy() - table["rating"].mean()
    of_item = _shrunk_mean(rest, table["item"].to_numpy(), items)
    of_user = _shrunk_mean(rest - of_item[table["item"]], table["user"].to_numpy(), users)
    return of_user, of_item


def _shrunk_mean(values: Array, groups: NDArray[np.integer], size: int) -> Array:
    counts = np.bincount(groups, minlength=size)
    return np.bincount(groups, values, minlength=size) / (counts + SHRINKAGE)


def factorise(
    table: pd.DataFrame, rest: pd.Series, users: int, items: int, seed: int
) -> tuple[Array, Array]:
    """Vectors (users, d) and (items, d) whose products fit ``rest``, by alternating ridge fits."""
    rows, columns = table["user"].to_numpy(), table["item"].to_numpy()
    known = csr_matrix((rest.to_numpy(), (rows, columns)), shape=(users, items))
    item_factors = np.random.default_rng(seed).normal(0, 0.1, (items, FACTORS))
    for _ in range(ROUNDS):
        user_factors = _ridge(known, item_factors)
        item_factors = _ridge(known.T.tocsr(), user_factors)
    return user_factors, item_factors


def _ridge(known: csr_matrix, other: Array) -> Array:
    """For each row of ``known``, the vector whose products with ``other`` fit its values best."""
    size = other.shape[1]
    mask = known.copy()
    mask.data = np.ones_like(mask.data)
    products = (other[:, :, np.newaxis] * other[:, np.newaxis, :]).reshape(len(other), -1)
    squares = (mask @ products).reshape(-1, size, size) + PENALTY * np.eye(size)
    return np.linalg.solve(squares, (known @ other)[:, :, np.newaxis])[:, :, 0]
