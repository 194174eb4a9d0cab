"""A line or a paragraph -> Markdown with its formulas as LaTeX: OCR reads the words of a picture, a page's text layer has
its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import confidence, raster
from docvlm.document import Confidence
from docvlm.formulas.finder import FinderRuntime
from docvlm.layout import Region
from docvlm.mupdf import pymupdf
from docvlm.readers.formula import FormulaReader
from docvlm.readers.mathematics import read_mathematics
from docvlm.readers.ocr import engine
from docvlm.readers.scanned_lines import may_hold_formulas, with_formulas
from docvlm.readers.text import flow, paragraphs, visual_lines
from docvlm.spans import Line

_MARGIN = 15.0  # points of paper around a picture: OCR's detector overlooks print at the edge


@dataclass(frozen=True, slots=True)
class Passage:
    """A line or a few paragraphs as Markdown, "" where nothing could be read. ``source`` and ``page`` as `Formula` has."""

    markdown: str
    confidence: Confidence
    source: str | None = None
    page: int | None = None


def read_picture(
    image: NDArray[np.uint8], scale: float, finder: FinderRuntime, reader: FormulaReader
) -> Passage:
    """What a picture (H, W, 3) uint8 RGB says, whose type has 10 points if ``scale`` of its pixels are one."""
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    around = round(_MARGIN * scale)
    paper = np.median(edge, axis=0).tolist()
    framed = cv2.copyMakeBorder(image, around, around, around, around, cv2.BORDER_CONSTANT, value=paper)
    ocr = engine()
    page = ocr.read_page(np.asarray(framed, np.uint8), scale)
    lines = visual_lines(page.lines)
    likely = [line for line in lines if may_hold_formulas(line)]
    written = iter(with_formulas(page.upright, scale, likely, finder, reader, ocr) if likely else [])
    return _passage([next(written) if may_hold_formulas(line) else line for line in lines])


def read_layer(
    page: pymupdf.Page, lines: Sequence[Line], load: Callable[[], FormulaReader | None]
) -> Passage:
    """What an upright page says, in one column, whose text layer has ``lines``."""
    own = visual_lines(lines)
    raster.mark_scripts(own)
    shown = [own]
    read_mathematics(page, [Region("paragraph", tuple(page.rect), list(lines))], shown, load)
    formulas = [span.score for line in own for span in line.spans if span.score is not None]
    text = _markdown(own)
    trust = confidence.with_formulas(confidence.of_text_layer(own, None, text), formulas)
    return Passage(text, trust)


def _passage(lines: list[Line]) -> Passage:
    if not lines:
        return Passage("", confidence.unread("text"))
    text = _markdown(lines)
    formulas = [span.score for line in lines for span in line.spans if span.math and span.score is not None]
    return Passage(text, confidence.with_formulas(confidence.of_ocr(lines, text), formulas))


def _markdown(lines: list[Line]) -> str:
    return "\n\n".join(flow(group) for group in paragraphs(lines))
