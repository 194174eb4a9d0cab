"""What the chart renderers say they drew is what lies in the picture. Renderers whose packages are absent are skipped."""

from __future__ import annotations

import importlib
import math
import random
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import needs_browser
from hypothesis import given
from hypothesis import strategies as st

from docvlm.boxes import Box
from training.charts import svg
from training.charts.content import sample_content
from training.charts.sample import KINDS, Content, Kind, NumberFormat, Sample, Series, fit_axis
from training.charts.ticks import Undrawable, make_scale, values_of

NEEDS = {
    "matplotlib": ("matplotlib",),
    "vega": ("vl_convert",),
    "pygal": ("pygal", "vl_convert"),
    "plotly": ("plotly", "kaleido", "vl_convert"),
}


@cache
def drawn(renderer: str) -> list[Sample]:
    """A few charts of every kind that the renderer can draw; the browser is slow."""
    from training.charts.validation import renderer as find

    draw, each = find(renderer), 1 if renderer == "plotly" else 2
    samples = []
    for kind in KINDS:
        for number in range(each):
            for attempt in range(20):
                rng = random.Random(f"{kind} {number} {attempt}")
                try:
                    samples.append(draw(sample_content(rng, kind), rng))
                    break
                except Undrawable:
                    continue
    return samples


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[needs_browser] if name == "plotly" else []) for name in sorted(NEEDS)],
)
def samples(request: pytest.FixtureRequest) -> list[Sample]:
    for package in NEEDS[request.param]:
        pytest.importorskip(package)
    return drawn(request.param)


def test_printed_ticks_reproduce_the_marks_places(samples: list[Sample]) -> None:
    checked = 0
    for sample in samples:
        content = sample.content
        axes = [fit_axis(sample, axis=0), fit_axis(sample, axis=1)]
        across = fit_axis(sample, "x_tick") if content.kind == "scatter" else None
        for mark in sample.marks:
            axis = axes[int(content.series[mark.series].second_axis)]
            if axis is not None:
                side = 0 if axis.across else 1
                if mark.base is None:
                    off = mark.pixel[side] - axis.pixel(mark.value)
                else:
                    off = mark.pixel[side] - mark.base[side] - axis.slope * mark.value
                assert abs(off) < 0.6, (content.kind, mark)
                checked += 1
            if across is not None and mark.x_value is not None:
                assert abs(mark.pixel[0] - across.pixel(mark.x_value)) < 0.6
    assert checked > 30


def test_marks_are_the_contents_values(samples: list[Sample]) -> None:
    for sample in samples:
        content = sample.content
        said = {(m.series, m.index): m.value for m in sample.marks}
        known = {
            (s, i): float(v)
            for s, series in enumerate(content.series)
            for i, v in enumerate(series.values)
            if math.isfinite(v) and (not content.is_pie or v > 0)
        }
        assert said == known


def test_texts_are_the_contents_words_and_numbers(samples: list[Sample]) -> None:
    seen: Counter[str] = Counter()
    for sample in samples:
        content = sample.content
        for span in sample.spans:
            seen[span.role] += 1
            if span.role == "category":
                assert span.index is not None
                name = content.categories[span.index]
                if span.value is not None:  # "Rent (35%)"
                    number = float(content.series[0].values[span.index])
                    assert span.value == content.format.shown(number)
                    name = f"{name} ({content.format.text(number)})"
                assert _same(span.text, name)
            elif span.role == "legend" and span.series is not None:
                assert _same(span.text, content.series[span.series].name or "")
            elif span.role == "value":
                assert span.series is not None and span.index is not None
                series = content.series[span.series]
                form = content.second_format if series.second_axis else content.format
                assert span.text == form.text(float(series.values[span.index]))
                assert span.value == form.shown(float(series.values[span.index]))
    assert all(seen[role] for role in ("category", "legend", "value"))


def _same(part: str, whole: str) -> bool:
    """Whether ``part`` is the whole text or one line of it, however the renderer spaces it."""
    return "".join(part.split()) in "".join(whole.split())


def test_boxes_lie_tightly_around_ink(samples: list[Sample]) -> None:
    slack, blank = [], 0
    for sample in samples:
        height, width = sample.image.shape[:2]
        for span in sample.spans:
            assert (
                span.box[0] > -1 and span.box[1] > -1 and span.box[2] < width + 1 and span.box[3] < height + 1
            )
            if span.angle % 90:
                continue
            found = _ink(sample.image, span.box)
            if found is None:
                continue
            if found == ():
                blank += 1
            else:
                slack.append(max(abs(a - b) for a, b in zip(found, span.box)))
    assert len(slack) > 50
    assert blank <= 0.01 * len(slack)
    assert np.mean(np.array(slack) <= 2.5) > 0.95


