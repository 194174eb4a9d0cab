"""The look of a page image before it is read: is it blank, how far is it skewed, which way up is it.

Images are uint8 arrays, (H, W, 3) RGB or (H, W) gray. Quads are float32 (N, 4, 2) in pixels, (x, y), corners
in the order top left, top right, bottom right, bottom left of the text as it lies in the image.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Quads = NDArray[np.float32]

# Ink smaller than this many points in both directions is a speck: a lone digit of 8 pt text is higher, and
# the letters of a word are joined before.
_SPECK = 5.0
# Ink that touches the border and stays within this part of the page is the scanner's edge or shadow.
_EDGE = 0.08
_SURROUNDINGS = 41  # pixels at one per point: three lines of text
# Ink differs from its paper by more than noise does: by levels at least, at most, and by standard deviations.
_MIN_CONTRAST, _MAX_CONTRAST = 28.0, 50.0
_DEVIATIONS = 6.0
_DEVIATION = 1.48  # of a normal distribution, in median deviations
_JOINED = 5  # pixels at one per point: the gaps between a word's letters
_LEAST_INK = 5  # pixels at one per point
# An edge down one side that goes on along another: a thin frame about all of the page.
_FRAME_FILL, _FRAME_SPAN = 0.12, 0.9
_RIM = 0.015  # of the page; what has its middle here is the edge of a scan
_LOOK_SIDES = (64, 1400)  # pixels of the longer side at which a page is looked at
_LONG = 1.8  # times as long as wide is a line of text, not a letter or a block
_SLOPE = 4.0  # times as long as high; shorter boxes say too little of their angle
_MIN_ANGLE = 0.2  # degrees


def is_blank(image: Image, scale: float) -> bool:
    """Whether a page (``scale`` pixels per point) holds no ink but specks, noise and a scanner's dark edges.

    Works at one pixel per point, where noise averages out and a letter still has some pixels; takes a few
    milliseconds. Doubtful pages are not blank: reading them finds nothing and costs only time.
    """
    gray = _at_one_pixel_per_point(image, scale)
    difference = cv2.absdiff(gray, np.full_like(gray, round(float(np.median(gray)))))
    # The noise from the quiet half of the page: text covers at most the other half.
    threshold = _noise(difference)
    if threshold > _MAX_CONTRAST:
        # Shaded, stained or rough paper: ink is what differs from its own surroundings. Grain that passes too
        # leaves specks, which do not count.
        difference = cv2.absdiff(gray, cv2.medianBlur(gray, _SURROUNDINGS))
        threshold = min(_noise(difference), _MAX_CONTRAST)
    ink = (difference > threshold).astype(np.uint8)
    ink = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, _JOINED), np.uint8))
    height, width = ink.shape
    count, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count <= 1:
        return True
    left, top, wide, high, area = (stats[1:, i] for i in range(5))
    x, y = centres[1:, 0], centres[1:, 1]
    reach_x, reach_y = _EDGE * width, _EDGE * height
    touches_side = ((left <= 1) & (left + wide <= reach_x)) | (
        (left + wide >= width - 1) & (left >= width - reach_x)
    )
    touches_end = ((top <= 1) & (top + high <= reach_y)) | (
        (top + high >= height - 1) & (top >= height - reach_y)
    )
    # An edge down one side may continue along another: an L or a frame is as thin as its filled part.
    frame = (
        ((left <= 1) | (top <= 1))
        & (area < _FRAME_FILL * wide * high)
        & (wide > _FRAME_SPAN * width)
        & (high > _FRAME_SPAN * height)
    )
    near = (x < _RIM * width) | (x > (1 - _RIM) * width) | (y < _RIM * height) | (y > (1 - _RIM) * height)
    edge = touches_side | touches_end | frame | near
    speck = (np.maximum(wide, high) <= _SPECK) | (area < _LEAST_INK)
    return not bool(np.any(~edge & ~speck))


def _noise(difference: Image) -> float:
    """How far paper may differ from its surroundings, in levels."""
    return max(_MIN_CONTRAST, _DEVIATIONS * _DEVIATION * float(np.median(difference)))


def _at_one_pixel_per_point(image: Image, scale: float) -> Image:
    """Gray image at one pixel per point, its long side neither too short nor too long to look at."""
    long_side = max(image.shape[:2])
    least, most = _LOOK_SIDES
    factor = min(1.0, 1.0 / scale, most / long_side)
    factor = max(factor, min(1.0, least / long_side))
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA)


def sizes(quads: Quads) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lengths in pixels of each quad's text direction and of its height, two arrays (N,)."""
    wide = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    high = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return wide, high


def lies_sideways(quads: Quads) -> bool:
    """Whether most text runs up or down the image: the tall boxes together are longer than the wide ones."""
    wide, high = sizes(quads)
    tall = float(high[high > _LONG * wide].sum())
    return tall > float(wide[wide > _LONG * high].sum())


def skew_of(quads: Quads) -> float:
    """Angle of the text in degrees, positive when lines fall to the right; 0.0 without a usable line.

    The median of the boxes' own angles, weighted by length cubed (the angle's variance falls that fast), so a
    few slanted stamps or short words cannot move it.
    """
    wide, high = sizes(quads)
    usable = wide > _SLOPE * high
    if not usable.any():
        return 0.0
    run = (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3])[usable]
    angle = np.degrees(np.arctan2(run[:, 1], run[:, 0]))
    weight = wide[usable].astype(np.float64) ** 3
    order = np.argsort(angle)
    middle = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    return float(angle[order][min(int(middle), len(order) - 1)])


def needs_deskew(skew: float) -> bool:
    """Below this angle a line of text climbs by less than its own descender over the page's width."""
    return abs(skew) > _MIN_ANGLE


def turn(image: Image, quads: Quads, rotation: int) -> tuple[Image, Quads]:
    """Image and quads after a turn by ``rotation`` (0, 90, 180, 270) degrees clockwise.

    The corners start at the top left again.
    """
    height, width = image.shape[:2]
    x, y = quads[..., 0], quads[..., 1]
    if not rotation:
        return image, quads
    moved = {90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[rotation]
    turned = np.ascontiguousarray(np.rot90(image, -rotation // 90))
    # Clockwise by 90 the old bottom left becomes the top left, and so on round.
    return turned, np.roll(np.stack(moved, axis=-1), rotation // 90, axis=1).astype(np.float32)


def upright(image: Image, rotation: int, skew: float) -> Image:
    """A page's image as :class:`docvlm.frames.Frame` has it: turned, then straightened where it was skewed."""
    none = np.zeros((0, 4, 2), np.float32)
    image, _ = turn(image, none, rotation)
    return straighten(image, none, skew)[0] if skew else image


def straighten(image: Image, quads: Quads, skew: float) -> tuple[Image, Quads]:
    """Image and quads turned by ``-skew`` degrees about the centre; same size, corners filled with paper."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
    background = [int(v) for v in np.median(image[::16, ::16].reshape(-1, 3), axis=0)]
    straight = cv2.warpAffine(
        image,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=background,
    )
    if not len(quads):
        return straight, quads
    moved = cv2.transform(quads.reshape(-1, 1, 2), matrix).reshape(-1, 4, 2)
    return straight, moved.astype(np.float32)
