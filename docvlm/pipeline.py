"""The stages that read a page, wired together:

source -> raster + text spans -> layout -> readers -> confidence -> document
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2

from docvlm import confidence, raster, structure
from docvlm.document import Confidence, Document, PageError, Reader, Table
from docvlm.draft import Draft, PageDraft
from docvlm.errors import DocvlmError, UsageError
from docvlm.fontcheck import FontCheck
from docvlm.layout import Region, analyze
from docvlm.mupdf import pymupdf
from docvlm.readers import text as text_reader
from docvlm.readers.table import read_tables
from docvlm.source import Source, parse_pages, sha256
from docvlm.spans import Line

ReaderChoice = Literal["auto", "text", "ocr"]

_ASSET_DPI = 150


@dataclass(frozen=True, slots=True)
class Options:
    """How to read. ``pages`` is a selection such as ``1-3,7``; ``ocr_dpi`` the resolution OCR reads at."""

    pages: str | None = None
    reader: ReaderChoice = "auto"
    password: str | None = None
    ocr_dpi: int = 200

    def __post_init__(self) -> None:
        if self.reader not in ("auto", "text", "ocr"):
            raise UsageError(f"unknown reader '{self.reader}'", "choose auto, text or ocr")


def convert(
    source: str | Path | bytes,
    *,
    options: Options | None = None,
    on_page: Callable[[PageDraft], None] | None = None,
    **settings: Any,
) -> Document:
    """Reads a PDF or image (path or bytes) into a :class:`Document`, in this process, page by page.

    Give :class:`Options`, or its fields as keywords (``pages="1-3"``, ``reader="ocr"``, ``password=...``).
    A page that fails is marked by its ``error``; the others are complete. For many files, all cores and
    time limits use :class:`docvlm.Converter`. Raises :class:`docvlm.errors.DocvlmError` when nothing can be read.
    """
    options = options or Options(**settings)
    data = source if isinstance(source, bytes) else Path(source)
    name = "document" if isinstance(data, bytes) else str(data)
    with Source(data, name, options.password) as opened:
        fonts = FontCheck()
        drafts = []
        for number in parse_pages(options.pages, opened.page_count):
            drafts.append(read_page_safely(opened, number, options, fonts))
            if on_page:
                on_page(drafts[-1])
    return finish(drafts, data, name)


def finish(drafts: list[PageDraft], data: Path | bytes, name: str, digest: str | None = None) -> Document:
    """Makes the document of its pages' drafts."""
    stem = Path(name).stem
    pages, images = structure.assemble(sorted(drafts, key=lambda d: d.number), stem)
    document = Document(source=Path(name).name, sha256=digest or sha256(data), pages=pages)
    document._assets = Assets(images)  # type: ignore[assignment]
    return document


class Assets(Mapping[str, bytes]):
    """Pictures by name; those spooled to files are read when asked for, so a long document stays small."""

    def __init__(self, images: Mapping[str, Any]) -> None:
        self._images = dict(images)

    def __getitem__(self, name: str) -> bytes:
        image = self._images[name]
        return image.read_bytes() if isinstance(image, Path) else image

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)


def read_page_safely(source: Source, number: int, options: Options, fonts: FontCheck) -> PageDraft:
    """:func:`read_page`, with any failure kept as the page's error: a page must never take others with it."""
    try:
        return read_page(source, number, options, fonts)
    except DocvlmError as error:
        return failed_page(
            number, "source", "limit" if error.category == "limit" else "damaged", error.line()
        )
    except MemoryError:
        return failed_page(number, "read", "limit", "out of memory")
    except Exception as error:
        return failed_page(number, "read", "crash", f"{type(error).__name__}: {error}")


def failed_page(number: int, stage: str, category: Any, message: str) -> PageDraft:
    """The draft of a page that could not be read."""
    error = PageError(stage=stage, category=category, message=" ".join(message.split()))
    return PageDraft(number=number, width=0.0, height=0.0, error=error)


def read_page(source: Source, number: int, options: Options, fonts: FontCheck) -> PageDraft:
    """Reads one page by the cheapest reader that can be trusted."""
    started = time.monotonic()
    page = source.page(number)
    raster.upright(page)
    text = raster.read_text(page)
    raster.drop_hidden(page, text)
    layer = raster.verdict(text, raster.image_cover(page), raster.is_under_image(page))
    if layer.trusted and options.reader == "auto":
        layer = fonts.verify(page, text.lines, layer)
    by_text = options.reader == "text" or (options.reader == "auto" and layer.trusted)
    draft = _read_text_layer(page, text.lines, fonts) if by_text else _read_pixels(page, options)
    draft.number, draft.label, draft.text_layer = number, source.label(number), layer
    draft.seconds = time.monotonic() - started
    return draft


