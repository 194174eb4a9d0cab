"""The checks behind a score, and how they become one.

A score estimates the probability that the block's text is right. ``reliable`` needs a score of at least 0.8
and every check passed: one failed check is enough to make a person look.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import ArrayLike

from docvlm.schema import Check, Confidence, Reader
from docvlm.spans import Line

RELIABLE_SCORE = 0.8
AGREEMENT = 0.9
_UNTRUSTED_AGREEMENT = 0.55
_OCR_PROBABILITY = 0.7
# A formula below it is more likely wrong than right.
_FORMULA = 0.5
# Geometric mean of a model's token probabilities; below it most pages hold a wrong word or more.
_MODEL_PROBABILITY = 0.8
# OCR errs itself, so a model may differ from it more than from a text layer.
_OCR_AGREEMENT = 0.8
# The share of a text that may be one phrase over and over before it counts as a stuck reader.
_MAX_REPETITION = 0.5
# OneChart's: a mean distance below it says that the auxiliary head saw the numbers that the text gives.
AUXILIARY_DISTANCE = 0.1


def combine(score: float, checks: list[Check]) -> Confidence:
    """A confidence from a base score and its checks; a failed check caps the score at 0.5."""
    failed = any(not check.passed for check in checks)
    score = min(max(score, 0.0), 1.0)
    score = min(score, 0.5) if failed else score
    return Confidence(score=round(score, 4), reliable=not failed and score >= RELIABLE_SCORE, checks=checks)


def of_text_layer(lines: list[Line], agreement: float | None, text: str) -> Confidence:
    """Confidence in text from a trusted text layer; ``agreement`` is what OCR of a sample of its fonts said.

    Without a sample (nothing long enough to read, symbols only) the score stays below a checked one.
    """
    checks = [_repetition(text)]
    unmapped = sum(line.text.count("\ufffd") for line in lines)
    if unmapped:
        share = unmapped / max(sum(len(line.text) for line in lines), 1)
        checks.append(Check(name="unmapped-characters", value=round(share, 4), threshold=0.0, passed=False))
    if agreement is None:
        return combine(0.9, checks)
    checks.append(
        Check(
            name="text-agreement",
            value=round(agreement, 4),
            threshold=AGREEMENT,
            passed=agreement >= AGREEMENT,
        )
    )
    return combine(0.75 + 0.24 * agreement, checks)


def with_formulas(judged: Confidence, scores: Sequence[float]) -> Confidence:
    """The confidence of text with formulas in it: no higher than that of the least sure formula."""
    if not scores:
        return judged
    least = min(scores)
    check = Check(name="formulas", value=round(least, 4), threshold=_FORMULA, passed=least >= _FORMULA)
    return combine(min(judged.score, least), [*judged.checks, check])


def of_ocr(lines: list[Line], text: str) -> Confidence:
    """Confidence in text from OCR: the mean of its spans' calibrated probabilities, weighted by length."""
    weights = [
        (span.score, len(span.text.strip()))
        for line in lines
        for span in line.spans
        if span.score is not None
    ]
    total = sum(weight for _, weight in weights)
    score = sum(score * weight for score, weight in weights) / total if total else 0.0
    checks = [
        Check(
            name="ocr-probability",
            value=round(score, 4),
            threshold=_OCR_PROBABILITY,
            passed=score >= _OCR_PROBABILITY,
        ),
        _repetition(text),
    ]
    return combine(score, checks)


def unread(what: str) -> Confidence:
    """For a region that no reader has read: its picture is all there is."""
    return Confidence(score=0.0, reliable=False, checks=[Check(name=f"{what}-unread", passed=False)])


def picture() -> Confidence:
    """A picture is a copy of the page's pixels."""
    return Confidence(score=1.0, reliable=True)


def repetition(text: str, n: int = 3) -> float:
    """Share of a text's words that belong to its most frequent n-gram, 0 to 1; 0 below 12 words."""
    words = text.split()
    if len(words) < 12:
        return 0.0
    grams = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    return min(1.0, grams.most_common(1)[0][1] * n / len(words))