def _ink(image: np.ndarray, box: Box) -> tuple[float, ...] | None:
    """The box of what stands out around ``box``: None where its surroundings are not of one colour."""
    x0, y0, x1, y1 = (
        math.floor(box[0]) - 4,
        math.floor(box[1]) - 4,
        math.ceil(box[2]) + 4,
        math.ceil(box[3]) + 4,
    )
    if x0 < 0 or y0 < 0 or x1 > image.shape[1] or y1 > image.shape[0]:
        return None
    cut = image[y0:y1, x0:x1].astype(int)
    ring = np.concatenate([cut[0], cut[-1], cut[:, 0], cut[:, -1]])
    ground = np.median(ring, axis=0)
    if np.abs(ring - ground).max() > 12:
        return None
    ys, xs = np.nonzero(np.abs(cut - ground).max(axis=2) > 40)
    if not len(xs):
        return ()
    return (x0 + float(xs.min()), y0 + float(ys.min()), x0 + float(xs.max()) + 1, y0 + float(ys.max()) + 1)


def test_bars_and_slices_end_at_their_marks(samples: list[Sample]) -> None:
    """The picture changes across the mark: within three pixels inside the shape it looks otherwise than outside."""
    seen = changed = 0
    for sample in samples:
        content = sample.content
        if content.kind not in (
            "vertical_bar",
            "horizontal_bar",
            "grouped_bar",
            "stacked_bar",
            "pie",
            "donut",
        ):
            continue
        centre = ((sample.plot[0] + sample.plot[2]) / 2, (sample.plot[1] + sample.plot[3]) / 2)
        for mark in sample.marks:
            x, y = mark.pixel
            if content.is_pie:
                toward = np.array([x - centre[0], y - centre[1]])
                toward /= np.linalg.norm(toward)
            else:
                toward = np.array([1.0, 0.0] if content.horizontal else [0.0, -1.0])
                toward *= 1 if mark.value >= 0 else -1
            boxes = [s.box for s in sample.spans if s.role in ("value", "legend", "category")]
            covered = any(b[0] - 6 < x < b[2] + 6 and b[1] - 6 < y < b[3] + 6 for b in boxes)
            axis = fit_axis(sample)
            short = (
                axis is not None
                and (mark.value == 0 or abs(axis.pixel(abs(mark.value)) - axis.pixel(0.0)) < 8)
                if not (axis is not None and axis.log)
                else False
            )
            if covered or short or not mark.visible:
                continue
            # Hatched bars have lines of ground in them, and unfilled ones only their edge.
            inside = [_colour(sample.image, x, y, toward * -depth) for depth in (0.5, 1.5, 3.0)]
            outside = _colour(sample.image, x, y, toward * 3.0)
            if outside is None or any(colour is None for colour in inside):
                continue
            seen += 1
            changed += any(np.abs(colour - outside).max() > 10 for colour in inside if colour is not None)
    assert seen > 15
    assert changed > 0.93 * seen


def _colour(image: np.ndarray, x: float, y: float, step: np.ndarray) -> np.ndarray | None:
    column, row = math.floor(x + step[0]), math.floor(y + step[1])
    if not (0 <= row < image.shape[0] and 0 <= column < image.shape[1]):
        return None
    return np.asarray(image[row, column], dtype=int)


def test_lines_and_points_have_ink_at_their_marks(samples: list[Sample]) -> None:
    seen = inked = 0
    for sample in samples:
        if sample.content.kind not in ("line", "scatter"):
            continue
        x0, y0, x1, y1 = (round(v) for v in sample.plot)
        ground = np.median(sample.image[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].reshape(-1, 3), axis=0)
        for mark in sample.marks:
            x, y = (math.floor(v) for v in mark.pixel)
            reach = 4 if sample.content.kind == "line" else 6  # markers may be hollow, lines dashed
            patch = sample.image[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].astype(
                int
            )
            if mark.visible and patch.size:
                seen += 1
                inked += int(np.abs(patch - ground).max() > 15)
    assert seen > 10
    assert inked > 0.97 * seen


def test_the_same_seed_draws_the_same_picture(samples: list[Sample]) -> None:
    from training.charts.validation import render

    name = samples[0].renderer
    first, second = render(name, 5), render(name, 5)
    assert np.array_equal(first.image, second.image)
    assert first.spans == second.spans
    assert [(m.pixel, m.base) for m in first.marks] == [(m.pixel, m.base) for m in second.marks]
    assert not np.array_equal(first.image, render(name, 6).image)


