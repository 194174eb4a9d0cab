"""The graphs of a reading network, with inputs to try them with."""

from __future__ import annotations

import torch

from docvlm.formulas.codes import FEATURES
from docvlm.formulas.codes import ROWS as CHARACTERS
from docvlm.formulas.glyphs import STYLES
from docvlm.networks.graphs import GLYPHS, PrefillGraph, StepGraph
from docvlm.networks.reader import ReaderNetwork

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

_ROWS = (1, 16, 64)


def sources(network: ReaderNetwork, seed: int = 0) -> dict[str, GraphSource]:
    """The graphs of a network by name, each with random inputs of two rows, in the precision of its weights."""
    random = torch.Generator().manual_seed(seed)
    dtype = network.decoder.embedding.weight.dtype
    found = {"prefill": _prefill_source(network, random), "step": _step_source(network, random)}
    return {name: in_dtype(source, dtype) for name, source in found.items()}


def _prefill_source(network: ReaderNetwork, random: torch.Generator) -> GraphSource:
    config = network.config
    rows, glyphs = 2, min(7, config.glyphs)
    counts = torch.tensor([glyphs, glyphs // 2])
    inputs = {
        "starts": torch.randint(config.vocabulary, (rows,), generator=random),
        "characters": torch.randint(CHARACTERS, (rows, glyphs), generator=random),
        "styles": torch.randint(len(STYLES), (rows, glyphs), generator=random),
        "features": torch.randn(rows, glyphs, FEATURES, generator=random),
        "mask": torch.arange(glyphs) < counts[:, None],
    }
    cache = cache_shape(network.decoder, "glyphs + 1")
    return GraphSource(
        WithTables(PrefillGraph(network), lambda: decoder_tables(network.decoder, "network.decoder")).eval(),
        inputs,
        {"starts": {0: "batch"}, **{name: {0: "batch", 1: "glyphs"} for name in GLYPHS}},
        {"state": ("batch", config.width), "lengths": ("batch",), "keys": cache, "values": cache},
        {"batch": _ROWS, "glyphs": (1, 32, config.glyphs)},
        integer=True,
    )


def _step_source(network: ReaderNetwork, random: torch.Generator) -> GraphSource:
    config = network.config
    rows, length = 2, 24
    caches = cache_inputs(network.decoder, rows, length, random)
    forbidden = torch.rand(rows, config.vocabulary, generator=random) < 0.5
    forbidden[0, 1:], forbidden[0, 0] = True, False  # leaves the first row no choice
    inputs = {
        "state": torch.randn(rows, config.width, generator=random),
        "forbidden": forbidden,
        "positions": torch.randint(1, length, (rows,), generator=random),
        **caches,
    }
    step = StepGraph(network.decoder, attend=attend_by_head)
    return GraphSource(
        WithTables(step, lambda: decoder_tables(network.decoder, "decoder")).eval(),
        inputs,
        {name: {0: "batch", 2: "length"} if name in caches else {0: "batch"} for name in inputs},
        {
            "action": ("batch",),
            "log_prob": ("batch",),
            "next_state": ("batch", config.width),
            "new_keys": new_shape(network.decoder),
            "new_values": new_shape(network.decoder),
        },
        {"batch": _ROWS, "length": (1, 64, config.decoder.max_length)},
        integer=True,
    )
