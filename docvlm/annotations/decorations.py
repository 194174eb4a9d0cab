"""What stands on characters beside their fonts: links, lines through and under them, highlights.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from docvlm import contents
from docvlm.boxes import Box, Point, area, as_box, contains, meet, middle, union
from docvlm.mupdf import pymupdf
from docvlm.spans import Decoration, Line, Span

_LEVEL = 0.99  # cosine of a level line's angle
_BODY = 0.25  # em; a letter's middle stands so far above its baseline


# MuPDF's char_flags of characters with a line through or under them, which it also sees in rules of tables.
_STRUCK, _UNDERLINED = 1, 2
# Where such lines stand, in ems above the baseline.
_THROUGH, _UNDER = (0.1, 0.5), (-0.35, 0.05)
_THIN = 0.15  # em; lines are no thicker
_LONGER, _EXACT = 0.5, 0.05  # em; a line that goes on beyond its text is a rule, in tables sooner
_MOST = 0.5  # of a span's width above or below lines
_FLAT = 3.0  # times as long as thick, at least
_THICKEST = 4.0  # points
_SAME_HEIGHT, _TOUCHING = 0.5, 1.0  # points between pieces of one line
_RULES = 3  # of one place and length: those of a table

_STOPS = ".,;:"
_OPENING = {")": "(", "]": "[", "}": "{"}
_Fields = tuple[tuple[str, Any], ...]  # of a span, by name


def drawn(page: pymupdf.Page) -> list[Decoration]:
    """The words that are struck out or underlined, as MuPDF says and a line drawn for their text confirms."""
    found = []
    for line in contents.text_lines(page):
        if line["dir"][0] < _LEVEL:
            continue
        for span in line["spans"]:
            flags, text = span["char_flags"], span["text"]
            if flags & _STRUCK and any(map(str.isalnum, text)):
                found += [Decoration(box, struck=True) for box in _drawn_along(page, span, line, _THROUGH)]
            # Sums stand above lines, too.
            if flags & _UNDERLINED and any(map(str.isalpha, text)):
                found += [Decoration(box, underlined=True) for box in _drawn_along(page, span, line, _UNDER)]
    return found


def _drawn_along(
    page: pymupdf.Page, span: dict[str, Any], line: dict[str, Any], reach: tuple[float, float]
) -> list[Box]:
    """The letters' places above or below lines at a height of ``reach``, where these run along most of a span, and none
    of them beyond its line of text.
    """
    em, base, (left, _, right, _) = span["size"], span["origin"][1], span["bbox"]
    begin, end = line["bbox"][0], line["bbox"][2]
    along: list[Box] = []
    lines = contents.once(page, _level_lines)
    first = bisect_left(lines, base - reach[1] * em, key=lambda each: middle(each[0])[1])
    for (x0, y0, x1, y1), in_table in itertools.islice(lines, first, None):
        if (y0 + y1) / 2 > base - reach[0] * em:
            break
        own = _EXACT if in_table else _LONGER
        inside = begin - own * em < x0 and x1 < end + own * em and min(x1, right) > max(x0, left)
        if inside and y1 - y0 < _THIN * em:
            along.append((max(x0, left), base - em, min(x1, right), base))
    return along if sum(x1 - x0 for x0, _, x1, _ in along) > _MOST * (right - left) else []


def _level_lines(page: pymupdf.Page) -> list[tuple[Box, bool]]:
    """The level lines drawn on a page, top to bottom, and whether they come again below each other, as those of tables
    do.
    """
    boxes = sorted(
        (
            as_box(box)
            for kind, box in contents.operations(page)
            if kind in ("stroke-path", "fill-path") and _is_rule(box)
        ),
        key=lambda box: (round(middle(box)[1]), box[0]),
    )
    joined: list[Box] = []
    for box in boxes:
        # Borders of a table's cells are one rule.
        if joined and _goes_on(joined[-1], box):
            joined[-1] = union([joined[-1], box])
        else:
            joined.append(box)
    joined.sort(key=lambda box: middle(box)[1])
    alike = Counter((round(box[0]), round(box[2])) for box in joined)
    return [(box, alike[round(box[0]), round(box[2])] >= _RULES) for box in joined]


def _is_rule(box: Box) -> bool:
    thickness = box[3] - box[1]
    return thickness < _THICKEST and box[2] - box[0] > _FLAT * thickness


def _goes_on(line: Box, other: Box) -> bool:
    return abs(middle(line)[1] - middle(other)[1]) < _SAME_HEIGHT and other[0] < line[2] + _TOUCHING


def decorated(page: pymupdf.Page, decorations: Sequence[Decoration]) -> Iterator[dict[str, Any]]:
    """The lines of `contents.text_lines`, their spans cut where decorations begin and end.

    What a span has is its ``decoration``, by the names of the fields of `docvlm.spans.Span`.
    """
    # Of several links the smallest is the most specific.
    ordered = sorted(decorations, key=lambda each: -area(each.box))
    for plain, line in zip(contents.text_lines(page), contents.characters(page), strict=True):
        near = [each for each in ordered if meet(each.box, line["bbox"])]
        if not near:
            yield plain
            continue
        level = line["dir"][0] > _LEVEL
        found = [
            [_fields(each, span["size"], level, near) for each in span["chars"]] for span in line["spans"]
        ]
        _leave_words_whole([span["chars"] for span in line["spans"]], found)
        _leave_ends_out([span["chars"] for span in line["spans"]], found)
        spans = [part for span, own in zip(line["spans"], found) for part in _parts(span, own)]
        yield {**line, "spans": spans}


def _leave_words_whole(spans: Sequence[Sequence[dict[str, Any]]], found: list[list[_Fields]]) -> None:
    """Takes a link's edge out of a word, whose letters it has for the greater part or not: its box is drawn roughly. Of two
    links that meet in a word one has it whole.

    A link that has nothing but a part of one word is meant so.
    """
    everywhere = Counter(link for fields in found for each in fields if (link := dict(each).get("link")))
    for characters, fields in zip(spans, found):
        text = "".join(each["c"][:1] or " " for each in characters)
        for word in re.finditer(r"[^\W\d_]{2,}", text):
            own = range(*word.span())
            links = Counter(dict(fields[index]).get("link") for index in own)
            (link, count), *others = links.most_common()
            if len(others) != 1:
                continue
            other = others[0][0]
            edge = (link or other) if None in links else other
            if everywhere[edge] > links[edge]:
                whole = link if count > links.total() / 2 or None not in links else None
                for index in own:
                    fields[index] = _linked(fields[index], whole)


def _leave_ends_out(spans: Sequence[Sequence[dict[str, Any]]], found: list[list[_Fields]]) -> None:
    """Takes a bracket that closes what was opened before a link, and the stops behind it, out of the link's end."""
    places = [(number, index) for number, characters in enumerate(spans) for index in range(len(characters))]
    text = "".join(spans[number][index]["c"][:1] or " " for number, index in places)
    links = [dict(found[number][index]).get("link") for number, index in places]
    for space in re.finditer(r"\s+", text):  # which a link's box may leave out
        before, behind = links[space.start() - 1 : space.start()], links[space.end() : space.end() + 1]
        links[slice(*space.span())] = [before[0] if before and before == behind else None] * len(space[0])
    start = 0
    for link, group in itertools.groupby(links):
        end = start + len(list(group))
        kept = text[start:end].rstrip()
        while (inner := kept.rstrip(_STOPS)) and _closes_more(inner):
            kept = inner[:-1].rstrip()
        for number, index in places[start + len(kept) : end] if link and kept else ():
            found[number][index] = _linked(found[number][index], None)
        start = end


