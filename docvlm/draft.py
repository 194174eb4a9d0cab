"""What reading one page gives, before the document as a whole decides on levels, furniture and joins."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from docvlm.boxes import Box
from docvlm.file_knowledge import Knowledge
from docvlm.schema import (
    Chart,
    Check,
    Confidence,
    Failure,
    FormField,
    Kind,
    Link,
    Reader,
    Table,
    TextLayer,
    TextLine,
)


@dataclass(slots=True)
class Item:
    """One entry of a list: ``indent`` is its marker's left edge in points, ``marker`` "-" or "3."."""

    indent: float
    marker: str
    text: str


@dataclass(slots=True)
class Draft:
    """A block to be. ``box`` is in points; ``size`` is its font's size in points, 0 without text.

    ``text_lines`` are the printed lines that it was read from, of which its text takes ``lines``.
    ``level`` is a heading's where the reader says it, ``outline_level`` where the file's outline or its tags do; without
    either it is found by the headings' looks. ``furniture`` is true of what is known to be no text: a watermark, a margin's
    line numbers. ``alt`` says what a picture shows. Of a tagged file, ``tag`` is the role that it gives the block,
    "Artifact" of what it calls no content, and ``told`` says whether it has it in the same place and with the same cells.
    ``heading`` is the page model's probability that it is one.
    """

    kind: Kind
    box: Box
    text: str = ""
    confidence: Confidence | None = None
    reader: Reader | None = None
    size: float = 0.0
    bold: bool = False
    lines: int = 1
    text_lines: list[TextLine] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    table: Table | None = None
    chart: Chart | None = None
    latex: str | None = None
    level: int | None = None
    image: bytes | Path | None = None
    failure: Failure | None = None
    links: list[Link] = field(default_factory=list)
    outline_level: int | None = None
    furniture: bool = False
    alt: str = ""
    tag: str = ""
    told: bool | None = None
    heading: float | None = None


@dataclass(slots=True)
class PageDraft:
    """A page's drafts in reading order; the page's size is in points, upright.

    ``rotation``, ``skew`` and ``window`` say how it was seen, as in :class:`docvlm.frames.Frame`.
    """

    number: int
    width: float
    height: float
    drafts: list[Draft] = field(default_factory=list)
    label: str | None = None
    text_layer: TextLayer | None = None
    error: Failure | None = None
    checks: list[Check] = field(default_factory=list)
    missing: list[TextLine] = field(default_factory=list)
    body_size: float = 10.0
    characters: int = 0
    seconds: float = 0.0
    rotation: int = 0
    skew: float = 0.0
    window: Box | None = None
    fields: list[FormField] = field(default_factory=list)
    knowledge: Knowledge | None = None
