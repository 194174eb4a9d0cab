"""Clusters of letters that a file replaces by their text (`ActualText`, ISO 32000-1, 14.9.4), as typst does where a
consonant and its vowel signs are drawn otherwise than they are written.

MuPDF parts such a text among the glyphs. Where their number is another, it gives letters no width, so that paper seems to
follow them, and writes marks twice. Here each text stands once, as wide as its glyphs are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from docvlm import directions
from docvlm.boxes import as_box, union
from docvlm.mupdf import ERRORS, pymupdf

_CLUSTERED: Final = re.compile(
    "[\u0900-\u109f\u1780-\u17ff]"
)  # scripts of India and its neighbours to the east
_SAME: Final = 0.02  # points between two places that are one
_WIDTHLESS: Final = 0.02  # ems; marks have no advance
_GAP: Final = 0.15  # ems of paper between two words, at least: MuPDF's own measure
_LEVEL: Final = 0.99  # cosine of a level line's angle

_Key = tuple[int, int]


class Glyph(NamedTuple):
    """Where a glyph begins on its baseline, and its advance, in points of the page."""

    x: float
    y: float
    advance: float


class Cluster(NamedTuple):
    """A text that replaces some glyphs, in the order in which these are drawn."""

    text: str
    glyphs: list[Glyph]


def may_be_replaced(lines: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a page's lines, as MuPDF has them with their text, are of scripts that write clusters."""
    return any(_CLUSTERED.search(span["text"]) for line in lines for span in line["spans"])


def find(page: pymupdf.Page) -> list[Cluster]:
    """The replaced clusters of a page: texts with a mark and without a space. Texts of whole lines are left to MuPDF."""
    seen = _Seen()
    try:
        pymupdf.mupdf.fz_run_page(page.this, seen, pymupdf.mupdf.FzMatrix(), pymupdf.mupdf.FzCookie())
        pymupdf.mupdf.fz_close_device(seen)
    except ERRORS:  # what is damaged is named elsewhere
        return []
    return [cluster for cluster in seen.found if cluster.glyphs and _is_one(cluster.text)]


def _is_one(text: str) -> bool:
    return any(map(_is_mark, text)) and not any(map(str.isspace, text))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"


class _Seen(pymupdf.mupdf.FzDevice2):  # type: ignore[misc]
    """A device that keeps which glyphs are drawn within which replacing text."""

    def __init__(self) -> None:
        super().__init__()
        self.use_virtual_begin_metatext()
        self.use_virtual_end_metatext()
        self.use_virtual_fill_text()
        self.use_virtual_stroke_text()
        self.use_virtual_ignore_text()
        self.found: list[Cluster] = []
        self._open: list[Cluster | None] = []

    def begin_metatext(self, _: Any, kind: int, text: str | None) -> None:
        replaces = kind == pymupdf.mupdf.FZ_METATEXT_ACTUALTEXT
        self._open.append(Cluster(text or "", []) if replaces else None)
        if replaces:
            self.found.append(self._open[-1])  # type: ignore[arg-type]

    def end_metatext(self, _: Any) -> None:
        if self._open:
            self._open.pop()

    def fill_text(self, _: Any, text: Any, matrix: Any, *__: Any) -> None:
        self._add(text, matrix)

    def stroke_text(self, _: Any, text: Any, __: Any, matrix: Any, *___: Any) -> None:
        self._add(text, matrix)

    def ignore_text(self, _: Any, text: Any, matrix: Any) -> None:
        self._add(text, matrix)

    def _add(self, text: Any, matrix: Any) -> None:
        cluster = next((each for each in reversed(self._open) if each is not None), None)
        span = text.head if cluster is not None else None
        while span:
            wide = span.trm.a * matrix.a + span.trm.b * matrix.c  # points of an em across
            items = pymupdf.mupdf.FzTextSpan(span)
            for number in range(span.len):
                item = items.items(number)
                if item.gid >= 0:
                    x = item.x * matrix.a + item.y * matrix.c + matrix.e
                    y = item.x * matrix.b + item.y * matrix.d + matrix.f
                    cluster.glyphs.append(Glyph(x, y, item.adv * wide))  # type: ignore[union-attr]
            span = span.next


def mended(lines: Iterable[dict[str, Any]], clusters: Sequence[Cluster]) -> list[dict[str, Any]]:
    """MuPDF's lines of characters, each cluster once and as wide as it is, without the spaces that this closes."""
    begun: dict[_Key, list[Cluster]] = {}
    for cluster in clusters:
        for key in {*_keys(cluster.glyphs[0])}:
            begun.setdefault(key, []).append(cluster)
    found, last = [], None
    for line in lines:
        if line["dir"][0] >= _LEVEL and not directions.is_right_to_left(map(_text, line["spans"])):
            line, last = _mended(line, begun, last)
        if line["spans"]:
            found.append(line)
    return found


def _text(span: Mapping[str, Any]) -> str:
    return "".join(each["c"] for each in span["chars"])


