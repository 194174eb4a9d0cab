"""Drawn charts -> what the chart model is trained on: letterboxed images, damaged anchors, actions, roles, values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from docvlm.anchors import Anchor, AnchorCodes, encode_anchors
from docvlm.boxes import Box
from docvlm.charts.code import (
    TEXT_ROLES,
    ChartCode,
    MarkCode,
    SeriesCode,
    Token,
    encode_chart,
)
from docvlm.charts.geometry import clockwise
from docvlm.charts.interface import MAX_ACTIONS, ChartConfig
from docvlm.charts.kinds import CHART_KINDS, ChartKind, kind_with
from docvlm.charts.letterbox import letterbox
from docvlm.networks.anchor_embedding import stack_codes
from docvlm.networks.auxiliary import USED
from training.charts.sample import Mark, Sample, Span

_PLACED = ("x_tick", "y_tick", "category")
_FARTHEST = 6.0  # heights of a label; slanted category labels lie that far from their places


@dataclass(frozen=True, slots=True)
class Example:
    """One chart as arrays. ``image`` uint8 (size, size, 3); ``actions`` (T,) with ``offsets`` (T, 2); ``roles`` (A,),
    -1 for anchors without one; ``places`` (A, 2) from each anchor's middle to its place in heights of its box, NaN
    where it has none; ``values`` (100,) in [0, 1], NaN where there is none.
    """

    image: NDArray[np.uint8]
    codes: AnchorCodes
    actions: NDArray[np.int64]
    offsets: NDArray[np.float32]
    roles: NDArray[np.int64]
    places: NDArray[np.float32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A span as the reader gets it. ``part`` numbers the pieces of a span that was split."""

    span: Span
    text: str
    box: Box
    part: int = 0


def example_of(sample: Sample, config: ChartConfig, rng: np.random.Generator) -> Example | None:
    """The training example of a drawn chart, or ``None`` where it is too large for the model."""
    size = config.encoder.size
    image, scale = letterbox(sample.image, size)
    seen = sorted(_damaged(sample.spans, rng), key=lambda each: (round(each.box[1] / 4), each.box[0]))
    if len(seen) > config.anchors:
        return None
    chart = chart_of(sample, [(each.span, each.part) for each in seen], scale)
    try:
        actions, offsets = encode_chart(chart, config.space)
    except ValueError:
        return None
    if len(actions) > MAX_ACTIONS:
        return None
    anchors = [Anchor(each.text, _scaled(each.box, scale)) for each in seen]
    roles = np.full(config.anchors, -1, np.int64)
    roles[: len(seen)] = [TEXT_ROLES.index(each.span.role) for each in seen]
    places = np.full((config.anchors, 2), np.nan, np.float32)
    for row, each in enumerate(seen):
        x0, y0, x1, y1 = each.box
        if each.span.role in _PLACED and each.span.point is not None and y1 - y0 > 1:
            x, y = each.span.point
            places[row] = (x - (x0 + x1) / 2) / (y1 - y0), (y - (y0 + y1) / 2) / (y1 - y0)
    return Example(
        image,
        encode_anchors(anchors, config.anchor_config),
        np.asarray(actions, np.int64),
        np.asarray(offsets, np.float32),
        roles,
        np.clip(places, -_FARTHEST, _FARTHEST),
        _normalized(sample, chart),
    )


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


# --- what the model is to write -------------------------------------------------------------------


def chart_of(sample: Sample, spans: list[tuple[Span, int]], scale: float) -> ChartCode:
    """The chart as pointers into ``spans`` (each with its part's number) and into the image times ``scale``."""
    content = sample.content
    if not sample.marks:
        return ChartCode(None)
    marks = {(mark.series, mark.index): mark for mark in sample.marks}
    pie = content.is_pie
    order = _series_order(sample)
    places = _places(sample)
    begins = _slice_begins(sample) if pie else {}
    values = {
        (span.series, span.index): number
        for number, (span, part) in enumerate(spans)
        if span.role == "value" and part == 0
    }
    chart = ChartCode(_kind(sample), labelled=bool(values))
    if content.kind != "scatter":
        chart.categories = [
            _named(spans, ("category", "x_tick", "legend" if pie else ""), index=index) for index in places
        ]
    if pie:
        chart.centre = _times(_centre(sample.marks), scale)
    for number in order:
        series = SeriesCode(
            [] if pie else _named(spans, ("legend",), series=number), style=_style(sample, number)
        )
        for index in _own_places(sample, number) if content.kind == "scatter" else places:
            mark = marks.get((number, index))
            point = None
            if mark is not None and mark.visible and math.isfinite(mark.value):
                point = begins[index] if pie else mark.pixel
            label = values.get((number, index), values.get((None, index)) if len(order) == 1 else None)
            series.marks.append(MarkCode(None if point is None else _times(point, scale), label))
        chart.series.append(series)
    return chart


