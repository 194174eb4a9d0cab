"""How right charts are read, and how far the reliability can be believed, on a stored validation set.

    python -m training.charts.validation -o VALIDATION            # once; renderers left out of training
    python -m benchmarks.charts VALIDATION [--model chart-s|FOLDER] [--anchors exact,ocr,none] [--limit N]

Prints Markdown tables and writes them to `benchmarks/results/charts.md`. Scores are those of `training.charts.score.py`,
names bound. A value is counted as printed: where the axis says "in thousands", so does the truth. The row *geometry*
reads nothing: it gives the true pointers to the code that turns pointers into numbers, and bounds what a model can
reach.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from docvlm.anchors import Anchor
from docvlm.charts.code import TEXT_ROLES
from docvlm.charts.data import chart_data
from docvlm.charts.reading import chart_of as public
from docvlm.schema import Chart
from training.chart_examples import chart_of
from training.charts.sample import Sample
from training.charts.score import (
    auroc,
    average_precision,
    overlap,
    title_similarity,
    triples,
    value_error,
)
from training.charts.truth import truth_of
from training.charts.validation import read

ROOT = Path(__file__).resolve().parents[1]
SLIGHT = 0.75  # overlap at slight tolerance from which a chart counts as right

Reader = Callable[[Sample], Chart]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One chart read: what was said of it, what is true, and how long it took: seconds of processor time, all threads."""

    sample: Sample
    group: str
    chart: Chart
    truth: dict[str, Any]
    seconds: float

    def overlap(self, level: Any) -> float:
        return overlap(triples(self.chart.values), triples(self.truth), level)

    @property
    def labelled(self) -> bool:
        return any(span.role == "value" for span in self.sample.spans)


def geometry(sample: Sample) -> Chart:
    """The truth's own pointers, turned into numbers."""
    code = chart_of(sample, [(span, 0) for span in sample.spans], 1.0)
    roles = np.zeros((len(sample.spans), len(TEXT_ROLES)), np.float32)
    places = np.zeros((len(sample.spans), 2), np.float32)
    for row, span in enumerate(sample.spans):
        roles[row, TEXT_ROLES.index(span.role)] = 1
        x0, y0, x1, y1 = span.box
        if span.point is not None and span.role in ("x_tick", "y_tick") and y1 > y0:
            away = (span.point[0] - (x0 + x1) / 2, span.point[1] - (y0 + y1) / 2)
            places[row] = away[0] / (y1 - y0), away[1] / (y1 - y0)
    return public(chart_data(code, [Anchor(s.text, s.box) for s in sample.spans], roles, places))


def model_reader(model: str, anchors: str) -> Reader:
    """The model with exact text spans, with those of OCR, or without any."""
    from docvlm.charts.figure import Figure
    from docvlm.roles import chart_reader

    reader = chart_reader(model)

    def read_one(sample: Sample) -> Chart:
        given = {"exact": [Anchor(s.text, s.box) for s in sample.spans], "ocr": None, "none": []}[anchors]
        return reader.read([Figure(sample.image, given)])[0]

    return read_one


def measure(reader: Reader, samples: Iterable[tuple[str, Sample]]) -> list[Outcome]:
    outcomes = []
    for group, sample in samples:
        started = time.process_time()
        chart = reader(sample)
        outcomes.append(Outcome(sample, group, chart, truth_of(sample), time.process_time() - started))
    return outcomes


_COLUMNS = (
    "charts | AP strict | AP slight | AP high | AP strict, labelled | title | value error | CPU seconds"
)


def accuracy_row(name: str, outcomes: Sequence[Outcome]) -> str:
    """Scatters have no categories to match by, so they count in the speed only."""
    named = [o for o in outcomes if o.sample.content.kind != "scatter"]
    labelled = [o for o in named if o.labelled]
    errors = [e for o in named if (e := value_error(o.chart.values, o.truth)) is not None]
    cells = [
        str(len(named)),
        *(
            f"{average_precision([o.overlap(level) for o in named]):.2f}"
            for level in ("strict", "slight", "high")
        ),
        f"{average_precision([o.overlap('strict') for o in labelled]):.2f}",
        f"{np.mean([title_similarity(o.chart.title, o.sample.content.title) for o in named]):.2f}",
        f"{statistics.median(errors):.3f}" if errors else "",
        f"{statistics.median(o.seconds for o in outcomes):.2f}",
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def reliability_row(name: str, outcomes: Sequence[Outcome]) -> str:
    named = [o for o in outcomes if o.sample.content.kind != "scatter"]
    right = [o.overlap("slight") >= SLIGHT for o in named]
    sure = [o.chart.reliability.reliable for o in named]
    called = [r for r, s in zip(right, sure, strict=True) if s]
    score = auroc([o.chart.reliability.score for o in named], right)
    among = f"{np.mean(called):.2f}" if called else ""
    return f"| {name} | {np.mean(right):.2f} | {np.mean(sure):.2f} | {among} | {score:.2f} |"


def report(name: str, outcomes: Sequence[Outcome]) -> str:
    """Tables for all charts, by group, renderer and kind."""
    parts = [("all", list(outcomes))]
    keys: list[Callable[[Outcome], str]] = [
        lambda o: o.group,
        lambda o: f"{o.group}: {o.sample.renderer}",
        lambda o: o.sample.content.kind,
    ]
    for key in keys:
        parts += [
            (value, [o for o in outcomes if key(o) == value]) for value in sorted({key(o) for o in outcomes})
        ]
    lines = [f"### {name}", "", f"| | {_COLUMNS} |", "|---|" + "---:|" * (_COLUMNS.count("|") + 1)]
    lines += [accuracy_row(part, some) for part, some in parts]
    lines += ["", "| | right | called reliable | right among those | AUROC |", "|---|---:|---:|---:|---:|"]
    lines += [reliability_row(part, some) for part, some in parts]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("validation", type=Path)
    parser.add_argument("--model", help="a bundled chart model or a bundle's folder")
    parser.add_argument("--anchors", default="exact,ocr", help="exact, ocr, none")
    parser.add_argument("--limit", type=int, help="charts of each group and renderer")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "charts.md")
    chosen = parser.parse_args()
    samples = list(limited(read(chosen.validation), chosen.limit))
    readers: dict[str, Reader] = {"geometry": geometry}
    if chosen.model:
        readers |= {
            f"{chosen.model}, anchors: {a}": model_reader(chosen.model, a) for a in chosen.anchors.split(",")
        }
    tables = [report(name, measure(reader, samples)) for name, reader in readers.items()]
    tables.append(
        f"{len(samples)} charts; {platform.system()}, Python {platform.python_version()}, docvlm {version('docvlm')}.\n"
    )
    text = "\n".join(tables)
    print(text)
    chosen.output.write_text(text, encoding="utf-8")


def limited(samples: Iterable[tuple[str, Sample]], limit: int | None) -> Iterable[tuple[str, Sample]]:
    seen: dict[tuple[str, str], int] = {}
    for group, sample in samples:
        key = (group, sample.renderer)
        seen[key] = seen.get(key, 0) + 1
        if limit is None or seen[key] <= limit:
            yield group, sample


if __name__ == "__main__":
    main()
