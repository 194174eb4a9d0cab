"""Numbers along an axis that the detector missed: read again where the others say that they stand.

A lone digit is too small for a detector made for lines of text: of all that charts print, it misses zeros most often.
Ticks stand evenly in a row or a column, so those that were found say where the next ones are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Box
from docvlm.charts.geometry import fit_axis
from docvlm.numbers import number_with_unit
from docvlm.ocr.deskew import Image
from docvlm.ocr.lines import Reading

_FEWEST = 2  # labels that make a row or a column
_LEVEL = 0.35  # heights of a label by which those of a row may stand higher or lower
_UNEVEN = 0.02  # of the step by which a number may be off
_BEYOND = 3  # places looked at beyond either end
_CONTRAST = 40  # between ink and paper, of 255
_ROOM = 0.3  # heights of a label around where one is missing
_PAPER = 0.35  # heights of the ink around it that the recognizer is given
_SAME_NUMBER = 1e-3  # share of itself by which what is read may differ from the expected
_LONGEST = 11  # characters of a tick's label
_NEAR = 0.5  # heights of a label between it and where its number lies, at most
_CLOSEST = 1.2  # heights of a label from one tick to the next, at least
_SMALLEST = 4  # pixels; nothing can be read in a smaller window
_INK = 0.4  # of the strongest contrast, that ink has everywhere
_SIGNS = "-–—−"
_ROUND = str.maketrans("OoDQ", "0000")


def missed(image: Image, anchors: Sequence[Anchor], read: Callable[[Image], Reading]) -> list[Anchor]:
    """The numbers missing in rows and columns of evenly placed ones; boxes are pixels of ``image`` (h, w, 3)."""
    numbers = [a for a in anchors if number_with_unit(a.text) is not None and len(a.text) <= _LONGEST]
    found: list[Anchor] = []
    for axis in (1, 0):  # columns, which run along y, and rows
        for line in _lines(numbers, axis):
            for window, expected, continental in _gaps(line, axis):
                if any(_holds(window, a.box) for a in (*numbers, *found)):
                    continue
                box = _ink(image, window)
                if box is None:
                    continue
                text = read(around(image, box)).text.strip().translate(_ROUND)
                said = number_with_unit(text, continental)
                # Anything else was no label, or is of no use.
                if said is not None and math.isclose(said, expected, rel_tol=_SAME_NUMBER, abs_tol=1e-9):
                    found.append(Anchor(text, box))
    return found


def without_tick_marks(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The anchors, those of them without a sign whose sign is a tick mark: where nought has one, or where numbers up or
    along an axis would fall from below nought.
    """
    mended: dict[Anchor, Anchor] = {}
    numbers = [a for a in anchors if number_with_unit(a.text) is not None and len(a.text) <= _LONGEST]
    for axis in (1, 0):
        for line in _lines(numbers, axis):
            signed = [a for a in line if a.text[0] in _SIGNS]
            if len(signed) < _FEWEST or not _are_marks(signed, axis):
                continue
            for anchor in signed:
                x0, y0, x1, y1 = anchor.box
                text = anchor.text[1:].strip()
                mended[anchor] = Anchor(text, (x0 + (x1 - x0) / len(anchor.text), y0, x1, y1))
    return [mended.get(anchor, anchor) for anchor in anchors]


def _are_marks(signed: Sequence[Anchor], axis: int) -> bool:
    """Whether the signs of numbers in a row or column, in their order, are tick marks."""
    values = [number_with_unit(a.text) or 0.0 for a in signed]
    if 0.0 in values:
        return True
    steps = np.diff(values)
    return bool((steps > 0).all() if axis else (steps < 0).all())


def _lines(numbers: Sequence[Anchor], axis: int) -> Iterator[list[Anchor]]:
    """Labels that stand in one row (``axis`` 0) or column (1), in their order along it."""
    across = 1 - axis
    left = list(numbers)
    while len(left) >= _FEWEST:
        best: list[Anchor] = []
        for seed in left:
            height = seed.box[3] - seed.box[1]
            # Columns are flush left, flush right or centred; rows share their middle.
            for edge in (0.0, 0.5, 1.0) if axis else (0.5,):
                level = _at(seed.box, across, edge)
                near = [a for a in left if abs(_at(a.box, across, edge) - level) <= _LEVEL * height]
                if len(near) > len(best):
                    best = near
        if len(best) < _FEWEST:
            return
        yield sorted(best, key=lambda a: _at(a.box, axis, 0.5))
        left = [a for a in left if a not in best]


