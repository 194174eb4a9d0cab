"""The chart data engine: what is drawn lies exactly where the truth says, and the stream repeats itself."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from training.charts import degrade
from training.charts.content import sample_content
from training.charts.painter import draw, paint
from training.charts.painting.fonts import font_book
from training.charts.painting.styles import Style, sample_style
from training.charts.sample import KINDS, Content, Kind, NumberFormat, Sample, Series, fit_axis
from training.charts.stream import drawable_languages, make, painter, stream

_COUNT = 160  # charts that each property is tried on


@cache
def _samples() -> tuple[Sample, ...]:
    return tuple(
        make(seed, painter(), kind=KINDS[seed % len(KINDS)], languages=drawable_languages(), degraded=0.0)
        for seed in range(_COUNT)
    )


def _plain(content: Content, seed: int = 0, **looks: Any) -> Sample:
    """Painted without anything that could lie over the marks."""
    rng = random.Random(seed)
    book = font_book()
    style: Style = sample_style(content, rng, book)
    bare: dict[str, Any] = {
        "width": 640, "height": 480, "size": 12, "label_size": 11,
        "colours": ((200, 30, 30), (30, 30, 200), (20, 150, 20)),
        "background": (255, 255, 255), "plot_colour": None, "grid": "none", "frame": False, "category_line": False,
        "value_line": False, "labels": None, "legend": "bottom", "bar_effect": "flat", "bar_edge": None, "bar_round": 0.0,
        "bar_alpha": 1.0, "bar_overlap": 0.0, "hatches": (), "colouring": "one", "note": False, "logo": False, "tag": False,
        "dashes": (None,), "markers": (None,), "marker_open": False, "smooth": False, "area_alpha": 1.0, "fade": False,
        "values_above_grid": False, "value_axis": True, "broken": False, "bar_snap": False, "pie_gap": 0.0,
        "preset": "slides", "label_fit": False, "label_turned": False, "label_strong": None, "bar_edge_own": False,
        "bar_edge_width": 1.0, "steps": None, "rough": 0.0, "band": False, "area_edge": None, "axes_coloured": False,
        "pie_labels": "legend", "border": None, "dark": False, "ink": (0, 0, 0), "faint": (0, 0, 0), "ticks": "none",
    }  # fmt: skip
    return paint(content, rng, dataclasses.replace(style, **{**bare, **looks}), book)


def _cover(sample: Sample, colour: tuple[int, int, int]) -> NDArray[np.float64]:
    """How far each pixel is from white towards ``colour``, 0..1."""
    towards = np.array(colour, np.float64) - 255
    return (sample.image.astype(np.float64) - 255) @ towards / (towards @ towards)


# What charts say


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (NumberFormat(decimals=1, thousands=","), 1234.5, "1,234.5"),
        (NumberFormat(decimals=1, thousands=".", decimal=","), 1234.5, "1.234,5"),
        (NumberFormat(decimals=1, thousands=" ", decimal=","), 1234567.25, "1 234 567,2"),
        (NumberFormat(thousands=",", grouping="indian"), 12345678, "1,23,45,678"),
        (NumberFormat(prefix="$", decimals=1, units=((1e6, "M"), (1e3, "k"))), 2_340_000, "$2.3M"),
        (NumberFormat(prefix="$", decimals=1, units=((1e6, "M"), (1e3, "k"))), 4500, "$4.5k"),
        (NumberFormat(suffix="%", minus="−"), -3, "−3%"),
        (NumberFormat(minus="()"), -3, "(3)"),
        (NumberFormat(units=((1e4, "万"),)), 2_560_000, "256万"),
        (NumberFormat(), -0.2, "0"),
    ],
)  # fmt: skip
def test_numbers_are_printed_in_the_format(form: NumberFormat, value: float, text: str) -> None:
    assert form.text(value) == text


def test_shown_is_what_the_text_says() -> None:
    form = NumberFormat(decimals=1, units=((1e6, "M"), (1e3, "k")))
    assert form.shown(2_340_000) == pytest.approx(2_300_000)
    assert form.shown(-4567) == pytest.approx(-4600)
    assert form.shown(12.34) == pytest.approx(12.3)


def test_contents_are_many_and_sound() -> None:
    names: set[str | None] = set()
    kinds = set()
    languages = set()
    for seed in range(1500):
        content = sample_content(random.Random(seed), max_marks=96)
        kinds.add(content.kind)
        languages.add(content.language)
        names.update(content.categories)
        names.update(s.name for s in content.series)
        rows, columns = content.shape
        assert 1 <= rows * columns <= 130
        assert len({s.name for s in content.series}) == rows
        assert len(set(content.categories)) == len(content.categories)
        for series in content.series:
            finite = series.values[np.isfinite(series.values)]
            assert len(finite) >= 2
            assert not np.isinf(series.values).any()
            if content.kind == "scatter":
                assert series.x is not None and len(series.x) == len(series.values)
            else:
                assert len(series.values) == len(content.categories)
            if content.is_pie:
                assert (finite >= 0).all() and finite.sum() > 0
        if content.scale == "log":
            assert all(np.nanmin(s.values) > 0 for s in content.series)
    assert kinds == set(KINDS)
    assert languages == {"en", "de", "fr", "es", "zh"}
    assert len(names) > 5000


# What is drawn


def test_spans_lie_in_the_image_tight_around_their_ink() -> None:
    for sample in _samples():
        height, width = sample.image.shape[:2]
        for span in sample.spans:
            x0, y0, x1, y1 = (int(v) for v in span.box)
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height, (sample.seed, span)
            inside = sample.image[y0:y1, x0:x1].astype(int)
            assert (inside.max((0, 1)) - inside.min((0, 1))).max() > 12 or len(span.text) == 1, (
                sample.seed,
                span,
            )


def test_a_text_box_ends_where_the_ink_ends() -> None:
    content = Content(
        "vertical_bar", (Series(None, np.array([3.0, 5.0])),), ("Alpha", "Beta"), title="Output"
    )
    sample = _plain(content, labels="outside", logo=False)
    ink = np.asarray((sample.image < 200).all(2))
    for span in sample.spans:
        x0, y0, x1, y1 = (int(v) for v in span.box)
        inside = ink[y0:y1, x0:x1]
        assert inside.any()
        around = ink[max(y0 - 2, 0) : y1 + 2, max(x0 - 2, 0) : x1 + 2].sum()
        assert around == inside.sum(), span
    assert {s.text for s in sample.spans} >= {"Alpha", "Beta", "Output", "3", "5"}


def test_ticks_reproduce_every_value() -> None:
    """The axis that the printed ticks define takes each value to its mark's pixel."""
    checked = 0
    for sample in _samples():
        content = sample.content
        for mark in sample.marks:
            second = content.series[mark.series].second_axis
            axis = fit_axis(sample, "y_tick", int(second))
            if axis is None or content.is_pie:
                continue
            along = mark.pixel[0] if content.horizontal else mark.pixel[1]
            if content.stacked:
                assert mark.base is not None
                base = mark.base[0] if content.horizontal else mark.base[1]
                expected = base + axis.slope * mark.value
            else:
                expected = axis.pixel(mark.value)
            assert along == pytest.approx(expected, abs=1.1), (sample.seed, content.kind, mark)
            if content.kind == "scatter" and (x_axis := fit_axis(sample, "x_tick")) is not None:
                assert mark.x_value is not None
                assert mark.pixel[0] == pytest.approx(x_axis.pixel(mark.x_value), abs=1.1)
            checked += 1
    assert checked > 1000


