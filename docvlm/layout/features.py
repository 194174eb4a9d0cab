"""What the page model sees: numbers for each text line, and for how two lines stand to each other.

Lengths are in ems of the page's usual type, so that neither the size of the page nor that of its type matters; what a
line says counts only by the kinds of its characters. Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box
from docvlm.spans import Line

Floats = NDArray[np.float32]

_MOST = 6.0  # of a measure in ems, squashed: nothing on a page is farther than e^6 ems
_SMALLEST_EM = 2.0  # points
_UNUSUAL = 40  # levels of a colour's channel that part it from the usual one
_THIN = 3.0  # points; what is no thicker is a rule
_WHOLE_PAGE = 0.8  # of the page; what is larger is its ground
_LEAST_FILL = 1.2  # em; a fill that is less high marks words
_NEAR_RULE = 1.5  # em between a line and the rule right above or below it
_AROUND = (0.5, 6.0)  # em; so near a line what is drawn is counted
_LUMINANCE = np.array([0.3, 0.6, 0.1], np.float32)
_SHARED = 0.5  # of a line, or of a rule where that is shorter, that lie along each other
_LEVEL = 0.5  # of the lower line's height that level lines share


@dataclass(frozen=True, slots=True)
class Look:
    """A line as the page model sees it. ``color`` is 0xRRGGBB; what nobody knows is None, as with OCR's lines."""

    box: Box
    text: str
    size: float
    bold: bool | None = None
    italic: bool | None = None
    mono: bool | None = None
    color: int | None = None
    direction: tuple[float, float] = (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class PageCodes:
    """A page of N lines: ``lines`` (N, LINE) and ``pairs`` (N, N, PAIR), the measures from the first line to the second."""

    lines: Floats
    pairs: Floats


def looks(lines: Sequence[Line]) -> list[Look]:
    """What lines of a text layer, or of OCR, look like."""
    return [_look(line) for line in lines]


def _look(line: Line) -> Look:
    if all(span.score is not None and not span.font for span in line.spans):
        return Look(line.box, line.text, line.size, direction=line.direction)
    letters: dict[tuple[bool, bool, bool, int], int] = {}
    for span in line.spans:
        style = span.bold, span.italic, span.mono, span.color
        letters[style] = letters.get(style, 0) + len(span.text.strip())
    most = max(letters, key=lambda style: letters[style])
    return Look(line.box, line.text, line.size, *most, line.direction)


# --- characters -----------------------------------------------------------------------------------

_CLASSES: Final = (
    "digit",
    "upper",
    "lower",
    "cjk",
    "right",
    "letter",
    "math",
    "dot",
    "bullet",
    "mark",
    "other",
    "space",
)
_BULLETS = "•▪■●○◦‣–—*·➢✓❖□▶►→-"
_MATH = "=+<>≤≥±×∑∫√∂∞≈≠∈→^_{}|\\"


_MATH_LETTERS = range(0x1D400, 0x1D800)
_CJK = (range(0x2E80, 0xA000), range(0xAC00, 0xD7B0), range(0xF900, 0xFB00), range(0x20000, 0x32000))


@lru_cache(maxsize=4096)
def _class(character: str) -> int:
    code = ord(character)
    kind = unicodedata.category(character)
    if kind[0] == "Z" or kind == "Cc":
        name = "space"
    elif kind[0] == "N":
        name = "digit"
    elif character in _MATH or kind == "Sm" or code in _MATH_LETTERS:
        name = "math"
    elif kind[0] == "L" or kind[0] == "M":
        name = _letter(character, code, kind)
    elif character in ".…·․":
        name = "dot"
    elif character in _BULLETS or kind == "So" or kind == "Co":
        name = "bullet"
    else:
        name = "mark" if kind[0] == "P" else "other"
    return _CLASSES.index(name)


def _letter(character: str, code: int, kind: str) -> str:
    if any(code in each for each in _CJK):
        return "cjk"
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return "right"
    return {"Lu": "upper", "Ll": "lower"}.get(kind, "letter")


_HEADS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\s*(?:[•▪■●○◦‣➢✓❖□▶►\uf0b7\uf0a7]|[-–—*·]\s)",  # a bullet
        r"\s*[•▪■●○◦‣➢✓❖□▶►\uf0b7\uf0a7*·–—-]\s*$",  # nothing but one
        r"\s*\(?\d{1,3}[.)\]]\s",  # a number of a list
        r"\s*\d+(?:\.\d+)+\.?\s",  # of a section
        r"\s*\(?[A-Za-zivxIVX]{1,4}[.)]\s",  # a letter or Roman number
        r"\s*(?:\[\d+\]|[*†‡§¶]|[¹²³⁴-⁹])",  # the mark of a note or a reference
        r"\s*\d{1,2}\s?[A-Z“\"(]",  # a number right before words
        r"\s*[^\W\d_]+\.?\s+\d+(?:[.-]\d+)?\s*[.:–—]",  # Figure 3:
        r"\s*[^\W\d_]+\.?\s+\d+",  # a word and a number
        r"[\s\d–—-]+$",  # nothing but a number
        r"\W*[ivxlc]+\W*$",
        r"\s*\[[ xX]\]|\s*[☐☑☒]",
        r"\s*(?:#|//|/\*|def |for |if |return|import )",  # code
    )
)
_TAIL: Final = 40  # characters
_TAILS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[.…·․][\s.…·․]{2,}\s*[\divxlc]+\s*$",  # leaders to a number
        r"[\d)%]\s*$",
        r"[.!?。！？]['”\"’)]?\s*$",
        r":\s*$",
        r"[,;]\s*$",
        r"[\w][-‐]\s*$",
        r"[;{}]\s*$|\(\)",  # code
        r"\(\d+(?:\.\d+)?\)\s*$",  # an equation's number
    )
)
_ANYWHERE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"@|://|www\.",
        r"[$€£¥]\s?\d|\d\s?[$€£¥%]",
        r"\b(?:19|20)\d\d\b",
        r"\b\d{1,4}[./:-]\d{1,2}\b",  # a date or a time
        r"\d\s*(?:/|of|von|de|sur)\s*\d",  # 3 of 12
        r"_{3,}",
    )
)
_MEASURED: Final = len(_CLASSES) + len(_HEADS) + len(_TAILS) + len(_ANYWHERE) + 5
_OTHER: Final = 36
LINE: Final = _OTHER + _MEASURED
"""How many numbers say what a line is."""


