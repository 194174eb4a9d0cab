"""Looks of marks that any way of making charts has now and then: hatched, outlined and see-through bars, small labels
over crowded groups, lines in steps and dense curves, bands, outlined areas, axes in the colour of what they measure.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from ..sample import Content
from .canvas import HATCHES, MARKERS, mixed

if TYPE_CHECKING:
    from .styles import Style

_DASHES = (None, (6.0, 3.0), (2.0, 2.0), (8.0, 3.0, 2.0, 3.0), (12.0, 4.0), (3.0, 5.0))
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)


def vary_marks(style: Style, content: Content, rng: random.Random) -> None:
    """Draws such looks for the chart's marks; most charts get none."""
    if content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar", "stacked_bar", "combined"):
        _hatch(style, content, rng)
        _fill(style, rng)
        if content.kind == "grouped_bar":
            _label_small(style, rng)
    if content.kind in ("line", "combined"):
        _vary_lines(style, content, rng)
    if content.kind == "line":
        _make_dense(style, content, rng)
    if content.kind == "area":
        _vary_areas(style, rng)
    if content.kind == "combined":
        style.axes_coloured = rng.random() < 0.2
    if any(s.error is not None for s in content.series):
        _vary_errors(style, content, rng)


def _hatch(s: Style, content: Content, rng: random.Random) -> None:
    """One series set off by its hatch, series of one colour told apart by it, or every one hatched."""
    rows = sum(not series.as_line for series in content.series)
    draw = rng.random()
    if draw < 0.06 and rows > 1:
        chosen = 0 if rng.random() < 0.6 else rng.randrange(rows)
        kind = rng.choice(("/", "/", *HATCHES))
        s.hatches = tuple(kind if row == chosen else None for row in range(len(content.series)))
        s.label_strong = chosen if rng.random() < 0.6 else None
    elif draw < 0.09 and 1 < rows <= 5 and content.kind != "combined":
        kinds = rng.sample(HATCHES, rows)
        s.hatches = (None, *kinds[1:]) if rng.random() < 0.6 else tuple(kinds)
        s.colours = (rng.choice(s.colours),) * len(s.colours)
    elif draw < 0.12:
        s.hatches = tuple(rng.sample(HATCHES, len(HATCHES)))
    s.hatch_pen = rng.choice(("contrast", "contrast", "white", "own"))
    s.hatch_period = rng.choice((0, 0, rng.randint(5, 11)))


def _fill(s: Style, rng: random.Random) -> None:
    """Unfilled or pale with an outline in their own colour; with edges in another one; see-through."""
    draw = rng.random()
    if draw < 0.09:
        s.bar_alpha = 0.0 if draw < 0.04 and s.preset != "print" else rng.uniform(0.15, 0.5)
        s.bar_effect, s.bar_round, s.bar_edge_own = "flat", 0.0, True
        s.bar_edge_width = rng.choice((1.0, 1.5, 2.0, 3.0))
    elif draw < 0.15:
        s.bar_edge = rng.choice((_BLACK, (80, 80, 80), _WHITE, mixed(rng.choice(s.colours), _BLACK, 0.5)))
        s.bar_edge_width = rng.choice((1.0, 1.0, 1.5, 2.0))
    elif draw < 0.19:
        s.bar_alpha = rng.uniform(0.4, 0.9)
    elif draw < 0.22:
        s.bar_effect, s.bar_round = rng.choice(("gradient", "glossy")), 0.0


def _label_small(s: Style, rng: random.Random) -> None:
    """The numbers of crowded groups, small and often upright, as tables of results are drawn."""
    if rng.random() < 0.22:
        s.labels, s.label_fit = "outside", True
        s.label_turned = rng.random() < 0.5
        s.label_size = max(7, round(s.size * rng.uniform(0.7, 0.9)))
        s.bar_share = max(s.bar_share, rng.uniform(0.7, 0.92))


def _vary_lines(s: Style, content: Content, rng: random.Random) -> None:
    """Steps, splines, dashes, hollow markers; lines of one colour told apart by dashes or markers."""
    rows = len(content.series)
    draw = rng.random()
    if draw < 0.05:
        s.steps, s.smooth = rng.choice(("middle", "after")), False
    elif draw < 0.12:
        s.smooth = True
    if content.kind == "line" and 1 < rows <= len(_DASHES) and rng.random() < 0.06:
        s.colours = (rng.choice(s.colours),) * len(s.colours)
        if rng.random() < 0.7:
            s.dashes = (None, *rng.sample(_DASHES[1:], len(_DASHES) - 1))
        else:
            s.markers = tuple(rng.sample(MARKERS, len(MARKERS)))
            s.marker_size = max(s.marker_size, 6.0)
    elif rng.random() < 0.08:
        s.dashes = tuple(rng.choice(_DASHES) for _ in range(rows))
    if rng.random() < 0.06:
        s.markers, s.marker_open = (("circle",), ("square",), MARKERS)[rng.randrange(3)], True
    if content.kind == "line" and rows > 1 and rng.random() < 0.05:
        s.legend = "direct"


def _make_dense(s: Style, content: Content, rng: random.Random) -> None:
    """A curve of far more points than places are named; its values are those at the named places."""
    columns = len(content.categories)
    whole = all(np.isfinite(series.values).all() for series in content.series)
    if not whole or not 4 <= columns <= 14 or rng.random() >= 0.2:
        return
    s.rough = rng.choice((0.006, 0.015, 0.03, 0.05))
    s.vertices = max(8, rng.choice((100, 150, 250, 400)) // columns)
    s.faint_raw = rng.random() < 0.2
    s.past_ends = rng.random() < 0.5
    s.markers, s.dashes, s.labels = (None,), (None,), None
    s.smooth, s.steps = False, None
    s.line_width = rng.uniform(0.7, 1.8)
    s.ticks = rng.choice(("out", "out", "in", s.ticks))


def _vary_areas(s: Style, rng: random.Random) -> None:
    draw = rng.random()
    if draw < 0.12:
        s.area_alpha = rng.uniform(0.25, 0.8)
    elif draw < 0.3:
        s.area_edge = rng.choice((_BLACK, (60, 60, 60), _WHITE, mixed(rng.choice(s.colours), _BLACK, 0.4)))
    s.smooth = s.smooth or rng.random() < 0.1
    if rng.random() < 0.8:
        s.markers = (None,)


def _vary_errors(s: Style, content: Content, rng: random.Random) -> None:
    s.error_cap = rng.choice((0.0, 2.0, 3.0, 5.0, 5.0, 8.0))
    s.error_width = rng.choice((1.0, 1.0, 1.5, 2.0))
    s.error_colour = rng.choice(("ink", "ink", "black", "own"))
    s.error_upper = rng.random() < 0.12
    s.band = content.kind == "line" and (len(content.categories) >= 16 or s.rough > 0 or rng.random() < 0.45)
