"""Figures with axes and numbers that the chart model must turn down: it has no way to write what they say.

Heat maps, boxes and violins, radars, contours, surfaces, networks, time tables, fields of arrows, and several panels in
one picture, drawn by matplotlib with the words and numbers of real contents. Each is a `Sample` without marks.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from .render_matplotlib import Recorder
from .sample import Content, Sample, Span
from .ticks import Undrawable

_MAPS = ("viridis", "YlOrRd", "Blues", "coolwarm", "Greys", "RdYlGn", "magma", "PuBu")
_STYLES = ("default", "ggplot", "bmh", "seaborn-v0_8-whitegrid", "seaborn-v0_8", "dark_background", "classic")


def draw(content: Content, rng: random.Random) -> Sample:
    """A figure of a random kind; ``content`` only lends its words. A renderer like the others, but for Chinese, which
    matplotlib's own fonts cannot write: Undrawable.
    """
    if content.language == "zh":
        raise Undrawable("no font has Chinese")
    kind = rng.choice(tuple(_KINDS))
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.style.use(rng.choice(_STYLES))
        mpl.rcParams["font.size"] = rng.uniform(7, 12)
        width, height, dpi = rng.uniform(3.5, 8), rng.uniform(2.8, 6), rng.choice((72, 90, 110))
        renderer = Recorder(int(width * dpi), int(height * dpi), dpi)
        figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
        _KINDS[kind](_Scene(figure, content, rng))
        for number, text in enumerate(figure.findobj(Text)):
            text.set_gid(str(number))
        figure.draw(renderer)
        image = np.asarray(renderer.buffer_rgba())[:, :, :3].copy()
    lines = [line for found in renderer.lines.values() for line in found if not line.formula]
    boxes = [tuple(float(value) for value in line.box) for line in lines]
    spans = tuple(
        Span(line.text, box, "other", angle=line.angle)  # type: ignore[arg-type]
        for line, box in zip(lines, boxes)
    )
    return Sample(
        image=image,
        content=Content(kind=content.kind, series=(), title=None, language=content.language),
        spans=spans,
        marks=(),
        plot=(0.0, 0.0, float(image.shape[1]), float(image.shape[0])),
        renderer="other figures",
        style={"sort": kind},
    )


class _Scene:
    """A figure to be filled, with words from a chart's content and numbers from ``dice``."""

    def __init__(self, figure: Figure, content: Content, rng: random.Random) -> None:
        self.figure, self.content, self.rng = figure, content, rng
        self.dice = np.random.default_rng(rng.getrandbits(32))
        self.words = [w for w in (*content.categories, *(s.name for s in content.series)) if w] or [
            "A",
            "B",
            "C",
        ]

    def names(self, count: int) -> list[str]:
        return [self.words[n % len(self.words)] for n in range(count)]

    def axes(self, **settings: object):  # type: ignore[no-untyped-def]
        axes = self.figure.add_subplot(**settings)
        if self.content.title and self.rng.random() < 0.7:
            axes.set_title(self.content.title)
        if self.content.y_title and self.rng.random() < 0.5 and "projection" not in settings:
            axes.set_ylabel(self.content.y_title)
        return axes


def _heat_map(scene: _Scene) -> None:
    rng, axes = scene.rng, scene.axes()
    rows, columns = rng.randint(3, 14), rng.randint(3, 20)
    values = scene.dice.gamma(rng.uniform(0.5, 4), 1, (rows, columns))
    shown = axes.imshow(values, cmap=rng.choice(_MAPS), aspect="auto")
    axes.set_xticks(range(columns), scene.names(columns), rotation=rng.choice((0, 45, 90)))
    axes.set_yticks(range(rows), scene.names(rows))
    axes.grid(False)
    if rng.random() < 0.6:
        scene.figure.colorbar(shown, ax=axes)
    if rng.random() < 0.4 and rows * columns < 60:
        for row in range(rows):
            for column in range(columns):
                axes.text(column, row, f"{values[row, column]:.1f}", ha="center", va="center")


def _boxes(scene: _Scene) -> None:
    rng, axes = scene.rng, scene.axes()
    count = rng.randint(2, 8)
    rows = [scene.dice.normal(rng.uniform(0, 10), rng.uniform(0.5, 3), 60) for _ in range(count)]
    if rng.random() < 0.6:
        axes.boxplot(
            rows, patch_artist=rng.random() < 0.5, orientation=rng.choice(("vertical", "horizontal"))
        )
    else:
        axes.violinplot(rows, showmedians=True)


