"""What reads charts, and the charts that it sees in figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from docvlm.charts.figure import Figure
from docvlm.schema import Chart


class ChartModel(Protocol):
    """What reads charts: `docvlm.charts.reading.ChartReader` or `docvlm.charts.onechart.OneChartReader`."""

    def read(self, figures: Sequence[Figure]) -> list[Chart]: ...


def read_figures(model: ChartModel, figures: Sequence[Figure]) -> list[Chart]:
    """What the model sees in each figure; a picture that is no chart gives one without values."""
    charts = model.read(figures)
    for chart, each in zip(charts, figures, strict=True):
        chart.page = each.page
        if each.box is not None:
            x0, y0, x1, y1 = each.box
            chart.box = round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)
    return charts
