"""A font's letters beside MuPDF's own: whether what is drawn looks like what the text layer says it is.

MuPDF carries letters of all scripts, so this tells a wrong character map in each of them, where OCR knows a few. Fonts
differ more than letters do, so no likeness by itself says anything. What does: whether a drawn letter is more like the one
that it is said to be than like the other letters of the same page. Of a right map nine of ten are, of a wrong one half, as
by chance.

Boxes are PDF points, origin top left, of the upright page.
"""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import contents, raster
from docvlm.boxes import Box, union
from docvlm.mupdf import pymupdf
from docvlm.spans import Line

_MOST = 24  # letters of a font; more say no more
_FEWEST = 8  # fewer may agree by chance
_LINES = 4  # of a font, which are drawn to see its letters
_LONGEST = 30.0  # ems of a line that are drawn
_UPRIGHT = 0.99  # cosine of a line's angle
_ASCENT, _DESCENT = 0.9, 0.25  # ems
_NARROWEST = 0.1  # ems; what is narrower stands on another letter
_FILLED_OR_STROKED = 16 | 32
_EM = 26.0  # pixels
_SIDE, _INSIDE = 24, 18  # pixels of the patches that are compared, and of the letter in each
_BLUR = 1.2  # pixels; fonts' strokes lie about so far from each other's
_INK, _FAINTEST = 64, 24  # levels
_FEWEST_PIXELS = 4
_WHITE = 255
_ALIKE = 0.95  # letters whose shapes are so much alike are one
_CLEAR = 0.85  # a rank that shows that letters stand upright
_SLANTS = (0.2, 0.36)  # across for each down, of type whose letters do not
_SPREAD = 1 / math.sqrt(12)  # of a number drawn evenly from 0 to 1

_Patch = NDArray[np.float32]


class Glyph(NamedTuple):
    """A letter as the text layer has it, where it is drawn, and its size in points."""

    letter: str
    box: Box
    size: float


class Shapes(NamedTuple):
    """How ``letters`` different letters compare: the mean ``rank`` of what each is said to be among the others, 0 to 1."""

    rank: float
    letters: int

    @property
    def above_chance(self) -> float:
        """Standard deviations by which the rank is better than that of a wrong map, which is 0.5."""
        return (self.rank - 0.5) / _SPREAD * math.sqrt(self.letters)


def glyphs_of(
    page: pymupdf.Page, lines: Iterable[Line], fonts: Iterable[str]
) -> dict[str, list[list[Glyph]]]:
    """For each font, its letters in each of the ``lines`` that it stands in, each letter once."""
    shown = {(span.font, round(span.baseline)) for line in lines for span in line.spans}
    found: dict[str, list[list[Glyph]]] = {font: [] for font in fonts}
    for raw in contents.characters(page):
        if raw["dir"][0] < _UPRIGHT:
            continue
        by_font: dict[str, dict[str, Glyph]] = defaultdict(dict)
        for span in raw["spans"]:
            font, size, base = span["font"], span["size"], span["origin"][1]
            if (
                font not in found
                or (font, round(base)) not in shown
                or not span["char_flags"] & _FILLED_OR_STROKED
            ):
                continue
            known, least = by_font[font], _NARROWEST * size
            for char, after in itertools.zip_longest(span["chars"], span["chars"][1:]):
                letter, (x0, _, x1, _) = char["c"], char["bbox"]
                if letter in known or not letter.isalnum() or x1 - x0 <= least:
                    continue
                if after is not None and _hangs(after, least):
                    continue  # one glyph of several letters, or with marks of its own
                known[letter] = Glyph(letter, reach(char, size), size)
        for font, glyphs in by_font.items():
            found[font].append([*glyphs.values()])
    return found


def reach(char: Mapping[str, Any], size: float) -> Box:
    """The box of a character, as high as type of its size is: fonts leave more free, which may hold the line above."""
    (x0, _, x1, _), base = char["bbox"], char["origin"][1]
    return x0, base - _ASCENT * size, x1, base + _DESCENT * size


def _hangs(char: Mapping[str, Any], least: float) -> bool:
    """Whether a character stands on the one before it."""
    x0, _, x1, _ = char["bbox"]
    return unicodedata.category(char["c"])[0] == "M" or (x1 - x0 <= least and not char["c"].isspace())


