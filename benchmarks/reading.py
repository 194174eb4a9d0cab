"""How right formulas and lines are read, on rendered samples that training has not seen.

    python -m training.text.build --out VALIDATION --count 4000 --seed 9 --held-out       # fonts and shapes left out
    python -m training.text.build --out VALIDATION --count 2000 --seed 9 --held-out --lines
    python -m benchmarks.reading VALIDATION --model FOLDER [--limit N] [--rendered 400] [--worst 20]
    python -m benchmarks.reading PICTURES --model FOLDER --finder FOLDER [--history scan]  # shards built with --dpi

What is read are the glyphs of the page, or those that a finder sees in its picture, clean or after one of the histories
of `training.text.scans`.
Prints Markdown tables. Similarity is one minus the edit distance of canonical LaTeX over the longer length; exact means
the same canonical LaTeX; rendered means that TeX sets both alike, to a pixel at 150 dpi (needs TeX). What is read is
compared as the model wrote it where it is no formula at all.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from docvlm.formulas.codes import encode_glyphs
from docvlm.formulas.finder import FinderRuntime, find_glyphs
from docvlm.formulas.interface import ReaderRuntime
from docvlm.formulas.reading import write_formulas
from docvlm.latex import LatexError, normalize
from docvlm.runtimes import load_finder, load_reader
from training.finder_examples import view_of
from training.reader_examples import shards_of
from training.text import tex
from training.text.alike import rendered_alike
from training.text.scans import HISTORIES
from training.text.shards import Sample, read_shard


@dataclass(frozen=True, slots=True)
class Outcome:
    """One crop read: what is true and what was written, and the model's own probability of it."""

    sample: Sample
    written: str
    probability: float
    finished: bool

    @property
    def similarity(self) -> float:
        return float(Levenshtein.normalized_similarity(self.sample.text, self.written))

    @property
    def exact(self) -> bool:
        return self.sample.text == self.written


def measure(reader: ReaderRuntime, samples: Sequence[Sample]) -> tuple[list[Outcome], float]:
    """What the reader makes of samples, in their order, and how many a second it read."""
    started = time.perf_counter()
    if all(sample.kind == "formula" for sample in samples):
        readings = write_formulas(reader, [sample.glyphs for sample in samples])
    else:
        readings = reader.read(
            [encode_glyphs(sample.glyphs) for sample in samples], [sample.kind for sample in samples]
        )
    seconds = time.perf_counter() - started
    outcomes = [
        Outcome(
            sample,
            canonical(reading.text) if sample.kind == "formula" else reading.text,
            float(np.exp(sum(reading.log_probs))),
            reading.finished,
        )
        for sample, reading in zip(samples, readings, strict=True)
    ]
    return outcomes, len(samples) / seconds


def seen(network: FinderRuntime, samples: Sequence[Sample], history: str) -> list[Sample]:
    """The samples with what the finder sees in their pictures instead of their glyphs; those without any are left out."""
    found = []
    for number, sample in enumerate(samples):
        rng = random.Random(f"{number} {history}")
        view = view_of(sample, {}, rng, turned=0.0 if history == "clean" else 0.25)
        if view is not None:
            grey = view.grey if history == "clean" else HISTORIES[history](view.grey, view.em, rng)
            found.append(replace(sample, glyphs=find_glyphs(network, grey).glyphs))
    return found


def canonical(latex: str) -> str:
    try:
        return normalize(latex)
    except LatexError:
        return latex


# --- report ---------------------------------------------------------------------------------------


def report(outcomes: Sequence[Outcome], rendered: int) -> Iterator[str]:
    """Rows of Markdown tables. ``rendered`` formulas at most are set by TeX."""
    formulas = [each for each in outcomes if each.sample.kind == "formula"]
    if formulas:
        checked: list[bool] = []
        if rendered and tex.available():
            checked = rendered_alike([(each.sample.text, each.written) for each in formulas[:rendered]])
        yield "| formulas | crops | similarity | exact | rendered alike | ended |"
        yield "|---|---:|---:|---:|---:|---:|"
        shown = f"{statistics.mean(checked):.1%} of {len(checked)}" if checked else ""
        yield _row("all", formulas, shown)
        for font in sorted({each.sample.font for each in formulas}):
            yield _row(font, [each for each in formulas if each.sample.font == font], "")
        for low, high in ((0, 15), (15, 40), (40, 10**6)):
            part = [each for each in formulas if low < len(each.sample.glyphs) <= high]
            if part:
                yield _row(f"more than {low} glyphs" if low else f"at most {high} glyphs", part, "")
        yield ""
    lines = [each for each in outcomes if each.sample.kind == "line"]
    if lines:
        yield "| lines | crops | character error rate | exact |"
        yield "|---|---:|---:|---:|"
        for font in ["all", *sorted({each.sample.font for each in lines})]:
            part = [each for each in lines if font in ("all", each.sample.font)]
            errors = sum(Levenshtein.distance(each.sample.text, each.written) for each in part)
            length = sum(len(each.sample.text) for each in part)
            exact = statistics.mean(each.exact for each in part)
            yield f"| {font} | {len(part)} | {errors / length:.2%} | {exact:.1%} |"
        yield ""


def _row(name: str, outcomes: Sequence[Outcome], rendered: str) -> str:
    similarity = statistics.mean(each.similarity for each in outcomes)
    exact = statistics.mean(each.exact for each in outcomes)
    ended = statistics.mean(each.finished for each in outcomes)
    return f"| {name} | {len(outcomes)} | {similarity:.3f} | {exact:.1%} | {rendered} | {ended:.1%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of shards")
    parser.add_argument("--model", default="reader-s", help="a bundle's folder or name")
    parser.add_argument("--finder", help="a glyph finder's bundle: read pictures instead of trusted glyphs")
    parser.add_argument("--history", choices=["clean", *HISTORIES], default="clean", help="of the pictures")
    parser.add_argument("--limit", type=int, default=1000, help="crops of each shard")
    parser.add_argument("--rendered", type=int, default=400, help="formulas to set with TeX; 0 for none")
    parser.add_argument("--lines", action="store_const", const="lines", help="also shards of lines of text")
    parser.add_argument("--runtime", default="auto", help="auto, torch or onnx")
    parser.add_argument("--worst", type=int, default=0, help="how many wrong formulas to print")
    given = parser.parse_args()
    samples = [
        sample
        for path in shards_of(given.data)
        if path.name.startswith(("formulas", given.lines or "formulas"))
        for sample in itertools.islice(read_shard(path), given.limit)
    ]
    if given.finder:
        samples = seen(load_finder(given.finder, given.runtime), samples, given.history)
    reader = load_reader(given.model, given.runtime)
    outcomes, speed = measure(reader, samples)
    for line in report(outcomes, given.rendered):
        print(line)
    print(f"{speed:.0f} crops a second; {reader.ran_on}, {platform.processor() or platform.machine()}")
    wrong = sorted((each for each in outcomes if not each.exact), key=lambda each: -each.similarity)
    for each in wrong[:: max(1, len(wrong) // given.worst)] if given.worst else []:
        print(f"\n{each.sample.font} {each.similarity:.2f}\n  {each.sample.text}\n  {each.written}")


if __name__ == "__main__":
    main()
