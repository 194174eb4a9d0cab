"""From places in the picture to numbers: axes from their tick labels, bars, stacks, and the angles of a pie.

All points are pixels of the image that the marks were found in, origin top left, y down.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Point
from docvlm.numbers import number_with_unit

# A tick label's middle lies this near its tick, as a share of the axis' length in pixels.
_TOLERANCE = 0.012
_LEAST_TOLERANCE = 1.5  # pixels, that a label may be off on the shortest axis
_FEWEST_TICKS, _AGREEING = 3, 0.6  # that define a sound axis, since two fit anything, and share of its labels
_LEAST_LOG = math.log10(5)  # decades; over a narrower range a logarithm is as good as straight
SECOND_AXIS = 60.0  # pixels of the network's image between the ticks of two axes, at least
_TOP = math.radians(5)  # before twelve o'clock, a slice begins at twelve


@dataclass(frozen=True, slots=True)
class Axis:
    """pixel = slope * value + offset; of log10(value) on a log axis. ``ticks`` agree with it out of ``labels``.
    ``continental`` says that commas on it are decimal points.

    ``error`` is the mean distance of those ticks in pixels, ``low`` and ``high`` the values that they span.
    """

    slope: float
    offset: float
    log: bool
    ticks: int
    labels: int
    error: float
    low: float
    high: float
    continental: bool = False

    def value(self, pixel: float) -> float:
        along = (pixel - self.offset) / self.slope
        return float(10.0 ** np.clip(along, -300, 300)) if self.log else along

    def pixel(self, value: float) -> float:
        return self.slope * (math.log10(max(value, 1e-300)) if self.log else value) + self.offset

    def times(self, factor: float) -> Axis:
        """The axis whose labels are to be multiplied by ``factor``, as one printed beside it says."""
        offset = self.offset - self.slope * math.log10(factor) if self.log else self.offset
        slope = self.slope if self.log else self.slope / factor
        return replace(self, slope=slope, offset=offset, low=self.low * factor, high=self.high * factor)

    @property
    def is_sound(self) -> bool:
        """Whether more than two ticks define the axis, and most of them agree."""
        return self.ticks >= _FEWEST_TICKS and self.ticks >= _AGREEING * self.labels


def fit_axis(labels: Sequence[tuple[float, str]]) -> Axis | None:
    """The axis that most tick labels (pixel of their tick, text) agree on; ``None`` without two that differ.

    Every pair of ticks proposes a linear and a logarithmic axis, for both readings of ``1.234``; the proposal with
    the most agreeing ticks is fit to them by least squares (as in RANSAC, but all pairs are tried).
    """
    best: Axis | None = None
    for continental in (False, True):
        ticks = [
            (pixel, value)
            for pixel, text in labels
            if (value := number_with_unit(text, continental)) is not None
        ]
        # Nobody divides a straight axis at 100 and 1000 alone.
        powers = len(ticks) == 2 and all(_is_power_of_ten(value) for _, value in ticks)
        for log in (True,) if powers else (False, True):
            axis = _consensus(ticks, log)
            # Ties go to the plainer reading, which comes first.
            if axis and (
                best is None or (axis.ticks, -round(axis.error, 1)) > (best.ticks, -round(best.error, 1))
            ):
                best = replace(axis, continental=continental)
    return best


def _is_power_of_ten(value: float) -> bool:
    return value > 0 and math.log10(value) == round(math.log10(value))


def _consensus(ticks: list[tuple[float, float]], log: bool) -> Axis | None:
    if log:
        ticks = [(pixel, math.log10(value)) for pixel, value in ticks if value > 0]
    if len({value for _, value in ticks}) < 2:
        return None
    pixels, values = (np.array(column) for column in zip(*ticks))
    tolerance = max(_LEAST_TOLERANCE, _TOLERANCE * float(np.ptp(pixels)))
    best: NDArray[np.bool_] | None = None
    for i, j in itertools.combinations(range(len(ticks)), 2):
        if values[i] == values[j] or abs(pixels[i] - pixels[j]) < 2 * tolerance:
            continue
        slope = (pixels[i] - pixels[j]) / (values[i] - values[j])
        agree = np.abs(pixels[i] + slope * (values - values[i]) - pixels) <= tolerance
        if best is None or agree.sum() > best.sum():
            best = agree
    if best is None:
        return None
    slope, offset = np.polyfit(values[best], pixels[best], 1)
    error = float(np.abs(slope * values[best] + offset - pixels[best]).mean())
    low, high = float(values[best].min()), float(values[best].max())
    if log:
        if best.sum() < min(_FEWEST_TICKS, len(ticks)) or high - low < _LEAST_LOG:
            return None
        low, high = 10.0**low, 10.0**high
    return Axis(float(slope), float(offset), log, int(best.sum()), len(ticks), error, low, high)


def stacked_values(ends: Sequence[Sequence[float | None]], axis: Axis) -> list[list[float | None]]:
    """Each segment's own value from the pixels of the far ends of a stack's segments.

    ``ends[s][c]`` is series s in category c, along the axis of values. Which segment lies on which follows
    from the distances to the base line, so the order of the series does not matter.
    """
    base = axis.low if axis.log else 0.0
    values: list[list[float | None]] = [[None] * len(row) for row in ends]
    for column in range(max((len(row) for row in ends), default=0)):
        far = [
            (axis.value(end), s)
            for s, row in enumerate(ends)
            if column < len(row) and (end := row[column]) is not None
        ]
        for side in (1, -1):
            before = base
            for reach, s in sorted(
                (item for item in far if (item[0] - base) * side >= 0), key=lambda i: side * i[0]
            ):
                if values[s][column] is None:
                    values[s][column] = reach - before
                    before = reach
    return values


def pie_shares(centre: Point, starts: Sequence[Point | None]) -> list[float | None]:
    """The shares, in [0, 1], of slices that begin at ``starts`` and follow each other clockwise."""
    known = [(i, clockwise(centre, start)) for i, start in enumerate(starts) if start is not None]
    shares: list[float | None] = [None] * len(starts)
    for place, (i, angle) in enumerate(known):
        following = known[(place + 1) % len(known)][1]
        turn = (following - angle) % math.tau
        shares[i] = 1.0 if len(known) == 1 else turn / math.tau
    return shares


def clockwise(centre: Point, point: Point) -> float:
    """The angle of ``point`` from twelve o'clock, clockwise, in radians from 0 to 2 pi; a hair before twelve is 0."""
    angle = math.atan2(point[0] - centre[0], -(point[1] - centre[1]))
    return (angle + _TOP) % math.tau - _TOP