def test_tick_labels_lie_at_their_points() -> None:
    """A level number stands beside the place it names."""
    for sample in _samples():
        for span in sample.spans:
            if span.role != "y_tick" or span.point is None or sample.style["preset"] == "news":
                continue
            middle = ((span.box[0] + span.box[2]) / 2, (span.box[1] + span.box[3]) / 2)
            place = 0 if sample.content.horizontal else 1
            slack = (
                2.0 + 0.35 * (span.box[3] - span.box[1]) if place else 3.0 + 0.3 * (span.box[2] - span.box[0])
            )
            assert abs(middle[place] - span.point[place]) <= slack, (sample.seed, span)


def test_every_value_has_one_mark_in_the_image() -> None:
    for sample in _samples():
        height, width = sample.image.shape[:2]
        expected = {
            (row, int(i))
            for row, series in enumerate(sample.content.series)
            for i in np.flatnonzero(np.isfinite(series.values))
        }
        assert sorted((m.series, m.index) for m in sample.marks) == sorted(expected), sample.seed
        for mark in sample.marks:
            assert -1 <= mark.pixel[0] <= width + 1 and -1 <= mark.pixel[1] <= height + 1, (sample.seed, mark)


@pytest.mark.parametrize("horizontal", [False, True])
@pytest.mark.parametrize("stacked", [False, True])
def test_bars_end_at_their_marks(horizontal: bool, stacked: bool) -> None:
    """Coverage added up along a bar's middle is its length, to a tenth of a pixel."""
    series = tuple(Series(n, np.array(v)) for n, v in (("a", [3.0, 7.3, 5.1]), ("b", [6.2, 1.4, 2.0])))
    kind: Kind = "stacked_bar" if stacked else "grouped_bar"
    content = Content(kind, series, ("u", "v", "w"), stacked=stacked, horizontal=horizontal)
    sample = _plain(content)
    x0, y0, x1, y1 = (int(v) for v in sample.plot)
    region = np.zeros(sample.image.shape[:2], bool)
    region[y0 - 2 : y1 + 2, x0 - 2 : x1 + 2] = True
    colours = ((200, 30, 30), (30, 30, 200))
    for mark in sample.marks:
        if stacked and mark.series == 1:
            continue  # its lower edge is mixed with the other colour
        assert mark.base is not None
        cover = _cover(sample, colours[mark.series]) * region
        row, column = int(mark.pixel[1]), int(mark.pixel[0])
        line = cover[row] if horizontal else cover[:, column]
        place = 0 if horizontal else 1
        if stacked:
            end = mark.pixel[place]
            inside = line[: int(end)] if horizontal else line[math.ceil(end) :]
            length = abs(end - mark.base[place])
            assert inside[inside > 0.9].sum() == pytest.approx(length, abs=1.1)
        else:
            assert line.sum() == pytest.approx(abs(mark.pixel[place] - mark.base[place]), abs=0.1)


