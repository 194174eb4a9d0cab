"""Anti-aliased drawing on a uint8 RGB array with numpy; shapes cover fractions of pixels at their edges.

Coordinates: pixels, origin top left, y down; pixel n covers [n, n + 1). Colours: RGB, 0..255.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .fonts import Ink

Colour = tuple[int, int, int]
Cover = NDArray[np.float32]
_SUPER = 4  # Pillow's polygons are drawn this much larger and reduced


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """``colour`` with a ``share`` of another one."""
    r, g, b = (round(c + (o - c) * share) for c, o in zip(colour, other))
    return r, g, b


class Canvas:
    """``pixels`` uint8 (H, W, 3)."""

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        self.width, self.height = width, height
        self.pixels = np.empty((height, width, 3), np.uint8)
        _fill(self.pixels, colour)
        self._cover = np.zeros(height * width, np.float32)

    def blend(self, left: int, top: int, cover: Cover, colour: Colour | NDArray[np.float32]) -> None:
        """Mixes ``colour`` in by ``cover`` (h, w), 0..1; parts outside the canvas are left off."""
        h, w = cover.shape
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + w, self.width), min(top + h, self.height)
        if x0 >= x1 or y0 >= y1:
            return
        cover = cover[y0 - top : y1 - top, x0 - left : x1 - left, None]
        if isinstance(colour, np.ndarray):
            paint = colour[y0 - top : y1 - top, x0 - left : x1 - left]
        else:
            paint = np.array(colour, np.float32)
        region = self.pixels[y0:y1, x0:x1]
        mixture = region.astype(np.float32)
        change = paint - mixture
        change *= cover
        mixture += change
        mixture += 0.5
        region[:] = mixture

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, alpha: float = 1.0) -> None:
        """Filled; edges between pixels cover these partly."""
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        x0, y0 = max(x0, 0.0), max(y0, 0.0)
        x1, y1 = min(x1, float(self.width)), min(y1, float(self.height))
        if x0 >= x1 or y0 >= y1:
            return
        left, top, right, bottom = int(x0), int(y0), math.ceil(x1), math.ceil(y1)
        if alpha >= 1.0 and x0 == left and y0 == top and x1 == right and y1 == bottom:
            _fill(self.pixels[top:bottom, left:right], colour)
            return
        if (right - left) * (bottom - top) > 4000 and alpha >= 1.0:
            # The inside plainly, the four edges by coverage.
            a, b, c, d = math.ceil(x0), math.ceil(y0), int(x1), int(y1)
            _fill(self.pixels[b:d, a:c], colour)
            for part in ((x0, y0, x1, b), (x0, d, x1, y1), (x0, b, a, d), (c, b, x1, d)):
                if part[0] < part[2] and part[1] < part[3]:
                    self._covered(part[0], part[1], part[2], part[3], colour, 1.0)
            return
        self._covered(x0, y0, x1, y1, colour, alpha)

    def _covered(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, alpha: float) -> None:
        left, top = int(x0), int(y0)
        self.blend(left, top, box_cover(x0, y0, x1, y1) * np.float32(alpha), colour)

    def frame(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        colour: Colour,
        width: float = 1.0,
        alpha: float = 1.0,
    ) -> None:
        """Outline drawn inside the box."""
        self.rect(x0, y0, x1, y0 + width, colour, alpha)
        self.rect(x0, y1 - width, x1, y1, colour, alpha)
        self.rect(x0, y0 + width, x0 + width, y1 - width, colour, alpha)
        self.rect(x1 - width, y0 + width, x1, y1 - width, colour, alpha)

    def rule(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        colour: Colour,
        width: float = 1.0,
        dash: tuple[float, float] | None = None,
        alpha: float = 1.0,
    ) -> None:
        """A horizontal or vertical line, its middle on the given coordinates; crisp when ``width`` is whole."""
        across = y0 == y1
        half = width / 2
        middle = y0 if across else x0
        low: float
        if width == round(width):
            # On whole pixels, as chart software snaps its grid.
            low = math.floor(middle - half + 0.5) if width > 1 else math.floor(middle)
        else:
            low = middle - half
        start, end = (min(x0, x1), max(x0, x1)) if across else (min(y0, y1), max(y0, y1))
        if width == round(width):
            start, end = float(round(start)), float(round(end))
        if dash is None or end - start < 1:
            box = (start, low, end, low + width) if across else (low, start, low + width, end)
            self.rect(box[0], box[1], box[2], box[3], colour, alpha)
            return
        first, last = math.floor(start), math.ceil(end)
        place = np.mod(np.arange(last - first, dtype=np.float32), sum(dash))
        shown = np.clip(np.minimum(dash[0] - place, 1), 0, 1) * np.float32(alpha)
        beside = box_cover(0, low - math.floor(low), 1, low + width - math.floor(low))
        cover = beside * shown[None, :]
        if across:
            self.blend(first, math.floor(low), cover, colour)
        else:
            self.blend(math.floor(low), first, np.ascontiguousarray(cover.T), colour)

    def polyline(
        self,
        points: NDArray[np.float64],
        colour: Colour,
        width: float = 1.5,
        dash: tuple[float, ...] | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Points (N, 2); joined round unless dashed. ``dash`` alternates lengths of ink and gap."""
        if len(points) < 2:
            return
        start, end = points[:-1], points[1:]
        length = np.hypot(*(end - start).T)
        keep = length > 1e-6
        before = np.concatenate([[0.0], np.cumsum(length)[:-1]])
        start, end, length, before = start[keep], end[keep], length[keep], before[keep]
        if len(length) == 0:
            return
        steep = np.abs(end[:, 1] - start[:, 1]) > np.abs(end[:, 0] - start[:, 0])
        indices, covers = [], []
        for swap in (False, True):
            chosen = steep == swap
            if chosen.any():
                i, c = self._strokes(
                    start[chosen], end[chosen], length[chosen], before[chosen], width, dash, swap
                )
                indices.append(i)
                covers.append(c)
        if dash is None and width > 1.2:
            i, c = self._dots(points, width / 2)
            indices.append(i)
            covers.append(c)
        self._paint(np.concatenate(indices), np.concatenate(covers), colour, alpha)

    def _strokes(
        self,
        start: NDArray[np.float64],
        end: NDArray[np.float64],
        length: NDArray[np.float64],
        before: NDArray[np.float64],
        width: float,
        dash: tuple[float, ...] | None,
        swap: bool,
    ) -> tuple[NDArray[np.int64], Cover]:
        """(flat pixel indices, coverage) of segments that run along x (along y when ``swap``)."""
        a, b = (start[:, ::-1], end[:, ::-1]) if swap else (start, end)
        slope = (b[:, 1] - a[:, 1]) / (b[:, 0] - a[:, 0])
        lean = np.sqrt(1 + slope**2)
        low = np.floor(np.minimum(a[:, 0], b[:, 0]) - 1).astype(np.int64)
        count = np.ceil(np.maximum(a[:, 0], b[:, 0]) + 1).astype(np.int64) - low
        which = np.repeat(np.arange(len(a)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        u = low[which] + np.arange(len(which)) - first  # columns
        middle = a[which, 1] + slope[which] * (u + 0.5 - a[which, 0])
        reach = (width / 2 + 0.5) * math.sqrt(2)
        v = np.floor(middle - reach).astype(np.int64)[:, None] + np.arange(math.ceil(2 * reach) + 1)
        off = v + 0.5 - middle[:, None]
        distance = np.abs(off) / lean[which, None]
        cover = np.clip(width / 2 + 0.5 - distance, 0.0, min(1.0, width))
        # How far along the segment the pixel lies, for the ends and the dashes.
        sign = np.sign(b[:, 0] - a[:, 0])
        along = ((u + 0.5 - a[which, 0]) * lean[which] * sign[which])[:, None] + off * (slope * sign / lean)[
            which, None
        ]
        cover *= np.clip(along + 0.5, 0, 1) * np.clip(length[which, None] - along + 0.5, 0, 1)
        if dash:
            place = np.mod(along + before[which, None], sum(dash))
            shown, position = np.zeros_like(cover), 0.0
            for k in range(0, len(dash) - 1, 2):
                inside = np.minimum(place - position, position + dash[k] - place) + 0.5
                shown = np.maximum(shown, np.clip(inside, 0, 1))
                position += dash[k] + dash[k + 1]
            cover *= shown
        u = np.broadcast_to(u[:, None], v.shape)
        x, y = (v, u) if swap else (u, v)
        return self._flat(x.ravel(), y.ravel(), cover.ravel())

    def _dots(self, points: NDArray[np.float64], radius: float) -> tuple[NDArray[np.int64], Cover]:
        side = math.ceil(2 * radius + 2)
        corner = np.floor(points - radius - 0.5).astype(np.int64)
        grid = np.arange(side)
        x, y = corner[:, 0, None, None] + grid[None, None, :], corner[:, 1, None, None] + grid[None, :, None]
        distance = np.hypot(x + 0.5 - points[:, 0, None, None], y + 0.5 - points[:, 1, None, None])
        cover = np.clip(radius + 0.5 - distance, 0, 1)
        x, y = np.broadcast_to(x, cover.shape), np.broadcast_to(y, cover.shape)
        return self._flat(x.ravel(), y.ravel(), cover.ravel())

    def _flat(
        self, x: NDArray[np.int64], y: NDArray[np.int64], cover: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], Cover]:
        keep = (cover > 0.004) & (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        return y[keep] * self.width + x[keep], cover[keep].astype(np.float32)

    def _paint(self, index: NDArray[np.int64], cover: Cover, colour: Colour, alpha: float) -> None:
        """Pixels given more than once get the largest of their coverages, so that joints do not show."""
        np.maximum.at(self._cover, index, cover)
        most = self._cover[index][:, None] * np.float32(alpha)
        flat = self.pixels.reshape(-1, 3)
        old = flat[index].astype(np.float32)
        flat[index] = old + (np.array(colour, np.float32) - old) * most + 0.5
        self._cover[index] = 0.0

    def polygon(self, points: NDArray[np.float64], colour: Colour, alpha: float = 1.0) -> None:
        """Filled, points (N, 2)."""
        left, top = (int(v) for v in np.floor(points.min(0)))
        right, bottom = (int(v) for v in np.ceil(points.max(0)))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", ((right - left) * _SUPER, (bottom - top) * _SUPER))
        # Pillow fills the pixels whose middles lie inside, counted from the middle of pixel 0.
        moved = (points - (left, top)) * _SUPER - 0.5
        ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in moved], fill=255)
        cover = np.asarray(mask.reduce(_SUPER), np.float32) * np.float32(alpha / 255)
        self.blend(left, top, cover, colour)

    def area(
        self,
        x: NDArray[np.float64],
        top: NDArray[np.float64],
        bottom: NDArray[np.float64],
        colour: Colour,
        alpha: float = 1.0,
        fade: bool = False,
    ) -> None:
        """Between two courses over rising ``x``; ``fade`` thins it out towards the bottom."""
        left, right = max(int(x[0]), 0), min(math.ceil(x[-1]), self.width)
        if right <= left:
            return
        middle = np.arange(left, right) + 0.5
        ends = (np.clip(middle + 0.5 - x[0], 0, 1) * np.clip(x[-1] - middle + 0.5, 0, 1)).astype(np.float32)
        a, b = np.interp(middle, x, np.minimum(top, bottom)), np.interp(middle, x, np.maximum(top, bottom))
        low, high = max(int(a.min()) - 1, 0), min(math.ceil(float(b.max())) + 1, self.height)
        if high <= low:
            return
        rows = np.arange(low, high, dtype=np.float32)[:, None] + np.float32(0.5)
        cover = _beyond(rows, a) - _beyond(rows, b)
        cover *= ends
        if fade:
            cover *= np.linspace(alpha, 0.1 * alpha, high - low, dtype=np.float32)[:, None]
            self.blend(left, low, cover, colour)
            return
        self.tint(left, low, cover, colour, alpha)

    def tint(self, left: int, top: int, cover: Cover, colour: Colour, alpha: float = 1.0) -> None:
        """As ``blend`` for covers that are 0 or 1 nearly everywhere: those pixels go through a table.

        The cover must lie inside the canvas.
        """
        h, w = cover.shape
        region = self.pixels[top : top + h, left : left + w]
        partial = np.flatnonzero((cover > 0.003) & (cover < 0.997))
        flat_row, flat_column = partial // w, partial % w
        old = region[flat_row, flat_column].astype(np.float32)
        part = cover.ravel()[partial][:, None] * np.float32(alpha)
        whole = cover >= 0.997
        for channel in range(3):
            plane = region[:, :, channel]
            if alpha >= 1.0:
                np.copyto(plane, np.uint8(colour[channel]), where=whole)
            else:
                table = np.arange(256) * (1 - alpha) + colour[channel] * alpha + 0.5
                np.copyto(plane, table.astype(np.uint8)[plane], where=whole)
        region[flat_row, flat_column] = old + (np.array(colour, np.float32) - old) * part + 0.5

    def slice(
        self, cx: float, cy: float, radius: float, hole: float, start: float, end: float, colour: Colour
    ) -> None:
        """A pie's slice from ``start`` to ``end``, turns clockwise from the top; ``hole`` is a radius."""
        start, end = min(start, end), max(start, end)
        left, top = max(math.floor(cx - radius - 1), 0), max(math.floor(cy - radius - 1), 0)
        right = min(math.ceil(cx + radius + 1), self.width)
        bottom = min(math.ceil(cy + radius + 1), self.height)
        x = (np.arange(left, right, dtype=np.float32) + np.float32(0.5 - cx))[None, :]
        y = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - cy))[:, None]
        distance = np.sqrt(x * x + y * y)
        cover = np.clip(np.float32(radius + 0.5) - distance, 0, 1)
        if hole > 0:
            cover *= np.clip(distance - np.float32(hole - 0.5), 0, 1)
        if end - start < 0.9999:
            # Right of the first edge and left of the second one; of wide slices, either.
            a, b = start * 2 * math.pi, end * 2 * math.pi
            after = np.clip(x * np.float32(math.cos(a)) + y * np.float32(math.sin(a)) + np.float32(0.5), 0, 1)
            before = np.clip(
                np.float32(0.5) - x * np.float32(math.cos(b)) - y * np.float32(math.sin(b)), 0, 1
            )
            cover *= np.minimum(after, before) if end - start <= 0.5 else np.maximum(after, before)
        self.tint(left, top, cover, colour)

    def marker(
        self,
        x: float,
        y: float,
        shape: str,
        size: float,
        fill: Colour,
        edge: Colour | None = None,
        line: float = 1.0,
    ) -> None:
        """A point's symbol with its middle at (x, y); ``size`` is its width. Shapes: see ``_SHAPES``."""
        size = max(2.0, round(size * 2) / 2)
        qx, qy = math.floor(x * 4 + 0.5), math.floor(y * 4 + 0.5)
        side = math.ceil(size) + 4
        left, top = qx // 4 - side // 2, qy // 4 - side // 2
        inside = marker_mask(shape, size, side, qx % 4, qy % 4)
        if edge is None:
            self.blend(left, top, inside, fill)
            return
        self.blend(left, top, inside, edge)
        self.blend(left, top, marker_mask(shape, max(1.0, size - 2 * line), side, qx % 4, qy % 4), fill)

    def text(
        self, drawn: Ink, x: float, y: float, colour: Colour, alpha: float = 1.0
    ) -> tuple[int, int, int, int]:
        """Ink with its top left corner at the nearest whole pixel; returns its box."""
        left, top = round(x), round(y)
        self.blend(left, top, drawn.cover, colour)
        return left, top, left + drawn.width, top + drawn.height


