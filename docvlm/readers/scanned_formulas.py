"""The formulas of a scanned page -> LaTeX, from its pixels; those inside lines by `docvlm.readers.scanned_lines`.

The layout's boxes come from the lines that OCR read, and OCR knows no integral signs nor limits below a sum: a box grows
to the ink that it cuts before the formula is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import union
from docvlm.formulas.finder import ink_of
from docvlm.formulas.image import crop_of, is_shown, read_crops
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.sight import GlyphReader
from docvlm.layout.region import Region
from docvlm.ocr.engine import engine
from docvlm.readers.evidence import believed
from docvlm.readers.scanned_bars import has_bar
from docvlm.readers.scanned_displays import agree, looks_displayed
from docvlm.readers.scanned_lines import may_hold_formulas, with_formulas
from docvlm.readers.view import NO_PROSE, PageView, Part

_PRINTED = 0.5  # ink as dark as this is print
_SPECK = 3  # pixels of it; fewer are dirt
_NEAR = 4.0  # points beyond a box's edge within which ink belongs to it
_FARTHEST = 36.0  # points by which an edge may move: twice the height of an integral sign
_BESIDE = 24.0  # the same to its sides: OCR overlooks fractions that stand between wide signs
_FARTHEST_BESIDE = 200.0
_AROUND = 2.0  # points of paper around a formula

_Box = tuple[int, int, int, int]  # pixels: left, top, right, bottom


def read_scanned(view: PageView, parts: Sequence[Part]) -> None:
    """Gives each part of a scanned page its displayed formulas, and its rows LaTeX where formulas stand inside them.

    The models are loaded where there is something to read.
    """
    if view.image is None:
        return
    image, scale = view.image, view.image.shape[1] / view.page.rect.width
    regions = [part.region for part in view.parts]
    mixed = [part for part in parts if part.region.kind not in NO_PROSE]
    tried = [part for part in mixed if looks_displayed(part.region, regions)]
    likely = {
        id(line)
        for part in mixed
        for line in part.rows
        if may_hold_formulas(line) or has_bar(image, scale, line)
    }
    shown = [part for part in parts if part.region.kind == "formula"]
    if not (shown or likely):
        return
    finder, reader = view.models.glyphs(), view.models.formula()
    if finder is None or reader is None:
        return
    if shown or tried:
        wanted = [part.region for part in (*shown, *tried)]
        read = read_displayed(image, scale, wanted, regions, finder, reader)
        for part, formulas in zip((*shown, *tried), read, strict=True):
            if part.region.kind == "formula" or (formulas and agree(formulas, part.region.text)):
                part.formulas, part.region.kind = formulas, "formula"
        shown = [part for part in parts if part.region.kind == "formula"]
        mixed = [part for part in mixed if part.region.kind != "formula"]
    lines = [line for part in mixed for line in part.rows if id(line) in likely]
    trusted = partial(believed, displayed=[formula for part in shown for formula in part.formulas])
    written = iter(with_formulas(image, scale, lines, finder, reader, engine(), trusted))
    for part in mixed:
        part.rows = [next(written) if id(line) in likely else line for line in part.rows]


def read_displayed(
    image: NDArray[np.uint8],
    scale: float,
    wanted: Sequence[Region],
    regions: Sequence[Region],
    finder: GlyphReader,
    reader: FormulaReader,
) -> list[list[Formula]]:
    """The formulas of the ``wanted`` ones among the ``regions`` of an upright page; ``image`` (H, W, 3) are its pixels,
    ``scale`` of them to the point.

    What fails a check has no LaTeX, so that its picture stays: without a text layer nobody could tell that it is wrong.
    """
    printed = ink_of(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)) > _PRINTED
    crops = []
    for region in wanted:
        others = [_pixels(other, scale) for other in regions if other is not region]
        x0, y0, x1, y1 = _grown(_pixels(region, scale), others, printed, scale)
        crops.append(crop_of(finder, image[y0:y1, x0:x1]))
    return [
        [each if is_shown(each) else replace(each, latex="") for each in formulas]
        for formulas in read_crops(reader, crops)
    ]


def _pixels(region: Region, scale: float) -> _Box:
    """The box of a region with all of its lines."""
    x0, y0, x1, y1 = (edge * scale for edge in union([region.box, *(line.box for line in region.lines)]))
    return max(0, int(x0)), max(0, int(y0)), int(np.ceil(x1)), int(np.ceil(y1))


def _grown(box: _Box, others: Sequence[_Box], printed: NDArray[np.bool_], scale: float) -> _Box:
    """``box`` with the print (H, W) that lies at its edges, and a little paper around, clear of other regions."""
    near = max(1, round(_NEAR * scale)), max(1, round(_BESIDE * scale))
    farthest = round(_FARTHEST * scale), round(_FARTHEST_BESIDE * scale)
    edges = [*box]
    grown = True
    while grown:
        grown = False
        for side, strip in enumerate(_strips(edges, near)):
            x0, y0, x1, y1 = strip
            ink = np.argwhere(printed[y0:y1, x0:x1])
            if len(ink) < _SPECK or any(_meet(strip, other) for other in others):
                continue
            axis = 1 - side % 2  # of `ink`, whose rows come first
            edge = strip[side % 2] + int(ink[:, axis].min() if side < 2 else ink[:, axis].max() + 1)
            if abs(edge - box[side]) <= farthest[side % 2 == 0]:
                edges[side] = edge
                grown = True
    around = round(_AROUND * scale)
    x0, y0, x1, y1 = edges
    return max(0, x0 - around), max(0, y0 - around), x1 + around, y1 + around


def _strips(box: Sequence[int], near: tuple[int, int]) -> Iterator[_Box]:
    """What lies beyond the box's left, top, right and bottom edge: ``near`` above and below, and beside it."""
    x0, y0, x1, y1 = box
    above, beside = near
    yield max(0, x0 - beside), y0, x0, y1
    yield x0, max(0, y0 - above), x1, y0
    yield x1, y0, x1 + beside, y1
    yield x0, y1, x1, y1 + above


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
