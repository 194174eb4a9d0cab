"""A plotting program's file is one picture with all its text; sheets of text, slides and tables are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from docvlm.charts.figure import Figure
from docvlm.layout.analysis import analyze
from docvlm.layout.pictures import is_figure
from docvlm.options import Options
from docvlm.pipeline import look
from docvlm.readers.registry import read_regions
from docvlm.schema import Chart, Point, Reliability, Series
from docvlm.source import Source
from docvlm.text_layer import read_text

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402


def _bars(path: Path) -> pymupdf.Document:
    """Grouped bars with printed values under a wide legend, cut out along their text."""
    canvas, axes = pyplot.subplots(figsize=(11, 5))
    for n, name in enumerate(["First Model 3", "Second Model 2.5", "Third-72B-Instruct", "Fourth-405B"]):
        bars = axes.bar([x + 0.2 * n for x in range(6)], [90 - 7 * n - x for x in range(6)], 0.2, label=name)
        axes.bar_label(bars, fontsize=7)
    axes.set_xticks(range(6), ["Knowledge", "Physics", "Algebra", "Olympiad", "Contests", "Repairs"])
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False)
    canvas.savefig(path, bbox_inches="tight", pad_inches=0.02)
    pyplot.close(canvas)
    return pymupdf.open(path)


def test_a_figures_file_is_one_picture_with_its_text(tmp_path: Path) -> None:
    page = _bars(tmp_path / "bars.pdf")[0]
    lines = read_text(page).lines
    (region,) = analyze(page, lines)
    assert region.kind == "chart" and region.box == tuple(page.rect)
    assert sorted(line.text for line in region.lines) == sorted(line.text for line in lines)


def test_the_same_figure_on_a_sheet_is_only_a_part_of_it(tmp_path: Path) -> None:
    figure = _bars(tmp_path / "bars.pdf")
    sheet = pymupdf.open()
    page = sheet.new_page()
    page.show_pdf_page(pymupdf.Rect(72, 72, 523, 300), figure, 0)
    page.insert_textbox((72, 320, 523, 500), "The bars above compare four models on six tasks. " * 6)
    assert not is_figure(page, read_text(page).lines)


def test_a_document_of_several_pages_holds_no_figure_alone(tmp_path: Path) -> None:
    figure = _bars(tmp_path / "bars.pdf")
    assert is_figure(figure[0], read_text(figure[0]).lines)
    figure.new_page()
    assert not is_figure(figure[0], read_text(figure[0]).lines)


def _table(shaded: bool) -> pymupdf.Page:
    """A table cut out along its text."""
    document = pymupdf.open()
    page = document.new_page(width=404, height=9 * 18 + 4)
    for row in range(9):
        if shaded and row % 2:
            page.draw_rect((0, 18 * row + 2, 404, 18 * row + 20), color=None, fill=(0.9, 0.9, 0.95))
        for column in range(5):
            words = ["Region", "2019", "2020", "2021", "2022"] if row == 0 else None
            text = words[column] if words else f"{row * 13 + column * 7}.{row}" if column else f"Area {row}"
            page.insert_text((4 + 82 * column, 18 * row + 15), text, fontsize=14)
    page.draw_line((0, 20), (404, 20))
    return page


@pytest.mark.parametrize("shaded", [False, True])
def test_a_table_cut_out_alike_stays_a_table(shaded: bool) -> None:
    page = _table(shaded)
    assert "table" in [region.kind for region in analyze(page, read_text(page).lines)]


def test_a_page_of_text_without_margins_is_text(tmp_path: Path) -> None:
    page = _bars(tmp_path / "bars.pdf")[0]
    page.insert_textbox(page.rect, "These words say something about the bars, in sentences. " * 12)
    assert not is_figure(page, read_text(page).lines)


class _Model:
    """A chart model that believes in its numbers as far as it is told: no network is wrong on purpose."""

    def __init__(self, score: float) -> None:
        self.score = score

    def read(self, figures: Sequence[Figure]) -> list[Chart]:
        points = [Point(x="Knowledge", y=90.0), Point(x="Physics", y=89.0)]
        trust = Reliability(score=self.score, reliable=False)
        return [Chart(series=[Series(points=points)], reliability=trust) for _ in figures]


@pytest.mark.parametrize(
    ("score", "given", "reader"), [(0.001, False, None), (0.1, True, None), (0.3, True, "vlm")]
)
def test_numbers_that_are_surely_wrong_are_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, score: float, given: bool, reader: str | None
) -> None:
    _bars(tmp_path / "bars.pdf")
    with Source(tmp_path / "bars.pdf", "bars.pdf", None) as source:
        view = look(source, 1, Options())
        monkeypatch.setattr(view.models, "chart", lambda: _Model(score))
        (part,) = read_regions(view)
    (draft,) = part.blocks
    assert (draft.chart is not None) == given and draft.reader == reader
