"""Table regions -> grids with merged cells and a header.

The rules of a ruled table say where its cells are. Elsewhere PyMuPDF finds rulings and columns (its table finder reuses
the layout network's answer for the page); what it finds is checked against the region's own words, and a grid from the
text's gaps stands in where it fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from docvlm import contents, inline
from docvlm.boxes import Box, area, shared_area, union
from docvlm.directions import runs_right_to_left
from docvlm.layout.lattice import Lattice, lattice_of, on_page
from docvlm.layout.network import find_grids
from docvlm.layout.region import Region
from docvlm.layout.tagged import ToldTable
from docvlm.mupdf import pymupdf
from docvlm.numbers import is_number_cell
from docvlm.repairs.leaders import UNKNOWN_ROW, has_leader, without_leader
from docvlm.running_text import flow
from docvlm.schema import Cell, Table
from docvlm.spans import Line
from docvlm.tables import ruled
from docvlm.tables.gaps import NARROWEST, column_edges
from docvlm.tables.gaps import pieces as pieces_of
from docvlm.tables.wrapped import unwrapped

_FEWEST_ROWS = 3  # of a plain table; in two rows every pair of gaps looks like a column
_LEVEL = 0.9  # cosine of the steepest slant of a line that counts as level
_RULE_INSET = 3.0  # points; a rule nearer to the region's edge is its frame
_RULE_SHAPE = 4.0  # times as high as wide, at least
_HAIRLINE = 0.5  # points; thinner rules are taken as wide as this
_COVERED = 0.6  # of the region, for a grid of the finder to be the region's
_KEPT = 0.9  # of the region's letters in a grid's cells
_ADDED = 0.2  # as many letters from outside, of the region's own
_MOSTLY = 0.5  # of a column's cells
_LONG_CELL = 3.0  # words of a cell, on average, in columns of running text
_FEW_NUMBERS = 0.1  # of the cells
_MANY_BROKEN = 0.4  # of the cells that begin in the middle of a sentence


@dataclass(frozen=True, slots=True)
class Grid:
    """A table and the visual lines of each of its cells, in their order; none where they are not known. ``told`` says
    whether the file's structure tree has the same cells, where that can be heard.
    """

    table: Table
    lines: list[list[Line]]
    told: bool | None = None

    def with_markup(self) -> Table:
        """The table, with the text of those cells whose lines hold formulas, links, ticks, struck-out words or leaders."""
        cells = [
            cell.model_copy(update={"text": flow([without_leader(line) for line in lines])})
            if any(map(has_leader, lines))
            or any(
                span.math or span.link or span.struck or span.highlighted or span.is_tick
                for line in lines
                for span in line.spans
            )
            else cell
            for cell, lines in zip(self.table.cells, self.lines, strict=True)
        ]
        return self.table.model_copy(update={"cells": cells})


def find_tables(
    page: pymupdf.Page,
    regions: Sequence[Region],
    rows: Sequence[list[Line]],
    told: Sequence[ToldTable] = (),
) -> list[Grid | None]:
    """The grid of each table region; ``None`` where there is none of at least two rows and two columns: that is text.

    ``page`` is upright and has been through :func:`docvlm.layout.analysis.analyze`; ``rows`` are each region's visual
    lines, ``told`` what the file says of its tables. A ruled grid is read off its rules, a
    plain one off the white space; for the others a network and PyMuPDF's finder, which take far longer, say where cells
    are merged or wrapped.
    """
    grids: list[Grid | None] = [None] * len(regions)
    known = on_page(page)
    for index, (region, own) in enumerate(zip(regions, rows, strict=True)):
        if own:
            grids[index] = (
                _as_told(region, own, told, sure=True)
                or _ruled(lattice_of(region.box, known, _COVERED), region, own)
                or _plain(page, region, own)
            )
    if any(grid is None and own for grid, own in zip(grids, rows)):
        find_grids(page)
        found = _find(page)
        for index, (region, own) in enumerate(zip(regions, rows)):
            if grids[index] is None and own:
                candidates = [each for each in found if _covers(region.box, each.bbox)]
                drawn, seen = [_from_finder(each, own) for each in candidates], _from_gaps(own)
                # What the finder has as one column may be two, by the white space in it.
                drawn = [*(each for each in drawn if not _joins_columns(each)), seen, *drawn]
                best = _best([*drawn, _as_told(region, own, told, sure=False)], region)
                grids[index] = Grid(*unwrapped(best.table, best.lines)) if best is not None else None
    grids = [
        _compared(grid, _told_of(region, told)) if grid is not None else None
        for grid, region in zip(grids, regions, strict=True)
    ]
    return [
        _mirrored(grid) if grid is not None and runs_right_to_left(own) else grid
        for grid, own in zip(grids, rows)
    ]


def _ruled(lattice: Lattice | None, region: Region, rows: list[Line]) -> Grid | None:
    """The grid between a table's rules, where they part all its rows and hold its words."""
    if lattice is None:
        return None
    lines = ruled.grid_lines(lattice, rows)
    if not ruled.is_ruled_throughout(lattice, lines):
        return None
    return _best([Grid(ruled.table_of(lattice, lines), lines)], region)


