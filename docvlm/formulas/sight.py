"""Glyphs as a network sees them, and how far a formula can be believed whose glyphs are but its opinion.

A logistic map over what the finder and the reading model say, which `training/calibrate_pictures.py` fits to pictures of
formulas with known LaTeX (`docvlm.calibration`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm import calibration
from docvlm.calibration import Calibration
from docvlm.formulas.finder import FinderRuntime, Found, find_glyphs
from docvlm.schema import Check

FEATURES: Final = ("glyphs", "least", "read")


@dataclass(frozen=True, slots=True)
class Doubt:
    """How sure a finder was of the glyphs with these ``probabilities`` (n,), and what that is worth."""

    probabilities: NDArray[np.float32]
    fitted: Calibration | None = None

    def features(self, read: float) -> dict[str, float]:
        """What is known, as numbers of ordinary size by the names of `FEATURES`; ``read`` is the probability that a
        formula is right if its glyphs are.
        """
        log_probs = np.log(self.probabilities.clip(1e-3))
        read = min(max(read, 0.01), 0.99)
        return {
            "glyphs": max(float(log_probs.sum()), -30.0),
            "least": float(log_probs.min(initial=0.0)),
            "read": math.log(read / (1 - read)),
        }

    def judged(self, read: float) -> tuple[float, list[Check]]:
        """The probability that a formula is what the picture shows; uncalibrated, as sure as its least sure glyph."""
        least = float(self.probabilities.min(initial=1.0))
        return calibration.judged(self.fitted, self.features(read), min(least, read))


@dataclass(frozen=True, slots=True)
class GlyphReader:
    """Reads glyphs off pictures with a glyph finder on any runtime; ``fitted`` says what its certainty is worth."""

    network: FinderRuntime
    fitted: Calibration | None = None

    def find(self, grey: NDArray[np.uint8]) -> Found:
        """The glyphs in a picture (H, W) of grey levels, in its pixels."""
        return find_glyphs(self.network, grey)

    def doubt(self, probabilities: NDArray[np.float32]) -> Doubt:
        """What the ``probabilities`` (n,) of some glyphs that it found say of them."""
        return Doubt(probabilities, self.fitted)
