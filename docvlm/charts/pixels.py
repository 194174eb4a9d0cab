"""Charts measured in their picture: what the network pointed at is found again by its colour.

The network says what there is: the kind of chart, which text is a tick, a category, a name in the legend, and about
where the marks are. Which series a mark belongs to, how many there are and where exactly each ends, the picture says
better: every series has its key's colour, bars end at an edge, lines can be followed, slices change colour. Where
what was found agrees with where the network pointed, it replaces what the network wrote; else that stays.

The idea of measuring instead of generating is ReVision's (Savva et al., 2011) and ChartOCR's (Luo et al., 2021).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Point
from docvlm.charts import bars, curves, knots, slices
from docvlm.charts.code import ChartCode, MarkCode, SeriesCode, SeriesStyle
from docvlm.charts.colouring import Colours, colours_of
from docvlm.charts.coverage import Coverage, covered
from docvlm.charts.kinds import ChartKind, kind_with
from docvlm.charts.palette import commonest, distance
from docvlm.charts.printed import slice_names, slice_values, with_values
from docvlm.charts.scene import PLACES_BETWEEN, Place, Plot, Scene

_LARGEST = 1400  # pixels of the longer side; larger pictures say no more and take longer
_TRUSTED = 0.4  # share of the network's marks near which something must have been found
_NEAR = 6.0  # pixels of the network's image, whose cells are 4 pixels wide
_HAIR = 0.01  # pixels
_SAMPLED = 2  # every second column tells where layers bend
_LINE_KEY = 0.5  # of the text's height; thinner keys are lines
_RIM = 25  # of these parts of the shorter side, one at the picture's edge is wider than a frame around it
_IN_PLACE = 0.3  # of the way between two places: a mark of the network so near a place belongs to it
_AT_NAME = 0.4  # of the way between two bars: a name or a mark so near a bar is its own
_MARGIN = 3  # pixels beyond the plot at which its zero may lie
_LINE_SEEN, _LAYER_SEEN = 0.7, 0.5  # shares of the places at which a line over bars and a layer must be seen
_FEWEST_BARS = 3  # that tell how far apart bars are
_OUTLINE = 8.0  # what is nearer to a layer's colour is its outline
_CROSSED = 3  # pixels that a layer lies above and elsewhere below another, to have crossed it


@dataclass(frozen=True, slots=True)
class Measured:
    """A chart as the picture shows it. ``code`` and ``places`` (anchors, 2) are as the network gives them.

    ``seen`` is the share of the network's marks that the picture confirms, ``None`` where nothing could be measured;
    ``coverage`` what of the picture the chart does not claim.
    """

    code: ChartCode
    places: NDArray[np.float32]
    seen: float | None = None
    coverage: Coverage = field(default_factory=Coverage)


def measured(
    code: ChartCode,
    anchors: Sequence[Anchor],
    roles: NDArray[np.float32],
    places: NDArray[np.float32],
    image: NDArray[np.uint8],
    scale: float,
    drawn: ChartCode | None = None,
) -> Measured:
    """``code`` with what its picture (h, w, 3), RGB, says of it; the network saw it ``scale`` times as large. Where it is
    known with which marks the picture was ``drawn``, these are believed, and only what they do not claim is looked for.

    ``roles`` (anchors, roles) are probabilities, ``places`` (anchors, 2) lead from each anchor's middle to what it
    belongs to, in heights of its box.
    """
    code = drawn or code
    if code.kind is None or not code.series or not len(anchors):
        return Measured(code, places)
    shrink = _LARGEST / max(image.shape)
    if shrink < 1:
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        scale /= shrink
    scene = Scene(code, anchors, roles, places, image, scale)
    if drawn is not None:
        return Measured(code, places, 1.0, covered(scene, code))
    is_pie = code.traits.mark == "slice"
    found, seen = _pie_measured(scene) if is_pie else _marks_measured(scene)
    return Measured(found, places if is_pie else scene.places_of_anchors(), seen, covered(scene, found))


def _pie_measured(scene: Scene) -> tuple[ChartCode, float | None]:
    found = _pie(scene)
    return (scene.code, None) if found is None else (found, _agreement(scene.code, found))


def _marks_measured(scene: Scene) -> tuple[ChartCode, float | None]:
    """The chart with the marks that were found, where they are near those of the network, and which share of these is."""
    code = scene.code
    scene.settle_ticks()
    found = _found(scene)
    if found is None:
        return code, None
    seen = _agreement(code, _with_feet(scene, found))
    if seen < _TRUSTED:
        return code, seen
    as_many = found.traits.mark == "bar" or len(found.series[0].marks) <= len(code.categories or [])
    if len(found.series) == 1 and as_many and _is_whole(code):
        return _snapped(scene, found), seen
    return with_values(scene, _filled(scene, found)), seen


def _found(scene: Scene) -> ChartCode | None:
    kind = scene.code.traits
    if kind.has_bars:
        return _bars(scene)
    if kind.mark == "area":
        return _areas(scene)
    return _lines(scene) if kind.mark == "line" else None


# What was found and what the network said.


def _agreement(code: ChartCode, found: ChartCode) -> float:
    """Share of the network's marks near which something was found."""
    theirs, ours = (
        np.array([m.point for s in each.series for m in s.marks if m.point]).reshape(-1, 2)
        for each in (code, found)
    )
    if not len(theirs) or not len(ours):
        return 0.0
    return float((np.hypot(*(theirs[:, None] - ours).transpose(2, 0, 1)).min(axis=1) < _NEAR).mean())


