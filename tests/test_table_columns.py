"""Columns by white space: sums whose names reach over columns do not join these."""

from __future__ import annotations

import pymupdf

import docvlm
from docvlm.spans import Line, Span
from docvlm.tables.gaps import column_edges


def _row(*pieces: tuple[str, float, float]) -> list[Line]:
    return [
        Line((left, 0, right, 10), [Span(text, (left, 0, right, 10), 10.0)]) for text, left, right in pieces
    ]


ROWS = [
    _row(("Description", 30, 90), ("Quantity", 310, 350), ("Price", 400, 430), ("Tax", 470, 483), ("Sum", 530, 564)),
    _row(("Branding", 30, 250), ("1.00", 330, 350), ("250.00", 400, 430), ("9.25%", 460, 483), ("250.00", 539, 564)),
]  # fmt: skip
SUMS = [
    _row(("Subtotal", 453, 483), ("250.00", 539, 564)),
    _row(("TOTAL SALES TAX 9.25%", 395, 483), ("23.13", 544, 564)),
    _row(("TOTAL EUR", 442, 483), ("273.13", 539, 564)),
]


def test_sums_join_no_columns() -> None:
    assert len(column_edges(ROWS)) == len(column_edges([*ROWS, *SUMS])) == 4


def test_rows_that_all_begin_to_the_right_are_heard() -> None:
    assert len(column_edges(SUMS)) == 1


def test_a_cells_second_line_is_no_row() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text(
            (30, 60), "The work of last month is billed as follows, to be paid in thirty days.", fontsize=10
        )
        for row, top in zip([*ROWS, *SUMS], (100, 124, 158, 182, 206), strict=True):
            for piece in row:
                page.insert_text((piece.box[0], top), piece.text, fontsize=9)
        page.insert_text((30, 134), "with your team", fontsize=9)
        (read,) = docvlm.convert(document.tobytes()).pages
    (table,) = (block.table for block in read.blocks if block.table is not None)
    assert (table.rows, table.columns) == (5, 5)
    assert next(cell.text for cell in table.cells if cell.row == 1) == "Branding with your team"


def test_an_invoice_keeps_its_columns() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text(
            (30, 60), "The work of last month is billed as follows, to be paid in thirty days.", fontsize=10
        )
        for number, row in enumerate([*ROWS, *SUMS]):
            for piece in row:
                page.insert_text((piece.box[0], 100 + 18 * number), piece.text, fontsize=9)
        (read,) = docvlm.convert(document.tobytes()).pages
    (table,) = (block.table for block in read.blocks if block.table is not None)
    assert table.columns == 5
    assert [cell.text for cell in table.cells if cell.row == 1] == [
        "Branding",
        "1.00",
        "250.00",
        "9.25%",
        "250.00",
    ]
