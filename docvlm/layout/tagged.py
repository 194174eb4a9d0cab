"""What a tagged PDF's structure tree says of a page's layout: its tables, and the order of its regions.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from docvlm.boxes import Box, as_box, share_within, union
from docvlm.layout.lattice import Lattice, LatticeCell
from docvlm.layout.region import Region, follows
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.tags import PageTags, Said
from docvlm.tags.structure_tree import CELLS, Element

_FEWEST = 2  # rows and columns of a table
_OVERHANG = 1.0  # points by which letters of one column may reach into the next: italics
_PICTURED: Final[frozenset[Kind]] = frozenset({"picture", "chart"})
_RUNNING: Final[frozenset[Kind]] = frozenset({"paragraph", "list", "footnote"})
_EDGE = 3.0  # points around a table's letters that are its own
_LEADING = 0.25  # of a letter's box, above and below it, which lines of type may share
# How much oftener the tree has a region elsewhere whose place is wrong than one whose place is right.
_CONTRADICTED, _LEAST = 0.1, 1e-3
_HELD = 0.6  # of what was found that lies in a table: it is part of it


@dataclass(frozen=True, slots=True)
class ToldTable:
    """A table of the structure tree where its letters stand as it says: each cell's in its own row and column. ``elements``
    are those of the lattice's cells, ``None`` for places that the tree leaves out.
    """

    lattice: Lattice
    elements: Sequence[Element | None]

    @property
    def has_headers(self) -> bool:
        """Whether some of its cells are headers and others are not: tables that only place text have none."""
        roles = {element.role for element in self.elements if element is not None}
        return roles == set(CELLS)


def told_tables(tags: PageTags | None) -> list[ToldTable]:
    """The tables of a page's structure tree that agree with where their letters stand, those without tables in them."""
    if tags is None or not tags.is_covered:
        return []
    if tags not in _told_by:
        _told_by[tags] = _all_told(tags)
    return _told_by[tags]


_told_by: WeakKeyDictionary[PageTags, list[ToldTable]] = (
    WeakKeyDictionary()
)  # asked for by layout and readers


def _all_told(tags: PageTags) -> list[ToldTable]:
    letters: dict[Element, dict[Element, list[int]]] = {}
    holders: set[Element] = set()
    for rank in np.unique(tags.rank[tags.rank >= 0]).tolist():
        inner = [each for each in tags.units[rank].upwards() if each.role in (*CELLS, "Table")]
        tables = [each for each in inner if each.role == "Table"]
        holders.update(tables[1:])
        if len(inner) > 1 and inner[0].role in CELLS and inner[1].role == "Table":
            letters.setdefault(inner[1], {}).setdefault(inner[0], []).append(rank)
    found = (_told(tags, table, cells) for table, cells in letters.items() if table not in holders)
    return [table for table in found if table is not None]


def _told(tags: PageTags, table: Element, ranks: dict[Element, list[int]]) -> ToldTable | None:
    boxes = {cell: _box(tags, own) for cell, own in ranks.items()}
    cells = tags.tree.rows(table)
    for placed in (_placed(cells), _placed_by_letters(cells, boxes)):
        if boxes.keys() <= {each.element for each in placed}:
            told = _as_lattice(placed, boxes)
            if told is not None:
                return told
    return None


