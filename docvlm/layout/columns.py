"""Short columns side by side, each set for itself, such as the addresses and facts at an invoice's head.

The layout network takes them for one thing, for a table or, line by line, for many. A table's columns say things of one
kind; what is set for itself says a whole thing downwards: an address, facts with their labels.
Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from docvlm.boxes import Box, contains, middle, overlap_across, overlap_down, union
from docvlm.layout import rules
from docvlm.layout.region import Region, cluster, words
from docvlm.mupdf import pymupdf
from docvlm.schema import Kind
from docvlm.spans import Line

Stack = list[Line]

_TAKEN: frozenset[Kind] = frozenset({"paragraph", "heading", "list", "table", "caption", "footnote"})

# A column's lines: in ems of their type, and points.
_WIDEST = 0.4  # of the page's width; longer lines are a page's text
_SAME_EDGE = 1.0  # points
_SAME_SIZE = 0.12
_OVERLAP, _STEP = -0.5, 2.5  # em between two lines
_FEWEST, _MOST = 2, 14  # lines
_WIDER = 0.4  # em; what is so much farther apart than a column's nearest lines is another part of it
_LONGEST = 20.0  # em
_WORDS = 6  # of a line, on average, at most; longer ones are running text

# Columns side by side.
_GUTTER = 0.8  # em
_SHARED = 1.0  # em by which neighbours reach as far down
_MOST_STACKS = 6
_OTHERS = 0.15  # of their lines, at most, are others among them
_LEVEL = 0.15  # em between the baselines of one row

# What a column says.
_ADDRESS = 3  # lines, at least
_LABELLED = 0.5  # of the lines with a colon behind a label
_FACTS = 2  # labels above their values
_VALUES = 0.6  # of the right column's lines with digits, that have none in the left one

_SET_OFF = 0.4  # of the values, fewer, that are as bold as their labels

_OTHER_SIZE = 1.3  # of the column's type; what is larger is a title


def apart(regions: list[Region], lines: Sequence[Line], page: pymupdf.Page) -> list[Region]:
    """The regions of an upright page, those columns of its ``lines`` that are set for themselves as regions of their own."""
    for group in _side_by_side(_stacks(lines, page.rect.width)):
        if not _is_all(group, lines):
            continue
        columns = _columns(group)
        if len(columns) > 1 and not _are_ruled(columns, page):
            regions = _taken_out(columns, regions)
    return regions


def _is_all(group: Sequence[Stack], lines: Sequence[Line]) -> bool:
    """Whether a few stacks are what stands between their ends; those of a table or a drawing are but parts of it."""
    own = list(itertools.chain.from_iterable(group))
    bounds = union([line.box for line in own])
    inside = sum(contains(bounds, middle(line.box)) for line in lines)
    return len(group) <= _MOST_STACKS and inside - len(own) <= _OTHERS * len(own)


def _are_ruled(columns: Sequence[_Column], page: pymupdf.Page) -> bool:
    """Whether a rule between the rows of two neighbours reaches across both, as a table's do."""
    for left, right in itertools.pairwise(columns):
        top, bottom = max(left.box[1], right.box[1]), min(left.box[3], right.box[3])
        for y, start, end in rules.on_page(page).across:
            if top < y < bottom and start < left.box[2] and end > right.box[0]:
                return True
    return False


def _stacks(lines: Sequence[Line], width: float) -> list[Stack]:
    """Short lines that stand below each other with one left edge."""
    by_edge: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.direction[0] > 0 and line.box[2] - line.box[0] < _WIDEST * width and line.text.strip():
            by_edge[round(line.box[0])].append(line)
    near = {
        edge: [line for e in (edge - 1, edge, edge + 1) for line in by_edge.get(e, ())] for edge in by_edge
    }
    below = {id(line): _next(line, near[round(line.box[0])]) for each in by_edge.values() for line in each}
    follow = {id(line) for line in below.values() if line is not None}
    stacks = []
    for line in itertools.chain.from_iterable(by_edge.values()):
        if id(line) not in follow:
            stacks.append(list(_down(line, below)))
    return [stack for stack in stacks if _FEWEST <= len(stack) <= _MOST and _is_short(stack)]


