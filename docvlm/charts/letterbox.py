"""An image of any shape on the square that a network sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_MEANS_BELOW = 0.5  # of the size; shrunk further, each pixel is the mean of those that it covers


def letterbox(image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], float]:
    """An RGB image (h, w, 3) at the top left of a white square of side ``size``, and the scale it was resized by."""
    height, width = image.shape[:2]
    scale = size / max(height, width)
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = Image.Resampling.BOX if scale < _MEANS_BELOW else Image.Resampling.BILINEAR
    canvas = np.full((size, size, 3), 255, np.uint8)
    canvas[: shape[1], : shape[0]] = np.asarray(Image.fromarray(image).resize(shape, method))
    return canvas, scale
