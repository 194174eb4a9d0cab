"""Charts drawn by plotly and pygal: for validation only, never for training. The truth is read from their SVG.

pygal's SVG is rasterized by resvg; plotly's picture comes from the browser that kaleido drives, and its text boxes from
resvg on the same SVG with fonts that both find. What a renderer cannot draw raises `Undrawable`.
"""

from __future__ import annotations

import atexit
import io
import math
import random
import re
import textwrap
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import vl_convert
from PIL import Image

from docvlm.boxes import Box, Point
from training.charts import svg
from training.charts.render_vega import choose_family
from training.charts.sample import Content, Mark, NumberFormat, Role, Sample, Span
from training.charts.ticks import Scale, Undrawable, make_scale, values_of

_PALETTES = (
    ("#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A", "#19d3f3", "#FF6692", "#B6E880"),
    ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"),
    ("#003f5c", "#58508d", "#bc5090", "#ff6361", "#ffa600", "#7a9e9f", "#4f6367", "#b8d8d8"),
    ("#F44336", "#3F51B5", "#009688", "#FFC107", "#FF5722", "#9C27B0", "#03A9F4", "#8BC34A"),
)


def draw_pygal(content: Content, rng: random.Random) -> Sample:
    """One drawing of ``content`` by pygal in one of its styles."""
    return _Pygal(content, rng).sample()


def draw_plotly(content: Content, rng: random.Random) -> Sample:
    """One drawing of ``content`` by plotly in one of its templates; needs a Chrome or Chromium that kaleido finds."""
    return _Plotly(content, rng).sample()


class _Held:
    """What both share: sizes, value axis, and the way from elements to spans and marks."""

    renderer = ""

    def __init__(self, content: Content, rng: random.Random) -> None:
        self.content, self.rng = content, rng
        self.pie = content.is_pie
        self.width = rng.randint(420, 900)
        self.height = round(self.width * rng.uniform(0.5, 0.85))
        count, longest = content.shape
        if content.horizontal:
            lanes = count if content.kind == "grouped_bar" else 1
            self.height = max(self.height, min(120 + longest * (10 + 9 * lanes), 1000))
        total = sum(len(s.values) for s in content.series)
        self.labels = content.kind not in ("scatter", "area") and total <= 30 and rng.random() < 0.45
        self.font = choose_family(content, rng)
        self.scale = 1.0
        self.marks: list[Mark] = []
        self.spans: list[Span] = []
        self.style: dict[str, Any] = {}
        self.seen: dict[str, list[Any]] = {}

    def value_scale(self, second: bool = False) -> Scale:
        content, rng = self.content, self.rng
        series = [s for s in content.series if s.second_axis == second]
        bars = [s for s in series if not s.as_line and content.kind not in ("line", "scatter")]
        rest = [s for s in series if not any(s is b for b in bars)]
        values = values_of(content, bars, content.stacked) + values_of(content, rest, False)
        form = content.second_format if second else content.format
        return make_scale(
            values,
            form,
            rng,
            log=content.scale == "log" and not second,
            zero=bool(bars) or rng.random() < 0.35,
            headroom=0.06 if self.labels else 0.0,
            ticks=rng.randint(4, 8),
        )

    def form(self, series: int) -> NumberFormat:
        content = self.content
        return content.second_format if content.series[series].second_axis else content.format

    def text(self, series: int, index: int) -> str:
        return self.form(series).text(float(self.content.series[series].values[index]))

    def span(self, line: svg.TextLine, role: Role, number: int | None = None, **more: Any) -> None:
        self.spans.append(
            Span(line.text, line.box, role, line.angle, line=line.line if number is None else number, **more)
        )

    def value_span(self, line: svg.TextLine, series: int, index: int) -> None:
        """A printed value, which stands for the mark of the same series and place."""
        point = next(m.pixel for m in self.marks if (m.series, m.index) == (series, index))
        shown = self.form(series).shown(float(self.content.series[series].values[index]))
        self.span(line, "value", value=shown, series=series, index=index, point=point)

    def mark(self, series: int, index: int, pixel: Point, base: Point | None = None) -> None:
        source = self.content.series[series]
        x = None if source.x is None else float(source.x[index])
        x0, y0, x1, y1 = self.plot
        visible = self.pie or (x0 - 1 <= pixel[0] <= x1 + 1 and y0 - 1 <= pixel[1] <= y1 + 1)
        self.marks.append(Mark(series, index, float(source.values[index]), pixel, base, x, visible))

    def bar(self, series: int, index: int, box: Box) -> None:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        up = float(self.content.series[series].values[index]) >= 0
        if self.content.horizontal:
            ends: tuple[Point, Point] = ((box[2], y), (box[0], y))
        else:
            ends = ((x, box[1]), (x, box[3]))
        far, near = ends if up else ends[::-1]
        self.mark(series, index, far, near if self.content.stacked else None)

    def under(self, pixel: Point, value: float) -> Point:
        """The lower end of a stacked area's own part."""
        share = value / (self.values.high - self.values.low)
        return pixel[0], pixel[1] + share * (self.values_box[3] - self.values_box[1])

    def finite(self, series: int) -> list[int]:
        return [int(i) for i in np.flatnonzero(np.isfinite(self.content.series[series].values))]

    def sample_from(self, image: Any) -> Sample:
        style = {"font": self.font, "labels": self.labels, **self.style}
        return Sample(
            image, self.content, tuple(self.spans), tuple(self.marks), self.plot, self.renderer, style
        )

    plot: Box
    values: Scale
    values_box: Box  # between the ends of the value scale


