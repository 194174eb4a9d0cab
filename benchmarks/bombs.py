"""Files that are small and ask for much: of memory, of time, or of pages. Each is legal or nearly so."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import pymupdf
from PIL import Image

from benchmarks.inputs import Sound

_PNG = b"\x89PNG\r\n\x1a\n"


def bombs() -> Iterator[Sound]:
    """Sixty of them: twenty kinds, each in three sizes."""
    for size in (1, 2, 3):
        for name, make in _KINDS.items():
            yield Sound(f"{name.replace('.', f'-{size}.')}", make(size))


# Pictures.


def _two_colours(size: int, form: str) -> bytes:
    """Kilobytes that are a hundred million pixels."""
    saved = io.BytesIO()
    shape = ((7_000, 7_000), (10_000, 10_000), (30_000, 4_000))[size - 1]
    settings = {"compression": "group4"} if form == "TIFF" else {}
    Image.new("1", shape, 1).save(saved, form, **settings)
    return saved.getvalue()


def _claimed(size: int) -> bytes:
    """A PNG of a size that its data have not."""
    side = 20_000 * size
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return _PNG + b"".join(_chunk(*each) for each in chunks)


def _text_of_a_png(size: int) -> bytes:
    """Compressed comments that are gigabytes."""
    text = b"a\0\0" + zlib.compress(bytes(size * 20_000_000), 9)
    saved = io.BytesIO()
    Image.new("L", (50, 50), 255).save(saved, "PNG")
    return saved.getvalue()[:33] + _chunk(b"zTXt", text) * 3 + saved.getvalue()[33:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _scans_of_a_jpeg(size: int) -> bytes:
    """A progressive JPEG whose scans are repeated."""
    saved = io.BytesIO()
    Image.effect_noise((1500, 1500), 40).save(saved, "JPEG", progressive=True, quality=20)
    data = saved.getvalue()
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * (50 * size) + b"\xff\xd9"


def _noise(size: int) -> bytes:
    """Ink everywhere, in which OCR looks for text."""
    saved = io.BytesIO()
    Image.effect_noise((1500 * size, 1500), 90).save(saved, "WEBP", quality=5)
    return saved.getvalue()


def _frames(size: int) -> bytes:
    """A TIFF with more frames than there is time for; all are the same pixels."""
    saved = io.BytesIO()
    Image.new("1", (8, 8), 1).save(saved, "TIFF")
    data = bytearray(saved.getvalue())
    (start,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[start : start + 2])
    length = 2 + 12 * count + 4
    directory = bytes(data[start : start + length - 4])
    first = len(data)
    struct.pack_into("<I", data, start + length - 4, first)
    frames = 30_000 * size
    links = (struct.pack("<I", first + (n + 1) * length if n + 1 < frames else 0) for n in range(frames))
    return bytes(data) + b"".join(directory + link for link in links)


# PDFs.


def _pdf(
    content: bytes,
    resources: str = "",
    box: str = "0 0 600 800",
    objects: tuple[bytes, ...] = (),
    filters: str = "",
) -> bytes:
    """A page of ``content``, with further objects from number 5 on, and a cross-reference table that is right."""
    made = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << {resources} >> >>".encode(),
        _stream(content, filters),
        *objects,
    ]
    written, places = b"%PDF-1.7\n", []
    for number, each in enumerate(made, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(made) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(made) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + head.encode() + tail.encode()


def _stream(data: bytes, keys: str = "") -> bytes:
    return f"<< /Length {len(data)} {keys} >>\nstream\n".encode() + data + b"\nendstream"


_TEXT = b"BT /F 12 Tf 50 700 Td (A word that is kept) Tj ET\n"
_FONT = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"


def _deflated_twice(size: int) -> bytes:
    """Content of gigabytes in a few bytes."""
    inner = zlib.compress(_TEXT + b" " * (size * 100_000_000), 9)
    return _pdf(zlib.compress(inner, 9), _FONT, filters="/Filter [/FlateDecode /FlateDecode]")


def _operators(size: int) -> bytes:
    content = _TEXT + b"0 0 m 600 800 l S\n" * (size * 1_000_000)
    return _pdf(zlib.compress(content), _FONT, filters="/Filter /FlateDecode")


def _saved_states(size: int) -> bytes:
    content = _TEXT + b"q " * (size * 1_000_000)
    return _pdf(zlib.compress(content), _FONT, filters="/Filter /FlateDecode")


def _words(size: int) -> bytes:
    """Text at a million places of one page."""
    content = b"BT /F 9 Tf\n" + b"1 0 0 1 50 700 Tm (words) Tj\n" * (size * 100_000) + b"ET"
    return _pdf(zlib.compress(content), _FONT, filters="/Filter /FlateDecode")


def _rules(size: int) -> bytes:
    """Lines that cross, as a table's do: more cells than any table has."""
    count = 400 * size
    lines = [f"0 {n * 800 / count:.2f} m 600 {n * 800 / count:.2f} l S" for n in range(count)]
    lines += [f"{n * 600 / count:.2f} 0 m {n * 600 / count:.2f} 800 l S" for n in range(count)]
    return _pdf(zlib.compress(_TEXT + "\n".join(lines).encode()), _FONT, filters="/Filter /FlateDecode")


