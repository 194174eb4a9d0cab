"""A page as pixels, the right way up, and pixels as a page.

Boxes are PDF points, origin top left, in the frame of the *upright* page: after the page's own rotation and, where the
text runs sideways, after turning it so that it reads from left to right.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from docvlm import contents
from docvlm.boxes import Box, area, as_box, middle
from docvlm.mupdf import pymupdf
from docvlm.spans import Line, Span

Image = npt.NDArray[np.uint8]

_POINTS_PER_INCH = 72
_MOST_PIXELS = 30e6  # 90 MB
_LOOK_PIXELS = 4e6  # of a page's picture in which lines of text are some pixels high

# Text turns a page where there are some words of it, and most of them run one way: axes' titles and stamps do not.
_FEWEST_TURNED = 20  # characters
_MOSTLY_TURNED = 0.7  # of all characters

# What may be letters among the pieces of ink: neither specks nor rules, and none so high that a page has few lines of it.
_LEAST_LETTER = 4  # pixels
_FEWEST_LINES = 15  # of the page's height
_WIDEST, _HIGHEST = 4.0, 6.0  # times the other side
_THINNEST = 0.15  # of a letter's box is ink
_FEWEST_LETTERS = 30
_LETTER = 0.6  # em; between small letters and capitals
_LEAST_TYPE, _MOST_TYPE = 5.5, 60.0  # points; print of whole pages is neither smaller nor larger
_USUAL_TYPE = 10.0  # points
_TYPE_PIXELS = 4.2e6  # in which type is measured: A4 at 200 dpi
_SCANNED = 0.5  # of the page under a picture that is a scan of it

_JPEG_QUALITY = 85  # of a picture that only the layout network sees
_LEAST_SIZE = 3.0  # points; OCR measures specks that it takes for letters smaller than any type
_MOST_STRETCH = 1.5  # of a span's own size, by which its letters are set larger to fill its box
_FIRST_WIDE = "\u2e80"  # from here on writing needs a font with Chinese, Japanese and Korean
_ASIDE, _NEXT_GLYPH = (
    0.3,
    1.6,
)  # ems by which the next glyph of a column stands beside, and below, the one before


def upright(page: pymupdf.Page) -> int:
    """Takes the page's rotation into its content and turns sideways text to read left to right.

    Changes ``page`` in memory. Returns the degrees (clockwise) by which the page as a viewer shows it was
    turned: 0, 90, 180 or 270.
    """
    if page.rotation:
        _take_in_rotation(page)
    turned = _turn_needed(page)
    if turned:
        page.set_rotation(turned)
        _take_in_rotation(page)
        contents.forget(page)
    return turned


def _take_in_rotation(page: pymupdf.Page) -> None:
    """Turns a page's content by its rotation. PyMuPDF turns it within the MediaBox and then forgets the CropBox, by which
    the content is shifted and cut off; so the MediaBox is made what the page shows before.
    """
    rotation = page.rotation
    page.set_rotation(0)
    page.set_mediabox(page.rect * ~page.transformation_matrix)
    _show_mediabox(page)
    page.set_rotation(rotation)
    page.remove_rotation()
    _show_mediabox(page)


def _show_mediabox(page: pymupdf.Page) -> None:
    """Makes the MediaBox what the page shows, be there another box that the page inherits."""
    page.parent.xref_set_key(page.xref, "CropBox", page.parent.xref_get_key(page.xref, "MediaBox")[1])


def _turn_needed(page: pymupdf.Page) -> int:
    if is_vertical(page):
        return 270  # columns from the right become lines from the top
    directions: Counter[tuple[int, int]] = Counter()
    for line in contents.text_lines(page):
        x, y = line["dir"]
        directions[(round(x), round(y))] += sum(len(span["text"].strip()) for span in line["spans"])
    total = sum(directions.values())
    if total < _FEWEST_TURNED:
        return 0
    direction, count = directions.most_common(1)[0]
    if count < _MOSTLY_TURNED * total:
        return 0
    # Text running upwards (0, -1) reads left to right once the page is turned a quarter clockwise.
    return {(0, -1): 90, (-1, 0): 180, (0, 1): 270}.get(direction, 0)


def is_vertical(page: pymupdf.Page) -> bool:
    """Whether most of the page's text is set in columns, as Japanese and Chinese can be."""
    columns = total = 0
    above: dict[str, Any] | None = None
    for line in contents.text_lines(page):
        size = sum(len(span["text"].strip()) for span in line["spans"])
        total += size
        if line["wmode"] or (above is not None and _is_below(line, above)):
            columns += size
        above = line if is_lone_glyph(line) else None
    return columns > total / 2


def is_lone_glyph(line: Mapping[str, Any]) -> bool:
    """Whether one of MuPDF's lines is but one Chinese or Japanese glyph: browsers place those of columns one by one."""
    spans = line["spans"]
    return len(spans) == 1 and len(spans[0]["text"]) == 1 and spans[0]["text"] >= _FIRST_WIDE


def _is_below(line: dict[str, Any], above: dict[str, Any]) -> bool:
    """Whether a lone glyph stands under another, as both are drawn."""
    if not is_lone_glyph(line):
        return False
    (x, y), (a, b) = middle(line["bbox"]), middle(above["bbox"])
    along, down = line["dir"]
    em = line["spans"][0]["size"]
    aside, below = (x - a) * along + (y - b) * down, (y - b) * along - (x - a) * down
    return abs(aside) < _ASIDE * em and 0 < below < _NEXT_GLYPH * em


