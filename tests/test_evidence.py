"""What makes a formula of a scan evident, and what keeps prose prose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from docvlm.formulas.glyphs import ITALIC, ROMAN, Glyphs
from docvlm.formulas.reading import Formula
from docvlm.formulas.segments import Segment
from docvlm.readers import mathematics
from docvlm.readers.evidence import Candidate, believed, candidate
from docvlm.schema import Confidence
from docvlm.spans import Line, Span


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


def _layer(*texts: str) -> Line:
    spans = [
        Span(text, (10.0 * number, 0.0, 10.0 * number + 9, 10.0), 10.0) for number, text in enumerate(texts)
    ]
    return Line((0.0, 0.0, 100.0, 10.0), spans)


@pytest.mark.parametrize(
    ("texts", "is_text"),
    [
        (("see ntsc", "_", "aviation there"), True),
        (("mail ", "{", "zamir,ssilvio}@x.org"), True),
        (("at http://x.org/", "∼", "user there"), True),
        (("where ", "x", " is a number"), False),
        (("with a", "≤", "b in it"), False),
    ],
)
def test_signs_that_a_font_lends_to_words_and_addresses_are_text(
    texts: tuple[str, ...], is_text: bool
) -> None:
    nothing = _row("x").take(np.zeros(0, np.intp))
    segment = Segment(1, 0, 1, 1, nothing, np.zeros(0, np.intp))
    assert mathematics._is_of_word(_layer(*texts), segment) == is_text


def test_lone_signs_are_text_on_a_page_without_formulas() -> None:
    nothing = _row("x").take(np.zeros(0, np.intp))
    arrow, formula = _layer("press ", "⇒", " twice"), _layer("where ", "n=2", " holds")
    lone = Segment(1, 0, 1, 1, nothing, np.zeros(0, np.intp))
    whole = Segment(1, 0, 1, 3, nothing, np.zeros(0, np.intp))
    assert mathematics._without_lone_signs([[arrow]], {(0, 0): [lone]}, False) == {}
    assert mathematics._without_lone_signs([[arrow]], {(0, 0): [lone]}, True) == {}  # between words
    nabla = _layer("where ", "∇", " is")
    assert mathematics._without_lone_signs([[nabla]], {(0, 0): [lone]}, False) == {}
    assert mathematics._without_lone_signs([[nabla]], {(0, 0): [lone]}, True) == {(0, 0): [lone]}
    both = {(0, 0): [lone], (0, 1): [whole]}
    assert mathematics._without_lone_signs([[nabla, formula]], both, False) == both
    assert mathematics._without_lone_signs([[arrow, formula]], both, False) == {(0, 1): [whole]}


def test_a_fraction_of_numbers_with_a_bar_is_one_and_makes_no_page_mathematical() -> None:
    fraction = replace(_made(r"1\frac{1}{2}", "11", slants=False), barred=True)
    assert believed([fraction, _made("c", "c"), _made(r"\mathbb{A}", "A")]) == [True, False, False]
    assert believed([replace(fraction, barred=False)]) == [False]
    assert believed([replace(fraction, formula=_formula(r"1\frac{1}{2}", 0.7))]) == [False]
    assert believed([replace(fraction, formula=_formula(r"\frac{3}{g}"))]) == [False]