def _with_feet(scene: Scene, found: ChartCode) -> ChartCode:
    """``found`` with the points where its bars begin as marks: the network may take one end for the other."""
    zero = scene.zero()
    if found.traits.mark != "bar" or zero is None:
        return found
    feet = [
        scene.mark(mark.point[scene.along] / scene.scale, zero)
        for series in found.series
        for mark in series.marks
        if mark.point
    ]
    return replace(found, series=[*found.series, SeriesCode(marks=feet)])


def _is_whole(code: ChartCode) -> bool:
    """Whether a chart of one series has as many marks as categories, and nothing twice."""
    if len(code.series) > 1 or code.categories is None:
        return False
    marks = code.series[0].marks
    names = [tuple(name) for name in code.categories if name]
    places = {(round(m.point[0]), round(m.point[1])) for m in marks if m.point}
    return (
        len(marks) == len(code.categories)
        and len(set(names)) == len(names)
        and len(places) == sum(m.point is not None for m in marks)
    )


def _snapped(scene: Scene, found: ChartCode) -> ChartCode:
    """The network's chart with its marks where something was found near them.

    Where bars were found at all places, each mark goes to the bar in its place, however far that reaches: which end
    of a bar below zero is its value, the picture says better.
    """
    code = scene.code
    marks = found.series[0].marks
    spots = np.array([m.point for m in marks if m.point])
    bars_at_all = scene.code.traits.mark != "line" and len(spots) == len(marks) == len(code.series[0].marks)
    pitch = float(np.diff(np.sort(spots[:, scene.along])).min()) if len(spots) > 1 else 0.0

    def moved(mark: MarkCode) -> MarkCode:
        if mark.point is None:
            return mark
        off = np.abs(spots - np.asarray(mark.point))
        away = off[:, scene.along] if bars_at_all else np.hypot(*off.T)
        x, y = spots[int(away.argmin())]
        reach = _AT_NAME * pitch if bars_at_all else _NEAR
        return replace(mark, point=(float(x), float(y))) if away.min() < reach else mark

    return replace(code, series=[replace(s, marks=[moved(m) for m in s.marks]) for s in code.series])


def _filled(scene: Scene, found: ChartCode) -> ChartCode:
    """Where nothing was found, as of a bar without height, the mark that the network has there for the same name."""
    theirs = {tuple(series.name): series for series in scene.code.series}
    if len(theirs) < len(scene.code.series):
        return found
    rows = []
    for series in found.series:
        own = theirs.get(tuple(series.name))
        known = [(n, mark.point[scene.along]) for n, mark in enumerate(series.marks) if mark.point]
        marks = list(series.marks)
        if own is not None and 1 < len(known) < len(marks):
            at = np.array(known)
            slope, offset = np.polyfit(at[:, 0], at[:, 1], 1)
            for mark in own.marks:
                if mark.point is None or not slope:
                    continue
                n = round((mark.point[scene.along] - offset) / slope)
                off = abs(slope * n + offset - mark.point[scene.along])
                if 0 <= n < len(marks) and marks[n].point is None and off < _IN_PLACE * abs(slope):
                    marks[n] = MarkCode(mark.point)
        rows.append(replace(series, marks=marks))
    return replace(found, series=rows)


# Bars, and lines over bars.


