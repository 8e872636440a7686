"""Serving a fine-tuned transformer with onnxruntime and `tokenizers`, without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..features import Word, words
from ..kit import ModelError

Array = NDArray[np.float64]
Tokens = dict[str, NDArray[np.int64]]

BATCH = 32
TINY = 1e-7


class BertScorer:
    """A transformer's ONNX session with the tokenizer that lies in the same file."""

    def __init__(self, session: Any) -> None:
        self._session = session
        kept = session.get_modelmeta().custom_metadata_map
        self._tokenizer = load_tokenizer(kept["tokenizer"])

    def probability(self, texts: list[str]) -> Array:
        """Probability that each text is positive: (n,)."""
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        parts = [self._session.run(None, encode(self._tokenizer, batch))[0] for batch in batches]
        return np.concatenate(parts)[:, 1].astype(float)

    def contributions(self, text: str) -> tuple[list[Word], Array]:
        """The words of ``text``, and what each adds to the log-odds of positive: (words,).

        The effect of a word is what is lost without it (Zeiler and Fergus 2014): the model need
        not be known for that. Words beyond the model's reach add nothing.
        """
        found = words(text)
        reach = self._tokenizer.truncation["max_length"]
        shorter = [text[: word.start] + text[word.end :] for word in found[:reach]]
        probability = np.clip(self.probability([text, *shorter]), TINY, 1 - TINY)
        log_odds = np.log(probability / (1 - probability))
        added = np.append(log_odds[0] - log_odds[1:], np.zeros(len(found) - len(shorter)))
        return found, added


def load_tokenizer(content: str) -> Any:
    """A tokenizer from its JSON.

    A ModelError says that the package `tokenizers` is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError as error:
        raise ModelError(
            "the published model is a transformer and needs the package `tokenizers`. Run "
            "`uv sync --extra bert-server`, or publish another model."
        ) from error
    return Tokenizer.from_str(content)


def encode(tokenizer: Any, texts: list[str]) -> Tokens:
    """Token numbers, cut off and padded to one length: arrays (texts, tokens)."""
    found = tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
    return {
        "input_ids": np.array([part.ids for part in found], dtype=np.int64),
        "attention_mask": np.array([part.attention_mask for part in found], dtype=np.int64),
    }
