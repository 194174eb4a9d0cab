"""A page before an engine sets it: its parts in the order in which they are read, each run of words with its colour.

Typst and LaTeX set the same trees, each in its own looks. Lengths are in points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from training.pages.sheet import Sheet

Math = tuple[Any, ...]  # the name of an operation (see `training.pages.maths`) and its operands


@dataclass(frozen=True, slots=True)
class Words:
    """A run. ``style`` is empty or has some of the letters b (bold), i (italic), m (mono), c (small capitals), u (underlined),
    r (raised), s (small)."""

    color: int
    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Maths:
    """A formula among words, or displayed."""

    color: int
    tree: Math


@dataclass(frozen=True, slots=True)
class Mark:
    """The raised mark of a footnote, which stands at the foot of the column."""

    color: int
    text: str
    note: int  # its index in Page.notes


Inline = Words | Maths | Mark
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 0: the page's title, 1 to 3
    words: Line
    label: Words | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``kind``: body, flush (not set in), abstract, quote, centre, right, small, theorem (slanted), lines (each run a line)."""

    words: Line
    kind: str = "body"


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a list, with its mark or its term."""

    words: Line
    mark: Line = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. ``kind``: hanging (marks before the text), beside, below or runin (terms and what they mean), plain (marks
    run in), hung (no marks, all lines but the first set in), grid (small items in three columns)."""

    kind: str
    entries: tuple[Entry, ...]
    wide: float = 1.6  # of marks, ems
    gap: float = 0.0  # between items, ems
    left: float = 0.0  # ems


@dataclass(frozen=True, slots=True)
class Code:
    """``look``: plain, frame, tint, both, bar, rules or dark. All its lines are one run."""

    color: int
    lines: tuple[str, ...]
    region: int
    look: str
    numbered: bool
    left: float = 0.0  # ems


@dataclass(frozen=True, slots=True)
class Display:
    """Displayed formulas, each with its number or none."""

    rows: tuple[tuple[Maths, Words | None], ...]
    region: int
    left: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``align``: l, c, r or p (a column of long cells) for each column. ``rules``: all, booktabs, rows, none, frame, columns."""

    rows: tuple[tuple[Line, ...], ...]
    heads: int  # how many rows are heads
    align: str
    rules: str
    region: int
    size: float  # of the text's
    wide: bool  # as wide as the column
    tint: int | None = None  # of the head
    stripe: int | None = None
    caption: Line = ()
    above: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """``shapes``: rect or ellipse with x, y, width, height and fill (None: only its outline), or line with two points, origin
    top left; ``labels``: where a label's middle stands, and its words."""

    width: float
    height: float
    shapes: tuple[tuple[Any, ...], ...]
    labels: tuple[tuple[float, float, Words], ...]
    region: int
    caption: Line = ()
    size: float = 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """``look`` as in Code."""

    parts: tuple[Part, ...]
    look: str
    region: int
    tint: int


@dataclass(frozen=True, slots=True)
class Leader:
    """A line of a table of contents."""

    depth: int
    label: Words | None
    words: Words
    dots: Words | None
    number: Words
    gap: float = 0.0  # above, ems


@dataclass(frozen=True, slots=True)
class Space:
    ems: float
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Indented:
    """Parts set in from the left, as the bodies of definitions are."""

    parts: tuple[Part, ...]
    left: float  # ems


Part = Heading | Paragraph | Listing | Code | Display | Table | Figure | Box | Leader | Space | Indented


@dataclass(slots=True)
class Page:
    """``head`` stands above all columns; ``above`` and ``below`` are the running head and foot: left, middle and right."""

    sheet: Sheet
    parts: tuple[Part, ...]
    columns: int = 1
    head: tuple[Part, ...] = ()
    notes: list[Line] = field(default_factory=list)
    above: tuple[Words | None, Words | None, Words | None] = (None, None, None)
    below: tuple[Words | None, Words | None, Words | None] = (None, None, None)
    slide: bool = False
