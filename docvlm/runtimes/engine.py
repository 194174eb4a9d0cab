"""Engines run on a GPU, with PyTorch's CUDA tensors as their memory.

It has not been tried: there was no GPU. It follows the documentation of TensorRT 11.4 and of TensorRT for RTX 1.7.
"""

from __future__ import annotations

import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from docvlm.errors import ModelMissing, OutputError
from docvlm.files import write_atomically
from docvlm.runtimes.device import OnDevice
from docvlm.runtimes.manifest import Manifest
from docvlm.runtimes.tensorrt import EngineFailed, Library, cached_engine, ranges_of


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
