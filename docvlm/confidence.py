"""How checks become one score, and what ``reliable`` means.

A score estimates the probability that a block is right. A block is *reliable* when its score is at least
`RELIABLE_SCORE` (0.8) and none of its checks that is a veto failed (`docvlm.checks`). That is one rule for text, OCR,
formulas, tables and charts, and :func:`combine` alone applies it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from docvlm import checks
from docvlm.checks import RELIABLE_SCORE
from docvlm.schema import Check, Confidence, Reader
from docvlm.spans import Line

DOUBTED: Final = 0.5  # the highest score where a veto failed: as likely wrong as right
# Fonts whose samples agree less with the pixels have a text layer that says something else.
_UNTRUSTED_AGREEMENT = 0.55
# Below so many words any text repeats itself.
_FEW_WORDS = 12
# What stands for a character whose meaning nobody knows.
_UNMAPPED = re.compile("[\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Scores of a trusted text layer: not compared with the pixels, and from no agreement with them to all of it.
_UNCOMPARED = 0.85
_UNLIKE, _ALIKE = 0.75, 0.99
# The most that a model's own probability is worth where nothing else says the same.
_UNSUPPORTED = 0.9


def combine(score: float, made: Sequence[Check]) -> Confidence:
    """A confidence from a base score and its checks. A failed veto caps the score at `DOUBTED`."""
    vetoed = checks.vetoed(made)
    score = round(min(max(score, 0.0), DOUBTED if vetoed else 1.0), 4)
    return Confidence(score=score, reliable=not vetoed and score >= RELIABLE_SCORE, checks=[*made])


def of_text_layer(lines: list[Line], agreement: float | None, text: str) -> Confidence:
    """Confidence in text from a trusted text layer; ``agreement`` is what OCR of a sample of its fonts said.

    Without a sample (nothing long enough to read, symbols, a script that OCR does not know) the text stands, and its
    score stays below a compared one's.
    """
    made = [_repetition(text)]
    unmapped = sum(len(_UNMAPPED.findall(line.text)) for line in lines)
    if unmapped:
        made.append(checks.UNMAPPED_CHARACTERS(unmapped / max(sum(len(line.text) for line in lines), 1)))
    if agreement is None:
        return combine(_UNCOMPARED, [*made, checks.TEXT_COMPARED(passed=False)])
    made.append(checks.TEXT_AGREEMENT(agreement))
    return combine(_UNLIKE + (_ALIKE - _UNLIKE) * agreement, made)


def with_formulas(judged: Confidence, scores: Sequence[float]) -> Confidence:
    """The confidence of text with formulas in it: no higher than that of the least sure formula."""
    if not scores:
        return judged
    least = min(scores)
    return combine(min(judged.score, least), [*judged.checks, checks.FORMULAS(least)])


def of_uncalibrated_ocr(lines: list[Line], text: str) -> Confidence:
    """Confidence in text in a script on which its engine's scores have not been measured."""
    judged = of_ocr(lines, text)
    return combine(judged.score, [*judged.checks, checks.CALIBRATED(passed=False)])


def with_structure(judged: Confidence, structure: float | None) -> Confidence:
    """The confidence of a block whose lines belong together with this probability: a block is no surer than that."""
    if structure is None:
        return judged
    return combine(min(judged.score, structure), [*judged.checks, checks.STRUCTURE(structure)])


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
    return combine(score, [checks.OCR_PROBABILITY(score), _repetition(text)])


def unread(what: str) -> Confidence:
    """For a chart, formula or text that no reader has read: its picture is all there is."""
    return combine(0.0, [checks.UNREAD[what](passed=False)])


def picture() -> Confidence:
    """A picture is a copy of the page's pixels."""
    return combine(1.0, [])


def repetition(text: str, n: int = 3) -> float:
    """Share of a text's words that belong to its most frequent n-gram, 0 to 1; 0 where there are few."""
    words = text.split()
    if len(words) < _FEW_WORDS:
        return 0.0
    grams = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    return min(1.0, grams.most_common(1)[0][1] * n / len(words))


def _repetition(text: str) -> Check:
    # Rows of dots in a table of contents repeat rightly; only words count.
    return checks.REPETITION(
        repetition(" ".join(word for word in text.split() if any(c.isalpha() for c in word)))
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
    others: Iterable[Check] = (),
) -> Confidence:
    """Confidence in what an image-text-to-text model wrote.

    ``log_probs`` are its tokens' natural logarithms; ``agreement`` is the likeness to what the text layer or
    OCR (``against``) has in the same place, ``None`` where neither can say. ``repeated`` is true where the
    model had to be stopped. A model is most sure of what it repeats or invents, so its own probability alone
    never reaches a checked text's score.
    """
    probability = math.exp(sum(log_probs) / len(log_probs)) if log_probs else 0.0
    stuck = checks.REPETITION(1.0) if repeated else _repetition(text)
    made = [checks.TOKEN_PROBABILITY(probability), stuck, *others]
    if agreement is None:
        return combine(min(probability, _UNSUPPORTED), made)
    like = checks.TEXT_AGREEMENT if against == "text" else checks.OCR_AGREEMENT
    return combine((probability + agreement) / 2, [*made, like(agreement)])