def _next(line: Line, others: Sequence[Line]) -> Line | None:
    following = (other for other in others if other is not line and _goes_on(line, other))
    return min(following, key=lambda other: other.box[1], default=None)


def _goes_on(line: Line, other: Line) -> bool:
    return (
        abs(line.box[0] - other.box[0]) < _SAME_EDGE
        and abs(line.size - other.size) < _SAME_SIZE * line.size
        and other.box[1] > line.box[1]
        and _OVERLAP * line.size < other.box[1] - line.box[3] < _STEP * line.size
    )


def _down(line: Line | None, below: dict[int, Line | None]) -> Iterator[Line]:
    while line is not None:
        yield line
        line = below[id(line)]


def _is_short(stack: Stack) -> bool:
    said = sum(len(line.text.split()) for line in stack)
    return said <= _WORDS * len(stack) and all(
        line.box[2] - line.box[0] < _LONGEST * line.size for line in stack
    )


def _side_by_side(stacks: list[Stack]) -> Iterator[list[Stack]]:
    """Stacks that stand beside each other, from the left; each such set once."""
    left = [(union([line.box for line in stack]), stack) for stack in stacks]
    while left:
        group = [left.pop(0)]
        for box, _ in group:
            beside = [each for each in left if _are_beside(box, each[0], each[1][0].size)]
            group += beside
            left = [each for each in left if not any(each is other for other in beside)]
        if len(group) > 1:
            yield [stack for _, stack in sorted(group, key=lambda each: each[0][0])]


def _are_beside(one: Box, other: Box, size: float) -> bool:
    return overlap_down(one, other) > _SHARED * size and -overlap_across(one, other) > _GUTTER * size


@dataclass(frozen=True)
class _Column:
    """Stacks with one left edge, or of labels and values."""

    stacks: list[Stack]

    @cached_property
    def lines(self) -> list[Line]:
        own = itertools.chain.from_iterable(self.stacks)
        return sorted(own, key=lambda line: (line.box[1] + line.box[3], line.box[0]))

    @property
    def is_paired(self) -> bool:
        return len({round(stack[0].box[0]) for stack in self.stacks}) > 1

    @cached_property
    def box(self) -> Box:
        return union([line.box for line in self.lines])


def _columns(group: list[Stack]) -> list[_Column]:
    """The group's columns, from the left, each of one left edge or of labels and what they name; none where one of them says
    no whole thing.
    """
    columns = [_Column([group[0]])]
    for stack in group[1:]:
        if _belong_together(columns[-1], stack):
            columns[-1] = _Column([*columns[-1].stacks, stack])
        else:
            columns.append(_Column([stack]))
    return columns if all(map(_is_whole, columns)) else []


def _belong_together(column: _Column, stack: Stack) -> bool:
    return any(
        abs(each[0].box[0] - stack[0].box[0]) < _SAME_EDGE or _are_label_and_value(each, stack)
        for each in column.stacks
    )


def _is_whole(column: _Column) -> bool:
    """Whether a column is labels with what they name, an address, or facts with their labels."""
    return column.is_paired or _is_address(column.lines) or _has_labels(column.lines)


def _are_level(one: Line, other: Line) -> bool:
    return abs(_baseline(one) - _baseline(other)) < _LEVEL * max(one.size, other.size)


def _baseline(line: Line) -> float:
    return line.spans[0].baseline


# What columns say.


