"""Arrays that stay on a device: PyTorch's tensors, whose memory both ONNX Runtime and TensorRT read and write."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class OnDevice:
    """The half of `docvlm.decoding.graph.Graph` that moves arrays."""

    device: torch.device
    poll = 8

    def put(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def get(self, array: Tensor) -> NDArray[Any]:
        host = array.cpu()
        return np.asarray((host.float() if host.is_floating_point() else host).numpy())

    def zeros(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        return like.new_zeros(shape)


def size_of(stated: int | str, sizes: dict[str, int]) -> int:
    """A size of an output, which may be stated as a word of ``sizes``, or as a sum or product with one.

    These are the forms in which `export` states shapes: 4, "batch", "anchors + 144", "4 * down".
    """
    if isinstance(stated, int):
        return stated
    left, _, rest = stated.partition(" ")
    sign, _, right = rest.partition(" ")
    first, second = (int(part) if part.isdigit() else sizes.get(part, 0) for part in (left, right))
    return {"": first, "+": first + second, "*": first * second}[sign]
