"""Places on upright pages and on the pages of their files: by arithmetic, and on scans turned and skewed by the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from conftest import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import docvlm
from docvlm import raster
from docvlm.boxes import Box, union
from docvlm.document import Page
from docvlm.frames import XY, Frame
from docvlm.ocr import deskew

_DPI = 200
_LINE = 2.0  # points by which OCR's boxes may miss ink: a seventh of a line of the sample's text
_SIDE = st.floats(10.0, 3000.0)
FRAMES = st.builds(Frame, _SIDE, _SIDE, st.sampled_from([0, 90, 180, 270]), st.floats(-45.0, 45.0))
POINTS = st.lists(st.tuples(st.floats(-100.0, 3000.0), st.floats(-100.0, 3000.0)), max_size=5)


@given(FRAMES, POINTS)
def test_there_and_back_is_the_same_place(frame: Frame, points: list[XY]) -> None:
    for result in (frame.to_upright(frame.to_file(points)), frame.to_file(frame.to_upright(points))):
        assert np.array(result) == pytest.approx(np.array(points), abs=1e-6)


@given(FRAMES, POINTS)
def test_a_box_in_the_file_holds_the_whole_of_it(frame: Frame, points: list[XY]) -> None:
    if not points:
        return
    box = union([(x, y, x, y) for x, y in points])
    x0, y0, x1, y1 = frame.box_in_file(box)
    for x, y in frame.to_file(points):
        assert x0 - 1e-6 <= x <= x1 + 1e-6 and y0 - 1e-6 <= y <= y1 + 1e-6


@pytest.mark.parametrize(
    ("rotation", "corner"), [(0, (0.0, 0.0)), (90, (0.0, 300.0)), (180, (200.0, 300.0)), (270, (200.0, 0.0))]
)
def test_the_corner_that_a_clockwise_turn_brings_to_the_top_left(rotation: int, corner: XY) -> None:
    width, height = (300.0, 200.0) if rotation % 180 else (200.0, 300.0)
    frame = Frame(width, height, rotation)
    assert frame.file_size == (200.0, 300.0)
    assert frame.to_file([(0.0, 0.0)])[0] == pytest.approx(corner)
    assert frame.quad((0.0, 0.0, width, height))[0] == pytest.approx(corner)
    assert frame.box_in_file((0.0, 0.0, width, height)) == pytest.approx((0.0, 0.0, 200.0, 300.0))


def test_lines_that_fell_to_the_right_have_a_positive_skew() -> None:
    (_, left), (_, right) = Frame(200.0, 300.0, skew=3.0).to_file([(0.0, 150.0), (200.0, 150.0)])
    assert right - left == pytest.approx(200.0 * np.sin(np.radians(3.0)))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, 3.0, -12.0])
def test_pixels_go_where_points_go(rotation: int, skew: float) -> None:
    image = np.full((300, 200, 3), 255, np.uint8)
    cv2.circle(image, (70, 90), 4, (0, 0, 0), -1)
    turned = deskew.upright(image, rotation, skew)
    y, x = (float(each.mean()) + 0.5 for each in np.nonzero(turned[..., 0] < 128))
    frame = Frame(float(turned.shape[1]), float(turned.shape[0]), rotation, skew)
    assert (x, y) == pytest.approx(frame.to_upright([(70.5, 90.5)])[0], abs=1.0)


# Scans


@dataclass
class Scan:
    """A page of a sample as the scanner shows it, and the ink of its words on it, as corners in points (4, 2)."""

    image: NDArray[np.uint8]
    words: list[tuple[str, NDArray[np.float64]]]

    def save(self, path: Path, rotate: int = 0) -> None:
        """Writes the image as a PDF; with ``rotate``, stored otherwise and turned back by the page's ``/Rotate``."""
        stored = np.ascontiguousarray(np.rot90(self.image, rotate // 90))
        height, width = (side * 72 / _DPI for side in stored.shape[:2])
        with pymupdf.open() as document:
            page = document.new_page(width=width, height=height)
            page.insert_image(page.rect, stream=cv2.imencode(".png", stored)[1].tobytes())
            page.set_rotation(rotate)
            document.save(path)


def scan(rotation: int, skew: float) -> Scan:
    """The sample's page turned so that it must be turned clockwise by ``rotation``, its lines falling by ``skew``."""
    with pymupdf.open(SAMPLES / "rotated.pdf") as document:
        page = document[1]
        page.remove_rotation()
        pixels = page.get_pixmap(dpi=_DPI)
        image = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
        words = [(str(word[4]), _ink(image, word[:4])) for word in page.get_text("words")]
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -skew, 1.0)
    image = cv2.warpAffine(image, matrix, (width, height), borderValue=(255, 255, 255))
    places = [corners @ matrix[:, :2].T + matrix[:, 2] for _, corners in words]
    for _ in range(rotation // 90):  # counter-clockwise
        width = image.shape[1]
        image = np.ascontiguousarray(np.rot90(image))
        places = [np.stack([place[:, 1], width - place[:, 0]], axis=1) for place in places]
    return Scan(image, [(text, place * 72 / _DPI) for (text, _), place in zip(words, places, strict=True)])


def _ink(image: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
    """The corners (4, 2) in pixels of the ink inside a word's box (points)."""
    x0, y0, x1, y1 = (round(v * _DPI / 72) for v in box)
    y, x = np.nonzero(image[y0:y1, x0:x1, 0] < 128)
    left, top, right, bottom = x0 + x.min(), y0 + y.min(), x0 + x.max() + 1, y0 + y.max() + 1
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def assert_boxes_fit(page: Page, words: list[tuple[str, NDArray[np.float64]]]) -> None:
    """Each word lies in one block, which says it, and each block is as large as the words in it."""
    held: dict[str, list[Box]] = {block.id: [] for block in page.blocks}
    unread = []
    for word, corners in words:
        upright = np.array(page.frame.to_upright([(x, y) for x, y in corners]))
        x, y = upright.mean(axis=0)
        (block,) = [b for b in page.blocks if b.box[0] < x < b.box[2] and b.box[1] < y < b.box[3]]
        if word not in block.text.replace(" ", ""):  # OCR loses spaces
            unread.append(word)
        held[block.id].append((*upright.min(axis=0), *upright.max(axis=0)))
        quad = np.array(page.frame.quad(block.box), np.float32)
        for corner in corners:
            assert cv2.pointPolygonTest(quad, (float(corner[0]), float(corner[1])), True) > -_LINE, word
    assert len(unread) <= 0.1 * len(words), (
        unread
    )  # where text runs upwards, the detector loses parts of lines
    for block in page.blocks:
        assert block.box == pytest.approx(union(held[block.id]), abs=_LINE), block.text


@pytest.mark.parametrize(
    ("rotation", "skew", "rotate"),
    [
        (90, 0.0, 0),
        (180, 0.0, 0),
        (270, 0.0, 0),
        (0, 3.0, 0),
        (0, -3.0, 0),
        (90, -3.0, 0),
        (180, 3.0, 0),
        (270, 3.0, 0),
        (0, 3.0, 90),
        (180, 0.0, 270),
    ],
)
def test_boxes_of_a_scan_lie_where_its_words_are(
    tmp_path: Path, rotation: int, skew: float, rotate: int
) -> None:
    made = scan(rotation, skew)
    made.save(tmp_path / "scan.pdf", rotate)
    (page,) = docvlm.convert(tmp_path / "scan.pdf").pages
    assert page.rotation == rotation
    assert page.skew == pytest.approx(skew, abs=0.2)
    height, width = made.image.shape[:2]
    assert page.frame.file_size == pytest.approx((width * 72 / _DPI, height * 72 / _DPI), abs=0.5)
    assert len(page.blocks) >= 2
    assert_boxes_fit(page, made.words)


def test_boxes_of_a_text_layer_turned_sideways_lie_where_its_words_are() -> None:
    (page,) = docvlm.convert(SAMPLES / "sideways.pdf").pages
    assert (page.rotation, page.skew) == (90, 0.0)
    with pymupdf.open(SAMPLES / "sideways.pdf") as document:
        words = document[0].get_text("words")
        assert page.frame.file_size == pytest.approx(document[0].rect[2:], abs=0.01)
    places = {block.id: page.frame.box_in_file(block.box) for block in page.blocks}
    for x0, y0, x1, y1, word, *_ in words:
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        (block,) = [b for b in page.blocks if pymupdf.Rect(places[b.id]).contains((x, y))]
        assert word in block.text


def test_pages_that_their_rotate_shows_upright_are_not_turned() -> None:
    for page in docvlm.convert(SAMPLES / "rotated.pdf").pages:
        assert (page.rotation, page.skew) == (0, 0.0)


def test_pictures_are_cut_from_the_upright_page(tmp_path: Path) -> None:
    flag = np.zeros((90, 160, 3), np.uint8)
    flag[:, :80, 2], flag[:, 80:, 0] = 255, 255  # red beside blue, as OpenCV writes them
    with pymupdf.open() as upright, pymupdf.open() as turned:
        page = upright.new_page(width=400, height=300)
        page.insert_text((40, 50), "The flag of the harbour office, seen from the quay")
        page.insert_image((120, 100, 280, 190), stream=cv2.imencode(".png", flag)[1].tobytes())
        page.insert_text((40, 240), "It is red on the left and blue on the right.")
        turned.new_page(width=300, height=400).show_pdf_page(
            pymupdf.Rect(0, 0, 300, 400), upright, 0, rotate=90
        )
        turned.save(tmp_path / "flag.pdf")
    document = docvlm.convert(tmp_path / "flag.pdf")
    (page,) = document.pages
    assert page.rotation in (90, 270)
    (picture,) = [block for block in page.blocks if block.asset]
    assert picture.box == pytest.approx((120, 100, 280, 190), abs=1)
    pixels = cv2.imdecode(np.frombuffer(document.assets[str(picture.asset)], np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    middle = pixels[pixels.shape[0] // 2]
    assert middle[len(middle) // 4].tolist() == [0, 0, 255]
    assert middle[3 * len(middle) // 4].tolist() == [255, 0, 0]


def test_the_json_says_how_a_page_was_turned() -> None:
    document = docvlm.convert(SAMPLES / "sideways.pdf")
    again = type(document).from_json(document.to_json())
    assert '"rotation": 90' in document.to_json() and '"skew": 0.0' in document.to_json()
    assert again.pages[0].frame == document.pages[0].frame
    with pytest.raises(ValueError, match="multiple of 90"):
        Page(number=1, width=1.0, height=1.0, rotation=45)


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("media", ["0 0 612 792", "20 -30 612 792"])
@pytest.mark.parametrize(
    "crop", ["70 92 500 692", "-40 92 500 692"]
)  # the second reaches out of the MediaBox
@pytest.mark.parametrize("is_inherited", [False, True])
def test_a_cropped_page_is_turned_whole(rotation: int, media: str, crop: str, is_inherited: bool) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=612, height=792)
        page.insert_text((100, 200), "Words in a corner", fontsize=30)
        page.draw_rect((80, 120, 380, 260))
        parent = int(document.xref_get_key(page.xref, "Parent")[1].split()[0])
        document.xref_set_key(page.xref, "MediaBox", f"[{media}]")
        document.xref_set_key(parent if is_inherited else page.xref, "CropBox", f"[{crop}]")
        document.xref_set_key(page.xref, "Rotate", str(rotation))
        data = document.tobytes()
    with pymupdf.open(stream=data) as document:
        page = document[0]
        shown = _pixels(page)
        turned = raster.upright(page)
        assert (_pixels(page) == np.rot90(shown, -turned // 90)).all()


def _pixels(page: pymupdf.Page) -> NDArray[np.uint8]:
    drawn = page.get_pixmap(dpi=36)
    return np.frombuffer(drawn.samples, np.uint8).reshape(drawn.height, drawn.width, 3)
