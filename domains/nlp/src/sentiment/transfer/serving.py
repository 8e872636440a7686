"""Serving a transformer with onnxruntime and `tokenizers`, without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..features import Word, words
from ..kit import ModelError

Array = NDArray[np.float64]


class BertScorer:
    """A transformer's ONNX session with the tokenizer that lies in the same file."""

    def __init__(self, session: Any) -> None:
        self._session = session
        kept = session.get_modelmeta().custom_metadata_map
        self._tokenizer = load_tokenizer(kept["tokenizer"])

    def outputs(self, texts: list[str]) -> Array:
        """What the model says of each text: (n, values).

        One at a time: numbers are rounded to 8 bits by the largest of all that are computed
        together, so a review's answer would depend on those beside it.
        """
        parts = [self._session.run(None, encode(self._tokenizer, [text]))[0] for text in texts]
        return np.concatenate(parts).astype(float)

    def probability(self, texts: list[str]) -> Array:
        """Probability that each text is positive: (n,)."""
        return 1 / (1 + np.exp(-self.outputs(texts)[:, 0]))

    def contributions(self, text: str) -> tuple[list[Word], Array]:
        """The words of ``text``, and what each adds to the log-odds of positive: (words,).

        The effect of a word is what is lost without it (Zeiler and Fergus 2014): the model need
        not be known for that. Words beyond the model's reach add nothing.
        """
        found, reach = words(text), self._tokenizer.truncation["max_length"]
        read = text[: found[reach].end] if len(found) > reach else text
        shorter = [read[: word.start] + read[word.end :] for word in found[:reach]]
        log_odds = self.outputs([read, *shorter])[:, 0]
        added = np.append(log_odds[0] - log_odds[1:], np.zeros(len(found) - len(shorter)))
        return found, added


def load_tokenizer(content: str) -> Any:
    """A tokenizer from its JSON; a ModelError says that `tokenizers` is not installed."""
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError as error:
        raise ModelError(
            "the published model is a transformer and needs the package `tokenizers`. Run `uv sync "
            '--extra bert-server`, and write `ARG EXTRAS="[bert-server]"` in the Dockerfile; or '
            "publish another model."
        ) from error
    return Tokenizer.from_str(content)


def encode(tokenizer: Any, texts: list[str]) -> dict[str, NDArray[np.int64]]:
    """Token numbers, cut off and padded to the longest: arrays (texts, tokens)."""
    found = tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
    # Where nothing marks the beginning, an empty text has no token: it gets one that is masked.
    return {
        "input_ids": np.array([part.ids or [0] for part in found], np.int64),
        "attention_mask": np.array([part.attention_mask or [0] for part in found], np.int64),
    }
