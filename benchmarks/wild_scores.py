"""What an output keeps of a page: counts that add up over pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from benchmarks import metrics
from benchmarks.metrics import Heading, ParsedDocument, normalize, words_of
from benchmarks.wild_pages import PageTruth
from benchmarks.wild_truth import FLOW, GAP, RUN, Truth

_FIVE = 5
_FIRST = 3  # words by which a list item, and each end of a part, is known
_PARTS = ("paragraph", "item")
# Headings that classes print of themselves.
_UNSTATED = {
    "abstract",
    "summary",
    "keywords",
    "contents",
    "references",
    "bibliography",
    "index",
    "acknowledgments",
}
_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxl]{1,5})[.)]\s+")
_NUMBER_BEFORE = re.compile(rf"\A{_NUMBER.pattern}")
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(["code", "lheading"])


@dataclass
class Counts:
    """By name: how many were right, and of how many."""

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    leaks: int = 0
    pages: int = 0

    def put(self, name: str, right: float, of: float) -> None:
        self.right[name] += right  # type: ignore[assignment]
        self.of[name] += of  # type: ignore[assignment]

    def add(self, other: Counts) -> None:
        self.right.update(other.right)
        self.of.update(other.of)
        self.leaks += other.leaks
        self.pages += other.pages

    def share(self, name: str) -> float | None:
        return self.right[name] / self.of[name] if self.of[name] else None

    @property
    def fault(self) -> float:
        """How bad a page is: the shares that are missing, of words, runs and pairs first."""
        weights = {
            "recall": 2,
            "precision": 1,
            "order": 2,
            "sequence": 2,
            "headings": 0.5,
            "lists": 0.5,
            "cells": 0.5,
            "code": 0.5,
        }
        missing = {name: 1 - share for name in weights if (share := self.share(name)) is not None}
        return sum(weights[name] * each for name, each in missing.items())


@dataclass(frozen=True)
class _Output:
    words: list[str]
    parsed: ParsedDocument
    items: list[str]
    code: list[str]


def count(truth: PageTruth, markdown: str, others: str | None = None) -> Counts:
    """``others`` is all that the converter's own format has of the page, headers, footers and figures as well."""
    counts, output = Counts(pages=1), _output(markdown)
    told = [word for each in truth.blocks for word in each.words if word != GAP]
    layer = Counter(truth.layer)
    said = Counter(output.words)
    counts.put("recall", (Counter(told) & layer & said).total(), (Counter(told) & layer).total())
    counts.put("precision", (said & Counter(truth.everything)).total(), said.total())
    if others is not None:
        kept = said | Counter(words_of(normalize(others)))
        gone = [word for word in (layer - kept).elements() if len(word) > 1]  # a letter may be in a formula
        counts.put("gone", len(gone), layer.total())
    _count_order(counts, truth.blocks, output.words, output.parsed.blocks)
    _count_structure(counts, truth.blocks, output)
    counts.leaks = metrics.leaked_furniture(truth.furniture, ParsedDocument(), output.parsed)
    return counts


def _output(markdown: str) -> _Output:
    markdown = markdown.replace("\ue000", " ")
    tree = BeautifulSoup(_MARKDOWN.render(_plain_formulas(markdown)), "lxml")
    items = [" ".join(item.get_text().split()) for item in tree.find_all("li")]
    code = [line for each in tree.find_all("pre") for line in each.get_text().splitlines()]
    for image in tree.find_all("img"):
        image.decompose()
    for tag in tree.find_all(["td", "th", "br", "li", "p"]):
        tag.insert_after("\n")
    words = words_of(normalize(tree.get_text()))
    return _Output(words, metrics.parse(markdown), items, code)


def _plain_formulas(markdown: str) -> str:
    """A formula's letters and digits as words: the truth may have them as text."""

    def plain(match: re.Match[str]) -> str:
        return re.sub(r"\\[A-Za-z]+|[{}_^\\&]", " ", match.group().strip("$"))

    return re.sub(r"\$\$[^$]+\$\$|(?<!\\)\$[^$\n]+\$", plain, markdown)


# --- order ----------------------------------------------------------------------------------------


def _count_order(
    counts: Counts, blocks: Sequence[Truth], words: Sequence[str], output_blocks: Sequence[str]
) -> None:
    said = set(_runs(words, _FIVE))
    right = of = 0
    for each in blocks:
        if each.kind in ("paragraph", "item", "caption", "footnote"):
            runs = [run for run in _runs(each.words, _FIVE) if GAP not in run]
            right, of = right + sum(run in said for run in runs), of + len(runs)
    counts.put("order", right, of)
    begins = _beginnings([each for each in blocks if each.kind in FLOW], words)
    found = sorted(place for place in begins if place is not None)
    after = dict(pairwise(found))
    pairs = [(left, right) for left, right in pairwise(begins) if left is not None and right is not None]
    parts = [each for each in map(_ends, (b.words for b in blocks if b.kind in _PARTS and b.whole)) if each]
    shown = (_ends(words_of(_NUMBER_BEFORE.sub("", text))) for text in output_blocks)
    given = Counter(each for each in shown if each)
    counts.put("parts", (Counter(parts) & given).total(), len(parts))
    counts.put("sequence", sum(after.get(left) == right for left, right in pairs), len(pairs))