def _read_text_layer(page: pymupdf.Page, lines: list[Line], fonts: FontCheck) -> PageDraft:

    def judge(used: list[Line], text: str) -> Confidence:
        return confidence.of_text_layer(used, fonts.of(used), text)

    return _read_regions(page, lines, "text", judge)


def _read_pixels(page: pymupdf.Page, options: Options) -> PageDraft:
    from docvlm.readers.ocr import engine

    image = raster.render(page, options.ocr_dpi)
    scale = image.shape[1] / max(page.rect.width, 1.0)
    read = engine().read_page(image, scale)
    if read.blank:
        return PageDraft(0, page.rect.width, page.rect.height)
    document = raster.canvas(read.upright, scale, read.lines)
    return _read_regions(document[0], read.lines, "ocr", confidence.of_ocr)


Judge = Callable[[list[Line], str], Confidence]


def _read_regions(page: pymupdf.Page, lines: list[Line], reader: Reader, judge: Judge) -> PageDraft:
    regions = analyze(page, lines)
    tables = read_tables(page, regions)
    draft = PageDraft(0, page.rect.width, page.rect.height, body_size=raster.body_size(lines))
    draft.characters = sum(len(line.text.strip()) for line in lines)
    for index, region in enumerate(regions):
        draft.drafts.extend(_drafts(page, region, tables.get(index), reader, judge))
    return draft


def _drafts(
    page: pymupdf.Page, region: Region, table: Table | None, reader: Reader, judge: Judge
) -> Iterable[Draft]:
    """The blocks that one region becomes."""
    lines = text_reader.visual_lines(region.lines)
    if reader == "text":
        raster.mark_scripts(lines)
    if region.kind in ("picture", "chart", "formula"):
        yield _pictured(page, region, lines)
    elif table is not None:
        yield _table(table, lines, reader, judge)
    elif text_reader.is_code(lines) and region.kind in ("paragraph", "list", "table", "heading"):
        yield _block("code", lines, text_reader.code(lines), reader, judge)
    elif _is_list(region, lines):
        draft = _block("list", lines, "", reader, judge)
        draft.items = text_reader.items(lines)
        draft.confidence = judge(lines, " ".join(item.text for item in draft.items))
        yield draft
    else:
        kind = "paragraph" if region.kind in ("table", "list") else region.kind
        groups = text_reader.paragraphs(lines) if kind in ("paragraph", "heading", "footnote") else [lines]
        for group in groups:
            yield _block(kind, group, text_reader.flow(group), reader, judge)


def _is_list(region: Region, lines: list[Line]) -> bool:
    """Whether a region is a list: the network says so and it has a marker, or its own markers say so.

    A paragraph needs a bullet, or two numbered lines: one number may be a date or a heading.
    """
    if region.kind == "list":
        return any(text_reader.marker_of(line) for line in lines)
    if region.kind != "paragraph":
        return False
    markers = [marker[0] for line in lines if (marker := text_reader.marker_of(line))]
    begins = text_reader.marker_of(lines[0]) is not None
    return begins and ("-" in markers[:1] or len(markers) >= 2)


def _block(kind: Any, lines: list[Line], text: str, reader: Reader, judge: Judge) -> Draft:
    sizes = sorted(line.size for line in lines for _ in range(max(1, len(line.text))))
    spans = [span for line in lines for span in line.spans if span.text.strip()]
    return Draft(
        kind=kind,
        box=raster.union([line.box for line in lines]),
        text=text,
        confidence=judge(lines, text),
        reader=reader,
        size=sizes[len(sizes) // 2],
        bold=bool(spans) and all(span.bold for span in spans),
        lines=len(lines),
    )


def _table(table: Table, lines: list[Line], reader: Reader, judge: Judge) -> Draft:
    from docvlm.writers.markdown import table as markdown_table

    draft = _block("table", lines, markdown_table(table), reader, judge)
    # Rows of a table repeat rightly, so only the text's own score counts.
    draft.confidence = judge(lines, "")
    draft.table = table
    return draft


def _pictured(page: pymupdf.Page, region: Region, lines: list[Line]) -> Draft:
    """A region kept as its picture; words in it stay searchable in ``text``."""
    image = raster.render(page, _ASSET_DPI, region.box, max_pixels=6e6)
    _, encoded = cv2.imencode(".png", image[:, :, ::-1])
    words = " ".join(text_reader.flow([line]) for line in lines)
    judged = confidence.picture() if region.kind == "picture" else confidence.unread(region.kind)
    return Draft(kind=region.kind, box=region.box, text=words, confidence=judged, image=encoded.tobytes())
