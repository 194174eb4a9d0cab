"""Charts drawn by Vega-Lite; the truth is read from the SVG that it writes.

Every mark carries its place in the content as ``description``, which the SVG keeps as ``aria-label``; ticks and legend
entries come in the order they were asked for. One rasterizer draws the picture and, for the boxes, its texts alone.
"""

from __future__ import annotations

import colorsys
import io
import json
import math
import random
import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import vl_convert
from PIL import Image

from docvlm.boxes import Box, Point
from training.charts import svg
from training.charts.painting.fonts import font_book, has_text
from training.charts.sample import Content, Mark, NumberFormat, Role, Sample, Series, Span
from training.charts.ticks import Scale, Undrawable, make_scale, values_of

_VERSION = "5.20"
_THEMES = (
    "dark",
    "excel",
    "fivethirtyeight",
    "ggplot2",
    "googlecharts",
    "latimes",
    "powerbi",
    "quartz",
    "urbaninstitute",
    "vox",
    "carbonwhite",
    "carbong10",
    "carbong90",
    "carbong100",
)
_CYCLES = (
    "category10",
    "accent",
    "dark2",
    "paired",
    "set1",
    "set2",
    "tableau10",
    "tableau20",
    "observable10",
    "set3",
    "pastel1",
)
_RAMPS = (
    "blues",
    "greens",
    "oranges",
    "purples",
    "reds",
    "teals",
    "viridis",
    "magma",
    "plasma",
    "bluegreen",
    "goldgreen",
    "tealblues",
    "warmgreys",
    "browns",
    "spectral",
    "redyellowblue",
)
_SHAPES = ("circle", "circle", "circle", "square", "diamond", "triangle-up", "cross")
_DASHES: tuple[list[int], ...] = ([], [], [], [4, 3], [8, 3], [2, 2], [6, 2, 2, 2])


def draw(content: Content, rng: random.Random) -> Sample:
    """One drawing of ``content``; the look is drawn from ``rng``. Raises Undrawable where no font has its characters."""
    return _Drawing(content, rng).sample()


def add_fonts(folder: Path) -> None:
    """Lets Vega use the fonts below ``folder`` beside its own and the system's."""
    for place in sorted(
        {path.parent for path in folder.rglob("*") if path.suffix in {".ttf", ".otf", ".ttc"}}
    ):
        vl_convert.register_font_directory(str(place))


