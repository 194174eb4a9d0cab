"""Rendered samples -> what the glyph finder is trained on: crops as scans have them, many in one picture.

Crops differ much in size, so they are packed into canvases of one size: no padding, and the same work at every step.
"""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from docvlm.formulas.codes import em_of
from docvlm.formulas.finder import CELL, REACH, UNIT, encode_values, ink_of, middles, resized
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, RULE, SIZE, TOP, Glyphs
from docvlm.formulas.interface import FinderConfig
from training.reader_examples import shards_of
from training.text.scans import damaged
from training.text.shards import Sample, read_shard

CANVAS = (256, 1024)  # pixels, down and along
CLASSES = Path(__file__).parent / "text" / "glyph_classes.json"
_MIXED = 4  # shards at a time; one holds formulas or lines alone
_POOL = 64  # crops that are packed together
_TYPE = 0.4  # the size of type differs by so many octaves each way
_SMALLEST = 0.55  # of the config's em; a crop that fits no canvas at this size is left out
_BESIDE = (0.15, 0.7, 0.15)  # how often a glyph is described from a cell before, at or behind its middle
_SPREAD = (0.6, 0.8)  # standard deviations of the heat around a glyph's middle, in rows and columns
_LIGATURES = ("ff", "fi", "fl", "ffi", "ffl")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a picture shows, in its pixels.

    Glyphs: ``classes`` (n,) rows of `FinderConfig.classes`, -1 for none of them; ``places`` (n, 6) as `Glyphs` has
    them; ``pieces`` (n,) of how many equal pieces, one below the other, each is built. Rules: ``rules`` (m, 5) are
    both ends of the middle line, x and y each, and the thickness.
    """

    classes: NDArray[np.int64]
    places: NDArray[np.float32]
    pieces: NDArray[np.int64]
    rules: NDArray[np.float32]

    def moved(self, matrix: NDArray[np.float64]) -> Marks:
        """Turned and scaled by ``matrix`` (2, 3); boxes stay upright."""
        scale = math.hypot(matrix[0, 0], matrix[1, 0])
        places = self.places * np.float32(scale)
        x, y = self.places[:, [LEFT, RIGHT]].mean(1), self.places[:, [TOP, BOTTOM]].mean(1)
        new_x, new_y = _through(matrix, x, y)
        places[:, [LEFT, RIGHT]] += (new_x - scale * x)[:, None]
        places[:, [TOP, BOTTOM, BASELINE]] += (new_y - scale * y)[:, None]
        rules = self.rules * np.float32(scale)
        for end in (0, 2):
            rules[:, end], rules[:, end + 1] = _through(matrix, self.rules[:, end], self.rules[:, end + 1])
        return Marks(self.classes, places.astype(np.float32), self.pieces, rules.astype(np.float32))


def _through(
    matrix: NDArray[np.float64], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = matrix[:, :2] @ np.stack([x, y]) + matrix[:, 2:]
    return moved


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture (H, W), ink from 0 to 255, and what it shows."""

    ink: NDArray[np.uint8]
    marks: Marks


@dataclass(frozen=True, slots=True)
class Example:
    """A canvas, ``ink`` (H, W), and what is to be said of it.

    Glyphs: ``cells`` (n, 2) of their middles, ``seen`` (n, 2) the cells nearby where they are described, ``classes``
    (n,) and ``values`` (n, VALUES) as said from there. Rules: ``rule_cells`` (m, 3), first 0 for rules along and 1 for
    rules down, and ``rule_values`` (m, 4), the ways to their edges.
    """

    ink: NDArray[np.uint8]
    cells: NDArray[np.int64]
    seen: NDArray[np.int64]
    classes: NDArray[np.int64]
    values: NDArray[np.float32]
    rule_cells: NDArray[np.int64]
    rule_values: NDArray[np.float32]


def load_classes(path: Path = CLASSES) -> tuple[tuple[str, int], ...]:
    """The table that ``training.text.classes`` wrote."""
    styles: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return tuple((text, int(style)) for style, texts in styles.items() for text in texts)


