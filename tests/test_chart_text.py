"""The text of charts by OCR, on pictures drawn here whose labels are known; read by the real models."""

from __future__ import annotations

import numpy as np
import pymupdf
import pytest

from docvlm.anchors import Anchor
from docvlm.charts.labels import labels_of
from docvlm.charts.text import read_text
from docvlm.charts.tick_labels import missed, without_tick_marks
from docvlm.ocr import engine as ocr
from docvlm.ocr.lines import Character, Reading

ZOOM = 1.5


class Sheet:
    """A white page to draw a chart's parts on, in points."""

    def __init__(self, width: float = 440, height: float = 300) -> None:
        self.document = pymupdf.open()
        self.page = self.document.new_page(width=width, height=height)

    def text(self, text: str, x: float, y: float, size: float = 9, turned: float = 0) -> None:
        """Helvetica from (x, y), turned clockwise by degrees."""
        matrix = pymupdf.Matrix(1, 1).prerotate(-turned)
        self.page.insert_text((x, y), text, fontsize=size, morph=(pymupdf.Point(x, y), matrix))

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.page.draw_line((x0, y0), (x1, y1), width=0.8)

    def image(self) -> np.ndarray:
        """(H, W, 3) RGB at `ZOOM` pixels per point."""
        pixmap = self.page.get_pixmap(matrix=pymupdf.Matrix(ZOOM, ZOOM))
        return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, pixmap.n)[..., :3].copy()

    def read(self) -> dict[str, Anchor]:
        return {anchor.text: anchor for anchor in read_text(self.image())[1]}


def test_years_along_an_axis_are_labels_of_their_own() -> None:
    sheet = Sheet()
    years = [str(2004 + n) for n in range(12)]
    for n, year in enumerate(years):
        sheet.text(year, 40 + 29 * n, 250)
    sheet.text("Exports of goods and services", 40, 40, 13)
    found = sheet.read()
    assert found.keys() == {*years, "Exports of goods and services"}
    for n, year in enumerate(years):
        assert found[year].box[0] == pytest.approx(ZOOM * (40 + 29 * n), abs=2)


@pytest.mark.parametrize("degrees", [-60, -45, -30, 40])
def test_slanted_labels_are_read_along_their_slope(degrees: float) -> None:
    names = ["Ireland", "Portugal", "Denmark", "Hungary", "Belgium"]
    sheet = Sheet()
    for n, name in enumerate(names):
        sheet.text(name, 50 + 70 * n, 120, 10, degrees)
    found = sheet.read()
    assert found.keys() == set(names)
    x0, y0, x1, y1 = found["Portugal"].box
    # Upright around the whole of the slanted word.
    assert (y0 < ZOOM * 112) == (degrees < 0) and (y1 > ZOOM * 128) == (degrees > 0)
    assert y1 - y0 > 0.4 * (x1 - x0)


@pytest.mark.parametrize("turned", [-90, 90])
def test_text_up_and_down_the_side_is_read(turned: float) -> None:
    sheet = Sheet()
    sheet.text("Rainfall (mm)", 40, 150, 11, turned)
    assert sheet.read().keys() == {"Rainfall (mm)"}


def test_words_up_the_side_are_one_title() -> None:
    sheet = Sheet()
    sheet.text("Units   sold   [millions]", 40, 230, 11, -90)
    (title,) = sheet.read().values()
    assert title.text.replace(" ", "") == "Unitssold[millions]"
    assert title.box[3] - title.box[1] > ZOOM * 100


def test_words_a_space_apart_stay_a_title_however_even() -> None:
    sheet = Sheet()
    sheet.text("Trade  volume  seems  falling", 60, 60, 14)
    assert len(sheet.read()) == 1


def test_marks_in_the_plot_are_no_labels() -> None:
    sheet = Sheet()
    for n, value in enumerate([40, 90, 60, 120, 80]):
        x, y = 90 + 60 * n, 220 - value
        sheet.page.draw_circle((x, y), 4, width=1)
        sheet.line(x, y + 26, x, y + 34)
        sheet.line(x - 4, y + 30, x + 4, y + 30)
    names = ["Ireland", "Portugal", "Denmark", "Hungary", "Belgium"]
    for n, name in enumerate(names):
        sheet.text(name, 72 + 60 * n, 250)
    assert sheet.read().keys() == set(names)


