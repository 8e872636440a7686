"""Networks that say where they look: feature maps, global average pooling, a linear head."""

from itertools import pairwise

import torch
from torch import Tensor, nn

MAX_START = 40  # larger images are halved by the stem until a side is at most this many pixels


class Network(nn.Module):
    """Log-odds of the positive class, and the class-activation map they are the mean of.

    With global average pooling and a linear head, the log-odds are the mean over all places of
    ``weights . features`` plus a constant: that product is the map (Zhou et al. 2016), and
    Grad-CAM (Selvaraju et al. 2017) gives the same up to a factor. ``features`` maps images
    (n, channels, height, width) to (n, ``width``, h, w).
    """

    def __init__(self, features: nn.Module, width: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Linear(width, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-odds (n,) and map (n, h, w) in log-odds, its constant left out."""
        features = self.features(images)
        activation = nn.functional.conv2d(features, self.head.weight[:, :, None, None]).squeeze(1)
        return activation.mean(dim=(1, 2)) + self.head.bias, activation


class Block(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(inputs, outputs, kernel), nn.ReLU(), convolution(outputs, outputs, kernel)
        )
        self.shortcut = nn.Identity() if inputs == outputs else convolution(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(self.body(features) + self.shortcut(features))


def convolution(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    """A convolution whose outputs are standardised over the batch (Ioffe and Szegedy 2015)."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


def resnet(channels: int, size: int, width: int, blocks: int, kernel: int = 3) -> Network:
    """A small residual network for images of ``size`` pixels; ``blocks`` in each of three stages.

    The first layer keeps the resolution, as small images have none to lose. Maps are halved by
    averaging twice, which leaves 4 to 10 places a side; unlike a stride, which takes every second
    place, averaging keeps each place of the map over the middle of what it saw. ``kernel`` is that
    of the last stage: with 1 it looks at each place by itself, so that evidence stays where it was
    seen.
    """
    layers: list[nn.Module] = [convolution(channels, width), nn.ReLU()]
    while size > MAX_START:
        layers += [nn.AvgPool2d(2), convolution(width, width), nn.ReLU()]
        size //= 2
    layers += stage(width, width, blocks)
    layers += [nn.AvgPool2d(2), *stage(width, 2 * width, blocks)]
    layers += [nn.AvgPool2d(2), *stage(2 * width, 4 * width, blocks, kernel)]
    return Network(nn.Sequential(*layers), 4 * width)


def stage(inputs: int, outputs: int, blocks: int, kernel: int = 3) -> list[Block]:
    """Blocks of the same resolution, the first of which changes the number of features."""
    widths = [inputs, *[outputs] * blocks]
    return [Block(before, after, kernel) for before, after in pairwise(widths)]
