"""A chart as pointers -> its data: names from anchors, numbers from printed labels or from places on the axis.

Every number has up to three witnesses: the printed label, the mark's place between the ticks, and the auxiliary
token's estimate. What they say of each other is kept in :class:`Evidence`, from which the reliability is made.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import overlap_across, union
from docvlm.charts.code import TEXT_ROLES, Certainty, ChartCode, MarkCode, SeriesCode, SeriesStyle, TextRole
from docvlm.charts.coverage import Coverage
from docvlm.charts.geometry import SECOND_AXIS, Axis, fit_axis, pie_shares, stacked_values
from docvlm.charts.kinds import ChartKind
from docvlm.charts.sequence import fill
from docvlm.numbers import multiplier, named_value, number_with_unit

# A printed label is believed over the mark's place unless they differ by more than this share of the axis.
_LABEL_TOLERANCE = 0.08
_FLAT = 0.5  # pixels; a lower bar cannot be seen
_SAME_MARK = 4.0  # pixels; nearer than that, two marks are one
_AGAIN = 0.5  # share of the marks that a series has in common with the one that it repeats
_ROW = 6  # pixels; lines of a title whose tops round to the same row stand side by side
# Heights of a label from the last one of an axis to the power of ten that all are multiplied by, at most.
_NEXT, _AT_END = 0.5, 3.0
_OUTSIDE = 0.2  # of the axis' range beyond its ticks, where values still are as they should be


@dataclass(frozen=True, slots=True)
class DataPoint:
    """One value. ``pixel`` is in the network's image, ``label`` the printed text, ``measured`` what its place says."""

    x: str | float | None
    y: float | None
    label: str | None = None
    measured: float | None = None
    pixel: tuple[float, float] | None = None


@dataclass(slots=True)
class Evidence:
    """What speaks for the numbers. Shares are in [0, 1], ``label_error`` is in shares of the axis' range."""

    kind: ChartKind
    certainty: Certainty = field(default_factory=Certainty)
    values: int = 0
    axis: Axis | None = None
    label_error: float | None = None  # median distance of labels from what the marks' places say
    labelled: float = 0.0  # share of the values that have a printed label
    outside: float = 0.0  # share of the values beyond the ticks by more than a fifth of their range
    uneven: float = 0.0  # share of the series that have fewer or more marks than there are categories
    repeated: float = 0.0  # share of the names and marks that were pointed at before
    stuck: float = 0.0  # share of a series' marks that pointed nowhere new, in the worst series
    missing: float = 0.0  # share of the places of all series that have no value
    unnamed: float = 0.0  # share of the categories whose names are neither printed nor follow from others
    auxiliary: float | None = None  # OneChart's distance
    exact: float | None = None  # share of the marks that stand at a corner of the PDF's own paths
    seen: float | None = None  # share of the network's marks that the picture confirms by its colours
    coverage: Coverage = field(default_factory=Coverage)  # what of the picture was not claimed
    read: bool = False  # the text is OCR's


@dataclass(slots=True)
class ChartData:
    kind: ChartKind
    texts: dict[TextRole, str]
    series: list[tuple[str | None, list[DataPoint]]]
    evidence: Evidence


def chart_data(
    code: ChartCode,
    anchors: Sequence[Anchor],
    roles: NDArray[np.float32],
    places: NDArray[np.float32] | None = None,
) -> ChartData:
    """``code`` with its ``anchors`` and their roles' probabilities (anchors, roles), as data.

    ``places`` (anchors, 2) lead from each anchor's middle to what it belongs to, in heights of its box: a tick's
    label may stand above its gridline. Raises ValueError for a code that is no chart.
    """
    if code.kind is None:
        raise ValueError("the picture is no chart")
    return _Assembly(code, anchors, roles, places).data()


