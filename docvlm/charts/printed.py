"""Which printed value, and which name of a slice, belongs to what was found in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from docvlm.charts.code import ChartCode
from docvlm.charts.geometry import clockwise, stacked_values
from docvlm.charts.palette import Key, distance
from docvlm.charts.scene import Scene
from docvlm.charts.slices import Pie, Slice
from docvlm.numbers import number_with_unit

_MISREAD = 0.03  # share of the axis by which a printed value may differ from what its mark measures
_SAME_SHARE = 0.01  # of the whole, of a slice and of the value that is printed for it
_SAME_COLOUR = 14.0  # of a slice and its key, on average
_SURELY_SAME = 10.0
_COLUMN = 8  # pixels; keys whose left edges round to the same are in one column of the legend
# What a value costs at a mark: 1 for each so many heights of its text from there, and so much for an axis' whole range by
# which it differs from what the mark measures.
_LINE_COST, _WRONG_COST = 4, 20
_MISREAD_VALUE = 0.04  # share of the value itself by which it may differ, too
_BESIDE = 0.6  # of the way between two places: what is printed farther along belongs to another
_LINES_AWAY = 3  # heights of its text from a mark to its value, where no axis can tell
_BEYOND = 0.05  # radians beyond its slice at which a value may stand
_NAME_BEYOND = 0.15  # radians beyond its slice at which a name may stand, where some have none
_NAME_OFF = 0.6  # radians from a slice's middle to its name, where all have one
_NAMED = 0.7  # share of the slices that must have names
# Heights of a line by which two lines of a name overlap or lie apart, at most.
_OVERLAP, _NEXT_LINE = 0.3, 0.7

Name = tuple[int, ...]


def with_values(scene: Scene, code: ChartCode) -> ChartCode:
    """``code`` with the anchors of printed values at its marks: those near by that say what the mark measures.

    Without an axis of values, the nearest ones.
    """
    axes = {right: scene.axis(right) for right in (False, True)}
    sound = {right: axis if axis is not None and axis.is_sound else None for right, axis in axes.items()}
    left = sound[False]
    ends = [
        [None if m.point is None else m.point[scene.value] / scene.scale for m in s.marks]
        for s in code.series
    ]
    if left is not None and code.traits.stacked:
        measured = stacked_values(ends, left)
    else:
        measured = [
            [None if end is None or axis is None else axis.value(end) for end in row]
            for axis, row in zip([sound[s.style == "right"] for s in code.series], ends)
        ]
    spots = sorted({m.point[scene.along] / scene.scale for s in code.series for m in s.marks if m.point})
    step = float(np.median(np.diff(spots))) if len(spots) > 1 else math.inf
    options: list[tuple[float, int, tuple[int, int]]] = []
    for number in scene.of("value"):
        x0, y0, x1, y1 = scene.boxes[number]
        middle, line = scene.middles[number], min(x1 - x0, y1 - y0)
        said = number_with_unit(scene.texts[number], left is not None and left.continental)
        for i, series in enumerate(code.series):
            axis = sound[series.style == "right"]
            for j, mark in enumerate(series.marks):
                if said is None or mark.point is None:
                    continue
                point = mark.point[0] / scene.scale, mark.point[1] / scene.scale
                away = math.dist(point, middle)
                if abs(point[scene.along] - middle[scene.along]) > max(_BESIDE * step, line):
                    continue
                cost, value = away / (_LINE_COST * line), measured[i][j]
                if axis is not None and value is not None:
                    wrong = abs(value - said) / (axis.high - axis.low)
                    if wrong > _MISREAD and abs(value - said) > _MISREAD_VALUE * abs(said):
                        continue
                    cost += _WRONG_COST * wrong
                elif away > _LINES_AWAY * line + (x1 - x0) / 2:
                    continue
                options.append((cost, number, (i, j)))
    labels: dict[tuple[int, int], int] = {}
    for _, number, at in sorted(options):
        if at not in labels and number not in labels.values():
            labels[at] = number
    rows = [
        replace(s, marks=[replace(m, label=labels.get((i, j))) for j, m in enumerate(s.marks)])
        for i, s in enumerate(code.series)
    ]
    return replace(code, series=rows, labelled=bool(labels))


def slice_values(scene: Scene, pie: Pie) -> list[int | None]:
    """The anchor of each slice's printed value: the one that stands nearest to its middle's direction.

    Labels of thin slices are moved out of each other's way; such a one is known by what it says.
    """
    found: list[int | None] = [None] * len(pie.slices)
    nearest = [math.inf] * len(pie.slices)
    numbers = scene.of("value", "x_tick", "y_tick")  # a pie has no ticks
    for number in numbers:
        angle = clockwise(pie.centre, scene.middles[number])
        for place, part in enumerate(pie.slices):
            away = _apart(angle, part.middle)
            if away <= (part.end - part.start) / 2 + _BEYOND and away < nearest[place]:
                found[place], nearest[place] = number, away
    printed = {number: number_with_unit(scene.texts[number]) for number in numbers}
    total = sum(value for value in printed.values() if value is not None)
    if len(numbers) == len(pie.slices) and total > 0:
        for place, part in enumerate(pie.slices):
            share = (part.end - part.start) / math.tau
            fitting = [
                number
                for number in set(numbers).difference(found)
                if abs((printed[number] or math.inf) / total - share) < _SAME_SHARE
            ]
            if found[place] is None and len(fitting) == 1:
                found[place] = fitting[0]
    return found


def slice_names(scene: Scene, pie: Pie) -> list[Name] | None:
    """The anchors of each slice's name, by the legend's colours or by where names stand around the pie.

    ``None`` where names and slices do not go together.
    """
    return (_by_colour(scene.keys, pie.slices) if scene.keys else None) or _by_direction(scene, pie)


def _by_colour(entries: Sequence[Key], slices: Sequence[Slice]) -> list[Name] | None:
    """The legend's order, begun somewhere, in the one direction or the other; else by the colours alone."""
    count = len(slices)
    away = np.array([[float(distance(e.colour, s.colour)) for s in slices] for e in entries])
    if len(entries) == count:
        columns = sorted(
            range(count), key=lambda n: (round(entries[n].box[0] / _COLUMN), entries[n].box[1])
        )  # legends of several columns run down each
        orders = [
            (rows, [(start + step * n) % count for n in range(count)])
            for rows in (list(range(count)), columns)
            for start in range(count)
            for step in (1, -1)
        ]
        rows, order = min(orders, key=lambda pair: float(away[pair[0], pair[1]].mean()))
        if away[rows, order].mean() < _SAME_COLOUR:
            owners = dict(zip(order, rows))
            return [entries[owners[n]].name for n in range(count)]
    taken: dict[int, int] = {}
    for i, j in sorted(np.ndindex(*away.shape), key=lambda pair: float(away[pair])):
        if away[i, j] < _SURELY_SAME and j not in taken and i not in taken.values():
            taken[j] = i
    return [entries[taken[n]].name for n in range(count)] if len(taken) == count else None


