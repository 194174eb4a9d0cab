"""What makes a formula of a scan evident, and what keeps prose prose."""

from __future__ import annotations

import numpy as np
import pytest

from docvlm.formulas.glyphs import ITALIC, ROMAN, Glyphs
from docvlm.formulas.reading import Formula
from docvlm.formulas.segments import Segment
from docvlm.readers.evidence import Candidate, believed, candidate
from docvlm.schema import Confidence


def _formula(latex: str, score: float = 0.9) -> Formula:
    return Formula(latex, None, Confidence(score=score, reliable=score > 0.8))


def _made(latex: str, said: str, score: float = 0.9, touched: bool = False, slants: bool = True) -> Candidate:
    return Candidate(_formula(latex, score), said, touched, slants)


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"h_i(t)", "hi(t)"),
        (r"q=10^{-5}", "q =10-5"),
        (r"n=178", "n = 178"),
        (r"\varepsilon", "ε"),
        (r"q=\sigma_d^2/\sigma_\varepsilon^2", "q = σ2/σ2"),
        (r"\frac{x}{n}", "x/n"),
        (r"x\in A", "x∈A"),
    ],
)
def test_what_has_structure_and_ocrs_letters_is_evident(latex: str, said: str) -> None:
    assert believed([_made(latex, said)]) == [True]


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        ("b", "b"),
        (r"\mathbf{B}", "B"),
        ("+3", "+ 3"),
        ("=0", "=0"),
        (r"22\,\mathbf{C}", "22 C"),
        (r"9\mathcal{A}-8", "944 – 8"),
        (r"\mathbf{g}^s", "g"),
        (r"\mathbf{P}^\perp", ""),
        (r"\iint_1^2=0.60", "x2=0.60"),
        (r"\cap", "n"),
        (r"\bot", "i"),
        (r"d_i", "of"),
        ("ab", "a b"),
    ],
)
def test_what_prose_has_too_is_prose(latex: str, said: str) -> None:
    assert believed([_made(latex, said)]) == [False]


def test_a_letter_is_a_variable_where_formulas_are_evident() -> None:
    evident = _made("h_i(t)", "hi(t)")
    letters = [_made("i", "i", slants=False), _made("x", "x"), _made("k", "k", slants=False), _made("i", "l")]
    assert believed([evident, *letters]) == [True, True, True, False, False]
    assert believed(letters) == [False] * 4
    assert believed(letters, [_formula("i=x")]) == [True, True, False, False]
    assert believed(letters, [_formula("i=x", 0.2)]) == [False] * 4


def test_what_touches_a_word_is_no_formula_anywhere() -> None:
    evident = _made("n=12", "n = 12")
    assert believed([evident, _made("g^s", "gs", touched=True)]) == [True, False]


def test_an_unlikely_formula_makes_no_page_mathematical() -> None:
    unlikely = _made("x_1=y", "x1 = y", 0.3)
    assert believed([unlikely]) == [False]
    assert believed([unlikely, _made("n=12", "n = 12")]) == [True, True]


def _row(text: str, slanted: str = "") -> Glyphs:
    """A line of glyphs 5 points apart, at spaces 8; ``slanted`` letters slant."""
    x, places, characters = 0.0, [], []
    for char in text:
        if char != " ":
            places.append((x, 0.0, x + 4.8, 7.0, 7.0, 10.0))
            characters.append(char)
        x += 5.0 if char != " " else 3.0
    styles = [ITALIC if char in slanted else ROMAN for char in characters]
    return Glyphs(
        np.array([ord(char) for char in characters], np.int32),
        np.array(styles, np.uint8),
        np.array(places, np.float32),
    )


def _seen(text: str, at: str, read: str) -> Candidate:
    """The candidate of what stands ``at`` a place of a line that the finder saw as ``text`` and OCR as ``read``."""
    glyphs = _row(text, at)
    start = text.replace(" ", "").index(at)
    index = np.arange(start, start + len(at))
    return candidate(read, glyphs, Segment(0, 0, 0, 0, glyphs.take(index), index), _formula(at))


def test_what_ocr_read_is_found_by_what_stands_around_it() -> None:
    seen = _seen("the leve1 of zi(t) is", "zi(t)", "the level of zi(t) is")
    assert (seen.said, seen.touched, seen.slants) == ("zi(t)", False, True)
    assert _seen("gauge q at", "q", "gauge g at").said == "g"


@pytest.mark.parametrize(
    ("text", "at", "read"),
    [
        ("Wxng Leong", "x", "Wong Leong"),
        ("(b) Competitive position", "b", "(b) Competitive position"),
        ("write to q@x.org now", "q", "write to q@x.org now"),
        ("see http://a.b/x_y there", "x", "see http://a.b/x_y there"),
        ("some n-hexane was", "n", "some n-hexane was"),
    ],
)
def test_pieces_of_words_names_and_addresses_are_touched(text: str, at: str, read: str) -> None:
    assert _seen(text, at, read).touched
