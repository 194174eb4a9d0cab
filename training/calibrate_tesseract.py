"""Fits the confidence of Tesseract's lines: how sure it says it is of its words becomes P(line exactly right).

    python -m training.calibrate_tesseract --pages 24 --write

Draws pages of lines with known truth in the languages of `LANGUAGES` that are installed, in many fonts, sizes and
degradations, and reads them as `docvlm.ocr.tesseract` does. A logistic map is fitted to the lines in every second font,
none of them degraded by more than FITTED of the full strength; the others give the expected calibration error. One map is
for all languages: Tesseract's networks are of one kind. Thai is left out: its network is as sure of wrong letters as of
right ones (0.73 of its lines were expected to be right, and 0.51 were). The words are of Debian's dictionaries
(`benchmarks.text_layer_words`).
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
from typing import Final

import numpy as np
import pymupdf

from benchmarks import text_layer_words as words
from docvlm import calibration
from docvlm.ocr import tesseract
from training.calibrate_ocr import DEGRADATIONS, FITTED, WEAKEST, Pixels, degrade
from training.logistic import calibration_error, fit, named, predict, row, table

LANGUAGES: Final = {
    "ru": "rus", "uk": "ukr", "el": "ell", "he": "heb", "ar": "ara", "hi": "hin", "ka": "kat", "ta": "tam",
    "ko": "kor",
}  # fmt: skip
_OTHER_HANDS: Final = re.compile("Rashi|Nastaliq|Quran")  # type that Tesseract was not taught
_LINES: Final = 18  # of a page
_DPI: Final = 200
_WIDTH: Final = 1500  # pixels


def drawn(said: str, file: str, size: float, way: str = "ltr") -> Pixels | None:
    """A line of text that runs ``way``, (H, W, 3) RGB on white; ``None`` where it is too long."""
    font = pymupdf.Font(fontfile=file)
    with pymupdf.open() as document:
        page = document.new_page(width=_WIDTH * 72 / _DPI, height=2.6 * size)
        if font.text_length(said, size) > page.rect.width - 40:
            return None
        page.insert_htmlbox(
            pymupdf.Rect(20, 0.5 * size, page.rect.width - 20, page.rect.height),
            f'<div dir="{way}" style="font-family:x;font-size:{size}px">{said}</div>',
            css=f"@font-face {{font-family: x; src: url({file.rsplit('/', 1)[1]})}}",
            archive=pymupdf.Archive(file.rsplit("/", 1)[0]),
        )
        pixmap = page.get_pixmap(dpi=_DPI, alpha=False)
        return (
            np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n)[:, :_WIDTH].copy()
        )


def read_page(code: str, seed: int) -> list[tuple[list[float], bool, bool]]:
    """Of each line of a page that was found: features, whether it is right, and whether its font is held out."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    known = _files(code)
    strips: list[Pixels] = []
    truths: list[str] = []
    places: list[tuple[int, int]] = []
    held, height = seed % 2 == 1, 0
    way = "rtl" if words.LANGUAGES[code].right_to_left else "ltr"
    fonts = [font for number, font in enumerate(known) if number % 2 == held] or known
    while len(strips) < _LINES:
        said = words.text(rng, code, rng.randint(2, 7))
        strip = drawn(said, rng.choice(fonts), rng.uniform(9, 14), way)
        if strip is None:
            continue
        strength = rng.uniform(WEAKEST, 1.0 if held else FITTED)
        strips.append(degrade(strip, rng.choice(DEGRADATIONS), strength, noise))
        truths.append(said)
        places.append((height, height + len(strip)))
        height += len(strip)
    read = tesseract.words_of(np.vstack(strips), [LANGUAGES[code]])
    outcomes = []
    for said, (top, bottom) in zip(truths, places):
        inside = [line for line in read if top <= int(line[0]["top"]) + int(line[0]["height"]) / 2 < bottom]
        if len(inside) == 1:  # one that is missed or broken is an error that no line's score can know
            got = "".join(word["text"] for word in inside[0])
            features = row(tesseract.features_of(inside[0]), tesseract.FEATURES)
            outcomes.append((features, _bare(got) == _bare(said), held))
    return outcomes


def _files(code: str) -> list[str]:
    return [str(file) for _, file, _ in words.faces(code) if not _OTHER_HANDS.search(file.name)]


def _bare(said: str) -> str:
    """Text without spaces, which scripts have or not, and without the signs that mark directions."""
    return "".join(
        c for c in unicodedata.normalize("NFC", said) if not c.isspace() and unicodedata.category(c) != "Cf"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the map into the library")
    options = parser.parse_args()
    codes = [code for code, name in LANGUAGES.items() if name in tesseract.languages() and _files(code)]
    outcomes, spoken = [], []
    for number in range(options.pages):
        code = codes[number // 2 % len(codes)]
        found = read_page(code, 1000 * options.seed + number)
        print(f"{code} {len(found)} lines, right {sum(right for _, right, _ in found)}", flush=True)
        outcomes += found
        spoken += [code] * len(found)
    x, y = np.array([f for f, _, _ in outcomes]), np.array([right for _, right, _ in outcomes], np.float64)
    held = np.array([each for _, _, each in outcomes])
    w = fit(x[~held], y[~held])
    error = calibration_error(predict(w, x[held]), y[held])
    for code in codes:
        own = held & (np.array(spoken) == code)
        expected, right = predict(w, x[own]).mean(), y[own].mean()
        print(f"{code}: {own.sum()} held-out lines, {expected:.2f} expected to be right, {right:.2f} are")
    command = f"python -m training.calibrate_tesseract --pages {options.pages} --seed {options.seed}"
    measured = f"ECE {error:.3f} on {held.sum()} lines in held-out fonts, {y[held].mean():.2f} right; {', '.join(codes)}"
    fitted = named(w, tesseract.FEATURES, command, measured)
    print(measured)
    print(table(fitted))
    if options.write:
        calibration.save(tesseract.CALIBRATION, fitted)


if __name__ == "__main__":
    main()
