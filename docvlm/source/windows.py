"""Pages that are too large to be drawn, shown through a window: what is on them, in points that are larger.

A page may be millions of points wide, and a viewer shows it all the same. What draws it at a pixel to the point, as
layout analysis does, then asks for more memory than there is. The page is changed in memory: to units of 1, to a media box
around what is drawn on it, and where that is still too large, to a smaller ``/UserUnit``.
"""

from __future__ import annotations

import math

from docvlm.boxes import Box, area, as_box, union
from docvlm.mupdf import pymupdf

_MOST_AREA = 30e6  # square points: 90 MB of pixels at one for each; A0 has 8 million
_MARGIN = 36.0  # points around what is drawn: half an inch, as on paper
_LEAST_UNIT = 1e-6  # of a point; MuPDF calculates in single precision


def fit(page: pymupdf.Page) -> tuple[pymupdf.Page, Box | None]:
    """The page at a size that can be drawn, and which part of the file's page (in its points) it shows now; ``None`` where
    the page fits as it is.
    """
    if area(as_box(page.rect)) <= _MOST_AREA:
        return page, None
    document, number, xref = page.parent, page.number, page.xref
    whole = page.rect
    document.xref_set_key(xref, "UserUnit", "1")
    page = document.reload_page(page)
    unit = whole.width / page.rect.width
    drawn = _drawn(page)
    if drawn != page.rect:
        # Not the crop box, which PyMuPDF loses when it takes a page's rotation away.
        page.set_mediabox(drawn * page.derotation_matrix * ~page.transformation_matrix)
        page = document[number]
    shrunk = math.sqrt(_MOST_AREA / max(area(as_box(page.rect)), 1.0))
    if shrunk < 1.0:
        document.xref_set_key(xref, "UserUnit", f"{max(shrunk, _LEAST_UNIT):.9f}")
        page = document.reload_page(page)
    return page, as_box(drawn * unit)


def _drawn(page: pymupdf.Page) -> pymupdf.Rect:
    """The part of the page in which something is drawn; all of it where nothing is, or everywhere."""
    boxes = [box for _, box in page.get_bboxlog()]
    if not boxes:
        return page.rect
    x0, y0, x1, y1 = union(boxes)
    drawn = pymupdf.Rect(x0 - _MARGIN, y0 - _MARGIN, x1 + _MARGIN, y1 + _MARGIN)
    return (
        drawn * page.rotation_matrix & page.rect
    )  # MuPDF tells boxes as they were before the page's rotation
