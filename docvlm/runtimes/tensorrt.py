"""Engines by NVIDIA's TensorRT or by TensorRT for RTX, behind one small adapter: built, kept, and run.

Both take a graph as it is: precision is in the graph. TensorRT builds for the GPU that it finds. TensorRT for RTX also
builds for others and without any. An engine's name holds a hash of all that it was made from, and a file beside it its own
hash, so a finished engine is taken as it is, while one that was cut short, or was put there by something else, is
built again.

Building has been tried, with TensorRT for RTX. Running has not: there was no GPU. It follows the documentation of
TensorRT 11.4 and of TensorRT for RTX 1.7.
"""

from __future__ import annotations

import importlib
import json
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from docvlm.errors import DocvlmError, ModelMissing, OutputError
from docvlm.files import write_atomically
from docvlm.runtimes import machine
from docvlm.runtimes.device import OnDevice
from docvlm.runtimes.manifest import Graph, Manifest, Range


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
        if not torch.cuda.is_available():
            return None
        kind = "sm{}{}".format(*torch.cuda.get_device_capability())
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


def open_engine(library: Library, folder: Path, manifest: Manifest, name: str) -> Engine:
    """The engine of a graph that lies in ``folder``, ready to run on the GPU here; built now unless it is there.

    One that TensorRT does not take is built once more. Raises ModelMissing where there is no GPU, or no engine can be
    had for it.
    """
    if not torch.cuda.is_available():
        raise ModelMissing("this PyTorch finds no CUDA device", "install PyTorch for CUDA")
    stated = manifest.form(name, "cuda")
    if stated is None:
        raise ModelMissing(f"{folder} has no graph '{name}'", "export the model again: docvlm export")
    graph, ranges = (folder / stated.file).read_bytes(), ranges_of(stated, manifest.ranges[name])
    for _ in range(2):
        try:
            path = cached_engine(library, folder, name, graph, ranges, library.target_here())
        except (EngineFailed, OutputError) as error:
            raise ModelMissing(f"no engine for {name}: {error}", "see 'docvlm doctor'") from error
        with suppress(EngineFailed):
            return Engine(library, path)
        path.unlink()
    raise ModelMissing(f"{library.name} does not take its own engine {path}", EngineFailed.remedy)


class Engine(OnDevice):
    """One engine (`docvlm.decoding.graph.Graph`) with PyTorch's CUDA tensors, on a CUDA stream of its own.

    Raises EngineFailed where the library does not take the file.
    """

    def __init__(self, library: Library, path: Path) -> None:
        trt = library.module
        self._runtime = trt.Runtime(library.logger)  # must live as long as the engine
        self._engine = self._runtime.deserialize_cuda_engine(path.read_bytes())
        if self._engine is None:
            raise EngineFailed(f"{library.name} {library.version} does not take {path}")
        names = [self._engine.get_tensor_name(number) for number in range(self._engine.num_io_tensors)]
        modes = {name: self._engine.get_tensor_mode(name) for name in names}
        self.inputs = [name for name in names if modes[name] == trt.TensorIOMode.INPUT]
        self._outputs = [name for name in names if modes[name] == trt.TensorIOMode.OUTPUT]
        self._dtypes = {name: torch_dtype(self._engine.get_tensor_dtype(name)) for name in names}
        self._context = self._make_context(library, path)
        self.device = torch.device("cuda", torch.cuda.current_device())
        # TensorRT would wait for the whole device on the default stream.
        self._stream: Any = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]

    def run(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """All outputs by name. Waits for nothing. Raises EngineFailed for sizes that the engine was not built for."""
        context = self._context
        given = {name: inputs[name].to(self._dtypes[name]).contiguous() for name in self.inputs}
        for name, tensor in given.items():
            if not context.set_input_shape(name, tuple(tensor.shape)):
                raise EngineFailed(
                    f"the engine takes no {name} of {tuple(tensor.shape)}", "use --runtime onnx"
                )
        outputs = {
            name: torch.empty(
                tuple(context.get_tensor_shape(name)), dtype=self._dtypes[name], device=self.device
            )
            for name in self._outputs
        }
        for name, tensor in (given | outputs).items():
            context.set_tensor_address(name, tensor.data_ptr())
        # Each stream waits for the other on the device. So ``given`` may be freed at once: its memory is used again only
        # by what comes later in the current stream.
        current = torch.cuda.current_stream(self.device)
        self._stream.wait_stream(current)
        if not context.execute_async_v3(self._stream.cuda_stream):
            raise EngineFailed("TensorRT could not run the engine")
        current.wait_stream(self._stream)
        return outputs

    def _make_context(self, library: Library, path: Path) -> Any:
        if library.name == "tensorrt":
            return self._engine.create_execution_context()
        # TensorRT for RTX compiles kernels when it runs; those of the last time lie beside the engine.
        kernels = path.with_name(path.name + ".kernels")
        config = self._engine.create_runtime_config()
        cache = config.create_runtime_cache()
        if kernels.is_file():
            cache.deserialize(kernels.read_bytes())  # refused, it stays empty
        config.set_runtime_cache(cache)
        weakref.finalize(self, _keep, cache, kernels)
        return self._engine.create_execution_context(config)


def torch_dtype(dtype: Any) -> torch.dtype:
    """PyTorch's name for TensorRT's ``dtype``."""
    return {
        "FLOAT": torch.float32,
        "HALF": torch.float16,
        "BF16": torch.bfloat16,
        "INT32": torch.int32,
        "INT64": torch.int64,
        "BOOL": torch.bool,
    }[dtype.name]


def _keep(cache: Any, path: Path) -> None:
    with suppress(OutputError):  # where nobody may write, kernels are compiled again
        write_atomically(path, bytes(cache.serialize()))


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
    return f"this {torch.cuda.get_device_name() if torch.cuda.is_available() else 'machine'}"
