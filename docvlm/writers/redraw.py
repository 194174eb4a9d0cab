"""A chart -> a picture that shows at a glance whether it was read right: what was pointed at, and what it gave.

On the left the original with a ring around every mark that was read, on the right a plain chart drawn from the
numbers alone, in the same colours of series on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from docvlm.charts.kinds import CHART_KINDS, ChartKind
from docvlm.mupdf import pymupdf
from docvlm.schema import Chart, Point
from docvlm.writers import chart_table

Rgb = tuple[float, float, float]
Position = tuple[float, float]

_HEIGHT = 420.0  # of both halves, points at 96 dpi
_WIDTH = 560.0
_INK, _PALE = (0.2, 0.2, 0.2), (0.85, 0.85, 0.85)
_PALETTE: tuple[Rgb, ...] = (
    (0.12, 0.37, 0.72), (0.86, 0.37, 0.10), (0.13, 0.58, 0.36), (0.70, 0.17, 0.42),
    (0.45, 0.38, 0.75), (0.60, 0.45, 0.10), (0.10, 0.60, 0.70), (0.45, 0.45, 0.45),
)  # fmt: skip
_LABELS = 14  # names of categories that fit


def png(chart: Chart, image: NDArray[np.uint8]) -> bytes:
    """``image`` (h, w, 3) uint8 RGB is what the chart was read from, the frame of its points' pixels."""
    scale = min(_HEIGHT / image.shape[0], 1.6 * _WIDTH / image.shape[1])
    left = image.shape[1] * scale
    with pymupdf.open() as document:
        page = document.new_page(width=left + _WIDTH, height=max(_HEIGHT, image.shape[0] * scale))
        _original(page, chart, image, scale)
        _Drawing(page, chart, left).draw()
        pixmap = page.get_pixmap(dpi=96)
        return bytes(pixmap.tobytes("png"))


def _original(page: pymupdf.Page, chart: Chart, image: NDArray[np.uint8], scale: float) -> None:
    height, width = image.shape[:2]
    pixels = pymupdf.Pixmap(pymupdf.csRGB, width, height, np.ascontiguousarray(image).tobytes(), False)
    page.insert_image((0, 0, width * scale, height * scale), pixmap=pixels)
    shape = page.new_shape()
    for colour, points in _coloured(chart):
        for point in points:
            if point.pixel is not None:
                centre = (point.pixel[0] * scale, point.pixel[1] * scale)
                shape.draw_circle(centre, 4.5)
                shape.finish(color=(1, 1, 1), width=2.6)
                shape.draw_circle(centre, 4.5)
                shape.finish(color=colour, width=1.3)
    shape.commit()


def _coloured(chart: Chart) -> Iterator[tuple[Rgb, list[Point]]]:
    """Each series' points in its colour; the slices of a pie, one by one."""
    pie = _kind(chart).mark == "slice"
    for number, series in enumerate(chart.series):
        if pie:
            yield from ((_PALETTE[n % len(_PALETTE)], [point]) for n, point in enumerate(series.points))
        else:
            yield _PALETTE[number % len(_PALETTE)], series.points


def _kind(chart: Chart) -> ChartKind:
    """The chart's kind; OneChart tells none, and bars show anything."""
    return CHART_KINDS.get(chart.chart_type or "", CHART_KINDS["vertical_bar"])


