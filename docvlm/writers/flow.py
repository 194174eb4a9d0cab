"""A document's flow: its blocks in output order, with those that continue an earlier one joined to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from docvlm import inline
from docvlm.boxes import share_within
from docvlm.checks import PRINTED_SCORE
from docvlm.schema import Block, Chart, Content, Failure, Kind, Page, Table
from docvlm.tables.cells import appended, sound
from docvlm.tables.text import from_text

_FURNITURE: frozenset[Kind] = frozenset({"header", "footer"})
_PICTURED: frozenset[Kind] = frozenset({"picture", "chart", "formula"})
_FIGURES: frozenset[Kind] = frozenset({"picture", "chart", "table", "formula"})
_CAPTION = 120  # letters of one that stands in for a description
_WHOLE = 0.5  # of a picture's area under a link, which then is the picture's
_TO_PAGE = re.compile(r"\]\(#page-(\d{1,9})\)")
_LIST_ITEM = re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])\s")


@dataclass
class Piece:
    """One unit of output: a block and those that continue it. ``text`` and ``table`` are the joined ones."""

    page: int
    block: Block
    text: str
    table: Table | None = None
    parts: list[Block] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return self.block.kind

    @property
    def chart(self) -> Chart | None:
        """The chart, if it has any numbers that are likely enough to be printed."""
        chart = self.block.chart
        if chart is None or not (chart.values or chart.series):
            return None
        return chart if chart.reliability.score >= PRINTED_SCORE else None

    @property
    def link(self) -> str:
        """Where a picture leads that is a link as a whole; "" where it is none."""
        return _link_of_picture(self.block)

    @property
    def reliable(self) -> bool:
        return all(part.confidence.reliable for part in self.parts)

    @property
    def score(self) -> float:
        return min(part.confidence.score for part in self.parts)


@dataclass(frozen=True)
class Notice:
    """A page that failed, at its place in the flow."""

    page: int
    error: Failure

    @property
    def text(self) -> str:
        message = " ".join(self.error.message.split())
        return f"page {self.page}: {message} ({self.error.stage}, {self.error.category})"


@dataclass(frozen=True)
class Remark:
    """What a reader of the document should know before anything else."""

    text: str


@dataclass(frozen=True)
class Anchor:
    """Where a page begins to which some link leads."""

    page: int

    @property
    def name(self) -> str:
        return f"page-{self.page}"


@dataclass
class Flow:
    """``items`` in output order; ``captions`` by the id of the piece they name."""

    items: list[Piece | Notice | Anchor | Remark]
    captions: dict[str, list[Piece]]

    def alt(self, piece: Piece, limit: int | None = None) -> str:
        """A plain description of a picture or chart: the file's own, else the beginning of its caption, else its kind; of no
        more letters than ``limit``.
        """
        captions = self.captions.get(piece.block.id, [])
        text = piece.block.alt or (inline.plain(captions[0].text) if captions else "")
        limit = limit or (len(text) if piece.block.alt else _CAPTION)
        short = text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"
        return short or piece.kind


def of(document: Content) -> Flow:
    """The flow of a document: page furniture left out, continued blocks joined."""
    heads: dict[str, Piece] = {}
    linked = {int(number) for block in document.blocks() for number in _linked_pages(block)}
    items: list[Piece | Notice | Anchor | Remark] = [Remark(text) for text in document.warnings or ()]
    for page in document.pages:
        items += [Anchor(page.number)] if page.number in linked else []
        shown = page if document.annotations else _without_annotations(page)
        items += _page_items(shown, heads, document.figure_text)
    captions: dict[str, list[Piece]] = {}
    for item in items:
        if isinstance(item, Piece) and item.kind == "caption" and item.block.target in heads:
            captions.setdefault(heads[item.block.target].block.id, []).append(item)
    return Flow(items, captions)


def _link_of_picture(block: Block) -> str:
    links = [link for link in block.links or () if share_within(block.box, link.box) > _WHOLE]
    return inline.address(links[0].target) if block.asset and links else ""


def _linked_pages(block: Block) -> list[str]:
    texts = [block.text, f"]({_link_of_picture(block)})"]
    texts += [cell.text for cell in block.table.cells] if block.table else []
    return [number for text in texts for number in _TO_PAGE.findall(text)]


def _without_annotations(page: Page) -> Page:
    return page.model_copy(update={"blocks": [block for block in page.blocks if block.kind != "annotation"]})


def _page_items(page: Page, heads: dict[str, Piece], figure_text: bool) -> list[Piece | Notice]:
    body: list[Piece | Notice] = []
    for block in page.blocks:
        if block.kind in _FURNITURE:
            continue
        head = heads.get(block.continues) if block.continues else None
        if head is not None and _joined(head, block):
            heads[block.id] = head
            continue
        # The words inside a picture or an unread formula stay in the JSON: out of place they only disturb.
        asked = figure_text and block.kind != "formula"
        text = "" if block.asset and block.kind in _PICTURED and not asked else block.text
        piece = Piece(page.number, block, text, _table_of(block), [block])
        heads[block.id] = piece
        body.append(piece)
    notice = [Notice(page.number, page.error)] if page.error else []
    return [*body, *notice]


def _table_of(block: Block) -> Table | None:
    """The block's table, made sound; parsed from its text (GFM or HTML) when it has no grid yet."""
    if block.kind != "table":
        return None
    table = block.table or from_text(block.text)
    return sound(table) if table and table.cells else None


def _joined(head: Piece, block: Block) -> bool:
    """Joins ``block`` to ``head`` where their kinds allow it; says whether it did."""
    if head.kind == "table" or block.kind == "table":
        table = _table_of(block)
        if head.table is None or table is None:
            return False
        head.table = appended(head.table, table)
    elif head.kind in _FIGURES or block.kind in _FIGURES:
        return False
    else:
        head.text = _joined_text(head.kind, head.text, block)
    head.parts.append(block)
    return True


def _joined_text(kind: Kind, text: str, block: Block) -> str:
    if kind == "code":
        return f"{text.rstrip()}\n{block.text}"
    if kind == "list" and _LIST_ITEM.match(block.text):
        return f"{text.rstrip()}\n{block.text}"
    return inline.join(text, block.text)
