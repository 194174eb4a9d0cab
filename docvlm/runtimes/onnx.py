"""ONNX graphs on ONNX Runtime: with NumPy's arrays, or bound to memory on a device."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import BundleError
from docvlm.decoding.graph import Arrays
from docvlm.errors import ModelMissing
from docvlm.threads import usable_threads

CPU: Final = "CPUExecutionProvider"


class Session:
    """One graph (`docvlm.decoding.graph.Graph`) with NumPy's arrays. ``provider`` is ONNX Runtime's name of what
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


def version() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
