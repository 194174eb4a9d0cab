"""Digits of a scan that stand small and off the line are marked, where OCR and the pixels agree on them."""

from __future__ import annotations

import numpy as np
import pytest

from docvlm.formulas.glyphs import ROMAN, Glyphs
from docvlm.readers.scanned_scripts import with_scripts
from docvlm.running_text import flow
from docvlm.spans import Line, Span


def _row(text: str) -> Glyphs:
    """A line of glyphs of 12 points; what stands behind "^" or "_" is small, and above or below the line."""
    x, rise, places, characters = 0.0, 0.0, [], []
    for char in text:
        if char in "^_":
            rise = {"^": 4.0, "_": -2.0}[char]
            continue
        if char != " ":
            size = 9.5 if rise else 12.0
            base = 20.0 - rise
            places.append((x, base - 0.66 * size, x + 5.0, base, base, size))
            characters.append(ord(char))
        x += 5.5 if char != " " else 4.0
        rise = 0.0
    styles = np.full(len(characters), ROMAN, np.uint8)
    return Glyphs(np.array(characters, np.int32), styles, np.array(places, np.float32))


def _written(seen: str, read: str) -> str:
    glyphs = _row(seen)
    box = (-1.0, 10.0, float(glyphs.places[-1, 2]) + 1.0, 22.0)
    spans = with_scripts([Span(read, box, 12.0, score=0.9)], glyphs)
    assert "".join(span.text for span in spans) == read
    return flow([Line(box, spans)])


@pytest.mark.parametrize(
    ("seen", "read", "written"),
    [
        ("powder of Al_2O_3 held", "powder of Al2O3 held", "powder of Al<sub>2</sub>O<sub>3</sub> held"),
        ("over 12 m^2 of floor", "over 12 m2 of floor", "over 12 m<sup>2</sup> of floor"),
        ("as 10^-^5 of them", "as 10-5 of them", "as 10<sup>-5</sup> of them"),
        ("section A4 of 12 B", "section A4 of 12 B", "section A4 of 12 B"),
        ("over 12 m^2 of floor", "over 12 mz of floor", "over 12 mz of floor"),
        ("over 12 ^2 of floor", "over 12 2 of floor", "over 12 2 of floor"),
    ],
)
def test_scripts_are_marked_where_pixels_and_ocr_agree(seen: str, read: str, written: str) -> None:
    assert _written(seen, read) == written
