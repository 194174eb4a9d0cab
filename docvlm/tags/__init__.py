"""What a tagged PDF says of a page's text: roles, reading order, alternative texts, tables.

Whoever tags a file may do it well (browsers, word processors), for the form's sake (a page is one paragraph), or for a
text that was changed since. So a tree is a witness: it is heard where it speaks of nearly all letters of the page, and of
their order where text of one column is read downwards. What it says is compared with what is found without it.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box, area, as_box, middle, overlap_across, share_within, sides, union
from docvlm.mupdf import ERRORS, pymupdf
from docvlm.source import Source
from docvlm.tags import marked_content, structure_tree
from docvlm.tags.marked_content import ARTIFACT, MarkedContent
from docvlm.tags.structure_tree import HEADINGS, Element, Leaf, StructureTree

# Of a page's letters, at least, that are in the tree or called no content. What it leaves out was changed or added since,
# or lies in forms that are marked elsewhere; browsers and word processors leave out none.
_COVERED = 0.95
# Of the steps in the tree's order between blocks below each other, at most, that lead up again. By chance it is half of
# them; where a tree is right, only notes and frames that are told at their anchors.
_UPWARDS = 0.1
_BELOW = 0.5  # of the narrower block's width, at least, that blocks of one column share
_SAID = 0.9  # of a text's letters, at least, that have one role
_TOUCH = 1.0  # points by which a bullet may reach into its text
_SHOWN = 0.5  # of a picture, at least, that is drawn by the figure which describes it, and of that one

_WEAK: Final = frozenset(
    (
        "", "P", "Span", "NonStruct", "Private", "Link", "Annot", "Quote", "Em", "Strong", "Sub", "Lbl", "LBody",
        "BlockQuote", "Reference", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Form",
    )
)  # fmt: skip
"""Roles that say less than one further up: a paragraph in a list's item is of the item."""
_GROUPS: Final = frozenset(
    (
        "Document", "DocumentFragment", "Part", "Art", "Sect", "Div", "Aside", "Index", "Table", "TR", "THead",
        "TBody", "TFoot", "L", "TOC",
    )
)  # fmt: skip
"""Roles of what holds blocks and is none."""

