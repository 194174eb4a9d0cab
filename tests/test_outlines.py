"""Letters as they are drawn are told apart from those that they are said to be, in any script."""

from __future__ import annotations

import random

import pymupdf
import pytest

from docvlm import outlines
from docvlm.text_layer import read_text

TEXTS = {
    "latin": "Sphinx of black quartz judge my vow",
    "cyrillic": "Съешь ещё этих мягких французских булок",
    "greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "japanese": "春夏秋冬東西南北すべての人間は生まれながら",
}


def _shapes(text: str, said: dict[str, str] | None = None) -> outlines.Shapes | None:
    """How a line of text compares that is said to be of other letters."""
    font = pymupdf.Font("cjk" if max(text) > "\u3000" else "helv")
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        writer.append((40, 100), text, font, 12)
        writer.write_text(page)
        lines = read_text(page).lines
        (rows,) = outlines.glyphs_of(
            page, lines, {span.font for line in lines for span in line.spans}
        ).values()
        chosen = [
            [glyph._replace(letter=(said or {}).get(glyph.letter, glyph.letter)) for glyph in row]
            for row in outlines.richest(rows)
        ]
        return outlines.compared(page, page.get_displaylist(), chosen)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_letters_rank_first_where_they_are_what_they_are_said_to_be(text: str) -> None:
    right = _shapes(text)
    assert right is not None and right.rank > 0.95 and right.above_chance > 5
    letters = sorted({letter for letter in text if letter.isalpha()})
    for seed in range(5):
        wrong = _shapes(text, dict(zip(letters, random.Random(seed).sample(letters, len(letters)))))
        assert wrong is not None and wrong.rank < 0.75 and wrong.above_chance < 4


def test_few_letters_say_nothing() -> None:
    assert _shapes("mama mama") is None


def test_small_capitals_are_their_small_letters() -> None:
    text = "SPHINX OF BLACK QUARTZ JUDGE MY VOW"
    seen = _shapes(text, {letter: letter.lower() for letter in text})
    assert seen is not None and seen.rank > 0.9


def test_codes_that_mupdf_has_no_letter_for_are_left_out() -> None:
    text = TEXTS["latin"]
    assert _shapes(text, dict.fromkeys(text, "\U0001e900")) is None
