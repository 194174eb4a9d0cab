"""Formulas of web pages: drawn after the text around them, in Type 3 fonts, and as outlines.

`tests/web/formulas.pdf` was made for this project with Chromium: one page set by KaTeX (MIT) and one by MathJax (Apache 2.0)
as SVG, with subsets of KaTeX's fonts and of Liberation Serif (OFL).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

import docvlm
from docvlm import contents, fonts
from docvlm.formulas.drawn_signs import drawn_signs
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.glyphs import ROMAN, SYMBOL, Glyphs, by_rows, drawn_out_of_order, from_left
from docvlm.mupdf import pymupdf
from docvlm.repairs import interrupted, outline_runs
from docvlm.spans import Line, Span
from docvlm.text_layer import read_text

WEB = ROOT / "tests" / "web" / "formulas.pdf"
DISPLAYS = [
    r"x=\frac{-b\pm\sqrt{b^2-4ac}}{2a} \tag{1}",
    r"\sum_{k=1}^nk^2=\frac{n(n+1)(2n+1)}{6}",
    r"A=\begin{pmatrix}1 & 2 & 3 \\ 4 & 5 & 6 \\ 7 & 8 & 9\end{pmatrix}",
]
SENTENCES = [
    r"The derivative $f'(x_0)$ exists for all $x\in[a,b]$ where $a\neq0$ holds, and the mean $\mu$ is known.",
    r"The sum of the first $n$ squares has a closed form that is easily proved by induction.",
]


@pytest.fixture
def pages() -> Iterator[pymupdf.Document]:
    with pymupdf.open(WEB) as document:
        yield document


@pytest.mark.parametrize("page", ["1", "2"], ids=["katex", "mathjax-svg"])
def test_a_web_pages_formulas_are_latex_in_their_place(page: str, tmp_path: Path) -> None:
    written = docvlm.convert(WEB, pages=page).save(tmp_path / "web.md")
    text = (tmp_path / "web.md").read_text("utf-8")
    assert re.findall(r"\$\$\n(.*?)\n\$\$", text, re.DOTALL) == DISPLAYS, written
    for sentence in SENTENCES:
        assert sentence in text
    assert text.index("usual way") < text.index("pmatrix") < text.index("Nothing else")


def test_a_failure_with_drawn_formulas_costs_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no pixels")

    monkeypatch.setattr("docvlm.readers.registry.read_drawn", fail)
    (page,) = docvlm.convert(WEB, pages="2").pages
    assert any("squares has a closed form" in block.text for block in page.blocks)
    assert all(not block.confidence.reliable for block in page.blocks if block.confidence)


def test_radicals_and_tall_brackets_are_signs(pages: pymupdf.Document) -> None:
    signs = drawn_signs(pages[0])
    assert [sign.character for sign in signs] == ["√", "(", ")"]
    bar = signs[0].bar
    assert bar is not None
    assert bar[2] < pages[0].rect.width  # the clip ends it: it is drawn a hundred times as long


def test_a_relation_struck_through_is_read(pages: pymupdf.Document) -> None:
    assert "\u0338" in read_glyphs(pages[0]).text
    assert not any("\ue020" in line.text for line in read_text(pages[0]).lines)


def test_lines_have_gaps_where_formulas_are_drawn(pages: pymupdf.Document) -> None:
    for page in pages:
        spans = [span for line in contents.text_lines(page) for span in line["spans"]]
        around = next(span for span in spans if span["text"].startswith(" squares"))
        assert all("first  squares" not in span["text"] for span in spans)
        runs = [
            box for box in outline_runs.runs(page.get_cdrawings()) if abs(box[3] - around["origin"][1]) < 1
        ]
        assert bool(runs) == (page.number == 1)


def _glyphs(*places: tuple[str, float, float, float]) -> Glyphs:
    """Signs with their left edges, baselines and sizes, half an em wide."""
    return Glyphs(
        np.array([ord(char) for char, *_ in places], np.int32),
        np.array([SYMBOL if char in "()" else ROMAN for char, *_ in places], np.uint8),
        np.array([(x, y - size, x + size / 2, y, y, size) for _, x, y, size in places], np.float32),
    )


def test_scripts_drawn_last_are_put_into_their_place() -> None:
    late = _glyphs(("x", 0, 0, 10), ("=", 10, 0, 10), ("y", 17, 0, 10), ("2", 5, -4, 6))
    assert drawn_out_of_order(late)
    assert from_left(late).text == "x2=y"
    in_order = _glyphs(("x", 0, 0, 10), ("2", 5, -4, 6), ("=", 10, 0, 10), ("y", 17, 0, 10))
    assert not drawn_out_of_order(in_order)
    assert from_left(in_order) is in_order


def test_a_denominator_after_its_numerator_is_in_order() -> None:
    fraction = _glyphs(
        ("x", 0, 0, 10), ("=", 6, 0, 10), ("a", 14, -7, 10), ("b", 14, 8, 10), ("c", 22, 0, 10)
    )
    assert not drawn_out_of_order(fraction)


def test_an_array_is_read_row_by_row() -> None:
    tall = [("(", 0.0, 15.0, 30.0), (")", 50.0, 15.0, 30.0)]
    columns = [
        ("1", 20.0, 0.0, 10.0),
        ("3", 20.0, 14.0, 10.0),
        ("2", 32.0, 0.0, 10.0),
        ("4", 32.0, 14.0, 10.0),
    ]
    assert by_rows(_glyphs(*columns, *tall)).text == "(1234)"
    line = _glyphs(("a", 0, 0, 10), ("+", 8, 0, 10))
    assert by_rows(line) is line


def _line(text: str, left: float, right: float, font: str = "") -> Line:
    return Line((left, 0, right, 10), [Span(text, (left, 0, right, 10), 10, font=font, baseline=8)])


def test_a_sentence_is_joined_with_a_formula_drawn_later() -> None:
    lines = [
        _line("we have ", 0, 40),
        _line("and so on", 62, 110),
        Line((0, 20, 90, 30), [Span("the next line", (0, 20, 90, 30), 10, baseline=28)]),
        _line("x=1", 41, 60, "KaTeX_Main"),
    ]
    joined = interrupted.joined(lines)
    assert [line.text for line in joined] == ["we have x=1and so on", "the next line"]
    lines[3] = _line("x=1", 41, 60, "Times")
    assert len(interrupted.joined(lines)) == 4


def test_type_3_fonts_have_the_names_of_their_descriptors() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=100)
        glyph, descriptor, font = (document.get_new_xref() for _ in range(3))
        document.update_object(glyph, "<<>>")
        document.update_stream(glyph, b"500 0 0 0 500 500 d1 0 0 400 400 re f")
        document.update_object(
            descriptor, "<</Type/FontDescriptor/FontName/ABCDEF+MathJax_Math-Italic/Flags 4>>"
        )
        document.update_object(
            font,
            "<</Type/Font/Subtype/Type3/FontMatrix[.001 0 0 .001 0 0]/FontBBox[0 0 500 500]/FirstChar 120/LastChar 120"
            f"/Widths[500]/Encoding<</Differences[120/x]>>/CharProcs<</x {glyph} 0 R>>/FontDescriptor {descriptor} 0 R>>",
        )
        document.xref_set_key(page.xref, "Resources", f"<</Font<</F1 {font} 0 R>>>>")
        stream = document.get_new_xref()
        document.update_object(stream, "<<>>")
        document.update_stream(stream, b"BT /F1 20 Tf 20 50 Td (x) Tj ET")
        document.xref_set_key(page.xref, "Contents", f"{stream} 0 R")
        with pymupdf.open(stream=document.tobytes()) as saved:
            (line,) = contents.text_lines(saved[0])
            assert line["spans"][0]["font"] == "ABCDEF+MathJax_Math-Italic"


@pytest.mark.parametrize("font", ["ABCDEF+KaTeX_Main-Regular", "mjx-ncm-n-Regular", "MathJax_Size2"])
def test_fonts_of_web_pages_are_mathematical(font: str) -> None:
    assert fonts.is_mathematical(font)
    assert not fonts.is_mathematical("LiberationSerif")
