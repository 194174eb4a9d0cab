"""A line or a paragraph -> Markdown with its formulas as LaTeX: OCR reads the words of a picture, a page's text layer has
its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import confidence
from docvlm.boxes import as_box
from docvlm.formulas.codes import em_of
from docvlm.formulas.found_lines import word_baselines
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, TOP
from docvlm.formulas.image import Crop
from docvlm.formulas.reading import FormulaReader
from docvlm.formulas.segments import has_math
from docvlm.formulas.sight import GlyphReader
from docvlm.layout.region import Region
from docvlm.mupdf import pymupdf
from docvlm.ocr.engine import engine
from docvlm.readers.mathematics import write_formulas
from docvlm.readers.prose import paragraphs
from docvlm.readers.scanned_lines import may_hold_formulas, with_formulas
from docvlm.readers.view import Part
from docvlm.running_text import flow
from docvlm.schema import Confidence
from docvlm.spans import Line
from docvlm.visual_lines import visual_lines

_LEVEL = 0.4  # ems by which a line's baselines may differ, skew included
_MARGIN = 15.0  # points of paper around a picture: OCR's detector overlooks print at the edge


@dataclass(frozen=True, slots=True)
class Passage:
    """A line or a few paragraphs as Markdown, "" where nothing could be read. ``source`` and ``page`` as `Formula` has."""

    markdown: str
    confidence: Confidence
    source: str | None = None
    page: int | None = None


def read_picture(image: NDArray[np.uint8], crop: Crop, finder: GlyphReader, reader: FormulaReader) -> Passage:
    """What a picture (H, W, 3) uint8 RGB says; ``crop`` is what the finder saw in it, if only to know the type's size."""
    scale = crop.scale
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    around = round(_MARGIN * scale)
    paper = np.median(edge, axis=0).tolist()
    framed = cv2.copyMakeBorder(image, around, around, around, around, cv2.BORDER_CONSTANT, value=paper)
    ocr = engine()
    page = ocr.read_page(np.asarray(framed, np.uint8), scale)
    lines = visual_lines(page.lines)
    whole = _whole_line(lines, crop, around / scale) if page.rotation == 0 else None
    if whole is not None:
        (written,) = with_formulas(page.upright, scale, [whole], finder, reader, ocr)
        if any(span.math for span in written.spans):
            return _passage([written])
    likely = [line for line in lines if may_hold_formulas(line)]
    others = iter(with_formulas(page.upright, scale, likely, finder, reader, ocr) if likely else [])
    return _passage([next(others) if may_hold_formulas(line) else line for line in lines])


def _whole_line(lines: Sequence[Line], crop: Crop, around: float) -> Line | None:
    """OCR's pieces of a picture as one line where the finder saw all words on one baseline, ``around`` points of paper
    away from the picture's edge: OCR parts fractions and limits from their line.
    """
    baselines = word_baselines(crop.glyphs)
    if not lines or not len(baselines) or np.ptp(baselines) > _LEVEL * em_of(crop.glyphs):
        return None
    (x0, y0), (x1, y1) = (
        crop.glyphs.places[:, [LEFT, TOP]].min(0) + around,
        crop.glyphs.places[:, [RIGHT, BOTTOM]].max(0) + around,
    )
    spans = [span for line in lines for span in line.spans]
    text, score = " ".join(span.text for span in spans), min(span.score or 0.0 for span in spans)
    box = as_box((x0, y0, x1, y1))
    size, baseline = em_of(crop.glyphs), float(np.median(baselines)) + around
    if not may_hold_formulas(Line(box, spans)):
        return None
    return Line(box, [replace(spans[0], text=text, box=box, size=size, baseline=baseline, score=score)])


def read_layer(
    page: pymupdf.Page, lines: Sequence[Line], load: Callable[[], FormulaReader | None]
) -> Passage:
    """What an upright page says, in one column, whose text layer has ``lines``."""
    part = Part.of(Region("paragraph", as_box(page.rect), list(lines)))
    write_formulas(page, [part], load, has_math(part.rows))
    own = part.rows
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
