"""Short columns side by side: addresses and facts at an invoice's head, beside tables, which stay tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from docvlm import convert
from docvlm.layout import columns
from docvlm.layout.region import Region
from docvlm.spans import Line, Span

FACTS = (("Invoice Date", "3 May 2024"), ("Invoice Number", "INV-0712"), ("Tax ID", "550 441 982"))
SENDER = ("Harbour Tools Ltd", "14 Quay Street", "Old Dock", "PORTSMOUTH PO1 3AX", "United Kingdom")
CUSTOMER = ("Lumen Studio", "Lindenallee 8", "10115 Berlin", "Germany")
HEAD = ("Description", "Quantity", "Unit Price", "Tax", "Amount")
ROWS = (
    ("Oak boards, planed", "4.00", "61.00", "20%", "244.00"),
    ("Lens cleaning kit", "12.00", "9.50", "20%", "114.00"),
    ("Delivery", "1.00", "30.00", "20%", "30.00"),
)


def line(text: str, left: float, top: float, bold: bool = False, size: float = 10.0) -> Line:
    box = left, top, left + 0.5 * size * len(text), top + size
    return Line(box, [Span(text, box, size, bold=bold, baseline=top + 0.8 * size)])


def stack(texts: Sequence[str], left: float, top: float = 100.0, pitch: float = 14.0) -> list[Line]:
    return [line(text, left, top + pitch * row) for row, text in enumerate(texts)]


def facts(left: float, top: float = 100.0) -> list[Line]:
    """Labels above their values, a wider gap between the pairs."""
    return [
        line(text, left, top + 27 * row + 11 * place, bold=not place)
        for row, pair in enumerate(FACTS)
        for place, text in enumerate(pair)
    ]


def apart(regions: list[Region], rules: Sequence[float] = ()) -> list[Region]:
    page = pymupdf.open().new_page(width=595, height=842)
    for y in rules:
        page.draw_line((40, y), (550, y))
    return columns.apart(regions, [each for region in regions for each in region.lines], page)


def texts(regions: Sequence[Region]) -> set[tuple[str, str]]:
    return {(region.kind, region.text) for region in regions}


def joined(words: Sequence[str]) -> str:
    return " ".join(words)


def test_an_address_beside_facts_is_a_column_of_its_own() -> None:
    mixed = Region.around("paragraph", [*facts(300), *stack(SENDER, 420)])
    assert texts(apart([mixed])) == {
        *(("paragraph", joined(pair)) for pair in FACTS),
        ("paragraph", joined(SENDER)),
    }


def test_addresses_whose_lines_are_level_are_columns() -> None:
    mixed = Region.around("table", [*stack(SENDER, 50), *stack(CUSTOMER, 250)])
    parts = apart([mixed])
    assert texts(parts) == {("paragraph", joined(SENDER)), ("paragraph", joined(CUSTOMER))}
    assert all(part.is_column for part in parts)


def test_a_table_below_them_stays_a_table_and_a_title_above_them_is_none_of_it() -> None:
    title = line("INVOICE", 50, 60, size=24)
    cells = [
        line(text, 50 + 100 * place, 260 + 20 * row)
        for row, each in enumerate((HEAD, *ROWS))
        for place, text in enumerate(each)
    ]
    table = Region.around("table", [title, *stack(SENDER, 50), *facts(300), *cells])
    parts = apart([table])
    assert ("heading", "INVOICE") in texts(parts)
    assert [part.lines for part in parts if part.kind == "table"] == [cells]


def test_columns_that_were_torn_into_many_regions_are_whole() -> None:
    lines = [*stack(SENDER, 50), *facts(300)]
    parts = apart(
        [Region.around("heading", lines[:2]), *(Region.around("paragraph", [each]) for each in lines[2:])]
    )
    assert ("paragraph", joined(SENDER)) in texts(parts)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("Course", "Biology", "Chemistry", "Physics"), ("Room", "Hall 4", "Hall 5", "Hall 9")),
        (("Year", "2019", "2020", "2021"), ("Sold", "1 200", "1 340", "990")),
        (("Name:", "Born:", "Died:", "Buried:"), ("Ada Lovelace", "10 December 1815", "27 November 1852", "Hucknall")),
    ],
)  # fmt: skip
def test_rows_that_are_level_are_a_table(left: Sequence[str], right: Sequence[str]) -> None:
    table = Region.around("table", [*stack(left, 50), *stack(right, 250)])
    assert apart([table]) == [table]


def test_a_rule_across_both_makes_rows() -> None:
    table = Region.around("table", [*stack(SENDER, 50), *stack(CUSTOMER, 250)])
    assert apart([table], rules=[126]) == [table]


def test_labels_of_a_drawing_stay_in_it() -> None:
    drawing = Region.around("picture", [*stack(SENDER, 50), *facts(300)])
    assert apart([drawing]) == [drawing]


def test_running_text_in_columns_is_left_alone() -> None:
    words = "the council keeps a list of all mills along the river"
    page = [
        Region.around("paragraph", stack([words[:40]] * 6, left, pitch=12 + left / 200)) for left in (50, 300)
    ]
    assert apart(list(page)) == page


def _invoice(path: Path) -> Path:
    page = pymupdf.open().new_page(width=595, height=842)
    page.insert_text((50, 80), "INVOICE", fontsize=22)
    for row, pair in enumerate(FACTS):
        for place, text in enumerate(pair):
            page.insert_text(
                (310, 80 + 29 * row + 11 * place), text, fontsize=9, fontname="helv" if place else "hebo"
            )
    for row, text in enumerate(SENDER):
        page.insert_text((440, 81 + 14.5 * row), text, fontsize=9)
    for row, text in enumerate(CUSTOMER):
        page.insert_text((70, 110 + 14.5 * row), text, fontsize=9)
    for row, cells in enumerate((HEAD, *ROWS)):
        for left, text in zip((50, 280, 360, 440, 500), cells):
            page.insert_text((left, 260 + 22 * row), text, fontsize=9, fontname="helv" if row else "hebo")
        page.draw_line((50, 266 + 22 * row), (545, 266 + 22 * row), width=0.5)
    page.parent.save(path)
    return path


def test_an_invoice_says_each_thing_in_one_piece_and_then_its_rows(tmp_path: Path) -> None:
    written = convert(_invoice(tmp_path / "invoice.pdf")).to_markdown()
    said = written.replace("**", "").replace("\n", " ")
    pieces = [joined(SENDER), joined(CUSTOMER), *(joined(pair) for pair in FACTS)]
    assert all(-1 < said.find(piece) < said.find("Description") for piece in pieces), written
    assert all("| " + " | ".join(cells) + " |" in written for cells in (HEAD, *ROWS)), written
