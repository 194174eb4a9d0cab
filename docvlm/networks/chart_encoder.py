"""The chart model's vision vocabulary: a convolutional stem, windowed attention, and the way back up to stride 4.

The tokens say what is where (they go to the decoder), the cells where exactly: the decoder points at one of them.
A stem of convolutions instead of a single patch projection makes small networks learn far faster (Xiao et al.
2021); the upward path with lateral connections is a feature pyramid's (Lin et al. 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

STRIDE = 4  # pixels of a cell
_TOKEN_STRIDE = 32


@dataclass(frozen=True, slots=True)
class ChartEncoderConfig:
    """Shape of a `ChartEncoder`. ``size`` is the side of the square image, a multiple of 32 times ``window``/2;
    ``stem`` the channels at strides 2, 4 and 8; ``cells`` those of the stride-4 output.
    """

    size: int = 384
    stem: tuple[int, int, int] = (24, 48, 96)
    width: int = 192
    depth: int = 5
    heads: int = 4
    window: int = 8
    global_blocks: tuple[int, ...] = (2, 4)
    cells: int = 64

    def __post_init__(self) -> None:
        if self.size % (16 * self.window) or self.size % _TOKEN_STRIDE:
            raise ValueError(f"size {self.size} does not hold whole windows of {self.window} x 16 pixels")

    @property
    def tokens(self) -> int:
        return (self.size // _TOKEN_STRIDE) ** 2

    @property
    def cell_grid(self) -> tuple[int, int]:
        """Rows and columns of the stride-4 map."""
        return self.size // STRIDE, self.size // STRIDE


class ChartEncoder(nn.Module):
    """Images (B, 3, size, size) in [0, 1] -> tokens (B, N, width), cells (B, C, cells), both row by row."""

    def __init__(self, config: ChartEncoderConfig) -> None:
        super().__init__()
        self.config = config
        two, four, eight = config.stem
        self.to_four = nn.Sequential(_conv(3, two, stride=2), _conv(two, four, stride=2), _Residual(four))
        self.to_eight = nn.Sequential(_conv(four, eight, stride=2), _Residual(eight))
        self.to_sixteen = nn.Conv2d(eight, config.width, 3, stride=2, padding=1)
        side = config.size // 16
        self.positions = nn.Parameter(torch.randn(1, side * side, config.width) * 0.02)
        self.blocks = nn.ModuleList(
            _Block(config.width, config.heads, None if index in config.global_blocks else config.window)
            for index in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.width)
        self.to_tokens = nn.Conv2d(config.width, config.width, 3, stride=2, padding=1)
        self.token_norm = nn.LayerNorm(config.width)
        self.from_sixteen = nn.Conv2d(config.width, config.cells, 1)
        self.from_eight = nn.Conv2d(eight, config.cells, 1)
        self.from_four = nn.Conv2d(four, config.cells, 1)
        self.mix_eight = _conv(config.cells, config.cells)
        self.mix_four = _conv(config.cells, config.cells)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        four = self.to_four(images - 0.5)
        eight = self.to_eight(four)
        sixteen = self.to_sixteen(eight)
        side = sixteen.shape[-1]
        x = sixteen.flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            x = block(x, side)
        grid = self.norm(x).transpose(1, 2).unflatten(2, (side, side))
        tokens = self.token_norm(self.to_tokens(grid).flatten(2).transpose(1, 2))
        up = self.mix_eight(self.from_eight(eight) + _doubled(self.from_sixteen(grid)))
        cells = self.mix_four(self.from_four(four) + _doubled(up))
        return tokens, cells.flatten(2).transpose(1, 2)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _conv(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.GELU()
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x + self.second(self.first(x)))


class _Block(nn.Module):
    """A transformer block over a square grid; with ``window`` attention stays inside windows of that side."""

    def __init__(self, width: int, heads: int, window: int | None) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor, side: int) -> Tensor:
        """(B, side * side, width) -> the same shape."""
        batch, _, width = x.shape
        y = self.qkv(self.attention_norm(x))
        if self.window:
            count = side // self.window
            y = y.view(batch, count, self.window, count, self.window, 3 * width).transpose(2, 3)
            y = y.reshape(batch * count * count, self.window * self.window, 3 * width)
        query, key, value = y.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        if self.window:
            y = y.view(batch, count, count, self.window, self.window, width).transpose(2, 3)
            y = y.reshape(batch, side * side, width)
        x = x + self.out(y)
        finished: Tensor = x + self.mlp(x)
        return finished
