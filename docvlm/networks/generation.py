"""Batched greedy decoding in PyTorch: the rows of `docvlm.decoding.schedule` with one static cache on the device.

Nothing in a step waits for the device; what was written is fetched every ``poll`` steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from docvlm.decoding.grammar import Automaton, Stock
from docvlm.decoding.interface import Generated
from docvlm.decoding.schedule import Plan, Written, plan, span_of, write_all
from docvlm.networks.decoder import CompactDecoder, PointerHead, PointerMemory, StaticCache, choose


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
    stock: Stock | None = None,
    slots: int = 16,
    poll: int | None = None,
    guard: bool = True,
) -> list[Generated]:
    """Writes all ``prompts`` to their ends, at most ``slots`` at a time, and returns them in their order.

    ``max_tokens`` counts the end token. With an ``automaton`` every row that the repetition guard does not
    stop is a sentence of its grammar; a ``stock`` limits it further. ``poll`` is 1 on a CPU and 8 elsewhere unless given.

    Raises ValueError where a prefix leaves no room in ``decoder.config.max_length``, where a grammar has no
    sentence that short, or where prompts lack the memory that ``pointers`` need.
    """
    if not prompts:
        return []
    if automaton is not None and automaton.end != end:
        raise ValueError(f"the grammar ends with token {automaton.end}, not {end}")
    plans = [_plan(prompt, max_tokens, decoder.config.max_length, automaton) for prompt in prompts]
    slots = min(slots, len(prompts))
    rows = _TorchRows(decoder, prompts, plans, pointers, automaton, stock, slots)
    poll = poll or (1 if decoder.embedding.weight.device.type == "cpu" else 8)
    return write_all(rows, plans, end, slots, poll, guard)


def _plan(prompt: Prompt, max_tokens: int, max_length: int, automaton: Automaton | None) -> Plan:
    anchors, cells = False, False
    if prompt.memory is not None and automaton is not None:
        anchors = bool(prompt.memory.mask[:, : automaton.space.anchors].any())
        cells = bool(prompt.memory.mask[:, automaton.space.anchors :].any())
    return plan(len(prompt.prefix), max_tokens, max_length, automaton, anchors, cells)


class _Rules:
    """An automaton's tables, and what actions use of a stock, on the device."""

    def __init__(self, automaton: Automaton, stock: Stock | None, device: torch.device) -> None:
        self.class_of = torch.from_numpy(automaton.class_of).to(device, torch.long)
        self.next_state = torch.from_numpy(automaton.next_state).to(device, torch.long)
        self.need = torch.from_numpy(automaton.need).to(device)
        self.uses: Tensor | None = None
        if stock is not None:
            self.uses = torch.from_numpy(stock.uses).to(device)
            tables = (torch.from_numpy(table).to(device) for table in stock.thresholds())
            self.goods, self.least, self.needs = tables

    def forbidden(self, states: Tensor, left: Tensor, amounts: Tensor) -> Tensor:
        """(B, actions): what may not follow in ``states`` (B,) with ``left`` (B,) and ``amounts`` (B, goods) to go."""
        unsound = (self.need[states] > left[:, None])[:, self.class_of]
        if self.uses is None:
            return unsound
        short = (amounts[:, self.goods] < self.least).to(self.needs)
        return unsound | (short @ self.needs.T > 0)

    def advance(self, states: Tensor, actions: Tensor) -> Tensor:
        return self.next_state[states, self.class_of[actions]]

    def take(self, amounts: Tensor, actions: Tensor) -> Tensor:
        return amounts if self.uses is None else (amounts - self.uses[actions]).clip(0)


