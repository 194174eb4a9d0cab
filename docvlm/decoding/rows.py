"""The slots of a batch, whose prefixes and steps are computed by graphs.

Arrays go into and come out of a graph without being copied, as long as the rows in use are contiguous: hence one array
for each layer's keys and one for its values, with rows first. They are as long as the longest live row needs, since a
step looks at all of it. On a device they stay there, and so do positions and the grammar's states: a step sends nothing to
the device and waits for nothing on it, only `Rows.fetch` does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from docvlm.decoding.grammar import NEVER, Automaton, Stock
from docvlm.decoding.graph import Array, Arrays, Graph

_SPAN = 16  # elements; the cache grows in steps of so many, so that few shapes occur
_SPARE = 4 / 3  # of what is needed; a cache that is longer is looked at in vain, and is cut

Written = tuple[Sequence[int], Sequence[float], Sequence[Sequence[float]]]
"""What one step wrote: for each row an action, its log-probability and the offset (x, y) in its cell."""
_WRITTEN = ("action", "log_prob", "offset")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a row before it is written."""

    length: int  # of the prefix
    limit: int  # of actions, the end token counted
    start: int = 0  # the automaton's state


def plan(
    length: int,
    max_tokens: int,
    max_length: int,
    automaton: Automaton | None = None,
    anchors: bool = False,
    cells: bool = False,
) -> Plan:
    """The plan of a row that has ``anchors`` and ``cells`` to point at, or has not.

    Raises ValueError where the prefix leaves no room in ``max_length``, or the grammar has no sentence that short.
    """
    limit = min(max_tokens, max_length - length)
    if limit < 1 or not length:
        raise ValueError(f"a prefix of {length} and {max_tokens} tokens do not go into {max_length}")
    if automaton is None:
        return Plan(length, limit)
    start = automaton.start(anchors, cells)
    shortest = automaton.shortest(start)
    assert shortest < NEVER
    if shortest > limit:
        raise ValueError(f"the grammar needs at least {shortest} tokens, {limit} are allowed")
    return Plan(length, limit, start)


