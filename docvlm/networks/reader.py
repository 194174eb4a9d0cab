"""The reading model: a crop's glyphs and rules in, canonical LaTeX (or Markdown with LaTeX) out.

The decoder's prefix is the glyphs in the order of the file and a token that says whether a formula or a line is to be
written; every part of the prefix sees the whole of it. A glyph is one character, so it is looked up, and where it
stands relative to its neighbours says the rest. What is written are tokens of `docvlm.formulas.tokens`: a character
nearly always means the same token, so there is nothing to gain from pointing at glyphs.

The pixels of a crop are to be further rows of the prefix (`ReaderNetwork.prefix`), before the glyphs.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from docvlm.bundle import Bundle, load_bundle, save_bundle
from docvlm.formulas.codes import FEATURES, PLACED, ROWS
from docvlm.formulas.glyphs import STYLES
from docvlm.formulas.interface import ReaderConfig, reader_config
from docvlm.networks.decoder import CompactDecoder, pack, splice
from docvlm.networks.weights import arrays_of, with_weights


class GlyphEmbedding(nn.Module):
    """Embeds glyphs (`docvlm.formulas.codes`): a row for the character, one for the style, and its place.

    Places become sines and cosines of wavelengths from half an em to 64; an index shifts a glyph by a third of one.
    Each glyph also sees the one before and behind it: writing goes on with what follows the glyph written last, and a
    decoder that finds that one by its predecessor learns to copy much sooner (as with shifted keys, Fu et al. 2023).
    """

    _BANDS = 8

    def __init__(self, width: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(ROWS, width)
        self.styles = nn.Embedding(len(STYLES), width)
        self.place = nn.Linear(FEATURES + PLACED * 2 * self._BANDS, width)
        self.around = nn.Linear(2 * width, width, bias=False)
        self.mix = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        for table in (self.characters, self.styles):
            nn.init.normal_(table.weight, std=0.02)  # a character never met in training stays next to nothing

    def forward(self, codes: dict[str, Tensor]) -> Tensor:
        """Codes of B crops with N glyphs (`stack_glyphs`) -> (B, N, width)."""
        features = codes["features"].float()
        waves = math.tau / (0.5 * 2.0 ** torch.arange(self._BANDS, device=features.device))
        angles = (features[..., :PLACED, None] * waves).flatten(-2)
        place = torch.cat([features, angles.sin(), angles.cos()], -1).to(self.place.weight.dtype)
        x = self.characters(codes["characters"]) + self.styles(codes["styles"]) + self.place(place)
        x = x * codes["mask"][..., None].to(x.dtype)  # what stands behind the last glyph is nothing
        edge = torch.zeros_like(x[:, :1])
        x = x + self.around(torch.cat([torch.cat([edge, x[:, :-1]], 1), torch.cat([x[:, 1:], edge], 1)], -1))
        mixed: Tensor = x + self.mix(x)
        return mixed


class ReaderNetwork(nn.Module):
    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        self.glyphs = GlyphEmbedding(config.width)
        self.decoder = CompactDecoder(config.decoder)

    def forward(
        self, codes: dict[str, Tensor], starts: Tensor, tokens: Tensor, written: Tensor, longest: int
    ) -> Tensor:
        """Teacher forcing: scores (n, vocabulary) of those n of the tokens (B, T) where ``written`` (B, T) is true.

        ``starts`` (B,) are the tokens that say what is to be written, ``longest`` the most elements that a row has
        (glyphs, start, and all tokens but the last): what lies behind is padding and is not computed.
        """
        prefix, lengths = self.prefix(codes, starts)
        tail = self.decoder.embedding(tokens[:, :-1]).to(prefix)
        states = self.decoder.states(splice(prefix, lengths, tail)[:, :longest], lengths)
        row, column = written.nonzero(as_tuple=True)
        return self.decoder.logits(states[row, lengths[row] - 1 + column])

    def prefix(self, codes: dict[str, Tensor], starts: Tensor) -> tuple[Tensor, Tensor]:
        """Glyphs and start tokens (B, P, width), padded on the right, and their lengths (B,)."""
        glyphs, start = self.glyphs(codes), self.decoder.embedding(starts)[:, None]
        return pack(
            [(glyphs, codes["mask"]), (start.to(glyphs), torch.ones_like(starts[:, None], dtype=torch.bool))]
        )


def save_network(network: ReaderNetwork, tokenizer: str, folder: Path) -> Path:
    """Writes a bundle of kind ``reader`` with the text of its `tokenizer.json`; returns ``folder``. Raises as `save_bundle`
    does.
    """
    return save_bundle(folder, "reader", asdict(network.config), arrays_of(network), tokenizer=tokenizer)


def network_of(bundle: Bundle) -> ReaderNetwork:
    """The network of an opened bundle. Raises BundleError for a bundle of something else."""
    return with_weights(ReaderNetwork(reader_config(bundle)), bundle)


def load_network(model: str | Path) -> ReaderNetwork:
    """The network of a bundle. Raises as `load_bundle` does, and BundleError for a bundle of something else."""
    return network_of(load_bundle(model))