def _gaps(line: Sequence[Anchor], axis: int) -> Iterator[tuple[Box, float, bool]]:
    """Where a label of the line is missing: a box as large as the largest of the line and some more, the number that
    should stand there, and whether its comma is a decimal point.
    """
    fit = fit_axis([(_at(a.box, axis, 0.5), a.text) for a in line])
    if fit is None:
        return
    numbers = [(a, number_with_unit(a.text, fit.continental)) for a in line]
    high = float(np.median([a.box[3] - a.box[1] for a in line]))
    fitting = [
        (a, n)
        for a, n in numbers
        if n is not None and abs(fit.pixel(n) - _at(a.box, axis, 0.5)) < _NEAR * high
    ]
    values = sorted({math.log10(n) if fit.log else n for _, n in fitting if n > 0 or not fit.log})
    step = min(np.diff(values), default=0.0)
    if not step or abs(fit.slope * step) < _CLOSEST * high:
        return
    places = (np.array(values) - values[0]) / step
    if np.abs(places - places.round()).max() > _UNEVEN:
        return
    boxes = np.array([a.box for a, _ in fitting])
    low, far = boxes[:, :2].min(axis=0) - _ROOM * high, boxes[:, 2:].max(axis=0) + _ROOM * high
    half = (boxes[:, 2 + axis] - boxes[:, axis]).max() / 2 + _ROOM * high
    for place in range(-_BEYOND, round(places[-1]) + _BEYOND + 1):
        if place in places.round():
            continue
        value = round(values[0] / step + place, 2) * step
        middle = fit.slope * value + fit.offset
        low[axis], far[axis] = middle - half, middle + half
        number = 10.0**value if fit.log else value
        yield (float(low[0]), float(low[1]), float(far[0]), float(far[1])), number, fit.continental


def _ink(image: Image, window: Box) -> Box | None:
    """The box of the letters that stand free in a window; ``None`` where there are none."""
    x0, y0, x1, y1 = (round(value) for value in window)
    height, width = image.shape[:2]
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height or min(x1 - x0, y1 - y0) < _SMALLEST:
        return None
    part: NDArray[np.float32] = image[y0:y1, x0:x1].astype(np.float32)
    away = np.abs(part - np.median(part.reshape(-1, 3), axis=0)).max(axis=2)
    if away.max() < _CONTRAST:
        return None
    _, _, stats, _ = cv2.connectedComponentsWithStats((away > _INK * away.max()).astype(np.uint8))
    left, top, wide, high = (stats[1:, i] for i in range(4))
    # Gridlines, axes and neighbours reach over the window's edge.
    free = (left > 0) & (top > 0) & (left + wide < x1 - x0) & (top + high < y1 - y0) & (high > 2)
    if not free.any():
        return None
    return (
        float(x0 + left[free].min()),
        float(y0 + top[free].min()),
        float(x0 + (left + wide)[free].max()),
        float(y0 + (top + high)[free].max()),
    )


def around(image: Image, box: Box) -> Image:
    """The picture of a box and a third of its height around it."""
    x0, y0, x1, y1 = box
    margin = max(2.0, _PAPER * (y1 - y0))
    top, left = max(0, round(y0 - margin)), max(0, round(x0 - margin))
    return image[top : round(y1 + margin), left : round(x1 + margin)]


def _at(box: Box, axis: int, part: float) -> float:
    return box[axis] + part * (box[2 + axis] - box[axis])


def _holds(a: Box, b: Box) -> bool:
    """Whether the middle of a box lies in ``a``."""
    x, y = (b[0] + b[2]) / 2, (b[1] + b[3]) / 2
    return a[0] <= x <= a[2] and a[1] <= y <= a[3]
