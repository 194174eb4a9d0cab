"""Print and pictures on a page that nobody took notice of, by its pixels alone."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box

_EDGE = 24  # levels between neighbouring pixels at the edge of print
_RULE = 15  # pixels (points); straight edges that are longer belong to rules, frames and tints
_PADDING = 4  # pixels around a block, which its print may reach into
_TOGETHER = 9, 5  # pixels across and down, by which letters and lines hang together
_LEAST_PATCH = 6, 5  # pixels; smaller patches are specks
_DENSE = 0.1  # of a patch, at least, is edges: print or a picture, no texture of the paper


def uncovered(image: NDArray[np.uint8], scale: float, boxes: Iterable[Box]) -> tuple[float, list[Box]]:
    """The share of a page's print and pictures that none of ``boxes`` (points) covers, and where it is.

    ``image`` (H, W, 3) has ``scale`` pixels a point, about one.
    """
    edges = _edges(image)
    inked = int(edges.sum())
    for x0, y0, x1, y1 in ((round(v * scale) for v in box) for box in boxes):
        edges[
            max(y0 - _PADDING, 0) : max(y1 + _PADDING, 0), max(x0 - _PADDING, 0) : max(x1 + _PADDING, 0)
        ] = 0
    if not edges.any():
        return 0.0, []
    joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones(_TOGETHER[::-1], np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    own = np.bincount(labels.ravel(), edges.ravel(), minlength=count)
    patches = [
        (own[label], (x / scale, y / scale, (x + width) / scale, (y + height) / scale))
        for label, (x, y, width, height, _) in enumerate(stats)
        if label
        and width >= _LEAST_PATCH[0]
        and height >= _LEAST_PATCH[1]
        and own[label] > _DENSE * width * height
    ]
    return sum(ink for ink, _ in patches) / max(inked, 1), [box for _, box in patches]


def _edges(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 where the picture changes from pixel to pixel, but along straight rules and the borders of tints."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    edges = np.zeros(grey.shape, np.uint8)
    edges[:, 1:] = cv2.absdiff(grey[:, 1:], grey[:, :-1]) > _EDGE
    edges[1:] |= cv2.absdiff(grey[1:], grey[:-1]) > _EDGE
    across = cv2.morphologyEx(edges, cv2.MORPH_OPEN, np.ones((1, _RULE), np.uint8))
    down = cv2.morphologyEx(edges, cv2.MORPH_OPEN, np.ones((_RULE, 1), np.uint8))
    return np.asarray(edges & ~(across | down), np.uint8)
