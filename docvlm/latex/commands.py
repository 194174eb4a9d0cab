"""What LaTeX's math commands take and are: the tables that the parser and both printers share."""

from __future__ import annotations

from typing import Final

from docvlm.latex.symbols import GREEK, SYMBOLS


def names(text: str) -> frozenset[str]:
    """Names between blanks."""
    return frozenset(text.split())


def commands(text: str) -> frozenset[str]:
    """Names between blanks as commands, with their backslash."""
    return frozenset(f"\\{name}" for name in text.split())


def _pairs(text: str) -> dict[str, str]:
    split = (pair.partition(":")[::2] for pair in text.split())
    return {f"\\{old}": f"\\{new}" if new[0].isalpha() else new for old, new in split}


def _taking(parts: str, names: str) -> dict[str, str]:
    return dict.fromkeys(commands(names), parts)


# Values of TAKES for commands that part the group in which they stand: between two halves, or before all that follows.
INFIX: Final = "i"
SWITCH: Final = "r"
SIZES = frozenset(
    f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)
# What a command takes, a letter each: an option in brackets (o), math (m), words (w), words where a brace follows (g),
# a delimiter (d). Commands that are not here take nothing.
TAKES: Final[dict[str, str]] = (
    _taking(
        "m",
        """hat widehat tilde widetilde bar overline underline vec dot ddot dddot check acute grave breve mathring
        overrightarrow overleftarrow overleftrightarrow overbrace underbrace boxed cancel pmod
        mathbf mathbb mathcal mathscr mathfrak boldsymbol mathrm mathsf mathtt mathit
        bm pmb mathbfit mathbold Bbb mathnormal symbf symup boldmath
        mathop mathrel mathbin mathord mathopen mathclose mathpunct mathinner ensuremath smash hbox not""",
    )
    | _taking("mm", "frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel")
    | _taking("om", "sqrt xrightarrow xleftarrow")
    | _taking(
        "w",
        """text textrm mbox textnormal textup textbf textit textsf texttt emph operatorname operatorname*
        label tag tag* vspace vspace* phantom hphantom vphantom color ref eqref cite vskip tiny""",
    )
    | _taking("ww", "rule")
    | _taking("wm", "textcolor")
    | _taking("g", "hspace hspace* mspace hskip mskip kern mkern")
    | dict.fromkeys(SIZES | {r"\middle"}, "d")
    | _taking(INFIX, "over choose atop")
    | _taking(SWITCH, "bf rm it sf tt cal frak mit")
)
ROW_ENDS = frozenset({r"\cr", r"\newline"})

# Environments by the one that stands for them inside a display.
ENVIRONMENTS: Final[dict[str, str]] = (
    {name: name for name in names("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix cases array")}
    | dict.fromkeys(
        names("aligned align align* split eqnarray eqnarray* alignat alignat* alignedat flalign flalign*"),
        "aligned",
    )
    | dict.fromkeys(
        names("gathered gather gather* multline multline* multlined equation equation* displaymath math"),
        "gathered",
    )
    | {"smallmatrix": "matrix", "dcases": "cases", "psmallmatrix": "pmatrix", "bsmallmatrix": "bmatrix"}
)
# Those that may be followed by where they stand in their line, in brackets, and those followed by their columns.
PLACED = frozenset({"aligned", "gathered", "array"})
COLUMNED = frozenset({"array", "alignat", "alignat*", "alignedat"})

OPERATORS = commands(
    """arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln
    log max min Pr sec sin sinh sup tan tanh"""
)
# Names that authors spell with \mathrm, \text or \operatorname as they like.
OPERATOR_NAMES = names(
    """Tr tr rank diag Var Cov Corr E softmax sigmoid ReLU sgn sign span Re Im Hom End Aut Ker ker im Res res
    div curl grad rot erf erfc erfi sinc cosec cot arccot arsinh arcosh artanh sech csch ord lcm mod vol
    vec supp dom ran id conv cl int diam dist Spec Proj GL SL SO SU Sp Ad ad KL MSE logit poly polylog Li
    Ei Si Ci Bernoulli Poisson Binomial Beta Gamma Uniform Exp cov var std median mean prox proj card adj
    coker Ext Tor Gal Frac Ind LayerNorm Attention FFN MLP Concat argmax argmin esssup essinf"""
)

# --- commands that print the same, or nothing ---

