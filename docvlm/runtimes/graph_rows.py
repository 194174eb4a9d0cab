"""The slots of a batch (`docvlm.networks.schedule.Rows`) whose steps a graph computes.

On a CPU, NumPy's arrays go into and come out of a graph without being copied, as long as the rows in use are contiguous:
hence one array for each layer's keys and one for its values, with rows first. They are as long as the longest live
row needs, since a step looks at all of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docvlm.networks.schedule import Plan, Written, span_of
from docvlm.runtimes.onnx import Arrays, Session


class GraphRows(ABC):
    """NumPy arrays by the names of the step graph's inputs, of which the first rows are in use.

    The step graph takes ``state``, ``positions``, ``keys.0``, ``values.0`` and so on; it says ``action``, ``log_prob``,
    ``offset`` (where it points), ``next_state``, and ``new_keys`` and ``new_values`` for the cache.
    """

    def __init__(self, step: Session, slots: int, plans: Sequence[Plan]) -> None:
        self.graph, self.slots, self.plans = step, slots, plans
        self.capacity = max(each.length + each.limit for each in plans)
        self.caches = [name for name in step.inputs if name.startswith(("keys.", "values."))]
        self.arrays: Arrays = {}
        self.written: list[Written] = []

    @abstractmethod
    def enter(self, first: int, numbers: Sequence[int]) -> None: ...

    @abstractmethod
    def step(self, count: int, longest: int) -> None: ...

    @abstractmethod
    def first_states(self) -> NDArray[np.float32]: ...

    def put(self, first: int, prefixes: Arrays) -> None:
        """Fills rows ``first`` and behind with what a graph says of n prefixes: inputs of the step by their names,
        ``lengths`` (n,), and ``keys`` and ``values`` (depth, n, kv heads, P, head).
        """
        lengths = prefixes["lengths"]
        last, length = first + len(lengths), int(lengths.max())
        for name in self.caches:
            kind, layer = name.split(".")
            part = prefixes[kind][int(layer)][:, :, :length]
            self._cache(name, part, length)[first:last, :, :length] = part
        for name in self.graph.inputs:
            given = lengths if name == "positions" else prefixes.get(name)
            if given is not None:
                self._array(name, given.shape[1:], given.dtype)[first:last] = given

    def run(self, count: int, longest: int, others: Arrays) -> Arrays:
        """One step of the first ``count`` rows; ``others`` are inputs that are no rows' state. Returns its outputs."""
        for name in self.caches:
            self._cache(name, self.arrays[name], longest)
        rows = {name: self.arrays[name][:count] for name in self.graph.inputs if name not in others}
        out = self.graph.run({**rows, **others})
        positions = self.arrays["positions"][:count]
        for name in self.caches:
            kind, layer = name.split(".")
            self.arrays[name][np.arange(count), :, positions] = out[f"new_{kind}"][int(layer)]
        self.arrays["state"][:count] = out["next_state"]
        positions += 1
        offsets = out["offset"].tolist() if "offset" in out else [()] * count
        self.written.append((out["action"].tolist(), out["log_prob"].tolist(), offsets))
        return out

    def fetch(self) -> list[Written]:
        written, self.written = self.written, []
        return written

    def move(self, source: int, target: int) -> None:
        for array in self.arrays.values():
            array[target] = array[source]

    def _array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        if name not in self.arrays:
            self.arrays[name] = np.zeros((self.slots, *shape), dtype)
        return self.arrays[name]

    def _cache(self, name: str, like: NDArray[Any], length: int) -> NDArray[Any]:
        """The cache ``name``, with room for ``length`` elements and one more. It grows when rows do."""
        _, heads, _, width = like.shape
        cache = self._array(name, (heads, 0, width), like.dtype)
        span = span_of(length + 1, self.capacity)
        if cache.shape[2] < span:
            self.arrays[name] = np.zeros((self.slots, heads, span, width), like.dtype)
            self.arrays[name][:, :, : cache.shape[2]] = cache
        return self.arrays[name]
