"""The grid of a ruled table: the cells between its rules, with the words that stand in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from docvlm.boxes import middle, union
from docvlm.layout.lattice import Lattice, LatticeCell
from docvlm.numbers import is_number_cell
from docvlm.running_text import flow
from docvlm.schema import Cell, Table
from docvlm.spans import Line, Span, words
from docvlm.tables.gaps import NARROWEST, pieces

_ROWS_IN_ONE = (
    3  # lines, level with each other in cells side by side, that are rows without rules between them
)
_GUTTER = 0.5  # of a column's cells that white space must part
_LEVEL = 0.5  # ems between the baselines of level lines


def grid_lines(lattice: Lattice, rows: Iterable[Line]) -> list[list[Line]]:
    """The visual lines of each of the lattice's cells, cut out of the table's own, in which the halves of a fraction have
    found each other. A span that crosses a rule is parted into its words.
    """
    inside: list[list[Line]] = [[] for _ in lattice.cells]
    for line in rows:
        held: dict[int, list[Span]] = {}
        for span in _within_cells(line.spans, lattice):
            index = lattice.at(middle(span.box))
            if index is not None:
                held.setdefault(index, []).append(span)
        for index, spans in held.items():
            inside[index].append(Line(union([span.box for span in spans]), spans, line.direction))
    return inside


def _within_cells(spans: Iterable[Span], lattice: Lattice) -> Iterable[Span]:
    for span in spans:
        x0, y0, x1, y1 = span.box
        height = (y0 + y1) / 2
        crossed = lattice.at((x0, height)) != lattice.at((x1, height))
        yield from words(span) if crossed and not span.math and not span.is_tick else [span]


def is_ruled_throughout(lattice: Lattice, lines: Sequence[list[Line]]) -> bool:
    """Whether the rules part all rows and columns: no cell holds a column of numbers, none are level line by line with
    those beside them, and no white space runs down through those of a column below its head.
    """
    held_in = list(zip(lattice.cells, lines, strict=True))
    for _, held in held_in:
        if len(held) > 1 and all(is_number_cell(line.text.strip()) for line in held):
            return False
    for row in range(lattice.rows):
        beside = [
            held
            for cell, held in held_in
            if cell.row == row and cell.height == 1 and len(held) >= _ROWS_IN_ONE
        ]
        if len(beside) > 1 and all(_are_level(beside[0], other) for other in beside[1:]):
            return False
    return not any(
        _has_gutter(
            [held for cell, held in held_in if cell.row and (cell.column, cell.width) == (column, 1) and held]
        )
        for column in range(lattice.columns)
    )


def _has_gutter(cells: Sequence[list[Line]]) -> bool:
    """Whether the cells of one column have white space in common, with words on both sides of it."""
    parts = [[piece.box for line in held for piece in pieces(line)] for held in cells]
    reach = -math.inf
    for left, _, right, _ in sorted(box for boxes in parts for box in boxes):
        parted = sum(
            any(box[2] <= reach for box in boxes) and any(box[0] >= left for box in boxes) for boxes in parts
        )
        if left - reach > NARROWEST and parted >= max(2, _GUTTER * len(cells)):
            return True
        reach = max(reach, right)
    return False


def _are_level(one: list[Line], other: list[Line]) -> bool:
    return len(one) == len(other) and all(
        abs(middle(a.box)[1] - middle(b.box)[1]) < _LEVEL * max(a.size, b.size) for a, b in zip(one, other)
    )


def table_of(lattice: Lattice, lines: Sequence[list[Line]]) -> Table:
    """The table of a lattice; its head is the first row and what belongs to it."""
    texts = [flow(held) for held in lines]
    head = _header_rows(lattice, texts)
    # A head is bold by itself; marks would only show which of its letters come from another font.
    texts = [
        flow([_plain(line) for line in held]) if cell.row < head else text
        for cell, held, text in zip(lattice.cells, lines, texts, strict=True)
    ]
    cells = [
        Cell(
            row=cell.row, column=cell.column, row_span=cell.height, column_span=cell.width,
            text=text, header=cell.row < head,
        )
        for cell, text in zip(lattice.cells, texts, strict=True)
    ]  # fmt: skip
    return Table(rows=lattice.rows, columns=lattice.columns, header_rows=head, cells=cells)


def _plain(line: Line) -> Line:
    return replace(line, spans=[replace(span, bold=False) for span in line.spans])


def _header_rows(lattice: Lattice, texts: Sequence[str]) -> int:
    """How many rows name columns: the first, as far down as its cells reach, and below each that names several columns."""
    named = list(zip(lattice.cells, texts, strict=True))
    if any(is_number_cell(text) for cell, text in named if cell.row == 0 and cell.column > 0):
        return 0
    head = _reach(named, 0)
    while head < lattice.rows - 1:
        over = [cell for cell, text in named if cell.row + cell.height == head and cell.width > 1 and text]
        below = [text for cell, text in named if cell.row == head and any(_is_under(cell, o) for o in over)]
        if not below or any(is_number_cell(text) for text in below if text):
            break
        head = _reach(named, head)
    return head if head < lattice.rows else 1


def _reach(named: Sequence[tuple[LatticeCell, str]], row: int) -> int:
    return max(cell.row + cell.height for cell, _ in named if cell.row == row)


def _is_under(cell: LatticeCell, above: LatticeCell) -> bool:
    return above.column <= cell.column < above.column + above.width
