"""Fonts by family, and text as coverage put together from cached glyphs.

Laying out a string glyph by glyph from a cache costs a fifth of asking FreeType for the whole string; kerning is
left out, as in most chart software.
"""

from __future__ import annotations

import functools
import itertools
import os
import string
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

from ..ticks import Undrawable

Cover = NDArray[np.float32]
# A family must have all of these to be used for Latin text.
_NEEDED = "".join(map(chr, range(33, 127))) + "€£−–’äöüßéèêçñáíóúØåřýžŁćÉÖ°²µ"
_SUFFIXES = (".ttf", ".otf", ".ttc")
_BOLD = ("bold", "semibold", "demibold", "demi")
_ITALIC = ("italic", "oblique")
_PLAIN = ("regular", "book", "roman", "normal")
# Signs only, or too heavy, too fine or too fancy for charts.
_UNUSUAL = (
    "math",
    "symbol",
    "caps",
    "unsl",
    "dunh",
    "quot",
    "stix",
    "cmr",
    "cmex",
    "cmsy",
    "cmmi",
    "emoji",
    "thin",
    "hairline",
    "extralight",
    "extrabold",
    "black",
    "heavy",
)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One font file (and the font's number in a collection); compared by identity, which makes lookups fast."""

    path: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    regular: Face
    bold: Face
    italic: Face

    @property
    def is_serif(self) -> bool:
        return any(w in self.name.lower() for w in ("serif", "roman", "charter", "times", "garamond"))

    @property
    def is_mono(self) -> bool:
        return "mono" in self.name.lower()


@dataclass(frozen=True, slots=True)
class Glyph:
    """Coverage (h, w), 0..1; ``left`` and ``top`` of it from the pen and the baseline, in pixels, y down."""

    cover: Cover
    left: int
    top: int
    advance: float


class FontBook:
    """The families in some folders; finds one that has a text's characters."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        latin: dict[str, dict[str, Face]] = {}
        chinese: dict[str, dict[str, Face]] = {}
        for path, index, name, style in _faces(folders):
            face = Face(path, index)
            name, slot = _name_and_slot(name, style)
            if any(w in name.lower() for w in _UNUSUAL) or slot not in ("regular", "bold", "italic"):
                continue
            if has_text(face, "产业年度–−€" + string.printable.strip()):  # labels mix scripts
                chinese.setdefault(name, {}).setdefault(slot, face)
            if has_text(face, _NEEDED):
                latin.setdefault(name, {}).setdefault(slot, face)
        self.latin = [_family(n, f) for n, f in sorted(latin.items()) if "regular" in f]
        self.chinese = [_family(n, f) for n, f in sorted(chinese.items()) if "regular" in f]
        if not self.latin:
            raise FileNotFoundError(f"no font with Latin letters, digits and signs in {', '.join(folders)}")
        widest = [f for f in self.latin if f.name == "DejaVu Sans"]
        self.fallback = (widest or self.latin)[0]

    def face_for(self, text: str, family: Family, bold: bool, italic: bool = False) -> Face:
        """The family's face, or one of another family when it lacks some of the text's characters."""
        if text.isascii():
            return family.bold if bold else family.italic if italic else family.regular
        for candidate in (family, self.fallback, *self.chinese[:1]):
            face = candidate.bold if bold else candidate.italic if italic else candidate.regular
            if has_text(face, text):
                return face
        raise Undrawable(f"no font has all characters of {text!r}")


def _faces(folders: tuple[str, ...]) -> list[tuple[str, int, str, str]]:
    """(path, index, family name, style) of all fonts below the folders, sorted by path."""
    found = []
    for folder in folders:
        for root, _, files in sorted(os.walk(folder)):
            for file in sorted(files):
                if not file.lower().endswith(_SUFFIXES):
                    continue
                path = str(Path(root) / file)
                for index in range(12 if file.lower().endswith(".ttc") else 1):
                    try:
                        family, style = ImageFont.truetype(path, 12, index=index).getname()
                    except OSError:
                        break
                    # Of the regional variants of one CJK font, the simplified Chinese.
                    if (
                        file.lower().endswith(".ttc")
                        and "CJK" in (family or "")
                        and " SC" not in (family or "")
                    ):
                        continue
                    found.append((path, index, family or file, (style or "").lower()))
    return found


def _name_and_slot(name: str, style: str) -> tuple[str, str]:
    """("DejaVu Sans", "condensed bold") is the bold of "DejaVu Sans Condensed"; sizes ("10 regular") are dropped."""
    words = [w for w in style.split() if not w.isdigit()]
    slot = "".join(["bold"] * any(w in _BOLD for w in words) + ["italic"] * any(w in _ITALIC for w in words))
    rest = [w.capitalize() for w in words if w not in (*_BOLD, *_ITALIC, *_PLAIN)]
    return " ".join([name, *rest]), slot or "regular"


def _family(name: str, faces: dict[str, Face]) -> Family:
    regular = faces["regular"]
    return Family(name, regular, faces.get("bold", regular), faces.get("italic", regular))


def default_folders() -> tuple[str, ...]:
    """Where this system keeps fonts; matplotlib's own when it keeps none."""
    places = [
        p
        for p in ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts")
        if Path(p).is_dir()
    ]
    if any(next(Path(p).rglob("*.ttf"), None) for p in places):
        return tuple(places)
    import matplotlib  # only needed on machines without fonts

    return (str(Path(matplotlib.__file__).parent / "mpl-data" / "fonts" / "ttf"),)


@functools.cache
def font_book(folders: tuple[str, ...] | None = None) -> FontBook:
    """The fonts of some folders, read once per process."""
    return FontBook(folders or default_folders())


# An open font takes a megabyte, and is needed only for glyphs that were not drawn before.
@functools.lru_cache(maxsize=48)
def _font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face.path, size, index=face.index, layout_engine=ImageFont.Layout.BASIC)


