"""The page model at work: a page and its lines in, their order, blocks and roles out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from docvlm.calibration import Calibration
from docvlm.directions import disguised, mirrored, runs_right_to_left
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
        """The reading of an upright page's lines; None where there are none, or more than the network sees at once.

        A page that runs from right to left is shown in a mirror, in which its margins, columns and markers are where the
        network learned them.
        """
        if not 0 < len(lines) <= self.network.config.lines:
            return None
        seen, things, width = looks(lines), things_drawn(page), page.rect.width
        if runs_right_to_left(lines):
            seen = [replace(look, box=mirrored(look.box, width), text=disguised(look.text)) for look in seen]
            things = [(kind, mirrored(box, width)) for kind, box in things]
        return read(self.network.look(encode(seen, width, page.rect.height, things)))
