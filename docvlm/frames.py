"""Where a place on an upright page lies on the page as it stands in its file, and back.

Two frames, both in PDF points with the origin at the top left and y downwards. The *file's page* is what a PDF viewer
shows, after the page's ``/Rotate``, or an image after its EXIF orientation. The *upright page*, in which all boxes
are, is that page turned clockwise by a ``rotation`` of quarter turns, until its text reads from left to right, and
then counter-clockwise by its ``skew``, until its lines are level. Both turns are about the page's centre; a quarter
turn exchanges width and height, straightening keeps them, so corners of a skewed page may lie outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from docvlm.boxes import Box

XY = tuple[float, float]
Quad = tuple[XY, XY, XY, XY]


@dataclass(frozen=True, slots=True)
class Frame:
    """An upright page of ``width`` x ``height`` points and how the file's page was turned to be it.

    ``rotation`` (0, 90, 180 or 270) is in degrees clockwise, ``skew`` in degrees counter-clockwise after it: positive
    where lines fell to the right. ``window`` is the part of the file's page, in its points, that was seen, where that
    was not all of it at its size.
    """

    width: float
    height: float
    rotation: int = 0
    skew: float = 0.0
    window: Box | None = None

    @property
    def file_size(self) -> tuple[float, float]:
        """Width and height of the file's page, or of its window, in points of the upright page."""
        return (self.height, self.width) if self.rotation % 180 else (self.width, self.height)

    def to_file(self, points: Iterable[XY]) -> list[XY]:
        """Points of the upright page on the file's page; `to_upright` is the way back."""
        turned = _turned(points, self.skew - self.rotation, (self.width, self.height), self.file_size)
        (left, top), unit = self._seen
        return [(left + unit * x, top + unit * y) for x, y in turned]

    def to_upright(self, points: Iterable[XY]) -> list[XY]:
        """Points of the file's page on the upright page."""
        (left, top), unit = self._seen
        seen = [((x - left) / unit, (y - top) / unit) for x, y in points]
        return _turned(seen, self.rotation - self.skew, self.file_size, (self.width, self.height))

    @property
    def _seen(self) -> tuple[XY, float]:
        """Where the window lies on the file's page, and how many of its points are one of the upright page."""
        if self.window is None:
            return (0.0, 0.0), 1.0
        x0, y0, x1, _ = self.window
        return (x0, y0), (x1 - x0) / self.file_size[0]

    def quad(self, box: Box) -> Quad:
        """A box of the upright page on the file's page, exactly: the corners that were its top left, top right,
        bottom right and bottom left.
        """
        x0, y0, x1, y1 = box
        top_left, top_right, bottom_right, bottom_left = self.to_file(
            [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        )
        return top_left, top_right, bottom_right, bottom_left

    def box_in_file(self, box: Box) -> Box:
        """The smallest level box (x0, y0, x1, y1) of the file's page around `quad`: larger than it on a skewed page."""
        xs, ys = zip(*self.quad(box))
        return min(xs), min(ys), max(xs), max(ys)

    def box_upright(self, box: Box) -> Box:
        """The smallest level box of the upright page around a level ``box`` of the file's page."""
        x0, y0, x1, y1 = box
        xs, ys = zip(*self.to_upright([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
        return min(xs), min(ys), max(xs), max(ys)


def _turned(
    points: Iterable[XY], degrees: float, old: tuple[float, float], new: tuple[float, float]
) -> list[XY]:
    """``points`` after a turn clockwise about the centre of a page of the size ``old``, which falls on ``new``'s."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    offsets = ((x - old[0] / 2, y - old[1] / 2) for x, y in points)
    return [(new[0] / 2 + cosine * x - sine * y, new[1] / 2 + sine * x + cosine * y) for x, y in offsets]
