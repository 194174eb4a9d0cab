"""Fits OCR's confidence: how the recognizer's probabilities become P(line exactly right).

Draws lines with known truth in many fonts, sizes and degradations, and reads them. A logistic map is fitted
to the lines in every second font, none of them degraded by more than FITTED of the full strength. The lines
in the other fonts, degraded up to the full strength, give the reliability table and the expected calibration
error. Kinds of degradation, words and sizes are the same on both sides.

    python -m training.calibrate_ocr --lines 1000 --write

``--write`` puts the map into ``docvlm/ocr/calibration.json``. Takes some minutes on one core.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image as PillowImage

from docvlm import calibration
from docvlm.ocr import engine as ocr
from docvlm.ocr import lines as ocr_lines
from training.logistic import calibration_error, fit, named, predict, row, table

Pixels = NDArray[np.uint8]

WORDS = (
    "the of and to in a is that for it was on are as with his they at be this from have or by one had not "
    "but what all were when we there can an your which their said if do will each about how up out them "
    "then she many some so these would other into has more her two like him see time could no make than "
    "first been its who now people my made over committee annual revenue percent between method results "
    "figure section total number analysis increase report government international temperature agreement "
    "quarterly equipment different approach following address letter"
)
SYLLABLES = "ba con dri el fam gor hin ill jo kel lum mor nev ost pra qui ros sti tur und vex wil xan yor zet"
BUILTIN = ("helv", "tiro", "cour", "hebo", "tiit")
FILES = (
    "dejavu/DejaVuSans.ttf",
    "dejavu/DejaVuSerif.ttf",
    "liberation/LiberationSans-Italic.ttf",
    "liberation/LiberationSerif-Bold.ttf",
    "liberation/LiberationMono-Regular.ttf",
    "liberation/LiberationSansNarrow-Regular.ttf",
)
FOLDER = Path("/usr/share/fonts/truetype")
DEGRADATIONS = ("clean", "blur", "noise", "jpeg", "low", "faint", "skew", "fax")
# Degradations have strengths from WEAKEST to 1; the map is fitted to lines of at most FITTED.
WEAKEST, FITTED = 0.3, 0.8


@dataclass(frozen=True, slots=True)
class Sample:
    """One line read: the reading's features, was it exactly right, and its share of wrong characters.

    ``held_out`` lines are in fonts that the fit does not see, ``beyond`` ones also of strengths it does not.
    """

    features: list[float]
    right: bool
    errors: float
    degradation: str
    held_out: bool
    beyond: bool


def draw_text(rng: np.random.Generator) -> str:
    """2 to 14 tokens: ordinary words, made-up words, numbers, with punctuation."""
    tokens = []
    for _ in range(int(rng.integers(2, 15))):
        kind = rng.random()
        if kind < 0.65:
            token = str(rng.choice(WORDS.split()))
        elif kind < 0.8:
            token = "".join(rng.choice(SYLLABLES.split(), size=int(rng.integers(2, 4))))
        elif kind < 0.9:
            token = f"{rng.integers(0, 100000):,}" + str(rng.choice(["", "%", ".5"]))
        else:
            token = str(rng.choice(["(see", "U.S.", "$4.20", "2019-2021", "e.g.", "[12]", "A/B", "p < 0.05"]))
        token = token.capitalize() if rng.random() < 0.2 else token
        tokens.append(token + str(rng.choice(["", ",", ".", ";", ":"], p=[0.82, 0.08, 0.06, 0.02, 0.02])))
    return " ".join(tokens)


def draw_line(text: str, font: str, size: float, dpi: int) -> Pixels:
    """The text on white, (H, W, 3) RGB, at ``dpi``."""
    path = FOLDER / font
    face = pymupdf.Font(fontfile=str(path)) if path.is_file() else pymupdf.Font(font)
    document = pymupdf.open()
    page = document.new_page(width=face.text_length(text, size) + 40, height=4 * size)
    writer = pymupdf.TextWriter(page.rect)
    writer.append((20, 2.4 * size), text, font=face, fontsize=size)
    writer.write_text(page)
    pixmap = page.get_pixmap(dpi=dpi)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n)[..., :3].copy()


def degrade(image: Pixels, kind: str, strength: float, rng: np.random.Generator) -> Pixels:
    """The image as a scanner, a camera or a fax would give it, same shape; ``strength`` goes up to 1."""
    if kind == "blur":
        return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.6 + 1.8 * strength), np.uint8)
    if kind == "noise":
        return np.clip(image + rng.normal(0, 70 * strength, image.shape), 0, 255).astype(np.uint8)
    if kind == "jpeg":
        buffer = io.BytesIO()
        PillowImage.fromarray(image).save(buffer, "JPEG", quality=int(40 - 36 * strength))
        return np.asarray(PillowImage.open(buffer), np.uint8)
    if kind == "low":
        factor = 1 - 0.65 * strength
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (image.shape[1], image.shape[0])), np.uint8)
    if kind == "faint":
        faint = 215 - (255 - image.astype(np.float32)) * (0.5 - 0.42 * strength)
        return np.clip(faint + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
    if kind == "skew":
        angle = strength * float(rng.choice([-1, 1]))
        matrix = cv2.getRotationMatrix2D((image.shape[1] / 2, image.shape[0] / 2), angle, 1)
        turned = cv2.warpAffine(image, matrix, (image.shape[1], image.shape[0]), borderValue=(255, 255, 255))
        return np.asarray(turned, np.uint8)
    if kind == "fax":
        noisy = (
            cv2.GaussianBlur(image, (0, 0), 0.9) + rng.normal(0, 60 * strength, image.shape[:2])[..., None]
        )
        return np.where(noisy > 140, 255, 0).astype(np.uint8)
    return image


def read_samples(count: int, seed: int) -> list[Sample]:
    """Draws and reads ``count`` lines; every second font is held out, and only it is degraded fully."""
    rng = np.random.default_rng(seed)
    engine = ocr.engine(1)
    fonts = [f for f in (*BUILTIN, *FILES) if f in BUILTIN or (FOLDER / f).is_file()]
    samples = []
    for _ in range(count):
        font_number = int(rng.integers(len(fonts)))
        held_out = font_number % 2 == 1
        text = draw_text(rng)
        dpi = int(rng.choice([100, 150, 200]))
        image = draw_line(text, fonts[font_number], float(rng.uniform(7, 14)), dpi)
        kind = str(rng.choice(DEGRADATIONS))
        strength = float(rng.uniform(WEAKEST, 1.0 if held_out else FITTED))
        image = degrade(image, kind, strength, rng)
        quads = engine.detect(image, dpi / 72)
        if len(quads) != 1:
            continue  # a missed or broken line is the detector's error, which no line's score can know
        crop = ocr.crop_of(image, quads[0])
        reading = engine.recognize(crop)
        got = reading.text.strip()
        errors = distance(text, got) / len(text)
        beyond = held_out and strength > FITTED and kind != "clean"
        features = row(ocr_lines.features_of(reading), ocr_lines.FEATURES)
        samples.append(Sample(features, got == text, errors, kind, held_out, beyond))
    return samples


def distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=700)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the map into the library")
    options = parser.parse_args()
    samples = read_samples(options.lines, options.seed)
    for kind in DEGRADATIONS:
        of_kind = [s for s in samples if s.degradation == kind]
        right, errors = np.mean([s.right for s in of_kind]), np.mean([s.errors for s in of_kind])
        print(f"{kind:6} n {len(of_kind):4d}  lines right {right:.3f}  characters right {1 - errors:.4f}")
    x, y = np.array([s.features for s in samples]), np.array([s.right for s in samples], dtype=np.float64)
    held, beyond = np.array([s.held_out for s in samples]), np.array([s.beyond for s in samples])
    w = fit(x[~held], y[~held])
    p = predict(w, x)
    print("held-out fonts at strengths beyond the fitted:")
    hard_error = calibration_error(p[beyond], y[beyond])
    print(f"  {beyond.sum()} lines, ECE {hard_error:.3f}")
    print("held-out fonts at all strengths:")
    error = calibration_error(p[held], y[held])
    brier = float(np.mean((p[held] - y[held]) ** 2))
    print(f"  {held.sum()} lines, ECE {error:.3f}, Brier {brier:.3f}")
    command = f"python -m training.calibrate_ocr --lines {options.lines} --seed {options.seed}"
    measured = (
        f"ECE {error:.3f} on {held.sum()} lines in held-out fonts, {hard_error:.3f} on the {beyond.sum()} of them "
        "degraded more than any fitted line"
    )
    fitted = named(w, ocr_lines.FEATURES, command, measured)
    print(table(fitted))
    if options.write:
        calibration.save(ocr_lines.CALIBRATION, fitted)


if __name__ == "__main__":
    main()
