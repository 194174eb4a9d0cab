"""What a chart shows that its reading does not claim: bars, lines, printed values and entries of a legend.

A reading may be right in all that it says and lack half of the chart, which no check of its own marks can show. So the
picture is asked the other way round: whether every bar and every line has marks of the reading on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box
from docvlm.charts import bars, curves
from docvlm.charts.code import ChartCode, SeriesCode
from docvlm.charts.palette import Colour, Raster, classes, commonest, distance, dominant
from docvlm.charts.scene import Plot, Scene
from docvlm.numbers import multiplier, number_with_unit

_COMMON_BAR, _COMMON_LINE = (
    0.003,
    0.0008,
)  # share of a plot that the colour of bars, and of a line, fills at least
_OWNED = 18.0  # a pixel farther from all colours is of none
_SAME = 10.0  # of a colour; what is nearer is drawn in it
_GREY = 8.0  # chroma; axes, gridlines and text have less
_GROUND = 7.0  # what is nearer to the commonest colour is the ground, too
_PANEL = 0.4  # of the picture's width; no bar is wider
_REACH = 5.0  # pixels from a bar's side to its mark, at most
_NARROWER, _WIDER = 0.6, 1.6  # times the claimed bars' width: what lies between is a bar
_LOWEST = 4  # pixels that a bar is high at least
_INSIDE, _BEYOND = (
    (2, 5),
    (6, 10),
)  # pixels from a bar's end into it, and away from it, where it differs from the ground
_EDGE = 12.0  # of the colour by which it does, at least
_ACROSS = 0.35  # of the plot's width that a line runs over at least
_THIN = 9  # pixels that a line is thick at most
_LEVEL = 0.5  # of a line's columns in one row: it is an axis or a gridline
_ON_LINE, _BENT = (
    4.0,
    0.03,
)  # pixels, and share of the plot's height, from a line to the way between its marks
_FEWEST_ON_LINE = 2  # marks that claim a line
_APART = 1.3  # times the usual step, between the names of two panels


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a chart its reading does not claim, as shares from 0 to 1: of its ``bars``, of its ``lines``, of its
    printed ``values``, of the ``entries`` of its legend. ``None`` where it has none. ``panels`` says that the names begin
    anew beside a gap, as those of two charts do.
    """

    bars: float | None = None
    lines: float | None = None
    values: float | None = None
    entries: float | None = None
    panels: bool = False


def covered(scene: Scene, code: ChartCode) -> Coverage:
    """What of the scene the marks of ``code`` (in the network's pixels) do not claim."""
    kind = code.traits
    if kind.mark == "slice":
        return Coverage(values=_unused_values(scene, code))
    points = [m.point for series in code.series for m in series.marks if m.point]
    spots = np.array(points, np.float64).reshape(-1, 2) / scene.scale
    return Coverage(
        _unclaimed_bars(scene, spots) if kind.has_bars else None,
        _unclaimed_lines(scene, code) if kind.mark == "line" else None,
        _unused_values(scene, code),
        _unused_entries(scene, code),
        _is_twice(scene, code),
    )


# Text.


def _unused_values(scene: Scene, code: ChartCode) -> float | None:
    """The share of the printed values that no mark has; ``None`` where none has one."""
    used = {m.label for series in code.series for m in series.marks if m.label is not None}
    texts = {n: scene.texts[n] for n in scene.of("value")}
    printed = [
        n for n, text in texts.items() if number_with_unit(text) is not None and multiplier(text) is None
    ]
    return sum(n not in used for n in printed) / len(printed) if printed and used else None


def _unused_entries(scene: Scene, code: ChartCode) -> float | None:
    """The share of the legend's entries that name no series and no category; ``None`` of a legend of one or none."""
    named = {n for series in code.series for n in series.name} | {n for c in code.categories or [] for n in c}
    with_keys = {n for key in scene.keys for n in key.name}
    entries = [key.name for key in scene.keys if key.thick > 0]
    entries += [(n,) for n in scene.of("legend") if n not in with_keys]
    return sum(named.isdisjoint(name) for name in entries) / len(entries) if len(entries) > 1 else None


def _is_twice(scene: Scene, code: ChartCode) -> bool:
    """Whether the same names stand along the axis twice, in the same order, with a gap between."""
    names = [" ".join(scene.texts[n] for n in name) for name in code.categories or []]
    half = len(names) // 2
    if half < 2 or len(names) % 2 or names[:half] != names[half:] or not all(names):
        return False
    longest = max(code.series, key=lambda series: len(series.marks))
    along = [m.point[scene.along] for m in longest.marks if m.point]
    if len(along) != len(names):
        return False
    steps = np.diff(along)
    return bool(steps[half - 1] > _APART * np.median(steps))


# Bars.


def _unclaimed_bars(scene: Scene, spots: NDArray[np.float64]) -> float | None:
    """The share of the bars at which no mark stands; ``None`` where the picture shows none at the marks."""
    plot = scene.plot(_legend(scene), whole=True)
    columns = list(_bars(scene, plot))
    along = spots[:, scene.along] - plot.along
    claimed = [bool(((along > c[0].left - _REACH) & (along < c[0].right + _REACH)).any()) for c in columns]
    widths = [c[0].width for c, known in zip(columns, claimed) if known]
    if not widths:
        return None
    usual = float(np.median(widths))
    lost = sum(
        not known and _NARROWER * usual < c[0].width < _WIDER * usual for c, known in zip(columns, claimed)
    )
    return lost / (lost + len(widths))


