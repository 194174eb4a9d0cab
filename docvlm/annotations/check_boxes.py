"""Check boxes that are drawn beside words, and whether there is a tick in them: what the page's pixels say.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from docvlm import contents, raster
from docvlm.boxes import Box, as_box, contains, middle, shared_area, sides
from docvlm.mupdf import pymupdf
from docvlm.spans import Line, Span, words

_SIDE = (0.6, 1.7)  # ems of the words beside it
_SQUARE = 0.2  # of its longer side, by which the sides of a box may differ
_GAP = (-0.2, 1.5)  # ems from a box to its words
_LEVEL = 0.4  # ems from the middle of a box to that of its words
_MOST_LINES = 1000  # of a page; a map has more
_MOST = 400  # squares of a page; what has more is a drawing

_DPI = 200.0
_AROUND = 1.0  # points of paper around a box
_DARK = 48  # levels below the paper's
_FEWEST_PIXELS = 8  # of a side; on a page of posters' size nothing can be seen in a box
_EDGE = 0.3  # of the picture's side, within which the box's own lines stand
_LINE = 0.7  # of a line of the box that is dark
_TICKED, _FILLED = 0.04, 0.7  # of what is inside the lines: dark with a tick, and with a colour


def tick(page: pymupdf.Page, lines: Sequence[Line], taken: Sequence[Box]) -> list[Line]:
    """Writes ``[x]`` and ``[ ]`` into ``lines`` where boxes are drawn in or before them; gives those that begin with one.

    Boxes in ``taken`` are fields, which say themselves what is in them.
    """
    if len(lines) > _MOST_LINES:
        return []
    squares = [box for box in _squares(page) if not any(shared_area(box, other) > 0 for other in taken)]
    beside = [(box, line) for box in squares if (line := _beside(box, lines)) is not None]
    if not beside:
        return []
    image = raster.render(page, _DPI)
    scale = image.shape[1] / max(page.rect.width, 1.0)
    ticked = []
    for box, line in beside:
        mark = _mark(image, scale, box)
        if mark is not None and _write(mark, box, line):
            ticked.append(line)
    return ticked


def _squares(page: pymupdf.Page) -> list[Box]:
    """The squares drawn on a page, each once, from right to left, so that each finds its words as they were; none of a
    drawing.
    """
    found: list[Box] = []
    for kind, drawn in contents.operations(page):
        width, height = drawn[2] - drawn[0], drawn[3] - drawn[1]
        if not kind.endswith("-path") or abs(width - height) > _SQUARE * max(width, height):
            continue
        if _SIDES[0] < width < _SIDES[1] and not any(shared_area(as_box(drawn), box) > 0 for box in found):
            found.append(as_box(drawn))
            if len(found) > _MOST:
                return []
    return sorted(found, key=lambda box: -box[0])


_SIDES = (4.0, 30.0)  # points of a box, whatever stands beside it


def _beside(box: Box, lines: Sequence[Line]) -> Line | None:
    """The line in which a box stands before a word."""
    x, y = middle(box)
    for line in lines:
        if not line.box[1] < y < line.box[3] or not box[0] - _SIDES[1] < line.box[2]:
            continue
        em = line.size
        level = abs(y - middle(line.box)[1]) < _LEVEL * em and line.direction[0] > 0
        if not level or not _SIDE[0] * em < sides(box)[0] < _SIDE[1] * em:
            continue
        spans = [word for span in line.spans for word in words(span) if len(word.text.strip()) > 1]
        if any(_GAP[0] * em < word.box[0] - box[2] < _GAP[1] * em for word in spans) and not any(
            word.box[0] < x < word.box[2] for word in spans
        ):
            return line
    return None


def _mark(image: raster.Image, scale: float, box: Box) -> str | None:
    """What is in a box: "[x]", "[ ]", or ``None`` where it is none: it has no lines on its four sides, or a colour.

    ``image`` is the page, (H, W, 3) RGB with ``scale`` pixels a point.
    """
    x0, y0 = (max(round((edge - _AROUND) * scale), 0) for edge in box[:2])
    x1, y1 = (round((edge + _AROUND) * scale) for edge in box[2:])
    grey = image[y0:y1, x0:x1].min(axis=2).astype(int)
    if min(grey.shape) < _FEWEST_PIXELS:
        return None
    dark = grey < int(np.percentile(grey, 98)) - _DARK
    height, width = dark.shape
    down, across = max(1, round(_EDGE * height)), max(1, round(_EDGE * width))
    rows, columns = dark[:, across:-across].mean(axis=1), dark[down:-down].mean(axis=0)
    lines = [rows[:down], rows[-down:], columns[:across], columns[-across:]]
    if any(line.max(initial=0.0) < _LINE for line in lines):
        return None
    inside = dark[down:-down, across:-across].mean()
    return None if inside > _FILLED else "[x]" if inside > _TICKED else "[ ]"


def _write(mark: str, box: Box, line: Line) -> bool:
    """Puts a mark in its place between a line's words; says whether it begins the line."""
    found = [word for span in line.spans for word in words(span)]
    # A tick that is a letter stands in the box.
    found = [word for word in found if not (contains(box, middle(word.box)) and len(word.text.strip()) == 1)]
    look = next((word for word in found if word.box[0] > box[0]), found[-1])
    drawn = Span(
        f"{mark} ", (box[0], look.box[1], box[2], look.box[3]), look.size, look.font, baseline=look.baseline
    )
    begins = all(word.box[0] > box[0] for word in found)
    if not begins:
        drawn = replace(drawn, text=f" {drawn.text}")
    line.spans = sorted([*found, drawn], key=lambda word: word.box[0])
    line.box = (min(line.box[0], box[0]), *line.box[1:])
    return begins
