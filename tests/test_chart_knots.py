"""How many points lie between two printed places is told by where a line bends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from docvlm.charts.knots import between

FIRST, STEP = 30.0, 60.0


def _course(parts: int, seed: int, shift: float = 0.0, places: int = 7) -> NDArray[np.float64]:
    """A line of straight strokes between points ``STEP / parts`` apart, by column."""
    rng = np.random.default_rng(seed)
    x = FIRST + shift + np.arange((places - 1) * parts + 1) * STEP / parts
    columns = np.arange(FIRST + (places - 1) * STEP + 40) + 0.5
    heights = np.interp(columns, x, 200 + np.cumsum(rng.choice([-1, 1], len(x)) * rng.uniform(6, 22, len(x))))
    heights[(columns < x[0]) | (columns > x[-1])] = np.nan
    return np.asarray(heights)


@settings(deadline=None, max_examples=60)
@given(parts=st.integers(1, 6), seed=st.integers(0, 9999), shift=st.sampled_from([-2.0, -0.5, 0.0, 1.0, 2.0]))
def test_bends_say_how_many_points_there_are(parts: int, seed: int, shift: float) -> None:
    found = between([_course(parts, seed, shift)], FIRST, STEP, range(1, 13))
    assert found is not None
    assert found.parts == parts
    assert found.shift == pytest.approx(shift, abs=0.5)


def test_several_lines_bend_at_the_same_places() -> None:
    courses = [_course(4, 1), _course(2, 2), np.full(400, np.nan)]
    found = between(courses, FIRST, STEP, [1, 2, 4])
    assert found is not None
    assert found.parts == 4


def test_curves_bend_nowhere() -> None:
    columns = np.arange(400) + 0.5
    wave = np.where((columns > FIRST) & (columns < FIRST + 6 * STEP), 200 + 80 * np.sin(columns / 25), np.nan)
    assert between([wave], FIRST, STEP, range(1, 13)) is None


def test_a_number_that_names_rule_out_is_never_said() -> None:
    found = between([_course(3, 5)], FIRST, STEP, [1, 2, 4])
    assert found is None


def test_without_lines_nothing_is_said() -> None:
    assert between([], FIRST, STEP, [1, 2]) is None
