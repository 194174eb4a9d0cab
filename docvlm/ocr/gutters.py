"""Boxes that OCR's detector drew across the gutter between two columns of text -> one box for each column.

Columns of papers stand as close as 10 points. The detector sees words that close in one line, and a line read across
both columns spoils the order of all of them. What tells a gutter from a space are the lines above and below: most of
them end before it and begin behind it, or leave it free at least.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from docvlm.ocr.deskew import Image, Quads
from docvlm.ocr.lines import gaps_of, ink_of

# In heights of a line's box.
_LEAST_WIDE = 6.0  # of a column
_LEAST_GAP = 0.45  # between columns
_LEVEL = 0.6  # by which the edges of a column's lines may differ
_NEXT = 0.5  # above or below a line; what is nearer stands in the same one
_NEAR = 16.0  # above and below a line: others there show where its columns end
_ALIKE = (0.6, 1.6)  # a line's height against those that show it its columns
_LEAST_LINES = 3  # that end before a gutter, and as many that begin behind it
_MOST_ACROSS = 0.2  # of those that could leave a gutter free


def parted_at_gutters(image: Image, quads: Quads) -> Quads:
    """``quads`` (N, 4, 2) of a level page ``image`` (H, W, 3), pixels, with those cut that reach over a gutter."""
    if not len(quads):
        return quads
    boxes = np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)
    gaps = [_gaps(image, box) for box in boxes]
    owner = np.repeat(np.arange(len(boxes)), [len(each) for each in gaps])
    every = np.concatenate(gaps)
    parts: list[NDArray[np.float32]] = []
    for number, (quad, box) in enumerate(zip(quads, boxes)):
        beside = _beside(box, boxes)
        free = every[beside[owner]]
        cuts = [cut for gap in gaps[number] if (cut := _gutter(gap, box, boxes[beside], free)) is not None]
        edges = [box[0], *cuts, box[2]]
        parts += [_between(quad, left, right) for left, right in itertools.pairwise(edges)]
    return np.array(parts, np.float32)


def _gaps(image: Image, box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Starts and ends (n, 2) of what could be a gutter in a line's ``box`` (4,)."""
    x0, y0, x1, y1 = (max(0, int(edge)) for edge in box)
    least = _LEAST_WIDE * (y1 - y0)
    if x1 - x0 < 2 * least or y1 == y0:
        return np.zeros((0, 2), np.float32)
    ink = ink_of(image[y0 : y1 + 1, x0 : x1 + 1])
    gaps = gaps_of(ink)
    wide = gaps[:, 1] - gaps[:, 0] >= _LEAST_GAP * (y1 - y0)
    inside = (gaps[:, 0] > least) & (gaps[:, 1] < ink.shape[1] - least)
    return np.asarray(x0 + gaps[wide & inside], np.float32)


def _beside(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of ``boxes`` (N, 4) are lines of the same kind, not far above or below."""
    height, heights = box[3] - box[1], boxes[:, 3] - boxes[:, 1]
    low, high = (share * height for share in _ALIKE)
    apart = np.abs(boxes[:, [1, 3]].mean(1) - box[[1, 3]].mean())
    return np.asarray(
        (heights > low) & (heights < high) & (apart > _NEXT * height) & (apart < _NEAR * height), np.bool_
    )


def _gutter(
    gap: NDArray[np.float32],
    box: NDArray[np.float32],
    beside: NDArray[np.float32],
    free: NDArray[np.float32],
) -> float | None:
    """Where to cut at a ``gap`` (start, end) of a line's ``box``, if the lines ``beside`` it (n, 4) and the gaps ``free`` in
    these (m, 2) show that it is a gutter.
    """
    reach = _LEVEL * (box[3] - box[1])
    ending = int((np.abs(beside[:, 2] - gap[0]) < reach).sum())
    beginning = int((np.abs(beside[:, 0] - gap[1]) < reach).sum())
    level = int((np.abs(free - gap) < reach).all(1).sum())
    across = int(((beside[:, 0] < gap[0] - reach) & (beside[:, 2] > gap[1] + reach)).sum()) - level
    shown = min(ending, beginning) + level
    return float(gap.mean()) if shown >= _LEAST_LINES and across <= _MOST_ACROSS * shown else None


def _between(quad: NDArray[np.float32], left: float, right: float) -> NDArray[np.float32]:
    """The part of a quad (4, 2), top left, top right, bottom right, bottom left, from ``left`` to ``right``."""
    (a, b, c, d), first = quad, float(quad[:, 0].min())
    width = max(float(quad[:, 0].max()) - first, 1.0)
    start, end = (left - first) / width, (right - first) / width
    return np.array([a + start * (b - a), a + end * (b - a), d + end * (c - d), d + start * (c - d)])
