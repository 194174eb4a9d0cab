"""Runs of small filled outlines, as letters are that were drawn instead of set: MathJax writes formulas so into pages where
it was told to use SVG.

Boxes are PDF points of the upright page. What a run says, its geometry does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box, as_box, sides

# In points.
_SMALLEST, _TALLEST, _WIDEST = 0.4, 60.0, 40.0  # of an outline: a full stop, and a bracket around a matrix
_THICKEST_RULE, _LONGEST_RULE = 1.6, 300.0
_BESIDE, _ABOVE = 4.0, 2.0  # between pieces of one run
_DARKEST = 0.6  # of white; paler shapes are grounds and ornaments

_FEWEST_PARTS = 4  # lines and curves of a letter's outline
_MOST = 4000  # outlines of a page; maps have more
_FEWEST_FILLED = 3


def runs(drawings: Iterable[Mapping[str, Any]]) -> list[Box]:
    """Where dark outlines of the sizes of letters, with bars, stand close together; nothing where a page has too many."""
    pieces = list(_pieces(drawings))
    if not _FEWEST_FILLED <= sum(is_letter for _, is_letter in pieces) <= _MOST:
        return []
    found = _joined(np.array([box for box, _ in pieces], np.float64))
    return [
        box
        for box, members in found
        if any(pieces[member][1] for member in members) and sides(box)[1] < _TALLEST * 2
    ]


def _pieces(drawings: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Box, bool]]:
    """Letters' outlines and bars, and whether each is the former."""
    for drawing in drawings:
        fill, box = drawing.get("fill"), as_box(drawing["rect"])
        if fill is None or max(fill) > _DARKEST:
            continue
        wide, high = sides(box)
        if _is_letter(drawing, wide, high):
            yield box, True
        elif (high < _THICKEST_RULE and wide < _LONGEST_RULE) or (wide < _THICKEST_RULE and high < _TALLEST):
            yield box, False


def _is_letter(drawing: Mapping[str, Any], wide: float, high: float) -> bool:
    drawn = len(drawing["items"]) >= _FEWEST_PARTS
    return drawn and _SMALLEST < high < _TALLEST and _SMALLEST < wide < _WIDEST


def _joined(boxes: NDArray[np.float64]) -> list[tuple[Box, list[int]]]:
    """The boxes (n, 4) that lie close together, as one box each with their numbers."""
    grown = boxes + np.array([-_BESIDE / 2, -_ABOVE / 2, _BESIDE / 2, _ABOVE / 2])
    home = np.arange(len(boxes))
    for number in range(len(boxes)):
        x0, y0, x1, y1 = grown[number]
        near = (grown[:, 0] < x1) & (grown[:, 2] > x0) & (grown[:, 1] < y1) & (grown[:, 3] > y0)
        homes = np.unique(home[near])
        home[np.isin(home, homes)] = homes[0]
    groups = [np.flatnonzero(home == each) for each in np.unique(home)]
    return [
        ((*boxes[group, :2].min(0).tolist(), *boxes[group, 2:].max(0).tolist()), group.tolist())
        for group in groups
    ]
