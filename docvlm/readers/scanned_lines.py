"""The formulas inside the lines of a scanned page -> LaTeX, from its pixels. The words stay OCR's.

OCR reads formulas as it can, and errs in the words beside them. So a line that may hold some is looked at by the glyph
finder; what turns out to be a formula is read as one, and OCR reads the rest of the line again, without it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import checks
from docvlm.boxes import Box, union
from docvlm.formulas.codes import em_of
from docvlm.formulas.finder import ink_of
from docvlm.formulas.found_lines import as_line
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, RULE, SIZE, TOP, Glyphs
from docvlm.formulas.image import PRINTED, Crop, is_shown, judged, share_seen
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.segments import Segment, segments
from docvlm.formulas.sight import GlyphReader
from docvlm.ocr.deskew import Image
from docvlm.ocr.engine import OcrEngine
from docvlm.ocr.lines import Reading, score_of, text_of
from docvlm.readers.align import folded
from docvlm.readers.evidence import CHEMICAL, Candidate, candidate
from docvlm.readers.scanned_bars import has_bar
from docvlm.readers.scanned_scripts import with_scripts
from docvlm.spans import Line, Span

# What OCR reads where a line has a formula: signs, letters that are no words, letters with digits.
_SIGN = re.compile(r"[=<>≤≥≈≡±×÷∈∑∏∫√∂∇∞→←⇒⊂∩∪^_{}\\|~]|[\u0391-\u03c9]")
_LONE = re.compile(r"(?<![\w.'’&/-])(?:[b-z]|[B-HJ-Z](?![.&/]))(?![\w'’-])|(?<![\w-])[A-Za-z]{1,2}\d(?!\w)")
_COMPOUND = re.compile(r"[^\W\d_]{3,}-\w+")  # names of models and genes end in what looks like a symbol
_WORD = re.compile(r"[^\W\d_]+")
_COLUMN_GAP = 1.5  # ems
_MARGIN = (0.5, 0.3)  # ems beside a line, above and below it
_FULL_SIZE = 0.85  # ems; smaller type is a script
_WIDTHLESS = 0.1  # points; accents are drawn without a width
_OTHER_LINE = 0.5  # ems; type whose baseline is farther off stands in another line
_OUTSIDE = 0.15  # ems; small type so far outside of a line's box belongs to another
_BESIDE = 0.25  # ems beside a formula in which all ink must be known
_BAND = 0.12  # ems of paper above and below the words that are read again
_GAP = 1.0  # ems of paper in place of a formula
_TALL = 1.3  # ems; a formula that is higher makes its line higher
_SPACE = 0.12  # ems; narrower gaps are no spaces
_CLOSING, _OPENING = ".,;:!?)]", "(["
_SURE = 0.95  # of stops and brackets between formulas
_SURE_OF = 0.5  # OCR's score of a line whose words are to be believed
_SHORTEST_WORD = 3  # letters; less may be a formula's
_LEAST_LEFT = 0.7  # of a word's letters, for it to be part of a formula
_LEAST_ALIKE = 0.8  # of a line's letters


Believed = Callable[[Sequence[Candidate]], list[bool]]


def _all(candidates: Sequence[Candidate]) -> list[bool]:
    """Who shows a picture of a formula is believed."""
    return [True] * len(candidates)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line in which the finder saw formulas: its ``glyphs``, in points of the page, which of them are ``formulas``,
    and what is known of each of these.
    """

    glyphs: Glyphs
    formulas: list[Segment]
    crops: list[Crop]


def may_hold_formulas(line: Line) -> bool:
    """Whether what OCR read in a line looks as if there were a formula: the cheap test before the finder's look."""
    return any(pattern.search(line.text) for pattern in (_SIGN, _LONE, CHEMICAL))


