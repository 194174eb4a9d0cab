"""Lines, areas and clouds of points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..sample import Mark
from .drawing import LIGHT, Drawing, contrast, overlap
from .legend import draw_end_label


def draw_areas(d: Drawing) -> None:
    """Areas under lines, on top of each other when stacked."""
    content, style = d.content, d.style
    count = len(content.categories)
    x = np.array([d.along(i) for i in range(count)])
    base = np.zeros(count)
    alpha = style.area_alpha if content.stacked or len(content.series) == 1 else min(style.area_alpha, 0.5)
    for row, series in enumerate(content.series):
        values = np.nan_to_num(series.values)
        low, high = (base, base + values) if content.stacked else (np.zeros(count), values)
        bottom = np.array([d.at(float(v)) for v in low])
        top = np.array([d.at(float(v)) for v in high])
        colour = d.colour(row)
        d.canvas.area(x, top, bottom, colour, alpha, style.fade and not content.stacked)
        if alpha < 0.9 or d.rng.random() < 0.3:
            edge = LIGHT if alpha >= 0.9 and content.stacked else colour
            d.canvas.polyline(np.stack([x, top], 1), edge, max(1.0, style.line_width * 0.7))
        for i in range(count):
            if not math.isnan(series.values[i]):
                d.marks.append(
                    Mark(
                        row,
                        i,
                        float(series.values[i]),
                        (float(x[i]), float(top[i])),
                        (float(x[i]), float(bottom[i])),
                    )
                )
        if style.legend == "direct":
            draw_end_label(
                d,
                series,
                row,
                float(x[-1]),
                float((top[-1] + bottom[-1]) / 2) if content.stacked else float(top[-1]),
            )
        if content.stacked:
            base = base + values


def draw_lines(d: Drawing, rows: list[int]) -> None:
    content, style = d.content, d.style
    points: dict[int, NDArray[np.float64]] = {}
    for row in rows:
        series = content.series[row]
        axis = 1 if series.second_axis else 0
        colour = d.colour(row)
        number = row if content.kind == "line" else 0
        place = [d.along(i) for i in range(len(series.values))]
        across = [d.at(float(v), axis) if not math.isnan(v) else math.nan for v in series.values]
        line = np.array([d.point(p, q) for p, q in zip(place, across)])
        points[row] = line
        present = ~np.isnan(line[:, 1])
        gaps_joined = d.rng.random() < 0.3
        dash = style.dashes[number % len(style.dashes)]
        for part in _runs(line, present, gaps_joined):
            drawn = _smooth(part) if style.smooth and len(part) > 2 else part
            d.canvas.polyline(drawn, colour, style.line_width, dash)
        lonely = [p for p in _runs(line, present, gaps_joined) if len(p) == 1]
        for part in lonely:
            d.canvas.marker(part[0, 0], part[0, 1], "circle", style.line_width + 2, colour)
        for i in np.flatnonzero(present):
            x, y = float(line[i, 0]), float(line[i, 1])
            if series.error is not None:
                d.error_bar(x, float(series.values[i]), float(series.error[i]), style.marker_size * 0.5)
            d.marker(x, y, number if content.kind == "line" else row, colour)
            d.marks.append(Mark(row, int(i), float(series.values[i]), (x, y)))
    _line_labels(d, rows, points)
    if style.legend == "direct":
        for row in rows:
            line = points[row][~np.isnan(points[row][:, 1])]
            draw_end_label(d, content.series[row], row, float(line[-1, 0]), float(line[-1, 1]))


def _line_labels(d: Drawing, rows: list[int], points: dict[int, NDArray[np.float64]]) -> None:
    """Values at the vertices, each where it covers no other label; or of the last ones only."""
    content, style = d.content, d.style
    crowded = d.content.kind == "combined" and d.rng.random() < 0.7  # the bars have their own labels
    if style.labels is None or not rows or crowded:
        return
    size = style.label_size
    many = len(rows) * len(content.categories) > 24
    for row in rows:
        series = content.series[row]
        form = content.second_format if series.second_axis else content.format
        chosen = [int(i) for i in np.flatnonzero(~np.isnan(series.values))]
        if many:
            chosen = chosen[-1:]
        for i in chosen:
            text = form.text(float(series.values[i]))
            wide, high = d.measure(text, size), d.cap(size)
            x, y = (float(v) for v in points[row][i])
            gap = style.marker_size / 2 + 4
            for dy in (-gap - high, gap):
                box = (x - wide / 2, y + dy, x + wide / 2, y + dy + high)
                if (
                    not any(overlap(box, other) for other in d.taken)
                    and d.top - size < box[1]
                    and box[3] < d.bottom
                ):
                    colour = d.colour(row) if style.label_colour == "series" else style.ink
                    if contrast(colour, style.background) < 90:
                        colour = style.ink
                    drawn = d.put(
                        text,
                        x,
                        box[3],
                        "value",
                        size=size,
                        anchor="mb",
                        colour=colour,
                        value=form.shown(float(series.values[i])),
                        series=row,
                        index=i,
                        point=(x, y),
                    )
                    if drawn is not None:
                        d.taken.append(drawn)
                    break


def draw_scatter(d: Drawing) -> None:
    content, style = d.content, d.style
    for row, series in enumerate(content.series):
        colour = d.colour(row)
        assert series.x is not None
        for i, (vx, vy) in enumerate(zip(series.x.tolist(), series.values.tolist())):
            x, y = d.at_x(vx), d.at(vy)
            d.marker(x, y, row, colour)
            d.marks.append(Mark(row, i, vy, (x, y), x_value=vx))
    if d.rng.random() < 0.15 and content.x_scale == "linear" and len(content.series) == 1:
        # A line of best fit is not data.
        xs, ys = np.array([m.pixel for m in d.marks]).T
        slope, offset = np.polyfit(xs, ys, 1)
        ends = np.array([xs.min(), xs.max()])
        line = np.stack([ends, np.clip(ends * slope + offset, d.plot[1], d.plot[3])], 1)
        d.canvas.polyline(line, style.ink, 1.5, (6.0, 4.0) if d.rng.random() < 0.5 else None)


def _runs(line: NDArray[np.float64], present: NDArray[np.bool_], joined: bool) -> list[NDArray[np.float64]]:
    """The pieces of a line between its gaps; all in one when the gaps are bridged."""
    if joined or present.all():
        return [line[present]]
    breaks = np.flatnonzero(np.diff(present.astype(np.int8))) + 1
    return [part for part in np.split(line, breaks) if len(part) and not np.isnan(part[0, 1])]


def _smooth(points: NDArray[np.float64], steps: int = 8) -> NDArray[np.float64]:
    """A cubic course through the points that does not overshoot between them."""
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