# Names of files, and what programs write where nobody described the picture.
_NO_DESCRIPTION = re.compile(
    r".*\.(?:jpe?g|png|gif|bmp|tiff?|wmf|emf|svg|pdf|eps)|[A-Za-z]:\\.*|https?://\S+"
    r"|(?:(?:an?|the)\s+)?(?:image|picture|photo|figure|graphic|logo|img|bild|grafik)(?:\s+of\s+fig\.?)?\s*[\d.]*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a tree says of some text: the ``role`` of its blocks, "Artifact" of what is no content, "" where it says nothing
    or several things; ``first`` and ``last`` are its places in the tree's order, ``None`` where it has none.
    """

    role: str = ""
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its description ``alt``, where it is drawn, and its place in the tree's order."""

    alt: str
    box: Box
    rank: int


@dataclass(frozen=True, eq=False)
class PageTags:
    """A page's letters in the tree's order. ``boxes`` (N, 4) are the letters', in points of the upright page; ``rank`` (N,)
    is the place of each letter's piece in the tree's order, less than 0 where it is in none; ``units`` are the elements
    that stand as blocks, by rank. ``figures`` are those with a description, ``labelled`` the list items whose label is seen.
    """

    tree: StructureTree
    boxes: NDArray[np.float64]
    rank: NDArray[np.int64]
    units: Sequence[Element]
    figures: Sequence[Figure] = ()
    labelled: frozenset[Element] = frozenset()

    @cached_property
    def is_covered(self) -> bool:
        """Whether the tree speaks of the page as it is, and says more than that there is text."""
        told = np.count_nonzero(self.rank >= 0)
        return bool(
            told and np.count_nonzero(self.rank != marked_content.UNMARKED) >= _COVERED * len(self.rank)
        )

    @cached_property
    def is_ordered(self) -> bool:
        """Whether the tree reads blocks of one column downwards."""
        up = down = 0
        boxes = [box for _, box in self._blocks()]
        for one, other in itertools.pairwise(boxes):
            narrower = min(sides(one)[0], sides(other)[0])
            if overlap_across(one, other) < _BELOW * narrower:
                continue
            up += middle(other)[1] < one[1]
            down += middle(one)[1] < other[1]
        return self.is_covered and up <= _UPWARDS * (up + down)

    @cached_property
    def _by_rank(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The numbers of the letters in the tree's order, and their ranks."""
        order = np.argsort(self.rank, kind="stable")
        return order, self.rank[order]

    def letters_of(self, ranks: Sequence[int]) -> NDArray[np.float64]:
        """The boxes (n, 4) of the letters of some pieces."""
        order, sorted_ranks = self._by_rank
        starts, ends = (np.searchsorted(sorted_ranks, ranks, side) for side in ("left", "right"))
        own: NDArray[np.int64] = np.concatenate([order[a:b] for a, b in zip(starts, ends, strict=True)])
        return self.boxes[own]

    def _blocks(self) -> list[tuple[Element, Box]]:
        """The blocks in the tree's order, a table as one, with the boxes around their letters."""
        found: dict[Element, list[Box]] = {}
        for rank in np.unique(self.rank[self.rank >= 0]).tolist():
            unit = self.units[rank]
            whole = next((each for each in unit.upwards() if each.role == "Table"), unit)
            found.setdefault(whole, []).append(_around(self.letters_of([rank])))
        return [(unit, union(boxes)) for unit, boxes in found.items()]

    def inside(self, boxes: Sequence[Box]) -> NDArray[np.bool_]:
        """(N,) whether each letter stands in any of these boxes."""
        x, y = (self.boxes[:, 0] + self.boxes[:, 2]) / 2, (self.boxes[:, 1] + self.boxes[:, 3]) / 2
        held = np.zeros(len(self.rank), bool)
        for x0, y0, x1, y1 in boxes:
            held |= (x > x0) & (x < x1) & (y > y0) & (y < y1)
        return held

    def units_in(self, boxes: Sequence[Box]) -> dict[Element | None, int]:
        """The blocks of the letters in these boxes, and how many each has, in the tree's order; ``None`` for none."""
        counts = Counter(self.rank[self.inside(boxes)].tolist())
        found: dict[Element | None, int] = {}
        for rank, letters in sorted(counts.items()):
            unit = self.units[rank] if rank >= 0 else None
            found[unit] = found.get(unit, 0) + letters
        return found

    def item(self, box: Box) -> Element | None:
        """The list's item that a line is of; letters of others may stand in its box, hidden or where lines are set tight."""
        units = self.units_in([box])
        unit = max(units, key=lambda each: units[each], default=None)
        if unit is None or unit.role != "LI" or units[unit] < _SAID * sum(units.values()):
            return None
        return unit

    def holds(self, boxes: Sequence[Box], items: Collection[Element]) -> bool:
        """Whether the letters of items stand in these boxes."""
        ranks = [rank for rank, unit in enumerate(self.units) if unit in items]
        own = np.isin(self.rank, ranks)
        return bool(np.count_nonzero(own & self.inside(boxes)) >= _SAID * np.count_nonzero(own))

    def said(self, boxes: Sequence[Box]) -> Said:
        """What the tree says of the text in these boxes."""
        ranks = self.rank[self.inside(boxes)]
        if not self.is_covered or not len(ranks):
            return Said()
        roles: Counter[str] = Counter()
        for rank, letters in sorted(Counter(ranks.tolist()).items()):
            role = self.units[rank].role if rank >= 0 else "Artifact" if rank == ARTIFACT else ""
            roles["P" if role in _WEAK and rank >= 0 else role] += letters
        role, letters = roles.most_common(1)[0]
        told = ranks[ranks >= 0]
        ends = (int(told.min()), int(told.max())) if len(told) else (None, None)
        return Said(role if letters >= _SAID * len(ranks) else "", *ends)

    def description(self, box: Box) -> str:
        """The alternative text of the picture in a box, where a figure is drawn there; "" where there is none that says
        what is seen.
        """
        here = self.figures_in(box)
        if sum(area(each.box) * share_within(each.box, box) for each in here) < _SHOWN * area(box):
            return ""
        return "; ".join(dict.fromkeys(each.alt for each in here))

    def figures_in(self, box: Box) -> list[Figure]:
        """The figures that are drawn in a box, or around it."""
        return [
            each
            for each in self.figures
            if max(share_within(each.box, box), share_within(box, each.box)) > _SHOWN
        ]


def of(source: Source, page: pymupdf.Page) -> PageTags | None:
    """What the file's tree says of an upright page; ``None`` where it has none, or where nothing of the page is in it."""
    tree = structure_tree.of(source)
    leaves = tree.on_page(page) if tree is not None else {}
    if tree is None or not leaves:
        return None
    figures = {
        piece: each for piece, leaf in leaves.items() if (each := _described(leaf.element)) is not None
    }
    items = {piece: unit for piece, leaf in leaves.items() if (unit := _unit(leaf.element)).role == "LI"}
    marked = None
    with suppress(*ERRORS, KeyError, TypeError):  # of a damaged page
        marked = marked_content.on_page(page, with_drawings=bool(figures or items))
    if marked is None:
        return None
    order = sorted(leaves, key=lambda piece: leaves[piece].path)
    rank_of = {piece: rank for rank, piece in enumerate(order)} | {ARTIFACT: ARTIFACT}
    rank = np.array([rank_of.get(piece, marked_content.UNMARKED) for piece in marked.piece.tolist()])
    drawn: dict[Element, list[int]] = {}
    for piece in sorted(figures.keys() & marked.drawn.keys(), key=rank_of.__getitem__):
        drawn.setdefault(figures[piece], []).append(piece)
    return PageTags(
        tree,
        marked.boxes,
        rank,
        [_unit(leaves[piece].element) for piece in order],
        [
            Figure(figure.alt, union([marked.drawn[piece] for piece in pieces]), rank_of[pieces[0]])
            for figure, pieces in drawn.items()
        ],
        frozenset(_labelled(items, leaves, marked)),
    )


def _labelled(items: dict[int, Element], leaves: dict[int, Leaf], marked: MarkedContent) -> Iterator[Element]:
    """The items that begin with a label: one that is printed, or a small drawing beside the text. ``items`` are those of the
    page's pieces.
    """
    pieces: dict[Element, list[int]] = {}
    for piece, item in items.items():
        pieces.setdefault(item, []).append(piece)
    for item, own in pieces.items():
        letters = marked.boxes[np.isin(marked.piece, own)]
        if not len(letters):
            continue
        x0, _, x1, _ = _around(letters)
        height = float((letters[:, 3] - letters[:, 1]).max())
        printed = np.unique(marked.piece[np.isin(marked.piece, own)]).tolist()
        drawn = [marked.drawn[piece] for piece in own if piece in marked.drawn]
        beside = [
            box
            for box in drawn
            if sides(box)[1] <= height and (box[2] <= x0 + _TOUCH or box[0] >= x1 - _TOUCH)
        ]
        if beside or any(_is_in(leaves[piece].element, "Lbl") for piece in printed):
            yield item


def is_description(alt: str) -> bool:
    """Whether an alternative text says what is seen, not the name of a file or of nothing in particular."""
    return any(c.isalpha() for c in alt) and _NO_DESCRIPTION.fullmatch(alt) is None


def _described(element: Element) -> Element | None:
    """The figure with a description that an element is part of."""
    return next((each for each in element.upwards() if each.alt and is_description(each.alt)), None)


def _is_in(element: Element, role: str) -> bool:
    return any(each.role == role for each in element.upwards())


def _unit(element: Element) -> Element:
    """The element that stands as a block: the innermost that says what it is, else the outermost below any group."""
    unit = element
    for each in element.upwards():
        if each.role in _GROUPS:
            break
        unit = each
        if each.role not in _WEAK:
            break
    return unit


def level_of(role: str) -> int | None:
    """A heading's level; ``None`` of one that says none, and of what is no heading."""
    return int(role[1:]) if role in HEADINGS and role[1:].isdigit() else None


def _around(boxes: NDArray[np.float64]) -> Box:
    return as_box((*boxes[:, :2].min(0), *boxes[:, 2:].max(0)))
