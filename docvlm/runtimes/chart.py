"""The chart model, whatever computes its graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import AnchorCodes
from docvlm.bundle import load_bundle
from docvlm.charts.code import Token, chart_grammar
from docvlm.charts.interface import MAX_ACTIONS, ChartConfig, ChartReading, chart_config
from docvlm.decoding.grammar import Automaton
from docvlm.decoding.graph import Array, Arrays, Graph, Graphs
from docvlm.decoding.rows import Plan, Rows, plan
from docvlm.decoding.schedule import write_all
from docvlm.runtimes.graphs import ONNX_CPU, Backend, open_graphs

_SLOTS = 16
_CODES: Final = ("boxes", "text", "numbers", "kinds", "styles", "mask")


class ChartGraphs:
    """A chart model (`docvlm.charts.interface.ChartRuntime`) as two graphs: "read" sees an image and its anchors, "step"
    writes an action. The ``grammar`` of what may be written is that of charts unless given.
    """

    def __init__(self, config: ChartConfig, graphs: Graphs, grammar: Automaton | None = None) -> None:
        self.config, self.ran_on = config, graphs.ran_on
        self._grammar = grammar or chart_grammar(config.space)
        self._read, self._step = graphs["read"], graphs["step"]

    @classmethod
    def open(cls, model: str | Path, backend: Backend = ONNX_CPU, threads: int | None = None) -> ChartGraphs:
        """A bundle's chart model. Raises as `load_bundle` and `open_graphs` do."""
        bundle = load_bundle(model)
        config = chart_config(bundle)
        return cls(config, open_graphs(bundle, ("read", "step"), backend, threads))

    def read(
        self, images: NDArray[np.float32], codes: Sequence[AnchorCodes], max_actions: int = MAX_ACTIONS
    ) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each."""
        if not len(images):
            return []
        config, automaton = self.config, self._grammar
        there = [int(each.mask.sum()) for each in codes]
        plans = [
            plan(
                config.encoder.tokens + count,
                max_actions,
                config.decoder.max_length,
                automaton,
                count > 0,
                config.space.cells > 0,
            )
            for count in there
        ]
        rows = _Images(self._read, self._step, images, codes, plans, automaton)
        written = write_all(rows, Token.END, guard=False)
        get = self._step.get
        return [
            ChartReading(
                each,
                get(rows.anchors[number]["roles"])[: there[number]],
                get(rows.anchors[number]["places"])[: there[number]],
                get(rows.auxiliary[number]),
            )
            for number, each in enumerate(written)
        ]


class _Images(Rows):
    """Rows that are images."""

    def __init__(
        self,
        read: Graph,
        step: Graph,
        images: NDArray[np.float32],
        codes: Sequence[AnchorCodes],
        plans: Sequence[Plan],
        automaton: Automaton,
    ) -> None:
        super().__init__(step, plans, min(_SLOTS, len(plans)), automaton.space.size, automaton)
        self.read, self.images, self.codes = read, images, codes
        self.fresh: dict[int, int] = {}  # row -> number of a prompt whose first action is yet to be read back
        self.anchors: dict[int, Arrays] = {}  # roles and places of each prompt's anchors
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

    def enter(self, first: int, numbers: Sequence[int], longest: int) -> None:
        super().enter(first, numbers, longest)
        self.fresh.update(enumerate(numbers, first))

    def step(self, count: int, longest: int) -> Arrays:
        out = super().step(count, longest)
        for row, number in self.fresh.items():
            self.auxiliary[number] = out["auxiliary"][row]
        self.fresh.clear()
        return out
