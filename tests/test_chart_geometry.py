"""Axes from tick labels, values of stacks, shares of pies."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docvlm.charts.geometry import fit_axis, pie_shares, stacked_values


@given(
    st.floats(-1e6, 1e6),
    st.floats(0.01, 1e5),
    st.integers(3, 9),
    st.lists(st.floats(-0.7, 0.7), min_size=9, max_size=9),
)
def test_an_axis_gives_back_the_values_at_its_ticks(
    low: float, step: float, count: int, jitter: list[float]
) -> None:
    step = float(f"{step:.2g}")
    low = round(low / step) * step
    ticks = [(400 - 40 * i + jitter[i], f"{low + i * step:.3f}") for i in range(count)]
    axis = fit_axis(ticks)
    assert axis is not None and not axis.log
    spread = step * (count - 1)
    for i in range(count):
        assert axis.value(400 - 40 * i) == pytest.approx(low + i * step, abs=0.03 * spread + 0.001)


def test_a_misread_tick_does_not_bend_the_axis() -> None:
    axis = fit_axis([(300, "0"), (250, "10"), (200, "2O0"), (150, "800"), (100, "40"), (50, "50")])
    assert axis is not None
    assert axis.value(175) == pytest.approx(25, abs=0.3)
    assert (axis.ticks, axis.labels) == (4, 5)
    assert axis.is_sound


def test_a_log_axis_is_recognized() -> None:
    axis = fit_axis([(300, "1"), (200, "10"), (100, "100"), (0, "1,000")])
    assert axis is not None and axis.log
    assert axis.value(150) == pytest.approx(10**1.5, rel=0.01)


def test_points_that_group_thousands_are_told_from_decimal_points() -> None:
    axis = fit_axis([(200, "0"), (150, "500"), (100, "1.000"), (50, "1.500"), (0, "2.000")])
    assert axis is not None and axis.ticks == 5
    assert axis.value(25) == pytest.approx(1750, abs=5)


def test_ticks_without_two_numbers_are_no_axis() -> None:
    assert fit_axis([]) is None
    assert fit_axis([(10, "North"), (50, "12")]) is None
    assert fit_axis([(10, "7"), (50, "7")]) is None


def test_segments_of_a_stack_whatever_their_order() -> None:
    axis = fit_axis([(300, "-100"), (200, "0"), (100, "100"), (0, "200")])
    assert axis is not None
    # From the base: 40, then 30 on it; below zero 20. The first series lies on top.
    ends: list[list[float | None]] = [[axis.pixel(70)], [axis.pixel(40)], [axis.pixel(-20)], [None]]
    values = stacked_values(ends, axis)
    assert [row[0] if row[0] is None else round(row[0]) for row in values] == [30, 40, -20, None]


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=9), st.floats(0, math.tau))
def test_shares_of_a_pie(sizes: list[float], turn: float) -> None:
    total = sum(sizes)
    angle, starts = turn, []
    for size in sizes:
        starts.append((100 + 80 * math.sin(angle), 90 - 80 * math.cos(angle)))
        angle += size / total * math.tau
    shares = pie_shares((100, 90), starts)
    assert [share for share in shares if share is not None] == pytest.approx(
        [size / total for size in sizes], abs=1e-6
    )
