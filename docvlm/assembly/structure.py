"""Pages' drafts -> the document's blocks: what only shows when all pages are seen together.

Running headers and footers, heading levels, lists, captions and their targets, and text or tables that go
on over a column or page.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import defaultdict

from docvlm import inline
from docvlm.assembly.headings import CAPTION, demote_authors, find_headings, heading_levels, join_headings
from docvlm.boxes import Box, area, overlap_across, overlap_down, union
from docvlm.confidence import combine
from docvlm.draft import Draft, Item, PageDraft
from docvlm.schema import Block, Page, Table

_MARGIN = 0.12
_LARGE = 1.3  # of the body's type; no running header is larger
_WIDE_MARGIN = 0.18  # where nothing but running headers and footers stands further out
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page|p\.|seite|第)?\s*(\d{1,4}|[ivxlc]{1,6})\s*(?:页)?(?:\s*(?:/|of|von|–|-)\s*\d{1,4})?\W*$",
    re.IGNORECASE,
)
_RAISED_NOTE = re.compile(r"<sup>(?:\d{1,3}|[*†‡§])</sup>\s*[^\W\d_]{2}")
_NOTE = re.compile(r"^(?:<sup>(\d{1,3}|[*†‡§])</sup>|(\d{1,2})(?=[A-Z“\"]))")
_TERMINAL = tuple(".!?:;。！？：；”\"')]")


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
        page.drafts = _merge_lists(page.drafts)
        _find_captions(page)
        _find_footnotes(page, body)
        page.drafts = place_footnotes(page.drafts)
    levels = heading_levels(draft for page in pages for draft in page.drafts if draft.kind == "heading")
    assets: dict[str, object] = {}
    made = [_page(page, levels, stem, assets) for page in pages]
    _tie_captions(made)
    _continue(made, pages)
    return made, assets


def _body_size(pages: list[PageDraft]) -> float:
    weight: dict[float, int] = defaultdict(int)
    for page in pages:
        for draft in page.drafts:
            if draft.kind in ("paragraph", "list"):
                weight[draft.size] += len(draft.text) + sum(len(item.text) for item in draft.items)
    if not weight:
        sizes = [page.body_size for page in pages if page.drafts]
        return statistics.median(sizes) if sizes else 10.0
    return max(weight, key=lambda size: weight[size])


# Running headers, footers and page numbers.


def mark_furniture(pages: list[PageDraft], body: float) -> None:
    """Makes headers and footers of what recurs in the pages' margins, and text again of what does not."""
    seen: dict[tuple[str, bool], set[int]] = defaultdict(set)
    for page in pages:
        for draft in page.drafts:
            if _may_run(draft, page) and draft.lines <= 3:
                seen[_running_key(draft, page)].add(page.number)
    _drop_logos(pages)
    for page in pages:
        for draft in page.drafts:
            if draft.kind in ("table", "picture", "chart", "formula", "code"):
                continue
            top = draft.box[1] + draft.box[3] < page.height
            recurs = len(seen.get(_running_key(draft, page), ())) >= 2 and _may_run(draft, page)
            # A title comes again in the running headers.
            recurs &= draft.size <= _LARGE * body
            is_edge = recurs or _is_outermost(draft, page)
            number = _PAGE_NUMBER.match(inline.plain(draft.text)) if is_edge else None
            if (recurs and draft.lines <= 3) or (number and draft.lines == 1):
                draft.kind = "header" if top else "footer"
                if number and page.label is None:
                    page.label = number.group(1)
            elif draft.kind == "footer" and _RAISED_NOTE.match(draft.text):
                draft.kind = "footnote"
            elif draft.kind in ("header", "footer") and not _stays_furniture(draft, page, body):
                draft.kind = "paragraph"


def _drop_logos(pages: list[PageDraft]) -> None:
    """Makes headers of small pictures that stand in the same place on many pages."""
    places: dict[tuple[int, ...], list[Draft]] = defaultdict(list)
    for page in pages:
        for draft in page.drafts:
            if draft.kind == "picture" and area(draft.box) < 0.05 * page.width * page.height:
                places[tuple(round(v / 6) for v in draft.box)].append(draft)
    for drafts in places.values():
        if len(drafts) >= max(3, 0.2 * len(pages)):
            for draft in drafts:
                draft.kind = "header"


def _running_key(draft: Draft, page: PageDraft) -> tuple[str, bool]:
    said = draft.text or " ".join(item.text for item in draft.items)
    text = re.sub(r"\d+", "#", inline.plain(said).casefold())
    return " ".join(text.split()), draft.box[1] + draft.box[3] < page.height


def _in_margin(draft: Draft, page: PageDraft) -> bool:
    return draft.box[3] < _MARGIN * page.height or draft.box[1] > (1 - _MARGIN) * page.height


