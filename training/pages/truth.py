"""A printed page and its sheet -> the record that is written into a shard (see the package's README for its fields)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from docvlm import contents
from docvlm.layout.drawn import things_drawn
from docvlm.mupdf import pymupdf
from docvlm.spans import Line
from docvlm.text_layer import read_text
from training.pages.sheet import Run, Sheet

_LEAST = 4.0  # points; a region that shows less of itself was cut off
_HALF = 0.5


class Unexplained(ValueError):
    """A page has words of which nothing is known: the template printed them without a run."""


def records(pdf: bytes, made: Sequence[tuple[str, int, Sheet]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of the pages of a print that have lines, and why pages were left out.

    ``made`` has each page's source, seed and sheet. Raises RuntimeError where the print has another number of pages.
    """
    found, failures = [], []
    with pymupdf.open(stream=pdf, filetype="pdf") as file:
        if len(file) != len(made):
            raise RuntimeError(
                f"{len(made)} sheets became {len(file)} pages, seeds {made[0][1]} to {made[-1][1]}"
            )
        for page, (source, seed, sheet) in zip(file, made):
            try:
                each = record(page, sheet, source, seed)
            except Unexplained as error:
                failures.append(f"{source} {seed}: {error}")
                continue
            if each["lines"]:
                found.append(each)
    return found, failures


def record(page: pymupdf.Page, sheet: Sheet, source: str, seed: int) -> dict[str, Any]:
    """What is known of a page. Raises Unexplained where it has words of no run."""
    contents.skip_styles(page)  # they cut spans, never lines
    lines = read_text(page).lines
    owners = [_owner(line, len(sheet.runs)) for line in lines]
    runs = [sheet.runs[owner] for owner in owners]
    return {
        "source": source,
        "seed": seed,
        "width": round(page.rect.width, 2),
        "height": round(page.rect.height, 2),
        "lines": [_line(line, sheet.runs) for line in lines],
        "role": [run.role for run in runs],
        "next": _chains(owners, runs),
        "block": _renumbered([run.block for run in runs]),
        "item": _renumbered([run.item for run in runs]),
        "drawn": [[kind, *(round(side, 2) for side in box)] for kind, box in things_drawn(page)],
        "regions": _regions(page, sheet),
    }


def _owner(line: Line, runs: int) -> int:
    """The index of the run that most letters of a line belong to."""
    letters: Counter[int] = Counter()
    for span in line.spans:
        size = len(span.text.strip())
        if size and not 1 <= span.color <= runs:
            raise Unexplained(f"{span.text!r} has the colour {span.color:06x}")
        if size:
            letters[span.color - 1] += size
    return letters.most_common(1)[0][0]


def _line(line: Line, runs: Sequence[Run]) -> dict[str, Any]:
    letters: Counter[tuple[bool, bool, bool, int]] = Counter()
    for span in line.spans:
        if span.text.strip():
            letters[span.bold, span.italic, span.mono, runs[span.color - 1].color] += len(span.text.strip())
    bold, italic, mono, color = letters.most_common(1)[0][0]
    return {
        "box": [round(value, 2) for value in line.box],
        "size": line.size,
        "bold": bold,
        "italic": italic,
        "mono": mono,
        "color": color,
        "direction": [round(value, 3) for value in line.direction],
        "text": line.text,
    }


def _chains(owners: Sequence[int], runs: Sequence[Run]) -> list[int]:
    """For each line the one read after it in its flow; lines of one run are read as they are drawn."""
    following = [-1] * len(runs)
    last: dict[int, int] = {}
    for index in sorted(range(len(runs)), key=lambda each: owners[each]):
        flow = runs[index].flow
        if flow in last:
            following[last[flow]] = index
        last[flow] = index
    return following


def _renumbered(numbers: Sequence[int]) -> list[int]:
    known: dict[int, int] = {}
    return [-1 if number < 0 else known.setdefault(number, len(known)) for number in numbers]


def _regions(page: pymupdf.Page, sheet: Sheet) -> list[dict[str, Any]]:
    """The marked regions, clipped to the page; a region that goes on in another column is given once for each."""
    found = []
    bounds = page.rect
    for link in page.get_links():
        place = link.get("uri", "").rsplit("/", 1)
        if len(place) != 2 or not place[0].endswith("/r"):
            continue
        box = pymupdf.Rect(link["from"]) & bounds
        if box.is_empty or min(box.width, box.height) < _LEAST:
            continue
        kind, text = sheet.regions[int(place[1]) - 1]
        found.append({"kind": kind, "text": text, "box": [round(value, 2) for value in box]})
    return found
