"""What images and PDFs show that are crops: a formula each, as LaTeX, or a line or a paragraph, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from docvlm import raster
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.found_lines import prose_share
from docvlm.formulas.image import Crop, crop_of, read_crops
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.sight import GlyphReader
from docvlm.mupdf import ALONE
from docvlm.options import CropKind, Options, check_choice, options_of
from docvlm.pipeline import text_layer
from docvlm.readers.passage import Passage, read_layer, read_picture
from docvlm.roles import Models
from docvlm.schema import Failure
from docvlm.source import Source, parse_pages

_PROSE = 0.3  # of a crop's glyphs; with more of them in words it is no formula
_POINT = 2.0  # pixels of a point, where nothing is known of the type


@dataclass(frozen=True, slots=True)
class FoundCrop:
    """A page or an image that shows a formula or, read already, a passage; ``page`` is ``None`` where its source has no
    other.
    """

    crop: Crop | Passage
    source: str
    page: int | None


@dataclass(slots=True)
class CropPage:
    """What a page says that is a crop, or why nothing was read of it."""

    number: int
    said: list[Formula | Passage] = field(default_factory=list)
    seconds: float = 0.0
    error: Failure | None = None


def transcribe(
    sources: str | Path | bytes | Iterable[str | Path | bytes],
    *,
    kind: CropKind = "auto",
    options: Options | None = None,
    **settings: Any,
) -> list[Formula | Passage]:
    """What images and the pages of PDFs (paths or bytes) show, in their order: a formula, or a line or paragraph each.

    Of the ``kind`` "auto", what is mostly words is text. A formula with several equation numbers becomes one for each
    number. Where nothing can be read, ``latex`` or ``markdown`` is empty and the checks say why. Give `Options` or its
    fields as keywords. Raises `docvlm.errors.DocvlmError` where a source cannot be read or a model is missing.
    """
    options = options_of(options, settings)
    given = [sources] if isinstance(sources, (str, Path, bytes)) else sources
    crops = [crop for source in given for crop in find_crops(source, options, kind)]
    return [each for read in read_found(crops, options) for each in read]


def read_formulas(
    sources: str | Path | bytes | Iterable[str | Path | bytes],
    *,
    options: Options | None = None,
    **settings: Any,
) -> list[Formula]:
    """The formulas that images and the pages of PDFs (paths or bytes) show, one each, in their order: `transcribe` of
    the kind "formula".
    """
    read = transcribe(sources, kind="formula", options=options_of(options, settings))
    return [each for each in read if isinstance(each, Formula)]


def find_crops(source: str | Path | bytes, options: Options, kind: CropKind = "auto") -> Iterator[FoundCrop]:
    """What an image shows, or each page of a PDF: its own glyphs where its text layer can be believed, else what the
    glyph finder sees. Passages are read at once.
    """
    check_choice("kind", kind, get_args(CropKind))
    data = source if isinstance(source, bytes) else Path(source)
    name = "document" if isinstance(data, bytes) else data.name
    with Source(data, str(source) if isinstance(source, Path) else name, options.password) as opened:
        for number in parse_pages(options.pages, opened.page_count):
            yield replace(crop_of_page(opened, number, options, kind), source=name)


def crop_of_page(source: Source, number: int, options: Options, kind: CropKind = "auto") -> FoundCrop:
    """What one page or frame shows. Raises ModelMissing where a model is not bundled."""
    page = number if source.page_count > 1 else None
    with ALONE:
        return FoundCrop(_crop(source, number, options, kind), source.name, page)


def _crop(source: Source, number: int, options: Options, kind: CropKind) -> Crop | Passage:
    if source.is_image:
        image = source.pixels(number)
    else:
        page, lines, layer, *_ = text_layer(source, number, options)
        if options.reader == "text" or (options.reader == "auto" and layer.trusted):
            crop = Crop(read_glyphs(page))
            return read_layer(page, lines, lambda: _reader(options)) if _is_text(crop, kind) else crop
        image = raster.render(page, options.ocr_dpi)
    finder = _finder(options)
    crop = crop_of(finder, image)
    if not _is_text(crop, kind):
        return crop
    if not len(crop.glyphs):
        crop = replace(crop, scale=_POINT)
    return read_picture(image, crop, finder, _reader(options))


def _is_text(crop: Crop, kind: CropKind) -> bool:
    return kind == "text" or (kind == "auto" and prose_share(crop.glyphs) > _PROSE)


def read_found(crops: Sequence[FoundCrop], options: Options) -> list[list[Formula | Passage]]:
    """The formulas of each crop, which are all read together, or its passage. Raises ModelMissing where no reading model
    is bundled.
    """
    shown = [found.crop for found in crops if isinstance(found.crop, Crop)]
    read = iter(read_crops(_reader(options), shown))
    told = []
    for found in crops:
        said: Sequence[Formula | Passage] = [found.crop] if isinstance(found.crop, Passage) else next(read)
        told.append([replace(each, source=found.source, page=found.page) for each in said])
    return told


def _finder(options: Options) -> GlyphReader:
    finder: GlyphReader = Models(options).needed("glyphs")
    return finder


def _reader(options: Options) -> FormulaReader:
    reader: FormulaReader = Models(options).needed("formula")
    return reader
