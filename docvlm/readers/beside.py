"""What stands on a page without being its text: line numbers in the margin, stamps up the margin, watermarks.

It is told from the text by its place and its look before anything is read, for numbers cut sentences and tables are made of
them. Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace

from docvlm.boxes import Box, middle, sides, union
from docvlm.layout.region import Region
from docvlm.readers.prose import marker_of
from docvlm.schema import Kind
from docvlm.spans import Line, Span
from docvlm.text_layer import body_size

# Line numbers.
_FEWEST = 5  # in one column
_SAME_EDGE = 3.0  # points between the edges of numbers of one column
_PITCH = 0.2  # of the usual step, by which others may differ
_GAP = 0.5  # ems between a number and its line, at least
_LEVEL = 0.6  # ems by which a number may stand off its line
_READ_ON = (
    0.35  # of the lines, at least, begin with a small letter or end at the margin, as running text does
)
_NUMBERED = 0.5  # of the numbers, at least, that have a line beside them
_NUMBER = re.compile(r"\s*(\d{1,4})(?=\s|$)")

_NUMBERED_KINDS: frozenset[Kind] = frozenset({"paragraph", "list", "table", "code"})

# Stamps and watermarks.
_LEVEL_LINE, _UPRIGHT = 0.99, 0.1  # cosines of a line's angle: level, and straight up
_OUTER = 0.1  # of the page's width: its outer margins
_TALL = 1.5  # heights to a width of a line that is turned
_LARGE = 1.8  # of the body's type
_PALE = 0.55  # of white
_FEWEST_LETTERS = 3
_CROSSED = 2  # lines of text, at least, on which a watermark lies


def parted(lines: list[Line], width: float) -> tuple[list[Line], list[Line], list[Line]]:
    """The lines of a page's text, its line numbers, and its stamps and watermarks; ``width`` is the page's."""
    numbers, text = _line_numbers(lines)
    size = body_size(text)
    marks = [line for line in text if _is_watermark(line, text, size) or _is_stamp(line, text, width)]
    kept = [line for line in text if all(line is not mark for mark in marks)]
    return (kept, numbers, marks) if kept else (lines, [], [])


# Line numbers.


def _line_numbers(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The numbers of a page's lines, and the lines without them."""
    candidates = [(line, number) for line in lines if (number := _number_of(line)) is not None]
    for edge in (2, 0):
        for column in _columns(candidates, edge):
            run = _run(column)
            if len(run) >= _FEWEST and _number_running_text(run, lines):
                return _taken_off(lines, run)
    return [], lines


def _number_of(line: Line) -> Span | None:
    """The number that begins a line, where it is a span of its own or all of it; at a line's end, too, it stands alone."""
    shown = [span for span in line.spans if span.text.strip()]
    if not shown or (match := _NUMBER.match(shown[0].text)) is None:
        return None
    first = shown[0]
    if match.end() < len(first.text.rstrip()):
        rest = first.text[match.end() :]
        if len(rest) - len(rest.lstrip()) < 2:  # typed with spaces
            return None
        step = (first.box[2] - first.box[0]) / len(first.text)
        return replace(
            first, text=match[1], box=(*first.box[:2], first.box[0] + step * match.end(), first.box[3])
        )
    if (
        len(shown) > 1
        and shown[1].box[0] - first.box[2] < _GAP * first.size
        and not first.text.endswith("  ")
    ):
        return None
    return first


def _columns(candidates: list[tuple[Line, Span]], edge: int) -> list[list[tuple[Line, Span]]]:
    """Candidates whose edge, left (0) or right (2), is the same, top to bottom; the longest column first."""
    ordered = sorted(candidates, key=lambda pair: pair[1].box[edge])
    columns: list[list[tuple[Line, Span]]] = []
    for pair in ordered:
        if columns and pair[1].box[edge] - columns[-1][-1][1].box[edge] < _SAME_EDGE:
            columns[-1].append(pair)
        else:
            columns.append([pair])
    for column in columns:
        column.sort(key=lambda pair: pair[1].box[1])
    return sorted(columns, key=len, reverse=True)


def _run(column: list[tuple[Line, Span]]) -> list[tuple[Line, Span]]:
    """The longest run of numbers with one difference, each as far below the one before as the difference says."""
    best: list[tuple[Line, Span]] = []
    run: list[tuple[Line, Span]] = []
    for before, pair in zip([None, *column], column):
        if before is not None and run and _follows(run, pair):
            run.append(pair)
        else:
            run = [pair]
        if len(run) > len(best):
            best = run
    return best


def _follows(run: list[tuple[Line, Span]], pair: tuple[Line, Span]) -> bool:
    values = [int(span.text) for _, span in (*run, pair)]
    tops = [span.box[1] for _, span in (*run, pair)]
    difference, step = values[-1] - values[-2], tops[-1] - tops[-2]
    if difference <= 0 or step <= 0:
        return False
    if len(run) < 2:
        return True
    usual = statistics.median(b - a for a, b in itertools.pairwise(tops[:-1]))
    return difference == values[1] - values[0] and abs(step - usual) < _PITCH * usual


