"""Leaders: the rows of dots that lead the eye from an entry of a table or a table of contents to its number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from docvlm.spans import Line, Span

DOTS: Final = re.compile(r"(?:\s*[.·•…_‥]){4,}\s*|\s*…+\s*(?=\d|$)")
# A leader of a font that does not say what its dots are.
UNKNOWN_ROW: Final = re.compile(r"[\x00-\x08]?([\ufffd\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f-\x9f])\1{3,}")
_NOTHING_ELSE = re.compile(r"[\s.·•…_‥]*[.·•…_‥][\s.·•…_‥]*")


def has_leader(row: Line) -> bool:
    """Whether dots lead away from words; dots alone say that there is nothing."""
    return DOTS.search(row.text) is not None and re.search(r"\w", row.text) is not None


def without_leader(row: Line) -> Line:
    """The same visual line, with a space for the dots that lead away from its words."""
    if not has_leader(row):
        return row
    spans: list[Span] = []
    for span in row.spans:
        if _NOTHING_ELSE.fullmatch(span.text):
            span = replace(span, text=" ")
        spans.append(replace(span, text=DOTS.sub(" ", span.text)))
    return Line(row.box, spans, row.direction)
