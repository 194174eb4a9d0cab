"""Which colours the series of a chart are drawn in: those of their legend's keys, or what lies at the network's marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docvlm.charts import bars
from docvlm.charts.palette import (
    Colour,
    Raster,
    are_distinct,
    as_drawn,
    classes,
    commonest,
    distance,
    dominant,
)
from docvlm.charts.scene import Plot, Scene

_REACH = 18.0  # a pixel farther from all colours belongs to none
_APART = {"bars": 12.0, "lines": 5.0}  # nearer to a series' colour, another may be its mixture at an edge
_ZERO = 6.0  # pixels; marks nearer to zero may be the wrong ends of bars
_COMMON = {"bars": 0.004, "lines": 0.0008}  # share of the plot that a series' colour fills at least
# Pixels along the values that are looked at beside a mark: where they begin above and below it, surely beyond the end
# of its bar, or as near as the bar may be low.
_PROBED, _BEYOND, _NEAR = 7, (-12, 6), (-9, 3)
_ANOTHER = 12.0  # nearer to a series' colour or to the ground, a colour may be its mixture at an edge
_SHADE = 6.0  # nearer to each other, two colours are shades of one
_MOSTLY = 0.5  # share of the pixels below a mark that must have the colour of its bar
# Around the marks of a line that are inked, and the share of them of one colour.
_FEWEST_PIXELS, _ON_LINE = 5, 0.2


@dataclass(frozen=True, slots=True)
class Colours:
    """The series by name, the colours that each is drawn in, and other colours of the plot.

    ``thick`` are the heights of the legend's keys, empty without a legend.
    """

    names: list[tuple[int, ...]]
    own: list[list[Colour]]
    others: list[Colour]
    thick: list[float]

    def owners(self, raster: Raster, series: Sequence[int]) -> NDArray[np.int8]:
        """Whose each of the raster's colours is, by place in ``series``, -1 for nobody's."""
        flat = [(place, colour) for place, n in enumerate(series) for colour in self.own[n]]
        rest = [colour for n, own in enumerate(self.own) if n not in series for colour in own]
        found = classes(raster.colours, [colour for _, colour in flat], [*rest, *self.others], _REACH)
        return np.array([*(place for place, _ in flat), -1], np.int8)[found]


def colours_of(scene: Scene, plot: Plot, drawn_as: str) -> Colours | None:
    """By the legend's keys; of a single series without one, from where the network's marks are.

    ``None`` where colours do not tell the series apart.
    """
    present = dominant(plot.raster, _COMMON[drawn_as])
    apart = _APART[drawn_as]
    if len(scene.keys) > 1:
        if not are_distinct([key.colour for key in scene.keys]):
            return None
        drawn, others = as_drawn(
            [key.colour for key in scene.keys], present, apart, scene.code.traits.mark == "line"
        )
        thick = [key.thick for key in scene.keys]
        return Colours([key.name for key in scene.keys], [[colour] for colour in drawn], others, thick)
    if len(scene.code.series) > 1 or not present:
        return None
    if drawn_as == "bars":
        own = _inside(scene, present[0])
        if len(own) > 1 and scene.code.traits.mark == "bar":
            # Every bar may have a colour of its own, also where the network has no mark.
            own += [colour for colour in present[1:] if _is_another(colour, own, plot)]
    else:
        own = _under(scene, present[0])
    others = [c for c in present if own and min(float(distance(c, each)) for each in own) > _ANOTHER]
    return Colours([tuple(scene.code.series[0].name)], [own], others, []) if own else None


def _inside(scene: Scene, usual: Colour) -> list[Colour]:
    """The colours below the network's marks, towards zero: bars of one series may have one each.

    What lies beyond the marks is the ground, or ``usual`` is. Marks at zero may be the wrong ends of bars: there
    both sides count.
    """
    zero = scene.zero()
    sides: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for spot in scene.marks:
        above, below = (_beside(scene, spot, off) for off in _BEYOND)
        inner = [_beside(scene, spot, off) for off in _NEAR]
        if zero is not None and abs(zero - spot[scene.value]) < _ZERO:
            sides += [(inner[0], above[:0]), (inner[1], above[:0])]
        elif scene.value == 1 if zero is None else zero > spot[scene.value]:
            sides.append((inner[1], above))
        else:
            sides.append((inner[0], below))
    beyond = [far for _, far in sides if len(far)]
    ground = commonest(np.concatenate(beyond))[0] if beyond else usual
    palette: list[Colour] = []
    for some, _ in sides:
        if not len(some):
            continue
        colour, share = commonest(some)
        if share > _MOSTLY and min(float(distance(colour, each)) for each in [*palette, ground]) > _SHADE:
            palette.append(colour)
    return palette


def _is_another(colour: Colour, known: Sequence[Colour], plot: Plot) -> bool:
    """Whether a colour of the plot is no shade of those that are ``known``, and fills bars."""
    if min(float(distance(colour, each)) for each in known) <= _ANOTHER:
        return False
    return bars.is_solid((distance(plot.raster.colours, colour) < _SHADE)[plot.raster.index])


def _beside(scene: Scene, spot: NDArray[np.float64], off: int) -> NDArray[np.float32]:
    """Three columns of the pixels from ``off`` on along the values, (n, 3)."""
    x, y = int(spot[0]), int(spot[1])
    if scene.value == 1:
        return scene.raster.pixels(y + off, y + off + _PROBED, x - 1, x + 2).reshape(-1, 3)
    return scene.raster.pixels(y - 1, y + 2, x + off, x + off + _PROBED).reshape(-1, 3)


def _under(scene: Scene, ground: Colour) -> list[Colour]:
    """The colour of the line that most of the network's marks are on."""
    around = [
        scene.raster.pixels(int(y) - 3, int(y) + 4, int(x) - 2, int(x) + 3).reshape(-1, 3)
        for x, y in scene.marks.tolist()
    ]
    inked = np.concatenate(around) if around else np.zeros((0, 3), np.float32)
    inked = inked[distance(inked, ground) > _ANOTHER]
    if len(inked) < _FEWEST_PIXELS:
        return []
    colour, share = commonest(inked)
    return [colour] if share >= _ON_LINE else []
