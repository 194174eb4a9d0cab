"""The slices of a pie or donut, found by where the colour changes on the way around.

Angles are radians clockwise from twelve o'clock, as in `docvlm.charts.geometry.clockwise`; places are pixels of the
figure's own image.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Point
from docvlm.charts.geometry import clockwise
from docvlm.charts.palette import Colour, Raster, distance

_STEPS = 720  # of half a degree
_CHANGE = 4.5  # of the colour, at the border of two slices
_THIN = 4  # steps; narrower than this, a run is the line between two slices
_LINE = 9  # steps; narrower than this, it is one where others have its colour
_GAP = 30  # steps; narrower than this, what looks like the ground is the gap between two slices
_MEMORY = 24  # steps of a run that say what its colour is; shades may change slowly
_FAR = 6.0  # what differs from the ground by more than this belongs to the pie
_FILLED = 0.8  # share of the angles at which a ring of the pie is no ground
_ON_CIRCLE = 0.4  # share of the rays that must meet the ground on one circle
_MEETING = 0.5  # share of the rays that must meet the ground anywhere
_FEWEST_RINGS = 4  # of forty, that must be filled
_INNER, _OUTER = 0.15, 0.93  # of the radius, between which rings are looked at: outside of it lie outlines
_SEARCHED = (0.4, 1.6)  # of the guessed radius, where the pie ends
_NEAREST = 60  # percent of the points that lie nearest to the circle make the next one
_CORE = 0.25  # of the radius; a pie whose ground shows there is a donut
_ROUND, _FILLS = 1.3, 0.2  # longer over shorter side of what may be a pie, and share of its box that it fills
_NEAR_CIRCLE = 1.5  # pixels from the circle at which a point is on it in any case
_LEAST_RADIUS = 8  # pixels
_SETTLED = 0.5  # pixels; a centre that moves by less is found
_SAME_LINE = 10.0  # of the colour; thin runs that differ by less are lines of one kind
_CUT = 3 * _CHANGE  # what parts two runs of one colour and differs by less is a letter on it, not a line


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice from angle ``start`` clockwise to ``end``, which is larger."""

    start: float
    end: float
    colour: Colour

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2 % math.tau


@dataclass(frozen=True, slots=True)
class Pie:
    """A circle and its slices in their order, the first one beginning at twelve or next behind it."""

    centre: Point
    radius: float
    is_donut: bool
    slices: list[Slice]

    def at(self, angle: float) -> Point:
        """The point of the arc at an angle."""
        return _on_circle(self.centre, self.radius, angle)


def find(raster: Raster, ground: Colour, guess: tuple[Point, float] | None) -> Pie | None:
    """The pie on its ``ground``, near a guess of its centre and radius or wherever something round stands out.

    ``None`` where there is none of two slices or more.
    """
    guesses = [each for each in (guess, _blob(raster, ground)) if each is not None]
    circles = [circle for each in guesses if (circle := _circle(raster, ground, *each)) is not None]
    if not circles:
        return None
    centre, radius, _ = max(circles, key=lambda circle: circle[2])
    radii = np.linspace(_INNER, _OUTER, 40) * radius
    rings = _polar(raster, centre, radii, _STEPS)
    filled = (distance(raster.colours, ground) > _FAR)[rings].mean(axis=0) >= _FILLED
    if filled.sum() < _FEWEST_RINGS:
        return None
    slices = _slices(np.median(raster.colours[rings[:, filled]], axis=1), ground)
    slices.sort(key=lambda part: clockwise(centre, _on_circle(centre, radius, part.start)))
    return Pie(centre, radius, not filled[radii < _CORE * radius].any(), slices) if slices else None


def _on_circle(centre: Point, radius: float, angle: float) -> Point:
    return centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle)


def _polar(raster: Raster, centre: Point, radii: NDArray[np.float64], steps: int) -> NDArray[np.int32]:
    """The raster around a centre: (steps, radii)."""
    angles = (np.arange(steps) + 0.5) * math.tau / steps
    x = (centre[0] + np.sin(angles)[:, None] * radii).astype(np.int64)
    y = (centre[1] - np.cos(angles)[:, None] * radii).astype(np.int64)
    height, width = raster.index.shape
    return raster.index[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]


def _blob(raster: Raster, ground: Colour) -> tuple[Point, float] | None:
    """Centre and radius of the largest thing that is as wide as it is high."""
    filled = (distance(raster.colours, ground) > _FAR).astype(np.uint8)[raster.index[::2, ::2]]
    closed = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    found = [
        (area, x, y, w, h)
        for x, y, w, h, area in stats[1:].tolist()
        if w < _ROUND * h and h < _ROUND * w and area > _FILLS * w * h
    ]
    if not found:
        return None
    _, x, y, w, h = max(found)
    return (2.0 * x + w, 2.0 * y + h), (w + h) / 2