def _as_lattice(placed: Sequence[_Placed], boxes: dict[Element, Box]) -> ToldTable | None:
    """The lattice of placed cells, the boxes of whose letters are known; ``None`` where these stand otherwise."""
    filled = [(each, boxes[each.element]) for each in placed if each.element in boxes]
    rows = _parted([(each.row, each.height, box) for each, box in filled], 1)
    columns = _parted([(each.column, each.width, box) for each, box in filled], 0)
    if rows is None or columns is None or min(len(rows), len(columns)) < _FEWEST:
        return None
    ys, xs = _edges(rows), _edges(columns)
    found: list[tuple[LatticeCell, Element | None]] = []
    taken: set[tuple[int, int]] = set()
    for each in placed:
        down = [at for at, (row, _, _) in enumerate(rows) if each.row <= row < each.row + each.height]
        across = [
            at
            for at, (column, _, _) in enumerate(columns)
            if each.column <= column < each.column + each.width
        ]
        own = set(itertools.product(down, across))
        if own and not own & taken:
            taken |= own
            found.append((_cell(down[0], across[0], len(down), len(across), xs, ys), each.element))
        elif each.element in boxes:
            return None
    free = set(itertools.product(range(len(rows)), range(len(columns)))) - taken
    found += [(_cell(row, column, 1, 1, xs, ys), None) for row, column in free]
    found.sort(key=lambda each: (each[0].row, each[0].column))
    return ToldTable(Lattice(xs, ys, [cell for cell, _ in found]), [element for _, element in found])


def _box(tags: PageTags, ranks: Sequence[int]) -> Box:
    """Around the letters of these pieces, without what their boxes have above and below for those of other lines."""
    own = tags.letters_of(ranks)
    free = _LEADING * (own[:, 3] - own[:, 1])
    return as_box((own[:, 0].min(), (own[:, 1] + free).min(), own[:, 2].max(), (own[:, 3] - free).max()))


@dataclass(frozen=True, slots=True)
class _Placed:
    element: Element
    row: int
    column: int
    height: int
    width: int


def _placed(rows: Sequence[Sequence[Element]]) -> list[_Placed]:
    """The cells where HTML would have them."""
    placed = []
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (row, column) in taken:
                column += 1
            height = min(cell.rows, len(rows) - row)
            taken.update((row + r, column + c) for r in range(height) for c in range(cell.columns))
            placed.append(_Placed(cell, row, column, height, cell.columns))
            column += cell.columns
    return placed


def _placed_by_letters(rows: Sequence[Sequence[Element]], boxes: dict[Element, Box]) -> list[_Placed]:
    """The cells that hold letters, in columns between which no letters stand: browsers leave out those that hold nothing."""
    columns: list[tuple[float, float]] = []
    for cell, (left, _, right, _) in sorted(boxes.items(), key=lambda each: each[1][0]):
        if cell.columns > 1:
            continue
        if columns and left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], right)
        else:
            columns.append((left, right))
    if len(columns) != max((sum(cell.columns for cell in row) for row in rows), default=0):
        return []  # the fullest row, mostly the head, leaves out none
    return [
        _Placed(
            cell,
            row,
            _column_of(boxes[cell], cell.columns, columns),
            min(cell.rows, len(rows) - row),
            cell.columns,
        )
        for row, cells in enumerate(rows)
        for cell in cells
        if cell in boxes
    ]


def _column_of(box: Box, width: int, columns: Sequence[tuple[float, float]]) -> int:
    """The first of the ``width`` columns that a cell's letters stand in."""

    def fit(first: int) -> tuple[float, float]:
        left, right = columns[first][0], columns[first + width - 1][1]
        return min(box[2], right) - max(box[0], left), -abs(box[0] + box[2] - left - right)

    return max(range(len(columns) - width + 1), key=fit)


def _parted(cells: Iterable[tuple[int, int, Box]], axis: int) -> list[tuple[int, float, float]] | None:
    """The rows or columns that have letters of their own: number, low and high edge; ``None`` where they are not one after
    the other. ``cells`` are number, extent and box.
    """
    reach: dict[int, tuple[float, float]] = {}
    for number, extent, box in cells:
        if extent == 1:
            low, high = box[axis], box[axis + 2]
            known = reach.get(number, (low, high))
            reach[number] = min(known[0], low), max(known[1], high)
    order = sorted((number, low, high) for number, (low, high) in reach.items())
    touching = (next_low - high < -_OVERHANG for (_, _, high), (_, next_low, _) in itertools.pairwise(order))
    return None if any(touching) else order


def _edges(parts: Sequence[tuple[int, float, float]]) -> list[float]:
    inner = [(high + low) / 2 for (_, _, high), (_, low, _) in itertools.pairwise(parts)]
    return [parts[0][1] - _EDGE, *inner, parts[-1][2] + _EDGE]


