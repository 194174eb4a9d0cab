"""What a chart says (Content) and a drawing of it with exact truth (Sample); shared by all renderers.

Frame: pixels of the image, origin top left, x right, y down, float. A pixel covers [n, n + 1), so its middle is
at n + 0.5. Boxes are (x0, y0, x1, y1) with x1, y1 exclusive.

x is always the independent axis (categories, dates, the numbers of a scatter) and y the axis of values, whatever
direction they are drawn in: for horizontal bars the ``y_title`` lies below the bars and ``y_tick`` along the bottom.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box, Point
from docvlm.charts.kinds import CHART_KINDS

Kind = Literal[
    "vertical_bar",
    "horizontal_bar",
    "grouped_bar",
    "stacked_bar",
    "line",
    "area",
    "pie",
    "donut",
    "scatter",
    "combined",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Role = Literal[
    "title", "x_title", "y_title", "source", "legend", "category", "x_tick", "y_tick", "value", "other"
]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a chart prints numbers. Values are full numbers: 1.2M stands for 1_200_000, 45 % for 45."""

    language: str = "en"
    decimals: int = 0
    decimal: str = "."
    thousands: str = ""  # "", ",", ".", " ", "'", a narrow or no-break space
    grouping: Literal["thousands", "indian"] = "thousands"  # 1,234,567 or 12,34,567
    prefix: str = ""  # "$", "€ "
    suffix: str = ""  # "%", " kg"
    # (factor, suffix), largest first: the first one not above the value divides it, as 1e6 in 1.2M. With one
    # unit only, it divides every number but zero.
    units: tuple[tuple[float, str], ...] = ()
    minus: Literal["-", "−", "()"] = "-"

    def text(self, value: float, decimals: int | None = None) -> str:
        """The number as printed; ``decimals`` overrides the format's own."""
        decimals = self.decimals if decimals is None else decimals
        factor, unit = 1.0, ""
        if value != 0.0 and self.units:
            fitting = [u for u in self.units if abs(value) >= u[0] * (1 - 1e-9)]
            if len(self.units) == 1:
                factor, unit = self.units[0]
            elif fitting:
                factor, unit = fitting[0]
        digits = f"{abs(value) / factor:.{max(decimals, 0)}f}"
        whole, _, fraction = digits.partition(".")
        body = self._grouped(whole) + (self.decimal + fraction if fraction else "")
        body = f"{self.prefix}{body}{unit}{self.suffix}"
        if value >= 0 or float(digits) == 0.0:
            return body
        return f"({body})" if self.minus == "()" else self.minus + body

    def _grouped(self, whole: str) -> str:
        if not self.thousands or len(whole) <= 3:
            return whole
        size = 2 if self.grouping == "indian" else 3
        head, tail = whole[:-3], [whole[-3:]]
        while head:
            tail.append(head[-size:])
            head = head[:-size]
        return self.thousands.join(reversed(tail))

    def shown(self, value: float, decimals: int | None = None) -> float:
        """The number that ``text`` stands for: the value rounded as printed."""
        decimals = self.decimals if decimals is None else decimals
        factor = 1.0
        if value != 0.0 and self.units:
            fitting = [u[0] for u in self.units if abs(value) >= u[0] * (1 - 1e-9)]
            factor = self.units[0][0] if len(self.units) == 1 else (fitting or [1.0])[0]
        # Through the same formatting, so that halves round as in the text.
        return math.copysign(float(f"{abs(value) / factor:.{max(decimals, 0)}f}") * factor, value)


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers: ``values`` float64 (N,), NaN where missing."""

    name: str | None
    values: NDArray[np.float64]
    x: NDArray[np.float64] | None = None  # (N,): scatter only, where every series has its own
    error: NDArray[np.float64] | None = None  # (N,): half length of error bars, in units of the values
    as_line: bool = False  # combined charts: drawn as a line over the bars
    second_axis: bool = False  # combined charts: measured on the axis at the other side


@dataclass(frozen=True, slots=True)
class Content:
    """What a chart says, no looks.

    Slices of a pie that do not sum to 100 cannot be read off it: renderers print their values.
    """

    kind: Kind
    series: tuple[Series, ...]
    categories: tuple[str, ...] = ()  # printed names of the x places; empty for a scatter
    # (N,): where the categories lie along x when their spacing counts (years, days); None means evenly spaced.
    positions: NDArray[np.float64] | None = None
    title: str | None = None
    subtitle: str | None = None
    x_title: str | None = None
    y_title: str | None = None
    second_title: str | None = None  # of the second value axis
    source: str | None = None
    format: NumberFormat = field(default_factory=NumberFormat)
    x_format: NumberFormat = field(default_factory=NumberFormat)  # scatter's x axis
    second_format: NumberFormat = field(default_factory=NumberFormat)
    scale: Literal["linear", "log"] = "linear"
    x_scale: Literal["linear", "log"] = "linear"  # scatter only
    stacked: bool = False  # stacked_bar always; areas and combined bars sometimes
    horizontal: bool = False  # horizontal_bar always; grouped_bar and stacked_bar sometimes
    language: str = "en"
    topic: str = ""  # for statistics

    @property
    def shape(self) -> tuple[int, int]:
        """(series, longest series)."""
        return len(self.series), max((len(s.values) for s in self.series), default=0)

    @property
    def is_pie(self) -> bool:
        """Whether values are slices of a whole."""
        return CHART_KINDS[self.kind].mark == "slice"


@dataclass(frozen=True, slots=True)
class Span:
    """One line of text in the image. A label wrapped over several lines is several spans with rising ``line``.

    A label that holds a name and its number in one line ("Rent (35%)") is a category, or a legend entry, with a value.
    """

    text: str  # exactly as drawn
    box: Box  # tight around the ink
    role: Role
    angle: float = 0.0  # degrees, counter-clockwise: 90 reads upwards
    value: float | None = None  # the number that a tick or value label stands for, as printed
    series: int | None = (
        None  # legend entries and value labels; a value with an index only is a stack's total
    )
    index: int | None = None  # categories and value labels: which place along x; legends of pies: which slice
    line: int = 0
    axis: int = 0  # 1: tick or title of the second value axis
    # What the text belongs to: the tick's place on the axis (for a category the middle of its place), the middle
    # of a legend entry's colour key, the mark of a value label; None where there is none.
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The place in the image that carries one value.

    Bars: the middle of the value end. Stacked bars and stacked areas: the segment's far end, ``value`` its own
    value, ``base`` its near end. Lines, areas, scatters: the vertex. Pies and donuts: the middle of the slice's
    outer arc, ``base`` where the arc starts (slices run from ``base`` through ``pixel``).
    """

    series: int
    index: int
    value: float
    pixel: Point
    base: Point | None = None
    x_value: float | None = None  # scatter
    visible: bool = True  # False when hidden behind others or outside the plot


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn chart: ``image`` uint8 (H, W, 3) RGB, and the truth about it."""

    image: NDArray[np.uint8]
    content: Content
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    plot: Box  # the area between the axes; for pies the circle's box
    renderer: str
    style: dict[str, Any] = field(default_factory=dict)  # for statistics
    seed: int = 0

    def moved(self, image: NDArray[np.uint8], matrix: NDArray[np.float64]) -> Sample:
        """The same truth on another image; ``matrix`` (2, 3) takes old to new coordinates (x, y).

        Boxes become the bounding boxes of their moved corners.
        """
        turn = math.degrees(math.atan2(-matrix[1, 0], matrix[0, 0]))

        def point(p: Point) -> Point:
            x, y = matrix @ (p[0], p[1], 1.0)
            return float(x), float(y)

        def box(b: Box) -> Box:
            corners = np.array([[b[0], b[0], b[2], b[2]], [b[1], b[3], b[1], b[3]], [1.0] * 4])
            x, y = matrix @ corners
            return float(x.min()), float(y.min()), float(x.max()), float(y.max())

        spans = tuple(
            dataclasses.replace(
                s, box=box(s.box), angle=s.angle + turn, point=None if s.point is None else point(s.point)
            )
            for s in self.spans
        )
        marks = tuple(
            dataclasses.replace(m, pixel=point(m.pixel), base=None if m.base is None else point(m.base))
            for m in self.marks
        )
        return dataclasses.replace(self, image=image, spans=spans, marks=marks, plot=box(self.plot))


# Every renderer is called so; ``random.Random`` because single draws from it cost a tenth of numpy's.
Renderer = Callable[[Content, random.Random], Sample]


def fit_axis(sample: Sample, role: Literal["x_tick", "y_tick"] = "y_tick", axis: int = 0) -> Axis | None:
    """The axis that the printed ticks define, least squares over their points; None with fewer than two ticks."""
    ticks = [
        (s.value, s.point)
        for s in sample.spans
        if s.role == role and s.axis == axis and s.value is not None and s.point is not None
    ]
    values = np.array([v for v, _ in ticks], dtype=np.float64)
    if len(np.unique(values)) < 2:
        return None
    across = (role == "y_tick") == sample.content.horizontal
    pixels = np.array([p[0] if across else p[1] for _, p in ticks], dtype=np.float64)
    log = (sample.content.scale if role == "y_tick" else sample.content.x_scale) == "log" and axis == 0
    slope, offset = np.polyfit(np.log10(values) if log else values, pixels, 1)
    return Axis(float(slope), float(offset), log, across)


@dataclass(frozen=True, slots=True)
class Axis:
    """pixel = slope * value + offset, with log10(value) on a log axis; ``across``: the pixel is an x."""

    slope: float
    offset: float
    log: bool
    across: bool

    def pixel(self, value: float) -> float:
        return self.slope * (math.log10(value) if self.log else value) + self.offset

    def value(self, pixel: float) -> float:
        along = (pixel - self.offset) / self.slope
        return 10.0**along if self.log else along