class _Drawing:
    def __init__(self, content: Content, rng: random.Random) -> None:
        self.content, self.rng = content, rng
        self.pie = content.is_pie
        count, longest = content.shape
        width = rng.uniform(220, 640)
        if not self.pie and not content.horizontal and longest > 12:
            width = max(width, rng.uniform(360, 720))
        height = width * rng.triangular(0.4, 1.1, 0.65)
        if content.horizontal:
            lanes = min(count, 4) if content.kind == "grouped_bar" else 1
            height = max(height, min(longest * (8 + 7 * lanes), 760))
        if self.pie:
            width = height = rng.uniform(180, 420)
        self.width, self.height = round(width), round(height)
        self.scale = rng.choice((1.0, 1.0, 1.0, 1.25, 1.5, 2.0)) if width < 480 else 1.0
        self.size = round(rng.triangular(8, 15, 10.5) * min(max(width / 400, 0.9), 1.3) * 2) / 2
        self.theme = rng.choice(_THEMES) if self.chance(0.45) else None
        self.dark = self.theme in ("dark", "carbong90", "carbong100")
        self.font = choose_family(content, rng)
        self.labels = self._choose_value_labels()
        self.colors = self._choose_colors()

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    # -- choices ------------------------------------------------------------------------------------------------

    def _choose_value_labels(self) -> str:
        content = self.content
        total = sum(len(s.values) for s in content.series)
        share = {"scatter": 0.0, "area": 0.0, "line": 0.25, "pie": 0.7, "donut": 0.7}.get(content.kind, 0.45)
        if total > 40 or not self.chance(share):
            return ""
        return "center" if content.stacked else self.rng.choice(("outside", "outside", "inside"))

    def _choose_colors(self) -> dict[str, Any]:
        """The range of the colour scale."""
        rng = self.rng
        count = max(self.content.shape[1] if self.pie else self.content.shape[0], 1)
        kind = rng.random()
        if kind < 0.35 and self.theme is not None:
            return {}
        if kind < 0.65:
            return {"scheme": rng.choice(_CYCLES)}
        if kind < 0.8 and count > 1:
            low = rng.uniform(0.25, 0.5)
            return {
                "scheme": {
                    "name": rng.choice(_RAMPS),
                    "extent": [low, rng.uniform(0.75, 1.0)],
                    "count": count,
                }
            }
        first, light, rich = rng.random(), rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.95)
        step = rng.choice((0.618, 1 / max(count, 2), 0.08))
        colors = [colorsys.hls_to_rgb((first + i * step) % 1.0, light, rich) for i in range(count)]
        return {"range": ["#" + "".join(f"{round(c * 255):02x}" for c in color) for color in colors]}

    def _config(self) -> dict[str, Any]:
        """A theme, or grounds, fonts, grids and domains of our own over Vega's."""
        rng, size = self.rng, self.size
        config: dict[str, Any] = {}
        if self.theme is not None:
            themes: Any = vl_convert.get_themes()
            config = themes[self.theme]
        axis: dict[str, Any] = {
            "labelFontSize": size,
            "titleFontSize": round(size * rng.uniform(1.0, 1.25), 1),
            "titleFontWeight": rng.choice(("normal", "normal", "bold")),
            "labelLimit": 0,
            "titleLimit": 0,
            "tickRound": False,
            "labelFont": self.font,
            "titleFont": self.font,
            "labelFontStyle": "normal",
        }
        if self.chance(0.6):
            axis |= {
                "domain": self.chance(0.65),
                "grid": self.chance(0.6),
                "gridDash": rng.choice(_DASHES),
                "gridOpacity": rng.uniform(0.2, 1.0),
                "gridWidth": rng.choice((0.5, 1.0, 1.0, 2.0)),
                "tickSize": rng.choice((0, 3, 5, 5, 8)),
                "labelPadding": rng.uniform(1, 8),
                "titlePadding": rng.uniform(2, 14),
            }
        if self.theme is None and self.chance(0.5):
            ink = rng.choice(("black", "#333", "#555", "#1a2a4a", "#777"))
            axis |= {"labelColor": ink, "titleColor": ink, "domainColor": rng.choice((ink, "#ccc", "#888"))}
        legend: dict[str, Any] = {
            "labelLimit": 0,
            "titleLimit": 0,
            "labelFontSize": size,
            "labelFont": self.font,
        }
        title: dict[str, Any] = {"font": self.font, "subtitleFont": self.font, "limit": 0}
        title["fontSize"] = size * rng.uniform(1.1, 1.8)
        if self.dark:
            ink = rng.choice(("white", "#eee", "#c8c8d0"))
            axis |= {"labelColor": ink, "titleColor": ink}
            title |= {"color": ink, "subtitleColor": ink}
            legend["labelColor"] = ink
        config["font"] = self.font
        config["legend"] = {**config.get("legend", {}), **legend}
        config["title"] = {**config.get("title", {}), **title}
        # Axes of a kind are more specific than "axis", so what must hold is repeated for them.
        for name in ("axis", "axisX", "axisY", "axisBand", "axisQuantitative", "axisLeft", "axisBottom"):
            if name == "axis" or name in config:
                config[name] = {**config.get(name, {}), **axis}
        config["view"] = {
            **config.get("view", {}),
            "stroke": rng.choice(("transparent", "#ddd", "#888", None)),
        }
        if self.theme is None:
            tint = colorsys.hls_to_rgb(rng.random(), rng.uniform(0.92, 1.0), rng.uniform(0.0, 0.7))
            config["background"] = "#" + "".join(f"{round(c * 255):02x}" for c in tint)
            if self.chance(0.2):
                config["view"]["fill"] = rng.choice(("white", "#f4f4f4", "#eef3f8", "#fdf6ec"))
        elif config.get("background", "transparent") == "transparent":
            config["background"] = "white"
        return config

    # -- the specification --------------------------------------------------------------------------------------

    def spec(self) -> dict[str, Any]:
        content, rng = self.content, self.rng
        self.scales: list[Scale] = []
        layers = self._pie_layers() if self.pie else self._axes_layers()
        spec: dict[str, Any] = {
            "width": self.width,
            "height": self.height,
            "padding": rng.randint(2, 28),
            "layer": layers,
            "config": self._config(),
        }
        if self.second:
            spec["resolve"] = {"scale": {"y": "independent"}}
        heads = self._heads()
        if heads:
            spec["title"] = heads
        if content.source:
            drop = self.height + self._below() + self.size * 2
            spec["layer"].append(
                {
                    "data": {"values": [{}]},
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "baseline": "top",
                        "fontSize": self.size * rng.uniform(0.75, 0.95),
                        "color": "#999" if self.dark else rng.choice(("#666", "#444", "#888")),
                        "text": content.source,
                    },
                    "encoding": {
                        "x": {"value": rng.choice((0, 0, -self.size * 3))},
                        "y": {"value": drop},
                        "description": {"value": "source"},
                    },
                }
            )
        return spec

    @property
    def second(self) -> bool:
        return any(s.second_axis for s in self.content.series)

    def _below(self) -> float:
        """Rough height of tick labels and the axis title under the plot."""
        if self.pie:
            return 0.0
        names = self.content.categories
        turned = bool(self.angle) and not self.content.horizontal
        longest = max((_reach(n) for n in names), default=0.0) if turned else 1.6
        return longest * self.size + 2.5 * self.size + 14

    def _heads(self) -> dict[str, Any]:
        content, rng = self.content, self.rng
        room = max(12, int((self.width + 60) / (self.size * 0.8)))
        heads: dict[str, Any] = {}
        if content.title:
            heads["text"] = _wrapped(content.title, room)
        if content.subtitle:
            heads["subtitle"] = _wrapped(content.subtitle, room)
            heads.setdefault("text", "")
        if heads:
            heads |= {
                "anchor": rng.choice(("start", "start", "middle", "middle", "end")),
                "frame": rng.choice(("bounds", "group")),
                "offset": rng.randint(4, 20),
                "fontWeight": rng.choice(("normal", "bold", "bold")),
            }
        return heads

    def _color(self, field: str, count: int, names: Sequence[str], legend: bool) -> dict[str, Any]:
        """The colour channel; its legend lists ``names`` in order."""
        rng = self.rng
        shown: dict[str, Any] | None = None
        if legend:
            orient = rng.choice(("right", "right", "right", "bottom", "top", "left", "top-left", "top-right"))
            if orient.startswith("top-") and self.content.kind not in ("line", "scatter"):
                orient = "right"
            shown = {"orient": orient, "title": None, "labelExpr": f"{_array(names)}[datum.value]"}
            if orient in ("bottom", "top"):
                entry = (max(map(_reach, names), default=1.0) + 3) * self.size
                shown["columns"] = max(1, min(len(names), int(self.width / entry)))
                shown["direction"] = "horizontal"
            if self.chance(0.3):
                shown["symbolType"] = rng.choice(("circle", "square", "stroke"))
            if orient.startswith("top-"):
                shown["fillColor"] = "#222" if self.dark else "white"
                shown["padding"] = 4
        return {
            "field": field,
            "type": "nominal",
            "scale": {"domain": list(range(count)), **self.colors},
            "legend": shown,
        }

    def _axes_layers(self) -> list[dict[str, Any]]:
        content = self.content
        first = [s for s in content.series if not s.second_axis]
        second = [s for s in content.series if s.second_axis]
        zero = self._starts_at_zero()
        value = self._value_scale(first, content.format, content.scale == "log", zero)
        self.scales = [value]
        if second:
            self.scales.append(self._value_scale(second, content.second_format, False, self.chance(0.5)))
        named = len(content.series) > 1 or (content.series[0].name is not None and self.chance(0.25))
        names = [s.name or "" for s in content.series]
        color = self._color("s", len(names), names, named and all(names))
        x = self._x_channel()
        if content.kind in ("line", "scatter"):
            return self._line_layers(range(len(names)), x, color, 0)
        if content.kind == "area":
            return self._area_layers(x, color)
        layers = self._bar_layers([i for i, s in enumerate(content.series) if not s.as_line], x, color)
        lines = [
            [i for i, s in enumerate(content.series) if s.as_line and s.second_axis == far] for far in (0, 1)
        ]
        if lines[0]:
            layers += self._line_layers(lines[0], x, color, 0)
        if lines[1]:
            # One group of layers for each value axis.
            layers = [{"layer": layers}, {"layer": self._line_layers(lines[1], x, color, 1)}]
        return layers

    def _starts_at_zero(self) -> bool:
        if self.content.kind in ("line", "scatter"):
            return self.chance(0.4)
        values = [v for s in self.content.series for v in s.values if math.isfinite(v)]
        high = not self.content.stacked and self.content.kind != "area" and min(values) > 0.3 * max(values)
        return not (high and self.chance(0.12))

    def _value_scale(self, series: Sequence[Series], form: NumberFormat, log: bool, zero: bool) -> Scale:
        content, rng = self.content, self.rng
        along = self.width if content.horizontal else self.height
        crowd = int(along / (self.size * (5 if content.horizontal else 2.2)))
        bars = [s for s in series if not s.as_line and content.kind not in ("line", "scatter")]
        rest = [s for s in series if not any(s is b for b in bars)]
        values = values_of(content, bars, content.stacked) + values_of(content, rest, False)
        room = rng.uniform(0.04, 0.12) if self.labels == "outside" and not log else 0.0
        return make_scale(
            values, form, rng, log=log, zero=zero, headroom=room, ticks=max(3, min(rng.randint(3, 10), crowd))
        )

    def _axis(self, scale: Scale, title: str | None) -> dict[str, Any]:
        """Ticks where and as the scale says; where its format is plain sometimes printed by Vega."""
        axis: dict[str, Any] = {"title": title or None, "values": list(scale.values), "labelOverlap": False}
        axis["tickCount"] = len(scale.values)  # Vega thins out what is more than it would choose itself
        axis["labelExpr"] = f"{_array(scale.texts)}[indexof({list(scale.values)!r}, datum.value)]"
        # Their lines tell where the ticks lie, even those of no length.
        axis |= {"labelAngle": 0, "ticks": True}
        return axis

    def _y_channel(self, field: str, axis: int, **more: Any) -> tuple[str, dict[str, Any]]:
        scale = self.scales[axis]
        title = self.content.second_title if axis else self.content.y_title
        shown = self._axis(scale, title)
        if self.second:
            shown["orient"] = "right" if axis else "left"
            shown["grid"] = False
        limits: dict[str, Any] = {"domain": [scale.low, scale.high], "nice": False, "zero": False}
        if scale.log:
            limits["type"] = "log"
        channel = {
            "field": field,
            "type": "quantitative",
            "scale": limits,
            "axis": shown,
            "stack": None,
            **more,
        }
        return ("x" if self.content.horizontal else "y"), channel

    def _x_channel(self) -> dict[str, Any]:
        content, rng = self.content, self.rng
        if content.kind == "scatter":
            xs = [float(v) for s in content.series if s.x is not None for v in s.x]
            log = content.x_scale == "log"
            self.x_scale = make_scale(
                xs, content.x_format, rng, log=log, zero=self.chance(0.3), ticks=rng.randint(4, 8)
            )
            self.chosen: list[int] = []
            self.angle = 0
            limits: dict[str, Any] = {
                "domain": [self.x_scale.low, self.x_scale.high],
                "nice": False,
                "zero": False,
            }
            if log:
                limits["type"] = "log"
            axis = self._axis(self.x_scale, content.x_title)
            return {"field": "x", "type": "quantitative", "scale": limits, "axis": axis}
        count = max(len(content.categories), content.shape[1])
        names = list(content.categories)
        along = self.height if content.horizontal else self.width
        slot = along / max(count, 1)
        step = 1
        self.angle = 0
        widest = max((_reach(n) for n in names), default=0.0) * self.size
        if content.horizontal:
            step = max(1, math.ceil(self.size * 1.15 / slot))
            if widest > self.width * 0.5 and slot > self.size * 2.6:
                names = ["\n".join(_wrapped(n, 18)) for n in names]
        elif widest > slot * 0.95:
            if slot > 3.5 * self.size and self.chance(0.4):
                names = ["\n".join(_wrapped(n, max(4, int(slot / (self.size * 0.55))))) for n in names]
            elif (content.positions is not None or count > 14) and self.chance(0.6):
                step = math.ceil(widest * 1.25 / slot)
            elif slot > self.size * 1.15:
                self.angle = rng.choice((-90, -45, -45, -30, 90, 45))
            else:
                step, self.angle = math.ceil(self.size * 1.2 / slot), -90
        order = list(range(count))
        if content.horizontal and self.chance(0.25):
            order.reverse()
        # In the order of the domain, in which Vega writes the labels.
        self.chosen = [i for i in order if i % step == 0]
        axis = {
            "title": content.x_title or None,
            "labelOverlap": False,
            "labelAngle": self.angle,
            "grid": self.chance(0.1),
        }
        axis |= {"ticks": True, "tickCount": len(self.chosen), "tickExtra": False}
        if self.angle:
            axis["labelAlign"] = "right" if self.angle < 0 else "left"
            axis["labelBaseline"] = "middle" if abs(self.angle) == 90 else "top"
        texts = [names[i] for i in self.chosen]
        if content.positions is not None and content.kind in ("line", "area"):
            places = [float(content.positions[i]) for i in self.chosen]
            axis["values"] = places
            axis["labelExpr"] = f"split({_array(texts)}[indexof({places!r}, datum.value)], '\\n')"
            low, high = float(np.min(content.positions)), float(np.max(content.positions))
            room = (high - low or 1.0) * rng.choice((0.0, 0.03, 0.05))
            limits = {"domain": [low - room, high + room], "nice": False, "zero": False}
            return {"field": "x", "type": "quantitative", "scale": limits, "axis": axis}
        axis["values"] = self.chosen
        axis["labelExpr"] = f"split({_array(texts)}[indexof({self.chosen!r}, datum.value)], '\\n')"
        scale: dict[str, Any] = {"domain": order}
        if content.kind in ("line", "area"):
            scale |= {"type": "point", "padding": rng.choice((0.0, 0.2, 0.5))}
        else:
            scale |= {"paddingInner": rng.triangular(0.02, 0.6, 0.25), "paddingOuter": rng.uniform(0.05, 0.5)}
        return {"field": "i", "type": "ordinal", "sort": None, "scale": scale, "axis": axis}

    def _rows(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """The data of some series: place, value, what it is called in the SVG, and the ends of its bar."""
        content = self.content
        low = self.scales[0].low if self.scales[0].log else 0.0
        count = max(content.shape[1], 1)
        tops, bottoms = np.zeros(count), np.zeros(count)
        data = []
        for s in rows:
            series = content.series[s]
            form = content.second_format if series.second_axis else content.format
            for i, value in enumerate(series.values.tolist()):
                if not math.isfinite(value):
                    continue
                base = low
                if content.stacked and not series.as_line:
                    ends = tops if value >= 0 else bottoms
                    base = float(ends[i])
                    ends[i] += value
                row = {"s": s, "i": i, "v": value, "b": base, "e": base + value if content.stacked else value}
                row |= {"id": f"m {s} {i}", "t": form.text(value), "tid": f"t {s} {i}"}
                if content.stacked:
                    row["c"] = base + value / 2
                if series.x is not None:
                    row["x"] = float(series.x[i])
                elif content.positions is not None:
                    row["x"] = float(content.positions[i])
                if series.error is not None:
                    half = float(series.error[i])
                    row |= {
                        "lo": value - half if not self.scales[0].log else max(value - half, low),
                        "hi": value + half,
                    }
                data.append(row)
        return data

    def _bar_layers(
        self, rows: Sequence[int], x: dict[str, Any], color: dict[str, Any]
    ) -> list[dict[str, Any]]:
        content, rng = self.content, self.rng
        data = {"values": self._rows(rows)}
        across, along = ("y", "x") if content.horizontal else ("x", "y")
        _, y = self._y_channel("e", 0)
        encoding: dict[str, Any] = {across: x, along: y, f"{along}2": {"field": "b"}, "color": color}
        grouped = len(rows) > 1 and not content.stacked
        if grouped:
            lanes = {"domain": list(rows), "paddingInner": rng.choice((0.0, 0.0, 0.08, 0.15))}
            encoding[f"{across}Offset"] = {"field": "s", "type": "nominal", "scale": lanes}
        mark: dict[str, Any] = {"type": "bar", "clip": True}
        if self.chance(0.2):
            mark["stroke"] = rng.choice(("white", "black", "#555"))
            mark["strokeWidth"] = rng.choice((0.5, 1, 1.5))
        if self.chance(0.12):
            mark["opacity"] = rng.uniform(0.6, 0.95)
        if self.chance(0.12) and not content.stacked:
            mark["cornerRadiusEnd"] = rng.randint(1, 5)
        layers = [
            {
                "data": data,
                "mark": mark,
                "encoding": {**encoding, "description": {"field": "id", "type": "nominal"}},
            }
        ]
        places = {across: x, along: y}
        if grouped:
            places[f"{across}Offset"] = encoding[f"{across}Offset"]
        if any(content.series[r].error is not None for r in rows):
            rule = {"type": "rule", "color": "#999" if self.dark else "black"}
            ends = {along: {**y, "field": "lo"}, f"{along}2": {"field": "hi"}}
            layers.append({"data": data, "mark": rule, "encoding": {**places, **ends}})
        if self.labels:
            layers.append(self._bar_labels(data, places, along))
        return layers

    def _bar_labels(self, data: dict[str, Any], places: dict[str, Any], along: str) -> dict[str, Any]:
        """Printed values: beyond the end, within it, or in a segment's middle."""
        rng = self.rng
        inside = -1 if self.labels == "inside" else 1
        gap = rng.uniform(2, 6) * inside
        mark: dict[str, Any] = {"type": "text", "fontSize": round(self.size * rng.uniform(0.75, 0.95), 1)}
        mark["color"] = "white" if self.dark or (self.labels != "outside" and self.chance(0.5)) else "black"
        if self.labels == "center":
            mark |= {"align": "center", "baseline": "middle"}
            places = {**places, along: {**places[along], "field": "c"}}
        elif along == "x":
            sides = ("'left'", "'right'") if inside > 0 else ("'right'", "'left'")
            mark["align"] = {"expr": f"datum.v >= 0 ? {sides[0]} : {sides[1]}"}
            mark |= {"baseline": "middle", "dx": {"expr": f"datum.v >= 0 ? {gap} : {-gap}"}}
        else:
            sides = ("'bottom'", "'top'") if inside > 0 else ("'top'", "'bottom'")
            mark["baseline"] = {"expr": f"datum.v >= 0 ? {sides[0]} : {sides[1]}"}
            mark |= {"align": "center", "dy": {"expr": f"datum.v >= 0 ? {-gap} : {gap}"}}
        fitting = self._fitting(data["values"], along)
        encoding = {**places, "text": {"field": "t"}, "description": {"field": "tid", "type": "nominal"}}
        return {"data": {"values": fitting}, "mark": mark, "encoding": encoding}

    def _fitting(self, rows: list[dict[str, Any]], along: str) -> list[dict[str, Any]]:
        """The rows whose label has room beside its neighbours'."""
        content = self.content
        lanes = sum(not s.as_line for s in content.series) if not content.stacked else 1
        breadth = (self.height if along == "x" else self.width) / max(content.shape[1], 1) / lanes
        scale = self.scales[0]
        length = self.width if along == "x" else self.height
        kept = []
        for row in rows:
            across = self.size if along == "x" else _reach(row["t"]) * self.size * 0.9
            deep = _reach(row["t"]) * self.size * 0.9 if along == "x" else self.size
            size = math.inf if scale.log else abs(row["e"] - row["b"]) / (scale.high - scale.low) * length
            if across < breadth * 1.05 and (self.labels == "outside" or deep < size):
                kept.append(row)
        return kept

    def _line_layers(
        self, rows: Sequence[int], x: dict[str, Any], color: dict[str, Any], axis: int
    ) -> list[dict[str, Any]]:
        content, rng = self.content, self.rng
        values = self._rows(rows)
        _, y = self._y_channel("v", axis)
        across, along = ("y", "x") if content.horizontal else ("x", "y")
        encoding = {across: x, along: y, "color": color}
        layers: list[dict[str, Any]] = []
        scatter = content.kind == "scatter"
        if not scatter:
            line: dict[str, Any] = {"type": "line", "strokeWidth": rng.triangular(0.8, 4.5, 2.0)}
            if self.chance(0.15):
                line["interpolate"] = rng.choice(("monotone", "monotone", "step", "step-after"))
            if self.chance(0.15):
                line["strokeDash"] = rng.choice(_DASHES[3:])
            full = {"values": self._with_gaps(values, rows)} if self.chance(0.7) else {"values": values}
            self.gaps = "values" in full and full["values"] is not values
            dash: dict[str, Any] = {}
            if len(rows) > 1 and self.chance(0.15):
                ranges = {
                    "domain": list(rows),
                    "range": [_DASHES[(k + 2) % len(_DASHES)] or [1, 0] for k in range(len(rows))],
                }
                dash = {"strokeDash": {"field": "s", "type": "nominal", "scale": ranges, "legend": None}}
            layers.append(
                {"data": full, "mark": line, "encoding": {**encoding, "detail": {"field": "s"}, **dash}}
            )
        else:
            self.gaps = False
        self.pointed = scatter or self.chance(0.45)
        point: dict[str, Any] = {
            "type": "point",
            "filled": self.chance(0.75),
            "size": rng.uniform(16, 90),
            "opacity": 1,
        }
        point["shape"] = rng.choice(_SHAPES)
        if scatter:
            point["opacity"] = rng.uniform(0.5, 1.0)
        if not self.pointed:
            point["opacity"] = 0
        marks = {**encoding, "description": {"field": "id", "type": "nominal"}}
        if scatter and len(rows) > 1 and self.chance(0.3):
            del point["shape"]
            shapes = {"domain": list(rows), "range": [_SHAPES[2 + k % 5] for k in range(len(rows))]}
            marks["shape"] = {"field": "s", "type": "nominal", "scale": shapes, "legend": None}
        layers.append({"data": {"values": values}, "mark": point, "encoding": marks})
        if any(content.series[r].error is not None for r in rows):
            ends = {along: {**y, "field": "lo"}, f"{along}2": {"field": "hi"}}
            layers.insert(0, {"data": {"values": values}, "mark": "rule", "encoding": {**encoding, **ends}})
        if self.labels and content.kind == "line":
            text = {
                "type": "text",
                "dy": -rng.uniform(5, 11),
                "baseline": "bottom",
                "fontSize": round(self.size * 0.85, 1),
            }
            kept = self._apart(values)
            words = {"text": {"field": "t"}, "description": {"field": "tid", "type": "nominal"}}
            if self.chance(0.5):
                marks = {k: v for k, v in encoding.items() if k != "color"}
                text["color"] = "white" if self.dark else "black"
            else:
                marks = dict(encoding)
            layers.append({"data": {"values": kept}, "mark": text, "encoding": {**marks, **words}})
        return layers

    def _with_gaps(self, values: list[dict[str, Any]], rows: Sequence[int]) -> list[dict[str, Any]]:
        """The rows with missing values as null, at which Vega breaks the line."""
        content = self.content
        known = {(row["s"], row["i"]): row for row in values}
        full = []
        for s in rows:
            for i in range(len(content.series[s].values)):
                row = known.get((s, i), {"s": s, "i": i, "v": None})
                if (s, i) not in known and content.positions is not None:
                    row["x"] = float(content.positions[i])
                full.append(row)
        return full

    def _apart(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a line chart whose labels do not lie over earlier ones."""
        scale, count = self.scales[0], max(self.content.shape[1], 1)
        kept: list[dict[str, Any]] = []
        taken: list[tuple[float, float, float]] = []
        for row in rows:
            x = row["i"] * self.width / count
            low, high = (
                (math.log10(scale.low), math.log10(scale.high)) if scale.log else (scale.low, scale.high)
            )
            y = ((math.log10(row["v"]) if scale.log else row["v"]) - low) / (high - low) * self.height
            wide = _reach(row["t"]) * self.size * 0.9
            if all(abs(x - a) > (wide + w) / 2 or abs(y - b) > self.size * 1.2 for a, b, w in taken):
                taken.append((x, y, wide))
                kept.append(row)
        return kept

    def _area_layers(self, x: dict[str, Any], color: dict[str, Any]) -> list[dict[str, Any]]:
        content, rng = self.content, self.rng
        rows = range(len(content.series))
        values = self._rows(rows)
        _, y = self._y_channel("e", 0)
        area: dict[str, Any] = {"type": "area", "opacity": rng.uniform(0.7, 1.0)}
        if not content.stacked and len(content.series) > 1:
            area["opacity"] = rng.uniform(0.25, 0.5)
        if self.chance(0.4) or not content.stacked:
            area["line"] = True
        full = self._with_gaps(values, rows)
        for row in full:
            if row["v"] is None:
                row |= {"e": None, "b": None}
        encoding = {"x": x, "y": y, "color": color}
        places = {**encoding, "description": {"field": "id", "type": "nominal"}}
        self.gaps, self.pointed = True, False
        return [
            {
                "data": {"values": full},
                "mark": area,
                "encoding": {**encoding, "y2": {"field": "b"}, "detail": {"field": "s"}},
            },
            {"data": {"values": values}, "mark": {"type": "point", "opacity": 0}, "encoding": places},
        ]

    # -- pies ---------------------------------------------------------------------------------------------------

    def _pie_layers(self) -> list[dict[str, Any]]:
        content, rng = self.content, self.rng
        self.angle = 0
        self.chosen = []
        self.radius = self.width / 2
        values = content.series[0].values
        self.slices = [i for i, v in enumerate(values.tolist()) if math.isfinite(v) and v > 0]
        start = rng.choice((0.0, 0.0, rng.uniform(-math.pi, math.pi)))
        self.start = start
        direct = self.chance(0.35)
        outside = bool(self.labels) and not direct and self.chance(0.4)
        if direct or outside:
            self.radius *= rng.uniform(0.6, 0.78)
        names = [content.categories[i] for i in self.slices]
        color = self._color("k", len(names), names, not direct)
        rows = [
            {"k": k, "v": float(values[i]), "n": names[k], "t": content.format.text(float(values[i]))}
            | {"id": f"m 0 {i}", "tid": f"t 0 {i}", "nid": f"n 0 {i}"}
            for k, i in enumerate(self.slices)
        ]
        theta = {"field": "v", "type": "quantitative", "stack": True}
        theta["scale"] = {"range": [start, start + 2 * math.pi]}
        base = {"theta": theta, "order": {"field": "k", "type": "quantitative"}}
        arc: dict[str, Any] = {"type": "arc", "outerRadius": self.radius, "innerRadius": 0}
        if content.kind == "donut":
            arc["innerRadius"] = self.radius * rng.uniform(0.35, 0.75)
        if self.chance(0.5):
            arc |= {"stroke": rng.choice(("white", "white", "black")), "strokeWidth": rng.choice((0.5, 1, 2))}
        data = {"values": rows}
        layers: list[dict[str, Any]] = [
            {
                "data": data,
                "mark": arc,
                "encoding": {**base, "color": color, "description": {"field": "id", "type": "nominal"}},
            }
        ]
        if direct:
            mark = {"type": "text", "radius": self.radius + self.size * 2.4, "fontSize": self.size}
            mark["color"] = "white" if self.dark else "#333"
            text = {"text": {"field": "n"}, "description": {"field": "nid", "type": "nominal"}}
            layers.append(
                {"data": data, "mark": mark, "encoding": {**base, **text, "detail": {"field": "k"}}}
            )
        if self.labels:
            inner = arc["innerRadius"] or self.radius * 0.35
            radius = self.radius + self.size * 1.9 if outside else (self.radius + inner) / 2
            mark = {"type": "text", "radius": radius, "fontSize": round(self.size * 0.9, 1)}
            mark["color"] = ("white" if self.dark else "#333") if outside else rng.choice(("white", "black"))
            text = {"text": {"field": "t"}, "description": {"field": "tid", "type": "nominal"}}
            layers.append(
                {"data": data, "mark": mark, "encoding": {**base, **text, "detail": {"field": "k"}}}
            )
        return layers

    # -- truth --------------------------------------------------------------------------------------------------

    def sample(self) -> Sample:
        spec = self.spec()
        written = vl_convert.vegalite_to_svg(spec, vl_version=_VERSION)
        root = svg.parse(written)

        def rasterize(source: str) -> bytes:
            return bytes(vl_convert.svg_to_png(source, scale=self.scale))

        with Image.open(io.BytesIO(rasterize(written))) as picture:
            image = np.asarray(picture.convert("RGB"))
        self.marks: dict[str, svg.Node] = {}
        self.ticks: dict[str, list[Point]] = {}
        self.keys: list[Point] = []
        self.cover: Box | None = None  # of a legend that hides what is under it
        plot = self._walk(root)
        lines = svg.text_lines(root, rasterize, self.scale)
        marks = self._read_marks(plot)
        spans = self._read_spans(lines, {(m.series, m.index): m.pixel for m in marks})
        if self.pie:
            x, y = (plot[0] + plot[2]) / 2, (plot[1] + plot[3]) / 2
            r = self.radius * self.scale
            plot = (x - r, y - r, x + r, y + r)
        style = {"theme": self.theme or "", "font": self.font, "labels": self.labels, "scale": self.scale}
        return Sample(image, self.content, tuple(spans), tuple(marks), plot, "vega", style)

    def _walk(self, root: Any) -> tuple[float, float, float, float]:
        """Collects marks by name, ticks by axis and legend keys; returns the plot's box."""
        plot = None
        self.axes: dict[Any, str] = {}
        seen: dict[str, int] = {}
        for node in svg.nodes(root, self.scale):
            name = node.get("aria-label")
            if (
                node.name == "g"
                and "role-axis" in node.get("class").split()
                and name[:6] in ("X-axis", "Y-axis")
            ):
                self.axes[node.element] = f"{name[0].lower()}{seen.get(name[0], 0)}"
                seen[name[0]] = seen.get(name[0], 0) + 1
            elif name.startswith("m "):
                self.marks[name] = node
            elif node.name == "line" and node.inside("role-axis-tick"):
                axis = self._axis_of(node)
                if axis:
                    # Axes are shifted by half a unit to make their lines crisp; the scale is not.
                    self.ticks.setdefault(axis, []).append(node.at(-0.5, -0.5))
            elif node.name == "path" and node.inside("role-legend-symbol"):
                self.keys.append(node.at(0.0, 0.0))
            elif node.name == "path" and node.inside("role-legend") and node.get("class") == "background":
                if node.get("fill") not in ("", "none", "transparent"):
                    self.cover = svg.bounds([node.at(*p) for p in svg.path_points(node.get("d"))])
            elif node.name == "path" and node.get("class") == "background" and plot is None:
                plot = svg.bounds([node.at(*p) for p in svg.path_points(node.get("d"))])
        assert plot is not None
        half = 0.5 * self.scale
        return plot[0] - half, plot[1] - half, plot[2] - half, plot[3] - half

    def _axis_of(self, node: svg.Node) -> str:
        return next((self.axes[e] for e in node.parents if e in self.axes), "")

    def _read_marks(self, plot: tuple[float, float, float, float]) -> list[Mark]:
        content = self.content
        marks = []
        turned = self.start if self.pie else 0.0
        whole = float(np.nansum(content.series[0].values[self.slices])) if self.pie else 1.0
        known = {tuple(map(int, name.split()[1:])): node for name, node in self.marks.items()}
        for (s, i), node in known.items():
            series = content.series[s]
            value = float(series.values[i])
            base: Point | None = None
            visible = True
            if self.pie:
                sweep = 2 * math.pi * value / whole
                middle = turned + sweep / 2
                pixel = node.at(self.radius * math.sin(middle), -self.radius * math.cos(middle))
                base = node.at(self.radius * math.sin(turned), -self.radius * math.cos(turned))
                turned += sweep
            elif content.kind in ("line", "area", "scatter") or series.as_line:
                pixel = node.at(0.0, 0.0)
                if content.kind == "area" and content.stacked:
                    base = self._under(pixel, value, plot)
                lone = self.gaps and (s, i - 1) not in known and (s, i + 1) not in known
                visible = self.pointed or content.kind == "area" or not lone
            else:
                box = svg.bounds([node.at(*p) for p in svg.path_points(node.get("d"))])
                pixel, base = _ends(box, content.horizontal, value)
                base = base if content.stacked else None
            x, y = pixel
            cover = self.cover
            hidden = cover is not None and cover[0] < x < cover[2] and cover[1] < y < cover[3]
            inside = plot[0] - 1 <= x <= plot[2] + 1 and plot[1] - 1 <= y <= plot[3] + 1
            x_value = None if series.x is None else float(series.x[i])
            marks.append(
                Mark(s, i, value, pixel, base, x_value, visible and (inside or self.pie) and not hidden)
            )
        return marks

    def _under(self, pixel: Point, value: float, plot: tuple[float, float, float, float]) -> Point:
        """Where a stacked area's own part begins below its edge."""
        scale = self.scales[0]
        return pixel[0], pixel[1] + value / (scale.high - scale.low) * (plot[3] - plot[1])

    def _read_spans(self, lines: list[svg.TextLine], marks: dict[tuple[int, int], Point]) -> list[Span]:
        content = self.content
        along = "x" if content.horizontal else "y"
        order: dict[str, list[Any]] = {}
        spans = []
        for line in lines:
            node = line.node
            axis = self._axis_of(node)
            name = node.get("aria-label")
            role: Role = "other"
            value: float | None = None
            series: int | None = None
            index: int | None = None
            point: Point | None = None
            number = 0
            if node.inside("role-axis-label"):
                number = _count(order, f"label {axis}", node.element)
                point = self.ticks[axis][number]
                if axis[0] == along:
                    role, value = "y_tick", self.scales[int(axis[1:])].numbers[number]
                elif content.kind == "scatter":
                    role, value = "x_tick", self.x_scale.numbers[number]
                else:
                    role, index = "category", self.chosen[number]
                number = int(axis[1:])
            elif node.inside("role-axis-title"):
                role = "y_title" if axis[0] == along else "x_title"
                number = int(axis[1:])
            elif node.inside("role-legend-label"):
                entry = _count(order, "legend", node.element)
                role, point = "legend", self.keys[entry]
                series, index = (None, self.slices[entry]) if self.pie else (entry, None)
            elif node.inside("role-title-text"):
                role = "title"
            elif name == "source":
                role = "source"
            elif name[:2] in ("t ", "n "):
                s, i = map(int, name.split()[1:])
                point, index = marks[s, i], i
                if name[0] == "t":
                    form = content.second_format if content.series[s].second_axis else content.format
                    role, series, value = "value", s, form.shown(float(content.series[s].values[i]))
                else:
                    role = "category"
            spans.append(
                Span(line.text, line.box, role, line.angle, value, series, index, line.line, number, point)
            )
        return spans


def choose_family(content: Content, rng: random.Random) -> str:
    """A font family that has all of the content's characters, rarely one of TeX's or of fixed width. Raises
    Undrawable where none has.
    """
    book = font_book()
    texts = [content.title, content.subtitle, content.x_title, content.y_title, content.second_title]
    texts += [content.source, *content.categories, *(s.name for s in content.series)]
    for form in (content.format, content.x_format, content.second_format):
        texts += [form.prefix, form.suffix, form.decimal, form.thousands, form.minus]
        texts += [unit for _, unit in form.units]
    needed = "".join(sorted({c for t in texts if t for c in t} - {"\n"}))
    both = (*book.latin, *book.chinese)
    names = sorted({f.name for f in both if has_text(f.regular, needed) and _is_drawn(f.name)})
    if not names:
        raise Undrawable(f"no font has all of: {needed}")
    plain = [n for n in names if not n.startswith(("LM ", "Latin Modern")) and "Mono" not in n]
    return rng.choice(plain if plain and rng.random() < 0.93 else names)


@cache
def _is_drawn(family: str) -> bool:
    """Whether the rasterizer knows the family; of unknown ones it draws nothing."""
    text = f'<text y="20" font-family="{family}">0</text>'
    written = f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30">{text}</svg>'
    with Image.open(io.BytesIO(vl_convert.svg_to_png(written))) as picture:
        return bool(np.asarray(picture.convert("RGBA"))[..., 3].any())


def _count(order: dict[str, list[Any]], group: str, element: Any) -> int:
    """The element's number among those of its group; lines of one text share it."""
    seen = order.setdefault(group, [])
    if element not in seen:
        seen.append(element)
    return seen.index(element)


def _ends(box: tuple[float, float, float, float], horizontal: bool, value: float) -> tuple[Point, Point]:
    """The middles of a bar's value end and of its other end."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    if horizontal:
        far, near = (box[2], box[0]) if value >= 0 else (box[0], box[2])
        return (far, y), (near, y)
    far, near = (box[1], box[3]) if value >= 0 else (box[3], box[1])
    return (x, far), (x, near)


def _array(texts: Sequence[str]) -> str:
    """A list as Vega's expressions write it."""
    return json.dumps(list(texts), ensure_ascii=False)


def _reach(text: str) -> float:
    """Rough width of a line in units of its font size."""
    return sum(1.0 if ord(c) > 0x2E80 else 0.58 for c in text)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` letters, Chinese characters counting as two; these break anywhere."""
    if any(ord(c) > 0x2E80 for c in text):
        width = max(width // 2, 3)
        return [text[i : i + width] for i in range(0, len(text), width)]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [text]
