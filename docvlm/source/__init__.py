"""Opens what a user names: PDFs, images and bytes, safely and one page at a time."""

from __future__ import annotations

import glob
import hashlib
import io
import math
import os
import re
import stat
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box
from docvlm.errors import (
    DamagedInput,
    DocvlmError,
    LimitExceeded,
    MemoryExceeded,
    MissingInput,
    PasswordNeeded,
    UnsupportedInput,
    UsageError,
    is_out_of_memory,
    reason,
)
from docvlm.mupdf import ALONE, ERRORS, pymupdf, whole
from docvlm.source import pagetree, tiff, windows

PDF_SUFFIXES = frozenset({".pdf"})
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"})
SUFFIXES = PDF_SUFFIXES | IMAGE_SUFFIXES

# An A0 poster at 200 dpi has 62 million pixels; above this an image is a mistake or an attack.
_MOST_PIXELS = 120e6

# A file of a megabyte may have a million pages that say nothing. The longest books in one file have some thousands.
_MOST_PAGES = 20_000

# Images without a believable resolution are taken to show a page whose longer side is A4's.
_A4_LONG = 842.0
_BELIEVABLE_DPI = (90.0, 1300.0)
_SCREEN_DPI = 96.0
_HEAD = 1024  # bytes; readers accept a PDF's mark anywhere within them

# Windows has no pipes among its files, and wants to be told that bytes are meant.
_OPENING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_RANGE = re.compile(r"(?=.*[0-9])(?P<first>[0-9]{0,9})\s*((?P<dash>-)\s*(?P<last>[0-9]{0,9}))?")

_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+")
_decoding = threading.Lock()  # Pillow's leave to show broken pictures is one for all threads
CROPPED, TURNED, VAST = "docvlmCropped", "docvlmTurned", "docvlmVast"  # keys of a page in memory
_FARTHEST = 2.0**24  # units; MuPDF calculates in single precision, which has no fractions from there on

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def expand(inputs: Iterable[str | Path]) -> list[Path]:
    """Files named by paths, folders (searched in depth) and globs, each once, in order.

    Raises :class:`MissingInput` for a path or glob that names nothing and a folder that holds nothing to read.
    """
    found: dict[Path, None] = {}
    for item in inputs:
        path = Path(item)
        if path.is_dir():
            inside = _in_folder(path)
            if not inside:
                raise MissingInput(
                    f"{item}: no PDF or image in this folder", f"looked for {' '.join(sorted(SUFFIXES))}"
                )
            found.update(dict.fromkeys(inside))
        elif path.exists() or not glob.has_magic(str(item)):
            found[path] = None
        else:
            matches = [Path(name) for name in sorted(glob.glob(str(item), recursive=True))]
            if not matches:
                raise MissingInput(f"{item}: no file matches")
            for match in matches:
                found.update(dict.fromkeys(_in_folder(match) if match.is_dir() else [match]))
    return list(found)


def _in_folder(folder: Path) -> list[Path]:
    files = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return sorted(p for p in files if not _is_ours(p.relative_to(folder), folder))


def _is_ours(path: Path, folder: Path) -> bool:
    """Whether ``path`` (below ``folder``) lies in a hidden folder or among the pictures of an earlier result."""
    for parent in list(path.parents)[:-1]:
        stem = parent.name.removesuffix("_assets")
        results = [folder / parent.parent / (stem + suffix) for suffix in (".md", ".tex", ".html", ".json")]
        if parent.name.startswith(".") or (stem != parent.name and any(p.is_file() for p in results)):
            return True
    return False


