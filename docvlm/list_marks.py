"""The bullets of lists that are drawn and not set: browsers print theirs as discs, circles and squares.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from docvlm import contents
from docvlm.boxes import Box, as_box, middle, sides, union
from docvlm.directions import runs_right_to_left
from docvlm.mupdf import pymupdf
from docvlm.spans import Line, Span

Mark = tuple[Box, dict[str, Any]]
"""A path as large as a bullet, as PyMuPDF's ``get_cdrawings`` gives it, and its box."""

_SIDE = (0.15, 0.5)  # ems of the line behind it; check boxes are larger
_SQUARE = 0.2  # of its longer side, by which the sides of a mark may differ
_AWAY = (0.3, 1.8)  # ems from a mark's middle to its line
_HEIGHT = (0.1, 0.55)  # ems from the baseline to a mark's middle, around that of small letters
_MOST_PATHS = 6000  # of a page; maps and plots have more
_STROKE_ROOM = 12.0  # points by which MuPDF's list of what is drawn makes strokes larger, at most
_SAME_COLOR = 40  # levels of a channel; keys of plots have the colours of their curves
_STRAY = 0.5  # of a page's marks that stand before no line, at most


def write(page: pymupdf.Page, lines: Sequence[Line]) -> None:
    """Writes the bullets that are drawn before ``lines`` into them. None are written of a plot's marks: these have other
    colours than the words beside them, within or around, or stand in places where none are.
    """
    largest = _SIDE[1] * max((line.size for line in lines), default=0.0)
    if not any(_behind(box, lines) for box in _shown(page, largest)):
        return
    drawn = [(as_box(path["rect"]), path) for path in contents.paths(page)]
    marks = [(box, path) for box, path in drawn if 0 < max(sides(box)) < largest and _is_square(box)]
    found: dict[int, tuple[Line, list[Mark]]] = {}
    for box, path in marks:
        line = _behind(box, lines)
        if line is not None and _is_within(max(sides(box)), _SIDE, line.size):
            found.setdefault(id(line), (line, []))[1].append((box, path))
    if sum(len(own) for _, own in found.values()) < (1 - _STRAY) * len(marks):
        return
    for line, own in found.values():
        if all(_has_color(path, line) for _, path in own):
            _begin(line, own[0][0], _sign(own[0][1]))


def _shown(page: pymupdf.Page, largest: float) -> list[Box]:
    """About the places of a page's marks: MuPDF lists them far faster than their paths, strokes with more room."""
    paths = [as_box(box) for kind, box in contents.operations(page) if kind in ("fill-path", "stroke-path")]
    small = [box for box in paths if max(sides(box)) < largest + _STROKE_ROOM and _is_square(box)]
    return small if len(paths) <= _MOST_PATHS else []


def _is_square(box: Box) -> bool:
    wide, high = sides(box)
    return abs(wide - high) < _SQUARE * max(wide, high)


def _behind(mark: Box, lines: Sequence[Line]) -> Line | None:
    """The line that a mark stands right before."""
    x, y = middle(mark)
    for line in lines:
        if not line.box[1] < y < line.box[3] or line.direction[0] <= 0:
            continue
        away = x - line.box[2] if runs_right_to_left([line]) else line.box[0] - x
        above = max(line.spans, key=lambda span: span.size).baseline - y
        if _is_within(away, _AWAY, line.size) and _is_within(above, _HEIGHT, line.size):
            return line
    return None


def _is_within(length: float, ems: tuple[float, float], em: float) -> bool:
    return ems[0] * em < length < ems[1] * em


def _has_color(path: dict[str, Any], line: Line) -> bool:
    """Whether a path has the colour of a line's words."""
    drawn = path.get("fill") or path.get("color") or (0.0, 0.0, 0.0)
    said = next(span.color for span in line.spans if span.text.strip())
    channels = (said >> 16 & 255, said >> 8 & 255, said & 255)
    return all(abs(255 * one - other) < _SAME_COLOR for one, other in zip(drawn, channels))


def _sign(path: dict[str, Any]) -> str:
    if path.get("fill") is None:
        return "◦"
    return "▪" if all(item[0] in ("re", "qu", "l") for item in path["items"]) else "•"


def _begin(line: Line, mark: Box, sign: str) -> None:
    first = line.spans[0]
    box = (mark[0], first.box[1], mark[2], first.box[3])
    bullet = Span(f"{sign} ", box, first.size, first.font, color=first.color, baseline=first.baseline)
    line.spans = [bullet, replace(first, text=first.text.lstrip()), *line.spans[1:]]
    line.box = union([line.box, box])
