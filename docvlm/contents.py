"""What MuPDF finds on a page, each asked for once.

Every answer makes MuPDF run the whole page, which takes milliseconds, and a dozen questions are asked of each page. An
answer is kept as long as its page; what changes the page must :func:`forget` it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from docvlm import directions
from docvlm.boxes import Box
from docvlm.mupdf import ERRORS, NO_CHARACTER, pymupdf, whole
from docvlm.repairs import clusters, interrupted, letterspacing, outline_runs, word_spaces

# Subset prefixes ("ABCDEF+Times") tell apart fonts whose character maps differ.
pymupdf.TOOLS.set_subset_fontnames(True)

_TEXT_FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_STYLES
) & ~pymupdf.TEXT_PRESERVE_LIGATURES

_NAMELESS = re.compile(r"Type3 \((\d+) 0 R\)")

_T = TypeVar("_T")
_answers: WeakKeyDictionary[pymupdf.Page, dict[Callable[..., Any], Any]] = WeakKeyDictionary()


def text_lines(page: pymupdf.Page) -> list[dict[str, Any]]:
    """MuPDF's lines of spans, in the order in which the file draws them, with whitespace, without ligatures."""
    return once(page, _text_lines)


def characters(page: pymupdf.Page) -> list[dict[str, Any]]:
    """The lines of :func:`text_lines`, whose spans have each character's own place instead of their text."""
    return once(page, _characters)


def operations(page: pymupdf.Page) -> list[tuple[str, tuple[float, float, float, float]]]:
    """What is drawn, in order: ("fill-path", "stroke-text", "fill-image" and so on, box in points)."""
    return once(page, pymupdf.Page.get_bboxlog)


def paths(page: pymupdf.Page) -> list[dict[str, Any]]:
    """The page's vector graphics, as PyMuPDF's ``get_cdrawings`` gives them."""
    return once(page, pymupdf.Page.get_cdrawings)


def drawn_letters(page: pymupdf.Page) -> list[Box]:
    """The runs of letters that are drawn as outlines (:mod:`docvlm.repairs.outline_runs`)."""
    return once(page, _drawn_letters)


def images(page: pymupdf.Page) -> list[dict[str, Any]]:
    """The placed images, as :meth:`pymupdf.Page.get_image_info` has them."""
    return once(page, pymupdf.Page.get_image_info)


def forget(page: pymupdf.Page) -> None:
    """Drops what was asked before the page changed."""
    _answers.pop(page, None)


def once(page: pymupdf.Page, ask: Callable[[pymupdf.Page], _T]) -> _T:
    """What ``ask`` answers of a page, kept with it."""
    known = _answers.setdefault(page, {})
    if ask not in known:
        known[ask] = ask(page)
    answer: _T = known[ask]
    return answer


def skip_styles(page: pymupdf.Page) -> None:
    """Makes `text_lines` of this page know no underlines: to find them, MuPDF compares every letter with every path."""
    known = _answers.setdefault(page, {})
    known[_text] = page.get_textpage(flags=_TEXT_FLAGS & ~pymupdf.TEXT_COLLECT_STYLES)


def font_name(page: pymupdf.Page, font: str) -> str:
    """What a font is called that MuPDF names ``font``: of Type 3 fonts MuPDF does not read the names."""
    match = _NAMELESS.fullmatch(font)
    if match is None or page.parent is None:
        return font
    return once(page, _type3_names).get(int(match[1]), font)


def _type3_names(page: pymupdf.Page) -> dict[int, str]:
    """The names in the descriptors of the page's Type 3 fonts, by their numbers in the file."""
    names = {}
    for xref, _, kind, *_ in page.get_fonts(full=True):
        if kind == "Type3" and xref:
            what, name = page.parent.xref_get_key(xref, "FontDescriptor/FontName")
            if what == "name":
                names[xref] = name.removeprefix("/")
    return names


def _text_lines(page: pymupdf.Page) -> list[dict[str, Any]]:
    lines = once(page, _spans)
    if (
        once(page, _may_be_spaced)
        or once(page, _gaps)
        or any(directions.is_right_to_left(span["text"] for span in line["spans"]) for line in lines)
    ):
        # Only the letters' own places tell their order; asking for these takes twice the time.
        turned = directions.is_right_to_left(span["text"] for line in lines for span in line["spans"])
        return [directions.as_read(line, turned) for line in characters(page)]
    if word_spaces.are_lost(lines) or once(page, _clusters):
        return [word_spaces.with_text(line) for line in characters(page)]
    return lines


def _may_be_spaced(page: pymupdf.Page) -> bool:
    return any(
        letterspacing.may_be_spaced("".join(span["text"] for span in line["spans"]))
        for line in once(page, _spans)
    )


def _gaps(page: pymupdf.Page) -> dict[int, list[tuple[float, float]]]:
    return interrupted.find(once(page, _spans), drawn_letters(page))


def _drawn_letters(page: pymupdf.Page) -> list[Box]:
    return outline_runs.runs(paths(page))


def _clusters(page: pymupdf.Page) -> list[clusters.Cluster]:
    is_told = clusters.may_be_replaced(once(page, _spans)) and once(page, has_replacements)
    return clusters.find(page) if is_told else []


def _spans(page: pymupdf.Page) -> list[dict[str, Any]]:
    lines = _lines(page, "dict")
    for span in (span for line in lines for span in line["spans"]):
        span["text"] = whole(span["text"])
    return lines


def _lines(page: pymupdf.Page, form: str) -> list[dict[str, Any]]:
    blocks = page.get_text(form, textpage=once(page, _text))["blocks"]
    lines = [line for block in blocks for line in block.get("lines", ())]
    for span in (span for line in lines for span in line["spans"]):
        span["font"] = whole(font_name(page, span["font"]))
    return lines


def _characters(page: pymupdf.Page) -> list[dict[str, Any]]:
    lines = _lines(page, "rawdict")
    if any(NO_CHARACTER in span["text"] for line in once(page, _spans) for span in line["spans"]):
        for each in (each for line in lines for span in line["spans"] for each in span["chars"]):
            each["c"] = whole(each["c"])
    if gaps := once(page, _gaps):
        lines = interrupted.cut(lines, gaps)
    spaced: Sequence[dict[str, Any]] = once(page, _spans)
    if replaced := once(page, _clusters):
        lines = clusters.mended(lines, replaced)
        spaced = [word_spaces.with_text(line) for line in lines]
    if once(page, _may_be_spaced):
        lines = letterspacing.close(lines)
    return [word_spaces.found(line) for line in lines] if word_spaces.are_lost(spaced) else lines


def has_replacements(page: pymupdf.Page) -> bool:
    """Whether the page or what it draws in it says that some of its glyphs stand for another text (`ActualText`)."""
    if page.parent is None or not page.parent.is_pdf:
        return False
    try:
        forms = [xref for xref, *_ in page.get_xobjects()]
        streams = (page.parent.xref_stream(xref) or b"" for xref in (*page.get_contents(), *forms))
        return any(b"/ActualText" in stream for stream in streams)
    except ERRORS:  # what is damaged is named elsewhere
        return False


def glyphs_text(page: pymupdf.Page) -> str:
    """What the page's fonts say of its glyphs, whatever replaces it."""
    return str(page.get_text("text", flags=_TEXT_FLAGS | pymupdf.TEXT_IGNORE_ACTUALTEXT))


def _text(page: pymupdf.Page) -> pymupdf.TextPage:
    """The page's text as MuPDF has it, of which lines and characters are views: running the page takes most of the time."""
    return page.get_textpage(flags=_TEXT_FLAGS)
