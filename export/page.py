"""The graph of a page network, with inputs to try it with."""

from __future__ import annotations

import torch

from docvlm.networks.graphs import OrderGraph
from docvlm.networks.page import PageNetwork

from .graphs import GraphSource, WithTables, in_dtype

_LINES = (1, 80, 600)


def sources(network: PageNetwork, seed: int = 0) -> dict[str, GraphSource]:
    """The graph by name, with random inputs of two pages, in the precision of the network's weights."""
    random = torch.Generator().manual_seed(seed)
    config, count = network.config, 7
    mask = torch.ones(2, count, dtype=torch.bool)
    mask[1, 5:] = False
    source = GraphSource(
        WithTables(OrderGraph(network), dict).eval(),
        {
            "lines": torch.randn(2, count, config.features, generator=random),
            "pairs": torch.randn(2, count, count, config.pairs, generator=random),
            "mask": mask,
        },
        {
            "lines": {0: "batch", 1: "lines"},
            "pairs": {0: "batch", 1: "lines", 2: "lines"},
            "mask": {0: "batch", 1: "lines"},
        },
        {
            "roles": ("batch", "lines", len(config.roles)),
            "follows": ("batch", "lines", "lines + 1"),
            "precedes": ("batch", "lines", "lines + 1"),
            "joined": ("batch", "lines", "lines", 2),
        },
        {"batch": (1, 1, 8), "lines": _LINES},
    )
    return {"order": in_dtype(source, network.role.weight.dtype)}
