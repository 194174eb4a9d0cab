"""What stands on each page of a PDF: the words of its text layer, its running heads, and the blocks of its source."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf

from benchmarks.metrics import normalize, words_of
from benchmarks.wild_truth import Places, Truth, blocks_of

_MARGIN = 0.11  # of a page's height, in which running heads and feet stand
_NEAR = 3.0  # points by which a running head's place may differ
_WITHIN = 4  # pages before and behind, on which it stands, too
_OFTEN = 2  # of them
_PART, _PARTS = 6, 8  # pages in a row, and how many such parts of a long document are looked at


@dataclass(frozen=True)
class PageTruth:
    """A page: its source's ``blocks``, the words of its text layer with and without running heads and feet, those as
    ``furniture``, and the share of its words that the source covers.
    """

    blocks: tuple[Truth, ...]
    layer: tuple[str, ...]
    everything: tuple[str, ...]
    furniture: tuple[str, ...]
    covered: float

    @classmethod
    def of(cls, stated: dict[str, Any]) -> PageTruth:
        blocks = tuple(
            Truth(**{**each, "words": tuple(each["words"]), "rows": tuple(map(tuple, each["rows"]))})
            for each in stated["blocks"]
        )
        layer, everything, furniture = (tuple(stated[name]) for name in ("layer", "everything", "furniture"))
        return cls(blocks, layer, everything, furniture, stated["covered"])


@dataclass(frozen=True)
class _Line:
    text: str
    top: float
    margin: bool


def pages_of(pdf: Path, sources: Sequence[Path], seed: str) -> dict[int, PageTruth]:
    """Pages by number, from 1: all of a short document, parts of a longer one that are drawn by ``seed``."""
    places = Places(blocks_of(sources))
    with pymupdf.open(pdf) as document:
        wanted = _drawn(len(document), seed)
        around = {near for number in wanted for near in range(number - _WITHIN, number + _WITHIN + 1)}
        lines = {number: _lines(document[number]) for number in sorted(around) if 0 <= number < len(document)}
    return {number + 1: _page(lines[number], _furniture(lines, number), places) for number in wanted}


def _drawn(count: int, seed: str) -> list[int]:
    parts = [range(first, min(first + _PART, count)) for first in range(0, count, _PART)]
    drawn = random.Random(seed).sample(parts, min(len(parts), _PARTS))
    return sorted(number for part in drawn for number in part)


def _lines(page: Any) -> list[_Line]:
    height = page.rect.height
    found = []
    for block in page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT)["blocks"]:
        for line in block.get("lines", ()):
            text = "".join(span["text"] for span in line["spans"]).strip()
            if text:
                top, bottom = line["bbox"][1], line["bbox"][3]
                margin = bottom < _MARGIN * height or top > (1 - _MARGIN) * height
                found.append(_Line(text, top, margin))
    return found


def _furniture(lines: Mapping[int, Sequence[_Line]], number: int) -> set[str]:
    """Lines in the margins that stand there on pages nearby, too, but for their digits; and numbers alone."""
    seen: dict[str, list[float]] = defaultdict(list)
    for other in range(number - _WITHIN, number + _WITHIN + 1):
        if other != number:
            for line in lines.get(other, ()):
                if line.margin:
                    seen[_shape(line.text)].append(line.top)
    return {
        line.text
        for line in lines[number]
        if line.margin
        and (
            re.fullmatch(r"[-– ]*([0-9]{1,4}|[ivxl]{1,6})[-– ]*", line.text)
            or sum(abs(top - line.top) < _NEAR for top in seen[_shape(line.text)]) >= _OFTEN
        )
    }


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", normalize(text))


def _page(lines: Sequence[_Line], furniture: set[str], places: Places) -> PageTruth:
    kept = [line.text for line in lines if not (line.margin and line.text in furniture)]
    joined, parts = _joined(kept), words_of(normalize("\n".join(kept)))
    known = Counter(joined) | Counter(parts)
    blocks = places.on_page(joined, known)
    told = Counter(word for each in blocks for word in each.words)
    letters = Counter(word for word in joined if (word.isalpha() and len(word) > 1) or ord(word[0]) > 0x2E80)
    covered = (letters & told).total() / max(1, letters.total())
    everything = [*joined, *words_of(normalize("\n".join(sorted(furniture))))]
    return PageTruth(tuple(blocks), tuple(joined), tuple(everything), tuple(sorted(furniture)), covered)


def _joined(lines: Sequence[str]) -> list[str]:
    """The words of lines, those that a hyphen parts at a line's end in one."""
    text = "\n".join(lines)
    return words_of(normalize(re.sub(r"(?<=\w)[-\u2010\u00ad]\n(?=[^\W\d_])(?![A-Z])", "", text)))
