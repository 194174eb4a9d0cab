"""What a page shows beside its text: images, rules and filled or framed areas, from MuPDF's list of what is drawn."""

from __future__ import annotations

from docvlm import contents
from docvlm.boxes import Box
from docvlm.mupdf import pymupdf

_THIN = 3.0  # points; a path no thicker is a rule
_SHORT = 8.0  # points; a shorter one is a dot or part of a letter
_MOST = 600
_WHOLE = 0.98  # of the page: its paper, not a thing on it

Thing = tuple[str, Box]
""""image", "rule" or "fill", and its box in points."""


def things_drawn(page: pymupdf.Page) -> list[Thing]:
    """Images, rules and areas, clipped to the page, in drawing order; 600 at most."""
    found: list[Thing] = []
    wide, high = page.rect.width, page.rect.height
    for kind, box in contents.operations(page):
        x0, y0, x1, y1 = max(box[0], 0.0), max(box[1], 0.0), min(box[2], wide), min(box[3], high)
        if kind.endswith("-text") or x1 < x0 or y1 < y0:
            continue
        thin, long = sorted((x1 - x0, y1 - y0))
        name = (
            "image"
            if kind in ("fill-image", "fill-shade", "fill-imgmask")
            else "rule"
            if thin <= _THIN
            else "fill"
        )
        if long < _SHORT and name != "image" and thin <= _THIN:
            continue
        if name == "fill" and (x1 - x0) * (y1 - y0) > _WHOLE * wide * high:
            continue
        found.append((name, (x0, y0, x1, y1)))
    return found[:_MOST]
