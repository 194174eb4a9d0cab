"""Batched greedy decoding: rows of different lengths, of which finished ones leave and waiting ones enter.

The batch has a fixed number of slots and one static cache. The live rows are always the first n: where one
finishes, the last one moves into its place, and waiting prompts are appended. Nothing in a step waits for the
device; what was written is fetched every ``poll`` steps, and only then rows leave. What a row gets depends
neither on its neighbours nor on ``poll`` (but for the last digits of floating-point sums).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from docvlm.grammar import NEVER, Automaton
from docvlm.networks.decoder import CompactDecoder, PointerHead, PointerMemory, StaticCache, action_logits
from docvlm.networks.interface import Generated
from docvlm.networks.repetition import stuck_period, without_repetition

# The cache is read up to the longest row, in steps of this many slots, so that few shapes occur.
_SPAN = 64
# The repetition guard looks every so many actions of a row: it cuts back to the loop's first round anyway.
_GUARD_EVERY = 32


@dataclass(frozen=True, slots=True)
class Prompt:
    """One row to be written: its prefix (length, width), and what it may point at (`PointerMemory` of one image)."""

    prefix: Tensor
    memory: PointerMemory | None = None


def prompts_of(prefix: Tensor, lengths: Tensor, memory: PointerMemory | None = None) -> list[Prompt]:
    """The rows of a padded batch: prefix (B, P, width) and lengths (B,), as `decoder.pack` makes them."""
    return [
        Prompt(prefix[row, :length], None if memory is None else memory.row(row))
        for row, length in enumerate(lengths.tolist())
    ]


@torch.inference_mode()
def generate(
    decoder: CompactDecoder,
    prompts: Sequence[Prompt],
    end: int,
    max_tokens: int,
    *,
    pointers: PointerHead | None = None,
    automaton: Automaton | None = None,
    slots: int = 16,
    poll: int | None = None,
    guard: bool = True,
) -> list[Generated]:
    """Writes all ``prompts`` to their ends, at most ``slots`` at a time, and returns them in their order.

    ``max_tokens`` counts the end token. With an ``automaton`` every row that the repetition guard does not
    stop is a sentence of its grammar. ``poll`` is 1 on a CPU and 8 elsewhere unless given.

    Raises ValueError where a prefix leaves no room in ``decoder.config.max_length``, where a grammar has no
    sentence that short, or where prompts lack the memory that ``pointers`` need.
    """
    if not prompts:
        return []
    if automaton is not None and automaton.end != end:
        raise ValueError(f"the grammar ends with token {automaton.end}, not {end}")
    batch = _Batch(decoder, prompts, end, max_tokens, pointers, automaton, min(slots, len(prompts)), guard)
    poll = poll or (1 if decoder.embedding.weight.device.type == "cpu" else 8)
    while batch.enter():
        for _ in range(poll):
            batch.step()
        batch.collect()
    return [record.result() for record in batch.records]


@dataclass(slots=True)
class _Record:
    """What is known on the host of one row."""

    length: int  # of the prefix
    limit: int  # of actions
    actions: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    offsets: list[tuple[float, float]] = field(default_factory=list)
    first_state: Tensor | None = None
    finished: bool = False
    repeated: bool = False

    def take(self, action: int, log_prob: float, offset: tuple[float, float], end: int, guard: bool) -> bool:
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
        return len(self.log_probs) >= self.limit

    def result(self) -> Generated:
        assert self.first_state is not None
        return Generated(
            tuple(self.actions),
            tuple(self.log_probs),
            np.asarray(self.offsets, np.float32).reshape(-1, 2),
            self.first_state.float().cpu().numpy(),
            self.finished,
            self.repeated,
        )


class _Rules:
    """An automaton's tables on the device."""

    def __init__(self, automaton: Automaton, device: torch.device) -> None:
        self.class_of = torch.from_numpy(automaton.class_of).to(device, torch.long)
        self.next_state = torch.from_numpy(automaton.next_state).to(device, torch.long)
        self.need = torch.from_numpy(automaton.need).to(device)

    def forbidden(self, states: Tensor, left: Tensor) -> Tensor:
        """(B, actions): what may not follow in ``states`` (B,) with ``left`` (B,) actions to go."""
        return (self.need[states] > left[:, None])[:, self.class_of]

    def advance(self, states: Tensor, actions: Tensor) -> Tensor:
        return self.next_state[states, self.class_of[actions]]


