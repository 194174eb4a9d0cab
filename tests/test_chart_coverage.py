"""What a chart shows and its reading lacks: series, bars, points, printed numbers, panels."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from chart_canvas import BLUE, GREEN, NAMES, RED, ZERO, Canvas, draw_bar, draw_line, marks_at, top_of

from docvlm import checks
from docvlm.charts.code import ChartCode, MarkCode, SeriesCode
from docvlm.charts.coverage import Coverage
from docvlm.charts.data import Evidence
from docvlm.charts.kinds import CHART_KINDS
from docvlm.charts.reliability import of_chart

XS = [130.0, 220.0, 310.0, 400.0]
ROWS = [[80.0, 35.0, 60.0, 15.0], [20.0, 65.0, 10.0, 90.0], [50.0, 50.0, 25.0, 40.0]]
EIGHT = [110.0 + 40 * n for n in range(8)]
HEIGHTS = [5.0, 20.0, 45.0, 80.0, 70.0, 40.0, 25.0, 10.0]


def _is_reliable(coverage: Coverage) -> bool:
    """Whether a reading with this coverage can be believed, if it is sure of itself."""
    evidence = Evidence(CHART_KINDS["vertical_bar"], values=8, coverage=coverage)
    made = [check for check in of_chart(evidence, None).checks if check.name != checks.CALIBRATED.name]
    return not checks.vetoed(made)


def _grouped(gridlines: bool = False) -> tuple[Canvas, ChartCode]:
    """Three series without a legend, and the reading that has all of them."""
    canvas = Canvas()
    if gridlines:
        canvas.pen.rectangle((90, 20, 460, ZERO), fill=(235, 235, 245))
        for value in range(0, 101, 20):
            canvas.pen.line((90, top_of(value), 460, top_of(value)), fill="white", width=2)
    canvas.axis()
    for (row, colour), (place, x) in itertools.product(enumerate((RED, GREEN, BLUE)), enumerate(XS)):
        draw_bar(canvas, x - 30 + 20 * row, x - 10 + 20 * row, 0, ROWS[row][place], colour)
    names = canvas.categories(XS)
    series = [
        SeriesCode(marks=marks_at([(x - 20 + 20 * row, top_of(v)) for x, v in zip(XS, ROWS[row])]))
        for row in range(3)
    ]
    return canvas, ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], series)


@pytest.mark.parametrize("gridlines", [False, True])
def test_a_series_that_was_left_out_shows_in_its_bars(gridlines: bool) -> None:
    canvas, code = _grouped(gridlines)
    whole = canvas.read(code).coverage
    assert whole.bars == 0.0 and _is_reliable(whole)
    for kept in ([0, 1], [1, 2], [2]):
        lacking = canvas.read(replace(code, series=[code.series[n] for n in kept])).coverage
        assert lacking.bars == pytest.approx(1 - len(kept) / 3) and not _is_reliable(lacking)


def test_half_of_the_bins_that_were_left_out_show() -> None:
    canvas = Canvas()
    canvas.axis()
    for x, value in zip(EIGHT, HEIGHTS):
        draw_bar(canvas, x - 18, x + 18, 0, value, BLUE)
    names = canvas.categories(EIGHT[::2], ["0", "2", "4", "6"])
    half = marks_at([(x, top_of(v)) for x, v in zip(EIGHT[::2], HEIGHTS[::2])])
    code = ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=half)])
    coverage = canvas.read(code).coverage
    # What the picture could add by itself is claimed; what is not must show.
    claimed = sum(mark.point is not None for mark in canvas.read(code).code.series[0].marks)
    assert coverage.bars == pytest.approx(1 - claimed / 8)
    assert claimed == 8 or not _is_reliable(coverage)


def test_a_line_that_was_left_out_shows_and_so_do_points_where_it_bends() -> None:
    canvas = Canvas()
    canvas.axis()
    names = canvas.categories(EIGHT, ["a", "b", "c", "d", "e", "f", "g", "h"])
    for values, colour in ((HEIGHTS, RED), (HEIGHTS[::-1], BLUE)):
        draw_line(canvas, EIGHT, values, colour)
    rows = [
        SeriesCode(marks=marks_at([(x, top_of(v)) for x, v in zip(EIGHT, values)]))
        for values in (HEIGHTS, HEIGHTS[::-1])
    ]
    code = ChartCode(CHART_KINDS["line"], [[n] for n in names], rows)
    whole = canvas.read(code).coverage
    assert whole.lines is not None and whole.lines < 0.05 and _is_reliable(whole)
    one = canvas.read(replace(code, series=rows[:1])).coverage
    assert one.lines is not None and one.lines > 0.3 and not _is_reliable(one)
    short = [SeriesCode(marks=row.marks[:4] + [MarkCode(None)] * 4) for row in rows]
    cut = canvas.read(replace(code, series=short)).coverage
    assert cut.lines is not None and cut.lines > 0.4 and not _is_reliable(cut)


def test_printed_numbers_and_entries_of_the_legend_must_be_used() -> None:
    canvas, code = _grouped()
    labels = [
        [canvas.text(f"{v:.0f}", "value", x - 26 + 20 * row, top_of(v) - 12) for x, v in zip(XS, ROWS[row])]
        for row in range(3)
    ]
    legend = canvas.legend(["A", "B", "C"], [RED, GREEN, BLUE])
    series = [
        SeriesCode([legend[n]], [replace(m, label=at) for m, at in zip(each.marks, labels[n])])
        for n, each in enumerate(code.series)
    ]
    whole = canvas.read(replace(code, series=series, labelled=True)).coverage
    assert (whole.values, whole.entries) == (0.0, 0.0)
    for lost in (Coverage(values=0.3), Coverage(entries=0.25)):
        assert not _is_reliable(lost)


def test_names_that_begin_anew_beside_a_gap_are_two_charts() -> None:
    canvas = Canvas()
    canvas.axis()
    left = [110.0, 150.0, 190.0, 230.0]
    xs = [*left, *(x + 200 for x in left)]
    for x, value in zip(xs, HEIGHTS):
        draw_bar(canvas, x - 15, x + 15, 0, value, BLUE)
    names = canvas.categories(xs, NAMES * 2)
    tops = marks_at([(x, top_of(v)) for x, v in zip(xs, HEIGHTS)])
    code = ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=tops)])
    found = canvas.read(code).coverage
    assert found.panels and not _is_reliable(found)


@pytest.mark.parametrize(("text", "factor"), [("1e6", 1e6), ("×10³", 1e3), ("x10^-2", 0.01), ("10", 1.0)])
def test_a_power_of_ten_at_the_axis_multiplies_its_labels(text: str, factor: float) -> None:
    canvas = Canvas()
    canvas.axis()
    canvas.text(text, "other", 24, top_of(100) - 25)
    for x, value in zip(XS, ROWS[0]):
        draw_bar(canvas, x - 20, x + 20, 0, value, RED)
    names = canvas.categories(XS)
    tops = marks_at([(x, top_of(v)) for x, v in zip(XS, ROWS[0])])
    code = ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=tops)])
    (values,) = canvas.values(canvas.read(code)).values()
    assert list(values.values()) == pytest.approx([v * factor for v in ROWS[0]], abs=0.5 * factor)


def test_powers_of_ten_along_an_axis_are_its_labels() -> None:
    canvas = Canvas()
    for exponent in range(4):
        canvas.text(f"10^{exponent}", "y_tick", 20, ZERO - 90 * exponent - 4.5)
    names = canvas.categories(XS)
    tops = marks_at([(x, ZERO - 90.0 * n) for n, x in enumerate(XS)])
    code = ChartCode(CHART_KINDS["line"], [[n] for n in names], [SeriesCode(marks=tops)])
    (values,) = canvas.values(canvas.read(code)).values()
    assert list(values.values()) == pytest.approx([1, 10, 100, 1000], rel=0.02)
