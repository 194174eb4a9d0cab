"""Document -> the ``docvlm/1`` JSON."""

from __future__ import annotations

import re

from docvlm.schema import Chart, Content

# An array of nothing but numbers over several lines: a box. No text holds a bare line end.
_NUMBERS = re.compile(r"\[\n([-+.\de,\s]+)\]")


def write(document: Content) -> str:
    """The document as indented JSON ending in a newline, a box in one line; fields that are null are left out."""
    text = document.model_dump_json(by_alias=True, indent=1, exclude_none=True)
    return _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"


def chart(chart: Chart) -> str:
    """One chart as indented JSON ending in a newline; a missing title is null."""
    return chart.model_dump_json(indent=1) + "\n"
