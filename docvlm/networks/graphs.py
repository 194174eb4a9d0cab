"""The networks cut into graphs of tensors with names: what every runtime runs.

A decoder is two graphs, one that reads the prefix and one that takes a step; between two steps only small tensors leave a
step, and of the cache only what is new. `docvlm export` compiles these modules, and `docvlm.runtimes.torch` runs them as
they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from docvlm.networks.auxiliary import AuxiliaryHead
from docvlm.networks.chart import ChartNetwork
from docvlm.networks.decoder import (
    CompactDecoder,
    PointerHead,
    PointerMemory,
    StepAttention,
    attend_step,
    choose,
)
from docvlm.networks.glyph_finder import GlyphFinder
from docvlm.networks.page import PageNetwork
from docvlm.networks.reader import ReaderNetwork

ANCHORS = (
    "boxes",
    "text",
    "numbers",
    "kinds",
    "styles",
    "mask",
)  # the fields of `docvlm.anchors.AnchorCodes`
GLYPHS = ("characters", "styles", "features", "mask")  # what `docvlm.formulas.codes.stack_glyphs` gives
MEMORY = ("anchors", "cells", "pointers", "pointable")  # the fields of `PointerMemory`


class NetworkGraph(nn.Module):
    """Tensors in and out in the order of ``inputs`` and ``outputs``, which are their names."""

    def __init__(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        super().__init__()
        self.inputs, self.outputs = list(inputs), list(outputs)


class StepGraph(NetworkGraph):
    """One step of a decoder: chooses an action and reads it back.

    Takes states (B, width), forbidden actions (B, actions), positions (B,), with ``pointers`` the memory, and the cache's
    keys and then values of each layer (B, kv heads, L, head). Says ``action`` (B,), its ``log_prob`` (B,), where it points
    ``offset`` (B, 2), the ``next_state`` (B, width), what the ``auxiliary`` head makes of that, and what is new in the
    cache (depth, B, kv heads, head). ``attend`` computes what `attend_step` does, in the way that is fastest elsewhere.
    """

    def __init__(
        self,
        decoder: CompactDecoder,
        pointers: PointerHead | None = None,
        auxiliary: AuxiliaryHead | None = None,
        attend: StepAttention = attend_step,
    ) -> None:
        caches = [f"{kind}.{layer}" for kind in ("keys", "values") for layer in range(decoder.config.depth)]
        memory = () if pointers is None else MEMORY
        points, estimates = ["offset"] * (pointers is not None), ["auxiliary"] * (auxiliary is not None)
        super().__init__(
            ["state", "forbidden", "positions", *memory, *caches],
            ["action", "log_prob", *points, "next_state", *estimates, "new_keys", "new_values"],
        )
        self.decoder, self.pointers, self.auxiliary, self.attend = decoder, pointers, auxiliary, attend
        self.memory = len(memory)

    def forward(
        self, state: Tensor, forbidden: Tensor, positions: Tensor, *others: Tensor
    ) -> tuple[Tensor, ...]:
        decoder, depth = self.decoder, self.decoder.config.depth
        memory = PointerMemory(*others[: self.memory]) if self.pointers is not None else None
        cache = others[self.memory :]
        actions, log_probs, offsets = choose(decoder, self.pointers, state, memory, forbidden)
        if self.pointers is None or memory is None:
            inputs = decoder.embedding(actions)
        else:
            inputs = self.pointers.embed(actions[:, None], decoder.embedding, memory)[:, 0]
        following, keys, values = decoder.decode_step(
            inputs, positions, cache[:depth], cache[depth:], self.attend
        )
        pointed = () if memory is None else (offsets,)
        # Only those behind a row's first action count; computing them always costs next to nothing.
        estimated = () if self.auxiliary is None else (self.auxiliary(following),)
        return actions, log_probs, *pointed, following, *estimated, keys, values


class ReadGraph(NetworkGraph):
    """Images (B, 3, size, size) in [0, 1] and the codes of A anchors -> what a chart's first step needs.

    Says the ``roles`` of anchors as probabilities (B, A, roles), their ``places`` (B, A, 2), the ``state`` (B, width) and
    the ``lengths`` (B,) of the prefixes, what can be pointed at, and ``keys`` and ``values`` (depth, B, kv heads, P, head).
    """

    def __init__(self, network: ChartNetwork) -> None:
        super().__init__(
            ["images", *ANCHORS], ["roles", "places", "state", "lengths", *MEMORY, "keys", "values"]
        )
        self.network = network

    def forward(self, images: Tensor, *codes: Tensor) -> tuple[Tensor, ...]:
        network, named = self.network, dict(zip(ANCHORS, codes))
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


class PrefillGraph(NetworkGraph):
    """Start tokens (B,) and the codes of N glyphs -> ``state`` (B, width), ``lengths`` (B,), and ``keys`` and ``values``
    (depth, B, kv heads, P, head).
    """

    def __init__(self, network: ReaderNetwork) -> None:
        super().__init__(["starts", *GLYPHS], ["state", "lengths", "keys", "values"])
        self.network = network

    def forward(self, starts: Tensor, *codes: Tensor) -> tuple[Tensor, ...]:
        prefix, lengths = self.network.prefix(dict(zip(GLYPHS, codes)), starts)
        state, keys, values = self.network.decoder.prefill(prefix, lengths)
        return state, lengths, keys, values


class LookGraph(NetworkGraph):
    """Squares of ink (B, H, MULTIPLE, W, MULTIPLE) in [0, 1] -> ``heat`` (B, R, C) in [0, 1], ``rules``
    (B, RULE_CHANNELS, R, C) and features ``cells`` (B, cells, R, C).

    The sides of a picture are multiples of MULTIPLE; it goes in as squares of that size, so that every number of them is a
    size that an exported graph takes.
    """

    def __init__(self, network: GlyphFinder) -> None:
        super().__init__(["squares"], ["heat", "rules", "cells"])
        self.network = network

    def forward(self, squares: Tensor) -> tuple[Tensor, ...]:
        cells = self.network.cells(squares.flatten(3).flatten(1, 2)[:, None])
        return self.network.heat(cells)[:, 0].sigmoid(), self.network.rules(cells), cells


class DescribeGraph(NetworkGraph):
    """Windows (n, F) of features -> the probabilities ``scores`` (n, classes) of their glyphs, ``values`` (n, VALUES)."""

    def __init__(self, network: GlyphFinder) -> None:
        super().__init__(["windows"], ["scores", "values"])
        self.network = network

    def forward(self, windows: Tensor) -> tuple[Tensor, ...]:
        scores, values = self.network.told(windows)
        return scores.softmax(-1), values


class OrderGraph(NetworkGraph):
    """Pages of N lines, as `PageNetwork` takes them -> ``roles`` (B, N, roles) as probabilities, ``follows`` and
    ``precedes`` (B, N, N + 1) as log-probabilities, ``joined`` (B, N, N, 2) as probabilities.
    """

    def __init__(self, network: PageNetwork) -> None:
        super().__init__(["lines", "pairs", "mask"], ["roles", "follows", "precedes", "joined"])
        self.network = network

    def forward(self, lines: Tensor, pairs: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        roles, follows, precedes, joined = self.network(lines, pairs, mask)
        return roles.softmax(-1), follows.log_softmax(-1), precedes.log_softmax(-1), joined.sigmoid()


def graphs_of(network: nn.Module) -> dict[str, NetworkGraph]:
    """The graphs of a network, by the names under which its model looks for them."""
    if isinstance(network, ChartNetwork):
        step = StepGraph(network.decoder, network.pointers, network.auxiliary)
        return {"read": ReadGraph(network), "step": step}
    if isinstance(network, ReaderNetwork):
        return {"prefill": PrefillGraph(network), "step": StepGraph(network.decoder)}
    if isinstance(network, PageNetwork):
        return {"order": OrderGraph(network)}
    assert isinstance(network, GlyphFinder)
    return {"look": LookGraph(network), "describe": DescribeGraph(network)}
