"""Which way text runs, and the order in which the pieces of a line are read.

MuPDF turns Hebrew and Arabic round piece by piece, as the file draws them; what stands between the pieces (numbers, signs,
Latin words, what another font sets) comes out of place. Each letter's box says where it belongs.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from docvlm.boxes import Box, as_box, union
from docvlm.spans import Line, Span

_CELL_GAP = 0.3  # ems; a space between words that is so wide is written
_LEAST_WIDTH = 0.02  # ems; the second letter of a ligature has no width of its own
_IN_NUMBERS = (".", ",", ":", "/", "-", "\u066b", "\u066c")  # between two digits of one number or date
_WORTH = 2  # Latin letters for one of Hebrew or Arabic
_FIRST_RIGHT_TO_LEFT = "\u0590"  # no letter before it runs from right to left


def is_right_to_left(texts: Iterable[str]) -> bool:
    """Whether text runs from right to left: such letters stand for more, since their scripts write few vowels."""
    texts = [*texts]
    if all(max(text, default="") < _FIRST_RIGHT_TO_LEFT for text in texts):
        return False
    senses = [_sense(character) for text in texts for character in text]
    return _WORTH * senses.count(1) > senses.count(-1)


@lru_cache(maxsize=20_000)
def _sense(character: str) -> int:
    """1 for a letter that runs from right to left, -1 from left to right, 0 for what stands in either."""
    return {"R": 1, "AL": 1, "L": -1}.get(unicodedata.bidirectional(character), 0)


def runs_right_to_left(lines: Iterable[Line]) -> bool:
    """Whether most of these lines' letters run from right to left."""
    return is_right_to_left(span.text for line in lines for span in line.spans)


def as_read(line: dict[str, Any]) -> dict[str, Any]:
    """One of MuPDF's raw lines with its letters in the order in which they are read; `Unicode` calls it logical.

    The reverse of the bidirectional algorithm (Unicode Annex 9), on the places of the letters: from the right, but from
    the left through Latin words and numbers. Lines that run from left to right stay as they are.
    """
    glyphs = _glyphs(line["spans"])
    if not is_right_to_left(glyph.text for glyph in glyphs):
        return {**line, "spans": [_with_text(span) for span in line["spans"]]}
    glyphs.sort(key=lambda glyph: -glyph.middle)
    spans = []
    part = _parts(glyphs)
    for _, run in itertools.groupby(
        _reversed_where_foreign(glyphs), key=lambda glyph: (id(glyph.span), part[glyph.middle])
    ):
        same = [*run]
        text, boxes = "".join(glyph.text for glyph in same), [glyph.box for glyph in same]
        spans.append({**same[0].span, "text": text, "bbox": union(boxes)})
    return {**line, "spans": spans}


def _parts(glyphs: Sequence[_Glyph]) -> dict[float, int]:
    """For each glyph's middle, how many gaps without a space lie to the right: cells of a table are parted by such."""
    part, parts = 0, {}
    for before, glyph in itertools.pairwise([glyphs[0], *glyphs]):
        part += before.box[0] - glyph.box[2] > _CELL_GAP * glyph.span["size"]
        parts[glyph.middle] = part
    return parts


def _with_text(span: dict[str, Any]) -> dict[str, Any]:
    return {**span, "text": "".join(character["c"] for character in span["chars"])}


class _Glyph(NamedTuple):
    """A letter with its accents, and the span that it is of."""

    text: str
    box: Box
    span: dict[str, Any]

    @property
    def middle(self) -> float:
        return (self.box[0] + self.box[2]) / 2


def _glyphs(spans: Iterable[dict[str, Any]]) -> list[_Glyph]:
    """The glyphs of raw spans; accents and the later letters of ligatures stay with what they are drawn on."""
    glyphs: list[_Glyph] = []
    for span in spans:
        for character in span["chars"]:
            text, box = character["c"], as_box(character["bbox"])
            hangs = unicodedata.combining(text) or box[2] - box[0] < _LEAST_WIDTH * span["size"]
            if glyphs and hangs and glyphs[-1].span is span and not text.isspace():
                last = glyphs[-1]
                glyphs[-1] = last._replace(text=last.text + text)
            else:
                glyphs.append(_Glyph(text, box, span))
    return glyphs


