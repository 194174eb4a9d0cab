"""Regions parted, ordered and judged by what the page model says, on made-up pages with made-up scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from docvlm import checks, confidence
from docvlm.calibration import Calibration
from docvlm.layout.arrangement import as_told, columns_apart, in_rows, ordered, parted, witnessed
from docvlm.layout.flow import Reading, read
from docvlm.layout.interface import ROLES, PageScores
from docvlm.layout.region import Region
from docvlm.layout.structure import FEATURES, features_of
from docvlm.spans import Line, Span
from docvlm.tags import PageTags
from docvlm.tags.structure_tree import Element

LEFT, RIGHT = 50.0, 320.0


def line(text: str, left: float, top: float, width: float = 200.0, size: float = 10.0) -> Line:
    box = left, top, left + width, top + size
    return Line(box, [Span(text, box, size)])


def scored(blocks: Sequence[Sequence[int]], roles: Sequence[str], sure: float = 0.98) -> Reading:
    """The reading of a model that is so ``sure`` that lines are read in this order, in these blocks with these roles."""
    order = [number for block in blocks for number in block]
    count = len(order)
    rest = (1 - sure) / count
    follows = np.full((count, count + 1), rest, np.float32)
    precedes, joined = follows.copy(), np.full((count, count, 2), 1 - sure, np.float32)
    for one, other in zip(order, [*order[1:], count]):
        follows[one, other] = sure
    for one, other in zip([count, *order[:-1]], order):
        precedes[other, one] = sure
    said = np.full((count, len(ROLES)), rest, np.float32)
    for block, role in zip(blocks, roles):
        said[list(block), ROLES.index(role)] = sure
        joined[np.ix_(list(block), list(block))] = sure
    return read(PageScores(said, np.log(follows), np.log(precedes), joined))


def numbers(lines: Sequence[Line]) -> dict[int, int]:
    return {id(each): number for number, each in enumerate(lines)}


def columns() -> list[Line]:
    """Two columns of three lines, as they stand row by row."""
    return [
        line(f"{side} {row}", left, 100 + 12 * row)
        for row in range(3)
        for side, left in (("l", LEFT), ("r", RIGHT))
    ]


def test_columns_that_were_taken_for_one_text_are_parted() -> None:
    lines = columns()
    reading = scored([[0, 2, 4], [1, 3, 5]], ["paragraph", "list"])
    parts = parted(Region.around("paragraph", lines), reading, numbers(lines))
    assert [(part.kind, part.text) for part in parts] == [
        ("paragraph", "l 0 l 1 l 2"),
        ("list", "r 0 r 1 r 2"),
    ]


def test_columns_are_told_from_rows_by_their_likelihood() -> None:
    """Where the model is sure of no link, and of the first column's end least, but of the columns much more than of rows."""
    lines = [
        line(f"{side} {row}", left, 100 + 12 * row)
        for row in range(6)
        for side, left in (("l", 50), ("r", 320))
    ]
    down = [list(range(0, 12, 2)), list(range(1, 12, 2))]
    rows, known = [list(range(12))], numbers(lines)
    region = Region.around("list", lines)
    parts = columns_apart(region, scored(down, ["list", "list"], sure=0.6), known)
    assert [part.text for part in parts] == ["l 0 l 1 l 2 l 3 l 4 l 5", "r 0 r 1 r 2 r 3 r 4 r 5"]
    assert columns_apart(region, scored(rows, ["list"], sure=0.6), known) == [region]
    assert columns_apart(region, scored(down, ["list", "list"], sure=0.2), known) == [region]


def test_what_the_model_is_not_sure_of_stays_together() -> None:
    lines = columns()
    reading = scored([[0, 2, 4], [1, 3, 5]], ["paragraph", "list"], sure=0.6)
    region = Region.around("paragraph", lines)
    assert parted(region, reading, numbers(lines)) == [region]


def test_halves_of_a_fraction_stay_in_their_line() -> None:
    lines = [line("we have that", 50, 100), line("1", 150, 96, 5, 6), line("2", 150, 106, 5, 6)]
    reading = scored([[0], [1, 2]], ["paragraph", "formula"])
    region = Region.around("paragraph", lines)
    assert parted(region, reading, numbers(lines)) == [region]


def test_tables_are_not_parted() -> None:
    lines = columns()
    table = Region.around("table", lines)
    assert parted(table, scored([[0, 2, 4], [1, 3, 5]], ["list", "list"]), numbers(lines)) == [table]


def test_regions_come_in_the_models_order_where_it_is_sure() -> None:
    lines = [line(f"row {row}", left, 100 + 40 * row) for row in range(2) for left in (LEFT, RIGHT)]
    regions = [Region.around("paragraph", [each]) for each in lines]
    picture = Region("picture", (50.0, 300.0, 250.0, 400.0))
    blocks = [[0], [2], [1], [3]]
    found = ordered([*regions, picture], scored(blocks, ["paragraph"] * 4), numbers(lines))
    assert found == [regions[0], regions[2], regions[1], regions[3], picture]
    unsure = ordered([*regions, picture], scored(blocks, ["paragraph"] * 4, sure=0.5), numbers(lines))
    assert unsure == [*regions, picture]


