"""Which way text runs, and the order in which the pieces of a line are read.

MuPDF turns Hebrew and Arabic round piece by piece, as the file draws them; what stands between the pieces (numbers, signs,
Latin words, what another font sets) comes out of place. Each letter's box says where it belongs.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from docvlm.boxes import Box, as_box, union
from docvlm.spans import Line, Span

_CELL_GAP = 0.3  # ems; a space between words that is so wide is written
_LEAST_WIDTH = 0.02  # ems; the second letter of a ligature has no width of its own
# Between two digits of one number or date; the last one not in Arabic, where it parts two numbers.
_IN_NUMBERS = (".", ",", ":", "/", "\u066b", "\u066c", "-")
_WORTH = 2  # Latin letters for one of Hebrew or Arabic
_WORTH_WITHIN = 6  # the same in a line of a page that runs from right to left, which may be mostly of names
_BEHIND = ("%", "‰", "٪", "؉", "؊", "°")  # read behind their numbers, on whichever side they stand
_MEASURE = re.compile(
    r"(?:[kMGT]?B|[kMG]?Hz|[mk]?g|[nmck]?m|[mc]?l|[mkM]?W|kWh|m?V|m?Ah?|m?s|px|km/h|dpi)\s+[\d.,]+"
)
"""A unit and, to the right of it, a number."""
_FIRST_RIGHT_TO_LEFT = "\u0590"  # no letter before it runs from right to left


def is_right_to_left(texts: Iterable[str], within: bool = False) -> bool:
    """Whether text runs from right to left: such letters stand for more, since their scripts write few vowels, and for more
    still ``within`` a page that does.
    """
    texts = [*texts]
    if all(max(text, default="") < _FIRST_RIGHT_TO_LEFT for text in texts):
        return False
    senses = [_sense(character) for text in texts for character in text]
    return (_WORTH_WITHIN if within else _WORTH) * senses.count(1) > senses.count(-1)


@lru_cache(maxsize=20_000)
def _sense(character: str) -> int:
    """1 for a letter that runs from right to left, -1 from left to right, 0 for what stands in either."""
    return {"R": 1, "AL": 1, "L": -1}.get(unicodedata.bidirectional(character), 0)


def runs_right_to_left(lines: Iterable[Line]) -> bool:
    """Whether most of these lines' letters run from right to left."""
    return is_right_to_left(span.text for line in lines for span in line.spans)


def as_read(line: dict[str, Any], turned: bool = False) -> dict[str, Any]:
    """One of MuPDF's raw lines with its letters in the order in which they are read; `Unicode` calls it logical.

    The reverse of the bidirectional algorithm (Unicode Annex 9), on the places of the letters: from the right, but from
    the left through Latin words and numbers. Lines that run from left to right stay as they are; those of numbers and signs
    alone run as their page does: from right to left if it is ``turned``.
    """
    glyphs = _glyphs(line["spans"])
    if not is_right_to_left((glyph.text for glyph in glyphs), turned) and not (
        turned and _are_neutral(glyphs)
    ):
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


def _are_neutral(glyphs: Iterable[_Glyph]) -> bool:
    return not any(_sense(character) for glyph in glyphs for character in glyph.text)


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
    """Which pieces, given from the right, are of runs from left to right: numbers, and Latin words with what is between
    them and with the numbers behind them.
    """
    kinds = [*map(_kind, texts)]
    foreign = [kind in "LN" for kind in kinds]
    inside = [index for index, kind in enumerate(kinds) if kind in "LNR"]
    arabic = _in_arabic(texts)
    for before, after in itertools.pairwise(inside):
        between = "".join(texts[before + 1 : after])
        words = "R" not in (kinds[before], kinds[after]) and _is_phrase(texts, kinds, before)
        joined = _IN_NUMBERS[:-1] if arabic[after] else _IN_NUMBERS
        number = kinds[before] == kinds[after] == "N" and between in joined
        if words or number:
            foreign[before + 1 : after] = [True] * (after - before - 1)
    for index, text in enumerate(texts):
        right, left = ("".join(kinds[place : place + 1]) for place in (max(index - 1, 0), index + 1))
        if text in _BEHIND:
            foreign[index] = left == "N"
        elif not arabic[index] and "N" in (right, left):
            foreign[index] |= all(unicodedata.bidirectional(each) == "ET" for each in text)
    return foreign


def _in_arabic(texts: Sequence[str]) -> list[bool]:
    """Whether the last letter before each piece is Arabic, in which signs of money and dashes are no part of a number; of
    the pieces before all letters, whether the first letter is.
    """
    senses = [{unicodedata.bidirectional(each) for each in text} & {"L", "R", "AL"} for text in texts]
    last = next((sense for sense in senses if sense), set())
    found = []
    for sense in senses:
        last = sense or last
        found.append("AL" in last)
    return found


def _is_phrase(texts: Sequence[str], kinds: Sequence[str], place: int) -> bool:
    """Whether what stands around the piece at ``place``, up to letters from right to left, is a Latin phrase with its
    numbers. A lone unit and a number are none: whichever way a page writes them, they look the same, and units follow.
    """
    start = max((index for index in range(place) if kinds[index] == "R"), default=-1)
    end = next((index for index in range(place, len(kinds)) if kinds[index] == "R"), len(kinds))
    shown = "".join(reversed(texts[start + 1 : end])).strip()
    return "L" in kinds[start + 1 : end] and _MEASURE.fullmatch(shown) is None


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


def mirrored(box: Box, width: float = 0.0) -> Box:
    """A box of a page ``width`` points wide in a mirror: what runs from right to left as rules for the other way know it."""
    return width - box[2], box[1], width - box[0], box[3]


def disguised(text: str) -> str:
    """A text whose letters from right to left are others of no case, from left to right: what `mirrored` is to a box."""
    return "".join("あ" if _sense(character) > 0 else character for character in text)
