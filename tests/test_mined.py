"""Formulas mined from the sources of documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from docvlm.formulas.tokens import LatexTokenizer
from training.text import mined
from training.text.mined import formulas_in, mine

_SOURCE = r"""
\documentclass{article}
\newcommand{\R}{\mathbb{R}} \def\norm#1{\lVert#1\rVert} \newcommand\half{\frac12}
\DeclareMathOperator*{\argmax}{arg\,max} \DeclareMathOperator\Tr{Tr}
\begin{document}
It costs 5\,\$ or \$6. % not $a+b$, this is a comment
Let $f\colon \R\to\R$ with \(\norm{f}\leq\half\), and \verb|$not+me$|.
A lost dollar $ in a paragraph,

and $x_1 < 7$ in the next. \[ \Tr A = \sum_i a_{ii}, \label{eq:trace} \]
\begin{verbatim}
$ echo $HOME
\end{verbatim}
$$ \hat x = \argmax_{x\in\R} p(x|y) $$
\begin{align}
  a &= b + c, \label{a} \\
    &= d \nonumber
\end{align}
\begin{eqnarray*} u & = & v \\ w & < & z \end{eqnarray*}
$\text{see \cite{knuth}}$ $filename$ $\ref{eq:trace}$ $2\,\hbox to 1cm{}$ $\sqrt{1 $
\end{document}
"""


def test_what_stands_between_marks_of_math_is_found() -> None:
    assert [each.text for each in formulas_in(_SOURCE)] == [
        r"f:\mathbb{R}\to\mathbb{R}",
        r"\|f\|\leq\frac{1}{2}",
        "x_1<7",
        r"\operatorname{Tr}A=\sum_ia_{ii},",
        r"\hat{x}=\operatorname*{arg\,max}_{x\in\mathbb{R}}p(x|y)",
        r"\begin{aligned}a & =b+c, \\ & =d\end{aligned}",
        "a=b+c,",
        "=d",
        r"\begin{aligned}u & =v \\ w & <z\end{aligned}",
        "u=v",
        "w<z",
    ]


def test_displays_are_told_from_formulas_in_lines() -> None:
    shown = {each.text: each.shown for each in formulas_in(r"$x+y$ \(x+z\) $$x-y$$ \[x-z\]")}
    assert shown == {"x+y": False, "x+z": False, "x-y": True, "x-z": True}


def test_documented_sources_are_read_where_they_document() -> None:
    source = "% Set $a_1$ and |$no_1$|. ^^A $no_2$\n\\def\\x{$no_3$}\n% \\[ b_1 \\]\n"
    assert [each.text for each in formulas_in(source, ".dtx")] == ["a_1", "b_1"]


def test_pages_hold_formulas_for_mathjax() -> None:
    page = r"""<p>Costs $5 or $6. <span class="math">\(x &lt; 2^y\)</span>, and 50%</p><pre>\(no_1\)</pre>
    <div class="math">\[\begin{split}a &amp;= b\\ c &amp;= d\end{split}\]</div> a regex \(<b>no_2</b>\)"""
    found = [each.text for each in formulas_in(page, ".html")]
    assert found[:2] == ["x<2^y", r"\begin{aligned}a & =b \\ c & =d\end{aligned}"]
    assert not [text for text in found if "no" in text]


def test_macros_that_call_themselves_come_to_an_end() -> None:
    assert not list(formulas_in(r"\def\a{\b}\def\b{\a\a} $\a+1$"))
    accent = r"\renewcommand{\vec}[1]{\vec{\mathbf{#1}}} $\vec x+1$"
    assert [each.text for each in formulas_in(accent)] == [r"\vec{\mathbf{x}}+1"]


def test_validation_has_sources_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mined, "_is_held_out", lambda path: path.parent.name == "kept")
    for folder, text in (
        ("a", "$x+y$ $x+z$"),
        ("b", "$y+x$ $x{+}y$"),
        ("kept", r"$x + y$ $u+v$ $\strange+1$"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "source.tex").write_text(text)
    tokenizer = LatexTokenizer.from_text(
        (Path(mined.__file__).parent / "tokenizer.json").read_text(encoding="utf-8")
    )
    assert [each.text for each in mine(tmp_path, tokenizer)] == ["x+y", "x+z", "y+x"]
    assert [each.text for each in mine(tmp_path, tokenizer, held_out=True)] == ["u+v"]
