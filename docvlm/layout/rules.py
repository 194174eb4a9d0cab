"""The straight rules of a page, across and down: those that the file draws, or those that a scan's pixels show.

Positions are PDF points of the upright page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import contents, raster
from docvlm.boxes import Box, area, as_box, clipped, contains, middle, sides
from docvlm.mupdf import pymupdf

_MOST_PATHS = 6000  # of a page; maps and plots have more
_THICK = 3.5  # points; what is filled and thicker is an area, of which the edges are rules
_SLANT = 0.5  # points by which the ends of a level rule may differ
_SHORTEST = 3.0  # points
_SAME_PLACE = 1.5  # points between two rules that are drawn as one
_JOINED = 3.0  # points between two pieces of one rule
_PAGE = 0.9  # of the page; what is filled and larger is its ground
_WHITE = 0.98  # of each colour's full light, from which a tint is none
_MOST_TINTS = 600  # of a page, whose edges are compared with each other
_SCANNED = 0.5  # of the page under pictures that show it

_DPI = 144.0
_LEAST_RUN = 36  # pixels of ink in a row that no letter has
_BLOCK, _BELOW = 25, 12  # pixels around and levels below their mean, from which a pixel is ink
_PIECE, _BROKEN = 16, 5  # pixels of the pieces of a printed rule, and between them

Rule = tuple[float, float, float]
"""Where it stands across itself, and from where to where it reaches."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules ``across`` as (y, x0, x1) and ``down`` as (x, y0, y1), each sorted; pieces of one are joined."""

    across: list[Rule]
    down: list[Rule]


def on_page(page: pymupdf.Page) -> Rules:
    """The rules of an upright page, looked for once; none of a drawing with thousands of paths."""
    return contents.once(page, _find)


def _find(page: pymupdf.Page) -> Rules:
    covered = sum(area(clipped(as_box(info["bbox"]), as_box(page.rect))) for info in contents.images(page))
    if covered > _SCANNED * area(as_box(page.rect)):
        return seen(raster.render(page, _DPI), page.rect.width)
    paths = sum(kind in ("fill-path", "stroke-path") for kind, _ in contents.operations(page))
    if not 0 < paths <= _MOST_PATHS:
        return Rules([], [])
    return drawn(contents.paths(page), as_box(page.rect))


def drawn(drawings: Iterable[dict[str, Any]], bounds: Box) -> Rules:
    """The rules among a page's drawings, as PyMuPDF's ``get_cdrawings`` gives them: strokes, thin fills and the edges of
    tints.
    """
    across: list[Rule] = []
    down: list[Rule] = []
    tints: list[tuple[Box, Any]] = []
    for drawing in drawings:
        stroked, colour = "s" in drawing["type"], drawing.get("fill")
        for item in drawing["items"]:
            if item[0] == "l" and stroked:
                _add(as_box((*item[1], *item[2])), across, down)
            elif item[0] == "re":
                box = as_box(pymupdf.Rect(item[1]).normalize())
                if stroked or min(sides(box)) < _THICK:
                    for edge in _edges(box, stroked):
                        _add(edge, across, down)
                elif colour is not None and min(colour) < _WHITE and area(box) < _PAGE * area(bounds):
                    tints.append((box, colour))
    for edge in _borders(tints[:_MOST_TINTS]):
        _add(edge, across, down)
    return Rules(_joined(across), _joined(down))


def _edges(box: Box, stroked: bool) -> Iterator[Box]:
    """What a rectangle looks like: four strokes, or a fill so thin that it is one."""
    x0, y0, x1, y1 = box
    width, height = sides(box)
    if not stroked:
        x, y = middle(box)
        yield (x0, y, x1, y) if width >= height else (x, y0, x, y1)
    else:
        yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def _borders(tints: list[tuple[Box, Any]]) -> Iterator[Box]:
    """The edges at which a tint ends and does not go on in the next piece of it."""
    for box, colour in tints:
        alike = [other for other, its in tints if its == colour and other != box]
        across, down = middle(box)
        x0, y0, x1, y1 = box
        for edge, beyond in (
            ((x0, y0, x1, y0), (across, y0 - _JOINED)),
            ((x0, y1, x1, y1), (across, y1 + _JOINED)),
            ((x0, y0, x0, y1), (x0 - _JOINED, down)),
            ((x1, y0, x1, y1), (x1 + _JOINED, down)),
        ):
            if not any(contains(other, beyond) for other in alike):
                yield edge


def _add(ends: Box, across: list[Rule], down: list[Rule]) -> None:
    x0, y0, x1, y1 = ends
    if abs(y1 - y0) <= _SLANT and abs(x1 - x0) >= _SHORTEST:
        across.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif abs(x1 - x0) <= _SLANT and abs(y1 - y0) >= _SHORTEST:
        down.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _joined(rules: list[Rule]) -> list[Rule]:
    """Rules at one place as one, where they touch."""
    made: list[Rule] = []
    for group in _at_one_place(sorted(rules)):
        place = sum(rule[0] for rule in group) / len(group)
        reach: list[list[float]] = []
        for _, start, end in sorted(group, key=lambda rule: rule[1]):
            if reach and start - reach[-1][1] <= _JOINED:
                reach[-1][1] = max(reach[-1][1], end)
            else:
                reach.append([start, end])
        made += [(place, start, end) for start, end in reach]
    return made


def _at_one_place(rules: list[Rule]) -> Iterator[list[Rule]]:
    group: list[Rule] = []
    for rule in rules:
        if group and rule[0] - group[0][0] > _SAME_PLACE:
            yield group
            group = []
        group.append(rule)
    if group:
        yield group


def seen(image: NDArray[np.uint8], width: float) -> Rules:
    """The rules in the pixels of a page (H, W, 3) with its width in points: ink in runs longer than letters."""
    scale = image.shape[1] / max(width, 1.0)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    ink = cv2.adaptiveThreshold(
        grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _BLOCK, _BELOW
    ).astype(np.uint8)
    across = [(y, x0, x1) for x0, y, x1 in _runs(ink, scale)]
    down = [(x, y0, y1) for y0, x, y1 in _runs(np.ascontiguousarray(ink.T), scale)]
    return Rules(_joined(across), _joined(down))


def _runs(ink: NDArray[np.uint8], scale: float) -> Iterator[tuple[float, float, float]]:
    """Level runs of ink as (start, place, end) in points."""
    pieces = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, _PIECE), np.uint8))
    bridged = cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, np.ones((1, _BROKEN), np.uint8))
    long = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, _LEAST_RUN), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(long)
    for x, y, width, height, _ in stats[1:count].tolist():
        if height < _THICK * scale:
            yield x / scale, (y + height / 2) / scale, (x + width) / scale
