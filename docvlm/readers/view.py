"""A page as its readers see it, and the parts of it that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import checks, confidence, damage, raster
from docvlm.annotations.forms import Filled
from docvlm.boxes import Box
from docvlm.draft import Draft, PageDraft
from docvlm.file_knowledge import Knowledge
from docvlm.formulas.reading import Formula
from docvlm.layout.region import Region
from docvlm.mupdf import pymupdf
from docvlm.roles import Models
from docvlm.running_text import line_runs
from docvlm.schema import Confidence, Failure, FormField, Reader, TextLayer, TextLine
from docvlm.spans import Decoration, Line
from docvlm.tables.grid import Grid
from docvlm.tags import PageTags
from docvlm.text_layer import body_size
from docvlm.visual_lines import visual_lines

PICTURED: Final = ("picture", "chart", "formula")
"""Kinds of regions that are kept as pictures until something reads them."""
NO_PROSE: Final = (*PICTURED, "table")
"""Kinds of regions whose lines are no running text."""

_ASSET_DPI = 150
_ASSET_PIXELS = 6e6  # of one picture beside the text

Judge = Callable[[list[Line], str], Confidence]


@dataclass(slots=True)
class Part:
    """A region on its way to blocks. ``rows`` are its visual lines, top to bottom, and ``grid`` its cells where it is a
    table, in which LaTeX takes the place of formulas; ``formulas`` are those that it displays. ``failure`` says what
    went wrong with it first. With ``contents`` its rows are a table of contents, and what stands ``beside`` the
    page's text is furniture.
    """

    region: Region
    rows: list[Line]
    grid: Grid | None = None
    formulas: list[Formula] = field(default_factory=list)
    blocks: list[Draft] = field(default_factory=list)
    failure: Failure | None = None
    contents: bool = False
    beside: bool = False

    @classmethod
    def of(cls, region: Region) -> Part:
        return cls(region, visual_lines(region.lines))

    @property
    def cells(self) -> Sequence[list[Line]]:
        """The visual lines of a table's cells; where it has no grid, its rows, which become paragraphs."""
        if self.grid is not None:
            return self.grid.lines
        return [self.rows] if self.region.kind == "table" else []


@dataclass(slots=True)
class PageView:
    """An upright page as ``reader`` (text layer or OCR) sees it: its lines, and how its words are judged.

    ``image`` holds its pixels (H, W, 3) uint8 RGB where they were rendered; ``document`` keeps ``page`` alive. With
    ``keep_unclear`` a table whose grid nobody finds stays one block with its picture, for a model to read. ``parts``
    are all of the page's, once they are known. ``rotation``, ``skew`` and ``window`` say how the file's page was seen, as in
    :class:`docvlm.frames.Frame`. ``damage`` is what MuPDF said of content that the file has lost,
    ``known_scores`` how sure its fonts are, as far as that was asked; ``tags`` is what its structure tree says.
    """

    page: pymupdf.Page
    lines: list[Line]
    reader: Reader
    judge: Judge
    models: Models
    image: NDArray[np.uint8] | None = None
    blank: bool = False
    document: Any = None
    rotation: int = 0
    skew: float = 0.0
    window: Box | None = None
    number: int = 0
    label: str | None = None
    layer: TextLayer | None = None
    keep_unclear: bool = False
    debug: bool = False
    damage: list[str] = field(default_factory=list)
    known_scores: dict[str, float] = field(default_factory=dict)
    unread: str = ""
    parts: list[Part] = field(default_factory=list)
    links: list[Decoration] = field(default_factory=list)
    fields: list[FormField] = field(default_factory=list)
    filled: Filled | None = None
    knowledge: Knowledge | None = None
    comments: list[Draft] = field(default_factory=list)
    tags: PageTags | None = None

    def pixels(self, box: Box) -> bytes:
        """A part of the page as PNG."""
        image = raster.render(self.page, _ASSET_DPI, box, max_pixels=_ASSET_PIXELS)
        _, encoded = cv2.imencode(".png", image[:, :, ::-1])
        return encoded.tobytes()

    def text_lines(self, lines: Iterable[Line]) -> list[TextLine]:
        """Printed lines with the score of each, as the JSON has them."""
        return [
            TextLine(text=text, box=line.box, confidence=self.score([line]))
            for line in lines
            if (text := _said(line))
        ]

    def score(self, lines: list[Line]) -> float:
        """How probably these lines are right, formulas in them included; to a hundredth."""
        spans = [span for line in lines for span in line.spans]
        fonts = {span.font for span in spans}
        # What a text layer says in one font is equally sure everywhere.
        alike = len(fonts) == 1 and all(span.score is None and "\ufffd" not in span.text for span in spans)
        font = fonts.pop() if alike else ""
        if font in self.known_scores:
            return self.known_scores[font]
        judged = confidence.with_formulas(self.judge(lines, ""), formula_scores(lines, self.reader))
        score = round(judged.score, 2)
        if font:
            self.known_scores[font] = score
        return score

    def draft(self, blocks: list[Draft]) -> PageDraft:
        """The page's draft with these blocks."""
        return PageDraft(
            self.number,
            self.page.rect.width,
            self.page.rect.height,
            [*blocks, *self.comments],
            label=self.label,
            text_layer=self.layer,
            body_size=body_size(self.lines),
            characters=sum(len(line.text.strip()) for line in self.lines),
            rotation=self.rotation,
            skew=self.skew,
            error=damage.failure(self.damage) if self.damage else None,
            checks=[
                *([checks.DAMAGED_CONTENT(passed=False)] if self.damage else []),
                *([checks.SCRIPT_READ(passed=False)] if self.unread else []),
            ],
            window=self.window,
            fields=self.fields,
            knowledge=self.knowledge,
        )


def formula_scores(lines: Iterable[Line], reader: Reader) -> list[float]:
    """The scores of the formulas in these lines; of a text layer's spans only formulas have scores."""
    return [
        span.score
        for line in lines
        for span in line.spans
        if span.score is not None and (span.math or reader == "text")
    ]


def _said(line: Line) -> str:
    return " ".join("".join(text for text, _ in line_runs(line)).split())
