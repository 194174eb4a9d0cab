"""What a page gives depends on the page, the options and the version alone: not on its neighbours, nor on other threads."""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymupdf
import pytest
from conftest import ROOT

import docvlm

# The first page of each: text that is trusted and text that is not, a table, a page on its side, a scan.
_PAGES = 6  # of a plain file
_MIXED = ("norules", "wrong-text", "invoice", "sideways", "scan-invoice", "slides")


@pytest.fixture(scope="module")
def mixed() -> bytes:
    """Pages of many kinds in one file, of which the third has lost a part of its content."""
    file = pymupdf.open()
    for name in _MIXED:
        with pymupdf.open(ROOT / "samples" / f"{name}.pdf") as sample:
            file.insert_pdf(sample, to_page=0)
    xref = file[2].get_contents()[0]
    raw = file.xref_stream_raw(xref)
    file.update_stream(xref, raw[: len(raw) * 2 // 3], compress=False)
    file.xref_set_key(xref, "Filter", "/FlateDecode")
    data: bytes = file.tobytes()
    return data


@pytest.fixture(scope="module")
def whole(mixed: bytes) -> docvlm.Document:
    return docvlm.convert(mixed)


@pytest.mark.parametrize("pages", ["2,4", "3-", "6"])
def test_pages_alone_are_what_they_are_in_the_whole_document(
    mixed: bytes, whole: docvlm.Document, pages: str
) -> None:
    some = docvlm.convert(mixed, pages=pages)
    chosen = {page.number for page in some.pages}
    assert _known(some) == {number: page for number, page in _known(whole).items() if number in chosen}


def _known(document: docvlm.Document) -> dict[int, dict[str, Any]]:
    """Its pages, without what the type of all pages that were read tells: which type is a heading's, and how deep."""
    left_out = {"blocks": {"__all__": {"kind", "level"}}}
    return {page.number: page.model_dump(exclude=left_out) for page in document.pages}


def test_two_threads_give_the_same_bytes_as_one() -> None:
    """MuPDF's warnings are those of the whole process: no page may get, or lose, what is said of another thread's."""
    damaged, sound = _plain(is_whole=False), _plain(is_whole=True)

    def read(data: bytes) -> str:
        return docvlm.convert(data, reader="text").model_dump_json()

    alone = [read(data) for data in (damaged, sound)]
    assert alone[0].count("incorrect data check") == _PAGES and "incorrect data check" not in alone[1]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(read, [damaged, sound] * 2)) == alone * 2


def _plain(is_whole: bool) -> bytes:
    """Pages of text, all of them damaged as only MuPDF says: the checksums of their contents are wrong."""
    file = pymupdf.open()
    for number in range(_PAGES):
        page = file.new_page(width=300, height=200)
        page.insert_textbox((20, 20, 280, 180), f"Page {number} tells of the harbour. " * 9)
        page.clean_contents()
        xref = page.get_contents()[0]
        raw = zlib.compress(file.xref_stream(xref))
        file.update_stream(xref, raw if is_whole else raw[:-4] + bytes(4), compress=False)
        file.xref_set_key(xref, "Filter", "/FlateDecode")
    data: bytes = file.tobytes()
    return data