def _radar(scene: _Scene) -> None:
    rng, axes = scene.rng, scene.axes(projection="polar")
    corners = rng.randint(4, 9)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    for _ in range(rng.randint(1, 4)):
        values = scene.dice.uniform(0.2, 1, corners)
        axes.plot(np.append(turn, turn[0]), np.append(values, values[0]))
        axes.fill(turn, values, alpha=0.2)
    axes.set_xticks(turn, scene.names(corners))


def _contours(scene: _Scene) -> None:
    rng, axes = scene.rng, scene.axes()
    x, y = np.meshgrid(np.linspace(-3, 3, 60), np.linspace(-2, 2, 50))
    bumps = zip(scene.dice.uniform(-2, 2, 4), scene.dice.uniform(-1.5, 1.5, 4))
    height = sum(np.exp(-((x - a) ** 2) - (y - b) ** 2) for a, b in bumps)
    fill = rng.random() < 0.5
    shown = (axes.contourf if fill else axes.contour)(
        x, y, height, levels=rng.randint(4, 12), cmap=rng.choice(_MAPS)
    )
    if fill:
        scene.figure.colorbar(shown, ax=axes)
    else:
        axes.clabel(shown)


def _surface(scene: _Scene) -> None:
    rng, axes = scene.rng, scene.axes(projection="3d")
    x, y = np.meshgrid(np.linspace(-3, 3, 24), np.linspace(-3, 3, 24))
    axes.plot_surface(x, y, np.sin(np.hypot(x, y) * rng.uniform(0.8, 2)), cmap=rng.choice(_MAPS))


def _network(scene: _Scene) -> None:
    rng, axes = scene.rng, scene.axes()
    places = scene.dice.uniform(0, 1, (rng.randint(5, 14), 2))
    for _ in range(2 * len(places)):
        a, b = scene.dice.integers(0, len(places), 2)
        axes.plot(*places[[a, b]].T, color="0.6", lw=1, zorder=1)
    axes.scatter(*places.T, s=rng.uniform(100, 500), zorder=2)
    for place, name in zip(places, scene.names(len(places))):
        axes.annotate(name, place, ha="center", va="center", fontsize=8)
    axes.set_axis_off()


def _time_table(scene: _Scene) -> None:
    axes = scene.axes()
    count = scene.rng.randint(4, 10)
    for row in range(count):
        begins = np.sort(scene.dice.uniform(0, 20, scene.rng.randint(1, 3)))
        axes.broken_barh([(begin, scene.dice.uniform(1, 4)) for begin in begins], (row - 0.3, 0.6))
    axes.set_yticks(range(count), scene.names(count))


def _arrows(scene: _Scene) -> None:
    axes = scene.axes()
    x, y = np.meshgrid(np.linspace(-2, 2, 14), np.linspace(-2, 2, 12))
    turn = scene.rng.uniform(0.5, 2)
    axes.quiver(x, y, np.cos(turn * y), np.sin(turn * x))


def _panels(scene: _Scene) -> None:
    """Several small charts: which one is meant nobody can say."""
    rng = scene.rng
    rows, columns = rng.choice(((1, 2), (1, 3), (2, 2), (2, 1), (2, 3), (3, 3), (3, 1)))
    for number, axes in enumerate(scene.figure.subplots(rows, columns, squeeze=False).flat):
        count = rng.randint(4, 12)
        values = scene.dice.gamma(2, rng.uniform(1, 50), count)
        way = rng.choice(("line", "bar", "scatter"))
        if way == "line":
            for _ in range(rng.randint(1, 3)):
                axes.plot(
                    range(count), np.cumsum(scene.dice.normal(1, 2, count)), marker=rng.choice((None, "o"))
                )
        elif way == "bar":
            axes.bar(range(count), values)
        else:
            axes.scatter(scene.dice.normal(0, 1, 30), scene.dice.normal(0, 1, 30))
        axes.set_title(f"({chr(97 + number)}) {scene.words[number % len(scene.words)]}", fontsize=8)


_KINDS: dict[str, Callable[[_Scene], None]] = {
    "heat map": _heat_map,
    "boxes": _boxes,
    "radar": _radar,
    "contours": _contours,
    "surface": _surface,
    "network": _network,
    "time table": _time_table,
    "arrows": _arrows,
    "panels": _panels,
}
