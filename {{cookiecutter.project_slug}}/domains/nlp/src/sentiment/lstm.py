"""A network that reads a review word by word and keeps a memory (needs the extra `bert`)."""

from collections import Counter

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from .bootstrap import Array
from .config import Config
from .models import folds
from .text import tokens

SIZE = 32  # numbers in a word's vector, and in the memory
EPOCHS, BATCH = 8, 64
LEARNING_RATE, DECAY = 0.005, 0.01
LONGEST = 100  # words; the rest of a review is cut off
MIN_COUNT = 2
UNKNOWN, FIRST = 1, 2  # numbers of words; 0 fills up


class Reader(nn.Module):
    """Word vectors, an LSTM over them, and a weight for each number of its last state."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(words, SIZE, padding_idx=0)
        self.memory = nn.LSTM(SIZE, SIZE, batch_first=True)
        self.weights = nn.Linear(SIZE, 1)

    def forward(self, numbered: list[Tensor]) -> Tensor:
        """Log-odds of positive: (reviews,)."""
        lengths = torch.tensor([len(line) for line in numbered])
        padded = nn.utils.rnn.pad_sequence(numbered, batch_first=True)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.vectors(padded), lengths, batch_first=True, enforce_sorted=False
        )
        found: Tensor = self.weights(self.memory(packed)[1][0][-1]).squeeze(1)
        return found


def out_of_fold(texts: pd.Series, y: pd.Series, config: Config) -> Array:
    """Probability of each review by a network that never saw it, on the folds of all rungs."""
    # One thread: sums have one order then, and results are the same on every run.
    torch.set_num_threads(1)
    split, target = texts.map(tokens).tolist(), torch.tensor(y.to_numpy(), dtype=torch.float32)
    found = np.empty(len(texts))
    for train, rest in folds(config).split(texts, y):
        torch.manual_seed(config.seed)
        counts = Counter(word for row in train for word in split[row])
        known = sorted(word for word, count in counts.items() if count >= MIN_COUNT)
        places = {word: place for place, word in enumerate(known, start=FIRST)}
        lines = [[places.get(word, UNKNOWN) for word in line[:LONGEST]] for line in split]
        numbered = [torch.tensor(line or [UNKNOWN]) for line in lines]
        model = fit([numbered[row] for row in train], target[train], len(known) + FIRST)
        with torch.no_grad():
            found[rest] = model([numbered[row] for row in rest]).sigmoid().numpy()
    return found


def fit(numbered: list[Tensor], target: Tensor, words: int) -> Reader:
    """Train on reviews as numbers of words, which are below ``words``."""
    model = Reader(words)
    optimiser = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=DECAY)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(numbered)).split(BATCH):
            said = model([numbered[row] for row in rows])
            loss = nn.functional.binary_cross_entropy_with_logits(said, target[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model
