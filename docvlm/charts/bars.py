"""Bars and layers found by their colours: side by side, stacked or lying on each other, and where each ends.

Everything here stands upright: of lying bars the picture is transposed before, so that values always run along the
rows. All places are pixels of the plot, as edges: pixel n covers n to n + 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.charts.palette import Colour, Pixels, Raster, commonest

_SOLID = 0.5  # share of its box that a bar fills, labels and hatches aside
_SEAM = 3  # pixels that a gridline upon a bar is wide at most
_GAP = 4  # pixels of something else inside a bar or between two segments
_LABEL = 14  # pixels that a label inside a bar may cut out of it
_SHARED = 0.6  # of their width that bars on top of each other share
_SAMPLES = 9  # columns of a bar that are looked at
_STROKE = 3.5  # of the colour; what differs so from a bar and the ground, and their mixtures, is an outline
_OUTSIDE, _DEEP = 5, 14  # pixels out of and into a bar where its outline is looked for
_VOTES = 0.3  # share of them that must have a series' colour
_FILLS = 0.4  # share of a colour that is left when strokes of up to 4 pixels are taken from it; of lines it is less
_NARROWER, _WIDER = 0.6, 1.6  # times the usual width: what lies between is a bar
_LOWEST = 3  # pixels; a lower block in a column is no segment but an edge of mixed colours
_INSET = 0.15  # of a bar's width at either side, where its outline may be
_PIECE = 0.3  # of the highest run of a segment; lower ones are mixed colours that look like it
_HALF = 0.5  # of the columns that are looked at must show a layer
_AT_ZERO, _AT_ZERO_SHARE = 3.0, 0.5  # pixels from the axis' zero, and share of the columns that begin so near
# Pixels within which ends are level, and share of the columns that make a base.
_LEVEL, _LEVEL_SHARE = 2.5, 0.6
_BODY = 5  # innermost pixels of what is looked at for an outline: they show the bar itself
_NOISE = 3  # times as much as its body's pixels differ among themselves an outline differs from the bar
_INKED = 0.2  # of the strongest difference; pixels with less are beside the stroke

_Rows = tuple[float, float]  # from row to row


@dataclass(frozen=True, slots=True)
class Patch:
    """A solid rectangle of one series' colour, exclusive of ``right`` and ``bottom``."""

    series: int
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of each series: their ``middles`` and ``ends``, from left to right, and the level that all begin at."""

    middles: list[list[float]]
    ends: list[list[float]]
    stacked: bool
    base: float


def find(plot: Raster, owners: NDArray[np.int8], count: int, zero: float | None) -> Bars | None:
    """The bars of ``count`` series; ``owners`` (n,) says whose each of the plot's colours is, -1 for nobody's.

    ``zero`` is the row of zero, where the axis has one; without it, bars begin at the level where most of them end.
    ``None`` without bars.
    """
    columns, base = standing(plot, owners, count, zero)
    if base is None:
        return None
    pairs = sum(
        len({block.series for block in column if block.bottom - block.top >= _LOWEST}) for column in columns
    )
    stacked = count > 1 and pairs > math.sqrt(count) * len(columns)
    ground = _ground(plot)
    middles: list[list[float]] = [[] for _ in range(count)]
    ends: list[list[float]] = [[] for _ in range(count)]
    for column in columns:
        left, right = (
            float(np.median([getattr(block, side) for block in column])) for side in ("left", "right")
        )
        strip = _inner(plot.index, left, right)
        votes = owners[strip]
        profile = np.median(plot.colours[strip], axis=1).astype(np.float32)
        spans: dict[int, _Rows] = {}
        for series in range(count) if stacked else sorted({block.series for block in column}):
            mine = (votes == series).mean(axis=1) >= _VOTES
            if not stacked:  # a label above may be printed in the bar's colour
                own = [block for block in column if block.series == series]
                mine[: max(0, int(min(block.top for block in own)) - _GAP)] = False
                mine[int(max(block.bottom for block in own)) + _GAP :] = False
            span = _whole(mine, profile) if stacked else _nearest(mine, profile, base)
            if span is not None:
                spans[series] = span
        far = _far_ends(spans, base)
        if not stacked:
            far = _on_outline(far, profile, base, ground)
        else:  # a segment without height ends where it begins
            far = {series: far.get(series, base if zero is None else zero) for series in range(count)}
        for series, end in far.items():
            middles[series].append((left + right) / 2)
            ends[series].append(end)
    return Bars(middles, ends, stacked, base)


def standing(
    plot: Raster, owners: NDArray[np.int8], count: int, zero: float | None
) -> tuple[list[list[Patch]], float | None]:
    """The solid rectangles that stand above each other on one level, from left to right, and that level: ``None`` where
    nothing stands. Arguments are those of `find`.
    """
    columns = _columns(_blocks(owners[plot.index], count))
    base = _base(columns, zero)
    return ([] if base is None else [column for column in columns if _stands(column, base)]), base


def layers(
    plot: Raster, owners: NDArray[np.int8], count: int, base: float, at: Sequence[float]
) -> list[list[float | None]]:
    """Where ``count`` filled layers, one above the other, end at the columns ``at``: by layer."""
    found: list[list[float | None]] = [[] for _ in range(count)]
    ground = _ground(plot)
    for number, x in enumerate(at):
        # At its sides a layer is cut off: one looks a little further in.
        inward = 2 if number == 0 else -2 if number == len(at) - 1 else 0
        columns = round(x - 0.5) + inward + np.array([-1, 0, 1])
        strip = plot.index[:, np.clip(columns, 0, plot.index.shape[1] - 1)]
        votes, profile = owners[strip], np.median(plot.colours[strip], axis=1).astype(np.float32)
        spans = {
            n: span for n in range(count) if (span := _whole((votes == n).mean(axis=1) >= _HALF, profile))
        }
        ends = _on_outline(_far_ends(spans, base), profile, base, ground)
        for n in range(count):
            found[n].append(ends.get(n))
    return found


def is_solid(mask: NDArray[np.bool_]) -> bool:
    """Whether what has a colour fills blocks, as bars do, rather than lines."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return bool(opened.sum() > _FILLS * mask.sum())


