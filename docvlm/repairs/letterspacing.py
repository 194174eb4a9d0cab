"""Words with wide-set letters ("a r t i c l e  i n f o"): MuPDF takes the free paper between their letters for spaces.

Such a space was not typed, or has no width, and its gap is as wide as those beside it; the one between words is wider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from docvlm.boxes import as_box, union

_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}")
_WIDTHLESS = 0.02  # ems of a space that only moves to the next letter
_WIDEST = 0.8  # ems between letters of one word; columns of letters stand further apart
_STEADY = 0.12  # ems by which these gaps differ: kerning
_FEWEST, _FEWEST_AGAIN = 5, 2  # letters of a row that tells, and of another one in its font
_MOSTLY = 0.6  # of a row's words are single letters, before anything is closed
_TOUCHING, _LEVEL = 0.05, 0.4  # ems between two pieces of one row, and between their feet

_Placed = tuple[dict[str, Any], dict[str, Any]]  # a character behind the span that it is of


def may_be_spaced(text: str) -> bool:
    """Whether a line holds letters that stand alone, one after the other."""
    return _SPACED.search(text) is not None


def close(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """MuPDF's lines of characters; those with wide-set letters, which it has cut into pieces, whole and without the
    spaces that stand for the letters' gaps.
    """
    rows = [
        (row, [(span, each) for line in row for span in line["spans"] for each in span["chars"]])
        for row in _rows(lines)
    ]
    limits: dict[tuple[str, float], float] = {}
    for _, characters in rows:
        if (limit := _limit(characters)) is not None:
            limits[_type(characters)] = limit
    closed: list[dict[str, Any]] = []
    for row, characters in rows:
        limit = (
            limits.get(_type(characters), 0.0)
            if limits and _mostly_single(characters, _FEWEST_AGAIN)
            else 0.0
        )
        gaps = {id(space) for gap, space in _spaces(characters) if gap < limit}
        closed += [_whole(row, [pair for pair in characters if id(pair[1]) not in gaps])] if gaps else row
    return closed


def _rows(lines: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Lines that go on where the one before them ends."""
    row: list[dict[str, Any]] = []
    for line in lines:
        if row and not _goes_on(row[-1], line):
            yield row
            row = []
        row.append(line)
    yield row


def _goes_on(last: dict[str, Any], line: dict[str, Any]) -> bool:
    before, behind = last["spans"][-1], line["spans"][0]
    if not before["chars"] or not behind["chars"] or last["dir"] != line["dir"]:
        return False
    end, start = before["chars"][-1], behind["chars"][0]
    size = max(span["size"] for span in last["spans"])  # MuPDF gives a space that it adds none
    level = abs(end["origin"][1] - start["origin"][1]) < _LEVEL * size
    return bool(level and abs(end["bbox"][2] - start["bbox"][0]) < _TOUCHING * size)


def _limit(row: Sequence[_Placed]) -> float | None:
    """The gap in ems that words of a row have between their letters, at most; ``None`` where they are not wide-set."""
    gaps = [gap for gap, _ in _spaces(row)] if _mostly_single(row, _FEWEST) else []
    limit = min(min(gaps, default=0.0) + _STEADY, _WIDEST)
    return limit if sum(gap < limit for gap in gaps) >= _FEWEST else None


def _mostly_single(row: Sequence[_Placed], fewest: int) -> bool:
    words = "".join(each["c"] for _, each in row).split()
    return sum(len(word) == 1 for word in words) >= max(fewest, _MOSTLY * len(words))


def _spaces(row: Sequence[_Placed]) -> list[tuple[float, dict[str, Any]]]:
    """The spaces that MuPDF has added to a row, or that have no width, and how wide in ems their gaps are."""
    return [
        ((behind["bbox"][0] - before["bbox"][2]) / span["size"], each)
        for (span, before), (_, each), (_, behind) in zip(row, row[1:], row[2:])
        if each["c"] == " "
        and (each["synthetic"] or each["bbox"][2] - each["bbox"][0] < _WIDTHLESS * span["size"])
    ]


def _type(row: Sequence[_Placed]) -> tuple[str, float]:
    """The font and size of a row's first letter."""
    return next(
        ((span["font"], round(span["size"], 1)) for span, each in row if not each["c"].isspace()), ("", 0.0)
    )


def _whole(row: Sequence[dict[str, Any]], characters: Sequence[_Placed]) -> dict[str, Any]:
    """A row as one line, with a span for each look of its letters; spaces are of the span before them."""
    spans: list[dict[str, Any]] = []
    for span, each in characters:
        alike = spans and (
            each["c"] == " " or all(spans[-1][key] == span[key] for key in ("font", "color", "flags"))
        )
        if alike:
            spans[-1]["chars"].append(each)
        else:
            spans.append({**span, "chars": [each]})
    for span in spans:
        span["bbox"] = union([as_box(each["bbox"]) for each in span["chars"]])
    return {**row[0], "spans": spans, "bbox": union([as_box(line["bbox"]) for line in row])}
