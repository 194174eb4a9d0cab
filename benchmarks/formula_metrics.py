r"""How a converted paper's formulas and words are compared with its truth: pure functions on what both say.

Each side is split into streams: the body, the footnotes and the captions (a page shows notes and floats where there is
room), and the displays. A stream is a list of words and formulas:

1. Words are what is left of a text without punctuation, in lower case, folded by NFKC; formulas are canonical LaTeX.
2. The words of both sides are aligned by the fewest edits. A gap is what lies between two words that agree. Formulas
   are paired only within a gap, in order, so that their similarities sum to the most: an `x` does not count as read
   because another `x` was read elsewhere.
3. Displays have no words around them: they are paired in order over the whole paper. A display of several rows may be
   found as several displays, one a row; then the marks of its columns are not compared.

Similarity is one minus the edit distance of canonical LaTeX over the longer length.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token as MarkdownToken
from rapidfuzz.distance import Levenshtein

from docvlm import inline
from docvlm.document import Document
from docvlm.latex import LatexError, normalize, pieces
from docvlm.writers import flow
from training.text.papers import Passage, rows_of

STREAMS = ("body", "footnote", "caption")
LEAST = 0.3  # similarity from which two displays may be the same one

_WORD = re.compile(r"[^\W_]+")
_TRIVIAL = re.compile(r"[A-Za-z]|\d+")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_LABEL = ("fig", "figure", "table")
_MARKS = ("sup_open", "sup_close", "sub_open", "sub_close", "break", "softbreak", "hardbreak")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in canonical LaTeX, or as it was written where it is none, and its numbers from top to bottom."""

    latex: str
    tags: tuple[str, ...] = ()

    @property
    def trivial(self) -> bool:
        """Whether it is a letter or a whole number, which plain text says as well."""
        return _TRIVIAL.fullmatch(self.latex) is not None


Token = str | Formula  # a word, or a formula between words


