"""The chart model's vision vocabulary: convolutions down to stride 32, attention there, and the way back to stride 4.

The tokens say what is where (they go to the decoder), the cells where exactly: the decoder points at one of them.
Convolutions where there are many places and attention where there are few learn fastest per second on a CPU (Xiao
et al. 2021 for the stem, Carion et al. 2020 for attention over a coarse map only); the upward path with lateral
connections is a feature pyramid's (Lin et al. 2017).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.networks.shapes import ChartEncoderConfig


class ChartEncoder(nn.Module):
    """Images (B, 3, size, size) in [0, 1] -> tokens (B, N, width), cells (B, C, cells), both row by row."""

    def __init__(self, config: ChartEncoderConfig) -> None:
        super().__init__()
        self.config = config
        two, four, eight, sixteen = config.stem
        self.to_four = nn.Sequential(_conv(3, two, stride=2), _conv(two, four, stride=2), _Residual(four))
        self.to_eight = nn.Sequential(_conv(four, eight, stride=2), _Residual(eight))
        self.to_sixteen = nn.Sequential(_conv(eight, sixteen, stride=2), _Residual(sixteen))
        self.to_tokens = nn.Conv2d(sixteen, config.width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.randn(1, config.tokens, config.width) * 0.02)
        self.blocks = nn.ModuleList(
            _Block(config.width, config.heads, config.mlp) for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.width)
        self.from_tokens = nn.Conv2d(config.width, config.cells, 1)
        self.from_sixteen = nn.Conv2d(sixteen, config.cells, 1)
        self.from_eight = nn.Conv2d(eight, config.cells, 1)
        self.from_four = nn.Conv2d(four, config.cells, 1)
        self.mix_sixteen = _conv(config.cells, config.cells)
        self.mix_eight = _conv(config.cells, config.cells)
        self.mix_four = _conv(config.cells, config.cells)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        four = self.to_four(images - 0.5)
        eight = self.to_eight(four)
        sixteen = self.to_sixteen(eight)
        coarse = self.to_tokens(sixteen)
        tokens = coarse.flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            tokens = block(tokens)
        tokens = self.norm(tokens)
        up = tokens.transpose(1, 2).unflatten(2, coarse.shape[2:])
        up = self.mix_sixteen(self.from_sixteen(sixteen) + _doubled(self.from_tokens(up)))
        up = self.mix_eight(self.from_eight(eight) + _doubled(up))
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
    """A transformer block: everything attends to everything."""

    def __init__(self, width: int, heads: int, mlp: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, mlp), nn.GELU(), nn.Linear(mlp, width))

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, width) -> the same shape."""
        qkv = self.qkv(self.attention_norm(x)).unflatten(-1, (3, self.heads, -1))
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        x = x + self.out(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))
        finished: Tensor = x + self.mlp(x)
        return finished