def _by_direction(scene: Scene, pie: Pie) -> list[Name] | None:
    """Names in the directions of their slices; some may be missing where slices are small."""
    names = _lines_joined(scene)
    count = len(pie.slices)
    if not _NAMED * count <= len(names) <= count:
        return None
    boxes = [np.array([scene.boxes[n] for n in name]) for name in names]
    angles = np.array(
        [
            clockwise(
                pie.centre,
                (float(b[:, 0].min() + b[:, 2].max()) / 2, float(b[:, 1].min() + b[:, 3].max()) / 2),
            )
            for b in boxes
        ]
    )
    away = np.array([[_apart(float(angle), part.middle) for part in pie.slices] for angle in angles])
    if len(names) == count:
        around = np.argsort(angles % math.tau)
        middles = np.argsort([part.middle for part in pie.slices])
        turns = [np.roll(middles, start) for start in range(count)]
        best = min(turns, key=lambda turn: float(away[around, turn].sum()))
        owners = {int(part): int(name) for name, part in zip(around, best)}
        return [names[owners[n]] for n in range(count)] if away[around, best].max() <= _NAME_OFF else None
    found: list[Name] = [()] * count
    for name, row in zip(names, away):
        place = int(row.argmin())
        part = pie.slices[place]
        if found[place] or row[place] > (part.end - part.start) / 2 + _NAME_BEYOND:
            return None
        found[place] = name
    return found


def _lines_joined(scene: Scene) -> list[Name]:
    """Labels of slices with all their lines."""
    names: list[Name] = []
    for number in sorted(scene.of("category", "legend"), key=lambda n: scene.boxes[n][1]):
        for place, name in enumerate(names):
            a, b = scene.boxes[name[-1]], scene.boxes[number]
            line = min(a[3] - a[1], b[3] - b[1])
            if -_OVERLAP * line < b[1] - a[3] < _NEXT_LINE * line and min(a[2], b[2]) > max(a[0], b[0]):
                names[place] = (*name, number)
                break
        else:
            names.append((number,))
    return names


def _apart(a: float, b: float) -> float:
    """The angle between two directions, 0 to pi."""
    return abs((a - b + math.pi) % math.tau - math.pi)
