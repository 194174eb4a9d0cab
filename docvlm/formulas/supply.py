"""A formula prints each letter as often as its crop shows it, so what may still be written follows from the glyphs.

The network sees the glyphs, but it also spells what it knows: ``\\coth`` where the page has a c and an h. Letters and
digits are held to what is shown, since all fonts name those; operators and fences are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.decoding.grammar import Stock
from docvlm.formulas.checks import all_letters, letters_of, letters_shown
from docvlm.formulas.codes import GlyphCodes, code_points
from docvlm.formulas.detokenizer import SPECIALS
from docvlm.formulas.glyphs import EXTENSION, FIRST_PRINTED, PRIVATE_USE, RULE
from docvlm.latex import LatexError

_COLUMN: Final = {letter: column for column, letter in enumerate(all_letters())}


def printed_letters(vocabulary: Mapping[str, int]) -> NDArray[np.float32]:
    """(tokens, letters): how often each token of a reading model prints each letter or digit."""
    uses = np.zeros((max(vocabulary.values()) + 1, len(_COLUMN)), np.float32)
    for token, number in vocabulary.items():
        if token in SPECIALS:
            continue
        for letter in _printed(token):
            uses[number, _COLUMN[letter]] += 1
    return uses


def letter_stock(uses: NDArray[np.float32], crops: Sequence[GlyphCodes]) -> Stock:
    """What each crop shows of the letters that tokens print. A glyph without a known name may be any of them."""
    amounts = np.zeros((len(crops), len(_COLUMN)), np.float32)
    for row, crop in enumerate(crops):
        characters = code_points(crop.characters)
        nameless = (characters < FIRST_PRINTED) | (
            (characters >= PRIVATE_USE.start) & (characters < PRIVATE_USE.stop)
        )
        amounts[row] = (nameless & (crop.styles != RULE) & (crop.styles != EXTENSION)).sum()
        for letter in letters_shown(characters, crop.styles):
            amounts[row, _COLUMN[letter]] += 1
    return Stock(uses, amounts)


def _printed(token: str) -> str:
    """The letters of a token, which may be the opening half of a command; none where it is no formula by itself."""
    for whole in (token, token + "}"):
        try:
            return letters_of(whole)
        except LatexError:
            continue
    return ""
