"""Which parts of a line of print are mathematics, by fonts, scripts and spaces: the text layer does not say.

TeX sets letters and signs of formulas in fonts of their own, and so do word processors; digits, brackets and names of
functions come from the text's fonts, and belong to a formula where they touch one. What is found is read as a formula,
so that the words of the line stay the text layer's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from docvlm.fonts import is_mathematical
from docvlm.formulas.glyphs import (
    BASELINE,
    BOTTOM,
    EXTENSION,
    LEFT,
    RIGHT,
    RULE,
    SIZE,
    SYMBOL,
    TOP,
    Glyphs,
    is_nameless,
    plain,
)
from docvlm.latex import OPERATOR_NAMES, OPERATORS
from docvlm.spans import Line, Span

# What fonts of formulas lend to text: bullets, marks of footnotes, ends of proofs.
_TEXT_SIGNS = frozenset("•∗*†‡§¶□■◦⋄◇◆▪▫○●©⃝▶►▷▸✓⊳⋆★")
_OPERATORS = frozenset("+=<>/±×÷·⋅→←↔⇒⇐⇔↦−∓∗*∘⊕⊗⊂⊃⊆⊇∈∉∋≤≥⩽⩾≪≫≠≈≡∼≃≅∝≺≻⪯⪰∧∨∩∪∖|∥⊥⊢⊨∣:!≔")
_BESIDE = frozenset("+=<>±×⋅−∓≤≥⩽⩾≪≫≠≈≡∼∈→")  # what no sentence has between its words
_NO_OPERATORS = frozenset("√∛∑∏∐∫∬∭∮∂∇∞¬∀∃⋃⋂⋁⋀⨀⨁⨂⨄⨆")  # though Unicode calls them mathematical, too
_OPENING, _CLOSING = "([{⟨⌊⌈", ")]}⟩⌋⌉"
_RELATION = re.compile("[=<>≤≥≈≡∼∈→⇒⊂⊆∝≠]")
_PROSE = re.compile(
    r"[^\W\d_]{3,}(?![^\W\d_]|[(\[\ue000-\uf8ff\ufffd])"
)  # no name of a function before its bracket
_MATH_LETTER = re.compile(
    "[\U0001d400-\U0001d7ff\u210e]"
)  # Unicode's own letters of formulas, in whatever font
_STOPS = frozenset(",.;:")
_DOTS = frozenset(".…⋯")
_ACCENTS = frozenset("¯ˆ˜˙ˇ˘´`¨˚^~⃗")
_ORDINALS = "ºª"  # which Unicode calls letters, and authors type for degrees
_HATS = frozenset("¯ˆ˜˙⃗")  # over a letter of a formula, hardly ever over one of a text
_GREEK = frozenset("\u2126Δ∆∇µ")  # and what Unicode calls Greek
_NAMES = frozenset(name[1:] for name in OPERATORS)
_GREEK_LETTER = re.compile(r"(?<![^\W\d_])[\u0391-\u03c9\u2126\u2206](?![^\W\d_])")
_CALL = re.compile(rf"\b(?:(?:{'|'.join(sorted(_NAMES))})\b ?[(\d]|(?:{'|'.join(sorted(OPERATOR_NAMES))})\()")
# Gaps in ems: what is closer touches, what is closer than a space between words may still be one formula.
_TOUCHING, _THIN, _AROUND_SIGNS = 0.13, 0.27, 0.8
_AROUND_ACCENTS = 0.6  # an accent without a width stands left of its letter
_BETWEEN_DOTS = 0.36
_AROUND_NAMES = 0.4  # ln x, sin x
_BEHIND_COMMA = 0.5  # of a formula's font; TeX sets less than a space there
_WORD_SPACE = 0.22  # the narrowest space between words, in a tight line
_AROUND_OPERATOR_NAMES = 0.3  # det A, where a sign beside it shows that it is a name
_LIKE_SPACE = 0.75  # of the space before a word: what follows it is a space, too
_BEFORE_SLANTED = 0.34  # a letter behind a sign, where a line is set loosely

_FEWEST_SIGNS = 3  # of a displayed formula without a relation
_MOST_PROSE = 0.3  # of a displayed line's letters
_LONGEST_PRODUCT = 3  # letters; longer slanted words are words
_LEVEL = 0.99  # cosine of the steepest slant of an upright line
_FULL_SIZE, _SCRIPT_SIZE = 0.9, 0.85  # of the line's type: what shows its baseline, and what may be a script
_OFF_BASELINE = 0.06  # ems; a script's rise, at least
_ACCENT_RISE = 0.45  # ems; accents of capitals are raised
_SIZE_ERROR = 0.3  # points between the sizes that two ways of reading a page give
_PLACE_ERROR = 0.6  # points between their places
_THICKEST_RULE = 1.5  # points, of a fraction or a radical
_RULE_ENDS = 0.5  # points by which what stands on a rule may reach beyond it
_AT_RULE = 0.6  # ems between a rule and what stands on it or below it
_LETTER_GAP = 0.5  # points between letters that are bound to each other
_RULE_OVERHANG = 4.0  # points by which a rule may be longer than the formula: a radical's is
_SHORTEST_ASIDE = 3  # characters: brackets and something between them


@dataclass(frozen=True, slots=True)
class Segment:
    """A formula inside a line: from character ``start`` of span ``first`` to before character ``end`` of span ``last``.

    ``glyphs`` are its glyphs and rules as the page has them, ``index`` (n,) their numbers there. ``goes_on`` is true
    where it ends the line with a sign behind which TeX parts formulas, ``leads`` where it begins the line.
    """

    first: int
    start: int
    last: int
    end: int
    glyphs: Glyphs
    index: NDArray[np.intp]
    goes_on: bool = False
    leads: bool = False


@dataclass(slots=True)
class _Atom:
    """A visible character of a line. ``left`` and ``right`` are points, ``role`` one letter (see `_role`)."""

    char: str
    span: int
    place: int
    glyph: int
    left: float
    right: float
    strong: bool
    bold: bool
    role: str


def has_math(lines: Sequence[Line]) -> bool:
    """Whether any span of these lines is set in a font of formulas; says nothing on Greek letters in text fonts."""
    return any(_is_strong_span(span) for line in lines for span in line.spans)


def is_displayed(line: Line) -> bool:
    """Whether a visual line is a formula and hardly anything else: no more than a word or two of prose."""
    strong = sum(len(span.text.strip()) for span in line.spans if _is_strong_span(span))
    words = prose_of(line)
    if not words and _RELATION.search(line.text):
        return strong > 0
    return strong >= _FEWEST_SIGNS and words < _MOST_PROSE * len("".join(line.text.split()))


def prose_of(line: Line) -> int:
    """How many letters of a line are words of a sentence; three slanted ones may be a product.

    Names of functions and words in scripts are none.
    """
    # MuPDF also marks words as raised that follow a fraction.
    small = _SCRIPT_SIZE * line.size
    whole = [span for span in line.spans if span.size > small or not (span.subscript or span.superscript)]
    upright = "".join(
        " " if _is_strong_span(s) or is_mathematical(s.font) or s.italic else s.text for s in whole
    )
    slanted = "".join(s.text if s.italic and not is_mathematical(s.font) else " " for s in whole)
    words = [
        *_PROSE.findall(upright),
        *(word for word in _PROSE.findall(slanted) if len(word) > _LONGEST_PRODUCT),
    ]
    return sum(len(word) for word in words if word not in _NAMES and word not in OPERATOR_NAMES)


def segments(line: Line, glyphs: Glyphs) -> list[Segment]:
    """The formulas of an upright visual ``line``, left to right; ``glyphs`` are the page's, in the page's frame."""
    if abs(line.direction[0]) < _LEVEL or not _may_hold_math(line):
        return []
    atoms = _atoms(line, glyphs)
    found = []
    for run in _runs(atoms, max(line.size, 1.0)):
        trimmed = _trimmed(run, atoms, max(line.size, 1.0))
        if _is_formula(trimmed):
            segment = _segment(trimmed, glyphs)
            goes_on = trimmed[-1] is atoms[-1] and trimmed[-1].role in "oc" and trimmed[-1].char != "\ufffd"
            found.append(replace(segment, goes_on=goes_on, leads=trimmed[0] is atoms[0]))
    return found


def _is_strong_span(span: Span) -> bool:
    text = span.text.strip()
    if _MATH_LETTER.search(text):
        return True
    return bool(text) and is_mathematical(span.font) and not set(text) <= _TEXT_SIGNS


def _may_hold_math(line: Line) -> bool:
    if any(_is_strong_span(s) or ((s.bold or s.italic) and len(s.text.strip()) == 1) for s in line.spans):
        return True
    if any(s.subscript for s in line.spans) and any(s.superscript for s in line.spans):
        return True
    text = line.text
    return _GREEK_LETTER.search(text) is not None or _CALL.search(text) is not None


# --- characters and what they can be --------------------------------------------------------------


def _atoms(line: Line, glyphs: Glyphs) -> list[_Atom]:
    places = glyphs.places
    middle = places[:, [LEFT, RIGHT]].mean(1)
    free = (
        (glyphs.styles != RULE)
        & (places[:, BASELINE] > line.box[1] - 1)
        & (places[:, BASELINE] < line.box[3] + 1)
    )
    size = max(line.size, 1.0)
    base = float(
        np.median([s.baseline for s in line.spans if s.text.strip() and s.size >= _FULL_SIZE * size])
    )
    # A slanted letter says nothing in a slanted line.
    italic, bold = (
        2 * sum(len(s.text) for s in line.spans if getattr(s, look)) > len(line.text)
        for look in ("italic", "bold")
    )
    atoms: list[_Atom] = []
    for number, span in enumerate(line.spans):
        shown = [place for place, char in enumerate(span.text) if not char.isspace()]
        if not shown:
            continue
        own = np.flatnonzero(
            free
            & (np.abs(places[:, BASELINE] - span.baseline) < _ACCENT_RISE * span.size)
            & (np.abs(places[:, SIZE] - span.size) < _SIZE_ERROR)
            & (middle > span.box[0] - _PLACE_ERROR)
            & (middle < span.box[2] + _PLACE_ERROR)
        )
        found = _matched([span.text[place] for place in shown], own, glyphs)
        free[[glyph for glyph in found if glyph >= 0]] = False
        of_math = is_mathematical(span.font)
        script = span.size <= _SCRIPT_SIZE * size and abs(base - span.baseline) > _OFF_BASELINE * size
        step = (span.box[2] - span.box[0]) / len(span.text)
        for place, glyph in zip(shown, found):
            left, right = span.box[0] + step * place, span.box[0] + step * (place + 1)
            if glyph >= 0:
                left, right = float(places[glyph, LEFT]), float(places[glyph, RIGHT])
            strong = of_math or _MATH_LETTER.match(span.text[place]) is not None
            role = "x" if script and not strong else _role(span, place, strong, italic, bold)
            sure = strong and span.text[place] not in _TEXT_SIGNS
            atoms.append(
                _Atom(
                    span.text[place], number, place, glyph, left, right, sure or role == "g", span.bold, role
                )
            )
    _widen(atoms, line, glyphs)
    _mark_letters(atoms, line)
    _part_tildes(atoms)
    return atoms


def _part_tildes(atoms: Sequence[_Atom]) -> None:
    """Makes those "~" of a text's font words, for "about", that stand over no letter, as accents do."""
    for index, atom in enumerate(atoms):
        if atom.char == "~" and atom.role == "a":
            middle = (atom.left + atom.right) / 2
            near = [*atoms[max(index - 2, 0) : index], *atoms[index + 1 : index + 3]]
            if not any(other.left < middle < other.right for other in near):
                atom.role = "T"


