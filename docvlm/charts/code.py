"""What the chart model writes: a chart as actions, the grammar of such sentences, and the way back.

Nothing is spelled. Names and printed values are pointers to anchors, marks are pointers to cells of the image
(`docvlm.anchors.ActionSpace`), and a handful of tokens holds them together::

    AUXILIARY kind CATEGORIES anchor (MORE anchor)* ... LABELLED
        SERIES anchor  cell anchor  cell anchor  MISSING ...
        SERIES anchor  ...

`AUXILIARY` stands first, as OneChart's ``<Number>`` does: the state behind it estimates all values at once. A
category is an anchor (several where its label is wrapped) or `UNNAMED`; without categories (`NUMERIC`) a
mark's own place along the axis says what it belongs to. In a labelled chart every mark is followed by the
anchor of its printed value or by `UNPRINTED`. A pie's first mark is its centre, the others are where its slices
begin, clockwise from the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from docvlm.anchors import ActionSpace
from docvlm.charts.kinds import CHART_KINDS, ChartKind
from docvlm.decoding.grammar import (
    ANCHOR,
    CELL,
    EMPTY,
    Automaton,
    Part,
    choice,
    compile_grammar,
    literal,
    one_of,
    optional,
    repeat,
    sequence,
)

TextRole = Literal[
    "other", "title", "x_title", "y_title", "source", "legend", "category", "x_tick", "y_tick", "value"
]
TEXT_ROLES: Final[tuple[TextRole, ...]] = TextRole.__args__  # type: ignore[attr-defined]

SeriesStyle = Literal[
    "plain", "line", "right"
]  # of a series: lines in a combined chart, and those of the right axis


class Token(IntEnum):
    """The vocabulary; kinds of charts follow behind `FIRST_KIND` in the order of `CHART_KINDS`."""

    END = 0
    AUXILIARY = 1
    NO_CHART = 2
    CATEGORIES = 3
    NUMERIC = 4
    MORE = 5
    UNNAMED = 6
    LABELLED = 7
    UNLABELLED = 8
    SERIES = 9
    LINE_SERIES = 10
    RIGHT_SERIES = 11
    MISSING = 12
    UNPRINTED = 13
    FIRST_KIND = 16


_KINDS: Final = tuple(CHART_KINDS.values())
VOCABULARY: Final = Token.FIRST_KIND + len(_KINDS)


@dataclass(slots=True)
class MarkCode:
    """One mark: its point in pixels (``None`` where the value is missing), and the anchor of its printed value."""

    point: tuple[float, float] | None
    label: int | None = None


@dataclass(slots=True)
class SeriesCode:
    """One series: the anchors of its name, and its marks."""

    name: list[int] = field(default_factory=list)
    marks: list[MarkCode] = field(default_factory=list)
    style: SeriesStyle = "plain"


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a decoded chart's actions were, as natural logarithms of their probabilities: the sums over tokens and
    over pointers to anchors, which are right or wrong; the mean over pointers to cells, of which the neighbours of
    the best one are right too; and the least sure action of all.
    """

    tokens: float = 0.0
    anchors: float = 0.0
    cells: float = 0.0
    least: float = 0.0


@dataclass(slots=True)
class ChartCode:
    """A chart as pointers. ``kind`` is ``None`` for a picture that is no chart. ``categories`` holds the anchors of
    each label, ``None`` where the marks' own places are the x values. ``centre`` is a pie's, in pixels.
    """

    kind: ChartKind | None
    categories: list[list[int]] | None = None
    series: list[SeriesCode] = field(default_factory=list)
    labelled: bool = False
    centre: tuple[float, float] | None = None
    probability: float = 1.0
    certainty: Certainty = field(default_factory=lambda: Certainty())

    @property
    def traits(self) -> ChartKind:
        """The kind of what is a chart."""
        assert self.kind is not None
        return self.kind


