"""A recurrent network over all series at once (an extra).

It reads the last seasons of a series and says the whole horizon in one go.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from ..backtest import naive_error
from ..data import DatasetInfo
from ..features import date_part, date_parts
from ..kit.intervals import Array

HIDDEN = 48
BATCHES, BATCH = 400, 128
LEARNING_RATE = 3e-3
SEASONS, MOST = 4, 60  # how much of the past it reads
LEVEL_STEPS = 28  # the mean of the last ones is taken off, so that it learns what changes

CYCLES = {"hour": 24, "dayofweek": 7, "dayofyear": 366, "week": 53, "month": 12, "quarter": 4}


class Network(nn.Module):
    """Past values and inputs go through an LSTM; its last state and the inputs of each step ahead
    give that step's value."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.encoder = nn.LSTM(1 + inputs, HIDDEN, batch_first=True)
        self.head = nn.Sequential(
            nn.Linear(HIDDEN + inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1)
        )

    def forward(self, past: Tensor, ahead: Tensor) -> Tensor:
        """(batch, steps) for past (batch, lookback, 1 + inputs) and ahead (batch, steps, inputs)"""
        _, (state, _) = self.encoder(past)
        repeated = state[-1].unsqueeze(1).expand(-1, ahead.shape[1], -1)
        values: Tensor = self.head(torch.cat([repeated, ahead], dim=-1)).squeeze(-1)
        return values


@dataclass(frozen=True)
class Windows:
    """All series one after another: scaled values (n,), inputs (n, inputs), lengths."""

    values: Tensor
    inputs: Tensor
    lookback: int
    horizon: int

    def batch(self, starts: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Past, inputs ahead, values ahead, and the level that was taken off both values."""
        before = starts[:, None] + torch.arange(self.lookback)
        after = before[:, -1:] + 1 + torch.arange(self.horizon)
        level = self.values[before[:, -LEVEL_STEPS:]].mean(dim=1, keepdim=True)
        past = torch.cat([(self.values[before] - level).unsqueeze(-1), self.inputs[before]], -1)
        return past, self.inputs[after], self.values[after] - level, level


def forecast(history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int) -> Array:
    """One mean for each row of ``future``."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # in so small a network threads mostly wait for each other
    error = naive_error(history, info.seasons)
    scale = np.where(error > 0, error, 1.0)
    windows, ends = _windows(history, future, info, scale)
    horizon, lookback = info.horizon, windows.lookback
    starts = np.concatenate(
        [
            np.arange(end - length, end - horizon - horizon - lookback + 1)
            for end, length in zip(ends, np.diff(ends, prepend=0), strict=True)
        ]
    )
    network = _train(windows, torch.as_tensor(starts), seed)
    last = torch.as_tensor(ends - horizon - lookback)
    with torch.no_grad():
        past, ahead, _, level = windows.batch(last)
        found = (network(past, ahead) + level).numpy()
    return np.asarray(found * scale[:, np.newaxis], dtype=float).ravel()


def _windows(
    history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, scale: Array
) -> tuple[Windows, np.ndarray]:
    """Each series with its future behind it (values there are 0), and where each one ends."""
    table = pd.concat([history, future.assign(y=0.0)]).sort_values(
        ["unique_id", "ds"], kind="stable"
    )
    lengths = table.groupby("unique_id").size().to_numpy()
    known = table[info.known].to_numpy(float)
    spread = known.std(axis=0)
    known = (known - known.mean(axis=0)) / np.where(spread > 0, spread, 1)
    inputs = np.hstack([cycles(pd.DatetimeIndex(table["ds"]), info.freq), known])
    values = table["y"].to_numpy() / np.repeat(scale, lengths)
    shortest = max(int(lengths.min()) - 2 * info.horizon, 2)
    lookback = min(max(SEASONS * info.season_length, 2), MOST, shortest)
    first, second = (torch.as_tensor(part, dtype=torch.float32) for part in (values, inputs))
    return Windows(first, second, lookback, info.horizon), lengths.cumsum()


def _train(windows: Windows, starts: Tensor, seed: int) -> Network:
    network = Network(windows.inputs.shape[1])
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, BATCHES)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(BATCHES):
        drawn = torch.randint(len(starts), (BATCH,), generator=generator)
        past, ahead, expected, _ = windows.batch(starts[drawn])
        loss = nn.functional.mse_loss(network(past, ahead), expected)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return network


def cycles(dates: pd.DatetimeIndex, freq: str) -> np.ndarray:
    """(dates, 2 per part) where in its cycle each part of a date is, as sine and cosine."""
    columns = []
    for part in date_parts(freq):
        angle = 2 * np.pi * date_part(dates, part) / CYCLES.get(part, 4)
        columns += [np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=1).astype(np.float32)
