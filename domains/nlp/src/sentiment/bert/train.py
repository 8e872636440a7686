"""The rung `bert`: a transformer and the logistic layer behind it, fine-tuned together."""

from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from onnx import ModelProto
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from ..config import Config
from ..models import Tuned, folds, logistic_regression
from ..transfer import BERT, EMBEDDINGS
from ..transfer.checkpoint import Checkpoint, load
from ..transfer.export import quantise, scorer, to_onnx, with_layer
from ..transfer.layer import Rows, Task, layer
from ..transfer.serving import Array, encode

HELD_OUT = 0.1  # share of the training reviews that decides when to stop
WARM_UP = 0.1  # share of the steps in which the learning rate rises
CLIP = 1.0  # longest gradient
POOL = 16  # batches among which reviews of like length come together


def tune(config: Config, checkpoint: Checkpoint, texts: list[str], y: Rows) -> dict[str, Tuned]:
    """Each rung that ``config.models`` names, with its probabilities out of fold."""
    encoder = to_onnx(*load(checkpoint, config), texts)
    tuned: dict[str, Tuned] = {}
    task = Task(config, checkpoint, texts, y, scorer(encoder).outputs(texts))
    if EMBEDDINGS in config.models:
        # Of the quantised encoder, as the server will compute them.
        served, grid = scorer(quantise(encoder)).outputs(texts), logistic_regression().space["C"]
        tuned[EMBEDDINGS] = layer(task, grid, task.vectors, served, lambda: encoder)
    if BERT in config.models:
        before, after = out_of_fold(task)
        everything = partial(fit, task, np.arange(len(y)), "fine-tuning on all")
        # What this layer stretches are log-odds: fine-tuned models are too sure (Platt 1999).
        rung = layer(task, [1.0], before, after, lambda: everything()[0])
        tuned[BERT] = replace(rung, settings=config.bert.model_dump() | rung.settings)
    return tuned


def out_of_fold(task: Task) -> Array:
    """Log-odds of each review by a model that never saw it, before and after quantising:
    (2, n, 1).

    Here one fold follows the other, as each takes all cores; an ``engine`` spreads them.
    """
    parts = list(folds(task.config).split(task.texts, task.y))
    names = [f"fine-tuning, fold {number} of {len(parts)}" for number in range(1, 1 + len(parts))]
    work = [delayed(_unseen)(task, *part, name) for part, name in zip(parts, names, strict=True)]
    found = np.empty((2, len(task.y), 1))
    for (_, rest), answers in zip(parts, Parallel()(work), strict=True):
        found[:, rest] = answers
    return found


def _unseen(task: Task, seen: Rows, rest: Rows, name: str) -> list[Array]:
    model, _ = fit(task, seen, name)
    texts = [task.texts[row] for row in rest]
    return [scorer(one).outputs(texts) for one in (model, quantise(model))]


def fit(task: Task, rows: Rows, title: str) -> tuple[ModelProto, list[float]]:
    """Fine-tune on some reviews, and keep the epoch that was best on a part held out of them: the
    model, log-odds (n, 1) out, and its ROC-AUC on that part after each epoch.

    The logistic layer starts as it is on the embeddings before, so that it does not undo what the
    transformer knows (Kumar et al. 2022).
    """
    import torch
    from tqdm import tqdm

    (config, checkpoint, texts, y, vectors), settings = task, task.config.bert
    torch.manual_seed(config.seed)
    rng, (encoder, tokenizer) = np.random.default_rng(config.seed), load(checkpoint, config)
    train, held = train_test_split(
        rows, test_size=HELD_OUT, stratify=y[rows], random_state=config.seed
    )
    start = LogisticRegression(max_iter=2_000).fit(vectors[train], y[train])
    head = torch.nn.Linear(vectors.shape[1], 1)
    first = {"weight": start.coef_, "bias": start.intercept_}
    head.load_state_dict({name: torch.as_tensor(value) for name, value in first.items()})
    # Words that the reviews lack stay beside those that they have, and a step takes less time.
    encoder.model.get_input_embeddings().requires_grad_(False)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    net: Any = torch.nn.ModuleList([encoder, head]).to(device)
    best = net

    def log_odds(part: Rows) -> Any:
        tokens = encode(tokenizer, [texts[row] for row in part]).items()
        return head(encoder(**{k: torch.as_tensor(v, device=device) for k, v in tokens}))[:, 0]

    steps = settings.epochs * -(-len(train) // settings.batch)
    scores: list[float] = []
    optimiser = torch.optim.AdamW(net.parameters(), settings.learning_rate)
    warm = max(1, round(WARM_UP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm))
    )
    bar = tqdm(total=steps, desc=title, leave=False)
    while len(scores) < min(settings.epochs, int(np.argmax(scores or [0])) + settings.patience + 1):
        net.train()
        for part in batches(train, texts, settings.batch, rng):
            truth = torch.as_tensor(y[part], dtype=torch.float32, device=device)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(log_odds(part), truth)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
            optimiser.step()
            schedule.step()
            bar.update()
        net.eval()
        with torch.inference_mode():
            parts = batches(held, texts, settings.batch, rng)
            found = np.concatenate([log_odds(part).cpu() for part in parts])
        scores.append(float(roc_auc_score(y[np.concatenate(parts)], found)))
        if scores[-1] == max(scores):
            best = deepcopy(net)
    bar.close()
    encoder, last = best.cpu()
    model = to_onnx(encoder, tokenizer, [texts[row] for row in rows])
    return with_layer(model, last.weight.detach().numpy()[0], last.bias.item()), scores


def batches(rows: Rows, texts: list[str], size: int, rng: np.random.Generator) -> list[Rows]:
    """The rows in random batches of reviews of like length, so that little is filled up."""
    parts: list[Rows] = []
    for pool in np.array_split(rng.permutation(rows), -(-len(rows) // (size * POOL))):
        alike = np.array(sorted(pool, key=lambda row: len(texts[row])))
        parts += [alike[start : start + size] for start in range(0, len(alike), size)]
    return [parts[place] for place in rng.permutation(len(parts))]