_STYLES: Final = {"plain": Token.SERIES, "line": Token.LINE_SERIES, "right": Token.RIGHT_SERIES}
_LINES: Final = 5  # of a name, at most


@cache
def chart_grammar(space: ActionSpace) -> Automaton:
    """The automaton of all well-formed charts in ``space``."""
    return compile_grammar(chart_sentence(), space, Token.END)


def chart_sentence(text: Part = ANCHOR, point: Part = CELL, preface: Part = EMPTY) -> Part:
    """What well-formed charts look like: ``text`` is how a name or a printed value is written, ``point`` how a mark's
    place is, and ``preface`` what stands behind the kind. The chart model points; designs that it is compared with
    write otherwise.
    """
    name = sequence(text, repeat(sequence(one_of([Token.MORE]), text), at_most=_LINES - 1))
    named = choice(name, one_of([Token.UNNAMED]))
    kinds = one_of(range(Token.FIRST_KIND, Token.FIRST_KIND + len(_KINDS)))
    axis = choice(literal([Token.NUMERIC]), sequence(literal([Token.CATEGORIES]), repeat(named, at_least=1)))
    bodies = [_body(named, text, point, labelled) for labelled in (True, False)]
    chart = sequence(kinds, preface, axis, choice(*bodies))
    return sequence(literal([Token.AUXILIARY]), choice(literal([Token.NO_CHART]), chart))


def _body(named: Part, text: Part, point: Part, labelled: bool) -> Part:
    label = choice(text, one_of([Token.UNPRINTED]))
    mark = choice(sequence(point, label) if labelled else point, one_of([Token.MISSING]))
    series = sequence(one_of(_STYLES.values()), named, repeat(mark, at_least=1))
    return sequence(
        literal([Token.LABELLED if labelled else Token.UNLABELLED]),
        optional(point),
        repeat(series, at_least=1),
    )


def encode_chart(chart: ChartCode, space: ActionSpace) -> tuple[list[int], list[tuple[float, float]]]:
    """Actions with the end token, and for each the offset of its point from the cell's centre, in cells.

    Raises ValueError for a labelled or unlabelled chart with nothing in it.
    """
    actions: list[int] = [Token.AUXILIARY]
    offsets: list[tuple[float, float]] = [(0.0, 0.0)]

    def write(*written: int) -> None:
        actions.extend(written)
        offsets.extend([(0.0, 0.0)] * len(written))

    def write_point(point: tuple[float, float]) -> None:
        action, offset = space.encode_points(np.asarray(point))
        actions.append(int(action))
        offsets.append((float(offset[0]), float(offset[1])))

    def write_name(anchors: Sequence[int]) -> None:
        if not anchors:
            write(Token.UNNAMED)
        for number, anchor in enumerate(anchors[:_LINES]):
            write(*([Token.MORE] if number else []), space.anchor(anchor))

    if chart.kind is None:
        write(Token.NO_CHART, Token.END)
        return actions, offsets
    if not chart.series or not all(series.marks for series in chart.series):
        raise ValueError("a chart needs at least one series, and every series a mark")
    write(Token.FIRST_KIND + _KINDS.index(chart.kind))
    if chart.categories is None:
        write(Token.NUMERIC)
    else:
        write(Token.CATEGORIES)
        for anchors in chart.categories:
            write_name(anchors)
    write(Token.LABELLED if chart.labelled else Token.UNLABELLED)
    if chart.centre is not None:
        write_point(chart.centre)
    for series in chart.series:
        write(_STYLES[series.style])
        write_name(series.name)
        for mark in series.marks:
            if mark.point is None:
                write(Token.MISSING)
                continue
            write_point(mark.point)
            if chart.labelled:
                write(Token.UNPRINTED if mark.label is None else space.anchor(mark.label))
    write(Token.END)
    return actions, offsets


