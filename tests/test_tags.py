"""Tagged PDFs: what a sound structure tree adds, and that one that lies or is broken costs nothing."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pikepdf
import pytest
from conftest import BROWSER, needs_browser
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from tagged_files import HEIGHT, Node, Piece, tagged

import docvlm
from docvlm import tags
from docvlm.assembly.tagged import compare, find_in_tags
from docvlm.confidence import combine
from docvlm.document import Document
from docvlm.draft import Draft, PageDraft
from docvlm.layout.region import Region
from docvlm.layout.tagged import by_tree, joined
from docvlm.layout.tagged import compare as compare_places
from docvlm.source import Source
from docvlm.spans import Line, Span
from docvlm.tags import PageTags, Said, is_description, marked_content, structure_tree
from docvlm.tags.structure_tree import Element

_WORDS = [
    "river",
    "rose",
    "night",
    "fell",
    "keepers",
    "weir",
    "wrote",
    "heights",
    "book",
    "archive",
    "town",
    "reader",
    "weekday",
    "nine",
    "five",
    "gate",
    "mended",
    "wall",
    "raised",
    "stone",
    "bridge",
    "water",
    "season",
    "market",
    "bread",
    "winter",
    "summer",
    "boat",
    "mill",
    "wheel",
]


def _lines(x: float, y: float, count: int, seed: int, width: int = 7) -> list[tuple[float, float, str]]:
    chosen = random.Random(seed)
    return [(x, y + 13 * n, " ".join(chosen.choices(_WORDS, k=width))) for n in range(count)]


def _read(path: Path) -> Document:
    return docvlm.convert(path, reader="text")


def _tags(path: Path) -> PageTags | None:
    with Source(path, path.name) as source:
        return tags.of(source, source.page(1))


# Two columns below a title, each of four paragraphs.
_TITLE = Piece([(60, 60, "The keepers of the weir and their book")], 18, "H1")
_COLUMNS = [Piece(_lines(60 + 250 * (n // 4), 100 + 90 * (n % 4), 5, n)) for n in range(8)]
_PIECES = [_TITLE, *_COLUMNS]


def _tree(order: list[int], role: str = "P") -> Node:
    return Node("Document", [Node("H1" if number == 0 else role, [number]) for number in order])


# Reading trees.


def test_the_tree_gives_order_and_roles(tmp_path: Path) -> None:
    pieces = [
        Piece(_lines(60, 300, 2, 1)),
        Piece([(60, 80, "A heading")], 14, "Kop"),
        Piece(_lines(60, 100, 2, 2)),
    ]
    root = Node("Document", [Node("Kop", [1]), Node("P", [2]), Node("P", [0])])
    path = tagged(tmp_path / "a.pdf", pieces, root, {"Kop": "Heading", "Heading": "H2"})
    with Source(path, "a.pdf") as source:
        tree = structure_tree.of(source)
        assert tree is not None
        leaves = tree.on_page(source.page(1))
    assert [leaves[number].element.role for number in (0, 1, 2)] == ["P", "H2", "P"]
    assert sorted(leaves, key=lambda number: leaves[number].path) == [1, 2, 0]


def test_what_is_no_content_is_told_from_the_paragraph_before_it(tmp_path: Path) -> None:
    pieces = [
        Piece([(60, 100, "one two")]),
        Piece([(60, 30, "head")], mark="Artifact"),
        Piece([(60, 200, "stray")], mark=""),
        Piece([(60, 150, r"EMC \(/P <</MCID 7>> BDC\) three")]),
    ]
    path = tagged(tmp_path / "a.pdf", pieces, Node("Document", [Node("P", [0]), Node("P", [3])]))
    with Source(path, "a.pdf") as source:
        page = source.page(1)
        before = page.read_contents(), page.get_text()
        marked = marked_content.on_page(page)
        assert marked is not None
        assert Counter(marked.piece.tolist()) == {
            0: len("onetwo"),
            marked_content.ARTIFACT: len("head"),
            marked_content.UNMARKED: len("stray"),
            3: len("EMC(/P<</MCID7>>BDC)three"),
        }
        assert (page.read_contents(), page.get_text()) == before


def test_pieces_may_be_numbered_in_the_resources_and_stand_in_each_other(tmp_path: Path) -> None:
    raw = "/P /M0 BDC BT /F1 10 Tf 60 600 Td (outer) Tj /Span <</ActualText (x)>> BDC (more) Tj EMC ET EMC"
    path = tagged(tmp_path / "a.pdf", [Piece(raw=raw, mark="")], None)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Resources.Properties = Dictionary(M0=Dictionary(MCID=5))
        pdf.save(path)
    with Source(path, "a.pdf") as source:
        marked = marked_content.on_page(source.page(1))
    assert marked is not None and set(marked.piece.tolist()) == {5}


def _damage(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Every key of the tree's objects."""
    for each in pdf.objects:
        if isinstance(each, Dictionary) and ("/K" in each or "/Nums" in each or "/StructParents" in each):
            yield from ((str(key), each) for key in each if key not in ("/Contents", "/Resources", "/Type"))


