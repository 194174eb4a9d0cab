"""Radicals and tall brackets that a web page draws as outlines, where TeX sets glyphs and rules.

KaTeX draws radicals a hundred times as long as they are, and lets a clip show what is wanted. Boxes are PDF points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm import contents
from docvlm.boxes import Box, as_box, clipped, sides, union
from docvlm.mupdf import pymupdf

_FEWEST_PARTS = 8  # lines and curves of an outline with a hook, a foot and a bar, or of a bent bracket
_FLATTEST = 1.0  # points; accents over several letters are as flat

_LOWEST = 8.0  # points, of a sign

# Radicals.
_BAR = 0.1  # of a radical's height; its bar is thinner
_SHORTEST_BAR = 0.1  # of its height
_HOOK = (0.25, 0.97)  # of its height from above, between which its outline is farthest to the left
_FOOT = (0.15, 1.0)  # of its sign's width, between which its outline is lowest
_WIDEST = 1.4  # of its height; signs are narrower

# Brackets, in shares of their own width and height.
_SLENDER = 0.4  # of its height; brackets are narrower
_BAR_WIDTH = 1.5  # points; what is no wider is a bar
_ENDS, _MIDDLE = 0.04, 0.15  # of its height: from either end, and from the middle up and down
_NEAR, _FAR = 0.4, 0.75  # of its width: the stroke at the bend, and at the tips


@dataclass(frozen=True, slots=True)
class DrawnSign:
    """What was drawn as an outline: its character, where it is, and the bar of a radical. What is no radical and no bracket
    has no character.
    """

    character: str
    box: Box
    bar: Box | None = None

    @property
    def whole(self) -> Box:
        """The sign with its bar."""
        return self.box if self.bar is None else union([self.box, self.bar])


def drawn_signs(page: pymupdf.Page) -> list[DrawnSign]:
    """The outlines of a page, radicals and tall brackets among them, in the order in which they are drawn."""
    if not any(map(_is_outline, contents.paths(page))):
        return []
    return [_radical(each, shown) or _bracket(each) or _other(each, shown) for each, shown in _seen(page)]


def is_shape(drawing: Mapping[str, Any]) -> bool:
    """Whether a drawing is a filled shape with curves, the edges of which are no rules."""
    return drawing["type"] == "f" and any(item[0] == "c" for item in drawing["items"])


def _is_outline(drawing: Mapping[str, Any]) -> bool:
    return (
        is_shape(drawing)
        and len(drawing["items"]) >= _FEWEST_PARTS
        and drawing["rect"][3] - drawing["rect"][1] > _FLATTEST
    )


def _seen(page: pymupdf.Page) -> Iterator[tuple[Mapping[str, Any], Box]]:
    """The outlines of a page and the part of the page in which clips let them show."""
    clips: list[tuple[int, Box]] = []
    whole = as_box(page.rect)
    for drawing in page.get_cdrawings(extended=True):
        while clips and clips[-1][0] >= drawing["level"]:
            clips.pop()
        if drawing["type"] == "clip":
            clips.append((drawing["level"], as_box(drawing["scissor"])))
        elif drawing["type"] == "f" and _is_outline(drawing):
            yield drawing, clips[-1][1] if clips else whole


def _other(drawing: Mapping[str, Any], shown: Box) -> DrawnSign:
    return DrawnSign("", clipped(as_box(drawing["rect"]), shown))


def _points(drawing: Mapping[str, Any]) -> NDArray[np.float64]:
    """The ends and the handles of a drawing's lines and curves (n, 2)."""
    points = [point for item in drawing["items"] if item[0] in "lc" for point in item[1:]]
    return np.array(points, np.float64).reshape(-1, 2)


def _radical(drawing: Mapping[str, Any], shown: Box) -> DrawnSign | None:
    x, y = _points(drawing).T
    left, top, right, bottom = as_box(drawing["rect"])
    height = bottom - top
    if height < _LOWEST:
        return None
    low = y > top + _BAR * height
    if not low.any():
        return None
    corner = float(x[low].max())
    wide, foot, hook = corner - left, x[y.argmax()] - left, y[x.argmin()] - top
    bar = y[x > corner + (right - corner) / 2]
    seen = clipped((left, top, right, bottom), shown)
    is_one = (
        len(bar)
        and min(sides(seen)) > 0
        and wide < _WIDEST * height
        and seen[2] - corner > _SHORTEST_BAR * height
        and _HOOK[0] * height < hook < _HOOK[1] * height
        and _FOOT[0] * wide < foot <= _FOOT[1] * wide
    )
    if not is_one:
        return None
    return DrawnSign("√", (left, top, corner, bottom), (corner, top, seen[2], float(bar.max())))


def _bracket(drawing: Mapping[str, Any]) -> DrawnSign | None:
    box = as_box(drawing["rect"])
    wide, high = sides(box)
    if wide > _SLENDER * high or high < _LOWEST:
        return None
    if wide < _BAR_WIDTH:
        return DrawnSign("|", box)
    x, y = ((_points(drawing) - box[:2]) / (wide, high)).T
    bend = x[np.abs(y - 0.5) < _MIDDLE]
    tips = x[np.minimum(y, 1 - y) < _ENDS]
    if not len(bend) or not len(tips):
        return None
    for character, place in (("(", np.array), (")", lambda values: 1 - values)):
        at_bend, at_tips = place(bend), place(tips)
        if at_bend.max() < _NEAR and np.median(at_tips) > _FAR:
            return DrawnSign(character, box)
    return None
