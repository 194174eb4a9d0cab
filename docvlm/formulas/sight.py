"""How far a formula can be believed that was read from pixels, where its glyphs themselves are an opinion.

A logistic map over what the finder and the reading model say, which `training/calibrate_pictures.py` fits to pictures of
formulas with known LaTeX.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

# By python -m training.calibrate_pictures --count 900:
# 450 pictures, 0.48 right; of 446 others 0.54 right, ECE 0.061, AUROC 0.84.
BIAS: Final = 1.196
WEIGHTS: Final[dict[str, float]] = {
    "glyphs": 0.059,
    "least": 0.866,
    "read": 0.432,
}


def features_of(probabilities: NDArray[np.float32]) -> dict[str, float]:
    """What the finder knows, as numbers of ordinary size, from the ``probabilities`` (n,) of its glyphs."""
    log_probs = np.log(probabilities.clip(1e-3))
    return {
        "glyphs": max(float(log_probs.sum()), -30.0),
        "least": float(log_probs.min(initial=0.0)),
    }


def known(features: dict[str, float], read: float) -> dict[str, float]:
    """``features`` with ``read``, the probability that a formula is right if its glyphs are, by the names of `WEIGHTS`."""
    read = min(max(read, 0.01), 0.99)
    return features | {"read": math.log(read / (1 - read))}


def probability(features: dict[str, float], read: float) -> float:
    """The probability that a formula is what the picture shows."""
    z = BIAS + sum(WEIGHTS[name] * value for name, value in known(features, read).items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
