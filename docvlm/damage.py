"""Pages that have lost content, by what MuPDF says while it reads them, and by the content itself.

MuPDF shows what it can of a damaged page and says so in warnings, which nobody sees. Most are harmless: unknown
operators, odd fonts, broken links and colour profiles cost no content. Those listed here were met where streams were cut
off, overwritten or named an unknown filter and objects were missing, and on no page of some 1,400 of sound files.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from weakref import WeakKeyDictionary, WeakSet

from docvlm import content_stream, contents, jpeg
from docvlm.boxes import area, as_box, shared_area
from docvlm.mupdf import pymupdf, whole
from docvlm.schema import Failure
from docvlm.source import CROPPED, TURNED, VAST, Source

_LOST = re.compile(
    # Streams that end too early or do not hold what they held when they were written.
    r"premature end of (?:file in jpeg|data in flate filter)"
    r"|ignoring zlib error: incorrect data check|read error; treating as end of file|padding truncated image"
    r"|unknown filter name|Can't open image only stream|.*out of range code encountered in lzw decode"
    r"|.*(?:in [12]d faxd)$|jbig2dec error|openjpeg error|syntax error: Failed to read JPX"
    # Content that cannot be parsed. Unknown operators alone are passed over by every reader.
    r"|too many syntax errors|syntax error: (?:syntax error in|array not closed|invalid key in dict)"
    r"|invalid character in hex string|syntax error: .*font missing \w+|syntax error: missing font descriptor"
    r"|unknown font format, guessing|argument error: invalid number of bits per component|invalid indirect reference in dict"
    r"|syntax error: unknown keyword: '[ -~]*[^ -~]"  # bytes that no operator and no number has
    r"|content stream is not a stream|cannot load content stream"
    # Objects that are not there or not what they should be.
    r"|.*object is not a stream|cannot load object|invalid page object"
    r"|syntax error: (?:cannot find (?:XObject|Font) resource|no XObject subtype|invalid ICC colorspace)"
    r"|ignoring XObject with unknown subtype: '(?!PS')|syntax error: unknown cid font type"
    r"|ignored error when loading embedded font"
)

_PAGE_TYPES = {("name", "/Page"), ("null", "null")}  # the key is required, and some writers leave it out
_NODE = ("name", "/Pages")
_MOST_NODES = 20  # above a page; trees of a million pages are seven deep
_USE = re.compile(rb"/\S+\s+(?:[-+.\d]+\s+Tf|Do)\b")  # of a font or an object by its name

_REFERENCE = re.compile(r"(\d+) \d+ R")
# What a font cannot be used without, and the types that it may have beside a reference.
_SIMPLE = {"FirstChar": ("int", "float"), "LastChar": ("int", "float"), "Widths": ("array",)}
_REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "/Type0": {"Encoding": ("name",), "DescendantFonts": ("array",)},
    "/Type3": {"CharProcs": ("dict",)},
    "/Type1": _SIMPLE,
    "/TrueType": _SIMPLE,
}
_PART = re.compile(r"/[A-Z]{6}\+")  # how the name of a font begins of which a file has only what it needs
_TRUETYPE = (b"\0\1\0\0", b"true")  # how a font begins of which a table of its tables follows
_FILES = tuple(f"FontDescriptor/FontFile{kind}" for kind in ("", "2", "3"))
_WIDTHS = re.compile(r"\[[-+.\d\s\[\]R]*\]")  # of a composite font: numbers, arrays and references
_FONT_TYPES = {*_REQUIRED, "/MMType1"}
_UNKNOWN, _MANY = "syntax error: unknown keyword", 5  # operators that are none: the content is something else
_NEEDED = ("Resources/Font", "Resources/XObject")  # by what draws something
_MOST_OUTSIDE = 0.5  # of the pieces of text, which stand where the page's box does not reach
_LARGEST_CROP = 2.0  # sides of the page; writers let it reach a little beyond
_FORM = {"BBox": 4, "Matrix": 6}  # numbers
_ITEM = re.compile(r"\d+ \d+ R|[^\s\[\]]+")  # of an array
_MOST_FORMS = 100  # of a page, that are looked at; figures draw a thousand
_SCANNED = 0.3  # of the page under a picture, from which on its words may stand in pictures
_JPEG = b"\xff\xd8"  # how one begins

_damaged: WeakSet[Source] = WeakSet()
_broken_fonts: WeakKeyDictionary[Source, dict[int, bool]] = WeakKeyDictionary()


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
    """What shows at a page itself that it is not whole, where MuPDF says nothing."""
    said = [f"the picture is not whole: {source.broken}"] if source.broken else []
    # MuPDF raises errors of many kinds for what it cannot load, and has complained of that when it drew the page.
    with suppress(Exception):
        is_read = source.is_image or _covered(page) > _SCANNED
        said += (found for data in _jpegs(source, page) if (found := jpeg.damage(data, is_read)))
    if source.pdf is not None and source.pdf is page.parent:
        fonts = partial(_of_fonts, known=_broken_fonts.setdefault(source, {}))
        for look in (_of_tree, _of_boxes, _of_content, _of_forms, fonts):
            with suppress(Exception):
                said += look(source.pdf, page)
    return said


def _of_tree(pdf: pymupdf.Document, page: pymupdf.Page) -> Iterator[str]:
    kind = pdf.xref_get_key(page.xref, "Type")
    if kind not in _PAGE_TYPES:
        yield f"the page tree leads to an object of the type {whole(kind[1])}"
    elif not _is_in_tree(pdf, page.xref):
        yield "the page tree leads to an object that is not of it"


def _is_in_tree(pdf: pymupdf.Document, xref: int) -> bool:
    """Whether an object's parent is a node of the page tree; entries of outlines and of forms have other parents."""
    is_node: bool = pdf.xref_get_key(xref, "Parent/Type") == _NODE
    return is_node or pdf.xref_get_key(xref, "Parent/Kids")[0] != "null"


