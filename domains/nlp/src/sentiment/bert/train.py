"""Fine-tuning a transformer, the optional last rung; torch is imported only where it is used."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from ..config import Bert, Config
from ..kit import ProjectError
from ..models import folds
from .serving import Array, encode, load_tokenizer

PACKAGES = ("torch", "transformers", "tokenizers", "onnxscript")
HELD_OUT = 0.1  # share of the training reviews that decides when to stop
WARM_UP = 0.1  # share of the steps in which the learning rate rises
CLIP = 1.0  # longest gradient
DECAY = 0.01

Labels = NDArray[np.int_]


@dataclass(frozen=True)
class Fitted:
    """A fine-tuned model, its tokenizer, and how the training went."""

    model: Any
    tokenizer: Any
    losses: list[float]  # on the held-out reviews, after each epoch

    def probability(self, texts: list[str], batch: int = 32) -> Array:
        """Probability that each text is positive: (n,)."""
        import torch

        self.model.eval()
        parts = []
        with torch.inference_mode():
            for start in range(0, len(texts), batch):
                part = texts[start : start + batch]
                tokens = _tensors(self.tokenizer, part, self.model.device)
                parts.append(self.model(**tokens).logits.softmax(dim=1)[:, 1].cpu().numpy())
        return np.concatenate(parts).astype(float)


def require(config: Config, root: Path) -> str:
    """The checkpoint that ``config.bert`` names: a folder beside ``config.yaml``, or a name.

    A ProjectError says that a package is missing, or a folder is no checkpoint.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ProjectError(
            f"`models` in config.yaml lists bert, and {', '.join(missing)} is not installed. Run "
            "`uv sync --extra bert`, or take bert off the list."
        )
    folder = root / Path(config.bert.checkpoint).expanduser()
    if (folder / "config.json").is_file():
        return str(folder)
    if folder.exists() or config.bert.checkpoint.startswith((".", "/", "~")):
        raise ProjectError(f"{folder} is no checkpoint: it has no config.json. {_remedy(config)}")
    return config.bert.checkpoint


def out_of_fold(texts: list[str], y: Labels, config: Config, root: Path) -> Array:
    """Probability of each review by a model that never saw it, on the folds of all rungs: (n,)."""
    found = np.empty(len(texts))
    for number, (train, rest) in enumerate(folds(config).split(texts, y), start=1):
        part = [texts[row] for row in train]
        fitted = fit(part, y[train], config, root, f"bert, fold {number}")
        found[rest] = fitted.probability([texts[row] for row in rest], config.bert.batch)
    return found


def fit(texts: list[str], y: Labels, config: Config, root: Path, title: str = "bert") -> Fitted:
    """Fine-tune the checkpoint, and keep the epoch that was best on held-out reviews.

    A ProjectError says that the checkpoint is not at hand and cannot be fetched, and how to get
    one.
    """
    name, settings = require(config, root), config.bert

    import torch

    torch.manual_seed(config.seed)
    model, tokenizer = _load(name, config)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    train, held = train_test_split(
        np.arange(len(texts)), test_size=HELD_OUT, stratify=y, random_state=config.seed
    )

    def tokens_of(rows: NDArray[np.int_]) -> dict[str, Any]:
        tokens = _tensors(tokenizer, [texts[row] for row in rows], device)
        return tokens | {"labels": torch.as_tensor(y[rows], dtype=torch.long, device=device)}

    losses = _train(model, train, held, tokens_of, settings, title)
    return Fitted(model, tokenizer, losses)