def _repetition(text: str) -> Check:
    # Rows of dots in a table of contents repeat rightly; only words count.
    value = repetition(" ".join(word for word in text.split() if any(c.isalpha() for c in word)))
    return Check(
        name="repetition", value=round(value, 4), threshold=_MAX_REPETITION, passed=value <= _MAX_REPETITION
    )


def agreement(layer: str, read: str) -> float:
    """Similarity in [0, 1] of a line in the text layer to what OCR reads there; spaces and case do not count."""
    a, b = _folded(layer), _folded(read)
    if not a:
        return 1.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


_FOLD = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": ".", "·": "."}
)


def _folded(text: str) -> str:
    return "".join(text.translate(_FOLD).casefold().split())


def disagrees(values: Iterable[float]) -> bool:
    """Whether samples of a page's fonts show that its text layer says something else than its pixels."""
    values = list(values)
    return bool(values) and sum(values) / len(values) < _UNTRUSTED_AGREEMENT


def of_model(
    log_probs: Sequence[float],
    text: str,
    *,
    agreement: float | None = None,
    against: Reader = "text",
    repeated: bool = False,
    checks: Iterable[Check] = (),
) -> Confidence:
    """Confidence in what an image-text-to-text model wrote.

    ``log_probs`` are its tokens' natural logarithms; ``agreement`` is the likeness to what the text layer or
    OCR (``against``) has in the same place, ``None`` where neither can say. ``repeated`` is true where the
    model had to be stopped. A model is most sure of what it repeats or invents, so its own probability alone
    never reaches a checked text's score.
    """
    probability = math.exp(sum(log_probs) / len(log_probs)) if log_probs else 0.0
    stuck = _repetition(text)
    made = [
        Check(
            name="token-probability",
            value=round(probability, 4),
            threshold=_MODEL_PROBABILITY,
            passed=probability >= _MODEL_PROBABILITY,
        ),
        Check(name="repetition", value=1.0, threshold=stuck.threshold, passed=False) if repeated else stuck,
        *checks,
    ]
    if agreement is None:
        return combine(min(probability, 0.9), made)
    least = AGREEMENT if against == "text" else _OCR_AGREEMENT
    name = f"{against}-agreement"
    made.append(Check(name=name, value=round(agreement, 4), threshold=least, passed=agreement >= least))
    return combine((probability + agreement) / 2, made)


# The auxiliary token of a chart (OneChart).


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
    if span <= 1e-12 * np.abs(known).max():
        return None
    count = min(len(text), len(head))
    with np.errstate(over="ignore", invalid="ignore"):
        differences = np.abs((text[:count] / 2 - low) / span - head[:count])
    # Outputs that far from [0, 1] are as wrong as can be; their sum must not overflow.
    differences = np.minimum(differences[np.isfinite(differences)], 1e6)
    return float(differences.mean()) if len(differences) else None


def is_reliable(distance: float | None) -> bool:
    """OneChart's verdict on an :func:`auxiliary_distance`."""
    return distance is not None and distance < AUXILIARY_DISTANCE


def chart_score(distance: float | None, log_probs: Sequence[float]) -> float:
    """An estimate in [0, 1] that a chart's answer is right.

    Set by hand, not fitted: the geometric mean of the tokens' probabilities, times a factor that falls from 1
    at distance 0 over 0.85 at OneChart's threshold to 0 at two thirds, or is 0.6 where there is no distance.
    It orders answers sensibly; it is no measured probability until it is fitted to charts with known data.
    """
    agreement = 0.6 if distance is None else max(0.0, 1 - 1.5 * distance)
    certainty = math.exp(min(0.0, sum(log_probs) / len(log_probs))) if log_probs else 0.0
    return agreement * certainty


def of_auxiliary(distance: float | None, log_probs: Sequence[float]) -> Confidence:
    """Confidence in a chart that a model with an auxiliary head has read."""
    check = Check(
        name="auxiliary-distance",
        value=None if distance is None else round(distance, 4),
        threshold=AUXILIARY_DISTANCE,
        passed=is_reliable(distance),
    )
    return combine(chart_score(distance, log_probs), [check])
