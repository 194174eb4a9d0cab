"""Pages' drafts -> the document's blocks: the steps that need all pages, in their order."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Final

from docvlm.assembly import tagged
from docvlm.assembly.captions import find_captions, tie_captions
from docvlm.assembly.continuation import mark_continuations
from docvlm.assembly.footnotes import find_footnotes, place_footnotes
from docvlm.assembly.headings import (
    demote_authors,
    find_headings,
    find_in_outline,
    heading_levels,
    join_headings,
)
from docvlm.assembly.lists import merge_lists
from docvlm.assembly.running_heads import mark_furniture
from docvlm.boxes import overlap_across
from docvlm.confidence import combine
from docvlm.draft import Draft, PageDraft
from docvlm.schema import Block, Page

_USUAL_SIZE = 10.0  # points, of text without any
_BESIDE_NOTES = 0.3  # of the notes' letters, at least, that the text above them has
_RUNNING: Final = ("paragraph", "list")  # kinds of text whose type is the body's
_UNJUDGED = 0.5  # score of a block that no reader judged


def assemble(pages: list[PageDraft], stem: str) -> tuple[list[Page], dict[str, object]]:
    """Blocks of all pages, in order, and the pictures by asset name (``STEM_assets/p1b3.png``).

    ``pages`` are changed in place. Pictures come as the drafts hold them: PNG bytes or the path of a file.
    """
    body = _body_size(pages)
    mark_furniture(pages, body)
    for page in pages:
        find_headings(page, body)
        if page is pages[0]:
            demote_authors(page)
        page.drafts = join_headings(page.drafts)
        page.drafts = merge_lists(page.drafts)
        find_captions(page)
        find_footnotes(page, body)
        page.drafts = place_footnotes(page.drafts)
    find_in_outline(pages)
    tagged.find_in_tags(pages)
    tagged.compare(pages)
    levels = heading_levels(draft for page in pages for draft in page.drafts if draft.kind == "heading")
    assets: dict[str, object] = {}
    made = [_page(page, levels, stem, assets) for page in pages]
    tie_captions(made)
    mark_continuations(made, pages)
    return made, assets


def _body_size(pages: list[PageDraft]) -> float:
    """The size in points of most text, or of the middle page where there is none in paragraphs."""
    weight: Counter[float] = Counter()
    for draft in (draft for page in pages for draft in page.drafts if draft.kind in _RUNNING):
        weight[draft.size] += len(draft.text) + sum(len(item.text) for item in draft.items)
    if not weight:
        sizes = [page.body_size for page in pages if page.drafts]
        return statistics.median(sizes) if sizes else _USUAL_SIZE
    usual = max(weight, key=lambda size: weight[size])
    larger = [size for size in weight if size > usual and weight[size] > _BESIDE_NOTES * weight[usual]]
    return next((size for size in sorted(larger) if _are_notes(pages, usual, size)), usual)


def _are_notes(pages: list[PageDraft], size: float, larger: float) -> bool:
    """Whether text of a ``size`` in points stands below all that is ``larger``, in every column that has both: pages of some
    books have more letters in their notes than in their text.
    """
    below = 0
    for page in pages:
        running = [draft for draft in page.drafts if draft.kind in (*_RUNNING, "footnote")]
        for small in (draft for draft in running if draft.size == size):
            beside = [d for d in running if d.size == larger and overlap_across(d.box, small.box) > 0]
            if any(draft.box[3] > small.box[1] + size for draft in beside):
                return False
            below += bool(beside)
    return below > 1


def _page(page: PageDraft, levels: dict[int, int], stem: str, assets: dict[str, object]) -> Page:
    blocks = []
    for index, draft in enumerate(page.drafts, 1):
        name = f"p{page.number}b{index}"
        asset = None
        if draft.image is not None:
            asset = f"{stem}_assets/{name}.png"
            assets[asset] = draft.image
        blocks.append(_block(draft, name, levels.get(id(draft)), asset))
    return Page(
        number=page.number,
        width=round(page.width, 2),
        height=round(page.height, 2),
        rotation=page.rotation,
        skew=round(page.skew, 3),
        window=page.window,
        label=page.label,
        blocks=blocks,
        text_layer=page.text_layer,
        fields=page.fields or None,
        error=page.error,
        checks=page.checks,
        missing=page.missing,
    )


def _block(draft: Draft, name: str, level: int | None, asset: str | None) -> Block:
    return Block(
        id=name,
        kind=draft.kind,
        box=draft.box,
        level=level if draft.kind == "heading" else None,
        text=draft.text,
        lines=draft.text_lines,
        latex=draft.latex,
        table=draft.table,
        chart=draft.chart,
        asset=asset,
        alt=draft.alt or None,
        reader=draft.reader,
        confidence=draft.confidence or combine(_UNJUDGED, []),
        links=draft.links or None,
        error=draft.failure,
    )
