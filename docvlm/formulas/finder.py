"""A picture of a formula or a line -> its glyphs: what stands before and behind the network that finds them.

Needs no torch, so every runtime shares it. The picture becomes ink in [0, 1], scaled so that an em has the number of
pixels that the network likes; what the network says becomes glyphs and rules, in pixels of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.codes import em_of
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, RULE, SIZE, TOP, Glyphs
from docvlm.formulas.interface import FinderConfig

CELL: Final = (4, 2)  # pixels of a cell of the maps, down and along
MULTIPLE: Final = 16  # of pixels, for the sides of what the network sees
UNIT: Final = 8.0  # pixels; distances are given in it
REACH: Final = 48.0  # pixels; a rule's cell looks no farther for its ends
# What is said of a glyph: the way from the cell's middle to the box's edges and to the baseline, the size and the
# number of equal pieces that it is built of, as base-two logarithms (the size against the config's em).
VALUES: Final = 7
# For rules along and rules down: a logit that the cell is part of one, and the ways to its edges.
RULE_CHANNELS: Final = 10
_DOUBT = 0.3  # a glyph or a rule's cell less likely than this is none
_SAME = 0.5  # boxes that overlap so much are one glyph
_FAR = 1.3  # an em this much larger or smaller than it should be asks for another look
_FAINTEST = 24.0  # grey levels between paper and ink
_LARGEST = 3e6  # pixels, as many as a page has; a larger picture is looked at more coarsely
_LETTER_INK = 0.4  # ink as dark as this is part of a letter, where sizes are guessed
_SPECK = 3  # pixels; lower pieces of ink are dots
_LETTER_WIDE, _LETTER_HIGH = 3, 6  # times its height, times its width: wider or higher pieces are bars
_CELLS_OF_A_RULE = 3  # from so many on, the outermost vote on a rule's edge is left aside
_MOST = 2000  # glyphs; no formula has as many


@dataclass(frozen=True, slots=True)
class Maps:
    """What the network says of a picture with R rows and C columns of cells: ``heat`` (R, C) how likely the middle of
    a glyph is here, ``rules`` (RULE_CHANNELS, R, C), and ``cells``, its features in whatever form it keeps them.
    """

    heat: NDArray[np.float32]
    rules: NDArray[np.float32]
    cells: Any


class FinderRuntime(Protocol):
    """A glyph finder that can be asked."""

    @property
    def config(self) -> FinderConfig: ...

    def look(self, image: NDArray[np.float32]) -> Maps:
        """``image`` (H, W) is ink in [0, 1], sides multiples of MULTIPLE."""
        ...

    def describe(
        self, maps: Maps, cells: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the glyphs at ``cells`` (n, 2), rows and columns, are: probabilities (n, classes), values (n, VALUES)."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Glyphs of a picture and how sure the network is of each: ``probabilities`` (n,) that it is there and that it is
    this glyph; of a rule, that it is there.
    """

    glyphs: Glyphs
    probabilities: NDArray[np.float32]


def find_glyphs(network: FinderRuntime, image: NDArray[np.uint8], em: float | None = None) -> Found:
    """The glyphs and rules of ``image`` (H, W) or (H, W, 3), places in its pixels.

    They stand in the order of their left edges, one in which the reading model knows them. ``em`` is how many pixels
    an em has, where the resolution says so (10 points are common); otherwise it is guessed from the ink, and checked
    against what was found.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim > 2 else image
    ink = ink_of(grey)
    guess = _em_from_ink(ink) if em is None else em
    found = _looked(network, ink, guess)
    if em is None and len(found.glyphs):
        seen = em_of(found.glyphs)
        if not 1 / _FAR < seen / guess < _FAR:
            found = _looked(network, ink, seen)
    return found


def _looked(network: FinderRuntime, ink: NDArray[np.float32], em: float) -> Found:
    scale = min(network.config.em / em, (_LARGEST / ink.size) ** 0.5)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    scaled = resized(ink, (height, width))
    image = np.zeros([-(-side // MULTIPLE) * MULTIPLE for side in scaled.shape], np.float32)
    image[:height, :width] = scaled
    found = read_maps(network, network.look(image))
    back = np.array([ink.shape[1] / width, ink.shape[0] / height], np.float32)
    found.glyphs.places[:] *= back[[0, 1, 0, 1, 1, 1]]
    return found


# --- before ---------------------------------------------------------------------------------------


def ink_of(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey levels (H, W) -> ink in [0, 1]: paper, which is most of a picture, 0, and the darkest print 1."""
    level = grey.astype(np.float32)
    paper, *ends = np.percentile(level, (50, 0.5, 99.5))
    if paper - ends[0] < ends[1] - paper:  # light on dark
        level, paper, ends = -level, -paper, [-ends[1], -ends[0]]
    # Paper is the brighter half, so the median is a little too dark where there is much print.
    paper = (paper + ends[1]) / 2
    ink = (paper - level) / max(paper - ends[0], _FAINTEST)
    return np.asarray(ink.clip(0, 1), np.float32)


