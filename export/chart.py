"""The graphs of a chart network, with inputs to try them with."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from docvlm.networks.auxiliary import USED
from docvlm.networks.chart import ChartNetwork
from docvlm.networks.decoder import place_table
from docvlm.networks.graphs import ANCHORS, MEMORY, ReadGraph, StepGraph

from .graphs import (
    GraphSource,
    WithTables,
    attend_by_head,
    cache_inputs,
    cache_shape,
    decoder_tables,
    in_dtype,
    new_shape,
)
from .pictures import charts

_ROWS = (1, 8, 16)


def sources(network: ChartNetwork, seed: int = 0) -> dict[str, GraphSource]:
    """The graphs of a network by name, each with random inputs of two rows, in the precision of its weights."""
    random = torch.Generator().manual_seed(seed)
    dtype = network.decoder.embedding.weight.dtype
    found = {"read": _read_source(network, random), "step": _step_source(network, random)}
    return {name: in_dtype(source, dtype) for name, source in found.items()}


def _read_source(network: ChartNetwork, random: torch.Generator) -> GraphSource:
    config = network.config
    codes = config.anchor_config
    rows, anchors = 2, min(5, config.anchors)
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
    cache = cache_shape(network.decoder, f"anchors + {config.encoder.tokens}")
    outputs = {
        "roles": ("batch", "anchors", network.roles.out_features),
        "places": ("batch", "anchors", 2),
        "state": ("batch", config.width),
        "lengths": ("batch",),
        **_memory_shapes(network),
        "keys": cache,
        "values": cache,
    }

    def drawn() -> dict[str, Tensor]:
        images = torch.from_numpy(charts(config.encoder.size))
        return {"images": images} | {
            name: inputs[name][:1].repeat_interleave(len(images), 0) for name in ANCHORS
        }

    return GraphSource(
        WithTables(ReadGraph(network), partial(_tables, network, "network.")).eval(),
        inputs,
        {"images": {0: "batch"}, **{name: {0: "batch", 1: "anchors"} for name in ANCHORS}},
        outputs,
        {"batch": _ROWS, "anchors": (1, config.anchors // 2, config.anchors)},
        drawn,
        integer=True,
    )


def _step_source(network: ChartNetwork, random: torch.Generator) -> GraphSource:
    config, space = network.config, network.config.space
    rows, length = 2, 24
    memory = [
        torch.randn(rows, config.anchors, config.width, generator=random),
        torch.randn(rows, space.cells, config.encoder.cells, generator=random),
        torch.randn(rows, space.pointers, network.pointers.query.out_features, generator=random),
        torch.rand(rows, space.pointers, generator=random) < 0.9,
    ]
    caches = cache_inputs(network.decoder, rows, length, random)
    forbidden = torch.rand(rows, space.size, generator=random) < 0.5
    forbidden[0, 1:], forbidden[0, 0] = True, False  # leaves the first row no choice
    inputs = {
        "state": torch.randn(rows, config.width, generator=random),
        "forbidden": forbidden,
        "positions": torch.randint(1, length, (rows,), generator=random),
        **dict(zip(MEMORY, memory)),
        **caches,
    }
    outputs = {
        "action": ("batch",),
        "log_prob": ("batch",),
        "offset": ("batch", 2),
        "next_state": ("batch", config.width),
        "auxiliary": ("batch", USED),
        "new_keys": new_shape(network.decoder),
        "new_values": new_shape(network.decoder),
    }
    longest = config.decoder.max_length
    step = StepGraph(network.decoder, network.pointers, network.auxiliary, attend_by_head)
    return GraphSource(
        WithTables(step, partial(_tables, network)).eval(),
        inputs,
        {name: {0: "batch", 2: "length"} if name in caches else {0: "batch"} for name in inputs},
        outputs,
        {"batch": _ROWS, "length": (1, longest // 2, longest)},
        integer=True,
    )


def _tables(network: ChartNetwork, within: str = "") -> dict[str, Tensor]:
    places = place_table(network.config.space).to(network.decoder.embedding.weight.dtype)
    return {**decoder_tables(network.decoder, f"{within}decoder"), f"{within}pointers.places": places}


def _memory_shapes(network: ChartNetwork) -> dict[str, tuple[int | str, ...]]:
    config, space = network.config, network.config.space
    return {
        "anchors": ("batch", config.anchors, config.width),
        "cells": ("batch", space.cells, config.encoder.cells),
        "pointers": ("batch", space.pointers, network.pointers.query.out_features),
        "pointable": ("batch", space.pointers),
    }
