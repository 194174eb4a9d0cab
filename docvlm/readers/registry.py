"""Which reader reads which kind of region, and a page's regions read by them.

A reader is added by a file of its own and its line in `READERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from docvlm import confidence, list_marks
from docvlm.annotations import check_boxes
from docvlm.annotations.forms import Filled
from docvlm.boxes import union
from docvlm.draft import Draft
from docvlm.failures import failure_of
from docvlm.layout.analysis import analyze
from docvlm.layout.arrangement import PROSE as PROSE_KINDS
from docvlm.layout.forms import form_apart, with_lone_ticks
from docvlm.layout.region import Region
from docvlm.readers import beside, tagged, typewritten
from docvlm.readers.contents_list import find_contents
from docvlm.readers.drawn_formulas import DrawnFormulas, read_drawn, with_displays
from docvlm.readers.formula import read_formulas
from docvlm.readers.guard import guarded, with_failures
from docvlm.readers.mathematics import displayed_apart, read_mathematics
from docvlm.readers.picture import read_pictures
from docvlm.readers.prose import has_marker, read_prose
from docvlm.readers.scanned_displays import whole_displays
from docvlm.readers.scanned_formulas import read_scanned
from docvlm.readers.stacked import with_fractions
from docvlm.readers.table import read_tables, with_grids
from docvlm.readers.view import PICTURED, PageView, Part
from docvlm.repairs import interrupted
from docvlm.schema import Kind


@dataclass(frozen=True, slots=True)
class RegionReader:
    """One way of reading regions. ``read`` gives the blocks of each part, read together where that is cheaper; it may
    raise what it likes. ``stage`` is its name in reports.
    """

    stage: str
    read: Callable[[PageView, Sequence[Part]], list[list[Draft]]]

    def __call__(self, view: PageView, parts: Sequence[Part]) -> None:
        """Gives each part its blocks."""
        for part, blocks in zip(parts, self.read(view, parts), strict=True):
            part.blocks = blocks


PROSE, TABLE, FORMULA, PICTURE = (
    RegionReader("text", read_prose),
    RegionReader("table", read_tables),
    RegionReader("formula", read_formulas),
    RegionReader("chart", read_pictures),
)

READERS: Final[Mapping[Kind, RegionReader]] = {
    "heading": PROSE,
    "paragraph": PROSE,
    "list": PROSE,
    "caption": PROSE,
    "code": PROSE,
    "footnote": PROSE,
    "header": PROSE,
    "footer": PROSE,
    "table": TABLE,
    "formula": FORMULA,
    "picture": PICTURE,
    "chart": PICTURE,
}


def read_regions(view: PageView) -> list[Part]:
    """The page's parts in reading order, each with its blocks. What fails with one costs the others nothing."""
    if view.blank:
        return []
    view.parts = _parts(view)
    guarded("table", with_grids, view, view.parts)
    # Formulas stand in rows and cells, so they are read before these become text, all of a page's together.
    guarded("formula", read_mathematics if view.reader == "text" else read_scanned, view, view.parts)
    for reader in dict.fromkeys(READERS.values()):
        own = [part for part in view.parts if READERS[part.region.kind] is reader]
        guarded(reader.stage, reader, view, own)
    _with_structure(view.parts)
    guarded("text", tagged.with_tags, view, view.parts)
    for block in (block for part in view.parts if part.beside for block in part.blocks):
        block.kind, block.furniture = "header", True
    with_failures(view, view.parts)
    return view.parts


def _with_structure(parts: Sequence[Part]) -> None:
    """Tells the blocks of prose what the page model thinks of their place; of what was found to be a display it was never
    asked.
    """
    for part in parts:
        for block in part.blocks if part.region.kind in PROSE_KINDS else ():
            if block.confidence is not None:
                block.confidence = confidence.with_structure(block.confidence, part.region.structure)


def _parts(view: PageView) -> list[Part]:
    """The page's regions; where nobody can say which, all of its lines as one."""
    drawn, failed = DrawnFormulas([], []), None
    lines, numbers, marks = beside.parted(view.lines, view.page.rect.width)
    if view.reader == "text":
        lines = with_fractions(view.page, lines)
        list_marks.write(view.page, lines)
        try:
            drawn = read_drawn(view, lines)
        except Exception as error:
            failed = failure_of(error, "formula", view.debug)
        lines = interrupted.joined([*lines, *drawn.inside]) if drawn.inside else lines
    try:
        linked = [each.box for each in view.links]
        regions = analyze(view.page, lines, view.models.layout(), view.tags, linked)
    except Exception as error:
        if not view.lines:
            raise
        lines = sorted(view.lines, key=lambda line: (line.box[1], line.box[0]))
        whole = Part.of(Region("paragraph", union([line.box for line in lines]), lines))
        whole.failure = failure_of(error, "layout", view.debug)
        return [whole]
    filled = _with_drawn_ticks(view, regions)
    if filled is not None:
        regions = [part for region in with_lone_ticks(regions) for part in form_apart(region, filled)]
    if not any(region.is_seen for region in regions):
        regions = beside.joined(regions, numbers)
    if view.reader == "ocr":
        regions = whole_displays(regions)
    typewritten.as_prose(regions)
    regions = tagged.with_lists(view, regions, has_marker)
    contents = find_contents(regions)
    parts = []
    for region, formulas in with_displays(regions, drawn):
        parts.append(Part.of(region))
        parts[-1].formulas, parts[-1].failure = formulas, failed
    for part in parts:
        if any(part.region is region for region in contents):
            part.region.kind, part.contents = "list", True
    if view.reader == "text":
        parts = [each for part in parts for each in ([part] if part.contents else _parted(view, part))]
    return parts + [
        Part(Region.around("header", group), group, beside=True) for group in (numbers, marks) if group
    ]


def _with_drawn_ticks(view: PageView, regions: Sequence[Region]) -> Filled | None:
    """What the fields of a page are to its lines, and the check boxes that are only drawn, too."""
    lines = [line for region in regions if region.kind not in PICTURED for line in region.lines]
    ticked = (
        check_boxes.tick(view.page, lines, [each.box for each in view.fields])
        if view.reader == "text"
        else []
    )
    if not ticked:
        return view.filled
    filled = view.filled or Filled(view.lines, view.fields)
    filled.ticks += ticked
    return filled


def _parted(view: PageView, part: Part) -> list[Part]:
    """The part, with formulas that were taken for lines of a paragraph as parts of their own."""
    found: list[Region] = []

    def part_it(view: PageView, parts: Sequence[Part]) -> None:
        found.extend(displayed_apart(parts[0].region))

    guarded("formula", part_it, view, [part])
    return [part] if found in ([], [part.region]) else [Part.of(region) for region in found]
