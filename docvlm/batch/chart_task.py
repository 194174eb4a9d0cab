"""The task of ``docvlm chart``: pages become charts, each with the picture that it was read from."""

from __future__ import annotations

import glob
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docvlm.batch.inputs import Input
from docvlm.batch.report import Result
from docvlm.batch.task import page_failure
from docvlm.files import write_atomically
from docvlm.options import Options
from docvlm.schema import Chart, Failure
from docvlm.source import PDF_SUFFIXES

if TYPE_CHECKING:
    from docvlm.charting import FoundChart
    from docvlm.source import Source


@dataclass(slots=True)
class ReadChart:
    """A chart, and as PNG what it was read from, the frame of its points' pixels."""

    chart: Chart
    image: bytes | Path | None


@dataclass(slots=True)
class ChartPage:
    """The charts of a page, or why there are none."""

    number: int
    charts: list[ReadChart] = field(default_factory=list)
    seconds: float = 0.0
    error: Failure | None = None


class ChartTask:
    """Reads the charts of pages; a document becomes their list."""

    name = "chart"
    suffixes: ClassVar[dict[str, str]] = {"json": ".json", "csv": ".csv", "markdown": ".md", "png": ".png"}
    settings: ClassVar[dict[str, Any]] = {}
    page = ChartPage

    def pages_at_once(self, options: Options) -> int:
        return 1

    def read(self, source: Source, numbers: Sequence[int], options: Options) -> Iterator[ChartPage]:
        from docvlm.charting import charts_of_page
        from docvlm.roles import Models

        model = Models(options).needed("chart")
        for number in numbers:
            started = time.monotonic()
            try:
                found = [_spooled(each) for each in charts_of_page(source, number, model, options)]
            except Exception as error:
                yield self.failed(number, page_failure(error, options))
            else:
                yield ChartPage(number, found, time.monotonic() - started)

    def failed(self, number: int, error: Failure) -> ChartPage:
        return ChartPage(number, error=error)

    def words(self, source: Source, number: int, error: Failure) -> ChartPage:
        return self.failed(number, error)

    def is_read(self, page: ChartPage) -> bool:
        return page.error is None

    def parts(self, page: ChartPage) -> Sequence[ReadChart]:
        return page.charts

    def assemble(self, pages: list[ChartPage], given: Input, digest: str) -> list[ReadChart]:
        charts = [each for page in pages for each in page.charts]
        for each in charts:
            each.chart.source = Path(given.source).name
        return charts

    def is_empty(self, charts: list[ReadChart]) -> bool:
        return not charts

    def describe(self, charts: list[ReadChart], result: Result) -> None:
        result.blocks = sum(1 for each in charts if each.chart.series)
        result.unreliable = sum(1 for each in charts if not each.chart.reliability.reliable)
        if not charts and not result.errors:
            result.notes.append("no chart was found on its pages")
        result.notes += [
            "no chart was recognized in this picture" for each in charts if not each.chart.series
        ]

    def write(
        self, charts: list[ReadChart], given: Input, folder: Path, formats: Sequence[str]
    ) -> list[Path]:
        """``NAME.json`` and so on; the charts of a PDF as ``NAME-p3-1.json``, the first chart on page 3."""
        return [
            write_atomically(folder / (name + self.suffixes[form]), written(each, form))
            for name, each in zip(self._names(charts, given), charts, strict=True)
            for form in formats
        ]

    def there(self, given: Input, folder: Path, formats: Sequence[str]) -> list[Path]:
        among = "-p[0-9]*-[0-9]*" if given.path.suffix.lower() in PDF_SUFFIXES else ""
        patterns = (glob.escape(given.name) + among + self.suffixes[form] for form in formats)
        return [path for pattern in patterns for path in folder.glob(pattern)]

    def outputs(self, charts: list[ReadChart], given: Input, formats: Sequence[str]) -> list[str]:
        return [name + self.suffixes[form] for name in self._names(charts, given) for form in formats]

    def _names(self, charts: list[ReadChart], given: Input) -> list[str]:
        counts: Counter[int] = Counter()
        names = []
        for each in charts:
            name, page = given.name, each.chart.page
            if page is not None:
                counts[page] += 1
                name += f"-p{page}-{counts[page]}"
            names.append(name)
        return names


def written(each: ReadChart, form: str) -> bytes:
    """The chart in one of the formats."""
    from docvlm.writers import csv, json, markdown, redraw

    if form == "png":
        return redraw.png(each.chart, _pixels(each))
    text: dict[str, Callable[[Chart], str]] = {
        "json": json.chart,
        "csv": csv.chart,
        "markdown": lambda chart: markdown.chart(chart) + "\n",
    }
    return text[form](each.chart).encode("utf-8", "replace")


def _spooled(found: FoundChart) -> ReadChart:
    import cv2

    _, encoded = cv2.imencode(".png", found.figure.image[:, :, ::-1])
    return ReadChart(found.chart, encoded.tobytes())


def _pixels(each: ReadChart) -> Any:
    import cv2
    import numpy as np

    assert each.image is not None, "every chart was read from a picture"
    data = each.image.read_bytes() if isinstance(each.image, Path) else each.image
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None, "what was encoded here can be decoded"
    return np.ascontiguousarray(image[:, :, ::-1])
