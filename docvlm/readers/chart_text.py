"""The text of a chart image by OCR: small, short, upright, slanted or running up the side."""

from __future__ import annotations

import cv2
import numpy as np

from docvlm.anchors import Anchor
from docvlm.deskew import Image, needs_deskew, straighten

# OCR finds small print best when the image has at least this many pixels along its longer side.
_SIDE = 900
# Labels may be slanted on purpose; a chart is not scanned as askew as this.
_MOST_SKEW = 8.0
_FEWEST, _AGREEMENT = 4, 0.5  # straight lines, and degrees between most of them, to believe the skew


def read_text(image: Image) -> tuple[Image, list[Anchor], float]:
    """The image made level, its text with boxes in the level image's pixels, and by how many degrees it was turned
    (positive where lines fell to the right; 0.0 leaves it as it is).
    """
    from docvlm.readers.ocr import crop_of, engine
    from docvlm.readers.ocr_lines import line_of

    ocr = engine()
    # The detector works at 1.3 pixels per point, so this shows it at least _SIDE pixels.
    quads = ocr.detect(image, 1.3 * min(1.0, max(image.shape[:2]) / _SIDE))
    skew = _skew(image)
    if skew:
        image, quads = straighten(image, quads, skew)
    anchors: list[Anchor] = []
    for quad in quads:
        x0, y0 = np.floor(quad.min(axis=0)).astype(int).clip(0)
        x1, y1 = np.ceil(quad.max(axis=0)).astype(int)
        if y1 - y0 > 1.8 * (x1 - x0) and y1 - y0 > 24:
            crop = np.ascontiguousarray(np.rot90(image[y0:y1, x0:x1], -1))
            text = ocr.recognize(crop).text.strip()
            if text:
                anchors.append(Anchor(text, (float(x0), float(y0), float(x1), float(y1))))
            continue
        crop = crop_of(image, quad)
        bounds = (int(x0), int(y0), int(x0) + crop.shape[1], int(y0) + crop.shape[0])
        for line in line_of(ocr.recognize(crop), crop, bounds, 1.0):
            anchors.append(Anchor(line.text.strip(), line.box))
    return image, anchors, skew


def _skew(image: Image) -> float:
    """How far the picture is askew in degrees; 0.0 where it is level or its straight lines do not agree.

    Axes, gridlines and the edges of bars tell: a chart's labels are too short for their own angle to be known.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    least = min(gray.shape) // 6
    found = cv2.HoughLinesP(cv2.Canny(gray, 60, 160), 1, np.pi / 1800, 60, minLineLength=least, maxLineGap=3)
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
