"""Running headers and footers that do not recur: those of a single page, or of pages that each have their own.

Place alone tells nothing, for titles and last lines stand there, too. So something else must speak for it: a page number on
the same level, the words of a journal's line, a heading of the document that it repeats, a sentence that goes on below it,
or the file, which calls it no content.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from docvlm import inline
from docvlm.assembly.footnotes import begins_note
from docvlm.boxes import union
from docvlm.draft import Draft, PageDraft
from docvlm.file_knowledge import folded
from docvlm.schema import Kind

PAGE_NUMBER = re.compile(
    r"^\W*(?:page|p\.|seite|第)?\s*(\d{1,5}|[ivxlc]{1,6})\s*(?:页)?(?:\s*(?:/|of|von|–|-)\s*\d{1,5})?\W*$",
    re.IGNORECASE,
)
"""A page's number and nothing else."""

_REACH = 0.2  # of the page's height, from its edges, in which headers and footers of small pages stand, too
_LEVELS = 3  # of furniture, one below the other
_LEVEL = 0.5  # of the lower draft's height, for two to be level
_APART = 0.9  # ems of paper between furniture and text, at least
_LARGE, _PLAIN = 1.1, 1.05  # of the body's type; headings are larger than the first, or bold
_MOST_LINES, _MOST_LETTERS = 2, 160
_SHORT = 0.7  # of the text's width, at most, that a header takes which only the text below speaks for

