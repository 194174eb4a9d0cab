"""Lines, areas and clouds of points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..sample import Mark, Series
from . import courses
from .canvas import Colour, mixed
from .drawing import LIGHT, Drawing, contrast, overlap
from .legend import draw_end_label


def draw_areas(d: Drawing) -> None:
    """Areas under lines, on top of each other when stacked."""
    content, style = d.content, d.style
    count = len(content.categories)
    x = np.array([d.along(i) for i in range(count)])
    base = np.zeros(count)
    overlapping = not content.stacked and len(content.series) > 1
    alpha = min(style.area_alpha, 0.5) if overlapping else style.area_alpha
    edges_last = overlapping and d.rng.random() < 0.5
    edges: list[tuple[NDArray[np.float64], Colour]] = []
    for row, series in enumerate(content.series):
        values = np.nan_to_num(series.values)
        low, high = (base, base + values) if content.stacked else (np.zeros(count), values)
        bottom = np.array([d.at(float(v)) for v in low])
        top = np.array([d.at(float(v)) for v in high])
        colour = d.colour(row)
        upper, lower = np.stack([x, top], 1), np.stack([x, bottom], 1)
        if style.smooth and count > 2:
            upper, lower = courses.smooth(upper), courses.smooth(lower)
        fade = style.fade and not content.stacked
        d.canvas.area(upper[:, 0], upper[:, 1], lower[:, 1], colour, alpha, fade)
        if style.area_edge is not None or alpha < 0.9 or d.rng.random() < 0.3:
            edge = style.area_edge or (LIGHT if alpha >= 0.9 and content.stacked else colour)
            # Areas that lie over each other are told apart by the colours of their edges.
            edges.append((upper, colour if overlapping else edge))
        if not edges_last or row == len(content.series) - 1:
            for course, edge in edges:
                d.canvas.polyline(course, edge, max(1.0, style.line_width * 0.7))
            edges.clear()
        for i in np.flatnonzero(np.isfinite(series.values)):
            place = float(x[i]), float(top[i])
            d.marker(*place, row, mixed(colour, (0, 0, 0), 0.15))
            # Only layers on others have a foot of their own.
            foot = (float(x[i]), float(bottom[i])) if content.stacked else None
            d.marks.append(Mark(row, int(i), float(series.values[i]), place, foot))
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
        place = [d.along(i) for i in range(len(series.values))]
        across = [d.at(float(v), axis) if not math.isnan(v) else math.nan for v in series.values]
        points[row] = np.array([d.point(p, q) for p, q in zip(place, across)])
        if style.band and series.error is not None:
            _band(d, series, points[row], d.colour(row))
    dense = _is_dense(d)
    for row in rows:
        series, line = content.series[row], points[row]
        colour, number = d.colour(row), d.line_number(row)
        present = ~np.isnan(line[:, 1])
        dash = style.dashes[number % len(style.dashes)]
        parts = _runs(line, present, d.rng.random() < 0.3)
        for part in parts:
            if len(part) == 1:
                d.canvas.marker(part[0, 0], part[0, 1], "circle", style.line_width + 2, colour)
            elif dense:
                _draw_dense(d, part, colour)
            else:
                d.canvas.polyline(_course(d, part), colour, style.line_width, dash)
        for i in np.flatnonzero(present):
            x, y = float(line[i, 0]), float(line[i, 1])
            if series.error is not None and not style.band:
                reach = float(series.error[i])
                d.error_bar(x, float(series.values[i]), reach, style.marker_size * 0.6, colour)
            d.marker(x, y, number, colour)
            d.marks.append(Mark(row, int(i), float(series.values[i]), (x, y)))
    _line_labels(d, rows, points)
    if style.legend == "direct":
        for row in rows:
            line = points[row][~np.isnan(points[row][:, 1])]
            draw_end_label(d, content.series[row], row, float(line[-1, 0]), float(line[-1, 1]))


def _course(d: Drawing, part: NDArray[np.float64]) -> NDArray[np.float64]:
    """The drawn way through the points between two gaps."""
    if d.style.steps is not None:
        half = (d.along(1) - d.along(0)) / 2
        return courses.stepped(part, d.style.steps, min(float(part[-1, 0]) + half, d.plot[2]))
    return courses.smooth(part) if d.style.smooth and len(part) > 2 else part


def _is_dense(d: Drawing) -> bool:
    """Where every place is named, a curve may wander between the places; elsewhere its bends are the places."""
    return d.style.rough > 0 and len(d.printed) == len(d.content.categories)


def _draw_dense(d: Drawing, points: NDArray[np.float64], colour: Colour) -> None:
    style, rng = d.style, d.rng
    x0, y0, x1, y1 = d.plot
    past = min(float(points[0, 0]) - x0, x1 - float(points[-1, 0])) if style.past_ends else 0.0
    drawn = courses.dense(points, style.rough * (y1 - y0), style.vertices, past, rng.getrandbits(32))
    drawn[:, 1] = np.clip(drawn[:, 1], y0, y1)
    if style.faint_raw:
        d.canvas.polyline(drawn, colour, style.line_width, alpha=0.35)
        d.canvas.polyline(courses.smooth(points), colour, style.line_width + 0.5)
    else:
        d.canvas.polyline(drawn, colour, style.line_width)


def _band(d: Drawing, series: Series, line: NDArray[np.float64], colour: Colour) -> None:
    """The errors of a line as a strip around it, in some with thin edges."""
    assert series.error is not None
    known = np.flatnonzero(np.isfinite(series.values))
    ends = np.array([d.error_ends(float(series.values[i]), float(series.error[i])) for i in known])
    low, high = (np.stack([line[known, 0], ends[:, side]], 1) for side in (0, 1))
    if (d.style.smooth or _is_dense(d)) and len(known) > 2:
        low, high = courses.smooth(low), courses.smooth(high)
    d.canvas.area(low[:, 0], high[:, 1], low[:, 1], colour, d.rng.uniform(0.12, 0.35))
    if d.rng.random() < 0.25:
        for edge in (low, high):
            d.canvas.polyline(edge, colour, 0.8, alpha=0.5)


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
