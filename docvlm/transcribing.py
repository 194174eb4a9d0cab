"""The formulas of images and PDFs that show one each, as LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docvlm import raster
from docvlm.errors import ModelMissing
from docvlm.fontcheck import FontCheck
from docvlm.formulas.extract import read_glyphs
from docvlm.pipeline import Options, text_layer
from docvlm.readers.formula import Formula
from docvlm.readers.formula_image import Crop, crop_of, glyph_finder, read_crops
from docvlm.readers.mathematics import formula_reader
from docvlm.source import Source, parse_pages


@dataclass(frozen=True, slots=True)
class FoundCrop:
    """A page or an image that shows a formula; ``page`` is ``None`` where its source has no other."""

    crop: Crop
    source: str
    page: int | None


def read_formulas(
    sources: str | Path | bytes | Iterable[str | Path | bytes],
    *,
    options: Options | None = None,
    **settings: Any,
) -> list[Formula]:
    """The formulas that images and the pages of PDFs (paths or bytes) show, one each, in their order.

    One with several equation numbers becomes a formula for each number. Where a picture shows no formula, or none that
    can be read, ``latex`` is empty and the checks say why. Give `Options` or its fields as keywords. Raises
    `docvlm.errors.DocvlmError` where a source cannot be read or a model is missing.
    """
    options = options or Options(**settings)
    given = [sources] if isinstance(sources, (str, Path, bytes)) else sources
    crops = [crop for source in given for crop in find_crops(source, options)]
    return [formula for each in read_found(crops, options) for formula in each]


def find_crops(source: str | Path | bytes, options: Options) -> Iterator[FoundCrop]:
    """What an image shows, or each page of a PDF: its own glyphs where its text layer can be believed, else what the
    glyph finder sees.
    """
    data = source if isinstance(source, bytes) else Path(source)
    name = "document" if isinstance(data, bytes) else data.name
    fonts = FontCheck()
    with Source(data, str(source) if isinstance(source, Path) else name, options.password) as opened:
        for number in parse_pages(options.pages, opened.page_count):
            page = number if opened.page_count > 1 else None
            yield FoundCrop(_crop(opened, number, options, fonts), name, page)


def _crop(source: Source, number: int, options: Options, fonts: FontCheck) -> Crop:
    if source.is_image:
        image = source.pixels(number)
    else:
        page, _, layer = text_layer(source, number, options, fonts)
        if options.reader == "text" or (options.reader == "auto" and layer.trusted):
            return Crop(read_glyphs(page))
        image = raster.render(page, options.ocr_dpi)
    finder = glyph_finder(options.device, options.runtime)
    if finder is None:
        raise ModelMissing("no glyph finder came with this installation", "install docvlm again")
    return crop_of(finder, image)


def read_found(crops: Sequence[FoundCrop], options: Options) -> list[list[Formula]]:
    """The formulas of each crop; all are read together. Raises ModelMissing where no reading model is bundled."""
    reader = formula_reader(options.device, options.runtime)
    if reader is None:
        raise ModelMissing("no reading model came with this installation", "install docvlm again")
    read = read_crops(reader, [found.crop for found in crops])
    return [
        [replace(formula, source=found.source, page=found.page) for formula in formulas]
        for found, formulas in zip(crops, read)
    ]
