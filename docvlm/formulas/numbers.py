"""Equation numbers: which glyphs of a displayed formula are its number, and which rows belong to which."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.codes import em_of
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, RULE, TOP, Glyphs

_NUMBER = re.compile(r"\([A-Z]{0,2}\.?\d[\d.–-]{0,7}[a-z]?[′']{0,2}\)|\[\d+\]|\([*†]\)")
_AWAY = 1.0  # ems between a formula and its number, at least
_FEWEST = 4  # glyphs of a formula and its number
_SHORTEST, _LONGEST = 3, 12  # glyphs of a number, its brackets counted
_SAME_ROW = 0.6  # points between baselines
_ABOVE = 4.0  # points above a number's baseline at which the rows before it may end
_ALIGNED = 2.5  # points by which the edges of one column's numbers differ at most


@dataclass(frozen=True, slots=True)
class Numbered:
    """A displayed formula's glyphs without its number, and the number without brackets; ``None`` where it has none."""

    glyphs: Glyphs
    number: str | None


def parted(glyphs: Glyphs) -> list[Numbered]:
    """A displayed region, parted so that each equation number has its rows.

    Numbers stand at one edge, apart from all formulas and below each other; rows between two of them go with the one
    that the widest gap leaves them with.
    """
    found = _numbers(glyphs)
    if not found:
        return [Numbered(glyphs, None)]
    rest = np.ones(len(glyphs), np.bool_)
    for index in found:
        rest[index] = False
    if not (glyphs.styles[rest] != RULE).any():
        return [Numbered(glyphs, None)]
    labels = [glyphs.take(index).text[1:-1] for index in found]
    cuts = _cuts(glyphs.take(rest), [float(glyphs.places[index, BASELINE].mean()) for index in found])
    middles = glyphs.places[:, [TOP, BOTTOM]].mean(1)
    rows = np.searchsorted(cuts, middles)
    return [Numbered(glyphs.take(rest & (rows == row)), label) for row, label in enumerate(labels)]


def _numbers(glyphs: Glyphs) -> list[NDArray[np.intp]]:
    """The glyphs of each number, from top to bottom."""
    right, left = (list(_candidates(glyphs, at_right)) for at_right in (True, False))
    for candidates, column in ((right, RIGHT), (left, LEFT)):
        if candidates:
            edges = [float(glyphs.places[index, column].max() if column == RIGHT else glyphs.places[index, column].min())
                     for index in candidates]  # fmt: skip
            outer = max(edges) if column == RIGHT else min(edges)
            return [index for index, edge in zip(candidates, edges) if abs(edge - outer) < _ALIGNED]
    return []


def _candidates(glyphs: Glyphs, at_right: bool) -> Iterator[NDArray[np.intp]]:
    """Glyphs at the end of a row that look like a number and stand apart."""
    places, visible = glyphs.places, np.flatnonzero(glyphs.styles != RULE)
    if len(visible) < _FEWEST:
        return
    away = _AWAY * em_of(glyphs)
    order = visible[np.argsort(places[visible, BASELINE], kind="stable")]
    for row in np.split(order, 1 + np.flatnonzero(np.diff(places[order, BASELINE]) > _SAME_ROW)):
        row = row[np.argsort(places[row, LEFT], kind="stable")]
        if not at_right:
            row = row[::-1]
        for count in range(_SHORTEST, min(len(row), _LONGEST) + 1):
            part = row[-count:]
            if not at_right:
                part = part[::-1]
            if not _NUMBER.fullmatch(glyphs.take(part).text):
                continue
            others = np.setdiff1d(visible, part)
            low, high = places[part, TOP].min(), places[part, BOTTOM].max()
            level = others[(places[others, BOTTOM] > low) & (places[others, TOP] < high)]
            gap = (
                places[part, LEFT].min() - places[level, RIGHT].max(initial=-np.inf)
                if at_right
                else places[level, LEFT].min(initial=np.inf) - places[part, RIGHT].max()
            )
            if gap > away:
                yield part
            break


def _cuts(glyphs: Glyphs, baselines: list[float]) -> NDArray[np.float64]:
    """Heights between successive numbers at which their rows part: the middle of the widest gap without ink."""
    tops, bottoms = glyphs.places[:, TOP], glyphs.places[:, BOTTOM]
    order = np.argsort(tops, kind="stable")
    starts = tops[order][1:]
    ends = np.maximum.accumulate(bottoms[order])[:-1]
    gaps, middles = starts - ends, (starts + ends) / 2
    cuts = []
    for above, below in itertools.pairwise(baselines):
        between = (middles > above - _ABOVE) & (middles < below)
        best = int(np.argmax(np.where(between, gaps, -np.inf))) if between.any() else -1
        cuts.append(float(middles[best]) if best >= 0 else (above + below) / 2)
    return np.array(cuts)
