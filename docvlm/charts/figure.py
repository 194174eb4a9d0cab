"""A picture as chart readers are given it, and how it is cut out of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docvlm import contents, raster
from docvlm.anchors import Anchor
from docvlm.boxes import Box, as_box, contains, middle
from docvlm.charts.vector import Shapes, shapes_of
from docvlm.mupdf import pymupdf
from docvlm.spans import Line

# The longer side at which charts are rendered: more than the model sees, enough for OCR of small print.
_SIDE = 1100
_LEAST_SIDE = 40.0  # points; smaller pictures are icons
_FEWEST_LINES = 3  # of text for a chart whose text the text layer holds
_FEWEST_PATHS, _MOST_PATHS = 4, 20_000


@dataclass(frozen=True, slots=True)
class Figure:
    """RGB pixels (h, w, 3) uint8; the text in them with boxes in pixels, ``None`` where only OCR can tell; the paths
    that drew them, in pixels, where they came from a PDF. ``box`` (points) and ``page`` say where it stands.
    """

    image: NDArray[np.uint8]
    anchors: list[Anchor] | None = None
    shapes: Shapes | None = None
    page: int | None = None
    box: Box | None = None


def cut_figure(
    page: pymupdf.Page, box: Box, lines: Sequence[Line], number: int | None = None
) -> Figure | None:
    """The part of a page inside ``box`` (points) with those of its lines that lie there; ``None`` for icons."""
    bounds = as_box(pymupdf.Rect(box) & page.rect)
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    if min(width, height) < _LEAST_SIDE:
        return None
    image = raster.render(page, 72 * _SIDE / max(width, height), bounds)
    scale = image.shape[1] / width
    inside = [line for line in lines if contains(bounds, middle(line.box)) and line.text.strip()]
    anchors = None
    if len(inside) >= _FEWEST_LINES:
        anchors = [Anchor(line.text.strip(), _moved(line.box, bounds, scale)) for line in inside]
    shapes = shapes_of(contents.paths(page), bounds, scale) if _has_paths(page, bounds) else None
    return Figure(image, anchors, shapes, number, bounds)


def _has_paths(page: pymupdf.Page, box: Box) -> bool:
    """Whether a part of a page is drawn with paths, few enough to look at each."""
    paths = sum(
        1
        for kind, path in contents.operations(page)
        if kind in ("fill-path", "stroke-path") and pymupdf.Rect(path).intersects(box)
    )
    return _FEWEST_PATHS <= paths <= _MOST_PATHS


def _moved(box: Box, bounds: Box, scale: float) -> Box:
    x0, y0, x1, y1 = box
    left, top = bounds[0], bounds[1]
    return (x0 - left) * scale, (y0 - top) * scale, (x1 - left) * scale, (y1 - top) * scale
