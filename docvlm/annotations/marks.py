"""What readers of a PDF have added to it: their marks on words, and their comments.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

from collections.abc import Iterator

from docvlm import inline
from docvlm.boxes import as_box
from docvlm.confidence import combine
from docvlm.draft import Draft
from docvlm.mupdf import pymupdf, whole
from docvlm.spans import Decoration

# The fields of a span that marks on words set.
_MARKS = {
    pymupdf.PDF_ANNOT_HIGHLIGHT: "highlighted",
    pymupdf.PDF_ANNOT_UNDERLINE: "underlined",
    pymupdf.PDF_ANNOT_SQUIGGLY: "underlined",
    pymupdf.PDF_ANNOT_STRIKE_OUT: "struck",
}
# Those whose words are printed on the page, and what has no words of its own.
_SHOWN = (
    pymupdf.PDF_ANNOT_FREE_TEXT,
    pymupdf.PDF_ANNOT_WIDGET,
    pymupdf.PDF_ANNOT_LINK,
    pymupdf.PDF_ANNOT_POPUP,
)
_CORNERS = 4  # of the quadrilateral around the marked words of a line


def on_words(page: pymupdf.Page) -> list[Decoration]:
    """The words that are highlighted, underlined or struck out, line by line."""
    found = []
    for annotation in _all(page):
        name = _MARKS.get(annotation.type[0])
        corners = annotation.vertices or []
        for start in range(0, len(corners) if name else 0, _CORNERS):
            xs, ys = zip(*corners[start : start + _CORNERS])
            box = (min(xs), min(ys), max(xs), max(ys))
            found.append(Decoration(box, **{str(name): True}))  # type: ignore[arg-type]
    return found


def comments(page: pymupdf.Page) -> list[Draft]:
    """A block for each comment, with its author's name where the file has it."""
    found = []
    for annotation in _all(page):
        words = " ".join(whole(annotation.info.get("content")).split())
        if annotation.type[0] in _SHOWN or not words:
            continue
        author = " ".join(whole(annotation.info.get("title")).split())
        text = inline.escape(f"{author}: {words}" if author else words)
        found.append(Draft("annotation", as_box(annotation.rect), text, combine(1.0, []), "text"))
    return found


def _all(page: pymupdf.Page) -> Iterator[pymupdf.Annot]:
    # Hidden notes are shown by no viewer.
    hidden = pymupdf.PDF_ANNOT_IS_HIDDEN | pymupdf.PDF_ANNOT_IS_NO_VIEW
    if page.first_annot:
        yield from (each for each in page.annots() if not each.flags & hidden)