def _widen(atoms: Sequence[_Atom], line: Line, glyphs: Glyphs) -> None:
    """Gives what stands above or below a rule the rule's edges: a short numerator is not far from what is beside it."""
    places, size = glyphs.places, max(line.size, 1.0)
    middle = places[:, [TOP, BOTTOM]].mean(1)
    rules = np.flatnonzero(
        (glyphs.styles == RULE)
        & (middle > line.box[1] - size)
        & (middle < line.box[3] + size)
        & (places[:, RIGHT] - places[:, LEFT] > 2)
        & (places[:, BOTTOM] - places[:, TOP] < _THICKEST_RULE)
    )
    for rule in rules:
        left, right = float(places[rule, LEFT]), float(places[rule, RIGHT])
        sides: dict[bool, list[_Atom]] = {True: [], False: []}
        for atom in atoms:
            if atom.glyph >= 0 and left - _RULE_ENDS < (atom.left + atom.right) / 2 < right + _RULE_ENDS:
                top, bottom = places[atom.glyph, [TOP, BOTTOM]]
                if top - _AT_RULE * size < middle[rule] < bottom + _AT_RULE * size:
                    sides[bool((top + bottom) / 2 < middle[rule])].append(atom)
        fraction = bool(sides[True] and sides[False])
        for atom in sides[True] + sides[False]:
            if fraction:
                atom.strong, atom.role = True, "s" if atom.role in "Tx" else atom.role
            if atom.role != "T":
                atom.left, atom.right = min(atom.left, left), max(atom.right, right)


