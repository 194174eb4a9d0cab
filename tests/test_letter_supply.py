"""Formulas that may have only the letters that their glyphs have."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docvlm.decoding.interface import Reading
from docvlm.formulas.checks import all_letters, letters_of
from docvlm.formulas.codes import GlyphCodes, code_points, encode_glyphs, table_rows
from docvlm.formulas.glyphs import ITALIC, ROMAN, SCRIPT, SYMBOL, Glyphs, Kind, plain
from docvlm.formulas.interface import ReaderConfig, ReaderRuntime
from docvlm.formulas.reading import write_formulas
from docvlm.formulas.supply import letter_stock, printed_letters
from docvlm.runtimes import load_reader

_TOKENS = [
    "<end>",
    "<unknown>",
    r"\coth",
    "x",
    r"\alpha",
    r"\mathbf{x}",
    r"\pmod{",
    " the",
    r"\frac{",
    "}{",
    r"\epsilon",
]


@pytest.fixture(scope="module")
def reader() -> ReaderRuntime:
    return load_reader("reader-s")


def _printed(token: str) -> dict[str, int]:
    uses = printed_letters({token: number for number, token in enumerate(_TOKENS)})[_TOKENS.index(token)]
    return {letter: int(count) for letter, count in zip(all_letters(), uses) if count}


def test_a_token_prints_its_letters() -> None:
    assert _printed(r"\coth") == {"c": 1, "o": 1, "t": 1, "h": 1}
    assert _printed(r"\mathbf{x}") == {"x": 1}
    assert _printed(r"\pmod{") == {"m": 1, "o": 1, "d": 1}
    assert _printed(" the") == {"t": 1, "h": 1, "e": 1}
    assert _printed(r"\epsilon") == {"ε": 1}
    for nothing in ("<end>", r"\frac{", "}{"):
        assert _printed(nothing) == {}


@given(st.lists(st.integers(0, 0x10FFFF), max_size=20))
def test_rows_of_the_table_are_code_points_again(points: list[int]) -> None:
    given_points = np.array(points, np.int64)
    back = code_points(table_rows(given_points))
    assert set(back[back != given_points].tolist()) <= {0}
    assert np.array_equal(back[given_points < 0x500], given_points[given_points < 0x500])


def _line(text: str, style: int = ITALIC, size: float = 10.0) -> Glyphs:
    """Characters side by side on one baseline."""
    left = np.arange(len(text)) * 6.0
    places = np.column_stack([left, left * 0 + 2, left + 5, left * 0 + 10, left * 0 + 10, left * 0 + size])
    return Glyphs(
        np.array([*map(ord, text)], np.int32), np.full(len(text), style, np.uint8), places.astype(np.float32)
    )


def test_a_crop_supplies_what_it_shows_and_nameless_glyphs_supply_anything() -> None:
    uses = printed_letters({"x": 0})
    stock = letter_stock(uses, [encode_glyphs(_line("xxa=")), encode_glyphs(_line("x\ue123"))])
    x, b = all_letters().index("x"), all_letters().index("b")
    assert stock.amounts[0, x] == 2 and stock.amounts[0, b] == 0
    assert stock.amounts[1, x] == 2 and stock.amounts[1, b] == 1


@pytest.mark.parametrize("letters", ["aaos", "assoo", "x77"])
def test_a_piece_of_a_word_needs_all_its_letters(reader: ReaderRuntime, letters: str) -> None:
    crop = encode_glyphs(_line(letters, ROMAN))
    text = reader.read([crop], ["formula"], only_shown=True)[0].text
    assert all(letters_of(text).count(letter) <= letters.count(letter) for letter in set(letters)), text


@given(st.lists(st.sampled_from(string.ascii_letters + string.digits + "+=(),"), min_size=1, max_size=12))
def test_no_reading_has_letters_that_are_not_shown(reader: ReaderRuntime, letters: list[str]) -> None:
    crop = encode_glyphs(_line("".join(letters), ROMAN))
    reading = reader.read([crop], ["formula"], only_shown=True)[0]
    written = printed_letters({reading.text: 0})[0]
    amounts = letter_stock(written[None], [crop]).amounts[0]
    assert (written <= amounts).all(), reading.text


class _Forgetful:
    """Writes what it knows, and when held to the letters, what it is told to."""

    def __init__(self, held: str) -> None:
        self.config = ReaderConfig(vocabulary=1)
        self.ran_on, self.held = "a test", held

    def read(
        self, crops: Sequence[GlyphCodes], kinds: Sequence[Kind], only_shown: bool = False
    ) -> list[Reading]:
        return [Reading(self.held if only_shown else r"\coth(E)", (-0.1,), True, False) for _ in crops]


@pytest.mark.parametrize(
    ("held", "kept"), [(r"\operatorname{ch}(E)", r"\operatorname{ch}(E)"), ("c(E)", r"\coth(E)")]
)
def test_what_is_asked_again_stands_where_it_has_all_letters(held: str, kept: str) -> None:
    (reading,) = write_formulas(_Forgetful(held), [_line("ch(E)", ROMAN)])
    assert reading.text == kept


def test_private_and_greek_names_of_latin_letters() -> None:
    assert plain("\ue22d", SCRIPT) == (ord("A"), SYMBOL)
    assert plain("\ue246", SCRIPT) == (ord("Z"), SYMBOL)
    assert plain("\ue22d", ITALIC) == (0xE22D, ITALIC)
    assert plain("Ν", ITALIC) == (ord("N"), ITALIC)
    assert plain("Γ", ITALIC) == (ord("Γ"), ITALIC)
