"""The structure tree of a tagged PDF (ISO 32000-1, 14.7 and 14.8): which element each piece of marked content is of.

A page's pieces are looked up in the tree's `ParentTree`, and from each the way leads up to the root. So only what a page
needs is read, and that once for a file: elements are kept. An element counts only where its parent names it in turn, by
which cycles and torn trees drop out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from docvlm.mupdf import ERRORS, pymupdf
from docvlm.source import Source

pdf: Final = pymupdf.mupdf

_DEEPEST = 64  # elements above each other; word processors nest some twenty
_MOST_ROLES = 8  # that stand for each other before a standard one
_MOST_KIDS = 200_000  # of one element, of a book that is a flat list of paragraphs
_MOST_PIECES = 50_000  # of one page
_MOST_LETTERS = 2_000  # of an alternative text
_MOST_CELLS = 4_000  # of one table
_LONGEST_SPAN = 1_000  # rows or columns of a cell, HTML's own limit

HEADINGS: Final = ("Title", "H", "H1", "H2", "H3", "H4", "H5", "H6")
STANDARD: Final = frozenset(
    (
        "Document", "DocumentFragment", "Part", "Art", "Sect", "Div", "Aside", "BlockQuote", "NonStruct", "Private",
        "Index", "TOC", "TOCI", "P", "L", "LI", "Lbl", "LBody", "Caption", "Table", "THead", "TBody", "TFoot", "TR",
        "TH", "TD", "Note", "FENote", "Reference", "BibEntry", "Code", "Span", "Quote", "Em", "Strong", "Sub", "Link",
        "Annot", "Form", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure", "Formula", "Artifact",
    )
).union(HEADINGS)  # fmt: skip
"""The roles that PDF 1.7 and 2.0 define."""
CELLS: Final = ("TH", "TD")


@dataclass(eq=False, slots=True)
class Element:
    """An element of the tree: its standard ``role``, its ``parent``, its ``place`` among that one's children, from 0.

    ``alt`` is what it says that it shows. Of a table's cell, ``rows`` and ``columns`` say over how many it reaches, and
    ``scope`` is "Row", "Column" or "Both" of a header that says so. ``number`` is its object's.
    """

    role: str
    parent: Element | None
    place: int
    number: int
    alt: str = ""
    scope: str = ""
    rows: int = 1
    columns: int = 1

    def upwards(self) -> Iterator[Element]:
        """The element and those above it."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    @property
    def path(self) -> tuple[int, ...]:
        """The places on the way from the root: what sorts elements in the tree's order."""
        return tuple(element.place for element in self.upwards())[::-1]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece of a page's content in the tree: its element, and its place among that one's children."""

    element: Element
    place: int

    @property
    def path(self) -> tuple[int, ...]:
        return (*self.element.path, self.place)


_trees: WeakKeyDictionary[Source, StructureTree | None] = WeakKeyDictionary()


def of(source: Source) -> StructureTree | None:
    """The structure tree of a PDF, asked for once; ``None`` where it has none."""
    if source not in _trees:
        _trees[source] = None
        with suppress(*ERRORS, TypeError):  # of a damaged file
            _trees[source] = _of(source.pdf) if source.pdf is not None else None
    return _trees[source]


def _of(document: pymupdf.Document) -> StructureTree | None:
    catalog = pdf.pdf_dict_gets(pdf.pdf_trailer(pymupdf._as_pdf_document(document)), "Root")
    root = pdf.pdf_dict_gets(catalog, "StructTreeRoot")
    has_places = pdf.pdf_is_dict(pdf.pdf_dict_gets(root, "ParentTree"))
    return StructureTree(root) if pdf.pdf_is_dict(root) and has_places else None


class StructureTree:
    """The elements of one file, read as they are asked for. ``root`` is its StructTreeRoot."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._parents = pdf.pdf_dict_gets(root, "ParentTree")
        self._roles = pdf.pdf_dict_gets(root, "RoleMap")
        self._elements: dict[int, Element | None] = {}
        self._places: dict[int, dict[int, int]] = {}

    def on_page(self, page: pymupdf.Page) -> dict[int, Leaf]:
        """The pieces of a page's content by their numbers (MCID); none where the tree is damaged."""
        with suppress(*ERRORS, TypeError):
            return self._on_page(page)
        return {}

    def _on_page(self, page: pymupdf.Page) -> dict[int, Leaf]:
        own = pymupdf._as_pdf_page(page).obj()
        key = pdf.pdf_dict_gets(own, "StructParents")
        if not pdf.pdf_is_int(key):
            return {}
        found = pdf.pdf_lookup_number(self._parents, pdf.pdf_to_int(key))
        numbers = [
            pdf.pdf_to_num(pdf.pdf_array_get(found, piece))
            for piece in range(min(pdf.pdf_array_len(found), _MOST_PIECES))
        ]
        leaves: dict[int, Leaf] = {}
        pieces_of: dict[int, dict[int, int]] = {}
        for piece, number in enumerate(numbers):
            element = self._element(pdf.pdf_array_get(found, piece), 0) if number else None
            if element is None:
                continue
            if number not in pieces_of:
                pieces_of[number] = _pieces(pdf.pdf_array_get(found, piece), pdf.pdf_to_num(own))
            if piece in pieces_of[number]:
                leaves[piece] = Leaf(element, pieces_of[number][piece])
        return leaves

    def _element(self, given: Any, depth: int) -> Element | None:
        """The element that an object is; ``None`` where nothing leads to it from the root."""
        number = pdf.pdf_to_num(given)
        if number not in self._elements:
            self._elements[number] = None  # what comes back to itself on the way up is in a cycle
            if number and depth < _DEEPEST and pdf.pdf_is_dict(given):
                self._elements[number] = self._made(given, number, depth)
        return self._elements[number]

    def _made(self, given: Any, number: int, depth: int) -> Element | None:
        above = pdf.pdf_dict_gets(given, "P")
        is_top = pdf.pdf_to_num(above) == pdf.pdf_to_num(self._root)
        parent = None if is_top else self._element(above, depth + 1)
        place = self._places_in(above).get(number)
        if (parent is None and not is_top) or place is None:
            return None
        role = self._standard(given)
        element = Element(role, parent, place, number)
        if role in ("Figure", "Formula"):
            element.alt = _text(pdf.pdf_dict_gets(given, "Alt"))
        elif role in CELLS:
            scope = pdf.pdf_to_name(_attribute(given, "Scope"))
            element.scope = scope if scope in ("Row", "Column", "Both") else ""
            element.rows, element.columns = (_span(_attribute(given, key)) for key in ("RowSpan", "ColSpan"))
        return element

    def rows(self, table: Element) -> list[list[Element]]:
        """The cells of a table, row by row, also those that hold nothing; none where there are too many."""
        found: list[list[Element]] = []
        for row in self._below(table, ("THead", "TBody", "TFoot"), "TR"):
            found.append([cell for cell in self._children(row) if cell.role in CELLS])
            if sum(map(len, found)) > _MOST_CELLS:
                return []
        return found

    def _below(self, element: Element, through: Sequence[str], role: str) -> Iterator[Element]:
        for child in self._children(element):
            if child.role == role:
                yield child
            elif child.role in through:
                yield from (each for each in self._children(child) if each.role == role)

    def _children(self, element: Element) -> Iterator[Element]:
        for kid in _kids(self._load(element.number)):
            child = self._element(kid, 0) if pdf.pdf_is_dict(kid) else None
            if child is not None and child.parent is element:
                yield child

    def _load(self, number: int) -> Any:
        return pdf.pdf_load_object(pdf.pdf_get_bound_document(self._root), number)

    def _places_in(self, above: Any) -> dict[int, int]:
        """Where the children of an element stand among each other, by their objects' numbers."""
        number = pdf.pdf_to_num(above)
        if number not in self._places:
            kids = list(_kids(above))
            self._places[number] = {
                kid: place for place, each in enumerate(kids) if (kid := pdf.pdf_to_num(each))
            }
        return self._places[number]

    def _standard(self, given: Any) -> str:
        """The role of an element, through the file's own names for it; "" where these lead to none."""
        name = pdf.pdf_to_name(pdf.pdf_dict_gets(given, "S"))
        own = pdf.pdf_dict_gets(pdf.pdf_dict_gets(given, "NS"), "RoleMapNS")
        for _ in range(_MOST_ROLES):
            if name in STANDARD or not name:
                break
            mapped = pdf.pdf_dict_gets(own, name) if pdf.pdf_is_dict(own) else None
            if mapped is not None and pdf.pdf_is_array(mapped):
                own = pdf.pdf_dict_gets(pdf.pdf_array_get(mapped, 1), "RoleMapNS")
                mapped = pdf.pdf_array_get(mapped, 0)
            elif mapped is None or not pdf.pdf_to_name(mapped):
                mapped = pdf.pdf_dict_gets(self._roles, name)
            name = pdf.pdf_to_name(mapped)
        return name if name in STANDARD else ""


