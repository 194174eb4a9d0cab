"""Sub- and superscripts of a scan: OCR reads "Al2O3" and "m2", and the glyph finder sees which of the digits are small and
off the line. Where both have the same digit in the same place, it is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.codes import em_of
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, RULE, SIZE, TOP, Glyphs
from docvlm.spans import Span

_SCRIPTS = frozenset("0123456789+-−")
_SMALL = 0.85  # of an em; larger type is no script
_LOW = 0.6  # ems; digits of the line's own type have 0.65
_RAISED, _LOWERED = 0.15, 0.06  # ems between the line's baseline and the foot of a script
_TOUCHING = 0.14  # ems between a script and its letter
_MOST_SCRIPTS = 0.4  # of the glyphs; with more of them the line's own type is misjudged


def with_scripts(spans: Sequence[Span], glyphs: Glyphs) -> list[Span]:
    """OCR's ``spans`` of a line, their digits that ``glyphs``, in the same frame, show to be scripts apart and marked."""
    visible = np.flatnonzero(glyphs.styles != RULE)
    if len(visible) < 2:
        return list(spans)
    order = visible[np.argsort(glyphs.places[visible, LEFT], kind="stable")]
    rises = _rises(glyphs, order)
    if not rises.any() or np.count_nonzero(rises) > _MOST_SCRIPTS * len(order):
        return list(spans)
    middle = glyphs.places[order][:, [LEFT, RIGHT]].mean(1)
    marked: list[Span] = []
    for span in spans:
        if span.math:
            marked.append(span)
            continue
        inside = (middle >= span.box[0]) & (middle <= span.box[2])
        marked += _marked(span, glyphs.take(order[inside]), rises[inside])
    return marked


def _rises(glyphs: Glyphs, order: NDArray[np.intp]) -> NDArray[np.int8]:
    """Which of the glyphs, left to right, are digits above (1) or below (-1) the line behind a letter; else 0."""
    em, places = em_of(glyphs), glyphs.places[order]
    large = places[:, SIZE] > _SMALL * em
    base = float(np.median(places[large, BASELINE])) if large.any() else float(np.median(places[:, BASELINE]))
    rises = np.zeros(len(order), np.int8)
    for number, index in enumerate(order):
        char = chr(glyphs.characters[index])
        left, top, _, bottom = places[number, [LEFT, TOP, RIGHT, BOTTOM]]
        if not number or char not in _SCRIPTS or large[number] or bottom - top > _LOW * em:
            continue
        before = chr(glyphs.characters[order[number - 1]])
        follows = before.isalnum() or before in ")]" or rises[number - 1]
        if not follows or left - places[number - 1, RIGHT] > _TOUCHING * em:
            continue
        if bottom < base - _RAISED * em:
            rises[number] = 1
        elif char.isdigit() and bottom > base + _LOWERED * em:
            rises[number] = -1
    return rises


def _marked(span: Span, glyphs: Glyphs, rises: NDArray[np.int8]) -> list[Span]:
    places = [place for place, char in enumerate(span.text) if not char.isspace()]
    seen = "".join(map(chr, glyphs.characters)).replace("−", "-")
    said = "".join(span.text[place] for place in places).replace("−", "-")
    found = [0] * len(span.text)
    for block in SequenceMatcher(None, seen, said, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            found[places[block.b + step]] = int(rises[block.a + step])
    pieces: list[Span] = []
    x0, y0, x1, y1 = span.box
    pitch = (x1 - x0) / max(1, len(span.text))
    start = 0
    for end in range(1, len(found) + 1):
        if end == len(found) or found[end] != found[start]:
            box = (x0 + start * pitch, y0, x0 + end * pitch, y1)
            rise = found[start]
            pieces.append(
                replace(span, text=span.text[start:end], box=box, superscript=rise > 0, subscript=rise < 0)
            )
            start = end
    return pieces if len(pieces) > 1 else [span]