class _TorchRows:
    """Device tensors, of which the first rows are in use."""

    def __init__(
        self,
        decoder: CompactDecoder,
        prompts: Sequence[Prompt],
        plans: Sequence[Plan],
        pointers: PointerHead | None,
        automaton: Automaton | None,
        stock: Stock | None,
        slots: int,
    ) -> None:
        weight = decoder.embedding.weight
        device, config = weight.device, decoder.config
        self.decoder, self.prompts, self.plans, self.pointers = decoder, prompts, plans, pointers
        self.rules = None if automaton is None else _Rules(automaton, stock, device)
        self.stock = stock
        length = max(each.length + each.limit for each in plans)
        self.cache = StaticCache.allocate(config, slots, length, device, weight.dtype)
        self.memory = None if pointers is None else _allocate_memory(prompts, slots)
        self.states = torch.zeros(slots, config.width, device=device, dtype=weight.dtype)
        self.positions = torch.zeros(slots, device=device, dtype=torch.long)
        self.left = torch.zeros(slots, device=device, dtype=torch.int32)
        self.rule_states = torch.zeros(slots, device=device, dtype=torch.long)
        self.amounts = torch.zeros(slots, 0 if stock is None else stock.amounts.shape[1], device=device)
        self.firsts = torch.zeros(len(prompts), config.width, device=device, dtype=weight.dtype)
        self.fresh: dict[int, int] = {}  # row -> number of a prompt whose first action is yet to be read back
        self.written: list[tuple[Tensor, Tensor, Tensor]] = []

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        rows = slice(first, first + len(numbers))
        prefixes = [self.prompts[number].prefix for number in numbers]
        lengths = torch.tensor([len(prefix) for prefix in prefixes], device=self.positions.device)
        padded = torch.nn.utils.rnn.pad_sequence(prefixes, batch_first=True).to(self.states)
        states, keys, values = self.decoder.prefill(padded, lengths)
        self.cache.put_prefix(first, keys, values)
        self.states[rows] = states
        self.positions[rows] = lengths
        limits = [self.plans[number].limit for number in numbers]
        self.left[rows] = torch.tensor(limits, dtype=torch.int32).to(self.left.device)
        starts = torch.tensor([self.plans[number].start for number in numbers])
        self.rule_states[rows] = starts.to(self.rule_states.device)
        if self.stock is not None:
            self.amounts[rows] = torch.from_numpy(self.stock.amounts[list(numbers)]).to(self.amounts.device)
        for row, number in enumerate(numbers, first):
            memory = self.prompts[number].memory
            if self.memory is not None and memory is not None:
                for whole, part in zip(_tensors(self.memory), _tensors(memory)):
                    whole[row] = part[0]
            self.fresh[row] = number

    def step(self, count: int, longest: int) -> None:
        rows = slice(0, count)
        memory = None if self.memory is None else PointerMemory(*(t[rows] for t in _tensors(self.memory)))
        forbidden = None
        if self.rules is not None:
            forbidden = self.rules.forbidden(self.rule_states[rows], self.left[rows], self.amounts[rows])
        actions, log_probs, offsets = choose(
            self.decoder, self.pointers, self.states[rows], memory, forbidden
        )
        self.written.append((actions, log_probs, offsets))
        if self.rules is not None:
            self.rule_states[rows] = self.rules.advance(self.rule_states[rows], actions)
            self.amounts[rows] = self.rules.take(self.amounts[rows], actions)
            self.left[rows] -= 1

        if self.pointers is None or memory is None:
            inputs = self.decoder.embedding(actions)
        else:
            inputs = self.pointers.embed(actions[:, None], self.decoder.embedding, memory)[:, 0]
        # A row that has ended on the device but was not collected yet must not run out of its cache.
        capacity = self.cache.keys.shape[3]
        positions = self.positions[rows].clamp(max=capacity - 1)
        keys_values = self.cache.view(count, span_of(longest, capacity))
        states, keys, values = self.decoder.decode_step(inputs, positions, *keys_values)
        self.cache.put_step(positions, keys, values)
        self.states[rows] = states
        self.positions[rows] = positions + 1
        for row, number in self.fresh.items():
            self.firsts[number] = states[row]
        self.fresh.clear()

    def fetch(self) -> list[Written]:
        fetched = [torch.stack(parts).cpu().tolist() for parts in zip(*self.written)]
        self.written.clear()
        return list(zip(*fetched))

    def move(self, source: int, target: int) -> None:
        self.cache.move(source, target)
        tensors = [self.states, self.positions, self.left, self.rule_states, self.amounts]
        for tensor in tensors + ([] if self.memory is None else _tensors(self.memory)):
            tensor[target] = tensor[source]

    def first_states(self) -> NDArray[np.float32]:
        return self.firsts.float().cpu().numpy()


def _tensors(memory: PointerMemory) -> list[Tensor]:
    return [memory.anchors, memory.cells, memory.keys, memory.mask]


def _allocate_memory(prompts: Sequence[Prompt], slots: int) -> PointerMemory:
    """An empty memory for all slots, shaped like the prompts'."""
    first = prompts[0].memory
    if first is None or any(prompt.memory is None for prompt in prompts):
        raise ValueError("every prompt needs a memory to point at")
    return PointerMemory(*(tensor.new_zeros(slots, *tensor.shape[1:]) for tensor in _tensors(first)))
