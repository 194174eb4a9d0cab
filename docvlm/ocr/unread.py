"""What PP-OCR saw on a page and could not read: text of other scripts, of which it makes nothing, a few signs, or letters
that it is not sure of.

Boxes are points of the upright page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docvlm.boxes import Box, contains, middle, sides, union
from docvlm.spans import Line

JUNK = 0.3
"""Of a line's score: what PP-OCR makes of other scripts is mostly below, of its own hardly ever."""
_SPARSE = 0.5  # letters an em; lines of its own scripts have one, at least
_MOSTLY = 0.5  # of a place's width that lines in it fill
_APART = 2.0  # heights of a place between two groups


def share_read(lines: Iterable[Line], places: Sequence[Box]) -> float:
    """How much of the width of all ``places`` with text was read, each line counted by its score, 0 to 1."""
    seen = sum(sides(place)[0] for place in places)
    got = sum((line.spans[0].score or 0.0) * sides(line.box)[0] for line in lines if not is_sparse(line))
    return min(got / seen, 1.0) if seen else 0.0


def unread(lines: Sequence[Line], places: Iterable[Box], least: float = JUNK) -> list[Box]:
    """The places with text of which nothing was made that has a score of ``least``."""
    good = [line for line in lines if not is_sparse(line) and (line.spans[0].score or 0.0) >= least]

    def filled(place: Box) -> float:
        return sum(sides(line.box)[0] for line in good if contains(place, middle(line.box)))

    return [place for place in places if filled(place) < _MOSTLY * sides(place)[0]]


def is_sparse(line: Line) -> bool:
    """Whether a line has far fewer letters than have room in it."""
    wide, high = sides(line.box)
    return len(line.text.replace(" ", "")) < _SPARSE * wide / max(high, 1.0)


def grouped(places: Iterable[Box]) -> list[Box]:
    """The boxes around places that stand below each other, top to bottom."""
    groups: list[list[Box]] = []
    for place in sorted(places, key=lambda place: place[1]):
        high = sides(place)[1]
        if groups and place[1] - max(box[3] for box in groups[-1]) < _APART * high:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [union(group) for group in groups]
