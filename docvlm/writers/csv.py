"""Tables and charts -> CSV text (RFC 4180, but with plain newlines)."""

from __future__ import annotations

import csv
import io

from docvlm import inline
from docvlm.schema import Chart, Content, Table
from docvlm.tables import cells
from docvlm.writers import chart_table, flow


def tables(document: Content) -> dict[str, str]:
    """CSV text of each table by the id of the block it begins in; tables over several pages are one."""
    pieces = (item for item in flow.of(document).items if isinstance(item, flow.Piece))
    return {piece.block.id: table(piece.table) for piece in pieces if piece.table is not None}


def table(table: Table) -> str:
    """A table as CSV; a spanning cell's text stands at its top left, the rest of its places are empty."""
    rows = cells.sound(table).grid()
    return _csv(
        [["\n".join(map(inline.plain, cells.lines(cell))) if cell else "" for cell in row] for row in rows]
    )


def chart(chart: Chart) -> str:
    """A chart's numbers as CSV with one header row: one column per series, or one row per point."""
    return table(chart_table.from_chart(chart))


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
