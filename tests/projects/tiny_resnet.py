"""Write a small checkpoint without any training; runs in a project with the extra `transfer`.

python tiny_resnet.py FOLDER
"""

import sys
from pathlib import Path

import torch
from transformers import ResNetConfig, ResNetModel


def main(folder: Path) -> None:
    """Random weights, as of a ResNet of two stages."""
    torch.manual_seed(0)
    shape = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]}
    ResNetModel(ResNetConfig(layer_type="basic", **shape)).save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
