"""OneChart's structural-extraction score (after StructChart's SCRM), written from its definition, and relatives.

A chart is a set of triples (series, category, value). Two triples match when both names lie within an edit distance J
and the values within a relative error e: strict J=0 e=0, slight J=2 e=0.05, high J=5 e=0.10. A chart's score is the
intersection over union of the matched triples, AP the mean over the thresholds 0.5, 0.55, ..., 0.95 of the share of charts
that reach them. *Names bound* means that a name which occurs on both sides matches only itself: without it, an edit
distance of 2 takes 2015 for 2016.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
from rapidfuzz.distance import Levenshtein

Level = Literal["strict", "slight", "high"]
TOLERANCES: Final[dict[Level, tuple[int, float]]] = {
    "strict": (0, 0.0),
    "slight": (2, 0.05),
    "high": (5, 0.10),
}
THRESHOLDS: Final = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))

Triple = tuple[str, str, float]


def triples(values: Mapping[str, Any]) -> list[Triple]:
    """The triples of a chart's ``values``: ``{category: number}``, or nested by series. Missing numbers are left out."""
    found: list[Triple] = []
    for name, value in values.items():
        nested = value.items() if isinstance(value, Mapping) else [(name, value)]
        series = _folded(name) if isinstance(value, Mapping) else ""
        for category, number in nested:
            if number is not None and math.isfinite(number):
                found.append((series, _folded(str(category)), float(number)))
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def overlap(predicted: Sequence[Triple], truth: Sequence[Triple], level: Level) -> float:
    """Intersection over union of the triples that match one to one, in [0, 1]; 1 where both are empty."""
    if not predicted or not truth:
        return float(not predicted and not truth)
    edits, error = TOLERANCES[level]
    series = _matches({a[0] for a in predicted}, {b[0] for b in truth}, edits)
    categories = _matches({a[1] for a in predicted}, {b[1] for b in truth}, edits)
    options = [
        [
            number
            for number, b in enumerate(truth)
            if (a[0], b[0]) in series and (a[1], b[1]) in categories and _close(a[2], b[2], error)
        ]
        for a in predicted
    ]
    matched = _matched(options)
    return matched / (len(predicted) + len(truth) - matched)


def _matches(predicted: set[str], truth: set[str], edits: int) -> set[tuple[str, str]]:
    """Pairs of names that may stand for each other, names bound."""
    both = predicted & truth
    pairs = {(name, name) for name in both}
    for a in predicted - both:
        for b in truth - both:
            if Levenshtein.distance(a, b, score_cutoff=edits) <= edits:
                pairs.add((a, b))
    return pairs


def _close(predicted: float, truth: float, error: float) -> bool:
    # A float's last digits are no error even at zero tolerance.
    return abs(predicted - truth) / (abs(truth) + 1e-6) <= error + 1e-9


def _matched(options: Sequence[Sequence[int]]) -> int:
    """Size of the largest one-to-one matching (Kuhn's augmenting paths)."""
    taken: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for number in options[row]:
            if number not in seen:
                seen.add(number)
                if number not in taken or place(taken[number], seen):
                    taken[number] = row
                    return True
        return False

    return sum(place(row, set()) for row in range(len(options)))


def average_precision(overlaps: Sequence[float]) -> float:
    """AP of charts by their overlaps; NaN without charts."""
    if not overlaps:
        return math.nan
    return float(np.mean([[value >= threshold - 1e-9 for value in overlaps] for threshold in THRESHOLDS]))


def auroc(scores: Sequence[float], right: Sequence[bool]) -> float:
    """Probability that a right chart has a higher score than a wrong one, ties counted half; NaN without both."""
    good = np.asarray([s for s, r in zip(scores, right, strict=True) if r])
    bad = np.asarray([s for s, r in zip(scores, right, strict=True) if not r])
    if not len(good) or not len(bad):
        return math.nan
    return float((good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean())


def title_similarity(predicted: str | None, truth: str | None) -> float:
    """1 minus the normalized edit distance of the titles, 1 where both are missing."""
    return 1.0 - Levenshtein.normalized_distance(_folded(predicted or ""), _folded(truth or ""))


def value_error(predicted: Mapping[str, Any], truth: Mapping[str, Any]) -> float | None:
    """Mean relative error over the triples whose names are the same on both sides; ``None`` where none are."""
    known = {(s, c): value for s, c, value in triples(predicted)}
    errors = [
        abs(known[s, c] - value) / (abs(value) + 1e-6) for s, c, value in triples(truth) if (s, c) in known
    ]
    return float(np.mean(errors)) if errors else None
