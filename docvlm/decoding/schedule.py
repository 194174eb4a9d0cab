"""Batched greedy decoding, whatever computes it: rows of different lengths, of which finished ones leave and waiting
ones enter.

The batch has a fixed number of slots, held by a `Rows`: PyTorch's are in `docvlm.networks.generation`, those
of exported graphs in `docvlm.runtimes.graph_rows`. The live rows are always the first n: where one finishes, the last
one moves into its place, and waiting prompts are appended. What was written is fetched every ``poll`` steps, and only
then rows leave. What a row gets depends neither on its neighbours nor on ``poll`` (but for the last digits of floating-point
sums). Needs no torch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from docvlm.decoding.grammar import NEVER, Automaton
from docvlm.decoding.interface import Generated
from docvlm.decoding.repetition import stuck_period, without_repetition

# The cache is read up to the longest row, in steps of this many slots, so that few shapes occur.
_SPAN = 64
# The repetition guard looks every so many actions of a row: it cuts back to the loop's first round anyway.
_GUARD_EVERY = 32

Written = tuple[Sequence[int], Sequence[float], Sequence[Sequence[float]]]
"""What one step wrote: for each row an action, its log-probability and the offset (x, y) in its cell."""


class Rows(Protocol):
    """The slots of a batch on one device. Only `fetch` and `first_states` wait for the device."""

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        """Computes the prefixes of the prompts with these numbers, for rows ``first`` and behind."""

    def step(self, count: int, longest: int) -> None:
        """Chooses an action for each of the first ``count`` rows, none longer than ``longest``, and reads it back."""

    def fetch(self) -> Iterable[Written]:
        """What each step since the last call wrote."""
        ...

    def move(self, source: int, target: int) -> None:
        """Copies row ``source`` over row ``target``."""

    def first_states(self) -> NDArray[np.float32]:
        """(prompts, width): the final hidden state of each prompt at its first action, once it had been read back."""
        ...


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


def span_of(longest: int, capacity: int, step: int = _SPAN) -> int:
    """How many slots of a cache to look at for rows of at most ``longest`` elements."""
    return min(-(-longest // step) * step, capacity)


def write_all(
    rows: Rows, plans: Sequence[Plan], end: int, slots: int, poll: int = 1, guard: bool = True
) -> list[Generated]:
    """Writes all prompts to their ends, at most ``slots`` at a time, and returns them in their order.

    ``end`` is the end token; ``guard`` stops rows that repeat themselves.
    """
    schedule = _Schedule(rows, plans, end, slots, guard)
    while schedule.enter():
        for _ in range(poll):
            schedule.step()
        schedule.collect()
    firsts = rows.first_states()
    return [record.result(first) for record, first in zip(schedule.records, firsts, strict=True)]


@dataclass(slots=True)
class _Record:
    """What has been written of one row."""

    plan: Plan
    actions: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    offsets: list[Sequence[float]] = field(default_factory=list)
    finished: bool = False
    repeated: bool = False

    def take(self, action: int, log_prob: float, offset: Sequence[float], end: int, guard: bool) -> bool:
        """Notes one action; returns whether the row has come to its end."""
        self.log_probs.append(log_prob)
        if action == end:
            self.finished = True
            return True
        self.actions.append(action)
        self.offsets.append(offset)
        if guard and len(self.actions) % _GUARD_EVERY == 0:
            written = np.asarray(self.actions, np.int64)
            period = stuck_period(written)
            if period is not None:
                keep = without_repetition(written, period)
                self.repeated = True
                del self.actions[keep:], self.log_probs[keep:], self.offsets[keep:]
                return True
        return len(self.log_probs) >= self.plan.limit

    def result(self, first_state: NDArray[np.float32]) -> Generated:
        return Generated(
            tuple(self.actions),
            tuple(self.log_probs),
            np.asarray(self.offsets, np.float32).reshape(-1, 2),
            first_state,
            self.finished,
            self.repeated,
        )


class _Schedule:
    """Which prompt is in which row, and what has been written of each."""

    def __init__(self, rows: Rows, plans: Sequence[Plan], end: int, slots: int, guard: bool) -> None:
        self.rows, self.end, self.slots, self.guard = rows, end, slots, guard
        self.records = [_Record(each) for each in plans]
        self.waiting = deque(range(len(plans)))
        self.live: list[int] = []  # prompts' numbers, by row
        self.longest = 0  # elements before the next one in the longest live row

    def enter(self) -> bool:
        """Fills free slots with waiting prompts; returns whether any row is live."""
        count = min(self.slots - len(self.live), len(self.waiting))
        if count:
            numbers = [self.waiting.popleft() for _ in range(count)]
            self.rows.enter(len(self.live), numbers)
            self.live += numbers
            self.longest = max(self.longest, *(self.records[number].plan.length for number in numbers))
        return bool(self.live)

    def step(self) -> None:
        self.rows.step(len(self.live), self.longest)
        self.longest += 1

    def collect(self) -> None:
        """Fetches what was written since the last time, and lets finished rows leave."""
        left: set[int] = set()
        for actions, log_probs, offsets in self.rows.fetch():
            for row, number in enumerate(self.live):
                if row not in left:
                    written = (actions[row], log_probs[row], offsets[row])
                    if self.records[number].take(*written, self.end, self.guard):
                        left.add(row)
        for row in sorted(left, reverse=True):
            self._leave(row)
        if left:
            spans = [self.records[number] for number in self.live]
            self.longest = max((each.plan.length + len(each.log_probs) for each in spans), default=0)

    def _leave(self, row: int) -> None:
        """The last row moves into the place of one that is done."""
        last = len(self.live) - 1
        if row != last:
            self.rows.move(last, row)
            self.live[row] = self.live[last]
        self.live.pop()