_MOST_SHEETS = 2000


@functools.lru_cache(maxsize=_MOST_SHEETS)
def _sheet(face: Face, size: int) -> dict[str, Glyph]:
    """The glyphs of one face at one size that have been needed so far."""
    return {}


def glyph(face: Face, size: int, character: str) -> Glyph:
    sheet = _sheet(face, size)
    found = sheet.get(character)
    if found is None:
        found = sheet[character] = _rendered(face, size, character)
    return found


def _glyphs(face: Face, size: int, text: str) -> list[Glyph]:
    sheet = _sheet(face, size)
    try:
        return [sheet[c] for c in text]
    except KeyError:
        return [glyph(face, size, c) for c in text]


def _rendered(face: Face, size: int, character: str) -> Glyph:
    font = _font(face, size)
    core, (left, top) = font.getmask2(character, mode="L", anchor="ls")
    width, height = core.size
    advance = float(font.getlength(character))
    if width == 0 or height == 0:
        return Glyph(np.zeros((0, 0), np.float32), 0, 0, advance)
    mask = np.asarray(Image.Image()._new(core))
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) == 0:
        return Glyph(np.zeros((0, 0), np.float32), 0, 0, advance)
    cover = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32) / np.float32(255)
    return Glyph(cover, int(left) + int(columns[0]), int(top) + int(rows[0]), advance)


@functools.cache
def _missing(face: Face) -> tuple[tuple[int, ...], bytes]:
    """The glyph that the font draws for a character it lacks."""
    found = glyph(face, 20, "\U0010fffd").cover
    return found.shape, found.tobytes()


@functools.cache
def _known(face: Face) -> dict[str, bool]:
    """Which characters the face has, as far as asked."""
    return {" ": True, "\u00a0": True, "\u202f": True}


def has_text(face: Face, text: str) -> bool:
    known = _known(face)
    try:
        return all(known[c] for c in text)
    except KeyError:
        for c in set(text) - known.keys():
            cover = glyph(face, 20, c).cover
            known[c] = cover.size > 0 and (cover.shape, cover.tobytes()) != _missing(face)
    return all(known[c] for c in text)


@dataclass(frozen=True, slots=True)
class Ink:
    """A line of text as coverage, tight around the ink; ``top`` from the baseline (negative is above)."""

    cover: Cover
    top: int

    @property
    def width(self) -> int:
        return int(self.cover.shape[1])

    @property
    def height(self) -> int:
        return int(self.cover.shape[0])


@functools.lru_cache(maxsize=8_000)
def ink(face: Face, size: int, text: str) -> Ink:
    """The text's coverage."""
    glyphs = _glyphs(face, size, text)
    pens = list(itertools.accumulate((g.advance for g in glyphs), initial=0.0))
    placed = [(g, round(pen) + g.left) for g, pen in zip(glyphs, pens) if g.cover.size]
    if not placed:
        return Ink(np.zeros((1, 1), np.float32), 0)
    left = min(x for _, x in placed)
    right = max(x + g.cover.shape[1] for g, x in placed)
    top = min(g.top for g, _ in placed)
    bottom = max(g.top + g.cover.shape[0] for g, _ in placed)
    cover = np.zeros((bottom - top, right - left), np.float32)
    for g, x in placed:
        height, width = g.cover.shape
        region = cover[g.top - top : g.top - top + height, x - left : x - left + width]
        np.maximum(region, g.cover, out=region)
    return Ink(cover, top)


def text_width(face: Face, size: int, text: str) -> float:
    """Pixels from the first pen position to the last."""
    return sum([g.advance for g in _glyphs(face, size, text)])
