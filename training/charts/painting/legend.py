"""Legends: beside, above or below the plot, inside it, or names at the ends of lines."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..sample import Series
from .canvas import Colour
from .drawing import Drawing, Entry, contrast, overlap


def _entries(d: Drawing) -> list[Entry]:
    """Names to tell apart; none when there is nothing to tell."""
    content = d.content
    if d.pie:
        if d.style.pie_labels != "legend" and d.rng.random() < 0.8:
            return []
        return [Entry(name, None, i) for i, name in enumerate(content.categories)]
    if len(content.series) == 1 and d.rng.random() < 0.35:
        return []
    named = [Entry(s.name, i, None) for i, s in enumerate(content.series) if s.name is not None]
    # Lists beside stacks often run as the stacks do, from top to bottom.
    if content.stacked and d.style.legend in ("right", "left") and d.rng.random() < 0.5:
        named.reverse()
    return named


def lay_out_legend(d: Drawing) -> None:
    """Chooses the place and takes the space there; what lies inside the plot or at lines' ends comes later."""
    style = d.style
    d.entries = _entries(d)
    if not d.entries:
        style.legend = "none"
        return
    d.legend_size = size = max(7, round(style.size * d.rng.choice((0.9, 1.0, 1.0, 1.1))))
    d.key_wide = size * (2.2 if d.content.kind == "line" else d.rng.choice((0.75, 1.0, 1.0, 2.0)))
    widths = [d.key_wide + size * 0.5 + d.measure(e.text, size) for e in d.entries]
    _choose_place(d, widths)
    if style.legend in ("top", "bottom"):
        _place_in_rows(d, widths)
    elif style.legend in ("right", "left"):
        _place_in_column(d, widths)


def _choose_place(d: Drawing, widths: list[float]) -> None:
    """Another place than the style's where that one does not suit the chart or has no room."""
    style, size = d.style, d.legend_size
    widest = max(widths)
    if d.pie and style.legend in ("inside", "direct"):
        style.legend = "right"
    if style.legend == "direct" and (d.content.kind not in ("line", "area") or len(widths) < 2):
        style.legend = d.rng.choice(("top", "right", "bottom"))
    if style.legend == "direct" and not style.values_above_grid:
        style.axis_side = "left"  # the names stand on the right
    if style.legend == "inside" and (
        d.content.kind in ("stacked_bar", "area")
        or widest > 0.3 * style.width
        or len(widths) * size * 1.5 > 0.3 * style.height
    ):
        style.legend = "top"
    if style.legend == "inside" and d.flip:
        style.legend = "right"
    tall = len(widths) * size * 1.1 > d.bottom - d.top
    if style.legend in ("right", "left") and (widest > 0.34 * style.width or tall):
        style.legend = "bottom"


def _place_in_rows(d: Drawing, widths: list[float]) -> None:
    style, size = d.style, d.legend_size
    gap = size * 1.3
    room = d.right - d.left
    rows: list[list[int]] = [[]]
    used = 0.0
    for i, w in enumerate(widths):
        if rows[-1] and used + w > room:
            rows.append([])
            used = 0.0
        rows[-1].append(i)
        used += w + gap
    height = len(rows) * size * 1.5
    first = d.top if style.legend == "top" else d.bottom - height
    for number, row in enumerate(rows):
        total = sum(widths[i] for i in row) + gap * (len(row) - 1)
        x = d.left + (room - total) * {"left": 0.0, "centre": 0.5, "right": 1.0}[style.legend_align]
        for i in row:
            d.placed.append((d.entries[i], x, first + (number + 0.5) * size * 1.5, widths[i]))
            x += widths[i] + gap
    if style.legend == "top":
        d.top += height + size * 0.4
    else:
        d.bottom -= height + size * 0.4


def _place_in_column(d: Drawing, widths: list[float]) -> None:
    style, size = d.style, d.legend_size
    lead = min(size * d.rng.uniform(1.4, 2.0), (d.bottom - d.top) / len(widths))
    height = lead * len(widths)
    wide = max(widths)
    y = d.rng.choice((d.top, d.top + (d.bottom - d.top - height) / 2))
    x = d.right - wide if style.legend == "right" else d.left
    for number, entry in enumerate(d.entries):
        d.placed.append((entry, x, y + (number + 0.5) * lead, widths[number]))
    if style.legend == "right":
        d.right -= wide + size
    else:
        d.left += wide + size


def draw_legend(d: Drawing) -> None:
    """The entries that have been placed around the plot."""
    if not d.placed:
        return
    size = d.legend_size
    if d.style.legend_frame:
        x0 = min(x for _, x, _, _ in d.placed) - size * 0.5
        x1 = max(x + wide for _, x, _, wide in d.placed) + size * 0.5
        y0, y1 = min(y for _, _, y, _ in d.placed) - size, max(y for _, _, y, _ in d.placed) + size
        d.canvas.frame(x0, y0, x1, y1, d.style.axis_colour)
    for entry, x, y, _ in d.placed:
        _draw_entry(d, entry, x, y)


