"""Fits the chart reader's reliability: how its evidence becomes P(chart right).

Draws charts with known data with the training renderers, none of which draws the validation set, and reads each with the
text spans of the drawing or with those of OCR. A logistic map is fitted to two thirds of them; the others give the
reliability table, the expected calibration error, and how many of the charts that are called reliable are right.

    python -m training.calibrate_charts --model models/chart-s --charts 1500 --write

``--write`` puts the map into the bundle of the model. A chart is right when its overlap with the truth at
slight tolerance is 0.75 or more.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.charts import reading as chart_reader
from docvlm.charts import reliability
from docvlm.charts.data import Evidence
from docvlm.charts.figure import Figure
from docvlm.checks import RELIABLE_SCORE
from docvlm.runtimes import load_chart
from training.charts import render_matplotlib, render_vega
from training.charts.sample import Sample
from training.charts.score import auroc, overlap, triples
from training.charts.stream import painter, stream
from training.charts.truth import truth_of
from training.logistic import calibration_error, fit, named, predict, row, table, write

_RENDERERS = {"matplotlib": 0.45, "vega": 0.3, "painter": 0.25}
_RIGHT = 0.75


def samples(count: int, seed: int) -> Iterator[Sample]:
    """Charts that have named values; scatters have none."""
    drawing = {**painter(), "matplotlib": render_matplotlib.draw, "vega": render_vega.draw}
    drawn = stream(seed, drawing, _RENDERERS)
    yield from itertools.islice((s for s in drawn if s.marks and s.content.kind != "scatter"), count)


class _Reader(chart_reader.ChartReader):
    """A chart reader that keeps what it knew of the charts."""

    known: list[Evidence]

    def judged(self, evidence: Evidence) -> None:
        self.known.append(evidence)


def read_all(model: str, count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features (n, f) and whether each chart is right (n,)."""
    reader = _Reader(load_chart(model))
    rows: list[list[float]] = []
    right: list[bool] = []
    for number, sample in enumerate(samples(count, seed)):
        anchors = [Anchor(span.text, span.box) for span in sample.spans] if number % 2 else None
        reader.known = []
        chart = reader.read([Figure(sample.image, anchors)])[0]
        if not reader.known:  # taken for no chart
            continue
        rows.append(row(reliability.features_of(reader.known[0]), reliability.FEATURES))
        right.append(overlap(triples(chart.values), triples(truth_of(sample)), "slight") >= _RIGHT)
    return np.array(rows, np.float64), np.array(right, np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="chart-s")
    parser.add_argument("--charts", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="put the map into the bundle")
    chosen = parser.parse_args()
    x, y = read_all(chosen.model, chosen.charts, chosen.seed)
    held = np.arange(len(y)) % 3 == 2
    w = fit(x[~held], y[~held])
    p = predict(w, x)
    error = calibration_error(p[held], y[held])
    called = p[held] >= RELIABLE_SCORE
    said = (
        f"{len(y)} charts, {y.mean():.2f} right; of {held.sum()} held out: ECE {error:.3f}, "
        f"AUROC {auroc(p[held].tolist(), (y[held] > 0).tolist()):.2f}, {called.mean():.2f} called reliable"
    )
    print(said)
    print(f"of those called reliable {y[held][called].mean():.2f} are right")
    command = f"python -m training.calibrate_charts --charts {chosen.charts} --seed {chosen.seed}"
    fitted = named(w, reliability.FEATURES, command, said)
    print(table(fitted))
    if chosen.write:
        print(write(chosen.model, fitted))


if __name__ == "__main__":
    main()