@given(st.data())
@settings(max_examples=60)
def test_broken_trees_raise_nothing(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "broken.pdf"
    tagged(path, _PIECES, _tree(list(range(9))))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        places = list(_damage(pdf))
        elements = [each for _, each in places]
        for _ in range(data.draw(st.integers(1, 4))):
            key, where = places[data.draw(st.integers(0, len(places) - 1))]
            junk = data.draw(
                st.sampled_from([None, 1, -1, 10**9, Name.P, "text", Array(), Array([0, 0]), Dictionary()])
                | st.integers(0, len(elements) - 1).map(lambda index: elements[index])
            )
            if junk is None:
                if key in where:
                    del where[key]
            else:
                where[key] = junk
        pdf.save(path)
    with Source(path, path.name) as source:
        page = source.page(1)
        said = tags.of(source, page)
        if said is not None:
            assert (said.rank < len(said.units)).all()
            said.said([(0, 0, 595, HEIGHT)])
        assert "keepers" in page.get_text()


def test_cycles_and_depths_are_refused(tmp_path: Path) -> None:
    path = tagged(tmp_path / "a.pdf", _PIECES, _tree(list(range(9))))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        top = pdf.Root.StructTreeRoot.K[0]
        top.P = top.K[3]
        pdf.save(path)
    assert _tags(path) is None or not _tags(path).is_covered  # type: ignore[union-attr]
    deep = Node("P", [0])
    for _ in range(200):
        deep = Node("Div", [deep])
    assert _tags(tagged(tmp_path / "b.pdf", [_TITLE], deep)) is None


# What sound trees add.


def test_headings_and_levels_come_from_the_tree(tmp_path: Path) -> None:
    pieces = [
        Piece([(60, 60, "The river")], 16),
        Piece([(60, 90, "Its heights")], 10),
        Piece(_lines(60, 115, 4, 1)),
        Piece([(60, 200, "Its keepers")], 10),
        Piece(_lines(60, 225, 4, 2)),
    ]
    roles = ["H1", "H3", "P", "H3", "P"]
    root = Node("Document", [Node(role, [number]) for number, role in enumerate(roles)])
    found = _read(tagged(tmp_path / "a.pdf", pieces, root))
    headings = [(b.text, b.level) for b in found.blocks() if b.kind == "heading"]
    assert headings == [("The river", 1), ("Its heights", 3), ("Its keepers", 3)]
    assert all(check.passed for b in found.blocks() for check in b.confidence.checks if check.name == "tags")
    assert any(check.name == "tags" for b in found.blocks() for check in b.confidence.checks)


def _dot(x: float, y: float) -> str:
    return f"0 g {x} {HEIGHT - y} 3 3 re f"


def test_items_whose_bullets_are_drawn_are_a_list(tmp_path: Path) -> None:
    texts = [_lines(80, 100, 1, 1), _lines(80, 113, 2, 2), _lines(80, 139, 1, 3)]
    pieces, items = [Piece(_lines(60, 70, 2, 9))], []
    for lines in texts:
        pieces += [Piece(raw=_dot(66, lines[0][1] - 2), mark="Lbl"), Piece(lines)]
        items.append(Node("LI", [Node("Lbl", [len(pieces) - 2]), Node("LBody", [len(pieces) - 1])]))
    root = Node("Document", [Node("P", [0]), Node("L", items)])
    found = _read(tagged(tmp_path / "a.pdf", pieces, root))
    listed = [b for b in found.blocks() if b.kind == "list"]
    said = [" ".join(text for *_, text in lines) for lines in texts]
    assert [block.text for block in listed] == ["\n".join(f"- {text}" for text in said)]
    # Without their labels on the page, what the tree calls items are lines like others.
    unlabelled = [piece if piece.mark != "Lbl" else Piece(mark="Lbl") for piece in pieces]
    found = _read(tagged(tmp_path / "b.pdf", unlabelled, root))
    assert not [b for b in found.blocks() if b.kind == "list"]


def test_a_list_over_two_columns_is_read_down_the_first(tmp_path: Path) -> None:
    places = [(80, 500), (80, 513), (330, 100), (330, 113)]
    pieces = [Piece(_lines(60, 100 + 80 * n, 5, n, 6)) for n in range(5)]
    pieces += [Piece(_lines(310, 140 + 80 * n, 5, n + 9, 6)) for n in range(5)]
    texts, items = [], []
    for n, (x, y) in enumerate(places):
        pieces += [Piece(raw=_dot(x - 14, y - 2), mark="Lbl"), Piece(_lines(x, y, 1, 20 + n, 5))]
        texts.append(pieces[-1].lines[0][2])
        items.append(Node("LI", [Node("Lbl", [len(pieces) - 2]), Node("LBody", [len(pieces) - 1])]))
    left, right = ([Node("P", [n]) for n in numbers] for numbers in (range(5), range(5, 10)))
    root = Node("Document", [*left, Node("L", items), *right])
    found = _read(tagged(tmp_path / "a.pdf", pieces, root))
    said = [line for b in found.blocks() if b.kind == "list" for line in b.text.splitlines()]
    assert said == [f"- {text}" for text in texts]


def test_a_line_that_was_cut_off_as_a_footer_goes_on_in_its_element() -> None:
    lines = [
        Line((60, 100 + 12 * n, 300, 110 + 12 * n), [Span("some words", (60, 100, 300, 110), 10.0)])
        for n in range(3)
    ]
    one, other = (Element("P", None, n, n) for n in range(2))
    for last, kinds in ((one, ["paragraph"]), (other, ["paragraph", "footer"])):
        units = [one, one, last]
        boxes = np.array([line.box for line in lines])
        said = PageTags(cast(Any, None), boxes, np.arange(3), units)
        regions = [Region.around("paragraph", lines[:2]), Region.around("footer", lines[2:])]
        assert [region.kind for region in joined(regions, said)] == kinds


_ROWS = [("Year", "High", "Low"), ("1901", "4.1", ""), ("1902", "", "1.2"), ("1903", "4.4", "1.1")]


def _table(shift: float = 0.0) -> tuple[list[Piece], Node]:
    """A table without rules, whose first row and column are headers; ``shift`` moves the cells of its last row."""
    pieces: list[Piece] = []
    rows: list[Node] = []
    for r, row in enumerate(_ROWS):
        cells = []
        for c, text in enumerate(row):
            kids = []
            if text:
                kids = [len(pieces)]
                pieces.append(Piece([(60 + 60 * c + shift * (r == 3), 200 + 14 * r, text)]))
            is_head = r == 0 or c == 0
            scope = {"A": Dictionary(O=Name.Table, Scope=Name.Row if r else Name.Column)}
            cells.append(Node("TH", kids, scope) if is_head else Node("TD", kids))
        rows.append(Node("TR", cells))
    return pieces, Node("Table", rows)


def test_headers_come_from_the_tree(tmp_path: Path) -> None:
    cells, table = _table()
    above = Piece(_lines(60, 100, 3, 1))
    root = Node("Document", [table, Node("P", [len(cells)])])
    found = _read(tagged(tmp_path / "a.pdf", [*cells, above], root))
    read = next(b.table for b in found.blocks() if b.kind == "table")
    assert read is not None and read.header_rows == 1
    assert [[cell.text for cell in row if cell] for row in read.grid()] == [list(row) for row in _ROWS]
    assert {(cell.row, cell.column) for cell in read.cells if cell.header} == {
        *((0, c) for c in range(3)),
        *((r, 0) for r in range(4)),
    }
    assert "<th>1901</th>" in found.to_html()


def test_a_table_that_stands_otherwise_is_not_believed(tmp_path: Path) -> None:
    cells, table = _table(shift=45.0)
    root = Node("Document", [table, Node("P", [len(cells)])])
    path = tagged(tmp_path / "a.pdf", [*cells, Piece(_lines(60, 100, 3, 1))], root)
    found = _read(path)
    words = Counter(" ".join(text for row in _ROWS for text in row).split())
    assert words <= Counter(
        "".join(c if c.isalnum() or c == "." else " " for c in found.to_markdown()).split()
    )
    assert not any(cell.header and cell.row for b in found.blocks() if b.table for cell in b.table.cells)


def test_cells_that_the_tree_leaves_out_keep_their_places(tmp_path: Path) -> None:
    cells, table = _table()
    both = Node(
        "TR",
        [Node("TH", [len(cells)]), Node("TD", [len(cells) + 1], {"A": Dictionary(O=Name.Table, ColSpan=2)})],
    )
    cells += [Piece([(60, 256, "1904")]), Piece([(120, 256, "4.2, for both")])]
    rows = [
        Node(row.role, [cell for cell in row.kids if isinstance(cell, Node) and cell.kids])
        for row in table.kids
        if isinstance(row, Node)
    ]
    root = Node("Document", [Node("Table", [*rows, both]), Node("P", [len(cells)])])
    found = _read(tagged(tmp_path / "a.pdf", [*cells, Piece(_lines(60, 100, 3, 1))], root))
    read = next(b.table for b in found.blocks() if b.kind == "table")
    assert read is not None
    assert [[cell.text for cell in row if cell] for row in read.grid()] == [
        *(list(row) for row in _ROWS),
        ["1904", "4.2, for both"],
    ]


def _described(tmp_path: Path, alt: str) -> Document:
    drawing = "1 0 0 rg 60 500 200 120 re f 0 0 1 rg 100 520 60 60 re f"
    pieces = [Piece(_lines(60, 100, 3, 1)), Piece(raw=drawing, mark="Figure"), Piece(_lines(60, 400, 3, 2))]
    root = Node("Document", [Node("P", [0]), Node("Figure", [1], {"Alt": alt}), Node("P", [2])])
    return _read(tagged(tmp_path / "a.pdf", pieces, root))


def test_pictures_have_the_files_descriptions(tmp_path: Path) -> None:
    found = _described(tmp_path, "Blue on red & [more]")
    picture = next(b for b in found.blocks() if b.kind in ("picture", "chart"))
    assert picture.alt == "Blue on red & [more]"
    assert r"![Blue on red & \[more\]](" in found.to_markdown()
    assert 'alt="Blue on red &amp; [more]"' in found.to_html()
    assert r"\fbox{Blue on red \& {[}more{]}}" in found.to_latex()


@pytest.mark.parametrize(
    "alt",
    [
        "PP Template 2018.jpg",
        "Image",
        "Image of Fig. 1",
        "Picture 12",
        "A picture",
        "C:\\Users\\me\\a.emf",
        "",
        "…",
    ],
)
def test_names_of_files_describe_nothing(alt: str) -> None:
    assert not is_description(alt)


@pytest.mark.parametrize(
    "alt", ["A picture of the weir in spring", "Figure of a man", "Heights, 1901 to 1903", "水位"]
)
def test_descriptions(alt: str) -> None:
    assert is_description(alt)


def test_a_lone_head_that_is_no_content_is_none(tmp_path: Path) -> None:
    pieces = [Piece([(60, 35, "Kept by the town")], 9, "Artifact"), *_PIECES]
    tree = Node("Document", [Node("P" if number > 1 else "H1", [number]) for number in range(1, 10)])
    kinds = {b.text: b.kind for b in _read(tagged(tmp_path / "a.pdf", pieces, tree)).blocks()}
    assert kinds["Kept by the town"] == "header"


# Trees that lie.


def _words(document: Document) -> Counter[str]:
    return Counter(word for block in document.blocks() for word in block.text.split())


_LIES = {
    "reversed": _tree(list(range(8, -1, -1))),
    "permuted": _tree([0, 5, 2, 8, 1, 7, 4, 3, 6]),
    "row by row": _tree([0, 1, 5, 2, 6, 3, 7, 4, 8]),
    "columns exchanged": _tree([0, 5, 6, 7, 8, 1, 2, 3, 4]),
    "one paragraph": Node("Document", [Node("P", list(range(9)))]),
    "all headings": _tree(list(range(9)), "H1"),
    "all items": Node("Document", [Node("L", [Node("LI", [Node("LBody", [n])]) for n in range(9)])]),
    "a table": Node(
        "Document", [Node("Table", [Node("TR", [Node("TH" if n < 3 else "TD", [n])]) for n in range(9)])]
    ),
    "another text": _tree([0, 1, 2]),
}


@pytest.fixture(scope="module")
def untagged(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return _read(tagged(tmp_path_factory.mktemp("untagged") / "a.pdf", _PIECES, None))


@pytest.mark.parametrize("lie", _LIES)
def test_lies_cost_nothing(lie: str, tmp_path: Path, untagged: Document) -> None:
    found = _read(tagged(tmp_path / "a.pdf", _PIECES, _LIES[lie]))
    assert _words(found) == _words(untagged)
    assert found.to_markdown() == untagged.to_markdown()


@pytest.mark.parametrize(
    ("lie", "is_ordered"),
    [("reversed", False), ("permuted", False), ("one paragraph", True), ("another text", False)],
)
def test_order_is_heard_where_columns_are_read_downwards(lie: str, is_ordered: bool, tmp_path: Path) -> None:
    right = _tags(tagged(tmp_path / "a.pdf", _PIECES, _tree(list(range(9)))))
    said = _tags(tagged(tmp_path / "b.pdf", _PIECES, _LIES[lie]))
    assert right is not None and right.is_ordered
    assert said is not None and said.is_ordered is is_ordered


def test_what_the_tree_has_elsewhere_is_less_sure_of_its_place(tmp_path: Path) -> None:
    said = _tags(tagged(tmp_path / "a.pdf", _PIECES, _LIES["columns exchanged"]))
    assert said is not None
    line = [Line((x - 1, y - 9, x + 200, y + 3)) for x, y in ((60, 100), (60, 190), (310, 100), (310, 190))]
    regions = [Region("paragraph", each.box, [each], structure=0.95) for each in line]
    compare_places(regions, said)
    assert [region.told for region in regions] == [True, False, False, True]
    assert [round(region.structure or 0, 2) for region in regions] == [0.95, 0.66, 0.66, 0.95]


@given(st.permutations(range(6)), st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_trees_order_keeps_every_region(order: list[int], are_told: list[bool]) -> None:
    regions = [Region("paragraph", (60, 100.0 * n, 260, 100.0 * n + 80)) for n in range(6)]
    told = [Said("P", rank, rank) if is_told else Said("Artifact") for rank, is_told in zip(order, are_told)]
    moved = by_tree(regions, told)
    assert sorted(map(id, moved)) == sorted(map(id, regions))
    ranks = {id(region): rank for region, rank, is_told in zip(regions, order, are_told) if is_told}
    assert [ranks[id(each)] for each in moved if id(each) in ranks] == sorted(ranks.values())


def test_headings_whose_levels_are_against_their_type_keep_their_looks() -> None:
    def page(levels: tuple[str, ...]) -> PageDraft:
        sizes = {"A": 20.0, "B": 14.0}
        drafts = [
            Draft(
                "heading",
                (60, 60.0 + 100 * n, 300, 80.0 + 100 * n),
                name,
                combine(0.9, []),
                size=size,
                tag=tag,
            )
            for n, ((name, size), tag) in enumerate(zip(sizes.items(), levels))
        ]
        drafts.append(
            Draft(
                "paragraph", (60, 400, 500, 500), "Running text. " * 30, combine(0.9, []), size=10.0, tag="P"
            )
        )
        for draft in drafts[:2]:
            draft.text = f"Heading {draft.text}"
        return PageDraft(1, 595.0, HEIGHT, drafts)

    right, wrong = page(("H1", "H2")), page(("H2", "H1"))
    find_in_tags([right])
    find_in_tags([wrong])
    assert [draft.outline_level for draft in right.drafts] == [1, 2, None]
    assert [draft.outline_level for draft in wrong.drafts] == [None, None, None]
    wrong.drafts[2].tag = "LI"
    compare([wrong])
    checks = [
        {c.name: c.passed for c in draft.confidence.checks} for draft in wrong.drafts if draft.confidence
    ]
    assert checks == [{"tags": True}, {"tags": True}, {"tags": False}]


# Trees of a browser.

_PAGE = """<html lang="en"><title>The weir</title><body style="font: 12px serif">
<h1>The weir</h1><p>The river rose by night and fell by day, and the keepers of the weir wrote down its heights.</p>
<h2>Their work</h2><ul><li>The gate was mended</li><li>The wall was raised by a foot, which took the whole of a summer and
cost more than the town had</li></ul>
<table><tr><th>Year</th><th>High</th><th>Low</th></tr><tr><td>1901</td><td>4.1</td><td></td></tr>
<tr><td>1902</td><td></td><td>1.2</td></tr></table>
<p><svg role="img" aria-label="Two squares" width="200" height="120"><rect width="200" height="120" fill="red"/>
<rect x="40" y="30" width="60" height="60" fill="blue"/></svg></p>
</body></html>"""


@needs_browser
def test_a_browsers_page_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(_PAGE)
    path = tmp_path / "page.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [str(BROWSER), *options, f"--print-to-pdf={path}", str(tmp_path / "page.html")]
    subprocess.run(command, check=True, timeout=90, capture_output=True)
    found = _read(path)
    kinds = [(b.kind, b.level) for b in found.blocks() if b.kind not in ("header", "footer")]
    assert kinds[:4] == [("heading", 1), ("paragraph", None), ("heading", 2), ("list", None)]
    listed = next(b.text for b in found.blocks() if b.kind == "list")
    assert [line[:5] for line in listed.splitlines()] == ["- The", "- The"]
    table = next(b.table for b in found.blocks() if b.table)
    assert table is not None and table.header_rows == 1
    assert [[cell.text for cell in row if cell] for row in table.grid()] == [
        ["Year", "High", "Low"],
        ["1901", "4.1", ""],
        ["1902", "", "1.2"],
    ]
