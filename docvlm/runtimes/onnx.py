"""A chart model on ONNX Runtime: `ChartNetwork.read` without PyTorch, from the graphs that `docvlm export` wrote.

Generation is `docvlm.networks.schedule`'s. On a CPU, NumPy's arrays go into and come out of a graph without being
copied; the cache is one array for each layer's keys and one for its values, so that its first rows are contiguous.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import AnchorCodes
from docvlm.bundle import BundleError, load_bundle
from docvlm.charts.code import Token, chart_grammar
from docvlm.errors import ModelMissing
from docvlm.grammar import Automaton
from docvlm.networks.interface import ChartReading
from docvlm.networks.schedule import Plan, Written, plan, span_of, write_all
from docvlm.networks.shapes import MAX_ACTIONS, chart_config
from docvlm.runtimes.manifest import Manifest, read_manifest

Arrays = dict[str, NDArray[Any]]

_SLOTS = 16
_MEMORY = ("anchors", "cells", "pointers", "pointable")
_CODES = ("boxes", "text", "numbers", "kinds", "styles", "mask")


class Session:
    """One graph, ready to run. ``provider`` is ONNX Runtime's name of what computes.

    Raises ModelMissing where ONNX Runtime or the provider cannot be had, BundleError for a graph it does not take.
    """

    def __init__(
        self, path: Path, provider: str = "CPUExecutionProvider", threads: int | None = None
    ) -> None:
        os.environ.setdefault("ORT_LOGGING_LEVEL", "4")  # what matters is raised
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelMissing("ONNX Runtime is missing", "pip install onnxruntime") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or usable_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Every batch has its own shapes, so planned memory is never reused.
        options.enable_mem_pattern = False
        # Idle threads that spin would steal the cores of other processes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Weights that are stored as int8 become float32 once, not at every step.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=list(dict.fromkeys([provider, "CPUExecutionProvider"]))
            )
        except Exception as error:  # ONNX Runtime's own classes have no common base but this
            raise BundleError(f"ONNX Runtime cannot load {path}: {_first_line(error)}") from error
        if self._session.get_providers()[0] != provider:
            raise ModelMissing(
                f"ONNX Runtime cannot use {provider}", "see 'docvlm doctor', or use --device cpu"
            )
        self.provider = provider
        self.inputs = [value.name for value in self._session.get_inputs()]
        self.outputs = [value.name for value in self._session.get_outputs()]

    def run(self, inputs: Arrays) -> Arrays:
        """All outputs by name."""
        return dict(zip(self.outputs, self._session.run(self.outputs, inputs)))


class OnnxChart:
    """A bundle's chart model. Raises as `load_bundle`, `read_manifest` and `Session` do."""

    def __init__(
        self, model: str | Path, provider: str = "CPUExecutionProvider", threads: int | None = None
    ) -> None:
        bundle = load_bundle(model)
        self.config = chart_config(bundle)
        manifest = read_manifest(bundle.path)
        self._read = _session(bundle.path, manifest, "read", provider, threads)
        self._step = _session(bundle.path, manifest, "step", provider, threads)
        self._precision = manifest.precision

    @property
    def ran_on(self) -> str:
        import onnxruntime

        name = self._read.provider.removesuffix("ExecutionProvider")
        return f"ONNX Runtime {onnxruntime.__version__} on {name}, {self._precision} weights"

    def read(self, images: NDArray[np.float32], codes: Sequence[AnchorCodes]) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each."""
        if not len(images):
            return []
        config, automaton = self.config, chart_grammar(self.config.space)
        there = [each.mask for each in codes]
        plans = [
            plan(
                config.encoder.tokens + int(mask.sum()),
                MAX_ACTIONS,
                config.decoder.max_length,
                automaton,
                bool(mask.any()),
                config.space.cells > 0,
            )
            for mask in there
        ]
        slots = min(_SLOTS, len(images))
        rows = _OnnxRows(self._read, self._step, images, codes, plans, automaton, slots)
        written = write_all(rows, plans, Token.END, slots, guard=False)
        return [
            ChartReading(
                each,
                rows.anchors[number]["roles"][: there[number].sum()],
                rows.anchors[number]["places"][: there[number].sum()],
                rows.auxiliary[number],
            )
            for number, each in enumerate(written)
        ]


class _OnnxRows:
    """NumPy arrays by the names of the step graph's inputs, of which the first rows are in use."""

    def __init__(
        self,
        read: Session,
        step: Session,
        images: NDArray[np.float32],
        codes: Sequence[AnchorCodes],
        plans: Sequence[Plan],
        automaton: Automaton,
        slots: int,
    ) -> None:
        self.graphs = read, step
        self.images, self.codes, self.plans = images, codes, plans
        self.automaton, self.slots = automaton, slots
        self.capacity = max(each.length + each.limit for each in plans)
        self.caches = [name for name in step.inputs if name.startswith(("keys.", "values."))]
        self.rows: Arrays = {}
        self.left = np.zeros(slots, np.int32)
        self.rule_states = np.zeros(slots, np.int64)
        self.fresh: dict[int, int] = {}  # row -> number of a prompt whose first action is yet to be read back
        self.anchors: dict[int, Arrays] = {}  # roles and places of each prompt's anchors
        self.firsts: dict[int, NDArray[np.float32]] = {}
        self.auxiliary: dict[int, NDArray[np.float32]] = {}
        self.written: list[Written] = []

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        shown = [self.codes[number] for number in numbers]
        most = max(1, *(int(each.mask.sum()) for each in shown))
        codes = {name: np.stack([getattr(each, name)[:most] for each in shown]) for name in _CODES}
        images = np.ascontiguousarray(self.images[np.asarray(numbers)], np.float32)
        out = self.graphs[0].run({"images": images, **codes})
        out["positions"] = out["lengths"]
        last = first + len(numbers)
        for name in ("state", "positions", *_MEMORY):
            self._array(name, out[name].shape[1:], out[name].dtype)[first:last] = out[name]
        length = int(out["lengths"].max())
        for name in self.caches:
            kind, layer = name.split(".")
            part = out[kind][int(layer)][:, :, :length]
            self._cache(name, part, length)[first:last, :, :length] = part
        for row, number in enumerate(numbers, first):
            self.left[row], self.rule_states[row] = self.plans[number].limit, self.plans[number].start
            self.anchors[number] = {name: out[name][row - first] for name in ("roles", "places")}
            self.fresh[row] = number

    def _array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        if name not in self.rows:
            self.rows[name] = np.zeros((self.slots, *shape), dtype)
        return self.rows[name]

    def _cache(self, name: str, like: NDArray[Any], length: int) -> NDArray[Any]:
        """The cache ``name``, with room for ``length`` elements and one more. It grows when rows do, so that a step
        looks at no more than it must.
        """
        _, heads, _, width = like.shape
        cache = self._array(name, (heads, 0, width), like.dtype)
        span = span_of(length + 1, self.capacity)
        if cache.shape[2] < span:
            self.rows[name] = np.zeros((self.slots, heads, span, width), like.dtype)
            self.rows[name][:, :, : cache.shape[2]] = cache
        return self.rows[name]

    def step(self, count: int, longest: int) -> None:
        for name in self.caches:
            self._cache(name, self.rows[name], longest)
        automaton, rules = self.automaton, self.rule_states[:count]
        forbidden = (automaton.need[rules] > self.left[:count, None])[:, automaton.class_of]
        inputs = {name: array[:count] for name, array in self.rows.items()}
        out = self.graphs[1].run({**inputs, "forbidden": forbidden})
        actions, positions = out["action"], inputs["positions"]
        self.written.append((actions.tolist(), out["log_prob"].tolist(), out["offset"].tolist()))
        self.rule_states[:count] = automaton.next_state[rules, automaton.class_of[actions]]
        self.left[:count] -= 1
        for name in self.caches:
            kind, layer = name.split(".")
            self.rows[name][np.arange(count), :, positions] = out[f"new_{kind}"][int(layer)]
        self.rows["state"][:count] = out["next_state"]
        self.rows["positions"][:count] += 1
        for row, number in self.fresh.items():
            self.firsts[number] = out["next_state"][row]
            self.auxiliary[number] = out["auxiliary"][row]
        self.fresh.clear()

    def fetch(self) -> list[Written]:
        written, self.written = self.written, []
        return written

    def move(self, source: int, target: int) -> None:
        for array in (*self.rows.values(), self.left, self.rule_states):
            array[target] = array[source]

    def first_states(self) -> NDArray[np.float32]:
        return np.stack([self.firsts[number] for number in range(len(self.plans))])


def usable_threads() -> int:
    """As many as ``OMP_NUM_THREADS`` says, which docvlm's worker processes set, else one for each usable core."""
    stated = os.environ.get("OMP_NUM_THREADS", "")
    if stated.isdigit() and int(stated) > 0:
        return int(stated)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _session(folder: Path, manifest: Manifest, name: str, provider: str, threads: int | None) -> Session:
    if name not in manifest.graphs:
        raise BundleError(f"{folder} has no graph '{name}'", f"docvlm export {folder} --to onnx")
    return Session(folder / manifest.graphs[name].file, provider, threads)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