def _pixels(png: bytes) -> Any:
    """The picture on white, which is what a viewer shows behind a transparent chart."""
    with Image.open(io.BytesIO(png)) as picture:
        drawn = picture.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB"))


def _arc(points: Sequence[Point], centre: Point) -> tuple[Point, Point]:
    """The middle of the clockwise arc between two points about ``centre``, and the first of them."""
    (x0, y0), (x1, y1) = points
    radius = math.hypot(x0 - centre[0], y0 - centre[1])
    first, last = math.atan2(y0 - centre[1], x0 - centre[0]), math.atan2(y1 - centre[1], x1 - centre[0])
    sweep = (last - first) % (2 * math.pi) or 2 * math.pi
    middle = first + sweep / 2
    return (centre[0] + radius * math.cos(middle), centre[1] + radius * math.sin(middle)), (x0, y0)


class _Pygal(_Held):
    renderer = "pygal"

    def _chart(self) -> Any:
        import pygal
        import pygal.style

        content, rng = self.content, self.rng
        if content.kind == "combined":
            raise Undrawable("pygal has no combined charts")
        look = rng.choice(sorted(pygal.style.styles))
        self.style["look"] = look
        size = rng.randint(10, 15)
        sizes = {f"{part}_font_size": size for part in ("label", "major_label", "legend", "value")}
        fonts = {
            f"{part}font_family": self.font
            for part in ("", "label_", "major_label_", "legend_", "value_", "title_")
        }
        style = type("Style", (pygal.style.styles[look],), {**sizes, **fonts, "title_font_size": size + 5})
        bars = (pygal.Bar, pygal.HorizontalBar, pygal.StackedBar, pygal.HorizontalStackedBar)
        kinds: dict[str, Any] = {
            "line": pygal.Line,
            "area": pygal.StackedLine if content.stacked else pygal.Line,
            "pie": pygal.Pie,
            "donut": pygal.Pie,
            "scatter": pygal.XY,
        }
        kind = kinds.get(content.kind, bars[content.horizontal + 2 * content.stacked])
        low, side = content.x_title, content.y_title
        if content.horizontal:
            low, side = side, low
        chart = kind(
            width=self.width,
            height=self.height,
            style=style,
            title=content.title,
            x_title=low if not self.pie else None,
            y_title=side if not self.pie else None,
            js=[],
            explicit_size=True,
            disable_xml_declaration=True,
            print_values=self.labels,
            print_values_position=rng.choice(("top", "center")),
            show_legend=self.pie or len(content.series) > 1,
            legend_at_bottom=rng.random() < 0.3,
            truncate_legend=-1,
            truncate_label=-1,
            margin=rng.randint(8, 30),
            spacing=rng.randint(6, 16),
            show_x_guides=rng.random() < 0.2,
        )
        if content.kind == "donut":
            chart.inner_radius = rng.uniform(0.3, 0.7)
        if content.kind in ("line", "area", "scatter"):
            chart.dots_size = rng.uniform(1.5, 4.0)
            chart.stroke = content.kind != "scatter"
            chart.fill = content.kind == "area"
        return chart

    def _fill(self, chart: Any) -> None:
        content, rng = self.content, self.rng
        if self.pie:
            for i in self.finite(0):
                chart.add(
                    content.categories[i],
                    [{"value": float(content.series[0].values[i])}],
                    formatter=_constant(self.text(0, i)),
                )
            return
        self.values = self.value_scale()
        chart.range = (self.values.low, self.values.high)
        chart.y_labels = [{"label": t, "value": v} for t, v in zip(self.values.texts, self.values.values)]
        chart.logarithmic = self.values.log
        if self.values.log:
            raise Undrawable("pygal chooses the ticks of a log axis itself")
        for s, series in enumerate(content.series):
            values: list[Any] = [float(v) if math.isfinite(v) else None for v in series.values]
            if series.x is not None:
                values = [(float(x), v) for x, v in zip(series.x, values)]
            chart.add(series.name or "", values, formatter=_printer(self.form(s)))
        if content.kind == "scatter":
            xs = [float(x) for s in content.series if s.x is not None for x in s.x]
            if content.x_scale == "log":
                raise Undrawable("pygal has no log x axis")
            self.across = make_scale(xs, content.x_format, rng, zero=False, ticks=6)
            chart.xrange = (self.across.low, self.across.high)
            chart.x_labels = list(self.across.values)
            chart.x_value_formatter = dict(zip(self.across.values, self.across.texts)).__getitem__
        else:
            chart.x_labels = list(content.categories)
            longest = max(map(len, content.categories), default=0)
            if not content.horizontal and longest * len(content.categories) * 7 > self.width * 0.75:
                chart.x_label_rotation = rng.choice((-45, -60, 30, 45, 90))

    def sample(self) -> Sample:
        chart = self._chart()
        self._fill(chart)
        # Scripts hold nothing that is drawn, and the random id of the chart would come into the file.
        written = re.sub(r"<script.*?</script>", "", chart.render(is_unicode=True), flags=re.DOTALL)
        root = svg.parse(written)

        def rasterize(source: str) -> bytes:
            return bytes(vl_convert.svg_to_png(source))

        image = _pixels(rasterize(written))
        every = list(svg.nodes(root))
        grounds = [n for n in every if n.name == "rect" and n.get("class") == "background"]
        box = grounds[1]
        x, y = box.at(0.0, 0.0)
        self.plot = (x, y, x + float(box.get("width")), y + float(box.get("height")))
        self._read_marks(every)
        keys = [n for n in every if n.name == "rect" and n.inside("legend")]
        guides = {n.parents[-1]: n for n in every if n.name == "path" and n.inside("guides")}
        counts: dict[str, int] = {}
        self.places = _numbered(every)
        order = {s: self.finite(s) for s in range(len(self.content.series))}
        for line in svg.text_lines(root, rasterize):
            self._read_text(line, keys, guides, counts, order)
        if self.pie:
            xs, ys = zip(*(m.base or m.pixel for m in self.marks))
            radius = max(math.hypot(x - self.centre[0], y - self.centre[1]) for x, y in zip(xs, ys))
            cx, cy = self.centre
            self.plot = (cx - radius, cy - radius, cx + radius, cy + radius)
        return self.sample_from(image)

    def _read_marks(self, every: Sequence[svg.Node]) -> None:
        content = self.content
        self.centre = ((self.plot[0] + self.plot[2]) / 2, (self.plot[1] + self.plot[3]) / 2)
        if not self.pie:
            self.values_box = self._value_box(every)
        shapes: dict[int, list[svg.Node]] = {}
        for node in every:
            found = "rect" in node.get("class").split() or node.get("class").startswith(("dot ", "slice "))
            if found and node.name in ("rect", "circle", "path"):
                shapes.setdefault(_serie(node), []).append(node)
        for s, nodes in shapes.items():
            if self.pie:
                i = self.finite(0)[s]
                points = [nodes[0].at(*p) for p in svg.path_points(nodes[0].get("d"))]
                pixel, base = _arc(points[:2], self.centre)
                self.mark(0, i, pixel, base)
                continue
            whole = len(nodes) == len(content.series[s].values)
            for i, node in zip(range(len(nodes)) if whole else self.finite(s), nodes):
                if not math.isfinite(content.series[s].values[i]):
                    continue
                if node.name == "circle":
                    pixel = node.at(float(node.get("cx")), float(node.get("cy")))
                    value = float(content.series[s].values[i])
                    stacked = content.kind == "area" and content.stacked
                    self.mark(s, i, pixel, self.under(pixel, value) if stacked else None)
                else:
                    x, y = float(node.get("x")), float(node.get("y"))
                    corners = (
                        node.at(x, y),
                        node.at(x + float(node.get("width") or 0), y + float(node.get("height") or 0)),
                    )
                    self.bar(s, i, svg.bounds(list(corners)))

    def _value_box(self, every: Sequence[svg.Node]) -> Box:
        """Where the ends of the value scale lie, from its first and last guides."""
        side = "x" if self.content.horizontal else "y"
        lines = [n for n in every if n.name == "path" and n.inside("guides") and n.inside(side)]
        ends = [n.at(*svg.path_points(n.get("d"))[0]) for n in lines]
        along = 0 if self.content.horizontal else 1
        ticks = self.values.values
        slope = (ends[-1][along] - ends[0][along]) / (ticks[-1] - ticks[0])
        low = ends[0][along] + slope * (self.values.low - ticks[0])
        high = ends[0][along] + slope * (self.values.high - ticks[0])
        x0, y0, x1, y1 = self.plot
        return (low, y0, high, y1) if along == 0 else (x0, high, x1, low)

    def _read_text(
        self,
        line: svg.TextLine,
        keys: Sequence[svg.Node],
        guides: dict[Any, svg.Node],
        counts: dict[str, int],
        order: dict[int, list[int]],
    ) -> None:
        content, node = self.content, line.node

        def count(name: str) -> int:
            counts[name] = counts.get(name, -1) + 1
            return counts[name]

        if node.inside("titles"):
            self._read_title(line, count)
        elif node.inside("legend"):
            number = self.places[node.element]
            key = keys[number]
            size = float(key.get("width")) / 2
            point = key.at(float(key.get("x")) + size, float(key.get("y")) + size)
            if self.pie:
                self.span(line, "legend", index=self.finite(0)[number], point=point)
            else:
                self.span(line, "legend", series=number, point=point)
        elif node.inside("text-overlay"):
            s = _serie(node)
            number = self.places[node.element]
            if self.pie:
                self.value_span(line, 0, self.finite(0)[s])
            else:
                self.value_span(line, s, order[s][number])
        elif node.inside("axis"):
            side = "x" if node.inside("x") else "y"
            number = self.places[node.element]
            guide = guides.get(node.parents[-1])
            x, y = node.at(float(node.get("x")), float(node.get("y")))
            if guide is not None:
                x, y = guide.at(*svg.path_points(guide.get("d"))[0])
            point = (x, self.plot[3]) if side == "x" else (self.plot[0], y)
            if (side == "x") == content.horizontal:
                self.span(line, "y_tick", value=self.values.numbers[number], point=point)
            elif content.kind == "scatter":
                self.span(line, "x_tick", value=self.across.numbers[number], point=point)
            else:
                if guide is None:
                    point = (point[0], (line.box[1] + line.box[3]) / 2)
                self.span(line, "category", index=number, point=point)
        else:
            self.span(line, "other")

    def _read_title(self, line: svg.TextLine, count: Callable[[str], int]) -> None:
        if "plot_title" in line.node.get("class"):
            self.span(line, "title", count("title"))
            return
        turned = "rotate" in line.node.get("transform")
        role: Role = "y_title" if turned != self.content.horizontal else "x_title"
        self.span(line, role, count(role))