SAME = _pairs(
    r"""le:leq ge:geq ne:neq rightarrow:to gets:leftarrow owns:ni land:wedge lor:vee lnot:neg iff:Longleftrightarrow
    implies:Longrightarrow impliedby:Longleftarrow lvert:| rvert:| vert:| lVert:\| rVert:\| Vert:\| lbrace:\{ rbrace:\}
    lbrack:[ rbrack:] lt:< gt:> colon:: dots:ldots dotsc:ldots dotso:ldots hdots:ldots dotsb:cdots dotsm:cdots
    dotsi:cdots ast:* thinspace:\, dfrac:frac tfrac:frac cfrac:frac dbinom:binom tbinom:binom stackrel:overset
    bm:boldsymbol pmb:boldsymbol mathbfit:boldsymbol mathbold:boldsymbol Bbb:mathbb doteqdot:Doteq hslash:hbar
    thicksim:sim thickapprox:approx intop:int smallint:int varlimsup:limsup
    varliminf:liminf ldotp:. cdotp:cdot mathdollar:\$ smallsetminus:setminus
    nobreakspace:\, enspace:quad enskip:quad longleftrightarrow:leftrightarrow longrightarrow:longrightarrow
    i:imath j:jmath vDash:models"""
) | {r"\:": r"\,", r"\;": r"\,", r"\>": r"\,", r"\ ": r"\,", "~": r"\,"}  # fmt: skip
# What only a typesetter sees.
DROPPED = commands(
    """! displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits nonumber notag
    mathstrut strut hline allowbreak nobreak relax null break cr hfill hfil mathsurround noindent /
    - normalfont upshape centering protect"""
)
# What makes fences grow.
TALL = commands(
    """frac binom overset underset overbrace underbrace substack left begin sum prod coprod int iint iiint
    oint bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge bigsqcup
    biguplus sqrt lim limsup liminf"""
)
# Commands that print one letter, or a sign that is bold with its surroundings.
LETTERS = frozenset(GREEK.values()) | commands(r"nabla partial ell hbar imath jmath infty cdot times")
# Commands that are known by name. A group behind one is its own only where TAKES says so.
KNOWN = (
    LETTERS
    | OPERATORS
    | TALL
    | {latex for latex in SYMBOLS.values() if latex[1:].isalpha()}
    | {new for new in SAME.values() if new.startswith("\\")}
    | commands(
        """emptyset varnothing aleph beth Re Im wp prime top bot angle triangle backslash forall exists neg flat
    natural sharp clubsuit diamondsuit heartsuit spadesuit pm mp setminus cdot times star diamond circ
    bullet div cap cup uplus sqcap sqcup triangleleft triangleright wr bigcirc vee wedge oplus ominus
    otimes oslash odot dagger ddagger amalg leq prec preceq ll subset subseteq sqsubseteq in vdash smile
    frown geq succ succeq gg supset supseteq sqsupseteq ni dashv mid parallel equiv sim simeq asymp
    approx cong bowtie propto models doteq perp leftarrow Leftarrow to Rightarrow leftrightarrow
    Leftrightarrow mapsto hookleftarrow hookrightarrow leftharpoonup rightharpoonup rightleftharpoons
    longleftarrow Longleftarrow longrightarrow Longrightarrow Longleftrightarrow longmapsto uparrow
    Uparrow downarrow Downarrow updownarrow nearrow searrow swarrow nwarrow leadsto ldots cdots vdots
    ddots lesssim gtrsim leqslant geqslant nleq ngeq subsetneq supsetneq nsubseteq blacksquare square
    lozenge bigstar therefore because complement coloneqq eqqcolon ltimes rtimes quad qquad langle rangle
    lfloor rfloor lceil rceil bmod S P dag ddag copyright pounds digamma varkappa eth mho Bbbk triangleq
    circledast boxplus boxtimes upharpoonright lessgtr curlyeqprec precsim succsim Doteq checkmark
    maltese surd"""
    )
)

# Fonts that mark single symbols, and fonts that set words.
SYMBOL_FONTS = commands("mathbf mathbb mathcal mathscr mathfrak boldsymbol")
WORD_FONTS = commands("mathrm mathsf mathtt mathit")
SPACES = (r"\,", r"\quad", r"\qquad")  # from narrow to wide

# --- what may be set: commands that only print ---

SET_SYMBOLS = commands(
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
    enspace cdotp ldotp smallsetminus blacktriangle circledast diamond Box Diamond bmod
    Bbbk Doteq beth bigcirc blacklozenge blacktriangledown boxplus boxtimes clubsuit copyright curlyeqprec dag ddag
    diamondsuit digamma eqqcolon eth flat frown heartsuit leftharpoonup lessgtr maltese mho natural ngeq nleq nsubseteq
    oslash pounds precsim sharp smile spadesuit sqsubseteq sqsupseteq succsim supsetneq triangleleft triangleright
    upharpoonright varkappa wr"""
)
SET_OPERATORS = commands(
    """sum prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge
    bigsqcup biguplus lim limsup liminf max min sup inf det argmax argmin"""
)
SET_WITH_ARGUMENTS = commands(
    """sqrt overline underline hat widehat tilde widetilde bar vec dot ddot dddot check acute grave breve
    overrightarrow overleftarrow overleftrightarrow mathring overbrace underbrace boxed mathbf mathrm mathit
    mathsf mathtt mathcal mathscr mathbb mathfrak boldsymbol pmod phantom hphantom vphantom cancel operatorname
    operatorname* xrightarrow xleftarrow smash frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel"""
)
SET_TEXTS = commands("text textrm textbf textit textsf texttt mbox textnormal")
SET_PUNCTUATION = frozenset("\\" + c for c in ",;:!> {}|%$#&_")
SET_DELIMITERS = names(
    r"""( ) [ ] | / . < > \{ \} \| \lbrace \rbrace \lbrack \rbrack \langle \rangle \lfloor \rfloor \lceil
    \rceil \vert \Vert \lvert \rvert \lVert \rVert \uparrow \downarrow \backslash"""
)
SET_ENVIRONMENTS = {
    name: ENVIRONMENTS[name]
    for name in names(
        """matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix cases array aligned align align* split eqnarray eqnarray*
        alignat gathered gather gather* equation equation* multline multline*"""
    )
} | {"smallmatrix": "smallmatrix"}
# Commands that amsmath does not have, or that need a package beside it.
SUBSTITUTES = {
    r"\argmax": r"\operatorname*{arg\,max}",
    r"\argmin": r"\operatorname*{arg\,min}",
    r"\degree": r"{{}^{\circ}}",
    r"\coloneqq": ":=",
    r"\eqqcolon": "=:",
    r"\thinspace": r"\,",
    r"\cancel": "",
}
