"""Pages that have lost content, by what MuPDF says while it reads them, and by the content itself.

MuPDF shows what it can of a damaged page and says so in warnings, which nobody sees. Most are harmless: unknown
operators, odd fonts, broken links and colour profiles cost no content. Those listed here were met where streams were cut
off, overwritten or named an unknown filter and objects were missing, and on no page of some 1,400 of sound files.
"""

from __future__ import annotations

import re
from weakref import WeakSet

from docvlm import content_stream
from docvlm.mupdf import pymupdf
from docvlm.schema import Failure
from docvlm.source import Source

_LOST = re.compile(
    # Streams that end too early or do not hold what they held when they were written.
    r"premature end of (?:file in jpeg|data in flate filter)"
    r"|ignoring zlib error: incorrect data check|read error; treating as end of file|padding truncated image"
    r"|unknown filter name|Can't open image only stream|.*out of range code encountered in lzw decode"
    r"|.*(?:in [12]d faxd)$|jbig2dec error|openjpeg error|syntax error: Failed to read JPX"
    # Content that cannot be parsed. Unknown operators alone are passed over by every reader.
    r"|too many syntax errors|syntax error: (?:syntax error in|array not closed|invalid key in dict)"
    r"|content stream is not a stream|cannot load content stream"
    # Objects that are not there or not what they should be.
    r"|.*object is not a stream|cannot load object|invalid page object"
    r"|syntax error: (?:cannot find (?:XObject|Font) resource|no XObject subtype|invalid ICC colorspace)"
    r"|ignored error when loading embedded font"
)

_PAGE_TYPES = {("name", "/Page"), ("null", "null")}  # the key is required, and some writers leave it out

_damaged: WeakSet[Source] = WeakSet()


def listen(source: Source) -> None:
    """Begins a page: what MuPDF said before is not of this page.

    MuPDF keeps what several pages share and does not complain of it again. So from a document's first damage on it
    begins each page anew, and what is said of a page does not depend on the pages before it.
    """
    if _heard():
        _damaged.add(source)
    if source in _damaged:
        pymupdf.TOOLS.store_shrink(100)


def heard(source: Source) -> list[str]:
    """What MuPDF said of lost content since it was last asked, each message once."""
    said = _heard()
    if said:
        _damaged.add(source)
    return said


def seen(source: Source, page: pymupdf.Page) -> list[str]:
    """What shows at a PDF's page itself that it is not whole, where MuPDF says nothing."""
    if source.pdf is None or source.pdf is not page.parent:
        return []
    said = []
    kind = source.pdf.xref_get_key(page.xref, "Type")
    if kind not in _PAGE_TYPES:
        said.append(f"the page tree leads to an object of the type {kind[1]}")
    broken = content_stream.broken(content_stream.of_page(page))
    return [*said, broken] if broken else said


def _heard() -> list[str]:
    return [each for each in dict.fromkeys(pymupdf.TOOLS.mupdf_warnings().split("\n")) if _LOST.match(each)]


def failure(said: list[str]) -> Failure:
    """The record of a page's damage."""
    more = f" and {len(said) - 1} more" if len(said) > 1 else ""
    message = f"the file is damaged here and content of the page may be lost: {said[0]}{more}"
    return Failure(stage="source", category="damaged", message=message)
