"""Formulas of a born-digital page -> LaTeX, from their glyphs alone, with checks on what was read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from docvlm import calibration, checks
from docvlm.calibration import Calibration
from docvlm.confidence import combine
from docvlm.decoding.interface import Reading
from docvlm.formulas import reliability
from docvlm.formulas.checks import agreement
from docvlm.formulas.codes import encode_glyphs
from docvlm.formulas.glyphs import SYMBOL, Glyphs, by_rows, closed_up, drawn_out_of_order, from_left
from docvlm.formulas.interface import ReaderRuntime
from docvlm.formulas.mixed_numbers import mixed_number
from docvlm.latex import LatexError, normalize, pieces
from docvlm.schema import Confidence

_TOKENS_FOR_GLYPH = 6.0  # LaTeX spends less on a glyph in any formula but a matter of a few glyphs
_SPARE_TOKENS = 20
_SHORT = 30  # glyphs; longer formulas take long, and are seldom read better in another order
_SURE = 0.95  # probability of what a bar and its numbers say
_DIVISION = "÷"
_DIVISION_IN = {"×": re.compile(r"\\times(?![A-Za-z])"), "±": re.compile(r"\\pm(?![A-Za-z])")}
_LIKELY = 0.5  # probability of a formula that needs no second look


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as canonical LaTeX, "" where it could not be read; ``number`` is what `\\tag` prints in brackets.

    Those of several files say their ``source``, those of several pages their ``page``, too.
    """

    latex: str
    number: str | None
    confidence: Confidence
    source: str | None = None
    page: int | None = None

    @property
    def tagged(self) -> str:
        """The LaTeX with its number."""
        return self.latex if self.number is None else rf"{self.latex} \tag{{{self.number}}}"


class FormulaReader:
    """Reads displayed formulas with a reading model on any runtime; ``fitted`` says what its certainty is worth."""

    def __init__(self, reader: ReaderRuntime, fitted: Calibration | None = None) -> None:
        self.reader, self.fitted = reader, fitted

    def read(self, crops: Sequence[Glyphs]) -> list[Formula]:
        """What each crop says, in their order. A crop without glyphs, or with too many, is not read."""
        most = self.reader.config.glyphs
        formulas = [_told(glyphs) or _judged(None, glyphs, self.fitted) for glyphs in crops]
        readable = [
            number
            for number, glyphs in enumerate(crops)
            if 0 < len(glyphs) <= most and not formulas[number].latex
        ]
        # The model knows formulas in the order of writing, in which TeX draws them, and from the left.
        ordered = {n: from_left(crops[n]) if drawn_out_of_order(crops[n]) else crops[n] for n in readable}
        self._read_into(formulas, ordered, readable)
        # It hardly knows formulas set wider than TeX does by itself, as school books and slides have them.
        for change in (closed_up, from_left, by_rows):
            changed = {
                n: change(ordered[n])
                for n in readable
                if formulas[n].confidence.score < _LIKELY
                and (change is closed_up or len(ordered[n]) <= _SHORT)
            }
            self._read_into(formulas, changed, [n for n, crop in changed.items() if crop is not ordered[n]])
        return formulas

    def _read_into(
        self, formulas: list[Formula], crops: Mapping[int, Glyphs] | Sequence[Glyphs], numbers: Sequence[int]
    ) -> None:
        """Reads the crops of these ``numbers`` and keeps what is more likely right than what is known."""
        readings = write_formulas(self.reader, [crops[number] for number in numbers]) if numbers else []
        for number, reading in zip(numbers, readings, strict=True):
            formula = _judged(reading, crops[number], self.fitted)
            if not formulas[number].latex or formula.confidence.score > formulas[number].confidence.score:
                formulas[number] = formula


def write_formulas(reader: ReaderRuntime, crops: Sequence[Glyphs]) -> list[Reading]:
    """What the model writes of each crop. Raises ValueError for a crop with more glyphs than ``reader.config.glyphs``.

    Where the letters are not those of the crop, it is asked again and has only these. What it then says stands if it has all
    of them: it also loses its way where something else is wrong.
    """
    signs = [_substitute(crop) for crop in crops]
    crops = [_with_sign(crop, sign) for crop, sign in zip(crops, signs)]
    codes = [encode_glyphs(crop) for crop in crops]
    readings = reader.read(codes, ["formula"] * len(codes))
    alike = [_alike(reading, crop) for reading, crop in zip(readings, crops)]
    doubtful = [number for number, same in enumerate(alike) if same < 1]
    again = reader.read([codes[number] for number in doubtful], ["formula"] * len(doubtful), only_shown=True)
    for number, reading in zip(doubtful, again):
        if _alike(reading, crops[number]) == 1:
            readings[number] = reading
    return [
        reading if sign is None else replace(reading, text=_DIVISION_IN[sign].sub(r"\\div", reading.text))
        for reading, sign in zip(readings, signs)
    ]


def _substitute(crop: Glyphs) -> str | None:
    """A sign that stands for that of division, which the model never saw: one as TeX sets it that the crop has not."""
    if ord(_DIVISION) not in crop.characters:
        return None
    return next((sign for sign in _DIVISION_IN if ord(sign) not in crop.characters), None)


def _with_sign(crop: Glyphs, sign: str | None) -> Glyphs:
    if sign is None:
        return crop
    divides = crop.characters == ord(_DIVISION)
    characters = np.where(divides, ord(sign), crop.characters).astype(np.int32)
    return Glyphs(characters, np.where(divides, SYMBOL, crop.styles).astype(np.uint8), crop.places)


def _alike(reading: Reading, crop: Glyphs) -> float:
    if not reading.finished:
        return 0.0
    try:
        return agreement(normalize(reading.text), crop)
    except LatexError:
        return 0.0


def _told(glyphs: Glyphs) -> Formula | None:
    """What glyphs say by themselves."""
    latex = mixed_number(glyphs)
    return Formula(normalize(latex), None, combine(_SURE, [checks.FORMULA_LETTERS(1.0)])) if latex else None


def _judged(reading: Reading | None, glyphs: Glyphs, fitted: Calibration | None) -> Formula:
    """``reading`` as far as it can be believed: it must end, parse, be of a likely length and have the page's letters.

    Uncalibrated, it is as sure as its least sure token.
    """
    if reading is None:
        return _unread(checks.FORMULA_SIZE)
    if not reading.finished:
        return _unread(checks.FORMULA_ENDS)
    try:
        latex = normalize(reading.text)
        same = agreement(latex, glyphs)
    except LatexError:
        return _unread(checks.FORMULA_PARSES)
    length, longest = len(pieces(latex)), _TOKENS_FOR_GLYPH * len(glyphs) + _SPARE_TOKENS
    features = reliability.features_of(reading.log_probs, same, glyphs)
    score, unknown = calibration.judged(fitted, features, math.exp(min(reading.log_probs, default=0.0)))
    made = [*unknown, checks.FORMULA_LENGTH(length, limit=longest), checks.FORMULA_LETTERS(same)]
    return Formula(latex, None, combine(score, made))


def _unread(failed: checks.Rule) -> Formula:
    return Formula("", None, combine(0.0, [failed(passed=False)]))
