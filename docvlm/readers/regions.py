"""A page's regions -> drafts of blocks, by the spans that the text layer or OCR gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import confidence, raster
from docvlm.charts.figure import figure
from docvlm.charts.model import ChartModel, read_figures
from docvlm.draft import Draft, PageDraft
from docvlm.formulas.finder import FinderRuntime
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.layout.analysis import Region, analyze
from docvlm.mupdf import pymupdf
from docvlm.ocr.engine import engine
from docvlm.readers import text as text_reader
from docvlm.readers.mathematics import read_mathematics, with_displayed
from docvlm.readers.scanned_formulas import read_scanned
from docvlm.readers.scanned_lines import may_hold_formulas, with_formulas
from docvlm.readers.table import Grid, read_tables
from docvlm.schema import Confidence, Reader, TextLayer
from docvlm.spans import Line, Rect, union

_ASSET_DPI = 150
# Numbers less probable than this are not given: heat maps and the like look like charts, but have no such values.
_SURELY_WRONG = 0.005
_NO_PROSE = ("picture", "chart", "formula", "table")  # regions whose lines are read otherwise

Judge = Callable[[list[Line], str], Confidence]


@dataclass(slots=True)
class PageView:
    """An upright page as ``reader`` (text layer or OCR) sees it: its lines, and how its words are judged.

    ``image`` holds its pixels (H, W, 3) uint8 RGB where they were rendered; ``document`` keeps ``page`` alive.
    """

    page: pymupdf.Page
    lines: list[Line]
    reader: Reader
    judge: Judge
    image: NDArray[np.uint8] | None = None
    blank: bool = False
    document: Any = None
    number: int = 0
    label: str | None = None
    layer: TextLayer | None = None
    # These load what reads charts and formulas, when there is a picture or a formula; the finder, when only pixels show it.
    charts: Callable[[], ChartModel | None] | None = None
    formulas: Callable[[], FormulaReader | None] | None = None
    finder: Callable[[], FinderRuntime | None] | None = None

    def draft(self, blocks: list[Draft]) -> PageDraft:
        """The page's draft with these blocks."""
        return PageDraft(
            self.number,
            self.page.rect.width,
            self.page.rect.height,
            blocks,
            label=self.label,
            text_layer=self.layer,
            body_size=raster.body_size(self.lines),
            characters=sum(len(line.text.strip()) for line in self.lines),
        )


def read_regions(view: PageView, keep_unclear: bool = False) -> list[tuple[Region, list[Draft]]]:
    """The page's regions in reading order, each with its blocks.

    With ``keep_unclear`` a table whose grid nobody finds stays one block with its picture, for a model to read.
    """
    if view.blank:
        return []
    regions = analyze(view.page, view.lines)
    if view.reader == "text":
        regions = with_displayed(regions)
    grids = read_tables(view.page, regions)
    lines = [text_reader.visual_lines(region.lines) for region in regions]
    displayed: dict[int, list[Formula]] = {}
    if view.reader == "text":
        for each in lines:
            raster.mark_scripts(each)
        if view.formulas is not None:
            cells = [cell for grid in grids.values() for cell in grid.lines]
            # Where no grid was found, lines of a table become paragraphs.
            cells += [lines[i] for i, each in enumerate(regions) if each.kind == "table" and i not in grids]
            for cell in cells:
                raster.mark_scripts(cell)
            displayed = read_mathematics(view.page, regions, lines, view.formulas, cells)
    else:
        displayed = _read_scanned(view, regions, lines)
    read = []
    for index, region in enumerate(regions):
        drafts = list(_drafts(view, region, lines[index], grids.get(index), keep_unclear))
        if index in displayed:
            drafts = [part for draft in drafts for part in _with_latex(draft, displayed[index])]
        read.append((region, drafts))
    _read_charts(
        view, [drafts[0] for region, drafts in read if region.kind in ("picture", "chart") and drafts]
    )
    return read


def _read_charts(view: PageView, pictured: list[Draft]) -> None:
    """Gives those pictures that are charts their numbers."""
    # What OCR found on a whole page misses the small print of charts, so it is not offered.
    lines = view.lines if view.reader == "text" else ()
    shown = [(draft, figure(view.page, draft.box, lines, view.number)) for draft in pictured]
    figures = [each for _, each in shown if each is not None]
    model = view.charts() if view.charts is not None and figures else None
    if model is None:
        return
    charts = iter(read_figures(model, figures))
    for draft, each in shown:
        chart = next(charts) if each is not None else None
        if chart is not None and chart.series and chart.reliability.score >= _SURELY_WRONG:
            trust = chart.reliability
            draft.kind, draft.chart, draft.reader = "chart", chart, "vlm"
            draft.confidence = Confidence(score=trust.score, reliable=trust.reliable, checks=trust.checks)


