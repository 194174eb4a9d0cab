"""Pictures on a page -> charts, where a chart model sees one in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from docvlm import raster
from docvlm.anchors import Anchor
from docvlm.charts.figure import Figure
from docvlm.charts.vector import shapes_of
from docvlm.document import Chart
from docvlm.mupdf import pymupdf
from docvlm.spans import Line, Rect, as_rect

# The longer side at which charts are rendered: more than the model sees, enough for OCR of small print.
_SIDE = 1100
_LEAST_SIDE = 40.0  # points; smaller pictures are icons
_FEWEST_LINES = 3  # of text for a chart whose text the text layer holds
_FEWEST_PATHS, _MOST_PATHS = 4, 20_000


class ChartModel(Protocol):
    """What reads charts: `docvlm.readers.chart.ChartReader` or `docvlm.readers.onechart.OneChartReader`."""

    def read(self, figures: Sequence[Figure]) -> list[Chart]: ...


@cache
def chart_model(model: str | None = None, device: str = "auto", runtime: str = "auto") -> ChartModel | None:
    """The named chart model, loaded once per process, or the bundled one; ``None`` where none is bundled.

    Raises `docvlm.errors.DocvlmError` where the named one cannot be loaded, UsageError where it reads no charts.
    """
    from docvlm import checkpoints
    from docvlm.bundle import find_bundle
    from docvlm.errors import UsageError
    from docvlm.readers.chart import ChartReader
    from docvlm.readers.onechart import OneChartReader
    from docvlm.runtimes import load_chart

    name = model or "chart-s"
    bundle = find_bundle(name)
    if bundle is not None:
        return ChartReader(load_chart(bundle, runtime, device))
    if model is None:
        return None
    loaded: Any = checkpoints.load(name, device)  # type: ignore[arg-type]
    if not hasattr(loaded, "read_charts"):
        raise UsageError(f"{name} reads no charts", "name a chart bundle or a OneChart with --model")
    return OneChartReader(loaded)


def figure(page: pymupdf.Page, box: Rect, lines: Sequence[Line], number: int | None = None) -> Figure | None:
    """The part of a page inside ``box`` (points) with those of its lines that lie there; ``None`` for icons."""
    bounds = as_rect(pymupdf.Rect(box) & page.rect)
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    if min(width, height) < _LEAST_SIDE:
        return None
    image = raster.render(page, 72 * _SIDE / max(width, height), bounds)
    scale = image.shape[1] / width
    inside = [line for line in lines if _inside(line.box, bounds) and line.text.strip()]
    anchors = None
    if len(inside) >= _FEWEST_LINES:
        anchors = [Anchor(line.text.strip(), _moved(line.box, bounds, scale)) for line in inside]
    shapes = shapes_of(page.get_cdrawings(), bounds, scale) if _has_paths(page, bounds) else None
    return Figure(image, anchors, shapes, number, bounds)


def _has_paths(page: pymupdf.Page, box: Rect) -> bool:
    """Whether a part of a page is drawn with paths, few enough to look at each."""
    paths = sum(
        1
        for kind, path in page.get_bboxlog()
        if kind in ("fill-path", "stroke-path") and pymupdf.Rect(path).intersects(box)
    )
    return _FEWEST_PATHS <= paths <= _MOST_PATHS


def _inside(box: Rect, bounds: Rect) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]


def _moved(box: Rect, bounds: Rect, scale: float) -> Rect:
    x0, y0, x1, y1 = box
    left, top = bounds[0], bounds[1]
    return (x0 - left) * scale, (y0 - top) * scale, (x1 - left) * scale, (y1 - top) * scale


def read_figures(model: ChartModel, figures: Sequence[Figure]) -> list[Chart]:
    """What the model sees in each figure; a picture that is no chart gives one without values."""
    charts = model.read(figures)
    for chart, each in zip(charts, figures, strict=True):
        chart.page = each.page
        if each.box is not None:
            x0, y0, x1, y1 = each.box
            chart.box = round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)
    return charts
