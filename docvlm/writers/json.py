"""Document -> the ``docvlm/1`` JSON."""

from __future__ import annotations

from docvlm.schema import Chart, Content


def write(document: Content) -> str:
    """The document as indented JSON ending in a newline; fields that are null are left out."""
    return document.model_dump_json(by_alias=True, indent=1, exclude_none=True) + "\n"


def chart(chart: Chart) -> str:
    """One chart as indented JSON ending in a newline; a missing title is null."""
    return chart.model_dump_json(indent=1) + "\n"
