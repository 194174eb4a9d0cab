"""The glyph finder: which glyphs and rules stand where in the picture of a formula or a line.

A scan becomes what a born-digital page is: glyphs with places (`docvlm.formulas.glyphs`). The network is fully
convolutional. A heat map says where the middles of glyphs are (CenterNet, Zhou et al. 2019), and what a glyph is and
how far it reaches is read off a window of the feature map around its middle, so the hundreds of classes cost nothing
where there is no glyph. Rules are as long as they like, so they are found cell by cell: each cell of a rule says how
far it goes on, and `docvlm.formulas.finder` joins them.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from docvlm.bundle import Bundle, load_bundle, save_bundle
from docvlm.formulas.finder import RULE_CHANNELS, VALUES
from docvlm.formulas.interface import FinderConfig, finder_config
from docvlm.networks.convolutions import Residual, convolution, doubled
from docvlm.networks.weights import arrays_of, with_weights

_RARE = -4.0  # logit of a glyph or a rule before any training: most cells have none


class GlyphFinder(nn.Module):
    def __init__(self, config: FinderConfig) -> None:
        super().__init__()
        self.config = config
        two, four, eight, sixteen = config.widths
        self.to_two = convolution(1, two, stride=2)
        self.to_four = nn.Sequential(convolution(two, four, stride=2), Residual(four))
        self.to_eight = nn.Sequential(convolution(four, eight, stride=2), Residual(eight), Residual(eight))
        self.to_sixteen = nn.Sequential(
            convolution(eight, sixteen, stride=2), Residual(sixteen), Residual(sixteen)
        )
        self.from_sixteen = nn.Conv2d(sixteen, eight, 1)
        self.mix_eight = convolution(eight, eight)
        self.from_eight = nn.Conv2d(eight, config.cells, 1)
        self.from_four = nn.Conv2d(four, config.cells, 1)
        # Letters stand side by side: columns are finer than rows.
        self.from_two = nn.Conv2d(two, config.cells, (2, 1), stride=(2, 1))
        self.mix_cells = convolution(config.cells, config.cells)
        self.heat = nn.Conv2d(config.cells, 1, 1)
        self.rules = nn.Conv2d(config.cells, RULE_CHANNELS, 1)
        assert self.heat.bias is not None and self.rules.bias is not None
        nn.init.constant_(self.heat.bias, _RARE)
        nn.init.constant_(self.rules.bias[:: RULE_CHANNELS // 2], _RARE)
        rows, columns = config.window
        self.look = nn.Sequential(
            nn.Linear(rows * columns * config.cells, config.hidden), nn.LayerNorm(config.hidden), nn.GELU()
        )
        self.classes = nn.Linear(config.hidden, len(config.classes))
        self.values = nn.Linear(config.hidden, VALUES)

    def forward(self, images: Tensor, where: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Teacher forcing: what the picture says everywhere, and what it says of the n glyphs at ``where``.

        ``images`` (B, 1, H, W) are ink in [0, 1], sides a multiple of 16; ``where`` (n, 3) image, row and column of a
        cell. Returns heat (B, R, C) and rules (B, RULE_CHANNELS, R, C), both as `docvlm.formulas.finder.Maps` but as
        logits, then class scores (n, classes) and values (n, VALUES).
        """
        cells = self.cells(images)
        scores, values = self.describe(cells, where)
        return self.heat(cells)[:, 0], self.rules(cells), scores, values

    def cells(self, images: Tensor) -> Tensor:
        """(B, 1, H, W) -> the finest map (B, cells, H / 4, W / 2)."""
        two = self.to_two(images)
        four = self.to_four(two)
        eight = self.to_eight(four)
        up = self.mix_eight(eight + doubled(self.from_sixteen(self.to_sixteen(eight))))
        up = self.from_four(four) + doubled(self.from_eight(up))
        # Not repeat_interleave, for which ONNX has no operator of its own.
        up = nn.functional.interpolate(up, scale_factor=(1.0, 2.0), mode="nearest")
        cells: Tensor = self.mix_cells(self.from_two(two) + up)
        return cells

    def describe(self, cells: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
        """Class scores (n, classes) and values (n, VALUES) of the glyphs whose middles are at ``where`` (n, 3)."""
        return self.told(self.windows(cells, where))

    def windows(self, cells: Tensor, where: Tensor) -> Tensor:
        """The features (n, rows * columns * cells) around the glyphs' middles."""
        rows, columns = self.config.window
        padded = nn.functional.pad(cells, (columns // 2, columns // 2, rows // 2, rows // 2))
        image, row, column = where[:, :, None].unbind(1)
        down = torch.arange(rows, device=where.device).repeat_interleave(columns)
        along = torch.arange(columns, device=where.device).repeat(rows)
        return padded[image, :, row + down, column + along].flatten(1)

    def told(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """What `describe` says, from the glyphs' windows."""
        looks = self.look(windows)
        return self.classes(looks), self.values(looks)


def save_network(network: GlyphFinder, folder: Path) -> Path:
    """Writes a bundle of kind ``glyphs``; returns ``folder``. Raises as `save_bundle` does."""
    return save_bundle(folder, "glyphs", asdict(network.config), arrays_of(network))


def network_of(bundle: Bundle) -> GlyphFinder:
    """The network of an opened bundle. Raises BundleError for a bundle of something else."""
    return with_weights(GlyphFinder(finder_config(bundle)), bundle)


def load_network(model: str | Path) -> GlyphFinder:
    """The network of a bundle. Raises as `load_bundle` does, and BundleError for a bundle of something else."""
    return network_of(load_bundle(model))
