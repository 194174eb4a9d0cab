"""Charts -> data: OCR or the text layer gives the anchors, the chart model points, the picture and geometry measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from docvlm import checks
from docvlm.anchors import Anchor, encode_anchors
from docvlm.calibration import Calibration
from docvlm.charts.auxiliary import auxiliary_distance
from docvlm.charts.code import ChartCode, Token, decode_chart
from docvlm.charts.data import ChartData, Evidence, chart_data
from docvlm.charts.figure import Figure
from docvlm.charts.interface import MAX_ACTIONS, ChartReading, ChartRuntime
from docvlm.charts.letterbox import letterbox
from docvlm.charts.path_bars import on_paths
from docvlm.charts.pixels import measured
from docvlm.charts.reliability import no_chart, of_chart
from docvlm.charts.repetition import said_once
from docvlm.charts.text import read_text
from docvlm.charts.vector import Shapes, snapped, with_exact_ticks
from docvlm.ocr.deskew import Image
from docvlm.schema import Chart, Point, Series

_BATCH = 8
# From this probability on a picture without known text is no chart, before OCR looks for its text. The network was
# trained with text: without, it takes one chart in fifteen for none at 0.9, one in sixty here, where most photographs are.
_SURELY_NONE = 0.97
_NO_CHART = len((Token.AUXILIARY, Token.NO_CHART, Token.END))  # actions
_IS_CHART = 0.5  # probability, from which a picture is read as a chart
# Pixels; anchors whose tops round to the same row are in the order of their left edges, as in training.
_ROW = 4


class ChartReader:
    """Reads charts with a chart model on any runtime; ``fitted`` says what its certainty is worth."""

    def __init__(self, network: ChartRuntime, fitted: Calibration | None = None) -> None:
        self.network, self.fitted = network, fitted

    def read(self, figures: Sequence[Figure]) -> list[Chart]:
        """What each figure says, in their order.

        A picture that is no chart gives an empty chart that says so in its checks.
        """
        charts: list[Chart] = []
        for start in range(0, len(figures), _BATCH):
            charts += self._batch(figures[start : start + _BATCH])
        return charts

    def _batch(self, figures: Sequence[Figure]) -> list[Chart]:
        glanced = [figure for figure in figures if figure.anchors is None]
        none = self._glance([figure.image for figure in glanced])
        sure = {id(figure): chart for figure, chart in zip(glanced, none, strict=True)}
        views = [_view(figure) for figure in figures if sure.get(id(figure)) is None]
        read = iter(self._read(views))
        return [sure.get(id(figure)) or next(read) for figure in figures]

    def _glance(self, images: Sequence[Image]) -> list[Chart | None]:
        """Empty charts for what is no chart at first sight, to spare OCR photographs.

        There is room for "no chart" only, so that is what is written, with the probability that it has among all else.
        """
        if not images:
            return []
        boxed = [letterbox(image, self._size)[0] for image in images]
        codes = [self._code(reading) for reading in self._network(boxed, [[]] * len(images), _NO_CHART)]
        return [_no_chart(code) if code.probability >= _SURELY_NONE else None for code in codes]

    @property
    def _size(self) -> int:
        return self.network.config.encoder.size

    def _network(
        self, boxed: Sequence[Image], anchors: Sequence[Sequence[Anchor]], max_actions: int = MAX_ACTIONS
    ) -> list[ChartReading]:
        pixels = np.stack(boxed).transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        codes = [encode_anchors(each, self.network.config.anchor_config) for each in anchors]
        return list(self.network.read(pixels, codes, max_actions))

    def _code(self, reading: ChartReading) -> ChartCode:
        written = reading.generated
        return decode_chart(written.actions, self.network.config.space, written.offsets, written.log_probs)

    def _read(self, views: Sequence[_View]) -> list[Chart]:
        if not views:
            return []
        boxed = [letterbox(view.image, self._size) for view in views]
        shown = [
            _fitting([_scaled(anchor, scale) for anchor in view.anchors], self.network.config.anchors)
            for view, (_, scale) in zip(views, boxed, strict=True)
        ]
        readings = self._network([image for image, _ in boxed], shown)
        return [
            self._chart(self._code(reading), reading, each, view, scale)
            for reading, each, view, (_, scale) in zip(readings, shown, views, boxed, strict=True)
        ]

    def _chart(
        self, code: ChartCode, reading: ChartReading, anchors: Sequence[Anchor], view: _View, scale: float
    ) -> Chart:
        if code.kind is None:
            return _no_chart(code)
        code, stuck = said_once(code)
        shapes = None if view.shapes is None else view.shapes.scaled(scale)
        drawn = None if shapes is None else on_paths(code, anchors, reading.roles, shapes)
        found = measured(code, anchors, reading.roles, reading.places, view.image, scale, drawn)
        code, places, exact = found.code, found.places, None if drawn is None else 1.0
        if shapes is not None and drawn is None:
            code, exact = snapped(code, shapes)
            if code.categories is None:
                code, _ = said_once(code)  # pointed at from two sides
        if shapes is not None and exact is not None:
            places = with_exact_ticks(code, anchors, reading.roles, places, shapes)
        data = chart_data(code, anchors, reading.roles, places)
        data.evidence.exact, data.evidence.seen, data.evidence.read = exact, found.seen, view.read
        data.evidence.stuck, data.evidence.coverage = 0.0 if drawn else stuck, found.coverage
        values = [np.nan if point.y is None else point.y for _, points in data.series for point in points]
        data.evidence.auxiliary = auxiliary_distance(values, reading.values)
        if not np.isfinite(np.array(values, np.float64)).any():
            return _without_values()
        self.judged(data.evidence)
        chart = chart_of(data, self.fitted, scale)
        for series in chart.series:
            for point in series.points:
                point.pixel = None if point.pixel is None else view.original(point.pixel)
        return chart

    def judged(self, evidence: Evidence) -> None:
        """Told of every chart what its reliability is made from; for those who fit it."""


@dataclass(frozen=True, slots=True)
class _View:
    """A figure as the network is shown it: level, with its text. ``skew`` (degrees) is by how much it was turned,
    ``read`` says that the text is OCR's.
    """

    image: Image
    anchors: Sequence[Anchor]
    shapes: Shapes | None
    skew: float = 0.0
    read: bool = False

    def original(self, point: tuple[float, float]) -> tuple[float, float]:
        """A point of the level image in the figure's own pixels."""
        if not self.skew:
            return point
        height, width = self.image.shape[:2]
        turn = math.radians(self.skew)
        x, y = point[0] - width / 2, point[1] - height / 2
        back = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        return round(back[0] + width / 2, 1), round(back[1] + height / 2, 1)