def _may_run(draft: Draft, page: PageDraft) -> bool:
    """Whether a header or footer may stand here: in the margin, or where a small page on a large sheet begins or ends.

    Not on slides, whose titles come again, nor where there is hardly any other text.
    """
    if _in_margin(draft, page):
        return True
    if page.width > page.height or len(page.drafts) < 3:
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
        return all(other.box[3] <= draft.box[3] + 3 for other in page.drafts)
    return all(other.box[1] >= draft.box[1] - 3 for other in page.drafts)


def _stays_furniture(draft: Draft, page: PageDraft, body: float) -> bool:
    """Whether what the network took for a header or footer, though it does not recur, is left as one."""
    if draft.lines > 2 or draft.size > 1.1 * body:
        return False
    if abs(draft.box[3] - draft.box[1]) > 2.5 * abs(draft.box[2] - draft.box[0]):
        return True
    low, high = 0.075 * page.height, 0.925 * page.height
    return draft.box[3] < low or draft.box[1] > high


# Lists.


def _merge_lists(drafts: list[Draft]) -> list[Draft]:
    """Neighbouring list drafts become one list with levels by indent."""
    merged: list[Draft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if draft.kind == "list" and last is not None and last.kind == "list" and _same_column(last, draft):
            last.items += draft.items
            last.box = union([last.box, draft.box])
            last.lines += draft.lines
            last.failure = last.failure or draft.failure
            if last.confidence and draft.confidence:
                worse = min(last.confidence, draft.confidence, key=lambda c: c.score)
                last.confidence = combine(worse.score, worse.checks)
        else:
            merged.append(draft)
    for draft in merged:
        if draft.kind == "list":
            draft.text = list_markdown(draft.items)
    return merged


def _same_column(a: Draft, b: Draft) -> bool:
    return overlap_across(a.box, b.box) > 0 and b.box[1] > a.box[1]


def list_markdown(items: list[Item]) -> str:
    """A Markdown list whose levels follow the items' indents (points); items without a marker get a dash."""
    stops: list[float] = []
    out: list[str] = []
    padding: list[int] = []
    for item in items:
        while stops and item.indent < stops[-1] - 4:
            stops.pop()
            padding.pop()
        if not stops or item.indent > stops[-1] + 4:
            stops.append(item.indent)
            padding.append(0)
        marker = _markdown_marker(item.marker)
        padding[-1] = len(marker) + 1
        out.append(" " * sum(padding[:-1]) + f"{marker} {item.text}".rstrip())
    return "\n".join(out)


def _markdown_marker(marker: str) -> str:
    number = re.fullmatch(r"\(?(\d{1,9})[.)]", marker)
    return f"{int(number.group(1))}." if number else "-"


# Captions.


def _find_captions(page: PageDraft) -> None:
    anchors = [d for d in page.drafts if d.kind in ("table", "picture", "chart")]
    for draft in page.drafts:
        if (
            draft.kind in ("paragraph", "heading", "footnote")
            and CAPTION.match(inline.plain(draft.text))
            and anchors
        ):
            if min(_distance(draft.box, other.box) for other in anchors) < 40:
                draft.kind = "caption"
        elif draft.kind == "caption" and not anchors and not CAPTION.match(inline.plain(draft.text)):
            draft.kind = "paragraph"


def _distance(a: Box, b: Box) -> float:
    """Vertical gap between boxes that overlap horizontally; infinite otherwise."""
    return max(0.0, -overlap_down(a, b)) if overlap_across(a, b) > 0 else math.inf


def _tie_captions(pages: list[Page]) -> None:
    for page in pages:
        anchors = [b for b in page.blocks if b.kind in ("table", "picture", "chart")]
        taken: set[str] = set()
        for block in page.blocks:
            if block.kind != "caption":
                continue
            tables = re.match(r"(tab|表)", inline.plain(block.text), re.IGNORECASE) is not None
            free = [b for b in anchors if b.id not in taken and _distance(block.box, b.box) < 60]
            if free:
                best = min(free, key=lambda b: ((b.kind == "table") != tables, _distance(block.box, b.box)))
                block.target = best.id
                taken.add(best.id)


# Footnotes.


def _find_footnotes(page: PageDraft, body: float) -> None:
    for draft in page.drafts:
        marked = _NOTE.match(draft.text)
        if marked is None and draft.kind == "paragraph" and _looks_like_note(draft, page, body):
            draft.kind = "footnote"
        if draft.kind not in ("footnote", "paragraph", "list") or marked is None or draft.items:
            continue
        low = draft.box[1] > 0.6 * page.height
        if draft.kind == "footnote" or (low and draft.size < 0.95 * body):
            draft.kind = "footnote"
            draft.text = (
                f"<sup>{marked.group(1) or marked.group(2)}</sup> {draft.text[marked.end() :].lstrip()}"
            )


def _looks_like_note(draft: Draft, page: PageDraft, body: float) -> bool:
    """Whether small type at the foot of a column is a footnote whose raised number OCR could not see."""
    if draft.reader != "ocr" or draft.box[1] < 0.85 * page.height or draft.size > 0.93 * body:
        return False
    below = [d for d in page.drafts if d is not draft and d.kind not in ("footer", "footnote")]
    return all(d.box[1] < draft.box[1] for d in below if overlap_across(d.box, draft.box) > 0)


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
    bare = re.compile(rf"(?<=[a-zà-ÿ)”’\"'.,;:!?]){re.escape(number)}(?=\s|$)")
    callers = [
        i for i, d in enumerate(drafts) if d.kind in ("paragraph", "list", "heading") and tag in d.text
    ]
    if callers:
        return callers[-1]
    for i, draft in enumerate(drafts):
        if draft.kind == "paragraph" and len(bare.findall(draft.text)) == 1:
            draft.text = bare.sub(tag, draft.text)
            return i
    return None


# Blocks.


def _page(page: PageDraft, levels: dict[int, int], stem: str, assets: dict[str, object]) -> Page:
    blocks = []
    for index, draft in enumerate(page.drafts, 1):
        name = f"p{page.number}b{index}"
        asset = None
        if draft.image is not None:
            asset = f"{stem}_assets/{name}.png"
            assets[asset] = draft.image
        blocks.append(
            Block(
                id=name,
                kind=draft.kind,
                box=draft.box,
                level=levels.get(id(draft)) if draft.kind == "heading" else None,
                text=draft.text,
                latex=draft.latex,
                table=draft.table,
                chart=draft.chart,
                asset=asset,
                reader=draft.reader,
                confidence=draft.confidence or combine(0.5, []),
                error=draft.failure,
            )
        )
    return Page(
        number=page.number,
        width=round(page.width, 2),
        height=round(page.height, 2),
        rotation=page.rotation,
        skew=round(page.skew, 3),
        label=page.label,
        blocks=blocks,
        text_layer=page.text_layer,
        error=page.error,
    )


# Text and tables that go on.


def _continue(pages: list[Page], drafts: list[PageDraft]) -> None:
    previous: Block | None = None
    crossed: set[str] = set()
    place = (0, 0.0, 0.0)
    tables: Block | None = None
    for page, draft_page in zip(pages, drafts):
        first_in_flow = True
        for block, draft in zip(page.blocks, draft_page.drafts):
            if block.kind in ("header", "footer", "footnote"):
                continue
            if block.kind == "table":
                if tables is not None and first_in_flow and _same_table(tables, block):
                    block.continues = tables.id
                tables = block
            elif block.kind != "caption" and not _is_foot(block, page):
                tables = None
            first_in_flow = first_in_flow and block.kind == "caption"
            if block.kind == "paragraph" and block.text.startswith("<sup>"):
                continue  # a note of a table or figure
            if block.kind == "paragraph":
                here = (page.number, draft.box[1], draft.size)
                if previous is not None and _goes_on(previous, block, crossed, place, here):
                    block.continues = previous.id
                previous, crossed, place = block, set(), (page.number, draft.box[3], draft.size)
            elif block.kind in ("heading", "list", "code", "formula"):
                previous = None
            else:
                crossed.add(block.kind)


def _goes_on(
    previous: Block,
    block: Block,
    crossed: set[str],
    before: tuple[int, float, float],
    here: tuple[int, float, float],
) -> bool:
    """Whether ``block`` ends the sentence of ``previous``; ``before`` and ``here`` are page, y and font size."""
    left, right = inline.plain(previous.text).rstrip(), inline.plain(block.text).lstrip()
    if not left or not right or left.endswith(_TERMINAL):
        return False
    broken = before[0] != here[0] or here[1] < before[1] - 5
    if left.endswith(("-", "\u00ad", "‐")) and right[0].islower():
        return broken or bool(crossed)
    if right[0].islower():
        return broken or bool(crossed)
    # A capital or digit may go on a sentence too, but only straight over a column or page break.
    alike = abs(before[2] - here[2]) < 0.1 * here[2]
    return broken and alike and not crossed and len(left) > 150 and len(right) > 60 and left[-1].isalnum()


def _is_foot(block: Block, page: Page) -> bool:
    """Whether a block is a few words at the page's foot, as footnotes of scans are, which part no table."""
    return block.kind == "paragraph" and block.box[1] > 0.85 * page.height and len(block.text) < 300


def _same_table(first: Block, second: Block) -> bool:
    a, b = first.table, second.table
    return a is not None and b is not None and a.columns == b.columns and _header(a) == _header(b) != []


def _header(table: Table) -> list[str]:
    rows = max(table.header_rows, 1)
    return [cell.text for cell in table.cells if cell.row < rows]