def _bars(scene: Scene, plot: Plot) -> Iterator[list[bars.Patch]]:
    """What stands like bars, in whatever colours."""
    drawn = _drawn(dominant(plot.raster, _COMMON_BAR))
    colours = [colour for colour in drawn if not _is_panel(colour, plot.raster)]
    if not colours:
        return
    ground = commonest(plot.raster.colours[plot.raster.index[::3, ::3].ravel()])[0]
    owners = classes(plot.raster.colours, colours, [ground], _OWNED)
    zero = scene.zero()
    columns, base = bars.standing(
        plot.raster, owners, len(colours), None if zero is None else zero - plot.value
    )
    for column in columns:
        top, bottom = min(p.top for p in column), max(p.bottom for p in column)
        if base is not None and bottom - top >= _LOWEST and _ends(plot.raster, column, top, bottom, base):
            yield column


def _is_panel(colour: Colour, raster: Raster) -> bool:
    """Whether something in this colour is wider than any bar: the page beside the plot, or the plot's own ground."""
    mask = (distance(raster.colours, colour) < _SAME)[raster.index].astype(np.uint8)
    _, _, found, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    return bool((found[1:, cv2.CC_STAT_WIDTH] > _PANEL * mask.shape[1]).any())


def _ends(raster: Raster, column: Sequence[bars.Patch], top: float, bottom: float, base: float) -> bool:
    """Whether a column differs from what lies beyond its end, as a piece of the ground does not."""
    left, right = round(column[0].left), round(column[0].right)
    if base - top >= bottom - base:
        inner, outer = (top + _INSIDE[0], top + _INSIDE[1]), (top - _BEYOND[1], top - _BEYOND[0])
    else:
        inner, outer = (bottom - _INSIDE[1], bottom - _INSIDE[0]), (bottom + _BEYOND[0], bottom + _BEYOND[1])
    inside, outside = (raster.pixels(round(a), round(b), left, right) for a, b in (inner, outer))
    if not inside.size or not outside.size:
        return False
    return float(np.linalg.norm(np.median(inside, axis=(0, 1)) - np.median(outside, axis=(0, 1)))) > _EDGE


def _legend(scene: Scene) -> list[Box]:
    """The boxes of the legend's keys and names."""
    return [*(key.box for key in scene.keys), *(scene.boxes[n] for n in scene.of("legend"))]


def _drawn(colours: Sequence[Colour]) -> Iterator[Colour]:
    """The colours but the commonest, which is the ground, and its shades."""
    for colour in colours[1:]:
        if float(distance(colour, colours[0])) >= _GROUND:
            yield colour


# Lines.


def _unclaimed_lines(scene: Scene, code: ChartCode) -> float | None:
    """The share of the coloured lines across the plot that does not run from mark to mark; ``None`` without lines."""
    plot = scene.plot([*_legend(scene), *(scene.boxes[n] for n in scene.of("value", "other"))])
    rows = [row for series in code.series if len(row := _row(scene, series, plot)) >= _FEWEST_ON_LINE]
    shares = [_off(mask, rows) for mask in _lines(plot.raster)]
    return float(np.mean(shares)) if shares else None


def _row(scene: Scene, series: SeriesCode, plot: Plot) -> NDArray[np.float64]:
    """The marks of a series in the plot's pixels, (n, 2), from left to right."""
    points = [mark.point for mark in series.marks if mark.point]
    row = np.array(points, np.float64).reshape(-1, 2) / scene.scale - (plot.along, plot.value)
    return row[row[:, 0].argsort()]


def _lines(raster: Raster) -> Iterator[NDArray[np.bool_]]:
    """What is drawn like a line across the plot, by colours; axes and gridlines are grey or level."""
    for colour in _drawn(dominant(raster, _COMMON_LINE)):
        if np.hypot(colour[1], colour[2]) < _GREY:
            continue
        mask = (distance(raster.colours, colour) < _SAME)[raster.index]
        inked = mask.any(axis=0)
        if inked.sum() < _ACROSS * mask.shape[1] or np.median(mask.sum(axis=0)[inked]) > _THIN:
            continue
        if mask.sum(axis=1).max() <= _LEVEL * inked.sum():
            yield mask


def _off(mask: NDArray[np.bool_], rows: Sequence[NDArray[np.float64]]) -> float:
    """The share of a line's columns that lie on no straight way between the marks of one series."""
    course = curves.course(mask)
    columns = np.flatnonzero(np.isfinite(course))
    if not len(columns):
        return 0.0
    near = max(_ON_LINE, _BENT * len(mask))

    def off(row: NDArray[np.float64]) -> float:
        way = np.interp(columns, row[:, 0], row[:, 1])
        beyond = (columns < row[0, 0] - near) | (columns > row[-1, 0] + near)
        return float(((np.abs(course[columns] - way) > near) | beyond).mean())

    return min(map(off, rows), default=1.0)
