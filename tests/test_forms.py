"""Fields of forms: their values stand by their labels, in the text and in the JSON."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

import docvlm
from docvlm.annotations.forms import fill_in
from docvlm.schema import FieldType, FormField
from docvlm.spans import Line, Span


def _field(
    page: pymupdf.Page,
    kind: int,
    name: str,
    rect: tuple[float, ...],
    value: object,
    choices: list[str] | None = None,
) -> None:
    widget = pymupdf.Widget()
    widget.field_type, widget.field_name, widget.rect = kind, name, pymupdf.Rect(rect)
    if choices:
        widget.choice_values = choices
    widget.field_value = value
    page.add_widget(widget)


def _form(tmp_path: Path, rotation: int = 0) -> docvlm.Document:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 70), "Application for a library card", fontsize=18)
    page.insert_text(
        (60, 95), "Please fill in all of the fields and bring the form to any of our branches.", fontsize=10
    )
    for index, (label, value) in enumerate(
        (("First name", "Grace"), ("Last name", "Hopper"), ("Town", "Arlington"))
    ):
        page.insert_text((60, 130 + 26 * index), f"{label}:", fontsize=10)
        _field(
            page, pymupdf.PDF_WIDGET_TYPE_TEXT, label, (170, 118 + 26 * index, 380, 134 + 26 * index), value
        )
    for index, (label, chosen) in enumerate((("Send me the programme", True), ("I need large print", False))):
        _field(
            page,
            pymupdf.PDF_WIDGET_TYPE_CHECKBOX,
            label,
            (60, 211 + 22 * index, 71, 222 + 22 * index),
            chosen,
        )
        page.insert_text((80, 220 + 22 * index), label, fontsize=10)
    page.insert_text((60, 272), "Branch", fontsize=10)
    _field(
        page,
        pymupdf.PDF_WIDGET_TYPE_COMBOBOX,
        "branch",
        (170, 260, 300, 276),
        "North",
        ["South", "North", "West"],
    )
    page.insert_text((60, 310), "Street and number", fontsize=8)
    _field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, "street", (58, 313, 300, 330), "12 Mill Lane")
    page.insert_text((320, 310), "Telephone", fontsize=8)
    _field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, "phone", (318, 313, 480, 330), "")
    page.set_rotation(rotation)
    document.save(tmp_path / "form.pdf")
    return docvlm.convert(tmp_path / "form.pdf")


@pytest.mark.parametrize("rotation", [0, 90])
def test_values_stand_by_their_labels(tmp_path: Path, rotation: int) -> None:
    lines = _form(tmp_path, rotation).to_markdown().splitlines()
    for line in (
        "First name: Grace",
        "Last name: Hopper",
        "Town: Arlington",
        "- [x] Send me the programme",
        "- [ ] I need large print",
        "Branch North",
        "Street and number 12 Mill Lane",
        "Telephone",
    ):
        assert line in lines
    assert not any("|" in line or line in ("3", "4", "8") for line in lines)


def test_the_document_has_its_fields(tmp_path: Path) -> None:
    document = docvlm.Document.from_json(_form(tmp_path).to_json())
    fields = {field.name: field for field in document.fields or []}
    assert fields["First name"].value == "Grace" and fields["First name"].label == "First name"
    assert fields["Send me the programme"].checked is True and fields["I need large print"].checked is False
    assert fields["branch"].type == "choice" and fields["branch"].options == ["South", "North", "West"]
    assert fields["branch"].value == "North" and fields["branch"].label == "Branch"
    assert fields["street"].label == "Street and number" and fields["phone"].label == "Telephone"
    assert fields["phone"].value is None
    assert document.pages[0].fields == document.fields


def test_a_page_without_fields_has_none(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((60, 70), "A line of text on a page that has no form.")
    document.save(tmp_path / "text.pdf")
    found = docvlm.convert(tmp_path / "text.pdf")
    assert found.fields is None and found.pages[0].fields is None


def _line(text: str, x0: float, y0: float) -> Line:
    box = (x0, y0, x0 + 5 * len(text), y0 + 10)
    return Line(box, [Span(text, box, 10.0, baseline=y0 + 8)])


def _tick(name: str, x0: float, checked: bool, kind: FieldType = "radio") -> FormField:
    return FormField(name=name, type=kind, checked=checked, page=1, box=(x0, 100, x0 + 9, 109))


def test_ticks_in_one_row_have_the_label_behind_them() -> None:
    fields = [_tick("a", 50, False), _tick("b", 100, True)]
    filled = fill_in([_line("   Male      Female", 50, 99)], fields)
    assert [line.text for line in filled.ticks] == ["[ ] Male ", "[x] Female"]
    assert [field.label for field in fields] == ["Male", "Female"]


def test_ticks_may_stand_behind_their_labels() -> None:
    fields = [_tick("a", 72, False), _tick("b", 140, True)]
    filled = fill_in([_line("Yes", 55, 99), _line("No", 127, 99)], fields)
    assert [line.text for line in filled.lines] == ["Yes [ ]", "No [x]"]


def test_a_tick_without_a_label_stands_for_itself() -> None:
    filled = fill_in([_line("3", 52, 99)], [_tick("a", 50, True, "checkbox")])
    assert [line.text for line in filled.lines] == ["[x] "]


def test_one_word_before_each_box_labels_it_whatever_stands_behind() -> None:
    fields = [_tick("a", 72, False), _tick("b", 180, True)]
    words = [
        _line("Yes", 55, 99),
        _line("see below", 90, 99),
        _line("No", 168, 99),
        _line("(go to 9)", 195, 99),
    ]
    filled = fill_in(words, fields)
    assert [line.text for line in filled.lines] == ["Yes [ ]", "see below", "No [x]", "(go to 9)"]
    assert [field.label for field in fields] == ["Yes", "No"]


def test_a_question_before_the_boxes_is_no_label() -> None:
    fields = [_tick("a", 85, False), _tick("b", 140, True)]
    filled = fill_in([_line("Smoker?", 45, 99), _line("yes", 97, 99), _line("no", 152, 99)], fields)
    assert [line.text for line in filled.lines] == ["Smoker?", "[ ] yes", "[x] no"]


def test_ticks_stand_in_the_cells_of_a_table(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    rows = (
        ("Day", "Open", "Staffed", "Visitors"),
        ("Monday", "x", "", "120"),
        ("Tuesday", "x", "x", "95"),
        ("Friday", "", "x", "210"),
    )
    for row, cells in enumerate(rows):
        y = 110 + 24 * row
        for column, text in enumerate(cells):
            x = 90 + 100 * column
            if row == 0 or column in (0, 3):
                page.insert_text((x, y), text, fontsize=11)
            else:
                _field(
                    page,
                    pymupdf.PDF_WIDGET_TYPE_CHECKBOX,
                    f"{row}{column}",
                    (x, y - 10, x + 11, y + 1),
                    bool(text),
                )
        page.draw_line((80, y - 16), (490, y - 16))
    page.draw_line((80, 190), (490, 190))
    for x in (80, 180, 280, 380, 490):
        page.draw_line((x, 94), (x, 190))
    document.save(tmp_path / "table.pdf")
    markdown = docvlm.convert(tmp_path / "table.pdf").to_markdown()
    assert "| Monday | [x] | [ ] | 120 |" in markdown
    assert "| Friday | [ ] | [x] | 210 |" in markdown
