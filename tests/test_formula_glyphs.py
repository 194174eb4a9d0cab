"""Glyphs as the model gets them: fonts by their names, places without a frame, pages and TeX alike."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import needs_latex

from docvlm.formulas import glyphs as g
from docvlm.formulas.checks import agreement, letters_of
from docvlm.formulas.codes import FEATURES, ROWS, UNKNOWN, em_of, encode_glyphs, stack_glyphs, table_rows
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.glyphs import Glyphs, plain, style_of
from docvlm.formulas.numbers import parted
from docvlm.mupdf import pymupdf
from training.text import build, tex
from training.text.shards import Sample, read_shard, write_shard

needs_tex = needs_latex("pieces", "cm")


@pytest.mark.parametrize(
    ("font", "style"),
    [
        ("CMMI10", g.ITALIC),
        ("ABCDEF+CMSY7", g.SYMBOL),
        ("CMEX10", g.EXTENSION),
        ("LMMathExtension10-Regula", g.EXTENSION),
        ("txexs", g.EXTENSION),
        ("CMBX12", g.BOLD),
        ("CMMIB10", g.BOLD_ITALIC),
        ("MSBM10", g.BLACKBOARD),
        ("EUFM10", g.FRAKTUR),
        ("RSFS10", g.SCRIPT),
        ("CMR10", g.ROMAN),
        ("LMRoman10-Bold", g.BOLD),
        ("NewTXMI", g.ITALIC),
        ("CMTT10", g.MONO),
        ("CMSS10", g.SANS),
        ("TeXGyreTermesX-Regular", g.ROMAN),
        ("EURM10", g.ITALIC),
    ],
)
def test_fonts_are_known_by_their_names(font: str, style: int) -> None:
    assert style_of(font) == style


def test_flags_speak_for_fonts_whose_names_say_nothing() -> None:
    assert style_of("F17", 2) == g.ITALIC
    assert style_of("F18", 16) == g.BOLD


def test_mathematical_letters_are_letters_in_a_style() -> None:
    assert plain("𝐱", g.ROMAN) == (ord("x"), g.BOLD)
    assert plain("ℎ", g.ROMAN) == (ord("h"), g.ITALIC)
    assert plain("ℝ", g.ROMAN) == (ord("R"), g.BLACKBOARD)
    assert plain("𝜽", g.ITALIC) == (ord("θ"), g.BOLD_ITALIC)
    assert plain("ℓ", g.ITALIC) == (ord("ℓ"), g.ITALIC)
    assert plain("x", g.ITALIC) == (ord("x"), g.ITALIC)
    assert plain("\x12", g.EXTENSION) == (0x12, g.EXTENSION)


def _glyphs(count: int = 5) -> Glyphs:
    rng = np.random.default_rng(count)
    left = np.cumsum(rng.uniform(4, 8, count))
    base = rng.uniform(50, 60, count)
    places = np.column_stack([left, base - 6, left + 4, base + 1, base, np.full(count, 10.0)])
    return Glyphs(
        np.arange(97, 97 + count, dtype=np.int32),
        np.full(count, g.ITALIC, np.uint8),
        places.astype(np.float32),
    )


def test_codes_know_neither_the_page_nor_the_size_of_print() -> None:
    glyphs = _glyphs()
    moved = replace(
        glyphs, places=glyphs.places * np.float32(1.7) + np.array([30, 9, 30, 9, 9, 0], np.float32)
    )
    assert em_of(moved) == pytest.approx(17, rel=1e-4)
    np.testing.assert_allclose(encode_glyphs(moved).features, encode_glyphs(glyphs).features, atol=1e-4)


def test_rows_of_the_table() -> None:
    rows = table_rows(np.array([0, ord("x"), ord("∑"), 0xF8EB, 0xFFFD, 0x4E00, 0xE000]))
    assert len(set(rows[:4])) == 4 and rows.max() < ROWS
    assert (rows[4:] == UNKNOWN).all()


def test_nothing_is_encoded_as_nothing() -> None:
    empty = _glyphs(0)
    assert encode_glyphs(empty).features.shape == (0, FEATURES)
    stacked = stack_glyphs([encode_glyphs(empty), encode_glyphs(_glyphs(3))], multiple=8)
    assert stacked["mask"].sum(1).tolist() == [0, 3] and stacked["features"].shape == (2, 8, FEATURES)


def test_a_page_is_read_within_a_box_and_without_hidden_text() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=100)
        page.insert_text((20, 50), "ab c", fontname="tiro", fontsize=12)
        page.insert_text((20, 50), "hidden", fontname="tiro", fontsize=12, render_mode=3)
        page.insert_text((120, 90), "far", fontname="tiro", fontsize=12)
        page.draw_line((18, 55), (50, 55), width=0.5)
        page.draw_rect((10, 10, 190, 95))
        glyphs = read_glyphs(page, (10, 30, 100, 60))
    assert glyphs.text == "abc"
    assert glyphs.styles.tolist() == [g.ROMAN] * 3 + [g.RULE]
    a = glyphs.places[0]
    assert 19 < a[g.LEFT] < 21 and a[g.BASELINE] == pytest.approx(50, abs=0.01) and a[g.SIZE] == 12
    assert 43 < a[g.TOP] < 46  # the ink of a low letter, not the font's height
    np.testing.assert_allclose(glyphs.places[3][:4], [18, 54.75, 50, 55.25], atol=0.02)


def test_a_shard_gives_back_what_it_got(tmp_path: Path) -> None:
    samples = [
        Sample("formula", "x^2", _glyphs(2), "cm", "$x^2$"),
        Sample("line", "a $b$ é", _glyphs(4), "lm"),
    ]
    write_shard(tmp_path / "a" / "s.npz", samples)
    again = list(read_shard(tmp_path / "a" / "s.npz"))
    assert [(s.kind, s.text, s.font, s.source) for s in again] == [
        (s.kind, s.text, s.font, s.source) for s in samples
    ]
    for one, other in zip(samples, again):
        np.testing.assert_allclose(other.glyphs.places, one.glyphs.places, atol=0.011)
        assert other.glyphs.text == one.glyphs.text


@needs_tex
@pytest.mark.parametrize("font", ["cm"])
def test_tex_sets_what_is_drawn_and_says_what_it_could_not(font: str) -> None:
    pieces = [tex.Piece(r"$\frac{x}{\sqrt{2}}$"), tex.Piece(r"$\nosuchcommand$"), tex.Piece("$a$")]
    data, wrong = tex.set_pages(pieces, tex.FONTS[font][0])
    assert wrong == [1]
    with pymupdf.open(stream=data) as document:
        fraction = read_glyphs(document[0])
    assert sorted(fraction.text) == ["2", "x", "√"]
    assert (fraction.styles == g.RULE).sum() == 2
    drawn = list(build.drawn_formulas(random.Random(2), 12, False))
    samples = list(build.rendered(drawn, font, random.Random(2), dpi=(100, 100)))
    assert len(samples) >= 11
    assert all(sample.picture.startswith(b"\x89PNG") and len(sample.glyphs) for sample in samples)


@pytest.mark.parametrize(
    "font",
    [
        *(
            pytest.param(name, marks=needs_latex("pieces", name))
            for name in ("cm", "newtx", "stix2", "libertinus")
        ),
        pytest.param("latinmodern-otf", marks=needs_latex("pieces", "xelatex", "latinmodern-otf")),
    ],
)
def test_variants_of_letters_are_letters_of_their_own(font: str) -> None:
    data, wrong = tex.set_pages(
        [tex.Piece(r"$\epsilon\varepsilon\phi\varphi\theta\vartheta$")], tex.ALL_FONTS[font][0]
    )
    assert not wrong
    with pymupdf.open(stream=data) as document:
        assert read_glyphs(document[0]).text == "ϵεϕφθϑ"


def test_names_of_fonts_tell_their_kind() -> None:
    kinds = {
        "ABCDEF+LinLibertineTZ": g.BOLD,
        "LibertineMathBMI7": g.BOLD_ITALIC,
        "MathDesign-CH-Regular-Ma": g.BLACKBOARD,
        "MathDesign-CH-Bold-Symbo": g.SYMBOL,
        "Fourier-Math-Extension": g.EXTENSION,
        "Kp--M-Syd-Regular": g.SCRIPT,
        "EUSM10": g.SYMBOL,
        "XCharterMathMI": g.ITALIC,
        "NimbusRomNo9L-Regu": g.ROMAN,
    }
    assert {name: g.style_of(name) for name in kinds} == kinds


# --- checks ---------------------------------------------------------------------------------------


def _spelled(text: str, gap_before: int | None = None) -> Glyphs:
    """Letters side by side, with a gap of three ems before one of them."""
    left = np.arange(len(text)) * 5.0
    if gap_before is not None:
        left[gap_before:] += 30
    ones = np.ones(len(text))
    places = np.column_stack([left, 3 * ones, left + 5, 10 * ones, 9 * ones, 10 * ones]).astype(np.float32)
    return Glyphs(np.array([ord(c) for c in text], np.int32), np.full(len(text), g.ITALIC, np.uint8), places)


def test_letters_are_those_that_a_formula_prints() -> None:
    assert letters_of(r"\sum_{i=1}^n\frac{\alpha_i}{\sqrt[3]{x}}") == "i1nαix3"
    assert (
        letters_of(r"\begin{pmatrix}a & b \\ c & \mathrm{max}\end{pmatrix}\sin\theta\text{ if }q")
        == "abcmaxsinθifq"
    )
    assert letters_of(r"\left(\frac{a}{b}\right)\bigl[\mathbf{x}\bigr]") == "abx"


def test_a_formula_with_other_letters_disagrees() -> None:
    assert agreement(r"E=mc^2", _spelled("E=mc2")) == 1
    assert agreement(r"E=mc^3", _spelled("E=mc2")) == pytest.approx(0.75)
    assert agreement(r"\epsilon\varphi", _spelled("εφ")) == 1
    assert agreement("+", _spelled("−")) == 1
    assert agreement(r"\ell\Omega", _spelled("l\u2126")) == 1


@pytest.mark.parametrize(
    ("text", "gap", "left", "number"),
    [
        ("E=mc2(12)", 5, "E=mc2", "12"),
        ("E=mc2(A.3a)", 5, "E=mc2", "A.3a"),
        ("(3)a+b", 3, "a+b", "3"),
        ("f(12)", 1, "f", "12"),
        ("f(12)", None, "f(12)", None),
        ("a+b(x)", 3, "a+b(x)", None),
    ],
)
def test_the_number_of_a_formula_stands_apart(
    text: str, gap: int | None, left: str, number: str | None
) -> None:
    (found,) = parted(_spelled(text, gap))
    assert (found.glyphs.text, found.number) == (left, number)


def test_each_number_of_a_region_has_its_rows() -> None:
    above, below = _spelled("a=b+c(1)", 5), _spelled("d=e+fg(2)", 6)
    lower = below.places + np.array([-5, 40, -5, 40, 40, 0], np.float32)
    loose = _spelled("xyz")
    between = loose.places + np.array([0, 14, 0, 14, 14, 0], np.float32)
    region = Glyphs(
        np.concatenate([above.characters, below.characters, loose.characters]),
        np.concatenate([above.styles, below.styles, loose.styles]),
        np.concatenate([above.places, lower, between]),
    )
    assert [(part.glyphs.text, part.number) for part in parted(region)] == [
        ("a=b+cxyz", "1"),
        ("d=e+fg", "2"),
    ]
