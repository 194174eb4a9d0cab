"""Files that were damaged on purpose: no page of theirs passes for a whole one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np
import pikepdf
import pymupdf
import pytest
from PIL import Image

import docvlm
from docvlm import jpeg
from docvlm.batch.converter import Converter
from docvlm.errors import ExitCode
from docvlm.failures import failure_of
from docvlm.source import Source

SAMPLES = Path(__file__).parents[1] / "samples"
PROSE = [
    "The quarry was opened in the spring of the year",
    "and closed again before the winter set in there.",
]


def a_file() -> pymupdf.Document:
    """Two pages of text in an embedded font; the second has a picture, a JPEG."""
    file = pymupdf.open()
    font = pymupdf.Font("helv")
    scan = pymupdf.open(SAMPLES / "scan-invoice.pdf")
    picture = next(image for image in scan[0].get_images() if image[8] == "DCTDecode")[0]
    for number in range(2):
        page = file.new_page(width=400, height=500)
        writer = pymupdf.TextWriter(page.rect)
        for row, text in enumerate(PROSE * 3):
            writer.append((40, 60 + 15 * row), text, font, 11)
        writer.write_text(page)
        if number:
            page.insert_image(pymupdf.Rect(40, 200, 300, 450), stream=scan.extract_image(picture)["image"])
    return file


def stream_of(file: pymupdf.Document, key: str) -> int:
    """The last stream whose dictionary holds ``key``; a page's content for "content"."""
    if key == "content":
        return int(file[1].get_contents()[0])
    found = [
        x
        for x in range(1, file.xref_length())
        if file.xref_is_stream(x) and key in file.xref_object(x, compressed=True)
    ]
    return found[-1]


def cut(file: pymupdf.Document, xref: int) -> None:
    raw, kept = file.xref_stream_raw(xref), file.xref_get_key(xref, "Filter")[1]
    file.update_stream(xref, raw[: len(raw) // 2], compress=False)
    file.xref_set_key(xref, "Filter", kept)


def overwritten(file: pymupdf.Document, xref: int) -> None:
    raw, kept = bytearray(file.xref_stream_raw(xref)), file.xref_get_key(xref, "Filter")[1]
    raw[len(raw) // 3 : len(raw) // 3 + 40] = bytes(range(160, 200))
    file.update_stream(xref, bytes(raw), compress=False)
    file.xref_set_key(xref, "Filter", kept)


def with_unknown_filter(file: pymupdf.Document, xref: int) -> None:
    file.xref_set_key(xref, "Filter", "/NoSuchDecode")


def gone(file: pymupdf.Document, xref: int) -> None:
    file.update_object(xref, "null")


Fault = Callable[[pymupdf.Document, int], None]


def damaged(fault: Fault | None, key: str) -> bytes:
    with pymupdf.open(stream=a_file().tobytes(garbage=3, deflate=True)) as file:
        if fault is not None:
            fault(file, stream_of(file, key))
        return bytes(file.tobytes())


def test_a_sound_file_has_no_damage() -> None:
    document = docvlm.convert(damaged(None, ""))
    assert all(page.error is None and all(check.passed for check in page.checks) for page in document.pages)


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (cut, "content"),
        (overwritten, "content"),
        (with_unknown_filter, "content"),
        (cut, "/DCTDecode"),
        (with_unknown_filter, "/DCTDecode"),
        (gone, "/DCTDecode"),
        (cut, "/Length1"),
    ],
)
def test_a_damaged_page_says_so(fault: Fault, key: str) -> None:
    second = docvlm.convert(damaged(fault, key)).pages[1]
    assert second.error is not None and second.error.category == "damaged"
    assert [check.name for check in second.checks if not check.passed][:1] == ["damaged-content"]


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85])
def test_content_that_breaks_off_says_so_where_it_was_not_compressed(share: float) -> None:
    with pymupdf.open() as file:
        file.new_page().insert_textbox((50, 50, 400, 700), "\n".join(PROSE * 9))
        xref = file[0].get_contents()[0]
        content = file.xref_stream(xref)
        file.update_stream(xref, content[: int(share * len(content))], compress=False)
        (page,) = docvlm.convert(file.tobytes()).pages
    assert page.error is not None and page.error.category == "damaged"


def test_a_page_tree_that_leads_elsewhere_says_so() -> None:
    file = a_file()
    file.xref_set_key(file[1].xref, "Type", "/Font")
    first, second = docvlm.convert(file.tobytes()).pages
    assert first.error is None and second.error is not None and "type /Font" in second.error.message