class _Drawing:
    """The chart drawn from its numbers, to the right of ``left`` (points)."""

    def __init__(self, page: pymupdf.Page, chart: Chart, left: float) -> None:
        self.page, self.chart, self.left = page, chart, left
        self.kind = _kind(chart)
        self.shape = page.new_shape()
        self.font = pymupdf.Font("cjk")  # writes Latin, Greek, Cyrillic and Chinese alike
        self.plot = (left + 64, 46.0, left + _WIDTH - 18, _HEIGHT - 70)
        self.values = [p.y for s in chart.series for p in s.points if p.y is not None and math.isfinite(p.y)]

    def draw(self) -> None:
        chart = self.chart
        self._text(chart.title or "", (self.left + 64, 20), 12)
        self._text(chart_table.reliability(chart), (self.left + 64, 35), 8.5, (0.45, 0.45, 0.45))
        if not self.values:
            self._text("no numbers were read", (self.left + 64, _HEIGHT / 2), 11)
        elif self.kind.mark == "slice":
            self._pie()
        elif any(isinstance(p.x, float) for s in chart.series for p in s.points):
            self._scatter()
        else:
            self._cartesian()
        self.shape.commit()

    def _text(self, text: str, at: Position, size: float, colour: Rgb = _INK, right: bool = False) -> None:
        """One line, cut where the picture ends; ``at`` is its baseline's left end, or its right one."""
        room = (at[0] - self.left if right else self.left + _WIDTH - at[0]) - 4
        while text and self.font.text_length(text, size) > room:
            text = text[:-2].rstrip("…") + "…" if len(text) > 2 else ""
        if text:
            start = at[0] - self.font.text_length(text, size) if right else at[0]
            writer = pymupdf.TextWriter(self.page.rect, color=colour)
            writer.append((start, at[1]), text, font=self.font, fontsize=size)
            writer.write_text(self.page)

    def _legend(self) -> None:
        names = [series.name for series in self.chart.series]
        if len(names) < 2 and not any(names):
            return
        x, y = self.plot[0], _HEIGHT - 22
        for number, name in enumerate(names):
            label = name or f"series {number + 1}"
            width = self.font.text_length(label, 8.5) + 26
            if x + width > self.plot[2] and x > self.plot[0]:
                x, y = self.plot[0], y + 12
            self.shape.draw_rect((x, y - 7, x + 8, y + 1))
            self.shape.finish(fill=_PALETTE[number % len(_PALETTE)], width=0)
            self._text(label, (x + 12, y), 8.5)
            x += width

    # Axes.

    def _scale(self, values: Sequence[float], from_zero: bool) -> tuple[float, float, list[float]]:
        """Lowest and highest value of an axis and its ticks."""
        low, high = min(values), max(values)
        if from_zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
            low, high = low - 1, high + 1
        rough = (high - low) / 5
        unit = 10 ** math.floor(math.log10(rough))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
        first, last = math.floor(low / step), math.ceil(high / step)
        return first * step, last * step, [number * step for number in range(first, last + 1)]

    def _ticks(self, low: float, high: float, ticks: Sequence[float], across: bool) -> None:
        x0, y0, x1, y1 = self.plot
        for tick in ticks:
            share = (tick - low) / (high - low)
            if across:
                x = x0 + share * (x1 - x0)
                self.shape.draw_line((x, y0), (x, y1))
                self._text(f"{tick:.6g}", (x - 8, y1 + 12), 8)
            else:
                y = y1 - share * (y1 - y0)
                self.shape.draw_line((x0, y), (x1, y))
                self._text(f"{tick:.6g}", (x0 - 5, y + 3), 8, right=True)
        self.shape.finish(color=_PALE, width=0.7)

    def _cartesian(self) -> None:
        horizontal, stacked = self.kind.across, self.kind.stacked
        series = self.chart.series
        count = max(len(each.points) for each in series)
        ends = self._ends(stacked)
        flat = [value for row in ends for pair in row if pair is not None for value in pair]
        bars = self.kind.has_bars
        low, high, ticks = self._scale(flat if bars or stacked else self.values, bars or stacked)
        x0, y0, x1, y1 = self.plot
        self._ticks(low, high, ticks, horizontal)
        begin, length = (y0, y1 - y0) if horizontal else (x0, x1 - x0)
        slot = length / count
        side_by_side = [n for n, each in enumerate(series) if self._is_bar(n)]
        thick = 0.75 * slot / (1 if stacked else max(1, len(side_by_side)))

        def value_at(value: float) -> float:
            share = (value - low) / (high - low)
            return x0 + share * (x1 - x0) if horizontal else y1 - share * (y1 - y0)

        for number in range(len(series)):
            colour = _PALETTE[number % len(_PALETTE)]
            trail: list[Position] = []
            for place, pair in enumerate(ends[number]):
                if pair is None:
                    continue
                middle = begin + (place + 0.5) * slot
                a, b = value_at(pair[0]), value_at(pair[1])
                if self._is_bar(number):
                    nth = 0.0 if stacked else side_by_side.index(number) - (len(side_by_side) - 1) / 2
                    c0, c1 = middle + (nth - 0.5) * thick, middle + (nth + 0.5) * thick
                    box = (min(a, b), c0, max(a, b), c1) if horizontal else (c0, min(a, b), c1, max(a, b))
                    self.shape.draw_rect((box[0], box[1], box[2] + 0.01, box[3] + 0.01))  # none is empty
                    self.shape.finish(fill=colour, width=0)
                else:
                    trail.append((middle, b))
            self._line(trail, colour)
        self._names(begin, slot, count, horizontal)
        self._legend()

    def _is_bar(self, number: int) -> bool:
        """Whether a series stands as bars; of a combined chart the first is taken to."""
        return self.kind.has_bars and (self.kind.mark == "bar" or number == 0)

    def _ends(self, stacked: bool) -> list[list[tuple[float, float] | None]]:
        """Where each mark begins and ends on the axis of values."""
        rows: list[list[tuple[float, float] | None]] = []
        above: dict[tuple[int, bool], float] = {}
        for series in self.chart.series:
            row: list[tuple[float, float] | None] = []
            for place, point in enumerate(series.points):
                if point.y is None or not math.isfinite(point.y):
                    row.append(None)
                    continue
                base = above.get((place, point.y < 0), 0.0) if stacked else 0.0
                above[place, point.y < 0] = base + point.y
                row.append((base, base + point.y))
            rows.append(row)
        return rows

    def _line(self, trail: list[Position], colour: Rgb) -> None:
        if len(trail) > 1:
            self.shape.draw_polyline(trail)
            self.shape.finish(color=colour, width=1.6, closePath=False)
        for place in trail:
            self.shape.draw_circle(place, 2)
        if trail:
            self.shape.finish(fill=colour, width=0)

    def _names(self, begin: float, slot: float, count: int, horizontal: bool) -> None:
        longest = max(self.chart.series, key=lambda series: len(series.points))
        every = -(-count // _LABELS)
        for place in range(0, count, every):
            name = chart_table.number(longest.points[place].x)
            middle = begin + (place + 0.5) * slot
            if horizontal:
                self._text(name, (self.plot[0] - 5, middle + 3), 8, right=True)
            else:
                room = every * slot
                while len(name) > 2 and self.font.text_length(name, 8) > room:
                    name = name[:-2].rstrip("…") + "…"
                width = self.font.text_length(name, 8)
                self._text(name, (middle - width / 2, self.plot[3] + 12), 8)

    # Other kinds.

    def _scatter(self) -> None:
        xs = [p.x for s in self.chart.series for p in s.points if isinstance(p.x, float)]
        low, high, ticks = self._scale(self.values, False)
        first, last, marks = self._scale(xs, False)
        self._ticks(low, high, ticks, False)
        self._ticks(first, last, marks, True)
        x0, y0, x1, y1 = self.plot
        for colour, points in _coloured(self.chart):
            for point in points:
                if isinstance(point.x, float) and point.y is not None:
                    x = x0 + (point.x - first) / (last - first) * (x1 - x0)
                    y = y1 - (point.y - low) / (high - low) * (y1 - y0)
                    self.shape.draw_circle((x, y), 2.6)
            self.shape.finish(fill=colour, width=0)
        self._legend()

    def _pie(self) -> None:
        points = [p for s in self.chart.series for p in s.points if p.y is not None and p.y > 0]
        total = sum(p.y or 0.0 for p in points)
        centre, radius = pymupdf.Point(self.left + 180, _HEIGHT / 2 + 10), 120.0
        angle = -math.pi / 2
        for number, point in enumerate(points):
            colour = _PALETTE[number % len(_PALETTE)]
            turn = 2 * math.pi * (point.y or 0.0) / total
            steps = max(2, math.ceil(turn / 0.05))
            rim = [
                centre + pymupdf.Point(math.cos(a), math.sin(a)) * radius
                for a in np.linspace(angle, angle + turn, steps)
            ]
            self.shape.draw_polyline([centre, *rim, centre])
            self.shape.finish(fill=colour, color=(1, 1, 1), width=0.8)
            angle += turn
            if number < _LABELS:
                y = 80 + 18 * number
                self.shape.draw_rect((self.left + 330, y - 7, self.left + 338, y + 1))
                self.shape.finish(fill=colour, width=0)
                self._text(
                    f"{chart_table.number(point.x)}  {chart_table.number(point.y)}", (self.left + 344, y), 9
                )
        if self.kind.hollow:
            self.shape.draw_circle(centre, radius * 0.5)
            self.shape.finish(fill=(1, 1, 1), width=0)