def _read_scanned(
    view: PageView, regions: Sequence[Region], lines: list[list[Line]]
) -> dict[int, list[Formula]]:
    """The displayed formulas of a scanned page, by their region's index; changes ``lines`` where formulas stand inside
    them. The models are loaded where there is something to read.
    """
    mixed = [number for number, region in enumerate(regions) if region.kind not in _NO_PROSE]
    likely = [line for number in mixed for line in lines[number] if may_hold_formulas(line)]
    shown = any(region.kind == "formula" for region in regions)
    if not (shown or likely) or view.image is None or view.finder is None or view.formulas is None:
        return {}
    finder, reader = view.finder(), view.formulas()
    if finder is None or reader is None:
        return {}
    scale = view.image.shape[1] / view.page.rect.width
    written = iter(with_formulas(view.image, scale, likely, finder, reader, engine()))
    for number in mixed:
        lines[number] = [next(written) if may_hold_formulas(line) else line for line in lines[number]]
    return read_scanned(view.image, scale, regions, finder, reader) if shown else {}


def _with_latex(draft: Draft, formulas: Sequence[Formula]) -> list[Draft]:
    """A displayed region's block for each of its formulas; where one could not be read, its picture stays."""
    if not all(formula.latex for formula in formulas):
        draft.confidence = min((formula.confidence for formula in formulas), key=lambda each: each.score)
        return [draft]
    return [
        replace(draft, latex=formula.tagged, reader="vlm", confidence=formula.confidence, image=None)
        for formula in formulas
    ]


def _drafts(
    view: PageView, region: Region, lines: list[Line], grid: Grid | None, keep_unclear: bool
) -> Iterator[Draft]:
    """The blocks that one region with these visual lines becomes."""
    reader, judge = view.reader, view.judge
    if region.kind in ("picture", "chart", "formula"):
        yield _pictured(view.page, region, lines)
    elif grid is not None:
        yield _table(grid, lines, reader, judge)
    elif keep_unclear and region.kind == "table":
        draft = _block("table", lines, text_reader.flow(lines), reader, judge)
        draft.image = _pixels(view.page, region.box)
        yield draft
    elif text_reader.is_code(lines) and region.kind in ("paragraph", "list", "table", "heading"):
        yield _block("code", lines, text_reader.code(lines), reader, judge)
    elif _is_list(region, lines):
        draft = _block("list", lines, "", reader, judge)
        draft.items = text_reader.items(lines)
        draft.confidence = _judged(lines, " ".join(item.text for item in draft.items), reader, judge)
        yield draft
    else:
        kind = "paragraph" if region.kind in ("table", "list") else region.kind
        groups = text_reader.paragraphs(lines) if kind in ("paragraph", "heading", "footnote") else [lines]
        for group in groups:
            yield _block(kind, group, text_reader.flow(group), reader, judge)


def _is_list(region: Region, lines: list[Line]) -> bool:
    """Whether a region is a list: the network says so and it has a marker, or its own markers say so.

    A paragraph needs a bullet, or two numbered lines: one number may be a date or a heading.
    """
    if region.kind == "list":
        return any(text_reader.marker_of(line) for line in lines)
    if region.kind != "paragraph":
        return False
    markers = [marker[0] for line in lines if (marker := text_reader.marker_of(line))]
    begins = text_reader.marker_of(lines[0]) is not None
    return begins and ("-" in markers[:1] or len(markers) >= 2)


def _block(kind: Any, lines: list[Line], text: str, reader: Reader, judge: Judge) -> Draft:
    sizes = sorted(line.size for line in lines for _ in range(max(1, len(line.text))))
    spans = [span for line in lines for span in line.spans if span.text.strip()]
    return Draft(
        kind=kind,
        box=union([line.box for line in lines]),
        text=text,
        confidence=_judged(lines, text, reader, judge),
        reader=reader,
        size=sizes[len(sizes) // 2],
        bold=bool(spans) and all(span.bold for span in spans),
        lines=len(lines),
    )


def _judged(lines: list[Line], text: str, reader: Reader, judge: Judge) -> Confidence:
    """The confidence in a block's words and the formulas between them."""
    return confidence.with_formulas(judge(lines, text), _formula_scores(lines, reader))


def _formula_scores(lines: Iterable[Line], reader: Reader) -> list[float]:
    # Of a text layer's spans only formulas have scores.
    return [
        span.score
        for line in lines
        for span in line.spans
        if span.score is not None and (span.math or reader == "text")
    ]


def _table(grid: Grid, lines: list[Line], reader: Reader, judge: Judge) -> Draft:
    from docvlm.writers.markdown import table as markdown_table

    table = grid.with_formulas()
    draft = _block("table", lines, markdown_table(table), reader, judge)
    # Rows of a table repeat rightly, so only the text's own score counts.
    inside = (line for cell in grid.lines for line in cell)
    draft.confidence = confidence.with_formulas(judge(lines, ""), _formula_scores(inside, reader))
    draft.table = table
    return draft


def _pictured(page: pymupdf.Page, region: Region, lines: list[Line]) -> Draft:
    """A region kept as its picture; words in it stay searchable in ``text``."""
    words = " ".join(text_reader.flow([line]) for line in lines)
    judged = confidence.picture() if region.kind == "picture" else confidence.unread(region.kind)
    image = _pixels(page, region.box)
    return Draft(kind=region.kind, box=region.box, text=words, confidence=judged, image=image)


def _pixels(page: pymupdf.Page, box: Rect) -> bytes:
    """A part of the page as PNG."""
    image = raster.render(page, _ASSET_DPI, box, max_pixels=6e6)
    _, encoded = cv2.imencode(".png", image[:, :, ::-1])
    return encoded.tobytes()
