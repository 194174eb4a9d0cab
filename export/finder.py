"""The graphs of a glyph finder, with inputs to try them with."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from docvlm.formulas.finder import CELL, MULTIPLE, RULE_CHANNELS, VALUES
from docvlm.networks.glyph_finder import GlyphFinder
from docvlm.networks.graphs import DescribeGraph, LookGraph

from .graphs import GraphSource, WithTables, in_dtype
from .pictures import lines

_DOWN, _ALONG = (1, 4, 256), (1, 25, 256)
_GLYPHS = (1, 32, 16384)


def sources(network: GlyphFinder, seed: int = 0) -> dict[str, GraphSource]:
    """The graphs of a network by name, each with random inputs of two rows, in the precision of its weights."""
    random = torch.Generator().manual_seed(seed)
    dtype = network.heat.weight.dtype
    found = {"look": _look_source(network, random), "describe": _describe_source(network, random)}
    return {name: in_dtype(source, dtype) for name, source in found.items()}


def _look_source(network: GlyphFinder, random: torch.Generator) -> GraphSource:
    rows, columns = (f"{MULTIPLE // side} * {name}" for side, name in zip(CELL, ("down", "along")))
    return GraphSource(
        WithTables(LookGraph(network), dict).eval(),
        {"squares": torch.rand(2, 3, MULTIPLE, 5, MULTIPLE, generator=random)},
        {"squares": {0: "batch", 1: "down", 3: "along"}},
        {
            "heat": ("batch", rows, columns),
            "rules": ("batch", RULE_CHANNELS, rows, columns),
            "cells": ("batch", network.config.cells, rows, columns),
        },
        {"batch": (1, 1, 8), "down": _DOWN, "along": _ALONG},
        lambda: {"squares": torch.from_numpy(_squares(lines(network.config.em)))},
        integer=True,
    )


def _squares(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """(B, height, width), sides multiples of MULTIPLE -> as `LookGraph` takes them."""
    count, *sides = ink.shape
    down, along = (side // MULTIPLE for side in sides)
    return ink.reshape(count, down, MULTIPLE, along, MULTIPLE)


def _describe_source(network: GlyphFinder, random: torch.Generator) -> GraphSource:
    config = network.config
    rows, columns = config.window
    return GraphSource(
        WithTables(DescribeGraph(network), dict).eval(),
        {"windows": torch.randn(2, config.cells * rows * columns, generator=random)},
        {"windows": {0: "glyphs"}},
        {"scores": ("glyphs", len(config.classes)), "values": ("glyphs", VALUES)},
        {"glyphs": _GLYPHS},
    )
