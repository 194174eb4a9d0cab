"""Glyphs that a finder sees in a line of print, as the line of spans that a text layer would have.

A text layer names its fonts, and fonts of formulas give formulas away (`docvlm.formulas.segments`). Pixels show a slope
and no font: there a letter is taken for a variable where it slants alone among upright words, or stands alone at all
among slanted ones.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box
from docvlm.formulas.codes import em_of
from docvlm.formulas.glyphs import (
    BASELINE,
    BLACKBOARD,
    BOLD,
    BOLD_ITALIC,
    BOTTOM,
    EXTENSION,
    FRAKTUR,
    ITALIC,
    LEFT,
    RIGHT,
    RULE,
    SCRIPT,
    SIZE,
    SYMBOL,
    TOP,
    Glyphs,
)
from docvlm.latex import OPERATOR_NAMES, OPERATORS
from docvlm.spans import Line, Span

_SAME_LETTER = 1.3  # ems; sizes that the finder tells of letters of one line differ by less
_SAME_SIZE = 0.1  # ems between sizes in one span
_SAME_ROW = 0.2  # ems between baselines in one row
_MOST = 0.5  # of a word's letters, for the word to look like them
_AT_BAR = 0.5  # ems between a bar and what stands on it or below it
_FORMULAS = "math"  # the font of what only formulas have
_SCRIPT = 0.85  # of an em; smaller type off the baseline is a script
_OFF = 0.07  # ems
_WORD_GAP = 0.17  # ems
_THIN_GAP = 0.1  # ems; letters of a word are closer, and a script is to its letter
_LONG = 3  # letters; longer words are text, shorter ones may be products
# Signs that text has, too, or that look like such: dashes, bullets, bars.
_SHARED = frozenset("−·∗•|∣/′†‡§¶∘◦⋆.,:;…⋯()[]{}")
_RELATIONS = frozenset("=<>+−×≤≥≈≡∼∈→⇒⊂⊆∝≠")
_STOPS = [ord(char) for char in ".,;:"]
_WORDS_OF_A_LETTER = frozenset("aAI")
_NAMES = frozenset(name.removeprefix("\\") for name in OPERATORS) | OPERATOR_NAMES | {"argmin", "argmax"}
_FANCY = (SCRIPT, FRAKTUR, BLACKBOARD)
_SIGNS = (SYMBOL, EXTENSION)


@dataclass(frozen=True, slots=True)
class _Look:
    """Whether only formulas have a glyph; of the others, whether it slants and whether it is bold."""

    own: bool = False
    slants: bool = False
    bold: bool = False


def as_line(glyphs: Glyphs) -> tuple[Line, Glyphs]:
    """One upright line's ``glyphs``, places in points and at least one of them no rule: as a line, and themselves with
    each span's size in place of their own, as `docvlm.formulas.segments.segments` expects.
    """
    em = em_of(glyphs)
    order = np.flatnonzero(glyphs.styles != RULE)
    order = order[np.argsort(glyphs.places[order, LEFT], kind="stable")]
    raised = _raised(glyphs, order, em)
    places = glyphs.places.copy()
    places[~raised & (places[:, SIZE] < _SAME_LETTER * em), SIZE] = em
    looks = _looks(glyphs, order, raised, em)
    spans: list[Span] = []
    held: list[int] = []
    for index, following in itertools.zip_longest(order.tolist(), order[1:].tolist()):
        held.append(index)
        together = (
            following is not None
            and (looks[index], raised[index]) == (looks[following], raised[following])
            and abs(places[index, SIZE] - places[following, SIZE]) < _SAME_SIZE * em
            and (not raised[index] or abs(places[index, BASELINE] - places[following, BASELINE]) < _OFF * em)
        )
        if not together:
            spans.append(_span(glyphs, places, held, following, looks[index], em))
            held = []
    x0, y0, x1, y1 = _box(places, order)
    # A line of quotation marks has its baseline below all ink.
    box = x0, y0, x1, max(y1, float(places[order, BASELINE].max()))
    return Line(box, spans), Glyphs(glyphs.characters, glyphs.styles, places)


def prose_share(glyphs: Glyphs) -> float:
    """How many of a crop's letters, digits and signs stand in words, be it one line or several; scripts do not count, and
    names of functions are no words.
    """
    large = (glyphs.styles != RULE) & (glyphs.places[:, SIZE] > _SCRIPT * em_of(glyphs))
    return len(_in_words(glyphs)) / max(1, int(large.sum()))


def word_baselines(glyphs: Glyphs) -> NDArray[np.float32]:
    """The baselines (n,) of a crop's letters that stand in words."""
    return np.asarray(glyphs.places[_in_words(glyphs), BASELINE])


