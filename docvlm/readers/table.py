"""Table regions -> blocks with cells; what has no grid is text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docvlm import confidence
from docvlm.boxes import Box, union
from docvlm.draft import Draft
from docvlm.layout.tagged import told_tables
from docvlm.readers.prose import block, is_bullet, read_prose
from docvlm.readers.view import PageView, Part, formula_scores
from docvlm.running_text import flow
from docvlm.schema import Table
from docvlm.spans import Line
from docvlm.tables.grid import Grid, find_tables
from docvlm.tables.text import markdown as markdown_table

_NUMBER = re.compile(r"\(?(\d{1,3})[.)-]")


def with_grids(view: PageView, parts: Sequence[Part]) -> None:
    """Gives table parts their grids, where they have one."""
    tables = [part for part in parts if part.region.kind == "table"]
    if not tables:
        return
    told = told_tables(view.tags)
    regions, rows = [part.region for part in tables], [part.rows for part in tables]
    for part, grid in zip(tables, find_tables(view.page, regions, rows, told), strict=True):
        if grid is not None and _is_list(grid.table):
            part.region.kind = "list"
        else:
            part.grid = grid


def _is_list(table: Table) -> bool:
    """Whether a grid is but a list whose markers stand apart: two columns, the first of bullets, beside which nothing but
    single lines stands, or of numbers that count up.
    """
    filled = [cell for cell in table.cells if cell.text]
    first = [cell.text for cell in filled if cell.column == 0]
    numbers = [match[1] for text in first if (match := _NUMBER.fullmatch(text))]
    if table.columns != 2 or not first:
        return False
    if len(first) > 1 and list(map(str, range(1, len(first) + 1))) == numbers:
        return True
    marked = {cell.row for cell in filled if cell.column == 0 and is_bullet(cell.text)}
    others = [cell.row for cell in filled if cell.row not in marked]
    return bool(marked) and len(others) == len(set(others))


def read_tables(view: PageView, parts: Sequence[Part]) -> list[list[Draft]]:
    """The table of each part with a grid; the others are kept for a model, or read as the text that they are."""
    return [_blocks(view, part) for part in parts]


def _blocks(view: PageView, part: Part) -> list[Draft]:
    if part.grid is not None:
        return [_table(view, part, part.grid)]
    if view.keep_unclear:
        draft = block("table", part.rows, flow(part.rows), view)
        draft.image = view.pixels(part.region.box)
        return [draft]
    return read_prose(view, [part])[0]


def _table(view: PageView, part: Part, grid: Grid) -> Draft:
    table = _placed(view, grid)
    draft = block("table", part.rows, markdown_table(table), view)
    # Rows of a table repeat rightly, so only the text's own score counts.
    inside = (line for cell in grid.lines for line in cell)
    draft.confidence = confidence.with_formulas(
        view.judge(part.rows, ""), formula_scores(inside, view.reader)
    )
    draft.table = table
    return draft


def _placed(view: PageView, grid: Grid) -> Table:
    """The grid's table, with the place and the score of what is printed in each cell."""
    table = grid.with_markup()
    cells = [
        cell.model_copy(update={"box": _box(lines), "confidence": view.score(lines)}) if lines else cell
        for cell, lines in zip(table.cells, grid.lines, strict=True)
    ]
    return table.model_copy(update={"cells": cells})


def _box(lines: list[Line]) -> Box:
    x0, y0, x1, y1 = union([line.box for line in lines])
    return round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)
