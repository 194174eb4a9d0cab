"""Which runtime runs a model on this machine, and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, get_args

from docvlm.bundle import bundle_names, find_bundle
from docvlm.errors import DocvlmError, ModelMissing, UsageError
from docvlm.formulas.finder import FinderRuntime
from docvlm.options import Device, Runtime
from docvlm.runtimes import machine
from docvlm.runtimes.graphs import TENSORRT
from docvlm.runtimes.interface import ChartRuntime, ReaderRuntime
from docvlm.runtimes.manifest import ENGINES, has_graphs

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Loaders(Generic[Model]):
    """What makes a kind of model ready: by exported graphs, given what computes them, and by PyTorch on a device."""

    graphs: Callable[[Path, str], Model]
    torch: Callable[[Path, str], Model]


@dataclass(frozen=True, slots=True)
class Way(Generic[Model]):
    """One way of running a model. ``hindrance`` says why it cannot be taken here; ``None`` where it can."""

    runtime: Runtime
    device: Device
    name: str
    hindrance: str | None
    load: Callable[[Path], Model]


def ways(loaders: Loaders[Model], folder: Path | None = None) -> list[Way[Model]]:
    """All ways, the best first; hindrances are the machine's and those of the bundle in ``folder``."""
    gpu = None if machine.gpus() else "there is no NVIDIA GPU"
    torch = None if machine.has_torch() else "PyTorch is not installed"
    library = None if machine.tensorrt_module() else "TensorRT is not installed"
    graphs = None if folder is None or has_graphs(folder) else "the model has no ONNX graphs"
    engines = None if folder is None or has_graphs(folder / ENGINES) else "the model was not exported for it"

    def onnx(runtime: Runtime, device: Device, name: str, provider: str) -> Way[Model]:
        provider += "ExecutionProvider"
        missing = None if provider in machine.providers() else f"the installed ONNX Runtime has no {provider}"
        hindrance = (gpu if device == "cuda" else None) or missing or graphs
        return Way(runtime, device, name, hindrance, lambda found: loaders.graphs(found, provider))

    return [
        Way(
            "tensorrt",
            "cuda",
            "TensorRT",
            gpu or library or torch or engines,
            lambda found: loaders.graphs(found, TENSORRT),
        ),
        onnx("tensorrt", "cuda", "TensorRT by ONNX Runtime", "Tensorrt"),
        # Without PyTorch to hold it, ONNX Runtime's cache leaves the GPU after each step.
        Way("torch", "cuda", "PyTorch on CUDA", gpu or torch, lambda found: loaders.torch(found, "cuda")),
        onnx("onnx", "cuda", "ONNX Runtime on CUDA", "CUDA"),
        onnx("onnx", "cpu", "ONNX Runtime on the CPU", "CPU"),
        Way("torch", "cpu", "PyTorch on the CPU", torch, lambda found: loaders.torch(found, "cpu")),
    ]


RAN: Final[dict[str, dict[str, str]]] = {}
"""By what each model that was loaded in this process runs, and what hindered something better: "by" and "since"."""


def load_chart(model: str | Path, runtime: str = "auto", device: str = "auto") -> ChartRuntime:
    """The chart model of a bundle, given as a folder or by a bundled model's name, ready to read.

    Takes the first of `ways` that fits what is asked for and can be had; one line of warning says where a better one
    failed, or a GPU goes unused. Raises ModelMissing where the bundle or what would run it is missing, BundleError
    where it is damaged or of another kind, UsageError for a runtime or device that does not exist or is not here.
    """
    return _load(CHART, model, runtime, device)


def load_reader(model: str | Path, runtime: str = "auto", device: str = "auto") -> ReaderRuntime:
    """The reading model of a bundle. Chooses, warns and raises as `load_chart` does."""
    return _load(READER, model, runtime, device)


def load_finder(model: str | Path, runtime: str = "auto", device: str = "auto") -> FinderRuntime:
    """The glyph finder of a bundle. Chooses, warns and raises as `load_chart` does."""
    return _load(FINDER, model, runtime, device)


