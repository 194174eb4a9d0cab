"""Batched greedy decoding, whatever computes it: rows of different lengths, of which finished ones leave and waiting
ones enter.

The batch has a fixed number of slots (`docvlm.decoding.rows`). The live rows are always the first n: where one finishes,
the last one moves into its place, and waiting prompts are appended. What was written is fetched every ``poll`` steps of the
graph, and only then rows leave. What a row gets depends neither on its neighbours nor on ``poll`` (but for the last digits
of floating-point sums). Needs no torch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from docvlm.decoding.interface import Generated
from docvlm.decoding.repetition import stuck_period, without_repetition
from docvlm.decoding.rows import Plan, Rows

# The repetition guard looks every so many actions of a row: it cuts back to the loop's first round anyway.
_GUARD_EVERY = 32


def write_all(rows: Rows, end: int, guard: bool = True) -> list[Generated]:
    """Writes all prompts of ``rows`` to their ends, and returns them in their order.

    ``end`` is the end token; ``guard`` stops rows that repeat themselves.
    """
    schedule = _Schedule(rows, end, guard)
    while schedule.enter():
        for _ in range(rows.graph.poll):
            schedule.step()
        schedule.collect()
    return [record.result() for record in schedule.records]


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

    def result(self) -> Generated:
        return Generated(
            tuple(self.actions),
            tuple(self.log_probs),
            np.asarray(self.offsets, np.float32).reshape(-1, 2),
            self.finished,
            self.repeated,
        )


class _Schedule:
    """Which prompt is in which row, and what has been written of each."""

    def __init__(self, rows: Rows, end: int, guard: bool) -> None:
        self.rows, self.end, self.guard = rows, end, guard
        self.records = [_Record(each) for each in rows.plans]
        self.waiting = deque(range(len(rows.plans)))
        self.live: list[int] = []  # prompts' numbers, by row
        self.longest = 0  # elements before the next one in the longest live row

    def enter(self) -> bool:
        """Fills free slots with waiting prompts; returns whether any row is live."""
        count = min(self.rows.slots - len(self.live), len(self.waiting))
        if count:
            numbers = [self.waiting.popleft() for _ in range(count)]
            self.longest = max(self.longest, *(self.records[number].plan.length for number in numbers))
            self.rows.enter(len(self.live), numbers, self.longest)
            self.live += numbers
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
