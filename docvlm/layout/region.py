"""Regions of a page, and how lines come into them. Boxes are PDF points of the upright page."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from docvlm.boxes import Box, area, overlap_across, shared_area, sides, union
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.text_layer import body_size

_HELD = 0.4  # of a line's area, at least, that lies in its region
_WHOLE = 0.9  # of a line's area: regions that hold more hold it alike
_SPECK = 8.0  # points; a picture without text and with a shorter side is none

# Lines of one paragraph follow each other, in ems of their type.
_OVERLAP, _LEADING = -0.5, 0.7
_SAME_SIZE = 0.12
_USUAL_LEADING = 1.2  # em, where there is only one line
_LEAST_STEP = 1.0  # points between successive lines; others stand side by side

_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Hint:
    """What the page model thinks of a line, known by its ``box``: the probabilities that it goes on with the paragraph or
    item of the line before it in its region, None for the first, and that it is a heading's.
    """

    box: Box
    goes_on: float | None
    heading: float


@dataclass(slots=True)
class Region:
    """A part of the page with one kind. ``lines`` are sorted top to bottom, left to right. ``structure`` is the
    probability that they belong together and stand in their place, where the page model could tell; ``told`` says whether
    the file's structure tree has it in that place. ``is_column`` marks what was found to be one thing beside others: it is
    one paragraph. ``hints`` are what the page model thinks of its lines; ``is_seen`` says whether it found the region, too.
    """

    kind: Kind
    box: Box
    lines: list[Line] = field(default_factory=list)
    structure: float | None = None
    told: bool | None = None
    is_column: bool = False
    hints: list[Hint] = field(default_factory=list)
    is_seen: bool = False

    @classmethod
    def around(cls, kind: Kind, lines: list[Line]) -> Region:
        """The region of ``lines`` (at least one)."""
        return cls(kind, union([line.box for line in lines]), lines)

    @property
    def text(self) -> str:
        return " ".join(line.text.strip() for line in self.lines)


def words(text: str) -> list[str]:
    """The words of three letters or more: what has some of them is said, not labelled."""
    return _WORD.findall(text)


def gather(found: Sequence[tuple[Kind, Box]], lines: list[Line]) -> list[Region]:
    """Puts every line into the region it lies in; lines that none holds become paragraphs of their own."""
    regions = [Region(kind, box) for kind, box in found]
    loose: list[Line] = []
    for line in lines:
        home = _home(line, regions)
        (home.lines if home else loose).append(line)
    regions.extend(cluster(loose))
    for region in regions:
        region.lines.sort(key=lambda line: (line.box[1] + line.box[3], line.box[0]))
        if region.lines and region.kind not in ("picture", "table", "formula"):
            region.box = union([line.box for line in region.lines])
        elif region.lines and region.kind == "picture":
            region.box = union([region.box, *(line.box for line in region.lines)])  # cuts no label off
    return [r for r in regions if r.lines or (r.kind == "picture" and min(sides(r.box)) > _SPECK)]


def _home(line: Line, regions: list[Region]) -> Region | None:
    whole = max(area(line.box), 1e-6)
    shares = ((shared_area(line.box, region.box) / whole, region) for region in regions)
    held = [(share, region) for share, region in shares if share > _HELD]
    # Of regions that hold the line whole, the smallest is the most specific.
    best = max(held, key=lambda each: (min(each[0], _WHOLE), -area(each[1].box)), default=None)
    return best[1] if best else None


def cluster(lines: list[Line]) -> list[Region]:
    """Paragraphs of lines that follow each other closely with the same size and overlapping columns."""
    regions: list[Region] = []
    near: list[Region] = []  # those that a line this far down can still follow
    for line in sorted(lines, key=lambda line: (round(line.box[1]), line.box[0])):
        near = [
            r for r in near if line.box[1] - r.lines[-1].box[3] < _LEADING * max(line.size, r.lines[-1].size)
        ]
        home = next((r for r in reversed(near) if follows(r.lines[-1], line)), None)
        if home is None:
            home = Region("paragraph", line.box, [line])
            regions.append(home)
            near.append(home)
        else:
            home.lines.append(line)
            home.box = union([home.box, line.box])
    return regions


def follows(previous: Line, line: Line) -> bool:
    """Whether a line goes on below another: in its column, of its type, no more than leading between them."""
    size = max(previous.size, line.size, 1.0)
    same_look = abs(previous.size - line.size) < _SAME_SIZE * size and previous.direction == line.direction
    gap = line.box[1] - previous.box[3]
    return (
        same_look and overlap_across(previous.box, line.box) > 0 and _OVERLAP * size < gap < _LEADING * size
    )


def stacked(lines: list[Line]) -> list[Region]:
    """Paragraphs of one column's lines, parted where more than a line's leading is free."""
    regions: list[Region] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        if regions and line.box[1] - regions[-1].box[3] < _LEADING * line.size:
            regions[-1].lines.append(line)
            regions[-1].box = union([regions[-1].box, line.box])
        else:
            regions.append(Region("paragraph", line.box, [line]))
    return regions


def typical_leading(lines: list[Line]) -> float:
    """Median distance (points) between the tops of successive lines; 1.2 em where there is only one."""
    steps = [b.box[1] - a.box[1] for a, b in itertools.pairwise(lines)]
    steps = [step for step in steps if step > _LEAST_STEP]
    return statistics.median(steps) if steps else _USUAL_LEADING * body_size(lines)