def _mark_letters(atoms: Sequence[_Atom], line: Line) -> None:
    """Finds letters of formulas among slanted ones of the text's font, by what stands beside them.

    A word of two or three letters beside a sign is a product; in a slanted line a letter with a script or behind a
    function's name is one, too.
    """
    slanted = 2 * sum(len(s.text) for s in line.spans if s.italic) > len(line.text)
    start = 0
    while start < len(atoms):
        end = start + 1
        while end < len(atoms) and (atoms[end].span, atoms[end].place) == (
            atoms[start].span,
            atoms[start].place + end - start,
        ):
            end += 1
        # From start to end there is no space in one span; words in it are told apart by their letters.
        place = start
        while place < end:
            stop = place + 1
            if atoms[place].char.isalpha():
                while stop < end and atoms[stop].char.isalpha():
                    stop += 1
                _mark_word(atoms, place, stop, line.spans[atoms[place].span].italic, slanted)
            place = stop
        start = end


def _mark_word(atoms: Sequence[_Atom], start: int, end: int, italic: bool, slanted: bool) -> None:
    if not italic or {atom.role for atom in atoms[start:end]} - set("Tr"):
        return
    before = atoms[start - 1] if start else None
    after = atoms[end] if end < len(atoms) else None
    formula = end - start <= _LONGEST_PRODUCT and any(
        beside
        and (
            beside.char in _BESIDE
            or (not slanted and beside.strong and beside.role == "o" and beside.char != "\ufffd")
        )
        for beside in (before, after)
    )
    if before and end - start == 2 and atoms[start].char == "d":
        formula |= before.role in "wx)" or before.strong  # a differential
    if slanted and end - start == 1:
        formula |= bool((after and after.role == "x") or (before and before.role == "n"))
    if formula:
        for atom in atoms[start:end]:
            atom.role = "w"


