"""A table's cells: made sound, by row, and joined over pages."""

from __future__ import annotations

from docvlm import inline
from docvlm.schema import Cell, Table


def sound(table: Table) -> Table:
    """The same table with every cell inside the grid, no two overlapping, and a cell at each free place."""
    rows = max([table.rows, *(c.row + 1 for c in table.cells)])
    columns = max([table.columns, *(c.column + 1 for c in table.cells)])
    taken = [[False] * columns for _ in range(rows)]
    cells: list[Cell] = []
    for cell in sorted(table.cells, key=lambda c: (c.row, c.column)):
        fitted = _fitted(cell, taken)
        if fitted is not None:
            cells.append(fitted)
    free = [(r, c) for r in range(rows) for c in range(columns) if not taken[r][c]]
    cells += [Cell(row=r, column=c, header=r < table.header_rows) for r, c in free]
    cells.sort(key=lambda c: (c.row, c.column))
    return Table(rows=rows, columns=columns, header_rows=min(table.header_rows, rows), cells=cells)


def _fitted(cell: Cell, taken: list[list[bool]]) -> Cell | None:
    """``cell`` clipped to the free places around it, which it then takes; None where its place is taken."""
    if taken[cell.row][cell.column]:
        return None
    rows = min(cell.row_span, len(taken) - cell.row)
    columns = min(cell.column_span, len(taken[0]) - cell.column)
    places = [(cell.row + r, cell.column + c) for r in range(rows) for c in range(columns)]
    if any(taken[r][c] for r, c in places):
        rows, columns, places = 1, 1, [(cell.row, cell.column)]
    for r, c in places:
        taken[r][c] = True
    return cell.model_copy(update={"row_span": rows, "column_span": columns})


def by_row(table: Table) -> list[list[Cell]]:
    """The cells that begin in each row, from left to right."""
    rows: list[list[Cell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows


def lines(cell: Cell) -> list[str]:
    """The lines of a cell's inline Markdown."""
    return [line.strip() for line in cell.text.strip().splitlines()]


def appended(first: Table, second: Table) -> Table:
    """``first`` with the body rows of ``second`` below it; header rows that repeat are dropped."""
    skip = _repeated_rows(first, second)
    moved = [
        c.model_copy(update={"row": c.row - skip + first.rows, "header": c.header and c.row < skip})
        for c in second.cells
        if c.row >= skip
    ]
    rows = first.rows + max(second.rows - skip, 0)
    columns = max(first.columns, second.columns)
    return sound(
        Table(rows=rows, columns=columns, header_rows=first.header_rows, cells=[*first.cells, *moved])
    )


def _repeated_rows(first: Table, second: Table) -> int:
    ours, theirs = by_row(first), by_row(second)
    count = 0
    for mine, other in zip(ours[: first.header_rows or 1], theirs, strict=False):
        if [inline.plain(c.text) for c in mine] != [inline.plain(c.text) for c in other]:
            break
        count += 1
    # A body row that merely equals the first row of a table without a header is data, not a repetition.
    return count if count == first.header_rows or count == second.header_rows else 0
