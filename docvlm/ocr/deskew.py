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
_MAX_CONTRAST = 50.0
_MIN_ANGLE = 0.2


def is_blank(image: Image, scale: float) -> bool:
    """Whether a page (``scale`` pixels per point) holds no ink but specks, noise and a scanner's dark edges.

    Works at one pixel per point, where noise averages out and a letter still has some pixels; takes a few
    milliseconds. Doubtful pages are not blank: reading them finds nothing and costs only time.
    """
    gray = _at_one_pixel_per_point(image, scale)
    difference = cv2.absdiff(gray, np.full_like(gray, round(float(np.median(gray)))))
    # The noise from the quiet half of the page: text covers at most the other half.
    threshold = max(28.0, 6.0 * 1.48 * float(np.median(difference)))
    if threshold > _MAX_CONTRAST:
        # Shaded, stained or rough paper: ink is what differs from its own surroundings. Grain that passes too
        # leaves specks, which do not count.
        difference = cv2.absdiff(gray, cv2.medianBlur(gray, _SURROUNDINGS))
        threshold = min(max(28.0, 6.0 * 1.48 * float(np.median(difference))), _MAX_CONTRAST)
    ink = (difference > threshold).astype(np.uint8)
    ink = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
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
        & (area < 0.12 * wide * high)
        & (wide > 0.9 * width)
        & (high > 0.9 * height)
    )
    margin = 0.015
    near = (
        (x < margin * width)
        | (x > (1 - margin) * width)
        | (y < margin * height)
        | (y > (1 - margin) * height)
    )
    edge = touches_side | touches_end | frame | near
    speck = (np.maximum(wide, high) <= _SPECK) | (area < 5)
    return not bool(np.any(~edge & ~speck))


def _at_one_pixel_per_point(image: Image, scale: float) -> Image:
    """Gray image at one pixel per point, kept between 64 and 1400 pixels on the long side."""
    long_side = max(image.shape[:2])
    factor = min(1.0, 1.0 / scale, 1400 / long_side)
    factor = max(factor, min(1.0, 64 / long_side))
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
    tall = float(high[high > 1.8 * wide].sum())
    return tall > float(wide[wide > 1.8 * high].sum())


def skew_of(quads: Quads) -> float:
    """Angle of the text in degrees, positive when lines fall to the right; 0.0 without a usable line.

    The median of the boxes' own angles, weighted by length cubed (the angle's variance falls that fast), so a
    few slanted stamps or short words cannot move it.
    """
    wide, high = sizes(quads)
    usable = wide > 4 * high
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
    if rotation == 90:
        moved = np.stack([height - y, x], axis=-1)
    elif rotation == 180:
        moved = np.stack([width - x, height - y], axis=-1)
    elif rotation == 270:
        moved = np.stack([y, width - x], axis=-1)
    else:
        return image, quads
    turned = np.ascontiguousarray(np.rot90(image, -rotation // 90))
    # Clockwise by 90 the old bottom left becomes the top left, and so on round.
    return turned, np.roll(moved, rotation // 90, axis=1).astype(np.float32)


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
