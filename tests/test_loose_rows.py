"""Tables of which only the cells were found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from docvlm.layout.loose_rows import gathered
from docvlm.layout.region import Region
from docvlm.readers.table import _is_list
from docvlm.schema import Cell, Table
from docvlm.spans import Line, Span

LEFTS = (60, 110, 280, 340, 490)
HEAD = ("Item", "Description", "Amount", "Single price", "Total")
ROWS = (
    ("1", "Hedges cut", "28 h", "CHF 120.00", "CHF 3360.00"),
    ("2", "Cuttings taken away", "", "CHF 307.35", "CHF 307.35"),
    ("", "", "", "Sum", "CHF 3667.35"),
    ("", "", "", "VAT rate", "7.7 %"),
)


def cell(text: str, left: float, top: float, size: float = 9.0) -> Region:
    box = left, top, left + 0.5 * size * len(text), top + size
    return Region.around("paragraph", [Line(box, [Span(text, box, size, score=0.9)])])


def cells(rows: Sequence[Sequence[str]], top: float = 300.0, pitch: float = 18.0) -> list[Region]:
    return [
        cell(text, left, top + pitch * row + (row % 2))
        for row, texts in enumerate(rows)
        for left, text in zip(LEFTS, texts)
        if text
    ]


def test_rows_of_an_invoice_that_were_found_cell_by_cell_are_one_table() -> None:
    above, below = (
        cell("We are billing you as follows for what was done:", 60, 270),
        cell("Thank you.", 60, 420),
    )
    found = cells([HEAD, *ROWS])
    *others, table = gathered([above, *found, below])
    assert others == [above, below] and table.kind == "table"
    assert [line.text for line in table.lines] == [region.text for region in found]


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, *ROWS[2:]],  # one full row says nothing of the others
        [("Ada", "Byron", "Maria", "Mitchell"), ("Emmy", "Noether", "Rosa", "Parks"), ("Lise", "Meitner", "Hedy", "Lamarr")],
    ],
)  # fmt: skip
def test_lines_that_are_level_by_chance_or_are_names_stay_as_they_are(rows: Sequence[Sequence[str]]) -> None:
    regions = cells(rows)
    assert gathered(regions) == regions


def test_a_row_that_stands_on_no_cell_of_the_first_ends_the_table() -> None:
    last = [cell("see 4", 200, 400), cell("page 9", 400, 400)]
    assert gathered([*cells([HEAD, *ROWS]), *last])[:2] == last


def test_cells_of_two_lines_keep_their_region_and_the_rows_theirs() -> None:
    regions = cells([HEAD, *ROWS[:2]])
    tall = Region.around("paragraph", [*regions[1].lines, *cell("of the work", 110, 312).lines])
    left = [regions[0], tall, *regions[2:]]
    assert tall in gathered(left)


def _grid(rows: Sequence[Sequence[str]]) -> Table:
    cells = [Cell(row=r, column=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    return Table(rows=len(rows), columns=2, cells=cells)


def test_bullets_in_the_first_of_two_columns_are_a_list_be_there_lines_without_them() -> None:
    wrapped = [("", "Engaging stakeholders and"), ("recording", ""), ("●", "Who leads?"), ("●", "What is it")]
    assert _is_list(_grid(wrapped))
    assert not _is_list(_grid([*wrapped, ("Total", "12")]))
    assert not _is_list(_grid([("", "one"), ("two", "")]))
