"""Fits the chart reader's reliability: how its evidence becomes P(chart right).

Draws charts with known data with the training renderers, none of which draws the validation set, and reads each with the
text spans of the drawing or with those of OCR. A logistic map is fitted to two thirds of them; the others give the
reliability table, the expected calibration error, and the probability from which a chart is called reliable: the lowest
tenth at which 9 of 10 are right.

    python -m training.calibrate_charts --model models/chart-s --charts 1500 --write

``--write`` puts the coefficients into `docvlm/charts/reliability.py`. A chart is right when its overlap with the truth at
slight tolerance is 0.75 or more.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor
from docvlm.charts import reading as chart_reader
from docvlm.charts import reliability
from docvlm.charts.data import Evidence
from docvlm.charts.figure import Figure
from docvlm.runtimes import load_chart
from docvlm.runtimes.interface import ChartRuntime
from training.charts import render_matplotlib, render_vega
from training.charts.sample import Sample
from training.charts.score import auroc, overlap, triples
from training.charts.stream import painter, stream
from training.charts.truth import truth_of
from training.logistic import calibration_error, fit, predict, write_constants

TARGET = Path(reliability.__file__)
_RENDERERS = {"matplotlib": 0.45, "vega": 0.3, "painter": 0.25}
_RIGHT = 0.75
_PRECISION = 0.9


def samples(count: int, seed: int) -> Iterator[Sample]:
    """Charts that have named values; scatters have none."""
    drawing = {**painter(), "matplotlib": render_matplotlib.draw, "vega": render_vega.draw}
    drawn = stream(seed, drawing, _RENDERERS)
    yield from itertools.islice((s for s in drawn if s.marks and s.content.kind != "scatter"), count)


class _Reader(chart_reader.ChartReader):
    """A chart reader that keeps what it knew of the charts."""

    def __init__(self, network: ChartRuntime) -> None:
        super().__init__(network)
        self.known: list[Evidence] = []

    def judged(self, evidence: Evidence) -> None:
        self.known.append(evidence)


def read_all(model: str, count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features (n, f) and whether each chart is right (n,)."""
    reader = _Reader(load_chart(model))
    rows: list[list[float]] = []
    right: list[bool] = []
    for number, sample in enumerate(samples(count, seed)):
        anchors = [Anchor(span.text, span.box) for span in sample.spans] if number % 2 else None
        reader.known.clear()
        chart = reader.read([Figure(sample.image, anchors)])[0]
        if not reader.known:  # taken for no chart
            continue
        rows.append(list(reliability.features_of(reader.known[0]).values()))
        right.append(overlap(triples(chart.values), triples(truth_of(sample)), "slight") >= _RIGHT)
    return np.array(rows, np.float64), np.array(right, np.float64)


def threshold_for(p: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """The lowest probability from which on `_PRECISION` of the charts are right; 0.99 where there is none.

    In tenths: a few hundred charts do not tell it finer.
    """
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        called = right[p >= least]
        if len(called) and called.mean() >= _PRECISION:
            return least
    return 0.99


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="chart-s")
    parser.add_argument("--charts", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="put the coefficients into the library")
    chosen = parser.parse_args()
    x, y = read_all(chosen.model, chosen.charts, chosen.seed)
    held = np.arange(len(y)) % 3 == 2
    w = fit(x[~held], y[~held])
    p = predict(w, x)
    error = calibration_error(p[held], y[held])
    least = threshold_for(p[held], y[held])
    called = p[held] >= least
    names = list(reliability.WEIGHTS)
    weights = dict(zip(names, w[1:].tolist(), strict=True))
    said = (
        f"{len(y)} charts, {y.mean():.2f} right; of {held.sum()} held out: ECE {error:.3f}, "
        f"AUROC {auroc(p[held].tolist(), (y[held] > 0).tolist()):.2f}, {called.mean():.2f} called reliable"
    )
    print(said)
    for name, value in weights.items():
        print(f"  {name:14} {value:7.3f}")
    print(f"reliable from {least}")
    if chosen.write:
        command = f"# By python -m training.calibrate_charts --charts {chosen.charts} --seed {chosen.seed}:\n"
        write_constants(TARGET, w[0], weights, f"{command}# {said}.\n")
        source = TARGET.read_text(encoding="utf-8")
        TARGET.write_text(
            re.sub(r"^RELIABLE: Final = .*$", f"RELIABLE: Final = {least}", source, flags=re.M),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
