"""Tables by their rules: what the layout network took for something else, or did not see whole.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

from collections.abc import Sequence

from docvlm.boxes import Box, area, middle, padded, share_within
from docvlm.layout import rules
from docvlm.layout.lattice import Lattice, on_page
from docvlm.mupdf import pymupdf
from docvlm.schema import Kind
from docvlm.spans import Line

_HELD = 0.6  # of what was found that lies between the rules: it is part of the table
_MOST_OF = 0.5  # of the table that a picture takes up which is the table itself
_EDGE = 3.0  # points by which what is in a table may reach over its frame
# A table that the network sees to reach over what stands below it.
_OVER = 0.3  # of another thing that lies in the table's box and is none of its cells, as it begins or ends outside
_CLOSING = 0.9  # of the table's width, that the rule below its last row has

# What tells a table from a form, a drawing and the grid behind a chart.
_FILLED = 0.5  # of its cells with words
_FEWEST = 4  # cells with words
_REGULAR = 0.5  # of the smallest cells that are not joined with others
_MOST_WORDS = 40  # of a cell, on average; columns of a page between rules have more


def with_ruled_tables(
    found: list[tuple[Kind, Box]], page: pymupdf.Page, lines: Sequence[Line]
) -> list[tuple[Kind, Box]]:
    """What was found on a page, with each ruled table whole and in the place of what was found within its rules.

    A table or picture that reaches far beyond the rules stays as it is: they are but a part of it.
    """
    for lattice in on_page(page):
        if not _is_table(lattice, lines):
            continue
        frame = padded(lattice.box, _EDGE, _EDGE)
        if any(
            kind in ("table", "picture") and share_within(box, frame) < _HELD < share_within(lattice.box, box)
            for kind, box in found
        ):
            continue
        inside = [
            item
            for item in found
            if share_within(item[1], frame) > _HELD
            and (item[0] != "picture" or area(item[1]) > _MOST_OF * area(frame))
        ]
        found = [*(item for item in found if item not in inside), ("table", lattice.box)]
    return found


def ended_at_rules(found: list[tuple[Kind, Box]], page: pymupdf.Page) -> list[tuple[Kind, Box]]:
    """What was found, where tables that reach over others, beside which something else stands, end at their last rule
    above these.
    """
    return [(kind, _ended(box, found, page) if kind == "table" else box) for kind, box in found]


def _ended(box: Box, found: list[tuple[Kind, Box]], page: pymupdf.Page) -> Box:
    x0, y0, x1, y1 = box
    tops = [
        other[1]
        for _, other in found
        if other != box
        and y0 < other[1] < y1
        and share_within(other, box) > _OVER
        and (other[0] < x0 - _EDGE or x1 + _EDGE < other[2])
    ]
    if not tops:
        return box
    across = rules.on_page(page).across
    wide = [y for y, a, b in across if min(b, x1) - max(a, x0) > _CLOSING * (x1 - x0)]
    ends = [y for y in wide if y0 + _EDGE < y < min(tops) + _EDGE]
    return (x0, y0, x1, max(ends)) if len(ends) > 1 else box


def _is_table(lattice: Lattice, lines: Sequence[Line]) -> bool:
    words = [0] * len(lattice.cells)
    for line in lines:
        index = lattice.at(middle(line.box))
        if index is not None:
            words[index] += len(line.text.split())
    filled = sum(map(bool, words))
    return (
        filled >= max(_FEWEST, _FILLED * len(words))
        and len(words) >= _REGULAR * lattice.rows * lattice.columns
        and sum(words) <= _MOST_WORDS * filled
    )
