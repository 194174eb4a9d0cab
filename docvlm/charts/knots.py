"""How many points a line has between two printed places: it is straight from point to point and bends only there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NARROWEST = 3.5  # pixels between two points; nearer ones cannot be told apart
_EXACT = 2.0  # pixels by which straight strokes may miss a line that is drawn of them
_CLEARLY = 2.5  # times as far off is a line with fewer points
_FLOOR = 0.3  # pixels; no error says anything below
_STRAIGHT = 0.4  # pixels; strokes that miss a line by less are the line
_SMOOTH = 0.5  # of the error, at twice as many points: a curve that is nowhere straight goes on to gain
_SHARE = 85  # percent of the columns that count; where lines cross or labels lie, courses are wrong
_SHIFTS = np.arange(-3, 3.5, 0.5)  # pixels by which printed places may be off
_MOST_SHIFT = 0.25  # of the way between two points; farther off, places would be others
# Columns in which a line is seen, and steps that it spans; shorter pieces tell nothing.
_FEWEST, _SPAN = 8, 1.9


@dataclass(frozen=True, slots=True)
class Knots:
    """``parts`` strokes lie between two printed places, and points ``shift`` pixels to the right of these."""

    parts: int
    shift: float


def between(
    courses: Sequence[NDArray[np.float64]], first: float, step: float, allowed: Sequence[int]
) -> Knots | None:
    """Where lines bend that pass places ``step`` pixels apart, the first at ``first``.

    ``courses`` are rows by column, NaN where a line is not seen or not looked for. ``parts`` is one of ``allowed``,
    the fewest that make the lines what they are; ``None`` where they are curves, or nothing fits.
    """
    known = [(np.flatnonzero(np.isfinite(course)), course) for course in courses]
    known = [(at, course) for at, course in known if len(at) > _FEWEST and at[-1] - at[0] > _SPAN * step]
    if not known:
        return None
    fits: dict[int, tuple[float, float]] = {}
    for parts in range(1, 2 * max(allowed, default=1) + 1):
        unit = step / parts
        if unit >= _NARROWEST:
            shifts = _SHIFTS[np.abs(_SHIFTS) <= _MOST_SHIFT * unit]
            fits[parts] = min((round(_error(known, first + x, unit), 2), abs(x), x) for x in shifts.tolist())[
                ::2
            ]
    for parts in sorted(set(allowed) & fits.keys()):
        error, shift = fits[parts]
        error = max(error, _FLOOR)
        fewer = min((fits[n][0] for n in range(1, parts)), default=np.inf)
        twice, _ = fits.get(2 * parts, fits[parts])
        straight = error < _STRAIGHT or twice > _SMOOTH * error
        if error <= _EXACT and fewer > _CLEARLY * error and straight:
            return Knots(parts, shift)
    return None


def _error(
    known: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]], first: float, unit: float
) -> float:
    """How far straight strokes between points ``unit`` apart miss the lines, in pixels across them."""
    off = []
    for at, course in known:
        low, high = at[0] + 0.5, at[-1] + 0.5
        points = first + unit * np.arange(np.ceil((low - first) / unit), np.floor((high - first) / unit) + 1)
        points = np.unique(np.concatenate([[low], points, [high]]))
        ends = np.interp(points, at + 0.5, course[at])
        slope = np.diff(ends) / np.diff(points)
        across = np.sqrt(1 + slope**2)[np.clip(np.searchsorted(points, at + 0.5) - 1, 0, len(slope) - 1)]
        off.append(np.abs(np.interp(at + 0.5, points, ends) - course[at]) / across)
    return float(np.percentile(np.concatenate(off), _SHARE))
