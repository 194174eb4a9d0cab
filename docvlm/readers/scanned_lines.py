"""The formulas inside the lines of a scanned page -> LaTeX, from its pixels. The words stay OCR's.

OCR reads formulas as it can, and errs in the words beside them. So a line that may hold some is looked at by the glyph
finder; what turns out to be a formula is read as one, and OCR reads the rest of the line again, without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.deskew import Image
from docvlm.formulas import sight
from docvlm.formulas.codes import em_of
from docvlm.formulas.finder import FinderRuntime, find_glyphs, ink_of
from docvlm.formulas.found_lines import as_line
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, RULE, SIZE, TOP, Glyphs
from docvlm.formulas.segments import Segment, segments
from docvlm.readers.formula import Formula, FormulaReader
from docvlm.readers.formula_image import LEAST_SEEN, PRINTED, Crop, check, judged, share_seen
from docvlm.readers.ocr import OcrEngine
from docvlm.readers.ocr_lines import CALIBRATION, Reading, text_of
from docvlm.spans import Line, Rect, Span

# What OCR reads where a line has a formula: signs, letters that are no words, letters with digits.
_SIGN = re.compile(r"[=<>≤≥≈≡±×÷∈∑∏∫√∂∇∞→←⇒⊂∩∪^_{}\\|~]|[\u0391-\u03c9]")
_LONE = re.compile(r"(?<![\w.'’&/-])(?:[b-z]|[B-HJ-Z](?![.&/]))(?![\w'’-])|(?<![\w-])[A-Za-z]{1,2}\d(?!\w)")
_MARGIN = (0.5, 0.3)  # ems beside a line, above and below it
_OTHER_LINE = 0.5  # ems; type whose baseline is farther off stands in another line
_OUTSIDE = 0.15  # ems; small type so far outside of a line's box belongs to another
_BESIDE = 0.25  # ems beside a formula in which all ink must be known
_BAND = 0.12  # ems of paper above and below the words that are read again
_GAP = 1.0  # ems of paper in place of a formula


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line in which the finder saw formulas.

    ``glyphs`` are the line's, in points of the page; ``crops`` what is known of each of its ``formulas``.
    """

    row: int
    glyphs: Glyphs
    formulas: list[Segment]
    crops: list[Crop]


def may_hold_formulas(line: Line) -> bool:
    """Whether what OCR read in a line looks as if there were a formula: the cheap test before the finder's look."""
    return _SIGN.search(line.text) is not None or _LONE.search(line.text) is not None


def with_formulas(
    image: Image,
    scale: float,
    lines: Sequence[Line],
    finder: FinderRuntime,
    reader: FormulaReader,
    engine: OcrEngine,
) -> list[Line]:
    """Visual ``lines`` of an upright page, those with formulas with spans of LaTeX in place of them.

    ``image`` (H, W, 3) uint8 RGB are its pixels, ``scale`` of them to the point. A formula that fails a check stays as
    OCR read it, and a line without any stays as it is.
    """
    seen = [
        found
        for row, line in enumerate(lines)
        if (found := _look(image, scale, line, row, finder)) is not None
    ]
    read = iter(reader.read([crop.glyphs for each in seen for crop in each.crops]))
    written = [*lines]
    for each in seen:
        formulas = [
            (segment, formula)
            for segment, crop in zip(each.formulas, each.crops)
            if _is_sound(formula := judged(next(read), crop))
        ]
        if formulas:
            written[each.row] = _rewritten(image, scale, lines[each.row], each.glyphs, formulas, engine)
    return written


def _is_sound(formula: Formula) -> bool:
    return bool(formula.latex) and all(each.passed for each in formula.confidence.checks)


# --- what is a formula ----------------------------------------------------------------------------


def _look(image: Image, scale: float, line: Line, row: int, finder: FinderRuntime) -> _Seen | None:
    """What the finder sees in a line, where that has formulas."""
    (x0, y0, x1, y1), size = line.box, line.size
    beside, above = (margin * size for margin in _MARGIN)
    left, top = max(0, int((x0 - beside) * scale)), max(0, int((y0 - above) * scale))
    part = image[top : int((y1 + above) * scale) + 1, left : int((x1 + beside) * scale) + 1]
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    found = find_glyphs(finder, grey)
    everything = found.glyphs
    kept = np.flatnonzero(_is_of_line(everything.places, line, top, scale))
    if not (everything.styles[kept] != RULE).any():
        return None
    places = everything.places[kept] + np.array([left, top, left, top, top, 0], np.float32)
    seen_as, glyphs = as_line(replace(everything.take(kept), places=places / np.float32(scale)))
    formulas = segments(seen_as, glyphs)
    printed = ink_of(grey) > PRINTED
    crops = [
        Crop(
            segment.glyphs,
            sight.features_of(found.probabilities[kept[segment.index]]),
            [check("formula-seen", _seen_around(printed, everything, kept[segment.index]), LEAST_SEEN)],
        )
        for segment in formulas
    ]
    return _Seen(row, glyphs, formulas, crops) if formulas else None


