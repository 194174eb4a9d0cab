"""Engines of a bundle's networks, by NVIDIA's TensorRT or by TensorRT for RTX, behind one small adapter.

Both take a graph as it is: precision is in the graph, which is therefore exported anew from the network in fp16, bf16 or
fp32. TensorRT builds for the GPU that it finds. TensorRT for RTX also builds for others and without any. An engine's
name holds a hash of all that it was made from, and a file beside it its own hash, so a finished engine is taken as it
is, while one that was cut short, or was put there by something else, is built again.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch

from docvlm.bundle import load_bundle
from docvlm.errors import ModelMissing, UsageError
from docvlm.files import write_atomically

from .graphs import GraphSource, Range
from .onnx import ExportFailed, model_of
from .sources import sources_of

_PRECISIONS: Final = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in an engine: how many layers its network has, and (name, dtype, shape) of inputs and outputs, with -1 for
    dynamic sizes.
    """

    layers: int
    inputs: list[tuple[str, str, list[int]]]
    outputs: list[tuple[str, str, list[int]]]


class Library:
    """TensorRT in one of its two forms. Raises ModelMissing where neither is installed.

    With ``across`` it must be able to build for GPUs that are not here.
    """

    def __init__(self, across: bool = False) -> None:
        rtx = ("tensorrt_rtx", "tensorrt_rtx_bindings")
        names = [name for name in (() if across else ("tensorrt",)) + rtx if find_spec(name)]
        if not names:
            remedy = "pip install 'docvlm[rtx]'" + (
                "" if across else ", or 'docvlm[tensorrt]' where a GPU is"
            )
            raise ModelMissing("TensorRT is not installed", remedy)
        self.module = importlib.import_module(names[0])
        self.name = "tensorrt" if names[0] == "tensorrt" else "tensorrt_rtx"
        self.version = str(self.module.__version__)

    def targets(self) -> list[str]:
        """The GPU kinds that can be built for without being here, such as ``sm89``."""
        kinds = getattr(self.module, "ComputeCapability", None)
        return sorted(name.lower() for name in dir(kinds) if name.startswith("SM"))

    def build(
        self, graph: bytes, ranges: dict[str, list[Range]], target: str | None
    ) -> tuple[bytes, Inspection]:
        """An engine of an ONNX ``graph`` for a kind of GPU (``None``: the one here).

        ``ranges`` holds for each input the range of each of its sizes. Raises ExportFailed where TensorRT does not
        take the graph.
        """
        trt = self.module
        logger = trt.Logger(trt.Logger.ERROR)
        builder = trt.Builder(logger)
        typed = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
        network = builder.create_network(0 if typed is None else 1 << int(typed))
        parser = trt.OnnxParser(network, logger)
        if not parser.parse(graph):
            errors = "; ".join(parser.get_error(number).desc() for number in range(parser.num_errors))
            raise ExportFailed(f"{self.name} {self.version} does not take the graph: {errors}")
        config = builder.create_builder_config()
        if target is not None:
            config.num_compute_capabilities = 1
            config.set_compute_capability(getattr(trt.ComputeCapability, target.upper()), 0)
        profile = builder.create_optimization_profile()
        for name, sizes in ranges.items():
            profile.set_shape(name, *zip(*sizes))
        config.add_optimization_profile(profile)
        engine = builder.build_serialized_network(network, config)
        if engine is None:
            raise ExportFailed(f"{self.name} {self.version} built no engine", "read what it printed above")
        inspection = Inspection(
            network.num_layers,
            [_tensor(network.get_input(number)) for number in range(network.num_inputs)],
            [_tensor(network.get_output(number)) for number in range(network.num_outputs)],
        )
        return bytes(engine), inspection


def export_tensorrt(
    model: str | Path, folder: Path | None = None, precision: str = "fp16", targets: Sequence[str] = ()
) -> Iterator[Path]:
    """Builds the engines of a bundle's graphs for each target, and yields where they lie: in ``folder``, else in the
    bundle's folder ``engines``. Engines that are there are not built again.

    Without ``targets`` they are for the GPU of this machine. Raises as `load_bundle` does, UsageError for a precision
    or target that does not exist, ModelMissing without TensorRT, ExportFailed where it takes no graph.
    """
    if precision not in _PRECISIONS:
        raise UsageError(f"unknown precision '{precision}'", f"choose from {', '.join(_PRECISIONS)}")
    bundle = load_bundle(model)
    library = Library(across=bool(targets))
    unknown = [target for target in targets if target not in library.targets()]
    if unknown:
        raise UsageError(f"unknown target '{unknown[0]}'", f"choose from {', '.join(library.targets())}")
    for name, source in sources_of(bundle, _PRECISIONS[precision]).items():
        graph = model_of(source).SerializeToString()
        for target in targets or (None,):
            yield cached_engine(
                library, folder or bundle.path / "engines", name, graph, ranges_of(source), target
            )


def cached_engine(
    library: Library,
    folder: Path,
    name: str,
    graph: bytes,
    ranges: dict[str, list[Range]],
    target: str | None,
) -> Path:
    """The engine of a graph in ``folder``, built unless it is there, whole, and made from just this."""
    facts = {
        "graph": sha256(graph).hexdigest(),
        "ranges": ranges,
        "library": library.name,
        "version": library.version,
        "target": target or f"this {_device()}",
    }
    key = sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    path = folder / f"{name}-{target or 'here'}-{key}.engine"
    if not _is_whole(path):
        engine, inspection = library.build(graph, ranges, target)
        stated = facts | {"sha256": sha256(engine).hexdigest(), "inspection": asdict(inspection)}
        write_atomically(path, engine)
        write_atomically(_beside(path), (json.dumps(stated, indent=1) + "\n").encode())
    return path


def inspect(path: Path) -> Inspection:
    """What is in an engine that `cached_engine` built, as TensorRT said when it built it."""
    stated = json.loads(_beside(path).read_text())["inspection"]
    inputs, outputs = ([tuple(each) for each in stated[side]] for side in ("inputs", "outputs"))
    return Inspection(stated["layers"], inputs, outputs)


def ranges_of(source: GraphSource) -> dict[str, list[Range]]:
    """The range of each size of each input."""
    return {
        name: [
            source.ranges[axes[axis]] if axis in axes else (size, size, size)
            for axis, size in enumerate(tensor.shape)
        ]
        for name, tensor in source.inputs.items()
        for axes in (source.dynamic.get(name, {}),)
    }


def _is_whole(path: Path) -> bool:
    try:
        stated = json.loads(_beside(path).read_text())["sha256"]
        return bool(sha256(path.read_bytes()).hexdigest() == stated)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _tensor(tensor: Any) -> tuple[str, str, list[int]]:
    return tensor.name, str(tensor.dtype).rpartition(".")[2].lower(), list(tensor.shape)


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "machine"
