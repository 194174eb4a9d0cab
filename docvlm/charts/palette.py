"""The colours of a chart: its background, and each legend entry's key, the patch or line beside the name.

Colours are CIELAB, so that a distance of 2 is just noticeable and one of 20 is another colour. All places are pixels of
the figure's own image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box

Colour = NDArray[np.float32]  # (3,): L in 0..100, a and b
Pixels = NDArray[np.float32]  # (h, w, 3), CIELAB

DISTINCT = 5.0  # two series' colours are at least this far apart
_INK = 10.0  # further from its surroundings than this, a pixel belongs to a key
_SAME = 14.0  # a key and what it stands for differ by less than this
_PALE = 7.0  # by which a thin key may miss the mixture of its line and the ground
_BIN = 6  # of the histogram whose fullest bin is the commonest colour
_PALEST = 0.4  # of the way from the ground to its colour, on which the mixture of a thin key still lies
_FEWEST_PIXELS = 9  # of a printed name, to know its ink
_ROW = 0.8  # heights of a line; entries whose tops round to the same row stand side by side
# Heights of a line beside a name, and above and below its middle, where its key is.
_KEY_REACH, _KEY_HALF = 5.5, 0.75
_BLUR = 1.5  # pixels by which keys differ in width
_AROUND = 3  # pixels above and below a name that show its ground
_INNER_ROWS, _INNER_COLUMNS = 0.25, 0.2  # of a key's height and width at each side, where a frame may be
_ALL_INK = 0.85  # of the distance of the farthest pixels from the ground; what is nearer lies at an edge
_NEXT_LINE = 2.2  # heights of a line from one line of a name to the next, at most
_STRIP = 3  # pixels; beside a name there is no room for a key on less
_KEY_AWAY = 2.5  # heights of a line between a name and its key, at most
_DASHES_APART = 0.8  # heights of a line; a wider gap ends a key, between dashes it is narrower
_FEW_INNER = 3  # pixels inside of a key's frame; with no more, all of the key is looked at
_ECHO = 0.4  # of the greatest distance from the ground; below is what compression left around a key
_PLAIN = 0.3  # share of a key's pixels of one colour; of a thin line, which is all edge, fewer have it


@dataclass(frozen=True, slots=True)
class Key:
    """A legend entry: the anchors of its name line by line, its colour, and where the key lies.

    ``thick`` is how much of the key's height its colour fills: lines have thin keys.
    """

    name: tuple[int, ...]
    colour: Colour
    box: Box
    thick: float


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture as few colours: ``index`` (h, w) into ``colours`` (n, 3), CIELAB.

    The last colour, far from all others, stands for what is not to be looked at.
    """

    index: NDArray[np.int32]
    colours: NDArray[np.float32]

    @classmethod
    def of(cls, image: NDArray[np.uint8]) -> Raster:
        """RGB (h, w, 3), at 6 bits a channel: what charts need is told apart at less than that."""
        red, green, blue = (image[..., n].astype(np.int32) >> 2 for n in range(3))
        packed = red << 12 | green << 6 | blue
        present = np.flatnonzero(np.bincount(packed.ravel(), minlength=1 << 18))
        place = np.zeros(1 << 18, np.int32)
        place[present] = np.arange(len(present))
        rgb = np.column_stack([present >> 12, present >> 6 & 63, present & 63]).astype(np.uint8) * 4 + 2
        table = cv2.cvtColor(rgb[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
        return cls(place[packed], np.concatenate([table, np.full((1, 3), 1000, np.float32)]))

    def pixels(self, top: int, bottom: int, left: int, right: int) -> Pixels:
        """The part's colours, (h, w, 3)."""
        return self.colours[self.index[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]]


def distance(pixels: NDArray[np.float32], colour: Colour) -> NDArray[np.float32]:
    """CIE76 difference of pixels (..., 3) from a colour."""
    away = pixels - colour
    return np.asarray(np.sqrt(np.einsum("...c,...c->...", away, away)), np.float32)


def commonest(pixels: NDArray[np.float32]) -> tuple[Colour, float]:
    """The commonest colour of pixels (..., 3), and the share of them that are near it."""
    flat = pixels.reshape(-1, 3)
    bins = np.floor(flat / _BIN).astype(np.int64) @ np.array([1, 256, 65536])
    names, counts = np.unique(bins, return_counts=True)
    centre = np.median(flat[bins == names[counts.argmax()]], axis=0)
    near = distance(flat, centre) < _BIN
    return np.median(flat[near], axis=0).astype(np.float32), float(near.mean())


def dominant(raster: Raster, least: float = 0.004, most: int = 16) -> list[Colour]:
    """The colours that fill at least a share ``least`` of an area, commonest first."""
    counts = np.bincount(raster.index.ravel(), minlength=len(raster.colours)).astype(np.float32)
    counts[-1] = 0
    enough = least * raster.index.size
    found: list[Colour] = []
    present = np.flatnonzero(counts)
    while len(found) < most and len(present) and counts.sum() >= enough:
        # The fullest of the balls around the commonest colours.
        tops = present[np.argsort(counts[present])[-8:]]
        balls = [distance(raster.colours[present], raster.colours[top]) < _BIN for top in tops]
        sizes = [float(counts[present][ball].sum()) for ball in balls]
        if max(sizes) < enough:
            break
        ball = balls[int(np.argmax(sizes))]
        inside = present[ball]
        colour = np.average(raster.colours[inside], axis=0, weights=counts[inside] + 1e-6)
        found.append(colour.astype(np.float32))
        counts[present[distance(raster.colours[present], colour) < _BIN + 2]] = 0
        present = np.flatnonzero(counts)
    return found


def as_drawn(
    colours: Sequence[Colour], present: Sequence[Colour], apart: float, thin: bool = False
) -> tuple[list[Colour], list[Colour]]:
    """The legend's colours as the plot shows them, and those of ``present`` at least ``apart`` from all of them.

    A small key's colour is mixed with its surroundings, and fillings may let the background through. The first of
    ``present`` is the ground; what is ``thin`` shows mixtures with it on both sides of every line.
    """
    pairs = sorted(
        (float(distance(a, b)), i, j) for i, a in enumerate(colours) for j, b in enumerate(present)
    )
    own: dict[int, int] = {}
    for away, i, j in pairs:
        if away < _SAME and i not in own and j not in own.values():
            own[i] = j
    for i, colour in enumerate(colours if len(present) else ()):
        if thin or i not in own:
            known = present[own[i]] if i in own else colour
            deeper = [j for j in range(1, len(present)) if j not in own.values()]
            others = [present[j] for k, j in own.items() if k != i]
            deeper = [
                j
                for j in deeper
                if _is_paler(known, present[j], present[0])
                and not any(_is_paler(present[j], other, present[0]) for other in others)
            ]
            if deeper:  # of a line and the mixtures at its edges, the line is farthest from the ground
                own[i] = max(deeper, key=lambda j: float(distance(present[j], present[0])))
    drawn = [present[own[i]] if i in own else colour for i, colour in enumerate(colours)]
    others = [
        colour
        for j, colour in enumerate(present)
        if j not in own.values() and min(float(distance(colour, each)) for each in drawn) >= apart
    ]
    return drawn, others


def _is_paler(colour: Colour, deep: Colour, ground: Colour) -> bool:
    """Whether a colour is ``deep`` mixed with the ground, as a key is that is thinner than a pixel.

    Greys are on their way to the black of an axis, too, so that they say nothing.
    """
    whole, part = deep - ground, colour - ground
    if np.hypot(*deep[1:]) < max(_INK, float(np.hypot(*colour[1:]))):
        return False
    share = float(part @ whole) / max(float(whole @ whole), 1.0)
    return _PALEST < share < 1 and float(np.linalg.norm(part - share * whole)) < _PALE


def keys(raster: Raster, boxes: Sequence[Box], legend: Sequence[int]) -> list[Key]:
    """The legend's entries in reading order; ``boxes`` are all anchors', ``legend`` the numbers of those in it.

    A line without a key of its own, right below another, continues that one's name. Entries whose keys cannot
    be found are left out.
    """
    if not legend:
        return []
    height = float(np.median([boxes[n][3] - boxes[n][1] for n in legend]))
    order = sorted(legend, key=lambda n: (round(boxes[n][1] / max(1.0, _ROW * height)), boxes[n][0]))
    best: list[Key] = []
    for left in (True, False):
        reach = _KEY_REACH * height
        found = {n: key for n in order if (key := _key(raster, boxes, n, height, left, reach)) is not None}
        if len(found) > 2:
            # Keys are equally wide; where one seems wider, something of the plot shows behind the legend.
            widest = float(np.median([_far(boxes[n], key.box, left) for n, key in found.items()])) + _BLUR
            for n in [n for n, key in found.items() if _far(boxes[n], key.box, left) > widest]:
                narrower = _key(raster, boxes, n, height, left, widest)
                found[n] = narrower or found[n]
        entries = _continued(found, order, boxes, height)
        # An axis or a frame may pass for keys on the other side, but in one colour.
        if _different(entries) > _different(best):
            best = entries
    return best


def inked_names(raster: Raster, boxes: Sequence[Box], legend: Sequence[int]) -> list[Key]:
    """Entries that are printed in their series' own colours, as at the ends of lines; none where two inks are alike
    or one is grey.
    """
    found = []
    for number in sorted(legend, key=lambda n: boxes[n][1]):
        x0, y0, x1, y1 = (round(value) for value in boxes[number])
        pixels = raster.pixels(y0, y1, x0, x1).reshape(-1, 3)
        around = raster.pixels(y0 - _AROUND, y0, x0, x1), raster.pixels(y1, y1 + _AROUND, x0, x1)
        rim = np.concatenate([each.reshape(-1, 3) for each in around])
        if len(pixels) < _FEWEST_PIXELS or not len(rim):
            return []
        far = distance(pixels, commonest(rim)[0])
        ink = np.median(pixels[far >= _ALL_INK * float(np.percentile(far, 98))], axis=0).astype(np.float32)
        if np.hypot(ink[1], ink[2]) < _INK:
            return []
        found.append(Key((number,), ink, boxes[number], 0.0))
    return found if are_distinct([key.colour for key in found]) else []


def _different(entries: Sequence[Key]) -> int:
    """How many colours the keys have."""
    colours: list[Colour] = []
    for key in entries:
        if are_distinct([*colours, key.colour]):
            colours.append(key.colour)
    return len(colours)


def _far(text: Box, key: Box, left: bool) -> float:
    """From a name to the far end of its key."""
    return text[0] - key[0] if left else key[2] - text[2]


def _continued(found: dict[int, Key], order: Sequence[int], boxes: Sequence[Box], height: float) -> list[Key]:
    entries = list(found.values())
    for number in order:
        if number in found:
            continue
        x0, y0 = boxes[number][:2]
        for place, key in enumerate(entries):
            above = boxes[key.name[-1]]
            if abs(above[0] - x0) < height and 0 < y0 - above[1] < _NEXT_LINE * height:
                entries[place] = Key((*key.name, number), key.colour, key.box, key.thick)
    return entries


def _key(
    raster: Raster, boxes: Sequence[Box], number: int, height: float, left: bool, reach: float
) -> Key | None:
    """The key beside an anchor, on its left or right."""
    x0, y0, x1, y1 = boxes[number]
    middle = (y0 + y1) / 2
    top, bottom = round(middle - _KEY_HALF * height), round(middle + _KEY_HALF * height) + 1
    start, end = (x0 - reach, x0 - 1) if left else (x1 + 1, x1 + reach)
    for other, box in enumerate(boxes):
        if other != number and box[1] < middle < box[3]:
            if left and box[2] <= x0 + 1:
                start = max(start, box[2] + 1)
            elif not left and box[0] >= x1 - 1:
                end = min(end, box[0] - 1)
    start, end, top, bottom = (
        max(0, round(start)),
        min(raster.index.shape[1], round(end)),
        max(0, top),
        bottom,
    )
    strip = raster.pixels(top, bottom, start, end)
    if min(strip.shape[:2]) < _STRIP:
        return None
    ground, _ = commonest(np.concatenate([strip[0], strip[-1]]))
    ink = distance(strip, ground) > _INK
    columns = np.atleast_1d(ink.any(axis=0))
    # Ink over the whole height at the strip's far end is what lies outside of the legend's frame.
    full = np.flatnonzero(~ink.all(axis=0))
    if len(full) and left:
        columns[: full[0]] = False
    elif len(full):
        columns[full[-1] + 1 :] = False
    if not columns.any():
        return None
    # From the text outwards, up to the first gap that is wider than a dash's.
    at = np.flatnonzero(columns)
    at = at[::-1] if left else at
    near = abs((end - start if left else -1) - at[0])
    if near > _KEY_AWAY * height:
        return None
    gaps = np.flatnonzero(np.abs(np.diff(at)) > _DASHES_APART * height)
    at = at[: gaps[0] + 1] if len(gaps) else at
    a, b = int(at.min()), int(at.max()) + 1
    inked = strip[:, a:b][ink[:, a:b]]
    rows = np.flatnonzero(ink[:, a:b].any(axis=1))
    # Inside of the key, away from a frame around it.
    inset = round(_INNER_ROWS * (rows[-1] + 1 - rows[0])), round(_INNER_COLUMNS * (b - a))
    inner = slice(rows[0] + inset[0], rows[-1] + 1 - inset[0]), slice(a + inset[1], b - inset[1])
    within = strip[inner][ink[inner]]
    within = within if len(within) > _FEW_INNER else inked
    far = distance(within, ground)
    colour, share = commonest(within[far >= _ECHO * far.max()])
    if share < _PLAIN:  # the truest pixels are those farthest from the ground
        far = distance(inked, ground)
        colour = np.median(inked[far >= _ALL_INK * np.percentile(far, 90)], axis=0).astype(np.float32)
    thick = float((distance(strip[:, a:b], colour) < _INK).sum(axis=0).mean()) / height
    box = (float(start + a), float(top + rows[0]), float(start + b), float(top + rows[-1] + 1))
    return Key((number,), colour, box, thick)


def classes(
    colours: NDArray[np.float32], wanted: Sequence[Colour], others: Sequence[Colour], reach: float
) -> NDArray[np.int8]:
    """Which of ``wanted`` each colour (n, 3) is: (n,), -1 where one of ``others`` is nearer or none within ``reach``."""
    every = np.stack([*wanted, *others])
    away = np.linalg.norm(colours[:, None] - every, axis=2)
    nearest = away.argmin(axis=1)
    theirs = (nearest >= len(wanted)) | (away.min(axis=1) > reach)
    return np.where(theirs, -1, nearest).astype(np.int8)


def are_distinct(colours: Sequence[Colour]) -> bool:
    """Whether every colour can be told from every other."""
    return all(float(distance(a, b)) >= DISTINCT for n, a in enumerate(colours) for b in colours[:n])
