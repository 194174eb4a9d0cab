"""Cells whose text goes on in a second line, in tables without rules: rows that are none of their own.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools

from docvlm import inline
from docvlm.boxes import union
from docvlm.schema import Cell, Table
from docvlm.spans import Line

_CLOSE, _APART = 0.5, 0.7  # ems of paper between lines of one cell, at most, and between rows, at least


def unwrapped(table: Table, lines: list[list[Line]]) -> tuple[Table, list[list[Line]]]:
    """The table and its cells' ``lines``, with what stands right below a row, in some of its columns, in that row.

    Only where all other rows stand clearly further apart: else a row with little in it is a row.
    """
    if table.has_spans:
        return table, lines
    held = [
        [(cell, own) for cell, own in zip(table.cells, lines, strict=True) if cell.row == row]
        for row in range(table.rows)
    ]
    gaps = [0.0, *(_gap(above, below) for above, below in itertools.pairwise(held))]
    wraps = [
        row > table.header_rows and gaps[row] < _CLOSE and _filled(held[row]) < _filled(held[row - 1])
        for row in range(table.rows)
    ]
    if not any(wraps) or any(gap < _APART for gap, wrap in zip(gaps[1:], wraps[1:]) if not wrap):
        return table, lines
    rows: list[list[tuple[Cell, list[Line]]]] = []
    for row, wrap in zip(held, wraps):
        rows.append(row) if not wrap else rows.append(_joined(rows.pop(), row))
    placed = [(cell.model_copy(update={"row": r}), own) for r, row in enumerate(rows) for cell, own in row]
    whole = table.model_copy(update={"rows": len(rows), "cells": [cell for cell, _ in placed]})
    return whole, [own for _, own in placed]


_Row = list[tuple[Cell, list[Line]]]


def _filled(row: _Row) -> set[int]:
    """The columns in which a row has text."""
    return {cell.column for cell, _ in row if cell.text}


def _gap(above: _Row, below: _Row) -> float:
    """The paper between two rows in ems of the lower one; what stands in the same columns tells."""
    shared = _filled(above) & _filled(below) or _filled(above) | _filled(below)
    top = [line for cell, own in above if cell.column in shared for line in own]
    bottom = [line for cell, own in below if cell.column in shared for line in own]
    if not top or not bottom:
        return _APART  # where nobody knows the lines they are rows
    return (min(line.box[1] for line in bottom) - max(line.box[3] for line in top)) / max(
        line.size for line in bottom
    )


def _joined(above: _Row, below: _Row) -> _Row:
    more = {cell.column: (cell, own) for cell, own in below}
    joined = []
    for cell, own in above:
        other, lines = more.get(cell.column, (None, []))
        if other is None or not other.text:
            joined.append((cell, own))
            continue
        box = union([line.box for line in [*own, *lines]]) if cell.box else None
        joined.append(
            (cell.model_copy(update={"text": inline.join(cell.text, other.text), "box": box}), [*own, *lines])
        )
    return joined
