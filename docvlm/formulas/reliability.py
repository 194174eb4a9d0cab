"""How far a formula can be believed: from what was written, and what it was written from, to one probability.

A logistic map over how sure the model was of its tokens and how far the letters are those of the page, which
`training/calibrate_formulas.py` fits to formulas with known LaTeX (`docvlm.calibration`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from docvlm.formulas.glyphs import RULE, Glyphs

FEATURES: Final = ("tokens", "least", "unsure", "length", "other-letters", "nameless")
_UNKNOWN = 0xFFFD
_PRIVATE = range(0xE000, 0xF8E0)  # what it was fitted with
_UNSURE = math.log(0.8)  # a token less likely than this is one that the model doubted


def features_of(log_probs: Sequence[float], agreement: float, glyphs: Glyphs) -> dict[str, float]:
    """What is known of a formula as numbers of ordinary size, by the names of `FEATURES`.

    ``log_probs`` are its tokens' natural logarithms, ``agreement`` how far its letters are those of ``glyphs``.
    """
    visible = glyphs.characters[glyphs.styles != RULE]
    nameless = (visible == _UNKNOWN) | ((visible >= _PRIVATE.start) & (visible < _PRIVATE.stop))
    return {
        "tokens": max(sum(log_probs), -6.0),
        "least": max(min(log_probs, default=0.0), -3.0),
        "unsure": min(sum(each < _UNSURE for each in log_probs), 6),
        "length": math.log(1 + len(log_probs)),
        "other-letters": min(1 - agreement, 0.5),
        "nameless": float(nameless.mean()) if len(visible) else 0.0,
    }
