"""The text of a chart image by OCR: small, short, upright, slanted or running up the side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Box
from docvlm.charts.labels import labels_of
from docvlm.charts.lone_digits import with_lone_digits
from docvlm.charts.tick_labels import missed, without_tick_marks
from docvlm.ocr.deskew import Image, Quads, needs_deskew, straighten
from docvlm.ocr.engine import DETECT_SCALE, OcrEngine, engine
from docvlm.ocr.lines import Reading, ink_of, rows_of
from docvlm.threads import usable_threads

# The detector finds most labels where the image has this many pixels along its longer side, whatever it had: of
# larger images it misses large and short print, of smaller ones small print. Half a large image's own is enough.
_SIDE, _PART = 640, 0.5
_LEAST_MEAN = 0.35  # of a core's pixels: of lone digits and small print the detector is less sure
# Labels may be slanted on purpose; a chart is not scanned as askew as this.
_MOST_SKEW = 8.0
_FEWEST, _AGREEMENT = 4, 0.5  # straight lines, and degrees between most of them, to believe the skew
_LEVEL_RUN = 300  # pixels, in which an edge that is askew by 0.2 degrees changes its row
_EDGE = 255  # the value of an edge's pixels
_WEAK, _STRONG = 60, 160  # gradients, of 255: edges that go on from strong ones, and those
# This part of the shorter side is a straight line's least length; pixels of a gap in one.
_STRAIGHT, _BROKEN = 6, 3
_STEPS = 1800  # of half a turn, in which straight lines are looked for
_LEVEL = 15.0  # degrees by which the box of a short level label may be askew
_UP = -90.0
# Boxes so many times as high as wide hold text that runs up the side, or may; smaller ones, in pixels, a digit.
_TALL, _LONG, _LEAST_TALL = 1.8, 1.3, 24
_RIM = 0.2  # heights of the ink: paper above and below with which the recognizer reads best, twice that at the ends
# Gap, offset and difference in thickness of parts of one text, in thicknesses.
_NEAR, _BESIDE, _ALIKE = 0.5, 0.25, 0.45
_SURE = 0.8  # mean probability from which no other direction is tried


def read_text(image: Image) -> tuple[Image, list[Anchor], float]:
    """The image made level, its text with boxes in the level image's pixels, and by how many degrees it was turned
    (positive where lines fell to the right; 0.0 leaves it as it is).
    """
    ocr = engine(usable_threads())
    longer = max(image.shape[:2])
    quads = ocr.detect(image, DETECT_SCALE * longer / max(_SIDE, _PART * longer), _LEAST_MEAN)
    skew = _skew(image)
    if skew:
        image, quads = straighten(image, quads, skew)
    anchors: list[Anchor] = []
    for quad, directions in _joined(quads, _directions(quads)):
        crop, reading = _read(ocr, image, quad, directions)
        anchors += [Anchor(text, crop.box(part)) for text, part in labels_of(reading, crop.pixels)]
    anchors = without_tick_marks(anchors)
    anchors = with_lone_digits(image, anchors, ocr.recognize)
    anchors += missed(image, anchors, ocr.recognize)
    return image, anchors, skew


@dataclass(frozen=True, slots=True)
class LabelCrop:
    """A label cut out upright: its pixels (h, w, 3), and ``to_image`` (2, 3), which maps their coordinates to the
    image's.
    """

    pixels: Image
    to_image: NDArray[np.float64]

    @classmethod
    def of(cls, image: Image, quad: NDArray[np.float32], direction: float) -> LabelCrop:
        """What ``quad`` (4, 2) surrounds, where text runs in a ``direction`` (degrees, clockwise from level)."""
        along, down = _frame(direction).T
        if direction == 0:
            # A level label's box is askew by chance: its height is that of its middle.
            left, right = quad[:, 0].min(), quad[:, 0].max()
            top, bottom = quad[:2, 1].mean(), quad[2:, 1].mean()
        else:
            (left, right), (top, bottom) = ((p.min(), p.max()) for p in (quad @ along, quad @ down))
        left, top, right, bottom = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
        size = max(1, right - left), max(1, bottom - top)
        origin = along * left + down * top
        matrix = np.column_stack([along, down, origin])
        pixels = cv2.warpAffine(
            image,
            matrix,
            size,
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return cls(np.asarray(pixels, np.uint8), matrix)

    def tight(self) -> LabelCrop:
        """The crop with as much paper around its ink as the recognizer reads best with."""
        ink = ink_of(self.pixels)
        top, bottom = rows_of(ink)
        columns = np.flatnonzero(ink[top:bottom].any(axis=0))
        if not len(columns):
            return self
        height, width = ink.shape
        rim = max(1, round(_RIM * (bottom - top)))
        side = max(2, round(2 * _RIM * (bottom - top)))
        top, bottom = max(0, top - rim), min(height, bottom + rim)
        left, right = max(0, int(columns[0]) - side), min(width, int(columns[-1]) + 1 + side)
        matrix = self.to_image.copy()
        matrix[:, 2] = self.to_image @ (left, top, 1)
        return LabelCrop(self.pixels[top:bottom, left:right], matrix)

    def box(self, part: Box) -> Box:
        """The upright box in the image around a part of the crop."""
        x0, y0, x1, y1 = part
        corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) @ self.to_image.T
        (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        return left, top, right, bottom


def _read(
    ocr: OcrEngine, image: Image, quad: NDArray[np.float32], directions: Sequence[float]
) -> tuple[LabelCrop, Reading]:
    """A box read in the direction in which most is read most surely; what is surely slanted or upright is read once."""
    tries = []
    for direction in directions:
        crop = LabelCrop.of(image, quad, direction).tight()
        reading = ocr.recognize(crop.pixels)
        tries.append(((reading.mean - 0.5) * len(reading.characters), crop, reading))
        if direction and reading.mean >= _SURE:
            break
    _, crop, reading = max(tries, key=lambda found: found[0])
    return crop, reading


def _directions(quads: Quads) -> list[Sequence[float]]:
    """Where the text of each box may run, in degrees clockwise from level, the likeliest direction first."""
    directions: list[Sequence[float]] = []
    slanted: dict[int, float] = {}
    for number, quad in enumerate(quads):
        across, down = quad[1] - quad[0], quad[3] - quad[0]
        wide, high = float(np.hypot(*across)), float(np.hypot(*down))
        longer = across if wide >= high else down
        angle = math.degrees(math.atan2(float(longer[1]), float(longer[0])))
        angle = (angle + 90) % 180 - 90  # text runs to the right
        directions.append((0.0,))
        if abs((angle + 45) % 90 - 45) > _LEVEL:
            slanted[number] = angle if max(wide, high) >= _LONG * min(wide, high) else math.nan
        elif high > _LEAST_TALL and high > _TALL * wide:
            directions[-1] = (_UP, -_UP)
        elif high > _LEAST_TALL and high > _LONG * wide:
            directions[-1] = (0.0, _UP)
    # A box that is nearly square does not say which of its sides is the text's; the others of the axis do.
    usual = [angle for angle in slanted.values() if not math.isnan(angle)]
    for number, angle in slanted.items():
        known = angle if not math.isnan(angle) else float(np.median(usual)) if usual else 0.0
        directions[number] = (known,)
    return directions


def _joined(
    quads: Quads, directions: Sequence[Sequence[float]]
) -> list[tuple[NDArray[np.float32], Sequence[float]]]:
    """The boxes with their directions; what is parted at a space of a slanted or upright text is made one.

    Level boxes are left alone: along an axis labels follow each other as words do.
    """
    left = sorted(zip(quads, directions, strict=True), key=lambda box: box[1][0] != 0)
    done = []
    while left:
        quad, ways = left.pop()
        part = next((n for n, other in enumerate(left) if ways[0] and _follow(quad, other[0], ways[0])), None)
        if part is None:
            done.append((quad, ways))
        else:
            left.append((_around(np.concatenate([quad, left.pop(part)[0]]), ways[0]), ways))
    return done


def _follow(a: NDArray[np.float32], b: NDArray[np.float32], direction: float) -> bool:
    """Whether two boxes (4, 2) are parts of one text that runs in a ``direction``."""
    frame = _frame(direction)
    (left, top), (right, bottom) = (a @ frame).min(axis=0), (a @ frame).max(axis=0)
    (left_b, top_b), (right_b, bottom_b) = (b @ frame).min(axis=0), (b @ frame).max(axis=0)
    thick = bottom - top
    return bool(
        max(left, left_b) - min(right, right_b) < _NEAR * thick
        and abs(top + bottom - top_b - bottom_b) < 2 * _BESIDE * thick
        and abs(thick - (bottom_b - top_b)) < _ALIKE * thick
    )


def _frame(direction: float) -> NDArray[np.float64]:
    """Unit vectors (2, 2) in columns: along text that runs in ``direction`` (degrees), and down from it."""
    turn = math.radians(direction)
    return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])


def _around(points: NDArray[np.float32], direction: float) -> NDArray[np.float32]:
    """The corners (4, 2) of the box in a ``direction`` around points (n, 2)."""
    frame = _frame(direction)
    (x0, y0), (x1, y1) = (points @ frame).min(axis=0), (points @ frame).max(axis=0)
    return np.array(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) @ frame.T, np.float32)


def _skew(image: Image) -> float:
    """How far the picture is askew in degrees; 0.0 where it is level or its straight lines do not agree.

    Axes, gridlines and the edges of bars tell: a chart's labels are too short for their own angle to be known.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(gray, _WEAK, _STRONG)
    if _has_level_edge(edges):
        return 0.0
    least = min(gray.shape) // _STRAIGHT
    found = cv2.HoughLinesP(edges, 1, np.pi / _STEPS, 60, minLineLength=least, maxLineGap=_BROKEN)
    if found is None:
        return 0.0
    x0, y0, x1, y1 = found.reshape(-1, 4).astype(np.float64).T
    angle = np.degrees(np.arctan2(y1 - y0, x1 - x0))
    away = (angle + 45) % 90 - 45  # from the nearer of level and upright
    near = away[np.abs(away) < _MOST_SKEW]
    if len(near) < _FEWEST:
        return 0.0
    low, skew, high = (float(value) for value in np.percentile(near, (25, 50, 75)))
    return skew if high - low < _AGREEMENT and needs_deskew(skew) else 0.0


def _has_level_edge(edges: NDArray[np.uint8]) -> bool:
    """Whether an edge stays in one row or column for longer than it could if the picture were worth turning.

    To look for lines in all directions takes a hundred times as long.
    """
    return any(
        bool((cv2.boxFilter(edges, cv2.CV_32F, size, normalize=False) >= _EDGE * _LEVEL_RUN).any())
        for size in ((_LEVEL_RUN, 1), (1, _LEVEL_RUN))
    )
