"""Columns by the white space between the words of a table's rows. Boxes are PDF points of the upright page."""

from __future__ import annotations

from itertools import pairwise

from docvlm.boxes import union
from docvlm.spans import Line, Span

_CELL_GAP = 0.8  # ems; wider gaps part the pieces of a row
_CROSSED = 0.1  # of the rows may reach over a gap between columns
_INSIDE = 0.5  # of the rows must have text on both sides of it
_SAME_COLUMN = 2.0  # ems by which what begins in the first column may be set in
_FEWEST_ROWS = 2  # a head and what is below it
_TOUCHING = 0.2  # points between two free intervals that are one
NARROWEST = 3.0
"""Points of a gap between columns."""


def pieces(line: Line) -> list[Line]:
    """Parts of a visual line between wide gaps."""
    groups: list[list[Span]] = []
    for span in line.spans:
        if not span.text.strip():
            continue
        if groups and span.box[0] - groups[-1][-1].box[2] < _CELL_GAP * span.size:
            groups[-1].append(span)
        else:
            groups.append([span])
    return [Line(union([s.box for s in group]), group, line.direction) for group in groups]


def _without_sums(rows: list[list[Line]]) -> list[list[Line]]:
    """The rows that begin in the first column, and those above them; all where these are too few to tell."""
    left = min(row[0].box[0] for row in rows)
    begins = [row[0].box[0] < left + _SAME_COLUMN * row[0].size for row in rows]
    last = max(index for index, begin in enumerate(begins) if begin)
    kept = rows[: last + 1]
    return kept if len(kept) >= _FEWEST_ROWS else rows


def column_edges(rows: list[list[Line]]) -> list[float]:
    """Middles of the x intervals that no piece of most rows covers. Sums, whose names reach over columns, do not count."""
    rows = _without_sums(rows)
    marks = sorted({round(v, 1) for row in rows for piece in row for v in (piece.box[0], piece.box[2])})
    edges: list[tuple[float, float]] = []
    for low, high in pairwise(marks):
        middle = (low + high) / 2
        crossed = sum(1 for row in rows if any(p.box[0] < middle < p.box[2] for p in row))
        inside = sum(1 for row in rows if row[0].box[0] < middle < row[-1].box[2])
        if crossed <= _CROSSED * len(rows) and inside >= _INSIDE * len(rows):
            if edges and abs(edges[-1][1] - low) < _TOUCHING:
                edges[-1] = (edges[-1][0], high)
            else:
                edges.append((low, high))
    return [(low + high) / 2 for low, high in edges if high - low > NARROWEST]
