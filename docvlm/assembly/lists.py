"""Lists: their items gathered and their levels, by indent."""

from __future__ import annotations

import re

from docvlm.boxes import overlap_across, union
from docvlm.confidence import combine
from docvlm.draft import Draft, Item

_SAME_INDENT = 4.0  # points
_NUMBER = re.compile(r"\(?(\d{1,9})[-.)]")


def merge_lists(drafts: list[Draft]) -> list[Draft]:
    """Neighbouring list drafts become one list with levels by indent."""
    merged: list[Draft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if draft.kind == "list" and last is not None and last.kind == "list" and _same_column(last, draft):
            _take_up(last, draft)
        else:
            merged.append(draft)
    for draft in merged:
        if draft.kind == "list":
            draft.text = list_markdown(draft.items)
    return merged


def _same_column(a: Draft, b: Draft) -> bool:
    return overlap_across(a.box, b.box) > 0 and b.box[1] > a.box[1]


def _take_up(last: Draft, draft: Draft) -> None:
    """Adds the items of ``draft`` to those of ``last``, which is then as sure as the less sure of both."""
    last.items += draft.items
    last.box = union([last.box, draft.box])
    last.lines += draft.lines
    last.text_lines += draft.text_lines
    last.links += draft.links
    if last.confidence and draft.confidence:
        worse = min(last.confidence, draft.confidence, key=lambda confidence: confidence.score)
        last.confidence = combine(worse.score, worse.checks)
    last.failure = last.failure or draft.failure


def list_markdown(items: list[Item]) -> str:
    """A Markdown list whose levels follow the items' indents (points); items without a marker get a dash."""
    stops: list[float] = []
    out: list[str] = []
    padding: list[int] = []
    for item in items:
        while stops and item.indent < stops[-1] - _SAME_INDENT:
            stops.pop()
            padding.pop()
        if not stops or item.indent > stops[-1] + _SAME_INDENT:
            stops.append(item.indent)
            padding.append(0)
        marker = _markdown_marker(item.marker)
        padding[-1] = len(marker) + 1
        text = f"{item.marker} {item.text}" if _is_label(item.marker) else item.text
        out.append(" " * sum(padding[:-1]) + f"{marker} {text}".rstrip())
    return "\n".join(out)


def _is_label(marker: str) -> bool:
    """Whether a marker is one that other text may name and Markdown has none for: "(a)", "iv."."""
    return marker not in ("", "-") and _NUMBER.fullmatch(marker) is None


def _markdown_marker(marker: str) -> str:
    number = _NUMBER.fullmatch(marker)
    return f"{int(number.group(1))}." if number else "-"
