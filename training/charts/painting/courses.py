"""How a line gets from mark to mark: smoothly, in steps, or as a dense curve of which only the ticks' places are read.

Points are (N, 2) in pixels, x rising.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def smooth(points: Points, steps: int = 8) -> Points:
    """A cubic course through the points that does not overshoot between them, ``steps`` points a gap."""
    x, y = points.T
    slope = np.diff(y) / np.diff(x)
    middle = np.where(
        slope[1:] * slope[:-1] > 0, 2 * slope[1:] * slope[:-1] / (slope[1:] + slope[:-1] + 1e-12), 0.0
    )
    tangent = np.concatenate([[slope[0]], middle, [slope[-1]]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :]
    h = np.diff(x)[:, None]
    a, b = y[:-1, None], y[1:, None]
    m, n = tangent[:-1, None] * h, tangent[1:, None] * h
    course = (
        (2 * t**3 - 3 * t**2 + 1) * a
        + (t**3 - 2 * t**2 + t) * m
        + (3 * t**2 - 2 * t**3) * b
        + (t**3 - t**2) * n
    )
    return np.concatenate([np.stack([(x[:-1, None] + t * h).ravel(), course.ravel()], 1), points[-1:]])


def stepped(points: Points, form: str, end: float) -> Points:
    """Level around each point ("middle"), or from each point to the next one and on to the pixel ``end`` ("after")."""
    x, y = points.T
    if form == "middle":
        halves = np.repeat((x[:-1] + x[1:]) / 2, 2)
        corners = np.concatenate([x[:1], halves, x[-1:]])
    else:
        corners = np.concatenate([np.repeat(x, 2)[1:], [end]])
    return np.stack([corners, np.repeat(y, 2)], 1)


def dense(points: Points, rough: float, steps: int, past: float, seed: int) -> Points:
    """A measured curve, as of a training run: ``steps`` vertices a gap that wander by about ``rough`` pixels and pass
    exactly through the points (Brownian bridges), going on ``past`` pixels beyond both ends.
    """
    random = np.random.default_rng(seed)
    course = smooth(points, steps)
    gaps = len(points) - 1
    walk = np.zeros((gaps, steps + 1))
    walk[:, 1:] = random.normal(0, rough / steps**0.5, (gaps, steps)).cumsum(1)
    walk -= walk[:, -1:] * np.linspace(0, 1, steps + 1)
    walk[:, 1:-1] += random.normal(0, rough * random.choice((0.1, 0.3)), (gaps, steps - 1))
    course[:-1, 1] += walk[:, :-1].ravel()
    if past <= 0:
        return course
    count = max(2, steps // 2)
    away = np.linspace(0, past, count + 1)[1:]
    pieces = []
    for end, beside, sign in ((course[0], points[1], -1), (course[-1], points[-2], 1)):
        slope = (end[1] - beside[1]) / (end[0] - beside[0])
        wander = random.normal(0, rough / steps**0.5, count).cumsum()
        pieces.append(np.stack([end[0] + sign * away, end[1] + sign * 0.4 * slope * away + wander], 1))
    return np.concatenate([pieces[0][::-1], course, pieces[1]])
