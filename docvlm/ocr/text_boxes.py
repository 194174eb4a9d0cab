"""The map of PP-OCR's text detector -> a box for each line of text.

The detector (differentiable binarization, Liao et al. 2020) marks the core of each line, thinner than its letters. A box
is the rectangle around a core, enlarged by what training had taken off. Scripts, fractions and tall brackets make a core
ragged, or tie it to the next line's: then the long bars in it are the lines, and what ties them is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.ocr.deskew import Quads

_CORE = 0.3  # a pixel more likely than this is part of a line's core
LEAST_MEAN = 0.6  # of a core's pixels
_LARGER = 1.6  # a box's edges lie outside its core's by area / perimeter times this
_THINNEST = 3.0  # pixels of a core
_MOST = 3000  # lines
_FULL = 0.8  # of its rectangle that the core of a plain line fills
_BAR = 3.0  # thicknesses; shorter runs of a ragged core's pixels are no line
_DENSE = 0.4  # of a bar's longest row; rows with less are scripts and brackets


def text_boxes(likely: NDArray[np.float32], least_mean: float = LEAST_MEAN) -> Quads:
    """Quads (N, 4, 2) in pixels of the map ``likely`` (H, W), in no order; the pixels of each have ``least_mean``."""
    # The kernel closes cracks of a pixel.
    mask = cv2.dilate((likely > _CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    quads = []
    for contour in contours[:_MOST]:
        core = cv2.minAreaRect(contour)
        if min(core[1]) < _THINNEST or _mean_inside(likely, contour) < least_mean:
            continue
        bars = [] if _is_full(contour, core) else [*_bars(mask, contour)]
        quads += [_corners(_enlarged(rectangle)) for rectangle in bars or [core]]
    return np.array(quads, np.float32).reshape(-1, 4, 2)


_Rectangle = tuple[tuple[float, float], tuple[float, float], float]  # as OpenCV has it: middle, size, degrees


def _mean_inside(likely: NDArray[np.float32], contour: NDArray[np.int32]) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED, offset=(-x, -y))
    return float(cv2.mean(likely[y : y + height, x : x + width], inside)[0])


def _bars(mask: NDArray[np.uint8], contour: NDArray[np.int32]) -> Iterator[_Rectangle]:
    """The long level bars of a ragged core; none where it is not level, or but a blob."""
    x, y, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED, offset=(-x, -y))
    inside &= mask[y : y + height, x : x + width]
    thickness = float(np.median(_runs_down(inside)))
    kernel = np.ones((1, max(3, round(_BAR * thickness))), np.uint8)
    if kernel.shape[1] > width:
        return
    opened = cv2.morphologyEx(inside, cv2.MORPH_OPEN, kernel)
    count, labels = cv2.connectedComponents(opened, connectivity=4)
    for label in range(1, count):
        yield from _bar((labels == label).astype(np.uint8), (x, y))


def _bar(bar: NDArray[np.uint8], offset: tuple[int, int]) -> Iterator[_Rectangle]:
    """The rectangle of a bar (H, W): of all of it, which may slope, or of its dense rows, where scripts are on it yet."""
    (contour, *_), _ = cv2.findContours(bar, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=offset)
    rows = bar.sum(1)
    dense = np.flatnonzero(rows > _DENSE * rows.max())
    x, _, width, _ = cv2.boundingRect(contour)
    middle = x + (width - 1) / 2, offset[1] + (int(dense[0]) + int(dense[-1])) / 2
    level = middle, (width - 1.0, float(dense[-1] - dense[0])), 0.0
    rectangle = min(cv2.minAreaRect(contour), level, key=lambda each: each[1][0] * each[1][1])
    if min(rectangle[1]) >= _THINNEST:
        yield rectangle


def _is_full(contour: NDArray[np.int32], rectangle: _Rectangle) -> bool:
    return cv2.contourArea(contour) >= _FULL * rectangle[1][0] * rectangle[1][1]


def _runs_down(mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The heights of the runs of ones in the columns of a mask (H, W)."""
    change = np.diff(np.pad(mask.astype(np.int8), ((1, 1), (0, 0))), axis=0).T.ravel()
    return np.flatnonzero(change == -1) - np.flatnonzero(change == 1)


def _enlarged(rectangle: _Rectangle) -> _Rectangle:
    middle, (width, height), angle = rectangle
    more = _LARGER * width * height / max(width + height, 1.0)  # twice area / perimeter
    return middle, (width + more, height + more), angle


def _corners(rectangle: _Rectangle) -> NDArray[np.float32]:
    """A rectangle's corners (4, 2): top left, top right, bottom right, bottom left."""
    points = cv2.boxPoints(rectangle)
    points = points[np.argsort(points[:, 0], kind="stable")]
    left, right = (side[np.argsort(side[:, 1], kind="stable")] for side in (points[:2], points[2:]))
    return np.array([left[0], right[0], right[1], left[1]], np.float32)
