"""Regions of a page as the page model sees it: its blocks of lines, each with the kind that its role has, tables between
their rules, and figures by what draws them, with their labels.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

from docvlm.boxes import (
    Box,
    area,
    middle,
    overlap_across,
    overlap_down,
    share_within,
    shared_area,
    sides,
    union,
)
from docvlm.directions import runs_right_to_left
from docvlm.layout.flow import Block, Reading
from docvlm.layout.pictures import clusters, find_figures
from docvlm.layout.region import Region, words
from docvlm.layout.repair import is_formula
from docvlm.layout.ruled_tables import with_ruled_tables
from docvlm.layout.tagged import told_tables, with_told_tables
from docvlm.mupdf import pymupdf
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.tags import PageTags

KIND_OF: Final[Mapping[str, Kind]] = {
    "title": "heading",
    "heading": "heading",
    "paragraph": "paragraph",
    "list": "list",
    "caption": "caption",
    "footnote": "footnote",
    "header": "header",
    "footer": "footer",
    "page_number": "footer",
    "side_note": "paragraph",
    "table": "table",
    "formula": "formula",
    "code": "paragraph",  # which is code where its type says so
    "figure_label": "paragraph",
    "form_label": "paragraph",
    "form_value": "paragraph",
    "contents": "paragraph",
    "stamp": "header",
}
"""The kind of region that lines of a role make where they are in no figure."""
_ENDS: Final = ("header", "footer")

_FEWEST_LINES = 5  # of a page that the page model can see something in
_GUESS = 0.2  # probability of a link

_REACH = 3.0  # em between a figure and a label of it, at most
_HELD = 0.5  # of a block, in the figure or table that takes it up

# Parts of one display: an equation's number, and in shares of the lower part's height, of the other's type, and in ems.
_NUMBER = re.compile(r"\(\d+(?:\.\d+)*[a-z]?\)")
_LEVEL, _LIMIT, _AT_SIGN = 0.5, 0.85, 0.5
_ROW = 2.0  # heights of a page's number that a row with it has, at most
_FEWEST_WORDS = 2  # of text between displays


def seen(
    page: pymupdf.Page,
    lines: Sequence[Line],
    reading: Reading,
    tags: PageTags | None = None,
    linked: Sequence[Box] = (),
) -> list[Region] | None:
    """The regions of an upright ``page`` that hold all of ``lines``, by the ``reading`` of it; None where that is not to be
    relied upon: on a page with hardly a line or from the right, of which training has few, where a link of the order is a
    guess, or where labels are of no figure that is drawn. ``tags`` is what the file says of its tables and figures,
    ``linked`` are the boxes of the page's links.
    """
    if len(lines) < _FEWEST_LINES or runs_right_to_left(lines) or _guesses(reading):
        return None
    blocks = [[lines[number] for number in block.lines] for block in reading.blocks]
    tables = _tables(page, lines, reading.blocks, blocks, tags)
    labels = {
        id(line) for block, own in zip(reading.blocks, blocks) if block.role == "figure_label" for line in own
    }
    said = [line for line in lines if id(line) not in labels]
    named = [figure.box for figure in tags.figures] if tags is not None else []
    boxes = find_figures(page, said, [table.box for table in tables], clusters(page), named, linked)
    figures = [Region("picture", box) for box in boxes]
    regions: list[Region] = []
    for block, own in zip(reading.blocks, blocks):
        own = _into_tables(own, tables)
        if own and not _into_figures(block, own, figures):
            kind = _kind(block, own, page.rect.height)
            regions += _displays(own) if kind == "formula" else [Region.around(kind, _in_rows(own))]
    for table in tables:
        table.lines = _in_rows(table.lines)
    taken = {id(line) for each in (*figures, *tables) for line in each.lines}
    if not labels <= taken:
        return None
    _beside_page_numbers(regions, reading, lines)
    found = [*_displayed(regions), *(table for table in tables if table.lines), *_whole(figures)]
    for region in found:
        region.is_seen = True
    return found


def _guesses(reading: Reading) -> bool:
    """Whether any line is read after another that most likely is not before it."""
    return any(
        reading.follows(line, other) < _GUESS
        for path in reading.paths
        for line, other in itertools.pairwise(path)
    )


def _tables(
    page: pymupdf.Page,
    lines: Sequence[Line],
    blocks: Sequence[Block],
    own: Sequence[list[Line]],
    tags: PageTags | None,
) -> list[Region]:
    """The page's tables, still empty: blocks whose role says so, those that lie upon each other as one, and what rules and
    the file say.
    """
    boxes: list[Box] = []
    for block, held in zip(blocks, own):
        if block.role != "table":
            continue
        box = union([line.box for line in held])
        while (other := next((each for each in boxes if shared_area(each, box) > 0), None)) is not None:
            boxes.remove(other)
            box = union([other, box])
        boxes.append(box)
    heads = [
        union([line.box for line in held]) for block, held in zip(blocks, own) if _may_be_head(block, held)
    ]
    boxes = [_with_head(box, heads, lines) for box in boxes]
    found: list[tuple[Kind, Box]] = [("table", box) for box in boxes]
    found = with_told_tables(with_ruled_tables(found, page, lines), told_tables(tags))
    return [Region("table", box) for _, box in found]


def _may_be_head(block: Block, lines: Sequence[Line]) -> bool:
    """Whether a block may be the row that heads a table: things side by side, none of them a sentence's part."""
    tops, ends = max(line.box[1] for line in lines), min(line.box[3] for line in lines)
    return block.role in ("list", "form_label", "form_value") and len(lines) > 1 and tops < ends


