"""Renders and stores a validation set: charts of renderers that are left out of training, and others to compare with.

python -m training.charts.validation -o FOLDER --per-renderer 150 --seed 1

writes FOLDER/NAME-0000.png and so on, and FOLDER/truth.jsonl, one chart a line in the order of the files: ``file``,
``group`` ("held_out", "training" or "degraded"), ``renderer``, ``seed``, ``content``, ``spans``, ``marks``, ``plot``.
The same seed gives the same set. `read` gives the samples back.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import importlib
import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from training.charts.content import sample_content
from training.charts.degrade import degrade
from training.charts.sample import Content, Mark, NumberFormat, Renderer, Sample, Series, Span
from training.charts.ticks import Undrawable

# Left out of training, and trained on.
HELD_OUT = {"plotly": ("held_out", "draw_plotly"), "pygal": ("held_out", "draw_pygal")}
TRAINING = {
    "matplotlib": ("render_matplotlib", "draw"),
    "vega": ("render_vega", "draw"),
    "painter": ("painter", "draw"),
}
TRUTH = "truth.jsonl"
_ATTEMPTS = 50  # contents offered to a renderer that cannot draw all kinds


@functools.cache
def renderer(name: str) -> Renderer:
    """The renderer of that name; its packages are imported only here."""
    module, function = {**HELD_OUT, **TRAINING}[name]
    found: Renderer = getattr(importlib.import_module(f"training.charts.{module}"), function)
    return found


def render(name: str, seed: int) -> Sample:
    """The renderer's sample of a seed; contents that it cannot draw are passed over for the next."""
    rng = random.Random(f"{name} {seed}")
    for _ in range(_ATTEMPTS):
        content = sample_content(rng)
        try:
            return dataclasses.replace(renderer(name)(content, rng), seed=seed)
        except Undrawable:
            continue
    raise RuntimeError(f"{name} drew none of {_ATTEMPTS} charts")


def build(folder: Path, per_renderer: int, seed: int, held_out_only: bool = False) -> int:
    """Writes the set, returns the number of charts. The training renderers and the degraded copies of the held-out
    charts get a third of the held-out renderers' number each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    few = math.ceil(per_renderer / 3)
    jobs = [("held_out", name, number) for name in HELD_OUT for number in range(per_renderer)]
    if not held_out_only:
        jobs += [("degraded", name, number) for name in HELD_OUT for number in range(few)]
        jobs += [("training", name, number) for name in TRAINING for number in range(few)]
    with (folder / TRUTH).open("w", encoding="utf-8") as file:
        for group, name, number in jobs:
            # The validation seeds lie far from any stream's: those begin at seed << 40.
            sample = render(name, (1 << 62) + seed * 1_000_000 + number)
            if group == "degraded":
                sample = degrade(sample, random.Random(f"degraded {sample.seed}"))
            stem = f"{name}-degraded" if group == "degraded" else name
            path = folder / f"{stem}-{number:04}.png"
            Image.fromarray(sample.image).save(path)
            file.write(
                json.dumps({"file": path.name, "group": group, **_truth(sample)}, ensure_ascii=False) + "\n"
            )
    return len(jobs)


def read(folder: Path) -> Iterator[tuple[str, Sample]]:
    """(group, sample) of a stored set, in its order."""
    with (folder / TRUTH).open(encoding="utf-8") as file:
        for line in file:
            truth = json.loads(line)
            with Image.open(folder / truth["file"]) as picture:
                image = np.asarray(picture.convert("RGB"))
            yield (
                truth["group"],
                Sample(
                    image,
                    _content(truth["content"]),
                    tuple(_made(Span, s) for s in truth["spans"]),
                    tuple(_made(Mark, m) for m in truth["marks"]),
                    _tuple(truth["plot"]),
                    truth["renderer"],
                    truth["style"],
                    truth["seed"],
                ),
            )


def _truth(sample: Sample) -> dict[str, Any]:
    return {
        "renderer": sample.renderer,
        "seed": sample.seed,
        "plot": _plain(sample.plot),
        "style": _plain(sample.style),
        "content": _plain(dataclasses.asdict(sample.content)),
        "spans": [_plain(dataclasses.asdict(s)) for s in sample.spans],
        "marks": [_plain(dataclasses.asdict(m)) for m in sample.marks],
    }


def _plain(value: Any) -> Any:
    """As JSON has it: missing numbers are null."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(v) for v in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _made(kind: Callable[..., Any], fields: dict[str, Any]) -> Any:
    return kind(**{key: _tuple(v) for key, v in fields.items()})


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value


def _numbers(values: list[float | None] | None) -> Any:
    return (
        None if values is None else np.array([math.nan if v is None else v for v in values], dtype=np.float64)
    )


def _content(fields: dict[str, Any]) -> Content:
    series = tuple(
        Series(**{**s, **{key: _numbers(s[key]) for key in ("values", "x", "error")}})
        for s in fields["series"]
    )
    formats = {key: _made(NumberFormat, fields[key]) for key in ("format", "x_format", "second_format")}
    own = {"series": series, "positions": _numbers(fields["positions"]), **formats}
    return Content(**{**fields, "categories": tuple(fields["categories"]), **own})


def _main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for pictures and truth")
    parser.add_argument("--per-renderer", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--held-out-only", action="store_true", help="leave out training renderers and degraded"
    )
    arguments = parser.parse_args()
    count = build(arguments.output, arguments.per_renderer, arguments.seed, arguments.held_out_only)
    print(f"{count} charts in {arguments.output}")


if __name__ == "__main__":
    _main()
