"""The links of a page: where they lie, and where they lead.

A target is kept only where its scheme is known to open something and to run nothing; places in the same document
become ``#page-3``, the name that writers give to a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote
from weakref import WeakKeyDictionary

from docvlm.boxes import Box, area, overlap_down, share_within, sides, union
from docvlm.draft import Draft
from docvlm.mupdf import pymupdf, whole
from docvlm.schema import Link
from docvlm.spans import Decoration, Line, Span

# What opens something and runs nothing.
_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "mailto", "tel"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_BARE_SITE = re.compile(r"www\.[^\s/:]+\.", re.IGNORECASE)
_KEPT = "!#%&'*+,-./:;=?@_~"  # of a target; brackets, pipes, dollars and quotes end links, cells and formulas

_LEADING = 0.8  # of a piece's height, at most, between two lines of one link
_HELD = 0.5  # of a span in the link's box that is its word
_WHOLE = 0.9  # of a link: blocks that hold more of it hold it alike


def safe_target(address: str) -> str | None:
    """An address as it may stand in Markdown, HTML and LaTeX; ``None`` where opening it may run something, or nothing
    says what it opens.
    """
    address = address.strip()
    if _BARE_SITE.match(address):
        address = f"http://{address}"
    # Blanks within a scheme, which browsers drop, make it none of these.
    scheme = _SCHEME.match(address)
    if scheme is None or scheme[1].lower() not in _SCHEMES:
        return None
    return quote(address, safe=_KEPT)


_seen: WeakKeyDictionary[pymupdf.Page, list[Decoration]] = WeakKeyDictionary()


def on_page(page: pymupdf.Page) -> list[Decoration]:
    """The places of a page that lead somewhere safe, in the file's order, where a viewer shows them.

    They are looked for once, which must be before the page is turned.
    """
    if page not in _seen:
        _seen[page] = _find(page)
    return _seen[page]


def _find(page: pymupdf.Page) -> list[Decoration]:
    found = []
    # PyMuPDF's own chain of links looks through all of them for each.
    link = pymupdf.mupdf.fz_load_links(page.this)
    while link.m_internal:
        target, rect = _target(whole(link.m_internal.uri), page.parent), link.rect()
        box = (rect.x0, rect.y0, rect.x1, rect.y1)
        if target is not None and area(box) > 0:
            found.append(Decoration(box, link=target))
        link = link.next()
    return found


def _target(address: str, document: pymupdf.Document) -> str | None:
    if pymupdf.mupdf.fz_is_external_link(address):
        return safe_target(address)
    number = document.resolve_link(address)[0]  # -1 for a place that the file does not have
    return f"#page-{number + 1}" if 0 <= number < document.page_count else None


def give(drafts: Sequence[Draft], links: Sequence[Decoration], lines: Sequence[Line]) -> None:
    """Gives each block the links that lie in it, with their words; of those that hold one, the smallest: a picture may stand
    in a table.
    """
    for link in _whole(links, lines):
        shares = [
            (min(share_within(link.box, draft.box), _WHOLE), -area(draft.box), draft) for draft in drafts
        ]
        share, _, home = max(shares, key=lambda each: each[:2], default=(0.0, 0.0, None))
        if home is not None and share > 0:
            home.links.append(link)


def _whole(links: Sequence[Decoration], lines: Sequence[Line]) -> list[Link]:
    """Links with their words; pieces that follow each other to the same place are one."""
    groups: list[list[Decoration]] = []
    for link in links:
        if groups and groups[-1][-1].link == link.link and _goes_on(groups[-1][-1].box, link.box):
            groups[-1].append(link)
        else:
            groups.append([link])
    spans = [span for line in lines for span in line.spans if span.link]
    return [_one(group, spans) for group in groups]


def _goes_on(before: Box, box: Box) -> bool:
    """Whether a piece of a link follows another on its line, or begins the next."""
    height = max(sides(before)[1], sides(box)[1])
    beside = overlap_down(before, box) > 0 and abs(box[0] - before[2]) < height
    below = box[1] > before[1] and overlap_down(before, box) > -_LEADING * height and box[0] < before[0]
    return beside or below


def _one(pieces: list[Decoration], spans: list[Span]) -> Link:
    target, box = pieces[0].link, union([piece.box for piece in pieces])
    inside = [span for span in spans if span.link == target and share_within(span.box, box) > _HELD]
    words = " ".join(span.text.strip() for span in inside)
    return Link(text=words, target=target, box=box)
