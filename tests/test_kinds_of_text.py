"""Kinds of text on pages drawn here, from the file to the Markdown."""

from __future__ import annotations

from pathlib import Path

import pymupdf
from hypothesis import given
from hypothesis import strategies as st

from docvlm import confidence, convert, inline
from docvlm.assembly.assemble import assemble
from docvlm.assembly.captions import find_captions
from docvlm.assembly.lists import list_markdown
from docvlm.boxes import Box
from docvlm.document import Document
from docvlm.draft import Draft, PageDraft
from docvlm.formulas.segments import has_math, prose_of
from docvlm.layout.region import Region
from docvlm.layout.repair import headings_apart
from docvlm.options import Options
from docvlm.readers.prose import read_prose
from docvlm.readers.stacked import with_fractions
from docvlm.readers.view import PageView, Part
from docvlm.roles import Models
from docvlm.running_text import flow
from docvlm.schema import Confidence, Kind
from docvlm.spans import Line, Span
from docvlm.text_layer import mark_scripts, read_text


def _written(page: pymupdf.Page, folder: Path) -> str:
    path = folder / "page.pdf"
    page.parent.save(path)
    return convert(path).to_markdown()


def _page() -> pymupdf.Page:
    return pymupdf.open().new_page(width=595, height=842)


def _line(text: str, left: float, top: float, size: float = 10.0) -> Line:
    box = (left, top, left + 0.5 * size * len(text), top + size)
    return Line(box, [Span(text, box, size, baseline=top + 0.8 * size)])


def _read(*lines: Line, kind: Kind = "paragraph") -> list[Draft]:
    view = PageView(_page(), list(lines), "text", _judge, Models(Options()))
    return read_prose(view, [Part.of(Region.around(kind, list(lines)))])[0]


def _judge(lines: list[Line], text: str) -> Confidence:
    return confidence.of_text_layer(lines, None, text)


def test_numbered_notes_with_dashes_are_a_list_that_ends_where_text_stands_out() -> None:
    rows = ("1- In capital letters, please.", "2- One of A, B or C.", "3- In force.")
    notes = [_line(text, 80, 600 + 14 * row, 8.0) for row, text in enumerate(rows)]
    found = _read(*notes, _line("Fees are paid at the desk on the day.", 60, 644))
    assert [draft.kind for draft in found] == ["list", "paragraph"]
    assert list_markdown(found[0].items).splitlines() == [text.replace("-", ".", 1) for text in rows]


def test_a_linked_address_that_lines_cut_is_whole_again(tmp_path: Path) -> None:
    page, target = _page(), "http://example.org/knowledge/base_of/report.pdf"
    page.insert_text((60, 80), "See the report (http://example.org/knowledge/", fontsize=10)
    page.insert_text((60, 94), "base_of/report.pdf), which says more.", fontsize=10)
    for box in ((132, 70, 300, 83), (60, 84, 150, 97)):
        page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(box), "uri": target})
    assert f"<{target}>), which" in _written(page, tmp_path)


def test_the_title_of_a_listing_is_its_caption() -> None:
    title, code = (
        _draft("Listing 2: Adding", (60, 100, 200, 110)),
        _draft("x = 1", (60, 120, 200, 150), "code"),
    )
    other = _draft("Listing 2: Adding", (60, 500, 200, 510))
    find_captions(PageDraft(1, 595.0, 842.0, [title, code, other]))
    assert [title.kind, other.kind] == ["caption", "paragraph"]


def _draft(text: str, box: Box, kind: Kind = "paragraph") -> Draft:
    return Draft(kind=kind, box=box, text=text, size=10.0)


def test_a_numbered_heading_needs_no_backslash() -> None:
    page = PageDraft(1, 595.0, 842.0, [_draft(inline.escape("1. Rivers"), (60, 100, 200, 110), "heading")])
    pages, _ = assemble([page], "page")
    assert Document(source="page.pdf", sha256="0" * 64, pages=pages).to_markdown() == "# 1. Rivers\n"


def test_the_letter_o_in_a_fixed_width_font_is_a_bullet() -> None:
    rows = []
    for index, text in enumerate(("Delays are dear", "Costs rise")):
        box = (60.0, 100.0 + 14 * index, 66.0, 110.0 + 14 * index)
        item = _line(text, 80, 100 + 14 * index)
        rows.append(
            Line(
                (60, *item.box[1:]),
                [Span("o", box, 10.0, mono=True, baseline=item.spans[0].baseline), *item.spans],
            )
        )
    (found,) = _read(*rows)
    assert found.kind == "list" and [item.text for item in found.items] == ["Delays are dear", "Costs rise"]


