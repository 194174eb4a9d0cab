"""A model's graphs, opened for what computes them: ONNX Runtime, TensorRT or PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from docvlm.bundle import Bundle, BundleError
from docvlm.decoding.graph import Graphs
from docvlm.errors import ModelMissing
from docvlm.runtimes import machine
from docvlm.runtimes.manifest import ENGINES, read_manifest


@dataclass(frozen=True, slots=True)
class Backend:
    """What computes: an engine, and where. ``provider`` is ONNX Runtime's name of that."""

    engine: Literal["onnxruntime", "tensorrt", "torch"]
    device: Literal["cpu", "cuda"]
    provider: str = ""


ONNX_CPU: Final = Backend("onnxruntime", "cpu", "CPUExecutionProvider")


def open_graphs(
    bundle: Bundle, names: Sequence[str], backend: Backend = ONNX_CPU, threads: int | None = None
) -> Graphs:
    """The graphs of a bundle with these names. ``threads`` are ONNX Runtime's on a processor.

    With a GPU, arrays stay on it between two graphs if there is a PyTorch that finds it to hold them. Raises ModelMissing
    where the library or the device cannot be had, BundleError where graphs are damaged. With TensorRT it is ModelMissing
    whatever is wrong with the engines: the model can still be run without them.
    """
    if backend.engine == "torch":
        return _by_torch(bundle, backend)
    if backend.engine == "tensorrt":
        return _by_tensorrt(bundle, names)
    return _by_onnx(bundle, names, backend, threads)


def _by_torch(bundle: Bundle, backend: Backend) -> Graphs:
    try:
        from docvlm.runtimes.torch import open_eagerly
    except ImportError as error:
        raise ModelMissing(f"PyTorch cannot be loaded: {error}", "pip install 'docvlm[torch]'") from error
    return open_eagerly(bundle, backend.device)


def _by_tensorrt(bundle: Bundle, names: Sequence[str]) -> Graphs:
    from docvlm.runtimes.engine import open_engine
    from docvlm.runtimes.tensorrt import Library

    library = Library()
    try:
        manifest = read_manifest(bundle.path, ENGINES)
    except BundleError as error:
        raise ModelMissing(str(error), error.remedy) from error
    engines = {name: open_engine(library, bundle.path / ENGINES, manifest, name) for name in names}
    return Graphs(engines, f"{library.name} {library.version} on CUDA, {manifest.precision}")


def _by_onnx(bundle: Bundle, names: Sequence[str], backend: Backend, threads: int | None) -> Graphs:
    from docvlm.runtimes.onnx import Session, version

    manifest = read_manifest(bundle.path)
    sessions: dict[str, Session] = {}
    products = ""
    for name in names:
        form = manifest.form(name, backend.device, machine.multiplies_int8())
        if form is None:
            again = f"docvlm export {bundle.path} --to onnx"
            raise BundleError(f"{bundle.path} has no graph '{name}' for {backend.device}", again)
        sessions[name] = Session(bundle.path / form.file, backend.provider, threads)
        products = " and products" if form.products == "int8" else products
    where = backend.provider.removesuffix("ExecutionProvider")
    words = f"ONNX Runtime {version()} on {where}, {manifest.precision} weights{products}"
    if backend.device == "cpu" or not machine.has_torch() or not _torch_finds_a_gpu():
        return Graphs(sessions, words)
    from docvlm.runtimes.onnx_bound import BoundSession

    return Graphs({name: BoundSession(session, "cuda") for name, session in sessions.items()}, words)


def _torch_finds_a_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())
