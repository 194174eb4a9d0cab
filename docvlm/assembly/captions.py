"""Captions, and the tables and pictures that they belong to."""

from __future__ import annotations

import math
import re

from docvlm import inline
from docvlm.boxes import Box, overlap_across, overlap_down
from docvlm.draft import PageDraft
from docvlm.schema import Kind, Page

_ANCHORS: frozenset[Kind] = frozenset({"table", "picture", "chart"})
# Points between a caption and what it names: text that only begins like one must stand nearer than a known one.
_NEAR, _IN_REACH = 40.0, 60.0

_CAPTION = re.compile(
    r"^(figure|fig\.|table|tab\.|chart|exhibit|plate|scheme|abbildung|abb\.|tabelle|tableau|tabla|figura|图|圖|表)\s*"
    r"[\dIVXA-Z一二三四五六七八九十]+(\.\d+)*\s*([.:|–—：]|$|\s)",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"^(?:listing|algorithm|program|code|quellcode)\s*\d+(?:\.\d+)*\s*[.:–—]", re.IGNORECASE
)
_OF_TABLE = re.compile(r"tab|表", re.IGNORECASE)


def begins_caption(text: str) -> bool:
    """Whether plain text begins as captions do: "Figure 3:"."""
    return _CAPTION.match(text) is not None


def find_captions(page: PageDraft) -> None:
    """Makes captions of text near a table, picture or listing that begins like one or is tagged so, and text of what cannot
    be one.
    """
    anchors = [draft for draft in page.drafts if draft.kind in _ANCHORS]
    listings = [draft for draft in page.drafts if draft.kind == "code"]
    for draft in page.drafts:
        if draft.kind in ("paragraph", "heading") and _LISTING.match(inline.plain(draft.text)):
            if any(_distance(draft.box, other.box) < _NEAR for other in listings):
                draft.kind = "caption"
            continue
        if draft.kind in ("paragraph", "heading", "footnote") and anchors:
            near = min(_distance(draft.box, other.box) for other in anchors) < _NEAR
            if near and (begins_caption(inline.plain(draft.text)) or draft.tag == "Caption"):
                draft.kind = "caption"
        elif draft.kind == "caption" and not anchors and not begins_caption(inline.plain(draft.text)):
            draft.kind = "paragraph"


def tie_captions(pages: list[Page]) -> None:
    """Gives each caption its target: the nearest table or picture of its kind that no other caption has."""
    for page in pages:
        anchors = [block for block in page.blocks if block.kind in _ANCHORS]
        taken: set[str] = set()
        for block in page.blocks:
            if block.kind != "caption" or _LISTING.match(inline.plain(block.text)):
                continue
            tables = _OF_TABLE.match(inline.plain(block.text)) is not None
            free = [b for b in anchors if b.id not in taken and _distance(block.box, b.box) < _IN_REACH]
            if free:
                best = min(free, key=lambda b: ((b.kind == "table") != tables, _distance(block.box, b.box)))
                block.target = best.id
                taken.add(best.id)


def _distance(a: Box, b: Box) -> float:
    """Points between boxes that stand above each other; infinite otherwise."""
    return max(0.0, -overlap_down(a, b)) if overlap_across(a, b) > 0 else math.inf
