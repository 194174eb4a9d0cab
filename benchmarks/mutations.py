"""Damage for files, as `benchmarks/fuzz.py` does it: each mutation is a function of a file's bytes and a generator of
random numbers, so that a seed names one file for ever.

PDFs are changed by what they are made of (streams, filters, keys, page tree, fonts, pictures, cross-references),
pictures by the parts of their format, and both by bytes alone.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

Mutation = Callable[[bytes, Random], bytes]
Edit = Callable[[Pdf, Random], None]

_EXTREMES = (-1, 0, 1, 3, 255, 65_536, 2**31 - 1, -(2**31), 10**9)
_NAMES = ("Foo", "FlateDecode", "DCTDecode", "LZWDecode", "Page", "Catalog", "XObject", "DeviceCMYK", "Type0")


# Bytes, whatever the file is.


def flipped(data: bytes, random: Random) -> bytes:
    """One to twenty bytes get other values."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 2, 5, 20))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def zeroed(data: bytes, random: Random) -> bytes:
    """A disk's block was never written."""
    start = random.randrange(len(data))
    size = min(random.choice((16, 512, 4096)), len(data) - start)
    return data[:start] + bytes(size) + data[start + size :]


def cut(data: bytes, random: Random) -> bytes:
    """The file ends too early."""
    return data[: random.randrange(1, len(data))]


def without_piece(data: bytes, random: Random) -> bytes:
    """A piece is gone, and what follows stands elsewhere."""
    start = random.randrange(len(data))
    return data[:start] + data[start + random.choice((1, 10, 1000)) :]


def with_more(data: bytes, random: Random) -> bytes:
    """A piece stands in the file twice."""
    start = random.randrange(len(data))
    return data[: start + random.choice((1, 10, 1000))] + data[start:]


# The parts of a PDF.


def edited(edit: Edit) -> Mutation:
    """The mutation that saves a PDF after ``edit``, with its streams as they are."""

    def mutate(data: bytes, random: Random) -> bytes:
        with Pdf.open(io.BytesIO(data)) as pdf:
            edit(pdf, random)
            saved = io.BytesIO()
            pdf.save(
                saved,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                fix_metadata_version=False,
            )
        return saved.getvalue()

    mutate.__name__ = edit.__name__
    mutate.__doc__ = edit.__doc__
    return mutate


def _streams(pdf: Pdf, wanted: Callable[[Stream], bool] = lambda stream: True) -> list[Stream]:
    return [each for each in pdf.objects if isinstance(each, Stream) and wanted(each)]


def _dictionaries(pdf: Pdf) -> list[Any]:
    return [each for each in pdf.objects if isinstance(each, (Dictionary, Stream)) and len(each.keys())]


def _is_image(stream: Stream) -> bool:
    return bool(stream.get("/Subtype") == "/Image")


