"""Formulas that a page draws as outlines, of which its text layer says nothing: in the gaps of lines, and apart from them.

They are read from the page's pixels, as a scan's are; the text around them stays the text layer's. Icons and charts are
outlines, too, so a page must have one that is evidently a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import contents, raster
from docvlm.boxes import (
    Box,
    contains,
    middle,
    overlap_across,
    overlap_down,
    padded,
    share_within,
    sides,
    union,
)
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, RULE, TOP
from docvlm.formulas.image import Crop, is_shown, judged
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.sight import GlyphReader
from docvlm.layout.region import Region
from docvlm.readers.evidence import is_built
from docvlm.readers.scanned_formulas import read_displayed
from docvlm.readers.view import PageView
from docvlm.spans import Line, Span
from docvlm.text_layer import body_size

_DPI = 250
_MOST_PIXELS = 2e7
_LEVEL = 0.3  # of a run's height that lies along its line
_TALLEST = 2.5  # ems of a run inside a line
_END = 0.6  # ems between a line's end and what goes on there
_BESIDE = 0.5  # ems of paper at a line's ends
_AROUND = 1.5  # points by which the finder's places may be off
_STACKED = 6.0  # points between a bar and what stands on it or below it
_WIDEST_GAP = 1.2  # ems inside a formula of a line
_BESIDE_RUN = 0.5  # points to its sides, beyond which a glyph is another's
_NEAR = 30.0  # points between pieces of a display in one row
_LIKELY = 0.5  # probability of a formula that shows that a page has some
_IN_REGION = 0.5  # of a region that displays cover: it was taken for a picture


@dataclass(frozen=True, slots=True)
class DrawnFormulas:
    """The formulas of a page: ``inside`` its lines as lines of their own, and those ``apart`` with their places."""

    inside: list[Line]
    apart: list[tuple[Box, list[Formula]]]


def read_drawn(view: PageView, lines: Sequence[Line]) -> DrawnFormulas:
    """The formulas that a page of these ``lines`` draws; none where no run of outlines is evidently one."""
    runs = [box for box in contents.drawn_letters(view.page) if not _is_set(box, lines)]
    placed = [(run, _line_around(run, lines)) for run in _whole(runs, lines)]
    inside = [(run, line) for run, line in placed if line is not None]
    apart = _rows([run for run, line in placed if line is None], lines)
    if not (inside or apart):
        return DrawnFormulas([], [])
    finder, reader = view.models.glyphs(), view.models.formula()
    if finder is None or reader is None:
        return DrawnFormulas([], [])
    image = raster.render(view.page, _DPI, max_pixels=_MOST_PIXELS)
    scale = image.shape[1] / view.page.rect.width
    within = _read_inside(image, scale, inside, finder, reader)
    wanted = [Region("formula", box, []) for box in apart]
    shown = (
        read_displayed(image, scale, wanted, [*wanted, *_as_regions(lines)], finder, reader) if wanted else []
    )
    known = [formula for _, formula in within] + [formula for formulas in shown for formula in formulas]
    if not any(_is_evident(formula) for formula in known):
        return DrawnFormulas([], [])
    return DrawnFormulas([line for line, _ in within], list(zip(apart, shown, strict=True)))


def _is_evident(formula: Formula) -> bool:
    return bool(formula.latex) and formula.confidence.score > _LIKELY and is_built(formula.latex)


def _is_set(run: Box, lines: Sequence[Line]) -> bool:
    """Whether a run is text that is set, too: underlined, or drawn over its letters."""
    return any(
        share_within(run, span.box) > _IN_REGION for line in lines for span in line.spans if span.text.strip()
    )


def _line_around(run: Box, lines: Sequence[Line]) -> Line | None:
    """The line in a gap of which, or at an end of which, a run stands."""
    for line in lines:
        size = line.size
        if sides(run)[1] > _TALLEST * size or overlap_down(run, line.box) < _LEVEL * min(sides(run)[1], size):
            continue
        if any(overlap_across(span.box, run) > _BESIDE * size for span in line.spans if span.text.strip()):
            continue
        if -overlap_across(run, line.box) < _END * size:
            return line
    return None


def _whole(runs: Sequence[Box], lines: Sequence[Line]) -> list[Box]:
    """The runs, those side by side with nothing between them as one."""
    size = body_size([*lines])
    words = [span.box for line in lines for span in line.spans if span.text.strip()]
    whole: list[Box] = []
    for run in sorted(runs):
        box = run
        while (
            left := next((each for each in whole if _go_together(each, box, words, size)), None)
        ) is not None:
            whole.remove(left)
            box = union([left, box])
        whole.append(box)
    return whole


def _go_together(one: Box, other: Box, words: Sequence[Box], size: float) -> bool:
    level = overlap_down(one, other) > _LEVEL * min(sides(one)[1], sides(other)[1]) - _AROUND
    gap = -overlap_across(one, other)
    if not level or gap > _WIDEST_GAP * size:
        return False
    between = min(one[2], other[2]), min(one[1], other[1]), max(one[0], other[0]), max(one[3], other[3])
    return gap < 0 or not any(contains(between, middle(word)) for word in words)


def _base(line: Line) -> float:
    return next((span.baseline for span in line.spans if span.text.strip()), line.box[3])


def _rows(runs: Sequence[Box], lines: Sequence[Line]) -> list[Box]:
    """Displays: runs side by side or upon each other, with no line of text between them."""
    rows: list[Box] = []
    for run in sorted(runs, key=lambda box: (box[1], box[0])):
        box = run
        while (home := next((row for row in rows if _is_one(row, box, lines)), None)) is not None:
            rows.remove(home)
            box = union([home, box])
        rows.append(box)
    return sorted(rows, key=lambda box: box[1])


def _is_one(one: Box, other: Box, lines: Sequence[Line]) -> bool:
    both = union([one, other])
    if any(overlap_down(line.box, both) > _AROUND and overlap_across(line.box, both) > 0 for line in lines):
        return False
    if overlap_down(one, other) <= 0:
        return overlap_across(one, other) > 0 and -overlap_down(one, other) < _STACKED
    # A number stands at the far end of its formula's column, and so do lines of text.
    gap = min(one[2], other[2]), max(one[0], other[0])
    return gap[1] - gap[0] < _NEAR or any(line.box[0] < sum(gap) / 2 < line.box[2] for line in lines)


def _as_regions(lines: Sequence[Line]) -> list[Region]:
    return [Region("paragraph", line.box, [line]) for line in lines]


def _read_inside(
    image: NDArray[np.uint8],
    scale: float,
    placed: Sequence[tuple[Box, Line]],
    finder: GlyphReader,
    reader: FormulaReader,
) -> list[tuple[Line, Formula]]:
    """The runs inside lines as lines of LaTeX, or of the letters seen where it could not be read."""
    by_line: dict[int, tuple[Line, list[Box]]] = {}
    for run, line in placed:
        by_line.setdefault(id(line), (line, []))[1].append(run)
    crops = [each for line, runs in by_line.values() for each in _crops(image, scale, line, runs, finder)]
    formulas = reader.read([crop.glyphs for _, _, crop in crops])
    return [
        (_as_line(run, line, crop, formula), formula)
        for (run, line, crop), read in zip(crops, formulas)
        for formula in [judged(read, crop)]
    ]


def _crops(
    image: NDArray[np.uint8], scale: float, line: Line, runs: Sequence[Box], finder: GlyphReader
) -> Iterator[tuple[Box, Line, Crop]]:
    """What the finder sees of each run, looking at the whole line: that tells how large its type is."""
    x0, y0, x1, y1 = padded(union([line.box, *runs]), _BESIDE * line.size, _AROUND)
    left, top = max(0, int(x0 * scale)), max(0, int(y0 * scale))
    part = image[top : int(y1 * scale) + 1, left : int(x1 * scale) + 1]
    found = finder.find(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY))
    places = (found.glyphs.places + np.array([left, top, left, top, top, 0], np.float32)) / np.float32(scale)
    glyphs = replace(found.glyphs, places=places)
    for run in runs:
        a, b, c, d = padded(run, _BESIDE_RUN, _AROUND)
        x, y = places[:, [LEFT, RIGHT]].mean(1), places[:, [TOP, BOTTOM]].mean(1)
        index = np.flatnonzero((x > a) & (x < c) & (y > b) & (y < d))
        if len(index) and (glyphs.styles[index] != RULE).any():
            yield run, line, Crop(glyphs.take(index), finder.doubt(found.probabilities[index]))


def _as_line(run: Box, line: Line, crop: Crop, formula: Formula) -> Line:
    good = is_shown(formula)
    span = Span(
        formula.latex if good else crop.glyphs.text,
        run,
        line.size,
        baseline=_base(line),
        math=good,
        score=formula.confidence.score,
    )
    return Line((run[0], line.box[1], run[2], line.box[3]), [span])


def with_displays(regions: Sequence[Region], drawn: DrawnFormulas) -> list[tuple[Region, list[Formula]]]:
    """The regions in order with those of the formulas ``apart`` from lines, each with its formulas; a picture that shows
    hardly more than such formulas gives way.
    """
    boxes = [box for box, _ in drawn.apart]
    kept = [
        (region, list[Formula]())
        for region in regions
        if not (
            region.kind in ("picture", "chart", "formula")
            and not region.lines
            and _shows_only(region.box, boxes)
        )
    ]
    for box, formulas in drawn.apart:
        column = _column(box, [region.box for region, _ in kept])
        place = max(
            (
                number + 1
                for number, (region, _) in enumerate(kept)
                if overlap_across(region.box, column) > 0 and middle(region.box)[1] < middle(box)[1]
            ),
            default=0,
        )
        kept.insert(place, (Region("formula", box, []), formulas))
    return kept


def _column(box: Box, others: Sequence[Box]) -> Box:
    """The box with what stands next above and next below it: short lines reach less far than their column."""
    along = [other for other in others if overlap_across(other, box) > 0]
    above = max((o for o in along if middle(o)[1] < middle(box)[1]), key=lambda o: o[3], default=box)
    below = min((o for o in along if middle(o)[1] > middle(box)[1]), key=lambda o: o[1], default=box)
    return union([box, above, below])


def _shows_only(box: Box, formulas: Sequence[Box]) -> bool:
    return sum(share_within(box, each) for each in formulas) > _IN_REGION
