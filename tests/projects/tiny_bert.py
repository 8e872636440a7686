"""Write a small checkpoint without any training; runs in a project with the extra `bert`.

python tiny_bert.py FOLDER
"""

import sys
from pathlib import Path
from string import ascii_lowercase

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

WORDS = "the size parcel die größe das paket is ist good fine prima gut bad poor mies schlecht"


def main(folder: Path) -> None:
    """A WordPiece tokenizer of some words and all letters, and random weights, as of BERT."""
    letters = [start + letter for start in ("", "##") for letter in ascii_lowercase + "0123456789"]
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *"!/", *WORDS.split()]
    numbered = {name: place for place, name in enumerate(names)}
    pieces = Tokenizer(models.WordPiece(numbered, unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer(strip_accents=False)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
    PreTrainedTokenizerFast(tokenizer_object=pieces, **special).save_pretrained(folder)
    torch.manual_seed(0)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    shape = {"num_attention_heads": 2, "max_position_embeddings": 64, "vocab_size": len(names)}
    BertForSequenceClassification(BertConfig(**size, **shape)).save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
