"""The page network: a page's text lines in, what each of them is and which is read after it out, by one pass.

Lines are anchors (`docvlm.layout.features`): each is a row of a transformer without any order, in whose attention the
measures between two lines are a bias (as in Graphormer, Ying et al. 2021). The reading order is pointed at: a line's
successor is another line or the end, as in a pointer network (Vinyals et al. 2015), and from the other side its
predecessor another line or the start.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from docvlm.bundle import Bundle, load_bundle, save_bundle
from docvlm.layout.interface import PageConfig, page_config
from docvlm.networks.weights import arrays_of, with_weights

NEVER = -1e4  # a score that no softmax chooses, in every precision


class _Block(nn.Module):
    """A transformer's block, norms first, with a bias of attention."""

    def __init__(self, config: PageConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, config.mlp), nn.GELU(), nn.Linear(config.mlp, width))

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """x (B, N, width) and the bias of attention (B, heads, N, N)."""
        query, key, value = (
            each.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for each in self.qkv(self.norm(x)).chunk(3, -1)
        )
        scores = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5 + bias
        x = x + self.out((scores.softmax(-1) @ value).transpose(1, 2).flatten(2))
        out: Tensor = x + self.mlp(self.mlp_norm(x))
        return out


class PageNetwork(nn.Module):
    def __init__(self, config: PageConfig) -> None:
        super().__init__()
        self.config = config
        width, points = config.width, config.pointer
        self.lines = nn.Sequential(
            nn.Linear(config.features, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.pairs = nn.Sequential(nn.Linear(config.pairs, config.hidden), nn.ReLU())
        # Of each block's heads, and of the three ways in which the second line of a pair may follow the first: in reading
        # order, within a block, within an item.
        self.bias = nn.Linear(config.hidden, config.depth * config.heads + 3)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        self.role = nn.Linear(width, len(config.roles))
        self.queries, self.keys = nn.Linear(width, 3 * points), nn.Linear(width, 3 * points)
        self.edges = nn.Linear(width, 2)  # the scores of having no successor, and no predecessor

    def forward(self, lines: Tensor, pairs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """``lines`` (B, N, features), ``pairs`` (B, N, N, pairs), ``mask`` (B, N) true for lines that are there.

        Gives scores: of roles (B, N, roles); of successors (B, N, N + 1), the last being none; of predecessors
        (B, N, N + 1); and, as logits, that two lines are of one block and of one item (B, N, N, 2).
        """
        hidden = torch.where(mask, 0.0, NEVER)[:, None, None]
        x, bias = self.lines(lines), self.bias(self.pairs(pairs)).permute(0, 3, 1, 2)
        *inner, stand = bias.split([self.config.heads] * self.config.depth + [3], 1)
        for block, each in zip(self.blocks, inner):
            x = block(x, each + hidden)
        x = self.norm(x)
        queries, keys = (each(x).unflatten(2, (3, -1)).transpose(1, 2) for each in (self.queries, self.keys))
        together = queries @ keys.transpose(2, 3) / math.sqrt(self.config.pointer)
        together = together + stand
        itself = torch.eye(x.shape[1], dtype=x.dtype, device=x.device) * NEVER
        order = together[:, 0] + itself
        last, first = self.edges(x).unbind(-1)
        follows = torch.cat([order + hidden[:, 0], last[..., None]], -1)
        precedes = torch.cat([order.transpose(1, 2) + hidden[:, 0], first[..., None]], -1)
        return self.role(x), follows, precedes, together[:, 1:].permute(0, 2, 3, 1)


def save_network(network: PageNetwork, folder: Path) -> Path:
    """Writes a bundle of kind ``page``; returns ``folder``. Raises as `save_bundle` does."""
    return save_bundle(folder, "page", asdict(network.config), arrays_of(network))


def network_of(bundle: Bundle) -> PageNetwork:
    """The network of an opened bundle. Raises BundleError for a bundle of something else."""
    return with_weights(PageNetwork(page_config(bundle)), bundle)


def load_network(model: str | Path) -> PageNetwork:
    """The network of a bundle. Raises as `load_bundle` does, and BundleError for a bundle of something else."""
    return network_of(load_bundle(model))
