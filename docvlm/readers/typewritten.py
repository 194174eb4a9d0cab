"""Pages set in one fixed-width font, as bills, screenplays and typed letters are: there it makes no code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from docvlm.layout.region import Region
from docvlm.spans import Line

_FIXED_WIDTH = 0.8  # of a page's letters
_LETTERS = 0.75  # of what a text prints, in words; code has signs
_MOST_SIGNED = 0.15  # of the lines with a sign of code
_WORD = re.compile(r"[^\W\d_]{2,}|\b[aAIàéoyuYO&]\b|\b\d[\d.,-]*\b")
_CODE = re.compile(r"[{}]|;\s*$|\w\(\)|[=!<>+-]=|->|::|^\s*(?:[#$>%]|//|/\*)|\S {4,}\S")


def as_prose(regions: Sequence[Region]) -> None:
    """Takes the fixed width from the spans of regions that read as prose, where nearly all of the page has it."""
    lines = [line for region in regions for line in region.lines]
    fixed = _letters(lines, only_fixed=True)
    if fixed < _FIXED_WIDTH * max(1, _letters(lines)):
        return
    for region in regions:
        if _is_prose(region.lines):
            for line in region.lines:
                line.spans = [replace(span, mono=False) for span in line.spans]


def _letters(lines: Sequence[Line], only_fixed: bool = False) -> int:
    return sum(len(s.text.strip()) for line in lines for s in line.spans if s.mono or not only_fixed)


def _is_prose(lines: Sequence[Line]) -> bool:
    text = [line.text for line in lines if line.text.strip()]
    printed = sum(len("".join(each.split())) for each in text)
    in_words = sum(len(word) for each in text for word in _WORD.findall(each))
    signed = sum(_CODE.search(each) is not None for each in text)
    return in_words > _LETTERS * printed and signed <= _MOST_SIGNED * len(text)