def render(page: pymupdf.Page, dpi: float, box: Box | None = None, max_pixels: float = _MOST_PIXELS) -> Image:
    """Pixels of the page or of ``box``, (H, W, 3) uint8 RGB on white, at ``dpi`` or less.

    The resolution is lowered where the picture would exceed ``max_pixels``, so a page of any size is safe.
    """
    clip = pymupdf.Rect(box) & page.rect if box is not None else page.rect
    scale = dpi / _POINTS_PER_INCH
    pixels = max(clip.width * clip.height, 1.0) * scale**2
    zoom = scale * min(1.0, math.sqrt(max_pixels / pixels))
    return _pixels(page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, alpha=False, annots=True))


def render_part(shown: pymupdf.DisplayList, page: pymupdf.Page, box: Box, zoom: float) -> Image:
    """Pixels of ``box``, as `render` gives them, of what ``page`` shows: ``zoom`` pixels per point."""
    clip = pymupdf.Rect(box) & page.rect
    zoom *= min(1.0, math.sqrt(_MOST_PIXELS / max(clip.width * clip.height * zoom**2, 1.0)))
    return _pixels(shown.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, alpha=False))


def _pixels(pixmap: pymupdf.Pixmap) -> Image:
    return (
        np.frombuffer(pixmap.samples, np.uint8)
        .reshape(pixmap.height, pixmap.width, pixmap.n)[:, :, :3]
        .copy()
    )


def for_ocr(page: pymupdf.Page, dpi: float) -> tuple[Image, float, float]:
    """Pixels of the page for OCR, (H, W, 3) uint8 RGB, how many of them go to a point, and how many of the page's own
    points are one of these.

    The pixels decide what a point is, and not the file: a scan's resolution tag or its page's size may be anything.
    Where letters would be smaller or larger than print is, points are taken to be such that they are of a usual size,
    and the page is drawn at ``dpi`` of those.
    """
    width = max(page.rect.width, 1.0)
    looked = render(page, max(dpi, _stored_dpi(page)), max_pixels=_TYPE_PIXELS)
    size = type_height(looked) * width / looked.shape[1]
    usual = size == 0.0 or _LEAST_TYPE <= size <= _MOST_TYPE
    unit = 1.0 if usual else size / _USUAL_TYPE
    image = render(page, dpi / unit)
    return image, image.shape[1] / width * unit, unit


def _stored_dpi(page: pymupdf.Page) -> float:
    """The resolution of the largest picture on the page where it fills the most of it; 0 where none does."""
    largest = max(contents.images(page), key=lambda info: area(info["bbox"]), default=None)
    if largest is None or area(largest["bbox"]) < _SCANNED * area(as_box(page.rect)):
        return 0.0
    return float(largest["width"] / max(largest["bbox"][2] - largest["bbox"][0], 1.0) * _POINTS_PER_INCH)


def type_height(image: Image) -> float:
    """How high the type is that most ink of a page (H, W, 3) is, in pixels from line to line as type is measured; 0 where
    too little is seen that may be letters.
    """
    import cv2

    gray = image[..., 1]
    level, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)
    ink = (gray <= level).astype(np.uint8)
    if 2 * int(ink.sum()) > ink.size:
        ink = 1 - ink
    _, _, found, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, high, inked = (
        found[1:, side] for side in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    letters = (high >= _LEAST_LETTER) & (high < image.shape[0] / _FEWEST_LINES)
    letters &= (wide < _WIDEST * high) & (high < _HIGHEST * wide) & (inked >= _THINNEST * wide * high)
    heights = np.sort(high[letters])
    if len(heights) < _FEWEST_LETTERS:
        return 0.0
    # Of half the height that is there, not of half the pieces: specks are many.
    below = np.cumsum(heights)
    return float(heights[np.searchsorted(below, below[-1] / 2)]) / _LETTER


def look(page: pymupdf.Page) -> Image:
    """The page at a pixel a point, or less where it is large, (H, W, 3) uint8 RGB; drawn once, not to be changed."""
    return contents.once(page, _look)


def _look(page: pymupdf.Page) -> Image:
    return render(page, _POINTS_PER_INCH, max_pixels=_LOOK_PIXELS)


def canvas(image: Image, scale: float, lines: list[Line]) -> pymupdf.Document:
    """A one-page document that shows ``image`` (``scale`` pixels per point) over ``lines`` as invisible text.

    Layout and table analysis work on text spans, which a scan does not have.
    """
    import cv2

    document = pymupdf.open()
    page = document.new_page(width=image.shape[1] / scale, height=image.shape[0] / scale)
    _, encoded = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    page.insert_image(page.rect, stream=encoded.tobytes())
    latin, wide = pymupdf.Font("helv"), None
    writer = pymupdf.TextWriter(page.rect)
    for span in (span for line in lines for span in line.spans if span.text.strip()):
        font = latin
        if any(character > _FIRST_WIDE for character in span.text):
            font = wide = wide or pymupdf.Font("cjk")
        size = _fitting_size(span, font)
        writer.append((span.box[0], span.baseline or span.box[3]), span.text, font, size)
    writer.write_text(page, render_mode=3)
    return document


def _fitting_size(span: Span, font: pymupdf.Font) -> float:
    """The size in points at which a span's text is as wide as its box, within reason."""
    natural = max(font.text_length(span.text, 1.0), 0.1)  # of characters that the font does not have
    size = max((span.box[2] - span.box[0]) / natural, _LEAST_SIZE)
    return min(size, _MOST_STRETCH * max(span.size, _LEAST_SIZE))
