"""What a runtime must do to run a model. Imports no network library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import AnchorCodes
from docvlm.networks.interface import ChartReading
from docvlm.networks.shapes import ChartConfig

Runtime = Literal["auto", "torch", "onnx", "tensorrt"]
Device = Literal["auto", "cpu", "cuda"]


class ChartRuntime(Protocol):
    """A chart model that can be asked. ``ran_on`` says in words what computes, for reports."""

    @property
    def config(self) -> ChartConfig: ...

    @property
    def ran_on(self) -> str: ...

    def read(self, images: NDArray[np.float32], codes: Sequence[AnchorCodes]) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each."""
        ...
