"""The chart model on every runtime that this machine has: the same charts, side by side in one run.

    python -m benchmarks.runtimes [--model chart-s|FOLDER]... [--charts 16] [--batches 1,4,8] [--rounds 5]

Only the model is measured, not OCR: charts are drawn, boxed and encoded before. Each contender is loaded and warmed up,
contenders take turns within a round, and medians count. Memory is the peak of a process of its own that loads the model
and reads one batch. Agreement is with PyTorch on the CPU in float32 of the first model named: the share of charts
whose actions are all the same, and the largest difference of a probability or a coordinate (in cells). Ways that could
not be taken are listed with what hinders them. Prints Markdown and writes it to `benchmarks/results/runtimes.md`.
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.documents import cores, processor, table
from docvlm.anchors import Anchor, AnchorCodes, encode_anchors
from docvlm.bundle import find_bundle
from docvlm.errors import DocvlmError
from docvlm.letterbox import letterbox
from docvlm.networks.interface import ChartReading
from docvlm.networks.shapes import ChartConfig
from docvlm.runtimes.choice import CHART, Way, ways
from docvlm.runtimes.interface import ChartRuntime
from training.charts.validation import render

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Contender:
    """One model by one way; ``hindrance`` says why it did not run."""

    folder: Path
    way: Way[ChartRuntime]
    hindrance: str | None = None
    model: ChartRuntime | None = None
    load_seconds: float = 0.0
    seconds: dict[int, list[float]] = field(default_factory=dict)  # of each round, by batch size
    readings: list[ChartReading] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.folder.name}: {self.way.name}"

    def load(self) -> None:
        self.hindrance = self.way.hindrance
        if self.hindrance is None:
            started = time.perf_counter()
            try:
                self.model = self.way.load(self.folder)
            except DocvlmError as error:
                self.hindrance = error.line()
            self.load_seconds = time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Charts:
    """What models are given: images (B, 3, size, size) and the anchors of each."""

    images: NDArray[np.float32]
    codes: list[AnchorCodes]

    def part(self, start: int, count: int) -> tuple[NDArray[np.float32], list[AnchorCodes]]:
        return self.images[start : start + count], self.codes[start : start + count]


def drawn(config: ChartConfig, count: int) -> Charts:
    """The painter's charts, which every machine can draw, with the texts that they were drawn with."""
    images, codes = [], []
    for seed in range(count):
        sample = render("painter", seed)
        image, scale = letterbox(sample.image, config.encoder.size)
        spans = sample.spans[: config.anchors]
        boxes = [tuple(value * scale for value in span.box) for span in spans]
        anchors = [Anchor(span.text, box) for span, box in zip(spans, boxes)]  # type: ignore[arg-type]
        images.append(image.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
        codes.append(encode_anchors(anchors, config.anchor_config))
    return Charts(np.stack(images), codes)


def run_round(contender: Contender, charts: Charts, batch: int) -> None:
    assert contender.model is not None
    started = time.perf_counter()
    readings: list[ChartReading] = []
    for start in range(0, len(charts.images), batch):
        readings += contender.model.read(*charts.part(start, batch))
    contender.seconds.setdefault(batch, []).append((time.perf_counter() - started) / len(charts.images))
    contender.readings = readings


def peak_memory(contender: Contender, count: int) -> float:
    """MB that a process of its own needs to load the model and read a batch of ``count`` charts."""
    command = [sys.executable, "-m", "benchmarks.runtimes", "--charts", str(count), "--alone"]
    done = subprocess.run(
        [*command, contender.way.name, "--model", str(contender.folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return float(done.stdout.split()[-1])


def alone(folder: Path, name: str, count: int) -> float:
    (way,) = (way for way in ways(CHART, folder) if way.name == name)
    model = way.load(folder)
    charts = drawn(model.config, count)
    model.read(charts.images, charts.codes)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def agreement(readings: Sequence[ChartReading], wanted: Sequence[ChartReading]) -> tuple[float, float]:
    """The share of charts with the same actions, and the largest difference in these."""
    same, largest = 0, 0.0
    for ours, theirs in zip(readings, wanted, strict=True):
        if ours.generated.actions == theirs.generated.actions:
            same += 1
            differences = (
                np.exp(ours.generated.log_probs) - np.exp(theirs.generated.log_probs),
                ours.generated.offsets - theirs.generated.offsets,
                ours.roles - theirs.roles,
                ours.values - theirs.values,
            )
            largest = max(largest, *(float(np.abs(each).max(initial=0.0)) for each in differences))
    return same / max(len(wanted), 1), largest


def rows_of(contenders: Sequence[Contender], batches: Sequence[int], count: int) -> list[list[str]]:
    reference = next(
        (each for each in contenders if each.model and each.way.name == "PyTorch on the CPU"), None
    )
    rows = []
    for each in contenders:
        if each.model is None:
            rows.append([each.label, f"not run: {each.hindrance}", *[""] * (len(batches) + 3)])
            continue
        speeds = [f"{1 / median(each.seconds[batch]):.2f}" for batch in batches]
        agreed = ["", ""]
        if reference is not None:
            same, largest = agreement(each.readings, reference.readings)
            agreed = [f"{100 * same:.0f}%", f"{largest:.1g}"]
        memory = f"{peak_memory(each, min(batches[-1], count)):.0f}"
        rows.append([each.label, f"{each.load_seconds:.2f}", *speeds, memory, *agreed])
    return rows


def report(given: argparse.Namespace) -> str:
    batches = [int(size) for size in given.batches.split(",")]
    contenders = [
        Contender(folder, way)
        for folder in map(_folder, given.model or ["chart-s"])
        for way in ways(CHART, folder)
    ]
    for each in contenders:
        each.load()
    running = [each for each in contenders if each.model is not None]
    if not running or running[0].model is None:
        raise SystemExit("nothing here runs these models")
    charts = drawn(running[0].model.config, given.charts)
    for each in running:
        run_round(each, charts, batches[-1])  # warms up
        each.seconds.clear()
    for _ in range(given.rounds):
        for batch in batches:
            for each in running:
                run_round(each, charts, batch)
    header = ["model and runtime", "load, s", *(f"charts/s, batch {batch}" for batch in batches)]
    header += ["peak MB", "same actions", "largest difference"]
    machine = f"{processor()}, {cores()} cores; {platform.system()}, Python {platform.python_version()}"
    ran = "; ".join(dict.fromkeys(each.model.ran_on for each in running if each.model))
    return (
        f"# Runtimes\n\n{table(header, rows_of(contenders, batches, given.charts))}\n\n"
        f"{given.charts} charts, median of {given.rounds} rounds. {machine}. {ran}.\n"
    )


def _folder(model: str) -> Path:
    folder = find_bundle(model)
    if folder is None:
        raise SystemExit(f"no bundle is called {model}")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", action="append", help="a bundle; may be given several times")
    parser.add_argument("--charts", type=int, default=16)
    parser.add_argument("--batches", default="1,4,8", help="comma-separated, ascending")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(alone(_folder(given.model[0]), given.alone, given.charts))
        return
    text = report(given)
    print(text)
    (ROOT / "benchmarks" / "results" / "runtimes.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
