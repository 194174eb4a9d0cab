"""Running headers, footers and page numbers: what recurs in the pages' margins."""

from __future__ import annotations

import re
from collections import defaultdict

from docvlm import inline
from docvlm.assembly.footnotes import begins_note
from docvlm.assembly.lone_heads import PAGE_NUMBER, mark_lone
from docvlm.boxes import area, sides
from docvlm.draft import Draft, PageDraft
from docvlm.schema import Kind

# Shares of the page's height, from its upper and from its lower edge.
_MARGIN = 0.12  # where headers and footers stand
_WIDE_MARGIN = 0.18  # and where nothing but them stands further out
_OUTER_MARGIN = 0.075  # where what the network says is believed without recurring

_FEWEST_PAGES = 2  # on which a text recurs
_MOST_LINES = 3  # of a running header
_LARGE = 1.3  # of the body's type; no running header is larger
_FEWEST_BLOCKS = 3  # of a page whose outermost may run; a page with fewer is all there is
_LEVEL = 3.0  # points; what stands no further out than this stands level

# Of a header or footer that does not recur.
_MOST_LINES_ONCE = 2
_LARGE_ONCE = 1.1  # of the body's type
_UPRIGHT = 2.5  # heights to a width: type that runs up the margin, as a repository's stamp
_TURNED = 1.5  # heights to a width of a turned line
_SIDE = 0.12  # of the page's width: its outer margins

# Logos.
_LOGO = 0.05  # of the page's area, at most
_SAME_PLACE = 6.0  # points
_FEWEST_LOGOS, _LOGO_PAGES = 3, 0.2  # pages, and share of all pages

_NEVER: frozenset[Kind] = frozenset({"table", "picture", "chart", "formula", "code", "annotation"})
_DIGITS = re.compile(r"\d+")


def mark_furniture(pages: list[PageDraft], body: float) -> None:
    """Makes headers and footers of what recurs in the pages' margins, and text again of what does not.

    ``body`` is the size of the document's text in points.
    """
    seen: dict[tuple[str, bool], set[int]] = defaultdict(set)
    for page in pages:
        for draft in page.drafts:
            if _may_run(draft, page) and draft.lines <= _MOST_LINES:
                seen[_running_key(draft, page)].add(page.number)
    _drop_logos(pages)
    told = {id(draft) for page in pages for draft in page.drafts if draft.kind in ("header", "footer")}
    for page in pages:
        for draft in page.drafts:
            if draft.kind not in _NEVER and not draft.furniture:
                pages_with_it = len(seen.get(_running_key(draft, page), ()))
                _mark(draft, page, pages_with_it >= _FEWEST_PAGES, body)
    mark_lone(pages, body, told)


def _mark(draft: Draft, page: PageDraft, recurs: bool, body: float) -> None:
    # A title comes again in the running headers.
    recurs = recurs and _may_run(draft, page) and draft.size <= _LARGE * body
    is_edge = recurs or _is_outermost(draft, page)
    number = PAGE_NUMBER.match(inline.plain(draft.text)) if is_edge else None
    if (recurs and draft.lines <= _MOST_LINES) or (number and draft.lines == 1):
        draft.kind = "header" if _in_upper_half(draft, page) else "footer"
        if number and page.label is None:
            page.label = number.group(1)
    elif draft.kind == "footer" and begins_note(draft.text):
        draft.kind = "footnote"
    elif _runs_up_margin(draft, page):
        draft.kind = "header"
    elif draft.kind in ("header", "footer") and not _stays_furniture(draft, page, body):
        draft.kind = "paragraph"


def _drop_logos(pages: list[PageDraft]) -> None:
    """Makes headers of small pictures that stand in the same place on many pages."""
    places: dict[tuple[int, ...], list[Draft]] = defaultdict(list)
    for page in pages:
        for draft in page.drafts:
            if draft.kind == "picture" and area(draft.box) < _LOGO * page.width * page.height:
                places[tuple(round(edge / _SAME_PLACE) for edge in draft.box)].append(draft)
    for drafts in places.values():
        if len(drafts) >= max(_FEWEST_LOGOS, _LOGO_PAGES * len(pages)):
            for draft in drafts:
                draft.kind = "header"


def _running_key(draft: Draft, page: PageDraft) -> tuple[str, bool]:
    said = draft.text or " ".join(item.text for item in draft.items)
    text = _DIGITS.sub("#", inline.plain(said).casefold())
    return " ".join(text.split()), _in_upper_half(draft, page)


def _runs_up_margin(draft: Draft, page: PageDraft) -> bool:
    """Whether all lines of a draft are turned and stand in the page's outer margin, as headers of turned pages do."""
    boxes = [line.box for line in draft.text_lines if len(line.text) > 1]
    turned = [box for box in boxes if box[3] - box[1] > _TURNED * (box[2] - box[0])]
    x0, _, x1, _ = draft.box
    outer = _SIDE * page.width
    return bool(boxes) and len(turned) == len(boxes) and (x1 < outer or x0 > page.width - outer)


def _in_upper_half(draft: Draft, page: PageDraft) -> bool:
    return draft.box[1] + draft.box[3] < page.height


def _in_margin(draft: Draft, page: PageDraft, margin: float = _MARGIN) -> bool:
    return draft.box[3] < margin * page.height or draft.box[1] > (1 - margin) * page.height


def _may_run(draft: Draft, page: PageDraft) -> bool:
    """Whether a header or footer may stand here: in the margin, or where a small page on a large sheet begins or ends.

    Not on slides, whose titles come again, nor where there is hardly any other text.
    """
    if _in_margin(draft, page):
        return True
    if page.width > page.height or len(page.drafts) < _FEWEST_BLOCKS:
        return False
    _, y0, _, y1 = draft.box
    if y1 < _WIDE_MARGIN * page.height:
        return all(other.box[3] > y0 for other in page.drafts)
    if y0 > (1 - _WIDE_MARGIN) * page.height:
        return all(other.box[1] < y1 for other in page.drafts)
    return False


def _is_outermost(draft: Draft, page: PageDraft) -> bool:
    if not _in_margin(draft, page):
        return False
    if draft.box[1] > page.height / 2:
        return all(other.box[3] <= draft.box[3] + _LEVEL for other in page.drafts)
    return all(other.box[1] >= draft.box[1] - _LEVEL for other in page.drafts)


def _stays_furniture(draft: Draft, page: PageDraft, body: float) -> bool:
    """Whether what the network took for a header or footer, though it does not recur, is left as one."""
    if draft.lines > _MOST_LINES_ONCE or draft.size > _LARGE_ONCE * body:
        return False
    width, height = sides(draft.box)
    return abs(height) > _UPRIGHT * abs(width) or _in_margin(draft, page, _OUTER_MARGIN)
