"""What a decoding loop asks of whatever computes: a graph with named inputs and outputs, and its arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

Array = Any
"""NumPy's where a graph computes on the processor for NumPy, PyTorch's where its arrays stay on a device."""
Arrays = dict[str, Array]


class Graph(Protocol):
    """One graph, ready to run, and the arrays that it takes and gives. ``inputs`` are their names.

    What was written is worth looking at every ``poll`` steps: on a device that means waiting for it.
    """

    inputs: list[str]
    poll: int

    def run(self, inputs: Arrays) -> Arrays:
        """All outputs by name. Inputs that the graph does not have are ignored."""
        ...

    def put(self, array: NDArray[Any]) -> Array:
        """The array where the graph computes."""
        ...

    def get(self, array: Array) -> NDArray[Any]:
        """The array as NumPy's; numbers in half precision become float32. Waits for the device."""
        ...

    def zeros(self, shape: tuple[int, ...], like: Array) -> Array:
        """Zeros where ``like`` is, and of its dtype."""
        ...


@dataclass(frozen=True, slots=True)
class Graphs:
    """A model's graphs by name, and what computes them, in words."""

    by_name: Mapping[str, Graph]
    ran_on: str

    def __getitem__(self, name: str) -> Graph:
        return self.by_name[name]