def richest(rows: Iterable[list[Glyph]]) -> list[list[Glyph]]:
    """The rows that together have most letters, each letter in one of them."""
    chosen: list[list[Glyph]] = []
    seen: set[str] = set()
    rows = [*rows]
    for _ in range(_LINES):
        new = max(([g for g in row if g.letter not in seen] for row in rows), key=len, default=[])
        new = new[: _MOST - len(seen)]
        if not new:
            break
        chosen.append(new)
        seen |= {glyph.letter for glyph in new}
    return chosen


def compared(
    page: pymupdf.Page, shown: pymupdf.DisplayList, rows: Sequence[Sequence[Glyph]]
) -> Shapes | None:
    """How the glyphs compare with what they are said to be, upright or, where that does not show it, put upright from
    a slant; ``None`` where too few can be seen or are known.
    """
    upright = _ranked(page, shown, rows, 0.0)
    if upright is None or upright.rank >= _CLEAR:
        return upright
    return max([upright, *filter(None, (_ranked(page, shown, rows, slant) for slant in _SLANTS))])


def _ranked(
    page: pymupdf.Page, shown: pymupdf.DisplayList, rows: Iterable[Sequence[Glyph]], slant: float
) -> Shapes | None:
    drawn = {glyph.letter: patch for row in rows for glyph, patch in _drawn(page, shown, row, slant)}
    known = {letter: patches for letter in drawn if len(patches := _patches(letter))}
    if len(known) < _FEWEST:
        return None
    seen = np.array([drawn[letter] for letter in known])
    # A letter is as like another as the liker of its forms.
    likeness = np.stack([(seen @ forms.T).max(axis=1) for forms in known.values()], axis=1)
    own = np.diag(likeness)
    firsts = np.array([forms[0] for forms in known.values()])
    different = np.stack([(firsts @ forms.T).max(axis=1) for forms in known.values()], axis=1) < _ALIKE
    worse = (likeness < own[:, None]) & different
    counted = different.sum(axis=1)
    told = counted > 0
    if int(told.sum()) < _FEWEST:
        return None
    return Shapes(float((worse.sum(axis=1)[told] / counted[told]).mean()), int(told.sum()))


def likeness(
    page: pymupdf.Page, shown: pymupdf.DisplayList, box: Box, size: float, letters: str
) -> dict[str, float]:
    """How far what is drawn in a box looks like each of some letters or signs, -1 to 1; empty where nothing is drawn."""
    for _, patch in _drawn(page, shown, [Glyph("", box, size)]):
        return {letter: float(own[0] @ patch) for letter in letters if len(own := _patches(letter))}
    return {}


def _drawn(
    page: pymupdf.Page, shown: pymupdf.DisplayList, row: Sequence[Glyph], slant: float = 0.0
) -> Iterator[tuple[Glyph, _Patch]]:
    """The patches of a line's glyphs that show ink, put upright from a ``slant`` (across for each down)."""
    size = max(glyph.size for glyph in row)
    start = row[0].box[0]
    row = [glyph for glyph in row if abs(glyph.box[0] - start) < _LONGEST * size]
    box, zoom = union([glyph.box for glyph in row]), _EM / size
    pixels = raster.render_part(shown, page, box, zoom)[..., 1]
    ground = int(np.median(pixels)) if pixels.size else _WHITE
    if slant and pixels.size:
        base = pixels.shape[0] * _ASCENT / (_ASCENT + _DESCENT)
        upright = np.array([[1, slant, -slant * base], [0, 1, 0]], np.float32)
        size_of = pixels.shape[1], pixels.shape[0]
        pixels = cv2.warpAffine(np.ascontiguousarray(pixels), upright, size_of, borderValue=ground)
    left, top = max(box[0], page.rect.x0), max(box[1], page.rect.y0)
    for glyph in row:
        x0, y0, x1, y1 = (round((v - o) * zoom) for v, o in zip(glyph.box, (left, top) * 2))
        patch = _patch(pixels[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)], ground)
        if patch is not None:
            yield glyph, patch


