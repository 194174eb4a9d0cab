"""Text that replaces a page's glyphs (`ActualText`) is believed where it says what these do."""

from __future__ import annotations

import re

import pymupdf
import pytest

from docvlm import contents
from docvlm import text_layer as text_layer_module
from docvlm.options import Options
from docvlm.pipeline import text_layer
from docvlm.source import Source

LINES = [
    "The quartz of black judges made a significant vow of jewels",
    "Sphinx of the black quartz, judge my vow in the evening",
]


def _replaced(replacements: list[str]) -> bytes:
    """A page of two lines, each with an ``ActualText``."""
    with pymupdf.open() as document:
        page = document.new_page()
        for row, line in enumerate(LINES):
            page.insert_text((60, 100 + 30 * row), line, fontsize=11)
        page.clean_contents()
        (xref,) = page.get_contents()
        told = iter(replacements)

        def wrapped(match: re.Match[bytes]) -> bytes:
            meant = ("\ufeff" + next(told)).encode("utf-16-be").hex().encode()
            return b"/Span <</ActualText <" + meant + b">>> BDC\n" + match[0] + b"\nEMC"

        stream = re.sub(rb"\bBT\b.*?\bET\b", wrapped, document.xref_stream(xref), flags=re.S)
        document.update_stream(xref, stream)
        return bytes(document.tobytes())


@pytest.mark.parametrize(
    ("replacements", "is_believed"),
    [
        (LINES, True),
        ([LINES[0].replace("fi", "\ufb01"), LINES[1].replace("-", "\u00ad")], True),
        (
            ["Nobody has seen what this page is about at all", "and it is not what stands here, or is it"],
            False,
        ),
    ],
)
def test_another_text_is_not_believed(replacements: list[str], is_believed: bool) -> None:
    with Source(_replaced(replacements), "page.pdf") as source:
        layer = text_layer(source, 1, Options())[2]
    assert layer.trusted is is_believed
    assert is_believed or "replaces" in layer.reason


def test_a_page_whose_content_is_nowhere_has_no_replacements() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        document.xref_set_key(page.xref, "Contents", "[99999 0 R]")
        assert not contents.has_replacements(page)


def test_the_order_of_hebrew_and_latin_pieces_of_a_line_is_not_compared() -> None:
    """MuPDF has pieces of a line in the order in which they are drawn, and code may follow a Hebrew word without a space."""
    drawn = ["if (x > 1) { return f; }דוגמה של שורה ראשונה", "while (y < 2) { call(g); }כאן יש עוד שורה אחת"]
    read = ["דוגמה של שורה ראשונה } ;if (x > 1) { return f", "כאן יש עוד שורה אחת } ;while (y < 2) { call(g)"]
    assert text_layer_module._pairs(drawn) == text_layer_module._pairs(read)