def _is_address(stack: Stack) -> bool:
    """Whether a stack, perhaps below a bold head, begins with a name and goes on with lines of which some have numbers
    beside words.
    """
    headed = len(stack) > _ADDRESS and _is_bold(stack[0]) and not any(map(_is_bold, stack[1:]))
    lines = stack[1:] if headed else stack
    numbered = any(_has_digits(line) and words(line.text) for line in lines)
    return len(lines) >= _ADDRESS and not _has_digits(lines[0]) and numbered


def _has_labels(stack: Stack) -> bool:
    if sum(":" in line.text for line in stack) >= _LABELLED * len(stack):
        return True
    changes = sum(_is_bold(a) and not _is_bold(b) for a, b in itertools.pairwise(stack))
    return changes >= _FACTS


def _are_label_and_value(left: Stack, right: Stack) -> bool:
    """Whether two stacks are labels and, level with them, what they name."""
    if sum(any(_are_level(line, other) for other in left) for line in right) < len(right):
        return False
    ends = sum(line.text.rstrip().endswith(":") for line in left)
    set_off = all(map(_is_bold, left)) and sum(map(_is_bold, right)) < _SET_OFF * len(right)
    named = not any(map(_has_digits, left)) and sum(map(_has_digits, right)) > _VALUES * len(right)
    return ends > _LABELLED * len(left) or set_off or named


def _has_digits(line: Line) -> bool:
    return any(letter.isdigit() for letter in line.text)


def _is_bold(line: Line) -> bool:
    return all(span.bold for span in line.spans if span.text.strip())


# Their regions.


def _taken_out(columns: list[_Column], regions: list[Region]) -> list[Region]:
    """The regions with the columns among them, and without their lines; as they were where a column's lines are a
    picture's.
    """
    owner = {id(line): number for number, column in enumerate(columns) for line in column.lines}
    losing = [region for region in regions if any(id(line) in owner for line in region.lines)]
    if any(region.kind not in _TAKEN for region in losing):
        return regions
    bounds = union([column.box for column in columns])
    kept = [region for region in regions if not any(region is each for each in losing)]
    for region in losing:
        kept += _remains(region, [line for line in region.lines if id(line) not in owner], bounds)
    return [*kept, *(part for column in columns for part in _regions(column))]


def _remains(region: Region, lines: list[Line], bounds: Box) -> list[Region]:
    """What a region is without the columns within ``bounds``. Where it was a table, what stands above their end belongs to
    it no more than they do, or below their beginning where they stand at its own end.
    """
    if not lines:
        return []
    if region.kind != "table":
        return [Region.around(region.kind, lines)]
    first = bounds[1] + bounds[3] < region.box[1] + region.box[3]
    middles = [(line.box[1] + line.box[3]) / 2 for line in lines]
    out = [y < bounds[3] if first else y > bounds[1] for y in middles]
    loose = cluster([line for line, is_out in zip(lines, out) if is_out])
    table = [line for line, is_out in zip(lines, out) if not is_out]
    size = statistics.median(line.size for line in region.lines)
    for part in loose:
        if min(line.size for line in part.lines) > _OTHER_SIZE * size:
            part.kind = "heading"
    return [*loose, *([Region.around("table", table)] if table else [])]


def _regions(column: _Column) -> list[Region]:
    if column.is_paired:
        return [Region.around("table", column.lines)]
    parts = [Region.around("paragraph", part) for part in _steady(column.lines)]
    for part in parts:
        part.is_column = True
    return parts


def _steady(stack: Stack) -> Iterator[Stack]:
    """A column's parts, which wider gaps part than those between their lines: fewer of the one kind than of the other."""
    gaps = [other.box[1] - line.box[3] for line, other in itertools.pairwise(stack)]
    most = min(gaps, default=0.0) + _WIDER * stack[0].size
    wide = [index for index, gap in enumerate(gaps, 1) if gap > most]
    cuts = wide if 2 * len(wide) <= len(gaps) else []
    for start, end in itertools.pairwise([0, *cuts, len(stack)]):
        yield stack[start:end]