_IMPRINT = re.compile(
    r"\b(?:vol(?:\.|ume)?|no\.|iss(?:n|ue)|isbn|doi|rev(?:\.|ision)|version|copyright|preprint|proceedings|journal|draft"
    r"|confidential|seite|page)\b|©|https?://|\bwww\.|\barxiv:",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(r"^\d{1,4}(?:\.\d+)*\.?\s+(?=\D)")
_NUMBER_LAST = re.compile(r"\D\s+(\d{1,4})$")
_NO_TEXT: frozenset[Kind] = frozenset({"header", "footer", "annotation"})
_TERMINAL = tuple(".!?:;,")


def mark_lone(pages: list[PageDraft], body: float, told: set[int]) -> None:
    """Makes headers and footers of outermost lines that something speaks for.

    ``told`` are the drafts, by ``id``, that the layout network took for some; ``body`` is the text's size in points.
    """
    titles = Counter(
        title
        for page in pages
        for draft in page.drafts
        if draft.kind == "heading"
        for title in _titles(draft)
    )
    outline = [(folded(e.title), e.page) for page in pages if page.knowledge for e in page.knowledge.outline]
    marked_headings = any(_is_marked(d, body) for page in pages for d in page.drafts if d.kind == "heading")
    for page in pages:
        # What the outline leads to on this page is no running head, but the heading itself.
        elsewhere = {title for title, number in outline if number != page.number}
        for top in (True, False):
            for level in range(_LEVELS):
                row = _outermost(page, top)
                if row is None or not _may_be_furniture(row, page, body, top):
                    break
                said = [_plain(draft) for draft in row]
                known = titles - Counter(t for d in row if d.kind == "heading" for t in _titles(d))
                if not (
                    any(map(PAGE_NUMBER.match, said))
                    or _stands_beside_number(row, page)
                    or all(id(draft) in told for draft in row)
                    or any(map(_IMPRINT.search, said))
                    or (top and _repeats(row, {*known, *elsewhere}, marked_headings))
                    or (top and not level and _goes_on_below(row, page))
                    or any(_has_label(text, page) for text in said)
                    or all(draft.tag == "Artifact" for draft in row)
                ):
                    break
                _mark(row, page, top)


def _mark(row: list[Draft], page: PageDraft, top: bool) -> None:
    for draft in row:
        draft.kind = "header" if top else "footer"
        number = PAGE_NUMBER.match(_plain(draft))
        if number and page.label is None:
            page.label = number.group(1)


def _outermost(page: PageDraft, top: bool) -> list[Draft] | None:
    """The drafts on the outermost level that are no furniture yet; None where there is no other text on the page."""
    body = [d for d in page.drafts if d.kind not in _NO_TEXT and not d.furniture]
    if not body:
        return None
    first = min(body, key=lambda d: d.box[1]) if top else max(body, key=lambda d: d.box[3])
    row = [draft for draft in body if _is_level(first, draft)]
    return row if len(row) < len(body) else None


def _stands_beside_number(row: list[Draft], page: PageDraft) -> bool:
    """Whether the page's number, which is known already, is level with a row."""
    numbers = [d for d in page.drafts if d.kind in ("header", "footer") and PAGE_NUMBER.match(_plain(d))]
    return any(_is_level(number, draft) for number in numbers for draft in row)


def _others(row: list[Draft], page: PageDraft) -> list[Draft]:
    """What stands on a page beside a row of drafts and its furniture."""
    return [
        draft
        for draft in page.drafts
        if draft.kind not in _NO_TEXT and not draft.furniture and all(draft is not own for own in row)
    ]


def _is_level(one: Draft, other: Draft) -> bool:
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return shared > _LEVEL * min(one.box[3] - one.box[1], other.box[3] - other.box[1])


def _may_be_furniture(row: list[Draft], page: PageDraft, body: float, top: bool) -> bool:
    """Whether a row of drafts stands at the page's edge, apart from all others, and looks like no heading."""
    y0, y1 = min(draft.box[1] for draft in row), max(draft.box[3] for draft in row)
    if (y1 > _REACH * page.height) if top else (y0 < (1 - _REACH) * page.height):
        return False
    gap = min((d.box[1] - y1 if top else y0 - d.box[3]) for d in _others(row, page))
    return gap > _APART * body and all(_is_small(draft, body) for draft in row)


def _is_small(draft: Draft, body: float) -> bool:
    textual = draft.kind in ("paragraph", "heading", "caption", "list", "code")
    letters = len(_plain(draft))
    return (
        textual
        and not begins_note(draft.text)
        and draft.lines <= _MOST_LINES
        and 0 < letters < _MOST_LETTERS
        and draft.size < _LARGE * body
    )


def _is_marked(draft: Draft, body: float) -> bool:
    return draft.bold or draft.size > _PLAIN * body


def _titles(draft: Draft) -> set[str]:
    text = _plain(draft)
    return {folded(text), folded(_NUMBER_FIRST.sub("", text))} - {""}


def _repeats(row: list[Draft], titles: Iterable[str], marked_headings: bool) -> bool:
    """Whether a header says a heading that stands elsewhere, or is set in capitals where headings are bold or large."""
    known = set(titles)
    for draft in row:
        text = _NUMBER_LAST.sub(lambda match: match[0][0], _plain(draft))
        if known & {folded(text), folded(_NUMBER_FIRST.sub("", text))}:
            return True
        numbered = _NUMBER_FIRST.match(text) is not None
        if numbered and text.isupper() and marked_headings and not draft.bold:
            return True
    return False


def _goes_on_below(row: list[Draft], page: PageDraft) -> bool:
    """Whether the text right below begins in the middle of a sentence, as no heading's and no paragraph's does."""
    if any(draft.bold or _plain(draft).endswith(_TERMINAL) for draft in row):
        return False
    others = _others(row, page)
    top = min(draft.box[1] for draft in others)
    first = min((d for d in others if d.box[1] < top + d.size), key=lambda d: d.box[0], default=None)
    left, _, right, _ = union([draft.box for draft in others])
    if any(draft.box[2] - draft.box[0] > _SHORT * (right - left) for draft in row):
        return False  # a line of widely spaced text
    return first is not None and first.kind == "paragraph" and _plain(first)[:1].islower()


def _has_label(text: str, page: PageDraft) -> bool:
    """Whether a line begins or ends with the page's own number; notes and sections begin with small ones, too."""
    words, own = text.split(), {page.label, str(page.number)}
    return len(words) > 1 and (words[-1] in own or (words[0] in own and len(words[0]) > 1))


def _plain(draft: Draft) -> str:
    said = draft.text or " ".join(item.text for item in draft.items)
    return " ".join(inline.plain(said).split()).strip("`")
