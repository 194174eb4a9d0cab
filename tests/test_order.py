"""Reading order on made-up pages: columns, headlines over them, rows of labels and values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from docvlm.boxes import Box
from docvlm.layout.order import reading_order

LEFT, MIDDLE, RIGHT = (50.0, 200.0), (220.0, 370.0), (390.0, 540.0)


def box(column: tuple[float, float], top: float, height: float = 40.0) -> Box:
    return column[0], top, column[1], top + height


def test_two_columns_read_one_after_the_other() -> None:
    boxes = [box(LEFT, 100), box(RIGHT, 100), box(LEFT, 160), box(RIGHT, 160)]
    assert reading_order(boxes) == [0, 2, 1, 3]


def test_headline_over_all_columns_ends_what_is_above_it() -> None:
    headline = (50.0, 300.0, 540.0, 320.0)
    boxes = [box(LEFT, 100), box(RIGHT, 100), headline, box(LEFT, 340), box(RIGHT, 340)]
    assert reading_order(boxes) == [0, 1, 2, 3, 4]


def test_headline_over_two_of_three_columns_ends_all_three() -> None:
    headline = (50.0, 300.0, 360.0, 320.0)
    above = [
        box(LEFT, 100),
        box(LEFT, 160),
        box(MIDDLE, 100),
        box(MIDDLE, 160),
        box(RIGHT, 100),
        box(RIGHT, 160),
    ]
    below = [
        box(LEFT, 340),
        box(LEFT, 400),
        box(MIDDLE, 340),
        box(MIDDLE, 400),
        box(RIGHT, 340),
        box(RIGHT, 400),
    ]
    assert reading_order([*above, headline, *below]) == list(range(13))


def test_labels_and_values_read_row_by_row() -> None:
    rows = [
        (50.0, top, 50.0 + width, top + 10.0) if side == 0 else (300.0, top, 300.0 + width, top + 10.0)
        for top in (100.0, 115.0, 130.0)
        for side, width in ((0, 80.0), (1, 60.0))
    ]
    assert reading_order(rows) == [0, 1, 2, 3, 4, 5]


def test_what_stands_in_one_row_is_read_from_the_left_whatever_begins_higher() -> None:
    title, facts, address = (50.0, 57.5, 150.0, 80.0), (300.0, 57.0, 340.0, 78.0), (420.0, 57.0, 480.0, 87.0)
    assert reading_order([title, facts, address]) == [0, 1, 2]


coordinate = st.floats(0, 600, allow_nan=False).map(lambda v: round(v, 1))
rectangles = st.tuples(coordinate, coordinate, st.floats(1, 300), st.floats(1, 100)).map(
    lambda r: (r[0], r[1], r[0] + r[2], r[1] + r[3])
)


@given(st.lists(rectangles, max_size=25))
def test_every_box_is_read_exactly_once(boxes: list[Box]) -> None:
    assert sorted(reading_order(boxes)) == list(range(len(boxes)))


@given(st.lists(st.floats(0, 700), min_size=1, max_size=12, unique=True))
def test_one_column_reads_downwards(tops: list[float]) -> None:
    boxes = [(50.0, top, 540.0, top + 0.001) for top in tops]
    order = reading_order(boxes)
    assert [tops[i] for i in order] == sorted(tops)