def _train(
    model: Any,
    train: NDArray[np.int_],
    held: NDArray[np.int_],
    tokens_of: Callable[[NDArray[np.int_]], dict[str, Any]],
    settings: Bert,
    title: str,
) -> list[float]:
    """Train until the held-out loss has not fallen for ``patience`` epochs; keep the best."""
    import torch
    from tqdm import tqdm

    steps = settings.epochs * -(-len(train) // settings.batch)
    warm = max(1, round(WARM_UP * steps))
    optimiser = torch.optim.AdamW(model.parameters(), settings.learning_rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm))
    )
    losses: list[float] = []
    best = deepcopy(model.state_dict())
    for epoch in range(1, settings.epochs + 1):
        model.train()
        order = torch.randperm(len(train)).split(settings.batch)
        for rows in tqdm(order, f"{title}, epoch {epoch} of {settings.epochs}", leave=False):
            loss = model(**tokens_of(train[rows.numpy()])).loss
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimiser.step()
            schedule.step()
        losses.append(_loss(model, held, tokens_of, settings.batch))
        if losses[-1] == min(losses):
            best = deepcopy(model.state_dict())
        elif len(losses) - int(np.argmin(losses)) > settings.patience:
            break
    model.load_state_dict(best)
    return losses


def _loss(
    model: Any,
    held: NDArray[np.int_],
    tokens_of: Callable[[NDArray[np.int_]], dict[str, Any]],
    batch: int,
) -> float:
    import torch

    model.eval()
    parts = [held[start : start + batch] for start in range(0, len(held), batch)]
    with torch.inference_mode():
        return sum(float(model(**tokens_of(rows)).loss) * len(rows) for rows in parts) / len(held)


def to_onnx(fitted: Fitted) -> bytes:
    """The model as ONNX: ``input_ids`` and ``attention_mask`` in, ``probabilities`` (n, 2) out.

    The tokenizer lies in the file's own metadata, so that one checksum covers both. The model
    itself moves to the processor, where servers run.
    """
    import torch

    class Probabilities(torch.nn.Module):
        """The model with a softmax behind it."""

        def __init__(self) -> None:
            super().__init__()
            self.model = fitted.model.cpu()

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids, attention_mask).logits.softmax(dim=1)

    example = encode(fitted.tokenizer, ["one review", "another, longer review"])
    shape = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program = torch.onnx.export(
        Probabilities().eval(),
        tuple(torch.as_tensor(part) for part in example.values()),
        input_names=list(example),
        output_names=["probabilities"],
        dynamic_shapes=dict.fromkeys(example, shape),
        dynamo=True,  # the older exporter gave wrong numbers without an error
        verbose=False,
    )
    assert program is not None, "dynamo=True returns the program"
    content = program.model_proto
    content.metadata_props.add(key="tokenizer", value=fitted.tokenizer.to_str())
    return bytes(content.SerializeToString())


def _load(name: str, config: Config) -> tuple[Any, Any]:
    """Model and tokenizer of a checkpoint, by its folder or by its name on the Hugging Face Hub."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        model = AutoModelForSequenceClassification.from_pretrained(
            name, num_labels=2, use_safetensors=True, attn_implementation="eager"
        )
        fast = AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError, KeyError) as error:
        raise ProjectError(
            f"the checkpoint {name!r} cannot be loaded: {str(error).splitlines()[0]} "
            + _remedy(config)
        ) from error
    longest = min(config.bert.max_tokens, model.config.max_position_embeddings)
    tokenizer = load_tokenizer(fast.backend_tokenizer.to_str())
    tokenizer.enable_truncation(longest)
    tokenizer.enable_padding(pad_id=fast.pad_token_id, pad_token=fast.pad_token)
    return model, tokenizer


def _tensors(tokenizer: Any, texts: list[str], device: str) -> dict[str, Any]:
    import torch

    return {k: torch.as_tensor(part).to(device) for k, part in encode(tokenizer, texts).items()}


def _remedy(config: Config) -> str:
    name = config.bert.checkpoint.rstrip("/").rsplit("/", 1)[-1]
    return (
        "Where there is a network, name a model of the Hugging Face Hub with safetensors weights, "
        "such as distilbert-base-uncased: it is fetched once. Where there is none, run "
        f"`hf download distilbert-base-uncased --local-dir checkpoints/{name}` on another machine, "
        "copy the folder here and write its path as `checkpoint` under `bert` in config.yaml; or "
        "take bert off the list of `models`."
    )
