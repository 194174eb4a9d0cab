"""The text of a chart image by OCR: small, short, upright, slanted or running up the side."""

from __future__ import annotations

import numpy as np

from docvlm.anchors import Anchor
from docvlm.deskew import Image, Quads, needs_deskew, skew_of, straighten

# OCR finds small print best when the image has at least this many pixels along its longer side.
_SIDE = 900
# Labels may be slanted on purpose; a chart is not scanned as askew as this.
_MOST_SKEW = 8.0
_FEWEST = 4  # level lines that must agree on the skew


def read_text(image: Image) -> tuple[Image, list[Anchor], float]:
    """The image made level, its text with boxes in the level image's pixels, and by how many degrees it was turned
    (positive where lines fell to the right; 0.0 leaves it as it is).
    """
    from docvlm.readers.ocr import crop_of, engine
    from docvlm.readers.ocr_lines import line_of

    ocr = engine()
    # The detector works at 1.3 pixels per point, so this shows it at least _SIDE pixels.
    quads = ocr.detect(image, 1.3 * min(1.0, max(image.shape[:2]) / _SIDE))
    skew = _skew(quads)
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


def _skew(quads: Quads) -> float:
    """How far the picture is askew in degrees; 0.0 where it is level or too few lines tell."""
    run = quads[:, 1] - quads[:, 0]
    near = np.abs(np.degrees(np.arctan2(run[:, 1], run[:, 0]))) < _MOST_SKEW
    level = quads[near & (np.abs(run[:, 0]) > 40)]
    if len(level) < _FEWEST:
        return 0.0
    skew = skew_of(level)
    return skew if needs_deskew(skew) else 0.0