def with_formulas(
    image: Image,
    scale: float,
    lines: Sequence[Line],
    finder: GlyphReader,
    reader: FormulaReader,
    engine: OcrEngine,
    believed: Believed = _all,
) -> list[Line]:
    """Visual ``lines`` of an upright page, those with formulas with spans of LaTeX in place of them.

    ``image`` (H, W, 3) uint8 RGB are its pixels, ``scale`` of them to the point. A formula that fails a check, or that is
    not ``believed`` to be one, stays as OCR read it, and a line without any stays as it is.
    """
    cells = [cell for line in lines for cell in _cells(line)]
    seen = [_look(image, scale, cell, finder) for cell in cells]
    read = iter(reader.read([crop.glyphs for each in seen for crop in each.crops]))
    formulas = [
        [(segment, judged(next(read), crop)) for segment, crop in zip(each.formulas, each.crops)]
        for each in seen
    ]
    barred = [bool(found) and has_bar(image, scale, cell) for cell, found in zip(cells, formulas)]
    sound = _sound(cells, seen, formulas, barred, believed)
    spans_of = iter(
        [
            _rewritten(image, scale, cell, each.glyphs, found, good, engine)
            for cell, each, found, good in zip(cells, seen, formulas, sound)
        ]
    )
    return [
        Line(line.box, [span for _ in _cells(line) for span in next(spans_of)], line.direction)
        for line in lines
    ]


def _sound(
    cells: Sequence[Line],
    seen: Sequence[_Seen],
    formulas: Sequence[Sequence[tuple[Segment, Formula]]],
    barred: Sequence[bool],
    believed: Believed,
) -> list[list[bool]]:
    """Which formulas of each line are to be shown: those that pass their checks and are believed to be some."""
    shown = [
        [is_shown(formula) and not _is_other_print(segment, cell.text) for segment, formula in found]
        for cell, found in zip(cells, formulas)
    ]
    candidates = [
        replace(candidate(cell.text, each.glyphs, segment, formula), barred=bar)
        for cell, each, found, good, bar in zip(cells, seen, formulas, shown, barred)
        for (segment, formula), passed in zip(found, good)
        if passed
    ]
    trusted = iter(believed(candidates))
    return [[passed and next(trusted) for passed in good] for good in shown]


def _cells(line: Line) -> list[Line]:
    """A visual line cut at wide gaps, beyond which another column may have a baseline of its own."""
    cells: list[list[Span]] = []
    for span in line.spans:
        if cells and span.box[0] - cells[-1][-1].box[2] < _COLUMN_GAP * line.size:
            cells[-1].append(span)
        else:
            cells.append([span])
    return [Line(union([span.box for span in spans]), spans, line.direction) for spans in cells]


def _is_other_print(segment: Segment, text: str) -> bool:
    """Whether a formula is but a letter that OCR did not see: a sign that the finder does not know."""
    letter = segment.glyphs.text
    return letter.isascii() and letter.isalpha() and len(letter) == 1 and letter not in _WORD.findall(text)


# --- what is a formula ----------------------------------------------------------------------------


def _look(image: Image, scale: float, line: Line, finder: GlyphReader) -> _Seen:
    (x0, y0, x1, y1), size = line.box, line.size
    beside, above = (margin * size for margin in _MARGIN)
    left, top = max(0, int((x0 - beside) * scale)), max(0, int((y0 - above) * scale))
    part = image[top : int((y1 + above) * scale) + 1, left : int((x1 + beside) * scale) + 1]
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    found = finder.find(grey)
    everything = found.glyphs
    kept = np.flatnonzero(_is_of_line(everything.places, line, top, scale))
    if not (everything.styles[kept] != RULE).any():
        return _Seen(everything.take(kept), [], [])
    places = everything.places[kept] + np.array([left, top, left, top, top, 0], np.float32)
    seen_as, glyphs = as_line(replace(everything.take(kept), places=places / np.float32(scale)))
    # An accent that found no place among its line's glyphs leaves a segment without any.
    formulas = [segment for segment in segments(seen_as, glyphs) if len(segment.index)]
    printed = ink_of(grey) > PRINTED
    crops = [
        Crop(
            segment.glyphs,
            finder.doubt(found.probabilities[kept[segment.index]]),
            [checks.FORMULA_SEEN(_seen_around(printed, everything, kept[segment.index]))],
        )
        for segment in formulas
    ]
    return _Seen(glyphs, formulas, crops)


