"""Displayed formulas of scanned pages that the layout took for text, or cut into pieces.

It sees what OCR read, and OCR reads a formula as short words and signs with gaps between them. So pieces on one level are
put together, and what stands apart like a display and has no sentence in it is tried as one; what cannot be read as a
formula, or not as the one whose signs OCR saw, stays the text that it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from docvlm.boxes import overlap_across, overlap_down, sides, union
from docvlm.formulas.reading import Formula
from docvlm.latex import OPERATOR_NAMES, OPERATORS
from docvlm.layout.region import Region, words
from docvlm.readers.align import folded
from docvlm.readers.evidence import letters
from docvlm.schema import Kind

_RELATION = re.compile(r"[=<>≤≥≈≡≠∈→⇒∼≃]")
_TEXTUAL: frozenset[Kind] = frozenset({"paragraph", "heading", "list", "caption"})
_MOST_LINES = 3
_MOST_PROSE = 0.3  # of the letters, in words of a sentence
_INSET = 1.5  # ems from both edges of the column
_NEAR = 3.0  # ems between pieces of one formula
_LEVEL = 0.5  # of the lower piece's height
_AGREED = 0.7  # of the letters and digits that either saw
_SIGNS = {"≠": r"\neq", "≤": r"\leq", "≥": r"\geq", "≈": r"\approx", "∈": r"\in", "→": r"\to"}
_NAMES = {*OPERATOR_NAMES, *(name[1:] for name in OPERATORS), "const", "for", "and", "all", "where", "with"}


def whole_displays(regions: Sequence[Region]) -> list[Region]:
    """The regions in order, with those pieces of a displayed formula joined that stand side by side."""
    made: list[Region] = []
    for region in regions:
        home = next((other for other in reversed(made) if _are_pieces(other, region)), None)
        if home is None:
            made.append(region)
        else:
            home.kind = "formula"
            home.box = union([home.box, region.box])
            home.lines = sorted([*home.lines, *region.lines], key=lambda line: line.box[0])
    return made


def _are_pieces(one: Region, other: Region) -> bool:
    if "formula" not in (one.kind, other.kind) or not (_is_piece(one) and _is_piece(other)):
        return False
    lower = min(sides(one.box)[1], sides(other.box)[1])
    size = max(line.size for region in (one, other) for line in region.lines)
    level = overlap_down(one.box, other.box) > _LEVEL * lower
    return level and -overlap_across(one.box, other.box) < _NEAR * size


def _is_piece(region: Region) -> bool:
    kind = region.kind in (*_TEXTUAL, "formula")
    return kind and bool(region.lines) and len(region.lines) <= _MOST_LINES and not _has_prose(region)


def _has_prose(region: Region) -> bool:
    text = region.text
    said = sum(len(word) for word in words(text) if word.lower() not in _NAMES)
    return said > _MOST_PROSE * max(1, len("".join(text.split())))


def looks_displayed(region: Region, regions: Sequence[Region]) -> bool:
    """Whether text stands in the middle of its column, has a relation between its signs, and says no sentence."""
    if region.kind not in _TEXTUAL or not region.lines or len(region.lines) > _MOST_LINES:
        return False
    inside = region.text.strip()[1:-1]
    if _RELATION.search(inside) is None or _has_prose(region):
        return False
    column = [
        other.box
        for other in regions
        if other is not region and other.kind in _TEXTUAL and overlap_across(other.box, region.box) > 0
    ]
    if not column:
        return False
    left, _, right, _ = union(column)
    inset = _INSET * max(line.size for line in region.lines)
    return region.box[0] > left + inset and region.box[2] < right - inset


def agree(formulas: Sequence[Formula], said: str) -> bool:
    """Whether formulas that were read where OCR ``said`` something have its letters, digits and relations."""
    latex = " ".join(formula.latex for formula in formulas)
    if not all(formula.latex for formula in formulas):
        return False
    printed, read = Counter(letters(latex)), Counter(folded(said))
    known = all(command in latex for sign, command in _SIGNS.items() if sign in said)
    return known and (printed & read).total() >= _AGREED * max(1, max(printed.total(), read.total()))
