"""Which cells of tables hold mathematics that a line of text cannot say as well.

Tables are full of what formulas are made of, too: signs, minus signs and decimal points from fonts of mathematics,
stars of significance, raised marks of footnotes, units. Text says all of these, so they stay text; letters of formulas,
powers of ten and fractions do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from docvlm.fonts import is_mathematical
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, RULE, TOP
from docvlm.formulas.segments import Segment
from docvlm.spans import Line, Span

_SCRIPT = 0.85  # of the line's size, and smaller
_RISE = 0.15  # ems of the baseline of what is raised, at least
_EXPONENT = re.compile(r"[-−–+]?\d+")
_UNIT_LETTERS = frozenset("µμΩ\u2126")
_UNNAMED = re.compile("[\x00-\x1f\ufffd\ue000-\uf8ff]")


def may_hold_formulas(lines: Sequence[Line]) -> bool:
    """Whether a cell with these visual lines has a letter in a font of formulas, or a power of ten; quick."""
    return any(
        _is_exponent(line, number)
        or (
            is_mathematical(span.font)
            and any(_says_more(line, number, place) for place in range(len(span.text)))
        )
        for line in lines
        for number, span in enumerate(line.spans)
    )


def needs_markup(line: Line, segment: Segment) -> bool:
    """Whether a formula found in a cell's visual ``line`` says more than its characters."""
    covered = range(segment.first, segment.last + 1)
    return (
        _has_fraction(segment)
        or any(_is_exponent(line, number) for number in covered)
        or any(_says_more(line, number, place) for number, place in _characters(line, segment))
    )


def _says_more(line: Line, number: int, place: int) -> bool:
    """Whether a character is a letter of a formula, and neither a footnote's nor a unit's."""
    return (
        _is_letter(line, number, line.spans[number].text[place])
        and not _is_mark(line, number)
        and not _is_unit(line, number, place)
    )


def _is_letter(line: Line, number: int, char: str) -> bool:
    """Whether a character is a letter as formulas have them, not as words and units do; what has no name may be one."""
    span = line.spans[number]
    if not char.isalpha():
        return _UNNAMED.match(char) is not None
    stands_out = any(
        getattr(span, look) and 2 * sum(len(s.text) for s in line.spans if getattr(s, look)) <= len(line.text)
        for look in ("italic", "bold")
    )
    return is_mathematical(span.font) or stands_out or "\u0370" <= char <= "\u03ff"


def _characters(line: Line, segment: Segment) -> Iterator[tuple[int, int]]:
    """The number of the span and the place in it of each character of a formula."""
    for number in range(segment.first, segment.last + 1):
        start = segment.start if number == segment.first else 0
        end = segment.end if number == segment.last else len(line.spans[number].text)
        yield from ((number, place) for place in range(start, end))


def _has_fraction(segment: Segment) -> bool:
    """Whether a rule has glyphs above and below it."""
    places, is_rule = segment.glyphs.places, segment.glyphs.styles == RULE
    middle = places[:, [LEFT, RIGHT]].mean(1)
    for rule in places[is_rule]:
        along = ~is_rule & (middle > rule[LEFT]) & (middle < rule[RIGHT])
        above, below = along & (places[:, BOTTOM] <= rule[BOTTOM]), along & (places[:, TOP] >= rule[TOP])
        if np.any(above) and np.any(below):
            return True
    return False


def _is_raised(line: Line, span: Span, before: Span) -> bool:
    return span.size <= _SCRIPT * line.size and before.baseline - span.baseline > _RISE * line.size


def _is_exponent(line: Line, number: int) -> bool:
    """Whether a span is what ten is raised to."""
    if not number or not _EXPONENT.match(line.spans[number].text.strip() + _next(line, number)):
        return False
    span, before = line.spans[number], line.spans[number - 1]
    return before.text.rstrip().endswith("10") and _is_raised(line, span, before)


def _next(line: Line, number: int) -> str:
    """What the span behind has, where a minus sign has a font of its own."""
    return line.spans[number + 1].text if number + 1 < len(line.spans) else ""


def _is_mark(line: Line, number: int) -> bool:
    """Whether a span is the raised letter of a footnote behind a number."""
    span, before = line.spans[number], line.spans[number - 1] if number else None
    if before is None or len(span.text.strip()) != 1 or not _is_raised(line, span, before):
        return False
    return before.text.rstrip()[-1:] in "0123456789%)."


def _is_unit(line: Line, number: int, place: int) -> bool:
    """Whether a letter is a micro sign before a unit, or an ohm behind its number or prefix."""
    text = "".join(span.text for span in line.spans)
    at = sum(len(span.text) for span in line.spans[:number]) + place
    if text[at] not in _UNIT_LETTERS:
        return False
    before, after = text[max(at - 2, 0) : at].strip(), text[at + 1 : at + 2]
    if text[at] in "µμ":
        return after.isalpha() and not is_mathematical(_font_at(line, at + 1))
    return bool(before) and (before[-1].isdigit() or before[-1] in "kMGmµμ(")


def _font_at(line: Line, at: int) -> str:
    for span in line.spans:
        if at < len(span.text):
            return span.font
        at -= len(span.text)
    return ""
