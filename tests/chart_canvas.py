"""A chart painted with known values, with its text as anchors."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from docvlm.anchors import Anchor
from docvlm.charts.code import TEXT_ROLES, ChartCode, MarkCode, TextRole
from docvlm.charts.data import ChartData, chart_data
from docvlm.charts.pixels import Measured, measured

RED, GREEN, BLUE, BLACK = (205, 50, 45), (60, 150, 70), (40, 95, 190), (0, 0, 0)
SCALE = 0.6  # of the network's image to the painted one
ZERO, UNIT = 340, 3.0  # the row of zero, and pixels to one
NAMES = ["north", "east", "south", "west"]


class Canvas:
    """A painted chart with its text as anchors; values run from 0 to 100 above row 340."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (600, 400), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.anchors: list[Anchor] = []
        self.roles: list[TextRole] = []
        self.places: list[tuple[float, float]] = []

    def text(
        self, text: str, role: TextRole, x: float, y: float, point: tuple[float, float] | None = None
    ) -> int:
        """Text as a gray bar of its size, which is all that geometry sees of it; ``point`` is what it belongs to."""
        box = (x, y, x + 6.0 * len(text), y + 9.0)
        for left in range(int(x), int(box[2]), 6):
            self.pen.rectangle((left, y + 1, left + 3, y + 7), fill=(90, 90, 90))
        self.anchors.append(Anchor(text, tuple(v * SCALE for v in box)))  # type: ignore[arg-type]
        self.roles.append(role)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        px, py = point or middle
        self.places.append(((px - middle[0]) / 9, (py - middle[1]) / 9))
        return len(self.anchors) - 1

    def axis(self) -> None:
        for value in range(0, 101, 20):
            self.text(str(value), "y_tick", 20, ZERO - UNIT * value - 4.5)

    def categories(self, xs: list[float], names: list[str] = NAMES) -> list[int]:
        return [self.text(name, "category", x - 3 * len(name), 360, (x, ZERO)) for name, x in zip(names, xs)]

    def legend(self, names: list[str], colours: list[tuple[int, int, int]], line: bool = False) -> list[int]:
        for row, colour in enumerate(colours):
            top = 20 + 20 * row
            self.pen.rectangle(
                (480, top + 4, 494, top + 5) if line else (480, top, 494, top + 9), fill=colour
            )
        return [self.text(name, "legend", 500, 20 + 20 * row) for row, name in enumerate(names)]

    def read(self, code: ChartCode) -> Measured:
        rows = np.zeros((len(self.roles), len(TEXT_ROLES)), np.float32)
        for row, role in enumerate(self.roles):
            rows[row, TEXT_ROLES.index(role)] = 1
        return measured(
            code, self.anchors, rows, np.array(self.places, np.float32), np.asarray(self.image), SCALE
        )

    def data(self, code: ChartCode, places: np.ndarray) -> ChartData:
        rows = np.zeros((len(self.roles), len(TEXT_ROLES)), np.float32)
        for row, role in enumerate(self.roles):
            rows[row, TEXT_ROLES.index(role)] = 1
        return chart_data(code, self.anchors, rows, places)

    def values(self, found: Measured) -> dict[str | None, dict[object, float | None]]:
        data = self.data(found.code, found.places)
        return {name: {p.x: p.y for p in points} for name, points in data.series}


def marks_at(points: list[tuple[float, float]]) -> list[MarkCode]:
    return [MarkCode((x * SCALE, y * SCALE)) for x, y in points]


def top_of(value: float) -> float:
    return ZERO - UNIT * value


def draw_bar(
    canvas: Canvas, left: float, right: float, low: float, high: float, colour: tuple[int, int, int]
) -> None:
    if high > low:
        canvas.pen.rectangle((left, round(top_of(high)), right - 1, round(top_of(low)) - 1), fill=colour)


def draw_line(canvas: Canvas, xs: list[float], values: list[float], colour: tuple[int, int, int]) -> None:
    # Eight times as large and reduced, as renderers smooth their lines.
    large = Image.new("L", (600 * 4, 400 * 4))
    points = [(x * 4, top_of(v) * 4) for x, v in zip(xs, values)]
    ImageDraw.Draw(large).line(points, fill=255, width=9)
    canvas.image.paste(colour, mask=large.resize((600, 400), Image.Resampling.BOX))
