"""Vowel signs that a file has in the order in which they are drawn: left of their consonants, where Tamil writes them, and
not behind them, where Unicode has them. XeTeX's text layers are so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from docvlm.spans import Line

_LEFT: Final = "\u0bc6\u0bc7\u0bc8"  # e, long e, ai
_CONSONANT: Final = "[\u0b95-\u0bb9]"
_SIGN: Final = re.compile(f"[{_LEFT}]")
_ASTRAY: Final = re.compile(f"(?:(?<!{_CONSONANT}))[{_LEFT}](?={_CONSONANT})")
_DRAWN: Final = re.compile(f"([{_LEFT}])({_CONSONANT})")
_FEWEST = 3  # signs astray; one may be a typing mistake
_SHARE = 0.2  # of all signs; where a consonant stands before one, nobody can say whose it is


def reordered(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, with vowel signs behind their consonants where too many stand behind none."""
    texts = [span.text for line in lines for span in line.spans]
    astray = sum(len(_ASTRAY.findall(text)) for text in texts)
    if astray < _FEWEST or astray < _SHARE * sum(len(_SIGN.findall(text)) for text in texts):
        return [*lines]
    return [
        replace(line, spans=[replace(span, text=_logical(span.text)) for span in line.spans])
        for line in lines
    ]


def _logical(text: str) -> str:
    # What is drawn on both sides of a consonant is one sign.
    return unicodedata.normalize("NFC", _DRAWN.sub(r"\2\1", text))
