"""What a file says of itself is kept where its text confirms it."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

import docvlm
from docvlm import Converter
from docvlm.file_knowledge import printed_title, written_language

_PROSE = (
    "The river rose by night and fell by day, and the keepers of the weir wrote down",
    "each of its heights in a book that is now in the archive of the town, where any",
    "reader may see it on a weekday between nine and five.",
)


def _document(
    tmp_path: Path, outline: list[list[object]], metadata: dict[str, str] | None = None
) -> docvlm.Document:
    """Two pages of prose below lines of the same type, which only the outline knows for headings."""
    document = pymupdf.open()
    for lines in (("The keepers", "Their book"), ("The weir",)):
        page = document.new_page()
        y = 90.0
        for line in lines:
            page.insert_text((72, y), line, fontsize=11)
            for index, prose in enumerate(_PROSE):
                page.insert_text((72, y + 34 + 14 * index), prose, fontsize=11)
            y += 130
    document.set_toc(outline)
    document.set_metadata(metadata or {})
    document.save(tmp_path / "book.pdf")
    return docvlm.convert(tmp_path / "book.pdf")


def test_the_outline_names_headings_and_their_levels(tmp_path: Path) -> None:
    found = _document(tmp_path, [[1, "The keepers", 1], [2, "Their book", 1], [1, "The Weir", 2]])
    headings = [(block.text, block.level) for block in found.blocks() if block.kind == "heading"]
    assert headings == [("The keepers", 1), ("Their book", 2), ("The weir", 1)]
    assert [(entry.level, entry.title, entry.page) for entry in found.outline or []] == [
        (1, "The keepers", 1),
        (2, "Their book", 1),
        (1, "The Weir", 2),
    ]
    named = next(block for block in found.blocks() if block.text == "Their book")
    assert any(check.name == "outline" and check.passed for check in named.confidence.checks)


def test_an_outline_of_another_document_is_not_believed(tmp_path: Path) -> None:
    strange = [[1, "The keepers", 1], [1, "Slide 2", 1], [1, "Slide 3", 2], [1, "Slide 4", 2]]
    found = _document(tmp_path, strange)
    assert not any(check.name == "outline" for block in found.blocks() for check in block.confidence.checks)


def test_a_title_is_believed_where_it_is_printed(tmp_path: Path) -> None:
    found = _document(tmp_path, [], {"title": "The Keepers", "author": "Microsoft Word"})
    assert found.title == "The Keepers" and found.author is None
    assert "<title>The Keepers</title>" in found.to_html()


@pytest.mark.parametrize(
    ("language", "text", "known"),
    [
        ("en-GB", "The river rose", "en-GB"),
        ("en-US", "Река поднялась ночью", None),
        ("ru", "Река поднялась ночью", "ru"),
        ("ja", "川は夜に増水した", "ja"),
        ("en", "123 456", None),
    ],
)
def test_a_language_is_believed_where_its_script_is_written(
    language: str, text: str, known: str | None
) -> None:
    assert written_language(language, text) == known


def test_titles_without_words_say_nothing() -> None:
    assert printed_title("", "any text") is None and printed_title("-", "any - text") is None


def test_a_form_for_one_reader_says_so(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 90), "Please wait... If this message is not replaced, your viewer cannot show it.")
    xfa = document.get_new_xref()
    document.update_object(xfa, "<< >>")
    document.update_stream(xfa, b"<template/>")
    form = document.get_new_xref()
    document.update_object(form, f"<< /Fields [] /XFA [(template) {xfa} 0 R] >>")
    document.xref_set_key(document.pdf_catalog(), "AcroForm", f"{form} 0 R")
    document.xref_set_key(document.pdf_catalog(), "NeedsRendering", "true")
    document.save(tmp_path / "form.pdf")
    report = Converter(workers=1).to_folder([tmp_path / "form.pdf"], tmp_path / "out", ["markdown"])
    assert any("XFA" in note for note in report.results[0].notes)
    assert (tmp_path / "out" / "form.md").read_text().startswith("*this file is an XFA form")