def _fill(region: NDArray[np.uint8], colour: Colour) -> None:
    """One colour everywhere; row by row, since numpy repeats three bytes slowly."""
    if colour[0] == colour[1] == colour[2]:
        region[:] = colour[0]
    else:
        region[:1] = colour
        region[1:] = region[:1]


def _beyond(rows: Cover, course: NDArray[np.float64]) -> Cover:
    """Coverage (rows, columns) of what lies below a course; steep parts of it spread over several rows."""
    slope = np.abs(np.gradient(course)) if len(course) > 1 else np.zeros(1)
    steep = np.maximum(slope, 1.0).astype(np.float32)
    return np.clip((rows - course.astype(np.float32)) / steep + np.float32(0.5), 0, 1)


def box_cover(x0: float, y0: float, x1: float, y1: float) -> Cover:
    """Coverage of the pixels from (floor x0, floor y0) on by a box."""
    left, top, right, bottom = math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)
    across = np.ones(right - left, np.float32)
    across[0] -= x0 - left
    across[-1] -= right - x1
    down = np.ones(bottom - top, np.float32)
    down[0] -= y0 - top
    down[-1] -= bottom - y1
    return down[:, None] * across[None, :]


def round_cover(
    x0: float, y0: float, x1: float, y1: float, radii: tuple[float, float, float, float]
) -> Cover:
    """Coverage of a box with rounded corners; radii top left, top right, bottom right, bottom left."""
    cover = box_cover(x0, y0, x1, y1)
    left, top = math.floor(x0), math.floor(y0)
    limit = min(x1 - x0, y1 - y0) / 2
    for corner, radius in enumerate(radii):
        r = min(radius, limit)
        if r < 0.75:
            continue
        n = math.ceil(r) + 1
        cx = x0 + r if corner in (0, 3) else x1 - r
        cy = y0 + r if corner in (0, 1) else y1 - r
        columns = slice(0, n) if corner in (0, 3) else slice(max(0, cover.shape[1] - n), cover.shape[1])
        rows = slice(0, n) if corner in (0, 1) else slice(max(0, cover.shape[0] - n), cover.shape[0])
        px = np.arange(cover.shape[1], dtype=np.float32)[columns] + left + 0.5
        py = np.arange(cover.shape[0], dtype=np.float32)[rows] + top + 0.5
        dx = np.maximum(cx - px, 0) if corner in (0, 3) else np.maximum(px - cx, 0)
        dy = np.maximum(cy - py, 0) if corner in (0, 1) else np.maximum(py - cy, 0)
        inside = np.clip(r + 0.5 - np.hypot(dx[None, :], dy[:, None]), 0, 1)
        inside[:, dx == 0] = 1
        inside[dy == 0, :] = 1
        cover[rows, columns] *= inside
    return cover


