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

from docvlm.charts.interface import ChartEncoderConfig
from docvlm.networks.convolutions import Residual, convolution, doubled


class ChartEncoder(nn.Module):
    """Images (B, 3, size, size) in [0, 1] -> tokens (B, N, width), cells (B, C, cells), both row by row."""

    def __init__(self, config: ChartEncoderConfig) -> None:
        super().__init__()
        self.config = config
        two, four, eight, sixteen = config.stem
        self.to_four = nn.Sequential(
            convolution(3, two, stride=2), convolution(two, four, stride=2), Residual(four)
        )
        self.to_eight = nn.Sequential(convolution(four, eight, stride=2), Residual(eight))
        self.to_sixteen = nn.Sequential(convolution(eight, sixteen, stride=2), Residual(sixteen))
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
        self.mix_sixteen = convolution(config.cells, config.cells)
        self.mix_eight = convolution(config.cells, config.cells)
        self.mix_four = convolution(config.cells, config.cells)

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
        up = self.mix_sixteen(self.from_sixteen(sixteen) + doubled(self.from_tokens(up)))
        up = self.mix_eight(self.from_eight(eight) + doubled(up))
        cells = self.mix_four(self.from_four(four) + doubled(up))
        return tokens, cells.flatten(2).transpose(1, 2)


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
