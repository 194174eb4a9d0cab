"""Formulas inside lines and apart from them: what is taken for mathematics, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from _pytest.mark import ParameterSet
from conftest import needs_latex

from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.glyphs import Glyphs
from docvlm.formulas.reading import Formula
from docvlm.formulas.segments import has_math, is_displayed, segments
from docvlm.layout.analysis import analyze
from docvlm.mupdf import pymupdf
from docvlm.readers.mathematics import displayed_apart, write_formulas
from docvlm.readers.view import Part
from docvlm.running_text import flow
from docvlm.schema import Confidence
from docvlm.spans import Line
from docvlm.text_layer import read_text
from docvlm.visual_lines import visual_lines
from training.text import tex

needs_tex = needs_latex("pieces", "cm")


@dataclass
class Page:
    document: pymupdf.Document  # which the page needs
    page: pymupdf.Page
    lines: list[Line]


def _set(source: str, preamble: str = tex.FONTS["cm"][0]) -> Page:
    """A page with ``source`` in a box 200 points wide."""
    data, wrong = tex.set_pages([tex.Piece(rf"\parbox{{200pt}}{{\parindent0pt {source}}}")], preamble)
    assert not wrong
    document = pymupdf.open(stream=data)
    return Page(document, document[0], visual_lines(read_text(document[0]).lines))


def _found(source: str, preamble: str = tex.FONTS["cm"][0]) -> list[str]:
    """The glyphs of each formula found in a line set by TeX."""
    page = _set(source, preamble)
    glyphs = read_glyphs(page.page)
    return [segment.glyphs.text for line in page.lines for segment in segments(line, glyphs)]


@needs_tex
@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("where $x$ is a number", ["x"]),
        ("Let $f(x)=3$, as before (see 4).", ["f(x)=3"]),
        ("an $n$-dimensional space ($k>0$)", ["n", "k>0"]),
        ("with mean $\\mu$ and so on", ["μ"]),
        ("points $(x, y)$ and $x_i, y_i$, then", ["(x,y)", "xi,yi"]),
        ("in 3 of 40 cases, or 5\\%, of a test (1999)", []),
        ("at most $\\log n$ and $2\\sin\\theta$ steps", ["logn", "2sinθ"]),
        ("where $\\Gamma$ is and $\\mathbf{x}$ was", ["Γ", "x"]),
        ("a value of $1.5\\times10^{-3}$ metres", ["1.5×10−3"]),
        ("$\\hat{x}$ and $\\bar{X}^k$ here", ["^x", "¯Xk"]),
        ("between $a$, $b$ and $c$.", ["a", "b", "c"]),
        ("\\emph{an emphasis} and a \\textbf{bold word}", []),
        ("with $\\ln(2)$ and $\\exp 3$ of them, $y$", ["ln(2)", "exp3", "y"]),
    ],
)
def test_what_of_a_line_is_mathematics(source: str, formulas: list[str]) -> None:
    assert _found(source) == formulas


def _in(font: str, *values: object) -> ParameterSet:
    """A case in one set of fonts, for a machine whose TeX has them."""
    return pytest.param(font, *values, marks=needs_latex("pieces", font))


@pytest.mark.parametrize(
    "font", [_in(font) for font in ("lm", "newtx", "stix2", "euler", "libertinus", "palatino")]
)
def test_other_fonts_of_formulas_are_known(font: str) -> None:
    preamble = (tex.FONTS | tex.HELD_OUT_FONTS)[font][0]
    found = _found(r"We have $\alpha\leq\beta$ and also $x^2+\gamma$ there.", preamble)
    assert [len(each) for each in found] == [3, 4]


@pytest.mark.parametrize(
    ("font", "source", "formulas"),
    [
        _in(
            "charter",
            r"Let $\bar{Y}$ be in $\mathbb{R}$ and not in $\mathcal{L}_i$ [21--25].",
            ["¯Y", "R", "Li"],
        ),
        _in("charter", r"where $\theta=J+nn_i$ and $y_1,\ldots,y_n$ are", ["θ=J+nni", "y1,...,yn"]),
        _in("charter", r"of $kT-u$ and $\frac{3}{t+0}$ is", ["kT−u", "3t+0"]),
        _in("times", r"\emph{for all $X_s+nf$ there is one, where $\exp f$ is so}", ["Xs+nf", "expf"]),
        _in("cm", r"with $\frac{a}{b^2}\frac{1}{e^{x}-1}$, $b\mapsto1$", ["ab21ex−1", "b7→1"]),
        _in("lm", r"of $\Omega$ and $\arg(0.84)$ or $\operatorname{erf}x$", ["Ω", "arg(0.84)", "erfx"]),
    ],
)
def test_formulas_hold_together_where_their_letters_are_the_texts(
    font: str, source: str, formulas: list[str]
) -> None:
    assert _found(source, tex.FONTS[font][0]) == formulas


@needs_tex
def test_a_fraction_stays_in_its_line() -> None:
    page = _set(r"the ratio $\frac{a+b}{\sqrt{c}}$ is positive, and so on it goes for a second line too")
    glyphs = read_glyphs(page.page)
    assert len(page.lines) == 2
    (segment,) = segments(page.lines[0], glyphs)
    assert sorted(segment.glyphs.text) == sorted("a+b√c")
    assert page.lines[0].text.split()[:2] == ["the", "ratio"]


class Echo:
    """Stands in for the model: "reads" a formula as its characters, so that what goes where can be seen."""

    def __init__(self) -> None:
        self.crops: list[str] = []

    def read(self, crops: Sequence[Glyphs]) -> list[Formula]:
        self.crops += [crop.text for crop in crops]
        sure = Confidence(score=0.9, reliable=True)
        return [Formula("".join(c for c in crop.text if c.isascii()), None, sure) for crop in crops]


def _read(page: Page) -> tuple[list[str], list[str]]:
    """The page's regions as Markdown, displayed formulas as their LaTeX, and the crops that were read."""
    echo = Echo()
    regions = analyze(page.page, read_text(page.page).lines)
    parts = [Part.of(each) for region in regions for each in displayed_apart(region)]
    write_formulas(page.page, parts, lambda: echo, any(has_math(part.rows) for part in parts))  # type: ignore[arg-type, return-value]
    texts = [
        " | ".join(formula.tagged for formula in part.formulas) if part.formulas else flow(part.rows)
        for part in parts
    ]
    return texts, echo.crops


