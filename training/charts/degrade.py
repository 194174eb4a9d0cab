"""What happens to charts on their way into documents: JPEG, blur, resampling, screenshots, prints and scans.

Each change keeps the truth: where the image is resized or turned, spans and marks move with it.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .sample import Sample

Pixels = NDArray[np.uint8]


def degrade(sample: Sample, rng: random.Random, strength: float = 1.0) -> Sample:
    """A random history of the image; about half of the images keep clean, more at lower ``strength`` (0..1)."""
    if rng.random() > 0.55 * strength:
        return sample
    # Without colour many series cannot be told apart any more.
    copies = 0.12 if len(sample.content.series) == 1 and not sample.content.is_pie else 0.02
    history = rng.choices((_web, _screenshot, _scan, _copy, _small), (0.3, 0.25, 0.2, copies, 0.15))[0]
    changed = history(sample, rng)
    style = {**sample.style, "degraded": history.__name__.strip("_")}
    return dataclasses.replace(changed, style=style)


# Histories


def _web(sample: Sample, rng: random.Random) -> Sample:
    """Saved as a JPEG, sometimes resized before."""
    if rng.random() < 0.4:
        sample = resized(sample, rng.uniform(0.7, 1.3), rng)
    return with_image(sample, jpeg(sample.image, rng.randint(25, 92), rng))


def _screenshot(sample: Sample, rng: random.Random) -> Sample:
    """Scaled by a viewer, with or without sharpening."""
    sample = resized(sample, rng.choice((0.67, 0.75, 0.8, 0.9, 1.1, 1.25, rng.uniform(0.6, 1.4))), rng)
    image = sample.image
    if rng.random() < 0.3:
        image = sharpened(image, rng.uniform(0.05, 0.18))
    if rng.random() < 0.3:
        image = jpeg(image, rng.randint(60, 95), rng)
    if rng.random() < 0.15:
        image = few_colours(image, rng)
    return with_image(sample, image)


def _small(sample: Sample, rng: random.Random) -> Sample:
    """Lost resolution: made small and large again."""
    factor = rng.uniform(0.45, 0.8)
    height, width = sample.image.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    low = Image.fromarray(sample.image).resize(
        size, Image.Resampling.BOX if rng.random() < 0.4 else Image.Resampling.BILINEAR
    )
    image = np.asarray(low.resize((width, height), rng.choice(_UPWARDS)))
    if rng.random() < 0.4:
        image = jpeg(image, rng.randint(40, 90), rng)
    return with_image(sample, image)


def _scan(sample: Sample, rng: random.Random) -> Sample:
    """Printed and scanned: a little turned, unevenly lit, blurred, noisy, often gray."""
    if rng.random() < 0.75:
        sample = turned(sample, rng.gauss(0, 0.8), rng)
    image = sample.image
    if rng.random() < (0.6 if len(sample.content.series) == 1 else 0.15):
        image = gray(image)
    if rng.random() < 0.6:
        image = blurred(image, rng)
    image = noisy(image, rng.uniform(1.5, 7.0), rng, light=uneven_light(image, rng))
    if rng.random() < 0.5:
        image = jpeg(image, rng.randint(40, 90), rng)
    return with_image(sample, image)


def _copy(sample: Sample, rng: random.Random) -> Sample:
    """Gray copy: faded or hard in contrast, sometimes with the toner's two levels."""
    image = gray(sample.image)
    low, high = rng.uniform(0, 50), rng.uniform(215, 255)
    image = (low + image.astype(np.float32) * np.float32((high - low) / 255)).astype(np.uint8)
    if rng.random() < 0.3:
        image = blurred(image, rng)
    if rng.random() < 0.5:
        image = noisy(image, rng.uniform(1.0, 5.0), rng)
    return with_image(sample, image)


_UPWARDS = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.NEAREST,
)
_ANY = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.HAMMING,
)


def with_image(sample: Sample, image: Pixels) -> Sample:
    """The same truth on an image of the same size, (H, W, 3) or gray (H, W)."""
    if image.ndim == 2:
        image = np.repeat(image[:, :, None], 3, 2)
    return dataclasses.replace(sample, image=image)


# Single changes


