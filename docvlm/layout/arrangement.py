"""Regions arranged as the page model reads the page: parted where their lines belong to different blocks, named where it
is sure what they are, and put into its order.

The network that finds regions sees spans, the page model sees lines and how they follow each other. Where the page model
is not sure of something, what was found stays as it is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from docvlm.boxes import overlap_across, share_within, union
from docvlm.calibration import Calibration
from docvlm.directions import runs_right_to_left
from docvlm.layout.flow import Reading
from docvlm.layout.region import Hint, Region
from docvlm.layout.structure import features_of
from docvlm.layout.tagged import by_tree, places
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.tags import PageTags

PROSE: Final[frozenset[Kind]] = frozenset(
    {"paragraph", "heading", "list", "caption", "footnote", "header", "footer"}
)
"""Kinds of regions whose lines are parted."""
_HEADINGS = ("title", "heading")
ENDS: Final[frozenset[Kind]] = frozenset({"header", "footer"})
_LEVEL = 0.5  # em between the middles of lines in one row
_FEWEST_LINES = 4  # of a region that may be columns
_GUTTER = 0.5  # em
_NEVER = 1e-3  # probability of what the page model excludes
_CLEARLY = 4.0  # nats by which columns are likelier than rows
# Nats by which the order of a tree that can be heard may be less likely than the one that was found: it is right on some
# nineteen of twenty pages.
_TRUST = 3.0
_LIKELY = -0.7  # nats a line, at least, of columns that are parted
_BEHIND = 0.5  # places
_SURE = 0.8  # probability of what changes what was found
_APART = 0.5  # of the smaller part, at most, within the others: what overlaps more is one thing, such as a fraction
_TEXT: Final[frozenset[Kind]] = frozenset({"paragraph", "heading", "list"})  # what stands where it is read
_KIND_OF: Final[Mapping[str, Kind]] = {
    "title": "heading",
    "heading": "heading",
    "paragraph": "paragraph",
    "list": "list",
    "caption": "caption",
    "footnote": "footnote",
    "header": "header",
    "footer": "footer",
    "side_note": "paragraph",
    "stamp": "header",
}


def columns_apart(region: Region, reading: Reading, number_of: Mapping[int, int]) -> list[Region]:
    """The region, or its columns where the page model finds it far likelier that they are read one after the other than
    row by row.
    """
    numbers = [number_of[id(line)] for line in region.lines if id(line) in number_of]
    if region.kind not in PROSE or len(numbers) < max(len(region.lines), _FEWEST_LINES):
        return [region]
    best, sides = _CLEARLY, None
    whole = _likelihood(region.lines, reading, number_of)
    for left, right in _sides(region.lines):
        one, other = (_likelihood(side, reading, number_of) for side in (left, right))
        if one + other - whole > best and one + other > _LIKELY * len(numbers):
            best, sides = one + other - whole, (left, right)
    if sides is None:
        return [region]
    parts = [Region.around(region.kind, sorted(side, key=_middle)) for side in sides]
    return [each for part in parts for each in columns_apart(part, reading, number_of)]


def _sides(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """The lines on both sides of each gutter that runs through all of them."""
    by_left = sorted(lines, key=lambda line: line.box[0])
    reach = by_left[0].box[2]
    for index in range(1, len(by_left)):
        if by_left[index].box[0] - reach > _GUTTER * max(by_left[index].size, 1.0):
            yield by_left[:index], by_left[index:]
        reach = max(reach, by_left[index].box[2])


def _likelihood(lines: Sequence[Line], reading: Reading, number_of: Mapping[int, int]) -> float:
    """The logarithm of the probability that lines are read row by row."""
    order = [number_of[id(line)] for line in in_rows(lines)]
    return sum(math.log(max(reading.follows(a, b), _NEVER)) for a, b in itertools.pairwise(order))


def parted(region: Region, reading: Reading, number_of: Mapping[int, int]) -> list[Region]:
    """The region, or its parts where its lines surely belong to different blocks.

    ``number_of`` are the numbers of the reading's lines by their identity.
    """
    numbers = [number_of[id(line)] for line in region.lines if id(line) in number_of]
    if region.is_column or region.kind not in PROSE or len(numbers) < max(len(region.lines), 2):
        return [region]
    lines = sorted(region.lines, key=lambda line: reading.place[number_of[id(line)]])
    groups = [[lines[0]]]
    for before, line in itertools.pairwise(lines):
        if _are_apart(number_of[id(before)], number_of[id(line)], reading):
            groups.append([])
        groups[-1].append(line)
    groups = _without_overlaps(groups)
    if len(groups) < 2:
        return [region]
    return [_part(region, group, reading, number_of) for group in groups]


def _are_apart(before: int, line: int, reading: Reading) -> bool:
    """Whether of two lines, the second of which is the next one of a region, it surely is not read after the first or is of
    another block.
    """
    after = reading.successor[before]
    if after != line:
        return reading.follows(before, after) > _SURE
    return float(reading.scores.joined[before, line, 0]) < 1 - _SURE


def _without_overlaps(groups: list[list[Line]]) -> list[list[Line]]:
    """The groups, those that lie upon each other as one."""
    apart: list[list[Line]] = []
    for group in groups:
        while (other := next((each for each in apart if _overlap(each, group)), None)) is not None:
            apart.remove(other)
            group = [*other, *group]
        apart.append(group)
    return apart


def _overlap(one: Sequence[Line], other: Sequence[Line]) -> bool:
    a, b = (union([line.box for line in group]) for group in (one, other))
    return max(share_within(a, b), share_within(b, a)) > _APART


def _part(region: Region, group: list[Line], reading: Reading, number_of: Mapping[int, int]) -> Region:
    kind = region.kind
    numbers = [number_of[id(line)] for line in group]
    role = reading.blocks[reading.block_of[numbers[0]]].role
    if role in _KIND_OF and reading.said(numbers, [role]) > _SURE:
        kind = _KIND_OF[role]
    group.sort(key=lambda line: (line.box[1] + line.box[3], line.box[0]))
    return Region.around(kind, group)


def ordered(
    regions: Sequence[Region],
    reading: Reading,
    number_of: Mapping[int, int],
) -> list[Region]:
    """``regions``, which are in the order of their places, in the page model's order where that is sure.

    Regions that surely follow each other make a chain; chains come in the order of their first places. A
    region without lines stays behind the one that it follows.
    """
    numbers = [
        [number_of[id(line)] for line in in_rows(region.lines) if id(line) in number_of] for region in regions
    ]
    said = [index for index, each in enumerate(numbers) if each]
    read = sorted(said, key=lambda index: min(reading.place[number] for number in numbers[index]))
    chains = [[index] for index in read[:1]]
    for one, other in itertools.pairwise(read):
        if _is_sure(numbers[one], numbers[other], reading):
            chains[-1].append(other)
        else:
            chains.append([other])
    chains = _without_leaps(chains, regions)
    silent: dict[int, list[int]] = {}
    for index in range(len(regions)):
        if index not in said:
            silent.setdefault(max((each for each in said if each < index), default=-1), []).append(index)
    order = list(silent.get(-1, ()))
    for index in itertools.chain.from_iterable(chains):
        order += [index, *silent.get(index, ())]
    return [regions[index] for index in order]


def _without_leaps(chains: list[list[int]], regions: Sequence[Region]) -> list[list[int]]:
    """The chains of regions in the order of their first places, cut and put off where one would leave text behind that
    ends above what comes next: what is below a column's end is read after it. Tables and pictures float.
    """
    parts: list[tuple[float, list[int]]] = []
    for chain in chains:
        part, place = chain[:1], float(chain[0])
        for index in chain[1:]:
            left = [
                each
                for each in chains
                if each is not chain and place < min(each) < index and _end_above(each, index, regions)
                if any(regions[i].kind in _TEXT for i in each)
            ]
            if left:
                end = max(regions[i].box[3] for each in left for i in each)
                below = list(itertools.takewhile(lambda i, end=end: regions[i].box[1] >= end, reversed(part)))  # type: ignore[misc]
                if len(below) < len(part):
                    parts.append((place, part[: len(part) - len(below)]))
                part, place = below[::-1], max(min(each) for each in left) + _BEHIND
            part, place = [*part, index], min(place, index)
        parts.append((place, part))
    return [part for _, part in sorted(parts, key=lambda each: each[0])]


def _end_above(others: Sequence[int], index: int, regions: Sequence[Region]) -> bool:
    """Whether regions end above another one, which reaches under one of them."""
    boxes, below = [regions[other].box for other in others], regions[index].box
    return all(box[3] <= below[1] for box in boxes) and any(overlap_across(box, below) > 0 for box in boxes)


def as_told(
    regions: list[Region], tags: PageTags | None, reading: Reading, number_of: Mapping[int, int]
) -> list[Region]:
    """``regions``, which are in the order that was found, in that of the file's structure tree where the page model does not
    find it far less likely.
    """
    if tags is None or not tags.is_ordered:
        return regions
    ends = [region for region in regions if region.kind in ENDS]
    body = [region for region in regions if region.kind not in ENDS]
    told = by_tree(body, places(body, tags))
    found, other = (_likelihood_of(order, reading, number_of) for order in (body, told))
    if other + _TRUST < found:
        return regions
    heads = [region for region in ends if region.kind == "header"]
    return [*heads, *told, *(region for region in ends if region.kind == "footer")]


def _likelihood_of(regions: Sequence[Region], reading: Reading, number_of: Mapping[int, int]) -> float:
    """The logarithm of the probability that regions follow each other."""
    rows = [[number_of[id(line)] for line in in_rows(r.lines) if id(line) in number_of] for r in regions]
    said = [row for row in rows if row]
    return sum(math.log(max(reading.follows(a[-1], b[0]), _NEVER)) for a, b in itertools.pairwise(said))


def _is_sure(before: Sequence[int], behind: Sequence[int], reading: Reading) -> bool:
    """Whether the page model is sure that one region is read right after the other, as both are written."""
    return reading.follows(before[-1], behind[0]) > _SURE


def witnessed(
    regions: list[Region], reading: Reading, number_of: Mapping[int, int], fitted: Calibration | None
) -> list[Region]:
    """The regions, those of prose with the probability that their lines belong together and stand in their place.

    A page on which no line stands beside another leaves nothing to doubt: lines below each other are read downwards.
    """
    if fitted is None or not _stand_side_by_side([line for region in regions for line in region.lines]):
        return regions
    rows = [
        [number_of[id(line)] for line in in_rows(region.lines) if id(line) in number_of] for region in regions
    ]
    written = [index for index, region in enumerate(regions) if rows[index] and region.kind not in ENDS]
    for place, index in enumerate(written):
        if regions[index].kind not in PROSE:
            continue
        before = rows[written[place - 1]][-1] if place else None
        behind = rows[written[place + 1]][0] if place + 1 < len(written) else None
        features = features_of(rows[index], before, behind, reading)
        regions[index].structure = fitted.probability(features)
    return regions


def hint(regions: Sequence[Region], reading: Reading, number_of: Mapping[int, int]) -> None:
    """Gives regions of prose what the page model thinks of their lines; not those from the right: it saw few."""
    for region in regions:
        if region.kind not in PROSE or runs_right_to_left(region.lines):
            continue
        rows = [(number_of[id(line)], line) for line in in_rows(region.lines) if id(line) in number_of]
        before: int | None = None
        for number, line in rows:
            goes_on = None if before is None else float(reading.scores.joined[before, number, 1])
            region.hints.append(Hint(line.box, goes_on, reading.said([number], _HEADINGS)))
            before = number


def _stand_side_by_side(lines: Sequence[Line]) -> bool:
    """Whether paper parts any two lines that are level, so that they may be read in more than one order."""
    rows = sorted(lines, key=_middle)
    for index, line in enumerate(rows):
        for other in itertools.takewhile(lambda each, line=line: _are_level(line, each), rows[index + 1 :]):  # type: ignore[misc]
            size = max(line.size, other.size, 1.0)
            if max(line.box[0], other.box[0]) - min(line.box[2], other.box[2]) > _GUTTER * size:
                return True
    return False


def _are_level(one: Line, other: Line) -> bool:
    return abs(_middle(one) - _middle(other)) < _LEVEL * max(one.size, 1.0)


def in_rows(lines: Sequence[Line]) -> list[Line]:
    """Lines in the order in which they are written within a region: row by row, each from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        if rows and abs(_middle(rows[-1][0]) - _middle(line)) < _LEVEL * max(line.size, 1.0):
            rows[-1].append(line)
        else:
            rows.append([line])
    turned = runs_right_to_left(lines)
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0], reverse=turned)]


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2
