"""Fractions of numbers in running text, as school books have them: one number above a short bar, another below it.

The text layer has three lines of them, and nothing says that they are one but the bar, and the text that is level with it:
sums stand below bars, too. On pages with other mathematics the reader of formulas sees the bars itself. Boxes are PDF
points of the upright page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docvlm import contents
from docvlm.boxes import Box, as_box, sides, union
from docvlm.formulas.segments import has_math
from docvlm.mupdf import pymupdf
from docvlm.spans import Line, Span

_NUMBER = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])\s*")
_THICKEST, _LONGEST = 1.6, 60.0  # points
_OVERHANG = 0.6  # ems by which a bar may be longer than its numbers on each side
_NEAR = 0.5  # ems of paper between a bar and its numbers
_OFF_MIDDLE = 0.4  # ems between their middles
_AXIS = 0.28  # ems from the baseline up to the bar
_DIGIT = 0.72  # ems from the baseline up to a digit's top
_LEVEL = 0.25  # ems by which the axis of the text beside a fraction may be off its bar
_SURE = 0.95  # probability of what a bar and two numbers say


def with_fractions(page: pymupdf.Page, lines: list[Line]) -> list[Line]:
    """The lines of an upright page's text layer, with a line of LaTeX for each fraction of two numbers."""
    bars = list(_bars(page))
    if not bars or has_math(lines):
        return lines
    numbers = [(line, span) for line in lines for span in line.spans if _NUMBER.fullmatch(span.text)]
    taken: set[int] = set()
    made: list[Line] = []
    for bar in bars:
        above = _at(bar, numbers, taken, below=False)
        under = _at(bar, numbers, taken, below=True)
        if above is None or under is None or not any(c.isdigit() for c in above.text + under.text):
            continue
        beside = _level_with(bar, (above, under), lines)
        if beside is not None:
            taken |= {id(above), id(under)}
            made.append(_fraction(bar, above, under, beside))
    if not made:
        return lines
    rest = [_without(line, taken) for line in lines]
    return [*(line for line in rest if line.text.strip()), *made]


def _bars(page: pymupdf.Page) -> Iterator[Box]:
    for kind, place in contents.operations(page):
        if kind in ("stroke-path", "fill-path"):
            width, height = sides(as_box(place))
            if height < _THICKEST < width < _LONGEST:
                yield as_box(place)


def _at(bar: Box, numbers: Sequence[tuple[Line, Span]], taken: set[int], below: bool) -> Span | None:
    """The number right above or below a bar that is about as wide."""
    y = (bar[1] + bar[3]) / 2
    for _, span in numbers:
        em, (x0, _, x1, _) = span.size, span.box
        top, foot = span.baseline - _DIGIT * em, span.baseline  # digits have no descenders
        apart = top - y if below else y - foot
        level = abs((x0 + x1) / 2 - (bar[0] + bar[2]) / 2) < _OFF_MIDDLE * em
        wide = bar[2] - bar[0] < x1 - x0 + 2 * _OVERHANG * em + em
        if id(span) not in taken and -_NEAR * em / 2 < apart < _NEAR * em and level and wide:
            return span
    return None


def _level_with(bar: Box, halves: tuple[Span, Span], lines: Sequence[Line]) -> Span | None:
    """The largest type beside a fraction that has its bar on its axis."""
    y = (bar[1] + bar[3]) / 2
    beside = [
        span
        for line in lines
        for span in line.spans
        if span.text.strip()
        and all(span is not half for half in halves)
        and abs(span.baseline - _AXIS * span.size - y) < _LEVEL * span.size
    ]
    return max(beside, key=lambda span: span.size, default=None)


def _fraction(bar: Box, above: Span, under: Span, beside: Span) -> Line:
    size, base = beside.size, beside.baseline
    left, _, right, _ = union([bar, above.box, under.box])
    box = (left, base - 0.8 * size, right, base + 0.2 * size)
    latex = rf"\frac{{{above.text.strip()}}}{{{under.text.strip()}}}"
    return Line(box, [Span(latex, box, size, baseline=base, math=True, score=_SURE)])


def _without(line: Line, taken: set[int]) -> Line:
    spans = [span for span in line.spans if id(span) not in taken]
    if len(spans) == len(line.spans):
        return line
    shown = [span.box for span in spans if span.text.strip()]
    return Line(union(shown) if shown else line.box, spans, line.direction)
