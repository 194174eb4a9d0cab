"""Geometry of boxes.

A box is (x0, y0, x1, y1): left, top, right, bottom, with the origin at the top left. Its frame and unit, points of a
page or pixels of an image, are its owner's to say; functions of two boxes want both in one frame.
"""

from __future__ import annotations

from collections.abc import Iterable

Box = tuple[float, float, float, float]
Point = tuple[float, float]


def as_box(values: Iterable[float]) -> Box:
    """Four numbers as a box."""
    x0, y0, x1, y1 = map(float, values)
    return x0, y0, x1, y1


def sides(box: Box) -> tuple[float, float]:
    """Width and height; negative where a box is turned inside out."""
    return box[2] - box[0], box[3] - box[1]


def area(box: Box) -> float:
    """Width times height, 0 for a box that is turned inside out."""
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def middle(box: Box) -> Point:
    """The point halfway between the edges."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all ``boxes`` (at least one)."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def clipped(box: Box, bounds: Box) -> Box:
    """The part of ``box`` within ``bounds``; turned inside out where they do not meet."""
    return max(box[0], bounds[0]), max(box[1], bounds[1]), min(box[2], bounds[2]), min(box[3], bounds[3])


def padded(box: Box, across: float, down: float) -> Box:
    """``box`` larger by ``across`` on the left and on the right, by ``down`` above and below."""
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def overlap_across(a: Box, b: Box) -> float:
    """The width that two boxes share; negative, the gap between them, where they stand side by side."""
    return min(a[2], b[2]) - max(a[0], b[0])


def overlap_down(a: Box, b: Box) -> float:
    """The height that two boxes share; negative, the gap between them, where one stands above the other."""
    return min(a[3], b[3]) - max(a[1], b[1])


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes share a point, be it on their edges."""
    return overlap_across(a, b) >= 0 and overlap_down(a, b) >= 0


def shared_area(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    width, height = overlap_across(a, b), overlap_down(a, b)
    return width * height if width > 0 and height > 0 else 0.0


def share_within(box: Box, other: Box) -> float:
    """Share of ``box`` that lies in ``other``, 0 to 1; 0 for a box without area."""
    whole = area(box)
    return shared_area(box, other) / whole if whole > 0 else 0.0


def contains(box: Box, point: Point) -> bool:
    """Whether a point lies in ``box`` or on its edge."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def lies_in(inner: Box, outer: Box, slack: float = 0.0) -> bool:
    """Whether ``inner`` reaches beyond ``outer`` nowhere by more than ``slack``."""
    return (
        outer[0] - slack <= inner[0]
        and outer[1] - slack <= inner[1]
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )
