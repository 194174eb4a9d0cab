"""Files of many kinds to convert: of the samples the first pages, and files made here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pymupdf
from PIL import Image, ImageDraw, ImageFont

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
_PAGES = 2  # of a sample
_LEFT_OUT = {"encrypted.pdf", "blank-page.pdf", "scan-paper.pdf"}  # locked, without words, slow
_QUICK = {"invoice.pdf", "rotated.pdf", "sideways.pdf", "slides.pdf", "norules.pdf"}
_PROSE = (
    "The harbour was deepened in the spring, when the ferries lay still and the wind came from the east.",
    "Nobody had counted the barrels before they were loaded, and the clerk wrote down what he was told.",
    "In the second year the town bought a crane from the shipyard, which lifted four tons and no more.",
    "A letter of complaint reached the council in May; it was read aloud and then laid with the others.",
)


@dataclass(frozen=True, slots=True)
class Sound:
    """A file that nothing is wrong with; ``is_quick`` where it takes well below a second."""

    name: str
    data: bytes
    is_quick: bool = False

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix


def documents() -> Iterator[Sound]:
    """PDFs: the samples' first pages, and some with other fonts, several columns of references, forms and streams."""
    for path in sorted(SAMPLES.glob("*.pdf")):
        if path.name not in _LEFT_OUT:
            yield Sound(path.name, _first_pages(path), path.name in _QUICK)
    yield Sound("base14.pdf", _plain("helv", object_streams=False), True)
    yield Sound("streams.pdf", _plain("tiro", object_streams=True), True)
    yield Sound("embedded.pdf", _embedded())
    yield Sound("form.pdf", _form(), True)


def pictures() -> Iterator[Sound]:
    """Pages as pictures, small ones: in each format that is read, in gray, in colour, in two colours and with a palette."""
    page = _picture()
    two = page.convert("1", dither=Image.Dither.NONE)
    yield Sound("page.png", _encoded(page, "PNG"), True)
    yield Sound("palette.png", _encoded(page.convert("P"), "PNG"))
    yield Sound("page.jpg", _encoded(page, "JPEG", quality=85), True)
    yield Sound("progressive.jpg", _encoded(page.convert("RGB"), "JPEG", progressive=True, quality=80))
    yield Sound("page.webp", _encoded(page.convert("RGB"), "WEBP"))
    yield Sound("fax.tif", _encoded(two, "TIFF", compression="group4"))
    yield Sound("lzw.tif", _encoded(page, "TIFF", compression="tiff_lzw"))
    yield Sound("frames.tif", _encoded(two, "TIFF", save_all=True, append_images=[two]))


def _first_pages(path: Path) -> bytes:
    saved = io.BytesIO()
    with pikepdf.open(path) as pdf:
        del pdf.pages[_PAGES:]
        pdf.remove_unreferenced_resources()
        pdf.save(saved)
    return saved.getvalue()


def _plain(font: str, object_streams: bool) -> bytes:
    with pymupdf.open() as document:
        for number in range(_PAGES):
            page = document.new_page(width=420, height=420)
            page.insert_text((40, 50), f"Chapter {number + 1}", fontsize=18, fontname=font)
            page.insert_textbox((40, 70, 380, 400), "\n\n".join(_PROSE), fontname=font)
        data: bytes = document.tobytes(deflate=True, use_objstms=int(object_streams))
    return data


def _embedded() -> bytes:
    with pymupdf.open() as document:
        font = pymupdf.Font("tiro")
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        for row, line in enumerate(_PROSE * 3):
            writer.append((72, 90 + 20 * row), line, font, 9)
        writer.write_text(page)
        page.insert_image((72, 400, 320, 560), stream=_encoded(_picture().convert("RGB"), "JPEG"))
        document.subset_fonts()
        data: bytes = document.tobytes(deflate=True, garbage=3)
    return data


def _form() -> bytes:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((72, 60, 560, 190), "\n".join(_PROSE), fontsize=10)
        for row, (label, value) in enumerate(
            {"Name": "Mary Shelton", "Town": "Harwich", "Trade": "Cooper"}.items()
        ):
            page.insert_text((72, 212 + 30 * row), label)
            field = pymupdf.Widget()
            field.field_type, field.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, label
            field.field_value, field.rect = value, pymupdf.Rect(140, 200 + 30 * row, 320, 220 + 30 * row)
            page.add_widget(field)
        data: bytes = document.tobytes()
    return data


def _picture() -> Image.Image:
    picture = Image.new("L", (560, 200), 255)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(22)
    for row, line in enumerate(_PROSE):
        draw.text((20, 20 + 40 * row), " ".join(line.split()[:8]), 0, font)
    return picture


def _encoded(picture: Image.Image, form: str, **settings: object) -> bytes:
    saved = io.BytesIO()
    picture.save(saved, form, dpi=(150, 150), **settings)
    return saved.getvalue()
