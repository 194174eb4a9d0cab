"""Turns clean page pictures into pages that look scanned; every step is seeded."""

import cv2
import numpy as np


def gray(page, dpi: int) -> np.ndarray:
    pixmap = page.get_pixmap(dpi=dpi, colorspace="gray")
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width).copy()


def skew(image: np.ndarray, degrees: float) -> np.ndarray:
    h, w = image.shape
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1.0)
    return cv2.warpAffine(image, matrix, (w, h), flags=cv2.INTER_CUBIC, borderValue=250)


def noise(image: np.ndarray, sigma: float, specks: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = cv2.GaussianBlur(image, (0, 0), 0.6).astype(np.float32)
    out = out * 0.92 + 12 + rng.normal(0, sigma, image.shape)
    for _ in range(specks):
        y, x = int(rng.integers(image.shape[0])), int(rng.integers(image.shape[1]))
        cv2.circle(out, (x, y), int(rng.integers(1, 3)), float(rng.integers(60, 160)), -1)
    return out.clip(0, 255).astype(np.uint8)


def light(image: np.ndarray, dark: float) -> np.ndarray:
    """Full light at the top left falling to ``dark`` at the bottom right, with a fold across."""
    h, w = image.shape
    y, x = np.mgrid[0:1:h * 1j, 0:1:w * 1j]
    field = 1 - (1 - dark) * (0.6 * x + 0.4 * y) ** 1.5 - 0.08 * np.exp(-(((y - 0.52) / 0.012) ** 2))
    return (image * field).clip(0, 255).astype(np.uint8)


def jpeg(image: np.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