def _in_words(glyphs: Glyphs) -> list[int]:
    em = em_of(glyphs)
    visible = np.flatnonzero((glyphs.styles != RULE) & (glyphs.places[:, SIZE] > _SCRIPT * em))
    visible = visible[np.argsort(glyphs.places[visible, BASELINE], kind="stable")]
    rows = np.split(visible, 1 + np.flatnonzero(np.diff(glyphs.places[visible, BASELINE]) > _SAME_ROW * em))
    return [
        index
        for row in rows
        for word in _words(glyphs, row[np.argsort(glyphs.places[row, LEFT], kind="stable")].tolist(), em)
        if len(word) >= _LONG and _spelled(glyphs, word) not in _NAMES
        for index in word
    ]


def _raised(glyphs: Glyphs, order: NDArray[np.intp], em: float) -> NDArray[np.bool_]:
    """Which glyphs are scripts, or in fractions: small, and off the line's baseline."""
    places, visible = glyphs.places, glyphs.styles != RULE
    large = visible & ~np.isin(glyphs.styles, _SIGNS) & (places[:, SIZE] > _SCRIPT * em)
    base = np.median(places[large if large.any() else visible, BASELINE])
    raised = np.asarray((places[:, SIZE] <= _SCRIPT * em) & (np.abs(places[:, BASELINE] - base) > _OFF * em))
    # Stops are small as they are: only among scripts they are some.
    stops = np.isin(glyphs.characters[order], _STOPS)
    others = order[~stops]
    for index, place in zip(order[stops], np.cumsum(~stops)[stops]):
        raised[index] = bool(0 < place < len(others) and raised[others[place - 1]] and raised[others[place]])
    return raised


def _looks(glyphs: Glyphs, order: NDArray[np.intp], raised: NDArray[np.bool_], em: float) -> dict[int, _Look]:
    stacked = _stacked(glyphs, em)
    looks = {
        index: _Look(own=bool(stacked[index]) or _is_own(glyphs, index, bool(raised[index])))
        for index in order.tolist()
    }
    level = [index for index in order.tolist() if not raised[index]]
    looks.update((index, _Look(own=True)) for index in _ellipses(glyphs, level))
    words = _words(glyphs, level, em)
    slants = [_share(glyphs, word, (ITALIC, BOLD_ITALIC)) > _MOST for word in words]
    bold = [_share(glyphs, word, (BOLD, BOLD_ITALIC)) > _MOST for word in words]
    long = [number for number, word in enumerate(words) if len(word) >= _LONG]
    for number, word in enumerate(words):
        if not _is_letter(glyphs, word[0]) or stacked[word[0]]:
            continue
        near = sorted(long, key=lambda other: abs(other - number))[:2]
        in_slanted = bool(near) and all(slants[other] for other in near)
        in_bold = bool(near) and all(bold[other] for other in near)
        is_word = _spelled(glyphs, word) in _WORDS_OF_A_LETTER
        if len(word) > 1:
            own = slants[number] and len(word) <= _LONG and _is_bound(glyphs, word, order, raised, looks, em)
        elif in_slanted:
            own = not is_word
        else:
            emphasis = is_word and any(slants[other] for other in long if abs(other - number) == 1)
            own = (slants[number] and not emphasis) or (bold[number] and not in_bold and not is_word)
        for index in word:
            looks[index] = _Look(own) if own else _Look(False, slants[number], bold[number])
    return looks


def _is_own(glyphs: Glyphs, index: int, raised: bool) -> bool:
    """Whether no text has this glyph, letters of text apart."""
    style, char = int(glyphs.styles[index]), chr(glyphs.characters[index])
    return style in _FANCY or _is_greek(char) or (style in _SIGNS and (raised or char not in _SHARED))


def _stacked(glyphs: Glyphs, em: float) -> NDArray[np.bool_]:
    """Which glyphs stand above or below a bar that is as long as they: parts of fractions and radicals."""
    places = glyphs.places
    middle = places[:, [LEFT, RIGHT]].mean(1)
    stacked = np.zeros(len(glyphs), np.bool_)
    for x0, y0, x1, y1 in places[glyphs.styles == RULE, :4]:
        if x1 - x0 > y1 - y0:
            away = np.minimum(np.abs(places[:, BOTTOM] - y0), np.abs(places[:, TOP] - y1))
            stacked |= (middle > x0) & (middle < x1) & (away < _AT_BAR * em)
    return np.asarray(stacked & (glyphs.styles != RULE))


