"""Bars that a PDF draws as paths are read from them, whatever the network pointed at: PDFs written here, read whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from docvlm.anchors import Anchor
from docvlm.charts.code import TEXT_ROLES, Certainty, ChartCode, MarkCode, SeriesCode, TextRole
from docvlm.charts.data import chart_data
from docvlm.charts.figure import Figure, cut_figure
from docvlm.charts.kinds import CHART_KINDS
from docvlm.charts.path_bars import on_paths
from docvlm.text_layer import read_text

NAMES = ["Iron", "Copper", "Zinc", "Lead"]
TABLE = {"Mine": [40.0, 12.5, 33.0, 8.0], "Scrap": [22.0, 30.0, 5.0, 18.5], "Import": [9.0, 27.0, 14.0, 36.0]}
COLOURS = [(0.2, 0.4, 0.8), (0.75, 0.75, 0.75), (0.88, 0.88, 0.88)]
BASE, UNIT, WIDE = 240.0, 4.0, 22.0


def _page(labelled: bool = True, lying: bool = False, wrong: bool = False) -> pymupdf.Page:
    """Grouped bars with a legend; printed values that fit the bars, or one of them ``wrong``."""
    page = pymupdf.open().new_page(width=420, height=420)

    def at(x: float, y: float) -> tuple[float, float]:
        return (400 - y, x) if lying else (x, y)

    for n, (name, colour) in enumerate(zip(TABLE, COLOURS)):
        page.draw_rect((60 + 110 * n, 20, 72 + 110 * n, 28), color=None, fill=colour)
        page.insert_text((78 + 110 * n, 28), name, fontsize=9)
    for place, name in enumerate(NAMES):
        for n, (row, colour) in enumerate(zip(TABLE.values(), COLOURS)):
            x = 60 + 85 * place + WIDE * n
            corners = [at(x, BASE), at(x + WIDE, BASE - UNIT * row[place])]
            low, high = np.min(corners, axis=0), np.max(corners, axis=0)
            page.draw_rect((*low, *high), color=None, fill=colour)
            if labelled:
                said = 2 * row[place] if wrong and (place, n) == (1, 1) else row[place]
                end = at(x + WIDE / 2, BASE - UNIT * row[place])
                where = (end[0] + 3, end[1] + 3) if lying else (end[0] - 9, end[1] - 3)
                page.insert_text(where, f"{said:.1f}", fontsize=8)
        middle = at(60 + 85 * place + WIDE * len(TABLE) / 2, BASE + 14)
        page.insert_text(
            (middle[0] - 30, middle[1]) if lying else (middle[0] - 12, middle[1]), name, fontsize=9
        )
    return page


def _figure(page: pymupdf.Page) -> Figure:
    found = cut_figure(page, tuple(page.rect), read_text(page).lines, 1)
    assert found is not None and found.anchors is not None and found.shapes is not None
    return found


def _roles(anchors: Sequence[Anchor]) -> np.ndarray:
    """What a network that knows its texts says of them."""
    rows = np.zeros((len(anchors), len(TEXT_ROLES)), np.float32)
    for row, anchor in enumerate(anchors):
        role: TextRole = "legend" if anchor.text in TABLE else "category" if anchor.text in NAMES else "value"
        rows[row, TEXT_ROLES.index(role)] = 1
    return rows


def _lost(kind: str) -> ChartCode:
    """A reading that has one mark of twelve, and is not sure of it."""
    series = [SeriesCode(marks=[MarkCode((100.0, 100.0))])]
    return ChartCode(CHART_KINDS[kind], series=series, certainty=Certainty(least=-3.0))


@pytest.mark.parametrize("lying", [False, True])
def test_series_names_and_values_come_from_the_paths(lying: bool) -> None:
    figure = _figure(_page(lying=lying))
    assert figure.anchors is not None and figure.shapes is not None
    roles = _roles(figure.anchors)
    kind = "grouped_horizontal_bar" if lying else "grouped_bar"
    code = on_paths(_lost(kind), figure.anchors, roles, figure.shapes)
    assert code is not None and code.certainty.least == 0.0
    data = chart_data(code, figure.anchors, roles)
    assert {name: {p.x: p.y for p in points} for name, points in data.series} == {
        name: dict(zip(NAMES, row)) for name, row in TABLE.items()
    }


def test_values_that_do_not_fit_the_bars_or_are_not_printed_make_nothing_sure() -> None:
    for page in (_page(wrong=True), _page(labelled=False)):
        figure = _figure(page)
        assert figure.anchors is not None and figure.shapes is not None
        code = on_paths(_lost("grouped_bar"), figure.anchors, _roles(figure.anchors), figure.shapes)
        assert code is not None and code.certainty.least == -3.0


def test_fewer_bars_than_the_network_sees_and_other_kinds_are_left_to_it() -> None:
    figure = _figure(_page())
    assert figure.anchors is not None and figure.shapes is not None
    roles = _roles(figure.anchors)
    many = [SeriesCode(marks=[MarkCode((10.0 * n, 100.0)) for n in range(13)])]
    code = ChartCode(CHART_KINDS["grouped_bar"], series=many)
    assert on_paths(code, figure.anchors, roles, figure.shapes) is None
    assert on_paths(_lost("line"), figure.anchors, roles, figure.shapes) is None
    assert on_paths(_lost("stacked_bar"), figure.anchors, roles, figure.shapes) is None


def test_a_pdf_with_pale_series_is_read_whole(tmp_path: Path) -> None:
    import docvlm

    page = _page()
    page.parent.save(tmp_path / "chart.pdf")
    (chart,) = docvlm.read_charts(tmp_path / "chart.pdf")
    # The legend stands apart from what is found as a chart on a page.
    assert [[point.y for point in series.points] for series in chart.series] == list(TABLE.values())