def _bars(scene: Scene) -> ChartCode | None:
    plot = scene.plot([key.box for key in scene.keys])
    colours = colours_of(scene, plot, "bars")
    categories = scene.categories()
    if colours is None or len(categories) < 2:
        return None
    every = list(range(len(colours.names)))
    owned = colours.owners(plot.raster, every)[plot.raster.index]
    lines = [n for n in every if not bars.is_solid(owned == n)] if len(every) > 1 and scene.value == 1 else []
    solid = [n for n in every if n not in lines]
    if not solid:
        return None
    zero = scene.zero()
    zero = None if zero is None else zero - plot.value
    inside = zero is not None and -_MARGIN <= zero <= len(plot.raster.index) + _MARGIN
    found = bars.find(plot.raster, colours.owners(plot.raster, solid), len(solid), zero if inside else None)
    if found is None or not all(found.ends):
        return None
    if zero is not None and inside:
        scene.shift_ticks(found.base - zero)
    rows = [np.array(row) + plot.along for row in found.middles]
    places = _with_unnamed(categories, rows)
    along = np.array([place.along for place in places])
    series = []
    for n, row, ends in zip(solid, rows, found.ends):
        marks = [MarkCode(None) for _ in places]
        for place, x, end in zip(_on_places(row, along), row.tolist(), ends):
            if place is not None:
                marks[place] = scene.mark(x, end + plot.value)
        series.append(SeriesCode(list(colours.names[n]), marks))
    if lines:
        if all(len(row) == len(places) for row in rows):  # labels may be slanted, groups of bars are not
            along = np.mean(rows, axis=0)
        over = _lines_over_bars(scene, colours, lines, along)
        if any(
            sum(mark.point is not None for mark in each.marks) < _LINE_SEEN * len(places) for each in over
        ):
            return None
        series += over
    kind = kind_with(
        "bar and line" if lines else "bar",
        across=scene.value == 0,
        stacked=not lines and found.stacked,
        grouped=not lines and len(solid) > 1 and not found.stacked,
    )
    return _coded(scene, kind, places, series)


def _lines_over_bars(
    scene: Scene, colours: Colours, lines: Sequence[int], along: NDArray[np.float64]
) -> list[SeriesCode]:
    plot = scene.plot([scene.boxes[n] for n in scene.of("legend", "value", "other")])
    owned = colours.owners(plot.raster, lines)[plot.raster.index]
    courses = [curves.course(owned == place) for place in range(len(lines))]
    pitch = float(np.ptp(along)) / (len(along) - 1)
    bends = knots.between(courses, float(along[0]) - plot.along, pitch, [1])
    spots = along + bends.shift if bends is not None else scene.at_marks(along.tolist())
    found = []
    for place, n in enumerate(lines):
        marks = _marks(scene, spots, plot, curves.heights(owned == place, (spots - plot.along).tolist()))
        style: SeriesStyle = "right" if scene.has_second_axis else "line"
        found.append(SeriesCode(list(colours.names[n]), marks, style))
    return found


def _on_places(row: NDArray[np.float64], along: NDArray[np.float64]) -> list[int | None]:
    """The place of each bar of a series; they may all stand beside their places by the same distance.

    As many bars as places stand in their order, wherever slanted labels seem to be. ``None`` for a bar at no place.
    """
    if len(row) == len(along):
        return list(range(len(row)))
    nearest = np.abs(row[:, None] - along).argmin(axis=1)
    shift = float(np.median(row - along[nearest]))
    own = np.abs(row[:, None] - shift - along).argmin(axis=1)
    step = float(np.median(np.diff(along)))
    return [int(n) if abs(x - along[n]) < step else None for n, x in zip(own, row.tolist())]


def _with_unnamed(places: list[Place], rows: Sequence[NDArray[np.float64]]) -> list[Place]:
    """Printed places and those between them, where there are more bars than names."""
    fullest = max(rows, key=len)
    along = np.array([place.along for place in places])
    if len(fullest) < _FEWEST_BARS or len(fullest) == len(places):
        return places
    pitch = float(np.median(np.diff(fullest)))
    if len(fullest) < len(places) and np.median(np.diff(along)) < PLACES_BETWEEN * pitch:
        return places
    shift = float(np.median([fullest[np.abs(fullest - x).argmin()] - x for x in along]))
    grid: list[float] = []
    for x in (fullest - shift).tolist():
        missing = round((x - grid[-1]) / pitch) - 1 if grid else 0
        grid += [x - pitch * k for k in range(missing, 0, -1)]
        grid.append(x)
    return [
        Place(next((place.name for place in places if abs(place.along - x) < _AT_NAME * pitch), ()), x)
        for x in grid
    ]


# Lines and areas.


def _lines(scene: Scene) -> ChartCode | None:
    hidden = [key.box for key in scene.keys]
    hidden += [scene.boxes[n] for n in scene.of("legend", "value", "other")]
    plot = scene.plot(hidden)
    colours = colours_of(scene, plot, "lines")
    if colours is None:
        return None
    owned = colours.owners(plot.raster, range(len(colours.names)))[plot.raster.index]
    courses = [curves.course(owned == n) for n in range(len(colours.names))]
    places = scene.places(courses, plot.along)
    if len(places) < 2:
        return None
    along = np.array([place.along for place in places])
    series = []
    for n, name in enumerate(colours.names):
        marks = _marks(scene, along, plot, curves.heights(owned == n, (along - plot.along).tolist()))
        if not any(mark.point for mark in marks):
            return None
        series.append(SeriesCode(list(name), marks))
    return _coded(scene, kind_with("line"), places, series)


