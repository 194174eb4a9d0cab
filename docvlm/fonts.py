"""What the name of a font says about its letters.

A name is the file's, with or without a subset's prefix ("ABCDEF+CMMI10"), which says nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_KEPT = 1000  # names whose look is remembered; a document has some tens


class Look(NamedTuple):
    """The look of a font in a line of text."""

    bold: bool
    italic: bool
    mono: bool
    hangs: bool  # large delimiters and operators, whose glyphs hang from their baselines


class Names(NamedTuple):
    """Patterns for the names of fonts of one look: as text is judged by it, and as formulas are.

    They differ in what is no fact but a use: a bold or slanted letter of a formula makes no word of its line bold or
    slanted, and the reader of formulas knows fonts by the classes that it was trained on.
    """

    text: re.Pattern[str]
    formula: re.Pattern[str]


def face(font: str) -> str:
    """A font's name without a subset's prefix."""
    return font.partition("+")[2] or font


@lru_cache(maxsize=_KEPT)
def is_mathematical(font: str) -> bool:
    """Whether a font is made for formulas."""
    return _MATHEMATICAL.search(face(font)) is not None


@lru_cache(maxsize=_KEPT)
def look_of(font: str) -> Look:
    """The look of a font of text."""
    name = face(font)
    return Look(*(names.text.search(name) is not None for names in (BOLD, ITALIC, MONO, EXTENSION)))


_MATHEMATICAL = re.compile(
    r"cmmi|cmb?sy|cmex|msam|msbm|euf[mb]|eur[mb]|eus[mb]|euex|rsfs|mt2?mi|mt2?sy|symbol(?!s)|standardsym|wasy|esint|bbm|dsrom"
    r"|math(?!design-..-(?:regular|bold)-(?:ot|t1))"  # those two lend brackets to text
    r"|katex_|mjx-|new[tp]xb?mi|[tp]xb?mia?|[tp]xb?sy|[tp]xexs?|--m-|pazomath",
    re.I,
)


def _names(both: str, text: str = "", formula: str = "") -> Names:
    return Names(*(re.compile("|".join(filter(None, (both, more))), re.I) for more in (text, formula)))


BOLD = _names(
    r"bold|black|heavy|demi|[-,]bd|cmbx|cmssbx|sfbx|-b$|libertinetz",
    formula=r"cmmib|cmbsy|sfrb|xbmi|bmi\d*$|eurb|eufb|kp-.*medium",
)
ITALIC = _names(r"ital|obli|cmti|cmsl|sfti|-it$", formula=r"cmmi|mathit|[tp]xb?mi|^eur[mb]\d|b?mi\d*$")
MONO = _names(
    r"mono|courier|consol|cmtt|typewriter|lmtt|sftt",
    text=r"menlo|inconsolata|letter-?gothic|monaco|andale",
    formula=r"[tx]tt$|^tt-",
)
# TeX's large delimiters and operators, which hang from their baselines.
EXTENSION = _names(
    r"cmex|euex|math-?ext|[tp]xexs?|-ex-", formula=r"ntxexx|-ex$|regular-ex|esint|wasy|mathx\d"
)

# Looks that only formulas have.
SANS = re.compile(r"sans|cmss|sfss|lmss|helv|arial|-ss|^sf-", re.I)
BLACKBOARD = re.compile(
    r"msbm|(?:katex|mathjax)_ams|bbm|dsrom|black-?board|double-?struck|bbold|[tp]xsyb|m-syb|hfbrbs", re.I
)
FRAKTUR = re.compile(r"euf[mb]|frak", re.I)
SCRIPT = re.compile(r"rsfs|script|scr\d|callig|mathscr|chancery|m-syd", re.I)
SYMBOL = re.compile(
    r"cmb?sy|_caligraphic|eus[mb]|math-?symb|math-cal|[tp]xb?sy|msam|-sy[a-z]*(-|$)|^symbol|regular-sy|mathsy|mnsymbol|fdsymbol|hfbras|hfbrsy"
    r"|math[ab]\d",
    re.I,
)
# MathDesign's letters of AMS have the name of its slanted ones where MuPDF cuts it off, but do not slant.
MATHDESIGN = re.compile(r"^mathdesign-..-(regular|bold)-ma", re.I)
