"""What is running text and what is not: headers of small pages, footnotes at the foot, text across a gutter."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from docvlm import convert
from docvlm.assembly.headings import heading_levels
from docvlm.assembly.running_heads import mark_furniture
from docvlm.boxes import Box
from docvlm.draft import Draft, PageDraft
from docvlm.layout.region import Region
from docvlm.layout.repair import cut_at_gutter
from docvlm.schema import Kind
from docvlm.spans import Line, Span


def _draft(text: str, box: Box, kind: Kind = "paragraph") -> Draft:
    return Draft(kind=kind, box=box, text=text, reader="text", size=10.0, lines=1)


def _page(number: int, *drafts: Draft) -> PageDraft:
    return PageDraft(number, 612.0, 792.0, list(drafts))


def _text(number: int) -> Draft:
    return _draft(f"The text of page {'abcdefgh'[number]}.", (127, 116, 485, 600))


def test_headers_of_a_small_page_on_a_large_sheet_are_no_text() -> None:
    pages = [
        _page(
            n,
            _draft(str(n), (127, 97, 130, 104)),
            _draft("F. ROSSI, L. SMITH", (260, 97, 352, 104)),
            _text(n),
        )
        for n in (2, 4, 6)
    ]
    mark_furniture(pages, 10.0)
    assert [draft.kind for page in pages for draft in page.drafts] == ["header", "header", "paragraph"] * 3
    assert [page.label for page in pages] == ["2", "4", "6"]


def test_what_recurs_below_other_text_is_text() -> None:
    pages = [
        _page(
            n,
            _draft("A line above it", (127, 60, 400, 70)),
            _draft("Exercises", (127, 97, 300, 104)),
            _text(n),
        )
        for n in (2, 4)
    ]
    pages[1].drafts[0].text = "Another line"
    mark_furniture(pages, 10.0)
    assert [page.drafts[1].kind for page in pages] == ["paragraph", "paragraph"]


def test_a_title_that_the_running_headers_repeat_stays() -> None:
    title = _draft("On small tests", (127, 70, 485, 90), "heading")
    title.size = 17.0
    pages = [_page(1, title, _text(1), _text(2))]
    pages += [_page(n, _draft("On small tests", (260, 40, 352, 47)), _text(n), _text(n + 1)) for n in (2, 3)]
    mark_furniture(pages, 10.0)
    assert title.kind == "heading"
    assert [page.drafts[0].kind for page in pages[1:]] == ["header", "header"]


def test_slides_have_no_headers_below_the_margin() -> None:
    pages = [
        PageDraft(n, 792.0, 612.0, [_draft("Outline", (60, 97, 300, 104)), _text(n), _text(n + 1)])
        for n in (1, 2)
    ]
    mark_furniture(pages, 10.0)
    assert [page.drafts[0].kind for page in pages] == ["paragraph", "paragraph"]


def test_a_footnote_is_no_footer() -> None:
    note = _draft("<sup>6</sup>In other words, it is maximal.", (320, 739, 548, 748), "footer")
    number = _draft("17", (300, 760, 310, 770), "footer")
    mark_furniture([_page(1, _text(1), note, number)], 10.0)
    assert (note.kind, number.kind) == ("footnote", "footer")


def _line(text: str, left: float, top: float, right: float) -> Line:
    box = (left, top, right, top + 10)
    return Line(box, [Span(text, box, 10.0)])


def test_text_across_a_gutter_is_parted() -> None:
    formula = _line("x = y", 80, 326, 273)
    right = [_line("words of the other column", 317, top, 562) for top in (81, 93, 330, 342)]
    across = Region("paragraph", (80, 81, 562, 352), [*right[:2], formula, *right[2:]])
    columns = [
        Region("paragraph", (left, top, left + 245, top + 60))
        for left in (54, 317)
        for top in (400, 480, 560)
    ]
    parts = cut_at_gutter(across, [across, *columns])
    assert [part.lines for part in parts] == [[formula], right[:2], right[2:]]
    assert cut_at_gutter(across, [across, *columns[:3]]) == [across], "one column shows no gutter"


def test_bullets_that_stand_apart_are_a_list_and_no_table(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 80), "What to bring to the first meeting", fontsize=14)
        things = ["A pen that writes", "The form of last year", "Boots, in case of rain", "Something to eat"]
        for row, thing in enumerate(things):
            page.insert_text((90, 120 + 30 * row), "•", fontsize=11)
            page.insert_text((150, 120 + 30 * row), thing, fontsize=11)
        document.save(tmp_path / "list.pdf")
    blocks = list(convert(tmp_path / "list.pdf").blocks())
    assert "table" not in {block.kind for block in blocks}
    assert [block.text for block in blocks if block.kind == "list"] == ["\n".join(f"- {t}" for t in things)]


def test_large_type_in_a_diagram_makes_no_numbered_heading_deeper() -> None:
    said = [("Chapter 2", 24), ("2.1 Aims", 14), ("Start", 18), ("2.2 Means", 14), ("2.2.1 Tools", 12)]
    drafts = [Draft("heading", (0, 0, 90, 10), text, size=size) for text, size in said]
    levels = heading_levels(drafts)
    assert [levels[id(draft)] for draft in drafts] == [1, 2, 2, 2, 3]