def test_short_labels_up_the_axis_are_read() -> None:
    sheet = Sheet()
    years = [str(2004 + n) for n in range(8)]
    for n, year in enumerate(years):
        sheet.text(year, 50 + 40 * n, 250, 7, -90)
    sheet.text("8", 50, 60, 24)
    assert sheet.read().keys() == {*years, "8"}


def test_tick_marks_are_no_part_of_their_labels() -> None:
    sheet = Sheet()
    for n, text in enumerate(["-200", "0", "200", "400"]):
        y = 240 - 50 * n
        width = pymupdf.get_text_length(text, fontsize=9)
        sheet.text(text, 60 - width, y + 3)
        sheet.line(65, y, 70, y)
    sheet.line(70, 60, 70, 260)
    found = sheet.read()
    assert found.keys() == {"-200", "0", "200", "400"}
    assert all(anchor.box[2] == pytest.approx(ZOOM * 60, abs=3) for anchor in found.values())


def test_a_lone_zero_at_the_foot_of_an_axis_is_looked_for() -> None:
    sheet = Sheet()
    for n in range(4):
        text = str(100 * n)
        sheet.text(text, 60 - pymupdf.get_text_length(text, fontsize=7), 240 - 50 * n + 2.5, 7)
    image = sheet.image()
    _, anchors, _ = read_text(image)
    known = [anchor for anchor in anchors if anchor.text != "0"]
    assert {anchor.text for anchor in known} == {"100", "200", "300"}
    (zero,) = missed(image, known, ocr.engine(1).recognize)
    assert zero.text == "0"
    assert zero.box == pytest.approx([84, 356, 90, 364], abs=2)


def test_what_stands_in_a_missing_ticks_place_must_be_a_number_that_fits() -> None:
    sheet = Sheet()
    for n, text in enumerate(["7", "100", "200", "300", "mm"]):
        sheet.text(text, 60 - pymupdf.get_text_length(text, fontsize=9), 240 - 50 * n + 3)
    image = sheet.image()
    known = [anchor for anchor in read_text(image)[1] if anchor.text in ("100", "200", "300")]
    assert len(known) == 3
    assert missed(image, known, ocr.engine(1).recognize) == []


def _column(texts: list[str]) -> list[Anchor]:
    return [
        Anchor(text, (10.0, 40.0 * n, 10.0 + 8 * len(text), 40.0 * n + 10)) for n, text in enumerate(texts)
    ]


def test_signs_that_nought_has_too_are_tick_marks() -> None:
    found = without_tick_marks(_column(["-4,000", "- 2,000", "-0"]))
    assert [a.text for a in found] == ["4,000", "2,000", "0"]
    assert found[2].box == (18.0, 80.0, 26.0, 90.0)


def test_signs_of_numbers_that_grow_downwards_are_tick_marks_and_those_below_nought_stay() -> None:
    assert [a.text for a in without_tick_marks(_column(["-8", "-6", "-4"]))] == ["8", "6", "4"]
    below = _column(["0", "-2", "-4", "-6"])
    assert without_tick_marks(below) == below


def _reading(text: str, columns: list[float], width: int) -> Reading:
    return Reading([Character(c, x / width, 0.99) for c, x in zip(text, columns, strict=True)])


def _crop(width: int, inked: list[tuple[int, int]]) -> np.ndarray:
    """A crop of 20 rows with ink 10 rows high between the columns given."""
    crop = np.full((20, width, 3), 255, np.uint8)
    for start, end in inked:
        crop[5:15, start:end] = 0
    return crop


def test_words_of_a_sentence_stay_together() -> None:
    crop = _crop(120, [(5, 12), (14, 21), (27, 34), (36, 43), (45, 52), (58, 65), (67, 74)])
    reading = _reading("at the to", [8, 17, 24, 30, 39, 48, 55, 61, 70], 120)
    assert [text for text, _ in labels_of(reading, crop)] == ["at the to"]


