"""What a tagged PDF says of a page's blocks: items of lists whose bullets are drawn, roles, alternative texts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from docvlm.draft import Draft
from docvlm.layout.region import Region
from docvlm.readers.view import PICTURED, PageView, Part
from docvlm.spans import Line
from docvlm.tags import PageTags
from docvlm.visual_lines import visual_lines


def lists_apart(view: PageView, regions: Sequence[Region]) -> list[Region]:
    """The regions, with items of lists that the file names and whose labels are drawn as regions of their own."""
    tags = view.tags
    if tags is None or not (tags.is_covered and tags.labelled):
        return list(regions)
    return [part for region in regions for part in _lists_apart(region, tags)]


def _lists_apart(region: Region, tags: PageTags) -> list[Region]:
    if region.kind not in ("paragraph", "list"):
        return [region]
    rows = visual_lines(region.lines)
    runs = [
        (is_item, [row for _, row in run])
        for is_item, run in itertools.groupby(
            ((_is_labelled(row, tags), row) for row in rows), key=lambda each: each[0]
        )
    ]
    if not any(is_item for is_item, _ in runs):
        return [region]
    if len(runs) == 1:
        region.kind = "list"
        return [region]
    parts = []
    for is_item, own in runs:
        bottom, top = max(row.box[3] for row in own), min(row.box[1] for row in own)
        lines = [line for line in region.lines if top <= (line.box[1] + line.box[3]) / 2 <= bottom]
        part = Region.around("list" if is_item else "paragraph", lines)
        part.structure, part.told = region.structure, region.told
        parts.append(part)
    return parts if sum(len(part.lines) for part in parts) == len(region.lines) else [region]


def items_of(
    rows: Sequence[Line], tags: PageTags | None, has_marker: Callable[[Line], bool]
) -> list[list[Line]] | None:
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


def _is_labelled(row: Line, tags: PageTags) -> bool:
    """Whether all of a row is of one list's item whose label is drawn."""
    return tags.item(row.box) in tags.labelled


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
