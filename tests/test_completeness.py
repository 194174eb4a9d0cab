"""What a page shows and no block says: it is written, or told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pymupdf
import pytest

import docvlm
from docvlm import completeness
from docvlm.completeness import account, witnesses
from docvlm.draft import Draft, Item
from docvlm.ink import uncovered
from docvlm.layout.region import Region
from docvlm.schema import Cell, Page, Table, TextLine
from docvlm.spans import Line, Span

WIDTH = 300.0
ROWS = [
    "The keeper of the lighthouse wrote every evening what the",
    "weather had been and which ships had passed; his repair-",
    "men came once a year.",
    "Nobody read the books until the tower was sold.",
]


def lines(rows: list[str], top: float = 50.0) -> list[Line]:
    return [
        Line(box, [Span(text, box, 10.0, baseline=box[3] - 2)])
        for row, text in enumerate(rows)
        for box in [(50.0, top + 14 * row, 50.0 + WIDTH, top + 10 + 14 * row)]
    ]


def paragraph(text: str, top: float = 50.0, rows: int = 4) -> Draft:
    return Draft("paragraph", (50.0, top, 50.0 + WIDTH, top + 14.0 * rows), text)


WHOLE = (
    "The keeper of the **lighthouse** wrote every evening what the weather had been and which ships had passed; his"
    " repairmen came once a year. Nobody read the books until the tower was sold."
)


def test_nothing_is_missing_of_what_was_joined_and_marked_up() -> None:
    made = account(witnesses(lines(ROWS)), [paragraph(WHOLE)])
    assert (made.lost, made.missing, made.gone, made.repeated) == ([], [], 0, 0)
    assert all(check.passed for check in made.checks())


def test_a_line_that_no_block_holds_is_lost() -> None:
    made = account(witnesses(lines(ROWS)), [paragraph(WHOLE.partition(" Nobody")[0], rows=3)])
    assert [each.text for each in made.lost] == [ROWS[3]]


def test_a_line_in_the_place_of_a_block_that_does_not_say_it_is_lost() -> None:
    made = account(witnesses(lines(ROWS)), [paragraph(WHOLE.partition(" Nobody")[0])])
    assert [each.text for each in made.lost] == [ROWS[3]] and made.missing == []


def test_a_line_that_is_printed_twice_and_written_once_is_lost() -> None:
    twice = lines([ROWS[3], *ROWS[:3]]) + lines([ROWS[3]], top=400)
    made = account(witnesses(twice), [paragraph(f"{ROWS[3]} {WHOLE.partition(' Nobody')[0]}")])
    assert [each.box[1] for each in made.lost] == [400]


def test_words_that_are_missing_inside_a_line_are_told_with_its_place() -> None:
    made = account(witnesses(lines(ROWS)), [paragraph(WHOLE.replace("lighthouse", ""))])
    assert made.lost == [] and [(each.text, each.box[1]) for each in made.missing] == [("lighthouse", 50.0)]
    (complete, _) = made.checks()
    assert complete.name == "completeness" and not complete.passed


def repeats(drafts: list[Draft]) -> bool:
    (_, repeated) = account(witnesses(lines(ROWS)), drafts).checks()
    assert repeated.name == "repeated-text"
    return not repeated.passed


def test_words_that_were_written_twice_fail_the_check() -> None:
    drafts = [paragraph(WHOLE), paragraph(ROWS[3], rows=1)]
    for draft, own in zip(drafts, (ROWS, ROWS[3:])):
        draft.text_lines = [
            TextLine(text=line.text, box=line.box) for line in lines(ROWS) if line.text in own
        ]
    assert not repeats(drafts[:1])
    assert repeats(drafts)
    drafts[0].text = f"{WHOLE} {ROWS[3]}"
    assert repeats(drafts[:1])


def test_formulas_tables_and_lists_hold_their_words() -> None:
    seen = lines(
        ["the loss is softmax(x) over 12 classes", "Name", "Grand total", "41.50", "1. Wash the glasses"]
    )
    table = Table(rows=1, columns=3, cells=[
        Cell(row=0, column=column, text=text) for column, text in enumerate(["Name", "Grand<br>total", "41.50"])
    ])  # fmt: skip
    drafts = [
        paragraph(r"the loss is $\mathrm{softmax}\left(x\right)$ over 12 classes"),
        Draft("table", (0, 0, 1, 1), "", table=table),
        Draft("list", (0, 0, 1, 1), "", items=[Item(50, "1.", "Wash the glasses")]),
    ]
    made = account(witnesses(seen), drafts)
    assert (made.lost, made.gone) == ([], 0)


def test_a_table_answers_for_its_own_figures() -> None:
    """Figures come again all over a page, so that only its own lines tell what a table lacks."""
    rows = lines(["Year 2024 2025", "Sales 495 76"])
    texts = ["Year", "2024", "2025", "Sales", "495", "76"]
    for lost, missing in ((None, []), ("2025", ["2025"])):
        cells = [
            Cell(row=index // 3, column=index % 3, text="" if text == lost else text)
            for index, text in enumerate(texts)
        ]
        table = Draft("table", (0, 0, 1, 1), "", table=Table(rows=2, columns=3, cells=cells))
        table.text_lines = [TextLine(text=line.text, box=line.box) for line in rows]
        above = paragraph("Sales fell in 2024 and in 2025 and will not rise")
        made = account(
            witnesses([*rows, *lines(["Sales fell in 2024 and in 2025 and will not rise"])]), [above, table]
        )
        assert [each.text for each in made.missing] == missing
        assert made.gone == len("".join(missing))


def test_links_hold_their_words_and_where_they_lead_to_is_not_printed() -> None:
    seen = lines(["taken from http://example.org/papers on Monday", "as the manual of the year says"])
    made = account(
        witnesses(seen),
        [
            paragraph(
                "taken from <http://example.org/papers> on Monday as the [manual](https://a.example/m_1) of the year says"
            )
        ],
    )
    assert (made.lost, made.missing, made.repeated) == ([], [], 0)


def test_a_line_that_a_formula_spelled_anew_is_not_lost() -> None:
    seen = witnesses(lines(["ëexpression1 ⇒ expression"]))
    assert account(seen, [paragraph(r"$\neg$expression1 $\Rightarrow$ expression", rows=1)]).lost == []
    assert len(account(seen, [paragraph(r"$\neg$expression1 $\Rightarrow$ expression", top=300)]).lost) == 1


def test_a_formula_has_each_letter_that_is_printed_in_its_place() -> None:
    """In whatever order, and with signs, accents and operators as commands: only what is nowhere in it is missing."""
    rows = ["where Ψvp(xt v, m¨u) is the mean sin ϕ of", "all nodes of the graph"]
    right = r"where $\Psi_{v_p}\left(x_v^t,\ddot{m}\mathrm{u}\right)$ is the mean $\sin\varphi$ of all nodes of the graph"
    seen = witnesses(lines(rows))
    assert account(seen, [paragraph(right, rows=2)]).missing == []
    wrong = right.replace(r"\sin\varphi", r"\sin 4")
    made = account(seen, [paragraph(wrong, rows=2)])
    assert [(each.text, each.box[1]) for each in made.missing] == [("ϕ", 50.0)] and made.gone == 1
    dropped = account(seen, [paragraph(right.replace("mean ", ""), rows=2)])
    assert [each.text for each in dropped.missing] == ["mean"] and dropped.gone == 4
    display = Draft("formula", (50.0, 50.0, 350.0, 60.0), rows[0], latex=r"\Psi_{v_p}(x_v^t,m)")
    assert not account(witnesses(lines(rows[:1])), [display]).checks()[0].passed


def test_large_operators_that_a_font_calls_letters_are_none() -> None:
    line = lines(["Z f dx"])[0]
    box = line.box
    sign, rest = Span("Z", box, 10.0, font="ABCDEF+CMEX10"), Span(" f dx", box, 10.0, font="ABCDEF+CMMI10")
    seen = witnesses([Line(box, [sign, rest])])
    assert account(seen, [Draft("formula", box, "Z f dx", latex=r"\int f\,dx")]).gone == 0


def test_an_ocr_line_that_was_read_anew_in_its_place_is_not_lost() -> None:
    seen = witnesses(lines(["the vaIue of thc intcgral cxceeds"]))
    again = [paragraph("the value of the integral exceeds", rows=1)]
    assert len(account(seen, again).lost) == 1 and account(seen, again, reread=True).lost == []


def drawn(draw: Callable[[pymupdf.Page], None]) -> tuple[np.ndarray, float]:
    file = pymupdf.open()
    page = file.new_page(width=400, height=400)
    draw(page)
    pixmap = page.get_pixmap()
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    return image, pixmap.width / 400


def test_print_that_no_block_covers_is_found_and_rules_and_tints_are_none() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.draw_rect(pymupdf.Rect(20, 20, 380, 380), fill=(0.9, 0.9, 0.8))
        page.draw_line((30, 60), (370, 60))
        page.insert_text((40, 100), "These words lie in a block of the page", fontsize=11)
        page.insert_text((40, 300), "These words lie in none", fontsize=11)

    image, scale = drawn(draw)
    share, places = uncovered(image, scale, [(38, 88, 300, 104)])
    assert 0.2 < share < 0.5
    assert all(290 < box[1] < 305 and box[0] > 36 for box in places) and places
    assert uncovered(image, scale, [(38, 88, 300, 104), (38, 288, 300, 304)]) == (0.0, [])


def a_page() -> bytes:
    file = pymupdf.open()
    page = file.new_page(width=400, height=500)
    for row, text in enumerate(ROWS):
        page.insert_text((50, 60 + 14 * row), text, fontsize=10)
        page.insert_text((50, 200 + 14 * row), text.replace("e", "o"), fontsize=10)
        page.insert_text((50, 340 + 14 * row), text.replace("o", "a"), fontsize=10)
    return bytes(file.tobytes())


def checks_of(page: Page) -> dict[str, bool]:
    return {check.name: check.passed for check in page.checks}


def test_a_whole_page_passes_its_checks() -> None:
    page = docvlm.convert(a_page()).pages[0]
    assert checks_of(page) == {"completeness": True, "repeated-text": True, "ink-uncovered": True}
    assert page.missing == []


def test_a_region_that_was_lost_is_written_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    from docvlm.readers import registry

    whole = docvlm.convert(a_page()).to_markdown()
    from docvlm.layout.analysis import analyze as found

    def forgetful(*given: object) -> list[Region]:
        regions = found(*given)  # type: ignore[arg-type]
        for region in regions:
            if "ovory ovoning" in region.text:
                region.lines = [line for line in region.lines if "Nobody" in line.text]
        return [region for region in regions if region.lines]

    monkeypatch.setattr(registry, "analyze", forgetful)
    document = docvlm.convert(a_page())
    assert document.to_markdown().split() == whole.split()
    assert checks_of(document.pages[0])["completeness"]


def test_what_nobody_can_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of outlines has no words: that it came out empty must not pass unseen."""
    monkeypatch.setattr(
        "docvlm.ocr.engine.OcrEngine.detect", lambda *_, **__: np.zeros((0, 4, 2), np.float32)
    )
    monkeypatch.setattr("docvlm.readers.registry.analyze", lambda *_: [])
    page = docvlm.convert(a_page(), reader="ocr").pages[0]
    assert page.blocks == [] and not checks_of(page)["ink-uncovered"]
    assert page.missing and all(each.text == "" for each in page.missing)


def test_lost_lines_inside_a_picture_become_its_words() -> None:
    (line,) = lines(["Pressure valve"])
    picture = Draft("picture", (40.0, 40.0, 360.0, 200.0))
    assert completeness.figure_around(witnesses([line])[0], [paragraph(""), picture]) is picture


def test_a_lone_word_of_a_scan_is_read() -> None:
    """Found at the detector's scale by where it lies on its grid: some of these places it overlooks."""
    for left, top in ((50, 62), (301, 400), (53, 65)):
        file = pymupdf.open()
        page = file.new_page(width=612, height=792)
        page.insert_text((left, top), "pdf.ts", fontsize=14, fontname="tibo")
        assert "pdf.ts" in docvlm.convert(file.tobytes(), reader="ocr").to_markdown()