def parse_pages(text: str | None, count: int) -> list[int]:
    """Page numbers (from 1) that ``1-3,7,10-`` selects of ``count`` pages, ascending, each once.

    Raises :class:`UsageError` when the text is malformed or selects no existing page, :class:`LimitExceeded` where no text
    says that more than 20,000 pages are meant.
    """
    if text is None and count > _MOST_PAGES:
        raise LimitExceeded(
            f"{count:,} pages are more than {_MOST_PAGES:,}",
            "say which to read with --pages, such as 1-1000 or 1-",
        )
    chosen: set[int] = set()
    for low, high in page_ranges(text):
        chosen.update(range(low, count + 1 if high is None else min(high, count) + 1))
    if not chosen and text is not None:
        raise UsageError(f"--pages {text}: the document has only {count} page{'s' * (count != 1)}")
    return sorted(chosen)


def page_ranges(text: str | None) -> list[tuple[int, int | None]]:
    """First and last page of each part of ``1-3,7,10-``; ``None`` stands for the document's end.

    Raises :class:`UsageError` when the text is malformed.
    """
    if text is None:
        return [(1, None)]
    ranges: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"--pages {text}: '{part.strip()}' is not a page or a range", "write 1-3,7")
        low = int(match["first"] or 1)
        high = (int(match["last"]) if match["last"] else None) if match["dash"] else low
        if low < 1 or (high is not None and high < low):
            hint = "pages count from 1, and a range from its lower end"
            raise UsageError(f"--pages {text}: '{part.strip()}' is not a page or a range", hint)
        ranges.append((low, high))
    return ranges


def sha256(data: Path | bytes) -> str:
    """Hex digest of a file's or buffer's content. Raises as :func:`open_regular` does."""
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with open_regular(data, str(data)) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_regular(path: Path, name: str) -> io.BufferedReader:
    """Opens a file for reading; ``name`` is what errors call it.

    Raises :class:`MissingInput` where there is none that may be read, and :class:`UnsupportedInput` for folders, pipes
    and devices, which may never end or never begin.
    """
    try:
        # A pipe that nobody writes to would keep a plain open waiting.
        opened = os.open(path, os.O_RDONLY | _OPENING)
    except FileNotFoundError:
        raise MissingInput(f"{name}: no such file") from None
    except OSError as error:
        raise MissingInput(f"{name}: {error.strerror or error}", "check its permissions") from None
    mode = os.fstat(opened).st_mode
    if not stat.S_ISREG(mode):
        os.close(opened)
        raise UnsupportedInput(f"{name}: is {'a folder' if stat.S_ISDIR(mode) else 'not a regular file'}")
    return os.fdopen(opened, "rb")


