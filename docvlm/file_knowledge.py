"""What a PDF says of itself: its title, author, language and outline, and whether its pages are a placeholder, or not all.

None of it is believed as it stands: writers of files leave titles of other documents and languages of their own. What
the pages' text confirms is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from docvlm.mupdf import ERRORS, pymupdf
from docvlm.schema import OutlineEntry
from docvlm.source import Source

XFA = (
    "this file is an XFA form: its contents are drawn by Adobe's own readers only, and its pages hold nothing but a"
    " placeholder; print it to a PDF with Adobe Reader to have it read"
)

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PRINTED = 0.8  # of a title's words, at least, that stand on the first page
_MOST_LETTERS = 20_000  # of a document that are looked at to know its script
_MOSTLY = 0.5  # of the letters
_MOST_ENTRIES = 10_000  # of an outline

# Languages that are not written in Latin letters, by how Unicode's names of their letters begin.
_SCRIPTS = {
    "ru": "CYRILLIC", "uk": "CYRILLIC", "bg": "CYRILLIC", "be": "CYRILLIC", "mk": "CYRILLIC", "el": "GREEK",
    "he": "HEBREW", "yi": "HEBREW", "ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "hi": "DEVANAGARI",
    "mr": "DEVANAGARI", "ne": "DEVANAGARI", "bn": "BENGALI", "ta": "TAMIL", "te": "TELUGU", "th": "THAI",
    "ka": "GEORGIAN", "hy": "ARMENIAN", "ko": "HANGUL", "zh": "CJK", "ja": "CJK HIRAGANA KATAKANA",
}  # fmt: skip


@dataclass(slots=True)
class Knowledge:
    """What a file says of itself; ``outline`` of one of its pages, ``warnings`` what a reader should know of the whole."""

    title: str = ""
    author: str = ""
    language: str = ""
    warnings: list[str] = field(default_factory=list)
    outline: list[OutlineEntry] = field(default_factory=list)


_known: WeakKeyDictionary[Source, Knowledge] = WeakKeyDictionary()


def of(source: Source, number: int) -> Knowledge:
    """What a PDF says of itself and of page ``number``, asked for once; nothing where it is damaged or an image."""
    if source not in _known:
        try:
            _known[source] = _of(source.pdf) if source.pdf is not None else Knowledge()
        except (*ERRORS, TypeError, KeyError):
            _known[source] = Knowledge()
        _known[source].warnings += [source.warning] if source.warning else []
    known = _known[source]
    return replace(known, outline=[entry for entry in known.outline if entry.page == number])


def _of(document: pymupdf.Document) -> Knowledge:
    metadata = document.metadata or {}
    return Knowledge(
        title=_clean(metadata.get("title")),
        author=_clean(metadata.get("author")),
        language=_language(document),
        warnings=[XFA] if _is_xfa(document) else [],
        outline=[
            OutlineEntry(level=level, title=_clean(title), page=page)
            for level, title, page in document.get_toc()[:_MOST_ENTRIES]
            if page > 0 and _clean(title)
        ],
    )


def _clean(text: str | None) -> str:
    return " ".join("".join(c for c in text or "" if c.isprintable() or c.isspace()).split())


def _language(document: pymupdf.Document) -> str:
    kind, value = document.xref_get_key(document.pdf_catalog(), "Lang")
    return value if kind == "string" and _LANGUAGE.fullmatch(value) else ""


def _is_xfa(document: pymupdf.Document) -> bool:
    """Whether a file's form is for Adobe's readers only: of a form that others can show, fields stand on the pages."""
    catalog = document.pdf_catalog()
    has_form = document.xref_get_key(catalog, "AcroForm/XFA")[0] != "null"
    needs = document.xref_get_key(catalog, "NeedsRendering")[1] == "true"
    return has_form and (needs or not document.is_form_pdf)


# Checked by the text.


def printed_title(title: str, first_page: str) -> str | None:
    """A file's title or author where the first page has it, too."""
    words = [word for word in re.findall(r"\w+", title.casefold()) if len(word) > 1]
    if not words:
        return None
    there = set(re.findall(r"\w+", first_page.casefold()))
    return title if sum(word in there for word in words) >= _PRINTED * len(words) else None


def written_language(language: str, text: str) -> str | None:
    """A file's language where its letters are those of that language's script; without any letters nobody can say."""
    letters = [c for c in text[:_MOST_LETTERS] if c.isalpha()]
    if not language or not letters:
        return None
    scripts = Counter(unicodedata.name(c, "").partition(" ")[0] for c in letters)
    expected = _SCRIPTS.get(language.partition("-")[0].lower(), "LATIN").split()
    return language if sum(scripts[name] for name in expected) > _MOSTLY * len(letters) else None


def folded(text: str) -> str:
    """A title as it is compared: letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
