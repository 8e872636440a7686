"""A small two-tower network; needs torch, the optional extra `neural`."""

import numpy as np
from scipy.sparse import csr_matrix

from ..kit import ProjectError
from ..linear import Factors
from ..models import WORDS, Settings, popularity, tfidf

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise ProjectError(
        "`models` in config.yaml lists neural, which needs torch, and torch is not installed. "
        "Run `uv sync --extra neural` (or `pip install torch`), or take neural off the list."
    ) from error

EPOCHS = 40
BATCH = 128
KEPT = 0.5  # share of a user's likes that the user tower sees; it must guess all of them


class TwoTower(nn.Module):
    """A user is the mean of the vectors of the liked items; an item, its own vector and its words.

    The item tower may be as deep as one likes: for serving, only its output counts.
    """

    def __init__(self, items: int, words: int, size: int) -> None:
        super().__init__()
        self.inputs = nn.Parameter(torch.randn(items, size) / size**0.5)
        self.vectors = nn.Parameter(torch.randn(items, size) / size**0.5)
        self.from_words = nn.Sequential(nn.Linear(words, size), nn.Tanh(), nn.Linear(size, size))

    def outputs(self, words: Tensor) -> Tensor:
        """(items, size) what the item tower makes of each item."""
        return self.vectors + self.from_words(words)

    def forward(self, likes: Tensor, words: Tensor) -> Tensor:
        """(users, items) scores for ``likes`` (users, items), of which some may be hidden."""
        users = likes @ self.inputs / likes.sum(dim=1, keepdim=True).clamp(min=1)
        return users @ self.outputs(words).T


def two_tower(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> Factors:
    """Trained to guess all likes of a user from a random half of them, by a softmax over items.

    After Yi et al. (2019), "Sampling-bias-corrected neural modeling for large corpus item
    recommendations", with the full softmax, which a small catalogue allows.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # as fast on so little data, and the sums have one order
    words = torch.from_numpy(tfidf(texts, max_features=WORDS).toarray())
    model = TwoTower(likes.shape[1], words.shape[1], settings["factors"])
    optimiser = torch.optim.AdamW(
        model.parameters(), settings["learning_rate"], weight_decay=settings["decay"]
    )
    active = torch.from_numpy(np.flatnonzero(np.diff(likes.indptr)))
    for _ in range(EPOCHS):
        for users in active[torch.randperm(len(active))].split(BATCH):
            target = torch.from_numpy(likes[users.numpy()].toarray())
            scores = model(target * (torch.rand_like(target) < KEPT), words)
            loss = -(target * scores.log_softmax(dim=1)).sum() / target.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        inputs, outputs = model.inputs.numpy(), model.outputs(words).numpy()
    return Factors(popularity(likes, texts, settings, seed).bias, inputs, outputs)
