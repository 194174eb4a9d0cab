"""Whether what a finder saw in the lines of a scan is mathematics: a line is prose until something says otherwise.

The finder knows formulas and sees some in dirt, in bold names and in the letters of lists. OCR is the other witness: what it
read where the formula stands, and what touches it there. A formula is *evident* where both read the same letters and its
structure (a relation, a script, a fraction, a Greek letter) is no prose's. What is as well a letter or a number is a
formula only on a page that has evident ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.codes import em_of
from docvlm.formulas.glyphs import BOLD_ITALIC, ITALIC, LEFT, RIGHT, RULE, Glyphs
from docvlm.formulas.reading import Formula
from docvlm.formulas.segments import Segment
from docvlm.latex import GREEK, OPERATORS, LatexError, Node, parse
from docvlm.latex.commands import commands
from docvlm.readers.align import folded

_LIKELY = 0.5  # probability; a formula that is more likely wrong makes no page mathematical
_SURE_OF_FRACTION = 0.8  # probability of a fraction of numbers of which OCR read nothing
_FRACTION = re.compile(r"\d{0,3}\\frac\{\d+\}\{\d+\}")
_AGREED = 0.7  # of the letters and digits of an evident formula that OCR read there; it misses small scripts
_HALF_AGREED = 0.5  # of those of a formula beside evident ones, which OCR reads badly
_MANY = 3  # evident formulas, with which a page is so mathematical that OCR need not have read the others
_TOUCHING = 0.12  # ems; nearer letters are of one word
ADDRESS = re.compile(r"\S+@\S+|\S*(?:://|www\.)\S*", re.IGNORECASE)
_MARKER = re.compile(r"\s*\(?(?:[A-Za-z]|[ivx]{1,4}|\d{1,2})\)(?=\s|$)")
_ELEMENT = (
    "H|Li|B|C|N|O|F|Na|Mg|Al|Si|P|S|Cl|K|Ca|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|As|Br|Ag|Cd|Sn|I|Ba|W|Pt|Au|Hg|Pb|U"
)
CHEMICAL = re.compile(rf"(?<![\w-])(?=\w*\d)(?:(?:{_ELEMENT})\d{{0,2}}){{2,}}(?!\w)")  # Al2O3, CO2
_NAMED = re.compile(r"[-\u2010]\w{2,}")  # n-hexane, k-means: the letter is part of a name
_FANCY = re.compile(r"\\math(?:cal|bb|frak|scr)\b")
_GREEK_COMMANDS = frozenset(GREEK.values())
_RELATIONS = frozenset("=<>") | commands(
    "leq geq leqslant geqslant neq in notin to subset subseteq supset supseteq equiv sim simeq cong approx propto ll gg"
    " rightarrow Rightarrow mapsto prec succ lesssim gtrsim"
)
_BUILT = frozenset((r"\frac", r"\sqrt", r"\binom", r"\begin", r"\left"))
_EVIDENT = _BUILT | OPERATORS | _GREEK_COMMANDS
_BIG = commands("sum prod int iint iiint oint coprod bigcup bigcap bigoplus")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A formula in a line as two witnesses have it: ``formula`` of the finder's glyphs, and ``said``, what OCR read there.

    ``barred`` is true where pixels show the bar of a fraction, which OCR reads hardly ever; ``touched`` where it is a piece
    of a word, an address, a name or a list's marker; ``slants`` where all of its letters do, and those around do not.
    """

    formula: Formula
    said: str
    touched: bool
    slants: bool
    barred: bool = False

    @property
    def agreement(self) -> float:
        """How many of the formula's letters and digits OCR read where it stands."""
        printed, read = Counter(letters(self.formula.latex)), Counter(folded(self.said))
        return (printed & read).total() / max(1, printed.total())


def believed(candidates: Sequence[Candidate], displayed: Sequence[Formula] = ()) -> list[bool]:
    """Which of a page's candidates are formulas; ``displayed`` are those that stand apart on it."""
    evident = [_is_evident(each) for each in candidates]
    apart = [each.latex for each in displayed if each.latex and each.confidence.score >= _LIKELY]
    sources = [each.formula.latex for each, sure in zip(candidates, evident) if sure] + apart
    known = {letter for latex in sources for letter in letters(latex)}
    many = len(sources) >= _MANY
    return [
        sure or _is_barred_number(each) or (bool(sources) and _is_one_of(each, known, many))
        for each, sure in zip(candidates, evident)
    ]


_COMMAND = re.compile(r"\\[A-Za-z]+")
_PRINTED = {command: char for char, command in GREEK.items()} | {name: name[1:] for name in OPERATORS}


def _is_evident(each: Candidate) -> bool:
    likely = each.formula.confidence.score >= _LIKELY and not each.touched
    return likely and is_built(each.formula.latex) and each.agreement >= _AGREED


def _is_barred_number(each: Candidate) -> bool:
    """Whether a candidate is a fraction of numbers whose bar pixels show; that makes no page mathematical."""
    sure = each.formula.confidence.score >= _SURE_OF_FRACTION
    return each.barred and sure and not each.touched and _FRACTION.fullmatch(each.formula.latex) is not None