class _Assembly:
    def __init__(
        self,
        code: ChartCode,
        anchors: Sequence[Anchor],
        roles: NDArray[np.float32],
        places: NDArray[np.float32] | None,
    ) -> None:
        self.uneven, self.repeated = _uneven(code), _repeated(code)
        self.code, self.anchors, self.places = _cut(code), anchors, places
        self.kind = code.traits
        self.across = self.kind.across  # values run along x
        chosen = roles.argmax(1) if len(roles) else np.zeros(0, np.int64)
        self.by_role: dict[TextRole, list[int]] = {role: [] for role in TEXT_ROLES}
        for number, role in enumerate(chosen):
            self.by_role[TEXT_ROLES[role]].append(number)
        ticks = self.by_role["y_tick"]
        self.left, self.right = self._axes(ticks)
        self.unnamed = 0.0

    def data(self) -> ChartData:
        measured = self._measured()
        categories = self._categories()
        if self.kind.mark == "slice" and categories is not None and not self.code.labelled:
            return self._labelled_pie(categories, measured)
        series = []
        for number, each in enumerate(self.code.series):
            points = [
                self._point(mark, measured[number][place], self._x(categories, place, mark), each.style)
                for place, mark in enumerate(each.marks)
            ]
            series.append((self._text(each.name), points))
        return self._data(series)

    def _data(self, series: list[tuple[str | None, list[DataPoint]]]) -> ChartData:
        return ChartData(self.kind, self._texts(), series, self._evidence(series))

    def _labelled_pie(self, categories: list[str], measured: list[list[float | None]]) -> ChartData:
        """A pie whose names may carry their values, as in ``Deer: 43.6%``."""
        parts = [named_value(name) for name in categories]
        named = len({part[0] for part in parts if part}) == len(parts)
        points = []
        for place, mark in enumerate(self.code.series[0].marks):
            part = parts[place] if named else None
            name, label = part or (categories[place], None)
            printed = None if label is None else self._number(label)
            share = measured[0][place]
            y = printed if printed is not None else None if share is None else round(share, 1)
            points.append(DataPoint(name, y, label, share, mark.point))
        return self._data([(self._text(self.code.series[0].name), points)])

    # Text.

    def _text(self, numbers: Sequence[int]) -> str | None:
        return " ".join(self.anchors[n].text.strip() for n in numbers if n < len(self.anchors)) or None

    def _texts(self) -> dict[TextRole, str]:
        texts: dict[TextRole, str] = {}
        for role in ("title", "x_title", "y_title", "source"):
            numbers = self.by_role[role]
            upright = sorted(
                numbers, key=lambda n: (round(self.anchors[n].box[1] / _ROW), self.anchors[n].box[0])
            )
            if text := self._text(upright):
                texts[role] = text
        return texts

    def _categories(self) -> list[str] | None:
        """Names by place, each once; one that is not printed follows from those that are, or is a number."""
        if self.code.categories is None:
            return None
        longest = max(len(series.marks) for series in self.code.series)
        found = [self._text(numbers) for numbers in self.code.categories[:longest]]
        found += [None] * (longest - len(found))
        if self.kind.mark != "slice":
            found = fill(found, self._along(longest))
        self.unnamed = sum(1 for name in found if not name) / max(1, len(found))
        names: list[str] = []
        for place, name in enumerate(found):
            name = name or str(place + 1)
            repeats = sum(1 for other in names if other == name or other.startswith(f"{name} ("))
            names.append(f"{name} ({repeats + 1})" if repeats else name)
        return names

    def _along(self, longest: int) -> list[float]:
        """Where each place lies along the axis of categories: the middle of its marks, or else where it would."""
        axis = 1 if self.across else 0
        places: list[float] = []
        for number in range(longest):
            marks = [s.marks[number].point for s in self.code.series if number < len(s.marks)]
            found = [point[axis] for point in marks if point is not None]
            step = places[-1] - places[-2] if len(places) > 1 else 10.0
            places.append(float(np.mean(found)) if found else (places[-1] + step if places else 0.0))
        return places

    # Numbers.

    def _axes(self, ticks: list[int]) -> tuple[Axis | None, Axis | None]:
        """The axis of values, and the second one on the right where ticks stand on both sides."""
        if not self.across and any(series.style == "right" for series in self.code.series):
            xs = sorted(self._place(n)[0] for n in ticks)
            gaps = [(b - a, (a + b) / 2) for a, b in itertools.pairwise(xs)]
            if gaps and max(gaps)[0] > SECOND_AXIS:
                cut = max(gaps)[1]
                sides = [[n for n in ticks if (self._place(n)[0] < cut) == left] for left in (True, False)]
                return self._axis(sides[0]), self._axis(sides[1])
        axis = self._axis(ticks)
        return axis, axis

    def _axis(self, ticks: list[int], across: bool | None = None) -> Axis | None:
        across = self.across if across is None else across
        powers = [n for n in ticks if multiplier(self.anchors[n].text) is not None]
        beside = powers if len(powers) == 1 else []  # several are the labels of a logarithmic axis
        axis = fit_axis(
            [(self._place(n)[0 if across else 1], self.anchors[n].text) for n in ticks if n not in beside]
        )
        return axis and axis.times(self._multiplier([n for n in ticks if n not in beside], across))

    def _multiplier(self, ticks: list[int], across: bool) -> float:
        """What the labels of an axis are to be multiplied by: the power of ten that is printed at its end, 1 without one."""
        if not ticks:
            return 1.0
        boxes = [self.anchors[n].box for n in ticks]
        line, axis = float(np.median([box[3] - box[1] for box in boxes])), union(boxes)
        labels = {mark.label for series in self.code.series for mark in series.marks}
        taken = {*ticks, *labels, *self.by_role["legend"], *self.by_role["category"]}
        for n, anchor in enumerate(self.anchors):
            factor = None if n in taken else multiplier(anchor.text)
            if factor is None:
                continue
            above, below = axis[1] - anchor.box[3], anchor.box[1] - axis[3]
            aside = -overlap_across(anchor.box, axis)
            at_top = not across and -_NEXT * line < above < _AT_END * line and aside < _AT_END * line
            behind = abs(anchor.box[2] - axis[2]) < _AT_END * line
            if at_top or (across and -_NEXT * line < below < _AT_END * line and behind):
                return factor
        return 1.0

    def _place(self, number: int) -> tuple[float, float]:
        """The place that an anchor belongs to."""
        x0, y0, x1, y1 = self.anchors[number].box
        dx, dy = (0.0, 0.0) if self.places is None else self.places[number] * (y1 - y0)
        return (x0 + x1) / 2 + float(dx), (y0 + y1) / 2 + float(dy)

    def _measured(self) -> list[list[float | None]]:
        """What each mark's place says, by series; ``None`` without an axis."""
        series = self.code.series
        if self.kind.mark == "slice":
            centre = self.code.centre
            if centre is None:
                return [[None] * len(each.marks) for each in series]
            shares = [pie_shares(centre, [mark.point for mark in each.marks]) for each in series]
            return [[None if share is None else 100 * share for share in row] for row in shares]
        place = 0 if self.across else 1
        ends = [[None if mark.point is None else mark.point[place] for mark in each.marks] for each in series]
        if self.kind.stacked and self.left is not None:
            return stacked_values(ends, self.left)
        axes = [self.right if each.style == "right" else self.left for each in series]
        flat = _FLAT if self.kind.mark == "bar" else 0.0
        return [
            [None if axis is None or end is None else _height(axis, end, flat) for end in row]
            for axis, row in zip(axes, ends, strict=True)
        ]

    def _number(self, label: str) -> float | None:
        return number_with_unit(label, self.left is not None and self.left.continental)

    def _x(self, categories: list[str] | None, place: int, mark: MarkCode) -> str | float | None:
        if categories is not None:
            return categories[place]
        axis = self._axis(self.by_role["x_tick"], across=True)
        if axis is None or mark.point is None:
            return None
        return rounded(axis.value(mark.point[0]), axis)

    def _point(
        self, mark: MarkCode, measured: float | None, x: str | float | None, style: SeriesStyle
    ) -> DataPoint:
        label = None
        if mark.label is not None and mark.label < len(self.anchors):
            label = self.anchors[mark.label].text.strip()
        axis = self.right if style == "right" else self.left
        printed = None if label is None else self._number(label)
        if printed is None or (
            measured is not None
            and axis is not None
            and axis.is_sound
            and abs(printed - measured) > _LABEL_TOLERANCE * (axis.high - axis.low)
        ):
            y = measured if axis is None or measured is None else rounded(measured, axis)
        else:
            y = printed
        return DataPoint(x, y, label, measured, mark.point)

    # What speaks for it.

    def _evidence(self, series: list[tuple[str | None, list[DataPoint]]]) -> Evidence:
        points = [point for _, row in series for point in row]
        evidence = Evidence(self.kind, self.code.certainty, axis=self.left)
        evidence.unnamed, evidence.uneven, evidence.repeated = self.unnamed, self.uneven, self.repeated
        valued = [point for point in points if point.y is not None]
        evidence.values = len(valued)
        evidence.missing = 1 - len(valued) / max(1, len(points))
        printed = [(self._number(p.label), p.measured) for p in points if p.label is not None]
        evidence.labelled = len(printed) / max(1, len(valued))
        both = [(a, b) for a, b in printed if a is not None and b is not None]
        if both and self.kind.mark == "slice":
            total = sum(a for a, _ in both)
            evidence.label_error = (
                float(np.median([abs(100 * a / total - b) / 100 for a, b in both])) if total else None
            )
        elif both and self.left is not None:
            spread = self.left.high - self.left.low
            evidence.label_error = float(np.median([abs(a - b) for a, b in both])) / spread
        if self.left is not None and valued and not self.kind.stacked:
            margin = _OUTSIDE * (self.left.high - self.left.low)
            low, high = self.left.low - margin, self.left.high + margin
            outside = sum(1 for p in valued if p.measured is not None and not low <= p.measured <= high)
            evidence.outside = outside / len(valued)
        return evidence