def _image(size: int) -> bytes:
    side = 20_000 * size
    data = zlib.compress(bytes(side * side // 8), 9)
    keys = (
        f"/Type /XObject /Subtype /Image /Width {side} /Height {side} /BitsPerComponent 1"
        " /ColorSpace /DeviceGray /Filter /FlateDecode"
    )
    return _pdf(
        _TEXT + b"q 600 0 0 400 0 0 cm /I Do Q",
        f"{_FONT} /XObject << /I 5 0 R >>",
        objects=(_stream(data, keys),),
    )


def _large_page(size: int) -> bytes:
    side = 10 ** (4 + size)
    return _pdf(_TEXT, _FONT, box=f"0 0 {side} {side}")


def _nested_forms(size: int) -> bytes:
    """Ten forms each draw the next one ten times."""
    depth = 4 + size
    forms = []
    for level in range(depth):
        resources = f"/Resources << /XObject << /X {6 + level} 0 R >> {_FONT} >>"
        content = b"/X Do " * 10 if level + 1 < depth else b"0 0 m 9 9 l S"
        forms.append(_stream(content, f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] {resources}"))
    return _pdf(_TEXT + b"/X Do", f"{_FONT} /XObject << /X 5 0 R >>", objects=tuple(forms))


def _tiles(size: int) -> bytes:
    """A pattern whose tiles are far smaller than a pixel."""
    step = 10.0 ** -(size + 1)
    pattern = _stream(
        b"0 0 1 1 re f",
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /Resources << >>"
        f" /XStep {step:f} /YStep {step:f}",
    )
    content = _TEXT + b"/Pattern cs /P scn 0 0 600 800 re f"
    return _pdf(content, f"{_FONT} /Pattern << /P 5 0 R >>", objects=(pattern,))


def _deep_arrays(size: int) -> bytes:
    return _pdf(_TEXT + b"[" * (size * 100_000) + b" TJ", _FONT)


def _deep_objects(size: int) -> bytes:
    depth = size * 20_000
    return _pdf(_TEXT, _FONT, objects=(b"<< /A " * depth + b">> " * depth,))


def _annotations(size: int) -> bytes:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((50, 100), "A word that is kept")
        for number in range(300 * size):
            page.add_highlight_annot(pymupdf.Rect(50, 90, 150 + number % 7, 110))
        data: bytes = document.tobytes(deflate=True)
    return data


def _pages(size: int) -> bytes:
    """One page, as often as the page tree says."""
    kids = b"3 0 R " * (size * 30_000)
    made = _pdf(_TEXT, _FONT)
    return made.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [" + kids + f"] /Count {size * 30_000}".encode())


_KINDS: dict[str, Callable[[int], bytes]] = {
    "colours.png": lambda size: _two_colours(size, "PNG"),
    "fax.tif": lambda size: _two_colours(size, "TIFF"),
    "claimed.png": _claimed,
    "comments.png": _text_of_a_png,
    "scans.jpg": _scans_of_a_jpeg,
    "noise.webp": _noise,
    "frames.tif": _frames,
    "deflated.pdf": _deflated_twice,
    "operators.pdf": _operators,
    "states.pdf": _saved_states,
    "words.pdf": _words,
    "rules.pdf": _rules,
    "image.pdf": _image,
    "page.pdf": _large_page,
    "forms.pdf": _nested_forms,
    "tiles.pdf": _tiles,
    "arrays.pdf": _deep_arrays,
    "objects.pdf": _deep_objects,
    "annotations.pdf": _annotations,
    "pages.pdf": _pages,
}
