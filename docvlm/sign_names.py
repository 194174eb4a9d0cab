"""Fonts of signs that keep no Unicode, but name their glyphs by numbers: "H9273" is the Greek letter chi. Others have
codes of their own for signs that Unicode composes.

Journals of the years around 2000 set their signs in fonts of the first kind (Mathematical Pi, Universal Greek), KaTeX's are
of the second. A reader of their text gets control characters or letters that mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docvlm import contents
from docvlm.mupdf import pymupdf

_NAMES = re.compile(r"(?<=[\s\[])(\d+)((?:\s*/[^\s/\[\]<>()]+)+)")
_OF_KATEX = re.compile(r"(?:^|\+)KaTeX_(?:Main|AMS)")
_NUMBERED = re.compile(r"H(\d{4,5})")
_SIGNS = {
    11001: "+", 11002: "−", 11003: "×", 11004: "÷", 11005: "=", 11006: "±", 11007: "∓", 11013: "≅", 11015: "≈", 11021: "<",
    11022: ">", 11032: "′", 11033: "″", 11034: "°", 11043: "∂", 11073: "∞", 11088: "·", 11094: "·", 11349: "≤", 11350: "≥",
    11407: "Σ", 11408: "Π",
}  # fmt: skip
# The Greek letters follow each other, the small final sigma behind the other one.
_RUNS = {9001: "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", 9251: "αβγδεζηθικλμνξοπρσςτυφχψω", 9278: "φ", 9280: "ε"}

_KATEX = {"\ue020": "\u0338"}  # the stroke through a relation; its signs for rarer relations are left


def sign(name: str) -> str | None:
    """What a glyph is that its font names by number; None for other names."""
    match = _NUMBERED.fullmatch(name)
    if match is None:
        return None
    number = int(match[1])
    for first, letters in _RUNS.items():
        if first <= number < first + len(letters):
            return letters[number - first]
    return _SIGNS.get(number)


def tables(page: pymupdf.Page) -> Mapping[str, Mapping[str, str]]:
    """By the names of a page's fonts of signs: what their characters mean."""
    return contents.once(page, _tables)


def _tables(page: pymupdf.Page) -> Mapping[str, Mapping[str, str]]:
    if page.parent is None or not page.parent.is_pdf:
        return {}
    found: dict[str, Mapping[str, str]] = {}
    for xref, _, kind, name, *_ in page.get_fonts():
        if _OF_KATEX.search(name):
            found[name] = _KATEX
        elif kind in ("Type1", "MMType1") and xref and (table := _differences(page.parent, xref)):
            found[name] = table
    return found


def _differences(document: pymupdf.Document, xref: int) -> dict[str, str]:
    """The signs of a font by its codes, where it has no table of Unicode that would say it better."""
    if document.xref_get_key(xref, "ToUnicode")[0] != "null":
        return {}
    kind, value = document.xref_get_key(xref, "Encoding")
    source = document.xref_object(int(value.split()[0])) if kind == "xref" else value
    table: dict[str, str] = {}
    for match in _NAMES.finditer(source):
        for offset, name in enumerate(re.findall(r"/([^\s/\[\]<>()]+)", match[2])):
            meant = sign(name)
            if meant is not None:
                table[chr(int(match[1]) + offset)] = meant
    return table


def renamed(
    lines: Iterable[Mapping[str, Any]], known: Mapping[str, Mapping[str, str]]
) -> Iterator[Mapping[str, Any]]:
    """MuPDF's ``lines`` of spans with ``text`` and ``font``, with the signs of ``known`` fonts."""
    for line in lines:
        if not any(span["font"] in known for span in line["spans"]):
            yield line
            continue
        spans = [
            {**span, "text": "".join(known[span["font"]].get(char, char) for char in span["text"])}
            if span["font"] in known
            else span
            for span in line["spans"]
        ]
        yield {**line, "spans": spans}
