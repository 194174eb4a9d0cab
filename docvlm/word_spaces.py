"""Spaces between words of scripts in which MuPDF sees none: where a file sets them as empty paper, as TeX does, MuPDF writes
a space behind letters of Latin, Greek, Cyrillic, Hebrew and Arabic only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Final

_SPACED: Final = (
    range(0x0700, 0x0E00),  # Syriac to Sinhala, with all scripts of India
    range(0x10A0, 0x1380),  # Georgian, Hangul's letters, Ethiopic
    range(0x1C90, 0x1CC0),
    range(0x2D00, 0x2D30),
    range(0xAC00, 0xD7B0),
)
"""Letters of scripts that part words by spaces and that MuPDF takes for such as do not."""
_GAP: Final = 0.15  # ems of paper between two words, at least: MuPDF's own measure
_FEW: Final = 0.03  # of the letters; words have twenty letters at most
_LEVEL: Final = 0.99  # cosine of a level line's angle


def are_lost(lines: Iterable[dict[str, Any]]) -> bool:
    """Whether a page's lines, as MuPDF has them with their text or characters, have hardly a space behind such letters: the
    file has none. Where it has its own, paper may be anything: files often tell no widths of marks above letters.
    """
    letters = spaces = 0
    for text in map(_text, lines):
        behind = [after for letter, after in itertools.pairwise(text) if _is_spaced(letter)]
        letters += len(behind)
        spaces += sum(map(str.isspace, behind))
    return letters > 0 and spaces < _FEW * letters


def _text(line: dict[str, Any]) -> str:
    return "".join(
        span["text"] if "text" in span else "".join(each["c"] for each in span["chars"])
        for span in line["spans"]
    )


def _is_spaced(letter: str) -> bool:
    return any(ord(letter) in each for each in _SPACED)


def found(line: dict[str, Any]) -> dict[str, Any]:
    """One of MuPDF's raw lines, with the spaces that the paper between its letters shows."""
    if line["dir"][0] < _LEVEL:
        return line
    spans, last, end = [], " ", 0.0
    for span in line["spans"]:
        characters: list[dict[str, Any]] = []
        for each in span["chars"]:
            x0, y0, x1, y1 = each["bbox"]
            if _is_spaced(last) and not each["c"].isspace() and x0 - end > _GAP * span["size"]:
                characters.append({**each, "c": " ", "bbox": (end, y0, x0, y1)})
            characters.append(each)
            last, end = each["c"], max(end, x1)
        spans.append({**span, "chars": characters})
    return {**line, "spans": spans}


def with_text(line: dict[str, Any]) -> dict[str, Any]:
    """A raw line whose spans have their characters' text, too."""
    spans = [{**span, "text": "".join(each["c"] for each in span["chars"])} for span in line["spans"]]
    return {**line, "spans": spans}
