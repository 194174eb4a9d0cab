"""Headers, footers and notes that no other page confirms."""

from __future__ import annotations

from docvlm import confidence
from docvlm.assembly.assemble import assemble
from docvlm.assembly.headings import demote_authors, find_headings
from docvlm.assembly.running_heads import mark_furniture
from docvlm.boxes import Box
from docvlm.draft import Draft, PageDraft
from docvlm.schema import Kind, TextLine

_BODY = 10.0


def _draft(text: str, box: Box, kind: Kind = "paragraph", size: float = _BODY, lines: int = 1) -> Draft:
    return Draft(kind=kind, box=box, text=text, reader="text", size=size, lines=lines)


def _kinds(*drafts: Draft, number: int = 7) -> list[str]:
    page = PageDraft(number, 612.0, 792.0, list(drafts))
    mark_furniture([page], _BODY)
    return [draft.kind for draft in page.drafts]


def _text(words: str = "The text of a page.") -> Draft:
    return _draft(words, (100, 150, 500, 600), lines=40)


def test_a_page_number_needs_no_margin_and_no_second_page() -> None:
    page = PageDraft(1, 612.0, 792.0, [_text(), _draft("41", (300, 690, 310, 700))])
    mark_furniture([page], _BODY)
    assert (page.drafts[1].kind, page.label) == ("footer", "41")


def test_a_number_close_below_the_text_ends_it() -> None:
    assert _kinds(_text(), _draft("41", (300, 606, 310, 616)))[1] == "paragraph"


def test_what_stands_level_with_the_page_number_is_a_header() -> None:
    number, title = _draft("3051", (480, 110, 500, 120)), _draft("Rivers of the North", (100, 110, 250, 120))
    assert _kinds(title, number, _text()) == ["header", "header", "paragraph"]


def test_a_header_repeats_a_heading_or_stands_above_the_middle_of_a_sentence() -> None:
    heading = _draft("3 Results", (100, 400, 200, 415), "heading", 13.0)
    above = _draft("3. RESULTS", (100, 110, 200, 120))
    assert _kinds(above, _text(), heading) == ["header", "paragraph", "heading"]
    assert _kinds(_draft("On rivers", (100, 110, 200, 120)), _text("and so they flow."))[0] == "header"
    assert _kinds(_draft("On rivers", (100, 110, 200, 120)), _text("And so they flow."))[0] == "paragraph"


def test_a_formulas_explanation_makes_no_header_of_the_line_above() -> None:
    formula = _draft("", (200, 140, 300, 160), "formula")
    line = _draft("The speed is then", (100, 110, 200, 120))
    assert _kinds(line, formula, _draft("where v is", (100, 180, 500, 600)))[0] == "paragraph"


def test_a_journals_foot_line_is_a_footer_and_a_note_is_none() -> None:
    line = "Annals of Rivers, Vol. 12, No. 3, pp. 44–58"
    assert _kinds(_text(), _draft(line, (100, 700, 400, 710), size=8.0))[1] == "footer"
    assert _kinds(_text(), _draft("Revision 2.4", (100, 700, 160, 710), size=8.0))[1] == "footer"
    assert _kinds(_text(), _draft("7 See the annex", (100, 700, 200, 710), size=8.0))[1] == "paragraph"


def test_a_title_in_large_type_stays() -> None:
    title = _draft("Journal of a river", (100, 100, 400, 125), "heading", 20.0)
    assert _kinds(title, _text(), _text())[0] == "heading"


def test_a_logo_that_ocr_cannot_read_says_no_heading_and_takes_no_title_its_place() -> None:
    logo = _draft("miSCa", (255, 18, 338, 76), "heading", size=58)
    title = _draft("A Platform for Courses", (76, 91, 521, 104), "heading", size=13)
    text = _draft("Abstract", (149, 263, 193, 272), "heading", size=12)
    for draft, score in ((logo, 0.03), (title, 0.9), (text, 0.99)):
        draft.reader, draft.confidence = "ocr", confidence.combine(score, [])
    page = PageDraft(1, 595.0, 842.0, [logo, title, text, _text()])
    find_headings(page, _BODY)
    demote_authors(page)
    assert [draft.kind for draft in page.drafts] == ["paragraph", "heading", "heading", "paragraph"]


def test_a_turned_header_in_the_outer_margin_is_furniture() -> None:
    turned = _draft("SUMMARY TABLES", (20, 300, 32, 420), "heading")
    turned.text_lines = [TextLine(text="SUMMARY TABLES", box=turned.box, confidence=1.0)]
    assert _kinds(_text(), turned) == ["paragraph", "header"]


def test_notes_longer_than_the_text_are_still_notes() -> None:
    page = PageDraft(1, 612.0, 792.0)
    page.drafts = [
        _draft(
            "The alert<sup>1</sup> came first, and the speed alert and",
            (50, 100, 200, 200),
            size=9.0,
            lines=9,
        ),
        _draft(
            "<sup>1</sup> A note that is longer than the text. " + "It goes on. " * 9,
            (50, 230, 200, 700),
            size=7.0,
        ),
        _draft("height alert<sup>2</sup> at the end.", (250, 100, 400, 200), size=9.0, lines=9),
        _draft("<sup>2</sup> A second note. " + "It goes on. " * 9, (250, 230, 400, 700), size=7.0),
    ]
    (made,), _ = assemble([page], "page")
    assert [block.kind for block in made.blocks] == ["paragraph", "footnote", "paragraph", "footnote"]
    assert made.blocks[2].continues == made.blocks[0].id
