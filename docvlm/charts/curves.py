"""Lines followed by their colours: how high each runs at given columns, to a fraction of a pixel."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_SPECK = 6  # pixels; what is no wider and no higher is a speck of mixed colours
_SMALL = 0.12  # of the largest piece; what is smaller belongs to something else
_GAP = 24  # pixels over which a line goes on unseen, behind another or a label
_NEAR = 4  # pixels from a line's end at which it still counts
_FEWEST = 3  # columns in which a line must be seen at all
_SIDE = 4  # columns beside a point that tell how the line reaches it
_MEET = 2.5  # pixels by which the two sides of a point may miss each other
_TIP = 4.0  # pixels that a pen's round tip takes from a peak, at most


def heights(mask: NDArray[np.bool_], at: Sequence[float]) -> list[float | None]:
    """The row of the line in ``mask`` at each column of ``at``, both as edges in pixels; ``None`` where it is not."""
    centres = course(mask)
    known = np.flatnonzero(np.isfinite(centres))
    if len(known) < _FEWEST:
        return [None] * len(at)
    return [_height(centres, known, x - 0.5) for x in at]


def _height(centres: NDArray[np.float64], known: NDArray[np.int64], column: float) -> float | None:
    if np.abs(known - column).min() <= 1:
        return _vertex(centres, column)
    before, after = known[known < column], known[known > column]
    if len(before) and len(after) and after[0] - before[-1] <= _GAP:
        ends = [int(before[-1]), int(after[0])]
        return float(np.interp(column, ends, centres[ends]))
    nearest = int(known[np.abs(known - column).argmin()])
    return float(centres[nearest]) if abs(nearest - column) <= _NEAR else None


def _vertex(centres: NDArray[np.float64], column: float) -> float:
    """Where the line's two sides meet at a column: a pen's round tip hides how far a peak really reaches."""
    x = round(column)
    sides = []
    for direction in (-1, 1):
        at = x + direction * np.arange(2, 8)
        at = at[(at >= 0) & (at < len(centres))]
        at = at[np.isfinite(centres[at])]
        if len(at) >= _SIDE:
            slope, offset = np.polyfit(at, centres[at], 1)
            if np.abs(slope * at + offset - centres[at]).max() < 1:
                sides.append(float(slope * column + offset))
    here = float(np.nanmedian(centres[max(0, x - 1) : x + 2]))
    if len(sides) == 2 and abs(sides[0] - sides[1]) < _MEET and abs(np.mean(sides) - here) < _TIP:
        return float(np.mean(sides))
    return here


def course(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The middle of the line in each column (w,), NaN where there is none.

    Where a column has several runs, that one which is nearest to where the columns around it have theirs.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    extent[0] = 0
    large = extent > max(_SPECK, _SMALL * extent.max())
    if large.any():
        mask = large[labels]
    rows = np.arange(len(mask))[:, None] + 0.5
    size = mask.sum(axis=0)
    begins = mask & ~np.vstack([np.zeros((1, mask.shape[1]), bool), mask[:-1]])
    runs = begins.sum(axis=0)
    centres = np.full(mask.shape[1], np.nan)
    single = np.flatnonzero(runs == 1)
    centres[single] = (mask[:, single] * rows).sum(axis=0) / size[single]
    if not len(single):
        return centres
    several = np.flatnonzero(runs > 1)
    expected = np.interp(several, single, centres[single])
    for x, y in zip(several.tolist(), expected.tolist()):
        at = np.flatnonzero(mask[:, x])
        parts = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
        centres[x] = min(((part[0] + part[-1] + 1) / 2 for part in parts), key=lambda middle: abs(middle - y))
    return centres
