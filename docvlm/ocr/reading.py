"""OCR of a page by the engine that knows its script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from docvlm.boxes import Box, contains, middle, padded, sides
from docvlm.ocr import deskew, tesseract
from docvlm.ocr.deskew import Image
from docvlm.ocr.engine import OcrPage, engine
from docvlm.ocr.unread import grouped, share_read, unread
from docvlm.spans import Line

# How much of the text that PP-OCR saw it read: of its own scripts above 0.8; of others it makes what scores below 0.15.
_DOUBTFUL = 0.7
_JUNK = 0.15
_FEWEST_PLACES = 2  # of text that was seen and not read; one may be a stain
_OTHER = 0.1  # of the width of all text on a page; less of another script is not looked for
_SURE = 0.8  # of PP-OCR's score of a line that is surely of its own scripts
_WORD, _OWN_SHAPES = 3, frozenset("dfgjlqrstwzDFGJLQRSUVWZ")
_AROUND = 3.0  # points of paper around text that is read again
_OWN = (
    "Latin",
    "Han",
    "HanS",
    "HanT",
    "Japanese",
    "Hiragana",
    "Katakana",
    "Fraktur",
)  # scripts that PP-OCR knows


def read_page(image: Image, scale: float) -> OcrPage:
    """Reads a page image (H, W, 3) uint8 RGB of ``scale`` pixels per point.

    Where PP-OCR makes nothing of its text, Tesseract is asked for the script and, if it has it, reads the page, or those
    lines of it. What none here can read has no lines: ``unread`` says what it is and what would read it.
    """
    read = engine().read_page(image, scale)
    if len(read.places) < _FEWEST_PLACES:
        return read
    score = share_read(read.lines, read.places)
    if score >= _DOUBTFUL or share_read(_sure(read.lines), read.places) >= _OTHER:
        both = _with_other_scripts(read, scale)
        latin = share_read(filter(_is_latin, _sure(read.lines)), read.places) >= _OTHER
        if both is not read or score >= _DOUBTFUL or latin:
            return both  # what else is on a page with words that are surely read is read alone, or is no text
    told = tesseract.orientation(image)
    if score >= _JUNK and (told is None or told.script in _OWN):
        return read
    # It tells wrong turns, too, mostly of pages whose script it tells wrongly: these stand upright.
    for turn in dict.fromkeys((told.turn if told is not None else 0, 0)):
        turned, _ = deskew.turn(image, np.zeros((0, 4, 2), np.float32), turn)
        for script in _candidates(told, turned, scale):
            again = tesseract.read_lines(turned, scale, tesseract.languages_of(script))
            if tesseract.believes(script, again.sureness):
                lines = again.lines
                if turn == read.rotation and not read.skew:
                    # Of a page it leaves out lines that it reads alone.
                    missed = unread(lines, read.places, 0.0)
                    lines, _ = _reread(lines, missed, turned, scale, script)
                return OcrPage(
                    lines, turn, 0.0, False, turned, read.places,
                    by_tesseract=True, calibrated=script in tesseract.FITTED,
                )  # fmt: skip
    return OcrPage([], read.rotation, read.skew, False, read.upright, read.places, unread=_unread(told))


def _sure(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if (line.spans[0].score or 0.0) > _SURE]


def _is_latin(line: Line) -> bool:
    """Whether a line has a word of Latin letters, some of which no letter of Greek or Cyrillic looks like."""
    return any(len(word) >= _WORD and _OWN_SHAPES & set(word) for word in re.findall(r"[A-Za-z]+", line.text))


def _with_other_scripts(read: OcrPage, scale: float) -> OcrPage:
    """A page that PP-OCR read, and what Tesseract reads of the places on it of which PP-OCR made nothing."""
    left = unread(read.lines, read.places)
    width = sum(sides(place)[0] for place in read.places)
    if len(left) < _FEWEST_PLACES or sum(sides(place)[0] for place in left) < _OTHER * width:
        return read
    lines, found = _reread(read.lines, left, read.upright, scale)
    if not found:
        return read
    calibrated = tesseract.FITTED.issuperset(found)
    return replace(read, lines=lines, by_tesseract=True, calibrated=calibrated)


def _reread(
    lines: list[Line], places: list[Box], image: Image, scale: float, known: str | None = None
) -> tuple[list[Line], set[str]]:
    """The lines of a page, those in some ``places`` as Tesseract reads them alone, in the script that is ``known`` or that
    it finds; and in which scripts it did.
    """
    found = set()
    for box in grouped(places):
        x0, y0, x1, y1 = (max(round(edge * scale), 0) for edge in padded(box, _AROUND, _AROUND))
        crop = image[y0:y1, x0:x1]
        script = known or tesseract.tried(crop, scale)
        again = tesseract.read_lines(crop, scale, tesseract.languages_of(script)) if script else None
        if script and again and tesseract.believes(script, again.sureness):
            found.add(script)
            own = [place for place in places if contains(box, middle(place))]
            lines = [line for line in lines if not any(contains(place, middle(line.box)) for place in own)]
            lines += [_moved(line, x0 / scale, y0 / scale) for line in again.lines]
    return lines, found


def _moved(line: Line, across: float, down: float) -> Line:
    def moved(box: Box) -> Box:
        return box[0] + across, box[1] + down, box[2] + across, box[3] + down

    spans = [replace(span, box=moved(span.box), baseline=span.baseline + down) for span in line.spans]
    return Line(moved(line.box), spans, line.direction)


def _candidates(told: tesseract.Orientation | None, image: Image, scale: float) -> Iterator[str]:
    """The script that Tesseract tells, and, where that was nothing, the one that some lines of the page are of."""
    first = told.script if told is not None and told.script in tesseract.LANGUAGES else None
    if first is not None:
        yield first
    found = tesseract.tried(image, scale)
    if found is not None and found != first:
        yield found


def _unread(told: tesseract.Orientation | None) -> str:
    """What is to be said of a page that nothing here reads."""
    if told is None or told.script not in tesseract.LANGUAGES:
        return "text that OCR cannot read; Tesseract with the language's package might (Debian: tesseract-ocr-...)"
    if tesseract.languages_of(told.script):
        return f"{told.script} text, it seems, which Tesseract cannot read"
    return f"{told.script} text, it seems, which needs Debian's {tesseract.package_of(told.script)}"