def _closes_more(text: str) -> bool:
    return text[-1] in _OPENING and text.count(_OPENING[text[-1]]) < text.count(text[-1])


def _linked(fields: _Fields, link: str | None) -> _Fields:
    rest = {name: value for name, value in fields if name != "link"}
    return tuple({**rest, **({"link": link} if link else {})}.items())


def decorate(lines: Sequence[Line], decorations: Sequence[Decoration]) -> None:
    """Cuts the spans of lines that OCR read where decorations begin and end, word by word, by the words' lengths."""
    for line in lines:
        near = [each for each in decorations if meet(each.box, line.box)]
        if near:
            line.spans = [part for span in line.spans for part in _words(span, near)]


def _words(span: Span, near: list[Decoration]) -> Iterator[Span]:
    x0, y0, x1, y1 = span.box
    step = (x1 - x0) / max(len(span.text), 1)

    def fields(word: re.Match[str]) -> _Fields:
        return _fields_at((x0 + (word.start() + word.end()) / 2 * step, (y0 + y1) / 2), near)

    for found, group in itertools.groupby(re.finditer(r"\S+\s*|^\s+", span.text), key=fields):
        words = list(group)
        start, end = words[0].start(), words[-1].end()
        box = (x0 + start * step, y0, x0 + end * step, y1)
        yield replace(span, text=span.text[start:end], box=box, **dict(found))


def _parts(span: dict[str, Any], found: Sequence[_Fields]) -> Iterator[dict[str, Any]]:
    """A raw span as parts that have the same decorations throughout, which were ``found`` on its characters."""
    for fields, group in itertools.groupby(zip(found, span["chars"]), key=lambda pair: pair[0]):
        characters = [each for _, each in group]
        yield {
            **span,
            "text": "".join(each["c"] for each in characters),
            "bbox": union([as_box(each["bbox"]) for each in characters]),
            "origin": characters[0]["origin"],
            "decoration": dict(fields),
        }


def _fields(character: dict[str, Any], size: float, level: bool, near: list[Decoration]) -> _Fields:
    box = character["bbox"]
    # Fonts' boxes may be far higher than their letters.
    return _fields_at(
        ((box[0] + box[2]) / 2, character["origin"][1] - _BODY * size) if level else middle(box), near
    )


def _fields_at(point: Point, near: list[Decoration]) -> _Fields:
    fields: dict[str, Any] = {}
    for each in near:
        if contains(each.box, point):
            fields |= {name: value for name, value in asdict(each).items() if value and name != "box"}
    return tuple(fields.items())
