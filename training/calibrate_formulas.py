"""Fits the formula reader's confidence: how its evidence becomes P(formula right).

Reads formulas that training has not seen, with their glyphs as they are and damaged as in training, and fits a logistic
map. A formula is right when its canonical LaTeX is the truth's, or TeX sets both alike. The expected calibration error
is that of formulas of other sources and fonts.

    python -m training.text.build --out FRESH --count 4000 --seed 31
    python -m training.text.build --out VALIDATION --count 4000 --seed 9 --held-out
    python -m training.calibrate_formulas FRESH VALIDATION --model models/reader-s --count 3000 --write

``--write`` puts the map into the bundle of the model.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.formulas import reliability
from docvlm.formulas.checks import agreement
from docvlm.formulas.reading import write_formulas
from docvlm.latex import LatexError, normalize
from docvlm.runtimes import load_reader
from training.charts.score import auroc
from training.logistic import calibration_error, fit, named, predict, row, table, write
from training.reader_examples import damaged, shards_of
from training.text.alike import rendered_alike
from training.text.shards import read_shard


def read_all(
    folder: Path, model: str, count: int, share_damaged: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features (n, f) of what could be read, and whether it is right (n,)."""
    reader, rng = load_reader(model), np.random.default_rng(5)
    shards = itertools.chain.from_iterable(read_shard(path) for path in shards_of(folder))
    formulas = (
        each for each in shards if each.kind == "formula" and len(each.glyphs) <= reader.config.glyphs
    )
    samples = list(itertools.islice(formulas, count))
    glyphs = [damaged(each.glyphs, rng) if rng.random() < share_damaged else each.glyphs for each in samples]
    rows, pairs = [], []
    for sample, crop, reading in zip(samples, glyphs, write_formulas(reader, glyphs)):
        try:
            latex = normalize(reading.text)
            known = reliability.features_of(reading.log_probs, agreement(latex, crop), crop)
        except LatexError:
            continue
        if reading.finished:
            rows.append(row(known, reliability.FEATURES))
            pairs.append((sample.text, latex))
    right = np.array([truth == latex for truth, latex in pairs])
    other = np.flatnonzero(~right)
    right[other] = rendered_alike([pairs[number] for number in other])
    return np.array(rows, np.float64), right.astype(np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fresh", type=Path, help="folder of shards to fit to")
    parser.add_argument("validation", type=Path, help="folder of shards to measure on")
    parser.add_argument("--model", default="reader-s")
    parser.add_argument("--count", type=int, default=3000, help="formulas of each")
    parser.add_argument("--write", action="store_true", help="put the map into the bundle")
    chosen = parser.parse_args()
    x, y = read_all(chosen.fresh, chosen.model, chosen.count, share_damaged=0.3)
    w = fit(x, y)
    held_x, held_y = read_all(chosen.validation, chosen.model, chosen.count, share_damaged=0.0)
    p = predict(w, held_x)
    error = calibration_error(p, held_y)
    said = (
        f"{len(y)} formulas, {y.mean():.2f} right; of {len(p)} in other fonts and of other sources {held_y.mean():.2f}"
        f" right, ECE {error:.3f}, AUROC {auroc(p.tolist(), (held_y > 0).tolist()):.2f}"
    )
    print(said)
    command = f"python -m training.calibrate_formulas --count {chosen.count}"
    fitted = named(w, reliability.FEATURES, command, said)
    print(table(fitted))
    if chosen.write:
        print(write(chosen.model, fitted))


if __name__ == "__main__":
    main()
