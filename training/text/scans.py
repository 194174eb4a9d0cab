"""What printing, copying and scanning do to a crop's pixels; nothing here moves print."""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

_CLEAN = 0.4  # of the crops
Pixels = NDArray[np.uint8]


def damaged(grey: Pixels, em: float, rng: random.Random) -> Pixels:
    """``grey`` (H, W) after a random history, or as it is; ``em`` is how many pixels an em has."""
    if rng.random() < _CLEAN:
        return grey
    history = rng.choices(list(HISTORIES), (2, 1, 1, 1))[0]
    return HISTORIES[history](grey, em, rng)


def _scan(grey: Pixels, em: float, rng: random.Random) -> Pixels:
    """Ink that spread or thinned, out of focus, under uneven light, with grain."""
    if rng.random() < 0.5:
        grey = spread(grey, rng.uniform(-0.5, 0.8))
    if rng.random() < 0.7:
        grey = blurred(grey, rng.uniform(0.01, 0.05) * em)
    grey = lit(grey, rng.uniform(0.75, 1.0), rng.uniform(0.75, 1.0), rng.uniform(0, 60))
    grey = noisy(grey, rng.uniform(1.0, 14.0), rng)
    return jpeg(grey, rng.randint(35, 90)) if rng.random() < 0.4 else grey


def _copy(grey: Pixels, em: float, rng: random.Random) -> Pixels:
    """Toner: black or white, with frayed edges."""
    if rng.random() < 0.5:
        grey = spread(grey, rng.uniform(-0.3, 0.8))
    grey = noisy(blurred(grey, rng.uniform(0.01, 0.03) * em), rng.uniform(4, 20), rng)
    if rng.random() < 0.7:
        return np.where(grey < rng.uniform(110, 175), 0, 255).astype(np.uint8)
    return grey


def _small(grey: Pixels, em: float, rng: random.Random) -> Pixels:
    """Made small and large again; never so small that an em has less than ten pixels."""
    factor = max(rng.uniform(0.45, 0.8), min(1.0, 10 / em))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    low = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.3:
        low = jpeg(np.asarray(low, np.uint8), rng.randint(40, 90))
    method = rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST))
    return np.asarray(cv2.resize(low, grey.shape[::-1], interpolation=method), np.uint8)


def _web(grey: Pixels, em: float, rng: random.Random) -> Pixels:
    """Faded or saved badly."""
    if rng.random() < 0.5:
        grey = lit(grey, 1.0, 1.0, rng.uniform(0, 120))
    return jpeg(grey, rng.randint(20, 80))


# --- single changes -------------------------------------------------------------------------------


def spread(grey: Pixels, share: float) -> Pixels:
    """Ink grown by ``share`` of a pixel all around; where negative, paper."""
    kernel = np.ones((3, 3), np.uint8)
    changed = cv2.erode(grey, kernel) if share > 0 else cv2.dilate(grey, kernel)
    return np.asarray(cv2.addWeighted(grey, 1 - abs(share), changed, abs(share), 0), np.uint8)


def blurred(grey: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), max(sigma, 0.05)), np.uint8)


def lit(grey: Pixels, left: float, right: float, black: float) -> Pixels:
    """Under a light that falls off along the width, with print no darker than ``black``."""
    light = np.linspace(left, right, grey.shape[1], dtype=np.float32)
    level = black + grey.astype(np.float32) * np.float32((255 - black) / 255)
    return (level * light).astype(np.uint8)


def noisy(grey: Pixels, sigma: float, rng: random.Random) -> Pixels:
    noise = np.random.default_rng(rng.getrandbits(64)).standard_normal(grey.shape, np.float32)
    return (grey + noise * np.float32(sigma)).clip(0, 255).astype(np.uint8)


def jpeg(grey: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


HISTORIES: dict[str, Callable[[Pixels, float, random.Random], Pixels]] = {
    "scan": _scan,
    "copy": _copy,
    "small": _small,
    "web": _web,
}
