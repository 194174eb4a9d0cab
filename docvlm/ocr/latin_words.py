"""Latin words and numbers in lines that Tesseract reads in another script: of these its networks make letters and digits of
their own, while PP-OCR, which makes nothing of those scripts, reads them surely.

Words are rows of Tesseract's table, with their places in pixels of the page image.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from docvlm.ocr.deskew import Image
from docvlm.ocr.engine import engine
from docvlm.scripts import script_of

_UNSURE: Final = 60.0  # of Tesseract's percent; letters of its own script that it reads are mostly above 80
_SURE: Final = 0.95  # of PP-OCR's probability; of other scripts it is not so sure
_MOST_SURE: Final = 95.0  # percent, as Tesseract is at most
_ALIKE: Final = {"CYRILLIC", "GREEK"}  # whose letters PP-OCR surely takes for Latin ones
_FEWEST: Final = 2  # letters or digits; of fewer a stroke may be one
_AROUND: Final = 0.2  # of a word's height
_BEFORE: Final = re.compile(r"^([.,;:!?%‰°]+)\s*(.*\w.*)$")
"""Signs left of what stands in a line from the right: they are read behind it."""


def reread(words: Sequence[dict[str, Any]], image: Image, from_right: bool) -> list[dict[str, Any]]:
    """The words of one line of a page (H, W, 3) RGB in reading order; where Tesseract has no letter of its script or is not
    sure, what PP-OCR surely reads there as Latin.
    """
    found: list[dict[str, Any]] = []
    for doubtful, run in itertools.groupby(words, key=_is_doubtful):
        same = [*run]
        found += [*_read(same, image, from_right)] if doubtful else same
    return found


def _is_doubtful(word: dict[str, Any]) -> bool:
    scripts = {script_of(letter) for letter in word["text"] if letter.isalpha()} - {"LATIN"}
    return not scripts or (float(word["conf"]) < _UNSURE and not scripts & _ALIKE)


def _read(run: list[dict[str, Any]], image: Image, from_right: bool) -> Iterator[dict[str, Any]]:
    """Words that stand together as one, if they are Latin, and else each by itself."""
    whole = _as_latin(run, image, from_right)
    if whole is not None:
        yield whole
    elif len(run) > 1:
        for word in run:
            yield from _read([word], image, from_right)
    else:
        yield from run


def _as_latin(run: Sequence[dict[str, Any]], image: Image, from_right: bool) -> dict[str, Any] | None:
    left, top = (min(int(word[edge]) for word in run) for edge in ("left", "top"))
    right = max(int(word["left"]) + int(word["width"]) for word in run)
    bottom = max(int(word["top"]) + int(word["height"]) for word in run)
    around = round(_AROUND * (bottom - top))
    crop = image[max(top - around, 0) : bottom + around, max(left - around, 0) : right + around]
    reading = engine().recognize(np.ascontiguousarray(crop))
    text = reading.text.strip()
    is_latin = all(script_of(letter) == "LATIN" for letter in text if letter.isalpha())
    if not is_latin or sum(map(str.isalnum, text)) < _FEWEST or reading.mean < _SURE:
        return None
    return {
        **run[0],
        "text": _BEFORE.sub(lambda found: found[2] + found[1][::-1], text) if from_right else text,
        "conf": min(100 * reading.mean, _MOST_SURE),
        "left": left, "top": top, "width": right - left, "height": bottom - top,
    }  # fmt: skip