def _height(axis: Axis, end: float, flat: float) -> float:
    """What the axis says of a mark; 0 for one within ``flat`` pixels of its zero: a bar that is not there."""
    return 0.0 if not axis.log and abs(axis.pixel(0.0) - end) < flat else axis.value(end)


def _uneven(code: ChartCode) -> float:
    """Share of the series whose marks are not as many as the categories."""
    if not code.categories:
        return 0.0
    count = len(code.categories)
    return sum(len(series.marks) != count for series in code.series) / len(code.series)


def _repeated(code: ChartCode) -> float:
    """Share of the names and marks that were pointed at before: each has a place of its own in a chart."""
    names = [tuple(series.name) for series in code.series if series.name]
    names += [tuple(anchors) for anchors in code.categories or [] if anchors]
    marks = [
        (number, round(mark.point[0]), round(mark.point[1]))
        for number, series in enumerate(code.series)
        for mark in series.marks
        if mark.point is not None
    ]
    count = len(names) + len(marks)
    return 1 - (len(set(names)) + len(set(marks))) / count if count else 0.0


def _cut(code: ChartCode) -> ChartCode:
    """``code`` without what a reader says that has lost the end: marks beyond the last category, and series that
    repeat an earlier one, its name and most of its marks.
    """
    count = len(code.categories) if code.categories else None
    kept: list[SeriesCode] = []
    for series in code.series:
        series = replace(series, marks=series.marks[:count])
        if not any(_is_again(series, other) for other in kept):
            kept.append(series)
    return replace(code, series=kept)


def _is_again(series: SeriesCode, other: SeriesCode) -> bool:
    pairs = [(a.point, b.point) for a, b in zip(series.marks, other.marks) if a.point and b.point]
    same = sum(math.dist(a, b) < _SAME_MARK for a, b in pairs)
    return series.name == other.name and same > _AGAIN * max(len(series.marks), len(other.marks))


def rounded(value: float, axis: Axis) -> float:
    """A value read off an axis, to the digits that a pixel is worth."""
    step = abs(axis.value(axis.pixel(value) + 0.5) - value)
    if not math.isfinite(step) or step <= 0 or not math.isfinite(value):
        return value
    digits = -math.floor(math.log10(step))
    return float(round(value, digits)) + 0.0
