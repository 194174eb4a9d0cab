"""A chart model by the graphs that `docvlm export` wrote: `ChartNetwork.read` without PyTorch, on ONNX Runtime or
TensorRT.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import AnchorCodes
from docvlm.bundle import load_bundle
from docvlm.charts.code import Token, chart_grammar
from docvlm.decoding.grammar import Automaton
from docvlm.decoding.interface import ChartReading
from docvlm.decoding.schedule import Plan, plan, write_all
from docvlm.networks.shapes import MAX_ACTIONS, chart_config
from docvlm.runtimes.graph_rows import GraphRows
from docvlm.runtimes.graphs import CPU, Array, Arrays, Graph, open_graphs

_SLOTS = 16
_CODES = ("boxes", "text", "numbers", "kinds", "styles", "mask")


class OnnxChart:
    """A bundle's chart model. Raises as `load_bundle` and `open_graphs` do."""

    def __init__(self, model: str | Path, provider: str = CPU, threads: int | None = None) -> None:
        bundle = load_bundle(model)
        self.config = chart_config(bundle)
        graphs, self._ran_on = open_graphs(bundle.path, ("read", "step"), provider, threads)
        self._read, self._step = graphs

    @property
    def ran_on(self) -> str:
        return self._ran_on

    def read(
        self, images: NDArray[np.float32], codes: Sequence[AnchorCodes], max_actions: int = MAX_ACTIONS
    ) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each."""
        if not len(images):
            return []
        config, automaton = self.config, chart_grammar(self.config.space)
        there = [each.mask for each in codes]
        plans = [
            plan(
                config.encoder.tokens + int(mask.sum()),
                max_actions,
                config.decoder.max_length,
                automaton,
                bool(mask.any()),
                config.space.cells > 0,
            )
            for mask in there
        ]
        slots = min(_SLOTS, len(images))
        rows = _ChartRows(self._read, self._step, images, codes, plans, automaton, slots)
        written = write_all(rows, plans, Token.END, slots, self._step.poll, guard=False)
        get = self._step.get
        return [
            ChartReading(
                each,
                get(rows.anchors[number]["roles"])[: there[number].sum()],
                get(rows.anchors[number]["places"])[: there[number].sum()],
                get(rows.auxiliary[number]),
            )
            for number, each in enumerate(written)
        ]


class _ChartRows(GraphRows):
    """Rows that are images."""

    def __init__(
        self,
        read: Graph,
        step: Graph,
        images: NDArray[np.float32],
        codes: Sequence[AnchorCodes],
        plans: Sequence[Plan],
        automaton: Automaton,
        slots: int,
    ) -> None:
        super().__init__(step, plans, slots, automaton.space.size, automaton)
        self.read, self.images, self.codes = read, images, codes
        self.fresh: dict[int, int] = {}  # row -> number of a prompt whose first action is yet to be read back
        self.anchors: dict[int, Arrays] = {}  # roles and places of each prompt's anchors
        self.firsts: dict[int, Array] = {}
        self.auxiliary: dict[int, Array] = {}

    def prefill(self, numbers: Sequence[int]) -> Arrays:
        shown = [self.codes[number] for number in numbers]
        most = max(1, *(int(each.mask.sum()) for each in shown))
        codes = {name: np.stack([getattr(each, name)[:most] for each in shown]) for name in _CODES}
        images = np.ascontiguousarray(self.images[np.asarray(numbers)], np.float32)
        out = self.read.run(
            {name: self.read.put(array) for name, array in ({"images": images} | codes).items()}
        )
        for place, number in enumerate(numbers):
            self.anchors[number] = {name: out[name][place] for name in ("roles", "places")}
        return out

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        super().enter(first, numbers)
        self.fresh.update(enumerate(numbers, first))

    def step(self, count: int, longest: int) -> None:
        out = self.run(count, longest)
        for row, number in self.fresh.items():
            self.firsts[number] = out["next_state"][row]
            self.auxiliary[number] = out["auxiliary"][row]
        self.fresh.clear()

    def first_states(self) -> NDArray[np.float32]:
        return np.stack([self.graph.get(self.firsts[number]) for number in range(len(self.plans))])
