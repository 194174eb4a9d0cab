"""Which piece of marked content (ISO 32000-1, 14.6) each letter and each drawing of a page belongs to.

MuPDF tells which structure element a letter is of, but what stands outside of any, it gives to the one before: a running
head then belongs to the last paragraph. So the page is run once more with its marks written as layers, whose names MuPDF
gives with everything that it draws.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box, as_box, union
from docvlm.content_stream import STRING
from docvlm.mupdf import pymupdf

UNMARKED: Final = -1
ARTIFACT: Final = -2
"""What a letter is in that is in no numbered piece: nothing, or what the file says is no content, such as running heads."""

_LARGEST = 4 << 20  # bytes; larger content is drawing
_DICTIONARY = (
    rb"<<(?:[^<>()]++|"
    + STRING
    + rb"|<[0-9A-Fa-f\s]*+>|<<(?:[^<>()]++|"
    + STRING
    + rb"|<[0-9A-Fa-f\s]*+>)*+>>)*+>>"
)
_MARK = re.compile(
    rb"%[^\r\n]*+|" + STRING + rb"|(?<![^\s])ID\s.*?\sEI(?=\s|$)"
    rb"|/(?P<tag>[^\s()<>\[\]{}/%]*+)\s*+(?:(?P<dictionary>"
    + _DICTIONARY
    + rb")|/(?P<name>[^\s()<>\[\]{}/%]++))?+\s*+"
    rb"(?:BDC|BMC)(?![^\s()<>\[\]{}/%])"
    rb"|(?<![^\s()<>\[\]{}/%])(?P<end>EMC)(?![^\s()<>\[\]{}/%])",
    re.DOTALL,
)
_NUMBER = re.compile(rb"/MCID\s*+(\d{1,9})")


@dataclass(frozen=True, slots=True)
class MarkedContent:
    """The letters of a page: their ``boxes`` (N, 4) in points, and the number of the ``piece`` (N,) that each is in.
    ``drawn`` are boxes around what is drawn beside letters, pictures included, by piece.
    """

    boxes: NDArray[np.float64]
    piece: NDArray[np.int64]
    drawn: dict[int, Box] = field(default_factory=dict)


def on_page(page: pymupdf.Page, *, with_drawings: bool = False) -> MarkedContent | None:
    """The marked content of an upright page; ``None`` where nothing of it is marked.

    May raise what MuPDF raises for a damaged page.
    """
    content = page.read_contents()
    named = b"/Properties" in page.parent.xref_object(page.xref).encode()
    if len(content) > _LARGEST or not (b"MCID" in content or named):
        return None
    layered = b"".join(_as_layers(content, page))
    boxes, piece, drawn = _run(page, layered, with_drawings)
    if not piece:
        return None
    flat = np.fromiter(itertools.chain.from_iterable(boxes), np.float64, 4 * len(boxes))
    return MarkedContent(flat.reshape(-1, 4), np.array(piece), drawn)


def _as_layers(content: bytes, page: pymupdf.Page) -> Iterator[bytes]:
    """The content with each mark in it as a layer of that name, none of which stands in another."""
    stack: list[int] = []  # what the marks that are open stand for
    now, done = UNMARKED, 0
    for match in _MARK.finditer(content):
        if match["end"] is not None:
            if stack:
                stack.pop()
        elif match["tag"] is not None:
            stack.append(_stands_for(match, page, stack[-1] if stack else UNMARKED))
        else:
            continue
        yield content[done : match.start()]
        done = match.end()
        after = stack[-1] if stack else UNMARKED
        if after != now:
            yield b"\nEMC " if now != UNMARKED else b"\n"
            yield b"/Layer <</Title(%d)>>BDC\n" % after if after != UNMARKED else b"\n"
            now = after
    yield content[done:]
    if now != UNMARKED:
        yield b"\nEMC\n"


def _stands_for(match: re.Match[bytes], page: pymupdf.Page, around: int) -> int:
    if match["tag"] == b"Artifact":
        return ARTIFACT
    if match["name"] is not None:
        number = _number_of_property(page, match["name"].decode("latin-1"))
    else:
        found = _NUMBER.search(match["dictionary"] or b"")
        number = int(found[1]) if found else None
    return around if number is None else number


def _number_of_property(page: pymupdf.Page, name: str) -> int | None:
    kind, value = page.parent.xref_get_key(page.xref, f"Resources/Properties/{name}/MCID")
    return int(value) if kind == "int" and value.isdigit() else None


def _run(
    page: pymupdf.Page, content: bytes, with_drawings: bool
) -> tuple[list[Box], list[int], dict[int, Box]]:
    """The letters' boxes, their pieces and what else is drawn, if the page had this content; it keeps its own."""
    document = page.parent
    own = document.xref_get_key(page.xref, "Contents")[1]
    scratch = _scratch(document)
    document.update_stream(scratch, content, compress=False)
    try:
        document.xref_set_key(page.xref, "Contents", f"{scratch} 0 R")
        boxes: list[Box] = []
        piece: list[int] = []
        for span in page.get_texttrace():
            seen = [box for code, _, _, box in span["chars"] if not chr(code).isspace()]
            boxes += seen
            piece += [int(span["layer"]) if span["layer"] else UNMARKED] * len(seen)
        drawn: dict[int, Box] = {}
        if with_drawings:
            for kind, box, layer in page.get_bboxlog(layers=True):
                if layer and not kind.endswith("-text"):
                    number = int(layer)
                    known = [drawn[number]] if number in drawn else []
                    drawn[number] = union([*known, as_box(box)])
    finally:
        document.xref_set_key(page.xref, "Contents", own)
        document.update_stream(scratch, b"", compress=False)
    return boxes, piece, drawn


_SCRATCH = "DocvlmScratch"


def _scratch(document: pymupdf.Document) -> int:
    """The number of a stream of ours in the document, in memory, which takes the place of pages' contents."""
    catalog = document.pdf_catalog()
    kind, value = document.xref_get_key(catalog, _SCRATCH)
    if kind == "xref":
        return int(value.split()[0])
    number = int(document.get_new_xref())
    document.update_object(number, "<<>>")
    document.update_stream(number, b"", compress=False)
    document.xref_set_key(catalog, _SCRATCH, f"{number} 0 R")
    return number
