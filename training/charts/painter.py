"""Our own painter: draws charts of all kinds on a numpy canvas, hundreds a second, and knows where everything is."""

from __future__ import annotations

import dataclasses
import random

from .painting.axes import (
    choose_printed,
    draw_axes,
    draw_category_labels,
    draw_grid,
    make_scales,
    take_axis_titles,
    take_category_room,
    take_tick_room,
)
from .painting.bars import draw_bars
from .painting.drawing import Drawing, contrast
from .painting.fonts import FontBook, font_book
from .painting.legend import draw_legend, draw_legend_inside, lay_out_legend
from .painting.lines import draw_areas, draw_lines, draw_scatter
from .painting.pies import draw_pie
from .painting.styles import Style, sample_style
from .sample import Content, Sample


def _painted(d: Drawing) -> Sample:
    style, content = d.style, d.content
    _edges(d)
    _headings(d)
    lay_out_legend(d)
    if d.pie:
        draw_pie(d)
    else:
        _cartesian(d)
    draw_legend(d)
    if style.border is not None:
        d.canvas.frame(0, 0, style.width, style.height, style.border)
    drawn = {(s.role, s.axis) for s in d.spans}
    shown = dataclasses.replace(
        content,
        # A reader knows of a name that was cut only what is left of it.
        categories=tuple(
            w[0] if w and w[0].endswith("…") else name for name, w in zip(content.categories, d.wrapped)
        )
        or content.categories,
        title=content.title if ("title", 0) in drawn else None,
        subtitle=content.subtitle if d.has_subtitle else None,
        x_title=content.x_title if ("x_title", 0) in drawn else None,
        y_title=content.y_title if ("y_title", 0) in drawn else None,
        second_title=content.second_title if ("y_title", 1) in drawn else None,
        source=content.source if ("source", 0) in drawn else None,
    )
    looks = {
        "preset": style.preset,
        "legend": style.legend,
        "labels": style.labels,
        "family": style.family.name,
        "grid": style.grid,
        "effect": style.bar_effect,
        "dark": style.dark,
    }
    spans, marks = tuple(d.spans), tuple(d.marks)
    return Sample(d.canvas.pixels, shown, spans, marks, d.plot, "painter", looks)


def _edges(d: Drawing) -> None:
    """What lies round the chart: a newspaper's red tag, a maker's sign."""
    style, rng, canvas = d.style, d.rng, d.canvas
    accent = style.colours[0] if rng.random() < 0.5 else (227, 18, 11)
    if style.tag:
        if rng.random() < 0.5:
            canvas.rect(d.left, 0, d.left + style.size * 2.5, style.size * 0.6, accent)
        canvas.rect(d.left, 0, d.right, 2, accent)
        d.top += style.size * 0.6
    if style.logo:
        side = style.size * rng.uniform(1.2, 2.2)
        x = d.right - side if rng.random() < 0.7 else d.left
        y = d.bottom - side if rng.random() < 0.6 else d.top
        canvas.rect(x, y, x + side, y + side, accent)
        canvas.marker(x + side / 2, y + side / 2, "circle", side * 0.6, style.background)
        if y > d.top:
            d.bottom -= side + 3
        else:
            d.top += side + 3