def _keys(glyph: Glyph) -> Iterator[_Key]:
    """The squares of a grid in which a glyph may begin."""
    for across in (glyph.x - _SAME, glyph.x + _SAME):
        for down in (glyph.y - _SAME, glyph.y + _SAME):
            yield round(across), round(down)


def _mended(
    line: dict[str, Any], begun: Mapping[_Key, Sequence[Cluster]], last: Cluster | None
) -> tuple[dict[str, Any], Cluster | None]:
    """A line behind one that ended with ``last``, and the cluster with which it ends itself, or which came before."""
    is_changed, spans = False, []
    for span in line["spans"]:
        characters: list[dict[str, Any]] = []
        for each in span["chars"]:
            if last is not None and _goes_on(last, each, span["size"]):
                is_changed = True
                continue
            x, y = each["origin"]
            near = begun.get((round(x), round(y)), ())
            new = next((cluster for cluster in near if _begins(cluster, each, span["size"])), None)
            characters += [each] if new is None else _letters(new, each)
            is_changed |= new is not None
            last = new or last
        spans.append({**span, "chars": characters})
    return (_tidied({**line, "spans": spans}) if is_changed else line), last


def _begins(cluster: Cluster, character: Mapping[str, Any], size: float) -> bool:
    """Whether a character is the first that MuPDF has of a cluster: one of its letters, where its first glyph is."""
    return character["c"] in cluster.text and _is_glyph(character, cluster.glyphs[0], size)


def _goes_on(cluster: Cluster, character: Mapping[str, Any], size: float) -> bool:
    """Whether a character is another one of the cluster before it: has one of its glyphs, or no width within them."""
    if character["c"] not in cluster.text:
        return False
    x0, _, x1, _ = character["bbox"]
    start, end = _extent(cluster)
    hidden = x1 - x0 < _WIDTHLESS * size and start - _SAME < x0 < end + _SAME
    return hidden or any(_is_glyph(character, glyph, size) for glyph in cluster.glyphs[1:])


def _is_glyph(character: Mapping[str, Any], glyph: Glyph, size: float) -> bool:
    (x, y), (x0, _, x1, _) = character["origin"], character["bbox"]
    near = abs(glyph.x - x) < _SAME and abs(glyph.y - y) < _SAME
    return bool(near and abs(x1 - x0 - glyph.advance) < _WIDTHLESS * size)


def _extent(cluster: Cluster) -> tuple[float, float]:
    """From where to where across the glyphs of a cluster reach, in points."""
    return min(glyph.x for glyph in cluster.glyphs), max(glyph.x + glyph.advance for glyph in cluster.glyphs)


def _letters(cluster: Cluster, first: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The characters of a cluster, in place of the ``first`` that MuPDF has of it: its letter as wide as its glyphs are."""
    _, y0, _, y1 = first["bbox"]
    x0, x1 = _extent(cluster)
    origin = x0, first["origin"][1]
    for number, letter in enumerate(cluster.text):
        yield {
            **first, "c": letter, "origin": origin, "bbox": (x1 if number else x0, y0, x1, y1), "synthetic": False
        }  # fmt: skip


def _tidied(line: dict[str, Any]) -> dict[str, Any]:
    """A line without spaces where no paper is left, and without clusters that are written again for their marks."""
    said, end = "", float("-inf")
    groups = [
        (number, group)
        for number, span in enumerate(line["spans"])
        for group in _groups(span["chars"], span["size"])
    ]
    starts = [group[0]["bbox"][0] for _, group in groups[1:]]
    kept: list[list[dict[str, Any]]] = [[] for _ in line["spans"]]
    for (number, group), start in zip(groups, [*starts, float("inf")]):
        text = "".join(each["c"] for each in group)
        is_closed = group[0]["synthetic"] and start - end < _GAP * line["spans"][number]["size"]
        is_again = len(text) > 1 and text[0].isalpha() and said.endswith(text)
        if not is_closed and not is_again:
            kept[number] += group
            said, end = said + text, max(end, *(each["bbox"][2] for each in group))
    spans = [_with_characters(span, own) for span, own in zip(line["spans"], kept) if own]
    return {**line, "spans": spans, "bbox": union([span["bbox"] for span in spans] or [line["bbox"]])}


def _with_characters(span: Mapping[str, Any], own: list[dict[str, Any]]) -> dict[str, Any]:
    box = union([as_box(each["bbox"]) for each in own])
    return {**span, "chars": own, "bbox": box, "origin": own[0]["origin"]}


def _groups(characters: Iterable[dict[str, Any]], size: float) -> Iterator[list[dict[str, Any]]]:
    """Characters one by one, but those of one glyph without an advance together."""
    group: list[dict[str, Any]] = []
    for each in characters:
        x0, _, x1, _ = each["bbox"]
        hidden = x1 - x0 < _WIDTHLESS * size and not each["synthetic"]
        if group and not (hidden and each["origin"] == group[0]["origin"]):
            yield group
            group = []
        if not hidden:
            yield [each]
        else:
            group.append(each)
    if group:
        yield group
