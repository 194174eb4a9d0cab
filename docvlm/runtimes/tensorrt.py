"""Engines by NVIDIA's TensorRT or by TensorRT for RTX, behind one small adapter: built and kept, without PyTorch.

Both take a graph as it is: precision is in the graph. TensorRT builds for the GPU that it finds. TensorRT for RTX also
builds for others and without any. An engine's name holds a hash of all that it was made from, and a file beside it its own
hash, so a finished engine is taken as it is, while one that was cut short, or was put there by something else, is
built again.

Building has been tried with TensorRT for RTX 1.7; with TensorRT it follows the documentation of 11.4: there was no GPU.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from docvlm.errors import DocvlmError, ModelMissing
from docvlm.files import write_atomically
from docvlm.runtimes import machine
from docvlm.runtimes.manifest import Graph, Range


class EngineFailed(DocvlmError):
    """TensorRT takes no such graph, or cannot run what it made of it."""

    category = "export"
    remedy = "report it with the versions that 'docvlm doctor' prints"


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
        module = machine.tensorrt_module(across)
        if module is None:
            remedy = "pip install 'docvlm[rtx]'" + (
                "" if across else ", or 'docvlm[tensorrt]' where a GPU is"
            )
            raise ModelMissing("TensorRT is not installed", remedy)
        try:
            self.module = importlib.import_module(module)
        except (ImportError, OSError) as error:
            raise ModelMissing(f"{module} cannot be loaded: {error}", "reinstall it") from error
        self.name = module.removesuffix("_bindings")
        self.version = str(self.module.__version__)
        self.logger = self.module.Logger(self.module.Logger.ERROR)

    def targets(self) -> list[str]:
        """The GPU kinds that can be built for without being here, such as ``sm89``."""
        kinds = getattr(self.module, "ComputeCapability", None)
        return sorted(name.lower() for name in dir(kinds) if name.startswith("SM"))

    def target_here(self) -> str | None:
        """The kind of the GPU here if it is one of `targets`: engines built elsewhere for it then serve here, too."""
        kind = "sm{}{}".format(*machine.compute_capability() or (0, 0))
        return kind if kind in self.targets() else None

    def build(
        self, graph: bytes, ranges: Mapping[str, list[Range]], target: str | None, timings: Path | None = None
    ) -> tuple[bytes, Inspection]:
        """An engine of an ONNX ``graph`` for a kind of GPU (``None``: the one here).

        ``ranges`` holds for each input the range of each of its sizes. TensorRT notes in ``timings`` how long kernels
        took, so that a second engine is built faster. Raises EngineFailed where TensorRT does not take the graph.
        """
        trt = self.module
        builder = trt.Builder(self.logger)
        typed = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
        network = builder.create_network(0 if typed is None else 1 << int(typed))
        parser = trt.OnnxParser(network, self.logger)
        if not parser.parse(graph):
            errors = "; ".join(parser.get_error(number).desc() for number in range(parser.num_errors))
            raise EngineFailed(f"{self.name} {self.version} does not take the graph: {errors}")
        config = builder.create_builder_config()
        if target is not None:
            config.num_compute_capabilities = 1
            config.set_compute_capability(getattr(trt.ComputeCapability, target.upper()), 0)
        if timings is not None:
            noted = timings.read_bytes() if timings.is_file() else b""
            config.set_timing_cache(config.create_timing_cache(noted), False)
        profile = builder.create_optimization_profile()
        for name, sizes in ranges.items():
            profile.set_shape(name, *zip(*sizes))
        config.add_optimization_profile(profile)
        engine = builder.build_serialized_network(network, config)
        if engine is None:
            raise EngineFailed(f"{self.name} {self.version} built no engine", "read what it printed above")
        # There is no cache where the noted times were of something else.
        if timings is not None and (times := config.get_timing_cache()) is not None:
            write_atomically(timings, bytes(times.serialize()))
        inspection = Inspection(
            network.num_layers,
            [_tensor(network.get_input(number)) for number in range(network.num_inputs)],
            [_tensor(network.get_output(number)) for number in range(network.num_outputs)],
        )
        return bytes(engine), inspection


def cached_engine(
    library: Library,
    folder: Path,
    name: str,
    graph: bytes,
    ranges: Mapping[str, list[Range]],
    target: str | None,
) -> Path:
    """The engine of a graph in ``folder``, built unless it is there, whole, and made from just this.

    Raises as `Library.build` does, and OutputError where it cannot be written.
    """
    here = target or _device()
    facts = {
        "graph": sha256(graph).hexdigest(),
        "ranges": ranges,
        "library": library.name,
        "version": library.version,
        "target": here,
    }
    path = folder / f"{name}-{target or 'here'}-{_key(facts)}.engine"
    if not _is_whole(path):
        # TensorRT for RTX times nothing when it builds.
        timed = library.name == "tensorrt"
        timings = folder / f"timings-{_key([library.version, here])}.cache" if timed else None
        engine, inspection = library.build(graph, ranges, target, timings)
        stated = facts | {"sha256": sha256(engine).hexdigest(), "inspection": asdict(inspection)}
        write_atomically(path, engine)
        write_atomically(_beside(path), (json.dumps(stated, indent=1) + "\n").encode())
    return path


def inspect(path: Path) -> Inspection:
    """What is in an engine that `cached_engine` built, as TensorRT said when it built it."""
    stated = json.loads(_beside(path).read_text())["inspection"]
    inputs, outputs = ([tuple(each) for each in stated[side]] for side in ("inputs", "outputs"))
    return Inspection(stated["layers"], inputs, outputs)


def ranges_of(graph: Graph, sizes: Mapping[str, Range]) -> dict[str, list[Range]]:
    """The range of each size of each input, ``sizes`` being those of the dynamic ones."""
    return {
        name: [sizes[size] if isinstance(size, str) else (size, size, size) for size in shape]
        for name, _, shape in graph.inputs
    }


def _key(facts: object) -> str:
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


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
    return f"this {machine.gpu_name() or 'machine'}"
