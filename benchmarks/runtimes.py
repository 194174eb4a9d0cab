"""A chart model or a reading model on every runtime that this machine has: the same inputs, side by side in one run.

    python -m benchmarks.runtimes [--model chart-s|FOLDER]... [--count 16] [--batches 1,4,8] [--rounds 5]
    python -m benchmarks.runtimes --model reader-s [--model FOLDER]... --data SHARDS --count 256 --batches 1,16,256
    python -m benchmarks.runtimes --pages samples/paper.pdf [--pages samples/charts.pdf]... [--rounds 3] [--float32]

With ``--pages`` whole documents are converted, with all bundled models on the same runtime. With ``--float32`` ONNX Runtime
takes float32 graphs also where it could multiply int8, to be compared with PyTorch token by token. Without ``--pages`` only
the model is measured, not OCR nor PDFs: charts are drawn, boxed and encoded before; crops of formulas come from shards
(`python -m training.text.build`). Each contender is loaded and warmed up, contenders take turns within a round, and
medians count. Memory is the peak of a process of its own that loads the model and reads one batch. Agreement is with
PyTorch on the CPU in float32 of the first model named: the share of inputs of which the same is said, token by
token, and the largest difference of a probability (for charts also of a coordinate, in cells). Ways that could not be
taken are listed with what hinders them. Prints Markdown, and writes it to `benchmarks/results/runtimes-KIND.md`.
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.documents import cores, processor, table
from docvlm.anchors import Anchor, AnchorCodes, encode_anchors
from docvlm.bundle import find_bundle, load_bundle
from docvlm.charts.interface import ChartConfig, ChartReading, chart_config
from docvlm.charts.letterbox import letterbox
from docvlm.decoding.interface import Reading
from docvlm.errors import DocvlmError
from docvlm.formulas.codes import GlyphCodes, encode_glyphs
from docvlm.formulas.glyphs import Kind
from docvlm.pipeline import convert
from docvlm.runtimes import machine
from docvlm.runtimes.chart import ChartGraphs
from docvlm.runtimes.choice import Way, ways
from docvlm.runtimes.reader import ReaderGraphs
from training.charts.validation import render
from training.text.shards import read_shard

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Contender:
    """One model by one way; ``hindrance`` says why it did not run."""

    folder: Path
    way: Way
    hindrance: str | None = None
    model: Any = None
    load_seconds: float = 0.0
    seconds: dict[int, list[float]] = field(default_factory=dict)  # of each round, by batch size
    readings: list[Any] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.folder.name}: {self.way.name}"

    def load(self) -> None:
        self.hindrance = self.way.hindrance
        if self.hindrance is None:
            started = time.perf_counter()
            try:
                self.model = _open(self.folder, self.way)
            except DocvlmError as error:
                self.hindrance = error.line()
            self.load_seconds = time.perf_counter() - started


class Inputs(Protocol):
    """What models of a kind are given."""

    def read(self, model: Any, start: int, count: int) -> list[Any]:
        """What the model says of ``count`` inputs."""
        ...

    def agreement(self, ours: Any, theirs: Any) -> float | None:
        """The largest difference between two readings; ``None`` where another thing is said."""
        ...


@dataclass(frozen=True, slots=True)
class Charts:
    """Images (B, 3, size, size) and the anchors of each: the painter's, which every machine can draw."""

    images: NDArray[np.float32]
    codes: list[AnchorCodes]

    @classmethod
    def drawn(cls, config: ChartConfig, count: int) -> Charts:
        images, codes = [], []
        for seed in range(count):
            sample = render("painter", seed)
            image, scale = letterbox(sample.image, config.encoder.size)
            spans = sample.spans[: config.anchors]
            boxes = [tuple(value * scale for value in span.box) for span in spans]
            anchors = [Anchor(span.text, box) for span, box in zip(spans, boxes)]  # type: ignore[arg-type]
            images.append(image.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
            codes.append(encode_anchors(anchors, config.anchor_config))
        return cls(np.stack(images), codes)

    def read(self, model: Any, start: int, count: int) -> list[ChartReading]:
        read: list[ChartReading] = model.read(
            self.images[start : start + count], self.codes[start : start + count]
        )
        return read

    def agreement(self, ours: ChartReading, theirs: ChartReading) -> float | None:
        if ours.generated.actions != theirs.generated.actions:
            return None
        differences = (
            np.exp(ours.generated.log_probs) - np.exp(theirs.generated.log_probs),
            ours.generated.offsets - theirs.generated.offsets,
            ours.roles - theirs.roles,
            ours.values - theirs.values,
        )
        return max(float(np.abs(each).max(initial=0.0)) for each in differences)


@dataclass(frozen=True, slots=True)
class Crops:
    """Formulas of shards, evenly from all that there are."""

    codes: list[GlyphCodes]
    kinds: list[Kind]

    @classmethod
    def of(cls, data: Path, count: int) -> Crops:
        shards = sorted(data.glob("*.npz"))
        samples = [each for path in shards for each in read_shard(path) if each.kind == "formula"]
        if not samples:
            raise SystemExit(f"no formulas in {data}: python -m training.text.build --out {data} makes some")
        chosen = samples[:: max(1, len(samples) // count)][:count]
        return cls([encode_glyphs(each.glyphs) for each in chosen], [each.kind for each in chosen])

    def read(self, model: Any, start: int, count: int) -> list[Reading]:
        read: list[Reading] = model.read(self.codes[start : start + count], self.kinds[start : start + count])
        return read

    def agreement(self, ours: Reading, theirs: Reading) -> float | None:
        if (ours.text, len(ours.log_probs)) != (theirs.text, len(theirs.log_probs)):
            return None
        return float(np.abs(np.exp(ours.log_probs) - np.exp(theirs.log_probs)).max(initial=0.0))


def run_round(contender: Contender, inputs: Inputs, count: int, batch: int) -> None:
    started = time.perf_counter()
    readings: list[Any] = []
    for start in range(0, count, batch):
        readings += inputs.read(contender.model, start, min(batch, count - start))
    contender.seconds.setdefault(batch, []).append((time.perf_counter() - started) / count)
    contender.readings = readings


def peak_memory(contender: Contender, count: int, data: Path | None) -> float:
    """MB that a process of its own needs to load the model and read a batch of ``count`` inputs."""
    command = [sys.executable, "-m", "benchmarks.runtimes", "--count", str(count), "--alone"]
    command += [contender.way.name, "--model", str(contender.folder)]
    command += [] if data is None else ["--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    return float(done.stdout.split()[-1])


def alone(folder: Path, name: str, count: int, data: Path | None) -> float:
    (way,) = (way for way in ways(folder) if way.name == name)
    _inputs(folder, count, data).read(_open(folder, way), 0, count)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def agreement(inputs: Inputs, readings: Sequence[Any], wanted: Sequence[Any]) -> tuple[float, float]:
    """The share of inputs of which the same is said, and the largest difference in these."""
    differences = [inputs.agreement(*pair) for pair in zip(readings, wanted, strict=True)]
    same = [each for each in differences if each is not None]
    return len(same) / max(len(wanted), 1), max(same, default=0.0)


def rows_of(
    contenders: Sequence[Contender],
    batches: Sequence[int],
    inputs: Inputs,
    memory: Callable[[Contender], float],
) -> list[list[str]]:
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
            same, largest = agreement(inputs, each.readings, reference.readings)
            agreed = [f"{100 * same:.0f}%", f"{largest:.1g}"]
        rows.append([each.label, f"{each.load_seconds:.2f}", *speeds, f"{memory(each):.0f}", *agreed])
    return rows


def report(given: argparse.Namespace, folders: Sequence[Path]) -> str:
    batches = [int(size) for size in given.batches.split(",")]
    contenders = [Contender(folder, way) for folder in folders for way in ways(folder)]
    for each in contenders:
        each.load()
    running = [each for each in contenders if each.model is not None]
    if not running:
        raise SystemExit("nothing here runs these models")
    inputs = _inputs(folders[0], given.count, given.data)
    for each in running:
        run_round(each, inputs, given.count, batches[-1])  # warms up
        each.seconds.clear()
    for _ in range(given.rounds):
        for batch in batches:
            for each in running:
                run_round(each, inputs, given.count, batch)
    header = ["model and runtime", "load, s", *(f"a second, batch {batch}" for batch in batches)]
    header += ["peak MB", "same actions", "largest difference"]

    def memory(contender: Contender) -> float:
        return peak_memory(contender, min(batches[-1], given.count), given.data)

    ran = "; ".join(dict.fromkeys(each.model.ran_on for each in running))
    return (
        f"# Runtimes\n\n{table(header, rows_of(contenders, batches, inputs, memory))}\n\n"
        f"{given.count} inputs, median of {given.rounds} rounds. {_machine()}. {ran}.\n"
    )


def pages_report(files: Sequence[Path], rounds: int) -> str:
    """Whole documents on each runtime, whose models are loaded by a first conversion that does not count."""
    wanted: list[str] | None = None
    rows = []
    for way in ways(_folder("reader-s")):
        label = way.name
        if way.hindrance is not None:
            rows.append([label, f"not run: {way.hindrance}", ""])
            continue
        seconds: list[float] = []
        for _ in range(rounds + 1):
            started = time.perf_counter()
            documents = [convert(path, runtime=way.runtime, device=way.device) for path in files]
            seconds.append(time.perf_counter() - started)
        texts = [block.text for document in documents for block in document.blocks()]
        wanted = texts if wanted is None else wanted
        pages = sum(len(document.pages) for document in documents)
        same = sum(ours == theirs for ours, theirs in zip(texts, wanted)) / max(len(texts), len(wanted), 1)
        rows.append([label, f"{pages / median(seconds[1:]):.2f}", f"{100 * same:.1f}%"])
    return (
        f"# Pages on each runtime\n\n{table(['runtime', 'pages a second', 'blocks like the first'], rows)}\n\n"
        f"{', '.join(path.name for path in files)}; median of {rounds} rounds in one process. {_machine()}.\n"
    )


def _machine() -> str:
    return f"{processor()}, {cores()} cores; {platform.system()}, Python {platform.python_version()}"


def _kind(folder: Path) -> str:
    return load_bundle(folder).kind


def _open(folder: Path, way: Way) -> Any:
    opened = ChartGraphs.open if _kind(folder) == "chart" else ReaderGraphs.open
    return opened(folder, way.backend)


def _inputs(folder: Path, count: int, data: Path | None) -> Inputs:
    if _kind(folder) == "chart":
        return Charts.drawn(chart_config(load_bundle(folder)), count)
    if data is None:
        raise SystemExit("reading models are measured with shards: give their folder as --data")
    return Crops.of(data, count)


def _folder(model: str) -> Path:
    folder = find_bundle(model)
    if folder is None:
        raise SystemExit(f"no bundle is called {model}")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", action="append", help="a bundle; several of one kind may be given")
    parser.add_argument("--data", type=Path, help="folder of shards, for reading models")
    parser.add_argument("--pages", type=Path, action="append", help="a document to convert whole")
    parser.add_argument("--count", type=int, default=16, help="charts, or crops")
    parser.add_argument("--batches", default="1,4,8", help="comma-separated, ascending")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--float32", action="store_true", help="no products in whole numbers")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.float32:
        machine.multiplies_int8 = lambda: False  # type: ignore[assignment]
    if given.pages:
        text = pages_report(given.pages, given.rounds)
        print(text)
        (ROOT / "benchmarks" / "results" / "runtimes-pages.md").write_text(text, encoding="utf-8")
        return
    folders = [_folder(model) for model in given.model or ["chart-s"]]
    if given.alone:
        print(alone(folders[0], given.alone, given.count, given.data))
        return
    text = report(given, folders)
    print(text)
    (ROOT / "benchmarks" / "results" / f"runtimes-{_kind(folders[0])}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