def _load(loaders: Loaders[Model], model: str | Path, runtime: str, device: str) -> Model:
    for name, given, known in (("runtime", runtime, get_args(Runtime)), ("device", device, get_args(Device))):
        if given not in known:
            raise UsageError(f"unknown {name} '{given}'", f"choose from {', '.join(known)}")
    folder = find_bundle(model)
    if folder is None:
        bundled = ", ".join(bundle_names()) or "none is bundled"
        raise ModelMissing(
            f"no model bundle is called {model}", f"give a folder or a bundled model ({bundled})"
        )
    asked = [
        way
        for way in ways(loaders, folder)
        if runtime in ("auto", way.runtime) and device in ("auto", way.device)
    ]
    failed: list[str] = []
    for way in asked:
        if way.hindrance is None:
            try:
                loaded = way.load(folder)
            except ModelMissing as error:
                failed.append(f"{way.name}: {error}")
                continue
            _tell(folder, way, failed, asked)
            return loaded
    hindrances = "; ".join([*failed, *(f"{way.name}: {way.hindrance}" for way in asked if way.hindrance)])
    if (runtime, device) == ("auto", "auto"):
        _note(folder, "nothing", hindrances)
    raise _refusal(folder, runtime, device, hindrances or "there is no such way")


def _tell(folder: Path, taken: Way[Any], failed: Sequence[str], asked: Sequence[Way[Any]]) -> None:
    """Notes what is taken; warns where something better failed, or a GPU goes unused."""
    reasons = list(failed)
    if taken.device == "cpu" and machine.gpus():
        reasons += [f"{way.name}: {way.hindrance}" for way in asked if way.device == "cuda" and way.hindrance]
    _note(folder, taken.name, "; ".join(reasons))


def _note(folder: Path, by: str, since: str) -> None:
    RAN[folder.name] = {"by": by, "since": " ".join(since.split())}
    warn(folder.name, RAN[folder.name])


def warn(model: str, ran: dict[str, str]) -> None:
    """One line of warning where a model of `RAN` is run by something else than the best."""
    if ran["since"]:
        logging.getLogger("docvlm").warning(f"{model} is run by {ran['by']}, since {ran['since']}")


def _refusal(folder: Path, runtime: str, device: str, hindrances: str) -> DocvlmError:
    if (runtime, device) == ("auto", "auto"):
        remedy = (
            f"pip install 'docvlm[torch]', or export it where PyTorch is: docvlm export {folder} --to onnx"
        )
        return ModelMissing(f"nothing here runs {folder.name}: {hindrances}", remedy)
    return UsageError(
        f"--runtime {runtime} --device {device} cannot run {folder.name}: {hindrances}",
        "leave the choice to docvlm, or see 'docvlm doctor'",
    )


def _onnx_chart(folder: Path, provider: str) -> ChartRuntime:
    from docvlm.runtimes.onnx_chart import OnnxChart

    return OnnxChart(folder, provider)


def _torch_chart(folder: Path, device: str) -> ChartRuntime:
    _need_torch(device)
    from docvlm.networks.chart import load_network

    return load_network(folder, device)


def _onnx_reader(folder: Path, provider: str) -> ReaderRuntime:
    from docvlm.runtimes.onnx_reader import OnnxReader

    return OnnxReader(folder, provider)


def _torch_reader(folder: Path, device: str) -> ReaderRuntime:
    _need_torch(device)
    from docvlm.networks.reader import load_network

    return load_network(folder, device)


def _onnx_finder(folder: Path, provider: str) -> FinderRuntime:
    from docvlm.runtimes.onnx_finder import OnnxFinder

    return OnnxFinder(folder, provider)


def _torch_finder(folder: Path, device: str) -> FinderRuntime:
    _need_torch(device)
    from docvlm.networks.glyph_finder import load_network

    return load_network(folder, device)


def _need_torch(device: str) -> None:
    """Raises ModelMissing where PyTorch, or the device, cannot be had."""
    try:
        import torch
    except ImportError as error:
        raise ModelMissing(f"PyTorch cannot be loaded: {error}", "pip install 'docvlm[torch]'") from error
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelMissing("this PyTorch finds no CUDA device", "install PyTorch for CUDA")


CHART: Final = Loaders(_onnx_chart, _torch_chart)
READER: Final = Loaders(_onnx_reader, _torch_reader)
FINDER: Final = Loaders(_onnx_finder, _torch_finder)
