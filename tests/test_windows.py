"""Pages and scans of any size: what is on them is seen at a size at which it can be read, and its place is kept."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from docvlm import convert, raster
from docvlm.source import Source, tiff

_WORDS = "The committee met on Tuesday and agreed"
_LARGEST = 30e6  # square points: what is drawn at a pixel to the point takes no more than 90 MB


def _pdf(width: float, height: float, size: float, unit: str = "1", rotation: int = 0) -> bytes:
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        if size > 50:  # on a background
            page.draw_rect(page.rect, color=None, fill=(1, 1, 0.9))
        page.insert_text((width / 10, height / 2), _WORDS, fontsize=size)
        page.set_rotation(rotation)
        document.xref_set_key(page.xref, "UserUnit", unit)
        return bytes(document.tobytes())


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize(
    ("width", "height", "size", "unit"),
    [(1e6, 1e6, 12.0, "1"), (595.0, 842.0, 12.0, "75000"), (18000.0, 36000.0, 60.0, "1")],
)
def test_a_page_too_large_to_draw_is_read_and_keeps_its_place(
    width: float, height: float, size: float, unit: str, rotation: int
) -> None:
    (page,) = convert(_pdf(width, height, size, unit, rotation)).pages
    assert page.error is None and page.width * page.height <= _LARGEST
    (block,) = page.blocks
    assert block.error is None and block.text.removeprefix("# ") == _WORDS
    x0, y0, x1, y1 = page.frame.box_in_file(block.box)
    times, (left, base) = float(unit), (width / 10, height / 2)
    if rotation == 0:
        expected = (left * times, base * times)
        assert (x0, y1) == pytest.approx(expected, abs=0.6 * size * times)
    else:  # the page's top is now at its right
        assert (x1, y0) == pytest.approx(
            ((height - base + size) * times, left * times), abs=0.6 * size * times
        )
    for corner in page.frame.to_upright([(x0, y0), (x1, y1)]):
        assert all(-1 <= value <= max(page.width, page.height) + 1 for value in corner)


def test_pages_of_usual_sizes_stay_as_they_are() -> None:
    with Source(_pdf(2384, 3370, 12.0), "a0.pdf") as source:
        page = source.page(1)
        assert source.window(page) is None and (page.rect.width, page.rect.height) == (2384, 3370)


def _scan() -> Image.Image:
    """A page of print, at 120 pixels to the inch."""
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_textbox((60, 60, 535, 780), "\n".join([_WORDS] * 30), fontsize=11)
        pixmap = page.get_pixmap(dpi=120)
        return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def _seen(data: bytes, name: str) -> tuple[float, float]:
    """The width of what OCR is given, in pixels, and the size in points that the type has by its scale."""
    with Source(data, name) as source:
        image, scale, _ = raster.for_ocr(source.page(1), 200)
    return image.shape[1], raster.type_height(image) / scale


def test_neither_a_resolution_tag_nor_a_small_page_takes_pixels_from_ocr() -> None:
    scan = _scan()

    def png(**tags: tuple[int, int]) -> bytes:
        buffer = io.BytesIO()
        scan.save(buffer, "PNG", **tags)
        return buffer.getvalue()

    with pymupdf.open() as document:
        page = document.new_page(width=200, height=283)
        page.insert_image(page.rect, stream=png())
        small = document.tobytes()
    plain = _seen(png(), "a.png")
    assert plain[0] >= scan.width
    for seen in (
        _seen(png(dpi=(300, 300)), "a.png"),
        _seen(png(dpi=(600, 600)), "a.png"),
        _seen(small, "a.pdf"),
    ):
        assert seen[0] >= scan.width
        assert seen[1] == pytest.approx(plain[1], rel=0.25)


@pytest.mark.parametrize("count", [b"0", b"2", b"9", b"-1", b"99999"])
def test_a_page_tree_that_counts_wrongly_loses_no_page(count: bytes) -> None:
    with pymupdf.open() as document:
        for number in range(1, 6):
            document.new_page().insert_text((72, 72), f"page {number}")
        data = document.tobytes().replace(b"/Count 5", b"/Count " + count)
    with Source(data, "a.pdf") as source:
        assert source.page_count == 5 and "page 5" in source.page(5).get_text()


def test_frames_of_a_tiff_are_counted_without_reading_them(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.new("1", (8, 8)) for _ in range(5)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with Source(path, "a.tif") as source:
        assert source.page_count == 5
    count = 100_000
    directories = [struct.pack("<HHHIII", 1, 256, 3, 1, 8, 8 + 18 * (n + 1)) for n in range(count)]
    directories[-1] = directories[0]  # a chain that bites its tail
    assert tiff.frames(io.BytesIO(b"II*\0" + struct.pack("<I", 8) + b"".join(directories))) == count
    assert tiff.frames(io.BytesIO(b"II*\0" + struct.pack("<I", 8) + directories[0][:9])) == 0
    assert tiff.frames(io.BytesIO(b"\x89PNG")) == 0