def test_a_page_tree_that_has_lost_a_page_is_told_of_in_the_document_and_the_report(tmp_path: Path) -> None:
    file = a_file()
    _, tree = file.xref_get_key(file.pdf_catalog(), "Pages")
    kids = file.xref_get_key(int(tree.split()[0]), "Kids")[1]
    (tmp_path / "a.pdf").write_bytes(file.tobytes().replace(kids.encode(), kids[:-2].encode() + b"x]"))
    converter = Converter(workers=1, reader="text")
    report = converter.to_folder([tmp_path / "a.pdf"], tmp_path / "out", ["json", "markdown"])
    (note,) = report.results[0].notes
    assert report.results[0].pages == 1 and note.startswith(
        "the file says that it has 2 pages, and its page tree"
    )
    assert note in (tmp_path / "out" / "a.md").read_text()
    (page,) = converter.documents([tmp_path / "a.pdf"])
    assert page.warnings == [note]


def test_a_page_whose_parent_is_no_node_of_the_tree_says_so() -> None:
    """An entry of an outline, say, whose number the tree leads to; it has a parent, too, and no type."""
    file = a_file()
    entry = file.get_new_xref()
    file.update_object(entry, "<</Count 1/First 1 0 R>>")
    file.xref_set_key(file[1].xref, "Type", "null")
    file.xref_set_key(file[1].xref, "Parent", f"{entry} 0 R")
    first, second = docvlm.convert(file.tobytes(), reader="text").pages
    assert first.error is None and second.error is not None and "that is not of it" in second.error.message


def test_a_page_without_the_resources_that_it_names_says_so_and_those_of_the_tree_serve() -> None:
    file = a_file()
    _, resources = file.xref_get_key(file[0].xref, "Resources")
    file.xref_set_key(file[0].xref, "Resources", "null")
    (page,) = docvlm.convert(file.tobytes(), reader="text", pages="1").pages
    assert page.error is not None and "its fonts and pictures are gone" in page.error.message
    _, tree = file.xref_get_key(file.pdf_catalog(), "Pages")
    file.xref_set_key(int(tree.split()[0]), "Resources", resources)
    (page,) = docvlm.convert(file.tobytes(), reader="text", pages="1").pages
    assert page.error is None and "quarry" in page.blocks[0].text


@pytest.mark.parametrize("angle", ["45", "10000000", "-270.5"])
def test_a_page_that_is_turned_by_no_right_angle_is_read_upright_and_says_so(angle: str) -> None:
    file = a_file()
    file.xref_set_key(file[1].xref, "Rotate", angle)
    second = docvlm.convert(file.tobytes(), reader="text").pages[1]
    assert second.error is not None and "no multiple of 90" in second.error.message
    assert "The quarry was opened in the spring of the year" in " ".join(
        block.text for block in second.blocks
    )


def test_a_media_box_beyond_single_precision_says_so() -> None:
    file = a_file()
    file.xref_set_key(file[1].xref, "MediaBox", "[255 2147483647 1000000000 255]")
    first, second = docvlm.convert(file.tobytes(), reader="text").pages
    assert first.error is None and second.error is not None and "MediaBox is so large" in second.error.message


@pytest.mark.parametrize(
    ("key", "value"), [("Matrix", "true"), ("Matrix", "[]"), ("BBox", "null"), ("BBox", "[0 0 9]")]
)
def test_an_object_whose_place_is_none_says_so(key: str, value: str) -> None:
    file, picture = pymupdf.open(), a_file()
    file.new_page().show_pdf_page(pymupdf.Rect(50, 50, 300, 400), picture, 0)
    form = file[0].get_xobjects()[0][0]
    (sound,) = docvlm.convert(file.tobytes(), reader="text").pages
    file.xref_set_key(form, key, value)
    (page,) = docvlm.convert(file.tobytes(), reader="text").pages
    assert sound.error is None
    assert page.error is not None and "an object that it draws is not whole" in page.error.message


def composite() -> tuple[pymupdf.Document, int, int]:
    """A page with a composite font and a TrueType file of its own, the font, and the one below it."""
    file = pymupdf.open(stream=a_file().tobytes(garbage=3))
    font = next(xref for xref, _, kind, *_ in file[0].get_fonts() if kind in ("Type0", "CIDFontType0"))
    return file, font, int(file.xref_get_key(font, "DescendantFonts")[1].strip("[]").split()[0])


def with_widths_that_are_none(file: pymupdf.Document, font: int, below: int) -> None:
    file.xref_set_key(below, "W", "[0[500 null]1 3 600]")