def resized(ink: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """``ink`` (H, W) at another ``shape`` (rows, columns)."""
    shrinks = shape[0] < ink.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, shape[::-1], interpolation=method))


def _em_from_ink(ink: NDArray[np.float32]) -> float:
    """Pixels of an em, roughly: capitals and digits are two thirds of it, and most pieces of ink are not larger."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((ink > _LETTER_INK).astype(np.uint8), connectivity=8)
    height, width = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = height[(height > _SPECK) & (width < _LETTER_WIDE * height) & (height < _LETTER_HIGH * width)]
    return max(float(np.percentile(letters, 70)) / 0.66, 6.0) if len(letters) else 2.0 * ink.shape[0] / 3


# --- behind ---------------------------------------------------------------------------------------


def read_maps(network: FinderRuntime, maps: Maps) -> Found:
    """What the network's maps say, as glyphs in pixels of what it saw."""
    cells = peaks(maps.heat)
    scores, values = network.describe(maps, cells)
    places, pieces = decode_values(cells, values, network.config.em)
    likely = maps.heat[cells[:, 0], cells[:, 1]] * scores.max(1, initial=0)
    kept = _distinct(places, likely)
    glyphs, origin = spread(scores.argmax(1)[kept], places[kept], pieces[kept], network.config)
    rules, sure = find_rules(maps.rules)
    together = Glyphs(
        np.concatenate([glyphs.characters, np.zeros(len(rules), np.int32)]),
        np.concatenate([glyphs.styles, np.full(len(rules), RULE, np.uint8)]),
        np.concatenate([glyphs.places, rules]),
    )
    order = np.argsort(together.places[:, LEFT], kind="stable")
    return Found(together.take(order), np.concatenate([likely[kept][origin], sure])[order])


def peaks(heat: NDArray[np.float32]) -> NDArray[np.int64]:
    """Cells (n, 2) where ``heat`` (R, C) is highest along its row, the hottest first: rows and columns.

    Along the row only, since a mark above another may be but a row away; of two peaks for one glyph, one is dropped
    when their boxes are known.
    """
    sides = np.pad(heat, ((0, 0), (1, 1)))
    found = np.argwhere((heat > _DOUBT) & (heat >= sides[:, :-2]) & (heat > sides[:, 2:])).astype(np.int64)
    return found[np.argsort(-heat[tuple(found.T)], kind="stable")[:_MOST]]


def middles(cells: NDArray[np.integer]) -> NDArray[np.float32]:
    """The middles (n, 2) of cells (n, 2) in pixels, x and y."""
    return np.asarray((cells[:, ::-1] + 0.5) * np.array(CELL[::-1]), np.float32)


