"""The charts of a document or an image: found on its pages, read, and given with the pixels that they were read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docvlm.boxes import as_box
from docvlm.charts.figure import Figure, cut_figure
from docvlm.charts.model import ChartModel, read_figures
from docvlm.layout.analysis import analyze
from docvlm.mupdf import ALONE
from docvlm.options import Options, options_of
from docvlm.pipeline import look
from docvlm.readers.view import PageView
from docvlm.roles import Models
from docvlm.schema import Chart
from docvlm.source import Source, parse_pages

# A page with fewer words than this in long lines, of which one figure takes up so much or none was found, may be one
# chart as a whole, as in a paper's sources.
_WORDS_OF_PROSE, _LONG_LINE = 30, 5
_MOST_OF_PAGE = 0.4


@dataclass(frozen=True, slots=True)
class FoundChart:
    """A chart and the picture it was read from. Where that is no chart, ``chart`` is empty and its checks say why."""

    chart: Chart
    figure: Figure

    @property
    def is_chart(self) -> bool:
        return bool(self.chart.series)


def read_charts(
    source: str | Path | bytes, *, options: Options | None = None, **settings: Any
) -> list[Chart]:
    """The charts of an image, or on the pages of a PDF (path or bytes), in the order of reading.

    An image that is no chart gives one empty chart whose checks say so; pictures on a PDF's pages that are no
    charts are left out. Give `Options` or its fields as keywords. Raises `docvlm.errors.DocvlmError` where the
    source cannot be read or there is no chart model.
    """
    return [found.chart for found in find_charts(source, options_of(options, settings))]


def find_charts(source: str | Path | bytes, options: Options) -> Iterator[FoundChart]:
    """As `read_charts`, each with its picture, as soon as its page is read."""
    options = options.with_model_as("chart")
    model: ChartModel = Models(options).needed("chart")
    data = source if isinstance(source, bytes) else Path(source)
    name = "document" if isinstance(data, bytes) else str(data)
    with Source(data, name, options.password) as opened:
        for number in parse_pages(options.pages, opened.page_count):
            for found in charts_of_page(opened, number, model, options):
                found.chart.source = Path(name).name
                yield found


def charts_of_page(source: Source, number: int, model: ChartModel, options: Options) -> Iterator[FoundChart]:
    """The charts of one page or frame, each with its picture; an image that is no chart and shows none is one itself."""
    read = _of_image if source.is_image else _of_page
    with ALONE:
        return iter(list(read(source, number, model, options)))


def _of_image(source: Source, number: int, model: ChartModel, options: Options) -> Iterator[FoundChart]:
    """The image as one chart, else the charts on it where it shows a page, else itself as none."""
    whole = Figure(source.pixels(number), page=number if source.page_count > 1 else None)
    found = FoundChart(read_figures(model, [whole])[0], whole)
    parts = [] if found.is_chart else list(_of_page(source, number, model, options))
    yield from parts or [found]


def _of_page(source: Source, number: int, model: ChartModel, options: Options) -> Iterator[FoundChart]:
    view = look(source, number, options)
    figures = list(_figures(view))
    for chart, shown in zip(read_figures(model, figures), figures, strict=True):
        if chart.series:
            chart.rotation, chart.skew = view.rotation, view.skew
            yield FoundChart(chart, shown)


def _figures(view: PageView) -> Iterator[Figure]:
    """The page's pictures; a page that holds little else than a drawing is one itself."""
    if view.blank:
        return
    regions = [r for r in analyze(view.page, view.lines) if r.kind in ("picture", "chart")]
    lengths = [len(line.text.split()) for line in view.lines]
    words = sum(length for length in lengths if length >= _LONG_LINE)
    boxes = [region.box for region in regions]
    page = view.page.rect
    largest = max(((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes), default=page.width * page.height)
    if (
        view.reader == "text"
        and words < _WORDS_OF_PROSE
        and largest > _MOST_OF_PAGE * page.width * page.height
    ):
        boxes = [as_box(page)]
    for box in boxes:
        # OCR of a whole page misses small print; the figure is read again by itself.
        found = cut_figure(view.page, box, view.lines if view.reader == "text" else (), view.number)
        if found is not None:
            yield found
