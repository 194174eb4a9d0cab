"""Tables of contents: lists of entries with their pages' numbers, without the dots that lead to these."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from docvlm.boxes import union
from docvlm.draft import Item
from docvlm.layout.region import Region
from docvlm.repairs.leaders import has_leader, without_leader
from docvlm.running_text import Style, flow
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.visual_lines import visual_lines

_DOTS_AT_END = re.compile(r"(?:[.·•_‥]\s*){3,}$|…\s*$")
_PAGE = re.compile(r"(?<![\w,])(\d{1,4}|[ivxlc]{1,7})\s*$")
_NUMBER_ALONE = re.compile(r"\s*(?:\d{1,4}|[ivxlc]{1,7})\s*")
_HEADING = re.compile(
    r"\s*(?:table of contents|contents|inhalt(?:sverzeichnis)?|table des mati[eè]res|sommaire|[ií]ndice|sumario|indice"
    r"|目\s*[录次錄])\s*",
    re.IGNORECASE,
)
_FEWEST = 4  # entries of a page of contents, or half as many with dots below a heading that says so
_MOSTLY = 0.6  # of the rows have a number, and of the numbers none falls
_GAP = 1.5  # ems of paper before a number without dots
_LEVEL = 0.5  # of an em, between a number and its entry
_TEXTUAL: frozenset[Kind] = frozenset({"paragraph", "list", "table", "heading", "footnote", "caption"})


def find_contents(regions: list[Region]) -> list[Region]:
    """The regions of a page that are a table of contents, after their numbers were put back beside their entries.

    Numbers that stand in a region of their own go to the regions of their entries; emptied regions leave ``regions``.
    """
    textual = [region for region in regions if region.kind in _TEXTUAL and region.lines]
    said = any(_HEADING.fullmatch(line.text) for region in textual for line in region.lines)
    dotted = sum(has_leader(line) for region in textual for line in region.lines)
    if not said and dotted < _FEWEST:
        return []
    _return_numbers(regions, textual)
    textual = [region for region in textual if region.lines]
    rows = {id(region): visual_lines(region.lines) for region in textual}
    found = [region for region in textual if _is_contents(rows[id(region)], said)]
    pages = [
        page for region in found for row in rows[id(region)] if (page := _page_of(row, said)) is not None
    ]
    return found if len(pages) >= _FEWEST and _rise(pages) else []


def _return_numbers(regions: list[Region], textual: list[Region]) -> None:
    """Puts the lines of regions that have nothing but numbers into those whose lines they stand behind."""
    for region in textual:
        if not all(_NUMBER_ALONE.fullmatch(line.text) for line in region.lines):
            continue
        homes = [_entry_of(line, region, textual) for line in region.lines]
        if any(home is None for home in homes):
            continue
        for home, line in zip(homes, region.lines):
            if home is not None:
                home.lines.append(line)
                home.box = union([home.box, line.box])
        region.lines = []
        regions[:] = [each for each in regions if each is not region]


def _entry_of(number: Line, own: Region, textual: list[Region]) -> Region | None:
    level = [
        (number.box[0] - line.box[2], index)
        for index, region in enumerate(textual)
        if region is not own
        for line in region.lines
        if abs((line.box[1] + line.box[3]) - (number.box[1] + number.box[3])) < _LEVEL * number.size
        and line.box[2] < number.box[0] + number.size
    ]
    return textual[min(level)[1]] if level else None


def _is_contents(rows: list[Line], said: bool) -> bool:
    pages = [_page_of(row, said) for row in rows]
    numbers = [page for page in pages if page is not None]
    dotted = any(map(has_leader, rows))
    return len(numbers) > _MOSTLY * len(rows) and (dotted or len(rows) > 2) and _rise(numbers)


def _rise(pages: Sequence[int]) -> bool:
    falls = sum(after < before for before, after in itertools.pairwise(pages))
    return falls <= (1 - _MOSTLY) * max(1, len(pages) - 1)


def _page_of(row: Line, said: bool) -> int | None:
    """The number of the page that ends an entry behind dots or, below a heading that says what this is, a gap."""
    spans = [span for span in row.spans if span.text.strip()]
    match = _PAGE.search(spans[-1].text) if spans else None
    if match is None or _NUMBER_ALONE.fullmatch(row.text):
        return None
    alone = match.start() == 0 and len(spans) > 1
    apart = alone and spans[-1].box[0] - spans[-2].box[2] > _GAP * row.size
    before = "".join(span.text for span in spans[:-1]) + spans[-1].text[: match.start()]
    led = _DOTS_AT_END.search(before) is not None
    return _value(match[1]) if led or (said and apart) else None


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in number.lower()]
    pairs = zip(values, [*values[1:], 0])
    return (
        sum(-value if value < after else value for value, after in pairs) - 1000
    )  # before all pages of the text


def entries(rows: Sequence[Line]) -> list[Item]:
    """One item for each entry of a table of contents; a row without a number goes on in the next one."""
    groups: list[list[Line]] = []
    for row in rows:
        line = without_leader(row)
        open_entry = bool(groups) and not _PAGE.search(groups[-1][-1].text)
        if open_entry and row.box[0] >= groups[-1][0].box[0] and not groups[-1][0].spans[0].bold:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [Item(group[0].box[0], "-", flow(_plain(group), Style())) for group in groups]


def _plain(entry: list[Line]) -> list[Line]:
    """An entry without the bold type that all of it has: it says which are chapters, as its place does."""
    spans = [span for line in entry for span in line.spans if span.text.strip()]
    if not all(span.bold for span in spans):
        return entry
    return [replace(line, spans=[replace(span, bold=False) for span in line.spans]) for line in entry]
