"""Our own painter: draws charts of all kinds on a numpy canvas, hundreds a second, and knows where everything is."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .canvas import Canvas, Colour, hatch_cover, round_cover
from .fonts import Face, FontBook, Ink, font_book, glyph, ink, text_width
from .sample import Box, Content, Mark, Point, Role, Sample, Series, Span
from .styles import Style, sample_style
from .ticks import Scale, make_scale, values_of

_LIGHT = (255, 255, 255)


def draw(content: Content, rng: random.Random, folders: tuple[str, ...] | None = None) -> Sample:
    """Paints ``content`` in a random style; ``folders`` hold the fonts (default: the system's)."""
    book = font_book(folders)
    return paint(content, rng, sample_style(content, rng, book), book)


def paint(content: Content, rng: random.Random, style: Style, book: FontBook) -> Sample:
    """Paints ``content`` in a given style (which is changed where the chart does not fit it)."""
    return _Painter(content, rng, style, book).paint()


class _Painter:
    """One chart on its way: what is left of the space, what has been drawn, the spans and marks so far."""

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
        self.pie = content.kind in ("pie", "donut")
        self.scales: list[Scale] = []

    # Text

    def face(self, text: str, bold: bool = False, italic: bool = False) -> Face:
        family = self.style.family
        if self.style.chinese is not None and any("\u2e80" <= c <= "\uffef" for c in text):
            family = self.style.chinese
        return self.book.face_for(text, family, bold, italic)

    def measure(self, text: str, size: int, bold: bool = False) -> float:
        return text_width(self.face(text, bold), size, text)

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
            drawn = _turned(drawn, angle)
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
        span = Span(text, tuple(float(v) for v in box), role, float(angle), **meta)  # type: ignore[arg-type]
        self.spans.append(span)
        return span.box

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
        if len(pieces) < 3 and any("\u2e80" <= c <= "\uffef" for c in text):
            pieces, joint = list(text), ""
        found, line = [], ""
        for piece in pieces:
            longer = f"{line}{joint}{piece}" if line else piece
            if line and self.measure(longer, size, bold) > room:
                found.append(line)
                line = piece
            else:
                line = longer
        found.append(line)
        if len(found) > lines or any(self.measure(f, size, bold) > room for f in found):
            return []
        return found

    # The whole

    def paint(self) -> Sample:
        style, content = self.style, self.content
        self._edges()
        self._headings()
        self._legend_space()
        if self.pie:
            self._pie()
        else:
            self._cartesian()
        self._reserved_legend()
        if style.border is not None:
            self.canvas.frame(0, 0, style.width, style.height, style.border)
        drawn = {(s.role, s.axis) for s in self.spans}
        shown = dataclasses.replace(
            content,
            title=content.title if ("title", 0) in drawn else None,
            subtitle=content.subtitle if self.has_subtitle else None,
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
        spans, marks = tuple(self.spans), tuple(self.marks)
        return Sample(self.canvas.pixels, shown, spans, marks, self.plot, "painter", looks)

    def _edges(self) -> None:
        """What lies round the chart: a newspaper's red tag, a maker's sign."""
        style, rng, canvas = self.style, self.rng, self.canvas
        accent = style.colours[0] if rng.random() < 0.5 else (227, 18, 11)
        if style.tag:
            if rng.random() < 0.5:
                canvas.rect(self.left, 0, self.left + style.size * 2.5, style.size * 0.6, accent)
            canvas.rect(self.left, 0, self.right, 2, accent)
            self.top += style.size * 0.6
        if style.logo:
            side = style.size * rng.uniform(1.2, 2.2)
            x = self.right - side if rng.random() < 0.7 else self.left
            y = self.bottom - side if rng.random() < 0.6 else self.top
            canvas.rect(x, y, x + side, y + side, accent)
            canvas.marker(x + side / 2, y + side / 2, "circle", side * 0.6, style.background)
            if y > self.top:
                self.bottom -= side + 3
            else:
                self.top += side + 3

    def _headings(self) -> None:
        """Title and subtitle at the top (or bottom), source at the bottom."""
        style, content, rng = self.style, self.content, self.rng
        room = self.right - self.left
        self.has_subtitle = False
        if content.source and style.source:
            size = max(7, round(style.size * rng.uniform(0.75, 0.95)))
            lines = self.wrap(content.source, room, size, lines=2)
            if lines:
                height = len(lines) * size * 1.25
                align = rng.choice("lllr")
                x = self.left if align == "l" else self.right
                y = self.bottom - height + self.cap(size)
                self.put_lines(
                    lines,
                    x,
                    y,
                    "source",
                    size=size,
                    anchor=f"{align}b",
                    colour=style.faint,
                    italic=rng.random() < 0.2,
                )
                self.bottom -= height + size * 0.5
        align = {"left": "l", "centre": "m", "right": "r"}[style.title_align]
        x = {"l": self.left, "m": (self.left + self.right) / 2, "r": self.right}[align]
        if content.title:
            size = style.title_size
            lines = []
            while not lines and size >= 8:
                lines = self.wrap(content.title, room, size, style.title_bold, lines=2)
                if not lines:
                    size -= 1
            if lines:
                colour = style.ink if rng.random() < 0.85 else style.colours[0]
                if _contrast(colour, style.background) < 90:
                    colour = style.ink
                height = len(lines) * size * 1.25
                y = self.top + self.cap(size)
                if style.title_place == "bottom":
                    y = self.bottom - height + self.cap(size)
                    self.bottom -= height + size * 0.3
                self.put_lines(
                    lines, x, y, "title", size=size, anchor=f"{align}b", bold=style.title_bold, colour=colour
                )
                if style.title_place != "bottom":
                    self.top += height + size * rng.uniform(0.1, 0.4)
        if content.subtitle and style.subtitle:
            size = max(8, round(style.size * rng.uniform(0.95, 1.15)))
            lines = self.wrap(content.subtitle, room, size, lines=2)
            if lines:
                self.has_subtitle = True
                y = self.top + self.cap(size)
                self.put_lines(lines, x, y, "other", size=size, anchor=f"{align}b", colour=style.faint)
                self.top += len(lines) * size * 1.25 + size * 0.2
        self.top += style.size * rng.uniform(0.2, 0.8)

    # Legend

    def _entries(self) -> list[tuple[str, int | None, int | None]]:
        """(text, series, index) of the legend; empty when there is nothing to tell apart."""
        content, style = self.content, self.style
        if self.pie:
            if style.pie_labels != "legend" and self.rng.random() < 0.8:
                return []
            return [(c, None, i) for i, c in enumerate(content.categories)]
        named: list[tuple[str, int | None, int | None]]
        named = [(s.name, i, None) for i, s in enumerate(content.series) if s.name is not None]
        if len(content.series) == 1 and self.rng.random() < 0.35:
            return []
        return named

    def _legend_space(self) -> None:
        """Lays the legend out at its side and takes the space; inside and direct ones come later."""
        style = self.style
        self.entries = self._entries()
        self.legend_lines: list[tuple[float, float, str, int | None, int | None, float]] = []
        if (
            self.pie
            and self.entries
            and style.pie_labels == "legend"
            and style.legend in ("inside", "direct")
        ):
            style.legend = "right"
        if style.legend == "direct" and (self.content.kind not in ("line", "area") or len(self.entries) < 2):
            style.legend = self.rng.choice(("top", "right", "bottom"))
        if style.legend == "direct" and not style.values_above_grid:
            style.axis_side = "left"
        if style.legend == "inside" and self.content.kind in ("stacked_bar", "area"):
            style.legend = "top"
        if not self.entries:
            style.legend = "none"
            return
        self.legend_size = max(7, round(style.size * self.rng.choice((0.9, 1.0, 1.0, 1.1))))
        size = self.legend_size
        self.key_wide = size * (
            2.2 if self.content.kind == "line" else self.rng.choice((0.75, 1.0, 1.0, 2.0))
        )
        widths = [self.key_wide + size * 0.5 + self.measure(t, size) for t, _, _ in self.entries]
        if style.legend in ("right", "left") and max(widths) > 0.34 * style.width:
            style.legend = "bottom"
        if style.legend == "inside" and (
            max(widths) > 0.3 * style.width or len(widths) * size * 1.5 > 0.3 * style.height
        ):
            style.legend = "top"
        if style.legend == "inside" and self.flip:
            style.legend = "right" if max(widths) < 0.34 * style.width else "top"
        if style.legend in ("top", "bottom"):
            self._legend_rows(widths)
        elif style.legend in ("right", "left"):
            self._legend_column(widths)

    def _legend_rows(self, widths: list[float]) -> None:
        style, size = self.style, self.legend_size
        gap = size * 1.3
        room = self.right - self.left
        rows: list[list[int]] = [[]]
        used = 0.0
        for i, w in enumerate(widths):
            if rows[-1] and used + w > room:
                rows.append([])
                used = 0.0
            rows[-1].append(i)
            used += w + gap
        height = len(rows) * size * 1.5
        first = self.top if style.legend == "top" else self.bottom - height
        for number, row in enumerate(rows):
            total = sum(widths[i] for i in row) + gap * (len(row) - 1)
            x = {
                "left": self.left,
                "centre": self.left + (room - total) / 2,
                "right": self.right - total,
            }[style.legend_align]
            for i in row:
                text, series, index = self.entries[i]
                self.legend_lines.append(
                    (x, first + (number + 0.5) * size * 1.5, text, series, index, widths[i])
                )
                x += widths[i] + gap
        if style.legend == "top":
            self.top += height + size * 0.4
        else:
            self.bottom -= height + size * 0.4

    def _legend_column(self, widths: list[float]) -> None:
        style, size = self.style, self.legend_size
        lead = min(size * self.rng.uniform(1.4, 2.0), (self.bottom - self.top) / len(widths))
        height = lead * len(widths)
        wide = max(widths)
        y = self.rng.choice((self.top, self.top + (self.bottom - self.top - height) / 2))
        x = self.right - wide if style.legend == "right" else self.left
        for number, (text, series, index) in enumerate(self.entries):
            self.legend_lines.append((x, y + (number + 0.5) * lead, text, series, index, widths[number]))
        if style.legend == "right":
            self.right -= wide + size
        else:
            self.left += wide + size

    def _reserved_legend(self) -> None:
        if not self.legend_lines:
            return
        size = self.legend_size
        if self.style.legend_frame:
            x0 = min(e[0] for e in self.legend_lines) - size * 0.5
            x1 = max(e[0] + e[5] for e in self.legend_lines) + size * 0.5
            y0, y1 = min(e[1] for e in self.legend_lines) - size, max(e[1] for e in self.legend_lines) + size
            self.canvas.frame(x0, y0, x1, y1, self.style.axis_colour)
        for x, y, text, series, index, _ in self.legend_lines:
            self._legend_entry(x, y, text, series, index)

    def _legend_entry(self, x: float, y: float, text: str, series: int | None, index: int | None) -> None:
        size, wide = self.legend_size, self.key_wide
        self._key(x, y, wide, series, index)
        text_x = x + wide + size * 0.5
        self.put(
            text, text_x, y, "legend", size=size, anchor="lm", series=series, index=index, point=(x + wide / 2, y)
        )  # fmt: skip

    def _key(self, x: float, y: float, wide: float, series: int | None, index: int | None) -> None:
        """A legend entry's colour key: a patch, or a piece of the line with its marker."""
        style, size = self.style, self.legend_size
        number = series if series is not None else index or 0
        colour = self.colour(number)
        one = self.content.series[series] if series is not None else None
        if self.content.kind == "line" or (one is not None and one.as_line):
            if one is not None and one.as_line:
                number = 0 if len(style.markers) == 1 else number
            line = np.array([[x, y], [x + wide, y]])
            self.canvas.polyline(line, colour, style.line_width, style.dashes[number % len(style.dashes)])
            self._marker(x + wide / 2, y, number, colour)
        elif self.content.kind == "scatter":
            self._marker(x + wide / 2, y, number, colour)
        elif self.pie or style.bar_round < 10:
            high = min(wide, size * 0.8)
            self._patch(x, y - high / 2, x + wide, y + high / 2, number, colour)
        else:
            self.canvas.marker(x + wide / 2, y, "circle", size * 0.8, colour)

    def _patch(self, x0: float, y0: float, x1: float, y1: float, number: int, colour: Colour) -> None:
        style = self.style
        x0, y0, x1, y1 = round(x0), round(y0), round(x1), round(y1)
        self.canvas.rect(x0, y0, x1, y1, colour, style.bar_alpha)
        self._hatch(x0, y0, x1, y1, number, colour)
        if style.bar_edge is not None and not self.pie:
            self.canvas.frame(x0, y0, x1, y1, style.bar_edge)

    def colour(self, number: int) -> Colour:
        colour = self.style.colours[number % len(self.style.colours)]
        if number >= len(self.style.colours):
            colour = tuple(int(c * 0.65) for c in colour)  # type: ignore[assignment]
        # Marks must be seen.
        for _ in range(6):
            if _contrast(colour, self.style.plot_colour or self.style.background) >= 36:
                break
            target = 255 if self.style.dark else 0
            colour = tuple(int(c + (target - c) * 0.2) for c in colour)  # type: ignore[assignment]
        return colour

    # Axes

    def _cartesian(self) -> None:
        style, content, rng = self.style, self.content, self.rng
        self._make_scales()
        self._axis_titles()
        self._tick_room()
        self._category_room()
        self.plot: Box = (round(self.left), round(self.top), round(self.right), round(self.bottom))
        x0, y0, x1, y1 = self.plot
        if style.plot_colour is not None:
            self.canvas.rect(x0, y0, x1, y1, style.plot_colour)
        self._grid()
        bars = content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar", "stacked_bar", "combined")
        if bars:
            self._bars([i for i, s in enumerate(content.series) if not s.as_line])
        if content.kind == "area":
            self._areas()
        self._axes()
        if content.kind == "scatter":
            self._scatter()
        lines = [i for i, s in enumerate(content.series) if s.as_line or content.kind == "line"]
        self._lines(lines)
        self._category_labels()
        if style.note and rng.random() < 0.7:
            self._note()
        if style.legend == "inside":
            self._legend_inside()

    def _make_scales(self) -> None:
        content, style, rng = self.content, self.style, self.rng
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
        long_side = self.bottom - self.top if not self.flip else self.right - self.left
        ticks = max(3, min(style.tick_count, int(long_side / (style.size * (1.7 if not self.flip else 4.5)))))
        room = style.headroom
        room = max(room, self._label_room(), self._legend_room())
        numbers = values_of(content, first, stacked)
        if not zero and bars and content.scale == "linear":
            finite = [v for v in numbers if math.isfinite(v)]
            numbers = [*numbers, min(finite) - 0.25 * (max(finite) - min(finite) or 1.0)]
        log = content.scale == "log"
        self.scales = [
            make_scale(numbers, content.format, rng, log=log, zero=zero, headroom=room, ticks=ticks)
        ]
        if second:
            numbers = values_of(content, second, False)
            zero = rng.random() < 0.5
            scale = make_scale(numbers, content.second_format, rng, zero=zero, headroom=0.05, ticks=ticks)
            self.scales.append(scale)
        self.x_scale: Scale | None = None
        if content.kind == "scatter":
            numbers = [float(v) for s in content.series if s.x is not None for v in s.x]
            count = max(3, min(style.tick_count, int((self.right - self.left) / (style.size * 5))))
            self.x_scale = make_scale(
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
        if not style.value_axis and not self._all_labelled():
            style.value_axis = True

    def _label_room(self) -> float:
        """Headroom for labels past the ends of bars, as a share of the axis."""
        content, style = self.content, self.style
        if style.labels != "outside" or content.kind == "stacked_bar":
            return 0.0
        texts = [content.format.text(float(v)) for s in content.series for v in s.values if not math.isnan(v)]
        widest = max(self.measure(t, style.label_size, style.label_bold) for t in texts)
        pitch = (self.right - self.left) * 0.85 / max(1, len(content.categories) * len(content.series))
        if self.flip:
            return min(0.4, (widest + 8) / (self.right - self.left) * 0.8)
        turned = content.kind != "line" and widest > pitch
        return min(0.4, ((widest if turned else style.label_size) + 8) / (self.bottom - self.top) * 1.3)

    def _legend_room(self) -> float:
        """Headroom for a legend inside the plot, over bars that would hide behind it."""
        bars = self.content.kind in ("vertical_bar", "grouped_bar", "combined")
        if self.style.legend != "inside" or not bars:
            return 0.0
        return min(0.5, len(self.entries) * self.legend_size * 2.2 / (self.bottom - self.top))

    def _all_labelled(self) -> bool:
        """Whether value labels will say all that the value axis would."""
        content = self.content
        return (
            self.style.labels == "outside"
            and content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar")
            and content.shape[0] * content.shape[1] <= 30
            and all(s.error is None for s in content.series)
        )

    def _axis_titles(self) -> None:
        """Titles of the axes: each takes its strip of the space."""
        style, content, rng = self.style, self.content, self.rng
        size = max(8, round(style.size * rng.choice((1.0, 1.0, 1.1, 1.2))))
        bold = rng.random() < 0.12
        self.pending: list[tuple[str, Role, str, int]] = []  # text, role, side, axis
        if content.y_title and style.value_axis:
            if self.flip:
                self._strip(content.y_title, "y_title", "bottom", size, bold, 0)
            elif style.y_title_place == "top":
                anchor_left = style.axis_side == "left"
                x = self.left if anchor_left else self.right
                lines = self.wrap(content.y_title, (self.right - self.left) * 0.7, size, bold, lines=1)
                if lines:
                    self.put(lines[0], x, self.top + self.cap(size), "y_title", size=size, bold=bold,
                             anchor="lb" if anchor_left else "rb", colour=style.faint)  # fmt: skip
                    self.top += size * 1.7
            elif style.y_title_place == "rotated":
                side = "left" if style.axis_side == "left" else "right"
                self._strip(content.y_title, "y_title", side, size, bold, 0)
        if content.second_title and len(self.scales) > 1:
            self._strip(content.second_title, "y_title", "right", size, bold, 1)
        if content.x_title:
            self._strip(content.x_title, "x_title", "left" if self.flip else "bottom", size, bold, 0)
        self.title_size, self.title_bold = size, bold

    def _strip(self, text: str, role: Role, side: str, size: int, bold: bool, axis: int) -> None:
        """Reserves a strip for an axis title, if the text fits along it; it is drawn when the plot is known."""
        style = self.style
        along = style.height * 0.75 if side in ("left", "right") else style.width * 0.75
        if self.measure(text, size, bold) > along:
            return
        self.pending.append((text, role, side, axis))
        if side == "left":
            self.left += size * 1.6
        elif side == "right":
            self.right -= size * 1.6
        else:
            self.bottom -= size * 1.6
        edge = {"left": self.left, "right": self.right, "bottom": self.bottom}[side]
        self.strips: dict[str, float] = {**getattr(self, "strips", {}), role + str(axis): edge}

    def _tick_room(self) -> None:
        """Space beside the plot for the numbers of the value axis (and below it for those across)."""
        style, size = self.style, self.style.size
        gap = size * 0.6 + (4 if style.ticks == "out" else 0)
        self.tick_gap = gap
        if self.x_scale is not None:
            self.bottom -= size * 1.2 + gap
        for axis, scale in enumerate(self.scales):
            if not style.value_axis and axis == 0:
                continue
            if self.flip:
                if style.axis_side == "right":
                    self.top += size * 1.2 + gap
                else:
                    self.bottom -= size * 1.2 + gap
                continue
            wide = max((self.measure(t, size) for t in scale.texts), default=0.0)
            if axis == 1 or style.axis_side == "right":
                if not (style.values_above_grid and axis == 0):
                    self.right -= wide + gap
            elif not style.values_above_grid:
                self.left += wide + gap
        if style.values_above_grid and not self.flip:
            self.top += size
        # The ends of labels reach beyond the plot.
        if self.flip or self.x_scale is not None:
            texts = (self.x_scale or self.scales[0]).texts
            self.right -= self.measure(texts[-1], size) / 2 if texts else 0.0
        self.top += size * 0.5
        if self.content.kind in ("line", "area") and style.legend == "direct":
            widest = max(self.measure(t, size) for t, _, _ in self.entries)
            if widest > 0.3 * style.width:
                style.legend = "inside" if self.content.kind == "line" else "none"
                if style.legend == "none":
                    style.legend = "direct"
            if style.legend == "direct":
                self.right -= widest + size * 0.6
            else:
                self.legend_size, self.key_wide = size, size * 2.0

    def _category_room(self) -> None:
        """Chooses how the categories are printed, level, wrapped, turned or thinned, and takes the space."""
        style, content, size = self.style, self.content, self.style.size
        names = content.categories
        self.every, self.turn, self.wrapped = 1, 0, [[n] for n in names]
        if not names:
            return
        bold = style.category_bold
        widths = [self.measure(n, size, bold) for n in names]
        if self.flip:
            pitch = (self.bottom - self.top) / len(names)
            if style.category_place == "above" and pitch > size * 2.6:
                return
            style.category_place = "beside"
            room = min(max(widths), style.width * self.rng.uniform(0.3, 0.42))
            lines = max(1, int(pitch / (size * 1.15)))
            self.wrapped = [
                self.wrap(n, room, size, bold, lines=min(lines, 3)) or [self._cut(n, room, size)]
                for n in names
            ]
            widest = max(self.measure(t, size, bold) for w in self.wrapped for t in w)
            self.every = max(1, math.ceil(size * 1.1 / pitch))
            self.left += widest + self.tick_gap
            return
        pitch = (self.right - self.left) / (len(names) - (1 if self._at_edges() else 0) or 1)
        below = self.tick_gap
        limit = style.height * 0.33
        sparse = content.kind in ("line", "area", "scatter") or _is_orderly(names)
        if style.category_angle is None:
            if max(widths) <= pitch * 0.93:
                self.bottom -= size * 1.2 + below
                return
            wrapped = [self.wrap(n, pitch * 0.95, size, bold, lines=3) for n in names]
            if all(wrapped) and self.rng.random() < 0.75:
                self.wrapped = wrapped
                self.bottom -= size * 1.2 * max(len(w) for w in wrapped) + below
                return
            if sparse and self.rng.random() < 0.65:
                self.every = _round_step(math.ceil(max(widths) * 1.2 / pitch))
                self.bottom -= size * 1.2 + below
                return
        angle = style.category_angle or self.rng.choice((90, 45, 45, 30, 60))
        cut = limit / math.sin(math.radians(angle))
        self.wrapped = [[self._cut(n, cut, size)] for n in names]
        widest = max(self.measure(w[0], size, bold) for w in self.wrapped)
        across = size * 1.15 / math.sin(math.radians(angle))
        self.every = _round_step(math.ceil(across / pitch))
        if angle < 90:
            # The first label reaches out to the left.
            reach = math.cos(math.radians(angle)) * self.measure(self.wrapped[0][0], size, bold)
            self.left = max(self.left, reach - pitch / 2 + 2)
        self.turn = angle
        self.bottom -= widest * math.sin(math.radians(angle)) + size * math.cos(math.radians(angle)) + below

    def _cut(self, text: str, room: float, size: int) -> str:
        """As much of the text as fits, with an ellipsis."""
        if self.measure(text, size, self.style.category_bold) <= room:
            return text
        while len(text) > 2 and self.measure(text + "…", size, self.style.category_bold) > room:
            text = text[:-1]
        return text.rstrip() + "…"

    def _at_edges(self) -> bool:
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
            share = (whole - positions[0]) / (positions[-1] - positions[0])
            inset = 0.0 if self._at_edges() else (x1 - x0) / (2 * count)
            return x0 + inset + share * (x1 - x0 - 2 * inset)
        if self._at_edges():
            return x0 + (x1 - x0) * place / max(1, count - 1)
        return x0 + (x1 - x0) * (place + 0.5) / count

    def at(self, value: float, axis: int = 0) -> float:
        """Pixel of a value along its axis."""
        x0, y0, x1, y1 = self.plot
        share = _share(self.scales[axis], value)
        return x0 + (x1 - x0) * share if self.flip else y1 - (y1 - y0) * share

    def at_x(self, value: float) -> float:
        x0, _, x1, _ = self.plot
        assert self.x_scale is not None
        return x0 + (x1 - x0) * _share(self.x_scale, value)

    def point(self, along: float, across: float) -> Point:
        """(x, y) from places along the category axis and along the value axis."""
        return (across, along) if self.flip else (along, across)

    def _grid(self) -> None:
        style, canvas = self.style, self.canvas
        x0, y0, x1, y1 = self.plot

        def rule(at: float, along_x: bool, width: float = style.grid_width) -> None:
            ends = (x0, at, x1, at) if along_x else (at, y0, at, y1)
            canvas.rule(ends[0], ends[1], ends[2], ends[3], style.grid_colour, width, style.grid_dash)

        if style.grid in ("value", "both"):
            for value in self.scales[0].values:
                rule(self.at(value), not self.flip)
            if style.preset == "science" and self.rng.random() < 0.15 and not self.scales[0].log:
                for a, b in zip(self.scales[0].values, self.scales[0].values[1:]):
                    rule(self.at((a + b) / 2), not self.flip, 0.5)
            if self.scales[0].log and self.rng.random() < 0.4:
                low, high = self.scales[0].low, self.scales[0].high
                for decade in range(math.floor(math.log10(low)), math.ceil(math.log10(high))):
                    for m in range(2, 10):
                        if low <= m * 10.0**decade <= high:
                            rule(self.at(m * 10.0**decade), not self.flip, 0.4)
        if style.grid in ("category", "both"):
            if self.x_scale is not None:
                for value in self.x_scale.values:
                    rule(self.at_x(value), False)
            elif self.content.kind in ("line", "area"):
                for i in range(0, len(self.content.categories), self.every):
                    rule(self.along(i), False)
            elif style.preset == "spreadsheet" or self.rng.random() < 0.5:
                for i in range(len(self.content.categories) + 1):
                    rule(self.along(i - 0.5), self.flip)

    def _axes(self) -> None:
        """Axis lines, ticks and the numbers on the axes, then the titles that were waiting for the plot."""
        style, canvas, size = self.style, self.canvas, self.style.size
        x0, y0, x1, y1 = self.plot
        if style.frame:
            canvas.frame(x0, y0, x1, y1, style.axis_colour, max(1.0, style.axis_width))
        scale = self.scales[0]
        zero = min(max(0.0, scale.low), scale.high) if not scale.log else scale.low
        base = self.at(zero)
        if style.category_line:
            ends = (base, y0, base, y1) if self.flip else (x0, base, x1, base)
            canvas.rule(ends[0], ends[1], ends[2], ends[3], style.axis_colour, style.axis_width)
        on_right = style.axis_side == "right" and not self.flip
        if style.value_line and style.value_axis:
            if self.flip:
                canvas.rule(x0, y1, x1, y1, style.axis_colour, style.axis_width)
            else:
                side = x1 if on_right else x0
                canvas.rule(side, y0, side, y1, style.axis_colour, style.axis_width)
        if style.value_axis:
            self._value_ticks(scale, 0, on_right)
        for axis in range(1, len(self.scales)):
            self._value_ticks(self.scales[axis], axis, True)
        if self.x_scale is not None:
            for value, text, number in zip(self.x_scale.values, self.x_scale.texts, self.x_scale.numbers):
                x = self.at_x(value)
                self._tick(x, y1, "down")
                self.put(
                    text,
                    x,
                    y1 + self.tick_gap,
                    "x_tick",
                    size=size,
                    anchor="mt",
                    colour=style.faint,
                    value=number,
                    point=(x, float(y1)),
                )
        if style.broken:
            self._break_sign()
        self._pending_titles()

    def _value_ticks(self, scale: Scale, axis: int, on_right: bool) -> None:
        style, size, gap = self.style, self.style.size, self.tick_gap
        x0, y0, x1, y1 = self.plot
        above = style.values_above_grid and not self.flip and axis == 0
        for value, text, number in zip(scale.values, scale.texts, scale.numbers):
            p = self.at(value, axis)
            meta: dict[str, Any] = {"value": number, "axis": axis, "size": size, "colour": style.faint}
            if self.flip:
                top = style.axis_side == "right"
                edge = y0 if top else y1
                self._tick(p, edge, "up" if top else "down")
                self.put(
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
                self.put(
                    text, x, p - 3, "y_tick", anchor="rb" if on_right else "lb", point=(float(x), p), **meta
                )
            elif on_right:
                self._tick(x1, p, "right")
                self.put(text, x1 + gap, p, "y_tick", anchor="lm", point=(float(x1), p), **meta)
            else:
                self._tick(x0, p, "left")
                self.put(text, x0 - gap, p, "y_tick", anchor="rm", point=(float(x0), p), **meta)

    def _tick(self, x: float, y: float, way: str) -> None:
        style = self.style
        if style.ticks == "none":
            return
        long = 4.0 if style.ticks == "out" else -4.0
        dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[way]
        self.canvas.rule(x, y, x + dx * long, y + dy * long, style.axis_colour, 1.0)

    def _break_sign(self) -> None:
        """Two slanted strokes near the foot of a cut axis."""
        x0, _, x1, y1 = self.plot
        if self.flip:
            strokes = [((x0 + d, y1 + 4), (x0 + d + 4, y1 - 4)) for d in (6, 10)]
        else:
            x = x1 if self.style.axis_side == "right" else x0
            strokes = [((x - 5, y1 - d), (x + 5, y1 - d - 4)) for d in (6, 10)]
        for a, b in strokes:
            self.canvas.polyline(np.array([a, b], np.float64), self.style.axis_colour, 1.2)

    def _pending_titles(self) -> None:
        x0, y0, x1, y1 = self.plot
        size, bold = self.title_size, self.title_bold
        for text, role, side, axis in self.pending:
            edge = self.strips[role + str(axis)]
            meta: dict[str, Any] = {"size": size, "bold": bold, "axis": axis, "colour": self.style.faint}
            if side == "bottom":
                x = (x0 + x1) / 2 if self.rng.random() < 0.85 else x1 - self.measure(text, size, bold) / 2
                self.put(text, x, edge + size * 0.5, role, anchor="mt", **meta)
            else:
                angle = 90 if side == "left" or self.rng.random() < 0.7 else 270
                x = edge - size * 0.9 if side == "left" else edge + size * 0.9
                half = self.measure(text, size, bold) / 2 + 2
                y = min(max((y0 + y1) / 2, half), self.style.height - half)
                self.put(text, x, y, role, anchor="mm", angle=angle, **meta)

    def _category_labels(self) -> None:
        style, size, bold = self.style, self.style.size, self.style.category_bold
        x0, y0, x1, y1 = self.plot
        for i, lines in enumerate(self.wrapped):
            place = self.along(i)
            if self.flip:
                if i % self.every:
                    continue
                meta: dict[str, Any] = {"size": size, "bold": bold, "index": i}
                if style.category_place == "above":
                    pitch = (y1 - y0) / len(self.wrapped)
                    y = place - pitch * style.bar_share / 2 - size * 0.35
                    self.put(lines[0], x0 + 1, y, "category", anchor="lb", point=(float(x0), place), **meta)
                    continue
                x = x0 - self.tick_gap
                y = place - (len(lines) - 1) * size * 1.15 / 2
                self._tick(x0, place, "left")
                self.put_lines(
                    lines, x, y, "category", lead=1.15, anchor="rm", point=(float(x0), place), **meta
                )
                continue
            if self.content.kind in ("line", "area"):
                if i % self.every == 0:
                    self._tick(place, y1, "down")
            elif style.ticks != "none" and self.every == 1:
                self._tick(self.along(i - 0.5), y1, "down")
            if i % self.every:
                continue
            meta = {"size": size, "bold": bold, "index": i, "point": (place, float(y1))}
            if self.turn == 90:
                self.put(lines[0], place, y1 + self.tick_gap, "category", anchor="mt", angle=90, **meta)
            elif self.turn:
                self.put(
                    lines[0],
                    place + size * 0.35,
                    y1 + self.tick_gap,
                    "category",
                    anchor="rt",
                    angle=self.turn,
                    **meta,
                )
            else:
                self.put_lines(lines, place, y1 + self.tick_gap, "category", lead=1.2, anchor="mt", **meta)

    # Marks

    def _bars(self, rows: list[int]) -> None:
        """Bars side by side or on top of each other, their labels and error bars."""
        content, style = self.content, self.style
        if content.stacked and content.kind == "stacked_bar":
            self._stacks(rows)
            return
        if style.category_place == "above" and self.flip:
            style.bar_share = min(style.bar_share, 0.42)
        scale = self.scales[0]
        base_value = scale.low if scale.log else min(max(0.0, scale.low), scale.high)
        base = self.at(base_value)
        count = len(rows)
        width = style.bar_share / (1 + (count - 1) * (1 - style.bar_overlap))
        shift = 0.22 if self.flip and style.category_place == "above" else 0.0
        labelled = self._labels_fit(rows, width)
        special = self.rng.randrange(max(1, len(content.categories)))
        for i in range(len(content.categories)):
            for k, row in enumerate(rows):
                series = content.series[row]
                value = float(series.values[i])
                if math.isnan(value):
                    continue
                middle = i + shift + (k - (count - 1) / 2) * width * (1 - style.bar_overlap)
                a, b = sorted((self.along(middle - width / 2), self.along(middle + width / 2)))
                end = self.at(value)
                a, b, low, high = self._snapped(a, b, base, end)
                number = row
                if style.colouring == "each":
                    number = i
                colour = self.colour(number)
                if style.colouring == "highlight":
                    colour = (
                        self.colour(0) if i == special else (90, 96, 105) if style.dark else (178, 184, 190)
                    )
                self._bar(a, b, low, high, number, colour)
                tip = self.point((a + b) / 2, high)
                self.marks.append(Mark(row, i, value, tip, self.point((a + b) / 2, low)))
                if series.error is not None:
                    self._error_bar((a + b) / 2, value, float(series.error[i]), (b - a) * 0.3)
                if labelled:
                    past = (
                        0.0 if series.error is None else abs(self.at(value + float(series.error[i])) - high)
                    )
                    self._bar_label(a, b, low, high, past, value, row, i, colour, labelled)

    def _snapped(self, a: float, b: float, base: float, end: float) -> tuple[float, float, float, float]:
        if not self.style.bar_snap:
            return a, b, base, end
        a, b = float(round(a)), float(round(b))
        return a, max(b, a + 1), float(round(base)), float(round(end))

    def _bar(self, a: float, b: float, low: float, high: float, number: int, colour: Colour) -> None:
        """One bar between ``a`` and ``b`` along the categories, from ``low`` to ``high`` along the values."""
        style, canvas = self.style, self.canvas
        x0, y0, x1, y1 = (low, a, high, b) if self.flip else (a, low, b, high)
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        if x1 - x0 < 0.05 or y1 - y0 < 0.05:
            return
        if style.bar_effect == "shadow":
            canvas.rect(x0 + 3, y0 + 3, x1 + 3, y1 + (0 if not self.flip else 3), (60, 60, 60), 0.18)
            canvas.rect(x0 + 2, y0 + 2, x1 + 2, y1 + (0 if not self.flip else 2), (60, 60, 60), 0.2)
        if style.bar_effect == "depth":
            self._depth(x0, y0, x1, y1, colour)
        if style.bar_effect in ("gradient", "glossy"):
            self._shaded(x0, y0, x1, y1, colour)
        elif style.bar_round >= 1:
            r = style.bar_round
            rising = high > low if self.flip else high < low
            radii = {
                (False, True): (r, r, 0.0, 0.0),
                (False, False): (0.0, 0.0, r, r),
                (True, True): (0.0, r, r, 0.0),
                (True, False): (r, 0.0, 0.0, r),
            }[(self.flip, rising)]
            if style.bar_round > 10:
                # Round at the value end only, or what lies above the mark would be less than the bar.
                radii = tuple(min(v, min(x1 - x0, y1 - y0) / 2) for v in radii)  # type: ignore[assignment]
            cover = round_cover(x0, y0, x1, y1, radii) * np.float32(style.bar_alpha)
            canvas.blend(math.floor(x0), math.floor(y0), cover, colour)
        else:
            canvas.rect(x0, y0, x1, y1, colour, style.bar_alpha)
        if style.bar_effect == "bevel" and min(x1 - x0, y1 - y0) > 6:
            canvas.rect(x0, y0, x1, y0 + 2, _LIGHT, 0.45)
            canvas.rect(x0, y0, x0 + 2, y1, _LIGHT, 0.35)
            canvas.rect(x0, y1 - 2, x1, y1, (0, 0, 0), 0.25)
            canvas.rect(x1 - 2, y0, x1, y1, (0, 0, 0), 0.3)
        self._hatch(x0, y0, x1, y1, number, colour)
        if style.bar_edge is not None:
            canvas.frame(x0, y0, x1, y1, style.bar_edge)

    def _hatch(self, x0: float, y0: float, x1: float, y1: float, number: int, colour: Colour) -> None:
        style = self.style
        kind = style.hatches[number % len(style.hatches)] if style.hatches else None
        left, top, right, bottom = round(x0), round(y0), round(x1), round(y1)
        if kind is None or right <= left or bottom <= top:
            return
        pen = (0, 0, 0) if sum(colour) > 330 else (255, 255, 255)
        period = 5 + style.size // 5
        self.canvas.blend(left, top, hatch_cover(kind, left, top, right - left, bottom - top, period), pen)

    def _shaded(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Filled with a ramp: across like a cylinder, or fading along."""
        cover = round_cover(x0, y0, x1, y1, (0, 0, 0, 0))
        h, w = cover.shape
        across = self.style.bar_effect == "glossy"
        count = (h if self.flip else w) if across else (w if self.flip else h)
        t = np.linspace(0, 1, count, dtype=np.float32)
        light = 0.75 + 0.5 * np.sin(t * np.float32(math.pi)) if across else 1.2 - 0.45 * t
        ramp = np.clip(np.array(colour, np.float32) * light[:, None], 0, 255)
        vertical = across == self.flip
        paint = np.broadcast_to(ramp[:, None, :] if vertical else ramp[None, :, :], (h, w, 3))
        self.canvas.blend(math.floor(x0), math.floor(y0), cover, paint)

    def _depth(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Side and top of a block whose front is the bar."""
        d = min(8.0, (x1 - x0) * 0.25, (y1 - y0) * 0.5 + 2, 8.0)
        side = tuple(int(c * 0.65) for c in colour)
        top = tuple(int(c + (255 - c) * 0.3) for c in colour)
        self.canvas.polygon(np.array([(x1, y0), (x1 + d, y0 - d), (x1 + d, y1 - d), (x1, y1)]), side)  # type: ignore[arg-type]
        self.canvas.polygon(np.array([(x0, y0), (x0 + d, y0 - d), (x1 + d, y0 - d), (x1, y0)]), top)  # type: ignore[arg-type]

    def _error_bar(self, place: float, value: float, error: float, cap: float) -> None:
        low = value - error
        if self.scales[0].log and low <= 0:
            low = self.scales[0].low
        a, b = self.at(low), self.at(value + error)
        colour = self.style.ink
        half = min(cap, 5.0)
        for p, q in (
            ((place, a), (place, b)),
            ((place - half, a), (place + half, a)),
            ((place - half, b), (place + half, b)),
        ):
            self.canvas.rule(*self.point(*p), *self.point(*q), colour, 1.0)

    def _labels_fit(self, rows: list[int], width: float) -> str | None:
        """Where value labels go ("outside", "turned", ...); None when there is no room for them."""
        style, content = self.style, self.content
        if style.labels is None:
            return None
        size = style.label_size
        texts = [
            content.format.text(float(v)) for r in rows for v in content.series[r].values if not math.isnan(v)
        ]
        widest = max((self.measure(t, size, style.label_bold) for t in texts), default=0.0)
        pitch = abs(self.along(1) - self.along(0)) if len(content.categories) > 1 else 1e9
        room = pitch * min(width * (1 - style.bar_overlap) * 1.02, 1.0) if len(rows) > 1 else pitch
        if self.flip:
            return style.labels if size * 1.05 <= room else ("outside" if not style.value_axis else None)
        if widest <= room * 1.02:
            return style.labels
        if not style.value_axis or self.rng.random() < 0.4:
            return "turned" if size * 1.05 <= room or not style.value_axis else None
        return None

    def _bar_label(
        self,
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
        style, content = self.style, self.content
        size, gap = style.label_size, 4.0
        text = content.format.text(value)
        long = self.measure(text, size, style.label_bold)
        turned = place == "turned"
        extent = (long if self.flip or turned else float(self.cap(size))) + 2 * gap
        rising = 1.0 if high > low or (high == low and self.flip) else -1.0
        if not self.flip and high == low:
            rising = -1.0
        inside = (
            place in ("inside", "centre", "base")
            and abs(high - low) >= extent
            and (self.flip or b - a >= long)
        )
        middle = (a + b) / 2
        ink_colour, patch = style.ink, None
        if inside:
            at = {
                "inside": high - rising * (extent / 2),
                "centre": (low + high) / 2,
                "base": low + rising * (extent / 2),
            }[place]
            ink_colour, patch = self._on(colour, row)
        else:
            at = high + rising * (past + extent / 2)
            if style.label_colour == "series" and _contrast(colour, style.background) > 100:
                ink_colour = colour
        x, y = self.point(middle, at)
        point = self.point(middle, high)
        self.put(text, x, y, "value", size=size, bold=style.label_bold, anchor="mm", colour=ink_colour,
                 angle=90 if turned else 0, value=content.format.shown(value), series=row, index=i, point=point, patch=patch)  # fmt: skip

    def _on(self, colour: Colour, number: int) -> tuple[Colour, Colour | None]:
        """(colour of text on a mark, colour of a box behind it where hatches would cross it)."""
        hatches = self.style.hatches
        if hatches and hatches[number % len(hatches)] is not None:
            return (0, 0, 0), _LIGHT
        return _readable(colour, self.style.bar_alpha, self.style.background), None

    def _stacks(self, rows: list[int]) -> None:
        content, style = self.content, self.style
        size = style.label_size
        # Round ends in the middle of a stack would leave gaps between the segments.
        style.bar_round = 0.0
        width = max(style.bar_share, 0.45)
        labelled = style.labels is not None
        totals = labelled and self.rng.random() < 0.25 and content.kind == "stacked_bar"
        for i in range(len(content.categories)):
            ends = [0.0, 0.0]
            a, b = sorted((self.along(i - width / 2), self.along(i + width / 2)))
            if style.bar_snap:
                a, b = float(round(a)), float(round(b))
            for row in rows:
                value = float(content.series[row].values[i])
                if math.isnan(value):
                    continue
                side = int(value < 0)
                low, high = self.at(ends[side]), self.at(ends[side] + value)
                if style.bar_snap:
                    low, high = float(round(low)), float(round(high))
                ends[side] += value
                colour = self.colour(row)
                self._bar(a, b, low, high, row, colour)
                middle = (a + b) / 2
                tip = self.point(middle, high)
                self.marks.append(
                    Mark(row, i, value, tip, self.point(middle, low), visible=abs(high - low) > 0.2)
                )
                if not labelled:
                    continue
                text = content.format.text(value)
                long = self.measure(text, size, style.label_bold)
                along, across = (
                    (self.cap(size) + 3.0, long + 4.0) if self.flip else (long, self.cap(size) + 4.0)
                )
                if b - a >= along and abs(high - low) >= across:
                    x, y = self.point(middle, (low + high) / 2)
                    shade, patch = self._on(colour, row)
                    self.put(text, x, y, "value", size=size, bold=style.label_bold, anchor="mm",
                             colour=shade, patch=patch, value=content.format.shown(value), series=row, index=i, point=tip)  # fmt: skip
            if totals and ends[0] > 0:
                text = content.format.text(ends[0])
                end = self.at(ends[0])
                x, y = self.point((a + b) / 2, end + (5 if self.flip else -5))
                self.put(text, x, y, "value", size=size, bold=True, anchor="lm" if self.flip else "mb",
                         value=content.format.shown(ends[0]), index=i, point=self.point((a + b) / 2, end))  # fmt: skip

    def _areas(self) -> None:
        """Areas under lines, on top of each other when stacked."""
        content, style = self.content, self.style
        count = len(content.categories)
        x = np.array([self.along(i) for i in range(count)])
        base = np.zeros(count)
        alpha = (
            style.area_alpha if content.stacked or len(content.series) == 1 else min(style.area_alpha, 0.5)
        )
        for row, series in enumerate(content.series):
            values = np.nan_to_num(series.values)
            low, high = (base, base + values) if content.stacked else (np.zeros(count), values)
            bottom = np.array([self.at(float(v)) for v in low])
            top = np.array([self.at(float(v)) for v in high])
            colour = self.colour(row)
            self.canvas.area(x, top, bottom, colour, alpha, style.fade and not content.stacked)
            if alpha < 0.9 or self.rng.random() < 0.3:
                edge = _LIGHT if alpha >= 0.9 and content.stacked else colour
                self.canvas.polyline(np.stack([x, top], 1), edge, max(1.0, style.line_width * 0.7))
            for i in range(count):
                if not math.isnan(series.values[i]):
                    self.marks.append(
                        Mark(
                            row,
                            i,
                            float(series.values[i]),
                            (float(x[i]), float(top[i])),
                            (float(x[i]), float(bottom[i])),
                        )
                    )
            if style.legend == "direct":
                self._end_label(
                    series,
                    row,
                    float(x[-1]),
                    float((top[-1] + bottom[-1]) / 2) if content.stacked else float(top[-1]),
                )
            if content.stacked:
                base = base + values

    def _lines(self, rows: list[int]) -> None:
        content, style = self.content, self.style
        points: dict[int, NDArray[np.float64]] = {}
        for row in rows:
            series = content.series[row]
            axis = 1 if series.second_axis else 0
            colour = self.colour(row)
            number = row if content.kind == "line" else 0
            place = [self.along(i) for i in range(len(series.values))]
            across = [self.at(float(v), axis) if not math.isnan(v) else math.nan for v in series.values]
            line = np.array([self.point(p, q) for p, q in zip(place, across)])
            points[row] = line
            present = ~np.isnan(line[:, 1])
            gaps_joined = self.rng.random() < 0.3
            dash = style.dashes[number % len(style.dashes)]
            for part in _runs(line, present, gaps_joined):
                drawn = _smooth(part) if style.smooth and len(part) > 2 else part
                self.canvas.polyline(drawn, colour, style.line_width, dash)
            lonely = [p for p in _runs(line, present, gaps_joined) if len(p) == 1]
            for part in lonely:
                self.canvas.marker(part[0, 0], part[0, 1], "circle", style.line_width + 2, colour)
            for i in np.flatnonzero(present):
                x, y = float(line[i, 0]), float(line[i, 1])
                if series.error is not None:
                    self._error_bar(
                        x, float(series.values[i]), float(series.error[i]), style.marker_size * 0.5
                    )
                self._marker(x, y, number if content.kind == "line" else row, colour)
                self.marks.append(Mark(row, int(i), float(series.values[i]), (x, y)))
        self._line_labels(rows, points)
        if style.legend == "direct":
            for row in rows:
                line = points[row][~np.isnan(points[row][:, 1])]
                self._end_label(content.series[row], row, float(line[-1, 0]), float(line[-1, 1]))

    def _marker(self, x: float, y: float, number: int, colour: Colour) -> None:
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

    def _line_labels(self, rows: list[int], points: dict[int, NDArray[np.float64]]) -> None:
        """Values at the vertices, each where it covers no other label; or of the last ones only."""
        content, style = self.content, self.style
        if style.labels is None or not rows:
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
                wide, high = self.measure(text, size), self.cap(size)
                x, y = (float(v) for v in points[row][i])
                gap = style.marker_size / 2 + 4
                for dy in (-gap - high, gap):
                    box = (x - wide / 2, y + dy, x + wide / 2, y + dy + high)
                    if (
                        not any(_overlap(box, other) for other in self.taken)
                        and self.top - size < box[1]
                        and box[3] < self.bottom
                    ):
                        colour = self.colour(row) if style.label_colour == "series" else style.ink
                        if _contrast(colour, style.background) < 90:
                            colour = style.ink
                        drawn = self.put(text, x, box[3], "value", size=size, anchor="mb", colour=colour,
                                         value=form.shown(float(series.values[i])), series=row, index=i, point=(x, y))  # fmt: skip
                        if drawn is not None:
                            self.taken.append(drawn)
                        break

    def _end_label(self, series: Series, row: int, x: float, y: float) -> None:
        """A series' name beside the end of its line, moved off the others' names."""
        size = self.style.size
        lows = [s.box for s in self.spans if s.role == "legend"]
        wanted = y
        for step in range(40):
            offset = ((step + 1) // 2) * size * 0.5 * (1 if step % 2 else -1)
            y = wanted + offset
            if all(abs(y - (b[1] + b[3]) / 2) > size * 1.15 for b in lows):
                break
        colour = self.colour(row)
        if _contrast(colour, self.style.background) < 80:
            colour = self.style.ink
        self.put(series.name or "", self.plot[2] + size * 0.5 if x > self.plot[2] - 60 else x + size * 0.5, y, "legend",
                 size=size, anchor="lm", colour=colour, series=row, point=(x, wanted), bold=self.style.preset == "news")  # fmt: skip

    def _scatter(self) -> None:
        content, style = self.content, self.style
        for row, series in enumerate(content.series):
            colour = self.colour(row)
            assert series.x is not None
            for i, (vx, vy) in enumerate(zip(series.x.tolist(), series.values.tolist())):
                x, y = self.at_x(vx), self.at(vy)
                self._marker(x, y, row, colour)
                self.marks.append(Mark(row, i, vy, (x, y), x_value=vx))
        if self.rng.random() < 0.15 and content.x_scale == "linear" and len(content.series) == 1:
            # A line of best fit is not data.
            xs, ys = np.array([m.pixel for m in self.marks]).T
            slope, offset = np.polyfit(xs, ys, 1)
            ends = np.array([xs.min(), xs.max()])
            line = np.stack([ends, np.clip(ends * slope + offset, self.plot[1], self.plot[3])], 1)
            self.canvas.polyline(line, style.ink, 1.5, (6.0, 4.0) if self.rng.random() < 0.5 else None)

    # Inside the plot

    def _legend_inside(self) -> None:
        """In the corner with the fewest marks, if one is nearly free; else it goes to the best all the same."""
        style, size = self.style, self.legend_size
        x0, y0, x1, y1 = self.plot
        widths = [self.key_wide + size * 0.5 + self.measure(t, size) for t, _, _ in self.entries]
        wide, high = max(widths) + size, len(widths) * size * 1.5 + size * 0.6
        inset = size * 0.6
        corners = [(x, y) for x in (x0 + inset, x1 - inset - wide) for y in (y0 + inset, y1 - inset - high)]

        def covered(corner: tuple[float, float]) -> int:
            box = (corner[0], corner[1], corner[0] + wide, corner[1] + high)
            if self.content.kind in ("line", "scatter"):
                return sum(
                    box[0] <= m.pixel[0] <= box[2] and box[1] <= m.pixel[1] <= box[3] for m in self.marks
                )
            return sum(
                m.base is not None
                and _overlap(
                    box,
                    (
                        min(m.pixel[0], m.base[0]) - 2,
                        min(m.pixel[1], m.base[1]) - 2,
                        max(m.pixel[0], m.base[0]) + 2,
                        max(m.pixel[1], m.base[1]) + 2,
                    ),
                )
                for m in self.marks
            )

        x, y = min(corners, key=covered)
        box = (x, y, x + wide, y + high)
        if style.legend_frame or covered((x, y)) or self.rng.random() < 0.5:
            self.canvas.rect(
                *box, style.plot_colour or style.background, 0.85 if not covered((x, y)) else 1.0
            )
        if style.legend_frame:
            self.canvas.frame(*box, (204, 204, 204) if self.rng.random() < 0.5 else style.axis_colour)
        for number, (text, series, index) in enumerate(self.entries):
            self._legend_entry(
                x + size * 0.5, y + size * 0.3 + (number + 0.5) * size * 1.5, text, series, index
            )
        inside = [
            dataclasses.replace(m, visible=False)
            if box[0] <= m.pixel[0] <= box[2] and box[1] <= m.pixel[1] <= box[3]
            else m
            for m in self.marks
        ]
        self.marks = inside
        hidden = [s for s in self.spans if s.role in ("value",) and _overlap(s.box, box)]
        self.spans = [s for s in self.spans if s not in hidden]

    def _note(self) -> None:
        """A remark in the plot, with a line across in some: neither is data."""
        x0, y0, x1, y1 = self.plot
        rng, style = self.rng, self.style
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
            self.canvas.rule(x0, at, x1, at, style.faint, 1.0, (5.0, 3.0))
            self.put(text, x1 - 4, at - 4, "other", size=style.size, anchor="rb", colour=style.faint)
        else:
            self.put(
                text,
                rng.uniform(x0, x0 + 0.6 * (x1 - x0)),
                y0 + style.size,
                "other",
                size=style.size,
                anchor="lm",
                colour=style.faint,
                italic=True,
            )

    # Pies

    def _pie(self) -> None:
        """Pies and donuts: slices, their names and values."""
        content, style, rng = self.content, self.style, self.rng
        values = np.nan_to_num(content.series[0].values)
        total = float(values.sum()) or 1.0
        size = style.label_size
        shares = values / total
        printed = style.labels is not None or rng.random() < 0.6 or abs(total - 100) > 1.5
        named = style.pie_labels != "legend" or not self.entries
        labels = []
        for name, value in zip(content.categories, values.tolist()):
            number = content.format.text(value)
            labels.append(([name] if named else []) + ([number] if printed else []))
        joined = named and printed and rng.random() < 0.3
        outside = style.pie_labels == "outside" or (
            named and max(self.measure(c, size) for c in content.categories) > 70
        )
        if not labels[0]:
            outside = False
        wide = max((self.measure(t, size) for parts in labels for t in parts), default=0.0)
        if joined:
            wide = max(self.measure(" ".join(parts), size) + size for parts in labels)
            if wide > 0.28 * style.width:
                joined = False
                wide = max((self.measure(t, size) for parts in labels for t in parts), default=0.0)
        room_x, room_y = self.right - self.left, self.bottom - self.top
        side = wide + size * 1.6 if outside else 0.0
        above = size * 3.0 if outside else 0.0
        radius = max(30.0, min(room_x / 2 - side, room_y / 2 - above)) * rng.uniform(0.88, 1.0)
        cx, cy = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        if rng.random() < 0.12:
            cx += rng.uniform(-0.3, 0.3) * max(0.0, room_x / 2 - side - radius)
        hole = style.hole if content.kind == "donut" else 0.0
        self.plot = (cx - radius, cy - radius, cx + radius, cy + radius)
        turn = 1.0 if style.pie_clockwise else -1.0
        # Angles run clockwise from the top, in shares of a whole turn.
        edges = style.pie_start / 360 + turn * np.concatenate([[0.0], np.cumsum(shares)])
        self._slices(cx, cy, radius, hole, edges)
        for i, value in enumerate(values.tolist()):
            middle = (edges[i] + edges[i + 1]) / 2
            tip, start = _round(cx, cy, radius, middle), _round(cx, cy, radius, float(edges[i]))
            self.marks.append(
                Mark(0, i, float(content.series[0].values[i]), tip, start, visible=shares[i] > 0.002)
            )
            if labels[i]:
                self._slice_label(
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
            if self.measure(text, style.size, True) < 1.6 * hole * radius:
                self.put(text, cx, cy, "other", size=style.size, bold=True, anchor="mm")

    def _slices(self, cx: float, cy: float, radius: float, hole: float, edges: NDArray[np.float64]) -> None:
        """The slices, their hatches, and the lines between them."""
        style = self.style
        left, top = math.floor(cx - radius - 2), math.floor(cy - radius - 2)
        side = math.ceil(2 * radius + 5)
        gap_colour = style.background
        for i, (start, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist())):
            if abs(end - start) > 1e-6:
                self.canvas.slice(cx, cy, radius, radius * hole, start, end, self.colour(i))
        if style.hatches:
            self._slice_hatches(cx, cy, radius, hole, edges, left, top, side)
        if style.pie_gap or style.bar_edge is not None or style.preset == "print":
            colour = gap_colour if style.pie_gap else style.bar_edge or (0, 0, 0)
            for edge in edges[:-1]:
                ends = np.array(
                    [_round(cx, cy, radius * hole, float(edge)), _round(cx, cy, radius, float(edge))]
                )
                self.canvas.polyline(ends, colour, style.pie_gap or 1.0)
            if not style.pie_gap:
                steps = np.linspace(0, 1, 121)
                ring = np.stack(
                    [cx + radius * np.sin(steps * 2 * np.pi), cy - radius * np.cos(steps * 2 * np.pi)], 1
                )
                self.canvas.polyline(ring, colour, 1.0)

    def _slice_hatches(
        self,
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
            kind = self.style.hatches[i % len(self.style.hatches)]
            if kind is None:
                continue
            low, high = sorted((float(edges[i]), float(edges[i + 1])))
            inside = (
                (np.mod(turn - low % 1.0, 1) < high - low)
                & (distance < radius - 0.5)
                & (distance > hole * radius + 0.5)
            )
            colour = self.colour(i)
            pen = (0, 0, 0) if sum(colour) > 330 else (255, 255, 255)
            self.canvas.blend(left, top, hatch_cover(kind, left, top, side, side) * inside, pen)

    def _slice_label(
        self, cx: float, cy: float, radius: float, hole: float, middle: float, share: float, parts: list[str], i: int,
        named: bool, outside: bool, joined: bool, value: float,
    ) -> None:  # fmt: skip
        style, size = self.style, self.style.label_size
        shown = self.content.format.shown(value)
        high = size * 1.2 * (1 if joined else len(parts))
        wide = max(self.measure(p, size) for p in parts)
        tip = _round(cx, cy, radius, middle)
        patch = None
        if outside:
            x, y = _round(cx, cy, radius + size * 0.9, middle)
            right = math.sin(middle * 2 * math.pi) >= 0
            if style.pie_leader:
                self.canvas.polyline(np.array([tip, (x, y)]), style.faint, 1.0)
            x += 3 if right else -3
            steep = abs(math.cos(middle * 2 * math.pi)) > 0.8
            anchor = ("m" if steep and not style.pie_leader else "l" if right else "r") + "m"
            if anchor[0] == "m":
                y -= math.copysign(high / 2, math.cos(middle * 2 * math.pi))
            # Labels of thin neighbours go on top of each other: move away from the last one.
            for other in self.taken:
                box = (
                    x - wide if anchor[0] == "r" else x,
                    y - high / 2,
                    x if anchor[0] == "r" else x + wide,
                    y + high / 2,
                )
                if _overlap(box, other):
                    y = other[3] + high / 2 if right == style.pie_clockwise else other[1] - high / 2
            colour = style.ink
        else:
            x, y = _round(cx, cy, radius * (1 + hole) / 2 if hole else radius * 0.65, middle)
            chord = 2 * math.pi * share * radius * (1 + hole) / 2
            if chord < high + 2 or (hole and radius * (1 - hole) < wide) or wide > radius * 0.8:
                if not (named or abs(float(np.nansum(self.content.series[0].values)) - 100) > 1.5):
                    return
                x, y = _round(cx, cy, radius + size * 0.9, middle)
                anchor, colour = ("l" if math.sin(middle * 2 * math.pi) >= 0 else "r") + "m", style.ink
            else:
                anchor = "mm"
                colour, patch = self._on(self.colour(i), i)
        meta: dict[str, Any] = {
            "size": size, "anchor": anchor, "colour": colour, "index": i, "point": tip, "patch": patch,
        }  # fmt: skip
        if joined:
            text = f"{parts[0]} ({parts[1]})" if self.rng.random() < 0.5 else f"{parts[0]}: {parts[1]}"
            box_drawn = self.put(text, x, y, "category", value=shown, **meta)
            self.taken.extend([box_drawn] if box_drawn else [])
            return
        y -= (len(parts) - 1) * size * 0.6
        for number, part in enumerate(parts):
            is_name = named and number == 0
            more: dict[str, Any] = {} if is_name else {"value": shown, "series": 0}
            box_drawn = self.put(
                part, x, y + number * size * 1.2, "category" if is_name else "value", **meta, **more
            )
            self.taken.extend([box_drawn] if box_drawn else [])


def _share(scale: Scale, value: float) -> float:
    """Where a value lies between the scale's ends, 0..1."""
    if scale.log:
        low, high = math.log10(scale.low), math.log10(scale.high)
        return (math.log10(value) - low) / (high - low)
    return (value - scale.low) / (scale.high - scale.low)


def _round(cx: float, cy: float, radius: float, turn: float) -> Point:
    """A point on a circle; ``turn`` clockwise from the top, 1 is once round."""
    return cx + radius * math.sin(turn * 2 * math.pi), cy - radius * math.cos(turn * 2 * math.pi)


def _turned(drawn: Ink, angle: int) -> Ink:
    """Ink turned counter-clockwise."""
    if angle in (90, 270):
        return Ink(np.ascontiguousarray(np.rot90(drawn.mask, angle // 90)), 0)
    turned = np.asarray(Image.fromarray(drawn.mask).rotate(angle, Image.Resampling.BICUBIC, expand=True))
    rows, columns = np.flatnonzero((turned > 8).any(1)), np.flatnonzero((turned > 8).any(0))
    return Ink(turned[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 0)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _contrast(a: Colour, b: Colour) -> float:
    """Difference of lightness and colour, 0..441."""
    return math.dist(a, b)


def _readable(colour: Colour, alpha: float, under: Colour) -> Colour:
    """Black or white, whichever shows on the colour."""
    mixed = [c * alpha + u * (1 - alpha) for c, u in zip(colour, under)]
    return (30, 30, 30) if 0.3 * mixed[0] + 0.59 * mixed[1] + 0.11 * mixed[2] > 140 else (255, 255, 255)


def _is_orderly(names: Sequence[str]) -> bool:
    """Names whose missing neighbours a reader fills in: years, dates, numbers."""
    return sum(c.isdigit() for n in names for c in n) > 0.3 * sum(len(n) for n in names)


def _round_step(least: int) -> int:
    """The next interval that a reader likes to count in."""
    return next((s for s in (1, 2, 3, 4, 5, 6, 10, 12, 20) if s >= least), least)


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