def test_a_stored_set_comes_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    from training.charts import validation

    monkeypatch.setattr(validation, "HELD_OUT", {"matplotlib": validation.TRAINING["matplotlib"]})
    monkeypatch.setattr(validation, "TRAINING", {"painter": validation.TRAINING["painter"]})
    assert validation.build(tmp_path, 3, seed=4) == 5
    stored = list(validation.read(tmp_path))
    assert [group for group, _ in stored] == ["held_out"] * 3 + ["degraded", "training"]
    again = validation.render("matplotlib", stored[0][1].seed)
    assert np.array_equal(stored[0][1].image, again.image)
    assert stored[0][1].spans == again.spans and stored[0][1].marks == again.marks
    for ours, theirs in zip(stored[0][1].content.series, again.content.series):
        assert np.array_equal(ours.values, theirs.values, equal_nan=True)


@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda v: round(v, 2)), min_size=1, max_size=9),
    st.integers(0, 10**6),
    st.booleans(),
    st.sampled_from(((), ((1e6, "M"), (1e3, "k")), ((1e3, " k"),))),
)
def test_ticks_are_printed_as_what_they_are(
    values: list[float], seed: int, zero: bool, units: tuple[tuple[float, str], ...]
) -> None:
    scale = make_scale(values, NumberFormat(thousands=",", units=units), random.Random(seed), zero=zero)
    assert scale.low <= min(values) and max(values) <= scale.high
    assert all(scale.low - 1e-9 * abs(scale.low) <= v for v in scale.values)
    assert list(scale.values) == sorted(set(scale.values)) and len(scale.values) >= 2
    step = scale.values[1] - scale.values[0]
    assert np.allclose(scale.numbers, scale.values, rtol=0, atol=1e-4 * step)


@given(st.floats(1e-3, 1e6), st.floats(1.0, 1e6), st.integers(0, 10**6))
def test_log_ticks_lie_within_the_scale(low: float, factor: float, seed: int) -> None:
    scale = make_scale([low, low * factor], NumberFormat(), random.Random(seed), log=True)
    assert scale.low <= low and low * factor <= scale.high * (1 + 1e-9)
    assert len(scale.values) >= 2
    assert all(scale.low * (1 - 1e-6) <= v <= scale.high * (1 + 1e-6) for v in scale.values)


def test_stacks_reach_as_far_as_their_sums() -> None:
    series = (Series("a", np.array([1.0, -2.0])), Series("b", np.array([3.0, np.nan])))
    content = Content("stacked_bar", series, ("x", "y"), stacked=True)
    assert sorted(values_of(content, series, stacked=True)) == [-2.0, 0.0, 0.0, 4.0]
    assert max(v for v in values_of(content, series, stacked=False) if math.isfinite(v)) == 3.0


def test_paths_and_transforms() -> None:
    assert svg.path_points("M1,2h3v-4l-1 1Z m2 2") == [(1, 2), (4, 2), (4, -2), (3, -1), (3, 4)]
    assert svg.path_points("M0 0A5 5 0 0110,0a5,5 0 10-10 0") == [(0, 0), (10, 0), (0, 0)]
    matrix = svg.transform("translate(10,20) rotate(90) scale(2)")
    assert svg.apply(matrix, 1.0, 0.0) == pytest.approx((10.0, 22.0))
    assert svg.apply(svg.transform("rotate(180 5 5)"), 0.0, 5.0) == pytest.approx((10.0, 5.0))


def test_text_boxes_of_an_svg_are_those_of_its_ink() -> None:
    vl_convert = pytest.importorskip("vl_convert")
    font = 'font-family="DejaVu Sans" font-size="20"'
    root = svg.parse(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100" fill="red"/>'
        f'<text x="10" y="40" {font}>H</text><text x="10" y="90" {font} opacity="0">no</text>'
        f'<g transform="translate(150,80) rotate(-90)"><text {font}>HH</text></g></svg>'
    )
    # .ci/prerequisites installs it; without it there is no ink to compare.
    if not any(Path("/usr/share/fonts").rglob("DejaVuSans.ttf")):
        pytest.skip("the renderer draws no text without the font that the test names")
    lines = svg.text_lines(root, lambda s: bytes(vl_convert.svg_to_png(s)))
    assert [line.text for line in lines] == ["H", "HH"]
    x0, y0, x1, y1 = lines[0].box
    assert (y0, y1) == pytest.approx((25, 40), abs=1) and (x0, x1) == pytest.approx((12, 23), abs=1.5)
    assert lines[1].angle == pytest.approx(90)
    assert lines[1].box[2] == pytest.approx(150, abs=1) and lines[1].box[3] == pytest.approx(78, abs=1.5)


def test_fonts_without_the_characters_are_said_so() -> None:
    pytest.importorskip("matplotlib")
    draw = importlib.import_module("training.charts.render_matplotlib").draw
    kind: Kind = "vertical_bar"
    content = Content(kind, (Series(None, np.array([1.0, 2.0])),), ("\U0001f9ff", "b"))
    with pytest.raises(Undrawable):
        draw(content, random.Random(0))
