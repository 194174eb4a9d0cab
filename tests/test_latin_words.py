"""Latin words and numbers in lines of other scripts: what Tesseract makes of them is read again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymupdf
import pytest

from docvlm.ocr import latin_words
from docvlm.raster import Image

SCALE = 3  # pixels per point


def _line(*pieces: tuple[str, int]) -> Image:
    """A line (H, W, 3) of Latin pieces that begin at so many points from the left."""
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=40)
        for piece, place in pieces:
            page.insert_text((place, 26), piece, fontsize=12)
        pixels = page.get_pixmap(matrix=pymupdf.Matrix(SCALE, SCALE))
        return np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)


def _word(text: str, confidence: float, left: int, right: int) -> dict[str, Any]:
    places = {"left": left, "top": 14, "width": right - left, "height": 15}
    return {
        "text": text,
        "conf": str(confidence),
        **{key: str(SCALE * value) for key, value in places.items()},
    }


def _read(words: list[dict[str, Any]], image: Image, from_right: bool = True) -> list[str]:
    return [word["text"] for word in latin_words.reread(words, image, from_right)]


def test_what_tesseract_makes_of_latin_words_is_read_as_one() -> None:
    image = _line(("Open Source", 50))
    words = [_word("שלום", 92, 150, 190), _word("66זווס5", 38, 82, 117), _word("ח006", 0, 49, 79)]
    assert _read(words, image) == ["שלום", "Open Source"]


def test_letters_that_tesseract_is_sure_of_stay() -> None:
    image = _line(("WORDS", 50), ("1962", 120))
    words = [_word("סרום", 92, 49, 100), _word("2", 95, 118, 148)]
    assert _read(words, image) == ["סרום", "1962"]


def test_cyrillic_is_not_taken_for_latin_letters_that_look_alike() -> None:
    assert _read([_word("СОН", 40, 49, 80)], _line(("COH", 50)), False) == ["СОН"]


@pytest.mark.parametrize(("from_right", "said"), [(True, "75%,"), (False, ",%75")])
def test_signs_to_the_left_are_behind_in_a_line_from_the_right(from_right: bool, said: str) -> None:
    assert _read([_word("9075", 80, 48, 84)], _line((",%75", 50)), from_right) == [said]
