"""A chart while it is painted: what is left of the space, where values lie, what has been drawn so far."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from docvlm.boxes import Box, Point

from ..sample import Content, Mark, Role, Span
from ..ticks import Scale
from .canvas import Canvas, Colour, hatch_cover, mixed
from .fonts import Face, FontBook, Ink, glyph, ink, text_width
from .styles import Style

LIGHT = (255, 255, 255)


class Entry(NamedTuple):
    """A line of a legend and what it stands for: a series, or a slice of a pie."""

    text: str
    series: int | None
    slice: int | None


class AxisTitle(NamedTuple):
    """``edge``: where its strip beside the plot begins, in pixels along x (along y below the plot)."""

    text: str
    role: Role
    side: str
    axis: int
    edge: float


class Drawing:
    """One chart on its way. Layout takes strips off ``left``, ``top``, ``right``, ``bottom`` until the plot is left."""

    def __init__(self, content: Content, rng: random.Random, style: Style, book: FontBook) -> None:
        self.content, self.rng, self.style, self.book = content, rng, style, book
        self.canvas = Canvas(style.width, style.height, style.background)
        self.spans: list[Span] = []
        self.marks: list[Mark] = []
        pad = max(4.0, style.size * rng.uniform(0.4, 1.3))
        self.left, self.top = pad, pad
        self.right, self.bottom = style.width - pad, style.height - pad
        self.taken: list[Box] = []  # where value labels lie
        self.flip = content.horizontal
        self.pie = content.is_pie
        self._widths: dict[tuple[str, int, bool], float] = {}
        self.plot: Box = (0.0, 0.0, 0.0, 0.0)
        self.scales: list[Scale] = []  # of the values; the second one is the other side's
        self.x_scale: Scale | None = None  # a scatter's
        self.has_subtitle = False
        # Axis titles wait until the plot is known.
        self.axis_titles: list[AxisTitle] = []
        self.axis_title_size, self.axis_title_bold = style.size, False
        self.tick_gap = 0.0  # between the plot and the text beside it
        # Categories: every how many are printed, turned by how many degrees, in which lines.
        self.every, self.turn = 1, 0
        self.printed: list[int] = []
        self.wrapped: list[list[str]] = []
        self.entries: list[Entry] = []
        self.placed: list[tuple[Entry, float, float, float]] = []  # entry, its left, its middle, its width
        self.legend_size = style.size
        self.key_wide = float(style.size)

    def face(self, text: str, bold: bool = False, italic: bool = False) -> Face:
        family = self.style.family
        if self.style.chinese is not None and not text.isascii() and is_chinese(text):
            family = self.style.chinese
        return self.book.face_for(text, family, bold, italic)

    def measure(self, text: str, size: int, bold: bool = False) -> float:
        """Width in pixels."""
        key = (text, size, bold)
        found = self._widths.get(key)
        if found is None:
            found = self._widths[key] = text_width(self.face(text, bold), size, text)
        return found

    def cap(self, size: int, bold: bool = False) -> int:
        """Height of the digits."""
        family = self.style.family
        return -glyph(family.bold if bold else family.regular, size, "0").top

    def put(
        self,
        text: str,
        x: float,
        y: float,
        role: Role,
        *,
        size: int,
        anchor: str = "lm",
        bold: bool = False,
        italic: bool = False,
        colour: Colour | None = None,
        angle: int = 0,
        patch: Colour | None = None,
        **meta: Any,
    ) -> Box | None:
        """Draws one line and records its span; None when it does not fit into the image.

        ``anchor``: l, m, r along x and t (top of the capitals), m (their middle), b (baseline) along y; for turned
        text of the turned ink, where m is its middle and for slanted text r the end of the line. ``patch``: a box of
        this colour behind the text.
        """
        if not text.strip():
            return None
        drawn = ink(self.face(text, bold, italic), size, text)
        if angle:
            drawn = turned(drawn, angle)
            x -= {"l": 0.0, "m": drawn.width / 2, "r": float(drawn.width)}[anchor[0]]
            y -= {"t": 0.0, "m": drawn.height / 2, "b": float(drawn.height)}[anchor[1]]
        else:
            cap = self.cap(size, bold)
            x -= {"l": 0.0, "m": drawn.width / 2, "r": float(drawn.width)}[anchor[0]]
            y += {"t": float(cap), "m": cap / 2, "b": 0.0}[anchor[1]] + drawn.top
        # Text that would stick out moves in a little, as chart software clamps it; more than that is left off.
        slack = size * (1.5 if role != "category" else 0.7)
        moved_x = min(max(x, 1.0), self.style.width - 1.0 - drawn.width)
        moved_y = min(max(y, 1.0), self.style.height - 1.0 - drawn.height)
        if drawn.width > self.style.width - 2 or drawn.height > self.style.height - 2:
            return None
        if abs(moved_x - x) > slack or abs(moved_y - y) > slack:
            return None
        if patch is not None:
            x0, y0 = round(moved_x), round(moved_y)
            self.canvas.rect(x0 - 2, y0 - 2, x0 + drawn.width + 2, y0 + drawn.height + 2, patch)
        box = self.canvas.text(drawn, moved_x, moved_y, colour or self.style.ink)
        left, top, right, bottom = (float(v) for v in box)
        self.spans.append(Span(text, (left, top, right, bottom), role, float(angle), **meta))
        return left, top, right, bottom

    def put_lines(
        self,
        lines: Sequence[str],
        x: float,
        y: float,
        role: Role,
        *,
        size: int,
        lead: float = 1.25,
        **more: Any,
    ) -> None:
        """Lines below each other, the first one's place at (x, y)."""
        for number, line in enumerate(lines):
            self.put(line, x, y + number * size * lead, role, size=size, line=number, **more)

    def wrap(self, text: str, room: float, size: int, bold: bool = False, lines: int = 3) -> list[str]:
        """Broken at spaces (Chinese anywhere) into lines no wider than ``room``; at most ``lines`` or nothing."""
        if self.measure(text, size, bold) <= room:
            return [text]
        pieces = text.split(" ")
        joint = " "
        if len(pieces) < 3 and is_chinese(text):
            pieces, joint = list(text), ""
        # Widths add up, since there is no kerning.
        widths = [self.measure(piece, size, bold) for piece in pieces]
        gap = self.measure(joint, size, bold) if joint else 0.0
        if max(widths) > room:
            return []
        found, line, long = [], pieces[0], widths[0]
        for piece, width in zip(pieces[1:], widths[1:]):
            if long + gap + width > room:
                found.append(line)
                line, long = piece, width
            else:
                line, long = f"{line}{joint}{piece}", long + gap + width
        found.append(line)
        return found if len(found) <= lines else []

    def colour(self, number: int) -> Colour:
        """Of a series or slice; drawn away from the background until it can be seen."""
        style = self.style
        colour = style.colours[number % len(style.colours)]
        if number >= len(style.colours):
            colour = mixed(colour, (0, 0, 0), 0.35)
        for _ in range(6):
            if contrast(colour, style.plot_colour or style.background) >= 36:
                break
            colour = mixed(colour, LIGHT if style.dark else (0, 0, 0), 0.2)
        return colour

    def at_edges(self) -> bool:
        return self.style.edge_to_edge and self.content.kind in ("line", "area")

    def along(self, place: float) -> float:
        """Pixel along the category axis of a place, counted in categories from 0 at the first one's middle."""
        x0, y0, x1, y1 = self.plot
        count = len(self.content.categories)
        if self.flip:
            share = (place + 0.5) / count
            return y0 + (y1 - y0) * (share if self.style.first_on_top else 1 - share)
        positions = self.content.positions
        if positions is not None and self.content.kind in ("line", "area") and positions[-1] > positions[0]:
            whole = float(np.interp(place, np.arange(count), positions))
            share = (whole - float(positions[0])) / float(positions[-1] - positions[0])
            inset = 0.0 if self.at_edges() else (x1 - x0) / (2 * count)
            return x0 + inset + share * (x1 - x0 - 2 * inset)
        if self.at_edges():
            return x0 + (x1 - x0) * place / max(1, count - 1)
        return x0 + (x1 - x0) * (place + 0.5) / count

    def at(self, value: float, axis: int = 0) -> float:
        """Pixel of a value along its axis."""
        x0, y0, x1, y1 = self.plot
        share = share_of(self.scales[axis], value)
        return x0 + (x1 - x0) * share if self.flip else y1 - (y1 - y0) * share

    def at_x(self, value: float) -> float:
        x0, _, x1, _ = self.plot
        assert self.x_scale is not None
        return x0 + (x1 - x0) * share_of(self.x_scale, value)

    def point(self, along: float, across: float) -> Point:
        """(x, y) from places along the category axis and along the value axis."""
        return (across, along) if self.flip else (along, across)

    def hatch(self, x0: float, y0: float, x1: float, y1: float, number: int, colour: Colour) -> None:
        style = self.style
        kind = style.hatches[number % len(style.hatches)] if style.hatches else None
        left, top, right, bottom = round(x0), round(y0), round(x1), round(y1)
        if kind is None or right <= left or bottom <= top:
            return
        pen = (0, 0, 0) if sum(colour) > 330 else LIGHT
        if style.bar_alpha < 0.5:
            pen = colour
        elif style.hatch_pen == "own":
            pen = mixed(colour, (0, 0, 0) if sum(colour) > 200 else LIGHT, 0.45)
        elif style.hatch_pen == "white" and contrast(colour, LIGHT) > 120:
            pen = LIGHT
        period = style.hatch_period or 5 + style.size // 5
        self.canvas.blend(left, top, hatch_cover(kind, left, top, right - left, bottom - top, period), pen)

    def outline(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """A bar's or a key's edge, drawn inside its box."""
        style = self.style
        edge = colour if style.bar_edge_own else style.bar_edge
        if edge is not None:
            width = min(style.bar_edge_width, max(1.0, (x1 - x0) / 3), max(1.0, (y1 - y0) / 3))
            self.canvas.frame(x0, y0, x1, y1, edge, width)

    def error_ends(self, value: float, error: float) -> tuple[float, float]:
        """Pixels of both ends of an error bar along the value axis."""
        low = value - error
        if self.scales[0].log and low <= 0:
            low = self.scales[0].low
        return self.at(low), self.at(value + error)

    def error_bar(self, place: float, value: float, error: float, cap: float, own: Colour) -> None:
        """``cap``: half its cap at most, pixels; ``own``: the colour of what it belongs to."""
        style = self.style
        a, b = self.error_ends(value, error)
        if style.error_upper:
            a = self.at(value)
        colour = {"ink": style.ink, "black": LIGHT if style.dark else (0, 0, 0), "own": own}[
            style.error_colour
        ]
        half = min(cap, style.error_cap)
        strokes = [((place, a), (place, b))]
        if half >= 1:
            ends = (b,) if style.error_upper else (a, b)
            strokes += [((place - half, end), (place + half, end)) for end in ends]
        for p, q in strokes:
            self.canvas.rule(*self.point(*p), *self.point(*q), colour, style.error_width)

    def text_on(self, colour: Colour, number: int) -> tuple[Colour, Colour | None]:
        """(colour of text on a mark, colour of a box behind it where hatches would cross it)."""
        hatches = self.style.hatches
        if hatches and hatches[number % len(hatches)] is not None:
            return (0, 0, 0), LIGHT
        return readable(colour, self.style.bar_alpha, self.style.background), None

    def line_number(self, row: int) -> int:
        """Which of the chart's lines a series is, for its dashes and markers; lines over bars count from 0."""
        if self.content.kind != "combined":
            return row
        return sum(series.as_line for series in self.content.series[:row])

    def marker(self, x: float, y: float, number: int, colour: Colour) -> None:
        style = self.style
        shape = style.markers[number % len(style.markers)]
        if shape is None and self.content.kind == "scatter":
            shape = "circle"
        if shape is None:
            return
        if style.marker_open:
            self.canvas.marker(
                x, y, shape, style.marker_size, style.plot_colour or style.background, colour, 1.5
            )
        else:
            self.canvas.marker(x, y, shape, style.marker_size, colour, style.bar_edge, 1.0)


def is_chinese(text: str) -> bool:
    return any("\u2e80" <= c <= "\uffef" for c in text)


def share_of(scale: Scale, value: float) -> float:
    """Where a value lies between the scale's ends, 0..1."""
    if scale.log:
        low, high = math.log10(scale.low), math.log10(scale.high)
        return (math.log10(value) - low) / (high - low)
    return (value - scale.low) / (scale.high - scale.low)


def turned(drawn: Ink, angle: int) -> Ink:
    """Ink turned counter-clockwise."""
    if angle in (90, 270):
        return Ink(np.ascontiguousarray(np.rot90(drawn.cover, angle // 90)), 0)
    cover = np.asarray(Image.fromarray(drawn.cover).rotate(angle, Image.Resampling.BICUBIC, expand=True))
    rows, columns = np.flatnonzero((cover > 0.03).any(1)), np.flatnonzero((cover > 0.03).any(0))
    return Ink(np.clip(cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 0, 1), 0)


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def contrast(a: Colour, b: Colour) -> float:
    """Difference of lightness and colour, 0..441."""
    return math.dist(a, b)


def readable(colour: Colour, alpha: float, under: Colour) -> Colour:
    """Black or white, whichever shows on the colour."""
    mixed = [c * alpha + u * (1 - alpha) for c, u in zip(colour, under)]
    return (30, 30, 30) if 0.3 * mixed[0] + 0.59 * mixed[1] + 0.11 * mixed[2] > 140 else (255, 255, 255)