def _circle(
    raster: Raster, ground: Colour, centre: Point, radius: float
) -> tuple[Point, float, float] | None:
    """The outline around a guess: where rays from the centre meet the ground, fit by a circle (Kåsa).

    Its centre and radius, and the share of the rays that meet the ground there.
    """
    height, width = raster.index.shape
    steps = _STEPS // 4
    angles = (np.arange(steps) + 0.5) * math.tau / steps
    filled = distance(raster.colours, ground) > _FAR
    share = 0.0
    for _ in range(4):
        radii = np.arange(_SEARCHED[0] * radius, _SEARCHED[1] * radius, 0.5)
        rays = filled[_polar(raster, centre, radii, steps)]
        # Where the pie ends on the way out: two pixels of ground behind one of the pie.
        ends = rays[:, :-4] & ~(rays[:, 1:-3] | rays[:, 2:-2] | rays[:, 3:-1] | rays[:, 4:])
        met = ends.any(axis=1)
        if met.mean() < _MEETING:
            return None
        reach = radii[ends.argmax(axis=1)] + 0.5
        x, y, size = centre[0], centre[1], float(np.median(reach[met]))
        points = np.column_stack([x + np.sin(angles) * reach, y - np.cos(angles) * reach])[met]
        for _ in range(5):  # exploded slices and labels lie off the circle
            off = np.abs(np.hypot(points[:, 0] - x, points[:, 1] - y) - size)
            near = points[off <= max(_NEAR_CIRCLE, float(np.percentile(off, _NEAREST)))]
            system = np.column_stack([2 * near, np.ones(len(near))])
            (x, y, rest), *_ = np.linalg.lstsq(system, (near**2).sum(1), rcond=None)
            size = math.sqrt(max(float(rest + x * x + y * y), 0.0))
        share = float((np.abs(np.hypot(points[:, 0] - x, points[:, 1] - y) - size) < 2).sum()) / steps
        moved = math.hypot(x - centre[0], y - centre[1])
        centre, radius = (float(x), float(y)), size
        if not (0 <= x < width and 0 <= y < height and _LEAST_RADIUS < size < max(height, width)):
            return None
        if moved < _SETTLED:
            break
    return (centre, radius, share) if share >= _ON_CIRCLE else None


def _slices(profile: NDArray[np.float32], ground: Colour) -> list[Slice]:
    """Runs of one colour around the circle (steps, 3), without those that are lines or gaps between slices."""
    count = len(profile)
    # Begin at the sharpest change, so that no run goes over the end.
    change = distance(profile, np.roll(profile, 6, axis=0))
    first = int(change.argmax()) - 3
    turned = np.roll(profile, -first, axis=0)
    runs = _runs(turned)
    colours = [np.median(turned[start:end], axis=0) for start, end in runs]
    lines = [colour for colour, (start, end) in zip(colours, runs) if end - start < _LINE]

    def parts(run: tuple[int, int], colour: Colour) -> bool:
        length = run[1] - run[0]
        if length < _THIN or (length < _GAP and float(distance(colour, ground)) < _FAR):
            return True
        return length < _LINE and sum(float(distance(colour, line)) < _SAME_LINE for line in lines) > 1

    kept: list[tuple[int, int, Colour]] = []
    for run, colour in zip(runs, colours):
        if parts(run, colour):
            continue
        if kept and float(distance(kept[-1][2], colour)) < _CHANGE:
            between = turned[kept[-1][1] : run[0]]
            # What is cut by a letter goes on behind it; a line is of quite another colour.
            if not len(between) or float(distance(np.median(between, axis=0), colour)) < _CUT:
                kept[-1] = (kept[-1][0], run[1], colour)
                continue
        kept.append((*run, colour))
    if len(kept) < 2:
        return []
    starts = [
        (kept[n - 1][1] - (0 if n else count) + kept[n][0]) / 2 for n in range(len(kept))
    ]  # lines belong to both sides
    ends = [*starts[1:], starts[0] + count]
    unit = math.tau / count
    return [
        Slice((first + a) * unit % math.tau, (first + a) * unit % math.tau + (b - a) * unit, colour)
        for (_, _, colour), a, b in zip(kept, starts, ends)
    ]


def _runs(profile: NDArray[np.float32]) -> list[tuple[int, int]]:
    """From where to where the colour changes no more than slowly."""
    sums = np.concatenate([np.zeros((1, 3)), np.cumsum(profile, axis=0, dtype=np.float64)])
    runs: list[tuple[int, int]] = []
    begin = 0
    for step in range(1, len(profile)):
        since = max(begin, step - _MEMORY)
        away = profile[step] - (sums[step] - sums[since]) / (step - since)
        if float(away @ away) >= _CHANGE**2:
            runs.append((begin, step))
            begin = step
    runs.append((begin, len(profile)))
    return runs