_Piece = TypeVar("_Piece", _Glyph, Span)


def _reversed_where_foreign(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Pieces of a line, given from the right, in the order in which they are read."""
    ordered: list[_Piece] = []
    foreign = _foreign([piece.text for piece in pieces])
    for turned, run in itertools.groupby(zip(pieces, foreign), key=lambda pair: pair[1]):
        taken = [piece for piece, _ in run]
        ordered += taken[::-1] if turned else taken
    return ordered


def _foreign(texts: Sequence[str]) -> list[bool]:
    """Which pieces, given from the right, are of runs from left to right: Latin words with what is between, and numbers."""
    kinds = [*map(_kind, texts)]
    foreign = [kind in "LN" for kind in kinds]
    inside = [index for index, kind in enumerate(kinds) if kind in "LNR"]
    for before, after in itertools.pairwise(inside):
        between = "".join(texts[before + 1 : after])
        words = "L" in (kinds[before], kinds[after]) and "R" not in (kinds[before], kinds[after])
        number = kinds[before] == kinds[after] == "N" and between in _IN_NUMBERS
        if words or number:
            foreign[before + 1 : after] = [True] * (after - before - 1)
    return foreign


def _kind(text: str) -> str:
    """R or L for letters by their direction, R where both are, N for digits, and "-" for what stands in either."""
    senses = {*map(_sense, text)}
    if senses & {1, -1}:
        return "R" if 1 in senses else "L"
    return "N" if any(map(str.isdigit, text)) else "-"


def in_reading_order(spans: Sequence[Span]) -> list[Span]:
    """The spans of one line as they are read: Hebrew from the right, Latin words and numbers in it from the left.

    Lines that run from left to right stay as they are.
    """
    if len(spans) < 2 or not is_right_to_left(span.text for span in spans):
        return [*spans]
    return _reversed_where_foreign(sorted(spans, key=lambda span: -span.box[0] - span.box[2]))


def gap(before: Span, after: Span, mirrored: Sequence[Span] = ()) -> float:
    """The space in points between two spans that are read one after the other; negative where they overlap.

    In a line that runs from right to left, ``mirrored`` has all of its spans: the neighbour of a piece before a Latin
    phrase is the phrase's end.
    """
    rightwards, leftwards = after.box[0] - before.box[2], before.box[0] - after.box[2]
    if not mirrored:
        return rightwards
    turned = [_kind(span.text) in "LN" for span in (before, after)]
    if turned[0] == turned[1]:
        return max(rightwards, leftwards)
    if turned[1]:
        ends = [span.box[2] for span in mirrored if _middle(span) < before.box[0] and span.text.strip()]
        return before.box[0] - max(ends, default=before.box[0])
    starts = [span.box[0] for span in mirrored if _middle(span) > after.box[2] and span.text.strip()]
    return min(starts, default=after.box[2]) - after.box[2]


def _middle(span: Span) -> float:
    return (span.box[0] + span.box[2]) / 2


def parted(spans: Sequence[Span], gutter: float) -> list[list[Span]]:
    """The spans of a line from right to left, parted where more than ``gutter`` points are free, the first part first."""
    parts: list[list[Span]] = []
    end = float("inf")
    for span in sorted((span for span in spans if span.text.strip()), key=_middle, reverse=True):
        if not parts or end - span.box[2] > gutter:
            parts.append([])
            end = span.box[0]
        parts[-1].append(span)
        end = min(end, span.box[0])
    edges = [min(span.box[0] for span in part) for part in parts]
    return [
        [span for span in spans if sum(_middle(span) < edge for edge in edges[:-1]) == number]
        for number in range(len(parts))
    ]


def mirrored(box: Box) -> Box:
    """A box in a mirror: what text that runs from right to left looks like to rules made for the other way."""
    return -box[2], box[1], -box[0], box[3]
