"""Fits the confidence of formulas that are read from pixels: how the evidence becomes P(formula right).

Reads pictures of formulas in fonts that training has not seen, clean ones and such with the histories of
`training.text.scans`, and fits a logistic map. A formula is right when its canonical LaTeX is the truth's, or TeX sets
both alike. Half of the pictures are fitted to; the calibration error is that of the other half.

    python -m training.text.build --out PICTURES --count 2000 --seed 34 --held-out --dpi 100 300
    python -m training.calibrate_pictures PICTURES --count 600 --write

``--write`` puts the coefficients into `docvlm/formulas/sight.py`.
"""

from __future__ import annotations

import argparse
import itertools
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas import sight
from docvlm.formulas.image import crop_of
from docvlm.formulas.reading import FormulaReader
from docvlm.runtimes import load_finder, load_reader
from training.charts.score import auroc
from training.finder_examples import view_of
from training.logistic import calibration_error, fit, predict, write_constants
from training.reader_examples import shards_of
from training.text.alike import rendered_alike
from training.text.scans import HISTORIES
from training.text.shards import read_shard

TARGET = Path(sight.__file__)


def read_all(
    folder: Path, reading: str, finding: str, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Features (n, f) of what could be read, whether it is right (n,), and whether its picture is clean (n,)."""
    reader, finder = FormulaReader(load_reader(reading)), load_finder(finding)
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
    rows = [sight.known(crops[number].features, readings[number].confidence.score) for number in read]
    pairs = [(truth[number], readings[number].latex) for number in read]
    right = np.array([one == other for one, other in pairs])
    differ = np.flatnonzero(~right)
    right[differ] = rendered_alike([pairs[number] for number in differ])
    x = np.array([[row[name] for name in sight.WEIGHTS] for row in rows], np.float64)
    return x, right.astype(np.float64), np.array(clean)[read]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of shards with pictures")
    parser.add_argument("--model", default="reader-s")
    parser.add_argument("--finder", default="finder-s")
    parser.add_argument("--count", type=int, default=600, help="pictures")
    parser.add_argument("--write", action="store_true", help="put the coefficients into the library")
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
    weights = dict(zip(sight.WEIGHTS, w[1:].tolist(), strict=True))
    for name, value in weights.items():
        print(f"  {name:14} {value:7.3f}")
    if given.write:
        command = f"# By python -m training.calibrate_pictures --count {given.count}:\n"
        write_constants(TARGET, float(w[0]), weights, f"{command}# {said}.\n")


if __name__ == "__main__":
    main()
