"""Formulas inside the lines of pictures: found among what a finder sees, read, and set between OCR's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLES, Command, needs_latex
from numpy.typing import NDArray
from PIL import Image

import docvlm as library
from docvlm import raster
from docvlm.formulas import sight
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.finder import Found
from docvlm.formulas.found_lines import as_line, prose_share
from docvlm.formulas.glyphs import LEFT, RIGHT, SYMBOL, Glyphs
from docvlm.formulas.image import is_shown
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.segments import segments
from docvlm.formulas.sight import GlyphReader
from docvlm.mupdf import pymupdf
from docvlm.ocr.engine import engine
from docvlm.readers import scanned_formulas
from docvlm.readers.scanned_lines import may_hold_formulas, with_formulas
from docvlm.running_text import flow
from docvlm.schema import Check, Confidence
from docvlm.spans import Line, Span
from docvlm.visual_lines import visual_lines
from training.text import tex

needs_tex = needs_latex("pieces", "lm")
_SCALE = 200 / 72
FINDER = GlyphReader(None)  # type: ignore[arg-type]  # what it finds is set by the tests
_LINE = r"Let $x>0$ be a number, and let $\alpha_n$ be the sum of all $y_i$ with $i< n$."


def _set(source: str) -> tuple[Glyphs, NDArray[np.uint8]]:
    """A line set by TeX: its glyphs in the order of their left edges, in points, and its pixels at 200 dpi."""
    data, wrong = tex.set_pages([tex.Piece(source)], tex.FONTS["lm"][0])
    assert not wrong
    with pymupdf.open(stream=data) as document:
        glyphs = read_glyphs(document[0])
        return glyphs.take(np.argsort(glyphs.places[:, LEFT], kind="stable")), raster.render(document[0], 200)


# --- which glyphs are formulas --------------------------------------------------------------------


@needs_tex
@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("Plain words, a comma, 3.14 and 1990--1995 (see Smith [12]) -- and so on.", []),
        (r"the end of \emph{a slanted phrase} and a \textbf{bold word}, no more", []),
        (r"a mark\textsuperscript{2} of a footnote, \S~4 and a bullet \textbullet\ here", []),
        (r"where $x$ is a number and $f(x)=3$, as before", ["x", "f(x)=3"]),
        (r"\itshape for every $x$ in a space with $k=2$ of them", ["x", "k=2"]),
        (r"the fraction $\frac{a}{b}$ of the whole", ["ab"]),
        (r"the sequence $x_1,\ldots,x_n$, and so on\ldots", ["x1,...,xn"]),
        (r"at most $\log n$ and $2\cosh k$ steps", ["logn", "2coshk"]),
        (r"the product $mc^2=E$ is not the word \emph{et} here", ["mc2=E"]),
        (r"$\mathbb{R}$ and $\mathcal{F}$ and $\mathbf{v}$ were given", ["R", "F", "v"]),
    ],
)
def test_fonts_need_no_names(source: str, formulas: list[str]) -> None:
    line, glyphs = as_line(_set(source)[0])
    assert [segment.glyphs.text for segment in segments(line, glyphs)] == formulas


@needs_tex
def test_words_are_told_from_formulas() -> None:
    assert prose_share(_set(_LINE)[0]) > 0.3
    assert prose_share(_set(r"in two lines of a paragraph: $E=mc^2$")[0]) > 0.3
    for source in (r"$\sum_{i=1}^n\cos x_i\leq\frac{a+b}{2}$", r"$f(x)=0\quad\text{if }x<1$"):
        assert prose_share(_set(source)[0]) < 0.3


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("The committee met on 8 February 2025 in the school hall.", False),
        ("J. R. Smith and A. Jones (1998), vol. 3, pp. 12-15; I think a plan", False),
        ("Research & development, AT&T, it's 5% of $4.20", False),
        ("drift of gauge i and an average of its neighbours", True),
        ("we use q = 10-5 for hourly data", True),
        ("the angle θ between them", True),
        ("the residual of r2 and so on", True),
    ],
)
def test_the_cheap_test(text: str, likely: bool) -> None:
    assert may_hold_formulas(Line((0, 0, 1, 1), [Span(text, (0, 0, 1, 1), 10.0)])) == likely


# --- between the words ----------------------------------------------------------------------------


class Echo(FormulaReader):
    """Reads a formula as its characters, so that what goes where can be seen."""

    def __init__(self) -> None:
        pass

    def read(self, crops: Sequence[Glyphs]) -> list[Formula]:
        sure = Confidence(score=0.9, reliable=True)
        return [Formula(crop.text, None, sure) for crop in crops]


def _read(monkeypatch: pytest.MonkeyPatch, source: str, unseen: str = "") -> tuple[list[Line], list[Line]]:
    """OCR's lines of a picture, and the same with formulas, by a finder that errs in nothing but ``unseen`` glyphs."""
    glyphs, image = _set(source)
    glyphs = glyphs.take(np.array([chr(each) not in (*unseen,) for each in glyphs.characters]))
    lines = visual_lines(engine().read_page(image, _SCALE).lines)

    monkeypatch.setattr(sight, "find_glyphs", _sight(glyphs, lines[0]))
    return lines, with_formulas(image, _SCALE, lines, FINDER, Echo(), engine())


