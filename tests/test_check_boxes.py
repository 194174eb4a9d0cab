"""Check boxes that are only drawn: what is in them is seen in the page's pixels."""

from __future__ import annotations

from pathlib import Path

import pymupdf

import docvlm

_PROSE = "Please say below what you want to have sent to you, and bring the form to any branch."


def _markdown(page: pymupdf.Page, tmp_path: Path) -> str:
    page.parent.save(tmp_path / "form.pdf")
    return docvlm.convert(tmp_path / "form.pdf").to_markdown()


def _page() -> pymupdf.Page:
    page = pymupdf.open().new_page()
    page.insert_text((72, 80), _PROSE, fontsize=11)
    return page


def _box(page: pymupdf.Page, x: float, baseline: float, tick: str = "") -> None:
    x0, y0, x1, y1 = x, baseline - 8.5, x + 9, baseline + 0.5
    page.draw_rect((x0, y0, x1, y1), width=0.7)
    if tick == "cross":
        page.draw_line((x0 + 1.5, y0 + 1.5), (x1 - 1.5, y1 - 1.5), width=1)
        page.draw_line((x0 + 1.5, y1 - 1.5), (x1 - 1.5, y0 + 1.5), width=1)
    elif tick == "hook":
        page.draw_polyline([(x0 + 1.5, y0 + 5), (x0 + 3.5, y1 - 1.5), (x1 - 1, y0 + 1)], width=1.2)
    elif tick:
        page.insert_text((x0 + 1.5, baseline - 1), tick, fontsize=9)


def test_drawn_boxes_are_ticked_by_what_is_in_them(tmp_path: Path) -> None:
    page = _page()
    for index, (label, tick) in enumerate(
        (("the programme", "cross"), ("the catalogue", ""), ("the yearbook", "hook"), ("the map", "X"))
    ):
        _box(page, 72, 120 + 18 * index, tick)
        page.insert_text((86, 120 + 18 * index), label, fontsize=11)
    markdown = _markdown(page, tmp_path)
    assert "- [x] the programme\n- [ ] the catalogue\n- [x] the yearbook\n- [x] the map" in markdown


def test_boxes_between_words_stand_between_them(tmp_path: Path) -> None:
    page = _page()
    page.insert_text((72, 120), "I come by:", fontsize=11)
    for x, label, tick in ((140, "train", ""), (200, "car", "cross")):
        _box(page, x, 120, tick)
        page.insert_text((x + 13, 120), label, fontsize=11)
    markdown = _markdown(page, tmp_path)
    assert "[ ] train" in markdown and "[x] car" in markdown


def test_coloured_squares_of_a_legend_are_no_boxes(tmp_path: Path) -> None:
    page = _page()
    for index, (label, colour) in enumerate((("North", (0.8, 0.2, 0.2)), ("South", (0.1, 0.3, 0.8)))):
        y = 120 + 18 * index
        page.draw_rect((72, y - 8.5, 81, y + 0.5), color=(0, 0, 0), fill=colour, width=0.5)
        page.insert_text((86, y), label, fontsize=11)
    markdown = _markdown(page, tmp_path)
    assert "[x]" not in markdown and "[ ]" not in markdown


def test_squares_without_lines_around_are_no_boxes(tmp_path: Path) -> None:
    page = _page()
    page.draw_rect((72, 111, 81, 120), color=None, fill=(0.93, 0.93, 0.93))
    page.insert_text((86, 120), "a grey bullet", fontsize=11)
    markdown = _markdown(page, tmp_path)
    assert "[ ]" not in markdown and "[x]" not in markdown
