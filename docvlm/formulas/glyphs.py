"""Glyphs and rules of a crop as anchors: what the reading model sees of a born-digital formula.

The old font encodings of TeX say a character's code and nothing else; new fonts say Unicode's mathematical letters.
Both become the same here: a plain character and the style of its font. This module knows no PDF library, so a machine
that only trains can use it; `docvlm.formulas.extract` reads pages.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from docvlm import fonts

# What a crop is read as: LaTeX alone, or Markdown with LaTeX in it.
Kind = Literal["formula", "line"]

STYLES: Final = (
    "rule",
    "roman",
    "italic",
    "bold",
    "bold italic",
    "sans",
    "mono",
    "script",
    "fraktur",
    "blackboard",
    "symbol",
    "extension",
)
RULE, ROMAN, ITALIC, BOLD, BOLD_ITALIC, SANS, MONO, SCRIPT, FRAKTUR, BLACKBOARD, SYMBOL, EXTENSION = range(12)
# Columns of `Glyphs.places`.
LEFT, TOP, RIGHT, BOTTOM, BASELINE, SIZE = range(6)


FIRST_PRINTED = 32
"""The first code that prints something."""
PRIVATE_USE = range(0xE000, 0xF900)
"""Codes that mean what a font's maker liked."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The n glyphs and rules of a crop, in the order in which the file draws them (rules last).

    ``characters`` (n,) int32 are code points (0 for a rule; the font's own code where no meaning is known),
    ``styles`` (n,) uint8 index STYLES, ``places`` (n, 6) float32 are the left edge, the top of the ink, the right
    edge, the bottom of the ink, the baseline and the font's size, in points, y downwards, in any frame.
    """

    characters: NDArray[np.int32]
    styles: NDArray[np.uint8]
    places: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.characters)

    def take(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Glyphs:
        """Some of them, in the order of ``index``."""
        return Glyphs(self.characters[index], self.styles[index], self.places[index])

    def within(self, box: tuple[float, float, float, float]) -> Glyphs:
        """Those whose middles lie in a box of the same frame."""
        x, y = self.places[:, [LEFT, RIGHT]].mean(1), self.places[:, [TOP, BOTTOM]].mean(1)
        return self.take((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3]))

    @property
    def text(self) -> str:
        """The characters that mean something, in order."""
        return "".join(map(chr, self.characters[self.characters >= FIRST_PRINTED]))


_WIDEST_GAP = 0.6  # ems that closing up leaves


def closed_up(glyphs: Glyphs) -> Glyphs:
    """The glyphs with what stands behind a wide gap moved left; the very same ones where there is no wide gap."""
    printed = glyphs.places[glyphs.styles != RULE]
    if not len(printed):
        return glyphs
    widest = _WIDEST_GAP * float(np.median(printed[:, SIZE]))
    order = np.argsort(glyphs.places[:, LEFT], kind="stable")
    lefts, rights = glyphs.places[order, LEFT], np.maximum.accumulate(glyphs.places[order, RIGHT])
    spare = np.maximum(lefts[1:] - rights[:-1] - widest, 0.0)
    if not spare.any():
        return glyphs
    places = glyphs.places.copy()
    places[order[1:, None], [LEFT, RIGHT]] -= np.cumsum(spare)[:, None]
    return Glyphs(glyphs.characters, glyphs.styles, places)


# In ems: what is higher is a tall bracket, and by how much its pieces lean; baselines of rows are so far apart.
_TALL, _LEANING, _ROW = 1.4, 0.2, 0.7
_FULL_SIZE = 0.9  # of an em; smaller type is a script
_BRACKETS = [ord(char) for char in "()[]{}|∥∣"] + [*range(0x239B, 0x23AE)]
_SAME_BASE = 0.05  # ems between the baselines of one row
_SCRIPT_RISE = 0.6  # ems by which a script may be off the row
_SIZE_ERROR = 1.05  # of a letter's size; a script has no larger type
_OVER_EDGE = 0.1  # ems by which a script may reach over its letter or the next


def from_left(glyphs: Glyphs) -> Glyphs:
    """The glyphs in the order of their left edges, in which pictures have them; the very same ones where they are so."""
    order = np.argsort(glyphs.places[:, LEFT], kind="stable")
    return glyphs if np.all(order[1:] > order[:-1]) else glyphs.take(order)


def by_rows(glyphs: Glyphs) -> Glyphs:
    """The glyphs in the order of an array's rows: what stands between two tall brackets row by row, each from the left; the
    very same ones where there are no rows.
    """
    places = glyphs.places
    printed = glyphs.styles != RULE
    if not printed.any():
        return glyphs
    em = float(np.median(places[printed, SIZE]))
    tall = printed & np.isin(glyphs.characters, _BRACKETS) & (places[:, BOTTOM] - places[:, TOP] > _TALL * em)
    walls = np.sort(places[tall, LEFT])
    between = np.searchsorted(walls, places[:, LEFT] - _LEANING * em)
    bases = np.sort(places[printed & ~tall & (places[:, SIZE] > _FULL_SIZE * em), BASELINE])
    if not tall.any() or not len(bases):
        return glyphs
    firsts = bases[np.concatenate([[True], np.diff(bases) > _ROW * em])]
    rows = np.searchsorted(firsts, places[:, BASELINE] + _ROW / 2 * em)
    rows[tall] = len(firsts) + 1
    order = np.lexsort((places[:, LEFT], rows, between, ~printed))
    return glyphs.take(order) if len(firsts) > 1 else glyphs


def drawn_out_of_order(glyphs: Glyphs) -> bool:
    """Whether scripts were drawn after what stands behind them, or a denominator before its numerator: TeX draws them in
    the order of writing, browsers those last that a style sheet places.
    """
    return _has_turned_rows(glyphs) or _has_late_scripts(glyphs) or _has_late_numerators(glyphs)


def _has_turned_rows(glyphs: Glyphs) -> bool:
    """Whether a glyph was drawn after another that stands behind it in its row."""
    printed = glyphs.places[glyphs.styles != RULE]
    left, right, base, size = (printed[:, column] for column in (LEFT, RIGHT, BASELINE, SIZE))
    for place in range(1, len(printed)):
        before = slice(0, place)
        alike = (np.abs(base[before] - base[place]) < _SAME_BASE * size[place]) & (
            np.abs(size[before] - size[place]) < (_SIZE_ERROR - 1) * size[place]
        )
        if np.any(alike & (left[before] > right[place] - _OVER_EDGE * size[place])):
            return True
    return False


def _has_late_scripts(glyphs: Glyphs) -> bool:
    printed = glyphs.places[glyphs.styles != RULE]
    left, right, base, size = (printed[:, column] for column in (LEFT, RIGHT, BASELINE, SIZE))
    middle = (left + right) / 2
    em = size[:-1]
    for place in np.flatnonzero(
        (np.abs(base[1:] - base[:-1]) < _SAME_BASE * em)
        & (left[1:] - right[:-1] > _OVER_EDGE * em)
        & (np.abs(size[1:] - em) < (_SIZE_ERROR - 1) * em)
    ):
        later = slice(place + 2, None)
        off = np.abs(base[later] - base[place])
        if np.any(
            (middle[later] > right[place])
            & (middle[later] < left[place + 1])
            & (right[later] < left[place + 1] + _OVER_EDGE * size[place])
            & (left[later] > right[place] - _OVER_EDGE * size[place])
            & (off < _SCRIPT_RISE * size[place])
            & (size[later] < _SIZE_ERROR * size[place])
        ):
            return True
    return False


def _has_late_numerators(glyphs: Glyphs) -> bool:
    places, is_rule = glyphs.places, glyphs.styles == RULE
    middle, height = places[:, [LEFT, RIGHT]].mean(1), places[:, [TOP, BOTTOM]].mean(1)
    for rule in places[is_rule]:
        along = np.flatnonzero(~is_rule & (middle > rule[LEFT]) & (middle < rule[RIGHT]))
        near = along[np.abs(places[along, BASELINE] - rule[BASELINE]) < 2 * places[along, SIZE]]
        above = height[near] < rule[TOP]
        if above.any() and not above.all() and near[above].min() > near[~above].max():
            return True
    return False


def side_by_side(first: Glyphs, second: Glyphs) -> Glyphs:
    """Two halves of a formula that a line's end parted, on one baseline with a thick space between them."""
    if not len(first) or not len(second):
        return second if len(second) else first
    em = float(first.places[:, SIZE].max())
    right, left = first.places[:, RIGHT].max(), second.places[:, LEFT].min()
    # The largest type stands on the line itself, scripts do not.
    bases = [
        each.places[each.places[:, SIZE] == each.places[:, SIZE].max(), BASELINE][0]
        for each in (first, second)
    ]
    across, down = right - left + 0.28 * em, bases[0] - bases[1]
    moved = second.places + np.array([across, down, across, down, down, 0], np.float32)
    parts = (
        Glyphs(first.characters, first.styles, first.places),
        Glyphs(second.characters, second.styles, moved),
    )
    # Rules come last, as in a page.
    joined = Glyphs(*(np.concatenate([getattr(part, name) for part in parts]) for name in Glyphs.__slots__))
    return joined.take(np.argsort(joined.styles == RULE, kind="stable"))


_ITALIC_FLAG, _BOLD_FLAG = 2, 16  # MuPDF's


@cache
def style_of(font: str, flags: int = 0) -> int:
    """The style of a font by its name (a subset's prefix does no harm) and MuPDF's flags."""
    name = fonts.face(font)
    for style, pattern in (
        (EXTENSION, fonts.EXTENSION.formula),
        (BLACKBOARD, fonts.BLACKBOARD),
        (FRAKTUR, fonts.FRAKTUR),
        (SCRIPT, fonts.SCRIPT),
        (SYMBOL, fonts.SYMBOL),
        (MONO, fonts.MONO.formula),
        (SANS, fonts.SANS),
    ):
        if pattern.search(name):
            return style
    # Flags are guessed by MuPDF from the name for many fonts, wrongly for math fonts that are upright.
    bold = bool(fonts.BOLD.formula.search(name)) or bool(flags & _BOLD_FLAG)
    italic = bool(fonts.ITALIC.formula.search(name)) or bool(flags & _ITALIC_FLAG)
    if not italic and fonts.MATHDESIGN.search(name):
        return BLACKBOARD
    return BOLD_ITALIC if bold and italic else BOLD if bold else ITALIC if italic else ROMAN


_WORDS = (
    ("DOUBLE-STRUCK", BLACKBOARD),
    ("FRAKTUR", FRAKTUR),
    ("BLACK-LETTER", FRAKTUR),
    ("SCRIPT", SYMBOL),  # what TeX's symbol fonts have as calligraphic capitals
    ("MONOSPACE", MONO),
    ("SANS-SERIF", SANS),
    ("BOLD ITALIC", BOLD_ITALIC),
    ("BOLD", BOLD),
    ("ITALIC", ITALIC),
    ("PLANCK", ITALIC),
)
_KEPT = "ℓℏ"  # letters of their own, though Unicode calls them variants
_ALIKE = str.maketrans(
    {
        "〈": "⟨",
        "〉": "⟩",
        "∆": "Δ",
        "\u2126": "\u03a9",  # the ohm, which composing would make an omega in this file, too
        "µ": "μ",
        "∙": "·",
        "⋅": "·",
        "ˆ": "^",
        "˜": "~",
        "’": "′",
        "‐": "-",
        # Capitals that TeX has no Greek names for, as some fonts call Latin ones.
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX")),
    }
)
_CALLIGRAPHIC: Final = (
    0xE22D  # where fonts derived from STIX keep calligraphic A to Z, in Unicode's private area
)


def is_nameless(code: int) -> bool:
    """Whether a character's code says nothing: a control character, one for private use, or U+FFFD."""
    return code < FIRST_PRINTED or code in PRIVATE_USE or code == ord("\ufffd")


@cache
def plain(character: str, style: int) -> tuple[int, int]:
    """A character of a font -> its code point and style, Unicode's mathematical letters taken apart.

    ``𝐱`` in any font is a bold ``x``. A character of which only the font's code is known stays that code.
    """
    style = int(style)
    if style == SCRIPT and 0 <= ord(character) - _CALLIGRAPHIC < len(ascii_uppercase):
        return ord("A") + ord(character) - _CALLIGRAPHIC, SYMBOL
    if character not in _KEPT and unicodedata.decomposition(character).startswith("<font>"):
        name = unicodedata.name(character)
        style = next((found for word, found in _WORDS if word in name), style)
        # One step only: NFKC would go on and take a lunate epsilon for an epsilon.
        base = chr(int(unicodedata.decomposition(character).split()[1], 16))
        return ord(base.translate(_ALIKE)), style
    return ord(character.translate(_ALIKE)), style
