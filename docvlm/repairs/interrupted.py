"""Lines of text that are interrupted by formulas: browsers draw what a style sheet places, such as a web page's formulas,
after all of the text around it, so "Let f be" has a line "Let  be" and another "f" in its gap.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from docvlm.boxes import Box, as_box, middle, overlap_across, union
from docvlm.fonts import is_mathematical
from docvlm.spans import Line

_LEVEL = 0.99  # cosine of a level line's angle
_OFF_LEVEL = 0.1  # ems between the baselines of one line
_WORD_SPACE = 0.6  # ems; wider gaps part more than a sentence and its formula
_LEANING = 0.3  # ems by which slanted letters reach over their neighbours
_EDGE = 0.2  # of a line's height, above and below: what has its middle there is a half of a fraction
_OVERLAP = 0.15  # ems by which what stands in a gap may reach beyond it: italics lean


def joined(lines: Sequence[Line]) -> list[Line]:
    """The lines in order, each with the formulas that go on where it ends or end where it goes on: what only fonts of
    formulas are in, and was not drawn beside it.
    """
    rows = {number: row for number, line in enumerate(lines) if (row := _row(line)) is not None}
    by_base = sorted(rows, key=lambda number: rows[number].baseline)
    bases = [rows[number].baseline for number in by_base]
    home = list(range(len(lines)))
    for number, row in rows.items():
        if not row.mathematical:
            continue
        near = by_base[
            bisect_left(bases, row.baseline - _OFF_LEVEL * row.size) : bisect_right(
                bases, row.baseline + _OFF_LEVEL * row.size
            )
        ]
        for other in near:
            if abs(other - number) > 1 and _touch(lines[number], lines[other], row.size):
                _unite(home, number, other)
    groups: dict[int, list[Line]] = {}
    for number, line in enumerate(lines):
        groups.setdefault(_root(home, number), []).append(line)
    return [_one(group) for group in groups.values()]


class _Row(NamedTuple):
    """Where the largest type of a level line stands, its size, and whether all of the line is in fonts of formulas."""

    baseline: float
    size: float
    mathematical: bool


def _row(line: Line) -> _Row | None:
    shown = [span for span in line.spans if span.text.strip()]
    if not shown or line.direction[0] < _LEVEL:
        return None
    largest = max(shown, key=lambda span: span.size)
    return _Row(
        largest.baseline, largest.size, all(span.math or is_mathematical(span.font) for span in shown)
    )


def _touch(one: Line, other: Line, size: float) -> bool:
    """Whether a line ends where the other begins, or stands in a gap of it."""
    gap = -overlap_across(one.box, other.box)
    if gap >= -_LEANING * size:
        return gap < _WORD_SPACE * size
    return all(
        overlap_across(a.box, b.box) < _LEANING * size
        for a, b in itertools.product(one.spans, other.spans)
        if a.text.strip() and b.text.strip()
    )


def _unite(home: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(home, one), _root(home, other)))
    home[second] = first


def _root(home: Sequence[int], number: int) -> int:
    while home[number] != number:
        number = home[number]
    return number


def _one(group: Sequence[Line]) -> Line:
    if len(group) == 1:
        return group[0]
    spans = sorted((span for line in group for span in line.spans), key=lambda span: span.box[0])
    return Line(union([line.box for line in group]), spans, group[0].direction)


def cut(
    lines: Sequence[Mapping[str, Any]], gaps: Mapping[int, Sequence[tuple[float, float]]]
) -> list[dict[str, Any]]:
    """The ``lines``, whose spans have their characters, with spans cut at the ``gaps`` (from left to right) of some."""
    return [
        {**line, "spans": [part for span in line["spans"] for part in _parts(span, gaps[number])]}
        if number in gaps
        else dict(line)
        for number, line in enumerate(lines)
    ]


def find(
    lines: Sequence[Mapping[str, Any]], drawn: Sequence[Box] = ()
) -> dict[int, list[tuple[float, float]]]:
    """By the numbers of level lines: from where to where others stand inside them, or something that is ``drawn``.
    Characters are not needed.
    """
    boxes = [as_box(line["bbox"]) for line in lines]
    level = [number for number, line in enumerate(lines) if line["dir"][0] > _LEVEL]
    others = sorted([*(boxes[number] for number in level), *drawn], key=lambda box: middle(box)[1])
    heights = [middle(box)[1] for box in others]
    found: dict[int, list[tuple[float, float]]] = {}
    for number in level:
        x0, y0, x1, y1 = boxes[number]
        reach = (0.5 - _EDGE) * (y1 - y0)
        centre = (y0 + y1) / 2
        near = slice(bisect_left(heights, centre - reach), bisect_right(heights, centre + reach))
        for left, _, right, _ in others[near]:
            if x0 < left and right < x1:
                found.setdefault(number, []).append((left, right))
    return found


def _parts(span: Mapping[str, Any], gaps: Sequence[tuple[float, float]]) -> Iterator[dict[str, Any]]:
    """A span in pieces, cut where there is nothing but blanks between the ends of a gap."""
    characters = span["chars"]
    cuts = {place for gap in gaps if (place := _place(characters, span["size"], gap))}
    for start, end in itertools.pairwise([0, *sorted(cuts), len(characters)]):
        part = characters[start:end]
        yield {
            **span,
            "chars": part,
            "bbox": union([as_box(each["bbox"]) for each in part]) if part else span["bbox"],
            "origin": part[0]["origin"] if part else span["origin"],
        }


def _place(characters: Sequence[Mapping[str, Any]], size: float, gap: tuple[float, float]) -> int:
    """The number of the first character behind a gap; 0 where the gap is not between two of them."""
    left, right = gap
    place = sum(middle(as_box(each["bbox"]))[0] < (left + right) / 2 for each in characters)
    before = max((each["bbox"][2] for each in characters[:place] if not each["c"].isspace()), default=None)
    behind = min((each["bbox"][0] for each in characters[place:] if not each["c"].isspace()), default=None)
    if before is None or behind is None:
        return 0
    slack = _OVERLAP * size
    return place if before < left + slack and right - slack < behind else 0
