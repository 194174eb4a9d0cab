"""What can be said of a formula without knowing it: does it have the letters that the page has, and which is its number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from docvlm.formulas.codes import em_of
from docvlm.formulas.glyphs import EXTENSION, LEFT, RIGHT, Glyphs
from docvlm.latex import OPERATORS, Node, parse
from docvlm.writers.latex_symbols import GREEK

_GREEK = {latex.removeprefix(r"\ensuremath{").removesuffix("}"): char for char, latex in GREEK.items()} | {
    r"\ell": "ℓ"
}
# Letters that fonts draw alike or call by each other's names.
_ALIKE = str.maketrans("ϵϑϖϱςϕℓ\u2126", "εθπρσφlΩ")
_SET_AS_WORDS = {r"\pmod": "mod", r"\bmod": "mod"}
_NUMBER = re.compile(r"\([A-Z]?\.?\d[\d.–-]{0,7}[a-z]?[′']{0,2}\)|\[\d+\]")
_NUMBER_AWAY = 1.5  # ems between a formula and its number, at least


def agreement(latex: str, glyphs: Glyphs) -> float:
    """How far the letters and digits of a formula are those of its glyphs: 1 where they are the same, whatever their order.

    Raises LatexError for what is no formula.
    """
    written = Counter(letters_of(latex))
    shown = Counter(
        char
        for char in map(chr, glyphs.characters[(glyphs.styles != EXTENSION) & (glyphs.characters > 31)])
        if _counts(char)
    )
    shown = Counter("".join(shown.elements()).translate(_ALIKE))
    total = written.total() + shown.total()
    return 2 * (written & shown).total() / total if total else 1.0


def letters_of(latex: str) -> str:
    """The Latin and Greek letters and the digits that a formula prints. Raises LatexError for what is no formula."""
    return "".join(_letters(parse(latex))).translate(_ALIKE)


def _counts(char: str) -> bool:
    return (char.isascii() and char.isalnum()) or char in _GREEK.values() or char == "\u2126"


def _letters(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if len(node.head) == 1:
            yield node.head if _counts(node.head) else ""
        elif node.head in OPERATORS:
            yield node.head[1:]
        elif node.head in _SET_AS_WORDS:
            yield _SET_AS_WORDS[node.head]
        else:
            yield _GREEK.get(node.head, "")
        if node.words and node.head not in (r"\begin", r"\left", r"\middle"):
            yield "".join(filter(_counts, re.sub(r"\\[A-Za-z]+", "", node.words[0])))
        parts = [*node.arguments, *(cell for row in node.rows for cell in row)]
        for part in (*parts, node.option, node.sub, node.sup):
            yield from _letters(part or [])


def without_number(glyphs: Glyphs) -> tuple[Glyphs, str | None]:
    """A displayed formula's glyphs without its number, and the number without brackets; None where it has none."""
    order = np.argsort(glyphs.places[:, LEFT], kind="stable")
    if len(order) < 4:
        return glyphs, None
    away = _NUMBER_AWAY * em_of(glyphs)
    left, right = glyphs.places[order, LEFT], np.maximum.accumulate(glyphs.places[order, RIGHT])
    gaps = 1 + np.flatnonzero(left[1:] - right[:-1] > away)
    # On the right, as most set it, or else on the left.
    for cut, number in ((cut, order[cut:]) for cut in gaps[::-1]):
        if tag := _number(glyphs, number):
            return glyphs.take(np.sort(order[:cut])), tag
    for cut in gaps[:1]:
        if tag := _number(glyphs, order[:cut]):
            return glyphs.take(np.sort(order[cut:])), tag
    return glyphs, None


def _number(glyphs: Glyphs, index: np.ndarray) -> str | None:
    text = glyphs.take(index).text
    return text[1:-1] if len(text) == len(index) and _NUMBER.fullmatch(text) else None
