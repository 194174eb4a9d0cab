"""Charts drawn by matplotlib in many looks; the truth is read back from what was drawn.

Everything goes through Agg. Text boxes come from a renderer that writes down every line of text it draws, mark
places from the axes' own transforms, so both hold for any style. The canvas is larger than the chart and is cut to
it afterwards, as ``savefig(bbox_inches="tight")`` does.
"""

from __future__ import annotations

import itertools
import logging
import math
import random
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.legend import Legend
from matplotlib.patches import Wedge
from matplotlib.text import Text
from matplotlib.ticker import AutoMinorLocator, FixedFormatter, FixedLocator, NullFormatter, NullLocator
from matplotlib.transforms import IdentityTransform

from docvlm.boxes import Box, Point
from training.charts.matplotlib_look import LookChooser, even, faces
from training.charts.sample import Content, Mark, NumberFormat, Role, Sample, Series, Span
from training.charts.ticks import Scale, make_scale, values_of

# It says again for every chart which family of its mathematical fonts is missing.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

_FILLED = "oooossD^v<>PX*dph"
_MARKERS = _FILLED + "+x."
_HATCHES = ("//", "\\\\", "xx", "..", "--", "||", "++", "oo", "**", "/", "\\", "x", "-")
_DASHES = ("-", "-", "-", "--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)))
_MAX_CANVAS = 2600  # pixels


def draw(content: Content, rng: random.Random) -> Sample:
    """One drawing of ``content``; the look is drawn from ``rng``. Raises Undrawable where no installed font has the
    content's characters (`matplotlib_look.add_fonts` registers more).
    """
    installed = fontManager.ttflist
    with mpl.rc_context():
        mpl.rcdefaults()
        drawing = _Drawing(content, rng)
        # matplotlib scores every installed font for every size of text that it meets: a third of all time.
        fontManager.ttflist = faces(mpl.rcParams["font.family"][0])
        try:
            return drawing.sample()
        finally:
            fontManager.ttflist = installed


@dataclass(slots=True)
class _Line:
    """A line of text as drawn: its box in pixels of the canvas, origin top left, and whether it was a formula."""

    text: str
    box: Box
    angle: float
    formula: bool


class Recorder(RendererAgg):  # type: ignore[misc]
    """Draws as Agg does and keeps the lines of texts that carry a group id."""

    def __init__(self, width: int, height: int, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self.lines: dict[str, list[_Line]] = {}
        self._group: str | None = None
        self._sizes: dict[tuple[str, FontProperties, Any], tuple[float, float, float]] = {}

    def open_group(self, s: str, gid: str | None = None) -> None:
        if s == "text":
            self._group = gid

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        key = (s, prop, ismath)
        if key not in self._sizes:
            self._sizes[s, prop.copy(), ismath] = super().get_text_width_height_descent(s, prop, ismath)
        return self._sizes[key]

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: bool = False,
        mtext: Text | None = None,
    ) -> None:
        super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        if self._group is None or not s.strip():
            return
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        corners = itertools.product((0.0, width), (descent - height, descent))
        xs, ys = zip(*((x + dx * cosine + dy * sine, y - dx * sine + dy * cosine) for dx, dy in corners))
        line = _Line(s, (min(xs), min(ys), max(xs), max(ys)), angle % 360, bool(ismath))
        self.lines.setdefault(self._group, []).append(line)


@dataclass(slots=True)
class _Label:
    """What a text in the figure means; ``point`` is asked for after drawing."""

    role: Role
    point: Callable[[], Point] | None = None
    value: float | None = None
    series: int | None = None
    index: int | None = None
    axis: int = 0
    text: str | None = None  # where the drawn string is a formula: how it reads


@dataclass(slots=True)
class _Place:
    """A mark in data coordinates of ``axes``."""

    axes: Axes
    series: int
    index: int
    value: float
    at: Point
    base: Point | None = None
    x_value: float | None = None
    visible: bool = True


class _Drawing:
    """One chart on its way from content to sample."""

    def __init__(self, content: Content, rng: random.Random) -> None:
        self.content = content
        self.rng = rng
        self.pie = content.is_pie
        self.labels: dict[str, _Label] = {}
        self.places: list[_Place] = []
        self.keys: list[tuple[Any, str, int]] = []  # legend handle, text, series (or slice)
        self.look = LookChooser(content, rng).look()

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    # -- the figure ---------------------------------------------------------------------------------------------

    def sample(self) -> Sample:
        look, rng = self.look, self.rng
        self.dots = look.dpi / 72  # pixels per point
        self.label_points = even(look.size * rng.uniform(0.75, 1.0))
        self.label_gap = rng.uniform(1.0, 4.0) * self.dots
        self.error_color = rng.choice(("black", "0.3", mpl.rcParams["text.color"]))
        self.error_cap, self.error_width = rng.choice((0.0, 2.0, 3.0, 5.0)), rng.uniform(0.5, 1.6)
        self.printed: list[Box] = []  # value labels so far
        self.measured: dict[tuple[str, float, str], tuple[float, float]] = {}
        self.direct: list[float] = []  # heights of names at the ends of lines
        # What already stands around the plot, in pixels from its edges.
        self.above = self.below = self.beside = self.before = 0.0
        self.left, self.top, right, bottom = self._margins()
        self.width = min(self.left + look.width + right, _MAX_CANVAS)
        self.height = min(self.top + look.height + bottom, _MAX_CANVAS)
        self.renderer = Recorder(self.width, self.height, look.dpi)
        self.figure = Figure(figsize=(self.width / look.dpi, self.height / look.dpi), dpi=look.dpi)
        low = self.height - self.top - look.height
        self.axes = self.figure.add_axes(
            (self.left / self.width, low / self.height, look.width / self.width, look.height / self.height)
        )
        self.second: Axes | None = None
        if self.pie:
            self._draw_pie()
        else:
            self._draw_axes_chart()
        self._place_words()
        self.figure.draw(self.renderer)
        return self._read_back()

    def _margins(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom: ample room around the plot."""
        content, look = self.content, self.look
        em = look.size * look.dpi / 72
        names = [s.name or "" for s in content.series]
        longest = max((_reach(c) for c in (*content.categories, *names)), default=0.0) * em * 1.2
        words = max((_reach(t) for t in (content.title, content.source, content.subtitle) if t), default=0.0)
        spill = max(0.0, words * em * 1.3 - look.width) / 2
        side = 16 * em + longest
        rows = (len(content.categories) if self.pie else len(names)) * 2 * em
        return (
            round(side + spill),
            round(20 * em + rows),
            round(side + 8 * em + spill),
            round(18 * em + longest + rows),
        )

    def add(self, artist: Text, label: _Label) -> None:
        """Notes what a text means."""
        gid = f"t{len(self.labels)}"
        artist.set_gid(gid)
        self.labels[gid] = label

    def pixel(self, axes: Axes, x: float, y: float) -> Point:
        """Data coordinates -> pixels of the canvas, origin top left."""
        right, up = axes.transData.transform((x, y))
        return float(right), float(self.height - up)

    def measure(self, text: str, points: float, weight: str = "normal") -> tuple[float, float]:
        """Width and height in pixels."""
        if (text, points, weight) not in self.measured:
            properties = FontProperties(family=mpl.rcParams["font.family"], size=points, weight=weight)
            lines = [t for t in text.split("\n") if t]
            widths = [self.renderer.get_text_width_height_descent(t, properties, False)[0] for t in lines]
            size = max(widths, default=0.0), points * self.dots * 1.25 * max(len(lines), 1)
            self.measured[text, points, weight] = size
        return self.measured[text, points, weight]

    def turn(self, place: float, value: float) -> Point:
        """(place along x, value) as data coordinates, swapped in charts that lie on their side."""
        return (float(value), float(place)) if self.content.horizontal else (float(place), float(value))

    # -- charts with axes ---------------------------------------------------------------------------------------

    def _draw_axes_chart(self) -> None:
        content = self.content
        first = [s for s in content.series if not s.second_axis]
        second = [s for s in content.series if s.second_axis]
        self.values = self._value_scale(first, content.format, content.scale == "log")
        self._limit(self.axes, self.values)
        if second:
            self.second = self.axes.twinx()
            self.second_values = self._value_scale(second, content.second_format, False)
            self._limit(self.second, self.second_values)
        if content.kind == "scatter":
            self._draw_scatter()
        else:
            lines = [i for i, s in enumerate(content.series) if s.as_line or content.kind == "line"]
            others = [i for i in range(len(content.series)) if i not in lines]
            self._limit_categories(bool(others) and content.kind != "area")
            if content.kind == "area":
                self._draw_areas()
            elif others:
                self._draw_bars(others)
            if lines:
                self._draw_lines(lines)
            self._finish_category_axis()
        shown = not (self.look.labels == "outside" and self.second is None and self.chance(0.2))
        self._finish_value_axis(self.axes, self.values, 0, shown)
        if self.second is not None:
            self._finish_value_axis(self.second, self.second_values, 1, True)
        self._finish_frame()

    def _value_scale(self, series: Sequence[Series], form: NumberFormat, log: bool) -> Scale:
        content, look, rng = self.content, self.look, self.rng
        along = look.width if content.horizontal else look.height
        crowd = along / (look.size * self.dots * (5 if content.horizontal else 2.2))
        ticks = max(3, min(round(rng.triangular(3, 11, 6)), int(crowd)))
        bars = [s for s in series if not s.as_line and content.kind not in ("line", "scatter")]
        rest = [s for s in series if not any(s is b for b in bars)]
        values = values_of(content, bars, content.stacked) + values_of(content, rest, False)
        room = rng.uniform(0.05, 0.12) if look.labels == "outside" and not log else 0.0
        if look.legend == "inside" and self.chance(0.7):
            room += rng.uniform(0.1, 0.4)
        low, high = min(_finite(values), default=0.0), max(_finite(values), default=1.0)
        # Bars that start above zero do so only where they are all high, as people do to show a difference.
        zero = look.zero if not bars or low > 0.3 * high else True
        return make_scale(values, form, rng, log=log, zero=zero, headroom=room, ticks=ticks)

    def _limit(self, axes: Axes, scale: Scale) -> None:
        axes.set_autoscale_on(False)
        kind = "log" if scale.log else "linear"
        if self.content.horizontal:
            axes.set_xscale(kind)
            axes.set_xlim(scale.low, scale.high)
        else:
            axes.set_yscale(kind)
            axes.set_ylim(scale.low, scale.high)

    def _limit_categories(self, bars: bool) -> None:
        places = self.content.positions
        count = max(len(self.content.categories), self.content.shape[1])
        self.xs = (
            np.arange(count, dtype=np.float64) if places is None else np.asarray(places, dtype=np.float64)
        )
        gaps = np.diff(np.sort(self.xs))
        self.slot = float(gaps[gaps > 0].min()) if (gaps > 0).any() else 1.0
        room = self.slot * (0.5 + self.rng.uniform(0.0, 0.35)) if bars else 0.0
        if not bars:
            room = float(np.ptp(self.xs) or 1.0) * self.rng.choice((0.0, 0.02, 0.05, 0.05, 0.08))
        low, high = float(self.xs.min()) - room, float(self.xs.max()) + room
        if low == high:
            low, high = low - 0.5, high + 0.5
        if self.content.horizontal:
            self.axes.set_ylim((high, low) if self.chance(0.7) else (low, high))
        else:
            self.axes.set_xlim(low, high)

    def _draw_bars(self, rows: Sequence[int]) -> None:
        content, look, rng, axes = self.content, self.look, self.rng, self.axes
        stacked = content.stacked
        lanes = 1 if stacked else len(rows)
        group = self.slot * rng.triangular(0.4, 0.98, 0.75)
        width = group / lanes
        thin = width * (rng.uniform(0.8, 1.0) if lanes > 1 and self.chance(0.4) else 1.0)
        hatches = self._choose_hatches(rows)
        several = len(content.series) == 1 and self.chance(0.2)
        alpha = rng.uniform(0.55, 0.95) if self.chance(0.15) else 1.0
        # Outlines alone must tell the series apart.
        apart = all(
            math.dist(look.colors[a], look.colors[b]) > 0.35 for a, b in itertools.combinations(rows, 2)
        )
        outlined = None  # how far such bars are filled
        if apart and not hatches and self.chance(0.08):
            outlined = rng.choice((0.0, 0.0, 0.25))
        edge_width = rng.choice((1.0, 1.5, 2.0))
        rounded = self.values.low if self.values.log else 0.0
        tops, bottoms = np.zeros(len(self.xs)), np.zeros(len(self.xs))
        for lane, row in enumerate(rows):
            series = content.series[row]
            values = np.asarray(series.values, dtype=np.float64)
            xs = self.xs[: len(values)] + (0.0 if stacked else (lane - (lanes - 1) / 2) * width)
            known = np.isfinite(values)
            base = np.full(len(values), rounded)
            if stacked:
                filled = np.where(known, values, 0.0)
                base = np.where(filled >= 0, tops[: len(values)], bottoms[: len(values)])
                tops[: len(values)] += np.maximum(filled, 0)
                bottoms[: len(values)] += np.minimum(filled, 0)
            ends = base + values if stacked else values
            paint = look.colors[: len(values)] if several else [look.colors[row]] * len(values)
            options: dict[str, Any] = {"color": [c for c, k in zip(paint, known) if k], "alpha": alpha}
            if hatches.get(row):
                options["hatch"] = hatches[row]
            if outlined is not None:
                own = options["color"]
                pale = [mpl.colors.to_rgba(c, outlined) for c in own]
                options |= {"color": pale, "edgecolor": own, "linewidth": edge_width, "alpha": None}
                paint = [mpl.colors.to_rgb(mpl.rcParams["axes.facecolor"])] * len(values)
            if content.horizontal:
                drawn = axes.barh(xs[known], (ends - base)[known], thin, left=base[known], **options)
            else:
                drawn = axes.bar(xs[known], (ends - base)[known], thin, bottom=base[known], **options)
            if series.error is not None:
                self._draw_errors(axes, xs[known], values[known], series.error[known])
            self.keys.append((drawn, series.name or "", row))
            for i in np.flatnonzero(known):
                near = self.turn(xs[i], base[i]) if stacked else None
                self.places.append(
                    _Place(axes, row, int(i), float(values[i]), self.turn(xs[i], ends[i]), near)
                )
            if look.labels:
                breadth = self._breadth(thin)
                for i in np.flatnonzero(known):
                    self._label_bar(
                        row, int(i), float(values[i]), (xs[i], base[i], ends[i]), breadth, paint[i]
                    )

    def _choose_hatches(self, rows: Sequence[int]) -> dict[int, str]:
        """The hatch of each row that has one: rarely of all, of one set off from the others, or of rows that share a
        colour.
        """
        rng, draw = self.rng, self.rng.random()
        kinds = rng.sample(_HATCHES, len(_HATCHES))
        mpl.rcParams["hatch.color"] = rng.choice(("black", "black", "0.3", "white"))
        if draw < 0.07:
            return {row: kinds[row % len(kinds)] for row in rows}
        if draw < 0.12 and len(rows) > 1:
            return {rng.choice((rows[0], rng.choice(rows))): kinds[0]}
        if draw < 0.15 and len(self.content.series) == len(rows) > 1:
            mpl.rcParams["hatch.color"] = "black" if sum(self.look.colors[0][:3]) > 1.2 else "white"
            self.look.colors = [self.look.colors[0]] * len(self.look.colors)
            return dict(
                zip(rows[1:], rng.sample(("//", "\\\\", "xx", "..", "--", "||", "oo"), len(rows) - 1))
            )
        return {}

    def _breadth(self, width: float) -> float:
        """Pixels of ``width`` along the category axis."""
        (x0, y0), (x1, y1) = self.axes.transData.transform([self.turn(0.0, 1.0), self.turn(width, 1.0)])
        return float(abs(y1 - y0) if self.content.horizontal else abs(x1 - x0))

    def _draw_errors(self, axes: Axes, xs: Any, values: Any, error: Any) -> None:
        horizontal = self.content.horizontal
        axes.errorbar(
            *((values, xs) if horizontal else (xs, values)),
            **{"xerr" if horizontal else "yerr": np.nan_to_num(error)},
            fmt="none",
            ecolor=self.error_color,
            capsize=self.error_cap,
            elinewidth=self.error_width,
        )

    def _label_bar(
        self, row: int, index: int, value: float, bar: tuple[float, float, float], breadth: float, color: Any
    ) -> None:
        """Prints a bar's value outside its end, inside it, or in its middle; nowhere where it does not fit."""
        place, base, end = bar
        text = self.value_text(value)
        points = self.label_points
        wide, high = self.measure(text, points)
        tip, foot = (
            self.pixel(self.axes, *self.turn(place, end)),
            self.pixel(self.axes, *self.turn(place, base)),
        )
        horizontal = self.content.horizontal
        # An axis that begins above zero hides the foot.
        right, bottom = self.left + self.look.width, self.top + self.look.height
        foot = min(max(foot[0], self.left), right), min(max(foot[1], self.top), bottom)
        angle = 0
        if horizontal:
            if high > breadth * 1.6:
                return
        elif wide > breadth * 1.25:
            if high > breadth * 1.2 or self.look.labels == "center":
                return
            angle, wide, high = 90, high, wide
        axis = 0 if horizontal else 1
        along = wide if horizontal else high
        length = abs(tip[axis] - foot[axis])
        where = self.look.labels
        if where != "outside" and length < along * 1.15:
            if self.content.stacked:
                return
            where = "outside"
        grows = (1 if tip[0] >= foot[0] else -1) if horizontal else (1 if tip[1] <= foot[1] else -1)
        if value < 0 and length < 0.5:
            grows = -grows
        gap = self.label_gap
        shift = {"outside": gap + along / 2, "inside": -gap - along / 2, "center": -length / 2}[where]
        x, y = tip
        x, y = (x + grows * shift, y) if horizontal else (x, y - grows * shift)
        ink = mpl.rcParams["text.color"] if where == "outside" else _ink_on(color)
        self._print_value(text, value, (x, y), (wide, high), ink, angle, row, index, tip)

    def _print_value(
        self,
        text: str,
        value: float,
        middle: Point,
        size: tuple[float, float],
        ink: Any,
        angle: int,
        row: int,
        index: int,
        point: Point,
    ) -> None:
        """A value label around ``middle``, unless it would lie over another one."""
        x, y = middle
        box = (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
        if any(b[0] < box[2] and box[0] < b[2] and b[1] < box[3] and box[1] < b[3] for b in self.printed):
            return
        self.printed.append(box)
        artist = self.figure.text(
            x,
            self.height - y,
            text,
            transform=IdentityTransform(),
            ha="center",
            va="center",
            rotation=angle,
            fontsize=self.label_points,
            color=ink,
            zorder=6,
        )
        shown = self.content.format.shown(value)
        self.add(artist, _Label("value", lambda: point, shown, row, index))

    def value_text(self, value: float) -> str:
        return self.content.format.text(value)

    def _draw_lines(self, rows: Sequence[int]) -> None:
        content, look, rng = self.content, self.look, self.rng
        marked = self.chance(0.5)
        own = marked and self.chance(0.4)
        dashed = self.chance(0.25)
        hollow = self.chance(0.2)
        marker = rng.choice(_MARKERS)
        connect = self.chance(0.3)
        level = rng.choice(("steps-mid", "steps-post")) if self.chance(0.05) else "default"
        banded = content.kind == "line" and (len(self.xs) >= 20 or self.chance(0.45))
        for row in rows:
            series = content.series[row]
            axes = self.second if series.second_axis and self.second is not None else self.axes
            values = np.asarray(series.values, dtype=np.float64)
            xs = self.xs[: len(values)]
            known = np.isfinite(values)
            if connect:
                xs, values = xs[known], values[known]
            sign = (rng.choice(_MARKERS) if own else marker) if marked else ""
            color = look.colors[row % len(look.colors)]
            (line,) = axes.plot(
                *((values, xs) if content.horizontal else (xs, values)),
                color=color,
                marker=sign or "None",
                linestyle=rng.choice(_DASHES) if dashed else "-",
                drawstyle=level,
                markerfacecolor=mpl.rcParams["axes.facecolor"] if hollow else color,
                markeredgecolor=color,
                clip_on=rng.random() < 0.7,
                zorder=3 + 0.01 * row,
            )
            if series.error is not None and banded:
                places, half = self.xs[: len(known)][known], series.error[known]
                middle = series.values[known]
                axes.fill_between(places, middle - half, middle + half, color=color, alpha=0.25, linewidth=0)
            elif series.error is not None:
                self._draw_errors(
                    axes, self.xs[: len(known)][known], series.values[known], series.error[known]
                )
            self.keys.append((line, series.name or "", row))
            ends = np.flatnonzero(known)
            beside = np.concatenate([[False], known, [False]])
            for i in ends:
                # A lone point between gaps shows only where it has a marker.
                seen = bool(sign) or (len(ends) > 1 and connect) or bool(beside[i] or beside[i + 2])
                value = float(series.values[i])
                at = self.turn(self.xs[i], value)
                self.places.append(_Place(axes, row, int(i), value, at, visible=seen))
            if look.labels and content.kind == "line":
                self._label_points(axes, row, [int(i) for i in ends], color)
            if look.legend == "direct" and len(ends):
                self._name_line(axes, row, int(ends[-1]), color)

    def _label_points(self, axes: Axes, row: int, indices: Sequence[int], color: Any) -> None:
        """Values above or below their vertices: all of them, the last, or the extremes."""
        values = self.content.series[row].values
        which = self.rng.random()
        if which < 0.15:
            indices = indices[-1:]
        elif which < 0.25 and len(indices) > 2:
            indices = sorted({max(indices, key=lambda i: values[i]), min(indices, key=lambda i: values[i])})
        side = -1 if self.chance(0.8) else 1
        far = max(abs(a - b) for a, b in zip(color, mpl.colors.to_rgb(mpl.rcParams["axes.facecolor"])))
        ink = color if far > 0.5 and self.chance(0.5) else mpl.rcParams["text.color"]
        for i in indices:
            value = float(values[i])
            point = self.pixel(axes, *self.turn(self.xs[i], value))
            form = self.content.second_format if self.content.series[row].second_axis else self.content.format
            text = form.text(value)
            wide, high = self.measure(text, self.label_points)
            middle = (point[0], point[1] + side * (self.label_gap + high / 2 + 2))
            self._print_value(text, value, middle, (wide, high), ink, 0, row, i, point)

    def _name_line(self, axes: Axes, row: int, index: int, color: Any) -> None:
        """The series' name at its last point, moved up or down where another name stands."""
        name = self.content.series[row].name
        if not name:
            return
        point = self.pixel(axes, *self.turn(self.xs[index], float(self.content.series[row].values[index])))
        points = mpl.rcParams["legend.fontsize"]
        wide, high = self.measure(name, points)
        x, y = self.left + self.look.width + 4 * self.dots, point[1]
        if index < len(self.xs) - 1:
            x = point[0] + 4 * self.dots
        taken = sorted(self.direct)
        while any(abs(y - other) < high for other in taken):
            y += high / 4
        self.direct.append(y)
        self.beside = max(self.beside, wide + 6 * self.dots)
        ink = color if self.chance(0.7) else mpl.rcParams["text.color"]
        artist = self.figure.text(
            x, self.height - y, name, transform=IdentityTransform(), va="center", color=ink, fontsize=points
        )
        self.add(artist, _Label("legend", lambda: point, series=row))

    def _draw_areas(self) -> None:
        content, look, axes = self.content, self.look, self.axes
        stacked = content.stacked
        alpha = (
            self.rng.uniform(0.6, 1.0) if stacked or len(content.series) == 1 else self.rng.uniform(0.2, 0.5)
        )
        edge = not stacked or self.chance(0.4)
        outline = self.rng.choice(("black", "0.3", "white")) if stacked and self.chance(0.3) else None
        top = np.zeros(len(self.xs))
        for row, series in enumerate(content.series):
            values = np.asarray(series.values, dtype=np.float64)
            known = np.isfinite(values)
            base = top[: len(values)].copy() if stacked else np.zeros(len(values))
            ends = base + np.where(known, values, 0.0) if stacked else values
            color = look.colors[row]
            low = np.maximum(base, self.values.low) if self.values.log else base
            drawn: Any = axes.fill_between(
                self.xs[: len(values)], low, ends, color=color, alpha=alpha, linewidth=0
            )
            if edge:
                (line,) = axes.plot(self.xs[: len(values)], ends, color=outline or color)
                drawn = drawn if outline else line
            if stacked:
                top[: len(values)] = ends
            self.keys.append((drawn, series.name or "", row))
            for i in np.flatnonzero(known):
                near = (float(self.xs[i]), float(base[i])) if stacked else None
                at = (float(self.xs[i]), float(ends[i]))
                self.places.append(_Place(axes, row, int(i), float(values[i]), at, near))
            if look.labels and not stacked:
                self._label_points(axes, row, [int(i) for i in np.flatnonzero(known)], color)

    def _draw_scatter(self) -> None:
        content, look, rng, axes = self.content, self.look, self.rng, self.axes
        places = [np.full(len(s.values), np.nan) if s.x is None else s.x for s in content.series]
        scale = make_scale(
            np.concatenate(places).tolist(),
            content.x_format,
            rng,
            log=content.x_scale == "log",
            zero=self.chance(0.3),
            ticks=rng.randint(4, 8),
        )
        axes.set_xscale("log" if scale.log else "linear")
        axes.set_xlim(scale.low, scale.high)
        alpha = rng.uniform(0.4, 1.0)
        size = rng.triangular(3.0, 11.0, 5.0) * self.look.size / 9
        marker = rng.choice(_FILLED)
        own = self.chance(0.35)
        for row, series in enumerate(content.series):
            known = np.isfinite(series.values) & np.isfinite(places[row])
            (drawn,) = axes.plot(
                places[row][known],
                series.values[known],
                linestyle="none",
                marker=rng.choice(_FILLED) if own else marker,
                markersize=size,
                color=look.colors[row % len(look.colors)],
                alpha=alpha,
                markeredgewidth=rng.choice((0.0, 0.5, 1.0)),
                markeredgecolor=rng.choice(("white", "black", look.colors[row % len(look.colors)])),
                clip_on=False,
            )
            self.keys.append((drawn, series.name or "", row))
            for i in np.flatnonzero(known):
                x, value = float(places[row][i]), float(series.values[i])
                self.places.append(_Place(axes, row, int(i), value, (x, value), x_value=x))
        self._print_ticks(axes, "x", scale, "x_tick", 0)

    # -- pies ---------------------------------------------------------------------------------------------------

    def _draw_pie(self) -> None:
        content, look, rng, axes = self.content, self.look, self.rng, self.axes
        series = content.series[0]
        values = np.asarray(series.values, dtype=np.float64)
        known = [int(i) for i in np.flatnonzero(np.isfinite(values) & (values > 0))]
        reach = rng.uniform(1.0, 1.15)
        half = (reach * max(look.width / look.height, 1.0), reach * max(look.height / look.width, 1.0))
        axes.set_xlim(-half[0], half[0])
        axes.set_ylim(-half[1], half[1])
        axes.set_axis_off()
        hole = 0.0 if content.kind == "pie" else rng.uniform(0.35, 0.75)
        clockwise = self.chance(0.5)
        start = rng.choice((90.0, 90.0, 0.0, rng.uniform(0, 360)))
        exploded = rng.randrange(len(known)) if self.chance(0.12) else -1
        edge = rng.choice((None, "white", "white", "black"))
        whole = float(values[known].sum())
        direct = look.legend == "direct"
        joined = direct and bool(look.labels) and self.chance(0.3)
        distance = rng.uniform(1.05, 1.2)
        inner = (1 + hole) / 2 if hole else rng.uniform(0.55, 0.8)
        outside = bool(look.labels) and not direct and self.chance(0.4)
        angle = start
        for place, i in enumerate(known):
            value = float(values[i])
            sweep = 360.0 * value / whole * (-1 if clockwise else 1)
            away = 0.1 if place == exploded else 0.0
            middle = math.radians(angle + sweep / 2)
            centre = (away * math.cos(middle), away * math.sin(middle))
            wedge = Wedge(
                centre,
                1.0,
                *sorted((angle, angle + sweep)),
                width=1.0 - hole if hole else None,
                facecolor=look.colors[place],
                edgecolor=edge,
                linewidth=rng.choice((0.5, 1.0, 2.0)) if edge else 0.0,
            )
            axes.add_patch(wedge)
            begin = math.radians(angle)

            def on(radius: float, turn: float, centre: Point = centre) -> Point:
                return centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)

            self.places.append(_Place(axes, 0, i, value, on(1.0, middle), on(1.0, begin)))
            point = self.pixel(axes, *on(1.0, middle))
            name = content.categories[i] if i < len(content.categories) else ""
            printed = self.value_text(value)
            if direct and name:
                text = f"{name} ({printed})" if joined else name
                self._name_slice(
                    _wrap(text, 22), self.pixel(axes, *on(distance, middle)), middle, i, point, joined
                )
            if look.labels and not joined:
                self._label_slice(printed, value, on, middle, (inner, distance, outside), i, point)
            self.keys.append((wedge, name, i))
            angle += sweep

    def _name_slice(
        self, text: str, at: Point, middle: float, index: int, point: Point, joined: bool
    ) -> None:
        """A slice's name beside it; names that would lie over others are left out, as careful people do."""
        wide, high = self.measure(text, mpl.rcParams["xtick.labelsize"])
        side = "left" if math.cos(middle) > 0.05 else "right" if math.cos(middle) < -0.05 else "center"
        x = at[0] + {"left": wide / 2, "right": -wide / 2, "center": 0.0}[side]
        y = at[1] - math.sin(middle) * high / 2
        box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if any(b[0] < box[2] and box[0] < b[2] and b[1] < box[3] and box[1] < b[3] for b in self.printed):
            return
        self.printed.append(box)
        self.above = max(self.above, self.top - box[1])
        self.below = max(self.below, box[3] - self.top - self.look.height)
        self.before = max(self.before, self.left - box[0])
        self.beside = max(self.beside, box[2] - self.left - self.look.width)
        artist = self.figure.text(
            x,
            self.height - y,
            text,
            transform=IdentityTransform(),
            ha="center",
            va="center",
            fontsize=mpl.rcParams["xtick.labelsize"],
        )
        value = self.content.format.shown(float(self.content.series[0].values[index])) if joined else None
        self.add(artist, _Label("category", lambda: point, value, index=index))

    def _label_slice(
        self,
        text: str,
        value: float,
        on: Callable[[float, float], Point],
        middle: float,
        radii: tuple[float, float, bool],
        index: int,
        point: Point,
    ) -> None:
        inner, distance, outside = radii
        wide, high = self.measure(text, self.label_points)
        x, y = self.pixel(self.axes, *on(distance if outside else inner, middle))
        if outside:
            x += math.cos(middle) * wide / 2
            y -= math.sin(middle) * high / 2
        ink = mpl.rcParams["text.color"] if outside else _ink_on(self.look.colors[len(self.keys)])
        self._print_value(text, value, (x, y), (wide, high), ink, 0, 0, index, point)

    # -- axes ---------------------------------------------------------------------------------------------------

    def _finish_category_axis(self) -> None:
        """Names along the category axis: turned, wrapped or thinned out until they fit."""
        content, look, axes = self.content, self.look, self.axes
        side = "y" if content.horizontal else "x"
        points = mpl.rcParams[f"{side}tick.labelsize"]
        names = list(content.categories)
        where = [self.pixel(axes, *self.turn(float(x), self.values.low)) for x in self.xs[: len(names)]]
        along = 1 if content.horizontal else 0
        places = [p[along] for p in where]
        slot = min((abs(b - a) for a, b in itertools.pairwise(sorted(places))), default=float(look.width))
        angle = 0.0
        sizes = [self.measure(n, points) for n in names]
        line = points * self.dots * 1.25
        step = 1
        if content.horizontal:
            if slot > 2.4 * line and max((s[0] for s in sizes), default=0) > look.width * 0.45:
                names = [_wrap(n, 18) for n in names]
            step = max(1, math.ceil(line / max(slot, 1e-6)))
        else:
            widest = max((s[0] for s in sizes), default=0.0)
            fits = widest < slot * 0.95
            if fits and self.chance(0.85):
                pass
            elif not fits and slot > line * 3 and self.chance(0.45):
                names = [_wrap(n, max(4, int(slot / (line * 0.45)))) for n in names]
                widest = max(self.measure(n, points)[0] for n in names)
                fits = widest < slot
            if not fits or (not any("\n" in n for n in names) and self.chance(0.12)):
                regular = content.positions is not None or len(names) > 14
                if regular and widest < look.width / 3 and self.chance(0.6):
                    step = math.ceil(widest * 1.25 / slot)
                elif slot > line * 1.1:
                    names = [n.replace("\n", " ") for n in names]
                    angle = self.rng.choice((30.0, 45.0, 45.0, 60.0, 90.0, 90.0))
                    if self.chance(0.1):
                        angle = {30.0: 330.0, 45.0: 315.0, 60.0: 300.0, 90.0: 270.0}[angle]
                else:
                    step, angle = math.ceil(line * 1.1 / slot), self.rng.choice((0.0, 90.0))
                    if angle == 0.0:
                        step = math.ceil(widest * 1.2 / slot)
        first = self.rng.randrange(step) if step > 1 and self.chance(0.3) else 0
        chosen = list(range(first, len(names), step))
        axis = axes.yaxis if content.horizontal else axes.xaxis
        axis.set_major_locator(FixedLocator([float(self.xs[i]) for i in chosen]))
        axis.set_major_formatter(FixedFormatter([names[i] for i in chosen]))
        axis.set_minor_locator(NullLocator())
        placed = [(_Label("category", None, index=i), names[i]) for i in chosen]
        self._mark_ticks(axis, axes, placed, [float(self.xs[i]) for i in chosen], angle)

    def _finish_value_axis(self, axes: Axes, scale: Scale, which: int, shown: bool) -> None:
        side = "x" if self.content.horizontal else "y"
        if not shown:
            axis = axes.xaxis if side == "x" else axes.yaxis
            axis.set_major_locator(NullLocator())
            axis.set_minor_locator(NullLocator())
            return
        if which == 0 and self.second is None and self.chance(0.08):
            (axes.xaxis.tick_top if side == "x" else axes.yaxis.tick_right)()
        self._print_ticks(axes, side, scale, "y_tick", which)

    def _print_ticks(self, axes: Axes, side: str, scale: Scale, role: Role, which: int) -> None:
        """Ticks with our own texts, or where the format is plain with matplotlib's."""
        axis = axes.xaxis if side == "x" else axes.yaxis
        form = self.content.x_format if role == "x_tick" else self.content.format
        plain = not (form.prefix or form.suffix or form.units or form.thousands) and form.decimal == "."
        formula = False
        texts, values, numbers = list(scale.texts), list(scale.values), list(scale.numbers)
        if plain and which == 0 and self.chance(0.6):
            low, high = sorted(axes.get_xlim() if side == "x" else axes.get_ylim())
            slack = 1e-9 * (high - low)
            values = [float(v) for v in axis.get_majorticklocs() if low - slack <= v <= high + slack]
            formatter: Any = axis.get_major_formatter()
            if not scale.log:
                formatter.set_powerlimits((-9, 9))
                formatter.set_useOffset(False)
            texts = formatter.format_ticks(values)
            numbers = values
            formula = scale.log
            if max(map(abs, values), default=0.0) >= 1e5 and not scale.log and self.chance(0.4):
                formatter.set_powerlimits((-3, 4))
                texts = formatter.format_ticks(values)
                self._note_power(axes, side, formatter.get_offset())
        if len(values) < 2:
            texts, values, numbers, formula = (
                list(scale.texts),
                list(scale.values),
                list(scale.numbers),
                False,
            )
        axis.set_major_locator(FixedLocator(values))
        axis.set_major_formatter(FixedFormatter(texts))
        if scale.log:
            axis.set_minor_formatter(NullFormatter())
        if not scale.log and self.chance(0.08):
            axis.set_minor_locator(AutoMinorLocator())
        elif not scale.log or self.chance(0.5):
            axis.set_minor_locator(NullLocator())
        placed = [
            (_Label(role, None, n, axis=which, text=_plain(t) if formula else None), t)
            for t, n in zip(texts, numbers)
        ]
        self._mark_ticks(axis, axes, placed, values, 0.0)

    def _note_power(self, axes: Axes, side: str, text: str) -> None:
        """The power of ten that matplotlib writes at an axis' end, which all its ticks are multiplied with."""
        if not text:
            return
        _, high = self.measure(text, mpl.rcParams["font.size"])
        if side == "x":
            x, y, how = (
                self.left + self.look.width,
                self.top + self.look.height + self.below + 3 * high,
                "right",
            )
        else:
            x, y, how = self.left, self.top - 4, "left"
            self.above = max(self.above, high + 6)
        artist = self.figure.text(
            x, self.height - y, text, transform=IdentityTransform(), ha=how, va="bottom"
        )
        self.add(artist, _Label("other"))

    def _mark_ticks(
        self,
        axis: Any,
        axes: Axes,
        placed: Sequence[tuple[_Label, str]],
        values: Sequence[float],
        angle: float,
    ) -> None:
        """Gives tick labels their meaning and notes how far they reach from the plot."""
        flat = axis.axis_name == "x"
        far = axis.get_ticks_position() in ("top", "right")
        points = mpl.rcParams[f"{axis.axis_name}tick.labelsize"]
        reach = 0.0
        for tick, (label, text), value in zip(axis.get_major_ticks(len(placed)), placed, values):
            artist = tick.label2 if far else tick.label1
            artist.set_parse_math(label.text is not None)
            if angle:
                artist.set_rotation(angle)
                artist.set_rotation_mode("anchor")
                slanted = angle in (30.0, 45.0, 60.0)
                artist.set_ha("right" if slanted or angle == 90.0 else "left")
                artist.set_va("center" if angle in (90.0, 270.0) else "top")
            at = (value, axes.get_ylim()[int(far)]) if flat else (axes.get_xlim()[int(far)], value)
            label.point = _fixed(self.pixel(axes, *at))
            self.add(artist, label)
            wide, high = self.measure(text if label.text is None else "0" * len(label.text), points)
            turn = math.radians(angle)
            across = abs(wide * math.sin(turn)) + abs(high * math.cos(turn)) if flat else wide
            reach = max(reach, across)
        size = max(mpl.rcParams[f"{axis.axis_name}tick.major.size"], 0.0)
        reach += (size + mpl.rcParams[f"{axis.axis_name}tick.major.pad"] + 1) * self.dots
        name = {
            (True, False): "below",
            (True, True): "above",
            (False, False): "before",
            (False, True): "beside",
        }
        edge = name[flat, far]
        setattr(self, edge, max(getattr(self, edge), reach))

    def _finish_frame(self) -> None:
        look, rng, axes = self.look, self.rng, self.axes
        side = "x" if self.content.horizontal else "y"
        if look.grid in ("value", "both"):
            style: dict[str, Any] = {
                "color": rng.choice(("0.7", "0.8", "0.9", "0.5", mpl.rcParams["grid.color"])),
                "linestyle": rng.choice(_DASHES),
                "linewidth": rng.uniform(0.3, 1.2),
                "alpha": rng.uniform(0.3, 1.0),
                "axis": "both" if look.grid == "both" else side,
            }
            axes.grid(False)
            axes.grid(True, **style)
        elif look.grid == "none":
            axes.grid(False)
        if self.second is not None:
            self.second.grid(False)
            return
        hidden = rng.random()
        if hidden < 0.35:
            axes.spines[["top", "right"]].set_visible(False)
        elif hidden < 0.45:
            axes.spines[["top", "right", "left"]].set_visible(False)
        elif hidden < 0.5:
            axes.spines[:].set_visible(False)
        if self.values.low < 0 < self.values.high and not self.values.log and self.chance(0.4):
            line = axes.axvline if self.content.horizontal else axes.axhline
            line(0.0, color=mpl.rcParams["axes.edgecolor"], linewidth=rng.uniform(0.5, 1.3))

    # -- words around the plot ----------------------------------------------------------------------------------

    def write(
        self, text: str, x: float, y: float, role: Role, points: float, *, axis: int = 0, **options: Any
    ) -> None:
        """A text at canvas pixels (x, y), origin top left."""
        artist = self.figure.text(
            x, self.height - y, text, transform=IdentityTransform(), fontsize=points, **options
        )
        self.add(artist, _Label(role, axis=axis))

    def _place_words(self) -> None:
        """Axis titles, legend, title and source, from the plot outwards."""
        content, look, rng = self.content, self.look, self.rng
        gap = rng.uniform(3, 9) * self.dots
        right, bottom = self.left + look.width, self.top + look.height
        if not self.pie:
            low, side = (content.x_title, content.y_title)
            roles: tuple[Role, Role] = ("x_title", "y_title")
            if content.horizontal:
                low, side, roles = side, low, ("y_title", "x_title")
            points, weight = mpl.rcParams["axes.labelsize"], mpl.rcParams["axes.labelweight"]
            color = mpl.rcParams["axes.labelcolor"]
            if low:
                x, how = (self.left + look.width / 2, "center") if self.chance(0.85) else (right, "right")
                y = bottom + self.below + gap
                self.write(low, x, y, roles[0], points, ha=how, va="top", weight=weight, color=color)
                self.below += gap + self.measure(low, points)[1]
            if side:
                self._write_side_title(side, roles[1], gap, points, {"weight": weight, "color": color})
            if content.second_title and self.second is not None:
                x = right + self.beside + gap
                options = {"rotation": rng.choice((90, 90, 270)), "ha": "left", "va": "center"}
                y = self.top + look.height / 2
                self.write(content.second_title, x, y, "y_title", points, axis=1, weight=weight, **options)
                self.beside += gap + self.measure(content.second_title, points)[1]
        self.legend: Legend | None = None
        if look.legend not in ("", "direct"):
            self._place_legend(gap)
        self._write_heads(gap)
        if content.source:
            points = even(look.size * rng.uniform(0.7, 0.95))
            start = self.left - self.before if self.chance(0.5) else self.left
            x, how = (start, "left") if self.chance(0.75) else (right, "right")
            self.write(content.source, x, bottom + self.below + gap * 1.5, "source", points, ha=how, va="top")

    def _write_side_title(
        self, text: str, role: Role, gap: float, points: float, options: dict[str, Any]
    ) -> None:
        """Turned beside the axis, or flat above its end."""
        x, y = self.left - self.before - gap, self.top + self.look.height / 2
        if self.chance(0.85):
            rotation = 90 if self.chance(0.97) else 0
            wide, high = self.measure(text, points)
            if wide > self.look.height * 1.1 and rotation == 90:
                text = _wrap(text, max(8, int(len(text) * self.look.height / wide)))
                high = self.measure(text, points)[1]
            self.write(text, x, y, role, points, rotation=rotation, ha="right", va="center", **options)
            self.before += gap + (high if rotation else wide)
            return
        x = self.left - self.before if self.chance(0.5) else self.left
        self.write(text, x, self.top - self.above - gap, role, points, ha="left", va="bottom", **options)
        self.above += gap + self.measure(text, points)[1]

    def _write_heads(self, gap: float) -> None:
        """Title and subtitle over everything else."""
        content, look = self.content, self.look
        places = {
            "center": self.left + look.width / 2,
            "left": self.left,
            "edge": self.left - self.before,
            "right": self.left + look.width,
        }
        where = self.rng.choice(("center", "center", "center", "left", "left", "edge", "edge", "right"))
        how = "left" if where == "edge" else where
        room = look.width + self.before + self.beside
        self.above += gap * self.rng.uniform(0.5, 1.5)
        for role, text in (("other", content.subtitle), ("title", content.title)):
            if not text:
                continue
            points = mpl.rcParams["axes.titlesize"] if role == "title" else even(look.size * 1.05)
            weight = mpl.rcParams["axes.titleweight"] if role == "title" else "normal"
            wide, _ = self.measure(text, points, weight)
            if wide > room:
                text = _wrap(text, max(10, int(len(text) * room / wide * 0.95)))
            color = mpl.rcParams["axes.titlecolor"]
            options = {"ha": how, "va": "bottom", "multialignment": how, "weight": weight}
            options["color"] = mpl.rcParams["text.color"] if color == "auto" else color
            self.write(text, places[where], self.top - self.above, role, points, **options)  # type: ignore[arg-type]
            self.above += self.measure(text, points, weight)[1] + gap * 0.6

    def _place_legend(self, gap: float) -> None:
        look, rng = self.look, self.rng
        keys = [k for k in self.keys if k[1]]
        if not keys:
            return
        if self.chance(0.2):
            keys.reverse()
        texts = [k[1] for k in keys]
        points = mpl.rcParams["legend.fontsize"]
        sizes = [self.measure(t, points) for t in texts]
        entry = max(s[0] for s in sizes) + 4.5 * points * self.dots
        options: dict[str, Any] = {}
        inside = {"upper right", "upper left", "lower left", "lower right", "upper center", "center right"}
        if look.legend == "best":
            options["loc"] = "best"
        elif look.legend == "inside":
            options["loc"] = rng.choice(sorted(inside))
        elif look.legend == "right":
            options["loc"] = rng.choice(("upper left", "center left", "lower left"))
            height = {"upper left": 1.0, "center left": 0.5, "lower left": 0.0}[options["loc"]]
            x = self.left + look.width + self.beside + gap
            options["bbox_to_anchor"] = (x, self.height - self.top - look.height * (1 - height))
            self.beside += entry
        else:
            columns = max(1, min(len(keys), int((look.width + self.before) / entry)))
            options["ncols"] = columns
            rows = math.ceil(len(keys) / columns)
            high = rows * (sizes[0][1] + mpl.rcParams["legend.labelspacing"] * points * self.dots) + 2 * gap
            how, x = rng.choice((("left", self.left), ("center", self.left + look.width / 2)))
            if look.legend == "below":
                options["loc"] = f"upper {how}"
                y = self.height - self.top - look.height - self.below - gap
                self.below += high + gap
            else:
                options["loc"] = f"lower {how}"
                y = self.height - self.top + self.above + gap / 2
                self.above += high
            options["bbox_to_anchor"] = (x, y)
        if "bbox_to_anchor" in options:
            options["bbox_transform"] = IdentityTransform()
            options["borderaxespad"] = 0.0
        owner = self.second if self.second is not None else self.axes
        self.legend = owner.legend([k[0] for k in keys], texts, **options)
        for number, (text, key) in enumerate(zip(self.legend.get_texts(), keys)):
            role = _Label("legend", self._key_middle(number))
            role.index, role.series = (key[2], None) if self.pie else (None, key[2])
            self.add(text, role)

    def _key_middle(self, number: int) -> Callable[[], Point]:
        def middle() -> Point:
            assert self.legend is not None
            handle: Any = self.legend.legend_handles[number]
            box = handle.get_window_extent(self.renderer)
            return float(box.x0 + box.x1) / 2, self.height - float(box.y0 + box.y1) / 2

        return middle

    # -- truth --------------------------------------------------------------------------------------------------

    def _read_back(self) -> Sample:
        """The drawn canvas, cut to what is on it, with the truth in the cut image's pixels."""
        look = self.look
        plot: Box = (self.left, self.top, self.left + look.width, self.top + look.height)
        if self.pie:
            (x0, y1), (x1, y0) = self.pixel(self.axes, -1.0, -1.0), self.pixel(self.axes, 1.0, 1.0)
            plot = (x0, y0, x1, y1)
        boxes = [plot, *(line.box for lines in self.renderer.lines.values() for line in lines)]
        cover = None
        if self.legend is not None:
            frame = self.legend.get_window_extent(self.renderer)
            cover = (frame.x0, self.height - frame.y1, frame.x1, self.height - frame.y0)
            boxes.append(cover)
            if not (self.legend.get_frame_on() and self.legend.get_frame().get_alpha() != 0.3):
                cover = None
        pad = look.padding
        x0 = max(math.floor(min(b[0] for b in boxes)) - pad, 0)
        y0 = max(math.floor(min(b[1] for b in boxes)) - pad, 0)
        x1 = min(math.ceil(max(b[2] for b in boxes)) + pad, self.width)
        y1 = min(math.ceil(max(b[3] for b in boxes)) + pad, self.height)
        image = np.asarray(self.renderer.buffer_rgba())[y0:y1, x0:x1, :3].copy()

        def moved(point: Point) -> Point:
            return float(point[0] - x0), float(point[1] - y0)

        def moved_box(box: Box) -> Box:
            return float(box[0] - x0), float(box[1] - y0), float(box[2] - x0), float(box[3] - y0)

        spans = []
        for gid, lines in self.renderer.lines.items():
            label = self.labels[gid]
            point = moved(label.point()) if label.point is not None else None
            for number, line in enumerate(lines):
                text = label.text if line.formula and label.text is not None else line.text
                spans.append(
                    Span(
                        text,
                        moved_box(line.box),
                        label.role,
                        line.angle,
                        label.value,
                        label.series,
                        label.index,
                        number,
                        label.axis,
                        point,
                    )
                )
        return Sample(
            image=image,
            content=self.content,
            spans=tuple(spans),
            marks=tuple(self._mark(place, plot, cover, moved) for place in self.places),
            plot=moved_box(plot),
            renderer="matplotlib",
            style={"sheet": look.sheet, "legend": look.legend, "labels": look.labels, "dpi": look.dpi}
            | {"font": mpl.rcParams["font.family"][0], "grid": look.grid},
        )

    def _mark(self, place: _Place, plot: Box, cover: Box | None, moved: Callable[[Point], Point]) -> Mark:
        x, y = self.pixel(place.axes, *place.at)
        inside = plot[0] - 1 <= x <= plot[2] + 1 and plot[1] - 1 <= y <= plot[3] + 1
        covered = cover is not None and cover[0] < x < cover[2] and cover[1] < y < cover[3]
        return Mark(
            place.series,
            place.index,
            place.value,
            moved((x, y)),
            None if place.base is None else moved(self.pixel(place.axes, *place.base)),
            place.x_value,
            place.visible and (inside or self.pie) and not covered,
        )


def _reach(text: str) -> float:
    """Rough width of a line in units of its font size."""
    return sum(1.0 if ord(c) > 0x2E80 else 0.6 for c in text)


def _wrap(text: str, width: int) -> str:
    """Lines of at most ``width`` characters; Chinese text breaks anywhere."""
    if " " not in text.strip() and any(ord(c) > 0x2E80 for c in text):
        return "\n".join(text[i : i + width] for i in range(0, len(text), width))
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)) or text


def _ink_on(color: Any) -> str:
    """Black or white, whichever can be read on ``color``."""
    red, green, blue = mpl.colors.to_rgb(color)
    return "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"


_RAISED = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def _plain(formula: str) -> str:
    """matplotlib's ``$\\mathdefault{10^{3}}$`` as it reads: 10³."""
    found = re.fullmatch(r"\$\\mathdefault\{(.*?)(?:\^\{(.*)\})?\}\$", formula)
    if found is None:
        return formula
    return (found[1].replace("\\times", "×") + (found[2] or "").translate(_RAISED)).strip()


def _fixed(point: Point) -> Callable[[], Point]:
    return lambda: point


def _finite(values: Sequence[float]) -> list[float]:
    return [v for v in values if math.isfinite(v)]
