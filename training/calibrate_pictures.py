"""Fits the confidence of formulas that are read from pixels: how the evidence becomes P(formula right).

Reads pictures of formulas in fonts that training has not seen, clean ones and such with the histories of
`training.text.scans`, and fits a logistic map. A formula is right when its canonical LaTeX is the truth's, or TeX sets
both alike. Half of the pictures are fitted to; the calibration error is that of the other half.

    python -m training.text.build --out PICTURES --count 2000 --seed 34 --held-out --dpi 100 300
    python -m training.calibrate_pictures PICTURES --count 600 --write

``--write`` puts the map into the bundle of the finder.
"""

from __future__ import annotations

import argparse
import itertools
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas.image import crop_of
from docvlm.formulas.sight import FEATURES, GlyphReader
from docvlm.roles import formula_reader
from docvlm.runtimes import load_finder
from training.charts.score import auroc
from training.finder_examples import view_of
from training.logistic import calibration_error, fit, named, predict, row, table, write
from training.reader_examples import shards_of
from training.text.alike import rendered_alike
from training.text.scans import HISTORIES
from training.text.shards import read_shard


def read_all(
    folder: Path, reading: str, finding: str, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Features (n, f) of what could be read, whether it is right (n,), and whether its picture is clean (n,)."""
    reader, finder = formula_reader(reading), GlyphReader(load_finder(finding))
    shards = itertools.chain.from_iterable(read_shard(path) for path in shards_of(folder))
    pictured = (each for each in shards if each.kind == "formula" and each.picture)
    histories = ("clean", *HISTORIES)
    crops, truth, clean = [], [], []
    for number, sample in enumerate(itertools.islice(pictured, count)):
        history, rng = histories[number % len(histories)], random.Random(number)
        view = view_of(sample, {}, rng, turned=0.0 if history == "clean" else 0.25)
        if view is not None:
            grey = view.grey if history == "clean" else HISTORIES[history](view.grey, view.em, rng)
            crops.append(crop_of(finder, np.repeat(grey[:, :, None], 3, 2)))
            truth.append(sample.text)
            clean.append(history == "clean")
    readings = reader.read([crop.glyphs for crop in crops])
    read = [number for number, each in enumerate(readings) if each.latex]
    doubts = [crops[number].doubt for number in read]
    scores = [readings[number].confidence.score for number in read]
    rows = [row(doubt.features(score), FEATURES) for doubt, score in zip(doubts, scores) if doubt is not None]
    pairs = [(truth[number], readings[number].latex) for number in read]
    right = np.array([one == other for one, other in pairs])
    differ = np.flatnonzero(~right)
    right[differ] = rendered_alike([pairs[number] for number in differ])
    x = np.array(rows, np.float64)
    return x, right.astype(np.float64), np.array(clean)[read]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of shards with pictures")
    parser.add_argument("--model", default="reader-s")
    parser.add_argument("--finder", default="finder-s")
    parser.add_argument("--count", type=int, default=600, help="pictures")
    parser.add_argument("--write", action="store_true", help="put the map into the bundle of the finder")
    given = parser.parse_args()
    x, y, clean = read_all(given.data, given.model, given.finder, given.count)
    # Histories come in turns, so blocks of them are parted rather than every other picture.
    fitted = np.arange(len(y)) // 10 % 2 == 0
    w = fit(x[fitted], y[fitted])
    p, held = predict(w, x[~fitted]), y[~fitted]
    error = calibration_error(p, held)
    believed = p >= 0.5
    said = (
        f"{fitted.sum()} pictures, {y[fitted].mean():.2f} right; of {len(p)} others {held.mean():.2f} right, ECE"
        f" {error:.3f}, AUROC {auroc(p.tolist(), (held > 0).tolist()):.2f}"
    )
    print(said)
    print(f"clean: {y[clean].mean():.2f} right; with a history: {y[~clean].mean():.2f}")
    print(f"of others {believed.mean():.2f} have 0.5 or more, {held[believed].mean():.2f} of them right")
    fitted = named(w, FEATURES, f"python -m training.calibrate_pictures --count {given.count}", said)
    print(table(fitted))
    if given.write:
        print(write(given.finder, fitted))


if __name__ == "__main__":
    main()