class Source:
    """An open document whose pages are PyMuPDF pages, whatever the input was.

    Images become single pages of the size that their resolution gives (points), made on demand, so a
    thousand-page TIFF never stands in memory whole. Use it as a context manager.
    """

    def __init__(self, data: Path | bytes, name: str, password: str | None = None) -> None:
        self.name = name
        self._data = data
        head = _head(data, name)
        self._frames: Any = None
        self._frame_count = 0
        if not _looks_like_pdf(head):
            self._frames, self._frame_count = _open_image(data, name)
        self._pdf: pymupdf.Document | None = None
        self.warning: str | None = None  # what is wrong with the page tree
        if self._frames is None:
            with ALONE:
                self._pdf, self.warning = _open_pdf(data, name, password)
        self._image: pymupdf.Document | None = None  # a page lives only as long as its document
        self.broken: str | None = (
            None  # what Pillow says of the last picture, of which only a part could be read
        )
        self._windows: dict[int, Box] = {}  # by the xref of pages that were too large

    @property
    def is_image(self) -> bool:
        return self._pdf is None

    @property
    def page_count(self) -> int:
        if self._pdf is not None:
            return int(self._pdf.page_count)
        return self._frame_count

    def label(self, number: int) -> str | None:
        """The page label stored in the PDF for page ``number`` (from 1), if any."""
        if self._pdf is None:
            return None
        try:
            return whole(self._pdf[number - 1].get_label()) or None
        except (*ERRORS, KeyError):
            return None

    @property
    def pdf(self) -> pymupdf.Document | None:
        """The PDF itself; ``None`` where the source is an image."""
        return self._pdf

    def page(self, number: int) -> pymupdf.Page:
        """Page ``number`` (from 1) in a document of its own for images, of the PDF otherwise.

        Raises :class:`DamagedInput` when it cannot be loaded, :class:`LimitExceeded` when it is too large.
        """
        with self._named(number):
            if self._pdf is not None:
                page, window = windows.fit(_whole_page(self._pdf, number, self.name))
                if window is not None:
                    self._windows[page.xref] = window
                return page
            self._image = _image_document(self._picture(number), self._frames)
            return self._image[0]

    def window(self, page: pymupdf.Page) -> Box | None:
        """The part of the file's page (in its points) that ``page`` shows, where that is too large to be shown whole."""
        return None if self._pdf is None else self._windows.get(page.xref)

    def pixels(self, number: int) -> NDArray[np.uint8]:
        """Frame ``number`` (from 1) of an image as it is stored, upright, RGB (h, w, 3). Raises as `page` does."""
        with self._named(number):
            return np.array(self._picture(number))

    def _picture(self, number: int):  # type: ignore[no-untyped-def]
        """A frame of an image; of one that is cut short or broken as much as there is."""
        self.broken = None
        try:
            return _decoded(self._frames, number, self.name, is_part_enough=False)
        except (OSError, SyntaxError) as error:
            said = str(error)
            self._frames.close()  # of a decoder that has failed
            self._frames, _ = _open_image(self._data, self.name)
            image = _decoded(self._frames, number, self.name, is_part_enough=True)
            self.broken = said
            return image

    @property
    def stored(self) -> bytes:
        """The file as it is. Raises as :func:`open_regular` does."""
        if isinstance(self._data, bytes):
            return self._data
        with open_regular(self._data, self.name) as file:
            return file.read()

    @contextmanager
    def _named(self, number: int) -> Iterator[None]:
        """Turns whatever a damaged page raises into an error that names it."""
        try:
            yield
        except DocvlmError:
            raise
        except Exception as error:  # Pillow raises nearly anything for a damaged file
            if is_out_of_memory(error):
                raise MemoryExceeded(f"{self.name}: page {number} needs more memory than there is") from None
            raise DamagedInput(f"{self.name}: page {number} cannot be read: {reason(error)}") from None

    def close(self) -> None:
        if self._pdf is not None:
            with ALONE:
                self._pdf.close()
        if self._frames is not None:
            self._frames.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _head(data: Path | bytes, name: str) -> bytes:
    if isinstance(data, bytes):
        head = data[:_HEAD]
    else:
        with open_regular(data, name) as file:
            head = file.read(_HEAD)
    if not head:
        raise DamagedInput(f"{name}: the file is empty")
    return head


def _looks_like_pdf(head: bytes) -> bool:
    # The standard wants %PDF at byte 0; readers accept it within the first kilobyte.
    return b"%PDF-" in head


def _open_pdf(data: Path | bytes, name: str, password: str | None) -> tuple[pymupdf.Document, str | None]:
    """The PDF, and what is wrong with its page tree."""
    if isinstance(data, Path) and "\ufffd" in os.fsencode(data).decode("utf-8", "replace"):
        data = data.read_bytes()  # MuPDF opens only names that are UTF-8
    try:
        pdf = (
            pymupdf.open(stream=data, filetype="pdf")
            if isinstance(data, bytes)
            else pymupdf.open(data, filetype="pdf")
        )
    except ERRORS as error:
        raise DamagedInput(f"{name}: not a readable PDF: {reason(error)}") from None
    if pdf.needs_pass and not pdf.authenticate(password or ""):
        pdf.close()
        wrong = "the password is wrong" if password else "the file is encrypted"
        raise PasswordNeeded(f"{name}: {wrong}")
    warning = None
    with suppress(*ERRORS, RecursionError):  # of a tree that is damaged in other ways, too
        warning = pagetree.mend_counts(pdf)
    if _page_count(pdf) == 0:
        pdf.close()
        raise DamagedInput(f"{name}: the PDF has no pages, it is truncated or damaged")
    return pdf, warning


