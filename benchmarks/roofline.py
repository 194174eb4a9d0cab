"""How near each graph of a model comes to what the machine can do: the roofline of Williams, Waterman and Patterson.

    python -m benchmarks.roofline [--model chart-s|FOLDER|onechart]... [--batches 1,8] [--rounds 3] [--length 256]

Floating-point operations are those of matrix products, convolutions and attention in one run of PyTorch's network
(`torch.utils.flop_counter`), bytes are the weights, the inputs and the outputs once each, in the precision that is computed
in. The ceilings are the machine's own, measured here: a matrix product, and a copy of an array too large for any
cache. No graph can be faster than the larger of its two times, operations by the one ceiling and bytes by the other; the
last column says how near it comes. ``onechart`` stands for networks of OneChart's size with random weights
(`benchmarks.onechart_size`). Steps are given a cache of ``--length``.

Each way is warmed up; where a run takes seconds, larger batches are spared; devices are synchronized before each look at
the clock, and medians count. What could not be run is listed with what hinders it. Prints Markdown, and writes it to
`benchmarks/results/runtimes-graphs.md`.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import onechart_size
from benchmarks.documents import ROOT, cores, processor, table
from docvlm.bundle import find_bundle, load_bundle
from docvlm.decoding.graph import Graph
from docvlm.errors import DocvlmError
from docvlm.export.graph_files import OPSET, write_graph
from docvlm.export.graphs import GraphSource
from docvlm.export.onnx import model_of
from docvlm.export.sources import sources_of
from docvlm.runtimes import machine
from docvlm.runtimes.manifest import Manifest
from docvlm.runtimes.onnx import CPU, Session
from docvlm.runtimes.onnx_bound import BoundSession
from docvlm.threads import usable_threads

Row = list[str]
Run = Callable[[], object]
Sources = Callable[[torch.dtype], dict[str, GraphSource]]
_DTYPES: Final = {"fp32": torch.float32, "fp16": torch.float16}
_LONG: Final = 2.0  # seconds, after which larger batches are spared
_WAYS: Final = (
    ("PyTorch", "cpu", "fp32"),
    ("ONNX Runtime", "cpu", "fp32"),
    ("PyTorch", "cuda", "fp16"),
    ("ONNX Runtime", "cuda", "fp16"),
    ("TensorRT", "cuda", "fp16"),
)


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Operations and bytes a second."""

    operations: float
    bytes: float

    def seconds(self, cost: Cost) -> float:
        """The least time that the cost can take."""
        return max(cost.operations / self.operations, cost.bytes / self.bytes)


@dataclass(frozen=True, slots=True)
class Cost:
    operations: float
    bytes: float


def ceilings(device: str, dtype: torch.dtype, rounds: int = 5) -> Ceilings:
    """What the device does: a product of two square matrices, and a copy, which reads and writes."""
    side, size = (4096, 2**29) if device == "cuda" else (1536, 2**27)
    matrix = torch.rand(side, side, device=device).to(dtype)
    product = torch.empty_like(matrix)
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    with torch.inference_mode():
        multiplied = min(timed(lambda: torch.mm(matrix, matrix, out=product), device, rounds))
        copied = min(timed(lambda: target.copy_(source), device, rounds))
    return Ceilings(2 * side**3 / multiplied, 2 * size / copied)


def cost_of(source: GraphSource, rows: int, length: int) -> Cost:
    """What one run costs at least: see this file's own words. Counted with one row, of which all others are like."""
    inputs = inputs_of(source, 1, length)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        outputs = source.module(*inputs.values())
    weights, moved = (
        sum(each.numel() * each.element_size() for each in tensors)
        for tensors in (source.module.parameters(), [*inputs.values(), *outputs])
    )
    return Cost(counter.get_total_flops() * rows, weights + moved * rows)


def inputs_of(source: GraphSource, rows: int, length: int) -> dict[str, Tensor]:
    """The source's inputs repeated to a batch of ``rows``, and caches to ``length`` elements."""
    inputs = {}
    for name, tensor in source.inputs.items():
        for axis, size in source.dynamic.get(name, {}).items():
            wanted = {"batch": rows, "length": length}.get(size, tensor.shape[axis])
            places = torch.arange(wanted) % tensor.shape[axis]
            tensor = tensor.index_select(axis, places)
        inputs[name] = tensor
    return inputs


def timed(run: Run, device: str, rounds: int) -> list[float]:
    """Seconds of each run, after one that warms up."""
    run()
    seconds = []
    for _ in range(rounds):
        _wait(device)
        started = time.perf_counter()
        run()
        _wait(device)
        seconds.append(time.perf_counter() - started)
    return seconds


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def opened(source: GraphSource, way: str, device: str, folder: Path) -> Callable[[dict[str, Tensor]], Run]:
    """Gives what runs a graph with inputs that already lie where it computes. Raises DocvlmError where it cannot be had."""
    if way == "PyTorch":
        module = source.module.to(device)
        return lambda inputs: partial(_eager, module, [tensor.to(device) for tensor in inputs.values()])
    graph = _opened(source, way, device, folder)
    return lambda inputs: partial(
        graph.run, {name: graph.put(tensor.numpy()) for name, tensor in inputs.items()}
    )


