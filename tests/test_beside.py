"""Line numbers, watermarks and stamps beside the text; contents; pages from a typewriter."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from docvlm import convert
from docvlm.layout.region import Region
from docvlm.readers.beside import parted
from docvlm.readers.contents_list import entries, find_contents
from docvlm.readers.typewritten import as_prose
from docvlm.spans import Line, Span
from docvlm.visual_lines import visual_lines

_WIDTH = 595.0
_ROWS = (
    "The council shall keep a list of all mills along the river and shall",
    "send a copy of that list to every town, which may add what it knows of",
    "mills that were closed before the list was made. A town that adds",
    "nothing within a year is held to agree with the list as it stands, and",
    "its mills are taxed by what the list says. The council may correct an",
    "error at any time, and a town may ask for a correction in the same way.",
    "Fees are due at the end of the year.",
)


def _line(text: str, left: float, top: float, size: float = 10.0, mono: bool = False) -> Line:
    box = (left, top, left + 0.5 * size * len(text), top + size)
    return Line(box, [Span(text, box, size, baseline=top + 0.8 * size, mono=mono)])


def _numbered(rows: tuple[str, ...], first: int = 1, step: int = 1) -> list[Line]:
    return [
        line
        for index, text in enumerate(rows)
        for line in (_line(str(first + step * index), 40, 80 + 24 * index), _line(text, 90, 80 + 24 * index))
    ]


def _said(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_numbers_in_the_margin_at_one_pitch_are_no_text() -> None:
    text, numbers, marks = parted(_numbered(_ROWS, first=12), _WIDTH)
    assert _said(text) == list(_ROWS) and not marks
    assert _said(numbers) == [str(12 + index) for index in range(len(_ROWS))]


def test_numbers_are_found_that_the_file_draws_with_their_lines() -> None:
    lines = []
    for index, row in enumerate(_ROWS):
        number, rest = _line(f"{index + 1} ", 40, 80 + 24 * index), _line(row, 90, 80 + 24 * index)
        lines.append(Line((40, *rest.box[1:]), number.spans + rest.spans))
    text, numbers, _ = parted(lines, _WIDTH)
    assert _said(text) == list(_ROWS) and len(numbers) == len(_ROWS)
    assert min(line.box[0] for line in text) == 90


def test_a_numbered_table_and_a_numbered_list_keep_their_numbers() -> None:
    names = ("Arden Mill", "Brook Mill", "Cobble Mill", "Dale Mill", "Elm Mill", "Ford Mill")
    cells = [_line(f"{3 + index} wheels", 300, 80 + 24 * index) for index in range(len(names))]
    for lines in (_numbered(names), _numbered(names) + cells):
        assert parted(lines, _WIDTH)[0] == lines


def test_years_that_jump_are_no_line_numbers() -> None:
    lines = _numbered(_ROWS)
    for index, year in enumerate((1801, 1803, 1804, 1809, 1811, 1812, 1820)):
        lines[2 * index] = _line(str(year), 40, 80 + 24 * index)
    assert parted(lines, _WIDTH)[0] == lines


def test_a_bill_reads_on_without_its_numbers_and_keeps_struck_words(tmp_path: Path) -> None:
    page = pymupdf.open().new_page(width=_WIDTH, height=842)
    for index, row in enumerate(_ROWS):
        page.insert_text((50, 100 + 24 * index), str(index + 1), fontname="cour", fontsize=9)
        page.insert_text((90, 100 + 24 * index), row, fontname="cour", fontsize=9)
    width = 9 * 0.6
    start = 90 + width * _ROWS[1].index("every")
    page.draw_line((start, 121.5), (start + 5 * width, 121.5), width=0.6)
    path = tmp_path / "bill.pdf"
    page.parent.save(path)
    written = convert(path).to_markdown()
    assert "which may add what it knows of mills that were closed before" in written
    assert "~~every~~" in written and "`" not in written and "|" not in written
    assert not any(word.isdigit() for word in written.split())


def test_a_watermark_is_no_heading(tmp_path: Path) -> None:
    page = pymupdf.open().new_page(width=_WIDTH, height=842)
    page.insert_textbox((60, 60, 535, 400), " ".join(_ROWS) * 2, fontsize=10)
    turn = pymupdf.Matrix(45)
    page.insert_text(
        (150, 500), "SPECIMEN", fontsize=70, color=(0.8, 0.8, 0.8), morph=(pymupdf.Point(150, 500), turn)
    )
    path = tmp_path / "marked.pdf"
    page.parent.save(path)
    document = convert(path)
    assert "SPECIMEN" not in document.to_markdown()
    assert "SPECIMEN" in [block.text for block in document.blocks() if block.kind == "header"]


def test_pale_type_across_others_is_a_watermark_and_a_large_heading_is_none() -> None:
    rows = [_line(row, 60, 100 + 14 * index) for index, row in enumerate(_ROWS)]
    mark, heading = _line("COPY", 100, 105, 60.0), _line("Mills", 60, 40, 30.0)
    for line in (mark, heading):
        line.spans[0].color = 0xD0D0D0
    text, _, marks = parted([*rows, mark, heading], _WIDTH)
    assert marks == [mark] and heading in text
    mark.spans[0].color = 0
    assert not parted([*rows, mark], _WIDTH)[2]


def test_a_stamp_up_the_margin_is_beside_the_text() -> None:
    box = (20.0, 200.0, 32.0, 500.0)
    stamp = Line(box, [Span("Archive:2101.0001v1 3 Jan 2021", box, 12.0)], (0.0, -1.0))
    rows = [_line(row, 60, 100 + 14 * index) for index, row in enumerate(_ROWS)]
    assert parted([*rows, stamp], _WIDTH)[2] == [stamp]
    label = _line("Depth", 15, 300)
    assert not parted([*rows, stamp, label], _WIDTH)[2]


def test_contents_are_a_list_without_dots_whose_numbers_stand_in_a_region_of_their_own() -> None:
    titles = (
        "1 The river . . . . . . .",
        "1.1 Its mills . . . . . .",
        "1.2 Its towns ......",
        "2 The sea . . . . . ",
    )
    left = [_line(title, 60 + 20 * (title[1] == "."), 100 + 14 * row) for row, title in enumerate(titles)]
    right = [_line(page, 500, 100 + 14 * row) for row, page in enumerate(("ix", "3", "12", "40"))]
    regions = [Region.around("table", left), Region.around("paragraph", right)]
    (found,) = find_contents(regions)
    assert regions == [found]
    items = entries(visual_lines(found.lines))
    assert [item.text for item in items] == [
        "1 The river ix",
        "1.1 Its mills 3",
        "1.2 Its towns 12",
        "2 The sea 40",
    ]


def test_chapters_in_bold_type_are_plain_entries() -> None:
    rows = [
        _line(f"{number} The river . . . . . {page}", 60, 100 + 14 * number)
        for number, page in ((1, 3), (2, 9))
    ]
    for row in rows:
        row.spans[0].bold = True
    assert [item.text for item in entries(rows)] == ["1 The river 3", "2 The river 9"]


def test_a_menu_with_dots_is_no_table_of_contents() -> None:
    dishes = (
        "Soup . . . . . 8",
        "Fish . . . . . 21",
        "Bread . . . . . 3",
        "Tea . . . . . 2",
        "Cake . . . . 5",
    )
    rows = [_line(dish, 60, 100 + 14 * row) for row, dish in enumerate(dishes)]
    assert not find_contents([Region.around("paragraph", rows)])


def test_a_typed_letter_is_no_code_and_a_program_is() -> None:
    letter = Region.around(
        "paragraph", [_line(row, 60, 100 + 14 * i, mono=True) for i, row in enumerate(_ROWS)]
    )
    program = Region.around("paragraph", [_line("for (i = 0; i < n; i++) {", 60, 400, mono=True)])
    as_prose([letter, program])
    assert not any(span.mono for line in letter.lines for span in line.spans)
    assert all(span.mono for line in program.lines for span in line.spans)
