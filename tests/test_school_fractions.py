"""Fractions and divisions as school books have them: between words, behind numbers, and on scans."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from docvlm.decoding.interface import Reading
from docvlm.formulas.codes import GlyphCodes, table_rows
from docvlm.formulas.glyphs import ROMAN, RULE, Glyphs
from docvlm.formulas.interface import ReaderConfig
from docvlm.formulas.mixed_numbers import mixed_number
from docvlm.formulas.reading import FormulaReader
from docvlm.formulas.segments import is_displayed, prose_of
from docvlm.layout.region import Region
from docvlm.readers.mathematics import displayed_apart
from docvlm.readers.scanned_bars import has_bar
from docvlm.spans import Line, Span

Place = tuple[str, float, float, float, float]  # a sign ("" for a bar), its left, top, right and bottom


def _glyphs(*places: Place) -> Glyphs:
    return Glyphs(
        np.array([ord(sign) if sign else 0 for sign, *_ in places], np.int32),
        np.array([ROMAN if sign else RULE for sign, *_ in places], np.uint8),
        np.array([(*box, box[3], 10.0 if sign else 0.0) for sign, *box in places], np.float32),
    )


ONE, BAR = ("1", 0.0, 3.0, 5.0, 10.0), ("", 6.0, 7.0, 11.0, 7.5)
ABOVE, BELOW = ("1", 7.0, 1.0, 10.0, 6.0), ("2", 7.0, 8.0, 10.0, 13.0)


@pytest.mark.parametrize(
    ("glyphs", "latex"),
    [
        (_glyphs(ABOVE, BELOW, BAR), r"\frac{1}{2}"),
        (_glyphs(ONE, ABOVE, BELOW, BAR), r"1\frac{1}{2}"),
        (_glyphs(("1", 0.0, 6.5, 5.0, 13.0), ABOVE, BELOW, BAR), None),  # a power
        (_glyphs(ABOVE, BAR), None),
        (_glyphs(("x", *ABOVE[1:]), BELOW, BAR), None),
        (_glyphs(ABOVE, BELOW, BAR, ("5", 20.0, 3.0, 25.0, 10.0)), None),
    ],
    ids=["fraction", "mixed", "power", "over-nothing", "letter", "more-behind"],
)
def test_a_mixed_number_is_told_by_its_glyphs(glyphs: Glyphs, latex: str | None) -> None:
    assert mixed_number(glyphs) == latex


class _Echo:
    """Reads each sign as LaTeX has it, and knows none for division, as the model."""

    config = ReaderConfig(vocabulary=10)
    ran_on = "nothing"

    def read(
        self, crops: Sequence[GlyphCodes], kinds: Sequence[str], only_shown: bool = False
    ) -> list[Reading]:
        names = {"×": r"\times ", "±": r"\pm "}
        rows = {int(table_rows(np.array([ord(sign)]))[0]): names.get(sign, sign) for sign in "123456789×±"}
        texts = ["".join(rows.get(int(row), "?") for row in crop.characters) for crop in crops]
        return [Reading(text, (-0.01,) * len(text), True) for text in texts]


def test_a_division_is_read_by_a_sign_that_the_model_knows() -> None:
    signs = "6÷3"
    crop = _glyphs(*((sign, 8.0 * at, 3.0, 8.0 * at + 5, 10.0) for at, sign in enumerate(signs)))
    (formula,) = FormulaReader(_Echo()).read([crop])
    assert formula.latex == r"6\div3"
    signs = "6÷3×2"
    crop = _glyphs(*((sign, 8.0 * at, 3.0, 8.0 * at + 5, 10.0) for at, sign in enumerate(signs)))
    (formula,) = FormulaReader(_Echo()).read([crop])
    assert formula.latex == r"6\div3\times2"


def _span(text: str, left: float, size: float, font: str = "", superscript: bool = False) -> Span:
    right = left + len(text) * size / 2
    return Span(text, (left, 20 - size, right, 20), size, font=font, superscript=superscript, baseline=20)


def test_words_behind_a_fraction_are_words_though_mupdf_calls_them_raised() -> None:
    spans = [
        _span("Add the fractions ", 0, 12, superscript=True),
        _span("34", 110, 8, "NotoSansMath"),
        _span(" and write the sum as a number", 130, 12, superscript=True),
    ]
    line = Line((0, 5, 320, 20), spans)
    assert prose_of(line) > 20
    assert not is_displayed(line)


def test_an_exercise_with_its_letter_is_no_display() -> None:
    spans = [_span("a) ", 0, 12, "Helvetica"), _span("56÷23", 20, 12, "NotoSansMath")]
    (part,) = displayed_apart(Region("formula", (0, 5, 60, 20), [Line((0, 5, 60, 20), spans)]))
    assert part.kind == "paragraph"


def _scan(draw: str) -> tuple[np.ndarray, Line]:
    """A line of print, 40 pixels to the em, with something drawn in its middle."""
    image = np.full((100, 500, 3), 255, np.uint8)
    black = (0, 0, 0)
    cv2.putText(image, "half of", (20, 65), cv2.FONT_HERSHEY_SIMPLEX, 1.0, black, 3)
    if "1" in draw:
        cv2.putText(image, "1", (300, 43), cv2.FONT_HERSHEY_SIMPLEX, 0.7, black, 2)
    if "2" in draw:
        cv2.putText(image, "2", (300, 72), cv2.FONT_HERSHEY_SIMPLEX, 0.7, black, 2)
    if "-" in draw:
        cv2.line(image, (298, 50), (316, 50), black, 2)
    box = (10.0, 36.0, 400.0, 70.0)
    return image, Line(box, [Span("half of", box, 40.0, baseline=65.0)])


@pytest.mark.parametrize(("draw", "found"), [("1-2", True), ("-", False), ("1-", False), ("-2", False)])
def test_a_bar_needs_numbers_above_and_below(draw: str, found: bool) -> None:
    image, line = _scan(draw)
    assert has_bar(image, 1.0, line) == found


def test_a_bar_at_the_edge_of_its_picture_has_no_number_below() -> None:
    image, line = _scan("1-")
    assert not has_bar(image[:51], 1.0, line)