def _opened(source: GraphSource, way: str, device: str, folder: Path) -> Graph:
    stated = write_graph("graph", model_of(source), folder)
    if way == "TensorRT":
        from docvlm.runtimes.engine import open_engine
        from docvlm.runtimes.tensorrt import Library

        manifest = Manifest("", "", OPSET, "", {"graph": (stated,)}, ranges={"graph": source.ranges})
        return open_engine(Library(), folder, manifest, "graph")
    if device == "cuda":
        return BoundSession(Session(folder / stated.file, "CUDAExecutionProvider"), "cuda")
    return Session(folder / stated.file, CPU)


def _eager(module: torch.nn.Module, inputs: Sequence[Tensor]) -> None:
    with torch.inference_mode():
        module(*inputs)


def hindrance(way: str, device: str) -> str | None:
    if device == "cuda" and not machine.gpus():
        return "there is no NVIDIA GPU"
    if device == "cuda" and not torch.cuda.is_available():
        return "this PyTorch finds no CUDA device"
    if way == "TensorRT" and machine.tensorrt_module() is None:
        return "TensorRT is not installed"
    return None


def rows_of(
    model: str, sources: Sources, given: argparse.Namespace, roof: dict[str, Ceilings]
) -> Iterator[Row]:
    """A row for each graph, way and batch size."""
    batches = [int(size) for size in given.batches.split(",")]
    for name, source in sources(torch.float32).items():
        eager: dict[tuple[str, int], float] = {}  # PyTorch's seconds by device and batch
        for way, device, precision in _WAYS:
            label = [f"{model}: {name}", f"{way}, {'CUDA' if device == 'cuda' else 'CPU'}, {precision}"]
            reason = hindrance(way, device)
            try:
                if reason is None:
                    computed = source if precision == "fp32" else sources(_DTYPES[precision])[name]
                    with TemporaryDirectory() as folder:
                        bound = opened(computed, way, device, Path(folder))
            except DocvlmError as error:
                reason = error.line()
            if reason is not None:
                yield [*label, "", f"not run: {reason}", *[""] * 6]
                continue
            for rows in batches:
                seconds = median(timed(bound(inputs_of(computed, rows, given.length)), device, given.rounds))
                eager.setdefault((device, rows), seconds)
                cost = cost_of(source, rows, given.length)
                if precision == "fp16":
                    cost = Cost(cost.operations, cost.bytes / 2)
                yield [*label, *cells(rows, seconds, eager[device, rows], cost, roof[device])]
                if seconds > _LONG:
                    break


def cells(rows: int, seconds: float, eager: float, cost: Cost, roof: Ceilings) -> Row:
    least = roof.seconds(cost)
    return [
        str(rows),
        f"{seconds * 1000:.2f}",
        f"{rows / seconds:.1f}",
        f"{eager / seconds:.2f}",
        f"{cost.operations / 1e9:.2f}",
        f"{cost.bytes / 1e6:.1f}",
        "operations" if cost.operations / roof.operations == least else "bytes",
        f"{100 * least / seconds:.0f}%",
    ]


_HEADER = (
    "graph", "way", "batch", "ms", "a second", "× PyTorch there", "GFLOP", "MB", "bound by", "of the roofline"
)  # fmt: skip


def report(given: argparse.Namespace) -> str:
    devices = [("cpu", torch.float32), *([("cuda", torch.float16)] if torch.cuda.is_available() else [])]
    roof = {device: ceilings(device, dtype) for device, dtype in devices}
    rows: list[Row] = []
    for model in given.model or ["chart-s", "reader-s", "finder-s", "onechart"]:
        rows += rows_of(model, _sources(model), given, roof)
    said = [
        f"{device}: {each.operations / 1e9:.0f} GFLOP/s in a product of matrices, {each.bytes / 1e9:.1f} GB/s in a copy"
        for device, each in roof.items()
    ]
    if "cuda" not in roof:
        said.append(
            "what a GPU is to show (TensorRT at least twice as fast as PyTorch in fp16 with the encoder of OneChart's "
            "size, and half of the ceiling in products) could not be measured"
        )
    return (
        f"# Graphs beside the machine's ceilings\n\n{table(_HEADER, rows)}\n\n"
        f"Ceilings, {'; '.join(said)}. Steps with a cache of {given.length}; median of {given.rounds} rounds. "
        f"{processor()}, {cores()} cores, {usable_threads()} threads; {platform.system()}, torch {torch.__version__}, "
        f"onnxruntime {machine.installed('onnxruntime') or machine.installed('onnxruntime-gpu')}.\n"
    )


def _sources(model: str) -> Sources:
    if model == "onechart":
        return onechart_size.sources
    folder = find_bundle(model)
    if folder is None:
        raise SystemExit(f"no bundle is called {model}")
    bundle = load_bundle(folder)
    return lambda dtype: sources_of(bundle, dtype)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", action="append", help="a bundle, or onechart; several may be given")
    parser.add_argument("--batches", default="1,8", help="comma-separated")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--length", type=int, default=256, help="of the cache that steps look at")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "runtimes-graphs.md")
    given = parser.parse_args()
    torch.set_num_threads(usable_threads())
    text = report(given)
    print(text)
    given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
