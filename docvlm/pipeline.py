"""The stages that read a page, wired together:

source -> raster + text spans -> layout -> readers -> confidence -> document
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from docvlm import checks, completeness, confidence, damage, file_knowledge, raster, tags, unmapped
from docvlm.annotations import forms, links, marks
from docvlm.annotations.decorations import decorate
from docvlm.assembly.assemble import assemble
from docvlm.decoding.interface import ImageTextModel
from docvlm.document import Document
from docvlm.draft import Draft, PageDraft
from docvlm.failures import failure_of
from docvlm.file_knowledge import Knowledge
from docvlm.fontcheck import FontCheck, check_fonts
from docvlm.frames import Frame
from docvlm.layout.region import cluster
from docvlm.mupdf import ALONE, pymupdf
from docvlm.options import Options, options_of
from docvlm.readers import vlm
from docvlm.readers.registry import read_regions
from docvlm.readers.remainder import read_remainder
from docvlm.readers.tiled import TiledModel
from docvlm.readers.view import PageView
from docvlm.roles import Models
from docvlm.running_text import flow
from docvlm.schema import Failure, FormField, TextLayer
from docvlm.source import Source, parse_pages, sha256
from docvlm.spans import Decoration, Line
from docvlm.text_layer import drop_hidden, image_cover, is_replaced, is_under_image, read_text, verdict
from docvlm.visual_lines import visual_lines


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
    options = options_of(options, settings)
    data = source if isinstance(source, bytes) else Path(source)
    name = "document" if isinstance(data, bytes) else str(data)
    with Source(data, name, options.password) as opened:
        drafts = []
        for numbers in groups(parse_pages(options.pages, opened.page_count), options.pages_at_once):
            for draft in read_pages(opened, numbers, options):
                drafts.append(draft)
                if on_page:
                    on_page(draft)
    document = finish(drafts, data, name)
    document._figure_text, document._annotations = options.figure_text, options.annotations
    return document


def groups(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """``numbers`` in runs of at most ``size``."""
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def finish(drafts: list[PageDraft], data: Path | bytes, name: str, digest: str | None = None) -> Document:
    """Makes the document of its pages' drafts."""
    stem = Path(name).stem
    drafts = sorted(drafts, key=lambda d: d.number)
    pages, images = assemble(drafts, stem)
    document = Document(source=Path(name).name, sha256=digest or sha256(data), pages=pages)
    document.fields = forms.of_document(field for page in pages for field in page.fields or ()) or None
    _tell(document, [draft.knowledge for draft in drafts if draft.knowledge])
    document._assets = Assets(images)  # type: ignore[assignment]
    return document


def _tell(document: Document, known: list[Knowledge]) -> None:
    """Gives a document what its file says of itself, as far as its text confirms it; ``known`` is of its pages."""
    if not known:
        return
    first = " ".join(block.text for page in document.pages if page.number == 1 for block in page.blocks)
    document.title = file_knowledge.printed_title(known[0].title, first)
    document.author = file_knowledge.printed_title(known[0].author, first)
    document.language = file_knowledge.written_language(
        known[0].language, " ".join(b.text for b in document.blocks())
    )
    document.outline = [entry for each in known for entry in each.outline] or None
    document.warnings = known[0].warnings or None


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


def read_pages(source: Source, numbers: Sequence[int], options: Options) -> Iterator[PageDraft]:
    """Reads several pages, which go through a model together where there is one.

    A page that fails is marked by its error. Raises :class:`DocvlmError` when the model cannot be loaded.
    """
    if options.reader == "vlm":
        yield from _read_by_model(source, numbers, options)
        return
    drafts = [read_page_safely(source, number, options) for number in numbers]
    if options.named("reading") is not None and vlm.has_unread(drafts):
        vlm.fill_unread(drafts, Models(options).needed("reading"))
    yield from drafts