_SHAPES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
    "diamond": [(0, -1), (1, 0), (0, 1), (-1, 0)],
    "up": [(0, -1), (0.95, 0.75), (-0.95, 0.75)],
    "down": [(0, 1), (0.95, -0.75), (-0.95, -0.75)],
    "plus": [
        (-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3),
        (0.3, 1), (-0.3, 1), (-0.3, 0.3), (-1, 0.3), (-1, -0.3), (-0.3, -0.3),
    ],
    "pentagon": [(math.sin(k * 1.2566), -math.cos(k * 1.2566)) for k in range(5)],
    "star": [
        (math.sin(k * 0.62832) * (1 if k % 2 == 0 else 0.42), -math.cos(k * 0.62832) * (1 if k % 2 == 0 else 0.42))
        for k in range(10)
    ],
}  # fmt: skip
_TURN = math.sqrt(0.5)
_SHAPES["cross"] = [((x - y) * _TURN, (x + y) * _TURN) for x, y in _SHAPES["plus"]]
MARKERS = ("circle", *_SHAPES)


@functools.lru_cache(maxsize=20_000)
def marker_mask(shape: str, size: float, side: int, qx: int, qy: int) -> Cover:
    """Coverage (side, side) of a symbol at a quarter pixel's offset from the middle pixel's corner."""
    scale = 8
    mask = Image.new("L", (side * scale, side * scale))
    draw = ImageDraw.Draw(mask)
    cx, cy = (side // 2 + qx / 4) * scale, (side // 2 + qy / 4) * scale
    half = size / 2 * scale
    if shape == "circle":
        draw.ellipse((cx - half, cy - half, cx + half - 1, cy + half - 1), fill=255)
    else:
        draw.polygon([(cx + x * half - 0.5, cy + y * half - 0.5) for x, y in _SHAPES[shape]], fill=255)
    return np.asarray(mask.reduce(scale), np.float32) / np.float32(255)


HATCHES = ("/", "\\", "x", "-", "|", ".", "+", "o")


def hatch_cover(kind: str, left: int, top: int, width: int, height: int, period: int = 6) -> Cover:
    """Coverage (height, width) of a hatching that continues from pixel to pixel of the image."""
    tile = _hatch_tile(kind, period)
    shifted = np.roll(tile, (-(top % period), -(left % period)), (0, 1))
    repeated = np.tile(shifted, (-(-height // period), -(-width // period)))
    return repeated[:height, :width]


@functools.cache
def _hatch_tile(kind: str, period: int) -> Cover:
    """One period (period, period) of a hatching."""
    x = np.arange(period)[None, :]
    y = np.arange(period)[:, None]

    def lines(place: NDArray[np.int64]) -> Cover:
        rest = np.mod(place, period)
        return np.where(rest == 0, 1.0, np.where((rest == 1) | (rest == period - 1), 0.45, 0.0)).astype(
            np.float32
        )

    rising, falling, level, upright = lines(x + y), lines(x - y), lines(y + 0 * x), lines(x + 0 * y)
    middle = (period - 1) / 2
    spot: Cover = np.clip(period / 4 + 0.5 - np.hypot(x - middle, y - middle), 0, 1).astype(np.float32)
    tiles: dict[str, Cover] = {
        "/": rising,
        "\\": falling,
        "x": np.maximum(rising, falling),
        "-": level,
        "|": upright,
        "+": np.maximum(level, upright),
        ".": level * upright,
        "o": spot,
    }
    return tiles[kind]
