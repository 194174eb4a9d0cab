"""Pies and donuts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sample import Mark, Point
from .canvas import hatch_cover
from .drawing import Drawing, overlap


def draw_pie(d: Drawing) -> None:
    """Pies and donuts: slices, their names and values."""
    content, style, rng = d.content, d.style, d.rng
    values = np.nan_to_num(content.series[0].values)
    total = float(values.sum()) or 1.0
    size = style.label_size
    shares = values / total
    printed = style.labels is not None or rng.random() < 0.6 or abs(total - 100) > 1.5
    named = style.pie_labels != "legend" or not d.entries
    labels = []
    for name, value in zip(content.categories, values.tolist()):
        number = content.format.text(value)
        labels.append(([name] if named else []) + ([number] if printed else []))
    joined = named and printed and rng.random() < 0.3
    outside = style.pie_labels == "outside" or (
        named and max(d.measure(c, size) for c in content.categories) > 70
    )
    if not labels[0]:
        outside = False
    wide = max((d.measure(t, size) for parts in labels for t in parts), default=0.0)
    if joined:
        wide = max(d.measure(" ".join(parts), size) + size for parts in labels)
        if wide > 0.28 * style.width:
            joined = False
            wide = max((d.measure(t, size) for parts in labels for t in parts), default=0.0)
    room_x, room_y = d.right - d.left, d.bottom - d.top
    side = wide + size * 1.6 if outside else 0.0
    above = size * 3.0 if outside else 0.0
    radius = max(30.0, min(room_x / 2 - side, room_y / 2 - above)) * rng.uniform(0.88, 1.0)
    cx, cy = (d.left + d.right) / 2, (d.top + d.bottom) / 2
    if rng.random() < 0.12:
        cx += rng.uniform(-0.3, 0.3) * max(0.0, room_x / 2 - side - radius)
    hole = style.hole if content.kind == "donut" else 0.0
    d.plot = (cx - radius, cy - radius, cx + radius, cy + radius)
    turn = 1.0 if style.pie_clockwise else -1.0
    # Angles run clockwise from the top, in shares of a whole turn.
    edges = style.pie_start / 360 + turn * np.concatenate([[0.0], np.cumsum(shares)])
    _slices(d, cx, cy, radius, hole, edges)
    for i, value in enumerate(values.tolist()):
        middle = (edges[i] + edges[i + 1]) / 2
        tip, start = _round(cx, cy, radius, middle), _round(cx, cy, radius, float(edges[i]))
        d.marks.append(Mark(0, i, float(content.series[0].values[i]), tip, start, visible=shares[i] > 0.002))
        if labels[i]:
            _slice_label(
                d,
                cx,
                cy,
                radius,
                hole,
                middle,
                float(shares[i]),
                labels[i],
                i,
                named,
                outside,
                joined,
                value,
            )
    if content.kind == "donut" and hole > 0.5 and rng.random() < 0.3:
        text = rng.choice(("Total", str(rng.randint(10, 999)), content.format.text(total)))
        if d.measure(text, style.size, True) < 1.6 * hole * radius:
            d.put(text, cx, cy, "other", size=style.size, bold=True, anchor="mm")


def _slices(d: Drawing, cx: float, cy: float, radius: float, hole: float, edges: NDArray[np.float64]) -> None:
    """The slices, their hatches, and the lines between them."""
    style = d.style
    left, top = math.floor(cx - radius - 2), math.floor(cy - radius - 2)
    side = math.ceil(2 * radius + 5)
    gap_colour = style.background
    for i, (start, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist())):
        if abs(end - start) > 1e-6:
            d.canvas.slice(cx, cy, radius, radius * hole, start, end, d.colour(i))
    if style.hatches:
        _slice_hatches(d, cx, cy, radius, hole, edges, left, top, side)
    if style.pie_gap or style.bar_edge is not None or style.preset == "print":
        colour = gap_colour if style.pie_gap else style.bar_edge or (0, 0, 0)
        for edge in edges[:-1]:
            ends = np.array([_round(cx, cy, radius * hole, float(edge)), _round(cx, cy, radius, float(edge))])
            d.canvas.polyline(ends, colour, style.pie_gap or 1.0)
        if not style.pie_gap:
            steps = np.linspace(0, 1, 121)
            ring = np.stack(
                [cx + radius * np.sin(steps * 2 * np.pi), cy - radius * np.cos(steps * 2 * np.pi)], 1
            )
            d.canvas.polyline(ring, colour, 1.0)


def _slice_hatches(
    d: Drawing,
    cx: float,
    cy: float,
    radius: float,
    hole: float,
    edges: NDArray[np.float64],
    left: int,
    top: int,
    side: int,
) -> None:
    x = np.arange(left, left + side, dtype=np.float32)[None, :] + np.float32(0.5 - cx)
    y = np.arange(top, top + side, dtype=np.float32)[:, None] + np.float32(0.5 - cy)
    distance = np.hypot(x, y)
    turn = np.mod(np.arctan2(x, -y) / np.float32(2 * np.pi), 1)
    for i in range(len(edges) - 1):
        kind = d.style.hatches[i % len(d.style.hatches)]
        if kind is None:
            continue
        low, high = sorted((float(edges[i]), float(edges[i + 1])))
        inside = (
            (np.mod(turn - low % 1.0, 1) < high - low)
            & (distance < radius - 0.5)
            & (distance > hole * radius + 0.5)
        )
        colour = d.colour(i)
        pen = (0, 0, 0) if sum(colour) > 330 else (255, 255, 255)
        d.canvas.blend(left, top, hatch_cover(kind, left, top, side, side) * inside, pen)


def _slice_label(
    d: Drawing,
    cx: float,
    cy: float,
    radius: float,
    hole: float,
    middle: float,
    share: float,
    parts: list[str],
    i: int,
    named: bool,
    outside: bool,
    joined: bool,
    value: float,
) -> None:
    style, size = d.style, d.style.label_size
    shown = d.content.format.shown(value)
    high = size * 1.2 * (1 if joined else len(parts))
    wide = max(d.measure(p, size) for p in parts)
    tip = _round(cx, cy, radius, middle)
    patch = None
    if outside:
        x, y = _round(cx, cy, radius + size * 0.9, middle)
        right = math.sin(middle * 2 * math.pi) >= 0
        if style.pie_leader:
            d.canvas.polyline(np.array([tip, (x, y)]), style.faint, 1.0)
        x += 3 if right else -3
        steep = abs(math.cos(middle * 2 * math.pi)) > 0.8
        anchor = ("m" if steep and not style.pie_leader else "l" if right else "r") + "m"
        if anchor[0] == "m":
            y -= math.copysign(high / 2, math.cos(middle * 2 * math.pi))
        # Labels of thin neighbours go on top of each other: move away from the last one.
        for other in d.taken:
            box = (
                x - wide if anchor[0] == "r" else x,
                y - high / 2,
                x if anchor[0] == "r" else x + wide,
                y + high / 2,
            )
            if overlap(box, other):
                y = other[3] + high / 2 if right == style.pie_clockwise else other[1] - high / 2
        colour = style.ink
    else:
        x, y = _round(cx, cy, radius * (1 + hole) / 2 if hole else radius * 0.65, middle)
        chord = 2 * math.pi * share * radius * (1 + hole) / 2
        if chord < high + 2 or (hole and radius * (1 - hole) < wide) or wide > radius * 0.8:
            if not (named or abs(float(np.nansum(d.content.series[0].values)) - 100) > 1.5):
                return
            x, y = _round(cx, cy, radius + size * 0.9, middle)
            anchor, colour = ("l" if math.sin(middle * 2 * math.pi) >= 0 else "r") + "m", style.ink
        else:
            anchor = "mm"
            colour, patch = d.text_on(d.colour(i), i)
    meta: dict[str, Any] = {
        "size": size, "anchor": anchor, "colour": colour, "index": i, "point": tip, "patch": patch,
    }  # fmt: skip
    if joined:
        text = f"{parts[0]} ({parts[1]})" if d.rng.random() < 0.5 else f"{parts[0]}: {parts[1]}"
        box_drawn = d.put(text, x, y, "category", value=shown, **meta)
        d.taken.extend([box_drawn] if box_drawn else [])
        return
    y -= (len(parts) - 1) * size * 0.6
    for number, part in enumerate(parts):
        is_name = named and number == 0
        more: dict[str, Any] = {} if is_name else {"value": shown, "series": 0}
        box_drawn = d.put(
            part, x, y + number * size * 1.2, "category" if is_name else "value", **meta, **more
        )
        d.taken.extend([box_drawn] if box_drawn else [])


def _round(cx: float, cy: float, radius: float, turn: float) -> Point:
    """A point on a circle; ``turn`` clockwise from the top, 1 is once round."""
    return cx + radius * math.sin(turn * 2 * math.pi), cy - radius * math.cos(turn * 2 * math.pi)
