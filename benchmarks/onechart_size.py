"""Networks of OneChart's size with random weights, as graphs: what they compute takes as long as with trained ones.

The encoder is OneChart's own (SAM-B at 1024 pixels, 95 million weights). The decoder has the width, depth and vocabulary of
its OPT-125M, in our own architecture.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from docvlm.export import reader
from docvlm.export.graphs import GraphSource, in_dtype
from docvlm.formulas.interface import ReaderConfig
from docvlm.networks.reader import ReaderNetwork
from docvlm.networks.vision import VisionConfig, VisionVocabulary

DECODER = ReaderConfig(50272, glyphs=1023, tokens=1024, width=768, depth=12, heads=12, mlp=2048)


class _Encoder(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.vocabulary = VisionVocabulary(config)

    def forward(self, *images: Tensor) -> tuple[Tensor, ...]:
        return (self.vocabulary(images[0]),)


def encoder(dtype: torch.dtype = torch.float32) -> GraphSource:
    """Images (B, 3, 1024, 1024) -> tokens (B, 256, 1024)."""
    torch.manual_seed(0)
    source = GraphSource(
        _Encoder(VisionConfig()).eval().to(dtype),
        {"images": torch.rand(2, 3, 1024, 1024)},
        {"images": {0: "batch"}},
        {"tokens": ("batch", 256, 1024)},
        {"batch": (1, 4, 8)},
    )
    return in_dtype(source, dtype)


def step(dtype: torch.dtype = torch.float32) -> GraphSource:
    """A decoding step; see `docvlm.networks.graphs.StepGraph`."""
    torch.manual_seed(0)
    source: GraphSource = reader.sources(ReaderNetwork(DECODER).eval().to(dtype))["step"]
    return replace(source, integer=False)


def sources(dtype: torch.dtype = torch.float32) -> dict[str, GraphSource]:
    """The graphs by name, with random inputs, for computing in ``dtype``."""
    return {"encoder": encoder(dtype), "step": step(dtype)}