def _ellipses(glyphs: Glyphs, order: Sequence[int]) -> Iterator[int]:
    """Three dots in a row and the commas beside them, as sequences have; alone they are no formula."""
    for match in re.finditer(r",?(?:\.{3}|…),?", "".join(chr(glyphs.characters[index]) for index in order)):
        yield from order[match.start() : match.end()]


def _words(glyphs: Glyphs, order: Sequence[int], em: float) -> list[list[int]]:
    """Runs of letters that touch; everything else is alone."""
    words: list[list[int]] = []
    right = 0.0
    for index in order:
        left = float(glyphs.places[index, LEFT])
        if words and _is_letter(glyphs, index) and _is_letter(glyphs, words[-1][-1]):
            # A function's name and its argument stand closer than words, and slanted letters lean on the next word.
            differs = glyphs.styles[index] != glyphs.styles[words[-1][-1]]
            ends = differs and (left - right > _THIN_GAP * em or _spelled(glyphs, words[-1]) in _NAMES)
            if left - right < _WORD_GAP * em and not ends:
                words[-1].append(index)
                right = max(right, float(glyphs.places[index, RIGHT]))
                continue
        words.append([index])
        right = float(glyphs.places[index, RIGHT])
    return words


def _is_bound(
    glyphs: Glyphs,
    word: Sequence[int],
    order: NDArray[np.intp],
    raised: NDArray[np.bool_],
    looks: dict[int, _Look],
    em: float,
) -> bool:
    """Whether a sign of relation stands beside a word, what is of a formula touches its start, or a script its end."""
    listed = order.tolist()
    first, last = listed.index(word[0]), listed.index(word[-1])
    if first:
        before = listed[first - 1]
        gap = glyphs.places[word[0], LEFT] - glyphs.places[before, RIGHT]
        if chr(glyphs.characters[before]) in _RELATIONS or (looks[before].own and gap < _WORD_GAP * em):
            return True
    if last + 1 == len(listed):
        return False
    after = listed[last + 1]
    gap = glyphs.places[after, LEFT] - glyphs.places[word[-1], RIGHT]
    return chr(glyphs.characters[after]) in _RELATIONS or bool(raised[after] and gap < _WORD_GAP * em)


def _is_letter(glyphs: Glyphs, index: int) -> bool:
    char = chr(glyphs.characters[index])
    return int(glyphs.styles[index]) not in (*_FANCY, *_SIGNS) and char.isalpha() and not _is_greek(char)


def _is_greek(char: str) -> bool:
    return "Ͱ" <= char <= "Ͽ"


def _spelled(glyphs: Glyphs, word: Sequence[int]) -> str:
    return "".join(chr(glyphs.characters[index]) for index in word)


def _share(glyphs: Glyphs, word: Sequence[int], styles: Sequence[int]) -> float:
    return float(np.isin(glyphs.styles[list(word)], styles).mean())


def _span(
    glyphs: Glyphs,
    places: NDArray[np.float32],
    held: Sequence[int],
    following: int | None,
    look: _Look,
    em: float,
) -> Span:
    """A span of glyphs ``held``, in their order, and the space before the ``following``; sets their sizes to its own."""
    places[held, SIZE] = size = float(np.median(places[held, SIZE]))
    text = ""
    for index, after in itertools.zip_longest(held, [*held[1:], *([] if following is None else [following])]):
        text += chr(glyphs.characters[index])
        if after is not None and places[after, LEFT] - places[index, RIGHT] > _WORD_GAP * em:
            text += " "
    return Span(
        text,
        _box(places, held),
        size,
        font=_FORMULAS if look.own else "",
        italic=look.slants,
        bold=look.bold,
        baseline=float(np.median(places[held, BASELINE])),
    )


def _box(places: NDArray[np.float32], index: Sequence[int] | NDArray[np.intp]) -> Box:
    x0, y0 = places[index][:, [LEFT, TOP]].min(0)
    x1, y1 = places[index][:, [RIGHT, BOTTOM]].max(0)
    return float(x0), float(y0), float(x1), float(y1)