def _kind(sample: Sample) -> ChartKind:
    content = sample.content
    kind = CHART_KINDS[content.kind]
    if kind.mark == "area":
        return kind_with("area", stacked=any(mark.base for mark in sample.marks) and len(content.series) > 1)
    if content.horizontal and kind.mark == "bar":
        return kind_with("bar", across=True, stacked=kind.stacked, grouped=kind.grouped)
    return kind


def _style(sample: Sample, number: int) -> Literal["plain", "line", "right"]:
    series = sample.content.series[number]
    if sample.content.kind != "combined":
        return "plain"
    return "right" if series.second_axis else "line" if series.as_line else "plain"


def _series_order(sample: Sample) -> list[int]:
    """Series as a reader meets them: in the legend's order, and as the content has them without a legend."""
    keys = {
        span.series: (round(span.box[1] / 6), span.box[0])
        for span in reversed(sample.spans)
        if span.role == "legend" and span.series is not None
    }
    numbers = sorted({mark.series for mark in sample.marks})
    return sorted(numbers, key=keys.__getitem__) if all(n in keys for n in numbers) else numbers


def _places(sample: Sample) -> list[int]:
    """Indices of the places along the axis of categories, in the order in which they are written."""
    indices = {mark.index for mark in sample.marks}
    if sample.content.is_pie:
        centre, begins = _centre(sample.marks), _slice_begins(sample)
        return sorted(indices, key=lambda index: clockwise(centre, begins[index]))
    axis = 1 if sample.content.horizontal else 0
    return sorted(
        indices, key=lambda index: float(np.mean([m.pixel[axis] for m in sample.marks if m.index == index]))
    )


def _slice_begins(sample: Sample) -> dict[int, tuple[float, float]]:
    """Where each slice of a pie begins when one goes clockwise, whichever way it was drawn."""
    centre = _centre(sample.marks)
    marks = sorted(sample.marks, key=lambda mark: mark.index)
    begins: dict[int, tuple[float, float]] = {}
    for place, mark in enumerate(marks):
        assert mark.base is not None
        half = (clockwise(centre, mark.pixel) - clockwise(centre, mark.base)) % math.tau
        following = marks[(place + 1) % len(marks)].base
        assert following is not None
        begins[mark.index] = mark.base if half < math.pi else following
    return begins


def _own_places(sample: Sample, number: int) -> list[int]:
    own = [mark for mark in sample.marks if mark.series == number and mark.visible]
    return [mark.index for mark in sorted(own, key=lambda mark: mark.pixel)]


def _named(
    spans: list[tuple[Span, int]], roles: tuple[str, ...], series: int | None = None, index: int | None = None
) -> list[int]:
    """The anchors, line by line, of what names a series or a place."""
    found = [
        (span.line, part, number)
        for number, (span, part) in enumerate(spans)
        if span.role in roles
        and ((index is not None and span.index == index) or (series is not None and span.series == series))
    ]
    return [number for _, _, number in sorted(found)][:5]


def _centre(marks: tuple[Mark, ...]) -> tuple[float, float]:
    """The centre of the circle through the slices' beginnings and middles (Kåsa's least squares)."""
    points = np.array([mark.pixel for mark in marks] + [mark.base for mark in marks if mark.base], np.float64)
    system = np.column_stack([2 * points, np.ones(len(points))])
    (x, y, _), *_ = np.linalg.lstsq(system, (points**2).sum(1), rcond=None)
    return float(x), float(y)


def _times(point: tuple[float, float], scale: float) -> tuple[float, float]:
    return point[0] * scale, point[1] * scale


def written_values(sample: Sample) -> list[list[float]]:
    """The values by series, in the order in which `chart_of` writes their marks; NaN where one is missing."""
    places = _places(sample)
    marks = {(mark.series, mark.index): mark for mark in sample.marks}
    rows = []
    for number in _series_order(sample):
        own = _own_places(sample, number) if sample.content.kind == "scatter" else places
        found = [marks.get((number, index)) for index in own]
        rows.append([math.nan if mark is None or not mark.visible else mark.value for mark in found])
    return rows