@lru_cache(maxsize=1 << 14)
def _said(text: str) -> Floats:
    """(classes + patterns + 5,): shares of characters, what a text begins and ends with, letters and words."""
    counts = [0] * len(_CLASSES)
    for character in text:
        counts[_class(character)] += 1
    printed, words, tail = max(len(text) - counts[-1], 1), max(len(text.split()), 1), text[-_TAIL:]
    first = text.lstrip()[:1]
    return np.array(
        [
            *(count / printed for count in counts),
            *(pattern.match(text) is not None for pattern in _HEADS),
            *(pattern.search(tail) is not None for pattern in _TAILS),
            *(pattern.search(text) is not None for pattern in _ANYWHERE),
            first.islower(),
            first.isupper(),
            math.log1p(printed) / 4,
            math.log1p(words) / 3,
            printed / words / 8,
        ],
        np.float32,
    )


# --- lines ----------------------------------------------------------------------------------------


def encode(
    all_looks: Sequence[Look], width: float, height: float, drawn: Sequence[tuple[str, Box]]
) -> PageCodes:
    """The numbers of a page of ``width`` by ``height`` points. Of what is ``drawn`` (kind, box) only places count, and
    whether a kind is an image's.
    """
    if not all_looks:
        return PageCodes(np.zeros((0, LINE), np.float32), np.zeros((0, 0, PAIR), np.float32))
    boxes = np.array([look.box for look in all_looks], np.float32)
    sizes = np.array([_size(look) for look in all_looks], np.float32)
    letters = np.array([1 + len(look.text.strip()) for look in all_looks], np.float32)
    usual = max(weighted_median(sizes, letters), _SMALLEST_EM)
    ink = _Drawn.of(drawn, width * height, usual)
    pairs, near = _pairs(boxes, sizes, usual, all_looks, ink)
    lines = np.concatenate(
        [
            _placed(boxes, sizes, usual, width, height),
            near,
            _styled(all_looks, letters),
            ink.around(boxes, usual),
            np.stack([_said(look.text) for look in all_looks]),
        ],
        1,
    )
    return PageCodes(lines.astype(np.float32), pairs)