def _is_of_line(places: NDArray[np.float32], line: Line, top: int, scale: float) -> NDArray[np.bool_]:
    """Which of the glyphs and rules at ``places`` (n, 6), in pixels and ``top`` of them too high, belong to a line."""
    em = line.size
    base = float(np.median([span.baseline for span in line.spans]))
    own = (places[:, [TOP, BOTTOM, BASELINE]] + top) / scale
    middle = own[:, :2].mean(1)
    inside = (middle > line.box[1] - _OUTSIDE * em) & (middle < line.box[3] + _OUTSIDE * em)
    large = places[:, SIZE] / scale > _FULL_SIZE * em
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
    sound: Sequence[bool],
    engine: OcrEngine,
) -> list[Span]:
    """A line's words as OCR reads them without its ``sound`` formulas, and these as LaTeX; as it was where that gives
    less.
    """
    if not any(sound):
        return with_scripts(line.spans, glyphs)
    em = em_of(glyphs)
    # What is no line's height would make the words small for OCR, whatever it is.
    apart = [(*each, good) for each, good in zip(formulas, sound) if good or _height(each[0]) > _TALL * em]
    boxes = [_box(segment.glyphs) for segment, _, _ in apart]
    inside = np.concatenate([segment.index for segment, _, _ in apart])
    between = np.setdiff1d(np.flatnonzero(glyphs.styles != RULE), inside)
    middles = glyphs.places[between][:, [LEFT, RIGHT]].mean(1)
    place = np.searchsorted([(x0 + x1) / 2 for x0, _, x1, _ in boxes], middles)
    numbers = np.unique(place).tolist()
    parts = [_Part(glyphs.take(between[place == each]), each > 0, each < len(boxes)) for each in numbers]
    look = replace(line.spans[0], size=min(line.size, em), bold=all(span.bold for span in line.spans))
    placed = []
    for number, part, (text, score) in zip(numbers, parts, _read_again(image, scale, parts, engine)):
        box = _box(part.glyphs)
        # What is between words and formulas is known better than between words of OCR's.
        before = " " if number and box[0] - boxes[number - 1][2] > _SPACE * em else ""
        behind = " " if number < len(boxes) and boxes[number][0] - box[2] > _SPACE * em else ""
        placed.append((2 * number, replace(look, text=before + text + behind, box=box, score=score)))
    for number, ((segment, formula, good), box) in enumerate(zip(apart, boxes)):
        if good:
            score = formula.confidence.score
            span = replace(look, text=formula.latex, box=box, score=score, bold=False, math=True)
        else:
            (reading,) = _readings(image, scale, [segment.glyphs], engine)
            span = replace(look, text=text_of(reading), box=box, score=score_of(reading))
        placed.append((2 * number + 1, span))
    spans = [span for _, span in sorted(placed, key=lambda each: each[0])]
    words, read = [span for span in spans if not span.math], [segment for segment, _, good in apart if good]
    return with_scripts(line.spans if _is_worse(words, read, line) else spans, glyphs)


def _height(segment: Segment) -> float:
    _, top, _, bottom = _box(segment.glyphs)
    return bottom - top


def _is_worse(words: Sequence[Span], formulas: Sequence[Segment], line: Line) -> bool:
    """Whether OCR was surer of the line with its formulas, and read something else, or whether a word of its is lost: then
    the finder took print that it does not know, such as code, for a formula.
    """
    said, letters = " ".join(span.text for span in words), " ".join(each.glyphs.text for each in formulas)
    before = _sureness(line.spans)
    if _sureness(words) < before and _alike(f"{said} {letters}", line.text) < _LEAST_ALIKE:
        return True
    return before > _SURE_OF and _loses_words(said, letters, line.text)


def _loses_words(said: str, letters: str, before: str) -> bool:
    """Whether the text ``before`` has words that are now neither ``said`` nor made of the ``letters`` of formulas, or a word
    and what hyphens tied to it are parted.
    """
    if any(compound not in said for compound in _COMPOUND.findall(before)):
        return True
    old, new = ([word.casefold() for word in _WORD.findall(text)] for text in (before, said))
    gone = [word for word in old if len(word) >= _SHORTEST_WORD and word not in new]
    # What is left of a word that was half a formula is a word of its own.
    left = Counter(folded(letters + "".join(word for word in new if word not in old)))
    return any((Counter(word) & left).total() < _LEAST_LEFT * len(word) for word in gone)


