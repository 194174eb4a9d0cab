"""What the network said of a chart, in the pixels of its picture: texts, places, axes, and the legend's colours."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Box, Point
from docvlm.charts import knots
from docvlm.charts.code import TEXT_ROLES, ChartCode, MarkCode, TextRole
from docvlm.charts.geometry import SECOND_AXIS, Axis, fit_axis
from docvlm.charts.palette import Key, Raster, are_distinct, inked_names, keys
from docvlm.charts.sequence import divisions, period

_TICK_REACH = 3.0  # pixels of the network's image; labels stand nearly level with their ticks
_SEEN = 1.5  # pixels; a frame or an outline may hide one of a bar
# Of a line's height: entries of one legend begin or end so near, and follow so close.
_FLUSH, _NEXT_LINE = 0.4, 2.5
_EVENLY = 0.12  # of the mean step; ends of slanted names are no more uneven
_EVEN = 0.08  # of the distance between places; evenly spaced ones lie no farther from where they should
_EVEN_SHARE = 0.75  # of the places that must lie so for all to be taken for evenly spaced
_EVEN_STEPS = 1.3  # times the narrowest step; no wider is the widest between evenly spaced names
# Pixels between what lines say of the labels' distance, and share that must say so.
_AGREED, _TICKS_SEEN = 1.5, 0.5
_NARROWEST = 4  # pixels; less of the plot or beside a label shows no line
_ASIDE = 3  # pixels above and below a line at which one sees what it is drawn on
_GRIDLINE, _TICK = 0.3, 0.15  # share of the plot's width, and of that beside a label, that a line is seen on
_TICK_MARK = 1.5  # heights of a label beside it in which its tick mark lies
_BELOW = 0.1  # pixels that renderers put a line of one pixel below the level that it stands for, as measured
_STROKE = 4.0  # of the colour, by which a line stands out on both sides
_ROW = 3  # pixels; labels whose tops round to the same row stand side by side
_ALIGNED = 2.5  # of the narrower side of a label, by which it may begin or end elsewhere than most
_CORE = 60  # percent of the places, by which the evenly spaced ones are found among all
# Of the ticks' range, and of a step between two, that lines go beyond them.
_BEYOND_LEVELS, _BEYOND_GAPS = 0.12, 0.7
_BEYOND_PLACES = 0.8  # of a step, that bars and lines go beyond the first and last place
_STRONGEST = 0.6  # of the row that is inked most; rows with less are beside the line
_THICKEST = 3  # pixels from a line's first row to its last
_SAME_PLACE = 0.5  # of a line's height between the places of two lines of one name, at most
_OVERLAP, _APART = 0.2, 0.8  # heights of a line by which two lines of one name overlap or lie apart, at most
_FEWEST = 3  # names or marks, of which one can be seen to be off
_FEWEST_SLANTED = 4  # names whose ends tell that they are slanted
_NARROWEST_PITCH = 3  # pixels between two marks of a series; nearer ones are not told apart
_NEAR = 0.3  # of the way between two places: a mark so near a place belongs to it
PLACES_BETWEEN = 1.6  # pitches from one name to the next, from which places lie between that have none


@dataclass(frozen=True, slots=True)
class Place:
    """A place along the axis of categories: the anchors that name it, none where nothing is printed, and where it is."""

    name: tuple[int, ...]
    along: float


@dataclass(frozen=True, slots=True)
class Plot:
    """The area between the axes with values along the rows, transposed where bars lie.

    Its first column and row are at ``along`` and ``value`` of the picture.
    """

    raster: Raster
    along: int
    value: int


class Scene:
    """A decoded chart over its picture (h, w, 3), RGB. All places are in the picture's own pixels, which are the
    network's divided by ``scale``; ``along`` and ``value`` are the axes (0 is x) of categories and of values.
    """

    def __init__(
        self,
        code: ChartCode,
        anchors: Sequence[Anchor],
        roles: NDArray[np.float32],
        places: NDArray[np.float32],
        image: NDArray[np.uint8],
        scale: float,
    ) -> None:
        self.code, self.scale = code, scale
        self.along, self.value = (1, 0) if code.traits.across else (0, 1)
        self.boxes: list[Box] = [
            (a.box[0] / scale, a.box[1] / scale, a.box[2] / scale, a.box[3] / scale) for a in anchors
        ]
        self.texts = [anchor.text.strip() for anchor in anchors]
        self.roles: list[TextRole] = [TEXT_ROLES[n] for n in roles.argmax(1)] if len(roles) else []
        self.middles = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in self.boxes]
        self.points: list[Point] = [
            (m[0] + float(p[0]) * (b[3] - b[1]), m[1] + float(p[1]) * (b[3] - b[1]))
            for m, b, p in zip(self.middles, self.boxes, places)
        ]
        self._straighten()
        self.raster = Raster.of(image)
        self.keys: list[Key] = self._keys()

    def of(self, *roles: TextRole) -> list[int]:
        """The numbers of the anchors of some roles."""
        return [number for number, role in enumerate(self.roles) if role in roles]

    def _keys(self) -> list[Key]:
        """The legend's keys; texts of no known role are entries too where they stand in its column and have keys."""
        known = self.of("legend")
        legend = {*known, *(n for s in self.code.series for n in s.name if self.roles[n] == "other")}
        while more := {
            n for n in self.of("other") if n not in legend and any(self._in_column(n, m) for m in legend)
        }:
            legend |= more
        with_key = {key.name[0] for key in keys(self.raster, self.boxes, sorted(legend))}
        for n in with_key.difference(known):
            self.roles[n] = "legend"
        found = keys(self.raster, self.boxes, self.of("legend"))
        entries = {number for key in found for number in key.name}
        if entries.issuperset(known) and are_distinct([key.colour for key in found]):
            return found
        return (inked_names(self.raster, self.boxes, known) if len(known) > 1 else None) or found

    def _in_column(self, one: int, other: int) -> bool:
        """Whether two labels are set flush one right below the other."""
        a, b = self.boxes[one], self.boxes[other]
        line = min(a[3] - a[1], b[3] - b[1])
        flush = min(abs(a[0] - b[0]), abs(a[2] - b[2])) < _FLUSH * line
        return flush and abs(self.middles[one][1] - self.middles[other][1]) < _NEXT_LINE * line

    def mark(self, along: float, value: float) -> MarkCode:
        """A mark at a place of the picture, in the network's pixels."""
        point = np.empty(2)
        point[self.along], point[self.value] = along * self.scale, value * self.scale
        return MarkCode((float(point[0]), float(point[1])))

    @cached_property
    def marks(self) -> NDArray[np.float64]:
        """The network's marks, (n, 2)."""
        found = [mark.point for series in self.code.series for mark in series.marks if mark.point]
        return np.array(found, np.float64).reshape(-1, 2) / self.scale

    # The axis of values.

    def axis(self, right: bool = False) -> Axis | None:
        """The axis of values, or the one on the right where lines in a combined chart have their own."""
        sides = self._sides()
        ticks = self.of("y_tick") if sides is None else sides[right]
        return fit_axis([(self.points[n][self.value], self.texts[n]) for n in ticks])

    @property
    def has_second_axis(self) -> bool:
        """Whether ticks stand on both sides of the plot and say different things."""
        sides = self._sides()
        return sides is not None and {self.texts[n] for n in sides[0]} != {self.texts[n] for n in sides[1]}

    def _sides(self) -> tuple[list[int], list[int]] | None:
        """The ticks on the left and on the right, where there are some on both."""
        ticks = self.of("y_tick") if self.value == 1 else []
        xs = sorted(self.points[n][0] for n in ticks)
        gap, cut = max(((b - a, (a + b) / 2) for a, b in itertools.pairwise(xs)), default=(0.0, 0.0))
        left, right = ([n for n in ticks if (self.points[n][0] > cut) == side] for side in (False, True))
        return (left, right) if gap > SECOND_AXIS / self.scale and min(len(left), len(right)) > 1 else None

    def zero(self) -> float | None:
        """Where the axis of values has its zero; ``None`` without an axis, and on a logarithmic one."""
        axis = self.axis()
        return None if axis is None or axis.log else axis.pixel(0.0)

    def places_of_anchors(self) -> NDArray[np.float32]:
        """The way from each anchor's middle to its point in heights of its box, as the network says it: (anchors, 2)."""
        heights = np.array([max(box[3] - box[1], 1e-3) for box in self.boxes])
        away: NDArray[np.float64] = (np.array(self.points) - np.array(self.middles)) / heights[:, None]
        return away.astype(np.float32)

    def settle_ticks(self) -> None:
        """Moves the ticks of values to the gridlines or tick marks beside their labels.

        Labels stand at the same distance from their ticks, so a few lines tell of all; where most ticks have no line,
        or lines say different things, all stay.
        """
        numbers = self.of("y_tick")
        away = {
            n: line - self.middles[n][self.value]
            for n in numbers
            if (line := self._line_at(n, self.points[n][self.value])) is not None
        }
        if len(away) < 2:
            return
        usual = float(np.median(list(away.values())))
        agreed = {n: each for n, each in away.items() if abs(each - usual) < _AGREED}
        if len(agreed) < _TICKS_SEEN * len(numbers):
            return
        for n in numbers:
            point = list(self.points[n])
            point[self.value] = self.middles[n][self.value] + agreed.get(n, usual)
            self.points[n] = (point[0], point[1])

    def shift_ticks(self, away: float) -> None:
        """Moves all ticks of values by some pixels, so that zero is where the bars begin; not by a whole label."""
        if not _SEEN < abs(away) < _TICK_REACH / self.scale:
            return
        for n in self.of("y_tick"):
            point = list(self.points[n])
            point[self.value] += away
            self.points[n] = (point[0], point[1])

    def _line_at(self, number: int, level: float) -> float | None:
        """The thin line near ``level`` across the plot, or beside the label."""
        index = self.raster.index if self.value == 1 else self.raster.index.T
        box = self.boxes[number] if self.value == 1 else _turned(self.boxes[number])
        reach = max(2, round(_TICK_REACH / self.scale)) + _ASIDE
        top, bottom = round(level) - reach, round(level) + reach + 1
        if top < 0 or bottom > len(index):
            return None
        _, left, right = self._extent
        stroke = _TICK_MARK * (box[3] - box[1])
        beside = (
            (box[2] + 1, box[2] + stroke) if box[2] < (left + right) / 2 else (box[0] - stroke, box[0] - 1)
        )
        for (start, end), least in (((left, right), _GRIDLINE), (beside, _TICK)):
            band = self.raster.colours[index[top:bottom, max(0, round(start)) : max(0, round(end))]]
            if band.shape[1] < _NARROWEST:
                continue
            before, after = (
                np.linalg.norm(band[_ASIDE:-_ASIDE] - other, axis=2)
                for other in (band[: -2 * _ASIDE], band[2 * _ASIDE :])
            )
            share = (np.minimum(before, after) > _STROKE).mean(axis=1)
            rows = np.flatnonzero((share >= _STRONGEST * share.max()) & (share >= least))
            if len(rows) and rows[-1] - rows[0] <= _THICKEST:
                return float(np.average(rows, weights=share[rows])) + top + _ASIDE + _BELOW
        return None

    # The axis of categories.

    def categories(self) -> list[Place]:
        """The printed names in their order along the axis, each with all its lines."""
        together = {n: tuple(name) for name in self.code.categories or [] for n in name}
        groups: list[list[int]] = []
        for n in sorted(self._aligned(), key=lambda n: self.points[n][self.along]):
            last = groups[-1][-1] if groups else None
            if last is not None and (together.get(n, (n,)) == together.get(last) or self._continues(n, last)):
                groups[-1].append(n)
            else:
                groups.append([n])
        return [
            Place(
                tuple(sorted(group, key=lambda n: (round(self.boxes[n][1] / _ROW), self.boxes[n][0]))),
                float(np.mean([self.points[n][self.along] for n in group])),
            )
            for group in groups
        ]

    def _continues(self, one: int, other: int) -> bool:
        """Whether two labels are lines of the same: one right below the other, and both for the same place."""
        a, b = sorted((self.boxes[one], self.boxes[other]), key=lambda box: box[1])
        line = min(a[3] - a[1], b[3] - b[1])
        near = abs(self.points[one][self.along] - self.points[other][self.along]) < _SAME_PLACE * line
        return near and -_OVERLAP * line < b[1] - a[3] < _APART * line and min(a[2], b[2]) > max(a[0], b[0])

    def _aligned(self) -> list[int]:
        """Those labels of categories that begin or end at the same level as most others."""
        numbers = self.of("category", "x_tick")
        if len(numbers) < _FEWEST:
            return numbers
        boxes = np.array([self.boxes[n] for n in numbers])
        reach = _ALIGNED * float(np.median(boxes[:, 2:] - boxes[:, :2], axis=0).min())
        ends = boxes[:, [self.value, self.value + 2]]
        near = (np.abs(ends - np.median(ends, axis=0)) < reach).any(axis=1)
        return [n for n, keep in zip(numbers, near) if keep]

    def places(self, courses: Sequence[NDArray[np.float64]] = (), start: float = 0.0) -> list[Place]:
        """Printed places and those between them.

        How many lie between tell the bends of the lines, whose ``courses`` are heights (columns,) from column
        ``start`` on; else labels that are months or quarters apart; else the distances of the network's marks.
        """
        places = self.categories()
        spots = np.sort(self.marks[:, self.along])
        if len(places) < 2 or not len(spots):
            return places
        along = self.at_marks([place.along for place in places])
        places = [Place(place.name, float(x)) for place, x in zip(places, along)]
        steps = np.diff(along)
        names = [" ".join(self.texts[n] for n in place.name) for place in places]
        even = steps.min() > 0 and steps.max() <= _EVEN_STEPS * steps.min()
        unit = (along[-1] - along[0]) / (len(along) - 1)
        bends = knots.between(courses, along[0] - start, unit, divisions(names)) if even else None
        if bends is not None:
            along = along + bends.shift
            places = [Place(place.name, float(x)) for place, x in zip(places, along)]
        if bends is None or bends.parts == 1:
            parts = period(names)
            if parts == 1:
                pitch = self._pitch()
                if not even or not _NARROWEST_PITCH <= pitch < np.median(steps) / PLACES_BETWEEN:
                    return places
                parts = round(float(np.median(steps)) / pitch)
        else:
            parts = bends.parts
            seen = np.flatnonzero(np.isfinite(courses).any(axis=0)) + start
            spots = np.array([seen[0], seen[-1]])
        unit /= parts
        first, last = along[0] - unit * max(0, round((along[0] - spots[0]) / unit)), max(along[-1], spots[-1])
        found = []
        for k in range(round((last - first) / unit) + 1):
            number, between = divmod(k - round((along[0] - first) / unit), parts)
            named = not between and 0 <= number < len(places)
            found.append(Place(places[number].name if named else (), float(first + k * unit)))
        return found

    def _pitch(self) -> float:
        """The usual distance of a series' marks along the axis, infinite with fewer than three."""
        rows = [
            sorted(mark.point[self.along] for mark in series.marks if mark.point)
            for series in self.code.series
        ]
        fullest = max(rows, key=len)
        return float(np.median(np.diff(fullest))) / self.scale if len(fullest) > 2 else np.inf

    def at_marks(self, along: Sequence[float]) -> NDArray[np.float64]:
        """Places moved to the network's marks near them, and evenly apart where they nearly are.

        Where labels are slanted, the marks say better where their places are.
        """
        places, spots = np.array(along), self.marks[:, self.along]
        step = float(np.median(np.diff(places)))
        shift = float(np.median([spots[np.abs(spots - x).argmin()] - x for x in places]))
        near = [np.append(spots[np.abs(spots - x - shift) < _NEAR * step], x + shift) for x in places]
        moved = np.array([np.median(some[:-1]) if len(some) > 1 else some[0] for some in near])
        if len(moved) < _FEWEST:
            return moved
        number = np.repeat(np.arange(len(near)), [len(some) for some in near])
        said = np.concatenate(near)
        keep = np.ones(len(said), bool)
        for _ in range(5):
            if np.ptp(number[keep]) == 0:
                return moved
            slope, offset = np.polyfit(number[keep], said[keep], 1)
            off = np.abs(slope * number + offset - said)
            keep = off <= max(1.0, float(np.percentile(off, _CORE)))
        even = slope * np.arange(len(near)) + offset
        apart = [np.abs(some - x).min() for some, x in zip(near, even)]
        return even if (np.array(apart) < max(2.0, _EVEN * step)).mean() >= _EVEN_SHARE else moved

    def _straighten(self) -> None:
        """Moves the places of slanted names below one another's to where the ends of the names say that they are.

        All are slanted alike and begin or end at their places, so these ends are as far apart as the places.
        """
        numbers = self.of("category", "x_tick") if self.value == 1 else []
        boxes = np.array([self.boxes[n] for n in numbers]).reshape(-1, 4)
        if (
            len(numbers) < _FEWEST_SLANTED
            or (np.diff(np.sort(boxes[:, 0])) > np.median(boxes[:, 2] - boxes[:, 0])).any()
        ):
            return
        ends = min((boxes[:, 0], boxes[:, 2]), key=lambda edge: _unevenness(edge))
        if _unevenness(ends) > _EVENLY:
            return
        shift = float(np.median([self.points[n][0] - end for n, end in zip(numbers, ends)]))
        for n, end in zip(numbers, ends.tolist()):
            self.points[n] = (end + shift, self.points[n][1])

    # The area between the axes.

    @cached_property
    def _extent(self) -> tuple[tuple[float, float], float, float]:
        """From where to where ticks and marks lie along the values, and places and marks along the categories."""
        levels = [self.points[n][self.value] for n in self.of("y_tick")] + self.marks[:, self.value].tolist()
        along = [place.along for place in self.categories()]
        step = np.ptp(along) / max(1, len(along) - 1) if along else 0.0
        along += self.marks[:, self.along].tolist()
        gaps = np.diff(np.sort(levels[: len(self.of("y_tick"))]))
        margin = (
            max(_BEYOND_LEVELS * np.ptp(levels), _BEYOND_GAPS * np.median(gaps) if len(gaps) else 0.0)
            if levels
            else 0.0
        )
        return (
            (float(min(levels, default=0.0) - margin), float(max(levels, default=0.0) + margin)),
            float(min(along, default=0.0) - _BEYOND_PLACES * step),
            float(max(along, default=0.0) + _BEYOND_PLACES * step),
        )

    def plot(self, hidden: Sequence[Box] = (), whole: bool = False) -> Plot:
        """The area between the axes, upright; boxes that are ``hidden`` (of legends, of text) show nothing. The ``whole``
        one reaches from one side of the picture to the other, whatever places are known.
        """
        index = self.raster.index.copy()
        for x0, y0, x1, y1 in hidden:
            rows, columns = (
                slice(max(0, round(y0) - 1), round(y1) + 1),
                slice(max(0, round(x0) - 1), round(x1) + 1),
            )
            index[rows, columns] = len(self.raster.colours) - 1
        index = index if self.value == 1 else index.T
        (top, bottom), left, right = self._extent
        if whole:
            left, right = 0.0, float(index.shape[1])
        along, value = max(0, int(left)), max(0, int(top))
        part = index[value : max(0, int(bottom) + 1), along : max(0, int(right) + 1)]
        return Plot(Raster(np.ascontiguousarray(part), self.raster.colours), along, value)


def _unevenness(places: NDArray[np.float64]) -> float:
    """How much the steps between neighbours differ, as a share of their mean."""
    steps = np.diff(np.sort(places))
    return float(steps.std() / max(steps.mean(), 1e-6))


def _turned(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]