def _size(look: Look) -> float:
    x0, y0, x1, y1 = look.box
    upright = abs(look.direction[0]) >= abs(look.direction[1])
    return max(look.size, 1.0) if look.size > 0 else max(0.8 * ((y1 - y0) if upright else (x1 - x0)), 1.0)


def weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])


def squashed(lengths: Floats) -> Floats:
    """Ems as numbers of about -2 to 2: linear near 0, the logarithm far away."""
    clipped = np.sign(lengths) * np.minimum(np.log1p(np.abs(lengths)), _MOST)
    return np.asarray(clipped / 2, np.float32)


def _placed(boxes: Floats, sizes: Floats, usual: float, width: float, height: float) -> Floats:
    """(N, 13): where a line stands on the page and within its print."""
    x0, y0, x1, y1 = boxes.T
    left, top, right, bottom = x0.min(), y0.min(), x1.max(), y1.max()
    across, down = max(float(right - left), usual), max(float(bottom - top), usual)
    return np.stack(
        [
            x0 / width,
            x1 / width,
            y0 / height,
            y1 / height,
            (x0 + x1) / width - 1,
            (x0 - left) / across,
            (right - x1) / across,
            (y0 - top) / down,
            (bottom - y1) / down,
            squashed((y0 - top) / usual),
            squashed((bottom - y1) / usual),
            squashed((x1 - x0) / usual),
            3 * np.log(sizes / usual),
        ],
        1,
    )


def _styled(all_looks: Sequence[Look], letters: Floats) -> Floats:
    """(N, 11): weight, slant, family and colour as far as they are known, and how the line is turned."""
    known = [look.color for look in all_looks if look.color is not None]
    weights = [w for look, w in zip(all_looks, letters) if look.color is not None]
    usual = _usual_color(known, weights)
    rgb = np.array([_channels(usual if look.color is None else look.color) for look in all_looks], np.float32)
    other = np.abs(rgb - np.array(_channels(usual), np.float32)).max(1)
    flags = [
        (
            bool(look.bold),
            bool(look.italic),
            bool(look.mono),
            look.bold is None,
            look.color is None,
            *look.direction,
        )
        for look in all_looks
    ]
    colors = [other > _UNUSUAL, other / 255, rgb @ _LUMINANCE / 255, (rgb.max(1) - rgb.min(1)) / 255]
    return np.concatenate([np.array(flags, np.float32), np.stack(colors, 1)], 1)


def _usual_color(colors: Sequence[int], weights: Sequence[float]) -> int:
    sums: dict[int, float] = {}
    for color, weight in zip(colors, weights):
        sums[color] = sums.get(color, 0.0) + weight
    return max(sums, key=lambda color: sums[color], default=0)


def _channels(color: int) -> tuple[int, int, int]:
    return color >> 16 & 255, color >> 8 & 255, color & 255