def _page_count(pdf: pymupdf.Document) -> int:
    try:
        return int(pdf.page_count)
    except ERRORS:  # the page tree is cut off
        return 0


def _whole_page(pdf: pymupdf.Document, number: int, name: str) -> pymupdf.Page:
    """A page of a PDF. MuPDF shows pages that a truncated file has lost as empty ones; those are damaged."""
    with suppress(Exception):  # MuPDF raises errors of many kinds, and loads the page or says why it cannot
        _uncrop(pdf, pdf.page_xref(number - 1))
        _unturn(pdf, pdf.page_xref(number - 1))
        corners = _corners(pdf, pdf.page_xref(number - 1), "MediaBox")
        if corners is not None and any(abs(place) > _FARTHEST for place in corners):
            pdf.xref_set_key(pdf.page_xref(number - 1), VAST, "true")
        _unscale(pdf, pdf.page_xref(number - 1))
    page = pdf.load_page(number - 1)
    if page.rect.is_empty or page.rect.is_infinite:
        raise DamagedInput(f"{name}: page {number} has no area, its boxes are damaged")
    if page.xref == 0 and not page.get_contents():  # what the page tree leads to is none
        raise DamagedInput(f"{name}: page {number} is missing from the file, which is damaged")
    if pdf.is_repaired:
        lost = not 0 < page.xref < pdf.xref_length() or pdf.xref_object(page.xref) == "null"
        if lost or not all(pdf.xref_is_stream(xref) for xref in page.get_contents()):
            raise DamagedInput(
                f"{name}: page {number} is missing from the file, which is truncated or damaged"
            )
    return page


def _unturn(pdf: pymupdf.Document, xref: int) -> None:
    """Takes a page's Rotate away, in memory, where it is no multiple of 90, and notes under `TURNED` that it did.

    Such a page stands upright with other readers; MuPDF rounds.
    """
    kind, value = pdf.xref_get_key(xref, "Rotate")
    if kind in ("int", "float") and float(value) % 90:
        pdf.xref_set_key(xref, "Rotate", "0")
        pdf.xref_set_key(xref, TURNED, "true")


def _uncrop(pdf: pymupdf.Document, xref: int) -> None:
    """Drops a page's CropBox, in memory, where it shows nothing of the MediaBox, and notes under `CROPPED` that it did."""
    kind, _ = pdf.xref_get_key(xref, "CropBox")
    if kind != "array":
        return
    crop, media = (_corners(pdf, xref, key) for key in ("CropBox", "MediaBox"))
    if crop is not None and (media is None or pymupdf.Rect(crop).intersects(media)):
        return
    pdf.xref_set_key(xref, "CropBox", "null")
    pdf.xref_set_key(xref, CROPPED, "true")


def _unscale(pdf: pymupdf.Document, xref: int) -> None:
    """Drops a UserUnit that leaves nothing of its page, in memory."""
    kind, unit = pdf.xref_get_key(xref, "UserUnit")
    if kind in ("int", "float") and float(unit) <= 0:
        pdf.xref_set_key(xref, "UserUnit", "null")


def _corners(pdf: pymupdf.Document, xref: int, key: str) -> pymupdf.Rect | None:
    """A box that a page states itself, if it has four numbers and any area."""
    numbers = [float(number) for number in _NUMBER.findall(pdf.xref_get_key(xref, key)[1])]
    if len(numbers) != len("xyxy"):
        return None
    box = pymupdf.Rect(numbers).normalize()
    return None if box.is_empty else box


