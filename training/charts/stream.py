"""An endless stream of charts with truth, the same for the same seed.

python -m training.charts.stream --preview 24 -o FOLDER     a sheet of charts with the truth drawn over them
python -m training.charts.stream --time 500                 samples per second on one core
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import random
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .content import LANGUAGES, sample_content
from .degrade import degrade
from .painter import draw
from .painting.fonts import font_book
from .sample import KINDS, Kind, Renderer, Sample
from .ticks import Undrawable

_ROLE_COLOURS = {
    "title": (200, 0, 200), "x_title": (0, 140, 140), "y_title": (0, 140, 140), "source": (120, 120, 120),
    "legend": (255, 120, 0), "category": (0, 150, 0), "x_tick": (0, 0, 255), "y_tick": (0, 0, 255),
    "value": (220, 0, 0), "other": (150, 150, 0),
}  # fmt: skip


def painter(folders: tuple[str, ...] | None = None) -> dict[str, Renderer]:
    """Our own painter alone, with the fonts of some folders."""
    return {"painter": functools.partial(draw, folders=folders)}


def drawable_languages(folders: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """The languages that the fonts of some folders can write."""
    return tuple(name for name in LANGUAGES if name != "zh" or font_book(folders).chinese)


def make(
    seed: int,
    renderers: Mapping[str, Renderer],
    weights: Mapping[str, float] | None = None,
    kind: Kind | None = None,
    languages: Collection[str] = LANGUAGES,
    degraded: float = 1.0,
) -> Sample:
    """The sample of one seed: content, a renderer by ``weights``, then a degradation of strength ``degraded``.

    Chinese needs fonts: leave "zh" out of ``languages`` where there are none.
    """
    rng = random.Random(seed)
    names = sorted(renderers)
    name = rng.choices(names, [1.0 if weights is None else weights.get(n, 0.0) for n in names])[0]
    content = sample_content(rng, kind, languages)
    sample = dataclasses.replace(renderers[name](content, rng), seed=seed)
    return degrade(sample, rng, degraded) if degraded > 0 else sample


def stream(
    seed: int,
    renderers: Mapping[str, Renderer],
    weights: Mapping[str, float] | None = None,
    *,
    worker: int = 0,
    workers: int = 1,
    languages: Collection[str] = LANGUAGES,
    degraded: float = 1.0,
) -> Iterator[Sample]:
    """Samples without end. Each of ``workers`` processes gives its own ``worker``-th share of the same stream."""
    number = worker
    while True:
        # Seeds of different streams must not meet: a stream owns 2**40 of them.
        with suppress(Undrawable):  # a renderer whose fonts lack a character
            yield make((seed << 40) + number, renderers, weights, languages=languages, degraded=degraded)
        number += workers


# Looking at it


def overlay(sample: Sample, scale: int = 2) -> Image.Image:
    """The chart enlarged, boxes of the spans in their role's colour, marks as crosses with their bases."""
    height, width = sample.image.shape[:2]
    picture = Image.fromarray(sample.image).resize((width * scale, height * scale), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for span in sample.spans:
        colour = _ROLE_COLOURS[span.role]
        box = tuple(v * scale for v in span.box)
        pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=colour)
        if span.point is not None:
            x, y = span.point[0] * scale, span.point[1] * scale
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), outline=colour)
    for mark in sample.marks:
        x, y = mark.pixel[0] * scale, mark.pixel[1] * scale
        colour = (255, 0, 0) if mark.visible else (140, 140, 140)
        for ring, shade in ((1, (255, 255, 255)), (0, colour)):
            pen.line((x - 6, y + ring, x + 6, y + ring), fill=shade)
            pen.line((x + ring, y - 6, x + ring, y + 6), fill=shade)
        if mark.base is not None:
            bx, by = mark.base[0] * scale, mark.base[1] * scale
            pen.rectangle((bx - 2, by - 2, bx + 2, by + 2), outline=(0, 0, 0), fill=(255, 255, 0))
    box = tuple(v * scale for v in sample.plot)
    pen.rectangle((box[0], box[1], box[2], box[3]), outline=(160, 160, 255))
    return picture


def contact_sheet(
    samples: list[Sample], columns: int = 4, cell: int = 520, truth: bool = True
) -> Image.Image:
    """All samples on one sheet, each with what it says below."""
    rows = -(-len(samples) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * (cell + 30)), (90, 90, 90))
    pen = ImageDraw.Draw(sheet)
    for number, sample in enumerate(samples):
        picture = overlay(sample) if truth else Image.fromarray(sample.image)
        picture.thumbnail((cell - 8, cell - 8), Image.Resampling.LANCZOS)
        x, y = number % columns * cell, number // columns * (cell + 30)
        sheet.paste(picture, (x + 4, y + 4))
        height, width = sample.image.shape[:2]
        looks = " ".join(str(sample.style.get(k, "")) for k in ("preset", "degraded"))
        pen.text(
            (x + 4, y + cell),
            f"{sample.seed} {sample.renderer} {sample.content.kind} {width}x{height} {looks}",
            (255, 255, 255),
        )
    return sheet


def _main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preview", type=int, default=0, help="how many charts to put on the sheet")
    parser.add_argument("-o", "--output", type=Path, default=Path("preview"), help="folder for the sheet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--fonts", action="append", help="a folder with fonts; may be given more than once")
    parser.add_argument("--degraded", type=float, default=0.0, help="strength of degradations, 0 to 1")
    parser.add_argument("--plain", action="store_true", help="leave the truth off the sheet")
    parser.add_argument("--each", action="store_true", help="also write every chart with its truth as a file")
    parser.add_argument("--time", type=int, default=0, help="how many charts to draw for timing")
    arguments = parser.parse_args()
    folders = tuple(arguments.fonts) if arguments.fonts else None
    renderers = painter(folders)
    languages = drawable_languages(folders)

    def one(number: int) -> Sample:
        return make(
            arguments.seed + number,
            renderers,
            kind=arguments.kind,
            languages=languages,
            degraded=arguments.degraded,
        )

    if arguments.preview:
        arguments.output.mkdir(parents=True, exist_ok=True)
        samples = [one(number) for number in range(arguments.preview)]
        contact_sheet(samples, truth=not arguments.plain).save(arguments.output / "sheet.png")
        if arguments.each:
            for sample in samples:
                overlay(sample).save(arguments.output / f"{sample.seed}.png")
    if arguments.time:
        one(0)
        counts: Counter[str] = Counter()
        spent: Counter[str] = Counter()
        areas = []
        start = time.process_time()
        for number in range(arguments.time):
            before = time.process_time()
            sample = one(number)
            spent[sample.content.kind] += time.process_time() - before  # type: ignore[assignment]
            counts[sample.content.kind] += 1
            areas.append(sample.image.shape[0] * sample.image.shape[1])
        rate = arguments.time / (time.process_time() - start)
        print(f"{rate:.0f} samples/s on one core, mean image {np.mean(areas) ** 0.5:.0f} pixels square")
        for kind in sorted(counts):
            print(f"  {kind:16} {counts[kind]:5}  {1000 * spent[kind] / counts[kind]:6.2f} ms")


if __name__ == "__main__":
    _main()
