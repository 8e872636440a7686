"""What a run leaves of the rows themselves, made up, in the shape that each domain leaves them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

WORDS = "the a it phone not works great bad never again battery good poor fine sound very".split()


def prepare(root: Path, domain: str, **other: object) -> Path:
    """Put rows, `dataset.json` and predictions into a built project; `other` goes to the domain."""
    (root / "data" / "processed").mkdir(parents=True, exist_ok=True)
    WRITERS[domain](root, np.random.default_rng(0), **other)
    return root


def customers(
    root: Path, rng: np.random.Generator, renamed: dict[str, str] | None = None, n: int = 400
) -> None:
    """Some are equal in all columns but the last, on one side of the split or on both."""
    contract = rng.choice(["monthly", "yearly", "two years"], n, p=[0.6, 0.35, 0.05])
    table = pd.DataFrame(
        {
            "contract": contract,
            "internet": rng.choice(["fibre", "dsl", "none"], n),
            "tenure": rng.integers(0, 72, n).astype(np.float32),
            "charges": (rng.gamma(2, 600, n)).astype(np.float32),
            "id": [f"C{i:04}" for i in range(n)],
            "left": (rng.random(n) < np.where(contract == "monthly", 0.45, 0.1)).astype(np.int8),
        }
    )
    table.loc[rng.choice(n, 12, replace=False), "charges"] = np.nan
    table.loc[40:59, ["contract", "internet", "tenure", "charges"]] = table.loc[
        20:39, ["contract", "internet", "tenure", "charges"]
    ].to_numpy()
    table = table.rename(columns=renamed or {})
    names = list(table)
    train, test = _divided(root, table, rng)
    info = {"target": names[5], "id": names[4], "numeric": names[2:4], "categorical": names[:2]}
    _about(root, **info)
    _predictions(root, {"validation": train, "test": test}, names[5], rng, "monthly contract")


def reviews(root: Path, rng: np.random.Generator, scraped: bool = True, n: int = 300) -> None:
    """With products and dates, if they were scraped."""
    positive = rng.integers(0, 2, n)
    lengths = rng.integers(3, 25, n)
    texts = [" ".join(rng.choice(WORDS, size)) for size in lengths]
    texts = [f"{one}{'!' if rng.random() < 0.3 else '.'}" for one in texts]
    texts[:40:2] = [one.upper() for one in texts[1:40:2]]
    table = pd.DataFrame({"text": texts, "positive": positive.astype(np.int8)})
    if scraped:
        products = ["lamp", "phone", "case", None, "rare"]
        table["product"] = rng.choice(products, n, p=[0.4, 0.3, 0.2, 0.09, 0.01])
        table["date"] = pd.Timestamp("2024-01-03") + pd.to_timedelta(rng.integers(0, 200, n), "D")
        table["date"] = table["date"].dt.as_unit("s").where(rng.random(n) > 0.05)
    train, test = _divided(root, table, rng)
    _about(root, positive_where="stars is 4 or more")
    _predictions(root, {"validation": train, "test": test}, "positive", rng, "rule")


def images(root: Path, rng: np.random.Generator, patients: bool = True, n: int = 400) -> None:
    """Of some nobody knows the patient, and one patient is in two parts."""
    y = (rng.random(n) < 0.6).astype(np.int8)
    table = pd.DataFrame(
        {
            "id": [f"image {i}" for i in range(n)],
            "class": np.where(y == 1, "opacity", "clear"),
            "part": rng.choice(["train", "validation", "test"], n, p=[0.5, 0.2, 0.3]),
            "y": y,
            "brightness": rng.beta(5, 4, n) + 0.05 * y,
            "patient": [f"P{i}" for i in rng.integers(0, 200, n)] if patients else None,
        }
    )
    if patients:
        table.loc[rng.choice(n, 20, replace=False), "patient"] = None
    table.to_parquet(root / "data" / "processed" / "cases.parquet", index=False)
    _about(root, classes=["clear", "opacity"], positive=["opacity"])
    judged = {part: table[table["part"] == part] for part in ("validation", "test")}
    _predictions(root, judged, "y", rng, "bright films")


def demand(root: Path, rng: np.random.Generator, freq: str = "D", n: int = 500) -> None:
    """Two series of different size, with a season of seven steps."""
    times = pd.date_range("2023-02-01", periods=n, freq=freq)
    parts = []
    for name, size in (("north", 40.0), ("south", 90.0)):
        season = 1 + 0.3 * np.sin(np.arange(n) * 2 * np.pi / 7) + 0.4 * (times.month == 7)
        y = rng.poisson(size * season).astype(float)
        parts.append(pd.DataFrame({"unique_id": name, "ds": times, "y": y}))
    table = pd.concat(parts, ignore_index=True)
    table["holiday"] = (table["ds"].dt.day == 1).astype(float)
    table.to_parquet(root / "data" / "processed" / "series.parquet")
    _about(root, freq=freq, season_length=7, end=str(times[-1].date()), known=["holiday"])
    last = table.groupby("unique_id").tail(14)
    found = last[["unique_id", "ds", "y"]].assign(
        yhat=last["y"] + rng.normal(0, 6, len(last)), seasonal_naive=last["y"] + 9.5
    )
    found["low_80"], found["high_80"] = found["yhat"] - 8, found["yhat"] + 8
    found.to_csv(root / "reports" / "forecasts.csv", index=False, float_format="%.6g")


def interactions(root: Path, rng: np.random.Generator, bare: bool = False, n: int = 4000) -> None:
    """Ratings with times, or, where bare, nothing but who met what."""
    users, items = 80, 60
    popular = 1 / (1 + np.arange(items - 3))
    table = pd.DataFrame(
        {
            "user": rng.integers(0, users - 2, n).astype(np.int32),
            "item": rng.choice(items - 3, n, p=popular / popular.sum()).astype(np.int32),
            "rating": rng.integers(1, 6, n).astype(float),
            "timestamp": np.sort(rng.integers(1_700_000_000, 1_720_000_000, n)),
        }
    ).drop_duplicates(["user", "item"])
    table.insert(2, "like", (table["rating"] >= 4).astype(np.int8))
    table.loc[table["user"] < 5, "like"] = 0
    again = table.iloc[[3, 4, 5]].assign(timestamp=1_720_000_001)
    table = pd.concat([table, again], ignore_index=True)
    if bare:
        table = table.drop(columns=["rating", "timestamp"])
    processed, cut = root / "data" / "processed", [int(len(table) * 0.5), int(len(table) * 0.75)]
    bounds = [0, *cut, len(table)]
    for part, start, end in zip(("train", "validation", "test"), bounds, bounds[1:], strict=False):
        table.iloc[start:end].to_parquet(processed / f"{part}.parquet")
    titles = [f"Title {i % 50}" for i in range(items)]
    described = {"id": [f"b{i:02}" for i in range(items)], "title": titles, "text": "words"}
    pd.DataFrame(described).to_parquet(processed / "items.parquet")
    pd.DataFrame({"id": [f"u{i:03}" for i in range(users)]}).to_parquet(processed / "users.parquet")
    _about(root, rows=len(table))


def orders(root: Path, rng: np.random.Generator, simple: bool = False, n: int = 600) -> None:
    """A shop's orders, or days that have neither a customer nor a class."""
    table = pd.DataFrame(
        {
            "order": [f"O{i:04}" for i in range(n)],
            "customer": [f"K{i}" for i in rng.integers(0, 350, n)],
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 240, n), "D"),
            "kind": rng.choice(["new", "returning", "lost", None], n, p=[0.4, 0.48, 0.09, 0.03]),
            "channel": rng.choice(["web", "app", None], n, p=[0.5, 0.46, 0.04]),
            "amount": rng.lognormal(3, 0.8, n).round(2),
            "returned": rng.choice(["yes", "no", None], n, p=[0.2, 0.75, 0.05]),
        }
    )
    table.loc[rng.choice(n, 30, replace=False), "amount"] = np.nan
    table.loc[rng.choice(n, 10, replace=False), "day"] = pd.NaT
    table.loc[rng.choice(n, 6, replace=False), "customer"] = None
    if simple:
        table = table.drop(columns=["customer", "returned"])
    _divided(root, table, rng)
    _about(
        root,
        rows_are="cold days" if simple else "orders",
        outcome="amount",
        regression_target="amount",
        classification_target=None if simple else "returned",
        unit=None if simple else "customer",
        date="day",
        groups=["kind"],
        numeric=["amount"],
        categorical=["kind", "channel"] + ([] if simple else ["returned"]),
    )