def _number_running_text(run: list[tuple[Line, Span]], lines: list[Line]) -> bool:
    """Whether a column of numbers stands outside of all text and beside lines that read on, each in one piece.

    Rows of a table and items of a list are numbered, too, but do not read on.
    """
    box = union([span.box for _, span in run])
    own = {id(line) for line, _ in run}
    rest = [_without_number(line, span) for line, span in run]
    text = [line for line in (*rest, *(each for each in lines if id(each) not in own)) if line.text.strip()]
    near = [line for line in text if line.box[3] > box[1] and line.box[1] < box[3]]
    if not near or not (
        all(line.box[0] > box[2] - 1 for line in near) or all(line.box[2] < box[0] + 1 for line in near)
    ):
        return False
    rows = [[line for line in near if _is_level(line.box, span)] for _, span in run]
    beside = [row for row in rows if row]
    single = [row[0] for row in beside if len(row) == 1]
    if len(beside) < _NUMBERED * len(run) or len(single) < _NUMBERED * len(beside):
        return False
    right = max(line.box[2] for line in near)
    return (
        sum(_reads_on(line, right) for line in single) > _READ_ON * len(single)
        and sum(line.text.lstrip()[:1].islower() for line in single) > 1
    )


def _is_level(box: Box, number: Span) -> bool:
    return abs((box[1] + box[3]) - (number.box[1] + number.box[3])) < 2 * _LEVEL * number.size


def _reads_on(line: Line, right: float) -> bool:
    return line.text.lstrip()[:1].islower() or line.box[2] > right - 2 * line.size


def _without_number(line: Line, number: Span) -> Line:
    """A line without the number that begins it; without anything where that is all."""
    shown = next(index for index, span in enumerate(line.spans) if span.text.strip())
    first, spans = line.spans[shown], line.spans[shown + 1 :]
    rest = first.text[first.text.index(number.text.strip()) + len(number.text.strip()) :]
    if rest.strip():
        step = (first.box[2] - first.box[0]) / len(first.text)
        left = first.box[2] - step * len(rest.lstrip())
        spans = [replace(first, text=rest.lstrip(), box=(left, *first.box[1:])), *spans]
    while spans and not spans[0].text.strip():
        spans = spans[1:]
    return Line(union([span.box for span in spans]) if spans else line.box, spans, line.direction)


def _taken_off(lines: list[Line], run: list[tuple[Line, Span]]) -> tuple[list[Line], list[Line]]:
    numbered = {id(line): span for line, span in run}
    text = [_without_number(line, numbered[id(line)]) if id(line) in numbered else line for line in lines]
    return [Line(span.box, [span]) for _, span in run], [line for line in text if line.spans]


def joined(regions: Sequence[Region], numbers: Sequence[Line]) -> list[Region]:
    """The regions in order, neighbours beside the line ``numbers`` joined: numbers make tables of text, and cut it.

    What begins with a marker of its own is an item, and stays apart from the text before.
    """
    if not numbers:
        return list(regions)
    top, bottom = numbers[0].box[1], numbers[-1].box[3]
    made: list[Region] = []
    for region in regions:
        numbered = region.kind in _NUMBERED_KINDS and top < middle(region.box)[1] < bottom
        is_item = bool(region.lines) and marker_of(region.lines[0]) is not None
        beside = bool(made) and made[-1].kind == "paragraph" and top < middle(made[-1].box)[1] < bottom
        if numbered and beside and not is_item:
            made[-1] = Region.around("paragraph", [*made[-1].lines, *region.lines])
        elif numbered and not (is_item and region.kind == "list"):
            made.append(Region.around("paragraph", region.lines))
        else:
            made.append(region)
    return made


# Stamps and watermarks.


def _is_watermark(line: Line, lines: Sequence[Line], size: float) -> bool:
    """Whether a line is large and turned, or large, pale and printed across others."""
    letters = len(line.text.strip())
    if letters < _FEWEST_LETTERS or line.size < _LARGE * size:
        return False
    if _UPRIGHT < abs(line.direction[0]) < _LEVEL_LINE:
        return True
    if any(_whiteness(span.color) < _PALE for span in line.spans if span.text.strip()):
        return False
    crossed = sum(_lies_on(line.box, other.box) for other in lines if other is not line)
    return crossed >= _CROSSED


def _lies_on(mark: Box, box: Box) -> bool:
    across = min(mark[2], box[2]) - max(mark[0], box[0])
    return across > 0 and mark[1] < (box[1] + box[3]) / 2 < mark[3]


def _whiteness(color: int) -> float:
    """The darkest channel of a colour, 0 for black to 1 for white."""
    return min(color >> 16 & 255, color >> 8 & 255, color & 255) / 255


def _is_stamp(line: Line, lines: Sequence[Line], width: float) -> bool:
    """Whether a line runs up an outer margin in which no level text stands: a repository's stamp, a turned page's header."""
    wide, high = sides(line.box)
    x0, _, x1, _ = line.box
    if len(line.text.strip()) < _FEWEST_LETTERS or (
        high < _TALL * wide and abs(line.direction[0]) > _UPRIGHT
    ):
        return False
    if x1 > _OUTER * width and x0 < width - _OUTER * width:
        return False
    level = (each for each in lines if sides(each.box)[0] > sides(each.box)[1])
    return all(each.box[2] < x0 or each.box[0] > x1 for each in level)
