"""Pictures of formulas -> LaTeX: a glyph finder says what stands where, and the reading model reads it.

On a born-digital page glyphs are certain; here they are an opinion. So it counts how sure the finder was of them, and how
much of the ink they account for: a photo's is hardly accounted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import checks
from docvlm.confidence import combine
from docvlm.formulas.codes import em_of
from docvlm.formulas.finder import ink_of
from docvlm.formulas.glyphs import LEFT, RULE, TOP, Glyphs
from docvlm.formulas.numbers import parted
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.sight import Doubt, GlyphReader
from docvlm.schema import Check

_POINTS = 10.0  # of an em, as most papers have it; equation numbers are looked for in points
PRINTED = 0.5  # ink as dark as this is print
_AROUND = 0.08  # ems by which ink may lie outside its glyph's box
LEAST_SHOWN = 0.1  # a formula less likely than this is no better than OCR's text or a picture
_NO_FORMULA = 0.6  # less of the ink accounted for: the picture shows something else
# Checks that say how sure one can be of a formula, not that it is broken.
_DOUBTS = (checks.FORMULA_PROBABILITY.name, checks.CALIBRATED.name)


@dataclass(frozen=True, slots=True)
class Crop:
    """What is known of a picture before its formulas are read: its glyphs in points, of which ``scale`` pixels are one if
    its type has 10, how sure they are (nothing where they are certain), and the checks on them.
    Where nothing can be read of it there are no glyphs, and the checks say why.
    """

    glyphs: Glyphs
    doubt: Doubt | None = None
    checks: list[Check] = field(default_factory=list)
    scale: float = 1.0


def crop_of(finder: GlyphReader, image: NDArray[np.uint8]) -> Crop:
    """What the finder sees in a picture (H, W, 3) uint8 RGB of one displayed formula."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    print_ = ink_of(grey) > PRINTED
    ink = checks.FORMULA_INK(float(print_.sum()))
    if not ink.passed:
        return _unreadable(ink)
    found = finder.find(grey)
    glyphs = found.glyphs
    if not (glyphs.styles != RULE).any():
        return _unreadable(checks.FORMULA_GLYPHS(0.0))
    seen = share_seen(print_, glyphs)
    if seen < _NO_FORMULA:
        return _unreadable(checks.FORMULA_SEEN(seen, limit=_NO_FORMULA))
    scale = em_of(glyphs) / _POINTS
    return Crop(
        replace(glyphs, places=glyphs.places / np.float32(scale)),
        finder.doubt(found.probabilities),
        [checks.FORMULA_SEEN(seen)],
        scale,
    )


def read_crops(reader: FormulaReader, crops: Sequence[Crop]) -> list[list[Formula]]:
    """The formulas of each crop: one for each equation number, or one. All are read together."""
    parts = [parted(crop.glyphs) for crop in crops]
    read = iter(reader.read([part.glyphs for each in parts for part in each]))
    return [
        [replace(judged(next(read), crop), number=part.number) for part in each]
        for crop, each in zip(crops, parts)
    ]


def judged(formula: Formula, crop: Crop) -> Formula:
    """``formula`` with what is to be said of its glyphs."""
    if not len(crop.glyphs):
        return replace(formula, confidence=combine(0.0, crop.checks))
    if not formula.latex or crop.doubt is None:
        return formula
    trust = formula.confidence
    score, unknown = crop.doubt.judged(trust.score)
    made = [*crop.checks, *trust.checks, *unknown, checks.FORMULA_PROBABILITY(score)]
    return replace(formula, confidence=combine(score, made))


def is_shown(formula: Formula) -> bool:
    """Whether a formula from pixels is worth showing: it passes every check of its own. How likely it is right, and
    whether that is known, its confidence says; of one that is only doubtful most signs are.
    """
    trust = formula.confidence
    passed = all(each.passed or each.name in _DOUBTS for each in trust.checks)
    return bool(formula.latex) and passed and trust.score >= LEAST_SHOWN


def share_seen(print_: NDArray[np.bool_], glyphs: Glyphs) -> float:
    """How much of the print (H, W) lies in the boxes of glyphs and rules, places in its pixels."""
    around = 1 + _AROUND * em_of(glyphs)
    outside = print_.copy()
    for x0, y0, x1, y1 in glyphs.places[:, LEFT : TOP + 3]:
        left, top = max(0, int(x0 - around)), max(0, int(y0 - around))
        outside[top : max(0, int(np.ceil(y1 + around))), left : max(0, int(np.ceil(x1 + around)))] = False
    return 1 - float(outside.sum() / print_.sum())


def _unreadable(failed: Check) -> Crop:
    nothing = Glyphs(np.zeros(0, np.int32), np.zeros(0, np.uint8), np.zeros((0, 6), np.float32))
    return Crop(nothing, checks=[failed])
