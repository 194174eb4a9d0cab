"""Letters that a file replaces by the text of their cluster: each stands once, and no space within a word."""

from __future__ import annotations

import pymupdf
import pytest

from docvlm import contents
from docvlm.text_layer import read_text

TAMIL = {"a": "ே", "b": "கோ", "c": "ா", "d": "ல", "e": "ி", "f": "க"}
THAI = {"a": "ก", "b": "ริ่", "c": "รี", "d": "ง", "e": "ชิ"}
MARK = {"b": 0, "e": 0}
"""The glyphs of Thai marks take no room; here the font says so."""


def _replaced(text: str, shown: str) -> str:
    meant = ("\ufeff" + text).encode("utf-16-be").hex()
    return f"/Span <</ActualText <{meant}>>> BDC ({shown}) Tj EMC "


def _page(content: str, means: dict[str, str], widths: dict[str, int] | None = None) -> bytes:
    """A page with one line of Helvetica whose codes ``means`` gives a meaning, in 1000ths of an em as wide as it says."""
    with pymupdf.open() as document:
        page = document.new_page()
        font = page.insert_font("helv")
        rows = "".join(f"<{ord(c):02x}> <{text.encode('utf-16-be').hex()}>\n" for c, text in means.items())
        table = document.get_new_xref()
        document.update_object(table, "<<>>")
        cmap = f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(means)} beginbfchar\n{rows}endbfchar"
        document.update_stream(table, cmap.encode())
        document.xref_set_key(font, "ToUnicode", f"{table} 0 R")
        if widths is not None:
            each = " ".join(str(widths.get(chr(code), 600)) for code in range(97, 102))
            document.xref_set_key(font, "FirstChar", "97")
            document.xref_set_key(font, "LastChar", "101")
            document.xref_set_key(font, "Widths", f"[{each}]")
        stream = document.get_new_xref()
        document.update_object(stream, "<<>>")
        document.update_stream(stream, f"BT /helv 20 Tf 60 700 Td {content} ET".encode())
        document.xref_set_key(page.xref, "Contents", f"{stream} 0 R")
        return bytes(document.tobytes())


def _lines(stored: bytes) -> list[str]:
    with pymupdf.open(stream=stored) as document:
        return [line.text for line in read_text(document[0]).lines]


def test_a_vowel_around_its_consonant_is_as_wide_as_it_is_drawn() -> None:
    """MuPDF gives it a third of its width, and takes the rest for a space or the end of the line."""
    word = _replaced("கோ", "abc") + "(d) Tj " + _replaced("கோ", "abc") + "(d) Tj"
    stored = _page(word, TAMIL)
    assert _lines(stored) == ["கோலகோல"]
    with pymupdf.open(stream=stored) as document:
        spans = [span for line in contents.characters(document[0]) for span in line["spans"]]
        boxes = [each["bbox"] for span in spans for each in span["chars"]]
    assert boxes[0][2] == pytest.approx(60 + 20 * (0.556 + 0.556 + 0.5), abs=0.1)


@pytest.mark.parametrize("between", ["0 g", "0 Td", "4 0 Td"])
def test_a_sign_that_is_drawn_before_its_consonant_costs_no_letter(between: str) -> None:
    """MuPDF finds the sign in the first piece, and takes the text for said; or it says what is left in the next line."""
    word = _replaced("கி", f"e) Tj {between} (f")
    assert "".join(_lines(_page(f"(d) Tj {word} (d) Tj", TAMIL))) == "லகில"


def test_spaces_between_such_words_stay() -> None:
    word = _replaced("கோ", "abc") + "(d) Tj "
    assert _lines(_page(f"{word} 52 0 Td {word}", TAMIL)) == ["கோல கோல"]


@pytest.mark.parametrize("again", ["(b) Tj", _replaced("ริ่", "b")])
def test_a_mark_that_is_named_for_its_cluster_does_not_repeat_it(again: str) -> None:
    content = "(a) Tj " + _replaced("ริ่", "cb") + again + " (d) Tj"
    assert _lines(_page(content, THAI, MARK)) == ["กริ่ง"]


def test_a_mark_whose_map_names_another_cluster_stands_once() -> None:
    content = "(a) Tj " + _replaced("งิ", "de") + "(d) Tj"
    assert _lines(_page(content, THAI, MARK)) == ["กงิง"]


def test_a_mark_is_not_of_the_cluster_that_begins_where_it_ends() -> None:
    means = THAI | {"a": "ส่"}
    assert _lines(_page("(a) Tj " + _replaced("ริ่", "cb") + "(d) Tj", means, MARK)) == ["ส่ริ่ง"]


def test_a_syllable_that_is_written_twice_stays() -> None:
    content = _replaced("รี", "c") + _replaced("รี", "c") + "(d) Tj"
    assert _lines(_page(content, THAI, MARK)) == ["รีรีง"]


def test_a_whole_line_that_is_replaced_is_left_to_mupdf() -> None:
    with pymupdf.open(stream=_page(_replaced("ரி கோல", "ded"), TAMIL)) as document:
        own = document[0].get_text().split()
        assert [word for line in read_text(document[0]).lines for word in line.text.split()] == own
