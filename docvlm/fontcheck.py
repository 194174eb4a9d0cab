"""The text layer against the pixels: OCR reads a few words in every font of a document.

A permuted character map gives plausible letters that are all wrong, and no look at the text alone shows it.
A font is checked once for the whole document, so a long document pays for it on its first pages only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from docvlm import confidence, raster
from docvlm.boxes import Box, middle, padded
from docvlm.mupdf import pymupdf
from docvlm.schema import TextLayer
from docvlm.spans import Line

_SAMPLE_DPI = 150
_FONTS_PER_PAGE = 2
_SAMPLES_PER_PAGE = 6
# One sample that agrees settles a font; one that does not may be OCR's own mistake, so more are taken.
_SAMPLES_IN_DOUBT = 3
_AGREES = 0.85
# OCR takes time by the width; some fifteen letters tell a wrong character map from a right one.
_LETTERS = 15
_LONG = 1.5 * _LETTERS  # letters; of longer lines the first words are read
# Lines that OCR reads surely: a dozen letters, no more than one line of print, and type neither tiny nor a poster's.
_LENGTHS, _SIZES = (12, 90), (5.0, 40.0)  # letters, points
_UPRIGHT = 0.99  # cosine of a line's angle
_TOLD = 3  # letters; what is read of a longer span speaks for its font
_MARGIN_ACROSS, _MARGIN_DOWN = 2.0, 1.0  # points around a sample


@dataclass(slots=True)
class FontCheck:
    """What OCR samples said about each font of one document: agreements with the text layer, by font name."""

    agreements: dict[str, list[float]] = field(default_factory=dict)

    def of(self, lines: list[Line]) -> float | None:
        """Mean agreement of the lines' fonts, weighted by characters; ``None`` where no sample was taken."""
        total = weight = 0.0
        for line in lines:
            for span in line.spans:
                known = self.agreements.get(span.font)
                size = len(span.text.strip())
                if known and size:
                    total += size * sum(known) / len(known)
                    weight += size
        return total / weight if weight else None

    def verify(self, page: pymupdf.Page, lines: list[Line], layer: TextLayer) -> TextLayer:
        """Reads words in fonts not yet checked by OCR; returns ``layer``, or a verdict against it."""
        sampled: list[Line] = []
        while len(sampled) < _SAMPLES_PER_PAGE and (samples := self._samples(lines, sampled)):
            self._read(page, samples)
            sampled += samples
        agreement = self.of(lines)
        if agreement is not None and confidence.disagrees([agreement]):
            reason = f"the text layer and the pixels agree by only {agreement:.0%}"
            return TextLayer(trusted=False, reason=reason)
        return layer

    def _read(self, page: pymupdf.Page, samples: list[Line]) -> None:
        from docvlm.ocr.engine import engine

        words = page.get_text("words") if any(len(line.text) > _LONG for line in samples) else []
        excerpts = [_excerpt(line, words) for line in samples]
        crops = [
            raster.render(page, _SAMPLE_DPI, padded(box, _MARGIN_ACROSS, _MARGIN_DOWN)) for _, box in excerpts
        ]
        for line, (text, _), (read, _) in zip(samples, excerpts, engine().recognize_lines(crops)):
            value = confidence.agreement(text, read)
            for font in {span.font for span in line.spans if len(span.text.strip()) > _TOLD}:
                self.agreements.setdefault(font, []).append(value)

    def _samples(self, lines: list[Line], sampled: list[Line]) -> list[Line]:
        """Lines worth reading next, one a font: upright, of ordinary length, in fonts that are not settled."""
        good = [
            line
            for line in lines
            if line.direction[0] > _UPRIGHT
            and _LENGTHS[0] <= len(line.text.strip()) <= _LENGTHS[1]
            and _SIZES[0] <= line.size <= _SIZES[1]
        ]
        begun = {_font(line) for line in sampled}
        chosen: dict[str, Line] = {}
        for line in sorted(good, key=lambda line: abs(len(line.text) - _LETTERS)):
            font = _font(line)
            fresh = font not in begun and len(begun | chosen.keys()) >= _FONTS_PER_PAGE
            if font not in chosen and not fresh and not self._is_settled(font) and line not in sampled:
                chosen[font] = line
        return list(chosen.values())

    def _is_settled(self, font: str) -> bool:
        known = self.agreements.get(font, [])
        return len(known) >= _SAMPLES_IN_DOUBT or any(value >= _AGREES for value in known[:1])


def _font(line: Line) -> str:
    return max(line.spans, key=lambda span: len(span.text)).font


def _excerpt(line: Line, words: Iterable[tuple[Any, ...]]) -> tuple[str, Box]:
    """The first words of a long line in one font, with their box; a short or mixed line whole."""
    if len(line.text) <= _LONG or len({span.font for span in line.spans}) > 1:
        return line.text, line.box
    x0, y0, x1, y1 = line.box
    taken: list[tuple[Any, ...]] = []
    for word in sorted(words, key=lambda word: word[0]):
        x, y = middle(word[:4])
        if x0 < x < x1 and y0 < y < y1:
            taken.append(word)
        if sum(len(word[4]) for word in taken) >= _LETTERS:
            text = " ".join(word[4] for word in taken)
            return text, (x0, y0, taken[-1][2], y1)
    return line.text, line.box