def _fonts(pdf: Pdf) -> list[Any]:
    return [each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/Type") == "/Font"]


def _rewrite(stream: Any, change: Callable[[bytes], bytes]) -> None:
    """Changes the bytes of a stream as they are in the file."""
    stream.write(
        change(stream.read_raw_bytes()),
        filter=stream.get("/Filter"),
        decode_parms=stream.get("/DecodeParms"),
        type_check=False,
    )


def _one(found: list[Any], random: Random) -> Any:
    if not found:
        raise LookupError("the file has none")
    return random.choice(found)


def stream_cut(pdf: Pdf, random: Random) -> None:
    _rewrite(_one(_streams(pdf), random), lambda raw: raw[: int(len(raw) * random.random())])


def stream_overwritten(pdf: Pdf, random: Random) -> None:
    def change(raw: bytes) -> bytes:
        start = random.randrange(max(1, len(raw)))
        return raw[:start] + random.randbytes(min(40, len(raw) - start)) + raw[start + 40 :]

    _rewrite(_one(_streams(pdf), random), change)


def stream_flipped(pdf: Pdf, random: Random) -> None:
    _rewrite(_one(_streams(pdf), random), lambda raw: flipped(raw, random) if raw else raw)


def stream_emptied(pdf: Pdf, random: Random) -> None:
    _rewrite(_one(_streams(pdf), random), lambda raw: b"")


def filter_changed(pdf: Pdf, random: Random) -> None:
    stream = _one(_streams(pdf), random)
    raw = stream.read_raw_bytes()
    other = random.choice(("/NoSuchDecode", "/LZWDecode", "/DCTDecode", "/ASCII85Decode", "/CCITTFaxDecode"))
    chosen = random.choice((Name(other), None, Array([Name("/FlateDecode"), Name(other)])))
    stream.write(raw, filter=chosen, type_check=False)


def parameters_changed(pdf: Pdf, random: Random) -> None:
    stream = _one(_streams(pdf), random)
    keys = ("/Predictor", "/Columns", "/Colors", "/BitsPerComponent", "/K", "/EarlyChange")
    stream.DecodeParms = Dictionary({key: random.choice(_EXTREMES) for key in random.sample(keys, 2)})


def key_removed(pdf: Pdf, random: Random) -> None:
    found = _one(_dictionaries(pdf), random)
    key = random.choice(list(found.keys()))
    if key != "/Length":  # the saver writes its own
        del found[key]


def value_changed(pdf: Pdf, random: Random) -> None:
    found = _one(_dictionaries(pdf), random)
    key = random.choice(list(found.keys()))
    if key != "/Length":
        found[key] = random.choice(
            (
                random.choice(_EXTREMES),
                Name("/" + random.choice(_NAMES)),
                Array([]),
                Dictionary(),
                pikepdf.String("\u2028x" * 20),
                _one(_dictionaries(pdf), random),
                True,
            )
        )


def key_misspelled(pdf: Pdf, random: Random) -> None:
    found = _one(_dictionaries(pdf), random)
    key = random.choice(list(found.keys()))
    if key != "/Length":
        found[key + "x"] = found[key]
        del found[key]


def object_lost(pdf: Pdf, random: Random) -> None:
    """References lead to an object that is not there."""
    found = _one([each for each in _dictionaries(pdf) if each.is_indirect], random)
    pdf._replace_object(found.objgen, pikepdf.Object.parse(b"null"))


def object_swapped(pdf: Pdf, random: Random) -> None:
    """Two objects stand under each other's numbers."""
    first, second = (_one([each for each in _dictionaries(pdf) if each.is_indirect], random) for _ in "ab")
    pdf._swap_objects(first.objgen, second.objgen)


def page_tree_changed(pdf: Pdf, random: Random) -> None:
    tree, page = pdf.Root.Pages, pdf.pages[random.randrange(len(pdf.pages))].obj
    faults: list[Callable[[], object]] = [
        lambda: tree.Kids.append(tree),
        lambda: tree.Kids.append(page),
        lambda: setattr(tree, "Count", random.choice(_EXTREMES)),
        lambda: setattr(tree, "Kids", Array([Dictionary(Type=Name.Pages, Kids=tree.Kids, Count=-4)])),
        lambda: setattr(page, "Parent", page),
        lambda: setattr(page, "Type", Name.Pages),
        lambda: setattr(page, "MediaBox", Array(random.choices(_EXTREMES, k=4))),
        lambda: setattr(page, "CropBox", Array(random.choices(_EXTREMES, k=4))),
        lambda: setattr(page, "Rotate", random.choice((45, 90, -270, 10**9))),
        lambda: setattr(page, "UserUnit", random.choice((0, -1, 1e9, 72))),
    ]
    random.choice(faults)()


def content_broken(pdf: Pdf, random: Random) -> None:
    """A page's content is among its operators wrong, and not only as bytes."""
    page = pdf.pages[random.randrange(len(pdf.pages))]
    page.contents_coalesce()
    stream = page.obj.Contents
    content = stream.read_bytes()
    pieces = (
        b" [ [ (",
        b" << /A ",
        b" ) Tj ",
        b" q " * 3000,
        b" BT ",
        b"\n99999999999999999999 0 Td ",
        b" (\\",
    )
    start = random.randrange(max(1, len(content)))
    changed = content[:start] + random.choice(pieces) + content[start + random.choice((0, 5, 200)) :]
    stream.write(changed, type_check=False)


def font_changed(pdf: Pdf, random: Random) -> None:
    font = _one(_fonts(pdf), random)
    keys = (
        "/ToUnicode",
        "/Encoding",
        "/Widths",
        "/DescendantFonts",
        "/FontDescriptor",
        "/BaseFont",
        "/FirstChar",
    )
    there = [key for key in keys if key in font]
    key = _one(there, random)
    if random.random() < 0.5:
        del font[key]
    else:
        font[key] = random.choice((Name("/Identity-H"), Name("/MacRomanEncoding"), 7, Array([1, 2, 3]), font))


def font_type_changed(pdf: Pdf, random: Random) -> None:
    _one(_fonts(pdf), random).Subtype = Name(
        random.choice(("/Type0", "/Type1", "/Type3", "/TrueType", "/Foo"))
    )


def font_file_changed(pdf: Pdf, random: Random) -> None:
    files = [
        each[key]
        for each in pdf.objects
        if isinstance(each, Dictionary)
        for key in ("/FontFile", "/FontFile2", "/FontFile3")
        if key in each
    ]
    file = _one([each for each in files if isinstance(each, Stream)], random)
    change = random.choice((flipped, zeroed, cut, without_piece))
    file.write(change(file.read_bytes(), random), type_check=False)


def picture_changed(pdf: Pdf, random: Random) -> None:
    image = _one(_streams(pdf, _is_image), random)
    faults: list[tuple[str, Any]] = [
        ("/Width", random.choice(_EXTREMES)),
        ("/Height", random.choice(_EXTREMES)),
        ("/BitsPerComponent", random.choice((0, 3, 16, 64))),
        ("/ColorSpace", random.choice((Name.DeviceCMYK, Name("/Foo"), Array([Name.Indexed, 3]), 4))),
        ("/SMask", image),
        ("/Decode", Array([1, 0] * 3)),
    ]
    key, value = random.choice(faults)
    image[key] = value


def picture_overwritten(pdf: Pdf, random: Random) -> None:
    change = random.choice((flipped, zeroed, cut, without_piece, with_more))
    _rewrite(_one(_streams(pdf, _is_image), random), lambda raw: change(raw, random) if raw else raw)


# What stands between the objects of a PDF.


def cross_reference_changed(data: bytes, random: Random) -> bytes:
    """Entries of the table, or its place, are wrong."""
    found = list(re.finditer(rb"\d{10} \d{5} n|startxref\s+\d+|/Root \d+ \d+ R|/Size \d+|/Prev \d+", data))
    place = _one(found, random)
    digits = _one(list(re.finditer(rb"\d", place[0])), random)
    at = place.start() + digits.start()
    return data[:at] + str(random.randrange(10)).encode() + data[at + 1 :]


def length_changed(data: bytes, random: Random) -> bytes:
    place = _one(list(re.finditer(rb"/Length \d+", data)), random)
    return data[: place.start()] + b"/Length " + str(random.choice(_EXTREMES)).encode() + data[place.end() :]


def word_misspelled(data: bytes, random: Random) -> bytes:
    """A keyword of the file's syntax has another letter."""
    place = _one(
        list(re.finditer(rb"\b(endobj|obj|stream|endstream|trailer|xref|startxref)\b", data)), random
    )
    at = random.randrange(place.start(), place.end())
    return data[:at] + random.choice(b"abcxyz \n").to_bytes() + data[at + 1 :]


_EDITS: tuple[Edit, ...] = (
    stream_cut,
    stream_overwritten,
    stream_flipped,
    stream_emptied,
    filter_changed,
    parameters_changed,
    key_removed,
    value_changed,
    key_misspelled,
    object_lost,
    object_swapped,
    page_tree_changed,
    content_broken,
    font_changed,
    font_type_changed,
    font_file_changed,
    picture_changed,
    picture_overwritten,
)
BYTES: tuple[Mutation, ...] = (flipped, zeroed, cut, without_piece, with_more)
PDF: tuple[Mutation, ...] = (
    *map(edited, _EDITS),
    cross_reference_changed,
    length_changed,
    word_misspelled,
    *BYTES,
)


# The parts of pictures.


def png_changed(data: bytes, random: Random) -> bytes:
    """A chunk is lost, stands twice or elsewhere, or says something else; its checksum is right."""
    chunks, place = [], 8
    while place + 12 <= len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    index = random.randrange(len(chunks))
    kind, content = chunks[index]
    fault = random.randrange(4)
    if fault == 0:
        del chunks[index]
    elif fault == 1:
        chunks.insert(random.randrange(len(chunks)), chunks[index])
    elif content:
        chunks[index] = kind, (flipped if fault == 2 else cut)(content + b"\0", random)[: len(content)]
    written = data[:8]
    for kind, content in chunks:
        written += struct.pack(">I", len(content)) + kind + content
        written += struct.pack(">I", zlib.crc32(kind + content))
    return written


def jpeg_changed(data: bytes, random: Random) -> bytes:
    """A segment of the head (tables, size, marks) is lost or says something else."""
    segments, place = [], 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:
        (size,) = struct.unpack(">H", data[place + 2 : place + 4])
        segments.append((place, place + 2 + size))
        place += 2 + size
    start, end = _one(segments, random)
    if random.random() < 0.3:
        return data[:start] + data[end:]
    return data[: start + 4] + flipped(data[start + 4 : end] or b"\0", random) + data[end:]


def tiff_changed(data: bytes, random: Random) -> bytes:
    """An entry of a directory (tag, type, count or value), or the link to the next, is wrong."""
    order = "<" if data[:2] == b"II" else ">"
    (place,) = struct.unpack(order + "I", data[4:8])
    starts: list[int] = []
    while place and place not in starts and place + 2 < len(data):
        starts.append(place)
        (count,) = struct.unpack(order + "H", data[place : place + 2])
        (place,) = struct.unpack(order + "I", data[place + 2 + 12 * count : place + 6 + 12 * count])
    start = _one(starts, random)
    (count,) = struct.unpack(order + "H", data[start : start + 2])
    if random.random() < 0.2:
        at, size = start + 2 + 12 * count, 4
        value = struct.pack(order + "I", random.choice((*starts, 1, len(data) - 1, 2**32 - 1)))
    else:
        offset, size = random.choice(((0, 2), (2, 2), (4, 4), (8, 4)))
        at = start + 2 + 12 * random.randrange(count) + offset
        value = random.randbytes(size) if random.random() < 0.5 else (b"\xff" * size)
    return data[:at] + value + data[at + size :]


def webp_changed(data: bytes, random: Random) -> bytes:
    """A chunk's size or its head is wrong."""
    at = random.choice((4, 16, 20, 24, 26, 28))
    return data[:at] + random.randbytes(2) + data[at + 2 :]


PICTURES: dict[str, tuple[Mutation, ...]] = {
    ".png": (png_changed, *BYTES),
    ".jpg": (jpeg_changed, *BYTES),
    ".tif": (tiff_changed, *BYTES),
    ".webp": (webp_changed, *BYTES),
}


def mutated(data: bytes, suffix: str, random: Random) -> tuple[bytes, str]:
    """A damaged file that differs from ``data``, and the names of what was done to it: one mutation, sometimes two.

    The second is of bytes: what edits a PDF would repair the first one's damage, and write a sound file that lacks it.
    """
    first = PDF if suffix == ".pdf" else PICTURES[suffix]
    while True:
        changed, done = data, []
        for choice in random.choice(((first,), (first,), (first,), (first, BYTES))):
            mutation = random.choice(choice)
            # A second one may find nothing that it can read.
            with suppress(LookupError, pikepdf.PdfError, struct.error, ValueError, TypeError, AttributeError):
                changed = mutation(changed, random)
                done.append(mutation.__name__)
        if done and changed and changed != data:
            return changed, "+".join(done)