def resized(sample: Sample, factor: float, rng: random.Random) -> Sample:
    """The whole chart ``factor`` times as large, between 200 and 1400 pixels."""
    height, width = sample.image.shape[:2]
    factor = min(max(factor, 200 / min(width, height)), 1400 / max(width, height))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    image = np.asarray(Image.fromarray(sample.image).resize(size, rng.choices(_ANY, (5, 2, 1, 3))[0]))
    matrix = np.array([[size[0] / width, 0, 0], [0, size[1] / height, 0]])
    return sample.moved(image, matrix)


def turned(sample: Sample, degrees: float, rng: random.Random) -> Sample:
    """Turned about the middle, counter-clockwise; the sheet grows so that nothing is cut off."""
    height, width = sample.image.shape[:2]
    a = math.radians(degrees)
    cos, sin = math.cos(a), math.sin(a)
    wide = math.ceil(width * abs(cos) + height * abs(sin))
    high = math.ceil(width * abs(sin) + height * abs(cos))
    # Old to new: (x, y) about the old middle, y down, counter-clockwise as seen.
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = np.array([wide / 2, high / 2]) - matrix[:, :2] @ (width / 2, height / 2)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    paper = tuple(int(v) for v in sample.image[0, 0])
    image = Image.fromarray(sample.image).transform(
        (wide, high),
        Image.Transform.AFFINE,
        data=tuple(back[:2].ravel().tolist()),
        resample=Image.Resampling.BILINEAR if rng.random() < 0.85 else Image.Resampling.BICUBIC,
        fillcolor=paper if rng.random() < 0.7 else (255, 255, 255),
    )
    return sample.moved(np.asarray(image), matrix)


def jpeg(image: Pixels, quality: int, rng: random.Random) -> Pixels:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality, subsampling=rng.choice((0, 2, 2)))
    return np.asarray(Image.open(stream))


def gray(image: Pixels) -> Pixels:
    """(H, W); later steps take it as it is, and ``with_image`` makes it RGB again."""
    return np.asarray(Image.fromarray(image).convert("L"))


def blurred(image: Pixels, rng: random.Random) -> Pixels:
    """Out of focus by about a pixel."""
    return np.asarray(Image.fromarray(image).filter(ImageFilter.BoxBlur(rng.uniform(0.1, 0.9))))


def sharpened(image: Pixels, share: float) -> Pixels:
    """Each pixel takes a ``share`` of itself from its neighbours along x and along y."""
    one = (-share / 2, 1 + share, -share / 2)
    kernel = ImageFilter.Kernel((3, 3), [a * b for a in one for b in one], scale=1.0)
    return np.asarray(Image.fromarray(image).filter(kernel))


def few_colours(image: Pixels, rng: random.Random) -> Pixels:
    """As a GIF or a small PNG would keep it."""
    levels = rng.choice((24, 48, 96, 256))
    return np.asarray(
        Image.fromarray(image)
        .quantize(levels, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        .convert("RGB")
    )


@functools.cache
def _grain() -> NDArray[np.float32]:
    """Normal noise to cut pieces from, which is faster than drawing it anew for each image."""
    return np.random.default_rng(20).standard_normal(1 << 21, dtype=np.float32)


def noisy(
    image: Pixels, sigma: float, rng: random.Random, light: NDArray[np.float32] | None = None
) -> Pixels:
    """Grain, the same in all colours; the image under uneven ``light`` (H, W), 0..1, if given."""
    height, width = image.shape[:2]
    first = rng.randrange(len(_grain()) - height * width)
    grain = _grain()[first : first + height * width].reshape(height, width) * np.float32(sigma)
    out = np.empty_like(image)
    for plane, target in (
        [(image, out)] if image.ndim == 2 else zip(image.transpose(2, 0, 1), out.transpose(2, 0, 1))
    ):
        level = plane.astype(np.float32)
        if light is not None:
            level *= light
        level += grain
        target[:] = np.clip(level, 0, 255, out=level)
    return out


def uneven_light(image: Pixels, rng: random.Random) -> NDArray[np.float32]:
    """A lamp's light on a page (H, W): darker towards some sides."""
    height, width = image.shape[:2]
    down = np.linspace(rng.uniform(0.8, 1.0), rng.uniform(0.8, 1.0), height, dtype=np.float32)
    across = np.linspace(rng.uniform(0.85, 1.0), rng.uniform(0.85, 1.0), width, dtype=np.float32)
    return down[:, None] * across[None, :]


Degradation = Callable[[Sample, random.Random], Sample]
HISTORIES: dict[str, Degradation] = {
    "web": _web,
    "screenshot": _screenshot,
    "small": _small,
    "scan": _scan,
    "copy": _copy,
}