def _blocks(owned: NDArray[np.int8], count: int) -> list[Patch]:
    """The solid rectangles of each series, all of about the same width."""
    found: list[Patch] = []
    for series in range(count):
        mask = (owned == series).astype(np.uint8)
        for kernel in ((1, 3), (3, 1)):  # lines between bars of the same colour join nothing
            mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(kernel, np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
        found += _joined(
            [
                Patch(series, x, x + w, y, y + h)
                for x, y, w, h, area in stats[1:].tolist()
                if h >= 2 and area >= _SOLID * w * h
            ]
        )
    if not found:
        return []
    widths = np.array([block.width for block in found])
    order = np.argsort(widths)
    areas = np.cumsum([found[n].width * (found[n].bottom - found[n].top) for n in order])
    usual = float(widths[order][np.searchsorted(areas, areas[-1] / 2)])
    return [block for block in found if _NARROWER * usual <= block.width <= _WIDER * usual]


def _joined(parts: Sequence[Patch]) -> list[Patch]:
    """Halves of bars that a gridline is drawn upon, put together."""
    whole: list[Patch] = []
    for part in sorted(parts, key=lambda block: (block.left, block.top)):
        for number, other in enumerate(whole):
            if (
                0 < part.left - other.right <= _SEAM
                and abs(part.top - other.top) <= 2
                and abs(part.bottom - other.bottom) <= 2
            ):
                whole[number] = Patch(part.series, other.left, part.right, other.top, other.bottom)
                break
        else:
            whole.append(part)
    return whole


def _columns(found: Sequence[Patch]) -> list[list[Patch]]:
    """Blocks that share their columns, from left to right."""
    columns: list[list[Patch]] = []
    for block in sorted(found, key=lambda block: block.middle):
        if columns:
            left, right = columns[-1][0].left, columns[-1][0].right
            shared = min(right, block.right) - max(left, block.left)
            if shared >= _SHARED * min(right - left, block.width):
                columns[-1].append(block)
                continue
        columns.append([block])
    return columns


def _base(columns: Sequence[Sequence[Patch]], zero: float | None) -> float | None:
    """The level that most columns begin at: the axis' zero, where bars begin near it."""
    if not columns:
        return None
    ends = np.array(
        [end for c in columns for end in (min(block.top for block in c), max(block.bottom for block in c))]
    )
    if zero is not None:
        near = np.abs(ends - zero) < _AT_ZERO
        if near.sum() >= _AT_ZERO_SHARE * len(columns):
            return float(np.median(ends[near]))
    near = np.abs(ends[:, None] - ends) < _LEVEL
    best = near[near.sum(axis=1).argmax()]
    return float(np.median(ends[best])) if best.sum() >= _LEVEL_SHARE * len(columns) else zero


def _stands(column: Sequence[Patch], base: float) -> bool:
    """Whether a column reaches to the base, as letters and keys do not."""
    return min(block.top for block in column) - _GAP <= base <= max(block.bottom for block in column) + _GAP


def _inner(index: NDArray[np.int32], left: float, right: float) -> NDArray[np.int32]:
    """A few of a bar's inner columns: (h, n)."""
    inset = _INSET * (right - left)
    at = np.unique(np.linspace(left + inset, max(right - inset - 1, left + inset), _SAMPLES).astype(np.int64))
    return index[:, np.clip(at, 0, index.shape[1] - 1)]


def _runs(rows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From where to where ``rows`` holds, over gaps that a line leaves."""
    at = np.flatnonzero(rows)
    parts = np.split(at, np.flatnonzero(np.diff(at) > _GAP + 1) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]


def _whole(mine: NDArray[np.bool_], profile: Pixels) -> _Rows | None:
    """All of a segment: a label may cut it, and elsewhere mixed colours look like it for a pixel or two."""
    runs = _runs(mine)
    least = max([2.0] + [_PIECE * (bottom - top) for top, bottom in runs])
    runs = [run for run in runs if run[1] - run[0] >= least]
    return _edges(runs[0][0], runs[-1][1], profile) if runs else None


def _nearest(mine: NDArray[np.bool_], profile: Pixels, base: float) -> _Rows | None:
    """A bar from its base to its end, though a label may cut it."""
    runs = _runs(mine)
    if not runs:
        return None
    top, bottom = min(runs, key=lambda run: (max(run[0] - base, base - run[1], 0.0), run[0] - run[1]))
    for start, end in runs:
        if bottom > base + 1 and 0 <= start - bottom < _LABEL:
            bottom = end
    for start, end in reversed(runs):
        if top < base - 1 and 0 <= top - end < _LABEL:
            top = start
    return _edges(top, bottom, profile)


def _edges(top: int, bottom: int, profile: Pixels) -> _Rows:
    return top - _beyond(profile, top, -1), bottom + _beyond(profile, bottom - 1, 1)


def _beyond(profile: Pixels, last: int, step: int) -> float:
    """By how much a run's end lies beyond the edge of its last pixel, from the mixed colours there: -1 to 1."""
    inside, outside = last - step, last + 2 * step
    if min(inside, outside) < 0 or max(inside, outside) >= len(profile):
        return 0.0
    whole = profile[inside] - profile[outside]
    size = float(whole @ whole)
    if size < 1:
        return 0.0
    shares = [float((profile[at] - profile[outside]) @ whole) / size for at in (last, last + step)]
    return float(np.clip(shares, 0, 1).sum()) - 1.0


def _ground(plot: Raster) -> Colour:
    """What most of the plot's area shows."""
    return commonest(plot.colours[plot.index[::3, ::3].ravel()])[0]


def _on_outline(ends: Mapping[int, float], profile: Pixels, base: float, ground: Colour) -> dict[int, float]:
    """``ends`` moved to the middle of the strokes that outline them, where there are any: values lie there."""
    return {
        series: end + (_stroke(profile, end, -1, ground) if end < base else -_stroke(profile, end, 1, ground))
        if abs(end - base) > _DEEP
        else end
        for series, end in ends.items()
    }


def _stroke(profile: Pixels, end: float, step: int, ground: Colour) -> float:
    """How far within ``end`` the middle of the stroke lies that is drawn along it; 0 without one."""
    first = math.floor(end) if step < 0 else math.ceil(end) - 1
    inward = first - step * np.arange(-_OUTSIDE, _DEEP)
    if min(inward[0], inward[-1]) < 0 or max(inward[0], inward[-1]) >= len(profile):
        return 0.0
    run = profile[inward]  # from outside of the bar to inside
    body = np.median(run[-_BODY:], axis=0)
    if np.linalg.norm(run[0] - run[1]) < _STROKE:  # another layer may lie above
        ground = run[0]
    across = body - ground
    share = np.clip((run - ground) @ across / max(float(across @ across), 1.0), 0, 1)
    alien = np.linalg.norm(run - (ground + share[:, None] * across), axis=1)
    peak = int(alien.argmax())
    if alien[peak] < max(_STROKE, _NOISE * float(np.linalg.norm(run[-_BODY:] - body, axis=1).max())):
        return 0.0
    part = alien / alien[peak]
    inked = part >= _INKED
    start, stop = peak, peak
    while start > 0 and inked[start - 1]:
        start -= 1
    while stop + 1 < len(run) and inked[stop + 1]:
        stop += 1
    if start == 0 or stop >= len(run) - _BODY:  # another bar lies there, or a label
        return 0.0
    weights = part[start : stop + 1]
    middle = float((np.arange(start, stop + 1) * weights).sum() / weights.sum()) + 0.5
    # Of ``run``, pixel _OUTSIDE is the one that ``end`` lies in.
    edge = _OUTSIDE + (end - first if step < 0 else first + 1 - end)
    return middle - edge


def _far_ends(spans: Mapping[int, _Rows], base: float) -> dict[int, float]:
    """Where each span ends away from the base; of the line that parts two segments, each has one half."""
    ends: dict[int, float] = {}
    for series, (top, bottom) in spans.items():
        if (top + bottom) / 2 < base:
            ends[series] = next(((top + b) / 2 for _, b in spans.values() if 0 < top - b <= _GAP), top)
        else:
            ends[series] = next(
                ((bottom + t) / 2 for t, _ in spans.values() if 0 < t - bottom <= _GAP), bottom
            )
    return ends
