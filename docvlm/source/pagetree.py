"""How many pages a PDF has: its page tree states it, and MuPDF believes it, also where it is wrong."""

from __future__ import annotations

import re

from docvlm.mupdf import pymupdf

_REFERENCE = re.compile(r"(\d+) \d+ R")


def mend_counts(pdf: pymupdf.Document) -> str | None:
    """Sets the counts of the page tree, in memory, to the pages that hang on it, where the root's is not their number.

    Returns what a reader should know then: nobody can tell whether the count is wrong or pages are missing.
    """
    kind, root = pdf.xref_get_key(pdf.pdf_catalog(), "Pages")
    if kind != "xref":
        return None
    xref = int(root.split()[0])
    kids, stated = _kids(pdf, xref), _stated(pdf, xref)
    # A root whose kids are all pages has as many; a damaged file may state any number, and pages that are not there.
    if stated != len(kids) and stated != sum(_stated(pdf, kid) or 1 for kid in kids):
        counts: dict[int, int] = {}
        _count(pdf, xref, counts)
        # Below a node that a cut file has lost there may be as many pages as stated.
        if not stated or stated < 0 or all(_is_there(pdf, node) for node in counts):
            for node, count in counts.items():
                if _kids(pdf, node):
                    pdf.xref_set_key(node, "Count", str(count))
            return (
                f"the file says that it has {stated} pages, and its page tree leads to {counts[xref]}: it is damaged,"
                " and pages may be missing"
            )
    return None


def _count(pdf: pymupdf.Document, xref: int, counts: dict[int, int]) -> int:
    """The pages below a node, which is a page itself where it has no kids; ``counts`` gets those of all its nodes."""
    counts[xref] = 1
    kids = _kids(pdf, xref)
    if kids or (_is_there(pdf, xref) and pdf.xref_get_key(xref, "Kids")[0] == "array"):
        counts[xref] = sum(_count(pdf, kid, counts) for kid in kids if kid not in counts)
    return counts[xref]


def _is_there(pdf: pymupdf.Document, xref: int) -> bool:
    return bool(0 < xref < pdf.xref_length() and pdf.xref_object(xref) != "null")


def _kids(pdf: pymupdf.Document, xref: int) -> list[int]:
    if not 0 < xref < pdf.xref_length():
        return []
    return [int(found) for found in _REFERENCE.findall(pdf.xref_get_key(xref, "Kids")[1])]


def _stated(pdf: pymupdf.Document, xref: int) -> int | None:
    kind, value = pdf.xref_get_key(xref, "Count") if 0 < xref < pdf.xref_length() else ("null", "")
    return int(value) if kind == "int" else None