class Rows(ABC):
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
        self.heads: Array = None  # (slots, kv heads), numbered through; made when the first rows enter
        self.positions = step.put(np.zeros(slots, np.int64))
        self.left = step.put(np.zeros(slots, np.int32))
        self.rule_states = step.put(np.zeros(slots, np.int64))
        self.amounts = step.put(np.zeros((slots, 0 if stock is None else stock.amounts.shape[1]), np.float32))
        self.arrays: Arrays = {}
        if automaton is None:
            self.arrays["forbidden"] = step.put(np.zeros((slots, actions), np.bool_))
        self.written: Arrays = {}  # (poll, slots) what the steps since the last look wrote
        self.steps = 0

    @abstractmethod
    def prefill(self, numbers: Sequence[int]) -> Arrays:
        """What a graph says of the prompts with these numbers: inputs of the step by their names, and ``keys`` and
        ``values`` (depth, n, kv heads, P, head).
        """

    def enter(self, first: int, numbers: Sequence[int], longest: int) -> None:
        """Computes the prefixes of the prompts with these numbers, for rows ``first`` and behind; ``longest`` is how many
        elements the longest live row then has.
        """
        out = self.prefill(numbers)
        rows, plans = slice(first, first + len(numbers)), [self.plans[number] for number in numbers]
        lengths = np.array([each.length for each in plans])
        if self.heads is None:
            heads = out["keys"].shape[2]
            self.heads = self.graph.put(np.arange(self.slots * heads).reshape(self.slots, heads))
        for name in self.caches:
            kind, layer = name.split(".")
            part = out[kind][int(layer)][:, :, : lengths.max()]
            heads, length, width = part.shape[1:]
            self._array(name, (heads, 0, width), part)
            self._fit(name, longest, first)
            self.arrays[name][rows, :, :length] = part
        for name in out.keys() & set(self.graph.inputs):
            self._array(name, out[name].shape[1:], out[name])[rows] = out[name]
        self.positions[rows] = self.graph.put(lengths)
        self.left[rows] = self.graph.put(np.array([each.limit for each in plans], np.int32))
        self.rule_states[rows] = self.graph.put(np.array([each.start for each in plans], np.int64))
        if self.stock is not None:
            self.amounts[rows] = self.graph.put(self.stock.amounts[list(numbers)])

    def step(self, count: int, longest: int) -> Arrays:
        """Chooses an action for each of the first ``count`` rows, none longer than ``longest``, and reads it back.

        Returns what the graph says.
        """
        for name in self.caches:
            self._fit(name, longest, count)
        rows = {name: array[:count] for name, array in self.arrays.items()}
        if self.rules is not None:
            ruled = self.rule_states[:count], self.left[:count], self.amounts[:count]
            rows["forbidden"] = self.rules.forbidden(*ruled)
        positions = self.positions[:count]
        if self.graph.poll > 1:
            # A row that has ended but was not looked at yet must not run out of its cache.
            positions = positions.clip(max=self.capacity - 1)
        out = self.graph.run({**rows, "positions": positions})
        self._append(positions, out)
        self.arrays["state"][:count] = out["next_state"]
        self.positions[:count] += 1
        if self.rules is not None:
            self.rule_states[:count] = self.rules.advance(self.rule_states[:count], out["action"])
            self.amounts[:count] = self.rules.take(self.amounts[:count], out["action"])
            self.left[:count] -= 1
        self._note(count, out)
        return out

    def fetch(self) -> Iterable[Written]:
        """What each step since the last call wrote. Waits for the device."""
        steps, self.steps = self.steps, 0
        actions, log_probs, *offsets = (
            self.graph.get(self.written[name][:steps]).tolist() for name in _WRITTEN if name in self.written
        )
        return zip(actions, log_probs, offsets[0] if offsets else [[(0.0, 0.0)] * self.slots] * steps)

    def move(self, source: int, target: int) -> None:
        """Copies row ``source`` over row ``target``."""
        of_rows = self.positions, self.left, self.rule_states, self.amounts
        for array in (*self.arrays.values(), *of_rows):
            array[target] = array[source]

    def _array(self, name: str, shape: tuple[int, ...], like: Array) -> Array:
        if name not in self.arrays:
            self.arrays[name] = self.graph.zeros((self.slots, *shape), like)
        return self.arrays[name]

    def _append(self, positions: Array, out: Arrays) -> None:
        """Puts what is new behind what the first rows of the caches hold: keys and values (depth, n, kv heads, head)."""
        room, width = self.arrays[self.caches[0]].shape[2:]
        places = (self.heads[: len(positions)] * room + positions[:, None]).reshape(-1)
        for name in self.caches:
            kind, layer = name.split(".")
            new = out[f"new_{kind}"][int(layer)]
            self.arrays[name].reshape(-1, width)[places] = new.reshape(-1, width)

    def _note(self, count: int, out: Arrays) -> None:
        for name in _WRITTEN:
            if name in out:
                if name not in self.written:
                    shape = self.graph.poll, self.slots, *out[name].shape[1:]
                    self.written[name] = self.graph.zeros(shape, out[name])
                self.written[name][self.steps, :count] = out[name]
        self.steps += 1

    def _fit(self, name: str, longest: int, count: int) -> None:
        """Gives the cache ``name``, of which ``count`` rows are in use, room for ``longest`` elements and one more.

        Takes room back where rows are so much shorter that it would be looked at in vain.
        """
        cache = self.arrays[name]
        room, needed = cache.shape[2], _span_of(longest + 1, self.capacity)
        if not needed <= room <= needed * _SPARE:
            self.arrays[name] = self.graph.zeros((*cache.shape[:2], needed, cache.shape[3]), cache)
            kept = min(room, needed)
            self.arrays[name][:count, :, :kept] = cache[:count, :, :kept]


def _span_of(longest: int, capacity: int) -> int:
    """How many slots of a cache to look at for rows of at most ``longest`` elements."""
    return min(-(-longest // _SPAN) * _SPAN, capacity)


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