def _sight(glyphs: Glyphs, line: Line) -> Callable[..., Found]:
    """A finder that sees ``glyphs`` wherever it looks for those of a line."""
    left = max(0, int((line.box[0] - 0.5 * line.size) * _SCALE))
    top = max(0, int((line.box[1] - 0.3 * line.size) * _SCALE))
    places = glyphs.places * np.float32(_SCALE) - np.array([left, top, left, top, top, 0], np.float32)
    found = Found(Glyphs(glyphs.characters, glyphs.styles, places), np.full(len(glyphs), 0.99, np.float32))
    return lambda *_: found


@needs_tex
def test_words_are_ocrs_and_formulas_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    _, written = _read(monkeypatch, _LINE)
    assert flow(written) == "Let $x>0$ be a number, and let $αn$ be the sum of all $yi$ with $i< n$."
    (line,) = written
    edges = [span.box[0] for span in line.spans]
    assert len(edges) == 9 and edges == sorted(edges)


@needs_tex
def test_a_line_without_formulas_is_the_same_line(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = _read(monkeypatch, "Plain words, 3.14 of them (see Smith [12]) and no formula.")
    assert after == before


@needs_tex
def test_unknown_ink_beside_a_letter_is_no_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    source = r"they say \emph{of} and $\mathcal{G}$ alone"
    assert "$" in flow(_read(monkeypatch, source)[1])
    before, after = _read(monkeypatch, r"where $xyw$ is a word of unknown letters", unseen="yw")
    assert after == before


@needs_tex
def test_a_letter_that_ocr_did_not_see_is_no_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    source = r"the letter $v$ stands in a line of text"
    _, image = _set(source)
    before, after = _read(monkeypatch, source)
    assert flow(after) == flow(before).replace("v", "$v$")
    (line,) = before
    (span,) = line.spans
    span.text = span.text.replace("v", "&")
    (same,) = with_formulas(image, _SCALE, before, FINDER, Echo(), engine())
    assert same == line


@needs_tex
def test_a_line_keeps_the_words_that_ocr_was_sure_of(monkeypatch: pytest.MonkeyPatch) -> None:
    source = r"\texttt{return} stands beside $\alpha<y$ in this line"
    assert "$α< y$" in flow(_read(monkeypatch, source)[1])
    # The word is print that the finder does not know: it sees signs there.
    glyphs, image = _set(source)
    (line,) = visual_lines(engine().read_page(image, _SCALE).lines)
    word = glyphs.places[:, RIGHT] < glyphs.places[:6, RIGHT].max() + 0.1
    signs = Glyphs(
        np.where(word, ord("≠"), glyphs.characters).astype(np.int32),
        np.where(word, SYMBOL, glyphs.styles).astype(np.uint8),
        glyphs.places,
    )
    monkeypatch.setattr(sight, "find_glyphs", _sight(signs, line))
    (same,) = with_formulas(image, _SCALE, [line], FINDER, Echo(), engine())
    assert same.text == line.text


def test_doubtful_formulas_are_shown_but_no_broken_ones() -> None:
    doubtful = Check(name="formula-probability", value=0.1, threshold=0.5, passed=False)
    broken = Check(name="formula-letters", value=0.5, threshold=0.9, passed=False)
    assert is_shown(Formula("x", None, Confidence(score=0.1, reliable=False, checks=[doubtful])))
    assert not is_shown(Formula("x", None, Confidence(score=0.1, reliable=False, checks=[doubtful, broken])))
    assert not is_shown(Formula("x", None, Confidence(score=0.001, reliable=False, checks=[doubtful])))


# --- with the bundled models ----------------------------------------------------------------------

_PAGE = r"""\documentclass{article}\usepackage{amsmath}\begin{document}\section{A short study}
The sections of this text have many words and few formulas, as most papers do. We write $x$ for the number of
words and let $n=12$ be the number of lines, so that every line has about $x/n$ of them. The words of the text
must be the words of the page, and no more.

A second paragraph follows the first one. Its lines have no formulas at all, since there must be lines of that
kind as well, and they must be read exactly as they were before anybody thought of formulas.
\end{document}"""


@needs_tex
def test_formulas_in_lines_of_a_scan_become_latex(docvlm: Command, tmp_path: Path) -> None:
    with pymupdf.open(stream=tex.set_document(_PAGE)[0]) as document:
        Image.fromarray(raster.render(document[0], 200)).save(tmp_path / "scan.png", dpi=(200, 200))
    done = docvlm("convert", tmp_path / "scan.png", "-o", "-")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "We write $x$ for the number of words and let $n=12$ be the number of lines, so that" in said
    assert "A second paragraph follows the first one. Its lines have no formulas at all, since" in said


def test_a_scan_without_formulas_asks_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing here is a formula")

    monkeypatch.setattr(scanned_formulas, "with_formulas", never)
    (page,) = library.convert(SAMPLES / "page.jpg").pages
    assert page.error is None and not any(block.error for block in page.blocks)
    assert "The treasurer presented the accounts" in page.blocks[3].text


@needs_tex
def test_the_command_prints_a_line_as_markdown(docvlm: Command, tmp_path: Path) -> None:
    said = {
        "line.png": ("where $x$ is the number of lines and $n=12$ of them are read", "where $x$ is"),
        "words.png": ("A line of words without any formula, as most of them are.", "A line of words"),
        "formula.png": ("$E=mc^2$", "E=mc^2"),
    }
    for name, (source, _) in said.items():
        Image.fromarray(_set(source)[1]).save(tmp_path / name)
    for name, (source, start) in said.items():
        done = docvlm("formula", tmp_path / name)
        assert done.returncode == 0 and done.stdout.startswith(start), done
        if name == "words.png":
            assert done.stdout == source + "\n"
    done = docvlm("formula", tmp_path / "words.png", "--kind", "formula")
    assert "A line of words" not in done.stdout
    assert docvlm("formula", tmp_path / "words.png", "--kind", "poem").returncode == 2


@needs_tex
def test_pages_of_a_pdf_are_passages_by_their_text_layer(tmp_path: Path) -> None:
    source = (
        r"\parbox{200pt}{Let $x>0$ be given, and then we go on with many words until the line ends with $y$.}"
    )
    data, _ = tex.set_pages([tex.Piece(source), tex.Piece("$E=mc^2$")], tex.FONTS["lm"][0])
    passage, formula = library.transcribe(data)
    assert isinstance(passage, library.Passage) and isinstance(formula, library.Formula)
    assert passage.markdown.startswith("Let $x>0$ be given, and then we go on") and passage.page == 1
    assert formula.latex == "E=mc^2" and formula.page == 2
    assert [type(each) for each in library.transcribe(data, kind="formula")] == [library.Formula] * 2
