"""When a decoder is stuck: the one rule by which every model's generation is stopped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LONGEST_PERIOD = 64
WINDOW = 8 * LONGEST_PERIOD


def stuck_period(tokens: NDArray[np.int64]) -> int | None:
    """The period in tokens at which the end of ``tokens`` (n,) repeats itself, or ``None`` while it does not.

    A phrase counts as stuck once it stands there 8 times and over at least 64 tokens: dots that lead to page
    numbers and empty table rows repeat rightly, but not for that long. Only the last :data:`WINDOW` tokens
    are looked at.
    """
    tail = tokens[-WINDOW:]
    for period in range(1, min(LONGEST_PERIOD, len(tail) // 8) + 1):
        needed = max(64, 8 * period)
        if len(tail) >= needed:
            end = tail[len(tail) - needed :]
            if np.array_equal(end[period:], end[:-period]):
                return period
    return None


def without_repetition(tokens: NDArray[np.int64], period: int) -> int:
    """How many of ``tokens``, which end repeating at ``period``, stand up to the phrase's first occurrence's end."""
    differs = np.flatnonzero(tokens[period:] != tokens[:-period])
    start = int(differs[-1]) + 1 if len(differs) else 0
    return start + period