def _of_boxes(pdf: pymupdf.Document, page: pymupdf.Page) -> Iterator[str]:
    if pdf.xref_get_key(page.xref, CROPPED)[0] != "null":
        yield "its CropBox shows nothing of it"
    if pdf.xref_get_key(page.xref, VAST)[0] != "null":
        yield "its MediaBox is so large that the places on it cannot be told apart"
    if pdf.xref_get_key(page.xref, TURNED)[0] != "null":
        yield "it is turned by no multiple of 90 degrees"
    crop, media = page.cropbox, page.mediabox
    if crop.width > _LARGEST_CROP * media.width or crop.height > _LARGEST_CROP * media.height:
        yield "its CropBox is far larger than the page that it crops"
    if page.rotation:
        return  # MuPDF gives the places of what is drawn on pages that stand upright
    texts = [box for kind, box in contents.operations(page) if kind.endswith("-text")]
    shown = [box for box in texts if box[0] < box[2] and box[1] < box[3]]  # blanks have no height
    left, top, right, bottom = page.rect
    outside = sum(1 for x0, y0, x1, y1 in shown if x0 >= right or x1 <= left or y0 >= bottom or y1 <= top)
    if outside > _MOST_OUTSIDE * len(shown):
        yield "most of its text lies outside of it"


def _of_content(pdf: pymupdf.Document, page: pymupdf.Page) -> Iterator[str]:
    content = page.read_contents()
    streams = page.get_contents()
    is_gone = not content.strip() and any(_references(pdf, page.xref, kind) for kind in _NEEDED)
    is_part_gone = len(streams) > 1 and any(not pdf.xref_stream_raw(xref) for xref in streams)
    if (
        is_gone
        or is_part_gone
        or not all(_is_there(pdf, xref) for xref in streams)
        or any(_is_emptied(pdf, xref) for xref in streams)
    ):
        yield "its content is gone"
    if _lacks_resources(pdf, page.xref) and _USE.search(content):
        yield "its fonts and pictures are gone"
    broken = content_stream.broken(content)
    if broken:
        yield broken


def _lacks_resources(pdf: pymupdf.Document, xref: int) -> bool:
    """Whether a page has no resources, its own or those of the nodes above it."""
    keys = ("Parent/" * above + "Resources" for above in range(_MOST_NODES))
    return all(pdf.xref_get_key(xref, key)[0] == "null" for key in keys)


def _of_forms(pdf: pymupdf.Document, page: pymupdf.Page) -> Iterator[str]:
    for xref, *_ in page.get_xobjects()[:_MOST_FORMS]:
        is_made_for_something = any(_references(pdf, xref, kind) for kind in _NEEDED)
        if _is_emptied(pdf, xref) or (is_made_for_something and not pdf.xref_stream(xref)):
            yield "an object that it draws is empty"
            return
        if not all(_has_numbers(pdf, xref, key, count) for key, count in _FORM.items()):
            yield "an object that it draws is not whole"
            return


def _has_numbers(pdf: pymupdf.Document, xref: int, key: str, count: int) -> bool:
    """Whether a form's value is an array of so many, as far as it is not elsewhere; it may do without a matrix."""
    kind, value = pdf.xref_get_key(xref, key)
    if kind == "array":
        return len(_ITEM.findall(value)) == count
    return kind == "xref" or (kind == "null" and key == "Matrix")


def _of_fonts(pdf: pymupdf.Document, page: pymupdf.Page, known: dict[int, bool]) -> Iterator[str]:
    users = [page.xref, *(xref for xref, *_ in page.get_xobjects()[:_MOST_FORMS])]
    named = {font for user in users for font in _references(pdf, user, "Resources/Font")}
    if any(not _is_there(pdf, font) for font in named):
        yield "a font that it names is gone"
    for font in named - known.keys():
        known[font] = _lacks_keys(pdf, font)
    if any(known[font] for font in named):
        yield "a font that it names is not whole"