def with_an_encoding_that_is_none(file: pymupdf.Document, font: int, below: int) -> None:
    file.xref_set_key(font, "Encoding", f"{file[0].get_contents()[0]} 0 R")


@pytest.mark.parametrize("fault", [with_widths_that_are_none, with_an_encoding_that_is_none])
def test_a_composite_font_that_is_not_whole_says_so(
    fault: Callable[[pymupdf.Document, int, int], None],
) -> None:
    file, font, below = composite()
    assert docvlm.convert(file.tobytes(), reader="text").pages[0].error is None
    fault(file, font, below)
    page = docvlm.convert(file.tobytes(), reader="text").pages[0]
    assert page.error is not None and "a font that it names is not whole" in page.error.message


def test_a_simple_font_whose_widths_are_another_object_says_so() -> None:
    file = pymupdf.open(SAMPLES / "slides.pdf")
    font = file[0].get_fonts()[0][0]
    file.xref_set_key(font, "Widths", f"{file[0].xref} 0 R")
    (page,) = docvlm.convert(file.tobytes(), reader="text", pages="1").pages
    assert page.error is not None and "a font that it names is not whole" in page.error.message


def test_a_font_of_which_a_piece_is_gone_says_so() -> None:
    """Its letters draw nothing then, though the text layer has their words."""
    file = pymupdf.open(SAMPLES / "slides.pdf")
    descriptor = int(file.xref_get_key(file[0].get_fonts()[0][0], "FontDescriptor")[1].split()[0])
    program = int(file.xref_get_key(descriptor, "FontFile2")[1].split()[0])
    data = file.xref_stream(program)
    file.update_stream(program, data[:2000] + data[3000:])
    (page,) = docvlm.convert(file.tobytes(), reader="text", pages="1").pages
    assert page.error is not None and "a font that it names is not whole" in page.error.message


def test_a_font_that_is_called_what_it_is_not_says_so() -> None:
    file = a_file()
    font = file[1].get_fonts()[0][0]
    file.xref_set_key(font, "Subtype", "/TrueType")
    second = docvlm.convert(file.tobytes()).pages[1]
    assert second.error is not None and "font that it names is not whole" in second.error.message


@pytest.mark.parametrize("descriptor", ["null", "itself"])
def test_a_part_of_a_font_that_is_not_in_the_file_says_so(descriptor: str) -> None:
    file = pymupdf.open(SAMPLES / "slides.pdf")
    font = file[0].get_fonts()[0][0]
    file.xref_set_key(font, "FontDescriptor", f"{font} 0 R" if descriptor == "itself" else descriptor)
    (page,) = docvlm.convert(file.tobytes(), reader="text", pages="1").pages
    assert page.error is not None and "font that it names is not whole" in page.error.message


def test_a_crop_box_far_larger_than_its_page_says_so() -> None:
    file = a_file()
    file.xref_set_key(file[1].xref, "CropBox", "[0 -2147483648 1000000000 255]")
    pages = docvlm.convert(file.tobytes(), reader="text").pages
    assert pages[0].error is None
    assert pages[1].error is not None and "far larger than the page" in pages[1].error.message


