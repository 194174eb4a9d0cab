r"""Fractions of numbers, and mixed numbers such as ``1\frac{1}{2}``: their glyphs say without a model what they are.

School books set them smaller or larger than TeX does, so that the model takes the fraction behind a number for a power.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, RULE, TOP, Glyphs

_BESIDE = 0.5  # points by which numbers may reach beyond their bar
_AXIS = (
    0.35,
    0.9,
)  # of a number's height from above, where the bar of the fraction behind it is; powers stand higher
_MOST = 8  # glyphs


def mixed_number(glyphs: Glyphs) -> str | None:
    """The LaTeX of a fraction of two whole numbers, be it behind a third one; None where it is anything else."""
    is_rule = glyphs.styles == RULE
    if is_rule.sum() != 1 or not 2 < len(glyphs) <= _MOST:
        return None
    text = [chr(char) if char else "" for char in glyphs.characters]
    if not all(char.isascii() and char.isdigit() for char, rule in zip(text, is_rule) if not rule):
        return None
    places, rule = glyphs.places, glyphs.places[is_rule][0]
    y = float(rule[TOP] + rule[BOTTOM]) / 2
    along = ~is_rule & (places[:, LEFT] > rule[LEFT] - _BESIDE) & (places[:, RIGHT] < rule[RIGHT] + _BESIDE)
    above, below = along & (places[:, BOTTOM] < y + _BESIDE), along & (places[:, TOP] > y - _BESIDE)
    depth = (y - places[:, TOP]) / np.maximum(places[:, BOTTOM] - places[:, TOP], _BESIDE)
    before = (
        ~is_rule & (places[:, RIGHT] < rule[LEFT] + 2 * _BESIDE) & (depth > _AXIS[0]) & (depth < _AXIS[1])
    )
    if not (above.any() and below.any() and (above | below | before | is_rule).all()):
        return None

    def said(where: NDArray[np.bool_]) -> str:
        return "".join(text[number] for number in np.flatnonzero(where)[np.argsort(places[where, LEFT])])

    return rf"{said(before)}\frac{{{said(above)}}}{{{said(below)}}}"