def _read_by_model(source: Source, numbers: Sequence[int], options: Options) -> Iterator[PageDraft]:
    """Whole pages by the model, each with places and checks from its text layer or OCR."""
    model: ImageTextModel = Models(options).needed("reading")
    if options.tiles > 1:
        model = TiledModel(model, options.tiles)
    for batch in groups(numbers, model.batch_size):
        started = time.monotonic()
        seen = [_safely(source, number, partial(look, source, number, options), options) for number in batch]
        answers = iter(vlm.read_pages(model, [view for view in seen if isinstance(view, PageView)]))
        for number, view in zip(batch, seen):
            if isinstance(view, PageDraft):
                yield view
                continue
            draft = _safely(source, number, partial(vlm.merge, view, next(answers)), options)
            draft.seconds = (time.monotonic() - started) / len(batch)
            yield draft


def read_page_safely(source: Source, number: int, options: Options) -> PageDraft:
    """:func:`read_page`, with any failure kept as the page's error beside its text layer's words: a page must never take
    others with it.
    """
    return _safely(source, number, lambda: read_page(source, number, options), options)


_T = TypeVar("_T")


def _safely(source: Source, number: int, step: Callable[[], _T], options: Options) -> _T | PageDraft:
    """What ``step`` gives, or the words of a page that failed in it."""
    with ALONE:
        try:
            return step()
        except Exception as error:
            return words_of_page(source, number, failure_of(error, debug=options.debug))


def failed_page(number: int, failure: Failure) -> PageDraft:
    """The draft of a page that could not be read."""
    return PageDraft(number=number, width=0.0, height=0.0, error=failure)


def words_of_page(source: Source, number: int, failure: Failure) -> PageDraft:
    """What the text layer says of a page whose reading was lost to ``failure``: paragraphs, at which nothing looked; none
    where the text layer cannot be read either.
    """
    try:
        return _words(source, number, failure)
    except Exception:  # of a damaged page, or of what had already failed
        return failed_page(number, failure)


def _words(source: Source, number: int, failure: Failure) -> PageDraft:
    page = source.page(number)
    raster.upright(page)
    doubted = confidence.combine(0.0, [checks.READER_FAILED(passed=False)])
    blocks = []
    for region in cluster(read_text(page).lines):
        rows = visual_lines(region.lines)
        blocks.append(Draft("paragraph", region.box, flow(rows), doubted, reader="text", lines=len(rows)))
    size = page.rect.width, page.rect.height
    return PageDraft(number, *size, blocks, label=source.label(number), error=failure)


def read_page(source: Source, number: int, options: Options) -> PageDraft:
    """Reads one page by the cheapest reader that can be trusted."""
    started = time.monotonic()
    view = look(source, number, options)
    view.keep_unclear = options.named("reading") is not None
    seen = completeness.witnesses(view.lines)
    blocks = [block for part in read_regions(view) for block in part.blocks]
    made, missing = read_remainder(view, seen, blocks)
    links.give(blocks, view.links, view.lines)
    view.damage = list(dict.fromkeys([*view.damage, *damage.heard(source)]))
    draft = view.draft(blocks)
    draft.checks += made
    draft.missing = missing
    draft.seconds = time.monotonic() - started
    return draft


def look(source: Source, number: int, options: Options) -> PageView:
    """The upright page with the lines of its text layer where that can be believed, else with OCR's."""
    damage.listen(source)
    page, lines, layer, fonts, turned = text_layer(source, number, options)
    by_text = options.reader == "text" or (options.reader != "ocr" and layer.trusted)
    view = _text_view(page, lines, options, fonts) if by_text else _ocr_view(page, turned, options)
    view.number, view.label, view.layer, view.debug = number, source.label(number), layer, options.debug
    view.window = source.window(page) or view.window
    view.rotation = (turned + view.rotation) % 360
    view.damage = [*damage.heard(source), *damage.seen(source, page)]
    if view.unread:
        view.layer = TextLayer(trusted=layer.trusted, reason=f"{layer.reason}; {view.unread}")
    view.knowledge = file_knowledge.of(source, number)
    view.tags = tags.of(source, page) if by_text else None
    _mark_links(view, links.on_page(page))
    _add_annotations(view, page, turned)
    _fill_in(view, forms.find_fields(page, number), turned)
    return view


def _seen_by(view: PageView, turned: int) -> Frame:
    """Where the upright page that the file has, which was turned by ``turned`` degrees, lies in what OCR saw."""
    rotation = (view.rotation - turned) % 360
    return Frame(view.page.rect.width, view.page.rect.height, rotation, view.skew, view.window)