def _kids(element: Any) -> Iterator[Any]:
    kids = pdf.pdf_dict_gets(element, "K")
    if not pdf.pdf_is_array(kids):
        yield kids
        return
    for index in range(min(pdf.pdf_array_len(kids), _MOST_KIDS)):
        yield pdf.pdf_array_get(kids, index)


def _pieces(element: Any, page: int) -> dict[int, int]:
    """The places of an element's pieces of content on a page, whose object has this number, by their numbers."""
    home = pdf.pdf_to_num(pdf.pdf_dict_gets(element, "Pg"))
    pieces: dict[int, int] = {}
    for place, kid in enumerate(_kids(element)):
        if pdf.pdf_is_int(kid):
            number, where = pdf.pdf_to_int(kid), home
        elif pdf.pdf_is_int(pdf.pdf_dict_gets(kid, "MCID")):
            number = pdf.pdf_to_int(pdf.pdf_dict_gets(kid, "MCID"))
            where = pdf.pdf_to_num(pdf.pdf_dict_gets(kid, "Pg")) or home
        else:
            continue
        if where in (page, 0):
            pieces.setdefault(number, place)
    return pieces


def _text(given: Any) -> str:
    text = pdf.pdf_to_text_string(given)[:_MOST_LETTERS]
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def _attribute(element: Any, key: str) -> Any:
    """An attribute of an element, from whichever of its attributes' owners has it."""
    attributes = pdf.pdf_dict_gets(element, "A")
    if not pdf.pdf_is_array(attributes):
        return pdf.pdf_dict_gets(attributes, key)
    owners = (pdf.pdf_array_get(attributes, index) for index in range(pdf.pdf_array_len(attributes)))
    found = (pdf.pdf_dict_gets(owner, key) for owner in owners)
    return next((each for each in found if not pdf.pdf_is_null(each)), pdf.pdf_dict_gets(element, key))


def _span(given: Any) -> int:
    return min(max(int(pdf.pdf_to_int(given)), 1), _LONGEST_SPAN)
