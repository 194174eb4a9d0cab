"""Charts read by a OneChart as published: its dict becomes a `Chart`, checked by its own auxiliary token."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from docvlm import checks
from docvlm.charts.auxiliary import auxiliary_distance, of_auxiliary
from docvlm.charts.figure import Figure
from docvlm.charts.reliability import no_chart, reliability
from docvlm.numbers import leaf_number
from docvlm.schema import Chart, Point, Series


class OneChartAnswer(Protocol):
    """What OneChart says of one chart: `docvlm.networks.published.onechart.ChartReading`."""

    text: str
    numbers: NDArray[np.float32]
    log_probs: tuple[float, ...]


class OneChartModel(Protocol):
    """A loaded OneChart: `docvlm.networks.published.onechart.OneChart`."""

    def read_charts(self, images: Sequence[NDArray[np.uint8]]) -> Sequence[Any]: ...


class OneChartReader:
    """Reads charts with OneChart; anchors are of no use to it."""

    def __init__(self, model: OneChartModel) -> None:
        self.model = model

    def read(self, figures: Sequence[Figure]) -> list[Chart]:
        """What each figure says, in their order."""
        images = [figure.image for figure in figures]
        return [chart_of(answer) for answer in self.model.read_charts(images)] if images else []


def chart_of(answer: OneChartAnswer) -> Chart:
    """The chart that an answer speaks of; one that is no dict gives an empty chart whose check says so."""
    parsed = _parsed(answer.text)
    series = _series(parsed.get("values"))
    if not series:
        return Chart(reliability=no_chart(checks.ANSWER_IS_A_CHART(0.0)))
    numbers = [math.nan if p.y is None else p.y for each in series for p in each.points]
    distance = auxiliary_distance(numbers, answer.numbers)
    rows = {
        each.name or str(number): {str(p.x): p.y for p in each.points} for number, each in enumerate(series)
    }
    return Chart(
        title=_text(parsed.get("title")),
        x_title=_text(parsed.get("x_title")),
        y_title=_text(parsed.get("y_title")),
        values=next(iter(rows.values())) if len(series) == 1 and series[0].name is None else rows,
        series=series,
        reliability=reliability(of_auxiliary(distance, answer.log_probs), distance),
    )


def _parsed(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text[text.find("{") : text.rfind("}") + 1])
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _series(values: object) -> list[Series]:
    """One nameless series of a flat dict, one series for each dict of a nested one."""
    if not isinstance(values, dict) or not values:
        return []
    nested = {name: row for name, row in values.items() if isinstance(row, dict)}
    if nested:
        return [Series(name=name, points=_points(row)) for name, row in nested.items()]
    return [Series(points=_points(values))]


def _points(row: dict[str, object]) -> list[Point]:
    points = []
    for x, leaf in row.items():
        number = leaf_number(leaf)
        known = number is not None and math.isfinite(number)
        points.append(Point(x=x, y=number if known else None, text=None if leaf is None else str(leaf)))
    return points


def _text(value: object) -> str | None:
    """A title; OneChart writes "None" where there is none."""
    text = str(value).strip() if value is not None else ""
    return None if text.casefold() in ("", "none", "null") else text
