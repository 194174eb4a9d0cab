"""Pictures -> blocks with their pixels; those that are charts get their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from docvlm import confidence
from docvlm.charts.figure import cut_figure
from docvlm.charts.model import read_figures
from docvlm.checks import PRINTED_SCORE
from docvlm.draft import Draft
from docvlm.readers.view import PageView, Part
from docvlm.running_text import flow
from docvlm.schema import Confidence

# Numbers less probable than this are not given: heat maps and the like look like charts, but have no such values.
_SURELY_WRONG = 0.005


def read_pictures(view: PageView, parts: Sequence[Part]) -> list[list[Draft]]:
    """A block for each picture; all figures of a page go through the chart model together.

    One with numbers that are hardly likely stays a picture: they are for the JSON alone.
    """
    drafts = [pictured(view, part) for part in parts]
    # What OCR found on a whole page misses the small print of charts, so it is not offered.
    lines = view.lines if view.reader == "text" else ()
    shown = [(draft, cut_figure(view.page, draft.box, lines, view.number)) for draft in drafts]
    figures = [each for _, each in shown if each is not None]
    model = view.models.chart() if figures else None
    if model is not None:
        charts = iter(read_figures(model, figures))
        for draft, each in shown:
            chart = next(charts) if each is not None else None
            if chart is None or not chart.series or chart.reliability.score < _SURELY_WRONG:
                continue
            draft.chart = chart
            trust = chart.reliability
            if trust.score >= PRINTED_SCORE:
                draft.kind, draft.reader = "chart", "vlm"
                draft.confidence = Confidence(score=trust.score, reliable=trust.reliable, checks=trust.checks)
    return [[draft] for draft in drafts]


def pictured(view: PageView, part: Part) -> Draft:
    """A region kept as its picture; words in it stay searchable in ``text``."""
    region = part.region
    words = " ".join(flow([line]) for line in part.rows)
    judged = confidence.picture() if region.kind == "picture" else confidence.unread(region.kind)
    draft = Draft(region.kind, region.box, words, judged, image=view.pixels(region.box))
    draft.text_lines = view.text_lines(part.rows)
    return draft
