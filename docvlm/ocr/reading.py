"""OCR of a page by the engine that knows its script."""

from __future__ import annotations

import numpy as np

from docvlm.ocr import deskew, tesseract
from docvlm.ocr.deskew import Image
from docvlm.ocr.engine import OcrPage, engine
from docvlm.spans import Line

# PP-OCR's mean score, weighted by length. It reads its own scripts above 0.8; of others it makes what scores below 0.15.
_DOUBTFUL = 0.7
_JUNK = 0.15
_FEWEST_BOXES = 2  # of text that was seen and not read; one may be a stain
_BELIEVED = 0.6  # Tesseract's own mean score; in a wrong language it is below
_UNTOLD = ("Georgian",)  # scripts of which Tesseract has languages, and which it tells as others


def read_page(image: Image, scale: float) -> OcrPage:
    """Reads a page image (H, W, 3) uint8 RGB of ``scale`` pixels per point.

    Where PP-OCR makes nothing of its text, Tesseract is asked for the script and, if it has it, reads the page. What none
    here can read has no lines: ``unread`` says what it is and what would read it.
    """
    read = engine().read_page(image, scale)
    score = _score(read.lines)
    if score >= _DOUBTFUL or read.boxes < _FEWEST_BOXES:
        return read
    told = tesseract.orientation(image)
    if told is not None and told.script in tesseract.LANGUAGES:
        turned, _ = deskew.turn(image, np.zeros((0, 4, 2), np.float32), told.turn)
        for script in (told.script, *_UNTOLD):
            again = tesseract.read_lines(turned, scale, tesseract.languages_of(script))
            if again.sureness > _BELIEVED:
                return OcrPage(
                    again.lines, told.turn, 0.0, False, turned, read.boxes,
                    by_tesseract=True, calibrated=script in tesseract.FITTED,
                )  # fmt: skip
    elif score >= _JUNK:
        return read
    return OcrPage([], read.rotation, read.skew, False, read.upright, read.boxes, unread=_unread(told))


def _unread(told: tesseract.Orientation | None) -> str:
    """What is to be said of a page that nothing here reads."""
    if told is None or told.script not in tesseract.LANGUAGES:
        return "text that OCR cannot read; Tesseract with the language's package might (Debian: tesseract-ocr-...)"
    if tesseract.languages_of(told.script):
        return f"{told.script} text, it seems, which Tesseract cannot read"
    return f"{told.script} text, it seems, which needs Debian's {tesseract.package_of(told.script)}"


def _score(lines: list[Line]) -> float:
    spans = [(span.score or 0.0, len(span.text.strip())) for line in lines for span in line.spans]
    total = sum(length for _, length in spans)
    return sum(score * length for score, length in spans) / total if total else 0.0