def decode_values(
    cells: NDArray[np.int64], values: NDArray[np.float32], em: float
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Values (n, VALUES) said at cells (n, 2) -> places (n, 6) in pixels and numbers of pieces (n,)."""
    places = np.empty((len(cells), 6), np.float32)
    middle = middles(cells)
    places[:, :4] = np.tile(middle, 2) + values[:, :4] * UNIT
    places[:, BASELINE] = middle[:, 1] + values[:, 4] * UNIT
    places[:, SIZE] = em * 2.0 ** values[:, 5].clip(-4, 4)
    places[:, RIGHT] = np.maximum(places[:, LEFT], places[:, RIGHT])
    places[:, BOTTOM] = np.maximum(places[:, TOP], places[:, BOTTOM])
    return places, np.rint(2.0 ** values[:, 6].clip(0, 6)).astype(np.int64)


def encode_values(
    cells: NDArray[np.int64], places: NDArray[np.float32], pieces: NDArray[np.int64], em: float
) -> NDArray[np.float32]:
    """The inverse of `decode_values`."""
    values = np.empty((len(cells), VALUES), np.float32)
    middle = middles(cells)
    values[:, :4] = (places[:, :4] - np.tile(middle, 2)) / UNIT
    values[:, 4] = (places[:, BASELINE] - middle[:, 1]) / UNIT
    values[:, 5] = np.log2(places[:, SIZE] / em)
    values[:, 6] = np.log2(pieces)
    return values


def _distinct(places: NDArray[np.float32], likely: NDArray[np.float32]) -> NDArray[np.int64]:
    """Which of several boxes to keep, the likelier of each two that are nearly the same."""
    x0, y0, x1, y1 = (places[:, column] for column in (LEFT, TOP, RIGHT, BOTTOM))
    # Marks without a width or height must be able to overlap, too.
    x1, y1 = np.maximum(x1, x0 + 2), np.maximum(y1, y0 + 2)
    across = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    down = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    shared = across.clip(0) * down.clip(0)
    area = (x1 - x0) * (y1 - y0)
    clash = shared > _SAME * (area[:, None] + area - shared)
    gone = np.zeros(len(places), np.bool_)
    kept = []
    for index in np.argsort(-likely, kind="stable"):
        if not gone[index]:
            kept.append(index)
            gone |= clash[index]
    return np.array(kept, np.int64)


def spread(
    classes: NDArray[np.int64],
    places: NDArray[np.float32],
    pieces: NDArray[np.int64],
    config: FinderConfig,
) -> tuple[Glyphs, NDArray[np.int64]]:
    """Glyphs as a page has them, and which of the given ones each came from.

    A ligature becomes its letters, the first with all of its width; a brace built of equal pieces, one below the
    other, becomes those.
    """
    characters: list[int] = []
    styles: list[int] = []
    rows: list[NDArray[np.float32]] = []
    origin: list[int] = []
    for number, (index, place, count) in enumerate(zip(classes.tolist(), places, pieces.tolist())):
        text, style = config.classes[index]
        for part in range(count):
            row = place.copy()
            height = (place[BOTTOM] - place[TOP]) / count
            row[TOP] += part * height
            row[BOTTOM] = row[TOP] + height
            row[BASELINE] += part * height
            for letter in text:
                characters.append(ord(letter))
                styles.append(style)
                rows.append(row.copy())
                origin.append(number)
                row[LEFT] = row[RIGHT]
    return (
        Glyphs(
            np.array(characters, np.int32),
            np.array(styles, np.uint8),
            np.array(rows, np.float32).reshape(-1, 6),
        ),
        np.array(origin, np.int64),
    )


def find_rules(maps: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rules of ``maps`` (RULE_CHANNELS, R, C): places (n, 6) in pixels and probabilities (n,).

    Cells of one direction that touch are one rule. It ends where its outermost cells say, and is as thick and as high
    up as its cells say on average, so that a bar of a skewed scan is a bar.
    """
    places, sure = [], []
    for across, (logits, *edges) in enumerate(np.split(maps, 2)):
        likely = 1 / (1 + np.exp(-logits.clip(-30, 30)))
        count, labels = cv2.connectedComponents((likely > _DOUBT).astype(np.uint8), connectivity=8)
        for label in range(1, count):
            cells = np.argwhere(labels == label)
            inside = tuple(cells.T)
            middle = middles(cells)
            x0, y0, x1, y1 = (middle[:, n % 2] + edges[n][inside] * UNIT for n in range(4))
            along = (
                (x0.min(), x1.max()) if len(cells) < _CELLS_OF_A_RULE else (np.sort(x0)[1], np.sort(x1)[-2])
            )
            down = (
                (y0.min(), y1.max()) if len(cells) < _CELLS_OF_A_RULE else (np.sort(y0)[1], np.sort(y1)[-2])
            )
            if across == 0:
                down = (y0.mean(), y1.mean())
            else:
                along = (x0.mean(), x1.mean())
            if along[1] < along[0] or down[1] < down[0]:
                continue
            places.append([along[0], down[0], along[1], down[1], (down[0] + down[1]) / 2, 0.0])
            sure.append(likely[inside].mean())
    return np.array(places, np.float32).reshape(-1, 6), np.array(sure, np.float32)