def _matched(characters: list[str], candidates: NDArray[np.intp], glyphs: Glyphs) -> list[int]:
    """The glyph of each character of a span among ``candidates`` (in the file's order); -1 where there is none.

    Both were read from the same content, so they come in the same order; a character that the text layer cannot name
    is the next glyph that it could not name.
    """
    found, start = [], 0
    for char in characters:
        code = plain(char, SYMBOL)[0]
        for rank in range(start, len(candidates)):
            there, style = int(glyphs.characters[candidates[rank]]), int(glyphs.styles[candidates[rank]])
            # A glyph without a name is given by its number in the font, which may look like a letter.
            nameless = is_nameless(there) or style == EXTENSION
            if there == code or (char == "\ufffd" and nameless):
                break
        else:
            rank = start if char == "\ufffd" else len(candidates)
        if rank < len(candidates):
            found.append(int(candidates[rank]))
            start = rank + 1
        else:
            found.append(-1)
    return found


def _role(span: Span, place: int, strong: bool, in_italic: bool, in_bold: bool) -> str:
    """What a character may be: T text, s sign or letter of a formula, g Greek, w a slanted or bold letter, r an upright
    one, d digit, o operator, ( and ) brackets, c comma or stop, p what follows a number, n name of a function, m a name
    that may be a word, a accent, x script."""
    char = span.text[place]
    if span.mono and not strong:
        return "T"  # code, commands and addresses
    if unicodedata.category(char) == "Mn":
        return "a"
    if strong:
        # Arrows made of pieces and tall signs often have no name; more stands around them than around letters.
        if (
            char == "\ufffd"
            or char in _OPERATORS
            or (unicodedata.category(char) == "Sm" and char not in _NO_OPERATORS)
        ):
            return "o"
        if char in _STOPS:
            return "c"
        return "(" if char in _OPENING else ")" if char in _CLOSING else "s"
    if char.isdigit():
        return "d"
    if char in _ACCENTS:
        return "a"
    if char in _GREEK and not span.text[place + 1 : place + 2].isalpha():
        return "g"
    if char in _OPENING:
        return "("
    if char in _CLOSING:
        return ")"
    if char in _STOPS:
        return "o" if char == ":" else "c"
    if char in _OPERATORS or unicodedata.category(char) == "Sm":
        return "o"
    if char in "%′'’":
        return "p"
    if not char.isalpha() or char in _ORDINALS:
        return "T"
    start, end = place, place + 1
    while start and span.text[start - 1].isalpha():
        start -= 1
    while end < len(span.text) and span.text[end].isalpha():
        end += 1
    word = span.text[start:end]
    if _is_greek(char) and sum(map(_is_greek, word)) == 1:
        return "g"  # alone, or with no space before the next word
    if word in _NAMES:
        return "n"
    if word in OPERATOR_NAMES:
        return "m"
    if len(word) > 1:
        return "T"
    if char.isascii() and ((span.italic and not in_italic) or (span.bold and not in_bold)):
        return "w"
    return "T" if char in "aAI" else "r"