def _cell(
    row: int, column: int, height: int, width: int, xs: Sequence[float], ys: Sequence[float]
) -> LatticeCell:
    return LatticeCell(
        row, column, height, width, (xs[column], ys[row], xs[column + width], ys[row + height])
    )


def with_told_tables(found: list[tuple[Kind, Box]], told: Iterable[ToldTable]) -> list[tuple[Kind, Box]]:
    """What was found on a page, with the tree's tables that have headers in the place of what was found there, but for
    pictures in their cells.
    """
    for table in told:
        box = table.lattice.box
        if not table.has_headers or any(
            kind == "table" and max(share_within(box, other), share_within(other, box)) > _HELD
            for kind, other in found
        ):
            continue
        found = [
            *(
                (kind, other)
                for kind, other in found
                if share_within(other, box) < _HELD
                or (kind == "picture" and share_within(box, other) < _HELD)
            ),
            ("table", box),
        ]
    return found


def joined(regions: Sequence[Region], tags: PageTags | None) -> list[Region]:
    """The regions, with lines that were cut off as headers or footers back in the text that goes on in them: one element of
    the tree holds both, and they follow each other.
    """
    if tags is None or not tags.is_ordered:
        return list(regions)
    whole = list(regions)
    for end in [region for region in regions if region.kind in ("header", "footer")]:
        element = _one_element(end.lines, tags)
        for text in [region for region in whole if region.kind in _RUNNING and element is not None]:
            above, below = (text, end) if end.kind == "footer" else (end, text)
            next_to = text.lines[-1:] if end.kind == "footer" else text.lines[:1]
            if _one_element(next_to, tags) is element and follows(above.lines[-1], below.lines[0]):
                text.lines = [*above.lines, *below.lines]
                text.box = union([line.box for line in text.lines])
                whole = [region for region in whole if region is not end]
                break
    return whole


def _one_element(lines: Sequence[Line], tags: PageTags) -> Element | None:
    units = tags.units_in([line.box for line in lines])
    return next(iter(units)) if len(units) == 1 else None


# Order.


def places(regions: Sequence[Region], tags: PageTags | None) -> list[Said]:
    """Where the tree has each region, if its order can be heard."""
    if tags is None or not tags.is_ordered:
        return [Said()] * len(regions)
    return [_place(region, tags) for region in regions]


def _place(region: Region, tags: PageTags) -> Said:
    said = tags.said([line.box for line in region.lines])
    ranks = [figure.rank for figure in tags.figures_in(region.box)] if region.kind in _PICTURED else []
    return Said("Figure", min(ranks), max(ranks)) if ranks else said


def by_tree(regions: Sequence[Region], told: Sequence[Said]) -> list[Region]:
    """Regions, which are in some order, in the tree's. What is not in the tree stays behind what it follows."""
    groups: list[tuple[int, list[Region]]] = []
    for region, said in zip(regions, told, strict=True):
        if said.first is None and groups:
            groups[-1][1].append(region)
        else:
            groups.append((-1 if said.first is None else said.first, [region]))
    return [region for _, group in sorted(groups, key=lambda each: each[0]) for region in group]


def compare(regions: Sequence[Region], tags: PageTags) -> None:
    """Tells the regions, which are in the order in which they are written, whether the tree has them so; those that it has
    elsewhere are less sure of their place.
    """
    told = places(regions, tags)
    known = [index for index, said in enumerate(told) if said.first is not None]
    for place, index in enumerate(known):
        before = told[known[place - 1]].last if place else None
        behind = told[known[place + 1]].first if place + 1 < len(known) else None
        region, own = regions[index], told[index]
        assert own.first is not None and own.last is not None
        region.told = (before is None or before <= own.first) and (behind is None or own.last <= behind)
        if region.structure is not None and not region.told:
            odds = _CONTRADICTED * region.structure / max(1 - region.structure, _LEAST)
            region.structure = odds / (1 + odds)
