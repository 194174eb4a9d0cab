"""Axes: their scales, ticks, titles and grid, and the names of the categories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..sample import Role
from ..ticks import Scale, make_scale, values_of
from .canvas import Colour
from .drawing import AxisTitle, Drawing, contrast
from .legend import legend_room


def make_scales(d: Drawing) -> None:
    content, style, rng = d.content, d.style, d.rng
    first = [s for s in content.series if not s.second_axis]
    second = [s for s in content.series if s.second_axis]
    stacked = content.stacked
    bars = content.kind not in ("line", "scatter", "area")
    if content.scale == "log":
        style.zero = style.broken = False
    zero = style.zero or content.kind in ("area", "stacked_bar", "combined")
    if not zero and bars and content.scale == "linear":
        numbers = [v for v in values_of(content, first, False) if math.isfinite(v)]
        # A cut axis is for values close to each other on one side of zero.
        zero = min(numbers) < 0.3 * max(numbers)
    style.zero = zero
    style.broken = style.broken and not zero
    widest = max(
        (d.measure(content.format.text(v), style.size) for v in values_of(content, first, stacked) if v == v),
        default=0.0,
    )
    # Numbers across need their width, with some air; numbers above each other their height.
    apart = max(style.size * 4.5, widest * 1.4) if d.flip else style.size * 1.7
    long_side = d.right - d.left if d.flip else d.bottom - d.top
    ticks = max(3, min(style.tick_count, int(long_side * 0.85 / apart)))
    room = style.headroom
    room = max(room, _label_room(d), legend_room(d))
    numbers = values_of(content, first, stacked)
    if not zero and bars and content.scale == "linear":
        finite = [v for v in numbers if math.isfinite(v)]
        numbers = [*numbers, min(finite) - 0.25 * (max(finite) - min(finite) or 1.0)]
    log = content.scale == "log"
    scale = make_scale(numbers, content.format, rng, log=log, zero=zero, headroom=room, ticks=ticks)
    while len(scale.values) < 2 and ticks < 20:
        # One number makes no axis.
        ticks += 3
        scale = make_scale(numbers, content.format, rng, log=log, zero=zero, headroom=room, ticks=ticks)
    d.scales = [scale]
    if second:
        numbers = values_of(content, second, False)
        zero = rng.random() < 0.5
        scale = make_scale(numbers, content.second_format, rng, zero=zero, headroom=0.05, ticks=ticks)
        d.scales.append(scale)
    if content.kind == "scatter":
        numbers = [float(v) for s in content.series if s.x is not None for v in s.x]
        count = max(3, min(style.tick_count, int((d.right - d.left) / (style.size * 5))))
        d.x_scale = make_scale(
            numbers,
            content.x_format,
            rng,
            log=content.x_scale == "log",
            zero=rng.random() < 0.3,
            ticks=count,
        )
    if second:
        style.axis_side = "left"
        style.values_above_grid = False
    if not style.value_axis and not _all_labelled(d):
        style.value_axis = True


def _label_room(d: Drawing) -> float:
    """Headroom for labels past the ends of bars, as a share of the axis."""
    content, style = d.content, d.style
    if style.labels != "outside" or content.kind == "stacked_bar":
        return 0.0
    texts = [content.format.text(float(v)) for s in content.series for v in s.values if not math.isnan(v)]
    widest = max(d.measure(t, style.label_size, style.label_bold) for t in texts)
    pitch = (d.right - d.left) * 0.85 / max(1, len(content.categories) * len(content.series))
    if d.flip:
        return min(0.4, (widest + 8) / (d.right - d.left) * 0.8)
    turned = content.kind != "line" and (widest > pitch or style.label_turned)
    return min(0.4, ((widest if turned else style.label_size) + 8) / (d.bottom - d.top) * 1.3)


def _all_labelled(d: Drawing) -> bool:
    """Whether value labels will say all that the value axis would."""
    content = d.content
    return (
        d.style.labels == "outside"
        and content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar")
        and content.shape[0] * content.shape[1] <= 30
        and all(s.error is None for s in content.series)
    )


def take_axis_titles(d: Drawing) -> None:
    """Titles of the axes: each takes its strip of the space."""
    style, content, rng = d.style, d.content, d.rng
    size = max(8, round(style.size * rng.choice((1.0, 1.0, 1.1, 1.2))))
    bold = rng.random() < 0.12
    if content.y_title and style.value_axis:
        if d.flip:
            _strip(d, content.y_title, "y_title", "bottom", size, bold, 0)
        elif style.y_title_place == "top":
            anchor_left = style.axis_side == "left"
            x = d.left if anchor_left else d.right
            lines = d.wrap(content.y_title, (d.right - d.left) * 0.7, size, bold, lines=1)
            if lines:
                d.put(
                    lines[0],
                    x,
                    d.top + d.cap(size),
                    "y_title",
                    size=size,
                    bold=bold,
                    anchor="lb" if anchor_left else "rb",
                    colour=style.faint,
                )
                d.top += size * 1.7
        elif style.y_title_place == "rotated":
            side = "left" if style.axis_side == "left" else "right"
            _strip(d, content.y_title, "y_title", side, size, bold, 0)
    if content.second_title and len(d.scales) > 1:
        _strip(d, content.second_title, "y_title", "right", size, bold, 1)
    if content.x_title:
        _strip(d, content.x_title, "x_title", "left" if d.flip else "bottom", size, bold, 0)
    d.axis_title_size, d.axis_title_bold = size, bold


def _strip(d: Drawing, text: str, role: Role, side: str, size: int, bold: bool, axis: int) -> None:
    """Reserves a strip for an axis title, if the text fits along it; it is drawn when the plot is known."""
    style = d.style
    along = style.height * 0.75 if side in ("left", "right") else style.width * 0.75
    if d.measure(text, size, bold) > along:
        return
    if side == "left":
        d.left += size * 1.6
    elif side == "right":
        d.right -= size * 1.6
    else:
        d.bottom -= size * 1.6
    edge = {"left": d.left, "right": d.right, "bottom": d.bottom}[side]
    d.axis_titles.append(AxisTitle(text, role, side, axis, edge))


def take_tick_room(d: Drawing) -> None:
    """Space beside the plot for the numbers of the value axis (and below it for those across)."""
    style, size = d.style, d.style.size
    gap = size * 0.6 + (4 if style.ticks == "out" else 0)
    d.tick_gap = gap
    if d.x_scale is not None:
        d.bottom -= size * 1.2 + gap
    for axis, scale in enumerate(d.scales):
        if not style.value_axis and axis == 0:
            continue
        if d.flip:
            if style.axis_side == "right":
                d.top += size * 1.2 + gap
            else:
                d.bottom -= size * 1.2 + gap
            continue
        wide = max((d.measure(t, size) for t in scale.texts), default=0.0)
        if axis == 1 or style.axis_side == "right":
            if not (style.values_above_grid and axis == 0):
                d.right -= wide + gap
        elif not style.values_above_grid:
            d.left += wide + gap
    if style.values_above_grid and not d.flip:
        d.top += size
    # The ends of labels reach beyond the plot.
    if d.flip or d.x_scale is not None:
        texts = (d.x_scale or d.scales[0]).texts
        d.right -= d.measure(texts[-1], size) / 2 if texts else 0.0
    d.top += size * 0.5
    if d.content.kind in ("line", "area") and style.legend == "direct":
        widest = max(d.measure(t, size) for t, _, _ in d.entries)
        if widest > 0.3 * style.width:
            style.legend = "inside" if d.content.kind == "line" else "none"
            if style.legend == "none":
                style.legend = "direct"
        if style.legend == "direct":
            d.right -= widest + size * 0.6
        else:
            d.legend_size, d.key_wide = size, size * 2.0


def take_category_room(d: Drawing) -> None:
    """Chooses how the categories are printed, level, wrapped, turned or thinned, and takes the space."""
    style, content, size = d.style, d.content, d.style.size
    names = content.categories
    d.every, d.turn, d.wrapped = 1, 0, [[n] for n in names]
    if not names:
        return
    bold = style.category_bold
    widths = [d.measure(n, size, bold) for n in names]
    if d.flip:
        pitch = (d.bottom - d.top) / len(names)
        if style.category_place == "above" and pitch > size * 2.6:
            return
        style.category_place = "beside"
        room = min(max(widths), style.width * d.rng.uniform(0.3, 0.42))
        lines = max(1, int(pitch / (size * 1.15)))
        d.wrapped = [
            d.wrap(n, room, size, bold, lines=min(lines, 3)) or [_cut(d, n, room, size)] for n in names
        ]
        widest = max(d.measure(t, size, bold) for w in d.wrapped for t in w)
        d.every = max(1, math.ceil(size * 1.1 / pitch))
        d.left += widest + d.tick_gap
        return
    pitch = (d.right - d.left) / (len(names) - (1 if d.at_edges() else 0) or 1)
    below = d.tick_gap
    limit = style.height * 0.33
    sparse = content.kind in ("line", "area", "scatter") or _is_orderly(names)
    if style.category_angle is None:
        if max(widths) <= pitch * 0.93:
            d.bottom -= size * 1.2 + below
            return
        wrapped = [d.wrap(n, pitch * 0.95, size, bold, lines=3) for n in names]
        if all(wrapped) and d.rng.random() < 0.75:
            d.wrapped = wrapped
            d.bottom -= size * 1.2 * max(len(w) for w in wrapped) + below
            return
        if sparse and d.rng.random() < 0.65:
            d.every = _round_step(math.ceil(max(widths) * 1.2 / pitch))
            d.bottom -= size * 1.2 + below
            return
    angle = style.category_angle or d.rng.choice((90, 45, 45, 30, 60))
    cut = limit / math.sin(math.radians(angle))
    d.wrapped = [[_cut(d, n, cut, size)] for n in names]
    widest = max(d.measure(w[0], size, bold) for w in d.wrapped)
    across = size * 1.15 / math.sin(math.radians(angle))
    d.every = _round_step(math.ceil(across / pitch))
    if angle < 90:
        # The first label reaches out to the left.
        reach = math.cos(math.radians(angle)) * d.measure(d.wrapped[0][0], size, bold)
        d.left = max(d.left, reach - pitch / 2 + 2)
    d.turn = angle
    d.bottom -= widest * math.sin(math.radians(angle)) + size * math.cos(math.radians(angle)) + below


def _cut(d: Drawing, text: str, room: float, size: int) -> str:
    """As much of the text as fits, with an ellipsis."""
    if d.measure(text, size, d.style.category_bold) <= room:
        return text
    while len(text) > 2 and d.measure(text + "…", size, d.style.category_bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def draw_grid(d: Drawing) -> None:
    style, canvas = d.style, d.canvas
    x0, y0, x1, y1 = d.plot

    def rule(at: float, along_x: bool, width: float = style.grid_width) -> None:
        ends = (x0, at, x1, at) if along_x else (at, y0, at, y1)
        canvas.rule(ends[0], ends[1], ends[2], ends[3], style.grid_colour, width, style.grid_dash)

    if style.grid in ("value", "both"):
        for value in d.scales[0].values:
            rule(d.at(value), not d.flip)
        if style.preset == "science" and d.rng.random() < 0.15 and not d.scales[0].log:
            for a, b in zip(d.scales[0].values, d.scales[0].values[1:]):
                rule(d.at((a + b) / 2), not d.flip, 0.5)
        if d.scales[0].log and d.rng.random() < 0.4:
            low, high = d.scales[0].low, d.scales[0].high
            for decade in range(math.floor(math.log10(low)), math.ceil(math.log10(high))):
                for m in range(2, 10):
                    if low <= m * 10.0**decade <= high:
                        rule(d.at(m * 10.0**decade), not d.flip, 0.4)
    if style.grid in ("category", "both"):
        if d.x_scale is not None:
            for value in d.x_scale.values:
                rule(d.at_x(value), False)
        elif d.content.kind in ("line", "area"):
            for i in d.printed:
                rule(d.along(i), False)
        elif style.preset == "spreadsheet" or d.rng.random() < 0.5:
            for i in range(len(d.content.categories) + 1):
                rule(d.along(i - 0.5), d.flip)


def draw_axes(d: Drawing) -> None:
    """Axis lines, ticks and the numbers on the axes, then the titles that were waiting for the plot."""
    style, canvas, size = d.style, d.canvas, d.style.size
    x0, y0, x1, y1 = d.plot
    if style.frame:
        canvas.frame(x0, y0, x1, y1, style.axis_colour, max(1.0, style.axis_width))
    scale = d.scales[0]
    zero = min(max(0.0, scale.low), scale.high) if not scale.log else scale.low
    base = d.at(zero)
    if style.category_line:
        ends = (base, y0, base, y1) if d.flip else (x0, base, x1, base)
        canvas.rule(ends[0], ends[1], ends[2], ends[3], style.axis_colour, style.axis_width)
    on_right = style.axis_side == "right" and not d.flip
    if style.value_line and style.value_axis:
        if d.flip:
            canvas.rule(x0, y1, x1, y1, style.axis_colour, style.axis_width)
        else:
            side = x1 if on_right else x0
            canvas.rule(side, y0, side, y1, style.axis_colour, style.axis_width)
    if style.value_axis:
        _value_ticks(d, scale, 0, on_right)
    for axis in range(1, len(d.scales)):
        _value_ticks(d, d.scales[axis], axis, True)
    if d.x_scale is not None:
        for value, text, number in zip(d.x_scale.values, d.x_scale.texts, d.x_scale.numbers):
            x = d.at_x(value)
            _tick(d, x, y1, "down")
            d.put(
                text,
                x,
                y1 + d.tick_gap,
                "x_tick",
                size=size,
                anchor="mt",
                colour=style.faint,
                value=number,
                point=(x, float(y1)),
            )
    if style.broken:
        _break_sign(d)
    _draw_titles(d)


def _value_ticks(d: Drawing, scale: Scale, axis: int, on_right: bool) -> None:
    style, size, gap = d.style, d.style.size, d.tick_gap
    x0, y0, x1, y1 = d.plot
    above = style.values_above_grid and not d.flip and axis == 0
    for value, text, number in zip(scale.values, scale.texts, scale.numbers):
        p = d.at(value, axis)
        meta: dict[str, Any] = {"value": number, "axis": axis, "size": size, "colour": _ink_of(d, axis)}
        if d.flip:
            top = style.axis_side == "right"
            edge = y0 if top else y1
            _tick(d, p, edge, "up" if top else "down")
            d.put(
                text,
                p,
                edge + (-gap if top else gap),
                "y_tick",
                anchor="mb" if top else "mt",
                point=(p, float(edge)),
                **meta,
            )
        elif above:
            x = x1 if on_right else x0
            d.put(text, x, p - 3, "y_tick", anchor="rb" if on_right else "lb", point=(float(x), p), **meta)
        elif on_right:
            _tick(d, x1, p, "right")
            d.put(text, x1 + gap, p, "y_tick", anchor="lm", point=(float(x1), p), **meta)
        else:
            _tick(d, x0, p, "left")
            d.put(text, x0 - gap, p, "y_tick", anchor="rm", point=(float(x0), p), **meta)


def _ink_of(d: Drawing, axis: int) -> Colour:
    """The colour of a value axis's numbers: with two axes, sometimes that of what is measured on it."""
    own = [row for row, series in enumerate(d.content.series) if series.second_axis == bool(axis)]
    if d.style.axes_coloured and len(d.scales) > 1 and own:
        colour = d.colour(own[0])
        return colour if contrast(colour, d.style.background) > 110 else d.style.faint
    return d.style.faint


