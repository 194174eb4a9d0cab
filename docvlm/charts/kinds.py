"""The kinds of charts that there are, and what of each decides how it is read and drawn.

Whoever has to know something about a kind asks its traits and never its name, so that a new kind is one more row of
`CHART_KINDS`. Rows are only added at the end: their order numbers the kinds in what a trained model writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mark = Literal["bar", "bar and line", "line", "area", "slice", "point"]


@dataclass(frozen=True, slots=True)
class ChartKind:
    """A kind of chart. ``name`` is what `docvlm.schema.Chart.chart_type` says, ``mark`` what stands for a value.

    ``across`` says that values run along x, as those of lying bars do; ``stacked`` that the marks of a place stand on
    each other; ``grouped`` that they stand side by side; ``hollow`` that the middle is cut out.
    """

    name: str
    mark: Mark
    across: bool = False
    stacked: bool = False
    grouped: bool = False
    hollow: bool = False

    @property
    def has_bars(self) -> bool:
        return self.mark in ("bar", "bar and line")


_KINDS: Final = (
    ChartKind("vertical_bar", "bar"),
    ChartKind("horizontal_bar", "bar", across=True),
    ChartKind("grouped_bar", "bar", grouped=True),
    ChartKind("grouped_horizontal_bar", "bar", across=True, grouped=True),
    ChartKind("stacked_bar", "bar", stacked=True),
    ChartKind("stacked_horizontal_bar", "bar", across=True, stacked=True),
    ChartKind("line", "line"),
    ChartKind("area", "area"),
    ChartKind("stacked_area", "area", stacked=True),
    ChartKind("pie", "slice"),
    ChartKind("donut", "slice", hollow=True),
    ChartKind("scatter", "point"),
    ChartKind("combined", "bar and line"),
)
CHART_KINDS: Final = {kind.name: kind for kind in _KINDS}
_BY_TRAITS: Final = {(k.mark, k.across, k.stacked, k.grouped, k.hollow): k for k in _KINDS}


def kind_with(
    mark: Mark, *, across: bool = False, stacked: bool = False, grouped: bool = False, hollow: bool = False
) -> ChartKind:
    """The kind that has these traits and no others. Raises KeyError where none has."""
    return _BY_TRAITS[mark, across, stacked, grouped, hollow]
