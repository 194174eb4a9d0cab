"""Forms are no tables: labels with their fields as regions of their own. Boxes are PDF points of the upright page."""

from __future__ import annotations

import itertools

from docvlm.annotations.forms import Filled
from docvlm.boxes import share_within
from docvlm.layout.region import Region, stacked
from docvlm.spans import Line

_FORM = 0.5  # of a region's lines with fields; what has more is a form
_FRAMED = 0.8  # of a picture in a field's box, or of a tick in a table: it belongs there
_LEADING = 0.8  # em between two lines of one label
_BACK = 1.0  # points; a line that begins further left than its tick does not go on with its label


def form_apart(region: Region, filled: Filled) -> list[Region]:
    """A region as its rows with fields, each by itself, its ticks as lists, and what stands between them."""
    rows, ticks = ({id(line) for line in lines} for lines in (filled.rows, filled.ticks))
    held = sum(id(line) in rows or id(line) in ticks for line in region.lines)
    if not held:
        # A field's own frame and arrow are no picture.
        framed = any(share_within(region.box, each.box) > _FRAMED for each in filled.fields)
        return [] if framed and region.kind == "picture" and not region.lines else [region]
    if region.kind in ("table", "picture", "chart", "formula") and held < _FORM * len(region.lines):
        return [region]
    plain = (
        region.kind if region.kind not in ("table", "picture", "chart", "formula", "list") else "paragraph"
    )
    lines = sorted(region.lines, key=lambda line: (line.box[1] + line.box[3], line.box[0]))

    def kind(line: Line) -> str:
        return "row" if id(line) in rows else "tick" if id(line) in ticks else "text"

    parts: list[Region] = []
    for what, group in itertools.groupby(lines, key=kind):
        found = list(group)
        if what == "row":
            parts += [Region.around("paragraph", [line]) for line in found]
        elif what == "tick":
            for line in found:
                below = (
                    parts
                    and parts[-1].kind == "list"
                    and line.box[1] > parts[-1].lines[-1].box[1] + line.size / 2
                )
                if below:
                    parts[-1] = Region.around("list", [*parts[-1].lines, line])
                else:
                    parts.append(Region.around("list", [line]))
        elif parts and parts[-1].kind == "list" and _goes_on(parts[-1].lines[-1], found[0]):
            parts[-1] = Region.around("list", [*parts[-1].lines, *found])
        elif plain == "paragraph" and region.kind != "paragraph":
            parts += stacked(found)
        else:
            parts.append(Region.around(plain, found))
    return parts


def with_lone_ticks(regions: list[Region]) -> list[Region]:
    """Regions, those of nothing but a box to tick in the tables in whose cells they stand."""
    tables = [region for region in regions if region.kind == "table"]
    kept: list[Region] = []
    for region in regions:
        lone = region.lines and all(span.is_tick for line in region.lines for span in line.spans)
        homes = (table for table in tables if share_within(region.box, table.box) > _FRAMED)
        home = next(homes, None) if lone else None
        if home is None:
            kept.append(region)
        else:
            home.lines = sorted(
                [*home.lines, *region.lines], key=lambda line: (line.box[1] + line.box[3], line.box[0])
            )
    return kept


def _goes_on(tick: Line, line: Line) -> bool:
    """Whether a line goes on with the words behind a tick: right below them, and no further left than the box."""
    first = next(span for span in line.spans if span.text.strip())
    blank = len(first.text) - len(first.text.lstrip())
    left = first.box[0] + (first.box[2] - first.box[0]) * blank / len(first.text)
    return -tick.size < line.box[1] - tick.box[3] < _LEADING * tick.size and left > tick.box[0] - _BACK