def _told_of(region: Region, told: Sequence[ToldTable]) -> ToldTable | None:
    """The table of the structure tree that a region is."""
    lattice = lattice_of(region.box, [each.lattice for each in told], _COVERED)
    return next((each for each in told if each.lattice is lattice), None)


def _as_told(region: Region, rows: list[Line], told: Sequence[ToldTable], *, sure: bool) -> Grid | None:
    """The grid that the structure tree has; with ``sure`` only where it tells headers from other cells, as whoever places
    text by means of a table does not.
    """
    table = _told_of(region, told)
    if table is None or (sure and not table.has_headers):
        return None
    lines = ruled.grid_lines(table.lattice, rows)
    return _best([Grid(ruled.table_of(table.lattice, lines), lines)], region)


def _compared(grid: Grid, told: ToldTable | None) -> Grid:
    """A grid that knows whether the structure tree has the same cells, and from there which of them are headers."""
    if told is None:
        return grid
    table, lattice = grid.table, told.lattice
    if (table.rows, table.columns) != (lattice.rows, lattice.columns):
        return replace(grid, told=False)
    if not told.has_headers:
        return replace(grid, told=True)
    element_at = {(cell.row, cell.column): element for cell, element in zip(lattice.cells, told.elements)}
    named = {place for place, element in element_at.items() if element is not None and element.role == "TH"}
    heads = [
        all(
            (row, column) in named and getattr(element_at[row, column], "scope", "") != "Row"
            for row, column in element_at
            if row == number and element_at[row, column] is not None
        )
        for number in range(table.rows)
    ]
    head = next((number for number, all_heads in enumerate(heads) if not all_heads), 0) or table.header_rows
    cells = [
        cell.model_copy(update={"header": cell.row < head or (cell.row, cell.column) in named})
        for cell in table.cells
    ]
    return Grid(table.model_copy(update={"cells": cells, "header_rows": head}), grid.lines, told=True)


def _mirrored(grid: Grid) -> Grid:
    """A grid whose first column is the one on the right, its cells' words as their lines have them: PyMuPDF's finder writes
    them from the left.
    """
    last = grid.table.columns
    lines = grid.lines or [[] for _ in grid.table.cells]
    cells = [
        cell.model_copy(
            update={
                "column": last - cell.column - cell.column_span,
                "text": flow(inside) if inside else cell.text,
            }
        )
        for cell, inside in zip(grid.table.cells, lines, strict=True)
    ]
    order = sorted(range(len(cells)), key=lambda index: (cells[index].row, cells[index].column))
    table = grid.table.model_copy(update={"cells": [cells[index] for index in order]})
    return Grid(table, [grid.lines[index] for index in order] if grid.lines else [], grid.told)


def _plain(page: pymupdf.Page, region: Region, rows: list[Line]) -> Grid | None:
    """The grid of a table in which nothing can be merged or wrapped: every piece of text in a column of its own.

    The first row names every column but perhaps the first; every other row begins in the first column, or is a
    sum: then its last column is filled, and no vertical rules speak of merged cells.
    """
    pieces = [pieces_of(row) for row in rows]
    if len(rows) < _FEWEST_ROWS or any(abs(line.direction[0]) < _LEVEL for line in region.lines):
        return None
    edges = (
        column_edges([row for row in pieces if len(row) > 1]) if any(len(row) > 1 for row in pieces) else []
    )
    if not edges or any(p.box[0] < edge < p.box[2] for row in pieces for p in row for edge in edges):
        return None
    filled = [{sum(1 for edge in edges if (p.box[0] + p.box[2]) / 2 > edge) for p in row} for row in pieces]
    last = len(edges)
    if any(len(columns) < len(row) for columns, row in zip(filled, pieces, strict=True)):
        return None
    if not filled[0] >= set(range(1, last + 1)) or any(len(columns) < 2 for columns in filled):
        return None
    sums = [columns for columns in filled[1:] if 0 not in columns]
    if any(last not in columns for columns in sums) or (sums and _has_vertical_rules(page, region)):
        return None
    return _best([_from_gaps(rows)], region)