def test_markers_lie_on_their_marks() -> None:
    """A symbol's centre of coverage is its mark."""
    x, y = np.array([1.0, 4.0, 8.5]), np.array([2.0, 9.0, 5.3])
    content = Content("scatter", (Series(None, y, x=x),))
    for shape in ("circle", "square", "diamond", "cross"):
        sample = _plain(content, markers=(shape,), marker_size=9.0)
        cover = _cover(sample, (200, 30, 30))
        for mark in sample.marks:
            left, top = round(mark.pixel[0]) - 9, round(mark.pixel[1]) - 9
            patch = cover[top : top + 18, left : left + 18]
            rows, columns = np.indices(patch.shape) + 0.5
            centre = (columns * patch).sum() / patch.sum() + left, (rows * patch).sum() / patch.sum() + top
            assert centre == pytest.approx(mark.pixel, abs=0.25), shape


@pytest.mark.parametrize(
    "looks",
    [
        {"hatches": ("/", "o"), "hatch_pen": "own", "hatch_period": 5},
        {"bar_alpha": 0.0, "bar_edge_own": True, "bar_edge_width": 2.0},
        {"bar_alpha": 0.3, "bar_edge_own": True, "hatches": ("x", None)},
        {"bar_edge": (90, 10, 10), "bar_edge_width": 1.5},
        {"bar_effect": "glossy"},
    ],
)
def test_bars_of_any_fill_end_at_their_marks(looks: dict[str, Any]) -> None:
    """Ground up to the mark, the bar's ink from there on, across the whole width of the bar."""
    series = tuple(Series(n, np.array(v)) for n, v in (("a", [3.0, 7.3, 5.1]), ("b", [6.2, 1.4, 2.0])))
    content = Content("grouped_bar", series, ("u", "v", "w"))
    sample = _plain(content, bar_snap=True, label_size=8, **looks)
    for mark in sample.marks:
        x, y = (int(v) for v in mark.pixel)
        assert (sample.image[y - 3 : y, x - 4 : x + 5] > 250).all(), mark
        inked = np.asarray((sample.image[y : y + 7, x - 4 : x + 5] < 235).any(2))
        assert inked.any(0).all() and inked[0].any(), mark


