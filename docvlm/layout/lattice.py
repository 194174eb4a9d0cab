"""Ruled tables: rules that cross -> the cells between them.

The rules' crossings span a lattice; its smallest cells are joined wherever no rule parts them, which gives merged cells
their true extents (the "lattice" reading of Camelot and pdfplumber). Boxes are PDF points of the upright page.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docvlm import contents
from docvlm.boxes import Box, Point, area, padded, shared_area
from docvlm.layout.rules import Rule, Rules
from docvlm.layout.rules import on_page as rules_of
from docvlm.mupdf import pymupdf

_REACH = 2.5  # points by which a rule may miss the one that it meets
_THIN = 3.5  # points; rules nearer together are the two lines of one
_PARTS = 0.6  # of a cell's side that a rule must cover to part it from the next
_MOST_CELLS = 4000


@dataclass(frozen=True, slots=True)
class LatticeCell:
    """A cell of ``height`` rows and ``width`` columns, with its upper left corner at ``row`` and ``column``, from 0."""

    row: int
    column: int
    height: int
    width: int
    box: Box


@dataclass(frozen=True, slots=True)
class Lattice:
    """The cells between rules, row by row; ``ys`` and ``xs`` are where its rows and columns begin and end."""

    xs: list[float]
    ys: list[float]
    cells: list[LatticeCell]

    @property
    def rows(self) -> int:
        return len(self.ys) - 1

    @property
    def columns(self) -> int:
        return len(self.xs) - 1

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def at(self, point: Point) -> int | None:
        """The index of the cell around a point; ``None`` outside."""
        x, y = point
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        return next(
            (
                index
                for index, cell in enumerate(self.cells)
                if cell.row <= row < cell.row + cell.height
                and cell.column <= column < cell.column + cell.width
            ),
            None,
        )


def on_page(page: pymupdf.Page) -> list[Lattice]:
    """The lattices of an upright page, looked for once."""
    return contents.once(page, _find)


def _find(page: pymupdf.Page) -> list[Lattice]:
    return lattices(rules_of(page))


def lattices(rules: Rules) -> list[Lattice]:
    """The lattices of at least two rows and two columns that a page's rules make, each by itself."""
    found = (_lattice(part) for part in _connected(rules))
    return [lattice for lattice in found if lattice is not None]


def lattice_of(box: Box, found: Iterable[Lattice], covered: float) -> Lattice | None:
    """The lattice that shares more than ``covered`` of its own area and of ``box``."""
    for lattice in found:
        shared = shared_area(padded(lattice.box, _THIN, _THIN), box)
        if shared > covered * area(box) and shared > covered * area(lattice.box):
            return lattice
    return None


def _connected(rules: Rules) -> list[Rules]:
    """Rules in groups that hang together by their crossings."""
    parent = list(range(len(rules.across) + len(rules.down)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, (y, x0, x1) in enumerate(rules.across):
        for j, (x, y0, y1) in enumerate(rules.down):
            if x0 - _REACH <= x <= x1 + _REACH and y0 - _REACH <= y <= y1 + _REACH:
                parent[root(i)] = root(len(rules.across) + j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, rule in enumerate([*rules.across, *rules.down]):
        groups.setdefault(root(i), ([], []))[i >= len(rules.across)].append(rule)
    return [Rules(across, down) for across, down in groups.values() if across and down]


def _lattice(rules: Rules) -> Lattice | None:
    left, right = min(r[1] for r in rules.across), max(r[2] for r in rules.across)
    top, bottom = min(r[1] for r in rules.down), max(r[2] for r in rules.down)
    # A table may be open at its sides, or above and below: the ends of its rules close it.
    xs = _places([left, right, *(rule[0] for rule in rules.down)])
    ys = _places([top, bottom, *(rule[0] for rule in rules.across)])
    if (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
        return None
    cells = _cells(xs, ys, rules)
    if cells is None or len({cell.row for cell in cells}) < 2 or len({cell.column for cell in cells}) < 2:
        return None
    return Lattice(xs, ys, cells)


def _places(values: Sequence[float]) -> list[float]:
    """Sorted places, those nearer than a double rule's lines as one."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] < _THIN:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _cells(xs: list[float], ys: list[float], rules: Rules) -> list[LatticeCell] | None:
    """The lattice's cells, joined where no rule parts them; ``None`` where what is joined is no rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    cell_of = [[-1] * columns for _ in range(rows)]
    cells: list[LatticeCell] = []
    for row in range(rows):
        for column in range(columns):
            if cell_of[row][column] >= 0:
                continue
            joined = {(row, column)}
            edge = [(row, column)]
            while edge:
                r, c = edge.pop()
                for near in _joined_to(r, c, xs, ys, rules):
                    if near not in joined:
                        joined.add(near)
                        edge.append(near)
            last_row, last_column = max(r for r, _ in joined), max(c for _, c in joined)
            height, width = last_row - row + 1, last_column - column + 1
            if len(joined) != height * width or min(c for _, c in joined) < column:
                return None
            for r, c in joined:
                cell_of[r][c] = len(cells)
            box = xs[column], ys[row], xs[last_column + 1], ys[last_row + 1]
            cells.append(LatticeCell(row, column, height, width, box))
    return cells


def _joined_to(
    row: int, column: int, xs: list[float], ys: list[float], rules: Rules
) -> list[tuple[int, int]]:
    """The neighbours of a smallest cell from which no rule parts it."""
    found = []
    x0, x1, y0, y1 = xs[column], xs[column + 1], ys[row], ys[row + 1]
    if column > 0 and not _parts(rules.down, x0, y0, y1):
        found.append((row, column - 1))
    if column < len(xs) - 2 and not _parts(rules.down, x1, y0, y1):
        found.append((row, column + 1))
    if row > 0 and not _parts(rules.across, y0, x0, x1):
        found.append((row - 1, column))
    if row < len(ys) - 2 and not _parts(rules.across, y1, x0, x1):
        found.append((row + 1, column))
    return found


def _parts(rules: list[Rule], place: float, start: float, end: float) -> bool:
    """Whether rules at a place cover most of the way from ``start`` to ``end``."""
    covered = sum(
        max(min(rule[2], end) - max(rule[1], start), 0.0) for rule in rules if abs(rule[0] - place) < _THIN
    )
    return covered > _PARTS * (end - start)
