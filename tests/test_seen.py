"""Regions by the page model: which lines make them, which tables and figures take them up, and where a paragraph begins."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from test_arrangement import scored as reading_of

from docvlm import convert
from docvlm.layout.analysis import analyze
from docvlm.layout.page_model import PageModel
from docvlm.layout.region import Hint, Region
from docvlm.layout.seen import seen
from docvlm.mupdf import pymupdf
from docvlm.readers.prose import _listings, _runs, paragraphs
from docvlm.readers.table import _is_list
from docvlm.schema import Cell, Table
from docvlm.spans import Line
from docvlm.text_layer import read_text


def page_of(*texts: tuple[float, float, str]) -> pymupdf.Page:
    page = pymupdf.open().new_page(width=500, height=600)
    for x, y, text in texts:
        page.insert_text((x, y), text, fontsize=10)
    return page


def kinds(regions: Sequence[Region]) -> list[tuple[str, str]]:
    return [(region.kind, region.text) for region in sorted(regions, key=lambda each: each.box[1])]


def test_blocks_become_regions_of_their_roles() -> None:
    page = page_of(
        (50, 60, "A heading"),
        (50, 90, "goes on and"),
        (50, 102, "on and on"),
        (240, 580, "7"),
        (240, 20, "8"),
    )
    lines = sorted(read_text(page).lines, key=lambda line: line.box[1])
    reading = reading_of([[0], [1], [2, 3], [4]], ["page_number", "heading", "paragraph", "page_number"])
    found = seen(page, lines, reading)
    assert found is not None
    assert kinds(found) == [
        ("header", "8"), ("heading", "A heading"), ("paragraph", "goes on and on and on"), ("footer", "7"),
    ]  # fmt: skip
    assert all(region.is_seen for region in found)


def test_lines_between_rules_are_of_that_table_whatever_their_roles() -> None:
    cells = [
        (60 + 100 * column, 115 + 20 * row, f"c{row}{column}") for row in range(3) for column in range(2)
    ]
    page = page_of(*cells, (50, 60, "before it"))
    for row in range(4):
        page.draw_line((50, 100 + 20 * row), (250, 100 + 20 * row))
    for column in range(3):
        page.draw_line((50 + 100 * column, 100), (50 + 100 * column, 160))
    lines = sorted(read_text(page).lines, key=lambda line: (round(line.box[1]), line.box[0]))
    reading = reading_of([[0], list(range(1, 7))], ["paragraph", "list"])
    found = seen(page, lines, reading)
    assert found is not None
    assert [kind for kind, _ in kinds(found)] == ["paragraph", "table"]
    assert kinds(found)[1][1].split() == ["c00", "c01", "c10", "c11", "c20", "c21"]


def test_tables_within_each_others_reach_hold_every_line_once() -> None:
    """A table that the model sees around a ruled one keeps what lies beside the rules."""
    cells = [
        (60 + 100 * column, 115 + 20 * row, f"c{row}{column}") for row in range(3) for column in range(2)
    ]
    page = page_of(*cells, (300, 115, "beside"), (300, 155, "it"))
    for row in range(4):
        page.draw_line((50, 100 + 20 * row), (250, 100 + 20 * row))
    for column in range(3):
        page.draw_line((50 + 100 * column, 100), (50 + 100 * column, 160))
    lines = sorted(read_text(page).lines, key=lambda line: (round(line.box[1]), line.box[0]))
    found = seen(page, lines, reading_of([list(range(len(lines)))], ["table"]))
    assert found is not None
    held = [line for region in found for line in region.lines]
    assert sorted(map(id, held)) == sorted(map(id, lines))


TEXT = tuple((95.0, 400.0 + 12 * row, "words of a text below it") for row in range(3))


def drawing(page: pymupdf.Page) -> None:
    for step in range(8):
        page.draw_bezier((100, 300), (150, 200 + 5 * step), (200, 320), (300, 220 + 8 * step))
    page.draw_rect((95, 195, 305, 325))


def test_labels_near_a_figure_are_its_own_and_its_caption_is_not() -> None:
    page = page_of((180, 338, "time in s"), (95, 360, "Figure 1: what is drawn"), *TEXT)
    drawing(page)
    lines = sorted(read_text(page).lines, key=lambda line: line.box[1])
    found = seen(page, lines, reading_of([[0], [1], [2, 3, 4]], ["figure_label", "caption", "paragraph"]))
    assert found is not None
    assert [kind for kind, _ in kinds(found)] == ["picture", "caption", "paragraph"]
    assert kinds(found)[0][1] == "time in s"


def test_labels_of_no_figure_are_left_to_what_sees_pixels() -> None:
    page = page_of((180, 338, "time in s"), (95, 460, "far away"), *TEXT)
    drawing(page)
    lines = sorted(read_text(page).lines, key=lambda line: line.box[1])
    roles = ["figure_label", "paragraph", "figure_label"]
    assert seen(page, lines, reading_of([[0], [1, 2, 3], [4]], roles)) is None


def test_a_guessed_order_is_not_relied_upon() -> None:
    page = page_of((50, 60, "one"), (50, 80, "two"), *TEXT)
    lines = sorted(read_text(page).lines, key=lambda line: line.box[1])
    assert seen(page, lines, reading_of([list(range(5))], ["paragraph"])) is not None
    assert seen(page, lines, reading_of([list(range(5))], ["paragraph"], sure=0.19)) is None


def test_a_picture_of_a_page_is_left_to_what_sees_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[pymupdf.Page] = []

    def detect(page: pymupdf.Page, lines: list[Line]) -> list[object]:
        asked.append(page)
        return []

    monkeypatch.setattr("docvlm.layout.analysis.detect", detect)
    model = PageModel(None)  # type: ignore[arg-type]
    monkeypatch.setattr(PageModel, "read", lambda self, page, lines: reading_of([range(5)], ["paragraph"]))
    page = page_of((50, 60, "some words"), (50, 72, "and more"), *TEXT)
    assert analyze(page, read_text(page).lines, model)[0].is_seen and not asked
    scan = page_of((50, 60, "some words"), (50, 72, "and more"), *TEXT)
    scan.insert_image(scan.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 50, 60), False), overlay=False)
    assert not analyze(scan, read_text(scan).lines, model)[0].is_seen and asked


def rows_of(*places: tuple[float, float, str]) -> list[Line]:
    return sorted(read_text(page_of(*places)).lines, key=lambda line: line.box[1])


def test_paragraphs_begin_where_the_model_says_so_and_where_paper_parts_them() -> None:
    words = "Words that fill the line to its end and go on below it as prose does."
    rows = rows_of((50, 60, words), (50, 72, words), (50, 84, words), (50, 96, words), (50, 130, words))
    assert [len(group) for group in paragraphs(rows)] == [4, 1]
    hints = [Hint(row.box, probability, 0.0) for row, probability in zip(rows, (None, 0.9, 0.1, 0.9, 0.9))]
    assert [len(group) for group in paragraphs(rows, hints)] == [2, 2, 1]


def test_a_list_keeps_its_markers_and_parts_without_them_stay_text() -> None:
    rows = rows_of(
        (50, 60, "the end of an item from the page before."), (50, 72, "• one"), (60, 84, "goes on"), (50, 96, "• two"),
        (50, 108, "Term of something"), (80, 120, "and what it means."),
    )  # fmt: skip
    goes_on = (None, 0.02, 0.97, 0.01, 0.03, 0.9)
    hints = [Hint(row.box, probability, 0.0) for row, probability in zip(rows, goes_on)]
    assert [(is_list, len(own)) for is_list, own in _runs(rows, hints)] == [(False, 1), (True, 3), (False, 2)]
    assert _runs(rows, []) == [(True, rows)]


def test_a_listing_within_a_text_is_apart_where_neither_goes_on_with_the_other() -> None:
    page = page_of((50, 60, "Type this at the prompt:"), (50, 84, "and read what it says."))
    page.insert_text((50, 72), "make install", fontsize=10, fontname="cour")
    rows = sorted(read_text(page).lines, key=lambda line: line.box[1])
    apart = [Hint(row.box, probability, 0.0) for row, probability in zip(rows, (None, 0.1, 0.2))]
    assert [is_listing for is_listing, _ in _listings(rows, apart)] == [False, True, False]
    within = [Hint(row.box, probability, 0.0) for row, probability in zip(rows, (None, 0.9, 0.9))]
    assert [is_listing for is_listing, _ in _listings(rows, within)] == [False]


def test_a_framed_note_without_spaces_is_no_figure() -> None:
    """Scripts without spaces have words, too."""
    page = pymupdf.open().new_page(width=500, height=600)
    for row in range(3):
        page.insert_text(
            (120, 230 + 18 * row),
            "如果目录不存在命令就会假定没有应用任何补丁",
            fontsize=14,
            fontname="china-s",
        )
    for x in range(5):
        page.draw_rect((60 + 8 * x, 215, 66 + 8 * x, 270), fill=(0.2, 0.4, 0.8))
    page.draw_rect((55, 210, 440, 275))
    for row in range(3):
        page.insert_text((60, 400 + 12 * row), "words of a text below it", fontsize=10)
    lines = sorted(read_text(page).lines, key=lambda line: line.box[1])
    found = seen(page, lines, reading_of([[0, 1, 2], [3, 4, 5]], ["paragraph", "paragraph"]))
    assert found is not None
    assert [region.kind for region in found if region.lines] == ["paragraph", "paragraph"]


def test_a_term_and_what_is_set_in_below_it_stay_apart() -> None:
    rows = rows_of((50, 60, "--term"), (72, 72, "says what the term does and goes on to the end of it"))
    hints = [Hint(row.box, probability, 0.0) for row, probability in zip(rows, (None, 0.95))]
    assert [len(group) for group in paragraphs(rows, hints)] == [1, 1]


@pytest.mark.parametrize(
    ("first", "is_list"),
    [(["1.", "2.", "3."], True), (["1-", "2-"], True), (["•", "•"], True), (["1.", "3."], False), (["1", "2"], False)],
)  # fmt: skip
def test_a_grid_of_markers_that_count_is_a_list(first: list[str], is_list: bool) -> None:
    cells = [
        Cell(row=row, column=column, text=text)
        for row, marker in enumerate(first)
        for column, text in enumerate((marker, "words"))
    ]
    assert _is_list(Table(rows=len(first), columns=2, header_rows=0, cells=cells)) == is_list


def test_two_columns_of_bullets_are_read_one_after_the_other() -> None:
    """With the model that ships, on a page as word processors set them."""
    page = page_of((50, 60, "Two lists"))
    for row in range(6):
        page.insert_text((50, 100 + 14 * row), f"• left item number {row}", fontsize=10)
        page.insert_text((280, 100 + 14 * row), f"• right item number {row}", fontsize=10)
    text = convert(page.parent.tobytes()).to_markdown()
    order = [text.index(f"{side} item number {row}") for side in ("left", "right") for row in range(6)]
    assert order == sorted(order)
    assert text.count("- left item") == text.count("- right item") == 6
