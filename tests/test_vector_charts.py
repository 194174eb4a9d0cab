"""A PDF's own paths correct what was pointed at: real PDFs written by matplotlib, pointers displaced on purpose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest

from docvlm.anchors import Anchor
from docvlm.charts.code import TEXT_ROLES, ChartCode, MarkCode, SeriesCode
from docvlm.charts.data import chart_data
from docvlm.charts.figure import Figure, cut_figure
from docvlm.charts.kinds import CHART_KINDS
from docvlm.charts.vector import Shapes, shapes_of, snapped, with_exact_ticks
from docvlm.text_layer import read_text

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

VALUES = [3.0, 7.25, 5.5, 9.125]


def _drawn(folder: Path, kind: str) -> tuple[Figure, list[tuple[float, float]]]:
    """A chart in a PDF, and where its marks lie in the figure's pixels."""
    canvas, axes = pyplot.subplots(figsize=(4, 3))
    names = ["north", "east", "south", "west"]
    if kind == "vertical_bar":
        axes.bar(names, VALUES)
    elif kind == "horizontal_bar":
        axes.barh(names, VALUES)
    elif kind == "scatter":
        axes.scatter([1, 2, 3, 4], VALUES)
    else:
        axes.plot(names, VALUES, marker="o" if kind == "marked" else None)
    canvas.savefig(folder / "chart.pdf")
    at = [(v, n) if kind == "horizontal_bar" else (n, v) for n, v in enumerate(VALUES, kind == "scatter")]
    places = axes.transData.transform(at) * 72 / canvas.dpi
    pyplot.close(canvas)
    page = pymupdf.open(folder / "chart.pdf")[0]
    found = cut_figure(page, tuple(page.rect), read_text(page).lines, 1)
    assert found is not None
    scale = found.image.shape[1] / page.rect.width
    return found, [(x * scale, (page.rect.height - y) * scale) for x, y in places.tolist()]


@pytest.mark.parametrize("kind", ["vertical_bar", "horizontal_bar", "line", "marked", "scatter"])
def test_marks_move_to_the_paths_exact_corners(tmp_path: Path, kind: str) -> None:
    found, exact = _drawn(tmp_path, kind)
    assert found.shapes is not None
    scale = 384 / max(found.image.shape)
    shapes = found.shapes.scaled(scale)
    off = [(3.1, -2.0), (-2.5, 2.2), (1.8, 3.0), (-3.0, -1.0)]
    marks = [MarkCode((x * scale + dx, y * scale + dy)) for (x, y), (dx, dy) in zip(exact, off)]
    code = ChartCode(CHART_KINDS["line" if kind == "marked" else kind], series=[SeriesCode(marks=marks)])
    code, share = snapped(code, shapes)
    assert share == 1.0
    for mark, (x, y) in zip(code.series[0].marks, exact):
        assert mark.point == pytest.approx((x * scale, y * scale), abs=0.3)


def test_values_of_a_vector_chart_are_nearly_exact(tmp_path: Path) -> None:
    found, exact = _drawn(tmp_path, "vertical_bar")
    assert found.shapes is not None and found.anchors is not None
    scale = 384 / max(found.image.shape)
    shapes = found.shapes.scaled(scale)
    anchors = [Anchor(a.text, tuple(v * scale for v in a.box)) for a in found.anchors]
    roles = np.zeros((len(anchors), len(TEXT_ROLES)), np.float32)
    for row, anchor in enumerate(anchors):
        roles[row, TEXT_ROLES.index("category" if anchor.text.isalpha() else "y_tick")] = 1
    marks = [MarkCode((x * scale + 2, y * scale - 3)) for x, y in exact]
    names = [
        [next(n for n, a in enumerate(anchors) if a.text == name)]
        for name in ("north", "east", "south", "west")
    ]
    code, _ = snapped(ChartCode(CHART_KINDS["vertical_bar"], names, [SeriesCode(marks=marks)]), shapes)
    places = with_exact_ticks(code, anchors, roles, np.zeros((len(anchors), 2), np.float32), shapes)
    data = chart_data(code, anchors, roles, places)
    assert [point.measured for point in data.series[0][1]] == pytest.approx(VALUES, abs=0.01)


def test_stray_paths_over_a_bitmap_say_nothing() -> None:
    marks = [MarkCode((50.0 * n, 40.0)) for n in range(1, 5)]
    code = ChartCode(CHART_KINDS["line"], series=[SeriesCode(marks=marks)])
    unchanged, share = snapped(code, Shapes(points=np.array([[51.0, 41.0], [300.0, 300.0]])))
    assert unchanged == code and share is None
    assert snapped(code, Shapes())[1] is None


def test_shapes_are_counted_from_the_figures_corner() -> None:
    drawing = {"rect": (110, 120, 130, 160), "fill": (0, 0, 0), "items": [("re", (110, 120, 130, 160), 1)]}
    far = {"rect": (0, 0, 5, 5), "fill": (0, 0, 0), "items": [("re", (0, 0, 5, 5), 1)]}
    shapes = shapes_of([drawing, far], (100, 100, 200, 200), 2.0)
    assert shapes.boxes.tolist() == [[20, 40, 60, 120]]


def test_what_a_lost_reader_repeats_is_left_out() -> None:
    anchors = [Anchor("a", (10, 90, 20, 98)), Anchor("b", (40, 90, 50, 98)), Anchor("north", (60, 5, 80, 12))]
    once = [MarkCode((15.0, 40.0)), MarkCode((45.0, 60.0))]
    again = [MarkCode((16.0, 41.0)), MarkCode((45.0, 61.0)), MarkCode((45.0, 61.0))]
    code = ChartCode(CHART_KINDS["grouped_bar"], [[0], [1]], [SeriesCode([2], once), SeriesCode([2], again)])
    roles = np.zeros((3, len(TEXT_ROLES)), np.float32)
    data = chart_data(code, anchors, roles)
    assert [(name, len(points)) for name, points in data.series] == [("north", 2)]
    assert data.evidence.repeated > 0 and data.evidence.uneven == 0.5