WRITERS = {
    "tabular": customers,
    "nlp": reviews,
    "cv": images,
    "timeseries": demand,
    "recsys": interactions,
    "foundations": orders,
}


def _divided(
    root: Path, table: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write a training and a test part, each in the order of the source, with its old index."""
    in_test = rng.random(len(table)) < 0.3
    parts = table[~in_test], table[in_test]
    for name, part in zip(("train", "test"), parts, strict=True):
        part.to_parquet(root / "data" / "processed" / f"{name}.parquet")
    return parts


def _predictions(
    root: Path, parts: dict[str, pd.DataFrame], outcome: str, rng: np.random.Generator, rule: str
) -> None:
    tables = []
    for part, rows in parts.items():
        y = rows[outcome].to_numpy()
        near = np.clip(0.25 + 0.5 * y + rng.normal(0, 0.25, len(y)), 0.01, 0.99)
        columns = {"part": part, "y": y, "probability": near, rule: rng.integers(0, 2, len(y))}
        tables.append(pd.DataFrame(columns))
    file = root / "reports" / "predictions.csv"
    pd.concat(tables).to_csv(file, index=False, float_format="%.6g", lineterminator="\n")


def _about(root: Path, **info: object) -> None:
    file = root / "data" / "processed" / "dataset.json"
    file.write_text(json.dumps({"name": "sample", "synthetic": True} | info), encoding="utf-8")
