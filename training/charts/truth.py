"""What a reader should give of a drawn chart: its values under their names, as they are printed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

from docvlm.numbers import number_with_unit
from training.charts.sample import Sample, Span


def truth_of(sample: Sample) -> dict[str, Any]:
    """The chart's values as printed, in OneChart's layout; series without a name are numbered.

    A pie without printed values says shares, so they count in percent.
    """
    content = sample.content
    scale = printed_scale(sample)
    rows: dict[str, dict[str, float]] = {}
    for number, series in enumerate(content.series, 1):
        marks = [m for m in sample.marks if m.series == number - 1 and m.visible and math.isfinite(m.value)]
        own = {_category(content.categories, m.index): m.value / scale for m in marks}
        rows[series.name or f"series {number}"] = own
    return next(iter(rows.values())) if len(rows) == 1 else rows


def _values_in_names(sample: Sample) -> bool:
    names = [span for span in sample.spans if span.role in ("category", "legend")]
    return any(name.value is not None or _digits(name.text) > _digits(_of(sample, name)) for name in names)


def _of(sample: Sample, span: Span) -> str:
    return _category(sample.content.categories, span.index) if span.index is not None else span.text


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _category(categories: Sequence[str], index: int) -> str:
    return categories[index] if index < len(categories) else str(index + 1)


def printed_scale(sample: Sample) -> float:
    """By how much values are larger than they are printed: 1000 on an axis "in thousands", a hundredth of the whole
    in a pie that prints none.
    """
    if (
        sample.content.is_pie
        and not any(span.role == "value" for span in sample.spans)
        and not _values_in_names(sample)
    ):
        return sum(mark.value for mark in sample.marks) / 100
    ratios = [
        span.value / number
        for span in sample.spans
        if span.role in ("y_tick", "value")
        and span.axis == 0
        and span.value
        and (number := number_with_unit(span.text))
    ]
    if not ratios:
        return 1.0
    power = round(math.log10(max(statistics.median(ratios), 1e-12)))
    return 10.0**power if power in (2, 3, 6, 9, 12) else 1.0