def test_series_of_one_colour_have_hatches_that_their_keys_show() -> None:
    series = tuple(Series(n, np.array([8.0, 9.0])) for n in ("a", "b", "c"))
    content = Content("grouped_bar", series, ("u", "v"))
    hatches = (None, "/", "|")
    sample = _plain(content, colours=((200, 30, 30),) * 3, hatches=hatches, hatch_period=6)

    def hatched(x: float, y: float) -> tuple[bool, bool]:
        """Whether the pixels around a point change downwards, and whether they change to the right."""
        patch = sample.image[int(y) - 3 : int(y) + 3, int(x) - 3 : int(x) + 3].astype(float)
        return bool(np.ptp(patch, 0).max() > 1), bool(np.ptp(patch, 1).max() > 1)

    for row in range(3):
        key = next(s.point for s in sample.spans if s.role == "legend" and s.series == row)
        bar = next(m.pixel for m in sample.marks if m.series == row)
        assert key is not None
        expected = {None: (False, False), "/": (True, True), "|": (False, True)}[hatches[row]]
        assert hatched(*key) == hatched(bar[0], bar[1] + 20) == expected


@pytest.mark.parametrize(
    "looks", [{"band": True}, {"error_cap": 5.0, "error_width": 1.0}, {"error_cap": 0.0}]
)
def test_errors_reach_as_far_as_they_say(looks: dict[str, Any]) -> None:
    """Ink over a vertex ends where its value and the error add up to, the mark stays at the value."""
    values, error = np.array([4.0, 6.0, 5.0]), np.array([1.0, 2.0, 1.5])
    content = Content("line", (Series(None, values, error=error),), ("a", "b", "c"))
    sample = _plain(
        content, line_width=1.0, error_upper=False, error_colour="black", title_place="top", **looks
    )
    axis = fit_axis(sample)
    assert axis is not None
    for mark in sample.marks:
        assert mark.pixel[1] == pytest.approx(axis.pixel(mark.value), abs=0.1)
        column = np.flatnonzero((sample.image[:, int(mark.pixel[0])] < 247).any(1))
        inside = column[(column > sample.plot[1]) & (column < sample.plot[3])]
        reach = error[mark.index]
        assert inside[0] == pytest.approx(axis.pixel(mark.value + reach), abs=2.5)
        assert inside[-1] + 1 == pytest.approx(axis.pixel(mark.value - reach), abs=2.5)


@pytest.mark.parametrize(
    "looks",
    [
        {"steps": "middle"},
        {"steps": "after"},
        {"smooth": True},
        {"rough": 0.03, "vertices": 40, "past_ends": True},
    ],
)
def test_other_courses_pass_through_their_marks(looks: dict[str, Any]) -> None:
    content = Content("line", (Series(None, np.array([2.0, 9.0, 8.0, 1.0, 4.0])),), ("a", "b", "c", "d", "e"))
    sample = _plain(content, line_width=1.5, category_angle=None, faint_raw=False, **looks)
    cover = _cover(sample, (200, 30, 30))
    for mark in sample.marks:
        x, y = (math.floor(v) for v in mark.pixel)
        assert cover[y - 1 : y + 2, x - 1 : x + 2].max() > 0.6, mark


@pytest.mark.parametrize("stacked", [False, True])
def test_areas_have_a_foot_where_they_are_stacked_only(stacked: bool) -> None:
    """What tells layers from areas that overlap; a layer fills the way from its foot to its mark."""
    series = tuple(Series(n, np.array(v)) for n, v in (("a", [3.0, 7.0, 5.0]), ("b", [6.0, 4.0, 2.0])))
    sample = _plain(Content("area", series, ("u", "v", "w"), stacked=stacked))
    assert all((mark.base is not None) == stacked for mark in sample.marks)
    if not stacked:
        return
    for mark in sample.marks:
        assert mark.base is not None
        x, top, bottom = int(mark.pixel[0]), mark.pixel[1], mark.base[1]
        colour = ((200, 30, 30), (30, 30, 200))[mark.series]
        inside = _cover(sample, colour)[math.ceil(top) + 3 : int(bottom) - 3, min(max(x, 1), 638)]
        assert mark.index != 1 or inside == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("width", [1.0, 2.5])