_STYLED = st.tuples(
    st.sampled_from(["8 ", "Chairman", "(b)", " the ", "note: ", "end.", "a", "“so”", ", ", "x-y"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(_STYLED, min_size=2, max_size=5))
def test_emphasis_never_shows_its_marks(runs: list[tuple[str, bool, bool, bool, bool]]) -> None:
    spans, x = [], 0.0
    for text, bold, italic, struck, raised in runs:
        box = (x, 0.0, x + 5.0 * len(text), 10.0)
        spans.append(
            Span(text, box, 10.0, bold=bold, italic=italic, struck=struck, superscript=raised, baseline=8.0)
        )
        x = box[2]
    said = " ".join("".join(text for text, *_ in runs).split())
    assert inline.plain(flow([Line((0.0, 0.0, x, 10.0), spans)])) == said


def test_punctuation_leaves_emphasis_that_ends_inside_a_word() -> None:
    box = (0.0, 0.0, 10.0, 10.0)
    line = Line(box, [Span("8.", (0, 0, 10, 10), 10.0, bold=True), Span("Chairman", (10, 0, 50, 10), 10.0)])
    assert flow([line]) == "**8**.Chairman"


def test_the_scripts_of_web_pages_are_scripts() -> None:
    """Browsers set them at five sixths of the text's size."""
    line = _line("5 m", 60, 100, 10.5)
    box = (75.75, 98.0, 80.0, 107.0)
    line.spans.append(Span("2", box, 8.7, baseline=line.spans[0].baseline - 3.5))
    mark_scripts([line])
    assert flow([line]) == "5 m<sup>2</sup>"


def test_unicodes_letters_of_formulas_are_mathematics_in_any_font() -> None:
    assert has_math([_line("where 𝑎 ≠ 0", 60, 100)])
    assert not has_math([_line("where a ≠ 0", 60, 100)])
    assert prose_of(_line("𝑎𝑏𝑐 = 𝑥𝑦𝑧", 60, 100)) == 0


def _stacked(page: pymupdf.Page, x: float, y: float, above: str, below: str, size: float) -> None:
    width = 0.556 * size * max(len(above), len(below))
    for text, base in ((above, y - 0.45 * size), (below, y + 0.75 * size)):
        page.insert_text((x + (width - 0.556 * size * len(text)) / 2, base), text, fontsize=size)
    page.draw_line((x - 1, y - 0.3 * size), (x + width + 1, y - 0.3 * size), width=0.6)


def test_fractions_of_school_books_are_fractions(tmp_path: Path) -> None:
    page = _page()
    page.insert_textbox(
        (60, 60, 535, 160), "Which of these is the share of red balls in the bag? " * 3, fontsize=11
    )
    for index, (letter, above) in enumerate((("A", "2"), ("B", "5"), ("C", "12"))):
        page.insert_text((60 + 110 * index, 200), letter, fontsize=11)
        _stacked(page, 80 + 110 * index, 200, above, "17", 11)
    page.insert_text((60, 240), "Then add ", fontsize=11)
    _stacked(page, 110, 240, "2", "5", 8)
    page.insert_text((122, 240), "of a bag to it.", fontsize=11)
    written = _written(page, tmp_path)
    assert r"A $\frac{2}{17}$ B $\frac{5}{17}$ C $\frac{12}{17}$" in written
    assert r"Then add $\frac{2}{5}$ of a bag to it." in written


def test_a_sum_below_a_rule_is_no_fraction() -> None:
    page = _page()
    for row, (label, number) in enumerate((("Red", "12"), ("Blue", "30"), ("All", "42"))):
        page.insert_text((60, 100 + 14 * row), label, fontsize=10)
        page.insert_text((200, 100 + 14 * row), number, fontsize=10)
    page.draw_line((198, 117), (213, 117), width=0.6)
    lines = read_text(page).lines
    assert with_fractions(page, lines) is lines


def test_lettered_items_keep_their_letters(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "A claim is valid under the following conditions:", fontsize=11)
    for row, (marker, text) in enumerate(
        (
            ("(a)", "the claim was made in writing;"),
            ("(b)", "it names the goods; and"),
            ("(c)", "it is signed."),
        )
    ):
        page.insert_text((90, 125 + 16 * row), marker, fontsize=11)
        page.insert_text((115, 125 + 16 * row), text, fontsize=11)
    document.save(tmp_path / "law.pdf")
    markdown = convert(tmp_path / "law.pdf").to_markdown()
    assert (
        "- (a) the claim was made in writing;\n- (b) it names the goods; and\n- (c) it is signed." in markdown
    )


def test_headings_of_two_columns_on_one_level_are_two() -> None:
    def line(text: str, x: float, y: float, width: float) -> Line:
        box = (x, y, x + width, y + 10)
        return Line(box, [Span(text, box, 10.0)])

    row = Region.around("heading", [line("Article info", 50, 100, 60), line("Abstract", 220, 100, 50)])
    left = Region.around("paragraph", [line("Received in August", 50, 120, 110)])
    right = Region.around("paragraph", [line("It is seen that the one is of the other", 220, 120, 300)])
    assert [part.text for part in headings_apart(row, [row, left, right])] == ["Article info", "Abstract"]
    across = Region.around("paragraph", [line("Text that reaches over to the other side", 50, 120, 470)])
    assert headings_apart(row, [row, across]) == [row]  # a label and its value
    assert headings_apart(row, [row, left]) == [row]


def test_a_broken_bar_before_words_is_a_bullet() -> None:
    """Fonts of some makers draw a bullet for it."""
    with pymupdf.open() as document:
        page = document.new_page()
        for row, text in enumerate(("Instructions on using the editor", "An overview of its techniques")):
            page.insert_text((72, 100 + 24 * row), f"¦ {text}", fontsize=11)
        (read,) = convert(document.tobytes()).pages
    assert [block.kind for block in read.blocks] == ["list"]
