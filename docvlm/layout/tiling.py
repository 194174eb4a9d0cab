"""Images -> tiles that an encoder of fixed size can see, and back: what tiles say, merged without repetition.

CATTY (POINTS) keeps the aspect ratio: one resize factor, then a window that slides with overlap. Each tile knows which
part of the image it shows.

Frames: *image* is pixels of the source image, *tile* is pixels of a tile, both with the origin at the top left.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Box = tuple[float, float, float, float]

_PAPER = 255


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of an image as an encoder sees it.

    ``pixels`` (height, width, 3) uint8 RGB; ``box`` is what they show, in the image's frame (it reaches beyond
    the image where the tile was padded); ``row`` and ``column`` count from 0 and are -1 for a ``thumbnail``.
    """

    pixels: Image
    box: Box
    row: int = 0
    column: int = 0

    @property
    def thumbnail(self) -> bool:
        return self.row < 0

    @property
    def scale(self) -> tuple[float, float]:
        """Tile pixels per image pixel along x and y."""
        height, width = self.pixels.shape[:2]
        return width / (self.box[2] - self.box[0]), height / (self.box[3] - self.box[1])

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """A point of the tile in the image's frame."""
        across, down = self.scale
        return self.box[0] + x / across, self.box[1] + y / down

    def box_to_image(self, box: Box) -> Box:
        """A box of the tile in the image's frame."""
        return (*self.to_image(box[0], box[1]), *self.to_image(box[2], box[3]))


# Cutting.


def catty_tiles(image: Image, size: int, most: int = 8, thumbnail: bool = True) -> list[Tile]:
    """POINTS' CATTY: at most ``most`` undistorted tiles of ``size`` pixels, row by row, and a thumbnail.

    The grid nearest the image's aspect ratio gives a reference size; the image is resized by one factor to
    lie within it, and a window slides over it with the stride (length - window) / (count - 1). A side shorter
    than the window is padded with white. One tile needs no thumbnail, which would be the same again.
    """
    height, width = image.shape[:2]
    columns, rows = nearest_grid(height, width, size, 1, most)
    factor = min(columns * size / width, rows * size / height)
    resized = _resized(image, max(1, round(width * factor)), max(1, round(height * factor)))
    across, down = resized.shape[1] / width, resized.shape[0] / height
    tiles = [
        _window(resized, x, y, size, across, down, row, column)
        for row, y in enumerate(_starts(resized.shape[0], size, rows))
        for column, x in enumerate(_starts(resized.shape[1], size, columns))
    ]
    if thumbnail and len(tiles) > 1:
        tiles.append(_thumbnail(image, size))
    return tiles


def nearest_grid(height: int, width: int, size: int, least: int, most: int) -> tuple[int, int]:
    """(columns, rows) whose ratio is nearest the image's, with ``least`` to ``most`` tiles of ``size`` pixels.

    Of grids of one ratio a larger one is taken while the image has more than half of its pixels.
    """
    grids = [
        (columns, rows)
        for columns, rows in itertools.product(range(1, most + 1), repeat=2)
        if least <= columns * rows <= most
    ]
    best, nearest = (1, 1), float("inf")
    for columns, rows in sorted(grids, key=lambda grid: grid[0] * grid[1]):
        distance = abs(width / height - columns / rows)
        fills = width * height > 0.5 * size * size * columns * rows
        if distance < nearest or (distance == nearest and fills):
            best, nearest = (columns, rows), distance
    return best


