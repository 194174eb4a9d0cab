"""Geometry of boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docvlm import boxes
from docvlm.boxes import Box

_EDGE = st.integers(-50, 50).map(float)


@st.composite
def _boxes(draw: st.DrawFn) -> Box:
    x0, y0 = draw(_EDGE), draw(_EDGE)
    return x0, y0, x0 + draw(st.integers(0, 40)), y0 + draw(st.integers(0, 40))


@given(_boxes(), _boxes())
def test_a_union_holds_both_and_what_they_share_lies_in_both(a: Box, b: Box) -> None:
    whole, common = boxes.union([a, b]), boxes.clipped(a, b)
    assert all(boxes.lies_in(each, whole) for each in (a, b))
    assert boxes.meet(a, b) == boxes.meet(b, a) == all(side >= 0 for side in boxes.sides(common))
    if boxes.meet(a, b):
        assert boxes.lies_in(common, a) and boxes.lies_in(common, b)
        assert boxes.sides(common) == (boxes.overlap_across(a, b), boxes.overlap_down(a, b))
    else:
        assert boxes.shared_area(a, b) == 0.0


@given(_boxes(), _boxes())
def test_shares_are_parts_of_the_first_box(a: Box, b: Box) -> None:
    assert 0.0 <= boxes.share_within(a, b) <= 1.0
    assert boxes.share_within(a, b) * boxes.area(a) == pytest.approx(boxes.shared_area(b, a))
    assert boxes.share_within(a, boxes.padded(a, 1, 2)) == (1.0 if boxes.area(a) else 0.0)


@given(_boxes(), st.integers(1, 9), st.integers(1, 9))
def test_padding_moves_no_middle(box: Box, across: int, down: int) -> None:
    larger = boxes.padded(box, across, down)
    assert boxes.middle(larger) == boxes.middle(box)
    assert boxes.lies_in(larger, box, slack=max(across, down)) and not boxes.lies_in(larger, box)


@given(_boxes())
def test_a_box_contains_its_corners_and_its_middle(box: Box) -> None:
    x0, y0, x1, y1 = box
    assert all(boxes.contains(box, point) for point in ((x0, y0), (x1, y1), boxes.middle(box)))
    assert not boxes.contains(box, (x1 + 1, y1))
