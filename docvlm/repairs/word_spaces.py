"""Spaces between words of scripts in which MuPDF sees none: where a file sets them as empty paper, as TeX does, MuPDF writes
a space behind letters of Latin, Greek, Cyrillic, Hebrew and Arabic only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

_SPACED: Final = (
    "[\u0700-\u0dff"  # Syriac to Sinhala, with all scripts of India
    "\u10a0-\u137f"  # Georgian, Hangul's letters, Ethiopic
    "\u1c90-\u1cbf\u2d00-\u2d2f\uac00-\ud7af]"
)
"""Letters of scripts that part words by spaces and that MuPDF takes for such as do not."""
_LETTER: Final = re.compile(_SPACED)
_INSIDE: Final = re.compile(f"{_SPACED}(?=.)", re.DOTALL)
_BEFORE_SPACE: Final = re.compile(rf"{_SPACED}(?=\s)")
_GAP: Final = 0.15  # ems of paper between two words, at least: MuPDF's own measure
_FEW: Final = 0.03  # of the letters; words have twenty letters at most
_UNMAPPED: Final = "\ufffd"
_LEVEL: Final = 0.99  # cosine of a level line's angle


def are_lost(lines: Iterable[dict[str, Any]]) -> bool:
    """Whether a page's lines, as MuPDF has them with their text, have hardly a space behind such letters: the
    file has none. Where it has its own, paper may be anything: files often tell no widths of marks above letters.
    """
    letters = spaces = 0
    for text in ("".join(span["text"] for span in line["spans"]) for line in lines):
        if _LETTER.search(text):
            letters += len(_INSIDE.findall(text))
            spaces += len(_BEFORE_SPACE.findall(text))
    return letters > 0 and spaces < _FEW * letters


def found(line: dict[str, Any]) -> dict[str, Any]:
    """One of MuPDF's raw lines, with the spaces that the paper between its letters shows."""
    if line["dir"][0] < _LEVEL:
        return line
    spans, last, end = [], " ", 0.0
    for span in line["spans"]:
        characters: list[dict[str, Any]] = []
        for each in span["chars"]:
            x0, y0, x1, y1 = each["bbox"]
            if _LETTER.match(last) and not each["c"].isspace() and x0 - end > _GAP * span["size"]:
                characters.append({**each, "c": " ", "bbox": (end, y0, x0, y1)})
            characters.append(each)
            if (
                each["c"] != _UNMAPPED
            ):  # a form of a letter that has no Unicode; a space may follow it as the letter
                last = each["c"]
            end = max(end, x1)
        spans.append({**span, "chars": characters})
    return {**line, "spans": spans}


def with_text(line: dict[str, Any]) -> dict[str, Any]:
    """A raw line whose spans have their characters' text, too."""
    spans = [{**span, "text": "".join(each["c"] for each in span["chars"])} for span in line["spans"]]
    return {**line, "spans": spans}