def _is_of_line(places: NDArray[np.float32], line: Line, top: int, scale: float) -> NDArray[np.bool_]:
    """Which of the glyphs and rules at ``places`` (n, 6), in pixels and ``top`` of them too high, belong to a line."""
    em = line.size
    base = float(np.median([span.baseline for span in line.spans]))
    own = (places[:, [TOP, BOTTOM, BASELINE]] + top) / scale
    middle = own[:, :2].mean(1)
    inside = (middle > line.box[1] - _OUTSIDE * em) & (middle < line.box[3] + _OUTSIDE * em)
    large = places[:, SIZE] / scale > 0.85 * em
    return np.asarray(inside & ~(large & (np.abs(own[:, 2] - base) > _OTHER_LINE * em)))


def _seen_around(printed: NDArray[np.bool_], glyphs: Glyphs, index: NDArray[np.intp]) -> float:
    """How much of the print (H, W) at and beside the glyphs ``index`` is accounted for by any of them."""
    around = _BESIDE * em_of(glyphs)
    places = glyphs.places[index]
    left, right = places[:, LEFT].min() - around, places[:, RIGHT].max() + around
    top, bottom = places[:, TOP].min(), places[:, BOTTOM].max()
    here = np.zeros_like(printed)
    there = slice(max(0, int(top)), int(bottom) + 1), slice(max(0, int(left)), int(right) + 1)
    here[there] = printed[there]
    return share_seen(here, glyphs) if here.any() else 0.0


# --- the words between ----------------------------------------------------------------------------


def _rewritten(
    image: Image,
    scale: float,
    line: Line,
    glyphs: Glyphs,
    formulas: Sequence[tuple[Segment, Formula]],
    engine: OcrEngine,
) -> Line:
    """The line with its words as OCR reads them without its formulas, and these as LaTeX."""
    inside = np.concatenate([segment.index for segment, _ in formulas])
    words = np.setdiff1d(np.flatnonzero(glyphs.styles != RULE), inside)
    boxes = [_box(segment.glyphs) for segment, _ in formulas]
    middles = glyphs.places[:, [LEFT, RIGHT]].mean(1)
    cuts = [(box[0] + box[2]) / 2 for box in boxes]
    parts = [
        glyphs.take(words[np.searchsorted(cuts, middles[words]) == number])
        for number in range(len(formulas) + 1)
    ]
    texts = iter(_read_parts(image, scale, [part for part in parts if len(part)], line.size, engine))
    look = replace(line.spans[0], size=line.size, bold=all(span.bold for span in line.spans))
    spans: list[Span] = []
    for number, part in enumerate(parts):
        if len(part):
            text, score = next(texts)
            spans.append(replace(look, text=text or part.text, box=_box(part), score=score))
        if number < len(formulas):
            formula = formulas[number][1]
            score = formula.confidence.score
            spans.append(
                replace(look, text=formula.latex, box=boxes[number], score=score, bold=False, math=True)
            )
    return Line(line.box, spans, line.direction)


def _read_parts(
    image: Image, scale: float, parts: Sequence[Glyphs], em: float, engine: OcrEngine
) -> list[tuple[str, float]]:
    """What OCR reads at the glyphs of each part, with its score; all at once, as words of one line."""
    if not parts:
        return []
    top = min(float(part.places[:, TOP].min()) for part in parts) - _BAND * em
    bottom = max(float(part.places[:, BOTTOM].max()) for part in parts) + _BAND * em
    rows = slice(max(0, int(top * scale)), int(np.ceil(bottom * scale)))
    pieces = []
    for part in parts:
        x0, _, x1, _ = _box(part)
        pieces.append(image[rows, max(0, int(x0 * scale) - 1) : int(np.ceil(x1 * scale)) + 1])
    height = pieces[0].shape[0]
    paper = np.median(np.concatenate([piece[[0, -1]].reshape(-1, 3) for piece in pieces]), axis=0)
    blank = np.broadcast_to(paper.astype(np.uint8), (height, max(1, round(_GAP * em * scale)), 3))
    strip = np.concatenate([each for piece in pieces for each in (piece, blank)], axis=1)
    reading = engine.recognize(np.concatenate([blank[:, : blank.shape[1] // 4], strip], axis=1))
    ends = np.cumsum([piece.shape[1] + blank.shape[1] for piece in pieces])
    ends = (ends - blank.shape[1] / 2 + blank.shape[1] // 4) / (strip.shape[1] + blank.shape[1] // 4)
    told = []
    for number in range(len(parts)):
        low, high = ends[number - 1] if number else 0.0, ends[number]
        own = Reading([each for each in reading.characters if low <= each.place < high])
        told.append((text_of(own), round(CALIBRATION.score(own), 4)))
    return told


def _box(glyphs: Glyphs) -> Rect:
    """The box of glyphs; accents without a width, which stand anywhere, do not count."""
    places = glyphs.places
    wide = places[places[:, RIGHT] > places[:, LEFT] + 0.1]
    places = wide if len(wide) else places
    (x0, y0), (x1, y1) = places[:, [LEFT, TOP]].min(0), places[:, [RIGHT, BOTTOM]].max(0)
    return float(x0), float(y0), float(x1), float(y1)
