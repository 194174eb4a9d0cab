"""Boxes of lines: from the detector's map, and cut at the gutters between columns."""

from __future__ import annotations

import re

import numpy as np
import pymupdf
import pytest
from numpy.typing import NDArray

from docvlm.ocr.deskew import Quads
from docvlm.ocr.engine import engine
from docvlm.ocr.gutters import parted_at_gutters
from docvlm.ocr.text_boxes import text_boxes

SCALE = 200 / 72
LEFT, GUTTER, TOP, LEADING = 50.0, 11.0, 60.0, 12.0
WORDS = re.findall(
    r"\w+",
    "the spectrum is measurable if and only if the operator is compact and every sequence of its values has a limit"
    " that does not depend on the choice of the basis nor on the order in which they are taken so that nothing is lost",
)


def _map(*bars: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """What the detector might say of a page: ones in each bar, left, top, right, bottom."""
    likely = np.zeros((160, 480), np.float32)
    for left, top, right, bottom in bars:
        likely[top:bottom, left:right] = 1
    return likely


def _sides(quads: Quads) -> list[list[float]]:
    """Left, top, right and bottom of each quad, from the top down."""
    boxes = np.concatenate([quads.min(1), quads.max(1)], 1)
    return [[float(side) for side in box] for box in boxes[np.argsort(boxes[:, 1], kind="stable")]]


def test_a_script_at_its_end_makes_a_line_no_higher() -> None:
    plain = _sides(text_boxes(_map((40, 60, 340, 67))))
    raised = _sides(text_boxes(_map((40, 60, 340, 67), (340, 48, 350, 62))))
    assert len(raised) == 1
    assert raised[0][1::2] == pytest.approx(plain[0][1::2], abs=2)


def test_lines_that_a_fraction_ties_together_are_two() -> None:
    boxes = _sides(text_boxes(_map((40, 40, 340, 47), (180, 47, 186, 60), (40, 60, 300, 67))))
    assert [box[2] > 280 for box in boxes] == [True, True]
    assert boxes[0][3] < boxes[1][1] + 6


def test_what_the_detector_doubts_is_no_line() -> None:
    assert not len(text_boxes(0.5 * _map((40, 60, 340, 67))))
    assert not len(text_boxes(_map()))


# --- columns --------------------------------------------------------------------------------------


def _columns(rows: int, across: str = "") -> tuple[NDArray[np.uint8], Quads]:
    """A page (H, W, 3) with two columns of full lines, as close as papers have them, and a box for each line of each;
    ``across`` is one more line above that runs over both.
    """
    document = pymupdf.open()
    page = document.new_page(width=420, height=TOP + LEADING * rows + 60)
    font = pymupdf.Font("tiro")
    boxes = []
    width = (420 - 2 * LEFT - GUTTER) / 2
    for row in range(rows):
        for column in range(2):
            x, y = LEFT + column * (width + GUTTER), TOP + LEADING * row
            offset, count = 11 * row + 5 * column, 1
            words = [WORDS[(offset + place) % len(WORDS)] for place in range(20)]
            while font.text_length(" ".join(words[: count + 1]), 9) < width:
                count += 1
            del words[count:]
            gap = (width - sum(font.text_length(word, 9) for word in words)) / (count - 1)
            writer = pymupdf.TextWriter(page.rect)
            start = x
            for word in words:
                writer.append((start, y), word, font, 9)
                start += font.text_length(word, 9) + gap
            writer.write_text(page)
            boxes.append((x - 2, y - 9, x + width + 2, y + 3))
    if across:
        page.insert_text((LEFT, TOP - 2 * LEADING), across, fontname="tiro", fontsize=9)
        boxes.append((LEFT - 2, TOP - 2 * LEADING - 9, 372, TOP - 2 * LEADING + 3))
    pixels = page.get_pixmap(dpi=200)
    image = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.h, pixels.w, 3)
    return image, np.array([_quad(box) for box in boxes], np.float32) * np.float32(SCALE)


def _quad(box: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    x0, y0, x1, y1 = box
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def test_a_box_over_a_gutter_becomes_one_for_each_column() -> None:
    image, quads = _columns(8)
    joined = quads.copy()
    joined[6, 1:3] = joined[7, 1:3]  # the fourth row as the detector may see it
    joined = np.delete(joined, 7, axis=0)
    parted = parted_at_gutters(image, joined)
    assert len(parted) == len(quads)
    middle = (420 / 2) * SCALE
    assert not any(left < middle - 20 and right > middle + 20 for left, _, right, _ in _sides(parted))


def test_a_line_above_two_columns_is_whole() -> None:
    image, quads = _columns(8, across=" ".join(WORDS[:14]))
    assert len(parted_at_gutters(image, quads)) == len(quads)


def test_ocr_reads_narrow_columns_apart() -> None:
    image, _ = _columns(10)
    lines = engine().read_page(image, SCALE).lines
    assert len(lines) == 20
    assert all(line.box[2] - line.box[0] < 0.5 * 420 for line in lines)
