"""Characters without Unicode are read from their pixels, or stay unknown."""

from __future__ import annotations

import re

import pymupdf
import pytest
from languages import font_file, needs_fonts

import docvlm
from benchmarks.text_layer_damage import remapped
from docvlm import letter_forms
from docvlm.text_layer import read_text

TEXT = "The quartz of black judges made a significant vow of jewels"
OTHER = "Sphinx of the black quartz, judge my vow in the evening"


def _page(text: str, lost: str, font: pymupdf.Font | None = None) -> bytes:
    """A line of text whose character map calls the letter ``lost`` something of its own."""
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        writer.append((60, 100), text, font or pymupdf.Font("tiro"), 11)
        writer.append((60, 130), OTHER, pymupdf.Font("helv"), 11)
        writer.write_text(page)
        return remapped(document.tobytes(), lambda used: {lost: "\ue123"})


def test_a_ligature_in_a_word_is_what_ocr_reads_there() -> None:
    data = _page(TEXT.replace("signifi", "signi\ufb01"), "\ufb01")
    with pymupdf.open(stream=data) as document:
        assert "signi\ue123cant" in document[0].get_text()
    (page,) = docvlm.convert(data).pages
    assert "significant" in page.blocks[0].text


@pytest.mark.parametrize("sign", ["β", "∞", "±"])
def test_a_sign_by_itself_is_the_one_that_it_looks_like(sign: str) -> None:
    data = _page(TEXT.replace(" of black", f" {sign} black"), sign)
    with pymupdf.open(stream=data) as document:
        assert " \ue123 black" in document[0].get_text()
    (page,) = docvlm.convert(data).pages
    assert f"{sign} black" in page.blocks[0].text


def test_what_looks_like_no_sign_stays_as_it_is() -> None:
    (page,) = docvlm.convert(_page(TEXT.replace(" of black", " § black"), "§")).pages
    assert "\ue123 black" in page.blocks[0].text


@needs_fonts("ta")
@pytest.mark.parametrize(("lost", "is_found"), [("ி", True), ("த", False), ("+", False)])
def test_a_form_of_a_letter_is_what_its_outline_looks_like(lost: str, is_found: bool) -> None:
    """One letter looks much like another of its script, and a plus like none of it: these stay."""
    font = pymupdf.Font(fontfile=str(font_file("Noto Sans Tamil")))
    text = "பிறவியினர் சகலரும் + சுதந்திரமாகவே"
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        writer.append((60, 100), text, font, 11)
        writer.append((60, 130), OTHER, pymupdf.Font("helv"), 11)
        writer.write_text(page)
        stored = remapped(document.tobytes(), lambda used: {lost: "\ufffd"})
    with pymupdf.open(stream=stored) as document:
        lines = read_text(document[0]).lines
        assert any("\ufffd" in line.text for line in lines)
        letter_forms.repair(document[0], lines)
    said = " ".join(line.text for line in lines)
    assert (text in said) is is_found
    assert ("\ufffd" in said) is not is_found


@pytest.mark.parametrize(("letter", "is_leader"), [(".", True), ("m", False)])
def test_a_short_row_of_one_unknown_character_is_a_leader_if_it_is_no_higher_than_dots(
    letter: str, is_leader: bool
) -> None:
    data = _page(
        f"Deposits of earnings {letter * 6} 830 black quartz vows, which were six of the year before", letter
    )
    (page,) = docvlm.convert(data).pages
    assert ("earnings 830" in page.blocks[0].text) == is_leader
    assert is_leader or re.search("earnings (m{6}|\ue123{6}) 830", page.blocks[0].text)