def _is_one_of(each: Candidate, known: set[str], many: bool) -> bool:
    """Whether a candidate is a formula where others are evident, maybe ``many``, whose letters are ``known``."""
    latex = each.formula.latex
    if each.touched:
        return False
    if is_built(latex):
        return many or each.agreement >= _HALF_AGREED
    same = folded(each.said) == letters(latex)
    named = [letter for letter in letters(latex) if not letter.isdigit()]
    fancy = many and _FANCY.search(latex) is not None
    return bool(named) and same and (each.slants or fancy or known.issuperset(named))


def is_built(latex: str) -> bool:
    """Whether a formula has what prose has not: a relation between letters, a script, a fraction, a Greek letter."""
    try:
        nodes = parse(latex)
    except LatexError:
        return False
    if any(_lacks_operand(row) for row in _rows(nodes)):
        return False
    heads = [node.head for row in _rows(nodes) for node in row]
    related = any(head in _RELATIONS for head in heads[1:-1]) and any(map(str.isalpha, letters(latex)))
    scripted = any(
        (node.sub or node.sup)
        and (node.head.isalnum() or node.arguments or node.head in ")]" or node.head in _GREEK_COMMANDS)
        for row in _rows(nodes)
        for node in row
    )
    return related or scripted or any(head in _EVIDENT for head in heads)


def _lacks_operand(row: Sequence[Node]) -> bool:
    """Whether a sum or an integral is of nothing: then it is another sign."""
    return any(
        node.head in _BIG and (at + 1 == len(row) or row[at + 1].head in _RELATIONS or not row[at + 1].head)
        for at, node in enumerate(row)
    )


def _rows(nodes: list[Node]) -> Iterator[list[Node]]:
    yield nodes
    for node in nodes:
        for part in (*node.arguments, *(cell for row in node.rows for cell in row), node.sub, node.sup):
            if part:
                yield from _rows(part)


def letters(latex: str) -> str:
    """The letters and digits that a formula prints, in lower case and as OCR would write them, in order of the source."""
    source = re.sub(r"\\(?:begin|end)\{[^}]*\}(?:\{[^}]*\})?", "", latex)
    return folded(_COMMAND.sub(lambda match: _PRINTED.get(match[0], ""), source))


def candidate(text: str, glyphs: Glyphs, segment: Segment, formula: Formula) -> Candidate:
    """A formula of ``segment`` among a line's ``glyphs``, of which OCR read ``text``."""
    order = np.flatnonzero(glyphs.styles != RULE)
    order = order[np.argsort(glyphs.places[order, LEFT], kind="stable")]
    own = np.flatnonzero(np.isin(order, segment.index))
    first, last = int(own.min()), int(own.max())
    start, end = _said_at(text, "".join(chr(glyphs.characters[index]) for index in order), first, last + 1)
    styles = segment.glyphs.styles
    alphabetic = np.array([chr(char).isalpha() for char in segment.glyphs.characters])
    return Candidate(
        formula,
        text[start:end],
        _is_touched(text, start, end, glyphs, order[max(first - 1, 0) : last + 2]),
        bool(alphabetic.any()) and bool(np.isin(styles[alphabetic], (ITALIC, BOLD_ITALIC)).all()),
    )


def _said_at(text: str, seen: str, first: int, last: int) -> tuple[int, int]:
    """From where to where OCR's ``text`` stands for the characters ``first`` to before ``last`` of those ``seen``."""
    places = [place for place, char in enumerate(text) if not char.isspace()]
    if not places:
        return 0, 0
    matched = SequenceMatcher(None, seen, "".join(text[place] for place in places), autojunk=False)
    start, end = 0, len(places)
    for block in matched.get_matching_blocks():
        if block.size and block.a < first:
            start = block.b + min(block.size, first - block.a)
        if block.size and block.a + block.size > last:
            end = min(end, block.b + max(0, last - block.a))
    if start >= end:
        return (places[min(start, len(places) - 1)],) * 2
    return places[start], places[end - 1] + 1


def _is_touched(text: str, start: int, end: int, glyphs: Glyphs, near: NDArray[np.intp]) -> bool:
    """Whether what OCR read from ``start`` to ``end`` is a piece of a word, of an address or of a name, be it a compound's,
    or a list's marker.

    ``near`` are the glyphs there and one on either side: OCR loses spaces.
    """
    before, behind = text[start - 1 : start], text[end : end + 1]
    gaps = glyphs.places[near[1:], LEFT] - glyphs.places[near[:-1], RIGHT]
    close = gaps < _TOUCHING * em_of(glyphs)
    if (before.isalpha() and len(close) and close[0]) or (behind.isalpha() and len(close) and close[-1]):
        return True
    named = (match.span() for pattern in (ADDRESS, CHEMICAL) for match in pattern.finditer(text))
    if any(first < end and start < last for first, last in named):
        return True
    marker = _MARKER.match(text)
    if marker is not None and end <= marker.end():
        return True
    return end - start == 1 and text[start:end].isascii() and _NAMED.match(text, end) is not None