def test_pictures_whose_data_libjpeg_complains_of_say_so() -> None:
    data = (SAMPLES / "page.jpg").read_bytes()
    assert jpeg.damage(data) is None
    data = data[: len(data) // 2] + data[len(data) // 2 + 9000 :]
    (page,) = docvlm.convert(data).pages
    assert page.error is not None and "Corrupt JPEG data" in page.error.message
    file = pymupdf.open()
    file.new_page().insert_image((50, 50, 500, 700), stream=data)
    (page,) = docvlm.convert(file.tobytes(), reader="text").pages
    assert page.error is not None and "Corrupt JPEG data" in page.error.message


def test_a_hole_in_the_data_of_a_jpeg_says_so() -> None:
    """libjpeg takes zeros for picture. Where a table says that they end a block, they are blank paper."""
    saved, plain = io.BytesIO(), io.BytesIO()
    with Image.open(SAMPLES / "page.jpg") as whole:
        whole.convert("L").save(saved, "JPEG", quality=85)
    data = saved.getvalue()
    assert jpeg.damage(data) is None
    middle = len(data) // 2
    assert jpeg.damage(data[:middle] + bytes(512) + data[middle + 512 :]) == "its data has a hole"
    assert jpeg.damage(data + bytes(512)) is None
    Image.new("L", (4000, 4000), 255).save(plain, "JPEG", optimize=True)
    assert bytes(64) in plain.getvalue() and jpeg.damage(plain.getvalue()) is None


def written(**settings: object) -> bytes:
    """A part of a page as JPEG."""
    saved = io.BytesIO()
    with Image.open(SAMPLES / "page.jpg") as whole:
        whole.convert("L").crop((150, 150, 900, 500)).save(saved, "JPEG", **settings)
    return saved.getvalue()


@pytest.mark.parametrize("filling", [b"", b"\0" * 7, b"\xff" * 7])
@pytest.mark.parametrize("kind", [{}, {"optimize": True}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_sound_jpeg_has_no_damage(kind: dict[str, object], filling: bytes) -> None:
    for quality in (5, 30, 60, 75, 80, 90, 100):
        data = written(quality=quality, **kind)
        assert jpeg.damage(data[:-2] + filling + data[-2:]) is None


@pytest.mark.parametrize("kind", [{}, {"optimize": True}, {"restart_marker_rows": 1}])
def test_flipped_bits_of_a_jpeg_that_displace_the_rest_of_it_say_so(kind: dict[str, object]) -> None:
    data = written(quality=80, **kind)
    with Image.open(io.BytesIO(data)) as sound:
        pixels = np.asarray(sound).astype(int)
    displaced, named, random = 0, 0, Random(1)
    for _ in range(60):
        changed = bytearray(data)
        changed[random.randrange(len(data) // 2, len(data) * 3 // 4)] ^= 1 << random.randrange(8)
        with suppress(OSError), Image.open(io.BytesIO(changed)) as picture:
            differs = abs(np.asarray(picture).astype(int) - pixels) > 128
            if differs.mean() > 0.001:  # more than the flipped block and its neighbours
                displaced += 1
                named += jpeg.damage(bytes(changed)) is not None
    assert displaced > 10 and named >= 0.9 * displaced, (named, displaced)


def test_a_symbol_that_stands_twice_in_a_table_of_a_jpeg_says_so() -> None:
    data = bytearray(written(quality=80))
    table = data.rfind(
        b"\xff\xc4"
    )  # the mark, two bytes of length, the table's kind, sixteen counts, the symbols
    data[table + 30] = data[table + 31]
    assert jpeg.damage(bytes(data)) == "its tables of codes are not whole"


def test_a_page_whose_picture_has_flipped_bits_says_so_and_small_pictures_get_no_second_look() -> None:
    data = bytearray(written(quality=80))
    place = next(
        place
        for place in range(len(data) // 2, len(data))
        if jpeg.damage(bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :]))
        == "its data goes on after the picture"
    )
    data[place] ^= 16
    (page,) = docvlm.convert(bytes(data)).pages
    assert page.error is not None and "goes on after the picture" in page.error.message
    for size, is_named in ((750, True), (200, False)):
        file = pymupdf.open()
        file.new_page(width=750, height=350).insert_image((0, 0, size, size), stream=bytes(data))
        (page,) = docvlm.convert(file.tobytes(), reader="text").pages
        assert (page.error is not None) == is_named


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_that_is_cut_short_gives_what_there_is_and_says_so(tmp_path: Path, form: str) -> None:
    saved = io.BytesIO()
    with Image.open(SAMPLES / "page.jpg") as whole:
        whole.convert("L").reduce(2).save(saved, form)
    (tmp_path / "a").write_bytes(saved.getvalue()[: len(saved.getvalue()) * 3 // 4])
    with Source(tmp_path / "a", "a") as source:
        pixels = source.pixels(1)
        assert source.broken and "truncated" in source.broken
    assert pixels[: len(pixels) // 2].std() > 10  # letters, not only paper
    report = Converter(workers=1).to_folder([tmp_path / "a"], tmp_path / "out")
    assert report.results[0].status == "partial"
    assert "truncated" in report.results[0].errors[0]["message"]


def test_a_file_whose_only_page_is_damaged_is_partial_where_it_gives_words(tmp_path: Path) -> None:
    file = a_file()
    file.delete_page(0)
    cut(file, int(file[0].get_contents()[0]))
    (tmp_path / "a.pdf").write_bytes(file.tobytes())
    report = Converter(workers=1, reader="text").to_folder([tmp_path / "a.pdf"], tmp_path / "out")
    assert report.results[0].status == "partial" and report.exit_code() == ExitCode.SOME_FAILED


def test_what_is_no_unicode_in_a_file_loses_no_page(tmp_path: Path) -> None:
    """Halves of characters in a form, a note, a label and the letters themselves."""
    file = pymupdf.open()
    page = file.new_page()
    page.insert_text((50, 100), "Hello world, a line of text for you.")
    field = pymupdf.Widget()
    field.field_type, field.field_name, field.field_value = pymupdf.PDF_WIDGET_TYPE_TEXT, "town", "x"
    field.rect = pymupdf.Rect(50, 200, 200, 220)
    page.add_widget(field)
    page.add_text_annot((300, 300), "note")
    half = pikepdf.String(b"\xfe\xff\xd8\x00\x00a\xdc\x00")
    with pikepdf.open(io.BytesIO(file.tobytes())) as pdf:
        for each in pdf.pages[0].obj.Annots:
            each.T = each.Contents = each.V = each.TU = half
        pdf.Root.PageLabels = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(P=half)])
        font = next(
            each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each
        )
        font.ToUnicode = pdf.make_stream(
            b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <6c> <d800> endbfchar"
        )
        pdf.save(tmp_path / "a.pdf")
    report = Converter(workers=1, reader="text").to_folder(
        [tmp_path / "a.pdf"], tmp_path / "out", ["json", "markdown", "html", "latex"]
    )
    assert report.results[0].status == "done", report.results[0].errors
    assert "wor\ufffdd" in (tmp_path / "out" / "a.md").read_text()


def test_what_is_said_of_a_page_does_not_depend_on_the_pages_before_it() -> None:
    """The font, which both pages share, is asked for once and then kept by MuPDF."""
    data = damaged(cut, "/Length1")
    together = docvlm.convert(data).pages[1]
    alone = docvlm.convert(data, pages="2").pages[0]
    assert together.error == alone.error is not None


def test_a_page_that_mupdf_refuses_is_damaged_and_no_fault_of_ours(tmp_path: Path) -> None:
    file = a_file()
    xref = file[1].get_contents()[0]
    file.update_stream(xref, b"q " * 3000 + file.xref_stream(xref))
    file.save(tmp_path / "a.pdf")
    report = Converter(workers=1).to_folder([tmp_path / "a.pdf"], tmp_path / "out")
    (error,) = report.results[0].errors
    assert (error["page"], error["category"]) == (2, "damaged")
    assert error["message"].startswith("the page cannot be read: too many nested graphics states")


def test_a_page_that_goes_while_mupdf_repairs_the_file_is_damaged_and_no_fault_of_ours() -> None:
    with pymupdf.open(stream=a_file().tobytes()) as file:
        file.delete_page(0)  # as a repair does
        with pytest.raises(RuntimeError) as caught:
            file.page_xref(1)
    assert failure_of(caught.value).category == "damaged"


@pytest.mark.parametrize("name", ["malloc", "calloc", "realloc"])
def test_what_mupdf_has_no_memory_for_is_no_damage(name: str) -> None:
    told = failure_of(RuntimeError(f"code=1: {name} (134217728 bytes) failed"))
    assert told.category == "limit" and "--memory-limit" in told.message


def test_harmless_faults_mark_no_page() -> None:
    file = a_file()
    page = file[0]
    xref = page.get_contents()[0]
    file.update_stream(xref, file.xref_stream(xref) + b"\n q Q Q 1 0 0 RG unknownoperator \n")
    for row in range(20):
        page.insert_text((40, 300 + row), "   ")  # which has no height, and lies nowhere
    page.insert_link(
        {
            "kind": pymupdf.LINK_GOTO,
            "page": 1,
            "from": pymupdf.Rect(40, 60, 80, 80),
            "to": pymupdf.Point(0, 0),
        }
    )
    assert docvlm.convert(file.tobytes(), pages="1").pages[0].error is None


def test_a_run_with_a_damaged_page_ends_with_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(damaged(cut, "content"))
    report = Converter(workers=1).to_folder([tmp_path / "a.pdf"], tmp_path / "out")
    assert report.exit_code() == ExitCode.SOME_FAILED
    (told,) = json.loads((tmp_path / "out" / "run-report.json").read_text())["documents"]
    assert told["status"] == "partial" and [error["page"] for error in told["errors"]] == [2]
    assert "quarry" in (tmp_path / "out" / "a.md").read_text()


def test_text_on_a_page_of_a_million_points_is_kept() -> None:
    file = pymupdf.open()
    page = file.new_page(width=200_000, height=200_000)
    page.insert_text((300, 400), "A sentence that no pixel of such a page can show", fontsize=12)
    text = docvlm.convert(file.tobytes()).to_markdown()
    assert "A sentence that no pixel of such a page can show" in text