def _areas(scene: Scene) -> ChartCode | None:
    """Filled layers by their upper edges; those whose keys are lines by their outlines."""
    plot = scene.plot()
    colours = colours_of(scene, plot, "lines" if len(scene.keys) > 1 else "bars")
    if colours is None:
        return None
    count, (height, width) = len(colours.names), plot.raster.index.shape
    zero = scene.zero()
    base = height if zero is None else min(max(zero - plot.value, 0.0), float(height))
    owners = colours.owners(plot.raster, range(count))
    courses = np.full((count, width), np.nan)
    courses[:, ::_SAMPLED] = bars.layers(plot.raster, owners, count, base, range(0, width, _SAMPLED))
    places = scene.places(list(courses), plot.along)
    if len(places) < 2:
        return None
    along = np.array([place.along for place in places])
    at = (along - plot.along).tolist()
    ends = bars.layers(plot.raster, owners, count, base, at)
    if scene.code.traits.stacked:
        ends = _with_flat_layers(ends)
    series = []
    for n, name in enumerate(colours.names):
        if colours.thick and colours.thick[n] < _LINE_KEY:
            outline = (distance(plot.raster.colours, colours.own[n][0]) < _OUTLINE)[plot.raster.index]
            if outline.sum() > 2 * len(at) and not bars.is_solid(outline):
                ends[n] = curves.heights(outline, at)
        marks = _marks(scene, along, plot, ends[n])
        if sum(mark.point is not None for mark in marks) < _LAYER_SEEN * len(marks):
            return None
        series.append(SeriesCode(list(name), marks))
    kind = kind_with("area") if count == 1 or _cross(ends) else scene.code.traits
    return _coded(scene, kind, places, series)


def _with_flat_layers(ends: Sequence[Sequence[float | None]]) -> list[list[float | None]]:
    """Layers that show somewhere with their ends also where they have no height: a hair above all others."""
    rows = np.array(ends, np.float64)  # None becomes NaN
    missing = np.isnan(rows) & ~np.isnan(rows).all(axis=1, keepdims=True) & ~np.isnan(rows).all(axis=0)
    top = np.nanmin(np.where(np.isnan(rows), np.inf, rows), axis=0) - _HAIR
    return [[None if np.isnan(y) else float(y) for y in row] for row in np.where(missing, top, rows)]


def _cross(ends: Sequence[Sequence[float | None]]) -> bool:
    """Whether layers change places, as those of a stack never do."""
    rows = np.array(ends, np.float64)  # None becomes NaN
    gaps = rows[:, None] - rows
    return bool(((gaps > _CROSSED).any(axis=2) & (gaps < -_CROSSED).any(axis=2)).any())


def _marks(
    scene: Scene, along: NDArray[np.float64], plot: Plot, ends: Sequence[float | None]
) -> list[MarkCode]:
    return [
        MarkCode(None) if end is None else scene.mark(x, end + plot.value)
        for x, end in zip(along.tolist(), ends)
    ]


def _coded(scene: Scene, kind: ChartKind, places: Sequence[Place], series: list[SeriesCode]) -> ChartCode:
    names = [list(place.name) for place in places]
    return replace(scene.code, kind=kind, categories=names, series=series, labelled=False)


# Pies.


def _pie(scene: Scene) -> ChartCode | None:
    code, index = scene.code, scene.raster.index
    rim = max(4, min(index.shape) // _RIM)
    border = np.concatenate(
        [index[:rim].ravel(), index[-rim:].ravel(), index[:, :rim].ravel(), index[:, -rim:].ravel()]
    )
    ground, _ = commonest(scene.raster.colours[border])
    guess: tuple[Point, float] | None = None
    if code.centre is not None and len(scene.marks):
        centre = code.centre[0] / scene.scale, code.centre[1] / scene.scale
        guess = centre, float(np.median([math.dist(centre, spot) for spot in scene.marks]))
    pie = slices.find(scene.raster, ground, guess)
    names = None if pie is None else slice_names(scene, pie)
    if pie is None or names is None:
        return None
    values = slice_values(scene, pie)
    starts = [pie.at(part.start) for part in pie.slices]
    marks = [
        MarkCode((x * scene.scale, y * scene.scale), value)
        for (x, y), value in zip(starts, values, strict=True)
    ]
    return replace(
        code,
        kind=kind_with("slice", hollow=pie.is_donut),
        categories=[list(name) for name in names],
        series=[SeriesCode(marks=marks)],
        labelled=any(value is not None for value in values),
        centre=(pie.centre[0] * scene.scale, pie.centre[1] * scene.scale),
    )
