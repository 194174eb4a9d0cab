"""The reliability check of the auxiliary token: numbers of an answer against the head's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docvlm.charts.auxiliary import auxiliary_distance, chart_score, check, of_auxiliary


def test_the_distance_is_onecharts() -> None:
    head = [0.0, 0.6, 1.0, *[0.5] * 97]
    assert auxiliary_distance([10, 15, 20], head) == pytest.approx((0 + 0.1 + 0) / 3)
    assert auxiliary_distance([20, 15, 10], head) == pytest.approx((1 + 0.1 + 1) / 3)


def test_what_is_missing_takes_no_part() -> None:
    head = [0.0, math.nan, 1.0, math.inf]
    assert auxiliary_distance([0, 5, 10, 5], head) == 0
    assert auxiliary_distance([0, math.nan, 10], [0.1, 0.5, 1.0]) == pytest.approx(0.05)
    # More numbers than outputs: those that can be compared, on the scale of all.
    assert auxiliary_distance([0, 5, 10], [0.0, 0.5]) == 0


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ([], [0.5] * 100),
        ([3], [0.5] * 100),
        ([4, 4, 4], [0.5] * 100),
        ([0.1 + 0.2, 0.3], [0.5] * 100),
        ([math.nan, 1], [0.5] * 100),
        ([math.inf, 1], [0.5] * 100),
        ([1, 2], []),
        ([1, 2], [math.nan] * 100),
    ],
)
def test_no_distance_where_nothing_can_be_said(text: list[float], head: list[float]) -> None:
    assert auxiliary_distance(text, head) is None
    assert not check(None).passed


_NUMBERS = st.lists(st.floats(width=64), max_size=8)


@given(_NUMBERS, _NUMBERS)
def test_any_numbers_give_a_distance_or_none(text: list[float], head: list[float]) -> None:
    with np.errstate(all="raise", under="ignore"):
        distance = auxiliary_distance(text, head)
    assert distance is None or distance >= 0


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=9).filter(lambda n: len(set(n)) > 1),
    st.floats(0.01, 1e6),
    st.floats(-1e6, 1e6),
)
def test_scale_and_shift_do_not_count(numbers: list[int], scale: float, shift: float) -> None:
    low, high = min(numbers), max(numbers)
    head = [(number - low) / (high - low) for number in numbers]
    distance = auxiliary_distance([number * scale + shift for number in numbers], head)
    assert distance == pytest.approx(0, abs=1e-3)
    worse = auxiliary_distance([number * scale + shift for number in numbers], [h + 0.3 for h in head])
    assert worse == pytest.approx(0.3, abs=1e-3)


def test_the_verdict_and_the_score() -> None:
    assert check(0.099).passed and not check(0.1).passed
    sure = [math.log(0.98)] * 20
    near, far, unknown = (of_auxiliary(distance, sure) for distance in (0.02, 0.3, None))
    assert near.reliable and near.score > 0.9
    assert not far.reliable and far.score <= 0.5
    assert not unknown.reliable and unknown.checks[0].value is None
    assert (
        chart_score(0.02, sure) > chart_score(0.09, sure) > chart_score(None, sure) > chart_score(0.5, sure)
    )
    assert chart_score(0.02, sure) > chart_score(0.02, [math.log(0.5)] * 20)
    assert chart_score(0.0, []) == 0
    assert chart_score(5.0, sure) == 0