@needs_tex
def test_words_stay_and_formulas_become_latex() -> None:
    page = _set(r"Let $x>0$ be given. Then we write \emph{all} of $f(x)$ and go on, with $y$ at the end.")
    texts, _ = _read(page)
    assert " ".join(texts) == (
        "Let $x>0$ be given. Then we write *all* of $f(x)$ and go on, with $y$ at the end."
    )


@needs_tex
def test_an_arrow_between_words_is_no_formula() -> None:
    _, crops = _read(_set(r"The number $\Rightarrow$ list of $x=1$ is set, and $A\Rightarrow B$ holds."))
    assert crops == ["x=1", "A\u21d2B"]


@needs_tex
def test_a_formula_that_a_line_ends_is_read_whole() -> None:
    page = _set(r"These words are here to fill the line until $a+b=c$ is broken by it.")
    if len(page.lines) < 2 or "c" in page.lines[0].text.split()[-1]:
        page = _set(r"These words are only here to fill the line until $a+b=c$ is broken by it.")
    _, crops = _read(page)
    assert crops.count("a+b=c") == 1


@needs_tex
def test_displayed_formulas_keep_their_numbers() -> None:
    page = _set(
        r"Some words come first and fill a line or two of this paragraph, as they do."
        r"\[x+y=2\tag{7}\] More words follow and fill yet another line of the same column."
    )
    texts, _ = _read(page)
    assert any(text.endswith(r"\tag{7}") and text.startswith("x+y=2") for text in texts), texts
    assert not any("(7)" in text for text in texts)


@needs_tex
def test_a_page_without_mathematics_asks_no_model() -> None:
    page = _set(r"Plain words in 3 lines, with \emph{emphasis}, 5\% and a footnote mark.")

    def never() -> None:
        raise AssertionError("nothing here is a formula")

    regions = analyze(page.page, read_text(page.page).lines)
    parts = [Part.of(region) for region in regions]
    write_formulas(page.page, parts, never, any(has_math(part.rows) for part in parts))
    assert not any(part.formulas for part in parts)


@needs_tex
def test_a_line_of_words_is_not_displayed() -> None:
    words = _set(r"where $x$ and $y$ are numbers")
    formula = _set(r"$x+y=\alpha_i\text{ if }z>0$")
    assert not is_displayed(words.lines[0])
    assert is_displayed(formula.lines[0])


@pytest.mark.parametrize(
    ("text", "formula"), [("with an error of ~π/12 at most", "π/12"), ("fixed at Δ=7º here", "Δ=7")]
)
def test_signs_of_text_beside_a_formula_stay_text(text: str, formula: str) -> None:
    page = pymupdf.open().new_page()
    writer = pymupdf.TextWriter(page.rect)
    writer.append((72, 100), text, font=pymupdf.Font("tiro"), fontsize=11)
    writer.write_text(page)
    (line,) = visual_lines(read_text(page).lines)
    assert [segment.glyphs.text for segment in segments(line, read_glyphs(page))] == [formula]
