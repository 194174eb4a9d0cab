"""Glyphs as numbers for the network: which character, which style, and where relative to its neighbours.

Places are in ems of the crop's own type, from its middle, so that neither the page nor the size of print matters. What
stands before and behind in the file's order is given as distances, since that order is nearly the order of writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.glyphs import BASELINE, BOTTOM, EXTENSION, LEFT, RIGHT, RULE, SIZE, TOP, Glyphs

# Ranges of code points that have rows of their own in the network's table: Latin, Greek and Cyrillic; punctuation,
# arrows and mathematics; the pieces of TeX's large brackets. Everything else shares the row behind them.
_RANGES: Final = ((0x0000, 0x0500), (0x2000, 0x2C00), (0xF8E0, 0xF900), (0xFE00, 0xFE10))
_CODE_POINTS: Final = np.concatenate([*(np.arange(start, end) for start, end in _RANGES), [0]])
UNKNOWN: Final = sum(end - start for start, end in _RANGES)
ROWS: Final = UNKNOWN + 1
PLACED: Final = 5  # features that are places, for sines and cosines: left, right, top, bottom, baseline
FEATURES: Final = PLACED + 9
_FARTHEST = 6.0  # ems; neighbours are not told apart beyond it


@dataclass(frozen=True, slots=True)
class GlyphCodes:
    """The n glyphs of a crop: ``characters`` (n,) rows of a table, ``styles`` (n,), ``features`` (n, FEATURES)."""

    characters: NDArray[np.int64]
    styles: NDArray[np.int64]
    features: NDArray[np.float32]


def em_of(glyphs: Glyphs) -> float:
    """The size in points of the type that a crop is mostly set in: nearly its largest, without large operators."""
    ordinary = (glyphs.styles != RULE) & (glyphs.styles != EXTENSION)
    sizes = glyphs.places[ordinary if ordinary.any() else glyphs.styles != RULE, SIZE]
    return float(max(np.percentile(sizes, 90, method="higher"), 1.0)) if len(sizes) else 10.0


def encode_glyphs(glyphs: Glyphs) -> GlyphCodes:
    """What the network is given, in the given order."""
    places = glyphs.places.astype(np.float64)
    if not len(places):
        return GlyphCodes(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, FEATURES), np.float32))
    em = em_of(glyphs)
    middle_x = (places[:, LEFT].min() + places[:, RIGHT].max()) / 2
    middle_y = (places[:, TOP].min() + places[:, BOTTOM].max()) / 2
    x0, x1 = (places[:, LEFT] - middle_x) / em, (places[:, RIGHT] - middle_x) / em
    y0, y1, base = ((places[:, column] - middle_y) / em for column in (TOP, BOTTOM, BASELINE))
    size = np.log2(np.where(places[:, SIZE] > 0, places[:, SIZE], em) / em)
    step = np.zeros((len(places) + 1, 3))
    step[1:-1, 0] = x0[1:] - x1[:-1]
    step[1:-1, 1] = base[1:] - base[:-1]
    step[1:-1, 2] = size[1:] - size[:-1]
    step = step.clip(-_FARTHEST, _FARTHEST)
    features = np.column_stack(
        [x0, x1, y0, y1, base, (x1 - x0).clip(0, 20), (y1 - y0).clip(0, 20), size, step[:-1], step[1:]]
    )
    return GlyphCodes(
        table_rows(glyphs.characters), glyphs.styles.astype(np.int64), features.astype(np.float32)
    )


def table_rows(characters: NDArray[np.integer]) -> NDArray[np.int64]:
    """Code points (n,) -> rows of the table (n,)."""
    rows = np.full(len(characters), UNKNOWN, np.int64)
    first = 0
    for start, end in _RANGES:
        inside = (characters >= start) & (characters < end)
        rows[inside] = characters[inside] - start + first
        first += end - start
    return rows


def code_points(rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Rows of the table (n,) -> code points (n,), 0 where no character is known: what `table_rows` made of them."""
    points: NDArray[np.int64] = _CODE_POINTS[rows]
    return points


def stack_glyphs(codes: Sequence[GlyphCodes], multiple: int = 1) -> dict[str, NDArray[Any]]:
    """Codes of B crops as arrays (B, N) and (B, N, FEATURES), N a multiple, with a ``mask`` (B, N)."""
    longest = max((len(each.characters) for each in codes), default=0)
    shape = (len(codes), max(-(-longest // multiple), 1) * multiple)
    characters, styles = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    features, mask = np.zeros((*shape, FEATURES), np.float32), np.zeros(shape, np.bool_)
    for row, each in enumerate(codes):
        count = len(each.characters)
        characters[row, :count], styles[row, :count] = each.characters, each.styles
        features[row, :count], mask[row, :count] = each.features, True
    return {"characters": characters, "styles": styles, "features": features, "mask": mask}
