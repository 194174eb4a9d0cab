"""What can be said of a formula without knowing it: whether it has the letters that the page has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.glyphs import EXTENSION, FIRST_PRINTED, Glyphs
from docvlm.latex import GREEK, OPERATORS, Node, parse

_GREEK = {command: char for char, command in GREEK.items()} | {r"\ell": "ℓ"}
# Letters that fonts draw alike or call by each other's names.
_ALIKE = str.maketrans("ϵϑϖϱςϕℓ\u2126", "εθπρσφlΩ")
_SET_AS_WORDS = {r"\pmod": "mod", r"\bmod": "mod"}


def agreement(latex: str, glyphs: Glyphs) -> float:
    """How far the letters and digits of a formula are those of its glyphs: 1 where they are the same, whatever their order.

    Raises LatexError for what is no formula.
    """
    written = Counter(letters_of(latex))
    shown = Counter(letters_shown(glyphs.characters, glyphs.styles))
    total = written.total() + shown.total()
    return 2 * (written & shown).total() / total if total else 1.0


def letters_shown(characters: NDArray[np.integer], styles: NDArray[np.integer]) -> str:
    """The letters and digits among glyphs: code points (n,) and styles (n,), as in `Glyphs`."""
    named = map(chr, characters[(styles != EXTENSION) & (characters >= FIRST_PRINTED)])
    return "".join(filter(_counts, named)).translate(_ALIKE)


def letters_of(latex: str) -> str:
    """The Latin and Greek letters and the digits that a formula prints. Raises LatexError for what is no formula."""
    return "".join(_letters(parse(latex))).translate(_ALIKE)


def all_letters() -> str:
    """Every letter and digit that `letters_shown` and `letters_of` tell apart."""
    return "".join(sorted(set("".join(filter(_counts, map(chr, range(0x2200)))).translate(_ALIKE))))


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
