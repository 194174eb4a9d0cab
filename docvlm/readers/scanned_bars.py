"""Bars of fractions in the lines of a scan: a short level stroke with print above and below it, and none at its ends.

OCR drops the fractions of school books, or reads one digit of them, so that nothing in its text tells where to look.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.finder import ink_of
from docvlm.ocr.deskew import Image
from docvlm.spans import Line

_PRINTED = 0.5  # ink as dark as this is print
# In ems of the line's type.
_ABOVE = 0.3  # the strip that is looked at, above the line and below it
_SHORTEST, _LONGEST, _THICKEST = 0.22, 3.0, 0.14
_FREE = 0.12  # at both ends of a bar, without print
_REACH = 0.7  # above and below a bar, in which its numbers stand
_LOWEST = 0.25  # of a number; dots of a sign of division are lower
_ALONE, _STACKED = 0.2, 0.65  # high: a bar, and one with the numbers that touch it
_AS_WIDE = 0.6  # of a bar's width: numbers that touch it; stems of letters are narrower
_FEWEST = 4  # pixels of the shortest bar that can be told


def has_bar(image: Image, scale: float, line: Line) -> bool:
    """Whether a ``line`` of an upright page has such a bar; ``image`` (H, W, 3) uint8 RGB are its pixels, ``scale`` of them
    to the point.
    """
    em = line.size * scale
    x0, y0, x1, y1 = (edge * scale for edge in line.box)
    top, left = max(0, int(y0 - _ABOVE * em)), max(0, int(x0 - em))
    part = image[top : int(y1 + _ABOVE * em) + 1, left : int(x1 + em) + 1]
    shortest = max(_FEWEST, round(_SHORTEST * em))
    if min(part.shape[:2]) < shortest:
        return False
    print_ = (ink_of(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)) > _PRINTED).astype(np.uint8)
    level = cv2.morphologyEx(print_, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
    bars = [box for box in stats[1:, : cv2.CC_STAT_AREA].tolist() if _is_bar(print_, box, em)]
    if not bars:
        return False
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats(print_, connectivity=8)
    # A bar's corners may be blank; its middle is not.
    own = [pieces[top + high // 2, left + wide // 2] for left, top, wide, high in bars]
    return any(_is_no_letter(print_, box, sizes[piece].tolist(), em) for box, piece in zip(bars, own))


def _is_no_letter(print_: NDArray[np.uint8], box: list[int], piece: list[int], em: float) -> bool:
    """Whether a bar is by itself, or has numbers that touch it, and is no stroke of the ``piece`` of print that it is of, as
    of 8, t or f.
    """
    left, top, wide, high = box
    if piece[cv2.CC_STAT_HEIGHT] < _ALONE * em:
        return True
    if piece[cv2.CC_STAT_WIDTH] > wide + 2 or piece[cv2.CC_STAT_HEIGHT] < _STACKED * em:
        return False
    reach = round(_LOWEST * em)
    sides = (
        print_[max(0, top - reach) : top, left : left + wide],
        print_[top + high :, left : left + wide][:reach],
    )
    return all(
        side.any() and np.ptp(np.flatnonzero(side.any(axis=0))) + 1 > _AS_WIDE * wide for side in sides
    )


def _is_bar(print_: NDArray[np.uint8], box: list[int], em: float) -> bool:
    left, top, wide, high = box
    if not (_SHORTEST * em <= wide <= _LONGEST * em and high <= max(2, _THICKEST * em)):
        return False
    free, reach = max(1, round(_FREE * em)), round(_REACH * em)
    ends = (
        print_[max(0, top - 1) : top + high + 1, max(0, left - free) : left],
        print_[max(0, top - 1) : top + high + 1, left + wide : left + wide + free],
    )
    if any(end.any() for end in ends):
        return False
    above = print_[max(0, top - reach) : top, left : left + wide]
    below = print_[top + high : top + high + reach, left : left + wide]
    return _height(above[::-1]) > _LOWEST * em and _height(below) > _LOWEST * em


def _height(print_: NDArray[np.uint8]) -> int:
    """How many rows the first piece of print takes, of rows that lead away from a bar."""
    rows = np.asarray(print_.any(axis=1))
    if not rows.any():  # or the picture ends at the bar
        return 0
    rest = rows[int(rows.argmax()) :]
    return len(rest) if rest.all() else int((~rest).argmax())
