"""ONNX graphs on ONNX Runtime, bound to PyTorch's tensors: what one graph gives the next one takes where it lies."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from docvlm.runtimes.device import OnDevice, size_of
from docvlm.runtimes.onnx import Session

_DTYPES: Final = {
    "tensor(float)": (torch.float32, np.float32),
    "tensor(float16)": (torch.float16, np.float16),
    "tensor(int64)": (torch.int64, np.int64),
    "tensor(bool)": (torch.bool, np.bool_),
}


class BoundSession(OnDevice):
    """One graph (`docvlm.decoding.graph.Graph`) with tensors on a ``device``, as PyTorch calls it.

    Tried on the CPU, where it does what `Session` does. With CUDA it has not been run: there was no GPU.
    """

    def __init__(self, session: Session, device: str) -> None:
        self.inputs, self._inference, self.device = session.inputs, session.inference, torch.device(device)

    def run(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """All outputs by name."""
        session = self._inference
        binding = session.io_binding()
        where = self.device.type, self.device.index or 0
        outputs, kept, sizes = {}, [], dict[str, int]()  # what is bound must not be freed before the run
        for value in session.get_inputs():
            dtype, element = _DTYPES[value.type]
            tensor = inputs[value.name].to(dtype).contiguous()
            kept.append(tensor)
            sizes.update(
                (name, size) for name, size in zip(value.shape, tensor.shape) if isinstance(name, str)
            )
            binding.bind_input(value.name, *where, element, tuple(tensor.shape), tensor.data_ptr())
        for value in session.get_outputs():
            dtype, element = _DTYPES[value.type]
            shape = tuple(size_of(size, sizes) for size in value.shape)
            outputs[value.name] = torch.empty(shape, dtype=dtype, device=self.device)
            binding.bind_output(value.name, *where, element, shape, outputs[value.name].data_ptr())
        if self.device.type == "cuda":  # ONNX Runtime computes on a stream of its own
            torch.cuda.current_stream(self.device).synchronize()
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()
        return outputs