def test_lines_run_through_their_marks(width: float) -> None:
    content = Content("line", (Series(None, np.array([2.0, 9.0, 8.0, 1.0])),), ("a", "b", "c", "d"))
    sample = _plain(content, line_width=width)
    cover = _cover(sample, (200, 30, 30))
    for first, second in itertools.pairwise(sorted(sample.marks, key=lambda m: m.index)):
        for t in (0.25, 0.5, 0.75):
            x = first.pixel[0] + t * (second.pixel[0] - first.pixel[0])
            y = first.pixel[1] + t * (second.pixel[1] - first.pixel[1])
            # The line's middle in the pixel column that holds x, where the line is at that column's middle.
            column = int(x)
            slope = (second.pixel[1] - first.pixel[1]) / (second.pixel[0] - first.pixel[0])
            expected = y + slope * (column + 0.5 - x)
            strip = cover[:, column] * (np.abs(np.arange(len(cover)) + 0.5 - expected) < 12 + abs(slope))
            middle = ((np.arange(len(strip)) + 0.5) * strip).sum() / strip.sum()
            assert middle == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize("kind", ["pie", "donut"])
def test_slices_cover_their_shares(kind: Kind) -> None:
    shares = [55.0, 30.0, 15.0]
    content = Content(kind, (Series(None, np.array(shares)),), ("a", "b", "c"))
    sample = _plain(content)
    x0, y0, x1, y1 = (round(v) for v in sample.plot)
    pixels = sample.image[y0:y1, x0:x1].reshape(-1, 3).astype(int)
    colours = np.array([(200, 30, 30), (30, 30, 200), (20, 150, 20)])
    counts = [(np.abs(pixels - c).max(1) < 20).sum() for c in colours]
    assert np.array(counts) / sum(counts) * 100 == pytest.approx(shares, abs=0.6)
    cx, cy = (sample.plot[0] + sample.plot[2]) / 2, (sample.plot[1] + sample.plot[3]) / 2
    for mark in sample.marks:
        inward = (mark.pixel[0] * 0.9 + cx * 0.1, mark.pixel[1] * 0.9 + cy * 0.1)
        seen = sample.image[int(inward[1]), int(inward[0])].astype(int)
        assert np.abs(seen - colours[mark.index]).max() < 20
        assert mark.base is not None
        assert math.dist(mark.base, (cx, cy)) == pytest.approx(math.dist(mark.pixel, (cx, cy)), abs=0.01)


def test_values_printed_agree_with_the_marks() -> None:
    """A value label's number is its mark's value, as printed."""
    checked = 0
    for sample in _samples():
        values = {(m.series, m.index): m.value for m in sample.marks}
        for span in sample.spans:
            if span.role == "value" and span.series is not None and span.index is not None:
                assert span.value is not None
                value = values[span.series, span.index]
                series = sample.content.series[span.series]
                form = sample.content.second_format if series.second_axis else sample.content.format
                assert span.text == form.text(value)
                assert span.value == pytest.approx(form.shown(value))
                checked += 1
    assert checked > 100


def test_names_are_drawn_as_the_content_says() -> None:
    for sample in _samples():
        content = sample.content
        for span in sample.spans:
            if span.role == "legend" and span.series is not None:
                assert span.text == content.series[span.series].name
            if span.role == "category" and span.value is None:
                assert span.index is not None
                assert span.text in content.categories[span.index], (sample.seed, span)
        for role, text in (
            ("title", content.title),
            ("x_title", content.x_title),
            ("source", content.source),
        ):
            lines = [s.text for s in sorted(sample.spans, key=lambda s: s.line) if s.role == role]
            assert "".join(lines).replace(" ", "") == (text or "").replace(" ", ""), sample.seed


def test_several_series_are_always_named() -> None:
    for sample in _samples():
        if len(sample.content.series) > 1:
            named = {s.series for s in sample.spans if s.role == "legend"}
            assert named == set(range(len(sample.content.series))), sample.seed


