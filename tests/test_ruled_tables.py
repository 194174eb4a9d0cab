"""Ruled tables: cells between rules, drawn and scanned, and what is no table although it has rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

import docvlm
from docvlm.boxes import Box
from docvlm.layout import rules
from docvlm.layout.lattice import lattices
from docvlm.layout.ruled_tables import ended_at_rules
from docvlm.layout.rules import Rules
from docvlm.schema import Block, Kind

_XS, _YS = [80.0, 170, 260, 350, 440], [120.0, 145, 170, 195, 220, 245]
# (row, column, height, width): text
_CELLS = {
    (0, 0, 2, 1): "Region", (0, 1, 1, 2): "Sales", (0, 3, 2, 1): "Change",
    (1, 1, 1, 1): "2023", (1, 2, 1, 1): "2024 est.",
    (2, 0, 2, 1): "North and the whole coast", (2, 1, 1, 1): "12.4", (2, 2, 1, 1): "13.1", (2, 3, 1, 1): "5.6 %",
    (3, 1, 1, 1): "10.0", (3, 2, 1, 1): "9.8", (3, 3, 1, 1): "-2.0 %",
    (4, 0, 1, 1): "South", (4, 1, 1, 1): "7.7", (4, 2, 1, 1): "", (4, 3, 1, 1): "n/a",
}  # fmt: skip


def _draw(page: pymupdf.Page, ground: tuple[float, float, float] | None = None) -> None:
    if ground:
        page.draw_rect(page.rect, color=None, fill=ground)
    page.insert_text((80, 90), "The sales of last year are compared with those of this one.", fontsize=10)
    for (row, column, height, width), text in _CELLS.items():
        box = pymupdf.Rect(_XS[column], _YS[row], _XS[column + width], _YS[row + height])
        page.draw_rect(box, color=(0, 0, 0), width=0.6)
        page.insert_textbox(box + pymupdf.Rect(4, 5, -4, 0), text, fontsize=9)
    page.insert_text((80, 290), "Estimates were made in autumn and will be revised.", fontsize=10)


def _tables(path: Path) -> list[Block]:
    return [block for block in docvlm.convert(path).blocks() if block.kind == "table"]


def _spans(block: Block) -> dict[tuple[int, int, int, int], str]:
    assert block.table is not None
    return {(c.row, c.column, c.row_span, c.column_span): c.text for c in block.table.cells}


@pytest.mark.parametrize("ground", [None, (0.85, 0.92, 1.0)])
def test_merged_cells_are_read_off_the_rules(
    tmp_path: Path, ground: tuple[float, float, float] | None
) -> None:
    document = pymupdf.open()
    _draw(document.new_page(width=520, height=400), ground)
    document.save(tmp_path / "ruled.pdf")
    (table,) = _tables(tmp_path / "ruled.pdf")
    assert _spans(table) == _CELLS
    assert table.table is not None and table.table.header_rows == 2


def test_a_scan_shows_its_rules(tmp_path: Path) -> None:
    document = pymupdf.open()
    _draw(document.new_page(width=520, height=400))
    document[0].get_pixmap(dpi=200).save(tmp_path / "scan.png")
    (table,) = _tables(tmp_path / "scan.png")
    found = _spans(table)
    assert found.keys() == _CELLS.keys()
    assert found[2, 0, 2, 1] == "North and the whole coast" and found[3, 2, 1, 1] == "9.8"


def test_columns_ruled_without_rows_keep_their_rows(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=520, height=400)
    for x in (80, 200, 320, 440):
        page.draw_line((x, 100), (x, 220))
    for y in (100, 125, 220):
        page.draw_line((80, y), (440, y))
    for column, name in enumerate(("Part", "Weight", "Price")):
        page.insert_text((90 + 120 * column, 117), name, fontsize=9)
    for row, words in enumerate((("Bolt", "12", "0.40"), ("Nut", "8", "0.25"), ("Washer", "2", "0.05"))):
        for column, text in enumerate(words):
            page.insert_text((90 + 120 * column, 145 + 25 * row), text, fontsize=9)
    document.save(tmp_path / "columns.pdf")
    (table,) = _tables(tmp_path / "columns.pdf")
    assert table.table is not None and (table.table.rows, table.table.columns) == (4, 3)


def test_a_chart_with_a_grid_is_no_table(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=520, height=400)
    for x in range(100, 441, 34):
        page.draw_line((x, 100), (x, 300), color=(0.8, 0.8, 0.8))
    for y in range(100, 301, 40):
        page.draw_line((100, y), (440, y), color=(0.8, 0.8, 0.8))
        page.insert_text((78, y + 3), str((300 - y) // 4), fontsize=8)
    page.draw_polyline([(100, 280), (200, 180), (300, 220), (440, 120)], color=(1, 0, 0))
    document.save(tmp_path / "grid.pdf")
    assert not _tables(tmp_path / "grid.pdf")


@given(
    columns=st.lists(st.floats(12, 120), min_size=2, max_size=6),
    rows=st.lists(st.floats(12, 60), min_size=2, max_size=8),
)
def test_a_full_lattice_has_all_its_cells(columns: list[float], rows: list[float]) -> None:
    xs, ys = (
        [50 + sum(columns[:i]) for i in range(len(columns) + 1)],
        [50 + sum(rows[:i]) for i in range(len(rows) + 1)],
    )
    drawn = Rules([(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs])
    (lattice,) = lattices(drawn)
    assert (lattice.rows, lattice.columns) == (len(rows), len(columns))
    assert [(cell.height, cell.width) for cell in lattice.cells] == [(1, 1)] * (len(rows) * len(columns))
    for index, cell in enumerate(lattice.cells):
        x0, y0, x1, y1 = cell.box
        assert lattice.at(((x0 + x1) / 2, (y0 + y1) / 2)) == index


def test_pixels_show_rules_and_no_letters() -> None:
    page = pymupdf.open().new_page(width=300, height=200)
    page.insert_text((30, 60), "Illicit lines of letters, l l l l, HHH", fontsize=11)
    assert rules.seen(_pixels(page), 300) == Rules([], [])
    page.draw_line((30, 100), (270, 100), width=0.5)
    page.draw_line((30, 80), (30, 150), width=1)
    found = rules.seen(_pixels(page), 300)
    assert found.across == [pytest.approx((100, 30, 270), abs=1)]
    assert found.down == [pytest.approx((30, 80, 150), abs=1)]


def _pixels(page: pymupdf.Page) -> np.ndarray:
    pixmap = page.get_pixmap(dpi=144)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)


def test_leaders_lead_to_the_next_cell_and_are_not_its_text() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((80, 90), "The sales of last year are compared with those of this one.", fontsize=10)
        for row, (name, *values) in enumerate(
            [
                ("Region", "2023", "2024"),
                ("North" + " ." * 10, "12.4", "13.1"),
                ("South" + " ." * 10, "10.0", "...."),
            ]
        ):
            for column, text in enumerate((name, *values)):
                box = pymupdf.Rect(_XS[column], _YS[row], _XS[column + 1], _YS[row + 1])
                page.draw_rect(box, color=(0, 0, 0), width=0.6)
                page.insert_text((box.x0 + 4, box.y0 + 15), text, fontsize=9)
        (read,) = docvlm.convert(document.tobytes()).pages
    (table,) = (block.table for block in read.blocks if block.table is not None)
    assert [cell.text for cell in table.cells] == [
        "Region", "2023", "2024", "North", "12.4", "13.1", "South", "10.0", "....",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("beside", "end"),
    [
        ((50.0, 180.0, 280.0, 210.0), 160.0),  # a caption of the left column
        ((110.0, 180.0, 280.0, 210.0), 250.0),  # nothing but what may be a part of the table
        ((50.0, 270.0, 280.0, 300.0), 250.0),  # what stands below it
    ],
)
def test_a_table_ends_above_what_stands_beside_other_things(beside: Box, end: float) -> None:
    page = pymupdf.open().new_page()
    for y in (100, 120, 160):
        page.draw_line((90, y), (520, y), width=0.5)
    found: list[tuple[Kind, Box]] = [("table", (95.0, 98.0, 515.0, 250.0)), ("caption", beside)]
    (_, table), other = ended_at_rules(found, page)
    assert table == pytest.approx((95.0, 98.0, 515.0, end)) and other == found[1]
