"""What of a chart network becomes a graph: adapters around the trained modules, which stay free of export's needs.

Two graphs suffice. `ReadGraph` reads images and anchors: roles, places, what can be pointed at, and keys and values of
the prefix. `StepGraph` chooses an action and reads it back; between two steps only small tensors leave it, and of
the cache only what is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from docvlm.networks.auxiliary import USED
from docvlm.networks.chart import ChartNetwork
from docvlm.networks.decoder import PointerMemory, choose, place_table, rotation_table

CODES = ("boxes", "text", "numbers", "kinds", "styles", "mask")
MEMORY = ("anchors", "cells", "pointers", "pointable")  # the fields of `PointerMemory`


@dataclass(frozen=True, slots=True)
class GraphSource:
    """A module to export. Inputs and their dynamic sizes go by name; so do the outputs with their shapes."""

    module: nn.Module
    inputs: dict[str, Tensor]
    dynamic: dict[str, dict[int, str]]
    outputs: dict[str, tuple[int | str, ...]]


class ReadGraph(nn.Module):
    """Images (B, 3, size, size) in [0, 1] and the codes of A anchors -> see `read_source`."""

    def __init__(self, network: ChartNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, *codes: Tensor) -> tuple[Tensor, ...]:
        network, named = self.network, dict(zip(CODES, codes))
        tokens, cells, anchors = network.seen(images, named)
        memory = network.memory(anchors, named["mask"], cells)
        prefix, lengths = network.prefix(tokens, anchors, named["mask"])
        states, keys, values = network.decoder.run(prefix, lengths)
        last = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2])
        anchor_states = states[:, tokens.shape[1] :]
        return (
            network.roles(anchor_states).softmax(-1),
            network.places(anchor_states),
            states.gather(1, last)[:, 0],
            lengths,
            memory.anchors,
            memory.cells,
            memory.keys,
            memory.mask,
            torch.stack(keys),
            torch.stack(values),
        )


class StepGraph(nn.Module):
    """States (B, width), forbidden actions (B, actions), positions (B,), the memory, and the cache's keys and then
    values of each layer (B, kv heads, L, head) -> see `step_source`.
    """

    def __init__(self, network: ChartNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, state: Tensor, forbidden: Tensor, positions: Tensor, *others: Tensor
    ) -> tuple[Tensor, ...]:
        decoder, pointers = self.network.decoder, self.network.pointers
        memory, cache = PointerMemory(*others[: len(MEMORY)]), others[len(MEMORY) :]
        actions, log_probs, offsets = choose(decoder, pointers, state, memory, forbidden)
        inputs = pointers.embed(actions[:, None], decoder.embedding, memory)[:, 0]
        depth = decoder.config.depth
        following, keys, values = decoder.decode_step(inputs, positions, cache[:depth], cache[depth:])
        # Only those behind a row's first action count; computing them always costs next to nothing.
        auxiliary = self.network.auxiliary(following)
        return actions, log_probs, offsets, following, auxiliary, keys, values


class WithTables(nn.Module):
    """Computes the tables of sines and cosines inside the graph: they would weigh more than the graph itself, and
    runtimes fold them when they load it.
    """

    def __init__(self, inner: ReadGraph | StepGraph) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        network = self.inner.network
        dtype = network.decoder.embedding.weight.dtype
        cos, sin = rotation_table(network.decoder.config)
        tables = {
            "network.decoder.cos": cos.to(dtype),
            "network.decoder.sin": sin.to(dtype),
            "network.pointers.places": place_table(network.config.space).to(dtype),
        }
        outputs: tuple[Tensor, ...] = functional_call(self.inner, tables, inputs)
        return outputs


def sources(network: ChartNetwork, seed: int = 0) -> dict[str, GraphSource]:
    """The graphs of a network by name, each with random inputs of two rows, in the precision of its weights."""
    random = torch.Generator().manual_seed(seed)
    dtype = network.decoder.embedding.weight.dtype
    found = {"read": read_source(network, random), "step": step_source(network, random)}
    for source in found.values():
        for name, tensor in source.inputs.items():
            source.inputs[name] = tensor.to(dtype) if tensor.is_floating_point() else tensor
    return found


def read_source(
    network: ChartNetwork, random: torch.Generator, rows: int = 2, anchors: int = 5
) -> GraphSource:
    config = network.config
    codes = config.anchor_config
    anchors = min(anchors, config.anchors)
    counts = torch.tensor([max(1, anchors - row) for row in range(rows)])
    inputs = {
        "images": torch.rand(rows, 3, config.encoder.size, config.encoder.size, generator=random),
        "boxes": torch.randint(codes.bins, (rows, anchors, 4), generator=random),
        "text": torch.randint(257, (rows, anchors, codes.text_bytes), generator=random),
        "numbers": torch.rand(rows, anchors, 6, generator=random),
        "kinds": torch.randint(3, (rows, anchors), generator=random),
        "styles": torch.randint(codes.styles, (rows, anchors), generator=random),
        "mask": torch.arange(anchors) < counts[:, None],
    }
    dynamic = {name: {0: "batch", 1: "anchors"} for name in CODES}
    cache = _cache_shape(network, f"anchors + {config.encoder.tokens}")
    return GraphSource(
        WithTables(ReadGraph(network)).eval(),
        inputs,
        {"images": {0: "batch"}, **dynamic},
        {
            "roles": ("batch", "anchors", network.roles.out_features),
            "places": ("batch", "anchors", 2),
            "state": ("batch", config.width),
            "lengths": ("batch",),
            **_memory_shapes(network),
            "keys": cache,
            "values": cache,
        },
    )


def step_source(
    network: ChartNetwork, random: torch.Generator, rows: int = 2, length: int = 24
) -> GraphSource:
    config, space = network.config, network.config.space
    depth, _, heads, _, head = _cache_shape(network, length)
    memory = [
        torch.randn(rows, config.anchors, config.width, generator=random),
        torch.randn(rows, space.cells, config.encoder.cells, generator=random),
        torch.randn(rows, space.pointers, network.pointers.query.out_features, generator=random),
        torch.rand(rows, space.pointers, generator=random) < 0.9,
    ]
    caches = {
        f"{name}.{layer}": torch.randn(rows, int(heads), length, int(head), generator=random)
        for name in ("keys", "values")
        for layer in range(int(depth))
    }
    inputs = {
        "state": torch.randn(rows, config.width, generator=random),
        "forbidden": torch.rand(rows, space.size, generator=random) < 0.5,
        "positions": torch.randint(1, length, (rows,), generator=random),
        **dict(zip(MEMORY, memory)),
        **caches,
    }
    new = (depth, "batch", heads, head)
    return GraphSource(
        WithTables(StepGraph(network)).eval(),
        inputs,
        {name: {0: "batch", 2: "length"} if name in caches else {0: "batch"} for name in inputs},
        {
            "action": ("batch",),
            "log_prob": ("batch",),
            "offset": ("batch", 2),
            "next_state": ("batch", config.width),
            "auxiliary": ("batch", USED),
            "new_keys": new,
            "new_values": new,
        },
    )


def example(source: GraphSource, rows: Sequence[int]) -> dict[str, Tensor]:
    """The source's inputs, of these rows only: another batch size."""
    return {name: tensor[list(rows)] for name, tensor in source.inputs.items()}


def _memory_shapes(network: ChartNetwork) -> dict[str, tuple[int | str, ...]]:
    config, space = network.config, network.config.space
    return {
        "anchors": ("batch", config.anchors, config.width),
        "cells": ("batch", space.cells, config.encoder.cells),
        "pointers": ("batch", space.pointers, network.pointers.query.out_features),
        "pointable": ("batch", space.pointers),
    }


def _cache_shape(network: ChartNetwork, length: int | str) -> tuple[int | str, ...]:
    decoder = network.config.decoder
    return decoder.depth, "batch", decoder.kv_heads, length, decoder.head_width