class _Plotly(_Held):
    renderer = "plotly"

    def figure(self) -> Any:
        import plotly.graph_objects as go

        content, rng = self.content, self.rng
        self.style["look"] = rng.choice(
            (
                "plotly",
                "plotly_white",
                "plotly_dark",
                "ggplot2",
                "seaborn",
                "simple_white",
                "presentation",
                "none",
            )
        )
        colors = rng.choice(_PALETTES)
        named = self.pie or len(content.series) > 1
        size = rng.randint(11, 14)
        figure = go.Figure(layout={"template": self.style["look"]})
        figure.update_layout(
            width=self.width,
            height=self.height,
            font={"family": self.font, "size": size},
            showlegend=named,
            colorway=colors if rng.random() < 0.6 else None,
            paper_bgcolor=None,
            title={
                "text": _broken(content.title, self.width // 11),
                "x": rng.choice((0.05, 0.5)),
                "font": {"size": size + 6},
            },
            margin={"l": 70, "r": 40, "t": 90, "b": 70},
        )
        if named and rng.random() < 0.35:
            figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
        if self.pie:
            self._add_pie(go, figure)
            return figure
        self._add_axes(figure, size)
        figure.update_layout(barmode="relative" if content.stacked else "group", bargap=rng.uniform(0.1, 0.5))
        for s, series in enumerate(content.series):
            line = series.as_line or content.kind in ("line", "area", "scatter")
            (self._add_line if line else self._add_bar)(go, figure, s)
        return figure

    def _add_pie(self, go: Any, figure: Any) -> None:
        content = self.content
        known = self.finite(0)
        values = content.series[0].values[known]
        if len(known) < 2 or values.min() <= 0:
            raise Undrawable("a pie of one slice")
        self.hole = self.rng.uniform(0.3, 0.65) if content.kind == "donut" else 0.0
        texts = [self.text(0, i) for i in known]
        figure.add_trace(
            go.Pie(
                labels=[content.categories[i] for i in known],
                values=values.tolist(),
                hole=self.hole,
                sort=False,
                direction="clockwise",
                text=texts,
                textinfo="text" if self.labels else "none",
                textposition=self.rng.choice(("inside", "auto", "outside")),
                insidetextorientation="horizontal",
                marker={"line": {"width": self.rng.choice((0, 1, 2)), "color": "white"}},
            )
        )

    def _add_axes(self, figure: Any, size: int) -> None:
        content, rng = self.content, self.rng
        self.values = self.value_scale()
        self.scales = [self.values]
        value = {"title": {"text": content.y_title}, **_ticks(self.values), "automargin": True}
        if content.kind == "scatter":
            xs = [float(x) for s in content.series if s.x is not None for x in s.x]
            self.across = make_scale(
                xs, content.x_format, rng, log=content.x_scale == "log", zero=False, ticks=6
            )
            place = {"title": {"text": content.x_title}, **_ticks(self.across), "automargin": True}
        else:
            places = self.places = self._places()
            step = 1
            if len(places) > 16 and content.positions is not None and not content.horizontal:
                step = math.ceil(len(places) / rng.randint(6, 12))
            self.chosen = list(range(0, len(places), step))
            slot = float(np.diff(np.sort(places)).min()) if len(places) > 1 else 1.0
            room = slot * (0.5 if content.kind not in ("line", "area") else rng.choice((0.0, 0.2, 0.5)))
            low, high = float(places.min()) - room, float(places.max()) + room
            if low == high:
                low, high = low - 0.5, high + 0.5
            self.across = Scale(low, high, (), (), ())
            self.turned = content.horizontal and rng.random() < 0.6  # first category on top
            place = {
                "title": {"text": content.x_title},
                "range": [high, low] if self.turned else [low, high],
                "tickvals": [float(places[i]) for i in self.chosen],
                "ticktext": [content.categories[i] for i in self.chosen],
                "automargin": True,
            }
        x, y = (value, place) if content.horizontal else (place, value)
        figure.update_layout(xaxis=x, yaxis=y)
        if any(s.second_axis for s in content.series):
            self.scales.append(self.value_scale(second=True))
            second = {**_ticks(self.scales[1]), "title": {"text": content.second_title}, "automargin": True}
            figure.update_layout(yaxis2={**second, "overlaying": "y", "side": "right", "showgrid": False})

    def _places(self) -> Any:
        content = self.content
        if content.positions is not None and content.kind in ("line", "area"):
            return np.asarray(content.positions, dtype=np.float64)
        return np.arange(max(len(content.categories), content.shape[1]), dtype=np.float64)

    def _add_bar(self, go: Any, figure: Any, s: int) -> None:
        content = self.content
        known = self.finite(s)
        at, values = (
            [float(self.places[i]) for i in known],
            [float(content.series[s].values[i]) for i in known],
        )
        if content.horizontal:
            at, values = values, at
        options: dict[str, Any] = {}
        if self.labels:
            options["text"] = [self.text(s, i) for i in known]
            options["textposition"] = "inside" if content.stacked else self.rng.choice(("auto", "outside"))
            options["constraintext"] = "none"
            options["textangle"] = 0
        figure.add_trace(
            go.Bar(
                x=at,
                y=values,
                name=content.series[s].name,
                orientation="h" if content.horizontal else "v",
                **options,
            )
        )

    def _add_line(self, go: Any, figure: Any, s: int) -> None:
        content, rng = self.content, self.rng
        series = content.series[s]
        values = [float(v) if math.isfinite(v) else None for v in series.values]
        mode = "markers" if content.kind == "scatter" else rng.choice(("lines", "lines+markers"))
        options: dict[str, Any] = {}
        if self.labels and content.kind == "line":
            mode += "+text"
            options["text"] = [
                series_text if v is not None else "" for v, series_text in zip(values, self._texts(s))
            ]
            options["textposition"] = "top center"
        if content.kind == "area":
            mode = "lines"
            options |= {"stackgroup": "one"} if content.stacked else {"fill": "tozeroy"}
        if series.second_axis:
            options["yaxis"] = "y2"
        xs = series.x.tolist() if series.x is not None else self.places[: len(values)].tolist()
        self.style["mode"] = mode
        figure.add_trace(go.Scatter(x=xs, y=values, name=series.name, mode=mode, **options))

    def _texts(self, s: int) -> list[str]:
        return [
            self.text(s, i) if math.isfinite(v) else "" for i, v in enumerate(self.content.series[s].values)
        ]

    # -- truth --------------------------------------------------------------------------------------------------

    def sample(self) -> Sample:
        figure = self.figure()
        _start_browser()
        self.scale = self.rng.choice((1.0, 1.0, 1.5, 2.0))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # plotly's about options that it passes to the server itself
            written = figure.to_image(format="svg").decode()
            image = _pixels(figure.to_image(format="png", scale=self.scale))
        root = svg.parse(written)
        every = list(svg.nodes(root, self.scale))
        if self.pie:
            self._read_slices(every)
        else:
            self._read_plot(root, every)

        def rasterize(source: str) -> bytes:
            return bytes(vl_convert.svg_to_png(source, scale=self.scale))

        for line in svg.text_lines(root, rasterize, self.scale):
            self._read_text(line)
        return self.sample_from(image)

    def _read_slices(self, every: Sequence[svg.Node]) -> None:
        surfaces = [n for n in every if n.name == "path" and n.get("class") == "surface"]
        outer = []
        for node in surfaces:
            points = [node.at(*p) for p in svg.path_points(node.get("d"))]
            outer.append(points[-2:])
            centre = points[0]
            if self.hole:
                inner, begin = points[-3], points[-2]
                centre = (
                    (inner[0] - self.hole * begin[0]) / (1 - self.hole),
                    (inner[1] - self.hole * begin[1]) / (1 - self.hole),
                )
        radius = math.hypot(outer[0][0][0] - centre[0], outer[0][0][1] - centre[1])
        self.plot = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        for i, ends in zip(self.finite(0), outer):
            pixel, base = _arc(ends, centre)
            self.mark(0, i, pixel, base)

    def _read_plot(self, root: Any, every: Sequence[svg.Node]) -> None:
        content = self.content
        group = next(n for n in every if n.name == "g" and n.get("class") == "xy" and n.get("transform"))
        clip = next(e for e in root.iter() if e.get("class") == "plotclip")[0]
        far = group.at(float(clip.get("width", 0)), float(clip.get("height", 0)))
        self.plot = self.values_box = (*group.at(0.0, 0.0), *far)
        bars = [
            s
            for s, v in enumerate(content.series)
            if not (v.as_line or content.kind in ("line", "area", "scatter"))
        ]
        groups: dict[Any, list[svg.Node]] = {}
        for node in every:
            if node.name == "path" and node.inside("point") and node.inside("bars"):
                owner = next(p for p in node.parents if "bars" in p.get("class", "").split())
                groups.setdefault(owner, []).append(node)
        for s, nodes in zip(bars, groups.values()):
            known = self.finite(s)
            boxes = [svg.bounds([node.at(*p) for p in svg.path_points(node.get("d"))]) for node in nodes]
            zero = [float(content.series[s].values[i]) == 0.0 for i in known]
            # Bars of no length are drawn at the plot's corner; their lane is that of the others of their series.
            lanes = [
                self._lane(box) - self._lane_of(i) for i, box, none in zip(known, boxes, zero) if not none
            ]
            for i, box, none in zip(known, boxes, zero):
                if not none:
                    self.bar(s, i, box)
                elif lanes:
                    self.bar(s, i, self._empty_bar(i, lanes[0]))
        below = np.zeros(max(content.shape[1], 1))
        for s, series in enumerate(content.series):
            if s in bars:
                continue
            for i in self.finite(s):
                value = float(series.values[i])
                place = float(series.x[i]) if series.x is not None else float(self.places[i])
                stacked = content.kind == "area" and content.stacked
                below[i] += value if stacked else 0.0
                pixel = self._pixel(place, below[i] if stacked else value, int(series.second_axis))
                self.mark(s, i, pixel, self.under(pixel, value) if stacked else None)

    def _lane(self, box: Box) -> float:
        """The middle of a bar's breadth."""
        return (box[1] + box[3]) / 2 if self.content.horizontal else (box[0] + box[2]) / 2

    def _lane_of(self, index: int) -> float:
        """The middle of a category's place."""
        x0, y0, x1, y1 = self.plot
        share = _share(float(self.places[index]), self.across)
        if self.content.horizontal:
            return y0 + share * (y1 - y0) if self.turned else y1 - share * (y1 - y0)
        return x0 + share * (x1 - x0)

    def _empty_bar(self, index: int, aside: float) -> Box:
        x0, y0, x1, y1 = self.plot
        lane = self._lane_of(index) + aside
        share = _share(0.0, self.values)
        if self.content.horizontal:
            foot = x0 + share * (x1 - x0)
            return foot, lane, foot, lane
        foot = y1 - share * (y1 - y0)
        return lane, foot, lane, foot

    def _pixel(self, place: float, value: float, axis: int) -> Point:
        x0, y0, x1, y1 = self.plot
        return x0 + _share(place, self.across) * (x1 - x0), y1 - _share(value, self.scales[axis]) * (y1 - y0)

    def _read_text(self, line: svg.TextLine) -> None:
        content, node = self.content, line.node
        for title, role in (("g-gtitle", "title"), ("g-xtitle", "x"), ("g-ytitle", "y"), ("g-y2title", "y2")):
            if node.inside(title):
                if role != "title":
                    role = "x_title" if (role == "x") != content.horizontal else "y_title"
                self.span(line, role, axis=int(title == "g-y2title"))  # type: ignore[arg-type]
                return
        tick = next((name for name in ("xtick", "ytick", "y2tick") if node.inside(name)), "")
        if tick:
            self._read_tick(line, tick)
        elif "legendtext" in node.get("class"):
            owner = next(p for p in node.parents if "traces" in p.get("class", "").split())
            # plotly turns the order round for stacked areas.
            names = (
                [content.categories[i] for i in self.finite(0)]
                if self.pie
                else [v.name for v in content.series]
            )
            number = names.index(line.text) if line.text in names else self._order(owner, "legend")
            # Keys are drawn around 20 units right of their entry's origin.
            entry = (
                np.linalg.inv(svg.transform(node.get("transform"))) if node.get("transform") else np.eye(3)
            )
            point = svg.apply(node.matrix @ entry, 20.0, 0.0)
            if self.pie:
                self.span(line, "legend", index=self.finite(0)[number], point=point)
            else:
                self.span(line, "legend", series=number, point=point)
        elif node.inside("slice"):
            owner = next(p for p in node.parents if "slice" in p.get("class", "").split())
            self.value_span(line, 0, self.finite(0)[self._order(owner, "slice")])
        elif node.inside("bars") or node.inside("textpoint"):
            self._read_value(line)
        else:
            self.span(line, "other")

    def _read_value(self, line: svg.TextLine) -> None:
        """A bar's or point's text stands for the mark whose text it is and which is nearest."""
        x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        own = [m for m in self.marks if self.text(m.series, m.index) == line.text]
        if not own:
            self.span(line, "other")
            return
        best = min(own, key=lambda m: math.hypot(m.pixel[0] - x, m.pixel[1] - y))
        self.value_span(line, best.series, best.index)

    def _read_tick(self, line: svg.TextLine, tick: str) -> None:
        content = self.content
        # The label's first translation is the tick's place, in the frame of the plot.
        shift = re.match(r"translate\(([-\d.e]+),([-\d.e]+)\)", line.node.get("transform"))
        assert shift is not None
        owner = line.node.parents[-1].get("transform", "")
        x, y = svg.apply(
            np.diag([self.scale, self.scale, 1.0]) @ svg.transform(owner), float(shift[1]), float(shift[2])
        )
        flat = tick == "xtick"
        point = (x, self.plot[3]) if flat else (self.plot[2] if tick == "y2tick" else self.plot[0], y)
        axis = int(tick == "y2tick")
        if flat == content.horizontal or content.kind == "scatter":
            scale = self.across if flat and not content.horizontal else self.scales[axis]
            role: Role = "x_tick" if scale is self.across else "y_tick"
            along = 0 if flat else 1
            spots = [self._spot(v, scale, flat) for v in scale.values]
            number = min(range(len(spots)), key=lambda k: abs(spots[k] - point[along]))
            self.span(line, role, value=scale.numbers[number], point=point, axis=axis)
            return
        number = [self.content.categories[i] for i in self.chosen].index(line.text)
        self.span(line, "category", index=self.chosen[number], point=point)

    def _spot(self, value: float, scale: Scale, flat: bool) -> float:
        x0, y0, x1, y1 = self.plot
        return x0 + _share(value, scale) * (x1 - x0) if flat else y1 - _share(value, scale) * (y1 - y0)

    def _order(self, element: Any, group: str) -> int:
        seen = self.seen.setdefault(group, [])
        if element not in seen:
            seen.append(element)
        return seen.index(element)


def _ticks(scale: Scale) -> dict[str, Any]:
    low, high = (math.log10(scale.low), math.log10(scale.high)) if scale.log else (scale.low, scale.high)
    kind = "log" if scale.log else "linear"
    return {"type": kind, "range": [low, high], "tickvals": list(scale.values), "ticktext": list(scale.texts)}


def _share(value: float, scale: Scale) -> float:
    """Where the value lies between the scale's ends, 0 to 1."""
    if scale.log:
        return math.log(value / scale.low) / math.log(scale.high / scale.low)
    return (value - scale.low) / (scale.high - scale.low)


def _broken(text: str | None, width: int) -> str | None:
    """The text with plotly's line breaks."""
    if text is None:
        return None
    width = max(width, 20)
    if any(ord(c) > 0x2E80 for c in text):
        return "<br>".join(text[i : i + width // 2] for i in range(0, len(text), width // 2))
    return "<br>".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


@cache
def _start_browser() -> None:
    """One browser for the life of the process; starting it takes seconds."""
    import kaleido

    kaleido.start_sync_server(silence_warnings=True)
    atexit.register(kaleido.stop_sync_server, silence_warnings=True)


def _numbered(every: Sequence[svg.Node]) -> dict[Any, int]:
    """Each text's number among those of its axis, legend or series, drawn or not."""
    counts: dict[Any, int] = {}
    found = {}
    for node in every:
        if node.name == "text" and len(node.parents) > 1:
            holder: Any = node.parents[-1]
            if holder.get("class", "").split()[:1] in (["guides"], ["legend"]):
                holder = node.parents[-2]
            if node.inside("legend"):
                holder = "legend"
            counts[holder] = counts.get(holder, -1) + 1
            found[node.element] = counts[holder]
    return found


def _serie(node: svg.Node) -> int:
    """The number in pygal's class ``serie-3`` around the element."""
    for parent in reversed(node.parents):
        found = re.search(r"\bserie-(\d+)", parent.get("class", ""))
        if found:
            return int(found[1])
    raise ValueError("no series around this element")


def _constant(text: str) -> Callable[[Any], str]:
    return lambda _: text


def _printer(form: NumberFormat) -> Callable[[Any], str]:
    """pygal gives points of a scatter as lists, and missing values as nothing."""
    return lambda v: form.text(float(v[1] if isinstance(v, (tuple, list)) else v)) if v is not None else ""
