"""Pictures that are no charts: what a chart reader must turn down instead of inventing numbers for it.

Blank paper, logos, paragraphs, tables, diagrams of boxes and arrows, and photographs: smooth noise with blobs, or files
from a folder. Each is a `Sample` without marks; its text has roles "title" and "other".
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from .content import sample_content
from .painting.canvas import Canvas, Colour
from .painting.fonts import FontBook, font_book, ink
from .sample import Content, Role, Sample, Span
from .ticks import Undrawable


def draw(
    content: Content,
    rng: random.Random,
    folders: tuple[str, ...] | None = None,
    pictures: tuple[Path, ...] = (),
) -> Sample:
    """A picture of a random sort; ``content`` only lends its words. A renderer like the others.

    With ``pictures``, files of photographs and clip art, half of the samples are one of them.
    """
    scene = _Scene(rng, font_book(folders), content)
    sort = rng.choice(tuple(_SORTS))
    if pictures and rng.random() < 0.5:
        sort = "file"
        _file(scene, rng.choice(pictures))
    else:
        _SORTS[sort](scene)
    height, width = scene.canvas.pixels.shape[:2]
    return Sample(
        image=scene.canvas.pixels,
        content=Content(kind=content.kind, series=(), title=None, language=content.language),
        spans=tuple(scene.spans),
        marks=(),
        plot=(0.0, 0.0, float(width), float(height)),
        renderer="negatives",
        style={"sort": sort},
    )


class _Scene:
    """A canvas with words to put on it."""

    def __init__(self, rng: random.Random, book: FontBook, content: Content) -> None:
        self.rng, self.book = rng, book
        width, height = rng.randint(260, 760), rng.randint(200, 620)
        light = rng.random() < 0.8
        self.paper: Colour = (rng.randint(225, 255),) * 3 if light else (rng.randint(10, 70),) * 3
        self.ink: Colour = (rng.randint(0, 70),) * 3 if light else (rng.randint(190, 255),) * 3
        self.canvas = Canvas(width, height, self.paper)
        self.family = rng.choice(book.latin)
        self.spans: list[Span] = []
        words = [content.title or "Overview", content.y_title or "Results", *content.categories]
        words += [series.name for series in content.series if series.name]
        words += [
            content.format.text(float(v))
            for series in content.series
            for v in series.values
            if math.isfinite(v)
        ]
        self.words = words

    def colour(self) -> Colour:
        return self.rng.randint(20, 235), self.rng.randint(20, 235), self.rng.randint(20, 235)

    def write(
        self, text: str, x: float, y: float, size: int, role: Role = "other", bold: bool = False
    ) -> float:
        """Text with its top left corner at (x, y) where there is room for it; returns its right edge."""
        try:
            drawn = ink(self.book.face_for(text, self.family, bold), size, text)
        except Undrawable:
            return x
        if x < 0 or y < 0 or x + drawn.width > self.canvas.width or y + drawn.height > self.canvas.height:
            return x
        left, top, right, bottom = self.canvas.text(drawn, x, y, self.ink)
        self.spans.append(Span(text, (float(left), float(top), float(right), float(bottom)), role))
        return float(right)


def _blank(scene: _Scene) -> None:
    if scene.rng.random() < 0.5:
        noise = np.random.default_rng(scene.rng.getrandbits(32)).normal(0, 4, scene.canvas.pixels.shape)
        scene.canvas.pixels[:] = np.clip(scene.canvas.pixels + noise, 0, 255)


def _photo(scene: _Scene) -> None:
    """Coloured noise of several sizes, smooth, with soft blobs: lights, horizons and textures of a photograph."""
    height, width = scene.canvas.pixels.shape[:2]
    random_state = np.random.default_rng(scene.rng.getrandbits(32))
    picture = np.zeros((height, width, 3))
    for cells in (3, 8, 24, 70):
        small = random_state.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
        layer = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        picture += np.asarray(layer, np.float64) / cells**0.7
    picture -= picture.min()
    picture *= 255 / max(picture.max(), 1)
    image = Image.fromarray(picture.astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(scene.rng.uniform(0, 2))
    )
    scene.canvas.pixels[:] = np.asarray(image)


def _file(scene: _Scene, path: Path) -> None:
    """A part of a picture at a size of its own, now and then with a caption in it."""
    rng = scene.rng
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    width, height = (max(40, int(side * rng.uniform(0.7, 1))) for side in picture.size)
    x, y = rng.randint(0, max(0, picture.width - width)), rng.randint(0, max(0, picture.height - height))
    picture = picture.crop((x, y, min(x + width, picture.width), min(y + height, picture.height)))
    scene.canvas.width, scene.canvas.height = picture.size
    scene.canvas.pixels = np.array(picture)
    if rng.random() < 0.25:
        scene.write(rng.choice(scene.words), 8, picture.height - 24, rng.randint(10, 16))


def _logo(scene: _Scene) -> None:
    rng, canvas = scene.rng, scene.canvas
    x, y = canvas.width * rng.uniform(0.25, 0.6), canvas.height * rng.uniform(0.3, 0.6)
    size = min(canvas.width, canvas.height) * rng.uniform(0.15, 0.35)
    for _ in range(rng.randint(1, 4)):
        corners, turn = rng.randint(3, 40), rng.uniform(0, math.tau)
        angles = np.linspace(0, math.tau, corners, endpoint=False) + turn
        points = np.column_stack([x + size * np.cos(angles), y + size * np.sin(angles)])
        canvas.polygon(points, scene.colour())
        size *= rng.uniform(0.4, 0.8)
    scene.write(rng.choice(scene.words), x * 0.6, canvas.height * 0.82, rng.randint(14, 40), "other", True)


def _paragraphs(scene: _Scene) -> None:
    rng, canvas = scene.rng, scene.canvas
    size = rng.randint(9, 16)
    y = float(rng.randint(6, 30))
    scene.write(scene.words[0], 12, y, size + rng.randint(0, 8), "title", True)
    y += 2.2 * size
    while y < canvas.height - size:
        x, start = 12.0, len(scene.spans)
        while x < canvas.width * 0.9 and len(scene.spans) - start < 6:
            before = x
            x = scene.write(rng.choice(scene.words), x, y, size) + 0.4 * size
            if x <= before + 0.4 * size:
                break
        y += size * rng.choice((1.4, 1.4, 1.4, 2.4))
        if len(scene.spans) > 90:
            return


def _table(scene: _Scene) -> None:
    rng, canvas = scene.rng, scene.canvas
    rows, columns, size = rng.randint(3, 9), rng.randint(2, 5), rng.randint(9, 14)
    height, width = canvas.height / (rows + 1), canvas.width / columns
    ruled = rng.random() < 0.6
    for row in range(rows):
        y = height * (row + 0.5)
        if ruled or row == 1:
            canvas.rule(8, y - 4, canvas.width - 8, y - 4, scene.ink, 1.0)
        for column in range(columns):
            scene.write(rng.choice(scene.words), 12 + column * width, y, size, "other", row == 0)


def _diagram(scene: _Scene) -> None:
    """Boxes with words in them, joined by lines."""
    rng, canvas = scene.rng, scene.canvas
    size = rng.randint(9, 14)
    centres: list[tuple[float, float]] = []
    for _ in range(rng.randint(3, 9)):
        w, h = rng.uniform(60, 150), rng.uniform(26, 60)
        x, y = rng.uniform(4, max(5, canvas.width - w - 4)), rng.uniform(4, max(5, canvas.height - h - 4))
        if centres:
            other = rng.choice(centres)
            canvas.polyline(np.array([[x + w / 2, y + h / 2], other]), scene.ink, rng.uniform(1, 2.5))
        canvas.rect(x, y, x + w, y + h, scene.colour() if rng.random() < 0.4 else scene.paper)
        canvas.frame(x, y, x + w, y + h, scene.ink)
        scene.write(rng.choice(scene.words), x + 6, y + h / 2 - size / 2, size)
        centres.append((x + w / 2, y + h / 2))


_SORTS: dict[str, Callable[[_Scene], None]] = {
    "blank": _blank,
    "photo": _photo,
    "logo": _logo,
    "paragraphs": _paragraphs,
    "table": _table,
    "diagram": _diagram,
}


def main() -> None:
    """Draws one of each sort into the current folder's `negatives.png`, to be looked at."""
    rng = random.Random(1)
    samples = [draw(sample_content(rng), rng) for _ in range(24)]
    sheet = Image.new("RGB", (6 * 260, 4 * 220), (90, 90, 90))
    for number, sample in enumerate(samples):
        picture = Image.fromarray(sample.image)
        picture.thumbnail((250, 210))
        sheet.paste(picture, (number % 6 * 260, number // 6 * 220))
    sheet.save("negatives.png")


if __name__ == "__main__":
    main()
