"""What a runtime must do to run a model. Imports no network library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import AnchorCodes
from docvlm.decoding.interface import ChartReading, Reading
from docvlm.formulas.codes import GlyphCodes
from docvlm.formulas.glyphs import Kind
from docvlm.networks.shapes import MAX_ACTIONS, ChartConfig, ReaderConfig


class ChartRuntime(Protocol):
    """A chart model that can be asked. ``ran_on`` says in words what computes, for reports."""

    @property
    def config(self) -> ChartConfig: ...

    @property
    def ran_on(self) -> str: ...

    def read(
        self, images: NDArray[np.float32], codes: Sequence[AnchorCodes], max_actions: int = MAX_ACTIONS
    ) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each.

        ``max_actions`` counts the end; with room for three, all that can be said is that there is no chart.
        Raises ValueError where the grammar has nothing that short.
        """
        ...


class ReaderRuntime(Protocol):
    """A reading model that can be asked. ``config`` says how many glyphs a crop may have and how many tokens it may
    become; ``ran_on`` says in words what computes, for reports.
    """

    @property
    def config(self) -> ReaderConfig: ...

    @property
    def ran_on(self) -> str: ...

    def read(
        self, crops: Sequence[GlyphCodes], kinds: Sequence[Kind], only_shown: bool = False
    ) -> list[Reading]:
        """What each crop says, in their order: LaTeX of a formula, Markdown of a line.

        ``only_shown`` lets formulas have only the letters that their glyphs have (`docvlm.formulas.supply`).
        Raises ValueError for a crop with more than ``config.glyphs`` glyphs.
        """
        ...
