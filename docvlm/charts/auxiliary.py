"""OneChart's auxiliary token: the numbers that its head saw in the picture, against those that the answer gives."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from docvlm import checks
from docvlm.confidence import DOUBTED, combine
from docvlm.schema import Check, Confidence

_FLAT = 1e-12  # of the largest number; numbers that differ by less are equal but for rounding
_FARTHEST = 1e6  # outputs that far from [0, 1] are as wrong as can be; their sum must not overflow


def auxiliary_distance(text_numbers: ArrayLike, head_numbers: ArrayLike) -> float | None:
    """Mean absolute difference between a text's numbers, min-max normalized, and the auxiliary head's output.

    The k-th number is compared to the k-th output, as many as there are of both; what is NaN or infinite on
    either side takes no part. ``None`` where nothing can be said: fewer than two numbers, all of them equal
    (a normalization that the head never learned), or no output to compare to.
    """
    text = np.asarray(text_numbers, dtype=np.float64).ravel()
    head = np.asarray(head_numbers, dtype=np.float64).ravel()
    known = text[np.isfinite(text)]
    if len(known) < 2:
        return None
    # Halves, so that the span of the largest floats is finite.
    low, span = known.min() / 2, known.max() / 2 - known.min() / 2
    if span <= _FLAT * np.abs(known).max():
        return None
    count = min(len(text), len(head))
    with np.errstate(over="ignore", invalid="ignore"):
        differences = np.abs((text[:count] / 2 - low) / span - head[:count])
    differences = np.minimum(differences[np.isfinite(differences)], _FARTHEST)
    return float(differences.mean()) if len(differences) else None


def check(distance: float | None) -> Check:
    """OneChart's verdict on an :func:`auxiliary_distance`: below its limit the head saw what the text gives."""
    limit = checks.AUXILIARY_DISTANCE.limit
    assert limit is not None
    return checks.AUXILIARY_DISTANCE(distance, passed=distance is not None and distance < limit)


def chart_score(distance: float | None, log_probs: Sequence[float]) -> float:
    """An estimate in [0, 1] that a OneChart's answer is right.

    Set by hand, not fitted: the geometric mean of the tokens' probabilities, times a factor that falls from 1
    at distance 0 over 0.85 at OneChart's limit to 0 at two thirds, or is 0.6 where there is no distance; at most
    one half where OneChart does not believe the answer. It orders answers sensibly; it is no measured probability
    until it is fitted to charts with known data.
    """
    agreement = 0.6 if distance is None else max(0.0, 1 - 1.5 * distance)
    certainty = math.exp(min(0.0, sum(log_probs) / len(log_probs))) if log_probs else 0.0
    return min(agreement * certainty, 1.0 if check(distance).passed else DOUBTED)


def of_auxiliary(distance: float | None, log_probs: Sequence[float]) -> Confidence:
    """Confidence in a chart that a model with an auxiliary head has read."""
    return combine(chart_score(distance, log_probs), [check(distance)])
