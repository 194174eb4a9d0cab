"""Pictures like those that the models meet, drawn without data: to try graphs on, and to see what goes through them."""

from __future__ import annotations

import io
import random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from docvlm.charts.letterbox import letterbox
from docvlm.formulas.finder import ink_of
from docvlm.mupdf import pymupdf
from docvlm.schema import Chart, Point, Reliability, Series
from docvlm.writers import redraw

_KINDS: Final = (
    "vertical_bar", "line", "pie", "horizontal_bar", "stacked_bar", "scatter", "combined", "grouped_bar",
)  # fmt: skip
_NAMES: Final = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta")
_FONTS: Final = (
    "tiit",
    "tiro",
    "symb",
    "cour",
)  # Times italic and upright, Symbol, Courier: PyMuPDF brings them
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=()[]  "


def charts(size: int) -> NDArray[np.float32]:
    """A chart of each kind (8, 3, size, size) in [0, 1], two of them light on dark."""
    return np.stack([_chart(number, size) for number in range(len(_KINDS))])


def _chart(number: int, size: int) -> NDArray[np.float32]:
    dice, kind = random.Random(number), _KINDS[number]
    count = dice.randint(3, len(_NAMES))
    series = [
        Series(
            name=name,
            points=[
                Point(x=dice.random() if kind == "scatter" else at, y=dice.uniform(1, 100))
                for at in _NAMES[:count]
            ],
        )
        for name in _NAMES[: 1 if kind == "pie" else dice.randint(1, 4)]
    ]
    chart = Chart(
        title="A chart", chart_type=kind, series=series, reliability=Reliability(score=1, reliable=True)
    )
    beside = np.full((420, 1, 3), 255, np.uint8)  # where an original would stand
    image = np.asarray(Image.open(io.BytesIO(redraw.png(chart, beside))).convert("RGB"))
    image = 255 - image if number % 4 == 3 else image
    return letterbox(image, size)[0].transpose(2, 0, 1).astype(np.float32) / np.float32(255)


def lines(em: float) -> NDArray[np.float32]:
    """Lines of letters, digits and signs, and a rule between them, as ink in [0, 1] (8, 128, 640); an em has about ``em``
    pixels.
    """
    return np.stack([_lines(number, em) for number in range(8)])


def _lines(number: int, em: float) -> NDArray[np.float32]:
    dice = random.Random(number)
    with pymupdf.open() as document:
        page = document.new_page(width=640, height=128)
        for row, font in enumerate(_FONTS):
            text = "".join(dice.choice(_LETTERS) for _ in range(40))
            size, left = em * dice.uniform(0.6, 1.3), dice.uniform(4, 30)
            page.insert_text((left, 28 + 30 * row), text, fontname=font, fontsize=size)
        page.draw_line((50, 62), (300, 62), width=em / 20)
        pixmap = page.get_pixmap(colorspace=pymupdf.csGRAY)
        return ink_of(np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width))
