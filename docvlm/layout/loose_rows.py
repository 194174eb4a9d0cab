"""Tables of which the layout network saw no more than the cells: rows of short lines, level with each other and below each
other with common edges, as a scanned invoice's items. Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from docvlm.boxes import sides
from docvlm.layout.region import Region
from docvlm.numbers import is_number_cell
from docvlm.spans import Line

Row = list[Line]

_CELL_KINDS = ("paragraph", "heading")
_LEVEL = 0.5  # em between the middles of one row
_GUTTER = 1.0  # em between two cells, at least
_PITCH = 3.0  # em from row to row, at most
_FEWEST_CELLS, _FEWEST_FULL, _FEWEST_ROWS = (
    4,
    2,
    3,
)  # cells of a full row, such rows, and rows with parts of them
_SAME_EDGE = 0.5  # em
_FIGURES = 0.3  # of the cells, at least


def gathered(regions: Sequence[Region]) -> list[Region]:
    """The regions, those that are but the cells of a table as this table."""
    cells = [region for region in regions if region.kind in _CELL_KINDS and _is_one_row(region)]
    owner = {id(line): region for region in cells for line in region.lines}
    kept = list(regions)
    for table in _tables(_rows([line for region in cells for line in region.lines])):
        taken = {id(owner[id(line)]) for line in table}
        if len(table) < sum(len(region.lines) for region in cells if id(region) in taken):
            continue
        kept = [region for region in kept if id(region) not in taken]
        kept.append(Region.around("table", table))
    return kept


def _is_one_row(region: Region) -> bool:
    return bool(region.lines) and all(
        line.direction[0] > 0 and _are_level(line, region.lines[0]) for line in region.lines
    )


def _are_level(one: Line, other: Line) -> bool:
    return abs(one.box[1] + one.box[3] - other.box[1] - other.box[3]) < 2 * _LEVEL * min(one.size, other.size)


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Lines as rows, each from the left."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        if rows and _are_level(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _tables(rows: Sequence[Row]) -> list[list[Line]]:
    """The lines of rows that begin with a full one, on whose cells all others stand."""
    tables: list[list[Line]] = []
    start = 0
    while start < len(rows):
        end = start + 1
        while _is_full(rows[start]) and end < len(rows) and _goes_on(rows[start], rows[end - 1], rows[end]):
            end += 1
        found = rows[start:end]
        lines = list(itertools.chain.from_iterable(found))
        full = sum(len(row) >= _FEWEST_CELLS for row in found)
        figures = sum(is_number_cell(line.text) or line.text.strip()[-1:].isdigit() for line in lines)
        if len(found) >= _FEWEST_ROWS and full >= _FEWEST_FULL and figures > _FIGURES * len(lines):
            tables.append(lines)
            start = end
        else:
            start += 1
    return tables


def _is_full(row: Row) -> bool:
    return len(row) >= _FEWEST_CELLS and all(
        after.box[0] - before.box[2] > _GUTTER * before.size for before, after in itertools.pairwise(row)
    )


def _goes_on(head: Row, before: Row, row: Row) -> bool:
    """Whether a row of two cells or more stands right below another, each cell on one of the head's."""
    size = max(row[0].size, 1.0)
    step = row[0].box[3] - before[0].box[3]
    return (
        len(row) > 1
        and step < _PITCH * max(size, sides(head[0].box)[1])
        and all(any(_share_an_edge(cell, other, size) for other in head) for cell in row)
    )


def _share_an_edge(cell: Line, other: Line, size: float) -> bool:
    left, right = abs(cell.box[0] - other.box[0]), abs(cell.box[2] - other.box[2])
    centre = abs(cell.box[0] + cell.box[2] - other.box[0] - other.box[2]) / 2
    return min(left, right, centre) < _SAME_EDGE * size