def _starts(length: int, window: int, most: int) -> list[int]:
    """Where windows begin so that they cover ``length`` evenly; no more of them than it takes, and at most ``most``."""
    count = min(most, -(-length // window))
    if count == 1:
        return [0]
    return [round(i * (length - window) / (count - 1)) for i in range(count)]


def _window(
    resized: Image, x: int, y: int, size: int, across: float, down: float, row: int, column: int
) -> Tile:
    box = (x / across, y / down, (x + size) / across, (y + size) / down)
    return Tile(_padded(resized[y : y + size, x : x + size], size), box, row, column)


def _thumbnail(image: Image, size: int) -> Tile:
    height, width = image.shape[:2]
    factor = size / max(height, width)
    small = _resized(image, max(1, round(width * factor)), max(1, round(height * factor)))
    box = (0.0, 0.0, size * width / small.shape[1], size * height / small.shape[0])
    return Tile(_padded(small, size), box, -1, -1)


def _padded(pixels: Image, size: int) -> Image:
    missing = [(0, size - pixels.shape[0]), (0, size - pixels.shape[1]), (0, 0)]
    return np.pad(pixels, missing, constant_values=_PAPER) if any(end for _, end in missing) else pixels


def _resized(image: Image, width: int, height: int) -> Image:
    shrinks = width * height < image.shape[0] * image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), dtype=np.uint8)


# Merging texts.

_ALIKE = 0.6  # the least likeness of two readings of one line
_MOSTLY_ALIKE = 0.75  # and of all lines that tiles share, on average
# What a line read quite differently, and a shared line more or less than expected, weigh against each other.
_PER_DIFFERENCE, _PER_LINE = 3.0, 0.1


def merge_texts(tiles: Sequence[Tile], texts: Sequence[str]) -> str:
    """One text from those of overlapping tiles: lines in the overlap once, lines cut by it whole.

    ``texts`` go with ``tiles``, which are in rows; thumbnails are left out. Blank lines between paragraphs stay.
    """
    rows: dict[int, list[tuple[Tile, list[str]]]] = {}
    for tile, text in zip(tiles, texts, strict=True):
        if not tile.thumbnail:
            rows.setdefault(tile.row, []).append((tile, _lines(text)))
    merged: list[str] = []
    above: Tile | None = None
    for _, row in sorted(rows.items()):
        row.sort(key=lambda part: part[0].column)
        lines = reduce(join_columns, (part for _, part in row))
        tile = row[0][0]
        expected = _shared(above.box, tile.box) * max(len(lines), 1) if above is not None else 0.0
        merged = join_lines(merged, lines, expected) if above is not None else lines
        above = tile
    return "\n".join(merged).strip("\n")


def _lines(text: str) -> list[str]:
    """The lines that say something. One that begins a paragraph keeps the break before it, which as white space
    does not count when lines are compared.
    """
    lines: list[str] = []
    after_blank = False
    for line in text.splitlines():
        if line.strip():
            lines.append(f"\n{line}" if after_blank else line)
        after_blank = not line.strip()
    return lines


def _shared(above: Box, below: Box) -> float:
    """Share of the lower box's height that the upper one shows too."""
    return max(0.0, above[3] - below[1]) / (below[3] - below[1])


def join_lines(upper: Sequence[str], lower: Sequence[str], expected: float) -> list[str]:
    """The lines of two tiles one above the other, those in both once.

    ``expected`` is about how many lines the tiles share by their places: it decides between lines that repeat,
    and 0 joins nothing. A line that an edge cut through, and that therefore is misread in one tile, is taken
    from the other. Of a line read differently the reading farther from its tile's edge stays.
    """
    found = _overlap(upper, lower, expected)
    if found is None:
        return [*upper, *lower]
    count, cut_above, cut_below = found
    kept_above, kept_below = upper[: len(upper) - cut_above], lower[cut_below:]
    from_upper = (count + 1) // 2
    return [*kept_above[: len(kept_above) - count + from_upper], *kept_below[from_upper:]]


def _overlap(upper: Sequence[str], lower: Sequence[str], expected: float) -> tuple[int, int, int] | None:
    """(lines shared, lines cut at the upper tile's end, at the lower one's start) that fit best, if any do."""
    if expected <= 0:
        return None
    best: tuple[float, tuple[int, int, int]] | None = None
    for cut_above, cut_below in itertools.product((0, 1), repeat=2):
        a, b = upper[: len(upper) - cut_above], lower[cut_below:]
        for count in range(1, min(len(a), len(b)) + 1):
            alike = _likeness(a[len(a) - count :], b[:count])
            if alike is None or not _is_cut(upper, lower, count, cut_above, cut_below):
                continue
            # A cut line counts as shared as well: both tiles show a part of it.
            shared = count + cut_above + cut_below
            cost = _PER_DIFFERENCE * (1 - alike) * count + _PER_LINE * (
                abs(shared - expected) + cut_above + cut_below
            )
            if best is None or cost < best[0]:
                best = (cost, (count, cut_above, cut_below))
    return best[1] if best else None


