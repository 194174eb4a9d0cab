"""Pictures by what draws them, placed images and clusters of vector drawings: those that the layout network missed,
and the true extent of those that it found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docvlm import contents
from docvlm.boxes import Box, area, as_box, clipped, lies_in, meet, share_within, shared_area, sides, union
from docvlm.mupdf import pymupdf
from docvlm.schema import Kind
from docvlm.spans import Line

# The least picture: a thumbnail.
_LEAST_SIDE = 30.0  # points
_LEAST_AREA = 2500.0  # square points
_LEAST_LINK = 8.0  # points; icons and badges that lead somewhere
_PAGE_SHARE = 0.85  # of the page; what is larger is its background
_TAKEN = 0.3  # of a picture's area that another may cover
_MOST_PROSE = 0.15  # of a picture's area that lines of words may cover
_FIRST_CJK = "\u3040"
_PROSE_LINE, _IN_PICTURE = 5, 0.6  # words of such a line, and share of it in the picture

# Clustering compares drawings pairwise; maps with more paths than this are left to the network.
_FEWEST_PATHS, _MOST_PATHS = 3, 3000
_APART = 6.0  # points between drawings that hang together
# What tells a drawing from rules and boxes: strokes that are curved or slanted, or filled areas.
_FEWEST_STROKES, _FEWEST_FILLS = 4, 4
_SLANT = 1.0  # points in both directions
_THICK = 3.0  # points; thinner filled areas are rules
_SLACK = 1.0  # points by which a drawing may reach out of its cluster

# A network's picture and what it shows: drawings that lie in it for the greater part, and the text that parts them.
_MOSTLY, _WITHIN = 0.5, 0.9
_WALL = 0.35  # of the picture's width, at least
_TOUCH = 2.0  # points

# A figure's file is cut along what it shows, to this share of the longer side, and drawn on this share of the page.
_TIGHT, _DRAWN_SHARE = 0.02, 0.4
_TEXT_EDGES = 3  # that its text reaches
_PROSE_WORDS, _LONG_LINE = 30, 5  # words in lines of so many words
_PROSE: frozenset[Kind] = frozenset({"paragraph", "caption", "heading", "list"})


def is_figure(page: pymupdf.Page, lines: list[Line]) -> bool:
    """Whether the only page of a file is one drawing, as plotting programs write it for a paper to include.

    What it shows reaches all four edges, and on three of them that is text, as on no sheet; little of the text is
    sentences, and what is drawn on the background takes up much of the page. A table cut out alike may pass.
    """
    if page.parent.page_count > 1 or not lines:
        return False
    bounds = as_box(page.rect)
    counts = [sum(any(c.isalpha() for c in word) for word in line.text.split()) for line in lines]
    if sum(count for count in counts if count >= _LONG_LINE) >= _PROSE_WORDS:
        return False
    drawings = [d for d in contents.paths(page) if area(d["rect"]) < _PAGE_SHARE * area(bounds)]
    if not drawings:
        return False
    drawn = union([clipped(as_box(d["rect"]), bounds) for d in drawings])
    text = union([line.box for line in lines])
    return (
        sum(_edges_reached(text, bounds)) >= _TEXT_EDGES
        and all(_edges_reached(union([text, drawn]), bounds))
        and area(drawn) > _DRAWN_SHARE * area(bounds)
        and _is_drawn(drawn, drawings)
    )


def _edges_reached(box: Box, bounds: Box) -> list[bool]:
    margin = _TIGHT * max(sides(bounds))
    left, top, right, bottom = bounds
    return [free <= margin for free in (box[0] - left, box[1] - top, right - box[2], bottom - box[3])]


def find_figures(
    page: pymupdf.Page,
    lines: list[Line],
    taken: list[Box],
    drawn: list[Box],
    named: Sequence[Box] = (),
    linked: Sequence[Box] = (),
) -> list[Box]:
    """Boxes (points) of images, of ``drawn`` clusters and of what the file describes (``named``) that no box in ``taken``
    covers.

    Backgrounds, rules, frames around text and decorations smaller than a thumbnail are not figures, unless a link is all
    that they are: ``linked`` are the boxes of the page's links.
    """
    wordless = [box for box in linked if not any(meet(line.box, box) for line in lines)]
    boxes = [as_box(info["bbox"]) for info in contents.images(page)]
    boxes += [*_drawings(page, drawn), *named]
    bounds = as_box(page.rect)
    found: list[Box] = []
    for box in sorted((clipped(box, bounds) for box in boxes), key=area, reverse=True):
        is_link = any(
            share_within(box, link) > _IN_PICTURE or share_within(link, box) > _IN_PICTURE
            for link in wordless
        )
        if not _may_be_figure(box, bounds, lines, least=_LEAST_LINK if is_link else _LEAST_SIDE):
            continue
        if any(
            shared_area(box, other) > _TAKEN * min(area(box), max(area(other), 1.0))
            for other in [*taken, *found]
        ):
            continue
        found.append(box)
    return found


def whole_figures(
    page: pymupdf.Page, found: list[tuple[Kind, Box]], drawn: list[Box], lines: list[Line]
) -> list[tuple[Kind, Box]]:
    """The regions with their pictures neither cut off nor run together; ``drawn`` are the page's clusters.

    A network's boxes are rough: each picture is widened to the drawings and images that lie in it for the greater
    part, and to a drawing in which it lies itself, and parted where running text stands between them.
    """
    if not any(kind == "picture" for kind, _ in found):
        return found
    figures = [
        box for box in _drawings(page, drawn) if _may_be_figure(box, as_box(page.rect), lines, _LEAST_SIDE)
    ]
    drawn = drawn + [as_box(info["bbox"]) for info in contents.images(page)]
    bounds = as_box(page.rect)
    whole: list[tuple[Kind, Box]] = []
    for kind, box in found:
        if kind != "picture":
            whole.append((kind, box))
            continue
        parts = [clipped(part, bounds) for part in drawn if shared_area(part, box) > _MOSTLY * area(part) > 0]
        parts = [part for part in parts if area(part) < _PAGE_SHARE * area(bounds)]
        around = [figure for figure in figures if share_within(box, figure) > _WITHIN]
        box = union([box, *around])
        whole += [("picture", piece) for piece in _pieces(box, parts, found)]
    return whole


def _pieces(box: Box, parts: list[Box], found: list[tuple[Kind, Box]]) -> list[Box]:
    """``box`` with its ``parts``, one piece for each run of them between which a wide line of text stands."""
    walls = [
        text
        for kind, text in found
        if kind in _PROSE
        and box[1] < (text[1] + text[3]) / 2 < box[3]
        and text[2] - text[0] > _WALL * (box[2] - box[0])
        and not any(part[1] < text[3] - _TOUCH and part[3] > text[1] + _TOUCH for part in parts)
    ]
    edges = [
        box[1],
        *(y for wall in sorted(walls, key=lambda wall: wall[1]) for y in (wall[1], wall[3])),
        box[3],
    ]
    pieces = []
    for top, bottom in zip(edges[::2], edges[1::2]):
        inside = [part for part in parts if top < (part[1] + part[3]) / 2 < bottom]
        if inside or not walls:
            pieces.append(union([(box[0], top, box[2], bottom), *inside]))
    return pieces or [box]


def clusters(page: pymupdf.Page) -> list[Box]:
    """Boxes of vector drawings that hang together; none where there are too few or too many paths to tell."""
    paths = sum(1 for kind, _ in contents.operations(page) if kind in ("fill-path", "stroke-path"))
    if not _FEWEST_PATHS <= paths <= _MOST_PATHS:
        return []
    return [as_box(box) for box in page.cluster_drawings(x_tolerance=_APART, y_tolerance=_APART)]


def _drawings(page: pymupdf.Page, drawn: list[Box]) -> list[Box]:
    """The clusters that are more than rules and boxes."""
    if not drawn:
        return []
    drawings = contents.paths(page)
    return [box for box in drawn if _is_drawn(box, drawings)]


def _is_drawn(box: Box, drawings: list[dict[str, Any]]) -> bool:
    """Whether a cluster holds more than straight rules and plain boxes, or many of them."""
    inside = [d for d in drawings if lies_in(d["rect"], box, slack=_SLACK)]
    curves = sum(1 for d in inside for item in d["items"] if item[0] == "c" or item[0] == "qu")
    slanted = sum(
        1
        for d in inside
        for item in d["items"]
        if item[0] == "l" and abs(item[1][0] - item[2][0]) > _SLANT and abs(item[1][1] - item[2][1]) > _SLANT
    )
    filled = sum(1 for d in inside if d.get("fill") is not None and min(sides(d["rect"])) > _THICK)
    return curves + slanted >= _FEWEST_STROKES or filled >= _FEWEST_FILLS


def _words(line: Line) -> int:
    """How many words a line says; scripts without spaces have about one for two letters."""
    together = sum(1 for c in line.text if c >= _FIRST_CJK and c.isalpha())
    return max(len(line.text.split()), together // 2)


def _may_be_figure(box: Box, page: Box, lines: list[Line], least: float) -> bool:
    smallest = _LEAST_AREA * (least / _LEAST_SIDE) ** 2
    if min(sides(box)) < least or area(box) < smallest or area(box) > _PAGE_SHARE * area(page):
        return False
    inside = [line for line in lines if shared_area(line.box, box) > _IN_PICTURE * area(line.box)]
    prose = sum(area(line.box) for line in inside if _words(line) >= _PROSE_LINE)
    return prose < _MOST_PROSE * area(box)
