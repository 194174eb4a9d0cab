"""The worst failures of a chart reader as one picture: each chart beside what its numbers would draw.

    python -m benchmarks.chart_failures VALIDATION --model chart-s --anchors exact --limit 30 -o FILE.png

The worst are those that were believed most: wrong by the measure of `benchmarks.charts`, with the highest reliability.
At most two of a kind.
"""

from __future__ import annotations

import argparse
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.charts import SLIGHT, Outcome, limited, measure, model_reader
from docvlm.writers.redraw import png
from training.charts.validation import read

_WIDTH, _HEIGHT, _CAPTION = 640, 270, 14  # pixels of a cell


def worst(outcomes: Sequence[Outcome], count: int) -> Iterator[Outcome]:
    """Charts of wrong numbers, the most reliable first, at most two of a kind."""
    kinds: Counter[str] = Counter()
    wrong = [o for o in outcomes if o.sample.content.kind != "scatter" and o.overlap("slight") < SLIGHT]
    for outcome in sorted(wrong, key=lambda o: -o.chart.reliability.score):
        kind = outcome.sample.content.kind
        if kinds[kind] < 2 and kinds.total() < count:
            kinds[kind] += 1
            yield outcome


def sheet(outcomes: Sequence[Outcome], columns: int = 2) -> Image.Image:
    rows = -(-len(outcomes) // columns)
    page = Image.new("RGB", (columns * _WIDTH, rows * (_HEIGHT + _CAPTION)), "white")
    pen = ImageDraw.Draw(page)
    for number, outcome in enumerate(outcomes):
        picture = Image.open(io.BytesIO(png(outcome.chart, np.asarray(outcome.sample.image)))).convert("RGB")
        picture.thumbnail((_WIDTH - 8, _HEIGHT), Image.Resampling.LANCZOS)
        x, y = number % columns * _WIDTH, number // columns * (_HEIGHT + _CAPTION)
        page.paste(picture, (x, y + _CAPTION))
        said = f"{outcome.overlap('slight'):.2f} of the values right, reliability {outcome.chart.reliability.score:.2f}"
        kind = outcome.sample.content.kind.replace("_", " ")
        pen.text((x + 2, y), f"{kind} by {outcome.sample.renderer}, {outcome.group}: {said}", (0, 0, 0))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("validation", type=Path)
    parser.add_argument("--model", default="chart-s")
    parser.add_argument("--anchors", default="exact", choices=["exact", "ocr", "none"])
    parser.add_argument("--limit", type=int, help="charts of each group and renderer")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a PNG")
    chosen = parser.parse_args()
    outcomes = measure(
        model_reader(chosen.model, chosen.anchors), limited(read(chosen.validation), chosen.limit)
    )
    found = sheet(list(worst(outcomes, chosen.count)))
    found.quantize(96).save(chosen.output, optimize=True)


if __name__ == "__main__":
    main()
