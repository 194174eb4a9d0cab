"""The slots of a batch (`docvlm.networks.schedule.Rows`) whose prefixes and steps are computed by graphs.

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

from docvlm.grammar import Automaton
from docvlm.networks.schedule import Plan, Written, span_of
from docvlm.runtimes.onnx import Arrays, Session

_SPAN = 16  # the cache grows in steps of this many elements


class GraphRows(ABC):
    """NumPy arrays by the names of the step graph's inputs, of which the first rows are in use.

    The step graph takes ``state``, ``forbidden`` (rows, actions), ``positions``, ``keys.0``, ``values.0`` and so on. It
    says ``action``, ``log_prob``, ``next_state``, ``offset`` if it points, and ``new_keys`` and ``new_values`` for
    the cache. Without an ``automaton`` none of the ``actions`` is forbidden.
    """

    def __init__(
        self, step: Session, plans: Sequence[Plan], slots: int, actions: int, automaton: Automaton | None
    ) -> None:
        self.graph, self.plans, self.slots = step, plans, slots
        self.actions, self.automaton = actions, automaton
        self.capacity = max(each.length + each.limit for each in plans)
        self.caches = [name for name in step.inputs if name.startswith(("keys.", "values."))]
        self.left = np.zeros(slots, np.int32)
        self.positions = np.zeros(slots, np.int64)
        self.rule_states = np.zeros(slots, np.int64)
        self.arrays: Arrays = {"positions": self.positions}
        self.written: list[Written] = []

    @abstractmethod
    def prefill(self, numbers: Sequence[int]) -> Arrays:
        """What a graph says of the prompts with these numbers: inputs of the step by their names, ``lengths`` (n,), and
        ``keys`` and ``values`` (depth, n, kv heads, P, head).
        """

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        out = self.prefill(numbers)
        rows, length = slice(first, first + len(numbers)), int(out["lengths"].max())
        longest = max(length, int(self.positions[:first].max(initial=0)))
        for name in self.caches:
            kind, layer = name.split(".")
            part = out[kind][int(layer)][:, :, :length]
            heads, _, width = part.shape[1:]
            self._array(name, (heads, 0, width), part.dtype)
            self._fit(name, longest, first)
            self.arrays[name][rows, :, :length] = part
        for name in out.keys() & set(self.graph.inputs):
            self._array(name, out[name].shape[1:], out[name].dtype)[rows] = out[name]
        self.positions[rows] = out["lengths"]
        self.left[rows] = [self.plans[number].limit for number in numbers]
        self.rule_states[rows] = [self.plans[number].start for number in numbers]

    def step(self, count: int, longest: int) -> None:
        self.run(count, longest)

    def run(self, count: int, longest: int) -> Arrays:
        """One step; returns what the graph says."""
        for name in self.caches:
            self._fit(name, longest, count)
        rows = {name: array[:count] for name, array in self.arrays.items()}
        out = self.graph.run({**rows, "forbidden": self._forbidden(count)})
        for name in self.caches:
            kind, layer = name.split(".")
            self._append(name, out[f"new_{kind}"][int(layer)])
        self.arrays["state"][:count] = out["next_state"]
        self.positions[:count] += 1
        actions = out["action"]
        if self.automaton is not None:
            states = self.rule_states[:count]
            states[:] = self.automaton.next_state[states, self.automaton.class_of[actions]]
            self.left[:count] -= 1
        offsets = out["offset"].tolist() if "offset" in out else [()] * count
        self.written.append((actions.tolist(), out["log_prob"].tolist(), offsets))
        return out

    def fetch(self) -> list[Written]:
        written, self.written = self.written, []
        return written

    def move(self, source: int, target: int) -> None:
        for array in (*self.arrays.values(), self.left, self.rule_states):
            array[target] = array[source]

    def first_states(self) -> NDArray[np.float32]:
        return np.zeros((len(self.plans), 0), np.float32)

    def _forbidden(self, count: int) -> NDArray[np.bool_]:
        automaton = self.automaton
        if automaton is None:
            return np.zeros((count, self.actions), np.bool_)
        return (automaton.need[self.rule_states[:count]] > self.left[:count, None])[:, automaton.class_of]

    def _array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        if name not in self.arrays:
            self.arrays[name] = np.zeros((self.slots, *shape), dtype)
        return self.arrays[name]

    def _append(self, name: str, new: NDArray[Any]) -> None:
        """Puts ``new`` (n, kv heads, head) behind what the first n rows of the cache ``name`` hold."""
        count, heads, width = new.shape
        cache = self.arrays[name]
        places = np.arange(count * heads) * cache.shape[2] + self.positions[:count].repeat(heads)
        cache.reshape(-1, width)[places] = new.reshape(-1, width)

    def _fit(self, name: str, longest: int, count: int) -> None:
        """Gives the cache ``name``, of which ``count`` rows are in use, room for ``longest`` elements and one more.

        Takes room back where rows are so much shorter that a third more would be looked at in vain.
        """
        cache = self.arrays[name]
        room, needed = cache.shape[2], span_of(longest + 1, self.capacity, _SPAN)
        if not needed <= room <= needed * 4 / 3:
            self.arrays[name] = np.zeros((*cache.shape[:2], needed, cache.shape[3]), cache.dtype)
            kept = min(room, needed)
            self.arrays[name][:count, :, :kept] = cache[:count, :, :kept]
