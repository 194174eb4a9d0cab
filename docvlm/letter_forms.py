"""Forms of letters that have no Unicode: fonts of scripts of India have several for a sign, which differ in width, and XeTeX
names only the one that stands for itself. What a form is, its outline shows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from docvlm import outlines
from docvlm.boxes import contains
from docvlm.mupdf import pymupdf
from docvlm.scripts import script_of
from docvlm.spans import Line

_UNMAPPED: Final = "\ufffd"
_LETTER: Final = re.compile("[\u0900-\u109f\u1780-\u17ff]")  # of India and its neighbours to the east
_BLOCK: Final = 0x80  # codes of one script
_ALIKE, _AHEAD = 0.83, 0.15  # of a form and its letter, and of these and the next likely
_MOST: Final = 12  # forms of a page that are looked at; a font that lacks more lacks its map


class _Glyph(NamedTuple):
    font: str
    number: int  # in its font
    place: tuple[float, float]  # on its baseline, in points of the page


def repair(page: pymupdf.Page, lines: Sequence[Line]) -> None:
    """Gives the characters U+FFFD in ``lines`` of such scripts their meaning where an outline tells it."""
    unknown = [
        (line, index, match[0])
        for line in lines
        for index, span in enumerate(line.spans)
        if _UNMAPPED in span.text and (match := _LETTER.search(line.text))
    ]
    if not unknown:
        return
    glyphs, meant = [*_glyphs(page)], dict[tuple[str, int, str], str]()
    if len({(glyph.font, glyph.number) for glyph in glyphs}) > _MOST:
        return
    for line, index, letter in unknown:
        span = line.spans[index]
        own = [glyph for glyph in glyphs if contains(span.box, glyph.place)]
        if len(own) != span.text.count(_UNMAPPED):
            continue
        pieces = span.text.split(_UNMAPPED)
        text = pieces[0]
        for glyph, behind in zip(own, pieces[1:], strict=True):
            key = (glyph.font, glyph.number, script_of(letter))
            if key not in meant:
                meant[key] = _meaning(page, glyph, letter)
            text += meant[key] + behind
        line.spans[index] = replace(span, text=text)


def _glyphs(page: pymupdf.Page) -> Iterator[_Glyph]:
    """The page's glyphs without Unicode, as they are drawn."""
    for span in page.get_texttrace():
        for code, number, origin, _ in span["chars"]:
            if chr(code) == _UNMAPPED:
                yield _Glyph(span["font"], number, origin)


def _meaning(page: pymupdf.Page, glyph: _Glyph, letter: str) -> str:
    """The letter or sign in the script of another ``letter`` that a glyph looks like more than like any other."""
    font = (
        _font(page, glyph.font) if glyph.number else None
    )  # its first glyph is what a font draws for what it lacks
    if font is None:
        return _UNMAPPED
    first = ord(letter) - ord(letter) % _BLOCK
    signs = [chr(code) for code in range(first, first + _BLOCK) if unicodedata.category(chr(code))[0] in "LM"]
    alike = sorted(
        ((value, sign) for sign, value in outlines.likeness_of(font, glyph.number, signs).items()),
        reverse=True,
    )
    if len(alike) > 1 and alike[0][0] > _ALIKE and alike[0][0] - alike[1][0] > _AHEAD:
        return alike[0][1]
    return _UNMAPPED


def _font(page: pymupdf.Page, name: str) -> Any:
    """MuPDF's font of that name, from the file, whose own name may have spaces and a prefix."""
    for xref, _, _, known, *_ in page.get_fonts():
        if _bare(known) == _bare(name) and (stored := page.parent.extract_font(xref)[3]):
            return pymupdf.Font(fontbuffer=stored).this
    return None


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.rpartition("+")[2]))
