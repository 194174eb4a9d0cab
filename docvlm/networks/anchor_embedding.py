"""Anchors -> embeddings for the decoder's prefix and for pointing: what each says, where it lies, what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import torch
from torch import Tensor, nn

from docvlm.anchors import ANCHOR_KINDS, NUMBER_FEATURES, AnchorCodes, AnchorConfig
from docvlm.networks.decoder import fourier

_BYTE_WIDTH = 48


def stack_codes(codes: Sequence[AnchorCodes]) -> dict[str, Tensor]:
    """The codes of B images -> tensors with a batch dimension, by the names of `AnchorCodes`' fields."""
    return {
        field.name: torch.stack([torch.from_numpy(getattr(each, field.name)) for each in codes])
        for field in fields(AnchorCodes)
    }


class AnchorEmbedding(nn.Module):
    """Embeds anchors (`docvlm.anchors.encode_anchors`, stacked by `stack_codes`).

    Text is its UTF-8 bytes: embedded, mixed with their neighbours by two small convolutions and pooled (mean and
    maximum), with each byte's place added so that 2019 and 2091 differ. Boxes become sines and cosines of
    their corners, plus their size.
    """

    def __init__(self, config: AnchorConfig, width: int) -> None:
        super().__init__()
        self.bins = config.bins
        self.bytes = nn.Embedding(257, _BYTE_WIDTH, padding_idx=0)
        self.places = nn.Parameter(torch.randn(config.text_bytes, _BYTE_WIDTH) * 0.1)
        self.mix = nn.Sequential(
            nn.Conv1d(_BYTE_WIDTH, width // 2, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(width // 2, width // 2, 3, padding=1),
        )
        self.text = nn.Linear(width, width)
        self.numbers = nn.Linear(NUMBER_FEATURES, width, bias=False)
        self.box = nn.Linear(2 * 32 + 2, width)
        self.kinds = nn.Embedding(len(ANCHOR_KINDS), width)
        self.styles = nn.Embedding(config.styles, width)
        self.out = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width)
        )

    def forward(self, codes: dict[str, Tensor]) -> Tensor:
        """Codes of B images with A anchors -> (B, A, width), zero where ``codes["mask"]`` is false."""
        # In float32 whatever the weights are: bfloat16 does not tell a thousand bins apart.
        corners = (codes["boxes"].float() + 0.5) / self.bins
        size = corners[..., 2:] - corners[..., :2]
        place = torch.cat([fourier(corners[..., :2]), fourier(corners[..., 2:]), size], -1).to(self.places)
        x = self._text(codes["text"]) + self.numbers(codes["numbers"].to(place)) + self.box(place)
        x = self.out(x + self.kinds(codes["kinds"]) + self.styles(codes["styles"]))
        masked: Tensor = x * codes["mask"][..., None]
        return masked

    def _text(self, text: Tensor) -> Tensor:
        """Bytes + 1 (B, A, n), 0 behind the end -> (B, A, width)."""
        there = (text > 0).to(self.places.dtype)[..., None]
        spelled = (self.bytes(text) + self.places) * there
        mixed = self.mix(spelled.flatten(0, 1).transpose(1, 2)).transpose(1, 2).unflatten(0, text.shape[:2])
        mean = (mixed * there).sum(2) / there.sum(2).clamp(min=1)
        # Anchors without text (rules) get zeros, not the maximum of nothing.
        highest = (mixed - 1e4 * (1 - there)).amax(2) * there.amax(2)
        embedded: Tensor = self.text(torch.cat([mean, highest], -1))
        return embedded
