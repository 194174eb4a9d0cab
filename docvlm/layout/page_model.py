"""The page model at work: a page and its lines in, their order, blocks and roles out."""

from __future__ import annotations

from dataclasses import dataclass

from docvlm.calibration import Calibration
from docvlm.layout.drawn import things_drawn
from docvlm.layout.features import encode, looks
from docvlm.layout.flow import Reading, read
from docvlm.layout.interface import PageRuntime
from docvlm.mupdf import pymupdf
from docvlm.spans import Line


@dataclass(frozen=True, slots=True)
class PageModel:
    """Reads pages with a page network on any runtime; ``fitted`` says what its certainty is worth."""

    network: PageRuntime
    fitted: Calibration | None = None

    def read(self, page: pymupdf.Page, lines: list[Line]) -> Reading | None:
        """The reading of an upright page's lines; None where there are none, or more than the network sees at once."""
        if not 0 < len(lines) <= self.network.config.lines:
            return None
        codes = encode(looks(lines), page.rect.width, page.rect.height, things_drawn(page))
        return read(self.network.look(codes))
