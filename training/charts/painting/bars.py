"""Bars: single, side by side, stacked, with their effects, error bars and labels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..sample import Mark
from .canvas import Colour, mixed, round_cover
from .drawing import LIGHT, Drawing, contrast

_DEPTH = 8.0  # of blocks, in pixels


class _Bar(NamedTuple):
    """From ``a`` to ``b`` along the categories and from ``low`` (its foot) to ``high`` along the values, pixels."""

    row: int
    category: int
    value: float
    a: float
    b: float
    low: float
    high: float
    number: int  # of its colour and hatch
    colour: Colour

    @property
    def middle(self) -> float:
        return (self.a + self.b) / 2


def draw_bars(d: Drawing, rows: list[int]) -> None:
    """Bars side by side or on top of each other, then their error bars and labels over them."""
    content, style = d.content, d.style
    if content.kind == "stacked_bar":
        _draw_stacks(d, rows)
        return
    if style.category_place == "above" and d.flip:
        style.bar_share = min(style.bar_share, 0.42)
    width = style.bar_share / (1 + (len(rows) - 1) * (1 - style.bar_overlap))
    labelled = _labels_fit(d, rows, width)
    bars = _place_bars(d, rows, width)
    for bar in bars:
        _bar(d, bar.a, bar.b, bar.low, bar.high, bar.number, bar.colour)
        d.marks.append(
            Mark(
                bar.row, bar.category, bar.value, d.point(bar.middle, bar.high), d.point(bar.middle, bar.low)
            )
        )
    for bar in bars:
        error = content.series[bar.row].error
        past = _DEPTH if style.bar_effect == "depth" else 0.0
        if error is not None:
            reach = float(error[bar.category])
            own = mixed(bar.colour, LIGHT if style.dark else (0, 0, 0), 0.4)
            d.error_bar(bar.middle, bar.value, reach, (bar.b - bar.a) * 0.3, own)
            past += abs(d.at(bar.value + reach) - bar.high)
        if labelled:
            _bar_label(d, bar, labelled, past)


def _place_bars(d: Drawing, rows: list[int], width: float) -> list[_Bar]:
    """Where the bars lie, ``width`` in categories."""
    content, style = d.content, d.style
    scale = d.scales[0]
    base = d.at(scale.low if scale.log else min(max(0.0, scale.low), scale.high))
    # A category's name above its bar moves the bar down.
    shift = (0.22 if style.first_on_top else -0.22) if d.flip and style.category_place == "above" else 0.0
    special = d.rng.randrange(len(content.categories))
    faint = (90, 96, 105) if style.dark else (178, 184, 190)
    found = []
    for i in range(len(content.categories)):
        for k, row in enumerate(rows):
            value = float(content.series[row].values[i])
            if math.isnan(value):
                continue
            middle = i + shift + (k - (len(rows) - 1) / 2) * width * (1 - style.bar_overlap)
            a, b = sorted((d.along(middle - width / 2), d.along(middle + width / 2)))
            low, high = base, d.at(value)
            if style.bar_snap:
                a, low, high = float(round(a)), float(round(low)), float(round(high))
                b = max(float(round(b)), a + 1)
            number = i if style.colouring == "each" else row
            colour = d.colour(number)
            if style.colouring == "highlight":
                colour = d.colour(0) if i == special else faint
            found.append(_Bar(row, i, value, a, b, low, high, number, colour))
    return found


def _bar(d: Drawing, a: float, b: float, low: float, high: float, number: int, colour: Colour) -> None:
    """One bar between ``a`` and ``b`` along the categories, from ``low`` to ``high`` along the values."""
    style, canvas = d.style, d.canvas
    x0, y0, x1, y1 = (low, a, high, b) if d.flip else (a, low, b, high)
    x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    if x1 - x0 < 0.05 or y1 - y0 < 0.05:
        return
    if style.bar_effect == "shadow":
        canvas.rect(x0 + 3, y0 + 3, x1 + 3, y1 + (0 if not d.flip else 3), (60, 60, 60), 0.18)
        canvas.rect(x0 + 2, y0 + 2, x1 + 2, y1 + (0 if not d.flip else 2), (60, 60, 60), 0.2)
    if style.bar_effect == "depth":
        _depth(d, x0, y0, x1, y1, colour)
    if style.bar_effect in ("gradient", "glossy"):
        _shaded(d, x0, y0, x1, y1, colour)
    elif style.bar_round >= 1:
        r = style.bar_round
        rising = high > low if d.flip else high < low
        radii = {
            (False, True): (r, r, 0.0, 0.0),
            (False, False): (0.0, 0.0, r, r),
            (True, True): (0.0, r, r, 0.0),
            (True, False): (r, 0.0, 0.0, r),
        }[(d.flip, rising)]
        cover = round_cover(x0, y0, x1, y1, radii) * np.float32(style.bar_alpha)
        canvas.blend(math.floor(x0), math.floor(y0), cover, colour)
    else:
        canvas.rect(x0, y0, x1, y1, colour, style.bar_alpha)
    if style.bar_effect == "bevel" and min(x1 - x0, y1 - y0) > 6:
        canvas.rect(x0, y0, x1, y0 + 2, LIGHT, 0.45)
        canvas.rect(x0, y0, x0 + 2, y1, LIGHT, 0.35)
        canvas.rect(x0, y1 - 2, x1, y1, (0, 0, 0), 0.25)
        canvas.rect(x1 - 2, y0, x1, y1, (0, 0, 0), 0.3)
    d.hatch(x0, y0, x1, y1, number, colour)
    d.outline(x0, y0, x1, y1, colour)


def _shaded(d: Drawing, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    """Filled with a ramp: across like a cylinder, or fading along."""
    cover = round_cover(x0, y0, x1, y1, (0, 0, 0, 0))
    h, w = cover.shape
    across = d.style.bar_effect == "glossy"
    count = (h if d.flip else w) if across else (w if d.flip else h)
    t = np.linspace(0, 1, count, dtype=np.float32)
    light = 0.75 + 0.5 * np.sin(t * np.float32(math.pi)) if across else 1.2 - 0.45 * t
    ramp = np.clip(np.array(colour, np.float32) * light[:, None], 0, 255)
    vertical = across == d.flip
    paint = np.broadcast_to(ramp[:, None, :] if vertical else ramp[None, :, :], (h, w, 3))
    d.canvas.blend(math.floor(x0), math.floor(y0), cover, paint)


def _depth(d: Drawing, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    """Side and top of a block whose front is the bar."""
    deep = min(_DEPTH, (x1 - x0) * 0.25, (y1 - y0) * 0.5 + 2)
    side, top = mixed(colour, (0, 0, 0), 0.35), mixed(colour, LIGHT, 0.3)
    d.canvas.polygon(np.array([(x1, y0), (x1 + deep, y0 - deep), (x1 + deep, y1 - deep), (x1, y1)]), side)
    d.canvas.polygon(np.array([(x0, y0), (x0 + deep, y0 - deep), (x1 + deep, y0 - deep), (x1, y0)]), top)


def _labels_fit(d: Drawing, rows: list[int], width: float) -> str | None:
    """Where value labels go ("outside", "turned", ...); None when there is no room for them."""
    style, content = d.style, d.content
    if style.labels is None:
        return None
    texts = [
        content.format.text(float(v)) for r in rows for v in content.series[r].values if not math.isnan(v)
    ]
    pitch = abs(d.along(1) - d.along(0)) if len(content.categories) > 1 else 1e9
    room = pitch * min(width * (1 - style.bar_overlap) * 1.02, 1.0) if len(rows) > 1 else pitch
    upright = style.label_turned and not d.flip

    def across() -> float:
        widest = max((d.measure(t, style.label_size, style.label_bold) for t in texts), default=0.0)
        return style.label_size * 1.05 if upright or d.flip else widest

    while style.label_fit and across() > room * 1.08 and style.label_size > 6:
        style.label_size -= 1
    size, widest = style.label_size, across()
    if upright:
        return "turned" if widest <= room * 1.08 or not style.value_axis else None
    if style.label_fit and widest <= room * 1.08:
        return style.labels
    if d.flip:
        return style.labels if size * 1.05 <= room else ("outside" if not style.value_axis else None)
    if widest <= room * 1.02:
        return style.labels
    if not style.value_axis or d.rng.random() < 0.4:
        return "turned" if size * 1.05 <= room or not style.value_axis else None
    return None


def _bar_label(d: Drawing, bar: _Bar, place: str, past: float) -> None:
    """The printed value of one bar: ``past`` pixels beyond its end, inside it or at its foot."""
    style, content = d.style, d.content
    size, gap = style.label_size, 4.0
    bold = style.label_bold or bar.row == style.label_strong
    if bar.row == style.label_strong:
        size = round(size * 1.15)
    text = content.format.text(bar.value)
    long = d.measure(text, size, bold)
    turned = place == "turned"
    extent = (long if d.flip or turned else float(d.cap(size))) + 2 * gap
    # The way from the foot to the end; an empty bar's is upwards or to the right.
    way = math.copysign(1.0, bar.high - bar.low) if bar.high != bar.low else (1.0 if d.flip else -1.0)
    inside = (
        place in ("inside", "centre", "base")
        and abs(bar.high - bar.low) >= extent
        and (d.flip or bar.b - bar.a >= long)
    )
    colour, patch = style.ink, None
    if inside:
        at = {
            "inside": bar.high - way * (extent / 2),
            "centre": (bar.low + bar.high) / 2,
            "base": bar.low + way * (extent / 2),
        }[place]
        colour, patch = d.text_on(bar.colour, bar.number)
    else:
        at = bar.high + way * (past + extent / 2)
        if style.label_colour == "series" and contrast(bar.colour, style.background) > 100:
            colour = bar.colour
    x, y = d.point(bar.middle, at)
    looks: dict[str, Any] = {"size": size, "bold": bold, "colour": colour, "patch": patch}
    truth: dict[str, Any] = {
        "value": content.format.shown(bar.value),
        "series": bar.row,
        "index": bar.category,
    }
    point = d.point(bar.middle, bar.high)
    d.put(text, x, y, "value", anchor="mm", angle=90 if turned else 0, point=point, **looks, **truth)


def _draw_stacks(d: Drawing, rows: list[int]) -> None:
    """Segments upwards from zero, negative ones downwards; numbers in those that have room, sometimes totals."""
    content, style = d.content, d.style
    # Round ends in the middle of a stack would leave gaps between the segments.
    style.bar_round = 0.0
    width = max(style.bar_share, 0.45)
    labelled = style.labels is not None
    totals = labelled and d.rng.random() < 0.25
    for i in range(len(content.categories)):
        ends = [0.0, 0.0]  # of the positive and of the negative segments so far
        a, b = sorted((d.along(i - width / 2), d.along(i + width / 2)))
        if style.bar_snap:
            a, b = float(round(a)), float(round(b))
        for row in rows:
            value = float(content.series[row].values[i])
            if math.isnan(value):
                continue
            side = int(value < 0)
            low, high = d.at(ends[side]), d.at(ends[side] + value)
            if style.bar_snap:
                low, high = float(round(low)), float(round(high))
            ends[side] += value
            bar = _Bar(row, i, value, a, b, low, high, row, d.colour(row))
            _bar(d, a, b, low, high, row, bar.colour)
            tip = d.point(bar.middle, high)
            d.marks.append(Mark(row, i, value, tip, d.point(bar.middle, low), visible=abs(high - low) > 0.2))
            if labelled:
                _segment_label(d, bar)
        if totals and ends[0] > 0:
            _total_label(d, i, ends[0])


def _segment_label(d: Drawing, bar: _Bar) -> None:
    """In the middle of a segment, where it fits."""
    style, form = d.style, d.content.format
    size = style.label_size
    text = form.text(bar.value)
    long, high = d.measure(text, size, style.label_bold), d.cap(size) + 4.0
    wide, tall = (
        (abs(bar.high - bar.low), bar.b - bar.a) if d.flip else (bar.b - bar.a, abs(bar.high - bar.low))
    )
    if wide < long + 2 or tall < high:
        return
    x, y = d.point(bar.middle, (bar.low + bar.high) / 2)
    colour, patch = d.text_on(bar.colour, bar.number)
    looks: dict[str, Any] = {"size": size, "bold": style.label_bold, "colour": colour, "patch": patch}
    truth: dict[str, Any] = {"value": form.shown(bar.value), "series": bar.row, "index": bar.category}
    d.put(text, x, y, "value", anchor="mm", point=d.point(bar.middle, bar.high), **looks, **truth)


def _total_label(d: Drawing, category: int, total: float) -> None:
    """Past the end of a stack; a value that belongs to no series."""
    middle, end = d.along(category), d.at(total)
    x, y = d.point(middle, end + (5 if d.flip else -5))
    form = d.content.format
    truth: dict[str, Any] = {"value": form.shown(total), "index": category, "point": d.point(middle, end)}
    anchor = "lm" if d.flip else "mb"
    d.put(form.text(total), x, y, "value", size=d.style.label_size, bold=True, anchor=anchor, **truth)
