"""The slots of a batch (`docvlm.decoding.schedule.Rows`) whose prefixes and steps are computed by graphs.

Arrays go into and come out of a graph without being copied, as long as the rows in use are contiguous: hence one array
for each layer's keys and one for its values, with rows first. They are as long as the longest live row needs, since a
step looks at all of it. On a device they stay there, and so do the grammar's states: only what is known beforehand (how long
each row is) is kept on the host, and only `fetch` waits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from docvlm.decoding.grammar import Automaton, Stock
from docvlm.decoding.schedule import Plan, Written, span_of
from docvlm.runtimes.graphs import Array, Arrays, Graph

_SPAN = 16  # the cache grows in steps of this many elements


class GraphRows(ABC):
    """Arrays by the names of the step graph's inputs, of which the first rows are in use.

    The step graph takes ``state``, ``forbidden`` (rows, actions), ``positions``, ``keys.0``, ``values.0`` and so on. It
    says ``action``, ``log_prob``, ``next_state``, ``offset`` if it points, and ``new_keys`` and ``new_values`` for
    the cache. Without an ``automaton`` none of the ``actions`` is forbidden; a ``stock`` limits it further.
    """

    def __init__(
        self,
        step: Graph,
        plans: Sequence[Plan],
        slots: int,
        actions: int,
        automaton: Automaton | None,
        stock: Stock | None = None,
    ) -> None:
        self.graph, self.plans, self.slots = step, plans, slots
        self.rules = None if automaton is None else _Rules(automaton, stock, step)
        self.stock = stock
        self.capacity = max(each.length + each.limit for each in plans)
        self.caches = [name for name in step.inputs if name.startswith(("keys.", "values."))]
        self.lengths = np.zeros(slots, np.int64)
        self.left = step.put(np.zeros(slots, np.int32))
        self.rule_states = step.put(np.zeros(slots, np.int64))
        self.amounts = step.put(np.zeros((slots, 0 if stock is None else stock.amounts.shape[1]), np.float32))
        self.arrays: Arrays = {}
        if automaton is None:
            self.arrays["forbidden"] = step.put(np.zeros((slots, actions), np.bool_))
        self.written: list[tuple[Array, Array, Array | None]] = []

    @abstractmethod
    def prefill(self, numbers: Sequence[int]) -> Arrays:
        """What a graph says of the prompts with these numbers: inputs of the step by their names, and ``keys`` and
        ``values`` (depth, n, kv heads, P, head).
        """

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        out = self.prefill(numbers)
        rows, plans = slice(first, first + len(numbers)), [self.plans[number] for number in numbers]
        self.lengths[rows] = [each.length for each in plans]
        length, longest = self.lengths[rows].max(), int(self.lengths[: rows.stop].max())
        for name in self.caches:
            kind, layer = name.split(".")
            part = out[kind][int(layer)][:, :, :length]
            heads, _, width = part.shape[1:]
            self._array(name, (heads, 0, width), part)
            self._fit(name, longest, first)
            self.arrays[name][rows, :, :length] = part
        for name in out.keys() & set(self.graph.inputs):
            self._array(name, out[name].shape[1:], out[name])[rows] = out[name]
        self.left[rows] = self.graph.put(np.array([each.limit for each in plans], np.int32))
        self.rule_states[rows] = self.graph.put(np.array([each.start for each in plans], np.int64))
        if self.stock is not None:
            self.amounts[rows] = self.graph.put(self.stock.amounts[list(numbers)])

    def step(self, count: int, longest: int) -> None:
        self.run(count, longest)

    def run(self, count: int, longest: int) -> Arrays:
        """One step; returns what the graph says."""
        for name in self.caches:
            self._fit(name, longest, count)
        rows = {name: array[:count] for name, array in self.arrays.items()}
        if self.rules is not None:
            ruled = self.rule_states[:count], self.left[:count], self.amounts[:count]
            rows["forbidden"] = self.rules.forbidden(*ruled)
        # A row that has ended but was not looked at yet must not run out of its cache.
        positions = np.minimum(self.lengths[:count], self.capacity - 1)
        out = self.graph.run({**rows, "positions": self.graph.put(positions)})
        self._append(positions, out)
        self.arrays["state"][:count] = out["next_state"]
        self.lengths[:count] += 1
        if self.rules is not None:
            self.rule_states[:count] = self.rules.advance(self.rule_states[:count], out["action"])
            self.amounts[:count] = self.rules.take(self.amounts[:count], out["action"])
            self.left[:count] -= 1
        self.written.append((out["action"], out["log_prob"], out.get("offset")))
        return out

    def fetch(self) -> list[Written]:
        written, self.written = self.written, []
        return [
            (
                actions.tolist(),
                log_probs.tolist(),
                [()] * len(actions) if offsets is None else offsets.tolist(),
            )
            for actions, log_probs, offsets in written
        ]

    def move(self, source: int, target: int) -> None:
        for array in (*self.arrays.values(), self.lengths, self.left, self.rule_states, self.amounts):
            array[target] = array[source]

    def first_states(self) -> NDArray[np.float32]:
        return np.zeros((len(self.plans), 0), np.float32)

    def _array(self, name: str, shape: tuple[int, ...], like: Array) -> Array:
        if name not in self.arrays:
            self.arrays[name] = self.graph.zeros((self.slots, *shape), like)
        return self.arrays[name]

    def _append(self, positions: NDArray[np.int64], out: Arrays) -> None:
        """Puts what is new behind what the first rows of the caches hold: keys and values (depth, n, kv heads, head)."""
        count, (heads, room, width) = len(positions), self.arrays[self.caches[0]].shape[1:]
        places = self.graph.put(np.arange(count * heads) * room + positions.repeat(heads))
        for name in self.caches:
            kind, layer = name.split(".")
            new = out[f"new_{kind}"][int(layer)]
            self.arrays[name].reshape(-1, width)[places] = new.reshape(-1, width)

    def _fit(self, name: str, longest: int, count: int) -> None:
        """Gives the cache ``name``, of which ``count`` rows are in use, room for ``longest`` elements and one more.

        Takes room back where rows are so much shorter that a third more would be looked at in vain.
        """
        cache = self.arrays[name]
        room, needed = cache.shape[2], span_of(longest + 1, self.capacity, _SPAN)
        if not needed <= room <= needed * 4 / 3:
            self.arrays[name] = self.graph.zeros((*cache.shape[:2], needed, cache.shape[3]), cache)
            kept = min(room, needed)
            self.arrays[name][:count, :, :kept] = cache[:count, :, :kept]


class _Rules:
    """An automaton's tables, and what actions use of a stock, where a graph computes."""

    def __init__(self, automaton: Automaton, stock: Stock | None, graph: Graph) -> None:
        self.class_of = graph.put(automaton.class_of.astype(np.int64))
        self.next_state, self.need = graph.put(automaton.next_state), graph.put(automaton.need)
        self.uses = None
        if stock is not None:
            self.uses, self.one = graph.put(stock.uses), graph.put(np.ones(1, np.float32))
            self.goods, self.least, self.needs = (graph.put(table) for table in stock.thresholds())

    def forbidden(self, states: Array, left: Array, amounts: Array) -> Array:
        """(B, actions): what may not follow in ``states`` (B,) with ``left`` (B,) and ``amounts`` (B, goods) to go."""
        unsound = (self.need[states] > left[:, None])[:, self.class_of]
        if self.uses is None:
            return unsound
        short = (amounts[:, self.goods] < self.least) * self.one
        return unsound | (short @ self.needs.T > 0)

    def advance(self, states: Array, actions: Array) -> Array:
        return self.next_state[states, self.class_of[actions]]

    def take(self, amounts: Array, actions: Array) -> Array:
        return amounts if self.uses is None else (amounts - self.uses[actions]).clip(0)