# --- what is drawn --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Level rules, upright ones, areas and images, each (n, 4), and all things that are smaller than the page."""

    level: Floats
    upright: Floats
    areas: Floats
    images: Floats
    things: Floats

    @classmethod
    def of(cls, drawn: Sequence[tuple[str, Box]], page: float, usual: float) -> _Drawn:
        groups: dict[str, list[Box]] = {"level": [], "upright": [], "areas": [], "images": [], "things": []}
        for kind, box in drawn:
            wide, high = box[2] - box[0], box[3] - box[1]
            if wide * high > _WHOLE_PAGE * page:
                continue
            groups["things"].append(box)
            if "image" in kind:
                groups["images"].append(box)
            elif high <= _THIN < wide:
                groups["level"].append(box)
            elif wide <= _THIN < high:
                groups["upright"].append(box)
            elif min(wide, high) > _LEAST_FILL * usual:
                groups["areas"].append(box)
        return cls(**{name: np.array(boxes, np.float32).reshape(-1, 4) for name, boxes in groups.items()})

    def around(self, boxes: Floats, usual: float) -> Floats:
        """(N, 8): a rule right above, right below, on the left, on the right; how much lies in an area, in an image; how
        much is drawn at the line, and around it.
        """
        x0, y0, x1, y1 = (boxes[:, i : i + 1] for i in range(4))
        a0, b0, a1, b1 = self.level.T
        along = np.minimum(x1, a1) - np.maximum(x0, a0) > _SHARED * np.minimum(x1 - x0, a1 - a0)
        middle = (b0 + b1) / 2
        above, below = (y0 + 0.3 * usual) - middle, middle - (y1 - 0.3 * usual)
        c0, d0, c1, d1 = self.upright.T
        beside = np.minimum(y1, d1) - np.maximum(y0, d0) > _SHARED * (y1 - y0)
        left, right = x0 - (c0 + c1) / 2, (c0 + c1) / 2 - x1
        near = [
            _nearness(np.where(along & (above > 0), above, np.inf), usual),
            _nearness(np.where(along & (below > 0), below, np.inf), usual),
            _nearness(np.where(beside & (left > -usual / 2), np.abs(left), np.inf), usual),
            _nearness(np.where(beside & (right > -usual / 2), np.abs(right), np.inf), usual),
        ]
        crowd = [_crowd(boxes, self.things, reach * usual) for reach in _AROUND]
        return np.stack([*near, _held(boxes, self.areas), _held(boxes, self.images), *crowd], 1)

    def frames(self, boxes: Floats) -> NDArray[np.int64]:
        """(N,) which is the smallest area around each line's middle; -1 where there is none."""
        if not len(self.areas):
            return np.full(len(boxes), -1)
        x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
        a0, b0, a1, b1 = self.areas.T
        inside = (x[:, None] > a0) & (x[:, None] < a1) & (y[:, None] > b0) & (y[:, None] < b1)
        sizes = np.where(inside, (a1 - a0) * (b1 - b0), np.inf)
        return np.where(inside.any(1), sizes.argmin(1), -1)

    def between(self, boxes: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(N, N) whether a level rule parts two lines one above the other, an upright one two side by side."""
        turned, upright = boxes[:, [1, 0, 3, 2]], self.upright[:, [1, 0, 3, 2]]
        return _parted(boxes, self.level), _parted(turned, upright)


def _parted(boxes: Floats, rules: Floats) -> NDArray[np.bool_]:
    """(N, N) whether a level rule that reaches over or under both boxes has one above it and the other below."""
    middles = (boxes[:, 1:2] + boxes[:, 3:4]) / 2
    shared = np.minimum(boxes[:, 2:3], rules[:, 2]) > np.maximum(boxes[:, 0:1], rules[:, 0])
    above = (shared & (middles < rules[:, 1])).astype(np.float32)
    below = (shared & (middles >= rules[:, 1])).astype(np.float32)
    crossed = above @ below.T
    return np.asarray(crossed + crossed.T > 0)


def _nearness(distances: Floats, usual: float) -> Floats:
    """1 where the nearest of (N, n) distances is 0, 0 from some ems on."""
    nearest = distances.min(1, initial=np.inf)
    return np.asarray(np.maximum(0, 1 - nearest / (_NEAR_RULE * usual)), np.float32)


def _crowd(boxes: Floats, things: Floats, reach: float) -> Floats:
    """(N,) the logarithm of how many things come nearer to each box than ``reach``."""
    apart = np.maximum(things[:, :2] - boxes[:, None, 2:], boxes[:, None, :2] - things[:, 2:])
    return np.asarray(np.log1p((apart.max(2) < reach).sum(1)) / 3, np.float32)


def _held(boxes: Floats, areas: Floats) -> Floats:
    """(N,) the largest share of each box that lies in one of the areas."""
    if not len(areas):
        return np.zeros(len(boxes), np.float32)
    wide = np.minimum(boxes[:, None, 2], areas[None, :, 2]) - np.maximum(boxes[:, None, 0], areas[None, :, 0])
    high = np.minimum(boxes[:, None, 3], areas[None, :, 3]) - np.maximum(boxes[:, None, 1], areas[None, :, 1])
    whole = np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 1e-3)
    shared = np.maximum(wide, 0) * np.maximum(high, 0) / whole[:, None]
    return np.asarray(shared.max(1), np.float32)


# --- pairs ----------------------------------------------------------------------------------------

PAIR: Final = 24
"""How many numbers say how two lines stand to each other."""


def _pairs(
    boxes: Floats, sizes: Floats, usual: float, all_looks: Sequence[Look], ink: _Drawn
) -> tuple[Floats, Floats]:
    """(N, N, PAIR) how the second line stands to the first, and (N, 4) how far the nearest lines are."""
    x0, y0, x1, y1 = boxes.T
    wide, high = np.maximum(x1 - x0, 0.5), np.maximum(y1 - y0, 0.5)

    def between(values: Floats) -> Floats:
        return np.asarray(values[None, :] - values[:, None])

    across = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    down = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    least_wide, least_high = np.minimum(wide[:, None], wide), np.minimum(high[:, None], high)
    level = down > _LEVEL * least_high
    stacked = (across > 0) & ~level
    itself = np.eye(len(boxes), dtype=bool)
    level &= ~itself
    gap_down = np.where(stacked & (between(y0) > 0), between(y0) - high[:, None], np.inf)
    gap_right = np.where(level & (between(x0) > 0), between(x0) - wide[:, None], np.inf)
    below, right = _nearest(gap_down), _nearest(gap_right)
    parted, fenced = ink.between(boxes)
    frames = ink.frames(boxes)
    bold = np.array([2 if look.bold is None else int(look.bold) for look in all_looks])
    color = np.array([-1 if look.color is None else look.color for look in all_looks])
    ratio = np.log(sizes)
    distance = np.hypot(np.maximum(-across, 0), np.maximum(-down, 0))
    measures = [
        squashed(between(x0) / usual),
        squashed(between(x1) / usual),
        squashed(between(y0) / usual),
        squashed(between((x0 + x1) / 2) / usual),
        squashed(-across / usual),
        squashed(-down / usual),
        squashed(distance / usual),
        np.clip(across / least_wide, 0, 1),
        np.clip(down / least_high, 0, 1),
        np.exp(-np.abs(between(x0)) / (0.4 * usual)),
        np.exp(-np.abs(between(x1)) / (0.4 * usual)),
        np.exp(-np.abs(between((x0 + x1) / 2)) / (0.4 * usual)),
        np.exp(-np.abs(between(y1)) / (0.3 * usual)),
        np.clip(4 * between(ratio), -3, 3),
        np.exp(-np.abs(between(ratio)) / 0.03),
        (bold[:, None] == bold) & (color[:, None] == color),
        frames[:, None] == frames,
        parted,
        fenced,
        below,
        below.T,
        right,
        right.T,
        itself,
    ]
    assert len(measures) == PAIR
    near = [gap_down.min(1), gap_down.min(0), gap_right.min(1), gap_right.min(0)]
    gaps = [squashed(np.minimum(each, 1e3 * usual).astype(np.float32) / usual) for each in near]
    return np.stack(measures, -1).astype(np.float32), np.stack(gaps, 1)


def _nearest(gaps: Floats) -> Floats:
    """(N, N) 1 where the second line is the nearest to the first by ``gaps``, inf where it is not on that side."""
    found = np.zeros(gaps.shape, np.float32)
    rows = np.flatnonzero(np.isfinite(gaps).any(1))
    found[rows, gaps[rows].argmin(1)] = 1
    return found