def _normalized(sample: Sample, chart: ChartCode) -> NDArray[np.float32]:
    """The values in the order in which they are written, min-max normalized; NaN behind and where missing."""
    values = np.full(USED, np.nan, np.float32)
    if chart.kind is None:
        return values
    written = [value for row in written_values(sample) for value in row]
    numbers = np.asarray(written[:USED], np.float64)
    known = numbers[np.isfinite(numbers)]
    if len(known):
        spread = float(known.max() - known.min())
        values[: len(numbers)] = (numbers - known.min()) / spread if spread > 0 else numbers * 0
    return values


# --- damage ---------------------------------------------------------------------------------------

_MISREAD = str.maketrans(
    {"0": "O", "1": "l", "5": "S", "8": "B", "6": "G", ",": ".", "-": "–", "I": "l", "o": "0"}
)


def _damaged(spans: Iterable[Span], rng: np.random.Generator) -> Iterator[_Seen]:
    """Spans as a text layer gives them (half of the time), or as OCR does: shifted, misread, split, some lost."""
    kind = rng.random()
    if kind < 0.02:
        return
    clean = kind < 0.5
    for span in spans:
        if not clean and rng.random() < 0.02:
            continue
        text, box = span.text, span.box
        jitter = rng.normal(0, 0.3 if clean else 0.06 * max(box[3] - box[1], 6), 4)
        box = (box[0] + jitter[0], box[1] + jitter[1], box[2] + jitter[2], box[3] + jitter[3])
        if not clean and rng.random() < 0.03:
            at = int(rng.integers(len(text)))
            text = text[:at] + text[at].translate(_MISREAD) + text[at + 1 :]
        words = text.split(" ")
        if not clean and len(words) > 1 and span.angle == 0 and rng.random() < 0.06:
            cut = int(rng.integers(1, len(words)))
            left, right = " ".join(words[:cut]), " ".join(words[cut:])
            middle = box[0] + (box[2] - box[0]) * len(left) / len(text)
            yield _Seen(span, left, (box[0], box[1], middle, box[3]))
            yield _Seen(span, right, (middle, box[1], box[2], box[3]), 1)
        else:
            yield _Seen(span, text, box)


# --- batches --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Batch:
    """Examples stacked: images (B, 3, S, S) uint8, actions (B, T) padded with the end token, ``counts`` (B,)."""

    images: Tensor
    codes: dict[str, Tensor]
    actions: Tensor
    offsets: Tensor
    roles: Tensor
    places: Tensor
    values: Tensor
    counts: Tensor

    def to(self, device: torch.device) -> Batch:
        moved = {name: tensor.to(device, non_blocking=True) for name, tensor in self.codes.items()}
        rest = {
            name: getattr(self, name).to(device, non_blocking=True)
            for name in ("images", "actions", "offsets", "roles", "places", "values", "counts")
        }
        return replace(self, codes=moved, **rest)


def collate(examples: list[Example]) -> Batch:
    longest = max(len(example.actions) for example in examples)
    longest = -(-longest // 16) * 16  # few shapes, so that nothing is compiled or allocated anew
    actions = np.full((len(examples), longest), Token.END, np.int64)
    offsets = np.zeros((len(examples), longest, 2), np.float32)
    for row, example in enumerate(examples):
        actions[row, : len(example.actions)] = example.actions
        offsets[row, : len(example.actions)] = example.offsets
    images = np.stack([example.image for example in examples]).transpose(0, 3, 1, 2)
    most = max(int(example.codes.mask.sum()) for example in examples)
    most = min(-(-max(most, 1) // 16) * 16, len(examples[0].roles))
    codes = stack_codes([example.codes for example in examples])
    return Batch(
        torch.from_numpy(np.ascontiguousarray(images)),
        {name: tensor[:, :most] for name, tensor in codes.items()},
        torch.from_numpy(actions),
        torch.from_numpy(offsets),
        torch.from_numpy(np.stack([example.roles[:most] for example in examples])),
        torch.from_numpy(np.stack([example.places[:most] for example in examples])),
        torch.from_numpy(np.stack([example.values for example in examples])),
        torch.tensor([len(example.actions) for example in examples]),
    )
