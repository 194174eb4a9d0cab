"""Lines and cells with their places, and the words inside pictures."""

import json

import pymupdf
import pytest

import docvlm
from docvlm.document import Document
from docvlm.options import Options
from docvlm.schema import Block, Confidence, Page, TextLine


def page_with_table() -> bytes:
    file = pymupdf.open()
    page = file.new_page(width=400, height=300)
    page.insert_text((40, 50), "The harvest of three orchards in tonnes", fontsize=11)
    page.insert_text((40, 66), "and what was sold of it in the same year.", fontsize=11)
    for row, cells in enumerate(
        [("Orchard", "Apples", "Pears"), ("North", "12.5", "3.1"), ("South", "9.0", "4.4")]
    ):
        for column, text in enumerate(cells):
            page.insert_text((40 + 100 * column, 120 + 20 * row), text, fontsize=10)
        page.draw_line((36, 126 + 20 * row), (330, 126 + 20 * row))
    return bytes(file.tobytes())


def test_blocks_have_their_lines_with_boxes_and_scores() -> None:
    document = docvlm.convert(page_with_table())
    paragraph = next(block for block in document.blocks() if "harvest" in block.text)
    assert [line.text for line in paragraph.lines] == [
        "The harvest of three orchards in tonnes",
        "and what was sold of it in the same year.",
    ]
    first, second = paragraph.lines
    assert first.box[1] < 50 < first.box[3] + 1 and first.box[3] <= second.box[1] + 3
    assert all(line.confidence is not None and line.confidence > 0.8 for line in paragraph.lines)


def test_cells_have_boxes_around_what_is_printed_in_them() -> None:
    table = next(block.table for block in docvlm.convert(page_with_table()).blocks() if block.table)
    places = {cell.text: cell.box for cell in table.cells}
    assert set(places) == {"Orchard", "Apples", "Pears", "North", "12.5", "3.1", "South", "9.0", "4.4"}
    for column, name in enumerate(["South", "9.0", "4.4"]):
        box = places[name]
        assert box is not None
        assert box[0] == pytest.approx(40 + 100 * column, abs=2) and box[1] < 160 < box[3] + 1
    assert all(cell.confidence is not None and cell.confidence > 0.8 for cell in table.cells)


def test_a_box_takes_one_line_of_the_json_and_comes_back() -> None:
    document = docvlm.convert(page_with_table())
    text = document.to_json()
    assert all(line.count("[") == line.count("]") for line in text.splitlines() if '"box"' in line)
    assert Document.from_json(text) == document
    assert json.loads(text)["pages"][0]["blocks"][0]["lines"][0]["text"]


def figure() -> Document:
    sure = Confidence(score=0.9, reliable=True)
    picture = Block(
        id="p1b1", kind="picture", box=(0, 0, 90, 90), text="Valve Pump", asset="a.png", confidence=sure,
        lines=[TextLine(text="Valve", box=(10, 10, 40, 20)), TextLine(text="Pump", box=(10, 60, 40, 70))],
    )  # fmt: skip
    return Document(
        source="a.pdf", sha256="0" * 64, pages=[Page(number=1, width=100, height=100, blocks=[picture])]
    )


def test_words_inside_a_picture_are_written_where_they_are_asked_for() -> None:
    document = figure()
    texts = document.to_markdown(), document.to_html(), document.to_latex()
    assert not any("Valve" in text for text in texts)
    document._figure_text = True
    for text in (document.to_markdown(), document.to_html(), document.to_latex()):
        assert text.index("a.png") < text.index("Valve Pump")


def test_figure_text_is_an_option_of_a_call() -> None:
    file = pymupdf.open()
    page = file.new_page(width=400, height=400)
    page.insert_text((40, 40), "A sentence that stands above the drawing of a machine.", fontsize=11)
    for i in range(30):
        page.draw_bezier((60, 80 + 6 * i), (120, 60 + 6 * i), (200, 120 + 6 * i), (300, 90 + 6 * i))
    page.insert_text((150, 170), "Valve", fontsize=9)
    data = bytes(file.tobytes())
    assert "Valve" not in docvlm.convert(data).to_markdown()
    document = docvlm.convert(data, options=Options(figure_text=True))
    assert "Valve" in document.to_markdown()
    drawn = next(block for block in document.blocks() if block.kind == "picture")
    assert [line.text for line in drawn.lines] == ["Valve"]
