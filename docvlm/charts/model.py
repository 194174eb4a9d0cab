"""What reads charts, and the charts that it sees in figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from docvlm.charts.figure import Figure
from docvlm.schema import Chart


class ChartModel(Protocol):
    """What reads charts: `docvlm.charts.reading.ChartReader` or `docvlm.charts.onechart.OneChartReader`."""

    def read(self, figures: Sequence[Figure]) -> list[Chart]: ...


@cache
def chart_model(model: str | None = None, device: str = "auto", runtime: str = "auto") -> ChartModel | None:
    """The named chart model, loaded once per process, or the bundled one; ``None`` where none is bundled.

    Raises `docvlm.errors.DocvlmError` where the named one cannot be loaded, UsageError where it reads no charts.
    """
    from docvlm import checkpoints
    from docvlm.bundle import find_bundle
    from docvlm.charts.onechart import OneChartReader
    from docvlm.charts.reading import ChartReader
    from docvlm.errors import UsageError
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


def read_figures(model: ChartModel, figures: Sequence[Figure]) -> list[Chart]:
    """What the model sees in each figure; a picture that is no chart gives one without values."""
    charts = model.read(figures)
    for chart, each in zip(charts, figures, strict=True):
        chart.page = each.page
        if each.box is not None:
            x0, y0, x1, y1 = each.box
            chart.box = round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)
    return charts
