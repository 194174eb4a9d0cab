"""A bundle's graphs, opened for what computes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from numpy.typing import NDArray

from docvlm.bundle import BundleError
from docvlm.errors import ModelMissing
from docvlm.runtimes import machine
from docvlm.runtimes.manifest import ENGINES, read_manifest

CPU: Final = "CPUExecutionProvider"
TENSORRT: Final = "TensorRT"
"""Stands beside the names of ONNX Runtime's providers, for engines that TensorRT itself runs."""

Array = Any
"""NumPy's where a graph computes on the processor for NumPy, PyTorch's where its arrays stay on a device."""
Arrays = dict[str, Array]


class Graph(Protocol):
    """One graph, ready to run, and the arrays that it takes and gives. ``inputs`` are their names.

    What was written is worth looking at every ``poll`` steps: on a device that means waiting for it.
    """

    inputs: list[str]
    poll: int

    def run(self, inputs: Arrays) -> Arrays:
        """All outputs by name. Inputs that the graph does not have are ignored."""
        ...

    def put(self, array: NDArray[Any]) -> Array:
        """The array where the graph computes."""
        ...

    def get(self, array: Array) -> NDArray[Any]:
        """The array as NumPy's; numbers in half precision become float32. Waits for the device."""
        ...

    def zeros(self, shape: tuple[int, ...], like: Array) -> Array:
        """Zeros where ``like`` is, and of its dtype."""
        ...


def open_graphs(
    folder: Path, names: Sequence[str], provider: str = CPU, threads: int | None = None
) -> tuple[list[Graph], str]:
    """The graphs with these names of the bundle in ``folder``, and what computes them, in words.

    ``provider`` is ONNX Runtime's name of what computes, or TENSORRT. With a GPU, arrays stay on it between two graphs
    if there is a PyTorch that finds it to hold them. Raises as `read_manifest` and `onnx.open_graph` do; with TENSORRT
    ModelMissing, whatever is wrong with the engines: the model can still be run without them.
    """
    if provider == TENSORRT:
        from docvlm.runtimes.tensorrt import Library, open_engine

        library = Library()
        try:
            manifest = read_manifest(folder, ENGINES)
        except BundleError as error:
            raise ModelMissing(str(error), error.remedy) from error
        engines: list[Graph] = [open_engine(library, folder / ENGINES, manifest, name) for name in names]
        return engines, f"{library.name} {library.version} on CUDA, {manifest.precision}"
    from docvlm.runtimes.onnx import open_graph, ran_on

    manifest = read_manifest(folder)
    sessions = [open_graph(folder, manifest, name, provider, threads) for name in names]
    words = ran_on(sessions[-1], manifest)
    if provider == CPU or not machine.has_torch() or not _torch_finds_a_gpu():
        return list(sessions), words
    from docvlm.runtimes.onnx_bound import BoundSession

    return [BoundSession(session, "cuda") for session in sessions], words


def _torch_finds_a_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())
