"""Which runtime runs a model on this machine, and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from docvlm.bundle import bundle_names, find_bundle
from docvlm.charts.interface import ChartRuntime
from docvlm.errors import DocvlmError, ModelMissing, UsageError
from docvlm.formulas.finder import FinderRuntime
from docvlm.formulas.interface import ReaderRuntime
from docvlm.layout.interface import PageRuntime
from docvlm.options import Device, Runtime
from docvlm.runtimes import machine
from docvlm.runtimes.chart import ChartGraphs
from docvlm.runtimes.finder import FinderGraphs
from docvlm.runtimes.graphs import Backend
from docvlm.runtimes.manifest import ENGINES, has_graphs
from docvlm.runtimes.page import PageGraphs
from docvlm.runtimes.reader import ReaderGraphs

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Way:
    """One way of running a model. ``hindrance`` says why it cannot be taken here; ``None`` where it can."""

    runtime: Runtime
    name: str
    backend: Backend
    hindrance: str | None

    @property
    def device(self) -> Device:
        return self.backend.device


def ways(folder: Path | None = None) -> list[Way]:
    """All ways, the best first; hindrances are the machine's and those of the bundle in ``folder``."""
    gpu = None if machine.gpus() else "there is no NVIDIA GPU"
    torch = None if machine.has_torch() else "PyTorch is not installed"
    library = None if machine.tensorrt_module() else "TensorRT is not installed"
    graphs = None if folder is None or has_graphs(folder) else "the model has no ONNX graphs"
    engines = None if folder is None or has_graphs(folder / ENGINES) else "the model was not exported for it"

    def onnx(runtime: Runtime, name: str, device: Literal["cpu", "cuda"], provider: str) -> Way:
        provider += "ExecutionProvider"
        missing = None if provider in machine.providers() else f"the installed ONNX Runtime has no {provider}"
        hindrance = (gpu if device == "cuda" else None) or missing or graphs
        return Way(runtime, name, Backend("onnxruntime", device, provider), hindrance)

    return [
        Way("tensorrt", "TensorRT", Backend("tensorrt", "cuda"), gpu or library or torch or engines),
        onnx("tensorrt", "TensorRT by ONNX Runtime", "cuda", "Tensorrt"),
        # Without PyTorch to hold it, ONNX Runtime's cache leaves the GPU after each step.
        Way("torch", "PyTorch on CUDA", Backend("torch", "cuda"), gpu or torch),
        onnx("onnx", "ONNX Runtime on CUDA", "cuda", "CUDA"),
        onnx("onnx", "ONNX Runtime on the CPU", "cpu", "CPU"),
        Way("torch", "PyTorch on the CPU", Backend("torch", "cpu"), torch),
    ]


RAN: Final[dict[str, dict[str, str]]] = {}
"""By what each model that was loaded in this process runs, and what hindered something better: "by" and "since"."""


def load_chart(model: str | Path, runtime: str = "auto", device: str = "auto") -> ChartRuntime:
    """The chart model of a bundle, given as a folder or by a bundled model's name, ready to read.

    Takes the first of `ways` that fits what is asked for and can be had; one line of warning says where a better one
    failed, or a GPU goes unused. Raises ModelMissing where the bundle or what would run it is missing, BundleError
    where it is damaged or of another kind, UsageError for a runtime or device that does not exist or is not here.
    """
    return _load(ChartGraphs.open, model, runtime, device)


def load_reader(model: str | Path, runtime: str = "auto", device: str = "auto") -> ReaderRuntime:
    """The reading model of a bundle. Chooses, warns and raises as `load_chart` does."""
    return _load(ReaderGraphs.open, model, runtime, device)


def load_finder(model: str | Path, runtime: str = "auto", device: str = "auto") -> FinderRuntime:
    """The glyph finder of a bundle. Chooses, warns and raises as `load_chart` does."""
    return _load(FinderGraphs.open, model, runtime, device)


def load_page(model: str | Path, runtime: str = "auto", device: str = "auto") -> PageRuntime:
    """The page model of a bundle. Chooses, warns and raises as `load_chart` does."""
    return _load(PageGraphs.open, model, runtime, device)


def _load(opened: Callable[[Path, Backend], Model], model: str | Path, runtime: str, device: str) -> Model:
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
        way for way in ways(folder) if runtime in ("auto", way.runtime) and device in ("auto", way.device)
    ]
    failed: list[str] = []
    for way in asked:
        if way.hindrance is None:
            try:
                loaded = opened(folder, way.backend)
            except ModelMissing as error:
                failed.append(f"{way.name}: {error}")
                continue
            _tell(folder, way, failed, asked)
            return loaded
    hindrances = "; ".join([*failed, *(f"{way.name}: {way.hindrance}" for way in asked if way.hindrance)])
    if (runtime, device) == ("auto", "auto"):
        _note(folder, "nothing", hindrances)
    raise _refusal(folder, runtime, device, hindrances or "there is no such way")


def _tell(folder: Path, taken: Way, failed: Sequence[str], asked: Sequence[Way]) -> None:
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
