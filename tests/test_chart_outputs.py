"""What chart readers give: OneChart's dict as a chart, the picture to check it by, an image's own pixels."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from docvlm.charts.figure import Figure
from docvlm.charts.onechart import OneChartReader, chart_of
from docvlm.charts.text import read_text
from docvlm.schema import Chart, Point, Reliability, Series
from docvlm.source import Source
from docvlm.writers import redraw


@dataclass
class Said:
    """An answer of OneChart."""

    text: str
    numbers: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    log_probs: tuple[float, ...] = (-0.01, -0.02)


def test_one_charts_dict_becomes_a_chart_with_its_own_check() -> None:
    values = {"2019": "4.0%", "2020": "8.0%", "2021": "5.0%"}
    answer = {"title": "Growth", "source": "None", "x_title": "None", "y_title": "share", "values": values}
    chart = chart_of(Said(json.dumps(answer), np.array([0.0, 1.0, 0.25], np.float32)))
    assert (chart.title, chart.x_title, chart.y_title) == ("Growth", None, "share")
    assert chart.values == {"2019": 4.0, "2020": 8.0, "2021": 5.0}
    assert chart.series[0].points[0].text == "4.0%"
    assert chart.reliability.distance == pytest.approx(0.0) and chart.reliability.reliable
    doubted = chart_of(Said(json.dumps(answer), np.array([1.0, 0.0, 0.9], np.float32)))
    assert not doubted.reliability.reliable


def test_series_nest_and_broken_answers_are_empty_charts() -> None:
    nested = chart_of(Said('{"values": {"North": {"a": "1", "b": "2"}, "South": {"a": "3", "b": "-"}}}'))
    assert nested.values == {"North": {"a": 1.0, "b": 2.0}, "South": {"a": 3.0, "b": None}}
    for broken in ("", "no dict", "[1, 2]", '{"values": 3}', '{"values": {}}', '{"title": "x"'):
        chart = chart_of(Said(broken))
        assert not chart.values and not chart.reliability.reliable
        assert chart.reliability.checks[0].name == "answer-is-a-chart"


def test_a_one_chart_is_given_the_figures_pixels() -> None:
    class Model:
        def read_charts(self, images: Sequence[NDArray[np.uint8]]) -> list[Said]:
            return [Said(f'{{"values": {{"width": {image.shape[1]}}}}}') for image in images]

    charts = OneChartReader(Model()).read([Figure(np.zeros((5, 7, 3), np.uint8))])
    assert [chart.values for chart in charts] == [{"width": 7.0}]
    assert OneChartReader(Model()).read([]) == []


_KINDS = [
    "vertical_bar",
    "grouped_horizontal_bar",
    "stacked_bar",
    "line",
    "stacked_area",
    "pie",
    "donut",
    "combined",
]
_NUMBERS = st.none() | st.floats(-1e9, 1e9) | st.sampled_from([0.0, 1e-300, 5.0])


@given(
    st.sampled_from(_KINDS),
    st.lists(st.lists(_NUMBERS, min_size=1, max_size=6), min_size=1, max_size=3),
    st.text(max_size=40),
)
def test_whatever_was_read_can_be_drawn_beside_the_original(
    kind: str, rows: list[list[float | None]], name: str
) -> None:
    series = [
        Series(name=name, points=[Point(x=f"{name}{n}", y=y, pixel=(n, n)) for n, y in enumerate(row)])
        for row in rows
    ]
    trust = Reliability(score=0.5, reliable=False)
    chart = Chart(title=name, chart_type=kind, series=series, reliability=trust)
    data = redraw.png(chart, np.full((60, 90, 3), 200, np.uint8))
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.width > picture.height > 100


def test_numbers_along_both_axes_are_drawn_as_a_scatter() -> None:
    points = [Point(x=float(n), y=float(n * n)) for n in range(6)]
    chart = Chart(
        chart_type="scatter", series=[Series(points=points)], reliability=Reliability(score=1, reliable=True)
    )
    empty = Chart(chart_type="scatter", reliability=Reliability(score=0, reliable=False))
    image = np.full((60, 90, 3), 255, np.uint8)
    assert redraw.png(chart, image) != redraw.png(empty, image)


def test_an_images_pixels_are_its_own(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (31, 47, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with Source(tmp_path / "a.png", "a.png") as source:
        assert np.array_equal(source.pixels(1), pixels)
    sheer = np.dstack([pixels, np.zeros((31, 47), np.uint8)])
    Image.fromarray(sheer, "RGBA").save(tmp_path / "b.png")
    with Source(tmp_path / "b.png", "b.png") as source:
        assert source.pixels(1).min() == 255


def test_a_chart_scanned_askew_is_made_level() -> None:
    with Image.open(SAMPLES / "chart.png") as straight:
        askew = straight.convert("RGB").rotate(2.0, resample=Image.Resampling.BICUBIC, fillcolor="white")
    level, anchors, skew = read_text(np.asarray(askew))
    assert skew == pytest.approx(-2.0, abs=0.4)
    assert level.shape == np.asarray(askew).shape
    by_text = {anchor.text: anchor.box for anchor in anchors}
    names = [by_text[name] for name in ("Spring", "Summer", "Autumn", "Winter")]
    # Tails of letters reach a few pixels lower; two degrees would be 17.
    assert max(box[3] for box in names) - min(box[3] for box in names) < 8
    with Image.open(SAMPLES / "chart.png") as straight:
        assert read_text(np.asarray(straight.convert("RGB")))[2] == 0.0