def decode_chart(
    actions: Sequence[int],
    space: ActionSpace,
    offsets: ArrayLike | None = None,
    log_probs: Sequence[float] | None = None,
) -> ChartCode:
    """Actions, with or without the end token, -> the chart that they say.

    ``offsets`` (n, 2) are in cells, ``log_probs`` natural logarithms. Raises ValueError for what the grammar
    does not allow.
    """
    return _Reader(actions, space, offsets, log_probs).chart()


class _Reader:
    def __init__(
        self,
        actions: Sequence[int],
        space: ActionSpace,
        offsets: ArrayLike | None,
        log_probs: Sequence[float] | None,
    ) -> None:
        self.actions = [int(action) for action in actions]
        if self.actions and self.actions[-1] == Token.END:
            self.actions.pop()
        if not chart_grammar(space).accepts(self.actions):
            raise ValueError("the actions are no chart")
        self.space = space
        count = len(self.actions)
        given = np.zeros((count, 2)) if offsets is None else np.asarray(offsets, np.float64).reshape(-1, 2)
        self.points = space.decode_points(self.actions, given[:count])
        self.probabilities = np.exp(np.zeros(count) if log_probs is None else np.asarray(log_probs)[:count])
        self.place = 0

    def peek(self) -> int | None:
        return self.actions[self.place] if self.place < len(self.actions) else None

    def take(self) -> int:
        self.place += 1
        return self.actions[self.place - 1]

    def at_cell(self) -> bool:
        action = self.peek()
        return action is not None and action >= self.space.first_cell

    def at_anchor(self) -> bool:
        action = self.peek()
        return action is not None and self.space.vocabulary <= action < self.space.first_cell

    def chart(self) -> ChartCode:
        self.take()
        kind = self.take()
        sure = float(self.probabilities[1])
        if kind == Token.NO_CHART:
            return ChartCode(None, probability=sure)
        chart = ChartCode(_KINDS[kind - Token.FIRST_KIND], probability=sure, certainty=self.certainty())
        if self.take() == Token.CATEGORIES:
            chart.categories = []
            while self.peek() not in (Token.LABELLED, Token.UNLABELLED):
                chart.categories.append(self.name())
        chart.labelled = self.take() == Token.LABELLED
        if self.at_cell():
            chart.centre = self.point()
        while self.peek() is not None:
            chart.series.append(self.series(chart.labelled))
        return chart

    def certainty(self) -> Certainty:
        # The auxiliary token always stands first, so nobody has learned its probability.
        actions, logs = np.asarray(self.actions[1:]), np.log(np.maximum(self.probabilities[1:], 1e-12))
        cell = actions >= self.space.first_cell
        anchor = (actions >= self.space.vocabulary) & ~cell
        return Certainty(
            float(logs[~cell & ~anchor].sum()),
            float(logs[anchor].sum()),
            float(logs[cell].mean()) if cell.any() else 0.0,
            float(logs.min()),
        )

    def name(self) -> list[int]:
        first = self.take()
        if first == Token.UNNAMED:
            return []
        anchors = [first - self.space.vocabulary]
        while self.peek() == Token.MORE:
            self.take()
            anchors.append(self.take() - self.space.vocabulary)
        return anchors

    def point(self) -> tuple[float, float]:
        x, y = self.points[self.place]
        self.place += 1
        return float(x), float(y)

    def series(self, labelled: bool) -> SeriesCode:
        token = self.take()
        style = next(style for style, start in _STYLES.items() if start == token)
        series = SeriesCode(self.name(), style=style)  # type: ignore[arg-type]
        while self.at_cell() or self.peek() == Token.MISSING:
            if self.peek() == Token.MISSING:
                self.take()
                series.marks.append(MarkCode(None))
                continue
            mark = MarkCode(self.point())
            if labelled:
                mark.label = self.take() - self.space.vocabulary if self.at_anchor() else None
                if mark.label is None:
                    self.take()
            series.marks.append(mark)
        return series
