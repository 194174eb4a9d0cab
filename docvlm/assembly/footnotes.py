"""Footnotes: which text is one, and where it is called."""

from __future__ import annotations

import re

from docvlm.boxes import overlap_across
from docvlm.draft import Draft, PageDraft

# Footnotes are set smaller than the body's type, and low on the page (share of its height).
_SMALL = 0.95
_LOW = 0.6
# The same for those whose raised number OCR could not see: only place and size tell.
_SMALL_UNMARKED = 0.93
_LOW_UNMARKED = 0.85
_RUNNING = ("paragraph", "list", "footnote")
_NOTES = ("Note", "FENote")  # what tags call them

_NOTE = re.compile(r"^(?:<sup>(\d{1,3}|[*†‡§])</sup>|(\d{1,2})(?=[A-Z“\"]))")


def begins_note(text: str) -> bool:
    """Whether a draft's text begins as notes do: with a raised number, or with one that its font raises by itself."""
    return _NOTE.match(text) is not None


def find_footnotes(page: PageDraft, body: float) -> None:
    """Makes footnotes of small type at the page's foot (``body`` is the text's size in points), and marks their numbers."""
    for draft in page.drafts:
        marked = _NOTE.match(draft.text)
        if marked is None and draft.kind == "paragraph":
            called_note = (
                draft.tag in _NOTES and draft.size < _SMALL * body and draft.box[1] > _LOW * page.height
            )
            if called_note or _looks_like_note(draft, page, body):
                draft.kind = "footnote"
        if draft.kind not in ("footnote", "paragraph", "list") or marked is None or draft.items:
            continue
        low = draft.box[1] > _LOW * page.height or _ends_column(draft, page, body)
        if draft.kind == "footnote" or (low and draft.size < _SMALL * body):
            draft.kind = "footnote"
            number = marked.group(1) or marked.group(2)
            draft.text = f"<sup>{number}</sup> {draft.text[marked.end() :].lstrip()}"


def _ends_column(draft: Draft, page: PageDraft, body: float) -> bool:
    """Whether nothing but small type stands below a draft: some columns are half notes."""
    below = [d for d in page.drafts if d.box[1] > draft.box[1] and overlap_across(d.box, draft.box) > 0]
    others = [d for d in below if d.kind not in ("header", "footer")]
    return all(d.kind in _RUNNING and d.size < _SMALL * body for d in others)


def _looks_like_note(draft: Draft, page: PageDraft, body: float) -> bool:
    """Whether small type at the foot of a column is a footnote whose raised number OCR could not see."""
    low = draft.box[1] >= _LOW_UNMARKED * page.height
    if draft.reader != "ocr" or not low or draft.size > _SMALL_UNMARKED * body:
        return False
    others = [d for d in page.drafts if d is not draft and d.kind not in ("footer", "footnote")]
    return all(d.box[1] < draft.box[1] for d in others if overlap_across(d.box, draft.box) > 0)


def place_footnotes(drafts: list[Draft]) -> list[Draft]:
    """Puts every footnote after the text that calls it; those whose call is not found end the page.

    A call whose digit the font draws raised, without the text layer saying so ("borrow.1"), is marked too.
    """
    placed = [draft for draft in drafts if draft.kind not in ("footnote", "footer")]
    lost: list[Draft] = []
    for note in (draft for draft in drafts if draft.kind == "footnote"):
        number = _NOTE.match(note.text)
        at = _call(placed, number.group(1)) if number and number.group(1) else None
        if at is None:
            lost.append(note)
        else:
            while at + 1 < len(placed) and placed[at + 1].kind == "footnote":
                at += 1
            placed.insert(at + 1, note)
    return placed + lost + [draft for draft in drafts if draft.kind == "footer"]


def _call(drafts: list[Draft], number: str) -> int | None:
    """Index of the last draft that calls footnote ``number``."""
    tag = f"<sup>{number}</sup>"
    callers = [
        i for i, d in enumerate(drafts) if d.kind in ("paragraph", "list", "heading") and tag in d.text
    ]
    if callers:
        return callers[-1]
    bare = _bare_call(number)
    for i, draft in enumerate(drafts):
        if draft.kind == "paragraph" and len(bare.findall(draft.text)) == 1:
            draft.text = bare.sub(tag, draft.text)
            return i
    return None


def _bare_call(number: str) -> re.Pattern[str]:
    """A call that is not marked: the number right behind a word or its punctuation, before a space."""
    return re.compile(rf"(?<=[a-zà-ÿ)”’\"'.,;:!?]){re.escape(number)}(?=\s|$)")