def _lacks_keys(pdf: pymupdf.Document, font: int) -> bool:
    subtype = pdf.xref_get_key(font, "Subtype")[1]
    is_composite = pdf.xref_get_key(font, "DescendantFonts")[0] != "null"
    if subtype not in _FONT_TYPES or (is_composite and subtype != "/Type0"):
        return True
    if any(_lacks_parts(pdf, each) for each in _references(pdf, font, "DescendantFonts") or [font]):
        return True
    # The fourteen standard fonts need nothing but their names.
    is_standard = (
        subtype not in ("/Type0", "/Type3") and pdf.xref_get_key(font, "FontDescriptor")[0] == "null"
    )
    required = {} if is_standard else _REQUIRED.get(subtype, {})
    return _has_broken_map(pdf, font) or not all(
        _has(pdf, font, key, types) for key, types in required.items()
    )


def _has(pdf: pymupdf.Document, xref: int, key: str, types: tuple[str, ...]) -> bool:
    """Whether an object has a value of one of the types, or a reference, which for arrays must lead to one."""
    kind, value = pdf.xref_get_key(xref, key)
    if kind == "xref" and "array" in types:
        return bool(pdf.xref_object(int(value.split()[0]), compressed=True).startswith("["))
    return kind in (*types, "xref")


def _has_broken_map(pdf: pymupdf.Document, font: int) -> bool:
    """Whether the encoding of a composite font is a stream that is no character map."""
    kind, value = pdf.xref_get_key(font, "Encoding")
    is_stream = kind == "xref" and bool(pdf.xref_is_stream(int(value.split()[0])))
    return is_stream and pdf.xref_get_key(font, "Encoding/Type") != ("name", "/CMap")


def _lacks_parts(pdf: pymupdf.Document, font: int) -> bool:
    return _lacks_file(pdf, font) or _has_broken_widths(pdf, font) or _is_file_cut(pdf, font)


def _has_broken_widths(pdf: pymupdf.Document, font: int) -> bool:
    kind, value = pdf.xref_get_key(font, "W")
    return kind == "array" and not _WIDTHS.fullmatch(value)


def _is_file_cut(pdf: pymupdf.Document, font: int) -> bool:
    """Whether a TrueType font has tables that reach beyond its end."""
    kind, value = pdf.xref_get_key(font, "FontDescriptor/FontFile2")
    if kind != "xref":
        return False
    data = pdf.xref_stream(int(value.split()[0])) or b""
    count = int.from_bytes(data[4:6])
    entries = struct.iter_unpack(">4sIII", data[12 : 12 + 16 * count][: (len(data) - 12) // 16 * 16])
    return data.startswith(_TRUETYPE) and any(start + size > len(data) for _, _, start, size in entries)


def _lacks_file(pdf: pymupdf.Document, font: int) -> bool:
    """Whether a font is a part of one, as its name says, made for this file, and is not in it: nobody can draw it then."""
    is_part = _PART.match(pdf.xref_get_key(font, "BaseFont")[1])
    is_drawn = pdf.xref_get_key(font, "CharProcs")[0] != "null"  # by the file itself: Type 3
    return bool(is_part and not is_drawn) and all(pdf.xref_get_key(font, key)[0] == "null" for key in _FILES)


def _references(pdf: pymupdf.Document, xref: int, key: str) -> list[int]:
    kind, value = pdf.xref_get_key(xref, key)
    if kind == "xref":
        value = pdf.xref_object(int(value.split()[0]))
    return [int(found) for found in _REFERENCE.findall(value)]


def _is_there(pdf: pymupdf.Document, xref: int) -> bool:
    return bool(0 < xref < pdf.xref_length() and pdf.xref_object(xref) != "null")


def _is_emptied(pdf: pymupdf.Document, xref: int) -> bool:
    """Whether a stream has no bytes where a filter would have written some for nothing at all."""
    return pdf.xref_get_key(xref, "Filter")[0] != "null" and not pdf.xref_stream_raw(xref)


def _jpegs(source: Source, page: pymupdf.Page) -> Iterator[bytes]:
    """The JPEGs that a page shows, as they are in the file; what is none is not decoded as one."""
    if source.pdf is None:
        data = source.stored
        if data.startswith(_JPEG):
            yield data
        return
    for xref, *_, kind, _ in page.get_images(full=True):
        if kind == "DCTDecode" and source.pdf.xref_get_key(xref, "Filter") == ("name", "/DCTDecode"):
            yield source.pdf.xref_stream_raw(xref)


def _covered(page: pymupdf.Page) -> float:
    """Share of the page under its largest picture."""
    bounds = as_box(page.rect)
    return max((shared_area(each["bbox"], bounds) for each in contents.images(page)), default=0.0) / area(
        bounds
    )


def _heard() -> list[str]:
    said = dict.fromkeys(whole(pymupdf.TOOLS.mupdf_warnings()).split("\n"))
    lost = [each for each in said if _LOST.match(each)]
    unknown = [each for each in said if each.startswith(_UNKNOWN)]
    return lost + (unknown if len(unknown) >= _MANY else [])


def failure(said: list[str]) -> Failure:
    """The record of a page's damage."""
    more = f" and {len(said) - 1} more" if len(said) > 1 else ""
    message = f"the file is damaged here and content of the page may be lost: {said[0]}{more}"
    return Failure(stage="source", category="damaged", message=message)
