"""Digits that stand alone along an axis, level or turned to run up it, found by their places: no detector of text sees a
whole column of them.

What is as large as the chart's letters and stands free and evenly in a row or column is cut out and read. It is believed
where the numbers are as even as their places, as those of no markers and no dots are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Box, middle, shared_area, sides
from docvlm.charts.geometry import fit_axis
from docvlm.charts.tick_labels import around
from docvlm.ocr.deskew import Image
from docvlm.ocr.lines import Reading

_FEWEST = 3  # digits of a row or column
_MOST = 40  # of a chart, that are read
_LOW, _HIGH, _WIDE = 0.7, 1.4, 1.1  # heights of the chart's letters that a digit is high and wide
# Heights of letters: what is so high and no higher may be a digit with its tick mark, which is so thin and so near.
_TALL, _LONG, _THIN, _REACH = 1.4, 2.8, 0.25, 1.6
_SAMPLE = 10_000  # pixels that tell the paper's colour
_CONTRAST = 60  # levels between ink and paper
_FREE = 0.6  # heights of a letter around a digit in which nothing like one stands beside it
_LEVEL = 0.25  # heights by which digits of one row or column stand off it
_UNEVEN, _BLUR = 0.08, 1.5  # of the step, and pixels, by which places may be off
_AGREEING = 0.8  # of the places, at which a digit must be read that fits
_USUAL = 10.0  # pixels; the height of letters where none were found


def with_lone_digits(
    image: Image, anchors: Sequence[Anchor], read: Callable[[Image], Reading]
) -> list[Anchor]:
    """The ``anchors`` with the rows and columns of single digits that are not among them, and without those that are a
    digit and its tick mark, read as two. Boxes are pixels of ``image`` (h, w, 3).
    """
    heights = [max(sides(a.box)) if len(a.text) == 1 else min(sides(a.box)) for a in anchors]
    high = float(np.median(heights)) if heights else _USUAL
    texts = [a.box for a in anchors if len(a.text) > 1 and not _may_be_marked(a.box, high)]
    pieces = [box for box in _pieces(image, high) if not any(shared_area(box, other) for other in texts)]
    free = [
        box
        for box in pieces
        if not any(_stand_together(box, other, high) for other in pieces if other != box)
    ]
    found: list[Anchor] = []
    for axis in (1, 0):  # columns, which run along y, and rows
        for line in itertools.islice(_lines(free, axis, high), _MOST // _FEWEST):
            for turns in (0, 1):
                digits = [Anchor(text, box) for box in line if (text := _digit(image, box, read, turns))]
                fit = fit_axis([(middle(each.box)[axis], each.text) for each in digits])
                if fit is not None and not fit.log and fit.ticks >= max(_FEWEST, _AGREEING * len(line)):
                    found += [each for each in digits if each not in found]
                    break
    return [a for a in anchors if not any(_is_again(a.box, each.box, high) for each in found)] + found


def _may_be_marked(box: Box, high: float) -> bool:
    """Whether what was read as two letters may be a digit below its tick mark."""
    wide, tall = sides(box)
    return wide < _WIDE * high and _TALL * high < tall < _LONG * high


def _is_again(box: Box, digit: Box, high: float) -> bool:
    """Whether an anchor's box is a digit's, with its tick mark or without, or that of the tick mark alone."""
    reach = max(sides(digit)[1], _REACH * high)
    _, y0, _, y1 = digit
    beside = (
        abs(middle(box)[0] - middle(digit)[0]) < _LEVEL * high and y0 - reach < box[1] and box[3] < y1 + reach
    )
    is_mark = beside and sides(box)[0] < _THIN * high
    return is_mark or (shared_area(box, digit) > 0 and sides(box)[0] < _WIDE * high)


def _pieces(image: Image, high: float) -> list[Box]:
    """Connected pieces of ink that are as large as digits are beside letters of this height."""
    flat = image.reshape(-1, 3)
    paper = np.median(flat[:: max(1, len(flat) // _SAMPLE)], axis=0)
    away = cv2.absdiff(
        np.ascontiguousarray(image), np.broadcast_to(paper.astype(np.uint8), image.shape).copy()
    )
    ink = (cv2.max(cv2.max(away[..., 0], away[..., 1]), away[..., 2]) > _CONTRAST).view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [
        (float(x), float(y), float(x + wide), float(y + tall))
        for x, y, wide, tall, _ in stats[1:].tolist()
        if _LOW * high <= max(wide, tall) <= _HIGH * high and min(wide, tall) <= _WIDE * high
    ]


def _stand_together(one: Box, other: Box, high: float) -> bool:
    """Whether two pieces are level and so near that they are letters of one word."""
    level = min(one[3], other[3]) - max(one[1], other[1]) > 0
    return level and max(one[0], other[0]) - min(one[2], other[2]) < _FREE * high


def _lines(boxes: Sequence[Box], axis: int, high: float) -> Iterator[list[Box]]:
    """Pieces evenly apart in one row (``axis`` 0) or column (1), the longest first."""
    left = list(boxes)
    while len(left) >= _FEWEST:
        groups = [
            sorted((b for b in left if _are_level(b, seed, axis, high)), key=lambda b: middle(b)[axis])
            for seed in left
        ]
        best = max(groups, key=len)
        if len(best) < _FEWEST:
            return
        if _is_even([middle(box)[axis] for box in best]):
            yield best
        left = [box for box in left if box not in best]


def _are_level(one: Box, other: Box, axis: int, high: float) -> bool:
    across = 1 - axis
    if not axis:
        return abs(middle(one)[across] - middle(other)[across]) < _LEVEL * high
    edges = (abs(one[0] - other[0]), abs(one[2] - other[2]), abs(middle(one)[0] - middle(other)[0]))
    return min(edges) < _LEVEL * high


def _is_even(places: Sequence[float]) -> bool:
    """Whether places are whole steps apart; some may be missing, whose digits touch something or were found before."""
    steps: NDArray[np.float64] = np.diff(places)
    if steps.min() <= 0:
        return False
    step = float(np.median(steps))
    parts = np.maximum((steps / step).round(), 1.0)
    return bool((np.abs(steps - parts * step) <= max(_UNEVEN * step, _BLUR)).all())


def _digit(image: Image, box: Box, read: Callable[[Image], Reading], turns: int) -> str:
    """What stands in a box, after so many quarter turns clockwise, where it is a single digit; "" else."""
    text = read(np.ascontiguousarray(np.rot90(around(image, box), -turns))).text.strip()
    return text if len(text) == 1 and text.isdecimal() else ""
