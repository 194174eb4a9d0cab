"""What a user may name: page selections, folders and globs, and every kind of file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from conftest import SAMPLES, make_pdf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import docvlm
from docvlm.errors import (
    DamagedInput,
    DocvlmError,
    LimitExceeded,
    MissingInput,
    PasswordNeeded,
    UnsupportedInput,
    UsageError,
)
from docvlm.schema import Failure
from docvlm.source import Source, expand, parse_pages

# Page selections.


@given(st.sets(st.integers(1, 60), min_size=1), st.integers(60, 100))
def test_pages_written_one_by_one_are_those_pages(wanted: set[int], count: int) -> None:
    assert parse_pages(",".join(map(str, wanted)), count) == sorted(wanted)


@given(st.integers(1, 50), st.integers(0, 50), st.integers(1, 60))
def test_a_range_selects_what_exists_of_it(low: int, more: int, count: int) -> None:
    wanted = [n for n in range(low, low + more + 1) if n <= count]
    if wanted:
        assert parse_pages(f" {low} - {low + more} ", count) == wanted
        assert parse_pages(f"{low}-", count) == list(range(low, count + 1))
    else:
        with pytest.raises(UsageError, match=f"only {count} page"):
            parse_pages(f"{low}-{low + more}", count)


@given(st.text(alphabet="0123456789-, x", max_size=12), st.integers(1, 50))
def test_any_text_gives_pages_that_exist_or_a_usage_error(text: str, count: int) -> None:
    try:
        pages = parse_pages(text, count)
    except UsageError as error:
        assert text in str(error)
    else:
        assert pages and pages == sorted(set(pages)) and pages[0] >= 1 and pages[-1] <= count


@pytest.mark.parametrize(
    "text", ["", " ", ",", "3,", "1,,3", "-", "0", "3-1", "a", "1;2", "1-2-3", "1_0", "--2"]
)
def test_a_malformed_selection_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_pages(text, 9)


def test_no_selection_is_every_page_and_a_huge_one_costs_nothing() -> None:
    assert parse_pages(None, 3) == [1, 2, 3]
    assert parse_pages("-2", 3) == [1, 2]
    assert parse_pages("2-999999999", 3) == [2, 3]


# Folders and globs.


def test_expand_finds_documents_in_depth_each_once(tmp_path: Path) -> None:
    for name in ("b.PDF", "a.png", "deep/er/c.tiff", "notes.txt", ".hidden/d.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = expand([tmp_path, tmp_path / "b.PDF", str(tmp_path / "*.png")])
    assert [str(p.relative_to(tmp_path)) for p in found] == ["a.png", "b.PDF", "deep/er/c.tiff"]
    assert expand([str(tmp_path / "**/c.*")]) == [tmp_path / "deep/er/c.tiff"]
    with pytest.raises(MissingInput, match=r"\*\.webp"):
        expand([str(tmp_path / "*.webp")])


def test_expand_leaves_out_the_pictures_of_earlier_results_only(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.md", "a_assets/p1b1.png", "b_assets/mine.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in expand([tmp_path])] == ["a.pdf", "mine.png"]


def test_a_name_with_brackets_is_a_file_and_not_a_pattern(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a[1].pdf")
    assert expand([str(path)]) == [path]


# Images.


def _pixels(data: Path | bytes, number: int = 1, name: str = "i") -> np.ndarray[Any, Any]:
    with Source(data, name) as source:
        assert source.is_image
        pixmap = source.page(number).get_pixmap(dpi=96)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, pixmap.n)


def _saved(image: Image.Image, kind: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def _half(mode: str, dark: Any, light: Any) -> Image.Image:
    """Left half dark, right half light, 200 x 100."""
    image = Image.new(mode, (200, 100), light)
    image.paste(dark, (0, 0, 100, 100))
    return image


def _palette() -> Image.Image:
    return _half("RGB", (0, 0, 0), (255, 255, 255)).convert("P")


_IMAGES = {
    "png": lambda: _saved(_half("RGB", (0, 0, 0), (255, 255, 255)), "PNG"),
    "1 bit": lambda: _saved(_half("1", 0, 1), "PNG"),
    "palette": lambda: _saved(_palette(), "PNG"),
    "16 bit": lambda: _saved(_half("I;16", 0, 65535), "PNG"),
    "16 bit TIFF": lambda: _saved(_half("I;16", 0, 65535), "TIFF"),
    "float TIFF": lambda: _saved(_half("F", 0.0, 255.0), "TIFF"),
    "alpha": lambda: _saved(_half("RGBA", (0, 0, 0, 255), (0, 0, 0, 0)), "PNG"),
    "gray alpha": lambda: _saved(_half("LA", (0, 255), (0, 0)), "PNG"),
    "CMYK JPEG": lambda: _saved(_half("CMYK", (0, 0, 0, 255), (0, 0, 0, 0)), "JPEG", quality=95),
    "WebP": lambda: _saved(_half("RGB", (0, 0, 0), (255, 255, 255)), "WEBP", lossless=True),
    "TIFF": lambda: _saved(_half("RGB", (0, 0, 0), (255, 255, 255)), "TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("kind", list(_IMAGES))
def test_dark_is_dark_and_paper_is_white_in_every_kind_of_image(kind: str) -> None:
    shown = _pixels(_IMAGES[kind]())
    middle = shown[shown.shape[0] // 2]
    width = shown.shape[1]
    assert shown.shape[:2] == (100, 200)
    assert middle[width // 4].max() < 40
    assert middle[3 * width // 4].min() > 215


def test_middle_gray_of_16_bits_stays_gray() -> None:
    shown = _pixels(_saved(Image.new("I;16", (50, 50), 32768), "PNG"))
    assert 110 < shown[25, 25, 0] < 145


def test_a_photo_is_turned_as_its_exif_says() -> None:
    image = _half("L", 0, 255)
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned: show it rotated clockwise by 90 degrees
    shown = _pixels(_saved(image, "JPEG", exif=exif))
    assert shown.shape[:2] == (200, 100)
    assert shown[50, 50, 0] < 40 and shown[150, 50, 0] > 215


def test_each_frame_of_a_tiff_is_a_page_in_any_order(tmp_path: Path) -> None:
    frames = [Image.new("L", (60 + 10 * n, 40), 40 * n) for n in range(4)]
    path = tmp_path / "many.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with Source(path, "many.tif") as source:
        assert source.page_count == 4
        widths = [source.page(n).rect.width for n in (3, 1, 4, 2)]
    assert [round(w * 96 / 72) for w in widths] == [80, 60, 90, 70]
    assert abs(int(_pixels(path, 3)[20, 20, 0]) - 80) < 8


def test_resolution_gives_the_size_in_points() -> None:
    data = _saved(Image.new("L", (850, 1100), 255), "PNG", dpi=(100, 100))
    with Source(data, "letter.png") as source:
        assert [round(v) for v in source.page(1).rect] == [0, 0, 612, 792]


# PDFs.


def test_pdf_bytes_with_junk_before_the_header(tmp_path: Path) -> None:
    data = make_pdf(tmp_path / "a.pdf", ["one", "two"]).read_bytes()
    for content in (data, b"junk\n" + data):
        with Source(content, "bytes") as source:
            assert source.page_count == 2 and "two" in source.page(2).get_text()


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_boxes_are_those_of_the_rotated_page(tmp_path: Path, angle: int) -> None:
    from docvlm.pipeline import convert

    path = tmp_path / "r.pdf"
    with pymupdf.open(make_pdf(tmp_path / "a.pdf")) as pdf:
        pdf[0].set_rotation(angle)
        pdf.save(path)
    page = convert(path, reader="text").pages[0]
    assert (page.width, page.height) == ((500, 400) if angle != 180 else (400, 500))
    x0, y0, x1, y1 = page.blocks[0].box
    assert page.blocks[0].text == "A plain page."
    assert 0 <= x0 < x1 <= page.width and 0 <= y0 < y1 <= page.height


def test_the_password_opens_and_only_the_password() -> None:
    path = SAMPLES / "encrypted.pdf"
    with Source(path, "e.pdf", "docvlm") as source:
        assert source.page_count >= 1
    with pytest.raises(PasswordNeeded, match="is encrypted"):
        Source(path, "e.pdf")
    with pytest.raises(PasswordNeeded, match="wrong"):
        Source(path, "e.pdf", "guess")


def test_pages_that_a_truncated_pdf_lost_are_damaged_and_not_blank(
    tmp_path: Path, long_pages: list[str]
) -> None:
    data = make_pdf(tmp_path / "a.pdf", long_pages).read_bytes()
    with Source(data[: len(data) // 2], "half.pdf") as source:
        assert "day 2." in source.page(2).get_text()
        with pytest.raises(DamagedInput, match=r"half\.pdf: page 30 is missing"):
            source.page(30)
    with Source(data[:-300], "tail.pdf") as source:  # the cross references alone are lost
        assert "day 30." in source.page(30).get_text()


@given(st.data())
def test_no_damage_to_a_file_escapes_as_anything_but_our_errors(data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(["invoice.pdf", "pages.tif", "blank-page.pdf"]))
    content = bytearray((SAMPLES / sample).read_bytes())
    content = content[: data.draw(st.integers(0, len(content)))]
    for _ in range(data.draw(st.integers(0, 20)) if content else 0):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        with Source(bytes(content), sample) as source:
            for number in range(1, min(source.page_count, 4) + 1):
                source.page(number)
    except DocvlmError as error:
        assert sample in str(error) and "\n" not in error.line()


@pytest.mark.parametrize("unit", ["0", "-2.5"])
def test_a_unit_that_leaves_nothing_of_a_turned_page_is_dropped(unit: str) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), "The words of the page are still there.")
        document.xref_set_key(page.xref, "UserUnit", unit)
        document.xref_set_key(page.xref, "Rotate", "90")
        data = document.tobytes()
    (read,) = docvlm.convert(data).pages
    assert "still there" in " ".join(block.text for block in read.blocks)


def test_what_a_library_says_of_damage_is_unicode() -> None:
    failure = Failure(stage="source", category="damaged", message="of the type /\udcccage")
    assert failure.message == "of the type /?age" and "?age" in failure.model_dump_json()


@pytest.mark.parametrize("position", [1028, 1376])
def test_a_page_tree_that_cannot_be_parsed_is_damage(position: int) -> None:
    content = bytearray((SAMPLES / "blank-page.pdf").read_bytes())
    content[position] = ord("<")
    try:
        with Source(bytes(content), "torn.pdf") as source:
            source.page(1)
    except DamagedInput as error:
        assert "torn.pdf" in str(error)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("t.pdf", b"just words", DamagedInput),
        ("t.png", b"just words", DamagedInput),
        ("t.docx", b"PK\x03\x04", UnsupportedInput),
        ("t.pdf", b"", DamagedInput),
        ("t.png", b"", DamagedInput),
        ("t.pdf", b"%PDF-1.7\n", DamagedInput),
    ],
)
def test_what_is_no_document_is_named(name: str, content: bytes, kind: type[DocvlmError]) -> None:
    with pytest.raises(kind, match=name) as caught:
        Source(content, name)
    assert caught.value.remedy


def test_a_200_megapixel_image_is_refused_unread() -> None:
    data = _saved(Image.new("1", (20_000, 10_000), 1), "PNG")
    with pytest.raises(LimitExceeded, match="20000 x 10000 is 200 megapixels"):
        Source(data, "big.png")
