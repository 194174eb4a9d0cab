"""Control characters of a text layer -> the ligatures and quotation marks that TeX's fonts have there.

TeX's fonts keep "fi", quotation marks and dashes below U+0020. Where a file does not map them to Unicode, a reader of its
text gets the bare codes. There are two tables, OT1 (Knuth's own) and T1 (Cork), and a font has one of them: which, its
codes' neighbours say, since ligatures stand inside words and quotation marks at their edges.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_T1 = dict(
    zip(
        map(chr, range(0x10, 0x20)),
        ("“", "”", "„", "«", "»", "–", "—", "", "\u2030", "ı", "ȷ", "ff", "fi", "fl", "ffi", "ffl"),
    )
) | {"\x0d": "‚", "\x0e": "‹", "\x0f": "›"}
_OT1 = dict(
    zip(
        map(chr, range(0x0B, 0x20)),
        ("ff", "fi", "fl", "ffi", "ffl", "ı", "ȷ", "`", "´", "ˇ", "˘", "¯", "˚", "¸", "ß", "æ", "œ", "ø", "Æ", "Œ", "Ø"),
    )
)  # fmt: skip
_NAMED_OT1 = re.compile(r"(?:^|\+)(?:cm(?!b?sy|mib?|ex)|ot1)", re.IGNORECASE)
_NAMED_T1 = re.compile(r"(?:^|\+)(?:ec|sf|t1|tc)|-t1", re.IGNORECASE)
# How well a character fits its neighbours: common signs in their place, rare letters in theirs, and what stands amiss.
_FITS, _RARE, _AMISS = 2, 1, -2
_LIGATURES = frozenset(("ff", "fi", "fl", "ffi", "ffl"))
_OPENING, _CLOSING = "“„«‹‚", "”»›"


def repaired(lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """MuPDF's ``lines`` of spans with ``text`` and ``font``; what no table explains stays as it is."""
    lines = list(lines)
    held: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        for span in line["spans"]:
            if CONTROLS.search(span["text"]):
                held[span["font"]].append(line_text(line))
    tables = {font: _table(font, texts) for font, texts in held.items()}
    for line in lines:
        yield line if not any(span["font"] in tables for span in line["spans"]) else _mended(line, tables)


def line_text(line: Mapping[str, Any]) -> str:
    return "".join(span["text"] for span in line["spans"])


def _mended(line: Mapping[str, Any], tables: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    spans = [
        span | {"text": "".join(tables[span["font"]].get(char, char) for char in span["text"])}
        if span["font"] in tables
        else span
        for span in line["spans"]
    ]
    return {**line, "spans": spans}


def _table(font: str, texts: Iterable[str]) -> Mapping[str, str]:
    """The table of a font whose codes stand in ``texts``; none where neither makes sense of them."""
    if _NAMED_OT1.search(font):
        return _OT1
    if _NAMED_T1.search(font):
        return _T1
    texts = list(texts)
    fits = [(sum(_fit(text, table) for text in texts), table) for table in (_T1, _OT1)]
    best, table = max(fits, key=lambda each: each[0])
    return table if best > 0 else {}


def _fit(text: str, table: Mapping[str, str]) -> int:
    total = 0
    for match in CONTROLS.finditer(text):
        meant = table.get(match[0])
        before, behind = text[: match.start()][-1:], text[match.end() :][:1]
        if not meant:
            total += _AMISS
        elif meant in _LIGATURES:
            total += _FITS if before.isalpha() or behind.islower() else _AMISS
        elif meant in _OPENING:
            total += _FITS if not before.isalnum() and behind.strip() else _AMISS
        elif meant in _CLOSING:
            total += _FITS if before.strip() and not behind.isalnum() else _AMISS
        elif meant.isalpha():
            total += _RARE if before.isalpha() or behind.isalpha() else _AMISS
    return total
