"""Bars as a PDF's paths draw them: filled boxes that stand on one level, a series for each fill.

The network names the roles of the texts; which bars there are, whose each is, how high it is and which number is printed at
it say the paths and places. Nothing is pointed at, so nothing is lost. All coordinates are pixels of the network's image.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.boxes import Box, as_box, middle, sides
from docvlm.charts.code import TEXT_ROLES, Certainty, ChartCode, MarkCode, SeriesCode, TextRole
from docvlm.charts.kinds import kind_with
from docvlm.charts.vector import Shapes
from docvlm.numbers import number_with_unit

_FEWEST = 3  # bars that make a chart
_LEVEL = 0.3  # pixels within which bars begin on one level
_WIDEST = 0.3  # of the picture; no bar is wider
_AS_WIDE = 0.2  # of the usual width, by which a bar may be wider or narrower
_APART = 0.3  # of a bar's width between two groups of bars, at least
_KEY_AWAY = 5.0  # heights of a name from its key in the legend, at most
_LABEL_AWAY = 2.5  # heights of a printed value from the end of its bar, at most
_LABEL_ASIDE = 0.6  # of a bar's width between the middles of both
_ROW = 4  # pixels; lines of a name whose tops round to the same row stand side by side
_LABELLED, _PROPORTIONAL = (
    0.9,
    0.01,
)  # share of the bars with values, and of their range by which these miss the heights

# A text beside a key of a series' fill names it, whatever the network takes it for.
_MAY_NAME: tuple[TextRole, ...] = ("legend", "other", "title", "x_title", "y_title", "source")

_Bar = tuple[int, Box]  # the number of its fill, and its box with values along y, growing upwards or not


def on_paths(
    code: ChartCode, anchors: Sequence[Anchor], roles: NDArray[np.float32], shapes: Shapes
) -> ChartCode | None:
    """The bars of a chart that the network takes for one of bars, side by side; ``None`` where paths do not tell them.

    Where nearly all have printed values that are as far apart as the bars are high, they are as sure as can be.
    """
    kind = code.traits
    if kind.mark != "bar" or kind.stacked or not len(shapes.boxes):
        return None
    along = 1 if kind.across else 0
    _, numbers = np.unique(shapes.fills.round(2), axis=0, return_inverse=True)
    bars = _standing([(int(n), as_box(box)) for n, box in zip(numbers.ravel(), shapes.boxes)], along)
    groups = _grouped(bars, along)
    if not groups or len(bars) < max(_FEWEST, sum(len(series.marks) for series in code.series)):
        return None
    series = sorted({fill for fill, _ in bars}, key=lambda fill: min(b[along] for f, b in bars if f == fill))
    of = _by_role(roles)
    keys = [(int(n), as_box(box)) for n, box in zip(numbers.ravel(), shapes.boxes)]
    texts = [number for role in _MAY_NAME for number in of[role]]
    names = _names(series, [key for key in keys if key not in bars], texts, anchors)
    if any(names.values()) and not all(names.values()):
        return None
    base = _base(bars, along)
    labels = _labels(bars, of["value"], anchors, along, base)
    rows = [
        SeriesCode(
            names[fill],
            [
                next(
                    (_mark(box, along, base, labels.get((f, box))) for f, box in group if f == fill),
                    MarkCode(None),
                )
                for group in groups
            ],
        )
        for fill in series
    ]
    found = replace(
        code,
        kind=kind_with("bar", across=kind.across, grouped=len(series) > 1),
        categories=_categories(groups, [*of["category"], *of["x_tick"]], anchors, along),
        series=rows,
        labelled=bool(labels),
    )
    return replace(found, certainty=Certainty()) if _is_sure(bars, labels, anchors, along, base) else found


def _by_role(roles: NDArray[np.float32]) -> dict[TextRole, list[int]]:
    chosen = [TEXT_ROLES[n] for n in roles.argmax(1)] if len(roles) else []
    return {role: [n for n, each in enumerate(chosen) if each == role] for role in TEXT_ROLES}


# Bars.


def _standing(boxes: Sequence[_Bar], along: int) -> list[_Bar]:
    """The boxes of about one width that begin on the level on which most do, each once, along the axis."""
    value = 1 - along
    span = max(box[along + 2] for _, box in boxes) - min(box[along] for _, box in boxes)
    narrow = [(fill, box) for fill, box in boxes if box[along + 2] - box[along] < _WIDEST * span]
    ends = [box[at] for _, box in narrow for at in (value, value + 2)]
    if not ends:
        return []
    level = max(ends, key=lambda end: sum(abs(end - other) < _LEVEL for other in ends))
    near = [
        (fill, box)
        for fill, box in narrow
        if min(abs(box[value] - level), abs(box[value + 2] - level)) < _LEVEL
    ]
    usual = float(np.median([box[along + 2] - box[along] for _, box in near]))
    alike = [(f, b) for f, b in near if abs(b[along + 2] - b[along] - usual) < _AS_WIDE * usual]
    return sorted(set(alike), key=lambda bar: bar[1][along])


def _base(bars: Sequence[_Bar], along: int) -> float:
    """The level that all bars share."""
    value = 1 - along
    ends = [box[at] for _, box in bars for at in (value, value + 2)]
    return max(ends, key=lambda end: sum(abs(end - other) < _LEVEL for other in ends))


def _grouped(bars: Sequence[_Bar], along: int) -> list[list[_Bar]]:
    """The bars of each category; none where they do not part, or where a series has two in one."""
    if len({fill for fill, _ in bars}) < 2:
        return [[bar] for bar in bars]
    groups: list[list[_Bar]] = []
    for bar in bars:
        width = bar[1][along + 2] - bar[1][along]
        if groups and bar[1][along] - groups[-1][-1][1][along + 2] < _APART * width:
            groups[-1].append(bar)
        else:
            groups.append([bar])
    is_whole = all(len({fill for fill, _ in group}) == len(group) for group in groups)
    return groups if len(groups) > 1 and is_whole else []


def _mark(box: Box, along: int, base: float, label: int | None) -> MarkCode:
    point = list(middle(box))
    point[1 - along] = _end(box, along, base)
    return MarkCode((point[0], point[1]), label)


def _end(box: Box, along: int, base: float) -> float:
    """Where a bar ends away from its base."""
    value = 1 - along
    return box[value] if abs(box[value + 2] - base) < abs(box[value] - base) else box[value + 2]


# Text.


def _names(
    series: Sequence[int], keys: Sequence[_Bar], legend: Sequence[int], anchors: Sequence[Anchor]
) -> dict[int, list[int]]:
    """The anchors of each series' name, by fill; the last one left is that of the last series left, whose key is drawn
    otherwise, such as with hatches.
    """
    names = {fill: _name(fill, keys, legend, anchors) for fill in series}
    unnamed = [fill for fill, name in names.items() if not name]
    unused = [[n] for n in legend if [n] not in names.values()]
    if len(unnamed) == len(unused) == 1 < len(series):
        names[unnamed[0]] = unused[0]
    return names


def _name(fill: int, keys: Sequence[_Bar], legend: Sequence[int], anchors: Sequence[Anchor]) -> list[int]:
    """The anchor beside a key of this fill, in the legend."""
    best: tuple[float, int] | None = None
    for (_, key), number in itertools.product([key for key in keys if key[0] == fill], legend):
        box = anchors[number].box
        high = sides(box)[1]
        away = max(box[0] - key[2], key[0] - box[2])
        if abs(middle(key)[1] - middle(box)[1]) < high / 2 and 0 <= away < _KEY_AWAY * high:
            best = min(best or (away, number), (away, number))
    return [best[1]] if best else []


def _categories(
    groups: Sequence[Sequence[_Bar]], numbers: Sequence[int], anchors: Sequence[Anchor], along: int
) -> list[list[int]]:
    """The anchors of each group's name: those that stand nearest to it along the axis, line by line."""
    middles = np.array([(g[0][1][along] + g[-1][1][along + 2]) / 2 for g in groups])
    reach = float(np.diff(middles).min()) / 2 if len(groups) > 1 else np.inf
    names: list[list[int]] = [[] for _ in groups]
    for number in sorted(numbers, key=lambda n: (round(anchors[n].box[1] / _ROW), anchors[n].box[0])):
        away = np.abs(middles - middle(anchors[number].box)[along])
        if away.min() < reach:
            names[int(away.argmin())].append(number)
    return names


