"""ONNX graphs on ONNX Runtime: with NumPy's arrays, or bound to memory on a device."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import BundleError
from docvlm.errors import ModelMissing
from docvlm.runtimes import machine
from docvlm.runtimes.graphs import CPU, Arrays
from docvlm.runtimes.manifest import INTEGER, Manifest


class Session:
    """One graph (`docvlm.runtimes.graphs.Graph`) with NumPy's arrays. ``provider`` is ONNX Runtime's name of what
    computes.

    Raises ModelMissing where ONNX Runtime or the provider cannot be had, BundleError for a graph it does not take.
    """

    poll = 1

    def __init__(self, path: Path, provider: str = CPU, threads: int | None = None) -> None:
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
            self.inference = onnxruntime.InferenceSession(
                str(path),
                options,
                providers=list(dict.fromkeys([provider, CPU])),
                # A product of one row that is scaled on the way misses the kernel for one row: twice as slow.
                disabled_optimizers=["MatMulScaleFusion"],
            )
        except Exception as error:  # ONNX Runtime's own classes have no common base but this
            raise BundleError(f"ONNX Runtime cannot load {path}: {_first_line(error)}") from error
        if self.inference.get_providers()[0] != provider:
            raise ModelMissing(
                f"ONNX Runtime cannot use {provider}", "see 'docvlm doctor', or use --device cpu"
            )
        self.path, self.provider = path, provider
        self.inputs = [value.name for value in self.inference.get_inputs()]
        self.outputs = [value.name for value in self.inference.get_outputs()]

    def run(self, inputs: Arrays) -> Arrays:
        given = {name: inputs[name] for name in self.inputs}
        return dict(zip(self.outputs, self.inference.run(self.outputs, given)))

    def put(self, array: NDArray[Any]) -> NDArray[Any]:
        return array

    def get(self, array: NDArray[Any]) -> NDArray[Any]:
        return array

    def zeros(self, shape: tuple[int, ...], like: NDArray[Any]) -> NDArray[Any]:
        return np.zeros(shape, like.dtype)


def open_graph(
    folder: Path, manifest: Manifest, name: str, provider: str, threads: int | None = None
) -> Session:
    """A graph of the bundle in ``folder``; on a CPU that can, the form that multiplies in whole numbers, if it has one.

    Raises as `Session` does, and BundleError where there is no graph so called.
    """
    integer = f"{name}{INTEGER}"
    if provider == CPU and integer in manifest.graphs and machine.multiplies_int8():
        name = integer
    if name not in manifest.graphs:
        raise BundleError(f"{folder} has no graph '{name}'", f"docvlm export {folder} --to onnx")
    return Session(folder / manifest.graphs[name].file, provider, threads)


def ran_on(session: Session, manifest: Manifest) -> str:
    """What computes, in words."""
    import onnxruntime

    name = session.provider.removesuffix("ExecutionProvider")
    products = " and products" if session.path.stem.endswith(INTEGER) else ""
    return f"ONNX Runtime {onnxruntime.__version__} on {name}, {manifest.precision} weights{products}"


def usable_threads() -> int:
    """As many as ``OMP_NUM_THREADS`` says, which docvlm's worker processes set, else one for each usable core."""
    stated = os.environ.get("OMP_NUM_THREADS", "")
    if stated.isdigit() and int(stated) > 0:
        return int(stated)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