def _open_image(data: Path | bytes, name: str):  # type: ignore[no-untyped-def]
    """The image, whose size is known and within the limit before anything is decoded, and its number of frames."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, see below
    suffix = Path(name).suffix.lower()
    try:
        image = Image.open(io.BytesIO(data) if isinstance(data, bytes) else data)
        count = _tiff_frames(data) or int(getattr(image, "n_frames", 1))
    except UnidentifiedImageError:
        if suffix in SUFFIXES:
            kind = "PDF" if suffix in PDF_SUFFIXES else "image"
            raise DamagedInput(f"{name}: not a readable {kind}") from None
        raise UnsupportedInput(f"{name}: neither a PDF nor an image") from None
    except Exception as error:  # Pillow raises nearly anything for a damaged file
        if is_out_of_memory(error):
            raise MemoryExceeded(f"{name}: needs more memory than there is") from None
        raise DamagedInput(f"{name}: not a readable image: {error}") from None
    _check_size(image.size, name)
    return image, count


def _tiff_frames(data: Path | bytes) -> int:
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        return tiff.frames(file)


def most_pixels() -> float:
    """The limit of an image's pixels, which DOCVLM_MAX_PIXELS may set. Raises UsageError where that is no number."""
    text = os.environ.get("DOCVLM_MAX_PIXELS", "")
    try:
        limit = float(text) if text else _MOST_PIXELS
    except ValueError:
        limit = math.nan
    if not limit > 0:
        raise UsageError(f"DOCVLM_MAX_PIXELS={text}: not a number of pixels", "give one such as 2e8")
    return limit


def _check_size(size: Sequence[int], name: str) -> None:
    most = most_pixels()
    if size[0] * size[1] > most:
        raise LimitExceeded(
            f"{name}: {size[0]} x {size[1]} is {size[0] * size[1] / 1e6:.0f} megapixels,"
            f" above the limit of {most / 1e6:.0f}"
        )


def _decoded(frames, number: int, name: str, is_part_enough: bool):  # type: ignore[no-untyped-def]
    from PIL import ImageFile

    with _decoding:
        kept, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, is_part_enough
        try:
            return _rgb(frames, number, name)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = kept


def _rgb(frames, number: int, name: str):  # type: ignore[no-untyped-def]
    """A frame of an image, upright by its EXIF orientation, on white paper."""
    from PIL import ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frames.seek(number - 1)
        _check_size(frames.size, name)
        image = ImageOps.exif_transpose(frames)
        if "A" in image.getbands() or "transparency" in image.info:
            # Transparent pixels are paper, not ink.
            image = image.convert("RGBA")
            paper = image.copy()
            paper.paste((255, 255, 255, 255), (0, 0, *image.size))
            paper.alpha_composite(image)
            image = paper
        if image.mode.startswith("I"):
            # Pillow would clip 16 bits to 8 instead of scaling them.
            image = image.convert("F").point(lambda value: value / 257.0)
        return image.convert("RGB")


def _image_document(image, frames) -> pymupdf.Document:  # type: ignore[no-untyped-def]
    """A frame as a page of its size."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    width, height = _points(image.size, frames.info.get("dpi", (0, 0)))
    document = pymupdf.open()
    page = document.new_page(width=width, height=height)
    page.insert_image(page.rect, stream=buffer.getvalue())
    return document


def _points(size: tuple[int, int], dpi: Sequence[float]) -> tuple[float, float]:
    """Page size in points: by the file's resolution where believable, else as if the page were A4."""
    try:
        resolution = float(dpi[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        resolution = 0.0
    if not _BELIEVABLE_DPI[0] <= resolution <= _BELIEVABLE_DPI[1]:
        # Small images (charts, crops) are screen shots at about 96 dpi rather than tiny pages.
        resolution = max(_SCREEN_DPI, 72.0 * max(size) / _A4_LONG)
    return size[0] * 72.0 / resolution, size[1] * 72.0 / resolution
