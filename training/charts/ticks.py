"""Round numbers along an axis and how they are printed, for renderers that are told where their ticks lie; and the
error of those that cannot draw a chart.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.charts.sample import Content, NumberFormat, Series


class Undrawable(ValueError):
    """This renderer has no such chart, or no font with its characters."""


_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MAX_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with ticks at ``values`` printed as ``texts``; ``numbers`` is what these
    texts stand for, equal to ``values`` up to float noise.
    """

    low: float
    high: float
    values: tuple[float, ...]
    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    log: bool = False


def make_scale(
    values: Sequence[float],
    form: NumberFormat,
    rng: random.Random,
    *,
    log: bool = False,
    zero: bool = True,
    headroom: float = 0.0,
    ticks: int = 6,
) -> Scale:
    """A scale that holds all finite ``values``; ``zero`` makes it begin (or pass) at zero, ``headroom`` adds that
    share of the range at the top. Ends lie at a tick or a little beyond the data, as chance has it.
    """
    finite = np.asarray([v for v in values if math.isfinite(v)] or [0.0, 1.0], dtype=np.float64)
    low, high = float(finite.min()), float(finite.max())
    if log:
        return _log_scale(low, high, form, rng, headroom)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-12 * max(abs(high), abs(low), 1e-300):
        spread = abs(high) * 0.2 or 1.0
        low, high = low - spread, high + spread
    high += (high - low) * headroom
    step = round_step((high - low) / max(ticks - 1, 1))
    snapped = rng.random() < 0.5
    at_zero = zero and low == 0.0
    if snapped:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    else:
        room = (high - low) * rng.uniform(0.02, 0.12)
        low, high = (low if at_zero else low - room), (high if zero and high == 0.0 else high + room)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    places = [round(k * step, 12 - math.floor(math.log10(step))) for k in range(first, last + 1)]
    return printed_scale(low, high, places, form, rng)


def round_step(size: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten that is not below ``size``."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(s for s in _STEPS if s * power >= size * (1 - 1e-9)) * power


def printed_scale(
    low: float,
    high: float,
    places: Sequence[float],
    form: NumberFormat,
    rng: random.Random,
    log: bool = False,
) -> Scale:
    """Prints ticks at ``places`` with as many decimals as they need: the same for all, or for each its own."""
    look = form
    if rng.random() < 0.3 and len(form.units) <= 1:
        # The unit is often said in the axis title only.
        look = dataclasses.replace(form, suffix="" if rng.random() < 0.8 else form.suffix)
        if rng.random() < 0.5:
            look = dataclasses.replace(look, prefix="")
    own = [_decimals(look, [v]) for v in places]
    ragged = log or (len(look.units) > 1 and rng.random() < 0.6)
    decimals = own if ragged else [max(own, default=0)] * len(own)
    return Scale(
        low,
        high,
        tuple(places),
        tuple(look.text(v, d) for v, d in zip(places, decimals)),
        tuple(look.shown(v, d) for v, d in zip(places, decimals)),
        log,
    )


def _decimals(form: NumberFormat, values: Sequence[float]) -> int:
    """The fewest decimals with which all values are printed exactly."""
    for decimals in range(_MAX_DECIMALS):
        if all(abs(form.shown(v, decimals) - v) <= 1e-9 * max(abs(v), 1e-300) for v in values):
            return decimals
    return _MAX_DECIMALS


def _log_scale(low: float, high: float, form: NumberFormat, rng: random.Random, headroom: float) -> Scale:
    """Decades, with 2 and 5 between them where the range is short."""
    bottom, top = math.log10(low), math.log10(high)
    room = max(top - bottom, 0.3)
    bottom, top = bottom - room * rng.uniform(0.03, 0.2), top + room * (rng.uniform(0.03, 0.2) + headroom)
    if rng.random() < 0.5 or math.floor(top) < math.ceil(bottom) + 1:
        bottom, top = float(math.floor(bottom)), float(math.ceil(top))
    between = (1.0, 2.0, 5.0) if top - bottom < 2.5 and rng.random() < 0.6 else (1.0,)
    every = 1 if top - bottom <= 8 else 2
    places = [
        m * 10.0**e
        for e in range(math.floor(bottom), math.ceil(top) + 1, every)
        for m in between
        if bottom - 1e-9 <= e + math.log10(m) <= top + 1e-9
    ]
    return printed_scale(10.0**bottom, 10.0**top, places, form, rng, log=True)


def values_of(content: Content, series: Sequence[Series], stacked: bool) -> list[float]:
    """All numbers that an axis of these series must hold: their values with error bars, or the ends of stacks."""
    if stacked:
        table = np.nan_to_num(np.array([s.values for s in series], dtype=np.float64))
        ends = [np.where(table > 0, table, 0.0).sum(0), np.where(table < 0, table, 0.0).sum(0)]
        return [float(v) for end in ends for v in end]
    found: list[float] = []
    for s in series:
        found += [float(v) for v in s.values]
        if s.error is not None:
            below = s.values - s.error
            found += [float(v) for v in s.values + s.error]
            found += [float(v) for v in below if content.scale == "linear" or v > 0]
    return found
