"""Text and tables that go on over a column, a page or a picture."""

from __future__ import annotations

from dataclasses import dataclass, field

from docvlm import inline
from docvlm.draft import Draft, PageDraft
from docvlm.schema import Block, Kind, Page, Table

_TERMINAL = tuple(".!?:;。！？：；”\"')]")
_BACK_UP = 5.0  # points; what begins higher than the text before it ended begins a new column
_SAME_SIZE = 0.1  # of a paragraph's type
# A sentence that goes on in the next line of its column, in ems: from the line to the next one, and between their begins.
_NEXT_LINE, _SAME_MARGIN = (-0.5, 0.8), 1.0
_FULL = 0.85  # of the width of both, up to which a line reaches that is not a paragraph's last one
# Letters of two paragraphs of which the second may begin with a capital: headings and labels are shorter.
_LONG_BEFORE, _LONG_BEHIND = 150, 60
# Footnotes of scans, which part no table: at the page's foot (share of its height), and short (letters).
_FOOT, _SHORT = 0.85, 300

_OUT_OF_FLOW: frozenset[Kind] = frozenset({"header", "footer", "footnote", "annotation"})
_ENDS_TEXT: frozenset[Kind] = frozenset({"heading", "list", "code", "formula"})


@dataclass(slots=True)
class _Text:
    """The paragraph that may go on: where it ended, and what stands behind it."""

    block: Block
    page: int
    draft: Draft
    crossed: set[Kind] = field(default_factory=set)


def mark_continuations(pages: list[Page], drafts: list[PageDraft]) -> None:
    """Says of every block that goes on with an earlier one which one that is; ``drafts`` are the pages' own."""
    text: _Text | None = None
    table: Block | None = None
    for page, draft_page in zip(pages, drafts):
        first_in_flow = True
        for block, draft in zip(page.blocks, draft_page.drafts):
            if block.kind in _OUT_OF_FLOW:
                continue
            if block.kind == "table":
                if table is not None and first_in_flow and _same_table(table, block):
                    block.continues = table.id
                table = block
            elif block.kind != "caption" and not _is_foot(block, page):
                table = None
            first_in_flow = first_in_flow and block.kind == "caption"
            if block.kind == "paragraph" and not block.text.startswith(
                "<sup>"
            ):  # a note of a table or figure
                if text is not None and _goes_on(text, block, page.number, draft):
                    block.continues = text.block.id
                text = _Text(block, page.number, draft)
            elif block.kind in _ENDS_TEXT:
                text = None
            elif text is not None and block.kind != "paragraph":
                text.crossed.add(block.kind)


def _goes_on(text: _Text, block: Block, page: int, draft: Draft) -> bool:
    """Whether ``block`` on ``page``, made of ``draft``, ends the sentence of ``text``."""
    left, right = inline.plain(text.block.text).rstrip(), inline.plain(block.text).lstrip()
    if not left or not right or left.endswith(_TERMINAL):
        return False
    broken = text.page != page or draft.box[1] < text.draft.box[3] - _BACK_UP
    alike = abs(text.draft.size - draft.size) < _SAME_SIZE * draft.size
    if right[0].islower():
        return broken or bool(text.crossed) or (alike and _is_next_line(text.draft, draft))
    # A capital or digit may go on a sentence too, but only straight over a column or page break.
    long = len(left) > _LONG_BEFORE and len(right) > _LONG_BEHIND
    return broken and alike and not text.crossed and long and left[-1].isalnum()


def _is_next_line(before: Draft, draft: Draft) -> bool:
    """Whether a paragraph begins in the line below the last one of another, which is a full line of the same column."""
    last = before.text_lines[-1].box if before.text_lines else before.box
    gap, shift = draft.box[1] - last[3], abs(draft.box[0] - before.box[0])
    left, right = min(draft.box[0], before.box[0]), max(draft.box[2], before.box[2])
    return (
        _NEXT_LINE[0] * draft.size < gap < _NEXT_LINE[1] * draft.size
        and shift < _SAME_MARGIN * draft.size
        and last[2] > left + _FULL * (right - left)
    )


def _is_foot(block: Block, page: Page) -> bool:
    """Whether a block is a few words at the page's foot, as footnotes of scans are, which part no table."""
    return block.kind == "paragraph" and block.box[1] > _FOOT * page.height and len(block.text) < _SHORT


def _same_table(first: Block, second: Block) -> bool:
    a, b = first.table, second.table
    return a is not None and b is not None and a.columns == b.columns and _header(a) == _header(b) != []


def _header(table: Table) -> list[str]:
    rows = max(table.header_rows, 1)
    return [cell.text for cell in table.cells if cell.row < rows]
