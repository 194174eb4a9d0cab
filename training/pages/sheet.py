"""What is known of a page while it is written: which words belong to what, and in which order they are read.

Every run of words is printed in a colour of its own, its number, so that each span of the PDF tells what it is; the
colours in which the words should have stood are kept here.
"""

from __future__ import annotations

import html
import random
from dataclasses import dataclass, field

from training.pages.look import Look
from training.pages.text import Text

BODY = 0  # the flow of the page's own text


@dataclass(frozen=True, slots=True)
class Run:
    """Words that follow each other and look alike."""

    role: str
    flow: int
    block: int
    item: int  # -1: its lines stand alone
    color: int


@dataclass(slots=True)
class Sheet:
    """One page. In each flow, runs are read in the order in which they were made."""

    rng: random.Random
    look: Look
    text: Text
    runs: list[Run] = field(default_factory=list)
    regions: list[tuple[str, str]] = field(
        default_factory=list
    )  # kind; whether its text is "flow" or "labels"
    _numbers: int = 0

    def number(self) -> int:
        """A number for a flow, a block or an item that no other one has."""
        self._numbers += 1
        return self._numbers

    def note(
        self, role: str, *, color: int | None = None, flow: int = BODY, block: int | None = None, item: int | None = None
    ) -> int:  # fmt: skip
        """Takes down a run; the colour in which its words are to be printed. See :meth:`run`."""
        self.runs.append(
            Run(
                role,
                flow,
                self.number() if block is None else block,
                self.number() if item is None else item,
                self.look.ink if color is None else color,
            )
        )
        return len(self.runs)

    def run(
        self, role: str, words: str, *, css: str = "", color: int | None = None, flow: int = BODY,
        block: int | None = None, item: int | None = None, raw: bool = False, tag: str = "span", attributes: str = "",
    ) -> str:  # fmt: skip
        """Words as HTML. Without a ``block`` or an ``item`` they are one of their own; ``raw`` words are HTML already."""
        number = self.note(role, color=color, flow=flow, block=block, item=item)
        style = f"color:#{number:06x}" + (f";{css}" if css else "")
        return (
            f'<{tag} {attributes} style="{style}">{words if raw else html.escape(words, quote=False)}</{tag}>'
        )

    def region(self, kind: str, text: str = "flow") -> str:
        """What marks the place of a region: a link over the box that holds it, which must have ``position: relative``."""
        return f'<a class=r href="http://r/{self.note_region(kind, text)}"></a>'

    def note_region(self, kind: str, text: str = "flow") -> int:
        """Takes down a region; its number, which the link over its box ends with: ``http://r/NUMBER``."""
        self.regions.append((kind, text))
        return len(self.regions)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share