class _Batch:
    """The live rows: host records beside device tensors whose first ``len(self.live)`` rows are in use."""

    def __init__(
        self,
        decoder: CompactDecoder,
        prompts: Sequence[Prompt],
        end: int,
        max_tokens: int,
        pointers: PointerHead | None,
        automaton: Automaton | None,
        slots: int,
        guard: bool,
    ) -> None:
        weight = decoder.embedding.weight
        device, config = weight.device, decoder.config
        self.decoder, self.prompts, self.pointers = decoder, prompts, pointers
        self.end, self.slots, self.guard = end, slots, guard
        self.records = [_record(prompt, max_tokens, config.max_length) for prompt in prompts]
        self.starts = [
            _start(prompt, record.limit, automaton) for prompt, record in zip(prompts, self.records)
        ]
        self.waiting = deque(range(len(prompts)))
        self.live: list[int] = []  # prompts' numbers, by row
        self.rules = None if automaton is None else _Rules(automaton, device)
        length = max(record.length + record.limit for record in self.records)
        self.cache = StaticCache.allocate(config, slots, length, device, weight.dtype)
        self.memory = None if pointers is None else _allocate_memory(prompts, slots)
        self.states = torch.zeros(slots, config.width, device=device, dtype=weight.dtype)
        self.positions = torch.zeros(slots, device=device, dtype=torch.long)
        self.left = torch.zeros(slots, device=device, dtype=torch.int32)
        self.rule_states = torch.zeros(slots, device=device, dtype=torch.long)
        self.longest = 0  # position of the longest live row
        self.fresh: list[int] = []  # rows whose first action is yet to be read back
        self.written: list[tuple[Tensor, Tensor, Tensor]] = []

    def enter(self) -> bool:
        """Fills free slots with waiting prompts; returns whether any row is live."""
        count = min(self.slots - len(self.live), len(self.waiting))
        if count:
            numbers = [self.waiting.popleft() for _ in range(count)]
            first = len(self.live)
            rows = slice(first, first + count)
            prefixes = [self.prompts[number].prefix for number in numbers]
            lengths = torch.tensor([len(prefix) for prefix in prefixes], device=self.positions.device)
            padded = torch.nn.utils.rnn.pad_sequence(prefixes, batch_first=True).to(self.states)
            states, keys, values = self.decoder.prefill(padded, lengths)
            self.cache.put_prefix(first, keys, values)
            self.states[rows] = states
            self.positions[rows] = lengths
            limits = [self.records[number].limit for number in numbers]
            self.left[rows] = torch.tensor(limits, dtype=torch.int32).to(self.left.device)
            starts = torch.tensor([self.starts[number] for number in numbers])
            self.rule_states[rows] = starts.to(self.rule_states.device)
            for row, number in enumerate(numbers, first):
                memory = self.prompts[number].memory
                if self.memory is not None and memory is not None:
                    for whole, part in zip(_tensors(self.memory), _tensors(memory)):
                        whole[row] = part[0]
            self.fresh += range(first, first + count)
            self.live += numbers
            self.longest = max(self.longest, *(len(prefix) for prefix in prefixes))
        return bool(self.live)

    def step(self) -> None:
        """Chooses an action for every live row and reads it back."""
        count = len(self.live)
        rows = slice(0, count)
        memory = None if self.memory is None else PointerMemory(*(t[rows] for t in _tensors(self.memory)))
        actions, log_probs, offsets = self._choose(self.states[rows], rows, memory)
        self.written.append((actions, log_probs, offsets))

        if self.pointers is None or memory is None:
            inputs = self.decoder.embedding(actions)
        else:
            inputs = self.pointers.embed(actions[:, None], self.decoder.embedding, memory)[:, 0]
        # A row that has ended on the device but was not collected yet must not run out of its cache.
        positions = self.positions[rows].clamp(max=self.cache.keys.shape[3] - 1)
        span = min(-(-self.longest // _SPAN) * _SPAN, self.cache.keys.shape[3])
        states, keys, values = self.decoder.decode_step(inputs, positions, *self.cache.view(count, span))
        self.cache.put_step(positions, keys, values)
        self.states[rows] = states
        self.positions[rows] = positions + 1
        self.longest += 1
        for row in self.fresh:
            self.records[self.live[row]].first_state = states[row].clone()
        self.fresh.clear()

    def _choose(
        self, states: Tensor, rows: slice, memory: PointerMemory | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Actions (B,), their log-probabilities (B,) and offsets (B, 2)."""
        scores = action_logits(self.decoder, self.pointers, states[:, None], memory)[:, 0]
        total = scores.logsumexp(-1)
        if self.rules is not None:
            forbidden = self.rules.forbidden(self.rule_states[rows], self.left[rows])
            best, actions = scores.masked_fill(forbidden, -torch.inf).max(-1)
            self.rule_states[rows] = self.rules.advance(self.rule_states[rows], actions)
            self.left[rows] -= 1
        else:
            best, actions = scores.max(-1)
        if self.pointers is None or memory is None:
            offsets = scores.new_zeros(len(actions), 2)
        else:
            offsets = self.pointers.offsets(states[:, None], actions[:, None], memory)[:, 0].float()
        return actions, best - total, offsets

    def collect(self) -> None:
        """Fetches what was written since the last time, and lets finished rows leave."""
        fetched = [torch.stack(parts).cpu().tolist() for parts in zip(*self.written)]
        self.written.clear()
        left: set[int] = set()
        for actions, log_probs, offsets in zip(*fetched):
            for row, number in enumerate(self.live):
                if row not in left:
                    written = (actions[row], log_probs[row], tuple(offsets[row]))
                    if self.records[number].take(*written, self.end, self.guard):
                        left.add(row)
        for row in sorted(left, reverse=True):
            self._leave(row)
        if left:
            spans = [self.records[number] for number in self.live]
            self.longest = max((record.length + len(record.log_probs) for record in spans), default=0)

    def _leave(self, row: int) -> None:
        """The last row moves into the place of one that is done."""
        last = len(self.live) - 1
        if row != last:
            self.cache.move(last, row)
            tensors = [self.states, self.positions, self.left, self.rule_states]
            for tensor in tensors + ([] if self.memory is None else _tensors(self.memory)):
                tensor[row] = tensor[last]
            self.live[row] = self.live[last]
        self.live.pop()


def _record(prompt: Prompt, max_tokens: int, max_length: int) -> _Record:
    length = len(prompt.prefix)
    limit = min(max_tokens, max_length - length)
    if limit < 1 or not length:
        raise ValueError(f"a prefix of {length} and {max_tokens} tokens do not go into {max_length}")
    return _Record(length, limit)


def _start(prompt: Prompt, limit: int, automaton: Automaton | None) -> int:
    """The automaton's first state for what this prompt may point at."""
    if automaton is None:
        return 0
    has_anchors, has_cells = False, False
    if prompt.memory is not None:
        has_anchors = bool(prompt.memory.mask[:, : automaton.space.anchors].any())
        has_cells = bool(prompt.memory.mask[:, automaton.space.anchors :].any())
    start = automaton.start(has_anchors, has_cells)
    shortest = automaton.shortest(start)
    assert shortest < NEVER
    if shortest > limit:
        raise ValueError(f"the grammar needs at least {shortest} tokens, {limit} are allowed")
    return start


def _tensors(memory: PointerMemory) -> list[Tensor]:
    return [memory.anchors, memory.cells, memory.keys, memory.mask]


def _allocate_memory(prompts: Sequence[Prompt], slots: int) -> PointerMemory:
    """An empty memory for all slots, shaped like the prompts'."""
    first = prompts[0].memory
    if first is None or any(prompt.memory is None for prompt in prompts):
        raise ValueError("every prompt needs a memory to point at")
    return PointerMemory(*(tensor.new_zeros(slots, *tensor.shape[1:]) for tensor in _tensors(first)))
