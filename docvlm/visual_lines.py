"""Lines as a PDF cuts them -> lines as a reader sees them."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import replace

from docvlm.boxes import union
from docvlm.directions import in_reading_order
from docvlm.spans import Line

# Drop capitals, in ems of the text beside them.
_CAP_SIZE = 2.0  # at least so large
_CAP_RISE = 0.5  # a line may begin so much above it
_CAP_GAP = 1.5  # at most so far before the text
_SHARED_HEIGHT = 0.5  # of the lower box, for two to be level
_SIDE_OVERLAP = (0.5, 2.0)  # ems and points by which boxes on one line may overlap: italics and accents
_SAME_BASELINE = 0.1  # ems
_OVERPRINT = 0.3  # ems; type that overlaps more does not stand on one line
_SAME_SIZE = 0.9  # of the larger type
_FULL_SIZE = 0.85  # of the text's type; smaller stands in scripts and fractions
_FRACTION = 0.9  # ems from a line's axis, within which halves of its fractions stand
_BESIDE_WORDS = 0.4  # ems by which half a fraction may reach under a word
_AXIS = 0.25  # ems from the baseline up to the bars of fractions


def visual_lines(lines: Iterable[Line]) -> list[Line]:
    """Joins lines that share a baseline, left to right; sorted top to bottom.

    PDF producers cut what a reader sees as one line at every change of font or position.
    """
    rows: list[list[Line]] = []
    for line in sorted(_set_drop_caps(list(lines)), key=lambda line: (line.box[1] + line.box[3]) / 2):
        home = next((row for row in reversed(rows[-4:]) if _level(row, line)), None)
        if home is None:
            rows.append([line])
        else:
            home.append(line)
    rows = sorted(_gather_fractions(rows), key=lambda row: min(line.box[1] + line.box[3] for line in row))
    return [_merge(row) for row in rows]


def _set_drop_caps(lines: list[Line]) -> list[Line]:
    """Puts a large initial that reaches over several lines back before the first of them."""
    for cap in [line for line in lines if len(line.text.strip()) == 1 and line.text.strip().isalpha()]:
        beside = [
            line
            for line in lines
            if line is not cap
            and _CAP_SIZE * line.size < cap.size
            and cap.box[1] - _CAP_RISE * line.size < (line.box[1] + line.box[3]) / 2 < cap.box[3]
            and -line.size < line.box[0] - cap.box[2] < _CAP_GAP * line.size
        ]
        if len(beside) < 2:
            continue
        first = min(beside, key=lambda line: line.box[1])
        initial = replace(first.spans[0], text=cap.text.strip() + first.spans[0].text.lstrip())
        lines = [line for line in lines if line is not cap and line is not first]
        lines.append(Line(first.box, [initial, *first.spans[1:]], first.direction))
    return lines


def _level(row: list[Line], line: Line) -> bool:
    anchor = max(row, key=lambda member: member.box[3] - member.box[1])
    shared = min(anchor.box[3], line.box[3]) - max(anchor.box[1], line.box[1])
    smaller = min(anchor.box[3] - anchor.box[1], line.box[3] - line.box[1])
    if shared <= _SHARED_HEIGHT * smaller:
        return False
    # Two lines one above the other never share a baseline, even where tall boxes overlap. What stands above each
    # other in a line with a fraction does not either, but the text around it does.
    if any(_continues(member, line) for member in row):
        return True
    return all(
        min(m.box[2], line.box[2]) - max(m.box[0], line.box[0])
        < _SIDE_OVERLAP[0] * line.size + _SIDE_OVERLAP[1]
        for m in row
    )


def _continues(one: Line, other: Line) -> bool:
    """Whether two lines have type of the same size on one baseline, side by side."""
    size = max(one.size, other.size)
    pairs = [
        (a, b)
        for a, b in itertools.product(one.spans, other.spans)
        if a.text.strip() and b.text.strip() and abs(a.baseline - b.baseline) < _SAME_BASELINE * size
    ]
    if any(min(a.box[2], b.box[2]) - max(a.box[0], b.box[0]) > _OVERPRINT * size for a, b in pairs):
        return False
    return any(min(a.size, b.size) > _SAME_SIZE * size for a, b in pairs)


def _gather_fractions(rows: list[list[Line]]) -> list[list[Line]]:
    """Puts rows of small type, above and below the bars of fractions in a line, into that line's row."""
    if len(rows) < 2:
        return rows
    # Not the largest: OCR makes a line larger that a script or a bracket makes higher.
    size = statistics.median(
        itertools.chain.from_iterable([line.size] * len(line.text) for row in rows for line in row)
    )
    whole = [
        row for row in rows if any(line.size > _FULL_SIZE * size and line.text.strip() != "√" for line in row)
    ]
    for row in rows:
        if any(row is other for other in whole):
            continue
        middle = statistics.fmean((line.box[1] + line.box[3]) / 2 for line in row)
        near = [(abs(_axis(other) - middle), index) for index, other in enumerate(whole)]
        distance, index = min(near)
        if distance < _FRACTION * size and _between_words(whole[index], row, size):
            whole[index].extend(row)
        else:
            whole.append(row)
    return whole


def _axis(row: list[Line]) -> float:
    """The height of a row's bars of fractions: some way above the baseline of its largest type."""
    span = max((span for line in row for span in line.spans if span.text.strip()), key=lambda span: span.size)
    return span.baseline - _AXIS * span.size


def _between_words(row: list[Line], small: list[Line], size: float) -> bool:
    """Whether small type stands where nothing of the row's own size does."""
    left, right = min(line.box[0] for line in small), max(line.box[2] for line in small)
    return all(
        min(span.box[2], right) - max(span.box[0], left) < _BESIDE_WORDS * size
        for line in row
        for span in line.spans
        if span.size > _FULL_SIZE * size and span.text.strip()
    )


def _merge(row: list[Line]) -> Line:
    if len(row) == 1:
        return row[0]
    row = sorted(row, key=lambda line: line.box[0])
    spans = [span for line in row for span in line.spans]
    if any(b.box[0] < a.box[2] - _OVERPRINT * a.size for a, b in itertools.pairwise(row)):
        spans.sort(key=lambda span: span.box[0])  # half a fraction stands where the other half's line goes on
    return Line(union([line.box for line in row]), in_reading_order(spans), row[0].direction)