def _view(figure: Figure) -> _View:
    if figure.anchors is not None:
        return _View(figure.image, figure.anchors, figure.shapes)
    image, anchors, skew = read_text(figure.image)
    return _View(image, anchors, None if skew else figure.shapes, skew, read=True)


def _no_chart(code: ChartCode) -> Chart:
    return Chart(reliability=no_chart(checks.IS_CHART(1 - code.probability, passed=False)))


def _without_values() -> Chart:
    """Of what looks like a chart and has no number that could be read, such as hills under a sky."""
    return Chart(reliability=no_chart(checks.IS_CHART(0.0), checks.VALUES_READ(0.0)))


def chart_of(data: ChartData, fitted: Calibration | None = None, scale: float = 1.0) -> Chart:
    """The public form of a chart's data; ``scale`` is by how much the image was resized before it was read."""
    series = [
        Series(
            name=name,
            points=[
                Point(
                    x=point.x,
                    y=point.y,
                    text=point.label,
                    pixel=None if point.pixel is None else _divided(point.pixel, scale),
                )
                for point in points
            ],
        )
        for name, points in data.series
    ]
    return Chart(
        title=data.texts.get("title"),
        x_title=data.texts.get("x_title"),
        y_title=data.texts.get("y_title"),
        chart_type=data.kind.name,
        values=_values(series),
        series=series,
        reliability=of_chart(data.evidence, fitted),
    )


def _values(series: Sequence[Series]) -> dict[str, Any]:
    """OneChart's layout: a flat dict for one series, nested for several."""
    rows = [{str(point.x): point.y for point in each.points if point.x is not None} for each in series]
    if len(series) == 1:
        return rows[0]
    names: list[str] = []
    for number, each in enumerate(series, 1):
        name = each.name or f"series {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return dict(zip(names, rows, strict=True))


def _divided(point: tuple[float, float], scale: float) -> tuple[float, float]:
    return round(point[0] / scale, 1), round(point[1] / scale, 1)


def _scaled(anchor: Anchor, scale: float) -> Anchor:
    x0, y0, x1, y1 = (value * scale for value in anchor.box)
    return Anchor(anchor.text, (x0, y0, x1, y1), anchor.kind, anchor.style)


def _fitting(anchors: list[Anchor], capacity: int) -> list[Anchor]:
    """The anchors in the order of training, the smallest left out where there are too many."""
    if len(anchors) > capacity:
        anchors = sorted(anchors, key=lambda a: (a.box[2] - a.box[0]) * (a.box[3] - a.box[1]))[-capacity:]
    return sorted(anchors, key=lambda a: (round(a.box[1] / _ROW), a.box[0]))