def _digits(line: str) -> str:
    return "".join(c for c in line if c.isdigit())


def _likeness(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Mean likeness of lines pair by pair; ``None`` where a pair or all of them differ too much."""
    total = 0.0
    for one, other in zip(a, b):
        value = likeness(one, other)
        # Rows of a list or table may differ in their numbers alone: rather one line twice than one row lost.
        if value < _ALIKE or _digits(one) != _digits(other):
            return None
        total += value
    return total / len(a) if total / len(a) >= _MOSTLY_ALIKE else None


def _is_cut(upper: Sequence[str], lower: Sequence[str], count: int, above: int, below: int) -> bool:
    """Whether lines taken for cut ones stand whole in the other tile, so that leaving them out loses nothing."""
    whole_below = not above or len(lower) > below + count
    whole_above = not below or len(upper) > above + count
    return whole_below and whole_above


def likeness(a: str, b: str) -> float:
    """Likeness of two lines in [0, 1]; spaces and case do not count."""
    a, b = "".join(a.casefold().split()), "".join(b.casefold().split())
    if a == b:
        return 1.0
    if not a or not b or 2 * min(len(a), len(b)) / (len(a) + len(b)) < _ALIKE:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def join_columns(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """The lines of two tiles side by side: lines that go on from one into the other joined, in order.

    Which lines belong together is found by what they share at their ends (the most letters in all); lines
    that share nothing stay apart, those of the left tile first.
    """
    joined = [[join_words(a, b) for b in right] for a in left]
    gain = np.zeros((len(left) + 1, len(right) + 1))
    for i, j in itertools.product(range(len(left) - 1, -1, -1), range(len(right) - 1, -1, -1)):
        pair = joined[i][j]
        together = len(left[i]) + len(right[j]) - len(pair) + gain[i + 1, j + 1] if pair is not None else -1.0
        gain[i, j] = max(together, gain[i + 1, j], gain[i, j + 1])
    lines: list[str] = []
    i = j = 0
    while i < len(left) and j < len(right):
        pair = joined[i][j]
        together = len(left[i]) + len(right[j]) - len(pair) + gain[i + 1, j + 1] if pair is not None else -1.0
        if pair is not None and together >= gain[i, j]:
            lines.append(pair)
            i, j = i + 1, j + 1
        elif gain[i + 1, j] >= gain[i, j]:
            lines.append(left[i])
            i += 1
        else:
            lines.append(right[j])
            j += 1
    return [*lines, *left[i:], *right[j:]]


def join_words(left: str, right: str) -> str | None:
    """Two halves of one line that share words at the seam, as one; ``None`` where they share none.

    A word that the seam cuts ("tran" before "translation", "lation" after it) counts by its whole form. The
    longest shared run is taken.
    """
    a, b = left.split(), right.split()
    best: tuple[int, str] | None = None
    for cut_left, cut_right in itertools.product((0, 1), repeat=2):
        head, tail = a[: len(a) - cut_left], b[cut_right:]
        for count in range(min(len(head), len(tail)), 0, -1):
            if head[len(head) - count :] != tail[:count]:
                continue
            if cut_left and not (len(tail) > count and tail[count].startswith(a[-1])):
                continue
            if cut_right and not (len(head) > count and head[len(head) - count - 1].endswith(b[0])):
                continue
            letters = sum(map(len, tail[:count]))
            if best is None or letters > best[0]:
                best = (letters, " ".join([*head, *tail[count:]]))
            break
    return best[1] if best else None
