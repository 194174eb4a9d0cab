"""TeX's codes below U+0020 become what they print, and none of them is ever written."""

from __future__ import annotations

import re
from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docvlm import confidence, inline
from docvlm.repairs.tex_codes import line_text, repaired
from docvlm.spans import Line, Span
from docvlm.text_layer import read_text


def _lines(*texts: str, font: str = "F15") -> list[dict[str, Any]]:
    return [{"dir": (1, 0), "spans": [{"font": font, "text": text}]} for text in texts]


@pytest.mark.parametrize(
    ("font", "text", "meant"),
    [
        ("F15", "the signi\x1cer of \x10words\x11 in o\x1eces", "the signifier of “words” in offices"),
        ("F15", "the signi\x0cer in o\x0eces, \x0bor e\x0bects", "the signifier in offices, ffor effects"),
        ("ABCDEF+CMR10", "\x1c is a letter of Danish, na\x10ve", "ø is a letter of Danish, naıve"),
        ("ABCDEF+SFRM1000", "\x1crst", "first"),
        ("ABCDEF+CMSY10", "a \x15 b", "a \x15 b"),
        ("F3", "\x01\x02\x03", "\x01\x02\x03"),
    ],
)
def test_codes_of_a_font_are_what_their_neighbours_say(font: str, text: str, meant: str) -> None:
    (line,) = repaired(_lines(text, font=font))
    assert line_text(line) == meant


def test_a_font_is_judged_by_all_of_its_lines() -> None:
    lines = list(repaired(_lines("\x1c", "speci\x1ccations", "\x10Workers unite\x11")))
    assert [line_text(line) for line in lines] == ["fi", "specifications", "“Workers unite”"]


def test_lines_without_codes_are_the_same() -> None:
    lines = _lines("plain words", "and\tmore")
    assert list(repaired(lines)) == lines


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_no_control_character_is_ever_written(text: str) -> None:
    for written in (inline.escape(text), inline.styled(text, mono=True), inline.math(text)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", written)


def test_a_page_with_codes_of_tex() -> None:
    words = "The signi\x1cer of an o\x1ece, \x10Workers unite\x11, is what the \x1crst of them means."
    with pymupdf.open(stream=_drawn(words)) as document:
        text = read_text(document[0])
    assert [line.text for line in text.lines] == [
        "The signifier of an office, “Workers unite”, is what the first of them means."
    ]
    assert text.unmapped == 0


def test_codes_that_nothing_explains_count_against_their_block() -> None:
    line = Line((0, 0, 1, 1), [Span("a\x01b\x02c", (0, 0, 1, 1), 10.0)])
    judged = confidence.of_text_layer([line], 1.0, "abc")
    assert any(each.name == "unmapped-characters" and not each.passed for each in judged.checks)


def _drawn(words: str) -> bytes:
    """A page that draws ``words`` in a font without names, as dvips makes its bitmap fonts."""
    document = pymupdf.open()
    page = document.new_page()
    glyph, font, procs = (document.get_new_xref() for _ in range(3))
    document.update_object(glyph, "<<>>")
    document.update_stream(glyph, b"500 0 0 0 400 600 d1 0 0 400 600 re f")
    names = " ".join(f"/a{code}" for code in range(128))
    document.update_object(procs, "<<" + " ".join(f"/a{code} {glyph} 0 R" for code in range(128)) + ">>")
    document.update_object(
        font,
        f"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[.001 0 0 .001 0 0]/CharProcs {procs} 0 R"
        f"/Encoding<</Type/Encoding/Differences[0 {names}]>>/FirstChar 0/LastChar 127/Widths[{'500 ' * 128}]>>",
    )
    document.xref_set_key(page.xref, "Resources", f"<</Font<</F1 {font} 0 R>>>>")
    contents = document.get_new_xref()
    document.update_object(contents, "<<>>")
    shown = words.encode("latin-1").hex()
    document.update_stream(contents, f"BT /F1 10 Tf 72 700 Td <{shown}> Tj ET".encode())
    document.xref_set_key(page.xref, "Contents", f"{contents} 0 R")
    return bytes(document.tobytes())


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("Voil`a la gare, et `a l'´Ecole na¨ive", "Voilà la gare, et à l'École naïve"),
        (
            "from 20´N to 45´E, typed as `a quote' or `an` even",
            "from 20´N to 45´E, typed as `a quote' or `an` even",
        ),
    ],
)
def test_accents_that_are_drawn_before_their_letters_stand_on_them(drawn: str, read: str) -> None:
    page = pymupdf.open().new_page()
    page.insert_text((72, 100), drawn, fontname="tiro")
    assert [line.text for line in read_text(page).lines] == [read]


def test_a_grave_sign_of_code_stays() -> None:
    page = pymupdf.open().new_page()
    page.insert_text((72, 100), "echo `a", fontname="cour")
    assert [line.text for line in read_text(page).lines] == ["echo `a"]


def test_words_with_a_letter_of_a_broken_width_are_on_the_page() -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "7345", fontname="helv")
    (font,) = page.get_fonts()
    for key, value in (("FirstChar", "53"), ("LastChar", "53"), ("Widths", "[-2000000000]")):  # of the 5
        document.xref_set_key(font[0], key, value)
    page = pymupdf.open(stream=document.tobytes())[0]
    assert page.get_text("words")[0][0] < -page.rect.width
    (line,) = read_text(page).lines
    assert line.text == "7345" and line.box[0] == pytest.approx(72, abs=1) and line.box[2] < 120
