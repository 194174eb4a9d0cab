"""What texts say as numbers, and which texts are numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docvlm.numbers import (
    is_grouped_by_space,
    is_number_cell,
    is_tick_label,
    leaf_number,
    named_value,
    number_with_unit,
    number_within,
    parse_number,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2019", 2019),
        ("1,234", 1234),
        ("1.234", 1.234),
        ("1.234.567,8", 1234567.8),
        ("1,234,567.8", 1234567.8),
        ("1 234,5", 1234.5),
        ("1\u202f234\u202f567", 1234567),
        ("3,5", 3.5),
        (".5", 0.5),
        ("-3", -3),
        ("−3.2%", -3.2),
        ("(12%)", -12),
        ("$4.2bn", 4.2e9),
        ("-$20k", -20e3),
        ("$ 15M", 15e6),
        ("5e-3", 0.005),
        ("3万", 30000),
        ("0", 0),
    ],
)
def test_labels_that_are_numbers(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "12,34,56.7.8", "1.2.3", "万", "2019-20", "Q1", "-", "1 23", "k"]
)
def test_labels_that_are_no_numbers(text: str) -> None:
    assert parse_number(text) is None


@given(st.floats(-1e15, 1e15, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-6))
def test_plain_numbers_are_read_back(value: float) -> None:
    assert parse_number(f"{value:.8f}") == pytest.approx(value, abs=1e-8)
    assert parse_number(f"{value:,.2f}") == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10⁻¹", 0.1),
        ("10^3", 1000.0),
        ("2.5×10⁴", 25000.0),
        ("-60,00,000", -6e6),
        ("0,922", 0.922),
        ("€ 4.5k", 4500.0),
        ("300 mm", 300.0),
        ("12 km2", 12.0),
        ("20 Tsd.", 20000.0),
        ("1.2 Mrd. €", 1.2e9),
        ("(3.5%)", -3.5),
        ("−7", -7.0),
        ("North", None),
        ("", None),
    ],
)
def test_numbers_as_charts_print_them(text: str, number: float | None) -> None:
    found = number_with_unit(text)
    assert found == (None if number is None else pytest.approx(number))


def test_a_decimal_comma_is_known_by_its_chart() -> None:
    assert number_with_unit("1,234") == 1234
    assert number_with_unit("1,234", continental=True) == 1.234


@pytest.mark.parametrize(
    ("leaf", "number"),
    [
        ("6.12%", 6.12),
        ("$1,234", 1234),
        ("€ 2", 2),
        ("3 (1)", 3),
        ("9[2]", 9),
        ("\u22123.5", -3.5),
        ("1e3", 1000),
        ("12 million", 12),
        (7, 7),
        ("None", None),
        ("", None),
        ("-", None),
        (None, None),
        (True, math.nan),
        ("1-2", math.nan),
        ("many", math.nan),
    ],
)
def test_numbers_in_an_answer(leaf: object, number: float | None) -> None:
    found = leaf_number(leaf)
    assert found == (None if number is None else pytest.approx(number, nan_ok=True))


@pytest.mark.parametrize(
    ("text", "cell", "tick"),
    [
        ("1,234.5", True, True),
        ("(12)", True, True),
        ("-3%", True, True),
        ("4.1 kg", True, False),
        ("0.05*", True, False),
        ("…", False, False),
        ("12k", True, True),
        ("Q1", False, False),
        ("CHF 3'667.35", True, False),
        ("3 949.75 EUR", True, False),
        ("ISO 9001", False, False),
        ("12 50", False, False),
        ("2019-20", False, False),
    ],
)
def test_what_looks_like_a_number_in_a_table_and_on_an_axis(text: str, cell: bool, tick: bool) -> None:
    assert is_number_cell(text) is cell
    assert is_tick_label(text) is tick


def test_values_behind_names() -> None:
    assert named_value("Deer: 43.6%") == ("Deer", "43.6%")
    assert named_value("Rent and heating ($1,200)") == ("Rent and heating", "$1,200")
    assert named_value("Rent") is None


def test_numbers_within_names_go_on() -> None:
    week, length = number_within("Week 12"), number_within("0,5 m")
    assert week is not None and week.value == 12 and week.printed(13) == "Week 13"
    assert length is not None and length.value == 5 and length.printed(15) == "1,5 m"
    assert number_within("May") is None and number_within("3 of 4") is None


def test_two_labels_may_be_one_number() -> None:
    assert is_grouped_by_space("12 500") and not is_grouped_by_space("12 50")
