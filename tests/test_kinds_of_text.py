"""Kinds of text on pages drawn here, from the file to the Markdown."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from docvlm import confidence, convert
from docvlm.assembly.lists import list_markdown
from docvlm.draft import Draft
from docvlm.layout.region import Region
from docvlm.options import Options
from docvlm.readers.prose import read_prose
from docvlm.readers.view import PageView, Part
from docvlm.roles import Models
from docvlm.schema import Confidence, Kind
from docvlm.spans import Line, Span


def _written(page: pymupdf.Page, folder: Path) -> str:
    path = folder / "page.pdf"
    page.parent.save(path)
    return convert(path).to_markdown()


def _page() -> pymupdf.Page:
    return pymupdf.open().new_page(width=595, height=842)


def _line(text: str, left: float, top: float, size: float = 10.0) -> Line:
    box = (left, top, left + 0.5 * size * len(text), top + size)
    return Line(box, [Span(text, box, size, baseline=top + 0.8 * size)])


def _read(*lines: Line, kind: Kind = "paragraph") -> list[Draft]:
    view = PageView(_page(), list(lines), "text", _judge, Models(Options()))
    return read_prose(view, [Part.of(Region.around(kind, list(lines)))])[0]


def _judge(lines: list[Line], text: str) -> Confidence:
    return confidence.of_text_layer(lines, None, text)


def test_numbered_notes_with_dashes_are_a_list_that_ends_where_text_stands_out() -> None:
    rows = ("1- In capital letters, please.", "2- One of A, B or C.", "3- In force.")
    notes = [_line(text, 80, 600 + 14 * row, 8.0) for row, text in enumerate(rows)]
    found = _read(*notes, _line("Fees are paid at the desk on the day.", 60, 644))
    assert [draft.kind for draft in found] == ["list", "paragraph"]
    assert list_markdown(found[0].items).splitlines() == [text.replace("-", ".", 1) for text in rows]


def test_a_linked_address_that_lines_cut_is_whole_again(tmp_path: Path) -> None:
    page, target = _page(), "http://example.org/knowledge/base_of/report.pdf"
    page.insert_text((60, 80), "See the report (http://example.org/knowledge/", fontsize=10)
    page.insert_text((60, 94), "base_of/report.pdf), which says more.", fontsize=10)
    for box in ((132, 70, 300, 83), (60, 84, 150, 97)):
        page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(box), "uri": target})
    assert f"<{target}>), which" in _written(page, tmp_path)