def _headings(d: Drawing) -> None:
    """Title and subtitle at the top (or bottom), source at the bottom."""
    style, content, rng = d.style, d.content, d.rng
    room = d.right - d.left
    if content.source and style.source:
        size = max(7, round(style.size * rng.uniform(0.75, 0.95)))
        lines = d.wrap(content.source, room, size, lines=2)
        if lines:
            height = len(lines) * size * 1.25
            align = rng.choice("lllr")
            x = d.left if align == "l" else d.right
            y = d.bottom - height + d.cap(size)
            d.put_lines(
                lines,
                x,
                y,
                "source",
                size=size,
                anchor=f"{align}b",
                colour=style.faint,
                italic=rng.random() < 0.2,
            )
            d.bottom -= height + size * 0.5
    align = {"left": "l", "centre": "m", "right": "r"}[style.title_align]
    x = {"l": d.left, "m": (d.left + d.right) / 2, "r": d.right}[align]
    if content.title:
        size = style.title_size
        lines = []
        while not lines and size >= 8:
            lines = d.wrap(content.title, room, size, style.title_bold, lines=2)
            if not lines:
                size -= 1
        if lines:
            colour = style.ink if rng.random() < 0.85 else style.colours[0]
            if contrast(colour, style.background) < 90:
                colour = style.ink
            height = len(lines) * size * 1.25
            y = d.top + d.cap(size)
            if style.title_place == "bottom":
                y = d.bottom - height + d.cap(size)
                d.bottom -= height + size * 0.3
            d.put_lines(
                lines, x, y, "title", size=size, anchor=f"{align}b", bold=style.title_bold, colour=colour
            )
            if style.title_place != "bottom":
                d.top += height + size * rng.uniform(0.1, 0.4)
    if content.subtitle and style.subtitle:
        size = max(8, round(style.size * rng.uniform(0.95, 1.15)))
        lines = d.wrap(content.subtitle, room, size, lines=2)
        if lines:
            d.has_subtitle = True
            y = d.top + d.cap(size)
            d.put_lines(lines, x, y, "other", size=size, anchor=f"{align}b", colour=style.faint)
            d.top += len(lines) * size * 1.25 + size * 0.2
    d.top += style.size * rng.uniform(0.2, 0.8)


def _cartesian(d: Drawing) -> None:
    style, content, rng = d.style, d.content, d.rng
    make_scales(d)
    take_axis_titles(d)
    take_tick_room(d)
    take_category_room(d)
    d.plot = (round(d.left), round(d.top), round(d.right), round(d.bottom))
    x0, y0, x1, y1 = d.plot
    if style.plot_colour is not None:
        d.canvas.rect(x0, y0, x1, y1, style.plot_colour)
    choose_printed(d)
    draw_grid(d)
    bars = content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar", "stacked_bar", "combined")
    if bars:
        draw_bars(d, [i for i, s in enumerate(content.series) if not s.as_line])
    if content.kind == "area":
        draw_areas(d)
    draw_axes(d)
    if content.kind == "scatter":
        draw_scatter(d)
    lines = [i for i, s in enumerate(content.series) if s.as_line or content.kind == "line"]
    draw_lines(d, lines)
    draw_category_labels(d)
    if style.note and rng.random() < 0.7:
        _note(d)
    if style.legend == "inside":
        draw_legend_inside(d)


def _note(d: Drawing) -> None:
    """A remark in the plot, with a line across in some: neither is data."""
    x0, y0, x1, y1 = d.plot
    rng, style = d.rng, d.style
    text = rng.choice(
        (
            "Forecast",
            "Record high",
            "Break in series",
            "Crisis",
            "Target",
            "Average",
            "Policy change",
            "p < 0.05",
            "n.s.",
            "Launch",
        )
    )
    if rng.random() < 0.5:
        at = rng.uniform(y0 + 0.15 * (y1 - y0), y1 - 0.3 * (y1 - y0))
        d.canvas.rule(x0, at, x1, at, style.faint, 1.0, (5.0, 3.0))
        d.put(text, x1 - 4, at - 4, "other", size=style.size, anchor="rb", colour=style.faint)
    else:
        d.put(
            text,
            rng.uniform(x0, x0 + 0.6 * (x1 - x0)),
            y0 + style.size,
            "other",
            size=style.size,
            anchor="lm",
            colour=style.faint,
            italic=True,
        )


def draw(content: Content, rng: random.Random, folders: tuple[str, ...] | None = None) -> Sample:
    """Paints ``content`` in a random style; ``folders`` hold the fonts (default: the system's)."""
    book = font_book(folders)
    return paint(content, rng, sample_style(content, rng, book), book)


def paint(content: Content, rng: random.Random, style: Style, book: FontBook) -> Sample:
    """Paints ``content`` in a given style (which is changed where the chart does not fit it)."""
    return _painted(Drawing(content, rng, style, book))