def _with_head(box: Box, heads: Sequence[Box], lines: Sequence[Line]) -> Box:
    """A table with the row right above it, no wider, and no farther from its first row than that is from its second."""
    rows = sorted({round(line.box[1]) for line in lines if share_within(line.box, box) > _HELD})
    pitch = max((b - a for a, b in itertools.pairwise(rows[:3])), default=0)
    for head in heads:
        if (
            box[0] - 1 <= head[0]
            and head[2] <= box[2] + 1
            and head[3] <= box[1] + 1
            and box[1] - head[1] <= pitch + 1
        ):
            return union([box, head])
    return box


def _into_tables(lines: Sequence[Line], tables: Sequence[Region]) -> list[Line]:
    """Puts lines into the tables in which they lie, the smallest first; those that are left."""
    left: list[Line] = []
    for line in lines:
        around = [table for table in tables if share_within(line.box, table.box) > _HELD]
        home = min(around, key=lambda table: area(table.box), default=None)
        (home.lines if home is not None else left).append(line)
    return left


def _into_figures(block: Block, lines: Sequence[Line], figures: Sequence[Region]) -> bool:
    """Whether a block is of a figure, which then has its lines: a label near it, or what stands in it but its caption."""
    box, size = union([line.box for line in lines]), max(line.size for line in lines)
    home = next((each for each in figures if share_within(box, each.box) > _HELD), None)
    if block.role == "figure_label" and home is None:
        home = min(figures, key=lambda each: _gap(each.box, box), default=None)
        home = home if home is not None and _gap(home.box, box) < _REACH * size else None
    if home is None or block.role == "caption":
        return False
    home.lines += lines
    return True


def _beside_page_numbers(regions: Sequence[Region], reading: Reading, lines: Sequence[Line]) -> None:
    """Makes running heads of what stands in one row with a page's number."""
    numbers = {
        id(lines[number]) for block in reading.blocks if block.role == "page_number" for number in block.lines
    }
    ends = [
        region
        for region in regions
        if region.kind in _ENDS and all(id(line) in numbers for line in region.lines)
    ]
    for region in regions:
        for end in ends:
            if (
                sides(region.box)[1] < _ROW * sides(end.box)[1]
                and overlap_down(region.box, end.box) > _LEVEL * sides(end.box)[1]
            ):
                region.kind = end.kind


def _displays(lines: Sequence[Line]) -> list[Region]:
    """The lines of a display, and what stands among them in a row of its own and is but words as text."""
    found: list[tuple[Kind, list[Line]]] = []
    for line in lines:
        alone = not any(overlap_down(line.box, each.box) > 0 for each in lines if each is not line)
        plain = (
            alone
            and len(words(line.text)) >= _FEWEST_WORDS
            and not is_formula(Region.around("formula", [line]))
        )
        kind: Kind = "paragraph" if plain else "formula"
        if not found or found[-1][0] != kind:
            found.append((kind, []))
        found[-1][1].append(line)
    return [Region.around(kind, _in_rows(own)) for kind, own in found]


def _displayed(regions: Sequence[Region]) -> list[Region]:
    """The regions, those of one display as one, with the limits of its signs right above and below them, and the number of
    an equation with the text that ends level with it.
    """
    found: list[Region] = []
    for region in regions:
        while (other := next((each for each in found if _is_one_display(each, region)), None)) is not None:
            found.remove(other)
            region = Region.around("formula", _in_rows([*other.lines, *region.lines]))
        found.append(region)
    numbers = [region for region in found if _NUMBER.fullmatch(region.text)]
    kept = [region for region in found if not any(region is number for number in numbers)]
    for number in numbers:
        ends = [
            (end, index) for index, each in enumerate(kept) if (end := _end_beside(each, number)) is not None
        ]
        if not ends:
            kept.append(number)
            continue
        home = kept[max(ends)[1]]
        home.lines, home.box = _in_rows([*home.lines, *number.lines]), union([home.box, number.box])
    return kept


def _is_one_display(one: Region, other: Region) -> bool:
    if (one.kind, other.kind) != ("formula", "formula"):
        return False
    low, high = sorted((one, other), key=lambda each: sides(each.box)[1])
    level = overlap_down(low.box, high.box) > _LEVEL * sides(low.box)[1]
    size = max(line.size for line in high.lines)
    small = max(line.size for line in low.lines) < _LIMIT * size
    near = overlap_across(low.box, high.box) > 0 and _gap(low.box, high.box) < _AT_SIGN * size
    return level or (small and near)


def _end_beside(region: Region, number: Region) -> float | None:
    """Where a line of text or of a formula ends that is level with an equation's number, on its left."""
    if region.kind not in ("formula", "paragraph"):
        return None
    least = _LEVEL * sides(number.box)[1]
    level = [line.box[2] for line in region.lines if overlap_down(line.box, number.box) > least]
    return max((end for end in level if end <= number.box[0]), default=None)


def _whole(figures: Sequence[Region]) -> list[Region]:
    """The figures around their labels, those that lie upon each other then as one."""
    whole: list[Region] = []
    for figure in figures:
        box = union([figure.box, *(line.box for line in figure.lines)])
        lines = figure.lines
        while (other := next((each for each in whole if shared_area(each.box, box) > 0), None)) is not None:
            whole.remove(other)
            box, lines = union([other.box, box]), [*other.lines, *lines]
        whole.append(Region("picture", box, _in_rows(lines)))
    return whole


def _kind(block: Block, lines: Sequence[Line], height: float) -> Kind:
    if block.role == "page_number" and middle(union([line.box for line in lines]))[1] < height / 2:
        return "header"
    return KIND_OF[block.role]


def _in_rows(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.box[0]))


def _gap(a: Box, b: Box) -> float:
    return max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3], 0.0)
