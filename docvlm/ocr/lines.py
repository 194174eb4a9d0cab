"""From one recognized crop to lines of spans: cells split at wide gaps, font size, score; and which are bold.

A crop is (h, w, 3) uint8 RGB with one upright line of text. Its place on the page is given in pixels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import calibration
from docvlm.boxes import Box
from docvlm.ocr.deskew import Image
from docvlm.spans import Line, Span


@dataclass(frozen=True, slots=True)
class Character:
    """One recognized character; ``place`` is its middle as a part (0..1) of the crop's width."""

    text: str
    place: float
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recognizer said about one crop."""

    characters: Sequence[Character]

    @property
    def text(self) -> str:
        return "".join(c.text for c in self.characters)

    @property
    def mean(self) -> float:
        """Mean probability of the characters, 0.0 for none."""
        return sum(c.probability for c in self.characters) / max(1, len(self.characters))

    @property
    def least(self) -> float:
        return min((c.probability for c in self.characters), default=0.0)


FEATURES: Final = ("doubt", "least", "length")
# The recognizer's weights come in RapidOCR's wheel, so what their certainty is worth lies here.
CALIBRATION: Final = Path(__file__).with_name(calibration.FILE)


@cache
def _fitted() -> calibration.Calibration:
    return calibration.load(CALIBRATION, FEATURES)


def score_of(reading: Reading) -> float:
    """Probability in [0, 1] that every character, spaces included, is right."""
    return round(_fitted().probability(features_of(reading)), 4) if reading.characters else 0.0


def features_of(reading: Reading) -> dict[str, float]:
    """Log of the expected number of wrong characters, log odds of the least sure one, log of the length."""
    doubt = sum(1.0 - c.probability for c in reading.characters)
    return {
        "doubt": math.log(doubt + 0.01),
        "least": _logit(reading.least),
        "length": math.log(max(1, len(reading.characters))),
    }


def _logit(p: float) -> float:
    p = min(max(p, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p))


# A gap in the ink wider than this many line heights separates cells or columns.
_CELL_GAP = 1.6
# Ascenders and descenders are at most this part of the height of a line's dense rows, its core. A crop with less
# core than this holds signs of other forms (a fraction, a pair of dashes), and all of its ink counts.
_ASCENT, _DESCENT, _LEAST_CORE = 0.62, 0.6, 0.3
# Bold stems are at least this much wider than the page's, which widen with the font's size less than in
# proportion: blur adds the same to all.
_BOLD, _WIDENING = 1.21, 0.6
_BOLD_LETTERS = 3  # of a span whose stems can be measured
_BEFORE, _LEVEL = 3.0, 0.4  # em; how far before its heading, and how level, a section's number stands
# Rows with more ink than this part of a full row (a percentile of them, since some rows are nearly empty) are dense.
_DENSE, _FULL_ROW = 0.3, 80
_REACH = 0.6  # of the crop's height: how far a letter reaches from the place that its reading has
# What the letters of a line span, in ems: Chinese characters fill their squares; Latin ones reach above the baseline with
# capitals, digits or ascenders or without, and below it with descenders or without.
_SQUARE, _SQUARE_DEPTH = 0.92, 0.12
_TALL_EM, _LOW_EM = 0.72, 0.52
_DEEP_EM, _FLAT_EM = 0.21, 0.01
_REPEATED = re.compile(r"(.{2,12}?)\1{5,}")
_SECTION_NUMBER = re.compile(r"(\d{1,2}|[A-Z])(\.\d{1,2})*\.?")
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_TALL = re.compile(r"[A-Z0-9bdfhklt!?()\[\]{}/|&%$#@\"'\u00c0-\u00de]")
_DEEP = re.compile(r"[gjpqy,;()\[\]{}/|Q@$]")


def line_of(reading: Reading, crop: Image, bounds: tuple[int, int, int, int], scale: float) -> list[Line]:
    """Lines (one per cell) of a crop at ``bounds`` (pixels); nothing for an empty or runaway reading."""
    if not reading.text.strip() or _REPEATED.search(reading.text.replace(" ", "")):
        return []
    ink = ink_of(crop)
    gaps = gaps_of(ink)
    top, bottom = rows_of(ink)
    lines = []
    for part in _cells(reading.characters, gaps, ink.shape[1], _CELL_GAP * (bottom - top)):
        span = _span(Reading(part), ink, bounds, scale)
        if span is not None:
            lines.append(Line(span.box, [span]))
    return lines


def ink_of(crop: Image) -> NDArray[np.bool_]:
    """Where the crop is nearer to its ink than to its paper, (h, w); most of the rim shows the paper."""
    gray = crop[..., 1].astype(np.float32)
    rim = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    paper = float(np.median(rim))
    low, high = float(np.percentile(gray, 1)), float(np.percentile(gray, 99))
    ink = low if paper - low > high - paper else high
    return 2 * np.abs(gray - paper) > abs(ink - paper)


def gaps_of(ink: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Runs of columns without ink as rows (start, end), ends exclusive."""
    empty = np.concatenate([[False], ink.sum(axis=0) == 0, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(empty))
    return change.reshape(-1, 2)


def rows_of(ink: NDArray[np.bool_]) -> tuple[int, int]:
    """First row of one line's ink and the row after its last; not what lines above and below reach into the crop.

    The rows with much ink are the line's small letters, or all of its capitals and digits. Ascenders and
    descenders reach from there by less than the way to the next line; what the crop's edge cuts off is another line's.
    """
    profile = ink.sum(axis=1)
    inked = np.flatnonzero(profile)
    if not len(inked):
        return 0, ink.shape[0]
    dense = np.concatenate([[False], profile > _DENSE * np.percentile(profile, _FULL_ROW), [False]]).astype(
        np.int8
    )
    runs = np.flatnonzero(np.diff(dense)).reshape(-1, 2)
    start, end = runs[np.argmax([profile[a:b].sum() for a, b in runs])]
    core = end - start
    if core < _LEAST_CORE * len(inked):
        return int(inked[0]), int(inked[-1]) + 1
    pieces = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
    own = np.concatenate([run for run in pieces if not _is_cut(run, start, end, ink.shape[0])])
    mine = own[(own >= start - _ASCENT * core) & (own < end + _DESCENT * core)]
    return int(mine[0]), int(mine[-1]) + 1


def _is_cut(run: NDArray[np.int64], start: int, end: int, height: int) -> bool:
    """Whether a run of inked rows ends at the crop's edge, apart from the line's core at rows ``start`` to ``end``."""
    apart = run[-1] < start or run[0] >= end
    return bool(apart and (run[0] == 0 or run[-1] == height - 1))


def _cells(
    characters: Sequence[Character], gaps: NDArray[np.int64], width: int, least: float
) -> list[list[Character]]:
    """The characters cut at gaps of at least ``least`` pixels."""
    cuts = [(a + b) / 2 / width for a, b in gaps if b - a >= least and a > 0 and b < width]
    parts: list[list[Character]] = [[] for _ in range(len(cuts) + 1)]
    for character in characters:
        parts[int(np.searchsorted(cuts, character.place))].append(character)
    return [part for part in parts if any(c.text.strip() for c in part)]


def _span(
    reading: Reading, ink: NDArray[np.bool_], bounds: tuple[int, int, int, int], scale: float
) -> Span | None:
    """The span of one cell with its tight box, or nothing where the cell has no ink."""
    text = text_of(reading)
    columns = _columns(reading, ink)
    if columns is None:
        return None
    first, last = columns
    upper, lower = rows_of(ink[:, first : last + 1])
    left, top = bounds[0], bounds[1]
    y0, y1 = top + upper, top + lower
    box: Box = ((left + first) / scale, y0 / scale, (left + last + 1) / scale, y1 / scale)
    size, below = _font_size(text, box[3] - box[1])
    return Span(text, box, size, baseline=box[3] - below, score=score_of(reading))


def text_of(reading: Reading) -> str:
    """What was read, without spaces around it and with those that were lost."""
    return _LOST_SPACE.sub(" ", reading.text.strip())


# The recognizer swallows narrow spaces after punctuation: "number.If", "2025,nine", "[3]R.".
_LOST_SPACE = re.compile(r"(?<=[a-z0-9][,;])(?=[A-Za-z])|(?<=[a-z]\.)(?=[A-Z][a-z])|(?<=\d\])(?=[A-Z])")


def _columns(reading: Reading, ink: NDArray[np.bool_]) -> tuple[int, int] | None:
    """First and last inked column of a cell, out to the gap before its first and after its last character."""
    width = ink.shape[1]
    inked = np.flatnonzero(ink.any(axis=0))
    visible = [c.place for c in reading.characters if c.text.strip()]
    if not len(inked) or not visible:
        return None
    reach = _REACH * ink.shape[0]
    mine = inked[(inked >= visible[0] * width - reach) & (inked <= visible[-1] * width + reach)]
    return (int(mine[0]), int(mine[-1])) if len(mine) else None


def _font_size(text: str, height: float) -> tuple[float, float]:
    """Font size and depth below the baseline, both in points, of ink ``height`` points high.

    The letters say which part of the font's size their ink spans.
    """
    if _CJK.search(text):
        return round(height / _SQUARE, 1), _SQUARE_DEPTH * height / _SQUARE
    above = _TALL_EM if _TALL.search(text) else _LOW_EM
    below = _DEEP_EM if _DEEP.search(text) else _FLAT_EM
    size = height / (above + below)
    return round(size, 1), below * size


def mark_bold(lines: Sequence[Line], image: Image, scale: float) -> None:
    """Sets ``bold`` on the spans whose stems are clearly wider than those of most of the page's text."""
    everything = [span for line in lines for span in line.spans]
    spans = [
        s for s in everything if sum(c.isalpha() for c in s.text) >= _BOLD_LETTERS and not _CJK.search(s.text)
    ]
    if not spans:
        return
    stems = [_stem_width(image, span.box, scale) for span in spans]
    # Counted by characters: headings and cells are many lines with little text.
    count = [len(span.text) for span in spans]
    usual = float(np.median(np.repeat(stems, count)))
    size = float(np.median(np.repeat([span.size for span in spans], count)))
    for span, stem in zip(spans, stems, strict=True):
        span.bold = stem > _BOLD * usual * max(1.0, span.size / size) ** _WIDENING
    headings = [span for span in spans if span.bold]
    for number in everything:
        if _SECTION_NUMBER.fullmatch(number.text):
            number.bold = any(_stands_before(number, heading) for heading in headings)


def _stands_before(number: Span, heading: Span) -> bool:
    """Whether a section's number, too short to be judged by its stems, belongs to the heading."""
    gap = heading.box[0] - number.box[2]
    return 0 <= gap < _BEFORE * heading.size and abs(heading.box[1] - number.box[1]) < _LEVEL * heading.size


def _stem_width(image: Image, box: Box, scale: float) -> float:
    """Median length in pixels of the horizontal runs of ink in a line's first words."""
    x0, y0, x1, y1 = (round(v * scale) for v in box)
    gray = image[max(0, y0 - 1) : y1 + 1, max(0, x0 - 2) : min(x1 + 2, x0 + 24 * (y1 - y0)), 1]
    # Stems are 2 to 5 pixels wide: quarters of a pixel tell bold from regular.
    wide = cv2.resize(gray, (4 * gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_CUBIC)
    _, ink = cv2.threshold(wide, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if 2 * ink.mean() > 1:
        ink = 1 - ink
    change = np.diff(np.pad(ink.astype(np.int8), ((0, 0), (1, 1))), axis=1).ravel()
    runs = np.flatnonzero(change == -1) - np.flatnonzero(change == 1)
    return float(np.median(runs)) / 4 if len(runs) else 0.0