def test_pies_that_are_no_shares_print_their_values() -> None:
    for seed in range(60):
        kind: Kind = "pie" if seed % 2 else "donut"
        sample = make(seed, painter(), kind=kind, languages=drawable_languages(), degraded=0.0)
        values = sample.content.series[0].values
        if abs(values.sum() - 100) > 1.5:
            printed = {s.index for s in sample.spans if s.value is not None}
            # One may stand nowhere, where its font is too wide for its slice.
            assert len(values) - len(printed) <= max(1, 0.3 * len(values)), seed


# The stream


def test_the_stream_repeats_itself_and_is_shared_by_workers() -> None:
    whole = list(itertools.islice(stream(7, painter()), 6))
    again = list(itertools.islice(stream(7, painter()), 6))
    shares = [list(itertools.islice(stream(7, painter(), worker=w, workers=2), 3)) for w in (0, 1)]
    mixed = [s for pair in zip(*shares) for s in pair]
    other = next(stream(8, painter()))
    for a, b, c in zip(whole, again, mixed):
        assert np.array_equal(a.image, b.image) and a.spans == b.spans and a.marks == b.marks
        assert np.array_equal(a.image, c.image) and a.spans == c.spans
    assert other.image.shape != whole[0].image.shape or not np.array_equal(other.image, whole[0].image)


def test_weights_choose_the_renderer() -> None:
    def marked(content: Content, rng: random.Random) -> Sample:
        return dataclasses.replace(draw(content, rng), renderer="marked")

    renderers = {**painter(), "marked": marked}
    drawn = [
        make(
            seed,
            renderers,
            {"painter": 0.0, "marked": 1.0},
            languages=drawable_languages(),
            degraded=0.0,
        ).renderer
        for seed in range(5)
    ]
    assert drawn == ["marked"] * 5


# Degradations


@pytest.mark.parametrize("change", ["resized", "turned"])
def test_marks_move_with_the_image(change: str) -> None:
    x, y = np.array([1.0, 4.0, 8.5]), np.array([2.0, 9.0, 5.3])
    sample = _plain(Content("scatter", (Series(None, y, x=x),)), markers=("circle",), marker_size=11.0)
    rng = random.Random(3)
    moved = degrade.resized(sample, 1.3, rng) if change == "resized" else degrade.turned(sample, 4.0, rng)
    cover = _cover(moved, (200, 30, 30))
    for before, mark in zip(sample.marks, moved.marks):
        assert before.pixel != mark.pixel
        left, top = round(mark.pixel[0]) - 12, round(mark.pixel[1]) - 12
        patch = np.clip(cover[top : top + 24, left : left + 24], 0, 1)
        rows, columns = np.indices(patch.shape) + 0.5
        centre = (columns * patch).sum() / patch.sum() + left, (rows * patch).sum() / patch.sum() + top
        assert centre == pytest.approx(mark.pixel, abs=0.3)


def test_a_turn_is_counter_clockwise_and_turns_the_text() -> None:
    content = Content(
        "vertical_bar", (Series(None, np.array([3.0, 5.0])),), ("Alpha", "Beta"), title="Output"
    )
    sample = _plain(content)
    turned = degrade.turned(sample, 5.0, random.Random(0))
    left, right = (next(s for s in turned.spans if s.text == t) for t in ("Alpha", "Beta"))
    assert left.angle == pytest.approx(5.0)
    assert right.box[1] < left.box[1]  # the right side goes up


@pytest.mark.parametrize("name", sorted(degrade.HISTORIES))
def test_degradations_change_the_image_and_keep_the_truth(name: str) -> None:
    sample = _samples()[0]
    for seed in range(4):
        changed = degrade.HISTORIES[name](sample, random.Random(seed))
        height, width = changed.image.shape[:2]
        assert changed.image.dtype == np.uint8 and changed.image.shape[2] == 3
        assert changed.image.shape != sample.image.shape or not np.array_equal(changed.image, sample.image)
        assert [s.text for s in changed.spans] == [s.text for s in sample.spans]
        assert [m.value for m in changed.marks] == [m.value for m in sample.marks]
        for span in changed.spans:
            assert -1 <= span.box[0] < span.box[2] <= width + 1
            assert -1 <= span.box[1] < span.box[3] <= height + 1
