"""Fonts of signs that name their glyphs by numbers."""

from __future__ import annotations

import pymupdf
import pytest

from docvlm.sign_names import renamed, sign, tables


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("H9251", "α"),
        ("H9262", "μ"),
        ("H9268", "σ"),
        ("H9273", "χ"),
        ("H9275", "ω"),
        ("H9004", "Δ"),
        ("H9024", "Ω"),
        ("H11021", "<"),
        ("H9999", None),
        ("alpha", None),
    ],
)
def test_numbers_are_signs(name: str, meant: str | None) -> None:
    assert sign(name) == meant


def _page(to_unicode: bool) -> pymupdf.Page:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 100), "p ", fontsize=10)
    page.insert_text((70, 100), "\x01", fontname="symb", fontsize=10)
    (xref,) = [font[0] for font in page.get_fonts() if "Symbol" in font[3]]
    document.xref_set_key(xref, "Encoding", "<</Type/Encoding/Differences[1/H11021/H9273]>>")
    stream = next(x for x in page.get_contents() if b"symb" in document.xref_stream(x))
    document.update_stream(stream, document.xref_stream(stream).replace(b"<b7>", b"<0102>"))
    if to_unicode:
        document.xref_set_key(xref, "ToUnicode", f"{xref} 0 R")
    return pymupdf.open("pdf", document.tobytes())[0]


def test_codes_get_the_signs_that_their_fonts_name() -> None:
    page = _page(False)
    ((font, table),) = tables(page).items()
    assert table == {"\x01": "<", "\x02": "χ"}
    line = {"spans": [{"text": "p ", "font": "Text"}, {"text": "\x01", "font": font}]}
    (made,) = renamed([line], tables(page))
    assert [span["text"] for span in made["spans"]] == ["p ", "<"]


def test_a_table_of_unicode_is_believed() -> None:
    assert not tables(_page(True))
