"""An upright page and its lines -> regions, each with a kind, in reading order.

Where the file says what is on the page, its regions come from the page model (`docvlm.layout.seen`), otherwise from
PyMuPDF's layout network, which looks at pixels; what is missed is repaired, what is joined is split, and the result ordered.
Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from docvlm.boxes import Box, area, as_box, shared_area, sides
from docvlm.calibration import Calibration
from docvlm.directions import mirrored, runs_right_to_left
from docvlm.layout import columns, loose_rows
from docvlm.layout.arrangement import as_told, columns_apart, hint, ordered, parted, witnessed
from docvlm.layout.flow import Reading
from docvlm.layout.network import MOST_LINES, detect
from docvlm.layout.order import reading_order
from docvlm.layout.page_model import PageModel
from docvlm.layout.pictures import clusters, find_figures, is_figure, whole_figures
from docvlm.layout.region import Region, cluster, gather
from docvlm.layout.repair import (
    absorb_into_pictures,
    cut_at_gutter,
    free_framed_text,
    headings_apart,
    join_side_by_side,
    looks_like_chart,
    repaired,
)
from docvlm.layout.ruled_tables import ended_at_rules, with_ruled_tables
from docvlm.layout.seen import seen
from docvlm.layout.tagged import compare, joined, told_tables, with_told_tables
from docvlm.mupdf import pymupdf
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.tags import PageTags
from docvlm.text_layer import image_cover

_LABEL = 3  # letters of a map's usual label, at most
_SENTENCE = 4  # words of a line that reads as a sentence
_SAME_ROW = 4.0  # points; headers of one row are read left to right
_TALL = 60.0  # points; in a region of text that is higher no picture is looked for

# A "picture" that is the page itself: its share of the page, lines of words in it, and share of such a line within.
_WHOLE_PAGE, _TEXT_LINES, _TEXT_WORDS, _WITHIN = 0.5, 5, 3, 0.5

_PICTURE_OF_PAGE = 0.8  # of the page, covered by one image

# A rule typed as a row of dots or dashes is no text.
_TYPED_RULE = re.compile(r"^(?:\s*[.·_…*=~–—-]){8,}\s*$")


def analyze(
    page: pymupdf.Page,
    lines: list[Line],
    model: PageModel | None = None,
    tags: PageTags | None = None,
    linked: Sequence[Box] = (),
) -> list[Region]:
    """Regions of an upright ``page`` that hold all of ``lines``, in reading order; ``model`` parts and orders its text,
    ``tags`` is what the file says of it, and ``linked`` are the boxes of the page's links.

    Leaves the network's raw answer in ``page.layout_information``, without the grids of tables: see
    :func:`docvlm.layout.network.find_grids`.
    """
    lines = [line for line in lines if not _TYPED_RULE.match(line.text)]
    if _is_label_cloud(lines):
        return _map_regions(page, lines)
    reading = model.read(page, lines) if model is not None else None
    found = None
    if reading is not None and _is_drawn(page, lines):
        found = seen(page, lines, reading, tags, linked)
    if found is None:
        found = _detected(page, lines, tags, linked)
    if all(region.kind != "table" for region in found) and is_figure(page, lines):
        whole = Region("picture", as_box(page.rect), lines)
        whole.kind = "chart" if looks_like_chart(whole) else "picture"
        return [whole]
    regions = [part for region in found for part in repaired(region, page)]
    regions = joined(regions, tags)
    regions = free_framed_text(absorb_into_pictures(regions), page)
    regions = loose_rows.gathered(columns.apart(regions, lines, page))
    regions = join_side_by_side(regions)
    regions = [part for region in regions for part in cut_at_gutter(region, regions)]
    regions = [part for region in regions for part in headings_apart(region, regions)]
    if model is None or reading is None:
        return order(regions)
    return arranged(regions, reading, lines, model.fitted, tags)


def _is_drawn(page: pymupdf.Page, lines: Sequence[Line]) -> bool:
    """Whether a page is drawn, not a picture of a page, whose pixels the page model does not see."""
    return image_cover(page) < _PICTURE_OF_PAGE and all(
        span.score is None for line in lines for span in line.spans
    )


def _detected(
    page: pymupdf.Page, lines: list[Line], tags: PageTags | None, linked: Sequence[Box]
) -> list[Region]:
    """The regions by PyMuPDF's layout network, which looks at pixels, too."""
    drawn = clusters(page)
    found = ended_at_rules(whole_figures(page, detect(page, lines), drawn, lines), page)
    found = with_ruled_tables(found, page, lines)
    named = [figure.box for figure in tags.figures] if tags is not None else []
    found += [("picture", box) for box in find_figures(page, lines, _solid(found), drawn, named, linked)]
    found = with_told_tables(found, told_tables(tags))
    return gather([item for item in found if not _is_page_of_text(item, lines, page)], lines)


def arranged(
    regions: list[Region],
    reading: Reading,
    lines: list[Line],
    fitted: Calibration | None,
    tags: PageTags | None = None,
) -> list[Region]:
    """The regions as the page model reads the page, each with what it thinks of it; ``tags`` are asked where it is not."""
    number_of = {id(line): number for number, line in enumerate(lines)}
    regions = [part for region in regions for part in columns_apart(region, reading, number_of)]
    regions = [part for region in regions for part in parted(region, reading, number_of)]
    # Without what stood across them, columns show their gutter.
    regions = order([part for region in regions for part in columns_apart(region, reading, number_of)])
    regions = as_told(ordered(regions, reading, number_of), tags, reading, number_of)
    regions = witnessed(regions, reading, number_of, fitted)
    hint(regions, reading, number_of)
    if tags is not None and tags.is_ordered:
        compare(regions, tags)
    return regions


def order(regions: list[Region]) -> list[Region]:
    """Headers first, footers last, the rest in reading order."""
    ends: dict[str, list[Region]] = {"header": [], "footer": []}
    body: list[Region] = []
    for region in regions:
        ends.get(region.kind, body).append(region)
    for group in ends.values():
        group.sort(key=lambda region: (round(region.box[1] / _SAME_ROW), region.box[0]))
    turned = runs_right_to_left(line for region in body for line in region.lines)
    boxes = [mirrored(region.box) if turned else region.box for region in body]
    return ends["header"] + [body[i] for i in reading_order(boxes)] + ends["footer"]


def _is_label_cloud(lines: list[Line]) -> bool:
    """Whether a page is a map or plan: thousands of lines, most of them a letter or two."""
    return len(lines) > MOST_LINES and statistics.median(len(line.text.strip()) for line in lines) <= _LABEL


def _map_regions(page: pymupdf.Page, lines: list[Line]) -> list[Region]:
    """The page as one picture, and what reads as sentences."""
    prose = [line for line in lines if len(line.text.split()) >= _SENTENCE]
    return order([Region("picture", as_box(page.rect)), *cluster(prose)])


def _solid(found: list[tuple[Kind, Box]]) -> list[Box]:
    """Boxes in which no further picture is looked for."""
    return [box for kind, box in found if kind in ("table", "picture", "formula") or sides(box)[1] > _TALL]


def _is_page_of_text(item: tuple[Kind, Box], lines: list[Line], page: pymupdf.Page) -> bool:
    """Whether a "picture" is the page itself, as the network sees some scans and handwriting."""
    kind, box = item
    if kind != "picture" or area(box) < _WHOLE_PAGE * page.rect.width * page.rect.height:
        return False
    inside = (line for line in lines if shared_area(line.box, box) > _WITHIN * area(line.box))
    return sum(len(line.text.split()) > _TEXT_WORDS for line in inside) > _TEXT_LINES