def _has_vertical_rules(page: pymupdf.Page, region: Region) -> bool:
    x0, y0, x1, y1 = region.box
    for kind, box in contents.operations(page):
        inside = box[0] > x0 + _RULE_INSET and box[2] < x1 - _RULE_INSET and box[1] < y1 and box[3] > y0
        if (
            kind in ("stroke-path", "fill-path")
            and inside
            and box[3] - box[1] > _RULE_SHAPE * max(box[2] - box[0], _HAIRLINE)
        ):
            return True
    return False


def _find(page: pymupdf.Page) -> list[Any]:
    try:
        return list(page.find_tables(union=True, refine=True).tables)
    except Exception:
        # The finder meets malformed drawings with many kinds of exception; gaps in the text still serve.
        return []


def _joins_columns(grid: Grid | None) -> bool:
    """Whether white space at one place parts what stands in one column of a grid, in its head and in most of its rows."""
    if grid is None:
        return False
    named = {
        cell.row for cell in grid.table.cells if cell.column == 0 and cell.text
    }  # sums begin to the right
    gaps: dict[int, list[tuple[float, float]]] = {}
    for cell, lines in zip(grid.table.cells, grid.lines, strict=True):
        if len(lines) == 1 and cell.column_span == 1 and cell.row in named:
            parts = pieces_of(lines[0])
            gap = (parts[0].box[2], parts[1].box[0]) if len(parts) == 2 else (0.0, 0.0)
            gaps.setdefault(cell.column, []).append(gap)
    for found in gaps.values():
        parted = [gap for gap in found if gap[1] > 0]
        room = min((high for _, high in parted), default=0.0) - max((low for low, _ in parted), default=0.0)
        if len(parted) >= 2 and len(parted) > _MOSTLY * len(found) and room > NARROWEST:
            return True
    return False


def _covers(region: Box, grid: Box) -> bool:
    return shared_area(region, grid) > _COVERED * max(area(region), 1.0)


def _best(candidates: list[Grid | None], region: Region) -> Grid | None:
    """The first grid that keeps the region's letters, and no others, and looks like a table; order is preference.

    Letters are counted, not words: a cell joins the lines of Chinese text, and words that were cut at their ends.
    """
    letters = Counter(letter for line in region.lines for letter in line.text if letter.isalnum())
    total = max(letters.total(), 1)
    for grid in candidates:
        if grid is None or grid.table.rows < 2 or grid.table.columns < 2:
            continue
        table = grid.table
        held = Counter(
            letter for cell in table.cells for letter in inline.plain(cell.text) if letter.isalnum()
        )
        complete = (letters & held).total() >= _KEPT * total
        foreign = (held - letters).total() > _ADDED * total
        if complete and not foreign and not _is_prose(table):
            return grid
    return None


def _is_prose(table: Table) -> bool:
    """Whether the grid cuts running text into columns: long cells, hardly a number."""
    texts = [inline.plain(cell.text) for cell in table.cells if cell.text]
    if not texts:
        return True
    lengths = [len(text.split()) for text in texts]
    numbers = sum(1 for text in texts if is_number_cell(text))
    broken = sum(1 for text in texts if text[:1].islower())
    return (
        numbers < _FEW_NUMBERS * len(texts)
        and sum(lengths) / len(lengths) > _LONG_CELL
        and broken > _MANY_BROKEN * len(texts)
    )


def _from_finder(found: Any, lines: list[Line]) -> Grid | None:
    rows = found.placements
    if not rows:
        return None
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    inside: list[list[Line]] = []
    header_rows = int(found.header_rows or 0)
    for r, row in enumerate(rows):
        column = 0
        for span_cell in row:
            if span_cell is None:
                continue
            while (r, column) in taken:
                column += 1
            height, width = max(1, span_cell.rowspan), max(1, span_cell.colspan)
            taken.update((r + i, column + j) for i in range(height) for j in range(width))
            text = _cell_text(UNKNOWN_ROW.sub(" ", span_cell.text or ""))
            header = span_cell.tag == "th"
            cells.append(
                Cell(
                    row=r, column=column, row_span=height, column_span=width,
                    text=text, header=header, box=span_cell.bbox if text else None,
                )
            )  # fmt: skip
            inside.append(_lines_in(span_cell.bbox, span_cell.text or "", lines))
            column += width
    height = max((r for r, _ in taken), default=-1) + 1
    width = max((c for _, c in taken), default=-1) + 1
    table = Table(rows=height, columns=width, header_rows=header_rows, cells=cells)
    return _without_empty_lines(table, inside)


