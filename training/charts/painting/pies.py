"""Pies and donuts."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box, Point

from ..sample import Mark
from .canvas import hatch_cover
from .drawing import Drawing, overlap


class _Disc(NamedTuple):
    """Middle, radius and radius of the hole in pixels. Turns run clockwise from the top; 1 is once round."""

    x: float
    y: float
    radius: float
    hole: float

    def at(self, turn: float, distance: float) -> Point:
        angle = turn * 2 * math.pi
        return self.x + distance * math.sin(angle), self.y - distance * math.cos(angle)


class _Label(NamedTuple):
    """What one slice says: its lines, which of these is the name, and the number among them."""

    lines: tuple[str, ...]
    name_first: bool
    number: float


def draw_pie(d: Drawing) -> None:
    """The slices, their names and values."""
    content, style, rng = d.content, d.style, d.rng
    values = np.nan_to_num(content.series[0].values)
    total = float(values.sum())
    labels = _labels(d, values.tolist(), total)
    outside = bool(labels[0].lines) and (
        style.pie_labels == "outside"
        or (labels[0].name_first and max(d.measure(c, style.label_size) for c in content.categories) > 70)
    )
    disc = _fit(d, labels, outside)
    d.plot = (disc.x - disc.radius, disc.y - disc.radius, disc.x + disc.radius, disc.y + disc.radius)
    way = 1.0 if style.pie_clockwise else -1.0
    edges = style.pie_start / 360 + way * np.concatenate([[0.0], np.cumsum(values / total)])
    _draw_slices(d, disc, edges)
    for i, label in enumerate(labels):
        middle, share = float(edges[i] + edges[i + 1]) / 2, float(values[i]) / total
        tip, start = disc.at(middle, disc.radius), disc.at(float(edges[i]), disc.radius)
        d.marks.append(Mark(0, i, float(content.series[0].values[i]), tip, start, visible=share > 0.002))
        if label.lines:
            _draw_label(d, disc, i, middle, share, label, outside)
    if disc.hole > 0.5 * disc.radius and rng.random() < 0.3:
        text = rng.choice(("Total", str(rng.randint(10, 999)), content.format.text(total)))
        if d.measure(text, style.size, True) < 1.6 * disc.hole:
            d.put(text, disc.x, disc.y, "other", size=style.size, bold=True, anchor="mm")


def _labels(d: Drawing, values: list[float], total: float) -> list[_Label]:
    """Values are printed always when the slices are no shares of 100; names when no legend has them."""
    content, rng = d.content, d.rng
    printed = d.style.labels is not None or rng.random() < 0.6 or abs(total - 100) > 1.5
    named = d.style.pie_labels != "legend" or not d.entries
    form = rng.choice(("{} ({})", "{}: {}", "{}, {}", "{} {}")) if rng.random() < 0.3 else None
    found = []
    for name, value in zip(content.categories, values):
        number = content.format.text(value)
        lines = (name,) * named + (number,) * printed
        if form is not None and len(lines) == 2:
            joined = form.format(name, number)
            if d.measure(joined, d.style.label_size) < 0.26 * d.style.width:
                lines = (joined,)
        found.append(_Label(lines, named, content.format.shown(value)))
    return found


def _fit(d: Drawing, labels: list[_Label], outside: bool) -> _Disc:
    """As large as the labels round it allow."""
    style, rng = d.style, d.rng
    size = style.label_size
    wide = max((d.measure(line, size) for label in labels for line in label.lines), default=0.0)
    room_x, room_y = d.right - d.left, d.bottom - d.top
    side = wide + size * 1.6 if outside else 0.0
    above = size * 3.0 if outside else 0.0
    radius = max(30.0, min(room_x / 2 - side, room_y / 2 - above)) * rng.uniform(0.88, 1.0)
    x = (d.left + d.right) / 2
    if rng.random() < 0.12:
        x += rng.uniform(-0.3, 0.3) * max(0.0, room_x / 2 - side - radius)
    hole = radius * style.hole if d.content.kind == "donut" else 0.0
    return _Disc(x, (d.top + d.bottom) / 2, radius, hole)


def _draw_slices(d: Drawing, disc: _Disc, edges: NDArray[np.float64]) -> None:
    """The slices, their hatches, and the lines between them."""
    style = d.style
    for i, (start, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist())):
        if abs(end - start) > 1e-6:
            d.canvas.slice(disc.x, disc.y, disc.radius, disc.hole, start, end, d.colour(i))
    if style.hatches:
        _draw_hatches(d, disc, edges)
    if style.pie_gap or style.bar_edge is not None or style.preset == "print":
        colour = style.background if style.pie_gap else style.bar_edge or (0, 0, 0)
        for edge in edges[:-1].tolist():
            ends = np.array([disc.at(edge, disc.hole), disc.at(edge, disc.radius)])
            d.canvas.polyline(ends, colour, style.pie_gap or 1.0)
        if not style.pie_gap:
            ring = np.array([disc.at(t, disc.radius) for t in np.linspace(0, 1, 121).tolist()])
            d.canvas.polyline(ring, colour, 1.0)


def _draw_hatches(d: Drawing, disc: _Disc, edges: NDArray[np.float64]) -> None:
    left, top = math.floor(disc.x - disc.radius), math.floor(disc.y - disc.radius)
    side = math.ceil(2 * disc.radius) + 1
    x = np.arange(left, left + side, dtype=np.float32)[None, :] + np.float32(0.5 - disc.x)
    y = np.arange(top, top + side, dtype=np.float32)[:, None] + np.float32(0.5 - disc.y)
    distance = np.hypot(x, y)
    ring = (distance < disc.radius - 0.5) & (distance > disc.hole + 0.5)
    turn = np.arctan2(x, -y) / np.float32(2 * np.pi)
    dark = np.zeros((side, side), np.float32)
    light = np.zeros((side, side), np.float32)
    for i in range(len(edges) - 1):
        kind = d.style.hatches[i % len(d.style.hatches)]
        if kind is not None:
            low, high = sorted((float(edges[i]), float(edges[i + 1])))
            inside = ring & (np.mod(turn - np.float32(low % 1.0), 1) < high - low)
            pen = dark if sum(d.colour(i)) > 330 else light
            np.copyto(pen, hatch_cover(kind, left, top, side, side), where=inside)
    d.canvas.blend(left, top, dark, (0, 0, 0))
    d.canvas.blend(left, top, light, (255, 255, 255))


def _draw_label(
    d: Drawing, disc: _Disc, i: int, middle: float, share: float, label: _Label, outside: bool
) -> None:
    """Beside the slice, or in it when it is large enough; else beside it too, if it is needed."""
    style, size = d.style, d.style.label_size
    wide = max(d.measure(line, size) for line in label.lines)
    high = size * 1.2 * len(label.lines)
    colour, patch = style.ink, None
    arc = 2 * math.pi * share * (disc.radius + disc.hole) / 2
    ring = disc.radius - disc.hole if disc.hole else disc.radius * 0.8
    if outside:
        x, y, anchor = _place_outside(d, disc, middle, wide, high)
    elif arc >= high + 2 and wide <= min(ring, disc.radius * 0.8):
        x, y = disc.at(middle, (disc.radius + disc.hole) / 2 if disc.hole else disc.radius * 0.65)
        anchor = "mm"
        colour, patch = d.text_on(d.colour(i), i)
    elif label.name_first or abs(float(np.nansum(d.content.series[0].values)) - 100) > 1.5:
        x, y = disc.at(middle, disc.radius + size * 0.9)
        anchor = "lm" if math.sin(middle * 2 * math.pi) >= 0 else "rm"
    else:
        return
    meta: dict[str, Any] = {"size": size, "anchor": anchor, "colour": colour, "patch": patch}
    meta |= {"index": i, "point": disc.at(middle, disc.radius)}
    y -= (len(label.lines) - 1) * size * 0.6
    for number, line in enumerate(label.lines):
        is_name = label.name_first and number == 0
        both = is_name and line != d.content.categories[i]
        if not is_name:
            meta["series"] = 0
        value = label.number if both or not is_name else None
        box = d.put(line, x, y + number * size * 1.2, "category" if is_name else "value", value=value, **meta)
        if box is not None:
            d.taken.append(box)


def _place_outside(
    d: Drawing, disc: _Disc, middle: float, wide: float, high: float
) -> tuple[float, float, str]:
    """(x, y, anchor) past the arc, moved off the labels of thin neighbours; draws the leader."""
    style = d.style
    x, y = disc.at(middle, disc.radius + style.label_size * 0.9)
    right = math.sin(middle * 2 * math.pi) >= 0
    upward = math.cos(middle * 2 * math.pi)
    start = (x, y)
    x += 3 if right else -3
    anchor = "lm" if right else "rm"
    if abs(upward) > 0.8 and not style.pie_leader:
        anchor = "mm"
        y -= math.copysign(high / 2, upward)
    for other in d.taken:
        x0 = x - {"r": wide, "m": wide / 2, "l": 0.0}[anchor[0]]
        box: Box = (x0, y - high / 2, x0 + wide, y + high / 2)
        if overlap(box, other):
            y = other[3] + high / 2 if right == style.pie_clockwise else other[1] - high / 2
    if style.pie_leader:
        bend = (start[0], y) if abs(y - start[1]) > 2 else start
        d.canvas.polyline(np.array([disc.at(middle, disc.radius), start, bend]), style.faint, 1.0)
    return x, y, anchor
