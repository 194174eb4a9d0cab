"""LaTeX in one spelling: what is the same becomes the same, what is not does not, and twice is as good as once."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docvlm.latex import LatexError, join, normalize, pieces, sound
from training.text.formulas import Sampler
from training.text.prose import Writer

SAME = {
    r"x^{2}_{i}": "x_i^2",
    r"x^2_i": "x_i^2",
    r"f^{\prime\prime}(x)": "f''(x)",
    r"f'^{2}_i": "f_i'^2",
    r"\frac12": r"\frac{1}{2}",
    r"{a \over b+c}": r"\frac{a}{b+c}",
    r"{n \choose k}": r"\binom{n}{k}",
    r"\dfrac{a}{b}": r"\frac{a}{b}",
    r"a \le b \ne c \rightarrow d": r"a\leq b\neq c\to d",
    r"\not= \not\in": r"\neq\notin",
    r"\left( x + 1 \right)": "(x+1)",
    r"\left(\frac12\right)": r"\left(\frac{1}{2}\right)",
    r"\bigl( x \bigm| y \bigr)": r"\bigl(x\big|y\bigr)",
    r"\lVert x\rVert": r"\|x\|",
    r"{\bf x}+\mathbf{Ay}": r"\mathbf{x}+\mathbf{A}\mathbf{y}",
    r"\bm{\theta}": r"\boldsymbol{\theta}",
    r"x_{\text{max}} + x_{\rm eff}": r"x_{\max}+x_{\mathrm{eff}}",
    r"\mathrm{Tr} A, \text{Tr} A, \operatorname{Tr} A": r"\operatorname{Tr}A,\operatorname{Tr}A,\operatorname{Tr}A",
    r"\operatorname{argmax}_x": r"\operatorname*{argmax}_x",
    r"1 \text{ if } x": r"1\,\text{if}\,x",
    r"\text{for $x>0$}": r"\text{for}\,x>0",
    r"a\;b\ c\quad\,d~": r"a\,b\,c\quad d",
    r"\int\limits_0^1 f\!\left(x\right) dx": r"\int_0^1f(x)dx",
    r"{{a}}{b}^{{c}}": "ab^c",
    r"{a^b}^c": "{a^b}^c",
    r"{}^{14}\mathrm{C}": r"{}^{14}\mathrm{C}",
    r"\left[\begin{array}{cc} a&b\\c&d\end{array}\right]": r"\begin{bmatrix}a & b \\ c & d\end{bmatrix}",
    r"\left\{\begin{array}{ll}1&x\\0&y\end{array}\right.": r"\begin{cases}1 & x \\ 0 & y\end{cases}",
    r"\begin{align*}a&=b\\c&=d\\\end{align*}": r"\begin{aligned}a & =b \\ c & =d\end{aligned}",
    r"\begin{equation}\label{e}E=mc^2\tag{1}\end{equation}": "E=mc^2",
    r"\begin{bmatrix}[a]&b\end{bmatrix}": r"\begin{bmatrix}[a] & b\end{bmatrix}",
    r"\begin{aligned}[t]{}[a]&=b\\c&\end{aligned}": r"\begin{aligned}{}[a] & =b \\ c\end{aligned}",
    r"a\\[2pt]b": r"\begin{gathered}a \\ b\end{gathered}",
    r"\[ x \]": "x",
    r"$$x$$": "x",
    "α ≤ β−1": r"\alpha\leq\beta-1",
    r"\color{red}x\phantom{y}\label{z}": "x",
    r"\text{95\% CI \& more}": r"\text{95}\%\,\mathrm{CI}\,\&\,\mathrm{more}",
    r"\alpha*\beta^*": r"\alpha*\beta^{*}",
    r"\stackrel{d}{=}": r"\overset{d}{=}",
    r"\mathop{\rm Tr}\nolimits x": r"\operatorname{Tr}x",
    r"x % comment": "x",
    "x\\ ": "x",
    "": "",
}


@pytest.mark.parametrize("source", SAME)
def test_one_spelling(source: str) -> None:
    assert normalize(source) == SAME[source]
    assert normalize(SAME[source]) == SAME[source]


@pytest.mark.parametrize(
    "source",
    [r"\frac{a}", "{a", "a}", r"\left(a", r"a\right)", r"\begin{cases}a", "x^", r"\begin{verse}a\end{verse}"],
)
def test_what_does_not_balance_is_refused(source: str) -> None:
    with pytest.raises(LatexError):
        normalize(source)


def test_deep_nesting_is_refused_and_does_no_harm() -> None:
    with pytest.raises(LatexError):
        normalize("{" * 5000 + "}" * 5000)


_SOUP = r"""a b x 1 2 + - = ( ) [ ] | , . ' ^ _ { } {} {a} {ab} & \\ * < ~ % $ # é ∑ \, \; \quad \alpha \sum \int \frac
\sqrt \sqrt[3] \hat \bar \mathbf \mathbb \mathrm \mathrm{ab} \mathit \boldsymbol \text \text{if} \text{a} \text{Tr}
\operatorname \operatorname{Tr} \left( \right) \left. \right| \left\{ \middle| \big( \bigr) \over \not \prime \bf \rm \limits
\begin{pmatrix} \end{pmatrix} \begin{aligned} \end{aligned} \begin{array}{cc} \end{array} \begin{cases} \end{cases} \substack
\overset \underbrace \foo \foo{a}{b} \max \lim \tag{1} \label{a} \ldots \mathcal{L} \displaystyle \relax \| \{ \}"""


@settings(max_examples=400)
@given(st.lists(st.sampled_from(_SOUP.split()), max_size=14))
def test_normalizing_twice_changes_nothing(tokens: list[str]) -> None:
    try:
        once = normalize(" ".join(tokens))
    except LatexError:
        return
    assert normalize(once) == once
    assert join(pieces(once)) == once


SOUND = {
    r"x^2 + \frac12 \text{if $x$}": r"x^{2}+\frac{1}{2}\text{if x}",
    r"x_\max^2": r"x_{\max}^{2}",
    r"x^2^3": r"x^{2}{}^{3}",
    r"x^\frac12": r"x^{\frac{1}{2}}",
    r"\alpha*\beta^*": r"\alpha*\beta^{*}",
    r"50% of x": r"50\%ofx",
    r"\xrightarrow[a]{b}_\max": r"\xrightarrow[{a}]{b}_{\max}",
    r"a &= b \text{ for all } c \\*[2pt] [d]": "\\begin{aligned}\na & =b\\text{ for all }c \\\\\n{}[d]\n\\end{aligned}",
    "a \\text{if\nb} \\\\ [\\alpha]": "\\begin{gathered}\na\\text{if b} \\\\\n{}[\\alpha]\n\\end{gathered}",
    r"\begin{aligned}[t] [a] \end{aligned}": "\\begin{aligned}\n{}[a]\n\\end{aligned}",
    r"\begin{array}{c@{x}c} a & b \end{array}^2^3": "\\begin{array}{cc}\na & b\n\\end{array}^{2}{}^{3}",
    r"\text é": r"\text{é}",
    r"\tag{ 3 }": r"\text{(3)}",
    r"\sum\limits_a x\limits": r"\sum\limits_{a}x",
    r"\operatorname\mathbb{E}x": r"\operatorname{\mathbb{E}}x",
    r"\input{x}^2": r"\text{\input}{x}^{2}",
    r"{a \over b}^2": r"{a\text{\over}b}^{2}",
    r"\cancel{x} \label{a^2} \middle| \degree": r"{x}|{{}^{\circ}}",
    "": "{}",
}


@pytest.mark.parametrize("source", SOUND)
def test_what_is_set_is_balanced_and_known(source: str) -> None:
    assert sound(source, str) == SOUND[source]


@pytest.mark.parametrize(
    "source", [r"\frac{1}", "}{", r"\left(", "x^", r"\begin{verse}a\end{verse}", r"\big x", "{" * 99]
)
def test_what_cannot_be_balanced_is_not_set(source: str) -> None:
    assert sound(source, str) is None


def test_a_formula_that_needs_no_change_keeps_its_spaces_and_braces() -> None:
    source = r"\frac{ a }{b} + {x}^{ 2 } \text{ if } x"
    assert sound(source, str) == source


@settings(max_examples=400)
@given(st.lists(st.sampled_from(_SOUP.split()), max_size=14))
def test_setting_twice_changes_nothing(tokens: list[str]) -> None:
    once = sound(" ".join(tokens), lambda _: "w")
    assert once is None or sound(once, lambda _: "w") == once


@pytest.mark.parametrize("held_out", [False, True])
def test_what_is_drawn_is_sound(held_out: bool) -> None:
    sampler, writer = Sampler(random.Random(7), held_out), Writer(random.Random(8), held_out)
    for _ in range(150):
        for source in (sampler.display(), sampler.inline()):
            once = normalize(source)
            assert normalize(once) == once, source
            assert join(pieces(once)) == once
        markdown, _ = writer.line()
        assert markdown.count("$") % 2 == 0


def test_the_same_seed_draws_the_same() -> None:
    first, second = Sampler(random.Random(3)), Sampler(random.Random(3))
    assert [first.display() for _ in range(20)] == [second.display() for _ in range(20)]