def test_chains_keep_the_order_of_their_places() -> None:
    """Two sure columns, of which nobody says which is read first, and a picture in the second."""
    lines = [line(f"row {row}", left, 100 + 40 * row) for row in range(2) for left in (LEFT, RIGHT)]
    above, below, beside, last = (Region.around("paragraph", [lines[number]]) for number in (0, 2, 1, 3))
    picture = Region("picture", (320.0, 115.0, 520.0, 135.0))
    reading = scored([[1, 3], [0, 2]], ["paragraph"] * 2)
    reading.scores.follows[3, 0] = reading.scores.precedes[0, 3] = np.log(0.3)
    assert ordered([above, beside, picture, below, last], reading, numbers(lines)) == [
        above, below, beside, picture, last,
    ]  # fmt: skip


def test_a_sure_chain_leaves_no_text_behind_that_ends_above_what_comes_next() -> None:
    """Facts beside an address, which nobody says is read behind them, and a table below both."""
    facts, number, address, table = (
        line("facts", LEFT, 100), line("number", LEFT, 130), line("address", RIGHT, 125), line("rows", LEFT, 300, 470),
    )  # fmt: skip
    lines = [facts, number, address, table]
    reading = scored([[0], [1], [3], [2]], ["paragraph", "paragraph", "table", "paragraph"])
    reading.scores.follows[3, 2] = reading.scores.precedes[2, 3] = np.log(0.3)
    regions = [Region.around("paragraph", [each]) for each in lines]
    assert [region.text for region in ordered(regions, reading, numbers(lines))] == [
        "facts", "number", "address", "rows",
    ]  # fmt: skip
    floating = [*regions[:2], Region.around("table", [address]), regions[3]]
    assert ordered(floating, reading, numbers(lines)) == [*floating[:2], regions[3], floating[2]]


def test_what_columns_set_for_themselves_hold_is_not_parted() -> None:
    lines = [line(f"row {row}", LEFT, 100 + 12 * row) for row in range(4)]
    reading = scored([[2, 3], [0, 1]], ["paragraph"] * 2)
    column = Region.around("paragraph", lines)
    assert len(parted(column, reading, numbers(lines))) == 2
    column.is_column = True
    assert parted(column, reading, numbers(lines)) == [column]


def test_lines_are_written_row_by_row() -> None:
    second, first, below = line("b", 90, 100.5, 30), line("a", 50, 101, 30), line("c", 50, 115, 30)
    assert in_rows([second, first, below]) == [first, second, below]


FITTED = Calibration(4.0, {"order": 2.0, "joined": 1.0, "before": 0.5, "behind": 0.5, "lines": 0.0})


def test_a_block_that_mixes_columns_is_doubted() -> None:
    lines = columns()
    reading, known = scored([[0, 2, 4], [1, 3, 5]], ["paragraph", "paragraph"]), numbers(lines)
    mixed = Region.around("paragraph", lines)
    apart = [Region.around("paragraph", lines[side::2]) for side in (0, 1)]
    (doubted,) = witnessed([mixed], reading, known, FITTED)
    believed = witnessed(apart, reading, known, FITTED)
    assert doubted.structure is not None and doubted.structure < 0.1
    assert all(each.structure is not None and each.structure > 0.9 for each in believed)
    assert witnessed([Region.around("paragraph", lines)], reading, known, None)[0].structure is None


def test_the_features_have_their_names() -> None:
    reading = scored([[0, 1], [2]], ["paragraph", "heading"])
    assert tuple(features_of([0, 1], None, 2, reading)) == FEATURES
    right, wrong = features_of([0, 1], None, 2, reading), features_of([1, 0], None, 2, reading)
    assert right["order"] > wrong["order"] and right["behind"] > wrong["behind"]


def test_reliable_means_text_and_place() -> None:
    text = confidence.combine(0.97, [])
    assert confidence.with_structure(text, None) == text
    sure, unsure, wrong = (confidence.with_structure(text, value) for value in (0.95, 0.7, 0.2))
    assert (sure.score, sure.reliable) == (0.95, True)
    assert (unsure.score, unsure.reliable) == (0.7, False)
    assert (wrong.score, wrong.reliable, wrong.checks[-1].name) == (0.2, False, checks.STRUCTURE.name)
    assert not wrong.checks[-1].passed and unsure.checks[-1].passed


def told(lines: Sequence[Line], order: Sequence[int]) -> PageTags:
    """The tags of a page whose tree has each line as a paragraph, in this order."""
    boxes = np.array([each.box for each in lines])
    units = [Element("P", None, place, place) for place in range(len(order))]
    return PageTags(cast(Any, None), boxes, np.argsort(order), units)


def test_the_tree_decides_where_the_model_is_not_sure() -> None:
    lines = columns()
    regions, known = [Region.around("paragraph", [each]) for each in lines], numbers(lines)
    down = [0, 2, 4, 1, 3, 5]
    unsure = scored([[number] for number in range(6)], ["paragraph"] * 6, sure=0.2)
    found = as_told(regions, told(lines, down), unsure, known)
    assert [region.text for region in found] == ["l 0", "l 1", "l 2", "r 0", "r 1", "r 2"]
    assert as_told(regions, None, unsure, known) == regions


def test_the_tree_moves_nothing_of_which_the_model_is_sure() -> None:
    lines = columns()
    regions, known = [Region.around("paragraph", [each]) for each in lines], numbers(lines)
    down = [0, 2, 4, 1, 3, 5]
    sure = scored([[number] for number in down], ["paragraph"] * 6)
    right = [regions[number] for number in down]
    assert as_told(right, told(lines, [1, 3, 5, 0, 2, 4]), sure, known) == right
    assert as_told(right, told(lines, [4, 2, 0, 5, 3, 1]), sure, known) == right