def _ends(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The first and the last words of a part, by which it is known; None where they are too few or the source has a formula
    there.
    """
    first, last = tuple(words[:_FIRST]), tuple(words[-_FIRST:])
    return None if len(words) < 2 * _FIRST or GAP in first + last else (first, last)


def _beginnings(blocks: Sequence[Truth], words: Sequence[str]) -> list[int | None]:
    """Where the blocks begin in the output: at the first of their runs that stand once in it and in one block.

    A block of two or three words is a run of its own.
    """
    runs = [_runs(each.words, min(RUN, len(each.words))) for each in blocks]
    owned = Counter(run for each in runs for run in set(each))
    places = {run: place for size in range(2, RUN + 1) for place, run in enumerate(_runs(words, size))}
    often = Counter(run for size in range(2, RUN + 1) for run in _runs(words, size))
    return [next((places[run] for run in each if owned[run] == often[run] == 1), None) for each in runs]


def _runs(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[place : place + size]) for place in range(len(words) - size + 1)] if size > 1 else []


# --- structure ------------------------------------------------------------------------------------


def _count_structure(counts: Counts, blocks: Sequence[Truth], output: _Output) -> None:
    headings = [Heading(each.level, each.text) for each in blocks if each.kind == "heading" and each.words]
    truth = [Heading(each.level, _without_number(each.text)) for each in headings]
    given = [Heading(each.level, _without_number(each.text)) for each in output.parsed.headings]
    stated = {each.text for each in truth}
    given = [each for each in given if each.text in stated or each.text.strip(".:") not in _UNSTATED]
    pairs = _pairs(truth, given)
    _put_f1(counts, "headings", len(pairs), len(truth), len(given))
    for (a, b), (c, d) in pairwise(pairs):
        counts.put(
            "levels", _sign(truth[c].level - truth[a].level) == _sign(given[d].level - given[b].level), 1
        )
    items = [
        _key(" ".join(each.words)) for each in blocks if each.kind == "item" and each.whole and each.words
    ]
    told = [key for key in (_key(item) for item in output.items) if key]
    # Markdown has no list of "(a)"; as a paragraph of its own it is one.
    left = Counter(items) - Counter(told)
    numbered = Counter(_key(_NUMBER.sub("", text)) for text in output.parsed.blocks if _NUMBER.match(text))
    told += (left & numbered).elements()
    _put_f1(counts, "lists", (Counter(items) & Counter(told)).total(), len(items), len(told))
    lines = [
        _squeezed(line)
        for each in blocks
        if each.kind == "code" and each.whole
        for line in each.text.splitlines()
    ]
    known = "".join(output.words)
    lines = [line for line in lines if line and "".join(words_of(line)) in known]
    code = [line for line in map(_squeezed, output.code) if line]
    _put_f1(counts, "code", (Counter(lines) & Counter(code)).total(), len(lines), len(code))
    grids = [_grid(each.rows) for each in blocks if each.rows]
    sizes = [metrics._cell_count(tables) for tables in (grids, output.parsed.tables)]
    if any(sizes):
        _put_f1(counts, "cells", metrics._matched(grids, output.parsed.tables, metrics.aligned), *sizes)


def _grid(rows: Sequence[Sequence[str]]) -> metrics.Grid:
    """A source's table, whose short rows end in empty cells."""
    wide = max(map(len, rows))
    return [[normalize(cell) for cell in row] + [""] * (wide - len(row)) for row in rows]


def _put_f1(counts: Counts, name: str, right: float, truth: int, given: int) -> None:
    """So that the share over several pages is the F1 over them."""
    counts.put(name, 2 * right, truth + given)


def _pairs(truth: Sequence[Heading], given: Sequence[Heading]) -> list[tuple[int, int]]:
    pairs, last = [], -1
    for number, heading in enumerate(truth):
        for other in range(last + 1, len(given)):
            if metrics.edit_similarity(heading.text, given[other].text) >= metrics.HEADING_MATCH:
                pairs.append((number, other))
                last = other
                break
    return pairs


def _without_number(text: str) -> str:
    """Sources do not have the numbers that are printed."""
    return " ".join(
        re.sub(
            r"^(?:(?:chapter|appendix|section)\s+)?(?:[A-Z]|[0-9IVX]+)(?:[.:][0-9A-Z]*)*[.:\s]\s*",
            "",
            normalize(text),
            flags=re.I,
        ).split()
    ).lower()


def _key(text: str) -> str:
    return " ".join(words_of(normalize(text))[:_FIRST])


def _squeezed(line: str) -> str:
    return "".join(normalize(line).split())


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