def _is_greek(char: str) -> bool:
    return "\u0370" <= char <= "\u03ff" or char in "\u2126\u2206"


# --- runs of characters that are one formula ------------------------------------------------------


def _runs(atoms: list[_Atom], size: float) -> Iterator[list[_Atom]]:
    run: list[_Atom] = []
    for atom in atoms:
        if run:
            gap = (atom.left - max(each.right for each in run[-3:])) / size
            dotted = len(run) > 1 and run[-1].char == "," and run[-2].char in _DOTS  # x, ..., y
            if not (_joins(run[-1], atom, gap) or (dotted and atom.role in "ws" and gap < _BETWEEN_DOTS)):
                yield run
                run = []
        if atom.role == "T":
            continue
        run.append(atom)
    if run:
        yield run


def _joins(left: _Atom, right: _Atom, gap: float) -> bool:
    """Whether neighbours can be in one formula; ``gap`` is the space between them in ems."""
    if right.role == "T":
        return False
    if "a" in (left.role, right.role):
        # Some accents have no width and stand left of their letter; others stand over the middle of a wide one.
        return gap < (_AROUND_SIGNS if "o" in (left.role, right.role) else _AROUND_ACCENTS)
    if "o" in (left.role, right.role):
        return gap < _AROUND_SIGNS
    if left.role == "c" and right.role == "x":
        return False  # the mark of a footnote
    if left.role == right.role == "c":
        return gap < _BETWEEN_DOTS
    if right.role == "x" or (left.role == "x" and right.role in "(c"):
        return gap < _THIN
    if left.role == "c":
        # TeX's commas of formulas come from their fonts, and are followed by less than a space.
        return gap < (_BEHIND_COMMA if left.strong else _WORD_SPACE) or (left.char == "." and gap < _TOUCHING)
    if right.role == "c":
        return gap < (_THIN if left.char in _DOTS else _TOUCHING)
    if "n" in (left.role, right.role):
        return gap < _AROUND_NAMES
    if "m" in (left.role, right.role):
        # A name is followed by a thin space; so is a word of the sentence where a line is tight.
        return gap < (_AROUND_OPERATOR_NAMES if left.strong or right.strong else _WORD_SPACE)
    if left.role in "d)" and right.role == "d":
        return gap < _TOUCHING
    if "r" in (left.role, right.role):
        return gap < _WORD_SPACE
    return gap < (_BEFORE_SLANTED if left.strong and right.role == "w" else _THIN)


def _trimmed(run: list[_Atom], atoms: list[_Atom], size: float) -> list[_Atom]:
    """A run without stops, brackets and signs at its ends that are the sentence's."""
    while run:
        first, last = run[0], run[-1]
        # TeX breaks lines behind a sign, never before one.
        breaks = last is atoms[-1] and last.char in "=+<>"
        if first.role in "cxp" or (first.role == "o" and not first.strong) or first.char in _TEXT_SIGNS:
            run = run[1:]
        elif (
            last.role == "c"
            or (last.role == "a" and (len(run) < 2 or last.left >= run[-2].right))
            or (last.role == "o" and not last.strong and last.char != "!" and not breaks)
            or last.char in _TEXT_SIGNS
        ):
            run = run[:-1]
        elif first.role == "r" and len(run) > 1 and not _is_bound(first, run[1]):
            run = run[1:]
        elif last.role == "r" and len(run) > 1 and not _is_bound(last, run[-2]):
            run = run[:-1]
        elif first.role == "m" and (letters := _in_sentence(run, atoms, size)):
            run = run[letters:]
        elif (stray := _stray(run)) is not None:
            before, after = run[:stray], run[stray + 1 :]
            run = before if sum(a.strong for a in before) >= sum(a.strong for a in after) else after
        elif _is_aside(run, atoms):
            run = run[1:-1]
        else:
            return run
    return run


