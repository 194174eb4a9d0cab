"""Words with wide-set letters are words; letters that stand alone stay so."""

from __future__ import annotations

import pymupdf
import pytest

import docvlm

TEXT = "The quartz of black judges made a significant vow of jewels, and more of it is said here."


def _spaced(words: str, apart: float, space: float, size: float = 11.0) -> bytes:
    """A page whose second line has letters ``apart`` ems from each other and words ``space`` ems more."""
    with pymupdf.open() as document:
        page = document.new_page()
        font, x = pymupdf.Font("helv"), 60.0
        writer = pymupdf.TextWriter(page.rect)
        writer.append((60, 100), TEXT, font, 11)
        for letter in words:
            if letter != " ":
                writer.append((x, 130), letter, font, size)
                x += font.text_length(letter, size) + apart * size
            else:
                x += space * size
        writer.append((60, 160), TEXT, font, 11)
        writer.write_text(page)
        return bytes(document.tobytes())


@pytest.mark.parametrize(("apart", "space"), [(0.2, 0.3), (0.4, 0.5)])
def test_wide_set_words_are_whole(apart: float, space: float) -> None:
    data = _spaced("brazilian journal of letters", apart, space)
    with pymupdf.open(stream=data) as document:
        assert "b r a z" in document[0].get_text()
    text = " ".join(block.text for block in docvlm.convert(data).pages[0].blocks)
    assert "brazilian journal of letters" in text


def test_letters_of_columns_stay_apart() -> None:
    text = " ".join(block.text for block in docvlm.convert(_spaced("ABCDEF", 2.0, 0)).pages[0].blocks)
    assert "AB" not in text


def test_letters_with_typed_spaces_stay_apart() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((60, 100), TEXT)
        page.insert_text((60, 130), "a b c d e f and so on to the end of the alphabet")
        text = " ".join(block.text for block in docvlm.convert(document.tobytes()).pages[0].blocks)
    assert "a b c d e f and" in text