def _tick(d: Drawing, x: float, y: float, way: str) -> None:
    style = d.style
    if style.ticks == "none":
        return
    long = 4.0 if style.ticks == "out" else -4.0
    dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[way]
    d.canvas.rule(x, y, x + dx * long, y + dy * long, style.axis_colour, 1.0)


def _break_sign(d: Drawing) -> None:
    """Two slanted strokes near the foot of a cut axis."""
    x0, _, x1, y1 = d.plot
    if d.flip:
        strokes = [((x0 + d, y1 + 4), (x0 + d + 4, y1 - 4)) for d in (6, 10)]
    else:
        x = x1 if d.style.axis_side == "right" else x0
        strokes = [((x - 5, y1 - d), (x + 5, y1 - d - 4)) for d in (6, 10)]
    for a, b in strokes:
        d.canvas.polyline(np.array([a, b], np.float64), d.style.axis_colour, 1.2)


def _draw_titles(d: Drawing) -> None:
    x0, y0, x1, y1 = d.plot
    size, bold = d.axis_title_size, d.axis_title_bold
    for text, role, side, axis, edge in d.axis_titles:
        colour = _ink_of(d, axis) if role == "y_title" else d.style.faint
        meta: dict[str, Any] = {"size": size, "bold": bold, "axis": axis, "colour": colour}
        if side == "bottom":
            x = (x0 + x1) / 2 if d.rng.random() < 0.85 else x1 - d.measure(text, size, bold) / 2
            d.put(text, x, edge + size * 0.5, role, anchor="mt", **meta)
        else:
            angle = 90 if side == "left" or d.rng.random() < 0.7 else 270
            x = edge - size * 0.9 if side == "left" else edge + size * 0.9
            half = d.measure(text, size, bold) / 2 + 2
            y = min(max((y0 + y1) / 2, half), d.style.height - half)
            d.put(text, x, y, role, anchor="mm", angle=angle, **meta)


