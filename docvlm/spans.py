"""Text with its place and look, as the text layer or OCR gives it.

Everything here is in PDF points, origin at the top left, after page rotation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from docvlm.boxes import Box


@dataclass(slots=True)
class Span:
    """A run of characters with one font. ``score`` is OCR's calibrated probability, ``None`` for the text layer.

    With ``math`` the text is the LaTeX of a formula inside the line, and ``score`` that formula's; a formula that could
    not be read keeps its characters and has the score of the attempt. ``link`` is the safe target to which it leads.
    """

    text: str
    box: Box
    size: float
    font: str = ""
    bold: bool = False
    italic: bool = False
    mono: bool = False
    superscript: bool = False
    subscript: bool = False
    color: int = 0
    baseline: float = 0.0
    score: float | None = None
    math: bool = False
    link: str = ""
    struck: bool = False
    underlined: bool = False
    highlighted: bool = False

    @property
    def is_tick(self) -> bool:
        """Whether this stands for a check box: ``[x]`` or ``[ ]``."""
        return self.text.strip() in ("[x]", "[ ]")


@dataclass(frozen=True, slots=True)
class Decoration:
    """What the characters within ``box`` have that no font gives: a link's target, or a line through or under them."""

    box: Box
    link: str = ""
    struck: bool = False
    underlined: bool = False
    highlighted: bool = False


@dataclass(slots=True)
class Line:
    """Spans on one baseline, left to right. ``direction`` is the unit vector of writing, (1, 0) for upright text."""

    box: Box
    spans: list[Span] = field(default_factory=list)
    direction: tuple[float, float] = (1.0, 0.0)

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    @property
    def size(self) -> float:
        """Size in points of the font that most characters have."""
        if len(self.spans) < 2:
            return self.spans[0].size if self.spans else 0.0
        weight: dict[float, int] = {}
        for span in self.spans:
            weight[span.size] = weight.get(span.size, 0) + max(1, len(span.text.strip()))
        return max(weight, key=lambda size: weight[size])


def words(span: Span) -> list[Span]:
    """The words of a span, each with the space behind it; their places are estimated by their lengths."""
    step = (span.box[2] - span.box[0]) / max(len(span.text), 1)
    found = []
    for match in re.finditer(r"\S+ ?", span.text):
        start = span.box[0] + match.start() * step
        end = span.box[0] + (match.start() + len(match[0].rstrip())) * step
        found.append(replace(span, text=match[0], box=(start, span.box[1], end, span.box[3])))
    return found
