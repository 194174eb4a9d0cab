"""What a tagged PDF says of a page's blocks: items of lists whose bullets are drawn, roles, alternative texts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from docvlm.draft import Draft
from docvlm.layout.arrangement import PROSE
from docvlm.layout.region import Region
from docvlm.readers.view import PICTURED, PageView, Part
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.tags import PageTags
from docvlm.tags.structure_tree import Element
from docvlm.visual_lines import visual_lines

HasMarker = Callable[[Line], bool]


def with_lists(view: PageView, regions: Sequence[Region], has_marker: HasMarker) -> list[Region]:
    """The regions, with each list of the tree as one of its own, or one for each column over which it runs, if each of its
    items begins with a marker or a label that is drawn, and each of its rows is of one item.
    """
    tags = view.tags
    if tags is None or not tags.is_ordered or all(unit.role != "LI" for unit in tags.units):
        return list(regions)
    lines: dict[Element, list[Line]] = {}
    for region in regions:
        for line in region.lines if region.kind in PROSE else ():
            item = tags.item(line.box)
            if item is not None:
                lines.setdefault(_list_of(item), []).append(line)
    for own in lines.values():
        items = {item for line in own if (item := tags.item(line.box)) is not None}
        if not tags.holds([line.box for line in own], items):
            continue  # else a sentence would be torn
        for column in _columns(own, tags):
            # What goes on from the column or page before has its label there.
            first = tags.item(column[0].box)
            begun = items_of(visual_lines(column), tags, has_marker) is not None
            rest = column if begun else [line for line in column if tags.item(line.box) is not first]
            if begun or (rest and items_of(visual_lines(rest), tags, has_marker) is not None):
                regions = _with_list(regions, rest)
    return list(regions)


def _columns(lines: Sequence[Line], tags: PageTags) -> list[list[Line]]:
    """Lines in the tree's order, parted where that leads up again."""
    first = {id(line): _first_rank(line, tags) for line in lines}
    columns: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (first[id(line)], line.box[1])):
        if not columns or line.box[3] < columns[-1][-1].box[1]:
            columns.append([])
        columns[-1].append(line)
    return columns


def _first_rank(line: Line, tags: PageTags) -> int:
    """The place in the tree's order at which the item's letters in a line begin."""
    item = tags.item(line.box)
    ranks = np.unique(tags.rank[tags.inside([line.box])]).tolist()
    return min(rank for rank in ranks if rank >= 0 and tags.units[rank] is item)


def _list_of(item: Element) -> Element:
    """The outermost list that an item is in."""
    return [each for each in item.upwards() if each.role in ("L", "LI")][-1]


def _with_list(regions: Sequence[Region], lines: Sequence[Line]) -> list[Region]:
    """The regions, with these lines as a list where the first of them was, and without them elsewhere."""
    taken, top = {id(line) for line in lines}, min(line.box[1] for line in lines)
    parts: list[Region] = []
    found: Region | None = None
    for region in regions:
        rest = [line for line in region.lines if id(line) not in taken]
        if len(rest) == len(region.lines):
            parts.append(region)
            continue
        above = [line for line in rest if found is None and line.box[1] < top]
        parts += [_with(region, above)] if above else []
        if found is None:
            found = _with(region, list(lines), "list")
            parts.append(found)
        below = [line for line in rest if line not in above]
        parts += [_with(region, below)] if below else []
    return parts


def _with(region: Region, lines: list[Line], kind: Kind | None = None) -> Region:
    part = Region.around(
        kind or region.kind, sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.box[0]))
    )
    part.structure, part.told = region.structure, region.told
    return part


def items_of(rows: Sequence[Line], tags: PageTags | None, has_marker: HasMarker) -> list[list[Line]] | None:
    """The rows of each item of a list, where the file says of every row which item it is of, and each item begins with a
    marker or has a label that is drawn.
    """
    if tags is None or not tags.is_covered:
        return None
    items = [tags.item(row.box) for row in rows]
    groups = [
        (item, [row for _, row in group])
        for item, group in itertools.groupby(zip(items, rows), key=lambda each: each[0])
    ]
    if len(groups) > len(set(items)):
        return None
    if not all(item is not None and (item in tags.labelled or has_marker(own[0])) for item, own in groups):
        return None
    return [own for _, own in groups]


def with_tags(view: PageView, parts: Sequence[Part]) -> None:
    """Tells the blocks what the file says of them."""
    tags = view.tags
    if tags is None:
        return
    for part in parts:
        for block in part.blocks:
            _tell(block, part, tags)


def _tell(block: Draft, part: Part, tags: PageTags) -> None:
    if block.kind in PICTURED:
        block.alt = tags.description(block.box)
        return
    block.tag = tags.said([line.box for line in block.text_lines]).role
    block.told = part.region.told
    if block.kind == "table" and part.grid is not None and part.grid.told is not None:
        block.told = part.grid.told and block.told is not False
