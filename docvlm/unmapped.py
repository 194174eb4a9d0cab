"""Characters without Unicode, read from their pixels: what OCR sees in a word's gap, or the sign that a glyph looks like.

A text layer that is right has some: a ligature in one font, a micro sign of another that names its glyphs by numbers. Where
neither says what one is, it stays so, or U+FFFD for a bare code, which the check `unmapped-characters` counts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from docvlm import contents, letter_forms, outlines, raster
from docvlm.boxes import Box, as_box, contains, middle, padded, union
from docvlm.mupdf import pymupdf
from docvlm.repairs.leaders import UNKNOWN_ROW
from docvlm.spans import Line

UNKNOWN: Final = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DOT = 0.35  # of an em: the height of what is no letter, and of no sign but a dot
_INK = 64  # grey levels from the ground
# What fonts of signs have; letters and digits compete, so that none of them is taken for a sign.
_SIGNS: Final = "αβγδεζηθκλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ±×÷≤≥≠≈→←↑↓∞∂∑∫√"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789•"
_ALIKE, _AHEAD = 0.83, 0.06  # of a glyph and its sign, and of these and the next likely
_MOST = 40  # of a page; where there are more the text layer is at fault
_FIRST_PRIVATE = "\ue000"  # what is private to its font stays where it is not read; a bare code does not
_LONGEST_GAP = 3  # letters of one ligature
_FEWEST_AROUND = 3  # known letters of a word, by which the gap in it is found
_WORD_EM = 21.0  # pixels, as OCR likes them
_MARGIN = 0.15  # ems around a word


class _Glyph(NamedTuple):
    """A character without meaning, and the word that it stands in."""

    box: Box
    size: float
    word: str
    place: int  # in the word
    word_box: Box


def repair(page: pymupdf.Page, lines: Sequence[Line]) -> None:
    """Gives the unknown characters of a trusted text layer's ``lines`` their meaning where the pixels tell it."""
    letter_forms.repair(page, lines)
    shown = page.get_displaylist()
    _drop_leaders(page, shown, lines)
    spans = [
        (line, index) for line in lines for index, span in enumerate(line.spans) if UNKNOWN.search(span.text)
    ]
    if not spans or sum(len(UNKNOWN.findall(line.spans[index].text)) for line, index in spans) > _MOST:
        return
    glyphs = [*_glyphs(page)]
    for line, index in spans:
        span = line.spans[index]
        inside = [glyph for glyph in glyphs if contains(span.box, middle(glyph.box))]
        if len(inside) == len(UNKNOWN.findall(span.text)):
            known = [_read(page, shown, glyph) for glyph in inside]
            pieces = itertools.zip_longest(UNKNOWN.split(span.text), known, fillvalue="")
            line.spans[index] = replace(span, text="".join(itertools.chain(*pieces)))


def _drop_leaders(page: pymupdf.Page, shown: pymupdf.DisplayList, lines: Sequence[Line]) -> None:
    """Puts a space for the rows of one unknown character that are no higher than dots: they lead to a number."""
    leading = [line for line in lines if any(UNKNOWN_ROW.search(span.text) for span in line.spans)]
    if not leading:
        return
    rows = [
        union([outlines.reach(char, size) for char, size in row])
        for line in contents.characters(page)
        for row in _rows([(char, span["size"]) for span in line["spans"] for char in span["chars"]])
    ]
    for line in leading:
        for index, span in enumerate(line.spans):
            own = [row for row in rows if contains(span.box, middle(row))]
            if (
                UNKNOWN_ROW.search(span.text)
                and own
                and all(_is_dots(page, shown, row, span.size) for row in own)
            ):
                line.spans[index] = replace(span, text=UNKNOWN_ROW.sub(" ", span.text))


def _rows(
    characters: Sequence[tuple[Mapping[str, Any], float]],
) -> Iterator[Sequence[tuple[Mapping[str, Any], float]]]:
    text = "".join(char["c"] for char, _ in characters)
    return (characters[slice(*found.span())] for found in UNKNOWN_ROW.finditer(text))


def _is_dots(page: pymupdf.Page, shown: pymupdf.DisplayList, row: Box, size: float) -> bool:
    pixels = raster.render_part(shown, page, row, _WORD_EM / size).mean(axis=2)
    inked = (pixels < pixels.max() - _INK).any(axis=1)
    return 0 < int(inked.sum()) < _DOT * _WORD_EM


def _glyphs(page: pymupdf.Page) -> Iterator[_Glyph]:
    """The page's unknown characters, in the order of its lines."""
    for line in contents.characters(page):
        characters = [(char, span["size"]) for span in line["spans"] for char in span["chars"]]
        for word in _words(characters):
            text = "".join(char["c"] for char, _ in word)
            for place, (char, size) in enumerate(word):
                beside = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
                if UNKNOWN.match(char["c"]) and not UNKNOWN.search(beside):  # rows of them are leaders
                    around = union([as_box(each["bbox"]) for each, _ in word])
                    yield _Glyph(outlines.reach(char, size), size, text, place, around)


def _words(
    characters: Iterable[tuple[Mapping[str, Any], float]],
) -> Iterator[list[tuple[Mapping[str, Any], float]]]:
    word: list[tuple[Mapping[str, Any], float]] = []
    for char, size in characters:
        if char["c"].isspace():
            yield word
            word = []
        else:
            word.append((char, size))
    yield word


def _read(page: pymupdf.Page, shown: pymupdf.DisplayList, glyph: _Glyph) -> str:
    own = glyph.word[glyph.place]
    kept = own if own >= _FIRST_PRIVATE else "\ufffd"
    return _in_word(page, shown, glyph) or _sign(page, shown, glyph) or kept


def _in_word(page: pymupdf.Page, shown: pymupdf.DisplayList, glyph: _Glyph) -> str:
    """What OCR reads in the place of the unknown character, if it reads the rest of the word as it is known to be."""
    from docvlm.ocr.engine import engine

    known = UNKNOWN.sub("", glyph.word)
    if sum(map(engine().reads, known)) < _FEWEST_AROUND:
        return ""
    box = padded(glyph.word_box, _MARGIN * glyph.size, 0.0)
    read = engine().recognize(raster.render_part(shown, page, box, _WORD_EM / glyph.size)).text
    gap = f"(.{{1,{_LONGEST_GAP}}}?)"
    pattern = "".join(gap if UNKNOWN.match(char) else re.escape(char) for char in glyph.word)
    found = re.fullmatch(pattern, read.replace(" ", ""))
    return found[1 + len(UNKNOWN.findall(glyph.word[: glyph.place]))] if found else ""


def _sign(page: pymupdf.Page, shown: pymupdf.DisplayList, glyph: _Glyph) -> str:
    """The sign that the glyph looks like more than like any other, and than like a letter."""
    alike = outlines.likeness(page, shown, glyph.box, glyph.size, _SIGNS + _LETTERS)
    if not alike:
        return ""
    (best, sign), (next_best, _) = sorted(((value, sign) for sign, value in alike.items()), reverse=True)[:2]
    return sign if sign in _SIGNS and best > _ALIKE and best - next_best > _AHEAD else ""
