"""OCR on images whose truth is known: drawn here, turned, skewed and dirtied; read by the real models."""

from __future__ import annotations

import cv2
import numpy as np
import pymupdf
import pytest

from docvlm.ocr import deskew
from docvlm.ocr import engine as ocr
from docvlm.ocr import lines as ocr_lines

SCALE = 150 / 72
TEXT = [
    "The committee met on Tuesday, 14 March 2023, to review the budget.",
    "Spending rose by 3.7% to $1,482,950, mostly because of energy costs.",
    "Several members asked whether the estimates had been checked twice.",
    "Nitrate levels exceeded the legal limit at 11 of 36 sites.",
    "All raw data are available from the office on request.",
]


def page(lines: list[str], size: float = 11, width: float = 420, height: float = 300) -> np.ndarray:
    """Lines of Helvetica on a white page, (H, W, 3) RGB at 150 dpi."""
    document = pymupdf.open()
    sheet = document.new_page(width=width, height=height)
    for number, line in enumerate(lines):
        sheet.insert_text((40, 60 + 2 * size * number), line, fontsize=size)
    pixmap = sheet.get_pixmap(dpi=150)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n)[..., :3].copy()


def skewed(image: np.ndarray, degrees: float) -> np.ndarray:
    """The image with lines falling to the right by ``degrees``."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderValue=(255, 255, 255)))


def noisy(image: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def mean_score(result: ocr.OcrPage) -> float:
    return float(np.mean([span.score or 0.0 for line in result.lines for span in line.spans]))


@pytest.fixture(scope="module")
def engine() -> ocr.OcrEngine:
    return ocr.engine(1)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_reads_a_page_turned_any_way(engine: ocr.OcrEngine, rotation: int) -> None:
    image = page(TEXT)
    # Turned counterclockwise; the answer is the turn back.
    turned = np.ascontiguousarray(np.rot90(image, rotation // 90))
    result = engine.read_page(turned, SCALE)
    assert result.rotation == rotation
    assert [line.text for line in result.lines] == TEXT
    assert result.upright.shape == image.shape
    assert result.lines[0].box[0] == pytest.approx(40, abs=2)
    assert result.lines[0].spans[0].baseline == pytest.approx(60, abs=1.5)
    assert [line.size for line in result.lines] == pytest.approx([11] * 5, rel=0.12)


@pytest.mark.parametrize("degrees", [-5.0, -0.6, 2.0])
def test_straightens_a_skewed_page(engine: ocr.OcrEngine, degrees: float) -> None:
    result = engine.read_page(noisy(skewed(page(TEXT), degrees), 12), SCALE)
    assert result.skew == pytest.approx(degrees, abs=0.3)
    assert [line.text for line in result.lines] == TEXT
    assert abs(deskew.skew_of(engine.detect(result.upright, SCALE))) < 0.3


def test_a_level_page_is_not_resampled(engine: ocr.OcrEngine) -> None:
    image = page(TEXT[:2])
    assert engine.read_page(image, SCALE).upright is image


def blank_page() -> np.ndarray:
    return np.full((1754, 1240, 3), 245, np.uint8)


def test_blank_pages_are_skipped(engine: ocr.OcrEngine) -> None:
    edged = noisy(blank_page(), 14)
    edged[:, :45] = 30
    edged[-30:, :] = 60
    rng = np.random.default_rng(3)
    for x, y in rng.integers((60, 60), (1180, 1690), (60, 2)):
        cv2.circle(edged, (int(x), int(y)), int(rng.integers(1, 3)), (40, 40, 40), -1)
    for image in (blank_page(), noisy(blank_page(), 25), edged):
        result = engine.read_page(image, SCALE)
        assert result.blank and not result.lines


def test_a_single_short_line_is_not_blank(engine: ocr.OcrEngine) -> None:
    image = noisy(page(["Notes 7"], size=9, width=595, height=842), 10)
    result = engine.read_page(image, SCALE)
    assert not result.blank
    assert [line.text for line in result.lines] == ["Notes 7"]


def test_cells_of_a_row_are_lines_of_their_own(engine: ocr.OcrEngine) -> None:
    document = pymupdf.open()
    sheet = document.new_page(width=420, height=200)
    for row, y in enumerate((60, 80, 100)):
        for x, text in ((40, "Revenue"), (150, f"1,20{row}.5"), (230, f"98{row}%"), (300, "n/a")):
            sheet.insert_text((x, y), text, fontsize=10)
    pixmap = sheet.get_pixmap(dpi=150)
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n).copy()
    texts = {line.text for line in engine.read_page(image, SCALE).lines}
    assert {"Revenue", "1,200.5", "1,202.5", "981%", "n/a"} <= texts


def test_bold_lines_are_marked(engine: ocr.OcrEngine) -> None:
    document = pymupdf.open()
    sheet = document.new_page(width=420, height=300)
    for number, line in enumerate(["What was decided", *TEXT, "Who was there", TEXT[0].upper()]):
        font = "tibo" if line.startswith("Wh") else "tiro"
        sheet.insert_text((30, 60 + 22 * number), line, fontsize=10, fontname=font)
    sheet.insert_text((30, 250), "A larger line in regular type", fontsize=15, fontname="tiro")
    pixmap = sheet.get_pixmap(dpi=150)
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n).copy()
    for scan in (image, noisy(skewed(image, 1.2), 10)):
        lines = engine.read_page(scan, SCALE).lines
        assert len(lines) == 9
        assert [line.text for line in lines if line.spans[0].bold] == ["What was decided", "Who was there"]
    bad = engine.read_page(noisy(cv2.GaussianBlur(skewed(image, 1.2), (0, 0), 1.0), 20), SCALE)
    assert not any(line.spans[0].bold for line in bad.lines if not line.text.startswith("Wh"))


def test_neighbouring_lines_do_not_change_the_size(engine: ocr.OcrEngine) -> None:
    document = pymupdf.open()
    sheet = document.new_page(width=420, height=300)
    for number, line in enumerate(TEXT * 2):
        sheet.insert_text((30, 60 + 11 * number), line, fontsize=10, fontname="tiro")
    pixmap = sheet.get_pixmap(dpi=150)
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n).copy()
    scan = noisy(cv2.GaussianBlur(skewed(image, 1.5), (0, 0), 0.8), 15)
    lines = engine.read_page(scan, SCALE).lines
    assert [line.size for line in lines] == pytest.approx([10] * 10, rel=0.2)


def test_worse_images_get_lower_scores(engine: ocr.OcrEngine) -> None:
    image = page(TEXT)
    scores = [
        mean_score(engine.read_page(cv2.GaussianBlur(image, (0, 0), s), SCALE)) for s in (0.1, 2.2, 3.5)
    ]
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert scores[0] > 0.8
    assert scores[0] > scores[1] > scores[2]


def test_recognize_lines_reads_crops(engine: ocr.OcrEngine) -> None:
    image = page(TEXT[:1])
    top, bottom = round(48 * SCALE), round(65 * SCALE)
    ((text, probability),) = engine.recognize_lines([image[top:bottom, 70:]])
    assert text == TEXT[0]
    assert probability > 0.9
    assert engine.recognize_lines([]) == []


def test_repeated_and_inkless_readings_are_dropped() -> None:
    crop = np.full((30, 300, 3), 255, np.uint8)

    def reading(text: str) -> ocr_lines.Reading:
        return ocr_lines.Reading(
            [ocr_lines.Character(c, (i + 0.5) / len(text), 0.9) for i, c in enumerate(text)]
        )

    assert ocr_lines.line_of(reading("invented"), crop, (0, 0, 300, 30), SCALE) == []
    cv2.putText(crop, "text", (5, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    assert ocr_lines.line_of(reading("the the the the the the the the"), crop, (0, 0, 300, 30), SCALE) == []


def test_what_the_edge_of_a_crop_cuts_off_is_another_lines() -> None:
    """Capitals and digits are all of a line's core, from which no ascender reaches up into the line above."""
    crop = np.full((36, 120, 3), 255, np.uint8)
    crop[12:28, 10:110:4] = 0  # capitals and digits
    crop[0:3, 10:60:4] = 0  # the feet of the line above, which the crop cuts
    assert ocr_lines.rows_of(ocr_lines.ink_of(crop)) == (12, 28)
    crop[0:3] = 255
    crop[8:10, 30:34] = 0  # the dots of an umlaut are the line's own
    assert ocr_lines.rows_of(ocr_lines.ink_of(crop)) == (8, 28)
