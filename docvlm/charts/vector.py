"""Charts drawn as vector paths: the paths' exact corners replace the places that the network pointed at.

A network sees pixels and is right to a pixel or two; a PDF that holds its chart as paths says to a hundredth of a
point where each bar ends. So every mark moves to the nearest corner that a mark of its kind can have, and every
tick to its tick mark or gridline, where there is one close by. All coordinates are pixels of the network's image.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Box, Point, meet
from docvlm.charts.code import TEXT_ROLES, ChartCode, MarkCode

_REACH = 6.0  # how far a mark may be from its corner; the network's cells are 4 pixels wide
_TICK_REACH = 2.5  # labels stand nearly level with their ticks
_THIN = 1.5  # points; a rectangle thinner than this is a line
_SMALL = 14.0  # points; a closed shape no larger than this is a marker
_EXACT = 0.05  # points; coordinates that differ by less are the same
_CORNERS = 4  # of a rectangle
# Share of the marks near corners; a few stray paths (a frame, a logo) over a bitmap tell nothing.
_TRUSTED = 0.5


@dataclass(slots=True)
class Shapes:
    """What a figure's paths offer: filled boxes (n, 4) and their ``fills`` (n, 3), RGB from 0 to 1, vertices and markers'
    centres (n, 2), and the levels of horizontal (y) and vertical (x) lines.
    """

    boxes: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 4)))
    fills: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))
    points: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    levels: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    columns: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def scaled(self, scale: float) -> Shapes:
        """The same shapes in an image ``scale`` times as large."""
        return Shapes(
            self.boxes * scale, self.fills, self.points * scale, self.levels * scale, self.columns * scale
        )


def shapes_of(drawings: Iterable[Mapping[str, Any]], box: Box, scale: float) -> Shapes:
    """The shapes inside ``box`` of a page's drawings, as PyMuPDF's ``get_cdrawings`` gives them (points).

    The result is in pixels from the box's upper left corner, ``scale`` of them to a point.
    """
    boxes: list[Sequence[float]] = []
    fills: list[Sequence[float]] = []
    points: list[Point] = []
    levels: list[float] = []
    columns: list[float] = []
    for drawing in drawings:
        if not meet(drawing["rect"], box):
            continue
        filled = drawing.get("fill") is not None
        vertices: list[Point] = []
        for item in drawing["items"]:
            if item[0] == "re":
                x0, y0, x1, y1 = item[1]
                if y1 - y0 <= _THIN:
                    levels.append((y0 + y1) / 2)
                elif x1 - x0 <= _THIN:
                    columns.append((x0 + x1) / 2)
                elif filled:
                    boxes.append((x0, y0, x1, y1))
                    fills.append(drawing["fill"])
            elif item[0] == "l":
                (ax, ay), (bx, by) = item[1], item[2]
                if not filled and abs(ay - by) < _EXACT:
                    levels.append(ay)
                elif not filled and abs(ax - bx) < _EXACT:
                    columns.append(ax)
                vertices += [(ax, ay), (bx, by)]
            elif item[0] == "c":
                vertices += [item[1], item[4]]
            elif item[0] == "qu":
                vertices += list(item[1])
        if not vertices:
            continue
        corners = np.asarray(vertices, np.float64)
        low, high = corners.min(0), corners.max(0)
        if filled and _is_box(corners, low, high):
            boxes.append((*low, *high))
            fills.append(drawing["fill"])
        if len(vertices) > 2 and (high - low).max() <= _SMALL:
            points.append((float((low[0] + high[0]) / 2), float((low[1] + high[1]) / 2)))
        else:
            points += vertices
    left, top = box[0], box[1]
    inside = [p for p in points if box[0] - 1 <= p[0] <= box[2] + 1 and box[1] - 1 <= p[1] <= box[3] + 1]
    corner = np.array([left, top])
    return Shapes(
        (np.array(boxes, np.float64).reshape(-1, 4) - np.tile(corner, 2)) * scale,
        np.array(fills, np.float64).reshape(-1, 3),
        (np.array(inside, np.float64).reshape(-1, 2) - corner) * scale,
        (np.unique(np.round(levels, 3)) - top) * scale,
        (np.unique(np.round(columns, 3)) - left) * scale,
    )


def _is_box(corners: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    """Whether a path's corners are those of an upright rectangle."""
    on_edge = (np.abs(corners - low) < _EXACT) | (np.abs(corners - high) < _EXACT)
    return len(corners) >= _CORNERS and bool(on_edge.all()) and bool((high - low > _THIN).all())


def snapped(code: ChartCode, shapes: Shapes) -> tuple[ChartCode, float | None]:
    """``code`` with its marks at the paths' corners, and the share of marks that had one within reach.

    ``None`` where the figure has no paths that a mark could stand on, so that nothing can be said.
    """
    candidates = _candidates(code, shapes)
    marks = sum(mark.point is not None for series in code.series for mark in series.marks)
    if not len(candidates) or not marks:
        return code, None
    found = 0

    def moved(mark: MarkCode) -> MarkCode:
        nonlocal found
        corner = None if mark.point is None else _nearest(mark.point, candidates)
        if corner is None:
            return mark
        found += 1
        return replace(mark, point=corner)

    series = [replace(each, marks=[moved(mark) for mark in each.marks]) for each in code.series]
    if found < _TRUSTED * marks:
        return code, None
    return replace(code, series=series), found / marks


def _candidates(code: ChartCode, shapes: Shapes) -> NDArray[np.float64]:
    """Where marks of this kind of chart can stand: (n, 2)."""
    kind = code.traits
    x0, y0, x1, y1 = shapes.boxes.T
    across, down = (x0 + x1) / 2, (y0 + y1) / 2
    if kind.across:
        return np.concatenate([np.column_stack([x0, down]), np.column_stack([x1, down])])
    ends = np.concatenate([np.column_stack([across, y0]), np.column_stack([across, y1])])
    if kind.mark == "bar":
        return ends
    if kind.has_bars:
        return np.concatenate([ends, shapes.points])
    return shapes.points


def _nearest(point: Point, candidates: NDArray[np.float64]) -> Point | None:
    distances = np.hypot(*(candidates - np.asarray(point)).T)
    best = int(distances.argmin())
    return (float(candidates[best, 0]), float(candidates[best, 1])) if distances[best] <= _REACH else None


def with_exact_ticks(
    code: ChartCode,
    anchors: Sequence[Anchor],
    roles: NDArray[np.float32],
    places: NDArray[np.float32],
    shapes: Shapes,
) -> NDArray[np.float32]:
    """``places`` (anchors, 2), in heights of each anchor's box, with ticks moved to their marks or gridlines."""
    if code.traits.mark == "slice" or not len(anchors):
        return places
    across = code.traits.across
    result = places.copy()
    for number, role in enumerate(roles.argmax(1)):
        name = TEXT_ROLES[role]
        if name not in ("x_tick", "y_tick"):
            continue
        # The ticks of values run along y, unless the bars lie.
        axis = 0 if (name == "y_tick") == across else 1
        lines = shapes.columns if axis == 0 else shapes.levels
        box = anchors[number].box
        height = max(box[3] - box[1], 1e-3)
        middle = (box[axis] + box[axis + 2]) / 2
        place = middle + float(places[number, axis]) * height
        if len(lines):
            nearest = float(lines[np.abs(lines - place).argmin()])
            if abs(nearest - place) <= _TICK_REACH:
                result[number, axis] = (nearest - middle) / height
    return result
