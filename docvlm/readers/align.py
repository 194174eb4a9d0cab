"""Which printed lines a piece of a model's answer stands for.

A model that reads a whole page says what is there, not where. The page's own lines (text layer or OCR) have
places; a line belongs to the piece that holds its letters. That gives every piece its box, shows what the
model left out and what it made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from docvlm.readers.markup import Piece
from docvlm.spans import Line, Rect

_GRAM = 5
# A shorter line must be found whole: too many pieces hold a few letters in some order.
_SHORT = 12
_SHARE = 0.5
_NEAR = 2.0  # line heights within which a short line lies near the rest of its piece
_LONG_TEXT = 1200


def folded(text: str) -> str:
    """The letters and digits of ``text``, in lower case: what survives any markup, hyphenation and spacing."""
    return "".join(c for c in text.casefold() if c.isalnum())


def owners(pieces: Sequence[Piece], lines: Sequence[Line]) -> list[int | None]:
    """For each line the index of the piece that says it, or ``None``.

    Lines are in reading order. Where two pieces hold a line's letters, the one whose place in the answer is
    nearest to the line's place on the page has it.
    """
    texts = [folded(piece.words()) for piece in pieces]
    grams = [Counter(_grams(text)) for text in texts]
    middles = _middles([len(text) for text in texts])
    printed = [folded(line.text) for line in lines]
    places = _middles([len(text) for text in printed])
    found: list[int | None] = [None] * len(lines)
    for index, text in enumerate(printed):
        if len(text) >= _SHORT:
            found[index] = _best(_shares(text, grams), middles, places[index])
    boxes = _boxes(found, lines)
    for index, text in enumerate(printed):
        if 0 < len(text) < _SHORT:
            holding = {
                piece: 1.0
                for piece, whole in enumerate(texts)
                if text in whole and _is_near(lines[index], boxes.get(piece), len(text))
            }
            found[index] = _best(holding, middles, places[index])
    return found


def similarity(printed: str, said: str) -> float:
    """Likeness of two texts in [0, 1], by their letters and digits in order."""
    a, b = folded(printed), folded(said)
    if not a or not b:
        return float(a == b)
    common = sum((Counter(_grams(a)) & Counter(_grams(b))).values())
    overlap = 2 * common / max(len(a) + len(b) - 2 * _GRAM + 2, 1)
    # Comparing letter by letter takes time by the product of the lengths, and says no more where nothing fits.
    if max(len(a), len(b)) > _LONG_TEXT and overlap < _SHARE:
        return max(overlap, 0.0)
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _grams(text: str) -> list[str]:
    return [text[i : i + _GRAM] for i in range(len(text) - _GRAM + 1)]


def _shares(text: str, grams: Sequence[Counter[str]]) -> dict[int, float]:
    own = _grams(text)
    shares = {i: sum(1 for gram in own if gram in held) / len(own) for i, held in enumerate(grams)}
    return {piece: share for piece, share in shares.items() if share >= _SHARE}


def _best(shares: dict[int, float], middles: Sequence[float], place: float) -> int | None:
    return max(shares, key=lambda piece: shares[piece] - abs(middles[piece] - place), default=None)


def _middles(lengths: Sequence[int]) -> list[float]:
    """Where each of several texts has its middle in all of them, 0 to 1."""
    total = max(sum(lengths), 1)
    ends = 0
    middles = []
    for length in lengths:
        middles.append((ends + length / 2) / total)
        ends += length
    return middles


def _boxes(found: Sequence[int | None], lines: Sequence[Line]) -> dict[int, Rect]:
    boxes: dict[int, Rect] = {}
    for piece, line in zip(found, lines):
        if piece is not None:
            a, b = boxes.get(piece, line.box), line.box
            boxes[piece] = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    return boxes


def _is_near(line: Line, box: Rect | None, letters: int) -> bool:
    """Whether a short line may belong to a piece whose longer lines lie in ``box`` (none where it has none)."""
    if box is None:
        return letters >= 3
    reach = _NEAR * max(line.box[3] - line.box[1], 1.0)
    beside = min(line.box[2], box[2]) - max(line.box[0], box[0])
    return line.box[3] > box[1] - reach and line.box[1] < box[3] + reach and beside > -reach