def _in_sentence(run: list[_Atom], atoms: list[_Atom], size: float) -> int:
    """How many letters at a run's start are a word of the sentence, "mean", and no function's name: as much space follows
    it as stands before it, where TeX sets less behind a name.
    """
    end = next((place for place, atom in enumerate(run) if atom.role != "m"), len(run))
    if end == len(run) or run[end].role == "(":
        return 0
    start = next(place for place, atom in enumerate(atoms) if atom is run[0])
    before = run[0].left - atoms[start - 1].right if start else _WORD_SPACE / _LIKE_SPACE * size
    return end if run[end].left - run[end - 1].right > _LIKE_SPACE * before > 0 else 0


def _is_bound(letter: _Atom, neighbour: _Atom) -> bool:
    """Whether an upright letter at the end of a run belongs to its neighbour and not to the sentence."""
    return (
        neighbour.role in "o(xc"
        or min(abs(letter.right - neighbour.left), abs(neighbour.right - letter.left)) < _LETTER_GAP
    )


def _stray(run: list[_Atom]) -> int | None:
    """The place of a bracket from the text's font without its partner in the run."""
    opened: list[int] = []
    for place, atom in enumerate(run):
        if atom.role == "(":
            opened.append(place)
        elif atom.role == ")":
            if opened:
                opened.pop()
            elif not atom.strong:
                return place
    return next((place for place in opened if not run[place].strong), None)


def _is_aside(run: list[_Atom], atoms: list[_Atom]) -> bool:
    """Whether a run stands in the sentence's own brackets: around all of it, and without a comma inside."""
    if len(run) < _SHORTEST_ASIDE or run[0].role != "(" or run[-1].role != ")" or run[0].strong:
        return False
    depth = 0
    for atom in run[:-1]:
        depth += (atom.role == "(") - (atom.role == ")")
        if not depth:
            return False
    return not any(atom.role == "c" and atom.char == "," for atom in run)


def _is_formula(run: list[_Atom]) -> bool:
    if any(atom.strong and atom.role != "c" for atom in run):
        return True
    if any(atom.strong for atom in run):
        return any(atom.role in "dw" for atom in run) and run[0].role in "dw(nm" and len(run) > 2
    if not run:
        return False
    if run[0].role == "n" and any(atom.role in "(dw" for atom in run):
        return True  # ln(2)
    if run[0].role == "m" and any(atom.role == "(" for atom in run):
        return True
    if not any(atom.role == "w" for atom in run):
        return False
    if any(atom.role in "ox" or atom.char in _HATS for atom in run):
        return True
    return len(run) == 1 and run[0].role == "w" and run[0].bold


def _segment(run: list[_Atom], glyphs: Glyphs) -> Segment:
    first, last = run[0], run[-1]
    known = np.array(sorted({atom.glyph for atom in run if atom.glyph >= 0}), np.intp)
    places = glyphs.places
    if len(known):
        left, right = places[known, LEFT].min(), places[known, RIGHT].max()
        top, bottom = places[known, TOP].min(), places[known, BOTTOM].max()
        middle = places[:, [LEFT, RIGHT]].mean(1)
        height = places[:, [TOP, BOTTOM]].mean(1)
        rules = (
            (glyphs.styles == RULE)
            & (middle > left)
            & (middle < right)
            & (height > top - 2)
            & (height < bottom + 2)
        )
        rules &= places[:, RIGHT] - places[:, LEFT] < right - left + _RULE_OVERHANG
        known = np.concatenate([known, np.flatnonzero(rules)])
    return Segment(first.span, first.place, last.span, last.place + 1, glyphs.take(known), known)
