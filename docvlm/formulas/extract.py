"""A page's glyphs and rules, read with PyMuPDF: for training and for documents alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from docvlm import contents, sign_names
from docvlm.boxes import Box
from docvlm.formulas.drawn_signs import drawn_signs, is_shape
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, RULE, SIZE, SYMBOL, TOP, Glyphs, plain, style_of
from docvlm.mupdf import pymupdf, whole

# Boxes as high as the ink, and the font's own code where a glyph has no Unicode (TeX's extensible brackets).
_FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_ACCURATE_BBOXES | pymupdf.TEXT_USE_CID_FOR_UNKNOWN_UNICODE
)
_STROKE = "\u0338"  # through a relation
_BEFORE = 0.01  # points by which it comes first from the left
_THICKEST = 2.0  # points; a filled rectangle higher and wider than that is no rule
_SHORTEST = 1.5
_VISIBLE = 16 | 32  # MuPDF's char_flags: filled, stroked


def read_glyphs(page: pymupdf.Page, box: Box | None = None) -> Glyphs:
    """What ``page`` shows within ``box`` (points; the whole page by default), by the middles of glyphs and rules."""
    characters: list[int] = []
    styles: list[int] = []
    places: list[tuple[float, ...]] = []
    clip = None if box is None else pymupdf.Rect(box)
    signs = sign_names.tables(page)
    for block in page.get_text("rawdict", flags=_FLAGS, clip=clip)["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                if not span["char_flags"] & _VISIBLE:
                    continue
                style, size = style_of(contents.font_name(page, span["font"]), span["flags"]), span["size"]
                for each in span["chars"]:
                    if each["synthetic"] or _is_blank(each["c"]):
                        continue
                    meant = signs.get(span["font"], {}).get(each["c"], whole(each["c"]))
                    character, own = plain(meant, style)
                    x0, y0, x1, y1 = each["bbox"]
                    if meant == _STROKE:  # TeX sets it without a width, before what it strikes
                        x0 = x1 = x0 - _BEFORE
                    characters.append(character)
                    styles.append(own)
                    places.append((x0, y0, x1, y1, each["origin"][1], size))
    drawn = [sign for sign in contents.once(page, drawn_signs) if sign.character]
    for sign in drawn:
        x0, y0, x1, y1 = sign.box
        characters.append(ord(sign.character))
        styles.append(SYMBOL)
        places.append((x0, y0, x1, y1, y0, _size_beside(sign.box, places)))
    for x0, y0, x1, y1 in [*_rules(page), *(sign.bar for sign in drawn if sign.bar is not None)]:
        characters.append(0)
        styles.append(RULE)
        places.append((x0, y0, x1, y1, (y0 + y1) / 2, 0.0))
    glyphs = Glyphs(
        np.array(characters, np.int32),
        np.array(styles, np.uint8),
        np.array(places, np.float32).reshape(-1, 6),
    )
    return glyphs if box is None else glyphs.within(box)


def _is_blank(character: str) -> bool:
    """Whether a character shows nothing: a space, be it without width, or a mark for who sets lines."""
    return character > "\x1f" and (character.isspace() or unicodedata.category(character) == "Cf")


def _size_beside(sign: Box, places: Sequence[tuple[float, ...]]) -> float:
    """The size in points of the largest type right of a sign, or left of it; the sign's height where there is none."""
    beside = (
        place[SIZE]
        for place in places
        if sign[1] < (place[TOP] + place[BOTTOM]) / 2 < sign[3]
        and max(place[LEFT] - sign[2], sign[0] - place[RIGHT]) < sign[3] - sign[1]
    )
    return max(beside, default=sign[3] - sign[1])


def _rules(page: pymupdf.Page) -> list[Box]:
    """Thin bars: fraction bars, the tops of radicals, overlines, lines of arrays."""
    found: list[Box] = []
    for drawing in contents.paths(page):
        if is_shape(drawing):
            continue
        half = (drawing.get("width") or 0) / 2 if "s" in drawing["type"] else 0.0
        for item in drawing["items"]:
            if item[0] == "l":
                (ax, ay), (bx, by) = item[1], item[2]
                box = (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
            elif item[0] == "re":
                box = tuple(item[1])
            else:
                continue
            width, height = box[2] - box[0], box[3] - box[1]
            if min(width, height) <= _THICKEST and max(width, height) >= _SHORTEST:
                across = width >= height
                found.append(
                    (
                        box[0] - half * (not across),
                        box[1] - half * across,
                        box[2] + half * (not across),
                        box[3] + half * across,
                    )
                )
    return found