def test_a_number_with_spaced_thousands_stays_together() -> None:
    crop = _crop(60, [(5, 11), (16, 22), (23, 29), (30, 36)])
    reading = _reading("2 500", [8, 14, 19, 26, 33], 60)
    assert [text for text, _ in labels_of(reading, crop)] == ["2 500"]


def test_two_numbers_side_by_side_are_two() -> None:
    crop = _crop(90, [(5, 11), (12, 18), (26, 32), (33, 39)])
    reading = _reading("17 18", [8, 15, 22, 29, 36], 90)
    assert labels_of(reading, crop) == [("17", (5.0, 5.0, 18.0, 15.0)), ("18", (26.0, 5.0, 39.0, 15.0))]


def test_labels_that_differ_in_digits_only_are_parted_without_spaces() -> None:
    glyphs = [(5 + 6 * n + 6 * (n // 4), 10 + 6 * n + 6 * (n // 4)) for n in range(12)]
    reading = _reading("201020112012", [start + 2.5 for start, _ in glyphs], 100)
    assert [text for text, _ in labels_of(reading, _crop(100, glyphs))] == ["2010", "2011", "2012"]


def test_a_percent_sign_is_one_sign() -> None:
    crop = _crop(60, [(5, 11), (13, 19), (21, 33)])
    assert [text for text, _ in labels_of(_reading("12%6", [8, 16, 24, 30], 60), crop)] == ["12%"]


def test_digits_of_a_year_stay_together_whatever_their_gaps() -> None:
    crop = _crop(60, [(5, 11), (12, 18), (24, 27), (29, 35)])
    assert [text for text, _ in labels_of(_reading("2010", [8, 15, 25, 32], 60), crop)] == ["2010"]


def test_a_line_with_a_mark_on_it_is_a_key() -> None:
    crop = _crop(90, [(5, 11), (13, 19), (21, 27), (34, 40), (42, 48)])
    assert labels_of(_reading("-0- up", [8, 16, 24, 30, 37, 45], 90), crop) == [
        ("up", (34.0, 5.0, 48.0, 15.0))
    ]


def test_a_legends_key_is_cut_off_and_a_minus_stays() -> None:
    crop = _crop(90, [(5, 20), (26, 32), (34, 40)])
    assert labels_of(_reading("—up", [12, 29, 37], 90), crop) == [("up", (26.0, 5.0, 40.0, 15.0))]
    crop = _crop(90, [(5, 11), (13, 19), (21, 27)])
    assert labels_of(_reading("-40", [8, 16, 24], 90), crop) == [("-40", (5.0, 5.0, 27.0, 15.0))]


def test_a_key_between_two_names_parts_them() -> None:
    crop = _crop(100, [(5, 11), (13, 19), (46, 52), (54, 60)])
    crop[5:15, 26:38] = (40, 95, 190)
    reading = _reading("upto", [8, 16, 49, 57], 100)
    assert [text for text, _ in labels_of(reading, crop)] == ["up", "to"]


@pytest.mark.parametrize("turned", [False, True])
def test_digits_that_stand_alone_along_an_axis_are_read(turned: bool) -> None:
    numbers = [0, 2, 4, 6, 8] if turned else [1, 2, 3, 4, 5, 6, 7, 8]
    sheet = Sheet()
    for place, number in enumerate(numbers):
        if turned:
            sheet.text(str(number), 40, 260 - 45 * place, turned=-90)
        else:
            sheet.text(str(number), 40 + 45 * place, 260)
            sheet.line(42.5 + 45 * place, 244, 42.5 + 45 * place, 250)
    assert sorted(anchor.text for anchor in read_text(sheet.image())[1]) == [str(n) for n in numbers]


def test_marks_in_a_row_are_no_digits() -> None:
    sheet = Sheet()
    for place in range(8):
        sheet.page.draw_circle((40 + 45 * place, 260), 3.2, width=0.8)
    assert read_text(sheet.image())[1] == []
