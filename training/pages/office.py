"""Pages as office programs make them, printed by LibreOffice Writer. Each batch of pages is one document.

What does not fit on a sheet's first page is left out: the next page belongs to no sheet.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from docvlm.mupdf import pymupdf
from training.pages import soffice, truth
from training.pages.odf import page
from training.pages.odf.parts import Writer
from training.pages.odf.templates import TEMPLATES

SHARES = {name: share for name, (_, share) in TEMPLATES.items()}
_PRINT = 50  # pages of one document: LibreOffice takes longer for each page of a long one


def make_page(seed: int, names: Sequence[str]) -> tuple[str, Writer]:
    """The template's name and the page with this seed."""
    rng = random.Random(f"office page {seed}")
    name = rng.choices(names, [SHARES[each] for each in names])[0]
    return name, TEMPLATES[name][0](rng, f"p{seed}x")


def make_batch(seeds: Sequence[int], names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of the pages with these seeds, and why pages were left out."""
    records, failures = [], []
    for start in range(0, len(seeds), _PRINT):
        made = [make_page(seed, names) for seed in seeds[start : start + _PRINT]]
        pdf = first_pages([writer for _, writer in made])
        sources = [
            (f"office/{name}", seed, writer.sheet) for (name, writer), seed in zip(made, seeds[start:])
        ]
        part, left = truth.records(pdf, sources)
        records += part
        failures += left
    return records, failures


def first_pages(writers: Sequence[Writer]) -> bytes:
    """A print of the sheets, with the first page of each."""
    printed = soffice.print_pdf(page.document([writer.page.finish() for writer in writers]))
    with pymupdf.open(stream=printed, filetype="pdf") as file:
        places = file.resolve_names()
        file.select([places[writer.page.name]["page"] for writer in writers])
        return bytes(file.tobytes())
