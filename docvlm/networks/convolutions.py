"""The convolutions that the bundled models share."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


def convolution(before: int, after: int, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    """3x3, batch norm, GELU."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.GELU()
    )


class Residual(nn.Module):
    """Two 3x3 convolutions and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x + self.second(self.first(x)))


def doubled(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, C, 2H, 2W), each place four times."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
