"""Charts -> data: OCR or the text layer gives the anchors, the chart model points, geometry measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from docvlm import confidence
from docvlm.anchors import Anchor, encode_anchors
from docvlm.charts.code import decode_chart
from docvlm.charts.data import ChartData, Evidence, chart_data
from docvlm.charts.figure import Figure
from docvlm.charts.reliability import of_chart
from docvlm.charts.vector import Shapes, snapped, with_exact_ticks
from docvlm.deskew import Image
from docvlm.document import Chart, Check, Point, Reliability, Series
from docvlm.letterbox import letterbox
from docvlm.networks.interface import ChartReading
from docvlm.runtimes.interface import ChartRuntime

_BATCH = 8
# OCR finds small print best when the image has at least this many pixels along its longer side.
_OCR_SIDE = 900


class ChartReader:
    """Reads charts with a chart model on any runtime (`docvlm.runtimes.load_chart`)."""

    def __init__(self, network: ChartRuntime) -> None:
        self.network = network

    def read(self, figures: Sequence[Figure]) -> list[Chart]:
        """What each figure says, in their order.

        A picture that is no chart gives an empty chart that says so in its checks.
        """
        charts: list[Chart] = []
        for start in range(0, len(figures), _BATCH):
            charts += self._batch(figures[start : start + _BATCH])
        return charts

    def _batch(self, figures: Sequence[Figure]) -> list[Chart]:
        config = self.network.config
        boxed = [letterbox(figure.image, config.encoder.size) for figure in figures]
        shown = []
        for figure, (_, scale) in zip(figures, boxed, strict=True):
            found = figure.anchors if figure.anchors is not None else ocr_anchors(figure.image)
            shown.append(_fitting([_scaled(anchor, scale) for anchor in found], config.anchors))
        pixels = np.stack([image for image, _ in boxed]).transpose(0, 3, 1, 2).astype(
            np.float32
        ) / np.float32(255)
        codes = [encode_anchors(each, config.anchor_config) for each in shown]
        readings = self.network.read(pixels, codes)
        return [
            self._chart(reading, each, scale, figure.shapes)
            for reading, each, (_, scale), figure in zip(readings, shown, boxed, figures, strict=True)
        ]

    def _chart(
        self, reading: ChartReading, anchors: Sequence[Anchor], scale: float, shapes: Shapes | None
    ) -> Chart:
        written = reading.generated
        code = decode_chart(written.actions, self.network.config.space, written.offsets, written.log_probs)
        if code.kind is None:
            check = Check(name="is-chart", value=round(1 - code.probability, 4), threshold=0.5, passed=False)
            return Chart(reliability=Reliability(score=0.0, reliable=False, checks=[check]))
        places, exact = reading.places, None
        if shapes is not None:
            shapes = shapes.scaled(scale)
            code, exact = snapped(code, shapes)
        if shapes is not None and exact is not None:
            places = with_exact_ticks(code, anchors, reading.roles, places, shapes)
        data = chart_data(code, anchors, reading.roles, places)
        data.evidence.exact = exact
        values = [np.nan if point.y is None else point.y for _, points in data.series for point in points]
        data.evidence.auxiliary = confidence.auxiliary_distance(values, reading.values)
        self.judged(data.evidence)
        return chart_of(data, scale)

    def judged(self, evidence: Evidence) -> None:
        """Told of every chart what its reliability is made from; for those who fit it."""


def chart_of(data: ChartData, scale: float = 1.0) -> Chart:
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
        chart_type=data.kind,
        values=_values(series),
        series=series,
        reliability=of_chart(data.evidence),
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
    return sorted(anchors, key=lambda a: (round(a.box[1] / 4), a.box[0]))


def ocr_anchors(image: Image) -> list[Anchor]:
    """The text of a chart image by OCR, with boxes in its pixels; also text that runs up or down the side."""
    from docvlm.readers.ocr import crop_of, engine
    from docvlm.readers.ocr_lines import line_of

    ocr = engine()
    # The detector works at 1.3 pixels per point, so this shows it at least _OCR_SIDE pixels.
    scale = 1.3 * min(1.0, max(image.shape[:2]) / _OCR_SIDE)
    anchors: list[Anchor] = []
    for quad in ocr.detect(image, scale):
        x0, y0 = np.floor(quad.min(axis=0)).astype(int).clip(0)
        x1, y1 = np.ceil(quad.max(axis=0)).astype(int)
        if y1 - y0 > 1.8 * (x1 - x0) and y1 - y0 > 24:
            crop = np.ascontiguousarray(np.rot90(image[y0:y1, x0:x1], -1))
            text = ocr.recognize(crop).text.strip()
            if text:
                anchors.append(Anchor(text, (float(x0), float(y0), float(x1), float(y1))))
            continue
        crop = crop_of(image, quad)
        bounds = (int(x0), int(y0), int(x0) + crop.shape[1], int(y0) + crop.shape[0])
        for line in line_of(ocr.recognize(crop), crop, bounds, 1.0):
            anchors.append(Anchor(line.text.strip(), line.box))
    return anchors
