"""What a stuck chart model writes: marks of one series where it has pointed already, often to the end of its room."""

from __future__ import annotations

import math
from dataclasses import replace

from docvlm.charts.code import ChartCode, MarkCode, SeriesCode

_SAME_PLACE = 1.0  # pixels of the network's image; a stuck pointer trembles by less


def said_once(code: ChartCode) -> tuple[ChartCode, float]:
    """``code`` with each place pointed at once by a series, and how much of a series pointed nowhere new, at most.

    The share is of the marks of the series that repeats itself most, in [0, 1]. A repeated mark goes; where marks
    stand for categories, it leaves a missing value, so that the others keep their names. Slices of a pie that are
    worth nothing rightly begin where the next one does.
    """
    if code.traits.mark == "slice":
        return code, 0.0
    rows = [_said_once(series, code.categories is not None) for series in code.series]
    share = max(
        (again / len(each.marks) for each, (_, again) in zip(code.series, rows) if again), default=0.0
    )
    return replace(code, series=[series for series, _ in rows]), share


def _said_once(series: SeriesCode, in_places: bool) -> tuple[SeriesCode, int]:
    """The series without its repeated marks, and how many they were."""
    marks: list[MarkCode] = []
    said: list[MarkCode] = []
    for mark in series.marks:
        if not any(_is_again(mark, other) for other in said):
            marks.append(mark)
            said.append(mark)
        elif in_places:
            marks.append(MarkCode(None))
    return replace(series, marks=marks), len(series.marks) - len(said)


def _is_again(mark: MarkCode, other: MarkCode) -> bool:
    if mark.point is None or other.point is None:
        return False
    own_label = mark.label is not None and mark.label != other.label  # a value of its own
    return not own_label and math.dist(mark.point, other.point) < _SAME_PLACE