def examples(folder: Path, config: FinderConfig, seed: int) -> Iterator[Example]:
    """An endless stream of canvases. Shards that appear meanwhile are taken up with the next round."""
    rng = random.Random(seed)
    table = {each: row for row, each in enumerate(config.classes)}
    waiting: list[Crop] = []
    while True:
        shards = shards_of(folder)
        order = rng.sample(shards, len(shards))
        for first in range(0, len(order), _MIXED):
            samples = [sample for path in order[first : first + _MIXED] for sample in read_shard(path)]
            for sample in rng.sample(samples, len(samples)):
                crop = crop_of(sample, config, table, rng)
                if crop is not None:
                    waiting.append(crop)
                if len(waiting) >= _POOL:
                    canvases, waiting = packed(waiting, rng)
                    for ink, marks in canvases:
                        yield encoded(ink, marks, config, rng)


# --- crops ----------------------------------------------------------------------------------------


def crop_of(
    sample: Sample, config: FinderConfig, table: dict[tuple[str, int], int], rng: random.Random
) -> Crop | None:
    """A sample's picture, framed and damaged, at a random size of type; None if it is too large for a canvas."""
    view = view_of(sample, table, rng)
    if view is None:
        return None
    grey = damaged(view.grey, view.em, rng)
    scale = config.em * 2 ** rng.uniform(-_TYPE, _TYPE) / view.em
    scale = min(scale, *(most / side for most, side in zip(CANVAS, grey.shape)))
    if scale * view.em < _SMALLEST * config.em:
        return None
    shape = tuple(min(most, max(1, round(side * scale))) for most, side in zip(CANVAS, grey.shape))
    ink = resized(ink_of(grey), (shape[0], shape[1]))
    stretched = np.diag([shape[1] / grey.shape[1], shape[0] / grey.shape[0], 0])[:2]
    return Crop(np.rint(ink * 255).astype(np.uint8), view.marks.moved(stretched))


@dataclass(frozen=True, slots=True)
class View:
    """A sample's picture as it would be cut out of a page: ``grey`` (H, W), what it shows, and its pixels per em."""

    grey: NDArray[np.uint8]
    marks: Marks
    em: float


def view_of(
    sample: Sample, table: dict[tuple[str, int], int], rng: random.Random, turned: float = 0.25
) -> View | None:
    """A sample's picture with random margins, ``turned`` of them by up to 1.2 degrees; None as `merged` says."""
    picture = Image.open(io.BytesIO(sample.picture))
    pixels = picture.info["dpi"][0] / 72
    marks = marks_of(sample.glyphs, pixels, table)
    if marks is None:
        return None
    em = em_of(sample.glyphs) * pixels
    grey, matrix = _framed(np.asarray(picture), em, rng, turned)
    return View(grey, marks.moved(matrix), em)