def _labels(
    bars: Sequence[_Bar], values: Sequence[int], anchors: Sequence[Anchor], along: int, base: float
) -> dict[_Bar, int]:
    """The printed value at the end of each bar, the nearest ones first."""
    options = []
    for bar, number in itertools.product(bars, values):
        box = anchors[number].box
        if number_with_unit(anchors[number].text) is None:
            continue
        wide, high = bar[1][along + 2] - bar[1][along], min(sides(box))
        end = _end(bar[1], along, base)
        aside = abs(middle(box)[along] - middle(bar[1])[along])
        away = max(box[1 - along] - end, end - box[3 - along], 0.0)
        if aside < _LABEL_ASIDE * wide and away < _LABEL_AWAY * high:
            options.append((away + aside, bar, number))
    found: dict[_Bar, int] = {}
    for _, bar, number in sorted(options):
        if bar not in found and number not in found.values():
            found[bar] = number
    return found


def _is_sure(
    bars: Sequence[_Bar], labels: dict[_Bar, int], anchors: Sequence[Anchor], along: int, base: float
) -> bool:
    """Whether nearly all bars have printed values, and these are as far apart as the bars are high."""
    if len(labels) < max(_FEWEST + 1, _LABELLED * len(bars)):
        return False
    said = np.array([number_with_unit(anchors[n].text) for n in labels.values()], np.float64)
    high = np.array([abs(_end(box, along, base) - base) for _, box in labels])
    if not np.ptp(high) or not np.ptp(said):
        return False
    slope, offset = np.polyfit(high, said, 1)
    return bool(np.abs(slope * high + offset - said).max() < _PROPORTIONAL * np.ptp(said))