def choose_printed(d: Drawing) -> None:
    """Which categories get their label: every so many; on an uneven axis, those that do not meet the last one."""
    count = len(d.wrapped)
    d.printed = list(range(0, count, d.every))
    if d.content.positions is None or d.flip:
        return
    size, bold = d.style.size, d.style.category_bold
    last = -1e9
    d.printed = []
    for i, lines in enumerate(d.wrapped):
        wide = d.measure(lines[0], size, bold) if d.turn == 0 else size * 1.1 / math.sin(math.radians(d.turn))
        if d.along(i) - last >= wide * 1.1:
            d.printed.append(i)
            last = d.along(i)


def draw_category_labels(d: Drawing) -> None:
    style, size, bold = d.style, d.style.size, d.style.category_bold
    x0, y0, _, y1 = d.plot
    for i, lines in enumerate(d.wrapped):
        place = d.along(i)
        if d.flip:
            if i not in d.printed:
                continue
            meta: dict[str, Any] = {"size": size, "bold": bold, "index": i}
            if style.category_place == "above":
                pitch = (y1 - y0) / len(d.wrapped)
                y = place - pitch * style.bar_share / 2 - size * 0.35
                d.put(lines[0], x0 + 1, y, "category", anchor="lb", point=(float(x0), place), **meta)
                continue
            x = x0 - d.tick_gap
            y = place - (len(lines) - 1) * size * 1.15 / 2
            _tick(d, x0, place, "left")
            d.put_lines(lines, x, y, "category", lead=1.15, anchor="rm", point=(float(x0), place), **meta)
            continue
        if d.content.kind in ("line", "area"):
            if i in d.printed:
                _tick(d, place, y1, "down")
        elif style.ticks != "none" and d.every == 1:
            _tick(d, d.along(i - 0.5), y1, "down")
        if i not in d.printed:
            continue
        meta = {"size": size, "bold": bold, "index": i, "point": (place, float(y1))}
        if d.turn == 90:
            d.put(lines[0], place, y1 + d.tick_gap, "category", anchor="mt", angle=90, **meta)
        elif d.turn:
            d.put(
                lines[0],
                place + size * 0.35,
                y1 + d.tick_gap,
                "category",
                anchor="rt",
                angle=d.turn,
                **meta,
            )
        else:
            d.put_lines(lines, place, y1 + d.tick_gap, "category", lead=1.2, anchor="mt", **meta)


def _is_orderly(names: Sequence[str]) -> bool:
    """Names whose missing neighbours a reader fills in: years, dates, numbers."""
    return sum(c.isdigit() for n in names for c in n) > 0.3 * sum(len(n) for n in names)


def _round_step(least: int) -> int:
    """The next interval that a reader likes to count in."""
    return next((s for s in (1, 2, 3, 4, 5, 6, 10, 12, 20) if s >= least), least)