def _draw_entry(d: Drawing, entry: Entry, x: float, y: float) -> None:
    size, wide = d.legend_size, d.key_wide
    _key(d, x, y, wide, entry.series, entry.slice)
    d.put(
        entry.text,
        x + wide + size * 0.5,
        y,
        "legend",
        size=size,
        anchor="lm",
        series=entry.series,
        index=entry.slice,
        point=(x + wide / 2, y),
    )


def _key(d: Drawing, x: float, y: float, wide: float, series: int | None, index: int | None) -> None:
    """A legend entry's colour key: a patch, or a piece of the line with its marker."""
    style, size = d.style, d.legend_size
    number = series if series is not None else index or 0
    colour = d.colour(number)
    one = d.content.series[series] if series is not None else None
    if d.content.kind == "line" or (one is not None and one.as_line):
        number = d.line_number(number)
        line = np.array([[x, y], [x + wide, y]])
        d.canvas.polyline(line, colour, style.line_width, style.dashes[number % len(style.dashes)])
        d.marker(x + wide / 2, y, number, colour)
    elif d.content.kind == "scatter":
        d.marker(x + wide / 2, y, number, colour)
    elif d.pie or style.bar_round < 10:
        high = min(wide, size * 0.8)
        _patch(d, x, y - high / 2, x + wide, y + high / 2, number, colour)
    else:
        d.canvas.marker(x + wide / 2, y, "circle", size * 0.8, colour)


def _patch(d: Drawing, x0: float, y0: float, x1: float, y1: float, number: int, colour: Colour) -> None:
    style = d.style
    x0, y0, x1, y1 = round(x0), round(y0), round(x1), round(y1)
    d.canvas.rect(x0, y0, x1, y1, colour, style.bar_alpha)
    d.hatch(x0, y0, x1, y1, number, colour)
    if not d.pie:
        d.outline(x0, y0, x1, y1, colour)


def legend_room(d: Drawing) -> float:
    """Headroom for a legend inside the plot, over bars that would hide behind it."""
    bars = d.content.kind in ("vertical_bar", "grouped_bar", "combined")
    if d.style.legend != "inside" or not bars:
        return 0.0
    return min(0.5, len(d.entries) * d.legend_size * 2.2 / (d.bottom - d.top))


def draw_end_label(d: Drawing, series: Series, row: int, x: float, y: float) -> None:
    """A series' name beside the end of its line, moved off the others' names."""
    size = d.style.size
    lows = [s.box for s in d.spans if s.role == "legend"]
    wanted = y
    for step in range(40):
        offset = ((step + 1) // 2) * size * 0.5 * (1 if step % 2 else -1)
        y = wanted + offset
        if all(abs(y - (b[1] + b[3]) / 2) > size * 1.15 for b in lows):
            break
    colour = d.colour(row)
    if contrast(colour, d.style.background) < 80:
        colour = d.style.ink
    d.put(
        series.name or "",
        d.plot[2] + size * 0.5 if x > d.plot[2] - 60 else x + size * 0.5,
        y,
        "legend",
        size=size,
        anchor="lm",
        colour=colour,
        series=row,
        point=(x, wanted),
        bold=d.style.preset == "news",
    )


def draw_legend_inside(d: Drawing) -> None:
    """In the corner with the fewest marks, if one is nearly free; else it goes to the best all the same."""
    style, size = d.style, d.legend_size
    x0, y0, x1, y1 = d.plot
    widths = [d.key_wide + size * 0.5 + d.measure(t, size) for t, _, _ in d.entries]
    wide, high = max(widths) + size, len(widths) * size * 1.5 + size * 0.6
    inset = size * 0.6
    corners = [(x, y) for x in (x0 + inset, x1 - inset - wide) for y in (y0 + inset, y1 - inset - high)]

    def covered(corner: tuple[float, float]) -> int:
        box = (corner[0], corner[1], corner[0] + wide, corner[1] + high)
        if d.content.kind in ("line", "scatter"):
            return sum(box[0] <= m.pixel[0] <= box[2] and box[1] <= m.pixel[1] <= box[3] for m in d.marks)
        return sum(
            m.base is not None
            and overlap(
                box,
                (
                    min(m.pixel[0], m.base[0]) - 2,
                    min(m.pixel[1], m.base[1]) - 2,
                    max(m.pixel[0], m.base[0]) + 2,
                    max(m.pixel[1], m.base[1]) + 2,
                ),
            )
            for m in d.marks
        )

    x, y = min(corners, key=covered)
    box = (x, y, x + wide, y + high)
    if style.legend_frame or covered((x, y)) or d.rng.random() < 0.5:
        d.canvas.rect(*box, style.plot_colour or style.background, 0.85 if not covered((x, y)) else 1.0)
    if style.legend_frame:
        d.canvas.frame(*box, (204, 204, 204) if d.rng.random() < 0.5 else style.axis_colour)
    for number, entry in enumerate(d.entries):
        _draw_entry(d, entry, x + size * 0.5, y + size * 0.3 + (number + 0.5) * size * 1.5)
    inside = [
        dataclasses.replace(m, visible=False)
        if box[0] <= m.pixel[0] <= box[2] and box[1] <= m.pixel[1] <= box[3]
        else m
        for m in d.marks
    ]
    d.marks = inside
    hidden = [s for s in d.spans if s.role in ("value",) and overlap(s.box, box)]
    d.spans = [s for s in d.spans if s not in hidden]
