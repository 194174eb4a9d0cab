"""Which printed lines a piece of a model's answer stands for.

A model that reads a whole page says what is there, not where. The page's own lines (text layer or OCR) have
places; a line belongs to the piece that holds its letters. That gives every piece its box, shows what the
model left out and what it made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from docvlm.boxes import Box, union
from docvlm.readers.markup import Piece
from docvlm.spans import Line

_GRAM = 5
# A shorter line must be found whole: too many pieces hold a few letters in some order.
_SHORT = 12
# Share of a line's five-letter runs that must stand in its piece; a misread letter spoils five of them.
_SHARE, _SHARE_OF_FEW, _FEW = 0.5, 0.7, 30
_FEWEST = 3  # letters of a line that alone can stand for a piece
# Line heights within which a short line lies near the rest of its piece: below or above it, and beside it.
_NEAR, _NEAR_ALONG = 2.0, 8.0
_OWN_LINE = 0.5  # of a line's height that it shares with a box which it lies beside
_SAYS_MORE = 1.5
_LONG_TEXT = 1200


def folded(text: str) -> str:
    """The letters and digits of ``text``, in lower case: what survives any markup, hyphenation and spacing."""
    return "".join(c for c in text.casefold() if c.isalnum())


def owners(
    pieces: Sequence[Piece], lines: Sequence[Line], furniture: Sequence[bool] = ()
) -> list[int | None]:
    """For each line the index of the piece that says it, or ``None``.

    Lines are in reading order. Where two pieces hold a line's letters, the one whose place in the answer is
    nearest to the line's place on the page has it. ``furniture`` marks lines of running headers and footers,
    which often repeat words of the text: they belong to no piece that says more than them.
    """
    texts = [folded(piece.words()) for piece in pieces]
    grams = [Counter(_grams(text)) for text in texts]
    middles = _middles([len(text) for text in texts])
    printed = [folded(line.text) for line in lines]
    places = _middles([len(text) for text in printed])
    found: list[int | None] = [None] * len(lines)
    boxes: dict[int, Box] = {}
    # The longest first, since shorter ones are known by lying near them.
    for index in sorted(range(len(lines)), key=lambda i: -len(printed[i])):
        text, line = printed[index], lines[index]
        if len(text) >= _SHORT:
            shares = _shares(text, grams)
        else:
            shares = {
                i: 1.0
                for i, whole in enumerate(texts)
                if text and text in whole and _is_near(line, boxes.get(i), text)
            }
        if furniture and furniture[index]:
            shares = {i: share for i, share in shares.items() if len(texts[i]) <= _SAYS_MORE * len(text)}
        piece = _best(shares, middles, places[index])
        if piece is not None:
            found[index] = piece
            boxes[piece] = union([line.box, boxes.get(piece, line.box)])
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
    least = _SHARE if len(text) >= _FEW else _SHARE_OF_FEW
    return {piece: share for piece, share in shares.items() if share >= least}


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


def _is_near(line: Line, box: Box | None, text: str) -> bool:
    """Whether a short line may belong to a piece whose longer lines lie in ``box`` (``None``: it has none yet)."""
    if box is None:
        return len(text) >= _FEWEST
    height = max(line.box[3] - line.box[1], 1.0)
    apart = max(line.box[0], box[0]) - min(line.box[2], box[2])
    level = min(line.box[3], box[3]) - max(line.box[1], box[1])
    if level > _OWN_LINE * height:
        return apart < _NEAR_ALONG * height
    return level > -_NEAR * height and apart < _NEAR * height