def _lines_in(box: Box | None, text: str, lines: list[Line]) -> list[Line]:
    """The parts of a table's visual lines inside a cell's box; none where they do not say its ``text``.

    The finder gives no box to cells of a head row in which nothing stands.
    """
    if box is None:
        return []
    x0, y0, x1, y1 = box
    parts = []
    for line in lines:
        spans = [
            span
            for span in line.spans
            if x0 <= (span.box[0] + span.box[2]) / 2 <= x1 and y0 <= (span.box[1] + span.box[3]) / 2 <= y1
        ]
        if spans:
            parts.append(Line(union([span.box for span in spans]), spans, line.direction))
    spans = [span for line in parts for span in line.spans]
    shown = Counter("".join("".join(span.text for span in spans if not span.is_tick).split()))
    # PyMuPDF names unmapped characters by their codes, ticks by their letters, and knows no leader.
    unnamed = shown.pop("\ufffd", 0) + sum(span.is_tick for span in spans)
    known = Counter("".join(UNKNOWN_ROW.sub("", text).split()))
    return parts if shown <= known and (known - shown).total() <= unnamed else []


def _cell_text(text: str) -> str:
    joined = ""
    for line in text.split("\n"):
        joined = inline.join(joined, line)
    return inline.escape(joined.strip())


def _without_empty_lines(table: Table, lines: list[list[Line]]) -> Grid:
    """The grid of ``table`` and its cells' ``lines`` without rows and columns in which no cell begins with any text."""
    rows = {c.row for c in table.cells if c.text}
    columns = {c.column for c in table.cells if c.text}
    if len(rows) == table.rows and len(columns) == table.columns:
        return Grid(table, lines)
    row_at = {old: new for new, old in enumerate(sorted(rows))}
    column_at = {old: new for new, old in enumerate(sorted(columns))}
    cells, kept = [], []
    for cell, inside in zip(table.cells, lines, strict=True):
        if cell.row not in row_at or cell.column not in column_at:
            continue
        height = sum(1 for r in range(cell.row, cell.row + cell.row_span) if r in row_at)
        width = sum(1 for c in range(cell.column, cell.column + cell.column_span) if c in column_at)
        update = {
            "row": row_at[cell.row],
            "column": column_at[cell.column],
            "row_span": height,
            "column_span": width,
        }
        cells.append(cell.model_copy(update=update))
        kept.append(inside)
    header = sum(1 for r in range(table.header_rows) if r in row_at)
    return Grid(Table(rows=len(rows), columns=len(columns), header_rows=header, cells=cells), kept)


def _from_gaps(rows: list[Line]) -> Grid | None:
    """A grid from the white space alone: rows are visual lines, columns the gaps that all rows share."""
    pieces = [sorted(pieces_of(row), key=lambda piece: piece.box[0]) for row in rows]
    several = [row for row in pieces if len(row) > 1]
    if len(several) < 2:
        return None
    edges = column_edges(several)
    columns = len(edges) + 1
    if columns < 2:
        return None
    cells: list[Cell] = []
    inside: list[list[Line]] = []
    for r, row in enumerate(pieces):
        slots: dict[int, list[Line]] = {}
        for piece in row:
            middle = (piece.box[0] + piece.box[2]) / 2
            slots.setdefault(sum(1 for edge in edges if middle > edge), []).append(piece)
        for c in range(columns):
            held = slots.get(c, [])
            cells.append(Cell(row=r, column=c, text=" ".join(map(_flowed, held)), header=r == 0))
            inside.append([_joined(held)] if held else [])
    return _without_empty_lines(Table(rows=len(rows), columns=columns, header_rows=1, cells=cells), inside)


def _flowed(piece: Line) -> str:
    return flow([piece])


def _joined(pieces: list[Line]) -> Line:
    """Pieces of one visual line as one line again."""
    spans = [span for piece in pieces for span in piece.spans]
    return Line(union([piece.box for piece in pieces]), spans, pieces[0].direction)
