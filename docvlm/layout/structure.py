"""How probably a block holds lines that belong together, in their order, between what is read before and after it.

A logistic map over what the page model says of the lines in the order in which they are written, which
`training/calibrate_pages.py` fits: whoever found the block, the page model is a witness.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from docvlm.layout.flow import Reading

FEATURES: Final = ("order", "joined", "before", "behind", "lines")
_LEAST = 0.01  # probability; less is as good as never


def features_of(
    lines: Sequence[int], before: int | None, behind: int | None, reading: Reading
) -> dict[str, float]:
    """What is known of a block whose ``lines`` are written in this order, after the line ``before`` and before the line
    ``behind``, as numbers of ordinary size by the names of `FEATURES`. Beside them, a path may begin or end there.
    """
    none, scores = len(reading.place), reading.scores
    starts = math.exp(scores.precedes[lines[0], none])
    ends = math.exp(scores.follows[lines[-1], none])
    pairs = list(itertools.pairwise(lines))
    return {
        "order": min((_log(reading.follows(a, b)) for a, b in pairs), default=0.0),
        "joined": min((_log(float(scores.joined[a, b, 0])) for a, b in pairs), default=0.0),
        "before": _log(max(starts, 0.0 if before is None else reading.follows(before, lines[0]))),
        "behind": _log(max(ends, 0.0 if behind is None else reading.follows(lines[-1], behind))),
        "lines": math.log(len(lines)),
    }


def _log(probability: float) -> float:
    return math.log(max(probability, _LEAST))
