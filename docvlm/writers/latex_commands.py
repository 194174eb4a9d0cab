"""The LaTeX math commands that a formula may use: all of them only set symbols."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYMBOLS = _names(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
    varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi
    Sigma Upsilon Phi Psi Omega leftarrow uparrow rightarrow downarrow leftrightarrow updownarrow mapsto
    Leftarrow Rightarrow Leftrightarrow Uparrow Downarrow longrightarrow longleftarrow Longrightarrow
    Longleftarrow longleftrightarrow Longleftrightarrow longmapsto nearrow searrow swarrow nwarrow
    hookrightarrow hookleftarrow rightleftharpoons leadsto rightharpoonup to gets iff implies impliedby
    ast circ bullet cdot surd infty propto angle mid nmid parallel wedge vee cap cup land lor lnot neg
    not therefore because sim simeq cong approx ne neq equiv le leq ge geq ll gg prec succ preceq succeq
    subset supset subseteq supseteq subsetneq sqcup sqcap oplus ominus otimes odot vdash dashv models
    top bot perp forall exists nexists emptyset varnothing partial nabla in notin ni mp pm times div
    setminus star dagger ddagger lesssim gtrsim leqslant geqslant asymp doteq triangleq coloneqq vDash
    bowtie ltimes rtimes amalg uplus cdots ldots dots vdots ddots dotsc dotsb ell hbar Re Im aleph wp
    imath jmath prime square blacksquare triangle lozenge bigstar checkmark complement backslash quad
    qquad colon lceil rceil lfloor rfloor langle rangle lvert rvert lVert rVert vert Vert lbrace rbrace
    lbrack rbrack arccos arcsin arctan arg cos cosh cot coth csc deg dim exp gcd hom ker lg ln log sec
    sin sinh tan tanh Pr S P degree displaystyle textstyle scriptstyle scriptscriptstyle thinspace
    enspace cdotp ldotp smallsetminus blacktriangle circledast diamond Box Diamond"""
)
OPERATORS = _names(
    """sum prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge
    bigsqcup biguplus lim limsup liminf max min sup inf det argmax argmin"""
)
_ONE = _names(
    """sqrt overline underline hat widehat tilde widetilde bar vec dot ddot check acute grave breve
    overrightarrow overleftarrow mathring overbrace underbrace boxed mathbf mathrm mathit mathsf mathtt
    mathcal mathbb mathfrak boldsymbol pmod phantom hphantom vphantom cancel operatorname xrightarrow
    xleftarrow smash"""
)
_TWO = _names("frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel")
ARITY = dict.fromkeys(_ONE, 1) | dict.fromkeys(_TWO, 2) | {"bmod": 0}
TEXTS = _names("text textrm textbf textit textsf texttt mbox textnormal")
SIZES = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
DELIMITERS = _names(
    r"""( ) [ ] | / . < > \{ \} \| \lbrace \rbrace \lbrack \rbrack \langle \rangle \lfloor \rfloor \lceil
    \rceil \vert \Vert \lvert \rvert \lVert \rVert \uparrow \downarrow \backslash"""
)

# Environments by what stands for them inside a display.
ENVIRONMENTS = (
    {name: name for name in _names("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases array")}
    | dict.fromkeys(_names("aligned align align* split eqnarray eqnarray* alignat"), "aligned")
    | dict.fromkeys(_names("gathered gather gather* equation equation* multline multline*"), "gathered")
)
PUNCTUATION = frozenset("\\" + c for c in ",;:!> {}|%$#&_")

# Commands that amsmath does not have, or that need a package beside it.
OWN = {
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "degree": r"{{}^{\circ}}",
    "coloneqq": ":=",
    "thinspace": r"\,",
    "cancel": "",
}
