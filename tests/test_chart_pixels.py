"""Charts painted with known values: what the network lost or misplaced is found again by its colour."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from chart_canvas import (
    BLACK,
    BLUE,
    GREEN,
    NAMES,
    RED,
    SCALE,
    UNIT,
    ZERO,
    Canvas,
    draw_bar,
    draw_line,
    marks_at,
    top_of,
)

from docvlm.anchors import Anchor
from docvlm.charts.code import ChartCode, SeriesCode
from docvlm.charts.kinds import CHART_KINDS
from docvlm.charts.palette import Raster, as_drawn, keys

XS = [130.0, 220.0, 310.0, 400.0]
TABLE = {"A": [80.0, 35.0, 60.0, 15.0], "B": [20.0, 65.0, 10.0, 90.0], "C": [50.0, 50.0, 25.0, 40.0]}


def _grouped() -> tuple[Canvas, list[int], list[int]]:
    canvas = Canvas()
    canvas.axis()
    for (row, colour), (place, x) in itertools.product(enumerate((RED, GREEN, BLUE)), enumerate(XS)):
        value = list(TABLE.values())[row][place]
        draw_bar(canvas, x - 30 + 20 * row, x - 10 + 20 * row, 0, value, colour)
    return canvas, canvas.categories(XS), canvas.legend(list(TABLE), [RED, GREEN, BLUE])


def test_series_that_the_network_lost_come_back_by_their_keys() -> None:
    canvas, names, legend = _grouped()
    wrong = marks_at([(x - 20, top_of(v) + 4) for x, v in zip(XS, TABLE["A"])])
    code = ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[1]], wrong)])
    found = canvas.read(code)
    assert found.seen == 1.0
    assert canvas.values(found) == {
        name: pytest.approx(dict(zip(NAMES, row)), abs=0.5) for name, row in TABLE.items()
    }


def test_stacks_are_cut_where_the_colour_changes() -> None:
    canvas = Canvas()
    canvas.axis()
    rows = {"A": [30.0, 20.0, 10.0, 25.0], "B": [40.0, 0.0, 20.0, 30.0], "C": [10.0, 50.0, 30.0, 20.0]}
    for place, x in enumerate(XS):
        low = 0.0
        for row, colour in zip(rows.values(), (RED, GREEN, BLUE)):
            draw_bar(canvas, x - 25, x + 25, low, low + row[place], colour)
            low += row[place]
    names, legend = canvas.categories(XS), canvas.legend(list(rows), [RED, GREEN, BLUE])
    tops = marks_at([(x, top_of(sum(row[n] for row in rows.values()))) for n, x in enumerate(XS)])
    code = ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[0]], tops)])
    found = canvas.read(code)
    assert found.code.kind == CHART_KINDS["stacked_bar"]
    assert canvas.values(found) == {
        name: pytest.approx(dict(zip(NAMES, row)), abs=0.7) for name, row in rows.items()
    }


def test_a_missing_bar_is_completed_and_marks_move_to_the_edge() -> None:
    canvas = Canvas()
    canvas.axis()
    for x, value in zip(XS, TABLE["A"]):
        draw_bar(canvas, x - 25, x + 25, 0, value, BLUE)
    names = canvas.categories(XS)
    marks = marks_at([(x + 3, top_of(v) - 5) for x, v in zip(XS, TABLE["A"])])
    del marks[2]
    found = canvas.read(
        ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=marks)])
    )
    points = [mark.point for mark in found.code.series[0].marks]
    assert points == [pytest.approx((x * SCALE, top_of(v) * SCALE), abs=0.5) for x, v in zip(XS, TABLE["A"])]


def test_lying_bars() -> None:
    canvas = Canvas()
    for value in range(0, 101, 20):
        canvas.text(str(value), "y_tick", 100 + 3 * value - 3 * len(str(value)), 370)
    ys = [60.0, 130.0, 200.0, 270.0]
    names = [canvas.text(n, "category", 50, y - 4.5, (100, y)) for n, y in zip(NAMES, ys)]
    legend = canvas.legend(["A", "B"], [RED, GREEN])
    for y, a, b in zip(ys, TABLE["A"], TABLE["B"]):
        canvas.pen.rectangle((100, y - 20, 100 + 3 * a - 1, y - 1), fill=RED)
        canvas.pen.rectangle((100, y, 100 + 3 * b - 1, y + 19), fill=GREEN)
    marks = marks_at([(100 + 3 * v, y - 10) for y, v in zip(ys, TABLE["A"])])
    code = ChartCode(
        CHART_KINDS["grouped_horizontal_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)]
    )
    values = canvas.values(canvas.read(code))
    assert values == {name: pytest.approx(dict(zip(NAMES, TABLE[name])), abs=0.7) for name in "AB"}


def test_lines_are_followed_over_their_crossings() -> None:
    canvas = Canvas()
    canvas.axis()
    draw_line(canvas, XS, TABLE["A"], RED)
    draw_line(canvas, XS, TABLE["B"], BLUE)
    names, legend = canvas.categories(XS), canvas.legend(["A", "B"], [RED, BLUE], line=True)
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, TABLE["A"])])
    code = ChartCode(
        CHART_KINDS["line"], [[n] for n in names], [SeriesCode([legend[n]], marks) for n in (0, 0)]
    )
    values = canvas.values(canvas.read(code))
    assert values == {name: pytest.approx(dict(zip(NAMES, TABLE[name])), abs=1.0) for name in "AB"}


def test_quarters_between_the_printed_ones_are_read() -> None:
    canvas = Canvas()
    canvas.axis()
    xs = [100.0 + 50 * n for n in range(7)]
    row = [10.0, 40.0, 20.0, 70.0, 30.0, 90.0, 50.0]
    draw_line(canvas, xs, row, RED)
    names = canvas.categories(xs[::3], ["Q1 2020", "Q4 2020", "Q3 2021"])
    marks = marks_at([(x, top_of(v)) for x, v in zip(xs[::3], row[::3])])
    found = canvas.read(ChartCode(CHART_KINDS["line"], [[n] for n in names], [SeriesCode(marks=marks[:2])]))
    (points,) = canvas.values(found).values()
    assert list(points) == [f"Q{n % 4 + 1} {2020 + n // 4}" for n in range(7)]
    assert list(points.values()) == pytest.approx(row, abs=1.5)


def test_layers_of_a_stacked_area() -> None:
    canvas = Canvas()
    canvas.axis()
    low, high = [20.0, 30.0, 10.0, 25.0], [70.0, 50.0, 60.0, 90.0]
    for values, colour in ((high, BLUE), (low, RED)):
        outline = [(XS[0], ZERO), *((x, top_of(v)) for x, v in zip(XS, values)), (XS[-1], ZERO)]
        canvas.pen.polygon(outline, fill=colour)
    names, legend = canvas.categories(XS), canvas.legend(["low", "high"], [RED, BLUE])
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, high)])
    code = ChartCode(CHART_KINDS["stacked_area"], [[n] for n in names], [SeriesCode([legend[1]], marks)] * 2)
    found = canvas.values(canvas.read(code))
    assert found["low"] == pytest.approx(dict(zip(NAMES, low)), abs=1.0)
    between = [b - a for a, b in zip(low, high)]
    assert found["high"] == pytest.approx(dict(zip(NAMES, between)), abs=1.5)


def test_a_layer_without_height_is_zero_there() -> None:
    canvas = Canvas()
    canvas.axis()
    low, high = [20.0, 30.0, 10.0, 25.0], [20.0, 30.0, 60.0, 25.0]
    for values, colour in ((high, BLUE), (low, RED)):
        outline = [(XS[0], ZERO), *((x, top_of(v)) for x, v in zip(XS, values)), (XS[-1], ZERO)]
        canvas.pen.polygon(outline, fill=colour)
    names, legend = canvas.categories(XS), canvas.legend(["low", "high"], [RED, BLUE])
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, low)])
    code = ChartCode(CHART_KINDS["stacked_area"], [[n] for n in names], [SeriesCode([legend[0]], marks)] * 2)
    found = canvas.values(canvas.read(code))
    assert found["low"] == pytest.approx(dict(zip(NAMES, low)), abs=1.0)
    assert found["high"] == pytest.approx(dict(zip(NAMES, (0.0, 0.0, 50.0, 0.0))), abs=1.5)


def test_areas_that_cross_are_no_stack() -> None:
    canvas = Canvas()
    canvas.axis()
    front, back = [20.0, 60.0, 20.0, 30.0], [70.0, 30.0, 60.0, 90.0]
    for values, colour in ((back, BLUE), (front, RED)):
        outline = [(XS[0], ZERO), *((x, top_of(v)) for x, v in zip(XS, values)), (XS[-1], ZERO)]
        canvas.pen.polygon(outline, fill=colour)
    draw_line(canvas, XS, back, BLUE)  # what is behind shows its outline
    names, legend = canvas.categories(XS), canvas.legend(["front", "back"], [RED, BLUE], line=True)
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, back)])
    found = canvas.read(
        ChartCode(CHART_KINDS["stacked_area"], [[n] for n in names], [SeriesCode([legend[1]], marks)] * 2)
    )
    assert found.code.kind == CHART_KINDS["area"]
    assert canvas.values(found)["front"] == pytest.approx(dict(zip(NAMES, front)), abs=1.5)


def test_lines_over_bars_are_measured_on_the_right_axis() -> None:
    canvas = Canvas()
    canvas.axis()
    for tick in range(0, 101, 20):
        canvas.text(str(10 * tick), "y_tick", 450, ZERO - UNIT * tick - 4.5)
    for x, value in zip(XS, TABLE["A"]):
        draw_bar(canvas, x - 25, x + 25, 0, value, BLUE)
    draw_line(canvas, XS, TABLE["B"], RED)
    names, legend = canvas.categories(XS), canvas.legend(["A", "B"], [BLUE, RED])
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, TABLE["A"])])
    code = ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)] * 2)
    found = canvas.read(code)
    assert found.code.kind == CHART_KINDS["combined"]
    values = canvas.values(found)
    assert values["A"] == pytest.approx(dict(zip(NAMES, TABLE["A"])), abs=0.7)
    assert values["B"] == pytest.approx(dict(zip(NAMES, (10 * v for v in TABLE["B"]))), abs=15)


SHARES = [40.0, 25.0, 20.0, 15.0]
CENTRE, RADIUS = (220.0, 180.0), 120.0


def _pie(hole: float = 0.0, labelled: bool = False) -> tuple[Canvas, list[int]]:
    canvas = Canvas()
    begin = -90.0
    for share, colour in zip(SHARES, (RED, GREEN, BLUE, BLACK)):
        end = begin + 3.6 * share
        box = (CENTRE[0] - RADIUS, CENTRE[1] - RADIUS, CENTRE[0] + RADIUS, CENTRE[1] + RADIUS)
        canvas.pen.pieslice(box, begin, end, fill=colour, outline="white")
        begin = end
    x, y = CENTRE
    canvas.pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill="white")
    if not labelled:
        return canvas, canvas.legend(NAMES, [RED, GREEN, BLUE, BLACK])
    names = []
    angle = 0.0
    for name, share in zip(NAMES, SHARES):
        middle = math.radians(angle + 1.8 * share)
        angle += 3.6 * share
        at = x + 150 * math.sin(middle) - 3 * len(name), y - 150 * math.cos(middle) - 4.5
        names.append(canvas.text(name, "category", *at))
    return canvas, names


@pytest.mark.parametrize(("hole", "labelled"), [(0.0, False), (0.0, True), (60.0, False)])
def test_slices_are_counted_named_and_measured(hole: float, labelled: bool) -> None:
    canvas, names = _pie(hole, labelled)
    begins = [(CENTRE[0] + 9, CENTRE[1] - RADIUS), (CENTRE[0] - RADIUS, CENTRE[1] + 4)]
    centre = (CENTRE[0] * SCALE + 5, CENTRE[1] * SCALE - 4)
    kind = CHART_KINDS["donut" if hole else "pie"]
    code = ChartCode(
        CHART_KINDS["pie"], [[names[0]], [names[2]]], [SeriesCode(marks=marks_at(begins))], centre=centre
    )
    found = canvas.read(code)
    assert found.code.kind == kind
    assert canvas.values(found) == {None: pytest.approx(dict(zip(NAMES, SHARES)), abs=0.6)}


def test_printed_values_go_to_the_marks_that_measure_them() -> None:
    canvas, names, legend = _grouped()
    canvas.text("80.4", "value", XS[0] - 32, top_of(80) - 12)
    canvas.text("35.2", "value", XS[1] - 32, top_of(35) - 12)
    marks = marks_at([(x - 20, top_of(v)) for x, v in zip(XS, TABLE["A"])])
    found = canvas.read(
        ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)])
    )
    values = canvas.values(found)["A"]
    assert (values["north"], values["east"]) == (80.4, 35.2)
    assert values["south"] == pytest.approx(60, abs=0.5)


def test_ticks_move_to_their_gridlines() -> None:
    canvas, names, legend = _grouped()
    for value in range(20, 101, 20):
        canvas.pen.line((60, top_of(value), 470, top_of(value)), fill=(225, 225, 225))
    for row, role in enumerate(canvas.roles):
        if role == "y_tick":  # the labels stand two pixels too high
            x0, y0, x1, y1 = canvas.anchors[row].box
            canvas.anchors[row] = Anchor(canvas.anchors[row].text, (x0, y0 - 2 * SCALE, x1, y1 - 2 * SCALE))
    marks = marks_at([(x - 20, top_of(v)) for x, v in zip(XS, TABLE["A"])])
    found = canvas.read(
        ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)])
    )
    ticks = [row for row, role in enumerate(canvas.roles) if role == "y_tick"]
    assert found.places[ticks, 1] * 9 == pytest.approx(2.1, abs=0.5)


def test_legend_entries_of_unknown_role_are_found_by_their_keys() -> None:
    canvas = Canvas()
    canvas.axis()
    for (row, colour), (place, x) in itertools.product(enumerate((RED, GREEN, BLUE)), enumerate(XS)):
        draw_bar(canvas, x - 30 + 20 * row, x - 10 + 20 * row, 0, list(TABLE.values())[row][place], colour)
    names = canvas.categories(XS)
    # As gnuplot sets them: flush right, keys on the right, and an axis on the left that looks like a key.
    for row, colour in enumerate((RED, GREEN, BLUE)):
        canvas.pen.rectangle((514, 20 + 16 * row, 540, 28 + 16 * row), fill=colour)
    canvas.pen.line((470, 5, 470, 80), fill=BLACK)
    legend = [canvas.text(name, "other", 506 - 6, 20 + 16 * row) for row, name in enumerate(TABLE)]
    canvas.roles[legend[0]] = "legend"
    note = canvas.text("a note below", "other", 436, 68)
    marks = marks_at([(x - 20, top_of(v)) for x, v in zip(XS, TABLE["A"])])
    found = canvas.read(
        ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)])
    )
    assert found.code.kind == CHART_KINDS["grouped_bar"]
    assert [series.name for series in found.code.series] == [[n] for n in legend] and note not in legend
    assert canvas.values(found) == {
        name: pytest.approx(dict(zip(NAMES, row)), abs=0.5) for name, row in TABLE.items()
    }


def test_without_colours_the_network_is_believed() -> None:
    canvas = Canvas()
    canvas.axis()
    gray = (120, 120, 120)
    for x, a, b in zip(XS, TABLE["A"], TABLE["B"]):
        draw_bar(canvas, x - 20, x, 0, a, gray)
        draw_bar(canvas, x, x + 20, 0, b, gray)
    names, legend = canvas.categories(XS), canvas.legend(["A", "B"], [gray, gray])
    marks = marks_at([(x - 10, top_of(v) + 2) for x, v in zip(XS, TABLE["A"])])
    code = ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)])
    found = canvas.read(code)
    assert found.code == code and found.seen is None


def test_what_the_network_points_elsewhere_for_is_not_believed() -> None:
    canvas, names, legend = _grouped()
    marks = marks_at([(x, 60.0 + 13 * n) for n, x in enumerate(XS)])
    code = ChartCode(CHART_KINDS["grouped_bar"], [[n] for n in names], [SeriesCode([legend[0]], marks)])
    found = canvas.read(code)
    assert found.code == code and found.seen is not None and found.seen < 0.4


def test_keys_have_their_fillings_colour_and_names_all_their_lines() -> None:
    canvas = Canvas()
    for row, colour in enumerate((RED, GREEN)):
        canvas.pen.rectangle((480, 20 + 40 * row, 494, 29 + 40 * row), fill=colour, outline="black")
    boxes = [(500.0, 20.0, 530.0, 29.0), (500.0, 33.0, 540.0, 42.0), (500.0, 60.0, 530.0, 69.0)]
    found = keys(Raster.of(np.asarray(canvas.image)), boxes, [0, 1, 2])
    assert [key.name for key in found] == [(0, 1), (2,)]
    red, green = (key.colour for key in found)
    assert red[1] > 40 and green[1] < -30  # a* of CIELAB


def test_bars_below_zero_are_measured_where_the_network_took_their_upper_ends() -> None:
    canvas = Canvas()
    canvas.axis()
    zero = 60.0  # the axis goes from -60 to 40
    canvas.anchors = [Anchor(str(int(a.text) - 60), a.box) for a in canvas.anchors]
    row = [30.0, -35.0, -20.0, -50.0]
    for x, value in zip(XS, row):
        draw_bar(canvas, x - 25, x + 25, zero + min(0, value), zero + max(0, value), BLUE)
    names = canvas.categories(XS)
    marks = marks_at([(x, top_of(zero + max(0, v))) for x, v in zip(XS, row)])
    found = canvas.read(
        ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=marks)])
    )
    assert canvas.values(found) == {None: pytest.approx(dict(zip(NAMES, row)), abs=0.5)}


@pytest.mark.parametrize("pen", [2, 4])
def test_values_lie_in_the_middle_of_an_outline(pen: int) -> None:
    canvas = Canvas()
    canvas.axis()
    for x, value in zip(XS, TABLE["A"]):
        top = round(top_of(value))
        canvas.pen.rectangle((x - 25, top - pen // 2, x + 24, ZERO), fill=BLACK)
        canvas.pen.rectangle((x - 25 + pen, top + pen // 2, x + 24 - pen, ZERO), fill=GREEN)
    names = canvas.categories(XS)
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, TABLE["A"])])
    found = canvas.read(
        ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=marks)])
    )
    points = [mark.point for mark in found.code.series[0].marks]
    assert [y for _, y in filter(None, points)] == pytest.approx(
        [top_of(v) * SCALE for v in TABLE["A"]], abs=0.3
    )


def test_bars_of_many_colours_are_found_also_where_the_network_has_no_mark() -> None:
    canvas = Canvas()
    canvas.axis()
    for x, value, colour in zip(XS, TABLE["B"], (RED, GREEN, BLUE, (230, 160, 40))):
        draw_bar(canvas, x - 25, x + 25, 0, value, colour)
    names = canvas.categories(XS)
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS[:2], TABLE["B"])])
    found = canvas.read(
        ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=marks)])
    )
    assert canvas.values(found) == {None: pytest.approx(dict(zip(NAMES, TABLE["B"])), abs=0.5)}


def test_years_between_the_printed_ones_are_where_the_line_bends() -> None:
    canvas = Canvas()
    canvas.axis()
    xs = [100.0 + 45 * n for n in range(8)]
    row = [10.0, 40.0, 20.0, 70.0, 30.0, 90.0, 50.0, 60.0]
    draw_line(canvas, xs, row, RED)
    # The labels stand a little to the right, and the last year has none.
    names = canvas.categories([x + 2 for x in xs[::3]], ["2000", "2003", "2006"])
    marks = marks_at([(x, top_of(v)) for x, v in zip(xs[::3], row[::3])])
    found = canvas.read(ChartCode(CHART_KINDS["line"], [[n] for n in names], [SeriesCode(marks=marks)]))
    assert canvas.values(found) == {
        None: pytest.approx({str(2000 + n): v for n, v in enumerate(row)}, abs=1.5)
    }


def test_names_at_the_ends_of_lines_in_the_lines_colours_are_a_legend() -> None:
    canvas = Canvas()
    canvas.axis()
    rows = {"A": [80.0, 35.0, 60.0, 25.0], "B": [20.0, 65.0, 10.0, 90.0]}
    names = canvas.categories(XS)
    legend = []
    for (name, row), colour in zip(rows.items(), (RED, BLUE)):
        draw_line(canvas, XS, row, colour)
        at = (430.0, top_of(row[-1]) - 4.5)
        legend.append(canvas.text(name, "legend", *at))
        canvas.pen.rectangle((at[0], at[1] + 1, at[0] + 4, at[1] + 7), fill=colour)
    canvas.pen.line((415, 20, 415, 350), fill=(60, 60, 60))  # a frame between the lines and their names
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, rows["A"])])
    code = ChartCode(
        CHART_KINDS["line"], [[n] for n in names], [SeriesCode([n], marks) for n in legend[::-1]]
    )
    assert canvas.values(canvas.read(code)) == {
        name: pytest.approx(dict(zip(NAMES, row)), abs=1.0) for name, row in rows.items()
    }


def test_slanted_names_are_in_the_order_of_their_ends() -> None:
    canvas = Canvas()
    canvas.axis()
    for x, value in zip(XS, TABLE["A"]):
        draw_bar(canvas, x - 25, x + 25, 0, value, GREEN)
    # Names of 110 pixels' width that end at their places; the network's places are off by up to 60.
    off = (0.0, 60.0, -55.0, 10.0)
    for name, x, away in zip(NAMES, XS, off):
        canvas.anchors.append(Anchor(name, ((x - 110) * SCALE, 350 * SCALE, x * SCALE, 390 * SCALE)))
        canvas.roles.append("category")
        canvas.places.append(((x + away - (x - 55)) / 40, (ZERO - 370) / 40))
    names = list(range(len(canvas.anchors) - 4, len(canvas.anchors)))
    marks = marks_at([(x, top_of(v)) for x, v in zip(XS, TABLE["A"])])[:3]
    found = canvas.read(
        ChartCode(CHART_KINDS["vertical_bar"], [[n] for n in names], [SeriesCode(marks=marks)])
    )
    assert canvas.values(found) == {None: pytest.approx(dict(zip(NAMES, TABLE["A"])), abs=0.5)}


def test_thin_keys_are_matched_to_their_lines_and_not_to_mixtures_at_edges() -> None:
    colours = ((100, 0, 0), (50, 60, 40), (40, 10, -60))
    white, deep, other = (np.array(colour, np.float32) for colour in colours)
    half, pale = (white + deep * s - white * s for s in (np.float32(0.5), np.float32(0.7)))
    present = [white, half, other, deep]
    drawn, _ = as_drawn([pale, other], present, 5.0, thin=True)
    assert (drawn[0] == deep).all() and (drawn[1] == other).all()
    # A pale series beside a deep one of its hue keeps its own colour.
    drawn, _ = as_drawn([half, deep], present, 5.0, thin=True)
    assert (drawn[0] == half).all() and (drawn[1] == deep).all()
