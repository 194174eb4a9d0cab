"""Which lines are headings, and their levels over the whole document."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from docvlm import inline
from docvlm.boxes import overlap_across, union
from docvlm.draft import Draft, PageDraft

CAPTION = re.compile(
    r"^(figure|fig\.|table|tab\.|chart|exhibit|plate|scheme|abbildung|abb\.|tabelle|tableau|tabla|figura|图|圖|表)\s*"
    r"[\dIVXA-Z一二三四五六七八九十]+(\.\d+)*\s*([.:|–—：]|$|\s)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"^((?:\d+|[A-Z])(?:\.\d+)*)[.)]?\s+\S")
_FIRST_SECTION = re.compile(
    r"^\W*(?:1\.?\s+)?(abstract|summary|introduction|contents|foreword|preface|摘要|引言)\b", re.IGNORECASE
)
_UNFINISHED = re.compile(
    r"(?:\b(?:of|for|and|or|the|a|an|in|on|to|with|by|from|und|der|des|die|de|la)|[-–,])$", re.IGNORECASE
)
_ADDRESS = re.compile(r"\bhttps?://|\bwww\.|^doi\b|\S@\S+\.\w", re.IGNORECASE)
# Signs, stray letters and ticks of a map are no headings; a word in Chinese or Japanese may have one character.
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff]|\b[A-Z]{2}\b")


def find_headings(page: PageDraft, body: float) -> None:
    """Makes headings of what looks like one beside text of ``body`` points, and text of what does not."""
    for draft in page.drafts:
        if draft.reader == "vlm":
            continue  # it has seen the page, and says what is a heading
        text = inline.plain(draft.text)
        if draft.kind == "heading" and not _may_be_heading(text, draft, body):
            draft.kind = "paragraph"
        elif draft.kind == "paragraph" and _is_heading(text, draft, body):
            draft.kind = "heading"


def _may_be_heading(text: str, draft: Draft, body: float) -> bool:
    if not _WORD.search(text) or _ADDRESS.search(text) or len(text) > 220 or draft.lines > 4:
        return False
    marked = draft.bold or draft.size > 1.08 * body or text.isupper() or _NUMBERING.match(text)
    return bool(marked) and not (text.endswith((",", ";")) or (text.endswith(".") and len(text) > 90))


def _is_heading(text: str, draft: Draft, body: float) -> bool:
    if not _may_be_heading(text, draft, body) or CAPTION.match(text):
        return False
    if text.endswith((".", ":")) or len(text) > 120 or draft.lines > 2 or not text[:1].isalnum():
        return False
    return draft.size > 1.15 * body or (draft.bold and draft.size > 0.95 * body and not text[:1].islower())


def demote_authors(page: PageDraft) -> None:
    """On a paper's first page what stands between title and abstract names people and places, not sections.

    Without an abstract only larger lines right below the title that no numbering or bold type marks do.
    """
    body = [draft for draft in page.drafts if draft.kind not in ("header", "footer")]
    if any(draft.level for draft in body):
        return
    first = next((i for i, draft in enumerate(body) if _FIRST_SECTION.match(inline.plain(draft.text))), 0)
    front = [draft for draft in body[:first] if draft.kind == "heading"]
    if front and all(draft.lines <= 8 for draft in body[:first]):
        title = max(draft.size for draft in front)
        for draft in front:
            if draft.size < 0.95 * title:
                draft.kind = "paragraph"
    elif len(body) > 1 and body[0].kind == "heading":
        _demote_below_title(body)


def _demote_below_title(body: list[Draft]) -> None:
    for draft in body[1:]:
        if draft.kind != "heading":
            if draft.lines > 2:
                break
            continue
        if draft.bold or draft.size > 0.8 * body[0].size or _depth(draft):
            break
        draft.kind = "paragraph"


def join_headings(drafts: list[Draft]) -> list[Draft]:
    """Joins lines of one heading that were found apart: same type, right below each other, mid-sentence."""
    joined: list[Draft] = []
    for draft in drafts:
        last = joined[-1] if joined else None
        if last and last.kind == draft.kind == "heading" and _goes_on(last, draft):
            last.text = inline.join(last.text, draft.text)
            last.box = union([last.box, draft.box])
            last.lines += draft.lines
            last.failure = last.failure or draft.failure
            if last.confidence and draft.confidence and draft.confidence.score < last.confidence.score:
                last.confidence = draft.confidence
        else:
            joined.append(draft)
    return joined


def _goes_on(above: Draft, below: Draft) -> bool:
    near = -0.3 * above.size < below.box[1] - above.box[3] < 1.6 * above.size
    alike = abs(above.size - below.size) < 0.08 * above.size and above.bold == below.bold
    across = overlap_across(above.box, below.box) > 0
    unfinished = below.text[:1].islower() or _UNFINISHED.search(above.text)
    return bool(near and alike and across and unfinished) and above.level is None and below.level is None


@dataclass(frozen=True, slots=True)
class _Look:
    size: float
    bold: bool


def heading_levels(headings: Iterable[Draft]) -> dict[int, int]:
    """Level (1 to 6) of every heading, by ``id(draft)``, consistent over the whole document.

    Larger type stands higher; the depth of a section number ("2.3.1") overrules type below the first level.
    What a reader says itself stays.
    """
    found = list(headings)
    told = {id(draft): draft.level for draft in found if draft.level}
    drafts = [draft for draft in found if not draft.level]
    looks = _distinct_looks(drafts)
    rank = {id(draft): _rank(draft, looks) for draft in drafts}
    numbered = {id(draft): depth for draft in drafts if (depth := _depth(draft))}
    firsts = [rank[key] for key, depth in numbered.items() if depth == 1]
    if firsts:
        base = statistics.mode(firsts)
        for key, depth in numbered.items():
            rank[key] = base + depth - 1
    levels = _nested([rank[id(draft)] for draft in drafts])
    return told | {key: min(levels[value], 6) for key, value in rank.items()}


def _nested(ranks: list[int]) -> dict[int, int]:
    """A level for every rank: one below the deepest under which it stands anywhere, so that few levels are skipped."""
    above: dict[int, set[int]] = {rank: set() for rank in ranks}
    open_ranks: list[int] = []
    for rank in ranks:
        while open_ranks and open_ranks[-1] >= rank:
            open_ranks.pop()
        above[rank].update(open_ranks[-1:])
        open_ranks.append(rank)
    levels: dict[int, int] = {}
    for rank in sorted(above):
        levels[rank] = 1 + max((levels[parent] for parent in above[rank]), default=0)
    return levels


def _distinct_looks(drafts: list[Draft]) -> list[_Look]:
    looks: list[_Look] = []
    for draft in sorted(drafts, key=lambda d: (-d.size, not d.bold)):
        if not any(_same_look(draft, look) for look in looks):
            looks.append(_Look(draft.size, draft.bold))
    return looks


def _same_look(draft: Draft, look: _Look) -> bool:
    # OCR estimates sizes from the ink, to about a tenth, and sees no weight.
    noise = 0.12 if draft.reader == "ocr" else 0.06
    return draft.bold == look.bold and abs(draft.size - look.size) <= max(0.6, noise * look.size)


def _rank(draft: Draft, looks: list[_Look]) -> int:
    return next(i for i, look in enumerate(looks) if _same_look(draft, look)) + 1


def _depth(draft: Draft) -> int:
    match = _NUMBERING.match(inline.plain(draft.text))
    return match.group(1).count(".") + 1 if match and not match.group(1).isalpha() else 0