@dataclass(slots=True)
class Said:
    """What a paper says: words and formulas by stream, and displays. ``unread`` counts displays kept as pictures."""

    streams: dict[str, list[Token]] = field(default_factory=lambda: {name: [] for name in STREAMS})
    displays: list[Formula] = field(default_factory=list)
    unread: int = 0

    def words(self) -> Counter[str]:
        """All words, without their order."""
        return Counter(
            token for stream in self.streams.values() for token in stream if isinstance(token, str)
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """A true formula and what was written for it; nothing where it was missed. ``plain``: it stands as plain text."""

    truth: Formula
    written: str | None
    similarity: float
    tags: tuple[str, ...] = ()
    plain: bool = False


@dataclass(slots=True)
class Comparison:
    """One stream, or the displays, of one paper. ``wrong_words`` are edits; ``false`` formulas have no true one."""

    pairs: list[Pair] = field(default_factory=list)
    false: list[Formula] = field(default_factory=list)
    words: int = 0
    wrong_words: int = 0


# --- what is said ---------------------------------------------------------------------------------


def canonical(latex: str) -> str:
    """The normal form, or ``latex`` itself where it is no formula."""
    try:
        return normalize(latex)
    except LatexError:
        return latex


def display(latex: str) -> Formula:
    """A displayed formula as it was written; its tags are taken out."""
    return Formula(canonical(_TAG.sub("", latex)), tuple(tag.strip("()$ ") for tag in _TAG.findall(latex)))


def said_by_truth(passages: Iterable[Passage]) -> Said:
    """What a paper that was drawn says."""
    said = Said()
    for passage in passages:
        if passage.kind == "display":
            said.displays.append(Formula(passage.text, passage.tags))
        else:
            stream = passage.kind if passage.kind in STREAMS else "body"
            said.streams[stream] += _tokens(inline.children(passage.text), said)
    return said


def said_by(document: Document) -> Said:
    """What a converted document says; tables, pictures and page furniture are left out."""
    said = Said()
    for item in flow.of(document).items:
        if not isinstance(item, flow.Piece) or item.kind in ("table", "picture", "chart"):
            continue
        if item.kind == "formula":
            latex = item.block.latex or item.text
            said.unread += not latex
            said.displays += [display(latex)] if latex else []
            continue
        tokens: list[Token] = []
        for token in inline.parser().parse(item.text):
            tokens += _tokens(token.children if token.children is not None else [token], said)
        if item.kind == "caption" and tokens[:1] and tokens[0] in _LABEL:
            del tokens[:2]
        said.streams[item.kind if item.kind in STREAMS else "body"] += tokens
    return said


def _tokens(of: Sequence[MarkdownToken], said: Said) -> list[Token]:
    """Words and formulas of inline Markdown. Displays that stand in it go to ``said``."""
    tokens: list[Token] = []
    text = ""
    for token in of:
        if token.type in ("math_inline_double", "math_block"):
            said.displays.append(display(token.content))
        if token.type.startswith("math") or token.type in _MARKS:
            tokens += words_of(text)
            text = ""
        else:
            text += token.content
        if token.type == "math_inline":
            tokens.append(Formula(canonical(token.content)))
    return tokens + words_of(text)


def words_of(text: str) -> list[str]:
    """The words of plain text, lower case, without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text.replace(inline.SOFT_HYPHEN, "")).lower())


# --- running text ---------------------------------------------------------------------------------


def compare_stream(truth: Sequence[Token], found: Sequence[Token]) -> Comparison:
    """Pairs the formulas of two streams, and counts the edits between their words."""
    result = Comparison(words=sum(isinstance(token, str) for token in truth))
    gap_truth: list[Token] = []
    gap_found: list[Token] = []
    for code in Levenshtein.opcodes(_keys(truth, 0), _keys(found, 1)):
        if code.tag == "equal":
            _compare_gap(gap_truth, gap_found, result)
            gap_truth, gap_found = [], []
        else:
            gap_truth += truth[code.src_start : code.src_end]
            gap_found += found[code.dest_start : code.dest_end]
    _compare_gap(gap_truth, gap_found, result)
    return result


def _keys(tokens: Sequence[Token], side: int) -> list[str | tuple[int, int]]:
    """What is aligned: equal words agree, a formula agrees with nothing."""
    return [token if isinstance(token, str) else (side, at) for at, token in enumerate(tokens)]


def _compare_gap(truth: Sequence[Token], found: Sequence[Token], result: Comparison) -> None:
    formulas = [token for token in truth if isinstance(token, Formula)]
    written = [token for token in found if isinstance(token, Formula)]
    lost = [token for token in truth if isinstance(token, str)]
    stray = [token for token in found if isinstance(token, str)]
    forgiven = 0
    taken: set[int] = set()
    for formula, numbers in zip(formulas, align(formulas, written, least=0.0)):
        taken.update(numbers)
        if numbers:
            latex = written[numbers[0]].latex
            result.pairs.append(Pair(formula, latex, similarity(formula.latex, latex)))
            continue
        plain = formula.trivial and formula.latex.lower() in stray
        if plain:
            stray.remove(formula.latex.lower())
        else:
            forgiven += len(pieces(formula.latex))
        result.pairs.append(
            Pair(formula, formula.latex if plain else None, 1.0 if plain else 0.0, plain=plain)
        )
    result.false += [formula for number, formula in enumerate(written) if number not in taken]
    # The glyphs of a formula that was not read stand as words; the formula is already missed for that.
    result.wrong_words += len(lost) + max(0, len(stray) - len(lost) - forgiven)


# --- displays -------------------------------------------------------------------------------------


def compare_displays(truth: Sequence[Formula], found: Sequence[Formula]) -> Comparison:
    """Pairs displays in order."""
    result = Comparison()
    taken: set[int] = set()
    for formula, numbers in zip(truth, align(truth, found, LEAST, rows=True)):
        taken.update(numbers)
        parts = [found[number] for number in numbers]
        tags = tuple(tag for part in parts for tag in part.tags)
        written = r" \\ ".join(part.latex for part in parts) if parts else None
        result.pairs.append(Pair(formula, written, _similarity(formula, parts) if parts else 0.0, tags))
    result.false = [formula for number, formula in enumerate(found) if number not in taken]
    return result


def similarity(truth: str, written: str) -> float:
    """How alike two formulas in canonical LaTeX are, in [0, 1]."""
    return float(Levenshtein.normalized_similarity(truth, written))


def _similarity(truth: Formula, parts: Sequence[Formula]) -> float:
    if len(parts) == 1:
        return similarity(truth.latex, parts[0].latex)
    rows = [canonical(row.replace("&", " ")) for row in rows_of(truth.latex)]
    return similarity(r" \\ ".join(rows), r" \\ ".join(part.latex for part in parts))


def align(
    truth: Sequence[Formula], found: Sequence[Formula], least: float, rows: bool = False
) -> list[list[int]]:
    """For each true formula the numbers of those found that are it, so that similarities sum to the most.

    A pair is at least ``least`` alike. With ``rows``, as many as a display's rows may be it together.
    """
    most = [len(rows_of(formula.latex)) if rows else 1 for formula in truth]
    # Of two alignments that are equally alike, the one that pairs more.
    best = [[(0.0, 0)] * (len(found) + 1) for _ in range(len(truth) + 1)]
    for row in range(1, len(truth) + 1):
        for column in range(len(found) + 1):
            options = [(best[row - 1][column][0], 0)]
            if column:
                options.append((best[row][column - 1][0], -1))
            for count in range(1, min(most[row - 1], column) + 1):
                alike = _similarity(truth[row - 1], found[column - count : column])
                if alike >= least:
                    options.append((best[row - 1][column - count][0] + alike + 1e-6, count))
            best[row][column] = max(options)
    numbers: list[list[int]] = [[] for _ in truth]
    row, column = len(truth), len(found)
    while row:
        step = best[row][column][1]
        if step < 0:
            column -= 1
            continue
        row -= 1
        numbers[row] = list(range(column - step, column))
        column -= step
    return numbers