def _fill_in(view: PageView, fields: list[FormField], turned: int) -> None:
    """Gives the page its fields, and its lines what stands in them."""
    if not fields:
        return
    if view.reader == "ocr":
        frame = _seen_by(view, turned)
        fields = [each.model_copy(update={"box": frame.box_upright(each.box)}) for each in fields]
    view.fields = fields
    view.filled = forms.fill_in(view.lines, fields)
    view.lines = view.filled.lines


def _mark_links(view: PageView, found: list[Decoration]) -> None:
    """Gives the page its links. A text layer's words know them already; OCR's are told here."""
    frame = Frame(view.page.rect.width, view.page.rect.height, view.rotation, view.skew, view.window)
    view.links = [replace(each, box=frame.box_upright(each.box)) for each in found]
    if view.reader == "ocr":
        decorate(view.lines, view.links)


def _add_annotations(view: PageView, page: pymupdf.Page, turned: int) -> None:
    """Gives the page the comments on it. A text layer's words know the marks on them already; OCR's are told here."""
    view.comments = marks.comments(page)
    if view.reader == "ocr":
        frame = _seen_by(view, turned)
        for comment in view.comments:
            comment.box = frame.box_upright(comment.box)
        found = marks.on_words(page)
        decorate(view.lines, [replace(each, box=frame.box_upright(each.box)) for each in found])


def text_layer(
    source: Source, number: int, options: Options
) -> tuple[pymupdf.Page, list[Line], TextLayer, FontCheck, int]:
    """The upright page, the lines that it shows, whether they can be believed, what was found about their fonts, and by
    how many degrees it was turned.
    """
    page = source.page(number)
    found = links.on_page(page)  # PyMuPDF loses their places on the way
    turned = raster.upright(page)
    frame = Frame(page.rect.width, page.rect.height, turned, window=source.window(page))
    found = [replace(each, box=frame.box_upright(each.box)) for each in found]
    # What leads to its own page leads nowhere in running text: marks of notes, mostly.
    found = [each for each in found if each.link != f"#page-{number}"]
    text = read_text(page, [*found, *marks.on_words(page)])
    drop_hidden(page, text)
    layer = verdict(text, image_cover(page), is_under_image(page))
    if layer.trusted and is_replaced(page):
        layer = TextLayer(
            trusted=False, reason="the text that replaces the page's glyphs is another than theirs"
        )
    fonts = FontCheck({})
    if layer.trusted and options.reader in ("auto", "vlm"):
        fonts = check_fonts(page, text.lines, text.vertical)
        layer = fonts.verdict(text.lines, layer)
    if layer.trusted:
        unmapped.repair(page, text.lines)
    return page, text.lines, layer, fonts, turned


def _text_view(page: pymupdf.Page, lines: list[Line], options: Options, fonts: FontCheck) -> PageView:

    def judge(used: list[Line], text: str) -> Any:
        return confidence.of_text_layer(used, fonts.of(used), text)

    image = raster.render(page, options.ocr_dpi) if options.reader == "vlm" else None
    return PageView(page, lines, "text", judge, Models(options), image)


def _ocr_view(page: pymupdf.Page, turned: int, options: Options) -> PageView:
    from docvlm.ocr.reading import read_page as read_image

    image, scale, unit = raster.for_ocr(page, options.ocr_dpi)
    read = read_image(image, scale)
    if read.blank:
        return PageView(page, [], "ocr", confidence.of_ocr, Models(options), blank=True)
    document = raster.canvas(read.upright, scale, read.lines)
    # Formulas are read by PP-OCR's letters, which take those of another script for signs.
    shown = read.upright if not read.by_tesseract or options.reader == "vlm" else None
    judge = confidence.of_ocr if read.calibrated else confidence.of_uncalibrated_ocr
    view = PageView(document[0], read.lines, "ocr", judge, Models(options), shown, document=document)
    view.unread = read.unread
    view.rotation, view.skew = read.rotation, read.skew
    if unit != 1.0:
        width, height = page.rect.width, page.rect.height
        view.window = 0.0, 0.0, *((height, width) if turned % 180 else (width, height))
    return view