def _patch(gray: NDArray[np.uint8], ground: int) -> _Patch | None:
    """A letter's ink on a ground of that level, in a square of one size, its mean taken out, of length 1; ``None`` where
    there is none.
    """
    if gray.size < _FEWEST_PIXELS:
        return None
    ink = cv2.absdiff(gray, np.full_like(gray, ground))
    most = int(ink.max())
    if most < _FAINTEST:
        return None
    x, y, wide, high = cv2.boundingRect((ink > _INK * most // _WHITE).astype(np.uint8))
    if wide * high < _FEWEST_PIXELS:
        return None
    ink = ink[y : y + high, x : x + wide]
    high, wide = (max(2, round(side * _INSIDE / max(ink.shape))) for side in ink.shape)
    top, left = (_SIDE - high) // 2, (_SIDE - wide) // 2
    square = np.zeros((_SIDE, _SIDE), np.float32)
    square[top : top + high, left : left + wide] = cv2.resize(ink, (wide, high), interpolation=cv2.INTER_AREA)
    square = cv2.GaussianBlur(square, (0, 0), _BLUR)
    square -= square.mean()
    length = float(np.linalg.norm(square))
    return square.ravel() / length if length else None


# MuPDF's own letters.


@lru_cache(maxsize=2000)
def _patches(letter: str) -> _Patch:
    """The forms of a letter as MuPDF draws it, (forms, pixels): also as a capital, for small capitals are called small
    letters, and as it stands within words, where its script joins them. Empty where MuPDF has no such letter.
    """
    forms = [letter, *_joined().get(letter, ())]
    other = letter.upper() if letter.islower() else letter
    forms += [other] if len(other) == 1 and other != letter else []
    patches = [patch for form in forms if (patch := _own(form)) is not None]
    return np.array(patches, np.float32).reshape(-1, _SIDE * _SIDE)


@cache
def _joined() -> Mapping[str, list[str]]:
    """Arabic letters' initial, middle and final forms."""
    forms: dict[str, list[str]] = defaultdict(list)
    for code in range(0xFB50, 0xFF00):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0] in ("<initial>", "<medial>", "<final>"):
            forms[chr(int(parts[1], 16))].append(chr(code))
    return forms


@cache
def _font() -> pymupdf.Font:
    return pymupdf.Font("helv")


def likeness_of(font: Any, number: int, letters: Iterable[str]) -> dict[str, float]:
    """How far the glyph of that number in one of MuPDF's fonts looks like each of some letters, -1 to 1."""
    mupdf = pymupdf.mupdf
    text = mupdf.fz_new_text()
    place = mupdf.FzMatrix(_EM, 0, 0, -_EM, _EM, 2 * _EM)
    mupdf.fz_show_glyph(text, font, place, number, 0, 0, 0, mupdf.FZ_BIDI_LTR, mupdf.FZ_LANG_UNSET)
    patch = _filled(text)
    if patch is None:
        return {}
    return {letter: float((own @ patch).max()) for letter in letters if len(own := _patches(letter))}


def _own(letter: str) -> _Patch | None:
    if not _font().has_glyph(ord(letter), fallback=True):
        return None
    # Written on a page it would be embedded with its font, which takes a hundred times as long.
    mupdf = pymupdf.mupdf
    text = mupdf.fz_new_text()
    place = mupdf.FzMatrix(_EM, 0, 0, -_EM, _EM, 2 * _EM)
    mupdf.fz_show_string(text, _font().this, place, letter, 0, 0, mupdf.FZ_BIDI_LTR, mupdf.FZ_LANG_UNSET)
    return _filled(text)


def _filled(text: Any) -> _Patch | None:
    mupdf, side = pymupdf.mupdf, round(3 * _EM)
    pixels = mupdf.fz_new_pixmap(mupdf.fz_device_gray(), side, side, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(pixels, _WHITE)
    device = mupdf.fz_new_draw_device(mupdf.FzMatrix(), pixels)
    gray, black = mupdf.fz_device_gray(), [0.0]
    mupdf.fz_fill_text(device, text, mupdf.FzMatrix(), gray, black, 1.0, mupdf.FzColorParams())
    mupdf.fz_close_device(device)
    drawn = np.frombuffer(mupdf.fz_pixmap_samples_memoryview(pixels), np.uint8)
    return _patch(drawn.reshape(side, side), _WHITE)