def _framed(
    grey: NDArray[np.uint8], em: float, rng: random.Random, turned: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The print with a margin on each side, sometimes turned a little, and the matrix (2, 3) that moved it."""
    dark = grey < 160
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    if not len(rows):
        rows = columns = np.zeros(1, np.int64)
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    angle = rng.gauss(0, 0.4) if rng.random() < turned else 0.0
    angle = math.radians(max(-1.2, min(1.2, angle)))
    cos, sin = math.cos(angle), math.sin(angle)
    more_y, more_x = abs(sin) * (x1 - x0) / 2, abs(sin) * (y1 - y0) / 2
    left, right, top, bottom = (
        (0.0 if rng.random() < 0.1 else rng.uniform(0.05, 0.4) * em) + more
        for more in (more_x, more_x, more_y, more_y)
    )
    size = (math.ceil(x1 - x0 + left + right), math.ceil(y1 - y0 + top + bottom))
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    target = np.array([left + (x1 - x0) / 2, top + (y1 - y0) / 2])
    if not angle:  # whole pixels, so that nothing is blurred
        target = np.rint(target - middle) + middle
    matrix[:, 2] = target - matrix[:, :2] @ middle
    # A pixel's middle lies half a pixel from its corner: boxes count from corners, OpenCV from middles.
    pixels = matrix.copy()
    pixels[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    moved = cv2.warpAffine(grey, pixels, size, flags=cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(moved, np.uint8), matrix


def marks_of(glyphs: Glyphs, scale: float, table: dict[tuple[str, int], int]) -> Marks | None:
    """What a page shows, ``scale`` pixels to a point, or None as `merged`."""
    whole = merged(glyphs)
    if whole is None:
        return None
    texts, places, pieces = whole
    x0, y0, x1, y1 = glyphs.places[glyphs.styles == RULE, :4].T
    rules = np.where(
        x1 - x0 >= y1 - y0,
        [x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, y1 - y0],
        [(x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1 - x0],
    ).T
    return Marks(
        np.array([table.get(each, -1) for each in texts], np.int64),
        (places * scale).astype(np.float32),
        pieces,
        (rules * scale).astype(np.float32),
    )


def merged(
    glyphs: Glyphs,
) -> tuple[list[tuple[str, int]], NDArray[np.float32], NDArray[np.int64]] | None:
    """Glyphs, not rules, as the eye sees them: ligatures whole, and stacks of equal pieces as one.

    Returns text and style of each, places (n, 6), and numbers of pieces (n,); None where a page does not say how wide
    a ligature is.
    """
    texts: list[tuple[str, int]] = []
    boxes: list[NDArray[np.float32]] = []
    pieces: list[int] = []
    above = np.zeros(6, np.float32)
    for index in np.flatnonzero(glyphs.styles != RULE):
        text, style = chr(glyphs.characters[index]), int(glyphs.styles[index])
        box = glyphs.places[index].astype(np.float32)
        little = 0.02 * box[SIZE]
        if boxes and texts[-1][1] == style and abs(above[SIZE] - box[SIZE]) < little:
            if texts[-1][0] + text in _LIGATURES and box[RIGHT] - box[LEFT] < little:
                if boxes[-1][RIGHT] - boxes[-1][LEFT] < little:
                    return None
                texts[-1] = (texts[-1][0] + text, style)
                continue
            step, height = box[TOP] - above[TOP], box[BOTTOM] - box[TOP]
            if texts[-1][0] == text and abs(above[LEFT] - box[LEFT]) < little and 0.3 < step / height < 1.1:
                boxes[-1][BOTTOM] = box[BOTTOM]
                pieces[-1] += 1
                above = box
                continue
        texts.append((text, style))
        boxes.append(box.copy())
        pieces.append(1)
        above = box
    return texts, np.array(boxes, np.float32).reshape(-1, 6), np.array(pieces, np.int64)


# --- canvases -------------------------------------------------------------------------------------


def packed(
    crops: Sequence[Crop], rng: random.Random
) -> tuple[list[tuple[NDArray[np.uint8], Marks]], list[Crop]]:
    """Full canvases, and the crops that were left over: row by row, those of like height side by side."""
    canvases = []
    placed: list[tuple[Crop, int, int]] = []
    left = top = shelf = 0
    for crop in sorted(crops, key=lambda each: -each.ink.shape[0]):
        height, width = crop.ink.shape
        if left + width > CANVAS[1]:
            left, top, shelf = 0, top + shelf, 0
        if top + height > CANVAS[0]:
            canvases.append(_drawn(placed))
            placed, left, top, shelf = [], 0, 0, 0
        placed.append((crop, left, top))
        left += width + rng.randint(0, 6)
        shelf = max(shelf, height)
    rng.shuffle(canvases)
    return canvases, [crop for crop, _, _ in placed]


def _drawn(placed: Sequence[tuple[Crop, int, int]]) -> tuple[NDArray[np.uint8], Marks]:
    ink = np.zeros(CANVAS, np.uint8)
    parts = []
    for crop, left, top in placed:
        height, width = crop.ink.shape
        ink[top : top + height, left : left + width] = crop.ink
        parts.append(crop.marks.moved(np.array([[1.0, 0.0, left], [0.0, 1.0, top]])))
    return ink, Marks(
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.pieces for part in parts]),
        np.concatenate([part.rules for part in parts]),
    )


def encoded(
    ink: NDArray[np.uint8], marks: Marks, config: FinderConfig, rng: random.Random | None = None
) -> Example:
    """What is to be said of a picture whose sides are multiples of a cell's; with an ``rng``, glyphs are described
    from a cell near their middle, since peaks are not always found in the middle itself.
    """
    shape = np.array(ink.shape, np.int64) // np.array(CELL, np.int64)
    middle = np.column_stack([marks.places[:, [TOP, BOTTOM]].mean(1), marks.places[:, [LEFT, RIGHT]].mean(1)])
    cells = _cells(middle, shape)
    seen = cells
    if rng is not None:
        noise = np.random.default_rng(rng.getrandbits(64))
        seen = (cells + noise.choice(3, cells.shape, p=_BESIDE) - 1).clip(0, shape - 1)
    values = encode_values(seen, marks.places, marks.pieces, config.em)
    rule_cells, rule_values = _encoded_rules(marks.rules, shape)
    return Example(ink, cells, seen, marks.classes, values, rule_cells, rule_values)


def _cells(points: NDArray[np.floating], shape: NDArray[np.integer]) -> NDArray[np.int64]:
    """The cells (n, 2) of points (n, 2), y and x in pixels."""
    return np.floor(points / CELL).astype(np.int64).clip(0, shape - 1)


def _encoded_rules(
    rules: NDArray[np.float32], shape: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    cells: list[NDArray[np.int64]] = [np.zeros((0, 3), np.int64)]
    values: list[NDArray[np.float32]] = [np.zeros((0, 4), np.float32)]
    for ax, ay, bx, by, thick in rules.tolist():
        is_down = int(abs(by - ay) > abs(bx - ax))
        start, end = (ay, by) if is_down else (ax, bx)
        step = CELL[0 if is_down else 1]
        # Each cell whose middle lies between the ends; a rule shorter than a cell has that of its own middle.
        steps = np.arange(math.ceil(start / step - 0.5), math.floor(end / step - 0.5) + 1)
        along = (steps + 0.5) * step if len(steps) else np.array([(start + end) / 2])
        across = np.interp(along, [start, end], [ax, bx] if is_down else [ay, by])
        points = np.column_stack([along, across] if is_down else [across, along])
        own = _cells(points, shape)
        middle = middles(own)
        before, behind = start - middle[:, is_down], end - middle[:, is_down]
        low, high = across - thick / 2 - middle[:, 1 - is_down], across + thick / 2 - middle[:, 1 - is_down]
        ways = [low, before, high, behind] if is_down else [before, low, behind, high]
        cells.append(np.column_stack([np.full(len(own), is_down), own]))
        values.append((np.column_stack(ways).clip(-REACH, REACH) / UNIT).astype(np.float32))
    return np.concatenate(cells), np.concatenate(values)


def heat_of(cells: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.float32]:
    """The heat (R, C) that glyphs with their middles at ``cells`` (n, 2) make: 1 there, less around."""
    heat = np.zeros((shape[0] + 2, shape[1] + 4), np.float32)
    for down in (-1, 0, 1):
        for along in (-2, -1, 0, 1, 2):
            warmth = math.exp(-0.5 * ((down / _SPREAD[0]) ** 2 + (along / _SPREAD[1]) ** 2))
            np.maximum.at(heat, (cells[:, 0] + 1 + down, cells[:, 1] + 2 + along), np.float32(warmth))
    return heat[1:-1, 2:-2]


# --- batches --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Batch:
    """Canvases stacked: ``ink`` (B, 1, H, W) from 0 to 255, ``heat`` (B, R, C) from 0 to 255; of all n glyphs ``where``
    (n, 3) they are (canvas, row, column), ``seen`` (n, 3), ``classes``, ``values``; of all m cells of rules ``rule_where``
    (m, 4) they are (canvas, direction, row, column) and ``rule_values``.
    """

    ink: Tensor
    heat: Tensor
    where: Tensor
    seen: Tensor
    classes: Tensor
    values: Tensor
    rule_where: Tensor
    rule_values: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, name).to(device, non_blocking=True) for name in self.__slots__))


def collate(batch: Sequence[Example]) -> Batch:
    shape = (batch[0].ink.shape[0] // CELL[0], batch[0].ink.shape[1] // CELL[1])
    heat = np.stack([heat_of(each.cells, shape) for each in batch])

    def numbered(parts: list[NDArray[np.int64]]) -> Tensor:
        return torch.from_numpy(
            np.concatenate([np.insert(part, 0, row, axis=1) for row, part in enumerate(parts)])
        )

    return Batch(
        torch.from_numpy(np.stack([each.ink for each in batch]))[:, None],
        torch.from_numpy(np.rint(heat * 255).astype(np.uint8)),
        numbered([each.cells for each in batch]),
        numbered([each.seen for each in batch]),
        torch.from_numpy(np.concatenate([each.classes for each in batch])),
        torch.from_numpy(np.concatenate([each.values for each in batch])),
        numbered([each.rule_cells for each in batch]),
        torch.from_numpy(np.concatenate([each.rule_values for each in batch])),
    )
