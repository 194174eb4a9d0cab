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
        failures += left
        from_the_right = {seed for (_, writer), seed in zip(made, seeds[start:]) if writer.text.rtl}
        for record in part:
            record["regions"] = pictures(record)
            if record["seed"] not in from_the_right and shuffled(record):
                failures.append(
                    f"{record['source']} {record['seed']}: pieces of a line are drawn out of order"
                )
            else:
                records.append(record)
    return records, failures


def pictures(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The regions of a page: all images that its file draws are pictures."""
    images = [box for kind, *box in record["drawn"] if kind == "image"]
    return [{"kind": "picture", "text": "labels", "box": box} for box in images]


def shuffled(record: dict[str, Any]) -> bool:
    """Whether a piece of a line is read before one that stands to its left, in a script that is read from the left."""
    item, lines = record["item"], record["lines"]
    for index, following in enumerate(record["next"]):
        if following >= 0 and item[index] == item[following] >= 0:
            here, there = lines[index]["box"], lines[following]["box"]
            if abs(here[3] - there[3]) < 2 and there[0] < here[0]:
                return True
    return False


def first_pages(writers: Sequence[Writer]) -> bytes:
    """A print of the sheets, with the first page of each."""
    printed = soffice.print_pdf(page.document([writer.page.finish() for writer in writers]))
    with pymupdf.open(stream=printed, filetype="pdf") as file:
        places = file.resolve_names()
        file.select([places[writer.page.name]["page"] for writer in writers])
        return bytes(file.tobytes())
