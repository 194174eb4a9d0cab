"""Bars: single, side by side, stacked, with their effects, error bars and labels."""

from __future__ import annotations

import math

import numpy as np

from ..sample import Mark
from .canvas import Colour, mixed, round_cover
from .drawing import LIGHT, Drawing, contrast

_DEPTH = 8.0  # of blocks, in pixels


def draw_bars(d: Drawing, rows: list[int]) -> None:
    """Bars side by side or on top of each other, their labels and error bars."""
    content, style = d.content, d.style
    if content.stacked and content.kind == "stacked_bar":
        _draw_stacks(d, rows)
        return
    if style.category_place == "above" and d.flip:
        style.bar_share = min(style.bar_share, 0.42)
    scale = d.scales[0]
    base_value = scale.low if scale.log else min(max(0.0, scale.low), scale.high)
    base = d.at(base_value)
    count = len(rows)
    width = style.bar_share / (1 + (count - 1) * (1 - style.bar_overlap))
    shift = 0.22 if d.flip and style.category_place == "above" else 0.0
    labelled = _labels_fit(d, rows, width)
    special = d.rng.randrange(max(1, len(content.categories)))
    for i in range(len(content.categories)):
        for k, row in enumerate(rows):
            series = content.series[row]
            value = float(series.values[i])
            if math.isnan(value):
                continue
            middle = i + shift + (k - (count - 1) / 2) * width * (1 - style.bar_overlap)
            a, b = sorted((d.along(middle - width / 2), d.along(middle + width / 2)))
            end = d.at(value)
            a, b, low, high = _snapped(d, a, b, base, end)
            number = row
            if style.colouring == "each":
                number = i
            colour = d.colour(number)
            if style.colouring == "highlight":
                colour = d.colour(0) if i == special else (90, 96, 105) if style.dark else (178, 184, 190)
            _bar(d, a, b, low, high, number, colour)
            tip = d.point((a + b) / 2, high)
            d.marks.append(Mark(row, i, value, tip, d.point((a + b) / 2, low)))
            if series.error is not None:
                d.error_bar((a + b) / 2, value, float(series.error[i]), (b - a) * 0.3)
            if labelled:
                past = 0.0 if series.error is None else abs(d.at(value + float(series.error[i])) - high)
                _bar_label(d, a, b, low, high, past, value, row, i, colour, labelled)


def _snapped(d: Drawing, a: float, b: float, base: float, end: float) -> tuple[float, float, float, float]:
    if not d.style.bar_snap:
        return a, b, base, end
    a, b = float(round(a)), float(round(b))
    return a, max(b, a + 1), float(round(base)), float(round(end))


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
    if style.bar_edge is not None:
        canvas.frame(x0, y0, x1, y1, style.bar_edge)


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
    size = style.label_size
    texts = [
        content.format.text(float(v)) for r in rows for v in content.series[r].values if not math.isnan(v)
    ]
    widest = max((d.measure(t, size, style.label_bold) for t in texts), default=0.0)
    pitch = abs(d.along(1) - d.along(0)) if len(content.categories) > 1 else 1e9
    room = pitch * min(width * (1 - style.bar_overlap) * 1.02, 1.0) if len(rows) > 1 else pitch
    if d.flip:
        return style.labels if size * 1.05 <= room else ("outside" if not style.value_axis else None)
    if widest <= room * 1.02:
        return style.labels
    if not style.value_axis or d.rng.random() < 0.4:
        return "turned" if size * 1.05 <= room or not style.value_axis else None
    return None


def _bar_label(
    d: Drawing,
    a: float,
    b: float,
    low: float,
    high: float,
    past: float,
    value: float,
    row: int,
    i: int,
    colour: Colour,
    place: str,
) -> None:
    """The printed value of one bar: past its end, inside it or at its foot."""
    style, content = d.style, d.content
    size, gap = style.label_size, 4.0
    text = content.format.text(value)
    long = d.measure(text, size, style.label_bold)
    turned = place == "turned"
    extent = (long if d.flip or turned else float(d.cap(size))) + 2 * gap
    rising = 1.0 if high > low or (high == low and d.flip) else -1.0
    if not d.flip and high == low:
        rising = -1.0
    inside = place in ("inside", "centre", "base") and abs(high - low) >= extent and (d.flip or b - a >= long)
    middle = (a + b) / 2
    ink_colour, patch = style.ink, None
    if inside:
        at = {
            "inside": high - rising * (extent / 2),
            "centre": (low + high) / 2,
            "base": low + rising * (extent / 2),
        }[place]
        ink_colour, patch = d.text_on(colour, row)
    else:
        at = high + rising * (past + extent / 2)
        if style.label_colour == "series" and contrast(colour, style.background) > 100:
            ink_colour = colour
    x, y = d.point(middle, at)
    point = d.point(middle, high)
    d.put(
        text,
        x,
        y,
        "value",
        size=size,
        bold=style.label_bold,
        anchor="mm",
        colour=ink_colour,
        angle=90 if turned else 0,
        value=content.format.shown(value),
        series=row,
        index=i,
        point=point,
        patch=patch,
    )


def _draw_stacks(d: Drawing, rows: list[int]) -> None:
    content, style = d.content, d.style
    size = style.label_size
    # Round ends in the middle of a stack would leave gaps between the segments.
    style.bar_round = 0.0
    width = max(style.bar_share, 0.45)
    labelled = style.labels is not None
    totals = labelled and d.rng.random() < 0.25 and content.kind == "stacked_bar"
    for i in range(len(content.categories)):
        ends = [0.0, 0.0]
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
            colour = d.colour(row)
            _bar(d, a, b, low, high, row, colour)
            middle = (a + b) / 2
            tip = d.point(middle, high)
            d.marks.append(Mark(row, i, value, tip, d.point(middle, low), visible=abs(high - low) > 0.2))
            if not labelled:
                continue
            text = content.format.text(value)
            long = d.measure(text, size, style.label_bold)
            along, across = (d.cap(size) + 3.0, long + 4.0) if d.flip else (long, d.cap(size) + 4.0)
            if b - a >= along and abs(high - low) >= across:
                x, y = d.point(middle, (low + high) / 2)
                shade, patch = d.text_on(colour, row)
                d.put(
                    text,
                    x,
                    y,
                    "value",
                    size=size,
                    bold=style.label_bold,
                    anchor="mm",
                    colour=shade,
                    patch=patch,
                    value=content.format.shown(value),
                    series=row,
                    index=i,
                    point=tip,
                )
        if totals and ends[0] > 0:
            text = content.format.text(ends[0])
            end = d.at(ends[0])
            x, y = d.point((a + b) / 2, end + (5 if d.flip else -5))
            d.put(
                text,
                x,
                y,
                "value",
                size=size,
                bold=True,
                anchor="lm" if d.flip else "mb",
                value=content.format.shown(ends[0]),
                index=i,
                point=d.point((a + b) / 2, end),
            )