def _alike(one: str, other: str) -> float:
    """The share of two texts' letters and digits that both have, whatever their order."""
    a, b = Counter(folded(one)), Counter(folded(other))
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _sureness(spans: Sequence[Span]) -> float:
    """The mean of OCR's scores, weighted by length; nothing read is surely nothing."""
    lengths = [len(span.text) for span in spans]
    return sum(length * (span.score or 0.0) for length, span in zip(lengths, spans)) / sum(lengths or [1])


class _Part:
    """What stands between formulas: ``words`` for OCR, and stops and brackets that touch a formula, too small for it."""

    def __init__(self, glyphs: Glyphs, follows: bool, leads: bool) -> None:
        text = glyphs.text
        first = len(text) - len(text.lstrip(_CLOSING)) if follows else 0
        last = len(text.rstrip(_OPENING)) if leads else len(text)
        self.glyphs = glyphs
        self.words = glyphs.take(np.arange(first, max(first, last)))
        self._before, self._behind = text[:first], text[max(first, last) :]
        if first and len(self.words) and self._gap(first) > _SPACE * em_of(glyphs):
            self._before += " "
        if last < len(text) and len(self.words) and self._gap(last) > _SPACE * em_of(glyphs):
            self._behind = " " + self._behind

    def _gap(self, number: int) -> float:
        places = self.glyphs.places
        return float(places[number, LEFT] - places[number - 1, RIGHT])

    def text(self, words: str) -> str:
        """All of it, with what OCR read of the words, or what the finder saw where OCR saw nothing."""
        return self._before + (words or self.words.text) + self._behind


def _read_again(
    image: Image, scale: float, parts: Sequence[_Part], engine: OcrEngine
) -> list[tuple[str, float]]:
    """The text of each part with OCR's score of its words, which it reads all at once, as words of one line."""
    read = [part.words for part in parts if len(part.words)]
    readings = iter(_readings(image, scale, read, engine) if read else [])
    told = []
    for part in parts:
        reading = next(readings) if len(part.words) else None
        score = score_of(reading) if reading is not None else _SURE
        told.append((part.text(text_of(reading) if reading is not None else ""), score))
    return told


def _readings(image: Image, scale: float, words: Sequence[Glyphs], engine: OcrEngine) -> list[Reading]:
    em = max(map(em_of, words))
    top = min(float(each.places[:, TOP].min()) for each in words) - _BAND * em
    bottom = max(float(each.places[:, BOTTOM].max()) for each in words) + _BAND * em
    rows = slice(max(0, int(top * scale)), int(np.ceil(bottom * scale)))
    columns = [(int(x0 * scale) - 1, int(np.ceil(x1 * scale)) + 1) for x0, _, x1, _ in map(_box, words)]
    pieces = [image[rows, max(0, left) : right] for left, right in columns]
    paper = np.median(np.concatenate([piece[[0, -1]].reshape(-1, 3) for piece in pieces]), axis=0)
    around = round(_GAP / 2 * em * scale)
    framed = [
        cv2.copyMakeBorder(piece, 0, 0, around, around, cv2.BORDER_CONSTANT, value=paper.tolist())
        for piece in pieces
    ]
    whole = engine.recognize(np.concatenate(framed, axis=1))
    ends = np.cumsum([piece.shape[1] for piece in framed]) / sum(piece.shape[1] for piece in framed)
    of_part = np.searchsorted(ends, [each.place for each in whole.characters])
    return [
        Reading([each for each, part in zip(whole.characters, of_part) if part == number])
        for number in range(len(words))
    ]


def _box(glyphs: Glyphs) -> Box:
    """The box of glyphs; accents without a width, which stand anywhere, do not count."""
    places = glyphs.places
    wide = places[places[:, RIGHT] > places[:, LEFT] + _WIDTHLESS]
    places = wide if len(wide) else places
    (x0, y0), (x1, y1) = places[:, [LEFT, TOP]].min(0), places[:, [RIGHT, BOTTOM]].max(0)
    return float(x0), float(y0), float(x1), float(y1)
