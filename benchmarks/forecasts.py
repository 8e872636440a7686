"""Forecasts of made-up worlds by configuration alone, against the same project as it was.

Three worlds in the manner of the M4 competition's: weekly values, a third of them with a season of
the year; hourly values with a day and a week; and short weekly series beside long ones. Each is
described by ``config.yaml`` alone, without a season; the project finds its models on windows before
the last, which is scored once. An older project that refuses series as too short for its season is
given a season of 1. Errors are scaled by the mean absolute change from step to step. Takes about
five minutes a project. Runs in a generated project's environment; ``BASELINE`` is the folder of
another project, generated from an older template:

    uv run --project PROJECT python benchmarks/forecasts.py PROJECT [BASELINE]
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from measure import report
from scipy.stats import ttest_1samp

SEEDS = (1, 2)
STAGES = "from demand.cli import main; main()"
Array = np.ndarray


def weekly(rng: np.random.Generator, steps: int, phase: int) -> Array:
    """A level that wanders, or grows, and in one of three series a season of the year."""
    luck = np.clip(rng.standard_t(5, steps), -6, 6)
    level = np.cumsum(rng.normal(0.0005, 0.001) + rng.uniform(0.004, 0.02) * luck)
    week = 2 * np.pi * (np.arange(steps) - steps + phase) / 52
    size = rng.uniform(0.05, 0.3) * (rng.random() < 1 / 3)
    turns = rng.uniform(0, 2 * np.pi, 2)
    season = size * (np.cos(week + turns[0]) + rng.uniform(0, 1) * np.cos(2 * week + turns[1]))
    noise = rng.uniform(0.002, 0.05) * rng.normal(size=steps)
    return 10 ** rng.uniform(2, 4) * np.exp(level + season + noise)


def hourly(rng: np.random.Generator, steps: int, phase: int) -> Array:
    """A day and a week, whose days differ in height and form, on a level that wanders."""
    hour, day = (np.arange(steps) + phase) % 24, (np.arange(steps) + phase) // 24 % 7
    turn = rng.uniform(0, 24)
    form = np.cos(2 * np.pi * (hour - turn) / 24) + 0.4 * np.cos(4 * np.pi * (hour - turn) / 24)
    free = day >= 5
    height = np.where(free, rng.uniform(0.3, 1), 1) * rng.uniform(0.9, 1.1, 7)[day]
    base = np.where(free, -rng.uniform(0, 0.3), 0)
    wander = np.zeros(steps)
    for step in range(1, steps):
        wander[step] = 0.98 * wander[step - 1] + rng.normal(0, 0.012)
    noise = rng.normal(0, rng.uniform(0.01, 0.06), steps)
    season = rng.uniform(0.1, 0.5) * height * form
    return 10 ** rng.uniform(1, 4) * np.exp(base + season + wander + noise)


def world(
    name: str, make: Callable[[np.random.Generator, int, int], Array], seed: int
) -> pd.DataFrame:
    """Series that end together."""
    rng, parts = np.random.default_rng([seed, len(name)]), []
    lengths = {
        "weekly": rng.integers(200, 700, 24),
        "hourly": np.full(16, 700),
        "short beside long": np.r_[rng.integers(75, 100, 8), rng.integers(250, 500, 16)],
    }[name]
    for place, steps in enumerate(lengths):
        freq = "h" if name == "hourly" else "W-SUN"
        dates = pd.date_range(end="2024-03-31", periods=int(steps), freq=freq)
        values = make(rng, int(steps), int(rng.integers(0, 168)))
        parts.append(pd.DataFrame({"item": f"{place:02}", "day": dates, "sold": values.round(2)}))
    return pd.concat(parts, ignore_index=True)


def run(project: Path, table: pd.DataFrame, horizon: int, **roles: int) -> pd.DataFrame | None:
    """The last window as ``evaluate`` leaves it; None where the project refuses the data."""
    entry = {"path": "mine.csv", "unique_id": "item", "ds": "day", "y": "sold", "windows": 3}
    entry |= {"freq": "h" if horizon == 48 else "W", "horizon": horizon, **roles}
    entry |= {"rule": {"name": "last season again", "extra": 0}}
    config = yaml.safe_load((project / "config.yaml").read_text(encoding="utf-8"))
    config |= {"dataset": "mine", "datasets": {"mine": entry}}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        table.to_csv(folder / "mine.csv", index=False)
        (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (folder / "pyproject.toml").write_text('[project]\nname = "x"\ndescription = "X"\n')
        for stage in ("data", "train", "evaluate"):
            command = [sys.executable, "-c", STAGES, "--config", folder / "config.yaml", stage]
            path = os.pathsep.join([str(project / "src"), str(project)])
            environment = os.environ | {"PYTHONPATH": path}
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode == 2 and stage == "data" and not roles:
                return None
            assert done.returncode == 0, done.stderr[-2000:]
        models = json.loads((folder / "reports/metrics.json").read_text())["models"]
        for model in models:
            mark = "*" if model["selected"] else ""
            print(f"    {model['name']}{mark} {model['metrics']['mase']['value']:.3f}", end="")
        print(flush=True)
        return pd.read_csv(folder / "reports" / "forecasts.csv", dtype={"unique_id": str})


def errors(found: pd.DataFrame, table: pd.DataFrame, horizon: int) -> tuple[pd.Series, float]:
    """Each series' scaled error, and how many values came inside the 95 % intervals."""
    past = table.groupby("item")["sold"].apply(lambda y: y[:-horizon].diff().abs().mean())
    error = (found["y"] - found["yhat"]).abs().groupby(found["unique_id"]).mean() / past
    return error, float(found["y"].between(found["low_95"], found["high_95"]).mean())


def main(projects: list[Path]) -> None:
    """Print each world's error, by each project, and the paired difference."""
    for name, make in (("weekly", weekly), ("hourly", hourly), ("short beside long", weekly)):
        horizon, scored, inside = 48 if name == "hourly" else 13, [], []
        for project in projects:
            every, shares = [], []
            for seed in SEEDS:
                table = world(name, make, seed)
                found = run(project, table, horizon)
                if found is None:
                    found = run(project, table, horizon, season_length=1)
                assert found is not None
                error, share = errors(found, table, horizon)
                every.append(error.to_numpy())
                shares.append(share)
            scored.append(np.concatenate(every))
            inside.append(np.mean(shares))
        text = f"{scored[0].mean():.3f}, {inside[0]:.1%} inside the 95% intervals"
        if len(projects) == 1:
            print(f"{name}: {text}")
            continue
        difference = scored[1] - scored[0]
        low, high = ttest_1samp(difference, 0).confidence_interval(0.95)
        text += f"; before {scored[1].mean():.3f}, less by {difference.mean():.3f}"
        report(name, f"{text} ({low:.3f} to {high:.3f})", low > 0, "better beyond chance")


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
