"""Marks on words and comments: what readers of a PDF have added to it, and lines drawn through and under words."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

import docvlm
from docvlm import inline
from docvlm.document import Document

_LINES = (
    "The keeper of the weir writes down the height of the river every morning, and",
    "the clerk of the town copies what he wrote into a book that is kept in the hall.",
)


def _page() -> pymupdf.Page:
    document = pymupdf.open()
    page = document.new_page()
    for index, line in enumerate(_LINES):
        page.insert_text((72, 100 + 16 * index), line, fontsize=11)
    return page


def _markdown(page: pymupdf.Page, tmp_path: Path) -> str:
    page.parent.save(tmp_path / "page.pdf")
    return docvlm.convert(tmp_path / "page.pdf").to_markdown()


@pytest.mark.parametrize("rotation", [0, 90])
def test_marks_on_words_are_kept(tmp_path: Path, rotation: int) -> None:
    page = _page()
    page.add_highlight_annot(page.search_for("height of the river"))
    page.add_strikeout_annot(page.search_for("every morning"))
    page.add_underline_annot(page.search_for("clerk"))
    page.set_rotation(rotation)
    markdown = _markdown(page, tmp_path)
    assert "the <mark>height of the river</mark> ~~every morning~~, and the <u>clerk</u> of" in markdown


def test_lines_drawn_through_and_under_words_mark_them(tmp_path: Path) -> None:
    page = _page()
    (struck,), (under,) = page.search_for("every morning"), page.search_for("clerk")
    page.draw_line((struck.x0, 96.7), (struck.x1, 96.7), width=0.6)
    page.draw_line((under.x0, 117.6), (under.x1, 117.6), width=0.6)
    assert "river ~~every morning~~, and the <u>clerk</u> of" in _markdown(page, tmp_path)


def test_a_rule_below_a_line_underlines_nothing(tmp_path: Path) -> None:
    page = _page()
    page.draw_line((60, 117.6), (540, 117.6), width=0.6)
    assert "<u>" not in _markdown(page, tmp_path)


def test_a_rule_of_many_pieces_underlines_nothing(tmp_path: Path) -> None:
    page = _page()
    (under,) = page.search_for("clerk")
    for x0, x1 in ((60, under.x0), (under.x0, under.x1), (under.x1, 540)):
        page.draw_line((x0, 117.6), (x1, 117.6), width=0.6)
    assert "<u>" not in _markdown(page, tmp_path)


def test_marks_come_through_every_writer() -> None:
    text = "the ~~old~~ <u>new</u> <mark>word</mark>"
    assert inline.to_html(text) == "the <s>old</s> <u>new</u> <mark>word</mark>"
    assert inline.plain(text) == "the old new word"


def _commented(tmp_path: Path) -> Document:
    page = _page()
    note = page.add_text_annot((300, 60), "Who says so? <b>Ask</b> him.")
    note.set_info(title="Ada")
    note.update()
    page.parent.save(tmp_path / "page.pdf")
    return docvlm.convert(tmp_path / "page.pdf")


def test_comments_are_blocks_of_their_own_that_markdown_leaves_out(tmp_path: Path) -> None:
    found = _commented(tmp_path)
    (comment,) = [block for block in found.blocks() if block.kind == "annotation"]
    assert inline.plain(comment.text) == "Ada: Who says so? <b>Ask</b> him."
    assert comment.box[0] >= 299 and comment.confidence.reliable
    for text in (found.to_markdown(), found.to_html(), found.to_latex()):
        assert "Who says so" not in text


def test_comments_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    _commented(tmp_path)
    found = docvlm.convert(tmp_path / "page.pdf", annotations=True)
    assert "\n> Ada: Who says so? " in found.to_markdown()
    assert "Ada: Who says so? &lt;b&gt;" in found.to_html() and "Who says so?" in found.to_latex()
